package identity

import (
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
)

// PersonID names a person everywhere inside the portal: a random UUID. The
// fiscal code stays in one table.
type PersonID string

// Role is the hat somebody wears for the length of a login.
type Role string

// The roles. The words on screens stand in the catalogue under "role.<role>".
const (
	Citizen      Role = "citizen"      // in prima persona, o per conto di qualcuno
	Psychologist Role = "psychologist" // psicoterapeuta aderente
	Member       Role = "member"       // iscritto ENPAP
	Heir         Role = "heir"         // erede
	CNOP         Role = "cnop"         // chi comunica l'elenco
	INPS         Role = "inps"         // personale INPS
	Welfare      Role = "welfare"      // personale ENPAP, Servizio Welfare
	Oversight    Role = "oversight"    // amministratore, revisore
	System       Role = "system"       // acts that fall due by the calendar
)

// Roles lists every role; the database knows the same words.
var Roles = []Role{Citizen, Psychologist, Member, Heir, CNOP, INPS, Welfare, Oversight, System}

// Duty is what somebody may do within an office. Who prepares an act, who approves
// it, who publishes it and who pays are different people: the database sees to it.
type Duty string

// The duties.
const (
	Prepare Duty = "prepare" // istruttoria
	Approve Duty = "approve" // approvazione; at CNOP, who sends the list
	Publish Duty = "publish" // pubblicazione
	Pay     Duty = "pay"     // pagamenti

	Audit      Duty = "audit"      // of oversight: revisore, who reads all and changes nothing
	Administer Duty = "administer" // of oversight: amministratore, who sees no case
)

// Duties lists every duty; the database knows the same words.
var Duties = []Duty{Prepare, Approve, Publish, Pay, Audit, Administer}

// ErrNoDuty says that an act is for colleagues with another duty.
var ErrNoDuty = fault.Refuse("duty.missing")

// Person is somebody the portal knows.
type Person struct {
	ID         PersonID
	FiscalCode FiscalCode
	GivenName  string
	FamilyName string
}

// Name is the person's name as Italians say it: given name first.
func (p Person) Name() string { return p.GivenName + " " + p.FamilyName }

// MandateKind is why somebody may act for another.
type MandateKind string

// The mandates. Issue and revocation are acts of their own; here they are read.
const (
	Parent        MandateKind = "parent"        // genitore con responsabilità genitoriale
	Guardian      MandateKind = "guardian"      // tutore, curatore, affidatario
	Administrator MandateKind = "administrator" // amministratore di sostegno
	Delegate      MandateKind = "delegate"      // delega dell'identità digitale
)

// MandateKinds lists every mandate; the database knows the same words.
var MandateKinds = []MandateKind{Parent, Guardian, Administrator, Delegate}

// Scope is in which matters a mandate holds.
type Scope string

// The scopes.
const (
	AllMatters    Scope = "all"
	VoucherOnly   Scope = "voucher"   // contributo sessioni di psicoterapia
	IndemnityOnly Scope = "indemnity" // indennità di malattia o infortunio
)

// Scopes lists every scope; the database knows the same words.
var Scopes = []Scope{AllMatters, VoucherOnly, IndemnityOnly}

// Covers tells whether a scope holds in a matter.
func (s Scope) Covers(matter Scope) bool { return s == AllMatters || s == matter }

// MandateID names a mandate: a random UUID.
type MandateID string

// Mandate lets a holder act for another between two days, both included. A zero
// Until has no end; a zero Revoked was never taken back.
type Mandate struct {
	ID          MandateID
	Kind        MandateKind
	Scope       Scope
	Holder      PersonID
	Represented Person
	From        calendar.Date
	Until       calendar.Date
	Revoked     calendar.Date
}

// Holds tells whether the mandate is in force on a day.
func (m Mandate) Holds(on calendar.Date) bool {
	return !on.Before(m.From) &&
		(m.Until.IsZero() || !on.After(m.Until)) &&
		(m.Revoked.IsZero() || on.Before(m.Revoked))
}

// Actor is who does something, wearing which hat, and for whom. It is an
// argument of every act: authority is never fished out of a context.
type Actor struct {
	Person  PersonID
	Role    Role
	For     PersonID  // who is represented; the same as Person in one's own name
	Mandate MandateID // "" in one's own name
	duties  string    // of an officer: see WithDuties
}

// WithDuties is the actor with the duties of their office. Actors stay comparable.
func (a Actor) WithDuties(duties []Duty) Actor {
	a.duties = ""
	for _, d := range Duties {
		if slices.Contains(duties, d) {
			a.duties += " " + string(d)
		}
	}
	return a
}

// Has tells whether the actor has a duty in the office whose hat they wear.
func (a Actor) Has(d Duty) bool { return slices.Contains(strings.Fields(a.duties), string(d)) }

// Must is ErrNoDuty for an actor who has none of some duties in an office.
func (a Actor) Must(office Role, oneOf ...Duty) error {
	if a.Role != office || !slices.ContainsFunc(oneOf, a.Has) {
		return ErrNoDuty
	}
	return nil
}

// Hand is who did something, and when; their name is filled in where it is read.
type Hand struct {
	Person PersonID
	Name   string
	At     time.Time
}

// At is the hand of the actor in what they do at an instant.
func (a Actor) At(now time.Time) Hand { return Hand{Person: a.Person, At: now} }

// Own is an actor in their own name.
func Own(p PersonID, r Role) Actor { return Actor{Person: p, Role: r, For: p} }

// Office is the actor of acts that fall due by the calendar.
func Office() Actor { return Actor{Role: System} }

// Profiles is what somebody may log in as on a day.
type Profiles struct {
	Roles    []Role // granted ones, and psychologist for who is or was on the list
	Duties   map[Role][]Duty
	Mandates []Mandate // in force, or ended: the page says since when
}
