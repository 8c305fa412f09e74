package indemnity

import (
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// State is where an application stands; the database knows the same words. That
// something was asked and a term runs is no state: see Request.
type State string

// The states.
//
//	submitted ─► in_review ─┬─► suitable ─┬─► funded ─► revoked
//	    │            │      ├─► inadmissible └─► unfunded
//	    ▼            ▼      ├─► not_eligible
//	 withdrawn   withdrawn  └─► forfeited
const (
	Submitted         State = "submitted" // inviata
	InReview          State = "in_review" // in verifica
	Suitable          State = "suitable"  // idonea
	Inadmissible      State = "inadmissible"
	NotEligible       State = "not_eligible" // non idonea
	Forfeited         State = "forfeited"    // decaduta
	Funded            State = "funded"       // ammessa al pagamento
	Unfunded          State = "unfunded"     // idonea, senza risorse
	Revoked           State = "revoked"      // revocata
	WithdrawnByMember State = "withdrawn"    // ritirata
)

// CaseFile is an application that was sent, with all that belongs to it (fascicolo).
type CaseFile struct {
	ID           CaseID
	Protocol     string // ENPAP-2026-001234
	Call         CallID
	CallVersion  int
	Member       identity.Person // whose event it is; of heirs, the deceased
	Kind         ApplicantKind
	Channel      Channel
	Sender       identity.PersonID
	SubmittedAt  time.Time
	TermEndedOn  calendar.Date // last day of the term, as it stood when it was sent
	Answers      Answers
	Declarations []Declared
	Registers    Registers
	Digest       [32]byte
	CheckCode    string
	DiedOn       calendar.Date
	State        State
	WithdrawnAt  time.Time
	Officer      identity.PersonID // who examines it, "" while nobody does
	Papers       []Paper           // sent ones, and those of an answer that is being written
	Requests     []Request         // the oldest first
	Heirs        []Heir
	Messages     []Message  // by PEC, the one that it came with first
	As           HeirID     // who opened it, where they are an heir
	Findings     []Finding  // the oldest first
	Decisions    []Decision // the oldest first
	Recoveries   []Recovery // of what was revoked, the oldest first
	Paying       Paying     // how far it is paid
	LeftOut      *LeftOut   // nil while no ranking came out without it
	Version      int64

	// Rules are those of its call in force. What an application was made by stays in
	// every version of them; money and expected dates may be newer.
	Rules        RuleSet
	RulesVersion int
}

// LeftOut is the ranking of its call that came out without a case that may still turn out
// to be suitable: it was excluded, or it came or was taken up again since. It is decided all
// the same, and held against the last place that was paid (A39).
type LeftOut struct {
	On  calendar.Date // of the publication in force
	Why string        // it was excluded, as an officer wrote it; "" for one that was not
}

// Declared is a statement under DPR 445/2000 that was made: its words as they stood.
type Declared struct {
	ID      string    `json:"id"`
	Version int       `json:"version"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Registers is what the registers said when an application was sent. It is frozen.
type Registers struct {
	At       time.Time    `json:"at"`
	Member   MemberRecord `json:"member"`
	Position Position     `json:"position"`
	Silent   []string     `json:"silent,omitempty"` // registers that told nothing: SilentMembers, SilentContributions
}

// CallID names a call (bando) by its month, also in addresses: "2026-05".
type CallID string

// ApplicantKind is who applies.
type ApplicantKind string

// The applicants.
const (
	ByMember ApplicantKind = "member" // l'iscritto
	ByHeirs  ApplicantKind = "heirs"  // gli eredi (R17)
)

// Channel is the way by which an application came.
type Channel string

// The channels.
const (
	Portal       Channel = "portal" // area riservata, con SPID o CIE (R21)
	PEC          Channel = "pec"    // posta certificata: only heirs (R17)
	OtherChannel Channel = "other"
)

// RequestKind is what the office asks for.
type RequestKind string

// The requests.
const (
	Supplement     RequestKind = "supplement"     // documenti richiesti (R40)
	Regularisation RequestKind = "regularisation" // mettiti in regola (R12, R16)
)

// RequestState is where a request stands; the database knows the same words.
type RequestState string

// The states of a request. A term that ended without an answer lapses by an act of the
// office and never by itself.
//
//	open ─► answered ─┬─► accepted
//	 │ ▲        │     └─► insufficient (its term is over)
//	 │ └────────┘ not enough, while the term runs
//	 ├─► lapsed
//	 └─► cancelled
const (
	Asked        RequestState = "open"
	Answered     RequestState = "answered"
	Accepted     RequestState = "accepted"
	Insufficient RequestState = "insufficient"
	LapsedTerm   RequestState = "lapsed"
	CalledOff    RequestState = "cancelled"
)

// RequestID names a request: a random UUID.
type RequestID string

// Request is what the office asks a member or heirs for, within a term that runs from
// the day on which it reached them (A33).
type Request struct {
	ID         RequestID
	Case       CaseID
	Heir       HeirID // who it is to; "" for who applied, whoever of them
	Kind       RequestKind
	Text       string
	Items      []RequestItem
	AskedBy    identity.PersonID
	AskedAt    time.Time
	ReachedOn  calendar.Date // zero while nobody knows
	ReachedBy  string        // "portal", "pec", "hand"
	Days       int           // of the term, as the call had it
	DueOn      calendar.Date // its last day; zero until it has reached somebody
	ReadAt     time.Time
	Answer     RequestAnswer // that is being written, or was sent last
	Again      bool          // it is being written, after another was sent
	AnsweredAt time.Time     // last
	AnsweredBy identity.PersonID
	Protocol   string       // of the last answer
	Answers    []SentAnswer // the oldest first
	State      RequestState
	Version    int64 // of the answer that is being written
}

// RequestItem is one thing that is asked for.
type RequestItem struct {
	Code  string    `json:"code"`            // of the check it comes from, stable
	Paper PaperKind `json:"paper,omitempty"` // what to send, "" when nothing is to be sent
	Of    PaperID   `json:"of,omitempty"`    // the paper that is wrong
	Wrong string    `json:"wrong"`           // what is wrong, in words
	Send  string    `json:"send"`            // what to send or do, in words
}

// RequestAnswer is what was written in answer; its papers stand among the case's.
type RequestAnswer struct {
	Notes       map[string]string `json:"notes,omitempty"` // by the code of the item
	Regularised bool              `json:"regularised,omitempty"`
	Late        []LateAnswer      `json:"late,omitempty"` // what came when the term was over: kept, and no answer
}

// LateAnswer is what somebody sent when the term of a request was over.
type LateAnswer struct {
	At    time.Time         `json:"at"`
	By    identity.PersonID `json:"by"`
	Notes map[string]string `json:"notes,omitempty"`
}

// HeirID names an heir of a case: a random UUID.
type HeirID string

// Heir is who takes the place of a deceased member in a case, with a share.
type Heir struct {
	ID       HeirID
	Case     CaseID
	Person   identity.Person // with an id once they have linked themselves
	Kinship  string          // "spouse", "child", "parent", "sibling", "testamentary", "other"
	Part     int             // of Whole
	Whole    int
	IBAN     string
	Email    string
	LinkedAt time.Time
	Removed  time.Time
	SignedAt time.Time  // zero for who has not signed: see MaySign
	SignedBy Channel    // by PEC or in the portal
	Declared []Declared // with it
}
