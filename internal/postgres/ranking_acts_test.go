package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
)

func TestWhatKeepsASimulationFromBeingProposed(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run := o.simulate("")
	propose := func() error { return o.service.Propose(t.Context(), o.officer, o.form(o.officer), run.ID) }
	for _, c := range []struct {
		name, change, back string
		at                 time.Time
		want               error
	}{
		{"the window is open", ``, ``, time.Date(2022, 9, 1, 0, 0, 0, 0, time.UTC), voucher.ErrWindowOpen},
		{"an ISEE may still be put right", `UPDATE applications SET state = 'awaiting_isee', cure_by = '2026-03-02' WHERE isee_cents = 1 AND edition_id = 'prova'`,
			`UPDATE applications SET state = 'in_review' WHERE edition_id = 'prova'`, noon, voucher.ErrCuresOpen},
		{"somebody was refused", `UPDATE applications SET state = 'refused', reason = 'duplicate' WHERE isee_cents = 20000 AND edition_id = 'prova'`,
			`UPDATE applications SET state = 'in_review', reason = '' WHERE edition_id = 'prova'`, noon, voucher.ErrInputsChanged},
		{"an ISEE has changed", `UPDATE applications SET isee_cents = 20001 WHERE isee_cents = 20000 AND edition_id = 'prova'`,
			`UPDATE applications SET isee_cents = 20000 WHERE isee_cents = 20001 AND edition_id = 'prova'`, noon, voucher.ErrInputsChanged},
		{"the rules are others", `INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at)
			SELECT 'prova', 2, jsonb_set(rules, '{tranches,0,value,of,Lazio}', '1'), 'released', true, now() FROM edition_versions WHERE edition_id = 'prova'`,
			``, noon, voucher.ErrRulesChanged},
	} {
		o.now = c.at
		if c.change != "" {
			if err := o.exec(c.change); err != nil {
				t.Fatal(err)
			}
		}
		if err := propose(); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
		var told voucher.Obstacle
		if err := propose(); (c.want == voucher.ErrInputsChanged || c.want == voucher.ErrCuresOpen) && (!errors.As(err, &told) || told.Count == 0) {
			t.Errorf("%s: %+v", c.name, told)
		}
		if c.back != "" {
			if err := o.exec(c.back); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := o.run(run.ID).State; got != voucher.SimulatedRun {
		t.Errorf("it is %s", got)
	}
}

func TestARankingGoesFromHandToHand(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run, other := o.simulate(""), o.simulate("")
	if err := o.service.Propose(t.Context(), o.approver, o.form(o.approver), run.ID); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("who approves proposed: %v", err)
	}
	if err := o.service.Approve(t.Context(), o.approver, o.form(o.approver), run.ID); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("approved before it was proposed: %v", err)
	}
	proposal := o.form(o.colleague)
	for range 2 { // sent twice
		if err := o.service.Propose(t.Context(), o.colleague, proposal, run.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), run.ID); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("proposed again: %v", err)
	}
	if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), other.ID); !errors.Is(err, voucher.ErrAnotherRun) {
		t.Errorf("two at a time: %v", err)
	}
	if err := o.service.Drop(t.Context(), o.officer, o.form(o.officer), run.ID); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("a proposal was dropped: %v", err)
	}
	if err := o.service.Approve(t.Context(), o.colleague, o.form(o.colleague), run.ID); !errors.Is(err, voucher.ErrOwnProposal) {
		t.Errorf("approved by who proposed: %v", err)
	}
	if err := o.service.Approve(t.Context(), o.officer, o.form(o.officer), run.ID); !errors.Is(err, voucher.ErrOwnSimulation) {
		t.Errorf("approved by who simulated: %v", err)
	}
	if err := o.service.Approve(t.Context(), o.manager, o.form(o.manager), run.ID); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("approved by who publishes: %v", err)
	}
	for _, who := range []identity.Actor{o.colleague, o.officer} {
		err := o.exec(`UPDATE ranking_runs SET state = 'approved', decided_by = $2, decided_at = now() WHERE id = $1`, string(run.ID), string(who.Person))
		if brokenBy(err) != "nobody_approves_what_they_proposed" {
			t.Errorf("the database takes it: %v", err)
		}
	}
	if err := o.service.Approve(t.Context(), o.approver, o.form(o.approver), run.ID); err != nil {
		t.Fatal(err)
	}
	run = o.run(run.ID)
	if run.State != voucher.ApprovedRun || run.Proposed.By != o.colleague.Person || run.Decided.By != o.approver.Person || run.Decided.Name != "Anna Ferri" {
		t.Errorf("%+v", run)
	}
	var written []string
	if err := o.pool.QueryRow(t.Context(), `SELECT array_agg(action ORDER BY id) FROM audit WHERE subject_id = $1`, string(run.ID)).Scan(&written); err != nil ||
		!slices.Equal(written, []string{"ranking.simulated", "ranking.checked", "ranking.proposed", "ranking.approved"}) {
		t.Errorf("%v %v", written, err)
	}
}

func TestAProposalIsSentBackWithANote(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run := o.simulate("")
	if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), run.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.service.SendBack(t.Context(), o.officer, o.form(o.officer), run.ID, "no"); !errors.Is(err, voucher.ErrOwnProposal) {
		t.Errorf("sent back by who proposed: %v", err)
	}
	if err := o.service.SendBack(t.Context(), o.approver, o.form(o.approver), run.ID, " \n"); !errors.Is(err, voucher.ErrNoNote) {
		t.Errorf("without a note: %v", err)
	}
	if err := o.service.SendBack(t.Context(), o.approver, o.form(o.approver), run.ID, "Mancano le domande del contact center."); err != nil {
		t.Fatal(err)
	}
	if run = o.run(run.ID); run.State != voucher.ReturnedRun || run.Note != "Mancano le domande del contact center." {
		t.Errorf("%+v", run)
	}
	again := o.simulate("")
	if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), again.ID); err != nil {
		t.Errorf("after one that was sent back: %v", err)
	}
	if err := o.service.Approve(t.Context(), o.approver, o.form(o.approver), again.ID); err != nil {
		t.Fatal(err)
	}
	if err := o.service.SendBack(t.Context(), o.manager, o.form(o.manager), again.ID, "La data non va bene."); err != nil {
		t.Errorf("by who publishes: %v", err)
	}
	if run = o.run(again.ID); run.State != voucher.ReturnedRun || run.Decided.By != o.approver.Person {
		t.Errorf("%+v", run)
	}
}

func TestASimulationThatIsDroppedIsGone(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run := o.simulate("")
	if err := o.exec(`DELETE FROM ranking_entries WHERE run_id = $1`, string(run.ID)); brokenBy(err) != "ranking_is_kept" {
		t.Errorf("rows of a run went: %v", err)
	}
	if err := o.service.Drop(t.Context(), o.officer, o.form(o.officer), run.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := o.service.Run(t.Context(), run.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("it is there: %v", err)
	}
	if all, err := o.service.Runs(t.Context(), o.edition); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
	if again := o.simulate(""); again.Number != 2 {
		t.Errorf("its number was given again: %d", again.Number)
	}
}

func TestAFormSimulatesOnce(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	sent := o.form(o.officer)
	ids := make(chan voucher.RunID, 3)
	for range cap(ids) {
		go func() {
			id, err := o.service.Simulate(t.Context(), o.officer, sent, voucher.Simulation{Edition: o.edition})
			if err != nil {
				t.Error(err)
			}
			ids <- id
		}()
	}
	if a, b, c := <-ids, <-ids, <-ids; a != b || b != c {
		t.Errorf("%s, %s and %s", a, b, c)
	}
	if all, err := o.service.Runs(t.Context(), o.edition); err != nil || len(all) != 1 {
		t.Errorf("%d runs, %v", len(all), err)
	}
}

func TestACorrectionSaysWhyAndWhatItCorrects(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	simulate := func(s voucher.Simulation) error {
		s.Edition = o.edition
		_, err := o.service.Simulate(t.Context(), o.officer, o.form(o.officer), s)
		return err
	}
	if err := simulate(voucher.Simulation{Corrects: voucher.RunID(uuid.NewString()), Reason: "Riesame"}); !errors.Is(err, voucher.ErrNothingToCorrect) {
		t.Errorf("before there is a publication: %v", err)
	}
	published := o.publishedBefore()
	if err := simulate(voucher.Simulation{}); !errors.Is(err, voucher.ErrRankingPublished) {
		t.Errorf("a second first ranking: %v", err)
	}
	if err := simulate(voucher.Simulation{Corrects: published, Reason: " "}); !errors.Is(err, voucher.ErrNoReason) {
		t.Errorf("without a reason: %v", err)
	}
	run := o.simulate(published)
	if run.Corrects != published || run.Reason != "Riesame accolto" || run.Round != 1 {
		t.Errorf("%+v", run)
	}
	if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), run.ID); err != nil {
		t.Error(err)
	}
}

func TestACorrectionTakesFromNobodyAndGivesOnlyWhatIsThere(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	published := o.publishedBefore()
	// Two hold vouchers, one of them higher than the rules would give now, and
	// another who had one has left; 1500 − 600 − 700 − 100 are there.
	held, dear, gone := uuid.NewString(), uuid.NewString(), uuid.NewString()
	o.apply(applicant{id: held, territory: "Lazio", isee: 150_00, kept: 600_00}, applicant{id: dear, territory: "Lazio", isee: 16_000_00, kept: 700_00},
		applicant{id: gone, territory: "Lazio", isee: 1, kept: 100_00})
	if err := o.exec(`UPDATE applications SET state = 'withdrawn' WHERE id = $1`, gone); err != nil {
		t.Fatal(err)
	}
	run := o.simulate(published)
	if run.Disagreements != 0 {
		t.Errorf("%d disagreements", run.Disagreements)
	}
	lazio := run.Territories[0]
	if lazio.Budget != 1400_00 || lazio.AwardedAmount != 1400_00 || lazio.Residual != 0 || lazio.Awarded != 2 || lazio.Partial != 1 || lazio.LastRank != 5 {
		t.Errorf("%+v", lazio)
	}
	for _, e := range o.entries(run) {
		switch {
		case string(e.Application) == held && (e.Awarded != 600_00 || e.Rank != 3), string(e.Application) == dear && (e.Awarded != 700_00 || e.Rank != 5 || e.Entitled != 400_00):
			t.Errorf("an award did not stand: %+v", e)
		case string(e.Application) == gone:
			t.Errorf("who has left is ranked: %+v", e)
		case e.Rank == 1 && e.Awarded != 100_00, e.Rank == 2 && e.Awarded != 0:
			t.Errorf("the rest went elsewhere: %+v", e)
		}
	}
	if err := o.exec(`UPDATE vouchers SET awarded_cents = 90000 WHERE application_id = $1`, dear); err != nil {
		t.Fatal(err)
	}
	_, err := o.service.Simulate(t.Context(), o.officer, o.form(o.officer), voucher.Simulation{Edition: o.edition, Corrects: published, Reason: "Riesame"})
	if told := (voucher.Obstacle{}); !errors.Is(err, voucher.ErrOverspent) || !errors.As(err, &told) || told.Territory != "Lazio" {
		t.Errorf("more is kept than there is: %v", err)
	}
}

func TestTwoRunsAreCompared(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	before := o.simulate("")
	o.apply(applicant{territory: "Lazio", isee: 50_00}, applicant{territory: "Lazio", isee: 60_00})
	after := o.simulate("")
	c, err := o.service.Compare(t.Context(), before.ID, after.ID)
	if err != nil {
		t.Fatal(err)
	}
	// Two came in at the head: they and the four behind them have moved, and of the
	// three who had money before one has kept some.
	if c.Entered != 2 || c.Left != 2 || c.Moved != 6 || len(c.Changes) != 6 {
		t.Fatalf("%+v", c)
	}
	if x := c.Changes[0]; x.Before.Rank != 0 || x.After.Rank != 1 || x.After.Awarded != 600_00 || x.Territory != "Lazio" {
		t.Errorf("%+v", x)
	}
	if x := c.Changes[2]; x.Before.Awarded == 0 || x.After.Awarded != 0 {
		t.Errorf("%+v", x)
	}
	if same, err := o.service.Compare(t.Context(), before.ID, before.ID); err != nil || same.Entered+same.Left+same.Moved != 0 {
		t.Errorf("%+v %v", same, err)
	}
}

func TestTheCostOfTheFirstPlacesGrowsToTheLast(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run := o.simulate("")
	got, err := o.service.Costs(t.Context(), run.ID, "Lazio", 4, 2)
	if want := []voucher.Cost{{Rank: 2, Total: 1200_00}, {Rank: 4, Total: 2200_00}}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v %v", got, err)
	}
}
