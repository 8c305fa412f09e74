package voucher_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
)

var importDay = calendar.NewDate(2025, time.November, 21)

func rulesOf2025(t testing.TB) voucher.Rules {
	t.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })].Rules
}

// readImport reads a file to its end.
func readImport(t testing.TB, rules voucher.Rules, text string) (rows []voucher.ImportRow, faults []voucher.ImportFault) {
	t.Helper()
	r := voucher.NewImportReader(strings.NewReader(text), rules, importDay)
	for {
		row, found, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, faults
		}
		if err != nil {
			t.Fatal(err)
		}
		faults = append(faults, found...)
		if row != nil {
			rows = append(rows, *row)
		}
	}
}

func TestARowIsReadInWhicheverWayItIsWritten(t *testing.T) {
	t.Parallel()
	want := voucher.ImportRow{
		FiscalCode: identity.NewFiscalCode("RSSMRA85C52H501"), GivenName: "Maria Grazia", FamilyName: "D'Angelo", BornOn: calendar.NewDate(1985, time.March, 12),
		Territory: "Valle d'Aosta", Province: "AO", ISEE: 8_412_30, HasISEE: true, ISEEStatus: voucher.ISEEValid, Entitled: 1_500 * money.Euro,
		SubmittedAt: time.Date(2025, time.September, 15, 8, 2, 31, 123_456_000, time.UTC), Email: "m@example.org", Phone: "+39 333 0000000", Protocol: "A-1",
	}
	code := string(want.FiscalCode)
	for name, text := range map[string]string{
		"the template's order, semicolons": strings.Join(voucher.ImportColumns, ";") + "\n" +
			code + ";D'Angelo;Maria Grazia;1985-03-12;Valle d'Aosta;AO;8412,30;valido;2025-09-15T10:02:31.123456+02:00;m@example.org;+39 333 0000000;A-1",
		"commas, quotes, a mark of UTF-8, CR LF": "\ufeff" + strings.Join(voucher.ImportColumns, ",") + "\r\n" +
			code + `,D'Angelo,"Maria Grazia",12/03/1985,Valle d’Aosta,ao,"8412,30",valido,2025-09-15T08:02:31.123456Z,m@example.org,+39 333 0000000,A-1` + "\r\n\r\n",
		"another order, capitals, blanks": "Protocollo; email ;telefono;presentata_il;stato_isee;isee;provincia;territorio;data_nascita;nome;cognome;CODICE_FISCALE\n" +
			"A-1; m@example.org ;+39 333 0000000;2025-09-15T10:02:31.123456+02:00;valido;8412.30;AO;VALLE D'AOSTA;1985-03-12; Maria Grazia;D'Angelo;" + strings.ToLower(code) + "\n",
	} {
		rows, faults := readImport(t, rulesOf2025(t), text)
		if len(rows) != 1 || len(faults) != 0 {
			t.Errorf("%s: %v, %v", name, rows, faults)
			continue
		}
		got := rows[0]
		if got.Line != 2 || !got.SubmittedAt.Equal(want.SubmittedAt) {
			t.Errorf("%s: line %d, at %s", name, got.Line, got.SubmittedAt)
		}
		got.Line, got.SubmittedAt = 0, want.SubmittedAt
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestLinesAreThoseAnEditorShows(t *testing.T) {
	t.Parallel()
	text := strings.Join(voucher.ImportColumns[:11], ";") + "\n\n" + `x;"two` + "\n" + `lines";x;x;x;x;x;x;x;x;x` + "\n" + "short\n"
	_, faults := readImport(t, rulesOf2025(t), text)
	if first, last := faults[0], faults[len(faults)-1]; first.Line != 3 || last != (voucher.ImportFault{Line: 5, Kind: voucher.FaultFieldCount, Arg: 1}) {
		t.Errorf("%+v … %+v", first, last)
	}
}

func TestAFaultIsReadBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	for _, f := range []voucher.ImportFault{{Kind: voucher.FaultEmptyFile}, {Line: 7, Field: "isee", Kind: voucher.FaultMoney}, {Line: 9, Field: "codice_fiscale", Kind: voucher.FaultDuplicate, Arg: 7}} {
		if got := voucher.ParseFault(f.Line, f.Field, f.String()); got != f {
			t.Errorf("%+v became %+v", f, got)
		}
	}
}

func FuzzAnyFileIsReadToItsEnd(f *testing.F) {
	head := strings.Join(voucher.ImportColumns, ";") + "\n"
	row := string(identity.NewFiscalCode("RSSMRA85C52H501")) + ";Rossi;Maria;1985-03-12;Lazio;RM;8412,30;valido;2025-09-15T10:02:31.123456+02:00;m@example.org;333;A-1\n"
	for _, seed := range []string{"", head, head + row, head + row + row, head + strings.ReplaceAll(row, ";", ","), head + `"` + row, head + "\xff;\x00\n", "PK\x03\x04",
		strings.ReplaceAll(head+row, ";", ","), head + strings.Replace(row, "RSSMRA85C52H501", "ÈÈÈÈÈÈÈÈ", 1), head + strings.Replace(row, "1985-03-12", "99/99/9999", 1)} {
		f.Add(seed)
	}
	rules := rulesOf2025(f)
	f.Fuzz(func(t *testing.T, text string) {
		rows, faults := readImport(t, rules, text)
		wrong := map[int]bool{}
		for i, x := range faults {
			if !slices.Contains(voucher.FaultKinds, x.Kind) || x.Field != "" && !slices.Contains(voucher.ImportColumns, x.Field) {
				t.Fatalf("a fault of nothing: %+v", x)
			}
			if i > 0 && x.Line < faults[i-1].Line {
				t.Fatalf("line %d after %d", x.Line, faults[i-1].Line)
			}
			wrong[x.Line] = true
		}
		for i, r := range rows {
			if i > 0 && r.Line <= rows[i-1].Line {
				t.Fatalf("row %d after %d", r.Line, rows[i-1].Line)
			}
			for _, s := range []string{string(r.FiscalCode), r.GivenName, r.FamilyName, r.Territory, r.Province, r.Email, r.Phone, r.Protocol} {
				if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\n\r") {
					t.Fatalf("a text that cannot be kept: %q", s)
				}
			}
			if wrong[r.Line] {
				continue
			}
			if code, err := identity.ParseFiscalCode(string(r.FiscalCode)); err != nil || code != r.FiscalCode || !code.Born(r.BornOn) {
				t.Fatalf("taken for somebody: %q, %s", r.FiscalCode, r.BornOn)
			}
			if voucher.TerritoryOf(r.Province) != r.Territory || !rules.Window.Is.Open(r.SubmittedAt) || r.ISEE < 0 ||
				r.HasISEE && r.ISEEStatus == voucher.ISEEMissing || !r.HasISEE && r.ISEEStatus == voucher.ISEEValid || r.ISEEStatus == "" {
				t.Fatalf("taken for an application: %+v", r)
			}
		}
	})
}
