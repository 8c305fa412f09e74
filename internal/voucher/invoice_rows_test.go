package voucher_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portal/internal/voucher"
)

const (
	sheetHead = "seduta;data_seduta;beneficiario;numero_fattura;data_fattura;importo_fattura\r\n"
	oneID     = "0b9d1d0a-6a2e-4d3c-9f10-000000000001"
	twoID     = "0b9d1d0a-6a2e-4d3c-9f10-000000000002"
)

func TestAFileOfInvoicesIsReadAsSpreadsheetsSaveIt(t *testing.T) {
	t.Parallel()
	rows := oneID + ";12/02/2026;Rossi;12/2026;3/3/2026;70\r\n" + twoID + ";;;\"12 /2026\";03/03/2026;70,00 €\r\n;;;;;\r\n"
	plain := strings.NewReplacer(";", ",", "70,00 €", "70.00").Replace(sheetHead + rows)
	for what, text := range map[string]string{"semicolons": sheetHead + rows, "with the mark of UTF-8": "\ufeff" + sheetHead + rows, "commas": plain,
		"capitals": strings.ToUpper(sheetHead) + rows} {
		s, err := voucher.ReadInvoices(strings.NewReader(text))
		if err != nil || len(s.Faults) > 0 || len(s.Batches) != 1 || s.Blank != 1 {
			t.Errorf("%s: %+v, %v", what, s, err)
			continue
		}
		b := s.Batches[0]
		if b.Number != "12/2026" || b.IssuedOn != day("2026-03-03") || b.Amount != 70_00 || !slices.Equal(b.Sessions, []voucher.BookingID{oneID, twoID}) || !slices.Equal(b.Lines, []int{2, 3}) {
			t.Errorf("%s: %+v", what, b)
		}
	}
}

func TestWhatIsWrongWithAFileOfInvoicesIsSaidByRow(t *testing.T) {
	t.Parallel()
	row := func(cells ...string) string {
		return sheetHead + strings.Join([]string{cells[0], "", "", cells[1], cells[2], cells[3]}, ";") + "\r\n"
	}
	many := sheetHead + strings.Repeat(oneID+";;;;;\n", voucher.InvoiceFile.Rows+1)
	for text, want := range map[string][]string{
		"":                                       {"0  empty_file"},
		"PK\x03\x04":                             {"0  not_text"},
		sheetHead + "\x00":                       {"0  not_text"},
		strings.Repeat("x", 256<<10+1):           {"0  too_large"},
		"seduta;numero_fattura;seduta\nx":        {"1 seduta column_twice", "1 data_fattura no_column", "1 importo_fattura no_column"},
		sheetHead + "a;b\n":                      {"2  fields 2"},
		sheetHead + "a;b\"c;;;;\n":               {"2  quote"},
		sheetHead + "\"a;b;;;;\n":                {"2  unclosed"},
		many:                                     {"502  too_many 500"},
		row("x", "1", "3/3/2026", "70"):          {"2 seduta session"},
		row("", "1", "3/3/2026", "70"):           {"2 seduta missing"},
		row(oneID, "", "3/3/2026", "70"):         {"2 numero_fattura missing"},
		row(oneID, "1", "31/2/2026", "70"):       {"2 data_fattura date"},
		row(oneID, "1", "3/3/26", "70"):          {"2 data_fattura date"},
		row(oneID, "1", "3/3/2026", "-70"):       {"2 importo_fattura money"},
		row(oneID, "\xff", "3/3/2026", "70"):     {"2 numero_fattura encoding"},
		row(oneID, "1\u202e2", "3/3/2026", "70"): {"2 numero_fattura control"},
		row(oneID, strings.Repeat("9", 41), "3/3/2026", "70"):    {"2 numero_fattura too_long 40"},
		row(oneID, "1", "3/3/2026", "70") + oneID + ";;;2;x;y\n": {"3 seduta duplicate 2", "3 data_fattura date", "3 importo_fattura money"},
	} {
		s, err := voucher.ReadInvoices(strings.NewReader(text))
		var got []string
		for _, f := range s.Faults {
			got = append(got, fmt.Sprintf("%d %s %s", f.Line, f.Field, f))
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%.60q: %q, want %q, %v", text, got, want, err)
		}
	}
}

// Whatever a file holds, what is read of it is sound, and every row is told of once.
func FuzzAFileOfInvoicesNeverYieldsWhatItDoesNotSay(f *testing.F) {
	f.Add([]byte(sheetHead + oneID + ";;;12;3/3/2026;70\n"))
	f.Add([]byte(sheetHead + oneID + ";;;\"1\"\"2\";03/03/2026;1.234,50\n" + twoID + ";;;'=1;2026-03-03;0\n"))
	f.Add([]byte("\ufeffseduta,numero_fattura,data_fattura,importo_fattura\n,,,\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := voucher.ReadInvoices(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[voucher.BookingID]bool{}
		for _, b := range s.Batches {
			if b.Number == "" || b.Number != voucher.ParseInvoiceNumber(b.Number) || b.IssuedOn.IsZero() || b.Amount < 0 || len(b.Lines) != len(b.Sessions) || len(b.Lines) == 0 {
				t.Fatalf("%+v", b)
			}
			for i, id := range b.Sessions {
				if seen[id] || len(id) != 36 || b.Lines[i] < 2 {
					t.Fatalf("%s on line %d", id, b.Lines[i])
				}
				seen[id] = true
			}
		}
		for _, x := range s.Faults {
			if !slices.Contains(voucher.InvoiceFaultKinds, x.Kind) {
				t.Fatalf("%+v has no words", x)
			}
		}
	})
}
