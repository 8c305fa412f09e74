package office

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Erasures lists those that were proposed, the latest first.
func (s *Retention) Erasures(ctx context.Context, who identity.Actor) ([]Erasure, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Erasures(ctx)
}

// Erasure is one of them.
func (s *Retention) Erasure(ctx context.Context, who identity.Actor, id ErasureID) (Erasure, error) {
	if err := mayAdminister(who); err != nil {
		return Erasure{}, err
	}
	return s.store.Erasure(ctx, id)
}

// Propose freezes what is due of a class, having seen how many they are.
func (s *Retention) Propose(ctx context.Context, who identity.Actor, form once.Form, of Class, seen int, grounds string) (ErasureID, error) {
	if _, _, err := s.Try(ctx, who, of); err != nil {
		return "", err
	}
	grounds = strings.TrimSpace(grounds)
	if grounds == "" {
		return "", ErrErasureGrounds
	}
	now := s.now()
	x := Erasure{ID: ErasureID(uuid.NewString()), Class: of, Cut: calendar.On(now), Grounds: grounds, Proposed: who.At(now), State: ErasureProposed}
	return s.store.Freeze(ctx, form, x, s.entry(who, ErasureWasProposed, string(x.ID)), func(due int) error {
		switch {
		case due == 0:
			return ErrErasureNone
		case due != seen:
			return ErrErasureMoved
		}
		return nil
	})
}

// Approve lets a job delete what another froze.
func (s *Retention) Approve(ctx context.Context, who identity.Actor, form once.Form, id ErasureID) error {
	return s.decide(ctx, who, form, id, ErasureWasApproved, func(x Erasure) (Erasure, error) {
		if err := x.MayDecide(who); err != nil {
			return x, err
		}
		x.State = ErasureApproved
		return x, nil
	})
}

// Refuse says no to what another froze, for a reason.
func (s *Retention) Refuse(ctx context.Context, who identity.Actor, form once.Form, id ErasureID, why string) error {
	return s.decide(ctx, who, form, id, ErasureWasRefused, func(x Erasure) (Erasure, error) {
		if err := x.MayDecide(who); err != nil {
			return x, err
		}
		if x.Why = strings.TrimSpace(why); x.Why == "" {
			return x, ErrWhy
		}
		x.State = ErasureRefused
		return x, nil
	})
}

// Withdraw takes back what one froze.
func (s *Retention) Withdraw(ctx context.Context, who identity.Actor, form once.Form, id ErasureID) error {
	return s.decide(ctx, who, form, id, ErasureWasWithdrawn, func(x Erasure) (Erasure, error) {
		if err := x.MayWithdraw(who); err != nil {
			return x, err
		}
		x.State = ErasureWithdrawn
		return x, nil
	})
}

func (s *Retention) decide(ctx context.Context, who identity.Actor, form once.Form, id ErasureID, done audit.Action, decide func(Erasure) (Erasure, error)) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	e := s.entry(who, done, string(id))
	return s.store.DecideErasure(ctx, form, id, e, func(x Erasure) (Erasure, error) {
		x, err := decide(x)
		x.Decided = who.At(e.At)
		return x, err
	})
}

// EraseDue does what was approved, batch by batch, and tells how many things are gone. It
// goes on where an earlier one was cut off.
func (s *Retention) EraseDue(ctx context.Context) (erased int, err error) {
	all, err := s.store.Approved(ctx)
	if err != nil {
		return 0, err
	}
	for _, id := range all {
		for state := ErasureApproved; state == ErasureApproved; {
			n, now, err := s.store.EraseBatch(ctx, id, Batch, s.now())
			if erased += n; err != nil {
				return erased, err
			}
			state = now
		}
	}
	return erased, nil
}

// Holds lists every hold, those that hold first.
func (s *Retention) Holds(ctx context.Context, who identity.Actor) ([]Hold, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Holds(ctx)
}

// Hold is one of them; fault.ErrNotFound.
func (s *Retention) Hold(ctx context.Context, who identity.Actor, id HoldID) (Hold, error) {
	all, err := s.Holds(ctx, who)
	if err != nil {
		return Hold{}, err
	}
	for _, h := range all {
		if h.ID == id {
			return h, nil
		}
	}
	return Hold{}, fault.ErrNotFound
}

// Place keeps a case beyond its time, by the number of its protocol.
func (s *Retention) Place(ctx context.Context, who identity.Actor, form once.Form, protocol, reason string) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	h := Hold{ID: HoldID(uuid.NewString()), Protocol: strings.ToUpper(strings.TrimSpace(protocol)), Reason: strings.TrimSpace(reason), Placed: who.At(s.now())}
	switch {
	case h.Protocol == "":
		return ErrHoldProtocol
	case h.Reason == "":
		return ErrHoldReason
	}
	return s.store.Place(ctx, form, h, s.entry(who, HoldPlaced, string(h.ID)))
}

// EndHold lets a case go when its time is over: by another than who placed the hold.
func (s *Retention) EndHold(ctx context.Context, who identity.Actor, form once.Form, id HoldID, why string) error {
	if err := mayAdminister(who); err != nil {
		return err
	}
	e := s.entry(who, HoldEnded, string(id))
	return s.store.EndHold(ctx, form, id, e, func(h Hold) (Hold, error) {
		if err := h.MayEnd(who); err != nil {
			return h, err
		}
		if h.Why = strings.TrimSpace(why); h.Why == "" {
			return h, ErrHoldReason
		}
		h.Ended = who.At(e.At)
		return h, nil
	})
}
