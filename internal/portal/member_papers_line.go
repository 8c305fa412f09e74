package portal

import (
	"slices"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// dayLine draws the days of an event with the papers that cover them, and says the same
// as a table (F18). It wants what Explain tells of the days.
func dayLine(f ui.Frame, line []indemnity.DaySpan, papers []indemnity.Paper, rules *indemnity.RuleSet) *ui.DayLineProps {
	l := &ui.DayLineProps{ID: "linea-dei-giorni", Title: f.T("papers.line.title"), Days: indemnity.LineDays(line, papers)}
	names := map[indemnity.PaperID]string{}
	for _, p := range indemnity.MedicalPapers(papers) {
		names[p.ID] = kindName(f, p.Kind)
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
		if len(by) > 0 {
			e.Paper = ui.Both(by)
		}
		if s.Why == indemnity.WhyPaid {
			e.Paid, e.Reason = s.Days(), f.T("papers.line.paid")
		} else {
			e.Reason, e.Note = f.T("member.why."+string(s.Why)), whyArticle(f, s.Why, rules)
		}
		l.Entries = append(l.Entries, e)
	}
	paid := count[indemnity.WhyPaid]
	l.Sentence = f.T("papers.line.sentence", "Count", total, "During", ui.During(l.Days), "Paid", paid, "Other", total-paid)
	l.Sum = []string{f.T("papers.line.sum", "Count", total, "Paid", paid)}
	return l
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
func gapCost(f ui.Frame, d indemnity.Draft, s indemnity.Standing, k indemnity.Known, x indemnity.Explanation, today calendar.Date) []string {
	if k.MemberErr != nil || len(d.Uncovered(&s.Call.Rules)) == 0 {
		return nil
	}
	whole, ok := indemnity.Explain(&s.Call, today, d.Proven(k.Registers))
	if !ok || whole.Entitlement.Gross <= x.Entitlement.Gross {
		return nil
	}
	return []string{f.T("papers.covers.cost", "Now", x.Entitlement.Gross, "Whole", whole.Entitlement.Gross, "Lost", whole.Entitlement.Gross-x.Entitlement.Gross)}
}
