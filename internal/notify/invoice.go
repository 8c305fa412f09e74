package notify

import (
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages about invoices.
const (
	BalanceMoved     Kind = "a07"  // to the beneficiary, in the inbox alone: it has figures
	BalanceChanged   Kind = "a07b" // the same, when an invoice was changed, or the office put a session right
	InvoiceToCorrect Kind = "s06"  // to the professional
)

// Invoiced is an invoice, with the balance of the vouchers that pay for it.
type Invoiced struct {
	voucher.Invoice
	Application voucher.ApplicationID
	Used, Left  money.Amount
}

// invoiceLetters tells a beneficiary what is used and left once a session of theirs is
// invoiced, and a professional what an officer wants corrected. What the officer wrote
// stands behind the login: it may speak of a person.
func invoiceLetters(e Event) []Letter {
	i := e.Invoiced
	if e.Action == voucher.InvoiceReturned {
		return []Letter{letter(i.Professional, InvoiceToCorrect, "/professionisti/fatture/"+string(i.ID), []any{"Number", i.Number,
			"Field", italian.T("psychologist.invoice.field." + string(i.Field)), "Day", ui.Day(i.CorrectBy), "OfDay", ui.OfDay(i.CorrectBy)})}
	}
	var letters []Letter
	for _, to := range append([]identity.PersonID{i.Beneficiary}, e.ActingFor...) {
		l := letter(to, BalanceMoved, "/contributo-psicoterapia/domande/"+string(i.Application)+"/sedute", []any{"Used", i.Used, "Left", i.Left})
		if l.InboxOnly = true; to != i.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}
