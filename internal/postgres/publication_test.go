package postgres_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// refuse has an application refused by two.
func (o *office) refuse(id string) {
	o.Helper()
	desk := voucher.NewDesk(postgres.NewDesk(o.pool), func() time.Time { return o.now })
	application := voucher.ApplicationID(id)
	if err := errors.Join(
		desk.ProposeRefusal(o.Context(), o.prepare, form(o.prepare, "application.refuse"), application, 0, "false_declaration"),
		desk.ApproveRefusal(o.Context(), o.approve, form(o.approve, "application.decide"), application, 1)); err != nil {
		o.Fatal(err)
	}
}

func TestWhatChangesBetweenApprovalAndPublicationIsNotPublished(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.refuse(ids[0])
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), run, time.Time{}); !errors.Is(err, voucher.ErrInputsChanged) {
		t.Errorf("a refused application is published: %v", err)
	}
	if n := o.issue(); n != 0 {
		t.Errorf("%d territories", n)
	}
}

func TestWhatChangesBeforeThePublicationIsPassedOver(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", 7_000_00}, applied{"Lazio", 6_000_00},
		applied{"Lazio", -1}, applied{"Lazio", -1})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	at := o.now.AddDate(0, 0, 2)
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), run, at); err != nil {
		t.Fatal(err)
	}
	o.refuse(ids[0])
	o.exec(`UPDATE applications SET state = 'awaiting_isee', cure_by = '2026-04-01' WHERE id = ANY ($1)`, []string{ids[1], ids[4]})
	o.exec(`UPDATE applications SET isee_cents = 4000000 WHERE id = $1`, ids[2])
	o.exec(`UPDATE applications SET state = 'withdrawn', decided_on = '2026-03-02' WHERE id = $1`, ids[3])
	progress := func() voucher.Progress {
		p, err := o.rankings.Progress(t.Context(), run)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if got := progress(); got.Codes != 3 || got.Made != 0 || got.PassedOver != 0 {
		t.Errorf("before: %+v", got)
	}
	o.now = at
	o.issue()
	o.wants(`SELECT concat_ws(' ', state, reason, rank) FROM applications ORDER BY protocol`,
		"refused false_declaration", "awaiting_isee ", "in_review ", "withdrawn ", "awaiting_isee ", "not_processable isee_missing")
	o.wants(`SELECT id::text FROM vouchers`)
	if got := progress(); got.Codes != 0 || got.Made != 0 || got.PassedOver != 3 {
		t.Errorf("after: %+v", got)
	}
	o.whole()
}

func TestAWithdrawalDuringThePublicationStands(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 18_000_00})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	tx, err := o.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), `UPDATE applications SET state = 'withdrawn', decided_on = '2026-03-02', version = version + 1 WHERE id = $1`, ids[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO audit (at, role, action, subject_id) VALUES (now(), 'system', 'test.by_hand', $1)`, ids[1]); err != nil {
		t.Fatal(err)
	}
	issued := make(chan error)
	go func() {
		_, _, err := o.rankings.IssueDue(t.Context(), o.service)
		issued <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(5 * time.Millisecond) { // until the publication waits for the one who gives up
		if err := o.pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tx.Commit(t.Context()), <-issued); err != nil {
		t.Fatal(err)
	}
	o.wants(`SELECT concat_ws(' ', state, rank) FROM applications ORDER BY protocol`, "awarded 1", "withdrawn")
	o.whole()
}

func TestOneTerritoryThatCannotBeIssuedHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro, "Molise": 600 * money.Euro, "Umbria": 600 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00}, applied{"Molise", 9_000_00}, applied{"Umbria", 8_000_00})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	o.exec(`ALTER TABLE vouchers ADD CONSTRAINT none_in_lazio CHECK (territory <> 'Lazio')`)
	issued, left, err := o.rankings.IssueDue(t.Context(), o.service)
	var part *voucher.PartError
	if issued != 2 || !left || !errors.As(err, &part) || part.Part != (voucher.PublicationPart{Run: run, Territory: "Lazio"}) {
		t.Errorf("%d issued, left %v: %v", issued, left, err)
	}
	if s := o.run(run).State; s != voucher.PublishingRun {
		t.Errorf("it is %s", s)
	}
	o.exec(`ALTER TABLE vouchers DROP CONSTRAINT none_in_lazio`)
	if n := o.issue(); n != 1 || o.run(run).State != voucher.PublishedRun {
		t.Errorf("%d territories once it can be", n)
	}
	o.wants(`SELECT territory FROM vouchers ORDER BY territory`, "Lazio", "Molise", "Umbria")
}

func TestACorrectionAfterTheDayOfAnOverrideGivesTheWholeTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_200 * money.Euro})
	last := o.edition.Rules.Terms(calendar.On(noon), 1, "Lazio").LastDay.Add(10)
	o.edition.Rules.Overrides = []rules.Value[voucher.Override]{{Is: voucher.Override{Round: 1, LastDay: last}, Article: "prova"}}
	o.exec(`INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at) VALUES ('2026', 2, $1, 'released', true, now())`, o.edition.Rules)
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", -1})
	first := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(first)
	o.issue()
	o.now = last.Add(20).At(10, 0)
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[1])
	o.order(o.approved(voucher.Simulation{Edition: "2026", Corrects: first, Reason: "ISEE acquisito in ritardo"}))
	o.issue()
	o.wants(`SELECT concat_ws(' ', accepted_on, last_day - accepted_on) FROM vouchers ORDER BY accepted_on`, "2026-03-02 190", "2026-09-28 180")
	o.whole()
}

func TestWhoIsDecidedSeesTheirPlaceWhileOthersWait(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro, "Umbria": 600 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Umbria", 8_000_00})
	o.order(o.approved(voucher.Simulation{Edition: "2026"}))
	if ok, err := o.rankings.IssueNext(t.Context(), o.now, granted); !ok || err != nil {
		t.Fatal(ok, err)
	}
	at, err := o.rankings.Position(t.Context(), voucher.ApplicationID(ids[0]), time.Now())
	if err != nil || at.Awarded != 600*money.Euro || !at.Publication.PublishedAt.Equal(o.now) {
		t.Errorf("%+v, %v", at, err)
	}
}

func TestThoseWhoGiveUpHoldNobodyUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", -1}, applied{"Lazio", -1})
	first := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(first)
	o.issue()
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[2])
	again := o.approved(voucher.Simulation{Edition: "2026", Corrects: first, Reason: "ISEE acquisito in ritardo"})
	o.exec(`UPDATE applications SET state = 'withdrawn', reason = '' WHERE id = ANY ($1)`, []string{ids[0], ids[3]}) // one has a code
	at, err := postgres.NewRankings(o.pool).Readiness(t.Context(), o.run(again), calendar.On(noon))
	if err != nil || at.GivenUp != 2 || at.Changed != 0 {
		t.Errorf("%d gave up, %d changed: %v", at.GivenUp, at.Changed, err)
	}
	o.order(again)
	o.issue()
	o.wants(`SELECT concat_ws(' ', state, run_id = '`+string(again)+`') FROM applications ORDER BY protocol`,
		"withdrawn f", "awarded t", "awarded t", "withdrawn f")
	o.whole()
}

func TestRulesAreLockedOnceARankingIsProposed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00})
	ranked := func() bool {
		v, err := postgres.NewEditions(o.pool).Version(t.Context(), voucher.VersionRef{Edition: "2026", Number: 1})
		if err != nil {
			t.Fatal(err)
		}
		return v.Ranked
	}
	if ranked() {
		t.Error("locked before any ranking")
	}
	run := o.approved(voucher.Simulation{Edition: "2026"})
	if !ranked() {
		t.Error("other bands may come into force under an approved ranking")
	}
	if err := o.rankings.SendBack(t.Context(), o.publish, form(o.publish, "ranking.decide"), run, "Da rifare."); err != nil || ranked() {
		t.Errorf("locked by a ranking that was sent back: %v", err)
	}
}

func TestAPublicationIsOrderedForSoonAndStoppedBeforeItsTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro, "Umbria": 600 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00}, applied{"Umbria", 9_000_00})
	run := o.approved(voucher.Simulation{Edition: "2026"})
	order := func(run voucher.RunID, at time.Time) error {
		return o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), run, at)
	}
	sendBack := func(run voucher.RunID) error {
		return o.rankings.SendBack(t.Context(), o.approve, form(o.approve, "ranking.decide"), run, "La data è sbagliata.")
	}
	if err := order(run, o.now.AddDate(1, 0, 0)); !errors.Is(err, voucher.ErrPublishFar) {
		t.Errorf("a year ahead: %v", err)
	}
	at := o.now.AddDate(0, 0, voucher.PublishWithin)
	if err := errors.Join(order(run, at), sendBack(run)); err != nil {
		t.Fatal(err)
	}
	if r := o.run(run); r.State != voucher.ReturnedRun || r.Publication != 0 || r.Ordered.By != o.publisher.ID {
		t.Errorf("%+v", r)
	}
	o.now = at
	if n := o.issue(); n != 0 {
		t.Errorf("%d territories of what was stopped", n)
	}

	again := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(again)
	if err := sendBack(again); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("stopped after its time: %v", err)
	}
	if ok, err := o.rankings.IssueNext(t.Context(), o.now, granted); !ok || err != nil {
		t.Fatal(ok, err)
	}
	o.now = o.now.Add(-time.Minute) // another portal with a slow clock
	if err := sendBack(again); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("stopped with a territory issued: %v", err)
	}
	o.now = o.now.Add(time.Minute)
	if n := o.issue(); n != 1 || o.run(again).Publication != 1 {
		t.Errorf("%d territories, publication %d", n, o.run(again).Publication)
	}
}
