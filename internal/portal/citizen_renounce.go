package portal

import (
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

func renouncePath(id voucher.ApplicationID) string { return applicationPath(id) + "/rinuncia" }

// mayRenounce tells why a contribution, or an application that has no outcome yet,
// cannot be given up on a day.
func mayRenounce(file voucher.CaseFile, today calendar.Date) error {
	if file.HasVoucher() {
		return file.Account().MayRenounce(today)
	}
	return file.Application.MayWithdraw()
}

// citizenRenounceAsk asks whether to give up, and says what follows.
func (p *Portal) citizenRenounceAsk(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	return p.showRenounce(w, r, http.StatusOK, file)
}

// citizenRenounce gives up the contribution, or takes the application back.
func (p *Portal) citizenRenounce(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	a := file.Application
	sent, err := sending(r, "application.renounce", url.Values{"idem": fields["idem"], "domanda": {string(a.ID)}})
	if err != nil {
		return err
	}
	f, done := ui.Frame{}, "citizen.renounce.withdrawn"
	if file.HasVoucher() {
		done = "citizen.renounce.done"
		err = p.Vouchers.Renounce(r.Context(), actor(r), sent, file.Voucher.ID)
	} else {
		err = p.Intake.Withdraw(r.Context(), actor(r), sent, a.ID)
	}
	if reason := fault.As(err); reason != nil && (reason.Kind == fault.KindRefused || reason.Kind == fault.KindStale) {
		if file, err = p.citizenFile(r); err != nil {
			return err
		}
		return p.showRenounce(w, r, http.StatusConflict, file)
	}
	if err != nil {
		return err
	}
	return p.done(w, r, applicationPath(a.ID)+"/"+dataTab, f.T(done), f.T(done+".text"))
}

// showRenounce is the question, or why there is none to ask.
func (p *Portal) showRenounce(w http.ResponseWriter, r *http.Request, status int, file voucher.CaseFile) error {
	a, today := file.Application, calendar.On(p.Now())
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.HeadTitle = f.T("citizen.renounce.head")
	f.Path = casePath(f, file, ui.Crumb{Text: f.T("citizen.renounce.head")})
	back := ui.Link{Text: f.T("citizen.renounce.back"), URL: applicationPath(a.ID)}
	f.Back = &back
	f.Title = f.T("citizen.renounce.title")
	if !file.HasVoucher() {
		f.Title = f.T("citizen.renounce.withdraw.title")
	}
	page := citizen.AskPage{Frame: f, Back: back}
	if reason := fault.As(mayRenounce(file, today)); reason != nil {
		page.Title = f.T("citizen.renounce.not.title")
		page.Trouble = &citizen.Trouble{Tone: ui.Working, Text: []string{words(f, reason)}}
		return p.showAs(w, r, status, citizen.Ask(page))
	}
	page.Ask = &ui.ConfirmProps{
		Consequences: renounceSays(f, file, today),
		Form:         ui.FormProps{Action: renouncePath(a.ID), Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("citizen.renounce.act"), Danger: true, Cancel: &ui.Link{Text: f.T("citizen.renounce.keep"), URL: applicationPath(a.ID)}},
	}
	if !file.HasVoucher() {
		page.Ask.Buttons.Submit, page.Ask.Buttons.Cancel.Text = f.T("citizen.renounce.withdraw.act"), f.T("citizen.renounce.withdraw.keep")
	}
	return p.showAs(w, r, status, citizen.Ask(page))
}

// renounceSays is what follows from giving up, a paragraph each.
func renounceSays(f ui.Frame, file voucher.CaseFile, today calendar.Date) []string {
	if !file.HasVoucher() {
		return []string{f.T("citizen.renounce.withdraw.text"), f.T("citizen.renounce.final")}
	}
	account := file.Account()
	says := []string{f.T("citizen.renounce.text", "Amount", account.Forgone(today))}
	if n := len(account.Cancellable(today)); n > 0 {
		says = append(says, f.T("citizen.renounce.sessions", "Count", n))
	}
	staying := 0
	for _, b := range account.Bookings {
		if b.State == voucher.Booked && b.MayCancel(account.Rules, today) != nil {
			staying++
		}
	}
	if staying > 0 {
		says = append(says, f.T("citizen.renounce.staying", "Count", staying))
	}
	return append(says, f.T("citizen.renounce.others"), f.T("citizen.renounce.final"))
}
