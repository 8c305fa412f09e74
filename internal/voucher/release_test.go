package voucher_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/rules"
	"portal/internal/voucher"
)

func TestTheShippedEditionsAreSoundAndTheirExamplesComeOut(t *testing.T) {
	t.Parallel()
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if flaws := e.Rules.Check(); len(flaws) > 0 {
			t.Errorf("%s: %v", e.ID, flaws)
		}
		for _, p := range e.Rules.Prove() {
			if !p.Right {
				t.Errorf("%s: %+v gives %s, %+v", e.ID, p.Example, p.Amount, p.Terms)
			}
		}
	}
}

func TestEachFlawOfAnEditionIsNamedAtItsField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		spoil func(*voucher.Rules)
		want  string // field and reason
	}{
		{func(r *voucher.Rules) { r.Bands.Is = nil }, "bands edition.bands_missing"},
		{func(r *voucher.Rules) { r.Bands.Is[1].UpTo = r.Bands.Is[0].UpTo }, "bands.1.isee_up_to edition.bands_overlap"},
		{func(r *voucher.Rules) { r.Bands.Is[0], r.Bands.Is[2] = r.Bands.Is[2], r.Bands.Is[0] }, "bands.1.isee_up_to edition.bands_overlap"},
		{func(r *voucher.Rules) { r.Bands.Is[2].Amount = 0 }, "bands.2.amount edition.amount_missing"},
		{func(r *voucher.Rules) { r.Bands.Article = " " }, "bands.article edition.article_missing"},
		{func(r *voucher.Rules) { r.SessionCap.Is = 0 }, "session_cap edition.amount_missing"},
		{func(r *voucher.Rules) { r.ValidityDays.Is = 0 }, "validity_days edition.number_range"},
		{func(r *voucher.Rules) { r.FirstSessionDays.Is = -1 }, "first_session_days edition.number_range"},
		{func(r *voucher.Rules) { r.SessionMinutes.Is = 300 }, "session_minutes edition.number_range"},
		{func(r *voucher.Rules) { r.SmallCells.Article = "" }, "small_cells.article edition.article_missing"},
		{func(r *voucher.Rules) { r.Window.Is = voucher.Window{} }, "window.opens edition.instant_missing"},
		{func(r *voucher.Rules) { r.Window.Is.Closes = r.Window.Is.Opens }, "window.closes edition.window_backwards"},
		{func(r *voucher.Rules) { r.ISEECure.Is.From = day("2020-01-01") }, "isee_cure.from edition.day_before_window"},
		{func(r *voucher.Rules) { r.Tranches = nil }, "tranches edition.tranche_missing"},
		{func(r *voucher.Rules) { r.Tranches[0].Is.Of["Lazio"] = -1 }, "tranches.0.of.6 edition.amount_negative"},
		{func(r *voucher.Rules) { r.Tranches[0].Is.Of["Atlantide"] = 1 }, "tranches.0.of edition.territory_unknown"},
		{func(r *voucher.Rules) { r.Tranches = append(r.Tranches, r.Tranches[0]) }, "tranches.1.name edition.name_twice"},
		{func(r *voucher.Rules) { r.Tranches[0].Article = "" }, "tranches.0.article edition.article_missing"},
		{func(r *voucher.Rules) { r.Closed.Is = []string{"Trento"} }, "closed_territories.0 edition.territory_unknown"},
		{func(r *voucher.Rules) { r.Overrides = override(voucher.Override{Round: 0, LastDay: day("2027-01-01")}) }, "overrides.0.round edition.number_range"},
		{func(r *voucher.Rules) { r.Overrides = override(voucher.Override{Round: 1}) }, "overrides.0.last_day edition.override_empty"},
		{func(r *voucher.Rules) { r.Overrides = override(voucher.Override{Round: 1, LastDay: day("2025-10-01")}) }, "overrides.0.last_day edition.day_before_window"},
		{func(r *voucher.Rules) {
			r.Overrides = override(voucher.Override{Round: 1, LastDay: day("2027-02-01"), ConfirmBy: day("2027-01-31")})
		}, "overrides.0.confirm_by edition.override_order"},
		{func(r *voucher.Rules) { r.Reopenings = reopening(voucher.Reopening{Round: 51}) }, "reopenings.0.round edition.number_range"},
		{func(r *voucher.Rules) { r.Reopenings = reopening(voucher.Reopening{Round: 1}) }, "reopenings.0.acts edition.act_missing"},
		{func(r *voucher.Rules) { r.Reopenings = reopening(voucher.Reopening{Acts: []voucher.Act{"sing"}}) }, "reopenings.0.acts edition.act_missing"},
		{func(r *voucher.Rules) { r.Reopenings = reopening(voucher.Reopening{Provinces: []string{"XX"}}) }, "reopenings.0.provinces edition.province_unknown"},
		{func(r *voucher.Rules) {
			r.Reopenings = reopening(voucher.Reopening{Territories: []string{"Atlantide"}})
		}, "reopenings.0.territories edition.territory_unknown"},
		{func(r *voucher.Rules) {
			r.Reopenings = reopening(voucher.Reopening{Opens: rome("2026-07-15 09:00"), Closes: rome("2026-07-15 09:00")})
		}, "reopenings.0.closes edition.window_backwards"},
		{func(r *voucher.Rules) {
			r.Reopenings = reopening(voucher.Reopening{Opens: rome("2025-10-15 09:00"), Closes: rome("2026-07-15 09:00")})
		}, "reopenings.0.opens edition.day_before_window"},
		{func(r *voucher.Rules) {
			r.Reopenings = reopening(voucher.Reopening{HeldFrom: day("2026-02-01"), HeldTo: day("2026-01-31")})
		}, "reopenings.0.held_to edition.held_backwards"},
		{func(r *voucher.Rules) { r.Declarations.Is[1].ID = r.Declarations.Is[0].ID }, "declarations.1.id edition.name_twice"},
		{func(r *voucher.Rules) { r.Declarations.Is[0].Text = "" }, "declarations.0.text edition.text_missing"},
		{func(r *voucher.Rules) { r.Holidays.Is.Fixed[0].Day = 32 }, "holidays.0.day edition.holiday_day"},
		{func(r *voucher.Rules) { r.Examples[0].ISEE = nil }, "examples.0.source edition.example_kind"},
		{func(r *voucher.Rules) { r.Examples = r.Examples[:1] }, "examples.terms edition.example_terms"},
		{func(r *voucher.Rules) { r.Examples = r.Examples[len(r.Examples)-1:] }, "examples.isee edition.example_isee"},
	} {
		r := edition(t, "2025").Rules
		c.spoil(&r)
		var found []string
		for _, f := range r.Check() {
			found = append(found, f.Field+" "+f.Reason.Code)
		}
		if !slices.Contains(found, c.want) {
			t.Errorf("want %s, found %v", c.want, found)
		}
	}
}

func override(o voucher.Override) []rules.Value[voucher.Override] {
	return []rules.Value[voucher.Override]{{Is: o, Article: "Messaggio INPS 1/2026"}}
}

func reopening(o voucher.Reopening) []rules.Value[voucher.Reopening] {
	return []rules.Value[voucher.Reopening]{{Is: o, Article: "Messaggio INPS 1/2026"}}
}

func TestAnExampleThatDoesNotComeOutIsFound(t *testing.T) {
	t.Parallel()
	r := edition(t, "2025").Rules
	r.Bands.Is = slices.Clone(r.Bands.Is)
	r.Bands.Is[0].Inclusive = true // the decree says "inferiore"
	var wrong []money.Amount
	for _, p := range r.Prove() {
		if !p.Right {
			wrong = append(wrong, *p.ISEE)
		}
	}
	if !slices.Equal(wrong, []money.Amount{15_000 * money.Euro}) {
		t.Errorf("wrong for %v", wrong)
	}
}

func TestADifferenceIsToldValueByValueWithItsArticle(t *testing.T) {
	t.Parallel()
	before, after := edition(t, "2025").Rules, edition(t, "2025").Rules
	if d := voucher.Diff(before, after); len(d) != 0 {
		t.Fatalf("nothing changed, and %d things did", len(d))
	}
	after.Bands.Is[1].Amount = 900 * money.Euro
	after.Bands.Article = "DM 1 marzo 2027, art. 2"
	after.ValidityDays.Is = 180
	after.Tranches[0].Is.Of["Lazio"] = 1
	after.Overrides = override(voucher.Override{Round: 2, Territory: "Lazio", LastDay: day("2027-01-01")})
	after.Declarations.Is = after.Declarations.Is[1:]
	var got []string
	for _, c := range voucher.Diff(before, after) {
		f := c.Fact()
		got = append(got, fmt.Sprintf("%s %s%s%s", f.Name, f.Of, map[bool]string{true: " new"}[c.Before == nil], map[bool]string{true: " gone"}[c.After == nil]))
	}
	want := []string{"bands 1", "bands 2", "bands 3", "validity_days ", "tranches Fondi 2024 e 2025, Lazio", "overrides 2, Lazio new", "declarations residenza gone"}
	if !slices.Equal(got, want) {
		t.Errorf("changed: %s", strings.Join(got, "; "))
	}
	for range 20 {
		again := voucher.Diff(before, after)
		if again[3].After.Is != 180 || again[0].After.Article != "DM 1 marzo 2027, art. 2" {
			t.Fatal("the order is not always the same")
		}
	}
}

func TestNobodyDecidesOnWhatTheyDraftedChangedOrProposed(t *testing.T) {
	t.Parallel()
	both := func(p identity.PersonID) identity.Actor {
		return identity.Own(p, identity.INPS).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	v := voucher.Version{Life: rules.Life{State: rules.Proposed, Authors: []identity.PersonID{"a", "b"},
		Drafted: identity.Hand{Person: "a"}, Proposed: identity.Hand{Person: "c"}}}
	for _, p := range []identity.PersonID{"a", "b", "c"} {
		if err := v.MayDecide(both(p)); !errors.Is(err, voucher.ErrOwnVersion) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := v.MayDecide(both("d")); err != nil {
		t.Error(err)
	}
	if err := v.MayDecide(identity.Own("d", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("without the duty: %v", err)
	}
	if err := v.MayEdit(both("a")); !errors.Is(err, voucher.ErrVersionNotDraft) {
		t.Errorf("what is proposed is edited: %v", err)
	}
}

// What decided a published ranking stays; money, new terms and the rest may come.
func TestWhatDecidedAPublishedRankingIsLocked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*voucher.Rules)
		want   error
	}{
		"bands": {func(r *voucher.Rules) {
			r.Bands.Is[2].Amount++
			r.Examples = slices.DeleteFunc(r.Examples, amountOf(500))
		}, voucher.ErrLocked},
		"window":         {func(r *voucher.Rules) { r.Window.Is.Closes = r.Window.Is.Closes.Add(time.Hour) }, voucher.ErrLocked},
		"closed":         {func(r *voucher.Rules) { r.Closed.Is = nil }, voucher.ErrLocked},
		"money there":    {func(r *voucher.Rules) { r.Tranches[0].Is.Of["Lazio"]++ }, voucher.ErrLocked},
		"more money":     {func(r *voucher.Rules) { r.Tranches = append(r.Tranches, tranche("Fondo 2026", "Lazio")) }, nil},
		"longer terms":   {func(r *voucher.Rules) { r.Overrides = override(voucher.Override{Round: 1, LastDay: day("2027-01-01")}) }, nil},
		"open bookings":  {func(r *voucher.Rules) { r.OpenBookings.Is++ }, nil},
		"nothing at all": {func(*voucher.Rules) {}, voucher.ErrNothingNew},
	} {
		inForce, v := edition(t, "2025").Rules, voucher.Version{Edition: edition(t, "2025"), Ranked: true}
		c.change(&v.Rules)
		if name == "longer terms" { // the worked example is of round 1 too
			v.Rules.Examples[len(v.Rules.Examples)-1].LastDay = day("2027-01-01")
		}
		if err := v.Releasable(&inForce); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func amountOf(euro money.Amount) func(voucher.Example) bool {
	return func(e voucher.Example) bool { return e.ISEE != nil && e.Amount == euro*money.Euro }
}

func tranche(name, territory string) rules.Value[voucher.Tranche] {
	return rules.Value[voucher.Tranche]{Is: voucher.Tranche{Name: name, Of: map[string]money.Amount{territory: 1000 * money.Euro}}, Article: "DM 1 marzo 2026"}
}

func TestThePublicPagesSpeakOfTheOpenEditionThenOfTheNextThenOfTheNewest(t *testing.T) {
	t.Parallel()
	all := map[voucher.EditionID]voucher.Edition{}
	for _, e := range []struct {
		id             voucher.EditionID
		year           int
		opens, closing string
	}{{"2025", 2025, "2025-09-15", "2025-11-15"}, {"2026", 2026, "2026-03-01", "2026-05-01"}, {"2027", 2027, "2027-03-01", "2027-05-01"}} {
		w := voucher.Window{Opens: day(e.opens).Start(), Closes: day(e.closing).Start()}
		all[e.id] = voucher.Edition{ID: e.id, ApplicationYear: e.year, Rules: voucher.Rules{Window: rules.Value[voucher.Window]{Is: w}}}
	}
	for now, want := range map[string]voucher.EditionID{"2025-10-01": "2025", "2025-12-01": "2026", "2026-04-30": "2026", "2026-05-01": "2027", "2028-01-01": "2027"} {
		if e, ok := voucher.Current(all, day(now).Start()); !ok || e.ID != want {
			t.Errorf("on %s the edition is %s", now, e.ID)
		}
	}
	if _, ok := voucher.Current(nil, calendar.NewDate(2026, 1, 1).Start()); ok {
		t.Error("there is none")
	}
}
