package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// importedRows is how many applications a file has: those of an edition.
const importedRows = 400_000

// BenchmarkP10Import is the import of a file of applications by the program as it is
// built: reading, every check, staging, persons, applications, register. It stands
// over three ways of bringing the same rows into the database with COPY and nothing
// else: as lines of text without an index, which is what the goal speaks of; into a
// table like the staging one; and into persons and applications as they are, with
// their constraints and indexes, which is as fast as this schema can take them.
func BenchmarkP10Import(b *testing.B) {
	r := newReport(b, "P10", "seconds of portal import applications, 400,000 rows, over COPY of the same file")
	dir := b.TempDir()
	file := filepath.Join(dir, "applications.csv")
	writeImport(b, file, importedRows)
	server := databases(b)
	admin := open(b, server.DSN("postgres"))

	var table figures
	turns(b, func(counted bool) {
		address, drop := freshDatabase(b, server, admin, "bench_import")
		defer drop()
		pool := open(b, address)
		execIn(b, pool, `CREATE TABLE lines (`+textColumns+`)`)
		text := copyFile(b, pool, `COPY lines FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')`, file)
		execIn(b, pool, `DROP TABLE lines; CREATE UNLOGGED TABLE staged (`+stagedColumns+`); CREATE INDEX ON staged (line)`)
		staged := copyFile(b, pool, `COPY staged (`+stagedNames+`) FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')`, file)
		execIn(b, pool, `DROP TABLE staged`)

		imported := spend(b, []string{"DATABASE_URL=" + address}, program(b), "import", "applications", file,
			"--edition", "2025", "--declared", fmt.Sprint(importedRows), "--apply")
		wantImported(b, pool)
		persons, applications := filepath.Join(dir, "persons"), filepath.Join(dir, "applications")
		keepTable(b, pool, `COPY persons TO STDOUT (FORMAT binary)`, persons)
		keepTable(b, pool, `COPY applications TO STDOUT (FORMAT binary)`, applications)
		importRow := textOf(b, pool, `SELECT format('INSERT INTO imports (id, edition_id, file_digest, state, made_at) VALUES (%L, %L, %L, %L, now())', id, edition_id, file_digest, 'dropped') FROM imports`)
		pool.Close()

		target, dropTarget := freshDatabase(b, server, admin, "bench_import_target")
		defer dropTarget()
		into := open(b, target)
		execIn(b, into, importRow)
		direct := copyFile(b, into, `COPY persons FROM STDIN (FORMAT binary)`, persons) + copyFile(b, into, `COPY applications FROM STDIN (FORMAT binary)`, applications)
		into.Close()
		if !counted {
			return
		}
		table.compare("over COPY as text, s", "≤ 3", text, imported.wall)
		table.compare("over COPY into a staging table, s", "", staged, imported.wall)
		table.compare("over COPY into the tables as they are, s", "", direct, imported.wall)
		table.note("s of processor of the program", "", imported.processor)
		table.note("MB of the program", "", imported.megabytes)
	})
	table.publish(b, r)
	r.keep(b)
}

const (
	textColumns = `codice_fiscale text, cognome text, nome text, data_nascita text, territorio text, provincia text, isee text,
		stato_isee text, presentata_il text, email text, telefono text`
	stagedColumns = `line bigint GENERATED ALWAYS AS IDENTITY, codice_fiscale text, cognome text, nome text, data_nascita date, territorio text,
		provincia text, isee numeric, stato_isee text, presentata_il timestamptz, email text, telefono text`
	stagedNames = `codice_fiscale, cognome, nome, data_nascita, territorio, provincia, isee, stato_isee, presentata_il, email, telefono`
)

// freshDatabase is an empty portal with the editions the program comes with.
func freshDatabase(b *testing.B, server *server, admin *pgxpool.Pool, name string) (address string, drop func()) {
	b.Helper()
	server.create(b, name, "template0")
	address = server.DSN(name)
	pool := open(b, address)
	defer pool.Close()
	all, err := voucher.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	if err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	if err := postgres.NewEditions(pool).Ship(b.Context(), all); err != nil {
		b.Fatal(err)
	}
	return address, func() {
		if _, err := admin.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`); err != nil {
			b.Error(err)
		}
	}
}

func execIn(b *testing.B, pool *pgxpool.Pool, statement string) {
	b.Helper()
	if _, err := pool.Exec(b.Context(), statement); err != nil {
		b.Fatal(err)
	}
}

func textOf(b *testing.B, pool *pgxpool.Pool, statement string) (s string) {
	b.Helper()
	if err := pool.QueryRow(b.Context(), statement).Scan(&s); err != nil {
		b.Fatal(err)
	}
	return s
}

func wantImported(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	if got := textOf(b, pool, `SELECT count(*)::text FROM applications JOIN persons p ON p.id = beneficiary_id`); got != fmt.Sprint(importedRows) {
		b.Fatalf("%s applications came of %d rows", got, importedRows)
	}
}

// copyFile is how many seconds a COPY of a file takes, with its commit.
func copyFile(b *testing.B, pool *pgxpool.Pool, statement, name string) float64 {
	b.Helper()
	f, err := os.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	from := time.Now()
	err = pool.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().CopyFrom(b.Context(), bufio.NewReaderSize(f, 1<<20), statement)
		return err
	})
	if err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
	return time.Since(from).Seconds()
}

func keepTable(b *testing.B, pool *pgxpool.Pool, statement, name string) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	err = pool.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().CopyTo(b.Context(), io.Writer(f), statement)
		return err
	})
	if err != nil {
		b.Fatalf("%s: %v", statement, err)
	}
}

// writeImport makes up a file of applications, the same each time: one in fifty with
// a defective ISEE, one in fifty without any.
func writeImport(b *testing.B, name string, n int) {
	b.Helper()
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	territories := []string{"Lazio;RM", "Lombardia;MI", "Campania;NA", "Sicilia;PA", "Puglia;BA", "Veneto;VE", "Piemonte;TO"}
	families := []string{"Amato", "Barbieri", "De Luca", "Esposito", "D'Angelo", "Novak", "Serra"}
	givens := []string{"Anna", "Bruno", "Niccolò", "Maria Grazia", "Zoe"}
	opening := time.Date(2025, time.September, 15, 0, 0, 0, 0, calendar.Rome)
	w := bufio.NewWriterSize(f, 1<<20)
	fmt.Fprintln(w, "codice_fiscale;cognome;nome;data_nascita;territorio;provincia;isee;stato_isee;presentata_il;email;telefono")
	for i := range n {
		born := calendar.NewDate(1950, time.January, 1).Add(i * 7919 % 20_000)
		code := identity.NewFiscalCode(fmt.Sprintf("%c%c%cPPP%02d%c%02dH%03d", 'A'+i*31%26, 'A'+i/26%26, 'A'+i/676%26, born.Year%100,
			"ABCDEHLMPRST"[born.Month-1], born.Day, i%1000))
		isee, status := fmt.Sprintf("%d.%02d", 1_000+i*7%40_000, i%100), "valido"
		switch i % 50 {
		case 48:
			status = "difforme"
		case 49:
			isee, status = "", "assente"
		}
		at := opening.Add(time.Duration(i) * 13 * time.Second).Add(time.Duration(i%1_000_000) * time.Microsecond)
		fmt.Fprintf(w, "%s;%s;%s;%s;%s;%s;%s;%s;persona%d@example.org;333 %07d\n", code, families[i%len(families)], givens[i%len(givens)], born,
			territories[i%len(territories)], isee, status, at.Format("2006-01-02T15:04:05.000000Z07:00"), i, i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
}
