package registry_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/registry"
)

// member is what a register says of maria in which a row has these days, paid up to a day.
func member(t *testing.T, incomes, days, to string) (indemnity.MemberRecord, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "iscritti.csv")
	row := []string{string(maria), "048210", "Maria", "Rossi", "yes", "2010-02-10", "2010-03-01", "", "no", incomes, days, to, "", "", "", "", ""}
	if err := registry.WriteMembers(path, [][]string{row}); err != nil {
		t.Fatal(err)
	}
	return registry.NewMembers(path, patience).Member(t.Context(), maria, today)
}

func TestTheRegisterOfMembersSaysWhichPaymentsItsDaysHave(t *testing.T) {
	t.Parallel()
	want := map[string]int{"2025": 4, "2026": 73}
	if m, err := member(t, "2024:21900.00", "2025:4 2026:73", "2026-11-20"); err != nil || !reflect.DeepEqual(m.DaysPaid, want) || m.DaysPaidTo != calendar.NewDate(2026, 11, 20) {
		t.Errorf("%+v, %v", m, err)
	}
	if m, err := member(t, "2024:21900.00", "2025:4 2026:73", ""); err != nil || !reflect.DeepEqual(m.DaysPaid, want) || !m.DaysPaidTo.IsZero() {
		t.Errorf("without a day: %+v, %v", m, err)
	}
}

func TestARegisterOfMembersWithACellThatCannotBeReadTellsNothing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ incomes, days, to string }{
		"no such day":        {"", "2026:73", "2026-11-31"},
		"no day":             {"", "2026:73", "ieri"},
		"another way to say": {"", "2026:73", "20/11/2026"},
		"fewer than no days": {"", "2026:-1", "2026-11-20"},
		"days of no year":    {"", "73", "2026-11-20"},
		"a year twice":       {"", "2026:7 2026:73", "2026-11-20"},
		"an odd income":      {"2024:molto", "2026:73", "2026-11-20"},
	} {
		// Not what can be read either: days without their year, or a day without its days.
		if m, err := member(t, c.incomes, c.days, c.to); !errors.Is(err, indemnity.ErrMembersSilent) || !reflect.DeepEqual(m, indemnity.MemberRecord{}) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func TestAFileOfMembersFromBeforeTheDayOfItsPaymentsHasNone(t *testing.T) {
	t.Parallel()
	const header, row = "fiscal_code,number,given_name,family_name,active,applied_on,enrolled_on,died_on,flat_rate,incomes,days_paid,iban,email,phone,pec,behaviour\n",
		",048210,Maria,Rossi,yes,2010-02-10,2010-03-01,,no,2024:21900.00,2026:20,IT60X0542811101000000123456,,,,"
	path := filepath.Join(t.TempDir(), "iscritti.csv")
	ask := func(text string) (indemnity.MemberRecord, error) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return registry.NewMembers(path, patience).Member(t.Context(), maria, today)
	}
	if m, err := ask(header + string(maria) + row + "\n"); err != nil || m.DaysPaid["2026"] != 20 || !m.DaysPaidTo.IsZero() || m.IBAN != "IT60X0542811101000000123456" {
		t.Errorf("%+v, %v", m, err)
	}
	for name, text := range map[string]string{
		"a cell too many":     header + string(maria) + row + ",\n",
		"two columns missing": "fiscal_code,number,given_name,family_name,active,applied_on,enrolled_on,died_on,flat_rate,incomes,iban,email,phone,pec,behaviour\n",
		"an empty file":       "",
	} {
		if _, err := ask(text); !errors.Is(err, indemnity.ErrMembersSilent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
