package portal

import (
	"cmp"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/ruleset"
	"portal/web/ui"
)

// callSectionNames are the sections of a call as addresses write them.
var callSectionNames = map[indemnity.Section]string{
	indemnity.SectionPeriod: "periodo", indemnity.SectionMoney: "stanziamento", indemnity.SectionExpected: "date-previste",
	indemnity.SectionTerms: "termini", indemnity.SectionDays: "giorni", indemnity.SectionAmounts: "importi", indemnity.SectionScores: "punteggi",
	indemnity.SectionReadings: "letture", indemnity.SectionDeclarations: "dichiarazioni", indemnity.SectionHolidays: "festivita",
	indemnity.SectionExamples: "esempi",
}

func callSectionTitle(f ui.Frame, s indemnity.Section) string {
	return f.T("calls.section." + string(s))
}

// provisionName is what a value is called: "Termine per fare domanda", "ISEE, fascia 2".
func provisionName(f ui.Frame, p indemnity.Provision) string {
	switch is := p.Is.(type) {
	case indemnity.Reading:
		return readingName(f, is)
	case indemnity.Declaration:
		return is.Says
	}
	return f.T("calls.value."+p.Name, "Of", p.Of)
}

// readingName is the point that a reading is about: "A11 · Fine del periodo che conta".
func readingName(f ui.Frame, is indemnity.Reading) string {
	return f.T("calls.reading", "Number", is.Number, "Name", f.T("reading."+is.Name))
}

// readingText is how a point is read, as a person reads it.
func readingText(f ui.Frame, is indemnity.Reading) string {
	switch {
	case is.Value == "true":
		return f.T("ruleset.yes")
	case is.Value == "false":
		return f.T("ruleset.no")
	case is.Allowed != nil:
		return f.T("reading." + is.Name + "." + is.Value)
	case readingField(is) != is.Value:
		return f.T("calls.rate", "Rate", strings.TrimSuffix(readingField(is), ",00"))
	}
	return f.T("ruleset.number", "Number", is.Value)
}

// rateText is a percentage: "20 %", "12,50 %".
func rateText(f ui.Frame, r indemnity.Rate) string {
	return f.T("calls.rate", "Rate", strings.TrimSuffix(money.Amount(r).Field(), ",00"))
}

func budgetText(f ui.Frame, budget *money.Amount) string {
	if budget == nil {
		return f.T("calls.budget.none")
	}
	return budget.String()
}

// provisionText is what a value says, as a person reads it.
func provisionText(f ui.Frame, p indemnity.Provision) string {
	switch is := p.Is.(type) {
	case calendar.Period:
		if !is.Valid() {
			return f.T("ruleset.no_value")
		}
		return ui.During(is)
	case *money.Amount:
		if p.Article == "" {
			return f.T("ruleset.no_value")
		}
		return budgetText(f, is)
	case indemnity.Expected:
		return expectedText(f, is)
	case int:
		switch {
		case strings.HasPrefix(p.Name, "maternity_months"):
			return f.T("calls.months", "Count", is)
		case p.Name == "income_divisor":
			return f.T("calls.divisor", "Number", is)
		}
		return f.T("ruleset.days", "Count", is)
	case string:
		return is
	case money.Amount:
		return is.String()
	case indemnity.Rate:
		return rateText(f, is)
	case indemnity.Limits:
		return f.T("calls.limits", "Least", is.Least, "Most", is.Most)
	case indemnity.ISEEBand:
		if is.UpTo == nil {
			return f.T("calls.band.isee.rest", "Count", is.Points)
		}
		return f.T("calls.band.isee", "UpTo", *is.UpTo, "Count", is.Points)
	case indemnity.DurationBand:
		if is.UpTo == nil {
			return f.T("calls.band.days.rest", "Count", is.Points)
		}
		return f.T("calls.band.days", "UpTo", *is.UpTo, "Count", is.Points)
	case indemnity.ExclusivityPoints:
		return f.T("calls.exclusivity", "Exclusive", f.T("calls.points", "Count", is.Exclusive), "Other", f.T("calls.points", "Count", is.Other))
	case indemnity.Reading:
		return readingText(f, is)
	case indemnity.Declaration:
		text := f.T("ruleset.declaration", "Text", is.Text, "Version", is.Version)
		if is.Heirs != "" {
			text = f.T("calls.declaration.heirs", "Text", text, "Heirs", is.Heirs)
		}
		return text
	case bool:
		if is {
			return f.T("ruleset.yes")
		}
		return f.T("ruleset.no")
	case calendar.Holiday:
		day := ui.DayAndMonth(is.Day, is.Month)
		if is.From > 0 {
			return f.T("ruleset.holiday.from", "Day", day, "Year", is.From)
		}
		return day
	case indemnity.Example:
		return f.T("calls.example", "Case", sketchText(f, is.Sketch), "Result", worksText(f, is.Works))
	}
	return ""
}

func expectedText(f ui.Frame, e indemnity.Expected) string {
	var says []string
	if !e.Ranking.IsZero() {
		says = append(says, f.T("calls.expected.ranking", "Day", ui.Day(e.Ranking)))
	}
	if !e.Payment.IsZero() {
		says = append(says, f.T("calls.expected.payment", "Day", ui.Day(e.Payment)))
	}
	return cmp.Or(strings.Join(says, "; "), f.T("calls.expected.none"))
}

// sketchText is what an example starts from.
func sketchText(f ui.Frame, s indemnity.Sketch) string {
	says := []string{f.T("calls.sketch", "Income", s.Income, "Span", ui.During(s.Event))}
	if s.DaysPaid > 0 {
		says = append(says, f.T("calls.sketch.paid", "Count", s.DaysPaid))
	}
	if s.OtherCover {
		says = append(says, f.T("calls.sketch.cover"))
	}
	if s.ISEE != nil {
		says = append(says, f.T("calls.sketch.isee", "ISEE", *s.ISEE))
	}
	if s.Exclusive {
		says = append(says, f.T("calls.sketch.exclusive"))
	}
	return strings.Join(says, "; ")
}

// worksText is what comes of an example.
func worksText(f ui.Frame, w indemnity.Works) string {
	return f.T("calls.works", "Duration", w.Duration, "Days", w.Days, "Daily", w.Daily, "Gross", w.Gross, "Points", w.Points, "Last", ui.Day(w.LastDay))
}

// callProofs are the examples of a call with what its rules make of them.
func callProofs(f ui.Frame, c *indemnity.Call) []ruleset.Proof {
	var all []ruleset.Proof
	for _, p := range c.Prove() {
		line := ruleset.Proof{Case: sketchText(f, p.Sketch), Expected: worksText(f, p.Works), Source: p.Source,
			State: ui.Tag{Tone: ui.Success, Text: f.T("ruleset.proof.right")}}
		if !p.Right {
			line.State = ui.Tag{Tone: ui.Danger, Text: f.T("ruleset.proof.wrong")}
			line.Result = f.T("ruleset.proof.gives", "Result", worksText(f, p.Got))
		}
		all = append(all, line)
	}
	return all
}

// callFlaws are the flaws of a version, as callouts say them: by section.
func callFlaws(f ui.Frame, flaws indemnity.RuleFlaws) []string {
	var lines []string
	for _, s := range indemnity.Sections {
		var says []string
		for _, flaw := range flaws.Of(s) {
			if text := words(f, flaw.Reason, flaw.Args...); !slices.Contains(says, text) {
				says = append(says, text)
			}
		}
		if len(says) > 0 {
			lines = append(lines, f.T("ruleset.flaws", "Section", callSectionTitle(f, s), "Flaws", strings.Join(says, ". ")))
		}
	}
	return lines
}

// callChanges are the differences between two sets of rules, in words.
func callChanges(f ui.Frame, before, after *indemnity.RuleSet) []ruleset.Change {
	var all []ruleset.Change
	for _, c := range indemnity.Diff(before, after) {
		is := c.Provision()
		line := ruleset.Change{Section: callSectionTitle(f, is.Section), Name: provisionName(f, is),
			Before: f.T("ruleset.absent"), After: f.T("ruleset.absent"), Article: is.Article}
		if c.Before != nil {
			line.Before = provisionText(f, *c.Before)
		}
		if c.After != nil {
			line.After = provisionText(f, *c.After)
		}
		if c.Before != nil && c.After != nil && c.Before.Article != "" && c.Before.Article != c.After.Article {
			line.Article = f.T("ruleset.article.changed", "Before", c.Before.Article, "After", cmp.Or(c.After.Article, f.T("ruleset.no_value")))
		}
		all = append(all, line)
	}
	return all
}
