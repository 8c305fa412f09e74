package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// A publication is as large as that of 2022: so many applications, of which so many
// get a code, in so many territories. One in two has an address for mails.
const (
	publishedApplications = 400_000
	publishedCodes        = 50_000
	publishedTerritories  = 21
)

// BenchmarkP8Publication is the publication of a ranking, with its codes, outcomes,
// postings, register, messages and mail jobs, over a COPY of the same rows into the
// same tables.
func BenchmarkP8Publication(b *testing.B) {
	r := newReport(b, "P8", "seconds of a publication of 50,000 codes for 400,000 applications, over a COPY of the same rows into the same tables")
	server := databases(b)
	pool := open(b, server.database(b, "p8"))
	prepareRun(b, pool)
	pool.Close() // nobody may be connected to what is copied

	var table figures
	turns(b, func(counted bool) {
		done := fmt.Sprintf("p8_done_%d", time.Now().UnixNano())
		server.create(b, done, "p8")
		published := open(b, server.DSN(done))
		rankings := voucher.NewRankings(postgres.NewRankings(published), time.Now)
		service := voucher.NewService(postgres.NewVouchers(published), keys(b), rand.Reader, time.Now)
		from := time.Now()
		issued, left, err := rankings.IssueDue(b.Context(), service)
		publication := time.Since(from).Seconds()
		if issued != publishedTerritories || left || err != nil {
			b.Fatalf("%d territories issued, left %v: %v", issued, left, err)
		}
		copied := copyPublication(b, server, published)
		published.Close()
		drop(b, server, done)
		if !counted {
			return
		}
		table.compare("publication over COPY, s", "≤ 3", copied, publication)
		table.note("codes a second", "", publishedCodes/publication)
		table.note("applications a second", "", publishedApplications/publication)
	})
	table.publish(b, r)
	r.keep(b)
}

// copyPublication is how long COPY takes for the rows that a publication left, in a
// database that has everything else.
func copyPublication(b *testing.B, s *server, published *pgxpool.Pool) (seconds float64) {
	b.Helper()
	name := fmt.Sprintf("p8_copy_%d", time.Now().UnixNano())
	s.create(b, name, "p8")
	into := open(b, s.DSN(name))
	// The applications are there already: those of the publication come in their place.
	var last int64
	err := into.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		for _, sql := range []string{`SET session_replication_role = replica`, `DELETE FROM applications WHERE edition_id = 'p8'`,
			`RESET session_replication_role`, `VACUUM applications`} {
			if _, err := c.Exec(b.Context(), sql); err != nil {
				return err
			}
		}
		return c.QueryRow(b.Context(), `SELECT coalesce(max(id), 0) FROM audit`).Scan(&last)
	})
	if err != nil {
		b.Fatal(err)
	}
	ours := "(SELECT id FROM applications WHERE edition_id = 'p8')"
	for _, t := range []struct{ name, columns, where string }{
		{"applications", `id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state, reason,
			decided_on, rank, entitled_cents, run_id, version`, "edition_id = 'p8'"},
		{"vouchers", `id, application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, first_session_by, code_index, code_sealed`,
			"application_id IN " + ours},
		{"postings", `voucher_id, event, debit, credit, amount_cents, at`, "voucher_id IN (SELECT id FROM vouchers WHERE application_id IN " + ours + ")"},
		{"audit", `id, at, role, action, subject_id, about_id`, fmt.Sprintf("id > %d AND role = 'system'", last)},
		{"messages", `id, recipient_id, entry_id, kind, subject, body, link, sent_at`, fmt.Sprintf("entry_id > %d", last)},
		{"river_job", `kind, args, max_attempts, priority, state, scheduled_at`, fmt.Sprintf("args->>'message' IN (SELECT id::text FROM messages WHERE entry_id > %d)", last)},
	} {
		seconds += copyTable(b, published, into, t.name, t.columns, " WHERE "+t.where)
	}
	into.Close()
	drop(b, s, name)
	return seconds
}

// copyTable reads rows into memory, and measures how long COPY takes to write them.
func copyTable(b *testing.B, from, to *pgxpool.Pool, table, columns, where string) (seconds float64) {
	b.Helper()
	var rows bytes.Buffer
	err := from.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		_, err := c.Conn().PgConn().CopyTo(b.Context(), &rows, "COPY (SELECT "+columns+" FROM "+table+where+") TO STDOUT BINARY")
		return err
	})
	if err != nil {
		b.Fatalf("%s: %v", table, err)
	}
	started := time.Now()
	err = to.AcquireFunc(b.Context(), func(c *pgxpool.Conn) error {
		tag, err := c.Conn().PgConn().CopyFrom(b.Context(), &rows, "COPY "+table+" ("+columns+") FROM STDIN BINARY")
		if err == nil && tag.RowsAffected() == 0 {
			return fmt.Errorf("nothing was copied")
		}
		return err
	})
	if err != nil {
		b.Fatalf("%s: %v", table, err)
	}
	return time.Since(started).Seconds()
}

func drop(b *testing.B, s *server, database string) {
	b.Helper()
	if _, err := s.admin.Exec(context.Background(), "DROP DATABASE "+pgx.Identifier{database}.Sanitize()+" WITH (FORCE)"); err != nil {
		b.Error(err)
	}
}

// prepareRun fills a database with the applications of an edition, and a ranking of
// them that waits to be issued.
func prepareRun(b *testing.B, pool *pgxpool.Pool) {
	b.Helper()
	const amount = 600 * money.Euro
	all, err := voucher.Shipped()
	if err != nil {
		b.Fatal(err)
	}
	e := all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })]
	e.ID = "p8"
	e.Rules.Bands.Is = []voucher.Band{{UpTo: 50_000 * money.Euro, Inclusive: true, Amount: amount}}
	e.Rules.Window.Is = voucher.Window{Opens: time.Now().AddDate(0, -3, 0), Closes: time.Now().AddDate(0, -1, 0)}
	e.Rules.Closed.Is, e.Rules.Overrides = nil, nil
	budget := map[string]money.Amount{}
	for i := range publishedTerritories {
		budget[fmt.Sprint("T", i)] = amount * money.Amount((publishedCodes+i)/publishedTerritories)
	}
	e.Rules.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "p8", Of: budget}, Article: "p8"}}
	if err := postgres.NewEditions(pool).Ship(b.Context(), []voucher.Edition{e}); err != nil {
		b.Fatal(err)
	}
	for _, sql := range []string{
		`INSERT INTO persons (id, fiscal_code, given_name, family_name, email)
			SELECT md5('p8 person ' || n)::uuid, 'P8' || lpad(n::text, 14, '0'), 'Anna', 'Prova', CASE n % 2 WHEN 0 THEN 'p' || n || '@example.org' ELSE '' END
			FROM generate_series(1, 400000) n`,
		`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
			SELECT md5('p8 application ' || n)::uuid, 'P8-' || n, 'p8', md5('p8 person ' || n)::uuid, md5('p8 person ' || n)::uuid, 'T' || n % 21, 'RM',
				(n::bigint * 7919) % 6000000, 'valid', now() - interval '2 months' + n * interval '1 second', 'in_review'
			FROM generate_series(1, 400000) n`,
		`ANALYZE`,
	} {
		if _, err := pool.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
	as := func(d identity.Duty) identity.Actor {
		var id string
		if err := pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'inps' AND duty = $1`, string(d)).Scan(&id); err != nil {
			b.Fatal(err)
		}
		return identity.Own(identity.PersonID(id), identity.INPS).WithDuties([]identity.Duty{d})
	}
	rankings := voucher.NewRankings(postgres.NewRankings(pool), time.Now)
	sent := func(who identity.Actor, action string) once.Form {
		form, err := once.New(who.Person, action, once.NewKey(), nil)
		if err != nil {
			b.Fatal(err)
		}
		return form
	}
	prepare, approve, publish := as(identity.Prepare), as(identity.Approve), as(identity.Publish)
	run, err := rankings.Simulate(b.Context(), prepare, sent(prepare, "simulate"), voucher.Simulation{Edition: "p8"})
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(rankings.Check(b.Context(), prepare, sent(prepare, "check"), run),
		rankings.Propose(b.Context(), prepare, sent(prepare, "propose"), run),
		rankings.Approve(b.Context(), approve, sent(approve, "approve"), run),
		rankings.Publish(b.Context(), publish, sent(publish, "publish"), run, time.Time{})); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}
