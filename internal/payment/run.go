// Package payment pays what is due: to verified accounts, in runs that different people
// prepare, approve and send, with the file for the bank and what the bank answers.
package payment

import (
	"bytes"
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

// What is written about runs. The subject is the run, or the order where it says so.
const (
	RunPrepared   audit.Action = "payment.run_prepared"
	RunFrozen     audit.Action = "payment.run_frozen" // by the job
	RunProposed   audit.Action = "payment.run_proposed"
	RunApproved   audit.Action = "payment.run_approved"
	RunReturned   audit.Action = "payment.run_returned"
	RunDropped    audit.Action = "payment.run_dropped"
	RunSent       audit.Action = "payment.run_sent"
	RunSeen       audit.Action = "payment.run_seen"
	FileTaken     audit.Action = "payment.file_taken"
	SheetTaken    audit.Action = "payment.sheet_taken"
	OutcomesSaved audit.Action = "payment.outcomes_recorded"
	OrderTakenOut audit.Action = "payment.order_released" // an order, by hand
	OrderLeftOut  audit.Action = "payment.order_left_out" // an order, when the others were sent
	OrderWasPaid  audit.Action = "payment.paid"           // an order
	OrderCameBack audit.Action = "payment.returned"       // an order
)

// Why an act on a run is refused.
var (
	ErrMonth       = fault.Invalid("payment.month")
	ErrCall        = fault.Invalid("payment.call")
	ErrNothingDue  = fault.Refuse("payment.nothing_due")
	ErrAnotherRun  = fault.Refuse("payment.another_run")
	ErrRunState    = fault.Refuse("payment.run_state")
	ErrRunMoved    = fault.Stale("payment.run_moved")
	ErrOwnRun      = fault.Refuse("payment.own_run")
	ErrExamined    = fault.Refuse("payment.examined")
	ErrNoDebtor    = fault.Refuse("payment.no_debtor")
	ErrBlocked     = fault.Refuse("payment.blocked")
	ErrAllBlocked  = fault.Refuse("payment.all_blocked")
	ErrLedger      = fault.Refuse("payment.ledger")
	ErrNoNote      = fault.Invalid("payment.no_note")
	ErrNoGround    = fault.Invalid("payment.no_ground")
	ErrExecuteOn   = fault.Invalid("payment.execute_on")
	ErrExecutePast = fault.Invalid("payment.execute_past")
	ErrExecuteFar  = fault.Invalid("payment.execute_far")
)

// ExecuteWithin is how many days ahead a run may be paid: a year mistyped would keep
// everybody waiting.
const ExecuteWithin = 30

// RunID names a run: a random UUID.
type RunID string

// RunState is where a run stands.
//
//	PreparingRun ──> PreparedRun ──> ProposedRun ──> ApprovedRun ──> SentRun ──> SettledRun
//	     └───────────────┴─> DroppedRun   └──────────────┴─> ReturnedRun
type RunState string

// The states.
const (
	PreparingRun RunState = "preparing" // a job freezes what is due
	PreparedRun  RunState = "prepared"
	ProposedRun  RunState = "proposed"
	ApprovedRun  RunState = "approved"
	SentRun      RunState = "sent"     // the bank has the file
	SettledRun   RunState = "settled"  // and has answered for each order
	ReturnedRun  RunState = "returned" // sent back with a note: what it held is due again
	DroppedRun   RunState = "dropped"
)

// RunStates lists every state, in the order of the way; the database knows the same words.
var RunStates = []RunState{PreparingRun, PreparedRun, ProposedRun, ApprovedRun, SentRun, SettledRun, ReturnedRun, DroppedRun}

// Signature is who took a step, and when.
type Signature struct {
	By   identity.PersonID
	At   time.Time
	Name string
}

// Run is a payment run (lotto). What was approved stays on record; what was sent of it
// stands beside, and is less where something could not be paid any more.
type Run struct {
	ID     RunID
	Number int // of its programme
	Selection
	State       RunState
	Due, Frozen int // lines, while it is being prepared
	FrozenAt    time.Time
	Orders      int // these three as frozen, and as approved
	Amount      money.Amount
	Digest      []byte // of the orders and lines
	Prepared    Signature
	Proposed    Signature
	Decided     Signature
	Note        string // why it was sent back
	ExecuteOn   calendar.Date
	Sent        Signature
	SentOrders  int
	SentAmount  money.Amount
	Debtor      Debtor // who pays, once it was sent
	FileDigest  []byte
	SettledAt   time.Time
	Version     int64
	Own         bool // it pays who reads it: see Runs.As
	Examined    bool // it pays applications that who reads it decided on or ranked: see Runs.As
}

// Pays is how many orders a run pays, and how much in all: what was sent, once it was.
func (r Run) Pays() (orders int, amount money.Amount) {
	if r.SentOrders > 0 {
		return r.SentOrders, r.SentAmount
	}
	return r.Orders, r.Amount
}

// Message is the name by which the bank knows the file of a run: "PSI00007".
func (r Run) Message() string { return fmt.Sprintf("%s%05d", prefixes[r.Programme], r.Number) }

// EndToEnd is the name by which the bank's answer finds an order: "PSI00007-000123".
func (r Run) EndToEnd(order int) string { return fmt.Sprintf("%s-%06d", r.Message(), order) }

// Standing is how a run stands at the instant of an act, read in its transaction: what
// its orders and lines come to, next to what the run says of itself.
type Standing struct {
	Sums
	Blocked       int // orders that are not to be paid any more
	BlockedAmount money.Amount
	Ledger        money.Amount // what the ledger has of what all others pay for
}

// sound tells why a run cannot go before the next person: something of it is not payable
// any more, or it does not add up.
func (r Run) sound(at Standing) error {
	if at.Blocked > 0 {
		return ErrBlocked
	}
	return r.addsUp(at)
}

// sendable tells why nothing of a run can be sent: it does not add up, or all of it is not
// payable any more. One order that is blocked does not keep everybody waiting.
func (r Run) sendable(at Standing) error {
	if err := r.addsUp(at); err != nil {
		return err
	}
	if at.Blocked == r.Orders {
		return ErrAllBlocked
	}
	return nil
}

// addsUp tells whether the total of a run is that of its orders and of their lines, and
// whether the ledger has what is payable of it, none of it another than was frozen.
func (r Run) addsUp(at Standing) error {
	switch {
	case r.Orders == 0:
		return ErrNothingDue
	case r.Orders != at.Orders, r.Amount != at.OrdersAmount, r.Amount != at.LinesAmount, r.Amount-at.BlockedAmount != at.Ledger, !bytes.Equal(r.Digest, at.Digest):
		return ErrLedger
	}
	return nil
}

func (r Run) in(states ...RunState) error {
	if !slices.Contains(states, r.State) {
		return ErrRunState
	}
	return nil
}

// MayPrepare tells why somebody cannot prepare a run of a programme, take orders out of
// it, propose it or drop it.
func MayPrepare(who identity.Actor, p Programme) error {
	return who.Must(p.Office(), identity.Prepare)
}

// meets is fault.ErrNotFound for who works in another office than the one that pays.
func (r Run) meets(who identity.Actor) error {
	if who.Role != r.Programme.Office() {
		return fault.ErrNotFound
	}
	return nil
}

// notOwn keeps who is paid by a run from having a hand in it. They may end it: nobody is
// paid by that.
func (r Run) notOwn() error {
	if r.Own {
		return ErrOwnRun
	}
	return nil
}

// MayPropose tells why somebody cannot put a run before those who approve.
func (r Run) MayPropose(who identity.Actor) error {
	if err := MayPrepare(who, r.Programme); err != nil {
		return err
	}
	if err := r.in(PreparedRun); err != nil {
		return err
	}
	return r.notOwn()
}

// MayTakeOut tells why somebody cannot take an order out of a run: what was approved is
// sent, but for what is blocked by then, or sent back.
func (r Run) MayTakeOut(who identity.Actor) error {
	if err := MayPrepare(who, r.Programme); err != nil {
		return err
	}
	if err := r.in(PreparedRun, ProposedRun); err != nil {
		return err
	}
	return r.notOwn()
}

// MayDrop tells why somebody cannot drop a run.
func (r Run) MayDrop(who identity.Actor) error {
	if err := MayPrepare(who, r.Programme); err != nil {
		return err
	}
	return r.in(PreparingRun, PreparedRun)
}

// MayDecide tells why somebody cannot approve a run: nobody approves what they prepared
// or proposed, or what pays them.
func (r Run) MayDecide(who identity.Actor) error {
	if err := who.Must(r.Programme.Office(), identity.Approve); err != nil {
		return err
	}
	if err := r.in(ProposedRun); err != nil {
		return err
	}
	if who.Person == r.Prepared.By || who.Person == r.Proposed.By {
		return ErrOwnRun
	}
	return r.notOwn()
}

// MaySendBack tells why somebody cannot send a run back, also one that was approved and
// not sent yet.
func (r Run) MaySendBack(who identity.Actor) error {
	if err := who.Must(r.Programme.Office(), identity.Approve); err != nil {
		return err
	}
	if err := r.in(ProposedRun, ApprovedRun); err != nil {
		return err
	}
	if who.Person == r.Prepared.By || who.Person == r.Proposed.By {
		return ErrOwnRun
	}
	return nil
}

// MaySend tells why somebody cannot send a run: it is approved, they had no hand in it so
// far, nor in what it pays for, and it does not pay them.
func (r Run) MaySend(who identity.Actor) error {
	if err := who.Must(r.Programme.Office(), identity.Pay); err != nil {
		return err
	}
	if err := r.in(ApprovedRun); err != nil {
		return err
	}
	switch who.Person {
	case r.Prepared.By, r.Proposed.By, r.Decided.By:
		return ErrOwnRun
	}
	if r.Examined {
		return ErrExamined
	}
	return r.notOwn()
}

// MayTakeFile tells why somebody cannot have the file for the bank.
func (r Run) MayTakeFile(who identity.Actor) error {
	if err := who.Must(r.Programme.Office(), identity.Pay); err != nil {
		return err
	}
	return r.in(SentRun, SettledRun)
}

// BankDay tells whether banks move euro on a day: TARGET is closed at weekends, on New
// Year's Day, Good Friday, Easter Monday, 1 May, 25 and 26 December.
func BankDay(d calendar.Date) bool {
	switch {
	case d.Weekday() == time.Saturday, d.Weekday() == time.Sunday,
		d.Month == time.January && d.Day == 1, d.Month == time.May && d.Day == 1,
		d.Month == time.December && (d.Day == 25 || d.Day == 26),
		d == calendar.Easter(d.Year).Add(-2), d == calendar.Easter(d.Year).Add(1):
		return false
	}
	return true
}

// NextBankDay is the first day after another on which banks move euro.
func NextBankDay(d calendar.Date) calendar.Date {
	for d = d.Add(1); !BankDay(d); {
		d = d.Add(1)
	}
	return d
}

// MayExecuteOn tells why the bank cannot be asked to pay on a day.
func MayExecuteOn(d, today calendar.Date) error {
	switch {
	case d.Before(today):
		return ErrExecutePast
	case today.Until(d) > ExecuteWithin:
		return ErrExecuteFar
	case !BankDay(d):
		return ErrExecuteOn
	}
	return nil
}

func (r Run) propose(who identity.Actor, now time.Time) Run {
	r.State, r.Proposed = ProposedRun, Signature{By: who.Person, At: now}
	return r
}

func (r Run) approve(who identity.Actor, now time.Time) Run {
	r.State, r.Decided = ApprovedRun, Signature{By: who.Person, At: now}
	return r
}

// sendBack keeps who approved, where somebody had: the register says who sent back.
func (r Run) sendBack(who identity.Actor, note string, now time.Time) (Run, error) {
	if r.Note = strings.TrimSpace(note); r.Note == "" {
		return r, ErrNoNote
	}
	if r.State = ReturnedRun; r.Decided.By == "" {
		r.Decided = Signature{By: who.Person, At: now}
	}
	return r, nil
}

func (r Run) send(who identity.Actor, on calendar.Date, debtor Debtor, now time.Time) Run {
	r.State, r.Sent, r.ExecuteOn, r.Debtor = SentRun, Signature{By: who.Person, At: now}, on, debtor
	return r
}

func (r Run) entry(who identity.Actor, now time.Time, action audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: action, Subject: string(r.ID)}
}
