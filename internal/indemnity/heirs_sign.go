package indemnity

import (
	"context"
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/once"
)

// An application of heirs is of those who sign it, each for their share (R17). The call
// has no word on what becomes of it when one of several has not: one of them is enough
// for it to be an application, what the others lack is formal. So they may add it
// themselves while the term for heirs runs, and after it as long as a request of the
// office to them does (R40). Into an application that the deceased had sent heirs step as
// it is (R18): there is nothing to sign.

// Why an heir does not sign.
var (
	ErrSigned       = fault.Refuse("heirs.signed")        // they have
	ErrSignLate     = fault.Refuse("heirs.sign_late")     // their term is over
	ErrSignDeclares = fault.Invalid("heirs.sign_declare") // a declaration was not made
)

// What heirs declare that the examination asks for (R31, R32), by the names that every
// call gives it.
const (
	declaresCopies     = "true_copy"
	declaresInactivity = "no_activity"
)

// Signature is what an heir signs.
type Signature struct {
	Heir     HeirID
	At       time.Time
	By       Channel
	Declared []Declared
	IBAN     string // of their share, "" where they do not say
}

func (h Heir) signs(by Channel, at time.Time, declared []Declared) Signature {
	return Signature{Heir: h.ID, At: at.UTC(), By: by, Declared: declared, IBAN: h.IBAN}
}

// HeirsChange is what an act makes of the heirs of a case and of what they sent: all of
// it is saved, or nothing.
type HeirsChange struct {
	Message *Message // a new one; one that the case has as it was put right
	Signed  []Signature
	Entry   audit.Entry
}

// Heir is one of the case; fault.ErrNotFound.
func (c CaseFile) Heir(id HeirID) (Heir, error) {
	i := slices.IndexFunc(c.Heirs, func(h Heir) bool { return h.ID == id })
	if i < 0 {
		return Heir{}, fault.ErrNotFound
	}
	return c.Heirs[i], nil
}

// AsHeir is the heir of the case who an actor is; fault.ErrNotFound.
func (c CaseFile) AsHeir(who identity.Actor) (Heir, error) {
	if c.Reader(who) == ItsHeir {
		for _, h := range c.Heirs {
			if h.Person.ID == who.For {
				return h, nil
			}
		}
	}
	return Heir{}, fault.ErrNotFound
}

// asHeir is the heir of the case who an actor is, "" for anybody else.
func (c CaseFile) asHeir(who identity.Actor) HeirID {
	h, _ := c.AsHeir(who)
	return h.ID
}

// toOther tells whether a request is to another heir than who opened the case.
func (c CaseFile) toOther(r Request) bool { return r.Heir != "" && c.As != "" && r.Heir != c.As }

// MaySign is until when an heir can still sign at an instant, or why they cannot: an
// application of heirs only, within their term or that of a request to them.
func (c CaseFile) MaySign(h Heir, now time.Time) (last calendar.Date, err error) {
	switch {
	case c.Kind != ByHeirs:
		return last, fault.ErrNotFound
	case !h.SignedAt.IsZero():
		return last, ErrSigned
	case c.State != Submitted && c.State != InReview:
		return last, ErrSignLate
	}
	if now.Before(c.TermEndedOn.End()) {
		last = c.TermEndedOn
	}
	for _, r := range c.Requests {
		if r.MayAnswer(now) == nil && (r.Heir == "" || r.Heir == h.ID) && r.DueOn.After(last) {
			last = r.DueOn
		}
	}
	if last.IsZero() {
		err = ErrSignLate
	}
	return last, err
}

// Unsigned are the heirs whose signature an application of heirs lacks.
func (c CaseFile) Unsigned() (all []Heir) {
	for _, h := range c.Heirs {
		if c.Kind == ByHeirs && h.SignedAt.IsZero() {
			all = append(all, h)
		}
	}
	return all
}

// Sign adds the signature of an heir who has linked themselves to an application, with
// the declarations of its call, all of them, and the account for their share if they
// say one.
func (s *Heirs) Sign(ctx context.Context, who identity.Actor, form once.Form, id CaseID, marks []string, account string) error {
	if account != "" {
		if _, err := iban.Parse(account); err != nil {
			return err
		}
	}
	return s.ChangeHeirs(ctx, form, s.now(), id, func(c CaseFile) (HeirsChange, error) {
		h, err := c.AsHeir(who)
		if err == nil {
			_, err = c.MaySign(h, s.now())
		}
		if err != nil {
			return HeirsChange{}, err
		}
		declared := c.Rules.asHeirs(marks, s.now())
		if len(declared) < len(c.Rules.Declarations.Is) {
			return HeirsChange{}, ErrSignDeclares
		}
		signed := h.signs(Portal, s.now(), declared)
		if account != "" {
			signed.IBAN = account
		}
		return HeirsChange{Signed: []Signature{signed}, Entry: s.entry(who, HeirSigned, c)}, nil
	})
}

// asHeirs freezes the words of declarations as heirs make them.
func (r *RuleSet) asHeirs(marks []string, at time.Time) []Declared {
	made := []Declared{}
	for _, d := range r.Declarations.Is {
		if slices.Contains(marks, d.Mark()) {
			made = append(made, Declared{d.ID, d.Version, d.OfHeirs(), at.UTC()})
		}
	}
	return made
}

// declaredByHeirs tells whether an heir has made a declaration: what one of them knows of
// the deceased, and answers for, is declared.
func (c CaseFile) declaredByHeirs(id string) bool {
	return slices.ContainsFunc(c.Heirs, func(h Heir) bool {
		return slices.ContainsFunc(h.Declared, func(d Declared) bool { return d.ID == id })
	})
}
