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

// What is written in the register about vouchers and bookings.
const (
	CodeShown        audit.Action = "voucher.code_shown"
	CodeChecked      audit.Action = "voucher.code_checked"
	AccountSeen      audit.Action = "voucher.account_seen"
	BookingSeen      audit.Action = "booking.seen"
	BookingBooked    audit.Action = "booking.booked"
	BookingHeld      audit.Action = "booking.held"
	BookingCancelled audit.Action = "booking.cancelled"
	VoucherGranted   audit.Action = "voucher.granted"
	VoucherExpired   audit.Action = "voucher.expired"
	BalanceChanged   audit.Action = "voucher.balance_changed" // by what no other message tells its holder
	AgendaTaken      audit.Action = "agenda.downloaded"       // the list of sessions, as a file
)

// Looks are the entries that say that somebody looked, and changed nothing.
var Looks = []audit.Action{CodeShown, CodeChecked, AccountSeen, BookingSeen, AgendaTaken}

// Why a session cannot be booked.
var (
	ErrNotEnrolled      = fault.Refuse("professional.not_enrolled")
	ErrOwnVoucher       = fault.Refuse("booking.own_voucher")
	ErrDayMissing       = fault.Invalid("booking.day_missing")
	ErrDayPast          = fault.Invalid("booking.day_past")
	ErrDayTooEarly      = fault.Invalid("booking.day_too_early")
	ErrDayTooLate       = fault.Invalid("booking.day_too_late")
	ErrDayToCome        = fault.Invalid("booking.day_to_come")
	ErrAboveCap         = fault.Invalid("booking.above_cap")
	ErrNoAmount         = fault.Invalid("booking.no_amount")
	ErrSameDay          = fault.Invalid("booking.same_day")
	ErrBeneficiaryBusy  = fault.Invalid("booking.beneficiary_busy")
	ErrProfessionalBusy = fault.Invalid("booking.professional_busy")
	ErrTooManyOpen      = fault.Refuse("booking.too_many_open")
)

// Account is a voucher with its edition and all its bookings: what a rule needs
// to see to judge an act, and what is locked while it does.
type Account struct {
	Voucher  Voucher
	Rules    Rules
	Bookings []Booking
	Province string // of residence of the applicant, as the application says it
}

// Decision is what an act changes: the voucher as it stands after it, the
// bookings it made or moved, the postings behind the new sums and the entries of
// the register. A refused act yields none of it.
type Decision struct {
	Voucher  Voucher
	Bookings []Booking
	Postings []Posting
	Entries  []audit.Entry
	Moves    []Move // of the bookings that have another day, place or price

	BlockReason string           // of a voucher that the act blocks
	Code        *StoredCode      // that the act gives the voucher instead of the one it had, or nil
	Note        string           // of an officer about the first entry's subject, or ""
	Application ApplicationState // in which the act leaves the application, "" as it is
}

// tellBalance writes for the holder that a decision moved the money of the voucher, where
// it did: once, however many sessions it is about.
func (d *Decision) tellBalance(who identity.Actor, now time.Time) {
	if len(d.Postings) > 0 {
		d.Entries = append(d.Entries, audit.Entry{At: now, Actor: who, Action: BalanceChanged, Subject: string(d.Voucher.ID), About: d.Voucher.Beneficiary})
	}
}

// Professional is a psychologist as a booking needs to know them.
type Professional struct {
	Person   identity.PersonID
	Enrolled bool // on CNOP's list on the day of the act
	Place    string
}

// Request is a session a professional wants to book.
type Request struct {
	ID     BookingID // drawn by the caller
	Day    calendar.Date
	Start  time.Time // zero when no hour is given
	Amount money.Amount
	Held   bool // it has taken place already
}

// Booking is one booking of the account; fault.ErrNotFound when it is not there.
func (a Account) Booking(id BookingID) (Booking, error) {
	i := slices.IndexFunc(a.Bookings, func(b Booking) bool { return b.ID == id })
	if i < 0 {
		return Booking{}, fault.ErrNotFound
	}
	return a.Bookings[i], nil
}

// Book sets aside the price of sessions: each on a day of the voucher's validity,
// at most the cap of the edition, and together no more than the balance. All of
// them are booked or none. The error of the i-th request is a RequestError.
func (a Account) Book(p Professional, requests []Request, who identity.Actor, now time.Time) (Decision, error) {
	switch {
	case !p.Enrolled:
		return Decision{}, ErrNotEnrolled
	case p.Person == a.Voucher.Beneficiary:
		return Decision{}, ErrOwnVoucher
	}
	if err := a.OpenOn(now); err != nil {
		return Decision{}, err
	}
	d := Decision{Voucher: a.Voucher}
	for i, r := range requests {
		b := Booking{
			ID: r.ID, Voucher: a.Voucher.ID, Beneficiary: a.Voucher.Beneficiary, Professional: p.Person,
			Day: r.Day, Start: r.Start, Minutes: a.Rules.SessionMinutes.Is, Amount: r.Amount, Place: p.Place,
			State: Booked, BookedAt: now,
		}
		if err := a.mayBook(b, r.Held, now); err != nil {
			return Decision{}, RequestError{i, err}
		}
		if b.Amount > d.Voucher.Balance() {
			return Decision{}, RequestError{i, ErrNotEnough}
		}
		a.Bookings = append(slices.Clip(a.Bookings), b)
		d.Bookings = append(d.Bookings, b)
		d.Postings = append(d.Postings, d.Voucher.post(Reserved, b.ID, b.Amount))
		d.Entries = append(d.Entries, b.entry(who, now, BookingBooked))
	}
	return d, nil
}

// RequestError says which of several requests was refused, counted from 0.
type RequestError struct {
	Index int
	Err   error
}

// Error is the reason, without saying which request: pages show it beside its field.
func (e RequestError) Error() string { return e.Err.Error() }

// Unwrap is the reason.
func (e RequestError) Unwrap() error { return e.Err }

func (a Account) mayBook(b Booking, held bool, now time.Time) error {
	today := calendar.On(now)
	switch {
	case b.Day.IsZero():
		return ErrDayMissing
	case a.mayBeOn(b.Day, now) != nil:
		return a.mayBeOn(b.Day, now)
	case held && a.MayConfirm(b, now) != nil:
		return ErrDayToCome
	case b.Day.Before(today) && !(held && a.Rules.DirectConfirmation.Is):
		return ErrDayPast
	case b.Amount <= 0:
		return ErrNoAmount
	case b.Amount > a.Rules.SessionCap.Is:
		return ErrAboveCap
	}
	open := 0
	for _, c := range a.Bookings {
		switch {
		case !c.live():
			continue
		case c.Professional == b.Professional && c.Day == b.Day:
			return ErrSameDay
		case c.clashes(b):
			return ErrBeneficiaryBusy
		case c.Professional == b.Professional && c.State == Booked:
			open++
		}
	}
	if open >= a.Rules.OpenBookings.Is {
		return ErrTooManyOpen
	}
	return nil
}

// Cancel gives the price of a booking back to the voucher. Its holder may cancel
// until the day before the session («prima della data dell'appuntamento»), its
// professional until it is confirmed, and a confirmed one while the code is valid.
// To anybody else the booking does not exist.
func (a Account) Cancel(id BookingID, who identity.Actor, now time.Time) (Decision, error) {
	b, err := a.Booking(id)
	if err != nil {
		return Decision{}, err
	}
	today := calendar.On(now)
	switch {
	case who.Role == identity.Citizen && who.For == b.Beneficiary:
		err, b.CancelReason = b.MayCancel(a.Rules, today), ByBeneficiary
	case who.Role == identity.Psychologist && who.Person == b.Professional:
		err, b.CancelReason = b.MayWithdraw(a.Voucher.Terms, today), ByProfessional
	default:
		err = fault.ErrNotFound
	}
	if err != nil {
		return Decision{}, err
	}
	event := Released
	if b.State == Held {
		event = Retracted
	}
	b.State, b.CancelledAt, b.CancelledBy = Cancelled, now, who.Person
	d := Decision{Voucher: a.Voucher, Bookings: []Booking{b}}
	d.Postings = []Posting{d.Voucher.post(event, b.ID, b.Amount)}
	d.Postings = append(d.Postings, d.Voucher.giveBack(b.ID, b.Amount)...)
	d.Entries = []audit.Entry{b.entry(who, now, BookingCancelled)}
	return d, nil
}

// Confirm spends the price of a booking: its professional declares that the
// session took place.
func (a Account) Confirm(id BookingID, who identity.Actor, now time.Time) (Decision, error) {
	b, err := a.Booking(id)
	if err != nil {
		return Decision{}, err
	}
	if who.Role != identity.Psychologist || who.Person != b.Professional {
		return Decision{}, fault.ErrNotFound
	}
	if err := a.MayConfirm(b, now); err != nil {
		return Decision{}, err
	}
	b.State, b.HeldAt = Held, now
	d := Decision{Voucher: a.Voucher, Bookings: []Booking{b}}
	d.Postings = []Posting{d.Voucher.post(Captured, b.ID, b.Amount)}
	d.Entries = []audit.Entry{b.entry(who, now, BookingHeld)}
	return d, nil
}

// Expire closes a voucher whose last day has passed: what is free goes back to
// the fund, what is booked waits for its confirmation or cancellation. It is an
// act of the office, done once, and not while the edition lets sessions be booked
// again, or will.
func (a Account) Expire(now time.Time) (Decision, error) {
	v := a.Voucher
	switch {
	case v.State != Active:
		return Decision{}, ErrExpired
	case !calendar.On(now).After(v.Terms.LastDay), a.reopenings().pending(ActBook, now):
		return Decision{}, ErrNotDue
	}
	d := Decision{Voucher: v}
	d.Voucher.State = Expired
	d.Postings = d.Voucher.giveBack("", v.Balance())
	d.Entries = []audit.Entry{{At: now, Actor: identity.Office(), Action: VoucherExpired, Subject: string(v.ID), About: v.Beneficiary}}
	return d, nil
}
