package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/web/inps"
	"portal/web/ui"
	"portal/web/welfare"
)

// casePayee is who is paid, of the address, for the application of the address.
func (p till) casePayee(r *http.Request) (m payment.CaseMoney, payee payment.Payee, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return m, payee, err
	}
	key, err := idParam(r, "pagato")
	if err != nil {
		return m, payee, err
	}
	if m, err = p.CasePayments.Open(r.Context(), actor(r), id); err == nil {
		payee, err = m.Payee(key)
	}
	return m, payee, err
}

func (p till) casePayeeFrame(r *http.Request, m payment.CaseMoney, title string, payee payment.Payee) tillFrame {
	f := p.says(ui.Frame{})
	up := ui.Link{Text: f.T("welfare.payments.case", "Protocol", m.Protocol), URL: caseMoneyPath(m.Application)}
	f = p.head(r, f.T(title), append(p.paymentCrumbs(), ui.Crumb(up))...)
	f.Caption, f.Back = payee.Name, &ui.Link{Text: f.T("welfare.payments.back.case"), URL: up.URL}
	return f
}

// caseJudgeAsk asks an officer whether an account is of who is paid for an application.
func (p till) caseJudgeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseJudge(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p till) showCaseJudge(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	m, payee, err := p.casePayee(r)
	if err != nil {
		return err
	}
	if err := m.MayJudge(actor(r), payee); err != nil {
		return p.caseAccountRefused(w, r, err)
	}
	f := p.casePayeeFrame(r, m, "welfare.payments.judge.title", payee)
	f.Errors = wrong
	choice := ui.ChoiceProps{Name: "giudizio", Legend: f.T("welfare.payments.judge.legend"), Chosen: []string{fields.Get("giudizio")},
		Options: []ui.Option{{Value: "verificato", Label: f.T("welfare.payments.judge.yes")}}}
	for _, reason := range payment.RejectReasons {
		choice.Options = append(choice.Options, ui.Option{Value: reason, Label: f.T("welfare.payments.judge.no", "Why", f.T("accounts.reject."+reason))})
	}
	return p.showAs(w, r, status, inps.Act(inps.ActPage{Frame: f.Frame, Recorded: true, Consequences: []string{f.T("welfare.payments.judge.text")},
		Facts: accountEntries(f.Frame, payee.Account, true), Radio: &choice, Hidden: [][2]string{{"conto", payee.Account.Seal()}},
		Form:    ui.FormProps{Action: r.URL.Path, Key: fields.Get("idem")},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.payments.decide.submit"), Cancel: f.Back}}))
}

// caseJudge verifies an account, or rejects it.
func (p till) caseJudge(w http.ResponseWriter, r *http.Request) error {
	m, payee, err := p.casePayee(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	key := m.Key(payee)
	sent, err := sending(r, "case_account.judge", fields)
	if err != nil {
		return err
	}
	name := "verified"
	switch esito := fields.Get("giudizio"); esito {
	case "":
		return p.showCaseJudge(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "giudizio", Text: ui.Frame{}.T("welfare.payments.judge.missing")}})
	case "verificato":
		err = p.CasePayments.Verify(r.Context(), actor(r), sent, m.Application, key, fields.Get("conto"))
	default:
		name, err = "rejected", p.CasePayments.Reject(r.Context(), actor(r), sent, m.Application, key, fields.Get("conto"), esito)
	}
	if err != nil {
		return p.caseAccountRefused(w, r, err)
	}
	var f ui.Frame
	return p.done(w, r, caseMoneyPath(m.Application), f.T("welfare.payments.judge."+name), f.T("welfare.payments.judge."+name+".text"))
}

// caseAccountRefused shows an application again with why nothing was done about an
// account. What is no refusal goes on to the page of errors.
func (p till) caseAccountRefused(w http.ResponseWriter, r *http.Request, err error) error {
	reason, here := refusedHere(err)
	if !here {
		return err
	}
	return p.showCaseMoney(w, r, refusalStatus(reason), reason)
}

// caseGiveAsk asks an officer for the account that an heir has written to the office.
func (p till) caseGiveAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseGive(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p till) showCaseGive(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	m, payee, err := p.casePayee(r)
	if err == nil && payee.Heir == "" {
		err = fault.ErrNotFound // members give their own
	}
	if err != nil {
		return err
	}
	if err := m.MayGive(actor(r), payee); err != nil {
		return p.caseAccountRefused(w, r, err)
	}
	f := p.casePayeeFrame(r, m, "welfare.payments.give.title", payee)
	f.Errors = wrong
	holder := fields.Get("intestatario")
	if !fields.Has("intestatario") {
		holder = payee.Name
	}
	return p.showAs(w, r, status, welfare.CaseAccount(welfare.CaseAccountPage{Frame: f.Frame, Lead: f.T("welfare.payments.give.lead"), Seen: payee.Account.Seal(),
		Form:    ui.FormProps{Action: r.URL.Path, Key: fields.Get("idem")},
		IBAN:    ui.FieldProps{Name: "iban", Label: f.T("accounts.iban"), Hint: f.T("accounts.iban.hint"), Value: fields.Get("iban"), Autocomplete: "off"},
		Holder:  ui.FieldProps{Name: "intestatario", Label: f.T("accounts.holder"), Value: holder, Autocomplete: "off"},
		Buttons: ui.ButtonsProps{Submit: f.T("welfare.payments.give.submit"), Cancel: f.Back}}))
}

// caseGive keeps it: somebody else verifies it.
func (p till) caseGive(w http.ResponseWriter, r *http.Request) error {
	m, payee, err := p.casePayee(r)
	if err == nil && payee.Heir == "" {
		err = fault.ErrNotFound
	}
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	offer, err := payment.NewOffer(fields.Get("iban"), fields.Get("intestatario"))
	if err != nil {
		return p.showCaseGive(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{offerError(ui.Frame{}, err)})
	}
	sent, err := sending(r, "case_account.give", fields)
	if err == nil {
		err = p.CasePayments.Give(r.Context(), actor(r), sent, m.Application, payee.Heir, fields.Get("conto"), offer)
	}
	if errors.Is(err, payment.ErrSameAccount) {
		return p.showCaseGive(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "iban", Text: words(ui.Frame{}, payment.ErrSameAccount)}})
	}
	if err != nil {
		return p.caseAccountRefused(w, r, err)
	}
	var f ui.Frame
	return p.done(w, r, caseMoneyPath(m.Application), f.T("welfare.payments.give.done"), f.T("welfare.payments.give.done.text"))
}
