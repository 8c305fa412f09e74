package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What officers write in the register about an application.
const (
	ApplicationOpened   audit.Action = "application.opened"
	ApplicationFound    audit.Action = "application.searched" // what was typed is not said
	ApplicationTaken    audit.Action = "application.exported"
	ApplicationAssigned audit.Action = "application.assigned"
	ApplicationVerified audit.Action = "application.verified"
	ApplicationNoted    audit.Action = "application.noted"
	RefusalProposed     audit.Action = "application.refusal_proposed"
	RefusalReturned     audit.Action = "application.refusal_returned"
	ApplicationRefused  audit.Action = "application.refused"
	ApplicationReopened audit.Action = "application.reopened"

	ApplicationISEERequested audit.Action = "application.isee_requested"
)

// Why an officer cannot do something with an application.
var (
	ErrDecided         = fault.Refuse("application.decided")
	ErrNotDecided      = fault.Refuse("application.not_decided")
	ErrRanked          = fault.Refuse("application.ranked")
	ErrNoGround        = fault.Invalid("application.no_ground")
	ErrNoDefect        = fault.Invalid("application.no_defect")
	ErrUnexplained     = fault.Invalid("application.unexplained")
	ErrRefusalOpen     = fault.Refuse("application.refusal_open")
	ErrNoRefusal       = fault.Refuse("application.no_refusal")
	ErrOwnRefusal      = fault.Refuse("application.own_refusal")
	ErrOwnOutcome      = fault.Refuse("application.own_outcome") // who made a refusal does not undo it
	ErrOwnApplication  = fault.Refuse("application.own")
	ErrNoneChosen      = fault.Refuse("application.none_chosen")
	ErrTooManyChosen   = fault.Invalid("application.too_many_chosen")
	ErrNotAnOfficer    = fault.Invalid("application.not_an_officer")
	ErrAlreadyVerified = fault.Refuse("application.already_verified")
)

// RefusalReasons are the codes an application is refused for by hand: their words,
// for the citizen too, stand under "citizen.ground.<code>".
var RefusalReasons = []string{"not_resident", "territory_outside", "duplicate", "false_declaration", "no_title", "isee_missing", "isee_not_corrected"}

// Refusal is a refusal by hand. It is a negative outcome, and so an act of two: one
// officer proposes it, another decides. A third undoes it.
type Refusal struct {
	ID         string
	Reason     string
	State      RefusalState
	Note       string // why it was sent back
	ProposedBy identity.Person
	ProposedAt time.Time
	DecidedBy  identity.Person
	DecidedAt  time.Time
	ReopenedBy identity.Person // who took the application up again all the same
	ReopenedAt time.Time
}

// Outcome is the state to which the refusal leads: what cannot be examined without
// an ISEE is not processable (improcedibile), the rest is refused.
func (r Refusal) Outcome() ApplicationState {
	if r.Reason == "isee_missing" || r.Reason == "isee_not_corrected" {
		return NotProcessable
	}
	return Refused
}

// RefusalState is where a refusal stands.
//
//	Proposed ─┬─> Approved: the application is refused
//	          └─> Returned: it stays as it was
type RefusalState string

// The states; the database knows the same words.
const (
	RefusalIsProposed RefusalState = "proposed"
	RefusalIsApproved RefusalState = "approved"
	RefusalIsReturned RefusalState = "returned"
)

// RefusalStates lists every state.
var RefusalStates = []RefusalState{RefusalIsProposed, RefusalIsApproved, RefusalIsReturned}

// Note is what an officer wrote down about a thing, for the others.
type Note struct {
	Author string
	At     time.Time
	Text   string
}

// Case is an application as an officer works on it.
type Case struct {
	CaseFile
	Beneficiary identity.Person
	Applicant   identity.Person
	BornOn      calendar.Date // of the beneficiary
	Officer     identity.Person
	WorkedBy    identity.Person // who has it open; see Busy
	WorkedSince time.Time
	Refusals    []Refusal // newest first
	Notes       []Note    // newest first
	Blocked     string    // why the voucher is, "" when it is not
	Declared    []Declared
	Unconfirmed bool // sent by a parent on their own word, which no mandate bears out
}

// WorkedFor is how long somebody who opened an application counts as working on it.
const WorkedFor = 15 * time.Minute

// Busy tells whether somebody else has the application open at an instant.
func (c Case) Busy(who identity.PersonID, now time.Time) bool {
	return c.WorkedBy.ID != "" && c.WorkedBy.ID != who && now.Sub(c.WorkedSince) < WorkedFor
}

// OpenRefusal is the refusal that waits for its decision, if there is one.
func (c Case) OpenRefusal() (Refusal, bool) {
	i := slices.IndexFunc(c.Refusals, func(r Refusal) bool { return r.State == RefusalIsProposed })
	if i < 0 {
		return Refusal{}, false
	}
	return c.Refusals[i], true
}

// Ruling is what an act of an officer makes of an application.
type Ruling struct {
	Application Application
	Refusal     *Refusal // new without an ID, otherwise decided or undone; nil where the act is about none
	Entries     []audit.Entry
}

func (c Case) ruling(who identity.Actor, now time.Time, what audit.Action) Ruling {
	return Ruling{Application: c.Application, Entries: []audit.Entry{c.Application.entry(who, now, what)}}
}

// concerns is ErrOwnApplication for who sent the application, or would receive the
// contribution: colleagues work on it.
func (c Case) concerns(who identity.PersonID) error {
	if a := c.Application; who == a.Beneficiary || who == a.Applicant {
		return ErrOwnApplication
	}
	return nil
}

// mayWork tells why somebody decides nothing about the application by hand: it is
// their own, it has an outcome, or a refusal of it waits for its second person.
func (c Case) mayWork(who identity.PersonID) error {
	if err := c.concerns(who); err != nil {
		return err
	}
	if !c.Application.Pending() {
		return ErrDecided
	}
	if _, open := c.OpenRefusal(); open {
		return ErrRefusalOpen
	}
	return nil
}

// MayVerify tells why somebody cannot mark the application as verified.
func (c Case) MayVerify(who identity.PersonID) error {
	if err := c.mayWork(who); err != nil {
		return err
	}
	switch c.Application.State {
	case InReview:
		return ErrAlreadyVerified
	case AwaitingISEE:
		return ErrDecided
	}
	return nil
}

// Verify says that an officer has looked at what the portal could not check.
func (c Case) Verify(who identity.Actor, now time.Time) (Ruling, error) {
	if err := c.MayVerify(who.Person); err != nil {
		return Ruling{}, err
	}
	r := c.ruling(who, now, ApplicationVerified)
	r.Application.State = InReview
	return r, nil
}

// MayAskISEE tells why somebody cannot ask the beneficiary to put an ISEE right.
func (c Case) MayAskISEE(who identity.PersonID) error {
	if err := c.mayWork(who); err != nil {
		return err
	}
	if c.Application.State == AwaitingISEE {
		return ErrDecided
	}
	return nil
}

// ISEEDefects are the codes of what can be wrong with an attestation.
var ISEEDefects = []string{"omission", "difference"}

// AskISEE notes what is wrong with the ISEE and asks to put it right within the term
// of the edition.
func (c Case) AskISEE(who identity.Actor, defects []string, now time.Time) (Ruling, error) {
	if err := c.MayAskISEE(who.Person); err != nil {
		return Ruling{}, err
	}
	defects = slices.DeleteFunc(slices.Clone(ISEEDefects), func(d string) bool { return !slices.Contains(defects, d) })
	if len(defects) == 0 {
		return Ruling{}, ErrNoDefect
	}
	r := c.ruling(who, now, ApplicationISEERequested)
	a := &r.Application
	a.State, a.CureBy, a.Attestation.Defects = AwaitingISEE, c.Edition.Rules.CureBy(calendar.On(now)), defects
	if a.HasISEE {
		a.ISEEStatus = ISEEDefective
	}
	return r, nil
}

// MayRefuse tells why somebody cannot propose a refusal.
func (c Case) MayRefuse(who identity.PersonID) error { return c.mayWork(who) }

// ProposeRefusal proposes to refuse the application: nothing changes until another
// officer approves.
func (c Case) ProposeRefusal(who identity.Actor, reason string, now time.Time) (Ruling, error) {
	if err := c.MayRefuse(who.Person); err != nil {
		return Ruling{}, err
	}
	if !slices.Contains(RefusalReasons, reason) {
		return Ruling{}, ErrNoGround
	}
	r := c.ruling(who, now, RefusalProposed)
	r.Refusal = &Refusal{Reason: reason, State: RefusalIsProposed, ProposedBy: identity.Person{ID: who.Person}, ProposedAt: now}
	return r, nil
}

// MayDecide tells why somebody cannot decide the refusal that is proposed: nobody
// decides their own.
func (c Case) MayDecide(who identity.PersonID) error {
	open, ok := c.OpenRefusal()
	switch {
	case !ok:
		return ErrNoRefusal
	case open.ProposedBy.ID == who:
		return ErrOwnRefusal
	}
	return c.concerns(who)
}

// ApproveRefusal refuses the application as somebody else proposed.
func (c Case) ApproveRefusal(who identity.Actor, now time.Time) (Ruling, error) {
	if err := c.MayDecide(who.Person); err != nil {
		return Ruling{}, err
	}
	if !c.Application.Pending() {
		return Ruling{}, ErrDecided // meanwhile withdrawn by the citizen, or ranked
	}
	r := c.decided(who, now, RefusalIsApproved, ApplicationRefused)
	a := &r.Application
	a.State, a.Reason, a.DecidedOn = r.Refusal.Outcome(), r.Refusal.Reason, calendar.On(now)
	return r, nil
}

// ReturnRefusal sends a proposal back, with the reason.
func (c Case) ReturnRefusal(who identity.Actor, note string, now time.Time) (Ruling, error) {
	if err := c.MayDecide(who.Person); err != nil {
		return Ruling{}, err
	}
	if note == "" {
		return Ruling{}, ErrUnexplained
	}
	r := c.decided(who, now, RefusalIsReturned, RefusalReturned)
	r.Refusal.Note = note
	return r, nil
}

func (c Case) decided(who identity.Actor, now time.Time, s RefusalState, what audit.Action) Ruling {
	r := c.ruling(who, now, what)
	open, _ := c.OpenRefusal()
	open.State, open.DecidedBy, open.DecidedAt = s, identity.Person{ID: who.Person}, now
	r.Refusal = &open
	return r
}

// standing is the refusal by which the application is refused: none for one that was
// not refused by hand.
func (c Case) standing() (Refusal, bool) {
	i := slices.IndexFunc(c.Refusals, func(r Refusal) bool { return r.State == RefusalIsApproved && r.ReopenedBy.ID == "" })
	if i < 0 {
		return Refusal{}, false
	}
	return c.Refusals[i], true
}

// MayReopen tells why somebody cannot take the application up again: once it was
// ranked, only a re-examination does that, and what two decided neither undoes.
func (c Case) MayReopen(who identity.PersonID) error {
	made, _ := c.standing()
	switch a := c.Application; {
	case a.State != Refused && a.State != NotProcessable:
		return ErrNotDecided
	case a.Run != "":
		return ErrRanked
	case who == made.ProposedBy.ID || who == made.DecidedBy.ID:
		return ErrOwnOutcome
	}
	return c.concerns(who)
}

// Reopen takes an application up again that was refused before any ranking.
func (c Case) Reopen(who identity.Actor, now time.Time) (Ruling, error) {
	if err := c.MayReopen(who.Person); err != nil {
		return Ruling{}, err
	}
	r := c.ruling(who, now, ApplicationReopened)
	if undone, ok := c.standing(); ok {
		undone.ReopenedBy, undone.ReopenedAt = identity.Person{ID: who.Person}, now
		r.Refusal = &undone
	}
	a := &r.Application
	a.State, a.Reason, a.DecidedOn = InReview, "", calendar.Date{}
	return r, nil
}
