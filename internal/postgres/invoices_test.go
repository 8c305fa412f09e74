package postgres_test

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// mustHold books and confirms a session of the i-th psychologist on a day from now,
// without an hour, and comes back to when it was.
func (f *fixture) mustHold(i, inDays int, amount money.Amount) voucher.BookingID {
	f.Helper()
	id := f.mustBook(i, inDays, 0, amount)
	before := f.now
	f.now = before.AddDate(0, 0, inDays)
	if err := f.service.Confirm(f.Context(), f.as(i), form(f.as(i), "voucher.confirm"), id); err != nil {
		f.Fatal(err)
	}
	f.now = before
	return id
}

// billing is a fixture a month on, with the service of invoices.
func (f *fixture) billing() *voucher.Invoices {
	f.now = noon.AddDate(0, 1, 0)
	return voucher.NewInvoices(postgres.NewInvoices(f.pool), func() time.Time { return f.now })
}

func (f *fixture) document(number string, amount money.Amount) voucher.InvoiceData {
	return voucher.InvoiceData{Number: number, IssuedOn: calendar.On(f.now), Amount: amount}
}

// anna is a clerk who prepares.
func (f *fixture) anna() identity.Actor {
	return identity.Own(f.person("GLLNNA72S45L219", "Anna", "Galli").ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
}

func TestAnInvoiceIsSavedWithItsSessionsAndTheLedger(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 2)
	one, two, other := f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 40_00), f.mustHold(1, 3, 50_00)
	invoices := f.billing()
	if all, err := invoices.ToInvoice(t.Context(), f.psychologists[0]); err != nil || len(all) != 2 || all[0].ID != one || all[0].MayInvoice(f.now) != nil || all[0].Holder.FamilyName != "Rossi" {
		t.Fatalf("%d to invoice, %v", len(all), err)
	}
	sent := form(f.as(0), "invoice.send")
	id, err := invoices.Send(t.Context(), f.as(0), sent, []voucher.BookingID{one, two}, f.document("1", 120_00))
	if err != nil {
		t.Fatal(err)
	}
	if again, err := invoices.Send(t.Context(), f.as(0), sent, []voucher.BookingID{one, two}, f.document("1", 120_00)); err != nil || again != id {
		t.Errorf("sent again: %s, %v", again, err)
	}
	c, err := invoices.Invoice(t.Context(), f.as(0), id)
	if err != nil || c.Invoice.State != voucher.InvoiceAccepted || c.Invoice.Sessions != 2 || c.Claimed() != 90_00 || len(c.Of) != 2 || len(c.Events) != 1 || c.Events[0].Action != voucher.InvoiceSent {
		t.Errorf("%+v, %v", c, err)
	}
	if on, err := invoices.InvoiceOf(t.Context(), one); err != nil || on != id {
		t.Errorf("on %s, %v", on, err)
	}
	if on, err := invoices.InvoiceOf(t.Context(), other); err != nil || on != "" {
		t.Errorf("a colleague's is on %s, %v", on, err)
	}
	if _, err := invoices.Invoice(t.Context(), f.as(1), id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a colleague reads it: %v", err)
	}
	if _, err := invoices.Send(t.Context(), f.as(1), form(f.as(1), "invoice.send"), []voucher.BookingID{one}, f.document("1", 50_00)); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a colleague invoices it: %v", err)
	}
	if _, err := invoices.Send(t.Context(), f.as(1), form(f.as(1), "invoice.send"), []voucher.BookingID{other}, f.document("1", 50_00)); err != nil {
		t.Errorf("numbers are each professional's own: %v", err)
	}
	if n := f.count(`SELECT count(*) FROM audit WHERE action = 'booking.invoiced'`); n != 3 {
		t.Errorf("%d sessions are invoiced in the register", n)
	}
	f.whole()
}

func TestAnInvoiceIsCorrectedReturnedAndWithdrawn(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	session := f.mustHold(0, 1, 50_00)
	invoices, giulia := f.billing(), f.as(0)
	id, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), []voucher.BookingID{session}, f.document("1", 30_00))
	if err != nil {
		t.Fatal(err)
	}
	if v := f.file().Voucher; v.Used != 30_00 || v.Balance() != 170_00 {
		t.Errorf("used %s, left %s", v.Used, v.Balance())
	}
	if err := invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, 7, f.document("2", 45_00)); !errors.Is(err, voucher.ErrInvoiceState) {
		t.Errorf("a page left open: %v", err)
	}
	if err := invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, 0, f.document("2", 45_00)); err != nil {
		t.Fatal(err)
	}
	anna := f.anna()
	if err := invoices.Return(t.Context(), anna, form(anna, "invoice.return"), id, 1, "number", "Non è il suo numero"); err != nil {
		t.Fatal(err)
	}
	c, err := invoices.Invoice(t.Context(), anna, id)
	if err != nil || c.Invoice.State != voucher.InvoiceToCorrect || c.DecidedName != "Anna Galli" || len(c.Changes) != 1 || c.Changes[0].Number != "1" ||
		c.Events[0].Note != "Non è il suo numero" || c.Events[0].Name != "Anna Galli" {
		t.Errorf("%+v, %v", c, err)
	}
	if own, err := invoices.Invoice(t.Context(), giulia, id); err != nil || own.Events[0].Note != "" || own.Invoice.Reason == "" {
		t.Errorf("notes are for the office, the reason is for her: %+v, %v", own.Events, err)
	}
	queue, err := invoices.InvoiceQueue(t.Context(), voucher.InvoiceList{Shelf: voucher.ShelfToCorrect, Number: "2"})
	if err != nil || queue.Total != 1 || queue.Counts[voucher.ShelfToCorrect] != 1 || queue.Lines[0].ID != id {
		t.Errorf("%+v, %v", queue, err)
	}
	if none, err := invoices.InvoiceQueue(t.Context(), voucher.InvoiceList{Shelf: voucher.ShelfToCorrect, Number: "_"}); err != nil || none.Total != 0 {
		t.Errorf("a sign is no joker: %+v, %v", none, err)
	}
	if err := invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, 2, f.document("3", 45_00)); err != nil {
		t.Fatal(err)
	}
	if err := invoices.Accept(t.Context(), anna, form(anna, "invoice.accept"), id, 3); err != nil {
		t.Fatal(err)
	}
	if err := invoices.Withdraw(t.Context(), giulia, form(giulia, "invoice.withdraw"), id, 4); err != nil {
		t.Fatal(err)
	}
	page, err := invoices.Invoices(t.Context(), giulia.Person, voucher.InvoiceList{Shelf: voucher.ShelfWithdrawn})
	if err != nil || page.Total != 1 || page.Lines[0].Claimed != 45_00 || page.Counts[voucher.ShelfWithdrawn] != 1 {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), []voucher.BookingID{session}, f.document("3", 50_00)); err != nil {
		t.Errorf("the session and the number are free again: %v", err)
	}
	f.whole()
}

func TestWhatAnOfficerSentBackIsNotEscapedByWithdrawingIt(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	session, other := f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 40_00)
	invoices, giulia, anna := f.billing(), f.as(0), f.anna()
	data := f.document("1", 50_00)
	send := func(of voucher.BookingID) voucher.InvoiceCase {
		t.Helper()
		id, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), []voucher.BookingID{of}, data)
		if err != nil {
			t.Fatal(err)
		}
		c, err := invoices.Invoice(t.Context(), anna, id)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	id := send(session).Invoice.ID
	if err := invoices.Return(t.Context(), anna, form(anna, "invoice.return"), id, 0, "number", "Non è il suo numero"); err != nil {
		t.Fatal(err)
	}
	for version := int64(1); version >= 0; version-- { // of the one that was sent back, and of the next
		if err := invoices.Withdraw(t.Context(), giulia, form(giulia, "invoice.withdraw"), id, version); err != nil {
			t.Fatal(err)
		}
		c := send(session)
		if id = c.Invoice.ID; c.Invoice.State != voucher.InvoiceInReview || !slices.Contains(c.Invoice.Findings, voucher.FoundAnswered) {
			t.Errorf("sent again, it is %s %v", c.Invoice.State, c.Invoice.Findings)
		}
	}
	data.Number = "2"
	if c := send(other); c.Invoice.State != voucher.InvoiceAccepted {
		t.Errorf("that of another session is %s %v", c.Invoice.State, c.Invoice.Findings)
	}
	f.whole()
}

// A session falls out of an invoice, by the office, while its professional's correction
// waits for the voucher.
func TestACorrectionMeetsASessionThatFellOut(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	one, two := f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 50_00)
	invoices, giulia := f.billing(), f.as(0)
	id, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), []voucher.BookingID{one, two}, f.document("1", 100_00))
	if err != nil {
		t.Fatal(err)
	}
	tx, err := f.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE vouchers SET used_cents = used_cents - 5000, booked_cents = booked_cents`); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE bookings SET state = 'cancelled', cancelled_at = now(), cancel_reason = 'office', claimed_cents = NULL WHERE id = $1`, string(two)); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `UPDATE invoice_sessions SET live = false WHERE booking_id = $1`, string(two)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		done <- invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, 0, f.document("2", 100_00))
	}()
	f.waits()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, voucher.ErrInvoiceState) {
		t.Errorf("corrected: %v", err)
	}
	if err := invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, 0, f.document("2", 100_00)); err != nil {
		t.Errorf("as it stands now: %v", err)
	}
}

// waits returns once somebody waits for a lock in the database.
func (f *fixture) waits() {
	f.Helper()
	for range 400 {
		var waiting bool
		if err := f.pool.QueryRow(f.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waiting); err != nil {
			f.Fatal(err)
		}
		if waiting {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	f.Fatal("nobody waits")
}

// Two tabs, and two sessions under one number: one of each comes through.
func TestASessionAndANumberAreInvoicedOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	sessions := []voucher.BookingID{f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 50_00)}
	invoices, giulia := f.billing(), f.as(0)
	race := func(send func(i int) error) (errs []error) {
		var all sync.WaitGroup
		var mu sync.Mutex
		for i := range 6 {
			all.Go(func() {
				err := send(i)
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			})
		}
		all.Wait()
		return errs
	}
	done := func(errs []error, lost error) {
		t.Helper()
		through := 0
		for _, err := range errs {
			switch {
			case err == nil:
				through++
			case !errors.Is(err, lost):
				t.Errorf("%v, want %v", err, lost)
			}
		}
		if through != 1 {
			t.Errorf("%d came through", through)
		}
	}
	done(race(func(i int) error {
		_, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), sessions[:1], f.document(fmt.Sprint("n", i), 40_00))
		return err
	}), voucher.ErrInvoiced)
	f.exec(`UPDATE invoices SET number = 'x'`)
	done(race(func(i int) error {
		data := f.document([]string{"y", "Y", " y"}[i%3], 50_00)
		data.Number = voucher.ParseInvoiceNumber(data.Number)
		_, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), sessions[1:], data)
		if errors.Is(err, voucher.ErrInvoiceNumberUsed) {
			return voucher.ErrInvoiced // whichever is noticed first
		}
		return err
	}), voucher.ErrInvoiced)
	f.whole()
}

func TestWhatComesOfAnInvoiceIsTold(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	session := f.mustHold(0, 1, 50_00)
	invoices, giulia, anna := f.billing(), f.as(0), f.anna()
	id, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), []voucher.BookingID{session}, f.document("9", 45_00))
	if err != nil {
		t.Fatal(err)
	}
	if err := invoices.Return(t.Context(), anna, form(anna, "invoice.return"), id, 0, "day", "Segreto"); err != nil {
		t.Fatal(err)
	}
	notices := postgres.NewNotices(f.pool)
	for action, want := range map[audit.Action]notify.Letter{
		voucher.InvoiceSent: {To: f.maria.ID, Kind: notify.BalanceMoved, InboxOnly: true, Subject: "INPS: saldo aggiornato",
			Body: "Il saldo del tuo contributo è aggiornato: utilizzati 45,00 €, residuo 155,00 €. Accedi per vedere il dettaglio.",
			Link: "/contributo-psicoterapia/domande/" + string(f.application) + "/sedute"},
		voucher.InvoiceReturned: {To: giulia.Person, Kind: notify.InvoiceToCorrect, Subject: "INPS: correggi una fattura entro il 17 aprile 2026",
			Body: "La fattura 9 va corretta (data della fattura). Accedi per leggere il motivo e correggila entro le 23:59 del 17 aprile 2026.",
			Link: "/professionisti/fatture/" + string(id)},
	} {
		e, err := notices.Event(t.Context(), f.entry(string(id), action))
		letters := notify.Letters(e)
		for i := range letters {
			letters[i].Body = strings.ReplaceAll(letters[i].Body, "\u00a0", " ")
		}
		if err != nil || len(letters) != 1 || letters[0] != want {
			t.Errorf("%s tells %+v, want %+v, %v", action, letters, want, err)
		}
	}
}

// balanceTold is what the entries of the register about the balance of the voucher tell
// its holder, with the links.
func (f *fixture) balanceTold() (all []string) {
	f.Helper()
	rows, _ := f.pool.Query(f.Context(), `SELECT a.id FROM audit a JOIN river_job j ON j.kind = 'notify' AND (j.args ->> 'entry')::bigint = a.id WHERE a.action = $1 ORDER BY 1`,
		string(voucher.BalanceChanged))
	entries, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range entries {
		e, err := postgres.NewNotices(f.pool).Event(f.Context(), n)
		if err != nil {
			f.Fatal(err)
		}
		for _, l := range notify.Letters(e) {
			if l.To != f.maria.ID || l.InboxOnly || l.Link != "/contributo-psicoterapia/domande/"+string(f.application)+"/sedute" {
				f.Errorf("%+v", l)
			}
			all = append(all, string(l.Kind)+" "+l.Body)
		}
	}
	return all
}

// F11: whatever changes used or left is told, once for each act, in words that say nothing.
func TestABalanceThatACorrectionOrAWithdrawalMovesIsToldOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	first, second := f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 50_00)
	invoices, giulia := f.billing(), f.as(0)
	const told = "a07b Il saldo del tuo contributo è cambiato. Accedi per vedere quanto ti resta."
	send := func(number string, amount money.Amount, sessions ...voucher.BookingID) voucher.InvoiceID {
		id, err := invoices.Send(t.Context(), giulia, form(giulia, "invoice.send"), sessions, f.document(number, amount))
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	correct := func(id voucher.InvoiceID, version int64, number string, amount money.Amount) error {
		return invoices.Correct(t.Context(), giulia, form(giulia, "invoice.correct"), id, version, f.document(number, amount))
	}
	both := send("1", 100_00, first, second)
	low := func() voucher.InvoiceID { return send("9", 45_00, first) }
	var one voucher.InvoiceID
	for i, step := range []struct {
		what string
		do   func() error
		want int
	}{
		{"an invoice is told as such", func() error { return nil }, 0},
		{"another number moves nothing", func() error { return correct(both, 0, "2", 100_00) }, 0},
		{"nor does a withdrawal at the whole price", func() error { return invoices.Withdraw(t.Context(), giulia, form(giulia, "invoice.withdraw"), both, 1) }, 0},
		{"a lower invoice is told as such", func() error { one = low(); return nil }, 0},
		{"a lower amount", func() error { return correct(one, 0, "9", 40_00) }, 1},
		{"its withdrawal", func() error { return invoices.Withdraw(t.Context(), giulia, form(giulia, "invoice.withdraw"), one, 1) }, 2},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%d, %s: %v", i, step.what, err)
		}
		if got := f.balanceTold(); len(got) != step.want || slices.ContainsFunc(got, func(s string) bool { return s != told }) {
			t.Errorf("%s: %q, want %d", step.what, got, step.want)
		}
	}
	f.whole()
}

func TestAFileOfInvoicesIsJudgedAsIfEachCameAfterTheOther(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	one, two := f.mustHold(0, 1, 50_00), f.mustHold(0, 2, 50_00)
	invoices, giulia := f.billing(), f.as(0)
	batch := func(number string, sessions ...voucher.BookingID) voucher.InvoiceBatch {
		return voucher.InvoiceBatch{Lines: []int{2}, Sessions: sessions, InvoiceData: f.document(number, 50_00)}
	}
	trials, err := invoices.TryAll(t.Context(), giulia, []voucher.InvoiceBatch{batch("1", one), batch("1", two), batch("2", one), batch("3", two), batch("4", voucher.NewBookingID())})
	if err != nil {
		t.Fatal(err)
	}
	var got []error
	for i, want := range []error{nil, voucher.ErrInvoiceNumberUsed, voucher.ErrInvoiced, nil, fault.ErrNotFound} {
		if got = append(got, trials[i].Wrong); !errors.Is(got[i], want) {
			t.Errorf("the %d. comes to %v, want %v", i+1, got[i], want)
		}
	}
	if n := f.count(`SELECT count(*) FROM invoices`); n != 0 || !slices.ContainsFunc(got, func(err error) bool { return err == nil }) {
		t.Errorf("%d invoices were sent", n)
	}
	if err := invoices.TakeToInvoice(t.Context(), giulia, f.now); err != nil || f.count(`SELECT count(*) FROM audit WHERE action = 'agenda.downloaded'`) != 1 {
		t.Errorf("nothing says that the list was taken: %v", err)
	}
	other, _ := once.New(giulia.Person, "invoice.send", once.NewKey(), url.Values{})
	if _, err := invoices.Send(t.Context(), giulia, other, []voucher.BookingID{one, voucher.NewBookingID()}, f.document("1", 50_00)); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("with a session that is not there: %v", err)
	}
}
