package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/paper"
	"portal/internal/payment"
	"portal/web/member"
	"portal/web/ui"
)

// casePaymentTab is the end of the address of what is paid for an application.
const casePaymentTab = "/pagamento"

func memberPaymentPath(id indemnity.CaseID) string { return memberCasePath(id) + casePaymentTab }

// paidCase is the case in the address with what is paid for it and who of its payees reads
// that: its member and who acts for them, or an heir. Before it has a place there is none.
func (p *Portal) paidCase(w http.ResponseWriter, r *http.Request) (c indemnity.CaseFile, m payment.CaseMoney, payee payment.Payee, gone bool, err error) {
	if c, gone, err = p.memberFile(w, r); gone || err != nil {
		return c, m, payee, gone, err
	}
	if m, err = p.CasePayments.Of(r.Context(), string(c.ID)); err != nil {
		return c, m, payee, false, err
	}
	if payee, err = m.As(actor(r)); err == nil && m.Gross == 0 && len(m.Orders) == 0 {
		err = fault.ErrNotFound
	}
	return c, m, payee, false, err
}

// memberPayment is what somebody is paid for an application, and how far that has come.
func (p *Portal) memberPayment(w http.ResponseWriter, r *http.Request) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, casePaymentTab)
	page := member.PaymentPage{Frame: f, Case: p.memberCaseTop(f, c, casePaymentTab), Account: accountEntries(f, payee.Account, false),
		Verify: ui.Link{Text: f.T("verify.link"), URL: verifyPath}}
	mine := m.Of(payee)
	if page.Parts = partsFacts(f, mine); m.Rate > 0 && len(page.Parts) > 0 {
		page.Parts[1].Note = f.T("member.payment.rate", "Rate", percentText(indemnity.Rate(m.Rate)))
	}
	if payee.Heir != "" {
		page.Shared = f.T("member.payment.shared", "Share", indemnity.Heir{Part: payee.Part, Whole: payee.Whole}.Share())
	}
	page.Tone, page.Says = p.paymentSays(f, m, payee)
	if m.MayGive(actor(r), payee) == nil {
		change := ui.Link{Text: f.T("member.payment.change"), URL: memberPaymentPath(c.ID) + "/iban"}
		if due := m.Due(payee); due.Hold == payment.HeldNoAccount {
			change.Text = f.T("member.payment.give")
			page.Next = &change
		} else {
			page.Change = &change
		}
	}
	page.Orders = caseOrders(tillFrame{f, payment.Indemnity}, f.T("member.payment.orders"), m.OrdersOf(payee), false)
	_, paid := m.Paid(payee.Person)
	for _, o := range paid {
		link, err := actLink(f, f.T("member.payment.certificate.of", "Number", o.Certificate), memberPaymentPath(c.ID)+"/"+string(o.ID)+"/certificato.pdf", p.certificateAct(c, m, payee, o))
		if err != nil {
			return err
		}
		page.Papers = append(page.Papers, link)
	}
	return p.show(w, r, member.Payment(page))
}

// paymentSays is how the payment to somebody stands, and who moves next.
func (p *Portal) paymentSays(f ui.Frame, m payment.CaseMoney, payee payment.Payee) (ui.Tone, string) {
	due, orders := m.Due(payee), m.OrdersOf(payee)
	if last, back := m.Back(payee); back && due.Net() > 0 {
		switch due.Hold {
		case payment.HeldNoAccount:
			return ui.Action, f.T("member.payment.says.back", "Why", returnWords(f, last.Reason))
		case payment.HeldToVerify, payment.HeldTooNew:
			return ui.Working, f.T("member.payment.says.checking")
		}
		return ui.Working, f.T("member.payment.says.again", "Why", returnWords(f, last.Reason))
	}
	if due.Net() > 0 {
		switch due.Hold {
		case payment.HeldNoAccount:
			return ui.Action, f.T("member.payment.says.no_account")
		case payment.HeldToVerify, payment.HeldTooNew:
			return ui.Working, f.T("member.payment.says.checking")
		case "":
			return ui.Working, f.T("member.payment.says.due")
		}
		return ui.Working, f.T("member.payment.says.held")
	}
	i := slices.IndexFunc(orders, func(o payment.CaseOrder) bool { return o.State == payment.OrderFrozen || o.State == payment.OrderSent })
	switch {
	case i >= 0 && orders[i].State == payment.OrderSent:
		return ui.Working, f.T("member.payment.says.sent", "Day", ui.OnDay(orders[i].ExecuteOn))
	case i >= 0:
		return ui.Working, f.T("member.payment.says.due")
	case len(orders) == 0:
		return ui.Closed, f.T("member.payment.says.set_off")
	}
	return ui.Success, f.T("member.payment.says.paid", "Day", ui.OnDay(orders[len(orders)-1].ValueDay))
}

// memberAccountAsk asks for another account for what is not paid yet (F25).
func (p *Portal) memberAccountAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseAccount(w, r, http.StatusOK, "", "", nil)
}

func (p *Portal) showCaseAccount(w http.ResponseWriter, r *http.Request, status int, typed, holder string, wrong []ui.FieldError) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	if err := m.MayGive(actor(r), payee); err != nil {
		return p.notGiven(w, r, c, err)
	}
	f := p.caseAccountFrame(r, c, "member.account.title")
	f.Errors = wrong
	if holder == "" && typed == "" {
		holder = payee.Name
	}
	return p.showAs(w, r, status, member.Account(member.AccountPage{Frame: f, Lead: f.T("member.account.lead"), Form: ui.FormProps{Action: memberPaymentPath(c.ID) + "/iban"},
		IBAN:    ui.FieldProps{Name: "iban", Label: f.T("accounts.iban"), Hint: f.T("accounts.iban.hint"), Value: typed, Autocomplete: "off"},
		Holder:  ui.FieldProps{Name: "intestatario", Label: f.T("accounts.holder"), Hint: f.T("member.account.holder.hint"), Value: holder, Autocomplete: "off"},
		Buttons: ui.ButtonsProps{Submit: f.T("accounts.page.submit"), Cancel: f.Back}}))
}

func (p *Portal) caseAccountFrame(r *http.Request, c indemnity.CaseFile, title string) ui.Frame {
	f := p.memberFrame(r, title)
	up := memberPaymentPath(c.ID)
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.T("member.case.tab.pagamento"), URL: up}, ui.Crumb{Text: f.Title})
	f.Back = &ui.Link{Text: f.T("member.account.back"), URL: up}
	return f
}

// notGiven leads back to the payment, which says how it stands, where no account can be
// given any more. Who reads for somebody else is told that only they can.
func (p *Portal) notGiven(w http.ResponseWriter, r *http.Request, c indemnity.CaseFile, why error) error {
	if !errors.Is(why, payment.ErrNothingOwed) {
		return why
	}
	return goTo(w, r, memberPaymentPath(c.ID), nil)
}

// memberAccountSent reads another account and leads to the page that asks whether to use
// it. What was typed is kept in the login session: an IBAN is no address.
func (p *Portal) memberAccountSent(w http.ResponseWriter, r *http.Request) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	if err := m.MayGive(actor(r), payee); err != nil {
		return p.notGiven(w, r, c, err)
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	typed, holder := fields.Get("iban"), fields.Get("intestatario")
	if strange.field != "" {
		return p.showCaseAccount(w, r, http.StatusUnprocessableEntity, typed, holder, []ui.FieldError{{Field: strange.field, Text: words(ui.Frame{}, errText)}})
	}
	o, err := payment.NewOffer(typed, holder)
	if reason := fault.As(err); reason != nil {
		return p.showCaseAccount(w, r, http.StatusUnprocessableEntity, typed, holder, []ui.FieldError{offerError(ui.Frame{}, err)})
	}
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyCaseAccount, string(c.ID)+"\x00"+string(o.IBAN)+"\x00"+o.Holder)
	return goTo(w, r, memberPaymentPath(c.ID)+"/iban/conferma", nil)
}

// keptCaseOffer is the account that was typed last in this login, for a case.
func (p *Portal) keptCaseOffer(r *http.Request, id indemnity.CaseID) (payment.Offer, bool) {
	of, typed, _ := strings.Cut(p.Logins.GetString(r.Context(), keyCaseAccount), "\x00")
	typed, holder, kept := strings.Cut(typed, "\x00")
	o, err := payment.NewOffer(typed, holder)
	return o, kept && of == string(id) && err == nil
}

// memberAccountConfirm asks whether to be paid on another account.
func (p *Portal) memberAccountConfirm(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseAccountAsk(w, r, http.StatusOK, nil)
}

func (p *Portal) showCaseAccountAsk(w http.ResponseWriter, r *http.Request, status int, why *fault.Reason) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	o, kept := p.keptCaseOffer(r, c.ID)
	if !kept {
		return goTo(w, r, memberPaymentPath(c.ID)+"/iban", nil)
	}
	if err := m.MayGive(actor(r), payee); err != nil {
		return p.notGiven(w, r, c, err)
	}
	f := p.caseAccountFrame(r, c, "member.account.confirm")
	nameStep(&f, "accounts.confirm.short")
	if why != nil {
		f.Errors = []ui.FieldError{{Text: words(f, why)}}
	}
	return p.showAs(w, r, status, member.AccountAsk(member.AccountAskPage{Frame: f, Old: accountEntries(f, payee.Account, false), Seen: payee.Account.Seal(), Offer: offerSeal(o),
		New: []ui.Entry{{Name: f.T("accounts.iban"), Value: o.IBAN.Format(), Proper: true}, {Name: f.T("accounts.holder"), Value: o.Holder, Proper: true}},
		Ask: ui.ConfirmProps{Consequences: []string{f.T("member.account.text"), f.T("accounts.confirm.waits", "Hours", int(payment.AccountHold/time.Hour))},
			Form:    ui.FormProps{Action: memberPaymentPath(c.ID) + "/iban/conferma", Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T("member.account.submit"), Cancel: &ui.Link{Text: f.T("accounts.confirm.back"), URL: memberPaymentPath(c.ID) + "/iban"}}}}))
}

// memberAccountGive gives it.
func (p *Portal) memberAccountGive(w http.ResponseWriter, r *http.Request) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	o, kept := p.keptCaseOffer(r, c.ID)
	if !kept {
		return p.caseOfferGone(w, r, c, payee.Account, fields)
	}
	if fields.Get("offerta") != offerSeal(o) {
		return p.showCaseAccountAsk(w, r, http.StatusConflict, errOtherOffer)
	}
	seen := fields.Get("conto")
	fields.Set("iban", string(o.IBAN)+" "+o.Holder)
	sent, err := sending(r, "case_account.give", fields)
	if err == nil {
		err = p.CasePayments.Give(r.Context(), actor(r), sent, string(c.ID), m.Key(payee), seen, o)
	}
	if errors.Is(err, payment.ErrNothingOwed) || errors.Is(err, payment.ErrNotForPayees) {
		return p.notGiven(w, r, c, err)
	}
	if reason, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) {
		return p.showCaseAccountAsk(w, r, refusalStatus(reason), reason)
	}
	if err != nil {
		return err
	}
	p.Logins.Remove(r.Context(), keyCaseAccount)
	var f ui.Frame
	return p.done(w, r, memberPaymentPath(c.ID), f.T("member.account.done"), f.T("member.account.done.text"))
}

// caseOfferGone answers who confirms an account that is not kept any more: it was given,
// and that is shown; or another one was, from another window, and that is said; or it was
// typed in a login that is over.
func (p *Portal) caseOfferGone(w http.ResponseWriter, r *http.Request, c indemnity.CaseFile, is payment.CaseAccount, fields url.Values) error {
	switch {
	case fields.Get("offerta") == offerSeal(payment.Offer{IBAN: is.IBAN, Holder: is.Holder}):
		return goTo(w, r, memberPaymentPath(c.ID), nil)
	case fields.Get("conto") == is.Seal():
		return goTo(w, r, memberPaymentPath(c.ID)+"/iban", nil)
	}
	return p.showCaseAccount(w, r, http.StatusConflict, "", "", []ui.FieldError{{Text: words(ui.Frame{}, payment.ErrAccountMoved)}})
}

// memberCertificate certifies what was paid by an order, with a number and a code.
func (p *Portal) memberCertificate(w http.ResponseWriter, r *http.Request) error {
	c, m, payee, gone, err := p.paidCase(w, r)
	if gone || err != nil {
		return err
	}
	id, err := idParam(r, "pagamento")
	if err != nil {
		return err
	}
	_, paid := m.Paid(payee.Person)
	i := slices.IndexFunc(paid, func(o payment.CaseOrder) bool { return string(o.ID) == id })
	if i < 0 {
		return fault.ErrNotFound
	}
	return sendAct(w, p.certificateAct(c, m, payee, paid[i]), "certificazione-"+paid[i].Certificate)
}

// certificateAct is the certificate on paper.
func (p *Portal) certificateAct(c indemnity.CaseFile, m payment.CaseMoney, payee payment.Payee, o payment.CaseOrder) paper.Act {
	f := ui.Frame{}
	facts := []paper.Line{{Name: f.T("outcome.letter.number"), Value: o.Certificate}, {Name: f.T("member.certificate.case"), Value: c.Protocol},
		{Name: f.T("member.certificate.payee"), Value: payee.Name}, {Name: f.T("member.certificate.member"), Value: c.Member.Name()}}
	if payee.Heir == "" {
		facts = facts[:3]
	}
	sums := paper.Part{Heading: f.T("member.payment.parts")}
	for _, e := range partsFacts(f, o.Of.Parts) {
		sums.Lines = append(sums.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	if m.Rate > 0 {
		sums.Lines = append(sums.Lines, paper.Line{Name: f.T("member.certificate.rate"), Value: f.T("member.payment.rate", "Rate", percentText(indemnity.Rate(m.Rate)))})
	}
	made := paper.Part{Heading: f.T("member.certificate.made"), Lines: []paper.Line{{Name: f.T("member.certificate.value_day"), Value: ui.Day(o.ValueDay)},
		{Name: f.T("accounts.iban"), Value: o.IBAN.Masked()}, {Name: f.T("accounts.holder"), Value: o.Holder}}}
	if o.Reference != "" {
		made.Lines = append(made.Lines, paper.Line{Name: f.T("member.certificate.reference"), Value: o.Reference})
	}
	check := paper.Part{Heading: f.T("member.receipt.check"), Text: []string{f.T("paper.indemnity.check", "Address", p.URL+verifyPath)},
		Lines: []paper.Line{{Name: f.T("verify.code"), Value: inFours(o.CheckCode)}}}
	return paper.Act{Body: f.T("paper.enpap"), Title: f.T("member.certificate.title", "Protocol", c.Protocol), At: o.OutcomeAt,
		Lead:  f.T("member.certificate.lead", "On", ui.OnDay(calendar.On(o.OutcomeAt))),
		Foot:  f.T("paper.indemnity.foot", "Protocol", o.Certificate, "Code", inFours(o.CheckCode)),
		Parts: []paper.Part{{Heading: f.T("member.certificate.facts"), Lines: facts}, sums, made, check}}
}
