package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/web/ruleset"
	"portal/web/ui"
)

// callDecidePage is a version next to what is in force, which comes back too, or next to
// what it was copied from while nothing is.
func (p *Portal) callDecidePage(r *http.Request, f ui.Frame, v indemnity.Version, versions []indemnity.Version) (ruleset.DecidePage, *indemnity.RuleSet, error) {
	page := ruleset.DecidePage{Frame: f, Proofs: callProofs(f, &v.Call), Empty: f.T("ruleset.changes.none")}
	if i := slices.IndexFunc(versions, callInForce); i >= 0 {
		page.Against = f.T("ruleset.changes.in_force", "Number", versions[i].Call.Version)
		page.Changes = callChanges(f, &versions[i].Rules, &v.Rules)
		return page, &versions[i].Rules, nil
	}
	source, err := p.Calls.Version(r.Context(), v.From)
	if err != nil {
		return page, nil, err
	}
	page.Against = f.T("calls.changes.copied", "Month", ui.Month(v.From.Call.Month().From), "Number", v.From.Number)
	page.Changes = callChanges(f, source.Rules.CitedAs(v.From.Call, v.Call.ID), &v.Rules)
	return page, nil, nil
}

// welfareCallProposeAsk shows what a draft changes and whether its examples come out,
// and asks for the proposal when they do.
func (p *Portal) welfareCallProposeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCallPropose(w, r, http.StatusOK)
}

func (p *Portal) showCallPropose(w http.ResponseWriter, r *http.Request, status int) error {
	v, versions, err := p.openCall(r)
	if err == nil {
		err = v.MayEdit(actor(r))
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.callFrame(r, v, f.T("calls.propose.title", "Month", ui.Month(v.Call.ID.Month().From)))
	page, before, err := p.callDecidePage(r, f, v, versions)
	if err != nil {
		return err
	}
	page.Lead = f.T("calls.propose.lead")
	if why := v.Releasable(before); why != nil {
		page.Notes = append(page.Notes, callWhyNot(f, why))
		return p.showAs(w, r, status, ruleset.Decide(page))
	}
	page.Propose = &ui.ConfirmProps{
		Consequences: []string{f.T("ruleset.propose.text")},
		Form:         ui.FormProps{Action: callPath(v.Call.ID) + "/proponi", Key: once.NewKey(), Version: callRevision(v)},
		Buttons:      ui.ButtonsProps{Submit: f.T("ruleset.propose"), Cancel: f.Back},
	}
	return p.showAs(w, r, status, ruleset.Decide(page))
}

// welfareCallPropose proposes a draft.
func (p *Portal) welfareCallPropose(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	v := shownCall(versions)
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "call.propose", url.Values{"idem": fields["idem"], "bando": {string(v.Call.ID)}, "versione": fields["versione"]})
	if err != nil {
		return err
	}
	ref, revision, err := seenCall(v, fields)
	if err == nil {
		err = p.Calls.Propose(r.Context(), actor(r), sent, ref, revision)
	}
	switch reason := fault.As(err); reason {
	case indemnity.ErrUnsound, indemnity.ErrUnproved, indemnity.ErrLocked, indemnity.ErrNothingNew:
		return p.showCallPropose(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callPath(v.Call.ID), f.T("ruleset.propose.done"), f.T("ruleset.propose.done_text"))
}

// welfareCallDecideAsk shows a proposed version as «Prima / Dopo», with the outcome of
// its examples, and asks for the decision of a second person.
func (p *Portal) welfareCallDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCallDecide(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showCallDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	v, versions, err := p.openCall(r)
	if err != nil {
		return err
	}
	if v.State != rules.Proposed {
		return indemnity.ErrNotProposed
	}
	var f ui.Frame
	f = p.callFrame(r, v, f.T("calls.decide.title", "Month", ui.Month(v.Call.ID.Month().From)))
	f.Errors = wrong
	page, before, err := p.callDecidePage(r, f, v, versions)
	if err != nil {
		return err
	}
	page.Lead = f.T("ruleset.decide.lead", "Who", handText(f, v.Proposed))
	if why := v.Releasable(before); why != nil {
		page.Notes = append(page.Notes, callWhyNot(f, why))
	}
	if err := v.MayDecide(actor(r)); err != nil {
		text := f.T("reason.duty.missing")
		if errors.Is(err, indemnity.ErrOwnVersion) {
			text = f.T("reason.call.own_version")
		}
		page.Notes = append(page.Notes, ruleset.Note{Tone: ui.Action, Texts: []string{text}})
		return p.showAs(w, r, status, ruleset.Decide(page))
	}
	page.Choice, page.Reason = fields.Get("decisione"), fields.Get("nota")
	page.Form = &ui.FormProps{Action: callPath(v.Call.ID) + "/approva", Key: fields.Get("idem"), Version: callRevision(v)}
	return p.showAs(w, r, status, ruleset.Decide(page))
}

// welfareCallDecide releases a proposed version, or sends it back.
func (p *Portal) welfareCallDecide(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	v := shownCall(versions)
	fields, err := form(r)
	if err != nil {
		return err
	}
	ref, revision, err := seenCall(v, fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	var done, text string
	switch fields.Get("decisione") {
	case "approva":
		sent, problem := sending(r, "call.release", url.Values{"idem": fields["idem"], "bando": {string(ref.Call)}, "versione": fields["versione"]})
		if problem != nil {
			return problem
		}
		err = p.Calls.Release(r.Context(), actor(r), sent, ref, revision)
		done, text = "ruleset.approve.done", "ruleset.approve.done_text"
	case "rimanda":
		sent, problem := sending(r, "call.return", fields)
		if problem != nil {
			return problem
		}
		err = p.Calls.SendBack(r.Context(), actor(r), sent, ref, revision, fields.Get("nota"))
		done, text = "ruleset.return.done", "ruleset.return.done_text"
	default:
		return p.showCallDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "decisione", Text: f.T("ruleset.decide.choose")}})
	}
	switch reason := fault.As(err); reason {
	case indemnity.ErrNoReturn:
		return p.showCallDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "nota", Text: words(f, reason)}})
	case indemnity.ErrUnsound, indemnity.ErrUnproved, indemnity.ErrLocked, indemnity.ErrNothingNew, indemnity.ErrOwnVersion:
		return p.showCallDecide(w, r, http.StatusConflict, fields, nil)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, callPath(ref.Call), f.T(done), f.T(text))
}
