package indemnity

import (
	"context"

	"portal/internal/calendar"
)

// Examined is a case as it stands, for who does not work on it: whether they may read it,
// and that they did, is for the caller to see to.
func (s *Desk) Examined(ctx context.Context, id CaseID) (Opened, error) {
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return Opened{}, err
	}
	others, claim, err := s.beside(ctx, c)
	if err != nil {
		return Opened{}, err
	}
	o := examine(c, others, calendar.On(s.now()))
	o.Claim = claim
	return o, nil
}
