package indemnity

import (
	"math/bits"

	"portal/internal/money"
)

// Entitlement is what an application is worth (art. 4). It is reckoned for each of them,
// and due where the outcome is ranked.
type Entitlement struct {
	Days            int         // compensable ones (giornate indennizzabili)
	ByYear          Yearly[int] // in their calendar years
	IncomeYear      int
	Income          money.Amount // of that year; may be negative
	IncomeKnown     bool
	FullDaily       money.Amount // rounded and within the limits
	Daily           money.Amount // for the length of the event
	BeforeReduction money.Amount
	Reduction       money.Amount // for another mandatory cover
	Gross           money.Amount
	Rate            Rate // of the withholding
	Withholding     money.Amount
	Net             money.Amount
}

// entitlement reckons what so many paid days are worth.
func (r *RuleSet) entitlement(f *Facts, sentIn int, duration int, w walked) Entitlement {
	e := Entitlement{Days: w.paid, ByYear: w.byYear, IncomeYear: sentIn - r.Readings.IncomeYearOffset.Is, Rate: r.Readings.Withholding.Is}
	e.Income, e.IncomeKnown = f.Incomes.Of(e.IncomeYear) // none is the minimum (A46)
	e.FullDaily, e.Daily = r.daily(e.Income, duration)
	e.BeforeReduction = e.Daily * money.Amount(e.Days)
	if f.Declarations.OtherCover {
		e.Reduction = r.OtherCoverRate.Is.of(e.BeforeReduction) // A52
	}
	e.Gross = e.BeforeReduction - e.Reduction
	if f.Withholding != nil { // A25
		e.Rate = *f.Withholding
	}
	e.Withholding = e.Rate.of(e.Gross)
	e.Net = e.Gross - e.Withholding
	return e
}

// daily is the daily allowance for an income: as art. 4 determines it, and as an event
// of a duration is paid (R43–R46, A1).
func (r *RuleSet) daily(income money.Amount, duration int) (full, paid money.Amount) {
	limits, rounded := r.DailyLimits.Is, r.roundedUp(income, whole)
	full = limits.clamp(rounded)
	if duration > r.ShortDays.Is {
		return full, full
	}
	switch r.Readings.ShortEventMethod.Is {
	case ClampScaleFloor:
		return full, limits.clamp(r.ShortRate.Is.of(full))
	case ClampScale:
		return full, r.ShortRate.Is.of(full)
	case ScaleClamp:
		return full, limits.clamp(r.ShortRate.Is.of(rounded))
	default:
		return full, limits.clamp(r.roundedUp(income, r.ShortRate.Is))
	}
}

// roundedUp is a part of 1/365 of an income, up to the next multiple of 5 euro. The
// quotient is exact: 9125.01 / 365 is over 25 euro, however little (A3).
func (r *RuleSet) roundedUp(income money.Amount, part Rate) money.Amount {
	base, divisor := uint64(max(income, 0)), uint64(r.IncomeDivisor.Is)
	if r.Readings.RoundBaseToCentFirst.Is { // A3
		base, divisor = (2*base+divisor)/(2*divisor), 1
	}
	step := uint64(r.RoundUpTo.Is)
	high, low := bits.Mul64(base, uint64(part))
	steps, rest := bits.Div64(high, low, divisor*uint64(whole)*step)
	if rest > 0 || r.Readings.RoundUpExactMultiples.Is { // A2
		steps++
	}
	return money.Amount(steps * step)
}

// regularity judges the contribution position against the net indemnity (R11–R16). It
// leaves in the result what is due, and what of it the indemnity is to cover.
func (x *examination) regularity() {
	c, readings := &x.facts.Contribution, &x.rules.Readings
	asked, communicated, paidOn := x.happened(c.RequestedOn), x.happened(c.CommunicatedOn), x.happened(c.PaidOn)
	due := asked
	if !asked.IsZero() {
		due = x.terms.Regularisation(asked).End()
	}
	missing := func(code Code) {
		switch {
		case asked.IsZero():
			code = RegularisationNotRequest
		case x.stillOpen(due):
			code = RegularisationOpen
		}
		x.code(code)
	}
	if !c.IncomeCommunicated && !timely(communicated, asked, due) {
		missing(IncomeNotCommunicated) // no money cures it
	}

	debt, paid := c.debt(), money.Amount(0)
	x.result.Debt = debt
	inTime := timely(paidOn, asked, due)
	if !paidOn.IsZero() {
		paid = c.Paid
	}
	if debt == 0 || inTime && paid >= debt { // R12
		return
	}
	compared, covered := debt, true
	switch old := c.DebtAtSubmission + c.PlanResidual; {
	case !readings.SetOffCoversOldDebt.Is: // A23
		covered = old == 0 || inTime && paid >= old
		compared -= paid
	case !paidOn.IsZero() && (asked.IsZero() || paidOn.Before(asked)), readings.PartialPaymentOpens.Is && inTime: // A24
		compared -= paid
	}
	net := x.result.Entitlement.Net
	if !covered || compared > net || compared == net && !readings.EqualDebtIsSetOff.Is { // R15, R16, A22
		missing(DebtNotRegularised)
		return
	}
	if x.result.DebtLeft = max(debt-paid, 0); x.result.DebtLeft > 0 {
		x.warn(WarnSetOff)
	}
}
