package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Reexaminations is the voucher.ReexaminationStore.
type Reexaminations struct {
	pool   *pgxpool.Pool
	files  *Vouchers
	papers *attachments
}

// NewReexaminations is the store on a pool, with the keys of its papers.
func NewReexaminations(pool *pgxpool.Pool, papers document.Keys) *Reexaminations {
	return &Reexaminations{pool, NewVouchers(pool), newAttachments(papers)}
}

const (
	reviewColumns = `x.id, x.protocol, x.application_id, x.run_id, x.asked_by, x.mandate_id, x.asked_at, x.motive, x.text, x.decide_by, x.state,
		x.proposal, x.correction, x.grounds, x.proposed_by, x.proposed_at, x.decided_by, x.decided_at, x.set_aside_cents, x.carried_out_by, x.version`
	reviewsOf    = `SELECT ` + reviewColumns + ` FROM reexaminations x WHERE x.application_id = $1 ORDER BY x.asked_at DESC`
	reviewByID   = `SELECT ` + reviewColumns + ` FROM reexaminations x WHERE x.id = $1`
	reviewLocked = reviewByID + ` FOR UPDATE`

	// reviewTerritory is where the money for a request x about an application a comes
	// from; stillAsks tells whether the application may still get any.
	reviewTerritory = `coalesce(x.correction ->> 'territory', a.territory)`
	stillAsks       = `a.state NOT IN ('withdrawn', 'lapsed')`
)

func reviewFields(r *voucher.Reexamination) []any {
	return []any{&r.ID, &r.Protocol, &r.Application, (*nullText)(&r.Run), &r.AskedBy, (*nullText)(&r.Mandate), &r.AskedAt, &r.Motive, &r.Text,
		&r.DecideBy, &r.State, &r.Proposal, &r.Correction, &r.Grounds, (*nullText)(&r.ProposedBy), (*zeronull.Timestamptz)(&r.ProposedAt),
		(*nullText)(&r.DecidedBy), (*zeronull.Timestamptz)(&r.DecidedAt), (*int64)(&r.SetAside), (*nullText)(&r.CarriedOutBy), &r.Version}
}

// File is an application of a beneficiary.
func (s *Reexaminations) File(ctx context.Context, of identity.PersonID, id voucher.ApplicationID) (voucher.CaseFile, error) {
	return s.files.File(ctx, of, id)
}

// Outcome is what came of a form that was stored before.
func (s *Reexaminations) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// Draft is the request that somebody is writing.
func (s *Reexaminations) Draft(ctx context.Context, who identity.Actor, of voucher.ApplicationID) (d voucher.ReviewDraft, err error) {
	err = s.pool.QueryRow(ctx, `SELECT id, application_id, motive, text, saved_at FROM reexamination_drafts WHERE application_id = $1 AND writer_id = $2`,
		string(of), string(who.Person)).Scan(&d.ID, &d.Application, &d.Motive, &d.Text, &d.SavedAt)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("draft of a re-examination: %w", translate(err))
	}
	return d, nil
}

// SaveDraft keeps it.
func (s *Reexaminations) SaveDraft(ctx context.Context, who identity.Actor, d voucher.ReviewDraft) error {
	if _, err := s.pool.Exec(ctx, `
		INSERT INTO reexamination_drafts (id, application_id, writer_id, motive, text, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT ON CONSTRAINT reexamination_is_drafted_once DO UPDATE SET motive = excluded.motive, text = excluded.text, saved_at = excluded.saved_at`,
		string(d.ID), string(d.Application), string(who.Person), string(d.Motive), d.Text, d.SavedAt); err != nil {
		return fmt.Errorf("draft of a re-examination: %w", translate(err))
	}
	return nil
}

// Ask makes a request of a draft. The money of the territory is held before the
// application, as by a publication.
func (s *Reexaminations) Ask(ctx context.Context, form once.Form, r voucher.Reexamination, e audit.Entry, keep func(money.Amount) money.Amount) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		var edition, territory, is string
		if err := tx.QueryRow(ctx, `SELECT edition_id, territory FROM applications WHERE id = $1`, string(r.Application)).Scan(&edition, &territory); err != nil {
			return err
		}
		left, err := s.leftOf(ctx, tx, edition, territory, r.ID)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, `SELECT territory FROM applications WHERE id = $1 FOR UPDATE`, string(r.Application)).Scan(&is); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if is != territory {
			return voucher.ErrReviewMoved
		}
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO reexaminations (id, protocol, application_id, run_id, asked_by, mandate_id, asked_at, motive, text, decide_by, state, set_aside_cents)
			VALUES ($1, 'INPS-' || extract(year FROM $6::timestamptz AT TIME ZONE 'Europe/Rome') || '-' || lpad(nextval('protocol_numbers')::text, 6, '0'),
				$2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
			string(r.ID), string(r.Application), optional(r.Run), string(r.AskedBy), optional(r.Mandate), r.AskedAt, string(r.Motive), r.Text,
			r.DecideBy, string(r.State), keep(left))
		batch.Queue(`DELETE FROM reexamination_drafts WHERE id = $1`, string(r.ID))
		return finish(ctx, tx, &batch, form, string(r.ID), []audit.Entry{e})
	})
	switch violated(err) {
	case "application_is_reexamined_once_at_a_time", "reexaminations_pkey":
		return voucher.ErrReviewOpen
	}
	if err != nil {
		return fmt.Errorf("ask for a re-examination: %w", translate(err))
	}
	return nil
}

// leftOf is what is left of the money of a territory in the last publication, also
// one under way, and is nobody's still: the office may have given some of it back to
// vouchers since. Nor is what is kept back for other requests: those that are open, and
// those granted since, which it has not seen. It holds the row of the territory, so that
// two requests are not promised the same money.
func (s *Reexaminations) leftOf(ctx context.Context, tx pgx.Tx, edition, territory string, but voucher.ReexaminationID) (left money.Amount, err error) {
	of := released{edition: voucher.EditionID(edition)}
	var seen time.Time
	var promised money.Amount // and not issued yet
	err = tx.QueryRow(ctx, `
		SELECT t.residual_cents + t.set_aside_cents, r.taken_at, CASE WHEN t.issued_at IS NULL THEN t.awarded_cents - t.kept_cents ELSE 0 END,
			(SELECT version FROM editions e WHERE e.id = r.edition_id)
		FROM ranking_territories t JOIN ranking_runs r ON r.id = t.run_id
		WHERE r.edition_id = $1 AND t.territory = $2 AND r.state IN ('publishing', 'published') ORDER BY r.publication DESC LIMIT 1 FOR UPDATE OF t`,
		edition, territory).Scan((*int64)(&left), &seen, (*int64)(&promised), &of.version)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	e, err := s.files.editions.released(ctx, tx, of)
	if err != nil {
		return 0, err
	}
	now, err := residual(ctx, tx, e, territory)
	if err != nil {
		return 0, err
	}
	left = min(left, now.Budget-now.Promised()-promised)
	var kept money.Amount
	err = tx.QueryRow(ctx, `
		SELECT coalesce(sum(x.set_aside_cents), 0)::bigint FROM reexaminations x JOIN applications a ON a.id = x.application_id
		WHERE a.edition_id = $1 AND `+reviewTerritory+` = $2 AND `+stillAsks+`
			AND (x.state IN ('asked', 'proposed') OR x.state = 'granted' AND x.decided_at > $4) AND x.id <> $3`,
		edition, territory, string(but), seen).Scan((*int64)(&kept))
	return left - kept, err
}

// grantedAside is what a territory keeps for requests that were granted, and that no
// ranking has carried out yet.
func grantedAside(ctx context.Context, db DB, edition voucher.EditionID, territory string) (kept money.Amount, err error) {
	err = db.QueryRow(ctx, `
		SELECT coalesce(sum(x.set_aside_cents), 0)::bigint FROM reexaminations x JOIN applications a ON a.id = x.application_id
		WHERE a.edition_id = $1 AND `+reviewTerritory+` = $2 AND `+stillAsks+` AND x.state = 'granted' AND x.carried_out_by IS NULL`,
		string(edition), territory).Scan((*int64)(&kept))
	return kept, translate(err)
}

// Of lists the requests about an application.
func (s *Reexaminations) Of(ctx context.Context, of voucher.ApplicationID) ([]voucher.Reexamination, error) {
	rows, _ := s.pool.Query(ctx, reviewsOf, string(of))
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r voucher.Reexamination, err error) {
		return r, row.Scan(reviewFields(&r)...)
	})
	if err != nil {
		return nil, fmt.Errorf("re-examinations: %w", translate(err))
	}
	return all, nil
}

func reexaminationWith(ctx context.Context, db DB, id voucher.ReexaminationID) (r voucher.Reexamination, err error) {
	if err := db.QueryRow(ctx, reviewByID, string(id)).Scan(reviewFields(&r)...); err != nil {
		return r, fmt.Errorf("re-examination: %w", translate(err))
	}
	return r, nil
}

// Reexamination is a request with its application.
func (s *Reexaminations) Reexamination(ctx context.Context, id voucher.ReexaminationID) (c voucher.ReviewCase, err error) {
	if c.Reexamination, err = reexaminationWith(ctx, s.pool, id); err != nil {
		return c, err
	}
	if err := s.fill(ctx, s.pool, &c); err != nil {
		return c, fmt.Errorf("re-examination: %w", translate(err))
	}
	return c, nil
}

// fill reads what a request is about, and the names of those who had to do with it.
func (s *Reexaminations) fill(ctx context.Context, db DB, c *voucher.ReviewCase) (err error) {
	err = db.QueryRow(ctx, `
		SELECT `+personColumns+`, asker.given_name || ' ' || asker.family_name,
			coalesce(proposer.given_name || ' ' || proposer.family_name, ''), coalesce(decider.given_name || ' ' || decider.family_name, ''),
			EXISTS (SELECT FROM ranking_runs r WHERE r.edition_id = a.edition_id AND r.state = 'publishing')
		FROM reexaminations x JOIN applications a ON a.id = x.application_id JOIN persons p ON p.id = a.beneficiary_id
			JOIN persons asker ON asker.id = x.asked_by
			LEFT JOIN persons proposer ON proposer.id = x.proposed_by LEFT JOIN persons decider ON decider.id = x.decided_by
		WHERE x.id = $1`,
		string(c.ID)).Scan(append(personFields(&c.Holder), &c.Asker, &c.Proposer, &c.Decider, &c.Publishing)...)
	if err != nil {
		return err
	}
	if c.File, err = s.files.scanFile(ctx, db.QueryRow(ctx, fileOf, string(c.Holder.ID), string(c.Application))); err != nil {
		return err
	}
	if c.File.Edition, err = s.files.editions.released(ctx, db, released{c.File.Application.Edition, c.File.Edition.Version}); err != nil {
		return err
	}
	rows, _ := db.Query(ctx, `SELECT n.at, p.given_name || ' ' || p.family_name, n.text FROM notes n JOIN persons p ON p.id = n.author_id
		WHERE n.subject_id = $1 ORDER BY n.id`, string(c.ID))
	c.Returned, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.ReviewNote])
	return err
}

// Worklist is a page of the requests in some states.
func (s *Reexaminations) Worklist(ctx context.Context, ask voucher.ReviewList) (page voucher.ReviewPage, err error) {
	states := make([]string, len(ask.States))
	for i, state := range ask.States {
		states[i] = string(state)
	}
	var batch pgx.Batch
	batch.Queue(`SELECT state, count(*) FROM reexaminations GROUP BY state`).Query(func(rows pgx.Rows) error {
		page.Counts = map[voucher.ReviewState]int{}
		var state voucher.ReviewState
		var n int
		_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
			page.Counts[state] = n
			return nil
		})
		return err
	})
	batch.Queue(`
		SELECT x.id, x.protocol, a.protocol, a.edition_id, a.territory, x.motive, x.state, x.asked_at, x.decide_by
		FROM reexaminations x JOIN applications a ON a.id = x.application_id
		WHERE x.state = ANY ($1) ORDER BY x.decide_by, x.asked_at, x.id LIMIT $2 OFFSET $3`,
		states, voucher.ReviewsPerPage, (max(ask.Page, 1)-1)*voucher.ReviewsPerPage).Query(func(rows pgx.Rows) (err error) {
		page.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.ReviewLine])
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return page, fmt.Errorf("re-examinations: %w", translate(err))
	}
	for _, state := range ask.States {
		page.Total += page.Counts[state]
	}
	return page, nil
}

// Change locks a request with its application and saves what is decided.
func (s *Reexaminations) Change(ctx context.Context, form once.Form, id voucher.ReexaminationID, decide func(voucher.ReviewCase) (voucher.ReviewDecision, error)) error {
	return s.change(ctx, form, id, func(pgx.Tx) error { return nil }, decide)
}

// Promise is Change for what keeps money of a territory back, "" for that of the
// application. As in Ask it is held first.
func (s *Reexaminations) Promise(ctx context.Context, form once.Form, id voucher.ReexaminationID, territory string, decide func(voucher.ReviewCase, money.Amount) (voucher.ReviewDecision, error)) error {
	var own string
	var left money.Amount
	return s.change(ctx, form, id, func(tx pgx.Tx) error {
		var edition string
		err := tx.QueryRow(ctx, `SELECT a.edition_id, a.territory FROM reexaminations x JOIN applications a ON a.id = x.application_id WHERE x.id = $1`, string(id)).Scan(&edition, &own)
		if err != nil {
			return err
		}
		left, err = s.leftOf(ctx, tx, edition, cmp.Or(territory, own), id)
		return err
	}, func(c voucher.ReviewCase) (voucher.ReviewDecision, error) {
		if c.File.Application.Territory != own {
			return voucher.ReviewDecision{}, voucher.ErrReviewMoved
		}
		return decide(c, left)
	})
}

// change locks a request with its application, after what hold has locked, and saves what
// is decided.
func (s *Reexaminations) change(ctx context.Context, form once.Form, id voucher.ReexaminationID, hold func(pgx.Tx) error, decide func(voucher.ReviewCase) (voucher.ReviewDecision, error)) error {
	ctx, cancel := deed(ctx)
	defer cancel()
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if err := hold(tx); err != nil {
			return err
		}
		var c voucher.ReviewCase
		if err := tx.QueryRow(ctx, reviewLocked, string(id)).Scan(reviewFields(&c.Reexamination)...); err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		if _, err := tx.Exec(ctx, `SELECT FROM applications WHERE id = $1 FOR UPDATE`, string(c.Application)); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, &c); err != nil {
			return err
		}
		d, err := decide(c)
		if err != nil {
			return err
		}
		var batch pgx.Batch
		r := d.Reexamination
		batch.Queue(`
			UPDATE reexaminations SET state = $2, proposal = $3, correction = $4, grounds = $5, proposed_by = $6, proposed_at = $7,
				decided_by = $8, decided_at = $9, set_aside_cents = $10, version = version + 1 WHERE id = $1`,
			string(id), string(r.State), r.Proposal, r.Correction, r.Grounds, optional(r.ProposedBy), optionalTime(r.ProposedAt),
			optional(r.DecidedBy), optionalTime(r.DecidedAt), r.SetAside)
		if a := d.Right; a != nil {
			batch.Queue(`
				UPDATE applications SET isee_cents = $2, isee_status = $3, territory = $4, state = $5, reason = $6, version = version + 1 WHERE id = $1`,
				string(a.ID), a.ISEE, string(a.ISEEStatus), a.Territory, string(a.State), a.Reason)
		}
		if d.Note != "" {
			batch.Queue(`INSERT INTO notes (subject_id, author_id, at, text) VALUES ($1, $2, $3, $4)`, string(id), string(d.Entry.Actor.Person), d.Entry.At, d.Note)
		}
		return finish(ctx, tx, &batch, form, string(id), []audit.Entry{d.Entry})
	})
	switch {
	case violated(err) == "nobody_decides_a_reexamination_they_proposed":
		return voucher.ErrReviewOwn
	case err != nil && !errors.Is(err, fault.ErrNotFound):
		return fmt.Errorf("re-examination %s: %w", id, translate(err))
	}
	return err
}

// carryOut notes, for the requests that were granted before the inputs of a run were
// frozen, that the run is what they led to. It belongs in the transaction in which
// the run is published.
func carryOut(ctx context.Context, db DB, run voucher.RunID) error {
	_, err := db.Exec(ctx, `
		UPDATE reexaminations x SET carried_out_by = r.id, version = x.version + 1
		FROM ranking_runs r JOIN ranking_entries n ON n.run_id = r.id
		WHERE r.id = $1 AND n.application_id = x.application_id
			AND x.state = 'granted' AND x.carried_out_by IS NULL AND x.decided_at <= r.taken_at`, string(run))
	if err != nil {
		return fmt.Errorf("carry out re-examinations: %w", translate(err))
	}
	return nil
}

// See writes that a request was looked at.
func (s *Reexaminations) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
