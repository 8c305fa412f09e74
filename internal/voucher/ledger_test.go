package voucher_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

// Over any history of bookings, confirmations, cancellations and expiries the
// sums of the voucher are what the postings say, nothing is overdrawn, no cent is
// made or lost, and no booking comes back.
func TestTheBalanceIsTheSumOfThePostings(t *testing.T) {
	t.Parallel()
	base := account(t)
	rapid.Check(t, func(t *rapid.T) {
		a := base
		a.Voucher.Awarded = money.Amount(rapid.Int64Range(1, 60_000).Draw(t, "awarded"))
		ledger := map[voucher.Ledger]money.Amount{voucher.Free: a.Voucher.Awarded}
		final := map[voucher.BookingID]bool{}
		now := noon
		professionals := []identity.PersonID{giulia, another}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 12*24).Draw(t, "hours")) * time.Hour)
			who := rapid.SampledFrom(professionals).Draw(t, "who")
			actor := identity.Own(who, identity.Psychologist)
			var d voucher.Decision
			var err error
			act := rapid.SampledFrom([]string{"book", "confirm", "cancel", "holder cancels", "expire", "renounce"}).Draw(t, "act")
			booking := voucher.BookingID("none")
			if n := len(a.Bookings); n > 0 {
				booking = a.Bookings[rapid.IntRange(0, n-1).Draw(t, "booking")].ID
			}
			switch act {
			case "book":
				ask := request(today.Add(rapid.IntRange(-5, 190).Draw(t, "day")), money.Amount(rapid.Int64Range(-10, 60_00).Draw(t, "amount")))
				ask.Held = rapid.Bool().Draw(t, "held")
				d, err = a.Book(voucher.Professional{Person: who, Enrolled: true}, []voucher.Request{ask}, actor, now)
			case "confirm":
				d, err = a.Confirm(booking, actor, now)
			case "cancel":
				d, err = a.Cancel(booking, actor, now)
			case "holder cancels":
				d, err = a.Cancel(booking, holder, now)
			case "expire":
				d, err = a.Expire(now)
			case "renounce":
				if rapid.IntRange(0, 4).Draw(t, "resolved") > 0 {
					continue // rare, or nothing else would ever happen
				}
				d, err = a.Renounce(holder, now)
			}
			if err != nil {
				if len(d.Bookings)+len(d.Postings)+len(d.Entries) > 0 {
					t.Fatalf("%s refused (%v), and yet %+v", act, err, d)
				}
				continue
			}
			if len(d.Entries) == 0 {
				t.Fatalf("%s left no entry in the register", act)
			}
			for _, b := range d.Bookings {
				if final[b.ID] {
					t.Fatalf("%s moved a cancelled booking", act)
				}
				final[b.ID] = b.State == voucher.Cancelled
			}
			for _, p := range d.Postings {
				if p.Amount <= 0 {
					t.Fatalf("%s posted %d", act, p.Amount)
				}
				accounts := voucher.Events[p.Event]
				ledger[accounts[0]] -= p.Amount
				ledger[accounts[1]] += p.Amount
			}
			a = apply(a, d)
			v := a.Voucher
			if v.Booked != ledger[voucher.OnHold] || v.Used != ledger[voucher.Spent] || v.Returned != ledger[voucher.Fund] || v.Balance() != ledger[voucher.Free] {
				t.Fatalf("after %s: %+v, ledger %v", act, v, ledger)
			}
			if v.Booked < 0 || v.Used < 0 || v.Returned < 0 || v.Balance() < 0 {
				t.Fatalf("after %s: overdrawn %+v", act, v)
			}
			var booked, used money.Amount
			for _, b := range a.Bookings {
				switch b.State {
				case voucher.Booked:
					booked += b.Amount
				case voucher.Held:
					used += b.Amount
				}
			}
			if booked != v.Booked || used != v.Used {
				t.Fatalf("after %s: bookings say %s and %s, the voucher %s and %s", act, booked, used, v.Booked, v.Used)
			}
		}
	})
}

func TestEveryEventJoinsTwoAccounts(t *testing.T) {
	t.Parallel()
	known := []voucher.Ledger{voucher.Fund, voucher.Free, voucher.OnHold, voucher.Spent}
	for e, accounts := range voucher.Events {
		if accounts[0] == accounts[1] || !slices.Contains(known, accounts[0]) || !slices.Contains(known, accounts[1]) {
			t.Errorf("%s joins %v", e, accounts)
		}
	}
}
