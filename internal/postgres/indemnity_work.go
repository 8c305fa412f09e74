package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// IndemnityWork is the indemnity.WorkStore.
type IndemnityWork struct{ files *CaseFiles }

// NewIndemnityWork is the store on a pool.
func NewIndemnityWork(pool *pgxpool.Pool) *IndemnityWork {
	return &IndemnityWork{NewCaseFiles(pool)}
}

const (
	underWay   = `state IN ('submitted', 'in_review')`
	caseCounts = `
		SELECT coalesce(sum((a.due_on < $2)::int), 0), coalesce(sum((a.due_on = $2)::int), 0), coalesce(sum((a.due_on > $2 AND a.due_on <= $2::date + $3::int)::int), 0),
			coalesce(sum((a.due_on IS NULL OR a.due_on >= $2)::int), 0),
			(SELECT count(*) FROM indemnity_decisions WHERE state = 'proposed' AND proposed_by <> $1),
			(SELECT count(*) FROM (SELECT FROM indemnity_applications WHERE officer_id IS NULL AND ` + underWay + ` LIMIT $4) n)
		FROM (SELECT min(q.due_on) AS due_on FROM indemnity_requests q JOIN indemnity_applications b ON b.id = q.application_id
			WHERE q.state = 'open' AND b.` + underWay + ` GROUP BY q.application_id) a`
	ownCases = caseFiles + `WHERE a.officer_id = $1 AND a.` + underWay + ` ORDER BY a.submitted_at, a.id LIMIT $2`

	// Nobody is handed what they applied for themselves.
	notTheirs = `a.member_id IS DISTINCT FROM them.id AND a.sender_id IS DISTINCT FROM them.id
		AND NOT EXISTS (SELECT FROM heirs h WHERE h.application_id = a.id AND h.person_id = them.id)`
)

// Counts are the shelves on a day. Of several terms of a case the first counts.
func (s *IndemnityWork) Counts(ctx context.Context, who identity.PersonID, today calendar.Date) (n indemnity.WorkCounts, err error) {
	err = s.files.pool.QueryRow(ctx, caseCounts, string(who), today, indemnity.WeekDays, indemnity.CountedAtMost+1).
		Scan(&n.Late, &n.Today, &n.Week, &n.Waits, &n.Approval, &n.Unassigned)
	if err != nil {
		return n, fmt.Errorf("count cases: %w", translate(err))
	}
	return n, nil
}

// Own are the undecided cases of an officer, oldest first.
func (s *IndemnityWork) Own(ctx context.Context, e audit.Entry) ([]indemnity.CaseFile, error) {
	if err := write(ctx, s.files.pool, e); err != nil {
		return nil, err
	}
	all, err := s.files.cases(ctx, s.files.pool, ownCases, string(e.Actor.Person), indemnity.OwnAtMost)
	if err != nil {
		return nil, fmt.Errorf("cases of an officer: %w", err)
	}
	return all, nil
}

// The oldest case that nobody has is locked. Whoever asks at the same time passes over
// it, and never waits to find it taken.
const nextCase = `
	UPDATE indemnity_applications SET officer_id = $1 WHERE id = (
		SELECT a.id FROM indemnity_applications a CROSS JOIN (SELECT $1::uuid AS id) them
		WHERE a.officer_id IS NULL AND a.` + underWay + ` AND ` + notTheirs + `
		ORDER BY a.submitted_at, a.id LIMIT 1 FOR NO KEY UPDATE OF a SKIP LOCKED)
	RETURNING id, member_id`

// Next gives an officer the oldest case that is nobody’s.
func (s *IndemnityWork) Next(ctx context.Context, form once.Form, e audit.Entry) (indemnity.CaseID, error) {
	id, err := actOnce(ctx, s.files.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		rows, _ := tx.Query(ctx, nextCase, string(e.Actor.Person))
		if _, err := pgx.ForEachRow(rows, []any{&e.Subject, &e.About}, func() error { return nil }); err != nil || e.Subject == "" {
			return "", err
		}
		return e.Subject, write(ctx, tx, e)
	})
	if err != nil {
		return "", fmt.Errorf("take the next case: %w", err)
	}
	return indemnity.CaseID(id), nil
}

const takeOnCase = `
	UPDATE indemnity_applications a SET officer_id = them.id FROM (SELECT $1::uuid AS id) them
	WHERE a.id = $2 AND a.officer_id IS NULL AND a.` + underWay + ` AND ` + notTheirs + `
	RETURNING a.id, a.member_id`

// TakeOn gives an officer a case that is nobody’s.
func (s *IndemnityWork) TakeOn(ctx context.Context, form once.Form, id indemnity.CaseID, e audit.Entry) error {
	_, err := actOnce(ctx, s.files.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		switch err := tx.QueryRow(ctx, takeOnCase, string(e.Actor.Person), string(id)).Scan(&e.Subject, &e.About); {
		case errors.Is(err, pgx.ErrNoRows):
			return "", indemnity.ErrCaseTaken
		case err != nil:
			return "", err
		}
		return e.Subject, write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("case %s: %w", id, err)
	}
	return nil
}

// Cases are locked in the order of their ids, so that two acts on some of the same wait
// for one another and never both.
const assignCases = `
WITH locked AS (
	SELECT id FROM indemnity_applications WHERE id = ANY ($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
), moved AS (
	UPDATE indemnity_applications a SET officer_id = $2 FROM locked, (SELECT $2::uuid AS id) them
	WHERE a.id = locked.id AND a.officer_id IS DISTINCT FROM $2::uuid AND ($2::uuid IS NULL OR ` + notTheirs + `)
	RETURNING a.id, a.member_id
), register AS (
	INSERT INTO audit (at, person_id, role, for_id, action, subject_id, about_id, request_id, from_address)
	SELECT $3, $4, $5, $4, $6, id, member_id, $7, $8 FROM moved
)
SELECT count(*) FROM moved`

// Assign gives cases to an officer and tells how many were not theirs.
func (s *IndemnityWork) Assign(ctx context.Context, form once.Form, ids []indemnity.CaseID, officer identity.PersonID, e audit.Entry) (int, error) {
	outcome, err := actOnce(ctx, s.files.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var n int
		err := tx.QueryRow(ctx, assignCases, words(ids), optional(officer), e.At, string(e.Actor.Person), string(e.Actor.Role),
			string(e.Action), audit.Request(ctx), audit.Address(ctx)).Scan(&n)
		return strconv.Itoa(n), err
	})
	if err != nil {
		return 0, fmt.Errorf("assign cases: %w", err)
	}
	return strconv.Atoi(outcome)
}

const (
	officers = `SELECT DISTINCT ` + personColumns + ` FROM role_grants g JOIN persons p ON p.id = g.person_id
		WHERE g.role = 'welfare' AND g.duty = 'prepare' AND g.during @> $1::date ORDER BY 4, 3`
	callsInForce = `SELECT id FROM calls WHERE version IS NOT NULL ORDER BY id DESC`
)

func scanOfficer(row pgx.CollectableRow) (p identity.Person, err error) {
	return p, row.Scan(personFields(&p)...)
}

// Officers are who may work on cases on a day.
func (s *IndemnityWork) Officers(ctx context.Context, on calendar.Date) ([]identity.Person, error) {
	rows, _ := s.files.pool.Query(ctx, officers, on)
	all, err := pgx.CollectRows(rows, scanOfficer)
	if err != nil {
		return nil, fmt.Errorf("officers: %w", translate(err))
	}
	return all, nil
}

// Choices are what an officer may restrict the list to on a day.
func (s *IndemnityWork) Choices(ctx context.Context, who identity.PersonID, on calendar.Date) (c indemnity.WorkChoices, err error) {
	var batch pgx.Batch
	queueChoices(&batch, who, on, &c)
	if err := s.files.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return indemnity.WorkChoices{}, fmt.Errorf("choices: %w", translate(err))
	}
	return c, nil
}

func queueChoices(batch *pgx.Batch, who identity.PersonID, on calendar.Date, c *indemnity.WorkChoices) {
	batch.Queue(callsInForce).Query(func(rows pgx.Rows) (err error) {
		c.Calls, err = pgx.CollectRows(rows, pgx.RowTo[indemnity.CallID])
		return err
	})
	batch.Queue(officers, on).Query(func(rows pgx.Rows) (err error) {
		c.Officers, err = pgx.CollectRows(rows, scanOfficer)
		return err
	})
	batch.Queue(viewsOf, string(who)).Query(func(rows pgx.Rows) (err error) {
		c.Views, err = pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.View])
		return err
	})
}

// takeCases writes that a list is taken away, with how long it is.
const takeCases = `INSERT INTO exports (id, taken_by, taken_at, format, filters, rows)
	SELECT gen_random_uuid(), $9, $10, $11, $12, count(*) FROM (`

// TakeAway hands over each row of a list as it is read. That it was taken, and how many
// rows it has, is on record before the first of them leaves.
func (s *IndemnityWork) TakeAway(ctx context.Context, ask indemnity.Worklist, format string, e audit.Entry, each func(indemnity.WorkRow) error) error {
	l, with := listed(ask), asked(ask, never, lastCase)
	err := pgx.BeginFunc(ctx, s.files.pool, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, takeCases+casePlaces+l.whichSQL+countEnd+` RETURNING id`,
			append(slices.Clone(with), string(e.Actor.Person), e.At, format, ask.Codes())...).Scan(&e.Subject)
		if err != nil {
			return err
		}
		return write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("note a list taken: %w", translate(err))
	}
	rows, err := s.files.pool.Query(ctx, workCases+caseColumns+l.whichSQL+workCasesEnd+allOldest, with...)
	if err != nil {
		return fmt.Errorf("list: %w", translate(err))
	}
	var r indemnity.WorkRow
	if _, err := pgx.ForEachRow(rows, workCaseFields(&r), func() error { return each(r) }); err != nil {
		return fmt.Errorf("list: %w", translate(err))
	}
	return nil
}
