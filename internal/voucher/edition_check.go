package voucher

import (
	"fmt"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
)

// Why a value of an edition cannot stand. The words stand in the catalogue.
var (
	flawNoArticle     = fault.Invalid("edition.article_missing")
	flawNoBands       = fault.Invalid("edition.bands_missing")
	flawBandsOverlap  = fault.Invalid("edition.bands_overlap")
	flawNotPositive   = fault.Invalid("edition.amount_missing")
	flawOutOfRange    = fault.Invalid("edition.number_range")
	flawNoInstant     = fault.Invalid("edition.instant_missing")
	flawBackwards     = fault.Invalid("edition.window_backwards")
	flawBeforeWindow  = fault.Invalid("edition.day_before_window")
	flawNoTranche     = fault.Invalid("edition.tranche_missing")
	flawNoName        = fault.Invalid("edition.name_missing")
	flawNameTwice     = fault.Invalid("edition.name_twice")
	flawNoTerritory   = fault.Invalid("edition.territory_unknown")
	flawNegative      = fault.Invalid("edition.amount_negative")
	flawNoDay         = fault.Invalid("edition.override_empty")
	flawDaysOutOfTurn = fault.Invalid("edition.override_order")
	flawNoAct         = fault.Invalid("edition.act_missing")
	flawNoProvince    = fault.Invalid("edition.province_unknown")
	flawHeldBackwards = fault.Invalid("edition.held_backwards")
	flawNoDeclaration = fault.Invalid("edition.declaration_missing")
	flawNoText        = fault.Invalid("edition.text_missing")
	flawNoSuchDay     = fault.Invalid("edition.holiday_day")
	flawExampleKind   = fault.Invalid("edition.example_kind")
	flawNoISEEExample = fault.Invalid("edition.example_isee")
	flawNoTermExample = fault.Invalid("edition.example_terms")
)

// RuleFlaw is why rules are not sound: the value, and what is wrong with it. Args are
// pairs for its words.
type RuleFlaw struct {
	Section Section
	Field   string // "bands.1.amount": the path of the value, counted from 0
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

// Check is all that keeps the rules from being sound, nil when nothing does.
func (r Rules) Check() RuleFlaws {
	c := &checker{}
	c.bands(r.Bands.Is)
	c.section = SectionTerms
	c.that(r.SessionCap.Is > 0, "session_cap", flawNotPositive)
	for _, p := range r.Parts() {
		c.section = p.Section
		c.that(strings.TrimSpace(*p.Article) != "", p.Field+".article", flawNoArticle)
		if p.Number != nil {
			c.that(p.Least <= *p.Number && *p.Number <= p.Most, p.Field, flawOutOfRange, "Least", p.Least, "Most", p.Most)
		}
	}
	c.window(r)
	c.tranches(r)
	c.section = SectionClosed
	for i, t := range r.Closed.Is {
		c.territory(fmt.Sprintf("closed_territories.%d", i), t)
		c.that(!slices.Contains(r.Closed.Is[:i], t), fmt.Sprintf("closed_territories.%d", i), flawNameTwice)
	}
	c.overrides(r)
	c.reopenings(r)
	c.declarations(r.Declarations.Is)
	c.holidays(r.Holidays.Is)
	c.examples(r.Examples)
	slices.SortStableFunc(c.found, func(a, b RuleFlaw) int { return slices.Index(Sections, a.Section) - slices.Index(Sections, b.Section) })
	return c.found
}

type checker struct {
	section Section
	found   RuleFlaws
}

func (c *checker) that(sound bool, field string, reason *fault.Reason, args ...any) {
	if !sound {
		c.found = append(c.found, RuleFlaw{c.section, field, reason, args})
	}
}

func (c *checker) territory(field, name string) {
	c.that(slices.Contains(Territories, name), field, flawNoTerritory)
}

func (c *checker) bands(all []Band) {
	c.section = SectionBands
	c.that(len(all) > 0, "bands", flawNoBands)
	var last money.Amount
	for i, b := range all {
		at := fmt.Sprintf("bands.%d.", i)
		switch {
		case b.UpTo <= 0:
			c.that(false, at+"isee_up_to", flawNotPositive)
		default:
			c.that(b.UpTo > last, at+"isee_up_to", flawBandsOverlap, "From", b.UpTo, "To", last)
		}
		c.that(b.Amount > 0, at+"amount", flawNotPositive)
		last = max(last, b.UpTo)
	}
}

func (c *checker) window(r Rules) {
	c.section = SectionWindow
	w := r.Window.Is
	c.that(!w.Opens.IsZero(), "window.opens", flawNoInstant)
	c.that(!w.Closes.IsZero(), "window.closes", flawNoInstant)
	if !w.Opens.IsZero() && !w.Closes.IsZero() {
		c.that(w.Opens.Before(w.Closes), "window.closes", flawBackwards)
	}
	if from := r.ISEECure.Is.From; !from.IsZero() && !w.Opens.IsZero() {
		c.that(!from.Before(calendar.On(w.Opens)), "isee_cure.from", flawBeforeWindow)
	}
}

func (c *checker) tranches(r Rules) {
	c.section = SectionTranches
	c.that(len(r.Tranches) > 0, "tranches", flawNoTranche)
	var names []string
	for i, t := range r.Tranches {
		at := fmt.Sprintf("tranches.%d.", i)
		name := strings.TrimSpace(t.Is.Name)
		c.that(name != "", at+"name", flawNoName)
		c.that(!slices.Contains(names, name), at+"name", flawNameTwice)
		names = append(names, name)
		var sum money.Amount
		for of, territory := range Territories {
			amount := t.Is.Of[territory]
			c.that(amount >= 0, fmt.Sprintf("%sof.%d", at, of), flawNegative)
			sum += amount
		}
		for territory := range t.Is.Of {
			c.territory(at+"of", territory)
		}
		c.that(sum > 0, at+"of.0", flawNotPositive)
		c.that(strings.TrimSpace(t.Article) != "", at+"article", flawNoArticle)
	}
}

func (c *checker) overrides(r Rules) {
	c.section = SectionOverrides
	closes := r.Window.Is.LastDay()
	for i, v := range r.Overrides {
		at, o := fmt.Sprintf("overrides.%d.", i), v.Is
		c.that(1 <= o.Round && o.Round <= 50, at+"round", flawOutOfRange, "Least", 1, "Most", 50)
		if o.Territory != "" {
			c.territory(at+"territory", o.Territory)
		}
		c.that(!o.LastDay.IsZero() || !o.ConfirmBy.IsZero() || !o.FirstSessionBy.IsZero() || !o.InvoiceBy.IsZero(), at+"last_day", flawNoDay)
		for _, d := range []struct {
			field string
			day   calendar.Date
		}{{"last_day", o.LastDay}, {"confirm_by", o.ConfirmBy}, {"first_session_by", o.FirstSessionBy}, {"invoice_by", o.InvoiceBy}} {
			c.that(d.day.IsZero() || r.Window.Is.Closes.IsZero() || d.day.After(closes), at+d.field, flawBeforeWindow)
		}
		c.that(o.ConfirmBy.IsZero() || !o.ConfirmBy.Before(o.LastDay), at+"confirm_by", flawDaysOutOfTurn)
		c.that(o.InvoiceBy.IsZero() || !o.InvoiceBy.Before(later(o.LastDay, o.ConfirmBy)), at+"invoice_by", flawDaysOutOfTurn)
		c.that(o.LastDay.IsZero() || !o.FirstSessionBy.After(o.LastDay), at+"first_session_by", flawDaysOutOfTurn)
		c.that(strings.TrimSpace(v.Article) != "", at+"article", flawNoArticle)
	}
}

func (c *checker) reopenings(r Rules) {
	c.section = SectionReopenings
	for i, v := range r.Reopenings {
		at, o := fmt.Sprintf("reopenings.%d.", i), v.Is
		c.that(1 <= o.Round && o.Round <= 50, at+"round", flawOutOfRange, "Least", 1, "Most", 50)
		for _, t := range o.Territories {
			c.territory(at+"territories", t)
		}
		for _, p := range o.Provinces {
			c.that(TerritoryOf(p) != "", at+"provinces", flawNoProvince)
		}
		c.that(len(o.Acts) > 0, at+"acts", flawNoAct)
		for _, a := range o.Acts {
			c.that(slices.Contains(Acts, a), at+"acts", flawNoAct)
		}
		c.that(!o.Opens.IsZero(), at+"opens", flawNoInstant)
		c.that(!o.Closes.IsZero(), at+"closes", flawNoInstant)
		if !o.Opens.IsZero() && !o.Closes.IsZero() {
			c.that(o.Opens.Before(o.Closes), at+"closes", flawBackwards)
			c.that(!o.Opens.Before(r.Window.Is.Closes), at+"opens", flawBeforeWindow)
		}
		c.that(o.HeldTo.IsZero() || !o.HeldTo.Before(o.HeldFrom), at+"held_to", flawHeldBackwards)
		c.that(strings.TrimSpace(v.Article) != "", at+"article", flawNoArticle)
	}
}

func (c *checker) declarations(all []Declaration) {
	c.section = SectionDeclarations
	c.that(len(all) > 0, "declarations", flawNoDeclaration)
	var ids []string
	for i, d := range all {
		at := fmt.Sprintf("declarations.%d.", i)
		c.that(d.ID != "", at+"id", flawNoName)
		c.that(!slices.Contains(ids, d.ID), at+"id", flawNameTwice)
		c.that(strings.TrimSpace(d.Text) != "", at+"text", flawNoText)
		ids = append(ids, d.ID)
	}
}

func (c *checker) holidays(h calendar.Holidays) {
	c.section = SectionHolidays
	const leap = 2000
	for i, f := range h.Fixed {
		at := fmt.Sprintf("holidays.%d.", i)
		_, exists := calendar.CheckedDate(leap, int(f.Month), f.Day)
		c.that(exists, at+"day", flawNoSuchDay)
		c.that(strings.TrimSpace(f.Name) != "", at+"name", flawNoName)
		c.that(f.From == 0 || f.From > 1860, at+"from", flawOutOfRange, "Least", 1861, "Most", 2200)
	}
}

func (c *checker) examples(all []Example) {
	c.section = SectionExamples
	isee, terms := 0, 0
	for i, e := range all {
		at := fmt.Sprintf("examples.%d.", i)
		c.that(strings.TrimSpace(e.Source) != "", at+"source", flawNoArticle)
		switch {
		case e.ISEE != nil && e.AcceptedOn.IsZero():
			isee++
		case e.ISEE == nil && !e.AcceptedOn.IsZero():
			terms++
			c.that(e.Round > 0, at+"round", flawOutOfRange, "Least", 1, "Most", 50)
			c.that(!e.LastDay.IsZero(), at+"last_day", flawNoDay)
			if e.Territory != "" {
				c.territory(at+"territory", e.Territory)
			}
		default:
			c.that(false, at+"source", flawExampleKind)
		}
	}
	c.that(isee > 0, "examples.isee", flawNoISEEExample)
	c.that(terms > 0, "examples.terms", flawNoTermExample)
}

// Proof is an example with what the rules make of it.
type Proof struct {
	Example
	Amount money.Amount // for an ISEE
	Terms  Terms        // for a day of publication
	Right  bool         // it came out
}

// Prove works every example with the rules.
func (r Rules) Prove() []Proof {
	all := make([]Proof, len(r.Examples))
	for i, e := range r.Examples {
		p := Proof{Example: e}
		if e.ISEE != nil {
			band, _ := r.Band(*e.ISEE)
			p.Amount, p.Right = band.Amount, band.Amount == e.Amount
		} else {
			p.Terms = r.Terms(e.AcceptedOn, e.Round, e.Territory)
			p.Right = p.Terms.LastDay == e.LastDay && p.Terms.FirstSessionBy == e.FirstSessionBy &&
				(e.InvoiceBy.IsZero() || p.Terms.InvoiceBy == e.InvoiceBy)
		}
		all[i] = p
	}
	return all
}

// proved tells whether every example comes out.
func (r Rules) proved() bool {
	return !slices.ContainsFunc(r.Prove(), func(p Proof) bool { return !p.Right })
}
