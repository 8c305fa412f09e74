package batch_test

import (
	"fmt"
	"strings"
	"testing"

	"portal/internal/batch"
	"portal/internal/money"
)

func TestFlawsAreToldByLineAndByPath(t *testing.T) {
	t.Parallel()
	f := batch.Flaws{File: "a.json"}
	if f.Err() != nil {
		t.Errorf("no flaws are %v", f.Err())
	}
	f.Add(0, "applications[3].isee", "is not an object")
	f.Add(7, "na\nme", "is missing")
	f.Add(5, "name", "is given twice")
	want := "a.json: applications[3].isee: is not an object\na.json:5: name: is given twice\na.json:7: na\ufffdme: is missing\na.json: 3 things are wrong"
	if f.Err() == nil || f.Error() != want {
		t.Errorf("%s", f.Error())
	}
}

func TestANameThatAFileMadeUpStaysAsItIsWritten(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"città di nascita": "città di nascita",
		"a\x1b[31m\tb":     "a\ufffd[31m\ufffdb",
		"isee\u202eeulav":  "isee\ufffdeulav", // what follows would be shown from right to left
		"is\u200bee":       "is\ufffdee",
		"a\u2028b\u2066":   "a\ufffdb\ufffd",
	} {
		if got := strings.Map(batch.Visible, name); got != want {
			t.Errorf("%q is shown as %q", name, got)
		}
	}
}

func TestTwentyFlawsAreToldAndTheRestCounted(t *testing.T) {
	t.Parallel()
	f := batch.Flaws{File: "a.json"}
	for i := range 50 {
		f.Add(0, fmt.Sprintf("applications[%d]", i), "is missing")
	}
	lines := strings.Split(f.Error(), "\n")
	if len(lines) != batch.MostFlaws+1 || !strings.Contains(lines[19], "[19]") || lines[20] != "a.json: 50 things are wrong, of which these are the first 20" {
		t.Errorf("%d lines, the last two %q", len(lines), lines[19:])
	}
}

func TestMoneyMayBeOwedOnlyWhereItIsSaid(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.Amount{"1234.50": 1234_50, "-12.00": -12_00, "0.01": 1, "-0.00": 0, "9999999999999.99": 999_999_999_999_999} {
		got, what := batch.Signed([]byte(text))
		if got != want || what != "" {
			t.Errorf("%q is %d, %s", text, got, what)
		}
		if plain := strings.TrimPrefix(text, "-"); plain != text {
			if _, what := batch.Decimal([]byte(text)); what != "is negative" {
				t.Errorf("%q: %s", text, what)
			}
		}
		if written := string(batch.AppendDecimal(nil, got)); written != want.Decimal() {
			t.Errorf("%d is written %s", got, written)
		}
	}
	for _, text := range []string{"", "-", "1", "1.5", "1,50", ".50", "--1.00", "+1.00", "1e3.00", "12345678901234.00", "-1.0x", "٣.00"} {
		if _, what := batch.Signed([]byte(text)); what == "" {
			t.Errorf("%q is taken", text)
		}
	}
}
