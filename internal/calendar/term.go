package calendar

import (
	"slices"
	"time"
)

// Holidays says which days are holidays, with the years in which each counts:
// a calendar is data of an edition or a call, because the law moves it (4 October
// is one again from 2026, L. 151/2025).
type Holidays struct {
	Fixed        []Holiday `json:"fixed"`
	EasterMonday bool      `json:"easter_monday"` // "Lunedì dell'Angelo"
	Sundays      bool      `json:"sundays"`       // every Sunday, L. 260/1949 art. 2
	Extra        []Extra   `json:"extra,omitempty"`
}

// Extra is one day on which the offices rest beside the holidays, as the parameters of
// the portal name it. It counts for terms that begin while they do, so that no term that
// was told is moved by what is decided later.
type Extra struct {
	Day   Date `json:"day"`
	From  Date `json:"from"`           // the first day zero for which it counts
	Until Date `json:"until,omitzero"` // the first for which it does not; zero: it goes on
}

// Holiday is a day of the year that is a holiday from one year on.
type Holiday struct {
	Month time.Month `json:"month"`
	Day   int        `json:"day"`
	From  int        `json:"from,omitempty"` // first year; 0: always
	Name  string     `json:"name"`
}

// Is tells whether the day is a holiday. Saturdays are not: the shift of
// c.p.c. art. 155 c. 5 is only for acts of court.
func (h Holidays) Is(d Date) bool {
	if h.Sundays && d.Weekday() == time.Sunday {
		return true
	}
	if h.EasterMonday && d == Easter(d.Year).Add(1) {
		return true
	}
	for _, f := range h.Fixed {
		if f.Month == d.Month && f.Day == d.Day && d.Year >= f.From {
			return true
		}
	}
	return slices.ContainsFunc(h.Extra, func(e Extra) bool { return e.Day == d })
}

// KnownOn is the holidays for terms that begin on a day.
func (h Holidays) KnownOn(from Date) Holidays {
	h.Extra = slices.DeleteFunc(slices.Clone(h.Extra), func(e Extra) bool {
		return from.Before(e.From) || !e.Until.IsZero() && !from.Before(e.Until)
	})
	return h
}

// Next is the day itself, or the first after it that is no holiday.
func (h Holidays) Next(d Date) Date {
	for h.Is(d) {
		d = d.Add(1)
	}
	return d
}

// Within is the last day of a term of so many days from an act: the day of the
// act is not counted, the last one is, holidays inside count, and a last day
// that is a holiday moves to the next that is none (c.c. 2963, c.p.c. 155,
// c.c. 1187). The term is over at 24:00 of that day in Rome.
func (h Holidays) Within(days int, from Date) Date { return h.KnownOn(from).Next(from.Add(days)) }

// Easter is the Sunday of Easter in a year of the Gregorian calendar, by the
// anonymous algorithm of 1876 (Meeus, Astronomical Algorithms, ch. 8).
func Easter(year int) Date {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	f := (b + 8) / 25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	month := (h + l - 7*m + 114) / 31
	return NewDate(year, time.Month(month), (h+l-7*m+114)%31+1)
}
