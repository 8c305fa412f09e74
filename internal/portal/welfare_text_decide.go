package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareTextDecideAsk shows a proposed wording beside the one in force.
func (p *Portal) welfareTextDecideAsk(w http.ResponseWriter, r *http.Request) error {
	t, err := p.openedText(r)
	if err != nil {
		return err
	}
	return p.showTextDecide(w, r, http.StatusOK, t, url.Values{}, nil)
}

func (p *Portal) showTextDecide(w http.ResponseWriter, r *http.Request, status int, t indemnity.TextFile, fields url.Values, wrong []ui.FieldError) error {
	open := t.Open()
	if open == nil {
		return goTo(w, r, textPath(t.Key), nil)
	}
	f := p.textFrame(r, t, "texts.decide")
	f.Errors = wrong
	page := welfare.TextDecidePage{Frame: f, Lead: f.T("texts.decide.lead", "Name", open.ProposedBy.Name(), "At", ui.OnMoment(open.ProposedAt)),
		New: textReading(f, t.StandardText, open.Wording), Now: textReading(f, t.StandardText, t.InForce().Wording), Back: ui.Link{Text: f.T("texts.back.one"), URL: textPath(t.Key)}}
	for _, part := range textParts(f, t.StandardText, open.Wording) {
		page.Raw = append(page.Raw, rawLines(part[1])...)
	}
	switch err := open.MayDecide(actor(r)); {
	case errors.Is(err, identity.ErrNoDuty):
		page.Why = f.T("texts.approves")
	case err != nil:
		page.Why = words(f, fault.As(err))
	default:
		page.Form = &ui.FormProps{Action: textPath(t.Key) + "/decidi", Key: once.NewKey(), Version: strconv.Itoa(open.Number)}
		page.Choice = ui.ChoiceProps{Name: "decisione", Legend: f.T("texts.decision"), Chosen: fields["decisione"], Options: []ui.Option{
			{Value: "approva", Label: f.T("outcome.approve"), Hint: f.T("texts.approve.hint")}, {Value: "rimanda", Label: f.T("outcome.send_back"), Hint: f.T("texts.send_back.hint")}}}
		page.Text = ui.TextAreaProps{Name: "motivo", Label: f.T("outcome.why"), Hint: f.T("outcome.why.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("motivo"), Optional: true}
		page.Buttons = ui.ButtonsProps{Submit: f.T("outcome.record"), Cancel: &page.Back}
	}
	return p.showAs(w, r, status, welfare.TextDecide(page))
}

// welfareTextDecide approves a proposed wording, or sends it back.
func (p *Portal) welfareTextDecide(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	t, err := p.openedText(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Approve)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	if bad.field != "" {
		return p.showTextDecide(w, r, http.StatusUnprocessableEntity, t, fields, []ui.FieldError{{Field: bad.field, Text: words(f, errText)}})
	}
	number, err := strconv.Atoi(fields.Get("versione"))
	if err != nil {
		return errUnreadable
	}
	act := fields.Get("decisione")
	if act != "approva" && act != "rimanda" {
		return p.showTextDecide(w, r, http.StatusUnprocessableEntity, t, fields, []ui.FieldError{{Field: "decisione", Text: f.T("outcome.choose")}})
	}
	sent, err := sending(r, "indemnity.text_decide", url.Values{"idem": fields["idem"], "modello": {string(t.Key)}, "decisione": {act}, "motivo": fields["motivo"], "versione": fields["versione"]})
	if err != nil {
		return err
	}
	title, text := f.T("texts.approved"), f.T("texts.approved.text")
	if act == "approva" {
		err = p.Texts.Approve(r.Context(), actor(r), sent, t.Key, number)
	} else {
		title, text = f.T("texts.sent_back"), f.T("texts.sent_back.text")
		err = p.Texts.SendBack(r.Context(), actor(r), sent, t.Key, number, fields.Get("motivo"))
	}
	switch {
	case errors.Is(err, indemnity.ErrTextWhy):
		return p.showTextDecide(w, r, http.StatusUnprocessableEntity, t, fields, []ui.FieldError{{Field: "motivo", Text: words(f, indemnity.ErrTextWhy)}})
	case errors.Is(err, indemnity.ErrOwnText):
		return p.showTextDecide(w, r, http.StatusConflict, t, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, textPath(t.Key), title, text)
}
