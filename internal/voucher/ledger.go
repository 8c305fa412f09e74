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
	Granted    Event = "grant"     // fund → free: the ranking is published
	Reserved   Event = "book"      // free → booked
	Released   Event = "cancel"    // booked → free
	Captured   Event = "hold"      // booked → used
	Retracted  Event = "retract"   // used → free: a confirmation taken back
	GivenBack  Event = "expire"    // free → fund: the code has expired
	Renounced  Event = "withdraw"  // free → fund: its holder gave the voucher up
	Completed  Event = "complete"  // fund → free: the rest of a partial award
	Raised     Event = "raise"     // free → booked: a booking costs more than before
	Lowered    Event = "lower"     // booked → free: or less
	Corrected  Event = "correct"   // used → free: the office put the price of a confirmed session right
	Reduced    Event = "reduce"    // used → free: its invoice claims less than its price
	Restored   Event = "restore"   // free → used: and was put right
	Lapsing    Event = "lapse"     // free → fund: no session in the first days
	Ended      Event = "end"       // free → fund: closed by the office
	Reinstated Event = "reinstate" // fund → free: given back by it
)

// Events lists every event with the account it takes from and the one it gives to.
var Events = map[Event][2]Ledger{
	Granted:    {Fund, Free},
	Reserved:   {Free, OnHold},
	Released:   {OnHold, Free},
	Captured:   {OnHold, Spent},
	Retracted:  {Spent, Free},
	GivenBack:  {Free, Fund},
	Renounced:  {Free, Fund},
	Completed:  {Fund, Free},
	Raised:     {Free, OnHold},
	Lowered:    {OnHold, Free},
	Corrected:  {Spent, Free},
	Reduced:    {Spent, Free},
	Restored:   {Free, Spent},
	Lapsing:    {Free, Fund},
	Ended:      {Free, Fund},
	Reinstated: {Fund, Free},
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
			if e == Granted || e == Completed {
				v.Awarded += amount
			} else {
				v.Returned += sign * amount
			}
		}
	}
	return Posting{v.ID, booking, e, amount}
}

// giveBack returns to the fund what has become free on a voucher that nobody can spend
// any more, and is nothing on one that can be spent.
func (v *Voucher) giveBack(booking BookingID, amount money.Amount) []Posting {
	e, over := map[State]Event{Expired: GivenBack, GivenUp: Renounced, Forfeited: Lapsing, Closed: Ended}[v.State]
	if !over || amount == 0 {
		return nil
	}
	return []Posting{v.post(e, booking, amount)}
}
