package voucher

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/document"
	"portal/internal/identity"
	"portal/internal/money"
)

// ReexaminationID names a request for re-examination: a random UUID.
type ReexaminationID string

// ReviewState is where a request stands.
//
//	ReviewAsked ─> ReviewProposed ─┬─> ReviewGranted
//	    │  ▲             │ │       └─> ReviewDenied
//	    │  └─────────────┘ │
//	    └──────────────────┴─> ReviewWithdrawn
type ReviewState string

// The states; the database knows the same words.
const (
	ReviewAsked     ReviewState = "asked"
	ReviewProposed  ReviewState = "proposed"
	ReviewGranted   ReviewState = "granted"
	ReviewDenied    ReviewState = "denied"
	ReviewWithdrawn ReviewState = "withdrawn"
)

// ReviewStates lists every state.
var ReviewStates = []ReviewState{ReviewAsked, ReviewProposed, ReviewGranted, ReviewDenied, ReviewWithdrawn}

// Open tells whether somebody still has to decide.
func (s ReviewState) Open() bool { return s == ReviewAsked || s == ReviewProposed }

// Motive is what somebody says is wrong with an outcome.
type Motive string

// The motives.
const (
	WrongISEE      Motive = "isee"
	WrongResidence Motive = "residence"
	WrongRefusal   Motive = "refusal"
	OtherMotive    Motive = "other"
)

// Motives lists every motive, in the order of the form.
var Motives = []Motive{WrongISEE, WrongResidence, WrongRefusal, OtherMotive}

// The proposals; the database knows the same words.
const (
	ProposeGrant = "grant"
	ProposeDeny  = "deny"
)

// Reexamination is a request to look at the outcome of an application again.
type Reexamination struct {
	ID           ReexaminationID
	Protocol     string
	Application  ApplicationID
	Run          RunID // the publication it is about, "" for none
	AskedBy      identity.PersonID
	Mandate      identity.MandateID // under which it was asked, "" in one's own name
	AskedAt      time.Time
	Motive       Motive
	Text         string
	DecideBy     calendar.Date // last day to decide
	State        ReviewState
	Proposal     string      // ProposeGrant or ProposeDeny, "" before
	Correction   *Correction // of one to grant
	Grounds      string      // for the citizen to read once it is decided
	ProposedBy   identity.PersonID
	ProposedAt   time.Time
	DecidedBy    identity.PersonID
	DecidedAt    time.Time
	SetAside     money.Amount // kept back of the territory until it is carried out
	CarriedOutBy RunID        // the corrected ranking that saw it, "" before
	Version      int64
}

// ReviewDraft is a request that is being written. Its id will be that of the
// request.
type ReviewDraft struct {
	ID          ReexaminationID
	Application ApplicationID
	Motive      Motive
	Text        string
	SavedAt     time.Time
}

// Correction is what a granted request puts right in an application. What it does
// not name stays.
type Correction struct {
	ISEE      *money.Amount `json:"isee,omitempty"` // a valid one
	Territory string        `json:"territory,omitempty"`
	Readmit   bool          `json:"readmit,omitempty"` // the ground of the refusal does not hold
}

// Apply is the application put right. One that was refused is in review again, so
// that the next ranking sees it; one that has a place keeps it until then.
func (c Correction) Apply(a Application) (Application, error) {
	before := a
	shut := a.State == Refused || a.State == NotProcessable
	if c.ISEE != nil {
		if *c.ISEE < 0 {
			return a, ErrReviewISEE
		}
		a.ISEE, a.HasISEE, a.ISEEStatus = *c.ISEE, true, ISEEValid
	}
	if c.Territory != "" {
		if !slices.Contains(Territories, c.Territory) {
			return a, ErrReviewTerritory
		}
		a.Territory = c.Territory
	}
	if shut && (c.Readmit || c.ISEE != nil || a.Territory != before.Territory) {
		if !a.HasISEE || a.ISEEStatus != ISEEValid {
			return a, ErrReviewISEE
		}
		a.State, a.Reason = InReview, ""
	}
	if a.ISEE == before.ISEE && a.HasISEE == before.HasISEE && a.ISEEStatus == before.ISEEStatus &&
		a.Territory == before.Territory && a.State == before.State {
		return a, ErrReviewNoChange
	}
	return a, nil
}

// ReviewCase is a request with the application it is about, as who judges it
// needs to see them.
type ReviewCase struct {
	Reexamination
	File       CaseFile
	Holder     identity.Person
	Asker      string // name of who asked
	Proposer   string // names of the officers, "" before
	Decider    string
	Publishing bool         // a ranking of its edition is about to be published
	Returned   []ReviewNote // the proposals that were sent back
}

// ReviewNote is why a proposal was sent back.
type ReviewNote struct {
	At   time.Time
	Name string
	Text string
}

// ReviewDecision is what an act changes: the request, and where it is granted the
// application.
type ReviewDecision struct {
	Reexamination Reexamination
	Right         *Application // as put right, nil where nothing is
	Note          string       // from one officer to another
	Entry         audit.Entry
}

// ReviewList asks for a page of the requests in some states.
type ReviewList struct {
	States []ReviewState
	Page   int
}

// ReviewsPerPage is how many requests a page of the worklist has.
const ReviewsPerPage = 20

// ReviewPage is what a worklist answers.
type ReviewPage struct {
	Lines  []ReviewLine
	Total  int
	Counts map[ReviewState]int // of all requests
}

// ReviewLine is a request on a worklist: no names.
type ReviewLine struct {
	ID        ReexaminationID
	Protocol  string
	Of        string // protocol number of the application
	Edition   EditionID
	Territory string
	Motive    Motive
	State     ReviewState
	AskedAt   time.Time
	DecideBy  calendar.Date
}

// Paper is a file that was handed in with a request.
type Paper struct {
	ID      string
	Subject string // the request, or the draft
	Owner   identity.PersonID
	Name    string
	Type    document.Type
	Size    int64
	At      time.Time
	Sent    bool              // with a request; false while it is in a draft
	Writer  identity.PersonID // who writes the draft, "" once it was sent
	Of      ApplicationID     // the application it is about
	Erased  bool              // its time was over: the name says when, and there is no file
}

// Opening is a time when somebody of the office opened a paper.
type Opening struct {
	At    time.Time
	Paper string // its name
	Name  string // of who opened it
}
