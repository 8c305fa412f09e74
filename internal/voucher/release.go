package voucher

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
	"portal/internal/once"
	"portal/internal/rules"
)

// What is written about editions. The subject is the version.
const (
	EditionDrafted  audit.Action = "edition.drafted"
	EditionSaved    audit.Action = "edition.saved"
	EditionProposed audit.Action = "edition.proposed"
	EditionReturned audit.Action = "edition.returned"
	EditionReleased audit.Action = "edition.released"
	EditionDropped  audit.Action = "edition.dropped"
)

// Why an act on an edition is refused.
var (
	ErrEditionName     = fault.Invalid("edition.name")
	ErrEditionYears    = fault.Invalid("edition.years")
	ErrEditionExists   = fault.Invalid("edition.exists")
	ErrOpenVersion     = fault.Refuse("edition.open_version")
	ErrUnsound         = fault.Refuse("edition.unsound")
	ErrUnproved        = fault.Refuse("edition.unproved")
	ErrLocked          = fault.Refuse("edition.locked")
	ErrNothingNew      = fault.Refuse("edition.nothing_new")
	ErrVersionNotDraft = fault.Refuse("edition.not_draft")
	ErrNotProposed     = fault.Refuse("edition.not_proposed")
	ErrOwnVersion      = fault.Refuse("edition.own_version")
	ErrNoReturn        = fault.Invalid("edition.note_missing")
	ErrVersionMoved    = fault.Stale("edition.moved")
)

// VersionRef names a version of the rules of an edition.
type VersionRef struct {
	Edition EditionID
	Number  int
}

// Version is a version of the rules of an edition: the edition at that version,
// and how it came to be.
type Version struct {
	Key     string // in the register
	Edition        // with the rules and the number of this version
	rules.Life
	From    VersionRef // what it was copied from
	InForce int        // number of the version in force, 0 before the first
	Ranked  bool       // a ranking of the edition was published, or is on its way
}

// Ref names the version.
func (v Version) Ref() VersionRef { return VersionRef{v.Edition.ID, v.Edition.Version} }

// MayEdit tells why an actor cannot change, propose or drop the version.
func (v Version) MayEdit(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	if v.State != rules.Draft {
		return ErrVersionNotDraft
	}
	return nil
}

// MayDecide tells why an actor can neither release the version nor send it back:
// nobody decides on what they drafted, changed or proposed.
func (v Version) MayDecide(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Approve); err != nil {
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

// Releasable tells why the rules of the version cannot be proposed or released,
// given those in force, if any: they are not sound (RuleFlaws), an example does
// not come out, a ranking was proposed or published by what they change, nothing is new.
func (v Version) Releasable(inForce *Rules) error {
	if flaws := v.Rules.Check(); len(flaws) > 0 {
		return flaws
	}
	if !v.Rules.proved() {
		return ErrUnproved
	}
	if inForce == nil {
		return nil
	}
	changes := Diff(*inForce, v.Rules)
	switch {
	case len(changes) == 0:
		return ErrNothingNew
	case v.Ranked && slices.ContainsFunc(changes, decisive):
		return ErrLocked
	}
	return nil
}

// Locked tells whether a section can not change, because a ranking of the edition was
// published by it, or is proposed. Money may still be added, not changed.
func (v Version) Locked(s Section) bool {
	return v.Ranked && (s == SectionBands || s == SectionWindow || s == SectionClosed)
}

// decisive tells whether a change is of what a ranking is made of. A tranche that
// was not there before is none: it is money for the next one.
func decisive(c RuleChange) bool {
	switch c.Fact().Section {
	case SectionBands, SectionWindow, SectionClosed:
		return true
	case SectionTranches:
		return c.Before != nil
	}
	return false
}

// EditionStore keeps editions, the versions of their rules and what has been sent
// to INPS for them. Every write carries its form: see Store.
type EditionStore interface {
	// Editions is every edition in force, by name.
	Editions(ctx context.Context) (map[EditionID]Edition, error)
	// Versions is every version of an edition, or of all for "": newest first.
	Versions(ctx context.Context, of EditionID) ([]Version, error)
	// Version is one; fault.ErrNotFound.
	Version(ctx context.Context, ref VersionRef) (Version, error)
	// StartVersion saves the first draft of a new edition, or the next one of an
	// edition that is there, and tells its number. ErrEditionExists, ErrOpenVersion.
	StartVersion(ctx context.Context, form once.Form, v Version, isNew bool, e audit.Entry) (VersionRef, error)
	// ChangeVersion locks a version with its edition, asks for a decision on what it
	// then is, next to the rules in force (nil before the first), and saves it.
	ChangeVersion(ctx context.Context, form once.Form, ref VersionRef, decide func(v Version, inForce *Rules) (Version, audit.Entry, error)) error

	ResourceStore
}

// Editions is the acts on editions: a version of the rules is drafted by copying,
// proposed, and released by a second person.
type Editions struct {
	EditionStore
	now func() time.Time
}

// NewEditions is the service on a store, with a clock.
func NewEditions(s EditionStore, now func() time.Time) *Editions { return &Editions{s, now} }

// editionName is the year of an edition, with a word after it where there are two.
var editionName = regexp.MustCompile(`^20[0-9]{2}(-[a-z0-9]{1,20})?$`)

// Draft copies a version into a new edition with a name and years, or, for the
// edition it is of, into its next version. What belongs to one year only does not
// go into another: window, money, closed territories and the terms of its rounds.
func (s *Editions) Draft(ctx context.Context, who identity.Actor, form once.Form, from VersionRef, to Edition) (VersionRef, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return VersionRef{}, err
	}
	source, err := s.Version(ctx, from)
	if err != nil {
		return VersionRef{}, err
	}
	v := Version{Key: string(NewID()), Edition: to, Life: rules.Begin(who, s.now()), From: from}
	v.Rules = source.Rules
	isNew := to.ID != from.Edition
	if isNew {
		switch {
		case !editionName.MatchString(string(to.ID)):
			return VersionRef{}, ErrEditionName
		case to.ApplicationYear < 2022 || to.ApplicationYear > 2100 || to.FundYear > to.ApplicationYear || to.FundYear < to.ApplicationYear-3:
			return VersionRef{}, ErrEditionYears
		}
		v.Rules.Window, v.Rules.ISEECure.Is.From = rules.Value[Window]{}, calendar.Date{}
		v.Rules.Tranches, v.Rules.Overrides, v.Rules.Reopenings = nil, nil, nil
		v.Rules.Closed = rules.Value[[]string]{}
		v.Rules.Examples = slices.DeleteFunc(slices.Clone(v.Rules.Examples), func(e Example) bool { return e.ISEE == nil && e.Round > 1 })
	}
	return s.StartVersion(ctx, form, v, isNew, s.entry(who, EditionDrafted, v))
}

// Save changes one section of a draft that was read at a revision. RuleFlaws of
// that section, ErrLocked, ErrVersionMoved.
func (s *Editions) Save(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64, section Section, changed Rules) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *Rules) (Version, audit.Entry, error) {
		if err := v.MayEdit(who); err != nil {
			return v, audit.Entry{}, err
		}
		if v.Revision != revision {
			return v, audit.Entry{}, ErrVersionMoved
		}
		if section == SectionDeclarations && inForce != nil {
			changed.Declarations.Is = renumbered(inForce.Declarations.Is, changed.Declarations.Is)
		}
		v.Rules = v.Rules.with(section, changed)
		if flaws := v.Rules.Check().Of(section); len(flaws) > 0 {
			return v, audit.Entry{}, flaws
		}
		if v.Ranked && inForce != nil && slices.ContainsFunc(Diff(*inForce, v.Rules), decisive) {
			return v, audit.Entry{}, ErrLocked
		}
		v.Edit(who)
		return v, s.entry(who, EditionSaved, v), nil
	})
}

// renumbered gives a declaration whose text is not the one in force the next
// number: what somebody declared is known by both.
func renumbered(inForce, now []Declaration) []Declaration {
	all := slices.Clone(now)
	for i, d := range all {
		all[i].Version = 1
		for _, old := range inForce {
			switch {
			case old.ID == d.ID && old.Text == d.Text:
				all[i].Version = old.Version
			case old.ID == d.ID:
				all[i].Version = old.Version + 1
			}
		}
	}
	return all
}

// Propose asks for the release of a draft. RuleFlaws, ErrUnproved, ErrNothingNew.
func (s *Editions) Propose(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *Rules) (Version, audit.Entry, error) {
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
		return v, s.entry(who, EditionProposed, v), nil
	})
}

// SendBack makes a proposed version a draft again, with a note that says why.
func (s *Editions) SendBack(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64, note string) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, _ *Rules) (Version, audit.Entry, error) {
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
		return v, s.entry(who, EditionReturned, v), nil
	})
}

// Release puts a proposed version in force, for good. It is judged again: a ranking
// may have been published since it was proposed.
func (s *Editions) Release(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef, revision int64) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, inForce *Rules) (Version, audit.Entry, error) {
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
		return v, s.entry(who, EditionReleased, v), nil
	})
}

// Drop gives a draft up.
func (s *Editions) Drop(ctx context.Context, who identity.Actor, form once.Form, ref VersionRef) error {
	return s.ChangeVersion(ctx, form, ref, func(v Version, _ *Rules) (Version, audit.Entry, error) {
		if err := v.MayEdit(who); err != nil {
			return v, audit.Entry{}, err
		}
		v.Drop()
		return v, s.entry(who, EditionDropped, v), nil
	})
}

func (s *Editions) entry(who identity.Actor, action audit.Action, v Version) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: action, Subject: v.Key}
}

// Prolonged is the terms of a voucher of a round that was published by the rules of
// before, once these are in force, and whether they are others: an override moves
// the days of codes that were given out already. Other values do not.
func (r Rules) Prolonged(before Rules, acceptedOn calendar.Date, round int, territory string) (Terms, bool) {
	without := r
	without.Overrides = before.Overrides
	now := r.Terms(acceptedOn, round, territory)
	return now, now != without.Terms(acceptedOn, round, territory)
}

// Current is the edition to speak of at an instant: the one whose window is open,
// else the next to open, else the newest. False when there is none.
func Current(all map[EditionID]Edition, now time.Time) (Edition, bool) {
	var best Edition
	found := false
	for _, e := range all {
		if !found || currentBefore(e, best, now) {
			best, found = e, true
		}
	}
	return best, found
}

func currentBefore(a, b Edition, now time.Time) bool {
	rank := func(e Edition) int {
		switch w := e.Rules.Window.Is; {
		case w.Open(now):
			return 0
		case now.Before(w.Opens):
			return 1
		}
		return 2
	}
	next := 0
	if rank(a) == 1 {
		next = a.Rules.Window.Is.Opens.Compare(b.Rules.Window.Is.Opens)
	}
	return cmp.Or(rank(a)-rank(b), next, b.ApplicationYear-a.ApplicationYear, cmp.Compare(b.ID, a.ID)) < 0
}
