package ui

import (
	"strings"

	"portal/internal/calendar"
)

// During is a run of days after a verb: "il 19 maggio 2026", "dal 21 al 31 maggio 2026",
// "dal 22 aprile all’8 maggio 2026", "dal 30 dicembre 2026 al 4 gennaio 2027".
func During(p calendar.Period) string {
	switch {
	case p.From == p.To:
		return OnDay(p.From)
	case p.From.Year != p.To.Year:
		return FromDay(p.From) + " " + ToDay(p.To)
	case p.From.Month != p.To.Month:
		return short(FromDay(p.From), 1) + " " + ToDay(p.To)
	}
	return short(FromDay(p.From), 2) + " " + ToDay(p.To)
}

// short leaves out the last words of a day.
func short(day string, words int) string {
	for range words {
		day = day[:strings.LastIndexByte(day, ' ')]
	}
	return day
}

// DuringAll is some runs of days: "il 3 maggio 2026, dal 6 al 9 maggio 2026 e l’11 maggio 2026".
func DuringAll(all []calendar.Period) string {
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = During(p)
	}
	return Both(texts)
}

// Both is some things one after the other: "a, b e c".
func Both(texts []string) string {
	last := len(texts) - 1
	if last < 1 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:last], ", ") + " e " + texts[last]
}

// dayAndMonth is a day in a picture: "19/05".
func dayAndMonth(d calendar.Date) string {
	return string(append2(append(append2(make([]byte, 0, 5), d.Day), '/'), int(d.Month)))
}

// shortSpan is a run of days in a picture: "19/05–31/05", "19/05".
func shortSpan(p calendar.Period) string {
	switch {
	case !p.Valid():
		return ""
	case p.From == p.To:
		return dayAndMonth(p.From)
	}
	return dayAndMonth(p.From) + "–" + dayAndMonth(p.To)
}
