package voucher_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

const clerk identity.PersonID = "55555555-5555-4555-8555-555555555555"

var desk = identity.Own(clerk, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})

// billed is when the sessions of these tests have been held and confirmed.
var billed = noon.AddDate(0, 0, 20)

// toBill is a billing of sessions of these prices, one a day from tomorrow, each
// confirmed on the evening of its day.
func toBill(t testing.TB, prices ...money.Amount) voucher.Billing {
	t.Helper()
	a := account(t)
	b := voucher.Billing{Days: map[calendar.Date]int{}}
	for i, price := range prices {
		r := request(today.Add(i+1), price)
		d, err := a.Book(enrolled, []voucher.Request{r}, psychologist, noon)
		if err != nil {
			t.Fatal(err)
		}
		a = apply(a, d)
		if d, err = a.Confirm(r.ID, psychologist, r.Day.At(20, 0)); err != nil {
			t.Fatal(err)
		}
		a = apply(a, d)
		b.Sessions = append(b.Sessions, r.ID)
		b.Days[r.Day] = 1
	}
	b.Accounts = []voucher.Account{a}
	return b
}

// after is the billing as the store would save a decision.
func after(b voucher.Billing, d voucher.InvoiceDecision) voucher.Billing {
	b.Invoice = d.Invoice
	b.Invoice.Sessions = len(b.Sessions)
	b.Accounts = slices.Clone(b.Accounts)
	for _, x := range d.Accounts {
		for i := range b.Accounts {
			if b.Accounts[i].Voucher.ID == x.Voucher.ID {
				b.Accounts[i] = apply(b.Accounts[i], x)
			}
		}
	}
	return b
}

// document is an invoice of today's for an amount.
func document(amount money.Amount) voucher.InvoiceData {
	return voucher.InvoiceData{Number: "12/2026", IssuedOn: calendar.On(billed), Amount: amount}
}

func mustSend(t testing.TB, b voucher.Billing, d voucher.InvoiceData) voucher.Billing {
	t.Helper()
	sent, err := b.Send("i1", d, psychologist, billed)
	if err != nil {
		t.Fatal(err)
	}
	return after(b, sent)
}

func TestAnInvoiceClaimsThePriceOfEachOfItsSessions(t *testing.T) {
	t.Parallel()
	b := toBill(t, 50_00, 40_00)
	d, err := b.Send("i1", document(130_00), psychologist, billed)
	if err != nil {
		t.Fatal(err)
	}
	if i := d.Invoice; i.State != voucher.InvoiceAccepted || i.Beneficiary != maria || i.Professional != giulia || d.Claimed() != 90_00 || len(d.Claims) != 2 {
		t.Errorf("%+v claims %s", i, d.Claimed())
	}
	if len(d.Accounts) != 1 || len(d.Accounts[0].Postings) != 0 || len(d.Accounts[0].Entries) != 2 || d.Accounts[0].Voucher.Used != 90_00 {
		t.Errorf("%+v", d.Accounts)
	}
	for _, s := range d.Accounts[0].Bookings {
		if !s.Invoiced() || s.Claimed != s.Amount {
			t.Errorf("%+v", s)
		}
	}
}

// «L’importo della fattura è più basso di quello prenotato: il rimborso sarà …»
func TestAnInvoiceLowerThanThePriceClaimsLess(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(45_00))
	v := b.Accounts[0].Voucher
	if v.Used != 45_00 || v.Balance() != 155_00 || v.Returned != 0 {
		t.Errorf("used %s, left %s, returned %s", v.Used, v.Balance(), v.Returned)
	}
	over := toBill(t, 50_00)
	over.Accounts[0].Voucher.State, over.Accounts[0].Voucher.Returned = voucher.Expired, 150_00
	over = mustSend(t, over, document(45_00))
	if v := over.Accounts[0].Voucher; v.Used != 45_00 || v.Balance() != 0 || v.Returned != 155_00 {
		t.Errorf("what is left of an expired voucher goes to the fund: used %s, left %s, returned %s", v.Used, v.Balance(), v.Returned)
	}
}

func TestWhatCannotBeInvoicedAndWhy(t *testing.T) {
	t.Parallel()
	day := calendar.On(billed)
	for _, c := range []struct {
		what   string
		change func(*voucher.Billing, *voucher.InvoiceData)
		want   error
	}{
		{"no session", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Sessions = nil }, voucher.ErrNoSessions},
		{"a session that is not there", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Sessions = []voucher.BookingID{"x"} }, fault.ErrNotFound},
		{"a colleague's session", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Accounts[0].Bookings[0].Professional = another }, fault.ErrNotFound},
		{"sessions of two people", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Accounts[0].Bookings[1].Beneficiary = another }, voucher.ErrSeveralHolders},
		{"a session only booked", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Accounts[0].Bookings[0].State = voucher.Booked }, voucher.ErrNotHeld},
		{"one invoiced before", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Accounts[0].Bookings[0].Claimed = 50_00 }, voucher.ErrInvoiced},
		{"a day after the term", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Accounts[0].Voucher.Terms.InvoiceBy = day.Add(-1) }, voucher.ErrTooLateToInvoice},
		{"no number", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Number = "" }, voucher.ErrInvoiceNumber},
		{"a long number", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Number = strings.Repeat("1", 41) }, voucher.ErrInvoiceNumberLong},
		{"a number used in the year", func(b *voucher.Billing, _ *voucher.InvoiceData) {
			b.Others = []voucher.InvoiceData{{Number: "12 / 2026", IssuedOn: day.Add(-40)}}
		}, voucher.ErrInvoiceNumberUsed},
		{"no day", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.IssuedOn = calendar.Date{} }, voucher.ErrInvoiceDay},
		{"a day to come", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.IssuedOn = day.Add(1) }, voucher.ErrInvoiceDayToCome},
		{"a day before the last session", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.IssuedOn = today.Add(1) }, voucher.ErrInvoiceDayEarly},
		{"no amount", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Amount = 0 }, voucher.ErrInvoiceAmount},
		{"less than the sum of several", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Amount = 89_99 }, voucher.ErrInvoiceAmountLow},
	} {
		b, d := toBill(t, 50_00, 40_00), document(90_00)
		c.change(&b, &d)
		got, err := b.Send("i1", d, psychologist, billed)
		if !errors.Is(err, c.want) || got.Invoice.ID != "" || len(got.Accounts) > 0 {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
	b := toBill(t, 50_00, 40_00)
	_, err := b.Send("i1", voucher.InvoiceData{Amount: 1}, psychologist, billed)
	for _, want := range []error{voucher.ErrInvoiceNumber, voucher.ErrInvoiceDay, voucher.ErrInvoiceAmountLow} {
		if !errors.Is(err, want) {
			t.Errorf("all that is wrong is said at once: %v is missing in %v", want, err)
		}
	}
	if _, err := b.Send("i1", voucher.InvoiceData{Number: "1", IssuedOn: today.Add(2), Amount: 90_00}, psychologist, billed); err != nil {
		t.Errorf("an invoice of the day of the last session: %v", err)
	}
}

// Whoever the portal stops waits for an officer: nothing is refused.
func TestWhatThePortalStopsAt(t *testing.T) {
	t.Parallel()
	year := calendar.On(billed).Year
	others := func(numbers ...string) []voucher.InvoiceData {
		var all []voucher.InvoiceData
		for _, n := range numbers {
			all = append(all, voucher.InvoiceData{Number: n, IssuedOn: calendar.NewDate(year, 1, 2)})
		}
		return all
	}
	for _, c := range []struct {
		what   string
		change func(*voucher.Billing, *voucher.InvoiceData)
		want   []voucher.InvoiceFinding
	}{
		{"nothing", func(*voucher.Billing, *voucher.InvoiceData) {}, nil},
		{"other numbers", func(b *voucher.Billing, _ *voucher.InvoiceData) {
			b.Others = others("11/2026", "13", "12/A", "121", "26")
		}, nil},
		{"the same number in other words", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Others = others("012-26") }, []voucher.InvoiceFinding{voucher.FoundAlike}},
		{"the number alone", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Others = others("12") }, []voucher.InvoiceFinding{voucher.FoundAlike}},
		{"the number of the year before, long ago", func(b *voucher.Billing, _ *voucher.InvoiceData) {
			b.Others = []voucher.InvoiceData{{Number: "12/2026", IssuedOn: calendar.NewDate(year-1, 6, 1)}}
		}, nil},
		{"the number of the year before, at its end", func(b *voucher.Billing, d *voucher.InvoiceData) {
			b.Others = []voucher.InvoiceData{{Number: "12/ 2026", IssuedOn: calendar.NewDate(year-1, 12, 31)}}
			b.Accounts[0].Bookings[0].Day, d.IssuedOn = day("2026-02-10"), day("2026-02-10")
		}, []voucher.InvoiceFinding{voucher.FoundAlike}},
		{"confirmed while it went on", func(b *voucher.Billing, _ *voucher.InvoiceData) {
			s := &b.Accounts[0].Bookings[0]
			s.Start, s.Minutes, s.HeldAt = s.Day.At(15, 0), 60, s.Day.At(15, 30)
		}, []voucher.InvoiceFinding{voucher.FoundEarly}},
		{"a crowded day", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Days[today.Add(1)] = 13 }, []voucher.InvoiceFinding{voucher.FoundCrowd}},
		{"a day that is full", func(b *voucher.Billing, _ *voucher.InvoiceData) { b.Days[today.Add(1)] = 12 }, nil},
		{"a very high amount", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Amount = 300_01 }, []voucher.InvoiceFinding{voucher.FoundHigh}},
		{"a high amount", func(_ *voucher.Billing, d *voucher.InvoiceData) { d.Amount = 300_00 }, nil},
	} {
		b, data := toBill(t, 50_00), document(50_00)
		data.IssuedOn = today.Add(1)
		c.change(&b, &data)
		d, err := b.Send("i1", data, psychologist, billed)
		state := voucher.InvoiceAccepted
		if len(c.want) > 0 {
			state = voucher.InvoiceInReview
		}
		if err != nil || !slices.Equal(d.Invoice.Findings, c.want) || d.Invoice.State != state {
			t.Errorf("%s: %v, %s, %v", c.what, d.Invoice.Findings, d.Invoice.State, err)
		}
	}
}

func TestAnInvoiceIsCorrectedUntilItIsInAPayment(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(45_00))
	right := document(60_00)
	right.Number = "13"
	d, err := b.Correct(right, psychologist, billed)
	if err != nil || d.Was == nil || *d.Was != document(45_00) || d.Invoice.InvoiceData != right || d.Invoice.State != voucher.InvoiceAccepted {
		t.Fatalf("%+v, %v", d, err)
	}
	if v := d.Accounts[0].Voucher; v.Used != 50_00 || v.Balance() != 150_00 {
		t.Errorf("what was free is used again: used %s, left %s", v.Used, v.Balance())
	}
	if _, err := b.Correct(document(45_00), psychologist, billed); !errors.Is(err, voucher.ErrInvoiceUnchanged) {
		t.Errorf("nothing corrected: %v", err)
	}
	if _, err := b.Correct(right, identity.Own(another, identity.Psychologist), billed); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a colleague: %v", err)
	}
	gone := b
	gone.Accounts = slices.Clone(b.Accounts)
	gone.Accounts[0].Voucher.Returned = gone.Accounts[0].Voucher.Balance()
	if _, err := gone.Correct(right, psychologist, billed); !errors.Is(err, voucher.ErrInvoiceNoRoom) {
		t.Errorf("more than is there: %v", err)
	}
	paid := b
	paid.Invoice.InPayment = 1
	_, correct := paid.Correct(right, psychologist, billed)
	if _, withdraw := paid.Withdraw(psychologist, billed); !errors.Is(correct, voucher.ErrInvoiceInPayment) || !errors.Is(withdraw, voucher.ErrInvoiceInPayment) {
		t.Errorf("in a payment: %v, %v", correct, withdraw)
	}
}

// What the office recognised of a session stays, whatever becomes of the invoice.
func TestWhatTheOfficeLoweredStaysLow(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(70_00))
	s := b.Accounts[0].Bookings[0]
	s.Claimed = 30_00
	b.Accounts[0].Bookings = []voucher.Booking{s}
	b.Accounts[0].Voucher.Used = 30_00
	d, err := b.Correct(document(80_00), psychologist, billed)
	if err != nil || d.Claimed() != 30_00 {
		t.Errorf("corrected: %s, %v", d.Claimed(), err)
	}
	if _, err := b.Withdraw(psychologist, billed); !errors.Is(err, voucher.ErrInvoiceLowered) {
		t.Errorf("withdrawn: %v", err)
	}
}

func TestAWithdrawnInvoiceLeavesItsSessionsToBeInvoiced(t *testing.T) {
	t.Parallel()
	b := mustSend(t, toBill(t, 50_00), document(45_00))
	d, err := b.Withdraw(psychologist, billed)
	if err != nil || d.Invoice.State != voucher.InvoiceWithdrawn || d.Accounts[0].Bookings[0].Invoiced() || d.Accounts[0].Voucher.Used != 50_00 {
		t.Fatalf("%+v, %v", d, err)
	}
	gone := after(b, d)
	if _, err := gone.Withdraw(psychologist, billed); !errors.Is(err, voucher.ErrInvoiceWithdrawn) {
		t.Errorf("twice: %v", err)
	}
	if _, err := gone.Send("i2", document(50_00), psychologist, billed); err != nil {
		t.Errorf("invoiced again: %v", err)
	}
	late := billed.AddDate(1, 0, 0)
	if err := b.MayUnbill(psychologist, late); !errors.Is(err, voucher.ErrTooLateToUnbill) {
		t.Errorf("a session that could not be invoiced again would be lost: %v", err)
	}
}

func TestHowFarAnInvoiceHasCome(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		i    voucher.Invoice
		want voucher.InvoiceShelf
	}{
		{voucher.Invoice{State: voucher.InvoiceInReview, Sessions: 2}, voucher.ShelfInReview},
		{voucher.Invoice{State: voucher.InvoiceToCorrect, Sessions: 2}, voucher.ShelfToCorrect},
		{voucher.Invoice{State: voucher.InvoiceWithdrawn, Sessions: 2}, voucher.ShelfWithdrawn},
		{voucher.Invoice{State: voucher.InvoiceAccepted, Sessions: 2}, voucher.ShelfAccepted},
		{voucher.Invoice{State: voucher.InvoiceAccepted, Sessions: 2, InPayment: 1}, voucher.ShelfInPayment},
		{voucher.Invoice{State: voucher.InvoiceAccepted, Sessions: 2, InPayment: 1, Paid: 1}, voucher.ShelfInPayment},
		{voucher.Invoice{State: voucher.InvoiceAccepted, Sessions: 2, Paid: 1}, voucher.ShelfInPayment},
		{voucher.Invoice{State: voucher.InvoiceAccepted, Sessions: 2, Paid: 2}, voucher.ShelfPaid},
	} {
		if got := c.i.Shelf(); got != c.want {
			t.Errorf("%+v stands at %s, want %s", c.i, got, c.want)
		}
	}
}

// Domain notes, §11: 50 € are 49,02 € and 0,98 € for the fund; the stamp is due above
// 77,47 €.
func TestHowAnInvoiceIsWritten(t *testing.T) {
	t.Parallel()
	help, err := voucher.ShippedInvoicing()
	if err != nil {
		t.Fatal(err)
	}
	for amount, fee := range map[money.Amount]money.Amount{50_00: 49_02, 0: 0, 1: 1, 51: 50, 20_00: 19_61, 102_00: 100_00, 70_00: 68_63} {
		if s := help.Share(amount); s.Fee != fee || s.Fee+s.Fund != amount || s.Total != amount {
			t.Errorf("%s is %s and %s, want %s", amount, s.Fee, s.Fund, fee)
		}
	}
	for total, stamp := range map[money.Amount]money.Amount{77_47: 0, 77_48: 2_00} {
		if b := help.Breakdown(total, 50_00); b.Stamp != stamp || b.Contribution.Total != 50_00 || b.Patient.Total != total-50_00 {
			t.Errorf("%s: %+v", total, b)
		}
	}
}

func TestAnInvoiceIsPaidByTheEndOfTheMonthAfter(t *testing.T) {
	t.Parallel()
	b := toBill(t, 50_00)
	for from, want := range map[string]string{"2026-03-02": "2026-04-30", "2026-12-31": "2027-01-31", "2027-01-31": "2027-02-28"} {
		if got := voucher.PaidBy(b.Accounts, day(from).At(9, 0)); got != day(want) {
			t.Errorf("of %s by %s, want %s", from, got, want)
		}
	}
	// One of February that is handed in in March: the run of March comes too early.
	c := voucher.InvoiceCase{Billing: b}
	c.Invoice.IssuedOn, c.Invoice.ReceivedAt = day("2026-02-28"), day("2026-03-03").At(9, 0)
	if got, expected := c.PaidBy(), voucher.PaymentExpected(c.Invoice.ReceivedAt, b.Accounts[0].Rules.PaymentMonths.Is); got != expected || got != day("2026-04-30") {
		t.Errorf("by %s on its page, %s on that of the session", got, expected)
	}
}

// Whatever is sent, corrected and withdrawn: a session never claims more than its price,
// the voucher uses what its sessions cost, and no cent is made or lost.
func TestInvoicesKeepTheSumsOfTheVoucher(t *testing.T) {
	t.Parallel()
	base := toBill(t, 50_00, 35_00, 20_00)
	rapid.Check(t, func(t *rapid.T) {
		b := base
		b.Accounts = slices.Clone(b.Accounts)
		ledger := map[voucher.Ledger]money.Amount{voucher.Free: b.Accounts[0].Voucher.Balance(), voucher.Spent: b.Accounts[0].Voucher.Used}
		live := map[voucher.InvoiceID]voucher.Billing{}
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			now := billed.AddDate(0, 0, step)
			data := voucher.InvoiceData{Number: rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "number"), IssuedOn: calendar.On(now),
				Amount: money.Amount(rapid.Int64Range(1, 120_00).Draw(t, "amount"))}
			id := voucher.InvoiceID(rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "invoice"))
			on, sent := live[id]
			on.Accounts = b.Accounts
			var d voucher.InvoiceDecision
			var err error
			switch act := rapid.SampledFrom([]string{"send", "correct", "withdraw", "expire"}).Draw(t, "act"); {
			case act == "expire" && rapid.IntRange(0, 9).Draw(t, "rare") == 0 && b.Accounts[0].Voucher.State == voucher.Active:
				v := &b.Accounts[0].Voucher
				ledger[voucher.Fund] += v.Balance()
				ledger[voucher.Free] = 0
				v.Returned, v.State = v.Returned+v.Balance(), voucher.Expired
				continue
			case act == "send" && !sent:
				on = b
				on.Sessions = rapid.SliceOfNDistinct(rapid.SampledFrom(base.Sessions), 1, 3, rapid.ID[voucher.BookingID]).Draw(t, "sessions")
				d, err = on.Send(id, data, psychologist, now)
			case act == "correct" && sent:
				d, err = on.Correct(data, psychologist, now)
			case act == "withdraw" && sent:
				d, err = on.Withdraw(psychologist, now)
			default:
				continue
			}
			if err != nil {
				if len(d.Accounts) > 0 {
					t.Fatalf("refused (%v), and yet %+v", err, d)
				}
				continue
			}
			for _, x := range d.Accounts {
				for _, p := range x.Postings {
					ledger[voucher.Events[p.Event][0]] -= p.Amount
					ledger[voucher.Events[p.Event][1]] += p.Amount
				}
			}
			on = after(on, d)
			b.Accounts = on.Accounts
			if live[id] = on; d.Invoice.State == voucher.InvoiceWithdrawn {
				delete(live, id)
			}
			v := b.Accounts[0].Voucher
			var used money.Amount
			for _, s := range b.Accounts[0].Bookings {
				if used += s.Price(); s.Claimed < 0 || s.Claimed > s.Amount {
					t.Fatalf("%+v claims %s", s, s.Claimed)
				}
			}
			if v.Used != used || v.Balance() < 0 || v.Used != ledger[voucher.Spent] || v.Balance() != ledger[voucher.Free] {
				t.Fatalf("used %s by sessions of %s, left %s; the ledger says %v", v.Used, used, v.Balance(), ledger)
			}
		}
	})
}
