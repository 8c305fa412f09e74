package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Logins is the store of login sessions (scs.CtxStore). A session that has ended
// stays ended: a request still under way, which read it before, cannot bring it
// back by saving it. The rows go when they expire; see Notices.Forget.
type Logins struct {
	pool *pgxpool.Pool
}

// NewLogins is the store of login sessions on a pool: see OpenLogins.
func NewLogins(pool *pgxpool.Pool) *Logins { return &Logins{pool} }

// FindCtx is the session of a token, if it has neither ended nor expired.
func (s *Logins) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT data FROM sessions WHERE token = $1 AND NOT ended AND expiry > now()`, token).Scan(&data)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a login: %w", translate(err))
	}
	return data, true, nil
}

// CommitCtx saves a session, unless it has ended meanwhile. It takes a time of its
// own: what a long request has done is done, and its answer is kept in the session.
func (s *Logins) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	_, err := s.pool.Exec(ctx, `
		INSERT INTO sessions AS s (token, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expiry = excluded.expiry WHERE NOT s.ended`, token, data, expiry)
	if err != nil {
		return fmt.Errorf("save a login: %w", translate(err))
	}
	return nil
}

// DeleteCtx ends a session and forgets what it held.
func (s *Logins) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.pool.Exec(ctx, `UPDATE sessions SET ended = true, data = '' WHERE token = $1`, token); err != nil {
		return fmt.Errorf("end a login: %w", translate(err))
	}
	return nil
}

// Find, Commit and Delete are the same for callers without a context, of which
// the portal has none: scs asks for both.

// Find is FindCtx.
func (s *Logins) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx.
func (s *Logins) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx.
func (s *Logins) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
