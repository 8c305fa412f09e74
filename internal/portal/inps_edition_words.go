package portal

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/ruleset"
	"portal/web/ui"
)

// sectionNames are the sections as addresses write them.
var sectionNames = map[voucher.Section]string{
	voucher.SectionBands: "fasce", voucher.SectionTerms: "importi", voucher.SectionWindow: "finestra",
	voucher.SectionTranches: "risorse", voucher.SectionClosed: "territori", voucher.SectionOverrides: "proroghe", voucher.SectionReopenings: "riaperture",
	voucher.SectionDeclarations: "dichiarazioni", voucher.SectionHolidays: "festivita", voucher.SectionExamples: "esempi",
}

func sectionTitle(f ui.Frame, s voucher.Section) string {
	return f.T("inps.editions.section." + string(s))
}

// units are the words around the numbers that are more than a number.
var units = map[string]string{
	"validity_days": "ruleset.days", "first_session_days": "ruleset.days", "cancel_days_before": "ruleset.days",
	"confirm_days": "ruleset.days", "isee_cure": "ruleset.days", "reexamination_ask_days": "ruleset.days",
	"invoice_days": "ruleset.days", "correct_days": "ruleset.days", "dispute_days": "ruleset.days",
	"reexamination_decide_days": "ruleset.days", "session_minutes": "inps.editions.minutes",
}

// factName is what a value is called: "Fascia 2", "Durata del codice".
func factName(f ui.Frame, v voucher.Fact) string {
	return f.T("inps.editions.value."+v.Name, "Of", v.Of)
}

// factText is what a value says, as a person reads it.
func factText(f ui.Frame, v voucher.Fact) string {
	switch is := v.Is.(type) {
	case voucher.Band:
		if is.Inclusive {
			return f.T("inps.editions.band.to", "UpTo", is.UpTo, "Amount", is.Amount)
		}
		return f.T("inps.editions.band.below", "UpTo", is.UpTo, "Amount", is.Amount)
	case money.Amount:
		return is.String()
	case int:
		if unit, has := units[v.Name]; has {
			return f.T(unit, "Count", is)
		}
		return f.T("ruleset.number", "Number", is)
	case bool:
		if is {
			return f.T("ruleset.yes")
		}
		return f.T("ruleset.no")
	case time.Time:
		switch {
		case is.IsZero():
			return f.T("ruleset.no_value")
		case v.Name == "window_closes":
			return closingMoment(f, voucher.Window{Closes: is})
		}
		return ui.Moment(is)
	case calendar.Date:
		if is.IsZero() {
			return f.T("inps.editions.cure.window")
		}
		return ui.Day(is)
	case []string:
		if len(is) == 0 {
			return f.T("inps.editions.nobody")
		}
		return strings.Join(is, ", ")
	case voucher.Override:
		return overrideText(f, is)
	case voucher.Reopening:
		return reopeningText(f, is)
	case voucher.Declaration:
		return f.T("ruleset.declaration", "Text", is.Text, "Version", is.Version)
	case calendar.Holiday:
		day := ui.DayAndMonth(is.Day, is.Month)
		if is.From > 0 {
			return f.T("ruleset.holiday.from", "Day", day, "Year", is.From)
		}
		return day
	case voucher.Example:
		return f.T("inps.editions.example", "Case", exampleCase(f, is), "Result", exampleResult(f, is))
	}
	return ""
}

func overrideText(f ui.Frame, o voucher.Override) string {
	var says []string
	for _, d := range []struct {
		key string
		day calendar.Date
	}{{"inps.editions.override.last", o.LastDay}, {"inps.editions.override.confirm", o.ConfirmBy}, {"inps.editions.override.first", o.FirstSessionBy},
		{"inps.editions.override.invoice", o.InvoiceBy}} {
		if !d.day.IsZero() {
			says = append(says, f.T(d.key, "Day", ui.Day(d.day)))
		}
	}
	return strings.Join(says, "; ")
}

// reopeningText is what may be done again, by whom and until when.
func reopeningText(f ui.Frame, o voucher.Reopening) string {
	var acts []string
	for _, a := range o.Acts {
		acts = append(acts, f.T("inps.editions.act."+string(a)))
	}
	for i := 1; i < len(acts); i++ {
		acts[i] = strings.ToLower(acts[i])
	}
	says := []string{strings.Join(acts, ", ")}
	if !o.Opens.IsZero() && !o.Closes.IsZero() {
		says = append(says, f.T("inps.editions.reopening.span", "Opens", ui.Moment(o.Opens), "Closes", closingMoment(f, voucher.Window{Closes: o.Closes})))
	}
	switch {
	case !o.HeldFrom.IsZero() && !o.HeldTo.IsZero():
		says = append(says, f.T("inps.editions.reopening.held", "From", ui.FromDay(o.HeldFrom), "To", ui.ToDay(o.HeldTo)))
	case !o.HeldFrom.IsZero():
		says = append(says, f.T("inps.editions.reopening.held_from", "From", ui.FromDay(o.HeldFrom)))
	case !o.HeldTo.IsZero():
		says = append(says, f.T("inps.editions.reopening.held_to", "To", ui.ToDay(o.HeldTo)))
	}
	if len(o.Territories)+len(o.Provinces) > 0 {
		says = append(says, strings.Join(slices.Concat(o.Territories, o.Provinces), ", "))
	}
	return strings.Join(says, "; ")
}

// exampleCase is what an example starts from.
func exampleCase(f ui.Frame, e voucher.Example) string {
	switch {
	case e.ISEE != nil:
		return f.T("inps.editions.example.isee", "ISEE", *e.ISEE)
	case e.Territory != "":
		return f.T("inps.editions.example.territory", "Day", ui.OnDay(e.AcceptedOn), "Round", e.Round, "Territory", e.Territory)
	}
	return f.T("inps.editions.example.published", "Day", ui.OnDay(e.AcceptedOn), "Round", e.Round)
}

// exampleResult is what an example says must come out.
func exampleResult(f ui.Frame, e voucher.Example) string {
	if e.ISEE != nil {
		return proofAmount(f, e.Amount)
	}
	return proofTerms(f, e.LastDay, e.FirstSessionBy, e.InvoiceBy)
}

func proofAmount(f ui.Frame, a money.Amount) string {
	if a == 0 {
		return f.T("inps.editions.example.none")
	}
	return a.String()
}

// proofTerms are the terms of an example, those that it names.
func proofTerms(f ui.Frame, last, first, invoice calendar.Date) string {
	says := []string{f.T("inps.editions.example.last", "Last", ui.Day(last))}
	if !first.IsZero() {
		says = append(says, f.T("inps.editions.override.first", "Day", ui.Day(first)))
	}
	if !invoice.IsZero() {
		says = append(says, f.T("inps.editions.override.invoice", "Day", ui.Day(invoice)))
	}
	return strings.Join(says, ", ")
}

// proofs are the examples of a version with what its rules make of them.
func proofs(f ui.Frame, rules voucher.Rules) []ruleset.Proof {
	var all []ruleset.Proof
	for _, p := range rules.Prove() {
		line := ruleset.Proof{Case: exampleCase(f, p.Example), Expected: exampleResult(f, p.Example), Source: p.Source,
			State: ui.Tag{Tone: ui.Success, Text: f.T("ruleset.proof.right")}}
		if !p.Right {
			line.State = ui.Tag{Tone: ui.Danger, Text: f.T("ruleset.proof.wrong")}
			if p.ISEE != nil {
				line.Result = f.T("ruleset.proof.gives", "Result", proofAmount(f, p.Amount))
			} else {
				line.Result = f.T("ruleset.proof.gives", "Result", proofTerms(f, p.Terms.LastDay, p.Terms.FirstSessionBy, p.Terms.InvoiceBy))
			}
		}
		all = append(all, line)
	}
	return all
}

// flawNotes are the flaws of a version, as callouts say them: by section.
func flawNotes(f ui.Frame, flaws voucher.RuleFlaws) []string {
	var lines []string
	for _, s := range voucher.Sections {
		var says []string
		for _, flaw := range flaws.Of(s) {
			if text := words(f, flaw.Reason, flaw.Args...); !slices.Contains(says, text) {
				says = append(says, text)
			}
		}
		if len(says) > 0 {
			lines = append(lines, f.T("ruleset.flaws", "Section", sectionTitle(f, s), "Flaws", strings.Join(says, ". ")))
		}
	}
	return lines
}

// changes are the differences between two sets of rules, in words.
func changes(f ui.Frame, before, after voucher.Rules) []ruleset.Change {
	var all []ruleset.Change
	for _, c := range voucher.Diff(before, after) {
		fact := c.Fact()
		line := ruleset.Change{Section: sectionTitle(f, fact.Section), Name: factName(f, fact),
			Before: f.T("ruleset.absent"), After: f.T("ruleset.absent"), Article: fact.Article}
		if c.Before != nil {
			line.Before = factText(f, *c.Before)
		}
		if c.After != nil {
			line.After = factText(f, *c.After)
		}
		if c.Before != nil && c.After != nil && c.Before.Article != "" && c.Before.Article != c.After.Article {
			line.Article = f.T("ruleset.article.changed", "Before", c.Before.Article, "After", cmp.Or(c.After.Article, f.T("ruleset.no_value")))
		}
		all = append(all, line)
	}
	return all
}
