package voucher

import (
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// BookingID names a booking: a random UUID.
type BookingID string

// BookingState is where a booking stands.
//
//	Booked ──> Held ──┐
//	   └──> Cancelled <┘ the professional takes the confirmation back
type BookingState string

// The states of a booking; the database knows the same words.
const (
	Booked    BookingState = "booked"    // prenotata: its price is set aside
	Held      BookingState = "held"      // confermata: its price is spent
	Cancelled BookingState = "cancelled" // annullata: its price is free again
)

// BookingStates lists every state of a booking.
var BookingStates = []BookingState{Booked, Held, Cancelled}

// CancelReason says by whom a booking was cancelled, and so why.
type CancelReason string

// The reasons; the database knows the same words.
const (
	ByBeneficiary  CancelReason = "beneficiary"
	ByProfessional CancelReason = "professional"
	ByOffice       CancelReason = "office" // annullata d'ufficio
)

// CancelReasons lists every reason.
var CancelReasons = []CancelReason{ByBeneficiary, ByProfessional, ByOffice}

// Why a booking stays as it is.
var (
	ErrDayHasCome       = fault.Refuse("booking.day_has_come")
	ErrAlreadyCancelled = fault.Refuse("booking.already_cancelled")
	ErrAlreadyHeld      = fault.Stale("booking.already_held")
	ErrNotHeldYet       = fault.Refuse("booking.not_held_yet")
	ErrTooLateToConfirm = fault.Refuse("booking.too_late_to_confirm")
	ErrTooLateToRetract = fault.Refuse("booking.too_late_to_retract")
	ErrInvoiced         = fault.Refuse("booking.invoiced")
)

// Booking is a planned or held session of psychotherapy (seduta) with its price.
type Booking struct {
	ID             BookingID
	Voucher        ID
	Beneficiary    identity.PersonID
	Professional   identity.PersonID
	Day            calendar.Date
	Start          time.Time // zero when no hour was given
	Minutes        int       // how long it keeps its people busy
	Amount         money.Amount
	Place          string // address as it was when booked
	State          BookingState
	BookedAt       time.Time
	HeldAt         time.Time         // zero while not confirmed
	CancelledAt    time.Time         // zero while not cancelled
	CancelledBy    identity.PersonID // "" by the office
	CancelReason   CancelReason
	CancelGround   string       // why the office cancelled it: see ClosureGround, or "disputed", "ended"
	Claimed        money.Amount // of its price, by its live invoice; 0 while it has none
	Acknowledged   time.Time    // when its holder said that it took place, zero if they did not
	AcknowledgedBy identity.PersonID
	Reinstates     BookingID // one that the office had cancelled, "" for none
}

// Invoiced tells whether an invoice claims it.
func (b Booking) Invoiced() bool { return b.Claimed > 0 }

// Price is what the session takes from its voucher: what its invoice claims, or what
// was set aside for it.
func (b Booking) Price() money.Amount {
	if b.Invoiced() {
		return b.Claimed
	}
	return b.Amount
}

// End is when the session is over, zero when no hour was given.
func (b Booking) End() time.Time {
	if b.Start.IsZero() {
		return b.Start
	}
	return b.Start.Add(time.Duration(b.Minutes) * time.Minute)
}

// live tells whether the booking counts for the balance and the agenda.
func (b Booking) live() bool { return b.State != Cancelled }

// clashes tells whether two sessions keep somebody busy at the same time.
func (b Booking) clashes(c Booking) bool {
	return b.live() && c.live() && !b.Start.IsZero() && !c.Start.IsZero() &&
		b.Start.Before(c.End()) && c.Start.Before(b.End())
}

// LastDayToCancel is the last day on which the holder of the voucher may cancel:
// until 24:00. «Prima della data dell'appuntamento» (INPS guide).
func (b Booking) LastDayToCancel(r Rules) calendar.Date { return r.CancelTerm(b.Day).End() }

// MayCancel tells why the holder of the voucher may not cancel the booking on a
// day, nil when they may. The same question shows the button and does the deed.
func (b Booking) MayCancel(r Rules, today calendar.Date) error {
	switch {
	case b.State == Cancelled:
		return ErrAlreadyCancelled
	case b.State == Held:
		return ErrAlreadyHeld
	case today.After(b.LastDayToCancel(r)):
		return ErrDayHasCome
	}
	return nil
}

// MayWithdraw tells why its professional may not cancel the booking on a day: a
// booked one always, a confirmed one while the code is valid.
func (b Booking) MayWithdraw(t Terms, today calendar.Date) error {
	switch {
	case b.State == Cancelled:
		return ErrAlreadyCancelled
	case b.Invoiced():
		return ErrInvoiced
	case b.State == Held && today.After(t.LastDay):
		return ErrTooLateToRetract
	}
	return nil
}

// MayConfirm tells why its professional may not confirm the booking at an
// instant: not before it starts, not after the last day to confirm.
func (b Booking) MayConfirm(t Terms, now time.Time) error {
	begins := b.Start
	if begins.IsZero() {
		begins = b.Day.Start()
	}
	switch {
	case b.State == Cancelled:
		return ErrAlreadyCancelled
	case b.State == Held:
		return ErrAlreadyHeld
	case now.Before(begins):
		return ErrNotHeldYet
	case calendar.On(now).After(t.ConfirmBy):
		return ErrTooLateToConfirm
	}
	return nil
}

func (b Booking) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(b.ID), About: b.Beneficiary}
}
