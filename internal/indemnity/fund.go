package indemnity

import (
	"math"

	"portal/internal/money"
	"portal/internal/ranking"
)

// Funding is what became of a place in the ranking.
type Funding string

// What becomes of places.
const (
	FundedWhole Funding = "funded"
	FundedPart  Funding = "partially_funded"
	NotFunded   Funding = "not_funded"
)

// fund lets the budget of a call go down the places (R55, A26, A27).
type fund struct {
	rules *RuleSet
	ranking.Fund
}

func newFund(r *RuleSet) fund {
	budget := money.Amount(math.MaxInt64)
	if r.Budget.Is != nil {
		budget = *r.Budget.Is
	}
	return fund{r, ranking.NewFund(budget, r.Readings.BudgetCut.Is)}
}

// pay pays the next place as far as there is money, and sets the debt off.
func (p *fund) pay(r *Result) {
	due := &r.Entitlement
	cost, net := due.Gross, p.rules.Readings.BudgetBasis.Is == Net
	if net {
		cost = due.Net
	}
	switch awarded := p.Award(cost); {
	case awarded == cost && !p.Spent():
		r.Funding, r.FundedGross, r.FundedNet = FundedWhole, due.Gross, due.Net
	case awarded == 0:
		r.Funding = NotFunded
		return
	case net:
		kept := money.Amount(whole - due.Rate) // not nothing, or the cost would have been
		r.Funding, r.FundedNet, r.FundedGross = FundedPart, awarded, (2*awarded*money.Amount(whole)+kept)/(2*kept)
	default:
		r.Funding, r.FundedGross, r.FundedNet = FundedPart, awarded, awarded-due.Rate.of(awarded)
	}
	r.SetOff = min(r.DebtLeft, r.FundedNet)
	r.Payable = r.FundedNet - r.SetOff
}

// recover takes back what a finding after payment shows was not due: the set-off is
// undone, and its debt is due again (R39, A31).
func (r *RuleSet) recover(f *Facts, result *Result) {
	if !f.FoundAfterPayment || result.Funding != FundedWhole && result.Funding != FundedPart {
		return
	}
	paid := result.FundedNet
	if r.Readings.RecoveryBasis.Is == Gross {
		paid = result.FundedGross
	}
	result.Recovery = paid - result.SetOff
	result.Revoked = true
}
