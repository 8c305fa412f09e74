package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// IndemnityTexts is the indemnity.TextStore.
type IndemnityTexts struct{ pool *pgxpool.Pool }

// NewIndemnityTexts is the store on a pool.
func NewIndemnityTexts(pool *pgxpool.Pool) *IndemnityTexts { return &IndemnityTexts{pool} }

const textVersions = `
	SELECT v.id::text, v.key, v.number, v.text, v.send, v.state, v.proposed_by::text, p.given_name, p.family_name, v.proposed_at,
		coalesce(v.decided_by::text, ''), coalesce(d.given_name, ''), coalesce(d.family_name, ''), coalesce(v.decided_at, 'epoch'), v.why
	FROM text_versions v JOIN persons p ON p.id = v.proposed_by LEFT JOIN persons d ON d.id = v.decided_by `

func scanTextVersion(row pgx.CollectableRow) (v indemnity.TextVersion, err error) {
	return v, row.Scan(&v.ID, &v.Key, &v.Number, &v.Text, &v.Send, &v.State, &v.ProposedBy.ID, &v.ProposedBy.GivenName, &v.ProposedBy.FamilyName, &v.ProposedAt,
		&v.DecidedBy.ID, &v.DecidedBy.GivenName, &v.DecidedBy.FamilyName, &v.DecidedAt, &v.Why)
}

// TextVersions is every version of a text that people brought, or of all for "": newest
// first.
func (s *IndemnityTexts) TextVersions(ctx context.Context, of indemnity.TextKey) ([]indemnity.TextVersion, error) {
	rows, _ := s.pool.Query(ctx, textVersions+`WHERE $1 IN ('', v.key) ORDER BY v.key, v.number DESC`, string(of))
	all, err := pgx.CollectRows(rows, scanTextVersion)
	if err != nil {
		return nil, fmt.Errorf("versions of text %q: %w", of, translate(err))
	}
	return all, nil
}

// ProposeText keeps a version that somebody proposes.
func (s *IndemnityTexts) ProposeText(ctx context.Context, form once.Form, v indemnity.TextVersion, e audit.Entry) error {
	_, err := actOnce(ctx, s.pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		_, err := tx.Exec(ctx, `INSERT INTO text_versions (id, key, number, text, send, state, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			v.ID, string(v.Key), v.Number, v.Text, v.Send, string(v.State), string(v.ProposedBy.ID), v.ProposedAt)
		switch violated(err) {
		case "text_has_one_open_proposal":
			return "", indemnity.ErrTextOpen
		case "text_version_is_numbered_once":
			return "", indemnity.ErrTextMoved
		}
		if err != nil {
			return "", err
		}
		return v.ID, write(ctx, tx, e)
	})
	if err != nil {
		return fmt.Errorf("propose text %s: %w", v.Key, err)
	}
	return nil
}

// DecideText locks a version and keeps what is decided on it.
func (s *IndemnityTexts) DecideText(ctx context.Context, form once.Form, key indemnity.TextKey, number int, decide func(indemnity.TextVersion) (indemnity.TextVersion, audit.Entry, error)) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, _ := tx.Query(ctx, textVersions+`WHERE v.key = $1 AND v.number = $2 FOR UPDATE OF v`, string(key), number)
		was, err := pgx.CollectExactlyOneRow(rows, scanTextVersion)
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); done || err != nil {
			return err
		}
		v, e, err := decide(was)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE text_versions SET state = $2, decided_by = $3, decided_at = $4, why = $5 WHERE id = $1`,
			v.ID, string(v.State), string(v.DecidedBy.ID), v.DecidedAt, v.Why); err != nil {
			return err
		}
		return sent(ctx, tx, form, v.ID, e)
	})
	if err != nil {
		return fmt.Errorf("decide on version %d of text %s: %w", number, key, translate(err))
	}
	return nil
}
