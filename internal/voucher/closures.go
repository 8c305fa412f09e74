package voucher

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

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
