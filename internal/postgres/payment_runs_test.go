package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// till is a fixture whose psychologists have sessions to be paid, and officers who pay.
type till struct {
	*fixture
	runs                   *payment.Runs
	store                  *postgres.PaymentRuns
	prepare, approve, pays identity.Actor
	sessions               []voucher.BookingID
	invoices               int
}

// newTill has an account of each psychologist verified, and money in Lazio.
func newTill(t testing.TB, funds money.Amount, psychologists int) *till {
	t.Helper()
	f := &till{fixture: newFixture(t, 1_500*money.Euro, psychologists)}
	f.store = postgres.NewPaymentRuns(f.pool)
	f.runs = payment.NewRuns(f.store, payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}}, func() time.Time { return f.now })
	for i, a := range []*identity.Actor{&f.prepare, &f.approve, &f.pays} {
		p := f.person(fmt.Sprintf("CLBCHR80A%02dH501", i+1), "Chiara", fmt.Sprint("Officer ", i))
		*a = identity.Own(p.ID, identity.INPS).WithDuties([]identity.Duty{[]identity.Duty{identity.Prepare, identity.Approve, identity.Pay}[i]})
	}
	for i := range f.psychologists {
		f.account(i, "verified")
	}
	f.fund("Lazio", funds)
	return f
}

func (f *till) fund(territory string, amount money.Amount) {
	f.Helper()
	if amount != 0 {
		f.exec(`INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at) VALUES ('2022-guida', $1, $2, '2026-03-01', 'atto', $3, $4)`,
			territory, amount, string(f.prepare.Person), f.now)
	}
}

// account gives the i-th psychologist an account in place of the one they had.
func (f *till) account(i int, state string) {
	f.Helper()
	f.exec(`UPDATE payment_accounts SET state = 'replaced' WHERE person_id = $1 AND state IN ('verified', 'to_verify', 'verifying')`, string(f.psychologists[i]))
	f.exec(`INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by, decided_by, decided_at)
		VALUES ($1, $2, 'Giulia Bianchi', $3, $4, $4, $5, CASE $3 WHEN 'verified' THEN $6::uuid END, CASE $3 WHEN 'verified' THEN $4::timestamptz END)`,
		string(f.psychologists[i]), "IT60X0542811101000000123456", state, f.now.Add(-72*time.Hour), calendar.On(f.now), string(f.prepare.Person))
}

// invoiced is a session of the i-th psychologist that was held and invoiced.
func (f *till) invoiced(i int, amount money.Amount) (voucher.BookingID, string) {
	f.Helper()
	was := f.now
	id := f.mustBook(i, 1+len(f.sessions), 0, amount)
	f.now = f.now.AddDate(0, 0, 1+len(f.sessions)).Add(8 * time.Hour)
	if err := f.service.Confirm(f.Context(), f.as(i), form(f.as(i), "booking.confirm"), id); err != nil {
		f.Fatal(err)
	}
	f.now = was
	f.sessions = append(f.sessions, id)
	return id, f.invoice(id, f.now.Add(time.Duration(len(f.sessions))*time.Minute))
}

// invoice claims a session.
func (f *till) invoice(id voucher.BookingID, at time.Time) (invoice string) {
	f.Helper()
	f.invoices++
	if err := f.pool.QueryRow(f.Context(), `
		WITH made AS (
			INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
			SELECT professional_id, beneficiary_id, $2, day, amount_cents, 'accepted', $3, $3 FROM bookings WHERE id = $1
			RETURNING id, professional_id, beneficiary_id, amount_cents)
		INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT id, $1, professional_id, beneficiary_id, amount_cents FROM made RETURNING invoice_id::text`, string(id), fmt.Sprint(f.invoices), at).Scan(&invoice); err != nil {
		f.Fatal(err)
	}
	f.exec(`UPDATE bookings SET claimed_cents = amount_cents WHERE id = $1`, string(id))
	return invoice
}

// march is the month in which everything was received.
func (f *till) march() payment.Selection {
	return payment.Selection{Programme: payment.Voucher, Month: calendar.NewDate(2026, 3, 1)}
}

// prepared is a run that is frozen.
func (f *till) prepared() payment.RunID {
	f.Helper()
	id, err := f.runs.Prepare(f.Context(), f.prepare, form(f.prepare, "payment.prepare"), f.march())
	if err != nil {
		f.Fatal(err)
	}
	if n, left, err := f.runs.FreezeDue(f.Context()); n != 1 || left || err != nil {
		f.Fatal(n, left, err)
	}
	return id
}

func (f *till) run(id payment.RunID) payment.Run {
	f.Helper()
	r, err := f.runs.Run(f.Context(), id)
	if err != nil {
		f.Fatal(err)
	}
	return r
}

// approved is a run that waits to be sent.
func (f *till) approved() payment.RunID {
	f.Helper()
	id := f.prepared()
	if err := f.runs.Propose(f.Context(), f.prepare, form(f.prepare, "payment.propose"), id); err != nil {
		f.Fatal(err)
	}
	if err := f.runs.Approve(f.Context(), f.approve, form(f.approve, "payment.approve"), id, f.run(id).Version); err != nil {
		f.Fatal(err)
	}
	return id
}

func (f *till) sent() payment.RunID {
	f.Helper()
	id := f.approved()
	if err := f.runs.Send(f.Context(), f.pays, form(f.pays, "payment.send"), id, calendar.NewDate(2026, 3, 3)); err != nil {
		f.Fatal(err)
	}
	return id
}

// record hands in what the bank says, as rows of a CSV.
func (f *till) record(id payment.RunID, rows ...string) (payment.Outcome, error) {
	text := strings.Join(append([]string{strings.Join(payment.OutcomeColumns, ";")}, rows...), "\n")
	return f.runs.Record(f.Context(), f.pays, form(f.pays, "payment.record"), id, []byte(text))
}

// wants asks the database for texts.
func (f *till) wants(sql string, want ...string) {
	f.Helper()
	rows, err := f.pool.Query(f.Context(), sql)
	if err != nil {
		f.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			f.Fatal(err)
		}
		got = append(got, text)
	}
	if !slices.Equal(got, want) {
		f.Errorf("%s\n%q\nnot %q", sql, got, want)
	}
}

func TestARunPaysWhatIsDueAndWhatComesBackIsRepaired(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	f.invoiced(0, 40*money.Euro)
	f.invoiced(1, 30*money.Euro)
	id := f.sent()
	r := f.run(id)
	if r.State != payment.SentRun || r.Orders != 2 || r.Amount != 120*money.Euro || r.Number != 1 {
		t.Errorf("%+v", r)
	}
	f.wants(`SELECT concat_ws(' ', end_to_end, amount_cents, state) FROM payment_orders ORDER BY number`, "PSI00001-000001 9000 sent", "PSI00001-000002 3000 sent")
	f.wants(`SELECT order_state FROM payment_lines ORDER BY id`, "sent", "sent", "sent")
	_, write, err := f.runs.File(t.Context(), f.pays, id)
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	if err := errors.Join(write(&first), write(&second)); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) || !strings.Contains(first.String(), "<CtrlSum>120.00</CtrlSum>") {
		t.Error(err, first.String())
	}
	o, err := f.record(id, "PSI00001-000001;pagato;90,00;2026-03-03;CRO1;", "PSI00001-000002;restituito;30,00;;;AC04")
	if err != nil || o.Paid != 1 || o.Returned != 1 || o.Before {
		t.Fatal(o, err)
	}
	if again, err := f.record(id, "PSI00001-000001;pagato;90,00;2026-03-03;CRO1;", "PSI00001-000002;restituito;30,00;;;AC04"); err != nil || !again.Before || again.ID != o.ID || again.Paid != 1 {
		t.Error(again, err)
	}
	if r := f.run(id); r.State != payment.SettledRun {
		t.Errorf("it is %s", r.State)
	}
	f.wants(`SELECT concat_ws(' ', state, reason, decided_by = '`+string(f.pays.Person)+`') FROM payment_accounts ORDER BY state`, "rejected closed t", "verified  f")
	f.wants(`SELECT action FROM audit WHERE action IN ('payment.paid', 'payment.returned', 'account.rejected') ORDER BY action`, "account.rejected", "payment.paid", "payment.returned")
	f.whole()

	// The payee gives another account, and the next run pays what came back.
	if _, err := f.runs.Prepare(t.Context(), f.prepare, form(f.prepare, "payment.prepare"), f.march()); !errors.Is(err, payment.ErrNothingDue) {
		t.Errorf("paid to no account: %v", err)
	}
	f.account(1, "verified")
	next := f.sent()
	f.wants(`SELECT concat_ws(' ', o.end_to_end, l.amount_cents, l.repairs = (SELECT max(id) FROM payment_lines WHERE order_state = 'returned'))
		FROM payment_lines l JOIN payment_orders o ON o.id = l.order_id WHERE o.run_id = '`+string(next)+`'`, "PSI00002-000001 3000 t")
	if _, err := f.record(next, "PSI00002-000001;pagato;30,00;2026-03-05;;"); err != nil {
		t.Error(err)
	}
	f.whole()
}

func TestTerritoriesPayWhatTheirMoneyReachesOldestFirst(t *testing.T) {
	t.Parallel()
	f := newTill(t, 110*money.Euro, 2)
	f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 50*money.Euro)
	f.invoiced(0, 20*money.Euro) // does not fit
	f.invoiced(1, 10*money.Euro) // would fit, and waits behind it
	totals, err := f.runs.Totals(t.Context(), f.march(), f.now)
	if err != nil || len(totals) != 2 || totals[0] != (payment.DueTotal{Edition: "2022-guida", Territory: "Lazio", Lines: 2, Payees: 2, Amount: 100 * money.Euro}) ||
		totals[1] != (payment.DueTotal{Edition: "2022-guida", Territory: "Lazio", Hold: payment.HeldNoFunds, Lines: 2, Payees: 2, Amount: 30 * money.Euro}) {
		t.Errorf("%+v %v", totals, err)
	}
	id := f.prepared()
	if r := f.run(id); r.Amount != 100*money.Euro || r.Due != 2 || r.Frozen != 2 {
		t.Errorf("%+v", r)
	}
	held, err := f.runs.Held(t.Context(), f.march(), f.now, "", 1, 10)
	if err != nil || len(held) != 2 || held[0].Amount != 20*money.Euro || held[1].Hold != payment.HeldNoFunds {
		t.Errorf("%+v %v", held, err)
	}
	// Money that is in a run is not taken back; what is left may be.
	editions := voucher.NewEditions(postgres.NewEditions(f.pool), func() time.Time { return f.now })
	all, err := editions.Transfers(t.Context(), "2022-guida")
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	transfer := all[0]
	transfer.Reverses, transfer.ID, transfer.Amount = transfer.ID, voucher.TransferID(voucher.NewID()), -transfer.Amount
	if err := postgres.NewEditions(f.pool).RecordTransfer(t.Context(), form(f.prepare, "transfer.reverse"), transfer, entryOf(f)); !errors.Is(err, voucher.ErrTransferPaid) {
		t.Errorf("taken back: %v", err)
	}
	f.whole()
}

func TestEachObstacleIsNamed(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 5)
	var invoices []string
	for i := range 5 {
		_, invoice := f.invoiced(i, 10*money.Euro)
		invoices = append(invoices, invoice)
	}
	b, _ := f.invoiced(0, 15*money.Euro)
	f.exec(`UPDATE invoices SET state = 'in_review' WHERE id = $1`, invoices[0])
	f.exec(`UPDATE invoices SET state = 'to_correct', reason = 'numero', correct_by = '2026-04-01' WHERE id = $1`, invoices[1])
	f.exec(`UPDATE payment_accounts SET state = 'rejected', reason = 'closed' WHERE person_id = $1`, string(f.psychologists[2]))
	f.account(3, "to_verify")
	f.exec(`UPDATE payment_accounts SET usable_from = $2 WHERE person_id = $1 AND state = 'verified'`, string(f.psychologists[4]), f.now.Add(time.Hour))
	f.exec(`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state) VALUES ('S1', $1, $2, $3, 'not_held', true, '2026-04-01', 'open')`,
		string(b), string(f.maria.ID), f.now)
	held, err := f.runs.Held(t.Context(), f.march(), f.now, "", 1, 10)
	if err != nil {
		t.Fatal(err)
	}
	var got []payment.Hold
	for _, h := range held {
		got = append(got, h.Hold)
	}
	want := []payment.Hold{payment.HeldInReview, payment.HeldToCorrect, payment.HeldNoAccount, payment.HeldToVerify, payment.HeldTooNew, payment.HeldByDispute}
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	f.exec(`UPDATE vouchers SET blocked_at = now(), block_reason = 'fraud'`)
	f.exec(`UPDATE disputes SET state = 'withdrawn'`)
	if held, err = f.runs.Held(t.Context(), f.march(), f.now, payment.HeldByBlock, 1, 10); err != nil || len(held) != 4 {
		t.Errorf("%d are blocked: %v", len(held), err)
	}
}

func TestARunIsTheWorkOfThreePeople(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	f.invoiced(0, 50*money.Euro)
	everything := func(a identity.Actor) identity.Actor { return a.WithDuties(identity.Duties) }
	id := f.prepared()
	day := calendar.NewDate(2026, 3, 3)
	refused := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	ctx := t.Context()
	refused("proposed by a payer", f.runs.Propose(ctx, f.pays, form(f.pays, "p"), id), identity.ErrNoDuty)
	refused("approved before it is proposed", f.runs.Approve(ctx, f.approve, form(f.approve, "p"), id, f.run(id).Version), payment.ErrRunState)
	if err := f.runs.Propose(ctx, f.prepare, form(f.prepare, "p"), id); err != nil {
		t.Fatal(err)
	}
	own := everything(f.prepare)
	refused("approved by who prepared", f.runs.Approve(ctx, own, form(own, "a"), id, f.run(id).Version), payment.ErrOwnRun)
	refused("sent back by who prepared", f.runs.SendBack(ctx, own, form(own, "a"), id, "no"), payment.ErrOwnRun)
	refused("approved as it was", f.runs.Approve(ctx, f.approve, form(f.approve, "a"), id, f.run(id).Version-1), payment.ErrRunMoved)
	refused("sent before it is approved", f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, day), payment.ErrRunState)
	approve := form(f.approve, "a")
	version := f.run(id).Version
	for range 2 {
		if err := f.runs.Approve(ctx, f.approve, approve, id, version); err != nil {
			t.Fatal(err)
		}
	}
	for _, a := range []identity.Actor{own, everything(f.approve)} {
		refused("sent by one who had a hand in it", f.runs.Send(ctx, a, form(a, "s"), id, day), payment.ErrOwnRun)
	}
	refused("sent for a Sunday", f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, calendar.NewDate(2026, 3, 8)), payment.ErrExecuteOn)
	if _, _, err := f.runs.File(ctx, f.pays, id); !errors.Is(err, payment.ErrRunState) {
		t.Errorf("a file before it is sent: %v", err)
	}
	if err := f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, day); err != nil {
		t.Fatal(err)
	}
	refused("sent twice", f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, day), payment.ErrRunState)
	refused("sent back after that", f.runs.SendBack(ctx, f.approve, form(f.approve, "b"), id, "no"), payment.ErrRunState)
	if _, _, err := f.runs.File(ctx, f.approve, id); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("the file for an approver: %v", err)
	}
	f.whole()
}

func TestWhatIsNotPayableAnyMoreIsTakenOutOrSentBack(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 2)
	b, _ := f.invoiced(0, 50*money.Euro)
	f.invoiced(1, 30*money.Euro)
	ctx := t.Context()
	id := f.prepared()
	dispute := func() {
		f.exec(`INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state) VALUES (gen_random_uuid(), $1, $2, $3, 'not_held', true, '2026-04-01', 'open')`,
			string(b), string(f.maria.ID), f.now)
	}
	dispute()
	if err := f.runs.Propose(ctx, f.prepare, form(f.prepare, "p"), id); !errors.Is(err, payment.ErrBlocked) {
		t.Errorf("proposed: %v", err)
	}
	found, err := f.runs.Blocked(ctx, id, f.now, 10)
	if err != nil || len(found) != 1 || found[0].Hold != payment.HeldByDispute || found[0].Order.Amount != 50*money.Euro {
		t.Fatalf("%+v %v", found, err)
	}
	before := f.run(id)
	if err := f.runs.TakeOut(ctx, f.prepare, form(f.prepare, "t"), id, found[0].Order.ID, ""); err != nil {
		t.Fatal(err)
	}
	if r := f.run(id); r.Amount != 30*money.Euro || r.Orders != 1 || bytes.Equal(r.Digest, before.Digest) {
		t.Errorf("%+v", r)
	}
	f.wants(`SELECT concat_ws(' ', state, released_why, released_hold) FROM payment_orders ORDER BY number`, "released taken_out disputed", "frozen  ")
	if err := f.runs.TakeOut(ctx, f.prepare, form(f.prepare, "t"), id, found[0].Order.ID, ""); !errors.Is(err, payment.ErrRunMoved) {
		t.Errorf("taken out twice: %v", err)
	}
	if err := errors.Join(f.runs.Propose(ctx, f.prepare, form(f.prepare, "p"), id),
		f.runs.Approve(ctx, f.approve, form(f.approve, "a"), id, f.run(id).Version)); err != nil {
		t.Fatal(err)
	}
	// Now the account of the other one is replaced: nothing is left to be sent.
	f.account(1, "verified")
	if err := f.runs.Send(ctx, f.pays, form(f.pays, "s"), id, calendar.NewDate(2026, 3, 3)); !errors.Is(err, payment.ErrAllBlocked) {
		t.Errorf("sent: %v", err)
	}
	if err := f.runs.SendBack(ctx, f.approve, form(f.approve, "b"), id, " "); !errors.Is(err, payment.ErrNoNote) {
		t.Error(err)
	}
	if err := f.runs.SendBack(ctx, f.approve, form(f.approve, "b"), id, "IBAN cambiato"); err != nil {
		t.Fatal(err)
	}
	f.wants(`SELECT concat_ws(' ', state, released_why) FROM payment_orders ORDER BY number`, "released taken_out", "released run_returned")
	f.exec(`UPDATE disputes SET state = 'withdrawn'`)
	if r := f.run(f.prepared()); r.Number != 2 || r.Amount != 80*money.Euro {
		t.Errorf("%+v", r)
	}
	f.whole()
}

func TestOneRunIsPreparedAtATimeByAnyNumberOfPortals(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	f.invoiced(0, 50*money.Euro)
	ctx := t.Context()
	id, err := f.runs.Prepare(ctx, f.prepare, form(f.prepare, "p"), f.march())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.runs.Prepare(ctx, f.prepare, form(f.prepare, "p"), f.march()); !errors.Is(err, payment.ErrAnotherRun) {
		t.Errorf("two at once: %v", err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, _, err := f.runs.FreezeDue(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	f.wants(`SELECT count(*)::text FROM payment_lines`, "1")
	if err := f.runs.Drop(ctx, f.prepare, form(f.prepare, "d"), id); err != nil {
		t.Fatal(err)
	}
	f.wants(`SELECT state FROM payment_orders`, "released")
	if r := f.run(f.prepared()); r.Number != 2 || r.Amount != 50*money.Euro {
		t.Errorf("%+v", r)
	}
	for what, ask := range map[string]payment.Selection{
		"another programme": {Month: calendar.NewDate(2026, 3, 1)}, "half a month": {Programme: payment.Voucher, Month: calendar.NewDate(2026, 3, 2)},
		"a month to come": {Programme: payment.Voucher, Month: calendar.NewDate(2026, 4, 1)}} {
		if _, err := f.runs.Prepare(ctx, f.prepare, form(f.prepare, "p"), ask); !errors.Is(err, payment.ErrMonth) {
			t.Errorf("%s: %v", what, err)
		}
	}
	f.whole()
}

func TestAFileIsNeverAnotherThanTheOneThatWasSent(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	f.invoiced(0, 50*money.Euro)
	id := f.sent()
	f.exec(`ALTER TABLE payment_orders DISABLE TRIGGER USER`)
	f.exec(`UPDATE payment_orders SET iban = $1`, string(iban.IBAN("IT70L0100003245350200020350")))
	if _, _, err := f.runs.File(t.Context(), f.pays, id); err == nil {
		t.Error("a file with another IBAN is handed out")
	}
}

func entryOf(f *till) audit.Entry {
	return audit.Entry{At: f.now, Actor: f.prepare, Action: voucher.TransferReversed}
}
