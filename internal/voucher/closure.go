package voucher

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about the lists by which the office closes things.
const (
	ClosureProposed  audit.Action = "closure.proposed"
	ClosureSpared    audit.Action = "closure.spared" // a row was taken off
	ClosureApproved  audit.Action = "closure.approved"
	ClosureReturned  audit.Action = "closure.returned"
	ClosureTaken     audit.Action = "closure.downloaded"
	ClosureEnded     audit.Action = "closure.done"
	SessionsAnnulled audit.Action = "closure.carried_out" // about each professional who lost sessions by it
)

// Why a list stays as it is.
var (
	ErrClosureEmpty  = fault.Refuse("closure.empty")
	ErrClosureOpen   = fault.Refuse("closure.open")
	ErrClosureOwn    = fault.Refuse("closure.own")
	ErrClosureParty  = fault.Refuse("closure.party")
	ErrClosureOver   = fault.Refuse("closure.over")
	ErrClosureMoved  = fault.Stale("closure.moved")
	ErrClosureNote   = fault.Invalid("closure.no_note")
	ErrClosureReason = fault.Invalid("closure.no_reason")
	ErrNotPreparer   = fault.Refuse("closure.not_preparer")
)

// ClosureID names a list: a random UUID.
type ClosureID string

// ClosureKind is what a list closes.
type ClosureKind string

// The kinds; the database knows the same words.
const (
	LapseList     ClosureKind = "lapse"     // vouchers without a session in their first days
	AnnulmentList ClosureKind = "annulment" // sessions not completed in time
)

// ClosureKinds lists every kind.
var ClosureKinds = []ClosureKind{LapseList, AnnulmentList}

// ClosureState is where a list stands.
//
//	ClosureWaiting ─┬─> ClosureUnderWay ──> ClosureDone
//	                └─> ClosureSentBack
type ClosureState string

// The states; the database knows the same words.
const (
	ClosureWaiting  ClosureState = "proposed" // an officer confirmed it
	ClosureUnderWay ClosureState = "approved" // a second one did, and it is carried out
	ClosureSentBack ClosureState = "returned"
	ClosureDone     ClosureState = "done"
)

// ClosureStates lists every state.
var ClosureStates = []ClosureState{ClosureWaiting, ClosureUnderWay, ClosureSentBack, ClosureDone}

// ClosureOutcome is what came of a row.
type ClosureOutcome string

// The outcomes; the database knows the same words.
const (
	RowClosed ClosureOutcome = "closed"
	RowSaved  ClosureOutcome = "saved" // completed meanwhile, or put off
	RowSpared ClosureOutcome = "spared"
)

// Closure is a list by which the office closes vouchers or sessions, frozen when an
// officer confirmed it.
type Closure struct {
	ID         ClosureID
	Number     int
	Kind       ClosureKind
	Edition    EditionID
	Territory  string        // "": every one
	AsOf       calendar.Date // terms that were over before this day
	State      ClosureState
	PreparedBy identity.PersonID
	PreparedAt time.Time
	DecidedBy  identity.PersonID
	DecidedAt  time.Time
	Note       string
	DoneAt     time.Time
	Version    int64

	Preparer, Decider     string // names
	Rows, Spared          int
	Closed, Saved         int
	Amount, ClosedAmount  money.Amount // of the rows not spared, and of those closed
	Professionals, People int          // that the rows concern
}

// ToDo is how many rows an approved list has still to carry out.
func (c Closure) ToDo() int { return c.Rows - c.Spared - c.Closed - c.Saved }

// ClosureRow is a voucher or a session on a list.
type ClosureRow struct {
	Subject      string // the id of the voucher, or of the session
	Voucher      ID
	Beneficiary  identity.PersonID
	Application  ApplicationID
	Protocol     string
	Territory    string
	Ground       ClosureGround
	Term         calendar.Date // that was over
	Amount       money.Amount  // that goes back
	Day          calendar.Date // of the session
	Professional identity.PersonID
	Name         string // of the professional

	Kept    KeptOff // why it is not on the list, "" for one that is
	Article string  // of the act that keeps it off

	SparedWhy string
	Outcome   ClosureOutcome
}

// concerns tells whether a row is somebody's own, as who holds the voucher or as who
// held the session.
func (r ClosureRow) concerns(who identity.PersonID) bool {
	return who == r.Beneficiary || who == r.Professional
}

// KeptOff is why something that looks due is not on a list.
type KeptOff string

// The reasons.
const (
	KeptByReopening KeptOff = "reopening" // an act of the edition lets it be completed
	KeptByDispute   KeptOff = "disputed"  // two officers have still to judge what its holder says
	KeptByBlock     KeptOff = "blocked"   // the office has stopped the voucher
)

// ClosureList is what would be closed now: computed, and kept nowhere.
type ClosureList struct {
	Kind      ClosureKind
	Edition   Edition
	Territory string
	AsOf      calendar.Date
	Rows      []ClosureRow
	Kept      []ClosureRow
	Warned    map[identity.PersonID]Warned // the professionals of the rows
}

// Warned is how often a professional was reminded of their terms.
type Warned struct {
	Times int
	Last  time.Time
}

// Amount is what goes back to the territories.
func (l ClosureList) Amount() (sum money.Amount) {
	for _, r := range l.Rows {
		sum += r.Amount
	}
	return sum
}

// Digest is the SHA-256 of what is on the list, whatever the order: what an officer
// confirms is what they saw.
func (l ClosureList) Digest() string {
	lines := make([]string, len(l.Rows))
	for i, r := range l.Rows {
		lines[i] = fmt.Sprintf("%s %s %d\n", r.Subject, r.Ground, r.Amount)
	}
	slices.Sort(lines)
	return fmt.Sprintf("%x", sha256.Sum256([]byte(strings.Join(lines, ""))))
}

// ClosureCandidate is something whose term is over, with what its rules need to see.
type ClosureCandidate struct {
	Row      ClosureRow // without ground and amount of a session
	Account  Account    // with the one session that it is about, or none
	Disputed bool
	Correct  calendar.Date // when its invoice that was sent back had to be put right, zero without one
}

// judge tells whether a candidate is on the list, and if not, why it is kept off; false
// for what is not due at all.
func (c ClosureCandidate) judge(now time.Time) (ClosureRow, bool) {
	r, a := c.Row, c.Account
	if len(a.Bookings) == 0 {
		r.Ground, r.Term = NoFirstSession, a.Voucher.Terms.FirstSessionBy
		switch err := a.MayLapse(calendar.On(now)); err {
		case nil:
		case ErrBlocked:
			r.Kept = KeptByBlock
		default:
			return r, false
		}
		return r, true
	}
	b := a.Bookings[0]
	r.Amount, r.Term = b.Price(), a.Voucher.Terms.InvoiceBy
	ground, is := a.Incomplete(b, c.Correct, now)
	r.Ground = ground
	if ground == "" {
		return r, false
	}
	switch {
	case !is:
		act := ActInvoice
		if ground == NotConfirmed {
			act = ActConfirm
		}
		r.Kept = KeptByReopening
		r.Article, _ = a.PutOff(act, b.Day, now)
	case c.Disputed:
		r.Kept = KeptByDispute
	case ground == NotCorrected:
		r.Term = later(c.Correct, r.Term)
	}
	return r, true
}

func (c Closure) entry(who identity.Actor, what audit.Action, now time.Time) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(c.ID)}
}

// MaySpare tells why somebody may not take a row off a list, nil when they may: who made
// it, until it is decided, and nothing of their own.
func (c Closure) MaySpare(who identity.Actor, row ClosureRow) error {
	switch err := who.Must(identity.INPS, identity.Prepare); {
	case err != nil:
		return err
	case c.State != ClosureWaiting:
		return ErrClosureOver
	case who.Person != c.PreparedBy:
		return ErrNotPreparer
	case row.concerns(who.Person):
		return ErrClosureParty
	}
	return nil
}

func (c Closure) mayDecide(who identity.Actor, concerned bool) error {
	switch err := who.Must(identity.INPS, identity.Approve); {
	case err != nil:
		return err
	case c.State != ClosureWaiting:
		return ErrClosureOver
	case who.Person == c.PreparedBy:
		return ErrClosureOwn
	case concerned:
		return ErrClosureParty
	}
	return nil
}
