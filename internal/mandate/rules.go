package mandate

import (
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// Why a mandate cannot be made.
var (
	ErrOneself      = fault.Invalid("mandate.oneself")
	ErrName         = fault.Invalid("mandate.name")             // the fiscal code cannot be of somebody called so
	ErrHolderName   = fault.Invalid("mandate.holder_name")      // the portal knows the code under another name
	ErrPersonName   = fault.Invalid("mandate.represented_name") // the same, of the represented
	ErrScope        = fault.Invalid("mandate.scope_missing")
	ErrKind         = fault.Invalid("mandate.kind_missing")
	ErrGrounds      = fault.Invalid("mandate.grounds_missing")
	ErrBorn         = fault.Invalid("mandate.born_missing") // or not what the fiscal code says
	ErrOfAge        = fault.Invalid("mandate.of_age")
	ErrTooShort     = fault.Invalid("mandate.too_short")
	ErrEndsBefore   = fault.Invalid("mandate.ends_before")
	ErrTwice        = fault.Refuse("mandate.twice")
	ErrHasDelegate  = fault.Refuse("mandate.has_delegate")
	ErrTooManyHeld  = fault.Refuse("mandate.too_many_held")
	ErrOwnNameOnly  = fault.Refuse("mandate.own_name_only")
	ErrProtected    = fault.Refuse("mandate.protected")
	ErrMinor        = fault.Refuse("mandate.minor")
	ErrOfficerParty = fault.Refuse("mandate.officer_party")
)

// Why a mandate cannot be ended.
var (
	ErrOver        = fault.Refuse("mandate.over")
	ErrTooSoon     = fault.Refuse("mandate.too_soon")
	ErrCounterOnly = fault.Refuse("mandate.counter_only")
	ErrNoReason    = fault.Invalid("mandate.no_reason")
)

// Wish is a mandate that somebody wants to make.
type Wish struct {
	ID    identity.MandateID // drawn by the service
	Kind  identity.MandateKind
	Scope identity.Scope
	Until calendar.Date // zero for one without an end
	// Grounds names the act of a court, a certificate: what an officer saw.
	Grounds string
}

// Parties is the two people of a mandate with the mandates that either takes part
// in, as they stand while it is judged.
type Parties struct {
	Holder      Party
	Represented Party
	Known       []Mandate
}

// Delegate gives a delegation online: to act for oneself, by oneself. One person
// has one delegate at a time, and a delegate acts for a few people.
func (p Parties) Delegate(w Wish, who identity.Actor, now time.Time) (Decision, error) {
	today := calendar.On(now)
	l := LimitsOn(today)
	switch {
	case who.Person != p.Represented.ID || who.For != who.Person:
		return Decision{}, ErrOwnNameOnly
	case p.protected(l, today):
		return Decision{}, ErrProtected
	case l.minor(p.Represented.Born, today), l.minor(p.Holder.Born, today):
		return Decision{}, ErrMinor
	case !w.Until.IsZero() && w.Until.Before(today.Add(l.OnlineDays.Is)):
		return Decision{}, ErrTooShort
	}
	w.Kind, w.Grounds = identity.Delegate, ""
	return p.make(l, w, Online, who, now)
}

// Register writes down a mandate that an officer saw the act of. That of a parent
// ends with the day before the child comes of age.
func (p Parties) Register(w Wish, who identity.Actor, now time.Time) (Decision, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return Decision{}, err
	}
	today := calendar.On(now)
	l := LimitsOn(today)
	last := l.LastDayAsMinor(p.Represented.Born)
	switch {
	case who.Person == p.Holder.ID || who.Person == p.Represented.ID:
		return Decision{}, ErrOfficerParty
	case !slices.Contains(identity.MandateKinds, w.Kind):
		return Decision{}, ErrKind
	case strings.TrimSpace(w.Grounds) == "":
		return Decision{}, ErrGrounds
	case w.Kind != identity.Parent:
	case p.Represented.Born.IsZero() || !p.Represented.FiscalCode.Born(p.Represented.Born):
		return Decision{}, ErrBorn
	case today.After(last):
		return Decision{}, ErrOfAge
	case w.Until.IsZero() || w.Until.After(last):
		w.Until = last
	}
	return p.make(l, w, Counter, who, now)
}

// make is what both ways have in common.
func (p Parties) make(l Limits, w Wish, by Channel, who identity.Actor, now time.Time) (Decision, error) {
	today := calendar.On(now)
	switch {
	case p.Holder.ID == p.Represented.ID:
		return Decision{}, ErrOneself
	case !slices.Contains(identity.Scopes, w.Scope):
		return Decision{}, ErrScope
	case !w.Until.IsZero() && w.Until.Before(today):
		return Decision{}, ErrEndsBefore
	case p.count(today, func(m Mandate) bool {
		return m.Holder == p.Holder.ID && m.Represented.ID == p.Represented.ID && m.Kind == w.Kind
	}) > 0:
		return Decision{}, ErrTwice
	case w.Kind != identity.Delegate:
	case p.count(today, func(m Mandate) bool { return m.Represented.ID == p.Represented.ID && m.Kind == identity.Delegate }) >= l.Delegates.Is:
		return Decision{}, ErrHasDelegate
	case p.count(today, func(m Mandate) bool { return m.Holder == p.Holder.ID && m.Kind == identity.Delegate }) >= l.People.Is:
		return Decision{}, ErrTooManyHeld
	}
	return decide(Mandate{
		Mandate: identity.Mandate{ID: w.ID, Kind: w.Kind, Scope: w.Scope, Holder: p.Holder.ID, Represented: p.Represented.Person,
			From: today, Until: w.Until},
		Acting: p.Holder, Channel: by, Grounds: strings.TrimSpace(w.Grounds), MadeAt: now,
	}, who, Made, now), nil
}

// count counts the mandates in force on a day that are as asked.
func (p Parties) count(on calendar.Date, as func(Mandate) bool) (n int) {
	for _, m := range p.Known {
		if m.Holds(on) && as(m) {
			n++
		}
	}
	return n
}

// protected tells whether somebody else answers for the represented.
func (p Parties) protected(l Limits, on calendar.Date) bool {
	return p.count(on, func(m Mandate) bool {
		return m.Represented.ID == p.Represented.ID && slices.Contains(l.ProtectedBy.Is, m.Kind)
	}) > 0
}

// MayRevoke tells why somebody cannot end a mandate online today, nil when they
// can: who holds it gives it up at any time; who gave it takes it back, if nobody
// answers for them and it has lasted as long as one made online must. Whose
// business it is not finds nothing.
func (p Parties) MayRevoke(m Mandate, who identity.Actor, today calendar.Date) error {
	l := LimitsOn(today)
	switch {
	case who.Person != m.Holder && who.Person != m.Represented.ID:
		return fault.ErrNotFound
	case !m.Holds(today):
		return ErrOver
	case who.For != who.Person:
		return ErrOwnNameOnly
	case m.Kind != identity.Delegate:
		return ErrCounterOnly
	case who.Person == m.Holder:
		return nil
	case p.protected(l, today):
		return ErrProtected
	case m.Channel == Online && today.Before(m.FreeFrom(l)):
		return ErrTooSoon
	}
	return nil
}

// FreeFrom is the first day on which who gave a delegation online may take it back
// online.
func (m Mandate) FreeFrom(l Limits) calendar.Date { return m.From.Add(l.OnlineDays.Is) }

// Revoke ends a mandate online.
func (p Parties) Revoke(m Mandate, who identity.Actor, now time.Time) (Decision, error) {
	if err := p.MayRevoke(m, who, calendar.On(now)); err != nil {
		return Decision{}, err
	}
	return end(m, who, now), nil
}

// RevokeAtCounter ends a mandate of any kind, at the word of an officer and for a
// reason that they write down.
func RevokeAtCounter(m Mandate, reason string, who identity.Actor, now time.Time) (Decision, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return Decision{}, err
	}
	switch {
	case who.Person == m.Holder || who.Person == m.Represented.ID:
		return Decision{}, ErrOfficerParty
	case !m.Holds(calendar.On(now)):
		return Decision{}, ErrOver
	case strings.TrimSpace(reason) == "":
		return Decision{}, ErrNoReason
	}
	return end(m, who, now), nil
}

// EndAtDeath ends a mandate because one of its two people has died, as an officer
// registers it; false for one that is over already.
func EndAtDeath(m Mandate, who identity.Actor, now time.Time) (d Decision, ends bool) {
	today := calendar.On(now)
	if !m.Mandate.Revoked.IsZero() || !m.Until.IsZero() && m.Until.Before(today) {
		return Decision{}, false
	}
	d = end(m, who, now)
	if m.From.After(today) { // it has not begun, and never will
		d.Mandate.Mandate.Revoked = m.From
	}
	return d, true
}

// end is over at once: who held the mandate cannot act from now on.
func end(m Mandate, who identity.Actor, now time.Time) Decision {
	m.Mandate.Revoked, m.RevokedBy = calendar.On(now), who.Person
	return decide(m, who, Revoked, now)
}
