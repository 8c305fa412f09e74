package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// judged is a database with two officers and a confirmed session of 50 €, for whom
// reports are judged.
type judged struct {
	*fixture
	disputes      *voucher.Disputes
	chiara, anna  identity.Actor
	held, another voucher.BookingID
}

func newJudged(t testing.TB) *judged {
	t.Helper()
	f := newFixture(t, 200*money.Euro, 2)
	j := &judged{fixture: f, disputes: voucher.NewDisputes(postgres.NewDisputes(f.pool), func() time.Time { return f.now })}
	j.chiara = identity.Own(f.person("CLMCHR86L47L219", "Chiara", "Colombo").ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	j.anna = identity.Own(f.person("RCCNDR71B12D969", "Andrea", "Ricci").ID, identity.INPS).WithDuties([]identity.Duty{identity.Approve})
	j.held, j.another = f.mustBook(0, 0, 9, 50_00), f.mustBook(0, 3, 9, 40_00)
	j.must(f.service.Confirm(t.Context(), f.as(0), form(f.as(0), "voucher.confirm"), j.held))
	return j
}

func (j *judged) must(err error) {
	j.Helper()
	if err != nil {
		j.Fatal(err)
	}
}

func (j *judged) report(kind voucher.DisputeKind) voucher.DisputeID {
	j.Helper()
	id, err := j.disputes.Report(j.Context(), j.holder(), form(j.holder(), "dispute.report"), j.held, kind, "Ero altrove.")
	j.must(err)
	return id
}

// propose and decide are the acts of the two officers on a report as it then is.
func (j *judged) propose(id voucher.DisputeID, right money.Amount) {
	j.Helper()
	j.must(j.disputes.Propose(j.Context(), j.chiara, form(j.chiara, "dispute.propose"), id,
		voucher.DisputeProposal{Version: j.version(id), Uphold: true, Right: right, Grounds: "g", Answer: "a"}))
}

func (j *judged) decide(id voucher.DisputeID) error {
	j.Helper()
	return j.disputes.Decide(j.Context(), j.anna, form(j.anna, "dispute.decide"), id, j.version(id))
}

func (j *judged) version(id voucher.DisputeID) int64 {
	j.Helper()
	d, _, err := j.disputes.OpenDispute(j.Context(), j.anna, id)
	j.must(err)
	return d.Version
}

// invoice claims the confirmed session, as an accepted invoice does.
func (j *judged) invoice(sessions ...voucher.BookingID) string {
	j.Helper()
	var id string
	j.must(j.pool.QueryRow(j.Context(), `INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
		SELECT professional_id, beneficiary_id, '1', day, 9000, 'accepted', $2, $2 FROM bookings WHERE id = $1 RETURNING id::text`, string(j.held), j.now).Scan(&id))
	for _, s := range sessions {
		j.exec(`UPDATE bookings SET claimed_cents = amount_cents WHERE id = $1`, string(s))
		j.exec(`INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
			SELECT $2, id, professional_id, beneficiary_id, amount_cents FROM bookings WHERE id = $1`, string(s), id)
	}
	return id
}

func TestWhatWasNotHeldFallsOutOfItsInvoice(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	invoice := j.invoice(j.held)
	id := j.report(voucher.DisputeNotHeld)
	j.propose(id, 0)
	j.must(j.decide(id))
	c, err := j.disputes.Case(t.Context(), j.held)
	j.must(err)
	if c.Session.State != voucher.Cancelled || c.Session.CancelGround != voucher.CancelledAsDisputed || c.Session.Invoiced() || c.Invoice.ID != "" ||
		c.Account.Voucher.Used != 0 || c.Account.Voucher.Balance() != 160_00 {
		t.Errorf("%+v %+v", c.Session, c.Account.Voucher)
	}
	var state string
	j.must(j.pool.QueryRow(t.Context(), `SELECT state FROM invoices WHERE id = $1`, invoice).Scan(&state))
	if state != "withdrawn" {
		t.Errorf("the invoice that claims nothing is %s", state)
	}
	if c, err := voucher.NewInvoices(postgres.NewInvoices(j.pool), nil).Invoice(t.Context(), j.as(0), voucher.InvoiceID(invoice)); err != nil ||
		len(c.Events) != 1 || c.Events[0].Action != voucher.InvoiceDropped || c.Events[0].Role != identity.INPS || !c.Events[0].At.Equal(j.now) {
		t.Errorf("its professional reads %+v, %v", c.Events, err)
	}
	if err := j.decide(id); !errors.Is(err, voucher.ErrDisputeEnded) {
		t.Errorf("decided twice: %v", err)
	}
	if told := j.balanceTold(); len(told) != 1 {
		t.Errorf("its holder is told of the balance %d times", len(told))
	}
	j.whole()
}

func TestARightPriceIsWhatTheInvoiceClaims(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	j.invoice(j.held)
	id := j.report(voucher.DisputeAmount)
	j.propose(id, 30_00)
	j.must(j.decide(id))
	c, err := j.disputes.Case(t.Context(), j.held)
	j.must(err)
	if c.Session.Amount != 30_00 || c.Session.Claimed != 30_00 || c.Invoice.Claimed != 30_00 || c.Account.Voucher.Used != 30_00 {
		t.Errorf("%+v %+v", c.Session, c.Invoice)
	}
	if told := j.balanceTold(); len(told) != 1 {
		t.Errorf("its holder is told of the balance %d times", len(told))
	}
	j.whole()
}

func TestTwoReportsOfOneSessionAreOne(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = j.disputes.Report(t.Context(), j.holder(), form(j.holder(), "dispute.report"), j.held, voucher.DisputeCharged, "")
		})
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if !errors.Is(err, voucher.ErrDisputeOpen) {
			t.Error(err)
		}
	}
	if made != 1 {
		t.Errorf("%d reports", made)
	}
	sent := form(j.holder(), "dispute.withdraw")
	page, err := j.disputes.Worklist(t.Context(), voucher.DisputeList{Shelf: voucher.DisputesToJudge})
	j.must(err)
	if len(page.Lines) != 1 || page.Lines[0].Holds || page.Counts[voucher.DisputesToJudge] != 1 {
		t.Fatalf("%+v", page)
	}
	for range 2 { // the same form acts once
		j.must(j.disputes.Withdraw(t.Context(), j.holder(), sent, page.Lines[0].ID))
	}
	j.whole()
}

func TestAMovedSessionKeepsWhatItWas(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	b, err := j.service.Session(t.Context(), j.as(0), j.another)
	j.must(err)
	to := b.Appointment()
	to.Day, to.Start, to.Amount = b.Day.Add(2), b.Day.Add(2).At(18, 30), 50_00
	j.must(j.service.MayMove(t.Context(), j.as(0), b, to))
	j.must(j.service.Move(t.Context(), j.as(0), form(j.as(0), "voucher.move"), j.another, to))
	facts, err := j.disputes.Facts(t.Context(), j.another)
	j.must(err)
	if len(facts.Moves) != 1 || !facts.Moves[0].Was.Start.Equal(b.Start) || facts.Moves[0].Was.Amount != 40_00 || !facts.Moves[0].Is.Start.Equal(to.Start) {
		t.Errorf("%+v", facts.Moves)
	}
	// At another hour of the day of another session of the same professional.
	busy := to
	busy.Day, busy.Start = calendar.On(j.now).Add(6), calendar.On(j.now).Add(6).At(10, 0)
	luca := j.person("FRRLCU90H10F205", "Luca", "Ferrari")
	application, _ := j.grant(luca, 100*money.Euro)
	file, err := j.service.File(t.Context(), luca.ID, application)
	j.must(err)
	if _, err := j.service.Book(t.Context(), j.as(0), form(j.as(0), "voucher.book"), file.Voucher.ID, ask(busy.Day, 10, 50_00)); err != nil {
		t.Fatal(err)
	}
	if err := j.service.Move(t.Context(), j.as(0), form(j.as(0), "voucher.move"), j.another, busy); !errors.Is(err, voucher.ErrProfessionalBusy) {
		t.Errorf("onto another one: %v", err)
	}
	j.whole()
}

func TestSessionsAreListedByWhatIsToBeLookedAt(t *testing.T) {
	t.Parallel()
	j := newJudged(t)
	j.report(voucher.DisputeNotHeld) // confirmed at noon, and over at ten
	today := calendar.On(j.now)
	list := func(ask voucher.SessionList) (ids []voucher.BookingID) {
		t.Helper()
		ask.Today = today
		page, err := j.disputes.Sessions(t.Context(), ask)
		j.must(err)
		for _, r := range page.Rows {
			ids = append(ids, r.ID)
		}
		return ids
	}
	for _, c := range []struct {
		ask  voucher.SessionList
		want []voucher.BookingID
	}{
		{voucher.SessionList{}, []voucher.BookingID{j.another, j.held}},
		{voucher.SessionList{State: voucher.SessionsBooked}, []voucher.BookingID{j.another}},
		{voucher.SessionList{State: voucher.SessionsToInvoice}, []voucher.BookingID{j.held}},
		{voucher.SessionList{State: voucher.SessionsInvoiced}, nil},
		{voucher.SessionList{Anomaly: voucher.AnomalyReported}, []voucher.BookingID{j.held}},
		{voucher.SessionList{Anomaly: voucher.AnomalyInReview}, nil},
		{voucher.SessionList{Anomaly: voucher.AnomalyEarly}, nil},
		{voucher.SessionList{Anomaly: voucher.AnomalyCrowded}, nil},
		{voucher.SessionList{Edition: "2022-guida", Territory: "Lazio"}, []voucher.BookingID{j.another, j.held}},
		{voucher.SessionList{Territory: "Marche"}, nil},
		{voucher.SessionList{After: voucher.SessionPlace{Day: today.Add(3), ID: j.another}}, []voucher.BookingID{j.held}},
		{voucher.SessionList{After: voucher.SessionPlace{Day: today, ID: j.held}, Back: true}, []voucher.BookingID{j.another}},
	} {
		if got := list(c.ask); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.ask, got, c.want)
		}
	}
}
