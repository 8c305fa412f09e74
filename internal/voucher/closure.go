package voucher

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// What is written in the register about the lists by which the office closes things.
const (
	ClosureProposed  audit.Action = "closure.proposed"
	ClosureSpared    audit.Action = "closure.spared" // a row was taken off
	ClosureApproved  audit.Action = "closure.approved"
	ClosureReturned  audit.Action = "closure.returned"
	ClosureTaken     audit.Action = "closure.downloaded"
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

// ClosureStore keeps the lists by which the office closes things, and the cases of one
// voucher or session. Every act carries its form.
type ClosureStore interface {
	ClosureCases
	ClosureReminders
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// Candidates are the vouchers, or sessions, of an edition and a territory, "" for
	// every one, whose term was over before a day.
	Candidates(ctx context.Context, kind ClosureKind, e Edition, territory string, asOf calendar.Date) ([]ClosureCandidate, error)
	// Warned tells how often professionals were reminded of their terms.
	Warned(ctx context.Context, of []identity.PersonID) (map[identity.PersonID]Warned, error)
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
	// Freeze keeps a list. ErrClosureOpen while another of its kind and edition is.
	Freeze(ctx context.Context, form once.Form, c Closure, rows []ClosureRow, e audit.Entry) error
	// Closures are the lists of a kind, "" for any, newest first.
	Closures(ctx context.Context, kind ClosureKind) ([]Closure, error)
	// Closure is one of them; fault.ErrNotFound.
	Closure(ctx context.Context, id ClosureID) (Closure, error)
	// ClosureRows is a page of its rows, by professional, with how many there are.
	ClosureRows(ctx context.Context, id ClosureID, page, size int) ([]ClosureRow, error)
	// ClosureRow is one of its rows; fault.ErrNotFound.
	ClosureRow(ctx context.Context, id ClosureID, subject string) (ClosureRow, error)
	// Concerns tells whether a row of a list is somebody's own, as who holds the voucher
	// or as who held the session.
	Concerns(ctx context.Context, id ClosureID, who identity.PersonID) (bool, error)
	// ChangeClosure locks a list, asks for what becomes of it, and saves that.
	ChangeClosure(ctx context.Context, form once.Form, id ClosureID, decide func(Closure) (ClosureDecision, error)) error
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error

	// Pending are vouchers of approved lists with rows to be carried out, in order
	// after one, at most so many.
	Pending(ctx context.Context, after PendingClosure, most int) ([]PendingClosure, error)
	// CarryOut locks a voucher, asks for a decision on its rows that are still to be
	// carried out, saves it and notes what came of each: closed by the decision, or
	// saved when it is refused.
	CarryOut(ctx context.Context, p PendingClosure, now time.Time, decide func(Account, []Annulment) (Decision, error)) error
	// EndClosures ends the lists that have been carried out, and tells how many.
	EndClosures(ctx context.Context, now time.Time) (int, error)
}

// ClosureDecision is what an act changes on a list.
type ClosureDecision struct {
	Closure Closure
	Subject string // of a row that is spared
	Why     string
	Entry   audit.Entry
}

// PendingClosure is what is left to do of a list with one voucher.
type PendingClosure struct {
	Closure ClosureID
	Kind    ClosureKind
	Voucher ID
}

// Closures is the end of vouchers and sessions by the office, and their coming back.
type Closures struct {
	ClosureStore
	now func() time.Time
}

// NewClosures is the service on a store, with a clock.
func NewClosures(s ClosureStore, now func() time.Time) *Closures { return &Closures{s, now} }

// Due is what of an edition and a territory, "" for every one, would be closed now.
func (s *Closures) Due(ctx context.Context, who identity.Actor, kind ClosureKind, edition EditionID, territory string) (ClosureList, error) {
	l := ClosureList{Kind: kind, Territory: territory, AsOf: calendar.On(s.now())}
	if err := works(who); err != nil {
		return l, err
	}
	all, err := s.Editions(ctx)
	if err != nil {
		return l, err
	}
	var known bool
	if l.Edition, known = all[edition]; !known || !slices.Contains(ClosureKinds, kind) {
		return l, fault.ErrNotFound
	}
	candidates, err := s.Candidates(ctx, kind, l.Edition, territory, l.AsOf)
	if err != nil {
		return l, err
	}
	var of []identity.PersonID
	for _, c := range candidates {
		row, due := c.judge(s.now())
		switch {
		case !due:
		case row.Kept != "":
			l.Kept = append(l.Kept, row)
		default:
			l.Rows = append(l.Rows, row)
			if row.Professional != "" {
				of = append(of, row.Professional)
			}
		}
	}
	slices.SortStableFunc(l.Rows, func(a, b ClosureRow) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Professional, b.Professional), cmp.Compare(a.Territory, b.Territory), a.Day.Compare(b.Day))
	})
	slices.Sort(of)
	l.Warned, err = s.Warned(ctx, slices.Compact(of))
	return l, err
}

// Propose freezes a list for a second officer, if it still is what the first one saw:
// see Digest.
func (s *Closures) Propose(ctx context.Context, who identity.Actor, form once.Form, kind ClosureKind, edition EditionID, territory, seen string) (ClosureID, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return "", err
	}
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return ClosureID(outcome), err
	}
	l, err := s.Due(ctx, who, kind, edition, territory)
	switch {
	case err != nil:
		return "", err
	case len(l.Rows) == 0:
		return "", ErrClosureEmpty
	case l.Digest() != seen:
		return "", ErrClosureMoved
	}
	now := s.now()
	c := Closure{ID: NewClosureID(), Kind: kind, Edition: edition, Territory: territory, AsOf: l.AsOf,
		State: ClosureWaiting, PreparedBy: who.Person, PreparedAt: now}
	return c.ID, s.Freeze(ctx, form, c, l.Rows, c.entry(who, ClosureProposed, now))
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

// Spare takes a row off a list, with the reason.
func (s *Closures) Spare(ctx context.Context, who identity.Actor, form once.Form, id ClosureID, subject, why string) error {
	row, err := s.ClosureRow(ctx, id, subject)
	if err != nil {
		return err
	}
	return s.ChangeClosure(ctx, form, id, func(c Closure) (ClosureDecision, error) {
		why := strings.TrimSpace(why)
		if err := c.MaySpare(who, row); err != nil {
			return ClosureDecision{}, err
		}
		if why == "" {
			return ClosureDecision{}, ErrClosureReason
		}
		e := c.entry(who, ClosureSpared, s.now())
		e.Subject = subject
		return ClosureDecision{Closure: c, Subject: subject, Why: why, Entry: e}, nil
	})
}

// MayDecide tells why somebody may not decide on a list, nil when they may: an officer
// who approves, did not make it, and has nothing of their own on it.
func (s *Closures) MayDecide(ctx context.Context, who identity.Actor, c Closure) error {
	concerned, err := s.Concerns(ctx, c.ID, who.Person)
	if err != nil {
		return err
	}
	return c.mayDecide(who, concerned)
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

// Decide approves a list, which is then carried out, or sends it back with a note. The
// version is that of the list the officer has seen.
func (s *Closures) Decide(ctx context.Context, who identity.Actor, form once.Form, id ClosureID, version int64, approve bool, note string) error {
	concerned, err := s.Concerns(ctx, id, who.Person)
	if err != nil {
		return err
	}
	return s.ChangeClosure(ctx, form, id, func(c Closure) (ClosureDecision, error) {
		note := strings.TrimSpace(note)
		err := c.mayDecide(who, concerned)
		switch {
		case err != nil:
			return ClosureDecision{}, err
		case c.Version != version:
			return ClosureDecision{}, ErrClosureMoved
		case !approve && note == "":
			return ClosureDecision{}, ErrClosureNote
		case approve && c.Spared == c.Rows:
			return ClosureDecision{}, ErrClosureEmpty
		}
		what := ClosureReturned
		c.State, c.DecidedBy, c.DecidedAt, c.Note = ClosureSentBack, who.Person, s.now(), note
		if approve {
			c.State, what = ClosureUnderWay, ClosureApproved
		}
		return ClosureDecision{Closure: c, Entry: c.entry(who, what, s.now())}, nil
	})
}

// CarryOutDue carries out the approved lists: voucher by voucher, each judged again
// under its lock, in a transaction of its own. It tells how many vouchers it went
// through. Whatever interrupts it, the next call goes on where it ended; two at once
// share the work. A voucher that cannot be done holds up none of the others, and no list
// but its own.
func (s *Closures) CarryOutDue(ctx context.Context) (done int, err error) {
	const atOnce = 200
	var failed []error
	for last := (PendingClosure{Closure: noID, Voucher: noID}); ; {
		pending, err := s.Pending(ctx, last, atOnce)
		if err != nil {
			return done, errors.Join(append(failed, err)...)
		}
		for _, p := range pending {
			now := s.now()
			err := s.CarryOut(ctx, p, now, func(a Account, rows []Annulment) (Decision, error) {
				if p.Kind == LapseList {
					return a.Lapse(now)
				}
				return a.Annul(rows, now)
			})
			if err != nil {
				failed = append(failed, err)
				continue
			}
			done++
		}
		if len(pending) < atOnce {
			break
		}
		last = pending[len(pending)-1]
	}
	_, err = s.EndClosures(ctx, s.now())
	return done, errors.Join(append(failed, err)...)
}

// noID sorts before every id.
const noID = "00000000-0000-0000-0000-000000000000"
