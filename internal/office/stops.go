package office

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// StopID names a planned stop: a random UUID.
type StopID string

// Stop is a time in which the portal will not answer, as everybody is told.
type Stop struct {
	ID          StopID
	Says        string // what does not work, in plain words
	From, Until time.Time
	Planned     identity.Hand
	Withdrawn   identity.Hand // zero for one that holds
}

// What is written in the register about stops.
const (
	StopPlanned   audit.Action = "stop.planned"
	StopWithdrawn audit.Action = "stop.withdrawn"
)

// Why a stop cannot be planned or withdrawn.
var (
	ErrStopText     = fault.Invalid("stop.text")
	ErrStopPast     = fault.Invalid("stop.past")
	ErrStopSpan     = fault.Invalid("stop.span")
	ErrStopOverlaps = fault.Refuse("stop.overlaps")
	ErrStopOver     = fault.Stale("stop.over")
)

// How long what a stop says, and a stop, may be.
const (
	LongestStopText = 300
	longestStop     = 72 * time.Hour
)

// announced is how long before it begins everybody reads of a stop.
const announced = 7 * 24 * time.Hour

// Shown tells whether pages announce the stop.
func (s Stop) Shown(now time.Time) bool { return s.Holds(now) && !now.Before(s.From.Add(-announced)) }

// Holds tells whether a stop is still to come, or under way.
func (s Stop) Holds(now time.Time) bool { return s.Withdrawn.At.IsZero() && now.Before(s.Until) }

// check tells whether a stop can be planned.
func (s Stop) check(now time.Time) error {
	switch {
	case s.Says == "" || utf8.RuneCountInString(s.Says) > LongestStopText:
		return ErrStopText
	case !s.From.After(now):
		return ErrStopPast
	case !s.Until.After(s.From) || s.Until.Sub(s.From) > longestStop:
		return ErrStopSpan
	}
	return nil
}

// TermKind is a kind of term that may end while the portal is stopped.
type TermKind string

// The kinds. The words on screens stand in the catalogue under
// "administration.term.".
const (
	WindowCloses  TermKind = "window"        // of an edition of the contribution
	CodeExpires   TermKind = "last_day"      // of a code with money left
	ConfirmEnds   TermKind = "confirm"       // of sessions that were held
	InvoiceEnds   TermKind = "invoice"       // of sessions that were confirmed
	FirstSession  TermKind = "first_session" // of a code without one
	ISEECureEnds  TermKind = "isee"          // of an application with an ISEE to correct
	InvoiceMended TermKind = "correction"    // of an invoice to correct
	AnswerEnds    TermKind = "answer"        // of what the welfare service asked for
)

// EndingTerms is how many terms of a kind end at an instant.
type EndingTerms struct {
	Kind  TermKind
	At    time.Time
	Count int
}

// StopStore keeps planned stops.
type StopStore interface {
	// Stops lists every stop, the latest first.
	Stops(ctx context.Context) ([]Stop, error)
	// Ending lists the terms that end after an instant and until another, by instant and
	// kind.
	Ending(ctx context.Context, from, until time.Time) ([]EndingTerms, error)
	// Plan saves a stop; ErrStopOverlaps.
	Plan(ctx context.Context, form once.Form, s Stop, e audit.Entry) error
	// Withdraw locks a stop, asks how it ends and saves that; fault.ErrNotFound.
	Withdraw(ctx context.Context, form once.Form, id StopID, e audit.Entry, decide func(Stop) (Stop, error)) error
}

// Stops is when the portal does not answer. What is announced is asked of the store at
// most once in refresh: each page needs it.
type Stops struct {
	store StopStore
	now   func() time.Time
	known lately[[]Stop]
}

// NewStops is the service on a store, with a clock.
func NewStops(s StopStore, now func() time.Time) *Stops { return &Stops{store: s, now: now} }

// Announced is the next stop that pages announce, false for none. A store that is silent
// announces what it last said, and nobody waits while another asks it.
func (s *Stops) Announced(ctx context.Context) (Stop, bool) {
	now := s.now()
	var next Stop
	for _, stop := range s.known.at(now, func() ([]Stop, error) { return s.store.Stops(ctx) }) {
		if stop.Shown(now) && (next.ID == "" || stop.From.Before(next.From)) {
			next = stop
		}
	}
	return next, next.ID != ""
}

// Public lists the stops that are to come or under way, and the last that were, for the
// page on the state of the service.
func (s *Stops) Public(ctx context.Context) (coming, past []Stop, err error) {
	all, err := s.store.Stops(ctx)
	const most = 5
	for _, stop := range all {
		switch {
		case stop.Holds(s.now()):
			coming = append(coming, stop)
		case stop.Withdrawn.At.IsZero() && len(past) < most:
			past = append(past, stop)
		}
	}
	slices.Reverse(coming)
	return coming, past, err
}

// All lists every stop, for an administrator.
func (s *Stops) All(ctx context.Context, who identity.Actor) ([]Stop, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Stops(ctx)
}

// Check tells whether a stop can be planned, and the terms that would end in it.
func (s *Stops) Check(ctx context.Context, who identity.Actor, says string, from, until time.Time) ([]EndingTerms, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	if err := (Stop{Says: strings.TrimSpace(says), From: from, Until: until}).check(s.now()); err != nil {
		return nil, err
	}
	return s.store.Ending(ctx, from, until)
}

// Ending lists the terms that end in a stop.
func (s *Stops) Ending(ctx context.Context, who identity.Actor, of Stop) ([]EndingTerms, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Ending(ctx, of.From, of.Until)
}

// Plan announces a stop. No term moves by itself: who answers for it decides.
func (s *Stops) Plan(ctx context.Context, who identity.Actor, form once.Form, says string, from, until time.Time) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	now := s.now()
	stop := Stop{ID: StopID(uuid.NewString()), Says: strings.TrimSpace(says), From: from, Until: until, Planned: who.At(now)}
	if err := stop.check(now); err != nil {
		return err
	}
	defer s.known.forget()
	return s.store.Plan(ctx, form, stop, audit.Entry{At: now, Actor: who, Action: StopPlanned, Subject: string(stop.ID)})
}

// Withdraw takes back a stop that is to come, or ends one that is under way.
func (s *Stops) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id StopID) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	now := s.now()
	defer s.known.forget()
	return s.store.Withdraw(ctx, form, id, audit.Entry{At: now, Actor: who, Action: StopWithdrawn, Subject: string(id)}, func(stop Stop) (Stop, error) {
		if !stop.Holds(now) {
			return stop, ErrStopOver
		}
		stop.Withdrawn = who.At(now)
		return stop, nil
	})
}
