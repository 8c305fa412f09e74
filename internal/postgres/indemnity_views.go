package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// WorkViews is the indemnity.ViewStore.
type WorkViews struct{ pool *pgxpool.Pool }

// NewWorkViews is the store on a pool.
func NewWorkViews(pool *pgxpool.Pool) *WorkViews { return &WorkViews{pool} }

const viewsOf = `SELECT id::text, name, filters, first FROM work_views WHERE owner_id = $1 ORDER BY first DESC, lower(name)`

// Views are those of an officer by name, the first one before all.
func (s *WorkViews) Views(ctx context.Context, of identity.PersonID) ([]indemnity.View, error) {
	rows, _ := s.pool.Query(ctx, viewsOf, string(of))
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[indemnity.View])
	if err != nil {
		return nil, fmt.Errorf("views: %w", translate(err))
	}
	return all, nil
}

// A new view takes the first slot that is free. Views of one officer are saved one after
// the other, by a lock on what they are.
const (
	lockViews = `SELECT FROM persons WHERE id = $1 FOR NO KEY UPDATE`
	otherView = `UPDATE work_views SET first = false WHERE owner_id = $1 AND first AND id <> $2`
	newView   = `INSERT INTO work_views (id, owner_id, slot, name, filters, first, saved_at)
		SELECT $2, $1, n, $3, $4, $5, $6 FROM generate_series(1, $7::int) n
		WHERE NOT EXISTS (SELECT FROM work_views WHERE owner_id = $1 AND slot = n) ORDER BY n LIMIT 1`
)

// SaveView keeps a view.
func (s *WorkViews) SaveView(ctx context.Context, form once.Form, v indemnity.View, of identity.PersonID, isNew bool, now time.Time) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		if _, err := tx.Exec(ctx, lockViews, string(of)); err != nil {
			return "", err
		}
		if v.First {
			if _, err := tx.Exec(ctx, otherView, string(of), string(v.ID)); err != nil {
				return "", err
			}
		}
		none := fault.ErrNotFound
		saveSQL, with := `UPDATE work_views SET name = $3, first = $4, saved_at = $5 WHERE owner_id = $1 AND id = $2`, []any{string(of), string(v.ID), v.Name, v.First, now}
		if isNew {
			none = indemnity.ErrViewsEnded
			saveSQL, with = newView, []any{string(of), string(v.ID), v.Name, v.Filters, v.First, now, indemnity.ViewsAtMost}
		}
		tag, err := tx.Exec(ctx, saveSQL, with...)
		switch {
		case violated(err) == "view_is_named_once":
			return "", indemnity.ErrViewTwice
		case err == nil && tag.RowsAffected() == 0:
			return "", none
		}
		return string(v.ID), err
	})
	if err != nil {
		return fmt.Errorf("save a view: %w", err)
	}
	return nil
}

// DropView forgets a view.
func (s *WorkViews) DropView(ctx context.Context, form once.Form, id indemnity.ViewID, of identity.PersonID, now time.Time) error {
	_, err := actOnce(ctx, s.pool, form, now, func(ctx context.Context, tx pgx.Tx) (string, error) {
		tag, err := tx.Exec(ctx, `DELETE FROM work_views WHERE owner_id = $1 AND id = $2`, string(of), string(id))
		if err == nil && tag.RowsAffected() == 0 {
			err = fault.ErrNotFound
		}
		return string(id), err
	})
	if err != nil {
		return fmt.Errorf("drop a view: %w", err)
	}
	return nil
}
