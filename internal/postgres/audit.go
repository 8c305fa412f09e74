package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

const insertEntry = `
	INSERT INTO audit (at, person_id, role, for_id, mandate_id, action, subject_id, about_id, request_id, from_address)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func entryValues(ctx context.Context, e audit.Entry) []any {
	return []any{e.At, optional(e.Actor.Person), string(e.Actor.Role), optional(e.Actor.For), optional(e.Actor.Mandate),
		string(e.Action), optional(e.Subject), optional(e.About), audit.Request(ctx), audit.Address(ctx)}
}

// write appends an entry to the register.
func write(ctx context.Context, db DB, e audit.Entry) error {
	if _, err := db.Exec(ctx, insertEntry, entryValues(ctx, e)...); err != nil {
		return fmt.Errorf("write %s: %w", e.Action, translate(err))
	}
	return nil
}

// looks lists who, other than the person themselves, looked at a voucher of
// theirs, at a session booked against it or, as an auditor, at its application,
// newest first.
func looks(ctx context.Context, db DB, about identity.PersonID, of voucher.ID) ([]audit.Look, error) {
	actions := words(append(slices.Clone(voucher.Looks), auditor.FileOpened, auditor.DatumShown))
	rows, _ := db.Query(ctx, `
		SELECT a.at, a.action, a.role, p.given_name || ' ' || p.family_name
		FROM audit a JOIN persons p ON p.id = a.person_id
		WHERE a.about_id = $2 AND a.person_id <> $2 AND a.action = ANY ($3)
		AND (a.subject_id = $1 OR a.subject_id IN (SELECT id FROM bookings WHERE voucher_id = $1) OR a.subject_id = (SELECT application_id FROM vouchers WHERE id = $1))
		ORDER BY a.id DESC LIMIT 50`, string(of), string(about), actions)
	seen, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Look])
	if err != nil {
		return nil, fmt.Errorf("who looked: %w", translate(err))
	}
	return seen, nil
}

// outcomeOf looks up what came of a form. One without a key was never sent.
func outcomeOf(ctx context.Context, db DB, form once.Form) (outcome string, done bool, err error) {
	if form.Key == "" {
		return "", false, nil
	}
	var digest []byte
	err = db.QueryRow(ctx, `SELECT digest, outcome FROM submissions WHERE person_id = $1 AND action = $2 AND key = $3`,
		string(form.Person), form.Action, form.Key).Scan(&digest, &outcome)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return "", false, nil
	case err != nil:
		return "", false, fmt.Errorf("form %s: %w", form.Action, translate(err))
	case !bytes.Equal(digest, form.Digest):
		return "", false, once.ErrOtherContent
	}
	return outcome, true, nil
}

// nullText scans NULL as the empty text.
type nullText string

// ScanText is called by pgx.
func (t *nullText) ScanText(v pgtype.Text) error {
	*t = nullText(v.String)
	return nil
}
