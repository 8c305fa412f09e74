package ui

import (
	"strconv"
	"time"

	"portal/internal/calendar"
)

// Screens write days and times in one way only (see the functions below), and a
// page of two hundred rows asks often: nothing here goes through fmt.

var months = [...]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
	"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"}

var weekdays = [...]string{"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"}

// Day is a day in a text: "12 marzo 2026", "1º marzo 2026".
func Day(d calendar.Date) string { return string(appendDay(make([]byte, 0, 24), d)) }

func appendDay(b []byte, d calendar.Date) []byte {
	if d.IsZero() {
		return b
	}
	b = strconv.AppendInt(b, int64(d.Day), 10)
	if d.Day == 1 {
		b = append(b, "º"...)
	}
	b = append(b, ' ')
	b = append(b, months[d.Month-1]...)
	b = append(b, ' ')
	return strconv.AppendInt(b, int64(d.Year), 10)
}

// DayAndMonth is a day of every year: "25 aprile", "1º maggio".
func DayAndMonth(day int, month time.Month) string {
	if day == 1 {
		return "1º " + months[month-1]
	}
	return strconv.Itoa(day) + " " + months[month-1]
}

// Month is the month of a day: "marzo 2026".
func Month(d calendar.Date) string { return months[d.Month-1] + " " + strconv.Itoa(d.Year) }

// MonthName is a month: "marzo".
func MonthName(m time.Month) string { return months[m-1] }

// WeekDay is a day in a text with its name: "giovedì 12 marzo 2026".
func WeekDay(d calendar.Date) string {
	return string(appendDay(append(append(make([]byte, 0, 34), Weekday(d)...), ' '), d))
}

// Weekday is the name of the day of the week: "giovedì".
func Weekday(d calendar.Date) string { return weekdays[d.Weekday()] }

// ShortDay is a day in a table: "12/03/2026".
func ShortDay(d calendar.Date) string {
	if d.IsZero() {
		return ""
	}
	b := append2(make([]byte, 0, 10), d.Day)
	b = append2(append(b, '/'), int(d.Month))
	return string(appendYear(append(b, '/'), d.Year))
}

// appendYear writes a year with its four digits.
func appendYear(b []byte, year int) []byte { return append2(append2(b, year/100), year%100) }

// OnDay is a day with its article: "il 12 marzo 2026", "l’8 marzo 2026".
func OnDay(d calendar.Date) string { return withArticle("il ", "l’", d) }

// FromDay is "dal 12 marzo 2026", "dall’8 marzo 2026".
func FromDay(d calendar.Date) string { return withArticle("dal ", "dall’", d) }

// OfDay is "del 12 marzo 2026", "dell’8 marzo 2026".
func OfDay(d calendar.Date) string { return withArticle("del ", "dell’", d) }

// ToDay is "al 12 marzo 2026", "all’8 marzo 2026".
func ToDay(d calendar.Date) string { return withArticle("al ", "all’", d) }

// lastMinute is the hour at which a term ends: it is over at 24:00, and people read
// 23:59 as the end of the day.
const lastMinute = ", ore 23:59"

// DayEnd is the last day of a term with its hour: "3 giugno 2026, ore 23:59".
func DayEnd(d calendar.Date) string { return withHour(d, Day) }

// ByDay is the last day of a term with its article, to be said after «entro»: "il 3
// giugno 2026, ore 23:59", "l’8 marzo 2026, ore 23:59".
func ByDay(d calendar.Date) string { return withHour(d, OnDay) }

// UntilDay is the last day of a term after «fino»: "al 3 giugno 2026, ore 23:59".
func UntilDay(d calendar.Date) string { return withHour(d, ToDay) }

func withHour(d calendar.Date, say func(calendar.Date) string) string {
	if d.IsZero() {
		return ""
	}
	return say(d) + lastMinute
}

// ByMoment is the end of a term that an act has set to the hour: "il 31 luglio 2026, ore
// 18:00"; one at midnight is the end of the day before.
func ByMoment(t time.Time) string {
	if d := calendar.On(t.Add(-1)); t.Equal(d.End()) {
		return ByDay(d)
	}
	return OnDay(calendar.On(t)) + ", ore " + Clock(t)
}

// withArticle elides before otto and undici, as Italian does.
func withArticle(full, elided string, d calendar.Date) string {
	if d.Day == 8 || d.Day == 11 {
		full = elided
	}
	return string(appendDay(append(make([]byte, 0, 30), full...), d))
}

// Clock is a time of the day in Rome: "15:00".
func Clock(t time.Time) string { return string(appendClock(make([]byte, 0, 5), t)) }

func appendClock(b []byte, t time.Time) []byte {
	t = t.In(calendar.Rome)
	return append2(append(append2(b, t.Hour()), ':'), t.Minute())
}

// AtClock is "alle 15:00", "all’1:00".
func AtClock(t time.Time) string { return string(appendAtClock(make([]byte, 0, 12), t)) }

func appendAtClock(b []byte, t time.Time) []byte {
	if t = t.In(calendar.Rome); t.Hour() == 1 {
		return append2(append(b, "all’1:"...), t.Minute())
	}
	return appendClock(append(b, "alle "...), t)
}

// FromClock is "dalle 15:00", "dall’1:00".
func FromClock(t time.Time) string {
	if t = t.In(calendar.Rome); t.Hour() == 1 {
		return string(append2([]byte("dall’1:"), t.Minute()))
	}
	return string(appendClock([]byte("dalle "), t))
}

// Moment is an instant in a text: "12 marzo 2026 alle 15:00".
func Moment(t time.Time) string { return moment("", "", t) }

// OnMoment is an instant with its article: "il 12 marzo 2026 alle 15:00".
func OnMoment(t time.Time) string { return moment("il ", "l’", t) }

// OfMoment is "del 12 marzo 2026 alle 15:00".
func OfMoment(t time.Time) string { return moment("del ", "dell’", t) }

func moment(full, elided string, t time.Time) string {
	d := calendar.On(t)
	if d.Day == 8 || d.Day == 11 {
		full = elided
	}
	b := appendDay(append(make([]byte, 0, 48), full...), d)
	return string(appendAtClock(append(b, ' '), t))
}

// ShortMoment is an instant in a table: "12/03/2026, 15:00".
func ShortMoment(t time.Time) string { return ShortDay(calendar.On(t)) + ", " + Clock(t) }

// append2 writes a number below a hundred with two digits.
func append2(b []byte, n int) []byte { return append(b, byte('0'+n/10), byte('0'+n%10)) }
