package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/payment"
	"portal/web/payments"
	"portal/web/ui"
	"portal/web/welfare"
)

// Where the indemnity is paid.
const (
	casePaymentsPath = "/gestione/enpap/pagamenti"
	caseAccountsPath = casePaymentsPath + "/conti"
)

func caseMoneyPath(application string) string {
	return welfareCasePath(indemnity.CaseID(application)) + casePaymentTab
}

func caseAccountPath(application, payee string) string {
	return caseMoneyPath(application) + "/" + payee
}

// chooseCall lists the calls that owe something, to prepare a run of one (W-16).
func (p till) chooseCall(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Payments.CallsOwing(r.Context())
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, f.T("inps.payments.new"), p.paymentCrumbs()...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: p.root()}
	page := welfare.OwingPage{Frame: f.Frame, Lead: f.T("welfare.payments.choose_call"),
		Calls: payments.Table{Caption: f.T("welfare.payments.calls"), None: f.T("welfare.payments.none_owing"), Columns: paymentColumns(f, "call", "#applications", "#owing")}}
	for _, c := range all {
		page.Calls.Rows = append(page.Calls.Rows, payments.Row{ID: "bando-" + c.Call, URL: p.root() + "/nuovo?bando=" + c.Call,
			Cells: []string{callTitle(f.Frame, indemnity.CallID(c.Call)), grouped(c.Applications), c.Amount.String()}})
	}
	return p.show(w, r, welfare.Owing(page))
}

// caseAccounts lists the accounts that wait to be verified (F25).
func (p till) caseAccounts(w http.ResponseWriter, r *http.Request) error {
	waiting, err := p.CasePayments.Waiting(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, f.T("inps.payments.accounts"), p.paymentCrumbs()...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: p.root()}
	page := welfare.CaseAccountsPage{Frame: f.Frame, Lead: counted(f.Frame, "welfare.payments.accounts.count", len(waiting)),
		Rows: payments.Table{Caption: f.T("inps.payments.accounts"), None: f.T("welfare.payments.accounts.none"), Columns: paymentColumns(f, "application", "payee", "iban", "given", "#amount")}}
	for _, x := range waiting {
		page.Rows.Rows = append(page.Rows.Rows, payments.Row{ID: "conto-" + x.Application + x.Payee.Heir, URL: caseMoneyPath(x.Application),
			Cells: []string{x.Protocol, x.Payee.Name, x.Payee.Account.IBAN.Masked(), ui.ShortDay(calendar.On(x.Payee.Account.GivenAt)), x.Amount.String()}})
	}
	return p.show(w, r, welfare.CaseAccounts(page))
}

// caseMoney is what is paid for an application, for officers: with whole IBANs.
func (p till) caseMoney(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseMoney(w, r, http.StatusOK, nil)
}

func (p till) showCaseMoney(w http.ResponseWriter, r *http.Request, status int, refused *fault.Reason) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	m, err := p.CasePayments.Open(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, f.T("welfare.payments.case", "Protocol", m.Protocol), p.paymentCrumbs()...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: p.root()}
	if refused != nil {
		f.Flash = &ui.Flash{Tone: ui.Danger, Text: paymentWords(f, refused)}
	}
	page := welfare.CaseMoneyPage{Frame: f.Frame, Lead: f.T("welfare.payments.case.lead"), Facts: partsFacts(f.Frame, m.Parts)}
	if m.Gross == 0 {
		page.Lead = f.T("welfare.payments.case.none")
	}
	for _, payee := range m.Payees {
		page.Payees = append(page.Payees, p.payeePart(r, f, m, payee))
	}
	return p.showAs(w, r, status, welfare.CaseMoney(page))
}

// partsFacts are what an amount is made of.
func partsFacts(f ui.Frame, of payment.Parts) []ui.Entry {
	if of.Gross == 0 {
		return nil
	}
	return []ui.Entry{{Name: f.T("welfare.payments.gross"), Value: of.Gross.String()}, {Name: f.T("welfare.payments.withholding"), Value: of.Withholding.String()},
		{Name: f.T("welfare.payments.set_off"), Value: of.SetOff.String()}, {Name: f.T("welfare.payments.net"), Value: of.Net().String()}}
}

// payeePart is one of those who are paid for an application, as an officer reads it.
func (p till) payeePart(r *http.Request, f tillFrame, m payment.CaseMoney, payee payment.Payee) welfare.PayeePart {
	key, due := m.Key(payee), m.Due(payee)
	part := welfare.PayeePart{ID: "pagato-" + key, Name: payee.Name, Facts: accountEntries(f.Frame, payee.Account, true)}
	if payee.Heir != "" {
		part.Facts = append(part.Facts, ui.Entry{Name: f.T("welfare.payments.share"), Value: indemnity.Heir{Part: payee.Part, Whole: payee.Whole}.Share()})
	}
	if due.Net() > 0 {
		left := ui.Entry{Name: f.T("welfare.payments.left"), Value: due.Net().String(), Note: f.T("welfare.payments.left.payable")}
		if due.Hold != "" {
			left.Note = f.T("inps.payments.hold." + string(due.Hold))
		}
		part.Facts = append(part.Facts, left)
	}
	switch err := m.MayJudge(actor(r), payee); {
	case err == nil:
		part.Acts = append(part.Acts, ui.Link{Text: f.T("welfare.payments.judge"), URL: caseAccountPath(m.Application, key) + "/verifica"})
	case payee.Account.State == payment.ToVerify:
		part.Refusal = paymentWords(f, err)
	}
	if payee.Heir != "" && m.MayGive(actor(r), payee) == nil {
		part.Acts = append(part.Acts, ui.Link{Text: f.T("welfare.payments.give"), URL: caseAccountPath(m.Application, key) + "/iban"})
	}
	part.Orders = caseOrders(f, f.T("welfare.payments.orders_to", "Name", payee.Name), m.OrdersOf(payee), true)
	return part
}

// accountEntries are an account, as its owner or an officer reads it.
func accountEntries(f ui.Frame, a payment.CaseAccount, whole bool) []ui.Entry {
	if a.State == "" {
		return []ui.Entry{{Name: f.T("accounts.iban"), Value: f.T("welfare.payments.no_account")}}
	}
	shown := a.IBAN.Masked()
	if whole {
		shown = a.IBAN.Format()
	}
	state := ui.Entry{Name: f.T("accounts.state"), Value: f.T("welfare.payments.account." + string(a.State))}
	if a.Reason != "" {
		state.Note = f.T("welfare.payments.account.reason." + a.Reason)
	}
	return []ui.Entry{{Name: f.T("accounts.iban"), Value: shown, Proper: true}, {Name: f.T("accounts.holder"), Value: a.Holder, Proper: true}, state}
}

// caseOrders are the orders to a payee of an application. Officers follow them to their run.
func caseOrders(f tillFrame, caption string, orders []payment.CaseOrder, office bool) payments.Table {
	t := payments.Table{Caption: caption, Columns: paymentColumns(f, "order", "#gross", "#withholding", "#set_off", "#amount", "answer", "state")}
	for _, o := range orders {
		row := payments.Row{ID: string(o.ID), State: &ui.Tag{Tone: orderTones[o.State], Text: f.T("inps.payments.order." + string(o.State))},
			Cells: []string{o.EndToEnd, o.Of.Gross.String(), o.Of.Withholding.String(), o.Of.SetOff.String(), o.Amount.String(), orderAnswer(f, o.Order)}}
		if o.State == payment.OrderSent {
			row.Cells[5] = f.T("welfare.payments.answer.sent", "Day", ui.ShortDay(o.ExecuteOn))
		}
		if office {
			row.URL = casePaymentsPath + "/" + string(o.Order.Run)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
