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

// Controls is the indemnity.ControlStore.
type Controls struct{ pool *pgxpool.Pool }

// NewControls is the store on a pool.
func NewControls(pool *pgxpool.Pool) *Controls { return &Controls{pool} }

// Outcome is what came of a form that was stored before.
func (s *Controls) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// See writes that somebody looked.
func (s *Controls) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// handFields read who did something, and when, with their name.
func handFields(h *identity.Hand) []any {
	return []any{(*nullText)(&h.Person), (*nullText)(&h.Name), (*zeronull.Timestamptz)(&h.At)}
}

const commitments = `
	SELECT c.id, c.call_id, CASE WHEN EXISTS (SELECT FROM control_samples s WHERE s.commitment_id = c.id AND s.state = 'drawn') THEN c.value ELSE '' END, c.digest,
		p.id, p.given_name || ' ' || p.family_name, c.made_at
	FROM control_commitments c JOIN persons p ON p.id = c.made_by WHERE $1 IN ('', c.call_id) ORDER BY c.made_at DESC, c.id`

// Commitments are those of a call, or of every one, newest first.
func (s *Controls) Commitments(ctx context.Context, call indemnity.CallID) ([]indemnity.Commitment, error) {
	rows, _ := s.pool.Query(ctx, commitments, string(call))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (c indemnity.Commitment, err error) {
		return c, row.Scan(append([]any{&c.ID, &c.Call, &c.Value, &c.Digest}, handFields(&c.Made)...)...)
	})
	if err != nil {
		return nil, fmt.Errorf("commitments: %w", translate(err))
	}
	return all, nil
}

// Commit keeps a commitment.
func (s *Controls) Commit(ctx context.Context, form once.Form, c indemnity.Commitment, e audit.Entry) error {
	return s.act(ctx, form, "commit to a value", string(c.ID), e, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO control_commitments (id, call_id, value, digest, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(c.ID), string(c.Call), c.Value, c.Digest, string(c.Made.Person), c.Made.At)
		switch violated(err) {
		case "call_has_one_commitment_at_a_time":
			return indemnity.ErrSeedCommitted
		case "control_commitments_call_id_fkey":
			return fault.ErrNotFound
		}
		return err
	})
}

// act does something once, with its entry in the register.
func (s *Controls) act(ctx context.Context, form once.Form, what, outcome string, e audit.Entry, do func(context.Context, pgx.Tx) error) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if err := do(ctx, tx); err != nil {
			return "", err
		}
		_, err := tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		return outcome, err
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

const (
	samples = `
		SELECT s.id, s.ranking_id, r.call_id, r.publication, r.published_at, r.manifest, c.id, c.call_id, c.digest, m.id, m.given_name || ' ' || m.family_name, c.made_at,
			CASE s.state WHEN 'drawn' THEN c.value ELSE '' END, coalesce(s.share, 0), coalesce(s.count, 0), s.reason, s.population, s.size, s.state, s.seed, s.why,
			p.id, p.given_name || ' ' || p.family_name, s.proposed_at, d.id, d.given_name || ' ' || d.family_name, s.decided_at
		FROM control_samples s JOIN indemnity_rankings r ON r.id = s.ranking_id JOIN control_commitments c ON c.id = s.commitment_id
		JOIN persons m ON m.id = c.made_by JOIN persons p ON p.id = s.proposed_by LEFT JOIN persons d ON d.id = s.decided_by `
	samplesOfCall = samples + `WHERE $1 IN ('', r.call_id) AND s.state <> 'sent_back' ORDER BY s.proposed_at DESC, s.id`
	sampleByID    = samples + `WHERE s.id = $1`
)

func scanSample(row pgx.CollectableRow) (s indemnity.Sample, err error) {
	fields := append([]any{&s.ID, &s.Ranking, &s.Call, &s.Publication, &s.PublishedAt, &s.Manifest, &s.Commitment.ID, &s.Commitment.Call, &s.Commitment.Digest},
		handFields(&s.Commitment.Made)...)
	fields = append(fields, &s.Commitment.Value, &s.Share, &s.Count, &s.Reason, &s.Population, &s.Size, &s.State, &s.Seed, &s.Why)
	return s, row.Scan(append(append(fields, handFields(&s.Proposed)...), handFields(&s.Decided)...)...)
}

// Samples are those of a call, or of every one, that were not sent back, newest first.
func (s *Controls) Samples(ctx context.Context, call indemnity.CallID) ([]indemnity.Sample, error) {
	rows, _ := s.pool.Query(ctx, samplesOfCall, string(call))
	all, err := pgx.CollectRows(rows, scanSample)
	if err != nil {
		return nil, fmt.Errorf("samples: %w", translate(err))
	}
	return all, nil
}

// Sample is one of them, also one that was sent back.
func (s *Controls) Sample(ctx context.Context, id indemnity.SampleID) (indemnity.Sample, error) {
	return sample(ctx, s.pool, id)
}

func sample(ctx context.Context, db DB, id indemnity.SampleID) (indemnity.Sample, error) {
	rows, _ := db.Query(ctx, sampleByID, string(id))
	x, err := pgx.CollectExactlyOneRow(rows, scanSample)
	if err != nil {
		return x, fmt.Errorf("sample: %w", translate(err))
	}
	return x, nil
}

// toDraw is what the publication in force of the call $1 is, how many it pays, the first
// commitment from before it that was not revealed, and its sample.
const toDraw = `
	SELECT r.id, r.publication, r.published_at, r.manifest, coalesce(c.id::text, ''), coalesce(c.digest, ''), coalesce(x.id::text, ''),
		(SELECT count(*) FROM indemnity_ranking_entries e WHERE e.ranking_id = r.id AND e.funding IN ('funded', 'partially_funded'))
	FROM indemnity_rankings r
	LEFT JOIN LATERAL (SELECT c.id, c.digest FROM control_commitments c WHERE c.call_id = r.call_id AND c.made_at < r.published_at
		AND NOT EXISTS (SELECT FROM control_samples s WHERE s.commitment_id = c.id AND s.state <> 'sent_back') ORDER BY c.made_at LIMIT 1) c ON true
	LEFT JOIN control_samples x ON x.ranking_id = r.id AND x.state <> 'sent_back'
	WHERE r.call_id = $1 AND r.state = 'published'`

// ToDraw is what a sample of the publication in force of a call would be drawn from.
func (s *Controls) ToDraw(ctx context.Context, call indemnity.CallID) (d indemnity.ToDraw, err error) {
	d.Call = call
	rows, _ := s.pool.Query(ctx, toDraw, string(call))
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (d indemnity.ToDraw, err error) {
		return d, row.Scan(&d.Ranking, &d.Publication, &d.PublishedAt, &d.Manifest, &d.Commitment.ID, &d.Commitment.Digest, &d.Exists, &d.Population)
	})
	if err != nil {
		return d, fmt.Errorf("what a sample is drawn from: %w", translate(err))
	}
	if len(found) > 0 {
		d = found[0]
		d.Call, d.Committed = call, d.Commitment.ID != ""
	}
	return d, nil
}

// Population is whom a publication pays, by code.
func (s *Controls) Population(ctx context.Context, id indemnity.RankingID) ([]indemnity.Drawable, error) {
	return population(ctx, s.pool, id)
}

func population(ctx context.Context, db DB, id indemnity.RankingID) ([]indemnity.Drawable, error) {
	rows, _ := db.Query(ctx, `SELECT application_id, public_code FROM indemnity_ranking_entries
		WHERE ranking_id = $1 AND funding IN ('funded', 'partially_funded') ORDER BY public_code COLLATE "C"`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.Drawable])
	if err != nil {
		return nil, fmt.Errorf("whom a publication pays: %w", translate(err))
	}
	return all, nil
}

// KeepSample saves a new sample.
func (s *Controls) KeepSample(ctx context.Context, form once.Form, x indemnity.Sample, e audit.Entry) error {
	return s.act(ctx, form, "keep a sample", string(x.ID), e, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO control_samples (id, ranking_id, commitment_id, share, count, reason, population, size, proposed_by, proposed_at)
			VALUES ($1, $2, $3, nullif($4, 0), nullif($5, 0), $6, $7, $8, $9, $10)`,
			string(x.ID), string(x.Ranking), string(x.Commitment.ID), int(x.Share), x.Count, x.Reason, x.Population, x.Size, string(x.Proposed.Person), x.Proposed.At)
		switch violated(err) {
		case "publication_has_one_sample", "commitment_is_revealed_once":
			return indemnity.ErrSampleExists
		}
		return err
	})
}

// ChangeSample locks a sample, asks what becomes of it, and saves that with the checks that
// it draws.
func (s *Controls) ChangeSample(ctx context.Context, form once.Form, id indemnity.SampleID, decide func(indemnity.Sample, []indemnity.Drawable) (indemnity.Sample, []indemnity.Control, audit.Entry, error)) error {
	err := s.alter(ctx, form, lockSample, string(id), func(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) (audit.Entry, error) {
		x, err := sample(ctx, tx, id)
		if err != nil {
			return audit.Entry{}, err
		}
		if err := tx.QueryRow(ctx, `SELECT value FROM control_commitments WHERE id = $1`, string(x.Commitment.ID)).Scan(&x.Commitment.Value); err != nil {
			return audit.Entry{}, err
		}
		all, err := population(ctx, tx, x.Ranking)
		if err != nil {
			return audit.Entry{}, err
		}
		x, drawn, e, err := decide(x, all)
		if err != nil {
			return e, err
		}
		batch.Queue(`UPDATE control_samples SET state = $2, seed = $3, decided_by = $4, decided_at = $5, why = $6 WHERE id = $1`,
			string(id), string(x.State), x.Seed, string(x.Decided.Person), x.Decided.At, x.Why)
		for _, k := range drawn {
			queueControl(batch, k)
		}
		return e, nil
	})
	switch violated(err) {
	case "nobody_confirms_a_sample_they_proposed":
		return indemnity.ErrOwnSample
	case "sample_stays_as_drawn":
		return indemnity.ErrSampleMoved
	}
	if err != nil {
		return fmt.Errorf("change a sample: %w", translate(err))
	}
	return nil
}

const (
	lockSample  = `SELECT FROM control_samples WHERE id = $1 FOR UPDATE`
	lockControl = `SELECT FROM indemnity_controls WHERE id = $1 FOR UPDATE`
)

// alter locks a thing and changes it once, with what it puts into a batch and its entry
// in the register, of which people are told.
func (s *Controls) alter(ctx context.Context, form once.Form, lockSQL, id string, do func(context.Context, pgx.Tx, *pgx.Batch) (audit.Entry, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, lockSQL, id); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		var batch pgx.Batch
		e, err := do(ctx, tx, &batch)
		if err != nil {
			return err
		}
		return finish(ctx, tx, &batch, form, id, []audit.Entry{e})
	})
}

func queueControl(batch *pgx.Batch, k indemnity.Control) {
	batch.Queue(`INSERT INTO indemnity_controls (id, application_id, source, sample_id, place, reason, opened_by, opened_at)
		VALUES ($1, $2, $3, $4, nullif($5, 0), $6, $7, $8)`,
		string(k.ID), string(k.Case), string(k.Source), optional(k.Sample), k.Place, k.Reason, string(k.Opened.Person), k.Opened.At)
}

const (
	controls = `
		SELECT k.id, k.application_id, a.protocol, a.call_id, a.state, m.id, m.given_name, m.family_name, k.source, coalesce(k.sample_id::text, ''), coalesce(k.place, 0),
			coalesce(e.public_code, ''), k.reason, k.state, k.found, k.codes,
			o.id, o.given_name || ' ' || o.family_name, k.opened_at, d.id, d.given_name || ' ' || d.family_name, k.ended_at
		FROM indemnity_controls k JOIN indemnity_applications a ON a.id = k.application_id JOIN persons m ON m.id = a.member_id JOIN persons o ON o.id = k.opened_by
		LEFT JOIN persons d ON d.id = k.ended_by LEFT JOIN control_samples s ON s.id = k.sample_id
		LEFT JOIN indemnity_ranking_entries e ON e.ranking_id = s.ranking_id AND e.application_id = k.application_id `
	controlsSome = controls + `WHERE $1 IN ('', k.state) AND $2 IN ('', a.call_id)
		ORDER BY k.state <> 'open', k.opened_at DESC, k.place, k.id LIMIT $3 OFFSET $4`
	controlsDrawn  = controls + `WHERE k.sample_id = $1 ORDER BY k.place`
	controlsOfCase = controls + `WHERE k.application_id = $1 ORDER BY k.opened_at DESC, k.id`
	controlByID    = controls + `WHERE k.id = $1`
)

func scanControl(row pgx.CollectableRow) (k indemnity.Control, err error) {
	fields := []any{&k.ID, &k.Case, &k.Protocol, &k.Call, &k.CaseState, &k.Member.ID, &k.Member.GivenName, &k.Member.FamilyName, &k.Source, &k.Sample, &k.Place,
		&k.Code, &k.Reason, &k.State, &k.Found, &k.Codes}
	return k, row.Scan(append(append(fields, handFields(&k.Opened)...), handFields(&k.Ended)...)...)
}

func (s *Controls) controls(ctx context.Context, sql string, args ...any) ([]indemnity.Control, error) {
	rows, _ := s.pool.Query(ctx, sql, args...)
	all, err := pgx.CollectRows(rows, scanControl)
	if err != nil {
		return nil, fmt.Errorf("checks on cases: %w", translate(err))
	}
	ids := make([]string, len(all))
	for i, k := range all {
		ids[i] = string(k.Case)
	}
	paying, err := payingOf(ctx, s.pool, ids)
	for i, k := range all {
		all[i].Paying = paying[k.Case]
	}
	return all, err
}

// Controls is a page of the checks, those that run first, then the newest.
func (s *Controls) Controls(ctx context.Context, ask indemnity.ControlList) (page indemnity.ControlPage, err error) {
	if page.Controls, err = s.controls(ctx, controlsSome, string(ask.State), string(ask.Call), indemnity.ControlsPerPage, (max(ask.Page, 1)-1)*indemnity.ControlsPerPage); err != nil {
		return page, err
	}
	page.Counts = map[indemnity.ControlState]int{}
	rows, _ := s.pool.Query(ctx, `SELECT k.state, count(*) FROM indemnity_controls k JOIN indemnity_applications a ON a.id = k.application_id
		WHERE $1 IN ('', a.call_id) GROUP BY k.state`, string(ask.Call))
	var state indemnity.ControlState
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		if page.Counts[state] = n; ask.State == "" || ask.State == state {
			page.Total += n
		}
		return nil
	})
	if err != nil {
		return page, fmt.Errorf("count checks: %w", translate(err))
	}
	return page, nil
}

// Drawn are the checks of a sample, by their place.
func (s *Controls) Drawn(ctx context.Context, id indemnity.SampleID) ([]indemnity.Control, error) {
	return s.controls(ctx, controlsDrawn, string(id))
}

// ControlsOf are the checks on a case, newest first.
func (s *Controls) ControlsOf(ctx context.Context, id indemnity.CaseID) ([]indemnity.Control, error) {
	return s.controls(ctx, controlsOfCase, string(id))
}

// Control is one of them.
func (s *Controls) Control(ctx context.Context, id indemnity.ControlID) (indemnity.Control, error) {
	return control(ctx, s.pool, id)
}

func control(ctx context.Context, db DB, id indemnity.ControlID) (indemnity.Control, error) {
	rows, _ := db.Query(ctx, controlByID, string(id))
	k, err := pgx.CollectExactlyOneRow(rows, scanControl)
	if err != nil {
		return k, fmt.Errorf("check on a case: %w", translate(err))
	}
	return k, nil
}

// Report keeps a check on a case that was reported.
func (s *Controls) Report(ctx context.Context, form once.Form, k indemnity.Control, e audit.Entry) error {
	return s.act(ctx, form, "report a case", string(k.ID), e, func(ctx context.Context, tx pgx.Tx) error {
		var batch pgx.Batch
		queueControl(&batch, k)
		err := tx.SendBatch(ctx, &batch).Close()
		switch violated(err) {
		case "case_is_reported_once_at_a_time":
			return indemnity.ErrControlRuns
		case "only_what_is_paid_is_checked":
			return indemnity.ErrNotControllable
		case "nobody_checks_their_own_case":
			return indemnity.ErrOwnCase
		}
		return err
	})
}

// ChangeControl locks a check, asks what came of it, and saves that.
func (s *Controls) ChangeControl(ctx context.Context, form once.Form, id indemnity.ControlID, decide func(indemnity.Control) (indemnity.Control, audit.Entry, error)) error {
	err := s.alter(ctx, form, lockControl, string(id), func(ctx context.Context, tx pgx.Tx, batch *pgx.Batch) (audit.Entry, error) {
		k, err := control(ctx, tx, id)
		if err != nil {
			return audit.Entry{}, err
		}
		k, e, err := decide(k)
		if err != nil {
			return e, err
		}
		batch.Queue(`UPDATE indemnity_controls SET state = $2, found = $3, codes = $4, ended_by = $5, ended_at = $6 WHERE id = $1`,
			string(id), string(k.State), k.Found, words(k.Codes), string(k.Ended.Person), k.Ended.At)
		return e, nil
	})
	if violated(err) == "nobody_checks_their_own_case" {
		return indemnity.ErrOwnCase
	}
	if err != nil {
		return fmt.Errorf("change a check: %w", translate(err))
	}
	return nil
}
