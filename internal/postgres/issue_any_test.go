package postgres_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

// drawn is an edition with its applications, and how many territories are issued
// before the portal is switched off.
type drawn struct {
	bands  []voucher.Band
	budget map[string]money.Amount
	all    []applied
	cut    int
}

var anyEdition = rapid.Custom(func(t *rapid.T) (d drawn) {
	territories := []string{"Lazio", "Umbria", "Molise"}
	d.budget = map[string]money.Amount{}
	for _, name := range territories {
		d.budget[name] = money.Amount(rapid.Int64Range(0, 3_000_00).Draw(t, "budget of "+name))
	}
	var upTo money.Amount
	for range rapid.IntRange(1, 3).Draw(t, "bands") {
		upTo += money.Amount(rapid.Int64Range(1, 20_000_00).Draw(t, "wide"))
		d.bands = append(d.bands, voucher.Band{UpTo: upTo, Inclusive: rapid.Bool().Draw(t, "closed"), Amount: money.Amount(rapid.Int64Range(1, 900_00).Draw(t, "amount"))})
	}
	for range rapid.IntRange(0, 14).Draw(t, "applications") {
		d.all = append(d.all, applied{rapid.SampledFrom(territories).Draw(t, "territory"), money.Amount(rapid.Int64Range(-1, 40_000_00).Draw(t, "isee"))})
	}
	d.cut = rapid.IntRange(0, 4).Draw(t, "territories before the cut")
	return d
})

// In every edition that may be, cut off wherever it may be: what is awarded and what
// is left is the budget of each territory, and the vouchers are what is awarded.
func TestInAnyEditionTheVouchersAreTheAwards(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 25 {
		d := anyEdition.Example(i)
		o.release(voucher.EditionID(fmt.Sprint("e", i)), d.bands, d.budget)
		o.apply(d.all...)
		id := o.approved(voucher.Simulation{Edition: o.edition.ID})
		o.order(id)
		o.issueAndPullThePlug(d.cut)
		o.issue()

		run := o.run(id)
		if run.State != voucher.PublishedRun {
			t.Fatalf("%+v: the run is %s", d, run.State)
		}
		for _, r := range run.Territories {
			if r.AwardedAmount+r.Residual != d.budget[r.Name] {
				t.Errorf("%+v: %s: %s and %s are not %s", d, r.Name, r.AwardedAmount, r.Residual, d.budget[r.Name])
			}
			want := fmt.Sprint(r.Awarded+r.Partial, " ", int64(r.AwardedAmount))
			if got := o.lines(`SELECT concat_ws(' ', count(*), coalesce(sum(v.awarded_cents), 0)) FROM vouchers v JOIN applications a ON a.id = v.application_id
				WHERE a.run_id = $1 AND v.territory = $2`, string(id), r.Name); got[0] != want {
				t.Errorf("%+v: %s: vouchers %s, awards %s", d, r.Name, got[0], want)
			}
		}
		if got := o.lines(`SELECT count(*)::text FROM applications WHERE edition_id = $1 AND state <> 'in_review'`, string(o.edition.ID)); got[0] != fmt.Sprint(len(d.all)) {
			t.Errorf("%+v: %s of %d decided", d, got[0], len(d.all))
		}
	}
	o.wants(`SELECT concat_ws(' ', count(*) - count(DISTINCT code_index), count(*) - count(DISTINCT application_id)) FROM vouchers`, "0 0")
	o.whole()
}

// issueAndPullThePlug issues so many territories, and is cut off in the middle of the
// next.
func (o *office) issueAndPullThePlug(territories int) {
	o.Helper()
	ctx, cut := context.WithCancel(o.Context())
	defer cut()
	for i := 0; ; i++ {
		more, err := postgres.NewRankings(o.pool).IssueNext(ctx, o.now, func(issue voucher.Issue) (voucher.Issued, error) {
			if i == territories {
				cut()
			}
			return granted(issue)
		})
		if err != nil || !more {
			return
		}
	}
}

// granted makes the vouchers of an issue as the service does.
func granted(issue voucher.Issue) (all voucher.Issued, err error) {
	for _, a := range issue.Awards {
		code, err := voucher.NewCode(rand.Reader)
		if err != nil {
			return all, err
		}
		v := voucher.Voucher{ID: voucher.NewID(), Application: a.Application, Beneficiary: a.Beneficiary, Territory: issue.Territory, Awarded: a.Amount,
			Terms: issue.Edition.Rules.Terms(issue.Day, issue.Round, issue.Territory), Round: issue.Round}
		all.Grants = append(all.Grants, voucher.Grant{Voucher: v, Index: keys.Index(code), Sealed: keys.Seal(code, v.ID)})
	}
	return all, nil
}
