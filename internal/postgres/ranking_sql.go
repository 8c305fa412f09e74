package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/money"
	"portal/internal/voucher"
)

// The second ranking ranks the frozen inputs of a run ($1) by bands ($2), budgets ($3) and
// closed territories ($4), and holds every row against what the first ranker made of
// it. It is the rule of contracts/voucher-batch.md once more, told as sets and not
// as a walk: whoever stands in a place gets what the places before have not used, and,
// where money is given again, what the awards that are completed have not.
const (
	// missing is what is missing of the award of a place, of those up to it and of all,
	// where it is completed.
	missing = `
		CASE WHEN j.completes AND j.due_ground = '' THEN GREATEST(j.due_entitled - j.kept_cents, 0) ELSE 0 END AS missing,
		sum(CASE WHEN j.completes THEN GREATEST(j.due_entitled - j.kept_cents, 0) ELSE 0 END) OVER places AS missing_here,
		sum(CASE WHEN j.completes AND j.due_ground = '' THEN GREATEST(j.due_entitled - j.kept_cents, 0) ELSE 0 END) OVER (PARTITION BY j.territory) AS missing_all,`
	nothingMissing = `
		0 AS missing, 0 AS missing_here, 0 AS missing_all,`

	second      = secondBefore + nothingMissing + secondAfter
	secondAgain = secondBefore + missing + secondAfter // of a run that gives money again
)

const secondBefore = `
WITH bands AS (
	SELECT n, (b->>'isee_up_to')::bigint AS up_to, (b->>'inclusive')::boolean AS inclusive, (b->>'amount')::bigint AS amount
	FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS listed (b, n)
), budgets AS (
	SELECT key AS territory, value::bigint AS cents FROM jsonb_each_text($3::jsonb)
), judged AS (
	SELECT e.*,
		CASE WHEN e.territory = ANY ($4::text[]) THEN 'TERRITORY_CLOSED' WHEN b.cents IS NULL THEN 'TERRITORY_UNKNOWN'
			WHEN e.isee_status = 'missing' THEN 'ISEE_MISSING' WHEN e.isee_status = 'defective' THEN 'ISEE_DEFECTIVE'
			WHEN due.amount IS NULL THEN 'ISEE_ABOVE_LIMIT' ELSE '' END AS due_ground,
		due.amount AS due_entitled,
		GREATEST(b.cents - sum(e.kept_cents) OVER (PARTITION BY e.territory), 0) AS to_give
	FROM ranking_entries e
	LEFT JOIN budgets b ON b.territory = e.territory
	LEFT JOIN LATERAL (
		SELECT bands.amount FROM bands WHERE e.isee_cents < bands.up_to OR bands.inclusive AND e.isee_cents = bands.up_to
		ORDER BY bands.n LIMIT 1) due ON true
	WHERE e.run_id = $1
), placed AS (
	SELECT j.*,`

const secondAfter = `
		CASE WHEN j.due_ground = '' THEN row_number() OVER places END AS due_rank,
		sum(CASE WHEN j.kept_cents = 0 THEN j.due_entitled ELSE 0 END) OVER places AS wanted,
		CASE WHEN j.due_ground <> '' OR row_number() OVER places = 1 THEN ''
			WHEN lag(j.isee_cents) OVER places < j.isee_cents THEN 'isee'
			WHEN lag(j.submitted_at) OVER places < j.submitted_at THEN 'submitted_at' ELSE 'application_id' END AS due_decided
	FROM judged j
	WINDOW places AS (PARTITION BY j.territory, j.due_ground = '' ORDER BY j.isee_cents, j.submitted_at, j.application_id ROWS UNBOUNDED PRECEDING)
), again AS (
	SELECT application_id, territory, isee_cents, kept_cents, ground, rank, decided, entitled_cents, awarded_cents, residual_cents,
		due_ground, due_rank, due_decided,
		CASE WHEN due_rank IS NULL THEN 0 ELSE due_entitled END AS due_entitled,
		CASE WHEN due_rank IS NULL THEN kept_cents
			WHEN kept_cents > 0 THEN kept_cents + GREATEST(LEAST(missing, to_give - (missing_here - missing)), 0)
			ELSE GREATEST(LEAST(due_entitled, to_give - missing_all - (wanted - due_entitled)), 0) END AS due_awarded,
		CASE WHEN due_rank IS NULL THEN 0 ELSE GREATEST(to_give - missing_all - wanted, 0) END AS due_residual
	FROM placed
), sums AS (
	SELECT territory, count(*) AS candidates, count(due_rank) AS eligible,
		count(due_rank) FILTER (WHERE due_awarded >= due_entitled) AS awarded,
		count(due_rank) FILTER (WHERE due_awarded BETWEEN 1 AND due_entitled - 1) AS partial,
		count(due_rank) FILTER (WHERE due_awarded = 0) AS unfunded,
		count(*) FILTER (WHERE due_ground IN ('TERRITORY_CLOSED', 'TERRITORY_UNKNOWN', 'ISEE_ABOVE_LIMIT')) AS refused,
		count(*) FILTER (WHERE due_ground IN ('ISEE_MISSING', 'ISEE_DEFECTIVE')) AS not_processable,
		count(*) FILTER (WHERE kept_cents > 0) AS kept, sum(due_awarded) AS awarded_cents,
		max(due_rank) FILTER (WHERE due_awarded > 0) AS last_rank,
		max(isee_cents) FILTER (WHERE due_awarded > 0 AND due_rank IS NOT NULL) AS last_isee
	FROM again GROUP BY territory
), doubted AS (
	SELECT territory FROM (SELECT * FROM ranking_territories WHERE run_id = $1) t
	FULL JOIN sums s USING (territory) LEFT JOIN budgets b USING (territory)
	WHERE (t.closed, t.budget_cents, t.candidates, t.eligible, t.awarded, t.partial, t.unfunded, t.refused, t.not_processable,
		t.kept, t.awarded_cents, t.residual_cents, t.last_funded_rank, t.last_funded_isee)
		IS DISTINCT FROM (territory = ANY ($4::text[]), coalesce(b.cents, 0), coalesce(s.candidates, 0), coalesce(s.eligible, 0), coalesce(s.awarded, 0),
			coalesce(s.partial, 0), coalesce(s.unfunded, 0), coalesce(s.refused, 0), coalesce(s.not_processable, 0),
			coalesce(s.kept, 0), coalesce(s.awarded_cents, 0),
			coalesce(b.cents, 0) - coalesce(s.awarded_cents, 0), coalesce(s.last_rank, 0), coalesce(s.last_isee, 0))
)`

const disagrees = `(ground, rank, decided, entitled_cents, awarded_cents, residual_cents)
	IS DISTINCT FROM (due_ground, due_rank, due_decided, due_entitled, due_awarded, due_residual)`

const (
	doubts   = `SELECT (SELECT count(*) FROM again WHERE ` + disagrees + `) + (SELECT count(*) FROM doubted)`
	disputed = `
		(SELECT a.protocol, g.territory, g.ground, coalesce(g.rank, 0), g.decided, g.entitled_cents, g.awarded_cents, g.residual_cents,
			g.due_ground, coalesce(g.due_rank, 0), g.due_decided, g.due_entitled, g.due_awarded::bigint, g.due_residual::bigint
		FROM (SELECT * FROM again WHERE ` + disagrees + `) g JOIN applications a ON a.id = g.application_id
		ORDER BY a.protocol LIMIT 20)
		UNION ALL
		(SELECT '', territory, '', 0, '', 0, 0, 0, '', 0, '', 0, 0, 0 FROM doubted ORDER BY territory)`
)

// Again ranks the frozen inputs of a run in SQL and counts the rows, and the sums of
// territories, that are not as the run has them.
func (s *Rankings) Again(ctx context.Context, run voucher.Run, bands []voucher.Band, budget voucher.Budget) (disagreements int, err error) {
	err = s.again(ctx, run, second+doubts, secondAgain+doubts,
		bands, budget, func(rows pgx.Rows) error {
			disagreements, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
			return err
		})
	return disagreements, err
}

// Disagreements are the first rows that Again counts.
func (s *Rankings) Disagreements(ctx context.Context, run voucher.Run, bands []voucher.Band, budget voucher.Budget) (all []voucher.Disagreement, err error) {
	err = s.again(ctx, run, second+disputed, secondAgain+disputed,
		bands, budget, func(rows pgx.Rows) error {
			var d voucher.Disagreement
			_, err := pgx.ForEachRow(rows, append(append([]any{&d.Protocol, &d.Territory}, outcomeFields(&d.First)...), outcomeFields(&d.Second)...), func() error {
				all = append(all, d)
				return nil
			})
			return err
		})
	return all, err
}

func (s *Rankings) again(ctx context.Context, run voucher.Run, sql, reallocatedSQL string, bands []voucher.Band, budget voucher.Budget, read func(pgx.Rows) error) error {
	listed, err := json.Marshal(bands)
	if err != nil {
		return err
	}
	of := budget.Of
	if of == nil {
		of = map[string]money.Amount{}
	}
	if run.Reallocates {
		sql = reallocatedSQL
	}
	closed := append([]string{}, budget.Closed...)
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL work_mem = '64MB'`); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, sql, string(run.ID), string(listed), of, closed)
		if err != nil {
			return err
		}
		return read(rows)
	})
	if err != nil {
		return fmt.Errorf("rank run %s again: %w", run.ID, translate(err))
	}
	return nil
}

// outcomeFields are ground, rank, decided, entitled, awarded and residual.
func outcomeFields(o *voucher.Outcome) []any {
	return []any{&o.Ground, &o.Rank, &o.Decided, (*int64)(&o.Entitled), (*int64)(&o.Awarded), (*int64)(&o.Residual)}
}
