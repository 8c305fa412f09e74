package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/web/inps"
	"portal/web/ui"
)

// accountAct is an act of an officer on an account.
type accountAct struct {
	name, path string
	danger     bool
	may        func(payment.Account, identity.Actor) error
	do         func(p *Portal, r *http.Request, sent once.Form, id payment.AccountID, version int64, fields url.Values) error
}

var (
	actStartAccount = accountAct{name: "start", path: "/verifica", may: payment.Account.MayCheck,
		do: func(p *Portal, r *http.Request, sent once.Form, id payment.AccountID, version int64, _ url.Values) error {
			return p.Accounts.Start(r.Context(), actor(r), sent, id, version)
		}}
	actVerifyAccount = accountAct{name: "verify", path: "/conferma", may: payment.Account.MayVerify,
		do: func(p *Portal, r *http.Request, sent once.Form, id payment.AccountID, version int64, _ url.Values) error {
			return p.Accounts.Verify(r.Context(), actor(r), sent, id, version)
		}}
	actRejectAccount = accountAct{name: "reject", path: "/rifiuta", danger: true, may: payment.Account.MayReject,
		do: func(p *Portal, r *http.Request, sent once.Form, id payment.AccountID, version int64, fields url.Values) error {
			return p.Accounts.Reject(r.Context(), actor(r), sent, id, version, fields.Get("motivo"))
		}}
	accountActs = []accountAct{actStartAccount, actVerifyAccount, actRejectAccount}
)

// inpsAccountAsk asks before an act on an account.
func (p *Portal) inpsAccountAsk(a accountAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := idParam(r, "id")
		if err != nil {
			return err
		}
		c, err := p.Accounts.Read(r.Context(), actor(r), payment.AccountID(id))
		if err != nil {
			return err
		}
		if err := a.may(c.Account, actor(r)); err != nil {
			return err
		}
		return p.showAccountAct(w, r, http.StatusOK, a, c, nil)
	}
}

func (p *Portal) showAccountAct(w http.ResponseWriter, r *http.Request, status int, a accountAct, c payment.AccountCase, wrong *fault.Reason) error {
	here := inpsAccountPath(c.ID)
	f := p.accountsFrame(r, "accounts.ask."+a.name, ui.Crumb{Text: ui.Frame{}.T("accounts.inps.title"), URL: inpsAccountsPath},
		ui.Crumb{Text: ui.Frame{}.T("accounts.inps.one"), URL: here})
	nameStep(&f, "accounts.act."+a.name)
	f.Caption = c.Owner.Name()
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	}
	page := inps.ActPage{Frame: f, Recorded: true, Consequences: []string{f.T("accounts.ask." + a.name + ".text")},
		Facts: []ui.Entry{{Name: f.T("accounts.iban"), Value: c.IBAN.Masked(), Proper: true}, {Name: f.T("accounts.holder"), Value: c.Holder, Proper: true}},
		Form:  ui.FormProps{Action: here + a.path, Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
		Buttons: ui.ButtonsProps{Submit: f.T("accounts.act." + a.name), Danger: a.danger,
			Cancel: &ui.Link{Text: f.T("accounts.act.back"), URL: here}}}
	if c.Answer != "" {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("accounts.inps.bank"), Value: f.T("accounts.bank." + string(c.Answer))})
	}
	if a.name == actRejectAccount.name {
		choice := ui.ChoiceProps{Name: "motivo", Legend: f.T("accounts.reject.why"), Hint: f.T("accounts.reject.why.hint")}
		for _, reason := range payment.RejectReasons {
			choice.Options = append(choice.Options, ui.Option{Value: reason, Label: f.T("accounts.reject." + reason)})
		}
		page.Radio = &choice
	}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsAccountDo does an act on an account. What is refused because somebody moved
// first is shown with the account as it is now.
func (p *Portal) inpsAccountDo(a accountAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, fields, sent, err := formAbout[payment.AccountID](r, "account."+a.name)
		if err != nil {
			return err
		}
		err = a.do(p, r, sent, id, int64(seenRevision(fields)), fields)
		if reason, here := refusedHere(err); here {
			c, err := p.Accounts.Open(r.Context(), actor(r), id)
			if err != nil {
				return err
			}
			if reason == payment.ErrRejectReason {
				return p.showAccountAct(w, r, http.StatusUnprocessableEntity, a, c, reason)
			}
			return p.showAccount(w, r, refusalStatus(reason), c, reason)
		}
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, inpsAccountPath(id), f.T("accounts.done."+a.name), f.T("accounts.done."+a.name+".text"))
	}
}
