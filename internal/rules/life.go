package rules

import (
	"slices"
	"time"

	"portal/internal/identity"
)

// State is where a version of rules stands.
//
//	Draft ──> Proposed ──> Released
//	 │  └───────<──┘
//	 └──────> Dropped
type State string

// The states. What is released stays as it is for ever.
const (
	Draft    State = "draft"
	Proposed State = "proposed"
	Released State = "released"
	Dropped  State = "dropped"
)

// Life is how a version of rules came to be: drafted by copying another, proposed, and
// released by a second person. One that came with the program was drafted by nobody.
type Life struct {
	State    State
	Shipped  bool                // it came with the program: the rules as published
	Revision int64               // moves with each change
	Authors  []identity.PersonID // who drafted and changed it
	Drafted  identity.Hand
	Proposed identity.Hand
	Decided  identity.Hand
	Note     string // why it was sent back
}

// Begin is the life of a draft that somebody makes.
func Begin(who identity.Actor, now time.Time) Life {
	return Life{State: Draft, Authors: []identity.PersonID{who.Person}, Drafted: who.At(now)}
}

// Open tells whether somebody works on the version: a draft, or a proposal.
func (l Life) Open() bool { return l.State == Draft || l.State == Proposed }

// Made tells whether somebody drafted, changed or proposed the version: they do not
// decide on it.
func (l Life) Made(by identity.Actor) bool {
	return by.Person == l.Drafted.Person || by.Person == l.Proposed.Person || slices.Contains(l.Authors, by.Person)
}

// Edit is that somebody changed a draft.
func (l *Life) Edit(who identity.Actor) {
	l.Revision++
	if !slices.Contains(l.Authors, who.Person) {
		l.Authors = append(l.Authors, who.Person)
	}
}

// Propose is that somebody asked for the release of a draft.
func (l *Life) Propose(who identity.Actor, now time.Time) {
	l.State, l.Proposed, l.Note = Proposed, who.At(now), ""
	l.Revision++
}

// SendBack makes a proposal a draft again, with a note that says why.
func (l *Life) SendBack(note string) {
	l.State, l.Proposed, l.Note = Draft, identity.Hand{}, note
	l.Revision++
}

// Release is that a second person put a proposal in force.
func (l *Life) Release(who identity.Actor, now time.Time) {
	l.State, l.Decided = Released, who.At(now)
	l.Revision++
}

// Drop gives a draft up.
func (l *Life) Drop() {
	l.State = Dropped
	l.Revision++
}
