package voucher

import "portal/internal/money"

// Ledger is one of the accounts of a voucher.
type Ledger string

// The accounts. What the holder may spend is on Free; Fund is what is not, or no
// more, theirs.
const (
	Fund   Ledger = "fund"
	Free   Ledger = "free"
	OnHold Ledger = "booked"
	Spent  Ledger = "used"
)

// Event is what moves an amount. The database knows the same words, and which
// two accounts each of them joins.
type Event string

// The events.
const (
	Granted   Event = "grant"    // fund → free: the ranking is published
	Reserved  Event = "book"     // free → booked
	Released  Event = "cancel"   // booked → free
	Captured  Event = "hold"     // booked → used
	Retracted Event = "retract"  // used → free: a confirmation taken back
	GivenBack Event = "expire"   // free → fund: the code has expired
	Renounced Event = "withdraw" // free → fund: its holder gave the voucher up
)

// Events lists every event with the account it takes from and the one it gives to.
var Events = map[Event][2]Ledger{
	Granted:   {Fund, Free},
	Reserved:  {Free, OnHold},
	Released:  {OnHold, Free},
	Captured:  {OnHold, Spent},
	Retracted: {Spent, Free},
	GivenBack: {Free, Fund},
	Renounced: {Free, Fund},
}

// Posting is one line of the double entry behind the balance: an amount moved
// from one account of a voucher to another, and why. Postings are never changed;
// the sums on the voucher are their projection.
type Posting struct {
	Voucher ID
	Booking BookingID // "" for what concerns the whole voucher
	Event   Event
	Amount  money.Amount
}

// post moves an amount on the voucher and returns the posting that says so.
func (v *Voucher) post(e Event, booking BookingID, amount money.Amount) Posting {
	for i, account := range Events[e] {
		sign := money.Amount(2*i - 1) // taken from the first, given to the second
		switch account {
		case OnHold:
			v.Booked += sign * amount
		case Spent:
			v.Used += sign * amount
		case Fund:
			v.Returned += sign * amount
		}
	}
	return Posting{v.ID, booking, e, amount}
}
