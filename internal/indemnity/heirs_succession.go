package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Why nobody steps into an application, or a succession is not decided.
var (
	ErrSuccessionOpen = fault.Refuse("heirs.succession_open") // another one waits
	ErrNoSuccession   = fault.Refuse("heirs.succession_none") // it was decided meanwhile
	ErrSameOfficer    = fault.Refuse("heirs.same_officer")
	ErrNoProof        = fault.Refuse("heirs.no_proof") // no paper says who inherits
	ErrSentBackWhy    = fault.Invalid("heirs.sent_back_why")
)

// Succession is that heirs step into the application of a member who has died since it
// was sent (subentro, R18): one officer registers it, and another confirms it.
type Succession struct {
	ID         string
	Case       CaseID
	Protocol   string // of the case
	Member     identity.Person
	DiedOn     calendar.Date
	Heirs      []Heir
	ProposedBy identity.Person
	ProposedAt time.Time
	State      SuccessionState
	DecidedBy  identity.Person
	DecidedAt  time.Time
	Why        string // it was sent back
}

// SuccessionState is where a succession stands; the database knows the same words.
type SuccessionState string

// The states of a succession.
const (
	SuccessionWaits SuccessionState = "proposed"
	SuccessionHolds SuccessionState = "confirmed"
	SuccessionNot   SuccessionState = "sent_back"
)

// SuccessionChange is what is decided on a case: all of it is saved, or nothing.
type SuccessionChange struct {
	Succession Succession   // new, or decided
	Heirs      []Invitation // of one that is confirmed
	Entry      audit.Entry
}

// Propose registers that heirs step into an application. Its state, its place and the
// terms that run stay as they are.
func (s *Heirs) Propose(ctx context.Context, who identity.Actor, form once.Form, id CaseID, diedOn calendar.Date, heirs []Heir) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return s.Succeed(ctx, form, s.now(), id, func(c CaseFile, before []Succession) (SuccessionChange, error) {
		if err := s.maySucceed(c, before, diedOn, heirs); err != nil {
			return SuccessionChange{}, err
		}
		x := Succession{ID: newID(), Case: id, DiedOn: diedOn, Heirs: heirs, ProposedBy: identity.Person{ID: who.Person}, ProposedAt: s.now(), State: SuccessionWaits}
		return SuccessionChange{Succession: x, Entry: s.entry(who, SuccessionProposed, c)}, nil
	})
}

func (s *Heirs) maySucceed(c CaseFile, before []Succession, diedOn calendar.Date, heirs []Heir) error {
	if err := c.maySucceed(); err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(x Succession) bool { return x.State == SuccessionWaits }) {
		return ErrSuccessionOpen
	}
	if err := deathFlaw(diedOn, calendar.On(s.now())); err != nil {
		return err
	}
	if diedOn.Before(calendar.On(c.SubmittedAt)) {
		return ErrDiedBeforeSent
	}
	return heirsFlaw(heirs, c.Member.FiscalCode)
}

func (c CaseFile) maySucceed() error {
	switch {
	case !c.OwnedByMember():
		return ErrAlreadyHeirs
	case c.State == WithdrawnByMember:
		return ErrCaseNotOpen
	}
	return nil
}

// MaySucceed tells why heirs cannot step into a case.
func (c CaseFile) MaySucceed() error { return c.maySucceed() }

// Confirm lets heirs into an application, by a second person who has seen the proof. The
// mandates of the deceased end. The codes of the heirs are told once, and of a form that
// is sent again none.
func (s *Heirs) Confirm(ctx context.Context, who identity.Actor, form once.Form, id CaseID) (codes []HeirCode, err error) {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return nil, err
	}
	err = s.Succeed(ctx, form, s.now(), id, func(c CaseFile, all []Succession) (SuccessionChange, error) {
		x, err := s.decided(who, all, SuccessionHolds)
		if err == nil {
			err = c.maySucceed()
		}
		if err == nil && !c.proved() {
			err = ErrNoProof
		}
		if err != nil {
			return SuccessionChange{}, err
		}
		change := SuccessionChange{Succession: x, Entry: s.entry(who, SuccessionConfirmed, c)}
		change.Heirs, codes, err = s.invite(x.Heirs)
		return change, err
	})
	if err != nil {
		return nil, err
	}
	return codes, nil
}

// SendBack leaves an application to its member, with the reason why.
func (s *Heirs) SendBack(ctx context.Context, who identity.Actor, form once.Form, id CaseID, why string) error {
	why = strings.TrimSpace(why)
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	if why == "" {
		return ErrSentBackWhy
	}
	return s.Succeed(ctx, form, s.now(), id, func(c CaseFile, all []Succession) (SuccessionChange, error) {
		x, err := s.decided(who, all, SuccessionNot)
		x.Why = why
		return SuccessionChange{Succession: x, Entry: s.entry(who, SuccessionSentBack, c)}, err
	})
}

// decided is the succession that waits, decided by somebody else than who registered it.
func (s *Heirs) decided(who identity.Actor, all []Succession, as SuccessionState) (Succession, error) {
	i := slices.IndexFunc(all, func(x Succession) bool { return x.State == SuccessionWaits })
	switch {
	case i < 0:
		return Succession{}, ErrNoSuccession
	case all[i].ProposedBy.ID == who.Person:
		return Succession{}, ErrSameOfficer
	}
	x := all[i]
	x.State, x.DecidedBy, x.DecidedAt = as, identity.Person{ID: who.Person}, s.now()
	return x, nil
}

// proved tells whether a paper says who inherits. A death is verified by the office, or
// declared (A41).
func (c CaseFile) proved() bool {
	return slices.ContainsFunc(c.Papers, func(p Paper) bool { return p.Kind == Heirship && p.Attachment != "" })
}
