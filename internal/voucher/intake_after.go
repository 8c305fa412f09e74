package voucher

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Receipt is an application as those may read it who stand for its beneficiary on a
// day, or who sent it as a parent whom nobody has confirmed yet: these see that it
// arrived, and nothing of what the registers say. fault.ErrNotFound for others.
func (s *Intake) Receipt(ctx context.Context, who identity.Actor, id ApplicationID, on calendar.Date) (Receipt, error) {
	r, err := s.IntakeStore.Receipt(ctx, who, id, on)
	return r.shown(), err
}

// ofActor is the receipt for who acts on it, which a word alone does not allow.
func (s *Intake) ofActor(ctx context.Context, who identity.Actor, id ApplicationID, on calendar.Date) (Receipt, error) {
	r, err := s.IntakeStore.Receipt(ctx, who, id, on)
	if err == nil && r.Unconfirmed {
		return Receipt{}, fault.ErrNotFound
	}
	return r, err
}

// Cure asks the register again for the ISEE of an application that waits for it.
// A valid one takes the place of the old. ErrStillDefective, with the application
// as it now is, when something is still wrong with it.
func (s *Intake) Cure(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID) (Application, error) {
	now := s.now()
	today := calendar.On(now)
	r, err := s.ofActor(ctx, who, id, today)
	if err != nil {
		return Application{}, err
	}
	was := r.Application
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return was, err
	}
	if err := was.MayCure(today); err != nil {
		return was, err
	}
	answer, err := s.attested(ctx, r.Beneficiary.FiscalCode, today)
	if err != nil {
		return was, err
	}
	is, err := was.Cure(r.Edition.Rules, answer, today)
	if err != nil {
		return was, err
	}
	if is.State == AwaitingISEE {
		if err := s.Correct(ctx, once.Form{}, was, is, was.entry(who, now, ApplicationISEEAsked)); err != nil {
			return was, err
		}
		return is, ErrStillDefective
	}
	return is, s.Correct(ctx, form, was, is, was.entry(who, now, ApplicationCured))
}

// Withdraw takes an application back before it has an outcome.
func (s *Intake) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id ApplicationID) error {
	now := s.now()
	r, err := s.ofActor(ctx, who, id, calendar.On(now))
	if err != nil {
		return err
	}
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return err
	}
	was := r.Application
	if err := was.MayWithdraw(); err != nil {
		return err
	}
	is := was
	is.State, is.DecidedOn = Withdrawn, calendar.On(now)
	return s.Correct(ctx, form, was, is, was.entry(who, now, ApplicationWithdrawn))
}

// RemindDue reminds those whose ISEE is to be corrected within the days of
// ReminderDays, each once, and tells how many.
func (s *Intake) RemindDue(ctx context.Context) (int, error) {
	now := s.now()
	return s.Remind(ctx, calendar.On(now), ReminderDays, now)
}

// Renounce gives up a voucher for its holder: see Account.Renounce.
func (s *Service) Renounce(ctx context.Context, who identity.Actor, form once.Form, id ID) error {
	_, err := s.Change(ctx, id, form, string(id), func(a Account) (Decision, error) { return a.Renounce(who, s.now()) })
	return err
}
