package voucher_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"portal/internal/batch"
	"portal/internal/money"
	"portal/internal/voucher"
)

const header = "application_id,territory,isee,isee_status,submitted_at\n"

// at is a good instant.
const at = "2022-09-28T12:10:48.145508Z"

func readApplications(text string) ([]voucher.Candidate, error) {
	return voucher.ReadApplications("a.csv", strings.NewReader(text), int64(len(text)))
}

// wantFlaws compares what is told of a file, its count apart.
func wantFlaws(t *testing.T, err error, want ...string) {
	t.Helper()
	var flaws *batch.Flaws
	if !errors.As(err, &flaws) {
		t.Errorf("no flaws, but %v; want %q", err, want)
		return
	}
	lines := strings.Split(flaws.Error(), "\n")
	if got := lines[:len(lines)-1]; !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestEveryFlawOfTheApplicationsIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	good := func(id string) string { return id + ",Lazio,100.00,valid," + at + "\n" }
	const (
		notMoney   = "is not money: digits, a point and two decimals are wanted, as in 1234.50"
		notInstant = "is not an instant in UTC with microseconds, as in 2022-09-28T12:10:48.145508Z"
	)
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an empty file", "", []string{"a.csv:1: application_id: the column is missing", "a.csv:1: territory: the column is missing",
			"a.csv:1: isee: the column is missing", "a.csv:1: isee_status: the column is missing", "a.csv:1: submitted_at: the column is missing"}},
		{"a missing column", "application_id,territory,isee,submitted_at\n", []string{"a.csv:1: isee_status: the column is missing"}},
		{"a column of another name", "application_id,regione,isee,isee_status,submitted_at\n",
			[]string{"a.csv:1: territory: the column is missing", `a.csv:1: header: "regione" is not a column of this file`}},
		{"a column too many", strings.TrimSpace(header) + ",note\n", []string{`a.csv:1: header: "note" is not a column of this file`}},
		{"columns in another order", "territory,application_id,isee,isee_status,submitted_at\n",
			[]string{"a.csv:1: header: the columns are not application_id,territory,isee,isee_status,submitted_at"}},
		{"a column twice", strings.TrimSpace(header) + ",isee\n",
			[]string{"a.csv:1: header: the columns are not application_id,territory,isee,isee_status,submitted_at"}},
		{"a header that is never closed", `"application_id,`, []string{"a.csv:1: header: a quoted field is never closed"}},
		{"a short row", header + good("A") + "B,Lazio,1.00\n" + good("C"), []string{"a.csv:3: isee_status: is missing"}},
		{"a long row", header + strings.TrimSpace(good("A")) + ",x\n", []string{"a.csv:2: row: has 6 fields and not 5"}},
		{"no ID", header + good(""), []string{"a.csv:2: application_id: is missing"}},
		{"an ID twice", header + good("A") + good("B") + good("A"), []string{"a.csv:4: application_id: is given twice, first in line 2"}},
		{"an ID three times, once in a bad row", header + good("A") + "A,Lazio,x,valid," + at + "\n" + good("A"), []string{
			"a.csv:3: isee: " + notMoney, "a.csv:3: application_id: is given twice, first in line 2",
			"a.csv:4: application_id: is given twice, first in line 2"}},
		{"an ISEE of words", header + "A,Lazio,poco,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE with a comma", header + `A,Lazio,"100,00",valid,` + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE without cents", header + "A,Lazio,100,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE without euro", header + "A,Lazio,.50,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE of three decimals", header + "A,Lazio,1.000,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE beyond money", header + "A,Lazio,99999999999999.00,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"a negative ISEE", header + "A,Lazio,-1.00,valid," + at + "\n", []string{"a.csv:2: isee: is negative"}},
		{"a minus alone", header + "A,Lazio,-,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"no ISEE though valid", header + "A,Lazio,,valid," + at + "\n", []string{"a.csv:2: isee: " + notMoney}},
		{"an ISEE though missing", header + "A,Lazio,1.00,missing," + at + "\n", []string{"a.csv:2: isee: is given though isee_status is missing"}},
		{"a status unknown", header + "A,Lazio,1.00,Valid," + at + "\n", []string{"a.csv:2: isee_status: is none of valid, defective and missing"}},
		{"a date alone", header + "A,Lazio,1.00,valid,2022-09-28\n", []string{"a.csv:2: submitted_at: " + notInstant}},
		{"a day that is none", header + "A,Lazio,1.00,valid,2022-02-30T12:10:48.145508Z\n", []string{"a.csv:2: submitted_at: " + notInstant}},
		{"seconds alone", header + "A,Lazio,1.00,valid,2022-09-28T12:10:48Z\n", []string{"a.csv:2: submitted_at: " + notInstant}},
		{"a time of Rome", header + "A,Lazio,1.00,valid,2022-09-28T12:10:48.145508+02:00\n", []string{"a.csv:2: submitted_at: " + notInstant}},
		{"Latin-1 in a territory", header + "A,Valle d\x92Aosta,1.00,valid," + at + "\n", []string{"a.csv:2: territory: is not UTF-8"}},
		{"the same once more", header + "A,\xe0,1.00,valid," + at + "\nB,\xe0,1.00,valid," + at + "\n",
			[]string{"a.csv:2: territory: is not UTF-8", "a.csv:3: territory: is not UTF-8"}},
		{"Latin-1 in an ID", header + "\xc0,Lazio,1.00,valid," + at + "\n", []string{"a.csv:2: application_id: is not UTF-8"}},
		{"a quote in a plain field", header + "A\"B,Lazio,1.00,valid," + at + "\n" + "C,Lazio,x,valid," + at + "\n",
			[]string{"a.csv:2: row: a quote stands where none may stand (RFC 4180)", "a.csv:3: isee: " + notMoney}},
		{"text after a quote", header + "\"A\"B,Lazio,1.00,valid," + at + "\n", []string{"a.csv:2: row: a quote stands where none may stand (RFC 4180)"}},
		{"a quote never closed", header + good("A") + "\"B,Lazio\n,1.00", []string{"a.csv:3: row: a quoted field is never closed"}},
		{"a quote closed in another world", header + "\"A" + strings.Repeat("\n", 2<<20), []string{"a.csv:2: row: is longer than a mebibyte: is a quoted field never closed?"}},
		{"a line that never ends", header + strings.Repeat("A", 2<<20), []string{"a.csv:2: row: is longer than a mebibyte: is a quoted field never closed?"}},
		{"lines counted through empty ones and quoted ends", header + "\n\r\n\"A\n\r\nA\",Lazio,1.00,valid," + at + "\nB,Lazio,,valid," + at,
			[]string{"a.csv:7: isee: " + notMoney}},
		{"all that is wrong in a row", header + ",\xe0,x,y,z\n", []string{"a.csv:2: application_id: is missing", "a.csv:2: territory: is not UTF-8",
			"a.csv:2: isee: " + notMoney, "a.csv:2: isee_status: is none of valid, defective and missing", "a.csv:2: submitted_at: " + notInstant}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			candidates, err := readApplications(c.text)
			wantFlaws(t, err, c.want...)
			if candidates != nil {
				t.Error("and yet some are taken")
			}
		})
	}
}

func TestTwentyFlawsAreToldAndTheRestCounted(t *testing.T) {
	t.Parallel()
	rows := func(n int) string {
		var text strings.Builder
		text.WriteString(header)
		for i := range n {
			fmt.Fprintf(&text, "A%d,Lazio,,valid,%s\n", i, at)
		}
		return text.String()
	}
	for _, c := range []struct {
		rows  int
		last  string
		lines int
	}{
		{1, "a.csv: 1 thing is wrong", 2},
		{20, "a.csv: 20 things are wrong", 21},
		{21, "a.csv: 21 things are wrong, of which these are the first 20", 21},
		{5000, "a.csv: 5000 things are wrong, of which these are the first 20", 21},
	} {
		_, err := readApplications(rows(c.rows))
		lines := strings.Split(err.Error(), "\n")
		if got := lines[len(lines)-1]; got != c.last || len(lines) != c.lines {
			t.Errorf("%d lines end with %q, want %d and %q", len(lines), got, c.lines, c.last)
		}
	}
	// An ID given twice is found last and told where it stands.
	_, err := readApplications(strings.Replace(rows(100), "A3,", "A2,", 1))
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 21 || lines[4] != "a.csv:5: application_id: is given twice, first in line 4" {
		t.Errorf("got %q", lines)
	}
}

func TestWhatRFC4180AllowsIsReadAsItStands(t *testing.T) {
	t.Parallel()
	text := "\ufeff" + strings.ReplaceAll(header, "\n", "\r\n") +
		"\"B,\"\"1\"\"\r\nx\",\"Valle d'Aosta\",\"5.00\",valid," + at + "\r\n" +
		"\r\n" +
		"è ,,,missing,1969-12-31T23:59:59.999999Z\n" +
		"A,\"\",0.00,defective,\"" + at + "\"" // and no line end
	got, err := readApplications(text)
	const instant = 1_664_367_048_145_508
	want := []voucher.Candidate{
		{ID: "A", ISEEStatus: voucher.ISEEDefective, SubmittedAt: instant},
		{ID: "B,\"1\"\r\nx", Territory: "Valle d'Aosta", ISEE: 5_00, ISEEStatus: voucher.ISEEValid, SubmittedAt: instant},
		{ID: "è ", ISEEStatus: voucher.ISEEMissing, SubmittedAt: -1},
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	var out bytes.Buffer
	if err := voucher.WriteRanking(&out, got, voucher.Rank(nil, voucher.Budget{}, got)); err != nil {
		t.Fatal(err)
	}
	wanted := "application_id,territory,rank,entitled_amount,awarded_amount,outcome,reason\n" +
		"A,,,,0.00,refused,TERRITORY_UNKNOWN\n" +
		"\"B,\"\"1\"\"\r\nx\",Valle d'Aosta,,,0.00,refused,TERRITORY_UNKNOWN\n" +
		"è ,,,,0.00,refused,TERRITORY_UNKNOWN\n"
	if out.String() != wanted {
		t.Errorf("got %q", out.String())
	}
}

func TestAFileThatCannotBeReadIsNotAFlaw(t *testing.T) {
	t.Parallel()
	broken := errors.New("the disk is gone")
	for _, start := range []string{"", header, header + "A,Lazio,1.00", header + "\"A\n"} {
		_, err := voucher.ReadApplications("a.csv", io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)), 0)
		if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "a.csv: ") {
			t.Errorf("after %q: %v", start, err)
		}
	}
	if _, err := voucher.ReadEdition("e.json", iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("edition: %v", err)
	}
}

func TestARankingThatCannotBeWrittenIsAnError(t *testing.T) {
	t.Parallel()
	full := errors.New("the disk is full")
	for room := range 3 {
		w := &smallDisk{room: room, full: full}
		candidates := []voucher.Candidate{{ID: "A"}}
		if err := voucher.WriteRanking(w, candidates, voucher.Rank(nil, voucher.Budget{}, candidates)); (room < 2) != errors.Is(err, full) {
			t.Errorf("room for %d writes: %v", room, err)
		}
	}
}

// smallDisk takes so many writes.
type smallDisk struct {
	room int
	full error
}

func (d *smallDisk) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if d.room--; d.room < 0 {
		return 0, d.full
	}
	return len(b), nil
}

func TestManyApplicationsAreRankedAsFew(t *testing.T) {
	t.Parallel()
	// IDs that begin alike, that differ in length, and more rows than are written at a time.
	var text strings.Builder
	text.WriteString(header)
	const n = 70_000
	for i := range n {
		fmt.Fprintf(&text, "2022-%d,Lazio,%d.00,valid,%s\n", (i*7919)%n, i, at)
	}
	got, err := voucher.ReadApplications("a.csv", strings.NewReader(text.String()), 0)
	if err != nil || len(got) != n {
		t.Fatalf("%d candidates, %v", len(got), err)
	}
	if !slices.IsSortedFunc(got, func(a, b voucher.Candidate) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not in the order of their IDs")
	}
	for _, c := range got {
		if want := fmt.Sprintf("2022-%d", int(c.ISEE/money.Euro)*7919%n); c.ID != want {
			t.Fatalf("%s has the ISEE of %s", c.ID, want)
		}
	}
	var out bytes.Buffer
	bands := []voucher.Band{{UpTo: 100_000_00, Amount: 1_00}}
	if err := voucher.WriteRanking(&out, got, voucher.Rank(bands, budgetOf(5_00), got)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	for i, c := range got {
		if !strings.HasPrefix(lines[i+1], fmt.Sprintf("%s,Lazio,%d,1.00,", c.ID, c.ISEE/money.Euro+1)) {
			t.Fatalf("line %d: %s", i+2, lines[i+1])
		}
	}
	if len(lines) != n+2 || lines[n+1] != "" {
		t.Errorf("%d lines", len(lines))
	}
}

func TestTheEditionOfTheContractIsRead(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/voucher-edition.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	e, err := voucher.ReadEdition("e.json", f)
	want := []voucher.Band{{15_000_00, true, 600_00}, {25_000_00, true, 400_00}, {50_000_00, true, 200_00}}
	if err != nil || e.ID != "edition2022" || !slices.Equal(e.Bands, want) || len(e.Budget.Of) != 4 ||
		e.Budget.Of["Lazio"] != 1000_50 || !slices.Equal(e.Budget.Closed, []string{"P.A. Trento"}) {
		t.Errorf("got %+v, %v", e, err)
	}
}

func TestEveryFlawOfAnEditionIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	const (
		bands    = `{"isee_up_to": "15000.00", "inclusive": true, "amount": "600.00"}`
		notMoney = "is not money: digits, a point and two decimals are wanted, as in 1234.50"
		inQuotes = `is not money in quotes, as in "1234.50"`
	)
	with := func(id, bands, budgets string) string {
		return "\ufeff{\n \"edition_id\": " + id + ",\n \"bands\": [\n  " + bands + "\n ],\n \"budgets\": {\n  " + budgets + "\n }\n}\n"
	}
	if _, err := voucher.ReadEdition("e.json", strings.NewReader(with(`"2022"`, bands, ``))); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", []string{"e.json:1: edition: unexpected end of JSON input"}},
		{"half of it", "{\n\"bands\": [\n", []string{"e.json:2: edition: unexpected end of JSON input"}},
		{"no JSON", "{\n \"edition_id\": 2022;\n", []string{"e.json:2: edition: invalid character ';' after object key:value pair"}},
		{"two of it", "{}\n{}", []string{"e.json:2: edition: invalid character '{' after top-level value"}},
		{"no UTF-8", "{\n\"edition_id\": \"\xe0\"}", []string{"e.json:2: edition: is not UTF-8"}},
		{"nested without end", strings.Repeat("[", 1<<20), []string{"e.json:1: edition: invalid character '[' exceeded max depth"}},
		{"a list", "\n[]", []string{"e.json:2: edition: is not an object: {…}"}},
		{"an empty object", "{\n}", []string{"e.json:1: edition_id: is missing", "e.json:1: bands: is missing", "e.json:1: budgets: is missing"}},
		{"a name that is a number", with("2022", bands, ""), []string{`e.json:2: edition_id: is not text: "…"`}},
		{"a name that is empty", with(`""`, bands, ""), []string{"e.json:2: edition_id: is empty"}},
		{"no bands", with(`"2022"`, "", ""), []string{"e.json:3: bands: are none"}},
		{"bands that are none", `{"edition_id": "a", "budgets": [],` + "\n" + `"bands": {}}`, []string{
			"e.json:1: budgets: is not an object: {…}", "e.json:2: bands: is not a list: […]"}},
		{"bands out of order", with(`"2022"`, bands+",\n"+strings.ReplaceAll(bands, "15000", "14999"), ""), []string{
			"e.json:5: bands[1].isee_up_to: is not above that of the band before: bands are ascending"}},
		{"a band twice", with(`"2022"`, bands+",\n"+bands, ""), []string{
			"e.json:5: bands[1].isee_up_to: is not above that of the band before: bands are ascending"}},
		{"a band of nothing", with(`"2022"`, "{}", ""), []string{
			"e.json:4: bands[0].isee_up_to: is missing", "e.json:4: bands[0].inclusive: is missing", "e.json:4: bands[0].amount: is missing"}},
		{"a band of errors", with(`"2022"`, "{\n\"isee_up_to\": 15000.00,\n\"inclusive\": \"yes\",\n\"amount\": \"600\",\n\"note\": null}", ""), []string{
			"e.json:5: bands[0].isee_up_to: " + inQuotes, "e.json:6: bands[0].inclusive: is neither true nor false",
			"e.json:7: bands[0].amount: " + notMoney, "e.json:8: bands[0].note: is not a field of a band"}},
		{"a band that gives nothing", with(`"2022"`, strings.ReplaceAll(bands, "600.00", "0.00"), ""), []string{"e.json:4: bands[0].amount: is nothing"}},
		{"a negative bound", with(`"2022"`, strings.ReplaceAll(bands, "15000", "-15000"), ""), []string{"e.json:4: bands[0].isee_up_to: is negative"}},
		{"a negative budget", with(`"2022"`, bands, `"Lazio": "-1.00"`), []string{"e.json:7: budgets.Lazio: is negative"}},
		{"a budget that is null", with(`"2022"`, bands, `"Lazio": null`), []string{"e.json:7: budgets.Lazio: " + inQuotes}},
		{"a territory twice", with(`"2022"`, bands, "\"Lazio\": \"1.00\",\n\"Lazio\": \"2.00\""), []string{"e.json:8: budgets.Lazio: is given twice"}},
		{"a name over two lines", with(`"2022"`, bands, `"La\nzio": "1"`), []string{"e.json:7: budgets.La\ufffdzio: " + notMoney}},
		{"a word misspelt", `{"edition_id": "a", "bands": [` + bands + `], "budgets": {},` + "\n" + `"closed_territory": []}`, []string{
			"e.json:2: closed_territory: is not a field of an edition"}},
		{"a territory closed by number", `{"edition_id": "a", "bands": [` + bands + `], "budgets": {},` + "\n" + `"closed_territories": ["Lazio", 4]}`, []string{
			`e.json:2: closed_territories[1]: is not text: "…"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := voucher.ReadEdition("e.json", strings.NewReader(c.text))
			wantFlaws(t, err, c.want...)
		})
	}
}
