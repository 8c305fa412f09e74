package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/once"
)

// paperOpenings is who of the role $3 opened the papers about the subject $1, by the action
// $2 of the register: newest first.
const paperOpenings = `
	SELECT a.at, t.name, p.given_name || ' ' || p.family_name
	FROM attachments t JOIN audit a ON a.subject_id = t.id JOIN persons p ON p.id = a.person_id
	WHERE t.subject_id = $1 AND a.action = $2 AND a.role = $3 ORDER BY a.id DESC LIMIT 100`

// drafted is what a paper belongs to before it is sent: how it is locked, and why nothing
// is kept where it is gone.
type drafted struct {
	lockSQL string
	gone    *fault.Reason
}

// add seals and keeps a paper of something that is being written, once for each form and
// each file.
func (s *attachments) add(ctx context.Context, pool *pgxpool.Pool, of drafted, form once.Form, a attachment, f document.File, most document.Limits, e audit.Entry) error {
	err := s.write(ctx, pool, func(ctx context.Context, tx pgx.Tx) error {
		err := tx.QueryRow(ctx, of.lockSQL, a.Subject).Scan()
		if errors.Is(err, pgx.ErrNoRows) {
			return of.gone
		}
		if err != nil {
			return err
		}
		if _, done, err := outcomeOf(ctx, tx, form); err != nil || done {
			return err
		}
		known, err := s.room(ctx, tx, a.Subject, f, most)
		if err != nil || known != "" {
			return err
		}
		if err := s.keep(ctx, tx, a, f); err != nil {
			return err
		}
		return finish(ctx, tx, &pgx.Batch{}, form, a.ID, []audit.Entry{e})
	})
	if err != nil {
		return fmt.Errorf("keep a paper: %w", translate(err))
	}
	return nil
}

// takeBack takes a paper away from something that is being written.
func (s *attachments) takeBack(ctx context.Context, pool *pgxpool.Pool, removeSQL string, form once.Form, id string, e audit.Entry) error {
	_, err := actOnce(ctx, pool, form, e.At, func(ctx context.Context, tx pgx.Tx) (string, error) {
		gone, err := tx.Exec(ctx, removeSQL, id)
		if err == nil && gone.RowsAffected() == 0 {
			err = fault.ErrNotFound
		}
		if err == nil {
			_, err = tx.Exec(ctx, insertEntry, entryValues(ctx, e)...)
		}
		return id, err
	})
	if err != nil {
		return fmt.Errorf("take back a paper: %w", err)
	}
	return nil
}
