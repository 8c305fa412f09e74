package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/indemnity"
)

// The second ranker of the indemnity ranks the frozen inputs of a ranking ($1) by its rules
// ($2) and what was ruled ($3), and holds every row against what the first one made of it.
// It is art. 4 of the call once more, told as sets and not as a walk; only where whoever
// still fits is paid after the first who does not, there is no other way than to walk. How
// long an event was, for how many days it is paid and at how much a day it takes from the
// examination.
const indemnityAgain = `
WITH RECURSIVE rules AS (
	SELECT (r->>'exclusive')::int AS exclusive, (r->>'other')::int AS other, CASE WHEN r->>'budget' IS NOT NULL THEN GREATEST((r->>'budget')::bigint, 0) END AS budget, r->>'basis' AS basis, r->>'cut' AS cut,
		(r->>'by_submission')::boolean AS by_submission, (r->>'invalid_is_missing')::boolean AS invalid_is_missing, r->>'recovery' AS recovery,
		(r->>'rate')::bigint AS rate, (r->>'cover_rate')::bigint AS cover_rate, r->'isee' AS isee, r->'duration' AS duration
	FROM (SELECT $2::jsonb) given (r)
), read AS (
	SELECT e.protocol, e.duration, e.rate, e.gross_cents, e.withholding_cents, e.net_cents, e.debt_cents, e.debt_left_cents,
		e.points_isee, e.points_duration, e.points_exclusive, e.rank, e.ex_aequo, e.decided, e.funding, e.funded_cents, e.funded_net_cents,
		e.set_off_cents, e.payable_cents, e.recovery_cents, e.revoked,
		CASE WHEN f.isee->>'status' = 'valid' OR f.isee->>'status' = 'invalid' AND NOT r.invalid_is_missing THEN (f.isee->>'value')::numeric * 100 END AS isee,
		(f.declarations->>'exclusive_self_employment')::boolean AS exclusive, f.enrolment_date AS enrolled,
		f.submitted_at COLLATE "C" AS sent, array_position($3::text[], e.protocol) AS ruled,
		coalesce((f.withholding_rate * 100)::bigint, r.rate) AS due_rate,
		e.daily_cents * e.days AS before,
		CASE WHEN (f.declarations->>'other_mandatory_cover')::boolean THEN (e.daily_cents * e.days * r.cover_rate + 5000) / 10000 ELSE 0 END AS reduction,
		(((f.contribution->>'debt_at_submission')::numeric + (f.contribution->>'instalment_plan_residual')::numeric + (f.contribution->>'debt_after_submission')::numeric) * 100)::bigint AS due_debt,
		f.post_payment_finding AS found
	FROM indemnity_ranking_entries e CROSS JOIN rules r CROSS JOIN LATERAL jsonb_to_record(e.facts) f (
		isee jsonb, declarations jsonb, contribution jsonb, enrolment_date date, submitted_at text, withholding_rate numeric, post_payment_finding boolean)
	WHERE e.ranking_id = $1 AND e.outcome = 'ranked'
), scored AS (
	SELECT x.*, before - reduction AS due_gross, ((before - reduction) * due_rate + 5000) / 10000 AS due_withholding,
		before - reduction - ((before - reduction) * due_rate + 5000) / 10000 AS due_net,
		CASE WHEN isee IS NULL THEN 0 ELSE (SELECT (b->>'points')::int FROM rules, jsonb_array_elements(rules.isee) WITH ORDINALITY bands (b, n)
			WHERE b->>'up_to' IS NULL OR x.isee <= (b->>'up_to')::bigint ORDER BY n LIMIT 1) END AS due_isee,
		(SELECT (b->>'points')::int FROM rules, jsonb_array_elements(rules.duration) WITH ORDINALITY bands (b, n)
			WHERE b->>'up_to' IS NULL OR x.duration <= (b->>'up_to')::int ORDER BY n LIMIT 1) AS due_duration,
		(SELECT CASE WHEN x.exclusive THEN rules.exclusive ELSE rules.other END FROM rules) AS due_exclusive
	FROM read x
), placed AS (
	SELECT s.*, due_isee + due_duration + due_exclusive AS points, CASE WHEN by_submission THEN sent ELSE '' END AS turn,
		row_number() OVER places AS due_rank,
		CASE WHEN basis = 'net' THEN due_net ELSE due_gross END AS cost,
		CASE WHEN row_number() OVER places = 1 THEN ''
			WHEN lag(due_isee + due_duration + due_exclusive) OVER places > due_isee + due_duration + due_exclusive THEN 'score'
			WHEN lag(isee) OVER places IS DISTINCT FROM isee THEN 'isee'
			WHEN lag(duration) OVER places > duration THEN 'duration'
			WHEN lag(enrolled) OVER places IS DISTINCT FROM enrolled THEN 'enrolment'
			WHEN lag(ruled) OVER places IS DISTINCT FROM ruled THEN 'ruling'
			WHEN by_submission AND lag(sent) OVER places < sent THEN 'submission'
			ELSE 'application_id' END AS due_decided
	FROM scored s CROSS JOIN (SELECT by_submission, basis FROM rules) r
	WINDOW places AS (ORDER BY due_isee + due_duration + due_exclusive DESC, isee NULLS LAST, s.duration DESC, enrolled NULLS FIRST, ruled NULLS LAST,
		CASE WHEN by_submission THEN sent ELSE '' END COLLATE "C", protocol COLLATE "C")
), costly AS (
	SELECT p.*, (sum(cost) OVER (ORDER BY due_rank))::bigint AS wanted,
		sum(CASE WHEN due_decided IN ('ruling', 'submission', 'application_id') THEN 0 ELSE 1 END) OVER (ORDER BY due_rank) AS due_group
	FROM placed p
), walk AS (
	SELECT 0::bigint AS due_rank, budget AS residual, false AS fits FROM rules WHERE cut = 'skip' AND budget IS NOT NULL
	UNION ALL
	SELECT w.due_rank + 1, w.residual - CASE WHEN c.cost <= w.residual THEN c.cost ELSE 0 END, c.cost <= w.residual
	FROM walk w CROSS JOIN LATERAL (SELECT ((SELECT array_agg(cost ORDER BY due_rank) FROM placed))[w.due_rank + 1] AS cost) c
	WHERE c.cost IS NOT NULL
), awarded AS (
	SELECT c.*, r.basis, r.recovery,
		CASE WHEN r.budget IS NULL THEN true WHEN r.cut = 'skip' THEN w.fits ELSE c.wanted <= r.budget END AS whole,
		CASE WHEN r.budget IS NULL OR w.fits THEN c.cost WHEN r.cut = 'partial' THEN GREATEST(LEAST(c.cost, r.budget - (c.wanted - c.cost)), 0)
			WHEN r.cut = 'stop' AND c.wanted <= r.budget THEN c.cost ELSE 0 END AS award
	FROM costly c CROSS JOIN rules r LEFT JOIN walk w USING (due_rank)
), funded AS (
	SELECT a.*,
		CASE WHEN whole THEN 'funded' WHEN award = 0 THEN 'not_funded' ELSE 'partially_funded' END AS due_funding,
		CASE WHEN whole THEN due_gross WHEN award = 0 THEN 0 WHEN basis = 'net' THEN (20000 * award + 10000 - due_rate) / (2 * (10000 - due_rate)) ELSE award END AS due_funded,
		CASE WHEN whole THEN due_net WHEN award = 0 THEN 0 WHEN basis = 'net' THEN award ELSE award - (award * due_rate + 5000) / 10000 END AS due_funded_net
	FROM awarded a
), settled AS (
	SELECT f.*, LEAST(debt_left_cents, due_funded_net) AS due_set_off,
		found AND due_funding <> 'not_funded' AS due_revoked
	FROM funded f
), again AS (
	SELECT s.*, due_funded_net - due_set_off AS due_payable,
		CASE WHEN due_revoked THEN CASE WHEN recovery = 'gross' THEN due_funded ELSE due_funded_net END - due_set_off ELSE 0 END AS due_recovery
	FROM settled s
), doubted AS (
	SELECT * FROM again
	WHERE (rate, gross_cents, withholding_cents, net_cents, debt_cents, points_isee, points_duration, points_exclusive, rank, ex_aequo, decided,
		funding, funded_cents, funded_net_cents, set_off_cents, payable_cents, recovery_cents, revoked)
		IS DISTINCT FROM (due_rate, due_gross, due_withholding, due_net, due_debt, due_isee, due_duration, due_exclusive, due_rank, due_group, due_decided,
		due_funding, due_funded, due_funded_net, due_set_off, due_payable, due_recovery, due_revoked)
), sums AS (
	SELECT count(*) AS ranked, count(*) FILTER (WHERE due_funding <> 'not_funded') AS paid, coalesce(sum(due_gross), 0) AS requested, coalesce(sum(due_funded), 0) AS spent,
		coalesce(sum(CASE WHEN basis = 'net' THEN due_funded_net ELSE due_funded END), 0) AS used,
		coalesce(max(due_rank) FILTER (WHERE due_funding <> 'not_funded'), 0) AS last
	FROM again
), unsummed AS (
	SELECT 1 FROM indemnity_rankings k CROSS JOIN sums s CROSS JOIN rules r
	WHERE k.id = $1 AND (k.applications, k.ranked, k.funded, k.not_funded, k.requested_cents, k.funded_cents, k.residual_cents, k.last_rank, k.last_points)
		IS DISTINCT FROM ((SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = $1), s.ranked, s.paid, s.ranked - s.paid, s.requested, s.spent,
			r.budget - s.used, s.last, coalesce((SELECT points FROM again WHERE due_rank = s.last), 0))
), told AS (
	SELECT 1 FROM indemnity_ranking_entries WHERE ranking_id = $1 AND outcome <> 'ranked'
		AND (rank, ex_aequo, decided, funding, funded_cents, funded_net_cents, set_off_cents, payable_cents, recovery_cents, revoked)
			IS DISTINCT FROM (NULL, 0, '', '', 0, 0, 0, 0, 0, false)
)`

const (
	indemnityDoubts = indemnityAgain + `
		SELECT (SELECT count(*) FROM doubted) + (SELECT count(*) FROM unsummed) + (SELECT count(*) FROM told)`
	indemnityDisputed = indemnityAgain + `
		SELECT protocol, points_isee, points_duration, points_exclusive, coalesce(rank, 0), ex_aequo, decided, gross_cents, net_cents, funding, funded_cents, funded_net_cents, set_off_cents, payable_cents,
			due_isee, due_duration, due_exclusive, due_rank, due_group, due_decided, due_gross, due_net, due_funding, due_funded, due_funded_net, due_set_off, due_payable
		FROM doubted ORDER BY protocol LIMIT 20`
)

// secondRules is what the second ranker is given of the rules.
type secondRules struct {
	Exclusive        int          `json:"exclusive"`
	Other            int          `json:"other"`
	Budget           *int64       `json:"budget"`
	Basis            string       `json:"basis"`
	Cut              string       `json:"cut"`
	BySubmission     bool         `json:"by_submission"`
	InvalidIsMissing bool         `json:"invalid_is_missing"`
	Recovery         string       `json:"recovery"`
	Rate             int          `json:"rate"`
	CoverRate        int          `json:"cover_rate"`
	ISEE             []secondBand `json:"isee"`
	Duration         []secondBand `json:"duration"`
}

type secondBand struct {
	UpTo   *int64 `json:"up_to"`
	Points int    `json:"points"`
}

func secondRulesOf(r *indemnity.RuleSet) secondRules {
	read := &r.Readings
	s := secondRules{Exclusive: r.ExclusivityPoints.Is.Exclusive, Other: r.ExclusivityPoints.Is.Other, Budget: (*int64)(r.Budget.Is),
		Basis: string(read.BudgetBasis.Is), Cut: string(read.BudgetCut.Is), BySubmission: read.ResidualTie.Is == indemnity.TieBySubmission,
		InvalidIsMissing: read.InvalidISEEIsMissing.Is, Recovery: string(read.RecoveryBasis.Is), Rate: int(read.Withholding.Is), CoverRate: int(r.OtherCoverRate.Is)}
	for _, b := range r.ISEEPoints.Is {
		s.ISEE = append(s.ISEE, secondBand{(*int64)(b.UpTo), b.Points})
	}
	for _, b := range r.DurationPoints.Is {
		var upTo *int64
		if b.UpTo != nil {
			days := int64(*b.UpTo)
			upTo = &days
		}
		s.Duration = append(s.Duration, secondBand{upTo, b.Points})
	}
	return s
}

// RankAgain ranks the frozen inputs of a ranking in SQL, counts the rows and the sums that
// are not as the ranking has them, and tells the first rows.
func (s *CallRankings) RankAgain(ctx context.Context, r indemnity.Ranking) (disagreements int, first []indemnity.RankerDoubt, err error) {
	rules, ruled := secondRulesOf(&r.Call.Rules), append([]string{}, r.Ruled...)
	err = s.atOneInstant(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL work_mem = '64MB'`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, indemnityDoubts, string(r.ID), rules, ruled).Scan(&disagreements); err != nil || disagreements == 0 {
			return err
		}
		rows, _ := tx.Query(ctx, indemnityDisputed, string(r.ID), rules, ruled)
		first, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.RankerDoubt, err error) {
			fields := []any{&d.Protocol}
			for _, x := range []*indemnity.Result{&d.First, &d.Second} {
				fields = append(fields, &x.Score.ISEE, &x.Score.Duration, &x.Score.Exclusivity, &x.Rank, &x.ExAequo, &x.Decided,
					&x.Entitlement.Gross, &x.Entitlement.Net, &x.Funding, &x.FundedGross, &x.FundedNet, &x.SetOff, &x.Payable)
			}
			return d, row.Scan(fields...)
		})
		return err
	})
	if err != nil {
		return 0, nil, fmt.Errorf("rank %s again: %w", r.ID, translate(err))
	}
	return disagreements, first, nil
}
