package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/notify"
	"portal/internal/postgres"
)

// Notices tells people what happened as of the moment at which it did. The jobs of the
// first start tell all that the world has behind it: months of it, and none of it is news.
type Notices struct {
	*postgres.Notices
	pool *pgxpool.Pool
}

// NewNotices is the store of messages of a demo on a pool.
func NewNotices(pool *pgxpool.Pool) Notices { return Notices{postgres.NewNotices(pool), pool} }

// Post writes the messages of an entry as of its own moment, not of now.
func (n Notices) Post(ctx context.Context, entry int64, letters []notify.Letter, now time.Time) error {
	if err := n.pool.QueryRow(ctx, `SELECT at FROM audit WHERE id = $1`, entry).Scan(&now); err != nil {
		return fmt.Errorf("when entry %d was written: %w", entry, err)
	}
	return n.Notices.Post(ctx, entry, letters, now)
}
