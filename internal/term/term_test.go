package term_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/term"
)

// italian are the holidays of L. 260/1949, with 4 October from 2026 (L. 151/2025).
var italian = calendar.Holidays{Sundays: true, EasterMonday: true, Fixed: []calendar.Holiday{
	{Month: 1, Day: 1}, {Month: 1, Day: 6}, {Month: 4, Day: 25}, {Month: 5, Day: 1}, {Month: 6, Day: 2}, {Month: 8, Day: 15},
	{Month: 10, Day: 4, From: 2026}, {Month: 11, Day: 1}, {Month: 12, Day: 8}, {Month: 12, Day: 25}, {Month: 12, Day: 26}}}

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func counts(from string, days int) term.Term {
	return term.Term{From: day(from), Days: days, Holidays: italian}
}

// Every row of the terms that INPS counted itself, with the day it fell on.
func TestTermsThatINPSCounted(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from     string
		days     int
		raw, end string
		why      string
	}{
		{"2022-12-09", 180, "2023-06-07", "2023-06-07", "day zero is not counted"},
		{"2023-09-26", 180, "2024-03-24", "2024-03-25", "a Sunday moves to Monday"},
		{"2024-07-11", 270, "2025-04-07", "2025-04-07", "a Monday stays"},
		{"2025-11-14", 15, "2025-11-29", "2025-11-29", "a Saturday does not move"},
		{"2025-12-05", 60, "2026-02-03", "2026-02-03", "the first session"},
		{"2025-12-05", 270, "2026-09-01", "2026-09-01", "a Tuesday stays"},
		{"2025-04-15", 270, "2026-01-10", "2026-01-10", "a Saturday stays"},
		{"2023-11-08", 180, "2024-05-06", "2024-05-06", "Basilicata"},
		{"2024-06-05", 30, "2024-07-05", "2024-07-05", "to put an ISEE right"},
		{"2026-09-19", 15, "2026-10-04", "2026-10-05", "San Francesco, a Sunday and a holiday from 2026"},
		{"2025-12-10", 15, "2025-12-25", "2025-12-27", "Christmas and Santo Stefano, then a Saturday"},
	} {
		x := counts(c.from, c.days)
		if raw, _ := x.Raw(); raw != day(c.raw) {
			t.Errorf("%s and %d days: raw end %s, want %s", c.from, c.days, raw, c.raw)
		}
		if x.End() != day(c.end) {
			t.Errorf("%s and %d days end on %s, want %s (%s)", c.from, c.days, x.End(), c.end, c.why)
		}
	}
}

func TestATermIsOverAtMidnightInRomeWhateverTheClocksDo(t *testing.T) {
	t.Parallel()
	for end, utc := range map[string]string{
		"2026-03-28": "2026-03-28T23:00:00Z", // the clocks go forward the next night
		"2026-03-30": "2026-03-30T22:00:00Z",
		"2026-10-24": "2026-10-24T22:00:00Z",
		"2026-10-26": "2026-10-26T23:00:00Z", // they went back the night before
	} {
		x := counts(day(end).Add(-10).String(), 10)
		over, _ := time.Parse(time.RFC3339, utc)
		if !x.Over().Equal(over) {
			t.Errorf("a term that ends on %s is over at %s, want %s", end, x.Over().UTC(), over)
		}
		if !x.Open(over.Add(-1)) || x.Open(over) {
			t.Errorf("a term that ends on %s is open to its last instant, and no longer", end)
		}
	}
	// 29 March 2026 has 23 hours and 25 October 25: both are one day of a term.
	if got := counts("2026-03-25", 8).End(); got != day("2026-04-02") {
		t.Errorf("eight days over the change to summer time end on %s", got)
	}
}

func TestAClockThatStandsStillMovesTheEnd(t *testing.T) {
	t.Parallel()
	asked := counts("2026-06-01", 15)
	asked.Suspended = []term.Span{{From: day("2026-06-09"), To: day("2026-06-20")}}
	if raw, _ := asked.Raw(); raw != day("2026-06-28") {
		t.Errorf("fifteen days with twelve of waiting end on %s", raw)
	}
	if got := asked.End(); got != day("2026-06-29") { // the 28th is a Sunday
		t.Errorf("the end is %s", got)
	}
	asked.Suspended = []term.Span{{From: day("2026-06-09")}}
	if !asked.End().IsZero() || !asked.Over().IsZero() || !asked.Open(day("2030-01-01").Start()) {
		t.Errorf("a term whose clock stands still ends on %s", asked.End())
	}
	asked.Suspended[0].From = day("2026-07-01")
	if got := asked.End(); got != day("2026-06-16") {
		t.Errorf("a stop after the end moves it to %s", got)
	}
}

func TestASuspensionOfNDaysMovesTheRawEndByN(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := counts("2026-01-01", rapid.IntRange(1, 400).Draw(t, "days"))
		plain, _ := x.Raw()
		stood := map[calendar.Date]bool{}
		for range rapid.IntRange(1, 5).Draw(t, "stops") {
			from := x.From.Add(rapid.IntRange(-20, 300).Draw(t, "from"))
			s := term.Span{From: from, To: from.Add(rapid.IntRange(0, 30).Draw(t, "length"))}
			x.Suspended = append(x.Suspended, s)
			for d := s.From; !d.After(s.To); d = d.Add(1) {
				stood[d] = true
			}
		}
		raw, running := x.Raw()
		n := 0 // days that stood still within the term
		for d := x.From.Add(1); !d.After(raw); d = d.Add(1) {
			if stood[d] {
				n++
			}
		}
		if !running || plain.Until(raw) != n || stood[raw] {
			t.Fatalf("%d days stood still, yet the end moved from %s to %s", n, plain, raw)
		}
	})
}

func TestATermNeverEndsOnAHoliday(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		from := calendar.NewDate(2022, 1, rapid.IntRange(1, 4000).Draw(t, "from"))
		x := counts(from.String(), rapid.IntRange(0, 400).Draw(t, "days"))
		end := x.End()
		raw, _ := x.Raw()
		if italian.Is(end) || end.Before(raw) || raw.Until(end) > 4 {
			t.Fatalf("%d days from %s, counted to %s, end on %s", x.Days, x.From, raw, end)
		}
		if over := x.Over(); calendar.On(over.Add(-1)) != end || calendar.On(over) != end.Add(1) {
			t.Fatalf("a term that ends on %s is over at %s", end, over)
		}
	})
}

func TestAnActPutsATermOffAndNeverForward(t *testing.T) {
	t.Parallel()
	x := counts("2024-03-25", 57) // to 21 May 2024
	if x.Act() != "" {
		t.Errorf("put off by %q", x.Act())
	}
	closes := time.Date(2024, 7, 31, 18, 0, 0, 0, calendar.Rome)
	x.PutOff = []term.PutOff{{Day: day("2024-05-02"), Act: "an earlier day"}, {Instant: closes, Act: "message 2568/2024"}}
	if x.End() != day("2024-07-31") || !x.Over().Equal(closes) || x.Act() != "message 2568/2024" {
		t.Errorf("it ends on %s, at %s, by %q", x.End(), x.Over(), x.Act())
	}
	if !x.Open(closes.Add(-1)) || x.Open(closes) {
		t.Error("an hour that an act sets is the end to the second")
	}
	midnight := counts("2024-03-25", 57)
	midnight.PutOff = []term.PutOff{{Instant: day("2024-07-31").End()}}
	if got := midnight.End(); got != day("2024-07-31") {
		t.Errorf("midnight belongs to the day that ends: %s", got)
	}
}

func TestATermBeforeADayIsCountedBack(t *testing.T) {
	t.Parallel()
	x := term.Term{From: day("2026-03-16"), Days: 1, Before: true, Holidays: italian}
	if got := x.End(); got != day("2026-03-15") { // a Sunday
		t.Errorf("before a Monday ends on %s", got)
	}
}
