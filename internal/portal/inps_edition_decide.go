package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/ruleset"
	"portal/web/ui"
)

// inpsEditionDecideAsk shows a proposed version as «Prima / Dopo», with the outcome
// of its examples, and asks for the decision of a second person.
func (p *Portal) inpsEditionDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showDecide(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	v, versions, err := p.openVersion(r)
	if err != nil {
		return err
	}
	if v.State != rules.Proposed {
		return voucher.ErrNotProposed
	}
	var f ui.Frame
	f = p.versionFrame(r, v, f.T("inps.editions.decide.title", "ID", string(v.Edition.ID)))
	f.Errors = wrong
	page, before, err := p.decidePage(r, f, v, versions)
	if err != nil {
		return err
	}
	page.Lead = f.T("ruleset.decide.lead", "Who", handText(f, v.Proposed))
	if why := v.Releasable(before); why != nil {
		page.Notes = append(page.Notes, whyNot(f, why))
	}
	if err := v.MayDecide(actor(r)); err != nil {
		page.Notes = append(page.Notes, ruleset.Note{Tone: ui.Action, Texts: []string{decideWords(f, err)}})
		return p.showAs(w, r, status, ruleset.Decide(page))
	}
	page.Choice, page.Reason = fields.Get("decisione"), fields.Get("nota")
	page.Form = &ui.FormProps{Action: editionPath(v.Edition.ID) + "/approva", Key: fields.Get("idem"), Version: revision(v)}
	return p.showAs(w, r, status, ruleset.Decide(page))
}

// decideWords is why the reader cannot decide.
func decideWords(f ui.Frame, err error) string {
	if errors.Is(err, voucher.ErrOwnVersion) {
		return f.T("reason.edition.own_version")
	}
	return f.T("reason.duty.missing")
}

// inpsEditionDecide releases a proposed version, or sends it back.
func (p *Portal) inpsEditionDecide(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	v := shownVersion(versions)
	fields, err := form(r)
	if err != nil {
		return err
	}
	ref, seen, err := seenVersion(v, fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	var done, text string
	switch fields.Get("decisione") {
	case "approva":
		sent, problem := sending(r, "edition.release", url.Values{"idem": fields["idem"], "edizione": {string(ref.Edition)}, "versione": fields["versione"]})
		if problem != nil {
			return problem
		}
		err = p.Editions.Release(r.Context(), actor(r), sent, ref, seen)
		done, text = "ruleset.approve.done", "ruleset.approve.done_text"
	case "rimanda":
		sent, problem := sending(r, "edition.return", fields)
		if problem != nil {
			return problem
		}
		err = p.Editions.SendBack(r.Context(), actor(r), sent, ref, seen, fields.Get("nota"))
		done, text = "ruleset.return.done", "ruleset.return.done_text"
	default:
		return p.showDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "decisione", Text: f.T("ruleset.decide.choose")}})
	}
	switch {
	case errors.Is(err, voucher.ErrNoReturn):
		return p.showDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "nota", Text: words(f, voucher.ErrNoReturn)}})
	case errors.Is(err, voucher.ErrUnsound), errors.Is(err, voucher.ErrUnproved), errors.Is(err, voucher.ErrLocked),
		errors.Is(err, voucher.ErrNothingNew), errors.Is(err, voucher.ErrOwnVersion):
		return p.showDecide(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, editionPath(ref.Edition), f.T(done), f.T(text))
}
