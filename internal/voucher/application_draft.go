package voucher

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
)

// DraftID names a draft: a random UUID.
type DraftID string

// Draft is an application that is being written (bozza): one for each edition,
// writer and beneficiary. It is saved at every step, and taken up again elsewhere.
type Draft struct {
	ID      DraftID
	Edition EditionID
	Writer  identity.PersonID
	Of      Beneficiary
	Answers Answers
	Sent    ApplicationID // what it became, "" while it is being written
	Version int64         // moves with each step
	SavedAt time.Time
}

// Tie is what ties who writes an application to who is to receive the contribution.
type Tie string

// The ties.
const (
	Myself      Tie = "self"
	Represented Tie = "mandate" // a guardian, an administrator, a parent the portal knows
	MyChild     Tie = "child"   // a minor whom the writer names
)

// Beneficiary is who is to receive the contribution, as a draft names them.
type Beneficiary struct {
	Tie        Tie                 `json:"tie"`
	FiscalCode identity.FiscalCode `json:"-"` // kept beside the answers
	GivenName  string              `json:"given_name"`
	FamilyName string              `json:"family_name"`
	Mandate    identity.MandateID  `json:"mandate,omitempty"`
	Declared   bool                `json:"declared,omitempty"` // a parent on their own word: the register does not say so
}

// Name is the beneficiary's name, given name first.
func (b Beneficiary) Name() string { return b.GivenName + " " + b.FamilyName }

// Answers is what a draft holds of each step.
type Answers struct {
	Residence  bool      `json:"residence,omitempty"` // was seen and confirmed
	ISEE       bool      `json:"isee,omitempty"`      // was seen
	Email      string    `json:"email,omitempty"`
	Phone      string    `json:"phone,omitempty"`
	Declared   []string  `json:"declared,omitempty"` // see Declaration.Mark
	DeclaredAt time.Time `json:"declared_at,omitzero"`
}

// Step is a page of the application.
type Step string

// The steps, in their order. The first chooses the beneficiary and makes the draft.
const (
	StepWhom         Step = "per-chi"
	StepResidence    Step = "residenza"
	StepISEE         Step = "isee"
	StepContacts     Step = "contatti"
	StepDeclarations Step = "dichiarazioni"
	StepReview       Step = "controlla"
)

// Steps lists the steps in their order.
var Steps = []Step{StepWhom, StepResidence, StepISEE, StepContacts, StepDeclarations, StepReview}

// Next is the first step of a draft that is still to be done; StepReview when
// nothing is missing.
func (d Draft) Next(r Rules) Step {
	switch a := d.Answers; {
	case !a.Residence:
		return StepResidence
	case !a.ISEE:
		return StepISEE
	case a.Email == "" && a.Phone == "":
		return StepContacts
	case !a.declaredAll(r):
		return StepDeclarations
	}
	return StepReview
}

func (a Answers) declaredAll(r Rules) bool {
	return !slices.ContainsFunc(r.Declarations.Is, func(d Declaration) bool { return !slices.Contains(a.Declared, d.Mark()) })
}

// Mark names a declaration in one version: one confirmed in another wording was
// not confirmed.
func (d Declaration) Mark() string { return d.ID + "@" + strconv.Itoa(d.Version) }

// Why contacts cannot be taken.
var (
	ErrNoContact = fault.Invalid("contact.none")
	ErrEmail     = fault.Invalid("contact.email")
	ErrPhone     = fault.Invalid("contact.phone")
)

// ParseEmail reads an address as people write it: something, an at, and a domain
// with a dot. Nothing is none.
func ParseEmail(text string) (string, error) {
	s := strings.TrimSpace(text)
	name, domain, at := strings.Cut(s, "@")
	switch {
	case s == "":
		return "", nil
	case !at || name == "" || len(s) > 254 || strings.ContainsAny(s, " \t\r\n,;<>\"") || strings.Contains(domain, "@"),
		!strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.Contains(domain, ".."):
		return "", ErrEmail
	}
	return s, nil
}

// ParsePhone reads a number as people write it, with blanks, dots and a prefix.
// Nothing is none.
func ParsePhone(text string) (string, error) {
	s := strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t./-()", r) }), "")
	digits := strings.TrimPrefix(s, "+")
	switch {
	case s == "":
		return "", nil
	case len(digits) < 6 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "":
		return "", ErrPhone
	}
	return s, nil
}
