package voucher

// Check is one thing that is looked at before an application goes into the ranking.
type Check struct {
	Name    string // its words stand under "inps.desk.check.<name>"
	Outcome CheckOutcome
}

// CheckOutcome is what came of a check.
type CheckOutcome string

// The outcomes.
const (
	CheckPassed CheckOutcome = "passed"
	CheckFailed CheckOutcome = "failed"
	CheckWaits  CheckOutcome = "waiting" // for the citizen
	CheckByHand CheckOutcome = "by_person"
)

// Checks are what the portal can tell by itself about an application, and what is
// left to a person.
func (c Case) Checks() []Check {
	a, r := c.Application, c.Edition.Rules
	verdict := func(ok bool) CheckOutcome {
		if ok {
			return CheckPassed
		}
		return CheckFailed
	}
	isee := verdict(a.ISEEStatus == ISEEValid)
	if a.State == AwaitingISEE {
		isee = CheckWaits
	}
	limit := CheckWaits
	if a.HasISEE {
		_, within := r.Band(a.ISEE)
		limit = verdict(within)
	}
	declared := CheckByHand // an import carries none
	if len(c.Declared) > 0 {
		declared = verdict(len(c.Declared) >= len(r.Declarations.Is))
	}
	title := CheckPassed
	if a.Applicant != a.Beneficiary {
		title = CheckByHand
	}
	return []Check{
		{"window", verdict(r.Window.Is.Open(a.SubmittedAt))},
		{"territory", verdict(r.Funds(a.Territory) == nil)},
		{"once", CheckPassed}, // the database takes no second one
		{"isee", isee},
		{"limit", limit},
		{"declarations", declared},
		{"title", title},
	}
}
