package voucher

import (
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about requests and their papers.
const (
	ReexaminationAsked     audit.Action = "reexamination.asked"
	ReexaminationWithdrawn audit.Action = "reexamination.withdrawn"
	ReexaminationProposed  audit.Action = "reexamination.proposed"
	ReexaminationReturned  audit.Action = "reexamination.returned"
	ReexaminationDecided   audit.Action = "reexamination.decided"
	ReexaminationSeen      audit.Action = "reexamination.seen"
	PaperHanded            audit.Action = "document.handed"
	PaperTakenBack         audit.Action = "document.taken_back"
	PaperOpened            audit.Action = "document.opened"
)

// Why a request cannot be made or does not go on.
var (
	ErrReviewNoOutcome  = fault.Refuse("reexamination.no_outcome")
	ErrReviewTooLate    = fault.Refuse("reexamination.too_late")
	ErrReviewOpen       = fault.Refuse("reexamination.open")
	ErrReviewNoDraft    = fault.Refuse("reexamination.no_draft")
	ErrReviewMotive     = fault.Invalid("reexamination.motive_missing")
	ErrReviewText       = fault.Invalid("reexamination.text_missing")
	ErrReviewTextLong   = fault.Invalid("reexamination.text_long")
	ErrReviewEnded      = fault.Refuse("reexamination.ended")
	ErrReviewProposed   = fault.Refuse("reexamination.proposed")
	ErrReviewUnproposed = fault.Refuse("reexamination.unproposed")
	ErrReviewMoved      = fault.Stale("reexamination.moved")
	ErrReviewGrounds    = fault.Invalid("reexamination.grounds_missing")
	ErrReviewProposal   = fault.Invalid("reexamination.proposal_missing")
	ErrReviewNoChange   = fault.Invalid("reexamination.no_correction")
	ErrReviewTerritory  = fault.Invalid("reexamination.territory_unknown")
	ErrReviewISEE       = fault.Invalid("reexamination.isee_missing")
	ErrReviewMove       = fault.Invalid("reexamination.award_stays_there")
	ErrReviewRaise      = fault.Invalid("reexamination.award_not_raised")
	ErrReviewPublishing = fault.Refuse("reexamination.publishing")
	ErrReviewOwn        = fault.Refuse("reexamination.own_proposal")
	ErrReviewParty      = fault.Refuse("reexamination.own_case")
	ErrReviewNote       = fault.Invalid("reexamination.note_missing")
	ErrPaperSent        = fault.Refuse("document.sent")
)

// LongestReviewText is how many characters of reasons a citizen may write.
const LongestReviewText = 4000

// MayAskReview tells why an outcome cannot be looked at again on a day, nil when
// it can: there is one, its term has not passed, and no other request is open.
func (f CaseFile) MayAskReview(before []Reexamination, today calendar.Date) error {
	last, ok := f.ReviewTerm()
	switch {
	case !ok:
		return ErrReviewNoOutcome
	case slices.ContainsFunc(before, func(r Reexamination) bool { return r.State.Open() }):
		return ErrReviewOpen
	case today.After(last):
		return ErrReviewTooLate
	}
	return nil
}

// ReviewTerm is the last day to ask that an outcome be looked at again; false while
// there is none, and for what its own beneficiary ended.
func (f CaseFile) ReviewTerm() (calendar.Date, bool) {
	a := f.Application
	switch a.State {
	case Refused, NotProcessable, Unfunded, PartiallyAwarded, Awarded, Lapsed:
		r := f.Edition.Rules
		return r.ReviewTerm(a.DecidedOn).End(), !a.DecidedOn.IsZero()
	}
	return calendar.Date{}, false
}

func (d ReviewDraft) check() error {
	switch {
	case !slices.Contains(Motives, d.Motive):
		return ErrReviewMotive
	case strings.TrimSpace(d.Text) == "":
		return ErrReviewText
	case len([]rune(d.Text)) > LongestReviewText:
		return ErrReviewTextLong
	}
	return nil
}

// AskReview makes a request of a draft. It is decided within the days of the
// edition, counted from the day after it came in.
func (f CaseFile) AskReview(d ReviewDraft, before []Reexamination, who identity.Actor, now time.Time) (Reexamination, error) {
	today := calendar.On(now)
	if err := f.MayAskReview(before, today); err != nil {
		return Reexamination{}, err
	}
	if d.ID == "" {
		return Reexamination{}, ErrReviewNoDraft
	}
	if err := d.check(); err != nil {
		return Reexamination{}, err
	}
	r := f.Edition.Rules
	return Reexamination{
		ID: d.ID, Application: f.Application.ID, Run: f.Application.Run, AskedBy: who.Person, Mandate: who.Mandate, AskedAt: now,
		Motive: d.Motive, Text: strings.TrimSpace(d.Text), DecideBy: r.ReviewDecisionTerm(today).End(), State: ReviewAsked,
	}, nil
}

// keepFor is the money kept back for a request, were its application like a: what
// it would be due, and no more than what is left of its territory and not kept for
// others. Without an ISEE that counts, the largest amount of the edition; nothing
// where there is an award, which no re-examination raises.
func (f CaseFile) keepFor(a Application, left money.Amount) money.Amount {
	if f.Voucher.ID != "" {
		return 0
	}
	due := f.Edition.Rules.due(a)
	if !a.HasISEE || a.ISEEStatus != ISEEValid {
		for _, b := range f.Edition.Rules.Bands.Is {
			due = max(due, b.Amount)
		}
	}
	return min(due, max(left, 0))
}

// due is the amount of the band of an application, 0 without an ISEE that counts.
func (r Rules) due(a Application) money.Amount {
	if !a.HasISEE || a.ISEEStatus != ISEEValid {
		return 0
	}
	band, _ := r.Band(a.ISEE)
	return band.Amount
}

// corrected is the application put right. Where there is an award it stands, in its
// territory and for as much: what would move it or raise it is not granted.
func (f CaseFile) corrected(c Correction) (Application, error) {
	right, err := c.Apply(f.Application)
	switch {
	case err != nil:
		return right, err
	case f.Voucher.ID == "":
		return right, nil
	case right.Territory != f.Application.Territory:
		return right, ErrReviewMove
	case f.Edition.Rules.due(right) > f.Voucher.Awarded:
		return right, ErrReviewRaise
	}
	return right, nil
}

// Withdraw takes a request back, for whoever stands for its beneficiary.
func (c ReviewCase) Withdraw(who identity.Actor, now time.Time) (ReviewDecision, error) {
	switch {
	case who.Role != identity.Citizen || who.For != c.File.Application.Beneficiary:
		return ReviewDecision{}, fault.ErrNotFound
	case !c.State.Open():
		return ReviewDecision{}, ErrReviewEnded
	}
	c.State, c.Reexamination.SetAside = ReviewWithdrawn, 0
	return c.decision(who, ReexaminationWithdrawn, now), nil
}

// ReviewProposal is how an officer thinks that a request should end. Version is that
// of the request they read.
type ReviewProposal struct {
	Version    int64
	Grant      bool
	Correction Correction
	Grounds    string // for the citizen to read
}

// MayPropose tells why an officer cannot propose how a request ends.
func (c ReviewCase) MayPropose(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	switch {
	case !c.State.Open():
		return ErrReviewEnded
	case c.State == ReviewProposed:
		return ErrReviewProposed
	case c.concerns(who):
		return ErrReviewParty
	}
	return nil
}

// concerns tells whether the request is the officer's own, or about their own.
func (c ReviewCase) concerns(who identity.Actor) bool {
	a := c.File.Application
	return who.Person == a.Beneficiary || who.Person == a.Applicant || who.Person == c.AskedBy
}

// Propose writes how a request should end. One to grant says what it puts right;
// the money kept back for it is then counted on what is right, and on what is left of the
// territory that it then is in.
func (c ReviewCase) Propose(p ReviewProposal, who identity.Actor, left money.Amount, now time.Time) (ReviewDecision, error) {
	if err := c.MayPropose(who); err != nil {
		return ReviewDecision{}, err
	}
	switch {
	case p.Version != c.Version:
		return ReviewDecision{}, ErrReviewMoved
	case strings.TrimSpace(p.Grounds) == "":
		return ReviewDecision{}, ErrReviewGrounds
	}
	c.State, c.Grounds = ReviewProposed, strings.TrimSpace(p.Grounds)
	c.ProposedBy, c.ProposedAt, c.Proposal, c.Correction = who.Person, now, ProposeDeny, nil
	if p.Grant {
		right, err := c.File.corrected(p.Correction)
		if err != nil {
			return ReviewDecision{}, err
		}
		c.Proposal, c.Correction = ProposeGrant, &p.Correction
		c.SetAside = c.File.keepFor(right, left)
	}
	return c.decision(who, ReexaminationProposed, now), nil
}

// MayDecide tells why an officer cannot decide a request: it takes another person
// than the one who proposed.
func (c ReviewCase) MayDecide(who identity.Actor) error {
	switch {
	case who.Role == identity.INPS && c.State == ReviewProposed && who.Person == c.ProposedBy:
		return ErrReviewOwn
	case who.Must(identity.INPS, identity.Approve) != nil:
		return identity.ErrNoDuty
	case !c.State.Open():
		return ErrReviewEnded
	case c.State != ReviewProposed:
		return ErrReviewUnproposed
	case c.concerns(who):
		return ErrReviewParty
	}
	return nil
}

// Decide ends a request as it was proposed. What is granted is put right in the
// application at once: the ranking that sees it is another act, and one that is about
// to be published, which has not seen it, comes first.
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
	if c.Publishing {
		return ReviewDecision{}, ErrReviewPublishing
	}
	right, err := c.File.corrected(*c.Correction)
	if err != nil {
		return ReviewDecision{}, err
	}
	c.State = ReviewGranted
	d := c.decision(who, ReexaminationDecided, now)
	d.Right = &right
	return d, nil
}

// Return sends a proposal back, with a note for who made it.
func (c ReviewCase) Return(version int64, why string, who identity.Actor, now time.Time) (ReviewDecision, error) {
	if err := c.MayDecide(who); err != nil {
		return ReviewDecision{}, err
	}
	switch {
	case version != c.Version:
		return ReviewDecision{}, ErrReviewMoved
	case strings.TrimSpace(why) == "":
		return ReviewDecision{}, ErrReviewNote
	}
	c.State, c.Proposal, c.ProposedBy, c.ProposedAt = ReviewAsked, "", "", time.Time{}
	d := c.decision(who, ReexaminationReturned, now)
	d.Note = strings.TrimSpace(why)
	return d, nil
}

func (c ReviewCase) decision(who identity.Actor, what audit.Action, now time.Time) ReviewDecision {
	return ReviewDecision{Reexamination: c.Reexamination, Entry: c.entry(who, what, c.File.Application.Beneficiary, now)}
}

func (r Reexamination) entry(who identity.Actor, what audit.Action, about identity.PersonID, now time.Time) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(r.ID), About: about}
}
