package indemnity_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/rules"
)

func TestTheShippedCallsAreSoundAndTheirExamplesComeOut(t *testing.T) {
	t.Parallel()
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if flaws := c.Check(); len(flaws) > 0 {
			t.Errorf("%s: %v", c.ID, flaws)
		}
		for _, p := range c.Prove() {
			if !p.Right {
				t.Errorf("%s: %+v gives %+v", c.ID, p.Example, p.Got)
			}
		}
	}
}

func TestEachFlawOfACallIsNamedAtItsField(t *testing.T) {
	t.Parallel()
	type rules = indemnity.RuleSet
	none := money.Amount(0)
	for _, c := range []struct {
		spoil func(*rules)
		want  string // field and reason
	}{
		{func(r *rules) { r.Window.Is.To = calendar.Date{} }, "window.to call.day_missing"},
		{func(r *rules) { r.Window.Is.From, r.Window.Is.To = r.Window.Is.To, r.Window.Is.From }, "window.to call.window_backwards"},
		{func(r *rules) { r.Window.Is.To = r.Window.Is.To.Add(1) }, "window.to call.window_month"},
		{func(r *rules) { r.Window.Article = " " }, "window.article call.article_missing"},
		{func(r *rules) { r.Budget.Is = &none }, "budget call.amount_missing"},
		{func(r *rules) { r.Expected.Is.Ranking = day("2026-06-10") }, "expected.ranking call.ranking_early"},
		{func(r *rules) { r.Expected.Is.Payment = day("2026-08-01"); r.Expected.Is.Ranking = day("2026-08-02") }, "expected.payment call.payment_early"},
		{func(r *rules) { r.SubmissionDays.Is = 0 }, "submission_days call.number_range"},
		{func(r *rules) { r.SessionDays.Is = 1 }, "session_days call.number_range"},
		{func(r *rules) { r.IncomeDivisor.Is = 0 }, "income_divisor call.number_range"},
		{func(r *rules) { r.RoundUpTo.Is = 0 }, "round_up_to call.amount_missing"},
		{func(r *rules) { r.DailyLimits.Is.Least = 10_001 }, "daily_limits.most call.limits"},
		{func(r *rules) { r.ISEEPoints.Is = nil }, "isee_points.0.up_to call.bands_missing"},
		{func(r *rules) { r.ISEEPoints.Is = r.ISEEPoints.Is[:3] }, "isee_points.2.up_to call.bands_end"},
		{func(r *rules) { r.ISEEPoints.Is[1].UpTo = nil }, "isee_points.1.up_to call.bands_order"},
		{func(r *rules) { r.DurationPoints.Is[2].UpTo = r.DurationPoints.Is[1].UpTo }, "duration_points.2.up_to call.bands_order"},
		{func(r *rules) { r.DurationPoints.Is[0].Points = 101 }, "duration_points.0.points call.number_range"},
		{func(r *rules) { r.ExclusivityPoints.Is.Other = -1 }, "exclusivity_points.other call.number_range"},
		{func(r *rules) { r.Readings.BudgetBasis.Is = "lordo" }, "readings.BUDGET_BASIS call.reading_value"},
		{func(r *rules) { r.Readings.CycleMinDays.Reading = "" }, "readings.CYCLE_MIN_DAYS.reading call.reason_missing"},
		{func(r *rules) { r.Readings.CycleMinDays.Article = "" }, "readings.CYCLE_MIN_DAYS.article call.article_missing"},
		{func(r *rules) { r.Declarations.Is = nil }, "declarations.0.id call.declaration_missing"},
		{func(r *rules) { r.Declarations.Is[1].ID = r.Declarations.Is[0].ID }, "declarations.1.id call.name_twice"},
		{func(r *rules) { r.Declarations.Is[0].Says = "" }, "declarations.0.says call.text_missing"},
		{func(r *rules) { r.Holidays.Is.Fixed[0].Day = 32 }, "holidays.0.day call.holiday_day"},
		{func(r *rules) { r.RomePatron.Is.Name = "" }, "rome_patron.name call.name_missing"},
		{func(r *rules) { r.Examples = nil }, "examples.0.source call.example_missing"},
		{func(r *rules) { r.Examples[0].Event.To = day("2036-05-15") }, "examples.0.to call.example_event"},
		{func(r *rules) { r.Examples[0].LastDay = calendar.Date{} }, "examples.0.last_day call.day_missing"},
	} {
		call := may(t)
		c.spoil(&call.Rules)
		var found []string
		for _, f := range call.Check() {
			found = append(found, f.Field+" "+f.Reason.Code)
		}
		if !slices.Contains(found, c.want) {
			t.Errorf("want %s, found %v", c.want, found)
		}
	}
}

func TestAnExampleOfACallThatDoesNotComeOutSaysWhatTheRulesGive(t *testing.T) {
	t.Parallel()
	c := may(t)
	c.Rules.Readings.ShortEventMethod.Is = indemnity.ScaleClamp
	c.Rules.ExcludedDays.Is = 5
	var wrong []string
	for _, p := range c.Prove() {
		if !p.Right {
			wrong = append(wrong, fmt.Sprintf("%d days: %s, not %s", p.Duration, p.Got.Gross, p.Gross))
		}
	}
	want := []string{"40 days: 2.100,00 €, not 2.040,00 €", "20 days: 360,00 €, not 336,00 €", "21 days: 480,00 €, not 450,00 €", "7 days: 48,00 €, not 24,00 €"}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], " €", "\u00a0€")
	}
	if !slices.Equal(wrong, want) {
		t.Errorf("%q", wrong)
	}
	c.Rules.IncomeDivisor.Is = 0 // unsound: nothing is reckoned, and nothing panics
	for _, p := range c.Prove() {
		if p.Right || p.Got != (indemnity.Works{}) {
			t.Errorf("%+v", p)
		}
	}
}

func TestAChangeOfACallIsToldValueByValueWithItsArticle(t *testing.T) {
	t.Parallel()
	before, after := may(t).Rules, may(t).Rules
	if d := indemnity.Diff(&before, &after); len(d) != 0 {
		t.Fatalf("nothing changed, and %d things did", len(d))
	}
	budget := 250_000 * money.Euro
	after.Budget.Is, after.Budget.Article = &budget, "Delibera CdA 12/2026"
	after.YearlyCap.Is = 150
	after.ISEEPoints.Is[1].Points = 8
	after.Readings.BudgetCut.Is = "skip"
	after.Declarations.Is = after.Declarations.Is[1:]
	after.Examples = after.Examples[:4]
	var got []string
	for _, c := range indemnity.Diff(&before, &after) {
		p := c.Provision()
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s%s", p.Name, p.Of, map[bool]string{true: " gone"}[c.After == nil])))
	}
	want := []string{"budget", "yearly_cap", "isee_points 2", "readings BUDGET_CUT_POLICY", "declarations true_copy gone", "examples 5 gone"}
	if !slices.Equal(got, want) {
		t.Errorf("changed: %s", strings.Join(got, "; "))
	}
	if c := indemnity.Diff(&before, &after)[0]; c.Before.Article == c.After.Article || *c.After.Is.(*money.Amount) != budget {
		t.Errorf("the budget is %+v, after %+v", c.After, c.Before)
	}
}

// Every value of a rule set is told somewhere: what nobody tells, nobody sees change.
func TestEveryValueOfACallIsToldOnItsPage(t *testing.T) {
	t.Parallel()
	r := may(t).Rules
	told := map[string]bool{"Readings": true, "Examples": true}
	fields := reflect.ValueOf(&r).Elem()
	for _, p := range r.Parameters() {
		for i := range fields.NumField() {
			if article := fields.Field(i).Addr(); fields.Type().Field(i).Name != "Readings" && fields.Type().Field(i).Name != "Examples" &&
				article.Elem().FieldByName("Article").Addr().Interface() == p.Article {
				told[fields.Type().Field(i).Name] = true
			}
		}
	}
	for i := range fields.NumField() {
		if name := fields.Type().Field(i).Name; !told[name] {
			t.Errorf("%s is on no page", name)
		}
	}
	seen := map[string]bool{}
	for _, p := range r.Provisions() {
		key := fmt.Sprint(p.Section, p.Name, p.Of)
		if seen[key] || p.Article == "" {
			t.Errorf("%s %s is told twice, or has no article", p.Name, p.Of)
		}
		seen[key] = true
	}
}

func TestNobodyDecidesOnTheCallTheyDraftedChangedOrProposed(t *testing.T) {
	t.Parallel()
	both := func(p identity.PersonID) identity.Actor {
		return identity.Own(p, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare, identity.Approve})
	}
	v := indemnity.Version{Life: rules.Life{State: rules.Proposed, Authors: []identity.PersonID{"a", "b"},
		Drafted: identity.Hand{Person: "a"}, Proposed: identity.Hand{Person: "c"}}}
	for _, p := range []identity.PersonID{"a", "b", "c"} {
		if err := v.MayDecide(both(p)); !errors.Is(err, indemnity.ErrOwnVersion) {
			t.Errorf("%s: %v", p, err)
		}
	}
	if err := v.MayDecide(both("d")); err != nil {
		t.Error(err)
	}
	for name, who := range map[string]identity.Actor{
		"without the duty": identity.Own("d", identity.Welfare).WithDuties([]identity.Duty{identity.Prepare}),
		"of INPS":          identity.Own("d", identity.INPS).WithDuties([]identity.Duty{identity.Approve}),
	} {
		if err := v.MayDecide(who); err == nil {
			t.Errorf("%s: decides", name)
		}
	}
	if err := v.MayEdit(both("a")); !errors.Is(err, indemnity.ErrVersionNotDraft) {
		t.Errorf("what is proposed is edited: %v", err)
	}
}

// What applications were made by stays; money, dates and examples may come.
func TestWhatApplicationsWereMadeByIsLocked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*indemnity.RuleSet)
		want   error
	}{
		"points":    {func(r *indemnity.RuleSet) { r.ISEEPoints.Is[0].Points = 9 }, indemnity.ErrLocked},
		"a reading": {func(r *indemnity.RuleSet) { r.Readings.BudgetBasis.Is = indemnity.Net }, indemnity.ErrLocked},
		"a term":    {func(r *indemnity.RuleSet) { r.CureDays.Is = 20 }, indemnity.ErrLocked},
		"money": {func(r *indemnity.RuleSet) {
			budget := 250_000 * money.Euro
			r.Budget.Is = &budget
		}, nil},
		"dates":          {func(r *indemnity.RuleSet) { r.Expected.Is.Ranking = day("2026-08-03") }, nil},
		"one more case":  {func(r *indemnity.RuleSet) { r.Examples = append(r.Examples, r.Examples[0]) }, nil},
		"a wrong one":    {func(r *indemnity.RuleSet) { r.Examples[0].Gross++ }, indemnity.ErrUnproved},
		"nothing at all": {func(*indemnity.RuleSet) {}, indemnity.ErrNothingNew},
	} {
		inForce, v := may(t).Rules, indemnity.Version{Call: may(t), Received: true}
		c.change(&v.Rules)
		if err := v.Releasable(&inForce); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		if v.Received = false; errors.Is(c.want, indemnity.ErrLocked) {
			if err := v.Releasable(&inForce); errors.Is(err, indemnity.ErrLocked) {
				t.Errorf("%s: locked before the first application", name)
			}
		}
	}
}

func TestWhereACallStandsIsDerivedFromTheCalendar(t *testing.T) {
	t.Parallel()
	c := may(t)
	for when, want := range map[string]indemnity.Phase{
		"2026-04-30": indemnity.CallPrepared, "2026-05-01": indemnity.CallOpen, "2026-05-31": indemnity.CallOpen,
		"2026-06-01": indemnity.CallCollecting, "2026-06-10": indemnity.CallCollecting, "2026-06-11": indemnity.CallClosed,
	} {
		if got := c.Phase(day(when).At(23, 59)); got != want {
			t.Errorf("on %s: %s, want %s", when, got, want)
		}
	}
	if got := c.Phase(day("2026-06-11").Start()); got != indemnity.CallClosed {
		t.Errorf("at midnight after the last day: %s", got)
	}
	// The tenth day after December 2026 is a Sunday.
	for month, want := range map[indemnity.CallID]string{"2026-05": "2026-06-10", "2026-11": "2026-12-10", "2027-01": "2027-02-10", "2026-06": "2026-07-10", "2026-12": "2027-01-11"} {
		c.Rules.Window.Is = month.Month()
		if got := c.LastUsefulDay(); got != day(want) {
			t.Errorf("last useful day of %s: %s, want %s", month, got, want)
		}
	}
}

func TestMonthsNameCalls(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]indemnity.CallID{"2026-05-31": "2026-05", "2026-12-01": "2026-12", "2027-01-01": "2027-01"} {
		if got := indemnity.CallIn(day(when)); got != want {
			t.Errorf("what ends on %s is of %s", when, got)
		}
	}
	if got := indemnity.CallID("2026-12").Next(); got != "2027-01" {
		t.Errorf("after December 2026 comes %s", got)
	}
	if got, want := indemnity.CallID("2028-02").Month(), (calendar.Period{From: day("2028-02-01"), To: day("2028-02-29")}); got != want {
		t.Errorf("February 2028 is %s to %s", got.From, got.To)
	}
}

func TestAnEventIsOfTheCallInWhoseWindowItEnds(t *testing.T) {
	t.Parallel()
	var all []indemnity.Call
	for _, month := range []indemnity.CallID{"2026-04", "2026-05", "2026-07"} {
		c := may(t)
		c.ID, c.Rules.Window.Is = month, month.Month()
		all = append(all, c)
	}
	for end, want := range map[string]string{"2026-05-31": "2026-05 true", "2026-06-02": "2026-05 false", "2026-07-01": "2026-07 true",
		"2026-09-01": "2026-07 false", "2025-01-01": "2026-04 false"} {
		c, own := indemnity.CallFor(all, day(end))
		if got := fmt.Sprintf("%s %t", c.ID, own); got != want {
			t.Errorf("what ends on %s: %s", end, got)
		}
	}
	if c, own := indemnity.CallFor(nil, day("2026-05-31")); c.ID != "" || own {
		t.Errorf("of no calls: %s", c.ID)
	}
}

func TestAnEstimateIsWhatTheEngineMakesOfASoundApplication(t *testing.T) {
	t.Parallel()
	c := may(t)
	sketch := indemnity.Sketch{Income: 21_900 * money.Euro, Event: calendar.Period{From: day("2026-04-06"), To: day("2026-05-15")}}
	x, ok := indemnity.Estimate(&c, calendar.Date{}, sketch)
	if !ok || x.Entitlement.Gross != 2_040*money.Euro || len(x.Codes) > 0 || x.Entitlement.IncomeYear != 2024 {
		t.Errorf("%t: %+v", ok, x.Result)
	}
	if x, _ := indemnity.Estimate(&c, day("2026-06-20"), sketch); x.Entitlement.Gross != 2_040*money.Euro || !slices.Contains(x.Codes, indemnity.AfterDeadline) {
		t.Errorf("after the term: %v, %s", x.Codes, x.Entitlement.Gross)
	}
	sketch.Event.From = day("2026-05-10")
	if x, _ := indemnity.Estimate(&c, calendar.Date{}, sketch); !slices.Contains(x.Codes, indemnity.EventTooShort) {
		t.Errorf("six days: %v", x.Codes)
	}
	if _, ok := indemnity.Estimate(&c, calendar.Date{}, indemnity.Sketch{}); ok {
		t.Error("nothing was estimated")
	}
}
