package voucher_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/voucher"
)

func edition(t testing.TB, id voucher.EditionID) voucher.Edition {
	t.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if e.ID == id {
			return e
		}
	}
	t.Fatalf("no edition %s", id)
	return voucher.Edition{}
}

func day(s string) calendar.Date {
	d, err := calendar.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// The terms that INPS counted itself (domain notes, §16).
func TestTermsOfTheRealEditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edition       voucher.EditionID
		accepted      string
		lastDay, why  string
		firstSession  string
		firstSessions bool
	}{
		{"2022-guida", "2022-12-09", "2023-06-07", "day zero is not counted", "", false},
		{"2022-decreto", "2022-12-09", "2023-06-07", "the decree counts as the guide does", "", false},
		{"2022-guida", "2023-09-26", "2024-03-25", "a Sunday moves to Monday", "", false},
		{"2022-guida", "2023-11-08", "2024-05-06", "Basilicata", "", false},
		{"2025", "2024-07-11", "2025-04-07", "270 days", "2024-09-09", true},
		{"2025", "2025-12-05", "2026-09-01", "270 days", "2026-02-03", true},
		{"2025", "2025-04-15", "2026-01-10", "a Saturday stays", "2025-06-14", true},
	} {
		got := edition(t, c.edition).Rules.Terms(day(c.accepted), 1, "Lazio")
		if got.LastDay != day(c.lastDay) {
			t.Errorf("%s accepted on %s: last day %s, INPS says %s (%s)", c.edition, c.accepted, got.LastDay, c.lastDay, c.why)
		}
		if got.ConfirmBy != got.LastDay {
			t.Errorf("%s: sessions are confirmed by %s, the code ends on %s", c.edition, got.ConfirmBy, got.LastDay)
		}
		if c.firstSessions && got.FirstSessionBy != day(c.firstSession) {
			t.Errorf("%s accepted on %s: first session by %s, want %s", c.edition, c.accepted, got.FirstSessionBy, c.firstSession)
		}
		if !c.firstSessions && !got.FirstSessionBy.IsZero() {
			t.Errorf("%s has no first-session term, yet %s", c.edition, got.FirstSessionBy)
		}
	}
}

func TestAnOverrideMovesTermsOnlyLater(t *testing.T) {
	t.Parallel()
	r := edition(t, "2025").Rules
	rapid.Check(t, func(t *rapid.T) {
		day := func(name string) calendar.Date {
			return calendar.NewDate(2026, 1, rapid.IntRange(0, 900).Draw(t, name))
		}
		r.FirstSessionDays.Is = rapid.SampledFrom([]int{0, 60}).Draw(t, "first session days")
		r.ConfirmDays.Is = rapid.SampledFrom([]int{0, 30}).Draw(t, "confirm days")
		r.Overrides = nil
		accepted := day("accepted")
		counted := r.Terms(accepted, 1, "Lazio")
		r.Overrides = override(voucher.Override{Round: 1, LastDay: day("last"), ConfirmBy: day("confirm"), FirstSessionBy: day("first")})
		got := r.Terms(accepted, 1, "Lazio")
		if got.LastDay.Before(counted.LastDay) || got.ConfirmBy.Before(counted.ConfirmBy) || got.FirstSessionBy.Before(counted.FirstSessionBy) {
			t.Errorf("accepted on %s: %v, counted %v", accepted, got, counted)
		}
		if got.ConfirmBy.Before(got.LastDay) || !got.FirstSessionBy.IsZero() && got.FirstSessionBy.Before(accepted) {
			t.Errorf("accepted on %s: %v out of turn", accepted, got)
		}
		if o := r.Overrides[0].Is; got.LastDay != counted.LastDay && got.LastDay != o.LastDay {
			t.Errorf("the last day is %s", got.LastDay)
		}
	})
}

func TestBandsAtTheirBounds(t *testing.T) {
	t.Parallel()
	const none = money.Amount(-1)
	for _, c := range []struct {
		isee          money.Amount
		guide, decree money.Amount
	}{
		{14_999_99, 600_00, 600_00},
		{15_000_00, 600_00, 400_00},
		{25_000_00, 400_00, 400_00},
		{25_000_01, 200_00, 400_00},
		{30_000_00, 200_00, 400_00},
		{30_000_01, 200_00, 200_00},
		{50_000_00, 200_00, 200_00},
		{50_000_01, none, none},
	} {
		for id, want := range map[voucher.EditionID]money.Amount{"2022-guida": c.guide, "2022-decreto": c.decree} {
			band, ok := edition(t, id).Rules.Band(c.isee)
			if got := band.Amount; ok != (want != none) || ok && got != want {
				t.Errorf("%s: ISEE %s gives %s (%t), want %s", id, c.isee, got, ok, want)
			}
		}
	}
}

func TestEveryRuleOfAnEditionNamesItsArticle(t *testing.T) {
	t.Parallel()
	all, err := voucher.Shipped()
	if err != nil || len(all) < 3 {
		t.Fatalf("%d editions, %v", len(all), err)
	}
	for _, e := range all {
		r := e.Rules
		for name, article := range map[string]string{
			"bands": r.Bands.Article, "session_cap": r.SessionCap.Article, "validity_days": r.ValidityDays.Article,
			"first_session_days": r.FirstSessionDays.Article, "cancel_days_before": r.CancelDaysBefore.Article,
			"confirm_days": r.ConfirmDays.Article, "direct_confirmation": r.DirectConfirmation.Article,
			"open_bookings": r.OpenBookings.Article, "session_minutes": r.SessionMinutes.Article, "holidays": r.Holidays.Article,
		} {
			if article == "" {
				t.Errorf("edition %s: %s has no article", e.ID, name)
			}
		}
		var before money.Amount
		for _, b := range r.Bands.Is {
			if b.UpTo <= before {
				t.Errorf("edition %s: bands out of order at %s", e.ID, b.UpTo)
			}
			before = b.UpTo
		}
	}
}

func TestHolidaysOfTheCalendar(t *testing.T) {
	t.Parallel()
	h := edition(t, "2025").Rules.Holidays.Is
	for s, want := range map[string]bool{
		"2025-10-04": false, "2026-10-04": true, "2027-10-04": true, // San Francesco from 2026 (L. 151/2025)
		"2026-04-06": true, "2026-04-05": true, "2026-12-26": true, "2026-12-24": false, "2026-11-21": false, "2026-11-22": true,
	} {
		if h.Is(day(s)) != want {
			t.Errorf("%s a holiday: %t, want %t", s, !want, want)
		}
	}
	for year, want := range map[int]string{2022: "2022-04-18", 2023: "2023-04-10", 2024: "2024-04-01", 2025: "2025-04-21",
		2026: "2026-04-06", 2027: "2027-03-29", 2028: "2028-04-17", 2029: "2029-04-02", 2030: "2030-04-22"} {
		if got := calendar.Easter(year).Add(1); got != day(want) {
			t.Errorf("Easter Monday %d is %s, want %s", year, got, want)
		}
	}
	if got := h.Next(calendar.NewDate(2026, time.December, 25)); got != day("2026-12-28") {
		t.Errorf("after Christmas 2026 the next working day is %s", got)
	}
}
