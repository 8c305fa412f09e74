package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/office"
	"portal/internal/once"
)

// Administration is the stores of what an administrator looks after: stops, deliveries,
// neighbours.
type Administration struct {
	pool *pgxpool.Pool
}

// NewAdministration is the store on a pool.
func NewAdministration(pool *pgxpool.Pool) *Administration { return &Administration{pool} }

const stopColumns = `s.id, s.says, lower(s.during), upper(s.during), s.planned_by, a.given_name || ' ' || a.family_name, s.planned_at,
	s.withdrawn_by, coalesce(w.given_name || ' ' || w.family_name, ''), s.withdrawn_at`

const stopsFrom = `SELECT ` + stopColumns + ` FROM planned_stops s JOIN persons a ON a.id = s.planned_by LEFT JOIN persons w ON w.id = s.withdrawn_by`

func scanStop(row pgx.CollectableRow) (s office.Stop, err error) {
	err = row.Scan(&s.ID, &s.Says, &s.From, &s.Until, &s.Planned.Person, &s.Planned.Name, &s.Planned.At,
		(*nullText)(&s.Withdrawn.Person), &s.Withdrawn.Name, (*zeronull.Timestamptz)(&s.Withdrawn.At))
	return s, err
}

// Stops lists every stop, the latest first.
func (s *Administration) Stops(ctx context.Context) ([]office.Stop, error) {
	rows, _ := s.pool.Query(ctx, stopsFrom+` ORDER BY lower(s.during) DESC, s.id`)
	all, err := pgx.CollectRows(rows, scanStop)
	if err != nil {
		return nil, fmt.Errorf("planned stops: %w", translate(err))
	}
	return all, nil
}

// endingTerms are the terms that end after $1 and until $2: one of a day ends with it, in
// Rome. The days are worked out first, so that indexes on days serve.
const endingTerms = `
	WITH days AS (
		SELECT d::date AS day, ((d::date + 1)::timestamp AT TIME ZONE 'Europe/Rome') AS ends
		FROM generate_series(($1::timestamptz AT TIME ZONE 'Europe/Rome')::date, ($2::timestamptz AT TIME ZONE 'Europe/Rome')::date, interval '1 day') d
	), ending AS (SELECT * FROM days WHERE ends > $1 AND ends <= $2)
	SELECT kind, at, count(*) FROM (
		SELECT 'window' AS kind, (v.rules->'window'->'value'->>'closes')::timestamptz AS at FROM editions e JOIN edition_versions v ON v.edition_id = e.id AND v.number = e.version
			WHERE (v.rules->'window'->'value'->>'closes')::timestamptz > $1 AND (v.rules->'window'->'value'->>'closes')::timestamptz <= $2
		UNION ALL SELECT 'last_day', t.ends FROM ending t JOIN vouchers v ON v.last_day = t.day WHERE v.state = 'active' AND v.awarded_cents > v.used_cents + v.returned_cents
		UNION ALL SELECT 'first_session', t.ends FROM ending t JOIN vouchers v ON v.first_session_by = t.day WHERE v.state = 'active' AND v.used_cents = 0
		UNION ALL SELECT 'confirm', t.ends FROM ending t JOIN vouchers v ON v.confirm_by = t.day JOIN bookings b ON b.voucher_id = v.id WHERE b.state = 'booked'
		UNION ALL SELECT 'invoice', t.ends FROM ending t JOIN vouchers v ON v.invoice_by = t.day JOIN bookings b ON b.voucher_id = v.id WHERE b.state = 'held' AND b.claimed_cents IS NULL
		UNION ALL SELECT 'isee', t.ends FROM ending t JOIN applications a ON a.cure_by = t.day WHERE a.state = 'awaiting_isee'
		UNION ALL SELECT 'correction', t.ends FROM ending t JOIN invoices i ON i.correct_by = t.day WHERE i.state = 'to_correct'
		UNION ALL SELECT 'answer', t.ends FROM ending t JOIN indemnity_requests q ON q.due_on = t.day WHERE q.state = 'open') terms
	GROUP BY at, kind ORDER BY at, kind`

// Ending lists the terms that end after an instant and until another.
func (s *Administration) Ending(ctx context.Context, from, until time.Time) ([]office.EndingTerms, error) {
	rows, _ := s.pool.Query(ctx, endingTerms, from, until)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[office.EndingTerms])
	if err != nil {
		return nil, fmt.Errorf("terms that end in a stop: %w", translate(err))
	}
	return all, nil
}

// Plan saves a stop.
func (s *Administration) Plan(ctx context.Context, form once.Form, stop office.Stop, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, `INSERT INTO planned_stops (id, says, during, planned_by, planned_at) VALUES ($1, $2, tstzrange($3, $4), $5, $6)`,
			string(stop.ID), stop.Says, stop.From, stop.Until, string(stop.Planned.Person), stop.Planned.At); err != nil {
			return "", err
		}
		return string(stop.ID), write(ctx, tx, e)
	})
	return refusedBy(map[string]error{"stops_do_not_overlap": office.ErrStopOverlaps}, "plan a stop", err)
}

// Withdraw locks a stop and saves how it ends.
func (s *Administration) Withdraw(ctx context.Context, form once.Form, id office.StopID, e audit.Entry, decide func(office.Stop) (office.Stop, error)) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		rows, _ := tx.Query(ctx, stopsFrom+` WHERE s.id = $1 FOR UPDATE OF s`, string(id))
		stop, err := pgx.CollectExactlyOneRow(rows, scanStop)
		if err != nil {
			return "", err
		}
		if stop, err = decide(stop); err != nil {
			return "", err
		}
		if _, err := tx.Exec(ctx, `UPDATE planned_stops SET withdrawn_by = $2, withdrawn_at = $3 WHERE id = $1`,
			string(id), string(stop.Withdrawn.Person), stop.Withdrawn.At); err != nil {
			return "", err
		}
		return string(id), write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("withdraw a stop: %w", err)
	}
	return nil
}

// Queues is how each channel goes: the jobs that are to tell people, and the messages.
func (s *Administration) Queues(ctx context.Context, since time.Time) ([]office.Queue, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT c.channel, CASE c.channel WHEN 'inbox' THEN (SELECT count(*) FROM messages WHERE sent_at >= $1) ELSE (SELECT count(*) FROM messages WHERE mailed_at >= $1) END,
			count(j.id) FILTER (WHERE j.state IN ('available', 'pending', 'running', 'scheduled')),
			count(j.id) FILTER (WHERE j.state = 'retryable'), count(j.id) FILTER (WHERE j.state = 'discarded'), count(j.id) FILTER (WHERE j.state = 'cancelled'),
			min(j.created_at) FILTER (WHERE j.state IN ('available', 'pending', 'running', 'scheduled', 'retryable')), min(j.scheduled_at) FILTER (WHERE j.state = 'retryable')
		FROM (VALUES (1, 'inbox', 'notify'), (2, 'mail', 'mail')) c (number, channel, kind) LEFT JOIN river_job j ON j.kind = c.kind
		GROUP BY c.number, c.channel ORDER BY c.number`, since)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (q office.Queue, err error) {
		return q, row.Scan(&q.Channel, &q.Sent, &q.Waiting, &q.Retried, &q.Failed, &q.Refused, (*zeronull.Timestamptz)(&q.Oldest), (*zeronull.Timestamptz)(&q.NextTry))
	})
	if err != nil {
		return nil, fmt.Errorf("messages to be sent: %w", translate(err))
	}
	return all, nil
}

// Retry puts what was given up, or waits to be tried again, first in the queue: as River
// does it for one job.
func (s *Administration) Retry(ctx context.Context, form once.Form, e audit.Entry) (int, error) {
	outcome, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		tag, err := tx.Exec(ctx, `UPDATE river_job SET state = 'available', scheduled_at = now(), finalized_at = NULL,
				max_attempts = CASE WHEN attempt >= max_attempts THEN attempt + 1 ELSE max_attempts END
			WHERE kind IN ('notify', 'mail') AND state IN ('discarded', 'retryable')`)
		if err != nil {
			return "", err
		}
		return strconv.FormatInt(tag.RowsAffected(), 10), write(ctx, tx, e)
	})
	if err != nil {
		return 0, fmt.Errorf("send again: %w", err)
	}
	return strconv.Atoi(outcome)
}

// Contacts is what is known of each neighbour that was asked.
func (s *Administration) Contacts(ctx context.Context) ([]office.Contact, error) {
	rows, _ := s.pool.Query(ctx, `SELECT name, answered_at, failed_at, failure FROM neighbours`)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c office.Contact, err error) {
		return c, row.Scan(&c.Name, (*zeronull.Timestamptz)(&c.Answered), (*zeronull.Timestamptz)(&c.Failed), &c.Failure)
	})
	if err != nil {
		return nil, fmt.Errorf("neighbours: %w", translate(err))
	}
	return all, nil
}

const noteContact = `INSERT INTO neighbours AS n (name, answered_at, failed_at, failure)
	VALUES ($1, CASE WHEN $3 = '' THEN $2::timestamptz END, CASE WHEN $3 <> '' THEN $2::timestamptz END, $3)
	ON CONFLICT (name) DO UPDATE SET answered_at = coalesce(excluded.answered_at, n.answered_at),
		failed_at = coalesce(excluded.failed_at, n.failed_at), failure = CASE WHEN excluded.failed_at IS NULL THEN n.failure ELSE excluded.failure END`

// Note keeps how a neighbour answered.
func (s *Administration) Note(ctx context.Context, name string, at time.Time, how office.Failure) error {
	if _, err := s.pool.Exec(ctx, noteContact, name, at, string(how)); err != nil {
		return fmt.Errorf("note a neighbour: %w", translate(err))
	}
	return nil
}

// Tried keeps the same, once, and who asked.
func (s *Administration) Tried(ctx context.Context, form once.Form, name string, how office.Failure, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, noteContact, name, e.At, string(how)); err != nil {
			return "", err
		}
		return name, write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("ask a neighbour: %w", err)
	}
	return nil
}
