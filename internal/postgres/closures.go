package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Closures is the voucher.ClosureStore.
type Closures struct {
	pool     *pgxpool.Pool
	vouchers *Vouchers
}

// NewClosures is the store on a pool.
func NewClosures(pool *pgxpool.Pool) *Closures { return &Closures{pool, NewVouchers(pool)} }

// Editions is every edition in force, by name.
func (s *Closures) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	return s.vouchers.Editions(ctx)
}

// Outcome is what came of a form that was stored before.
func (s *Closures) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// See writes that somebody looked.
func (s *Closures) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

const selectClosures = `
	SELECT c.id, c.number, c.kind, c.edition_id, c.territory, c.as_of, c.state, c.prepared_by, c.prepared_at, c.decided_by, c.decided_at,
		c.note, c.done_at, c.version, p.given_name || ' ' || p.family_name, coalesce(d.given_name || ' ' || d.family_name, ''),
		n.rows, n.spared, n.closed, n.saved, n.cents, n.closed_cents, n.professionals, n.people
	FROM closures c JOIN persons p ON p.id = c.prepared_by LEFT JOIN persons d ON d.id = c.decided_by
	CROSS JOIN LATERAL (
		SELECT count(*) AS rows, count(*) FILTER (WHERE spared_why <> '') AS spared, count(*) FILTER (WHERE outcome = 'closed') AS closed,
			count(*) FILTER (WHERE outcome = 'saved') AS saved, coalesce(sum(amount_cents) FILTER (WHERE spared_why = ''), 0)::bigint AS cents,
			coalesce(sum(amount_cents) FILTER (WHERE outcome = 'closed'), 0)::bigint AS closed_cents,
			count(DISTINCT professional_id) FILTER (WHERE spared_why = '') AS professionals, count(DISTINCT voucher_id) FILTER (WHERE spared_why = '') AS people
		FROM closure_rows r WHERE r.closure_id = c.id) n `

func closures(ctx context.Context, db DB, whereSQL string, args ...any) ([]voucher.Closure, error) {
	rows, _ := db.Query(ctx, selectClosures+whereSQL, args...)
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (c voucher.Closure, err error) {
		var decided, done *time.Time
		err = row.Scan(&c.ID, &c.Number, &c.Kind, &c.Edition, &c.Territory, &c.AsOf, &c.State, &c.PreparedBy, &c.PreparedAt, (*nullText)(&c.DecidedBy), &decided,
			&c.Note, &done, &c.Version, &c.Preparer, &c.Decider, &c.Rows, &c.Spared, &c.Closed, &c.Saved, (*int64)(&c.Amount), (*int64)(&c.ClosedAmount), &c.Professionals, &c.People)
		if decided != nil {
			c.DecidedAt = *decided
		}
		if done != nil {
			c.DoneAt = *done
		}
		return c, err
	})
}

// Closures are the lists of a kind, "" for any, newest first.
func (s *Closures) Closures(ctx context.Context, kind voucher.ClosureKind) ([]voucher.Closure, error) {
	all, err := closures(ctx, s.pool, `WHERE c.kind = $1 OR $1 = '' ORDER BY c.number DESC LIMIT 50`, string(kind))
	if err != nil {
		return nil, fmt.Errorf("closures: %w", translate(err))
	}
	return all, nil
}

// Closure is one list; fault.ErrNotFound.
func (s *Closures) Closure(ctx context.Context, id voucher.ClosureID) (voucher.Closure, error) {
	return closure(ctx, s.pool, id, "")
}

func closure(ctx context.Context, db DB, id voucher.ClosureID, lockSQL string) (voucher.Closure, error) {
	all, err := closures(ctx, db, `WHERE c.id = $1 `+lockSQL, string(id))
	if err != nil {
		return voucher.Closure{}, fmt.Errorf("closure %s: %w", id, translate(err))
	}
	if len(all) == 0 {
		return voucher.Closure{}, fault.ErrNotFound
	}
	return all[0], nil
}

const selectClosureRows = `
	SELECT r.subject_id, r.voucher_id, v.beneficiary_id, a.id, a.protocol, v.territory, r.ground, r.term, r.amount_cents, b.day, r.professional_id,
		coalesce(q.given_name || ' ' || q.family_name, ''), r.spared_why, r.outcome
	FROM closure_rows r JOIN vouchers v ON v.id = r.voucher_id JOIN applications a ON a.id = v.application_id
	LEFT JOIN bookings b ON b.id = r.subject_id LEFT JOIN persons q ON q.id = r.professional_id
	WHERE r.closure_id = $1 `

func closureRow(row pgx.CollectableRow) (r voucher.ClosureRow, err error) {
	err = row.Scan(&r.Subject, &r.Voucher, &r.Beneficiary, &r.Application, &r.Protocol, &r.Territory, &r.Ground, &r.Term, (*int64)(&r.Amount), &r.Day,
		(*nullText)(&r.Professional), &r.Name, &r.SparedWhy, &r.Outcome)
	return r, err
}

// ClosureRows is a page of the rows of a list, by professional.
func (s *Closures) ClosureRows(ctx context.Context, id voucher.ClosureID, page, size int) ([]voucher.ClosureRow, error) {
	rows, _ := s.pool.Query(ctx, selectClosureRows+`ORDER BY q.family_name, q.given_name, r.professional_id, v.territory, b.day, r.subject_id LIMIT $2 OFFSET $3`,
		string(id), size, (page-1)*size)
	all, err := pgx.CollectRows(rows, closureRow)
	if err != nil {
		return nil, fmt.Errorf("rows of closure %s: %w", id, translate(err))
	}
	return all, nil
}

// ClosureRow is one row of a list; fault.ErrNotFound.
func (s *Closures) ClosureRow(ctx context.Context, id voucher.ClosureID, subject string) (voucher.ClosureRow, error) {
	rows, _ := s.pool.Query(ctx, selectClosureRows+`AND r.subject_id = $2`, string(id), subject)
	r, err := pgx.CollectExactlyOneRow(rows, closureRow)
	if err != nil {
		return r, fmt.Errorf("row of closure %s: %w", id, translate(err))
	}
	return r, nil
}

// Freeze keeps a list.
func (s *Closures) Freeze(ctx context.Context, form once.Form, c voucher.Closure, rows []voucher.ClosureRow, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `
			INSERT INTO closures (id, number, kind, edition_id, territory, as_of, state, prepared_by, prepared_at)
			SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM closures`,
			string(c.ID), string(c.Kind), string(c.Edition), c.Territory, c.AsOf, string(c.State), string(c.PreparedBy), c.PreparedAt); err != nil {
			return err
		}
		from := pgx.CopyFromSlice(len(rows), func(i int) ([]any, error) {
			r := rows[i]
			return []any{string(c.ID), r.Subject, string(r.Voucher), string(r.Ground), r.Term, int64(r.Amount), optional(r.Professional)}, nil
		})
		columns := []string{"closure_id", "subject_id", "voucher_id", "ground", "term", "amount_cents", "professional_id"}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"closure_rows"}, columns, from); err != nil {
			return err
		}
		var batch pgx.Batch
		return finish(ctx, tx, &batch, form, string(c.ID), []audit.Entry{e})
	})
	switch violated(err) {
	case "one_closure_of_a_kind_at_a_time", "closure_is_numbered_once":
		return voucher.ErrClosureOpen
	}
	if err != nil {
		return fmt.Errorf("freeze a closure: %w", translate(err))
	}
	return nil
}

// Concerns tells whether a row of a list is somebody's own.
func (s *Closures) Concerns(ctx context.Context, id voucher.ClosureID, who identity.PersonID) (own bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM closure_rows r JOIN vouchers v ON v.id = r.voucher_id
		WHERE r.closure_id = $1 AND $2 IN (r.professional_id, v.beneficiary_id))`, string(id), string(who)).Scan(&own)
	if err != nil {
		return false, fmt.Errorf("who is on closure %s: %w", id, translate(err))
	}
	return own, nil
}

// ChangeClosure locks a list, asks for what becomes of it, and saves that.
func (s *Closures) ChangeClosure(ctx context.Context, form once.Form, id voucher.ClosureID, decide func(voucher.Closure) (voucher.ClosureDecision, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT FROM closures WHERE id = $1 FOR UPDATE`, string(id)); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		was, err := closure(ctx, tx, id, "")
		if err != nil {
			return err
		}
		d, err := decide(was)
		if err != nil {
			return err
		}
		c := d.Closure
		var batch pgx.Batch
		if d.Subject != "" {
			spared, err := tx.Exec(ctx, `UPDATE closure_rows SET spared_why = $3 WHERE closure_id = $1 AND subject_id = $2`, string(id), d.Subject, d.Why)
			if err != nil {
				return err
			}
			if spared.RowsAffected() == 0 {
				return fault.ErrNotFound
			}
		}
		batch.Queue(`UPDATE closures SET state = $2, decided_by = $3, decided_at = $4, note = $5, version = version + 1 WHERE id = $1`,
			string(id), string(c.State), optional(c.DecidedBy), optionalTime(c.DecidedAt), c.Note)
		if c.State == voucher.ClosureUnderWay {
			batch.Queue(`UPDATE closure_rows SET outcome = 'spared', done_at = $2 WHERE closure_id = $1 AND spared_why <> ''`, string(id), c.DecidedAt)
			batch.Queue(`INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('close', '{}', 'closures', 1)`)
		}
		return finish(ctx, tx, &batch, form, string(id), []audit.Entry{d.Entry})
	})
	switch violated(err) {
	case "nobody_approves_a_closure_they_confirmed":
		return voucher.ErrClosureOwn
	case "closure_goes_forward":
		return voucher.ErrClosureMoved
	}
	if err != nil {
		return fmt.Errorf("closure %s: %w", id, translate(err))
	}
	return nil
}

// Warned tells how often professionals were reminded of their terms.
func (s *Closures) Warned(ctx context.Context, of []identity.PersonID) (map[identity.PersonID]voucher.Warned, error) {
	ids := make([]string, len(of))
	for i, id := range of {
		ids[i] = string(id)
	}
	rows, _ := s.pool.Query(ctx, `SELECT subject_id, count(*), max(sent_at) FROM reminders
		WHERE subject_id = ANY ($1::uuid[]) AND kind IN ('to_confirm', 'to_invoice') GROUP BY subject_id`, ids)
	all := map[identity.PersonID]voucher.Warned{}
	var id identity.PersonID
	var w voucher.Warned
	if _, err := pgx.ForEachRow(rows, []any{&id, &w.Times, &w.Last}, func() error { all[id] = w; return nil }); err != nil {
		return nil, fmt.Errorf("reminders: %w", translate(err))
	}
	return all, nil
}
