package voucher_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/voucher"
)

// drawReallocation is a correction in which some of the awards in part are completed.
func drawReallocation(t *rapid.T) contest {
	c := drawCorrection(t)
	for i := range c.candidates {
		if x := &c.candidates[i]; x.Kept > 0 {
			x.Completes = rapid.Bool().Draw(t, "completes")
		}
	}
	return c
}

func TestAnAwardInPartIsCompletedBeforeTheNextInOrder(t *testing.T) {
	t.Parallel()
	candidates := []voucher.Candidate{candidate("A", 100_00, 0), candidate("B", 200_00, 0), candidate("C", 300_00, 0), candidate("D", 400_00, 0), candidate("E", 500_00, 0)}
	candidates[0].Kept, candidates[2].Kept, candidates[2].Completes = 600_00, 250_00, true
	bands := edition(t, "2022-guida").Rules.Bands.Is
	for _, c := range []struct {
		name          string
		again         money.Amount
		awarded, left []money.Amount
	}{
		{"money for half of what is missing", 175_00, []money.Amount{600_00, 0, 425_00, 0, 0}, []money.Amount{0, 0, 0, 0, 0}},
		{"for what is missing", 350_00, []money.Amount{600_00, 0, 600_00, 0, 0}, []money.Amount{0, 0, 0, 0, 0}},
		{"and for one and a half more", 1250_00, []money.Amount{600_00, 600_00, 600_00, 300_00, 0}, []money.Amount{900_00, 300_00, 300_00, 0, 0}},
	} {
		got := voucher.Rank(bands, budgetOf(850_00+c.again), candidates)
		for i, o := range got {
			if o.Awarded != c.awarded[i] || o.Residual != c.left[i] || o.Rank != i+1 || o.Entitled != 600_00 {
				t.Errorf("%s: place %d: %+v", c.name, i+1, o)
			}
		}
	}
	candidates[2].Completes = false // nothing of it was used
	if got := voucher.Rank(bands, budgetOf(850_00+600_00), candidates); got[1].Awarded != 600_00 || got[2].Awarded != 250_00 {
		t.Errorf("nothing was used: %+v", got)
	}
}

func TestAReallocationGivesWhatThereIsInItsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawReallocation(t)
		outcomes := voucher.Rank(c.bands, c.budget, c.candidates)
		kept, given, wanted := map[string]money.Amount{}, map[string]money.Amount{}, map[string]money.Amount{}
		waits, unpaid := map[string]bool{}, map[string]int{}
		for i, o := range outcomes {
			x := c.candidates[i]
			kept[x.Territory] += x.Kept
			given[x.Territory] += o.Awarded - x.Kept
			switch {
			case o.Awarded < x.Kept, o.Awarded > max(o.Entitled, x.Kept), x.Kept > 0 && !x.Completes && o.Awarded != x.Kept:
				t.Fatalf("%+v gets %+v", x, o)
			case o.Rank > 0 && (x.Kept == 0 || x.Completes && x.Kept < o.Entitled):
				wanted[x.Territory] += o.Entitled - x.Kept
			}
			if o.Rank > 0 && o.Awarded < o.Entitled {
				waits[x.Territory] = waits[x.Territory] || x.Completes
				if first := unpaid[x.Territory]; x.Kept == 0 && (first == 0 || o.Rank < first) {
					unpaid[x.Territory] = o.Rank
				}
			}
		}
		for i, o := range outcomes {
			x := c.candidates[i]
			if first := unpaid[x.Territory]; x.Kept == 0 && o.Awarded > 0 && (waits[x.Territory] || first > 0 && o.Rank > first) {
				t.Fatalf("%s: place %d is paid before its turn", x.Territory, o.Rank)
			}
		}
		for territory, budget := range c.budget.Of {
			if again := max(budget-kept[territory], 0); given[territory] != min(again, wanted[territory]) {
				t.Fatalf("%s: of %d that there are %d are given, and %d were wanted", territory, again, given[territory], wanted[territory])
			}
		}
	})
}

func TestTheOrderOfTheApplicationsNeverMattersForAReallocation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawReallocation(t)
		want := c.outcomes()
		c.candidates = rapid.Permutation(c.candidates).Draw(t, "order")
		for id, got := range c.outcomes() {
			if got != want[id] {
				t.Fatalf("%s: %+v, and in another order %+v", id, want[id], got)
			}
		}
	})
}

// drawResidual is the money of a territory after a history that is possible: nobody was
// promised more than there is, and nothing came back that had not been given.
func drawResidual(t *rapid.T) voucher.Residual {
	amount := func(most money.Amount, what string) money.Amount {
		return money.Amount(rapid.Int64Range(0, int64(most)).Draw(t, what))
	}
	r := voucher.Residual{Territory: "Lazio", Budget: amount(1000, "budget"), Transferred: amount(1200, "transferred")}
	r.Granted = amount(r.Budget, "first round")
	for range rapid.IntRange(0, 4).Draw(t, "rounds") {
		back := amount(r.Promised(), "back")
		switch rapid.IntRange(0, 3).Draw(t, "how") {
		case 0:
			r.Returned.Expired += back
		case 1:
			r.Returned.Lapsed += back
		case 2:
			r.Returned.Renounced += back
		case 3:
			r.Returned.Annulled += back
		}
		r.Granted += amount(max(r.Budget-r.Promised(), 0), "given again")
		r.Reinstated += amount(min(max(r.Budget-r.Promised(), 0), r.Returned.Sum()-r.Reinstated), "reinstated")
	}
	r.SetAside = amount(max(r.Budget-r.Promised(), 0), "set aside")
	return r
}

func TestAwardsAndResidualAreTheBudgetWhereEverythingHasArrived(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawResidual(t)
		r.Transferred = r.Budget + money.Amount(rapid.Int64Range(0, 100).Draw(t, "more"))
		if got := r.Promised() + r.SetAside + r.Available(); got != r.Budget {
			t.Fatalf("%d of %d: %+v", got, r.Budget, r)
		}
		if hold := r.Hold(); r.Available() > 0 && hold != voucher.NoHold {
			t.Fatalf("held by %q: %+v", hold, r)
		}
	})
}

func TestNothingIsGivenAgainThatHasNotArrived(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawResidual(t)
		switch a := r.Available(); {
		case a < 0 || a > r.Left():
			t.Fatalf("%d: %+v", a, r)
		case a > 0 && r.Promised()+r.SetAside+a > min(r.Budget, r.Transferred):
			t.Fatalf("%d of what is not there: %+v", a, r)
		case a == 0 && r.Hold() == voucher.NoHold, a > 0 && slices.Contains([]voucher.Hold{voucher.NothingLeft, voucher.NotTransferred, voucher.PartlyTransferred}, r.Hold()):
			t.Fatalf("%d, held by %q: %+v", a, r.Hold(), r)
		}
		// The page adds up: what came back and what nobody was given, without what was
		// given again, what is kept back and what has not arrived.
		sum := r.Returned.Sum() + r.New() - r.Again() - r.SetAside - max(r.Budget-r.Transferred, 0)
		if want := max(sum, 0); r.Available() != want {
			t.Fatalf("%d, and the table says %d: %+v", r.Available(), want, r)
		}
	})
}

func TestATerritoryThatSentNothingIsSaidToHaveSentNothing(t *testing.T) {
	t.Parallel()
	r := voucher.Residual{Budget: 1000, Granted: 900, Returned: voucher.Returned{Expired: 300}}
	for sent, want := range map[money.Amount]voucher.Hold{0: voucher.NotTransferred, 600: voucher.PartlyTransferred, 800: voucher.LessTransferred, 1000: voucher.NoHold} {
		if r.Transferred = sent; r.Hold() != want {
			t.Errorf("with %d sent: %q", sent, r.Hold())
		}
	}
	if r.Returned.Expired = -100; r.Hold() != voucher.NothingLeft {
		t.Errorf("nothing is left: %q", r.Hold())
	}
}
