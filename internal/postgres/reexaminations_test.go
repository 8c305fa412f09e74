package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// Ten people of one territory ask at once for what is left there: no money is kept
// back twice.
func TestWhatIsLeftOfATerritoryIsKeptBackOnce(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 600_00, 0)
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		t.Fatal(err)
	}
	officers := []identity.Person{f.person("CLMCHR86L47L219", "Chiara", "Colombo"), f.person("RCCNDR71B12D969", "Andrea", "Ricci"), f.person("MRTLSN69P60A662", "Alessandra", "Moretti")}
	f.exec(`WITH run AS (
			INSERT INTO ranking_runs (edition_id, edition_version, number, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest,
				result_digest, checked_at, disagreements, proposed_by, proposed_at, decided_by, decided_at, ordered_by, ordered_at, publish_at, publication, published_at)
			VALUES ('2022-guida', 1, 1, 1, 'published', $1, $4, 0, '', '', '', $4, 0, $1, $4, $2, $4, $3, $4, $4, 1, $4) RETURNING id)
		INSERT INTO ranking_territories (run_id, territory, budget_cents, candidates, eligible, awarded, partial, unfunded, refused, not_processable, awarded_cents, residual_cents)
		SELECT id, 'Lazio', 100000, 0, 0, 0, 0, 0, 0, 0, 0, 100000 FROM run`,
		string(officers[0].ID), string(officers[1].ID), string(officers[2].ID), noon.AddDate(0, 0, -10))
	service := voucher.NewReexaminations(postgres.NewReexaminations(f.pool, keys), func() time.Time { return noon })
	var all sync.WaitGroup
	for i := range 10 {
		who := f.person(fmt.Sprintf("FRRLCU90H%02dF205", 10+i), "Luca", "Ferrari")
		id := voucher.ApplicationID(voucher.NewID())
		f.exec(`INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_status, submitted_at, state, reason, decided_on)
			VALUES ($1, $2, '2022-guida', $3, $3, 'Lazio', 'RM', 'missing', '2025-12-01', 'not_processable', 'isee_missing', '2026-02-20')`,
			string(id), fmt.Sprint("INPS-R-", i), string(who.ID))
		actor := identity.Own(who.ID, identity.Citizen)
		if _, err := service.Write(t.Context(), actor, id, voucher.WrongISEE, "era valido"); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if _, err := service.Ask(t.Context(), actor, form(actor, "reexamination.ask"), id); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var requests, kept int
	if err := f.pool.QueryRow(t.Context(), `SELECT count(*), sum(set_aside_cents) FROM reexaminations`).Scan(&requests, &kept); err != nil {
		t.Fatal(err)
	}
	if requests != 10 || kept != 1_000_00 {
		t.Errorf("%d requests keep back %d cents of 100000", requests, kept)
	}
}

// reviews is the requests about the outcomes of an office.
type reviews struct {
	*office
	*voucher.Reexaminations
}

func newReviews(o *office) reviews {
	keys, err := document.NewKeys(bytes.Repeat([]byte{8}, document.MasterKeyLength))
	if err != nil {
		o.Fatal(err)
	}
	return reviews{o, voucher.NewReexaminations(postgres.NewReexaminations(o.pool, keys), func() time.Time { return o.now })}
}

// ask has the beneficiary of an application ask for another look, a minute later.
func (r reviews) ask(application string) (identity.Actor, voucher.ReexaminationID) {
	r.Helper()
	r.now = r.now.Add(time.Minute)
	who := identity.Own(identity.PersonID(r.lines(`SELECT beneficiary_id::text FROM applications WHERE id = $1`, application)[0]), identity.Citizen)
	if _, err := r.Write(r.Context(), who, voucher.ApplicationID(application), voucher.WrongISEE, "era valido"); err != nil {
		r.Fatal(err)
	}
	id, err := r.Ask(r.Context(), who, form(who, "reexamination.ask"), voucher.ApplicationID(application))
	if err != nil {
		r.Fatal(err)
	}
	return who, id
}

// grant ends a request with an ISEE, a minute later.
func (r reviews) grant(id voucher.ReexaminationID, isee money.Amount) {
	r.Helper()
	r.now = r.now.Add(time.Minute)
	if err := errors.Join(
		r.Propose(r.Context(), r.prepare, form(r.prepare, "reexamination.propose"), id,
			voucher.ReviewProposal{Grant: true, Correction: voucher.Correction{ISEE: &isee}, Grounds: "valido"}),
		r.Decide(r.Context(), r.approve, form(r.approve, "reexamination.decide"), id, 1)); err != nil {
		r.Fatal(err)
	}
	r.now = r.now.Add(time.Minute)
}

// correct publishes a correction.
func (r reviews) correct(run voucher.RunID) voucher.RunID {
	r.Helper()
	again := r.approved(voucher.Simulation{Edition: r.edition.ID, Corrects: run, Reason: "riesame"})
	r.order(again)
	r.office.issue()
	return again
}

func (r reviews) setAside(want ...string) {
	r.Helper()
	r.wants(`SELECT concat_ws(' ', state, set_aside_cents) FROM reexaminations ORDER BY asked_at`, want...)
}

// A publication holds the money of a territory and then the applications that get some:
// whoever has money kept back for an application asks for the same two, in that order.
func TestARequestAndAPublicationDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 2_000 * money.Euro})
	application := o.apply(applied{"Lazio", 9_000_00})[0]
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	store := postgres.NewReexaminations(o.pool, document.Keys{})
	who := identity.Own(identity.PersonID(o.lines(`SELECT beneficiary_id::text FROM applications WHERE id = $1`, application)[0]), identity.Citizen)
	r := voucher.Reexamination{ID: voucher.ReexaminationID(voucher.NewID()), Application: voucher.ApplicationID(application), AskedBy: who.Person,
		AskedAt: o.now, Motive: voucher.WrongISEE, DecideBy: calendar.On(o.now).Add(60), State: voucher.ReviewAsked}
	e := audit.Entry{At: o.now, Actor: who, Action: voucher.ReexaminationAsked, Subject: string(r.ID), About: who.Person}
	meet := func(what string, act func() error) {
		t.Helper()
		hold, err := o.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := hold.Exec(t.Context(), `SELECT FROM applications WHERE id = $1 FOR UPDATE`, application); err != nil {
			t.Fatal(err)
		}
		acted, issued := make(chan error), make(chan error)
		go func() { acted <- act() }()
		o.waits()
		go func() {
			_, err := postgres.NewRankings(o.pool).IssueNext(t.Context(), o.now, granted)
			issued <- err
		}()
		time.Sleep(100 * time.Millisecond) // it has taken what it can
		if err := hold.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(<-acted, <-issued); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	meet("asked", func() error {
		return store.Ask(t.Context(), form(who, "reexamination.ask"), r, e, func(left money.Amount) money.Amount { return left })
	})
	meet("proposed", func() error {
		return store.Promise(t.Context(), form(o.prepare, "reexamination.propose"), r.ID, "", func(c voucher.ReviewCase, left money.Amount) (voucher.ReviewDecision, error) {
			return voucher.ReviewDecision{Reexamination: c.Reexamination, Entry: e}, nil
		})
	})
	if n := o.issue(); n != 1 {
		t.Errorf("%d territories issued", n)
	}
}

func TestACorrectionLeavesTheMoneyOfOpenRequests(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 2_000 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", -1}, applied{"Lazio", -1}, applied{"Lazio", -1})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	o.issue()
	r := newReviews(o)
	_, first := r.ask(ids[1])
	_, second := r.ask(ids[2])
	r.setAside("asked 60000", "asked 60000")
	r.grant(second, 8_000_00)
	run = r.approved(voucher.Simulation{Edition: "2026", Corrects: run, Reason: "riesame"})
	tomorrow := r.now.AddDate(0, 0, 1)
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), run, tomorrow); err != nil {
		t.Fatal(err)
	}
	r.ask(ids[3]) // what the second gets is not there any more, and the first is not answered
	r.setAside("asked 60000", "granted 60000", "asked 20000")
	r.now = tomorrow
	o.issue()
	r.wants(`SELECT concat_ws(' ', a.state, v.awarded_cents) FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id ORDER BY a.protocol`,
		"awarded 60000", "not_processable", "awarded 60000", "not_processable")
	r.wants(`SELECT concat_ws(' ', budget_cents, awarded_cents, residual_cents, set_aside_cents) FROM ranking_territories WHERE run_id = '`+string(run)+`'`,
		"140000 120000 20000 60000")

	r.grant(first, 8_500_00)
	r.correct(run)
	r.wants(`SELECT concat_ws(' ', a.state, v.awarded_cents) FROM applications a LEFT JOIN vouchers v ON v.application_id = a.id ORDER BY a.protocol`,
		"awarded 60000", "awarded 60000", "awarded 60000", "not_processable")
	r.whole()
}

func TestARequestMadeMeanwhileSendsASimulationBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_200 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", -1})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	o.issue()
	r := newReviews(o)
	again, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026", Corrects: run, Reason: "riesame"})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.rankings.Check(t.Context(), o.prepare, form(o.prepare, "ranking.check"), again); err != nil {
		t.Fatal(err)
	}
	who, id := r.ask(ids[1])
	propose := func() error {
		return o.rankings.Propose(t.Context(), o.prepare, form(o.prepare, "ranking.propose"), again)
	}
	if err := propose(); !errors.Is(err, voucher.ErrRulesChanged) {
		t.Errorf("with a request: %v", err)
	}
	if err := r.Withdraw(t.Context(), who, form(who, "reexamination.withdraw"), id); err != nil {
		t.Fatal(err)
	}
	if err := propose(); err != nil {
		t.Errorf("once it is taken back: %v", err)
	}
}

// Who was found right and then gives the application up leaves the money to others.
func TestTheMoneyOfWhoGivesUpIsKeptForOthers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_200 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", -1}, applied{"Lazio", -1}, applied{"Lazio", -1})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	o.issue()
	r := newReviews(o)
	_, id := r.ask(ids[1])
	r.grant(id, 8_000_00)
	r.ask(ids[2])
	o.exec(`UPDATE applications SET state = 'withdrawn' WHERE id = $1`, ids[1])
	r.ask(ids[3])
	r.setAside("granted 60000", "asked 0", "asked 60000")
}

func TestAnAwardIsPaidWhereItWasGranted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro, "Umbria": 1_200 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Umbria", 8_000_00}, applied{"Lazio", 10_000_00}, applied{"Umbria", 9_500_00})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	o.issue()
	o.exec(`UPDATE applications SET territory = 'Umbria' WHERE id = $1`, ids[0])
	newReviews(o).correct(run)
	o.wants(`SELECT concat_ws(' ', territory, count(*), sum(awarded_cents)) FROM vouchers GROUP BY territory ORDER BY territory`, "Lazio 1 60000", "Umbria 2 120000")
	o.whole()
}

func TestAnAwardedApplicationKeepsNoMoneyBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", []voucher.Band{{UpTo: 15_000_00, Amount: 600_00}, {UpTo: 50_000_00, Inclusive: true, Amount: 200_00}}, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	ids := o.apply(applied{"Lazio", 20_000_00})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	o.issue()
	r := newReviews(o)
	_, id := r.ask(ids[0])
	isee := money.Amount(9_000_00)
	err := r.Propose(t.Context(), o.prepare, form(o.prepare, "reexamination.propose"), id,
		voucher.ReviewProposal{Grant: true, Correction: voucher.Correction{ISEE: &isee}, Grounds: "valido"})
	if !errors.Is(err, voucher.ErrReviewRaise) {
		t.Errorf("a raise is proposed: %v", err)
	}
	r.setAside("asked 0")
}

func TestNothingIsGrantedWhileARankingIsAboutToBePublished(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_200 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", -1})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	o.issue()
	r := newReviews(o)
	_, id := r.ask(ids[1])
	again := o.approved(voucher.Simulation{Edition: "2026", Corrects: run, Reason: "riesame"})
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), again, o.now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	isee := money.Amount(8_000_00)
	if err := r.Propose(t.Context(), o.prepare, form(o.prepare, "reexamination.propose"), id,
		voucher.ReviewProposal{Grant: true, Correction: voucher.Correction{ISEE: &isee}, Grounds: "valido"}); err != nil {
		t.Fatal(err)
	}
	decide := func() error {
		return r.Decide(t.Context(), o.approve, form(o.approve, "reexamination.decide"), id, 1)
	}
	if err := decide(); !errors.Is(err, voucher.ErrReviewPublishing) {
		t.Errorf("before: %v", err)
	}
	o.now = o.now.AddDate(0, 0, 1)
	o.issue()
	if err := decide(); err != nil {
		t.Errorf("after: %v", err)
	}
	o.now = o.now.Add(time.Minute)
	r.correct(again)
	o.wants(`SELECT state || ' ' || (carried_out_by IS NOT NULL) FROM reexaminations`, "granted true")
	o.wants(`SELECT sum(awarded_cents)::text FROM vouchers`, "120000")
}
