package notify

import (
	"portal/internal/calendar"
	"portal/internal/payment"
	"portal/web/ui"
)

// The messages to who is paid.
const (
	PaymentMade     Kind = "s07"
	PaymentReturned Kind = "s07b" // INPS pays it again with the next run
	PaymentToMend   Kind = "s08d" // it waits for another account
)

// Credit is a payment to somebody, as a message needs to know it.
type Credit struct {
	Order    payment.Order
	Month    calendar.Date // of its run
	Rejected bool          // its account is not to be paid on any more
	Reads    bool          // of the indemnity: the payee gets to read of it in the portal
}

// paymentLetters tells a payee that they were paid, or that the money came back and
// what to do. Amounts stand behind the login.
func paymentLetters(e Event) []Letter {
	if e.Credit.Order.Of.Application != "" {
		return casePaymentLetters(e)
	}
	o := e.Credit.Order
	kind, link := PaymentMade, "/professionisti/pagamenti/"+string(o.ID)
	switch {
	case e.Action == payment.OrderCameBack && e.Credit.Rejected:
		kind, link = PaymentToMend, "/professionisti/dati/iban"
	case e.Action == payment.OrderCameBack:
		kind = PaymentReturned
	}
	return []Letter{letter(o.Payee, kind, link, []any{"Month", ui.Month(e.Credit.Month), "Day", ui.Day(o.ValueDay)})}
}
