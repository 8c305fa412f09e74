package portal

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// rankingLinks is what somebody may go on to do with a ranking.
func rankingLinks(f ui.Frame, who identity.Actor, x indemnity.Ranking) (links []ui.Link) {
	here := callSimulationPath(x)
	link := func(key, to string) { links = append(links, ui.Link{Text: f.T(key), URL: here + to}) }
	switch x.State {
	case indemnity.SimulatedRanking:
		if len(x.Ties) > 0 && x.Kind == indemnity.TrueRanking {
			link("rank.ties", "/parita")
		}
		if x.MayPropose(who) == nil {
			link("rank.propose", "/proponi")
		}
		if x.MayDrop(who) == nil {
			link("rank.drop", "/elimina")
		}
	case indemnity.ProposedRanking:
		if who.Must(identity.Welfare, identity.Approve) == nil {
			link("rank.decide", "/approva")
		} else {
			link("rank.look", "/approva")
		}
	case indemnity.ApprovedRanking:
		if x.MayPublish(who) == nil {
			link("rank.publish", "/pubblica")
		}
		link("rank.look", "/approva")
	case indemnity.PublishedRanking, indemnity.SupersededRanking:
		link("rank.minutes", "/verbale")
		links = append(links, ui.Link{Text: f.T("rank.public"), URL: publicRankingPath(x.Call.ID)})
		link("rank.file.whole", "/pubblicazione.txt")
		if x.State == indemnity.PublishedRanking && who.Must(identity.Welfare, identity.Prepare) == nil {
			link("rank.correct", "/rettifica")
		}
	}
	return links
}

// callRankingForm is the sending of a form about the ranking that an address names.
func (p *Portal) callRankingForm(r *http.Request, action string, more ...string) (indemnity.Ranking, once.Form, url.Values, error) {
	x, err := p.callRanking(r)
	if err != nil {
		return x, once.Form{}, nil, err
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return x, once.Form{}, nil, err
	}
	meaning := url.Values{"idem": fields["idem"], "graduatoria": {string(x.ID)}}
	for _, name := range more {
		meaning[name] = fields[name]
	}
	sent, err := sending(r, action, meaning)
	return x, sent, fields, err
}

// welfareSimulate has the ranking of a call simulated, and checked by the second ranker.
func (p *Portal) welfareSimulate(w http.ResponseWriter, r *http.Request) error {
	call, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.simulate", url.Values{"idem": fields["idem"], "bando": {string(call.ID)}})
	if err != nil {
		return err
	}
	id, err := p.CallRankings.Simulate(r.Context(), actor(r), sent, indemnity.RankingOrder{Call: call.ID})
	if rankingRefusal(err) {
		return p.showCallRanking(w, r, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return p.rankingOrdered(w, r, call.ID, id, "rank.done")
}

// welfareRankingCheck has the second ranker rank a simulation again.
func (p *Portal) welfareRankingCheck(w http.ResponseWriter, r *http.Request) error {
	x, sent, _, err := p.callRankingForm(r, "indemnity.check_ranking")
	if err != nil {
		return err
	}
	if err := p.CallRankings.Check(r.Context(), actor(r), sent, x.ID); err != nil {
		return err
	}
	if x, err = p.CallRankings.Ranking(r.Context(), x.ID); err != nil {
		return err
	}
	var f ui.Frame
	text := f.T("rank.checked.agrees")
	if x.Disagreements > 0 {
		text = f.T("rank.checked.differs")
	}
	return p.done(w, r, callSimulationPath(x), f.T("rank.checked"), text)
}

// rankingRefusedPage says why something cannot be done with a ranking. Where it has not, or
// no longer, come so far that it could be, the page says how far it has.
func (p *Portal) rankingRefusedPage(w http.ResponseWriter, r *http.Request, x indemnity.Ranking, title string, why error) error {
	if !rankingRefusal(why) {
		return why
	}
	reason := callRankingReason(ui.Frame{}, why)
	if errors.Is(why, indemnity.ErrRankingMoved) {
		var err error
		if x, err = p.CallRankings.Ranking(r.Context(), x.ID); err != nil {
			return err
		}
		reason = ui.Frame{}.T("rank.stands." + string(x.State))
	}
	f := p.callRankingFrame(r, x, title)
	page := welfare.RankingAskPage{Frame: f, Why: reason, See: ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}
	if x.Publication > 0 {
		page.See.Text = f.T("rank.open_it", "Name", callRankingName(f, x))
	}
	return p.showAs(w, r, http.StatusConflict, welfare.RankingAsk(page))
}

// rankingReady tells why a ranking does not go a step further, whoever asks.
func (p *Portal) rankingReady(r *http.Request, x indemnity.Ranking, may error) error {
	if may != nil {
		return may
	}
	at, err := p.CallRankings.Readiness(r.Context(), x)
	if err != nil {
		return err
	}
	return x.Ready(at, p.Now())
}

// welfareRankingProposeAsk asks whether to propose a simulation.
func (p *Portal) welfareRankingProposeAsk(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	return p.askRankingProposal(w, r, x, p.rankingReady(r, x, x.MayPropose(actor(r))))
}

func (p *Portal) askRankingProposal(w http.ResponseWriter, r *http.Request, x indemnity.Ranking, why error) error {
	var f ui.Frame
	if why != nil {
		return p.rankingRefusedPage(w, r, x, f.T("rank.propose.not", "Name", callSimulationName(f, x)), why)
	}
	page := welfare.RankingAskPage{Frame: p.callRankingFrame(r, x, f.T("rank.propose.title", "Name", callSimulationName(f, x))), Facts: rankingTotals(f, x)}
	page.Asks = ui.ConfirmProps{Consequences: []string{f.T("rank.propose.text"), f.T("rank.propose.commits")}, Form: ui.FormProps{Action: callSimulationPath(x) + "/proponi", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.propose"), Cancel: &ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}}
	return p.show(w, r, welfare.RankingAsk(page))
}

// welfareRankingPropose puts a simulation before those who approve.
func (p *Portal) welfareRankingPropose(w http.ResponseWriter, r *http.Request) error {
	x, sent, _, err := p.callRankingForm(r, "indemnity.propose_ranking")
	if err != nil {
		return err
	}
	err = p.CallRankings.Propose(r.Context(), actor(r), sent, x.ID)
	if rankingRefusal(err) {
		return p.askRankingProposal(w, r, x, err)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callSimulationPath(x), f.T("rank.propose.done"), f.T("rank.propose.done.text"))
}

// welfareRankingDropAsk asks whether to throw a simulation away.
func (p *Portal) welfareRankingDropAsk(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	return p.askRankingDrop(w, r, x, x.MayDrop(actor(r)))
}

func (p *Portal) askRankingDrop(w http.ResponseWriter, r *http.Request, x indemnity.Ranking, why error) error {
	var f ui.Frame
	name := callSimulationName(f, x)
	if why != nil {
		return p.rankingRefusedPage(w, r, x, f.T("rank.drop.not", "Name", name), why)
	}
	page := welfare.RankingAskPage{Frame: p.callRankingFrame(r, x, f.T("rank.drop.title", "Name", name))}
	page.Asks = ui.ConfirmProps{Consequences: []string{f.T("rank.drop.text")}, Form: ui.FormProps{Action: callSimulationPath(x) + "/elimina", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.drop.act"), Danger: true, Cancel: &ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}}
	return p.show(w, r, welfare.RankingAsk(page))
}

// welfareRankingDrop throws a simulation away, or a scenario.
func (p *Portal) welfareRankingDrop(w http.ResponseWriter, r *http.Request) error {
	x, sent, _, err := p.callRankingForm(r, "indemnity.drop_ranking")
	if err != nil {
		return err
	}
	err = p.CallRankings.Drop(r.Context(), actor(r), sent, x.ID)
	if rankingRefusal(err) {
		return p.askRankingDrop(w, r, x, err)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callRankingPath(x.Call.ID), f.T("rank.drop.done"), f.T("rank.drop.done.text", "Name", callSimulationName(f, x)))
}

// waitedCase is the case that an address names, of the call that it names.
func (p *Portal) waitedCase(r *http.Request) (indemnity.CaseFile, error) {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return indemnity.CaseFile{}, err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.CaseFile{}, err
	}
	c, err := p.Applications.ApplicationStore.CaseFile(r.Context(), indemnity.CaseID(id))
	if err == nil && string(c.Call) != chi.URLParam(r, "bando") {
		err = fault.ErrNotFound
	}
	return c, err
}

// welfareExcludeAsk asks why a ranking does not wait for a case.
func (p *Portal) welfareExcludeAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.waitedCase(r)
	if err != nil {
		return err
	}
	if err := c.MayExclude(actor(r)); err != nil {
		return err
	}
	return p.askExclusion(w, r, http.StatusOK, c, "", nil)
}

func (p *Portal) askExclusion(w http.ResponseWriter, r *http.Request, status int, c indemnity.CaseFile, reason string, wrong []ui.FieldError) error {
	f := p.waitedFrame(r, c, "rank.exclude.title")
	f.Errors = wrong
	page := welfare.RankingAskPage{Frame: f,
		Text: &ui.TextAreaProps{Name: "motivo", Label: f.T("rank.exclude.reason"), Hint: f.T("rank.exclude.reason.hint"), Value: reason}}
	page.Asks = ui.ConfirmProps{Consequences: listed(f, "rank.exclude.text"), Form: ui.FormProps{Action: r.URL.Path, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.exclude.act"), Cancel: &ui.Link{Text: f.T("rank.back_to_call"), URL: callRankingPath(c.Call)}}}
	return p.showAs(w, r, status, welfare.RankingAsk(page))
}

func (p *Portal) waitedFrame(r *http.Request, c indemnity.CaseFile, title string) ui.Frame {
	var f ui.Frame
	return p.welfareFrame(r, f.T(title, "Protocol", c.Protocol), ui.Crumb{Text: f.T("rank.title"), URL: callRankingsPath},
		ui.Crumb{Text: callRankingTitle(f, c.Call), URL: callRankingPath(c.Call)})
}

// welfareExclude has rankings not wait for a case, on record.
func (p *Portal) welfareExclude(w http.ResponseWriter, r *http.Request) error {
	return p.putAside(w, r, "indemnity.exclude", "rank.exclude.done", func(c indemnity.CaseFile, sent once.Form, fields url.Values) error {
		return p.CallRankings.ExcludeCase(r.Context(), actor(r), sent, c.ID, fields.Get("motivo"))
	})
}

// welfareReadmitAsk asks whether rankings wait for a case again.
func (p *Portal) welfareReadmitAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.waitedCase(r)
	if err != nil {
		return err
	}
	f := p.waitedFrame(r, c, "rank.readmit.title")
	page := welfare.RankingAskPage{Frame: f}
	page.Asks = ui.ConfirmProps{Consequences: []string{f.T("rank.readmit.text")}, Form: ui.FormProps{Action: r.URL.Path, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.readmit.act"), Cancel: &ui.Link{Text: f.T("rank.back_to_call"), URL: callRankingPath(c.Call)}}}
	return p.show(w, r, welfare.RankingAsk(page))
}

// welfareReadmit has rankings wait for a case again.
func (p *Portal) welfareReadmit(w http.ResponseWriter, r *http.Request) error {
	return p.putAside(w, r, "indemnity.readmit", "rank.readmit.done", func(c indemnity.CaseFile, sent once.Form, _ url.Values) error {
		return p.CallRankings.ReadmitCase(r.Context(), actor(r), sent, c.ID)
	})
}

// putAside does something with a case that a ranking may wait for, and leads back.
func (p *Portal) putAside(w http.ResponseWriter, r *http.Request, action, done string, do func(indemnity.CaseFile, once.Form, url.Values) error) error {
	c, err := p.waitedCase(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	var f ui.Frame
	if strange.field != "" {
		return p.askExclusion(w, r, http.StatusUnprocessableEntity, c, fields.Get("motivo"), []ui.FieldError{{Field: "motivo", Text: words(f, errText)}})
	}
	sent, err := sending(r, action, url.Values{"idem": fields["idem"], "domanda": {string(c.ID)}, "motivo": fields["motivo"]})
	if err != nil {
		return err
	}
	err = do(c, sent, fields)
	if errors.Is(err, indemnity.ErrExclusionReason) {
		return p.askExclusion(w, r, http.StatusUnprocessableEntity, c, fields.Get("motivo"), []ui.FieldError{{Field: "motivo", Text: words(f, indemnity.ErrExclusionReason)}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, callRankingPath(c.Call), f.T(done), f.T(done+".text", "Protocol", c.Protocol))
}
