package indemnity

import (
	"slices"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Sketch is an application in a few strokes, each day of it proved: what an estimate and
// a worked example start from.
type Sketch struct {
	Income     money.Amount    `json:"income"` // of the year that the rules look at
	Event      calendar.Period `json:"event"`
	DaysPaid   int             `json:"days_paid,omitempty"` // in the year in which the event ends, by earlier calls
	OtherCover bool            `json:"other_cover,omitempty"`
	ISEE       *money.Amount   `json:"isee,omitempty"` // nil: not presented
	Exclusive  bool            `json:"exclusive,omitempty"`
}

// Estimate is what a call makes of a sketch, sent on a day, or as soon as it may be for
// the zero Date. False where the event is no period.
func Estimate(call *Call, on calendar.Date, s Sketch) (Explanation, bool) {
	if !s.Event.Valid() {
		return Explanation{}, false
	}
	sent := s.Event.To.Add(1)
	if on.After(sent) {
		sent = on
	}
	f := Facts{
		Kind: ByMember, Channel: Portal, ActiveMember: true,
		EnrolmentApplied: s.Event.From.Add(-1), EnrolledOn: s.Event.From.Add(-1),
		Event: SicknessEvent{Kind: Ordinary, Period: s.Event,
			Certificates: []Certificate{{Kind: InitialPrognosis, IssuedOn: s.Event.From, Period: s.Event, InForm: true}}},
		Identity:     IdentityValid,
		Declarations: SelfDeclarations{TrueCopy: true, NoActivity: true, OtherCover: s.OtherCover, Exclusive: s.Exclusive},
		ISEE:         ISEE{Status: ISEENotPresented},
		Incomes:      Yearly[money.Amount]{{sent.Year - call.Rules.Readings.IncomeYearOffset.Is, s.Income}},
		Contribution: Contribution{IncomeCommunicated: true},
		DaysUsed:     Yearly[int]{{s.Event.To.Year, s.DaysPaid}},
	}
	if s.ISEE != nil {
		f.ISEE = ISEE{Status: ISEEValid, Given: true, Value: *s.ISEE}
	}
	return Explain(call, on, f)
}

// Example is a case worked by hand: a sketch with what the rules must make of it.
type Example struct {
	Sketch
	Works
	Source string `json:"source"` // who worked it: the call, an act of the office
}

// Works is what comes of a sketch.
type Works struct {
	Duration int           `json:"duration"` // total duration in days
	Days     int           `json:"days"`     // compensable ones
	Daily    money.Amount  `json:"daily"`
	Gross    money.Amount  `json:"gross"`
	Points   int           `json:"points"`
	LastDay  calendar.Date `json:"last_day"` // on which it can be sent
}

// Works is what an example compares of an explanation.
func (x *Explanation) Works() Works {
	return Works{x.Duration, x.Entitlement.Days, x.Entitlement.Daily, x.Entitlement.Gross, x.Score.Total(), x.Term.End()}
}

// Proof is an example with what the rules make of it.
type Proof struct {
	Example
	Got   Works
	Right bool // it came out
}

// Prove works every example with the rules.
func (c *Call) Prove() []Proof {
	all, reckonable := make([]Proof, len(c.Rules.Examples)), c.reckonable()
	for i, e := range c.Rules.Examples {
		all[i] = Proof{Example: e}
		if !reckonable {
			continue
		}
		if x, ok := Estimate(c, calendar.Date{}, e.Sketch); ok {
			all[i].Got = x.Works()
		}
		all[i].Right = all[i].Got == e.Works
	}
	return all
}

// reckonable tells whether there is a daily amount at all: nothing is divided by nothing.
func (c *Call) reckonable() bool { return c.Rules.IncomeDivisor.Is > 0 && c.Rules.RoundUpTo.Is > 0 }

// proved tells whether every example comes out.
func (c *Call) proved() bool {
	return !slices.ContainsFunc(c.Prove(), func(p Proof) bool { return !p.Right })
}
