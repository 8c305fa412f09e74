// Package calendar counts days as Italian law counts them. A Date is a civil
// day, not an instant; On is the only door from one to the other, and it stands
// in Rome.
package calendar

import (
	"fmt"
	"time"
	_ "time/tzdata" // containers have no Rome
)

// Rome is the legal time of every term in the portal.
var Rome = func() *time.Location {
	l, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		panic(err) // tzdata is linked in: this cannot happen
	}
	return l
}()

// Date is a civil day. The zero Date is no day at all.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// NewDate is the day of a year, month and day that are known to exist, as in
// tables and tests. Days out of range roll over as in time.Date.
func NewDate(year int, month time.Month, day int) Date {
	return of(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// CheckedDate is the day with these numbers, and whether there is one:
// 29 February 2027 and 31 April are not.
func CheckedDate(year, month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > 31 {
		return Date{}, false
	}
	d := NewDate(year, time.Month(month), day)
	return d, d == Date{year, time.Month(month), day}
}

// ParseDate reads "2026-03-12".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: %w", s, err)
	}
	return of(t), nil
}

// On is the civil day in Rome at an instant.
func On(t time.Time) Date { return of(t.In(Rome)) }

func of(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }

// IsZero tells whether d is no day at all.
func (d Date) IsZero() bool { return d == Date{} }

// Start is the instant at which the day begins in Rome.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Rome) }

// End is the instant at which the day is over: the start of the next.
func (d Date) End() time.Time { return d.Add(1).Start() }

// At is the instant of a time of the day in Rome.
func (d Date) At(hour, minute int) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, Rome)
}

// Add is the day that comes so many days later, or earlier when negative.
func (d Date) Add(days int) Date { return NewDate(d.Year, d.Month, d.Day+days) }

// Until is how many days lie from d to e: 1 from a day to the next.
func (d Date) Until(e Date) int { return int(e.utc().Sub(d.utc()) / (24 * time.Hour)) }

// Before tells whether d comes earlier than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// After tells whether d comes later than e.
func (d Date) After(e Date) bool { return d.Compare(e) > 0 }

// Compare is -1, 0 or 1 as d is before, on or after e.
func (d Date) Compare(e Date) int { return d.utc().Compare(e.utc()) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// String is the day as data carries it: "2026-03-12". Screens have ui.Day.
func (d Date) String() string { return d.utc().Format(time.DateOnly) }

// MarshalText and UnmarshalText let rule sets carry days as "2026-03-12".
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}
