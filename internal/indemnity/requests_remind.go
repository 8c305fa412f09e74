package indemnity

import (
	"context"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// RequestReminders says how many days before the end of its term who applied is reminded
// of a request, the last day included: a habit of the portal, not a rule (N-B05).
var RequestReminders = []int{7, 3, 1, 0}

// reminderOf is the last of the days of reminding that has come for a term which ends on
// a day, zero before the first and when it is over.
func reminderOf(last, today calendar.Date, days []int) (since calendar.Date) {
	left := today.Until(last)
	if last.IsZero() || left < 0 {
		return since
	}
	for _, d := range days {
		if on := last.Add(-d); left <= d && on.After(since) {
			since = on
		}
	}
	return since
}

// RemindDue reminds who applied of requests whose term comes near, each once for each of
// the days of RequestReminders, and tells how many it reminded. Nobody is reminded of
// what they were told less than a day before.
func (s *Applications) RemindDue(ctx context.Context) (reminded int, err error) {
	now := s.now()
	today := calendar.On(now)
	all, last, err := s.Running(ctx, today)
	if err != nil {
		return 0, err
	}
	for _, c := range all {
		for _, r := range c.Requests {
			since := reminderOf(r.DueOn, today, RequestReminders)
			if !r.Open(now) || since.IsZero() || !last[r.ID].Before(since) || !calendar.On(r.AskedAt).Before(since) {
				continue
			}
			first, err := s.RemindRequest(ctx, r.ID, today, s.entry(identity.Office(), RequestReminded, string(r.ID), c))
			if err != nil {
				return reminded, err
			}
			if first {
				reminded++
			}
		}
	}
	return reminded, nil
}
