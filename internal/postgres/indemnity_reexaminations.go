package postgres

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
)

// CaseReexaminations is the indemnity.ReexaminationStore.
type CaseReexaminations struct {
	pool   *pgxpool.Pool
	files  *CaseFiles
	papers *attachments
}

// Folder is a case as far as papers matter.
func (s *CaseReexaminations) Folder(ctx context.Context, id indemnity.CaseID) (indemnity.Folder, error) {
	return folder(ctx, s.pool, id)
}

// Disclosed tells whether something was shown to somebody since then.
func (s *CaseReexaminations) Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (bool, error) {
	return disclosed(ctx, s.pool, to, file, datum, since)
}

// NewCaseReexaminations is the store on a pool, with the keys of its papers.
func NewCaseReexaminations(pool *pgxpool.Pool, papers document.Keys) *CaseReexaminations {
	return &CaseReexaminations{pool, NewCaseFiles(pool), newAttachments(papers)}
}

const (
	caseReviewColumns = `x.id, x.protocol, x.check_code, x.application_id, coalesce(x.decision_id::text, ''), coalesce(x.ranking_id::text, ''), x.asked_by,
		coalesce(x.mandate_id::text, ''), x.asked_at, x.motive, x.text, x.decide_by, x.state, x.read_at, x.withdrawn_at, x.proposal, x.reopens, x.grounds,
		coalesce(x.proposed_by::text, ''), x.proposed_at, coalesce(x.decided_by::text, ''), x.decided_at, coalesce(x.answer_protocol, ''), x.answer_code,
		x.set_aside_cents, coalesce(x.carried_out_by::text, ''), x.version`
	caseReviewsOf    = `SELECT ` + caseReviewColumns + ` FROM indemnity_reexaminations x WHERE x.application_id = $1 ORDER BY x.asked_at DESC`
	caseReviewByID   = `SELECT ` + caseReviewColumns + ` FROM indemnity_reexaminations x WHERE x.id = $1`
	caseReviewLocked = caseReviewByID + ` FOR UPDATE`

	// reviewPlaceOf is the place of the case $2 in the publication $1.
	reviewPlaceOf = `SELECT r.id, r.publication, r.published_at, ARRAY[r.simulated_by, r.proposed_by, r.decided_by]::text[], e.funding, e.funded_cents, e.funded_net_cents
		FROM indemnity_rankings r JOIN indemnity_ranking_entries e ON e.ranking_id = r.id AND e.application_id = $2 WHERE r.id = $1 AND e.rank IS NOT NULL`
	placeOfCase = `SELECT coalesce((SELECT r.id::text FROM indemnity_applications a JOIN indemnity_rankings r ON r.id = a.ranking_id AND r.state = 'published' WHERE a.id = $1), '')`

	setAsideOfCall = `SELECT set_aside_of_call($1)`
	// leftOfCall is what the publication in force of the call $1 left, with what it could
	// not spend, less all that is set aside now.
	leftOfCall = `SELECT r.residual_cents + r.set_aside_cents - set_aside_of_call($1) FROM indemnity_rankings r WHERE r.call_id = $1 AND r.state = 'published'`
	holdCall   = `SELECT FROM calls WHERE id = $1 FOR NO KEY UPDATE`

	// carryOutReexaminations notes of what was granted before the inputs of the ranking $1
	// were frozen that its publication is what it led to.
	carryOutReexaminations = `
		UPDATE indemnity_reexaminations x SET carried_out_by = r.id, version = x.version + 1
		FROM indemnity_rankings r JOIN indemnity_ranking_entries e ON e.ranking_id = r.id
		WHERE r.id = $1 AND e.application_id = x.application_id AND x.state = 'granted' AND x.carried_out_by IS NULL AND x.decided_at <= r.simulated_at`
)

func caseReviewFields(r *indemnity.Reexamination) []any {
	return []any{&r.ID, &r.Protocol, &r.CheckCode, &r.Case, &r.Decision, &r.Ranking, &r.AskedBy, &r.Mandate, &r.AskedAt, &r.Motive, &r.Text, &r.DecideBy, &r.State,
		(*zeronull.Timestamptz)(&r.ReadAt), (*zeronull.Timestamptz)(&r.WithdrawnAt), &r.Proposal, &r.Reopens, &r.Grounds, &r.ProposedBy, (*zeronull.Timestamptz)(&r.ProposedAt),
		&r.DecidedBy, (*zeronull.Timestamptz)(&r.DecidedAt), &r.AnswerProtocol, &r.AnswerCode, (*int64)(&r.SetAside), &r.CarriedOutBy, &r.Version}
}

// Outcome is what came of a form that was stored before.
func (s *CaseReexaminations) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// See writes that a request was looked at.
func (s *CaseReexaminations) See(ctx context.Context, e audit.Entry) error {
	return write(ctx, s.pool, e)
}

// Reviewable is a case with what may be looked at again.
func (s *CaseReexaminations) Reviewable(ctx context.Context, id indemnity.CaseID) (indemnity.Reviewable, error) {
	return s.reviewable(ctx, s.pool, id)
}

func (s *CaseReexaminations) reviewable(ctx context.Context, db DB, id indemnity.CaseID) (v indemnity.Reviewable, err error) {
	if v.CaseFile, err = s.files.one(ctx, db, id); err != nil {
		return v, err
	}
	var ranking indemnity.RankingID
	if err := db.QueryRow(ctx, placeOfCase, string(id)).Scan(&ranking); err != nil {
		return v, fmt.Errorf("place of a case: %w", translate(err))
	}
	if v.Place, err = reviewPlace(ctx, db, ranking, id); err != nil {
		return v, err
	}
	rows, _ := db.Query(ctx, caseReviewsOf, string(id))
	v.Requests, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (r indemnity.Reexamination, err error) {
		return r, row.Scan(caseReviewFields(&r)...)
	})
	if err != nil {
		return v, fmt.Errorf("re-examinations of a case: %w", translate(err))
	}
	return v, nil
}

// reviewPlace is the place of a case in a publication, nil where it has none.
func reviewPlace(ctx context.Context, db DB, id indemnity.RankingID, of indemnity.CaseID) (*indemnity.ReviewPlace, error) {
	if id == "" {
		return nil, nil
	}
	var p indemnity.ReviewPlace
	err := db.QueryRow(ctx, reviewPlaceOf, string(id), string(of)).Scan(&p.Ranking, &p.Publication, &p.PublishedAt, &p.Made, &p.Funding, (*int64)(&p.FundedGross), (*int64)(&p.FundedNet))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("place of a case: %w", translate(err))
	}
	return &p, nil
}

// Draft is the request that somebody is writing.
func (s *CaseReexaminations) Draft(ctx context.Context, writer identity.PersonID, of indemnity.CaseID) (d indemnity.ReviewDraft, err error) {
	err = s.pool.QueryRow(ctx, `SELECT id, application_id, motive, text, saved_at FROM indemnity_reexamination_drafts WHERE application_id = $1 AND writer_id = $2`,
		string(of), string(writer)).Scan(&d.ID, &d.Case, &d.Motive, &d.Text, &d.SavedAt)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return d, fmt.Errorf("draft of a re-examination: %w", translate(err))
	}
	return d, nil
}

// SaveDraft keeps it.
func (s *CaseReexaminations) SaveDraft(ctx context.Context, writer identity.PersonID, d indemnity.ReviewDraft) error {
	if _, err := s.pool.Exec(ctx, `
		INSERT INTO indemnity_reexamination_drafts (id, application_id, writer_id, motive, text, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT ON CONSTRAINT case_reexamination_is_drafted_once DO UPDATE SET motive = excluded.motive, text = excluded.text, saved_at = excluded.saved_at`,
		string(d.ID), string(d.Case), string(writer), string(d.Motive), d.Text, d.SavedAt); err != nil {
		return fmt.Errorf("draft of a re-examination: %w", translate(err))
	}
	return nil
}

// Ask makes a request of a draft. The call is held before the case, as by a publication.
func (s *CaseReexaminations) Ask(ctx context.Context, form once.Form, now time.Time, of indemnity.CaseID, ask func(indemnity.Reviewable, money.Amount) (indemnity.Reexamination, audit.Entry, error)) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var call string
		if err := tx.QueryRow(ctx, `SELECT call_id FROM indemnity_applications WHERE id = $1`, string(of)).Scan(&call); err != nil {
			return "", err
		}
		for _, lock := range []struct{ sql, id string }{{holdCall, call}, {lockApplication, string(of)}} {
			if _, err := tx.Exec(ctx, lock.sql, lock.id); err != nil {
				return "", err
			}
		}
		v, err := s.reviewable(ctx, tx, of)
		if err != nil {
			return "", err
		}
		left, err := s.left(ctx, tx, call, v.Rules.Budget.Is)
		if err != nil {
			return "", err
		}
		r, e, err := ask(v, left)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO indemnity_reexaminations (protocol, id, check_code, application_id, decision_id, ranking_id, asked_by, mandate_id, asked_at, motive, text, decide_by, state, set_aside_cents)
			VALUES (`+nextProtocol+`, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
			fmt.Sprint(calendar.On(r.AskedAt).Year), string(r.ID), r.CheckCode, string(r.Case), optional(r.Decision), optional(r.Ranking), string(r.AskedBy), optional(r.Mandate),
			r.AskedAt, string(r.Motive), r.Text, r.DecideBy, string(r.State), r.SetAside)
		batch.Queue(`DELETE FROM indemnity_reexamination_drafts WHERE id = $1`, string(r.ID))
		batch.Queue(tellEntry, entryValues(ctx, e)...)
		return string(r.ID), tx.SendBatch(ctx, &batch).Close()
	})
	switch violated(err) {
	case "case_is_reexamined_once_at_a_time", "indemnity_reexaminations_pkey":
		return indemnity.ErrReviewOpen
	}
	if err != nil {
		return fmt.Errorf("ask for a re-examination: %w", err)
	}
	return nil
}

// left is what is left of the money of a call and not set aside: after its publication, or
// of the whole before there is one.
func (s *CaseReexaminations) left(ctx context.Context, tx pgx.Tx, call string, budget *money.Amount) (left money.Amount, err error) {
	if budget == nil {
		return math.MaxInt64, nil
	}
	var residual *int64
	switch err = tx.QueryRow(ctx, leftOfCall, call).Scan(&residual); {
	case err == nil && residual != nil:
		return money.Amount(*residual), nil
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return 0, err
	}
	err = tx.QueryRow(ctx, setAsideOfCall, call).Scan((*int64)(&left))
	return *budget - left, err
}

// Worklist is a page of the requests in some states.
func (s *CaseReexaminations) Worklist(ctx context.Context, ask indemnity.ReviewList) (page indemnity.ReviewPage, err error) {
	var batch pgx.Batch
	batch.Queue(`SELECT state, count(*) FROM indemnity_reexaminations GROUP BY state`).Query(func(rows pgx.Rows) error {
		page.Counts = map[indemnity.ReviewState]int{}
		var state indemnity.ReviewState
		var n int
		_, err := pgx.ForEachRow(rows, []any{&state, &n}, func() error {
			page.Counts[state] = n
			return nil
		})
		return err
	})
	batch.Queue(`
		SELECT x.id, x.protocol, a.protocol, a.call_id, x.motive, x.state, x.asked_at, x.decide_by
		FROM indemnity_reexaminations x JOIN indemnity_applications a ON a.id = x.application_id
		WHERE x.state = ANY ($1) ORDER BY x.decide_by, x.asked_at, x.id LIMIT $2 OFFSET $3`,
		words(ask.States), indemnity.ReviewsPerPage, (max(ask.Page, 1)-1)*indemnity.ReviewsPerPage).Query(func(rows pgx.Rows) (err error) {
		page.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.ReviewLine])
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

// Receipt notes that the office read a request, the first time that it does.
func (s *CaseReexaminations) Receipt(ctx context.Context, id indemnity.ReexaminationID, e audit.Entry) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		first, err := tx.Exec(ctx, `UPDATE indemnity_reexaminations SET read_by = $2, read_at = $3 WHERE id = $1 AND read_at IS NULL`, string(id), string(e.Actor.Person), e.At)
		sql := tellEntry
		if first.RowsAffected() == 0 {
			e.Action, sql = indemnity.ReexaminationSeen, insertEntry // somebody was quicker
		}
		if err == nil {
			_, err = tx.Exec(ctx, sql, entryValues(ctx, e)...)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read a re-examination: %w", translate(err))
	}
	return nil
}

// Change locks a request and its case, and saves what is decided of both.
func (s *CaseReexaminations) Change(ctx context.Context, form once.Form, now time.Time, id indemnity.ReexaminationID, decide func(indemnity.ReviewCase) (indemnity.ReviewDecision, error)) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, `SELECT FROM indemnity_applications WHERE id = (SELECT application_id FROM indemnity_reexaminations WHERE id = $1) FOR NO KEY UPDATE`, string(id)); err != nil {
			return "", err
		}
		c, err := s.reviewCase(ctx, tx, caseReviewLocked, id)
		if err != nil {
			return "", err
		}
		d, err := decide(c)
		if err != nil {
			return "", err
		}
		var batch pgx.Batch
		queueReview(&batch, c, d)
		batch.Queue(tellEntry, entryValues(ctx, d.Entry)...)
		if d.Again != nil { // who asked is told of the request
			e := d.Entry
			e.Action, e.Subject = indemnity.DecisionApproved, string(c.Case)
			batch.Queue(insertEntry, entryValues(ctx, e)...)
		}
		return string(id), tx.SendBatch(ctx, &batch).Close()
	})
	switch violated(err) {
	case "nobody_decides_a_case_reexamination_they_proposed":
		return indemnity.ErrReviewOwn
	case "nobody_reexamines_what_they_judged", "nobody_approves_what_they_found":
		return indemnity.ErrReviewJudged
	case "nobody_reexamines_their_own_case", "nobody_decides_on_their_own_case":
		return indemnity.ErrOwnCase
	}
	if err != nil {
		return fmt.Errorf("change re-examination %s: %w", id, err)
	}
	return nil
}

// queueReview saves a request as it was decided. The decision that takes the case up again
// comes first: it is proposed and made at once, by the two who decided the request.
func queueReview(batch *pgx.Batch, c indemnity.ReviewCase, d indemnity.ReviewDecision) {
	r, again := d.Reexamination, ""
	if d.Again != nil {
		waits := *d.Again
		waits.State, again = indemnity.DecisionWaits, string(d.Again.ID)
		queueExamination(batch, c.File, indemnity.CaseChange{Decision: &waits})
		queueChange(batch, c.File, indemnity.CaseChange{State: indemnity.InReview, Decision: d.Again, Entry: d.Entry})
	}
	batch.Queue(`
		UPDATE indemnity_reexaminations SET state = $3, withdrawn_at = $4, proposal = $5, reopens = $6, grounds = $7, proposed_by = $8, proposed_at = $9, decided_by = $10, decided_at = $11,
			answer_code = $12, answer_protocol = CASE WHEN $12 <> '' THEN `+nextProtocol+` END, reopened_by = $13, set_aside_cents = $14, version = version + 1 WHERE id = $2`,
		fmt.Sprint(calendar.On(d.Entry.At).Year), string(r.ID), string(r.State), optionalTime(r.WithdrawnAt), r.Proposal, r.Reopens, r.Grounds, optional(r.ProposedBy), optionalTime(r.ProposedAt),
		optional(r.DecidedBy), optionalTime(r.DecidedAt), r.AnswerCode, optional(again), r.SetAside)
	if d.Note != "" {
		batch.Queue(`INSERT INTO notes (subject_id, author_id, at, text) VALUES ($1, $2, $3, $4)`, string(r.ID), string(d.Entry.Actor.Person), d.Entry.At, d.Note)
	}
}

// Reexamination is a request with what it is about.
func (s *CaseReexaminations) Reexamination(ctx context.Context, id indemnity.ReexaminationID) (indemnity.ReviewCase, error) {
	return s.reviewCase(ctx, s.pool, caseReviewByID, id)
}

func (s *CaseReexaminations) reviewCase(ctx context.Context, db DB, sql string, id indemnity.ReexaminationID) (c indemnity.ReviewCase, err error) {
	if err = db.QueryRow(ctx, sql, string(id)).Scan(caseReviewFields(&c.Reexamination)...); err != nil {
		return c, fmt.Errorf("re-examination: %w", translate(err))
	}
	if c.File, err = s.files.one(ctx, db, c.Case); err != nil {
		return c, err
	}
	if c.Place, err = reviewPlace(ctx, db, c.Ranking, c.Case); err != nil {
		return c, err
	}
	err = db.QueryRow(ctx, `
		SELECT a.given_name || ' ' || a.family_name, coalesce(r.given_name || ' ' || r.family_name, ''), coalesce(p.given_name || ' ' || p.family_name, ''),
			coalesce(d.given_name || ' ' || d.family_name, ''), coalesce(k.publication, 0)
		FROM indemnity_reexaminations x JOIN persons a ON a.id = x.asked_by LEFT JOIN persons r ON r.id = x.read_by
			LEFT JOIN persons p ON p.id = x.proposed_by LEFT JOIN persons d ON d.id = x.decided_by LEFT JOIN indemnity_rankings k ON k.id = x.carried_out_by
		WHERE x.id = $1`, string(id)).Scan(&c.Asker, &c.Reader, &c.Proposer, &c.Decider, &c.Publication)
	if err != nil {
		return c, fmt.Errorf("re-examination: %w", translate(err))
	}
	rows, _ := db.Query(ctx, `SELECT n.at, p.given_name || ' ' || p.family_name, n.text FROM notes n JOIN persons p ON p.id = n.author_id
		WHERE n.subject_id = $1 ORDER BY n.id`, string(id))
	if c.Returned, err = pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.ReviewNote]); err != nil {
		return c, fmt.Errorf("notes of a re-examination: %w", translate(err))
	}
	return c, nil
}
