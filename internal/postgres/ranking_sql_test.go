package postgres_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// The real budgets and the numbers that INPS published, by way of the database.
func TestARunOf2022AcceptsAsManyAsWerePublished(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../voucher/testdata/territories.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) != 22 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	o := newRankingOffice(t)
	chance := rand.New(rand.NewPCG(2022, 83))
	published, all := map[string]int{}, []applicant{}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[3])
		if err != nil {
			t.Fatal(err)
		}
		published[row[0]] = n
		for range n + 10 { // more in the first band than can be paid
			all = append(all, applicant{territory: row[0], isee: money.Amount(chance.Int64N(15_000_01)), at: chance.Int64N(1e12)})
		}
	}
	o.apply(all...)
	run := o.simulate("")
	for _, got := range run.Territories {
		if got.Awarded != published[got.Name] || got.Awarded+got.Partial+got.Unfunded != got.Awarded+10 || got.AwardedAmount+got.Residual != got.Budget {
			t.Errorf("INPS published %d: %+v", published[got.Name], got)
		}
	}
	total := run.Total()
	if total.Awarded != 41_657 || total.Partial != 19 || run.Candidates != len(all) || run.Disagreements != 0 || run.CheckedAt.IsZero() {
		t.Errorf("%+v, checked at %s with %d disagreements", total, run.CheckedAt, run.Disagreements)
	}
}

// TestTwoRankersAgree has editions and applications made up, first rankings and
// corrections, with many ties and little money.
func TestTwoRankersAgreeToTheCent(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	editions := 0
	rapid.Check(t, func(t *rapid.T) {
		editions++
		o.edition = voucher.EditionID(fmt.Sprint("prova-", editions))
		rules := o.rules()
		rules.Bands.Is = []voucher.Band{{UpTo: 10, Amount: 60}, {UpTo: 20, Inclusive: true, Amount: 40}, {UpTo: 30, Amount: 20}}
		rules.Closed.Is = []string{"P.A. Trento"}
		of := map[string]money.Amount{}
		for _, name := range []string{"Lazio", "Molise", "Veneto"} {
			of[name] = money.Amount(rapid.Int64Range(0, 500).Draw(t, name))
		}
		correction := rapid.Bool().Draw(t, "correction")
		territory := rapid.SampledFrom([]string{"Lazio", "Molise", "Veneto", "P.A. Trento", "Atlantide"})
		status := rapid.SampledFrom([]voucher.ISEEStatus{voucher.ISEEValid, voucher.ISEEValid, voucher.ISEEValid, voucher.ISEEDefective, voucher.ISEEMissing})
		var all []applicant
		left := maps.Clone(of)
		for range rapid.IntRange(0, 40).Draw(t, "applicants") {
			a := applicant{territory: territory.Draw(t, "territory"), status: status.Draw(t, "status"),
				isee: money.Amount(rapid.Int64Range(0, 32).Draw(t, "isee")), at: rapid.Int64Range(0, 3).Draw(t, "at")}
			if correction && rapid.IntRange(0, 2).Draw(t, "holds a voucher") == 0 {
				a.kept = min(money.Amount(rapid.SampledFrom([]int64{5, 20, 40, 60}).Draw(t, "kept")), left[a.territory])
				left[a.territory] -= a.kept
			}
			all = append(all, a)
		}
		rules.Tranches = rules.Tranches[:1]
		rules.Tranches[0].Is.Of = of
		o.ship(voucher.Edition{ID: o.edition, ApplicationYear: 2022, FundYear: 2022, Rules: rules})
		o.apply(all...)
		var corrects voucher.RunID
		if correction {
			corrects = o.publishedBefore()
		}
		run := o.simulate(corrects)
		if run.Disagreements != 0 {
			doubts, err := o.service.Doubts(o.Context(), run.ID)
			t.Fatalf("%d disagreements: %+v %v", run.Disagreements, doubts, err)
		}
		given := map[string]money.Amount{}
		for _, e := range o.entries(run) {
			given[e.Territory] += e.Awarded
		}
		for _, got := range run.Territories {
			if given[got.Name] != got.AwardedAmount || got.AwardedAmount+got.Residual != got.Budget || got.Budget != of[got.Name] {
				t.Fatalf("%d are given: %+v", given[got.Name], got)
			}
		}
	})
}

func TestTheSecondRankerFindsARowThatSomebodyAltered(t *testing.T) {
	t.Parallel()
	for what, alter := range map[string]string{
		"ground":         `CASE WHEN rank = 4 THEN 'ISEE_DEFECTIVE' ELSE ground END, nullif(rank, 4), decided, entitled_cents, awarded_cents, residual_cents`,
		"rank":           `ground, CASE rank WHEN 4 THEN 5 ELSE rank END, decided, entitled_cents, awarded_cents, residual_cents`,
		"decided":        `ground, rank, CASE rank WHEN 4 THEN 'submitted_at' ELSE decided END, entitled_cents, awarded_cents, residual_cents`,
		"entitled_cents": `ground, rank, decided, CASE rank WHEN 4 THEN entitled_cents + 1 ELSE entitled_cents END, awarded_cents, residual_cents`,
		"awarded_cents":  `ground, rank, decided, entitled_cents, CASE rank WHEN 4 THEN 1 ELSE awarded_cents END, residual_cents`,
		"residual_cents": `ground, rank, decided, entitled_cents, awarded_cents, CASE rank WHEN 4 THEN 1 ELSE residual_cents END`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newRankingOffice(t)
			o.lazio()
			honest := o.simulate("")
			forged := uuid.NewString()
			for _, sql := range []string{
				`INSERT INTO ranking_runs (id, edition_id, edition_version, number, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest, result_digest)
					SELECT $2, edition_id, edition_version, 2, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest, result_digest FROM ranking_runs WHERE id = $1`,
				`INSERT INTO ranking_territories SELECT $2, territory, closed, budget_cents, candidates, eligible, awarded, partial, kept, unfunded, refused, not_processable, awarded_cents, residual_cents, last_funded_rank, last_funded_isee FROM ranking_territories WHERE run_id = $1`,
				`INSERT INTO ranking_entries (run_id, application_id, territory, isee_cents, isee_status, submitted_at, kept_cents, ground, rank, decided, entitled_cents, awarded_cents, residual_cents)
					SELECT $2, application_id, territory, isee_cents, isee_status, submitted_at, kept_cents, ` + alter + ` FROM ranking_entries WHERE run_id = $1`,
			} {
				if err := o.exec(sql, string(honest.ID), forged); err != nil {
					t.Fatal(err)
				}
			}
			id := voucher.RunID(forged)
			if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), id); !errors.Is(err, voucher.ErrNotChecked) {
				t.Errorf("before the second ranker: %v", err)
			}
			if err := o.service.Check(t.Context(), o.officer, once.Form{}, id); err != nil {
				t.Fatal(err)
			}
			if run := o.run(id); run.Disagreements != 1 {
				t.Errorf("%d disagreements", run.Disagreements)
			}
			doubts, err := o.service.Doubts(t.Context(), id)
			if err != nil || len(doubts) != 1 || doubts[0].Territory != "Lazio" || doubts[0].Second.Rank != 4 || doubts[0].First == doubts[0].Second || doubts[0].Protocol == "" {
				t.Errorf("%+v %v", doubts, err)
			}
			if err := o.service.Propose(t.Context(), o.officer, o.form(o.officer), id); !errors.Is(err, voucher.ErrDisagreement) {
				t.Errorf("proposed: %v", err)
			}
			if err := o.exec(`UPDATE ranking_runs SET state = 'proposed', proposed_by = simulated_by, proposed_at = now() WHERE id = $1`, forged); brokenBy(err) != "only_what_two_rankers_agree_on_is_proposed" {
				t.Errorf("the database takes it: %v", err)
			}
		})
	}
}
