package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

const (
	// rankable is which cases a a ranking of the call $1 has: the suitable ones that nobody
	// excluded and no decision is to undo, and those that have a place already.
	rankable = `a.call_id = $1 AND (a.state IN ('funded', 'unfunded', 'revoked') OR a.state = 'suitable'
		AND NOT EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = a.id AND d.state = 'proposed'))
		AND NOT EXISTS (SELECT FROM indemnity_exclusions x WHERE x.application_id = a.id AND x.lifted_at IS NULL)`
	rankableFrom = caseFiles + `WHERE ` + rankable + ` AND a.protocol > $2 ORDER BY a.protocol LIMIT $3`
	earlierCases = caseFiles + `WHERE a.call_id < $1 AND a.member_id = ANY ($2) AND a.state IN ('submitted', 'in_review', 'suitable', 'funded', 'unfunded') ORDER BY a.protocol`

	// openCases are the cases of the call $1 that are not decided, or whose decision is to
	// be undone, and that nobody excluded.
	openCases = `
		SELECT a.id, a.protocol, a.state, (SELECT max(q.due_on) FROM indemnity_requests q WHERE q.application_id = a.id AND q.state = 'open')
		FROM indemnity_applications a
		WHERE a.call_id = $1 AND (a.state IN ('submitted', 'in_review')
			OR a.state = 'suitable' AND EXISTS (SELECT FROM indemnity_decisions d WHERE d.application_id = a.id AND d.state = 'proposed'))
			AND NOT EXISTS (SELECT FROM indemnity_exclusions x WHERE x.application_id = a.id AND x.lifted_at IS NULL)
		ORDER BY a.protocol`
	exclusionsOfCall = `
		SELECT x.id, a.id, a.protocol, x.reason, p.id, p.given_name, p.family_name, x.excluded_at
		FROM indemnity_exclusions x JOIN indemnity_applications a ON a.id = x.application_id JOIN persons p ON p.id = x.excluded_by
		WHERE a.call_id = $1 AND x.lifted_at IS NULL ORDER BY a.protocol`
	changedCases = `
		SELECT count(*) FROM (SELECT a.id AS application_id, a.version FROM indemnity_applications a WHERE ` + rankable + `) now
		FULL JOIN (SELECT application_id, case_version FROM indemnity_ranking_entries WHERE ranking_id = $2) e USING (application_id)
		WHERE now.version IS DISTINCT FROM e.case_version`
	rankingUnderWay = `SELECT coalesce((SELECT id::text FROM indemnity_rankings WHERE call_id = $1 AND state IN ('proposed', 'approved')), '')`
)

// frozenPage is how many cases are read at once.
const frozenPage = 1000

// atOneInstant reads at one instant.
func (s *CallRankings) atOneInstant(ctx context.Context, do func(pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, do)
}

// inForce is a call with its rules in force.
func (s *CallRankings) inForce(ctx context.Context, db DB, id indemnity.CallID) (indemnity.Call, error) {
	ref := indemnity.VersionRef{Call: id}
	if err := db.QueryRow(ctx, `SELECT version FROM calls WHERE id = $1 AND version IS NOT NULL`, string(id)).Scan(&ref.Number); err != nil {
		return indemnity.Call{}, err
	}
	return s.files.calls.released(ctx, db, ref)
}

// earlier are the cases in earlier calls of the members of some cases.
func (s *CallRankings) earlier(ctx context.Context, db DB, id indemnity.CallID, of []indemnity.CaseFile) (map[identity.PersonID][]indemnity.CaseFile, error) {
	members := make([]string, len(of))
	for i, c := range of {
		members[i] = string(c.Member.ID)
	}
	cases, err := s.files.cases(ctx, db, earlierCases, string(id), members)
	all := map[identity.PersonID][]indemnity.CaseFile{}
	for _, c := range cases {
		all[c.Member.ID] = append(all[c.Member.ID], c)
	}
	return all, err
}

// FreezeCall reads what a ranking of a call on a day is made from, all at one instant.
func (s *CallRankings) FreezeCall(ctx context.Context, id indemnity.CallID, on calendar.Date) (frozen indemnity.CallSnapshot, err error) {
	err = s.atOneInstant(ctx, func(tx pgx.Tx) error {
		if frozen.Call, err = s.inForce(ctx, tx, id); err != nil {
			return err
		}
		if frozen.Exclusions, err = exclusionsIn(ctx, tx, id); err != nil {
			return err
		}
		rulings, err := rulingsOf(ctx, tx, id)
		if err != nil {
			return err
		}
		frozen.Ruled = indemnity.Ruled(rulings)
		if err := tx.QueryRow(ctx, setAsideOfCall, string(id)).Scan((*int64)(&frozen.SetAside)); err != nil {
			return err
		}
		for after := ""; ; {
			page, err := s.files.cases(ctx, tx, rankableFrom, string(id), after, frozenPage)
			if err != nil {
				return err
			}
			earlier, err := s.earlier(ctx, tx, id, page)
			if err != nil {
				return err
			}
			for _, c := range page {
				frozen.Cases, after = append(frozen.Cases, indemnity.FrozenCase{Case: c.ID, Version: c.Version, Facts: c.ForRanking(on, earlier[c.Member.ID])}), c.Protocol
			}
			if len(page) < frozenPage {
				return nil
			}
		}
	})
	if err != nil {
		return frozen, fmt.Errorf("freeze call %s: %w", id, translate(err))
	}
	return frozen, nil
}

func exclusionsIn(ctx context.Context, db DB, id indemnity.CallID) ([]indemnity.Exclusion, error) {
	rows, _ := db.Query(ctx, exclusionsOfCall, string(id))
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (x indemnity.Exclusion, err error) {
		err = row.Scan(&x.ID, &x.Case, &x.Protocol, &x.Reason, &x.By.ID, &x.By.GivenName, &x.By.FamilyName, &x.At)
		x.Author = x.By.Name()
		return x, err
	})
}

// Readiness tells what stands between a ranking and its publication, all at one instant.
func (s *CallRankings) Readiness(ctx context.Context, r indemnity.Ranking) (at indemnity.RankingReadiness, err error) {
	call := string(r.Call.ID)
	err = s.atOneInstant(ctx, func(tx pgx.Tx) error {
		if at.Call, err = s.inForce(ctx, tx, r.Call.ID); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, openCases, call)
		if at.Open, err = pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.OpenCase]); err != nil {
			return err
		}
		exclusions, err := exclusionsIn(ctx, tx, r.Call.ID)
		if err != nil {
			return err
		}
		for _, x := range exclusions {
			at.Excluded = append(at.Excluded, x.ID)
		}
		rulings, err := rulingsOf(ctx, tx, r.Call.ID)
		if err != nil {
			return err
		}
		at.Ruled = indemnity.Ruled(rulings)
		if err := tx.QueryRow(ctx, changedCases, call, string(r.ID)).Scan(&at.Changed); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, setAsideOfCall, call).Scan((*int64)(&at.SetAside)); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, rankingUnderWay, call).Scan(&at.UnderWay); err != nil {
			return err
		}
		return tx.QueryRow(ctx, standingRanking, call).Scan(&at.Standing)
	})
	if err != nil {
		return at, fmt.Errorf("readiness of ranking %s: %w", r.ID, translate(err))
	}
	return at, nil
}

// Waiting tells what a ranking of a call waits for.
func (s *CallRankings) Waiting(ctx context.Context, id indemnity.CallID, most int) (w indemnity.CallWaiting, err error) {
	err = s.atOneInstant(ctx, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, openCases, string(id))
		if w.Open, err = pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.OpenCase]); err != nil {
			return err
		}
		w.OpenCount, w.Until = len(w.Open), indemnity.RankingReadiness{Open: w.Open}.Until()
		w.Open = w.Open[:min(len(w.Open), most)]
		if w.Exclusions, err = exclusionsIn(ctx, tx, id); err != nil {
			return err
		}
		return tx.QueryRow(ctx, `SELECT count(*) FROM indemnity_applications a WHERE `+rankable, string(id)).Scan(&w.Rankable)
	})
	if err != nil {
		return w, fmt.Errorf("what a ranking of call %s waits for: %w", id, translate(err))
	}
	return w, nil
}

// entryColumns are the columns of an entry in the order of entryRow.
var entryColumns = []string{"ranking_id", "application_id", "case_version", "protocol", "facts", "result", "steps", "row_digest",
	"outcome", "duration", "days", "daily_cents", "gross_cents", "rate", "withholding_cents", "net_cents", "debt_cents", "debt_left_cents",
	"points_isee", "points_duration", "points_exclusive", "rank", "ex_aequo", "decided", "funding", "funded_cents", "funded_net_cents",
	"set_off_cents", "payable_cents", "recovery_cents", "revoked"}

// copyEntries saves the rows of a ranking.
func copyEntries(ctx context.Context, tx pgx.Tx, id indemnity.RankingID, made *indemnity.MadeRanking) error {
	at := 0
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"indemnity_ranking_entries"}, entryColumns, pgx.CopyFromFunc(func() ([]any, error) {
		if at == len(made.Cases) {
			return nil, nil
		}
		at++
		return entryRow(id, made, at-1)
	}))
	if err != nil {
		return fmt.Errorf("rows: %w", err)
	}
	return nil
}

// insertRanking saves what a ranking is, beside its rows.
func insertRanking(ctx context.Context, tx pgx.Tx, r indemnity.Ranking, e audit.Entry) error {
	sum := r.Summary
	var batch pgx.Batch
	batch.Queue(`
		INSERT INTO indemnity_rankings (id, call_id, call_version, number, kind, based_on, corrects, reason, rules, evaluated_on, ruled, ties, exclusions, state,
			applications, ranked, funded, not_funded, requested_cents, funded_cents, residual_cents, last_rank, last_points,
			inputs_digest, rules_digest, result_digest, rows_digest, simulated_by, simulated_at, set_aside_cents)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)`,
		string(r.ID), string(r.Call.ID), r.Call.Version, r.Number, string(r.Kind), optional(r.BasedOn), optional(r.Corrects), r.Reason, r.Call.Rules, r.On,
		append([]string{}, r.Ruled...), append([][]string{}, r.Ties...), append([]indemnity.Exclusion{}, r.Exclusions...), string(r.State),
		sum.Applications, sum.Ranked, sum.Funded, sum.NotFunded, sum.RequestedGross, sum.FundedGross, (*int64)(sum.Residual), r.LastRank, r.LastPoints,
		r.Digests.Inputs, r.Digests.Rules, r.Digests.Results, r.Digests.Rows, string(r.Simulated.Person), r.Simulated.At, r.SetAside)
	batch.Queue(insertEntry, entryValues(ctx, e)...)
	return tx.SendBatch(ctx, &batch).Close()
}

func entryRow(id indemnity.RankingID, made *indemnity.MadeRanking, i int) ([]any, error) {
	row, err := made.Row(i)
	if err != nil {
		return nil, err
	}
	c, r := &made.Cases[i], &made.Results[i]
	e := &r.Entitlement
	var rank *int
	if r.Rank > 0 {
		rank = &r.Rank
	}
	return []any{string(id), string(c.Case), c.Version, r.ID, row.Facts, row.Result, row.Steps, row.Digest,
		string(r.Outcome), r.Duration, e.Days, e.Daily, e.Gross, int(e.Rate), e.Withholding, e.Net, r.Debt, r.DebtLeft,
		r.Score.ISEE, r.Score.Duration, r.Score.Exclusivity, rank, r.ExAequo, r.Decided, string(r.Funding), r.FundedGross, r.FundedNet,
		r.SetOff, r.Payable, r.Recovery, r.Revoked}, nil
}
