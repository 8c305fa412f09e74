package office

import (
	"context"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Class is a kind of data that is kept for a time of its own. The words on screens stand
// in the catalogue under "retention.class.".
type Class string

// Way is how what is past its time goes.
type Way string

// The ways.
const (
	Automatic Way = "automatic" // a job forgets it
	Decided   Way = "decided"   // two administrators decide
	Kept      Way = "kept"      // the portal never deletes it
)

// Rule is how long a class is kept, and by which source (GDPR, art. 5(1)(e)).
type Rule struct {
	Class               Class
	Way                 Way
	Years, Months, Days int // all 0: no time of its own
	Source              string
}

// ClassStanding is a class on a day: how many things are past their time, without those that
// are held, and since when the oldest is.
type ClassStanding struct {
	Rule
	Due    int
	Oldest calendar.Date // zero when none is due
	Held   int           // past their time too, and kept for a hold
	Open   ErasureID     // that waits, or is under way; "" for none
}

// YearCount is how many things of a class that are due began their time in a year.
type YearCount struct{ Year, Count int }

// Batch is how many things go at once.
const Batch = 100

// ErasureID names an erasure: a random UUID.
type ErasureID string

// ErasureState is where an erasure stands.
type ErasureState string

// The states. The words on screens stand in the catalogue under "retention.state.".
//
//	proposed ─┬─► approved ─┬─► done
//	          ├─► refused   └─► stopped
//	          └─► withdrawn
const (
	ErasureProposed  ErasureState = "proposed"
	ErasureApproved  ErasureState = "approved" // a job does it
	ErasureRefused   ErasureState = "refused"
	ErasureWithdrawn ErasureState = "withdrawn"
	ErasureDone      ErasureState = "done"
	ErasureStopped   ErasureState = "stopped" // what was left was not what had been approved
)

// Erasure is things of a class, frozen as they were due on a day, to be deleted by the
// word of two administrators.
type Erasure struct {
	ID       ErasureID
	Class    Class
	Cut      calendar.Date
	Things   int
	Erased   int // so far
	Grounds  string
	Proposed identity.Hand
	State    ErasureState
	Decided  identity.Hand
	Why      string // it was refused
	Ended    time.Time
	Found    int // of those left, still due when it stopped
}

// What is written in the register about retention. The counts stand with the erasure,
// which the entry names.
const (
	ErasureWasProposed  audit.Action = "erasure.proposed"
	ErasureWasApproved  audit.Action = "erasure.approved"
	ErasureWasRefused   audit.Action = "erasure.refused"
	ErasureWasWithdrawn audit.Action = "erasure.withdrawn"
	ErasureWasDone      audit.Action = "erasure.done"
	ErasureWasStopped   audit.Action = "erasure.stopped"
	HoldPlaced          audit.Action = "hold.placed"
	HoldEnded           audit.Action = "hold.ended"
)

// Why something is not deleted, or not held.
var (
	ErrErasureGrounds = fault.Invalid("erasure.grounds")
	ErrErasureNone    = fault.Refuse("erasure.none")
	ErrErasureOpen    = fault.Refuse("erasure.open")
	ErrErasureOwn     = fault.Refuse("erasure.own")
	ErrErasureMoved   = fault.Stale("erasure.moved")
	ErrErasureDecided = fault.Stale("erasure.decided")
	ErrHoldReason     = fault.Invalid("hold.reason")
	ErrHoldProtocol   = fault.Invalid("hold.protocol")
	ErrHeld           = fault.Refuse("hold.held")
	ErrHoldOwn        = fault.Refuse("hold.own")
	ErrHoldEnded      = fault.Stale("hold.ended")
)

// MayDecide tells whether an administrator may approve or refuse an erasure.
func (x Erasure) MayDecide(who identity.Actor) error {
	return mayDecide(who, x.Proposed, x.State == ErasureProposed, ErrErasureDecided, ErrErasureOwn)
}

// MayWithdraw tells whether an erasure is the actor's own, and still open.
func (x Erasure) MayWithdraw(who identity.Actor) error {
	return mayWithdraw(who, x.Proposed, x.State == ErasureProposed, ErrErasureDecided)
}

// HoldID names a hold: a random UUID.
type HoldID string

// Hold is that a case is kept beyond its time.
type Hold struct {
	ID       HoldID
	Protocol string
	Reason   string
	Placed   identity.Hand
	Ended    identity.Hand // zero for one that holds
	Why      string
}

// MayEnd tells whether an administrator may end a hold: not the one who placed it.
func (h Hold) MayEnd(who identity.Actor) error {
	return mayDecide(who, h.Placed, h.Ended.At.IsZero(), ErrHoldEnded, ErrHoldOwn)
}

// RetentionStore keeps rules, holds and erasures.
type RetentionStore interface {
	// Classes is every class as it stands on a day.
	Classes(ctx context.Context, today calendar.Date) ([]ClassStanding, error)
	// ByYear counts what is due of a class on a day, without what is held.
	ByYear(ctx context.Context, of Class, today calendar.Date) ([]YearCount, error)
	// Erasures lists those that were proposed, the latest first.
	Erasures(ctx context.Context) ([]Erasure, error)
	// Erasure is one of them; fault.ErrNotFound.
	Erasure(ctx context.Context, id ErasureID) (Erasure, error)
	// Freeze saves an erasure with all things of its class that are due on its day, and
	// tells how many they are; decide is asked with the count.
	Freeze(ctx context.Context, form once.Form, x Erasure, e audit.Entry, decide func(due int) error) (ErasureID, error)
	// DecideErasure locks an erasure, asks what becomes of it and saves it, with the job
	// that does what was approved; fault.ErrNotFound.
	DecideErasure(ctx context.Context, form once.Form, id ErasureID, e audit.Entry, decide func(Erasure) (Erasure, error)) error
	// EraseBatch deletes some more of the things of an approved erasure, if those left are
	// what is due of them: else it stops. It tells how many it deleted, and how the erasure
	// stands.
	EraseBatch(ctx context.Context, id ErasureID, most int, now time.Time) (int, ErasureState, error)
	// Approved are the erasures to do.
	Approved(ctx context.Context) ([]ErasureID, error)
	// Holds lists every hold, those that hold first.
	Holds(ctx context.Context) ([]Hold, error)
	// Place saves a hold on the case of its protocol; ErrHoldProtocol, ErrHeld.
	Place(ctx context.Context, form once.Form, h Hold, e audit.Entry) error
	// EndHold locks a hold, asks how it ends and saves that; fault.ErrNotFound.
	EndHold(ctx context.Context, form once.Form, id HoldID, e audit.Entry, decide func(Hold) (Hold, error)) error
}

// Retention is how long what is kept, and how it goes.
type Retention struct {
	store RetentionStore
	now   func() time.Time
}

// NewRetention is the service on a store, with a clock.
func NewRetention(s RetentionStore, now func() time.Time) *Retention { return &Retention{s, now} }

func (s *Retention) entry(who identity.Actor, done audit.Action, subject string) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: done, Subject: subject}
}

// Classes is every class as it stands today.
func (s *Retention) Classes(ctx context.Context, who identity.Actor) ([]ClassStanding, error) {
	if err := mayAdminister(who); err != nil {
		return nil, err
	}
	return s.store.Classes(ctx, calendar.On(s.now()))
}

// Try counts what would go of a class today, and changes nothing; fault.ErrNotFound for a
// class that two people do not decide on.
func (s *Retention) Try(ctx context.Context, who identity.Actor, of Class) (ClassStanding, []YearCount, error) {
	all, err := s.Classes(ctx, who)
	if err != nil {
		return ClassStanding{}, nil, err
	}
	for _, c := range all {
		if c.Class == of && c.Way == Decided {
			years, err := s.store.ByYear(ctx, of, calendar.On(s.now()))
			return c, years, err
		}
	}
	return ClassStanding{}, nil, fault.ErrNotFound
}
