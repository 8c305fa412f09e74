package postgres_test

import (
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// What two officers found not to have taken place is not paid a second time, when the
// bank gives the first payment back before the session is cancelled.
func TestWhatWasFoundNotHeldIsNotPaidAgain(t *testing.T) {
	t.Parallel()
	f := newTill(t, 500*money.Euro, 1)
	session, _ := f.invoiced(0, 50*money.Euro)
	run := f.sent()
	f.now = f.now.AddDate(0, 0, 7)
	clock := func() time.Time { return f.now }
	disputes, trail := voucher.NewDisputes(postgres.NewDisputes(f.pool), clock), voucher.NewTrail(postgres.NewTrail(f.pool), clock)
	maria := identity.Own(f.maria.ID, identity.Citizen)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	id, err := disputes.Report(t.Context(), maria, form(maria, "dispute.report"), session, voucher.DisputeNotHeld, "")
	must(err)
	must(disputes.Propose(t.Context(), f.prepare, form(f.prepare, "dispute.propose"), id, voucher.DisputeProposal{Uphold: true, Grounds: "g", Answer: "a"}))
	must(disputes.Decide(t.Context(), f.approve, form(f.approve, "dispute.decide"), id, 1))
	f.wants(`SELECT concat_ws(' ', state, recover_cents) FROM disputes`, "upheld 5000")
	_, err = f.record(run, "PSI00001-000001;restituito;50,00;;;AM04")
	must(err)
	totals, err := f.runs.Totals(t.Context(), f.march(), f.now)
	if err != nil || len(totals) != 1 || totals[0].Hold != payment.HeldByDispute {
		t.Errorf("due after the return: %+v, %v", totals, err)
	}
	if _, at, err := trail.Session(t.Context(), f.as(0), session); err != nil || at.Stage != voucher.TrailDisputed || at.Hindrance != voucher.ReportUpheld {
		t.Errorf("its professional reads %+v, %v", at, err)
	}
	path, err := trail.PathRows(t.Context(), "2022-guida", f.now)
	must(err)
	var held int
	for _, row := range path {
		held += row.Of[voucher.TrailDisputed].Sessions
	}
	if held != 1 {
		t.Errorf("%d sessions on the way are disputed", held)
	}
	must(disputes.CarryOut(t.Context(), f.approve, form(f.approve, "dispute.carry_out"), id))
	if totals, err = f.runs.Totals(t.Context(), f.march(), f.now); err != nil || len(totals) != 0 {
		t.Errorf("due once it is carried out: %+v, %v", totals, err)
	}
	f.whole()
}

// Of two transfers that could each be taken back, not both are at once.
func TestTwoReversalsAtOnceLeavePaymentsTheirMoney(t *testing.T) {
	t.Parallel()
	f := newTill(t, 50*money.Euro, 1)
	f.fund("Lazio", 30*money.Euro)
	f.invoiced(0, 50*money.Euro)
	f.prepared()
	reverse := `INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, reverses, recorded_by, recorded_at)
		SELECT edition_id, territory, -amount_cents, received_on, 'errore', id, recorded_by, now() FROM funding_transfers WHERE amount_cents = $1`
	f.fund("Lazio", 25*money.Euro) // 105 € were sent and 50 € are in a payment: 50 € or 30 € may go, not both
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), reverse, int64(50_00)); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() {
		_, err := f.pool.Exec(t.Context(), reverse, int64(30_00))
		second <- err
	}()
	f.waits()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err == nil {
		t.Error("both were taken back")
	}
	f.wants(`SELECT sum(amount_cents)::text FROM funding_transfers`, "5500")
}
