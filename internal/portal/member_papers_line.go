package portal

import (
	"slices"
	"strconv"
	"time"

	"portal/internal/indemnity"
	"portal/web/ui"
)

// dayLine draws the days of an event with the papers that cover them, and says the same
// as a table (F18). It wants what Explain tells of the days. The days of a cycle that are
// recognised are covered by the paper at its end, which lists them.
func dayLine(f ui.Frame, line []indemnity.DaySpan, papers []indemnity.Paper, rules *indemnity.RuleSet) *ui.DayLineProps {
	l := &ui.DayLineProps{ID: "linea-dei-giorni", Title: f.T("papers.line.title"), Days: indemnity.LineDays(line, papers)}
	names, final := map[indemnity.PaperID]string{}, ""
	for _, p := range indemnity.MedicalPapers(papers) {
		names[p.ID] = kindName(f, p.Kind)
		if p.Kind == indemnity.CycleFinal && p.Attachment != "" {
			final = names[p.ID]
		}
		if p.Covers.Valid() && p.Attachment != "" {
			l.Rows = append(l.Rows, ui.DayRow{Name: names[p.ID], Runs: []ui.DayRun{{Period: p.Covers, Look: ui.DayCovered}}})
		}
	}
	all, count := ui.DayRow{Name: f.T("papers.line.days")}, map[indemnity.Why]int{}
	total := 0
	for _, s := range line {
		all.Runs = append(all.Runs, ui.DayRun{Period: s.Period, Look: dayLook(s.Why)})
		count[s.Why] += s.Days()
		total += s.Days()
		if s.Why == indemnity.WhyCapReached && l.Limit.IsZero() {
			l.Limit = s.From
		}
	}
	all.Label = f.T("papers.line.count", "Count", total)
	l.Rows = append(l.Rows, all)
	for _, s := range indemnity.Cover(line, papers) {
		e := ui.DayEntry{Period: s.Period, Paper: f.T("papers.line.no_paper")}
		var by []string
		for _, id := range s.By {
			if !slices.Contains(by, names[id]) {
				by = append(by, names[id])
			}
		}
		switch {
		case len(by) > 0:
			e.Paper = ui.Both(by)
		case final != "" && dayLook(s.Why) != ui.DayLacking:
			e.Paper = final
		}
		if s.Why == indemnity.WhyPaid {
			e.Paid, e.Reason = s.Days(), f.T("papers.line.paid")
		} else {
			e.Reason, e.Note = f.T("member.why."+string(s.Why)), whyArticle(f, s.Why, rules)
			if s.Of != "" {
				e.Note = f.T("calc.year.other", "Protocol", s.Of)
			}
		}
		l.Entries = append(l.Entries, e)
	}
	paid := count[indemnity.WhyPaid]
	l.Sentence = f.T("papers.line.sentence", "Count", total, "During", ui.During(l.Days), "Paid", paid, "Other", total-paid)
	l.Sum = []string{f.T("papers.line.sum", "Count", total, "Paid", paid)}
	return l
}

// caseLine is that of a case: of one that is paid whole the days are paid, and no longer
// such as may be.
func caseLine(f ui.Frame, line []indemnity.DaySpan, c indemnity.CaseFile) *ui.DayLineProps {
	l := dayLine(f, line, c.Current(), &c.Rules)
	if !c.PaidWhole() {
		return l
	}
	paid, total := 0, 0
	for _, s := range line {
		total += s.Days()
		if s.Why == indemnity.WhyPaid {
			paid += s.Days()
		}
	}
	for i := range l.Entries {
		if l.Entries[i].Paid > 0 {
			l.Entries[i].Reason = f.T("papers.line.done")
		}
	}
	l.Done = true
	l.Sentence = f.T("papers.line.sentence.done", "Count", total, "During", ui.During(l.Days), "Paid", paid, "Other", total-paid)
	l.Sum = []string{f.T("papers.line.sum.done", "Count", total, "Paid", paid)}
	return l
}

// draftLine is that of a draft, with the limits of its years where the register tells
// what it knows of them.
func draftLine(f ui.Frame, x indemnity.Explanation, d indemnity.Draft, k indemnity.Known, rules *indemnity.RuleSet) *ui.DayLineProps {
	line := dayLine(f, x.Line, d.Papers, rules)
	if k.MemberErr == nil {
		line.Years = capYears(f, x.Years, rules)
	}
	return line
}

// capYears is who uses up the days of each year that count against its limit: the
// register, other applications, this one; and how many are left.
func capYears(f ui.Frame, years []indemnity.CapYear, r *indemnity.RuleSet) (all []ui.DayYear) {
	for _, y := range years {
		used := y.Register + y.Elsewhere() + y.Own
		year := ui.DayYear{Name: f.T("calc.year", "Year", y.Year), Caption: f.T("calc.year.caption", "Year", y.Year, "Most", y.Cap), Most: y.Cap,
			Elsewhere: y.Register + y.Elsewhere(), Own: y.Own, Label: f.T("member.estimate.of", "Days", used, "Most", y.Cap),
			Entries: append([]ui.Entry{{Name: f.T("calc.year.register"), Value: strconv.Itoa(y.Register), Note: f.T("calc.source.register")}}, otherDays(f, y)...)}
		year.Entries = append(year.Entries, ui.Entry{Name: f.T("calc.year.own"), Value: strconv.Itoa(y.Own)},
			ui.Entry{Name: f.T("calc.year.left"), Value: strconv.Itoa(y.Left()), Note: r.YearlyCap.Article})
		all = append(all, year)
	}
	return all
}

// otherDays are the days of a year that other applications have, each by its protocol.
func otherDays(f ui.Frame, y indemnity.CapYear) (all []ui.Entry) {
	for _, s := range y.Others {
		e := ui.Entry{Name: f.T("calc.year.another"), Value: strconv.Itoa(s.Days), Note: f.T("calc.year.before", "Month", ui.Month(s.Call.Month().From))}
		if s.Protocol != "" {
			e.Name = f.T("calc.year.other", "Protocol", s.Protocol)
		}
		all = append(all, e)
	}
	return all
}

// withoutNames is what is explained to an heir, who follows one case: which other ones
// there are is not for them.
func withoutNames(x indemnity.Explanation) indemnity.Explanation {
	x.Line, x.Years = slices.Clone(x.Line), slices.Clone(x.Years)
	for i := range x.Line {
		x.Line[i].Of = ""
	}
	for i := range x.Years {
		others := slices.Clone(x.Years[i].Others)
		for n := range others {
			others[n].Protocol = ""
		}
		x.Years[i].Others = others
	}
	return x
}

// dayLook is how the days with a reason look.
func dayLook(w indemnity.Why) ui.DayLook {
	switch w {
	case indemnity.WhyPaid:
		return ui.DayPaid
	case indemnity.WhyFirstDays:
		return ui.DayFirst
	case indemnity.WhyOtherCase, indemnity.WhyInMaternity, indemnity.WhyCapReached, indemnity.WhyPriorYear:
		return ui.DayOther
	}
	return ui.DayLacking
}

// coverageSays is which days the certificates cover, and which are missing.
func coverageSays(f ui.Frame, d indemnity.Draft, rules *indemnity.RuleSet) (says []string) {
	if d.Answers.Cause == indemnity.Cycles {
		return []string{f.T("papers.covers.cycles")}
	}
	if covered := d.Covered(rules); len(covered) > 0 {
		says = append(says, f.T("papers.covers", "Days", ui.DuringAll(covered)))
	}
	if gap := d.Uncovered(rules); len(gap) > 0 {
		says = append(says, f.T("papers.covers.not", "Count", daysOf(gap), "Days", ui.DuringAll(gap)))
	} else if !d.Answers.Period().To.IsZero() {
		says = append(says, f.T("papers.covers.all"))
	}
	return says
}

// gapCost is what days without a paper cost, as far as the registers tell the income.
func gapCost(f ui.Frame, d indemnity.Draft, s indemnity.Standing, k indemnity.Known, x indemnity.Explanation, now time.Time) []string {
	if k.MemberErr != nil || len(d.Uncovered(&s.Call.Rules)) == 0 {
		return nil
	}
	whole, ok := d.ExplainProved(s, k, now)
	if !ok || whole.Entitlement.Gross <= x.Entitlement.Gross {
		return nil
	}
	return []string{f.T("papers.covers.cost", "Now", x.Entitlement.Gross, "Whole", whole.Entitlement.Gross, "Lost", whole.Entitlement.Gross-x.Entitlement.Gross)}
}
