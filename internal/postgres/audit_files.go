package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/auditor"
	"portal/internal/identity"
	"portal/internal/once"
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
func (s *Register) Disclose(ctx context.Context, form once.Form, d auditor.Disclosure) error {
	var entry int64
	outcome, err := actOnce(ctx, s.pool, form, d.Entry.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
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
	switch {
	case errors.Is(err, once.ErrOtherContent), err == nil && outcome != strconv.FormatInt(entry, 10):
		return auditor.ErrShownBefore
	case err != nil:
		return fmt.Errorf("disclose: %w", translate(err))
	}
	return nil
}

// Disclosed tells whether something was shown to somebody since then.
func (s *Register) Disclosed(ctx context.Context, to identity.PersonID, file, datum string, since time.Time) (is bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM disclosures WHERE person_id = $1 AND coalesce(application_id, case_id) = $2 AND datum = $3 AND at > $4)`,
		string(to), file, datum, since).Scan(&is)
	if err != nil {
		return false, fmt.Errorf("what was shown: %w", translate(err))
	}
	return is, nil
}
