package payment

import (
	"math/big"
	"time"

	"portal/internal/identity"
	"portal/internal/money"
)

// Parts is what an amount for the indemnity is made of: it is what is left of the gross
// one (R15, A25).
type Parts struct {
	Gross       money.Amount
	Withholding money.Amount // tax
	SetOff      money.Amount // debts towards the body
}

// Net is what is paid.
func (p Parts) Net() money.Amount { return p.Gross - p.Withholding - p.SetOff }

// Plus is both together.
func (p Parts) Plus(q Parts) Parts {
	return Parts{p.Gross + q.Gross, p.Withholding + q.Withholding, p.SetOff + q.SetOff}
}

func (p Parts) minus(q Parts) Parts {
	return Parts{p.Gross - q.Gross, p.Withholding - q.Withholding, p.SetOff - q.SetOff}
}

// Split shares an amount out by fractions, to the cent: each gets their part of it, cut
// off, of what those before them and they have together, less what those before have. So
// nobody is a whole cent away from their part, and where the fractions make the whole, what
// all get is the amount.
func Split(amount money.Amount, fractions []*big.Rat) []money.Amount {
	all := make([]money.Amount, len(fractions))
	total, sum, before := big.NewInt(int64(amount)), new(big.Rat), new(big.Int)
	for i, f := range fractions {
		sum.Add(sum, f)
		upTo := new(big.Int).Mul(total, sum.Num())
		upTo.Div(upTo, sum.Denom())
		all[i] = money.Amount(new(big.Int).Sub(upTo, before).Int64())
		before = upTo
	}
	return all
}

// Owing is an application with a place that is worth money, and what was paid of it.
type Owing struct {
	Share  // of the whole place
	Payees []Payee
	// Gone is what is in live payments to who is not among the payees any more: to a
	// member who has died since, who keeps what they were paid.
	Gone Parts
	// Hold keeps all of it, "" for nothing.
	Hold Hold
}

// Payee is who is paid for an application: the member, or each of their heirs by a
// fraction.
type Payee struct {
	Person  identity.PersonID // "" for an heir whom the portal does not know yet
	Name    string
	Heir    string // "" for the member
	Part    int    // of Whole
	Whole   int
	Live    Parts // in live payments to them
	Account CaseAccount
	Repairs int64 // the line to them that came back last, 0 for none
}

// Owed is what a payee is to be paid of an application.
type Owed struct {
	Payee Payee
	Parts
	Hold Hold // "" is payable now
}

// Owed is what is left to pay of an application at an instant, to whom. What was paid to others before is
// not shared out again, and nobody gives back what they have. Where that does not come to
// what is left of the place, it is held for somebody to look at.
func (o Owing) Owed(now time.Time) (all []Owed) {
	fractions, left, whole := make([]*big.Rat, len(o.Payees)), o.Parts.minus(o.Gone), new(big.Rat)
	for i, p := range o.Payees {
		fractions[i] = big.NewRat(int64(p.Part), int64(p.Whole))
		whole.Add(whole, fractions[i])
		left = left.minus(p.Live)
	}
	hold := o.Hold
	if hold == "" && whole.Cmp(big.NewRat(1, 1)) != 0 {
		hold = HeldByHeirs
	}
	base := o.Parts.minus(o.Gone)
	net, tax, debts := Split(base.Net(), fractions), Split(base.Withholding, fractions), Split(base.SetOff, fractions)
	sum := money.Amount(0)
	for i, p := range o.Payees {
		due := Parts{net[i] + tax[i] + debts[i], tax[i], debts[i]}.minus(p.Live)
		if due.Net() > 0 {
			all = append(all, Owed{p, due, hold})
			sum += due.Net()
		}
	}
	for i := range all {
		switch {
		case all[i].Hold != "":
		case sum != left.Net():
			all[i].Hold = HeldByLedger
		default:
			all[i].Hold = all[i].Payee.Account.Hold(now)
		}
	}
	return all
}
