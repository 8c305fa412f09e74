package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// rankingForm is the sending of a form about the run that an address names.
func rankingForm(r *http.Request, action string, more ...string) (voucher.RunID, once.Form, url.Values, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return "", once.Form{}, nil, err
	}
	fields, err := form(r)
	if err != nil {
		return "", once.Form{}, nil, err
	}
	meaning := url.Values{"idem": fields["idem"], "simulazione": {id}}
	for _, name := range more {
		meaning[name] = fields[name]
	}
	sent, err := sending(r, action, meaning)
	return voucher.RunID(id), sent, fields, err
}

// rankingRefusal tells whether the rules of a ranking say no. Who has not the duty
// finds the page of everybody who has not.
func rankingRefusal(err error) bool {
	_, refused := fault.Refusal(err)
	return refused && !errors.Is(err, identity.ErrNoDuty)
}

// inpsCheck has the second ranker rank a simulation again.
func (p *Portal) inpsCheck(w http.ResponseWriter, r *http.Request) error {
	id, sent, _, err := rankingForm(r, "ranking.check")
	if err != nil {
		return err
	}
	if err := p.Rankings.Check(r.Context(), actor(r), sent, id); err != nil {
		return err
	}
	run, err := p.Rankings.Run(r.Context(), id)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	text := f.T("inps.ranking.checked.agrees")
	if run.Disagreements > 0 {
		text = f.T("inps.ranking.checked.differs")
	}
	return p.done(w, r, simulationPath(id), f.T("inps.ranking.checked"), text)
}

// inpsProposeAsk asks whether to propose a simulation.
func (p *Portal) inpsProposeAsk(w http.ResponseWriter, r *http.Request) error {
	run, err := p.rankingRun(r)
	if err != nil {
		return err
	}
	why := run.MayPropose(actor(r))
	if why == nil {
		at, err := p.Rankings.Readiness(r.Context(), run, calendar.On(p.Now()))
		if err != nil {
			return err
		}
		why = run.Ready(at, p.Now())
	}
	return p.askPropose(w, r, run, why)
}

// inpsPropose puts a simulation before those who approve.
func (p *Portal) inpsPropose(w http.ResponseWriter, r *http.Request) error {
	id, sent, _, err := rankingForm(r, "ranking.propose")
	if err != nil {
		return err
	}
	err = p.Rankings.Propose(r.Context(), actor(r), sent, id)
	if rankingRefusal(err) {
		run, lookup := p.Rankings.Run(r.Context(), id)
		if lookup != nil {
			return lookup
		}
		return p.askPropose(w, r, run, err)
	}
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, simulationPath(id), f.T("inps.ranking.propose.done"), f.T("inps.ranking.propose.done.text"))
}

// askPropose is the question, or why there is none to ask.
func (p *Portal) askPropose(w http.ResponseWriter, r *http.Request, run voucher.Run, why error) error {
	var f ui.Frame
	back := ui.Link{Text: f.T("inps.ranking.propose.keep"), URL: simulationPath(run.ID)}
	if why != nil {
		return p.rankingRefused(w, r, run, f.T("inps.ranking.propose.not", "Number", run.Number), back, why)
	}
	sum := run.Total()
	page := inps.SimulationAskPage{Frame: p.rankingFrame(r, run, f.T("inps.ranking.propose.title", "Number", run.Number))}
	page.Asks = ui.ConfirmProps{
		Consequences: []string{
			f.T("inps.ranking.propose.text", "Candidates", ui.Number(run.Candidates), "Awarded", ui.Number(sum.Awarded), "Partial", ui.Number(sum.Partial), "Amount", sum.AwardedAmount),
			f.T("inps.ranking.propose.next")},
		Form:    ui.FormProps{Action: simulationPath(run.ID) + "/proponi", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.ranking.propose"), Cancel: &back},
	}
	return p.show(w, r, inps.SimulationAsk(page))
}

// rankingRefused says why something cannot be done with a run.
func (p *Portal) rankingRefused(w http.ResponseWriter, r *http.Request, run voucher.Run, title string, back ui.Link, why error) error {
	if !rankingRefusal(why) {
		return why
	}
	f := p.rankingFrame(r, run, title)
	return p.showAs(w, r, http.StatusConflict, inps.SimulationAsk(inps.SimulationAskPage{Frame: f, Why: rankingReason(f, why), See: back}))
}

// inpsDropAsk asks whether to throw a simulation away.
func (p *Portal) inpsDropAsk(w http.ResponseWriter, r *http.Request) error {
	run, err := p.rankingRun(r)
	if err != nil {
		return err
	}
	return p.askDrop(w, r, run, run.MayDrop(actor(r)))
}

// inpsDrop throws a simulation away.
func (p *Portal) inpsDrop(w http.ResponseWriter, r *http.Request) error {
	id, sent, _, err := rankingForm(r, "ranking.drop")
	if err != nil {
		return err
	}
	run, err := p.Rankings.Run(r.Context(), id)
	if err != nil {
		return err
	}
	err = p.Rankings.Drop(r.Context(), actor(r), sent, id)
	if rankingRefusal(err) {
		return p.askDrop(w, r, run, err)
	}
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, rankingPath(run.Edition), f.T("inps.ranking.drop.done"), f.T("inps.ranking.drop.done.text", "Number", run.Number))
}

func (p *Portal) askDrop(w http.ResponseWriter, r *http.Request, run voucher.Run, why error) error {
	var f ui.Frame
	back := ui.Link{Text: f.T("inps.ranking.drop.keep"), URL: simulationPath(run.ID)}
	if why != nil {
		back.Text = f.T("inps.ranking.propose.keep")
		return p.rankingRefused(w, r, run, f.T("inps.ranking.drop.not", "Number", run.Number), back, why)
	}
	page := inps.SimulationAskPage{Frame: p.rankingFrame(r, run, f.T("inps.ranking.drop.title", "Number", run.Number))}
	page.Asks = ui.ConfirmProps{
		Consequences: []string{f.T("inps.ranking.drop.text")},
		Form:         ui.FormProps{Action: simulationPath(run.ID) + "/elimina", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("inps.ranking.drop.act"), Danger: true, Cancel: &back},
	}
	return p.show(w, r, inps.SimulationAsk(page))
}
