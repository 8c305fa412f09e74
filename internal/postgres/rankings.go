package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Rankings is the voucher.RankingStore.
type Rankings struct {
	pool     *pgxpool.Pool
	editions *Editions
	mu       sync.Mutex
	balances map[balanceOf]balance
}

// NewRankings is the store on a pool.
func NewRankings(pool *pgxpool.Pool) *Rankings {
	return &Rankings{pool: pool, editions: NewEditions(pool), balances: map[balanceOf]balance{}}
}

// InForce is an edition with the rules in force.
func (s *Rankings) InForce(ctx context.Context, id voucher.EditionID) (voucher.Edition, error) {
	all, err := s.editions.Editions(ctx)
	if err != nil {
		return voucher.Edition{}, err
	}
	e, known := all[id]
	if !known {
		return e, fault.ErrNotFound
	}
	return e, nil
}

// Released is an edition with a version of its rules.
func (s *Rankings) Released(ctx context.Context, id voucher.EditionID, version int) (voucher.Edition, error) {
	return s.editions.released(ctx, s.pool, released{id, version})
}

// Outcome is what came of a form that was stored before.
func (s *Rankings) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// See writes that a run was looked at.
func (s *Rankings) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

const selectRuns = `
	SELECT r.id, r.edition_id, r.edition_version, r.number, r.round, r.reallocates, r.corrects, r.reason, r.state, r.candidates,
		r.inputs_digest, r.rules_digest, r.result_digest, r.checked_at, coalesce(r.disagreements, 0), r.note,
		r.publish_at, coalesce(r.publication, 0), r.published_at,
		r.simulated_by, r.taken_at, s.given_name || ' ' || s.family_name,
		r.proposed_by, r.proposed_at, p.given_name || ' ' || p.family_name,
		r.decided_by, r.decided_at, d.given_name || ' ' || d.family_name,
		r.ordered_by, r.ordered_at, o.given_name || ' ' || o.family_name
	FROM ranking_runs r JOIN persons s ON s.id = r.simulated_by LEFT JOIN persons p ON p.id = r.proposed_by
	LEFT JOIN persons d ON d.id = r.decided_by LEFT JOIN persons o ON o.id = r.ordered_by `

func runFields(r *voucher.Run) []any {
	fields := []any{&r.ID, &r.Edition, &r.Version, &r.Number, &r.Round, &r.Reallocates, (*nullText)(&r.Corrects), &r.Reason, &r.State, &r.Candidates,
		&r.Digests.Inputs, &r.Digests.Rules, &r.Digests.Results, (*zeronull.Timestamptz)(&r.CheckedAt), &r.Disagreements, &r.Note,
		(*zeronull.Timestamptz)(&r.PublishAt), &r.Publication, (*zeronull.Timestamptz)(&r.PublishedAt)}
	for _, s := range []*voucher.Signed{&r.Simulated, &r.Proposed, &r.Decided, &r.Ordered} {
		fields = append(fields, (*nullText)(&s.By), (*zeronull.Timestamptz)(&s.At), (*nullText)(&s.Name))
	}
	return fields
}

// Runs are the runs of an edition, newest first, without dropped ones.
func (s *Rankings) Runs(ctx context.Context, id voucher.EditionID) ([]voucher.Run, error) {
	return s.runs(ctx, s.pool, selectRuns+`WHERE r.edition_id = $1 AND r.state <> 'dropped' ORDER BY r.number DESC`, string(id))
}

// Run is a run with its territories; fault.ErrNotFound, also when it was dropped.
func (s *Rankings) Run(ctx context.Context, id voucher.RunID) (voucher.Run, error) {
	return onlyRun(s.runs(ctx, s.pool, selectRuns+`WHERE r.id = $1 AND r.state <> 'dropped'`, string(id)))
}

func onlyRun(runs []voucher.Run, err error) (voucher.Run, error) {
	switch {
	case err != nil:
		return voucher.Run{}, err
	case len(runs) == 0:
		return voucher.Run{}, fault.ErrNotFound
	}
	return runs[0], nil
}

func (s *Rankings) runs(ctx context.Context, db DB, sql string, args ...any) ([]voucher.Run, error) {
	all := []voucher.Run{}
	at := map[string]int{}
	rows, _ := db.Query(ctx, sql, args...)
	r := voucher.Run{}
	_, err := pgx.ForEachRow(rows, runFields(&r), func() error {
		at[string(r.ID)] = len(all)
		all = append(all, r)
		r.Digests = voucher.Digests{} // the next ones have bytes of their own
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("runs: %w", translate(err))
	}
	ids := make([]string, len(all))
	for i := range all {
		ids[i] = string(all[i].ID)
	}
	rows, _ = db.Query(ctx, `
		SELECT run_id, territory, closed, budget_cents, candidates, eligible, awarded, partial, unfunded, refused, not_processable,
			awarded_cents, residual_cents, last_funded_rank, last_funded_isee, issued_at, kept, set_aside_cents, kept_cents, pool_cents
		FROM ranking_territories WHERE run_id = ANY ($1::uuid[]) ORDER BY territory`, ids)
	var of string
	var t voucher.TerritoryResult
	_, err = pgx.ForEachRow(rows, []any{&of, &t.Name, &t.Closed, (*int64)(&t.Budget), &t.Candidates, &t.Eligible, &t.Awarded, &t.Partial,
		&t.Unfunded, &t.Refused, &t.NotProcessable, (*int64)(&t.AwardedAmount), (*int64)(&t.Residual), &t.LastRank, (*int64)(&t.LastISEE),
		(*zeronull.Timestamptz)(&t.IssuedAt), &t.Kept, (*int64)(&t.SetAside), (*int64)(&t.KeptAmount), (*zeronull.Int8)(&t.Pool)}, func() error {
		run := &all[at[of]]
		run.Territories = append(run.Territories, t)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("territories of runs: %w", translate(err))
	}
	return all, nil
}

// Standing is the publication of an edition that is in force, "" for none.
func (s *Rankings) Standing(ctx context.Context, id voucher.EditionID) (voucher.RunID, error) {
	return standing(ctx, s.pool, id)
}

func standing(ctx context.Context, db DB, id voucher.EditionID) (voucher.RunID, error) {
	var run string
	err := db.QueryRow(ctx, `SELECT id FROM ranking_runs WHERE edition_id = $1 AND state = 'published' ORDER BY publication DESC LIMIT 1`, string(id)).Scan(&run)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return voucher.RunID(run), translate(err)
}

// changedSince counts the applications of the edition $1 whose inputs are not those
// of the run $2, and those that are new or gone.
const changedSince = `
	SELECT count(*) FROM (` + candidatesOf + `) now
	FULL JOIN (SELECT * FROM ranking_entries WHERE run_id = $2) e USING (application_id)
	WHERE (now.territory, now.isee_cents, now.isee_status, now.submitted_at, now.kept_cents)
		IS DISTINCT FROM (e.territory, e.isee_cents, e.isee_status, e.submitted_at, e.kept_cents)`

// completesSince counts the applications of the edition $1 of which the run $2 does not
// know whether their award is completed, without those that were given up.
const completesSince = `
	SELECT count(*) FROM (` + completesOf + `) now FULL JOIN (
		SELECT e.application_id FROM ranking_entries e JOIN applications a ON a.id = e.application_id
		WHERE e.run_id = $2 AND e.completes AND a.state NOT IN ('withdrawn', 'lapsed')) e ON e.application_id = now.id
	WHERE now.id IS NULL OR e.application_id IS NULL`

// givenUp counts the applications of the run $2, of the edition $1, that were given up
// since, by territory, with what the run keeps for them.
const givenUp = `
	SELECT e.territory, count(*), sum(e.kept_cents)::bigint
	FROM applications a JOIN ranking_entries e ON e.run_id = $2 AND e.application_id = a.id
	WHERE a.edition_id = $1 AND a.state IN ('withdrawn', 'lapsed') GROUP BY e.territory`

// Readiness tells what stands between a run and its approval, all at one instant.
func (s *Rankings) Readiness(ctx context.Context, run voucher.Run, today calendar.Date) (at voucher.Readiness, err error) {
	if at.Edition, err = s.InForce(ctx, run.Edition); err != nil {
		return at, err
	}
	err = pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SET LOCAL work_mem = '64MB'`); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `
			SELECT count(*), max(cure_by) FROM applications WHERE edition_id = $1 AND state = 'awaiting_isee' AND cure_by >= $2`,
			string(run.Edition), today).Scan(&at.OpenCures, &at.LastCure); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, changedSince, string(run.Edition), string(run.ID)).Scan(&at.Changed); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `
			SELECT coalesce((SELECT id::text FROM ranking_runs WHERE edition_id = $1 AND state IN ('proposed', 'approved', 'publishing')), '')`,
			string(run.Edition)).Scan(&at.UnderWay); err != nil {
			return err
		}
		if at.Spent, err = spent(ctx, tx, run.Edition); err != nil {
			return err
		}
		if at.SetAside, err = byTerritory(ctx, tx, setAsideOf, run.Edition); err != nil {
			return err
		}
		rows, _ := tx.Query(ctx, givenUp, string(run.Edition), string(run.ID))
		var territory string
		var gone int
		var kept int64
		if _, err := pgx.ForEachRow(rows, []any{&territory, &gone, &kept}, func() error {
			at.GivenUp, at.Changed = at.GivenUp+gone, at.Changed-gone
			at.Spent[territory] -= money.Amount(kept)
			return nil
		}); err != nil {
			return err
		}
		if at.Standing, err = standing(ctx, tx, run.Edition); err != nil || run.Round == 1 {
			return err
		}
		if at.Residuals, err = residuals(ctx, tx, at.Edition, ""); err != nil || !run.Reallocates {
			return err
		}
		var completes int
		err = tx.QueryRow(ctx, completesSince, string(run.Edition), string(run.ID)).Scan(&completes)
		at.Changed += completes
		return err
	})
	if err != nil {
		return at, fmt.Errorf("readiness of run %s: %w", run.ID, translate(err))
	}
	return at, nil
}

// ChangeRun locks a run, asks for what becomes of it, and saves that. The rows of one
// that is dropped go.
func (s *Rankings) ChangeRun(ctx context.Context, form once.Form, id voucher.RunID, decide func(voucher.Run) (voucher.Run, audit.Entry, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := onlyRun(s.runs(ctx, tx, selectRuns+`WHERE r.id = $1 FOR UPDATE OF r`, string(id)))
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		run, e, err := decide(was)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		batch.Queue(`
			UPDATE ranking_runs SET state = $2, checked_at = $3, disagreements = CASE WHEN $3::timestamptz IS NOT NULL THEN $4::integer END,
				proposed_by = $5, proposed_at = $6, decided_by = $7, decided_at = $8, note = $9,
				ordered_by = $10, ordered_at = $11, publish_at = $12, publication = nullif($13, 0)
			WHERE id = $1`,
			string(run.ID), string(run.State), optionalTime(run.CheckedAt), run.Disagreements,
			optional(run.Proposed.By), optionalTime(run.Proposed.At), optional(run.Decided.By), optionalTime(run.Decided.At), run.Note,
			optional(run.Ordered.By), optionalTime(run.Ordered.At), optionalTime(run.PublishAt), run.Publication)
		if run.State == voucher.DroppedRun {
			batch.Queue(`DELETE FROM ranking_entries WHERE run_id = $1`, string(run.ID))
		}
		if run.State == voucher.PublishingRun {
			batch.Queue(`INSERT INTO river_job (kind, args, queue, max_attempts) VALUES ('publish', '{}', 'publications', 1)`)
		}
		queueForm(&batch, form, string(run.ID), e.At)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return tx.SendBatch(ctx, &batch).Close()
	})
	switch violated(err) {
	case "one_ranking_of_an_edition_at_a_time":
		return voucher.ErrAnotherRun
	case "nobody_approves_what_they_proposed":
		return voucher.ErrOwnProposal
	case "nobody_publishes_what_they_proposed_or_approved":
		return voucher.ErrOwnRun
	case "publication_is_numbered_once", "run_goes_forward":
		return voucher.ErrRunMoved
	}
	if err != nil {
		return fmt.Errorf("change run %s: %w", id, translate(err))
	}
	return nil
}

// queueForm keeps what came of a form; one without a key was never sent.
func queueForm(batch *pgx.Batch, form once.Form, outcome string, at time.Time) {
	if form.Key != "" {
		batch.Queue(`INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, at)
	}
}
