package ranking_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	"portal/internal/money"
	"portal/internal/ranking"
)

type runner struct {
	name       string
	time, born int
}

var (
	byTime  = ranking.Criterion[runner]{Name: "time", Compare: func(a, b runner) int { return cmp.Compare(a.time, b.time) }}
	byBirth = ranking.Criterion[runner]{Name: "born", Compare: func(a, b runner) int { return cmp.Compare(a.born, b.born) }}
)

func TestEachPlaceSaysWhichCriterionDecidedIt(t *testing.T) {
	t.Parallel()
	want := []ranking.Place[runner]{
		{runner{"Ada", 50, 1990}, 1, ""},
		{runner{"Bea", 50, 1991}, 2, "born"},
		{runner{"Cleo", 51, 1960}, 3, "time"},
		{runner{"Cleo", 51, 1960}, 4, ""}, // nothing breaks the tie
	}
	entries := make([]runner, len(want))
	for i, p := range want {
		entries[i] = p.Entry
	}
	for range 50 { // in whatever order they came
		rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		if got := slices.Collect(ranking.Rank(entries, byTime, byBirth)); !slices.Equal(got, want) {
			t.Fatalf("got %v", got)
		}
	}
}

func TestTheFirstPlacesAloneMayBeAsked(t *testing.T) {
	t.Parallel()
	for p := range ranking.Rank([]runner{{"Bea", 51, 0}, {"Ada", 50, 0}}, byTime) {
		if p.Entry.name != "Ada" {
			t.Errorf("first is %s", p.Entry.name)
		}
		break
	}
}

func TestTheFirstWhoCannotBePaidTakesWhatIsLeftAndNobodyAfter(t *testing.T) {
	t.Parallel()
	type amounts []money.Amount
	for _, c := range []struct {
		name              string
		budget            money.Amount
		entitled, awarded amounts
		residual          money.Amount
	}{
		{"enough for all", 1000, amounts{600, 200}, amounts{600, 200}, 200},
		{"just enough", 800, amounts{600, 200}, amounts{600, 200}, 0},
		{"a part for the second", 700, amounts{600, 200, 100}, amounts{600, 100, 0}, 0},
		{"nothing left for the second", 600, amounts{600, 200}, amounts{600, 0}, 0},
		{"a cent", 1, amounts{600, 1}, amounts{1, 0}, 0},
		{"no money", 0, amounts{600, 200}, amounts{0, 0}, 0},
		{"less than none", -5, amounts{600}, amounts{0}, 0},
	} {
		f := ranking.NewFund(c.budget, ranking.Partial)
		for i, entitled := range c.entitled {
			if got := f.Award(entitled); got != c.awarded[i] {
				t.Errorf("%s: place %d is awarded %d, want %d", c.name, i+1, got, c.awarded[i])
			}
		}
		if f.Residual() != c.residual {
			t.Errorf("%s: %d are left, want %d", c.name, f.Residual(), c.residual)
		}
	}
}

func TestWhereTheMoneyEndsTheCutDecides(t *testing.T) {
	t.Parallel()
	type amounts []money.Amount
	for _, c := range []struct {
		cut      ranking.Cut
		awarded  amounts
		residual money.Amount
	}{
		{ranking.Partial, amounts{600, 100, 0, 0}, 0},
		{ranking.Stop, amounts{600, 0, 0, 0}, 100},
		{ranking.Skip, amounts{600, 0, 100, 0}, 0},
	} {
		f := ranking.NewFund(700, c.cut)
		for i, entitled := range (amounts{600, 200, 100, 50}) {
			if got := f.Award(entitled); got != c.awarded[i] {
				t.Errorf("%s: place %d is awarded %d, want %d", c.cut, i+1, got, c.awarded[i])
			}
		}
		if f.Residual() != c.residual {
			t.Errorf("%s: %d are left, want %d", c.cut, f.Residual(), c.residual)
		}
	}
}
