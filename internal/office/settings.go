package office

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
)

// ParameterStore keeps the versions.
type ParameterStore interface {
	// History is every version.
	History(ctx context.Context) (History, error)
	// ProposeParameters locks the history, asks for a version and saves it.
	ProposeParameters(ctx context.Context, form once.Form, e audit.Entry, decide func(History) (ParameterVersion, error)) (VersionID, error)
	// DecideParameters locks the history, asks what becomes of a version and saves it;
	// fault.ErrNotFound.
	DecideParameters(ctx context.Context, form once.Form, id VersionID, e audit.Entry, decide func(ParameterVersion) (ParameterVersion, error)) error
}

// Settings is what the portal as a whole runs by, and how that changes. What is in force
// is asked of the store at most once in refresh: each page needs it.
type Settings struct {
	store ParameterStore
	now   func() time.Time
	known lately[History]
}

// NewSettings is the service on a store, with a clock.
func NewSettings(s ParameterStore, now func() time.Time) *Settings {
	return &Settings{store: s, now: now}
}

// InForce is the parameters of today.
func (s *Settings) InForce(ctx context.Context) Parameters { return s.On(ctx, s.now()) }

// On is the parameters that were in force at an instant. A store that is silent leaves
// what it last said, and nobody waits while another asks it.
func (s *Settings) On(ctx context.Context, at time.Time) Parameters {
	known := s.known.at(s.now(), func() (History, error) { return s.store.History(ctx) })
	return known.On(calendar.On(at)).Parameters
}

// History is every version, the latest first, for an administrator.
func (s *Settings) History(ctx context.Context, who identity.Actor) (History, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.History(ctx)
}

// Propose proposes to change parameters from a day that is to come; Flaws tells which
// values cannot be taken.
func (s *Settings) Propose(ctx context.Context, who identity.Actor, form once.Form, c Change) (VersionID, error) {
	if err := mayAdminister(who); err != nil {
		return "", err
	}
	now, id := s.now(), VersionID(uuid.NewString())
	return s.store.ProposeParameters(ctx, form, audit.Entry{At: now, Actor: who, Action: ParametersProposed}, func(h History) (ParameterVersion, error) {
		return h.propose(c, id, who, now)
	})
}

// Confirm puts what another proposed in force, from its day.
func (s *Settings) Confirm(ctx context.Context, who identity.Actor, form once.Form, id VersionID) error {
	return s.decide(ctx, who, form, id, ParametersConfirmed, func(v ParameterVersion, now time.Time) (ParameterVersion, error) {
		if err := v.MayDecide(who); err != nil {
			return v, err
		}
		if !v.From.After(calendar.On(now)) {
			return v, ErrParametersLate
		}
		v.State = Confirmed
		return v, nil
	})
}

// Refuse says no to what another proposed, for a reason.
func (s *Settings) Refuse(ctx context.Context, who identity.Actor, form once.Form, id VersionID, why string) error {
	return s.decide(ctx, who, form, id, ParametersRefused, func(v ParameterVersion, _ time.Time) (ParameterVersion, error) {
		if err := v.MayDecide(who); err != nil {
			return v, err
		}
		if v.Why = strings.TrimSpace(why); v.Why == "" {
			return v, ErrWhy
		}
		v.State = Refused
		return v, nil
	})
}

// Withdraw takes back what one proposed.
func (s *Settings) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id VersionID) error {
	return s.decide(ctx, who, form, id, ParametersWithdrawn, func(v ParameterVersion, _ time.Time) (ParameterVersion, error) {
		if err := v.MayWithdraw(who); err != nil {
			return v, err
		}
		v.State = Withdrawn
		return v, nil
	})
}

func (s *Settings) decide(ctx context.Context, who identity.Actor, form once.Form, id VersionID, action audit.Action, decide func(ParameterVersion, time.Time) (ParameterVersion, error)) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	now := s.now()
	defer s.known.forget()
	return s.store.DecideParameters(ctx, form, id, audit.Entry{At: now, Actor: who, Action: action, Subject: string(id)}, func(v ParameterVersion) (ParameterVersion, error) {
		v, err := decide(v, now)
		v.Decided = who.At(now)
		return v, err
	})
}
