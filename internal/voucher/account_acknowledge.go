package voucher

import (
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
)

// BookingAcknowledged is written when a holder says that a session took place.
const BookingAcknowledged audit.Action = "booking.acknowledged"

// ErrAcknowledged says that a holder has said before that a session took place.
var ErrAcknowledged = fault.Refuse("booking.acknowledged")

// MayAcknowledge tells why a holder cannot say that the session took place, nil when
// they can: its professional has said so. Nobody has to.
func (b Booking) MayAcknowledge() error {
	switch {
	case b.State != Held:
		return ErrNotHeld
	case !b.Acknowledged.IsZero():
		return ErrAcknowledged
	}
	return nil
}

// Acknowledge notes that the holder says that a session took place. It moves no money.
func (a Account) Acknowledge(id BookingID, who identity.Actor, now time.Time) (Decision, error) {
	b, err := a.Booking(id)
	if err != nil {
		return Decision{}, err
	}
	if who.Role != identity.Citizen || who.For != b.Beneficiary {
		return Decision{}, fault.ErrNotFound
	}
	if err := b.MayAcknowledge(); err != nil {
		return Decision{}, err
	}
	b.Acknowledged, b.AcknowledgedBy = now, who.Person
	return Decision{Voucher: a.Voucher, Bookings: []Booking{b}, Entries: []audit.Entry{b.entry(who, now, BookingAcknowledged)}}, nil
}
