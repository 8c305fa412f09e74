package portal

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// Places on a page, and on each side of the last one with money.
const (
	placesAPage   = 100
	placesBeside  = 10
	pointsOfALine = 100
)

// The views of a simulation, in its address.
const (
	viewCut = "taglio"
	viewAll = "tutte"
	viewOut = "senza"
)

// rankingRun is the run that an address names.
func (p *Portal) rankingRun(r *http.Request) (voucher.Run, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Run{}, err
	}
	return p.Rankings.Run(r.Context(), voucher.RunID(id))
}

// rankingFrame is the frame of a page about a run.
func (p *Portal) rankingFrame(r *http.Request, run voucher.Run, title string) ui.Frame {
	var f ui.Frame
	path := rankingCrumbs(f, run)
	if path[len(path)-1].Text == title {
		path = path[:len(path)-1]
	}
	f = p.inpsFrame(r, title, path...)
	f.Caption = f.T("inps.ranking.simulation.caption", "Edition", string(run.Edition))
	tag := runTag(f, run.State)
	f.Badge = &tag
	return f
}

// rankingCrumbs is the path to a run.
func rankingCrumbs(f ui.Frame, run voucher.Run) []ui.Crumb {
	return []ui.Crumb{{Text: f.T("inps.ranking.title"), URL: rankingsPath},
		{Text: f.T("inps.ranking.of", "Edition", string(run.Edition)), URL: rankingPath(run.Edition)},
		{Text: simulationTitle(f, run), URL: simulationPath(run.ID)}}
}

// simulationTitle is "Simulazione 3", also when it is published.
func simulationTitle(f ui.Frame, run voucher.Run) string {
	if run.Reallocates {
		return f.T("reallocation.name.run", "Number", run.Round-1, "Run", run.Number)
	}
	return f.T("inps.ranking.simulation", "Number", run.Number)
}

// rankingLook writes that places of people in a run were looked at.
func (p *Portal) rankingLook(r *http.Request, run voucher.Run, what audit.Action) error {
	return p.Rankings.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: what, Subject: string(run.ID)})
}

// inpsSimulation is a run with the places of one territory (I-09).
func (p *Portal) inpsSimulation(w http.ResponseWriter, r *http.Request) error {
	run, err := p.rankingRun(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	e, err := p.Rankings.Released(r.Context(), run.Edition, run.Version)
	if err != nil {
		return err
	}
	if err := p.rankingLook(r, run, voucher.RankingSeen); err != nil {
		return err
	}
	var f ui.Frame
	f = p.rankingFrame(r, run, simulationTitle(f, run))
	page := inps.SimulationPage{Frame: f, Action: simulationPath(run.ID), About: aboutRun(f, e, run), Proof: proofOf(f, run.Digests),
		Actions: runLinks(f, actor(r), run)}
	if err := p.rankingSays(r, &page, run); err != nil {
		return err
	}
	if err := p.rankingTerritory(r, &page, run, q); err != nil {
		return err
	}
	if err := p.rankingComparison(r, &page, run, voucher.RunID(q.Get("confronto"))); err != nil {
		return err
	}
	return p.show(w, r, inps.Simulation(page))
}

// rankingSays tells what stands in the way of a run, and who took it how far.
func (p *Portal) rankingSays(r *http.Request, page *inps.SimulationPage, run voucher.Run) error {
	f := page.Frame
	say := func(tone ui.Tone, title, text string) {
		page.Says = append(page.Says, inps.Remark{Tone: tone, Title: title, Text: text})
	}
	switch run.State {
	case voucher.SimulatedRun:
		at, err := p.Rankings.Readiness(r.Context(), run, calendar.On(p.Now()))
		if err != nil {
			return err
		}
		if at.GivenUp > 0 {
			say(ui.Working, "", f.T("inps.ranking.given_up", "Count", at.GivenUp))
		}
		if err := run.Ready(at, p.Now()); err != nil {
			say(ui.Action, f.T("inps.ranking.obstacle.title"), rankingReason(f, err))
		}
		if run.CheckedAt.IsZero() && actor(r).Must(identity.INPS, identity.Prepare) == nil {
			page.Check = &ui.FormProps{Action: simulationPath(run.ID), Key: once.NewKey()}
		}
	case voucher.ReturnedRun:
		say(ui.Danger, f.T("inps.ranking.returned.title"),
			f.T("inps.ranking.returned.text", "Name", run.Decided.Name, "On", ui.OnMoment(run.Decided.At), "Note", run.Note))
	case voucher.ProposedRun:
		say(ui.Working, "", f.T("inps.ranking.proposed.text", "Name", run.Proposed.Name, "On", ui.OnMoment(run.Proposed.At)))
	case voucher.ApprovedRun:
		say(ui.Working, "", f.T("inps.ranking.approved.text", "Name", run.Decided.Name, "On", ui.OnMoment(run.Decided.At)))
	case voucher.SupersededRun:
		say(ui.Closed, "", f.T("inps.ranking.superseded.text"))
	}
	if run.Disagreements > 0 {
		doubts, err := p.Rankings.Doubts(r.Context(), run.ID)
		if err != nil {
			return err
		}
		for _, d := range doubts {
			row := inps.DoubtRow{Protocol: d.Protocol, Territory: d.Territory, First: outcomeText(f, d.First), Second: outcomeText(f, d.Second)}
			if d.Protocol == "" {
				row.Protocol, row.First, row.Second = f.T("inps.ranking.doubt.sums"), "", ""
			}
			page.Doubts = append(page.Doubts, row)
		}
	}
	return nil
}

// outcomeText is "Posizione 12, 600,00 €", or why there is none.
func outcomeText(f ui.Frame, o voucher.Outcome) string {
	switch {
	case o.Rank > 0:
		return f.T("inps.ranking.outcome.place", "Rank", ui.Number(o.Rank), "Awarded", o.Awarded)
	case o.Ground != "":
		return f.T("inps.ranking.ground." + string(o.Ground))
	}
	return f.T("inps.ranking.outcome.none")
}

// aboutRun is what a run was made from.
func aboutRun(f ui.Frame, e voucher.Edition, run voucher.Run) []ui.Entry {
	var bands []string
	for _, b := range e.Rules.Bands.Is {
		key := "inps.ranking.about.band.below"
		if b.Inclusive {
			key = "inps.ranking.about.band"
		}
		bands = append(bands, f.T(key, "UpTo", b.UpTo, "Amount", b.Amount))
	}
	sum := run.Total()
	second := f.T("inps.ranking.about.second.none")
	switch {
	case run.Disagreements > 0:
		second = f.T("inps.ranking.about.second.differs", "On", ui.OnMoment(run.CheckedAt))
	case !run.CheckedAt.IsZero():
		second = f.T("inps.ranking.about.second.text", "On", ui.OnMoment(run.CheckedAt))
	}
	about := []ui.Entry{
		{Name: f.T("inps.ranking.about.rules"), Value: f.T("inps.ranking.about.rules.text", "Edition", string(e.ID), "Version", run.Version)},
		{Name: f.T("inps.ranking.about.bands"), Value: strings.Join(bands, "; "), Note: e.Rules.Bands.Article},
		{Name: f.T("inps.ranking.about.taken"), Value: f.T("inps.ranking.made.by", "At", ui.Moment(run.Simulated.At), "Name", run.Simulated.Name)},
		{Name: f.T("inps.ranking.about.candidates"), Value: ui.Number(run.Candidates)},
		{Name: f.T("inps.ranking.about.outcomes"), Value: f.T("inps.ranking.about.outcomes.text", "Awarded", ui.Number(sum.Awarded), "Partial", ui.Number(sum.Partial),
			"Unfunded", ui.Number(sum.Unfunded), "Refused", ui.Number(sum.Refused), "NotProcessable", ui.Number(sum.NotProcessable))},
		{Name: f.T("inps.ranking.about.awarded"), Value: f.T("inps.ranking.about.awarded.text", "Awarded", sum.AwardedAmount, "Budget", sum.Budget)},
		{Name: f.T("inps.ranking.second"), Value: second},
	}
	if run.Reason != "" {
		about = append(about, ui.Entry{Name: f.T("inps.ranking.about.corrects"), Value: run.Reason})
	}
	return about
}

func proofOf(f ui.Frame, d voucher.Digests) []ui.Entry {
	entry := func(key string, sum []byte) ui.Entry {
		return ui.Entry{Name: f.T(key), Value: hex.EncodeToString(sum), Proper: true}
	}
	return []ui.Entry{entry("inps.ranking.proof.rules", d.Rules), entry("inps.ranking.proof.inputs", d.Inputs), entry("inps.ranking.proof.results", d.Results)}
}

// rankingTerritory fills in what the run makes of the territory that was chosen.
func (p *Portal) rankingTerritory(r *http.Request, page *inps.SimulationPage, run voucher.Run, q url.Values) error {
	f := page.Frame
	if len(run.Territories) == 0 {
		page.Places.None = f.T("inps.ranking.view.none")
		return nil
	}
	at := max(slices.IndexFunc(run.Territories, func(t voucher.TerritoryResult) bool { return t.Name == q.Get("territorio") }), 0)
	t := run.Territories[at]
	page.Territory = t.Name
	for _, t := range run.Territories {
		page.Territories = append(page.Territories, ui.Option{Value: t.Name, Label: t.Name})
	}
	page.Summary = []ui.Entry{
		{Name: f.T("inps.ranking.budget"), Value: t.Budget.String()},
		{Name: f.T("inps.ranking.eligible"), Value: ui.Number(t.Eligible)},
		{Name: f.T("inps.ranking.accepted"), Value: resultText(f, t)},
		{Name: f.T("inps.ranking.unfunded"), Value: ui.Number(t.Unfunded)},
		{Name: f.T("inps.ranking.without"), Value: f.T("inps.ranking.without.text", "Refused", ui.Number(t.Refused), "NotProcessable", ui.Number(t.NotProcessable))},
		{Name: f.T("inps.ranking.about.awarded"), Value: t.AwardedAmount.String()},
		{Name: f.T("inps.ranking.residual"), Value: t.Residual.String()},
		{Name: f.T("inps.ranking.last"), Value: lastText(f, t)},
	}
	if t.Kept > 0 {
		page.Summary = append(page.Summary, ui.Entry{Name: f.T("inps.ranking.kept"), Value: ui.Number(t.Kept)})
	}
	if run.Reallocates {
		page.Summary = append(page.Summary, ui.Entry{Name: f.T("reallocation.available"), Value: (t.Budget - t.KeptAmount).String()},
			ui.Entry{Name: f.T("reallocation.given"), Value: t.Given().String()})
	}
	if err := p.rankingCut(r, page, run, t); err != nil {
		return err
	}
	page.Files = []ui.Link{{Text: f.T("inps.ranking.file", "Territory", t.Name), URL: simulationPath(run.ID) + "/graduatoria.csv?" + url.Values{"territorio": {t.Name}}.Encode()},
		{Text: f.T("inps.ranking.file.all"), URL: simulationPath(run.ID) + "/graduatoria.csv"}}
	return p.rankingPlaces(r, page, run, t, q)
}

// rankingCut draws the line of the cost of a territory's ranking across its money:
// as far beyond the last place with money as it is long before.
func (p *Portal) rankingCut(r *http.Request, page *inps.SimulationPage, run voucher.Run, t voucher.TerritoryResult) error {
	if t.Eligible == 0 {
		return nil
	}
	f := page.Frame
	to := min(t.Eligible, max(2*t.LastRank, 2*placesBeside))
	costs, err := p.Rankings.Costs(r.Context(), run.ID, t.Name, to, pointsOfALine)
	if err != nil {
		return err
	}
	cut := ui.CutLineProps{ID: "linea", Title: f.T("inps.ranking.cut.title", "Territory", t.Name), Budget: int64(t.Budget), Last: t.LastRank,
		BudgetText: f.T("inps.ranking.cut.budget", "Budget", t.Budget)}
	for _, c := range costs {
		cut.Steps = append(cut.Steps, ui.CutStep{Place: c.Rank, Total: int64(c.Total)})
	}
	switch {
	case t.LastRank == 0:
		cut.Sentence = f.T("inps.ranking.cut.nobody")
		cut.LastText = cut.Sentence
	case t.Unfunded == 0 && t.Partial == 0:
		cut.Sentence = f.T("inps.ranking.cut.enough", "Budget", t.Budget, "Rank", ui.Number(t.LastRank))
	default:
		cut.Sentence = f.T("inps.ranking.cut.sentence", "Budget", t.Budget, "Rank", ui.Number(t.LastRank))
	}
	if t.LastRank > 0 {
		cut.LastText = f.T("inps.ranking.cut.last", "Rank", ui.Number(t.LastRank), "ISEE", t.LastISEE)
	}
	page.Cut = &cut
	return nil
}

// rankingPlaces is the rows of the view that is open.
func (p *Portal) rankingPlaces(r *http.Request, page *inps.SimulationPage, run voucher.Run, t voucher.TerritoryResult, q url.Values) error {
	f := page.Frame
	address := func(view string, number int) string {
		v := url.Values{"territorio": {t.Name}, "vista": {view}}
		if number > 1 {
			v.Set("p", strconv.Itoa(number))
		}
		return simulationPath(run.ID) + "?" + v.Encode() + "#territorio-scelto"
	}
	page.View = q.Get("vista")
	out := t.Candidates - t.Eligible
	if page.View != viewAll && page.View != viewOut {
		page.View = viewCut
	}
	for _, view := range []string{viewCut, viewAll, viewOut} {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T("inps.ranking.view." + viewWords[view]), URL: address(view, 1), Current: view == page.View})
	}
	number, from, to := 1, max(t.LastRank-placesBeside, 1), min(t.LastRank+placesBeside, t.Eligible)
	var entries []voucher.Entry
	var err error
	switch page.View {
	case viewOut:
		number = placesPage(pageNumber(q), out)
		page.Placeless = true
		page.Places.None, page.Places.Caption = f.T("inps.ranking.view.out.none"), f.T("inps.ranking.view.out.caption", "Territory", t.Name)
		page.Pages = placesPages(f, number, out, func(n int) string { return address(viewOut, n) })
		entries, err = p.Rankings.Placeless(r.Context(), run.ID, t.Name, number, placesAPage)
	case viewAll:
		number = placesPage(pageNumber(q), t.Eligible)
		from, to = (number-1)*placesAPage+1, min(number*placesAPage, t.Eligible)
		page.Pages = placesPages(f, number, t.Eligible, func(n int) string { return address(viewAll, n) })
		fallthrough
	default:
		page.Places.None = f.T("inps.ranking.view.none")
		page.Places.Caption = f.T("inps.ranking.view.cut.caption", "Territory", t.Name, "From", ui.Number(from), "To", ui.Number(to))
		entries, err = p.Rankings.Places(r.Context(), run.ID, t.Name, from, to)
	}
	if err != nil {
		return err
	}
	page.Places.Rows = placeRows(f, entries, map[string]voucher.TerritoryResult{t.Name: t})
	return nil
}

var viewWords = map[string]string{viewCut: "cut", viewAll: "all", viewOut: "out"}

// placesPage keeps the number of a page within a list of so many.
func placesPage(number, count int) int {
	return min(number, max((count+placesAPage-1)/placesAPage, 1))
}

func placesPages(f ui.Frame, number, count int, address func(int) string) ui.PaginationProps {
	return pagesOf(f.T("inps.ranking.pages"), number, count, placesAPage, address)
}
