package voucher_test

import (
	"bytes"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

func TestTheTokenOfACalendarCannotBeGuessedAndIsKeptAsItsHash(t *testing.T) {
	t.Parallel()
	seen := map[voucher.FeedToken]bool{}
	for range 100 {
		token, err := voucher.NewFeedToken(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if seen[token] || len(token) != 43 { // 32 bytes in base64
			t.Fatalf("drew %q", token)
		}
		seen[token] = true
		if hash := token.Hash(); len(hash) != 32 || bytes.Contains(hash, []byte(token)) {
			t.Errorf("kept as %x", hash)
		}
	}
}

// what is the items of a calendar in short: their day, and what they are.
func what(items []voucher.FeedItem) []string {
	var all []string
	for _, i := range items {
		kind := "session"
		switch {
		case i.Deadline && !i.Start.IsZero():
			kind = "deadline at an hour"
		case i.Deadline:
			kind = "deadline"
		case i.Cancelled:
			kind = "cancelled"
		}
		all = append(all, i.Day.String()+" "+kind)
	}
	return all
}

func TestACalendarOfACitizenHoldsSessionsAndTermsWithSomethingLeftToDo(t *testing.T) {
	t.Parallel()
	r := edition(t, "2025").Rules
	v := voucher.Voucher{ID: "v", Awarded: 100 * money.Euro, State: voucher.Active, Terms: r.Terms(day("2025-12-05"), 1, "Lazio")}
	c := voucher.FeedContent{Feed: voucher.Feed{ID: "f", Role: identity.Citizen},
		Files: []voucher.CaseFile{{Voucher: v}, {Application: voucher.Application{ID: "a", State: voucher.AwaitingISEE, CureBy: day("2026-01-20")}}},
		Sessions: []voucher.Session{{Booking: session("2026-01-12", voucher.Booked), ConfirmBy: day("2026-09-01")},
			{Booking: session("2026-01-10", voucher.Cancelled)}}}
	want := []string{"2026-01-10 cancelled", "2026-01-12 session", "2026-01-20 deadline", "2026-02-03 deadline", "2026-09-01 deadline"}
	if got := what(c.Items(rome("2026-01-05 12:00"))); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	c.Files[0].Voucher.Used = 100 * money.Euro // the first session is held, and nothing is left
	if got := what(c.Items(rome("2026-01-21 12:00"))); !slices.Equal(got, want[:2]) {
		t.Errorf("with nothing left to do: %v", got)
	}
}

func TestACalendarOfAProfessionalHoldsOneDeadlineADayForEachThingToDo(t *testing.T) {
	t.Parallel()
	booked := func(on string) voucher.Session {
		return voucher.Session{Booking: session(on, voucher.Booked), ConfirmBy: day("2026-09-01"), InvoiceBy: day("2026-10-01")}
	}
	held, invoiced := booked("2026-01-08"), booked("2026-01-09")
	held.State, invoiced.State, invoiced.Claimed = voucher.Held, voucher.Held, 50*money.Euro
	c := voucher.FeedContent{Feed: voucher.Feed{ID: "f", Role: identity.Psychologist},
		Sessions: []voucher.Session{booked("2026-01-12"), booked("2026-01-13"), held, invoiced}}
	want := []string{"2026-01-08 session", "2026-01-09 session", "2026-01-12 session", "2026-01-13 session", "2026-09-01 deadline", "2026-10-01 deadline"}
	got := c.Items(rome("2026-01-10 12:00"))
	if !slices.Equal(what(got), want) {
		t.Errorf("%v, want %v", what(got), want)
	}
	for _, i := range got {
		again := slices.IndexFunc(c.Items(rome("2026-01-11 12:00")), func(j voucher.FeedItem) bool { return j.UID == i.UID })
		if again < 0 {
			t.Errorf("%s has another name the next day", i.UID)
		}
	}
	if got := what(c.Items(rome("2026-09-02 00:00"))); slices.Contains(got, "2026-09-01 deadline") {
		t.Errorf("a term that is over: %v", got)
	}
}

func TestACalendarKnowsTheHourUntilWhichSomethingIsOpenAgain(t *testing.T) {
	t.Parallel()
	r := edition(t, "2022-guida").Rules
	s := voucher.Session{Booking: session("2024-03-20", voucher.Held), ConfirmBy: day("2024-03-25"), InvoiceBy: day("2024-05-21"),
		Reopenings: r.ReopeningsOf(2, "Lazio", "RM")}
	c := voucher.FeedContent{Feed: voucher.Feed{ID: "f", Role: identity.Psychologist}, Sessions: []voucher.Session{s}}
	for at, want := range map[string]string{"2024-05-21 12:00": "2024-05-21 deadline", "2024-06-01 12:00": "", "2024-07-20 12:00": "2024-07-31 deadline at an hour"} {
		got := what(c.Items(rome(at)))
		if want == "" && len(got) != 1 || want != "" && !slices.Contains(got, want) {
			t.Errorf("on %s: %v, want %q", at, got, want)
		}
	}
	items := c.Items(rome("2024-07-20 12:00"))
	if last := items[len(items)-1]; !last.Start.Equal(time.Date(2024, 7, 31, 16, 0, 0, 0, time.UTC)) {
		t.Errorf("it ends at %s", last.Start)
	}
}
