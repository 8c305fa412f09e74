package voucher_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/voucher"
)

// counted is a territory with so many applications, eligible and awarded.
func counted(name string, applications, eligible, awarded int) voucher.TerritoryResult {
	return voucher.TerritoryResult{Name: name, Candidates: applications, Eligible: eligible, Awarded: awarded}
}

func TestLargeTerritoriesAreShownWhole(t *testing.T) {
	t.Parallel()
	run := voucher.Run{Territories: []voucher.TerritoryResult{counted("Lazio", 400, 380, 100), counted("Umbria", 90, 80, 20), counted("Trento", 0, 0, 0)}}
	whole := voucher.Shown{Applications: true, Eligible: true, Awarded: true}
	for _, r := range run.Territories {
		if s := r.Shown(5); s != whole {
			t.Errorf("%s: %+v", r.Name, s)
		}
	}
	if s := run.ShownSum(5); s != whole {
		t.Errorf("the sum: %+v", s)
	}
}

func TestASmallCountIsHiddenWithWhatWouldTellIt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		of   voucher.TerritoryResult
		want voucher.Shown
	}{
		{"three got it", counted("Molise", 60, 50, 3), voucher.Shown{Applications: true, Eligible: true}},
		{"two were refused", counted("Molise", 60, 58, 20), voucher.Shown{Applications: true, Awarded: true}},
		{"all but one got it", counted("Molise", 60, 60, 59), voucher.Shown{Applications: true, Eligible: true}},
		{"four applied", counted("Molise", 4, 4, 0), voucher.Shown{}},
		{"nobody got it", counted("Molise", 60, 50, 0), voucher.Shown{Applications: true, Eligible: true, Awarded: true}},
	} {
		run := voucher.Run{Territories: []voucher.TerritoryResult{counted("Lazio", 400, 380, 100), c.of, counted("Umbria", 90, 80, 20)}}
		if got := c.of.Shown(5); got != c.want {
			t.Errorf("%s: %+v", c.what, got)
		}
		if got := run.ShownSum(5); got != c.want {
			t.Errorf("%s: the sum tells %+v", c.what, got)
		}
	}
}

// An attacker reads all that is published and knows the rule. For each count of
// people that is small, what they read leaves more than one answer.
func TestNobodyComputesAHiddenCount(t *testing.T) {
	t.Parallel()
	const smallest, most = 3, 5
	rapid.Check(t, func(t *rapid.T) {
		var all []voucher.TerritoryResult
		for i := range rapid.IntRange(2, 3).Draw(t, "territories") {
			applications := rapid.IntRange(0, most).Draw(t, "applications")
			eligible := rapid.IntRange(0, applications).Draw(t, "eligible")
			all = append(all, counted(fmt.Sprint(i), applications, eligible, rapid.IntRange(0, eligible).Draw(t, "awarded")))
		}
		run := voucher.Run{Territories: all}
		each, italy := make([]voucher.Shown, len(all)), run.ShownSum(smallest)
		for i, r := range all {
			each[i] = r.Shown(smallest)
		}
		answers := worlds(all, each, italy, smallest, most)
		for i, r := range all {
			for name, count := range people {
				n := count(r)
				if n == 0 || n >= smallest {
					continue
				}
				if !slices.ContainsFunc(answers, func(w []voucher.TerritoryResult) bool { return count(w[i]) != n }) {
					t.Fatalf("%s of %d are known to be %d:\n%+v\n%+v\n%+v", name, i, n, all, each, italy)
				}
			}
		}
	})
}

// people are the groups that a count of a territory is made of.
var people = map[string]func(voucher.TerritoryResult) int{
	"awarded":  func(r voucher.TerritoryResult) int { return r.Awarded },
	"waiting":  func(r voucher.TerritoryResult) int { return r.Eligible - r.Awarded },
	"excluded": func(r voucher.TerritoryResult) int { return r.Candidates - r.Eligible },
}

// worlds are the results that look, published, as these do: a hidden figure that is
// small says that it is.
func worlds(all []voucher.TerritoryResult, each []voucher.Shown, italy voucher.Shown, smallest, most int) [][]voucher.TerritoryResult {
	small := func(n int) bool { return n > 0 && n < smallest }
	alike := func(shown bool, a, b int) bool { return shown && a == b || !shown && small(a) == small(b) }
	ways := make([][]voucher.TerritoryResult, len(all))
	for i, r := range all {
		for c := range most + 1 {
			for e := range c + 1 {
				for a := range e + 1 {
					if alike(each[i].Applications, c, r.Candidates) && alike(each[i].Eligible, e, r.Eligible) && alike(each[i].Awarded, a, r.Awarded) {
						ways[i] = append(ways[i], counted(r.Name, c, e, a))
					}
				}
			}
		}
	}
	sum := voucher.Run{Territories: all}.Total()
	var found [][]voucher.TerritoryResult
	var choose func(chosen []voucher.TerritoryResult)
	choose = func(chosen []voucher.TerritoryResult) {
		if len(found) > 5_000 {
			return
		}
		if i := len(chosen); i < len(all) {
			for _, w := range ways[i] {
				choose(append(slices.Clone(chosen), w))
			}
			return
		}
		got := voucher.Run{Territories: chosen}.Total()
		if (!italy.Applications || got.Candidates == sum.Candidates) && (!italy.Eligible || got.Eligible == sum.Eligible) && (!italy.Awarded || got.Awarded == sum.Awarded) {
			found = append(found, chosen)
		}
	}
	choose(nil)
	return found
}
