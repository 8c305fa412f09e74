package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register when something comes back.
const (
	VoucherReinstated audit.Action = "voucher.reinstated"
	BookingReinstated audit.Action = "booking.reinstated"
)

// Why something does not come back.
var (
	ErrNotClosed      = fault.Refuse("case.not_closed")
	ErrNotAnnulled    = fault.Refuse("case.not_annulled")
	ErrReinstated     = fault.Refuse("case.reinstated")
	ErrNothingBack    = fault.Refuse("case.nothing_back")
	ErrTerritorySpent = fault.Refuse("case.territory_spent")
)

// Restitution is what has to be known to give something back.
type Restitution struct {
	EndedOn   calendar.Date // when the office ended the voucher, zero if it did not
	GivenBack money.Amount  // by its end, and not returned to it since
	Left      money.Amount  // of the money of its territory that is promised to nobody
	Whole     bool          // it was awarded all that it was entitled to
}

// MayReinstate tells why a voucher cannot come back, nil when it can: only one that the
// office ended, and only what its end gave back, as long as the territory has it.
func (a Account) MayReinstate(r Restitution) error {
	switch v := a.Voucher; {
	case v.State != Forfeited && v.State != Closed:
		return ErrNotClosed
	case r.GivenBack <= 0:
		return ErrNothingBack
	case r.GivenBack > r.Left:
		return ErrTerritorySpent
	}
	return nil
}

// Reinstate brings a voucher back that the office had ended. It has as many days again
// as were left when it ended, and its terms move as far; without a first session it has
// the whole term for it anew.
func (a Account) Reinstate(r Restitution, now time.Time) (Decision, error) {
	if err := a.MayReinstate(r); err != nil {
		return Decision{}, err
	}
	today, h := calendar.On(now), a.Rules.Holidays.Is
	d := Decision{Voucher: a.Voucher, Application: PartiallyAwarded}
	if r.Whole {
		d.Application = Awarded
	}
	d.Entries = []audit.Entry{{At: now, Actor: identity.Office(), Action: VoucherReinstated, Subject: string(a.Voucher.ID), About: a.Voucher.Beneficiary}}
	d.Voucher.State = Active
	d.Voucher.Reopened++
	d.Postings = []Posting{d.Voucher.post(Reinstated, "", r.GivenBack)}
	t := &d.Voucher.Terms
	was := t.LastDay
	t.LastDay = later(was, h.Within(max(0, r.EndedOn.Until(was)), today))
	moved := was.Until(t.LastDay)
	t.ConfirmBy, t.InvoiceBy = later(h.Within(moved, t.ConfirmBy), t.LastDay), later(h.Within(moved, t.InvoiceBy), t.LastDay)
	if a.MissedFirstSession(today) {
		by := h.Within(a.Rules.FirstSessionDays.Is, today)
		if by.After(t.LastDay) {
			by = t.LastDay
		}
		t.FirstSessionBy = later(t.FirstSessionBy, by)
	}
	return d, nil
}

// MayReinstateSession tells why a session cannot come back, nil when it can: only one
// that the office annulled because it was not completed in time, and once.
func (a Account) MayReinstateSession(id BookingID, r Restitution) error {
	b, err := a.Booking(id)
	switch {
	case err != nil:
		return err
	case b.State != Cancelled || b.CancelReason != ByOffice || !slices.Contains(ClosureGrounds[1:], ClosureGround(b.CancelGround)):
		return ErrNotAnnulled
	case slices.ContainsFunc(a.Bookings, func(c Booking) bool { return c.Reinstates == id }):
		return ErrReinstated
	case a.Voucher.State == Active && b.Amount > a.Voucher.Balance():
		return ErrNotEnough
	case a.Voucher.State != Active && b.Amount > a.Voucher.Returned:
		return ErrNothingBack
	case a.Voucher.State != Active && b.Amount > r.Left:
		return ErrTerritorySpent
	}
	for _, c := range a.Bookings {
		switch {
		case c.live() && c.Professional == b.Professional && c.Day == b.Day:
			return ErrSameDay
		case c.live() && !b.Start.IsZero() && !c.Start.IsZero() && b.Start.Before(c.End()) && c.Start.Before(b.End()):
			return ErrBeneficiaryBusy
		}
	}
	return nil
}

// ReinstateSession brings a session back that the office had annulled, as a new one
// that is confirmed at once, under the id as. Its price comes out of what is free, or
// back from the fund if the voucher is over; for its invoice there is the time of a
// correction.
func (a Account) ReinstateSession(id, as BookingID, r Restitution, now time.Time) (Decision, error) {
	if err := a.MayReinstateSession(id, r); err != nil {
		return Decision{}, err
	}
	b, err := a.Booking(id)
	if err != nil {
		return Decision{}, err
	}
	b.ID, b.Reinstates, b.State = as, id, Held
	b.CancelledAt, b.CancelledBy, b.CancelReason, b.CancelGround = time.Time{}, "", "", ""
	if b.HeldAt.IsZero() {
		b.HeldAt = now
	}
	d := Decision{Voucher: a.Voucher, Bookings: []Booking{b}}
	if d.Voucher.State != Active {
		d.Postings = append(d.Postings, d.Voucher.post(Reinstated, b.ID, b.Amount))
	}
	d.Postings = append(d.Postings, d.Voucher.post(Reserved, b.ID, b.Amount), d.Voucher.post(Captured, b.ID, b.Amount))
	t := &d.Voucher.Terms
	t.InvoiceBy = later(t.InvoiceBy, a.Rules.Holidays.Is.Within(a.Rules.CorrectDays.Is, calendar.On(now)))
	d.Entries = []audit.Entry{b.entry(identity.Office(), now, BookingReinstated)}
	return d, nil
}
