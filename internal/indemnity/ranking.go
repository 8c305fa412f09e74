package indemnity

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

// RankingID names a ranking: a random UUID.
type RankingID string

// RankingState is how far a ranking has come; the database knows the same words.
//
//	SimulatedRanking ─┬─> ProposedRanking ─┬─> ApprovedRanking ─┬─> PublishedRanking ─> SupersededRanking
//	                  └─> DroppedRanking   └─> ReturnedRanking <┘
//
// Each step is another person's: see the May… methods.
type RankingState string

// The states.
const (
	SimulatedRanking  RankingState = "simulated"
	ProposedRanking   RankingState = "proposed"
	ReturnedRanking   RankingState = "returned" // sent back, with a note: simulate anew
	ApprovedRanking   RankingState = "approved"
	PublishedRanking  RankingState = "published"
	SupersededRanking RankingState = "superseded" // by a correction (sostituita)
	DroppedRanking    RankingState = "dropped"
)

// RankingKind is what a ranking is for; the database knows the same words.
type RankingKind string

// The kinds. A scenario asks what would be, and is never proposed.
const (
	TrueRanking RankingKind = "ranking"
	Scenario    RankingKind = "scenario"
)

// What is written in the register about rankings. The subject is the ranking, of
// exclusions the case.
const (
	RankingSimulated audit.Action = "indemnity.ranking_simulated"
	RankingTried     audit.Action = "indemnity.ranking_tried" // a scenario
	RankingChecked   audit.Action = "indemnity.ranking_checked"
	RankingProposed  audit.Action = "indemnity.ranking_proposed"
	RankingApproved  audit.Action = "indemnity.ranking_approved"
	RankingReturned  audit.Action = "indemnity.ranking_returned"
	RankingDropped   audit.Action = "indemnity.ranking_dropped"
	RankingPublished audit.Action = "indemnity.ranking_published"
	RankingSeen      audit.Action = "indemnity.ranking_seen"
	RankingTaken     audit.Action = "indemnity.ranking_taken" // in a file
	CaseRanked       audit.Action = "indemnity.ranked"        // a publication gave it its place
	CaseLeftOut      audit.Action = "indemnity.left_out"      // a publication came out without it, because it was excluded
	CaseExcluded     audit.Action = "indemnity.case_excluded"
	CaseReadmitted   audit.Action = "indemnity.case_readmitted"
	TieRuled         audit.Action = "indemnity.tie_ruled"
)

// Why a ranking does not go on.
var (
	ErrRankingMoved     = fault.Stale("indemnity.ranking_moved")
	ErrRankingPaid      = fault.Refuse("indemnity.ranking_paid") // it takes money from who is in a payment
	ErrScenario         = fault.Refuse("indemnity.ranking_scenario")
	ErrRankingUnchecked = fault.Refuse("indemnity.ranking_unchecked")
	ErrRankersDisagree  = fault.Refuse("indemnity.rankers_disagree")
	ErrCallStillOpen    = fault.Refuse("indemnity.ranking_call_open") // somebody may still apply
	ErrCasesOpen        = fault.Refuse("indemnity.ranking_cases_open")
	ErrNotAllRanked     = fault.Refuse("indemnity.ranking_not_all")
	ErrTieAtTheCut      = fault.Refuse("indemnity.ranking_tie")
	ErrRankingOutdated  = fault.Refuse("indemnity.ranking_outdated")
	ErrRankingRules     = fault.Refuse("indemnity.ranking_rules")
	ErrRankingSetAside  = fault.Refuse("indemnity.ranking_set_aside") // other re-examinations are open now
	ErrAnotherRanking   = fault.Refuse("indemnity.ranking_another")
	ErrRankingStands    = fault.Refuse("indemnity.ranking_stands")
	ErrNotStanding      = fault.Refuse("indemnity.ranking_not_standing")
	ErrNobodyToRank     = fault.Refuse("indemnity.ranking_nobody")
	ErrOwnRanking       = fault.Refuse("indemnity.ranking_own")
	ErrRankingReason    = fault.Invalid("indemnity.ranking_reason")
	ErrRankingNote      = fault.Invalid("indemnity.ranking_note")
)

// RankingObstacle is a refusal with what there is to tell of it.
type RankingObstacle struct {
	Why   *fault.Reason
	Count int           // of cases
	Until calendar.Date // to wait for; zero where nobody knows
}

// Error is the reason.
func (o RankingObstacle) Error() string { return o.Why.Error() }

// Unwrap is the reason.
func (o RankingObstacle) Unwrap() error { return o.Why }

// Ranking is one computation of the ranking of a call (versione della graduatoria) on
// inputs that were frozen for it, with who took it how far.
type Ranking struct {
	ID            RankingID
	Call          Call // with the rules that it was made by: those of a version, or a scenario's
	Number        int  // within the call
	Kind          RankingKind
	BasedOn       RankingID // of a scenario: whose inputs it has
	Corrects      RankingID // the publication that this one would put right; "" for the first
	Reason        string    // of a correction, or what a scenario is to show
	On            calendar.Date
	Ruled         []string // protocols, in the order of the rulings that were applied
	Ties          [][]string
	Exclusions    []Exclusion
	SetAside      money.Amount // for re-examinations: the budget among the rules is less by so much
	State         RankingState
	Summary       Summary
	LastRank      int // last place with money, 0 for none
	LastPoints    int // of that place
	Digests       Digests
	CheckedAt     time.Time // by the second ranker; zero until then
	Disagreements int       // of the second ranker with the first
	Simulated     identity.Hand
	Proposed      identity.Hand
	Decided       identity.Hand
	Published     identity.Hand
	Note          string // why it was sent back
	Publication   int    // number within the call, 0 until it is published
	Manifest      string // of the publication: see Manifest
	Signature     []byte
	Public        string      // what it tells everybody, while it is being published: see PublicList
	Index         []byte      // SHA-256 of which cases its rows are of, while it is being published
	Commits       *Commitment // while it is being proposed or approved: see Rankings.Propose
}

// Exclusion is a case that a ranking does not wait for (A39): somebody says so, by name,
// and why. The case stays where it is.
type Exclusion struct {
	ID       string          `json:"id"`
	Case     CaseID          `json:"case"`
	Protocol string          `json:"protocol"`
	Reason   string          `json:"reason"`
	By       identity.Person `json:"-"`
	Author   string          `json:"author"` // By's name, as it stood
	At       time.Time       `json:"at"`
}

// OpenCase is a case that nobody has decided, or whose decision is to be undone.
type OpenCase struct {
	Case     CaseID
	Protocol string
	State    State
	DueOn    calendar.Date // last day of the request that runs longest; zero for none
}

// RankingReadiness is what there is to know of a call before a ranking of it goes on, all
// at one instant.
type RankingReadiness struct {
	Call     Call       // in force
	Open     []OpenCase // that nobody excluded
	Changed  int        // cases that are not what the ranking has of them
	Excluded []string   // IDs of the exclusions in force
	Ruled    []string   // as Ranking.Ruled
	SetAside money.Amount
	UnderWay RankingID // one that was proposed or approved
	Standing RankingID // the publication in force
}

// Until is the last day for which the call waits for anybody who may still be asked, the
// zero Date where nothing runs.
func (at RankingReadiness) Until() (last calendar.Date) {
	for _, c := range at.Open {
		if c.DueOn.After(last) {
			last = c.DueOn
		}
	}
	return last
}

// ClosesOn is the last day on which a member may apply for the call. The sixty days of
// heirs are not waited for: who comes later is held against the last that was paid (A39).
func (c *Call) ClosesOn() calendar.Date {
	return c.Rules.Terms().Submission(c.Rules.Window.Is.To).End()
}

// Ready tells why a ranking cannot be proposed, approved or published, whoever asks.
func (r Ranking) Ready(at RankingReadiness, now time.Time) error {
	excluded := make([]string, len(r.Exclusions))
	for i, x := range r.Exclusions {
		excluded[i] = x.ID
	}
	switch closes := at.Call.ClosesOn(); {
	case r.Kind != TrueRanking:
		return ErrScenario
	case r.CheckedAt.IsZero():
		return ErrRankingUnchecked
	case r.Disagreements > 0:
		return RankingObstacle{Why: ErrRankersDisagree, Count: r.Disagreements}
	case !calendar.On(now).After(closes):
		return RankingObstacle{Why: ErrCallStillOpen, Until: closes}
	case len(at.Open) > 0:
		return RankingObstacle{Why: ErrCasesOpen, Count: len(at.Open), Until: at.Until()}
	case at.Changed > 0 || !slices.Equal(excluded, at.Excluded) || !slices.Equal(r.Ruled, at.Ruled):
		return RankingObstacle{Why: ErrRankingOutdated, Count: at.Changed}
	case r.SetAside != at.SetAside:
		return ErrRankingSetAside
	case r.Call.Version != at.Call.Version:
		return ErrRankingRules
	case r.Summary.Ranked != r.Summary.Applications:
		return RankingObstacle{Why: ErrNotAllRanked, Count: r.Summary.Applications - r.Summary.Ranked}
	case len(r.Ties) > 0:
		return RankingObstacle{Why: ErrTieAtTheCut, Count: len(r.Ties[0])}
	case at.UnderWay != "" && at.UnderWay != r.ID:
		return ErrAnotherRanking
	case r.Corrects == "" && at.Standing != "":
		return ErrRankingStands
	case r.Corrects != at.Standing:
		return ErrNotStanding
	}
	return nil
}

// MayPropose asks whether somebody may propose a simulation; see also Ready.
func (r Ranking) MayPropose(who identity.Actor) error {
	if r.Kind != TrueRanking {
		return ErrScenario
	}
	return r.MayDrop(who)
}

// MayDrop asks whether somebody may throw a simulation away, or a scenario.
func (r Ranking) MayDrop(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return r.in(SimulatedRanking)
}

// MayDecide asks whether somebody may approve a proposal or send it back: not who made or
// proposed it.
func (r Ranking) MayDecide(who identity.Actor) error {
	if err := r.in(ProposedRanking); err != nil {
		return err
	}
	if r.by(who, r.Simulated, r.Proposed) {
		return ErrOwnRanking
	}
	return who.Must(identity.Welfare, identity.Approve)
}

// MaySendBack asks whether somebody may send back a proposal, or a ranking that was
// approved.
func (r Ranking) MaySendBack(who identity.Actor) error {
	if r.State == ProposedRanking {
		return r.MayDecide(who)
	}
	if err := r.in(ApprovedRanking); err != nil {
		return err
	}
	if r.by(who, r.Simulated, r.Proposed) {
		return ErrOwnRanking
	}
	return who.Must(identity.Welfare, identity.Approve, identity.Publish)
}

// MayPublish asks whether somebody may publish a ranking: it is approved, and they
// neither made nor proposed nor approved it.
func (r Ranking) MayPublish(who identity.Actor) error {
	if err := r.in(ApprovedRanking); err != nil {
		return err
	}
	if r.by(who, r.Simulated, r.Proposed, r.Decided) {
		return ErrOwnRanking
	}
	return who.Must(identity.Welfare, identity.Publish)
}

func (r Ranking) by(who identity.Actor, steps ...identity.Hand) bool {
	return slices.ContainsFunc(steps, func(h identity.Hand) bool { return h.Person == who.Person })
}

func (r Ranking) in(states ...RankingState) error {
	if slices.Contains(states, r.State) {
		return nil
	}
	return ErrRankingMoved
}

// sendBack is the ranking after it was sent back, with a note that says why.
func (r Ranking) sendBack(who identity.Actor, note string, now time.Time) (Ranking, error) {
	if r.Note = strings.TrimSpace(note); r.Note == "" || len([]rune(r.Note)) > NoteLength {
		return r, ErrRankingNote
	}
	if r.State = ReturnedRanking; r.Decided.Person == "" {
		r.Decided = who.At(now)
	}
	return r, nil
}
