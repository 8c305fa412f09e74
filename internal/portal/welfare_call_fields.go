package portal

import (
	"net/url"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/ui"
)

var errPercentage = fault.Invalid("field.percentage")

// fields are the fields of what is edited, as its form shows them first: what callReader
// reads back.
func (e callEditing) fields() sectionFields {
	s, r := sectionFields{url.Values{}}, &e.version.Rules
	switch {
	case e.listed() && e.item < 0:
		return s
	case e.section == indemnity.SectionReadings:
		is := e.reading()
		s.source("reading", is.Article, is.Why)
		s.Set("reading-value", readingField(is))
		return s
	case e.section == indemnity.SectionExamples:
		if e.item < len(r.Examples) {
			s.example(r.Examples[e.item])
		}
		return s
	}
	for _, p := range r.Parameters() {
		if p.Section != e.section {
			continue
		}
		s.source(p.Field, *p.Article, *p.Reading)
		switch {
		case p.Number != nil:
			s.Set(p.Field, strconv.Itoa(*p.Number))
		case p.Amount != nil:
			s.amount(p.Field, *p.Amount)
		case p.Rate != nil:
			s.Set(p.Field, rateField(*p.Rate))
		case p.Text != nil:
			s.Set(p.Field, *p.Text)
		}
	}
	switch e.section {
	case indemnity.SectionPeriod:
		w := r.Window.Is
		if w.IsZero() {
			w = e.version.Call.ID.Month()
		}
		s.day("window-from", w.From)
		s.day("window-to", w.To)
	case indemnity.SectionMoney:
		if r.Budget.Article != "" {
			s.Set("budget-limited", yesNo(r.Budget.Is != nil))
		}
		if r.Budget.Is != nil {
			s.amount("budget", *r.Budget.Is)
		}
	case indemnity.SectionExpected:
		s.day("expected-ranking", r.Expected.Is.Ranking)
		s.day("expected-payment", r.Expected.Is.Payment)
	case indemnity.SectionAmounts:
		s.amount("daily_limits-least", r.DailyLimits.Is.Least)
		s.amount("daily_limits-most", r.DailyLimits.Is.Most)
	case indemnity.SectionScores:
		for i, b := range r.ISEEPoints.Is {
			at := "isee_points-" + strconv.Itoa(i) + "-"
			s.optional(at+"up_to", b.UpTo)
			s.Set(at+"points", strconv.Itoa(b.Points))
		}
		for i, b := range r.DurationPoints.Is {
			at := "duration_points-" + strconv.Itoa(i) + "-"
			if b.UpTo != nil {
				s.Set(at+"up_to", strconv.Itoa(*b.UpTo))
			}
			s.Set(at+"points", strconv.Itoa(b.Points))
		}
		s.Set("exclusivity_points-exclusive", strconv.Itoa(r.ExclusivityPoints.Is.Exclusive))
		s.Set("exclusivity_points-other", strconv.Itoa(r.ExclusivityPoints.Is.Other))
	case indemnity.SectionDeclarations:
		for i, d := range r.Declarations.Is {
			at := "declarations-" + strconv.Itoa(i) + "-"
			s.Set(at+"id", d.ID)
			s.Set(at+"says", d.Says)
			s.Set(at+"text", d.Text)
			s.Set(at+"heirs", d.Heirs)
			s.Set(at+"article", d.Article)
		}
	case indemnity.SectionHolidays:
		s.holidays(r.Holidays.Is)
		s.holiday("rome_patron", r.RomePatron.Is)
	}
	return s
}

func (s sectionFields) optional(name string, a *money.Amount) {
	if a != nil {
		s.amount(name, *a)
	}
}

func (s sectionFields) example(e indemnity.Example) {
	s.amount("example-income", e.Income)
	s.day("example-from", e.Event.From)
	s.day("example-to", e.Event.To)
	s.number("example-days_paid", e.DaysPaid)
	s.Set("example-other_cover", yesNo(e.OtherCover))
	s.optional("example-isee", e.ISEE)
	s.Set("example-exclusive", yesNo(e.Exclusive))
	s.Set("example-duration", strconv.Itoa(e.Duration))
	s.Set("example-days", strconv.Itoa(e.Days))
	s.amount("example-daily", e.Daily)
	s.amount("example-gross", e.Gross)
	s.Set("example-points", strconv.Itoa(e.Points))
	s.day("example-last_day", e.LastDay)
	s.Set("example-source", e.Source)
}

// rateField is a percentage as its field shows it: "80", "12,50".
func rateField(r indemnity.Rate) string { return strings.TrimSuffix(money.Amount(r).Field(), ",00") }

// readingField is the value of a reading as its field shows it: a rate is written as
// Italians do.
func readingField(is indemnity.Reading) string {
	var rate indemnity.Rate
	if _, err := strconv.Atoi(is.Value); is.Allowed == nil && err != nil && rate.UnmarshalText([]byte(is.Value)) == nil {
		return rateField(rate)
	}
	return is.Value
}

// callReader reads the values of a section of a call from the fields of its form.
type callReader struct{ *sectionReader }

// rate is a percentage up to 100; nothing is 0.
func (s callReader) rate(name string) indemnity.Rate {
	text := s.text(name)
	if text == "" {
		return 0
	}
	a, err := money.Parse(text)
	if err != nil || a < 0 || a > 100_00 {
		s.fail(name, errPercentage)
	}
	return indemnity.Rate(a)
}

// given is an amount that may be missing.
func (s callReader) given(name string) *money.Amount {
	if s.text(name) == "" {
		return nil
	}
	a := s.amount(name)
	return &a
}

// counted is a number that may be missing.
func (s callReader) counted(name string) *int {
	if s.text(name) == "" {
		return nil
	}
	n := s.number(name)
	return &n
}

// read puts a section into rules as the fields say. Readings and examples have a form
// each: see reading and example.
func (s callReader) read(section indemnity.Section, r *indemnity.RuleSet) {
	for _, p := range r.Parameters() {
		if p.Section != section {
			continue
		}
		*p.Article, *p.Reading = s.source(p.Field)
		switch {
		case p.Number != nil:
			*p.Number = s.number(p.Field)
		case p.Amount != nil:
			*p.Amount = s.amount(p.Field)
		case p.Rate != nil:
			*p.Rate = s.rate(p.Field)
		case p.Text != nil:
			*p.Text = s.text(p.Field)
		}
	}
	switch section {
	case indemnity.SectionPeriod:
		r.Window.Is = calendar.Period{From: s.day("window-from"), To: s.day("window-to")}
	case indemnity.SectionMoney:
		s.budget(r)
	case indemnity.SectionExpected:
		r.Expected.Is = indemnity.Expected{Ranking: s.day("expected-ranking"), Payment: s.day("expected-payment")}
	case indemnity.SectionAmounts:
		r.DailyLimits.Is = indemnity.Limits{Least: s.amount("daily_limits-least"), Most: s.amount("daily_limits-most")}
	case indemnity.SectionScores:
		r.ISEEPoints.Is = make([]indemnity.ISEEBand, s.rows("isee_points"))
		for i := range r.ISEEPoints.Is {
			at := "isee_points-" + strconv.Itoa(i) + "-"
			r.ISEEPoints.Is[i] = indemnity.ISEEBand{UpTo: s.given(at + "up_to"), Points: s.number(at + "points")}
		}
		r.DurationPoints.Is = make([]indemnity.DurationBand, s.rows("duration_points"))
		for i := range r.DurationPoints.Is {
			at := "duration_points-" + strconv.Itoa(i) + "-"
			r.DurationPoints.Is[i] = indemnity.DurationBand{UpTo: s.counted(at + "up_to"), Points: s.number(at + "points")}
		}
		r.ExclusivityPoints.Is = indemnity.ExclusivityPoints{Exclusive: s.number("exclusivity_points-exclusive"), Other: s.number("exclusivity_points-other")}
	case indemnity.SectionDeclarations:
		r.Declarations.Is = make([]indemnity.Declaration, s.rows("declarations"))
		for i := range r.Declarations.Is {
			at := "declarations-" + strconv.Itoa(i) + "-"
			r.Declarations.Is[i] = indemnity.Declaration{ID: s.text(at + "id"), Version: 1, Says: s.text(at + "says"), Text: s.text(at + "text"), Heirs: s.text(at + "heirs"), Article: s.text(at + "article")}
		}
	case indemnity.SectionHolidays:
		r.Holidays.Is, r.RomePatron.Is = s.holidays(), s.holiday("rome_patron")
	}
}

var errBudgetChoice = fault.Invalid("call.budget_choice")

// budget is whether there is one, and how much.
func (s callReader) budget(r *indemnity.RuleSet) {
	r.Budget.Is = nil
	switch s.text("budget-limited") {
	case "si":
		amount := s.amount("budget")
		r.Budget.Is = &amount
	case "no":
	default:
		s.fail("budget-limited", errBudgetChoice)
	}
}

// reading changes one reading of the rules.
func (s callReader) reading(r *indemnity.Readings, is indemnity.Reading) {
	value := s.text("reading-value")
	if readingField(is) != is.Value { // a percentage
		value = s.rate("reading-value").String()
	}
	if err := r.Set(is.Name, value); err != nil {
		s.once("reading-value", words(ui.Frame{}, fault.As(indemnity.ErrReadingValue)))
	}
	article, why := s.source("reading")
	r.Justify(is.Name, article, why)
}

// example is a worked example.
func (s callReader) example() indemnity.Example {
	return indemnity.Example{
		Sketch: indemnity.Sketch{
			Income: s.amount("example-income"), Event: calendar.Period{From: s.day("example-from"), To: s.day("example-to")},
			DaysPaid: s.number("example-days_paid"), OtherCover: s.text("example-other_cover") == "si",
			ISEE: s.given("example-isee"), Exclusive: s.text("example-exclusive") == "si",
		},
		Works: indemnity.Works{
			Duration: s.number("example-duration"), Days: s.number("example-days"), Daily: s.amount("example-daily"), Gross: s.amount("example-gross"),
			Points: s.number("example-points"), LastDay: s.day("example-last_day"),
		},
		Source: s.text("example-source"),
	}
}
