package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistCorrectAsk shows the data of an invoice to be corrected (S-11). One that
// cannot be is shown as it is, with the reason.
func (p *Portal) psychologistCorrectAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	if reason := fault.As(c.Invoice.MayCorrect(p.Now())); reason != nil {
		return p.showInvoiceRefused(w, r, reason)
	}
	day, month, year := ui.DateNames("data")
	i := c.Invoice
	fields := url.Values{"numero": {i.Number}, day: {strconv.Itoa(i.IssuedOn.Day)}, month: {strconv.Itoa(int(i.IssuedOn.Month))},
		year: {strconv.Itoa(i.IssuedOn.Year)}, "importo": {i.Amount.Field()}}
	return p.showCorrection(w, r, http.StatusOK, c, fields, once.NewKey(), nil)
}

func (p *Portal) correctFrame(r *http.Request, c voucher.InvoiceCase, title string) ui.Frame {
	f := p.invoiceFrame(r, title, ui.Crumb{Text: c.Invoice.Number, URL: invoicePath(c.Invoice.ID)})
	f.Back = &ui.Link{Text: f.T("psychologist.invoice.back"), URL: invoicePath(c.Invoice.ID)}
	return f
}

func (p *Portal) showCorrection(w http.ResponseWriter, r *http.Request, status int, c voucher.InvoiceCase, fields url.Values, key string, wrong []ui.FieldError) error {
	f := p.correctFrame(r, c, ui.Frame{}.T("psychologist.invoice.correct_title"))
	f.Errors = wrong
	page := psychologist.InvoiceCorrectPage{Frame: f, Sessions: invoiceSessions(f, c.Of, c.Claims), Fields: invoiceInputs(f, fields),
		Form: ui.FormProps{Action: invoicePath(c.Invoice.ID) + "/correggi", Key: key, Version: strconv.FormatInt(c.Invoice.Version, 10)}}
	if c.Invoice.State == voucher.InvoiceToCorrect {
		page.Reason, page.Field = c.Invoice.Reason, f.T("psychologist.invoice.field."+string(c.Invoice.Field))
	}
	return p.showAs(w, r, status, psychologist.InvoiceCorrect(page))
}

// psychologistCorrect takes the corrected data: first it shows what was and what will
// be, then it sends them.
func (p *Portal) psychologistCorrect(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[voucher.InvoiceID](r, "invoice.correct")
	if err != nil {
		return err
	}
	data, wrong := readInvoice(fields)
	version := int64(seenRevision(fields))
	if len(wrong) == 0 && fields.Get("conferma") == "si" {
		err = p.Invoices.Correct(r.Context(), actor(r), sent, id, version, data)
		if err == nil {
			return p.corrected(w, r, id)
		}
	}
	reason, refused := fault.Refusal(err)
	switch {
	case errors.Is(err, once.ErrOtherContent) || err != nil && !refused:
		return err
	case refused && reason.Kind == fault.KindStale:
		return p.showInvoiceRefused(w, r, reason)
	}
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	d, err := c.Correct(data, actor(r), p.Now())
	flaws := invoiceFlaws(ui.Frame{}, err, data, c.Of, wrong)
	reason, refused = fault.Refusal(err)
	switch {
	case fields.Get("conferma") == "no":
		return p.showCorrection(w, r, http.StatusOK, c, fields, sent.Key, nil)
	case len(flaws) > 0:
		return p.showCorrection(w, r, http.StatusUnprocessableEntity, c, fields, sent.Key, flaws)
	case refused:
		return p.showInvoiceRefused(w, r, reason)
	case err != nil:
		return err
	}
	return p.show(w, r, psychologist.InvoiceCorrected(p.correctedPage(r, c, d, fields, sent.Key)))
}

// correctedPage is a correction before it is sent: what was, and what will be.
func (p *Portal) correctedPage(r *http.Request, c voucher.InvoiceCase, d voucher.InvoiceDecision, fields url.Values, key string) psychologist.InvoiceCorrectedPage {
	was, is := c.Invoice, d.Invoice
	f := p.correctFrame(r, c, ui.Frame{}.T("psychologist.invoice.correct_check"))
	page := psychologist.InvoiceCorrectedPage{Frame: f, Lower: lowerClaim(f, d), Found: foundBefore(f, is.Findings), Typed: url.Values{},
		Form: ui.FormProps{Action: invoicePath(was.ID) + "/correggi", Key: key, Version: fields.Get("versione")},
		Changes: []psychologist.BeforeAfter{
			{Name: f.T("psychologist.invoice.number"), Before: was.Number, After: is.Number},
			{Name: f.T("psychologist.invoice.day"), Before: ui.Day(was.IssuedOn), After: ui.Day(is.IssuedOn)},
			{Name: f.T("psychologist.invoice.amount"), Before: was.Amount.String(), After: is.Amount.String()},
			{Name: f.T("psychologist.invoice.claimed"), Before: c.Claimed().String(), After: d.Claimed().String()},
		}}
	day, month, year := ui.DateNames("data")
	for _, name := range []string{"numero", day, month, year, "importo"} {
		page.Typed[name] = fields[name]
	}
	return page
}

func (p *Portal) corrected(w http.ResponseWriter, r *http.Request, id voucher.InvoiceID) error {
	c, err := p.Invoices.Invoice(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, invoicePath(id), f.T("psychologist.invoice.corrected"), f.T("psychologist.invoice.corrected."+string(c.Invoice.State)))
}

// psychologistUnbillAsk asks before an invoice is withdrawn.
func (p *Portal) psychologistUnbillAsk(w http.ResponseWriter, r *http.Request) error {
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	if reason := fault.As(c.MayUnbill(actor(r), p.Now())); reason != nil {
		return p.showInvoiceRefused(w, r, reason)
	}
	f := p.correctFrame(r, c, ui.Frame{}.T("psychologist.invoice.withdraw_title", "Number", c.Invoice.Number))
	nameStep(&f, "psychologist.invoice.withdraw")
	var sum money.Amount
	for _, s := range c.Of {
		sum += s.Amount
	}
	return p.show(w, r, psychologist.InvoiceWithdraw(psychologist.InvoiceWithdrawPage{Frame: f, Sessions: invoiceSessions(f, c.Of, c.Claims),
		Ask: ui.ConfirmProps{
			Consequences: []string{f.T("psychologist.invoice.withdraw_text", "Count", len(c.Of), "Sum", sum)},
			Form: ui.FormProps{Action: invoicePath(c.Invoice.ID) + "/ritira", Key: once.NewKey(),
				Version: strconv.FormatInt(c.Invoice.Version, 10)},
			Buttons: ui.ButtonsProps{Submit: f.T("psychologist.invoice.withdraw"), Danger: true,
				Cancel: &ui.Link{Text: f.T("psychologist.invoice.keep"), URL: invoicePath(c.Invoice.ID)}},
		}}))
}

// psychologistUnbill withdraws an invoice.
func (p *Portal) psychologistUnbill(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[voucher.InvoiceID](r, "invoice.withdraw")
	if err != nil {
		return err
	}
	err = p.Invoices.Withdraw(r.Context(), actor(r), sent, id, int64(seenRevision(fields)))
	if reason, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) {
		return p.showInvoiceRefused(w, r, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, invoicePath(id), f.T("psychologist.invoice.withdrawn"), f.T("psychologist.invoice.withdrawn_text"))
}
