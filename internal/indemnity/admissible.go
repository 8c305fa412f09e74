package indemnity

import (
	"fmt"
	"slices"

	"portal/internal/calendar"
)

// Outcome is what the examination makes of an application.
type Outcome string

// The outcomes, from the gravest: the first of them that a code calls for wins.
const (
	OutcomeInadmissible Outcome = "inadmissible" // inammissibilità
	OutcomeNotEligible  Outcome = "not_eligible" // mancanza di un requisito
	OutcomeForfeited    Outcome = "forfeited"    // decadenza
	OutcomePending      Outcome = "pending"      // a term is open, or has not begun
	OutcomeRanked       Outcome = "ranked"       // idonea: enters the ranking
)

// Outcomes lists the outcomes from the gravest.
var Outcomes = []Outcome{OutcomeInadmissible, OutcomeNotEligible, OutcomeForfeited, OutcomePending, OutcomeRanked}

// Code is why an application is not ranked. Its words stand in the catalogue.
type Code string

// The codes, in the order of the call.
const (
	WrongChannel             Code = "WRONG_CHANNEL"                   // R21
	BeforeEventEnd           Code = "SUBMITTED_BEFORE_EVENT_END"      // R19, R22, R23
	AfterDeadline            Code = "SUBMITTED_AFTER_DEADLINE"        // R20
	IdentityDocumentMissing  Code = "IDENTITY_DOCUMENT_MISSING"       // R24
	MedicalMissing           Code = "MEDICAL_CERTIFICATE_MISSING"     // R25, R38
	PrognosisNotStated       Code = "PROGNOSIS_NOT_STATED"            // R29
	HospitalMissing          Code = "HOSPITAL_CERTIFICATE_MISSING"    // R30, R34
	CycleCertificateMissing  Code = "CYCLE_CERTIFICATE_MISSING"       // R33
	ASLOrderMissing          Code = "ASL_ORDER_MISSING"               // R36
	OwnTermLapsed            Code = "OWN_TERM_LAPSED_BEFORE_DEATH"    // A17
	NotActiveMember          Code = "NOT_ACTIVE_MEMBER"               // R5
	NotAfterEnrolment        Code = "EVENT_NOT_AFTER_ENROLMENT"       // R8
	EndOutsideWindow         Code = "EVENT_END_OUTSIDE_WINDOW"        // R54
	EventTooShort            Code = "EVENT_TOO_SHORT"                 // R7
	CycleTooShort            Code = "CYCLE_TOO_SHORT"                 // R10
	BirthExcluded            Code = "RISK_PREGNANCY_BIRTH_EXCLUDED"   // R37
	ActivityExercised        Code = "PROFESSIONAL_ACTIVITY_EXERCISED" // R2
	NoIndemnifiableDays      Code = "NO_INDEMNIFIABLE_DAYS"           // R3, R6, R47
	HeirsWrongChannel        Code = "HEIRS_WRONG_CHANNEL"             // R17
	HeirsAfterDeadline       Code = "HEIRS_SUBMITTED_AFTER_DEADLINE"  // R17
	SupplementMissing        Code = "INTEGRATION_MISSING"             // R40
	SupplementLate           Code = "INTEGRATION_LATE"                // R41
	IncomeNotCommunicated    Code = "DECLARATIONS_NOT_REGULARISED"    // R12
	DebtNotRegularised       Code = "DEBT_NOT_REGULARISED"            // R12, R14, R16
	SupplementNotRequested   Code = "INTEGRATION_NOT_REQUESTED"
	SupplementOpen           Code = "INTEGRATION_OPEN"
	RegularisationNotRequest Code = "REGULARISATION_NOT_REQUESTED"
	RegularisationOpen       Code = "REGULARISATION_OPEN"
)

// codes are the codes in the order of the call, the gravest first, with what each calls
// for and the rule that it breaks.
var codes = []struct {
	code    Code
	outcome Outcome
	rule    int
}{
	{WrongChannel, OutcomeInadmissible, 21},
	{BeforeEventEnd, OutcomeInadmissible, 19},
	{AfterDeadline, OutcomeInadmissible, 20},
	{IdentityDocumentMissing, OutcomeInadmissible, 24},
	{MedicalMissing, OutcomeInadmissible, 25},
	{PrognosisNotStated, OutcomeInadmissible, 29},
	{HospitalMissing, OutcomeInadmissible, 30},
	{CycleCertificateMissing, OutcomeInadmissible, 33},
	{ASLOrderMissing, OutcomeInadmissible, 36},
	{OwnTermLapsed, OutcomeInadmissible, 17},
	{NotActiveMember, OutcomeNotEligible, 5},
	{NotAfterEnrolment, OutcomeNotEligible, 8},
	{EndOutsideWindow, OutcomeNotEligible, 54},
	{EventTooShort, OutcomeNotEligible, 7},
	{CycleTooShort, OutcomeNotEligible, 10},
	{BirthExcluded, OutcomeNotEligible, 37},
	{ActivityExercised, OutcomeNotEligible, 2},
	{NoIndemnifiableDays, OutcomeNotEligible, 47},
	{HeirsWrongChannel, OutcomeForfeited, 17},
	{HeirsAfterDeadline, OutcomeForfeited, 17},
	{SupplementMissing, OutcomeForfeited, 40},
	{SupplementLate, OutcomeForfeited, 41},
	{IncomeNotCommunicated, OutcomeForfeited, 12},
	{DebtNotRegularised, OutcomeForfeited, 16},
	{SupplementNotRequested, OutcomePending, 40},
	{SupplementOpen, OutcomePending, 40},
	{RegularisationNotRequest, OutcomePending, 12},
	{RegularisationOpen, OutcomePending, 12},
}

// Codes lists the codes in the order of the call.
func Codes() (all []Code) {
	for _, c := range codes {
		all = append(all, c.code)
	}
	return all
}

// Outcome is what the code by itself makes of an application.
func (c Code) Outcome() Outcome { return gravest([]Code{c}) }

// Rule is the rule that the code says is broken, and the article of the call where it
// stands.
func (c Code) Rule() (rule string, article int) {
	for _, known := range codes {
		if known.code == c {
			return fmt.Sprintf("R%d", known.rule), articleOf(known.rule)
		}
	}
	if slices.Contains(RevocationGrounds, c) {
		return "R39", articleOf(39)
	}
	return "", 0
}

// articleOf is the article of a rule: they are numbered through the articles.
func articleOf(rule int) int {
	last := []int{4, 18, 42, 58, 60} // of each article
	article, _ := slices.BinarySearch(last, rule)
	return article + 1
}

// gravest is the outcome of all codes together (A55).
func gravest(all []Code) Outcome {
	for _, c := range codes {
		if slices.Contains(all, c.code) {
			return c.outcome
		}
	}
	return OutcomeRanked
}

// Warning is something that somebody should look at. It never changes the outcome.
type Warning string

// The warnings, in the order of their names.
const (
	WarnCapReached      Warning = "ANNUAL_CAP_REACHED"
	WarnIssuedLate      Warning = "CERTIFICATE_ISSUED_LATE" // A37
	WarnNotInForm       Warning = "CERTIFICATE_NOT_IN_PROGNOSIS_FORM"
	WarnCycleEarly      Warning = "CYCLE_CERTIFICATE_ISSUED_EARLY"
	WarnPriorYear       Warning = "CYCLE_PRIOR_YEAR_DAYS_EXCLUDED" // A30
	WarnSessionNotShort Warning = "CYCLE_SESSION_NOT_SHORT"        // A47
	WarnNotCertified    Warning = "DAYS_NOT_CERTIFIED"
	WarnDeath           Warning = "DEATH_BEFORE_SUBMISSION"
	WarnSetOff          Warning = "DEBT_SET_OFF"
	WarnExAequo         Warning = "EX_AEQUO_AFTER_ALL_CRITERIA"
	WarnStayNotCounted  Warning = "HOSPITAL_DAYS_NOT_COUNTED" // A21
	WarnISEEInvalid     Warning = "ISEE_INVALID"              // A29
	WarnMaternity       Warning = "MATERNITY_DAYS_EXCLUDED"   // A19
	WarnNoIncome        Warning = "NO_INCOME_COMMUNICATED"    // A46
	WarnOverlaps        Warning = "OVERLAPS_EARLIER_APPLICATION"
	WarnStart           Warning = "START_NOT_CERTIFIED"
)

// Warnings lists the warnings in the order of their names.
var Warnings = []Warning{WarnCapReached, WarnIssuedLate, WarnNotInForm, WarnCycleEarly, WarnPriorYear, WarnSessionNotShort, WarnNotCertified,
	WarnDeath, WarnSetOff, WarnExAequo, WarnStayNotCounted, WarnISEEInvalid, WarnMaternity, WarnNoIncome, WarnOverlaps, WarnStart}

// papers judges the papers, each kind by itself (art. 3).
func (x *examination) papers() {
	f := x.facts
	if f.Identity == IdentityMissing {
		x.code(IdentityDocumentMissing)
	}
	before := len(x.result.Codes)
	x.medicalPapers()
	if slices.ContainsFunc(f.Event.Stays, func(s Stay) bool { return !s.Certified }) {
		if x.rules.Readings.HospitalCopyMissing.Is == MakesInadmissible { // A21
			x.code(HospitalMissing)
		} else {
			x.warn(WarnStayNotCounted)
		}
	}
	proved := f.Event.Kind == Ordinary || f.Event.Kind == RiskInterruption
	if proved && len(x.evidence.recognised) == 0 && len(x.result.Codes) == before {
		x.code(MedicalMissing)
	}
}

// medicalPapers judges what each kind of event wants.
func (x *examination) medicalPapers() {
	f := x.facts
	has := func(kind PaperKind) bool {
		return slices.ContainsFunc(f.Event.Certificates, func(c Certificate) bool { return c.Kind == kind })
	}
	switch f.Event.Kind {
	case TherapyCycle: // R33
		if !has(CycleFinal) && !(f.deathEndedIt() && has(HeirsFinal)) {
			x.code(CycleCertificateMissing)
		}
	case RiskInterruption: // R36
		if !has(ASLInterdiction) || f.Event.InterruptedOn.IsZero() {
			x.code(ASLOrderMissing)
		}
	case Ordinary:
		inForm := func(c Certificate) bool { return c.Kind == InitialPrognosis && c.InForm }
		switch {
		case f.heirs() && has(HeirsFinal): // R38
		case f.deathEndedIt(), !has(InitialPrognosis): // R25: an extension alone is not enough
			x.code(MedicalMissing)
		case !slices.ContainsFunc(f.Event.Certificates, inForm): // R29
			x.code(PrognosisNotStated)
		}
	}
	if f.Event.Kind == TherapyCycle {
		return
	}
	for _, c := range f.Event.Certificates {
		if c.prognosis() && !c.InForm {
			x.warn(WarnNotInForm)
		}
		if c.prognosis() && c.IssuedOn.After(c.From) {
			x.warn(WarnIssuedLate)
		}
	}
}

// timeliness judges the way and the day on which the application was sent.
func (x *examination) timeliness() {
	f, end := x.facts, x.result.EndUsed
	own := x.terms.Submission(end).End()
	x.result.Deadline = own
	tooEarly := !x.sentOn.After(end) // R19, R22
	if x.rules.Readings.SubmissionOnEndDay.Is {
		tooEarly = x.sentOn.Before(end) // A12
	}
	if !f.heirs() {
		if f.Channel != Portal {
			x.code(WrongChannel)
		}
		if x.sentOn.After(own) {
			x.code(AfterDeadline)
		}
		if !f.DiedOn.IsZero() && x.sentOn.After(f.DiedOn) {
			x.warn(WarnDeath)
		}
	} else {
		x.result.Deadline = x.terms.Heirs(f.DiedOn, end).End()
		tooEarly = tooEarly || x.sentOn.Before(f.DiedOn)
		if f.Channel != PEC {
			x.code(HeirsWrongChannel)
		}
		if x.sentOn.After(x.result.Deadline) {
			x.code(HeirsAfterDeadline)
		}
		if x.rules.Readings.HeirsBarredIfLapsed.Is && f.DiedOn.After(own) {
			x.code(OwnTermLapsed) // A17
		}
	}
	if tooEarly {
		x.code(BeforeEventEnd)
	}
}

// requirements judges what art. 2 and 4 ask of the member and of the event.
func (x *examination) requirements() {
	f, e := x.facts, x.evidence
	if !f.ActiveMember {
		x.code(NotActiveMember)
	}
	start := f.Event.From
	if f.Event.Kind == TherapyCycle && len(e.recognised) > 0 {
		start = dayOf(e.recognised[0].from)
	}
	if start.Before(f.EnrolmentApplied) || start == f.EnrolmentApplied && !x.rules.Readings.EnrolmentSameDay.Is { // A18
		x.code(NotAfterEnrolment)
	}
	if !x.rules.Window.Is.Has(x.result.EndUsed) {
		x.code(EndOutsideWindow)
	}
	days := x.rules.duration(f.Event.Kind, e)
	switch f.Event.Kind {
	case TherapyCycle:
		if days < x.rules.Readings.CycleMinDays.Is { // A8
			x.code(CycleTooShort)
		}
		x.cycle()
	case RiskBirth:
		x.code(BirthExcluded)
	default:
		if len(e.recognised) > 0 && days < x.rules.LeastDays.Is {
			x.code(EventTooShort)
		}
	}
	if f.Worked {
		x.code(ActivityExercised)
	}
	if run := e.recognised; f.Event.Kind != TherapyCycle && len(run) > 0 {
		if run[0].from > e.declared.from {
			x.warn(WarnStart)
		}
		if run[0].to < e.declared.to {
			x.warn(WarnNotCertified)
		}
	}
}

// cycle warns of what is odd in a therapy cycle.
func (x *examination) cycle() {
	e := x.evidence
	if slices.ContainsFunc(e.recognised, func(s span) bool { return s.days() >= x.rules.SessionDays.Is }) {
		x.warn(WarnSessionNotShort)
	}
	if len(e.priorYears) > 0 {
		x.warn(WarnPriorYear)
	}
	finals, early := 0, 0
	for _, c := range x.facts.Event.Certificates {
		if c.Kind == CycleFinal && len(e.recognised) > 0 {
			finals++
			if c.IssuedOn.Before(x.result.EndUsed) {
				early++
			}
		}
	}
	if finals > 0 && early == finals {
		x.warn(WarnCycleEarly)
	}
}

// supplement judges what is formally wrong in the papers, and whether it was put right
// (R40, R41).
func (x *examination) supplement() {
	f := x.facts
	if f.Identity != IdentityDefective && f.Declarations.TrueCopy && f.Declarations.NoActivity && len(f.FormalDefects) == 0 &&
		(!f.heirs() || f.DeathCertificate) {
		return
	}
	asked, received := x.happened(f.Supplement.RequestedOn), x.happened(f.Supplement.ReceivedOn)
	var due calendar.Date
	if !asked.IsZero() {
		due = x.terms.Supplement(asked).End()
	}
	switch {
	case timely(received, asked, due):
	case !received.IsZero():
		x.code(SupplementLate)
	case asked.IsZero():
		x.code(SupplementNotRequested)
	case x.stillOpen(due):
		x.code(SupplementOpen)
	default:
		x.code(SupplementMissing)
	}
}

// timely tells whether something was done within the term of a request; before any
// request it is.
func timely(done, asked, due calendar.Date) bool {
	return !done.IsZero() && (asked.IsZero() || !done.After(due))
}

// happened is a day, as long as it is not after the one on which facts are judged.
func (x *examination) happened(d calendar.Date) calendar.Date {
	if !x.on.IsZero() && d.After(x.on) {
		return calendar.Date{}
	}
	return d
}

// stillOpen tells whether a term with this last day runs on the day on which facts are
// judged; where there is no such day, every term has run out.
func (x *examination) stillOpen(due calendar.Date) bool { return !x.on.IsZero() && !x.on.After(due) }
