package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// importDesk is a database with the editions and nobody in it, where files of
// applications are brought, a week after the window of 2025 has closed.
type importDesk struct {
	testing.TB
	pool    *pgxpool.Pool
	imports *voucher.Imports
}

var afterWindow = time.Date(2025, time.November, 21, 9, 0, 0, 0, calendar.Rome)

func newImportDesk(t testing.TB) *importDesk {
	t.Helper()
	d := &importDesk{TB: t, pool: pgtest.Open(t)}
	d.imports = voucher.NewImports(postgres.NewImports(d.pool), func() time.Time { return afterWindow })
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.NewEditions(d.pool).Ship(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	return d
}

// read reads a file at the command line.
func (d *importDesk) read(text string, declared int) voucher.ImportFile {
	d.Helper()
	id, err := d.imports.Read(d.Context(), identity.Office(), once.Form{}, voucher.ImportAsk{Edition: "2025", Declared: declared}, strings.NewReader(text), func(int) {})
	if err != nil {
		d.Fatal(err)
	}
	return d.file(id)
}

func (d *importDesk) file(id voucher.ImportID) voucher.ImportFile {
	d.Helper()
	f, err := d.imports.ImportFile(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return f
}

// apply takes a file in that was checked.
func (d *importDesk) apply(id voucher.ImportID) error {
	d.Helper()
	if err := d.imports.Order(d.Context(), identity.Office(), once.Form{}, id); err != nil {
		return err
	}
	return d.imports.Apply(d.Context(), id, func(int) {})
}

func (d *importDesk) faults(id voucher.ImportID) (all []voucher.ImportFault) {
	d.Helper()
	err := d.imports.EachFault(d.Context(), id, func(f voucher.ImportFault) error { all = append(all, f); return nil })
	if err != nil {
		d.Fatal(err)
	}
	return all
}

func (d *importDesk) count(sql string, args ...any) (n int) {
	d.Helper()
	if err := d.pool.QueryRow(d.Context(), sql, args...).Scan(&n); err != nil {
		d.Fatal(err)
	}
	return n
}

// empty fails the test unless nobody and nothing has come into the database, and no
// row of a file waits in it.
func (d *importDesk) empty() {
	d.Helper()
	for _, table := range []string{"persons", "applications", "import_rows"} {
		if n := d.count(`SELECT count(*) FROM ` + table); n != 0 {
			d.Errorf("%d rows in %s", n, table)
		}
	}
}

const importHeader = "codice_fiscale;cognome;nome;data_nascita;territorio;provincia;isee;stato_isee;presentata_il;email;telefono"

// importedRow is the row of the i-th made-up person: one in ten with a defective ISEE,
// one in ten without any.
func importedRow(i int) string {
	born := calendar.NewDate(1950, time.January, 1).Add(i % 20_000)
	code := identity.NewFiscalCode(fmt.Sprintf("%c%c%cPPP%02d%c%02dH%03d", 'A'+i%26, 'A'+i/26%26, 'A'+i/676%26, born.Year%100,
		"ABCDEHLMPRST"[born.Month-1], born.Day, i%1000))
	isee, status := fmt.Sprintf("%d,%02d", 1_000+i%40_000, i%100), "valido"
	switch i % 10 {
	case 8:
		status = "difforme"
	case 9:
		isee, status = "", "assente"
	}
	at := time.Date(2025, time.September, 15, 8, 0, 0, i*1000, time.UTC).Add(time.Duration(i) * time.Second)
	return fmt.Sprintf("%s;Rossi;Maria Grazia;%s;Lazio;RM;%s;%s;%s;p%d@example.org;333 %07d",
		code, born, isee, status, at.Format("2006-01-02T15:04:05.000000Z07:00"), i, i)
}

func importedRows(from, to int) string {
	var b strings.Builder
	b.WriteString(importHeader + "\n")
	for i := from; i < to; i++ {
		b.WriteString(importedRow(i) + "\n")
	}
	return b.String()
}

func TestAFileIsTakenInAsAWhole(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	const n = 20_000
	f := d.read(importedRows(0, n), n)
	if f.State != voucher.ImportChecked || f.Read != n || f.Wrong != 0 {
		t.Fatalf("%+v, %v", f, d.faults(f.ID))
	}
	if got := d.count(`SELECT count(*) FROM applications`); got != 0 {
		t.Fatalf("%d applications before anybody asked", got)
	}
	rows, totals, err := d.imports.ImportPreview(t.Context(), f.ID, voucher.PreviewSize)
	if err != nil || len(rows) != voucher.PreviewSize || rows[0].Line != 2 || totals != (voucher.ImportTotals{Valid: n * 8 / 10, Defective: n / 10, Missing: n / 10}) {
		t.Errorf("preview of %d rows, %+v, %v", len(rows), totals, err)
	}
	if err := d.apply(f.ID); err != nil {
		t.Fatal(err)
	}
	if f = d.file(f.ID); f.State != voucher.ImportApplied || f.Applied != n || f.Working {
		t.Errorf("afterwards: %+v", f)
	}
	for _, c := range []struct {
		what string
		want int
		sql  string
	}{
		{"persons", n, `SELECT count(*) FROM persons`},
		{"applications with their import", n, `SELECT count(*) FROM applications WHERE channel = 'import' AND import_id IS NOT NULL AND applicant_id = beneficiary_id`},
		{"protocols of this year", n, `SELECT count(DISTINCT protocol) FROM applications WHERE protocol ~ '^INPS-2025-[0-9]{6}$'`},
		{"submitted", n * 8 / 10, `SELECT count(*) FROM applications WHERE state = 'submitted' AND isee_status = 'valid' AND cure_by IS NULL AND isee_cents > 0`},
		{"to be cured, fifteen days from today", n / 5, `SELECT count(*) FROM applications WHERE state = 'awaiting_isee' AND cure_by = '2025-12-06'`},
		{"without an ISEE", n / 10, `SELECT count(*) FROM applications WHERE isee_status = 'missing' AND isee_cents IS NULL`},
		{"entitled to the first band", 14_000 * 8 / 10, `SELECT count(*) FROM applications WHERE entitled_cents = 150000`},
		{"instants to the microsecond", 1, `SELECT count(*) FROM applications WHERE submitted_at = '2025-09-15 08:00:07.000007+00'`},
		{"rows left in the staging table", 0, `SELECT count(*) FROM import_rows`},
		{"entries in the register", 1, `SELECT count(*) FROM audit WHERE action = 'import.applied'`},
	} {
		if got := d.count(c.sql); got != c.want {
			t.Errorf("%s: %d, want %d", c.what, got, c.want)
		}
	}
}

func TestAFileIsTakenInOnce(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	text := importedRows(0, 50)
	first, second := d.read(text, 0), d.read(text, 0)
	if err := d.apply(first.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.imports.Apply(t.Context(), first.ID, func(int) {}); err != nil {
		t.Errorf("applied twice: %v", err)
	}
	if err := d.imports.Order(t.Context(), identity.Office(), once.Form{}, first.ID); !errors.Is(err, voucher.ErrImportNotReady) {
		t.Errorf("ordered again: %v", err)
	}
	if err := d.apply(second.ID); !errors.Is(err, voucher.ErrImportedBefore) {
		t.Errorf("the same file, read before the other was applied: %v", err)
	}
	third := d.read(text, 0)
	if got := d.faults(third.ID)[0]; third.State != voucher.ImportRefused || got != (voucher.ImportFault{Kind: voucher.FaultImported}) {
		t.Errorf("the same file, read afterwards: %+v %+v", third, got)
	}
	other := d.read(text+importedRow(50)+"\n", 0)
	if got := d.faults(other.ID); other.Wrong != 50 || got[0] != (voucher.ImportFault{Line: 2, Field: "codice_fiscale", Kind: voucher.FaultApplied}) {
		t.Errorf("the same people in another file: %+v %+v", other, got[0])
	}
	if got := d.count(`SELECT count(*) FROM applications`); got != 50 {
		t.Errorf("%d applications", got)
	}
}

func TestTwoImportsAtOnceOfTheSamePeople(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	files := []voucher.ImportFile{d.read(importedRows(0, 3000), 0), d.read(importedRows(1000, 4000), 0)}
	wrong := make([]error, len(files))
	var wg sync.WaitGroup
	for i, f := range files {
		wg.Go(func() { wrong[i] = d.apply(f.ID) })
	}
	wg.Wait()
	if (wrong[0] == nil) == (wrong[1] == nil) || !errors.Is(errors.Join(wrong...), voucher.ErrImportFaults) {
		t.Errorf("one is taken in and the other refused, but: %v", wrong)
	}
	for i, f := range files {
		f = d.file(f.ID)
		if wrong[i] == nil && f.State != voucher.ImportApplied || wrong[i] != nil && (f.State != voucher.ImportRefused || f.Wrong != 2000) {
			t.Errorf("%v: %+v", wrong[i], f)
		}
	}
	if n := d.count(`SELECT count(*) FROM applications`); n != 3000 {
		t.Errorf("%d applications", n)
	}
	if n := d.count(`SELECT count(*) FROM persons`); n != 3000 {
		t.Errorf("%d persons", n)
	}
}

// What a kill -9 of the program does to the database: the connection is gone in the
// middle of the transaction.
func TestAnImportThatIsKilledLeavesNothingAndStartsAgain(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	const n = 20_500 // more than one batch
	f := d.read(importedRows(0, n), n)
	if err := d.imports.Order(t.Context(), identity.Office(), once.Form{}, f.ID); err != nil {
		t.Fatal(err)
	}
	seen := 0
	err := d.imports.Apply(t.Context(), f.ID, func(applied int) {
		if seen = applied; applied == n {
			return
		}
		if now := d.file(f.ID); !now.Working || now.State != voucher.ImportApplying {
			t.Errorf("while it is applied: %+v", now)
		}
		d.count(`SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1768779892 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`)
	})
	if err == nil || seen == 0 || seen == n {
		t.Fatalf("it was killed after %d, and said %v", seen, err)
	}
	if got := d.count(`SELECT (SELECT count(*) FROM persons) + (SELECT count(*) FROM applications)`); got != 0 {
		t.Errorf("%d rows are left of it", got)
	}
	if now := d.file(f.ID); now.State != voucher.ImportApplying || now.Working || now.Applied != 0 {
		t.Errorf("afterwards: %+v", now)
	}
	if err := d.apply(f.ID); err != nil {
		t.Fatal(err)
	}
	if got := d.count(`SELECT count(*) FROM applications`); got != n || d.file(f.ID).Applied != n {
		t.Errorf("%d applications, %+v", got, d.file(f.ID))
	}
}

func TestAFileThatWasBrokenOffMayBeBroughtAgain(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	text := importedRows(0, 30)
	broken := d.read(text, 0)
	if err := d.imports.Order(t.Context(), identity.Office(), once.Form{}, broken.ID); err != nil {
		t.Fatal(err)
	}
	again := d.read(text, 0)
	if again.State != voucher.ImportChecked || d.file(broken.ID).State != voucher.ImportDropped {
		t.Fatalf("%+v, %v; the first is %s", again, d.faults(again.ID), d.file(broken.ID).State)
	}
	if err := d.imports.Apply(t.Context(), broken.ID, func(int) {}); !errors.Is(err, voucher.ErrImportNotReady) {
		t.Errorf("the first, of which the second took the place: %v", err)
	}
	if err := d.apply(again.ID); err != nil {
		t.Error(err)
	}
}

func TestRowsThatAServerLostAreNotTakenForAFile(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	f := d.read(importedRows(0, 10), 0)
	if _, err := d.pool.Exec(t.Context(), `DELETE FROM import_rows WHERE line = 5`); err != nil {
		t.Fatal(err)
	}
	if err := d.apply(f.ID); !errors.Is(err, voucher.ErrImportRowsLost) {
		t.Errorf("with a row less: %v", err)
	}
	if n := d.count(`SELECT count(*) FROM applications`); n != 0 {
		t.Errorf("%d applications", n)
	}
}

func TestWhoIsKnownAlreadyKeepsTheirRecord(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	people := postgres.NewPeople(d.pool)
	enter := func(i int) identity.Person {
		code, _, _ := strings.Cut(importedRow(i), ";")
		p, err := people.Enter(t.Context(), identity.Person{FiscalCode: identity.FiscalCode(code), GivenName: "Anna", FamilyName: "Verdi"}, calendar.Date{}, "")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	before := enter(3)
	f := d.read(importedRows(0, 10), 0)
	meanwhile := enter(7)
	if err := d.apply(f.ID); err != nil {
		t.Fatal(err)
	}
	for _, p := range []identity.Person{before, meanwhile} {
		if n := d.count(`SELECT count(*) FROM applications a JOIN persons p ON p.id = a.beneficiary_id WHERE p.id = $1 AND p.family_name = 'Verdi'`, string(p.ID)); n != 1 {
			t.Errorf("%d applications of somebody known", n)
		}
	}
	if n := d.count(`SELECT count(*) FROM persons`); n != 10 {
		t.Errorf("%d persons", n)
	}
}

func TestAFileWhoseSenderWentAwayLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newImportDesk(t)
	gone, cancel := context.WithCancel(t.Context())
	_, err := d.imports.Read(gone, identity.Office(), once.Form{}, voucher.ImportAsk{Edition: "2025"},
		strings.NewReader(importedRows(0, 15_000)), func(int) { cancel() })
	if err == nil {
		t.Fatal("nobody was there any more, and it went well")
	}
	d.empty()
	if n := d.count(`SELECT count(*) FROM imports WHERE state = 'dropped'`); n != 1 {
		t.Errorf("%d imports are noted as broken off", n)
	}
}
