package indemnity

import "slices"

// Lack is what follows from a paper that is missing (domain §3). The three that concern
// the whole application are never mixed; the fourth concerns some of its days.
type Lack string

// What follows from a missing paper.
const (
	LackInadmissible Lack = "inadmissible" // the application cannot be examined, and nothing cures it
	LackSupplement   Lack = "supplement"   // the office asks for it: a term runs, and then the right is lost (R40)
	LackZeroPoints   Lack = "zero_points"  // nobody asks for it (R28)
	LackDays         Lack = "days"         // the days that it would cover do not count (R27)
)

// Occasion is when a paper is wanted.
type Occasion string

// The occasions.
const (
	WantedAlways    Occasion = "always"
	WantedOnceEnded Occasion = "ended"     // heirs, where the event had ended before the death
	WantedAtDeath   Occasion = "at_death"  // heirs, where the death ended the event
	WantedPerPeriod Occasion = "further"   // for each further period of illness
	WantedPerStay   Occasion = "stays"     // where days in a hospital are claimed
	WantedAtWish    Occasion = "optional"  // nobody has to
	WantedAfterward Occasion = "afterward" // for days after the interruption of a pregnancy
)

// Want is a paper that an application is to have, and what its lack means.
type Want struct {
	Kind PaperKind
	When Occasion
	Lack Lack
}

// Wanted lists the papers of an application for an event, of a member or of heirs, in
// the order of the call (domain §3, art. 3). What a missing hospital certificate means is
// a reading (A21).
func (r *RuleSet) Wanted(kind EventKind, by ApplicantKind) []Want {
	wants := []Want{{IdentityWhole, WantedAlways, LackInadmissible}} // R24; of heirs, their own
	initial := WantedAlways
	if by == ByHeirs {
		wants = append(wants, Want{HeirsFinal, WantedAtDeath, LackInadmissible}) // R38
		initial = WantedOnceEnded
	}
	switch kind {
	case TherapyCycle:
		wants = append(wants, Want{CycleFinal, initial, LackInadmissible}) // R33
	case RiskInterruption:
		wants = append(wants, Want{ASLInterdiction, WantedAlways, LackInadmissible}, Want{ExtensionPrognosis, WantedAfterward, LackDays}) // R36
	default:
		wants = append(wants, Want{InitialPrognosis, initial, LackInadmissible}, Want{ExtensionPrognosis, WantedPerPeriod, LackDays}) // R25, R27
	}
	stay := Want{HospitalStay, WantedPerStay, LackInadmissible} // R30, R34
	if r.Readings.HospitalCopyMissing.Is != MakesInadmissible {
		stay.Lack = LackDays
	}
	wants = append(wants, stay)
	if by == ByHeirs {
		wants = append(wants, Want{DeathCertificate, WantedAlways, LackSupplement}) // A41
	}
	return append(wants, Want{ISEEStatement, WantedAtWish, LackZeroPoints}) // R28
}

// Missing is a paper that a draft still lacks, and what that means.
type Missing struct {
	Kind  PaperKind
	Lack  Lack
	Paper PaperID // that was noted without its file, or ""
}

// MissingPapers lists what a draft lacks, in the order of the call. One side of an
// identity document alone is a formal defect, and no lack of it (A41).
func (d Draft) MissingPapers(r *RuleSet) (all []Missing) {
	for _, w := range r.Wanted(d.Answers.Cause.Kind(), ByMember) {
		switch {
		case w.Kind == IdentityWhole:
			all = append(all, d.missingSides()...)
		case w.When == WantedAlways && !d.has(w.Kind):
			all = append(all, Missing{w.Kind, w.Lack, d.noted(w.Kind)})
		case w.Kind == ISEEStatement && !d.has(w.Kind) && d.Answers.ISEE != No:
			all = append(all, Missing{w.Kind, w.Lack, d.noted(w.Kind)})
		case w.When == WantedAlways || w.Kind == ISEEStatement:
		default:
			for _, p := range d.Papers { // what was noted is claimed
				if p.Kind == w.Kind && p.Attachment == "" {
					all = append(all, Missing{w.Kind, w.Lack, p.ID})
				}
			}
		}
	}
	return all
}

func (d Draft) missingSides() []Missing {
	front, back := d.has(IdentityFront), d.has(IdentityBack)
	switch {
	case d.has(IdentityWhole) || front && back:
		return nil
	case front:
		return []Missing{{IdentityBack, LackSupplement, d.noted(IdentityBack)}}
	case back:
		return []Missing{{IdentityFront, LackSupplement, d.noted(IdentityFront)}}
	}
	return []Missing{{IdentityWhole, LackInadmissible, d.noted(IdentityWhole)}}
}

// noted is a paper of a kind that still waits for its file.
func (d Draft) noted(kind PaperKind) PaperID {
	for _, p := range d.Papers {
		if p.Kind == kind && p.Attachment == "" {
			return p.ID
		}
	}
	return ""
}

// MedicalKinds lists the papers that prove days of an event, those that it wants first.
func (c Cause) MedicalKinds() []PaperKind {
	switch c {
	case Cycles:
		return []PaperKind{CycleFinal, HospitalStay}
	case Interrupted:
		return []PaperKind{ASLInterdiction, InitialPrognosis, ExtensionPrognosis, HospitalStay}
	}
	return []PaperKind{InitialPrognosis, ExtensionPrognosis, HospitalStay}
}

// wrongFor tells whether a paper proves nothing of an event of a cause: it was handed in
// before the cause was changed.
func (p Paper) wrongFor(c Cause) bool {
	return p.Kind.Medical() && !slices.Contains(c.MedicalKinds(), p.Kind)
}
