package postgres_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/ranking"
)

// made keeps a ranking of made-up cases, as if somebody had asked for it.
func (d *rankingDesk) made(call indemnity.Call, ruled []string, cases []indemnity.FrozenCase) indemnity.Ranking {
	d.welfare.Helper()
	frozen, err := indemnity.Freeze(cases)
	if err != nil {
		d.Fatal(err)
	}
	m := indemnity.MakeRanking(&call, on("2026-07-01"), ruled, frozen)
	r := indemnity.Ranking{ID: indemnity.RankingID(uuid.NewString()), Call: call, Kind: indemnity.TrueRanking, On: on("2026-07-01"), Ruled: ruled, Ties: m.Ties(),
		State: indemnity.SimulatedRanking, Summary: m.Summary, Simulated: identity.Hand{Person: d.officer.Person, At: d.now}}
	for _, x := range m.Results {
		if x.Rank > r.LastRank && x.Funding != indemnity.NotFunded {
			r.LastRank, r.LastPoints = x.Rank, x.Score.Total()
		}
	}
	if r.Digests, err = m.Digests(); err != nil {
		d.Fatal(err)
	}
	o := indemnity.OrderedRanking{ID: r.ID, RankingOrder: indemnity.RankingOrder{Call: call.ID}, By: r.Simulated, State: indemnity.OrderMaking}
	e := audit.Entry{At: d.now, Actor: d.officer, Action: indemnity.RankingSimulated, Subject: string(r.ID)}
	if _, err := d.store.StartOrder(d.Context(), form(d.officer, "simulate"), o, e); err != nil {
		d.Fatal(err)
	}
	if o, err = d.store.Order(d.Context(), r.ID); err != nil {
		d.Fatal(err)
	}
	r.Number, o.State, o.EndedAt = o.Number, indemnity.OrderMade, d.now
	if err := errors.Join(d.store.KeepOrdered(d.Context(), r, m, e), d.store.EndOrder(d.Context(), o)); err != nil {
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
