package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// Terms are found by their days: few run among very many cases, and each leads to its
// own. Written as joins, a planner that expects more of them would read all cases.
const (
	termsThatRun = ` FROM indemnity_requests q WHERE q.state = 'open' AND q.due_on IS NOT NULL
		AND (SELECT a.` + underWay + ` AND ($1::uuid IS NULL OR a.officer_id = $1) FROM indemnity_applications a WHERE a.id = q.application_id)`
	termRows = `
		SELECT page.id, page.kind, page.asked_at, page.due_on, a.id, a.protocol, a.call_id, a.applicant_kind, coalesce(a.answers->>'cause', ''), a.state, a.submitted_at,
			coalesce(o.given_name || ' ' || o.family_name, ''), p.given_name || ' ' || p.family_name
		FROM (SELECT q.*` + termsThatRun + ` ORDER BY q.due_on, q.asked_at, q.id LIMIT $2) page
		CROSS JOIN LATERAL (SELECT * FROM indemnity_applications WHERE id = page.application_id LIMIT 1) a
		JOIN persons p ON p.id = a.member_id LEFT JOIN persons o ON o.id = a.officer_id
		ORDER BY page.due_on, page.asked_at, page.id`
	termCounts = `SELECT count(*) FILTER (WHERE q.due_on < $2), count(*) FILTER (WHERE q.due_on = $2), count(*) FILTER (WHERE q.due_on = $2::date + 1),
		count(*) FILTER (WHERE q.due_on > $2 AND q.due_on <= $2::date + $3::int), count(*)` + termsThatRun
	takeTerms = `INSERT INTO exports (id, taken_by, taken_at, format, filters, rows)
		SELECT gen_random_uuid(), $2, $3, $4, $5, least(count(*) + (SELECT count(*) FROM indemnity_reexaminations x JOIN indemnity_applications a ON a.id = x.application_id
			WHERE x.state IN ('asked', 'proposed') AND ($1::uuid IS NULL OR a.officer_id = $1)), $6)` + termsThatRun + ` RETURNING id`
	// reviewTerms are the requests for re-examination that are open: few, and the office's
	// own term.
	reviewTerms = `
		SELECT x.id, x.asked_at, x.decide_by, a.id, a.protocol, a.call_id, a.applicant_kind, coalesce(a.answers->>'cause', ''), a.state, a.submitted_at,
			coalesce(o.given_name || ' ' || o.family_name, ''), p.given_name || ' ' || p.family_name
		FROM indemnity_reexaminations x JOIN indemnity_applications a ON a.id = x.application_id JOIN persons p ON p.id = a.member_id LEFT JOIN persons o ON o.id = a.officer_id
		WHERE x.state IN ('asked', 'proposed') AND ($1::uuid IS NULL OR a.officer_id = $1) ORDER BY x.decide_by, x.asked_at, x.id LIMIT $2`
)

// Terms are the terms of an officer, or of all, by day.
func (s *IndemnityWork) Terms(ctx context.Context, officer identity.PersonID, today calendar.Date, e audit.Entry) (indemnity.TermCalendar, error) {
	if err := write(ctx, s.files.pool, e); err != nil {
		return indemnity.TermCalendar{}, err
	}
	return s.terms(ctx, officer, today)
}

// TakeTerms are the same, with what was taken away on record before it leaves.
func (s *IndemnityWork) TakeTerms(ctx context.Context, officer identity.PersonID, today calendar.Date, format string, e audit.Entry) (indemnity.TermCalendar, error) {
	filters := "terms"
	if officer != "" {
		filters += " officer=" + string(officer)
	}
	err := pgx.BeginFunc(ctx, s.files.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, takeTerms, optional(officer), string(e.Actor.Person), e.At, format, filters, indemnity.TermsAtMost).Scan(&e.Subject); err != nil {
			return err
		}
		return write(ctx, tx, e)
	})
	if err != nil {
		return indemnity.TermCalendar{}, fmt.Errorf("note terms taken: %w", translate(err))
	}
	return s.terms(ctx, officer, today)
}

func (s *IndemnityWork) terms(ctx context.Context, officer identity.PersonID, today calendar.Date) (c indemnity.TermCalendar, err error) {
	var batch pgx.Batch
	batch.Queue(termCounts, optional(officer), today, indemnity.WeekDays).
		QueryRow(func(row pgx.Row) error { return row.Scan(&c.Late, &c.Today, &c.Tomorrow, &c.Week, &c.All) })
	batch.Queue(termRows, optional(officer), indemnity.TermsAtMost).Query(func(rows pgx.Rows) (err error) {
		c.Rows, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t indemnity.TermRow, err error) {
			r := &t.Case
			return t, row.Scan(&t.Request, &t.Kind, &t.AskedAt, &t.DueOn, &r.ID, &r.Protocol, &r.Call, &r.Kind, &r.Cause, &r.State, &r.SubmittedAt, &r.Officer, &r.Member)
		})
		return err
	})
	var reviews []indemnity.TermRow
	batch.Queue(reviewTerms, optional(officer), indemnity.TermsAtMost).Query(func(rows pgx.Rows) (err error) {
		reviews, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (t indemnity.TermRow, err error) {
			r := &t.Case
			t.Kind = indemnity.Reexamined
			return t, row.Scan(&t.Review, &t.AskedAt, &t.DueOn, &r.ID, &r.Protocol, &r.Call, &r.Kind, &r.Cause, &r.State, &r.SubmittedAt, &r.Officer, &r.Member)
		})
		return err
	})
	if err := s.files.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return c, fmt.Errorf("terms: %w", translate(err))
	}
	return c.With(reviews, today), nil
}

// nextOf looks after a place, and from the beginning where nothing follows.
const nextOf = `
	(SELECT 1, id FROM indemnity_applications WHERE officer_id = $1 AND ` + underWay + ` AND (submitted_at, id) > ($2, $3::uuid) ORDER BY submitted_at, id LIMIT 1)
	UNION ALL
	(SELECT 2, id FROM indemnity_applications WHERE officer_id = $1 AND ` + underWay + ` AND (submitted_at, id) < ($2, $3::uuid) ORDER BY submitted_at, id LIMIT 1)
	ORDER BY 1 LIMIT 1`

// NextOf is the undecided case of an officer after a place, or else their first.
func (s *IndemnityWork) NextOf(ctx context.Context, who identity.PersonID, after indemnity.WorkPlace) (id indemnity.CaseID, err error) {
	var order int
	err = s.files.pool.QueryRow(ctx, nextOf, string(who), after.At, string(after.ID)).Scan(&order, &id)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("next case of an officer: %w", translate(err))
	}
	return id, nil
}
