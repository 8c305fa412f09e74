package postgres_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/voucher"
)

// history is an edition that is lived at random: who applies, and what happens before
// each reallocation.
type history struct {
	budget map[string]money.Amount
	all    []applied
	rounds []struct {
		sent   map[string]money.Amount
		does   []string // the holders, one after the other
		passes bool     // more than a year
	}
}

var histories = rapid.Custom(func(t *rapid.T) history {
	territories := []string{"Lazio", "Molise"}
	amount := func(most int64, what string) money.Amount {
		return money.Amount(rapid.Int64Range(0, most).Draw(t, what)) * 10 * money.Euro
	}
	h := history{budget: map[string]money.Amount{}}
	for _, name := range territories {
		h.budget[name] = amount(200, "budget") + money.Euro
	}
	for range rapid.IntRange(1, 12).Draw(t, "applicants") {
		h.all = append(h.all, applied{rapid.SampledFrom(territories).Draw(t, "territory"), amount(1000, "isee")})
	}
	h.rounds = make([]struct {
		sent   map[string]money.Amount
		does   []string
		passes bool
	}, rapid.IntRange(1, 3).Draw(t, "rounds"))
	for i := range h.rounds {
		r := &h.rounds[i]
		r.passes, r.sent = rapid.Bool().Draw(t, "passes"), map[string]money.Amount{}
		for _, name := range territories {
			r.sent[name] = amount(200, "sent")
		}
		r.does = rapid.SliceOfN(rapid.SampledFrom([]string{"spends", "waits", "gives up"}), 1, 8).Draw(t, "does")
	}
	return h
})

// Round after round, with whatever people do between them, a territory never gives more
// than it has and was sent, the order holds, and both rankers agree.
func TestRoundAfterRoundNoTerritoryGivesMoreThanItHas(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.enrol()
	sessions := 0
	for seed := range 25 {
		h := histories.Example(seed)
		id := voucher.EditionID(fmt.Sprint("prova-", seed))
		o.release(id, oneBand, h.budget)
		o.apply(h.all...)
		o.order(o.approved(voucher.Simulation{Edition: id}))
		o.issue()
		sent := map[string]money.Amount{}
		for _, r := range h.rounds {
			for name, amount := range r.sent {
				if amount > 0 {
					o.transfer(name, amount)
					sent[name] += amount
				}
			}
			for i, application := range o.lines(`SELECT v.application_id::text FROM vouchers v JOIN applications a ON a.id = v.application_id
				WHERE a.edition_id = '` + string(id) + `' AND v.state = 'active' ORDER BY a.protocol`) {
				switch balance := o.voucherOf(application).Balance(); r.does[i%len(r.does)] {
				case "spends":
					if sessions++; balance > 0 {
						o.spend(application, 1+sessions%100, min(balance, 50*money.Euro))
					}
				case "gives up":
					o.renounce(application)
				}
			}
			if r.passes {
				o.expire()
			}
			run, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: id, Reallocates: true})
			if errors.Is(err, voucher.ErrNobodyEnters) {
				continue
			}
			if err = errors.Join(err,
				o.rankings.Check(t.Context(), o.prepare, form(o.prepare, "ranking.check"), run),
				o.rankings.Propose(t.Context(), o.prepare, form(o.prepare, "ranking.propose"), run),
				o.rankings.Approve(t.Context(), o.approve, form(o.approve, "ranking.approve"), run)); err != nil {
				t.Fatalf("history %d: %v", seed, err)
			}
			o.order(run)
			o.issue()
			for _, now := range o.run(run).Territories {
				left := o.residual(now.Name)
				if left.Promised() > h.budget[now.Name] || now.Given() > 0 && left.Promised() > sent[now.Name] {
					t.Errorf("history %d: %s has %d, was sent %d and gave %d: %+v", seed, now.Name, h.budget[now.Name], sent[now.Name], now.Given(), left)
				}
			}
		}
	}
	o.whole()
}

func TestTheSecondRankerFindsAnAwardThatWasNotToBeCompleted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ids := o.roundOne()
	o.spend(ids[2], 5, 50*money.Euro)
	o.expire()
	id, err := o.rankings.Simulate(t.Context(), o.prepare, form(o.prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026", Reallocates: true})
	if err != nil {
		t.Fatal(err)
	}
	o.exec(`ALTER TABLE ranking_entries DISABLE TRIGGER entries_never_change`)
	o.exec(`UPDATE ranking_entries SET completes = false WHERE run_id = $1`, string(id))
	if err := o.rankings.Check(t.Context(), o.prepare, form(o.prepare, "ranking.check"), id); err != nil {
		t.Fatal(err)
	}
	if o.run(id).Disagreements == 0 {
		t.Error("it agrees")
	}
}
