package indemnity

import (
	"slices"
	"strings"

	"portal/internal/calendar"
)

// Checked is a check of a case with what came of it.
type Checked struct {
	Check    Check
	Portal   CheckVerdict // what the portal finds by itself; ToCheck where only a person can tell
	Finding  Finding      // of an officer; zero where nobody looked
	Awaited  bool         // what was asked for on its account has not come, and its term runs: in attesa di documenti
	Codes    []Code       // why it is not met, as the case stands
	Warnings []Warning
}

// Verdict is what came of the check: what an officer found, or else the portal.
func (k Checked) Verdict() CheckVerdict {
	if k.Finding.Verdict != ToCheck {
		return k.Finding.Verdict
	}
	return k.Portal
}

// Automatic tells whether the portal answered the check, and no officer.
func (k Checked) Automatic() bool { return k.Finding.Verdict == ToCheck && k.Portal != ToCheck }

// Checklist is the checks of the case in their order, with what its examination shows: on
// what was sent, and on what was found.
func (c CaseFile) Checklist(sent, found Explanation, today calendar.Date) (all []Checked) {
	for _, k := range knownChecks {
		if k.heirs && c.Kind != ByHeirs {
			continue
		}
		x := Checked{Check: k.check, Finding: c.Found(k.check), Portal: c.portalSays(k, sent)}
		x.Codes = shared(found.Codes, k.codes)
		if code := c.wants(k.check, found.Codes, today); code != "" {
			x.Codes = append(x.Codes, code)
			x.Awaited = code == SupplementOpen && !x.Finding.settles(c.askedOn(k.check))
		}
		x.Warnings = shared(found.Warnings, k.warns)
		all = append(all, x)
	}
	return all
}

// shared is what of all is among some, in their order.
func shared[T comparable](all, some []T) []T {
	return slices.DeleteFunc(slices.Clone(all), func(x T) bool { return !slices.Contains(some, x) })
}

// supplements are what an examination says of papers that are to be put right. It says so
// of the case: which of its checks it is about, the case tells.
var supplements = []Code{SupplementNotRequested, SupplementOpen, SupplementMissing, SupplementLate}

// wants is what stands against a check for the sake of what is formally wrong in what it
// looks at, "" where nothing does: it is to be asked for, it is waited for, or its term is
// over.
func (c CaseFile) wants(check Check, of []Code, today calendar.Date) Code {
	r, facts := c.askedOn(check), c.Facts()
	of = shared(of, supplements)
	switch {
	case r.State == Asked && (r.DueOn.IsZero() || !today.After(r.DueOn)):
		return SupplementOpen
	case len(of) == 0 || !facts.defective(check):
		return ""
	case r.ID == "":
		return SupplementNotRequested
	case slices.Contains(of, SupplementLate):
		return SupplementLate
	case r.State == Answered || r.State == Accepted:
		return ""
	}
	return SupplementMissing
}

// defective tells whether something that a check looks at is formally wrong.
func (f *Facts) defective(check Check) bool {
	switch {
	case slices.ContainsFunc(f.FormalDefects, check.codes):
		return true
	case check == CheckIdentity:
		return f.Identity == IdentityDefective
	case check == CheckDeclarations:
		return !f.Declarations.TrueCopy || !f.Declarations.NoActivity
	}
	return check == CheckHeirship && f.heirs() && !f.DeathCertificate
}

// askedOn is the request for papers on account of a check: one that is waited for, or else
// the last; the zero Request where there is none.
func (c CaseFile) askedOn(check Check) (last Request) {
	for _, r := range c.Requests {
		if r.Kind == Supplement && r.State != CalledOff && last.State != Asked && slices.ContainsFunc(r.Items, func(i RequestItem) bool { return check.codes(i.Code) }) {
			last = r
		}
	}
	return last
}

// settles tells whether somebody found what they needed after a request was made, and
// waits for it no more.
func (f Finding) settles(r Request) bool {
	return f.At.After(r.AskedAt) && (f.Verdict == Met || f.Verdict == NotApplicable)
}

// codes tells whether a code of something to ask for is the check's: "V6-1b9d6bcd" is V6's.
func (c Check) codes(item string) bool {
	of, _, _ := strings.Cut(item, "-")
	return of == c.Code()
}

// portalSays is what the portal can tell of a check by itself.
func (c CaseFile) portalSays(k knownCheck, sent Explanation) CheckVerdict {
	if k.hand {
		return c.plain(k.check)
	}
	silent := map[Check]string{CheckMember: SilentMembers, CheckEnrolment: SilentMembers, CheckIncome: SilentMembers, CheckCap: SilentMembers,
		CheckRegularity: SilentContributions}[k.check]
	if silent != "" && !c.Registers.Told(silent) {
		return ToCheck
	}
	if len(shared(sent.Codes, k.codes)) > 0 {
		return NotMet
	}
	return Met
}

// plain is what the portal can tell of a check that a person makes, where there is
// nothing to look at or nothing to doubt.
func (c CaseFile) plain(check Check) CheckVerdict {
	a := c.Answers
	switch check {
	case CheckDeclarations:
		declared := 0
		for _, d := range c.Rules.Declarations.Is {
			if slices.ContainsFunc(c.Declarations, func(made Declared) bool { return made.ID == d.ID }) {
				declared++
			}
		}
		if declared == len(c.Rules.Declarations.Is) {
			return Met
		}
	case CheckISEE:
		if a.ISEE != Yes {
			return NotApplicable // zero points, and nothing is asked for (R28)
		}
	case CheckExclusive, CheckCover:
		if a.Exclusive != Yes || a.Covered != Yes { // both together are odd (A49)
			return Met
		}
	case CheckMaternity:
		if a.Cause.Kind() == Ordinary && a.BirthOn.IsZero() {
			return NotApplicable
		}
	case CheckIBAN:
		if a.IBAN != "" && sameName(a.Holder, c.Member.GivenName+" "+c.Member.FamilyName) {
			return Met
		}
	}
	return ToCheck
}

// sameName tells whether two names have the same words, in any order and case.
func sameName(a, b string) bool {
	words := func(name string) []string {
		all := strings.Fields(strings.ToUpper(name))
		slices.Sort(all)
		return all
	}
	return slices.Equal(words(a), words(b))
}

// Unchecked are the checks that still want an answer before the case is found suitable,
// those among them that wait for papers.
func Unchecked(list []Checked) (all []Check) {
	for _, k := range list {
		if k.Verdict() == ToCheck {
			all = append(all, k.Check)
		}
	}
	return all
}
