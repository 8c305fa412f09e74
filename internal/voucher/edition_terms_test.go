package voucher_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/term"
	"portal/internal/voucher"
)

func rome(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, calendar.Rome)
	if err != nil {
		panic(err)
	}
	return t
}

// rules2024 are those of the edition that was applied for in 2024: as long as that of
// 2025, without a term for the first session (DM 24 November 2023).
func rules2024(t testing.TB) voucher.Rules {
	r := edition(t, "2025").Rules
	r.FirstSessionDays.Is = 0
	return r
}

// The closing calendars of INPS messages 2127/2023, 1153/2024, 2584/2024, 811/2025 and
// 3708/2025: acceptance, last day, invoice data by, and the day the office may annul.
func TestTheRealClosingCalendars(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edition             string
		round               int
		territory           string
		accepted, last      string
		first, invoice, act string
	}{
		{"2022-guida", 1, "Lazio", "2022-12-09", "2023-06-07", "", "2023-06-20", ""},
		{"2022-decreto", 1, "Emilia-Romagna", "2022-12-09", "2023-06-07", "", "2023-06-20", ""},
		{"2022-guida", 2, "Lazio", "2023-09-26", "2024-03-25", "", "2024-05-21", "Messaggio INPS 1153/2024: dati di fatturazione entro il 21 maggio 2024"},
		{"2022-guida", 2, "Basilicata", "2023-09-26", "2024-05-06", "", "2024-05-21", "Messaggio INPS 1153/2024: dati di fatturazione entro il 21 maggio 2024"},
		{"2022-guida", 2, "Basilicata", "2023-11-08", "2024-05-06", "", "2024-05-21", "Messaggio INPS 1153/2024: dati di fatturazione entro il 21 maggio 2024"},
		{"2024", 1, "Lazio", "2024-07-11", "2025-04-07", "", "2025-05-07", ""},
		{"2024", 2, "Lazio", "2025-04-15", "2026-01-10", "", "2026-02-09", ""},
		{"2025", 1, "Lazio", "2025-12-05", "2026-09-01", "2026-02-03", "2026-10-01", ""},
	} {
		r := rules2024(t)
		if c.edition != "2024" {
			r = edition(t, voucher.EditionID(c.edition)).Rules
		}
		got := r.Terms(day(c.accepted), c.round, c.territory)
		want := voucher.Terms{AcceptedOn: day(c.accepted), LastDay: day(c.last), ConfirmBy: day(c.last), InvoiceBy: day(c.invoice)}
		if c.first != "" {
			want.FirstSessionBy = day(c.first)
		}
		if got != want {
			t.Errorf("%s, round %d, %s: %+v, INPS says %+v", c.edition, c.round, c.territory, got, want)
		}
		all := r.TermsOf(day(c.accepted), c.round, c.territory)
		invoice := all[len(all)-1]
		if invoice.Name != voucher.TermInvoice || invoice.Act() != c.act {
			t.Errorf("%s, round %d, %s: %s ends on %s by %q", c.edition, c.round, c.territory, invoice.Name, invoice.End(), invoice.Act())
		}
		// The office annuls from the day after the last on which data are taken.
		if over := invoice.Over(); calendar.On(over) != day(c.invoice).Add(1) {
			t.Errorf("%s, round %d: what has no invoice is annulled from %s", c.edition, c.round, calendar.On(over))
		}
	}
}

func TestEveryTermOfAVoucherNamesItsArticleAndItsEffect(t *testing.T) {
	t.Parallel()
	r := edition(t, "2025").Rules
	all := r.TermsOf(day("2025-12-05"), 1, "Lazio")
	if len(all) != 4 {
		t.Fatalf("%d terms", len(all))
	}
	all = append(all, r.CureTerm(day("2025-11-14")), r.CancelTerm(day("2026-03-16")), r.ReviewTerm(day("2025-12-05")), r.ReviewDecisionTerm(day("2025-12-20")))
	ends := map[term.Name]string{
		voucher.TermValidity: "2026-09-01", voucher.TermFirstSession: "2026-02-03", voucher.TermConfirmation: "2026-09-01", voucher.TermInvoice: "2026-10-01",
		voucher.TermCure: "2025-11-29", voucher.TermCancellation: "2026-03-15", voucher.TermReviewAsk: "2026-01-05", voucher.TermReviewDecide: "2026-01-19",
	}
	for _, x := range all {
		if x.Source == "" || x.Effect == "" {
			t.Errorf("%s says neither where it stands nor what it leads to: %q, %q", x.Name, x.Source, x.Effect)
		}
		if x.End() != day(ends[x.Name]) {
			t.Errorf("%s ends on %s, want %s", x.Name, x.End(), ends[x.Name])
		}
	}
	// 30 days from 5 June 2024 to put an ISEE right (INPS notice of that day).
	r.ISEECure.Is = voucher.Cure{Days: 30, From: day("2024-06-05")}
	if got := r.CureBy(day("2024-06-05")); got != day("2024-07-05") {
		t.Errorf("the ISEE is put right by %s", got)
	}
	if got := r.CureBy(day("2024-06-20")); got != day("2024-07-20") {
		t.Errorf("who is told later has until %s", got)
	}
}

// spent is a voucher of 2022 whose sessions are of some days, in a round and a province.
func spent(t testing.TB, round int, territory, province, accepted string, bookings ...voucher.Booking) voucher.Account {
	r := edition(t, "2022-guida").Rules
	return voucher.Account{Rules: r, Province: province, Bookings: bookings, Voucher: voucher.Voucher{
		ID: "44444444-4444-4444-8444-444444444444", Beneficiary: maria, Territory: territory, Awarded: 600 * money.Euro,
		State: voucher.Active, Round: round, Terms: r.Terms(day(accepted), round, territory)}}
}

func session(on string, state voucher.BookingState) voucher.Booking {
	return voucher.Booking{ID: voucher.BookingID("b-" + on), Beneficiary: maria, Professional: giulia, Day: day(on), Amount: 50 * money.Euro, State: state}
}

// INPS message 2568/2024: 15 July 2024 09:00 to 31 July 18:00, for what was confirmed.
func TestInvoicesWereTakenAgainInJuly2024ToTheHour(t *testing.T) {
	t.Parallel()
	held := session("2024-03-20", voucher.Held)
	a := spent(t, 2, "Lazio", "RM", "2023-09-26", held)
	for at, want := range map[string]error{
		"2024-03-21 10:00": nil, "2024-05-21 23:59": nil,
		"2024-05-22 00:00": voucher.ErrTooLateToInvoice, "2024-07-15 08:59": voucher.ErrTooLateToInvoice,
		"2024-07-15 09:00": nil, "2024-07-31 17:59": nil,
		"2024-07-31 18:00": voucher.ErrTooLateToInvoice,
	} {
		if got := a.MayInvoice(held, rome(at)); got != want {
			t.Errorf("at %s: %v, want %v", at, got, want)
		}
	}
	if got := a.MayInvoice(session("2024-03-20", voucher.Booked), rome("2024-07-20 12:00")); got != voucher.ErrNotHeld {
		t.Errorf("what was never confirmed: %v", got)
	}
	claimed := held
	claimed.Claimed = 50 * money.Euro
	if got := a.MayInvoice(claimed, rome("2024-03-21 10:00")); got != voucher.ErrInvoiced {
		t.Errorf("what has an invoice: %v", got)
	}
	first := spent(t, 1, "Lazio", "RM", "2022-12-09")
	if got := first.MayInvoice(session("2023-06-01", voucher.Held), rome("2024-07-20 12:00")); got != voucher.ErrTooLateToInvoice {
		t.Errorf("a session of the round before: %v", got)
	}
}

// INPS message 2530/2023: what was booked by 7 June 2023 is confirmed until 19 July.
func TestSessionsOfTheFirstRoundWereConfirmedAgainInJuly2023(t *testing.T) {
	t.Parallel()
	booked := session("2023-06-07", voucher.Booked)
	a := spent(t, 1, "Lazio", "RM", "2022-12-09", booked)
	for at, want := range map[string]error{
		"2023-06-07 23:59": nil, "2023-06-08 00:00": voucher.ErrTooLateToConfirm, "2023-07-05 17:59": voucher.ErrTooLateToConfirm,
		"2023-07-05 18:00": nil, "2023-07-19 23:59": nil, "2023-07-20 00:00": voucher.ErrTooLateToConfirm,
	} {
		if got := a.MayConfirm(booked, rome(at)); got != want {
			t.Errorf("at %s: %v, want %v", at, got, want)
		}
		d, err := a.Confirm(booked.ID, psychologist, rome(at))
		if err != want || err == nil && d.Voucher.Used != 50*money.Euro {
			t.Errorf("at %s it is confirmed: %v", at, err)
		}
	}
	if got := a.MayConfirm(session("2023-06-08", voucher.Booked), rome("2023-07-10 12:00")); got != voucher.ErrTooLateToConfirm {
		t.Errorf("a session after the last day, outside the flooded areas: %v", got)
	}
}

// DL 61/2023 and INPS message 2530/2023: in the flooded provinces sessions of 8 June to
// 31 August 2023 were booked, held and confirmed until 31 August, invoiced until 15
// September.
func TestTheFloodedProvincesHadTheirOwnTerms(t *testing.T) {
	t.Parallel()
	ravenna, parma := spent(t, 1, "Emilia-Romagna", "RA", "2022-12-09"), spent(t, 1, "Emilia-Romagna", "PR", "2022-12-09")
	ask := func(on string) voucher.Request {
		return voucher.Request{ID: "b1", Day: day(on), Amount: 50 * money.Euro}
	}
	for _, c := range []struct {
		who  voucher.Account
		at   string
		on   string
		want error
	}{
		{ravenna, "2023-06-10 12:00", "2023-06-20", voucher.ErrExpired},
		{ravenna, "2023-07-05 17:59", "2023-07-20", voucher.ErrExpired},
		{ravenna, "2023-07-05 18:00", "2023-07-20", nil},
		{ravenna, "2023-08-31 12:00", "2023-08-31", nil},
		{ravenna, "2023-08-30 12:00", "2023-09-01", voucher.ErrDayTooLate},
		{ravenna, "2023-09-01 00:00", "2023-09-01", voucher.ErrExpired},
		{parma, "2023-07-05 18:00", "2023-07-20", voucher.ErrExpired},
	} {
		_, err := c.who.Book(enrolled, []voucher.Request{ask(c.on)}, psychologist, rome(c.at))
		if !isRefused(err, c.want) {
			t.Errorf("%s at %s for %s: %v, want %v", c.who.Province, c.at, c.on, err, c.want)
		}
	}
	// A session held in July is registered late and confirmed in one step.
	late := ask("2023-07-12")
	late.Held = true
	if _, err := ravenna.Book(enrolled, []voucher.Request{late}, psychologist, rome("2023-08-20 12:00")); err != nil {
		t.Errorf("a session of July, registered in August: %v", err)
	}
	held := session("2023-08-30", voucher.Held)
	for at, want := range map[string]error{"2023-09-15 23:59": nil, "2023-09-16 00:00": voucher.ErrTooLateToInvoice} {
		if got := ravenna.MayInvoice(held, rome(at)); got != want {
			t.Errorf("its invoice at %s: %v, want %v", at, got, want)
		}
	}
}

func isRefused(err, want error) bool {
	if inner, ok := err.(voucher.RequestError); ok {
		err = inner.Err
	}
	return err == want
}

func TestAVoucherIsNotClosedWhileItsSessionsCanBeBookedAgain(t *testing.T) {
	t.Parallel()
	ravenna, rome9 := spent(t, 1, "Emilia-Romagna", "RA", "2022-12-09"), spent(t, 1, "Lazio", "RM", "2022-12-09")
	if _, err := rome9.Expire(rome("2023-06-08 00:10")); err != nil {
		t.Errorf("elsewhere the money goes back the next night: %v", err)
	}
	for _, at := range []string{"2023-06-08 00:10", "2023-08-31 23:59"} {
		if _, err := ravenna.Expire(rome(at)); err != voucher.ErrNotDue {
			t.Errorf("in the flooded provinces at %s: %v", at, err)
		}
	}
	d, err := ravenna.Expire(rome("2023-09-01 00:00"))
	if err != nil || d.Voucher.Returned != 600*money.Euro {
		t.Fatalf("when it is over: %+v, %v", d.Voucher, err)
	}
	// What has gone back does not come again because booking is open.
	closed := ravenna
	closed.Voucher.State, closed.Voucher.Returned = voucher.Expired, 600*money.Euro
	if got := closed.OpenOn(rome("2023-07-20 12:00")); got != voucher.ErrExpired {
		t.Errorf("a voucher that the office has closed: %v", got)
	}
}

func TestAReopeningOnlyAddsToWhatATermAllows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		province := rapid.SampledFrom([]string{"RA", "RM"}).Draw(rt, "province")
		round := rapid.IntRange(1, 2).Draw(rt, "round")
		at := rome("2023-06-01 00:00").Add(time.Duration(rapid.IntRange(0, 24*430).Draw(rt, "hours")) * time.Hour)
		b := session("2023-06-01", rapid.SampledFrom(voucher.BookingStates).Draw(rt, "state"))
		b.Day = b.Day.Add(rapid.IntRange(-60, 100).Draw(rt, "day"))
		with := spent(t, round, "Lazio", province, "2022-12-09", b)
		without := with
		without.Rules.Reopenings = nil
		for name, may := range map[string]func(voucher.Account) error{
			"confirm": func(a voucher.Account) error { return a.MayConfirm(b, at) },
			"invoice": func(a voucher.Account) error { return a.MayInvoice(b, at) },
			"book":    func(a voucher.Account) error { return a.OpenOn(at) },
		} {
			if may(without) == nil && may(with) != nil {
				rt.Errorf("%s at %s: allowed, and refused when reopened: %v", name, at, may(with))
			}
			if may(with) == nil && may(without) != nil && len(with.Rules.ReopeningsOf(round, "Lazio", province)) == 0 {
				rt.Errorf("%s at %s: allowed by nothing", name, at)
			}
		}
	})
}
