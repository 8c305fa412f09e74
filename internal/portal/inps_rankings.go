package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	rankingsPath    = "/gestione/inps/graduatorie"
	simulationsPath = "/gestione/inps/simulazioni"
)

func rankingPath(id voucher.EditionID) string        { return rankingsPath + "/" + string(id) }
func simulationPath(id voucher.RunID) string         { return simulationsPath + "/" + string(id) }
func officeFilePath(id voucher.ApplicationID) string { return "/gestione/inps/domande/" + string(id) }

// inpsRankings lists the editions with how far their rankings have come (I-08).
func (p *Portal) inpsRankings(w http.ResponseWriter, r *http.Request) error {
	editions, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.ranking.title"))
	page := inps.RankingsPage{Frame: f}
	for _, e := range byYear(editions) {
		runs, err := p.Rankings.Runs(r.Context(), e.ID)
		if err != nil {
			return err
		}
		window, _ := p.windowOf(f, e.Rules.Window.Is)
		row := inps.RankingsRow{Edition: string(e.ID), URL: rankingPath(e.ID), Window: window,
			State: ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.none")}}
		if len(runs) > 0 {
			run := shownRun(runs)
			row.State, row.Note = runTag(f, run.State), runName(f, run)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, inps.Rankings(page))
}

// byYear puts editions in the order of their years.
func byYear(editions map[voucher.EditionID]voucher.Edition) []voucher.Edition {
	var all []voucher.Edition
	for _, e := range editions {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b voucher.Edition) int {
		return cmp.Or(b.ApplicationYear-a.ApplicationYear, cmp.Compare(a.ID, b.ID))
	})
	return all
}

// shownRun is the run that the page of an edition shows: the one that is under way,
// then the publication in force, then the newest simulation.
func shownRun(runs []voucher.Run) voucher.Run {
	for _, states := range [][]voucher.RunState{
		{voucher.ProposedRun, voucher.ApprovedRun, voucher.PublishingRun}, {voucher.PublishedRun}, {voucher.SimulatedRun}} {
		if i := slices.IndexFunc(runs, func(r voucher.Run) bool { return slices.Contains(states, r.State) }); i >= 0 {
			return runs[i]
		}
	}
	return runs[0]
}

// inpsRanking is the ranking of an edition by territory (I-08).
func (p *Portal) inpsRanking(w http.ResponseWriter, r *http.Request) error {
	return p.showRanking(w, r, http.StatusOK, nil)
}

// inpsSimulate simulates the ranking of an edition, and has the second ranker check
// it at once. A simulation that could not be checked is there all the same.
func (p *Portal) inpsSimulate(w http.ResponseWriter, r *http.Request) error {
	id := voucher.EditionID(chi.URLParam(r, "edizione"))
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "ranking.simulate", url.Values{"idem": fields["idem"], "annualita": {string(id)}})
	if err != nil {
		return err
	}
	run, err := p.Rankings.Simulate(r.Context(), actor(r), sent, voucher.Simulation{Edition: id})
	if rankingRefusal(err) {
		return p.showRanking(w, r, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return p.simulated(w, r, run)
}

// checked has a new run checked by the second ranker, unless it was.
func (p *Portal) checked(r *http.Request, id voucher.RunID) (voucher.Run, error) {
	run, err := p.Rankings.Run(r.Context(), id)
	if err != nil || !run.CheckedAt.IsZero() || run.State != voucher.SimulatedRun {
		return run, err
	}
	return run, p.Rankings.Check(r.Context(), actor(r), once.Form{}, id)
}

// simulated has a new run checked and leads to it.
func (p *Portal) simulated(w http.ResponseWriter, r *http.Request, id voucher.RunID) error {
	run, err := p.checked(r, id)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, simulationPath(id), f.T("inps.ranking.done"), f.T("inps.ranking.done.text", "Candidates", ui.Number(run.Candidates), "Number", run.Number))
}

func (p *Portal) showRanking(w http.ResponseWriter, r *http.Request, status int, refused error) error {
	e, err := p.Rankings.InForce(r.Context(), voucher.EditionID(chi.URLParam(r, "edizione")))
	if err != nil {
		return err
	}
	runs, err := p.Rankings.Runs(r.Context(), e.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.ranking.of", "Edition", string(e.ID)), ui.Crumb{Text: f.T("inps.ranking.title"), URL: rankingsPath})
	if refused != nil {
		f.Errors = []ui.FieldError{{Text: rankingReason(f, refused)}}
	}
	window, _ := p.windowOf(f, e.Rules.Window.Is)
	page := inps.RankingPage{Frame: f, Lead: f.T("inps.ranking.of.lead", "Window", window)}
	var shown voucher.Run
	page.Caption = f.T("inps.ranking.caption.none")
	if len(runs) > 0 {
		shown = shownRun(runs)
		page.Caption = f.T("inps.ranking.caption", "Run", runName(f, shown), "Of", ui.OfMoment(shown.Simulated.At))
		page.Actions = []ui.Link{{Text: f.T("inps.ranking.open", "Run", runName(f, shown)), URL: simulationPath(shown.ID)}}
		if next := runLinks(f, actor(r), shown); len(next) > 0 {
			page.Actions = append(next[:1], page.Actions...)
		}
	}
	published := slices.ContainsFunc(runs, func(r voucher.Run) bool { return r.State == voucher.PublishedRun })
	if published {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("reallocation.crumb"), URL: reallocationsOf(e.ID)})
	}
	page.Territories, page.Total = matrix(f, e, shown)
	for _, run := range runs {
		page.Runs = append(page.Runs, runRow(f, run))
	}
	switch {
	case actor(r).Must(identity.INPS, identity.Prepare) != nil:
		page.NewNote = f.T("inps.ranking.new.others")
	case published:
		page.NewNote = f.T("reason.ranking.already_published")
	default:
		page.New = &ui.FormProps{Action: rankingPath(e.ID), Key: once.NewKey()}
		page.NewNote = f.T("inps.ranking.new.note")
	}
	return p.showAs(w, r, status, inps.Ranking(page))
}

// matrix is the territories of an edition with what a run makes of them, if there is
// one, and their sum.
func matrix(f ui.Frame, e voucher.Edition, run voucher.Run) (all []inps.RankingTerritory, total inps.RankingTerritory) {
	results := run.Territories
	if run.ID == "" { // nothing but the money is known
		budget := e.Rules.Budget()
		for name, amount := range budget.Of {
			results = append(results, voucher.TerritoryResult{Name: name, Budget: amount})
		}
		for _, name := range budget.Closed {
			results = append(results, voucher.TerritoryResult{Name: name, Closed: true})
		}
		slices.SortFunc(results, func(a, b voucher.TerritoryResult) int { return cmp.Compare(a.Name, b.Name) })
	}
	for _, t := range results {
		row := inps.RankingTerritory{Name: t.Name, Budget: t.Budget.String(), State: ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.none")}}
		if t.Closed {
			row.State, row.Note, row.Budget = ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.closed")}, e.Rules.Closed.Article, ""
		} else if run.ID != "" {
			row.State = runTag(f, run.State)
		}
		if run.ID != "" {
			row.URL = simulationPath(run.ID) + "?" + url.Values{"territorio": {t.Name}}.Encode() + "#territorio-scelto"
			row.Eligible, row.Result, row.Last = ui.Number(t.Eligible), resultText(f, t), lastText(f, t)
			row.Published = rankingDay(t.IssuedAt)
		}
		all = append(all, row)
	}
	run.Territories = results
	sum := run.Total()
	total = inps.RankingTerritory{Name: f.T("inps.ranking.total"), Budget: sum.Budget.String(), State: ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.none")}}
	if run.ID != "" {
		total.Eligible, total.Result, total.State = ui.Number(sum.Eligible), resultText(f, sum), runTag(f, run.State)
		total.Published = rankingDay(run.PublishedAt)
	}
	return all, total
}

// runRow is a run in the list of its edition.
func runRow(f ui.Frame, run voucher.Run) inps.RunRow {
	row := inps.RunRow{ID: string(run.ID), Name: f.T("inps.ranking.run.name", "Number", run.Number), URL: simulationPath(run.ID),
		Made:       f.T("inps.ranking.made.by", "At", ui.ShortMoment(run.Simulated.At), "Name", run.Simulated.Name),
		Candidates: ui.Number(run.Candidates), Awarded: run.Total().AwardedAmount.String(), Check: checkTag(f, run), State: runTag(f, run.State)}
	switch {
	case run.Publication > 0:
		row.Note = runName(f, run)
	case run.Note != "":
		row.Note = run.Note
	case run.Reallocates:
		row.Note = f.T("reallocation.name", "Number", run.Round-1)
	case run.Corrects != "":
		row.Note = f.T("inps.ranking.correction")
	}
	return row
}

// runLinks is what somebody may go on to do with a run.
func runLinks(f ui.Frame, who identity.Actor, run voucher.Run) (links []ui.Link) {
	here := simulationPath(run.ID)
	may := func(d identity.Duty) bool { return who.Must(identity.INPS, d) == nil }
	switch {
	case run.State == voucher.SimulatedRun && may(identity.Prepare):
		links = []ui.Link{{Text: f.T("inps.ranking.propose"), URL: here + "/proponi"}, {Text: f.T("inps.ranking.drop"), URL: here + "/elimina"}}
	case run.State == voucher.ProposedRun:
		text := f.T("inps.ranking.look")
		if may(identity.Approve) {
			text = f.T("inps.ranking.decide")
		}
		links = []ui.Link{{Text: text, URL: here + "/approva"}}
	case run.State == voucher.ApprovedRun:
		if run.MayPublish(who) == nil {
			links = []ui.Link{{Text: f.T("inps.ranking.publish"), URL: here + "/pubblica"}}
		}
		links = append(links, ui.Link{Text: f.T("inps.ranking.look"), URL: here + "/approva"})
	case run.State == voucher.PublishingRun:
		links = []ui.Link{{Text: f.T("inps.ranking.publishing"), URL: "/gestione/inps/pubblicazioni/" + string(run.ID)}}
	case run.State == voucher.PublishedRun, run.State == voucher.SupersededRun:
		links = []ui.Link{{Text: f.T("inps.ranking.published"), URL: "/gestione/inps/pubblicazioni/" + string(run.ID)}}
		if run.State == voucher.PublishedRun && may(identity.Prepare) {
			links = append(links, ui.Link{Text: f.T("inps.ranking.correct"), URL: here + "/rettifica"})
		}
	}
	if run.Reallocates {
		links = append(links, ui.Link{Text: f.T("reallocation.to_whom"), URL: reallocationPath(run.ID)})
	}
	return links
}

// runName is "Simulazione 3", or "Pubblicazione n. 1 del 5 dicembre 2025" once it is
// published; of a reallocation, see reallocationName.
func runName(f ui.Frame, run voucher.Run) string {
	if run.Reallocates {
		return reallocationName(f, run)
	}
	if run.Publication > 0 && !run.PublishAt.IsZero() {
		return f.T("inps.ranking.publication.name", "Number", run.Publication, "Of", ui.OfDay(calendar.On(run.PublishAt)))
	}
	return f.T("inps.ranking.run.name", "Number", run.Number)
}

var runTones = map[voucher.RunState]ui.Tone{
	voucher.SimulatedRun: ui.Working, voucher.ProposedRun: ui.Action, voucher.ReturnedRun: ui.Danger, voucher.ApprovedRun: ui.Action,
	voucher.PublishingRun: ui.Working, voucher.PublishedRun: ui.Success, voucher.SupersededRun: ui.Closed,
}

func runTag(f ui.Frame, s voucher.RunState) ui.Tag {
	return ui.Tag{Tone: runTones[s], Text: f.T("inps.ranking.state." + string(s))}
}

// checkTag is what the second ranker says.
func checkTag(f ui.Frame, run voucher.Run) ui.Tag {
	switch {
	case run.CheckedAt.IsZero():
		return ui.Tag{Tone: ui.Closed, Text: f.T("inps.ranking.second.none")}
	case run.Disagreements > 0:
		return ui.Tag{Tone: ui.Danger, Text: f.T("inps.ranking.second.differs", "Count", run.Disagreements)}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("inps.ranking.second.agrees")}
}

// resultText is "3.997 accolte, 1 in parte".
func resultText(f ui.Frame, t voucher.TerritoryResult) string {
	text := f.T("inps.ranking.accepted.count", "Number", ui.Number(t.Awarded))
	if t.Partial > 0 {
		text += f.T("inps.ranking.partial.count", "Number", ui.Number(t.Partial))
	}
	return text
}

// lastText is "posizione 3.997, ISEE 8.412,30 €".
func lastText(f ui.Frame, t voucher.TerritoryResult) string {
	if t.LastRank == 0 {
		return f.T("inps.ranking.last.none")
	}
	return f.T("inps.ranking.last.text", "Rank", ui.Number(t.LastRank), "ISEE", t.LastISEE)
}

// rankingDay is the day of an instant, "" when it has not come.
func rankingDay(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return ui.ShortDay(calendar.On(at))
}

// rankingReason is why a ranking does not go on, with what there is to tell of it.
func rankingReason(f ui.Frame, err error) string {
	var told voucher.Obstacle
	if errors.As(err, &told) {
		args := []any{"Count", told.Count, "Territory", told.Territory}
		switch told.Why {
		case voucher.ErrInputsChanged:
			since := ui.FromDay(calendar.On(told.Since))
			args = append(args, "Since", strings.ToUpper(since[:1])+since[1:]+" "+ui.AtClock(told.Since))
		case voucher.ErrCuresOpen, voucher.ErrWindowOpen:
			args = append(args, "Until", ui.ToDay(told.Until))
		}
		return f.T("reason."+told.Why.Code, args...)
	}
	if reason := fault.As(err); reason != nil {
		return words(f, reason)
	}
	return err.Error()
}
