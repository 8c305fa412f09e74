package voucher

import (
	"cmp"
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// RankingOrdered is written when somebody has a ranking published.
const RankingOrdered audit.Action = "ranking.ordered"

// PublishWithin is how many days ahead a publication may be ordered: a year mistyped
// would keep the edition waiting.
const PublishWithin = 60

// Why a ranking is not published.
var (
	ErrOwnRun      = fault.Refuse("ranking.own_run")
	ErrPublishPast = fault.Invalid("ranking.publish_past")
	ErrPublishFar  = fault.Invalid("ranking.publish_far")
)

// MayPublish asks whether somebody may publish a run: it is approved, and they
// neither made nor proposed nor approved it.
func (r Run) MayPublish(who identity.Actor) error {
	if err := r.in(ApprovedRun); err != nil {
		return err
	}
	switch who.Person {
	case r.Decided.By, r.Proposed.By, r.Simulated.By:
		return ErrOwnRun
	}
	return who.Must(identity.INPS, identity.Publish)
}

// MayPublishAt tells why a publication cannot be ordered for an instant.
func MayPublishAt(at, now time.Time) error {
	switch {
	case at.Before(now):
		return ErrPublishPast
	case calendar.On(at).After(calendar.On(now).Add(PublishWithin)):
		return ErrPublishFar
	}
	return nil
}

// publish is the run on its way, at an instant, under a number within its edition.
func (r Run) publish(who identity.Actor, at, now time.Time, number int) (Run, error) {
	if at.IsZero() {
		at = now
	}
	if err := MayPublishAt(at, now); err != nil {
		return r, err
	}
	r.State, r.Ordered, r.PublishAt, r.Publication = PublishingRun, Signed{By: who.Person, At: now}, at, number
	return r, nil
}

// Publish has an approved run of others published at an instant, or at once when it
// is zero: see IssueDue. It still has to be Ready. Until that instant the run may be
// sent back; then there is no way back: what is wrong is put right by a correction.
func (s *Rankings) Publish(ctx context.Context, who identity.Actor, form once.Form, id RunID, at time.Time) error {
	run, err := s.Run(ctx, id)
	if err != nil {
		return err
	}
	before, err := s.Runs(ctx, run.Edition)
	if err != nil {
		return err
	}
	number := 1
	for _, r := range before {
		number = max(number, r.Publication+1)
	}
	return s.step(ctx, form, id, true, func(r Run, ready error) (Run, audit.Entry, error) {
		if err := cmp.Or(r.MayPublish(who), ready); err != nil {
			return r, audit.Entry{}, err
		}
		r, err := r.publish(who, at, s.now(), number)
		return r, r.entry(who, s.now(), RankingOrdered), err
	})
}
