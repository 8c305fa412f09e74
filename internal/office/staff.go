package office

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// StaffPerPage is how many people a page of the list shows.
const StaffPerPage = 25

// Shelf is a part of the list of people.
type Shelf string

// The shelves. The words on screens stand in the catalogue under
// "administration.staff.shelf.".
const (
	InService Shelf = "serving" // with a role today, or from a day to come
	Left      Shelf = "left"    // all of whose roles are over
)

// Shelves lists them in their order.
var Shelves = []Shelf{InService, Left}

// StaffList asks for a page of the people with a role in an office.
type StaffList struct {
	Shelf  Shelf
	Office identity.Role // "" for all
	Sought string        // part of a name or a whole fiscal code, "" for all
	Page   int
	Today  calendar.Date
}

// Colleague is somebody with roles, and when they were last in the portal with one.
type Colleague struct {
	Person   identity.Person
	Grants   []Grant // of the shelf, those in force first
	LastSeen time.Time
}

// StaffPage is a page of them, with how many each shelf holds.
type StaffPage struct {
	Colleagues []Colleague
	Counts     map[Shelf]int
	Total      int
}

// Card is all that is known of somebody's roles.
type Card struct {
	Standing
	LastSeen time.Time
}

// Candidate is who a role is for, as they were typed.
type Candidate struct {
	Code          identity.FiscalCode
	Given, Family string
}

// StaffStore keeps roles and their proposals. Every write carries its form: one that
// was stored before is not acted on again, its outcome comes back instead.
type StaffStore interface {
	// Staff is a page of the people who have or had a role in an office.
	Staff(ctx context.Context, ask StaffList) (StaffPage, error)
	// Card is somebody's roles, those of members and heirs aside; fault.ErrNotFound for
	// who never had one and for whom none was proposed.
	Card(ctx context.Context, id identity.PersonID) (Card, error)
	// Open lists the proposals that wait for a second person, the oldest first.
	Open(ctx context.Context) ([]Proposal, error)
	// Administrators counts who administers on a day.
	Administrators(ctx context.Context, on calendar.Date) (int, error)
	// Proposal is one of all that were made; fault.ErrNotFound.
	Proposal(ctx context.Context, id ProposalID) (Proposal, error)
	// Named is somebody by fiscal code; fault.ErrNotFound.
	Named(ctx context.Context, code identity.FiscalCode) (identity.Person, error)
	// Propose finds or keeps somebody, locks them, asks for a proposal and saves it.
	Propose(ctx context.Context, form once.Form, of Candidate, e audit.Entry, decide func(Standing) (Proposal, error)) (ProposalID, error)
	// Decide locks the person of a proposal, asks what becomes of it and saves that, with
	// the grant that it gives, if any; fault.ErrNotFound.
	Decide(ctx context.Context, form once.Form, id ProposalID, e audit.Entry, decide func(Standing, Proposal) (Proposal, *Grant, error)) error
	// End locks a grant and all that make somebody an administrator, asks how it ends,
	// given how many others administer today, and saves that; fault.ErrNotFound.
	End(ctx context.Context, form once.Form, id GrantID, e audit.Entry, decide func(Grant, int) (Grant, error)) error
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
}

// Staff is the roles of people in the offices. Only administrators read it.
type Staff struct {
	store StaffStore
	now   func() time.Time
}

// NewStaff is the service on a store, with a clock.
func NewStaff(s StaffStore, now func() time.Time) *Staff { return &Staff{s, now} }

func (s *Staff) entry(who identity.Actor, done audit.Action, subject string, about identity.PersonID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: done, Subject: subject, About: about}
}

// List is a page of people. That somebody was looked for is written down.
func (s *Staff) List(ctx context.Context, who identity.Actor, ask StaffList) (StaffPage, error) {
	if err := mayAdminister(who); err != nil {
		return StaffPage{}, err
	}
	if !slices.Contains(Shelves, ask.Shelf) {
		ask.Shelf = InService
	}
	ask.Today, ask.Sought = calendar.On(s.now()), strings.TrimSpace(ask.Sought)
	if ask.Sought != "" {
		if err := s.store.See(ctx, s.entry(who, StaffSearched, "", "")); err != nil {
			return StaffPage{}, err
		}
	}
	return s.store.Staff(ctx, ask)
}

// Open is somebody's card, for an administrator: that they looked is written down.
func (s *Staff) Open(ctx context.Context, who identity.Actor, id identity.PersonID) (Card, error) {
	c, err := s.Read(ctx, who, id)
	if err != nil {
		return c, err
	}
	return c, s.store.See(ctx, s.entry(who, StaffOpened, string(id), id))
}

// Read is somebody's card, for an administrator who is about to act on it.
func (s *Staff) Read(ctx context.Context, who identity.Actor, id identity.PersonID) (Card, error) {
	if err := mayAdminister(who); err != nil {
		return Card{}, err
	}
	return s.store.Card(ctx, id)
}

// Waiting lists the proposals that wait for a second person.
func (s *Staff) Waiting(ctx context.Context, who identity.Actor) ([]Proposal, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Open(ctx)
}

// soon is how far ahead an administrator is told that there will be too few of them.
const soon = 30

// Few tells whether, today or within a month, there are not enough administrators to
// give roles: one proposes and another confirms.
func (s *Staff) Few(ctx context.Context, who identity.Actor) (bool, error) {
	if err := mayAdminister(who); err != nil {
		return false, err
	}
	for _, day := range []calendar.Date{calendar.On(s.now()), calendar.On(s.now()).Add(soon)} {
		if n, err := s.store.Administrators(ctx, day); err != nil || n < fewest {
			return err == nil, err
		}
	}
	return false, nil
}

// Proposal is a proposal, for an administrator.
func (s *Staff) Proposal(ctx context.Context, who identity.Actor, id ProposalID) (Proposal, error) {
	if err := mayAdminister(who); err != nil {
		return Proposal{}, err
	}
	return s.store.Proposal(ctx, id)
}

// Propose asks that somebody be given a role. The name must be the one that the fiscal
// code is known under, or one that it can belong to.
func (s *Staff) Propose(ctx context.Context, who identity.Actor, form once.Form, of Candidate, w Wish) (ProposalID, error) {
	if err := mayAdminister(who); err != nil {
		return "", err
	}
	of.Given, of.Family = strings.TrimSpace(of.Given), strings.TrimSpace(of.Family)
	if of.Given == "" || of.Family == "" {
		return "", ErrNameMissing
	}
	switch known, err := s.store.Named(ctx, of.Code); {
	case errors.Is(err, fault.ErrNotFound):
		if !of.Code.Named(of.Given, of.Family) {
			return "", ErrName
		}
	case err != nil:
		return "", err
	case !strings.EqualFold(known.GivenName, of.Given) || !strings.EqualFold(known.FamilyName, of.Family):
		return "", ErrName
	}
	id := ProposalID(uuid.NewString())
	return s.store.Propose(ctx, form, of, s.entry(who, GrantProposed, string(id), ""), func(has Standing) (Proposal, error) {
		return has.Propose(w, id, who, s.now())
	})
}

// Confirm gives the role that another administrator proposed.
func (s *Staff) Confirm(ctx context.Context, who identity.Actor, form once.Form, id ProposalID) error {
	grant := GrantID(uuid.NewString())
	return s.store.Decide(ctx, form, id, s.entry(who, GrantConfirmed, string(id), ""), func(has Standing, p Proposal) (Proposal, *Grant, error) {
		p, g, err := has.Confirm(p, grant, who, s.now())
		return p, &g, err
	})
}

// Refuse says no to what another administrator proposed, for a reason.
func (s *Staff) Refuse(ctx context.Context, who identity.Actor, form once.Form, id ProposalID, why string) error {
	return s.store.Decide(ctx, form, id, s.entry(who, GrantRefused, string(id), ""), func(_ Standing, p Proposal) (Proposal, *Grant, error) {
		p, err := p.Refuse(why, who, s.now())
		return p, nil, err
	})
}

// Withdraw takes a proposal of one's own back.
func (s *Staff) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id ProposalID) error {
	return s.store.Decide(ctx, form, id, s.entry(who, GrantWithdrawn, string(id), ""), func(_ Standing, p Proposal) (Proposal, *Grant, error) {
		p, err := p.Withdraw(who, s.now())
		return p, nil, err
	})
}

// End takes a role away, at once: from the next click on, its pages are not there for
// who had it.
func (s *Staff) End(ctx context.Context, who identity.Actor, form once.Form, id GrantID, why string) error {
	return s.store.End(ctx, form, id, s.entry(who, GrantEnded, string(id), ""), func(g Grant, others int) (Grant, error) {
		return g.End(why, others, who, s.now())
	})
}
