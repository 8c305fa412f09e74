package portal

import (
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// memberWithdrawAsk asks whether to withdraw an application, and says until when another
// can be sent (M-20).
func (p *Portal) memberWithdrawAsk(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	if err := c.MayWithdraw(actor(r)); err != nil {
		return err
	}
	f := p.memberFrame(r, "member.withdraw.title", "Protocol", c.Protocol)
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.T("member.withdraw")})
	says := []string{f.T("member.withdraw.text")}
	if calendar.On(p.Now()).After(c.TermEndedOn) {
		says = append(says, f.T("member.withdraw.no_other", "On", ui.OnDay(c.TermEndedOn)))
	} else {
		says = append(says, f.T("member.withdraw.other", "By", ui.ByDay(c.TermEndedOn)))
	}
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{Consequences: says,
		Form:    ui.FormProps{Action: memberCasePath(c.ID) + "/ritira", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("member.withdraw"), Danger: true, Cancel: &ui.Link{Text: f.T("member.withdraw.keep"), URL: memberCasePath(c.ID)}}}}))
}

// memberWithdraw withdraws an application.
func (p *Portal) memberWithdraw(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.withdraw", url.Values{"idem": fields["idem"], "domanda": {id}})
	if err != nil {
		return err
	}
	if err := p.Applications.Withdraw(r.Context(), actor(r), sent, indemnity.CaseID(id)); err != nil {
		return err
	}
	f := ui.Frame{}
	return p.done(w, r, memberCasePath(indemnity.CaseID(id)), f.T("member.withdrawn"), f.T("member.withdrawn.text"))
}
