package indemnity

import (
	"context"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// DraftReminders says how many days before the end of the term the writer of a draft is
// reminded of it: a habit of the portal, not a rule (N-B02).
var DraftReminders = []int{5, 2, 1}

// Unsent is a draft with when its writer was last reminded of its term; the zero Date
// for never.
type Unsent struct {
	Draft
	RemindedOn calendar.Date
}

// dueOn tells whether its writer is to be reminded on a day: one of the days of
// DraftReminders has come, and nobody reminded them since.
func (u Unsent) dueOn(today calendar.Date, s Standing) bool {
	if s.End.IsZero() || s.When == WhenLate {
		return false
	}
	left := today.Until(s.Last())
	since := calendar.Date{}
	for _, days := range DraftReminders {
		if left <= days {
			since = s.Last().Add(-days)
		}
	}
	return !since.IsZero() && u.RemindedOn.Before(since)
}

// RemindDue reminds the writers of drafts whose term comes near, each once for each of
// the days of DraftReminders, and tells how many it reminded.
func (s *Drafts) RemindDue(ctx context.Context) (reminded int, err error) {
	calls, err := s.CallsInForce(ctx)
	if err != nil || len(calls) == 0 {
		return 0, err
	}
	drafts, err := s.Unsent(ctx)
	if err != nil {
		return 0, err
	}
	now := s.now()
	today := calendar.On(now)
	for _, d := range drafts {
		if !d.dueOn(today, Stand(calls, d.Draft, now)) {
			continue
		}
		e := s.entry(identity.Office(), DraftReminded, d.ID)
		e.About = d.Member
		first, err := s.Remind(ctx, d.ID, today, e)
		if err != nil {
			return reminded, err
		}
		if first {
			reminded++
		}
	}
	return reminded, nil
}

// Urgent is the draft among some whose term ends first of those that can still be sent,
// nil for none.
func Urgent(all []Pending, now time.Time) *Pending {
	open := slices.DeleteFunc(slices.Clone(all), func(p Pending) bool { return p.Standing.End.IsZero() || p.Standing.Late(now) })
	if len(open) == 0 {
		return nil
	}
	first := slices.MinFunc(open, func(a, b Pending) int { return a.Standing.Last().Compare(b.Standing.Last()) })
	return &first
}
