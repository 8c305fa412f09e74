package portal

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const callRankingsPath = welfarePath + "/graduatorie"

// openCasesShown is how many of the cases that a ranking waits for are listed.
const openCasesShown = 100

func callRankingPath(id indemnity.CallID) string { return callRankingsPath + "/" + string(id) }

func callSimulationPath(r indemnity.Ranking) string {
	return callRankingPath(r.Call.ID) + "/simulazioni/" + string(r.ID)
}

// callRankingTitle is what the ranking of a call is called: "Graduatoria di maggio 2026".
func callRankingTitle(f ui.Frame, id indemnity.CallID) string {
	return f.T("rank.of", "Month", ui.Month(id.Month().From))
}

// welfareRankings lists the calls with how far their rankings have come.
func (p *Portal) welfareRankings(w http.ResponseWriter, r *http.Request) error {
	if err := indemnity.MaySeeRankings(actor(r)); err != nil {
		return err
	}
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	page := welfare.RankingsPage{Frame: p.welfareFrame(r, f.T("rank.title")), CallsURL: callsPath}
	for _, c := range indemnity.NewestFirst(calls) {
		all, err := p.CallRankings.RankingStore.Rankings(r.Context(), c.ID)
		if err != nil {
			return err
		}
		row := welfare.RankingsRow{ID: string(c.ID), Call: ui.Month(c.ID.Month().From), URL: callRankingPath(c.ID), Window: ui.During(c.Rules.Window.Is),
			Budget: budgetText(f, c.Rules.Budget.Is), State: ui.Tag{Tone: ui.Closed, Text: f.T("rank.none")}}
		if shown, found := shownRanking(all); found {
			row.State, row.Note = callRankingTag(f, shown.State), callRankingName(f, shown)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Rankings(page))
}

// shownRanking is the ranking that stands for those of a call: the one that is under way,
// then the publication in force, then the newest simulation. Scenarios are none of them.
func shownRanking(all []indemnity.Ranking) (shown indemnity.Ranking, found bool) {
	for _, states := range [][]indemnity.RankingState{{indemnity.ProposedRanking, indemnity.ApprovedRanking}, {indemnity.PublishedRanking},
		{indemnity.SimulatedRanking, indemnity.ReturnedRanking}} {
		if i := slices.IndexFunc(all, func(r indemnity.Ranking) bool {
			return r.Kind == indemnity.TrueRanking && slices.Contains(states, r.State)
		}); i >= 0 {
			return all[i], true
		}
	}
	return shown, false
}

// welfareCallRanking is the ranking of a call: what it waits for, and what was made of it.
func (p *Portal) welfareCallRanking(w http.ResponseWriter, r *http.Request) error {
	return p.showCallRanking(w, r, http.StatusOK, nil)
}

func (p *Portal) showCallRanking(w http.ResponseWriter, r *http.Request, status int, refused error) error {
	who := actor(r)
	if err := indemnity.MaySeeRankings(who); err != nil {
		return err
	}
	call, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	all, err := p.CallRankings.RankingStore.Rankings(r.Context(), call.ID)
	if err != nil {
		return err
	}
	waiting, err := p.CallRankings.Waiting(r.Context(), call.ID, openCasesShown)
	if err != nil {
		return err
	}
	order, err := p.lastOrder(r, call.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.welfareFrame(r, callRankingTitle(f, call.ID), ui.Crumb{Text: f.T("rank.title"), URL: callRankingsPath})
	if refused != nil {
		f.Errors = []ui.FieldError{{Text: callRankingReason(f, refused)}}
	}
	page := welfare.CallRankingPage{Frame: f, Lead: f.T("rank.of.lead", "During", ui.During(call.Rules.Window.Is), "Until", ui.ByDay(call.ClosesOn())),
		Facts: []ui.Entry{{Name: f.T("rank.budget"), Value: budgetText(f, call.Rules.Budget.Is)}, {Name: f.T("rank.rankable"), Value: grouped(waiting.Rankable)},
			{Name: f.T("rank.expected"), Value: expectedDay(f, call.Rules.Expected.Is.Ranking)}}}
	waitingPart(&page, r, call.ID, waiting)
	page.Order = orderNote(f, order)
	shown, found := shownRanking(all)
	if found {
		page.Actions = []ui.Link{{Text: f.T("rank.open_it", "Name", callRankingName(f, shown)), URL: callSimulationPath(shown)}}
		if next := rankingLinks(f, who, shown); len(next) > 0 && next[0].URL != page.Actions[0].URL {
			page.Actions = append(next[:1], page.Actions...)
		}
	}
	for _, x := range all {
		if row := callRankingRow(f, x); x.Kind == indemnity.Scenario {
			page.Scenarios = append(page.Scenarios, row)
		} else {
			page.Runs = append(page.Runs, row)
		}
	}
	switch {
	case who.Must(identity.Welfare, identity.Prepare) != nil:
		page.NewNote = f.T("rank.simulate.others")
	case found && shown.State == indemnity.PublishedRanking, slices.ContainsFunc(all, func(x indemnity.Ranking) bool { return x.State == indemnity.PublishedRanking }):
		page.NewNote = words(f, indemnity.ErrRankingStands)
	case waiting.Rankable == 0:
		page.NewNote = words(f, indemnity.ErrNobodyToRank)
	case order.ID != "" && !order.Ended():
		page.NewNote = orderText(f, order, "one")
	default:
		page.New, page.NewNote = &ui.FormProps{Action: callRankingPath(call.ID), Key: once.NewKey()}, f.T("rank.simulate.note")
	}
	return p.showAs(w, r, status, welfare.CallRanking(page))
}

// expectedDay is a day that the office expects, or that it has not said.
func expectedDay(f ui.Frame, d calendar.Date) string {
	if d.IsZero() {
		return f.T("rank.expected.none")
	}
	return ui.Day(d)
}

// waitingPart fills in which cases a ranking waits for, and which were put aside.
func waitingPart(page *welfare.CallRankingPage, r *http.Request, call indemnity.CallID, w indemnity.CallWaiting) {
	f, prepares := page.Frame, actor(r).Must(identity.Welfare, identity.Prepare) == nil
	act := func(id indemnity.CaseID, what string) string {
		if !prepares {
			return ""
		}
		return callRankingPath(call) + "/domande/" + string(id) + "/" + what
	}
	switch {
	case w.OpenCount == 0:
		page.Waits = f.T("rank.waits.nobody")
	case w.Until.IsZero():
		page.Waits = f.T("rank.waits.open", "Count", w.OpenCount)
	default:
		page.Waits = f.T("rank.waits.until", "Count", w.OpenCount, "Until", ui.ToDay(w.Until))
	}
	for _, c := range w.Open {
		row := welfare.OpenRow{ID: string(c.Case), Protocol: c.Protocol, URL: rankedCaseURL(r, c.Case), Exclude: act(c.Case, "escludi"),
			State: ui.Tag{Tone: caseTones[indemnity.CaseStanding(c.State)], Text: f.T("case.state." + string(c.State))}}
		if !c.DueOn.IsZero() {
			row.Term = ui.DayEnd(c.DueOn)
		}
		page.Open = append(page.Open, row)
	}
	if more := w.OpenCount - len(w.Open); more > 0 {
		page.More = f.T("rank.waits.more", "Count", more)
	}
	for _, x := range w.Exclusions {
		page.Exclusions = append(page.Exclusions, welfare.ExclusionRow{ID: x.ID, Protocol: x.Protocol, URL: rankedCaseURL(r, x.Case), Reason: x.Reason,
			By: f.T("rank.made.by", "At", ui.ShortMoment(x.At), "Name", x.Author), Readmit: act(x.Case, "riammetti")})
	}
}

// rankedCaseURL leads to a case, for who opens cases.
func rankedCaseURL(r *http.Request, id indemnity.CaseID) string {
	if opensCases(r) {
		return welfareCasePath(id)
	}
	return ""
}

// callRankingRow is a ranking in the list of its call.
func callRankingRow(f ui.Frame, x indemnity.Ranking) welfare.RankingRow {
	row := welfare.RankingRow{ID: string(x.ID), Name: callSimulationName(f, x), URL: callSimulationPath(x), Made: madeBy(f, x.Simulated),
		Result: fundedText(f, x.Summary), Cost: x.Summary.FundedGross.String(), Check: rankersTag(f, x), State: callRankingTag(f, x.State)}
	switch {
	case x.Publication > 0:
		row.Note = callRankingName(f, x)
	case x.Note != "":
		row.Note = x.Note
	case x.Kind == indemnity.Scenario:
		row.Note = x.Reason
	case x.Corrects != "":
		row.Note = f.T("rank.correction")
	}
	return row
}

func madeBy(f ui.Frame, h identity.Hand) string {
	return f.T("rank.made.by", "At", ui.ShortMoment(h.At), "Name", h.Name)
}

// fundedText is "58 ammesse, 5 senza risorse".
func fundedText(f ui.Frame, s indemnity.Summary) string {
	return f.T("rank.funded", "Count", s.Funded, "Number", grouped(s.Funded)) + f.T("rank.unfunded", "Number", grouped(s.NotFunded))
}

// callSimulationName is "Simulazione 3", or "Scenario 4", also once it is published.
func callSimulationName(f ui.Frame, x indemnity.Ranking) string {
	if x.Kind == indemnity.Scenario {
		return f.T("rank.scenario", "Number", x.Number)
	}
	return f.T("rank.simulation", "Number", x.Number)
}

// callRankingName is callSimulationName, or "Pubblicazione n. 1 del 5 dicembre 2026".
func callRankingName(f ui.Frame, x indemnity.Ranking) string {
	if x.Publication > 0 {
		return f.T("rank.publication", "Number", x.Publication, "Of", ui.OfDay(calendar.On(x.Published.At)))
	}
	return callSimulationName(f, x)
}

var callRankingTones = map[indemnity.RankingState]ui.Tone{
	indemnity.SimulatedRanking: ui.Working, indemnity.ProposedRanking: ui.Action, indemnity.ReturnedRanking: ui.Danger, indemnity.ApprovedRanking: ui.Action,
	indemnity.PublishedRanking: ui.Success, indemnity.SupersededRanking: ui.Closed,
}

func callRankingTag(f ui.Frame, s indemnity.RankingState) ui.Tag {
	return ui.Tag{Tone: callRankingTones[s], Text: f.T("rank.state." + string(s))}
}

// rankersTag is what the second ranker says.
func rankersTag(f ui.Frame, x indemnity.Ranking) ui.Tag {
	switch {
	case x.CheckedAt.IsZero():
		return ui.Tag{Tone: ui.Closed, Text: f.T("rank.second.none")}
	case x.Disagreements > 0:
		return ui.Tag{Tone: ui.Danger, Text: f.T("rank.second.differs", "Count", x.Disagreements)}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("rank.second.agrees")}
}

// callRankingReason is why a ranking does not go on, with what there is to tell of it.
func callRankingReason(f ui.Frame, err error) string {
	var told indemnity.RankingObstacle
	if errors.As(err, &told) {
		key := "rank.obstacle." + strings.TrimPrefix(told.Why.Code, "indemnity.")
		switch {
		case told.Why == indemnity.ErrCasesOpen && !told.Until.IsZero():
			key += ".until"
		case told.Why == indemnity.ErrRankingOutdated && told.Count == 0:
			return words(f, told.Why)
		}
		until := ""
		if !told.Until.IsZero() {
			until = ui.ToDay(told.Until)
		}
		return f.T(key, "Count", told.Count, "Until", until)
	}
	if reason := fault.As(err); reason != nil {
		return words(f, reason)
	}
	return err.Error()
}

// callRanking is the ranking that an address names, of the call that it names.
func (p *Portal) callRanking(r *http.Request) (indemnity.Ranking, error) {
	if err := indemnity.MaySeeRankings(actor(r)); err != nil {
		return indemnity.Ranking{}, err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.Ranking{}, err
	}
	x, err := p.CallRankings.Ranking(r.Context(), indemnity.RankingID(id))
	if err == nil && string(x.Call.ID) != chi.URLParam(r, "bando") {
		err = fault.ErrNotFound
	}
	return x, err
}

// timeToRank is how long what is made of all cases of a call may take while the page waits:
// of 20,000 some 20 seconds.
const timeToRank = 90 * time.Second

// ranks gives a route the time that a ranking takes.
func (p *Portal) ranks() func(http.Handler) http.Handler { return p.roomy(mostBody, timeToRank) }
