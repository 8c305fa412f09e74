package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	reallocationsPath = "/gestione/inps/scorrimenti"
	residualDays      = 30
)

func reallocationPath(id voucher.RunID) string { return reallocationsPath + "/" + string(id) }

func reallocationsOf(id voucher.EditionID) string {
	return reallocationsPath + "?" + url.Values{"annualita": {string(id)}}.Encode()
}

// rankedEdition is the edition that a page about reallocations shows, among those of
// which a ranking is published: the one that is named, or else the newest; with its runs.
func (p *Portal) rankedEdition(r *http.Request, named string) (all []voucher.Edition, chosen voucher.Edition, runs []voucher.Run, err error) {
	editions, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return nil, chosen, nil, err
	}
	published, err := p.Rankings.Publications(r.Context())
	if err != nil {
		return nil, chosen, nil, err
	}
	for _, e := range byYear(editions) {
		if slices.ContainsFunc(published, func(x voucher.Publication) bool { return x.Edition == e.ID }) {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		return nil, chosen, nil, nil
	}
	chosen = all[max(slices.IndexFunc(all, func(e voucher.Edition) bool { return string(e.ID) == named }), 0)]
	runs, err = p.Rankings.Runs(r.Context(), chosen.ID)
	return all, chosen, runs, err
}

// mayReallocate asks whether somebody may simulate one more reallocation of an edition
// with these runs.
func mayReallocate(who identity.Actor, e voucher.Edition, runs []voucher.Run) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	at := slices.IndexFunc(runs, func(r voucher.Run) bool { return r.State == voucher.PublishedRun })
	switch {
	case at < 0:
		return voucher.ErrNoRanking
	case slices.ContainsFunc(runs, func(r voucher.Run) bool {
		return slices.Contains([]voucher.RunState{voucher.ProposedRun, voucher.ApprovedRun, voucher.PublishingRun}, r.State)
	}):
		return voucher.ErrAnotherRun
	}
	return e.Rules.MayReallocate(runs[at])
}

// inpsReallocations is what may be given again, and what was (I-13).
func (p *Portal) inpsReallocations(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	editions, e, runs, err := p.rankedEdition(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("reallocation.title"), ui.Crumb{Text: f.T("inps.ranking.title"), URL: rankingsPath})
	if len(editions) == 0 {
		return p.show(w, r, inps.Reallocations(inps.ReallocationsPage{Frame: f, None: f.T("reallocation.none")}))
	}
	f.Caption = f.T("reallocation.caption", "Edition", string(e.ID))
	page := inps.ReallocationsPage{Frame: f, Edition: editionChoice(f, editions, e.ID),
		Filters: ui.FiltersProps{Label: f.T("reallocation.edition"), Action: reallocationsPath, Submit: f.T("reallocation.show")}}
	switch why := mayReallocate(actor(r), e, runs); {
	case actor(r).Must(identity.INPS, identity.Prepare) != nil:
		page.Note = f.T("reallocation.others")
	case why != nil:
		page.Note = rankingReason(f, why)
	default:
		page.StartURL = reallocationsPath + "/nuovo?" + url.Values{"annualita": {string(e.ID)}}.Encode()
		if most := e.Rules.Reallocations; most.Is > 0 {
			page.Note = f.T("reallocation.limit", "Count", most.Is, "Article", most.Article)
		}
	}
	if page.ToClose, err = p.toClose(r, f, e.ID); err != nil {
		return err
	}
	residuals, err := p.Residuals.Residuals(r.Context(), e)
	if err != nil {
		return err
	}
	sourcesOf(f, &page, e, residuals)
	page.Runs = reallocationRuns(f, e.ID, runs)
	if page.Days, err = p.residualDays(r, f, e.ID, residuals, q.Get("territorio")); err != nil {
		return err
	}
	return p.show(w, r, inps.Reallocations(page))
}

// toClose warns of what has to be closed first, nil where there is nothing.
func (p *Portal) toClose(r *http.Request, f ui.Frame, id voucher.EditionID) (*inps.ReallocationWarning, error) {
	due, err := p.Residuals.Overdue(r.Context(), id)
	if err != nil || due.Sessions == 0 {
		return nil, err
	}
	return &inps.ReallocationWarning{
		Title: f.T("reallocation.to_close", "Count", due.Sessions, "Number", grouped(due.Sessions), "Amount", due.Amount),
		Text:  f.T("reallocation.to_close.text"),
		Link:  ui.Link{Text: f.T("reallocation.to_close.link"), URL: withQuery(annulmentsPath, url.Values{"annualita": {string(id)}})},
	}, nil
}

// sourcesOf fills in where the money of each territory comes from, and what holds it,
// without those that have nothing to give again and never had.
func sourcesOf(f ui.Frame, page *inps.ReallocationsPage, e voucher.Edition, all []voucher.Residual) {
	page.Caption = f.T("reallocation.sources.caption", "Edition", string(e.ID))
	page.Chart = ui.BarsProps{ID: "da-riassegnare", Title: f.T("reallocation.chart", "Edition", string(e.ID)),
		Series: []string{f.T("reallocation.chart.available"), f.T("reallocation.chart.held")}}
	var available, held money.Amount
	sums := make([]money.Amount, len(sourceAmounts(voucher.Residual{})))
	for _, x := range all {
		if x.Left() == 0 && x.Returned.Sum() == 0 {
			continue
		}
		row := inps.SourceRow{Territory: x.Territory}
		for i, amount := range sourceAmounts(x) {
			sums[i] += amount
			row.Amounts = append(row.Amounts, amount.String())
		}
		page.Rows = append(page.Rows, row)
		here, waits := x.Available(), x.Left()-x.Available()
		available, held = available+here, held+waits
		page.Chart.Rows = append(page.Chart.Rows, ui.Bar{Name: x.Territory, Label: f.T("reallocation.chart.bar", "Amount", here), Parts: []int64{int64(here), int64(waits)}})
	}
	page.Holds = holdsOf(f, all)
	if rest := len(all) - len(page.Rows); rest > 0 {
		page.Rest = f.T("reallocation.rest", "Count", rest, "Number", grouped(rest))
	}
	page.Total.Territory = f.T("reallocation.total")
	for _, sum := range sums {
		page.Total.Amounts = append(page.Total.Amounts, sum.String())
	}
	page.Chart.Sentence = f.T("reallocation.chart.sentence", "Available", available, "Held", held)
}

// holdsOf says where nothing is given again, and where less than is left.
func holdsOf(f ui.Frame, all []voucher.Residual) (holds []string) {
	var parts []string
	names := map[voucher.Hold][]string{}
	for _, x := range all {
		switch h := x.Hold(); h {
		case voucher.NotTransferred, voucher.PartlyTransferred:
			names[h] = append(names[h], x.Territory)
		case voucher.LessTransferred:
			parts = append(parts, f.T("reallocation.hold.less_transferred", "Territory", x.Territory, "Missing", x.Left()-x.Available()))
		}
	}
	for _, h := range []voucher.Hold{voucher.NotTransferred, voucher.PartlyTransferred} {
		if len(names[h]) > 0 {
			holds = append(holds, f.T("reallocation.hold."+string(h), "Territory", strings.Join(names[h], ", ")))
		}
	}
	return append(holds, parts...)
}

// sourceAmounts are the amounts of a territory, in the order of the table.
func sourceAmounts(x voucher.Residual) []money.Amount {
	return []money.Amount{x.Returned.Expired, x.Returned.Lapsed, x.Returned.Renounced, x.Returned.Annulled, x.New(), x.Again(), x.SetAside,
		max(x.Budget-x.Transferred, 0), x.Available()}
}

func reallocationRuns(f ui.Frame, id voucher.EditionID, runs []voucher.Run) inps.ReallocationRuns {
	list := inps.ReallocationRuns{Caption: f.T("reallocation.list.caption", "Edition", string(id))}
	for _, run := range runs {
		if run.Reallocates {
			list.Rows = append(list.Rows, inps.ReallocationRow{ID: string(run.ID), Name: runName(f, run), URL: reallocationPath(run.ID), State: runTag(f, run.State),
				Made: f.T("inps.ranking.made.by", "At", ui.ShortMoment(run.Simulated.At), "Name", run.Simulated.Name), Amount: run.Total().Given().String()})
		}
	}
	return list
}

// residualDays are the last days of the territory that was chosen.
func (p *Portal) residualDays(r *http.Request, f ui.Frame, id voucher.EditionID, all []voucher.Residual, chosen string) (inps.ResidualDays, error) {
	page := inps.ResidualDays{Edition: string(id),
		Filters: ui.FiltersProps{Label: f.T("reallocation.series.territory"), Action: reallocationsPath + "#giorni", Submit: f.T("reallocation.show")}}
	if len(all) == 0 {
		return page, nil
	}
	at := max(slices.IndexFunc(all, func(x voucher.Residual) bool { return x.Territory == chosen }), 0)
	page.Territory = ui.ChoiceProps{Name: "territorio", Legend: f.T("reallocation.territory"), Chosen: []string{all[at].Territory}, Filter: true}
	for _, x := range all {
		page.Territory.Options = append(page.Territory.Options, ui.Option{Value: x.Territory, Label: x.Territory})
	}
	page.Caption = f.T("reallocation.series.caption", "Territory", all[at].Territory)
	days, err := p.Residuals.Series(r.Context(), id, all[at].Territory, residualDays)
	if err != nil {
		return page, err
	}
	for _, d := range days {
		row := inps.ResidualRow{Day: ui.ShortDay(d.Day)}
		for _, amount := range []money.Amount{d.Transferred, d.Promised, d.Used, d.Paid, d.SetAside, d.Available} {
			row.Amounts = append(row.Amounts, amount.String())
		}
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// inpsReallocateAsk asks whether to simulate a reallocation.
func (p *Portal) inpsReallocateAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.askReallocation(w, r, q.Get("annualita"), nil)
}

// askReallocation is the question, or why there is none to ask.
func (p *Portal) askReallocation(w http.ResponseWriter, r *http.Request, named string, why error) error {
	editions, e, runs, err := p.rankedEdition(r, named)
	if err != nil {
		return err
	}
	if why == nil {
		if why = mayReallocate(actor(r), e, runs); len(editions) == 0 {
			why = voucher.ErrNoRanking
		}
	}
	var f ui.Frame
	path := []ui.Crumb{{Text: f.T("inps.ranking.title"), URL: rankingsPath}, {Text: f.T("reallocation.crumb"), URL: reallocationsOf(e.ID)}}
	back := ui.Link{Text: f.T("reallocation.new.back"), URL: reallocationsOf(e.ID)}
	if why != nil {
		if !rankingRefusal(why) {
			return why
		}
		f = p.inpsFrame(r, f.T("reallocation.new.not"), path...)
		return p.showAs(w, r, http.StatusConflict, inps.SimulationAsk(inps.SimulationAskPage{Frame: f, Why: rankingReason(f, why), See: back}))
	}
	residuals, err := p.Residuals.Residuals(r.Context(), e)
	if err != nil {
		return err
	}
	var available money.Amount
	territories := 0
	for _, x := range residuals {
		if a := x.Available(); a > 0 {
			available, territories = available+a, territories+1
		}
	}
	standing := runs[slices.IndexFunc(runs, func(r voucher.Run) bool { return r.State == voucher.PublishedRun })]
	f = p.inpsFrame(r, f.T("reallocation.new.title", "Number", standing.Round, "Edition", string(e.ID)), path...)
	page := inps.SimulationAskPage{Frame: f}
	page.Asks = ui.ConfirmProps{
		Consequences: []string{
			f.T("reallocation.new.text", "Available", available, "Territories", f.T("reallocation.new.territories", "Count", territories)),
			f.T("reallocation.new.next")},
		Form:    ui.FormProps{Action: reallocationsPath + "/nuovo?" + url.Values{"annualita": {string(e.ID)}}.Encode(), Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("reallocation.new.submit"), Cancel: &back},
	}
	return p.show(w, r, inps.SimulationAsk(page))
}

// inpsReallocate simulates a reallocation, and has the second ranker check it.
func (p *Portal) inpsReallocate(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	edition := q.Get("annualita")
	sent, err := sending(r, "ranking.reallocate", url.Values{"idem": fields["idem"], "annualita": {edition}})
	if err != nil {
		return err
	}
	id, err := p.Rankings.Simulate(r.Context(), actor(r), sent, voucher.Simulation{Edition: voucher.EditionID(edition), Reallocates: true})
	if rankingRefusal(err) {
		return p.askReallocation(w, r, edition, err)
	}
	if err != nil {
		return err
	}
	run, err := p.checked(r, id)
	if err != nil {
		return err
	}
	all, err := p.enteringAll(r, run)
	if err != nil {
		return err
	}
	n := all.New + all.Completed
	var f ui.Frame
	return p.done(w, r, reallocationPath(id), f.T("reallocation.done"), f.T("reallocation.done.text", "Count", n, "Number", grouped(n)))
}
