// Package term counts legal terms (termini). A Term is an object: what it is for, the
// day zero from which it is counted, how many days, what stops its clock, which act put
// it off, what happens when it is over, and where all this is written. It says on which
// day it ends, and at which instant it is over.
package term

import (
	"slices"
	"time"

	"portal/internal/calendar"
)

// Name says what a term is for: "voucher.validity". Its words stand in the catalogue.
type Name string

// Effect is the code of what happens when a term is over.
type Effect string

// Term is a number of days within which something may or must be done.
type Term struct {
	Name      Name
	From      calendar.Date // day zero: the day of the act, which is not counted
	Days      int
	Before    bool // counted back from day zero («prima di»): neither holidays nor stops move it
	Holidays  calendar.Holidays
	Suspended []Span
	PutOff    []PutOff
	Effect    Effect
	Source    string // the article
	Reading   string // what is read into it where it is silent, "" where it is not
}

// Span is a run of days in which the clock of a term stands still, both in it. Without
// its last day it has not ended yet.
type Span struct {
	From, To calendar.Date
}

// PutOff is an act that lets a term end later than it is counted: at the end of a day,
// or at an instant. One that names an earlier end changes nothing.
type PutOff struct {
	Day     calendar.Date
	Instant time.Time // zero: 24:00 of the day
	Act     string
}

func (p PutOff) end() calendar.Date {
	if p.Instant.IsZero() {
		return p.Day
	}
	return calendar.On(p.Instant.Add(-1))
}

func (p PutOff) over() time.Time {
	if p.Instant.IsZero() {
		return p.Day.End()
	}
	return p.Instant
}

// Raw is the last day as it is counted, before holidays and acts are looked at: the day
// of the act is not counted, the last one is, and so is every holiday between them; days
// on which the clock stands still are not (c.c. art. 2963). False while it stands still.
func (t Term) Raw() (calendar.Date, bool) {
	if t.Before {
		return t.From.Add(-t.Days), true
	}
	end := t.From.Add(t.Days)
	stops := slices.SortedFunc(slices.Values(t.Suspended), func(a, b Span) int { return a.From.Compare(b.From) })
	counted := t.From // up to here the stops are in the end already
	for _, s := range stops {
		from := s.From
		if !from.After(counted) {
			from = counted.Add(1)
		}
		switch {
		case from.After(end):
			return end, true
		case s.To.IsZero():
			return calendar.Date{}, false
		case s.To.Before(from):
			continue
		}
		end, counted = end.Add(from.Until(s.To)+1), s.To
	}
	return end, true
}

// End is the last day of the term: the counted one, or the first after it that is no
// holiday (c.c. art. 1187, c.p.c. art. 155), or a later one that an act has set. The
// zero Date while its clock stands still.
func (t Term) End() calendar.Date {
	end, running := t.counted()
	if !running {
		return calendar.Date{}
	}
	for _, p := range t.PutOff {
		if later := p.end(); later.After(end) {
			end = later
		}
	}
	return end
}

// Over is the instant at which the term is over, which is not in it any more: 24:00 in
// Rome of its last day, or the hour that an act has set. The zero Time while its clock
// stands still.
func (t Term) Over() time.Time {
	end, running := t.counted()
	if !running {
		return time.Time{}
	}
	over := end.End()
	for _, p := range t.PutOff {
		if later := p.over(); later.After(over) {
			over = later
		}
	}
	return over
}

// Open tells whether what the term is for may still be done at an instant.
func (t Term) Open(now time.Time) bool {
	over := t.Over()
	return over.IsZero() || now.Before(over)
}

// Act is the act that put the term off to its end, "" when it ends as it is counted.
func (t Term) Act() string {
	over := t.Over()
	if end, running := t.counted(); !running || over.Equal(end.End()) {
		return ""
	}
	i := slices.IndexFunc(t.PutOff, func(p PutOff) bool { return p.over().Equal(over) })
	return t.PutOff[i].Act
}

func (t Term) counted() (end calendar.Date, running bool) {
	if end, running = t.Raw(); running && !t.Before {
		end = t.Holidays.KnownOn(t.From).Next(end)
	}
	return end, running
}
