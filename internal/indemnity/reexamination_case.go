package indemnity

import (
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// ReviewCase is a request with what it is about, as who judges it needs to see it.
type ReviewCase struct {
	Reexamination
	File        CaseFile
	Place       *ReviewPlace // that it is about, nil where it is about how the case ended
	Asker       string       // names, "" before
	Reader      string
	Proposer    string
	Decider     string
	Publication int          // the number of the one that carried it out, 0 before
	Returned    []ReviewNote // the proposals that were sent back
}

// ReviewNote is why a proposal was sent back.
type ReviewNote struct {
	At   time.Time
	Name string
	Text string
}

// ReviewProposal is how an officer thinks that a request should end.
type ReviewProposal struct {
	Version int64 // of the request, as its reader saw it
	Grant   bool
	Reopen  bool // the case is to be examined again: always, of how it ended
	Grounds string
}

// ReviewDecision is what an act changes: the request, and where it is granted the case.
type ReviewDecision struct {
	Reexamination Reexamination
	Again         *Decision // that takes the case up again, nil where nothing does
	Note          string    // from one officer to another
	Entry         audit.Entry
}

func (d ReviewDraft) check(of Reviewable) error {
	switch {
	case !slices.Contains(of.motives(), d.Motive):
		return ErrReviewMotive
	case strings.TrimSpace(d.Text) == "":
		return ErrReviewText
	case len([]rune(d.Text)) > ReviewLength:
		return ErrReviewTextLong
	}
	return nil
}

// AskReview makes a request of a draft. It is decided within the days of the call,
// counted from the day after it came in.
func (v Reviewable) AskReview(d ReviewDraft, who identity.Actor, now time.Time) (Reexamination, error) {
	today := calendar.On(now)
	if err := v.MayAskReview(today); err != nil {
		return Reexamination{}, err
	}
	if d.ID == "" {
		return Reexamination{}, ErrReviewNoDraft
	}
	if err := d.check(v); err != nil {
		return Reexamination{}, err
	}
	r := Reexamination{ID: d.ID, Case: v.ID, AskedBy: who.Person, Mandate: who.Mandate, AskedAt: now, Motive: d.Motive, Text: strings.TrimSpace(d.Text),
		DecideBy: v.Rules.Terms().ReexaminationReply(today).End(), State: ReviewAsked}
	if made, place := v.outcome(); made != nil {
		r.Decision = made.ID
	} else {
		r.Ranking = place.Ranking
	}
	return r, nil
}

// MayWithdraw tells why an actor cannot take a request about a case back: it has ended, or
// another heir asked, for whom nobody stands in.
func (r Reexamination) MayWithdraw(who identity.Actor, of CaseFile) error {
	switch reader := of.Reader(who); {
	case reader == NoReader:
		return fault.ErrNotFound
	case reader == ItsHeir && r.AskedBy != who.Person:
		return ErrReviewOthers
	case !r.State.Open():
		return ErrReviewEnded
	}
	return nil
}

// Withdraw takes a request back, by who stands where it was asked.
func (c ReviewCase) Withdraw(who identity.Actor, now time.Time) (ReviewDecision, error) {
	if err := c.MayWithdraw(who, c.File); err != nil {
		return ReviewDecision{}, err
	}
	c.State, c.WithdrawnAt, c.SetAside = ReviewWithdrawn, now, 0
	return c.decision(who, ReexaminationWithdrawn, now), nil
}

// judged tells why an officer cannot judge a request: it is their own or of their own, or
// they made what it is about, or found what that rests on (F12).
func (c ReviewCase) judged(who identity.Actor) error {
	if err := c.File.Concerns(who.Person); err != nil || who.Person == c.AskedBy {
		return ErrOwnCase
	}
	made := func(d Decision) bool {
		return d.ID == c.Decision && (d.ProposedBy.ID == who.Person || d.DecidedBy.ID == who.Person)
	}
	if slices.ContainsFunc(c.File.Decisions, made) || c.File.examinedBy(who.Person) || c.Place != nil && slices.Contains(c.Place.Made, who.Person) {
		return ErrReviewJudged
	}
	return nil
}

// MayPropose tells why an officer cannot propose how a request ends.
func (c ReviewCase) MayPropose(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch {
	case !c.State.Open():
		return ErrReviewEnded
	case c.State == ReviewProposed:
		return ErrReviewProposed
	}
	return c.judged(who)
}

// Propose writes how a request should end.
func (c ReviewCase) Propose(p ReviewProposal, who identity.Actor, now time.Time) (ReviewDecision, error) {
	if err := c.MayPropose(who); err != nil {
		return ReviewDecision{}, err
	}
	p.Grounds = strings.TrimSpace(p.Grounds)
	switch {
	case p.Version != c.Version:
		return ReviewDecision{}, ErrReviewMoved
	case p.Grounds == "" || len([]rune(p.Grounds)) > NoteLength:
		return ReviewDecision{}, ErrReviewGrounds
	}
	c.State, c.Grounds, c.ProposedBy, c.ProposedAt = ReviewProposed, p.Grounds, who.Person, now
	c.Proposal, c.Reopens = ProposeDeny, false
	if p.Grant {
		c.Proposal, c.Reopens = ProposeGrant, p.Reopen || c.Decision != ""
		if err := c.mayGrant(); err != nil {
			return ReviewDecision{}, err
		}
	}
	return c.decision(who, ReexaminationProposed, now), nil
}

// mayGrant tells why a request cannot be granted: what it is about was undone meanwhile, or
// another decision on the case waits.
func (c ReviewCase) mayGrant() error {
	inForce := c.File.Decision()
	switch {
	case c.File.OpenDecision() != nil:
		return ErrDecisionOpen
	case c.Decision != "" && (inForce == nil || inForce.ID != c.Decision),
		c.Ranking != "" && c.Reopens && (inForce == nil || c.File.State != Funded && c.File.State != Unfunded):
		return ErrReviewGone
	}
	return nil
}

// MayDecide tells why an officer cannot decide a request: it takes another person than
// the one who proposed.
func (c ReviewCase) MayDecide(who identity.Actor) error {
	switch {
	case who.Role == identity.Welfare && c.State == ReviewProposed && who.Person == c.ProposedBy:
		return ErrReviewOwn
	case who.Must(identity.Welfare, identity.Approve) != nil:
		return identity.ErrNoDuty
	case !c.State.Open():
		return ErrReviewEnded
	case c.State != ReviewProposed:
		return ErrReviewUnproposed
	}
	return c.judged(who)
}

// Decide ends a request as it was proposed. What is granted takes the case up again, by a
// decision of the two that undoes the one in force; the ranking that sees what comes of it
// is another act.
func (c ReviewCase) Decide(version int64, who identity.Actor, now time.Time) (ReviewDecision, error) {
	if err := c.MayDecide(who); err != nil {
		return ReviewDecision{}, err
	}
	if version != c.Version {
		return ReviewDecision{}, ErrReviewMoved
	}
	c.DecidedBy, c.DecidedAt = who.Person, now
	if c.Proposal == ProposeDeny {
		c.State, c.SetAside = ReviewDenied, 0
		return c.decision(who, ReexaminationDecided, now), nil
	}
	if err := c.mayGrant(); err != nil {
		return ReviewDecision{}, err
	}
	c.State = ReviewGranted
	d := c.decision(who, ReexaminationDecided, now)
	if c.Reopens {
		d.Again = &Decision{ID: DecisionID(newID()), Case: c.Case, To: InReview, Text: c.Grounds, CallVersion: c.File.RulesVersion,
			ProposedBy: identity.Person{ID: c.ProposedBy}, ProposedAt: c.ProposedAt, State: DecisionMade,
			DecidedBy: identity.Person{ID: who.Person}, DecidedAt: now, Undoes: c.File.Decision().ID}
	}
	return d, nil
}

// Return sends a proposal back, with a note for who made it.
func (c ReviewCase) Return(version int64, why string, who identity.Actor, now time.Time) (ReviewDecision, error) {
	if err := c.MayDecide(who); err != nil {
		return ReviewDecision{}, err
	}
	why = strings.TrimSpace(why)
	switch {
	case version != c.Version:
		return ReviewDecision{}, ErrReviewMoved
	case why == "" || len([]rune(why)) > NoteLength:
		return ReviewDecision{}, ErrReviewNote
	}
	c.State, c.Proposal, c.Reopens, c.ProposedBy, c.ProposedAt = ReviewAsked, "", false, "", time.Time{}
	d := c.decision(who, ReexaminationReturned, now)
	d.Note = why
	return d, nil
}

func (c ReviewCase) decision(who identity.Actor, what audit.Action, now time.Time) ReviewDecision {
	return ReviewDecision{Reexamination: c.Reexamination, Entry: c.entry(who, what, c.File.Member.ID, now)}
}

func (r Reexamination) entry(who identity.Actor, what audit.Action, about identity.PersonID, now time.Time) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(r.ID), About: about}
}
