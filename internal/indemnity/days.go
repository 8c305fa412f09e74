package indemnity

import (
	"slices"
	"time"

	"portal/internal/calendar"
)

// evidence is what the papers of an event say of its days (art. 2 and 3).
type evidence struct {
	declared   span   // for heirs not beyond the death
	accepted   []span // merged: certified as art. 3 wants it
	recognised []span // merged: the first run of them, or the days of a cycle
	covered    []span // every span that counts towards the end of the event
	priorYears []span // of a cycle over several years: days of another application (A30)
	endUsed    int    // the end tested on window and term
}

// read finds the recognised days and the end of an event.
func (r *RuleSet) read(f *Facts) evidence {
	e := evidence{declared: spanOf(f.declared())}
	if f.Event.Kind == TherapyCycle {
		r.readCycle(f, &e)
		return e
	}
	for _, c := range f.Event.Certificates {
		days := spanOf(c.Period).clip(e.declared)
		counts, covers := true, true
		switch c.Kind {
		case InitialPrognosis, ExtensionPrognosis:
			counts = c.InForm // R27, R29: otherwise it covers, and its days do not count (A11)
		case ASLInterdiction:
			covers = f.Event.Kind == RiskInterruption
			days = days.clip(r.untilInterruption(f, days))
		case HeirsFinal:
			covers = f.heirs()
		default:
			covers = false
		}
		if covers && days.days() > 0 {
			e.covered = append(e.covered, days)
			if counts {
				e.accepted = append(e.accepted, days)
			}
		}
	}
	for _, s := range f.Event.Stays { // R30
		if days := spanOf(s.Period).clip(e.declared); s.Certified && days.days() > 0 {
			e.covered, e.accepted = append(e.covered, days), append(e.accepted, days)
		}
	}
	e.accepted = merged(e.accepted)
	e.recognised = e.accepted[:min(len(e.accepted), 1)] // the unbroken run: after a gap it is another event (A40)
	e.endUsed = r.endUsed(e)
	return e
}

// untilInterruption is the days of an order that count: up to the interruption (R35).
func (r *RuleSet) untilInterruption(f *Facts, days span) span {
	if f.Event.InterruptedOn.IsZero() {
		return days
	}
	last := numberOf(f.Event.InterruptedOn)
	if !r.Readings.CountInterruptionDay.Is { // A20
		last--
	}
	return span{days.from, last}
}

// endUsed is the end on which window and term are tested (R26, A11).
func (r *RuleSet) endUsed(e evidence) int {
	last, some := 0, false
	switch r.Readings.EventEndBasis.Is {
	case DocumentedEnd:
		for _, s := range e.covered {
			last, some = max(last, s.to), true
		}
	case RecognisedEnd:
		if len(e.recognised) > 0 {
			last, some = e.recognised[0].to, true
		}
	}
	if !some {
		return e.declared.to
	}
	return last
}

// readCycle takes a cycle as the set of its days of suspension (R10, R22, R23).
func (r *RuleSet) readCycle(f *Facts, e *evidence) {
	days := make([]span, len(f.Event.Interruptions))
	for i, p := range f.Event.Interruptions {
		days[i] = spanOf(p)
		if f.heirs() {
			days[i].to = min(days[i].to, numberOf(f.DiedOn))
		}
	}
	e.recognised, e.endUsed = merged(days), e.declared.to
	if len(e.recognised) == 0 {
		return
	}
	e.endUsed = e.recognised[len(e.recognised)-1].to
	if f.Event.MultiYear && r.Readings.MultiYearOnlyLastYear.Is { // A30
		newYear := numberOf(calendar.NewDate(dayOf(e.endUsed).Year, 1, 1))
		e.priorYears = within(e.recognised, span{e.recognised[0].from, newYear - 1})
		e.recognised = within(e.recognised, span{newYear, e.endUsed})
	}
}

// duration is the total duration as art. 2 tests it, before A19.
func (r *RuleSet) duration(kind EventKind, e evidence) int {
	if len(e.recognised) == 0 {
		return 0
	}
	if kind == TherapyCycle && r.Readings.CycleDuration.Is == CycleSum { // A9
		return total(e.recognised)
	}
	days := span{e.recognised[0].from, e.recognised[len(e.recognised)-1].to}.days()
	if !r.Readings.InclusiveDuration.Is { // A10
		days--
	}
	return days
}

// maternity is the days around a birth for which there is no indemnity (R3, A19).
func (r *RuleSet) maternity(f *Facts) span {
	if f.Event.BirthOn.IsZero() {
		return span{1, 0}
	}
	return span{numberOf(monthsFrom(f.Event.BirthOn, -r.MaternityBefore.Is)), numberOf(monthsFrom(f.Event.BirthOn, r.MaternityAfter.Is))}
}

// monthsFrom is the same day some months away, or the last of its month where it is
// missing.
func monthsFrom(d calendar.Date, months int) calendar.Date {
	first := calendar.NewDate(d.Year, d.Month, 1)
	first = calendar.NewDate(first.Year, first.Month+time.Month(months), 1)
	last := calendar.NewDate(first.Year, first.Month+1, 1).Add(-1)
	return calendar.NewDate(first.Year, first.Month, min(d.Day, last.Day))
}

// Why says why a day is paid or not (F18). Its words stand in the catalogue.
type Why string

// The reasons of a day, in the order in which they are asked. The first of them that
// holds is told; WhyPaid is the day for which none does.
const (
	WhyPaid          Why = "paid"
	WhyOtherCase     Why = "other_application" // recognised to an earlier one (A54)
	WhyFirstDays     Why = "first_days"        // one of the first six (R47)
	WhyInMaternity   Why = "maternity"         // R3
	WhyCapReached    Why = "cap"               // R6
	WhyAfterGap      Why = "after_gap"         // certified, and after a day that is not: another event (A40)
	WhyNotAPrognosis Why = "not_a_prognosis"   // its only certificate has not the form of a prognosis (R27, R29)
	WhyCopyLacking   Why = "copy_missing"      // of the hospital certificate (R30)
	WhyPriorYear     Why = "prior_year"        // of a cycle over several years (A30)
	WhyNotCertified  Why = "not_certified"     // R9
)

// DaySpan is a part of the day line: days with one reason, in one calendar year.
type DaySpan struct {
	calendar.Period
	Why Why
	Of  string // the protocol of the application that has them, of WhyOtherCase
}

// used is what the applications of one member have used up so far.
type used struct {
	recognised []span // merged
	paid       Yearly[int]
}

// add adds what one more of them uses up.
func (u *used) add(recognised []span, charged Yearly[int]) {
	u.recognised = merged(slices.Concat(u.recognised, recognised))
	for _, y := range charged {
		*u.paid.at(y.Year) += y.Is
	}
}

// walked is what the walk through the recognised days found.
type walked struct {
	paid                       int
	byYear                     Yearly[int] // the calendar year of each paid day
	charged                    Yearly[int] // to the cap, by the year that it counts for (A5, A6)
	overlaps, capped, maternal bool
}

// walk goes through the recognised days in their order, from one change of reason to the
// next, and tells line of each part.
func (r *RuleSet) walk(f *Facts, e evidence, before *used, line func(span, Why)) (w walked) {
	excluded := r.ExcludedDays.Is // R47
	if f.Event.Kind == TherapyCycle && !r.Readings.CycleExcludesFirstDays.Is {
		excluded = 0 // A7
	}
	maternity := r.maternity(f)
	for _, s := range e.recognised {
		w.maternal = w.maternal || s.clip(maternity).days() > 0
		for s.days() > 0 {
			year := dayOf(s.from).Year
			part := span{s.from, min(s.to, numberOf(calendar.NewDate(year, 12, 31)))}
			capYear := year
			if r.Readings.CapAttribution.Is == EventEndYear { // A6
				capYear = dayOf(e.recognised[len(e.recognised)-1].to).Year
			}
			earlier, _ := f.DaysUsed.Of(capYear)
			charged := w.charged.at(capYear)
			left := r.YearlyCap.Is - earlier - *before.paid.at(capYear) - *charged
			why := WhyPaid
			part, taken := part.upTo(before.recognised...)
			part, maternal := part.upTo(maternity)
			if excluded > 0 {
				part.to = min(part.to, part.from+excluded-1)
			}
			switch {
			case taken:
				why, w.overlaps = WhyOtherCase, true
			case excluded > 0:
				why = WhyFirstDays
				if r.Readings.CapCountsExcludedDays.Is { // A5
					*charged += part.days()
				}
			case maternal:
				why = WhyInMaternity
			case left <= 0:
				why, w.capped = WhyCapReached, true
			default:
				part.to = min(part.to, part.from+left-1)
				w.paid += part.days()
				*w.byYear.at(year) += part.days()
				*charged += part.days()
			}
			if line != nil {
				line(part, why)
			}
			excluded = max(excluded-part.days(), 0)
			s.from = part.to + 1
		}
	}
	return w
}

// upTo cuts a span where one of some others begins or ends, and tells whether what is
// left of it lies in one.
func (s span) upTo(others ...span) (span, bool) {
	for _, o := range others {
		switch {
		case o.days() == 0 || o.to < s.from:
		case o.from <= s.from:
			return span{s.from, min(s.to, o.to)}, true
		default:
			s.to = min(s.to, o.from-1)
		}
	}
	return s, false
}

// line is the whole day line of an event: the recognised days as the walk told them, and
// every other declared day with why it is not recognised.
func (e evidence) line(f *Facts, walk []DaySpan) []DaySpan {
	line := slices.Clone(walk)
	rest := []span{e.declared}
	if f.Event.Kind == TherapyCycle {
		rest = e.priorYears // the days between two sessions are days of work
	} else if len(e.recognised) > 0 {
		rest = without(e.declared, e.recognised)
	}
	paint := func(over []span, why Why) {
		var left []span
		for _, s := range rest {
			for _, painted := range within(over, s) {
				line = append(line, DaySpan{Period: painted.period(), Why: why})
			}
			left = append(left, without(s, over)...)
		}
		rest = left
	}
	if f.Event.Kind == TherapyCycle {
		paint(e.priorYears, WhyPriorYear)
	} else {
		var notInForm, lacking []span
		for _, c := range f.Event.Certificates {
			if c.prognosis() && !c.InForm {
				notInForm = append(notInForm, spanOf(c.Period))
			}
		}
		for _, s := range f.Event.Stays {
			if !s.Certified {
				lacking = append(lacking, spanOf(s.Period))
			}
		}
		paint(e.accepted, WhyAfterGap)
		paint(merged(notInForm), WhyNotAPrognosis)
		paint(merged(lacking), WhyCopyLacking)
		paint([]span{e.declared}, WhyNotCertified)
	}
	slices.SortFunc(line, func(a, b DaySpan) int { return a.From.Compare(b.From) })
	joined := line[:0]
	for _, s := range line {
		if last := len(joined) - 1; last >= 0 && joined[last].Why == s.Why && joined[last].To.Add(1) == s.From && joined[last].To.Year == s.From.Year {
			joined[last].To = s.To
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}
