package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
)

const rankedColumns = `e.application_id, e.protocol, e.outcome, e.duration, e.days, e.daily_cents, e.gross_cents, e.rate, e.withholding_cents, e.net_cents,
	e.debt_cents, e.debt_left_cents, e.points_isee, e.points_duration, e.points_exclusive, coalesce(e.rank, 0), e.ex_aequo, e.decided, e.funding, e.funded_cents, e.funded_net_cents,
	e.set_off_cents, e.payable_cents, e.recovery_cents, e.revoked`

func rankedFields(c *indemnity.CaseID, r *indemnity.Result) []any {
	e := &r.Entitlement
	return []any{c, &r.ID, &r.Outcome, &r.Duration, &e.Days, &e.Daily, &e.Gross, &e.Rate, &e.Withholding, &e.Net,
		&r.Debt, &r.DebtLeft, &r.Score.ISEE, &r.Score.Duration, &r.Score.Exclusivity, &r.Rank, &r.ExAequo, &r.Decided, &r.Funding, &r.FundedGross, &r.FundedNet,
		&r.SetOff, &r.Payable, &r.Recovery, &r.Revoked}
}

const (
	rankingPlaces = `SELECT e.public_code, ` + rankedColumns + ` FROM indemnity_ranking_entries e
		WHERE e.ranking_id = $1 AND e.rank BETWEEN $2 AND $3 ORDER BY e.rank`
	rankingEntry = `SELECT e.public_code, e.steps, ` + rankedColumns + ` FROM indemnity_ranking_entries e WHERE e.ranking_id = $1 AND e.application_id = $2`
	rankingRows  = `SELECT e.case_version, e.public_code, e.facts::text, e.result::text, e.steps::text, e.row_digest, ` + rankedColumns + `
		FROM indemnity_ranking_entries e WHERE e.ranking_id = $1 ORDER BY e.protocol COLLATE "C"`
	rankingInputs = `SELECT application_id, case_version, facts FROM indemnity_ranking_entries WHERE ranking_id = $1 ORDER BY protocol COLLATE "C"`
)

// Entry is a case in a ranking.
func (s *CallRankings) Entry(ctx context.Context, id indemnity.RankingID, of indemnity.CaseID) (e indemnity.RankingEntry, err error) {
	err = s.pool.QueryRow(ctx, rankingEntry, string(id), string(of)).Scan(append([]any{&e.Code, &e.Steps}, rankedFields(&e.Case, &e.Result)...)...)
	if err != nil {
		return e, fmt.Errorf("a case in a ranking: %w", translate(err))
	}
	e.Protocol = e.ID
	return e, nil
}

// Inputs are the frozen cases of a ranking, by protocol.
func (s *CallRankings) Inputs(ctx context.Context, id indemnity.RankingID) ([]indemnity.FrozenCase, error) {
	rows, _ := s.pool.Query(ctx, rankingInputs, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.FrozenCase])
	if err != nil {
		return nil, fmt.Errorf("inputs of a ranking: %w", translate(err))
	}
	return all, nil
}

// Stored goes through the rows of a ranking as they are kept, by protocol.
func (s *CallRankings) Stored(ctx context.Context, id indemnity.RankingID, do func(indemnity.StoredRow) error) error {
	rows, err := s.pool.Query(ctx, rankingRows, string(id))
	if err != nil {
		return fmt.Errorf("rows of a ranking: %w", translate(err))
	}
	defer rows.Close()
	for rows.Next() {
		var r indemnity.StoredRow
		var facts, result, steps string
		if err := rows.Scan(append([]any{&r.Version, &r.Code, &facts, &result, &steps, &r.Digest}, rankedFields(&r.Case, &r.Columns)...)...); err != nil {
			return fmt.Errorf("rows of a ranking: %w", err)
		}
		r.Facts, r.Result, r.Steps = []byte(facts), []byte(result), []byte(steps)
		if err := do(r); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("rows of a ranking: %w", translate(err))
	}
	return nil
}

// compared are the cases of the rankings $1 and $2, side by side.
const compared = `
	WITH both_of AS (
		SELECT coalesce(b.application_id, a.application_id) AS id, coalesce(b.protocol, a.protocol) AS protocol,
			coalesce(b.rank, 0) AS rank_before, coalesce(b.points_isee + b.points_duration + b.points_exclusive, 0) AS points_before,
			coalesce(b.funding, '') AS funding_before, coalesce(b.funded_cents, 0) AS funded_before,
			coalesce(a.rank, 0) AS rank_after, coalesce(a.points_isee + a.points_duration + a.points_exclusive, 0) AS points_after,
			coalesce(a.funding, '') AS funding_after, coalesce(a.funded_cents, 0) AS funded_after
		FROM (SELECT * FROM indemnity_ranking_entries WHERE ranking_id = $1) b
		FULL JOIN (SELECT * FROM indemnity_ranking_entries WHERE ranking_id = $2) a USING (application_id)
	), changed AS (
		SELECT *, funding_before IN ('', 'not_funded') AND funding_after NOT IN ('', 'not_funded') AS entered,
			funding_before NOT IN ('', 'not_funded') AND funding_after IN ('', 'not_funded') AS gone
		FROM both_of
	)`

// Compare tells what a ranking changes against another one.
func (s *CallRankings) Compare(ctx context.Context, before, after indemnity.RankingID) (c indemnity.RankingComparison, err error) {
	err = s.atOneInstant(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, compared+`
			SELECT count(*) FILTER (WHERE entered), count(*) FILTER (WHERE gone), count(*) FILTER (WHERE rank_before <> rank_after) FROM changed`,
			string(before), string(after)).Scan(&c.Entered, &c.Left, &c.Moved); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, compared+`
			SELECT id, protocol, rank_before, points_before, funding_before, funded_before, rank_after, points_after, funding_after, funded_after
			FROM changed WHERE entered OR gone OR (rank_before, points_before, funding_before, funded_before) <> (rank_after, points_after, funding_after, funded_after)
			ORDER BY NOT (entered OR gone), rank_after, protocol LIMIT $3`, string(before), string(after), indemnity.MostRankingChanges)
		c.Changes, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (x indemnity.RankingChange, err error) {
			b, a := &x.Before, &x.After
			return x, row.Scan(&x.Case, &x.Protocol, &b.Rank, &b.Points, &b.Funding, &b.FundedGross, &a.Rank, &a.Points, &a.Funding, &a.FundedGross)
		})
		return err
	})
	if err != nil {
		return c, fmt.Errorf("compare rankings: %w", translate(err))
	}
	return c, nil
}

// CallFigures counts the cases of a call by state.
func (s *CallRankings) CallFigures(ctx context.Context, id indemnity.CallID) (map[indemnity.State]int, error) {
	rows, _ := s.pool.Query(ctx, `SELECT state, count(*) FROM indemnity_applications WHERE call_id = $1 GROUP BY state`, string(id))
	all := map[indemnity.State]int{}
	var state indemnity.State
	var n int
	_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		all[state] = n
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("figures of a call: %w", translate(err))
	}
	return all, nil
}

// PointFigures counts the places of a ranking by points, the most points first.
func (s *CallRankings) PointFigures(ctx context.Context, id indemnity.RankingID) ([]indemnity.PointFigures, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT points_isee + points_duration + points_exclusive AS points, count(*), count(*) FILTER (WHERE funding <> 'not_funded')
		FROM indemnity_ranking_entries WHERE ranking_id = $1 AND rank IS NOT NULL GROUP BY 1 ORDER BY 1 DESC`, string(id))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p indemnity.PointFigures, err error) {
		return p, row.Scan(&p.Points, &p.Places.Number, &p.Paid.Number)
	})
	if err != nil {
		return nil, fmt.Errorf("figures of a ranking: %w", translate(err))
	}
	return all, nil
}
