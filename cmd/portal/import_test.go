package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// importFile writes a file of n applications, and more lines after them.
func importFile(t testing.TB, n int, more ...string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("codice_fiscale,cognome,nome,data_nascita,territorio,provincia,isee,stato_isee,presentata_il,email,telefono\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,Prova,Persona,1980-01-%02d,Lazio,RM,8412.30,valido,2025-10-01T10:00:00.%06dZ,,\n",
			identity.NewFiscalCode(fmt.Sprintf("PRVPSN80A%02dH%03d", 1+i/1000, i%1000)), 1+i/1000, i)
	}
	for _, line := range more {
		b.WriteString(line + "\n")
	}
	name := filepath.Join(t.TempDir(), "domande.csv")
	write0600(t, name, b.String())
	return name
}

// editionsOnly is a database with the editions and nobody, and how to name it.
func editionsOnly(t testing.TB) (*pgxpool.Pool, map[string]string) {
	t.Helper()
	pool := pgtest.OpenFilled(t, "_editions", func(ctx context.Context, pool *pgxpool.Pool) error {
		all, err := voucher.Shipped()
		if err != nil {
			return err
		}
		return postgres.NewEditions(pool).Ship(ctx, all)
	})
	return pool, map[string]string{"DATABASE_URL": pool.Config().ConnString()}
}

func applicationsIn(t testing.TB, pool *pgxpool.Pool) int {
	t.Helper()
	return one[int](t, pool, `SELECT count(*) FROM applications`)
}

func TestApplicationsAreImportedFromTheCommandLine(t *testing.T) {
	t.Parallel()
	pool, env := editionsOnly(t)
	file := importFile(t, 12_000)

	a := ask(t, env, "import", "applications", file, "--edition", "2025", "--declared", "12000")
	if a.code != done || a.out != "12000 applications are as they must be; none was taken in, because --apply was not given\n" || !strings.Contains(a.err, "10000 read, 9") {
		t.Errorf("without --apply: %+v", a)
	}
	if n := applicationsIn(t, pool); n != 0 {
		t.Errorf("%d applications without --apply", n)
	}
	a = ask(t, env, "import", "applications", file, "--edition", "2025", "--apply")
	if a.code != done || a.out != "12000 applications taken in\n" || !strings.Contains(a.err, "12000 taken in, 100%\n") || strings.Contains(a.err, "\r") {
		t.Errorf("with --apply: %+v", a)
	}
	if n := applicationsIn(t, pool); n != 12_000 {
		t.Errorf("%d applications", n)
	}
	a = ask(t, env, "import", "applications", file, "--edition", "2025", "--apply")
	if a.code != failed || !strings.HasPrefix(firstLineWith(a.err, file+":"), file+":0: row: this very file was taken in before") {
		t.Errorf("a second time: %+v", answer{a.code, a.out, firstLineWith(a.err, file)})
	}
}

// firstLineWith is the first line that starts with a text.
func firstLineWith(text, start string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	return ""
}

func TestFaultsOfAnImportAreToldAsEditorsFindThem(t *testing.T) {
	t.Parallel()
	pool, env := editionsOnly(t)
	one := func(i int) string {
		return fmt.Sprintf("%s,Prova,Persona,1980-01-01,Lazio,RM,8412.30,valido,2025-10-01T10:00:00.%06dZ,,", identity.NewFiscalCode(fmt.Sprintf("PRVPSN80A01H%03d", i)), i)
	}
	file := importFile(t, 2, one(1), strings.Replace(one(5), "8412.30", "-1.00", 1))
	a := ask(t, env, "import", "applications", file, "--edition", "2025", "--declared", "9", "--apply", "--report", "-")
	want := file + ":0: row: 4 applications were read, and other than that were declared\n" +
		file + ":4: codice_fiscale: is the same as in line 3: one person, one application\n" +
		file + ":5: isee: is negative\n" + file + ": 3 things are wrong; nothing was taken in\n"
	if a.code != failed || a.err != want || !strings.HasPrefix(a.out, "line,field,kind,what\n0,,declared,") {
		t.Errorf("got %+v, want %s", a, want)
	}
	many := importFile(t, 0, strings.Split(strings.Repeat("x\n", 30), "\n")...)
	if a := ask(t, env, "import", "applications", many, "--edition", "2025"); a.code != failed ||
		!strings.HasSuffix(a.err, many+": 30 things are wrong, of which these are the first 20; nothing was taken in\n") || strings.Count(a.err, "\n") != 21 {
		t.Errorf("many faults: %+v", a)
	}
	if n := applicationsIn(t, pool); n != 0 {
		t.Errorf("%d applications", n)
	}
	for name, c := range map[string]struct {
		code int
		args []string
	}{
		"an edition of nowhere": {failed, []string{file, "--edition", "1999"}},
		"a file of nowhere":     {failed, []string{"/nowhere.csv", "--edition", "2025"}},
		"no edition":            {wrongUsage, []string{file}},
		"fewer than none":       {wrongUsage, []string{file, "--edition", "2025", "--declared", "-1"}},
	} {
		if a := ask(t, env, append([]string{"import", "applications"}, c.args...)...); a.code != c.code || a.err == "" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// Every kind of fault has its words at the command line, with a number where it has one.
func TestEveryFaultHasWordsAtTheCommandLine(t *testing.T) {
	t.Parallel()
	for _, kind := range voucher.FaultKinds {
		text, known := faultTexts[kind]
		if told := faultText(voucher.ImportFault{Kind: kind, Arg: 7 * strings.Count(text, "%d")}); !known || strings.Contains(told, "%") {
			t.Errorf("%s: %q", kind, told)
		}
	}
}
