package postgres_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

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

const zero = "00000000-0000-0000-0000-000000000000"

// firstSession gives the voucher a term for its first session.
func (c *closing) firstSession(by calendar.Date) {
	c.Helper()
	c.exec(`ALTER TABLE vouchers DISABLE TRIGGER vouchers_keep_terms`)
	c.exec(`UPDATE vouchers SET first_session_by = $1`, by)
	c.exec(`ALTER TABLE vouchers ENABLE TRIGGER vouchers_keep_terms`)
}

func TestAVoucherLapsesByAListAndComesBackByACase(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	by := calendar.On(c.now).Add(10)
	c.firstSession(by)
	coming := c.mustBook(0, 20, 15, 50_00)
	c.now = by.Add(1).At(9, 0)
	l := c.due(voucher.LapseList)
	if len(l.Rows) != 1 || l.Rows[0].Ground != voucher.NoFirstSession || l.Amount() != 200_00 {
		t.Fatalf("%+v", l)
	}
	id := c.propose(voucher.LapseList)
	if err := c.decide(c.paolo, id, false, " "); !errors.Is(err, voucher.ErrClosureNote) {
		t.Errorf("sent back without a note: %v", err)
	}
	if err := c.decide(c.paolo, id, false, "Controlla gli avvisi."); err != nil {
		t.Fatal(err)
	}
	id = c.propose(voucher.LapseList)
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CarryOutDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := c.file()
	if file.Voucher.State != voucher.Forfeited || file.Application.State != voucher.Lapsed || file.Voucher.Returned != 200_00 || c.session(coming).CancelGround != string(voucher.NoFirstSession) {
		t.Errorf("%+v", file)
	}
	c.whole()

	if n := c.told("voucher.lapsed"); n != 1 {
		t.Errorf("%d letters on the lapse", n)
	}

	// Two officers give it back: the session had been held, and its professional was late.
	c.now = by.Add(30).At(9, 0)
	open := voucher.VoucherCase{Voucher: file.Voucher.ID, Kind: voucher.ReinstateVoucher, Ground: "late_proof", Text: "La seduta del 10 marzo c’è stata."}
	if _, err := c.ProposeCase(t.Context(), c.paolo, form(c.paolo, "case.propose"), open); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("proposed by who approves: %v", err)
	}
	k, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), open)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), open); !errors.Is(err, voucher.ErrCaseOpen) {
		t.Errorf("proposed twice: %v", err)
	}
	for who, want := range map[identity.Actor]error{c.chiara: identity.ErrNoDuty, c.chiara.WithDuties(identity.Duties): voucher.ErrCaseOwn} {
		if err := c.DecideCase(t.Context(), who, form(who, "case.decide"), k, 0, true, ""); !errors.Is(err, want) {
			t.Errorf("decided by %v: %v", who, err)
		}
	}
	sent := form(c.paolo, "case.decide")
	for range 2 { // the second is the same form
		if err := c.DecideCase(t.Context(), c.paolo, sent, k, 0, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	v := c.file().Voucher
	if v.State != voucher.Active || v.Balance() != 200_00 || v.Reopened != 1 || !v.Terms.LastDay.After(file.Voucher.Terms.LastDay) || c.file().Application.State != voucher.Awarded {
		t.Errorf("%+v, %s", v, c.file().Application.State)
	}
	if _, err := c.book(0, ask(calendar.On(c.now).Add(3), 15, 50_00)); err != nil {
		t.Errorf("it cannot be spent: %v", err)
	}
	c.whole()

	// It ends once more, and for good.
	c.now = c.now.AddDate(0, 0, 5)
	k, err = c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: v.ID, Kind: voucher.EndVoucher,
		Ground: voucher.Death, Since: calendar.On(c.now).Add(-1), Text: "Comunicazione dell’anagrafe."})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), k, 0, true, ""); err != nil {
		t.Fatal(err)
	}
	if v := c.file().Voucher; v.State != voucher.Closed || v.Returned != 150_00 || v.Booked != 50_00 {
		t.Errorf("%+v", v)
	}
	c.whole()
}

func TestAnAnnulledSessionIsGivenBackOutOfTheMoneyOfItsTerritory(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	held := c.hold(0, calendar.On(c.now).Add(7))
	c.over()
	id := c.propose(voucher.AnnulmentList)
	if err := c.decide(c.paolo, id, true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CarryOutDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	k, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: c.file().Voucher.ID, Booking: held,
		Kind: voucher.ReinstateBooking, Ground: "outage", Text: "Il portale era fermo."})
	if err != nil {
		t.Fatal(err)
	}
	was := c.file().Voucher.Terms
	if err := c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), k, 0, true, ""); err != nil {
		t.Fatal(err)
	}
	if n := c.told("booking.reinstated"); n != 2 {
		t.Errorf("%d letters on a session that came back", n)
	}
	v := c.file().Voucher
	if v.State != voucher.Expired || v.Used != 50_00 || v.Returned != 150_00 || !v.Terms.InvoiceBy.After(was.InvoiceBy) || v.Terms.LastDay != was.LastDay {
		t.Errorf("%+v", v)
	}
	_, err = c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), voucher.VoucherCase{Voucher: v.ID, Booking: held,
		Kind: voucher.ReinstateBooking, Ground: "outage", Text: "Ancora."})
	if !errors.Is(err, voucher.ErrReinstated) {
		t.Errorf("given back twice: %v", err)
	}
	c.whole()
}

func TestEverybodyIsRemindedOfATermOnceForEachOfItsDays(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	by := calendar.On(c.now).Add(40)
	c.firstSession(by)
	c.mustBook(0, 5, 15, 50_00)
	last, invoice := c.file().Voucher.Terms.LastDay, c.file().Voucher.Terms.InvoiceBy
	for _, on := range []struct {
		day  calendar.Date
		want []string
	}{
		{by.Add(-40), []string{"voucher.first_session_reminded"}}, // whoever is late for 45 days is told at 40
		{by.Add(-36), nil},
		{by.Add(-31), []string{"sessions.confirm_reminded"}}, // the session was four days ago
		{by.Add(-30), []string{"voucher.first_confirm_reminded", "voucher.first_session_reminded"}},
		{by.Add(-29), nil},
		{by.Add(-24), []string{"sessions.confirm_reminded"}},
		{last.Add(-46), []string{"sessions.confirm_reminded"}},
		{last.Add(-45), []string{"voucher.expiry_reminded"}},
		{invoice.Add(-7), []string{"sessions.invoice_reminded"}},
	} {
		c.now = on.day.At(9, 0)
		before := c.reminded()
		for range 2 {
			if _, err := c.RemindDue(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if got := c.reminded()[len(before):]; !slices.Equal(got, on.want) {
			t.Errorf("on %s: %v, want %v", on.day, got, on.want)
		}
		for _, action := range on.want {
			if c.told(action) == 0 {
				t.Errorf("on %s nobody is told %s", on.day, action)
			}
		}
	}
}

// told is how many letters the last entry of an action leads to.
func (c *closing) told(action string) int {
	c.Helper()
	var entry int64
	if err := c.pool.QueryRow(c.Context(), `SELECT max(id) FROM audit WHERE action = $1`, action).Scan(&entry); err != nil {
		c.Fatal(err)
	}
	notices := postgres.NewNotices(c.pool)
	e, err := notices.Event(c.Context(), entry)
	if err != nil {
		c.Fatal(err)
	}
	letters := notify.Letters(e)
	if err := notices.Post(c.Context(), entry, letters, c.now); err != nil {
		c.Fatal(err)
	}
	return len(letters)
}

// reminded is what was written of reminders so far, each day's in order of their names.
func (c *closing) reminded() (all []string) {
	c.Helper()
	err := c.pool.QueryRow(c.Context(), `SELECT coalesce(array_agg(action ORDER BY at, action), '{}') FROM audit WHERE action LIKE '%reminded'`).Scan(&all)
	if err != nil {
		c.Fatal(err)
	}
	return all
}

func TestOfficersAreNoPartyInWhatTheyDecide(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	c.mustBook(0, 5, 15, 50_00)
	for _, who := range []identity.PersonID{c.maria.ID, c.psychologists[0]} {
		party := identity.Own(who, identity.INPS).WithDuties(identity.Duties)
		_, err := c.ProposeCase(t.Context(), party, form(party, "case.propose"), voucher.VoucherCase{Voucher: c.file().Voucher.ID, Kind: voucher.EndVoucher, Ground: voucher.FalseDeclaration, Text: "x"})
		if !errors.Is(err, voucher.ErrCaseParty) {
			t.Errorf("%v", err)
		}
	}
	if _, err := c.Closure(t.Context(), voucher.ClosureID(zero)); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a list that is none: %v", err)
	}
}
