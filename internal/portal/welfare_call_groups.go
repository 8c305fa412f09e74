package portal

import (
	"strconv"

	"portal/internal/indemnity"
	"portal/web/ruleset"
	"portal/web/ui"
)

// callSectionPage builds the fields of a section of a call for the screen.
type callSectionPage struct{ sectionPage }

// groups are the fields of what is edited.
func (s callSectionPage) groups(e callEditing) []ruleset.Group {
	switch e.section {
	case indemnity.SectionPeriod:
		return s.one("window", s.field(ruleset.Day, "window-from", "window_from", false), s.field(ruleset.Day, "window-to", "window_to", false))
	case indemnity.SectionMoney:
		limited := s.choice(ruleset.Radio, "budget-limited", "budget_limited", s.yesNo())
		return s.one("budget", limited, s.field(ruleset.Amount, "budget", "budget", true))
	case indemnity.SectionExpected:
		return s.one("expected", s.field(ruleset.Day, "expected-ranking", "expected_ranking", true), s.field(ruleset.Day, "expected-payment", "expected_payment", true))
	case indemnity.SectionTerms, indemnity.SectionDays, indemnity.SectionAmounts:
		return s.parameters(e.section)
	case indemnity.SectionScores:
		return s.scores()
	case indemnity.SectionReadings:
		return s.reading(e.reading())
	case indemnity.SectionDeclarations:
		return s.declarations()
	case indemnity.SectionHolidays:
		return append(s.holidays(), s.patron())
	case indemnity.SectionExamples:
		return s.example(e.item < len(e.version.Rules.Examples))
	}
	return nil
}

// one is a group with where its values come from.
func (s callSectionPage) one(name string, fields ...ruleset.Field) []ruleset.Group {
	return []ruleset.Group{{Fields: append(fields, s.source(name)...)}}
}

// parameters are the values of a section that are one number, amount, rate or text, and those
// with a shape of their own.
func (s callSectionPage) parameters(section indemnity.Section) []ruleset.Group {
	var groups []ruleset.Group
	for _, p := range (&indemnity.RuleSet{}).Parameters() {
		if p.Section != section {
			continue
		}
		g := ruleset.Group{Legend: s.f.T("calls.value." + p.Field)}
		switch {
		case p.Number != nil:
			value := s.field(ruleset.Number, p.Field, "number", false)
			value.Hint = s.f.T("calls.hint." + p.Field)
			g.Fields = []ruleset.Field{value}
		case p.Amount != nil:
			g.Fields = []ruleset.Field{s.field(ruleset.Amount, p.Field, "amount", false)}
		case p.Rate != nil:
			value := s.field(ruleset.Percent, p.Field, "rate", false)
			value.Hint = s.f.T("calls.hint." + p.Field)
			g.Fields = []ruleset.Field{value}
		case p.Text != nil:
			value := s.field(ruleset.Text, p.Field, "number", false)
			value.Hint = s.f.T("calls.hint." + p.Field)
			g.Fields = []ruleset.Field{value}
		case p.Text != nil:
			g.Fields = []ruleset.Field{s.field(ruleset.Text, p.Field, "text", false)}
		default:
			g.Fields = []ruleset.Field{s.field(ruleset.Amount, "daily_limits-least", "least", false), s.field(ruleset.Amount, "daily_limits-most", "most", false)}
		}
		g.Fields = append(g.Fields, s.source(p.Field)...)
		groups = append(groups, g)
	}
	return groups
}

func (s callSectionPage) scores() []ruleset.Group {
	table := func(name string, kind ruleset.Kind) []ruleset.Group {
		g := ruleset.Group{Legend: s.label(name), Text: s.f.T("calls.bands_hint"), Columns: s.columns(name+"_up_to", "points")}
		for i := range s.rows(name, 2) {
			at := name + "-" + strconv.Itoa(i) + "-"
			g.Rows = append(g.Rows, []ruleset.Field{s.cell(kind, at+"up_to", name+"_up_to", i), s.cell(ruleset.Number, at+"points", "points", i)})
		}
		return []ruleset.Group{g, {Fields: s.source(name)}}
	}
	exclusive := ruleset.Group{Legend: s.f.T("calls.value.exclusivity_points"), Fields: append([]ruleset.Field{
		s.field(ruleset.Number, "exclusivity_points-exclusive", "exclusive_points", false),
		s.field(ruleset.Number, "exclusivity_points-other", "other_points", false),
	}, s.source("exclusivity_points")...)}
	return append(append(table("isee_points", ruleset.Amount), table("duration_points", ruleset.Number)...), exclusive)
}

// reading is one point that the call leaves open: how it is read, and why.
func (s callSectionPage) reading(is indemnity.Reading) []ruleset.Group {
	value := s.field(ruleset.Number, "reading-value", "reading_value", false)
	switch {
	case is.Allowed != nil:
		var options []ui.Option
		for _, allowed := range is.Allowed {
			other := is
			other.Value = allowed
			options = append(options, ui.Option{Value: allowed, Label: readingText(s.f, other)})
		}
		value = s.choice(ruleset.Radio, "reading-value", "reading_value", options)
	case readingField(is) != is.Value:
		value = s.field(ruleset.Percent, "reading-value", "rate", false)
		value.Hint = s.f.T("calls.hint.rate")
	}
	source := s.source("reading")
	source[1].Kind, source[1].Optional = ruleset.Long, false
	source[1].Label, source[1].Hint = s.label("why"), s.f.T("calls.hint.why")
	return []ruleset.Group{{Legend: readingName(s.f, is), Fields: append([]ruleset.Field{value}, source...)}}
}

func (s callSectionPage) declarations() []ruleset.Group {
	var groups []ruleset.Group
	for i := range s.rows("declarations", 1) {
		at := "declarations-" + strconv.Itoa(i) + "-"
		id := s.field(ruleset.Text, at+"id", "declaration_id", false)
		id.Hint = s.f.T("ruleset.declaration_hint")
		heirs := s.field(ruleset.Long, at+"heirs", "declaration_heirs", true)
		heirs.Hint = s.f.T("calls.hint.declaration_heirs")
		groups = append(groups, ruleset.Group{Legend: s.f.T("ruleset.declaration_number", "Number", i+1), Fields: []ruleset.Field{id,
			s.field(ruleset.Long, at+"says", "declaration_says", false), s.field(ruleset.Long, at+"text", "declaration_text", false), heirs,
			s.field(ruleset.Text, at+"article", "declaration_article", false)}})
	}
	groups[len(groups)-1].Text = s.f.T("ruleset.blank_hint")
	return append(groups, ruleset.Group{Legend: s.f.T("ruleset.field.source"), Fields: s.source("declarations")})
}

func (s callSectionPage) patron() ruleset.Group {
	return ruleset.Group{Legend: s.f.T("calls.value.rome_patron"), Fields: append([]ruleset.Field{
		s.field(ruleset.Text, "rome_patron-name", "name", false), s.field(ruleset.Number, "rome_patron-day", "day", false),
		s.field(ruleset.Number, "rome_patron-month", "month", false),
	}, s.source("rome_patron")...)}
}

// example is a worked example: what it starts from, and what must come out.
func (s callSectionPage) example(removable bool) []ruleset.Group {
	starts := []ruleset.Field{
		s.field(ruleset.Amount, "example-income", "income", false),
		s.field(ruleset.Day, "example-from", "event_from", false),
		s.field(ruleset.Day, "example-to", "event_to", false),
		s.field(ruleset.Number, "example-days_paid", "days_paid", true),
		s.choice(ruleset.Radio, "example-other_cover", "other_cover", s.yesNo(), "no"),
		s.field(ruleset.Amount, "example-isee", "isee", true),
		s.choice(ruleset.Radio, "example-exclusive", "exclusive", s.yesNo(), "no"),
	}
	starts[5].Hint = s.f.T("calls.hint.isee")
	gives := []ruleset.Field{
		s.field(ruleset.Number, "example-duration", "duration", false),
		s.field(ruleset.Number, "example-days", "days", false),
		s.field(ruleset.Amount, "example-daily", "daily", false),
		s.field(ruleset.Amount, "example-gross", "gross", false),
		s.field(ruleset.Number, "example-points", "points", false),
		s.field(ruleset.Day, "example-last_day", "last_day", false),
		s.field(ruleset.Text, "example-source", "example_source", false),
	}
	groups := []ruleset.Group{{Legend: s.label("example_case"), Fields: starts}, {Legend: s.label("example_gives"), Fields: gives}}
	if removable {
		remove := s.choice(ruleset.Set, "example-remove", "remove", []ui.Option{{Value: "si", Label: s.f.T("calls.example.remove")}})
		remove.Optional = true
		groups = append(groups, ruleset.Group{Fields: []ruleset.Field{remove}})
	}
	return groups
}
