package indemnity

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// What is written in the register about requests for re-examination. The subject is the
// request; of their papers, as of all, the paper.
const (
	ReexaminationAsked     audit.Action = "indemnity.reexamination_asked"
	ReexaminationWithdrawn audit.Action = "indemnity.reexamination_withdrawn"
	ReexaminationRead      audit.Action = "indemnity.reexamination_read" // by the office, for the first time
	ReexaminationSeen      audit.Action = "indemnity.reexamination_seen"
	ReexaminationProposed  audit.Action = "indemnity.reexamination_proposed"
	ReexaminationReturned  audit.Action = "indemnity.reexamination_returned"
	ReexaminationDecided   audit.Action = "indemnity.reexamination_decided"
)

// Why a request for re-examination is not made, or does not go on.
var (
	ErrReviewNoOutcome  = fault.Refuse("indemnity.review_no_outcome")
	ErrReviewTooLate    = fault.Refuse("indemnity.review_too_late")
	ErrReviewOpen       = fault.Refuse("indemnity.review_open")
	ErrReviewNoDraft    = fault.Refuse("indemnity.review_no_draft")
	ErrReviewMotive     = fault.Invalid("indemnity.review_motive")
	ErrReviewText       = fault.Invalid("indemnity.review_text")
	ErrReviewTextLong   = fault.Invalid("indemnity.review_text_long")
	ErrReviewOthers     = fault.Refuse("indemnity.review_others") // another heir asked
	ErrReviewEnded      = fault.Refuse("indemnity.review_ended")
	ErrReviewProposed   = fault.Refuse("indemnity.review_proposed")
	ErrReviewUnproposed = fault.Refuse("indemnity.review_unproposed")
	ErrReviewMoved      = fault.Stale("indemnity.review_moved")
	ErrReviewGrounds    = fault.Invalid("indemnity.review_grounds")
	ErrReviewNote       = fault.Invalid("indemnity.review_note")
	ErrReviewGone       = fault.Refuse("indemnity.review_gone") // what it is about stands no more
	ErrReviewOwn        = fault.Refuse("indemnity.review_own")
	ErrReviewJudged     = fault.Refuse("indemnity.review_judged") // who made what it is about
	ErrReviewPaperSent  = fault.Refuse("indemnity.review_paper_sent")
)

// ReviewLength is how many characters of reasons who asks may write.
const ReviewLength = 4000

// ReexaminationID names a request for re-examination: a random UUID.
type ReexaminationID string

// ReviewState is where a request stands; the database knows the same words.
//
//	ReviewAsked ─> ReviewProposed ─┬─> ReviewGranted
//	    │  ▲             │ │       └─> ReviewDenied
//	    │  └─────────────┘ │
//	    └──────────────────┴─> ReviewWithdrawn
type ReviewState string

// The states.
const (
	ReviewAsked     ReviewState = "asked"
	ReviewProposed  ReviewState = "proposed"
	ReviewGranted   ReviewState = "granted"
	ReviewDenied    ReviewState = "denied"
	ReviewWithdrawn ReviewState = "withdrawn"
)

// Open tells whether somebody still has to decide.
func (s ReviewState) Open() bool { return s == ReviewAsked || s == ReviewProposed }

// ReviewMotive is what somebody says is wrong with an outcome.
type ReviewMotive string

// The motives: of how a case ended, of a place, and of both.
const (
	WrongPapers      ReviewMotive = "papers"      // one was there, or was in order
	WrongRequirement ReviewMotive = "requirement" // it was met, or the term was
	WrongDays        ReviewMotive = "days"
	WrongPoints      ReviewMotive = "points"
	WrongAmount      ReviewMotive = "amount"
	OtherMotive      ReviewMotive = "other"
)

// The proposals; the database knows the same words.
const (
	ProposeGrant = "grant"
	ProposeDeny  = "deny"
)

// Reexamination is a request to look again at how a case ended, or at its place in a
// ranking (istanza di riesame, F15).
type Reexamination struct {
	ID             ReexaminationID
	Protocol       string
	CheckCode      string // on its receipt
	Case           CaseID
	Decision       DecisionID // that it is about, or
	Ranking        RankingID  // the publication with the place that it is about
	AskedBy        identity.PersonID
	Mandate        identity.MandateID // under which it was asked, "" in one's own name
	AskedAt        time.Time
	Motive         ReviewMotive
	Text           string
	DecideBy       calendar.Date // last day to decide
	State          ReviewState
	ReadAt         time.Time // by the office, for the first time
	WithdrawnAt    time.Time
	Proposal       string // ProposeGrant or ProposeDeny, "" before
	Reopens        bool   // granted, the case is examined again; else a corrected ranking is enough
	Grounds        string // of the letter
	ProposedBy     identity.PersonID
	ProposedAt     time.Time
	DecidedBy      identity.PersonID
	DecidedAt      time.Time
	AnswerProtocol string
	AnswerCode     string       // on the letter
	SetAside       money.Amount // of what is left of the call, until it is carried out
	CarriedOutBy   RankingID    // the publication that saw it, "" before
	Version        int64
}

// ReviewDraft is a request that is being written. Its id will be that of the request.
type ReviewDraft struct {
	ID      ReexaminationID
	Case    CaseID
	Motive  ReviewMotive
	Text    string
	SavedAt time.Time
}

// ReviewPlace is the place of a case in a publication, as far as somebody may want it
// looked at again.
type ReviewPlace struct {
	Ranking     RankingID
	Publication int
	PublishedAt time.Time
	Made        []identity.PersonID // who simulated, proposed and approved it
	Funding     Funding
	FundedGross money.Amount
	FundedNet   money.Amount
}

// Reviewable is a case with what may be looked at again.
type Reviewable struct {
	CaseFile
	Place    *ReviewPlace    // in the publication in force, nil for none
	Requests []Reexamination // newest first
}

// ReviewPaper is a file that was handed in with a request.
type ReviewPaper struct {
	ID      string
	Subject ReexaminationID // the request, or the draft
	Case    CaseID
	Owner   identity.PersonID // the member
	Name    string
	Type    document.Type
	Size    int64
	At      time.Time
	Sent    bool              // with a request; false while it is in a draft
	Writer  identity.PersonID // who writes the draft, or asked
	Erased  bool              // its time was over: the name says when, and there is no file
}

// ReviewOpening is a time when somebody of the office opened a paper.
type ReviewOpening struct {
	At    time.Time
	Paper string // its name
	Name  string // of who opened it
}

// motives are those of what may be looked at again, in the order of the form.
func (v Reviewable) motives() []ReviewMotive {
	if d, _ := v.outcome(); d != nil {
		return []ReviewMotive{WrongPapers, WrongRequirement, WrongDays, OtherMotive}
	}
	return []ReviewMotive{WrongPoints, WrongAmount, WrongDays, OtherMotive}
}

// Reads tells whether an actor may read the file of a paper of a request about the case. A
// draft is seen by who writes it alone, and what an heir asked by no other heir.
func (v Reviewable) Reads(who identity.Actor, p ReviewPaper) bool {
	reader := v.Reader(who)
	return reader != NoReader && (p.Writer == who.Person || reader == ItsMember && p.Sent)
}

// Motives lists what may be wrong with the outcome, in the order of the form.
func (v Reviewable) Motives() []ReviewMotive { return v.motives() }

// outcome is what may be looked at again: how the case ended, or else its place.
func (v Reviewable) outcome() (*Decision, *ReviewPlace) {
	switch d := v.Decision(); {
	case v.State == Funded, v.State == Unfunded:
		return nil, v.Place
	case d != nil && d.Refuses() && d.To == v.State:
		return d, nil
	}
	return nil, nil
}

// Refuses tells whether a decision ends a case before the ranking: who applied may ask that
// it be looked at again.
func (d Decision) Refuses() bool {
	return d.To == Inadmissible || d.To == NotEligible || d.To == Forfeited
}

// ReviewBy is the last day to ask that an outcome of an instant be looked at again.
func (c CaseFile) ReviewBy(told time.Time) calendar.Date {
	return c.Rules.Terms().Reexamination(calendar.On(told)).End()
}

// ReviewTerm is the last day to ask that the outcome be looked at again; false while
// there is none, and for what who applied ended themselves.
func (v Reviewable) ReviewTerm() (calendar.Date, bool) {
	switch d, place := v.outcome(); {
	case d != nil:
		return v.ReviewBy(d.DecidedAt), true
	case place != nil:
		return v.ReviewBy(place.PublishedAt), true
	}
	return calendar.Date{}, false
}

// MayAskReview tells why somebody cannot ask that the outcome be looked at again on a day:
// there is none, the term is over, or another request is open.
func (v Reviewable) MayAskReview(today calendar.Date) error {
	last, ok := v.ReviewTerm()
	switch {
	case slices.ContainsFunc(v.Requests, func(r Reexamination) bool { return r.State.Open() }):
		return ErrReviewOpen
	case !ok:
		return ErrReviewNoOutcome
	case today.After(last):
		return ErrReviewTooLate
	}
	return nil
}

// keepFor is the money kept back for a request about the case: what it is worth at the
// most, as it was sent or as it was found, beyond what it got; and no more than what is
// left of the call and not kept for others.
func (v Reviewable) keepFor(sent, found Explanation, left money.Amount) money.Amount {
	net := v.Rules.Readings.BudgetBasis.Is == Net
	worth := max(sent.Entitlement.Gross, found.Entitlement.Gross)
	if net {
		worth = max(sent.Entitlement.Net, found.Entitlement.Net)
	}
	if _, place := v.outcome(); place != nil && net {
		worth -= place.FundedNet
	} else if place != nil {
		worth -= place.FundedGross
	}
	return max(min(worth, left), 0)
}
