package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// Heirs is the indemnity.HeirStore.
type Heirs struct {
	pool  *pgxpool.Pool
	cases *CaseFiles
}

// NewHeirs is the store on a pool.
func NewHeirs(pool *pgxpool.Pool) *Heirs { return &Heirs{pool, NewCaseFiles(pool)} }

// CallsInForce is every call with its released rules, the earliest month first.
func (s *Heirs) CallsInForce(ctx context.Context) ([]indemnity.Call, error) {
	return s.cases.calls.CallsInForce(ctx)
}

// CaseFile is a case with all that belongs to it.
func (s *Heirs) CaseFile(ctx context.Context, id indemnity.CaseID) (indemnity.CaseFile, error) {
	return s.cases.CaseFile(ctx, id)
}

// AppliedBy is the periods that somebody has applied for, by fiscal code.
func (s *Heirs) AppliedBy(ctx context.Context, member identity.FiscalCode) ([]indemnity.Applied, error) {
	var id identity.PersonID
	err := s.pool.QueryRow(ctx, `SELECT id FROM persons WHERE fiscal_code = $1`, string(member)).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("person: %w", translate(err))
	}
	return appliedOf(ctx, s.pool, id)
}

// Register keeps an application of heirs with whom it is about. The deceased is locked,
// so that of two registrations the second finds the first.
func (s *Heirs) Register(ctx context.Context, form once.Form, c indemnity.CaseFile, m indemnity.Certified, heirs []indemnity.Invitation,
	judge func([]indemnity.Applied) error, e audit.Entry) (indemnity.CaseID, error) {
	id, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if err := tx.QueryRow(ctx, `
			INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ($1, $2, $3)
			ON CONFLICT (fiscal_code) DO UPDATE SET given_name = persons.given_name RETURNING id`,
			string(c.Member.FiscalCode), c.Member.GivenName, c.Member.FamilyName).Scan(&c.Member.ID); err != nil {
			return "", err
		}
		e.About = c.Member.ID
		c.Digest = c.Seal() // now that it is known whose it is
		applied, err := appliedOf(ctx, tx, c.Member.ID)
		if err != nil {
			return "", err
		}
		if err := judge(applied); err != nil {
			return "", err
		}
		event := c.Answers.Period()
		var batch pgx.Batch
		batch.Queue(`
			INSERT INTO indemnity_applications (protocol, id, call_id, call_version, member_id, applicant_kind, channel, received_by, submitted_at, term_ended_on,
				event, answers, declarations, registers, digest, check_code, died_on, state)
			VALUES (`+nextProtocol+`, $2, $3, $4, $5, $6, $7, $8, $9, $10, daterange($11, $12, '[]'), $13, $14, $15, $16, $17, $18, $19)`,
			fmt.Sprint(calendar.On(e.At).Year), string(c.ID), string(c.Call), c.CallVersion, string(c.Member.ID), string(c.Kind), string(c.Channel), string(e.Actor.Person),
			c.SubmittedAt, c.TermEndedOn, event.From, event.To, c.Answers, c.Declarations, c.Registers, c.Digest[:], c.CheckCode, c.DiedOn, string(c.State))
		batch.Queue(`INSERT INTO pec_messages (id, application_id, sender, accepted_at, delivered_at, recorded_by, recorded_at) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)`,
			string(c.ID), m.Sender, m.AcceptedAt, m.DeliveredAt, string(e.Actor.Person), e.At)
		queueHeirs(&batch, c.ID, heirs, e)
		batch.Queue(tellEntry, entryValues(ctx, e)...)
		if err := tx.SendBatch(ctx, &batch).Close(); err != nil {
			return "", unfit(err)
		}
		return string(c.ID), endAtDeath(ctx, tx, c.Member.ID, e)
	})
	if err != nil {
		return "", fmt.Errorf("register an application of heirs: %w", err)
	}
	return indemnity.CaseID(id), nil
}

// queueHeirs keeps heirs, and whoever of them the portal does not know yet, so that
// what concerns them can wait for them. Each is added an instant after the one before:
// they are listed in the order in which they were entered.
func queueHeirs(batch *pgx.Batch, id indemnity.CaseID, heirs []indemnity.Invitation, e audit.Entry) {
	for i, h := range heirs {
		batch.Queue(`
			INSERT INTO persons AS p (fiscal_code, given_name, family_name, email) VALUES ($1, $2, $3, $4)
			ON CONFLICT (fiscal_code) DO UPDATE SET email = CASE WHEN p.email = '' THEN excluded.email ELSE p.email END`,
			string(h.Person.FiscalCode), h.Person.GivenName, h.Person.FamilyName, h.Email)
		batch.Queue(`
			INSERT INTO heirs (id, application_id, fiscal_code, given_name, family_name, kinship, share_part, share_whole, iban, email, code_hash, added_by, added_at,
				signed_at, signed_by, declared)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			string(h.ID), string(id), string(h.Person.FiscalCode), h.Person.GivenName, h.Person.FamilyName, h.Kinship, h.Part, h.Whole, h.IBAN, h.Email,
			h.Hash, string(e.Actor.Person), e.At.Add(time.Duration(i)*time.Microsecond), optionalTime(h.SignedAt), string(h.SignedBy), append([]indemnity.Declared{}, h.Declared...))
	}
}

// Renew gives an heir of a case another code. What comes of its form names this try: of
// two at once, only that of the first is kept.
func (s *Heirs) Renew(ctx context.Context, form once.Form, id indemnity.CaseID, i indemnity.Invitation, e audit.Entry) (first bool, err error) {
	this := once.NewKey()
	kept, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		renewed, err := tx.Exec(ctx, `UPDATE heirs SET code_hash = $3, tries = 0 WHERE id = $1 AND application_id = $2 AND linked_at IS NULL AND removed_at IS NULL`,
			string(i.ID), string(id), i.Hash)
		if err == nil && renewed.RowsAffected() == 0 {
			err = fault.ErrNotFound
		}
		if err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		return this, err
	})
	if err != nil {
		return false, fmt.Errorf("another code: %w", err)
	}
	return kept == this, nil
}

// Answer finds the heir of a case who has the fiscal code of a person, and saves what
// becomes of the code that they gave.
func (s *Heirs) Answer(ctx context.Context, form once.Form, now time.Time, protocol string, by identity.PersonID,
	decide func(indemnity.CaseFile, indemnity.Invitation) indemnity.Reply) (string, error) {
	outcome, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var c indemnity.CaseFile
		var i indemnity.Invitation
		err := tx.QueryRow(ctx, `
			SELECT a.id, a.member_id, h.id, coalesce(h.person_id::text, ''), h.code_hash, h.tries
			FROM indemnity_applications a JOIN heirs h ON h.application_id = a.id JOIN persons p ON p.fiscal_code = h.fiscal_code
			WHERE a.protocol = $1 AND p.id = $2 AND h.removed_at IS NULL FOR NO KEY UPDATE OF h`, protocol, string(by)).
			Scan(&c.ID, &c.Member.ID, &i.ID, &i.Person.ID, &i.Hash, &i.Tries)
		if errors.Is(err, pgx.ErrNoRows) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		reply := decide(c, i)
		var batch pgx.Batch
		switch {
		case reply.Linked:
			batch.Queue(`UPDATE heirs SET person_id = $2, linked_at = $3, code_hash = NULL WHERE id = $1`, string(i.ID), string(by), reply.Entry.At)
		case reply.Wrong:
			batch.Queue(`UPDATE heirs SET tries = tries + 1 WHERE id = $1`, string(i.ID))
		default:
			return reply.Outcome, nil
		}
		batch.Queue(insertEntry, entryValues(ctx, reply.Entry)...)
		return reply.Outcome, tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return "", fmt.Errorf("code of an heir: %w", err)
	}
	return outcome, nil
}

// See writes that somebody looked.
func (s *Heirs) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }

// Outcome is what came of a form that was stored before.
func (s *Heirs) Outcome(ctx context.Context, form once.Form) (string, bool, error) {
	return outcomeOf(ctx, s.pool, form)
}

// invited are the heirs of a case with a code that they have not used, where the portal
// knows them.
func (s *Notices) invited(ctx context.Context, id indemnity.CaseID) ([]identity.PersonID, error) {
	rows, _ := s.pool.Query(ctx, `SELECT p.id FROM heirs h JOIN persons p ON p.fiscal_code = h.fiscal_code
		WHERE h.application_id = $1 AND h.removed_at IS NULL AND h.linked_at IS NULL ORDER BY h.added_at, h.id`, string(id))
	all, err := pgx.CollectRows(rows, pgx.RowTo[identity.PersonID])
	if err != nil {
		return nil, fmt.Errorf("heirs of a case: %w", translate(err))
	}
	return all, nil
}
