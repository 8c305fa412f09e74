package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// reallocationRun is the reallocation that an address names.
func (p *Portal) reallocationRun(r *http.Request) (voucher.Run, error) {
	run, err := p.rankingRun(r)
	if err == nil && !run.Reallocates {
		err = errNoPage
	}
	return run, err
}

// inpsReallocation is whom a reallocation would give what, by name (I-13).
func (p *Portal) inpsReallocation(w http.ResponseWriter, r *http.Request) error {
	run, err := p.reallocationRun(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	if err := p.rankingLook(r, run, voucher.RankingSeen); err != nil {
		return err
	}
	entering, err := p.Rankings.Entering(r.Context(), run.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("reallocation.name", "Number", run.Round-1), ui.Crumb{Text: f.T("inps.ranking.title"), URL: rankingsPath},
		ui.Crumb{Text: f.T("reallocation.crumb"), URL: reallocationsOf(run.Edition)})
	tag := runTag(f, run.State)
	f.Caption, f.Badge = f.T("inps.ranking.approval.caption", "Edition", string(run.Edition), "Number", run.Number), &tag
	simulation := inps.SimulationPage{Frame: f}
	if err := p.rankingSays(r, &simulation, run); err != nil {
		return err
	}
	page := inps.ReallocationPage{Frame: f, Says: simulation.Says, Action: reallocationPath(run.ID)}
	page.Actions = append(slices.DeleteFunc(runLinks(f, actor(r), run), func(l ui.Link) bool { return l.URL == page.Action }),
		ui.Link{Text: f.T("reallocation.simulation"), URL: simulationPath(run.ID)})
	enteringRows(f, &page, run, entering)
	if err := p.entrantsOf(r, &page, run, entering, q); err != nil {
		return err
	}
	return p.show(w, r, inps.Reallocation(page))
}

// enteringRows fills in what a reallocation does in each territory where it had
// anything to give.
func enteringRows(f ui.Frame, page *inps.ReallocationPage, run voucher.Run, entering map[string]voucher.Entering) {
	var all voucher.Entering
	row := func(name string, t voucher.TerritoryResult, n voucher.Entering) inps.EnteringRow {
		return inps.EnteringRow{Territory: name, Available: (t.Budget - t.KeptAmount).String(), New: grouped(n.New), Completed: grouped(n.Completed),
			Given: t.Given().String(), Left: t.Residual.String()}
	}
	for _, t := range run.Territories {
		n := entering[t.Name]
		all.New, all.Completed = all.New+n.New, all.Completed+n.Completed
		if t.Budget > t.KeptAmount {
			one := row(t.Name, t, n)
			one.URL = page.Action + "?" + url.Values{"territorio": {t.Name}}.Encode() + "#a-chi-vanno"
			page.Territories = append(page.Territories, one)
		}
	}
	page.Total = row(f.T("reallocation.total"), run.Total(), all)
	page.Sum = []ui.Entry{
		{Name: f.T("reallocation.entering"), Value: page.Total.New}, {Name: f.T("reallocation.completed"), Value: page.Total.Completed},
		{Name: f.T("reallocation.given"), Value: page.Total.Given}, {Name: f.T("inps.ranking.about.taken"), Value: ui.Moment(run.Simulated.At)},
		{Name: f.T("inps.ranking.second"), Value: checkTag(f, run).Text},
	}
}

// entrantsOf fills in the names of a territory: the one that was chosen, or the first
// where somebody enters.
func (p *Portal) entrantsOf(r *http.Request, page *inps.ReallocationPage, run voucher.Run, entering map[string]voucher.Entering, q url.Values) error {
	f := page.Frame
	for _, t := range run.Territories {
		if entering[t.Name].Amount > 0 || t.Name == q.Get("territorio") {
			page.Options = append(page.Options, ui.Option{Value: t.Name, Label: t.Name})
			if page.Territory == "" || t.Name == q.Get("territorio") {
				page.Territory = t.Name
			}
		}
	}
	page.Caption = f.T("reallocation.to_whom.caption", "Territory", page.Territory)
	count := entering[page.Territory].New + entering[page.Territory].Completed
	number := placesPage(pageNumber(q), count)
	page.Pages = placesPages(f, number, count, func(n int) string {
		return page.Action + "?" + url.Values{"territorio": {page.Territory}, "p": {strconv.Itoa(n)}}.Encode() + "#a-chi-vanno"
	})
	page.Pages.Label = f.T("reallocation.pages")
	entrants, err := p.Rankings.Entrants(r.Context(), run.ID, page.Territory, number, placesAPage)
	if err != nil {
		return err
	}
	for _, e := range entrants {
		row := inps.EntrantRow{ID: string(e.Application), Rank: grouped(e.Rank), Name: e.Name, Protocol: e.Protocol, URL: officeFilePath(e.Application),
			ISEE: e.ISEE.String(), Before: e.Kept.String(), After: (e.Awarded - e.Kept).String(), Sum: e.Awarded.String()}
		switch {
		case e.Kept > 0:
			row.Tag = ui.Tag{Tone: ui.Success, Text: f.T("reallocation.tag.completed")}
		case e.State() == voucher.PartiallyAwarded:
			row.Tag = ui.Tag{Tone: ui.Action, Text: f.T("reallocation.tag.partial")}
		}
		page.Entrants = append(page.Entrants, row)
	}
	return nil
}

// enteringAll counts whom a run gives more than what they keep.
func (p *Portal) enteringAll(r *http.Request, run voucher.Run) (all voucher.Entering, err error) {
	entering, err := p.Rankings.Entering(r.Context(), run.ID)
	for _, n := range entering {
		all.New, all.Completed, all.Amount = all.New+n.New, all.Completed+n.Completed, all.Amount+n.Amount
	}
	return all, err
}

// reallocationName is "Scorrimento n. 1, pubblicazione n. 2 del 9 marzo 2027", or with
// its simulation before it is published.
func reallocationName(f ui.Frame, run voucher.Run) string {
	if run.Publication > 0 && !run.PublishAt.IsZero() {
		return f.T("reallocation.name.publication", "Number", run.Round-1, "Publication", run.Publication, "Of", ui.OfDay(calendar.On(run.PublishAt)))
	}
	return f.T("reallocation.name.run", "Number", run.Round-1, "Run", run.Number)
}
