package indemnity

import (
	"cmp"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Facts is all that is known of an application when it is examined: what was declared,
// the papers, what the office found, and what the registers say. One that has not been
// sent yet has no SubmittedAt: it is judged as if it were sent as soon as it may be.
type Facts struct {
	ID          string
	Applicant   string // the insured member (for heirs: the deceased)
	Kind        ApplicantKind
	Channel     Channel
	SubmittedAt time.Time

	ActiveMember     bool          // iscritto attivo; for heirs, at death (A36)
	EnrolmentApplied calendar.Date // the enrolment application was sent (R8)
	EnrolledOn       calendar.Date // start of seniority (R58)

	Event            SicknessEvent
	DiedOn           calendar.Date
	DeathCertificate bool

	Identity      IdentityDocument
	Declarations  SelfDeclarations
	FormalDefects []string // further ones that the officer found
	Worked        bool     // finding: professional activity was exercised in the period (R2)

	ISEE         ISEE
	Incomes      Yearly[money.Amount] // net professional income by the year it was produced in, as communicated
	Contribution Contribution
	Supplement   SupplementRequest
	DaysUsed     Yearly[int]   // against the yearly cap, by earlier calls
	DaysUsedTo   calendar.Date // they have what the portal paid up to this day; zero: nothing of it
	Withholding  *Rate         // nil: that of the call (A25)

	FoundAfterPayment bool // a false declaration or a missing requirement (R39)
}

// heirs tells whether it is an application of heirs.
func (f *Facts) heirs() bool { return f.Kind == ByHeirs }

// deathEndedIt tells whether heirs apply for an event that the death ended.
func (f *Facts) deathEndedIt() bool { return f.heirs() && !f.DiedOn.After(f.Event.To) }

// EventKind is what sort of event it is, by the papers and terms that it has.
type EventKind string

// The kinds of event.
const (
	Ordinary         EventKind = "ordinary"                    // malattia o infortunio
	TherapyCycle     EventKind = "therapy_cycle"               // gravi patologie, cicli (R10)
	RiskInterruption EventKind = "risk_pregnancy_interruption" // gravidanza a rischio, poi interrotta (R35)
	RiskBirth        EventKind = "risk_pregnancy_birth"        // gravidanza a rischio, seguita dal parto (R37)
)

// SicknessEvent is one event (malattia o infortunio) with the papers that prove it.
type SicknessEvent struct {
	Kind            EventKind
	calendar.Period               // declared first and last day of inactivity
	Certificates    []Certificate // that cover days of it
	Stays           []Stay
	Interruptions   []calendar.Period // of a cycle: the days and periods of suspension
	MultiYear       bool              // of a cycle: prescribed over several years (R23)
	InterruptedOn   calendar.Date     // of a pregnancy
	BirthOn         calendar.Date     // opens the maternity window (R3)
}

// declared is the declared period; for heirs it does not go beyond the death.
func (f *Facts) declared() calendar.Period {
	p := f.Event.Period
	if f.heirs() && f.DiedOn.Before(p.To) {
		p.To = f.DiedOn
	}
	return p
}

// Certificate is a paper that covers days: InitialPrognosis, ExtensionPrognosis,
// CycleFinal, ASLInterdiction or HeirsFinal.
type Certificate struct {
	Kind     PaperKind
	IssuedOn calendar.Date
	calendar.Period
	InForm bool // it has the form of a prognosis: the officer's finding (R29)
}

// prognosis tells whether it assigns days to come (R25, R27).
func (c Certificate) prognosis() bool {
	return c.Kind == InitialPrognosis || c.Kind == ExtensionPrognosis
}

// Stay is days in a hospital (ricovero), which count once their certificate is there (R30).
type Stay struct {
	calendar.Period
	Certified bool // a copy of the certificate is attached
}

// IdentityDocument is how the copy of the identity document is.
type IdentityDocument string

// The states of an identity document (R24, A41).
const (
	IdentityValid     IdentityDocument = "valid"
	IdentityDefective IdentityDocument = "defective" // expired, one side only, unreadable
	IdentityMissing   IdentityDocument = "missing"
)

// SelfDeclarations is what was declared under DPR 445/2000.
type SelfDeclarations struct {
	TrueCopy   bool // the copies conform to the originals (R31)
	NoActivity bool // no professional activity in the period (R32)
	OtherCover bool // another mandatory cover for the same event (R49)
	Exclusive  bool // self-employment only (R53)
}

// ISEEStatus is what became of the ISEE.
type ISEEStatus string

// The statuses of an ISEE (R28, A29).
const (
	ISEEValid        ISEEStatus = "valid"
	ISEEInvalid      ISEEStatus = "invalid" // expired, of another household, not a statement
	ISEENotPresented ISEEStatus = "not_presented"
)

// ISEE is the statement of the household, which nobody has to present.
type ISEE struct {
	Status ISEEStatus   `json:"status"`
	Given  bool         `json:"given"` // it has a value
	Value  money.Amount `json:"value"`
}

// Contribution is the contribution position with what was done about it (R11–R16). A
// member with two applications has a debt in one of them only (A50).
type Contribution struct {
	IncomeCommunicated bool          `json:"income_communicated"` // every income communication is there
	DebtAtSubmission   money.Amount  `json:"debt_at_submission"`  // due then and not paid
	PlanResidual       money.Amount  `json:"plan_residual"`       // of a plan of instalments, which is no regularity (R13)
	DebtAfterwards     money.Amount  `json:"debt_afterwards"`     // fallen due after submission (R14)
	RequestedOn        calendar.Date `json:"requested_on,omitzero"`
	CommunicatedOn     calendar.Date `json:"communicated_on,omitzero"` // the missing communications came
	PaidOn             calendar.Date `json:"paid_on,omitzero"`
	Paid               money.Amount  `json:"paid"`
}

// debt is every irregularity that money cures.
func (c *Contribution) debt() money.Amount {
	return c.DebtAtSubmission + c.PlanResidual + c.DebtAfterwards
}

// SupplementRequest is the request for papers (richiesta di integrazione, R40).
type SupplementRequest struct {
	RequestedOn calendar.Date // the request reached the member (A33)
	ReceivedOn  calendar.Date
}

// Yearly holds a value for some calendar years.
type Yearly[T any] []InYear[T]

// InYear is the value of one year.
type InYear[T any] struct {
	Year int `json:"year"`
	Is   T   `json:"is"`
}

// Of is the value of a year, and whether there is one.
func (y Yearly[T]) Of(year int) (is T, ok bool) {
	for _, v := range y {
		if v.Year == year {
			return v.Is, true
		}
	}
	return is, false
}

// at is where the value of a year is kept; it makes room for one, in the order of the
// years.
func (y *Yearly[T]) at(year int) *T {
	i, known := slices.BinarySearchFunc(*y, year, func(v InYear[T], year int) int { return cmp.Compare(v.Year, year) })
	if !known {
		*y = slices.Insert(*y, i, InYear[T]{Year: year})
	}
	return &(*y)[i].Is
}
