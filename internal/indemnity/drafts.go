package indemnity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What is written in the register about drafts.
const (
	DraftBegun     audit.Action = "indemnity.draft_begun"
	DraftDropped   audit.Action = "indemnity.draft_dropped"
	DraftReminded  audit.Action = "indemnity.draft_reminded"  // of its term
	RegistersAsked audit.Action = "indemnity.registers_asked" // about whom a mandate stands for
)

// Why a draft cannot be saved.
var (
	// ErrDraftMoved says that another page saved it first.
	ErrDraftMoved = fault.Stale("indemnity.draft_moved")
	// ErrDraftSent says that it is an application by now.
	ErrDraftSent = fault.Refuse("indemnity.draft_sent")
	// ErrNoCall says that there has been no call yet, whose rules could be told.
	ErrNoCall = fault.Refuse("indemnity.no_call")
	// ErrTooManyDrafts says that a member has MostDrafts already.
	ErrTooManyDrafts = fault.Refuse("indemnity.too_many_drafts")
)

// MostDrafts is how many drafts of a member may wait to be sent: a guard of the portal,
// since each has room for files.
const MostDrafts = 10

// DraftStore keeps drafts. Every write carries its form: one that was stored before is
// not acted on again.
type DraftStore interface {
	// CallsInForce is every call with its released rules, the earliest month first.
	CallsInForce(ctx context.Context) ([]Call, error)
	// Person is somebody by id, and the contacts they gave; fault.ErrNotFound.
	Person(ctx context.Context, id identity.PersonID) (p identity.Person, email, phone string, err error)
	// Drafts are a member's that were not sent, with their papers, last saved first.
	Drafts(ctx context.Context, member identity.PersonID) ([]Draft, error)
	// Draft is one of a member's, sent or not; fault.ErrNotFound.
	Draft(ctx context.Context, member identity.PersonID, id CaseID) (Draft, error)
	// Start keeps a new draft: ErrTooManyDrafts.
	Start(ctx context.Context, form once.Form, d Draft, e audit.Entry) (CaseID, error)
	// Save keeps the answers of a draft if it is still the one that was read: ErrDraftMoved.
	Save(ctx context.Context, form once.Form, d Draft, now time.Time) error
	// Drop forgets a draft that was not sent, with its papers.
	Drop(ctx context.Context, form once.Form, id CaseID, e audit.Entry) error
	// CasesOf are the cases of which somebody is the member or an heir.
	CasesOf(ctx context.Context, person identity.PersonID) ([]CaseFile, error)
	// Applied is the periods that a member has applied for, those that came to nothing
	// left out.
	Applied(ctx context.Context, member identity.PersonID) ([]Applied, error)
	// Unsent lists every draft that was not sent, with when its writer was last
	// reminded.
	Unsent(ctx context.Context) ([]Unsent, error)
	// Remind notes that the writer of a draft is reminded on a day, once for a day.
	Remind(ctx context.Context, id CaseID, on calendar.Date, e audit.Entry) (first bool, err error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
}

// Applied is the days of an application that was sent.
type Applied struct {
	ID       CaseID
	Protocol string
	Period   calendar.Period
	Stops    []calendar.Period // of cycles: the days of the period that it is about
}

// Drafts is how members write an application.
type Drafts struct {
	DraftStore
	members       MemberRegister
	contributions Contributions
	now           func() time.Time
}

// NewDrafts is the service on a store and two registers, with a clock.
func NewDrafts(s DraftStore, m MemberRegister, c Contributions, now func() time.Time) *Drafts {
	return &Drafts{s, m, c, now}
}

// Begin makes a draft of what is known so far, for the actor or for whom a mandate
// stands. A member may have several, each for its own event.
func (s *Drafts) Begin(ctx context.Context, who identity.Actor, form once.Form, a Answers) (CaseID, error) {
	if outcome, done, err := s.Outcome(ctx, form); done || err != nil {
		return CaseID(outcome), err
	}
	if err := s.check(ctx, who, "", a); err != nil {
		return "", err
	}
	d := Draft{ID: CaseID(newID()), Member: who.For, Answers: a, Started: s.now()}
	d.SavedAt = d.Started
	return s.Start(ctx, form, d, s.entry(who, DraftBegun, d.ID))
}

// Draft is one of the actor's, or of whom a mandate stands for; fault.ErrNotFound.
func (s *Drafts) Draft(ctx context.Context, who identity.Actor, id CaseID) (Draft, error) {
	return s.DraftStore.Draft(ctx, who.For, id)
}

// Mine are the actor's that were not sent, each with where it stands today.
func (s *Drafts) Mine(ctx context.Context, who identity.Actor) ([]Pending, error) {
	drafts, err := s.Drafts(ctx, who.For)
	if err != nil || len(drafts) == 0 {
		return nil, err
	}
	calls, err := s.CallsInForce(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Pending, len(drafts))
	for i, d := range drafts {
		all[i] = Pending{d, Stand(calls, d, s.now())}
	}
	return all, nil
}

// Pending is a draft with where it stands.
type Pending struct {
	Draft
	Standing Standing
}

// Stand is where a draft stands today; ErrNoCall.
func (s *Drafts) Stand(ctx context.Context, d Draft) (Standing, error) {
	calls, err := s.CallsInForce(ctx)
	if err == nil && len(calls) == 0 {
		err = ErrNoCall
	}
	if err != nil {
		return Standing{}, err
	}
	return Stand(calls, d, s.now()), nil
}

// Fill saves the answers of a draft that was read in a version: ErrDraftMoved when
// another page moved first. Declarations are about what was answered: when that
// changes they are asked for anew.
func (s *Drafts) Fill(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, a Answers) error {
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return err
	}
	d, err := s.Draft(ctx, who, id)
	switch {
	case err != nil:
	case !d.SentAt.IsZero():
		err = ErrDraftSent
	case d.Version != version:
		err = ErrDraftMoved
	}
	if err != nil {
		return s.unlessDone(ctx, form, err)
	}
	if !a.sameEvent(d.Answers) {
		if err := s.check(ctx, who, id, a); err != nil {
			return err
		}
	}
	if !a.declares(d.Answers) {
		a.Declared, a.DeclaredAt = nil, time.Time{}
	}
	d.Answers = a
	return s.Save(ctx, form, d, s.now())
}

// Discard forgets a draft that was not sent.
func (s *Drafts) Discard(ctx context.Context, who identity.Actor, form once.Form, id CaseID) error {
	if _, done, err := s.Outcome(ctx, form); done || err != nil {
		return err
	}
	d, err := s.Draft(ctx, who, id)
	if err == nil && !d.SentAt.IsZero() {
		err = ErrDraftSent
	}
	if err != nil {
		return s.unlessDone(ctx, form, err)
	}
	return s.Drop(ctx, form, id, s.entry(who, DraftDropped, id))
}

// unlessDone is what stands in the way of a form, or nothing where the same form, sent
// twice at once, has put it there.
func (s *Drafts) unlessDone(ctx context.Context, form once.Form, err error) error {
	if _, done, failed := s.Outcome(ctx, form); done || failed != nil {
		return failed
	}
	return err
}

func (s *Drafts) entry(who identity.Actor, action audit.Action, of CaseID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: string(of), About: who.For}
}

// check is what stands against the days of a draft: see Answers.Flaw. The register is
// asked when they enrolled; silent, it stands in nobody's way.
func (s *Drafts) check(ctx context.Context, who identity.Actor, id CaseID, a Answers) error {
	if err := a.Flaw(calendar.On(s.now())); err != nil {
		return err
	}
	period := a.Period()
	if period.From.IsZero() {
		return nil
	}
	if err := s.taken(ctx, who, id, a); err != nil {
		return err
	}
	known, err := s.Known(ctx, who)
	if err != nil {
		return err
	}
	calls, err := s.CallsInForce(ctx)
	if err == nil && len(calls) > 0 && known.startsBefore(period.From, &calls[len(calls)-1].Rules) {
		err = ErrBeforeEnrolment
	}
	return err
}

// taken is a TakenError where days of a draft are in an application that was sent.
func (s *Drafts) taken(ctx context.Context, who identity.Actor, id CaseID, a Answers) error {
	applied, err := s.Applied(ctx, who.For)
	if err != nil {
		return err
	}
	for _, other := range applied {
		if other.ID != id && a.shares(other) {
			return TakenError{other.Protocol}
		}
	}
	return nil
}

// Known is what the registers say of a member today, and what they have applied for.
// Either register may be silent, or know nothing.
type Known struct {
	Registers
	Person      identity.Person
	Cases       []CaseFile // theirs, and those of which they are heirs
	MemberErr   error      // fault.ErrNotFound, ErrMembersSilent
	PositionErr error      // ErrContributionsSilent
}

// Active tells whether they are a member today, as far as the register answers.
func (k Known) Active() bool {
	return k.MemberErr == nil && k.Member.Active || errors.Is(k.MemberErr, ErrMembersSilent)
}

// Owes tells whether the register says that they are not in order.
func (k Known) Owes() bool { return k.PositionErr == nil && !k.Position.Regular() }

// Known asks both registers about the actor, or whom a mandate stands for, at once.
func (s *Drafts) Known(ctx context.Context, who identity.Actor) (k Known, err error) {
	if k.Person, _, _, err = s.Person(ctx, who.For); err != nil {
		return k, err
	}
	if k.Cases, err = s.CasesOf(ctx, who.For); err != nil {
		return k, err
	}
	if who.For != who.Person {
		if err := s.See(ctx, s.entry(who, RegistersAsked, "")); err != nil {
			return k, err
		}
	}
	k.At = s.now()
	today := calendar.On(k.At)
	var asked sync.WaitGroup
	asked.Go(func() { k.Member, k.MemberErr = askMember(ctx, s.members, k.Person.FiscalCode, today, today) })
	asked.Go(func() { k.Position, k.PositionErr = s.contributions.Position(ctx, k.Person.FiscalCode, today) })
	asked.Wait()
	for _, err := range []error{k.MemberErr, k.PositionErr} {
		if reason := fault.As(err); err != nil && (reason == nil || reason.Kind != fault.KindUnavailable && reason.Kind != fault.KindNotFound) {
			return k, fmt.Errorf("ask the registers: %w", err)
		}
	}
	return k, nil
}
