package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/payment"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// lived is an edition that many people live at once, through the services: holders and
// psychologists, and an office that closes, pays and gives again.
type lived struct {
	*office
	invoices *voucher.Invoices
	disputes *voucher.Disputes
	closures *voucher.Closures
	editions *voucher.Editions
	days     *voucher.Residuals
	runs     *payment.Runs
	pays     identity.Actor

	mu      sync.Mutex
	done    map[string]int
	refused map[string]int
}

// newLived has the first ranking of an edition published, with terms short enough to be
// lived through, and not all of its money arrived.
func newLived(t testing.TB, psychologists int) *lived {
	t.Helper()
	w := &lived{office: newOffice(t), done: map[string]int{}, refused: map[string]int{}}
	clock := func() time.Time { return w.now }
	w.invoices = voucher.NewInvoices(postgres.NewInvoices(w.pool), clock)
	w.disputes = voucher.NewDisputes(postgres.NewDisputes(w.pool), clock)
	w.closures = voucher.NewClosures(postgres.NewClosures(w.pool), clock)
	w.editions = voucher.NewEditions(postgres.NewEditions(w.pool), clock)
	w.days = voucher.NewResiduals(postgres.NewResiduals(w.pool), clock)
	w.runs = payment.NewRuns(postgres.NewPaymentRuns(w.pool), payment.Debtors{payment.Voucher: {Name: "INPS", IBAN: "IT70L0100003245350200020350"}}, clock)
	w.pays = identity.Own(w.person("BLLPLA75D12H501", "Paolo", "Belli").ID, identity.INPS).WithDuties([]identity.Duty{identity.Pay})
	for i := range psychologists {
		p := w.person(fmt.Sprintf("BNCGLI78T%02dF205", 41+i), "Giulia", "Bianchi")
		w.exec(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
			VALUES ($1, '1', 'Lazio', 'Via Roma 1', 'Roma', '00195', 'RM', 'Lazio', '06 123', 'Giulia Bianchi Giulia')`, string(p.ID))
		w.exec(`INSERT INTO enrolments VALUES ($1, daterange('2025-01-01', NULL))`, string(p.ID))
		w.psychologists = append(w.psychologists, p.ID)
	}
	w.begin()
	return w
}

func (w *lived) begin() {
	w.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		w.Fatal(err)
	}
	e := all[0]
	e.ID, e.ApplicationYear = "2026", 2026
	r := &e.Rules
	r.Bands.Is, r.SessionCap.Is = oneBand, 50*money.Euro
	r.Window.Is = voucher.Window{Opens: w.now.AddDate(0, -3, 0), Closes: w.now.AddDate(0, -1, 0)}
	r.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "fondo", Of: map[string]money.Amount{"Lazio": 4_500 * money.Euro, "Molise": 1_000 * money.Euro}}, Article: "prova"}}
	r.Closed.Is, r.Overrides, r.Reopenings = nil, nil, nil
	r.ValidityDays.Is, r.FirstSessionDays.Is, r.ConfirmDays.Is, r.InvoiceDays.Is, r.CorrectDays.Is, r.DisputeDays.Is = 40, 20, 5, 8, 4, 10
	r.DirectConfirmation.Is, r.OpenBookings.Is, r.Reallocations.Is = true, 6, 0
	if err := postgres.NewEditions(w.pool).Ship(w.Context(), []voucher.Edition{e}); err != nil {
		w.Fatal(err)
	}
	w.edition = e
	for i := range 24 {
		w.apply(applied{[]string{"Lazio", "Lazio", "Lazio", "Molise"}[i%4], money.Amount(6_000_00 + 100_00*i)})
	}
	w.transfer("Lazio", 3_000*money.Euro)
	w.transfer("Molise", 400*money.Euro)
	w.order(w.approved(voucher.Simulation{Edition: "2026"}))
	w.issue()
}

// accounts gives those an account who have none to be paid on.
func (w *lived) accounts() {
	w.Helper()
	w.exec(`INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by, decided_by, decided_at)
		SELECT p.person_id, 'IT60X0542811101000000123456', 'Giulia Bianchi', 'verified', $1, $1, $2, $3, $1 FROM professionals p
		WHERE NOT EXISTS (SELECT FROM payment_accounts a WHERE a.person_id = p.person_id AND a.state IN ('to_verify', 'verifying', 'verified'))`,
		w.now.Add(-72*time.Hour), calendar.On(w.now), string(w.officer.ID))
}

// one is somebody in that history, who does one thing after the other.
type one struct {
	*lived
	*rand.Rand
}

// any reads one of the rows that a query finds, each as likely; fault.ErrNotFound when
// there is none.
func (w one) any(sql string, into ...any) error {
	err := w.pool.QueryRow(w.Context(), `SELECT * FROM (`+sql+`) AS x ORDER BY md5(x::text || $1) LIMIT 1`, fmt.Sprint(w.Int64())).Scan(into...)
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.ErrNotFound
	}
	return err
}

func (w one) seldom(one int) bool { return w.IntN(one) > 0 }

func (w one) today() calendar.Date { return calendar.On(w.now) }

func (w one) price() money.Amount { return money.Amount(1 + w.IntN(60_00)) }

// session is one that was booked, of the last ones mostly, in a state or in any.
func (w one) session(state string) (id voucher.BookingID, professional, holder identity.Actor, err error) {
	var seen, seeing identity.PersonID
	err = w.any(`SELECT id, professional_id, beneficiary_id FROM bookings WHERE state = '`+state+`'`, &id, &seeing, &seen)
	return id, identity.Own(seeing, identity.Psychologist), identity.Own(seen, identity.Citizen), err
}

// act does something at random. What is refused has a name that somebody can read.
func (w one) act() {
	at := w.IntN(often)
	for _, a := range acts {
		if at -= a.often; at >= 0 {
			continue
		}
		err := a.do(w, w.Context())
		w.mu.Lock()
		defer w.mu.Unlock()
		reason, refused := fault.Refusal(err)
		switch {
		case err == nil:
			w.done[a.name]++
		case refused:
			w.refused[a.name+" "+reason.Code]++
		case !errors.Is(err, fault.ErrNotFound):
			w.Errorf("%s: %v", a.name, err)
		}
		return
	}
}

var often = func() (sum int) {
	for _, a := range acts {
		sum += a.often
	}
	return sum
}()

// none asks for rows that must not be.
func (w *lived) none(what, sql string) {
	w.Helper()
	if found := w.lines(sql); len(found) > 0 {
		w.Errorf("%s: %v", what, found)
	}
}

// sound fails the test when money is not where it must be.
func (w *lived) sound() {
	w.Helper()
	w.whole()
	for _, name := range []string{"Lazio", "Molise"} {
		r := w.residual(name)
		promised := w.lines(`SELECT sum(v.awarded_cents - v.returned_cents)::text FROM vouchers v WHERE v.territory = '` + name + `'`)
		if r.Promised()+r.Left()+r.SetAside != r.Budget || fmt.Sprint(int64(r.Promised())) != promised[0] || r.Paid > r.Used || r.Used > r.Promised() || r.Paid > r.Transferred {
			w.Errorf("%s: %+v", name, r)
		}
	}
	w.none("paid without being validated", `
		SELECT l.booking_id::text FROM payment_lines l JOIN bookings b ON b.id = l.booking_id JOIN invoices i ON i.id = l.invoice_id
		WHERE l.order_state IN ('sent', 'paid') AND (b.state <> 'held' OR b.claimed_cents <> l.amount_cents OR i.state <> 'accepted')`)
	w.none("an order that is not its lines", `
		SELECT o.id::text FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id GROUP BY o.id HAVING o.amount_cents <> sum(l.amount_cents)`)
}

var controlSum = regexp.MustCompile(`<CtrlSum>([0-9.]+)</CtrlSum>`)

// files fails the test when a file for the bank is not worth the lines behind it.
func (w *lived) files() (files int) {
	w.Helper()
	for _, row := range w.lines(`SELECT r.id || ' ' || trim_scale(sum(l.amount_cents) / 100.0)::numeric(12, 2) FROM payment_runs r JOIN payment_orders o ON o.run_id = r.id AND o.state <> 'released'
		JOIN payment_lines l ON l.order_id = o.id WHERE r.state IN ('sent', 'settled') GROUP BY r.id`) {
		id, sum, _ := strings.Cut(row, " ")
		_, write, err := w.runs.File(w.Context(), w.pays, payment.RunID(id))
		if err != nil {
			w.Fatal(err)
		}
		var file bytes.Buffer
		if err := write(&file); err != nil {
			w.Fatal(err)
		}
		for _, said := range controlSum.FindAllStringSubmatch(file.String(), -1) {
			if said[1] != sum {
				w.Errorf("a file of %s for lines of %s", said[1], sum)
			}
		}
		files++
	}
	return files
}

// However many do whatever at once, day after day: what is refused is refused by name,
// and no cent is made, lost, given twice or paid without reason.
func TestHoweverManyLiveAnEditionAtOnceTheMoneyIsWhereItMustBe(t *testing.T) {
	t.Parallel()
	w := newLived(t, 4)
	const people, phases, steps = 6, 24, 16
	for phase := range phases {
		w.accounts()
		var all sync.WaitGroup
		for i := range people {
			all.Go(func() {
				somebody := one{w, rand.New(rand.NewPCG(uint64(phase), uint64(i)))}
				for range steps {
					somebody.act()
				}
			})
		}
		all.Wait()
		if phase%6 == 5 {
			w.sound()
		}
		w.now = w.now.AddDate(0, 0, 3)
	}
	w.sound()
	if w.files() == 0 {
		t.Error("nothing was paid")
	}
	for _, a := range acts {
		if w.done[a.name] == 0 {
			t.Errorf("nobody ever managed to %s", a.name)
		}
	}
	if len(w.lines(`SELECT id::text FROM ranking_runs WHERE reallocates AND publication > 0`)) == 0 {
		t.Error("nothing was given again")
	}
	t.Log(w.done, w.refused)
}

// A reinstatement and a publication do not give the same money: the one that comes later
// sees what the other has given.
func TestMoneyThatIsBeingGivenAgainIsNotGivenBack(t *testing.T) {
	t.Parallel()
	c := newClosing(t, 200_00, 1)
	of := c.file().Voucher.ID
	decided := func(k voucher.VoucherCase) error {
		k.Voucher, k.Text = of, "Ecco."
		id, err := c.ProposeCase(t.Context(), c.chiara, form(c.chiara, "case.propose"), k)
		if err != nil {
			return err
		}
		return c.DecideCase(t.Context(), c.paolo, form(c.paolo, "case.decide"), id, 0, true, "")
	}
	if err := decided(voucher.VoucherCase{Kind: voucher.EndVoucher, Ground: voucher.FalseDeclaration}); err != nil {
		t.Fatal(err)
	}
	other, _ := c.grant(c.person("RSSMRA85C53H501", "Anna", "Neri"), 1)
	giving, err := c.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer giving.Rollback(context.Background()) // it was committed
	for _, sql := range []string{
		`SELECT pg_advisory_xact_lock(hashtextextended('residual 2022-guida Lazio', 0))`,
		`UPDATE vouchers SET awarded_cents = (SELECT sum((t -> 'value' -> 'of' ->> 'Lazio')::bigint) FROM edition_versions r, jsonb_array_elements(r.rules -> 'tranches') t
			WHERE r.edition_id = '2022-guida') - 19999 WHERE application_id = '` + string(other) + `'`,
	} {
		if _, err := giving.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	back := make(chan error, 1)
	go func() { back <- decided(voucher.VoucherCase{Kind: voucher.ReinstateVoucher, Ground: "error"}) }()
	select {
	case err := <-back:
		t.Errorf("it does not wait: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := giving.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-back; !errors.Is(err, voucher.ErrTerritorySpent) {
		t.Errorf("what somebody else was given is given back: %v", err)
	}
}

func TestARankingThatWasDroppedBreaksNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.roundOne()
	o.expire()
	id, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026", Reallocates: true})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.rankings.Drop(t.Context(), o.prepare, form(o.prepare, "ranking.drop"), id); err != nil {
		t.Fatal(err)
	}
	o.whole()
}
