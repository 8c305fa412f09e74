package indemnity

import (
	"strconv"
	"time"

	"portal/internal/calendar"
)

// Phase is where a call stands by the calendar alone.
type Phase string

// The phases. What comes of the applications afterwards is no matter of the calendar.
const (
	CallPrepared   Phase = "prepared"   // its month has not begun
	CallOpen       Phase = "open"       // events end, and applications may be sent
	CallCollecting Phase = "collecting" // the month is over, the last term is not
	CallClosed     Phase = "closed"     // every term of a member is over
)

// Phase is where the call stands at an instant.
func (c *Call) Phase(now time.Time) Phase {
	switch w := c.Rules.Window.Is; {
	case now.Before(w.From.Start()):
		return CallPrepared
	case now.Before(w.To.End()):
		return CallOpen
	case c.Rules.Terms().Submission(w.To).Open(now):
		return CallCollecting
	}
	return CallClosed
}

// LastUsefulDay is the last day on which a member can apply: that of the term of an
// event which ends with the window. Heirs may have longer (A39).
func (c *Call) LastUsefulDay() calendar.Date {
	return c.Rules.Terms().Submission(c.Rules.Window.Is.To).End()
}

// Month is the month whose ended events a call takes: its first day to its last.
func (id CallID) Month() calendar.Period {
	first, err := calendar.ParseDate(string(id) + "-01")
	if err != nil {
		return calendar.Period{}
	}
	return calendar.Period{From: first, To: calendar.NewDate(first.Year, first.Month+1, 1).Add(-1)}
}

// Next is the call of the month after.
func (id CallID) Next() CallID { return CallIn(id.Month().To.Add(1)) }

// CallIn is the name of the call that takes the events which end on a day.
func CallIn(end calendar.Date) CallID { return CallID(end.String()[:len("2026-05")]) }

// title is the call as articles cite it: "Bando maggio 2026".
func (id CallID) title() string {
	months := [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
		"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}
	first := id.Month().From
	if first.IsZero() {
		return string(id)
	}
	return "Bando " + months[first.Month-1] + " " + strconv.Itoa(first.Year)
}

// CallFor is the call, of those in force, that takes an event which ends on a day; where
// there is none, the newest that had begun by then, for want of a better, and false. No
// call at all is the zero Call.
func CallFor(inForce []Call, end calendar.Date) (best Call, own bool) {
	for _, c := range inForce {
		switch w := c.Rules.Window.Is; {
		case w.Has(end):
			return c, true
		case best.ID == "" || !w.From.After(end):
			best = c
		}
	}
	return best, false
}
