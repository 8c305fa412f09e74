package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareRevokeAsk asks for the letter that takes back an indemnity for what a check
// found.
func (p *Portal) welfareRevokeAsk(w http.ResponseWriter, r *http.Request) error {
	k, c, err := p.openedControl(r)
	if err != nil {
		return err
	}
	return p.showRevoke(w, r, http.StatusOK, k, c, url.Values{"testo": {k.Found}}, nil, false)
}

// showRevoke asks for the text of the letter, or shows the whole of it to confirm.
func (p *Portal) showRevoke(w http.ResponseWriter, r *http.Request, status int, k indemnity.Control, c indemnity.CaseFile, fields url.Values, wrong []ui.FieldError, confirm bool) error {
	paid, err := p.Controls.Payout(r.Context(), c.ID)
	if err != nil {
		return err
	}
	f := p.controlFrame(r, ui.Frame{}.T("controls.revoke"), ui.Crumb{Text: c.Protocol, URL: controlPath(k.ID)})
	f.Caption, f.Errors = f.T("heirs.case.title", "Protocol", c.Protocol), wrong
	page := welfare.ControlPage{Frame: f, Lead: []string{f.T("controls.revoke.ask")}, Facts: append(welfareFacts(f, c), p.owedFacts(f, c, paid)...),
		Links: []ui.Link{{Text: f.T("controls.to_control"), URL: controlPath(k.ID)}}}
	act := welfare.ControlAct{ID: "lettera", Title: f.T("controls.revoke.letter")}
	switch reason := fault.As(c.MayRevoke(actor(r), k, paid)); {
	case reason == identity.ErrNoDuty:
		act.Why = f.T("controls.prepares")
	case reason != nil:
		act.Why, status = words(f, reason), http.StatusConflict
	default:
		act.Form = &ui.FormProps{Action: controlPath(k.ID) + "/revoca", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)}
		act.Buttons = ui.ButtonsProps{Submit: f.T("outcome.check"), Cancel: &ui.Link{Text: f.T("controls.to_control"), URL: controlPath(k.ID)}}
		if confirm {
			letter := decidedLetter(f, c, indemnity.Decision{To: indemnity.Revoked, Codes: k.Codes, Text: fields.Get("testo")})
			page.Letter, act.Hidden = &letter, [][2]string{{"testo", fields.Get("testo")}, {"conferma", "si"}}
			act.Form.Version = fields.Get("versione")
			act.Buttons.Submit, act.Buttons.Danger = f.T("controls.revoke.propose"), true
			break
		}
		act.Fields = []templ.Component{ui.TextArea(f, ui.TextAreaProps{Name: "testo", Label: f.T("outcome.text"), Hint: f.T("outcome.text.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("testo"), Rows: 6})}
	}
	page.Acts = []welfare.ControlAct{act}
	return p.showAs(w, r, status, welfare.Control(page))
}

// owedFacts say what was paid of a case, and what each payee would give back.
func (p *Portal) owedFacts(f ui.Frame, c indemnity.CaseFile, paid indemnity.Payout) (facts []ui.Entry) {
	owed := c.Rules.Owed(paid)
	for _, x := range owed {
		facts = append(facts, ui.Entry{Name: f.T("recoveries.owed"), Value: x.Net.String(), Note: x.Payee.Name(), Proper: true})
	}
	switch {
	case paid.UnderWay:
		facts = append(facts, ui.Entry{Name: f.T("recoveries.owed"), Value: f.T("recoveries.under_way")})
	case len(owed) == 0:
		facts = append(facts, ui.Entry{Name: f.T("recoveries.owed"), Value: f.T("recoveries.nothing_paid")})
	}
	return facts
}

// welfareRevoke shows the letter, and proposes to take an indemnity back once that is
// confirmed.
func (p *Portal) welfareRevoke(w http.ResponseWriter, r *http.Request) error {
	k, c, err := p.openedControl(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	wrongText := func(field string, reason *fault.Reason) error {
		return p.showRevoke(w, r, http.StatusUnprocessableEntity, k, c, fields, []ui.FieldError{{Field: field, Text: words(ui.Frame{}, reason)}}, false)
	}
	if bad := (textError{}); errors.As(err, &bad) {
		return wrongText(bad.field, errText)
	}
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	if fields.Get("conferma") == "" {
		if n := len([]rune(strings.TrimSpace(fields.Get("testo")))); n == 0 || n > indemnity.NoteLength {
			return wrongText("testo", indemnity.ErrDecisionText)
		}
		return p.showRevoke(w, r, http.StatusOK, k, c, fields, nil, true)
	}
	sent, err := sending(r, "indemnity.revoke", url.Values{"idem": fields["idem"], "controllo": {string(k.ID)}, "testo": fields["testo"], "versione": fields["versione"]})
	if err != nil {
		return err
	}
	err = p.Controls.ProposeRevocation(r.Context(), actor(r), sent, k.ID, version, fields.Get("testo"))
	var f ui.Frame
	switch reason := fault.As(err); {
	case reason == indemnity.ErrDecisionText:
		return wrongText("testo", reason)
	case reason == indemnity.ErrCaseMoved:
		return p.showRevoke(w, r, http.StatusConflict, k, c, fields, []ui.FieldError{{Field: "testo", Text: words(f, reason)}}, false)
	case reason != nil && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showRevoke(w, r, http.StatusConflict, k, c, fields, nil, false)
	case err != nil:
		return err
	}
	return p.done(w, r, controlPath(k.ID), f.T("controls.revoke.done"), f.T("controls.revoke.done.text"))
}
