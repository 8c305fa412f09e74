package portal

import (
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// inpsWork is where an officer begins: what waits for them, what is not as it should
// be, and how the edition goes (I-01).
func (p *Portal) inpsWork(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	editions, edition, err := p.deskEditions(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	duties, err := p.Desk.Duties(r.Context(), actor(r), edition.ID, today, p.Now())
	if err != nil {
		return err
	}
	figures, err := p.Desk.Figures(r.Context(), edition.ID, p.Now())
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS", Title: ui.Frame{}.T("inps.desk.work")})
	f.Path = fromArea(f, ui.Crumb{Text: f.Title})
	page := inps.WorkPage{
		Frame: f, Counters: workCounters(f, duties, mayPrepare(r)), Lead: counted(f, "inps.desk.waiting", duties.Approvals()),
		Approvals: workApprovals(f, duties), Anomalies: workAnomalies(f, duties, today),
		Links:   workLinks(f, actor(r)),
		Filters: ui.FiltersProps{Label: f.T("inps.desk.edition"), Action: workPath, Submit: f.T("inps.desk.show")}, Edition: editionChoice(f, editions, edition.ID),
		AsOf:   f.T("inps.desk.as_of", "Moment", ui.Moment(figures.At)),
		Charts: workCharts(f, figures),
	}
	return p.show(w, r, inps.Work(page))
}

func workCounters(f ui.Frame, d voucher.Duties, prepares bool) []inps.Counted {
	count := func(n, most int, key, url string, tone ui.Tone) inps.Counted {
		c := inps.Counted{Number: grouped(n), Text: f.T(key, "Count", n), URL: url, Tone: tone}
		if n == 0 {
			c.Tone = ui.Closed
		}
		if most > 0 && n > most {
			c.Number = f.T("inps.desk.over", "Number", grouped(most))
		}
		return c
	}
	counters := []inps.Counted{
		count(d.Approvals(), 0, "inps.desk.counter.approvals", "#approvazioni", ui.Action),
		count(d.Own, 0, "inps.desk.counter.own", worklistPath+"?assegnata=a-me", ui.Working),
		count(d.Unassigned, voucher.CountedAtMost, "inps.desk.counter.unassigned", worklistPath+"?assegnata=a-nessuno", ui.Working),
		count(d.Soon, 0, "inps.desk.counter.soon", worklistPath+"?stato=da-completare&ordine=scadenza", ui.Action),
	}
	if !prepares {
		return counters
	}
	return append(counters, count(d.Accounts, 0, "money.work.accounts", workPath+"/iban", ui.Action),
		count(d.Invoices, 0, "money.work.invoices", workPath+"/fatture", ui.Action),
		count(d.Reports, 0, "money.work.reports", workPath+"/segnalazioni", ui.Action))
}

// workApprovals are the acts that wait for the reader: never those they began.
func workApprovals(f ui.Frame, d voucher.Duties) []inps.WorkApproval {
	var all []inps.WorkApproval
	add := func(waiting []voucher.Waiting, key string, url func(voucher.Waiting) string) {
		for _, w := range waiting {
			all = append(all, inps.WorkApproval{What: f.T("inps.desk.approval."+key, "Of", w.Of, "Number", w.ID), By: w.By, Since: w.Since,
				URL: url(w), Do: f.T("inps.desk.approval." + key + ".do")})
		}
	}
	add(d.Versions, "version", func(w voucher.Waiting) string { return editionPath(voucher.EditionID(w.Of)) + "/approva" })
	add(d.Rankings, "ranking", func(w voucher.Waiting) string { return workPath + "/simulazioni/" + w.ID + "/approva" })
	add(d.Publications, "publication", func(w voucher.Waiting) string { return workPath + "/simulazioni/" + w.ID + "/pubblica" })
	add(d.Reexaminations, "reexamination", func(w voucher.Waiting) string { return workPath + "/riesami/" + w.ID })
	add(d.Refusals, "refusal", func(w voucher.Waiting) string { return worklistPath + "/" + w.ID + "/rifiuto/decisione" })
	add(d.Deliveries, "delivery", func(w voucher.Waiting) string { return workPath + "/professionisti/invii/" + w.ID })
	add(d.Closures, "closure", func(w voucher.Waiting) string { return workPath + "/sedute/chiusura/" + w.ID })
	add(d.Lapses, "lapse", func(w voucher.Waiting) string { return workPath + "/decadenze/" + w.ID })
	add(d.Cases, "case", func(w voucher.Waiting) string { return codePath(voucher.ID(w.ID)) })
	add(d.Disputes, "dispute", func(w voucher.Waiting) string { return workPath + "/segnalazioni/" + w.ID })
	add(d.Runs, "run", func(w voucher.Waiting) string { return workPath + "/pagamenti/" + w.ID })
	add(d.Payments, "payment", func(w voucher.Waiting) string { return workPath + "/pagamenti/" + w.ID })
	slices.SortStableFunc(all, func(a, b inps.WorkApproval) int { return a.Since.Compare(b.Since) })
	return all
}

// workAnomalies is what is not as it should be.
func workAnomalies(f ui.Frame, d voucher.Duties, today calendar.Date) []ui.Link {
	var all []ui.Link
	add := func(n int, key, url string) {
		if n > 0 {
			all = append(all, ui.Link{Text: f.T("inps.desk.anomaly."+key, "Count", n), URL: url})
		}
	}
	add(d.Overdue, "overdue", worklistPath+"?stato=da-completare&ordine=scadenza")
	add(d.LateReports, "reports", workPath+"/segnalazioni")
	add(d.StuckRankings, "publishing", workPath+"/graduatorie")
	add(d.DisputedRankings, "disputed", workPath+"/graduatorie")
	add(d.StuckImports, "imports", workPath+"/importazioni")
	add(d.BlockedCodes, "blocked", codesPath)
	if !d.ListDue.IsZero() && today.After(d.ListDue) {
		all = append(all, ui.Link{Text: f.T("inps.desk.anomaly.list", "Day", ui.OnDay(d.ListDue)), URL: workPath + "/professionisti"})
	}
	return all
}

// workLinks lead to what is not in the menu, as far as the reader's duties go.
func workLinks(f ui.Frame, who identity.Actor) []inps.WorkLinks {
	general := inps.WorkLinks{Title: f.T("money.work.general"), Links: []ui.Link{{Text: f.T("inps.editions.title"), URL: editionsPath},
		{Text: f.T("menu.inps.professionals"), URL: workPath + "/professionisti"}, {Text: f.T("inps.import.list"), URL: workPath + "/importazioni"},
		{Text: f.T("money.path.title"), URL: moneyPath}}}
	if !who.Has(identity.Prepare) && !who.Has(identity.Approve) {
		return []inps.WorkLinks{general}
	}
	people := inps.WorkLinks{Title: f.T("money.work.people"), Links: []ui.Link{{Text: f.T("inps.codes.title"), URL: codesPath},
		{Text: f.T("review.office.title"), URL: reviewsPath}, {Text: f.T("inps.desk.mandates"), URL: workPath + "/deleghe"},
		{Text: f.T("money.work.reallocations"), URL: workPath + "/scorrimenti"}, {Text: f.T("money.work.lapses"), URL: workPath + "/decadenze"}}}
	if who.Has(identity.Prepare) {
		people.Links = append([]ui.Link{{Text: f.T("inps.counter.title"), URL: counterPath}}, people.Links...)
	}
	sessions := inps.WorkLinks{Title: f.T("money.work.sessions"), Links: []ui.Link{{Text: f.T("money.work.bills"), URL: workPath + "/fatture"},
		{Text: f.T("money.work.disputes"), URL: workPath + "/segnalazioni"}, {Text: f.T("money.work.closures"), URL: workPath + "/sedute/chiusura"},
		{Text: f.T("money.work.iban"), URL: workPath + "/iban"}}}
	return []inps.WorkLinks{people, sessions, general}
}

// workCharts are the pictures of an edition, each with its table.
func workCharts(f ui.Frame, n voucher.Figures) []inps.WorkChart {
	if n.Applications == 0 {
		return []inps.WorkChart{{Heading: f.T("inps.desk.chart.funnel"), Empty: f.T("inps.desk.chart.none")}}
	}
	charts := []inps.WorkChart{funnelChart(f, n), daysChart(f, n), territoriesChart(f, n)}
	if money, ok := moneyChart(f, n); ok {
		charts = append(charts, money)
	}
	return charts
}

// funnelChart is PIC-8: how many are left at each step.
func funnelChart(f ui.Frame, n voucher.Figures) inps.WorkChart {
	steps := []struct {
		key   string
		count int
	}{{"applications", n.Applications}, {"awarded", n.Awarded}, {"used", n.UsedCodes}, {"held", n.Held}}
	c := inps.WorkChart{Heading: f.T("inps.desk.chart.funnel"), Caption: f.T("inps.desk.chart.funnel"),
		Names: []ui.Column{{Text: f.T("inps.desk.chart.step"), Row: true}, {Text: f.T("inps.desk.chart.count"), Number: true}},
		Bars: &ui.BarsProps{ID: "imbuto", Title: f.T("inps.desk.chart.funnel"), Series: []string{f.T("inps.desk.chart.count")},
			Sentence: f.T("inps.desk.chart.funnel_says", "Applications", grouped(n.Applications), "Awarded", grouped(n.Awarded), "Used", grouped(n.UsedCodes), "Held", grouped(n.Held))}}
	for _, s := range steps {
		name := f.T("inps.desk.chart.step." + s.key)
		c.Bars.Rows = append(c.Bars.Rows, ui.Bar{Name: name, Label: grouped(s.count), Parts: []int64{int64(s.count)}})
		c.Rows = append(c.Rows, []string{name, grouped(s.count)})
	}
	return c
}

// daysShown is how many days the picture of the applications has at the most: the
// last ones, and the table has them all.
const daysShown = 92

func daysChart(f ui.Frame, n voucher.Figures) inps.WorkChart {
	c := inps.WorkChart{Heading: f.T("inps.desk.chart.days"), Caption: f.T("inps.desk.chart.days"),
		Names:   []ui.Column{{Text: f.T("inps.desk.chart.day"), Row: true}, {Text: f.T("inps.desk.chart.step.applications"), Number: true}},
		Columns: &ui.ColumnsProps{ID: "per-giorno", Title: f.T("inps.desk.chart.days")}}
	most := n.ByDay[0]
	byDay := map[calendar.Date]int{}
	for _, d := range n.ByDay {
		if d.Applications > most.Applications {
			most = d
		}
		byDay[d.Day] = d.Applications
		c.Rows = append(c.Rows, []string{ui.ShortDay(d.Day), grouped(d.Applications)})
	}
	last := n.ByDay[len(n.ByDay)-1].Day
	first := n.ByDay[0].Day
	if first.Until(last) >= daysShown {
		first = last.Add(1 - daysShown)
	}
	for day := first; !day.After(last); day = day.Add(1) {
		s := ui.Stick{Name: ui.ShortDay(day)[:5], Value: int64(byDay[day])}
		if day == most.Day {
			s.Label = grouped(most.Applications)
		}
		c.Columns.Sticks = append(c.Columns.Sticks, s)
	}
	c.Columns.Sentence = f.T("inps.desk.chart.days_says", "From", ui.OnDay(n.ByDay[0].Day), "To", ui.OnDay(last), "Most", grouped(most.Applications), "Day", ui.OnDay(most.Day))
	return c
}

func territoriesChart(f ui.Frame, n voucher.Figures) inps.WorkChart {
	c := inps.WorkChart{Heading: f.T("inps.desk.chart.territories"), Caption: f.T("inps.desk.chart.territories"),
		Names: []ui.Column{{Text: f.T("inps.desk.col.territory"), Row: true}, {Text: f.T("inps.desk.chart.step.applications"), Number: true},
			{Text: f.T("inps.desk.chart.step.awarded"), Number: true}},
		Bars: &ui.BarsProps{ID: "per-territorio", Title: f.T("inps.desk.chart.territories"),
			Series:   []string{f.T("inps.desk.chart.step.awarded"), f.T("inps.desk.chart.others")},
			Sentence: f.T("inps.desk.chart.territories_says", "Count", len(n.ByTerritory), "Number", grouped(n.Applications))}}
	for _, t := range n.ByTerritory {
		name := typeset(t.Territory)
		c.Bars.Rows = append(c.Bars.Rows, ui.Bar{Name: name, Label: grouped(t.Applications), Parts: []int64{int64(t.Awarded), int64(t.Applications - t.Awarded)}})
		c.Rows = append(c.Rows, []string{name, grouped(t.Applications), grouped(t.Awarded)})
	}
	return c
}

// moneyChart is the money of each territory against its budget, and where it ended;
// false before a ranking is published.
func moneyChart(f ui.Frame, n voucher.Figures) (inps.WorkChart, bool) {
	c := inps.WorkChart{Heading: f.T("inps.desk.chart.money"), Caption: f.T("inps.desk.chart.money"),
		Names: []ui.Column{{Text: f.T("inps.desk.col.territory"), Row: true}, {Text: f.T("inps.desk.chart.budget"), Number: true},
			{Text: f.T("inps.desk.chart.spent"), Number: true}, {Text: f.T("inps.desk.chart.left"), Number: true},
			{Text: f.T("inps.desk.chart.last_rank"), Number: true}, {Text: f.T("inps.desk.chart.last_isee"), Number: true}},
		Bars: &ui.BarsProps{ID: "risorse", Title: f.T("inps.desk.chart.money"), Series: []string{f.T("inps.desk.chart.spent"), f.T("inps.desk.chart.left")},
			Sentence: f.T("inps.desk.chart.money_says")}}
	for _, t := range n.ByTerritory {
		if t.Budget == 0 && t.LastRank == 0 {
			continue
		}
		name := typeset(t.Territory)
		c.Bars.Rows = append(c.Bars.Rows, ui.Bar{Name: name, Label: f.T("inps.desk.chart.cut", "Rank", grouped(t.LastRank), "ISEE", t.LastISEE),
			Parts: []int64{int64(t.Spent), int64(t.Budget - t.Spent)}})
		c.Rows = append(c.Rows, []string{name, t.Budget.String(), t.Spent.String(), (t.Budget - t.Spent).String(), grouped(t.LastRank), t.LastISEE.String()})
	}
	return c, len(c.Rows) > 0
}
