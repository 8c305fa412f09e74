package voucher_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

const (
	maria   identity.PersonID = "11111111-1111-4111-8111-111111111111"
	giulia  identity.PersonID = "22222222-2222-4222-8222-222222222222"
	another identity.PersonID = "33333333-3333-4333-8333-333333333333"
)

var (
	holder       = identity.Own(maria, identity.Citizen)
	psychologist = identity.Own(giulia, identity.Psychologist)
	enrolled     = voucher.Professional{Person: giulia, Enrolled: true, Place: "Via Roma 1, 00195 Roma (RM)"}
	noon         = time.Date(2026, 3, 2, 12, 0, 0, 0, calendar.Rome)
	today        = calendar.On(noon)
)

// account is a voucher of 200 € of the edition of the guide, accepted on
// 2 February 2026 and so good until 1 August.
func account(t testing.TB) voucher.Account {
	rules := edition(t, "2022-guida").Rules
	return voucher.Account{
		Rules: rules,
		Voucher: voucher.Voucher{
			ID: "44444444-4444-4444-8444-444444444444", Beneficiary: maria, Awarded: 200 * money.Euro,
			State: voucher.Active, Terms: rules.Terms(day("2026-02-02"), 1, "Lazio"),
		},
	}
}

func request(on calendar.Date, amount money.Amount) voucher.Request {
	return voucher.Request{ID: voucher.NewBookingID(), Day: on, Amount: amount}
}

// apply is the account after a decision, as the store would save it.
func apply(a voucher.Account, d voucher.Decision) voucher.Account {
	a.Voucher = d.Voucher
	kept := append([]voucher.Booking(nil), a.Bookings...)
next:
	for _, b := range d.Bookings {
		for i := range kept {
			if kept[i].ID == b.ID {
				kept[i] = b
				continue next
			}
		}
		kept = append(kept, b)
	}
	a.Bookings = kept
	return a
}

// booked is an account with one session of 50 € on a day, and the session.
func booked(t testing.TB, on calendar.Date) (voucher.Account, voucher.BookingID) {
	t.Helper()
	a := account(t)
	r := request(on, 50*money.Euro)
	d, err := a.Book(enrolled, []voucher.Request{r}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	return apply(a, d), r.ID
}

func TestBookingSetsThePriceAside(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(7))
	v := a.Voucher
	if v.Booked != 50*money.Euro || v.Used != 0 || v.Balance() != 150*money.Euro {
		t.Errorf("booked %s, used %s, balance %s", v.Booked, v.Used, v.Balance())
	}
	b, err := a.Booking(id)
	if err != nil || b.State != voucher.Booked || b.Place != enrolled.Place || !b.BookedAt.Equal(noon) {
		t.Errorf("%+v, %v", b, err)
	}
}

func TestWhatCannotBeBookedAndWhy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		who    voucher.Professional
		change func(*voucher.Account)
		ask    voucher.Request
		now    time.Time
		want   error
	}{
		"by who has left the list":     {who: voucher.Professional{Person: giulia}, want: voucher.ErrNotEnrolled},
		"against one's own voucher":    {who: voucher.Professional{Person: maria, Enrolled: true}, want: voucher.ErrOwnVoucher},
		"after the code has expired":   {now: day("2026-08-02").Start().Add(24 * time.Hour), ask: request(day("2026-08-04"), 50_00), want: voucher.ErrExpired},
		"with nothing left":            {change: func(a *voucher.Account) { a.Voucher.Used = 200_00 }, want: voucher.ErrExhausted},
		"on no day":                    {ask: voucher.Request{Amount: 50_00}, want: voucher.ErrDayMissing},
		"held later today":             {ask: voucher.Request{Day: today, Start: today.At(22, 0), Amount: 50_00, Held: true}, want: voucher.ErrDayToCome},
		"on a day past, still to hold": {ask: request(today.Add(-1), 50_00), want: voucher.ErrDayPast},
		"before the code was given":    {ask: voucher.Request{Day: day("2026-02-01"), Amount: 50_00, Held: true}, want: voucher.ErrDayTooEarly},
		"after the last day":           {ask: request(day("2026-08-04"), 50_00), want: voucher.ErrDayTooLate},
		"held on a day to come":        {ask: voucher.Request{Day: today.Add(1), Amount: 50_00, Held: true}, want: voucher.ErrDayToCome},
		"held, where not allowed": {change: func(a *voucher.Account) { a.Rules.DirectConfirmation.Is = false },
			ask: voucher.Request{Day: today.Add(-1), Amount: 50_00, Held: true}, want: voucher.ErrDayPast},
		"a cent over the cap":   {ask: request(today, 50_01), want: voucher.ErrAboveCap},
		"for nothing":           {ask: request(today, 0), want: voucher.ErrNoAmount},
		"for less than nothing": {ask: request(today, -50_00), want: voucher.ErrNoAmount},
		"a cent over the balance": {change: func(a *voucher.Account) { a.Voucher.Booked = 170_00 },
			ask: request(today, 30_01), want: voucher.ErrNotEnough},
	} {
		a, who, now, ask := account(t), enrolled, noon, request(today, 50_00)
		if c.who.Person != "" {
			who = c.who
		}
		if !c.now.IsZero() {
			now = c.now
		}
		if c.ask != (voucher.Request{}) {
			ask = c.ask
		}
		if c.change != nil {
			c.change(&a)
		}
		if _, err := a.Book(who, []voucher.Request{ask}, psychologist, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestTheLastCentAndTheLastDayCanBeBooked(t *testing.T) {
	t.Parallel()
	a := account(t)
	a.Voucher.Used = 165_50
	last := a.Voucher.Terms.LastDay
	d, err := a.Book(enrolled, []voucher.Request{request(last, 34_50)}, psychologist, last.At(23, 59))
	if err != nil || d.Voucher.Balance() != 0 {
		t.Errorf("balance %s, %v", d.Voucher.Balance(), err)
	}
}

func TestSeveralSessionsAreBookedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	a := account(t)
	a.Voucher.Used = 60_00 // 140 € left: two of 50 € fit, a third does not
	ask := []voucher.Request{request(today.Add(7), 50_00), request(today.Add(14), 50_00), request(today.Add(21), 50_00)}
	_, err := a.Book(enrolled, ask, psychologist, noon)
	var at voucher.RequestError
	if !errors.As(err, &at) || at.Index != 2 || !errors.Is(err, voucher.ErrNotEnough) {
		t.Errorf("%v", err)
	}
	d, err := a.Book(enrolled, ask[:2], psychologist, noon)
	if err != nil || len(d.Bookings) != 2 || len(d.Postings) != 2 || len(d.Entries) != 2 || d.Voucher.Balance() != 40_00 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestOneSessionADayWithOneProfessional(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(7))
	_, err := a.Book(enrolled, []voucher.Request{request(today.Add(7), 50_00)}, psychologist, noon)
	if !errors.Is(err, voucher.ErrSameDay) {
		t.Errorf("twice on one day: %v", err)
	}
	d, err := a.Cancel(id, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := apply(a, d).Book(enrolled, []voucher.Request{request(today.Add(7), 50_00)}, psychologist, noon); err != nil {
		t.Errorf("after the first was cancelled: %v", err)
	}
}

func TestWithoutAnHourTwoProfessionalsMayBookADay(t *testing.T) {
	t.Parallel()
	a, _ := booked(t, today.Add(7))
	other := voucher.Professional{Person: another, Enrolled: true}
	if _, err := a.Book(other, []voucher.Request{request(today.Add(7), 50_00)}, identity.Own(another, identity.Psychologist), noon); err != nil {
		t.Error(err)
	}
}

func TestABeneficiaryIsWithOneProfessionalAtATime(t *testing.T) {
	t.Parallel()
	a := account(t)
	on := today.Add(7)
	first := voucher.Request{ID: voucher.NewBookingID(), Day: on, Start: on.At(10, 0), Amount: 50_00}
	d, err := a.Book(enrolled, []voucher.Request{first}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	other := voucher.Professional{Person: another, Enrolled: true}
	for at, want := range map[time.Time]error{
		on.At(9, 15): nil, on.At(9, 16): voucher.ErrBeneficiaryBusy, on.At(10, 0): voucher.ErrBeneficiaryBusy,
		on.At(10, 44): voucher.ErrBeneficiaryBusy, on.At(10, 45): nil,
	} {
		ask := voucher.Request{ID: voucher.NewBookingID(), Day: on, Start: at, Amount: 50_00}
		if _, err := a.Book(other, []voucher.Request{ask}, identity.Own(another, identity.Psychologist), noon); !errors.Is(err, want) {
			t.Errorf("at %s: %v, want %v", at.Format("15:04"), err, want)
		}
	}
}

func TestOneProfessionalCannotBlockTheWholeVoucher(t *testing.T) {
	t.Parallel()
	a := account(t)
	a.Voucher.Awarded = 600_00
	var ask []voucher.Request
	for i := range a.Rules.OpenBookings.Is + 1 {
		ask = append(ask, request(today.Add(7*i), 1_00))
	}
	if _, err := a.Book(enrolled, ask, psychologist, noon); !errors.Is(err, voucher.ErrTooManyOpen) {
		t.Errorf("one too many: %v", err)
	}
	if _, err := a.Book(enrolled, ask[1:], psychologist, noon); err != nil {
		t.Errorf("as many as are allowed: %v", err)
	}
}

func TestTheDayOfTheSessionIsTooLate(t *testing.T) {
	t.Parallel()
	on := today.Add(7)
	a, id := booked(t, on)
	if _, err := a.Cancel(id, holder, on.Start()); !errors.Is(err, voucher.ErrDayHasCome) {
		t.Errorf("at midnight: %v", err)
	}
	d, err := a.Cancel(id, holder, on.Start().Add(-time.Second))
	if err != nil {
		t.Fatalf("a second before: %v", err)
	}
	b := d.Bookings[0]
	if d.Voucher.Balance() != 200*money.Euro || b.State != voucher.Cancelled || b.CancelReason != voucher.ByBeneficiary || b.CancelledBy != maria {
		t.Errorf("%+v", d)
	}
}

func TestASessionIsCancelledOnce(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(7))
	d, err := a.Cancel(id, holder, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	if _, err := a.Cancel(id, holder, noon); !errors.Is(err, voucher.ErrAlreadyCancelled) {
		t.Errorf("again: %v", err)
	}
	if _, err := a.Confirm(id, psychologist, today.Add(8).Start()); !errors.Is(err, voucher.ErrAlreadyCancelled) {
		t.Errorf("confirmed after: %v", err)
	}
}

func TestToStrangersABookingDoesNotExist(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today)
	for name, who := range map[string]identity.Actor{
		"another citizen":                       identity.Own(another, identity.Citizen),
		"another psychologist":                  identity.Own(another, identity.Psychologist),
		"the holder with a psychologist's hat":  identity.Own(maria, identity.Psychologist),
		"the psychologist with a citizen's hat": identity.Own(giulia, identity.Citizen),
		"an officer":                            identity.Own(another, identity.INPS),
	} {
		if _, err := a.Cancel(id, who, noon); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s cancels: %v", name, err)
		}
		if _, err := a.Confirm(id, who, noon); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s confirms: %v", name, err)
		}
	}
	if _, err := a.Confirm(id, holder, noon); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the holder confirms: %v", err)
	}
}

func TestAParentActsForTheHolder(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(7))
	parent := identity.Actor{Person: another, Role: identity.Citizen, For: maria, Mandate: "m"}
	d, err := a.Cancel(id, parent, noon)
	if err != nil || d.Bookings[0].CancelledBy != another || d.Entries[0].Actor != parent || d.Entries[0].About != maria {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestConfirmationSpendsThePriceWithinItsTerm(t *testing.T) {
	t.Parallel()
	on := today.Add(7)
	a, id := booked(t, on)
	last := a.Voucher.Terms.ConfirmBy
	for at, want := range map[time.Time]error{
		on.Start().Add(-time.Second): voucher.ErrNotHeldYet, on.Start(): nil,
		last.At(23, 59): nil, last.End(): voucher.ErrTooLateToConfirm,
	} {
		d, err := a.Confirm(id, psychologist, at)
		if !errors.Is(err, want) {
			t.Errorf("at %s: %v, want %v", at, err, want)
		}
		if err == nil && (d.Voucher.Booked != 0 || d.Voucher.Used != 50_00 || d.Voucher.Balance() != 150_00 || !d.Bookings[0].HeldAt.Equal(at)) {
			t.Errorf("at %s: %+v", at, d)
		}
	}
}

func TestConfirmationWaitsForTheHour(t *testing.T) {
	t.Parallel()
	a := account(t)
	ask := voucher.Request{ID: voucher.NewBookingID(), Day: today, Start: today.At(15, 0), Amount: 50_00}
	d, err := a.Book(enrolled, []voucher.Request{ask}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	if _, err := a.Confirm(ask.ID, psychologist, today.At(14, 59)); !errors.Is(err, voucher.ErrNotHeldYet) {
		t.Errorf("a minute before: %v", err)
	}
	if _, err := a.Confirm(ask.ID, psychologist, today.At(15, 0)); err != nil {
		t.Errorf("on the hour: %v", err)
	}
}

func TestASessionAlreadyHeldIsRegistered(t *testing.T) {
	t.Parallel()
	a := account(t)
	ask := voucher.Request{ID: voucher.NewBookingID(), Day: today.Add(-3), Amount: 50_00, Held: true}
	d, err := a.Book(enrolled, []voucher.Request{ask}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := apply(a, d).Confirm(ask.ID, psychologist, noon); err != nil {
		t.Errorf("and confirmed: %v", err)
	}
}

func held(t testing.TB) (voucher.Account, voucher.BookingID) {
	t.Helper()
	a, id := booked(t, today)
	d, err := a.Confirm(id, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	return apply(a, d), id
}

func TestAConfirmationIsTakenBackWhileTheCodeIsValid(t *testing.T) {
	t.Parallel()
	a, id := held(t)
	if _, err := a.Cancel(id, holder, noon); !errors.Is(err, voucher.ErrAlreadyHeld) {
		t.Errorf("by the holder: %v", err)
	}
	last := a.Voucher.Terms.LastDay
	if _, err := a.Cancel(id, psychologist, last.End()); !errors.Is(err, voucher.ErrTooLateToRetract) {
		t.Errorf("after the last day: %v", err)
	}
	d, err := a.Cancel(id, psychologist, last.At(23, 59))
	if err != nil || d.Voucher.Used != 0 || d.Voucher.Balance() != 200*money.Euro || d.Postings[0].Event != voucher.Retracted {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestWhoHasLeftTheListStillConfirmsAndCancels(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today)
	if _, err := a.Confirm(id, psychologist, noon); err != nil {
		t.Errorf("confirm: %v", err)
	}
	if _, err := a.Cancel(id, psychologist, noon); err != nil {
		t.Errorf("cancel: %v", err)
	}
	left := voucher.Professional{Person: giulia, Enrolled: false}
	if _, err := a.Book(left, []voucher.Request{request(today.Add(1), 50_00)}, psychologist, noon); !errors.Is(err, voucher.ErrNotEnrolled) {
		t.Errorf("book: %v", err)
	}
}

func TestExpiryGivesBackWhatIsFree(t *testing.T) {
	t.Parallel()
	a, id := booked(t, day("2026-08-01"))
	if _, err := a.Expire(a.Voucher.Terms.LastDay.At(23, 59)); !errors.Is(err, voucher.ErrNotDue) {
		t.Errorf("on the last day: %v", err)
	}
	after := a.Voucher.Terms.LastDay.End()
	d, err := a.Expire(after)
	if err != nil || d.Voucher.Returned != 150_00 || d.Voucher.Booked != 50_00 || d.Voucher.Balance() != 0 || d.Voucher.State != voucher.Expired {
		t.Fatalf("%+v, %v", d, err)
	}
	a = apply(a, d)
	if _, err := a.Expire(after); !errors.Is(err, voucher.ErrExpired) {
		t.Errorf("twice: %v", err)
	}
	d, err = a.Cancel(id, psychologist, after)
	if err != nil || d.Voucher.Returned != 200_00 || d.Voucher.Balance() != 0 || len(d.Postings) != 2 {
		t.Errorf("cancelled after expiry: %+v, %v", d, err)
	}
}
