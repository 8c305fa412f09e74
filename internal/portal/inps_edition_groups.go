package portal

import (
	"net/url"
	"strconv"
	"strings"

	"portal/internal/voucher"
	"portal/web/ruleset"
	"portal/web/ui"
)

// sectionPage builds the fields of a section for the screen, filled in as they
// were typed.
type sectionPage struct {
	f      ui.Frame
	keys   string // of its words: "inps.editions"
	fields url.Values
}

func (s sectionPage) label(name string) string { return s.f.T(s.keys + ".field." + name) }

func (s sectionPage) field(kind ruleset.Kind, name, label string, optional bool) ruleset.Field {
	e := ruleset.Field{Kind: kind, Name: name, Label: s.label(label), Value: s.fields.Get(name), Optional: optional}
	switch kind {
	case ruleset.Day:
		day, month, year := ui.DateNames(name)
		e.Day, e.Month, e.Year = s.fields.Get(day), s.fields.Get(month), s.fields.Get(year)
	case ruleset.Amount:
		e.Hint = s.f.T("ruleset.amount_hint")
	}
	return e
}

// cell is a field in a table: its row is a part of its name.
func (s sectionPage) cell(kind ruleset.Kind, name, label string, row int) ruleset.Field {
	e := s.field(kind, name, label, true)
	e.Label = s.f.T("ruleset.cell", "Column", e.Label, "Row", row+1)
	return e
}

func (s sectionPage) choice(kind ruleset.Kind, name, label string, options []ui.Option, chosen ...string) ruleset.Field {
	e := s.field(kind, name, label, false)
	e.Options, e.Chosen = options, chosen
	if given, has := s.fields[name]; has {
		e.Chosen = given
	}
	return e
}

// source are the fields of where a value comes from.
func (s sectionPage) source(name string) []ruleset.Field {
	article := ruleset.Field{Kind: ruleset.Text, Name: name + "-article", Label: s.f.T("ruleset.field.article"), Hint: s.f.T(s.keys + ".article_hint"),
		Value: s.fields.Get(name + "-article")}
	reading := ruleset.Field{Kind: ruleset.Text, Name: name + "-reading", Label: s.f.T("ruleset.field.reading"), Hint: s.f.T("ruleset.reading_hint"),
		Value: s.fields.Get(name + "-reading"), Optional: true}
	return []ruleset.Field{article, reading}
}

// rows is how many rows of a list to show: those that say something, and some to
// fill in.
func (s sectionPage) rows(list string, more int) int {
	n := 0
	for name := range s.fields {
		rest, of := strings.CutPrefix(name, list+"-")
		number, _, _ := strings.Cut(rest, "-")
		if i, err := strconv.Atoi(number); of && err == nil && i < mostRows {
			n = max(n, i+1)
		}
	}
	return min(n+more, mostRows)
}

func (s sectionPage) yesNo() []ui.Option {
	return []ui.Option{{Value: "si", Label: s.f.T("ruleset.yes")}, {Value: "no", Label: s.f.T("ruleset.no")}}
}

// territories are the options of a territory; first is the one for none.
func (s sectionPage) territories(first string) []ui.Option {
	options := []ui.Option{{Label: first}}
	for _, t := range voucher.Territories {
		options = append(options, ui.Option{Value: t, Label: t})
	}
	return options
}

func (s sectionPage) columns(names ...string) []ui.Column {
	all := make([]ui.Column, len(names))
	for i, n := range names {
		all[i] = ui.Column{Text: s.label(n)}
	}
	return all
}

// groups are the fields of a section.
func (s sectionPage) groups(section voucher.Section) []ruleset.Group {
	switch section {
	case voucher.SectionBands:
		return s.bands()
	case voucher.SectionTerms:
		return s.terms()
	case voucher.SectionWindow:
		return s.window()
	case voucher.SectionClosed:
		return s.closed()
	case voucher.SectionOverrides:
		return s.overrides()
	case voucher.SectionReopenings:
		return s.reopenings()
	case voucher.SectionDeclarations:
		return s.declarations()
	case voucher.SectionHolidays:
		return s.holidays()
	case voucher.SectionExamples:
		return s.examples()
	}
	return nil
}

func (s sectionPage) bands() []ruleset.Group {
	table := ruleset.Group{Legend: s.label("bands"), Text: s.f.T("ruleset.rows_hint"), Columns: s.columns("isee_up_to", "inclusive", "amount")}
	for i := range s.rows("bands", 2) {
		at := "bands-" + strconv.Itoa(i) + "-"
		inclusive := s.choice(ruleset.Choice, at+"inclusive", "inclusive", []ui.Option{
			{Value: "si", Label: s.f.T("inps.editions.inclusive")}, {Value: "no", Label: s.f.T("inps.editions.exclusive")}}, "si")
		inclusive.Label = s.f.T("ruleset.cell", "Column", inclusive.Label, "Row", i+1)
		table.Rows = append(table.Rows, []ruleset.Field{s.cell(ruleset.Amount, at+"isee_up_to", "isee_up_to", i), inclusive, s.cell(ruleset.Amount, at+"amount", "amount", i)})
	}
	return []ruleset.Group{table, {Legend: s.f.T("ruleset.field.source"), Fields: s.source("bands")}}
}

func (s sectionPage) terms() []ruleset.Group {
	var groups []ruleset.Group
	for _, p := range (&voucher.Rules{}).Parts() {
		if p.Section != voucher.SectionTerms {
			continue
		}
		var value ruleset.Field
		switch p.Field {
		case "session_cap":
			value = s.field(ruleset.Amount, p.Field, "amount", false)
		case "direct_confirmation":
			value = s.choice(ruleset.Radio, p.Field, "allowed", s.yesNo())
		default:
			value = s.field(ruleset.Number, p.Field, "number", false)
			value.Hint = s.f.T("inps.editions.hint." + p.Field)
		}
		groups = append(groups, ruleset.Group{Legend: s.f.T("inps.editions.value." + p.Field), Fields: append([]ruleset.Field{value}, s.source(p.Field)...)})
	}
	return groups
}

func (s sectionPage) window() []ruleset.Group {
	opens, closes := s.field(ruleset.Day, "window-opens", "opens", false), s.field(ruleset.Day, "window-closes", "closes", false)
	from, until := s.field(ruleset.Hour, "window-opens-ora", "opens_hour", false), s.field(ruleset.Hour, "window-closes-ora", "closes_hour", false)
	until.Hint = s.f.T("inps.editions.closes_hint")
	cure := s.field(ruleset.Number, "isee_cure", "cure_days", false)
	start := s.field(ruleset.Day, "isee_cure-from", "cure_from", true)
	start.Hint = s.f.T("inps.editions.cure_hint")
	return []ruleset.Group{
		{Legend: s.label("window"), Fields: append([]ruleset.Field{opens, from, closes, until}, s.source("window")...)},
		{Legend: s.label("cure"), Fields: append([]ruleset.Field{cure, start}, s.source("isee_cure")...)},
	}
}

func (s sectionPage) closed() []ruleset.Group {
	var options []ui.Option
	for _, t := range voucher.Territories {
		options = append(options, ui.Option{Value: t, Label: t})
	}
	set := s.choice(ruleset.Set, "closed_territories", "closed", options)
	set.Optional = true
	return []ruleset.Group{{Fields: append([]ruleset.Field{set}, s.source("closed_territories")...)}}
}

func (s sectionPage) overrides() []ruleset.Group {
	var groups []ruleset.Group
	for i := range s.rows("overrides", 1) {
		at := "overrides-" + strconv.Itoa(i)
		groups = append(groups, ruleset.Group{Legend: s.f.T("inps.editions.override", "Number", i+1), Fields: append([]ruleset.Field{
			s.field(ruleset.Number, at+"-round", "round", false),
			s.choice(ruleset.Choice, at+"-territory", "territory", s.territories(s.f.T("inps.editions.everywhere"))),
			s.field(ruleset.Day, at+"-last_day", "last_day", true),
			s.field(ruleset.Day, at+"-confirm_by", "confirm_by", true),
			s.field(ruleset.Day, at+"-first_session_by", "first_session_by", true),
			s.field(ruleset.Day, at+"-invoice_by", "invoice_by", true),
		}, s.source(at)...)})
	}
	groups[len(groups)-1].Text = s.f.T("ruleset.blank_hint")
	return groups
}

func (s sectionPage) reopenings() []ruleset.Group {
	acts := make([]ui.Option, len(voucher.Acts))
	for i, a := range voucher.Acts {
		acts[i] = ui.Option{Value: string(a), Label: s.f.T("inps.editions.act." + string(a))}
	}
	hinted := func(kind ruleset.Kind, name, label string, optional bool) ruleset.Field {
		e := s.field(kind, name, label, optional)
		e.Hint = s.f.T("inps.editions.hint." + label)
		return e
	}
	var groups []ruleset.Group
	for i := range s.rows("reopenings", 1) {
		at := "reopenings-" + strconv.Itoa(i)
		groups = append(groups, ruleset.Group{Legend: s.f.T("inps.editions.reopening", "Number", i+1), Fields: append([]ruleset.Field{
			s.field(ruleset.Number, at+"-round", "round", false),
			s.choice(ruleset.Set, at+"-acts", "acts", acts),
			s.field(ruleset.Day, at+"-opens", "reopens", false),
			s.field(ruleset.Hour, at+"-opens-ora", "reopens_hour", false),
			s.field(ruleset.Day, at+"-closes", "recloses", false),
			hinted(ruleset.Hour, at+"-closes-ora", "recloses_hour", false),
			hinted(ruleset.Text, at+"-territories", "territories", true),
			hinted(ruleset.Text, at+"-provinces", "provinces", true),
			s.field(ruleset.Day, at+"-held_from", "held_from", true),
			s.field(ruleset.Day, at+"-held_to", "held_to", true),
		}, s.source(at)...)})
	}
	groups[len(groups)-1].Text = s.f.T("ruleset.blank_hint")
	return groups
}

func (s sectionPage) declarations() []ruleset.Group {
	var groups []ruleset.Group
	for i := range s.rows("declarations", 1) {
		at := "declarations-" + strconv.Itoa(i) + "-"
		id := s.field(ruleset.Text, at+"id", "declaration_id", false)
		id.Hint = s.f.T("ruleset.declaration_hint")
		groups = append(groups, ruleset.Group{Legend: s.f.T("ruleset.declaration_number", "Number", i+1),
			Fields: []ruleset.Field{id, s.field(ruleset.Long, at+"text", "declaration_text", false)}})
	}
	groups[len(groups)-1].Text = s.f.T("ruleset.blank_hint")
	return append(groups, ruleset.Group{Legend: s.f.T("ruleset.field.source"), Fields: s.source("declarations")})
}

func (s sectionPage) holidays() []ruleset.Group {
	set := s.choice(ruleset.Set, "holidays", "holidays_moving", []ui.Option{
		{Value: "sundays", Label: s.f.T(s.keys + ".value.holidays_sundays")},
		{Value: "easter_monday", Label: s.f.T(s.keys + ".value.holidays_easter_monday")}})
	set.Optional = true
	table := ruleset.Group{Legend: s.label("holidays"), Text: s.f.T("ruleset.rows_hint"), Columns: s.columns("name", "day", "month", "from")}
	for i := range s.rows("holidays", 2) {
		at := "holidays-" + strconv.Itoa(i) + "-"
		table.Rows = append(table.Rows, []ruleset.Field{s.cell(ruleset.Text, at+"name", "name", i), s.cell(ruleset.Number, at+"day", "day", i),
			s.cell(ruleset.Number, at+"month", "month", i), s.cell(ruleset.Number, at+"from", "from", i)})
	}
	return []ruleset.Group{{Fields: []ruleset.Field{set}}, table, {Legend: s.f.T("ruleset.field.source"), Fields: s.source("holidays")}}
}

func (s sectionPage) examples() []ruleset.Group {
	table := ruleset.Group{Legend: s.label("examples_isee"), Text: s.f.T("ruleset.rows_hint"), Columns: s.columns("isee", "gives", "example_source")}
	for i := range s.rows("isee", 2) {
		at := "isee-" + strconv.Itoa(i) + "-"
		table.Rows = append(table.Rows, []ruleset.Field{s.cell(ruleset.Amount, at+"isee", "isee", i), s.cell(ruleset.Amount, at+"amount", "gives", i),
			s.cell(ruleset.Text, at+"source", "example_source", i)})
	}
	groups := []ruleset.Group{table}
	for i := range s.rows("terms", 1) {
		at := "terms-" + strconv.Itoa(i) + "-"
		groups = append(groups, ruleset.Group{Legend: s.f.T("inps.editions.example_terms", "Number", i+1), Fields: []ruleset.Field{
			s.field(ruleset.Day, at+"accepted_on", "accepted_on", false),
			s.field(ruleset.Number, at+"round", "round", false),
			s.choice(ruleset.Choice, at+"territory", "territory", s.territories(s.f.T("inps.editions.everywhere"))),
			s.field(ruleset.Day, at+"last_day", "last_day", false),
			s.field(ruleset.Day, at+"first_session_by", "first_session_by", true),
			s.field(ruleset.Day, at+"invoice_by", "invoice_by", true),
			s.field(ruleset.Text, at+"source", "example_source", false),
		}})
	}
	groups[len(groups)-1].Text = s.f.T("ruleset.blank_hint")
	return groups
}

// tranche are the fields of a tranche: a table of amounts, or lines to paste.
func (s sectionPage) tranche() []ruleset.Group {
	name := s.field(ruleset.Text, "tranche-name", "tranche_name", false)
	name.Hint = s.f.T("inps.editions.tranche_hint")
	paste := s.field(ruleset.Long, "tranche-csv", "paste", true)
	paste.Hint = s.f.T("inps.editions.paste_hint")
	table := ruleset.Group{Legend: s.label("of"), Columns: []ui.Column{{Text: s.label("territory"), Row: true}, {Text: s.label("amount")}}}
	for i, t := range voucher.Territories {
		cell := s.field(ruleset.Amount, "tranche-of-"+strconv.Itoa(i), "amount", true)
		cell.Label = s.f.T("inps.editions.amount_of", "Territory", t)
		table.Rows = append(table.Rows, []ruleset.Field{{Value: t}, cell})
	}
	return []ruleset.Group{
		{Fields: append([]ruleset.Field{name}, s.source("tranche")...)},
		{Legend: s.label("paste_title"), Fields: []ruleset.Field{paste}},
		table,
	}
}
