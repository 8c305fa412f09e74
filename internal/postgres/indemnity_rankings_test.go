package postgres_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// rankingDesk is the desk of the office, with who makes, approves and publishes rankings.
type rankingDesk struct {
	*welfareDesk
	*indemnity.Rankings
	store     *postgres.CallRankings
	publisher identity.Actor
	key       ed25519.PrivateKey
}

const mayCall indemnity.CallID = "2026-05"

// newRankingDesk has a budget for the call of May.
func newRankingDesk(t *testing.T, budget money.Amount) *rankingDesk {
	t.Helper()
	d := &rankingDesk{welfareDesk: newWelfareDesk(t), key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))}
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		all[i].Rules.Budget.Is = &budget
	}
	if err := postgres.NewCalls(d.pool).Ship(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	d.store = postgres.NewCallRankings(d.pool)
	d.Rankings = indemnity.NewRankings(d.store, d.cases, d.key, func() time.Time { return d.now })
	d.publisher = identity.Own(d.person("RSSLRA80A41H501", "Lara", "Russo").ID, identity.Welfare).WithDuties([]identity.Duty{identity.Publish})
	return d
}

// suitable is an application of giulia's that two officers found suitable.
func (d *rankingDesk) suitable(first, last string) indemnity.CaseID {
	d.welfare.Helper()
	d.now = on(last).Add(1).At(9, 0)
	id := d.sent(first, last)
	d.checked(id)
	if err := d.propose(id, indemnity.Suitable, ""); err != nil {
		d.Fatal(err)
	}
	if err := d.approve(d.approver, id); err != nil {
		d.Fatal(err)
	}
	return id
}

// closed is when the term of the call of May is over.
func (d *rankingDesk) closed() { d.now = on("2026-06-20").At(10, 0) }

func (d *rankingDesk) simulate(ask indemnity.RankingOrder) indemnity.RankingID {
	d.welfare.Helper()
	ask.Call = mayCall
	id, err := d.Simulate(d.Context(), d.officer, form(d.officer, "simulate"), ask)
	if err != nil {
		d.Fatal(err)
	}
	if _, left, err := d.MakeDue(d.Context()); err != nil || left {
		d.Fatal(left, err)
	}
	return id
}

// agreed has the second ranker agree on a ranking.
func (d *rankingDesk) agreed(id indemnity.RankingID) {
	d.welfare.Helper()
	if err := d.Check(d.Context(), d.officer, form(d.officer, "check"), id); err != nil {
		d.Fatal(err)
	}
	if r := d.ranked(id); r.CheckedAt.IsZero() || r.Disagreements != 0 {
		_, first, _ := d.store.RankAgain(d.Context(), r)
		d.Fatalf("%d disagreements: %+v", r.Disagreements, first)
	}
}

func (d *rankingDesk) ranked(id indemnity.RankingID) indemnity.Ranking {
	d.welfare.Helper()
	r, err := d.Ranking(d.Context(), id)
	if err != nil {
		d.Fatal(err)
	}
	return r
}

func (d *rankingDesk) put(id indemnity.RankingID) error {
	return d.Rankings.Propose(d.Context(), d.officer, form(d.officer, "propose"), id)
}

func (d *rankingDesk) accept(who identity.Actor, id indemnity.RankingID) error {
	return d.Rankings.Approve(d.Context(), who, form(who, "approve"), id)
}

func (d *rankingDesk) publish(who identity.Actor, id indemnity.RankingID) error {
	return d.Publish(d.Context(), who, form(who, "publish"), id)
}

// published is the first publication of the call, of whatever is suitable.
func (d *rankingDesk) published() indemnity.RankingID {
	d.welfare.Helper()
	d.closed()
	id := d.simulate(indemnity.RankingOrder{})
	d.agreed(id)
	if err := errors.Join(d.put(id), d.accept(d.approver, id), d.publish(d.publisher, id)); err != nil {
		d.Fatal(err)
	}
	return id
}

func (d *rankingDesk) wants(what string, err, want error) {
	d.welfare.Helper()
	if !errors.Is(err, want) {
		d.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestARankingIsPublishedByThreePeopleAndSaysWhoIsPaid(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	long, short := d.suitable("2026-04-01", "2026-05-05"), d.suitable("2026-05-07", "2026-05-20")
	d.now = on("2026-06-01").At(9, 0)
	waiting := d.sent("2026-05-22", "2026-05-31")

	d.now = on("2026-06-02").At(9, 0)
	early := d.simulate(indemnity.RankingOrder{})
	d.agreed(early)
	d.wants("while somebody may apply", d.put(early), indemnity.ErrCallStillOpen)
	d.closed()
	d.wants("with a case that nobody decided", d.put(early), indemnity.ErrCasesOpen)
	d.wants("excluded without a reason", d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), waiting, " "), indemnity.ErrExclusionReason)
	d.wants("a decided one", d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), long, "x"), indemnity.ErrNotExcludable)
	if err := d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), waiting, "Il ricovero non è concluso."); err != nil {
		t.Fatal(err)
	}
	d.wants("excluded twice", d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), waiting, "x"), indemnity.ErrAlreadyExcluded)
	d.wants("of before the exclusion", d.put(early), indemnity.ErrRankingOutdated)

	id := d.simulate(indemnity.RankingOrder{})
	d.agreed(id)
	r := d.ranked(id)
	if r.Number != 2 || r.Summary.Applications != 2 || r.Summary.Funded != 1 || len(r.Exclusions) != 1 || r.Exclusions[0].Author != "Silvia Costa" || r.Exclusions[0].Reason == "" {
		t.Fatalf("%+v", r)
	}
	d.wants("published before it is proposed", d.publish(d.publisher, id), indemnity.ErrRankingMoved)
	if err := d.put(id); err != nil {
		t.Fatal(err)
	}
	all := []identity.Duty{identity.Prepare, identity.Approve, identity.Publish}
	d.wants("approved by who proposed it", d.accept(d.officer.WithDuties(all), id), indemnity.ErrOwnRanking)
	d.wants("approved without the duty", d.accept(d.publisher, id), identity.ErrNoDuty)
	if err := d.accept(d.approver, id); err != nil {
		t.Fatal(err)
	}
	d.wants("published by who made it", d.publish(d.officer.WithDuties(all), id), indemnity.ErrOwnRanking)
	d.wants("published by who approved it", d.publish(d.approver.WithDuties(all), id), indemnity.ErrOwnRanking)
	d.wants("while it is under way another", d.put(early), indemnity.ErrRankingOutdated)
	if err := d.publish(d.publisher, id); err != nil {
		t.Fatal(err)
	}

	r = d.ranked(id)
	if r.State != indemnity.PublishedRanking || r.Publication != 1 || r.Published.Name != "Lara Russo" || r.LastRank != 1 {
		t.Errorf("%+v", r)
	}
	if got := [3]indemnity.State{d.kase(long).State, d.kase(short).State, d.kase(waiting).State}; got != [3]indemnity.State{indemnity.Funded, indemnity.Unfunded, indemnity.Submitted} {
		t.Errorf("states %v", got)
	}
	if n := d.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.ranked' AND subject_id IN ($1, $2) AND about_id = $3`, string(long), string(short), string(d.giulia.Person)); n != 2 {
		t.Errorf("%d entries of places", n)
	}
	if _, err := d.Simulate(t.Context(), d.officer, form(d.officer, "simulate"), indemnity.RankingOrder{Call: mayCall}); !errors.Is(err, indemnity.ErrRankingStands) {
		t.Errorf("a second first one: %v", err)
	}

	// Whoever has the file of the publication makes the ranking again.
	var file bytes.Buffer
	auditor := identity.Own(d.approver.Person, identity.Oversight)
	d.wants("taken by who applied", d.Publication(t.Context(), d.giulia, id, &file), identity.ErrNoDuty)
	if err := d.Publication(t.Context(), auditor, id, &file); err != nil {
		t.Fatal(err)
	}
	m, wrong := indemnity.VerifyPublication(file.Bytes(), d.key.Public().(ed25519.PublicKey))
	if len(wrong) > 0 || m.Publication != 1 || m.Applications != 2 || !m.PublishedAt.Equal(d.now) || strings.Contains(file.String(), "Bianchi") {
		t.Errorf("%+v, %v", m, wrong)
	}
	if wrong, err := d.Verify(t.Context(), auditor, id); len(wrong) > 0 || err != nil {
		t.Errorf("made again from the database: %v, %v", wrong, err)
	}
	d.alter(`UPDATE indemnity_rankings SET manifest = replace(manifest, '"publication":1', '"publication":2') WHERE id = $1`, string(id))
	if wrong, _ := d.Verify(t.Context(), auditor, id); len(wrong) != 1 || wrong[0].Part != "manifest" {
		t.Errorf("with another manifest: %v", wrong)
	}
	d.alter(`UPDATE indemnity_rankings SET manifest = replace(manifest, '"publication":2', '"publication":1') WHERE id = $1`, string(id))
	d.alter(`UPDATE indemnity_public_lists SET text = replace(text, '"refused":0', '"refused":9') WHERE ranking_id = $1`, string(id))
	if wrong, _ := d.Verify(t.Context(), auditor, id); len(wrong) != 1 || wrong[0].Part != "figures" {
		t.Errorf("with other figures: %v", wrong)
	}
	d.alter(`UPDATE indemnity_public_lists SET text = replace(text, '"refused":9', '"refused":0') WHERE ranking_id = $1`, string(id))

	// Who applied sees their place, with the article behind it, and nobody else does.
	p, err := d.OwnPlace(t.Context(), d.giulia, short)
	if err != nil {
		t.Fatal(err)
	}
	points, found := p.Step(indemnity.StepISEEPoints)
	if p.Rank != 2 || p.Places != 2 || p.LastRank != 1 || p.LastPoints != r.LastPoints || p.Score.ISEE != 8 || !found || points.Rule != "R51" || points.Article == "" || points.Value.Number != 8 || p.Code == "" {
		t.Errorf("%+v", p)
	}
	if _, err := d.OwnPlace(t.Context(), identity.Own(d.publisher.Person, identity.Member), short); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("a stranger's: %v", err)
	}
	if _, err := d.OwnPlace(t.Context(), d.giulia, waiting); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of one that was not ranked: %v", err)
	}
	is, public, err := d.Public(t.Context(), mayCall, 0)
	if f := public.Figures; err != nil || is.Number != 1 || !f.Paid.Hidden || !f.Unpaid.Hidden || f.Paid.Number != 0 || f.Spent != nil || f.LastPoints != r.LastPoints || len(public.Rows) != 0 {
		t.Errorf("%+v, %+v, %v", is, public, err)
	}
	var list bytes.Buffer
	if err := d.PublicFile(t.Context(), mayCall, 1, &list); err != nil {
		t.Fatal(err)
	}
	if m, wrong := indemnity.VerifyPublication(list.Bytes(), d.key.Public().(ed25519.PublicKey)); len(wrong) > 0 || m.Publication != 1 {
		t.Errorf("the public file: %+v, %v", m, wrong)
	}
	if err := d.PublicFile(t.Context(), mayCall, 2, &list); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("of a publication that there is not: %v", err)
	}
}

func TestACorrectionTakesThePlaceOfThePublication(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	late := d.suitable("2026-05-07", "2026-05-20")
	first := d.published()
	ask := indemnity.RankingOrder{Call: mayCall, Corrects: first}
	if _, err := d.Simulate(t.Context(), d.officer, form(d.officer, "simulate"), ask); !errors.Is(err, indemnity.ErrRankingReason) {
		t.Errorf("without a reason: %v", err)
	}
	ask.Reason = "Il dato di reddito era sbagliato."
	second := d.simulate(ask)
	d.agreed(second)
	if err := errors.Join(d.put(second), d.accept(d.approver, second)); err != nil {
		t.Fatal(err)
	}
	if err := d.Rankings.SendBack(t.Context(), d.publisher, form(d.publisher, "back"), second, ""); !errors.Is(err, indemnity.ErrRankingNote) {
		t.Errorf("sent back without a word: %v", err)
	}
	if err := d.Rankings.SendBack(t.Context(), d.publisher, form(d.publisher, "back"), second, "Manca una firma."); err != nil {
		t.Fatal(err)
	}
	third := d.simulate(ask)
	d.agreed(third)
	if err := errors.Join(d.put(third), d.accept(d.approver, third), d.publish(d.publisher, third)); err != nil {
		t.Fatal(err)
	}
	if a, b, c := d.ranked(first), d.ranked(second), d.ranked(third); a.State != indemnity.SupersededRanking || b.State != indemnity.ReturnedRanking || b.Note == "" || c.Publication != 2 || c.Corrects != first {
		t.Errorf("%s, %s, %+v", a.State, b.State, c)
	}
	if p, err := d.OwnPlace(t.Context(), d.giulia, late); err != nil || p.Publication != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	again := d.simulate(indemnity.RankingOrder{Corrects: third, Reason: "x"})
	if err := d.Drop(t.Context(), d.officer, form(d.officer, "drop"), again); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Ranking(t.Context(), again); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("dropped: %v", err)
	}
	if n := d.count(`SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = $1`, string(again)); n != 0 {
		t.Errorf("%d rows of it are left", n)
	}
}

func TestAScenarioShowsWhoEntersAndIsNeverProposed(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.suitable("2026-05-07", "2026-05-20")
	d.closed()
	id := d.simulate(indemnity.RankingOrder{})
	refused := func(what string, w indemnity.WhatIf, want error) {
		t.Helper()
		_, err := d.Try(t.Context(), d.approver, form(d.approver, "try"), id, w)
		d.wants(what, err, want)
	}
	refused("without a title", indemnity.WhatIf{ChangesBudget: true}, indemnity.ErrScenarioTitle)
	refused("without a change", indemnity.WhatIf{Title: "Come adesso"}, indemnity.ErrScenarioIsSame)
	refused("with a value that there is not", indemnity.WhatIf{Title: "x", Readings: map[string]string{"BUDGET_CUT_POLICY": "all"}}, indemnity.ErrScenarioRules)
	free := d.tries(d.approver, id)
	if _, left, err := d.MakeDue(t.Context()); err != nil || left {
		t.Fatal(left, err)
	}
	s := d.ranked(free)
	if s.Kind != indemnity.Scenario || s.BasedOn != id || s.Simulated.Name != "Franco Leone" || s.Summary.Funded != 2 || s.CheckedAt.IsZero() || s.Disagreements != 0 || s.Call.Rules.Budget.Is != nil {
		t.Errorf("%+v", s)
	}
	c, err := d.Compare(t.Context(), id, free)
	if err != nil || c.Entered != 1 || c.Left != 0 || len(c.Changes) != 1 || c.Changes[0].Before.Funding != indemnity.NotFunded || c.Changes[0].After.FundedGross == 0 {
		t.Errorf("%+v, %v", c, err)
	}
	if back, err := d.Compare(t.Context(), free, id); err != nil || back.Left != 1 {
		t.Errorf("%+v, %v", back, err)
	}
	d.wants("a scenario that is proposed", d.put(free), indemnity.ErrScenario)
	if _, err := d.pool.Exec(t.Context(), `UPDATE indemnity_rankings SET state = 'proposed', proposed_by = simulated_by, proposed_at = now() WHERE id = $1`, string(free)); err == nil || !strings.Contains(err.Error(), "scenario_is_never_proposed") {
		t.Errorf("in the database: %v", err)
	}
}

func TestACaseThatIsTakenUpAgainStopsTheRanking(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	kept, doubted := d.suitable("2026-04-01", "2026-05-05"), d.suitable("2026-05-07", "2026-05-20")
	d.closed()
	id := d.simulate(indemnity.RankingOrder{})
	d.agreed(id)
	if err := d.put(id); err != nil {
		t.Fatal(err)
	}
	if err := d.propose(doubted, indemnity.InReview, "È arrivato un altro certificato."); err != nil {
		t.Fatal(err)
	}
	d.wants("with a decision to undo", d.accept(d.approver, id), indemnity.ErrCasesOpen)
	if err := d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), doubted, "Si riesamina dopo."); err != nil {
		t.Fatal(err)
	}
	d.wants("excluded since", d.accept(d.approver, id), indemnity.ErrRankingOutdated)
	if err := d.Rankings.SendBack(t.Context(), d.approver, form(d.approver, "back"), id, "Una domanda è da rivedere."); err != nil {
		t.Fatal(err)
	}
	without := d.simulate(indemnity.RankingOrder{})
	if cases, err := d.Inputs(t.Context(), without); err != nil || len(cases) != 1 || cases[0].Case != kept || cases[0].Facts.Applicant != "P0001" {
		t.Errorf("%+v, %v", cases, err)
	}
	d.wants("readmitted by the member", d.ReadmitCase(t.Context(), d.giulia, form(d.giulia, "x"), doubted), identity.ErrNoDuty)
	if err := d.ReadmitCase(t.Context(), d.officer, form(d.officer, "x"), doubted); err != nil {
		t.Fatal(err)
	}
	d.wants("readmitted twice", d.ReadmitCase(t.Context(), d.officer, form(d.officer, "x"), doubted), indemnity.ErrNotExcluded)
	d.agreed(without)
	d.wants("while it is waited for", d.put(without), indemnity.ErrCasesOpen)
}
