package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype/zeronull"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// FileOf is the programme of a case; fault.ErrNotFound.
func (s *Register) FileOf(ctx context.Context, id string) (of identity.Scope, err error) {
	err = s.pool.QueryRow(ctx, `SELECT 'voucher' FROM applications WHERE id = $1 UNION ALL SELECT 'indemnity' FROM indemnity_applications WHERE id = $1`, id).Scan(&of)
	if err != nil {
		return "", fmt.Errorf("programme of a case: %w", translate(err))
	}
	return of, nil
}

// FileBy is the case of a protocol number, with who it is about; fault.ErrNotFound.
func (s *Register) FileBy(ctx context.Context, protocol string) (id string, about identity.PersonID, err error) {
	err = s.pool.QueryRow(ctx, `SELECT id::text, beneficiary_id FROM applications WHERE protocol = $1
		UNION ALL SELECT id::text, member_id FROM indemnity_applications WHERE protocol = $1`, protocol).Scan(&id, &about)
	if err != nil {
		return "", "", fmt.Errorf("case by protocol number: %w", translate(err))
	}
	return id, about, nil
}

// Disclose keeps that something is shown, with its entry: auditor.ErrShownBefore where
// this form has shown it.
func (s *Register) Disclose(ctx context.Context, form once.Form, d audit.Disclosure) error {
	before, err := disclose(ctx, s.pool, form, d)
	if before || errors.Is(err, once.ErrOtherContent) {
		return auditor.ErrShownBefore
	}
	return err
}

// disclose keeps that something is shown, with its entry, and tells whether this form has
// shown it before.
func disclose(ctx context.Context, pool *pgxpool.Pool, form once.Form, d audit.Disclosure) (before bool, err error) {
	var entry int64
	outcome, err := actOnce(ctx, pool, form, d.Entry.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if err := tx.QueryRow(ctx, insertEntry+` RETURNING id`, entryValues(ctx, d.Entry)...).Scan(&entry); err != nil {
			return "", err
		}
		application, other := optional(d.File), optional("")
		if d.Of == identity.IndemnityOnly {
			application, other = other, application
		}
		_, err := tx.Exec(ctx, `INSERT INTO disclosures (entry_id, person_id, application_id, case_id, datum, ground, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			entry, string(d.Entry.Actor.Person), application, other, d.Datum, string(d.Reason.Ground), d.Reason.Text, d.Entry.At)
		return strconv.FormatInt(entry, 10), err
	})
	if err != nil {
		return false, fmt.Errorf("disclose: %w", translate(err))
	}
	return outcome != strconv.FormatInt(entry, 10), nil
}

// Disclosed tells whether something was shown to somebody since then.
func (s *Register) Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (bool, error) {
	return disclosed(ctx, s.pool, to, file, datum, since)
}

func disclosed(ctx context.Context, db DB, to identity.PersonID, file, datum string, since time.Time) (is bool, err error) {
	err = db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM disclosures WHERE person_id = $1 AND coalesce(application_id, case_id) = $2 AND datum = $3 AND at > $4)`,
		string(to), file, datum, since).Scan(&is)
	if err != nil {
		return false, fmt.Errorf("what was shown: %w", translate(err))
	}
	return is, nil
}

// Papers are the files of some requests for re-examination, the oldest first.
func (s *Register) Papers(ctx context.Context, reviews []string) ([]auditor.Paper, error) {
	rows, _ := s.pool.Query(ctx, `SELECT subject_id, name, size_bytes, encode(digest, 'hex'), at, erased_at FROM attachments WHERE subject_id = ANY ($1::uuid[]) ORDER BY at, id`, reviews)
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p auditor.Paper, err error) {
		return p, row.Scan(&p.With, &p.Name, &p.Size, &p.Digest, &p.At, (*zeronull.Timestamptz)(&p.Erased))
	})
	if err != nil {
		return nil, fmt.Errorf("papers of a case: %w", translate(err))
	}
	return all, nil
}

const (
	// paidOfFile are the sessions of the application $1 in payment runs, by run.
	paidOfFile = `
		SELECT r.number, o.state, b.day, l.amount_cents, o.value_day, o.reference
		FROM vouchers v JOIN bookings b ON b.voucher_id = v.id JOIN payment_lines l ON l.booking_id = b.id
			JOIN payment_orders o ON o.id = l.order_id JOIN payment_runs r ON r.id = o.run_id
		WHERE v.application_id = $1 AND o.state <> 'released' ORDER BY r.number, b.day, l.id`

	// recoveredOfFile is what is to come back for the sessions of the application $1.
	recoveredOfFile = `
		SELECT x.protocol, b.day, x.recover_cents, x.decided_at
		FROM vouchers v JOIN bookings b ON b.voucher_id = v.id JOIN disputes x ON x.booking_id = b.id
		WHERE v.application_id = $1 AND x.recover_cents > 0 ORDER BY x.decided_at, x.id`
)

// Money is what was paid for the sessions of an application to the contribution.
func (s *Register) Money(ctx context.Context, id voucher.ApplicationID) (m auditor.Money, err error) {
	rows, _ := s.pool.Query(ctx, paidOfFile, string(id))
	if m.Paid, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.PaidSession]); err != nil {
		return m, fmt.Errorf("payments of a case: %w", translate(err))
	}
	rows, _ = s.pool.Query(ctx, recoveredOfFile, string(id))
	if m.Recoveries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[auditor.Recovery]); err != nil {
		return m, fmt.Errorf("recoveries of a case: %w", translate(err))
	}
	return m, nil
}
