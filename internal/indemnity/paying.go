package indemnity

import (
	"portal/internal/calendar"
	"portal/internal/money"
)

// What payments add to the standings of an application that is funded.
const (
	BeingPaid   CaseStanding = "in_payment"   // pagamento disposto
	PaidWhole   CaseStanding = "paid"         // pagata
	PaymentBack CaseStanding = "payment_back" // the bank sent it back, and it is not ordered anew
)

// Paying is how far an application is paid, of what its place is worth.
type Paying struct {
	Payable money.Amount  // net, less what is set off; zero before it has a place
	Ordered money.Amount  // sent to the bank, and not sent back
	Paid    money.Amount  // of that, what has arrived
	Back    bool          // the bank sent something back that no other order makes good
	OrderOn calendar.Date // for when the bank was asked last
	PaidOn  calendar.Date // value day of the last that arrived

	Heirs map[HeirID]Paying // each for their share, by their IDs, once anything of it was ordered
}

// as is how far an heir is paid, who does not read how it goes with the shares of others;
// for everybody else it is all of it. What the member was paid in their lifetime they read.
func (p Paying) as(heir HeirID) Paying {
	if heir == "" || p.Heirs == nil {
		return p
	}
	return p.Heirs[heir]
}

// standing is the word for it, "" before anything was sent.
func (p Paying) standing() CaseStanding {
	switch {
	case p.Payable > 0 && p.Paid >= p.Payable:
		return PaidWhole
	case p.Back:
		return PaymentBack
	case p.Ordered > 0:
		return BeingPaid
	}
	return ""
}

// stages are the steps of the payment, from what the call expects on.
func (p Paying) stages(expected calendar.Date) []Stage {
	if p.Ordered == 0 {
		return []Stage{{Name: StagePayment, Progress: StageNow, On: expected}}
	}
	ordered, paid := Stage{Name: StageOrdered, Progress: StageDone}, Stage{Name: StagePaid, Progress: StageNow, On: p.OrderOn}
	if p.standing() == PaidWhole {
		paid.Progress, paid.On = StageDone, p.PaidOn
	}
	return []Stage{ordered, paid}
}

// PaidWhole tells whether all that the application is due was paid.
func (c *CaseFile) PaidWhole() bool { return c.State == Funded && c.Paying.standing() == PaidWhole }
