package voucher

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/money"
)

// traced is a session of 12 March 2026, confirmed on that evening and on an accepted
// invoice of the next day, with an account and money to pay it.
func traced() Trace {
	day := calendar.NewDate(2026, 3, 12)
	return Trace{
		Session: Session{Booking: Booking{Day: day, Amount: 50 * money.Euro, Claimed: 50 * money.Euro, State: Held, HeldAt: day.At(20, 0)},
			ConfirmBy: calendar.NewDate(2026, 9, 1), InvoiceBy: calendar.NewDate(2026, 10, 1), Territory: "Lazio"},
		PaymentMonths: 1,
		Invoice:       TracedInvoice{ID: "i", Number: "7", State: InvoiceAccepted, ReceivedAt: calendar.NewDate(2026, 3, 13).At(9, 0)},
		Payee:         Payee{State: "verified", UsableFrom: day.At(9, 0)},
	}
}

func TestEachSessionStandsInOnePlaceWithWhoMovesNext(t *testing.T) {
	t.Parallel()
	now := calendar.NewDate(2026, 3, 20).At(12, 0)
	day := func(month time.Month, day int) calendar.Date { return calendar.NewDate(2026, month, day) }
	paid := TracedPayment{Order: "o", State: "paid", ValueDay: day(4, 20)}
	for name, c := range map[string]struct {
		change func(*Trace)
		want   Waypoint
	}{
		"nothing in the way":         {func(*Trace) {}, Waypoint{TrailPayable, NoHindrance, TheOffice, day(4, 30)}},
		"cancelled before all":       {func(t *Trace) { t.State, t.Payment = Cancelled, paid }, Waypoint{Stage: TrailCancelled}},
		"paid, then disputed":        {func(t *Trace) { t.Payment, t.Disputed = paid, true }, Waypoint{Stage: TrailPaid}},
		"its day has not come":       {func(t *Trace) { t.State, t.Claimed, t.Day = Booked, 0, day(3, 21) }, Waypoint{TrailBooked, NoHindrance, TheOwner, day(3, 21)}},
		"its day has come":           {func(t *Trace) { t.State, t.Claimed, t.Day = Booked, 0, day(3, 20) }, Waypoint{TrailToConfirm, NoHindrance, TheOwner, day(9, 1)}},
		"too late to confirm":        {func(t *Trace) { t.State, t.Claimed, t.ConfirmBy = Booked, 0, day(3, 19) }, Waypoint{TrailToConfirm, TermOver, TheOffice, day(3, 19)}},
		"not invoiced":               {func(t *Trace) { t.Claimed, t.Invoice = 0, TracedInvoice{} }, Waypoint{TrailToInvoice, NoHindrance, TheOwner, day(10, 1)}},
		"disputed, not invoiced":     {func(t *Trace) { t.Claimed, t.Disputed = 0, true }, Waypoint{TrailToInvoice, NoHindrance, TheOwner, day(10, 1)}},
		"to correct":                 {func(t *Trace) { t.Invoice.State, t.Invoice.CorrectBy = InvoiceToCorrect, day(4, 1) }, Waypoint{TrailToCorrect, NoHindrance, TheOwner, day(4, 1)}},
		"not corrected in time":      {func(t *Trace) { t.Invoice.State, t.Invoice.CorrectBy = InvoiceToCorrect, day(3, 1) }, Waypoint{TrailToCorrect, TermOver, TheOffice, day(3, 1)}},
		"disputed":                   {func(t *Trace) { t.Disputed, t.AnswerBy, t.Payee = true, day(5, 2), Payee{} }, Waypoint{TrailDisputed, NoHindrance, TheOffice, day(5, 2)}},
		"reported, and found true":   {func(t *Trace) { t.Upheld, t.Payment.State, t.Payee = true, "returned", Payee{} }, Waypoint{TrailDisputed, ReportUpheld, TheOffice, calendar.Date{}}},
		"reported again meanwhile":   {func(t *Trace) { t.Upheld, t.Disputed, t.AnswerBy = true, true, day(5, 2) }, Waypoint{TrailDisputed, NoHindrance, TheOffice, day(5, 2)}},
		"in review":                  {func(t *Trace) { t.Invoice.State, t.Payee = InvoiceInReview, Payee{} }, Waypoint{TrailInReview, NoHindrance, TheOffice, day(4, 30)}},
		"no account":                 {func(t *Trace) { t.Payee = Payee{} }, Waypoint{TrailAwaitingAccount, AccountMissing, TheOwner, calendar.Date{}}},
		"account refused":            {func(t *Trace) { t.Payee.State = "rejected" }, Waypoint{TrailAwaitingAccount, AccountRejected, TheOwner, calendar.Date{}}},
		"account unchecked":          {func(t *Trace) { t.Payee = Payee{State: "verifying", ExpectedBy: day(3, 27)} }, Waypoint{TrailAwaitingAccount, AccountToVerify, TheOffice, day(3, 27)}},
		"account too new":            {func(t *Trace) { t.Payee.UsableFrom = now.Add(time.Hour) }, Waypoint{TrailAwaitingAccount, AccountTooNew, TheOffice, day(3, 20)}},
		"looked into":                {func(t *Trace) { t.Checked, t.Payee = true, Payee{} }, Waypoint{Stage: TrailChecked, Mover: TheOffice}},
		"no money":                   {func(t *Trace) { t.Funds.Short = t.queuePlace() }, Waypoint{TrailAwaitingFunds, NoHindrance, TheTerritory, calendar.Date{}}},
		"money for who waits longer": {func(t *Trace) { t.Funds.Short = QueuePlace{t.Invoice.ReceivedAt.Add(-time.Minute), "z"} }, Waypoint{TrailAwaitingFunds, NoHindrance, TheTerritory, calendar.Date{}}},
		"money for one more":         {func(t *Trace) { t.Funds.Short = QueuePlace{t.Invoice.ReceivedAt, "z"} }, Waypoint{TrailPayable, NoHindrance, TheOffice, day(4, 30)}},
		"late":                       {func(t *Trace) { t.Invoice.ReceivedAt = day(1, 31).At(23, 59) }, Waypoint{TrailPayable, Late, TheOffice, day(2, 28)}},
		"in a run":                   {func(t *Trace) { t.Payment.State, t.Disputed = "frozen", true }, Waypoint{TrailInPayment, NoHindrance, TheOffice, day(4, 30)}},
		"with the bank":              {func(t *Trace) { t.Payment.State = "sent" }, Waypoint{TrailInPayment, NoHindrance, TheBank, day(4, 30)}},
		"came back":                  {func(t *Trace) { t.Payment.State, t.Payee.State = "returned", "rejected" }, Waypoint{TrailReturned, NoHindrance, TheOwner, calendar.Date{}}},
		"came back, new account": {func(t *Trace) {
			t.Payment.State, t.Payee = "returned", Payee{State: "to_verify", ExpectedBy: day(4, 3)}
		}, Waypoint{TrailAwaitingAccount, AccountToVerify, TheOffice, day(4, 3)}},
		"came back, put right": {func(t *Trace) { t.Payment.State = "returned" }, Waypoint{TrailPayable, NoHindrance, TheOffice, day(4, 30)}},
		"taken out of its run": {func(t *Trace) { t.Payment.State, t.Funds.Short = "released", t.queuePlace() }, Waypoint{TrailAwaitingFunds, NoHindrance, TheTerritory, calendar.Date{}}},
	} {
		one := traced()
		c.change(&one)
		if got := one.Waypoint(now); got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAReopeningGivesATermBack(t *testing.T) {
	t.Parallel()
	now := calendar.NewDate(2026, 3, 20).At(12, 0)
	one := traced()
	one.Claimed, one.InvoiceBy = 0, calendar.NewDate(2026, 3, 1)
	one.Reopenings = Reopenings{{Acts: []Act{ActInvoice}, Opens: now.Add(-time.Hour), Closes: calendar.NewDate(2026, 4, 1).Start()}}
	if got, want := one.Waypoint(now), (Waypoint{TrailToInvoice, NoHindrance, TheOwner, calendar.NewDate(2026, 3, 31)}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// drawTrace is any combination of facts, those that cannot be among them.
func drawTrace(t *rapid.T) Trace {
	base := calendar.NewDate(2026, 3, 12)
	day := func(label string) calendar.Date { return base.Add(rapid.IntRange(-60, 60).Draw(t, label)) }
	one := traced()
	one.State = rapid.SampledFrom(BookingStates).Draw(t, "state")
	one.Day, one.ConfirmBy, one.InvoiceBy = day("day"), day("confirm by"), day("invoice by")
	one.Claimed = money.Amount(rapid.SampledFrom([]int{0, 1, 5000}).Draw(t, "claimed"))
	one.Invoice.State = rapid.SampledFrom([]InvoiceState{InvoiceInReview, InvoiceAccepted, InvoiceToCorrect}).Draw(t, "invoice")
	one.Invoice.CorrectBy, one.Invoice.ReceivedAt = day("correct by"), day("received").At(10, 0)
	one.Disputed, one.AnswerBy = rapid.Bool().Draw(t, "disputed"), day("answer by")
	one.Payee = Payee{State: rapid.SampledFrom([]string{"", "to_verify", "verifying", "verified", "rejected"}).Draw(t, "payee"),
		UsableFrom: day("usable").At(12, 0), ExpectedBy: day("expected")}
	one.Checked = rapid.Bool().Draw(t, "checked")
	one.Funds.Short = rapid.SampledFrom([]QueuePlace{{}, one.queuePlace(), {day("short").At(10, 0), "b"}}).Draw(t, "short")
	one.Payment.State = rapid.SampledFrom([]string{"", "frozen", "sent", "paid", "returned", "released"}).Draw(t, "payment")
	return one
}

func TestWhateverIsTrueOfASessionItHasOneStageAndSaysWhoMoves(t *testing.T) {
	t.Parallel()
	now := calendar.NewDate(2026, 3, 12).At(12, 0)
	rapid.Check(t, func(t *rapid.T) {
		one := drawTrace(t)
		at := one.Waypoint(now)
		final := at.Stage == TrailPaid || at.Stage == TrailCancelled
		switch {
		case !slices.Contains(Stages, at.Stage):
			t.Fatalf("%q is no stage", at.Stage)
		case (at.Mover == Nobody) != final:
			t.Fatalf("%+v is moved by %q", at, at.Mover)
		case at.Mover == TheOwner && !at.By.IsZero() && at.By.Before(calendar.On(now)):
			t.Fatalf("%+v asks for something that is too late", at)
		case at.Stage == TrailPayable && (one.Disputed || one.Invoice.State != InvoiceAccepted || one.Payee.Hindrance(now) != NoHindrance || one.Checked || !one.Funds.Reaches(one.queuePlace())):
			t.Fatalf("%+v would be paid", one)
		case at.Stage.Held() && (one.State != Held || !one.Invoiced()):
			t.Fatalf("%+v is kept back, and nothing was asked for", one)
		}
	})
}

func TestEverySessionIsInOneBoxOfThePipeline(t *testing.T) {
	t.Parallel()
	now := calendar.NewDate(2026, 3, 12).At(12, 0)
	rapid.Check(t, func(t *rapid.T) {
		var e Earned
		for range rapid.IntRange(0, 12).Draw(t, "sessions") {
			one := drawTrace(t)
			if one.State != Held || !one.Invoiced() || one.Payment.State == "paid" {
				continue // not among those that Earned reads
			}
			e.Invoiced = append(e.Invoiced, one)
		}
		p := e.pipeline(now)
		held := Sum{}
		for _, s := range p.Suspended {
			held = Sum{held.Sessions + s.Sessions, held.Amount + s.Amount}
			if len(s.Of) != s.Sessions {
				t.Fatalf("%d sessions of %d", len(s.Of), s.Sessions)
			}
		}
		if n := p.Invoiced.Sessions + p.InPayment.Sessions; n != len(e.Invoiced) || held != p.OnHold || p.OnHold.Amount > p.Invoiced.Amount {
			t.Fatalf("%d of %d sessions, %+v of %+v kept back", n, len(e.Invoiced), held, p.OnHold)
		}
	})
}

func TestWhatATerritoryHasNotSentWaitsForItsFunds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []PathRow
		var due, free money.Amount
		for _, name := range Territories[:rapid.IntRange(0, 4).Draw(t, "territories")] {
			row := PathRow{Funds: Funds{Territory: name, Sent: money.Amount(rapid.Int64Range(0, 1000).Draw(t, "sent")), Live: money.Amount(rapid.Int64Range(0, 1000).Draw(t, "live"))},
				Of: map[Stage]Sum{TrailPayable: {1, money.Amount(rapid.Int64Range(0, 1000).Draw(t, "due"))}}}
			due, free = due+row.Of[TrailPayable].Amount, free+row.Free()
			rows = append(rows, row)
		}
		p := path(rows, "2025", time.Time{})
		payable, waits := p.Total.Of[TrailPayable].Amount, p.Total.Of[TrailAwaitingFunds].Amount
		if payable+waits != due || payable > free || p.Total.OnHold() != waits {
			t.Fatalf("%v payable, %v waits, of %v due and %v free", payable, waits, due, free)
		}
	})
}

func TestPaymentIsExpectedByTheEndOfTheNextMonth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		received time.Time
		months   int
		want     calendar.Date
	}{
		{calendar.NewDate(2026, 1, 1).At(0, 0), 1, calendar.NewDate(2026, 2, 28)},
		{calendar.NewDate(2026, 1, 31).At(23, 59), 1, calendar.NewDate(2026, 2, 28)},
		{calendar.NewDate(2027, 12, 31).At(12, 0), 1, calendar.NewDate(2028, 1, 31)},
		{time.Date(2026, 3, 31, 22, 30, 0, 0, time.UTC), 1, calendar.NewDate(2026, 5, 31)}, // it is April in Rome
		{calendar.NewDate(2026, 5, 10).At(12, 0), 0, calendar.NewDate(2026, 5, 31)},
	} {
		if got := PaymentExpected(c.received, c.months); got != c.want {
			t.Errorf("%v, %d months: %v, want %v", c.received, c.months, got, c.want)
		}
	}
}
