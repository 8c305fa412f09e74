package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

const zero = "00000000-0000-0000-0000-000000000000"

// closing is a fixture with the officers who close things.
type closing struct {
	*fixture
	*voucher.Closures
	chiara, paolo identity.Actor // who prepares, who approves
}

func newClosing(t *testing.T, amount money.Amount, psychologists int) *closing {
	t.Helper()
	f := newFixture(t, amount, psychologists)
	officer := func(fifteen string, d ...identity.Duty) identity.Actor {
		return identity.Own(f.person(fifteen, "Chiara", "Verdi").ID, identity.INPS).WithDuties(d)
	}
	return &closing{f, voucher.NewClosures(postgres.NewClosures(f.pool), func() time.Time { return f.now }),
		officer("VRDCHR80A41H501", identity.Prepare), officer("VRDPLA80A01H501", identity.Approve)}
}

// hold books a session on a day and confirms it.
func (c *closing) hold(i int, on calendar.Date) voucher.BookingID {
	c.Helper()
	id, err := c.book(i, ask(on, 15, 50_00))
	if err != nil {
		c.Fatal(err)
	}
	now := c.now
	c.now = on.At(20, 0)
	if err := c.service.Confirm(c.Context(), c.as(i), form(c.as(i), "booking.confirm"), id); err != nil {
		c.Fatal(err)
	}
	c.now = now
	return id
}

// over is the day after the term for invoices, with the voucher expired.
func (c *closing) over() {
	c.Helper()
	c.now = c.file().Voucher.Terms.InvoiceBy.Add(1).At(9, 0)
	if _, err := c.service.ExpireDue(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// invoice has a session invoiced, and the invoice in a state.
func (c *closing) invoice(id voucher.BookingID, state string, correctBy calendar.Date) {
	c.Helper()
	c.exec(`WITH written AS (
			INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, reason, correct_by, received_at, changed_at)
			SELECT professional_id, beneficiary_id, left(id::text, 13), day, 5000, $3, CASE WHEN $3 = 'to_correct' THEN 'x' ELSE '' END, $4, $2, $2
			FROM bookings WHERE id = $1 RETURNING id, professional_id, beneficiary_id), claimed AS (
			INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
			SELECT id, $1, professional_id, beneficiary_id, 5000 FROM written)
		UPDATE bookings SET claimed_cents = 5000 WHERE id = $1`, string(id), c.now, state, correctBy)
}

func (c *closing) due(kind voucher.ClosureKind) voucher.ClosureList {
	c.Helper()
	l, err := c.Due(c.Context(), c.chiara, kind, "2022-guida", "")
	if err != nil {
		c.Fatal(err)
	}
	return l
}

func (c *closing) propose(kind voucher.ClosureKind) voucher.ClosureID {
	c.Helper()
	l := c.due(kind)
	id, err := c.Propose(c.Context(), c.chiara, form(c.chiara, "closure.propose"), kind, "2022-guida", "", l.Digest())
	if err != nil {
		c.Fatal(err)
	}
	return id
}

func (c *closing) list(id voucher.ClosureID) voucher.Closure {
	c.Helper()
	l, err := c.Closure(c.Context(), id)
	if err != nil {
		c.Fatal(err)
	}
	return l
}

func (c *closing) decide(who identity.Actor, id voucher.ClosureID, approve bool, note string) error {
	return c.Decide(c.Context(), who, form(who, "closure.decide"), id, c.list(id).Version, approve, note)
}

func (c *closing) session(id voucher.BookingID) voucher.Booking {
	c.Helper()
	s, err := c.service.Session(c.Context(), c.holder(), id)
	if err != nil {
		c.Fatal(err)
	}
	return s.Booking
}

func TestSessionsAreAnnulledByTwoOfficersAndEachIsJudgedAgain(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 2)
	today := calendar.On(c.now)
	booked := c.mustBook(0, 7, 15, 50_00)
	held := c.hold(0, today.Add(14))
	kept := c.hold(1, today.Add(21))
	late := c.hold(1, today.Add(28))
	if l := c.due(voucher.AnnulmentList); len(l.Rows) != 0 {
		t.Fatalf("%d rows before the term is over", len(l.Rows))
	}
	c.over()
	l := c.due(voucher.AnnulmentList)
	if len(l.Rows) != 4 || l.Amount() != 200_00 {
		t.Fatalf("%d rows for %s", len(l.Rows), l.Amount())
	}
	if _, err := c.Propose(t.Context(), c.chiara, form(c.chiara, "closure.propose"), voucher.AnnulmentList, "2022-guida", "", voucher.ClosureList{Rows: l.Rows[1:]}.Digest()); !errors.Is(err, voucher.ErrClosureMoved) {
		t.Errorf("a list that nobody saw: %v", err)
	}
	id := c.propose(voucher.AnnulmentList)
	if _, err := c.Propose(t.Context(), c.chiara, form(c.chiara, "closure.propose"), voucher.AnnulmentList, "2022-guida", "", l.Digest()); !errors.Is(err, voucher.ErrClosureOpen) {
		t.Errorf("a second list: %v", err)
	}
	if err := c.Spare(t.Context(), c.chiara, form(c.chiara, "closure.spare"), id, string(kept), "Ha telefonato: la fattura è di carta."); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[identity.Actor]error{c.chiara: identity.ErrNoDuty, c.chiara.WithDuties(identity.Duties): voucher.ErrClosureOwn} {
		if err := c.decide(who, id, true, ""); !errors.Is(err, want) {
			t.Errorf("decided by %v: %v, want %v", who, err, want)
		}
	}
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	c.invoice(late, "accepted", calendar.Date{}) // between the approval and the work
	if n, err := c.CarryOutDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d vouchers, %v", n, err)
	}
	if l := c.list(id); l.State != voucher.ClosureDone || l.Closed != 2 || l.Saved != 1 || l.Spared != 1 || l.ClosedAmount != 100_00 {
		t.Errorf("%+v", l)
	}
	for id, want := range map[voucher.BookingID]string{booked: "not_confirmed", held: "not_invoiced", kept: "", late: ""} {
		if b := c.session(id); b.CancelGround != want || (b.State == voucher.Cancelled) != (want != "") {
			t.Errorf("%+v, want %q", b, want)
		}
	}
	if n := c.told("closure.carried_out"); n != 1 {
		t.Errorf("%d letters on what was annulled", n)
	}
	if v := c.file().Voucher; v.Used != 100_00 || v.Returned != 500_00 {
		t.Errorf("%+v", v)
	}
	var told int
	if err := c.pool.QueryRow(t.Context(), `SELECT count(*) FROM audit WHERE action = 'closure.carried_out' AND subject_id = $1`, string(id)).Scan(&told); err != nil || told != 1 {
		t.Errorf("%d professionals told, %v", told, err)
	}
	c.whole()
}

// Its professional reads when an invoice ended, and that it was not by them.
func TestAnInvoiceThatLosesItsLastSessionSaysSo(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 1)
	held := c.hold(0, calendar.On(c.now).Add(7))
	c.over()
	c.invoice(held, "to_correct", calendar.On(c.now).Add(-1))
	c.exec(`UPDATE invoices SET field = 'number'`)
	if err := c.decide(c.paolo, c.propose(voucher.AnnulmentList), true, ""); err != nil {
		t.Fatal(err)
	}
	if n, err := c.CarryOutDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d vouchers, %v", n, err)
	}
	page, err := voucher.NewInvoices(postgres.NewInvoices(c.pool), nil).Invoices(t.Context(), c.psychologists[0], voucher.InvoiceList{})
	if err != nil || len(page.Lines) != 1 || page.Lines[0].State != voucher.InvoiceWithdrawn || page.Lines[0].Field != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	one, err := voucher.NewInvoices(postgres.NewInvoices(c.pool), nil).Invoice(t.Context(), c.as(0), page.Lines[0].ID)
	if err != nil || len(one.Events) != 1 || one.Events[0].Action != voucher.InvoiceDropped || one.Events[0].Role != identity.System || !one.Events[0].At.Equal(c.now) {
		t.Errorf("%+v, %v", one.Events, err)
	}
	c.whole()
}

func TestAListOfAsManySessionsForAsMuchIsNotTheOneThatWasSeen(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 1)
	today := calendar.On(c.now)
	seen, other := c.hold(0, today.Add(7)), c.hold(0, today.Add(14))
	c.over()
	c.invoice(other, "to_correct", calendar.On(c.now).Add(3))
	was := c.due(voucher.AnnulmentList)
	c.invoice(seen, "accepted", calendar.Date{})
	c.now = c.now.AddDate(0, 0, 4)
	is := c.due(voucher.AnnulmentList)
	if len(was.Rows) != 1 || len(is.Rows) != 1 || was.Amount() != is.Amount() || was.Rows[0].Subject == is.Rows[0].Subject {
		t.Fatalf("%+v and then %+v", was.Rows, is.Rows)
	}
	if _, err := c.Propose(t.Context(), c.chiara, form(c.chiara, "closure.propose"), voucher.AnnulmentList, "2022-guida", "", was.Digest()); !errors.Is(err, voucher.ErrClosureMoved) {
		t.Errorf("another session is annulled than the one that was seen: %v", err)
	}
	c.propose(voucher.AnnulmentList)
}

func TestNobodySparesOrDecidesWhatIsTheirOwn(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 2)
	held := c.hold(0, calendar.On(c.now).Add(7))
	c.hold(1, calendar.On(c.now).Add(14))
	c.over()
	id := c.propose(voucher.AnnulmentList)
	for who, own := range map[string]identity.PersonID{"who held a session": c.psychologists[1], "who holds the voucher": c.maria.ID} {
		if err := c.decide(identity.Own(own, identity.INPS).WithDuties([]identity.Duty{identity.Approve}), id, true, ""); !errors.Is(err, voucher.ErrClosureParty) {
			t.Errorf("approved by %s: %v", who, err)
		}
	}
	prepares := c.chiara
	c.chiara = identity.Own(c.psychologists[0], identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	if err := c.decide(c.paolo, id, false, "Un altro elenco."); err != nil {
		t.Fatal(err)
	}
	id = c.propose(voucher.AnnulmentList)
	for _, row := range c.due(voucher.AnnulmentList).Rows {
		var want error
		if row.Subject == string(held) {
			want = voucher.ErrClosureParty
		}
		if err := c.Spare(t.Context(), c.chiara, form(c.chiara, "closure.spare"), id, row.Subject, "Lo conosco."); !errors.Is(err, want) {
			t.Errorf("spared by who held one of them: %v, want %v", err, want)
		}
	}
	if err := c.Spare(t.Context(), prepares, form(prepares, "closure.spare"), id, string(held), "Lo conosco."); !errors.Is(err, voucher.ErrNotPreparer) {
		t.Errorf("spared by who did not make it: %v", err)
	}
}

// One voucher of a list cannot be done: the lists that were carried out end.
func TestAListThatCannotGoOnKeepsNoOtherOpen(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 1)
	c.hold(0, calendar.On(c.now).Add(7))
	c.over()
	stuck := c.propose(voucher.AnnulmentList)
	if err := c.decide(c.paolo, stuck, true, ""); err != nil {
		t.Fatal(err)
	}
	done := voucher.ClosureID(voucher.NewID())
	c.exec(`INSERT INTO closures (id, number, kind, edition_id, as_of, state, prepared_by, prepared_at) VALUES ($1, 100, 'lapse', '2022-guida', $2, 'proposed', $3, $4)`,
		string(done), calendar.On(c.now), string(c.chiara.Person), c.now)
	c.exec(`INSERT INTO closure_rows (closure_id, subject_id, voucher_id, ground, term, amount_cents) SELECT $1, id, id, 'no_first_session', last_day, 1 FROM vouchers`, string(done))
	if err := c.decide(c.paolo, done, true, ""); err != nil {
		t.Fatal(err)
	}
	c.exec(`UPDATE closure_rows SET outcome = 'saved', done_at = $2 WHERE closure_id = $1`, string(done), c.now)
	c.exec(`ALTER TABLE bookings ADD CONSTRAINT stuck CHECK (cancel_ground <> 'not_invoiced')`)
	if _, err := c.CarryOutDue(t.Context()); err == nil {
		t.Error("nothing is stuck")
	}
	if c.list(stuck).State != voucher.ClosureUnderWay || c.list(done).State != voucher.ClosureDone {
		t.Errorf("%s and %s", c.list(stuck).State, c.list(done).State)
	}
	c.exec(`ALTER TABLE bookings DROP CONSTRAINT stuck`)
	if _, err := c.CarryOutDue(t.Context()); err != nil || c.list(stuck).State != voucher.ClosureDone {
		t.Errorf("%s once it can go on: %v", c.list(stuck).State, err)
	}
	c.whole()
}

func TestAListThatWasCutOffGoesOnAndTwoAtOnceShareIt(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 600_00, 1)
	today := calendar.On(c.now)
	for i := range 4 {
		c.mustBook(0, 7+7*i, 15, 50_00)
	}
	for _, fifteen := range []string{"RSSMRA85C53H501", "RSSMRA85C54H501", "RSSMRA85C55H501"} {
		p := c.person(fifteen, "Anna", "Neri")
		app, _ := c.grant(p, 600_00)
		file, err := c.service.File(t.Context(), p.ID, app)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.service.Book(t.Context(), c.as(0), form(c.as(0), "booking.book"), file.Voucher.ID, ask(today.Add(8), 0, 50_00)); err != nil {
			t.Fatal(err)
		}
	}
	c.over()
	id := c.propose(voucher.AnnulmentList)
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	pending, err := c.Pending(t.Context(), voucher.PendingClosure{Closure: voucher.ClosureID(zero), Voucher: zero}, 1)
	if err != nil || len(pending) != 1 {
		t.Fatalf("%d pending, %v", len(pending), err)
	}
	// The first voucher is done, and the work is cut off in the middle of the second.
	one := func(ctx context.Context, p voucher.PendingClosure) error {
		return c.CarryOut(ctx, p, c.now, func(a voucher.Account, rows []voucher.Annulment) (voucher.Decision, error) {
			return a.Annul(rows, c.now)
		})
	}
	if err := one(t.Context(), pending[0]); err != nil {
		t.Fatal(err)
	}
	cut := errors.New("cut off")
	next, _ := c.Pending(t.Context(), pending[0], 1)
	if err := c.CarryOut(t.Context(), next[0], c.now, func(voucher.Account, []voucher.Annulment) (voucher.Decision, error) { return voucher.Decision{}, cut }); !errors.Is(err, cut) {
		t.Fatal(err)
	}
	if l := c.list(id); l.State != voucher.ClosureUnderWay || l.ToDo() == 0 || l.ToDo() == l.Rows {
		t.Errorf("cut off: %+v", l)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if _, err := c.CarryOutDue(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if _, err := c.CarryOutDue(t.Context()); err != nil {
		t.Error(err)
	}
	if l := c.list(id); l.State != voucher.ClosureDone || l.Closed != 7 || l.ToDo() != 0 {
		t.Errorf("%+v", l)
	}
	c.whole()
}
