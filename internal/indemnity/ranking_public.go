package indemnity

import (
	"context"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
)

// OwnPlace is the place of a case in the publication in force, as who applied sees it: with
// the lines behind each number, and how far the money went.
type OwnPlace struct {
	RankingEntry
	Call        CallID
	Publication int
	PublishedAt time.Time
	Places      int // of the ranking
	LastRank    int // with money, 0 for none
	LastPoints  int // of that place
}

// Step is a line behind the place.
func (p OwnPlace) Step(name StepName) (Step, bool) {
	for _, step := range p.Steps {
		if step.Name == name {
			return step, true
		}
	}
	return Step{}, false
}

// OwnPlace is the place of a case that the actor may open: see Applications.CaseFile;
// fault.ErrNotFound while it has none.
func (s *Rankings) OwnPlace(ctx context.Context, who identity.Actor, id CaseID) (OwnPlace, error) {
	c, err := s.cases.CaseFile(ctx, who, id)
	if err != nil {
		return OwnPlace{}, err
	}
	r, err := s.inForce(ctx, c.Call)
	if err != nil {
		return OwnPlace{}, err
	}
	e, err := s.Entry(ctx, r.ID, id)
	if err != nil {
		return OwnPlace{}, err
	}
	return OwnPlace{RankingEntry: e, Call: c.Call, Publication: r.Publication, PublishedAt: r.Published.At,
		Places: r.Summary.Ranked, LastRank: r.LastRank, LastPoints: r.LastPoints}, nil
}

// inForce is the publication of a call that is in force; fault.ErrNotFound before the first.
func (s *Rankings) inForce(ctx context.Context, call CallID) (Ranking, error) {
	id, err := s.Standing(ctx, call)
	if err == nil && id == "" {
		err = fault.ErrNotFound
	}
	if err != nil {
		return Ranking{}, err
	}
	return s.Ranking(ctx, id)
}

// PlacesSeen are the places of a ranking, from one to another, for who works on it: that
// is written down.
func (s *Rankings) PlacesSeen(ctx context.Context, who identity.Actor, id RankingID, from, to int) ([]RankingEntry, error) {
	if err := MaySeeRankings(who); err != nil {
		return nil, err
	}
	if err := s.See(ctx, s.entry(who, RankingSeen, id)); err != nil {
		return nil, err
	}
	return s.Places(ctx, id, from, to)
}

// MaySeeRankings tells why an actor does not see the places of others: the office does,
// and oversight.
func MaySeeRankings(who identity.Actor) error {
	if who.Role == identity.Oversight {
		return nil
	}
	return who.Must(identity.Welfare, identity.Prepare, identity.Approve, identity.Publish, identity.Pay)
}
