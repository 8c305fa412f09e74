package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/money"
)

var columns = []export.Column{
	{Key: "protocol", Title: "Protocollo"}, {Key: "note", Title: "Nota"}, {Key: "isee", Title: "ISEE"},
	{Key: "rank", Title: "Posizione"}, {Key: "day", Title: "Giorno"}, {Key: "sent", Title: "Presentata"}, {Key: "awarded", Title: "Accolta"},
}

var sent = time.Date(2026, 3, 12, 9, 2, 31, 0, time.UTC) // 10:02:31 in Rome

// formulas are texts that a spreadsheet would run, or that a cell boundary would let out.
var formulas = []string{
	"=1+1", "+39 06", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1", `=HYPERLINK("http://example.org";"x")`,
	`";=1`, "a\n=1", "’quoted’", `back\slash`, "<b>&amp;</b>", "0123", "1e5", "",
}

// written is a table of two rows and one for each formula.
func written(t *testing.T, f export.Format) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := export.New(f, &b, columns)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	rows := [][]any{
		{"INPS-2026-1", "Nota", money.Amount(-123456), 3, calendar.NewDate(2026, 3, 8), sent, true},
		{"INPS-2026-2", "", nil, int64(9007199254740993), calendar.Date{}, time.Time{}, false},
	}
	for _, text := range formulas {
		rows = append(rows, []any{"x", text, money.Amount(5), nil, nil, nil, nil})
	}
	for _, cells := range rows {
		if err := w.Row(cells...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tame tells whether a spreadsheet leaves a text alone, and it still says the same.
func tame(got, text string) bool {
	if text != "" && strings.ContainsAny(text[:1], "=+-@\t\r\n") || strings.ContainsAny(text, "＝＋－＠") {
		return got == "'"+text
	}
	return got == text
}

func TestATableForAnItalianSpreadsheet(t *testing.T) {
	t.Parallel()
	text, marked := strings.CutPrefix(string(written(t, export.CSV)), "\ufeff")
	if !marked {
		t.Error("without the mark of UTF-8, Excel reads accents wrong")
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"Protocollo|Nota|ISEE|Posizione|Giorno|Presentata|Accolta",
		"INPS-2026-1|Nota|-1234,56|3|08/03/2026|12/03/2026 10:02:31|sì",
		"INPS-2026-2|||9007199254740993|||no",
	} {
		if got := strings.Join(rows[i], "|"); got != want {
			t.Errorf("row %d is %q, want %q", i, got, want)
		}
	}
	for i, text := range formulas {
		if got := rows[i+3][1]; !tame(got, text) && got != "'"+strings.ReplaceAll(text, "\r", "") { // a line ends in one way
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestATableForPrograms(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(bytes.NewReader(written(t, export.Plain))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], "|") + "\n" + strings.Join(rows[1], "|"); got != "protocol|note|isee|rank|day|sent|awarded\n"+
		"INPS-2026-1|Nota|-1234.56|3|2026-03-08|2026-03-12T10:02:31+01:00|true" {
		t.Error(got)
	}
	for i, text := range formulas {
		if got := rows[i+3][1]; !tame(got, text) && got != "'"+strings.ReplaceAll(text, "\r", "") {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestAnArrayOfObjects(t *testing.T) {
	t.Parallel()
	d := json.NewDecoder(bytes.NewReader(written(t, export.JSON)))
	d.UseNumber()
	var rows []map[string]any
	if err := d.Decode(&rows); err != nil {
		t.Fatal(err)
	}
	first, second := rows[0], rows[1]
	for key, want := range map[string]any{"protocol": "INPS-2026-1", "isee": json.Number("-1234.56"), "rank": json.Number("3"),
		"day": "2026-03-08", "sent": "2026-03-12T10:02:31+01:00", "awarded": true} {
		if first[key] != want {
			t.Errorf("%s is %v, want %v", key, first[key], want)
		}
	}
	if second["isee"] != nil || second["day"] != nil || second["rank"] != json.Number("9007199254740993") {
		t.Errorf("%v", second)
	}
	for i, text := range formulas {
		if rows[i+2]["note"] != text {
			t.Errorf("%q becomes %q: nothing runs it in JSON", text, rows[i+2]["note"])
		}
	}
}

func TestATableWithoutRowsIsOne(t *testing.T) {
	t.Parallel()
	for f, want := range map[export.Format]string{export.JSON: "[]\n", export.CSV: "\ufeffA\r\n", export.Plain: "a\r\n"} {
		var b bytes.Buffer
		w, err := export.New(f, &b, []export.Column{{Key: "a", Title: "A"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil || b.String() != want {
			t.Errorf("%s: %q, %v", f, b.String(), err)
		}
	}
}

func TestAWorkbookHoldsTypedCellsAndNoFormula(t *testing.T) {
	t.Parallel()
	f, err := excelize.OpenReader(bytes.NewReader(written(t, export.XLSX)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetName(0)
	for cell, want := range map[string]string{
		"A1": "Protocollo", "A2": "INPS-2026-1", "C2": "-1,234.56", "D2": "3", "E2": "03-08-26", "F2": "12/03/2026 10:02:31", "G2": "TRUE",
		"C3": "", "E3": "", "F3": "", "G3": "FALSE",
	} {
		if got, err := f.GetCellValue(sheet, cell); err != nil || got != want {
			t.Errorf("%s is %q, want %q (%v)", cell, got, want, err)
		}
	}
	// Numbers, days and moments are numbers to the spreadsheet: it adds and sorts them.
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset,
		"D2": excelize.CellTypeUnset, "E2": excelize.CellTypeUnset, "F2": excelize.CellTypeUnset, "G2": excelize.CellTypeBool} {
		if got, err := f.GetCellType(sheet, cell); err != nil || got != want {
			t.Errorf("%s has type %d, want %d (%v)", cell, got, want, err)
		}
	}
	for i, text := range formulas {
		cell, _ := excelize.CoordinatesToCellName(2, i+4)
		got, err := f.GetCellValue(sheet, cell)
		if err != nil || !tame(got, text) {
			t.Errorf("%q becomes %q (%v)", text, got, err)
		}
		formula, err := f.GetCellFormula(sheet, cell)
		kind, _ := f.GetCellType(sheet, cell)
		if err != nil || formula != "" || kind != excelize.CellTypeInlineString {
			t.Errorf("%q is cell of type %d with formula %q (%v)", text, kind, formula, err)
		}
	}
}

func TestWhatIsNotATableIsRefused(t *testing.T) {
	t.Parallel()
	for _, f := range []export.Format{export.CSV, export.Plain, export.XLSX, export.JSON} {
		w, err := export.New(f, &bytes.Buffer{}, columns[:1])
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Row("a", "b"); err == nil {
			t.Errorf("%s takes two cells in one column", f)
		}
		if err := w.Row(1.5); err == nil {
			t.Errorf("%s takes a float, which no column of ours holds", f)
		}
		w.Discard()
	}
	if _, err := export.New("pdf", &bytes.Buffer{}, columns); err == nil {
		t.Error("pdf is a table")
	}
	if f, ok := export.Of("xlsx"); !ok || f.Ending() != ".xlsx" {
		t.Error(f, ok)
	}
	if _, ok := export.Of("exe"); ok {
		t.Error("exe is a format")
	}
}

// broken is a reader that went away.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("gone") }

func TestAReaderWhoIsGoneIsNoticed(t *testing.T) {
	t.Parallel()
	for _, f := range []export.Format{export.CSV, export.XLSX, export.JSON} {
		w, err := export.New(f, broken{}, columns[:1])
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			t.Errorf("%s ends well, and nobody has it", f)
		}
	}
}

func TestAWorkbookThatIsGivenUpLeavesNothingOnDisk(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	w, err := export.New(export.XLSX, broken{}, columns[:2])
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 1000)
	for range 20_000 {
		if err := w.Row(long, long); err != nil {
			t.Fatal(err)
		}
	}
	files := func() []string {
		found, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if len(files()) == 0 {
		t.Error("rows wait in memory, not on disk")
	}
	w.Discard()
	if left := files(); len(left) > 0 {
		t.Error(left)
	}
}
