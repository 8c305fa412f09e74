package voucher_test

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/voucher"
)

// The real budgets and the numbers that INPS published (testdata/README.md).
func TestTheRankingOf2022AcceptsAsManyAsWerePublished(t *testing.T) {
	t.Parallel()
	f, err := os.Open("testdata/territories.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 22 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	budget := voucher.Budget{Of: map[string]money.Amount{}}
	published := map[string]int{}
	var candidates []voucher.Candidate
	chance := rand.New(rand.NewPCG(2022, 83))
	for _, row := range rows[1:] {
		territory, euros := row[0], number(row[2])
		budget.Of[territory], published[territory] = money.Amount(euros)*money.Euro, number(row[3])
		for range published[territory] + 10 { // more in the first band than can be paid
			candidates = append(candidates, voucher.Candidate{
				ID: fmt.Sprintf("A%07d", len(candidates)), Territory: territory, ISEEStatus: voucher.ISEEValid,
				ISEE: money.Amount(chance.Int64N(15_000_01)), SubmittedAt: chance.Int64N(1e15),
			})
		}
	}
	accepted, all, partly := map[string]int{}, 0, 0
	for i, o := range voucher.Rank(edition(t, "2022-guida").Rules.Bands.Is, budget, candidates) {
		switch o.State() {
		case voucher.Awarded:
			accepted[candidates[i].Territory]++
			all++
		case voucher.PartiallyAwarded:
			partly++
		}
	}
	for territory, want := range published {
		if accepted[territory] != want {
			t.Errorf("%s: %d accepted, INPS published %d", territory, accepted[territory], want)
		}
	}
	if all != 41_657 || partly != 19 { // Campania and Friuli-Venezia Giulia came out even
		t.Errorf("%d accepted and %d in part, INPS published 41657", all, partly)
	}
}

func TestTheBandOfTheEditionGivesTheAmount(t *testing.T) {
	t.Parallel()
	const none = -1
	for _, c := range []struct{ isee, guide, decree money.Amount }{
		{14_999_99, 600_00, 600_00}, {15_000_00, 600_00, 400_00}, {25_000_00, 400_00, 400_00}, {25_000_01, 200_00, 400_00},
		{30_000_00, 200_00, 400_00}, {30_000_01, 200_00, 200_00}, {50_000_00, 200_00, 200_00}, {50_000_01, none, none},
	} {
		for id, want := range map[voucher.EditionID]money.Amount{"2022-guida": c.guide, "2022-decreto": c.decree} {
			got := voucher.Rank(edition(t, id).Rules.Bands.Is, budgetOf(1000_00), []voucher.Candidate{candidate("A", c.isee, 0)})[0]
			expect := voucher.Outcome{Rank: 1, Entitled: want, Awarded: want, Residual: 1000_00 - want}
			if want == none {
				expect = voucher.Outcome{Ground: voucher.ISEEAboveLimit}
			}
			if got != expect {
				t.Errorf("%s, ISEE %s: %+v", id, c.isee, got)
			}
		}
	}
}

// budgetOf is the budget of an edition whose only territory is Lazio.
func budgetOf(amount money.Amount) voucher.Budget {
	return voucher.Budget{Of: map[string]money.Amount{"Lazio": amount}}
}

func candidate(id string, isee money.Amount, submittedAt int64) voucher.Candidate {
	return voucher.Candidate{ID: id, Territory: "Lazio", ISEE: isee, ISEEStatus: voucher.ISEEValid, SubmittedAt: submittedAt}
}

func TestTheTerritoryIsJudgedFirstThenTheISEEThenTheBand(t *testing.T) {
	t.Parallel()
	budget := budgetOf(1000_00)
	budget.Of["Veneto"], budget.Closed = 1000_00, []string{"Veneto", "P.A. Trento"}
	const tooHigh = 50_000_01
	for _, c := range []struct {
		territory string
		status    voucher.ISEEStatus
		want      voucher.Ground
		state     voucher.ApplicationState
	}{
		{"Veneto", voucher.ISEEMissing, voucher.TerritoryClosed, voucher.Refused}, // though it has a budget
		{"P.A. Trento", voucher.ISEEValid, voucher.TerritoryClosed, voucher.Refused},
		{"Atlantide", voucher.ISEEDefective, voucher.TerritoryUnknown, voucher.Refused},
		{"", voucher.ISEEValid, voucher.TerritoryUnknown, voucher.Refused},
		{"Lazio", voucher.ISEEMissing, voucher.GroundISEEMissing, voucher.NotProcessable},
		{"Lazio", voucher.ISEEDefective, voucher.GroundISEEDefective, voucher.NotProcessable},
		{"Lazio", voucher.ISEEValid, voucher.ISEEAboveLimit, voucher.Refused},
	} {
		got := voucher.Rank(edition(t, "2022-guida").Rules.Bands.Is, budget,
			[]voucher.Candidate{{ID: "A", Territory: c.territory, ISEE: tooHigh, ISEEStatus: c.status}})[0]
		if want := (voucher.Outcome{Ground: c.want}); got != want || got.State() != c.state {
			t.Errorf("%s, ISEE %s: %+v, %s", c.territory, c.status, got, got.State())
		}
	}
}

func TestEveryOutcomeIsExplained(t *testing.T) {
	t.Parallel()
	candidates := []voucher.Candidate{
		candidate("D", 100_00, 7), candidate("C", 100_00, 7), candidate("B", 100_00, 6), candidate("A", 100_01, 1), candidate("E", 20_000_00, 0),
	}
	got := voucher.Rank(edition(t, "2022-guida").Rules.Bands.Is, budgetOf(2000_00), candidates)
	want := []voucher.Outcome{
		{Rank: 3, Decided: voucher.ByApplication, Entitled: 600_00, Awarded: 600_00, Residual: 200_00},
		{Rank: 2, Decided: voucher.BySubmission, Entitled: 600_00, Awarded: 600_00, Residual: 800_00},
		{Rank: 1, Entitled: 600_00, Awarded: 600_00, Residual: 1400_00},
		{Rank: 4, Decided: voucher.ByISEE, Entitled: 600_00, Awarded: 200_00},
		{Rank: 5, Decided: voucher.ByISEE, Entitled: 400_00},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v", got)
	}
	for i, state := range []voucher.ApplicationState{voucher.Awarded, voucher.Awarded, voucher.Awarded, voucher.PartiallyAwarded, voucher.Unfunded} {
		if got[i].State() != state {
			t.Errorf("%s is %s, want %s", candidates[i].ID, got[i].State(), state)
		}
	}
}

func TestNobodyIsRankedWhereNobodyAsked(t *testing.T) {
	t.Parallel()
	if got := voucher.Rank(nil, budgetOf(1), nil); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// contest is a ranking made up, with many ties and little money.
type contest struct {
	bands      []voucher.Band
	budget     voucher.Budget
	candidates []voucher.Candidate
}

func drawContest(t *rapid.T) contest {
	territory := rapid.SampledFrom([]string{"Lazio", "Molise", "Veneto", "P.A. Trento", "Atlantide"})
	status := rapid.SampledFrom([]voucher.ISEEStatus{voucher.ISEEValid, voucher.ISEEValid, voucher.ISEEValid, voucher.ISEEDefective, voucher.ISEEMissing})
	c := contest{
		bands:  []voucher.Band{{UpTo: 10, Amount: 60}, {UpTo: 20, Inclusive: true, Amount: 40}, {UpTo: 30, Amount: 20}},
		budget: voucher.Budget{Of: map[string]money.Amount{}, Closed: []string{"P.A. Trento"}},
	}
	for _, name := range []string{"Lazio", "Molise", "Veneto"} {
		c.budget.Of[name] = money.Amount(rapid.Int64Range(0, 500).Draw(t, name))
	}
	for i := range rapid.IntRange(0, 60).Draw(t, "candidates") {
		c.candidates = append(c.candidates, voucher.Candidate{
			ID: fmt.Sprint("A", i), Territory: territory.Draw(t, "territory"), ISEEStatus: status.Draw(t, "status"),
			ISEE: money.Amount(rapid.Int64Range(0, 32).Draw(t, "isee")), SubmittedAt: rapid.Int64Range(0, 3).Draw(t, "at"),
		})
	}
	return c
}

func (c contest) outcomes() map[string]voucher.Outcome {
	byID := map[string]voucher.Outcome{}
	for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
		byID[c.candidates[i].ID] = o
	}
	return byID
}

func TestTheOrderOfTheApplicationsNeverMatters(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawContest(t)
		want := c.outcomes()
		c.candidates = rapid.Permutation(c.candidates).Draw(t, "order")
		for id, got := range c.outcomes() {
			if got != want[id] {
				t.Fatalf("%s: %+v, and in another order %+v", id, want[id], got)
			}
		}
	})
}

func TestMoneyIsGivenDownTheRankingToTheLastCent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawContest(t)
		places := map[string][]voucher.Outcome{}
		for i, o := range voucher.Rank(c.bands, c.budget, c.candidates) {
			if o.Rank > 0 {
				places[c.candidates[i].Territory] = append(places[c.candidates[i].Territory], o)
			}
		}
		for territory, all := range places {
			slices.SortFunc(all, func(a, b voucher.Outcome) int { return a.Rank - b.Rank })
			left, inFull := c.budget.Of[territory], true
			for i, o := range all {
				if o.Rank != i+1 {
					t.Fatalf("%s: place %d is called %d", territory, i+1, o.Rank)
				}
				if left -= o.Awarded; left != o.Residual || left < 0 {
					t.Fatalf("%s: %d are left after place %d, which says %d", territory, left, o.Rank, o.Residual)
				}
				switch {
				case o.Awarded > o.Entitled:
					t.Fatalf("%s: place %d takes more than its due: %+v", territory, o.Rank, o)
				case !inFull && o.Awarded > 0:
					t.Fatalf("%s: place %d is paid after somebody who was not paid in full", territory, o.Rank)
				case o.Awarded < o.Entitled && left > 0:
					t.Fatalf("%s: place %d is not paid in full while %d are left", territory, o.Rank, left)
				}
				inFull = inFull && o.Awarded == o.Entitled
			}
		}
	})
}

func TestMoreMoneyLosesNobodyACent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := drawContest(t)
		before := c.outcomes()
		c.budget.Of["Lazio"] += money.Amount(rapid.Int64Range(1, 200).Draw(t, "more"))
		for id, after := range c.outcomes() {
			if after.Awarded < before[id].Awarded || after.Rank != before[id].Rank {
				t.Fatalf("%s had %+v and has %+v", id, before[id], after)
			}
		}
	})
}
