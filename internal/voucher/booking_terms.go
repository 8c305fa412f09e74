package voucher

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// Why the data of an invoice are not taken for a session.
var (
	ErrNotHeld          = fault.Refuse("booking.not_held")
	ErrTooLateToInvoice = fault.Refuse("booking.too_late_to_invoice")
)

// reopenings are those of the edition that concern the voucher.
func (a Account) reopenings() Reopenings {
	return a.Rules.ReopeningsOf(a.Voucher.Round, a.Voucher.Territory, a.Province)
}

// OpenOn is why nothing can be booked with the voucher at an instant, nil when
// something can: see Voucher.OpenOn. Nothing can once the term for the first session is
// over without one, also before the voucher lapses. After its last day something can
// while the edition lets sessions be booked again, and the office has not closed it:
// money that has gone back to the fund is not there any more.
func (a Account) OpenOn(now time.Time) error {
	v := a.Voucher
	if a.reopenings().open(ActBook, now) {
		v.Terms.LastDay = later(v.Terms.LastDay, calendar.On(now))
	}
	err := v.OpenOn(calendar.On(now))
	if err == nil && a.MissedFirstSession(calendar.On(now)) {
		return ErrFirstSessionMissed
	}
	return err
}

// mayBeOn tells why no session of the voucher can be on a day, nil when one can: within
// its validity, or on a day for which the edition lets sessions be booked again.
func (a Account) mayBeOn(day calendar.Date, now time.Time) error {
	t, again := a.Voucher.Terms, a.reopenings().Let(ActBook, day, now)
	switch today := calendar.On(now); {
	case day.Before(t.AcceptedOn):
		return ErrDayTooEarly
	case (day.After(t.LastDay) || today.After(t.LastDay)) && !again:
		return ErrDayTooLate
	}
	return nil
}

// MayConfirm tells why a session cannot be confirmed at an instant, nil when it can:
// see Booking.MayConfirm. After the term it can while the edition lets it be done again.
func (a Account) MayConfirm(b Booking, now time.Time) error {
	return a.reopenings().confirm(b, a.Voucher.Terms, now)
}

// MayInvoice tells why no invoice is taken for a session at an instant, nil when one
// is: once it was confirmed, until the last day for invoices or while the edition lets
// it be done again.
func (a Account) MayInvoice(b Booking, now time.Time) error {
	return a.reopenings().invoice(b, a.Voucher.Terms, now)
}

func (all Reopenings) confirm(b Booking, t Terms, now time.Time) error {
	err := b.MayConfirm(t, now)
	if err == ErrTooLateToConfirm && all.Let(ActConfirm, b.Day, now) {
		return nil
	}
	return err
}

func (all Reopenings) invoice(b Booking, t Terms, now time.Time) error {
	switch {
	case b.State != Held:
		return ErrNotHeld
	case b.Invoiced():
		return ErrInvoiced
	case calendar.On(now).After(t.InvoiceBy) && !all.Let(ActInvoice, b.Day, now):
		return ErrTooLateToInvoice
	}
	return nil
}

// MayConfirm is Account.MayConfirm for a page, which has the session only.
func (s Session) MayConfirm(t Terms, now time.Time) error {
	return s.Reopenings.confirm(s.Booking, t, now)
}

// MayInvoice is Account.MayInvoice for a page, which has the session only.
func (s Session) MayInvoice(now time.Time) error {
	return s.Reopenings.invoice(s.Booking, s.Terms(), now)
}
