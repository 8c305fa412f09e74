package postgres_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

func (o *office) closures() *voucher.Closures {
	return voucher.NewClosures(postgres.NewClosures(o.pool), func() time.Time { return o.now })
}

// decideCase has two officers do something to the voucher of an application.
func (o *office) decideCase(kind voucher.CaseKind, ground, application string) error {
	o.Helper()
	c := o.closures()
	id, err := c.ProposeCase(o.Context(), o.prepare, form(o.prepare, "case.propose"),
		voucher.VoucherCase{Voucher: o.voucherOf(application).ID, Kind: kind, Ground: ground, Text: "Verifica."})
	if err != nil {
		return err
	}
	return c.DecideCase(o.Context(), o.approve, form(o.approve, "case.decide"), id, 0, true, "")
}

// twoRounds is roundOne, of which the office ends the two who were paid in full, and a
// reallocation that gives half of what came back to the only one who waits: the other
// half is left.
func (o *office) twoRounds() (ids []string, second voucher.RunID) {
	o.Helper()
	ids = o.roundOne()
	o.now = o.now.AddDate(0, 0, 5)
	for _, id := range ids[:2] {
		if err := o.decideCase(voucher.EndVoucher, voucher.FalseDeclaration, id); err != nil {
			o.Fatal(err)
		}
	}
	o.exec(`UPDATE applications SET state = 'withdrawn' WHERE id = $1`, ids[4])
	second = o.reallocate()
	if got := o.run(second).Territories[0]; got.Given() != 600*money.Euro || got.Residual != 600*money.Euro {
		o.Fatalf("%+v", got)
	}
	o.now = o.now.AddDate(0, 0, 5)
	return ids, second
}

func TestWhatTheOfficeGaveBackIsNotGivenAgainByACorrection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, second := o.twoRounds()
	if err := o.decideCase(voucher.ReinstateVoucher, "error", ids[0]); err != nil {
		t.Fatal(err)
	}
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[5])
	third := o.approved(voucher.Simulation{Edition: "2026", Corrects: second, Reason: "ISEE"})
	o.order(third)
	o.issue()
	if got := o.run(third).Territories[0]; got.Given() != 0 || got.Pool != 2_100*money.Euro {
		t.Errorf("%+v", got)
	}
	if r := o.residual("Lazio"); r.Promised() != r.Budget {
		t.Errorf("promised %s of %s", r.Promised(), r.Budget)
	}
	o.whole()
}

func TestACorrectionGivesOnlyWhatIsThereStill(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, second := o.twoRounds()
	first := o.lines(`SELECT id::text FROM funding_transfers`)[0]
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[5])
	third := o.approved(voucher.Simulation{Edition: "2026", Corrects: second, Reason: "ISEE"})
	publish := func(at time.Time) error {
		return o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), third, at)
	}
	o.reverse(first)
	if err := publish(time.Time{}); !errors.Is(err, voucher.ErrMoneyGone) {
		t.Errorf("published without money: %v", err)
	}
	again := o.transfer("Lazio", 1_500*money.Euro)
	if err := publish(o.now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	o.reverse(again)
	o.now = o.now.AddDate(0, 0, 2)
	if issued, _, err := o.rankings.IssueDue(t.Context(), o.service); issued != 0 || !errors.Is(err, voucher.ErrMoneyGone) {
		t.Errorf("%d issued: %v", issued, err)
	}
	o.transfer("Lazio", 1_500*money.Euro)
	if n := o.issue(); n != 1 || o.voucherOf(ids[5]).Awarded != 600*money.Euro {
		t.Errorf("%d once the money is there", n)
	}
	o.whole()
}

func TestWhatTheOfficeGaveBackIsKeptForNoRequest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, _ := o.twoRounds()
	if err := o.decideCase(voucher.ReinstateVoucher, "error", ids[0]); err != nil {
		t.Fatal(err)
	}
	r := newReviews(o)
	r.ask(ids[5])
	r.setAside("asked 0")
}

// What a publication that is under way gives is not there for a request, though its
// vouchers are not made yet.
func TestWhatIsAboutToBeGivenIsKeptForNoRequest(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := o.roundOne()
	o.now = o.now.AddDate(0, 0, 5)
	for _, id := range ids[:2] {
		if err := o.decideCase(voucher.EndVoucher, voucher.FalseDeclaration, id); err != nil {
			t.Fatal(err)
		}
	}
	o.exec(`UPDATE applications SET state = 'withdrawn' WHERE id = $1`, ids[4])
	second := o.approved(voucher.Simulation{Edition: "2026", Reallocates: true})
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), second, o.now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	o.exec(`INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) SELECT id, 'reinstate', 'fund', 'free', 40000, now() FROM vouchers WHERE application_id = $1`, ids[0])
	r := newReviews(o)
	r.ask(ids[5])
	r.setAside("asked 20000")
}

func TestWhatIsKeptForWhoWasFoundRightIsNotGivenBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids, second := o.twoRounds()
	r := newReviews(o)
	_, id := r.ask(ids[5])
	r.setAside("asked 60000")
	for _, found := range []bool{false, true} {
		if found {
			r.grant(id, 1_000_00)
		}
		if err := o.decideCase(voucher.ReinstateVoucher, "error", ids[0]); !errors.Is(err, voucher.ErrTerritorySpent) {
			t.Errorf("found right: %t, and the money is given back: %v", found, err)
		}
	}
	r.correct(second)
	if v := o.voucherOf(ids[5]); v.Awarded != 600*money.Euro {
		t.Errorf("%+v", v)
	}
	o.whole()
}

func TestMoneyThatIsGoneIsNotGivenAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.roundOne()
	sent := o.transfer("Lazio", 1)
	o.reverse(sent)
	o.expire()
	first := o.lines(`SELECT id::text FROM funding_transfers WHERE reverses IS NULL AND amount_cents > 1`)[0]
	id := o.approved(voucher.Simulation{Edition: "2026", Reallocates: true})
	o.reverse(first)
	publish := func(at time.Time) error {
		return o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), id, at)
	}
	var told voucher.Obstacle
	if err := publish(time.Time{}); !errors.As(err, &told) || told.Why != voucher.ErrMoneyGone || told.Territory != "Lazio" {
		t.Errorf("published without money: %v", err)
	}
	again := o.transfer("Lazio", 1_500*money.Euro)
	if err := publish(o.now.AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	o.reverse(again)
	o.now = o.now.AddDate(0, 0, 2)
	var part *voucher.PartError
	if issued, left, err := o.rankings.IssueDue(t.Context(), o.service); issued != 0 || !left || !errors.As(err, &part) || !errors.Is(err, voucher.ErrMoneyGone) {
		t.Errorf("%d issued: %v", issued, err)
	}
	o.wants(`SELECT count(*)::text FROM vouchers WHERE round = 2`, "0")
	o.transfer("Lazio", 1_500*money.Euro)
	if n := o.issue(); n != 1 || o.run(id).State != voucher.PublishedRun {
		t.Errorf("%d once the money is there", n)
	}
	o.whole()
}
