package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
)

// Register is the auditor.RegisterStore.
type Register struct{ pool *pgxpool.Pool }

// NewRegister is the store on a pool.
func NewRegister(pool *pgxpool.Pool) *Register { return &Register{pool} }

// sealedAtOnce is how many entries are sealed in one transaction.
const sealedAtOnce = 10_000

// sealedForm is the form in which entries are sealed now: see lineOf.
const sealedForm = 2

const (
	// lineOf is an entry a as it is sealed: see audit.Line. Every column is in it, and what
	// its act changed. Those that were sealed in the first form have neither.
	lineOf = `(` + firstForm + ` || ARRAY[a.act::text, a.begins::text, a.from_address::text,
		(SELECT jsonb_agg(jsonb_build_array(c.id, c.thing, c.thing_id, c.field, c.before, c.after) ORDER BY c.id)::text FROM (` + changesOf + `) c)])`
	firstForm = `ARRAY[a.id::text, to_char(a.at AT TIME ZONE 'UTC', 'BC YYYY-MM-DD HH24:MI:SS.US'), a.person_id::text, a.role, a.for_id::text, a.mandate_id::text,
		a.action, a.subject_id::text, a.about_id::text, a.request_id]`
	// changesOf is what an entry a tells of what its act changed: that of the thing that
	// it names, and where it begins the act also what no entry of the act names.
	changesOf = `
		SELECT * FROM audit_changes WHERE act = a.act AND thing_id = a.subject_id
		UNION ALL SELECT * FROM audit_changes n WHERE a.begins AND n.act = a.act AND NOT EXISTS (SELECT FROM audit o WHERE o.subject_id = n.thing_id AND o.act = n.act)`
	// settled is the highest entry that was sealed before the instant $1: no entry below it
	// is still on its way.
	settled = `(SELECT coalesce((SELECT highest FROM audit_seals WHERE sealed_at < $1 ORDER BY position DESC LIMIT 1), 0))`

	lastLink     = `SELECT l.position, s.highest, l.digest FROM audit_seals s JOIN audit_links l ON l.position = s.position ORDER BY s.position DESC LIMIT 1`
	unsealedRows = `SELECT a.id, ` + lineOf + ` FROM audit a
		WHERE a.id > GREATEST(` + settled + `, $2) AND NOT EXISTS (SELECT FROM audit_links l WHERE l.entry_id = a.id) ORDER BY a.id LIMIT $3`
	chainRows = `SELECT l.position, l.entry_id, l.digest, CASE WHEN a.id IS NULL THEN '{}' WHEN l.form = 1 THEN ` + firstForm + ` ELSE ` + lineOf + ` END
		FROM audit_links l LEFT JOIN audit a ON a.id = l.entry_id ORDER BY l.position`
	slippedRows = `SELECT a.id FROM audit a WHERE a.id <= ` + settled + ` AND NOT EXISTS (SELECT FROM audit_links l WHERE l.entry_id = a.id) ORDER BY a.id LIMIT $2`
	afterSealed = `SELECT coalesce((SELECT max(position) FROM audit_seals), 0),
		(SELECT count(*) FROM audit a WHERE a.id > ` + settled + ` AND NOT EXISTS (SELECT FROM audit_links l WHERE l.entry_id = a.id))`
	// sealLock is a number that is the portal's for this.
	sealLock = `SELECT pg_try_advisory_xact_lock(7310868735)`
)

// Seal adds to the chain what was written since, and tells how much. While somebody else
// does it, it does nothing.
func (s *Register) Seal(ctx context.Context, now time.Time) (sealed int, err error) {
	for after := int64(0); ; {
		var n int
		if n, after, err = s.sealSome(ctx, now, after); err != nil {
			return sealed, fmt.Errorf("seal the register: %w", translate(err))
		}
		if sealed += n; n < sealedAtOnce {
			return sealed, nil
		}
	}
}

func (s *Register) sealSome(ctx context.Context, now time.Time, after int64) (n int, last int64, err error) {
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var ours bool
		if err := tx.QueryRow(ctx, sealLock).Scan(&ours); err != nil || !ours {
			return err
		}
		chain, err := standsOn(ctx, tx)
		if err != nil {
			return err
		}
		var links [][]any
		var entry int64
		var line audit.Line
		rows, _ := tx.Query(ctx, unsealedRows, now.Add(-auditor.LateAfter), after, sealedAtOnce)
		if _, err := pgx.ForEachRow(rows, []any{&entry, &line}, func() error {
			l := chain.Add(entry, line)
			links, last = append(links, []any{l.Position, l.Entry, l.Digest, sealedForm}), entry
			return nil
		}); err != nil || len(links) == 0 {
			return err
		}
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"audit_links"}, []string{"position", "entry_id", "digest", "form"}, pgx.CopyFromRows(links)); err != nil {
			return err
		}
		n = len(links)
		_, err = tx.Exec(ctx, `INSERT INTO audit_seals (position, highest, sealed_at) VALUES ($1, $2, $3)`, chain.Position, chain.Entry, now)
		return err
	})
	return n, last, err
}

// standsOn is the chain as it was left.
func standsOn(ctx context.Context, tx pgx.Tx) (c audit.Chain, err error) {
	rows, _ := tx.Query(ctx, lastLink)
	var position, highest int64
	var head []byte
	_, err = pgx.ForEachRow(rows, []any{&position, &highest, &head}, func() error {
		c.Begin(position, highest, head)
		return nil
	})
	return c, err
}

// Chain goes through the links in the order of their places, all at one instant.
func (s *Register) Chain(ctx context.Context, late time.Time, do func(audit.Link)) (b auditor.Beside, err error) {
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, chainRows)
		var l audit.Link
		if _, err := pgx.ForEachRow(rows, []any{&l.Position, &l.Entry, &l.Digest, &l.Line}, func() error {
			do(l)
			l.Digest = nil // the chain keeps it
			return nil
		}); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, afterSealed, late).Scan(&b.Sealed, &b.Unsealed); err != nil {
			return err
		}
		rows, _ = tx.Query(ctx, slippedRows, late, auditor.MostFaults)
		b.Slipped, err = pgx.CollectRows(rows, pgx.RowTo[int64])
		return err
	})
	if err != nil {
		return b, fmt.Errorf("chain of the register: %w", translate(err))
	}
	return b, nil
}

// Head is the last link, without its line; its place is 0 for an empty chain.
func (s *Register) Head(ctx context.Context) (l audit.Link, err error) {
	rows, _ := s.pool.Query(ctx, lastLink)
	if _, err = pgx.ForEachRow(rows, []any{&l.Position, &l.Entry, &l.Digest}, func() error { return nil }); err != nil {
		return l, fmt.Errorf("head of the register: %w", translate(err))
	}
	return l, nil
}

// Anchors are the anchors from the newest, so many at most, 0 for all.
func (s *Register) Anchors(ctx context.Context, most int) ([]audit.Anchor, error) {
	rows, _ := s.pool.Query(ctx, `SELECT day, line, signature, key, made_at FROM audit_anchors ORDER BY day DESC LIMIT NULLIF($1, 0)`, most)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a audit.Anchor, err error) {
		var day calendar.Date
		var line string
		if err := row.Scan(&day, &line, &a.Signature, &a.Key, &a.At); err != nil {
			return a, err
		}
		// A line that cannot be read is of another place and does not hold: its signature
		// says so, on the day that it is of.
		if read, err := audit.ReadAnchor(line); err == nil && read.Day == day {
			a.Position, a.Digest = read.Position, read.Digest
		}
		a.Day = day
		return a, nil
	})
	if err != nil {
		return nil, fmt.Errorf("anchors of the register: %w", translate(err))
	}
	return all, nil
}

// Anchor keeps the anchor of a day. Done twice, it changes nothing.
func (s *Register) Anchor(ctx context.Context, a audit.Anchor) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO audit_anchors (day, position, line, signature, key, made_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (day) DO NOTHING`,
		a.Day, a.Position, a.Text(), a.Signature, []byte(a.Key), a.At)
	if err != nil {
		return fmt.Errorf("anchor the register: %w", translate(err))
	}
	return nil
}

const selectChecks = `
	SELECT c.id, coalesce(p.given_name || ' ' || p.family_name, ''), c.asked_at, c.ended_at, coalesce(c.entries, 0), coalesce(c.unsealed, 0), coalesce(c.rankings, 0), c.head,
		coalesce(c.faults, '[]')
	FROM audit_checks c LEFT JOIN persons p ON p.id = c.asked_by `

func scanCheck(row pgx.CollectableRow) (c auditor.Check, err error) {
	return c, row.Scan(&c.ID, &c.By, &c.AskedAt, (*zeronull.Timestamptz)(&c.EndedAt), &c.Entries, &c.Unsealed, &c.Rankings, &c.Head, &c.Faults)
}

// Checks are the verifications from the newest, so many at most.
func (s *Register) Checks(ctx context.Context, most int) ([]auditor.Check, error) {
	rows, _ := s.pool.Query(ctx, selectChecks+`ORDER BY c.asked_at DESC, c.id LIMIT $1`, most)
	all, err := pgx.CollectRows(rows, scanCheck)
	if err != nil {
		return nil, fmt.Errorf("verifications: %w", translate(err))
	}
	return all, nil
}

// OpenCheck is the verification that is wanted; fault.ErrNotFound.
func (s *Register) OpenCheck(ctx context.Context) (auditor.Check, error) {
	rows, _ := s.pool.Query(ctx, selectChecks+`WHERE c.ended_at IS NULL`)
	c, err := pgx.CollectExactlyOneRow(rows, scanCheck)
	if err != nil {
		return c, fmt.Errorf("verification that is wanted: %w", translate(err))
	}
	return c, nil
}

// AskCheck keeps that a verification is wanted, with a job that does it; ErrCheckRuns
// while one is under way. The form is "" for the calendar.
func (s *Register) AskCheck(ctx context.Context, form once.Form, c auditor.Check, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO audit_checks (id, asked_by, asked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, c.ID, optional(e.Actor.Person), c.AskedAt)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return auditor.ErrCheckRuns
		}
		if _, err := tx.Exec(ctx, `INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('verify_register', '{}', 'register', 3)`); err != nil {
			return err
		}
		if form.Key == "" {
			return write(ctx, tx, e)
		}
		return sent(ctx, tx, form, c.ID, e)
	})
	if err != nil {
		return fmt.Errorf("ask for a verification: %w", translate(err))
	}
	return nil
}

// EndCheck keeps how a verification came out.
func (s *Register) EndCheck(ctx context.Context, c auditor.Check) error {
	if c.Faults == nil {
		c.Faults = []audit.Fault{}
	}
	tag, err := s.pool.Exec(ctx, `UPDATE audit_checks SET ended_at = $2, entries = $3, unsealed = $4, rankings = $5, head = $6, faults = $7 WHERE id = $1 AND ended_at IS NULL`,
		c.ID, c.EndedAt, c.Entries, c.Unsealed, c.Rankings, c.Head, c.Faults)
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("end a verification: %w", translate(err))
	}
	return nil
}
