package registry_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/registry"
	"portal/internal/voucher"
)

var (
	today = calendar.NewDate(2026, time.November, 23)
	maria = identity.NewFiscalCode("RSSMRA85C52H501")
	luca  = identity.NewFiscalCode("FRRLCU90H10F205")
)

const patience = 80 * time.Millisecond

// attestation is a row of the register of ISEE.
func attestation(of identity.FiscalCode, status, value, defects, behaviour string) []string {
	return []string{string(of), status, value, "ordinary", "INPS-ISEE-2026-1", "2026-10-14", "2026-12-31", defects, behaviour}
}

func isee(t *testing.T, rows ...[]string) voucher.ISEESource {
	t.Helper()
	path := filepath.Join(t.TempDir(), "isee.csv")
	if err := registry.WriteISEE(path, rows); err != nil {
		t.Fatal(err)
	}
	return registry.NewISEE(path, patience)
}

func TestTheRegisterTellsAnISEE(t *testing.T) {
	t.Parallel()
	r := isee(t, attestation(maria, "valid", "12400.00", "", ""), attestation(luca, "defective", "", "assets_missing income_differs", "slow:10ms"))
	a, err := r.ISEE(t.Context(), maria, today)
	if err != nil || a.Status != voucher.ISEEValid || a.Value != 12_400_00 || a.Attestation.Protocol != "INPS-ISEE-2026-1" {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err = r.ISEE(t.Context(), luca, today); err != nil || a.HasValue || len(a.Attestation.Defects) != 2 {
		t.Errorf("a slow one: %+v, %v", a, err)
	}
	if a, err = r.ISEE(t.Context(), identity.NewFiscalCode("GLLPLA72S05L219"), today); err != nil || a.Status != voucher.ISEEMissing {
		t.Errorf("of nobody: %+v, %v", a, err)
	}
	if a, err = r.ISEE(t.Context(), maria, calendar.NewDate(2027, time.January, 1)); err != nil || a.Status != voucher.ISEEMissing {
		t.Errorf("after its last day: %+v, %v", a, err)
	}
}

func TestTheLastRowOfAPersonCounts(t *testing.T) {
	t.Parallel()
	r := isee(t, attestation(maria, "defective", "12400.00", "assets_missing", ""), attestation(maria, "valid", "9870.00", "", ""))
	if a, err := r.ISEE(t.Context(), maria, today); err != nil || a.Status != voucher.ISEEValid || a.Value != 9_870_00 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestARegisterThatIsSilentSlowOrWrongIsUnavailable(t *testing.T) {
	t.Parallel()
	for name, row := range map[string][]string{
		"silent":          attestation(maria, "valid", "1", "", "silent"),
		"too slow":        attestation(maria, "valid", "1", "", "slow:10s"),
		"no number":       attestation(maria, "valid", "dodicimila", "", ""),
		"no day":          {string(maria), "valid", "1", "ordinary", "x", "ieri", "2026-12-31", "", ""},
		"no behaviour":    attestation(maria, "valid", "1", "", "strange"),
		"slow by nothing": attestation(maria, "valid", "1", "", "slow:"),
		"too few columns": {string(maria), "valid"},
	} {
		started := time.Now()
		_, err := isee(t, row).ISEE(t.Context(), maria, today)
		if !errors.Is(err, voucher.ErrISEESilent) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s: waited %s", name, took)
		}
	}
	if _, err := registry.NewISEE("", patience).ISEE(t.Context(), maria, today); !errors.Is(err, voucher.ErrISEESilent) {
		t.Errorf("without a file: %v", err)
	}
	odd := filepath.Join(t.TempDir(), "odd.csv")
	if err := os.WriteFile(odd, []byte("a,b,c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := registry.NewISEE(odd, patience).ISEE(t.Context(), maria, today); !errors.Is(err, voucher.ErrISEESilent) {
		t.Errorf("another header: %v", err)
	}
}

func TestWhoAsksMayLoseInterest(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := isee(t, attestation(maria, "valid", "1", "", "silent")).ISEE(ctx, maria, today); !errors.Is(err, voucher.ErrISEESilent) {
		t.Error(err)
	}
}

func TestTheRegisterOfResidents(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "residenze.csv")
	home := func(born, responsible, behaviour string) []string {
		return []string{string(maria), "Maria", "Rossi", born, "Roma", "RM", "Lazio", responsible, behaviour}
	}
	for name, x := range map[string]struct {
		row  []string
		want error
	}{
		"as it should be": {home("1985-03-12", string(luca), ""), nil},
		"silent":          {home("1985-03-12", "", "silent"), voucher.ErrResidenceSilent},
		"no birthday":     {home("", "", ""), voucher.ErrResidenceSilent},
		"odd parent":      {home("1985-03-12", "LUCA", ""), voucher.ErrResidenceSilent},
	} {
		if err := registry.WriteResidences(path, [][]string{x.row}); err != nil {
			t.Fatal(err)
		}
		r, err := registry.NewResidences(path, patience).Residence(t.Context(), maria, today)
		if !errors.Is(err, x.want) || x.want == nil && (r.City != "Roma" || len(r.Responsible) != 1 || r.Responsible[0] != luca) {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
	}
	if _, err := registry.NewResidences(path, patience).Residence(t.Context(), luca, today); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of who does not live here: %v", err)
	}
}
