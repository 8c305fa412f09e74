package postgres_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// report has the holder say that a session was not held.
func (f *till) report(session voucher.BookingID) {
	f.Helper()
	f.exec(`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state) VALUES (gen_random_uuid(), $1, $2, $3, 'not_held', true, '2026-04-01', 'open')`,
		string(session), string(f.maria.ID), f.now)
}

// Between the approval of a run and its sending one of thousands is always reported, or
// has another IBAN: the others are paid.
func TestOneReportDoesNotKeepARunFromBeingSent(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 4)
	reported, _ := f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	f.invoiced(2, 20*money.Euro)
	cancelled, _ := f.invoiced(3, 10*money.Euro)
	id := f.approved()
	was := f.run(id)
	f.report(reported)
	f.account(1, "verified")
	f.exec(`UPDATE bookings SET claimed_cents = NULL WHERE id = $1`, string(cancelled))
	day := calendar.NewDate(2026, 3, 3)
	send := form(f.pays, "payment.send")
	for range 2 {
		if err := f.runs.Send(t.Context(), f.pays, send, id, day); err != nil {
			t.Fatal(err)
		}
	}
	r := f.run(id)
	if r.State != payment.SentRun || r.Orders != 4 || r.Amount != 110*money.Euro || !bytes.Equal(r.Digest, was.Digest) {
		t.Errorf("what was approved is %d orders, %s now", r.Orders, r.Amount)
	}
	if orders, amount := r.Pays(); orders != 1 || amount != 20*money.Euro || r.SentOrders != 1 || r.SentAmount != 20*money.Euro {
		t.Errorf("%d orders are sent, %s", orders, amount)
	}
	f.wants(`SELECT concat_ws(' ', state, released_why, released_hold) FROM payment_orders ORDER BY number`,
		"released blocked disputed", "released blocked account_changed", "sent  ", "released blocked ledger")
	f.wants(`SELECT DISTINCT order_state FROM payment_lines ORDER BY 1`, "released", "sent")
	f.wants(`SELECT concat_ws(' ', action, o.number, a.about_id = o.payee_id, a.person_id = '`+string(f.pays.Person)+`')
		FROM audit a JOIN payment_orders o ON o.id = a.subject_id ORDER BY o.number`,
		"payment.order_left_out 1 t t", "payment.order_left_out 2 t t", "payment.order_left_out 4 t t")
	_, write, err := f.runs.File(t.Context(), f.pays, id)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := write(&file); err != nil || !strings.Contains(file.String(), "<CtrlSum>20.00</CtrlSum>") || strings.Count(file.String(), "<EndToEndId>") != 1 {
		t.Error(err, file.String())
	}
	if _, err := f.record(id, "PSI00001-000003;pagato;20,00;2026-03-03;;"); err != nil || f.run(id).State != payment.SettledRun {
		t.Error(f.run(id).State, err)
	}
	f.exec(`UPDATE bookings SET claimed_cents = amount_cents WHERE id = $1`, string(cancelled))
	f.whole()

	// What was left out is due again, once nothing stands in its way.
	if r := f.run(f.prepared()); r.Orders != 2 || r.Amount != 40*money.Euro {
		t.Errorf("the next run pays %+v", r)
	}
	f.whole()
}

func TestARunOfWhichNothingCanBePaidIsNotSent(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	session, _ := f.invoiced(0, 50*money.Euro)
	id := f.approved()
	f.report(session)
	if err := f.runs.Send(t.Context(), f.pays, form(f.pays, "payment.send"), id, calendar.NewDate(2026, 3, 3)); !errors.Is(err, payment.ErrAllBlocked) {
		t.Errorf("sent: %v", err)
	}
	f.wants(`SELECT concat_ws(' ', r.state, o.state, r.sent_orders) FROM payment_runs r JOIN payment_orders o ON o.run_id = r.id`, "approved frozen")
	f.whole()
}

// A run that was tampered with after its approval is not sent because something of it is
// blocked as well.
func TestWhatWasApprovedIsWhatIsSentOf(t *testing.T) {
	t.Parallel()
	for what, sql := range map[string]string{
		"another IBAN":   `UPDATE payment_orders SET iban = 'IT70L0100003245350200020350' WHERE number = 2`,
		"another amount": `UPDATE payment_orders SET amount_cents = 9000 WHERE number = 2`,
		"an order less":  `UPDATE payment_orders SET state = 'released', released_why = 'taken_out', released_note = 'x' WHERE number = 2`,
	} {
		f := newTill(t, 500*money.Euro, 3)
		session, _ := f.invoiced(0, 50*money.Euro)
		f.invoiced(1, 30*money.Euro)
		f.invoiced(2, 30*money.Euro)
		id := f.approved()
		f.report(session)
		f.exec(`ALTER TABLE payment_orders DISABLE TRIGGER orders_go_forward`)
		f.exec(sql)
		if err := f.runs.Send(t.Context(), f.pays, form(f.pays, "payment.send"), id, calendar.NewDate(2026, 3, 3)); !errors.Is(err, payment.ErrLedger) {
			t.Errorf("sent with %s: %v", what, err)
		}
	}
}

// An officer may be a psychologist too.
func TestNobodyHasAHandInARunThatPaysThem(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	ctx, day := t.Context(), calendar.NewDate(2026, 3, 3)
	own := identity.Own(f.psychologists[0], identity.INPS).WithDuties(identity.Duties)
	id := f.prepared()
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, payment.ErrOwnRun) {
			t.Errorf("%s by who is paid: %v", what, err)
		}
	}
	orders, _, err := f.store.Orders(ctx, id, "", 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := f.runs.As(ctx, own, id); err != nil || r.MayPropose(own) == nil || r.MayDrop(own) != nil {
		t.Errorf("what is shown to who is paid: %+v %v", r, err)
	}
	refused("proposed", f.runs.Propose(ctx, own, form(own, "p"), id))
	refused("taken out", f.runs.TakeOut(ctx, own, form(own, "t"), id, orders[1].ID, "sospetto"))
	if err := f.runs.Propose(ctx, f.prepare, form(f.prepare, "p"), id); err != nil {
		t.Fatal(err)
	}
	refused("approved", f.runs.Approve(ctx, own, form(own, "a"), id, f.run(id).Version))
	if err := f.runs.Approve(ctx, f.approve, form(f.approve, "a"), id, f.run(id).Version); err != nil {
		t.Fatal(err)
	}
	refused("sent", f.runs.Send(ctx, own, form(own, "s"), id, day))
	if err := f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, day); err != nil {
		t.Fatal(err)
	}
	answer := []byte(strings.Join(payment.OutcomeColumns, ";") + "\nPSI00001-000001;restituito;50,00;;;AM04\n")
	_, _, err = f.runs.Judge(ctx, own, id, answer)
	refused("judged", err)
	_, err = f.runs.Record(ctx, own, form(own, "r"), id, answer)
	refused("answered", err)
	f.wants(`SELECT DISTINCT state FROM payment_orders`, "sent")
	f.whole()
}

// Whose order left the run has no part in it any more.
func TestWhoIsNotPaidByARunAnyMoreMayProposeIt(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	session, _ := f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	id := f.prepared()
	f.report(session)
	found, err := f.runs.Blocked(t.Context(), id, f.now, 10)
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	own := identity.Own(f.psychologists[0], identity.INPS).WithDuties(identity.Duties)
	if err := errors.Join(f.runs.TakeOut(t.Context(), f.prepare, form(f.prepare, "t"), id, found[0].Order.ID, ""),
		f.runs.Propose(t.Context(), own, form(own, "p"), id)); err != nil {
		t.Error(err)
	}
}

func TestAnOrderThatNothingBlocksIsTakenOutForAWrittenReason(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	ctx := t.Context()
	id := f.prepared()
	orders, _, err := f.store.Orders(ctx, id, "", 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	for _, note := range []string{"", " \n"} {
		if err := f.runs.TakeOut(ctx, f.prepare, form(f.prepare, "t"), id, orders[0].ID, note); !errors.Is(err, payment.ErrNoGround) {
			t.Errorf("taken out for %q: %v", note, err)
		}
	}
	if err := f.runs.TakeOut(ctx, f.prepare, form(f.prepare, "t"), id, orders[0].ID, " Due fatture con lo stesso numero "); err != nil {
		t.Fatal(err)
	}
	out, _, err := f.store.Orders(ctx, id, payment.OrderReleased, 1, 10)
	if err != nil || len(out) != 1 || out[0].Why != payment.ReleasedByHand || out[0].Hold != "" || out[0].Note != "Due fatture con lo stesso numero" {
		t.Errorf("%+v %v", out, err)
	}
	f.whole()
}

// What was paid in all the years is not gone through again, session by session, at each
// view of what is due: its lines are only added up, once for each territory that is
// claimed from.
func TestWhatIsDueIsFoundWithoutWhatWasPaid(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	for range 6 {
		f.invoiced(0, 10*money.Euro)
	}
	if _, err := f.record(f.sent(), "PSI00001-000001;pagato;60,00;2026-03-03;;"); err != nil {
		t.Fatal(err)
	}
	f.invoiced(1, 10*money.Euro)
	f.wants(`SELECT count(*)::text FROM invoice_sessions WHERE live AND NOT in_payment`, "1")
	f.exec(`ANALYZE invoice_sessions, payment_lines`)
	var last asked
	cfg := f.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &last
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	totals, err := postgres.NewPaymentRuns(traced).Totals(t.Context(), f.march(), f.now)
	if lines, amount := payment.Payable(totals); err != nil || lines != 1 || amount != 10*money.Euro {
		t.Fatal(totals, err)
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
	if all := strings.Join(plan, "\n"); err != nil || !strings.Contains(all, "sessions_to_pay on invoice_sessions") || !strings.Contains(all, "CTE funds") || strings.Count(all, " on payment_lines ") != 1 {
		t.Errorf("%v\n%s", err, all)
	}
}

// A run that pays an officer waits for others, and not for them.
func TestNobodyIsAskedToApproveOrSendWhatPaysThem(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	ctx, own := t.Context(), identity.Own(f.psychologists[0], identity.INPS).WithDuties(identity.Duties)
	desk := postgres.NewDesk(f.pool)
	waits := func(when string, approvals, payments int, who ...identity.Actor) {
		t.Helper()
		for _, one := range who {
			d, err := desk.Duties(ctx, one, "2022-guida", calendar.On(f.now), f.now)
			if err != nil || len(d.Runs) != approvals || len(d.Payments) != payments {
				t.Errorf("%s, %d approvals and %d payments wait for %s: %v", when, len(d.Runs), len(d.Payments), one.Person, err)
			}
		}
	}
	id := f.prepared()
	if err := f.runs.Propose(ctx, f.prepare, form(f.prepare, "p"), id); err != nil {
		t.Fatal(err)
	}
	waits("proposed", 1, 0, f.approve)
	waits("proposed", 0, 0, own)
	if err := f.runs.Approve(ctx, f.approve, form(f.approve, "a"), id, f.run(id).Version); err != nil {
		t.Fatal(err)
	}
	waits("approved", 0, 1, f.pays)
	waits("approved", 0, 0, own)
}
