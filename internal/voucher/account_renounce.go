package voucher

import (
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// VoucherRenounced is written when a holder gives a voucher up.
const VoucherRenounced audit.Action = "voucher.renounced"

// ErrGivenUp says that a voucher was given up before.
var ErrGivenUp = fault.Refuse("voucher.given_up")

// MayRenounce tells why a voucher cannot be given up on a day, nil when it can.
func (a Account) MayRenounce(today calendar.Date) error {
	switch v := a.Voucher; {
	case v.State == GivenUp:
		return ErrGivenUp
	case v.State != Active || today.After(v.Terms.LastDay):
		return ErrExpired
	}
	return nil
}

// Renounce gives the voucher up, for its holder: the sessions that can still be
// cancelled are, and what is free goes back to the fund. A session whose day has
// come stays: its professional confirms or cancels it, as after an expiry.
func (a Account) Renounce(who identity.Actor, now time.Time) (Decision, error) {
	today := calendar.On(now)
	if who.Role != identity.Citizen || who.For != a.Voucher.Beneficiary {
		return Decision{}, fault.ErrNotFound
	}
	if err := a.MayRenounce(today); err != nil {
		return Decision{}, err
	}
	d := Decision{Voucher: a.Voucher}
	d.Entries = []audit.Entry{{At: now, Actor: who, Action: VoucherRenounced, Subject: string(a.Voucher.ID), About: a.Voucher.Beneficiary}}
	for _, b := range a.Cancellable(today) {
		b.State, b.CancelledAt, b.CancelledBy, b.CancelReason = Cancelled, now, who.Person, ByBeneficiary
		d.Bookings = append(d.Bookings, b)
		d.Postings = append(d.Postings, d.Voucher.post(Released, b.ID, b.Amount))
		d.Entries = append(d.Entries, b.entry(who, now, BookingCancelled))
	}
	d.Voucher.State, d.Application = GivenUp, Withdrawn
	d.Postings = append(d.Postings, d.Voucher.giveBack("", d.Voucher.Balance())...)
	return d, nil
}

// Cancellable lists the bookings that the holder may still cancel on a day.
func (a Account) Cancellable(today calendar.Date) []Booking {
	var all []Booking
	for _, b := range a.Bookings {
		if b.MayCancel(a.Rules, today) == nil {
			all = append(all, b)
		}
	}
	return all
}

// Forgone is what giving the voucher up on a day costs its holder: what is free,
// and the price of the sessions that would be cancelled.
func (a Account) Forgone(today calendar.Date) money.Amount {
	sum := a.Voucher.Balance()
	for _, b := range a.Cancellable(today) {
		sum += b.Amount
	}
	return sum
}
