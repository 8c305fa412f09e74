package portal

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/ui"
)

// sectionFields are the fields of a section as its form shows them first: what
// sectionReader reads back.
type sectionFields struct{ url.Values }

func (s sectionFields) number(name string, n int) {
	if n != 0 {
		s.Set(name, strconv.Itoa(n))
	}
}

func (s sectionFields) amount(name string, a money.Amount) { s.Set(name, a.Field()) }

func (s sectionFields) day(name string, d calendar.Date) {
	if d.IsZero() {
		return
	}
	day, month, year := ui.DateNames(name)
	s.Set(day, strconv.Itoa(d.Day))
	s.Set(month, strconv.Itoa(int(d.Month)))
	s.Set(year, strconv.Itoa(d.Year))
}

func (s sectionFields) instant(name string, t time.Time, end bool) {
	if t.IsZero() {
		return
	}
	d, hour := calendar.On(t), ui.Clock(t)
	if end && t.Equal(d.Start()) {
		d, hour = d.Add(-1), "24:00"
	}
	s.day(name, d)
	s.Set(name+"-ora", hour)
}

func (s sectionFields) source(name, article, reading string) {
	s.Set(name+"-article", article)
	s.Set(name+"-reading", reading)
}

// fieldsOf are the fields of a section of rules.
func fieldsOf(section voucher.Section, r voucher.Rules) sectionFields {
	s := sectionFields{url.Values{}}
	for _, p := range r.Parts() {
		if p.Section == section {
			s.source(p.Field, *p.Article, *p.Reading)
			if p.Number != nil {
				s.Set(p.Field, strconv.Itoa(*p.Number))
			}
		}
	}
	switch section {
	case voucher.SectionBands:
		for i, b := range r.Bands.Is {
			at := "bands-" + strconv.Itoa(i) + "-"
			s.amount(at+"isee_up_to", b.UpTo)
			s.amount(at+"amount", b.Amount)
			s.Set(at+"inclusive", yesNo(b.Inclusive))
		}
	case voucher.SectionTerms:
		s.amount("session_cap", r.SessionCap.Is)
		s.Set("direct_confirmation", yesNo(r.DirectConfirmation.Is))
	case voucher.SectionWindow:
		s.instant("window-opens", r.Window.Is.Opens, false)
		s.instant("window-closes", r.Window.Is.Closes, true)
		s.day("isee_cure-from", r.ISEECure.Is.From)
	case voucher.SectionClosed:
		s.Values["closed_territories"] = r.Closed.Is
	case voucher.SectionOverrides:
		for i, v := range r.Overrides {
			at := "overrides-" + strconv.Itoa(i)
			s.source(at, v.Article, v.Reading)
			s.number(at+"-round", v.Is.Round)
			s.Set(at+"-territory", v.Is.Territory)
			s.day(at+"-last_day", v.Is.LastDay)
			s.day(at+"-confirm_by", v.Is.ConfirmBy)
			s.day(at+"-first_session_by", v.Is.FirstSessionBy)
			s.day(at+"-invoice_by", v.Is.InvoiceBy)
		}
	case voucher.SectionReopenings:
		s.reopenings(r.Reopenings)
	case voucher.SectionDeclarations:
		for i, d := range r.Declarations.Is {
			at := "declarations-" + strconv.Itoa(i) + "-"
			s.Set(at+"id", d.ID)
			s.Set(at+"text", d.Text)
		}
	case voucher.SectionHolidays:
		s.holidays(r.Holidays.Is)
	case voucher.SectionExamples:
		s.examples(r.Examples)
	}
	return s
}

func (s sectionFields) reopenings(all []rules.Value[voucher.Reopening]) {
	for i, v := range all {
		at, o := "reopenings-"+strconv.Itoa(i), v.Is
		s.source(at, v.Article, v.Reading)
		s.number(at+"-round", o.Round)
		s.Set(at+"-territories", strings.Join(o.Territories, ", "))
		s.Set(at+"-provinces", strings.Join(o.Provinces, ", "))
		for _, a := range o.Acts {
			s.Add(at+"-acts", string(a))
		}
		s.instant(at+"-opens", o.Opens, false)
		s.instant(at+"-closes", o.Closes, true)
		s.day(at+"-held_from", o.HeldFrom)
		s.day(at+"-held_to", o.HeldTo)
	}
}

func (s sectionFields) holidays(h calendar.Holidays) {
	if h.Sundays {
		s.Add("holidays", "sundays")
	}
	if h.EasterMonday {
		s.Add("holidays", "easter_monday")
	}
	for i, f := range h.Fixed {
		s.holiday("holidays-"+strconv.Itoa(i), f)
	}
}

func (s sectionFields) holiday(at string, h calendar.Holiday) {
	s.Set(at+"-name", h.Name)
	s.number(at+"-day", h.Day)
	s.number(at+"-month", int(h.Month))
	s.number(at+"-from", h.From)
}

func (s sectionFields) examples(all []voucher.Example) {
	isee, terms := 0, 0
	for _, e := range all {
		if e.ISEE != nil {
			at := "isee-" + strconv.Itoa(isee) + "-"
			s.amount(at+"isee", *e.ISEE)
			s.amount(at+"amount", e.Amount)
			s.Set(at+"source", e.Source)
			isee++
			continue
		}
		at := "terms-" + strconv.Itoa(terms) + "-"
		s.day(at+"accepted_on", e.AcceptedOn)
		s.number(at+"round", e.Round)
		s.Set(at+"territory", e.Territory)
		s.day(at+"last_day", e.LastDay)
		s.day(at+"first_session_by", e.FirstSessionBy)
		s.day(at+"invoice_by", e.InvoiceBy)
		s.Set(at+"source", e.Source)
		terms++
	}
}

// trancheFields are the fields of a tranche.
func trancheFields(t rules.Value[voucher.Tranche]) sectionFields {
	s := sectionFields{url.Values{}}
	s.source("tranche", t.Article, t.Reading)
	s.Set("tranche-name", t.Is.Name)
	for i, territory := range voucher.Territories {
		if a := t.Is.Of[territory]; a > 0 {
			s.amount("tranche-of-"+strconv.Itoa(i), a)
		}
	}
	return s
}

func yesNo(yes bool) string {
	if yes {
		return "si"
	}
	return "no"
}
