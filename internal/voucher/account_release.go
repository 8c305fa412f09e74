package voucher

import (
	"context"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// ErrNothingToRelease says that no session was named to be cancelled.
var ErrNothingToRelease = fault.Refuse("booking.nothing_to_release")

// With lists the bookings that are booked with one professional: first those that the
// holder may still cancel on a day, then those for which it is too late.
func (a Account) With(professional identity.PersonID, today calendar.Date) (free, late []Booking) {
	for _, b := range a.Bookings {
		switch {
		case b.Professional != professional || b.State != Booked:
		case b.MayCancel(a.Rules, today) == nil:
			free = append(free, b)
		default:
			late = append(late, b)
		}
	}
	return free, late
}

// Release cancels sessions booked with one professional, for their holder, who looks
// for another one: all those that are named, or none.
func (a Account) Release(professional identity.PersonID, ids []BookingID, who identity.Actor, now time.Time) (Decision, error) {
	if len(ids) == 0 {
		return Decision{}, ErrNothingToRelease
	}
	d := Decision{Voucher: a.Voucher}
	for _, id := range ids {
		if b, err := a.Booking(id); err != nil || b.Professional != professional {
			return Decision{}, fault.ErrNotFound
		}
		one, err := a.Cancel(id, who, now)
		if err != nil {
			return Decision{}, err
		}
		a.Voucher, d.Voucher = one.Voucher, one.Voucher
		d.Bookings = append(d.Bookings, one.Bookings...)
		d.Postings = append(d.Postings, one.Postings...)
		d.Entries = append(d.Entries, one.Entries...)
		a.Bookings = without(a.Bookings, id)
	}
	return d, nil
}

// without is bookings but one.
func without(all []Booking, id BookingID) []Booking {
	rest := make([]Booking, 0, len(all))
	for _, b := range all {
		if b.ID != id {
			rest = append(rest, b)
		}
	}
	return rest
}

// Release cancels sessions that a voucher has booked with one professional: see
// Account.Release.
func (s *Service) Release(ctx context.Context, who identity.Actor, form once.Form, id ID, professional identity.PersonID, sessions []BookingID) error {
	_, err := s.Change(ctx, id, form, string(id), func(a Account) (Decision, error) {
		return a.Release(professional, sessions, who, s.now())
	})
	return err
}
