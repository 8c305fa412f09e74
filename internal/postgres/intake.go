package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Intake is the voucher.IntakeStore.
type Intake struct {
	pool     *pgxpool.Pool
	editions *Editions
}

// NewIntake is the store on a pool.
func NewIntake(pool *pgxpool.Pool) *Intake { return &Intake{pool, NewEditions(pool)} }

// Editions is every edition in force, by name.
func (s *Intake) Editions(ctx context.Context) (map[voucher.EditionID]voucher.Edition, error) {
	return s.editions.Editions(ctx)
}

// Person is somebody by id, with the contacts they gave.
func (s *Intake) Person(ctx context.Context, id identity.PersonID) (p identity.Person, email, phone string, err error) {
	return contactsOf(ctx, s.pool, id)
}

func contactsOf(ctx context.Context, db DB, id identity.PersonID) (p identity.Person, email, phone string, err error) {
	err = db.QueryRow(ctx, `SELECT p.email, p.phone, `+personColumns+` FROM persons p WHERE p.id = $1`, string(id)).
		Scan(append([]any{&email, &phone}, personFields(&p)...)...)
	if err != nil {
		return p, "", "", fmt.Errorf("person: %w", translate(err))
	}
	return p, email, phone, nil
}

// ByFiscalCode is somebody the portal knows.
func (s *Intake) ByFiscalCode(ctx context.Context, code identity.FiscalCode) (p identity.Person, err error) {
	err = s.pool.QueryRow(ctx, `SELECT `+personColumns+` FROM persons p WHERE p.fiscal_code = $1`, string(code)).Scan(personFields(&p)...)
	if err != nil {
		return p, fmt.Errorf("person: %w", translate(err))
	}
	return p, nil
}

// Mandates are those in force on a day under which somebody may act in this scheme.
func (s *Intake) Mandates(ctx context.Context, holder identity.PersonID, on calendar.Date) ([]identity.Mandate, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT m.id, m.kind, m.holder_id, m.from_day, m.until_day, m.revoked_on, `+personColumns+`
		FROM mandates m JOIN persons p ON p.id = m.represented_id
		WHERE m.holder_id = $1 AND m.scope IN ('all', 'voucher') AND m.from_day <= $2 ORDER BY p.family_name, p.given_name, m.id`, string(holder), on)
	var held []identity.Mandate
	var m identity.Mandate
	_, err := pgx.ForEachRow(rows, append([]any{&m.ID, &m.Kind, &m.Holder, &m.From, &m.Until, &m.Revoked}, personFields(&m.Represented)...), func() error {
		if m.Holds(on) {
			held = append(held, m)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("mandates: %w", translate(err))
	}
	return held, nil
}

// draftAnswers is what a draft keeps as one value.
type draftAnswers struct {
	Of voucher.Beneficiary `json:"of"`
	voucher.Answers
}

const draftColumns = `id, edition_id, applicant_id, fiscal_code, answers, sent_as, version, saved_at`

func scanDraft(row pgx.CollectableRow) (d voucher.Draft, err error) {
	var kept draftAnswers
	var code identity.FiscalCode
	err = row.Scan(&d.ID, &d.Edition, &d.Writer, &code, &kept, (*nullText)(&d.Sent), &d.Version, &d.SavedAt)
	d.Of, d.Answers = kept.Of, kept.Answers
	d.Of.FiscalCode = code
	return d, err
}

// Drafts are somebody's that were not sent, last saved first.
func (s *Intake) Drafts(ctx context.Context, writer identity.PersonID) ([]voucher.Draft, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+draftColumns+` FROM application_drafts
		WHERE applicant_id = $1 AND sent_as IS NULL ORDER BY saved_at DESC, id`, string(writer))
	drafts, err := pgx.CollectRows(rows, scanDraft)
	if err != nil {
		return nil, fmt.Errorf("drafts: %w", translate(err))
	}
	return drafts, nil
}

// Draft is one of somebody's, sent or not.
func (s *Intake) Draft(ctx context.Context, writer identity.PersonID, id voucher.DraftID) (voucher.Draft, error) {
	rows, _ := s.pool.Query(ctx, `SELECT `+draftColumns+` FROM application_drafts WHERE applicant_id = $1 AND id = $2`, string(writer), string(id))
	d, err := pgx.CollectExactlyOneRow(rows, scanDraft)
	if err != nil {
		return d, fmt.Errorf("draft: %w", translate(err))
	}
	return d, nil
}

// Start keeps a new draft, or finds the one there is. Begun again in another way,
// as by a parent whose mandate is on record by now, it keeps its answers.
func (s *Intake) Start(ctx context.Context, form once.Form, d voucher.Draft, e audit.Entry) (voucher.DraftID, error) {
	id, err := s.act(ctx, form, d.SavedAt, func(ctx context.Context, tx pgx.Tx) (id string, err error) {
		var begun bool
		if err := tx.QueryRow(ctx, `
			INSERT INTO application_drafts AS d (id, edition_id, applicant_id, fiscal_code, answers, started_at, saved_at)
			VALUES ($1, $2, $3, $4, $5, $6, $6)
			ON CONFLICT ON CONSTRAINT draft_is_one_for_each_beneficiary DO UPDATE SET
				answers = CASE WHEN d.sent_as IS NULL THEN jsonb_set(d.answers, '{of}', excluded.answers->'of') ELSE d.answers END
			RETURNING d.id, d.id = $1`,
			string(d.ID), string(d.Edition), string(d.Writer), string(d.Of.FiscalCode), draftAnswers{d.Of, d.Answers}, d.SavedAt).Scan(&id, &begun); err != nil {
			return "", err
		}
		if begun {
			err = write(ctx, tx, e)
		}
		return id, err
	})
	if err != nil {
		return "", fmt.Errorf("begin a draft: %w", err)
	}
	return voucher.DraftID(id), nil
}

// Save keeps the answers of a draft if it is still the one that was read.
func (s *Intake) Save(ctx context.Context, form once.Form, d voucher.Draft, now time.Time) error {
	_, err := s.act(ctx, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		saved, err := tx.Exec(ctx, `UPDATE application_drafts SET answers = $3, version = version + 1, saved_at = $4
			WHERE id = $1 AND version = $2 AND sent_as IS NULL`, string(d.ID), d.Version, draftAnswers{d.Of, d.Answers}, now)
		if err == nil && saved.RowsAffected() == 0 {
			err = voucher.ErrDraftMoved
		}
		return string(d.ID), err
	})
	if err != nil {
		return fmt.Errorf("save a draft: %w", err)
	}
	return nil
}

// Drop forgets a draft that was not sent.
func (s *Intake) Drop(ctx context.Context, form once.Form, writer identity.PersonID, id voucher.DraftID, now time.Time) error {
	_, err := s.act(ctx, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		dropped, err := tx.Exec(ctx, `DELETE FROM application_drafts WHERE id = $1 AND applicant_id = $2 AND sent_as IS NULL`, string(id), string(writer))
		if err == nil && dropped.RowsAffected() == 0 {
			err = fault.ErrNotFound
		}
		return string(id), err
	})
	if err != nil {
		return fmt.Errorf("drop a draft: %w", err)
	}
	return nil
}

// See writes that somebody looked.
func (s *Intake) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Outcome is what came of a form that was stored before.
func (s *Intake) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// act does something once: see actOnce.
func (s *Intake) act(ctx context.Context, form once.Form, now time.Time, do func(context.Context, pgx.Tx) (string, error)) (string, error) {
	return actOnce(ctx, s.pool, form, now, do)
}

// actOnce does something in one transaction with what came of its form: sent again, or
// twice at the same time, the form gets the first outcome. What refuses the second of two
// that wait for each other is often what the first has done.
func actOnce(ctx context.Context, pool *pgxpool.Pool, form once.Form, now time.Time, do func(context.Context, pgx.Tx) (string, error)) (outcome string, err error) {
	ctx, cancel := deed(ctx)
	defer cancel()
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		before, done, err := outcomeOf(ctx, tx, form)
		if err != nil || done {
			outcome = before
			return err
		}
		if outcome, err = do(ctx, tx); err != nil || form.Key == "" {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO submissions (person_id, action, key, digest, outcome, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			string(form.Person), form.Action, form.Key, form.Digest, outcome, now)
		return err
	})
	if err == nil {
		return outcome, nil
	}
	before, done, failed := outcomeOf(ctx, pool, form)
	switch {
	case done:
		return before, nil
	case violated(err) == "form_acts_once":
		return "", failed
	}
	return outcome, translate(err)
}
