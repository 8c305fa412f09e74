package bench

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
)

// listedCases is how many cases the list of the office has here.
const listedCases = 200_000

// worklists are ways to ask for the list of the office: newest first, an officer’s own, a
// rare kind, a shelf of terms, a standing that is told by requests, and the oldest first of a
// state.
var worklists = []struct{ name, query string }{
	{"whole list", "?vista=tutte"}, {"own cases", "?operatore=a-me"}, {"heirs", "?caso=eredi"}, {"late", "?termine=in-ritardo"}, {"papers asked", "?stato=documenti-richiesti"}, {"oldest in review", "?stato=in-verifica&ordine=meno-recenti"},
}

// BenchmarkP3Worklist is a page of the officers’ list (W-02) among 200,000 cases, with the
// entry in the register that it was read, over as many bytes that net/http serves from
// memory.
func BenchmarkP3Worklist(b *testing.B) {
	r := newReport(b, "P3", "page W-02 of 50 among 200,000 cases, over static bytes of the same size; 16 connections")
	s, db, from := newSite(b, "p3"), databases(b), newLoader(b)
	officer := fillOffice(b, s.pool)
	token := s.login(b, officer, "")
	scans := func() (n float64) {
		time.Sleep(1500 * time.Millisecond) // backends tell what they did once a second
		if err := s.pool.QueryRow(b.Context(), `SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'indemnity_applications'`).Scan(&n); err != nil {
			b.Fatal(err)
		}
		return n
	}
	var table figures
	before := scans()
	for _, list := range worklists {
		path := "/gestione/enpap/domande" + list.query
		body := s.page(b, path, token)
		static := serve(b, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body) // the reader may have gone
		}))
		clients := make([][][]byte, 16)
		for i := range clients {
			clients[i] = [][]byte{getRequest(path, token)}
		}
		measure := func(addr string) (t tally, all, program float64) {
			before := db.cost(b)
			t = from.run(b, load{Addr: addr, For: round(b), Groups: []group{{clients, true}}})[0]
			if len(t.Statuses) != 1 || t.Statuses[http.StatusOK] == 0 {
				b.Fatalf("%s: not every page was shown: %v", list.name, t.Statuses)
			}
			all, program = db.cost(b).per(before, t.Statuses[http.StatusOK])
			return t, all, program
		}
		turns(b, func(counted bool) {
			limit, limitCost, _ := measure(static)
			page, pageCost, pageOwn := measure(s.addr)
			if !counted {
				return
			}
			table.compare(list.name+", requests/s", "≥ 0.10", limit.rate(http.StatusOK), page.rate(http.StatusOK))
			table.compare(list.name+", CPU µs", "", limitCost, pageCost)
			table.note(list.name+", CPU µs without PostgreSQL", "", pageOwn)
			table.note(list.name+", p99 ms", "", page.wait(0.99))
			table.note(list.name+", bytes", "", float64(len(body)))
		})
	}
	table.note("whole readings of the table", "0", scans()-before)
	table.publish(b, r)
	r.keep(b)
}

// fillOffice gives the office so many cases of all kinds, and tells who of it looks at
// them. One in a thousand has a term that runs, or is over.
func fillOffice(b *testing.B, pool *pgxpool.Pool) identity.Actor {
	b.Helper()
	var person string
	if err := pool.QueryRow(b.Context(), `SELECT person_id FROM role_grants WHERE role = 'welfare' AND duty = 'prepare' LIMIT 1`).Scan(&person); err != nil {
		b.Fatal(err)
	}
	err := pgx.BeginFunc(b.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		if _, err := tx.Exec(b.Context(), `INSERT INTO persons (id, fiscal_code, given_name, family_name)
			SELECT md5('member ' || n)::uuid, 'W' || lpad(n::text, 15, '0'), 'Ada', 'Prova' || n % 5000 FROM generate_series(1, $1::int) n`, listedCases); err != nil {
			return err
		}
		if _, err := tx.Exec(b.Context(), `
			INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, died_on, channel, sender_id, submitted_at, term_ended_on,
				event, answers, declarations, registers, digest, check_code, state, withdrawn_at, officer_id)
			SELECT md5('case ' || n)::uuid, 'BENCH-' || n, '2026-05', 1, md5('member ' || n)::uuid, CASE WHEN n % 41 = 0 THEN 'heirs' ELSE 'member' END, CASE WHEN n % 41 = 0 THEN '2026-05-18'::date END,
				'portal', md5('member ' || n)::uuid, '2026-05-20 08:00Z'::timestamptz + n * interval '2 seconds', '2026-06-01', '[2026-05-04,2026-05-17]',
				jsonb_build_object('cause', CASE WHEN n % 17 = 0 THEN 'cycles' ELSE 'illness' END), '[]', jsonb_build_object('member', jsonb_build_object('number', lpad(n::text, 6, '0'))),
				sha256(''), 'X', CASE WHEN n % 7 = 0 THEN 'withdrawn' WHEN n % 5 = 0 THEN 'in_review' ELSE 'submitted' END, CASE WHEN n % 7 = 0 THEN now() END,
				CASE WHEN n % 10 < 8 THEN $2::uuid END
			FROM generate_series(1, $1::int) n`, listedCases, person); err != nil {
			return err
		}
		_, err := tx.Exec(b.Context(), `
			INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on)
			SELECT gen_random_uuid(), md5('case ' || n)::uuid, 'supplement', 'x', $2, now() - interval '20 days', 15, current_date - 20, 'portal', current_date - 5 + n / 1000 % 20
			FROM generate_series(1, $1::int, 1000) n`, listedCases, person)
		return err
	})
	if err == nil {
		_, err = pool.Exec(b.Context(), `VACUUM ANALYZE`)
	}
	if err != nil {
		b.Fatal(err)
	}
	return identity.Own(identity.PersonID(person), identity.Welfare)
}
