package indemnity

import (
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/rules"
)

// Section is a group of values of a call that are read and changed together.
type Section string

// The sections, in the order of the pages.
const (
	SectionPeriod       Section = "period" // window of the event's end
	SectionMoney        Section = "money"
	SectionExpected     Section = "expected"
	SectionTerms        Section = "terms"   // to apply, to answer
	SectionDays         Section = "days"    // that count, and that do not
	SectionAmounts      Section = "amounts" // of a day
	SectionScores       Section = "scores"
	SectionReadings     Section = "readings" // of what the call leaves open
	SectionDeclarations Section = "declarations"
	SectionHolidays     Section = "holidays"
	SectionExamples     Section = "examples"
)

// Sections lists every section, in the order of the pages.
var Sections = []Section{SectionPeriod, SectionMoney, SectionExpected, SectionTerms, SectionDays, SectionAmounts, SectionScores,
	SectionReadings, SectionDeclarations, SectionHolidays, SectionExamples}

// Expected is when the office thinks to be ready; zero where it has not said so. Members
// read it, and nothing is counted from it.
type Expected struct {
	Ranking calendar.Date `json:"ranking,omitzero"`
	Payment calendar.Date `json:"payment,omitzero"`
}

// Parameter is a value that stands once in the rules, with the article it comes from. At
// most one of Number, Amount, Rate and Text is set: a value that is not one of them, as a table
// of points, is told and read by its own name.
type Parameter struct {
	Section          Section
	Field            string // "submission_days"
	Article, Reading *string
	Number           *int
	Least, Most      int // that the number may be
	Amount           *money.Amount
	Rate             *Rate
	Text             *string // of one line
}

// Parameters are the values that stand once in the rules, readings apart, in the order
// of the pages. What they point to may be changed.
func (r *RuleSet) Parameters() []Parameter {
	const year = 366
	number := func(s Section, field string, v *rules.Value[int], least, most int) Parameter {
		return Parameter{Section: s, Field: field, Article: &v.Article, Reading: &v.Reading, Number: &v.Is, Least: least, Most: most}
	}
	rate := func(field string, v *rules.Value[Rate]) Parameter {
		return Parameter{Section: SectionAmounts, Field: field, Article: &v.Article, Reading: &v.Reading, Rate: &v.Is}
	}
	return []Parameter{
		source(SectionPeriod, "window", &r.Window),
		source(SectionMoney, "budget", &r.Budget),
		source(SectionExpected, "expected", &r.Expected),
		number(SectionTerms, "submission_days", &r.SubmissionDays, 1, year),
		number(SectionTerms, "heirs_days", &r.HeirsDays, 1, year),
		{Section: SectionTerms, Field: "heirs_pec", Article: &r.HeirsPEC.Article, Reading: &r.HeirsPEC.Reading, Text: &r.HeirsPEC.Is},
		number(SectionTerms, "supplement_days", &r.SupplementDays, 1, year),
		number(SectionTerms, "cure_days", &r.CureDays, 1, year),
		number(SectionTerms, "reexamination_days", &r.ReexaminationDays, 1, year),
		number(SectionTerms, "reexamination_reply_days", &r.ReexaminationReplyDays, 1, year),
		number(SectionDays, "least_days", &r.LeastDays, 1, year),
		number(SectionDays, "session_days", &r.SessionDays, 2, year),
		number(SectionDays, "excluded_days", &r.ExcludedDays, 0, year),
		number(SectionDays, "short_days", &r.ShortDays, 0, year),
		number(SectionDays, "yearly_cap", &r.YearlyCap, 1, year),
		number(SectionDays, "maternity_months_before", &r.MaternityBefore, 0, 12),
		number(SectionDays, "maternity_months_after", &r.MaternityAfter, 0, 12),
		number(SectionAmounts, "income_divisor", &r.IncomeDivisor, 1, year),
		{Section: SectionAmounts, Field: "round_up_to", Article: &r.RoundUpTo.Article, Reading: &r.RoundUpTo.Reading, Amount: &r.RoundUpTo.Is},
		source(SectionAmounts, "daily_limits", &r.DailyLimits),
		rate("short_rate", &r.ShortRate),
		rate("other_cover_rate", &r.OtherCoverRate),
		source(SectionScores, "isee_points", &r.ISEEPoints),
		source(SectionScores, "duration_points", &r.DurationPoints),
		source(SectionScores, "exclusivity_points", &r.ExclusivityPoints),
		source(SectionDeclarations, "declarations", &r.Declarations),
		source(SectionHolidays, "holidays", &r.Holidays),
		source(SectionHolidays, "rome_patron", &r.RomePatron),
	}
}

// source is a parameter whose value has a shape of its own.
func source[T any](s Section, field string, v *rules.Value[T]) Parameter {
	return Parameter{Section: s, Field: field, Article: &v.Article, Reading: &v.Reading}
}

// with is the rules with one section taken from others.
func (r RuleSet) with(s Section, of RuleSet) RuleSet {
	switch s {
	case SectionPeriod:
		r.Window = of.Window
	case SectionMoney:
		r.Budget = of.Budget
	case SectionExpected:
		r.Expected = of.Expected
	case SectionTerms:
		r.SubmissionDays, r.HeirsDays, r.SupplementDays, r.CureDays = of.SubmissionDays, of.HeirsDays, of.SupplementDays, of.CureDays
		r.HeirsPEC, r.ReexaminationDays, r.ReexaminationReplyDays = of.HeirsPEC, of.ReexaminationDays, of.ReexaminationReplyDays
	case SectionDays:
		r.LeastDays, r.SessionDays, r.ExcludedDays, r.ShortDays = of.LeastDays, of.SessionDays, of.ExcludedDays, of.ShortDays
		r.YearlyCap, r.MaternityBefore, r.MaternityAfter = of.YearlyCap, of.MaternityBefore, of.MaternityAfter
	case SectionAmounts:
		r.IncomeDivisor, r.RoundUpTo, r.DailyLimits = of.IncomeDivisor, of.RoundUpTo, of.DailyLimits
		r.ShortRate, r.OtherCoverRate = of.ShortRate, of.OtherCoverRate
	case SectionScores:
		r.ISEEPoints, r.DurationPoints, r.ExclusivityPoints = of.ISEEPoints, of.DurationPoints, of.ExclusivityPoints
	case SectionReadings:
		r.Readings = of.Readings
	case SectionDeclarations:
		r.Declarations = of.Declarations
	case SectionHolidays:
		r.Holidays, r.RomePatron = of.Holidays, of.RomePatron
	case SectionExamples:
		r.Examples = of.Examples
	}
	return r
}

// clone is a copy of which the lists may be changed too.
func (r RuleSet) clone() RuleSet {
	r.ISEEPoints.Is, r.DurationPoints.Is = slices.Clone(r.ISEEPoints.Is), slices.Clone(r.DurationPoints.Is)
	r.Declarations.Is, r.Holidays.Is.Fixed = slices.Clone(r.Declarations.Is), slices.Clone(r.Holidays.Is.Fixed)
	r.Examples = slices.Clone(r.Examples)
	return r
}

// CitedAs is the rules with the articles of one call cited as those of another: what is
// left of a difference then is one of substance.
func (r RuleSet) CitedAs(old, now CallID) *RuleSet {
	r = r.clone()
	r.recite(old.title(), now.title())
	return &r
}

// recite makes every article of one call that is cited that of another.
func (r *RuleSet) recite(old, now string) {
	cite := func(article *string) {
		if rest, of := strings.CutPrefix(*article, old); of {
			*article = now + rest
		}
	}
	for _, p := range r.Parameters() {
		cite(p.Article)
	}
	for _, p := range r.Readings.points() {
		cite(p.article)
	}
	for i := range r.Declarations.Is {
		cite(&r.Declarations.Is[i].Article)
	}
}
