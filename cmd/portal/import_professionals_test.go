package main

import (
	"path/filepath"
	"strings"
	"testing"

	"portal/internal/identity"
	"portal/internal/voucher"
)

// listOf is a file of CNOP's list, with a new professional in each row but for what
// is given instead.
func listOf(t *testing.T, rows ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "elenco.csv")
	write0600(t, name, strings.Join(voucher.ListColumns, ",")+"\n"+strings.Join(rows, "\n")+"\n")
	return name
}

func newRow(fifteen, register, left string) string {
	return string(identity.NewFiscalCode(fifteen)) + ",Neri,Elsa,Lazio," + register + ",2010-05-04,Via Roma 1,Roma,00195,RM,Lazio,06 123 45,,2015-01-12," + left
}

func TestAListIsComparedAndPutInForceByTheOperator(t *testing.T) {
	t.Parallel()
	pool := world(t)
	env := addressOf(pool)
	if _, err := pool.Exec(t.Context(), `UPDATE deliveries SET list_day = '2025-01-01', state = CASE state WHEN 'draft' THEN 'dropped' ELSE state END`); err != nil {
		t.Fatal(err)
	}
	rows := []string{newRow("NRELSE80A41H501", "77001", ""), newRow("NRELSE81A41H501", "77002", "x")}
	file := listOf(t, rows...)
	day := "--day=2025-06-02" // the command goes by the clock of the machine
	a := ask(t, env, "import", "professionals", file, "--extent=changes", day)
	if a.code != done || !strings.Contains(a.out, file+":2: added\n") || !strings.Contains(a.out, "1 added, 0 changed, 0 removed with 0 sessions booked, 0 unchanged, 1 rejected") ||
		!strings.Contains(a.out, "nothing was changed") || a.err != file+":3: data_revoca: is not a day, as in 2026-03-12 or 12/03/2026\n" {
		t.Errorf("%+v", a)
	}
	before := one[int](t, pool, `SELECT count(*) FROM enrolments`)
	if a := ask(t, env, "import", "professionals", file, "--extent=full", day, "--apply"); a.code != failed || !strings.Contains(a.err, "confirm with --remove=") {
		t.Errorf("nearly everybody is removed: %+v", a)
	}
	if a := ask(t, env, "import", "professionals", file, "--extent=changes", day, "--apply"); a.code != done || !strings.Contains(a.out, "the list is in force") {
		t.Errorf("%+v", a)
	}
	if n := one[int](t, pool, `SELECT count(*) FROM enrolments`); n != before+1 {
		t.Errorf("%d enrolments, %d before", n, before)
	}
	if n := one[int](t, pool, `SELECT count(*) FROM audit WHERE action LIKE 'delivery.%' AND role = 'system' AND person_id IS NULL`); n != 3 {
		t.Errorf("%d steps of the operator are written", n)
	}
	if a := ask(t, env, "import", "professionals", listOf(t, "x"), day); a.code != done || !strings.Contains(a.err, ":2: row: has more or fewer cells") {
		t.Errorf("a row of one cell: %+v", a)
	}
	if a := ask(t, env, "import", "professionals", exampleApplications); a.code != failed || !strings.Contains(a.err, "unknown name") {
		t.Errorf("another file: %+v", a)
	}
}
