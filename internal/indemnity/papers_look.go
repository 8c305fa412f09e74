package indemnity

import (
	"context"
	"io"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
)

// LookedFor is how long somebody who has opened a paper goes on looking at it: the pages
// that they turn until then are the same look.
const LookedFor = 15 * time.Minute

// Look opens the file of a paper of a case to show its pages; fault.ErrNotFound. It is
// written down as Read is, once for a look: no page is seen without an entry.
func (s *Papers) Look(ctx context.Context, who identity.Actor, of CaseID, id PaperID) (Paper, io.Reader, error) {
	c, p, err := s.open(ctx, who, id)
	if err == nil && (p.Case != of || p.Attachment == "") {
		err = fault.ErrNotFound
	}
	if err != nil {
		return Paper{}, nil, err
	}
	content, err := s.PaperStore.Look(ctx, p, s.entry(who, PaperOpened, c, p.ID), s.now().Add(-LookedFor))
	return p, content, err
}
