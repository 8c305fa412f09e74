package office

import (
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// GrantID names a grant: a random UUID.
type GrantID string

// ProposalID names a proposal: a random UUID.
type ProposalID string

// ProposalState is where a proposal stands.
type ProposalState string

// The states. The words on screens stand in the catalogue under
// "administration.proposal.state.".
const (
	Proposed  ProposalState = "proposed"
	Confirmed ProposalState = "confirmed" // by another administrator: the grant holds
	Refused   ProposalState = "refused"   // by another administrator, with a reason
	Withdrawn ProposalState = "withdrawn" // by who proposed it
)

// What is written in the register about roles. A grant is told to whom it concerns.
const (
	GrantProposed  audit.Action = "grant.proposed"
	GrantConfirmed audit.Action = "grant.confirmed"
	GrantRefused   audit.Action = "grant.refused"
	GrantWithdrawn audit.Action = "grant.withdrawn"
	GrantEnded     audit.Action = "grant.ended"
	StaffSearched  audit.Action = "staff.searched"
	StaffOpened    audit.Action = "staff.opened"
)

// Why a role is not given, or not taken away.
var (
	ErrPost          = fault.Invalid("grant.post")
	ErrGrounds       = fault.Invalid("grant.grounds")
	ErrFromPast      = fault.Invalid("grant.from_past")
	ErrUntil         = fault.Invalid("grant.until")
	ErrName          = fault.Invalid("grant.name")
	ErrNameMissing   = fault.Invalid("grant.name_missing")
	ErrHolds         = fault.Refuse("grant.holds")
	ErrExcluded      = fault.Refuse("grant.excluded")
	ErrProposedTwice = fault.Refuse("grant.proposed_twice")
	ErrOwn           = fault.Refuse("grant.own")
	ErrSecondPerson  = fault.Refuse("grant.second_person")
	ErrNotProposer   = fault.Refuse("grant.not_proposer")
	ErrTooLate       = fault.Refuse("grant.too_late")
	ErrFewLeft       = fault.Refuse("grant.few_left")
	ErrWhy           = fault.Invalid("grant.why")
	ErrDecision      = fault.Invalid("grant.decision")
	ErrDecided       = fault.Stale("grant.decided")
	ErrEnded         = fault.Stale("grant.ended")
)

// Grant is a post that somebody holds, held or will hold.
type Grant struct {
	ID     GrantID
	Person identity.PersonID
	Post
	Span
	Proposal ProposalID    // "" for one that came with the installation
	Ended    identity.Hand // who took it away; zero for one that runs to its end
	Why      string        // it was taken away
}

// Over tells whether a grant has run out or was taken away.
func (g Grant) Over(today calendar.Date) bool {
	return !g.Ended.At.IsZero() || !g.Until.IsZero() && today.After(g.Until)
}

// Proposal is a grant that an administrator wants, until another decides on it.
type Proposal struct {
	ID     ProposalID
	Person identity.Person
	Post
	Span
	Grounds  string // the act or the reason: an appointment, a service order
	Proposed identity.Hand
	State    ProposalState
	Decided  identity.Hand
	Why      string // it was refused
}

// Standing is what is known of somebody when it is decided what they may be.
type Standing struct {
	Person    identity.Person
	Grants    []Grant
	Proposals []Proposal
}

// Wish is what an administrator asks for.
type Wish struct {
	Post
	Span
	Grounds string
}

// Propose is the proposal that an administrator makes for somebody else.
func (s Standing) Propose(w Wish, id ProposalID, who identity.Actor, now time.Time) (Proposal, error) {
	w.Grounds = strings.TrimSpace(w.Grounds)
	switch today := calendar.On(now); {
	case s.Person.ID == who.Person:
		return Proposal{}, ErrOwn
	case !w.Known():
		return Proposal{}, ErrPost
	case w.From.Before(today):
		return Proposal{}, ErrFromPast
	case !w.Until.IsZero() && w.Until.Before(w.From):
		return Proposal{}, ErrUntil
	case w.Grounds == "":
		return Proposal{}, ErrGrounds
	}
	for _, p := range s.Proposals {
		if p.State == Proposed && p.Post == w.Post {
			return Proposal{}, ErrProposedTwice
		}
	}
	p := Proposal{ID: id, Person: s.Person, Post: w.Post, Span: w.Span, Grounds: w.Grounds, State: Proposed, Proposed: who.At(now)}
	return p, s.admits(p)
}

// admits tells whether a grant goes with those that somebody has.
func (s Standing) admits(p Proposal) error {
	for _, g := range s.Grants {
		switch {
		case !g.Meets(p.Span):
		case g.Post == p.Post:
			return ErrHolds
		case g.Excludes(p.Post):
			return ErrExcluded
		}
	}
	return nil
}

// MayDecide tells whether an administrator may confirm or refuse a proposal.
func (p Proposal) MayDecide(who identity.Actor) error {
	if err := mayDecide(who, p.Proposed, p.State == Proposed, ErrDecided, ErrSecondPerson); err != nil {
		return err
	}
	if p.Person.ID == who.Person {
		return ErrOwn
	}
	return nil
}

// MayWithdraw tells whether a proposal is the actor's own, and still open.
func (p Proposal) MayWithdraw(who identity.Actor) error {
	return mayWithdraw(who, p.Proposed, p.State == Proposed, ErrDecided)
}

// Confirm is the grant that a proposal gives. It begins when it is confirmed, if that
// is later than was asked.
func (s Standing) Confirm(p Proposal, id GrantID, who identity.Actor, now time.Time) (Proposal, Grant, error) {
	if err := p.MayDecide(who); err != nil {
		return p, Grant{}, err
	}
	span := p.Span
	if today := calendar.On(now); span.From.Before(today) {
		span.From = today
	}
	if !span.Until.IsZero() && span.Until.Before(span.From) {
		return p, Grant{}, ErrTooLate
	}
	if err := s.admits(Proposal{Post: p.Post, Span: span}); err != nil {
		return p, Grant{}, err
	}
	p.State, p.Decided = Confirmed, who.At(now)
	return p, Grant{ID: id, Person: p.Person.ID, Post: p.Post, Span: span, Proposal: p.ID}, nil
}

// Refuse says no to a proposal, for a reason.
func (p Proposal) Refuse(why string, who identity.Actor, now time.Time) (Proposal, error) {
	if err := p.MayDecide(who); err != nil {
		return p, err
	}
	if p.Why = strings.TrimSpace(why); p.Why == "" {
		return p, ErrWhy
	}
	p.State, p.Decided = Refused, who.At(now)
	return p, nil
}

// Withdraw takes a proposal of one's own back.
func (p Proposal) Withdraw(who identity.Actor, now time.Time) (Proposal, error) {
	if err := p.MayWithdraw(who); err != nil {
		return p, err
	}
	p.State, p.Decided = Withdrawn, who.At(now)
	return p, nil
}

// fewest is how many administrators there must be for roles to be given: one proposes
// and another confirms.
const fewest = 2

// End takes a grant away at once: one administrator is enough, for a reason. The others
// who administer today, without the person of the grant, are counted, so that somebody
// remains who can give roles.
func (g Grant) End(why string, others int, who identity.Actor, now time.Time) (Grant, error) {
	why = strings.TrimSpace(why)
	switch today := calendar.On(now); {
	case mayAdminister(who) != nil:
		return g, identity.ErrNoDuty
	case g.Over(today):
		return g, ErrEnded
	case why == "":
		return g, ErrWhy
	case g.Post == Post{identity.Oversight, identity.Administer} && g.Holds(today) && others < fewest:
		return g, ErrFewLeft
	}
	g.Ended, g.Why = who.At(now), why
	return g, nil
}
