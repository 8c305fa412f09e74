package postgres_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// desk is a database with some thousands of applications in every state, spread
// over the territories.
func desk(t testing.TB, applications int) *fixture {
	t.Helper()
	f := &fixture{TB: t, now: noon}
	f.pool = pgtest.OpenFilled(t, "_desk", func(ctx context.Context, pool *pgxpool.Pool) error {
		all, err := voucher.Shipped()
		if err != nil {
			return err
		}
		if err := postgres.NewEditions(pool).Ship(ctx, all); err != nil {
			return err
		}
		for _, sql := range []string{
			`INSERT INTO persons (id, fiscal_code, given_name, family_name)
			 SELECT uuid_nil, 'CLMCHR86L47L219R', 'Chiara', 'Colombo' FROM (VALUES ('00000000-0000-0000-0000-0000000000c0'::uuid)) v(uuid_nil)
			 UNION ALL SELECT '00000000-0000-0000-0000-0000000000a0', 'RCCNDR71B12D969X', 'Andrea', 'Ricci'`,
			`INSERT INTO role_grants (person_id, role, duty, during) VALUES ('00000000-0000-0000-0000-0000000000c0', 'inps', 'prepare', '[2020-01-01,)'),
				('00000000-0000-0000-0000-0000000000a0', 'inps', 'approve', '[2020-01-01,)')`,
		} {
			if _, err := pool.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
	f.exec(`INSERT INTO persons (fiscal_code, given_name, family_name)
		SELECT 'X' || lpad(i::text, 15, '0'), (ARRAY['Nicolò', 'Anna', 'Ugo'])[1 + i % 3], 'Prova' || (i % 400) FROM generate_series(1, $1) i`, applications)
	f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, isee_defects,
			submitted_at, state, reason, cure_by, channel, received_by, officer_id)
		SELECT md5(i::text)::uuid, 'INPS-2025-' || lpad(i::text, 6, '0'), CASE WHEN i % 50 = 0 THEN '2022-guida' ELSE '2025' END, p.id, p.id,
			($1::text[])[1 + (i * 7) % 21], 'RM', CASE WHEN i % 11 = 0 THEN NULL ELSE i * 100 END,
			CASE WHEN i % 11 = 0 THEN 'missing' WHEN i % 13 = 0 THEN 'defective' ELSE 'valid' END, '',
			'2025-09-15 08:00Z'::timestamptz + (i / 3) * interval '1 minute',
			CASE WHEN i % 13 = 0 THEN 'awaiting_isee' WHEN i % 17 = 0 THEN 'in_review' WHEN i % 19 = 0 THEN 'refused' ELSE 'submitted' END,
			CASE WHEN i % 13 <> 0 AND i % 17 <> 0 AND i % 19 = 0 THEN 'duplicate' ELSE '' END,
			CASE WHEN i % 13 = 0 THEN '2025-12-01'::date + i % 40 END,
			CASE WHEN i % 23 = 0 THEN 'counter' ELSE 'online' END, CASE WHEN i % 23 = 0 THEN $2::uuid END,
			CASE WHEN i % 29 = 0 THEN $2::uuid WHEN i % 31 = 0 THEN $3::uuid END
		FROM generate_series(1, $4) i JOIN persons p ON p.fiscal_code = 'X' || lpad(i::text, 15, '0')`,
		voucher.Territories, string(chiara), string(andrea), applications)
	f.exec(`ANALYZE`)
	return f
}

const (
	chiara identity.PersonID = "00000000-0000-0000-0000-0000000000c0"
	andrea identity.PersonID = "00000000-0000-0000-0000-0000000000a0"
)

// asks are worklists of all kinds.
var asks = []voucher.Worklist{
	{}, {Territory: "Lazio"}, {State: voucher.AwaitingISEE}, {ISEE: voucher.ISEEMissing}, {Territory: "Molise", State: voucher.InReview},
	{Channel: voucher.Counter}, {Channel: voucher.Online, State: voucher.Refused}, {Whose: voucher.Mine}, {Whose: voucher.Nobodys, Territory: "Veneto"},
	{Whose: voucher.Others}, {Whose: voucher.Mine, Channel: voucher.Counter}, {State: voucher.Awarded}, {Territory: "Atlantide"},
}

func TestAWorklistIsWholeFromBothEnds(t *testing.T) {
	t.Parallel()
	f := desk(t, 3000)
	store := postgres.NewDesk(f.pool)
	for _, ask := range asks {
		ask.Edition, ask.Me = "2025", chiara
		var all []voucher.WorkRow
		if err := store.Take(t.Context(), ask, "csv", audit.Entry{At: noon, Actor: identity.Own(chiara, identity.INPS), Action: voucher.ApplicationTaken},
			func(r voucher.WorkRow) error { all = append(all, r); return nil }); err != nil {
			t.Fatal(err)
		}
		for _, order := range []voucher.WorkOrder{voucher.Newest, voucher.Oldest, voucher.ByTerm} {
			want := slices.Clone(all)
			if order == voucher.ByTerm {
				want = slices.DeleteFunc(want, func(r voucher.WorkRow) bool { return r.State != voucher.AwaitingISEE })
			}
			slices.SortFunc(want, func(a, b voucher.WorkRow) int {
				p, q := a.Place(order), b.Place(order)
				c := cmp.Or(p.At.Compare(q.At), strings.Compare(string(p.ID), string(q.ID)))
				if order == voucher.Newest {
					return -c
				}
				return c
			})
			ask := ask
			ask.Order = order
			var forward, last []voucher.ApplicationID
			for {
				page, err := store.Worklist(t.Context(), ask)
				if err != nil {
					t.Fatal(err)
				}
				if page.Count != len(want) || page.More {
					t.Fatalf("%+v: %d counted, %d there", ask, page.Count, len(want))
				}
				last = nil
				for _, r := range page.Rows {
					forward, last = append(forward, r.ID), append(last, r.ID)
				}
				if !page.Next {
					break
				}
				ask.After = voucher.ParseCursor(page.Rows[len(page.Rows)-1].Place(order).String())
			}
			if ids := idsOf(want); !slices.Equal(forward, ids) {
				t.Fatalf("%+v: %d read page by page, %d there", ask, len(forward), len(ids))
			}
			if len(want) <= voucher.WorklistPageSize {
				continue
			}
			// And back again from the first row of the last page.
			ask.Back = true
			back := last
			for {
				ask.After = want[len(want)-len(back)].Place(order)
				page, err := store.Worklist(t.Context(), ask)
				if err != nil {
					t.Fatal(err)
				}
				back = append(idsOf(page.Rows), back...)
				if !page.Prior {
					break
				}
			}
			if !slices.Equal(back, forward) {
				t.Fatalf("%+v: %d read backwards, %d forwards", ask, len(back), len(forward))
			}
		}
	}
	f.exec(`SELECT 1 / (count(*) - $1) FROM exports`, len(asks)-1) // each of them is on record
}

func idsOf(rows []voucher.WorkRow) []voucher.ApplicationID {
	ids := make([]voucher.ApplicationID, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return ids
}

// statements remembers what was asked of the database.
type statements struct {
	mu  sync.Mutex
	all []pgx.TraceBatchQueryData
}

func (s *statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (s *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	s.mu.Lock()
	s.all = append(s.all, q)
	s.mu.Unlock()
}

func (s *statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (s *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (s *statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func TestNoWorklistReadsTheWholeTable(t *testing.T) {
	t.Parallel()
	f := desk(t, 30_000)
	var asked statements
	cfg := f.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	store := postgres.NewDesk(traced)
	for _, ask := range asks {
		ask.Edition, ask.Me = "2025", chiara
		for _, order := range []voucher.WorkOrder{voucher.Newest, voucher.Oldest, voucher.ByTerm} {
			ask.Order = order
			if _, err := store.Worklist(t.Context(), ask); err != nil {
				t.Fatal(err)
			}
		}
	}
	seek := audit.Entry{At: noon, Actor: identity.Own(chiara, identity.INPS), Action: voucher.ApplicationFound}
	for _, q := range []voucher.Quest{{FiscalCode: "X000000000000007"}, {Protocol: "INPS-2025-000007"}, {Family: "prova7", Given: "nicolo"}} {
		found, err := store.Find(t.Context(), q, seek)
		if err != nil || len(found) == 0 {
			t.Fatalf("%+v finds %d, %v", q, len(found), err)
		}
	}
	read := 0
	for _, q := range asked.all {
		if !strings.Contains(q.SQL, "applications") {
			continue
		}
		rows, err := f.pool.Query(t.Context(), `EXPLAIN `+q.SQL, q.Args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		read++
		for _, line := range plan {
			if strings.Contains(line, "Seq Scan on applications") || strings.Contains(line, "Seq Scan on persons") && !strings.Contains(line, "persons o") {
				t.Errorf("%s\n%s", q.SQL, strings.Join(plan, "\n"))
				break
			}
		}
	}
	if read < 2*len(asks) {
		t.Errorf("only %d statements were seen", read)
	}
}

func TestASearchWritesThatItWasMadeAndNotForWhat(t *testing.T) {
	t.Parallel()
	f := desk(t, 100)
	if _, err := postgres.NewDesk(f.pool).Find(t.Context(), voucher.Quest{Family: "Prova7"},
		audit.Entry{At: noon, Actor: identity.Own(chiara, identity.INPS), Action: voucher.ApplicationFound}); err != nil {
		t.Fatal(err)
	}
	var row []byte
	if err := f.pool.QueryRow(t.Context(), `SELECT to_jsonb(a) FROM audit a WHERE action = 'application.searched'`).Scan(&row); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(bytes.ToLower(row), []byte("prova7")) {
		t.Errorf("%s", row)
	}
}
