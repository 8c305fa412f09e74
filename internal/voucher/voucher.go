package voucher

import (
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// ID names a voucher: a random UUID, the only name of it that stands in addresses.
type ID string

// ApplicationID names an application: a random UUID.
type ApplicationID string

// RunID names a ranking run: a random UUID.
type RunID string

// State is what the office has made of a voucher.
//
//	Active ─┬─> Expired
//	   ▲    ├─> GivenUp
//	   │    ├─> Forfeited
//	   │    └─> Closed
//	   └────────┘ reopened: by two officers, or because a partial award was completed
//
// That its last day has passed is not a state: the calendar says it.
type State string

// The states; the database knows the same words.
const (
	Active    State = "active"
	Expired   State = "expired"   // scaduto: what was free has gone back to the fund
	GivenUp   State = "withdrawn" // rinunciato by its holder, with the same effect
	Forfeited State = "lapsed"    // decaduto: no session in its first days
	Closed    State = "ended"     // by two officers: its holder died, or it was not due
)

// States lists every state.
var States = []State{Active, Expired, GivenUp, Forfeited, Closed}

// Why a voucher cannot be spent.
var (
	ErrExpired   = fault.Refuse("voucher.expired")
	ErrBlocked   = fault.Refuse("voucher.blocked")
	ErrExhausted = fault.Refuse("voucher.exhausted")
	ErrNotEnough = fault.Invalid("voucher.not_enough")
	ErrNotDue    = fault.Refuse("voucher.not_due")
)

// Voucher is the right of one beneficiary to spend an amount on sessions until a
// day (buono). Its four sums always add up: awarded = booked + used + returned +
// balance.
type Voucher struct {
	ID          ID
	Application ApplicationID
	Beneficiary identity.PersonID
	Territory   string
	Awarded     money.Amount // importo assegnato
	Booked      money.Amount // of sessions booked and not yet confirmed
	Used        money.Amount // of sessions confirmed
	Returned    money.Amount // gone back to the fund
	Terms       Terms
	State       State
	Version     int64 // moves with each change
	Blocked     bool  // by the office, while it looks into something: nothing new is booked
	Round       int   // of the publication that granted it
	Reopened    int   // how often it came back after its end
}

// Balance is what can still be booked (importo residuo).
func (v Voucher) Balance() money.Amount { return v.Awarded - v.Booked - v.Used - v.Returned }

// OpenOn tells why nothing can be booked with the voucher on a day, nil when
// something can.
func (v Voucher) OpenOn(today calendar.Date) error {
	switch {
	case v.State != Active || today.After(v.Terms.LastDay):
		return ErrExpired
	case v.Blocked:
		return ErrBlocked
	case v.Balance() == 0:
		return ErrExhausted
	}
	return nil
}
