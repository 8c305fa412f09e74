package voucher

import (
	"reflect"
	"strconv"
)

// Fact is one thing that rules say, with the article it comes from.
type Fact struct {
	Section Section
	Name    string // "bands", "session_cap": the kind of value
	Of      string // which one, where there are several: "2", "Fondo 2022, Lazio"
	Is      any    // Band, money.Amount, int, bool, time.Time, calendar.Date, []string, Override, Reopening, Declaration, calendar.Holiday or Example
	Article string
	Reading string
}

// RuleChange is a fact that is not the same before and after; nil is not there.
type RuleChange struct {
	Before, After *Fact
}

// Fact is what the change is about: what it is after, or what it was.
func (c RuleChange) Fact() Fact {
	if c.After != nil {
		return *c.After
	}
	return *c.Before
}

// Diff is what differs between two sets of rules, in the order of the pages.
func Diff(before, after Rules) []RuleChange {
	old, now := before.Facts(), after.Facts()
	type key struct {
		section  Section
		name, of string
	}
	was := make(map[key]*Fact, len(old))
	for i := range old {
		was[key{old[i].Section, old[i].Name, old[i].Of}] = &old[i]
	}
	changes := map[Section][]RuleChange{}
	for i := range now {
		k := key{now[i].Section, now[i].Name, now[i].Of}
		b := was[k]
		delete(was, k)
		if b == nil || !reflect.DeepEqual(*b, now[i]) {
			changes[k.section] = append(changes[k.section], RuleChange{b, &now[i]})
		}
	}
	for i := range old {
		k := key{old[i].Section, old[i].Name, old[i].Of}
		if was[k] != nil {
			changes[k.section] = append(changes[k.section], RuleChange{Before: &old[i]})
		}
	}
	var all []RuleChange
	for _, s := range Sections {
		all = append(all, changes[s]...)
	}
	return all
}

// Facts is all that the rules say, in the order of the pages. No two facts have
// the same section, name and of.
func (r Rules) Facts() []Fact {
	b := facts{seen: map[string]int{}}
	parts := map[string]Part{}
	for _, p := range r.Parts() {
		parts[p.Field] = p
	}
	once := func(name string, of string, is any, part string) {
		p := parts[part]
		b.add(Fact{p.Section, name, of, is, *p.Article, *p.Reading})
	}
	for i, band := range r.Bands.Is {
		once("bands", strconv.Itoa(i+1), band, "bands")
	}
	once("session_cap", "", r.SessionCap.Is, "session_cap")
	for _, p := range r.Parts() {
		if p.Section == SectionTerms && p.Number != nil {
			once(p.Field, "", *p.Number, p.Field)
		}
	}
	once("direct_confirmation", "", r.DirectConfirmation.Is, "direct_confirmation")
	once("window_opens", "", r.Window.Is.Opens.UTC(), "window")
	once("window_closes", "", r.Window.Is.Closes.UTC(), "window")
	once("isee_cure", "", r.ISEECure.Is.Days, "isee_cure")
	once("isee_cure_from", "", r.ISEECure.Is.From, "isee_cure")
	for _, t := range r.Tranches {
		for _, territory := range Territories {
			if amount, has := t.Is.Of[territory]; has {
				b.add(Fact{SectionTranches, "tranches", t.Is.Name + ", " + territory, amount, t.Article, t.Reading})
			}
		}
	}
	once("closed_territories", "", append([]string{}, r.Closed.Is...), "closed_territories")
	for _, o := range r.Overrides {
		of := strconv.Itoa(o.Is.Round)
		if o.Is.Territory != "" {
			of += ", " + o.Is.Territory
		}
		b.add(Fact{SectionOverrides, "overrides", of, o.Is, o.Article, o.Reading})
	}
	for _, o := range r.Reopenings {
		o.Is.Opens, o.Is.Closes = o.Is.Opens.UTC(), o.Is.Closes.UTC()
		b.add(Fact{SectionReopenings, "reopenings", strconv.Itoa(o.Is.Round), o.Is, o.Article, o.Reading})
	}
	for _, d := range r.Declarations.Is {
		once("declarations", d.ID, d, "declarations")
	}
	once("holidays_sundays", "", r.Holidays.Is.Sundays, "holidays")
	once("holidays_easter_monday", "", r.Holidays.Is.EasterMonday, "holidays")
	for _, h := range r.Holidays.Is.Fixed {
		once("holidays", h.Name, h, "holidays")
	}
	for i, e := range r.Examples {
		b.add(Fact{SectionExamples, "examples", strconv.Itoa(i + 1), e, e.Source, ""})
	}
	return b.all
}

type facts struct {
	all  []Fact
	seen map[string]int
}

// add keeps equal names apart: the second is "… (2)".
func (b *facts) add(f Fact) {
	k := f.Name + "\x00" + f.Of
	if b.seen[k]++; b.seen[k] > 1 {
		f.Of += " (" + strconv.Itoa(b.seen[k]) + ")"
	}
	b.all = append(b.all, f)
}
