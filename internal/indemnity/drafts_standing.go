package indemnity

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/term"
)

// When says how a draft stands against the calendar.
type When string

// The days of a draft.
const (
	WhenUnknown When = "unknown" // the last day is not known yet
	WhenEarly   When = "early"   // the event has not ended: the draft can be written, not sent
	WhenOpen    When = "open"    // it can be sent
	WhenLate    When = "late"    // the term is over
)

// Standing is where a draft stands: by the rules of which call, and from which day to
// which it can be sent.
type Standing struct {
	When When
	// Call is that of the month in which the event ends. While there is none yet, or
	// the end is not known, it is the last one, for want of a better, and Own is false.
	Call Call
	Own  bool

	End  calendar.Date // declared last day of inactivity; zero while it is not known
	From calendar.Date // first day on which it can be sent (R19, A12)
	Term term.Term     // to send it, counted from the declared end (R20)

	// Proved is the same term counted from the last day that a paper covers, where that
	// is earlier: without a further paper it is the one that counts (A11). The zero Term
	// otherwise.
	Proved term.Term
}

// Last is the last day on which a draft can be sent; zero while it is not known.
func (s Standing) Last() calendar.Date { return last(s.Term) }

// LastProved is the last day as the papers prove it, where that is earlier; see Proved.
func (s Standing) LastProved() calendar.Date { return last(s.Proved) }

func last(t term.Term) calendar.Date {
	if t.From.IsZero() {
		return calendar.Date{}
	}
	return t.End()
}

// Late tells whether the term is over at an instant; it is in time until 23:59:59 of its
// last day, all of them.
func (s Standing) Late(now time.Time) bool { return !s.End.IsZero() && !s.Term.Open(now) }

// Stand is where a draft stands at an instant, by calls in force of which the earliest
// comes first. There must be one.
func Stand(calls []Call, d Draft, now time.Time) Standing {
	end := d.Answers.Period().To
	s := Standing{When: WhenUnknown, Call: calls[len(calls)-1], End: end}
	if end.IsZero() {
		return s
	}
	for _, c := range calls {
		if c.Rules.Window.Is.Has(end) {
			s.Call, s.Own = c, true
		}
	}
	rules := &s.Call.Rules
	terms := rules.Terms()
	s.Term, s.From = terms.Submission(end), end.Add(1)
	if rules.Readings.SubmissionOnEndDay.Is { // A12
		s.From = end
	}
	facts := d.Facts(Registers{})
	if proved := dayOf(rules.read(&facts).endUsed); proved.Before(end) && d.proves() {
		s.Proved = terms.Submission(proved)
	}
	switch today := calendar.On(now); {
	case today.Before(s.From):
		s.When = WhenEarly
	case s.Late(now):
		s.When = WhenLate
	default:
		s.When = WhenOpen
	}
	return s
}

// proves tells whether a paper of the draft covers days, with its file.
func (d Draft) proves() bool {
	for _, p := range d.Papers {
		if p.Kind.Medical() && p.Attachment != "" {
			return true
		}
	}
	return false
}
