package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// breaking is the store with a step that goes wrong.
type breaking struct {
	*postgres.CallRankings
	freeze, keep, again error
}

func (b *breaking) FreezeCall(ctx context.Context, id indemnity.CallID, day calendar.Date) (indemnity.CallSnapshot, error) {
	if b.freeze != nil {
		return indemnity.CallSnapshot{}, b.freeze
	}
	return b.CallRankings.FreezeCall(ctx, id, day)
}

func (b *breaking) KeepOrdered(ctx context.Context, r indemnity.Ranking, made *indemnity.MadeRanking, e audit.Entry) error {
	if b.keep != nil {
		return b.keep
	}
	return b.CallRankings.KeepOrdered(ctx, r, made, e)
}

func (b *breaking) RankAgain(ctx context.Context, r indemnity.Ranking) (int, []indemnity.RankerDoubt, error) {
	if b.again != nil {
		return 0, nil, b.again
	}
	return b.CallRankings.RankAgain(ctx, r)
}

// order asks for the ranking of the call of May, and makes nothing.
func (d *rankingDesk) order(who identity.Actor) indemnity.RankingID {
	d.welfare.Helper()
	id, err := d.Simulate(d.Context(), who, form(who, "simulate"), indemnity.RankingOrder{Call: mayCall})
	if err != nil {
		d.Fatal(err)
	}
	return id
}

// over is the service on a store that breaks.
func (d *rankingDesk) over(b breaking) *indemnity.Rankings {
	b.CallRankings = d.store
	return indemnity.NewRankings(&b, d.cases, d.key, func() time.Time { return d.now })
}

func (d *rankingDesk) stands(id indemnity.RankingID, want indemnity.OrderState, refusal string, rows int) {
	d.welfare.Helper()
	o, err := d.Order(d.Context(), id)
	if err != nil || o.State != want || o.Refusal != refusal || o.Ended() != !o.EndedAt.IsZero() {
		d.Errorf("%+v, %v, want %s %s", o, err, want, refusal)
	}
	if n := d.count(`SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = '` + string(id) + `'`); n != rows {
		d.Errorf("%d rows, want %d", n, rows)
	}
}

func TestARankingIsMadeOnceHoweverOftenItIsAskedFor(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.closed()
	colleague := identity.Own(d.approver.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	sent := form(d.officer, "simulate")
	var all sync.WaitGroup
	ids := make([]indemnity.RankingID, 6)
	for i := range ids {
		who, f := d.officer, sent
		if i%2 > 0 {
			who, f = colleague, form(colleague, "simulate")
		}
		all.Go(func() {
			var err error
			if ids[i], err = d.Simulate(t.Context(), who, f, indemnity.RankingOrder{Call: mayCall}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two orders: %v", ids)
		}
	}
	d.stands(ids[0], indemnity.OrderMaking, "", 0)
	if _, err := d.Ranking(t.Context(), ids[0]); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("it is there before it is made: %v", err)
	}
	for range 3 { // as many portals
		all.Go(func() {
			for {
				_, left, err := d.MakeDue(t.Context())
				if err != nil {
					t.Error(err)
				}
				if !left || err != nil {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
		})
	}
	all.Wait()
	d.stands(ids[0], indemnity.OrderMade, "", 1)
	r := d.ranked(ids[0])
	if o, err := d.LastOrder(t.Context(), mayCall); err != nil || r.Number != o.Number || r.Simulated.Person != o.By.Person || r.CheckedAt.IsZero() || o.Attempts != 1 {
		t.Errorf("%+v of %+v, %v", r, o, err)
	}
	if id, err := d.Simulate(t.Context(), d.officer, sent, indemnity.RankingOrder{Call: mayCall}); err != nil || id != ids[0] {
		t.Errorf("sent again: %s, %v", id, err)
	}
	next := d.order(d.officer)
	if _, _, err := d.MakeDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := d.ranked(next).Number; n != 2 {
		t.Errorf("the second has number %d", n)
	}
	for action, want := range map[audit.Action]int{indemnity.RankingSimulated: 2, indemnity.RankingMade: 2, indemnity.RankingChecked: 2} {
		if n := d.count(`SELECT count(*) FROM audit WHERE action = '` + string(action) + `'`); n != want {
			t.Errorf("%d times %s", n, action)
		}
	}
}

func TestARankingThatIsCutOffIsTakenUpWhereItWasLeft(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.closed()
	id := d.order(d.officer)
	for what, b := range map[string]breaking{"frozen": {freeze: postgres.ErrUnavailable}, "kept": {keep: postgres.ErrUnavailable}} {
		if _, left, err := d.over(b).MakeDue(t.Context()); !left || !errors.Is(err, postgres.ErrUnavailable) {
			t.Errorf("while it is %s: %v, %v", what, left, err)
		}
		d.stands(id, indemnity.OrderMaking, "", 0)
	}
	if _, left, err := d.over(breaking{again: postgres.ErrUnavailable}).MakeDue(t.Context()); !left || err == nil {
		t.Errorf("while it is ranked again: %v, %v", left, err)
	}
	d.stands(id, indemnity.OrderChecking, "", 1)
	if ended, left, err := d.MakeDue(t.Context()); ended != 1 || left || err != nil {
		t.Errorf("%d, %v, %v", ended, left, err)
	}
	d.stands(id, indemnity.OrderMade, "", 1)
	if err := d.put(id); err != nil {
		t.Error(err)
	}

	// One that never comes to an end is given up.
	if err := d.SendBack(t.Context(), d.approver, form(d.approver, "back"), id, "x"); err != nil {
		t.Fatal(err)
	}
	id = d.order(d.officer)
	for range 5 {
		if _, _, err := d.over(breaking{keep: postgres.ErrUnavailable}).MakeDue(t.Context()); err == nil {
			t.Error("the store does not break")
		}
	}
	d.stands(id, indemnity.OrderFailed, indemnity.ErrRankingFailed.Code, 0)
}

func TestARankingThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	c := d.suitable("2026-04-01", "2026-05-05")
	d.closed()
	id, broken := d.order(d.officer), errors.New("a case that nobody can freeze")
	if ended, left, err := d.over(breaking{freeze: broken}).MakeDue(t.Context()); ended != 0 || !left || !errors.Is(err, broken) {
		t.Errorf("%d, %v, %v", ended, left, err)
	}
	d.stands(id, indemnity.OrderFailed, indemnity.ErrRankingFailed.Code, 0)
	if n := d.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.ranking_failed' AND subject_id = '` + string(id) + `'`); n != 1 {
		t.Errorf("%d entries", n)
	}

	// What is wanted again is another one; who can be ranked is gone meanwhile.
	again := d.order(d.officer)
	if err := d.ExcludeCase(t.Context(), d.officer, form(d.officer, "x"), c, "x"); !errors.Is(err, indemnity.ErrNotExcludable) {
		t.Fatal(err)
	}
	d.alter(`UPDATE indemnity_applications SET state = 'in_review' WHERE id = $1`, string(c))
	if ended, left, err := d.MakeDue(t.Context()); ended != 1 || left || err != nil || again == id {
		t.Errorf("%d, %v, %v", ended, left, err)
	}
	d.stands(again, indemnity.OrderFailed, indemnity.ErrNobodyToRank.Code, 0)
	if _, err := d.Simulate(t.Context(), d.officer, form(d.officer, "simulate"), indemnity.RankingOrder{Call: mayCall}); !errors.Is(err, indemnity.ErrNobodyToRank) {
		t.Errorf("nobody to rank: %v", err)
	}
}

// tries is an order of a scenario without a limit to the money, of which nothing is made.
func (d *rankingDesk) tries(who identity.Actor, of indemnity.RankingID) indemnity.RankingID {
	d.welfare.Helper()
	id, err := d.Try(d.Context(), who, form(who, "try"), of, indemnity.WhatIf{Title: "Senza limite", ChangesBudget: true})
	if err != nil {
		d.Fatal(err)
	}
	return id
}

func TestAScenarioIsMadeOnceWhileNothingElseOfItsCallIs(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.closed()
	base := d.simulate(indemnity.RankingOrder{})
	sent, what := form(d.approver, "try"), indemnity.WhatIf{Title: " Senza limite ", ChangesBudget: true}
	var all sync.WaitGroup
	ids := make([]indemnity.RankingID, 6)
	for i := range ids {
		all.Go(func() {
			var err error
			if ids[i], err = d.Try(t.Context(), d.approver, sent, base, what); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("two orders: %v", ids)
		}
	}
	d.stands(ids[0], indemnity.OrderMaking, "", 0)
	o, err := d.LastOrder(t.Context(), mayCall)
	if err != nil || o.Kind() != indemnity.Scenario || o.BasedOn != base || o.Reason != "Senza limite" || o.Number != 2 || o.By.Name != "Franco Leone" || o.Rules.Budget.Is != nil {
		t.Errorf("%+v, %v", o, err)
	}
	_, err = d.Try(t.Context(), d.officer, form(d.officer, "try"), base, what)
	d.wants("another scenario meanwhile", err, indemnity.ErrRankingUnderWay)
	_, err = d.Simulate(t.Context(), d.officer, form(d.officer, "simulate"), indemnity.RankingOrder{Call: mayCall})
	d.wants("a ranking meanwhile", err, indemnity.ErrRankingUnderWay)

	// It is cut off wherever it may be, and taken up where it was left.
	if _, left, err := d.over(breaking{keep: postgres.ErrUnavailable}).MakeDue(t.Context()); !left || err == nil {
		t.Errorf("while it is kept: %v, %v", left, err)
	}
	d.stands(ids[0], indemnity.OrderMaking, "", 0)
	if _, left, err := d.over(breaking{again: postgres.ErrUnavailable}).MakeDue(t.Context()); !left || err == nil {
		t.Errorf("while it is ranked again: %v, %v", left, err)
	}
	d.stands(ids[0], indemnity.OrderChecking, "", 1)
	if ended, left, err := d.MakeDue(t.Context()); ended != 1 || left || err != nil {
		t.Errorf("%d, %v, %v", ended, left, err)
	}
	d.stands(ids[0], indemnity.OrderMade, "", 1)
	if r := d.ranked(ids[0]); r.Number != 2 || r.Kind != indemnity.Scenario || r.CheckedAt.IsZero() || r.Disagreements != 0 || r.On != d.ranked(base).On {
		t.Errorf("%+v", r)
	}
	if id, err := d.Try(t.Context(), d.approver, sent, base, what); err != nil || id != ids[0] {
		t.Errorf("sent again: %s, %v", id, err)
	}
	for action, want := range map[audit.Action]int{indemnity.RankingTried: 1, indemnity.RankingMade: 2, indemnity.RankingChecked: 2} {
		if n := d.count(`SELECT count(*) FROM audit WHERE action = '` + string(action) + `'`); n != want {
			t.Errorf("%d times %s", n, action)
		}
	}
	_, err = d.Try(t.Context(), d.approver, form(d.approver, "try"), ids[0], indemnity.WhatIf{Title: "x", ChangesBudget: true})
	d.wants("a scenario of a scenario", err, fault.ErrNotFound)
	_, err = d.Try(t.Context(), d.giulia, form(d.giulia, "try"), base, what)
	d.wants("tried by a member", err, identity.ErrNoDuty)
}

func TestAScenarioOfARankingThatIsThrownAwayIsNotMade(t *testing.T) {
	t.Parallel()
	d := newRankingDesk(t, 1800*money.Euro)
	d.suitable("2026-04-01", "2026-05-05")
	d.closed()
	base := d.simulate(indemnity.RankingOrder{})
	id := d.tries(d.approver, base)
	if err := d.Drop(t.Context(), d.officer, form(d.officer, "drop"), base); err != nil {
		t.Fatal(err)
	}
	if ended, left, err := d.MakeDue(t.Context()); ended != 1 || left || err != nil {
		t.Errorf("%d, %v, %v", ended, left, err)
	}
	d.stands(id, indemnity.OrderFailed, indemnity.ErrScenarioBase.Code, 0)

	// A ranking is asked for as ever.
	d.simulate(indemnity.RankingOrder{})
}
