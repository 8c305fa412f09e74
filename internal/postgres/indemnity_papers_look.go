package postgres

import (
	"context"
	"fmt"
	"io"
	"time"

	"portal/internal/audit"
	"portal/internal/indemnity"
)

// Look reads the file of a paper, once it is written down that it was opened: by this
// person, since a moment.
func (s *Papers) Look(ctx context.Context, p indemnity.Paper, e audit.Entry, since time.Time) (io.Reader, error) {
	var looks bool
	err := s.pool.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM audit WHERE subject_id = $1 AND action = $2 AND person_id = $3 AND role = $4 AND at > $5)`,
		e.Subject, string(e.Action), string(e.Actor.Person), string(e.Actor.Role), since).Scan(&looks)
	if err != nil {
		return nil, fmt.Errorf("who looks at a paper: %w", translate(err))
	}
	if !looks {
		return s.Open(ctx, p, e)
	}
	return s.papers.open(ctx, s.pool, p.Attachment)
}
