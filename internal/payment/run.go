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

// Programme is what a run pays for. Each brings its own lines; orders, files and
// answers of the bank are alike.
type Programme string

// Voucher is the contribution for sessions of psychotherapy: psychologists are paid.
const Voucher Programme = "voucher"

// prefixes begin the names that the bank sees, unlike for any two programmes.
var prefixes = map[Programme]string{Voucher: "PSI"}

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
	OrderTakenOut audit.Action = "payment.order_released" // an order
	OrderWasPaid  audit.Action = "payment.paid"           // an order
	OrderCameBack audit.Action = "payment.returned"       // an order
)

// Why an act on a run is refused.
var (
	ErrMonth       = fault.Invalid("payment.month")
	ErrNothingDue  = fault.Refuse("payment.nothing_due")
	ErrAnotherRun  = fault.Refuse("payment.another_run")
	ErrRunState    = fault.Refuse("payment.run_state")
	ErrRunMoved    = fault.Stale("payment.run_moved")
	ErrOwnRun      = fault.Refuse("payment.own_run")
	ErrBlocked     = fault.Refuse("payment.blocked")
	ErrLedger      = fault.Refuse("payment.ledger")
	ErrNoNote      = fault.Invalid("payment.no_note")
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

// Selection is what a run pays: what was received up to the end of a month, in a
// territory or, for "", in all.
type Selection struct {
	Programme Programme
	Month     calendar.Date // its first day
	Territory string
}

// Until is the first instant after the month.
func (s Selection) Until() time.Time {
	return calendar.NewDate(s.Month.Year, s.Month.Month+1, 1).Start()
}

// Run is a payment run (lotto).
type Run struct {
	ID     RunID
	Number int // of its programme
	Selection
	State       RunState
	Due, Frozen int // lines, while it is being prepared
	FrozenAt    time.Time
	Orders      int
	Amount      money.Amount
	Digest      []byte // of the orders and lines, as frozen
	Prepared    Signature
	Proposed    Signature
	Decided     Signature
	Note        string // why it was sent back
	ExecuteOn   calendar.Date
	Sent        Signature
	Debtor      Debtor // who pays, once it was sent
	FileDigest  []byte
	SettledAt   time.Time
	Version     int64
}

// Message is the name by which the bank knows the file of a run: "PSI00007".
func (r Run) Message() string { return fmt.Sprintf("%s%05d", prefixes[r.Programme], r.Number) }

// EndToEnd is the name by which the bank's answer finds an order: "PSI00007-000123".
func (r Run) EndToEnd(order int) string { return fmt.Sprintf("%s-%06d", r.Message(), order) }

// Standing is how a run stands at the instant of an act, read in its transaction: what
// its orders and lines come to, next to what the run says of itself.
type Standing struct {
	Sums
	Ledger  money.Amount // what the ledger has of the same sessions
	Blocked int          // orders that are not to be paid any more
}

// sound tells why a run cannot go on: its total is not that of its orders, of their
// lines and of the ledger, or something of it has changed, or is not payable any more.
func (r Run) sound(at Standing) error {
	switch {
	case r.Orders == 0:
		return ErrNothingDue
	case at.Blocked > 0:
		return ErrBlocked
	case r.Orders != at.Orders, r.Amount != at.OrdersAmount, r.Amount != at.LinesAmount, r.Amount != at.Ledger, !bytes.Equal(r.Digest, at.Digest):
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

// MayPrepare tells why somebody cannot prepare a run, take orders out of it, propose it
// or drop it.
func MayPrepare(who identity.Actor) error { return who.Must(identity.INPS, identity.Prepare) }

// MayPropose tells why somebody cannot put a run before those who approve.
func (r Run) MayPropose(who identity.Actor) error {
	if err := MayPrepare(who); err != nil {
		return err
	}
	return r.in(PreparedRun)
}

// MayTakeOut tells why somebody cannot take an order out of a run: what was approved is
// sent as it is, or sent back.
func (r Run) MayTakeOut(who identity.Actor) error {
	if err := MayPrepare(who); err != nil {
		return err
	}
	return r.in(PreparedRun, ProposedRun)
}

// MayDrop tells why somebody cannot drop a run.
func (r Run) MayDrop(who identity.Actor) error {
	if err := MayPrepare(who); err != nil {
		return err
	}
	return r.in(PreparingRun, PreparedRun)
}

// MayDecide tells why somebody cannot approve a run: nobody approves what they prepared
// or proposed.
func (r Run) MayDecide(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Approve); err != nil {
		return err
	}
	if err := r.in(ProposedRun); err != nil {
		return err
	}
	if who.Person == r.Prepared.By || who.Person == r.Proposed.By {
		return ErrOwnRun
	}
	return nil
}

// MaySendBack tells why somebody cannot send a run back, also one that was approved and
// not sent yet.
func (r Run) MaySendBack(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Approve); err != nil {
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

// MaySend tells why somebody cannot send a run: it is approved, and they had no hand in
// it so far.
func (r Run) MaySend(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Pay); err != nil {
		return err
	}
	if err := r.in(ApprovedRun); err != nil {
		return err
	}
	switch who.Person {
	case r.Prepared.By, r.Proposed.By, r.Decided.By:
		return ErrOwnRun
	}
	return nil
}

// MayTakeFile tells why somebody cannot have the file for the bank, or hand in what the
// bank answered.
func (r Run) MayTakeFile(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Pay); err != nil {
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
