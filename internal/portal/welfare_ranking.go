package portal

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ruleset"
	"portal/web/ui"
	"portal/web/welfare"
)

// callPlacesAPage is how many places a page of a ranking has.
const callPlacesAPage = 50

// callRankingFrame is the frame of a page about a ranking.
func (p *Portal) callRankingFrame(r *http.Request, x indemnity.Ranking, title string) ui.Frame {
	var f ui.Frame
	path := []ui.Crumb{{Text: f.T("rank.title"), URL: callRankingsPath}, {Text: callRankingTitle(f, x.Call.ID), URL: callRankingPath(x.Call.ID)}}
	if name := callSimulationName(f, x); title != name {
		path = append(path, ui.Crumb{Text: name, URL: callSimulationPath(x)})
	}
	f = p.welfareFrame(r, title, path...)
	f.Caption = callRankingTitle(f, x.Call.ID)
	tag := callRankingTag(f, x.State)
	f.Badge = &tag
	return f
}

// welfareSimulation is a ranking with its places (W-13), or a scenario.
func (p *Portal) welfareSimulation(w http.ResponseWriter, r *http.Request) error {
	if o, found, err := p.rankingOrder(r); err != nil || found {
		return p.showOrder(w, r, o, err)
	}
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.callRankingFrame(r, x, callSimulationName(f, x))
	page := welfare.RankingPage{Frame: f, Action: callSimulationPath(x), About: aboutRanking(f, x), Proof: rankingProof(f, x.Digests), Actions: rankingLinks(f, actor(r), x),
		Files: []ui.Link{{Text: f.T("rank.file.csv"), URL: callSimulationPath(x) + "/graduatoria.csv"}, {Text: f.T("rank.file.xlsx"), URL: callSimulationPath(x) + "/graduatoria.xlsx"}}}
	for _, fill := range []func(*http.Request, *welfare.RankingPage, indemnity.Ranking) error{p.rankingNotes, p.rankingDoubts, p.rankingScenarios} {
		if err := fill(r, &page, x); err != nil {
			return err
		}
	}
	if err := p.rankingView(r, &page, x, q); err != nil {
		return err
	}
	if err := p.callRankingComparison(r, &page, x, indemnity.RankingID(q.Get("confronto"))); err != nil {
		return err
	}
	return p.show(w, r, welfare.Ranking(page))
}

// rankingNotes tell what stands in the way of a ranking, and who took it how far.
func (p *Portal) rankingNotes(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking) error {
	f := page.Frame
	say := func(tone ui.Tone, title string, texts ...string) {
		page.Notes = append(page.Notes, ruleset.Note{Tone: tone, Title: title, Texts: texts})
	}
	switch {
	case x.Kind == indemnity.Scenario:
		say(ui.Working, f.T("rank.scenario.note"), f.T("rank.scenario.note.text", "Reason", x.Reason))
	case x.State == indemnity.SimulatedRanking:
		at, err := p.CallRankings.Readiness(r.Context(), x)
		if err != nil {
			return err
		}
		if err := x.Ready(at, p.Now()); err != nil {
			say(ui.Action, f.T("rank.obstacle.title"), callRankingReason(f, err))
		}
	case x.State == indemnity.ReturnedRanking:
		say(ui.Danger, f.T("rank.returned.title"), f.T("rank.returned.text", "Name", x.Decided.Name, "On", ui.OnMoment(x.Decided.At), "Note", x.Note))
	case x.State == indemnity.ProposedRanking:
		say(ui.Working, "", f.T("rank.proposed.text", "Name", x.Proposed.Name, "On", ui.OnMoment(x.Proposed.At)))
	case x.State == indemnity.ApprovedRanking:
		say(ui.Working, "", f.T("rank.approved.text", "Name", x.Decided.Name, "On", ui.OnMoment(x.Decided.At)))
	case x.State == indemnity.PublishedRanking:
		told, err := p.CallRankings.Told(r.Context(), x.ID)
		if err != nil {
			return err
		}
		say(ui.Success, callRankingName(f, x), publishedSentence(f, x), f.T("rank.published.told", "Count", told))
	case x.State == indemnity.SupersededRanking:
		say(ui.Closed, callRankingName(f, x), f.T("rank.superseded.text"))
	}
	if x.CheckedAt.IsZero() && x.State == indemnity.SimulatedRanking && actor(r).Must(identity.Welfare, identity.Prepare) == nil {
		page.Check = &ui.FormProps{Action: callSimulationPath(x), Key: once.NewKey()}
	}
	return nil
}

// publishedSentence is "Alle 09:30: 58 domande ammesse, 5 senza risorse, 2 escluse…".
func publishedSentence(f ui.Frame, x indemnity.Ranking) string {
	return f.T("rank.published.text", "On", ui.OnMoment(x.Published.At), "Funded", grouped(x.Summary.Funded), "Unfunded", grouped(x.Summary.NotFunded),
		"Excluded", grouped(len(x.Exclusions)), "Name", x.Published.Name)
}

// rankingDoubts are the rows on which the second ranker disagrees.
func (p *Portal) rankingDoubts(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking) error {
	if x.Disagreements == 0 {
		return nil
	}
	_, first, err := p.CallRankings.RankAgain(r.Context(), x)
	for _, d := range first {
		page.Doubts = append(page.Doubts, welfare.DoubtRow{Protocol: d.Protocol, First: rankedText(page.Frame, d.First), Second: rankedText(page.Frame, d.Second)})
	}
	return err
}

// aboutRanking is what a ranking was made from.
func aboutRanking(f ui.Frame, x indemnity.Ranking) []ui.Entry {
	second := f.T("rank.about.second.none")
	switch {
	case x.Disagreements > 0:
		second = f.T("rank.about.second.differs", "On", ui.OnMoment(x.CheckedAt))
	case !x.CheckedAt.IsZero():
		second = f.T("rank.about.second.text", "On", ui.OnMoment(x.CheckedAt))
	}
	about := []ui.Entry{
		{Name: f.T("rank.about.rules"), Value: f.T("rank.about.rules.text", "Month", ui.Month(x.Call.ID.Month().From), "Version", x.Call.Version)},
		{Name: f.T("rank.about.taken"), Value: f.T("rank.made.by", "At", ui.Moment(x.Simulated.At), "Name", x.Simulated.Name)},
		{Name: f.T("rank.about.cases"), Value: grouped(x.Summary.Applications)},
		{Name: f.T("rank.about.excluded"), Value: grouped(len(x.Exclusions))},
		{Name: f.T("rank.second"), Value: second},
	}
	if x.Reason != "" && x.Kind == indemnity.TrueRanking {
		about = append(about, ui.Entry{Name: f.T("rank.about.corrects"), Value: x.Reason})
	}
	return about
}

func rankingProof(f ui.Frame, d indemnity.Digests) []ui.Entry {
	entry := func(key string, sum []byte) ui.Entry {
		return ui.Entry{Name: f.T(key), Value: hex.EncodeToString(sum), Proper: true}
	}
	return []ui.Entry{entry("rank.proof.rules", d.Rules), entry("rank.proof.inputs", d.Inputs), entry("rank.proof.results", d.Results), entry("rank.proof.rows", d.Rows)}
}

// rankingTotals are the figures of a ranking.
func rankingTotals(f ui.Frame, x indemnity.Ranking) []ui.Entry {
	sum := x.Summary
	all := []ui.Entry{
		{Name: f.T("rank.budget"), Value: budgetText(f, x.Budget()), Note: x.Call.Rules.Budget.Article},
		{Name: f.T("rank.total.ranked"), Value: grouped(sum.Ranked)},
		{Name: f.T("rank.total.funded"), Value: grouped(sum.Funded)},
		{Name: f.T("rank.total.unfunded"), Value: grouped(sum.NotFunded)},
		{Name: f.T("rank.total.requested"), Value: sum.RequestedGross.String()},
		{Name: f.T("rank.total.cost"), Value: sum.FundedGross.String()},
	}
	if x.SetAside > 0 {
		all = slices.Insert(all, 1, ui.Entry{Name: f.T("rank.set_aside"), Value: x.SetAside.String(), Note: f.T("rank.set_aside.note")})
	}
	if sum.Residual != nil {
		all = append(all, ui.Entry{Name: f.T("rank.total.residual"), Value: sum.Residual.String()})
	}
	last := f.T("rank.last.none")
	if x.LastRank > 0 {
		last = f.T("rank.last.text", "Rank", grouped(x.LastRank), "Count", x.LastPoints)
	}
	return append(all, ui.Entry{Name: f.T("rank.last"), Value: last})
}

// rankingView is the rows of the view that is open, and the line of the cost.
func (p *Portal) rankingView(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking, q url.Values) error {
	f, sum := page.Frame, x.Summary
	page.Summary = rankingTotals(f, x)
	if err := p.callRankingCut(r, page, x); err != nil {
		return err
	}
	address := func(view string, number int) string {
		v := url.Values{"vista": {view}}
		if number > 1 {
			v.Set("p", strconv.Itoa(number))
		}
		return callSimulationPath(x) + "?" + v.Encode() + "#posizioni"
	}
	if page.View = q.Get("vista"); page.View != viewAll && page.View != viewOut {
		page.View = viewCut
	}
	for _, view := range []string{viewCut, viewAll, viewOut} {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T("rank.view." + viewWords[view]), URL: address(view, 1), Current: view == page.View})
	}
	page.Places.None = f.T("rank.view.none")
	from, to := max(x.LastRank-placesBeside, 1), min(max(x.LastRank, placesBeside)+placesBeside, sum.Ranked)
	switch page.View {
	case viewOut:
		all, err := p.CallRankings.Placeless(r.Context(), x.ID, callPlacesAPage)
		page.Places = welfare.PlacesTable{Placeless: true, Caption: f.T("rank.view.out.caption"), None: f.T("rank.view.out.none"), Rows: p.callPlaces(r, f, x, all, nil)}
		return err
	case viewAll:
		number := min(pageNumber(q), max((sum.Ranked+callPlacesAPage-1)/callPlacesAPage, 1))
		from, to = (number-1)*callPlacesAPage+1, min(number*callPlacesAPage, sum.Ranked)
		page.Pages = pagesOf(f.T("rank.pages"), number, sum.Ranked, callPlacesAPage, func(n int) string { return address(viewAll, n) })
	}
	page.Places.Caption = f.T("rank.view.caption", "From", grouped(from), "To", grouped(to))
	var err error
	page.Places.Rows, err = p.callPlacesBetween(r, f, x, from, to)
	return err
}

// callRankingCut draws the line of the cost of a ranking across its money: as far beyond
// the last place with money as it is long before (PIC-4).
func (p *Portal) callRankingCut(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking) error {
	budget := x.Call.Rules.Budget.Is
	if x.Summary.Ranked == 0 || budget == nil {
		return nil
	}
	f := page.Frame
	to := min(x.Summary.Ranked, max(2*x.LastRank, 2*placesBeside))
	costs, err := p.CallRankings.Costs(r.Context(), x.ID, x.Call.Rules.Readings.BudgetBasis.Is, 1, to, (to+pointsOfALine-1)/pointsOfALine)
	if err != nil {
		return err
	}
	cut := ui.CutLineProps{ID: "linea", Title: f.T("rank.cut.title"), Budget: int64(*budget), Last: x.LastRank, BudgetText: f.T("rank.cut.budget", "Budget", *budget)}
	for _, c := range costs {
		cut.Steps = append(cut.Steps, ui.CutStep{Place: c.Rank, Total: int64(c.Total)})
	}
	switch {
	case x.LastRank == 0:
		cut.Sentence = f.T("rank.cut.nobody")
		cut.LastText = cut.Sentence
	case x.Summary.NotFunded == 0:
		cut.Sentence = f.T("rank.cut.enough", "Budget", *budget, "Rank", grouped(x.LastRank))
	default:
		cut.Sentence = f.T("rank.cut.sentence", "Budget", *budget, "Rank", grouped(x.LastRank))
	}
	if x.LastRank > 0 {
		cut.LastText = f.T("rank.cut.last", "Rank", grouped(x.LastRank), "Count", x.LastPoints)
	}
	page.Cut = &cut
	return nil
}
