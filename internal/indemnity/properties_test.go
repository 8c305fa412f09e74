package indemnity_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/ranking"
)

// somewhere is a batch of so many applications that chance made, the same each time:
// most of them sound, of few members, with ties, debts, cycles, heirs and gaps.
func somewhere(seed uint64, n int) []indemnity.Facts {
	chance := rand.New(rand.NewPCG(seed, 2026))
	one := func(in int) bool { return chance.IntN(in) == 0 }
	all := make([]indemnity.Facts, n)
	for i := range all {
		last := day("2026-05-01").Add(chance.IntN(31))
		first := last.Add(-chance.IntN([]int{12, 40, 300}[chance.IntN(3)]))
		f := sound(called(fmt.Sprintf("A%04d", i), fmt.Sprintf("M%04d", chance.IntN(n))))
		switch {
		case one(8):
			var stops []string
			for d := first; !d.After(last); d = d.Add(2 + chance.IntN(9)) {
				stops = append(stops, d.String())
			}
			cycle(stops...)(&f)
		case one(10):
			ill(first.String(), last.String())(&f)
			heirs(last.Add(chance.IntN(20)).String())(&f)
		default:
			ill(first.String(), last.String())(&f)
			if cut := first.Add(chance.IntN(first.Until(last) + 1)); one(3) && cut.Add(1).Before(last) {
				f.Event.Certificates = nil
				certified(first.String(), cut.String())(&f)
				certified(cut.Add(1+chance.IntN(2)).String(), last.String())(&f)
			}
		}
		f.SubmittedAt = f.SubmittedAt.AddDate(0, 0, chance.IntN(9))
		f.EnrolledOn = day("2010-01-01").Add(chance.IntN(3))
		income(money.Amount(chance.IntN(45_000_00)))(&f)
		isee(money.Amount(chance.IntN(6)) * 10_000_00)(&f)
		f.Declarations.Exclusive, f.Declarations.OtherCover = !one(4), one(5)
		if one(5) {
			noISEE(&f)
		}
		if one(6) {
			owes(money.Amount(chance.IntN(2000_00)))(&f)
		}
		if one(9) {
			used(2026, chance.IntN(190))(&f)
		}
		if one(12) {
			born(first.Add(chance.IntN(100) - 50).String())(&f)
		}
		f.ActiveMember, f.FoundAfterPayment = !one(20), one(20)
		all[i] = f
	}
	return all
}

// seeds are the batches that the properties are tried on.
const seeds = 40

func forSomeBatches(t *testing.T, size int, try func(t *testing.T, call indemnity.Call, all []indemnity.Facts, chance *rand.Rand)) {
	t.Helper()
	for seed := range uint64(seeds) {
		chance := rand.New(rand.NewPCG(seed, 5))
		call := may(t)
		budget := money.Amount(chance.IntN(100_000_00))
		call.Rules.Budget.Is = &budget
		if chance.IntN(5) == 0 {
			call.Rules.Budget.Is = nil
		}
		call.Rules.Readings.BudgetCut.Is = []ranking.Cut{ranking.Stop, ranking.Partial, ranking.Skip}[chance.IntN(3)]
		call.Rules.Readings.BudgetBasis.Is = []indemnity.Basis{indemnity.Gross, indemnity.Net}[chance.IntN(2)]
		try(t, call, somewhere(seed, size), chance)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

func TestTheOrderOfTheFileNeverMatters(t *testing.T) {
	t.Parallel()
	forSomeBatches(t, 80, func(t *testing.T, call indemnity.Call, all []indemnity.Facts, chance *rand.Rand) {
		want, sum := indemnity.Examine(&call, calendar.Date{}, all)
		shuffled := slices.Clone(all)
		chance.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		got, again := indemnity.Examine(&call, calendar.Date{}, shuffled)
		byID := func(a, b indemnity.Result) int { return cmp.Compare(a.ID, b.ID) }
		slices.SortFunc(want, byID)
		slices.SortFunc(got, byID)
		if !reflect.DeepEqual(got, want) || !reflect.DeepEqual(again, sum) {
			t.Errorf("%+v\n%+v", again, sum)
		}
	})
}

func TestWhatIsFundedNeverExceedsTheBudget(t *testing.T) {
	t.Parallel()
	forSomeBatches(t, 80, func(t *testing.T, call indemnity.Call, all []indemnity.Facts, _ *rand.Rand) {
		results, sum := indemnity.Examine(&call, calendar.Date{}, all)
		gross, net := money.Amount(0), money.Amount(0)
		for _, r := range results {
			gross, net = gross+r.FundedGross, net+r.FundedNet
			if r.Payable < 0 || r.SetOff < 0 || r.Recovery < 0 || r.Payable+r.SetOff != r.FundedNet || r.FundedGross > r.Entitlement.Gross || r.SetOff > r.Debt {
				t.Errorf("%+v", r)
			}
		}
		wantIs(t, "summary", sum.FundedGross, gross)
		if call.Rules.Budget.Is == nil {
			wantIs(t, "all are funded", sum.Funded, sum.Ranked)
			return
		}
		spent := gross
		if call.Rules.Readings.BudgetBasis.Is == indemnity.Net {
			spent = net
		}
		wantIs(t, "what is left", *sum.Residual, *call.Rules.Budget.Is-spent)
		if *sum.Residual < 0 {
			t.Errorf("%s are left", *sum.Residual)
		}
	})
}

func TestNobodyLowerIsPaidBeforeSomebodyHigher(t *testing.T) {
	t.Parallel()
	forSomeBatches(t, 80, func(t *testing.T, call indemnity.Call, all []indemnity.Facts, _ *rand.Rand) {
		results, _ := indemnity.Examine(&call, calendar.Date{}, all)
		ranked := slices.DeleteFunc(results, func(r indemnity.Result) bool { return r.Rank == 0 })
		slices.SortFunc(ranked, func(a, b indemnity.Result) int { return cmp.Compare(a.Rank, b.Rank) })
		unpaid := money.Amount(-1) // the least that somebody higher was not paid
		for i, r := range ranked {
			wantIs(t, "rank", r.Rank, i+1)
			if i > 0 && r.Score.Total() > ranked[i-1].Score.Total() {
				t.Errorf("%d points come after %d", r.Score.Total(), ranked[i-1].Score.Total())
			}
			cost := r.Entitlement.Gross
			if call.Rules.Readings.BudgetBasis.Is == indemnity.Net {
				cost = r.Entitlement.Net
			}
			switch {
			case r.Funding != indemnity.FundedWhole && (unpaid < 0 || cost < unpaid):
				unpaid = cost
			case r.Funding != indemnity.FundedWhole || unpaid < 0:
			case call.Rules.Readings.BudgetCut.Is != ranking.Skip || cost >= unpaid:
				t.Errorf("%s is paid %s after somebody who was not paid %s", r.ID, cost, unpaid)
			}
		}
	})
}

func TestPresentingAnISEENeverLosesPlaces(t *testing.T) {
	t.Parallel()
	forSomeBatches(t, 60, func(t *testing.T, call indemnity.Call, all []indemnity.Facts, chance *rand.Rand) {
		before, _ := indemnity.Examine(&call, calendar.Date{}, all)
		for i := range all {
			if all[i].ISEE.Status != indemnity.ISEENotPresented || before[i].Rank == 0 {
				continue
			}
			presented := slices.Clone(all)
			presented[i].ISEE = indemnity.ISEE{Status: indemnity.ISEEValid, Given: true, Value: money.Amount(chance.IntN(90_000_00))}
			after, _ := indemnity.Examine(&call, calendar.Date{}, presented)
			if after[i].Rank > before[i].Rank {
				t.Errorf("%s with %s falls from %d to %d", all[i].ID, presented[i].ISEE.Value, before[i].Rank, after[i].Rank)
			}
		}
	})
}

func TestOneMoreRecognisedDayNeverLowersTheTotalOfALongEvent(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"clamp_scale_floor", "clamp_scale", "scale_clamp", "scale_round_clamp"} {
		call := wide(readAs(t, "SHORT_EVENT_METHOD="+method))
		chance := rand.New(rand.NewPCG(20, 21))
		for range 400 {
			first, length := day("2025-01-01").Add(chance.IntN(500)), 20+chance.IntN(400)
			shorter := sound(ill(first.String(), first.Add(length-1).String()), income(money.Amount(chance.IntN(50_000_00))))
			if chance.IntN(3) == 0 {
				used(2026, chance.IntN(180))(&shorter)
			}
			if chance.IntN(3) == 0 {
				born(first.Add(chance.IntN(length)).String())(&shorter)
			}
			longer := shorter
			longer.Event.To = longer.Event.To.Add(1)
			longer.Event.Certificates = nil
			certified(first.String(), longer.Event.To.String())(&longer)
			longer.SubmittedAt = shorter.SubmittedAt // the year of the income stays
			a, b := alone(t, call, shorter), alone(t, call, longer)
			if b.Entitlement.Gross < a.Entitlement.Gross || b.Duration != a.Duration+1 || b.Score.Duration < a.Score.Duration {
				t.Fatalf("%s: %d days are worth %s, and %d %s", method, a.Duration, a.Entitlement.Gross, b.Duration, b.Entitlement.Gross)
			}
		}
	}
}

// The walk goes from one change of reason to the next; counting day by day finds the
// same, whatever the readings are.
func TestTheWalkFindsWhatCountingDayByDayFinds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		chance := rand.New(rand.NewPCG(seed, 6))
		flip := func() bool { return chance.IntN(2) == 0 }
		call := wide(may(t))
		readings := &call.Rules.Readings
		readings.CapCountsExcludedDays.Is, readings.CycleExcludesFirstDays.Is = flip(), flip()
		if flip() {
			readings.CapAttribution.Is = indemnity.EventEndYear
		}
		all := somewhere(seed, 60)
		for i := range all {
			all[i].Applicant = fmt.Sprintf("M%d", i%12) // five applications of each member
		}
		results, _ := indemnity.Examine(&call, calendar.Date{}, all)
		for member := range 12 {
			want := countedByDay(&call, all, results, fmt.Sprintf("M%d", member))
			for i, days := range want {
				if got := results[i].Entitlement.Days; got != days {
					t.Fatalf("seed %d, %s: %d days are paid, and %d are counted", seed, all[i].ID, got, days)
				}
			}
		}
	}
}

// countedByDay is the paid days of the applications of a member, one day at a time, by
// their place in the batch. Which days are recognised is taken from the day line.
func countedByDay(call *indemnity.Call, all []indemnity.Facts, results []indemnity.Result, member string) map[int]int {
	readings := &call.Rules.Readings
	var own []int
	for i := range all {
		if all[i].Applicant == member {
			own = append(own, i)
		}
	}
	recognised := map[int][]calendar.Date{}
	for _, i := range own {
		x, _ := indemnity.Explain(call, calendar.Date{}, all[i])
		for _, s := range x.Line {
			if !slices.Contains([]indemnity.Why{indemnity.WhyPaid, indemnity.WhyFirstDays, indemnity.WhyInMaternity, indemnity.WhyCapReached}, s.Why) {
				continue
			}
			for d := s.From; !d.After(s.To); d = d.Add(1) {
				recognised[i] = append(recognised[i], d)
			}
		}
	}
	start := func(i int) calendar.Date {
		if len(recognised[i]) > 0 {
			return recognised[i][0]
		}
		return all[i].Event.From
	}
	slices.SortFunc(own, func(a, b int) int {
		return cmp.Or(start(a).Compare(start(b)), all[a].SubmittedAt.Compare(all[b].SubmittedAt), cmp.Compare(all[a].ID, all[b].ID))
	})
	taken, capped, counted := map[calendar.Date]bool{}, map[int]int{}, map[int]int{}
	for _, i := range own {
		f, first := &all[i], 6
		if f.Event.Kind == indemnity.TherapyCycle && !readings.CycleExcludesFirstDays.Is {
			first = 0
		}
		charged := map[int]int{}
		for n, d := range recognised[i] {
			year := d.Year
			if readings.CapAttribution.Is == indemnity.EventEndYear {
				year = recognised[i][len(recognised[i])-1].Year
			}
			earlier, _ := f.DaysUsed.Of(year)
			maternal := false
			if birth := f.Event.BirthOn; !birth.IsZero() {
				before, after := calendar.NewDate(birth.Year, birth.Month-2, birth.Day), calendar.NewDate(birth.Year, birth.Month+3, birth.Day)
				for before.Day != birth.Day && before.Day < 4 { // the month has no such day
					before = before.Add(-1)
				}
				for after.Day != birth.Day && after.Day < 4 {
					after = after.Add(-1)
				}
				maternal = !d.Before(before) && !d.After(after)
			}
			switch {
			case taken[d]:
			case n < first:
				if readings.CapCountsExcludedDays.Is {
					charged[year]++
				}
			case maternal:
			case earlier+capped[year]+charged[year] >= 180:
			default:
				charged[year]++
				counted[i]++
			}
		}
		counted[i] += 0 // also where no day is paid
		if o := results[i].Outcome; o == indemnity.OutcomeRanked || o == indemnity.OutcomePending {
			for _, d := range recognised[i] {
				taken[d] = true
			}
			for year, days := range charged {
				capped[year] += days
			}
		}
	}
	return counted
}

// What decides about money knows whole numbers only.
func TestNoNumberIsAFloat(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if n.Name == "float64" || n.Name == "float32" || n.Name == "ParseFloat" {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT {
					t.Errorf("%s: %s", set.Position(n.Pos()), n.Value)
				}
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "math" && !strings.HasPrefix(n.Sel.Name, "Max") {
					t.Errorf("%s: math.%s", set.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
}
