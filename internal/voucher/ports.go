package voucher

import (
	"context"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// Why a register outside the portal told nothing that can be used: it did not
// answer in time, or what it answered cannot be true. Both pass with time.
var (
	ErrISEESilent      = fault.Unavailable("registry.isee_silent")
	ErrResidenceSilent = fault.Unavailable("registry.residence_silent")
)

// ISEESource is the register of ISEE attestations (INPS).
type ISEESource interface {
	// ISEE is what the register says of somebody's ISEE on a day. Who has none has
	// an answer that says so. ErrISEESilent when the register does not answer.
	ISEE(ctx context.Context, of identity.FiscalCode, on calendar.Date) (ISEEAnswer, error)
}

// ISEEAnswer is an ISEE as its register attests it on a day.
type ISEEAnswer struct {
	Status      ISEEStatus
	Value       money.Amount
	HasValue    bool
	Attestation Attestation
}

// Check is ErrISEESilent for an answer that cannot be true of a day: whoever
// answers nonsense has not answered.
func (a ISEEAnswer) Check(on calendar.Date) error {
	t := a.Attestation
	valid := false
	switch a.Status {
	case ISEEMissing:
		valid = !a.HasValue && a.Value == 0 && len(t.Defects) == 0
	case ISEEValid:
		valid = a.HasValue && len(t.Defects) == 0 && t.holds(on)
	case ISEEDefective:
		valid = len(t.Defects) > 0 && !slices.ContainsFunc(t.Defects, notACode) && t.holds(on)
	}
	if !valid || a.Value < 0 {
		return ErrISEESilent
	}
	return nil
}

func (t Attestation) holds(on calendar.Date) bool {
	return (t.Kind == "ordinary" || t.Kind == "current") && t.Protocol != "" &&
		!t.IssuedOn.IsZero() && !t.IssuedOn.After(on) && !t.ValidUntil.Before(on)
}

// notACode tells whether a text is no word of a vocabulary: "income_differs".
func notACode(s string) bool { return s == "" || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" }

// Residences is the register of who lives where (ANPR).
type Residences interface {
	// Residence is where somebody lives on a day, and who answers for them while
	// they are a minor; fault.ErrNotFound for who does not live in Italy.
	// ErrResidenceSilent when the register does not answer.
	Residence(ctx context.Context, of identity.FiscalCode, on calendar.Date) (Residence, error)
}

// Residence is a person in the register of residents.
type Residence struct {
	GivenName   string
	FamilyName  string
	BornOn      calendar.Date
	City        string
	Province    string                // "RM"
	Territory   string                // region or autonomous province, as editions name it
	Responsible []identity.FiscalCode // of a minor: who has parental responsibility
}

// Check is ErrResidenceSilent for an answer that cannot be about somebody.
func (r Residence) Check(of identity.FiscalCode) error {
	province := len(r.Province) == 2 && strings.Trim(r.Province, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	if r.GivenName == "" || r.FamilyName == "" || r.City == "" || r.Territory == "" || !province || !of.Born(r.BornOn) {
		return ErrResidenceSilent
	}
	return nil
}

// ofAge is how old somebody is who acts for themselves (c.c. art. 2).
const ofAge = 18

// Majority is the day on which the resident comes of age.
func (r Residence) Majority() calendar.Date {
	return calendar.NewDate(r.BornOn.Year+ofAge, r.BornOn.Month, r.BornOn.Day)
}

// Minor tells whether the resident is under age on a day.
func (r Residence) Minor(on calendar.Date) bool { return on.Before(r.Majority()) }

// Named tells whether somebody goes by a name, capitals and blanks aside.
func (r Residence) Named(given, family string) bool {
	same := func(a, b string) bool {
		return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
	}
	return same(r.GivenName, given) && same(r.FamilyName, family)
}
