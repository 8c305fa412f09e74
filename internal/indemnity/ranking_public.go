package indemnity

import (
	"context"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
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

// Few is how many people stand in a cell of a public table at the least, if anybody does:
// fewer could be told apart (F23).
const Few = 5

// PublicCount is a number of people in a public table.
type PublicCount struct {
	Number int
	Hidden bool // it is small, or would let another small one be reckoned
}

// PointFigures is how many places have so many points.
type PointFigures struct {
	Points       int
	Places, Paid PublicCount
}

// PublicFigures is what everybody may know of the ranking of a call (P-07): no names, and
// no number of fewer than Few people.
type PublicFigures struct {
	Call        CallID
	Publication int
	PublishedAt time.Time
	Received    PublicCount // not withdrawn
	Suitable    PublicCount
	Paid        PublicCount
	Unpaid      PublicCount
	Refused     PublicCount // inadmissible or not eligible
	Forfeited   PublicCount
	Budget      *money.Amount // nil: unlimited
	Spent       *money.Amount // nil where few are paid
	LastPoints  int           // of the last place with money, 0 where nobody has any
	ByPoints    []PointFigures
}

// Public is the figures of the publication of a call that is in force; fault.ErrNotFound
// before the first.
func (s *Rankings) Public(ctx context.Context, call CallID) (PublicFigures, error) {
	r, err := s.inForce(ctx, call)
	if err != nil {
		return PublicFigures{}, err
	}
	states, err := s.CallFigures(ctx, call)
	if err != nil {
		return PublicFigures{}, err
	}
	f := PublicFigures{Call: call, Publication: r.Publication, PublishedAt: r.Published.At, Budget: r.Call.Rules.Budget.Is, LastPoints: r.LastPoints,
		Suitable: PublicCount{Number: r.Summary.Ranked}, Paid: PublicCount{Number: r.Summary.Funded}, Unpaid: PublicCount{Number: r.Summary.NotFunded},
		Refused: PublicCount{Number: states[Inadmissible] + states[NotEligible]}, Forfeited: PublicCount{Number: states[Forfeited]}}
	for state, n := range states {
		if state != WithdrawnByMember {
			f.Received.Number += n
		}
	}
	if hideFew(&f.Paid, &f.Unpaid); !f.Paid.Hidden {
		f.Spent = &r.Summary.FundedGross
	}
	hideFew(&f.Suitable, &f.Refused, &f.Forfeited)
	hideFew(&f.Received)
	if f.ByPoints, err = s.PointFigures(ctx, r.ID); err != nil {
		return f, err
	}
	places, paid := make([]*PublicCount, len(f.ByPoints)), make([]*PublicCount, len(f.ByPoints))
	for i := range f.ByPoints {
		places[i], paid[i] = &f.ByPoints[i].Places, &f.ByPoints[i].Paid
		paid[i].Hidden = f.ByPoints[i].Paid.Number != 0 && f.ByPoints[i].Places.Number-f.ByPoints[i].Paid.Number > 0 &&
			f.ByPoints[i].Places.Number-f.ByPoints[i].Paid.Number < Few // those who are not paid would be told
	}
	hideFew(places...)
	hideFew(paid...)
	return f, nil
}

// hideFew hides small numbers of a table whose sum is known. One alone could be reckoned
// from the sum: the least of the others is hidden with it.
func hideFew(cells ...*PublicCount) {
	hidden, least := 0, -1
	for i, c := range cells {
		c.Hidden = c.Hidden || 0 < c.Number && c.Number < Few
		switch {
		case c.Hidden:
			hidden++
		case c.Number > 0 && (least < 0 || c.Number < cells[least].Number):
			least = i
		}
	}
	if hidden == 1 && least >= 0 {
		cells[least].Hidden = true
	}
	for _, c := range cells {
		if c.Hidden {
			c.Number = 0
		}
	}
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
