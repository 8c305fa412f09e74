package indemnity_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/indemnity"
)

// line is a day line as "2026-04-22/2026-04-27 first_days".
func line(x indemnity.Explanation) (all []string) {
	for _, s := range x.Line {
		all = append(all, fmt.Sprintf("%s/%s %s", s.From, s.To, s.Why))
	}
	return all
}

func explain(t testing.TB, call indemnity.Call, on string, f indemnity.Facts, others ...indemnity.Facts) indemnity.Explanation {
	t.Helper()
	today := calendar.Date{}
	if on != "" {
		today = day(on)
	}
	var all []indemnity.Other
	for _, o := range others {
		all = append(all, indemnity.Other{Call: call.ID, Rules: &call.Rules, Facts: o})
	}
	x, ok := indemnity.Explain(&call, today, f, all...)
	if !ok {
		t.Fatal("nothing is explained")
	}
	return x
}

func TestTheDayLineTellsWhyEachDayIsPaidOrNot(t *testing.T) {
	t.Parallel()
	call := wide(may(t))
	for _, c := range []struct {
		name    string
		changes []change
		want    []string
	}{
		{"the sound application", nil, []string{"2026-04-22/2026-04-27 first_days", "2026-04-28/2026-05-21 paid"}},
		{"a gap", []change{noPapers, certified("2026-04-22", "2026-05-10"), certified("2026-05-13", "2026-05-21")}, []string{
			"2026-04-22/2026-04-27 first_days", "2026-04-28/2026-05-10 paid", "2026-05-11/2026-05-12 not_certified", "2026-05-13/2026-05-21 after_gap"}},
		{"a gap that an extension mends", []change{noPapers, certified("2026-04-22", "2026-05-10"), certified("2026-05-13", "2026-05-21"), certified("2026-05-11", "2026-05-12")},
			[]string{"2026-04-22/2026-04-27 first_days", "2026-04-28/2026-05-21 paid"}},
		{"papers that do not count", []change{noPapers, stay("2026-04-22", "2026-04-25", false), certified("2026-04-26", "2026-05-15"), certified("2026-05-14", "2026-05-19"), notInForm}, []string{
			"2026-04-22/2026-04-25 copy_missing", "2026-04-26/2026-05-01 first_days", "2026-05-02/2026-05-15 paid", "2026-05-16/2026-05-19 not_a_prognosis", "2026-05-20/2026-05-21 not_certified"}},
		{"a birth", []change{born("2026-02-01")}, []string{"2026-04-22/2026-04-27 first_days", "2026-04-28/2026-05-01 maternity", "2026-05-02/2026-05-21 paid"}},
		{"a cap", []change{used(2026, 170)}, []string{"2026-04-22/2026-04-27 first_days", "2026-04-28/2026-05-07 paid", "2026-05-08/2026-05-21 cap"}},
		{"a New Year", []change{ill("2025-12-30", "2026-01-08")}, []string{
			"2025-12-30/2025-12-31 first_days", "2026-01-01/2026-01-04 first_days", "2026-01-05/2026-01-08 paid"}},
		{"a cycle over several years", []change{cycle("2025-12-30/2025-12-31", "2026-05-01/2026-05-05", "2026-05-20/2026-05-22"), func(f *indemnity.Facts) { f.Event.MultiYear = true }}, []string{
			"2025-12-30/2025-12-31 prior_year", "2026-05-01/2026-05-05 paid", "2026-05-20/2026-05-22 paid"}},
		{"no papers", []change{noPapers}, []string{"2026-04-22/2026-05-21 not_certified"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := explain(t, call, "", sound(c.changes...))
			if got := line(x); !slices.Equal(got, c.want) {
				t.Errorf("%s\nwant %s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			wantIs(t, "days paid", x.Days(indemnity.WhyPaid), x.Entitlement.Days)
		})
	}
	earlier := sound(called("A0", "M1"), ill("2026-04-10", "2026-04-30"))
	if got := line(explain(t, call, "", sound(), earlier)); !slices.Equal(got, []string{"2026-04-22/2026-04-30 other_application", "2026-05-01/2026-05-21 paid"}) {
		t.Errorf("after another application: %v", got)
	}
	later := sound(called("A0", "M1"), ill("2026-05-10", "2026-05-30"))
	if got := line(explain(t, call, "", sound(), later)); len(got) != 2 {
		t.Errorf("before another application: %v", got)
	}
}

func TestWhatIsExplainedIsWhatIsExamined(t *testing.T) {
	t.Parallel()
	call := may(t)
	all := somewhere(7, 300)
	for i := range all {
		all[i].Applicant = all[i].ID // each by itself
	}
	results, _ := indemnity.Examine(&call, calendar.Date{}, all)
	for i, want := range results {
		x := explain(t, call, "", all[i])
		ranked := want
		want.Rank, want.ExAequo, want.Decided, want.Funding, want.Revoked = 0, 0, "", "", false
		want.FundedGross, want.FundedNet, want.SetOff, want.Payable, want.Recovery = 0, 0, 0, 0, 0
		want.Warnings = slices.DeleteFunc(slices.Clone(want.Warnings), func(w indemnity.Warning) bool { return w == indemnity.WarnExAequo })
		if len(want.Warnings) == 0 {
			want.Warnings = nil
		}
		if !reflect.DeepEqual(x.Result, want) {
			t.Fatalf("%s is explained as\n%+v\nand examined as\n%+v", want.ID, x.Result, want)
		}
		wantSteps(t, indemnity.Steps(&call, &all[i], &ranked, x.Line, x.Years), ranked)
	}
}

// wantSteps fails if a number of a result has no line, or a line of another number.
func wantSteps(t *testing.T, steps []indemnity.Step, r indemnity.Result) {
	t.Helper()
	found := map[indemnity.StepName]indemnity.Quantity{}
	for _, s := range steps {
		found[s.Name] = s.Value
		if s.Rule == "" || s.Article == "" {
			t.Errorf("%s stands without rule or article", s.Name)
		}
	}
	e := &r.Entitlement
	for name, want := range map[indemnity.StepName]any{
		indemnity.StepEventEnd: r.EndUsed, indemnity.StepDeadline: r.Deadline, indemnity.StepDuration: r.Duration, indemnity.StepDays: e.Days,
		indemnity.StepIncome: e.Income, indemnity.StepFullDaily: e.FullDaily, indemnity.StepDaily: e.Daily, indemnity.StepBeforeReduction: e.BeforeReduction,
		indemnity.StepReduction: e.Reduction, indemnity.StepGross: e.Gross, indemnity.StepWithholding: e.Withholding, indemnity.StepNet: e.Net,
		indemnity.StepISEEPoints: r.Score.ISEE, indemnity.StepDurationPoints: r.Score.Duration, indemnity.StepExclusivePoints: r.Score.Exclusivity,
		indemnity.StepScore: r.Score.Total(),
	} {
		if q := found[name]; q.Date != want && any(q.Number) != want && any(q.Amount) != want {
			t.Errorf("%s of %s is %+v, want %v", name, r.ID, q, want)
		}
	}
	if r.Rank == 0 {
		return
	}
	wantIs(t, "rank", found[indemnity.StepRank].Number, r.Rank)
	wantIs(t, "funded", found[indemnity.StepFunded].Amount, r.FundedGross)
	wantIs(t, "set off", found[indemnity.StepSetOff].Amount, r.SetOff)
	wantIs(t, "payable", found[indemnity.StepPayable].Amount, r.Payable)
}

func TestTheStepsOfADailyAmount(t *testing.T) {
	t.Parallel()
	x := explain(t, may(t), "", sound(income(9_125_01), ill("2026-05-02", "2026-05-21")))
	var told []string
	for _, s := range x.Steps {
		if strings.HasPrefix(string(s.Name), "daily") || s.Name == indemnity.StepIncome {
			told = append(told, fmt.Sprintf("%s %s %s %v %s", s.Rule, s.Name, s.Value.Amount.Decimal(), s.Value.Over, s.Reading))
		}
	}
	want := []string{
		"R43 income 9125.01 false INCOME_YEAR_OFFSET=2",
		"R43 daily_base 25.00 true ROUND_BASE_TO_CENT_FIRST=false",
		"R44 daily_rounded 30.00 false ROUND_UP_EXACT_MULTIPLES=false",
		"R45 daily_full 30.00 false ",
		"R46 daily 24.00 false SHORT_EVENT_METHOD=clamp_scale_floor",
	}
	if !slices.Equal(told, want) {
		t.Errorf("%s\nwant %s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

func TestADraftIsJudgedAsIfItWereSentAsSoonAsItMayBe(t *testing.T) {
	t.Parallel()
	call := may(t)
	unsent := func(f *indemnity.Facts) { f.SubmittedAt = time.Time{} }
	x := explain(t, call, "2026-05-01", sound(unsent)) // still ill
	wantCodes(t, x.Result)
	wantIs(t, "draft", x.Draft, true)
	wantIs(t, "opens", x.OpensOn, day("2026-05-22"))
	wantIs(t, "is sent", x.SentOn, day("2026-05-22"))
	wantIs(t, "last day", x.Term.End(), day("2026-06-01"))
	wantIs(t, "over", x.Term.Over(), day("2026-06-01").End())
	wantIs(t, "gross", x.Entitlement.Gross, 1200_00)
	wantCodes(t, explain(t, call, "2026-06-02", sound(unsent)).Result, indemnity.AfterDeadline)

	bare := sound(unsent, noPapers, noISEE, func(f *indemnity.Facts) { f.Identity = indemnity.IdentityMissing })
	x = explain(t, call, "2026-05-23", bare)
	wantCodes(t, x.Result, indemnity.IdentityDocumentMissing, indemnity.MedicalMissing)
	wantIs(t, "days", x.Entitlement.Days, 0)
	wantIs(t, "daily", x.Entitlement.Daily, 40_00)
	wantIs(t, "points without an ISEE", x.Score.ISEE, 0)

	open := sound(unsent, func(f *indemnity.Facts) { f.Event.To = calendar.Date{} }) // nobody knows yet how long
	x = explain(t, call, "2026-05-01", open)
	wantIs(t, "ends with the papers", x.EndUsed, day("2026-05-21"))
	wantIs(t, "gross", x.Entitlement.Gross, 1200_00)
	if _, ok := indemnity.Explain(&call, day("2026-05-01"), indemnity.Facts{}); ok {
		t.Error("an event without days is explained")
	}

	died := explain(t, call, "2026-05-30", sound(heirs("2026-05-28"), unsent))
	wantIs(t, "opens for heirs", died.OpensOn, day("2026-05-28"))
	wantIs(t, "last day for heirs", died.Term.End(), day("2026-07-27"))
}
