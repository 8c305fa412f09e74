package postgres_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/ranking"
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
	d.wants("before the second ranker", d.put(id), indemnity.ErrRankingUnchecked)
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
	public, err := d.Public(t.Context(), mayCall)
	if err != nil || public.Publication != 1 || !public.Paid.Hidden || !public.Unpaid.Hidden || public.Paid.Number != 0 || public.Spent != nil || public.LastPoints != r.LastPoints {
		t.Errorf("%+v, %v", public, err)
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
	try := func(what indemnity.WhatIf) (indemnity.RankingID, error) {
		return d.Try(t.Context(), d.approver, form(d.approver, "try"), id, what)
	}
	if _, err := try(indemnity.WhatIf{ChangesBudget: true}); !errors.Is(err, indemnity.ErrScenarioTitle) {
		t.Errorf("without a title: %v", err)
	}
	if _, err := try(indemnity.WhatIf{Title: "Come adesso"}); !errors.Is(err, indemnity.ErrScenarioIsSame) {
		t.Errorf("without a change: %v", err)
	}
	if _, err := try(indemnity.WhatIf{Title: "x", Readings: map[string]string{"BUDGET_CUT_POLICY": "all"}}); !errors.Is(err, indemnity.ErrScenarioRules) {
		t.Errorf("with a value that there is not: %v", err)
	}
	free, err := try(indemnity.WhatIf{Title: "Senza limite", ChangesBudget: true})
	if err != nil {
		t.Fatal(err)
	}
	s := d.ranked(free)
	if s.Kind != indemnity.Scenario || s.BasedOn != id || s.Simulated.Name != "Franco Leone" || s.Summary.Funded != 2 || s.Call.Rules.Budget.Is != nil {
		t.Errorf("%+v", s)
	}
	c, err := d.Compare(t.Context(), id, free)
	if err != nil || c.Entered != 1 || c.Left != 0 || len(c.Changes) != 1 || c.Changes[0].Before.Funding != indemnity.NotFunded || c.Changes[0].After.FundedGross == 0 {
		t.Errorf("%+v, %v", c, err)
	}
	if back, err := d.Compare(t.Context(), free, id); err != nil || back.Left != 1 {
		t.Errorf("%+v, %v", back, err)
	}
	d.agreed(free)
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

// made keeps a ranking of made-up cases, as if it had been simulated.
func (d *rankingDesk) made(call indemnity.Call, ruled []string, cases []indemnity.FrozenCase) indemnity.Ranking {
	d.welfare.Helper()
	frozen, err := indemnity.Freeze(cases)
	if err != nil {
		d.Fatal(err)
	}
	m := indemnity.MakeRanking(&call, on("2026-07-01"), ruled, frozen)
	r := indemnity.Ranking{ID: indemnity.RankingID(uuid.NewString()), Call: call, Kind: indemnity.TrueRanking, On: on("2026-07-01"), Ruled: ruled, Ties: m.Ties(),
		State: indemnity.SimulatedRanking, Summary: m.Summary, Simulated: indemnity.Hand{Person: d.officer.Person, At: d.now}}
	for _, x := range m.Results {
		if x.Rank > r.LastRank && x.Funding != indemnity.NotFunded {
			r.LastRank, r.LastPoints = x.Rank, x.Score.Total()
		}
	}
	if r.Digests, err = m.Digests(); err != nil {
		d.Fatal(err)
	}
	if _, err := d.store.KeepRanking(d.Context(), form(d.officer, "keep"), r, m, audit.Entry{At: d.now, Actor: d.officer, Action: indemnity.RankingSimulated, Subject: string(r.ID)}); err != nil {
		d.Fatal(err)
	}
	return d.ranked(r.ID)
}

// mayRules is the call of May as it is in force.
func (d *rankingDesk) mayRules() indemnity.Call {
	d.welfare.Helper()
	all, err := postgres.NewCalls(d.pool).CallsInForce(d.Context())
	if err != nil {
		d.Fatal(err)
	}
	return all[slices.IndexFunc(all, func(c indemnity.Call) bool { return c.ID == mayCall })]
}

// somebody is so many applications that chance made, the same each time, with ties, debts,
// covers, findings after payment, and some that are not suitable any more.
func somebody(seed uint64, n int) []indemnity.FrozenCase {
	chance := rand.New(rand.NewPCG(seed, 18))
	one := func(in int) bool { return chance.IntN(in) == 0 }
	all := make([]indemnity.FrozenCase, n)
	for i := range all {
		last := on("2026-05-01").Add(chance.IntN(31))
		days := calendar.Period{From: last.Add(-6 - chance.IntN([]int{4, 40, 200}[chance.IntN(3)])), To: last}
		rate := indemnity.Rate(chance.IntN(3) * 1150)
		f := indemnity.Facts{
			ID: fmt.Sprintf("ENPAP-2026-%06d", chance.IntN(10)*100_000+i), Applicant: fmt.Sprintf("M%03d", chance.IntN(n)), Kind: indemnity.ByMember, Channel: indemnity.Portal,
			SubmittedAt: last.Add(1+chance.IntN(3)).At(9, chance.IntN(2)), ActiveMember: !one(30), EnrolmentApplied: on("2009-03-01"), EnrolledOn: on("2010-01-01").Add(chance.IntN(2)),
			Event:        indemnity.SicknessEvent{Kind: indemnity.Ordinary, Period: days, Certificates: []indemnity.Certificate{{Kind: indemnity.InitialPrognosis, IssuedOn: days.From, Period: days, InForm: true}}},
			Identity:     indemnity.IdentityValid,
			Declarations: indemnity.SelfDeclarations{TrueCopy: true, NoActivity: true, OtherCover: one(4), Exclusive: !one(3)},
			ISEE:         indemnity.ISEE{Status: indemnity.ISEEValid, Given: true, Value: money.Amount(chance.IntN(4)) * 10_000_01},
			Incomes:      indemnity.Yearly[money.Amount]{{Year: 2024, Is: money.Amount(chance.IntN(45_000_00))}},
			Contribution: indemnity.Contribution{IncomeCommunicated: true}, FoundAfterPayment: one(15),
		}
		if one(5) {
			f.ISEE = indemnity.ISEE{Status: []indemnity.ISEEStatus{indemnity.ISEENotPresented, indemnity.ISEEInvalid}[chance.IntN(2)], Given: one(2), Value: 7_000_00}
		}
		if one(5) {
			f.Contribution.DebtAtSubmission, f.Contribution.DebtAfterwards = money.Amount(chance.IntN(400_00)), money.Amount(chance.IntN(100_00))
		}
		if one(2) {
			f.Withholding = &rate
		}
		all[i] = indemnity.FrozenCase{Case: indemnity.CaseID(uuid.NewString()), Version: int64(i), Facts: f}
	}
	return all
}

func TestBothRankersAgreeOnWhateverComes(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	for seed := range uint64(24) {
		chance := rand.New(rand.NewPCG(seed, 19))
		call := d.mayRules()
		read := &call.Rules.Readings
		budget := money.Amount(chance.IntN(60_000_00))
		if call.Rules.Budget.Is = &budget; seed%8 == 7 {
			call.Rules.Budget.Is = nil
		}
		read.BudgetCut.Is = []ranking.Cut{ranking.Stop, ranking.Partial, ranking.Skip}[seed%3]
		read.BudgetBasis.Is = []indemnity.Basis{indemnity.Gross, indemnity.Net}[chance.IntN(2)]
		read.RecoveryBasis.Is = []indemnity.Basis{indemnity.Gross, indemnity.Net}[chance.IntN(2)]
		read.ResidualTie.Is = []indemnity.ResidualTie{indemnity.TieBySubmission, indemnity.TieByApplication}[chance.IntN(2)]
		read.InvalidISEEIsMissing.Is = chance.IntN(2) == 0
		cases := somebody(seed, 60)
		var ruled []string
		if chance.IntN(2) == 0 {
			for _, at := range chance.Perm(len(cases))[:20] {
				ruled = append(ruled, cases[at].Facts.ID)
			}
		}
		r := d.made(call, ruled, cases)
		if n, first, err := d.store.RankAgain(t.Context(), r); n != 0 || err != nil {
			t.Fatalf("seed %d: %d rows, %+v, %v", seed, n, first, err)
		}
		if wrong, err := d.Verify(t.Context(), d.officer, r.ID); len(wrong) > 0 || err != nil {
			t.Fatalf("seed %d: %v, %v", seed, wrong, err)
		}
	}
}

// alter changes something of a ranking past every guard.
func (d *rankingDesk) alter(sql string, args ...any) {
	d.welfare.Helper()
	err := pgx.BeginFunc(d.Context(), d.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(d.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		tag, err := tx.Exec(d.Context(), sql, args...)
		if err == nil && tag.RowsAffected() != 1 {
			err = fmt.Errorf("%d rows were changed", tag.RowsAffected())
		}
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
}

func TestWhateverIsAlteredInARankingIsFoundWithItsRow(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	call := d.mayRules()
	cases := somebody(3, 40)
	slices.SortFunc(cases, func(a, b indemnity.FrozenCase) int { return strings.Compare(a.Facts.ID, b.Facts.ID) })
	r := d.made(call, nil, cases)
	m, err := d.store.Places(t.Context(), r.ID, 5, 5)
	if err != nil || len(m) != 1 {
		t.Fatal(m, err)
	}
	row := m[0]
	for _, c := range []struct{ set, back string }{
		{`facts = jsonb_set(facts, '{isee,value}', '"0.01"')`, "facts"},
		{`facts = jsonb_set(facts, '{channel}', '"pec"')`, "facts"},
		{`facts = facts - 'channel'`, "facts"},
		{`result = replace(result::text, '"rank": 5', '"rank": 4')::json`, "result"},
		{`steps = replace(steps::text, 'R51', 'R50')::json`, "steps"},
		{`row_digest = set_byte(row_digest, 3, get_byte(row_digest, 3) # 1)`, "row_digest"},
		{`rank = 1000`, "rank"}, {`debt_cents = debt_cents + 1`, "debt_cents"}, {`points_isee = points_isee + 1`, "points_isee"},
	} {
		d.exec(`CREATE TABLE as_it_was AS SELECT * FROM indemnity_ranking_entries WHERE ranking_id = $1 AND application_id = $2`, string(r.ID), string(row.Case))
		d.alter(`UPDATE indemnity_ranking_entries SET `+c.set+` WHERE ranking_id = $1 AND application_id = $2`, string(r.ID), string(row.Case))
		wrong, err := d.Verify(t.Context(), d.officer, r.ID)
		if err != nil || !slices.ContainsFunc(wrong, func(x indemnity.Difference) bool { return x.Row == row.Protocol }) {
			t.Errorf("%s: %v, %v", c.set, wrong, err)
		}
		d.alter(`UPDATE indemnity_ranking_entries e SET `+c.back+` = w.`+c.back+` FROM as_it_was w WHERE e.ranking_id = $1 AND e.application_id = $2`, string(r.ID), string(row.Case))
		d.exec(`DROP TABLE as_it_was`)
	}
	if n, first, err := d.store.RankAgain(t.Context(), r); n != 0 || err != nil {
		t.Errorf("%d, %+v, %v", n, first, err)
	}
	d.alter(`UPDATE indemnity_ranking_entries SET points_duration = points_duration + 1 WHERE ranking_id = $1 AND application_id = $2`, string(r.ID), string(row.Case))
	if n, first, err := d.store.RankAgain(t.Context(), r); n != 1 || len(first) != 1 || first[0].Protocol != row.Protocol || err != nil {
		t.Errorf("the second ranker: %d, %+v, %v", n, first, err)
	}
}

func TestTheMoneyEndsAmongEqualsAndTheHeadOfTheServiceRules(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	call := d.mayRules()
	cases := somebody(1, 2)
	for i := range cases {
		cases[i].Facts = cases[0].Facts
		cases[i].Facts.ID, cases[i].Facts.Applicant = fmt.Sprintf("ENPAP-2026-00000%d", i+1), fmt.Sprintf("M%d", i)
		cases[i].Facts.FoundAfterPayment, cases[i].Facts.ActiveMember, cases[i].Facts.Contribution = false, true, indemnity.Contribution{IncomeCommunicated: true}
	}
	alone := indemnity.MakeRanking(&call, calendar.Date{}, nil, cases)
	budget := alone.Results[0].Entitlement.Gross + 1
	call.Rules.Budget.Is = &budget
	r := d.made(call, nil, cases)
	order := []string{"ENPAP-2026-000002", "ENPAP-2026-000001"}
	rule := func(who identity.Actor, order []string, text string) error {
		return d.RuleTie(t.Context(), who, form(who, "rule"), r.ID, order, text)
	}
	d.wants("by who prepares", rule(d.officer, order, "x"), identity.ErrNoDuty)
	d.wants("by who made it", rule(d.officer.WithDuties([]identity.Duty{identity.Approve}), order, "x"), indemnity.ErrRulesOwn)
	d.wants("of others", rule(d.approver, []string{"ENPAP-2026-000001", "ENPAP-2026-000003"}, "x"), indemnity.ErrRulingOrder)
	d.wants("without saying why", rule(d.approver, order, " "), indemnity.ErrRulingText)
	if err := rule(d.approver, order, "Ha un figlio a carico."); err != nil {
		t.Fatal(err)
	}
	rulings, err := d.Rulings(t.Context(), mayCall)
	if err != nil || len(rulings) != 1 || rulings[0].By.Name() != "Franco Leone" {
		t.Fatalf("%+v, %v", rulings, err)
	}
	ruled := d.made(call, indemnity.Ruled(rulings), cases)
	places, err := d.Places(t.Context(), ruled.ID, 1, 2)
	if err != nil || len(ruled.Ties) != 0 || places[0].Protocol != order[0] || places[1].Decided != indemnity.ByRuling || places[1].Funding != indemnity.NotFunded {
		t.Errorf("%+v, %v", places, err)
	}
	if bytes.Equal(ruled.Digests.Rules, r.Digests.Rules) {
		t.Error("the ruling is not in the digest")
	}
	if n, first, err := d.store.RankAgain(t.Context(), ruled); n != 0 || err != nil {
		t.Errorf("%d, %+v, %v", n, first, err)
	}
}
