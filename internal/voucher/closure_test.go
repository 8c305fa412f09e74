package voucher_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// starting is the account of a voucher whose first session is to be confirmed by
// 3 April 2026: sixty days after 2 February.
func starting(t testing.TB) voucher.Account {
	a := account(t)
	a.Rules.FirstSessionDays.Is = 60
	a.Voucher.Terms = a.Rules.Terms(day("2026-02-02"), 1, "Lazio")
	if by := a.Voucher.Terms.FirstSessionBy; by != day("2026-04-03") {
		t.Fatalf("the first session by %s", by)
	}
	return a
}

// sessionOn is the account with a session of 50 € on a day, confirmed at an instant unless
// that is zero.
func sessionOn(t testing.TB, a voucher.Account, on calendar.Date, heldAt time.Time) (voucher.Account, voucher.BookingID) {
	t.Helper()
	r := request(on, 50_00)
	d, err := a.Book(enrolled, []voucher.Request{r}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	if !heldAt.IsZero() {
		if d, err = a.Confirm(r.ID, psychologist, heldAt); err != nil {
			t.Fatal(err)
		}
		a = apply(a, d)
	}
	return a, r.ID
}

func TestAVoucherLapsesWithoutASessionConfirmedInItsFirstDays(t *testing.T) {
	t.Parallel()
	by := day("2026-04-03")
	for name, c := range map[string]struct {
		change func(voucher.Account) voucher.Account
		now    time.Time
		want   error
	}{
		"without any session":              {nil, by.At(24, 0), nil},
		"on the last day":                  {nil, by.At(23, 59), voucher.ErrNotDue},
		"with one that is booked":          {func(a voucher.Account) voucher.Account { a, _ = sessionOn(t, a, by, time.Time{}); return a }, by.Add(1).At(8, 0), nil},
		"with one confirmed on the day":    {func(a voucher.Account) voucher.Account { a, _ = sessionOn(t, a, by, by.At(23, 59)); return a }, by.Add(1).At(8, 0), voucher.ErrNotDue},
		"with one confirmed the day after": {func(a voucher.Account) voucher.Account { a, _ = sessionOn(t, a, by, by.At(24, 0)); return a }, by.Add(2).At(8, 0), nil},
		"while it is blocked":              {func(a voucher.Account) voucher.Account { a.Voucher.Blocked = true; return a }, by.Add(1).At(8, 0), voucher.ErrBlocked},
		"of an edition without the term":   {func(a voucher.Account) voucher.Account { a.Voucher.Terms.FirstSessionBy = calendar.Date{}; return a }, by.Add(1).At(8, 0), voucher.ErrNotDue},
		"once it has lapsed":               {func(a voucher.Account) voucher.Account { a.Voucher.State = voucher.Forfeited; return a }, by.Add(1).At(8, 0), voucher.ErrExpired},
	} {
		a := starting(t)
		if c.change != nil {
			a = c.change(a)
		}
		d, err := a.Lapse(c.now)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if err == nil && (d.Voucher.State != voucher.Forfeited || d.Application != voucher.Lapsed || d.Voucher.Balance() != 0) {
			t.Errorf("%s: %+v", name, d.Voucher)
		}
	}
}

func TestALapseCancelsWhatIsToComeAndLeavesWhatWasHeld(t *testing.T) {
	t.Parallel()
	a := starting(t)
	a, past := sessionOn(t, a, day("2026-04-10"), time.Time{})
	a, coming := sessionOn(t, a, day("2026-04-20"), time.Time{})
	d, err := a.Lapse(day("2026-04-15").At(9, 0))
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	kept, _ := a.Booking(past)
	gone, _ := a.Booking(coming)
	if kept.State != voucher.Booked || gone.State != voucher.Cancelled || gone.CancelReason != voucher.ByOffice || gone.CancelledBy != "" || a.Voucher.Returned != 150_00 {
		t.Errorf("%+v\n%+v\n%+v", kept, gone, a.Voucher)
	}
	if d, err = a.Confirm(past, psychologist, day("2026-04-15").At(10, 0)); err != nil || d.Voucher.Used != 50_00 {
		t.Errorf("what was held cannot be confirmed: %v", err)
	}
}

func TestNothingIsBookedOnceTheFirstSessionIsMissed(t *testing.T) {
	t.Parallel()
	a := starting(t)
	late := day("2026-04-04").At(9, 0)
	ask := []voucher.Request{request(day("2026-04-05"), 50_00)}
	if _, err := a.Book(enrolled, ask, psychologist, late); !errors.Is(err, voucher.ErrFirstSessionMissed) {
		t.Errorf("booked before it lapsed: %v", err)
	}
	held := []voucher.Request{{ID: voucher.NewBookingID(), Day: day("2026-04-02"), Amount: 50_00, Held: true}}
	if _, err := a.Book(enrolled, held, psychologist, late); !errors.Is(err, voucher.ErrFirstSessionMissed) {
		t.Errorf("registered before it lapsed: %v", err)
	}
	a, id := sessionOn(t, a, day("2026-04-02"), time.Time{})
	if _, err := a.Confirm(id, psychologist, late); err != nil {
		t.Errorf("what was booked cannot be confirmed: %v", err)
	}
	a, _ = sessionOn(t, starting(t), day("2026-03-09"), day("2026-03-09").At(18, 0))
	if _, err := a.Book(enrolled, ask, psychologist, late); err != nil {
		t.Errorf("with a first session: %v", err)
	}
}

func TestTheOfficeAnnulsWhatIsIncompleteOnceTheTermForInvoicesIsOver(t *testing.T) {
	t.Parallel()
	a, booked := sessionOn(t, account(t), day("2026-07-20"), time.Time{})
	a, held := sessionOn(t, a, day("2026-07-21"), day("2026-07-21").At(20, 0))
	a, invoiced := sessionOn(t, a, day("2026-07-22"), day("2026-07-22").At(20, 0))
	for i, b := range a.Bookings {
		if b.ID == invoiced {
			a.Bookings[i].Claimed, a.Voucher.Used = 40_00, a.Voucher.Used-10_00
		}
	}
	over := a.Voucher.Terms.InvoiceBy.At(24, 0)
	d, err := a.Expire(over)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	list := []voucher.Annulment{{Booking: booked, Ground: voucher.NotConfirmed}, {Booking: held, Ground: voucher.NotInvoiced},
		{Booking: invoiced, Ground: voucher.NotCorrected, CorrectBy: a.Voucher.Terms.InvoiceBy.Add(-3)}}
	if _, err := a.Annul(list, over.Add(-time.Second)); !errors.Is(err, voucher.ErrNotDue) {
		t.Errorf("on the last day: %v", err)
	}
	if d, err = a.Annul(list, over); err != nil || len(d.Bookings) != 3 {
		t.Fatalf("%d annulled, %v", len(d.Bookings), err)
	}
	v := d.Voucher
	if v.Booked != 0 || v.Used != 0 || v.Returned != v.Awarded {
		t.Errorf("%+v", v)
	}
	for _, b := range d.Bookings {
		if b.State != voucher.Cancelled || b.CancelReason != voucher.ByOffice || b.Invoiced() {
			t.Errorf("%+v", b)
		}
	}
	for name, n := range map[string]voucher.Annulment{
		"confirmed meanwhile": {Booking: held, Ground: voucher.NotConfirmed},
		"invoiced meanwhile":  {Booking: invoiced, Ground: voucher.NotInvoiced},
		"corrected meanwhile": {Booking: invoiced, Ground: voucher.NotCorrected},
		"to be corrected yet": {Booking: invoiced, Ground: voucher.NotCorrected, CorrectBy: calendar.On(over)},
		"reported meanwhile":  {Booking: held, Ground: voucher.NotInvoiced, Disputed: true},
	} {
		if _, err := a.Annul([]voucher.Annulment{n}, over); !errors.Is(err, voucher.ErrNotDue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatAnActPutsOffIsNotAnnulledYet(t *testing.T) {
	t.Parallel()
	a, held := sessionOn(t, account(t), day("2026-07-21"), day("2026-07-21").At(20, 0))
	a, booked := sessionOn(t, a, day("2026-07-22"), time.Time{})
	a.Voucher.Round = 1
	opens := a.Voucher.Terms.InvoiceBy.Add(20)
	a.Rules.Reopenings = []rules.Value[voucher.Reopening]{{Article: "messaggio INPS 2568/2024", Is: voucher.Reopening{Round: 1,
		Acts: []voucher.Act{voucher.ActInvoice}, Opens: opens.At(9, 0), Closes: opens.Add(16).At(18, 0)}}}
	list := []voucher.Annulment{{Booking: held, Ground: voucher.NotInvoiced}, {Booking: booked, Ground: voucher.NotConfirmed}}
	for name, c := range map[string]struct {
		now  time.Time
		want int
	}{
		"before it opens":  {opens.At(8, 0), 1}, // what was not confirmed cannot be invoiced
		"while it is open": {opens.Add(16).At(17, 59), 1},
		"once it closed":   {opens.Add(16).At(18, 0), 2},
	} {
		d, err := a.Annul(list, c.now)
		if err != nil || len(d.Bookings) != c.want || c.want == 1 && d.Bookings[0].ID != booked {
			t.Errorf("%s: %d annulled, %v", name, len(d.Bookings), err)
		}
	}
	if article, open := a.PutOff(voucher.ActInvoice, day("2026-07-21"), opens.At(8, 0)); !open || article != "messaggio INPS 2568/2024" {
		t.Errorf("put off by %q, %t", article, open)
	}
}

func TestTheEndOfAVoucherByTwoOfficers(t *testing.T) {
	t.Parallel()
	now := day("2026-03-20").At(9, 0)
	a, early := sessionOn(t, account(t), day("2026-03-10"), time.Time{})
	a, late := sessionOn(t, a, day("2026-03-16"), time.Time{})
	for name, c := range map[string]struct {
		ground string
		since  calendar.Date
		want   error
	}{
		"a death without its day":      {voucher.Death, calendar.Date{}, voucher.ErrEndSince},
		"a death to come":              {voucher.Death, day("2026-03-21"), voucher.ErrEndSince},
		"on no ground":                 {"", calendar.Date{}, voucher.ErrCaseGround},
		"a false declaration":          {voucher.FalseDeclaration, calendar.Date{}, nil},
		"a false declaration on a day": {voucher.FalseDeclaration, day("2026-03-01"), voucher.ErrEndSince},
	} {
		if _, err := a.End(c.ground, c.since, now); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	d, err := a.End(voucher.Death, day("2026-03-15"), now)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	kept, _ := a.Booking(early)
	gone, _ := a.Booking(late)
	if a.Voucher.State != voucher.Closed || kept.State != voucher.Booked || gone.State != voucher.Cancelled || a.Voucher.Returned != 150_00 || d.Application != voucher.Lapsed {
		t.Errorf("%+v", a)
	}
	if _, err := a.End(voucher.Death, day("2026-03-15"), now); !errors.Is(err, voucher.ErrExpired) {
		t.Errorf("ended twice: %v", err)
	}
}

func TestAVoucherComesBackWithTheDaysItHadLeft(t *testing.T) {
	t.Parallel()
	a := starting(t)
	was := a.Voucher.Terms
	ended := day("2026-04-10")
	d, err := a.Lapse(ended.At(9, 0))
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	left := voucher.Restitution{EndedOn: ended, GivenBack: 200_00, Left: 200_00, Whole: true}
	decided := day("2026-06-15")
	for want, r := range map[error]voucher.Restitution{
		voucher.ErrTerritorySpent: {EndedOn: ended, GivenBack: 200_00, Left: 199_99},
		voucher.ErrNothingBack:    {EndedOn: ended, Left: 200_00},
	} {
		if _, err := a.Reinstate(r, decided.At(9, 0)); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	if d, err = a.Reinstate(left, decided.At(9, 0)); err != nil {
		t.Fatal(err)
	}
	v := d.Voucher
	if v.State != voucher.Active || v.Reopened != 1 || v.Balance() != 200_00 || d.Application != voucher.Awarded {
		t.Errorf("%+v, application %s", v, d.Application)
	}
	if want := a.Rules.Holidays.Is.Within(ended.Until(was.LastDay), decided); v.Terms.LastDay != want {
		t.Errorf("it lasts until %s, want %s", v.Terms.LastDay, want)
	}
	if v.Terms.FirstSessionBy != a.Rules.Holidays.Is.Within(60, decided) || v.Terms.ConfirmBy.Before(v.Terms.LastDay) || v.Terms.InvoiceBy.Before(v.Terms.ConfirmBy) {
		t.Errorf("terms %+v", v.Terms)
	}
	if _, err := apply(a, d).Book(enrolled, []voucher.Request{request(decided.Add(7), 50_00)}, psychologist, decided.At(9, 0)); err != nil {
		t.Errorf("it cannot be spent: %v", err)
	}
	if _, err := apply(a, d).Reinstate(left, decided.At(9, 0)); !errors.Is(err, voucher.ErrNotClosed) {
		t.Errorf("given back twice: %v", err)
	}
}

func TestAnAnnulledSessionComesBackOnceAndConfirmed(t *testing.T) {
	t.Parallel()
	a, id := sessionOn(t, account(t), day("2026-07-21"), day("2026-07-21").At(20, 0))
	over := a.Voucher.Terms.InvoiceBy.At(24, 0)
	for _, act := range []func(voucher.Account) (voucher.Decision, error){
		func(a voucher.Account) (voucher.Decision, error) { return a.Expire(over) },
		func(a voucher.Account) (voucher.Decision, error) {
			return a.Annul([]voucher.Annulment{{Booking: id, Ground: voucher.NotInvoiced}}, over)
		},
	} {
		d, err := act(a)
		if err != nil {
			t.Fatal(err)
		}
		a = apply(a, d)
	}
	now := over.Add(72 * time.Hour)
	again := voucher.NewBookingID()
	if _, err := a.ReinstateSession(id, again, voucher.Restitution{Left: 49_99}, now); !errors.Is(err, voucher.ErrTerritorySpent) {
		t.Errorf("out of money that is gone: %v", err)
	}
	d, err := a.ReinstateSession(id, again, voucher.Restitution{Left: 50_00}, now)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	b, err := a.Booking(again)
	if err != nil || b.State != voucher.Held || b.Reinstates != id || b.Amount != 50_00 || a.Voucher.Used != 50_00 || a.Voucher.Returned != 150_00 {
		t.Errorf("%+v, %+v, %v", b, a.Voucher, err)
	}
	if err := a.MayInvoice(b, now); err != nil {
		t.Errorf("it cannot be invoiced: %v", err)
	}
	if _, err := a.ReinstateSession(id, voucher.NewBookingID(), voucher.Restitution{Left: 50_00}, now); !errors.Is(err, voucher.ErrReinstated) {
		t.Errorf("given back twice: %v", err)
	}
	if _, err := a.ReinstateSession(again, voucher.NewBookingID(), voucher.Restitution{Left: 50_00}, now); !errors.Is(err, voucher.ErrNotAnnulled) {
		t.Errorf("one that stands: %v", err)
	}
}

// Over any life of a voucher to its end and back the sums are what the postings say,
// no cent is made or lost, and nothing goes where the drawing of its states has no way.
func TestEveryLifeOfAVoucherKeepsItsSumsAndItsStates(t *testing.T) {
	t.Parallel()
	base := starting(t)
	ways := map[voucher.State][]voucher.State{
		voucher.Active:    {voucher.Active, voucher.Expired, voucher.GivenUp, voucher.Forfeited, voucher.Closed},
		voucher.Forfeited: {voucher.Forfeited, voucher.Active}, voucher.Closed: {voucher.Closed, voucher.Active},
		voucher.Expired: {voucher.Expired}, voucher.GivenUp: {voucher.GivenUp},
	}
	allowed := func(from, to voucher.State) bool {
		for _, s := range ways[from] {
			if s == to {
				return true
			}
		}
		return false
	}
	rapid.Check(t, func(t *rapid.T) {
		a, ledger := base, map[voucher.Ledger]money.Amount{voucher.Free: base.Voucher.Awarded}
		var out money.Amount // given back by its end, and not returned to it
		var endedOn calendar.Date
		now := noon
		for range rapid.IntRange(1, 50).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20*24).Draw(t, "hours")) * time.Hour)
			today := calendar.On(now)
			booking := voucher.BookingID("none")
			if n := len(a.Bookings); n > 0 {
				booking = a.Bookings[rapid.IntRange(0, n-1).Draw(t, "booking")].ID
			}
			r := voucher.Restitution{EndedOn: endedOn, GivenBack: out, Left: money.Amount(rapid.Int64Range(0, 300_00).Draw(t, "left"))}
			var d voucher.Decision
			var err error
			act := rapid.SampledFrom([]string{"book", "book", "confirm", "confirm", "cancel", "expire", "lapse", "annul", "end", "reinstate", "session", "renounce"}).Draw(t, "act")
			switch act {
			case "book":
				ask := request(today.Add(rapid.IntRange(-5, 60).Draw(t, "day")), money.Amount(rapid.Int64Range(1, 50_00).Draw(t, "amount")))
				ask.Held = rapid.Bool().Draw(t, "held")
				d, err = a.Book(enrolled, []voucher.Request{ask}, psychologist, now)
			case "confirm":
				d, err = a.Confirm(booking, psychologist, now)
			case "cancel":
				d, err = a.Cancel(booking, psychologist, now)
			case "expire":
				d, err = a.Expire(now)
			case "lapse":
				d, err = a.Lapse(now)
			case "annul":
				ground := rapid.SampledFrom(voucher.ClosureGrounds).Draw(t, "ground")
				if booking == "none" {
					continue
				}
				d, err = a.Annul([]voucher.Annulment{{Booking: booking, Ground: ground}}, now)
			case "end":
				if rapid.IntRange(0, 3).Draw(t, "resolved") > 0 {
					continue
				}
				d, err = a.End(voucher.Death, today.Add(-rapid.IntRange(0, 20).Draw(t, "ago")), now)
			case "reinstate":
				d, err = a.Reinstate(r, now)
			case "session":
				d, err = a.ReinstateSession(booking, voucher.NewBookingID(), r, now)
			case "renounce":
				if rapid.IntRange(0, 9).Draw(t, "resolved") > 0 {
					continue
				}
				d, err = a.Renounce(identity.Own(maria, identity.Citizen), now)
			}
			if err != nil {
				continue
			}
			if !allowed(a.Voucher.State, d.Voucher.State) || a.Voucher.State != voucher.Active && d.Voucher.State == voucher.Active && d.Voucher.Reopened != a.Voucher.Reopened+1 {
				t.Fatalf("%s brought it from %s to %s", act, a.Voucher.State, d.Voucher.State)
			}
			if a.Voucher.State == voucher.Active && (d.Voucher.State == voucher.Forfeited || d.Voucher.State == voucher.Closed) {
				endedOn = today
			}
			was, is := a.Voucher.Terms, d.Voucher.Terms
			if is.LastDay.Before(was.LastDay) || is.ConfirmBy.Before(is.LastDay) || is.InvoiceBy.Before(is.ConfirmBy) || is.FirstSessionBy.Before(was.FirstSessionBy) {
				t.Fatalf("%s moved the terms from %+v to %+v", act, was, is)
			}
			for _, p := range d.Postings {
				accounts := voucher.Events[p.Event]
				ledger[accounts[0]] -= p.Amount
				ledger[accounts[1]] += p.Amount
				switch p.Event {
				case voucher.Lapsing, voucher.Ended:
					out += p.Amount
				case voucher.Reinstated:
					out -= p.Amount
				}
				if p.Amount <= 0 {
					t.Fatalf("%s posted %d", act, p.Amount)
				}
			}
			out = max(out, 0)
			a = apply(a, d)
			v := a.Voucher
			var booked, used money.Amount
			for _, b := range a.Bookings {
				switch b.State {
				case voucher.Booked:
					booked += b.Amount
				case voucher.Held:
					used += b.Price()
				}
			}
			if v.Booked != ledger[voucher.OnHold] || v.Used != ledger[voucher.Spent] || v.Returned != ledger[voucher.Fund] || v.Balance() != ledger[voucher.Free] || booked != v.Booked || used != v.Used {
				t.Fatalf("after %s: %+v, ledger %v, sessions %s and %s", act, v, ledger, booked, used)
			}
			if v.Booked < 0 || v.Used < 0 || v.Returned < 0 || v.Balance() < 0 || v.State != voucher.Active && v.Balance() != 0 {
				t.Fatalf("after %s: %+v", act, v)
			}
		}
	})
}
