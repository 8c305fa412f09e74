package bench

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// BenchmarkP7Run is a ranking run in the database, with its frozen inputs and what
// explains each row, over one statement that does the same with window functions,
// and over the same rows copied out and in without a thought.
func BenchmarkP7Run(b *testing.B) {
	r := newReport(b, "P7", "seconds of a ranking run of 400,000 applications, kept with its inputs")
	pool := open(b, databases(b).database(b, "run"))
	who := fillEdition(b, pool)
	service := voucher.NewRankings(postgres.NewRankings(pool), time.Now)
	simulate := func() voucher.RunID {
		form, err := once.New(who.Person, "ranking.simulate", once.NewKey(), nil)
		if err != nil {
			b.Fatal(err)
		}
		id, err := service.Simulate(b.Context(), who, form, voucher.Simulation{Edition: "2022-guida"})
		if err != nil {
			b.Fatal(err)
		}
		return id
	}
	rows := copied(b, pool, `COPY (SELECT gen.id, `+entryColumns+` FROM ranking_entries, gen_random_uuid() AS gen (id)
		WHERE run_id = '`+string(simulate())+`' ORDER BY application_id) TO STDOUT BINARY`)

	var table figures
	turns(b, func(counted bool) {
		emptied(b, pool)
		statement := seconds(b, func() error {
			_, err := pool.Exec(b.Context(), windowRanking, uuid.NewString())
			return err
		})
		emptied(b, pool)
		copies := seconds(b, func() error {
			copied(b, pool, `COPY (SELECT `+inputColumns+` FROM applications a WHERE a.edition_id = '2022-guida' ORDER BY a.id) TO STDOUT BINARY`)
			return copyIn(b.Context(), pool, bytes.NewReader(rows))
		})
		emptied(b, pool)
		var id voucher.RunID
		run := seconds(b, func() error { id = simulate(); return nil })
		second := seconds(b, func() error { return service.Check(b.Context(), who, once.Form{}, id) })
		if !counted {
			return
		}
		table.compare("a run over one window statement, s", "≤ 1.0", statement, run)
		table.compare("a run over COPY out and in, s", "≤ 1.6", copies, run)
		table.note("the second ranker, s", "", second)
	})
	table.publish(b, r)
	r.keep(b)
}

// fillEdition has so many people apply, from each territory as many as its share of
// the money, and tells who of INPS ranks them.
func fillEdition(b *testing.B, pool *pgxpool.Pool) identity.Actor {
	b.Helper()
	var names []string
	var budgets []int
	for _, t := range realTerritories(b) {
		names, budgets = append(names, t.name), append(budgets, t.budget)
	}
	for _, sql := range []string{`SELECT setseed(0.2022)`, `
		INSERT INTO persons (id, fiscal_code, given_name, family_name)
		SELECT gen_random_uuid(), 'P' || lpad(n::text, 15, '0'), 'Mario', 'Rossi' FROM generate_series(1, 400000) n`} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := pool.Exec(b.Context(), `
		WITH shares AS (
			SELECT name, sum(budget) OVER (ORDER BY name) - budget AS low, sum(budget) OVER (ORDER BY name) AS high, sum(budget) OVER () AS whole
			FROM unnest($1::text[], $2::bigint[]) AS t (name, budget)
		), people AS MATERIALIZED (
			SELECT id, fiscal_code, random() AS place, random() AS rich, random() AS wrong, random() AS at FROM persons WHERE fiscal_code LIKE 'P0000%'
		)
		INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
		SELECT 'INPS-' || p.fiscal_code, '2022-guida', p.id, p.id, s.name, 'RM', CASE WHEN wrong > 0.025 THEN (-ln(1 - rich) * 1500000)::bigint END,
			CASE WHEN wrong > 0.05 THEN 'valid' WHEN wrong > 0.025 THEN 'defective' ELSE 'missing' END,
			timestamptz '2022-07-25' + at * interval '91 days', 'in_review'
		FROM people p JOIN shares s ON p.place * s.whole >= s.low AND p.place * s.whole < s.high`, names, budgets); err != nil {
		b.Fatal(err)
	}
	// The made-up world has a publication of the edition.
	for _, sql := range []string{`ALTER TABLE ranking_runs DISABLE TRIGGER USER`,
		`UPDATE ranking_runs SET state = 'superseded' WHERE state = 'published'`, `ALTER TABLE ranking_runs ENABLE TRIGGER USER`, `VACUUM ANALYZE`} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	var person string
	if err := pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'inps' AND duty = 'prepare' LIMIT 1`).Scan(&person); err != nil {
		b.Fatal(err)
	}
	return identity.Own(identity.PersonID(person), identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
}

const (
	inputColumns = `a.id, a.territory, a.isee_cents, a.isee_status, a.submitted_at, 0::bigint`
	entryColumns = `application_id, territory, isee_cents, isee_status, submitted_at, kept_cents, ground, rank, decided, entitled_cents, awarded_cents, residual_cents`
)

// windowRanking ranks the edition in one statement, into the table of the runs.
const windowRanking = `
WITH budgets AS (
	SELECT given.territory, given.cents::bigint AS cents
	FROM edition_versions v, jsonb_array_elements(v.rules->'tranches') t, jsonb_each_text(t->'value'->'of') AS given (territory, cents)
	WHERE v.edition_id = '2022-guida' AND v.number = 1
), judged AS (
	SELECT ` + inputColumns + ` AS kept, b.cents,
		CASE WHEN b.cents IS NULL THEN 'TERRITORY_UNKNOWN' WHEN a.isee_status = 'missing' THEN 'ISEE_MISSING'
			WHEN a.isee_status = 'defective' THEN 'ISEE_DEFECTIVE' WHEN a.isee_cents > 5000000 THEN 'ISEE_ABOVE_LIMIT' ELSE '' END AS ground,
		CASE WHEN a.isee_cents <= 1500000 THEN 60000 WHEN a.isee_cents <= 2500000 THEN 40000 ELSE 20000 END AS entitled
	FROM applications a LEFT JOIN budgets b ON b.territory = a.territory WHERE a.edition_id = '2022-guida'
), placed AS (
	SELECT *, row_number() OVER places AS rank, sum(entitled) OVER places AS wanted,
		lag(isee_cents) OVER places AS isee_before, lag(submitted_at) OVER places AS submitted_before
	FROM judged WHERE ground = ''
	WINDOW places AS (PARTITION BY territory ORDER BY isee_cents, submitted_at, id ROWS UNBOUNDED PRECEDING)
)
INSERT INTO ranking_entries (run_id, ` + entryColumns + `)
SELECT $1::uuid, id, territory, isee_cents, isee_status, submitted_at, kept, '', rank,
	CASE WHEN rank = 1 THEN '' WHEN isee_before < isee_cents THEN 'isee' WHEN submitted_before < submitted_at THEN 'submitted_at' ELSE 'application_id' END,
	entitled, GREATEST(LEAST(entitled, cents - wanted + entitled), 0), GREATEST(cents - wanted, 0)
FROM placed
UNION ALL
SELECT $1::uuid, id, territory, isee_cents, isee_status, submitted_at, kept, ground, NULL, '', 0, 0, 0 FROM judged WHERE ground <> ''`

// copied is what a COPY sends.
func copied(b *testing.B, pool *pgxpool.Pool, sql string) []byte {
	b.Helper()
	var rows bytes.Buffer
	err := pool.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().CopyTo(b.Context(), &rows, sql)
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return rows.Bytes()
}

func copyIn(ctx context.Context, pool *pgxpool.Pool, rows io.Reader) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		_, err := tx.Conn().PgConn().CopyFrom(ctx, rows, `COPY ranking_entries (run_id, `+entryColumns+`) FROM STDIN BINARY`)
		return err
	})
}

// emptied leaves the table of the rows as it was at first, for each in turn.
func emptied(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	for _, sql := range []string{`ALTER TABLE ranking_entries DISABLE TRIGGER USER`, `TRUNCATE ranking_entries`,
		`ALTER TABLE ranking_entries ENABLE TRIGGER USER`, `CHECKPOINT`} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

// seconds is how long something takes.
func seconds(b *testing.B, do func() error) float64 {
	b.Helper()
	from := time.Now()
	if err := do(); err != nil {
		b.Fatal(err)
	}
	return time.Since(from).Seconds()
}
