package ui

import (
	"testing"
	"time"

	"portal/internal/calendar"
)

func TestDaysTakeTheArticleOfTheirName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		day                int
		on, from, of, upTo string
	}{
		{1, "il 1º marzo 2026", "dal 1º marzo 2026", "del 1º marzo 2026", "al 1º marzo 2026"},
		{8, "l’8 marzo 2026", "dall’8 marzo 2026", "dell’8 marzo 2026", "all’8 marzo 2026"},
		{11, "l’11 marzo 2026", "dall’11 marzo 2026", "dell’11 marzo 2026", "all’11 marzo 2026"},
		{12, "il 12 marzo 2026", "dal 12 marzo 2026", "del 12 marzo 2026", "al 12 marzo 2026"},
		{18, "il 18 marzo 2026", "dal 18 marzo 2026", "del 18 marzo 2026", "al 18 marzo 2026"},
	} {
		d := calendar.NewDate(2026, 3, tt.day)
		for got, want := range map[string]string{OnDay(d): tt.on, FromDay(d): tt.from, OfDay(d): tt.of, ToDay(d): tt.upTo} {
			if got != want {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
}

func TestTheEndOfATermIsSaidWithItsHour(t *testing.T) {
	t.Parallel()
	third, eighth := calendar.NewDate(2026, 6, 3), calendar.NewDate(2026, 6, 8)
	for _, tt := range []struct{ got, want string }{
		{DayEnd(third), "3 giugno 2026, ore 23:59"},
		{ByDay(third), "il 3 giugno 2026, ore 23:59"},
		{ByDay(eighth), "l’8 giugno 2026, ore 23:59"},
		{UntilDay(eighth), "all’8 giugno 2026, ore 23:59"},
		{ByDay(calendar.Date{}), ""},
		{ByMoment(third.At(18, 0)), "il 3 giugno 2026, ore 18:00"},
		{ByMoment(third.End()), "il 3 giugno 2026, ore 23:59"},
		{ByMoment(calendar.NewDate(2026, 3, 29).End()), "il 29 marzo 2026, ore 23:59"}, // a day of 23 hours
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestTimesAreThoseOfRome(t *testing.T) {
	t.Parallel()
	winter := time.Date(2026, 3, 11, 14, 5, 0, 0, time.UTC)
	night := time.Date(2026, 7, 7, 23, 0, 0, 0, time.UTC) // already the 8th in Rome
	for _, tt := range []struct{ got, want string }{
		{Clock(winter), "15:05"},
		{AtClock(winter), "alle 15:05"},
		{AtClock(night), "all’1:00"},
		{Moment(winter), "11 marzo 2026 alle 15:05"},
		{OnMoment(night), "l’8 luglio 2026 all’1:00"},
		{OfMoment(winter), "dell’11 marzo 2026 alle 15:05"},
		{ShortMoment(night), "08/07/2026, 01:00"},
		{WeekDay(calendar.NewDate(2026, 3, 12)), "giovedì 12 marzo 2026"},
		{ShortDay(calendar.NewDate(2026, 3, 2)), "02/03/2026"},
		{ShortDay(calendar.Date{}), ""},
		{Day(calendar.Date{}), ""},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func BenchmarkMoment(b *testing.B) {
	at := time.Date(2026, 3, 11, 14, 5, 0, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		Moment(at)
	}
}
