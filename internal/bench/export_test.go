package bench

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/identity"
	"portal/internal/portal"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// exported is how many applications a list that is taken away has.
const exported = 400_000

// copiedList is the same list, in the same order, as the database alone writes it.
const copiedList = `COPY (SELECT a.protocol, a.submitted_at, a.territory, a.province, a.isee_cents, a.isee_status, a.state, a.reason, a.channel, a.cure_by,
		a.decided_on, a.rank, a.entitled_cents, coalesce(o.given_name || ' ' || o.family_name, '')
	FROM applications a LEFT JOIN persons o ON o.id = a.officer_id WHERE a.edition_id = '2025' ORDER BY a.submitted_at, a.id) TO STDOUT (FORMAT csv)`

// BenchmarkP11Export is the worklist of an edition taken away as CSV and as XLSX,
// over COPY TO of the same rows, and the memory it takes.
func BenchmarkP11Export(b *testing.B) {
	r := newReport(b, "P11", "seconds and megabytes of an export of 400,000 rows, over COPY TO of the same")
	pool := pgtest.Open(b)
	officer := fillApplications(b, pool, exported)
	desk := voucher.NewDesk(postgres.NewDesk(pool), func() time.Time { return calendar.NewDate(2026, 11, 23).At(12, 0) })
	defer debug.SetGCPercent(debug.SetGCPercent(portal.Garbage))

	take := func(f export.Format) (seconds, megabytes float64) {
		return measured(b, func() error {
			file, err := export.New(f, io.Discard, make([]export.Column, 14))
			if err != nil {
				return err
			}
			defer file.Discard()
			rows := 0
			err = desk.Export(b.Context(), officer, voucher.Worklist{Edition: "2025"}, string(f), func(w voucher.WorkRow) error {
				rows++
				return file.Row(w.Protocol, w.SubmittedAt, w.Territory, w.Province, w.ISEE, string(w.ISEEStatus), string(w.State), w.Reason,
					string(w.Channel), w.CureBy, w.DecidedOn, w.Rank, w.Entitled, w.Officer)
			})
			if err != nil {
				return err
			}
			if rows != exported {
				b.Fatalf("%d rows", rows)
			}
			return file.Close()
		})
	}
	var table figures
	turns(b, func(counted bool) {
		floor, _ := measured(b, func() error { return copyOut(b.Context(), pool) })
		csv, csvMemory := take(export.CSV)
		xlsx, xlsxMemory := take(export.XLSX)
		if !counted {
			return
		}
		table.compare("CSV over COPY TO, s", "≤ 2", floor, csv)
		table.compare("XLSX over COPY TO, s", "", floor, xlsx)
		table.note("CSV, MB", "≤ 64", csvMemory)
		table.note("XLSX, MB", "≤ 200", xlsxMemory)
	})
	table.publish(b, r)
	r.keep(b)
}

// measured is the time that something takes, and the memory in use at its peak.
func measured(b *testing.B, do func() error) (seconds, megabytes float64) {
	b.Helper()
	debug.FreeOSMemory()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapInuse+m.StackInuse)
			select {
			case <-tick.C:
			case <-done:
				tick.Stop()
				peak <- most
				return
			}
		}
	}()
	from := time.Now()
	err := do()
	seconds = time.Since(from).Seconds()
	close(done)
	megabytes = float64(<-peak) / (1 << 20)
	if err != nil {
		b.Fatal(err)
	}
	return seconds, megabytes
}

func copyOut(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	_, err = conn.Conn().PgConn().CopyTo(ctx, io.Discard, copiedList)
	return err
}

// fillApplications makes an edition with so many applications, and an officer.
func fillApplications(b *testing.B, pool *pgxpool.Pool, n int) identity.Actor {
	b.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	if err := postgres.NewEditions(pool).Ship(b.Context(), all); err != nil {
		b.Fatal(err)
	}
	var officer identity.PersonID
	for _, sql := range []string{
		`INSERT INTO persons (fiscal_code, given_name, family_name) SELECT 'X' || lpad(i::text, 15, '0'), 'Nome', 'Cognome' || i % 5000 FROM generate_series(1, $1) i`,
		`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state, officer_id)
			SELECT 'INPS-2025-' || right(fiscal_code, 6), '2025', id, id, 'Lazio', 'RM', right(fiscal_code, 6)::int * 10, 'valid',
				'2025-09-15 08:00Z'::timestamptz + right(fiscal_code, 6)::int * interval '3 seconds', 'submitted',
				CASE WHEN right(fiscal_code, 6)::int % 4 = 0 THEN id END
			FROM persons WHERE right(fiscal_code, 6)::int <= $1`,
		`ANALYZE`,
	} {
		args := []any{n}
		if sql == "ANALYZE" {
			args = nil
		}
		if _, err := pool.Exec(b.Context(), sql, args...); err != nil {
			b.Fatal(err)
		}
	}
	if err := pool.QueryRow(b.Context(), `SELECT id FROM persons LIMIT 1`).Scan(&officer); err != nil {
		b.Fatal(err)
	}
	return identity.Own(officer, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
}
