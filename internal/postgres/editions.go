package postgres

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/voucher"
)

// Editions keeps the editions of the contribution and the versions of their rules.
type Editions struct {
	pool  *pgxpool.Pool
	rest  restDays
	mu    sync.Mutex
	known map[released]voucher.Edition
}

// released names a released version of an edition. It never changes, so what was
// read once is kept.
type released struct {
	edition voucher.EditionID
	version int
}

// NewEditions is the store of editions on a pool.
func NewEditions(pool *pgxpool.Pool) *Editions {
	return &Editions{pool: pool, known: map[released]voucher.Edition{}}
}

const editionColumns = `e.id, e.application_year, e.fund_year, v.number, v.rules`

// Editions is every edition in force, by name, with the days of rest of the portal.
func (s *Editions) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+editionColumns+` FROM editions e
		JOIN edition_versions v ON v.edition_id = e.id AND v.number = e.version`)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Edition])
	if err != nil {
		return nil, fmt.Errorf("editions: %w", translate(err))
	}
	rest, err := s.rest.days(ctx, s.pool)
	if err != nil {
		return nil, err
	}
	byID := make(map[voucher.EditionID]voucher.Edition, len(all))
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range all {
		s.known[released{e.ID, e.Version}] = e
		e.Rules.Holidays.Is.Extra = rest
		byID[e.ID] = e
	}
	return byID, nil
}

// released is a version of an edition that was released, with the days of rest of the
// portal. What is not known yet is read through db: who is in a transaction has a
// connection, and waits for no other.
func (s *Editions) released(ctx context.Context, db DB, of released) (voucher.Edition, error) {
	e, err := s.kept(ctx, db, of)
	if err == nil {
		e.Rules.Holidays.Is.Extra, err = s.rest.days(ctx, db)
	}
	return e, err
}

// kept is a version that was released, as it was.
func (s *Editions) kept(ctx context.Context, db DB, of released) (voucher.Edition, error) {
	s.mu.Lock()
	e, known := s.known[of]
	s.mu.Unlock()
	if known {
		return e, nil
	}
	rows, _ := db.Query(ctx, `SELECT `+editionColumns+` FROM editions e
		JOIN edition_versions v ON v.edition_id = e.id WHERE e.id = $1 AND v.number = $2 AND v.state = 'released'`,
		string(of.edition), of.version)
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[voucher.Edition])
	if err != nil {
		return e, fmt.Errorf("edition %s, version %d: %w", of.edition, of.version, translate(err))
	}
	s.mu.Lock()
	s.known[of] = e
	s.mu.Unlock()
	return e, nil
}

// Ship puts the editions that come with the program into the database, in force:
// those that are not there yet, and the next version of one whose rules the program
// knows better by now. Where people have released a version, theirs stays.
func (s *Editions) Ship(ctx context.Context, editions []voucher.Edition) error {
	for _, e := range editions {
		if _, err := s.pool.Exec(ctx, `
			WITH known AS (
				INSERT INTO editions (id, application_year, fund_year) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING
			), newest AS (
				SELECT number, shipped, rules FROM edition_versions WHERE edition_id = $1 ORDER BY number DESC LIMIT 1)
			INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at)
			SELECT $1, coalesce((SELECT number FROM newest), 0) + 1, $4, 'released', true, now()
			WHERE NOT EXISTS (SELECT FROM newest WHERE NOT shipped OR rules = $4)
			ON CONFLICT DO NOTHING`,
			string(e.ID), e.ApplicationYear, e.FundYear, e.Rules); err != nil {
			return fmt.Errorf("edition %s: %w", e.ID, translate(err))
		}
	}
	return nil
}
