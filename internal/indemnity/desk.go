package indemnity

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What officers write in the register about a case that they examine.
const (
	CaseClaimed    audit.Action = "indemnity.case_claimed"
	CaseLetGo      audit.Action = "indemnity.case_let_go"
	FindingWritten audit.Action = "indemnity.finding_written"
	CaseNoted      audit.Action = "indemnity.case_noted"
)

// Why an act on the desk is refused.
var (
	ErrCheckUnknown = fault.ErrNotFound
	ErrFindingVoid  = fault.Invalid("indemnity.finding_void") // no verdict
	ErrFindingNote  = fault.Invalid("indemnity.finding_note") // it says why where it is not met, or overrides
	ErrNoteEmpty    = fault.Invalid("indemnity.note_empty")
	ErrNoteLong     = fault.Invalid("indemnity.note_long")
	ErrClaimed      = fault.Refuse("indemnity.case_claimed") // a colleague works on it
)

// MovedError says that a case is not the one that its reader saw any more, with what was
// found on it meanwhile. It is ErrCaseMoved.
type MovedError struct{ Since []Finding }

// ErrCaseMoved says that a case has changed since its reader saw it.
var ErrCaseMoved = fault.Stale("indemnity.case_moved")

// Error is the reason.
func (e MovedError) Error() string { return ErrCaseMoved.Error() }

// Unwrap is the reason.
func (e MovedError) Unwrap() error { return ErrCaseMoved }

// NoteLength is how many characters a note, or what an officer writes beside a finding,
// may have.
const NoteLength = 2000

// DeskStore keeps what officers do on cases.
type DeskStore interface {
	// Claim is who works on a case, and since when; the zero Claim for nobody.
	Claim(ctx context.Context, id CaseID) (Claim, error)
	// Take has the officer of an entry work on a case, unless a colleague does, and tells
	// who works on it then.
	Take(ctx context.Context, id CaseID, e audit.Entry) (Claim, error)
	// LetGo ends the work of the officer of an entry on a case.
	LetGo(ctx context.Context, id CaseID, e audit.Entry) error
	// Notes are what officers wrote down about a case, newest first.
	Notes(ctx context.Context, id CaseID) ([]Note, error)
	// Note keeps a note.
	Note(ctx context.Context, form once.Form, id CaseID, text string, e audit.Entry) error
	// OpenDecisions are up to ProposalsAtMost decisions that wait for a second person, the
	// oldest first, with that they were read.
	OpenDecisions(ctx context.Context, e audit.Entry) ([]Proposal, error)
	// Deliveries are the messages about a request, the oldest first.
	Deliveries(ctx context.Context, id RequestID) ([]Delivery, error)
	// SetOffs are what who applied was told of debts that the indemnity covers, the oldest
	// first.
	SetOffs(ctx context.Context, id CaseID) ([]SetOff, error)
	// History is what the register says of a case and its requests, newest first.
	History(ctx context.Context, c CaseFile) ([]audit.Look, error)
}

// Claim is who works on a case: two officers never work blind on one.
type Claim struct {
	By    identity.PersonID
	Name  string
	Since time.Time
}

// ClaimedFor is how long somebody who opened a case counts as working on it.
const ClaimedFor = 15 * time.Minute

// Busy tells whether somebody else works on the case at an instant.
func (c Claim) Busy(who identity.PersonID, now time.Time) bool {
	return c.By != "" && c.By != who && now.Sub(c.Since) < ClaimedFor
}

// Note is what an officer wrote down about a case, for the others.
type Note struct {
	Author string
	At     time.Time
	Text   string
}

// Opened is a case as an officer works on it.
type Opened struct {
	CaseFile
	Sent, Found Explanation // on what was sent, and on what was found
	Known       bool        // something is known of its days
	Checklist   []Checked
	Claim       Claim

	others []Other // the member's, that have days before it
	on     calendar.Date
}

// Desk is what the officers of the welfare service see and do on the cases that they
// examine.
type Desk struct {
	DeskStore
	cases  *Applications
	random io.Reader
	now    func() time.Time
}

// NewDesk is the service on a store and the applications, with a source of chance and a
// clock.
func NewDesk(s DeskStore, a *Applications, random io.Reader, now func() time.Time) *Desk {
	return &Desk{s, a, random, now}
}

// Open is a case for an officer who looks at it: that is written down. Who prepares
// counts from now on as working on it, unless somebody else does: see Claim.Busy.
func (s *Desk) Open(ctx context.Context, who identity.Actor, id CaseID) (Opened, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return Opened{}, err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return Opened{}, err
	}
	if err := s.cases.See(ctx, s.cases.entry(who, CaseOpened, string(id), c)); err != nil {
		return Opened{}, err
	}
	others, claim, err := s.beside(ctx, c)
	if err != nil {
		return Opened{}, err
	}
	now := s.now()
	o := examine(c, others, calendar.On(now))
	o.Claim = claim
	if !who.Has(identity.Prepare) || c.MayFind(who) != nil || o.Claim.Busy(who.Person, now) {
		return o, nil
	}
	if o.Claim.By != who.Person || now.Sub(o.Claim.Since) >= ClaimedFor/2 {
		o.Claim, err = s.Take(ctx, id, s.cases.entry(who, CaseClaimed, string(id), c))
	}
	return o, err
}

// Release lets a case go that somebody works on, so that colleagues may.
func (s *Desk) Release(ctx context.Context, who identity.Actor, id CaseID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	return s.LetGo(ctx, id, s.cases.entry(who, CaseLetGo, string(id), c))
}

// beside is what is to be known beside a case: the other cases of its
// member, and who works on it.
func (s *Desk) beside(ctx context.Context, c CaseFile) ([]Other, Claim, error) {
	others, err := s.cases.others(ctx, c)
	if err != nil {
		return nil, Claim{}, err
	}
	claim, err := s.Claim(ctx, c.ID)
	return others, claim, err
}

// examine reckons a case as it stands on a day.
func examine(c CaseFile, others []Other, today calendar.Date) (o Opened) {
	o.CaseFile, o.others, o.on = c, others, today
	call := &Call{ID: c.Call, Version: c.RulesVersion, Rules: c.Rules}
	o.Sent, _ = Explain(call, today, c.AsSent(), others...)
	o.Found, o.Known = Explain(call, today, c.Facts(), others...)
	o.Checklist = c.Checklist(o.Sent, o.Found, today)
	return o
}

// Find writes down what an officer found on a check of a case as they saw it. Who finds
// that it is not met, or other than the portal found by itself, says why.
func (s *Desk) Find(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, f Finding) error {
	f.Note = strings.TrimSpace(f.Note)
	if f.Check.Number() == 0 {
		return ErrCheckUnknown
	}
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		if err := o.MayFind(who); err != nil {
			return CaseChange{}, err
		}
		if err := o.flaw(f); err != nil {
			return CaseChange{}, err
		}
		f.By, f.At = who.Person, s.now()
		officer := o.Officer
		if officer == "" {
			officer = who.Person
		}
		return CaseChange{State: InReview, Officer: officer, Finding: &f, Entry: s.cases.entry(who, FindingWritten, string(id), o.CaseFile)}, nil
	})
}

// flaw is what stands against a finding by itself.
func (o Opened) flaw(f Finding) error {
	at := slices.IndexFunc(o.Checklist, func(k Checked) bool { return k.Check == f.Check })
	switch {
	case at < 0:
		return ErrCheckUnknown
	case f.Verdict != Met && f.Verdict != NotMet && f.Verdict != NotApplicable:
		return ErrFindingVoid
	case len([]rune(f.Note)) > NoteLength:
		return ErrNoteLong
	case f.Note == "" && (f.Verdict == NotMet || o.Checklist[at].Portal != ToCheck && f.Verdict != o.Checklist[at].Portal):
		return ErrFindingNote
	}
	for p := range f.Found.Papers {
		if !slices.ContainsFunc(o.Papers, func(known Paper) bool { return known.ID == p && !known.SentAt.IsZero() }) {
			return fault.ErrNotFound
		}
	}
	return nil
}

// rule changes a case that is still the one that its reader saw.
func (s *Desk) rule(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, decide func(Opened) (CaseChange, error)) error {
	seen, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	others, claim, err := s.beside(ctx, seen)
	if err != nil {
		return err
	}
	_, err = s.cases.ChangeCase(ctx, form, s.now(), id, func(c CaseFile) (CaseChange, error) {
		if c.Version != version {
			return CaseChange{}, MovedError{c.since(version)}
		}
		now := s.now()
		o := examine(c, others, calendar.On(now))
		if o.Claim = claim; who.Has(identity.Prepare) && claim.Busy(who.Person, now) && c.OpenDecision() == nil {
			return CaseChange{}, ErrClaimed
		}
		return decide(o)
	})
	return err
}

// since are the findings that were written after a version of the case.
func (c CaseFile) since(version int64) (all []Finding) {
	for _, f := range c.Findings {
		if f.Version > version {
			all = append(all, f)
		}
	}
	return all
}

// Propose proposes how a case ends, as its reader saw it: nothing changes until another
// officer approves. The text stands in the letter beside the grounds.
func (s *Desk) Propose(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, to State, text string) error {
	text = strings.TrimSpace(text)
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		now := s.now()
		if err := o.MayPropose(who, to, o.Checklist, o.Found, now); err != nil {
			return CaseChange{}, err
		}
		if len([]rune(text)) > NoteLength || to == InReview && text == "" {
			return CaseChange{}, ErrDecisionText
		}
		d := Decision{ID: DecisionID(newID()), Case: id, To: to, Text: text, CallVersion: o.RulesVersion,
			ProposedBy: identity.Person{ID: who.Person}, ProposedAt: now, State: DecisionWaits}
		if to != Suitable && to != InReview {
			d.Codes = Grounds(o.Found)
		}
		if before := o.Decision(); before != nil {
			d.Undoes = before.ID
		}
		return CaseChange{Decision: &d, Entry: s.cases.entry(who, DecisionProposed, string(id), o.CaseFile)}, nil
	})
}

// Approve makes the decision that waits: the letter gets a number of the protocol, and
// who applied is told.
func (s *Desk) Approve(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64) error {
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		if err := o.MayDecide(who); err != nil {
			return CaseChange{}, err
		}
		now := s.now()
		d := *o.OpenDecision()
		if d.Examined() && o.Found.Outcome.State() != d.To {
			return CaseChange{}, ErrOutcomeUnborne // a term has been met, or missed, since
		}
		d.State, d.DecidedBy, d.DecidedAt = DecisionMade, identity.Person{ID: who.Person}, now
		var err error
		if d.CheckCode, err = newCheckCode(s.random); err != nil {
			return CaseChange{}, err
		}
		return CaseChange{State: d.To, Decision: &d, Lapse: d.To == Forfeited, CallOff: d.To == Inadmissible || d.To == NotEligible, Tell: true,
			RecoverBy: o.recoverBy(d, now),
			Entry:     s.cases.entry(who, DecisionApproved, string(id), o.CaseFile)}, nil
	})
}

// SendBack sends the decision that waits back to who proposed it, with the reason.
func (s *Desk) SendBack(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, why string) error {
	why = strings.TrimSpace(why)
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		if err := o.MayDecide(who); err != nil {
			return CaseChange{}, err
		}
		if why == "" || len([]rune(why)) > NoteLength {
			return CaseChange{}, ErrDecisionWhy
		}
		d := *o.OpenDecision()
		d.State, d.DecidedBy, d.DecidedAt, d.Why = DecisionNot, identity.Person{ID: who.Person}, s.now(), why
		return CaseChange{Decision: &d, Entry: s.cases.entry(who, DecisionSentBack, string(id), o.CaseFile)}, nil
	})
}

// Write writes a note on a case for the other officers.
func (s *Desk) Write(ctx context.Context, who identity.Actor, form once.Form, id CaseID, text string) error {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return err
	}
	switch text = strings.TrimSpace(text); {
	case text == "":
		return ErrNoteEmpty
	case len([]rune(text)) > NoteLength:
		return ErrNoteLong
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	return s.Note(ctx, form, id, text, s.cases.entry(who, CaseNoted, string(id), c))
}
