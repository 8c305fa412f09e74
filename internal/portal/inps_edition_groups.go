package portal

import (
	"net/url"
	"strconv"
	"strings"

	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// sectionPage builds the fields of a section for the screen, filled in as they
// were typed.
type sectionPage struct {
	f      ui.Frame
	fields url.Values
}

func (s sectionPage) label(name string) string { return s.f.T("inps.editions.field." + name) }

func (s sectionPage) field(kind inps.EditKind, name, label string, optional bool) inps.EditField {
	e := inps.EditField{Kind: kind, Name: name, Label: s.label(label), Value: s.fields.Get(name), Optional: optional}
	switch kind {
	case inps.EditDay:
		day, month, year := ui.DateNames(name)
		e.Day, e.Month, e.Year = s.fields.Get(day), s.fields.Get(month), s.fields.Get(year)
	case inps.EditAmount:
		e.Hint = s.f.T("inps.editions.amount_hint")
	}
	return e
}

// cell is a field in a table: its row is a part of its name.
func (s sectionPage) cell(kind inps.EditKind, name, label string, row int) inps.EditField {
	e := s.field(kind, name, label, true)
	e.Label = s.f.T("inps.editions.cell", "Column", e.Label, "Row", row+1)
	return e
}

func (s sectionPage) choice(kind inps.EditKind, name, label string, options []ui.Option, chosen ...string) inps.EditField {
	e := s.field(kind, name, label, false)
	e.Options, e.Chosen = options, chosen
	if given, has := s.fields[name]; has {
		e.Chosen = given
	}
	return e
}

// source are the fields of where a value comes from.
func (s sectionPage) source(name string) []inps.EditField {
	article := s.field(inps.EditText, name+"-article", "article", false)
	article.Hint = s.f.T("inps.editions.article_hint")
	reading := s.field(inps.EditText, name+"-reading", "reading", true)
	reading.Hint = s.f.T("inps.editions.reading_hint")
	return []inps.EditField{article, reading}
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
	return []ui.Option{{Value: "si", Label: s.f.T("inps.editions.yes")}, {Value: "no", Label: s.f.T("inps.editions.no")}}
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
func (s sectionPage) groups(section voucher.Section) []inps.EditGroup {
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

func (s sectionPage) bands() []inps.EditGroup {
	table := inps.EditGroup{Legend: s.label("bands"), Text: s.f.T("inps.editions.rows_hint"), Columns: s.columns("isee_up_to", "inclusive", "amount")}
	for i := range s.rows("bands", 2) {
		at := "bands-" + strconv.Itoa(i) + "-"
		inclusive := s.choice(inps.EditChoice, at+"inclusive", "inclusive", []ui.Option{
			{Value: "si", Label: s.f.T("inps.editions.inclusive")}, {Value: "no", Label: s.f.T("inps.editions.exclusive")}}, "si")
		inclusive.Label = s.f.T("inps.editions.cell", "Column", inclusive.Label, "Row", i+1)
		table.Rows = append(table.Rows, []inps.EditField{s.cell(inps.EditAmount, at+"isee_up_to", "isee_up_to", i), inclusive, s.cell(inps.EditAmount, at+"amount", "amount", i)})
	}
	return []inps.EditGroup{table, {Legend: s.label("source"), Fields: s.source("bands")}}
}

func (s sectionPage) terms() []inps.EditGroup {
	var groups []inps.EditGroup
	for _, p := range (&voucher.Rules{}).Parts() {
		if p.Section != voucher.SectionTerms {
			continue
		}
		var value inps.EditField
		switch p.Field {
		case "session_cap":
			value = s.field(inps.EditAmount, p.Field, "amount", false)
		case "direct_confirmation":
			value = s.choice(inps.EditRadio, p.Field, "allowed", s.yesNo())
		default:
			value = s.field(inps.EditNumber, p.Field, "number", false)
			value.Hint = s.f.T("inps.editions.hint." + p.Field)
		}
		groups = append(groups, inps.EditGroup{Legend: s.f.T("inps.editions.value." + p.Field), Fields: append([]inps.EditField{value}, s.source(p.Field)...)})
	}
	return groups
}

func (s sectionPage) window() []inps.EditGroup {
	opens, closes := s.field(inps.EditDay, "window-opens", "opens", false), s.field(inps.EditDay, "window-closes", "closes", false)
	from, until := s.field(inps.EditHour, "window-opens-ora", "opens_hour", false), s.field(inps.EditHour, "window-closes-ora", "closes_hour", false)
	until.Hint = s.f.T("inps.editions.closes_hint")
	cure := s.field(inps.EditNumber, "isee_cure", "cure_days", false)
	start := s.field(inps.EditDay, "isee_cure-from", "cure_from", true)
	start.Hint = s.f.T("inps.editions.cure_hint")
	return []inps.EditGroup{
		{Legend: s.label("window"), Fields: append([]inps.EditField{opens, from, closes, until}, s.source("window")...)},
		{Legend: s.label("cure"), Fields: append([]inps.EditField{cure, start}, s.source("isee_cure")...)},
	}
}

func (s sectionPage) closed() []inps.EditGroup {
	var options []ui.Option
	for _, t := range voucher.Territories {
		options = append(options, ui.Option{Value: t, Label: t})
	}
	set := s.choice(inps.EditSet, "closed_territories", "closed", options)
	set.Optional = true
	return []inps.EditGroup{{Fields: append([]inps.EditField{set}, s.source("closed_territories")...)}}
}

func (s sectionPage) overrides() []inps.EditGroup {
	var groups []inps.EditGroup
	for i := range s.rows("overrides", 1) {
		at := "overrides-" + strconv.Itoa(i)
		groups = append(groups, inps.EditGroup{Legend: s.f.T("inps.editions.override", "Number", i+1), Fields: append([]inps.EditField{
			s.field(inps.EditNumber, at+"-round", "round", false),
			s.choice(inps.EditChoice, at+"-territory", "territory", s.territories(s.f.T("inps.editions.everywhere"))),
			s.field(inps.EditDay, at+"-last_day", "last_day", true),
			s.field(inps.EditDay, at+"-confirm_by", "confirm_by", true),
			s.field(inps.EditDay, at+"-first_session_by", "first_session_by", true),
			s.field(inps.EditDay, at+"-invoice_by", "invoice_by", true),
		}, s.source(at)...)})
	}
	groups[len(groups)-1].Text = s.f.T("inps.editions.blank_hint")
	return groups
}

func (s sectionPage) reopenings() []inps.EditGroup {
	acts := make([]ui.Option, len(voucher.Acts))
	for i, a := range voucher.Acts {
		acts[i] = ui.Option{Value: string(a), Label: s.f.T("inps.editions.act." + string(a))}
	}
	hinted := func(kind inps.EditKind, name, label string, optional bool) inps.EditField {
		e := s.field(kind, name, label, optional)
		e.Hint = s.f.T("inps.editions.hint." + label)
		return e
	}
	var groups []inps.EditGroup
	for i := range s.rows("reopenings", 1) {
		at := "reopenings-" + strconv.Itoa(i)
		groups = append(groups, inps.EditGroup{Legend: s.f.T("inps.editions.reopening", "Number", i+1), Fields: append([]inps.EditField{
			s.field(inps.EditNumber, at+"-round", "round", false),
			s.choice(inps.EditSet, at+"-acts", "acts", acts),
			s.field(inps.EditDay, at+"-opens", "reopens", false),
			s.field(inps.EditHour, at+"-opens-ora", "reopens_hour", false),
			s.field(inps.EditDay, at+"-closes", "recloses", false),
			hinted(inps.EditHour, at+"-closes-ora", "recloses_hour", false),
			hinted(inps.EditText, at+"-territories", "territories", true),
			hinted(inps.EditText, at+"-provinces", "provinces", true),
			s.field(inps.EditDay, at+"-held_from", "held_from", true),
			s.field(inps.EditDay, at+"-held_to", "held_to", true),
		}, s.source(at)...)})
	}
	groups[len(groups)-1].Text = s.f.T("inps.editions.blank_hint")
	return groups
}

func (s sectionPage) declarations() []inps.EditGroup {
	var groups []inps.EditGroup
	for i := range s.rows("declarations", 1) {
		at := "declarations-" + strconv.Itoa(i) + "-"
		id := s.field(inps.EditText, at+"id", "declaration_id", false)
		id.Hint = s.f.T("inps.editions.declaration_hint")
		groups = append(groups, inps.EditGroup{Legend: s.f.T("inps.editions.declaration_number", "Number", i+1),
			Fields: []inps.EditField{id, s.field(inps.EditLong, at+"text", "declaration_text", false)}})
	}
	groups[len(groups)-1].Text = s.f.T("inps.editions.blank_hint")
	return append(groups, inps.EditGroup{Legend: s.label("source"), Fields: s.source("declarations")})
}

func (s sectionPage) holidays() []inps.EditGroup {
	set := s.choice(inps.EditSet, "holidays", "holidays_moving", []ui.Option{
		{Value: "sundays", Label: s.f.T("inps.editions.value.holidays_sundays")},
		{Value: "easter_monday", Label: s.f.T("inps.editions.value.holidays_easter_monday")}})
	set.Optional = true
	table := inps.EditGroup{Legend: s.label("holidays"), Text: s.f.T("inps.editions.rows_hint"), Columns: s.columns("name", "day", "month", "from")}
	for i := range s.rows("holidays", 2) {
		at := "holidays-" + strconv.Itoa(i) + "-"
		table.Rows = append(table.Rows, []inps.EditField{s.cell(inps.EditText, at+"name", "name", i), s.cell(inps.EditNumber, at+"day", "day", i),
			s.cell(inps.EditNumber, at+"month", "month", i), s.cell(inps.EditNumber, at+"from", "from", i)})
	}
	return []inps.EditGroup{{Fields: []inps.EditField{set}}, table, {Legend: s.label("source"), Fields: s.source("holidays")}}
}

func (s sectionPage) examples() []inps.EditGroup {
	table := inps.EditGroup{Legend: s.label("examples_isee"), Text: s.f.T("inps.editions.rows_hint"), Columns: s.columns("isee", "gives", "example_source")}
	for i := range s.rows("isee", 2) {
		at := "isee-" + strconv.Itoa(i) + "-"
		table.Rows = append(table.Rows, []inps.EditField{s.cell(inps.EditAmount, at+"isee", "isee", i), s.cell(inps.EditAmount, at+"amount", "gives", i),
			s.cell(inps.EditText, at+"source", "example_source", i)})
	}
	groups := []inps.EditGroup{table}
	for i := range s.rows("terms", 1) {
		at := "terms-" + strconv.Itoa(i) + "-"
		groups = append(groups, inps.EditGroup{Legend: s.f.T("inps.editions.example_terms", "Number", i+1), Fields: []inps.EditField{
			s.field(inps.EditDay, at+"accepted_on", "accepted_on", false),
			s.field(inps.EditNumber, at+"round", "round", false),
			s.choice(inps.EditChoice, at+"territory", "territory", s.territories(s.f.T("inps.editions.everywhere"))),
			s.field(inps.EditDay, at+"last_day", "last_day", false),
			s.field(inps.EditDay, at+"first_session_by", "first_session_by", true),
			s.field(inps.EditDay, at+"invoice_by", "invoice_by", true),
			s.field(inps.EditText, at+"source", "example_source", false),
		}})
	}
	groups[len(groups)-1].Text = s.f.T("inps.editions.blank_hint")
	return groups
}

// tranche are the fields of a tranche: a table of amounts, or lines to paste.
func (s sectionPage) tranche() []inps.EditGroup {
	name := s.field(inps.EditText, "tranche-name", "tranche_name", false)
	name.Hint = s.f.T("inps.editions.tranche_hint")
	paste := s.field(inps.EditLong, "tranche-csv", "paste", true)
	paste.Hint = s.f.T("inps.editions.paste_hint")
	table := inps.EditGroup{Legend: s.label("of"), Columns: []ui.Column{{Text: s.label("territory"), Row: true}, {Text: s.label("amount")}}}
	for i, t := range voucher.Territories {
		cell := s.field(inps.EditAmount, "tranche-of-"+strconv.Itoa(i), "amount", true)
		cell.Label = s.f.T("inps.editions.amount_of", "Territory", t)
		table.Rows = append(table.Rows, []inps.EditField{{Value: t}, cell})
	}
	return []inps.EditGroup{
		{Fields: append([]inps.EditField{name}, s.source("tranche")...)},
		{Legend: s.label("paste_title"), Fields: []inps.EditField{paste}},
		table,
	}
}
