package ui

import (
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"portal/internal/calendar"
)

// DayLook is how some days look in a DayLine.
type DayLook string

// The looks. They are told apart without colour: solid, outlined, hatched, dotted.
const (
	DayCovered DayLook = "covered" // of a paper
	DayPaid    DayLook = "paid"
	DayFirst   DayLook = "first"   // the first ones, which are not paid
	DayLacking DayLook = "lacking" // no paper covers them as it should
	DayOther   DayLook = "other"   // paid elsewhere, or beyond a limit
)

var dayLooks = []DayLook{DayCovered, DayPaid, DayFirst, DayLacking, DayOther}

// DayRun is days next to each other that look the same.
type DayRun struct {
	calendar.Period
	Look DayLook
}

// DayRow is a line of a DayLine: a paper with its days, or all days with what becomes of
// them.
type DayRow struct {
	Name  string // "Iniziale"
	Label string // at the end of the line; "" is the days of the only run
	Runs  []DayRun
}

// DayEntry is a line of the table that says the same.
type DayEntry struct {
	calendar.Period
	Paper  string // that covers the days, or that none does
	Paid   int    // of them
	Reason string // why the others are not
	Note   string // the article
}

// DayLineProps is the days of an event: a row for each paper, then what becomes of the
// days, on one scale; and the same as a table with its sum.
type DayLineProps struct {
	ID       string // of the picture, unlike any other on the page
	Title    string
	Sentence string // what the picture says
	Days     calendar.Period
	Rows     []DayRow
	Limit    calendar.Date // first day beyond the limit of the year; zero: it is not reached
	Entries  []DayEntry
	Done     bool     // the days to pay are paid
	Sum      []string // a sentence each
	Years    []DayYear
	Folded   bool // the tables are to be opened: what they come to stands before them
}

// DayYear is a calendar year with the most days that it pays: who has used up which,
// those of the line among them, and what is left. The same stands in a table.
type DayYear struct {
	Name      string // "Limite del 2026"
	Caption   string // of the table
	Most      int
	Elsewhere int // used up by others
	Own       int // by those of the line
	Label     string
	Entries   []Entry
}

// looks are those that the picture shows.
func (p DayLineProps) looks() (all []DayLook) {
	for _, look := range dayLooks {
		if slices.ContainsFunc(p.Rows, func(r DayRow) bool {
			return slices.ContainsFunc(r.Runs, func(run DayRun) bool { return run.Look == look })
		}) || slices.ContainsFunc(p.Years, func(y DayYear) bool { return look == DayOther && y.Elsewhere > 0 || look == DayPaid && y.Own > 0 }) {
			all = append(all, look)
		}
	}
	return all
}

// called is the key of what a look is called.
func (p DayLineProps) called(look DayLook) string {
	if p.Done && look == DayPaid {
		return "ui.dayline.done"
	}
	return "ui.dayline.look." + string(look)
}

func (p DayLineProps) height() string {
	return strconv.Itoa(p.below() + len(p.Years)*barLine)
}

// below is where the rows and their scale end.
func (p DayLineProps) below() int { return len(p.Rows)*barLine + 30 }

// A run is never so narrow that it cannot be seen: three fifths of a percent of the width.
const narrowest = 60

type runDrawn struct {
	look     DayLook
	x, width string
}

type rowDrawn struct {
	name, label string
	text, top   string
	runs        []runDrawn
}

func (p DayLineProps) rows() []rowDrawn {
	all := make([]rowDrawn, len(p.Rows))
	for i, r := range p.Rows {
		y := i * barLine
		row := rowDrawn{name: r.Name, label: r.Label, text: strconv.Itoa(y + 16), top: strconv.Itoa(y + barAbove)}
		if row.label == "" && len(r.Runs) == 1 {
			row.label = shortSpan(r.Runs[0].Period)
		}
		for _, run := range r.Runs {
			if days := run.Clip(p.Days); days.Valid() {
				from, to := p.place(days.From), p.place(days.To.Add(1))
				from = min(from, 10_000-narrowest)
				row.runs = append(row.runs, runDrawn{run.Look, percent(from, 10_000), percent(max(to-from, narrowest), 10_000)})
			}
		}
		all[i] = row
	}
	return all
}

// years are the bars of the years, each on the scale of its own limit.
func (p DayLineProps) years() []rowDrawn {
	all := make([]rowDrawn, len(p.Years))
	for i, year := range p.Years {
		y := p.below() + i*barLine
		row := rowDrawn{name: year.Name, label: year.Label, text: strconv.Itoa(y + 16), top: strconv.Itoa(y + barAbove)}
		most := max(year.Most, year.Elsewhere+year.Own, 1)
		at := 0
		for _, part := range []struct {
			look DayLook
			days int
		}{{DayOther, year.Elsewhere}, {DayPaid, year.Own}} {
			if part.days > 0 {
				row.runs = append(row.runs, runDrawn{part.look, percent(at, most), percent(part.days, most)})
				at += part.days
			}
		}
		all[i] = row
	}
	return all
}

// place is where a day begins, in hundredths of a percent.
func (p DayLineProps) place(d calendar.Date) int {
	return p.Days.From.Until(d) * 10_000 / max(p.Days.Days(), 1)
}

// dayMark is a day on the scale below the rows.
type dayMark struct{ x, text, anchor string }

// scale names the first and the last day.
func (p DayLineProps) scale() []dayMark {
	all := []dayMark{{"0%", ShortDay(p.Days.From), "start"}}
	if p.Days.Days() > 1 {
		all = append(all, dayMark{"100%", ShortDay(p.Days.To), "end"})
	}
	return all
}

func (p DayLineProps) ground() string { return strconv.Itoa(len(p.Rows)*barLine - 4) }

func (p DayLineProps) names() string { return strconv.Itoa(len(p.Rows)*barLine + 16) }

// limit is where the limit of the year is reached, "" where it is not.
func (p DayLineProps) limit() string {
	if p.Limit.IsZero() || !p.Days.Has(p.Limit) {
		return ""
	}
	return percent(p.place(p.Limit), 10_000)
}

// paint fills what is hatched or dotted with the pattern of its own picture.
func (l DayLook) paint(id string) templ.Attributes {
	switch l {
	case DayLacking:
		return templ.Attributes{"fill": "url(#" + id + "-tratteggio)"}
	case DayOther:
		return templ.Attributes{"fill": "url(#" + id + "-punti)"}
	}
	return nil
}

func dayCount(n int) string { return strconv.Itoa(n) }

func yearColumns(f Frame) []Column {
	return []Column{{Text: f.T("ui.dayline.year"), Row: true}, {Text: f.T("ui.dayline.days"), Number: true}}
}

func (p DayLineProps) columns(f Frame) []Column {
	return []Column{{Text: f.T("ui.dayline.from"), Row: true}, {Text: f.T("ui.dayline.to")}, {Text: f.T("ui.dayline.days"), Number: true},
		{Text: f.T("ui.dayline.paper")}, {Text: f.T("ui.dayline.paid_days"), Number: true}, {Text: f.T("ui.dayline.reason")}}
}
