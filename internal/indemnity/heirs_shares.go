package indemnity

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/iban"
	"portal/internal/identity"
)

// Kinships lists how an heir may stand to the deceased.
var Kinships = []string{"spouse", "child", "parent", "sibling", "testamentary", "other"}

// MostHeirs is how many heirs a case takes.
const MostHeirs = 20

// mostShares bounds both numbers of a share.
const mostShares = 10_000

// Why heirs cannot stand as they are typed. Those of one heir come in an HeirError.
var (
	ErrNoHeirs        = fault.Invalid("heirs.none")
	ErrHeirName       = fault.Invalid("heirs.name")
	ErrHeirFiscalCode = fault.Invalid("heirs.fiscal_code")
	ErrHeirTwice      = fault.Invalid("heirs.twice")
	ErrHeirIsDeceased = fault.Invalid("heirs.is_deceased")
	ErrKinship        = fault.Invalid("heirs.kinship")
	ErrShare          = fault.Invalid("heirs.share")  // it is no fraction
	ErrShares         = fault.Invalid("heirs.shares") // they do not make the whole: see SharesError
)

// HeirError is what is wrong with one of the heirs, counted from 0.
type HeirError struct {
	At     int
	Reason error
}

// Error is the reason, which names nobody.
func (e HeirError) Error() string { return e.Reason.Error() }

// Unwrap is the reason.
func (e HeirError) Unwrap() error { return e.Reason }

// SharesError is ErrShares with what the shares make together.
type SharesError struct{ Part, Whole int64 }

// Error is the reason.
func (e SharesError) Error() string { return ErrShares.Error() }

// Unwrap is the reason.
func (e SharesError) Unwrap() error { return ErrShares }

// ParseShare reads a share as people write it: "1/3", "1" for everything, "50%".
func ParseShare(text string) (part, whole int, err error) {
	text = strings.Join(strings.Fields(text), "")
	if percent, ok := strings.CutSuffix(text, "%"); ok {
		text = percent + "/100"
	}
	above, below, fraction := strings.Cut(text, "/")
	if !fraction {
		below = "1"
	}
	part, errPart := strconv.Atoi(above)
	whole, errWhole := strconv.Atoi(below)
	if errPart != nil || errWhole != nil || strings.ContainsAny(text, "+-") || part < 1 || part > whole || whole > mostShares {
		return 0, 0, ErrShare
	}
	divisor := int(new(big.Int).GCD(nil, nil, big.NewInt(int64(part)), big.NewInt(int64(whole))).Int64())
	return part / divisor, whole / divisor, nil
}

// Share is the share of an heir as people write it: "1/3", "1".
func (h Heir) Share() string {
	if h.Part == h.Whole {
		return "1"
	}
	return strconv.Itoa(h.Part) + "/" + strconv.Itoa(h.Whole)
}

// HeirsFlaw is what stands against some heirs, nil for nothing: of each their name,
// fiscal code and kinship, of all that their shares make the whole. An account may be
// missing, and comes later.
func heirsFlaw(heirs []Heir, deceased identity.FiscalCode) error {
	if len(heirs) == 0 || len(heirs) > MostHeirs {
		return ErrNoHeirs
	}
	sum := new(big.Rat)
	for i, h := range heirs {
		if err := h.flaw(deceased); err != nil {
			return HeirError{i, err}
		}
		if slices.ContainsFunc(heirs[:i], func(o Heir) bool { return o.Person.FiscalCode == h.Person.FiscalCode }) {
			return HeirError{i, ErrHeirTwice}
		}
		sum.Add(sum, big.NewRat(int64(h.Part), int64(h.Whole)))
	}
	if sum.Cmp(big.NewRat(1, 1)) != 0 {
		e := SharesError{}
		if sum.Num().IsInt64() && sum.Denom().IsInt64() {
			e.Part, e.Whole = sum.Num().Int64(), sum.Denom().Int64()
		}
		return e
	}
	return nil
}

func (h Heir) flaw(deceased identity.FiscalCode) error {
	switch {
	case h.Person.GivenName == "" || h.Person.FamilyName == "":
		return ErrHeirName
	case h.Person.FiscalCode == "":
		return ErrHeirFiscalCode
	case h.Person.FiscalCode == deceased:
		return ErrHeirIsDeceased
	case !slices.Contains(Kinships, h.Kinship):
		return ErrKinship
	case h.Part < 1 || h.Whole < h.Part || h.Whole > mostShares:
		return ErrShare
	}
	if h.IBAN != "" {
		_, err := iban.Parse(h.IBAN)
		return err
	}
	return nil
}

// Prepared is an application of heirs that is being prepared, before anybody has logged
// in (H-02). Nothing of it is kept.
type Prepared struct {
	Deceased    identity.Person
	DiedOn      calendar.Date
	Cause       Cause
	First, Last calendar.Date
	Heirs       []Heir // the first of them writes
}

// FlawOfDeceased is what stands against what is said of the deceased and of the event.
func (p Prepared) FlawOfDeceased(today calendar.Date) error {
	if p.Deceased.GivenName == "" || p.Deceased.FamilyName == "" {
		return ErrDeceasedName
	}
	if err := deathFlaw(p.DiedOn, today); err != nil {
		return err
	}
	switch {
	case p.Cause == "":
		return ErrCauseMissing
	case p.First.IsZero():
		return ErrFirstMissing
	case p.Last.IsZero():
		return ErrLastMissing
	case p.DiedOn.Before(p.First):
		return ErrDeathBefore
	}
	return Answers{Cause: p.Cause, First: p.First, Last: p.Last}.Flaw(today)
}

// FlawOfHeirs is what stands against the heirs.
func (p Prepared) FlawOfHeirs() error { return heirsFlaw(p.Heirs, p.Deceased.FiscalCode) }

// DeathEndedIt tells whether the death ended the event, or came when it was over.
func (p Prepared) DeathEndedIt() bool { return !p.DiedOn.After(p.Last) }

// End is the last day of the event: that of the death, where it came first.
func (p Prepared) End() calendar.Date {
	if p.DeathEndedIt() {
		return p.DiedOn
	}
	return p.Last
}

// Papers lists what heirs are to send for the event, each with what its lack means, in
// the order of the call (domain §3).
func (p Prepared) Papers(r *RuleSet) (all []Want) {
	for _, w := range r.Wanted(p.Cause.Kind(), ByHeirs) {
		switch {
		case w.When == WantedAtDeath && !p.DeathEndedIt(), w.When == WantedOnceEnded && p.DeathEndedIt():
		default:
			all = append(all, w)
		}
	}
	return all
}
