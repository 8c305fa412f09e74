package indemnity

import (
	"cmp"
	"slices"

	"portal/internal/calendar"
)

// span is a run of days by their numbers, both ends in it. Days by number make a batch
// of 200,000 applications a matter of additions.
type span struct{ from, to int }

func (s span) days() int { return max(s.to-s.from+1, 0) }

func (s span) period() calendar.Period { return calendar.Period{From: dayOf(s.from), To: dayOf(s.to)} }

// spanOf is a period by its numbers; one without an end, or reversed, has no days.
func spanOf(p calendar.Period) span {
	if !p.Valid() {
		return span{1, 0}
	}
	return span{numberOf(p.From), numberOf(p.To)}
}

// clip is what of a span lies within another.
func (s span) clip(within span) span { return span{max(s.from, within.from), min(s.to, within.to)} }

// numberOf counts days from 1 March of the year 0 in the Gregorian calendar, whose years
// then end with their leap day. It holds for every year of a Date, where a difference of
// instants would not.
func numberOf(d calendar.Date) int {
	year, month := d.Year, int(d.Month)-3
	if month < 0 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*month+2)/5 + d.Day - 1
}

// dayOf is the day of a number.
func dayOf(number int) calendar.Date { return calendar.NewDate(0, 3, 1).Add(number) }

// merged is the days of some spans, in order, each once: spans that touch are one. It
// uses its argument up.
func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	all := spans[:0]
	for _, s := range spans {
		switch last := len(all) - 1; {
		case s.days() == 0:
		case last >= 0 && s.from <= all[last].to+1:
			all[last].to = max(all[last].to, s.to)
		default:
			all = append(all, s)
		}
	}
	return all
}

// total is how many days merged spans have.
func total(spans []span) (days int) {
	for _, s := range spans {
		days += s.days()
	}
	return days
}

// within is what of merged spans lies in another span, in new memory.
func within(spans []span, in span) (all []span) {
	for _, s := range spans {
		if s = s.clip(in); s.days() > 0 {
			all = append(all, s)
		}
	}
	return all
}

// without is what of a span lies in none of some merged spans.
func without(s span, spans []span) (all []span) {
	for _, gone := range spans {
		if gone = gone.clip(s); gone.days() == 0 {
			continue
		}
		if before := (span{s.from, gone.from - 1}); before.days() > 0 {
			all = append(all, before)
		}
		s.from = gone.to + 1
	}
	if s.days() > 0 {
		all = append(all, s)
	}
	return all
}
