// Package rating counts what people think of pages. It knows who nobody is: a rating has
// a page, a month, one to five, and perhaps what counted most, and is added to a count.
package rating

import (
	"context"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// ErrScore says that no score was chosen.
var ErrScore = fault.Invalid("rating.score")

// Page is what is rated, by a word that names nobody's.
type Page string

// The pages: the confirmations of the services. Pages with bad news, and those of heirs
// and of grave events, ask nothing (ux, 0.4).
const (
	IndemnitySent Page = "indemnity_sent" // M-14
	VoucherSent   Page = "voucher_sent"   // C-11, step 7
)

// Pages lists every page that can be rated.
var Pages = []Page{IndemnitySent, VoucherSent}

// Reason is what counted most for a score, in words of ours: nobody writes anything.
type Reason string

// The reasons.
const (
	Clarity  Reason = "clarity"  // to understand what to do
	Papers   Reason = "papers"   // to find and hand in papers
	Filling  Reason = "filling"  // to fill in the pages
	Duration Reason = "duration" // how long it took
	Another  Reason = "other"
)

// Reasons lists every reason, in the order in which they are offered.
var Reasons = []Reason{Clarity, Papers, Filling, Duration, Another}

// The scores, from the worst to the best.
const (
	Lowest  = 1
	Highest = 5
)

// Count is how often a page was rated so in a month: with a reason, how often of those
// it was given.
type Count struct {
	Month  calendar.Date // its first day
	Page   Page
	Score  int
	Reason Reason // "" for every rating
	Count  int
}

// Store keeps counts.
type Store interface {
	// Add adds one to a count.
	Add(ctx context.Context, c Count) error
	// Counts are those of some months, both in them, in their order.
	Counts(ctx context.Context, from, to calendar.Date) ([]Count, error)
}

// Ratings counts.
type Ratings struct {
	Store
	now func() time.Time
}

// NewRatings is the service on a store, with a clock.
func NewRatings(s Store, now func() time.Time) *Ratings { return &Ratings{s, now} }

// Rate counts a score of a page; ErrScore, and fault.ErrNotFound for a page that nobody
// rates.
func (s *Ratings) Rate(ctx context.Context, p Page, score int) error {
	return s.add(ctx, p, score, "")
}

// Explain counts what counted most for a score that was given. Who chose nothing has
// nothing to add.
func (s *Ratings) Explain(ctx context.Context, p Page, score int, why Reason) error {
	switch {
	case why == "":
		return nil
	case !slices.Contains(Reasons, why):
		return fault.ErrNotFound
	}
	return s.add(ctx, p, score, why)
}

func (s *Ratings) add(ctx context.Context, p Page, score int, why Reason) error {
	switch {
	case !slices.Contains(Pages, p):
		return fault.ErrNotFound
	case score < Lowest || score > Highest:
		return ErrScore
	}
	today := calendar.On(s.now())
	return s.Add(ctx, Count{Month: calendar.NewDate(today.Year, today.Month, 1), Page: p, Score: score, Reason: why})
}
