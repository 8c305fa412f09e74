package voucher_test

import (
	"bytes"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/voucher"
)

// drawCorrection is a contest in which some hold an award already, out of the money
// of their territory.
func drawCorrection(t *rapid.T) contest {
	c := drawContest(t)
	left := maps.Clone(c.budget.Of)
	for i := range c.candidates {
		x := &c.candidates[i]
		if rapid.IntRange(0, 2).Draw(t, "holds") == 0 {
			x.Kept = min(money.Amount(rapid.SampledFrom([]int64{5, 20, 40, 60}).Draw(t, "kept")), left[x.Territory])
			left[x.Territory] -= x.Kept
		}
	}
	return c
}

func TestACorrectionNeverSpendsMoreThanThereIs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCorrection(t)
		given := map[string]money.Amount{}
		for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
			given[c.candidates[i].Territory] += o.Awarded
		}
		for territory, amount := range given {
			if amount > c.budget.Of[territory] {
				t.Fatalf("%s: %d are given of %d", territory, amount, c.budget.Of[territory])
			}
		}
	})
}

func TestAnAwardThatStandsIsNeitherRaisedNorLowered(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCorrection(t)
		for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
			if kept := c.candidates[i].Kept; kept > 0 && o.Awarded != kept {
				t.Fatalf("%d were kept: %+v", kept, o)
			}
		}
	})
}

func TestACorrectionGivesTheRestDownTheRankingToTheLastCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCorrection(t)
		given, left := map[string]money.Amount{}, map[string]money.Amount{}
		type paid struct{ rank int }
		last, unpaid := map[string]paid{}, map[string]int{}
		for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
			x := c.candidates[i]
			given[x.Territory] += o.Awarded
			if o.Rank > last[x.Territory].rank {
				last[x.Territory], left[x.Territory] = paid{rank: o.Rank}, o.Residual
			}
			if first := unpaid[x.Territory]; x.Kept == 0 && o.Rank > 0 && o.Awarded < o.Entitled && (first == 0 || o.Rank < first) {
				unpaid[x.Territory] = o.Rank
			}
		}
		for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
			x := c.candidates[i]
			if first := unpaid[x.Territory]; x.Kept == 0 && first > 0 && o.Rank > first && o.Awarded > 0 {
				t.Fatalf("%s: place %d is paid, place %d was not in full", x.Territory, o.Rank, first)
			}
		}
		for territory, budget := range c.budget.Of {
			if last[territory].rank > 0 && given[territory]+left[territory] != budget {
				t.Fatalf("%s: %d are given and %d left of %d", territory, given[territory], left[territory], budget)
			}
		}
	})
}

func TestTheOrderOfTheApplicationsNeverMattersForACorrection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawCorrection(t)
		want := c.outcomes()
		c.candidates = rapid.Permutation(c.candidates).Draw(t, "order")
		for id, got := range c.outcomes() {
			if got != want[id] {
				t.Fatalf("%s: %+v, and in another order %+v", id, want[id], got)
			}
		}
	})
}

func TestWhatIsKeptTakesTheRestFromTheOthers(t *testing.T) {
	t.Parallel()
	candidates := []voucher.Candidate{candidate("A", 100_00, 0), candidate("B", 200_00, 0), candidate("C", 300_00, 0), candidate("D", 60_000_00, 0)}
	candidates[1].Kept, candidates[3].Kept = 250_00, 100_00
	got := voucher.Rank(edition(t, "2022-guida").Rules.Bands.Is, budgetOf(1000_00), candidates)
	want := []voucher.Outcome{
		{Rank: 1, Entitled: 600_00, Awarded: 600_00, Residual: 50_00},
		{Rank: 2, Decided: voucher.ByISEE, Entitled: 600_00, Awarded: 250_00, Residual: 50_00},
		{Rank: 3, Decided: voucher.ByISEE, Entitled: 600_00, Awarded: 50_00},
		{Ground: voucher.ISEEAboveLimit, Awarded: 100_00},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
}

// The digests of a run are taken over files that `portal rank voucher` reads.
func TestWhatIsFrozenIsAFileOfTheContract(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/voucher-applications.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	candidates, err := voucher.ReadApplications("in", f, 0)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := voucher.WriteApplications(&file, candidates, voucher.Run{}); err != nil {
		t.Fatal(err)
	}
	again, err := voucher.ReadApplications("again", &file, 0)
	if err != nil || !slices.Equal(again, candidates) {
		t.Errorf("other candidates are read: %v", err)
	}

	e := edition(t, "2022-guida")
	budget := e.Rules.Budget()
	budget.Closed = []string{"P.A. Trento"}
	if err := voucher.WriteEdition(&file, e.ID, e.Rules.Bands.Is, budget); err != nil {
		t.Fatal(err)
	}
	read, err := voucher.ReadEdition("edition", &file)
	if want := (voucher.BatchEdition{ID: e.ID, Bands: e.Rules.Bands.Is, Budget: budget}); err != nil || !reflect.DeepEqual(read, want) {
		t.Errorf("%+v %v", read, err)
	}
}
