package portal

import (
	"net/http"

	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistConfirmAsk asks for the declaration that a session took place
// (S-07). One that cannot be confirmed is shown as it is, with the reason.
func (p *Portal) psychologistConfirmAsk(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessionSeen(r)
	if err != nil {
		return err
	}
	if reason := fault.As(s.MayConfirm(s.Terms(), p.Now())); reason != nil {
		return p.showRefused(w, r, s, reason)
	}
	return p.show(w, r, psychologist.Confirm(p.confirmPage(r, s, once.NewKey())))
}

// psychologistConfirm confirms a session. Without the declaration nothing is.
func (p *Portal) psychologistConfirm(w http.ResponseWriter, r *http.Request) error {
	return p.actOnSession(w, r, "voucher.confirm", func(sent once.Form, s voucher.Session) error {
		if r.PostForm.Get("dichiarazione") != "on" {
			page := p.confirmPage(r, s, sent.Key)
			page.Errors = []ui.FieldError{{Field: "dichiarazione", Text: page.T("psychologist.confirm.declaration_missing")}}
			return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.Confirm(page))
		}
		if err := p.Vouchers.Confirm(r.Context(), actor(r), sent, s.ID); err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, sessionPath(s.ID), f.T("psychologist.confirm.done"), f.T("psychologist.confirm.done_text", "Amount", s.Amount))
	})
}

func (p *Portal) confirmPage(r *http.Request, s voucher.Session, key string) psychologist.ConfirmPage {
	f := p.psychologistFrame(r, "psychologist.confirm.title", "OfDay", ui.OfDay(s.Day))
	nameStep(&f, "psychologist.confirm.submit")
	f.Back = &ui.Link{Text: f.T("psychologist.to_session"), URL: sessionPath(s.ID)}
	return psychologist.ConfirmPage{
		Frame: f, Facts: bookingFacts(s), CancelURL: sessionPath(s.ID) + "/annulla",
		Ask: ui.ConfirmProps{
			Consequences: []string{f.T("psychologist.confirm.text", "Amount", s.Amount)},
			Form:         ui.FormProps{Action: sessionPath(s.ID) + "/conferma", Key: key},
			Buttons: ui.ButtonsProps{Submit: f.T("psychologist.confirm.submit"),
				Cancel: &ui.Link{Text: f.T("psychologist.to_session"), URL: sessionPath(s.ID)}},
		},
	}
}
