package voucher

import (
	"context"
	"errors"
	"slices"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// CounterApplication is an application as an officer takes it down from somebody
// who calls, or stands at the counter.
type CounterApplication struct {
	Edition  EditionID
	Caller   identity.FiscalCode // who asks and declares
	Of       identity.FiscalCode // who is to receive the contribution: the caller, or whom they answer for
	Email    string
	Phone    string
	Declared []string // marks of the declarations that were read out and confirmed: see Declaration.Mark
	Parent   bool     // the caller declares parental responsibility that the register does not show
}

// AtCounter is what the registers say of who is to receive the contribution, for
// an officer who prepares their application; with it the reason why it cannot be
// sent as it stands. That the registers were asked is written.
func (s *Intake) AtCounter(ctx context.Context, officer identity.Actor, c CounterApplication) (Registers, error) {
	if err := officer.Must(identity.INPS, identity.Prepare); err != nil {
		return Registers{}, err
	}
	e, err := s.Edition(ctx, c.Edition)
	if err != nil {
		return Registers{}, err
	}
	now := s.now()
	asked := audit.Entry{At: now, Actor: officer, Action: RegistersAsked}
	if p, err := s.ByFiscalCode(ctx, c.Of); err == nil {
		asked.About = p.ID
	}
	if err := s.See(ctx, asked); err != nil {
		return Registers{}, err
	}
	if _, err := s.caller(ctx, c, calendar.On(now)); err != nil {
		return Registers{}, err
	}
	found, err := s.registers(ctx, c.Of, calendar.On(now))
	if err != nil {
		return found, err
	}
	_, err = e.receive(found, now)
	return found, err
}

// SubmitAtCounter sends an application for a caller, as Submit does for somebody
// who is logged in: one for each edition and beneficiary, the first answers for
// those after it. Contacts are as ParseEmail and ParsePhone give them.
func (s *Intake) SubmitAtCounter(ctx context.Context, officer identity.Actor, form once.Form, c CounterApplication) (id ApplicationID, first bool, err error) {
	if err := officer.Must(identity.INPS, identity.Prepare); err != nil {
		return "", false, err
	}
	now := s.now()
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return ApplicationID(outcome), true, err
	}
	e, err := s.Edition(ctx, c.Edition)
	if err != nil {
		return "", false, err
	}
	switch {
	case c.Email == "" && c.Phone == "":
		return "", false, ErrNoContact
	case !(Answers{Declared: c.Declared}).declaredAll(e.Rules):
		return "", false, ErrDeclaration
	}
	today := calendar.On(now)
	on, err := s.caller(ctx, c, today)
	if err != nil {
		return "", false, err
	}
	found, err := s.registers(ctx, c.Of, today)
	if err != nil {
		return "", false, err
	}
	a, err := e.receive(found, now)
	if err != nil {
		return "", false, err
	}
	a.ID, a.Channel, a.Email, a.Phone = NewApplicationID(), Counter, c.Email, c.Phone
	r := found.Residence
	on.Application, on.Actor, on.ReceivedBy, on.BornOn = a, officer, officer.Person, r.BornOn
	on.Beneficiary = identity.Person{FiscalCode: c.Of, GivenName: r.GivenName, FamilyName: r.FamilyName}
	if on.Parent != nil {
		on.Parent.Until = r.Majority().Add(-1)
	}
	on.Declarations = declared(e.Rules, on.Parent != nil && on.Parent.Declared, now)
	return s.Receive(ctx, form, on)
}

// caller is who asks, and under which mandate for somebody else.
func (s *Intake) caller(ctx context.Context, c CounterApplication, today calendar.Date) (on Submission, err error) {
	r, err := s.residence(ctx, c.Caller, today)
	if err != nil {
		return on, err
	}
	if r.Minor(today) {
		return on, ErrMinor
	}
	on.Applicant = identity.Person{FiscalCode: c.Caller, GivenName: r.GivenName, FamilyName: r.FamilyName}
	if c.Of == c.Caller {
		return on, nil
	}
	known, err := s.ByFiscalCode(ctx, c.Caller)
	if err == nil {
		m, err := s.mandate(ctx, known.ID, func(m identity.Mandate) bool { return m.Represented.FiscalCode == c.Of }, today)
		if on.Mandate = m.ID; err == nil || !errors.Is(err, ErrMandateEnded) {
			return on, err
		}
	} else if !errors.Is(err, fault.ErrNotFound) {
		return on, err
	}
	child, err := s.residence(ctx, c.Of, today)
	if err != nil {
		return on, err
	}
	confirmed := slices.Contains(child.Responsible, c.Caller)
	switch {
	case !child.Minor(today):
		return on, ErrMandateEnded
	case !confirmed && !c.Parent:
		return on, ErrUnconfirmed
	}
	on.Parent = &ParentMandate{Declared: !confirmed}
	return on, nil
}
