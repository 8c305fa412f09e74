package indemnity

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What is written in the register about checks. The subject is the sample, and of a check
// on a case the case.
const (
	SeedCommitted   audit.Action = "indemnity.seed_committed"
	SampleProposed  audit.Action = "indemnity.sample_proposed"
	SampleDrawn     audit.Action = "indemnity.sample_drawn"
	SampleSentBack  audit.Action = "indemnity.sample_sent_back"
	ControlReported audit.Action = "indemnity.control_reported"
	ControlSeen     audit.Action = "indemnity.control_seen"
	ControlEnded    audit.Action = "indemnity.control_ended"
)

// Why a check does not go on.
var (
	ErrSeedCommitted   = fault.Refuse("indemnity.seed_committed") // one waits already
	ErrSeedMissing     = fault.Refuse("indemnity.seed_missing")   // none from before the publication
	ErrSampleExists    = fault.Refuse("indemnity.sample_exists")  // of this publication
	ErrNotPublished    = fault.Refuse("indemnity.sample_unpublished")
	ErrNobodyToDraw    = fault.Refuse("indemnity.sample_nobody") // nobody is paid
	ErrSampleSize      = fault.Invalid("indemnity.sample_size")  // a share up to 100%, or a count
	ErrSampleReason    = fault.Invalid("indemnity.sample_reason")
	ErrSampleWhy       = fault.Invalid("indemnity.sample_why")
	ErrOwnSample       = fault.Refuse("indemnity.sample_own")
	ErrSampleMoved     = fault.Stale("indemnity.sample_moved")
	ErrControlReason   = fault.Invalid("indemnity.control_reason")
	ErrControlFound    = fault.Invalid("indemnity.control_found")
	ErrControlOutcome  = fault.Invalid("indemnity.control_outcome")
	ErrControlGrounds  = fault.Invalid("indemnity.control_grounds")
	ErrControlEnded    = fault.Stale("indemnity.control_ended")
	ErrControlRuns     = fault.Refuse("indemnity.control_runs")     // it was reported already
	ErrNotControllable = fault.Refuse("indemnity.not_controllable") // nobody pays it
)

// The grounds for which an indemnity is taken back. They are of the codes, beside those
// for which an application is not ranked.
const (
	DeclarationUntrue  Code = "DECLARATION_UNTRUE"   // R39, R42; DPR 445/2000, art. 75
	RequirementMissing Code = "REQUIREMENT_NOT_HELD" // R39
)

// RevocationGrounds lists them.
var RevocationGrounds = []Code{DeclarationUntrue, RequirementMissing}

// CommitmentID names a commitment: a random UUID.
type CommitmentID string

// Commitment is a value that chance drew before a call was published, and of which only
// the digest is shown until a sample was drawn by it. So nobody can choose who is drawn:
// whoever makes the list does not know the value, and the value does not change any more.
type Commitment struct {
	ID     CommitmentID
	Call   CallID
	Value  string // 64 hexadecimal digits; "" for who reads it before it is revealed
	Digest string // SHA-256 of Value as text, in hexadecimal
	Made   identity.Hand
}

// SampleID names a sample: a random UUID.
type SampleID string

// SampleState is how far a sample has come; the database knows the same words.
type SampleState string

// The states of a sample.
const (
	SampleWaits SampleState = "proposed"
	SampleMade  SampleState = "drawn"
	SampleNot   SampleState = "sent_back"
)

// SampleSize is how many are to be drawn: a share of all, or a count.
type SampleSize struct {
	Share Rate // 0 where there is a count
	Count int
}

// Of is how many of a population are drawn: of a share the whole number above it, at
// least one and at most all.
func (z SampleSize) Of(population int) int {
	n := z.Count
	if z.Share > 0 {
		n = (population*int(z.Share) + 9999) / 10000
	}
	return max(min(n, population), min(1, population))
}

func (z SampleSize) check() error {
	if z.Share < 0 || z.Share > 10000 || z.Count < 0 || (z.Share > 0) == (z.Count > 0) {
		return ErrSampleSize
	}
	return nil
}

// Sample is those whom a publication pays and who are checked by chance (campione di
// controllo, DPR 445/2000 art. 71; F13). Anybody draws it again from what is public.
type Sample struct {
	ID          SampleID
	Ranking     RankingID
	Call        CallID
	Publication int
	PublishedAt time.Time
	Manifest    string // of the publication, as it was signed
	Commitment  Commitment
	SampleSize
	Reason     string
	Population int // places with money
	Size       int // to draw
	State      SampleState
	Seed       string // "" until it is drawn
	Proposed   identity.Hand
	Decided    identity.Hand
	Why        string // it was sent back
}

// Seed is what a sample is drawn by: the SHA-256 of the text
// «digest of the manifest:value», in hexadecimal. The manifest is fixed once it is
// published, and the value was before.
func Seed(manifest, value string) string {
	return hexDigest(hexDigest(manifest) + ":" + value)
}

// Draw draws n of some codes: the SHA-256 of the text «seed:code» gives each its ticket,
// and the lowest tickets are drawn, in their order. The order in which the codes come
// changes nothing, and none is drawn twice.
func Draw(seed string, codes []string, n int) []string {
	type ticket struct{ number, code string }
	tickets := make([]ticket, len(codes))
	for i, c := range codes {
		tickets[i] = ticket{hexDigest(seed + ":" + c), c}
	}
	slices.SortFunc(tickets, func(a, b ticket) int {
		if c := strings.Compare(a.number, b.number); c != 0 {
			return c
		}
		return strings.Compare(a.code, b.code)
	})
	tickets = slices.Compact(tickets)
	drawn := make([]string, 0, n)
	for _, t := range tickets[:min(n, len(tickets))] {
		drawn = append(drawn, t.code)
	}
	return drawn
}

func hexDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// MayConfirm asks whether somebody may have a sample drawn, or send it back: not who
// proposed it.
func (s Sample) MayConfirm(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	switch {
	case s.State != SampleWaits:
		return ErrSampleMoved
	case s.Proposed.Person == who.Person:
		return ErrOwnSample
	}
	return nil
}

// ControlID names a check on a case: a random UUID.
type ControlID string

// ControlSource is why a case is checked; the database knows the same words.
type ControlSource string

// The sources.
const (
	FromSample ControlSource = "sample" // estratta a campione
	FromReport ControlSource = "report" // su segnalazione
)

// ControlState is what came of a check; the database knows the same words.
type ControlState string

// The states of a check.
const (
	ControlRuns      ControlState = "open"
	ControlConfirmed ControlState = "confirmed" // what was declared is true
	ControlIrregular ControlState = "irregular"
)

// ControlStates lists the states of a check.
var ControlStates = []ControlState{ControlRuns, ControlConfirmed, ControlIrregular}

// Control is a check on a case whose indemnity is paid, or will be (R39, R42).
type Control struct {
	ID        ControlID
	Case      CaseID
	Protocol  string
	Call      CallID
	Member    identity.Person
	CaseState State
	Paying    Paying // of the case, in a list of checks
	Source    ControlSource
	Sample    SampleID
	Place     int    // in the order of the draw
	Code      string // under which its place is published, where it was drawn
	Reason    string // of one that was reported
	Opened    identity.Hand
	State     ControlState
	Found     string
	Codes     []Code // RevocationGrounds, where it is irregular
	Ended     identity.Hand
}

// Standing is the word for the case: its state, or how far it is paid.
func (k Control) Standing() CaseStanding {
	if word := k.Paying.standing(); k.CaseState == Funded && word != "" {
		return word
	}
	return CaseStanding(k.CaseState)
}

// MayEnd asks whether somebody may write down what came of a check on a case: nobody
// checks their own.
func (k Control) MayEnd(who identity.Actor, c CaseFile) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	if k.State != ControlRuns {
		return ErrControlEnded
	}
	return c.Concerns(who.Person)
}

// end is the check with what came of it.
func (k Control) end(who identity.Actor, to ControlState, found string, codes []Code, now time.Time) (Control, error) {
	found = strings.TrimSpace(found)
	switch {
	case to != ControlConfirmed && to != ControlIrregular:
		return k, ErrControlOutcome
	case found == "" || len([]rune(found)) > NoteLength:
		return k, ErrControlFound
	case to == ControlConfirmed:
		codes = nil
	case len(codes) == 0 || slices.ContainsFunc(codes, func(c Code) bool { return !slices.Contains(RevocationGrounds, c) }):
		return k, ErrControlGrounds
	}
	k.State, k.Found, k.Codes, k.Ended = to, found, codes, who.At(now)
	return k, nil
}

// MayReport asks whether somebody may have a case checked that chance did not draw.
func (c CaseFile) MayReport(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	if c.State != Funded {
		return ErrNotControllable
	}
	return c.Concerns(who.Person)
}
