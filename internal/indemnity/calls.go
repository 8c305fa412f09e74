package indemnity

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/rules"
)

// What is written about calls. The subject is the version.
const (
	CallDrafted  audit.Action = "call.drafted"
	CallSaved    audit.Action = "call.saved"
	CallProposed audit.Action = "call.proposed"
	CallReturned audit.Action = "call.returned"
	CallReleased audit.Action = "call.released"
	CallDropped  audit.Action = "call.dropped"
)

// Why an act on a call is refused.
var (
	ErrCallMonth       = fault.Invalid("call.month")
	ErrCallExists      = fault.Invalid("call.exists")
	ErrOpenVersion     = fault.Refuse("call.open_version")
	ErrUnsound         = fault.Refuse("call.unsound")
	ErrUnproved        = fault.Refuse("call.unproved")
	ErrLocked          = fault.Refuse("call.locked")
	ErrNothingNew      = fault.Refuse("call.nothing_new")
	ErrVersionNotDraft = fault.Refuse("call.not_draft")
	ErrNotProposed     = fault.Refuse("call.not_proposed")
	ErrOwnVersion      = fault.Refuse("call.own_version")
	ErrNoReturn        = fault.Invalid("call.note_missing")
	ErrVersionMoved    = fault.Stale("call.moved")
)

// VersionRef names a version of the rules of a call.
type VersionRef struct {
	Call   CallID
	Number int
}

// Version is a version of the rules of a call: the call at that version, and how it
// came to be.
type Version struct {
	Key  string // in the register
	Call        // with the rules and the number of this version
	rules.Life
	From     VersionRef // what it was copied from
	InForce  int        // number of the version in force, 0 before the first
	Received bool       // applications for the call have come in
}

// Ref names the version.
func (v Version) Ref() VersionRef { return VersionRef{v.Call.ID, v.Call.Version} }

// MayEdit tells why an actor cannot change, propose or drop the version.
func (v Version) MayEdit(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	if v.State != rules.Draft {
		return ErrVersionNotDraft
	}
	return nil
}

// MayDecide tells why an actor can neither release the version nor send it back: nobody
// decides on what they drafted, changed or proposed.
func (v Version) MayDecide(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	switch {
	case v.State != rules.Proposed:
		return ErrNotProposed
	case v.Made(who):
		return ErrOwnVersion
	}
	return nil
}

// Releasable tells why the rules of the version cannot be proposed or released, given
// those in force, if any: they are not sound (RuleFlaws), an example does not come out,
// they change what applications were made by, nothing is new.
func (v Version) Releasable(inForce *RuleSet) error {
	if flaws := v.Check(); len(flaws) > 0 {
		return flaws
	}
	if !v.proved() {
		return ErrUnproved
	}
	if inForce == nil {
		return nil
	}
	changes := Diff(inForce, &v.Rules)
	switch {
	case len(changes) == 0:
		return ErrNothingNew
	case slices.ContainsFunc(changes, func(c RuleChange) bool { return v.Locked(c.Provision().Section) }):
		return ErrLocked
	}
	return nil
}

// Locked tells whether a section cannot change any more, because applications were made
// by it. Money, expected dates and examples still can.
func (v Version) Locked(s Section) bool {
	return v.Received && s != SectionMoney && s != SectionExpected && s != SectionExamples
}

// CallStore keeps calls and the versions of their rules. Every write carries its form:
// one that was stored before is not acted on again.
type CallStore interface {
	// CallsInForce is every call with its released rules, the earliest month first. They
	// are shared by all who ask: nobody changes them.
	CallsInForce(ctx context.Context) ([]Call, error)
	// Versions is every version of a call, or of all for "": newest first.
	Versions(ctx context.Context, of CallID) ([]Version, error)
	// Version is one; fault.ErrNotFound.
	Version(ctx context.Context, ref VersionRef) (Version, error)
	// StartVersion saves the first draft of a new call, or the next one of a call that is
	// there, and tells its number. ErrCallExists, ErrOpenVersion.
	StartVersion(ctx context.Context, form once.Form, v Version, isNew bool, e audit.Entry) (VersionRef, error)
	// ChangeVersion locks a version with its call, asks for a decision on what it then
	// is, next to the rules in force (nil before the first), and saves it.
	ChangeVersion(ctx context.Context, form once.Form, ref VersionRef, decide func(v Version, inForce *RuleSet) (Version, audit.Entry, error)) error
}

// Calls is the acts on calls: a version of the rules is drafted by copying, proposed,
// and released by a second person.
type Calls struct {
	CallStore
	now func() time.Time
}

// NewCalls is the service on a store, with a clock.
func NewCalls(s CallStore, now func() time.Time) *Calls { return &Calls{s, now} }

// callName is the month of a call.
var callName = regexp.MustCompile(`^20[0-9]{2}-(0[1-9]|1[0-2])$`)

// Draft copies a version into the call of another month or, for its own month, into the
// next version. What is of one month only does not go into another: window, budget and
// expected dates are asked for again, and articles of the old call are cited as those of
// the new one.
func (s *Calls) Draft(ctx context.Context, who identity.Actor, form once.Form, from VersionRef, to CallID) (VersionRef, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return VersionRef{}, err
	}
	source, err := s.Version(ctx, from)
	if err != nil {
		return VersionRef{}, err
	}
	v := Version{Key: newID(), Call: Call{ID: to, Rules: source.Rules.clone()}, Life: rules.Begin(who, s.now()), From: from}
	isNew := to != from.Call
	if isNew {
		if !callName.MatchString(string(to)) {
			return VersionRef{}, ErrCallMonth
		}
		v.Rules.recite(from.Call.title(), to.title())
		v.Rules.Window, v.Rules.Budget, v.Rules.Expected = window{}, budget{}, expected{}
	}
	return s.StartVersion(ctx, form, v, isNew, s.entry(who, CallDrafted, v))
}

type (
	window   = rules.Value[calendar.Period]
	budget   = rules.Value[*money.Amount]
	expected = rules.Value[Expected]
)

// Save changes one section of a draft that was read at a revision. RuleFlaws of that
// section, ErrLocked, ErrVersionMoved.
func (s *Calls) Save(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64, section Section, changed RuleSet) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *RuleSet) (Version, audit.Entry, error) {
		switch err := v.MayEdit(who); {
		case err != nil:
			return v, audit.Entry{}, err
		case v.Revision != revision:
			return v, audit.Entry{}, ErrVersionMoved
		case v.Locked(section):
			return v, audit.Entry{}, ErrLocked
		}
		if section == SectionDeclarations && inForce != nil {
			changed.Declarations.Is = renumbered(inForce.Declarations.Is, changed.Declarations.Is)
		}
		v.Rules = v.Rules.with(section, changed)
		if flaws := v.Check().Of(section); len(flaws) > 0 {
			return v, audit.Entry{}, flaws
		}
		v.Edit(who)
		return v, s.entry(who, CallSaved, v), nil
	})
}

// renumbered gives a declaration whose words are not those in force the next number:
// what somebody declared is known by both.
func renumbered(inForce, now []Declaration) []Declaration {
	all := slices.Clone(now)
	for i, d := range all {
		all[i].Version = 1
		for _, old := range inForce {
			switch {
			case old.ID == d.ID && old.Text == d.Text && old.Says == d.Says && old.Heirs == d.Heirs:
				all[i].Version = old.Version
			case old.ID == d.ID:
				all[i].Version = old.Version + 1
			}
		}
	}
	return all
}

// Propose asks for the release of a draft. RuleFlaws, ErrUnproved, ErrNothingNew.
func (s *Calls) Propose(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *RuleSet) (Version, audit.Entry, error) {
		if err := v.MayEdit(who); err != nil {
			return v, audit.Entry{}, err
		}
		if v.Revision != revision {
			return v, audit.Entry{}, ErrVersionMoved
		}
		if err := v.Releasable(inForce); err != nil {
			return v, audit.Entry{}, err
		}
		v.Propose(who, s.now())
		return v, s.entry(who, CallProposed, v), nil
	})
}

// SendBack makes a proposed version a draft again, with a note that says why.
func (s *Calls) SendBack(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64, note string) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, _ *RuleSet) (Version, audit.Entry, error) {
		if err := v.MayDecide(who); err != nil {
			return v, audit.Entry{}, err
		}
		if v.Revision != revision {
			return v, audit.Entry{}, ErrVersionMoved
		}
		if note = strings.TrimSpace(note); note == "" {
			return v, audit.Entry{}, ErrNoReturn
		}
		v.SendBack(note)
		return v, s.entry(who, CallReturned, v), nil
	})
}

// Release puts a proposed version in force, for good. It is judged again: applications
// may have come in since it was proposed.
func (s *Calls) Release(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *RuleSet) (Version, audit.Entry, error) {
		if err := v.MayDecide(who); err != nil {
			return v, audit.Entry{}, err
		}
		if v.Revision != revision {
			return v, audit.Entry{}, ErrVersionMoved
		}
		if err := v.Releasable(inForce); err != nil {
			return v, audit.Entry{}, err
		}
		v.Release(who, s.now())
		return v, s.entry(who, CallReleased, v), nil
	})
}

// Drop gives a draft up.
func (s *Calls) Drop(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, _ *RuleSet) (Version, audit.Entry, error) {
		if err := v.MayEdit(who); err != nil {
			return v, audit.Entry{}, err
		}
		v.Drop()
		return v, s.entry(who, CallDropped, v), nil
	})
}

func (s *Calls) entry(who identity.Actor, action audit.Action, v Version) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: v.Key}
}

// NewestFirst is calls from the newest month to the oldest.
func NewestFirst(all []Call) []Call {
	return slices.SortedFunc(slices.Values(all), func(a, b Call) int { return cmp.Compare(b.ID, a.ID) })
}
