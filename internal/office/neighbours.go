package office

import (
	"context"
	"errors"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Neighbour is a system outside the portal, and how to ask it whether it answers. One
// that the portal was started without has no question.
type Neighbour struct {
	Name string // the words on screens stand in the catalogue under "administration.neighbour."
	Ask  func(ctx context.Context) error
}

// Failure is how a neighbour did not answer: the kind, never what it said.
type Failure string

// The failures. The words on screens stand in the catalogue under
// "administration.failure.".
const (
	Slow   Failure = "slow"   // it took too long
	Silent Failure = "silent" // it is not there
	Wrong  Failure = "wrong"  // what it answers cannot be used
)

// FailureOf is the kind of an error, "" for none.
func FailureOf(err error) Failure {
	var waited interface{ Timeout() bool } // of a network or of a file
	reason := fault.As(err)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.DeadlineExceeded):
		return Slow
	case errors.As(err, &waited):
		if waited.Timeout() {
			return Slow
		}
		return Silent
	case reason != nil && reason.Kind == fault.KindUnavailable:
		return Silent
	}
	return Wrong
}

// Contact is when a neighbour last answered and last did not.
type Contact struct {
	Name     string
	There    bool // the portal was started with it
	Answered time.Time
	Failed   time.Time
	Failure  Failure // the last
}

// Fails tells whether the last time it was asked, it did not answer.
func (c Contact) Fails() bool { return !c.Failed.IsZero() && !c.Failed.Before(c.Answered) }

// NeighbourTried is written in the register when an administrator asks a neighbour.
const NeighbourTried audit.Action = "neighbour.tried"

// ContactStore keeps when neighbours answered.
type ContactStore interface {
	// Contacts is what is known of each neighbour that was asked.
	Contacts(ctx context.Context) ([]Contact, error)
	// Note keeps how a neighbour answered at an instant, "" for well.
	Note(ctx context.Context, name string, at time.Time, how Failure) error
	// Tried keeps the same, once, and who asked.
	Tried(ctx context.Context, form once.Form, name string, how Failure, e audit.Entry) error
}

// Neighbours is the systems outside the portal.
type Neighbours struct {
	store ContactStore
	all   []Neighbour
	now   func() time.Time
}

// NewNeighbours is the service on a store, with the neighbours and a clock.
func NewNeighbours(s ContactStore, all []Neighbour, now func() time.Time) *Neighbours {
	return &Neighbours{s, all, now}
}

// patience is how long a neighbour may take to say that it is there.
const patience = 5 * time.Second

func (n Neighbour) ask(ctx context.Context) Failure {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return FailureOf(n.Ask(ctx))
}

// List is every neighbour, for an administrator.
func (s *Neighbours) List(ctx context.Context, who identity.Actor) ([]Contact, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	known, err := s.store.Contacts(ctx)
	all := make([]Contact, len(s.all))
	for i, n := range s.all {
		all[i] = Contact{Name: n.Name, There: n.Ask != nil}
		for _, c := range known {
			if c.Name == n.Name {
				c.There = n.Ask != nil
				all[i] = c
			}
		}
	}
	return all, err
}

// Try asks a neighbour now, and tells how it answered; fault.ErrNotFound for one that the
// portal has not.
func (s *Neighbours) Try(ctx context.Context, who identity.Actor, form once.Form, name string) (Failure, error) {
	if err := mayAdminister(who); err != nil {
		return "", err
	}
	for _, n := range s.all {
		if n.Name == name && n.Ask != nil {
			how := n.ask(ctx)
			return how, s.store.Tried(ctx, form, name, how, audit.Entry{At: s.now(), Actor: who, Action: NeighbourTried})
		}
	}
	return "", fault.ErrNotFound
}

// AskAll asks each neighbour, one after the other, by the hour.
func (s *Neighbours) AskAll(ctx context.Context) error {
	var wrong []error
	for _, n := range s.all {
		if n.Ask != nil {
			wrong = append(wrong, s.store.Note(ctx, n.Name, s.now(), n.ask(ctx)))
		}
	}
	return errors.Join(wrong...)
}
