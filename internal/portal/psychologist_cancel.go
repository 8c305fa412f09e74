package portal

import (
	"errors"
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistCancelAsk asks before a session is cancelled (S-06). One that cannot
// be is shown as it is, with the reason.
func (p *Portal) psychologistCancelAsk(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessionSeen(r)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	if reason := fault.As(s.MayWithdraw(s.Terms(), today)); reason != nil {
		return p.showRefused(w, r, s, reason)
	}
	title, text := "psychologist.cancel.title", "psychologist.cancel.text"
	submit, keep := "psychologist.cancel.submit", "psychologist.cancel.keep"
	if s.State == voucher.Held {
		title, text = "psychologist.retract.title", "psychologist.retract.text"
		submit, keep = "psychologist.retract.submit", "psychologist.retract.keep"
	}
	f := p.psychologistFrame(r, title, "OfDay", ui.OfDay(s.Day))
	nameStep(&f, submit)
	f.Back = &ui.Link{Text: f.T("psychologist.to_session"), URL: sessionPath(s.ID)}
	return p.show(w, r, psychologist.Cancel(psychologist.CancelPage{
		Frame: f,
		Facts: bookingFacts(s),
		Ask: ui.ConfirmProps{
			Consequences: []string{f.T(text) + " " + whereItGoes(f, s, today), f.T("psychologist.cancel.final")},
			Form:         ui.FormProps{Action: sessionPath(s.ID) + "/annulla", Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T(submit), Danger: true,
				Cancel: &ui.Link{Text: f.T(keep), URL: sessionPath(s.ID)}},
		},
	}))
}

// whereItGoes says who has the money of a session once it is cancelled.
func whereItGoes(f ui.Frame, s voucher.Session, today calendar.Date) string {
	if today.After(s.LastDay) {
		return f.T("psychologist.cancel.to_fund", "Amount", s.Amount)
	}
	return f.T("psychologist.cancel.free_again", "Amount", s.Amount)
}

// psychologistCancel cancels a session for its professional.
func (p *Portal) psychologistCancel(w http.ResponseWriter, r *http.Request) error {
	return p.actOnSession(w, r, "voucher.cancel", func(sent once.Form, s voucher.Session) error {
		if err := p.Vouchers.Cancel(r.Context(), actor(r), sent, s.ID); err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, sessionPath(s.ID), f.T("psychologist.cancel.done"),
			f.T("psychologist.cancel.done_text")+" "+whereItGoes(f, s, calendar.On(p.Now())))
	})
}

// actOnSession reads a form about the session of the address and lets act do what
// it asks. When it is refused, the session is shown as it has become.
func (p *Portal) actOnSession(w http.ResponseWriter, r *http.Request, action string, act func(once.Form, voucher.Session) error) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	s, err := p.ownSession(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, action, fields)
	if err != nil {
		return err
	}
	err = act(sent, s)
	reason, refused := fault.Refusal(err)
	if !refused || errors.Is(err, once.ErrOtherContent) {
		return err
	}
	now, err := p.ownSession(r)
	if err != nil {
		return err
	}
	return p.showRefused(w, r, now, reason)
}
