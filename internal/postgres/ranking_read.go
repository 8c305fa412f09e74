package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/voucher"
)

const selectEntries = `
	SELECT e.application_id, a.protocol, e.territory, coalesce(e.isee_cents, 0), e.isee_status, e.submitted_at, e.kept_cents,
		e.ground, coalesce(e.rank, 0), e.decided, e.entitled_cents, e.awarded_cents, e.residual_cents
	FROM ranking_entries e JOIN applications a ON a.id = e.application_id `

func entryFields(e *voucher.Entry) []any {
	return append([]any{&e.Application, &e.Protocol, &e.Territory, (*int64)(&e.ISEE), &e.ISEEStatus, &e.SubmittedAt, (*int64)(&e.Kept)},
		outcomeFields(&e.Outcome)...)
}

func (s *Rankings) entries(ctx context.Context, sql string, args ...any) ([]voucher.Entry, error) {
	all := []voucher.Entry{}
	err := s.each(ctx, func(e voucher.Entry) error {
		all = append(all, e)
		return nil
	}, sql, args...)
	return all, err
}

func (s *Rankings) each(ctx context.Context, do func(voucher.Entry) error, sql string, args ...any) error {
	rows, _ := s.pool.Query(ctx, sql, args...)
	var e voucher.Entry
	if _, err := pgx.ForEachRow(rows, entryFields(&e), func() error { return do(e) }); err != nil {
		return fmt.Errorf("entries of a run: %w", translate(err))
	}
	return nil
}

// Places are the places of a territory in a run, from a rank to another.
func (s *Rankings) Places(ctx context.Context, id voucher.RunID, territory string, from, to int) ([]voucher.Entry, error) {
	return s.entries(ctx, selectEntries+`WHERE e.run_id = $1 AND e.territory = $2 AND e.rank BETWEEN $3 AND $4 ORDER BY e.rank`,
		string(id), territory, from, to)
}

// Edges are the first place and the last one with money, of every territory.
func (s *Rankings) Edges(ctx context.Context, id voucher.RunID) ([]voucher.Entry, error) {
	return s.entries(ctx, selectEntries+`JOIN ranking_territories t ON t.run_id = e.run_id AND t.territory = e.territory
		WHERE e.run_id = $1 AND e.rank IN (1, t.last_funded_rank) ORDER BY e.territory, e.rank`, string(id))
}

// Placeless is a page of those without a place in a territory, by protocol.
func (s *Rankings) Placeless(ctx context.Context, id voucher.RunID, territory string, page, size int) ([]voucher.Entry, error) {
	return s.entries(ctx, selectEntries+`WHERE e.run_id = $1 AND e.territory = $2 AND e.rank IS NULL ORDER BY a.protocol LIMIT $3 OFFSET $4`,
		string(id), territory, size, (page-1)*size)
}

// Grounds counts the candidates of a run without a place, by ground.
func (s *Rankings) Grounds(ctx context.Context, id voucher.RunID) (map[voucher.Ground]int, error) {
	rows, _ := s.pool.Query(ctx, `SELECT ground, count(*) FROM ranking_entries WHERE run_id = $1 AND rank IS NULL GROUP BY ground`, string(id))
	byGround := map[voucher.Ground]int{}
	var ground voucher.Ground
	var count int
	if _, err := pgx.ForEachRow(rows, []any{&ground, &count}, func() error {
		byGround[ground] = count
		return nil
	}); err != nil {
		return nil, fmt.Errorf("grounds of a run: %w", translate(err))
	}
	return byGround, nil
}

// Sample draws entries of a run by its result digest.
func (s *Rankings) Sample(ctx context.Context, run voucher.Run, size int) ([]voucher.Entry, error) {
	return s.entries(ctx, selectEntries+`WHERE e.run_id = $1 ORDER BY sha256($2::bytea || uuid_send(e.application_id)) LIMIT $3`,
		string(run.ID), run.Digests.Results, size)
}

// Each goes through the entries of a run.
func (s *Rankings) Each(ctx context.Context, id voucher.RunID, territory string, do func(voucher.Entry) error) error {
	return s.each(ctx, do, selectEntries+`WHERE e.run_id = $1 AND ($2 = '' OR e.territory = $2) ORDER BY e.territory, e.rank NULLS LAST, a.protocol`,
		string(id), territory)
}

const gains = `e.awarded_cents > e.kept_cents`

// Entering counts, by territory, whom a run gives more than what they keep.
func (s *Rankings) Entering(ctx context.Context, id voucher.RunID) (map[string]voucher.Entering, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT e.territory, count(*) FILTER (WHERE e.kept_cents = 0), count(*) FILTER (WHERE e.kept_cents > 0), sum(e.awarded_cents - e.kept_cents)::bigint
		FROM ranking_entries e WHERE e.run_id = $1 AND `+gains+` GROUP BY e.territory`, string(id))
	all := map[string]voucher.Entering{}
	var territory string
	var n voucher.Entering
	if _, err := pgx.ForEachRow(rows, []any{&territory, &n.New, &n.Completed, (*int64)(&n.Amount)}, func() error {
		all[territory] = n
		return nil
	}); err != nil {
		return nil, fmt.Errorf("who enters with a run: %w", translate(err))
	}
	return all, nil
}

// Entrants is a page of them in a territory, by place.
func (s *Rankings) Entrants(ctx context.Context, id voucher.RunID, territory string, page, size int) ([]voucher.Entrant, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT e.application_id, a.protocol, e.territory, coalesce(e.isee_cents, 0), e.isee_status, e.submitted_at, e.kept_cents,
			e.ground, coalesce(e.rank, 0), e.decided, e.entitled_cents, e.awarded_cents, e.residual_cents, p.given_name || ' ' || p.family_name
		FROM ranking_entries e JOIN applications a ON a.id = e.application_id JOIN persons p ON p.id = a.beneficiary_id
		WHERE e.run_id = $1 AND e.territory = $2 AND e.rank IS NOT NULL AND `+gains+` ORDER BY e.rank LIMIT $3 OFFSET $4`,
		string(id), territory, size, (page-1)*size)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e voucher.Entrant, err error) {
		return e, row.Scan(append(entryFields(&e.Entry), &e.Name)...)
	})
	if err != nil {
		return nil, fmt.Errorf("who enters with a run: %w", translate(err))
	}
	return all, nil
}

// Costs are what the first places of a territory cost together.
func (s *Rankings) Costs(ctx context.Context, id voucher.RunID, territory string, to, points int) ([]voucher.Cost, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT rank, total::bigint FROM (
			SELECT rank, sum(CASE WHEN kept_cents > 0 THEN awarded_cents ELSE entitled_cents END) OVER (ORDER BY rank) AS total
			FROM ranking_entries WHERE run_id = $1 AND territory = $2 AND rank <= $3) places
		WHERE rank % GREATEST($3 / $4, 1) = 0 OR rank = $3 ORDER BY rank`, string(id), territory, to, points)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c voucher.Cost, err error) {
		return c, row.Scan(&c.Rank, (*int64)(&c.Total))
	})
	if err != nil {
		return nil, fmt.Errorf("costs of a run: %w", translate(err))
	}
	return all, nil
}

const (
	twoRuns = `FROM (SELECT * FROM ranking_entries WHERE run_id = $1) b
		FULL JOIN (SELECT * FROM ranking_entries WHERE run_id = $2) a USING (application_id)`
	enters = `coalesce(b.awarded_cents, 0) = 0 AND coalesce(a.awarded_cents, 0) > 0`
	leaves = `coalesce(b.awarded_cents, 0) > 0 AND coalesce(a.awarded_cents, 0) = 0`
	moves  = `(b.territory, b.rank) IS DISTINCT FROM (a.territory, a.rank)`
)

// Compare tells what a run changes against another one before it.
func (s *Rankings) Compare(ctx context.Context, before, after voucher.RunID) (c voucher.RunComparison, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT count(*) FILTER (WHERE `+enters+`), count(*) FILTER (WHERE `+leaves+`), count(*) FILTER (WHERE `+moves+`) `+twoRuns,
		string(before), string(after)).QueryRow(func(row pgx.Row) error { return row.Scan(&c.Entered, &c.Left, &c.Moved) })
	batch.Queue(`SELECT application_id, p.protocol, coalesce(a.territory, b.territory),
			coalesce(b.ground, ''), coalesce(b.rank, 0), coalesce(b.decided, ''), coalesce(b.entitled_cents, 0), coalesce(b.awarded_cents, 0), coalesce(b.residual_cents, 0),
			coalesce(a.ground, ''), coalesce(a.rank, 0), coalesce(a.decided, ''), coalesce(a.entitled_cents, 0), coalesce(a.awarded_cents, 0), coalesce(a.residual_cents, 0)
		`+twoRuns+` JOIN applications p ON p.id = application_id WHERE (`+enters+`) OR (`+leaves+`) OR (`+moves+`)
		ORDER BY (`+enters+`) DESC, (`+leaves+`) DESC, coalesce(a.territory, b.territory), coalesce(a.rank, b.rank), p.protocol LIMIT $3`,
		string(before), string(after), voucher.MostChanges).Query(func(rows pgx.Rows) error {
		var x voucher.RankingChange
		_, err := pgx.ForEachRow(rows, append(append([]any{&x.Application, &x.Protocol, &x.Territory}, outcomeFields(&x.Before)...), outcomeFields(&x.After)...), func() error {
			c.Changes = append(c.Changes, x)
			return nil
		})
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return c, fmt.Errorf("compare runs: %w", translate(err))
	}
	return c, nil
}
