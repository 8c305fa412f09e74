package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// CallRankings is the indemnity.RankingStore.
type CallRankings struct {
	pool  *pgxpool.Pool
	files *CaseFiles
}

// NewCallRankings is the store on a pool.
func NewCallRankings(pool *pgxpool.Pool) *CallRankings {
	return &CallRankings{pool, NewCaseFiles(pool)}
}

// Outcome is what came of a form that was stored before.
func (s *CallRankings) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// See writes that somebody looked at a ranking.
func (s *CallRankings) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

const (
	callRankings = `
		SELECT r.id, r.call_id, r.call_version, r.rules, r.number, r.kind, coalesce(r.based_on::text, ''), coalesce(r.corrects::text, ''), r.reason,
			r.evaluated_on, r.ruled, r.ties, r.exclusions, r.state, r.applications, r.ranked, r.funded, r.not_funded, r.requested_cents, r.funded_cents,
			r.residual_cents, r.last_rank, r.last_points, r.inputs_digest, r.rules_digest, r.result_digest, r.rows_digest,
			r.checked_at, coalesce(r.disagreements, 0), r.note, coalesce(r.publication, 0), r.manifest, r.signature, r.set_aside_cents,
			r.simulated_by, s.given_name || ' ' || s.family_name, r.simulated_at, r.proposed_by, p.given_name || ' ' || p.family_name, r.proposed_at,
			r.decided_by, d.given_name || ' ' || d.family_name, r.decided_at, r.published_by, u.given_name || ' ' || u.family_name, r.published_at
		FROM indemnity_rankings r LEFT JOIN persons s ON s.id = r.simulated_by LEFT JOIN persons p ON p.id = r.proposed_by
		LEFT JOIN persons d ON d.id = r.decided_by LEFT JOIN persons u ON u.id = r.published_by `
	rankingsOfCall = callRankings + `WHERE r.call_id = $1 AND r.state <> 'dropped' ORDER BY r.number DESC`
	rankingByID    = callRankings + `WHERE r.id = $1 AND r.state <> 'dropped'`
	rankingLocked  = callRankings + `WHERE r.id = $1 FOR UPDATE OF r`
)

func scanCallRanking(row pgx.CollectableRow) (r indemnity.Ranking, err error) {
	fields := []any{&r.ID, &r.Call.ID, &r.Call.Version, &r.Call.Rules, &r.Number, &r.Kind, &r.BasedOn, &r.Corrects, &r.Reason,
		&r.On, &r.Ruled, &r.Ties, &r.Exclusions, &r.State, &r.Summary.Applications, &r.Summary.Ranked, &r.Summary.Funded, &r.Summary.NotFunded,
		&r.Summary.RequestedGross, &r.Summary.FundedGross, &r.Summary.Residual, &r.LastRank, &r.LastPoints,
		&r.Digests.Inputs, &r.Digests.Rules, &r.Digests.Results, &r.Digests.Rows,
		(*zeronull.Timestamptz)(&r.CheckedAt), &r.Disagreements, &r.Note, &r.Publication, &r.Manifest, &r.Signature, (*int64)(&r.SetAside)}
	for _, h := range []*identity.Hand{&r.Simulated, &r.Proposed, &r.Decided, &r.Published} {
		fields = append(fields, (*nullText)(&h.Person), (*nullText)(&h.Name), (*zeronull.Timestamptz)(&h.At))
	}
	return r, row.Scan(fields...)
}

// Rankings are the rankings of a call, newest first, without dropped ones.
func (s *CallRankings) Rankings(ctx context.Context, id indemnity.CallID) ([]indemnity.Ranking, error) {
	rows, _ := s.pool.Query(ctx, rankingsOfCall, string(id))
	all, err := pgx.CollectRows(rows, scanCallRanking)
	if err != nil {
		return nil, fmt.Errorf("rankings of a call: %w", translate(err))
	}
	return all, nil
}

// Ranking is a ranking; fault.ErrNotFound, also when it was dropped.
func (s *CallRankings) Ranking(ctx context.Context, id indemnity.RankingID) (indemnity.Ranking, error) {
	return callRanking(ctx, s.pool, rankingByID, id)
}

func callRanking(ctx context.Context, db DB, sql string, id indemnity.RankingID) (indemnity.Ranking, error) {
	rows, _ := db.Query(ctx, sql, string(id))
	r, err := pgx.CollectExactlyOneRow(rows, scanCallRanking)
	if err != nil {
		return r, fmt.Errorf("ranking: %w", translate(err))
	}
	return r, nil
}

const standingRanking = `SELECT coalesce((SELECT id::text FROM indemnity_rankings WHERE call_id = $1 AND state = 'published'), '')`

// Standing is the publication of a call that is in force, "" for none.
func (s *CallRankings) Standing(ctx context.Context, id indemnity.CallID) (standing indemnity.RankingID, err error) {
	if err = s.pool.QueryRow(ctx, standingRanking, string(id)).Scan(&standing); err != nil {
		err = fmt.Errorf("publication in force: %w", translate(err))
	}
	return standing, err
}

// ChangeRanking locks a ranking, asks for what becomes of it, and saves that.
func (s *CallRankings) ChangeRanking(ctx context.Context, form once.Form, id indemnity.RankingID, decide func(indemnity.Ranking) (indemnity.Ranking, audit.Entry, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		was, err := callRanking(ctx, tx, rankingLocked, id)
		if err == nil && was.State == indemnity.DroppedRanking {
			err = fault.ErrNotFound
		}
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		r, e, err := decide(was)
		if err != nil {
			return err
		}
		if r.Commits != nil {
			if err := commitWith(ctx, tx, *r.Commits, e); err != nil {
				return err
			}
		}
		var batch pgx.Batch
		if r.State == indemnity.PublishedRanking {
			batch.Queue(`UPDATE indemnity_rankings SET state = 'superseded' WHERE call_id = $1 AND state = 'published'`, string(r.Call.ID))
		}
		batch.Queue(`
			UPDATE indemnity_rankings SET state = $2, checked_at = $3, disagreements = CASE WHEN $3::timestamptz IS NOT NULL THEN $4::integer END,
				proposed_by = $5, proposed_at = $6, decided_by = $7, decided_at = $8, note = $9, publication = nullif($10, 0),
				published_by = $11, published_at = $12, manifest = $13, signature = $14
			WHERE id = $1`,
			string(id), string(r.State), optionalTime(r.CheckedAt), r.Disagreements, optional(r.Proposed.Person), optionalTime(r.Proposed.At),
			optional(r.Decided.Person), optionalTime(r.Decided.At), r.Note, r.Publication, optional(r.Published.Person), optionalTime(r.Published.At), r.Manifest, r.Signature)
		if r.State == indemnity.DroppedRanking {
			batch.Queue(`DELETE FROM indemnity_ranking_entries WHERE ranking_id = $1`, string(id))
		}
		queueForm(&batch, form, string(id), e.At)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
		if r.State == indemnity.PublishedRanking {
			if _, err := tx.Exec(ctx, `INSERT INTO indemnity_public_lists (ranking_id, text) VALUES ($1, $2)`, string(id), r.Public); err != nil {
				return err
			}
			if err = giveRanks(ctx, tx, r, e); err == nil {
				_, err = tx.Exec(ctx, carryOutReexaminations, string(id))
			}
		}
		return err
	})
	switch violated(err) {
	case "one_ranking_of_a_call_at_a_time":
		return indemnity.ErrAnotherRanking
	case "nobody_approves_a_ranking_they_made", "nobody_publishes_a_ranking_they_made_or_approved":
		return indemnity.ErrOwnRanking
	case "publication_keeps_what_is_set_aside":
		return indemnity.ErrRankingSetAside
	case "indemnity_publication_is_numbered_once", "ranking_goes_forward", "call_has_one_ranking_in_force":
		return indemnity.ErrRankingMoved
	case "application_in_a_payment_keeps_its_money":
		return indemnity.ErrRankingPaid
	}
	if err != nil {
		return fmt.Errorf("change ranking %s: %w", id, translate(err))
	}
	return nil
}

// casesLeftOut are the cases that the ranking $1 does not wait for and that may still turn
// out to be suitable.
const casesLeftOut = `
	FROM indemnity_rankings r CROSS JOIN jsonb_array_elements(r.exclusions) x JOIN indemnity_applications a ON a.id = (x->>'case')::uuid
	WHERE r.id = $1 AND a.state IN ('submitted', 'in_review', 'suitable')`

// giveRanksSQL gives each case of the ranking $1 its place and what comes of it, writes
// that in the register, by $2 as $3 at $4, and has who applied told, in waves: there may be
// thousands. So is who applied with a case that was left out. They come before the
// reminders, which have the last priority. What was revoked stays so, and nobody is told of
// it again.
const giveRanksSQL = `
	WITH placed AS (
		UPDATE indemnity_applications a SET ranking_id = e.ranking_id, version = a.version + 1,
			state = CASE WHEN a.state = 'revoked' THEN a.state WHEN e.funding = 'not_funded' THEN 'unfunded' ELSE 'funded' END
		FROM indemnity_ranking_entries e
		WHERE e.ranking_id = $1 AND a.id = e.application_id AND a.version = e.case_version AND a.state IN ('suitable', 'funded', 'unfunded', 'revoked')
		RETURNING a.id, a.member_id, a.state, $5::text AS action
	), concerned AS (
		SELECT id, member_id, state, action FROM placed UNION ALL SELECT a.id, a.member_id, a.state, $7` + casesLeftOut + `
	), register AS (
		INSERT INTO audit (at, person_id, role, action, subject_id, about_id, request_id, from_address)
		SELECT $4, $2, $3, action, id, member_id, $6, $8 FROM concerned
		RETURNING id, subject_id
	), told AS (
		INSERT INTO river_job (kind, args, max_attempts, priority, state, scheduled_at)
		SELECT 'notify', jsonb_build_object('entry', r.id), 12, 3, 'scheduled', now() + make_interval(mins => (row_number() OVER () / 2000)::integer)
		FROM register r JOIN concerned c ON c.id::text = r.subject_id::text WHERE c.state <> 'revoked'
	)
	SELECT count(*) FROM placed`

// giveRanks does that; ErrRankingOutdated where a case is not what was ranked.
func giveRanks(ctx context.Context, tx pgx.Tx, r indemnity.Ranking, e audit.Entry) error {
	var placed int
	err := tx.QueryRow(ctx, giveRanksSQL, string(r.ID), string(e.Actor.Person), string(e.Actor.Role), e.At, string(indemnity.CaseRanked), audit.Request(ctx), string(indemnity.CaseLeftOut), audit.Address(ctx)).Scan(&placed)
	if err == nil && placed != r.Summary.Applications {
		err = indemnity.ErrRankingOutdated
	}
	return err
}

// commitWith keeps a value for the sample of a call, and writes in the register that it was
// committed to, unless one waits. It holds the call, so that only one comes.
func commitWith(ctx context.Context, tx pgx.Tx, c indemnity.Commitment, e audit.Entry) error {
	if _, err := tx.Exec(ctx, holdCall, string(c.Call)); err != nil {
		return err
	}
	kept, err := tx.Exec(ctx, `
		INSERT INTO control_commitments (id, call_id, value, digest, made_by, made_at)
		SELECT $1, $2, $3, $4, $5, $6 WHERE NOT EXISTS (SELECT FROM control_commitments c WHERE c.call_id = $2
			AND NOT EXISTS (SELECT FROM control_samples s WHERE s.commitment_id = c.id AND s.state = 'drawn'))`,
		string(c.ID), string(c.Call), c.Value, c.Digest, string(c.Made.Person), c.Made.At)
	if err != nil || kept.RowsAffected() == 0 {
		return err
	}
	e.Action, e.Subject = indemnity.SeedCommitted, string(c.ID)
	return write(ctx, tx, e)
}

// Exclude keeps that a case is not waited for.
func (s *CallRankings) Exclude(ctx context.Context, form once.Form, x indemnity.Exclusion, e audit.Entry) error {
	return s.beside(ctx, form, "exclude a case", e, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO indemnity_exclusions (id, application_id, reason, excluded_by, excluded_at) VALUES ($1, $2, $3, $4, $5)`,
			x.ID, string(x.Case), x.Reason, string(x.By.ID), x.At)
		if violated(err) == "case_is_excluded_once_at_a_time" {
			err = indemnity.ErrAlreadyExcluded
		}
		return err
	})
}

// Readmit ends an exclusion.
func (s *CallRankings) Readmit(ctx context.Context, form once.Form, of indemnity.CaseID, e audit.Entry) error {
	return s.beside(ctx, form, "readmit a case", e, func(ctx context.Context, tx pgx.Tx) error {
		lifted, err := tx.Exec(ctx, `UPDATE indemnity_exclusions SET lifted_by = $2, lifted_at = $3 WHERE application_id = $1 AND lifted_at IS NULL`,
			string(of), string(e.Actor.Person), e.At)
		if err == nil && lifted.RowsAffected() == 0 {
			err = indemnity.ErrNotExcluded
		}
		return err
	})
}

// Rule keeps a ruling.
func (s *CallRankings) Rule(ctx context.Context, form once.Form, r indemnity.Ruling, e audit.Entry) error {
	return s.beside(ctx, form, "rule a tie", e, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO indemnity_rulings (id, call_id, ranking_id, protocols, text, ruled_by, ruled_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			r.ID, string(r.Call), string(r.Ranking), r.Order, r.Text, string(r.By.ID), r.At)
		if violated(err) == "nobody_rules_on_their_own" {
			err = indemnity.ErrRulesOwn
		}
		return err
	})
}

// beside does something beside a ranking, once, with its entry in the register.
func (s *CallRankings) beside(ctx context.Context, form once.Form, what string, e audit.Entry, do func(context.Context, pgx.Tx) error) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if err := do(ctx, tx); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		return "", err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// Rulings are those of a call, newest first.
func (s *CallRankings) Rulings(ctx context.Context, id indemnity.CallID) ([]indemnity.Ruling, error) {
	return rulingsOf(ctx, s.pool, id)
}

func rulingsOf(ctx context.Context, db DB, id indemnity.CallID) ([]indemnity.Ruling, error) {
	rows, _ := db.Query(ctx, `
		SELECT x.id, x.call_id, x.ranking_id, x.protocols, x.text, p.id, p.given_name, p.family_name, x.ruled_at
		FROM indemnity_rulings x JOIN persons p ON p.id = x.ruled_by WHERE x.call_id = $1 ORDER BY x.ruled_at DESC, x.id`, string(id))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r indemnity.Ruling, err error) {
		return r, row.Scan(&r.ID, &r.Call, &r.Ranking, &r.Order, &r.Text, &r.By.ID, &r.By.GivenName, &r.By.FamilyName, &r.At)
	})
	if err != nil {
		return nil, fmt.Errorf("rulings of a call: %w", translate(err))
	}
	return all, nil
}
