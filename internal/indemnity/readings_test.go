package indemnity_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// shown is what a test looks at of a result.
type shown func(indemnity.Result) any

func daysPaid(r indemnity.Result) any  { return r.Entitlement.Days }
func daily(r indemnity.Result) any     { return r.Entitlement.Daily.Decimal() }
func duration(r indemnity.Result) any  { return r.Duration }
func told(r indemnity.Result) any      { return fmt.Sprint(r.Codes) }
func deadline(r indemnity.Result) any  { return r.Deadline.String() }
func endUsed(r indemnity.Result) any   { return r.EndUsed.String() }
func payable(r indemnity.Result) any   { return r.Payable.Decimal() }
func recovered(r indemnity.Result) any { return r.Recovery.Decimal() }

// Each reading with what it changes: the default, and another value of it.
func TestEveryReadingDecidesWhatItIsAbout(t *testing.T) {
	t.Parallel()
	short := ill("2026-05-10", "2026-05-20") // eleven days
	afterwards := func(amount money.Amount) change {
		return func(f *indemnity.Facts) { f.Contribution.DebtAfterwards = amount }
	}
	found := func(f *indemnity.Facts) { f.FoundAfterPayment = true }
	for _, c := range []struct {
		name    string
		what    shown
		changes []change
		usual   any
		set     string
		other   any
	}{
		{"A1 the floor comes back after the 80 %", daily, []change{short, income(0)}, "20.00", "SHORT_EVENT_METHOD=clamp_scale", "16.00"},
		{"A1 the limits come last", daily, []change{short, income(50_000_00)}, "80.00", "SHORT_EVENT_METHOD=scale_clamp", "100.00"},
		{"A1 the 80 % comes first", daily, []change{short, income(9_125_00)}, "20.00", "SHORT_EVENT_METHOD=scale_round_clamp", "20.00"},
		{"A1 the 80 % of the exact quotient is rounded up", daily, []change{short, income(18_250_01)}, "44.00", "SHORT_EVENT_METHOD=scale_round_clamp", "45.00"},
		{"A2 an exact multiple stays", daily, []change{income(9_125_00)}, "25.00", "ROUND_UP_EXACT_MULTIPLES=true", "30.00"},
		{"A3 the quotient is exact", daily, []change{income(9_125_01)}, "30.00", "ROUND_BASE_TO_CENT_FIRST=true", "25.00"},
		{"A4 the income of two years before", daily, nil, "50.00", "INCOME_YEAR_OFFSET=3", "20.00"},
		{"A5 the cap counts days that are paid", daysPaid, []change{ill("2026-01-01", "2026-05-31"), used(2026, 40)}, 140, "ANNUAL_CAP_COUNTS_EXCLUDED_DAYS=true", 134},
		{"A6 each day in its own year", daysPaid, []change{ill("2025-07-01", "2026-05-28")}, 326, "ANNUAL_CAP_ATTRIBUTION=event_end_year", 180},
		{"A7 a cycle has no first days", daysPaid, []change{sessions(10)}, 10, "CYCLE_EXCLUDES_FIRST_DAYS=true", 4},
		{"A8 more than seven is eight", told, []change{sessions(7)}, "[CYCLE_TOO_SHORT]", "CYCLE_MIN_DAYS=7", "[]"},
		{"A9 a cycle is as long as its days", duration, []change{sessions(10)}, 10, "CYCLE_DURATION=span", 19},
		{"A10 both ends count", duration, nil, 30, "INCLUSIVE_DURATION=false", 29},
		{"A10 but not in what is paid", daysPaid, nil, 24, "INCLUSIVE_DURATION=false", 24},
		{"A10 nor in a cycle counted by sum", duration, []change{sessions(10)}, 10, "INCLUSIVE_DURATION=false", 10},
		{"A11 the end that a paper covers", endUsed, []change{noPapers, certified("2026-04-22", "2026-05-05"), certified("2026-05-06", "2026-05-15"), notInForm}, "2026-05-15", "EVENT_END_BASIS=recognised", "2026-05-05"},
		{"A11 or the declared one", endUsed, []change{noPapers, certified("2026-04-22", "2026-05-05")}, "2026-05-05", "EVENT_END_BASIS=declared", "2026-05-21"},
		{"A12 not on the last day of inactivity", told, []change{sent("2026-05-21 10:00:00")}, "[SUBMITTED_BEFORE_EVENT_END]", "ALLOW_SUBMISSION_ON_END_DAY=true", "[]"},
		{"A13 a Sunday moves", deadline, nil, "2026-06-01", "ROLL_TERM_ON_HOLIDAY=false", "2026-05-31"},
		{"A14 a Saturday does not", deadline, []change{ill("2026-04-20", "2026-05-13")}, "2026-05-23", "ROLL_TERM_ON_SATURDAY=true", "2026-05-25"},
		{"A15 29 June is a holiday in Rome", deadline, []change{heirs("2026-04-30"), declared("2026-04-22", "2026-04-30")}, "2026-06-30", "ROME_PATRON_IS_HOLIDAY=false", "2026-06-29"},
		{"A16 sixty days from the death", deadline, []change{heirs("2026-05-25")}, "2026-07-24", "HEIRS_TERM_FROM=event_end", "2026-07-20"},
		{"A17 heirs have no more than the member had", told, []change{heirs("2026-06-02")}, "[OWN_TERM_LAPSED_BEFORE_DEATH]", "HEIRS_BARRED_IF_OWN_TERM_LAPSED=false", "[]"},
		{"A18 not on the day of the enrolment application", told, []change{func(f *indemnity.Facts) { f.EnrolmentApplied = f.Event.From }}, "[EVENT_NOT_AFTER_ENROLMENT]", "ENROLMENT_SAME_DAY_ALLOWED=true", "[]"},
		{"A19 the days of maternity stay in the duration", duration, []change{born("2026-02-10")}, 30, "MATERNITY_DAYS_REDUCE_DURATION=true", 11},
		{"A20 the day of the interruption counts", duration, []change{interrupted("2026-05-10")}, 19, "COUNT_INTERRUPTION_DAY=false", 18},
		{"A21 a missing copy is fatal", told, []change{stay("2026-05-01", "2026-05-02", false)}, "[HOSPITAL_CERTIFICATE_MISSING]", "HOSPITAL_COPY_MISSING_EFFECT=days_not_counted", "[]"},
		{"A22 an equal debt is set off", told, []change{owes(960_00)}, "[]", "EQUAL_DEBT_IS_SET_OFF=false", "[REGULARISATION_NOT_REQUESTED]"},
		{"A23 also a debt from before", told, []change{owes(100_00)}, "[]", "SET_OFF_COVERS_DEBT_AT_SUBMISSION=false", "[REGULARISATION_NOT_REQUESTED]"},
		{"A23 which has to be paid then, and the later one is set off", payable, []change{owes(100_00), afterwards(50_00), paid("2026-06-08", "2026-06-20", 100_00)}, "910.00", "SET_OFF_COVERS_DEBT_AT_SUBMISSION=false", "910.00"},
		{"A24 a part is not enough", told, []change{owes(1000_00), paid("2026-06-08", "2026-06-20", 100_00)}, "[DEBT_NOT_REGULARISED]", "PARTIAL_PAYMENT_OPENS_SET_OFF=true", "[]"},
		{"A25 a fifth is withheld", payable, nil, "960.00", "DEFAULT_WITHHOLDING_RATE=23.00", "924.00"},
		{"A25 unless the application has its own rate", payable, []change{withheld(0)}, "1200.00", "DEFAULT_WITHHOLDING_RATE=23.00", "1200.00"},
		{"A29 an invalid ISEE is none", func(r indemnity.Result) any { return r.Score.ISEE }, []change{func(f *indemnity.Facts) { f.ISEE.Status = indemnity.ISEEInvalid }}, 0, "INVALID_ISEE_IS_MISSING=false", 8},
		{"A30 only the year of the last interruption", daysPaid, []change{cycle("2025-11-10/2025-11-13", "2026-05-01/2026-05-05", "2026-05-20/2026-05-22"),
			func(f *indemnity.Facts) { f.Event.MultiYear = true }}, 8, "MULTI_YEAR_ONLY_LAST_YEAR=false", 12},
		{"A31 the net is recovered", recovered, []change{found}, "960.00", "RECOVERY_BASIS=gross", "1200.00"},
		{"A31 less what was set off", recovered, []change{found, owes(60_00)}, "900.00", "RECOVERY_BASIS=gross", "1140.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := sound(c.changes...)
			usual, other := wide(may(t)), wide(readAs(t, c.set))
			wantIs(t, "by default", c.what(alone(t, usual, f)), c.usual)
			wantIs(t, c.set, c.what(alone(t, other, f)), c.other)
		})
	}
}

// The readings that need several applications.
func TestEveryReadingOfTheFunding(t *testing.T) {
	t.Parallel()
	batch := []indemnity.Facts{sound(), sound(called("A2", "M2"), isee(30_000_00)), sound(called("A3", "M3"), isee(40_000_00), ill("2026-05-10", "2026-05-16"))}
	funded := func(t *testing.T, budget money.Amount, all []indemnity.Facts, readings ...string) string {
		t.Helper()
		call := readAs(t, readings...)
		call.Rules.Budget.Is = &budget
		results, summary := indemnity.Examine(&call, calendar.Date{}, all)
		var text []string
		for _, r := range results {
			text = append(text, r.FundedGross.Decimal())
		}
		return strings.Join(append(text, summary.Residual.Decimal()), " ")
	}
	for _, c := range []struct {
		name   string
		budget money.Amount
		usual  string
		set    []string
		other  string
	}{
		{"A26 the budget pays the gross", 2000_00, "1200.00 0.00 0.00 800.00", []string{"BUDGET_BASIS=net"}, "1200.00 1200.00 40.00 48.00"},
		{"A27 who does not fit ends the payments", 2000_00, "1200.00 0.00 0.00 800.00", []string{"BUDGET_CUT_POLICY=skip"}, "1200.00 0.00 40.00 760.00"},
		{"A27 or gets what is left", 2000_00, "1200.00 0.00 0.00 800.00", []string{"BUDGET_CUT_POLICY=partial"}, "1200.00 800.00 0.00 0.00"},
		{"A27 or what is left of the net", 1000_01, "0.00 0.00 0.00 1000.01", []string{"BUDGET_CUT_POLICY=partial", "BUDGET_BASIS=net"}, "1200.00 50.01 0.00 0.00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantIs(t, "by default", funded(t, c.budget, batch), c.usual)
			wantIs(t, strings.Join(c.set, " "), funded(t, c.budget, batch, c.set...), c.other)
		})
	}
	t.Run("A27 what is set off is at most what is paid of it", func(t *testing.T) {
		t.Parallel()
		call := readAs(t, "BUDGET_CUT_POLICY=partial")
		budget := money.Amount(50_00)
		call.Rules.Budget.Is = &budget
		r := alone(t, call, sound(owes(100_00)))
		wantIs(t, "net", r.FundedNet, 40_00)
		wantIs(t, "set off", r.SetOff, 40_00)
		wantIs(t, "payable", r.Payable, 0)
		wantIs(t, "final", r.Final(), "partially_funded")
	})
	t.Run("A28 equals in everything go by submission", func(t *testing.T) {
		t.Parallel()
		all := []indemnity.Facts{sound(called("A1", "M1"), sent("2026-05-25 10:00:01")), sound(called("A2", "M2"))}
		for set, first := range map[string]int{"submission": 1, "application_id": 0} {
			call := readAs(t, "RESIDUAL_TIE_ORDER="+set)
			results, _ := indemnity.Examine(&call, calendar.Date{}, all)
			wantIs(t, "the first by "+set, results[first].Rank, 1)
			for _, r := range results {
				wantIs(t, "group", r.ExAequo, 1)
				wantIs(t, "warnings", fmt.Sprint(r.Warnings), "[EX_AEQUO_AFTER_ALL_CRITERIA]")
			}
		}
	})
	t.Run("A28 equals in everything go by submission in a far year too", func(t *testing.T) {
		t.Parallel()
		call := may(t)
		call.Rules.Window.Is = days("2262-04-01", "2262-04-30")
		after := sound(called("A1", "M1"), ill("2262-04-01", "2262-04-08"), sent("2262-04-14 10:00:00"))
		before := sound(called("A2", "M2"), ill("2262-04-01", "2262-04-08"), sent("2262-04-10 10:00:00"))
		results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{after, before})
		wantIs(t, "the later one", results[0].Rank, 2)
		wantIs(t, "the earlier one", results[1].Rank, 1)
	})
}

func TestTheReadingsAreListedAsTheyAreSet(t *testing.T) {
	t.Parallel()
	call := may(t)
	list := call.Rules.Readings.List()
	if len(list) != 31 {
		t.Fatalf("%d readings", len(list))
	}
	for i, r := range list {
		wantIs(t, "number", r.Number, fmt.Sprintf("A%d", i+1))
		if r.Article == "" || r.Why == "" {
			t.Errorf("%s stands without article or reason", r)
		}
		if err := call.Rules.Readings.Set(r.Name, r.Value); err != nil {
			t.Errorf("%s: %v", r, err)
		}
		for _, value := range r.Allowed {
			if err := call.Rules.Readings.Set(r.Name, value); err != nil || call.Rules.Readings.List()[i].Value != value {
				t.Errorf("%s=%s: %v", r.Name, value, err)
			}
		}
	}
	wantIs(t, "the first by default", list[0].String(), "SHORT_EVENT_METHOD=clamp_scale_floor")
}

func TestWhatIsNoReadingIsRefused(t *testing.T) {
	t.Parallel()
	call := may(t)
	for _, c := range []struct{ name, value, want string }{
		{"BUDGET", "net", `"BUDGET" is not a reading: there are SHORT_EVENT_METHOD, `},
		{"BUDGET_BASIS", "Net", `"Net" is not a value of BUDGET_BASIS: gross, net`},
		{"ROLL_TERM_ON_SATURDAY", "True", `"True" is not a value of ROLL_TERM_ON_SATURDAY: true, false`},
		{"CYCLE_MIN_DAYS", "-1", `"-1" is not a value of CYCLE_MIN_DAYS: a number from 0 to 366`},
		{"CYCLE_MIN_DAYS", "08", `"08" is not a value of CYCLE_MIN_DAYS: a number from 0 to 366`},
		{"DEFAULT_WITHHOLDING_RATE", "20", `"20" is not a value of DEFAULT_WITHHOLDING_RATE: a percentage up to 100.00 with two decimals`},
		{"DEFAULT_WITHHOLDING_RATE", "100.01", `"100.01" is not a value of DEFAULT_WITHHOLDING_RATE: a percentage up to 100.00 with two decimals`},
	} {
		if err := call.Rules.Readings.Set(c.name, c.value); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s=%s: %v", c.name, c.value, err)
		}
	}
	wantIs(t, "what was refused", fmt.Sprint(call.Rules.Readings), fmt.Sprint(may(t).Rules.Readings))
}

func TestTheRulesOfTheCallAreAllThereAndNothingElse(t *testing.T) {
	t.Parallel()
	read := json.NewDecoder(strings.NewReader(string(contents(t, "calls/2026-05.json"))))
	read.DisallowUnknownFields()
	var call indemnity.Call
	if err := read.Decode(&call); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(call)
	if err != nil {
		t.Fatal(err)
	}
	var again indemnity.Call
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if written, _ := json.Marshal(again); string(written) != string(text) {
		t.Error("a call is not read as it was written")
	}
	for _, of := range []reflect.Value{reflect.ValueOf(call.Rules), reflect.ValueOf(call.Rules.Readings)} {
		for i := range of.NumField() {
			field := of.Type().Field(i)
			if !strings.HasPrefix(field.Type.Name(), "Value[") {
				continue
			}
			if article := of.Field(i).FieldByName("Article").String(); strings.TrimSpace(article) == "" {
				t.Errorf("%s has no article", field.Name)
			}
		}
	}
}

// The worked calendar of the terms, and the days of 2026 that are no working days.
func TestTheWorkedCalendar(t *testing.T) {
	t.Parallel()
	call := may(t)
	terms := call.Rules.Terms()
	for end, last := range map[string]string{
		"2026-05-07": "2026-05-18", "2026-05-13": "2026-05-23", "2026-05-14": "2026-05-25", "2026-05-20": "2026-05-30", "2026-05-21": "2026-06-01",
		"2026-05-23": "2026-06-03", "2026-05-27": "2026-06-06", "2026-05-28": "2026-06-08", "2026-05-31": "2026-06-10", "2026-05-04": "2026-05-14",
		"2026-03-27": "2026-04-07" /* Easter Monday */, "2026-09-24": "2026-10-05" /* a Sunday, and a holiday again */, "2025-09-24": "2025-10-04",
		"2026-12-15": "2026-12-28" /* Christmas, its second day and a Sunday */, "2026-06-19": "2026-06-30",
	} {
		term := terms.Submission(day(end))
		wantIs(t, "an event that ends on "+end+" is applied for by", term.End(), day(last))
		wantIs(t, "and not at", term.Over(), day(last).End())
	}
	wantIs(t, "heirs of who died on 31 May", terms.Heirs(day("2026-05-31"), day("2026-05-20")).End(), day("2026-07-30"))
	wantIs(t, "papers asked for on 8 June", terms.Supplement(day("2026-06-08")).End(), day("2026-06-23"))
	wantIs(t, "papers asked for on 12 June", terms.Supplement(day("2026-06-13")).End(), day("2026-06-30"))
	wantIs(t, "debts asked for on 8 June", terms.Regularisation(day("2026-06-08")).End(), day("2026-06-23"))
	both := readAs(t, "ROLL_TERM_ON_SATURDAY=true")
	saturdays := both.Rules.Terms()
	wantIs(t, "a holiday before a Saturday", saturdays.Submission(day("2026-04-21")).End(), day("2026-05-04"))
	plain := readAs(t, "ROLL_TERM_ON_SATURDAY=true", "ROLL_TERM_ON_HOLIDAY=false")
	wantIs(t, "a Saturday alone", func() calendar.Date { terms := plain.Rules.Terms(); return terms.Submission(day("2026-05-13")).End() }(), day("2026-05-24"))
}

func TestEveryCodeHasAnApplicationThatMeetsIt(t *testing.T) {
	t.Parallel()
	call := may(t)
	asked, on := paid("2026-06-08", "", 0), day("2026-06-20")
	defective := func(f *indemnity.Facts) { f.Identity = indemnity.IdentityDefective }
	met := map[indemnity.Code][]change{
		indemnity.WrongChannel:             {func(f *indemnity.Facts) { f.Channel = indemnity.OtherChannel }},
		indemnity.BeforeEventEnd:           {heirs("2026-05-25"), sent("2026-05-24 10:00:00")}, // a day before the death
		indemnity.AfterDeadline:            {sent("2026-06-02 00:00:00")},
		indemnity.IdentityDocumentMissing:  {func(f *indemnity.Facts) { f.Identity = indemnity.IdentityMissing }},
		indemnity.MedicalMissing:           {noPapers, certified("2026-05-22", "2026-05-30")}, // no day is recognised
		indemnity.PrognosisNotStated:       {notInForm, certified("2026-04-22", "2026-05-21")},
		indemnity.HospitalMissing:          {noPapers, certified("2026-05-01", "2026-05-21"), stay("2026-04-22", "2026-04-30", false)},
		indemnity.CycleCertificateMissing:  {sessions(10), heirs("2026-05-25"), noPapers, paper(indemnity.HeirsFinal, "2026-05-02", "2026-05-20")},
		indemnity.ASLOrderMissing:          {interrupted("2026-05-21"), func(f *indemnity.Facts) { f.Event.InterruptedOn = calendar.Date{} }},
		indemnity.OwnTermLapsed:            {heirs("2026-06-02")},
		indemnity.NotActiveMember:          {func(f *indemnity.Facts) { f.ActiveMember = false }},
		indemnity.NotAfterEnrolment:        {func(f *indemnity.Facts) { f.EnrolmentApplied = day("2026-05-01") }},
		indemnity.EndOutsideWindow:         {ill("2026-04-01", "2026-04-30")},
		indemnity.EventTooShort:            {ill("2026-05-01", "2026-05-06")},
		indemnity.CycleTooShort:            {sessions(3)},
		indemnity.BirthExcluded:            {func(f *indemnity.Facts) { f.Event.Kind = indemnity.RiskBirth }},
		indemnity.ActivityExercised:        {func(f *indemnity.Facts) { f.Worked = true }},
		indemnity.NoIndemnifiableDays:      {used(2026, 180)},
		indemnity.HeirsWrongChannel:        {heirs("2026-05-21"), func(f *indemnity.Facts) { f.Channel = indemnity.OtherChannel }},
		indemnity.HeirsAfterDeadline:       {heirs("2026-05-21"), sent("2026-07-21 00:00:00")},
		indemnity.SupplementMissing:        {defective, supplemented("2026-06-01", "")},
		indemnity.SupplementLate:           {defective, supplemented("2026-05-29", "2026-06-16")},
		indemnity.IncomeNotCommunicated:    {func(f *indemnity.Facts) { f.Contribution.IncomeCommunicated = false }, paid("2026-06-01", "", 0)},
		indemnity.DebtNotRegularised:       {owes(2000_00), paid("2026-06-01", "2026-06-18", 2000_00)},
		indemnity.SupplementNotRequested:   {defective, supplemented("2026-06-21", "2026-06-22")}, // neither has happened
		indemnity.SupplementOpen:           {defective, supplemented("2026-06-05", "2026-06-21")}, // the last day
		indemnity.RegularisationNotRequest: {owes(2000_00)},
		indemnity.RegularisationOpen:       {owes(2000_00), asked},
	}
	for _, code := range indemnity.Codes() {
		t.Run(string(code), func(t *testing.T) {
			t.Parallel()
			results, _ := indemnity.Examine(&call, on, []indemnity.Facts{sound(met[code]...)})
			wantCodes(t, results[0], code)
			wantIs(t, "outcome", results[0].Outcome, code.Outcome())
			wantIs(t, "final", results[0].Final(), string(code.Outcome()))
			wantIs(t, "rank", results[0].Rank, 0)
			if rule, article := code.Rule(); !strings.HasPrefix(rule, "R") || article < 1 || article > 4 {
				t.Errorf("it breaks %s of article %d", rule, article)
			}
		})
	}
}

func TestEveryWarningHasAnApplicationThatMeetsIt(t *testing.T) {
	t.Parallel()
	call := may(t)
	met := map[indemnity.Warning][]change{
		indemnity.WarnCapReached:      {used(2026, 170)},
		indemnity.WarnIssuedLate:      {func(f *indemnity.Facts) { f.Event.Certificates[0].IssuedOn = day("2026-04-23") }},
		indemnity.WarnNotInForm:       {certified("2026-05-20", "2026-05-21"), notInForm},
		indemnity.WarnCycleEarly:      {sessions(10), func(f *indemnity.Facts) { f.Event.Certificates[0].IssuedOn = day("2026-05-19") }},
		indemnity.WarnPriorYear:       {cycle("2025-12-30/2026-01-02", "2026-05-01/2026-05-06"), func(f *indemnity.Facts) { f.Event.MultiYear = true }},
		indemnity.WarnSessionNotShort: {cycle("2026-05-01/2026-05-04", "2026-05-05/2026-05-07", "2026-05-20")},
		indemnity.WarnNotCertified:    {declared("2026-04-22", "2026-05-22"), sent("2026-05-26 10:00:00")},
		indemnity.WarnDeath:           {func(f *indemnity.Facts) { f.DiedOn = day("2026-05-24") }},
		indemnity.WarnSetOff:          {owes(1)},
		indemnity.WarnISEEInvalid:     {func(f *indemnity.Facts) { f.ISEE = indemnity.ISEE{Status: indemnity.ISEEInvalid} }},
		indemnity.WarnMaternity:       {born("2026-02-10")},
		indemnity.WarnNoIncome:        {func(f *indemnity.Facts) { f.Incomes = nil }},
		indemnity.WarnStart:           {declared("2026-04-21", "2026-05-21")},
	}
	for warning, changes := range met {
		t.Run(string(warning), func(t *testing.T) {
			t.Parallel()
			r := alone(t, call, sound(changes...))
			wantCodes(t, r)
			wantIs(t, "warnings", fmt.Sprint(r.Warnings), fmt.Sprint([]indemnity.Warning{warning}))
		})
	}
	t.Run("HOSPITAL_DAYS_NOT_COUNTED", func(t *testing.T) {
		t.Parallel()
		r := alone(t, readAs(t, "HOSPITAL_COPY_MISSING_EFFECT=days_not_counted"), sound(stay("2026-05-22", "2026-05-23", false)))
		wantIs(t, "warnings", fmt.Sprint(r.Warnings), "[HOSPITAL_DAYS_NOT_COUNTED]")
	})
	t.Run("OVERLAPS_EARLIER_APPLICATION and EX_AEQUO_AFTER_ALL_CRITERIA have their tests", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "the others", len(indemnity.Warnings)-len(met)-1, 2)
	})
	if !slices.IsSorted(indemnity.Warnings) {
		t.Error("the warnings are not in the order of their names")
	}
}

func TestACodeNamesTheRuleAndItsArticle(t *testing.T) {
	t.Parallel()
	for code, want := range map[indemnity.Code]string{
		indemnity.ActivityExercised: "R2 1", indemnity.NotActiveMember: "R5 2", indemnity.HeirsAfterDeadline: "R17 2", indemnity.BeforeEventEnd: "R19 3",
		indemnity.SupplementLate: "R41 3", indemnity.NoIndemnifiableDays: "R47 4", indemnity.EndOutsideWindow: "R54 4", "ANOTHER": " 0",
	} {
		rule, article := code.Rule()
		wantIs(t, string(code), fmt.Sprint(rule, " ", article), want)
	}
}

func TestTheGravestOutcomeWinsAndEveryCodeIsTold(t *testing.T) {
	t.Parallel()
	call := may(t)
	all := []change{heirs("2026-05-21"), func(f *indemnity.Facts) {
		f.Channel, f.Identity, f.Worked, f.DeathCertificate = indemnity.Portal, indemnity.IdentityMissing, true, false
	}, owes(5000_00)}
	r := alone(t, call, sound(all...))
	wantIs(t, "outcome", r.Outcome, indemnity.OutcomeInadmissible)
	wantCodes(t, r, indemnity.HeirsWrongChannel, indemnity.IdentityDocumentMissing, indemnity.ActivityExercised)
	wantIs(t, "debt, which nobody looks at", r.Debt, 0) // A55
	f := sound(all...)
	f.Identity, f.Worked = indemnity.IdentityValid, false
	r = alone(t, call, f)
	wantIs(t, "outcome", r.Outcome, indemnity.OutcomeForfeited)
	wantCodes(t, r, indemnity.HeirsWrongChannel, indemnity.SupplementNotRequested, indemnity.RegularisationNotRequest)
	wantIs(t, "debt", r.Debt, 5000_00)
}

func TestTheEventsOfOneMemberShareTheirDaysAndTheirCap(t *testing.T) {
	t.Parallel()
	call := may(t)
	first := sound(called("B", "M1"), ill("2026-04-01", "2026-05-10"), used(2026, 130))
	second := sound(called("A", "M1"), ill("2026-05-05", "2026-05-31"), used(2026, 130))
	results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{second, first})
	wantIs(t, "days of the first", results[1].Entitlement.Days, 34)
	wantIs(t, "days of the second", results[0].Entitlement.Days, 16) // 180 less 130 and 34
	wantIs(t, "warnings of the second", fmt.Sprint(results[0].Warnings), "[ANNUAL_CAP_REACHED OVERLAPS_EARLIER_APPLICATION]")
	second.DaysUsed = nil
	first.Worked = true // what is not eligible uses nothing up
	results, _ = indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{second, first})
	wantIs(t, "days where the first falls", results[0].Entitlement.Days, 21)
	wantIs(t, "warnings", len(results[0].Warnings), 0)
	first.Worked, first.Identity = false, indemnity.IdentityDefective // what is pending does
	results, _ = indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{second, first})
	wantIs(t, "days where the first is pending", results[0].Entitlement.Days, 21) // the first six are those that overlap
	wantIs(t, "warnings", fmt.Sprint(results[0].Warnings), "[OVERLAPS_EARLIER_APPLICATION]")
}
