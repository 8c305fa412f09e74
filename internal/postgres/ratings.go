package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/rating"
)

// Ratings is the rating.Store.
type Ratings struct{ pool *pgxpool.Pool }

// NewRatings is the store on a pool.
func NewRatings(pool *pgxpool.Pool) *Ratings { return &Ratings{pool} }

// Add adds one to a count.
func (s *Ratings) Add(ctx context.Context, c rating.Count) error {
	_, err := s.pool.Exec(ctx, `
		INSERT INTO ratings AS r (month, page, score, reason) VALUES ($1, $2, $3, $4)
		ON CONFLICT (month, page, score, reason) DO UPDATE SET count = r.count + 1`, c.Month, string(c.Page), c.Score, string(c.Reason))
	if err != nil {
		return fmt.Errorf("count a rating: %w", translate(err))
	}
	return nil
}

// Counts are those of some months.
func (s *Ratings) Counts(ctx context.Context, from, to calendar.Date) ([]rating.Count, error) {
	rows, _ := s.pool.Query(ctx, `SELECT month, page, score, reason, count FROM ratings WHERE month BETWEEN $1 AND $2 ORDER BY month, page, score, reason`, from, to)
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[rating.Count])
	if err != nil {
		return nil, fmt.Errorf("ratings: %w", translate(err))
	}
	return all, nil
}
