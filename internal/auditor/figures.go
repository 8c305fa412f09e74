package auditor

import (
	"context"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// FiguresMonths is how many months the figures go back.
const FiguresMonths = 12

// SmallCount is the least number of things of which everybody reads a figure: fewer
// would tell of somebody.
const SmallCount = 5

// LeftAfter is how long nobody has touched a draft that counts as left.
const LeftAfter = 30 * 24 * time.Hour

// Phase is a stretch between two things that are written down. Its programme stands
// before the dot.
type Phase string

// The phases, in the order in which a case goes through them.
const (
	VoucherOutcome   Phase = "voucher.outcome"    // from sending to the publication of the outcome
	VoucherConfirm   Phase = "voucher.confirm"    // from the day of a session to its confirmation
	VoucherPaid      Phase = "voucher.paid"       // from the invoice to the value day of its payment
	IndemnityOpened  Phase = "indemnity.opened"   // from sending to the first time an officer opens the case
	IndemnityAnswer  Phase = "indemnity.answer"   // from a request to its answer: the member’s time
	IndemnityDecided Phase = "indemnity.decided"  // from sending to the decision
	IndemnityRanked  Phase = "indemnity.ranked"   // from the decision to the publication of the ranking
	IndemnityPaid    Phase = "indemnity.paid"     // from the publication to the value day of the payment
	Reexamined       Phase = "voucher.reexamined" // from a request to look again to the decision
	MessageAnswered  Phase = "indemnity.messages" // from a message to its answer
)

// Phases lists every phase.
var Phases = []Phase{VoucherOutcome, VoucherConfirm, VoucherPaid, Reexamined, IndemnityOpened, IndemnityAnswer, IndemnityDecided, IndemnityRanked, IndemnityPaid, MessageAnswered}

// Took is how long a phase took where it ended in a month: half of them no longer than
// Half, nine in ten no longer than Most. In days, begun ones count.
type Took struct {
	Phase Phase
	Month calendar.Date // its first day
	Count int
	Half  int
	Most  int
}

// Tally is a number of things of a month, or of a step.
type Tally struct {
	What  string
	Month calendar.Date
	Count int
}

// Rated is what people think of a page: how many, and the mean in tenths of a point.
type Rated struct {
	Page  string
	Count int
	Mean  int
}

// Figures are those of the service.
type Figures struct {
	Took    []Took  // by phase and month, the newest first
	Expired []Tally // terms that ran out, by kind and month
	Left    []Tally // drafts that were left, by the step that was reached
	Begun   []Tally // drafts begun and sent, by month
	Rated   []Rated
}

// FiguresStore counts.
type FiguresStore interface {
	// Figures are those from a month on until now.
	Figures(ctx context.Context, from calendar.Date, now time.Time) (Figures, error)
}

// Service is the figures of the service (F24).
type Service struct {
	FiguresStore
	now func() time.Time
}

// NewService is the figures on a store, with a clock.
func NewService(s FiguresStore, now func() time.Time) *Service { return &Service{s, now} }

// All are the figures of the last months (U-05).
func (s *Service) All(ctx context.Context, who identity.Actor) (Figures, error) {
	if err := MayAudit(who); err != nil {
		return Figures{}, err
	}
	return s.recent(ctx)
}

func (s *Service) recent(ctx context.Context) (Figures, error) {
	today := calendar.On(s.now())
	from := calendar.NewDate(today.Year, today.Month-FiguresMonths+1, 1)
	return s.Figures(ctx, from, s.now())
}

// Public is what everybody may read of them: times of months that are over, without the
// figures of a few.
func (s *Service) Public(ctx context.Context) (shown []Took, hidden bool, err error) {
	f, err := s.recent(ctx)
	if err != nil {
		return nil, false, err
	}
	today := calendar.On(s.now())
	for _, t := range f.Took {
		switch {
		case t.Month.Year == today.Year && t.Month.Month == today.Month:
		case t.Count < SmallCount:
			hidden = true
		default:
			shown = append(shown, t)
		}
	}
	return shown, hidden, nil
}
