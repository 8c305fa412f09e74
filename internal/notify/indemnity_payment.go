package notify

import (
	"portal/internal/identity"
	"portal/internal/payment"
	"portal/web/ui"
)

// The messages to who is paid for an application for the indemnity.
const (
	IndemnityPaid     Kind = "b11"
	IndemnityReturned Kind = "b11b" // it is paid again with the next run
	IndemnityToMend   Kind = "b11c" // it waits for another account
	AccountGiven      Kind = "b11d" // for what is not paid yet
	AccountChecked    Kind = "b11e"
	AccountRefused    Kind = "b11f"
)

// casePaymentPath is where somebody reads what they are paid for an application.
func casePaymentPath(application string) string {
	return indemnityPath + "/" + application + "/pagamento"
}

// casePaymentLetters tells a payee that they were paid, or that the money came back and what to
// do. Amounts stand behind the login; so does what the money is for.
func casePaymentLetters(e Event) []Letter {
	o := e.Credit.Order
	kind, link := IndemnityPaid, casePaymentPath(o.Of.Application)
	switch {
	case e.Action == payment.OrderCameBack && e.Credit.Rejected:
		kind, link = IndemnityToMend, link+"/iban"
	case e.Action == payment.OrderCameBack:
		kind = IndemnityReturned
	}
	if !e.Credit.Reads {
		return nil // an heir who does not use the portal: the office writes to them
	}
	return []Letter{letter(o.Payee, kind, link, []any{"Protocol", o.Of.Protocol, "Day", ui.Day(o.ValueDay)})}
}

// caseAccountLetters tells a payee that their account is another, or was judged.
func caseAccountLetters(e Event) []Letter {
	c := e.Case.File
	kind, link := AccountGiven, casePaymentPath(string(c.ID))
	switch e.Action {
	case payment.CaseAccountVerified:
		kind = AccountChecked
	case payment.CaseAccountRejected:
		kind, link = AccountRefused, link+"/iban"
	}
	for _, to := range e.Case.readers([]identity.PersonID{}) {
		if to == e.About {
			return []Letter{letter(to, kind, link, []any{"Protocol", c.Protocol})}
		}
	}
	return nil
}
