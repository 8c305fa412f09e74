package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// VoucherLapsed is written when a voucher ends because no session was confirmed in
// its first days.
const VoucherLapsed audit.Action = "voucher.lapsed"

// ErrFirstSessionMissed says that the term for the first session is over without one.
var ErrFirstSessionMissed = fault.Refuse("voucher.first_session_missed")

// MissedFirstSession tells whether the term for the first session was over on a day
// without one that counts: confirmed by the end of the term, and not taken back since.
func (a Account) MissedFirstSession(today calendar.Date) bool {
	by := a.Voucher.Terms.FirstSessionBy
	return !by.IsZero() && today.After(by) && !slices.ContainsFunc(a.Bookings, func(b Booking) bool {
		return b.State == Held && !calendar.On(b.HeldAt).After(by)
	})
}

// MayLapse tells why a voucher does not lapse on a day, nil when it does. One that the
// office has blocked waits: its holder could book nothing.
func (a Account) MayLapse(today calendar.Date) error {
	switch {
	case a.Voucher.State != Active:
		return ErrExpired
	case a.Voucher.Blocked:
		return ErrBlocked
	case !a.MissedFirstSession(today):
		return ErrNotDue
	}
	return nil
}

// Lapse ends a voucher without a session in its first days, carried out as two
// officers decided: see Closures.
func (a Account) Lapse(now time.Time) (Decision, error) {
	today := calendar.On(now)
	if err := a.MayLapse(today); err != nil {
		return Decision{}, err
	}
	return a.close(Forfeited, VoucherLapsed, string(NoFirstSession), today.Add(1), now), nil
}

// close ends the voucher by the office: what is booked from a day on is cancelled, and
// what is free goes back to the fund. A session before that day stays: its
// professional confirms it within its term, and is paid for it.
func (a Account) close(state State, what audit.Action, ground string, from calendar.Date, now time.Time) Decision {
	d := Decision{Voucher: a.Voucher, Application: Lapsed}
	d.Entries = []audit.Entry{{At: now, Actor: identity.Office(), Action: what, Subject: string(a.Voucher.ID), About: a.Voucher.Beneficiary}}
	for _, b := range a.Bookings {
		if b.State == Booked && !b.Day.Before(from) {
			d.cancelByOffice(b, ground, now)
		}
	}
	d.Voucher.State = state
	d.Postings = append(d.Postings, d.Voucher.giveBack("", d.Voucher.Balance())...)
	return d
}

// cancelByOffice cancels a session for the office, whose price is free again.
func (d *Decision) cancelByOffice(b Booking, ground string, now time.Time) {
	event, price := Released, b.Price()
	if b.State == Held {
		event = Retracted
	}
	b.State, b.CancelledAt, b.CancelReason, b.CancelGround, b.Claimed = Cancelled, now, ByOffice, ground, 0
	d.Bookings = append(d.Bookings, b)
	d.Postings = append(d.Postings, d.Voucher.post(event, b.ID, price))
	d.Entries = append(d.Entries, b.entry(identity.Office(), now, BookingCancelled))
}
