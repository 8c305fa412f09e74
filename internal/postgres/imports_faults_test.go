package postgres_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portal/internal/identity"
	"portal/internal/voucher"
)

// An import with every kind of fault: nothing applied, every fault named with its line.
func TestEveryFaultIsNamedWithItsLineAndNothingIsApplied(t *testing.T) {
	t.Parallel()
	type fault = voucher.ImportFault
	named := map[voucher.FaultKind]bool{}
	code := func(fifteen string) string { return string(identity.NewFiscalCode(fifteen)) }
	// row is a row of somebody of her own with some columns written over.
	n := 0
	row := func(over ...string) string {
		n++
		cells := strings.Split(importedRow(n), ";")
		for i := 0; i < len(over); i += 2 {
			cells[slices.Index(voucher.ImportColumns, over[i])] = over[i+1]
		}
		return strings.Join(cells, ";")
	}
	at := func(line int, field string, kind voucher.FaultKind, arg int) fault {
		return fault{Line: line, Field: field, Kind: kind, Arg: arg}
	}
	long := strings.Repeat("x", 101)

	// Files that hold no rows that could be read.
	for _, c := range []struct {
		what, text string
		declared   int
		want       []fault
	}{
		{"nothing", "", 0, []fault{at(0, "", voucher.FaultEmptyFile, 0)}},
		{"a mark of UTF-8 and blank lines", "\ufeff\r\n\n", 0, []fault{at(0, "", voucher.FaultEmptyFile, 0)}},
		{"a header alone", importHeader + "\n", 3, []fault{at(0, "", voucher.FaultEmptyFile, 0)}},
		{"a spreadsheet", "PK\x03\x04\x14\x00\x06\x00" + strings.Repeat("x", 500), 0, []fault{at(0, "", voucher.FaultNotText, 0)}},
		{"a PDF", "%PDF-1.7\n1 0 obj", 0, []fault{at(0, "", voucher.FaultNotText, 0)}},
		{"UTF-16", "\xff\xfec\x00o\x00d\x00", 0, []fault{at(0, "", voucher.FaultNotText, 0)}},
		{"another table", "id;nome;nome\n1;2;3\n", 0, []fault{
			at(1, "", voucher.FaultUnknownColumn, 1), at(1, "codice_fiscale", voucher.FaultNoColumn, 0), at(1, "cognome", voucher.FaultNoColumn, 0),
			at(1, "data_nascita", voucher.FaultNoColumn, 0), at(1, "email", voucher.FaultNoColumn, 0), at(1, "isee", voucher.FaultNoColumn, 0),
			at(1, "nome", voucher.FaultColumnTwice, 0), at(1, "presentata_il", voucher.FaultNoColumn, 0), at(1, "provincia", voucher.FaultNoColumn, 0),
			at(1, "stato_isee", voucher.FaultNoColumn, 0), at(1, "telefono", voucher.FaultNoColumn, 0), at(1, "territorio", voucher.FaultNoColumn, 0)}},
		{"a column too few", strings.Replace(importHeader, ";telefono", "", 1) + "\n", 0, []fault{at(1, "telefono", voucher.FaultNoColumn, 0)}},
		{"a quote that is never closed", importHeader + "\n" + row() + "\n\"" + row() + "\n" + row() + "\n", 0, []fault{at(3, "", voucher.FaultUnclosed, 0)}},
		{"a line without an end", importHeader + "\n" + row() + "\n" + strings.Repeat("x", 2<<20), 0, []fault{at(3, "", voucher.FaultLongLine, 0)}},
		{"fewer rows than declared", importHeader + "\n" + row() + "\n" + row() + "\n", 3, []fault{at(0, "", voucher.FaultDeclared, 2)}},
		{"an old Mac's line ends", strings.ReplaceAll(importHeader+"\n"+row()+"\n", "\n", "\r"), 0, nil},
	} {
		d := newImportDesk(t)
		f := d.read(c.text, c.declared)
		got := d.faults(f.ID)
		for _, x := range got {
			named[x.Kind] = true
		}
		if f.State != voucher.ImportRefused || c.want != nil && !slices.Equal(got, c.want) {
			t.Errorf("%s: %s, %v, want %v", c.what, f.State, got, c.want)
		}
		d.empty()
	}

	// Rows, each with what is wrong with it, in one file. 0 is the row itself.
	type checked struct {
		row    string
		faults []fault
	}
	cells := []checked{
		{row(), nil},
		{row("codice_fiscale", ""), []fault{at(0, "codice_fiscale", voucher.FaultMissing, 0)}},
		{row("codice_fiscale", "RSSMRA85C52H501"), []fault{at(0, "codice_fiscale", voucher.FaultCodeLength, 0)}},
		{row("codice_fiscale", "RSSMRA85C52H50È1"), []fault{at(0, "codice_fiscale", voucher.FaultCodeForm, 0)}},
		{row("codice_fiscale", "12345678901234AB"), []fault{at(0, "codice_fiscale", voucher.FaultCodeForm, 0)}},
		{row("codice_fiscale", "RSSMRA85C52H501A"), []fault{at(0, "codice_fiscale", voucher.FaultCodeCheck, 0)}},
		{row("codice_fiscale", code("RSSMRA85C52H501"), "data_nascita", "1985-03-13"), []fault{at(0, "data_nascita", voucher.FaultCodeBirth, 0)}},
		{row("codice_fiscale", code("RSSMRA85CR2H50M"), "data_nascita", "12/03/1985"), nil}, // omocodia, and a spreadsheet's day
		{row("cognome", ""), []fault{at(0, "cognome", voucher.FaultMissing, 0)}},
		{row("nome", " "), []fault{at(0, "nome", voucher.FaultMissing, 0)}},
		{row("cognome", long), []fault{at(0, "cognome", voucher.FaultTooLong, 100)}},
		{row("cognome", "Ni\xf2"), []fault{at(0, "cognome", voucher.FaultEncoding, 0)}},
		{row("nome", "Ma\x00ria"), []fault{at(0, "nome", voucher.FaultControl, 0)}},
		{row("nome", "Ma\u202eria"), []fault{at(0, "nome", voucher.FaultControl, 0)}},
		{row("data_nascita", "1985-02-30"), []fault{at(0, "data_nascita", voucher.FaultDate, 0)}},
		{row("data_nascita", "1785-02-03"), []fault{at(0, "data_nascita", voucher.FaultDate, 0)}},
		{row("data_nascita", "ieri"), []fault{at(0, "data_nascita", voucher.FaultDate, 0)}},
		{row("data_nascita", "2025-11-22"), []fault{at(0, "data_nascita", voucher.FaultFuture, 0)}},
		{row("territorio", "Padania"), []fault{at(0, "territorio", voucher.FaultTerritory, 0)}},
		{row("territorio", "P.A. Trento", "provincia", "TN"), []fault{at(0, "territorio", voucher.FaultClosed, 0)}},
		{row("territorio", "Valle d’Aosta", "provincia", "ao"), nil},
		{row("provincia", "XX"), []fault{at(0, "provincia", voucher.FaultProvince, 0)}},
		{row("provincia", "MI"), []fault{at(0, "provincia", voucher.FaultElsewhere, 0)}},
		{row("isee", "-1,00", "stato_isee", "valido"), []fault{at(0, "isee", voucher.FaultNegative, 0)}},
		{row("isee", "1e3", "stato_isee", "valido"), []fault{at(0, "isee", voucher.FaultMoney, 0)}},
		{row("isee", "8.412,30", "stato_isee", "valido"), []fault{at(0, "isee", voucher.FaultMoney, 0)}},
		{row("isee", "", "stato_isee", "valido"), []fault{at(0, "isee", voucher.FaultISEEMissing, 0)}},
		{row("isee", "1,00", "stato_isee", "assente"), []fault{at(0, "isee", voucher.FaultISEEUnexpected, 0)}},
		{row("stato_isee", "buono"), []fault{at(0, "stato_isee", voucher.FaultISEEStatus, 0)}},
		{row("isee", "8412.30", "stato_isee", "difforme"), nil},
		{row("isee", "", "stato_isee", "difforme"), nil},
		{row("presentata_il", "2025-10-01 10:00"), []fault{at(0, "presentata_il", voucher.FaultInstant, 0)}},
		{row("presentata_il", "2025-10-01T10:00:00Z"), []fault{at(0, "presentata_il", voucher.FaultInstant, 0)}},
		{row("presentata_il", "2025-10-01T10:00:00.1234567Z"), []fault{at(0, "presentata_il", voucher.FaultInstant, 0)}},
		{row("presentata_il", "2025-09-14T23:59:59.999999+02:00"), []fault{at(0, "presentata_il", voucher.FaultWindow, 0)}},
		{row("presentata_il", "2025-11-15T00:00:00.000000+01:00"), []fault{at(0, "presentata_il", voucher.FaultWindow, 0)}},
		{row("presentata_il", "2025-11-14T23:59:59.999999+01:00"), nil},
		{row("email", "maria.example.org"), []fault{at(0, "email", voucher.FaultEmail, 0)}},
		{row("email", "", "telefono", ""), nil},
		{row("telefono", "chiama me"), []fault{at(0, "telefono", voucher.FaultPhone, 0)}},
		{"troppo;corta", []fault{at(0, "", voucher.FaultFieldCount, 2)}},
		{row() + ";in più", []fault{at(0, "", voucher.FaultFieldCount, 12)}},
		{row("nome", `Maria "Mimì" Grazia`), []fault{at(0, "", voucher.FaultQuote, 0)}},
		{row("nome", `"Maria ""Mimì"" Grazia"`), nil},
		{row("cognome", "", "provincia", "MI", "email", "x"), []fault{at(0, "cognome", voucher.FaultMissing, 0), at(0, "email", voucher.FaultEmail, 0), at(0, "provincia", voucher.FaultElsewhere, 0)}},
	}
	// The same person as in line 2, whose row is in order; the second time with more that is wrong.
	columns := strings.Split(cells[0].row, ";")
	cells = append(cells,
		checked{row("codice_fiscale", strings.ToLower(columns[0]), "data_nascita", columns[3]), []fault{at(0, "codice_fiscale", voucher.FaultDuplicate, 2)}},
		checked{row("codice_fiscale", columns[0], "data_nascita", columns[3], "isee", "?"), []fault{
			at(0, "codice_fiscale", voucher.FaultDuplicate, 2), at(0, "isee", voucher.FaultMoney, 0)}})

	d := newImportDesk(t)
	var text strings.Builder
	text.WriteString("\ufeff" + importHeader + "\r\n")
	var want []fault
	wrong := 0
	for i, c := range cells {
		text.WriteString(c.row + "\r\n")
		for _, f := range c.faults {
			want = append(want, at(i+2, f.Field, f.Kind, f.Arg))
		}
		if len(c.faults) > 0 {
			wrong++
		}
	}
	want = append([]fault{at(0, "", voucher.FaultDeclared, len(cells))}, want...)
	f := d.read(text.String(), 395_604)
	got := d.faults(f.ID)
	for _, x := range got {
		named[x.Kind] = true
		if !slices.Contains(want, x) {
			t.Errorf("told without a cause: %+v in %q", x, cells[max(x.Line-2, 0)].row)
		}
	}
	for _, x := range want {
		if !slices.Contains(got, x) {
			t.Errorf("not told: %+v of %q", x, cells[max(x.Line-2, 0)].row)
		}
	}
	if f.State != voucher.ImportRefused || f.Read != len(cells) || f.Wrong != wrong {
		t.Errorf("%+v, want %d rows of which %d are wrong", f, len(cells), wrong)
	}
	if err := d.apply(f.ID); err == nil {
		t.Error("it was taken in all the same")
	}
	d.empty()

	// Numbers of protocol that come with the file; and what is there already.
	withNumbers := importHeader + ";protocollo\n" + row() + ";A/1\n" + row() + ";A-2\n" + row() + ";\n"
	if f := d.read(withNumbers, 3); d.apply(f.ID) != nil {
		t.Fatalf("%+v %v", d.file(f.ID), d.faults(f.ID))
	}
	applied := strings.SplitN(strings.Split(withNumbers, "\n")[1], ";A/1", 2)[0]
	f = d.read(importHeader+";protocollo\n"+row()+";A/1\n"+row()+";B 1\n"+row()+";B1\n"+row()+";B1\n"+applied+";\n", 5)
	wantThen := []fault{at(2, "protocollo", voucher.FaultProtocolTaken, 0), at(3, "protocollo", voucher.FaultProtocol, 0),
		at(5, "protocollo", voucher.FaultProtocolTwice, 4), at(6, "codice_fiscale", voucher.FaultApplied, 0)}
	if got := d.faults(f.ID); !slices.Equal(got, wantThen) {
		t.Errorf("%v, want %v", got, wantThen)
	}
	again := d.read(withNumbers, 3)
	for _, x := range append(d.faults(f.ID), d.faults(again.ID)...) {
		named[x.Kind] = true
	}
	if n := d.count(`SELECT count(*) FROM applications`); n != 3 {
		t.Errorf("%d applications, want the three of the file in order", n)
	}
	for _, kind := range voucher.FaultKinds {
		if !named[kind] && kind != voucher.FaultTooMany { // see below
			t.Errorf("no file above has the fault %q", kind)
		}
	}
}

func TestAfterTooManyFaultsAFileIsNotReadOn(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	f := d.read(importHeader+"\n"+strings.Repeat(";;;;;;;;;;\n", 40_000), 7)
	counts, err := d.imports.FaultCounts(t.Context(), f.ID)
	if err != nil || f.State != voucher.ImportRefused || f.Read >= 40_000 {
		t.Fatalf("%+v, %v", f, err)
	}
	if got := fmt.Sprint(counts[len(counts)-1]); got != "{too_many 1}" || counts[0].Count < 90_000 {
		t.Errorf("%v", counts)
	}
	last, err := d.imports.Faults(t.Context(), f.ID, voucher.FaultTooMany, 1)
	if err != nil || len(last) != 1 || last[0].Line != f.Read+2 {
		t.Errorf("%v, %v, after %d rows", last, err, f.Read)
	}
	d.empty()
}
