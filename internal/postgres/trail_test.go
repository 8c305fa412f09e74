package postgres_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// stage is where a session of the i-th psychologist stands.
func (f *till) stage(i int, id voucher.BookingID) voucher.Waypoint {
	f.Helper()
	_, at, err := f.trail().Session(f.Context(), f.as(i), id)
	if err != nil {
		f.Fatal(err)
	}
	return at
}

func (f *till) trail() *voucher.Trail {
	return voucher.NewTrail(postgres.NewTrail(f.pool), func() time.Time { return f.now })
}

func TestTheTrailFollowsASessionToItsPayment(t *testing.T) {
	t.Parallel()
	f := newTill(t, 0, 1)
	id, _ := f.invoiced(0, 50*money.Euro)
	after := func(what string, want voucher.Stage, mover voucher.Mover) {
		t.Helper()
		if at := f.stage(0, id); at.Stage != want || at.Mover != mover {
			t.Errorf("%s: %+v, want %s by %s", what, at, want, mover)
		}
	}
	after("no transfer", voucher.TrailAwaitingFunds, voucher.TheTerritory)
	f.fund("Lombardia", 500*money.Euro)
	after("money of others", voucher.TrailAwaitingFunds, voucher.TheTerritory)
	f.fund("Lazio", 49*money.Euro)
	after("too little", voucher.TrailAwaitingFunds, voucher.TheTerritory)
	f.fund("Lazio", 1*money.Euro)
	after("enough", voucher.TrailPayable, voucher.TheOffice)
	f.account(0, "to_verify")
	after("another account", voucher.TrailAwaitingAccount, voucher.TheOffice)
	f.account(0, "verified")
	run := f.sent()
	after("sent", voucher.TrailInPayment, voucher.TheBank)
	way, err := f.trail().Pipeline(t.Context(), f.as(0))
	if err != nil || way.InPayment != (voucher.Sum{Sessions: 1, Amount: 50 * money.Euro}) || way.Invoiced.Sessions != 0 || len(way.Orders) != 1 || way.Orders[0].State != "sent" {
		t.Errorf("the pipeline is %+v, %v", way, err)
	}
	f.bank(run, "restituito", "AC04")
	after("came back", voucher.TrailReturned, voucher.TheOwner)
	f.account(0, "verified")
	after("another account", voucher.TrailPayable, voucher.TheOffice)
	again := f.sent()
	f.bank(again, "pagato", "")
	after("paid", voucher.TrailPaid, voucher.Nobody)

	first, second := f.orderOf(run), f.orderOf(again)
	for order, want := range map[string][2]string{first: {"", second}, second: {first, ""}} {
		o, err := f.trail().Payment(t.Context(), f.psychologists[0], order)
		if err != nil || len(o.Lines) != 1 || o.Lines[0].Repairs != want[0] || o.Lines[0].Again != want[1] {
			t.Errorf("%+v, %v", o, err)
		}
	}
	paid, err := f.trail().Paid(t.Context(), f.psychologists[0], 2026)
	if err != nil || paid.Total() != 50*money.Euro || len(paid.Lines) != 1 || len(paid.Years) != 1 {
		t.Errorf("the year is %+v, %v", paid, err)
	}
	if before, err := f.trail().Paid(t.Context(), f.psychologists[0], 2025); err != nil || len(before.Lines) != 0 || len(before.Years) != 1 {
		t.Errorf("the year before is %+v, %v", before, err)
	}
}

// The money of a territory goes to who waits longest: the others are not promised it.
func TestTheTrailPromisesNothingThatTheRunHoldsBack(t *testing.T) {
	t.Parallel()
	f := newTill(t, 60*money.Euro, 3)
	ids := make([]voucher.BookingID, 3)
	for i, amount := range []money.Amount{40 * money.Euro, 30 * money.Euro, 10 * money.Euro} {
		ids[i], _ = f.invoiced(i, amount)
	}
	same := func(what string, want ...voucher.Stage) {
		t.Helper()
		for i, id := range ids {
			if at := f.stage(i, id); at.Stage != want[i] {
				t.Errorf("%s: the session of %d is %s, want %s", what, i, at.Stage, want[i])
			}
		}
		for why, stage := range map[payment.Hold]voucher.Stage{payment.HeldNoFunds: voucher.TrailAwaitingFunds, payment.HeldByBlock: voucher.TrailChecked} {
			held, err := f.runs.Held(t.Context(), f.march(), f.now, why, 1, 10)
			if n := len(slices.DeleteFunc(slices.Clone(want), func(s voucher.Stage) bool { return s != stage })); err != nil || len(held) != n {
				t.Errorf("%s: the run holds %d for %s, not %d: %v", what, len(held), why, n, err)
			}
		}
	}
	same("money for the first", voucher.TrailPayable, voucher.TrailAwaitingFunds, voucher.TrailAwaitingFunds)
	f.fund("Lazio", 10*money.Euro)
	same("and for the second", voucher.TrailPayable, voucher.TrailPayable, voucher.TrailAwaitingFunds)
	f.fund("Lazio", 10*money.Euro)
	same("and for all", voucher.TrailPayable, voucher.TrailPayable, voucher.TrailPayable)
	f.account(0, "to_verify")
	f.exec(`UPDATE invoices SET state = 'in_review' WHERE professional_id = $1`, string(f.psychologists[1]))
	f.exec(`UPDATE vouchers SET blocked_at = $1, block_reason = 'fraud'`, f.now)
	same("under suspicion", voucher.TrailChecked, voucher.TrailInReview, voucher.TrailChecked)
	rows, err := postgres.NewTrail(f.pool).PathRows(t.Context(), "2022-guida", f.now)
	i := slices.IndexFunc(rows, func(r voucher.PathRow) bool { return r.Territory == "Lazio" })
	if err != nil || rows[i].Of[voucher.TrailChecked] != (voucher.Sum{Sessions: 2, Amount: 50 * money.Euro}) {
		t.Errorf("the office reads %+v, %v", rows[i].Of, err)
	}
}

// Who waits for longer may come in between: it is seen within a minute.
func TestTheTrailSeesWhoHasComeInBetween(t *testing.T) {
	t.Parallel()
	f := newTill(t, 50*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	later, _ := f.invoiced(1, 50*money.Euro)
	f.account(0, "to_verify")
	trail := f.trail()
	for i, want := range []voucher.Stage{voucher.TrailPayable, voucher.TrailPayable, voucher.TrailAwaitingFunds} {
		if _, at, err := trail.Session(t.Context(), f.as(1), later); err != nil || at.Stage != want {
			t.Errorf("look %d: %+v, %v", i, at, err)
		}
		switch i {
		case 0:
			f.account(0, "verified")
		case 1:
			f.now = f.now.Add(time.Minute)
		}
	}
}

func TestNobodyFollowsTheMoneyOfOthers(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	id, _ := f.invoiced(0, 50*money.Euro)
	order := f.orderOf(f.sent())
	trail := f.trail()
	if _, err := trail.Payment(t.Context(), f.psychologists[1], order); err == nil {
		t.Error("somebody else's payment opens")
	}
	for _, who := range []identity.Actor{f.as(1), f.holder(), f.prepare} {
		if _, _, err := trail.Session(t.Context(), who, id); err == nil {
			t.Errorf("%s follows somebody else's money", who.Role)
		}
	}
}

// crowdedTill has sessions in every state that can be, of four psychologists: with an
// account, with one to verify, with one refused, and with none.
func crowdedTill(t *testing.T) *till {
	f := newTill(t, 900*money.Euro, 4)
	f.account(1, "to_verify")
	f.account(2, "to_verify")
	f.exec(`UPDATE payment_accounts SET state = 'rejected', reason = 'other', decided_by = $2, decided_at = $3 WHERE person_id = $1 AND state = 'to_verify'`,
		string(f.psychologists[2]), string(f.prepare.Person), f.now)
	f.exec(`UPDATE payment_accounts SET state = 'replaced' WHERE person_id = $1 AND state = 'verified'`, string(f.psychologists[3]))
	pros := make([]string, len(f.psychologists))
	for i, p := range f.psychologists {
		pros[i] = string(p)
	}
	f.exec(`INSERT INTO bookings (id, voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at, held_at, cancelled_at, cancelled_by, cancel_reason)
		SELECT md5(i::text)::uuid, v.id, v.beneficiary_id, ($1::uuid[])[1 + i % 4], $2::date - 300 + i, 5000 - i, 'x',
			CASE WHEN i % 7 = 0 THEN 'cancelled' WHEN i > 290 OR i % 11 = 0 THEN 'booked' ELSE 'held' END, $3,
			CASE WHEN i % 7 <> 0 AND i <= 290 AND i % 11 <> 0 THEN $3::timestamptz END,
			CASE WHEN i % 7 = 0 THEN $3::timestamptz END, CASE WHEN i % 7 = 0 THEN v.beneficiary_id END, CASE WHEN i % 7 = 0 THEN 'beneficiary' END
		FROM vouchers v, generate_series(1, 320) i`, pros, calendar.On(f.now), f.now)
	f.exec(`INSERT INTO invoices (id, professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		SELECT id, professional_id, beneficiary_id, id::text, day, amount_cents, 'accepted', booked_at, booked_at FROM bookings WHERE state = 'held' AND amount_cents % 5 <> 0`)
	f.exec(`INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT id, id, professional_id, beneficiary_id, amount_cents FROM bookings WHERE state = 'held' AND amount_cents % 5 <> 0`)
	f.exec(`UPDATE bookings SET claimed_cents = amount_cents WHERE state = 'held' AND amount_cents % 5 <> 0`)
	// A run for each fate of an order; a session that came back may be in the next.
	for n, state := range []string{"returned", "released", "frozen", "sent", "paid"} {
		f.exec(`INSERT INTO payment_runs (id, programme, number, month, state, prepared_by, prepared_at, digest, frozen_at, proposed_by, proposed_at, decided_by, decided_at)
			VALUES (md5($1)::uuid, 'voucher', $2, '2026-03-01', 'approved', $3, $5, 'x', $5, $3, $5, $4, $5)`, state, n+1, string(f.prepare.Person), string(f.approve.Person), f.now)
		f.exec(`INSERT INTO payment_orders (id, run_id, number, end_to_end, payee_id, account_id, iban, holder, amount_cents, state, released_why, reason, outcome_at, value_day)
			SELECT md5($1 || b.id)::uuid, md5($1)::uuid, row_number() OVER (), left($1 || b.id, 30), b.professional_id, a.id, a.iban, a.holder, b.amount_cents, $1,
				CASE $1 WHEN 'released' THEN 'x' ELSE '' END, CASE $1 WHEN 'returned' THEN 'AC04' ELSE '' END, CASE WHEN $1 IN ('returned', 'paid') THEN $3::timestamptz END, '2026-03-02'
			FROM bookings b JOIN LATERAL (SELECT * FROM payment_accounts a WHERE a.person_id = b.professional_id LIMIT 1) a ON true
			WHERE b.claimed_cents IS NOT NULL AND (b.amount_cents % 13 = $2 OR $1 IN ('returned', 'released') AND b.amount_cents % 13 = $2 + 5)`, state, n, f.now)
		f.exec(`INSERT INTO payment_lines (order_id, order_state, booking_id, invoice_id, edition_id, territory, amount_cents)
			SELECT o.id, o.state, b.id, b.id, '2022-guida', 'Lazio', b.amount_cents FROM bookings b JOIN payment_orders o ON o.id = md5($1 || b.id)::uuid`, state)
	}
	f.exec(`UPDATE invoices i SET state = CASE WHEN amount_cents % 3 = 0 THEN 'to_correct' ELSE 'in_review' END,
			reason = CASE WHEN amount_cents % 3 = 0 THEN 'x' ELSE '' END, correct_by = CASE WHEN amount_cents % 3 = 0 THEN '2026-03-01'::date + amount_cents::int % 4 END
		WHERE amount_cents % 4 = 1 AND NOT EXISTS (SELECT FROM payment_lines l WHERE l.booking_id = i.id)`)
	f.exec(`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state)
		SELECT b.id::text, b.id, b.beneficiary_id, $1, 'not_held', b.amount_cents % 2 = 0, '2026-04-01', 'open' FROM bookings b WHERE b.state = 'held' AND b.amount_cents % 9 = 0`, f.now)
	return f
}

func TestTheDatabaseCountsTheStagesThatTheRulesSay(t *testing.T) {
	t.Parallel()
	f := crowdedTill(t)
	want := map[voucher.Stage]voucher.Sum{}
	store := postgres.NewTrail(f.pool)
	rows, err := f.pool.Query(t.Context(), `SELECT id::text, professional_id::text FROM bookings`)
	if err != nil {
		t.Fatal(err)
	}
	type one struct{ ID, Of string }
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[one])
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range all {
		trace, err := store.Trace(t.Context(), identity.PersonID(b.Of), voucher.BookingID(b.ID), f.now)
		if err != nil {
			t.Fatal(err)
		}
		trace.Funds.Short = voucher.QueuePlace{} // what waits for funds is counted by territory
		at := trace.Waypoint(f.now)
		if at.Stage == voucher.TrailCancelled {
			continue
		}
		s := want[at.Stage]
		want[at.Stage] = voucher.Sum{Sessions: s.Sessions + 1, Amount: s.Amount + trace.Price()}
	}
	got, err := store.PathRows(t.Context(), "2022-guida", f.now)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range got {
		if row.Territory != "Lazio" {
			continue
		}
		for _, stage := range voucher.Stages {
			if row.Of[stage] != want[stage] {
				t.Errorf("%s: %+v in the database, %+v by the rules", stage, row.Of[stage], want[stage])
			}
			// There is one voucher, and nobody suspects anything.
			if no := stage == voucher.TrailCancelled || stage == voucher.TrailAwaitingFunds || stage == voucher.TrailChecked; !no && want[stage].Sessions == 0 {
				t.Errorf("no session is %s: the test says little", stage)
			}
		}
	}
	path, err := voucher.NewTrail(store, func() time.Time { return f.now }).Path(t.Context(), "2022-guida")
	if waits := path.Total.Of[voucher.TrailAwaitingFunds].Amount; err != nil || waits != want[voucher.TrailPayable].Amount-path.Rows[6].Free() {
		t.Errorf("%v waits for funds, %v", waits, err)
	}
}

func TestTheAgendaPutsEachSessionOnTheShelfThatTheRulesSay(t *testing.T) {
	t.Parallel()
	f := crowdedTill(t)
	today := calendar.On(f.now)
	for i, of := range f.psychologists {
		all := 0
		for _, shelf := range voucher.AgendaStates {
			page, err := f.fixture.store.Agenda(t.Context(), of, voucher.Agenda{State: shelf, Today: today})
			if err != nil {
				t.Fatal(err)
			}
			if page.Total != page.Counts[shelf] {
				t.Errorf("%s: %d found, %d counted", shelf, page.Total, page.Counts[shelf])
			}
			all += page.Total
			for _, s := range page.Sessions {
				if got := s.Shelf(today); got != shelf {
					t.Errorf("a session on %s belongs on %s", shelf, got)
				}
			}
			groups, err := f.trail().Risks(t.Context(), f.as(i))
			if err != nil {
				t.Fatal(err)
			}
			risk, first := voucher.Sum{}, calendar.Date{}
			for _, g := range groups {
				risk = voucher.Sum{Sessions: risk.Sessions + len(g.Sessions), Amount: risk.Amount + g.Total}
				if !g.Over && first.IsZero() {
					first = g.By
				}
			}
			if risk != page.AtRisk || first != page.RiskBy {
				t.Fatalf("%+v by %s on the page of risks, %+v by %s in the list", risk, first, page.AtRisk, page.RiskBy)
			}
		}
		if all != f.count(`SELECT count(*) FROM bookings WHERE professional_id = $1`, string(of)) {
			t.Errorf("%d sessions stand on a shelf", all)
		}
	}
}

func TestNoPageOfAProfessionalReadsAWholeTable(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	f.exec(`INSERT INTO persons (id, fiscal_code, given_name, family_name)
		SELECT md5(i::text)::uuid, 'X' || lpad(i::text, 15, '0'), 'Anna', 'Prova' || i FROM generate_series(1, 800) i`)
	f.exec(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
		SELECT id, fiscal_code, 'Lazio', 'Via Roma 1', 'Roma', '00195', 'RM', 'Lazio', '06 123', family_name FROM persons WHERE fiscal_code LIKE 'X%'`)
	f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, submitted_at, state, entitled_cents)
		SELECT id, fiscal_code, '2022-guida', id, id, 'Lazio', 'RM', 900000, '2025-12-01', 'awarded', 60000 FROM persons WHERE fiscal_code LIKE 'X%'`)
	f.exec(`INSERT INTO vouchers (id, application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, state, code_index, code_sealed)
		SELECT p.id, p.id, p.id, 'Lazio', 60000, v.accepted_on, v.last_day, v.confirm_by, v.invoice_by, 'active', sha256(p.id::text::bytea), 'x'
		FROM persons p, vouchers v WHERE p.fiscal_code LIKE 'X%' AND v.beneficiary_id = $1`, string(f.maria.ID))
	f.exec(`INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at, held_at)
		SELECT id, id, CASE WHEN n <= 200 THEN $1 ELSE other END, '2026-02-10'::date + k, 5000, 'x', CASE WHEN k < 6 THEN 'held' ELSE 'booked' END, $2, CASE WHEN k < 6 THEN $2::timestamptz END
		FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, lag(id, 7, id) OVER (ORDER BY id) AS other FROM persons WHERE fiscal_code LIKE 'X%') p, generate_series(1, 8) k
		WHERE k = 1 + n % 8 OR n > 200`, string(f.psychologists[0]), f.now)
	f.exec(`INSERT INTO invoices (id, professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		SELECT id, professional_id, beneficiary_id, id::text, day, 5000, 'accepted', $1, $1 FROM bookings WHERE state = 'held' AND day > '2026-02-12'`, f.now)
	f.exec(`INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents) SELECT id, id, professional_id, beneficiary_id, 5000 FROM invoices`)
	f.exec(`UPDATE bookings SET claimed_cents = 5000 WHERE state = 'held' AND day > '2026-02-12'`)
	f.exec(`ANALYZE`)
	var asked statements
	cfg := f.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	today, of := calendar.On(f.now), f.psychologists[0]
	page, err := postgres.NewVouchers(traced).Agenda(t.Context(), of, voucher.Agenda{Today: today})
	if err != nil || page.Total != 200 {
		t.Fatalf("%d sessions, %v", page.Total, err)
	}
	trail := postgres.NewTrail(traced)
	if _, err := trail.Earned(t.Context(), of, f.now); err != nil {
		t.Fatal(err)
	}
	if _, err := trail.AtRisk(t.Context(), of, f.now); err != nil {
		t.Fatal(err)
	}
	if _, err := trail.Paid(t.Context(), of, 2026); err != nil {
		t.Fatal(err)
	}
	if len(asked.all) < 15 {
		t.Errorf("only %d statements were seen", len(asked.all))
	}
	// So few rows are soonest read from end to end: the plan is asked for that does so
	// only where no index helps.
	conn, err := f.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), `SET enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	for _, q := range asked.all {
		rows, err := conn.Query(t.Context(), `EXPLAIN `+q.SQL, q.Args...)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range plan {
			for _, table := range []string{"bookings", "invoices", "invoice_sessions", "vouchers", "applications", "persons", "professionals",
				"payment_lines", "payment_orders", "payment_accounts", "disputes", "funding_transfers"} {
				if strings.Contains(line, "Seq Scan on "+table+" ") {
					t.Errorf("%s\n%s", q.SQL, strings.Join(plan, "\n"))
				}
			}
		}
	}
}

// asked is the last statement that was sent by itself.
type asked struct {
	sql  string
	args []any
}

func (a *asked) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	a.sql, a.args = q.SQL, q.Args
	return ctx
}

func (a *asked) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// Every hour: what is years old and settled is not gone through again.
func TestTheReminderToConfirmReadsOnlyWhatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	f := crowdedTill(t)
	f.exec(`ANALYZE bookings`)
	var last asked
	cfg := f.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &last
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	if n, err := postgres.NewClosures(traced).RemindToConfirm(t.Context(), calendar.On(f.now), 7, 30, f.now); err != nil || n == 0 {
		t.Fatalf("%d professionals, %v", n, err)
	}
	// So few rows are soonest read from end to end.
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(t.Context()) }()
	if _, err := tx.Exec(t.Context(), `SET LOCAL enable_seqscan = off`); err != nil {
		t.Fatal(err)
	}
	rows, err := tx.Query(t.Context(), `EXPLAIN `+last.sql, last.args...)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if all := strings.Join(plan, "\n"); err != nil || !strings.Contains(all, "bookings_not_confirmed") || strings.Contains(all, "bookings_by_day") {
		t.Errorf("%v\n%s", err, all)
	}
}

// bank answers for the one order of a run.
func (f *till) bank(run payment.RunID, outcome, reason string) {
	f.Helper()
	r := f.run(run)
	row := fmt.Sprintf("PSI%05d-000001;%s;%s;2026-03-03;CRO%d;%s", r.Number, outcome, r.Amount.Field(), r.Number, reason)
	if _, err := f.record(run, row); err != nil {
		f.Fatal(err)
	}
}

// orderOf is the one order of a run.
func (f *till) orderOf(run payment.RunID) (id string) {
	f.Helper()
	if err := f.pool.QueryRow(f.Context(), `SELECT id::text FROM payment_orders WHERE run_id = $1`, string(run)).Scan(&id); err != nil {
		f.Fatal(err)
	}
	return id
}
