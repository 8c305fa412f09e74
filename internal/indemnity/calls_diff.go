package indemnity

import (
	"reflect"
	"strconv"
)

// Provision is one thing that rules say (disposizione), with the article it comes from.
type Provision struct {
	Section Section
	Name    string // "isee_points", "submission_days": the kind of value
	Of      string // which one, where there are several: "2", "EVENT_END_BASIS"
	// Is a calendar.Period, *money.Amount, Expected, int, money.Amount, Rate, Limits,
	// ISEEBand, DurationBand, ExclusivityPoints, Reading, Declaration, bool,
	// calendar.Holiday, Example or string.
	Is      any
	Article string
	Reading string
}

// RuleChange is a provision that is not the same before and after; nil is not there.
type RuleChange struct {
	Before, After *Provision
}

// Provision is what the change is about: what it is after, or what it was.
func (c RuleChange) Provision() Provision {
	if c.After != nil {
		return *c.After
	}
	return *c.Before
}

// Diff is what differs between two sets of rules, in the order of the pages.
func Diff(before, after *RuleSet) []RuleChange {
	type key struct {
		section  Section
		name, of string
	}
	keyOf := func(p Provision) key { return key{p.Section, p.Name, p.Of} }
	old, now := before.Provisions(), after.Provisions()
	was := make(map[key]*Provision, len(old))
	for i := range old {
		was[keyOf(old[i])] = &old[i]
	}
	changes := map[Section][]RuleChange{}
	for i := range now {
		k := keyOf(now[i])
		b := was[k]
		delete(was, k)
		if b == nil || !reflect.DeepEqual(*b, now[i]) {
			changes[k.section] = append(changes[k.section], RuleChange{b, &now[i]})
		}
	}
	for i := range old {
		if k := keyOf(old[i]); was[k] != nil {
			changes[k.section] = append(changes[k.section], RuleChange{Before: &old[i]})
		}
	}
	var all []RuleChange
	for _, s := range Sections {
		all = append(all, changes[s]...)
	}
	return all
}

// Provisions is all that the rules say, in the order of the pages. No two have the same
// section, name and of.
func (r *RuleSet) Provisions() []Provision {
	b := provisions{seen: map[string]int{}}
	for _, p := range r.Parameters() {
		say := func(name, of string, is any) { b.add(Provision{p.Section, name, of, is, *p.Article, *p.Reading}) }
		switch {
		case p.Number != nil:
			say(p.Field, "", *p.Number)
			continue
		case p.Amount != nil:
			say(p.Field, "", *p.Amount)
			continue
		case p.Rate != nil:
			say(p.Field, "", *p.Rate)
			continue
		case p.Text != nil:
			say(p.Field, "", *p.Text)
			continue
		}
		switch p.Field {
		case "window":
			say(p.Field, "", r.Window.Is)
		case "budget":
			say(p.Field, "", r.Budget.Is)
		case "expected":
			say(p.Field, "", r.Expected.Is)
		case "daily_limits":
			say(p.Field, "", r.DailyLimits.Is)
		case "isee_points":
			for i, band := range r.ISEEPoints.Is {
				say(p.Field, strconv.Itoa(i+1), band)
			}
		case "duration_points":
			for i, band := range r.DurationPoints.Is {
				say(p.Field, strconv.Itoa(i+1), band)
			}
		case "exclusivity_points":
			say(p.Field, "", r.ExclusivityPoints.Is)
		case "declarations":
			for _, d := range r.Declarations.Is {
				b.add(Provision{p.Section, p.Field, d.ID, d, d.Article, *p.Reading})
			}
		case "holidays":
			say("holidays_sundays", "", r.Holidays.Is.Sundays)
			say("holidays_easter_monday", "", r.Holidays.Is.EasterMonday)
			for _, h := range r.Holidays.Is.Fixed {
				say(p.Field, h.Name, h)
			}
		case "rome_patron":
			say(p.Field, "", r.RomePatron.Is)
		}
	}
	for _, is := range r.Readings.List() {
		b.add(Provision{SectionReadings, "readings", is.Name, is, is.Article, is.Why})
	}
	for i, e := range r.Examples {
		b.add(Provision{SectionExamples, "examples", strconv.Itoa(i + 1), e, e.Source, ""})
	}
	return b.all
}

type provisions struct {
	all  []Provision
	seen map[string]int
}

// add keeps equal names apart: the second is "… (2)".
func (b *provisions) add(p Provision) {
	k := p.Name + "\x00" + p.Of
	if b.seen[k]++; b.seen[k] > 1 {
		p.Of += " (" + strconv.Itoa(b.seen[k]) + ")"
	}
	b.all = append(b.all, p)
}
