package portal

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// invoiceAsked is the invoice that an address names, for who may see it. Each
// beneficiary reads that their sessions were looked at.
func (p *Portal) invoiceAsked(r *http.Request) (voucher.InvoiceCase, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.InvoiceCase{}, err
	}
	c, err := p.Invoices.Invoice(r.Context(), actor(r), voucher.InvoiceID(id))
	if err != nil {
		return c, err
	}
	for _, s := range c.Of {
		err := p.Vouchers.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.BookingSeen, Subject: string(s.ID), About: s.Beneficiary})
		if err != nil {
			return c, err
		}
	}
	return c, nil
}

// psychologistInvoice shows one invoice (S-10).
func (p *Portal) psychologistInvoice(w http.ResponseWriter, r *http.Request) error {
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	page, err := p.invoicePage(r, c)
	if err != nil {
		return err
	}
	return p.show(w, r, psychologist.Invoice(page))
}

func (p *Portal) invoicePage(r *http.Request, c voucher.InvoiceCase) (psychologist.InvoicePage, error) {
	now, i := p.Now(), c.Invoice
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.invoice.title", "Number", i.Number, "OfDay", ui.OfDay(i.IssuedOn)))
	tag := invoiceTag(f, i)
	f.Badge, f.Back = &tag, &ui.Link{Text: f.T("psychologist.invoice.to_list"), URL: invoicesPath}
	page := psychologist.InvoicePage{
		Frame: f, Sentence: f.T("psychologist.invoice.sentence." + string(i.Shelf())), Facts: invoiceFacts(f, c), Sessions: invoiceSessions(f, c.Of, c.Claims),
		Events: invoiceEvents(f, c.Events, who(f)),
	}
	if i.State == voucher.InvoiceWithdrawn && len(c.Events) > 0 && c.Events[0].Action == voucher.InvoiceDropped {
		page.Sentence = f.T("psychologist.invoice.sentence.dropped")
	}
	if i.Shelf() == voucher.ShelfAccepted {
		page.Next = f.T("psychologist.invoice.paid_by", "Month", ui.Month(c.PaidBy()))
	}
	if i.Shelf() == voucher.ShelfInReview {
		page.Next = f.T("psychologist.invoice.found", "What", findingWords(f, i.Findings))
	}
	if i.State == voucher.InvoiceToCorrect {
		page.Term = &ui.DeadlineProps{What: f.T("psychologist.invoice.correct_term"), Last: i.CorrectBy, Today: calendar.On(now),
			Rule: f.T("psychologist.invoice.correct_rule")}
		page.Reason, page.Field = i.Reason, f.T("psychologist.invoice.field."+string(i.Field))
	}
	for _, was := range c.Changes {
		page.Changes = append(page.Changes, f.T("psychologist.invoice.was", "Number", was.Number, "OfDay", ui.OfDay(was.IssuedOn), "Amount", was.Amount))
	}
	if i.State != voucher.InvoiceWithdrawn {
		help, err := breakdown(i.Amount, c.Claimed())
		if err != nil {
			return page, err
		}
		page.Breakdown = &help
	}
	if i.MayCorrect(now) == nil {
		page.CorrectURL = invoicePath(i.ID) + "/correggi"
	}
	if c.MayUnbill(actor(r), now) == nil {
		page.WithdrawURL = invoicePath(i.ID) + "/ritira"
	}
	return page, nil
}

func invoiceFacts(f ui.Frame, c voucher.InvoiceCase) []ui.Entry {
	i := c.Invoice
	facts := []ui.Entry{
		{Name: f.T("psychologist.holder"), Value: c.Holder.Name(), Note: c.Holder.FiscalCode.Masked(), Proper: true},
		{Name: f.T("psychologist.invoice.number"), Value: i.Number, Proper: true},
		{Name: f.T("psychologist.invoice.day"), Value: ui.Day(i.IssuedOn)},
		{Name: f.T("psychologist.invoice.amount"), Value: i.Amount.String()},
		{Name: f.T("psychologist.invoice.claimed"), Value: c.Claimed().String()},
		{Name: f.T("psychologist.invoice.received"), Value: ui.Moment(i.ReceivedAt)},
	}
	if i.State == voucher.InvoiceWithdrawn {
		facts = slices.Delete(facts, 4, 5) // nothing is asked for any more
	}
	return facts
}

func invoiceSessions(f ui.Frame, of []voucher.Billable, claims []voucher.Claim) []psychologist.BilledSession {
	var all []psychologist.BilledSession
	for _, s := range of {
		row := psychologist.BilledSession{ID: string(s.ID), When: shortWhen(s.Day, s.Start), URL: sessionPath(s.ID), Price: s.Amount}
		if i := slices.IndexFunc(claims, func(c voucher.Claim) bool { return c.Booking.ID == s.ID }); i >= 0 {
			row.Claimed = claims[i].Amount
		}
		all = append(all, row)
	}
	return all
}

func shortWhen(day calendar.Date, start time.Time) string {
	if start.IsZero() {
		return ui.ShortDay(day)
	}
	return ui.ShortMoment(start)
}

// who names the author of an entry to a professional: themselves, or the office.
func who(f ui.Frame) func(voucher.InvoiceEvent) string {
	return func(e voucher.InvoiceEvent) string {
		if e.Role == identity.Psychologist {
			return f.T("psychologist.who.professional")
		}
		return f.T("psychologist.who.office")
	}
}

func invoiceEvents(f ui.Frame, events []voucher.InvoiceEvent, by func(voucher.InvoiceEvent) string) []ui.Event {
	var all []ui.Event
	for _, e := range events {
		text := f.T("psychologist.invoice.event." + string(e.Action)[len("invoice."):])
		if e.Note != "" {
			text += ": «" + e.Note + "»"
		}
		all = append(all, ui.Event{When: e.At, Who: by(e), Text: text})
	}
	return all
}

// findingWords says what the portal found, one after the other.
func findingWords(f ui.Frame, found []voucher.InvoiceFinding) string {
	text := ""
	for i, x := range found {
		if i > 0 {
			text += "; "
		}
		text += f.T("psychologist.invoice.finding." + string(x))
	}
	return text
}

// breakdown is how an invoice is written, with the amounts of its two parts.
func breakdown(total, paid money.Amount) (psychologist.BreakdownView, error) {
	help, err := voucher.ShippedInvoicing()
	if err != nil {
		return psychologist.BreakdownView{}, err
	}
	percent := strconv.Itoa(help.FundBasisPoints.Is / 100)
	return psychologist.BreakdownView{Breakdown: help.Breakdown(total, paid), Total: total, Percent: percent, StampDue: help.Stamp.Is, StampAbove: help.StampAbove.Is,
		VAT: help.VAT.Is, KindContribution: help.KindContribution.Is, KindPatient: help.KindPatient.Is, Grounds: help.Grounds.Is}, nil
}

// showInvoiceRefused shows an invoice as it is now, with why nothing was done about it.
func (p *Portal) showInvoiceRefused(w http.ResponseWriter, r *http.Request, reason *fault.Reason) error {
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	page, err := p.invoicePage(r, c)
	if err != nil {
		return err
	}
	page.Flash = &ui.Flash{Tone: ui.Danger, Title: page.T("psychologist.refused.title"), Text: words(page.Frame, reason)}
	return p.showAs(w, r, statuses[reason.Kind], psychologist.Invoice(page))
}
