package voucher

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// TrailStore keeps where the money of each session stands.
type TrailStore interface {
	// Trace is one session of a professional; fault.ErrNotFound for anybody else's.
	Trace(ctx context.Context, of identity.PersonID, id BookingID, now time.Time) (Trace, error)
	// Earned is what a professional has earned: what waits, and what was paid.
	Earned(ctx context.Context, of identity.PersonID, now time.Time) (Earned, error)
	// AtRisk is a professional's sessions that are not complete, by term.
	AtRisk(ctx context.Context, of identity.PersonID, now time.Time) ([]Trace, error)
	// Payment is an order to a professional's account; fault.ErrNotFound.
	Payment(ctx context.Context, of identity.PersonID, id string) (PaymentOrder, error)
	// Paid is what a professional was paid in a year, by value day, with the years in
	// which anything was.
	Paid(ctx context.Context, of identity.PersonID, year int) (Statement, error)
	// PathRows is the money of an edition by territory and stage.
	PathRows(ctx context.Context, of EditionID, now time.Time) ([]PathRow, error)
}

// Trail is where the money of each session stands.
type Trail struct {
	TrailStore
	now func() time.Time
}

// NewTrail is the service on a store, with a clock.
func NewTrail(s TrailStore, now func() time.Time) *Trail { return &Trail{s, now} }

// Sum is sessions counted together, with what they are worth.
type Sum struct {
	Sessions int
	Amount   money.Amount
}

func (s Sum) with(a money.Amount) Sum { return Sum{s.Sessions + 1, s.Amount + a} }

// Earned is the money of a professional: what waits for it, and the orders to their
// account.
type Earned struct {
	Booked   Sum // not confirmed yet
	Held     Sum // confirmed, and not invoiced
	Paid     Sum
	Invoiced []Trace // invoiced, and not paid: newest invoice first
	Orders   []PaymentOrder
	Years    []int // in which anything was paid, newest first
	Payee    Payee
}

// PaymentOrder is a credit to the account of a professional.
type PaymentOrder struct {
	ID        string
	Run       int
	RunState  string
	Month     calendar.Date // its first day
	State     string        // frozen, sent, paid, returned, released
	Amount    money.Amount
	Sessions  int
	ExecuteOn calendar.Date
	ValueDay  calendar.Date
	Reference string
	Reason    string // why it came back
	Lines     []PaymentLine
}

// PaymentLine is a session that an order pays.
type PaymentLine struct {
	Booking   BookingID
	Day       calendar.Date
	Holder    string
	Invoice   string // its number
	Amount    money.Amount
	Territory string
	Repairs   string // the order that came back, which this line makes good; or ""
	Again     string // the order that makes this line good, or ""
}

// Statement is what a professional was paid in a year.
type Statement struct {
	Year  int
	Payee identity.Person
	Lines []StatementLine
	Years []int // in which anything was paid, newest first
}

// Total is what was paid in the year.
func (s Statement) Total() (total money.Amount) {
	for _, l := range s.Lines {
		total += l.Amount
	}
	return total
}

// StatementLine is a session that was paid.
type StatementLine struct {
	ValueDay  calendar.Date
	Run       int
	Reference string
	Day       calendar.Date // of the session
	Invoice   string        // its number
	InvoiceOn calendar.Date
	Amount    money.Amount
}

// Session is where the money of one session stands, for its professional: to anybody
// else it does not exist.
func (s *Trail) Session(ctx context.Context, who identity.Actor, id BookingID) (Trace, Waypoint, error) {
	if who.Role != identity.Psychologist {
		return Trace{}, Waypoint{}, fault.ErrNotFound
	}
	now := s.now()
	t, err := s.Trace(ctx, who.Person, id, now)
	return t, t.Waypoint(now), err
}

// Suspended is the sessions that one thing keeps from being paid.
type Suspended struct {
	Waypoint Waypoint
	Funds    Funds // where money of a territory is waited for
	Sum
	Of []Trace
}

// Pipeline is the way of a professional's money: boxes one after the other, and what
// stands beside them.
type Pipeline struct {
	Booked, Held, Invoiced, InPayment, Paid Sum
	OnHold                                  Sum // of those invoiced, what something keeps back
	Suspended                               []Suspended
	Orders                                  []PaymentOrder
	Years                                   []int
	Payee                                   Payee
}

// Pipeline is the money of a professional on its way (PIC-7). Sessions that something
// keeps back are counted among those invoiced, and named with what it is.
func (s *Trail) Pipeline(ctx context.Context, who identity.Actor) (Pipeline, error) {
	now := s.now()
	e, err := s.Earned(ctx, who.Person, now)
	if err != nil {
		return Pipeline{}, err
	}
	return e.pipeline(now), nil
}

func (e Earned) pipeline(now time.Time) Pipeline {
	p := Pipeline{Booked: e.Booked, Held: e.Held, Paid: e.Paid, Orders: e.Orders, Years: e.Years, Payee: e.Payee}
	type reason struct {
		stage     Stage
		obstacle  Hindrance
		edition   EditionID // where money of a territory is waited for
		territory string
	}
	index := map[reason]int{}
	for _, t := range e.Invoiced {
		at := t.Waypoint(now)
		if at.Stage == TrailInPayment {
			p.InPayment = p.InPayment.with(t.Claimed)
			continue
		}
		p.Invoiced = p.Invoiced.with(t.Claimed)
		if !at.Stage.Held() {
			continue
		}
		p.OnHold = p.OnHold.with(t.Claimed)
		why := reason{stage: at.Stage, obstacle: at.Hindrance}
		if at.Stage == TrailAwaitingFunds {
			why.edition, why.territory = t.Edition, t.Territory
		}
		i, known := index[why]
		if !known {
			i = len(p.Suspended)
			index[why] = i
			p.Suspended = append(p.Suspended, Suspended{Waypoint: at, Funds: t.Funds})
		}
		one := &p.Suspended[i]
		if at.By.Before(one.Waypoint.By) {
			one.Waypoint.By = at.By
		}
		one.Sum = one.Sum.with(t.Claimed)
		one.Of = append(one.Of, t)
	}
	return p
}

// RiskGroup is sessions with one term, after which the office cancels them.
type RiskGroup struct {
	By       calendar.Date
	Over     bool // it has passed
	Total    money.Amount
	Sessions []Risk
}

// Risk is a session that will be cancelled if nothing is done.
type Risk struct {
	Trace
	Waypoint Waypoint
}

// Risks is the money that a professional loses by doing nothing (F9): the sessions to
// confirm, to invoice or whose invoice is to be corrected, by term, the first one
// first.
func (s *Trail) Risks(ctx context.Context, who identity.Actor) ([]RiskGroup, error) {
	now := s.now()
	all, err := s.AtRisk(ctx, who.Person, now)
	if err != nil {
		return nil, err
	}
	return risks(all, now), nil
}

func risks(all []Trace, now time.Time) []RiskGroup {
	rows := make([]Risk, len(all))
	for i, t := range all {
		rows[i] = Risk{t, t.Waypoint(now)}
	}
	slices.SortStableFunc(rows, func(a, b Risk) int {
		return cmp.Or(a.Waypoint.By.Compare(b.Waypoint.By), strings.Compare(a.Holder.Name(), b.Holder.Name()), a.Day.Compare(b.Day))
	})
	var groups []RiskGroup
	for _, r := range rows {
		if n := len(groups); n == 0 || groups[n-1].By != r.Waypoint.By {
			groups = append(groups, RiskGroup{By: r.Waypoint.By, Over: r.Waypoint.Hindrance == TermOver})
		}
		g := &groups[len(groups)-1]
		g.Total += r.Price()
		g.Sessions = append(g.Sessions, r)
	}
	return groups
}
