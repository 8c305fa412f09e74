package indemnity

import (
	"slices"
	"strconv"

	"portal/internal/money"
)

// checkPapers are the kinds of paper that a check looks at.
var checkPapers = map[Check][]PaperKind{
	CheckIdentity:     {IdentityWhole, IdentityFront, IdentityBack},
	CheckProof:        {InitialPrognosis, CycleFinal, ASLInterdiction, HeirsFinal},
	CheckCoverage:     {ExtensionPrognosis, HospitalStay},
	CheckRegularity:   {PaymentReceipt},
	CheckDeclarations: {PECMessage, OtherPaper},
	CheckISEE:         {ISEEStatement},
	CheckCover:        {CoverProof},
	CheckHeirship:     {DeathCertificate, Heirship, PECMessage},
	CheckHeirsTerm:    {PECMessage},
}

// PapersOf are the papers of the case that count and that a check looks at.
func (c CaseFile) PapersOf(check Check) []Paper {
	return slices.DeleteFunc(c.Current(), func(p Paper) bool { return !slices.Contains(checkPapers[check], p.Kind) })
}

// explained are the checks on account of which somebody is asked for papers or for an
// explanation: those that a person makes on what was sent. Contributions have a request
// of their own (R12).
var explained = []Check{CheckIdentity, CheckProof, CheckCoverage, CheckDeclarations, CheckISEE, CheckExclusive, CheckCover, CheckMaternity, CheckIBAN, CheckHeirship}

// Askable are the things that can be asked for on account of a check, none for a check
// that nobody is asked about: each of its papers once more, what formally lacks, and an
// explanation. Their words are who asks' own. What the call wants on pain of
// inadmissibility and is not there at all is asked for by nobody (R24, R25, R30); one side
// of a document, and the death certificate, are (A41).
func (c CaseFile) Askable(check Check) (all []RequestItem) {
	if !slices.Contains(explained, check) {
		return nil
	}
	code := check.Code()
	there := map[PaperKind]bool{}
	for _, p := range c.PapersOf(check) {
		there[p.Kind] = true
		if p.Kind != PECMessage {
			all = append(all, RequestItem{Code: code + "-" + string(p.ID)[:8], Paper: p.Kind, Of: p.ID})
		}
	}
	lacks := map[PaperKind]bool{
		IdentityFront: check == CheckIdentity && there[IdentityBack] && !there[IdentityWhole],
		IdentityBack:  check == CheckIdentity && there[IdentityFront] && !there[IdentityWhole],
		CoverProof:    check == CheckCover && c.Answers.Covered == Yes, DeathCertificate: check == CheckHeirship, Heirship: check == CheckHeirship}
	for _, k := range checkPapers[check] {
		if lacks[k] && !there[k] {
			all = append(all, RequestItem{Code: code + "-" + string(k), Paper: k})
		}
	}
	return append(all, RequestItem{Code: code})
}

// Lacking are the things to ask for by what officers found, in the order of the checks:
// those that they chose, and what a finding calls for by itself. What was asked for since
// a finding is not asked for again on its account.
func (c CaseFile) Lacking() (all []RequestItem) {
	for _, k := range knownChecks {
		f := c.Found(k.check)
		if f.Verdict == ToCheck {
			continue
		}
		codes := f.Found.Defects
		if len(codes) == 0 && f.Found.formal() {
			for _, i := range c.Askable(k.check) {
				if i.Paper != "" || k.check == CheckDeclarations {
					codes = append(codes, i.Code)
				}
			}
		}
		for _, i := range c.Askable(k.check) {
			if slices.Contains(codes, i.Code) && !c.askedSince(f, i.Code) {
				all = append(all, i)
			}
		}
	}
	return all
}

// formal tells whether what was found is a formal defect by itself (A41, R31, R32).
func (x Found) formal() bool {
	return x.Identity == IdentityDefective || x.TrueCopy != nil && !*x.TrueCopy || x.NoActivity != nil && !*x.NoActivity
}

// askedSince tells whether a thing was asked for since something was found.
func (c CaseFile) askedSince(since Finding, code string) bool {
	return slices.ContainsFunc(c.Requests, func(r Request) bool {
		return r.Kind == Supplement && r.State != CalledOff && r.AskedAt.After(since.At) &&
			slices.ContainsFunc(r.Items, func(i RequestItem) bool { return i.Code == code })
	})
}

// Irregularity is something in a contribution position that is to be put right (R11).
type Irregularity struct {
	Code   string           // of the item that asks for it
	Kind   IrregularityKind // what it is
	Year   int              // of the income or the debt; 0 where it is of none
	Amount money.Amount     // 0 of an income that was not communicated
	Debt   Debt             // as the register has it, zero where an officer found it
}

// IrregularityKind is what is irregular.
type IrregularityKind string

// The irregularities.
const (
	OwesIncome IrregularityKind = "income" // a communication that was not made (R11)
	OwesDebt   IrregularityKind = "debt"   // due at submission and not paid
	OwesPlan   IrregularityKind = "plan"   // what is left of a plan of instalments (R13)
	OwesLater  IrregularityKind = "later"  // fallen due after submission (R14)
)

// Irregularities are those of the case: line by line as the register had them when it was
// sent, or in sum as an officer found them instead.
func (c CaseFile) Irregularities() (all []Irregularity) {
	add := func(kind IrregularityKind, i Irregularity) {
		i.Kind, i.Code = kind, CheckRegularity.Code()+"-"+strconv.Itoa(len(all)+1)
		all = append(all, i)
	}
	if x := c.Found(CheckRegularity).Found.Position; x != nil {
		if !x.IncomeCommunicated && x.CommunicatedOn.IsZero() {
			add(OwesIncome, Irregularity{})
		}
		for _, sum := range []Irregularity{{Kind: OwesDebt, Amount: x.DebtAtSubmission}, {Kind: OwesPlan, Amount: x.PlanResidual}, {Kind: OwesLater, Amount: x.DebtAfterwards}} {
			if sum.Amount > 0 {
				add(sum.Kind, sum)
			}
		}
		return all
	}
	for _, year := range c.Registers.Position.MissingYears {
		add(OwesIncome, Irregularity{Year: year})
	}
	for _, d := range c.Registers.Position.Debts {
		add(OwesDebt, Irregularity{Year: d.Year, Amount: d.Amount, Debt: d})
	}
	if plan := c.Registers.Position.Plan; plan > 0 {
		add(OwesPlan, Irregularity{Amount: plan})
	}
	return all
}
