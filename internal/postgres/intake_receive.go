package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Receive takes an application in. The beneficiary is locked first: of two that
// come at once for the same person the second finds the first.
func (s *Intake) Receive(ctx context.Context, form once.Form, sub voucher.Submission) (id voucher.ApplicationID, first bool, err error) {
	now := sub.Application.SubmittedAt
	first = true
	outcome, err := s.act(ctx, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		r := reception{tx, sub}
		if err := r.people(ctx); err != nil {
			return "", err
		}
		before, byOther, err := r.before(ctx)
		if err != nil {
			return "", err
		}
		if sub.Parent != nil && sub.Parent.Declared && byOther {
			return "", voucher.ErrNotYourChild
		}
		if err := r.mandate(ctx); err != nil {
			return "", err
		}
		a := &r.sub.Application
		entry := audit.Entry{At: now, Actor: sub.Actor, Action: voucher.ApplicationSubmitted, About: a.Beneficiary}
		if before != "" {
			first = false
			a.ID, entry.Action = before, voucher.ApplicationRepeated
		} else if err := r.insert(ctx); err != nil {
			return "", err
		}
		entry.Subject = string(a.ID)
		if sub.Actor.Person == a.Applicant && sub.Actor.Mandate == "" && r.sub.Mandate != "" {
			entry.Actor.For, entry.Actor.Mandate = a.Beneficiary, r.sub.Mandate
		}
		if err := r.sent(ctx); err != nil {
			return "", err
		}
		return string(a.ID), writeAndTell(ctx, tx, entry)
	})
	if err != nil {
		return "", false, fmt.Errorf("receive an application: %w", err)
	}
	return voucher.ApplicationID(outcome), first, nil
}

// reception is an application being taken in, in a transaction.
type reception struct {
	tx  pgx.Tx
	sub voucher.Submission
}

// people finds or makes the persons of the application, and locks its beneficiary.
func (r *reception) people(ctx context.Context) error {
	known := func(p *identity.Person, born calendar.Date) error {
		if p.ID != "" {
			return r.tx.QueryRow(ctx, `SELECT p.id FROM persons p WHERE p.id = $1 FOR UPDATE`, string(p.ID)).Scan(&p.ID)
		}
		return r.tx.QueryRow(ctx, `
			INSERT INTO persons (fiscal_code, given_name, family_name, born_on) VALUES ($1, $2, $3, $4)
			ON CONFLICT (fiscal_code) DO UPDATE SET born_on = coalesce(persons.born_on, excluded.born_on) RETURNING id`,
			string(p.FiscalCode), p.GivenName, p.FamilyName, born).Scan(&p.ID)
	}
	if err := known(&r.sub.Beneficiary, r.sub.BornOn); err != nil {
		return err
	}
	if r.sub.Applicant.FiscalCode == r.sub.Beneficiary.FiscalCode {
		r.sub.Applicant = r.sub.Beneficiary
	}
	if r.sub.Applicant.ID == "" {
		if err := known(&r.sub.Applicant, calendar.Date{}); err != nil {
			return err
		}
	}
	a := &r.sub.Application
	a.Beneficiary, a.Applicant = r.sub.Beneficiary.ID, r.sub.Applicant.ID
	return nil
}

// before is the application that the beneficiary has in the edition, "" when there
// is none, and whether they have one in any that somebody else sent.
func (r *reception) before(ctx context.Context) (id voucher.ApplicationID, byOther bool, err error) {
	a := r.sub.Application
	err = r.tx.QueryRow(ctx, `
		SELECT coalesce((SELECT id::text FROM applications WHERE edition_id = $1 AND beneficiary_id = $2), ''),
			EXISTS (SELECT FROM applications WHERE beneficiary_id = $2 AND applicant_id <> $3)`,
		string(a.Edition), string(a.Beneficiary), string(a.Applicant)).Scan(&id, &byOther)
	return id, byOther, err
}

// mandate finds that of a parent, or makes it where the register confirms them.
func (r *reception) mandate(ctx context.Context) error {
	p, a := r.sub.Parent, r.sub.Application
	if p == nil {
		return nil
	}
	today := calendar.On(a.SubmittedAt)
	err := r.tx.QueryRow(ctx, `
		SELECT id FROM mandates WHERE kind = 'parent' AND holder_id = $1 AND represented_id = $2 AND scope IN ('all', 'voucher')
			AND from_day <= $3 AND (until_day IS NULL OR until_day >= $3) AND (revoked_on IS NULL OR revoked_on > $3)
		ORDER BY from_day, id LIMIT 1`,
		string(a.Applicant), string(a.Beneficiary), today).Scan(&r.sub.Mandate)
	if !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if p.Declared {
		return nil
	}
	channel := "declared"
	if r.sub.ReceivedBy != "" {
		channel = "counter"
	}
	return r.tx.QueryRow(ctx, `
		INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day, scope, channel, made_by, made_at, grounds)
		VALUES ('parent', $1, $2, $3, $4, 'voucher', $5, $6, $7, 'register') RETURNING id`,
		string(a.Applicant), string(a.Beneficiary), today, p.Until, channel, string(r.sub.Actor.Person), a.SubmittedAt).Scan(&r.sub.Mandate)
}

// insert writes the application under a number of the protocol.
func (r *reception) insert(ctx context.Context) error {
	a, at := r.sub.Application, r.sub.Application.Attestation
	var isee *int64
	if a.HasISEE {
		isee = (*int64)(&a.ISEE)
	}
	var reminded calendar.Date
	if a.State == voucher.AwaitingISEE {
		reminded = calendar.On(a.SubmittedAt) // the receipt says it
	}
	_, err := r.tx.Exec(ctx, `
		INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, channel, received_by, mandate_id, territory, province,
			isee_cents, isee_status, isee_kind, isee_protocol, isee_issued_on, isee_valid_until, isee_defects, isee_asked_at, cure_by,
			isee_reminded_on, email, phone, declarations, submitted_at, state, entitled_cents)
		VALUES ($1, 'INPS-' || $2::text || '-' || lpad(nextval('protocol_numbers')::text, 6, '0'), $3, $4, $5, $6, $7, $8, $9, $10,
			$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $18, $24, $25)`,
		string(a.ID), fmt.Sprint(calendar.On(a.SubmittedAt).Year), string(a.Edition), string(a.Beneficiary), string(a.Applicant), string(a.Channel),
		optional(r.sub.ReceivedBy), optional(r.sub.Mandate), a.Territory, a.Province,
		isee, string(a.ISEEStatus), at.Kind, at.Protocol, at.IssuedOn, at.ValidUntil, strings.Join(at.Defects, " "), a.SubmittedAt, a.CureBy,
		reminded, a.Email, a.Phone, r.sub.Declarations, string(a.State), a.Entitled)
	return err
}

// sent closes the draft and keeps the contacts: of who writes themselves, the new
// ones; of who told them to an officer, where there were none.
func (r *reception) sent(ctx context.Context) error {
	a := r.sub.Application
	if r.sub.Draft != "" {
		if _, err := r.tx.Exec(ctx, `UPDATE application_drafts SET sent_as = $2, answers = '{}', version = version + 1, saved_at = $3 WHERE id = $1`,
			string(r.sub.Draft), string(a.ID), a.SubmittedAt); err != nil {
			return err
		}
	}
	_, err := r.tx.Exec(ctx, `
		UPDATE persons SET email = CASE WHEN $2 <> '' AND ($4 OR email = '') THEN $2 ELSE email END,
			phone = CASE WHEN $3 <> '' AND ($4 OR phone = '') THEN $3 ELSE phone END
		WHERE id = $1`, string(a.Applicant), a.Email, a.Phone, a.Channel == voucher.Online)
	return err
}

// writeAndTell appends an entry to the register, with the job that tells people of it,
// if they are.
func writeAndTell(ctx context.Context, db DB, e audit.Entry) error {
	sql := insertEntry
	if notify.Told(e.Action) {
		sql = tellEntry
	}
	_, err := db.Exec(ctx, sql, entryValues(ctx, e)...)
	if err != nil {
		return fmt.Errorf("write %s: %w", e.Action, translate(err))
	}
	return nil
}

// receiptOf is read by who stands for the beneficiary, by INPS, and by who sent it
// without a mandate.
const receiptOf = `SELECT ` + applicationColumns + `, e.version, a.declarations,
		b.id, b.fiscal_code, b.given_name, b.family_name, w.id, w.fiscal_code, w.given_name, w.family_name, NOT reader.stands
	FROM applications a JOIN editions e ON e.id = a.edition_id
	JOIN persons b ON b.id = a.beneficiary_id JOIN persons w ON w.id = a.applicant_id
	CROSS JOIN LATERAL (SELECT $2 = 'inps' OR a.beneficiary_id = $3 OR $3 = $4 AND EXISTS (
		SELECT FROM mandates m WHERE m.holder_id = $4 AND m.represented_id = a.beneficiary_id AND m.scope IN ('all', 'voucher')
		AND m.from_day <= $5 AND (m.until_day IS NULL OR m.until_day >= $5) AND (m.revoked_on IS NULL OR m.revoked_on > $5)) AS stands) reader
	WHERE a.id = $1 AND $2 IN ('inps', 'citizen') AND (reader.stands OR $3 = $4 AND a.applicant_id = $4 AND a.mandate_id IS NULL)`

// Receipt is an application for who stands for its beneficiary, or sent it on their
// own word.
func (s *Intake) Receipt(ctx context.Context, who identity.Actor, id voucher.ApplicationID, on calendar.Date) (r voucher.Receipt, err error) {
	var version int
	into := append(applicationFields(&r.Application), &version, &r.Declarations)
	into = append(append(into, personFields(&r.Beneficiary)...), append(personFields(&r.Applicant), &r.Unconfirmed)...)
	err = s.pool.QueryRow(ctx, receiptOf, string(id), string(who.Role), string(who.For), string(who.Person), on).Scan(into...)
	if err == nil {
		r.Edition, err = s.editions.released(ctx, s.pool, released{r.Application.Edition, version})
	}
	if err != nil {
		return r, fmt.Errorf("receipt: %w", translate(err))
	}
	return r, nil
}

// Correct saves what an application has become if it is still the one that was judged.
func (s *Intake) Correct(ctx context.Context, form once.Form, was, is voucher.Application, e audit.Entry) error {
	at := is.Attestation
	var isee *int64
	if is.HasISEE {
		isee = (*int64)(&is.ISEE)
	}
	_, err := s.act(ctx, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		moved, err := tx.Exec(ctx, `
			UPDATE applications SET state = $4, isee_cents = $5, isee_status = $6, isee_kind = $7, isee_protocol = $8, isee_issued_on = $9,
				isee_valid_until = $10, isee_defects = $11, entitled_cents = $12, decided_on = $13,
				isee_asked_at = CASE WHEN $14 THEN isee_asked_at ELSE $15 END, version = version + 1
			WHERE id = $1 AND version = $2 AND state = $3`,
			string(was.ID), was.Version, string(was.State), string(is.State), isee, string(is.ISEEStatus), at.Kind, at.Protocol, at.IssuedOn,
			at.ValidUntil, strings.Join(at.Defects, " "), is.Entitled, is.DecidedOn, is.State == voucher.Withdrawn, e.At)
		if err == nil && moved.RowsAffected() == 0 {
			err = voucher.ErrApplicationMoved
		}
		if err != nil {
			return "", err
		}
		return string(was.ID), writeAndTell(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("correct an application: %w", err)
	}
	return nil
}

// Remind writes, for each application whose ISEE is to be corrected within one of
// so many days, that its holder is reminded: once for each, also by two at a time.
func (s *Intake) Remind(ctx context.Context, today calendar.Date, days []int, now time.Time) (reminded int, err error) {
	err = s.pool.QueryRow(ctx, `
		WITH due AS (
			UPDATE applications SET isee_reminded_on = $1
			WHERE state = 'awaiting_isee' AND cure_by >= $1 AND EXISTS (
				SELECT FROM unnest($2::int[]) AS d(days) WHERE $1 >= cure_by - d.days AND coalesce(isee_reminded_on, '-infinity') < cure_by - d.days)
			RETURNING id, beneficiary_id
		), entries AS (
			INSERT INTO audit (at, role, action, subject_id, about_id) SELECT $3, 'system', $4, id, beneficiary_id FROM due RETURNING id
		), told AS (
			INSERT INTO river_job (kind, args, max_attempts) SELECT 'notify', jsonb_build_object('entry', id), 12 FROM entries
		)
		SELECT count(*) FROM entries`, today, days, now, string(voucher.ApplicationReminded)).Scan(&reminded)
	if err != nil {
		return 0, fmt.Errorf("remind of an ISEE: %w", translate(err))
	}
	return reminded, nil
}

// Communications are what was written to a reader about an application, its voucher
// and its sessions, newest first.
func (s *Intake) Communications(ctx context.Context, reader identity.PersonID, id voucher.ApplicationID) ([]voucher.Communication, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT m.id, m.subject, m.sent_at, m.mailed_at IS NOT NULL, m.read_at IS NOT NULL
		FROM messages m JOIN audit e ON e.id = m.entry_id
		WHERE m.recipient_id = $1 AND (e.subject_id = $2
			OR e.subject_id IN (SELECT v.id FROM vouchers v WHERE v.application_id = $2)
			OR e.subject_id IN (SELECT b.id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id WHERE v.application_id = $2))
		ORDER BY m.sent_at DESC, m.id LIMIT 200`, string(reader), string(id))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.Communication])
	if err != nil {
		return nil, fmt.Errorf("communications: %w", translate(err))
	}
	return all, nil
}

// applied is an application, by its own id or by that of its voucher, as a message
// of a day needs to know it.
func (s *Notices) applied(ctx context.Context, subject nullText, on calendar.Date) (a notify.Applied, err error) {
	var of released
	err = s.pool.QueryRow(ctx, `SELECT e.id, e.version, `+applicationColumns+` FROM applications a JOIN editions e ON e.id = a.edition_id
		WHERE a.id = $1 OR a.id = (SELECT v.application_id FROM vouchers v WHERE v.id = $1)`, string(subject)).
		Scan(append([]any{&of.edition, &of.version}, applicationFields(&a.Application)...)...)
	if err != nil {
		return a, fmt.Errorf("application: %w", translate(err))
	}
	e, err := s.vouchers.editions.released(ctx, s.pool, of)
	a.WindowEnds, a.Today = e.Rules.Window.Is.LastDay(), on
	return a, err
}
