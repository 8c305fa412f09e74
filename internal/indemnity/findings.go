package indemnity

import (
	"slices"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
)

// Check names one of the things that an officer looks at before an application has an
// outcome (verifica). The database knows the same words.
type Check string

// The checks, by their number on the desk.
const (
	CheckIdentity     Check = "identity"     // V1: a valid document, both sides (R24)
	CheckMember       Check = "member"       // V2: active when it was sent (R5, A36)
	CheckEnrolment    Check = "enrolment"    // V3: the event came after the enrolment application (R8)
	CheckTerm         Check = "term"         // V4: sent in the portal, within its term (R19–R23)
	CheckWindow       Check = "window"       // V5: the event ended in the month of the call (R54)
	CheckProof        Check = "proof"        // V6: the paper that begins the proof, in form (R25, R29, R33, R36, R38)
	CheckCoverage     Check = "coverage"     // V7: continuations and stays cover every day (R27, R30, R34)
	CheckLength       Check = "length"       // V8: long enough (R7, R10)
	CheckRegularity   Check = "regularity"   // V9: incomes communicated, contributions paid (R11–R16)
	CheckDeclarations Check = "declarations" // V10: the declarations are made, and true (R31, R32, R2)
	CheckISEE         Check = "isee"         // V11: its value and its year (R28, A29)
	CheckExclusive    Check = "exclusive"    // V12: self-employment only (R53, A35)
	CheckCover        Check = "cover"        // V13: another mandatory cover (R48, A45)
	CheckMaternity    Check = "maternity"    // V14: not together with maternity (R3, R37)
	CheckCap          Check = "cap"          // V15: 180 days in a year (R6)
	CheckIncome       Check = "income"       // V16: of the second year before (R43)
	CheckIBAN         Check = "iban"         // V17: the account is theirs
	CheckHeirship     Check = "heirship"     // V18: of heirs: who they are, and the death (R17, R18)
	CheckHeirsTerm    Check = "heirs_term"   // V19: of heirs: within 60 days of the death (R17)
)

// knownCheck is what holds for a check in every case.
type knownCheck struct {
	check Check
	rules []int // of the call, the first of them first
	codes []Code
	warns []Warning
	hand  bool // only a person can tell
	heirs bool // of an application of heirs only
}

// knownChecks are the checks in their order: the first is V1.
var knownChecks = []knownCheck{
	{check: CheckIdentity, rules: []int{24}, codes: []Code{IdentityDocumentMissing}, hand: true},
	{check: CheckMember, rules: []int{5}, codes: []Code{NotActiveMember}},
	{check: CheckEnrolment, rules: []int{8}, codes: []Code{NotAfterEnrolment}},
	{check: CheckTerm, rules: []int{20, 19, 21, 22, 23}, codes: []Code{WrongChannel, BeforeEventEnd, AfterDeadline}},
	{check: CheckWindow, rules: []int{54}, codes: []Code{EndOutsideWindow}},
	{check: CheckProof, rules: []int{25, 29, 33, 36, 38}, codes: []Code{MedicalMissing, PrognosisNotStated, CycleCertificateMissing, ASLOrderMissing},
		warns: []Warning{WarnIssuedLate, WarnNotInForm, WarnCycleEarly, WarnStart}, hand: true},
	{check: CheckCoverage, rules: []int{27, 30, 34}, codes: []Code{HospitalMissing}, warns: []Warning{WarnNotCertified, WarnStayNotCounted, WarnPriorYear}, hand: true},
	{check: CheckLength, rules: []int{7, 10}, codes: []Code{EventTooShort, CycleTooShort}, warns: []Warning{WarnSessionNotShort}},
	{check: CheckRegularity, rules: []int{11, 12, 13, 14, 15, 16}, codes: []Code{IncomeNotCommunicated, DebtNotRegularised, RegularisationNotRequest, RegularisationOpen},
		warns: []Warning{WarnSetOff}},
	{check: CheckDeclarations, rules: []int{31, 32, 2}, codes: []Code{ActivityExercised}, hand: true},
	{check: CheckISEE, rules: []int{28, 51}, warns: []Warning{WarnISEEInvalid}, hand: true},
	{check: CheckExclusive, rules: []int{53}, hand: true},
	{check: CheckCover, rules: []int{48, 49}, hand: true},
	{check: CheckMaternity, rules: []int{3, 4, 37}, codes: []Code{BirthExcluded}, warns: []Warning{WarnMaternity}, hand: true},
	{check: CheckCap, rules: []int{6}, codes: []Code{NoIndemnifiableDays}, warns: []Warning{WarnCapReached, WarnOverlaps}},
	{check: CheckIncome, rules: []int{43}, warns: []Warning{WarnNoIncome}},
	{check: CheckIBAN, hand: true},
	{check: CheckHeirship, rules: []int{17, 18}, codes: []Code{OwnTermLapsed}, hand: true, heirs: true},
	{check: CheckHeirsTerm, rules: []int{17}, codes: []Code{HeirsWrongChannel, HeirsAfterDeadline}, heirs: true},
}

// Checks lists the checks in the order of the desk.
func Checks() (all []Check) {
	for _, k := range knownChecks {
		all = append(all, k.check)
	}
	return all
}

// Number is the number of the check on the desk, from 1; 0 for none that is known.
func (c Check) Number() int {
	return slices.IndexFunc(knownChecks, func(k knownCheck) bool { return k.check == c }) + 1
}

// Code is what the check is called by, also in addresses and in what is asked for on its
// account: "V6".
func (c Check) Code() string { return "V" + strconv.Itoa(c.Number()) }

// Rules are the numbers of the rules of the call that the check looks at, the first of
// them first.
func (c Check) Rules() []int {
	if n := c.Number(); n > 0 {
		return slices.Clone(knownChecks[n-1].rules)
	}
	return nil
}

// Article is the article of the call where the check stands; 0 for what is none of its
// matter, as an account is.
func (c Check) Article() int {
	if rules := c.Rules(); len(rules) > 0 {
		return articleOf(rules[0])
	}
	return 0
}

// CheckVerdict is what came of a check; the database knows the same words.
type CheckVerdict string

// The verdicts.
const (
	ToCheck       CheckVerdict = ""               // da verificare
	Met           CheckVerdict = "met"            // verificata
	NotMet        CheckVerdict = "not_met"        // non verificata
	NotApplicable CheckVerdict = "not_applicable" // non applicabile
)

// Finding (rilievo) is what an officer found on a check: the last on each counts, and
// those before stay on record.
type Finding struct {
	Check   Check
	Verdict CheckVerdict
	Found   Found
	Note    string // why it is not met, or not what the portal found by itself
	By      identity.PersonID
	Name    string // of who
	At      time.Time
	Version int64 // of the case, once it was written
}

// Found is what an officer found in the place of what was declared, or of what the
// registers said. What is not there stays as it was.
type Found struct {
	Identity   IdentityDocument      `json:"identity,omitempty"`
	Active     *bool                 `json:"active,omitempty"`
	AppliedOn  calendar.Date         `json:"applied_on,omitzero"` // the enrolment application was sent
	EnrolledOn calendar.Date         `json:"enrolled_on,omitzero"`
	Papers     map[PaperID]PaperRead `json:"papers,omitempty"`
	BirthOn    calendar.Date         `json:"birth_on,omitzero"`
	Worked     *bool                 `json:"worked,omitempty"`
	TrueCopy   *bool                 `json:"true_copy,omitempty"`
	NoActivity *bool                 `json:"no_activity,omitempty"`
	Defects    []string              `json:"defects,omitempty"` // formal ones, by the code of what is asked for
	ISEE       *ISEE                 `json:"isee,omitempty"`
	Exclusive  *bool                 `json:"exclusive,omitempty"`
	OtherCover *bool                 `json:"other_cover,omitempty"`
	DaysUsed   Yearly[int]           `json:"days_used,omitempty"` // against the yearly cap, by earlier calls
	Incomes    Yearly[money.Amount]  `json:"incomes,omitempty"`
	FlatRate   *bool                 `json:"flat_rate,omitempty"` // no tax is withheld (A25)
	Position   *Contribution         `json:"position,omitempty"`  // the request is the case's
}

// PaperRead is what a paper is once an officer has read it.
type PaperRead struct {
	Disallowed bool            `json:"disallowed,omitempty"` // it proves nothing
	NoForm     bool            `json:"no_form,omitempty"`    // it has not the form of a prognosis (R29)
	IssuedOn   calendar.Date   `json:"issued_on,omitzero"`   // where it is not what was typed
	Covers     calendar.Period `json:"covers,omitzero"`      // likewise
}

// Found is what was found on a check last; the zero Finding where nobody looked.
func (c CaseFile) Found(check Check) (last Finding) {
	for _, f := range c.Findings {
		if f.Check == check {
			last = f
		}
	}
	return last
}

// examinedBy tells whether somebody wrote down a finding that stands: no later one on its
// check has taken its place.
func (c CaseFile) examinedBy(who identity.PersonID) bool {
	return slices.ContainsFunc(knownChecks, func(k knownCheck) bool { return c.Found(k.check).By == who })
}

// standing are the findings that count, by the order of the checks.
func (c CaseFile) standing() (all []Found) {
	for _, k := range knownChecks {
		if f := c.Found(k.check); f.Verdict != ToCheck {
			all = append(all, f.Found)
		}
	}
	return all
}

// asRead are papers as officers have read them, without those that prove nothing.
func asRead(papers []Paper, found []Found) (all []Paper) {
	for _, p := range papers {
		for _, f := range found {
			if r, read := f.Papers[p.ID]; read {
				p.Read = r
			}
		}
		if p.Read.Disallowed {
			continue
		}
		if !p.Read.IssuedOn.IsZero() {
			p.IssuedOn = p.Read.IssuedOn
		}
		if p.Read.Covers.Valid() {
			p.Covers = p.Read.Covers
		}
		all = append(all, p)
	}
	return all
}

// over puts what was found in the place of what was declared.
func (x Found) over(f *Facts) {
	put := func(to *bool, is *bool) {
		if is != nil {
			*to = *is
		}
	}
	day := func(to *calendar.Date, is calendar.Date) {
		if !is.IsZero() {
			*to = is
		}
	}
	if x.Identity != "" {
		f.Identity = x.Identity
	}
	put(&f.ActiveMember, x.Active)
	day(&f.EnrolmentApplied, x.AppliedOn)
	day(&f.EnrolledOn, x.EnrolledOn)
	day(&f.Event.BirthOn, x.BirthOn)
	put(&f.Worked, x.Worked)
	put(&f.Declarations.TrueCopy, x.TrueCopy)
	put(&f.Declarations.NoActivity, x.NoActivity)
	put(&f.Declarations.Exclusive, x.Exclusive)
	put(&f.Declarations.OtherCover, x.OtherCover)
	f.FormalDefects = append(f.FormalDefects, x.Defects...)
	if x.ISEE != nil {
		f.ISEE = *x.ISEE
	}
	if x.DaysUsed != nil {
		f.DaysUsed = x.DaysUsed
	}
	if x.Incomes != nil {
		f.Incomes = x.Incomes
	}
	if x.FlatRate != nil {
		if f.Withholding = nil; *x.FlatRate {
			f.Withholding = new(Rate)
		}
	}
	if x.Position != nil {
		asked := f.Contribution.RequestedOn
		f.Contribution = *x.Position
		f.Contribution.RequestedOn = asked
	}
}
