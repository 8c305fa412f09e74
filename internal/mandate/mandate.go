// Package mandate is how somebody comes to act for another, and ceases to: the
// delegation of the digital identity, parents, guardians, administrators.
//
//	mandate.go  Mandate and Party: who acts for whom, since when, by which act
//	limits.go   Limits: how many, for how long, as data with its article
//	rules.go    what may be made and ended, by whom
//	service.go  Service: the acts, as the portal calls them
package mandate

import (
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
)

// Channel is how a mandate came to the portal.
type Channel string

// The channels; the database knows the same words.
const (
	Online   Channel = "online"   // the represented gave it here
	Declared Channel = "declared" // the holder declared it with an application
	Counter  Channel = "counter"  // an officer saw the act
)

// Channels lists every channel.
var Channels = []Channel{Online, Declared, Counter}

// What is written in the register about mandates. Each entry of one that is made or
// ended is about one of its two people: both have theirs.
const (
	Made    audit.Action = "mandate.made"
	Revoked audit.Action = "mandate.revoked"
	Seen    audit.Action = "mandate.seen" // an officer looked at somebody's
)

// Party is one of the two people of a mandate.
type Party struct {
	identity.Person
	Born calendar.Date // zero where nobody knows
}

// Mandate is who may act for whom, with where it comes from. Holder and Represented
// of the identity.Mandate are the ids of the two parties.
type Mandate struct {
	identity.Mandate
	Acting    Party   // who acts
	Channel   Channel // how it was made
	Grounds   string  // the act it rests on, as an officer saw it; "" online
	MadeAt    time.Time
	RevokedBy identity.PersonID // "" while nobody has
}

// Decision is what an act on mandates changes: one of them, with its entries.
type Decision struct {
	Mandate Mandate
	Entries []audit.Entry
}

// decide writes an act to both people of a mandate.
func decide(m Mandate, who identity.Actor, what audit.Action, now time.Time) Decision {
	entry := audit.Entry{At: now, Actor: who, Action: what, Subject: string(m.ID)}
	own, other := entry, entry
	own.About, other.About = m.Represented.ID, m.Holder
	return Decision{m, []audit.Entry{own, other}}
}
