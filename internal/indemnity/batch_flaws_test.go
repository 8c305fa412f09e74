package indemnity_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"portal/internal/batch"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// plain is an application of a file with everything that is required, and no more.
const plain = `{"application_id": "A1", "applicant_id": "M1", "applicant_kind": "member", "channel": "portal", "submitted_at": "2026-05-25T10:00:00",
	"active_member": true, "enrolment_application_date": "2012-05-01", "enrolment_date": "2012-05-01", "event_type": "ordinary",
	"event_start": "2026-04-22", "event_end": "2026-05-21",
	"certificates": [{"kind": "initial_prognosis", "issued_on": "2026-04-22", "from": "2026-04-22", "to": "2026-05-21", "in_prognosis_form": true}],
	"cycle_multi_year": false, "death_certificate_attached": false, "identity_document": "valid",
	"declarations": {"true_copy": true, "no_professional_activity": true, "other_mandatory_cover": false, "exclusive_self_employment": true},
	"worked_during_period": false, "isee": {"status": "valid", "value": "20000.00"}, "net_income_by_year": {"2024": "18250.00"},
	"contribution": {"declarations_complete": true, "debt_at_submission": "0.00", "instalment_plan_residual": "0.00", "debt_after_submission": "0.00"},
	"prior_indemnified_days": {}}`

func readFile(t testing.TB, text string) (indemnity.Batch, error) {
	t.Helper()
	return indemnity.ReadBatch("batch.json", strings.NewReader(text), int64(len(text)), may(t))
}

func TestAListIsForTheCallOfMayWithoutALimit(t *testing.T) {
	t.Parallel()
	call := may(t)
	budget := money.Amount(1)
	call.Rules.Budget.Is = &budget
	b, err := indemnity.ReadBatch("batch.json", strings.NewReader("\ufeff["+plain+"]"), 0, call)
	if err != nil {
		t.Fatal(err)
	}
	results, summary := indemnity.Examine(&b.Call, b.On, b.Applications)
	wantCodes(t, results[0])
	wantIs(t, "net", results[0].Entitlement.Net, 960_00)
	wantIs(t, "final", results[0].Final(), "funded")
	if summary.Residual != nil {
		t.Errorf("%s are left of no budget", *summary.Residual)
	}
	var out bytes.Buffer
	if err := indemnity.WriteResults(&out, b.Call.ID, results, summary); err != nil || !json.Valid(out.Bytes()) {
		t.Fatalf("%v: %s", err, out.String())
	}
	for _, want := range []string{`"call_id": "2026-05"`, `"residual_budget": null`, `"withholding_amount": "240.00"`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%s does not say %s", out.String(), want)
		}
	}
	wantIs(t, "the call that was given", *call.Rules.Budget.Is, 1)
}

func TestAnObjectNamesWindowBudgetAndDay(t *testing.T) {
	t.Parallel()
	b, err := readFile(t, `{"applications": [], "call": {"call_id": "2026-06", "event_end_from": "2026-06-01", "event_end_to": "2026-06-30", "budget": "1000.50", "evaluation_date": "2026-07-20"}}`)
	if err != nil {
		t.Fatal(err)
	}
	wantIs(t, "call", b.Call.ID, "2026-06")
	wantIs(t, "window", b.Call.Rules.Window.Is, days("2026-06-01", "2026-06-30"))
	wantIs(t, "budget", *b.Call.Rules.Budget.Is, 1000_50)
	wantIs(t, "day", b.On, day("2026-07-20"))
}

func TestEachFlawIsToldByItsPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, want string }{
		{`"application_id": "A1"`, `"application_id": ""`, `applications[0].application_id: is empty`},
		{`"application_id": "A1"`, `"application_id": 7`, `applications[0].application_id: is not text: "…"`},
		{`"application_id": "A1",`, ``, `applications[0].application_id: is missing`},
		{`"channel": "portal"`, `"channel": "post"`, `applications[0].channel: is none of portal, pec, other`},
		{`"channel": "portal"`, `"channel": null`, `applications[0].channel: is null`},
		{`"submitted_at": "2026-05-25T10:00:00"`, `"submitted_at": "2026-05-25T10:00:00Z"`, `applications[0].submitted_at: is not an instant of Rome`},
		{`"submitted_at": "2026-05-25T10:00:00"`, `"submitted_at": "2026-05-25T24:00:00"`, `applications[0].submitted_at: is not an instant of Rome`},
		{`"active_member": true`, `"active_member": "yes"`, `applications[0].active_member: is not true or false`},
		{`"enrolment_date": "2012-05-01"`, `"enrolment_date": "2012-02-30"`, `applications[0].enrolment_date: is not a date in quotes`},
		{`"enrolment_date": "2012-05-01"`, `"enrolment_date": 2012`, `applications[0].enrolment_date: is not a date in quotes`},
		{`"event_end": "2026-05-21"`, `"event_end": "2026-04-21"`, `applications[0].event_end: comes before event_start`},
		{`"to": "2026-05-21"`, `"to": "2026-04-21"`, `applications[0].certificates[0].to: comes before from`},
		{`"in_prognosis_form": true`, `"in_form": true`, "applications[0].certificates[0].in_form: is not a field of a certificate\nbatch.json: applications[0].certificates[0].in_prognosis_form: is missing"},
		{`"applicant_kind": "member"`, `"applicant_kind": "heirs"`, `applications[0].death_date: is missing though heirs apply`},
		{`"applicant_kind": "member"`, `"applicant_kind": "heirs", "death_date": "2026-04-21"`, `applications[0].death_date: comes before event_start`},
		{`"value": "20000.00"`, `"value": null`, `applications[0].isee.value: is missing though status is valid`},
		{`"value": "20000.00"`, `"value": "-1.00"`, `applications[0].isee.value: is negative`},
		{`"value": "20000.00"`, `"value": 20000`, `applications[0].isee.value: is not money in quotes`},
		{`"value": "20000.00"`, `"value": "20000"`, `applications[0].isee.value: is not money`},
		{`{"2024": "18250.00"}`, `{"2024": "18250.00", "2024": "0.00"}`, `applications[0].net_income_by_year.2024: is given twice`},
		{`{"2024": "18250.00"}`, `{"24": "18250.00"}`, `applications[0].net_income_by_year.24: is not a year`},
		{`{"2024": "18250.00"}`, `[]`, `applications[0].net_income_by_year: is not an object: {…}`},
		{`"debt_at_submission": "0.00"`, `"debt_at_submission": "-0.01"`, `applications[0].contribution.debt_at_submission: is negative`},
		{`"debt_after_submission": "0.00"`, `"debt_after_submission": "0.00", "regularisation": {"paid_amount": "-1.00"}`, `applications[0].contribution.regularisation.paid_amount: is negative`},
		{`"debt_after_submission": "0.00"`, `"debt_after_submission": "0.00", "regularisation": {"paid_on": null}`, `applications[0].contribution.regularisation.paid_amount: is missing`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {"2026": -1}`, `applications[0].prior_indemnified_days.2026: is negative`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {"2026": 1.5}`, `applications[0].prior_indemnified_days.2026: is not a count`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "withholding_rate": "100.01"`, `applications[0].withholding_rate: is over 100.00`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "prior_indemnified_days": {}`, `applications[0].prior_indemnified_days: is given twice`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "iban": "IT60"`, `applications[0].iban: is not a field of an application`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "hospital_stays": [{"from": "2026-05-02", "to": "2026-05-01", "certificate_attached": true}]`, `applications[0].hospital_stays[0].to: comes before from`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "interruption_periods": [{"from": "2026-05-02", "to": "2026-05-01"}]`, `applications[0].interruption_periods[0].to: comes before from`},
		{`"prior_indemnified_days": {}`, `"prior_indemnified_days": {}, "note": 7`, `applications[0].note: is not text`},
	} {
		if !strings.Contains(plain, c.old) {
			t.Fatalf("%s does not stand in the file", c.old)
		}
		_, err := readFile(t, "["+strings.Replace(plain, c.old, c.new, 1)+"]")
		flaws := (*batch.Flaws)(nil)
		if !errors.As(err, &flaws) || !strings.HasPrefix(flaws.Error(), "batch.json: "+c.want) || flaws.Count != strings.Count(c.want, "\n")+1 {
			t.Errorf("%s: %v", c.new, err)
		}
	}
	for text, want := range map[string]string{
		``:                         "file: line 1: a value is missing or wrong",
		`7`:                        "file: is not a list of applications or an object",
		`[`:                        "applications[0]: line 1: a value is missing or wrong",
		"[\n{\n\"application_id\"": "applications[0]: line 3: a colon is missing",
		`[{"application_id": "A`:   "applications[0].application_id: line 1: a string is never closed",
		`[{"note": "` + "\xff\"":   "applications[0].note: line 1: is not UTF-8",
		`[{"note": "\x"`:           "applications[0].note: line 1: a backslash stands before what it cannot escape",
		`[{"note": truth`:          "applications[0].note: line 1: is none of true, false and null",
		`[] []`:                    "file: line 1: something follows the end",
		"[]\x00":                   "file: line 1: something follows the end",
		`{"call": {}}`:             "call.call_id: is missing",
		`{"call": {"call_id": "2026-05", "event_end_from": "2026-05-31", "event_end_to": "2026-05-01"}, "applications": []}`: "call.event_end_to: comes before event_end_from",
		`[{"a": ` + strings.Repeat("[", 5000): "applications[0].a[0]",
	} {
		if _, err := readFile(t, text); err == nil || !strings.HasPrefix(err.Error(), "batch.json: "+want) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestAnIDThatIsGivenTwiceIsFound(t *testing.T) {
	t.Parallel()
	_, err := readFile(t, "["+plain+","+strings.Replace(plain, `"A1"`, `"A2"`, 1)+","+plain+"]")
	want := "batch.json: applications[2].application_id: is given twice, first in applications[0]\nbatch.json: 1 thing is wrong"
	if err == nil || err.Error() != want {
		t.Errorf("%v", err)
	}
}

func TestTwentyFlawsAreToldAndTheOthersCounted(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(plain, `"valid", "value": "20000.00"`, `"valid", "value": "2"`, 1)
	var all []string
	for i := range 30 {
		all = append(all, strings.Replace(bad, `"A1"`, fmt.Sprintf(`"A%d"`, i), 1))
	}
	_, err := readFile(t, "["+strings.Join(all, ",")+"]")
	if err == nil {
		t.Fatal("it is taken")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 21 || !strings.HasPrefix(lines[19], "batch.json: applications[19].isee.value: is not money") ||
		lines[20] != "batch.json: 30 things are wrong, of which these are the first 20" {
		t.Errorf("%v", err)
	}
}

func TestAFileThatBreaksOffIsAFailureAndNoFlaw(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(strings.NewReader("["+plain), iotest.ErrReader(io.ErrNoProgress))
	_, err := indemnity.ReadBatch("batch.json", broken, 0, may(t))
	if flaws := (*batch.Flaws)(nil); !errors.Is(err, io.ErrNoProgress) || errors.As(err, &flaws) {
		t.Errorf("%v", err)
	}
}

func TestAFileMayComeByteByByte(t *testing.T) {
	t.Parallel()
	text := contents(t, "testdata/indemnity-batch.json")
	whole, err := indemnity.ReadBatch("batch.json", bytes.NewReader(text), 0, may(t))
	if err != nil {
		t.Fatal(err)
	}
	slow, err := indemnity.ReadBatch("batch.json", iotest.OneByteReader(bytes.NewReader(text)), int64(len(text)), may(t))
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", slow.Applications[3]) != fmt.Sprintf("%+v", whole.Applications[3]) || len(slow.Applications) != len(whole.Applications) {
		t.Error("it is read in another way")
	}
}

func FuzzWhatIsTakenIsJSONAndCanBeExamined(f *testing.F) {
	f.Add("[" + plain + "]")
	f.Add(`{"call": {"call_id": "2026-05", "event_end_from": "2026-05-01", "event_end_to": "2026-05-31", "budget": null}, "applications": []}`)
	f.Add(strings.Replace("["+plain+"]", `"A1"`, `"\ud83d\ude00\n\u00e8"`, 1))
	f.Add(strings.Replace("["+plain+"]", `"2026-05-21"`, `"9999-12-31"`, 2))
	f.Add(strings.Replace("["+plain+"]", `"2026-04-22"`, `"0001-01-01"`, 3))
	f.Add(`[{"a": [1, -2.5e+7, true, null, {"b": ""}]}]`)
	calls, err := indemnity.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := indemnity.ReadBatch("batch.json", strings.NewReader(text), int64(len(text)), calls[0])
		if err != nil {
			flaws := (*batch.Flaws)(nil)
			if !errors.As(err, &flaws) || len(flaws.First) != min(flaws.Count, batch.MostFlaws) || strings.Count(flaws.Error(), "\n") != len(flaws.First) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if !json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))) {
			t.Fatalf("%q is taken and is not JSON", text)
		}
		results, summary := indemnity.Examine(&b.Call, b.On, b.Applications)
		var out bytes.Buffer
		if err := indemnity.WriteResults(&out, b.Call.ID, results, summary); err != nil || !json.Valid(out.Bytes()) {
			t.Fatalf("%q: %v, %s", text, err, out.String())
		}
		for i := range b.Applications {
			if _, ok := indemnity.Explain(&b.Call, b.On, b.Applications[i]); !ok {
				t.Fatalf("%q: application %d is not explained", text, i)
			}
		}
	})
}

func FuzzWhatIsNoJSONIsFoundOut(f *testing.F) {
	for _, text := range []string{`[]`, `[1]`, `["\u12"]`, `{"a":1,}`, `[01]`, `[1.]`, `[-]`, `[1e5]`, `"\ud800"`, `nul`, `[tru]`, "[\"\t\"]", "[\x00]", `{"a" 1}`, "\ufeff[]"} {
		f.Add(text)
	}
	calls, err := indemnity.Shipped()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := indemnity.ReadBatch("batch.json", strings.NewReader(text), 0, calls[0])
		flaws := (*batch.Flaws)(nil)
		broken := err != nil && strings.Contains(err.Error(), ": line ")
		if strings.Contains(text, `\u`) || strings.Contains(text, "line ") || !utf8.ValidString(text) || len(text) > 60 {
			t.Skip("encoding/json replaces what is no rune; a name may speak of lines; what is deep or long has its own bounds")
		}
		if errors.As(err, &flaws) && flaws.Count > batch.MostFlaws {
			return // the last of them is not told
		}
		if valid := json.Valid([]byte(strings.TrimPrefix(text, "\ufeff"))); valid == broken {
			t.Fatalf("%q is JSON: %t; %v", text, valid, err)
		}
	})
}
