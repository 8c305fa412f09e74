package payment

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"portal/internal/identity"
	"portal/internal/money"
)

// someHeirs are so many heirs with fractions by chance that make the whole, each with a
// good account.
func someHeirs(chance *rand.Rand, n int) (all []Payee) {
	whole := n
	parts := make([]int, n)
	for i := range parts {
		parts[i] = 1
	}
	for range chance.IntN(9000) {
		parts[chance.IntN(n)]++
		whole++
	}
	for i := range parts {
		all = append(all, Payee{Person: identity.PersonID(fmt.Sprint(i)), Heir: fmt.Sprint(i), Part: parts[i], Whole: whole, Account: CaseAccount{State: Verified}})
	}
	return all
}

func TestSharesOfHeirsMakeTheAmountToTheCent(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(22, 5))
	for range 3000 {
		gross := money.Amount(1 + chance.IntN(18_000_00))
		tax := money.Amount(chance.IntN(int(gross)/4 + 1))
		debts := money.Amount(chance.IntN(int(gross-tax) + 1))
		o := Owing{Share: Share{Application: "a", Parts: Parts{gross, tax, debts}}, Payees: someHeirs(chance, 1+chance.IntN(20))}
		var sum Parts
		for _, due := range o.Owed(time.Time{}) {
			exact := new(big.Rat).Mul(big.NewRat(int64(o.Net()), 1), big.NewRat(int64(due.Payee.Part), int64(due.Payee.Whole)))
			off := exact.Sub(exact, big.NewRat(int64(due.Net()), 1))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 || due.Hold != "" || due.Net() <= 0 {
				t.Fatalf("%d cents of %d for %d/%d, held %q", due.Net(), o.Net(), due.Payee.Part, due.Payee.Whole, due.Hold)
			}
			sum = sum.Plus(due.Parts)
		}
		if sum.Net() != o.Net() {
			t.Fatalf("%d cents of %d", sum.Net(), o.Net())
		}
	}
}

// Whatever some of the heirs were paid before, all of them come to what is owed, also after
// a correction; what a member was paid before they died stays with them.
func TestWhatIsLeftIsSharedWhateverWasPaidBefore(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(22, 6))
	for range 2000 {
		of := Parts{Gross: 1000_00, Withholding: 200_00}
		o := Owing{Share: Share{Application: "a", Parts: of}, Payees: someHeirs(chance, 2+chance.IntN(6))}
		if chance.IntN(2) == 0 {
			o.Gone = Parts{Gross: money.Amount(chance.IntN(500_00))}
		}
		for _, due := range o.Owed(time.Time{}) {
			for i := range o.Payees {
				if o.Payees[i].Heir == due.Payee.Heir && chance.IntN(2) == 0 {
					o.Payees[i].Live = due.Parts
				}
			}
		}
		o.Gross += money.Amount(chance.IntN(100_00)) // a correction
		sum := o.Gone
		for _, p := range o.Payees {
			sum = sum.Plus(p.Live)
		}
		for _, due := range o.Owed(time.Time{}) {
			if due.Hold != "" {
				t.Fatalf("held as %s", due.Hold)
			}
			sum = sum.Plus(due.Parts)
		}
		if sum.Net() != o.Net() {
			t.Fatalf("%d of %d", sum.Net(), o.Net())
		}
	}
}

func TestWhatDoesNotAddUpWaitsForSomebody(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	good := CaseAccount{State: Verified}
	of := Share{Application: "a", Parts: Parts{Gross: 100_00}}
	for name, c := range map[string]struct {
		owing Owing
		hold  Hold
	}{
		"a share is missing":             {Owing{Share: of, Payees: []Payee{{Heir: "1", Part: 1, Whole: 2, Account: good}}}, HeldByHeirs},
		"a decision waits":               {Owing{Share: of, Hold: HeldByDecision, Payees: []Payee{{Part: 1, Whole: 1, Account: good}}}, HeldByDecision},
		"somebody has more than is due":  {Owing{Share: of, Payees: []Payee{{Heir: "1", Part: 1, Whole: 2, Live: Parts{Gross: 80_00}}, {Heir: "2", Part: 1, Whole: 2, Account: good}}}, HeldByLedger},
		"there is no account":            {Owing{Share: of, Payees: []Payee{{Part: 1, Whole: 1}}}, HeldNoAccount},
		"the account is to be verified":  {Owing{Share: of, Payees: []Payee{{Part: 1, Whole: 1, Account: CaseAccount{State: ToVerify}}}}, HeldToVerify},
		"the account was refused":        {Owing{Share: of, Payees: []Payee{{Part: 1, Whole: 1, Account: CaseAccount{State: Rejected}}}}, HeldNoAccount},
		"the account was given just now": {Owing{Share: of, Payees: []Payee{{Part: 1, Whole: 1, Account: CaseAccount{State: Verified, UsableFrom: now.Add(1)}}}}, HeldTooNew},
	} {
		all := c.owing.Owed(now)
		if len(all) != 1 || all[0].Hold != c.hold {
			t.Errorf("%s: %+v", name, all)
		}
	}
	if all := (Owing{Share: of, Payees: []Payee{{Part: 1, Whole: 1, Live: of.Parts}}}).Owed(now); len(all) != 0 {
		t.Errorf("paid, and still owed %+v", all)
	}
}
