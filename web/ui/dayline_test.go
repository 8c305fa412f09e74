package ui

import (
	"strings"
	"testing"

	"portal/internal/calendar"
)

func run(from, to calendar.Date, look DayLook) DayRun {
	return DayRun{calendar.Period{From: from, To: to}, look}
}

func TestRunsOfDaysAreSaidAsItaliansDo(t *testing.T) {
	t.Parallel()
	day := calendar.NewDate
	for want, p := range map[string]calendar.Period{
		"il 19 maggio 2026":                        {From: day(2026, 5, 19), To: day(2026, 5, 19)},
		"dal 21 al 31 maggio 2026":                 {From: day(2026, 5, 21), To: day(2026, 5, 31)},
		"dall’8 all’11 maggio 2026":                {From: day(2026, 5, 8), To: day(2026, 5, 11)},
		"dal 1º al 3 maggio 2026":                  {From: day(2026, 5, 1), To: day(2026, 5, 3)},
		"dal 22 aprile al 18 maggio 2026":          {From: day(2026, 4, 22), To: day(2026, 5, 18)},
		"dal 30 dicembre 2026 al 4 gennaio 2027":   {From: day(2026, 12, 30), To: day(2027, 1, 4)},
		"dall’11 novembre 2026 all’8 gennaio 2027": {From: day(2026, 11, 11), To: day(2027, 1, 8)},
	} {
		if got := During(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for want, texts := range map[string][]string{"": nil, "a": {"a"}, "a e b": {"a", "b"}, "a, b e c": {"a", "b", "c"}} {
		if got := Both(texts); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTheDaysLieInProportionAndNoneIsLost(t *testing.T) {
	t.Parallel()
	first, last := calendar.NewDate(2026, 4, 22), calendar.NewDate(2026, 5, 31)
	p := DayLineProps{ID: "x", Title: "Giorni", Sentence: "Quaranta giorni.", Days: calendar.Period{From: first, To: last}, Limit: calendar.NewDate(2026, 5, 12),
		Rows: []DayRow{{Name: "Iniziale", Runs: []DayRun{run(first, calendar.NewDate(2026, 5, 18), DayCovered)}},
			{Name: "I tuoi giorni", Label: "40 giorni", Runs: []DayRun{run(first, first.Add(5), DayFirst), run(first.Add(6), first.Add(26), DayPaid),
				run(first.Add(27), first.Add(28), DayLacking), run(first.Add(29), last.Add(100), DayOther)}}}}
	rows := p.rows()
	if r := rows[0]; r.label != "22/04–18/05" || r.runs[0] != (runDrawn{DayCovered, "0.00%", "67.50%"}) {
		t.Errorf("%+v", r)
	}
	want := []runDrawn{{DayFirst, "0.00%", "15.00%"}, {DayPaid, "15.00%", "52.50%"}, {DayLacking, "67.50%", "5.00%"}, {DayOther, "72.50%", "27.50%"}}
	for i, r := range rows[1].runs {
		if r != want[i] {
			t.Errorf("%+v, want %+v", r, want[i])
		}
	}
	if p.limit() != "50.00%" {
		t.Errorf("the limit is at %s", p.limit())
	}
	year := calendar.Period{From: calendar.NewDate(2026, 1, 1), To: calendar.NewDate(2026, 12, 31)}
	tiny := DayLineProps{Days: year, Rows: []DayRow{{Runs: []DayRun{run(year.To, year.To, DayPaid)}}}}
	if r := tiny.rows()[0].runs[0]; r != (runDrawn{DayPaid, "99.40%", "0.60%"}) {
		t.Errorf("one day of a year: %+v", r)
	}
	var b strings.Builder
	if err := DayLine(Frame{}, p).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`role="img"`, "<desc", `fill="url(#x-tratteggio)"`, `fill="url(#x-punti)"`, `class="day-first"`, "22/04/2026", "31/05/2026", "chart-limit"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s is not in the picture", want)
		}
	}
	if strings.Contains(b.String(), "style=") {
		t.Error("the content security policy would drop a style")
	}
}
