package voucher_test

import (
	"errors"
	"testing"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

func TestABookedSessionMovesUntilTheDayBeforeIt(t *testing.T) {
	t.Parallel()
	on := today.Add(3)
	a, id := booked(t, on)
	to := voucher.Appointment{Day: today.Add(10), Start: today.Add(10).At(15, 0), Amount: 40_00, Place: enrolled.Place}
	for at, want := range map[int]error{0: nil, 2: nil, 3: voucher.ErrTooLateToMove, 4: voucher.ErrTooLateToMove} {
		d, err := a.Move(id, enrolled, to, psychologist, today.Add(at).At(12, 0))
		if !errors.Is(err, want) {
			t.Errorf("%d days later: %v, want %v", at, err, want)
		}
		if err == nil && (d.Bookings[0].Appointment() != to || d.Voucher.Booked != 40_00 || d.Moves[0].Was.Day != on || len(d.Entries) != 1) {
			t.Errorf("%+v", d)
		}
	}
	for _, who := range []identity.Actor{holder, examiner, identity.Own(another, identity.Psychologist)} {
		if _, err := a.Move(id, enrolled, to, who, noon); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("by %s: %v", who.Role, err)
		}
	}
	a, id = held(t)
	if _, err := a.Move(id, enrolled, to, psychologist, noon); !errors.Is(err, voucher.ErrAlreadyHeld) {
		t.Errorf("a confirmed one: %v", err)
	}
}

func TestAMovedSessionIsJudgedAsOneThatIsBooked(t *testing.T) {
	t.Parallel()
	a, id := booked(t, today.Add(3))
	second := request(today.Add(5), 50_00)
	second.Start = second.Day.At(15, 0)
	d, err := a.Book(enrolled, []voucher.Request{second}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	a.Voucher.Awarded = 120 * money.Euro
	was, err := a.Booking(id)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		what   string
		change func(*voucher.Appointment)
		want   error
	}{
		{"nothing", func(*voucher.Appointment) {}, voucher.ErrNothingMoved},
		{"an hour on the same day", func(p *voucher.Appointment) { p.Start = p.Day.At(9, 0) }, nil},
		{"the day of another one", func(p *voucher.Appointment) { p.Day = second.Day }, voucher.ErrSameDay},
		{"a day gone by", func(p *voucher.Appointment) { p.Day = today.Add(-1) }, voucher.ErrDayPast},
		{"a day after the code", func(p *voucher.Appointment) { p.Day = a.Voucher.Terms.LastDay.Add(1) }, voucher.ErrDayTooLate},
		{"more than the cap", func(p *voucher.Appointment) { p.Amount = 50_01 }, voucher.ErrAboveCap},
		{"nothing to pay", func(p *voucher.Appointment) { p.Amount = 0 }, voucher.ErrNoAmount},
		{"somewhere else", func(p *voucher.Appointment) { p.Place = "Via Po 2" }, voucher.ErrPlaceUnknown},
		{"less", func(p *voucher.Appointment) { p.Amount = 1 }, nil},
	} {
		to := was.Appointment()
		x.change(&to)
		if _, err := a.Move(id, enrolled, to, psychologist, noon); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", x.what, err, x.want)
		}
	}
}

func TestARaisedPriceTakesWhatIsFreeAndNoMore(t *testing.T) {
	t.Parallel()
	a := account(t)
	ask := request(today.Add(3), 30_00)
	d, err := a.Book(enrolled, []voucher.Request{ask}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	a.Voucher.Awarded = 45 * money.Euro
	to := voucher.Appointment{Day: ask.Day, Amount: 45_00, Place: enrolled.Place}
	d, err = a.Move(ask.ID, enrolled, to, psychologist, noon)
	if err != nil || d.Voucher.Booked != 45_00 || d.Voucher.Balance() != 0 || d.Postings[0].Event != voucher.Raised || d.Postings[0].Amount != 15_00 {
		t.Errorf("%+v, %v", d, err)
	}
	to.Amount = 45_01
	if _, err := a.Move(ask.ID, enrolled, to, psychologist, noon); !errors.Is(err, voucher.ErrNotEnough) {
		t.Errorf("a cent too much: %v", err)
	}
	a.Voucher.Blocked = true
	to.Amount = 31_00
	if _, err := a.Move(ask.ID, enrolled, to, psychologist, noon); !errors.Is(err, voucher.ErrBlocked) {
		t.Errorf("of a blocked code: %v", err)
	}
	to.Amount = 29_00
	if _, err := a.Move(ask.ID, enrolled, to, psychologist, noon); err != nil {
		t.Errorf("lower, of a blocked code: %v", err)
	}
	left := enrolled
	left.Enrolled = false
	if _, err := a.Move(ask.ID, left, to, psychologist, noon); !errors.Is(err, voucher.ErrNotEnrolled) {
		t.Errorf("by who has left the list: %v", err)
	}
}

func TestAllSessionsWithOneProfessionalAreCancelledOrNone(t *testing.T) {
	t.Parallel()
	a := account(t)
	var ids []voucher.BookingID
	for _, in := range []int{0, 3, 5} {
		r := request(today.Add(in), 50_00)
		ids = append(ids, r.ID)
		d, err := a.Book(enrolled, []voucher.Request{r}, psychologist, noon)
		if err != nil {
			t.Fatal(err)
		}
		a = apply(a, d)
	}
	free, late := a.With(giulia, today)
	if len(free) != 2 || len(late) != 1 {
		t.Fatalf("%d and %d", len(free), len(late))
	}
	if _, err := a.Release(giulia, ids, holder, noon); !errors.Is(err, voucher.ErrDayHasCome) {
		t.Errorf("with one that stays: %v", err)
	}
	if _, err := a.Release(another, ids[1:], holder, noon); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("with somebody else: %v", err)
	}
	if _, err := a.Release(giulia, nil, holder, noon); !errors.Is(err, voucher.ErrNothingToRelease) {
		t.Errorf("none: %v", err)
	}
	if _, err := a.Release(giulia, []voucher.BookingID{ids[1], ids[1]}, holder, noon); err == nil {
		t.Error("one is cancelled twice")
	}
	d, err := a.Release(giulia, ids[1:], holder, noon)
	if err != nil || d.Voucher.Balance() != 150_00 || len(d.Bookings) != 2 || len(d.Entries) != 2 {
		t.Errorf("%+v, %v", d, err)
	}
}
