package indemnity

import (
	"cmp"
	"slices"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// Why the days of a draft cannot be so.
var (
	ErrCauseMissing    = fault.Invalid("indemnity.cause_missing")
	ErrFirstMissing    = fault.Invalid("indemnity.first_missing")
	ErrDaysReversed    = fault.Invalid("indemnity.days_reversed")
	ErrFirstToCome     = fault.Invalid("indemnity.first_to_come") // a draft begins with the illness
	ErrStopsOverlap    = fault.Invalid("indemnity.stops_overlap")
	ErrInterruptedOut  = fault.Invalid("indemnity.interrupted_out") // on a day outside the period
	ErrBirthToCome     = fault.Invalid("indemnity.birth_to_come")
	ErrBeforeEnrolment = fault.Invalid("indemnity.before_enrolment") // R8
	ErrDaysTaken       = fault.Invalid("indemnity.days_taken")       // by another application: see TakenError
)

// TakenError is ErrDaysTaken with the application that has the days.
type TakenError struct{ Protocol string }

// Error is the reason, which names no application.
func (e TakenError) Error() string { return ErrDaysTaken.Error() }

// Unwrap is the reason.
func (e TakenError) Unwrap() error { return ErrDaysTaken }

// Period is the declared period, as far as it is known: of cycles from their first stop
// to their last one, once these are listed.
func (a Answers) Period() (p calendar.Period) {
	if a.Cause != Cycles || len(a.Stops) == 0 {
		return calendar.Period{From: a.First, To: a.Last}
	}
	for _, stop := range a.Stops {
		if p.From.IsZero() || stop.From.Before(p.From) {
			p.From = stop.From
		}
		if stop.To.After(p.To) {
			p.To = stop.To
		}
	}
	return p
}

// Flaw is what stands against the answers about the event by themselves, nil for
// nothing. What is not answered yet is no flaw.
func (a Answers) Flaw(today calendar.Date) error {
	switch p := a.Period(); {
	case a.Cause != "" && !slices.Contains(Causes, a.Cause):
		return ErrCauseMissing
	case p.From.IsZero() && !p.To.IsZero():
		return ErrFirstMissing
	case !p.From.IsZero() && p.From.After(today):
		return ErrFirstToCome
	case !p.From.IsZero() && !p.To.IsZero() && p.To.Before(p.From):
		return ErrDaysReversed
	case a.Cause == Interrupted && !a.InterruptedOn.IsZero() && (a.InterruptedOn.Before(p.From) || a.InterruptedOn.After(today)):
		return ErrInterruptedOut
	case a.BirthOn.After(today):
		return ErrBirthToCome
	}
	if a.Cause != Cycles {
		return nil
	}
	stops := slices.Clone(a.Stops)
	slices.SortFunc(stops, byFirstDay)
	for i, stop := range stops {
		if !stop.Valid() {
			return ErrDaysReversed
		}
		if i > 0 && !stop.From.After(stops[i-1].To) {
			return ErrStopsOverlap
		}
	}
	return nil
}

func byFirstDay(p, q calendar.Period) int {
	return cmp.Or(p.From.Compare(q.From), p.To.Compare(q.To))
}

// WithStop is the answers of a cycle with one more stop, or with another one in the
// place of the stop at an index; stops stay in the order of their days.
func (a Answers) WithStop(at int, stop calendar.Period) Answers {
	a.Stops = slices.Clone(a.Stops)
	if at < 0 || at >= len(a.Stops) {
		a.Stops = append(a.Stops, stop)
	} else {
		a.Stops[at] = stop
	}
	slices.SortFunc(a.Stops, byFirstDay)
	return a
}

// WithoutStop is the answers of a cycle without the stop at an index.
func (a Answers) WithoutStop(at int) Answers {
	a.Stops = slices.Delete(slices.Clone(a.Stops), at, at+1)
	return a
}

// shares tells whether a day of inactivity is one of an application that was sent.
// Between two stops of a cycle there is room for another illness.
func (a Answers) shares(with Applied) bool {
	days, taken := []calendar.Period{a.Period()}, []calendar.Period{with.Period}
	if a.Cause == Cycles {
		days = a.Stops
	}
	if len(with.Stops) > 0 {
		taken = with.Stops
	}
	return slices.ContainsFunc(days, func(p calendar.Period) bool {
		if p.To.IsZero() {
			p.To = p.From
		}
		return slices.ContainsFunc(taken, func(other calendar.Period) bool { return !p.Clip(other).IsZero() })
	})
}

// sameEvent tells whether the answers about the event are those of others.
func (a Answers) sameEvent(b Answers) bool {
	return a.Cause == b.Cause && a.First == b.First && a.Last == b.Last && slices.Equal(a.Stops, b.Stops) &&
		a.MultiYear == b.MultiYear && a.InterruptedOn == b.InterruptedOn && a.BirthOn == b.BirthOn
}

// declares tells whether what the declarations are about is as in other answers.
func (a Answers) declares(b Answers) bool {
	return a.sameEvent(b) && a.Exclusive == b.Exclusive && a.Covered == b.Covered
}
