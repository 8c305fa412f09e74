package postgres_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// transfer is money of a territory that has arrived.
func (o *office) transfer(territory string, amount money.Amount) (id string) {
	o.Helper()
	id = uuid.NewString()
	o.exec(`INSERT INTO funding_transfers (id, edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, '2026-02-01', 'prova', $5, now())`, id, string(o.edition.ID), territory, int64(amount), string(o.officer.ID))
	return id
}

// reverse takes a transfer back.
func (o *office) reverse(id string) {
	o.Helper()
	o.exec(`INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, reverses, recorded_by, recorded_at)
		SELECT edition_id, territory, -amount_cents, received_on, 'errore', id, recorded_by, now() FROM funding_transfers WHERE id = $1`, id)
}

// enrol is a psychologist whom everybody sees.
func (o *office) enrol() {
	o.Helper()
	p := o.person("BNCGLI78T41F200", "Giulia", "Bianchi")
	o.exec(`INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
		VALUES ($1, '1', 'Lazio', 'Via Roma 1', 'Roma', '00195', 'RM', 'Lazio', '06 123', 'Giulia Bianchi Giulia')`, string(p.ID))
	o.exec(`INSERT INTO enrolments VALUES ($1, daterange('2025-01-01', NULL))`, string(p.ID))
	o.psychologists = append(o.psychologists, p.ID)
}

func (o *office) voucherOf(application string) voucher.Voucher {
	o.Helper()
	a, _, err := o.store.Account(o.Context(), voucher.ID(o.lines(`SELECT id::text FROM vouchers WHERE application_id = '` + application + `'`)[0]))
	if err != nil {
		o.Fatal(err)
	}
	return a.Voucher
}

// spend has a session booked with an application's voucher, held and invoiced, on days
// of its own.
func (o *office) spend(application string, inDays int, amount money.Amount) {
	o.Helper()
	was := o.now
	id, err := o.service.Book(o.Context(), o.as(0), form(o.as(0), "booking.book"), o.voucherOf(application).ID, ask(calendar.On(o.now).Add(inDays), 9, amount))
	if err != nil {
		o.Fatal(err)
	}
	o.now = o.now.AddDate(0, 0, inDays)
	if err := o.service.Confirm(o.Context(), o.as(0), form(o.as(0), "booking.confirm"), id); err != nil {
		o.Fatal(err)
	}
	o.now = was
	o.exec(`
		WITH b AS (UPDATE bookings SET claimed_cents = amount_cents WHERE id = $1 RETURNING *), i AS (
			INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
			SELECT professional_id, beneficiary_id, left(id::text, 13), day, amount_cents, 'accepted', now(), now() FROM b RETURNING id)
		INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT i.id, b.id, b.professional_id, b.beneficiary_id, b.amount_cents FROM i, b`, string(id))
}

// expire lets the codes that are out run out.
func (o *office) expire() {
	o.Helper()
	o.now = o.now.AddDate(1, 0, 0)
	if _, err := o.service.ExpireDue(o.Context()); err != nil {
		o.Fatal(err)
	}
}

// renounce has a holder give their voucher up.
func (o *office) renounce(application string) {
	o.Helper()
	v := o.voucherOf(application)
	holder := identity.Own(v.Beneficiary, identity.Citizen)
	_, err := o.store.Change(o.Context(), v.ID, form(holder, "voucher.renounce"), "", func(a voucher.Account) (voucher.Decision, error) { return a.Renounce(holder, o.now) })
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) residual(territory string) voucher.Residual {
	o.Helper()
	all, err := postgres.NewResiduals(o.pool).Residuals(o.Context(), o.edition)
	if err != nil {
		o.Fatal(err)
	}
	for _, r := range all {
		if r.Territory == territory {
			return r
		}
	}
	o.Fatalf("no money in %s", territory)
	return voucher.Residual{}
}

// roundOne is a ranking of which two are paid, one in part, two not and one without an
// ISEE, all in Lazio, where all the money has arrived.
func (o *office) roundOne() (ids []string) {
	o.Helper()
	o.enrol()
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_500 * money.Euro})
	o.transfer("Lazio", 1_500*money.Euro)
	ids = o.apply(applied{"Lazio", 6_000_00}, applied{"Lazio", 7_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", 9_000_00}, applied{"Lazio", 10_000_00}, applied{"Lazio", -1})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	o.issue()
	return ids
}

func (o *office) reallocate() voucher.RunID {
	o.Helper()
	id := o.approved(voucher.Simulation{Edition: "2026", Reallocates: true})
	o.order(id)
	o.issue()
	return id
}

func TestWhatComesBackGoesToThePartialAwardAndThenToTheNext(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := o.roundOne()
	o.spend(ids[2], 5, 50*money.Euro)
	if r := o.residual("Lazio"); r.Available() != 0 || r.Hold() != voucher.NothingLeft {
		t.Errorf("before anything came back: %+v", r)
	}
	o.expire()
	if r := o.residual("Lazio"); r.Returned.Expired != 1_450*money.Euro || r.Available() != 1_450*money.Euro || r.Used != 50*money.Euro {
		t.Errorf("%+v", r)
	}
	id := o.reallocate()
	run := o.run(id)
	if run.Round != 2 || !run.Reallocates || run.State != voucher.PublishedRun || run.Disagreements != 0 || run.Publication != 2 {
		t.Errorf("%+v", run)
	}
	if got := run.Territories[0]; got.Given() != 1_450*money.Euro || got.Residual != 0 || got.Kept != 3 || got.KeptAmount != 1_500*money.Euro || got.Pool != 2_950*money.Euro || got.LastRank != 5 {
		t.Errorf("%+v", got)
	}
	day := calendar.On(o.now)
	terms := o.edition.Rules.Terms(day, 2, "Lazio")
	o.wants(`SELECT concat_ws(' ', a.state, v.state, v.round, v.reopened, v.awarded_cents, v.used_cents, v.returned_cents, v.last_day = '`+terms.LastDay.String()+`',
		v.accepted_on = '`+day.String()+`') FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id ORDER BY a.protocol`,
		"awarded expired 1 0 60000 0 60000 f f", "awarded expired 1 0 60000 0 60000 f f", "awarded active 2 1 60000 5000 25000 t f",
		"awarded active 2 0 60000 0 0 t t", "partially_awarded active 2 0 55000 0 0 t t", "not_processable")
	if v := o.voucherOf(ids[2]); v.Balance() != 300*money.Euro || v.OpenOn(day) != nil {
		t.Errorf("what was completed: %+v", v)
	}
	o.wants(`SELECT concat_ws(' ', action, count(*)) FROM audit WHERE action IN ('voucher.completed', 'voucher.granted', 'application.decided') GROUP BY action ORDER BY action`,
		"application.decided 9", "voucher.completed 1", "voucher.granted 5") // the three whose lot changed are told
	o.wants(`SELECT concat_ws(' ', a.protocol, m.kind) FROM messages m JOIN audit e ON e.id = m.entry_id JOIN applications a ON a.id = e.subject_id
		WHERE m.sent_at > '2026-12-01' ORDER BY a.protocol`, "INPS-PROVA-000003 a01", "INPS-PROVA-000004 a01", "INPS-PROVA-000005 a01")
	at, err := o.rankings.Position(t.Context(), voucher.ApplicationID(ids[4]), o.now)
	if err != nil || at.Publication.Round != 2 || at.Missing != 50*money.Euro || at.Freed != 0 || at.Open != 1_450*money.Euro || at.Chance() != voucher.ChanceOpen {
		t.Errorf("who still waits: %+v %v", at, err)
	}
	entering, err := o.rankings.Entering(t.Context(), id)
	if want := (voucher.Entering{New: 2, Completed: 1, Amount: 1_450 * money.Euro}); err != nil || entering["Lazio"] != want {
		t.Errorf("%+v %v", entering, err)
	}
	entrants, err := o.rankings.Entrants(t.Context(), id, "Lazio", 1, 10)
	if err != nil || len(entrants) != 3 || entrants[0].Rank != 3 || entrants[0].Kept != 300*money.Euro || entrants[1].Name != "Anna Prova" || entrants[1].Awarded != 600*money.Euro {
		t.Errorf("%+v %v", entrants, err)
	}
	o.whole()
}

func TestACorrectionOfAReallocationGivesWhatItLeftAndTheNextOneGoesOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := o.roundOne()
	o.expire()
	second := o.reallocate() // nothing was used: 600 and 600 to the two who waited, and 300 are left
	if got := o.run(second).Territories[0]; got.Given() != 1_200*money.Euro || got.Residual != 300*money.Euro {
		t.Errorf("%+v", got)
	}
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[5])
	o.expire() // what comes back meanwhile is for the next reallocation
	third := o.approved(voucher.Simulation{Edition: "2026", Corrects: second, Reason: "ISEE acquisito in ritardo"})
	o.order(third)
	o.issue()
	run := o.run(third)
	if got := run.Territories[0]; run.Round != 2 || run.Reallocates || got.Given() != 300*money.Euro || got.Residual != 0 || got.Pool != 3_000*money.Euro {
		t.Errorf("%+v", run)
	}
	if v := o.voucherOf(ids[5]); v.Awarded != 300*money.Euro || v.Round != 2 {
		t.Errorf("%+v", v)
	}
	o.whole()

	o.apply()
	o.spend(ids[5], 3, 50*money.Euro)
	fourth := o.reallocate()
	run = o.run(fourth)
	if got := run.Territories[0]; run.Round != 3 || got.Given() != 300*money.Euro || got.Residual != 900*money.Euro {
		t.Errorf("%+v", run)
	}
	if v := o.voucherOf(ids[5]); v.Awarded != 600*money.Euro || v.State != voucher.Active || v.Reopened != 0 || v.Round != 3 {
		t.Errorf("a code that was still valid goes on: %+v", v)
	}
	o.wants(`SELECT concat_ws(' ', publication, round, reallocates, state) FROM ranking_runs ORDER BY number`,
		"1 1 f superseded", "2 2 t superseded", "3 2 f superseded", "4 3 t published")
	o.whole()
}

func TestWhereNothingHasArrivedNobodyEnters(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro, "Molise": 600 * money.Euro, "Umbria": 1_200 * money.Euro})
	o.apply(applied{"Lazio", 6_000_00}, applied{"Lazio", 7_000_00}, applied{"Molise", 6_000_00}, applied{"Molise", 7_000_00},
		applied{"Umbria", 6_000_00}, applied{"Umbria", 7_000_00}, applied{"Umbria", 8_000_00})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	o.issue()
	o.expire()
	if _, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026", Reallocates: true}); !errors.Is(err, voucher.ErrNobodyEnters) {
		t.Errorf("nothing has arrived anywhere: %v", err)
	}
	o.transfer("Lazio", 600*money.Euro)
	o.transfer("Umbria", 500*money.Euro)
	o.reallocate()
	o.wants(`SELECT concat_ws(' ', a.territory, a.rank, a.state, v.awarded_cents) FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id
		WHERE v.round IS DISTINCT FROM 1 ORDER BY a.territory, a.rank`,
		"Lazio 2 awarded 60000", "Molise 2 unfunded", "Umbria 3 partially_awarded 50000")
	if r := o.residual("Molise"); r.Hold() != voucher.NotTransferred || r.Left() != 600*money.Euro {
		t.Errorf("%+v", r)
	}
	if r := o.residual("Umbria"); r.Hold() != voucher.PartlyTransferred || r.Left() != 700*money.Euro {
		t.Errorf("%+v", r)
	}
	o.whole()
}

func TestOnlyWhoHoldsAVoucherStillIsCompleted(t *testing.T) {
	t.Parallel()
	for what, end := range map[string]func(*office, string){
		"who gave it up": (*office).renounce,
		"whom the office closed": func(o *office, id string) {
			o.exec(`UPDATE vouchers SET state = 'ended', returned_cents = awarded_cents - used_cents WHERE application_id = $1`, id)
			o.exec(`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at)
				SELECT id, 'end', 'free', 'fund', returned_cents, now() FROM vouchers WHERE application_id = $1`, id)
			o.exec(`UPDATE applications SET state = 'lapsed' WHERE id = $1`, id)
		},
		"whom the office stopped": func(o *office, id string) {
			o.exec(`UPDATE vouchers SET blocked_at = now(), block_reason = 'fraud' WHERE application_id = $1`, id)
		},
		"who used nothing of it": func(o *office, id string) {
			o.exec(`UPDATE bookings SET claimed_cents = NULL WHERE voucher_id = (SELECT id FROM vouchers WHERE application_id = $1)`, id)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			ids := o.roundOne()
			o.spend(ids[2], 5, 50*money.Euro)
			end(o, ids[2])
			o.expire()
			o.reallocate()
			if v := o.voucherOf(ids[2]); v.Awarded != 300*money.Euro {
				t.Errorf("%+v", v)
			}
			if v := o.voucherOf(ids[3]); v.Awarded != 600*money.Euro {
				t.Errorf("the next in rank: %+v", v)
			}
		})
	}
}

func TestWhoIsStoppedBeforeAPublicationIsPassedOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := o.roundOne()
	o.spend(ids[2], 5, 50*money.Euro)
	o.expire()
	id := o.approved(voucher.Simulation{Edition: "2026", Reallocates: true})
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), id, o.now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	o.exec(`UPDATE vouchers SET blocked_at = now(), block_reason = 'fraud' WHERE application_id = $1`, ids[2])
	o.now = o.now.AddDate(0, 0, 1)
	o.issue()
	if v := o.voucherOf(ids[2]); v.Awarded != 300*money.Euro || v.State != voucher.Expired {
		t.Errorf("%+v", v)
	}
	if v := o.voucherOf(ids[3]); v.Awarded != 600*money.Euro {
		t.Errorf("the next in rank: %+v", v)
	}
	o.whole()
}

func TestTheRulesMayLimitTheRounds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	simulate := func() error {
		_, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026", Reallocates: true})
		return err
	}
	o.release("2026", oneBand, nil)
	if err := simulate(); !errors.Is(err, voucher.ErrNoRanking) {
		t.Errorf("before any ranking: %v", err)
	}
	o = newOffice(t)
	o.roundOne()
	o.edition.Rules.Reallocations.Is = 1
	o.exec(`INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at) VALUES ('2026', 2, $1, 'released', true, now())`, o.edition.Rules)
	o.expire()
	o.reallocate()
	o.expire()
	if err := simulate(); !errors.Is(err, voucher.ErrLastRound) {
		t.Errorf("a second one: %v", err)
	}
}

func TestWhatIsLeftIsKeptOnceADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	service := voucher.NewResiduals(postgres.NewResiduals(o.pool), func() time.Time { return o.now })
	record := func(want int) {
		t.Helper()
		if n, err := service.RecordDue(t.Context()); n != want || err != nil {
			t.Errorf("%d editions: %v", n, err)
		}
	}
	record(0) // nothing is published
	o.roundOne()
	record(1)
	record(0)
	o.expire()
	record(1)
	days, err := service.Series(t.Context(), "2026", "Lazio", 10)
	if err != nil || len(days) != 2 || days[0].Day != calendar.On(o.now).Add(-1) || days[0].Available != 1_500*money.Euro || days[1].Available != 0 || days[1].Promised != 1_500*money.Euro {
		t.Errorf("%+v %v", days, err)
	}
	_, err = o.pool.Exec(t.Context(), `INSERT INTO residuals VALUES ('2026-01-01', '2026', 'Lazio', 0, 0, 0, 0, 0, 0, -1)`)
	if brokenBy(err) != "nothing_negative_is_available" {
		t.Errorf("a residual below nothing: %v", err)
	}
}
