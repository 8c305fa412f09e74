package indemnity

import (
	"encoding/json"
	"slices"

	"portal/internal/money"
)

// Few is how many people stand in a cell of a public table at the least, if anybody does:
// fewer could be told apart (F23).
const Few = 5

// PublicCount is a number of people in a public table. As JSON it is the number, or null
// where it is hidden.
type PublicCount struct {
	Number int
	Hidden bool // it is small, or would let another small one be reckoned
}

// MarshalJSON writes the number, or null.
func (c PublicCount) MarshalJSON() ([]byte, error) {
	if c.Hidden {
		return []byte("null"), nil
	}
	return json.Marshal(c.Number)
}

// UnmarshalJSON reads the number, or null.
func (c *PublicCount) UnmarshalJSON(text []byte) error {
	*c = PublicCount{Hidden: string(text) == "null"}
	if c.Hidden {
		return nil
	}
	return json.Unmarshal(text, &c.Number)
}

// PointFigures is how many places have so many points.
type PointFigures struct {
	Points int         `json:"points"`
	Places PublicCount `json:"places"`
	Paid   PublicCount `json:"paid"`
}

// PublicFigures is what everybody may know of the ranking of a call (P-07): no names, and
// no number of fewer than Few people, told or reckoned.
//
// Whoever has more points than the last place with money is paid, and whoever has less is
// not: everybody knows that (art. 4), so that it hides nothing to leave those cells out. What
// is not known is how the equals at the cut are split, and how many stand where the places
// are hidden. Together with how many are paid altogether the places above tell the first, and
// the places below the rest of it: so neither sum is told where it would give away fewer than
// Few people (F23, as we read it).
type PublicFigures struct {
	Received   PublicCount    `json:"received"` // not withdrawn
	Suitable   PublicCount    `json:"suitable"`
	Paid       PublicCount    `json:"paid"`
	Unpaid     PublicCount    `json:"unpaid"`
	Refused    PublicCount    `json:"refused"` // inadmissible or not eligible
	Forfeited  PublicCount    `json:"forfeited"`
	Budget     *money.Amount  `json:"budget_cents"` // nil: unlimited
	Spent      *money.Amount  `json:"spent_cents"`  // nil where few are paid
	LastPoints int            `json:"last_points"`  // of the last place with money, 0 where nobody has any
	ByPoints   []PointFigures `json:"by_points"`
}

// Small tells whether any number is hidden.
func (f PublicFigures) Small() bool {
	for _, c := range []PublicCount{f.Received, f.Suitable, f.Paid, f.Unpaid, f.Refused, f.Forfeited} {
		if c.Hidden {
			return true
		}
	}
	for _, p := range f.ByPoints {
		if p.Places.Hidden || p.Paid.Hidden {
			return true
		}
	}
	return false
}

// publicFigures is what may be told of a ranking, of a call whose cases are so many in
// each state and whose places so many by points.
func publicFigures(r *Ranking, states map[State]int, points []PointFigures) PublicFigures {
	f := PublicFigures{Budget: r.Budget(), LastPoints: r.LastPoints, ByPoints: points,
		Suitable: PublicCount{Number: r.Summary.Ranked}, Paid: PublicCount{Number: r.Summary.Funded}, Unpaid: PublicCount{Number: r.Summary.NotFunded},
		Refused: PublicCount{Number: states[Inadmissible] + states[NotEligible]}, Forfeited: PublicCount{Number: states[Forfeited]}}
	for state, n := range states {
		if state != WithdrawnByMember {
			f.Received.Number += n
		}
	}
	others := f.Received.Number - f.Suitable.Number - f.Refused.Number - f.Forfeited.Number
	for _, part := range []int{f.Suitable.Number, f.Refused.Number, f.Forfeited.Number, others} {
		f.Received.Hidden = f.Received.Hidden || few(part) // the sum would tell it
	}
	if hideFew(&f.Paid, &f.Unpaid); !hidePoints(points, f.Paid.Hidden) {
		f.Paid, f.Unpaid = PublicCount{Hidden: true}, PublicCount{Hidden: true}
	}
	for _, c := range []*PublicCount{&f.Received, &f.Suitable, &f.Refused, &f.Forfeited} {
		if c.Hidden = c.Hidden || few(c.Number); c.Hidden {
			c.Number = 0
		}
	}
	if !f.Paid.Hidden {
		f.Spent = &r.Summary.FundedGross
	}
	return f
}

// hidePoints hides what is small in the figures by points, and all of those who are paid
// where even their sum is hidden; false where that sum, or that of those who are not paid,
// would tell what is small.
func hidePoints(points []PointFigures, paidHidden bool) (told bool) {
	was := slices.Clone(points)
	places, paid := make([]*PublicCount, len(points)), make([]*PublicCount, len(points))
	for i := range points {
		places[i], paid[i] = &points[i].Places, &points[i].Paid
	}
	hideFew(places...)
	var in, out unknown // among those who are paid, and those who are not
	for i, p := range was {
		of, is := p.Places.Number, p.Paid.Number
		if paid[i].Hidden = places[i].Hidden || few(is) || few(of-is); paid[i].Hidden {
			in.add(is)
			out.add(of - is)
		}
	}
	told = paidHidden || in.keeps() && out.keeps()
	for i := range paid {
		paid[i].Hidden = paid[i].Hidden || paidHidden || !told
	}
	hideFew(paid...)
	return told
}

// unknown is what is hidden in a table whose sum is known.
type unknown struct{ cells, together int }

func (u *unknown) add(n int) {
	if n > 0 {
		u.cells, u.together = u.cells+1, u.together+n
	}
}

// keeps tells whether what is hidden cannot be reckoned from the sum.
func (u unknown) keeps() bool { return u.cells == 0 || u.cells > 1 && u.together >= Few }

// few tells whether a number of people is one that is not told.
func few(n int) bool { return 0 < n && n < Few }

// hideFew hides the small numbers of a table whose sum is known, and the least of the
// others with them as long as what is hidden could be reckoned from the sum.
func hideFew(cells ...*PublicCount) {
	hidden, together := 0, 0
	for _, c := range cells {
		if c.Hidden = c.Hidden || few(c.Number); c.Hidden {
			hidden, together = hidden+1, together+c.Number
		}
	}
	for hidden > 0 && !(unknown{hidden, together}).keeps() {
		var least *PublicCount
		for _, c := range cells {
			if !c.Hidden && c.Number > 0 && (least == nil || c.Number < least.Number) {
				least = c
			}
		}
		if least == nil {
			break
		}
		least.Hidden = true
		hidden, together = hidden+1, together+least.Number
	}
	for _, c := range cells {
		if c.Hidden {
			c.Number = 0
		}
	}
}
