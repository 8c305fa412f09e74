package indemnity

import (
	"fmt"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// Why a value of a call cannot stand. The words stand in the catalogue.
var (
	flawNoArticle     = fault.Invalid("call.article_missing")
	flawNoReason      = fault.Invalid("call.reason_missing")
	flawOutOfRange    = fault.Invalid("call.number_range")
	flawNotPositive   = fault.Invalid("call.amount_missing")
	flawLimits        = fault.Invalid("call.limits")
	flawNoDay         = fault.Invalid("call.day_missing")
	flawBackwards     = fault.Invalid("call.window_backwards")
	flawOtherMonth    = fault.Invalid("call.window_month")
	flawRankingEarly  = fault.Invalid("call.ranking_early")
	flawPaymentEarly  = fault.Invalid("call.payment_early")
	flawNoBands       = fault.Invalid("call.bands_missing")
	flawBandsOrder    = fault.Invalid("call.bands_order")
	flawBandsEnd      = fault.Invalid("call.bands_end")
	flawNoDeclaration = fault.Invalid("call.declaration_missing")
	flawNoName        = fault.Invalid("call.name_missing")
	flawNameTwice     = fault.Invalid("call.name_twice")
	flawNoText        = fault.Invalid("call.text_missing")
	flawNoSuchDay     = fault.Invalid("call.holiday_day")
	flawNoExample     = fault.Invalid("call.example_missing")
	flawExampleEvent  = fault.Invalid("call.example_event")
)

// ErrReadingValue says that a reading has a value that it cannot have.
var ErrReadingValue = fault.Invalid("call.reading_value")

// mostPoints is the most that one criterion may be worth.
const mostPoints = 100

// RuleFlaw is why rules are not sound: the value, and what is wrong with it. Args are
// pairs for its words.
type RuleFlaw struct {
	Section Section
	Field   string // "isee_points.1.points": the path of the value, counted from 0
	Reason  *fault.Reason
	Args    []any
}

// RuleFlaws is all that is wrong with rules, in the order of the pages.
type RuleFlaws []RuleFlaw

// Error names the fields, for the log.
func (f RuleFlaws) Error() string {
	var b strings.Builder
	b.WriteString(ErrUnsound.Code)
	for _, flaw := range f {
		fmt.Fprintf(&b, " %s:%s", flaw.Field, flaw.Reason.Code)
	}
	return b.String()
}

// Unwrap is ErrUnsound.
func (f RuleFlaws) Unwrap() error { return ErrUnsound }

// Of is the flaws of a section.
func (f RuleFlaws) Of(s Section) RuleFlaws {
	return slices.DeleteFunc(slices.Clone(f), func(flaw RuleFlaw) bool { return flaw.Section != s })
}

// Check is all that keeps the rules of the call from being sound, nil when nothing does.
func (c *Call) Check() RuleFlaws {
	k, r := &checker{}, &c.Rules
	for _, p := range r.Parameters() {
		k.section = p.Section
		k.filled(*p.Article, p.Field+".article", flawNoArticle)
		switch {
		case p.Number != nil:
			k.that(p.Least <= *p.Number && *p.Number <= p.Most, p.Field, flawOutOfRange, "Least", p.Least, "Most", p.Most)
		case p.Amount != nil:
			k.that(*p.Amount > 0, p.Field, flawNotPositive)
		case p.Text != nil:
			k.filled(*p.Text, p.Field, flawNoText)
		}
	}
	k.window(c)
	k.section = SectionMoney
	k.that(r.Budget.Is == nil || *r.Budget.Is > 0, "budget", flawNotPositive)
	k.expected(c)
	k.section = SectionAmounts
	k.that(r.DailyLimits.Is.Least <= r.DailyLimits.Is.Most, "daily_limits.most", flawLimits)
	k.that(r.DailyLimits.Is.Most > 0, "daily_limits.most", flawNotPositive)
	k.scores(r)
	k.readings(&r.Readings)
	k.declarations(r.Declarations.Is)
	k.section = SectionHolidays
	for i, h := range r.Holidays.Is.Fixed {
		k.holiday(fmt.Sprintf("holidays.%d.", i), h)
	}
	k.holiday("rome_patron.", r.RomePatron.Is)
	k.examples(r.Examples)
	slices.SortStableFunc(k.found, func(a, b RuleFlaw) int { return slices.Index(Sections, a.Section) - slices.Index(Sections, b.Section) })
	return k.found
}

type checker struct {
	section Section
	found   RuleFlaws
}

func (k *checker) that(sound bool, field string, reason *fault.Reason, args ...any) {
	if !sound {
		k.found = append(k.found, RuleFlaw{k.section, field, reason, args})
	}
}

func (k *checker) filled(text, field string, reason *fault.Reason) {
	k.that(strings.TrimSpace(text) != "", field, reason)
}

// window must be days of the month that the call is named by.
func (k *checker) window(c *Call) {
	k.section = SectionPeriod
	w, month := c.Rules.Window.Is, c.ID.Month()
	k.that(!w.From.IsZero(), "window.from", flawNoDay)
	k.that(!w.To.IsZero(), "window.to", flawNoDay)
	switch {
	case w.From.IsZero() || w.To.IsZero():
	case !w.Valid():
		k.that(false, "window.to", flawBackwards)
	default:
		k.that(month.Has(w.From), "window.from", flawOtherMonth)
		k.that(month.Has(w.To), "window.to", flawOtherMonth)
	}
}

func (k *checker) expected(c *Call) {
	k.section = SectionExpected
	e := c.Rules.Expected.Is
	k.that(e.Ranking.IsZero() || !c.Rules.Window.Is.Valid() || e.Ranking.After(c.LastUsefulDay()), "expected.ranking", flawRankingEarly)
	k.that(e.Payment.IsZero() || !e.Payment.Before(e.Ranking), "expected.payment", flawPaymentEarly)
}

func (k *checker) scores(r *RuleSet) {
	k.section = SectionScores
	points := func(at string, n int) {
		k.that(0 <= n && n <= mostPoints, at, flawOutOfRange, "Least", 0, "Most", mostPoints)
	}
	bands(k, "isee_points", r.ISEEPoints.Is, func(b ISEEBand) (int, bool) { return int(value(b.UpTo)), b.UpTo != nil },
		func(at string, b ISEEBand) { points(at, b.Points) })
	bands(k, "duration_points", r.DurationPoints.Is, func(b DurationBand) (int, bool) { return value(b.UpTo), b.UpTo != nil },
		func(at string, b DurationBand) { points(at, b.Points) })
	points("exclusivity_points.exclusive", r.ExclusivityPoints.Is.Exclusive)
	points("exclusivity_points.other", r.ExclusivityPoints.Is.Other)
}

// bands must go up, and the last of them has no bound: every value has its points.
func bands[B any](k *checker, field string, all []B, bound func(B) (int, bool), points func(at string, b B)) {
	k.that(len(all) > 0, field+".0.up_to", flawNoBands)
	last := 0
	for i, b := range all {
		at := fmt.Sprintf("%s.%d.", field, i)
		upTo, bounded := bound(b)
		switch {
		case i == len(all)-1:
			k.that(!bounded, at+"up_to", flawBandsEnd)
		default:
			k.that(bounded && upTo > last, at+"up_to", flawBandsOrder)
		}
		points(at+"points", b)
		last = max(last, upTo)
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (k *checker) readings(r *Readings) {
	k.section = SectionReadings
	for _, p := range r.points() {
		k.that(p.set(p.reading().Value), "readings."+p.name, ErrReadingValue)
		k.filled(*p.article, "readings."+p.name+".article", flawNoArticle)
		k.filled(*p.why, "readings."+p.name+".reading", flawNoReason)
	}
}

func (k *checker) declarations(all []Declaration) {
	k.section = SectionDeclarations
	k.that(len(all) > 0, "declarations.0.id", flawNoDeclaration)
	var ids []string
	for i, d := range all {
		at := fmt.Sprintf("declarations.%d.", i)
		k.that(d.ID != "", at+"id", flawNoName)
		k.that(!slices.Contains(ids, d.ID), at+"id", flawNameTwice)
		k.filled(d.Says, at+"says", flawNoText)
		k.filled(d.Text, at+"text", flawNoText)
		k.filled(d.Article, at+"article", flawNoArticle)
		ids = append(ids, d.ID)
	}
}

func (k *checker) holiday(at string, h calendar.Holiday) {
	const leap = 2000
	_, exists := calendar.CheckedDate(leap, int(h.Month), h.Day)
	k.that(exists, at+"day", flawNoSuchDay)
	k.filled(h.Name, at+"name", flawNoName)
	k.that(h.From == 0 || h.From > 1860, at+"from", flawOutOfRange, "Least", 1861, "Most", 2200)
}

func (k *checker) examples(all []Example) {
	k.section = SectionExamples
	k.that(len(all) > 0, "examples.0.source", flawNoExample)
	for i, e := range all {
		at := fmt.Sprintf("examples.%d.", i)
		k.filled(e.Source, at+"source", flawNoArticle)
		k.that(!e.Event.From.IsZero(), at+"from", flawNoDay)
		k.that(!e.Event.To.IsZero(), at+"to", flawNoDay)
		k.that(e.Event.From.IsZero() || e.Event.To.IsZero() || e.Event.Valid() && e.Event.Days() <= mostDays, at+"to", flawExampleEvent)
		k.that(!e.LastDay.IsZero(), at+"last_day", flawNoDay)
		k.that(0 <= e.DaysPaid && e.DaysPaid <= 366, at+"days_paid", flawOutOfRange, "Least", 0, "Most", 366)
	}
}

// mostDays is how long an event may be that is reckoned on a page: three years.
const mostDays = 3 * 366
