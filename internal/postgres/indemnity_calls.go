package postgres

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// Calls is the indemnity.CallStore.
type Calls struct {
	pool  *pgxpool.Pool
	rest  restDays
	mu    sync.Mutex
	known map[indemnity.VersionRef]indemnity.Call // released: they never change
}

// NewCalls is the store on a pool.
func NewCalls(pool *pgxpool.Pool) *Calls {
	return &Calls{pool: pool, known: map[indemnity.VersionRef]indemnity.Call{}}
}

// CallsInForce is every call with its released rules, the earliest month first. Each
// version is read once.
func (s *Calls) CallsInForce(ctx context.Context) ([]indemnity.Call, error) {
	rows, _ := s.pool.Query(ctx, `SELECT id, version FROM calls WHERE version IS NOT NULL ORDER BY id`)
	refs, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.VersionRef])
	if err != nil {
		return nil, fmt.Errorf("calls: %w", translate(err))
	}
	all := make([]indemnity.Call, len(refs))
	for i, ref := range refs {
		if all[i], err = s.released(ctx, s.pool, ref); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// released is a version of a call that was released, with the days of rest of the portal.
// What is not known yet is read through db, as in Editions.
func (s *Calls) released(ctx context.Context, db DB, ref indemnity.VersionRef) (indemnity.Call, error) {
	c, err := s.kept(ctx, db, ref)
	if err == nil {
		c.Rules.Holidays.Is.Extra, err = s.rest.days(ctx, db)
	}
	return c, err
}

// kept is a version that was released, as it was.
func (s *Calls) kept(ctx context.Context, db DB, ref indemnity.VersionRef) (indemnity.Call, error) {
	s.mu.Lock()
	c, known := s.known[ref]
	s.mu.Unlock()
	if known {
		return c, nil
	}
	rows, _ := db.Query(ctx, `SELECT call_id, number, rules FROM call_versions
		WHERE call_id = $1 AND number = $2 AND state = 'released'`, string(ref.Call), ref.Number)
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[indemnity.Call])
	if err != nil {
		return c, fmt.Errorf("call %s, version %d: %w", ref.Call, ref.Number, translate(err))
	}
	s.mu.Lock()
	s.known[ref] = c
	s.mu.Unlock()
	return c, nil
}

// Ship puts the calls that come with the program into the database, in force: those that
// are not there yet, and the next version of one whose rules the program knows better by
// now, until the first application comes. Where people have released a version, theirs
// stays.
func (s *Calls) Ship(ctx context.Context, calls []indemnity.Call) error {
	for _, c := range calls {
		if err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `INSERT INTO calls (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, string(c.ID)); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, lockCall, string(c.ID)); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, `
				WITH newest AS (
					SELECT number, shipped, rules FROM call_versions WHERE call_id = $1 ORDER BY number DESC LIMIT 1)
				INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at)
				SELECT $1, coalesce((SELECT number FROM newest), 0) + 1, $2, 'released', true, now()
				WHERE NOT EXISTS (SELECT FROM newest WHERE NOT shipped OR rules = $2)
					AND NOT EXISTS (SELECT FROM indemnity_applications WHERE call_id = $1)`, string(c.ID), c.Rules)
			return err
		}); err != nil {
			return fmt.Errorf("call %s: %w", c.ID, translate(err))
		}
	}
	return nil
}

// lockCall keeps the versions of a call to oneself.
const lockCall = `SELECT FROM calls WHERE id = $1 FOR UPDATE`

const callVersionColumns = `
	SELECT v.key::text, v.call_id, v.number, v.rules, v.state, v.shipped, v.revision, coalesce(v.from_call, ''), coalesce(v.from_number, 0), v.authors::text[],
		coalesce(v.drafted_by::text, ''), coalesce(d.given_name || ' ' || d.family_name, ''), v.drafted_at,
		coalesce(v.proposed_by::text, ''), coalesce(p.given_name || ' ' || p.family_name, ''), coalesce(v.proposed_at, 'epoch'),
		coalesce(v.decided_by::text, ''), coalesce(x.given_name || ' ' || x.family_name, ''), coalesce(v.decided_at, 'epoch'),
		v.note, coalesce(c.version, 0), coalesce((SELECT true FROM indemnity_applications a WHERE a.call_id = v.call_id LIMIT 1), false)
	FROM call_versions v JOIN calls c ON c.id = v.call_id
	LEFT JOIN persons d ON d.id = v.drafted_by LEFT JOIN persons p ON p.id = v.proposed_by LEFT JOIN persons x ON x.id = v.decided_by`

func scanCallVersion(row pgx.CollectableRow) (v indemnity.Version, err error) {
	err = row.Scan(&v.Key, &v.Call.ID, &v.Call.Version, &v.Rules, &v.State, &v.Shipped, &v.Revision, &v.From.Call, &v.From.Number, &v.Authors,
		&v.Drafted.Person, &v.Drafted.Name, &v.Drafted.At, &v.Proposed.Person, &v.Proposed.Name, &v.Proposed.At,
		&v.Decided.Person, &v.Decided.Name, &v.Decided.At, &v.Note, &v.InForce, &v.Received)
	return v, err
}

// Versions is every version of a call, or of all for "": newest first.
func (s *Calls) Versions(ctx context.Context, of indemnity.CallID) ([]indemnity.Version, error) {
	rows, _ := s.pool.Query(ctx, callVersionColumns+` WHERE $1 IN ('', v.call_id) ORDER BY v.call_id DESC, v.number DESC`, string(of))
	all, err := pgx.CollectRows(rows, scanCallVersion)
	if err != nil {
		return nil, fmt.Errorf("versions of call %q: %w", of, translate(err))
	}
	return all, nil
}

// Version is one version of a call; fault.ErrNotFound.
func (s *Calls) Version(ctx context.Context, ref indemnity.VersionRef) (indemnity.Version, error) {
	return callVersion(ctx, s.pool, ref)
}

func callVersion(ctx context.Context, db DB, ref indemnity.VersionRef) (indemnity.Version, error) {
	rows, _ := db.Query(ctx, callVersionColumns+` WHERE v.call_id = $1 AND v.number = $2`, string(ref.Call), ref.Number)
	v, err := pgx.CollectExactlyOneRow(rows, scanCallVersion)
	if err != nil {
		return v, fmt.Errorf("version %d of call %s: %w", ref.Number, ref.Call, translate(err))
	}
	return v, nil
}

// StartVersion saves the first draft of a new call, or the next one of a call that is
// there.
func (s *Calls) StartVersion(ctx context.Context, form once.Form, v indemnity.Version, isNew bool, e audit.Entry) (indemnity.VersionRef, error) {
	ref := v.Ref()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var made int64
		if isNew {
			tag, err := tx.Exec(ctx, `INSERT INTO calls (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`, string(ref.Call))
			if err != nil {
				return err
			}
			made = tag.RowsAffected()
		}
		if _, err := tx.Exec(ctx, lockCall, string(ref.Call)); err != nil {
			return err
		}
		outcome, done, err := outcomeOf(ctx, tx, form)
		switch {
		case err != nil:
			return err
		case done:
			_, err := fmt.Sscan(outcome, &ref.Number)
			return err
		case isNew && made == 0:
			return indemnity.ErrCallExists
		}
		err = tx.QueryRow(ctx, `
			INSERT INTO call_versions (call_id, number, key, rules, state, authors, drafted_by, drafted_at, from_call, from_number)
			SELECT id, (SELECT coalesce(max(number), 0) + 1 FROM call_versions WHERE call_id = id), $2, $3, $4, $5, $6, $7, $8, $9
			FROM calls WHERE id = $1 RETURNING number`,
			string(ref.Call), v.Key, v.Rules, string(v.State), people(v.Authors), string(v.Drafted.Person), v.Drafted.At, string(v.From.Call), v.From.Number).Scan(&ref.Number)
		switch {
		case violated(err) == "call_has_one_open_version":
			return indemnity.ErrOpenVersion
		case err != nil:
			return err
		}
		return sent(ctx, tx, form, fmt.Sprint(ref.Number), e)
	})
	if err != nil {
		return ref, fmt.Errorf("draft of call %s: %w", ref.Call, translate(err))
	}
	return ref, nil
}

// ChangeVersion locks a call and saves what is decided on one of its versions.
func (s *Calls) ChangeVersion(ctx context.Context, form once.Form, ref indemnity.VersionRef, decide func(indemnity.Version, *indemnity.RuleSet) (indemnity.Version, audit.Entry, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockCall, string(ref.Call)); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); done || err != nil {
			return err
		}
		was, err := callVersion(ctx, tx, ref)
		if err != nil {
			return err
		}
		var inForce *indemnity.RuleSet
		if was.InForce > 0 {
			v, err := callVersion(ctx, tx, indemnity.VersionRef{Call: ref.Call, Number: was.InForce})
			if err != nil {
				return err
			}
			inForce = &v.Rules
		}
		v, e, err := decide(was, inForce)
		if err != nil {
			return err
		}
		if err := saveCallVersion(ctx, tx, v); err != nil {
			return err
		}
		return sent(ctx, tx, form, fmt.Sprint(ref.Number), e)
	})
	if err != nil {
		return fmt.Errorf("version %d of call %s: %w", ref.Number, ref.Call, translate(err))
	}
	return nil
}

func saveCallVersion(ctx context.Context, tx pgx.Tx, v indemnity.Version) error {
	at := func(h identity.Hand) *time.Time {
		if h.Person == "" {
			return nil
		}
		return &h.At
	}
	_, err := tx.Exec(ctx, `
		UPDATE call_versions SET rules = $3, state = $4, revision = $5, authors = $6, note = $7,
			proposed_by = $8, proposed_at = $9, decided_by = $10, decided_at = $11
		WHERE call_id = $1 AND number = $2`,
		string(v.Call.ID), v.Call.Version, v.Rules, string(v.State), v.Revision, people(v.Authors), v.Note,
		optional(v.Proposed.Person), at(v.Proposed), optional(v.Decided.Person), at(v.Decided))
	return err
}
