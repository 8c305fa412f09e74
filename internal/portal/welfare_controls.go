package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const (
	controlsPath   = welfarePath + "/controlli"
	recoveriesPath = welfarePath + "/recuperi"
)

func samplePath(id indemnity.SampleID) string   { return controlsPath + "/campioni/" + string(id) }
func controlPath(id indemnity.ControlID) string { return controlsPath + "/casi/" + string(id) }

func (p *Portal) controlFrame(r *http.Request, title string, path ...ui.Crumb) ui.Frame {
	return p.welfareFrame(r, title, append([]ui.Crumb{{Text: ui.Frame{}.T("controls.title"), URL: controlsPath}}, path...)...)
}

// controlTones are the colours of what came of a check.
var controlTones = map[indemnity.ControlState]ui.Tone{indemnity.ControlRuns: ui.Working, indemnity.ControlConfirmed: ui.Success, indemnity.ControlIrregular: ui.Danger}

var sampleTones = map[indemnity.SampleState]ui.Tone{indemnity.SampleWaits: ui.Action, indemnity.SampleMade: ui.Success, indemnity.SampleNot: ui.Closed}

// controlShelves are the parts of the list of checks, in their order.
var controlShelves = shelves[indemnity.ControlState]{controlsPath, []stateShelf[indemnity.ControlState]{
	{"", "controls.shelf.open", []indemnity.ControlState{indemnity.ControlRuns}},
	{"regolari", "controls.shelf.confirmed", []indemnity.ControlState{indemnity.ControlConfirmed}},
	{"irregolari", "controls.shelf.irregular", []indemnity.ControlState{indemnity.ControlIrregular}},
}}

// welfareControls lists the samples and the checks on cases (W-17).
func (p *Portal) welfareControls(w http.ResponseWriter, r *http.Request) error {
	if err := indemnity.MaySeeControls(actor(r)); err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := controlShelves.chosen(q), pageNumber(q)
	found, err := p.Controls.Controls(r.Context(), indemnity.ControlList{State: shelf.states[0], Page: number})
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("controls.title"))
	page := welfare.ControlsPage{Frame: f, Lead: f.T("controls.lead"), Count: counted(f, "controls.count", found.Total),
		Shelves: controlShelves.tabs(f, shelf, found.Counts), Pages: controlShelves.pages(f.T("controls.pages"), shelf, number, found.Total, indemnity.ControlsPerPage),
		Recoveries: ui.Link{Text: f.T("recoveries.title"), URL: recoveriesPath}, Public: ui.Link{Text: f.T("controls.public"), URL: publicControlsPath}}
	for _, k := range found.Controls {
		page.Rows = append(page.Rows, p.controlRow(r, f, k))
	}
	if page.Calls, err = p.controlCalls(r, f); err != nil {
		return err
	}
	return p.show(w, r, welfare.Controls(page))
}

func (p *Portal) controlRow(r *http.Request, f ui.Frame, k indemnity.Control) welfare.ControlRow {
	standing := k.Standing()
	row := welfare.ControlRow{ID: string(k.ID), Protocol: k.Protocol, Call: ui.Month(k.Call.Month().From), Source: controlSource(f, k), Opened: ui.ShortMoment(k.Opened.At),
		State: controlTag(f, k), Case: ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))}}
	if !k.Ended.At.IsZero() {
		row.Who = f.T("controls.ended", "Name", k.Ended.Name, "At", ui.OnMoment(k.Ended.At))
	}
	if opensCases(r) {
		row.URL = controlPath(k.ID)
	}
	return row
}

func controlTag(f ui.Frame, k indemnity.Control) ui.Tag {
	return ui.Tag{Tone: controlTones[k.State], Text: f.T("controls.state." + string(k.State))}
}

// controlSource says why a case is checked.
func controlSource(f ui.Frame, k indemnity.Control) string {
	if k.Source == indemnity.FromSample {
		return f.T("controls.source.sample", "Place", k.Place)
	}
	return f.T("controls.source.report")
}

// controlCalls are the calls with how far their sample has come, the newest first.
func (p *Portal) controlCalls(r *http.Request, f ui.Frame) (rows []welfare.ControlCall, err error) {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return nil, err
	}
	commitments, err := p.Controls.Commitments(r.Context(), "")
	if err != nil {
		return nil, err
	}
	samples, err := p.Controls.Samples(r.Context(), "")
	if err != nil {
		return nil, err
	}
	for i := len(calls) - 1; i >= 0; i-- {
		row, err := p.controlCall(r, f, calls[i].ID, commitments, samples)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (p *Portal) controlCall(r *http.Request, f ui.Frame, id indemnity.CallID, commitments []indemnity.Commitment, samples []indemnity.Sample) (welfare.ControlCall, error) {
	row := welfare.ControlCall{ID: string(id), Name: ui.Month(id.Month().From), Value: f.T("controls.value.none"), State: ui.Tag{Tone: ui.Closed, Text: f.T("controls.sample.none")}}
	of := func(c indemnity.Commitment) {
		row.Value, row.Digest = f.T("controls.value.committed", "Name", c.Made.Name, "At", ui.OnMoment(c.Made.At)), c.Digest[:16]+"…"
	}
	committed := false
	for _, c := range commitments {
		if c.Call == id && c.Value == "" {
			committed = true
			of(c)
		}
	}
	for _, s := range samples { // newest first
		if s.Call == id {
			of(s.Commitment)
			row.State = ui.Tag{Tone: sampleTones[s.State], Text: f.T("controls.sample." + string(s.State))}
			row.Note = f.T("controls.sample.of", "Size", grouped(s.Size), "Population", grouped(s.Population), "Number", s.Publication)
			row.Actions = append(row.Actions, ui.Link{Text: f.T("controls.sample.open"), URL: samplePath(s.ID)})
			break
		}
	}
	if !actor(r).Has(identity.Prepare) {
		return row, nil
	}
	d, err := p.Controls.ToDraw(r.Context(), id)
	if err != nil {
		return row, err
	}
	here := controlsPath + "/" + string(id)
	if d.MayPropose() == nil {
		row.Actions = append(row.Actions, ui.Link{Text: f.T("controls.sample.propose"), URL: here + "/campione"})
	}
	switch {
	case d.Ranking != "" && d.Exists == "" && !d.Committed:
		row.Note = f.T("controls.sample.impossible")
	case d.Ranking == "" && !committed:
		row.Note = f.T("controls.value.with_proposal")
	}
	if d.Exists == "" && !committed {
		row.Actions = append(row.Actions, ui.Link{Text: f.T("controls.value.commit"), URL: here + "/valore"})
	}
	return row, nil
}

// welfareSeedAsk asks whether chance shall draw the value for the sample of a call.
func (p *Portal) welfareSeedAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	id := c.ID
	return p.showSeed(w, r, http.StatusOK, id, "")
}

func (p *Portal) showSeed(w http.ResponseWriter, r *http.Request, status int, id indemnity.CallID, why string) error {
	f := p.controlFrame(r, ui.Frame{}.T("controls.seed.title"))
	f.Caption = callTitle(f, id)
	act := welfare.ControlAct{ID: "impegno", Title: f.T("controls.value.commit"), Why: why}
	switch {
	case why != "":
	case actor(r).Must(identity.Welfare, identity.Prepare) != nil:
		act.Why = f.T("controls.prepares")
	default:
		act.Form = &ui.FormProps{Action: controlsPath + "/" + string(id) + "/valore", Key: once.NewKey()}
		act.Buttons = ui.ButtonsProps{Submit: f.T("controls.value.commit"), Cancel: &ui.Link{Text: f.T("controls.back"), URL: controlsPath}}
	}
	return p.showAs(w, r, status, welfare.Control(welfare.ControlPage{Frame: f, Lead: []string{f.T("controls.seed.lead"), f.T("controls.seed.then")}, Acts: []welfare.ControlAct{act}}))
}

// welfareSeed has chance draw the value, and shows its digest from then on.
func (p *Portal) welfareSeed(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	id := c.ID
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.commit", url.Values{"idem": fields["idem"], "bando": {string(id)}})
	if err != nil {
		return err
	}
	var f ui.Frame
	switch err := p.Controls.CommitSeed(r.Context(), actor(r), sent, id); {
	case errors.Is(err, indemnity.ErrSeedCommitted):
		return p.showSeed(w, r, http.StatusConflict, id, words(f, indemnity.ErrSeedCommitted))
	case err != nil:
		return err
	}
	return p.done(w, r, controlsPath, f.T("controls.seed.done"), f.T("controls.seed.done.text"))
}
