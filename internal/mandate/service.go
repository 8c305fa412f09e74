package mandate

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Store keeps mandates. Every write carries its form: one that was stored before is
// not acted on again, its outcome comes back instead.
type Store interface {
	// Of lists the mandates that somebody takes part in, newest first, with those
	// that are over.
	Of(ctx context.Context, person identity.PersonID) ([]Mandate, error)
	// Mandate is one of them; fault.ErrNotFound.
	Mandate(ctx context.Context, id identity.MandateID) (Mandate, error)
	// Party is somebody by fiscal code; fault.ErrNotFound.
	Party(ctx context.Context, code identity.FiscalCode) (Party, error)
	// Make finds two people, by id or by fiscal code, keeps one who was not known,
	// locks both, asks for a decision and saves it.
	Make(ctx context.Context, form once.Form, holder, represented Party, decide func(Parties) (Decision, error)) (identity.MandateID, error)
	// End locks the people of a mandate, asks for a decision and saves it with what
	// an officer wrote, "" for nothing; fault.ErrNotFound.
	End(ctx context.Context, form once.Form, id identity.MandateID, note string, decide func(Parties, Mandate) (Decision, error)) error
	// See writes that somebody's mandates were looked at.
	See(ctx context.Context, e audit.Entry) error
}

// Service is the acts on mandates. It embeds the Store for what is only read.
type Service struct {
	Store
	now func() time.Time
}

// NewService is the service on a store, with a clock.
func NewService(s Store, now func() time.Time) *Service { return &Service{s, now} }

// Delegate lets the actor name who acts for them. The name must be one that the
// fiscal code can belong to: nobody is told whether the portal knows the code.
func (s *Service) Delegate(ctx context.Context, who identity.Actor, form once.Form, to Party, w Wish) (identity.MandateID, error) {
	if !to.FiscalCode.Named(to.GivenName, to.FamilyName) {
		return "", ErrName
	}
	w.ID = identity.MandateID(uuid.NewString())
	return s.Make(ctx, form, to, Party{Person: identity.Person{ID: who.Person}}, func(p Parties) (Decision, error) {
		return p.Delegate(w, who, s.now())
	})
}

// Register writes down, at the counter, that somebody acts for another.
func (s *Service) Register(ctx context.Context, who identity.Actor, form once.Form, holder, represented Party, w Wish) (identity.MandateID, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return "", err
	}
	if err := errors.Join(s.calledSo(ctx, holder, ErrHolderName), s.calledSo(ctx, represented, ErrPersonName)); err != nil {
		return "", err
	}
	w.ID = identity.MandateID(uuid.NewString())
	return s.Make(ctx, form, holder, represented, func(p Parties) (Decision, error) {
		return p.Register(w, who, s.now())
	})
}

// calledSo is an error when the portal knows a fiscal code under another name, or
// with another day of birth: the wrong one was typed.
func (s *Service) calledSo(ctx context.Context, p Party, wrong error) error {
	known, err := s.Party(ctx, p.FiscalCode)
	switch {
	case errors.Is(err, fault.ErrNotFound):
		return nil
	case err != nil:
		return err
	case !strings.EqualFold(known.GivenName, p.GivenName) || !strings.EqualFold(known.FamilyName, p.FamilyName):
		return wrong
	case !p.Born.IsZero() && !known.Born.IsZero() && p.Born != known.Born:
		return ErrBorn
	}
	return nil
}

// Revoke ends a mandate of the actor's, given or held.
func (s *Service) Revoke(ctx context.Context, who identity.Actor, form once.Form, id identity.MandateID) error {
	return s.End(ctx, form, id, "", func(p Parties, m Mandate) (Decision, error) { return p.Revoke(m, who, s.now()) })
}

// RevokeAtCounter ends a mandate at the word of an officer, for a reason.
func (s *Service) RevokeAtCounter(ctx context.Context, who identity.Actor, form once.Form, id identity.MandateID, reason string) error {
	return s.End(ctx, form, id, reason, func(_ Parties, m Mandate) (Decision, error) {
		return RevokeAtCounter(m, reason, who, s.now())
	})
}

// Search finds somebody at the counter by fiscal code, with the mandates they take
// part in. That an officer looked is written down.
func (s *Service) Search(ctx context.Context, who identity.Actor, code identity.FiscalCode) (Party, []Mandate, error) {
	if err := who.Must(identity.INPS, identity.Prepare, identity.Approve); err != nil {
		return Party{}, nil, err
	}
	p, err := s.Party(ctx, code)
	if err != nil {
		return p, nil, err
	}
	if err := s.See(ctx, audit.Entry{At: s.now(), Actor: who, Action: Seen, Subject: string(p.ID), About: p.ID}); err != nil {
		return p, nil, err
	}
	all, err := s.Of(ctx, p.ID)
	return p, all, err
}
