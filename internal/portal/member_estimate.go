package portal

import (
	"errors"
	"strconv"

	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/member"
	"portal/web/ui"
)

// memberEstimate is what a draft would come to, nil while nothing is known of its days.
func (p *Portal) memberEstimate(f ui.Frame, d indemnity.Draft, s indemnity.Standing, k indemnity.Known) *member.Estimate {
	preview, known := d.Preview(s, k, p.Now())
	if !known || preview.Duration == 0 {
		return nil
	}
	e := &member.Estimate{Title: f.T("member.estimate.title"), Days: daysFacts(f, preview, s, k),
		Points: pointsFacts(f, preview, d.Answers), Caveat: f.T("member.estimate.caveat")}
	if preview.Supposed {
		e.Notes = append(e.Notes, f.T("member.estimate.supposed"))
	}
	if k.MemberErr == nil {
		e.Amounts = amountFacts(f, preview, s, d.Answers)
	} else {
		e.Notes = append(e.Notes, f.T("member.estimate.no_register"))
	}
	return e
}

// memberDays is the part of an estimate that the page of the days shows (M-05).
func (p *Portal) memberDays(f ui.Frame, d indemnity.Draft, s indemnity.Standing, k indemnity.Known) *member.Estimate {
	e := p.memberEstimate(f, d, s, k)
	if e != nil {
		e.Title, e.Amounts, e.Points = f.T("member.estimate.days"), nil, nil
	}
	return e
}

// daysFacts are the days by what becomes of them, and those of the year that are used up.
func daysFacts(f ui.Frame, x indemnity.Preview, s indemnity.Standing, k indemnity.Known) []ui.Entry {
	rules, total := &s.Call.Rules, 0
	for _, span := range x.Line {
		total += span.Days()
	}
	facts := []ui.Entry{{Name: f.T("member.estimate.total"), Value: strconv.Itoa(total)}}
	lost := func(all ...indemnity.Why) {
		for _, why := range all {
			if days := x.Days(why); days > 0 {
				facts = append(facts, ui.Entry{Name: f.T("member.why." + string(why)), Value: strconv.Itoa(days), Note: whyArticle(f, why, rules)})
			}
		}
	}
	lost(indemnity.WhyNotCertified, indemnity.WhyCopyLacking, indemnity.WhyNotAPrognosis, indemnity.WhyAfterGap, indemnity.WhyPriorYear)
	if x.Duration != total {
		facts = append(facts, ui.Entry{Name: f.T("member.estimate.recognised"), Value: strconv.Itoa(x.Duration)})
	}
	lost(indemnity.WhyOtherCase, indemnity.WhyFirstDays, indemnity.WhyInMaternity, indemnity.WhyCapReached)
	facts = append(facts, ui.Entry{Name: f.T("member.estimate.paid"), Value: strconv.Itoa(x.Days(indemnity.WhyPaid))})
	for _, y := range x.Years {
		if k.MemberErr == nil {
			facts = append(facts, ui.Entry{Name: f.T("member.estimate.used", "Year", y.Year),
				Value: f.T("member.estimate.of", "Days", y.Register, "Most", y.Cap), Note: rules.YearlyCap.Article})
		}
		facts = append(facts, otherDays(f, y)...)
	}
	return facts
}

// whyArticle is where it stands that days are not paid, "" where that is a matter of
// papers.
func whyArticle(f ui.Frame, why indemnity.Why, r *indemnity.RuleSet) string {
	switch why {
	case indemnity.WhyFirstDays:
		return r.ExcludedDays.Article
	case indemnity.WhyInMaternity:
		return r.MaternityBefore.Article
	case indemnity.WhyCapReached:
		return r.YearlyCap.Article
	}
	return f.T("member.why.papers")
}

// amountFacts are the daily amount and what it makes, with what each comes from.
func amountFacts(f ui.Frame, x indemnity.Preview, s indemnity.Standing, a indemnity.Answers) []ui.Entry {
	e, rules := x.Entitlement, &s.Call.Rules
	income := ui.Entry{Name: f.T("member.estimate.income", "Year", e.IncomeYear), Value: e.Income.String(), Note: f.T("member.estimate.income.note")}
	if !e.IncomeKnown {
		income.Value, income.Note = f.T("member.estimate.no_income"), f.T("member.estimate.no_income.note", "Least", rules.DailyLimits.Is.Least)
	}
	daily := ui.Entry{Name: f.T("member.estimate.daily"), Value: e.Daily.String(),
		Note: f.T("member.estimate.daily.note", "Divisor", rules.IncomeDivisor.Is, "Step", wholeEuro(rules.RoundUpTo.Is),
			"Least", wholeEuro(rules.DailyLimits.Is.Least), "Most", wholeEuro(rules.DailyLimits.Is.Most))}
	if x.Duration <= rules.ShortDays.Is {
		daily.Note = f.T("member.estimate.daily.short", "Full", e.FullDaily, "Rate", percentText(rules.ShortRate.Is), "Days", rules.ShortDays.Is)
	}
	facts := []ui.Entry{income, daily}
	if a.Covered == indemnity.Yes {
		facts = append(facts, ui.Entry{Name: f.T("member.estimate.reduction", "Rate", percentText(rules.OtherCoverRate.Is)),
			Value: money.Amount(-e.Reduction).String(), Note: rules.OtherCoverRate.Article})
	}
	return append(facts, ui.Entry{Name: f.T("member.estimate.gross"), Value: e.Gross.String(),
		Note: f.T("member.estimate.gross.note", "Daily", e.Daily, "Days", e.Days)})
}

// pointsFacts are the points by criterion with their sum.
func pointsFacts(f ui.Frame, x indemnity.Preview, a indemnity.Answers) []ui.Entry {
	score := x.Score
	points := func(key string, n int, note string) ui.Entry {
		return ui.Entry{Name: f.T(key), Value: f.T("member.estimate.points", "Count", n), Note: note}
	}
	isee, activity := "", ""
	if a.ISEE != indemnity.Yes {
		isee = f.T("member.estimate.no_isee")
	}
	if a.Exclusive == "" {
		activity = f.T("member.estimate.no_activity")
	}
	return []ui.Entry{
		points("member.estimate.points.isee", score.ISEE, isee), points("member.estimate.points.duration", score.Duration, ""),
		points("member.estimate.points.activity", score.Exclusivity, activity), points("member.estimate.points.total", score.Total(), ""),
	}
}

// percentText is a rate as people read it: "80 %", "12,50 %".
func percentText(r indemnity.Rate) string {
	if r%100 == 0 {
		return strconv.Itoa(int(r/100)) + " %"
	}
	return money.Amount(r).Field() + " %"
}

// regularity says what the registers know that matters to who applies: that they do not
// answer, that somebody is not in order, with what is due and what follows (R11–R16).
// Nothing of it stands in the way.
func regularity(f ui.Frame, k indemnity.Known, r *indemnity.RuleSet, retry string) (notes []member.Note) {
	silent := func(err error, key string) {
		if errors.Is(err, indemnity.ErrMembersSilent) || errors.Is(err, indemnity.ErrContributionsSilent) {
			n := member.Note{Tone: ui.Action, Title: f.T(key), Text: []string{f.T("member.silent")}}
			if retry != "" {
				n.Links = []ui.Link{{Text: f.T("error.retry"), URL: retry}}
			}
			notes = append(notes, n)
		}
	}
	silent(k.MemberErr, "member.silent.members")
	silent(k.PositionErr, "member.silent.position")
	if !k.Owes() {
		return notes
	}
	n := member.Note{Tone: ui.Action}
	var with []string
	for _, year := range k.Position.MissingYears {
		with = append(with, f.T("member.owes.with.income", "Year", year))
		n.Text = append(n.Text, f.T("member.owes.missing", "Year", year))
	}
	if k.Position.Plan > 0 || k.Position.Due() > 0 {
		with = append(with, f.T("member.owes.with.contributions"))
	}
	n.Title = f.T("member.owes.title", "With", ui.Both(with))
	n.Text = append(n.Text, f.T("member.owes.send", "Days", r.CureDays.Is))
	if k.Position.Plan > 0 {
		n.Text = append(n.Text, f.T("member.owes.plan", "Left", k.Position.Plan))
	}
	if due := k.Position.Due(); due > 0 {
		n.Text = append(n.Text, f.T("member.owes.set_off", "Due", due))
		n.Table = debtTable(f, k.Position.Debts)
	}
	return append(notes, n)
}

// debtTable is what is due, by when it was, and how it is paid.
func debtTable(f ui.Frame, debts []indemnity.Debt) *member.NoteTable {
	t := &member.NoteTable{Caption: f.T("member.owes.caption"), Columns: []ui.Column{
		{Text: f.T("member.owes.kind"), Row: true}, {Text: f.T("member.owes.year")}, {Text: f.T("member.owes.due")},
		{Text: f.T("member.owes.amount"), Number: true}, {Text: f.T("member.owes.how")}}}
	for _, d := range debts {
		how := f.T("member.owes.by." + d.PayBy)
		if d.Notice != "" {
			how = f.T("member.owes.notice", "How", how, "Notice", d.Notice)
		}
		t.Rows = append(t.Rows, []string{f.T("member.owes.kind." + d.Kind), strconv.Itoa(d.Year), ui.ShortDay(d.DueOn), d.Amount.String(), how})
	}
	return t
}
