package indemnity

import (
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
)

// Declaration is a statement under DPR 445/2000 that an applicant makes, as it is
// worded in one version.
type Declaration struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Says    string `json:"says"`            // the sentence that is confirmed
	Text    string `json:"text"`            // the whole text, with what follows from a false one
	Heirs   string `json:"heirs,omitempty"` // the whole text as heirs declare it of who has died; "" for the same
	Article string `json:"article"`
}

// Whole is the sentence with its text.
func (d Declaration) Whole() string { return strings.TrimSuffix(d.Says, ".") + ". " + d.Text }

// OfHeirs is the text as heirs declare it.
func (d Declaration) OfHeirs() string {
	if d.Heirs != "" {
		return d.Heirs
	}
	return d.Whole()
}

// Mark names a declaration in one version: one made in another wording was not made.
func (d Declaration) Mark() string { return d.ID + "@" + strconv.Itoa(d.Version) }

// PartState is how far a part of a draft has come.
type PartState string

// The states of a part, as the task list names them.
const (
	PartToDo     PartState = "to_do"    // da fare
	PartBegun    PartState = "begun"    // in corso
	PartDone     PartState = "done"     // completata
	PartOptional PartState = "optional" // facoltativa, and not begun
	PartNotYet   PartState = "not_yet"  // non ancora disponibile
	PartTrouble  PartState = "trouble"  // c'è un problema
)

// Parts is how far each part has come on a day, by the rules of its call.
func (d Draft) Parts(r *RuleSet, today calendar.Date) map[Part]PartState {
	a := d.Answers
	states := map[Part]PartState{
		PartCause:        done(a.Cause != "", false),
		PartPeriod:       d.periodState(today),
		PartCertificates: d.certificatesState(),
		PartIdentity:     d.identityState(today),
		PartActivity:     done(a.Exclusive != "", false),
		PartCover:        done(a.Covered != "", false),
		PartISEE:         d.iseeState(),
		PartContacts:     done(a.IBAN != "" && a.Email != "", a.IBAN != "" || a.Email != ""),
		PartDeclarations: d.declarationsState(r),
		PartReview:       PartNotYet,
	}
	if len(missing(states)) == 0 {
		states[PartReview] = PartToDo
	}
	return states
}

// Missing lists the parts that are still to be done before a draft can be sent, in
// their order.
func (d Draft) Missing(r *RuleSet, today calendar.Date) []Part { return missing(d.Parts(r, today)) }

func missing(states map[Part]PartState) (parts []Part) {
	for _, p := range Parts {
		if s := states[p]; p != PartReview && s != PartDone && s != PartOptional {
			parts = append(parts, p)
		}
	}
	return parts
}

func done(is, begun bool) PartState {
	switch {
	case is:
		return PartDone
	case begun:
		return PartBegun
	}
	return PartToDo
}

// periodState is whether the event has both its ends, and has ended; of cycles, whether
// their stops are listed.
func (d Draft) periodState(today calendar.Date) PartState {
	a := d.Answers
	p := a.Period()
	whole := p.Valid() && p.To.Before(today) && (a.Cause != Interrupted || !a.InterruptedOn.IsZero()) && (a.Cause != Cycles || len(a.Stops) > 0)
	return done(whole, !p.From.IsZero())
}

// Proof is the paper without which an application for a cause is inadmissible (R25,
// R33, R36).
func (c Cause) Proof() PaperKind {
	switch c {
	case Cycles:
		return CycleFinal
	case Interrupted:
		return ASLInterdiction
	}
	return InitialPrognosis
}

// certificatesState is whether the paper that the cause wants is there, and each paper
// has its file.
func (d Draft) certificatesState() PartState {
	var begun, proved bool
	for _, p := range d.Papers {
		if !p.Kind.Medical() {
			continue
		}
		if begun = true; p.Attachment == "" {
			return PartBegun
		}
		proved = proved || p.Kind == d.Answers.Cause.Proof()
	}
	return done(proved, begun)
}

// Medical tells whether a paper proves days of inactivity.
func (k PaperKind) Medical() bool {
	switch k {
	case InitialPrognosis, ExtensionPrognosis, HospitalStay, CycleFinal, ASLInterdiction, HeirsFinal:
		return true
	}
	return false
}

// has tells whether a paper of a kind is there with its file.
func (d Draft) has(kind PaperKind) bool {
	return slices.ContainsFunc(d.Papers, func(p Paper) bool { return p.Kind == kind && p.Attachment != "" })
}

// identityState is whether both sides of a document are there, and it is valid.
func (d Draft) identityState(today calendar.Date) PartState {
	expires := d.Answers.IdentityExpires
	both := d.has(IdentityWhole) || d.has(IdentityFront) && d.has(IdentityBack)
	switch {
	case !expires.IsZero() && expires.Before(today):
		return PartTrouble
	case both && !expires.IsZero():
		return PartDone
	}
	return done(false, !expires.IsZero() || d.has(IdentityFront) || d.has(IdentityBack) || d.has(IdentityWhole))
}

// iseeState is whether the ISEE that somebody wants to present is there whole.
func (d Draft) iseeState() PartState {
	switch a := d.Answers; a.ISEE {
	case Yes:
		return done(a.ISEEYear != 0 && d.has(ISEEStatement), true)
	case No:
		return PartDone
	}
	return PartOptional
}

// declarationsState is whether every declaration was made, after the last paper came:
// one of them is that the copies conform to the originals.
func (d Draft) declarationsState(r *RuleSet) PartState {
	made := 0
	for _, x := range r.Declarations.Is {
		if slices.Contains(d.Answers.Declared, x.Mark()) {
			made++
		}
	}
	later := slices.ContainsFunc(d.Papers, func(p Paper) bool { return p.AddedAt.After(d.Answers.DeclaredAt) })
	return done(made == len(r.Declarations.Is) && !later, made > 0)
}
