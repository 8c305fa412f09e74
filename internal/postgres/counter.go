package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// Write keeps a note of an officer about an application.
func (s *Desk) Write(ctx context.Context, form once.Form, text string, e audit.Entry) error {
	_, err := s.act(ctx, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var batch pgx.Batch
		batch.Queue(insertNote, e.Subject, string(e.Actor.Person), e.At, text)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return e.Subject, tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("note: %w", err)
	}
	return nil
}

// History is what the register says of an application, its voucher and its
// sessions, newest first.
func (s *Desk) History(ctx context.Context, c voucher.Case) ([]audit.Look, error) {
	about := []string{string(c.Application.ID)}
	if c.HasVoucher() {
		about = append(about, string(c.Voucher.ID))
	}
	for _, b := range c.Bookings {
		about = append(about, string(b.ID))
	}
	return history(ctx, s.pool, about)
}

// history is what the register says of some subjects, newest first.
func history(ctx context.Context, db DB, about []string) ([]audit.Look, error) {
	rows, _ := db.Query(ctx, `
		SELECT a.at, a.action, a.role, coalesce(p.given_name || ' ' || p.family_name, '')
		FROM audit a LEFT JOIN persons p ON p.id = a.person_id
		WHERE a.subject_id = ANY ($1::uuid[]) ORDER BY a.id DESC LIMIT 200`, about)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Look])
	if err != nil {
		return nil, fmt.Errorf("history: %w", translate(err))
	}
	return all, nil
}

const sentColumns = `m.id, m.subject, m.sent_at, coalesce(m.mailed_at, 'epoch')`

func scanSent(row pgx.CollectableRow) (m voucher.Sent, err error) {
	err = row.Scan(&m.ID, &m.Subject, &m.SentAt, &m.MailedAt)
	if m.MailedAt.Unix() == 0 {
		m.MailedAt = time.Time{}
	}
	return m, err
}

// Told are the messages that were sent about an application, its voucher and its
// sessions, newest first.
func (s *Desk) Told(ctx context.Context, id voucher.ApplicationID) ([]voucher.Sent, error) {
	rows, _ := s.pool.Query(ctx, `
		SELECT `+sentColumns+` FROM messages m WHERE m.entry_id IN (
			SELECT e.id FROM audit e WHERE e.subject_id = $1
				OR e.subject_id IN (SELECT v.id FROM vouchers v WHERE v.application_id = $1)
				OR e.subject_id IN (SELECT b.id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id WHERE v.application_id = $1))
			AND m.recipient_id IN (SELECT unnest(ARRAY[beneficiary_id, applicant_id]) FROM applications WHERE id = $1)
		ORDER BY m.sent_at DESC, m.id LIMIT 100`, string(id))
	all, err := pgx.CollectRows(rows, scanSent)
	if err != nil {
		return nil, fmt.Errorf("messages of an application: %w", translate(err))
	}
	return all, nil
}

// Caller is somebody by fiscal code.
func (s *Desk) Caller(ctx context.Context, code identity.FiscalCode) (id identity.PersonID, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT id FROM persons WHERE fiscal_code = $1`, string(code)).Scan(&id); err != nil {
		return "", fmt.Errorf("caller: %w", translate(err))
	}
	return id, nil
}

// Called is what the contact centre may tell somebody: their applications with the
// sessions booked, and what was written to them.
func (s *Desk) Called(ctx context.Context, id identity.PersonID) (c voucher.Caller, err error) {
	if c.Files, err = s.vouchers.Files(ctx, id); err != nil {
		return c, err
	}
	var batch pgx.Batch
	batch.Queue(`SELECT p.email, p.born_on, `+personColumns+` FROM persons p WHERE p.id = $1`, string(id)).
		QueryRow(func(row pgx.Row) error {
			return row.Scan(append([]any{&c.Email, &c.BornOn}, personFields(&c.Person)...)...)
		})
	batch.Queue(`SELECT `+sessionColumns+sessionFrom+` WHERE b.beneficiary_id = $1 ORDER BY b.day, b.booked_at`, string(id)).Query(func(rows pgx.Rows) error {
		all, err := pgx.CollectRows(rows, scanSession)
		for _, x := range all {
			if i := slices.IndexFunc(c.Files, func(f voucher.CaseFile) bool { return f.Application.ID == x.Application }); i >= 0 {
				c.Files[i].Bookings = append(c.Files[i].Bookings, x)
			}
		}
		return err
	})
	batch.Queue(`SELECT `+sentColumns+` FROM messages m WHERE m.recipient_id = $1 ORDER BY m.sent_at DESC, m.id LIMIT 20`, string(id)).Query(func(rows pgx.Rows) (err error) {
		c.Messages, err = pgx.CollectRows(rows, scanSent)
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.Caller{}, fmt.Errorf("caller: %w", translate(err))
	}
	return c, nil
}

// Resend sends a message of somebody's by e-mail again.
func (s *Desk) Resend(ctx context.Context, form once.Form, message string, e audit.Entry) error {
	_, err := s.act(ctx, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		var address string
		if err := tx.QueryRow(ctx, `SELECT p.email FROM messages m JOIN persons p ON p.id = m.recipient_id
			WHERE m.id = $1 AND m.recipient_id = $2 FOR UPDATE OF m`, message, string(e.About)).Scan(&address); err != nil {
			return "", err
		}
		if address == "" {
			return "", voucher.ErrNoMailAddress
		}
		var batch pgx.Batch
		batch.Queue(`UPDATE messages SET mailed_at = NULL WHERE id = $1`, message)
		batch.Queue(`INSERT INTO river_job (kind, args, max_attempts) VALUES ('mail', jsonb_build_object('message', $1::uuid), 12)`, message)
		batch.Queue(insertEntry, entryValues(ctx, e)...)
		return message, tx.SendBatch(ctx, &batch).Close()
	})
	if err != nil {
		return fmt.Errorf("send a message again: %w", err)
	}
	return nil
}

const codeFigures = `
	SELECT count(*) FILTER (WHERE v.state = 'active' AND v.last_day >= $2 AND v.blocked_at IS NULL AND v.used_cents < v.awarded_cents),
		count(*) FILTER (WHERE v.state = 'active' AND v.blocked_at IS NOT NULL),
		count(*) FILTER (WHERE v.used_cents < v.awarded_cents AND (v.state = 'expired' OR v.state = 'active' AND v.last_day < $2 AND v.blocked_at IS NULL)),
		count(*) FILTER (WHERE v.state = 'withdrawn'), count(*) FILTER (WHERE v.state IN ('lapsed', 'ended')),
		count(*) FILTER (WHERE v.used_cents = v.awarded_cents AND v.blocked_at IS NULL AND v.state NOT IN ('withdrawn', 'lapsed', 'ended')),
		coalesce(sum(v.awarded_cents), 0)::bigint, coalesce(sum(v.booked_cents), 0)::bigint, coalesce(sum(v.used_cents), 0)::bigint
	FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.edition_id = $1`

// Codes are the vouchers of an edition by how they stand on a day.
func (s *Desk) Codes(ctx context.Context, of voucher.EditionID, on calendar.Date) (f voucher.CodeFigures, err error) {
	var batch pgx.Batch
	batch.Queue(codeFigures, string(of), on).QueryRow(func(row pgx.Row) error {
		return row.Scan(&f.Active, &f.Blocked, &f.Expired, &f.GivenUp, &f.Closed, &f.UsedUp, (*int64)(&f.Awarded), (*int64)(&f.Booked), (*int64)(&f.Used))
	})
	batch.Queue(`SELECT v.id, a.protocol, v.block_reason, v.blocked_at FROM vouchers v JOIN applications a ON a.id = v.application_id
		WHERE a.edition_id = $1 AND v.blocked_at IS NOT NULL ORDER BY v.blocked_at DESC, v.id LIMIT 50`, string(of)).Query(func(rows pgx.Rows) (err error) {
		f.LastBlocked, err = pgx.CollectRows(rows, pgx.RowToStructByPos[voucher.BlockedCode])
		return err
	})
	if err := s.pool.SendBatch(ctx, &batch).Close(); err != nil {
		return voucher.CodeFigures{}, fmt.Errorf("codes: %w", translate(err))
	}
	return f, nil
}

// Vouchers are the applications of somebody that have one, newest first.
func (s *Desk) Vouchers(ctx context.Context, of identity.PersonID) ([]voucher.CaseFile, error) {
	all, err := s.vouchers.Files(ctx, of)
	return slices.DeleteFunc(all, func(f voucher.CaseFile) bool { return !f.HasVoucher() }), err
}

// CaseOf is the application of a voucher.
func (s *Desk) CaseOf(ctx context.Context, id voucher.ID) (application voucher.ApplicationID, err error) {
	if err := s.pool.QueryRow(ctx, `SELECT application_id FROM vouchers WHERE id = $1`, string(id)).Scan(&application); err != nil {
		return "", fmt.Errorf("voucher: %w", translate(err))
	}
	return application, nil
}

// See writes that somebody looked.
func (s *Desk) See(ctx context.Context, e audit.Entry) error { return write(ctx, s.pool, e) }
