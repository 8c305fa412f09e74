package payment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/once"
)

// RunStore keeps payment runs. A run that does not exist is fault.ErrNotFound. Every act
// carries its form: one that was stored before changes nothing.
type RunStore interface {
	// Totals is what is due by territory of an edition, payable or held.
	Totals(ctx context.Context, s Selection, now time.Time) ([]DueTotal, error)
	// CallsOwing are the calls for the indemnity that have not paid all they owe, the last
	// first.
	CallsOwing(ctx context.Context) ([]CallOwing, error)
	// Held is a page of the claims that are held, for a reason or, for "", for any.
	Held(ctx context.Context, s Selection, now time.Time, why Hold, page, size int) ([]HeldClaim, error)
	// StartRun saves a run with the job that will freeze what it pays; the store numbers
	// it. ErrAnotherRun.
	StartRun(ctx context.Context, form once.Form, r Run, e audit.Entry) (RunID, error)
	// FreezeNext freezes what the oldest run that is being prepared pays, all at one
	// instant. It finds none, or one is left that somebody else is at work on. A run
	// without anything to pay is dropped.
	FreezeNext(ctx context.Context, now time.Time, entry func(Run) audit.Entry) (found, left bool, err error)
	// ChangeRun locks a run, reads how it stands and whether it pays who sent the form,
	// asks for what becomes of it, and saves that. ErrAllBlocked when nothing is left that
	// could be sent.
	ChangeRun(ctx context.Context, form once.Form, id RunID, now time.Time, decide func(Run, Standing) (Step, error)) error
	// RecordOutcomes locks a run, reads whether it pays who sent the form, asks what becomes
	// of its orders, by end-to-end id, and saves that. A file that was recorded before is
	// not again.
	RecordOutcomes(ctx context.Context, form once.Form, id RunID, file []byte, decide func(Run, map[string]Order) (Settled, error)) (Outcome, error)

	// Runs are the runs of a programme, newest first, without dropped ones.
	Runs(ctx context.Context, p Programme, page, size int) (runs []Run, all int, err error)
	// Run is one of them, also when it was dropped.
	Run(ctx context.Context, id RunID) (Run, error)
	// Regions is what a run pays by territory of an edition; what was released is not
	// in it.
	Regions(ctx context.Context, id RunID) ([]RegionTotal, error)
	// Orders is a page of the orders of a run, in a state or, for "", in any, by number,
	// and how many orders are in which state.
	Orders(ctx context.Context, id RunID, in OrderState, page, size int) ([]Order, map[OrderState]int, error)
	// Order is one of them.
	Order(ctx context.Context, id OrderID) (Order, error)
	// ByEndToEnd are the orders of a run by their end-to-end ids.
	ByEndToEnd(ctx context.Context, id RunID) (map[string]Order, error)
	// Blocked are the first orders of a run that are not to be paid any more.
	Blocked(ctx context.Context, id RunID, now time.Time, most int) ([]BlockedOrder, error)
	// HoldOf is why an order is not to be paid any more that was not sent yet, "" for
	// nothing.
	HoldOf(ctx context.Context, o Order, now time.Time) (Hold, error)
	// Pays tells whether a run pays somebody.
	Pays(ctx context.Context, id RunID, who identity.PersonID) (bool, error)
	// Examined tells whether a run pays applications for the indemnity on which somebody
	// decided, or which they ranked.
	Examined(ctx context.Context, id RunID, who identity.PersonID) (bool, error)
	// Outcomes are the files of the bank that were recorded for a run, newest first.
	Outcomes(ctx context.Context, id RunID) ([]Outcome, error)
	// EachOrder goes through what the file of a run has in it, by number.
	EachOrder(ctx context.Context, id RunID) iter.Seq2[Order, error]
	// EachRow goes through the lines of a run, also of orders that were released, by
	// number of the order and session.
	EachRow(ctx context.Context, id RunID) iter.Seq2[Row, error]
	// See writes that a run was looked at.
	See(ctx context.Context, e audit.Entry) error
}

// Step is what becomes of a run.
type Step struct {
	Run     Run
	Entry   audit.Entry
	Release Release // the zero value: no order leaves the run
	// Send has the orders sent, when those that are blocked have left the run: the store
	// adds up what the others come to, and makes the digest of what the bank gets.
	Send bool
}

// Release has orders leave a run: one that is taken out, those that are blocked, or all.
type Release struct {
	Why   string
	Order OrderID // the one that is taken out
	Hold  Hold    // of it
	Note  string
}

// Settled is what becomes of orders by an answer of the bank.
type Settled struct {
	All    []Settlement
	Format OutcomeFormat
	Entry  audit.Entry
}

// Runs is the payment runs and what the bank says of them.
type Runs struct {
	RunStore
	debtors Debtors
	now     func() time.Time
}

// NewRuns is the service on a store, with who pays and a clock.
func NewRuns(s RunStore, debtors Debtors, now func() time.Time) *Runs {
	return &Runs{s, debtors, now}
}

// Prepare begins a run: a job freezes what is payable. ErrMonth, ErrCall, ErrNothingDue,
// ErrAnotherRun.
func (s *Runs) Prepare(ctx context.Context, who identity.Actor, form once.Form, ask Selection) (RunID, error) {
	if err := ask.flaw(calendar.On(s.now())); err != nil {
		return "", err
	}
	if err := MayPrepare(who, ask.Programme); err != nil {
		return "", err
	}
	totals, err := s.Totals(ctx, ask, s.now())
	if err != nil {
		return "", err
	}
	r := Run{ID: RunID(uuid.NewString()), Selection: ask, State: PreparingRun, Prepared: Signature{By: who.Person, At: s.now()}}
	if r.Due, _ = Payable(totals); r.Due == 0 {
		return "", ErrNothingDue
	}
	return s.StartRun(ctx, form, r, r.entry(who, s.now(), RunPrepared))
}

// FreezeDue freezes what the runs pay that are being prepared: the work of the job. One
// that somebody else is at work on is left.
func (s *Runs) FreezeDue(ctx context.Context) (frozen int, left bool, err error) {
	for {
		found, left, err := s.FreezeNext(ctx, s.now(), func(r Run) audit.Entry {
			action := RunFrozen
			if r.State == DroppedRun {
				action = RunDropped
			}
			return r.entry(identity.Office(), s.now(), action)
		})
		if err != nil || !found {
			return frozen, left, err
		}
		frozen++
	}
}

// Propose puts a run before those who approve. ErrBlocked, ErrLedger.
func (s *Runs) Propose(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	return s.step(ctx, who, form, id, func(r Run, at Standing) (Step, error) {
		if err := r.MayPropose(who); err != nil {
			return Step{}, err
		}
		return Step{Run: r.propose(who, s.now()), Entry: r.entry(who, s.now(), RunProposed)}, r.sound(at)
	})
}

// Approve approves what somebody else prepared and proposed, as it was read at a
// version. ErrRunMoved, ErrBlocked, ErrLedger.
func (s *Runs) Approve(ctx context.Context, who identity.Actor, form once.Form, id RunID, version int64) error {
	return s.step(ctx, who, form, id, func(r Run, at Standing) (Step, error) {
		if err := r.MayDecide(who); err != nil {
			return Step{}, err
		}
		if r.Version != version {
			return Step{}, ErrRunMoved
		}
		return Step{Run: r.approve(who, s.now()), Entry: r.entry(who, s.now(), RunApproved)}, r.sound(at)
	})
}

// SendBack ends a run with a note that says why, before its file was sent: what it held
// is due again.
func (s *Runs) SendBack(ctx context.Context, who identity.Actor, form once.Form, id RunID, note string) error {
	return s.step(ctx, who, form, id, func(r Run, _ Standing) (Step, error) {
		if err := r.MaySendBack(who); err != nil {
			return Step{}, err
		}
		back, err := r.sendBack(who, note, s.now())
		return Step{Run: back, Entry: r.entry(who, s.now(), RunReturned), Release: Release{Why: ReleasedWithReturn}}, err
	})
}

// Drop gives a run up that was not proposed: what it held is due again.
func (s *Runs) Drop(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	return s.step(ctx, who, form, id, func(r Run, _ Standing) (Step, error) {
		if err := r.MayDrop(who); err != nil {
			return Step{}, err
		}
		dropped := r
		dropped.State = DroppedRun
		return Step{Run: dropped, Entry: r.entry(who, s.now(), RunDropped), Release: Release{Why: ReleasedWithDrop}}, nil
	})
}

// TakeOut takes an order out of a run that is not approved yet: one that is blocked, or
// any other with a note that says why, which who approves gets to read. What it pays is
// due again. ErrNoGround.
func (s *Runs) TakeOut(ctx context.Context, who identity.Actor, form once.Form, id RunID, order OrderID, note string) error {
	if err := s.visible(ctx, who, id); err != nil {
		return err
	}
	o, err := s.Order(ctx, order)
	if err != nil {
		return err
	}
	hold, err := s.HoldOf(ctx, o, s.now())
	if err != nil {
		return err
	}
	note = strings.TrimSpace(note)
	return s.step(ctx, who, form, id, func(r Run, _ Standing) (Step, error) {
		if err := r.MayTakeOut(who); err != nil {
			return Step{}, err
		}
		if o.Run != r.ID || o.State != OrderFrozen {
			return Step{}, ErrRunMoved
		}
		if hold == "" && note == "" {
			return Step{}, ErrNoGround
		}
		e := r.entry(who, s.now(), OrderTakenOut)
		e.Subject, e.About = string(order), o.Payee
		return Step{Run: r, Entry: e, Release: Release{Why: ReleasedByHand, Order: order, Hold: hold, Note: note}}, nil
	})
}

// Send fixes the file of an approved run, for the bank to pay on a day: from then on its
// orders are sent, once and for all. Those that are not to be paid any more leave the run,
// each with its reason: a later one pays them. ErrAllBlocked, ErrLedger, ErrExamined,
// ErrNoDebtor while nobody has said from which account.
func (s *Runs) Send(ctx context.Context, who identity.Actor, form once.Form, id RunID, on calendar.Date) error {
	return s.step(ctx, who, form, id, func(r Run, at Standing) (Step, error) {
		if err := r.MaySend(who); err != nil {
			return Step{}, err
		}
		if err := MayExecuteOn(on, calendar.On(s.now())); err != nil {
			return Step{}, err
		}
		if s.debtors[r.Programme].IBAN == "" {
			return Step{}, ErrNoDebtor
		}
		return Step{Run: r.send(who, on, s.debtors[r.Programme], s.now()), Entry: r.entry(who, s.now(), RunSent), Release: Release{Why: ReleasedAsBlocked}, Send: true}, r.sendable(at)
	})
}

func (s *Runs) step(ctx context.Context, who identity.Actor, form once.Form, id RunID, decide func(Run, Standing) (Step, error)) error {
	return s.ChangeRun(ctx, form, id, s.now(), func(r Run, at Standing) (Step, error) {
		if err := r.meets(who); err != nil {
			return Step{}, err
		}
		return decide(r, at)
	})
}

// visible is fault.ErrNotFound for a run that somebody does not get to see.
func (s *Runs) visible(ctx context.Context, who identity.Actor, id RunID) error {
	_, err := s.seen(ctx, who, id)
	return err
}

// seen is a run, for who gets to see it.
func (s *Runs) seen(ctx context.Context, who identity.Actor, id RunID) (Run, error) {
	r, err := s.Run(ctx, id)
	if err != nil {
		return Run{}, err
	}
	return r, r.meets(who)
}

// File is the file of a run that was sent, for the bank: the same bytes each time. It is
// made twice, and the first time compared with the digest of what was sent: a file that
// is another is never handed out. Who takes it is written down.
func (s *Runs) File(ctx context.Context, who identity.Actor, id RunID) (r Run, write func(io.Writer) error, err error) {
	if r, err = s.seen(ctx, who, id); err != nil {
		return r, nil, err
	}
	if err := r.MayTakeFile(who); err != nil {
		return r, nil, err
	}
	digest, err := FileDigest(r, s.EachOrder(ctx, id))
	if err == nil {
		err = r.sameFile(digest)
	}
	if err != nil {
		return r, nil, err
	}
	if err := s.See(ctx, r.entry(who, s.now(), FileTaken)); err != nil {
		return r, nil, err
	}
	return r, func(w io.Writer) error { return WriteFile(w, r, s.EachOrder(ctx, id)) }, nil
}

// Sheet goes through the lines of a run, for a spreadsheet. Who takes it is written down.
func (s *Runs) Sheet(ctx context.Context, who identity.Actor, id RunID) (Run, iter.Seq2[Row, error], error) {
	r, err := s.seen(ctx, who, id)
	if err != nil {
		return r, nil, err
	}
	return r, s.EachRow(ctx, id), s.See(ctx, r.entry(who, s.now(), SheetTaken))
}

// As is a run as somebody meets it: it knows whether it pays them, or what they examined.
func (s *Runs) As(ctx context.Context, who identity.Actor, id RunID) (Run, error) {
	r, err := s.seen(ctx, who, id)
	if err != nil {
		return r, err
	}
	if r.Own, err = s.Pays(ctx, id, who.Person); err == nil && r.Programme == Indemnity {
		r.Examined, err = s.Examined(ctx, id, who.Person)
	}
	return r, err
}

// Look is a run, for somebody to see whom it pays. That is written down.
func (s *Runs) Look(ctx context.Context, who identity.Actor, id RunID) (Run, error) {
	r, err := s.As(ctx, who, id)
	if err != nil {
		return r, err
	}
	return r, s.See(ctx, r.entry(who, s.now(), RunSeen))
}

// Judge tells what a file of the bank would make of the orders of a run, and of how many
// it says nothing final yet. It records nothing. OutcomeFaults, ErrNoOutcomes.
func (s *Runs) Judge(ctx context.Context, who identity.Actor, id RunID, file []byte) (settled []Settlement, open int, err error) {
	r, err := s.As(ctx, who, id)
	if err != nil {
		return nil, 0, err
	}
	if err := r.MayRecord(who); err != nil {
		return nil, 0, err
	}
	report, err := ReadOutcomes(bytes.NewReader(file))
	if err != nil {
		return nil, 0, err
	}
	orders, err := s.ByEndToEnd(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	return report.Settle(r, orders, calendar.On(s.now()))
}

// Record takes up what the bank answered to a run: each order that its file names is
// paid or came back, or none of them and the faults of the file. The same file, sent
// again, is told what came of it the first time. OutcomeFaults, ErrNoOutcomes.
func (s *Runs) Record(ctx context.Context, who identity.Actor, form once.Form, id RunID, file []byte) (Outcome, error) {
	run, err := s.seen(ctx, who, id)
	if err == nil {
		err = who.Must(run.Programme.Office(), identity.Pay)
	}
	if err != nil {
		return Outcome{}, err
	}
	digest := sha256.Sum256(file)
	report, wrong := ReadOutcomes(bytes.NewReader(file))
	if wrong != nil && !errors.Is(wrong, ErrOutcomes) {
		return Outcome{}, wrong
	}
	return s.RecordOutcomes(ctx, form, id, digest[:], func(r Run, orders map[string]Order) (Settled, error) {
		if err := r.MayRecord(who); err != nil {
			return Settled{}, err
		}
		if wrong != nil {
			return Settled{}, wrong
		}
		all, _, err := report.Settle(r, orders, calendar.On(s.now()))
		return Settled{All: all, Format: report.Format, Entry: r.entry(who, s.now(), OutcomesSaved)}, err
	})
}
