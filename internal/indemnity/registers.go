package indemnity

import (
	"context"
	"fmt"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// Why a register outside the portal told nothing that can be used: it did not answer
// in time, or what it answered cannot be true. Both pass with time.
var (
	ErrMembersSilent       = fault.Unavailable("registry.members_silent")
	ErrContributionsSilent = fault.Unavailable("registry.contributions_silent")
)

// MemberRegister is the register of the members of ENPAP.
type MemberRegister interface {
	// Member is what the register says of somebody on a day; fault.ErrNotFound for
	// who never was a member, ErrMembersSilent.
	Member(ctx context.Context, of identity.FiscalCode, on calendar.Date) (MemberRecord, error)
}

// askMember is what a register says today of somebody on a day; nothing where it does not
// answer. Who says to have the payments of a day to come is not believed: what is paid until
// then would count as entered, and its days be lost.
func askMember(ctx context.Context, r MemberRegister, of identity.FiscalCode, on, today calendar.Date) (MemberRecord, error) {
	m, err := r.Member(ctx, of, on)
	if err == nil && m.DaysPaidTo.After(today) {
		err = fmt.Errorf("%w: payments of a day to come", ErrMembersSilent)
	}
	if err != nil {
		return MemberRecord{}, err
	}
	return m, nil
}

// MemberRecord is a member (iscritto) as the register knows them on a day.
type MemberRecord struct {
	Number     string                  `json:"number"` // of enrolment (matricola)
	GivenName  string                  `json:"given_name"`
	FamilyName string                  `json:"family_name"`
	Active     bool                    `json:"active"`
	AppliedOn  calendar.Date           `json:"applied_on,omitzero"`  // the enrolment application was sent (R8)
	EnrolledOn calendar.Date           `json:"enrolled_on,omitzero"` // start of seniority (R58, A42)
	DiedOn     calendar.Date           `json:"died_on,omitzero"`
	FlatRate   bool                    `json:"flat_rate,omitempty"`   // flat-rate regime: no withholding (A25)
	Incomes    map[string]money.Amount `json:"incomes"`               // net professional income by the year it was produced in (R43, A4)
	DaysPaid   map[string]int          `json:"days_paid"`             // days already used up against the yearly cap by earlier calls (R6)
	DaysPaidTo calendar.Date           `json:"days_paid_to,omitzero"` // DaysPaid has what was paid up to this day, that day included; zero: nothing that the portal paid
	IBAN       string                  `json:"iban,omitempty"`
	Email      string                  `json:"email,omitempty"`
	Phone      string                  `json:"phone,omitempty"`
	PEC        string                  `json:"pec,omitempty"`
}

// Contributions is the contribution position of members (R11–R14).
type Contributions interface {
	// Position is what a member owes on a day: ErrContributionsSilent.
	Position(ctx context.Context, of identity.FiscalCode, on calendar.Date) (Position, error)
}

// Position is a contribution position on a day.
type Position struct {
	On           calendar.Date `json:"on,omitzero"`
	MissingYears []int         `json:"missing_years,omitempty"` // incomes that were not communicated; never set off (A23)
	Debts        []Debt        `json:"debts,omitempty"`
	Plan         money.Amount  `json:"plan,omitempty"` // residual of a plan of instalments: no regularity (R13)
}

// Debt is something due and not paid, with how it is paid.
type Debt struct {
	Kind   string        `json:"kind"` // "advance", "balance", "minimum", "penalty"
	Year   int           `json:"year"`
	Amount money.Amount  `json:"amount"`
	DueOn  calendar.Date `json:"due_on"`
	PayBy  string        `json:"pay_by"` // "pagopa", "transfer", "f24"
	Notice string        `json:"notice,omitempty"`
}

// Regular tells whether everything is in order (R11).
func (p Position) Regular() bool { return len(p.MissingYears) == 0 && p.Due() == 0 && p.Plan == 0 }

// Due is the sum of the debts, the plan of instalments left out.
func (p Position) Due() (sum money.Amount) {
	for _, d := range p.Debts {
		sum += d.Amount
	}
	return sum
}
