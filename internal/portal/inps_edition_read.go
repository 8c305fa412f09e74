package portal

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/ui"
)

var errNumber = fault.Invalid("field.number")

// sectionReader reads the values of a section from the fields of its form, whose
// names are the paths of the values: "bands-1-amount". What cannot be read is in
// wrong, by field; the rules judge the rest.
type sectionReader struct {
	fields url.Values
	wrong  []ui.FieldError
}

func (s *sectionReader) fail(field string, err error) {
	s.wrong = append(s.wrong, ui.FieldError{Field: field, Text: words(ui.Frame{}, fault.As(err))})
}

func (s *sectionReader) text(name string) string { return strings.TrimSpace(s.fields.Get(name)) }

// number is a whole number; nothing is 0.
func (s *sectionReader) number(name string) int {
	text := s.text(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 1_000_000 {
		s.fail(name, errNumber)
	}
	return n
}

// amount is an amount; nothing is 0.
func (s *sectionReader) amount(name string) money.Amount {
	text := s.text(name)
	if text == "" {
		return 0
	}
	a, err := money.Parse(text)
	if err != nil {
		s.fail(name, err)
	}
	return a
}

func (s *sectionReader) day(name string) calendar.Date {
	d, err := dateField(s.fields, name)
	if err != nil {
		s.fail(name, err)
	}
	return d
}

// instant is a day and an hour. The last one of a day may be written as 24:00, and
// 23:59 means the same.
func (s *sectionReader) instant(name string, end bool) time.Time {
	d, text := s.day(name), s.text(name+"-ora")
	if d.IsZero() {
		return time.Time{}
	}
	if end && (text == "24:00" || text == "23:59" || text == "24") {
		return d.End()
	}
	t, err := timeField(text, d)
	switch {
	case err != nil:
		s.fail(name+"-ora", err)
	case t.IsZero():
		s.fail(name+"-ora", errTime)
	}
	return t
}

// source reads the article and the reading that a value comes with.
func (s *sectionReader) source(name string) (article, reading string) {
	return s.text(name + "-article"), s.text(name + "-reading")
}

// blanks says by which fields a row of a list is not empty.
var blanks = map[string][]string{
	"bands":        {"isee_up_to", "amount"},
	"overrides":    {"round", "article", "last_day", "confirm_by", "first_session_by", "invoice_by"},
	"reopenings":   {"round", "article", "acts", "opens", "closes"},
	"declarations": {"id", "text"},
	"holidays":     {"name", "day"},
	"isee":         {"isee", "amount", "source"},
	"terms":        {"accepted_on", "source", "last_day"},

	"isee_points":     {"up_to", "points"},
	"duration_points": {"up_to", "points"},
	"examples":        {"income", "from", "to", "source"},
}

// mostRows is how many rows of a list are read.
const mostRows = 40

// rows leaves the empty rows of a list out, gives the others the next number, and
// tells how many there are. Whoever empties a row takes it away.
func (s *sectionReader) rows(list string) int {
	kept := 0
	for i := range mostRows {
		from := list + "-" + strconv.Itoa(i) + "-"
		if !s.filled(from, blanks[list]) {
			s.move(from, "")
			continue
		}
		s.move(from, list+"-"+strconv.Itoa(kept)+"-")
		kept++
	}
	return kept
}

func (s *sectionReader) filled(row string, names []string) bool {
	for _, n := range names {
		day, month, year := ui.DateNames(row + n)
		for _, field := range []string{row + n, day, month, year} {
			if s.text(field) != "" {
				return true
			}
		}
	}
	return false
}

// move renames the fields of a row; "" takes them away.
func (s *sectionReader) move(from, to string) {
	if from == to {
		return
	}
	for name, v := range s.fields {
		if rest, of := strings.CutPrefix(name, from); of {
			delete(s.fields, name)
			if to != "" {
				s.fields[to+rest] = v
			}
		}
	}
}

// read is the rules with a section as the fields say. The tranches have a form of
// their own: see readTranche.
func (s *sectionReader) read(section voucher.Section, r voucher.Rules) voucher.Rules {
	for _, p := range r.Parts() {
		if p.Section == section {
			*p.Article, *p.Reading = s.source(p.Field)
			if p.Number != nil {
				*p.Number = s.number(p.Field)
			}
		}
	}
	switch section {
	case voucher.SectionBands:
		r.Bands.Is = make([]voucher.Band, s.rows("bands"))
		for i := range r.Bands.Is {
			at := "bands-" + strconv.Itoa(i) + "-"
			r.Bands.Is[i] = voucher.Band{UpTo: s.amount(at + "isee_up_to"), Inclusive: s.text(at+"inclusive") != "no", Amount: s.amount(at + "amount")}
		}
	case voucher.SectionTerms:
		r.SessionCap.Is = s.amount("session_cap")
		r.DirectConfirmation.Is = s.text("direct_confirmation") == "si"
	case voucher.SectionWindow:
		r.Window.Is = voucher.Window{Opens: s.instant("window-opens", false), Closes: s.instant("window-closes", true)}
		r.ISEECure.Is.From = s.day("isee_cure-from")
	case voucher.SectionClosed:
		r.Closed.Is = nil
		for _, name := range voucher.Territories {
			if slices.Contains(s.fields["closed_territories"], name) {
				r.Closed.Is = append(r.Closed.Is, name)
			}
		}
	case voucher.SectionOverrides:
		r.Overrides = make([]rules.Value[voucher.Override], s.rows("overrides"))
		for i := range r.Overrides {
			at := "overrides-" + strconv.Itoa(i)
			v := &r.Overrides[i]
			v.Article, v.Reading = s.source(at)
			v.Is = voucher.Override{Round: s.number(at + "-round"), Territory: s.text(at + "-territory"), LastDay: s.day(at + "-last_day"),
				ConfirmBy: s.day(at + "-confirm_by"), FirstSessionBy: s.day(at + "-first_session_by"), InvoiceBy: s.day(at + "-invoice_by")}
		}
	case voucher.SectionReopenings:
		r.Reopenings = s.reopenings()
	case voucher.SectionDeclarations:
		r.Declarations.Is = make([]voucher.Declaration, s.rows("declarations"))
		for i := range r.Declarations.Is {
			at := "declarations-" + strconv.Itoa(i) + "-"
			r.Declarations.Is[i] = voucher.Declaration{ID: s.text(at + "id"), Version: 1, Text: s.text(at + "text")}
		}
	case voucher.SectionHolidays:
		r.Holidays.Is = s.holidays()
	case voucher.SectionExamples:
		r.Examples = s.examples()
	}
	return r
}

func (s *sectionReader) holidays() calendar.Holidays {
	chosen := s.fields["holidays"]
	h := calendar.Holidays{Sundays: slices.Contains(chosen, "sundays"), EasterMonday: slices.Contains(chosen, "easter_monday"),
		Fixed: make([]calendar.Holiday, s.rows("holidays"))}
	for i := range h.Fixed {
		h.Fixed[i] = s.holiday("holidays-" + strconv.Itoa(i))
	}
	return h
}

func (s *sectionReader) holiday(at string) calendar.Holiday {
	return calendar.Holiday{Month: time.Month(s.number(at + "-month")), Day: s.number(at + "-day"), From: s.number(at + "-from"), Name: s.text(at + "-name")}
}

func (s *sectionReader) reopenings() []rules.Value[voucher.Reopening] {
	all := make([]rules.Value[voucher.Reopening], s.rows("reopenings"))
	for i := range all {
		at, v := "reopenings-"+strconv.Itoa(i), &all[i]
		v.Article, v.Reading = s.source(at)
		v.Is = voucher.Reopening{Round: s.number(at + "-round"), Opens: s.instant(at+"-opens", false), Closes: s.instant(at+"-closes", true),
			HeldFrom: s.day(at + "-held_from"), HeldTo: s.day(at + "-held_to")}
		for _, name := range s.list(at + "-territories") {
			if t, known := voucher.ParseTerritory(name); known {
				name = t
			}
			v.Is.Territories = append(v.Is.Territories, name)
		}
		for _, name := range s.list(at + "-provinces") {
			v.Is.Provinces = append(v.Is.Provinces, strings.ToUpper(name))
		}
		for _, act := range voucher.Acts {
			if slices.Contains(s.fields[at+"-acts"], string(act)) {
				v.Is.Acts = append(v.Is.Acts, act)
			}
		}
	}
	return all
}

// list is names with commas between them.
func (s *sectionReader) list(name string) []string {
	var all []string
	for _, one := range strings.Split(s.text(name), ",") {
		if one = strings.TrimSpace(one); one != "" {
			all = append(all, one)
		}
	}
	return all
}

func (s *sectionReader) examples() []voucher.Example {
	var all []voucher.Example
	for i := range s.rows("isee") {
		at := "isee-" + strconv.Itoa(i) + "-"
		isee := s.amount(at + "isee")
		all = append(all, voucher.Example{ISEE: &isee, Amount: s.amount(at + "amount"), Source: s.text(at + "source")})
	}
	for i := range s.rows("terms") {
		at := "terms-" + strconv.Itoa(i) + "-"
		all = append(all, voucher.Example{AcceptedOn: s.day(at + "accepted_on"), Round: s.number(at + "round"), Territory: s.text(at + "territory"),
			LastDay: s.day(at + "last_day"), FirstSessionBy: s.day(at + "first_session_by"), InvoiceBy: s.day(at + "invoice_by"), Source: s.text(at + "source")})
	}
	return all
}

// readTranche reads one tranche: its amounts by territory, or as lines of
// «territorio;importo», which count where there are any.
func (s *sectionReader) readTranche() rules.Value[voucher.Tranche] {
	var t rules.Value[voucher.Tranche]
	t.Article, t.Reading = s.source("tranche")
	t.Is.Name, t.Is.Of = s.text("tranche-name"), map[string]money.Amount{}
	if list := s.text("tranche-csv"); list != "" {
		s.pasted(list)
	}
	for i, territory := range voucher.Territories {
		if a := s.amount("tranche-of-" + strconv.Itoa(i)); a > 0 {
			t.Is.Of[territory] = a
		}
	}
	return t
}

var errPasted = fault.Invalid("edition.pasted")

// pasted puts lines of «territorio;importo» into the fields of the amounts.
func (s *sectionReader) pasted(list string) {
	amounts := map[int]string{}
	for n, line := range strings.Split(strings.ReplaceAll(list, "\r", ""), "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		name, amount, two := strings.Cut(strings.ReplaceAll(line, "\t", ";"), ";")
		i := territoryNamed(name)
		_, err := money.Parse(amount)
		switch {
		case n == 0 && two && i < 0 && err != nil:
			continue // the names of the columns
		case !two || i < 0 || err != nil:
			s.wrong = append(s.wrong, ui.FieldError{Field: "tranche-csv", Text: words(ui.Frame{}, errPasted, "Line", n+1)})
			return
		}
		amounts[i] = strings.TrimSpace(amount)
	}
	for i := range voucher.Territories {
		s.fields.Set("tranche-of-"+strconv.Itoa(i), amounts[i])
	}
	s.fields.Del("tranche-csv")
}

// territoryNamed is the place of a territory in the list, however its name is
// written; -1 when it is none.
func territoryNamed(name string) int {
	plain := func(s string) string { return strings.ToLower(strings.TrimSpace(strings.ReplaceAll(s, "’", "'"))) }
	for i, t := range voucher.Territories {
		if plain(t) == plain(name) {
			return i
		}
	}
	return -1
}

// flaws adds what the rules say against the section to what could not be read: one
// error a field.
func (s *sectionReader) flaws(found voucher.RuleFlaws, field func(voucher.RuleFlaw) string) {
	for _, flaw := range found {
		s.once(field(flaw), words(ui.Frame{}, flaw.Reason, flaw.Args...))
	}
}

// once adds an error to a field that has none.
func (s *sectionReader) once(name, text string) {
	if (ui.Frame{Errors: s.wrong}).Error(name) == "" {
		s.wrong = append(s.wrong, ui.FieldError{Field: name, Text: text})
	}
}
