package voucher

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// BookingMoved is written when a professional changes a session that is booked.
const BookingMoved audit.Action = "booking.moved"

// Why a session stays where it is.
var (
	ErrTooLateToMove = fault.Refuse("booking.too_late_to_move")
	ErrNothingMoved  = fault.Invalid("booking.nothing_moved")
	ErrPlaceUnknown  = fault.Invalid("booking.place_unknown")
)

// Appointment is when and where a session takes place, and what it costs.
type Appointment struct {
	Day    calendar.Date
	Start  time.Time // zero when no hour is given
	Amount money.Amount
	Place  string
}

// Appointment is when and where the session takes place, and what it costs.
func (b Booking) Appointment() Appointment { return Appointment{b.Day, b.Start, b.Amount, b.Place} }

// same tells whether two appointments are one.
func (a Appointment) same(b Appointment) bool {
	return a.Day == b.Day && a.Start.Equal(b.Start) && a.Amount == b.Amount && a.Place == b.Place
}

// Move is a session that was moved: what it was, and what it became.
type Move struct {
	Booking BookingID
	At      time.Time
	Was, Is Appointment
	Minutes int // how long it keeps its people busy
}

// MayMove tells why its professional cannot move the booking on a day: what is booked
// is moved until the day before it.
func (b Booking) MayMove(today calendar.Date) error {
	switch {
	case b.State == Cancelled:
		return ErrAlreadyCancelled
	case b.State == Held:
		return ErrAlreadyHeld
	case !today.Before(b.Day):
		return ErrTooLateToMove
	}
	return nil
}

// Move gives a booked session another day, hour, place or price, for its professional:
// it is judged as one that is booked now, with the money that was set aside for it.
func (a Account) Move(id BookingID, p Professional, to Appointment, who identity.Actor, now time.Time) (Decision, error) {
	b, err := a.Booking(id)
	if err != nil {
		return Decision{}, err
	}
	if who.Role != identity.Psychologist || who.Person != b.Professional {
		return Decision{}, fault.ErrNotFound
	}
	if err := b.MayMove(calendar.On(now)); err != nil {
		return Decision{}, err
	}
	was := b.Appointment()
	switch {
	case !p.Enrolled:
		return Decision{}, ErrNotEnrolled
	case a.Voucher.State != Active:
		return Decision{}, ErrExpired
	case a.Voucher.Blocked && to.Amount > was.Amount:
		return Decision{}, ErrBlocked
	case to.Place != was.Place && to.Place != p.Place:
		return Decision{}, ErrPlaceUnknown
	case was.same(to):
		return Decision{}, ErrNothingMoved
	}
	b.Day, b.Start, b.Amount, b.Place, b.Minutes = to.Day, to.Start, to.Amount, to.Place, a.Rules.SessionMinutes.Is
	a.Bookings = without(a.Bookings, id)
	if err := a.mayBook(b, false, now); err != nil {
		return Decision{}, err
	}
	d := Decision{Voucher: a.Voucher, Bookings: []Booking{b}, Entries: []audit.Entry{b.entry(who, now, BookingMoved)},
		Moves: []Move{{id, now, was, to, b.Minutes}}}
	switch more := to.Amount - was.Amount; {
	case more > a.Voucher.Balance():
		return Decision{}, ErrNotEnough
	case more > 0:
		d.Postings = []Posting{d.Voucher.post(Raised, id, more)}
	case more < 0:
		d.Postings = []Posting{d.Voucher.post(Lowered, id, -more)}
	}
	return d, nil
}

// Move gives a booked session another day, hour, place or price: see Account.Move.
func (s *Service) Move(ctx context.Context, who identity.Actor, form once.Form, booking BookingID, to Appointment) error {
	p, err := s.professional(ctx, who)
	if err != nil {
		return err
	}
	return s.change(ctx, who, form, booking, func(a Account) (Decision, error) { return a.Move(booking, p, to, who, s.now()) })
}

// MayMove tells why a session cannot be moved to an appointment, and does nothing.
// Whether its professional is free then is found out when it is moved.
func (s *Service) MayMove(ctx context.Context, who identity.Actor, b Session, to Appointment) error {
	p, err := s.professional(ctx, who)
	if err != nil {
		return err
	}
	a, _, err := s.Account(ctx, b.Voucher)
	if err != nil {
		return err
	}
	_, err = a.Move(b.ID, p, to, who, s.now())
	return err
}

// professional is a psychologist as the list has them today.
func (s *Service) professional(ctx context.Context, who identity.Actor) (Professional, error) {
	p, err := s.Participation(ctx, who.Person, calendar.On(s.now()))
	return Professional{who.Person, p.Enrolled, p.Listing.Place()}, err
}
