package voucher

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
)

// RunState is how far a run has come.
//
//	SimulatedRun ─┬─> ProposedRun ─┬─> ApprovedRun ─┬─> PublishingRun ─┬─> PublishedRun ─> SupersededRun
//	              └─> DroppedRun   └─> ReturnedRun <┴──────────────────┘ before its time
//
// Each step is another person's: see the May… methods.
type RunState string

// The states; the database knows the same words.
const (
	SimulatedRun  RunState = "simulated"
	ProposedRun   RunState = "proposed"
	ReturnedRun   RunState = "returned" // sent back, with a note: simulate anew
	ApprovedRun   RunState = "approved"
	PublishingRun RunState = "publishing"
	PublishedRun  RunState = "published"
	SupersededRun RunState = "superseded" // by a correction (sostituita)
	DroppedRun    RunState = "dropped"
)

// RunStates lists every state.
var RunStates = []RunState{SimulatedRun, ProposedRun, ReturnedRun, ApprovedRun, PublishingRun, PublishedRun, SupersededRun, DroppedRun}

// What is written down about rankings.
const (
	RankingSimulated audit.Action = "ranking.simulated"
	RankingChecked   audit.Action = "ranking.checked"
	RankingProposed  audit.Action = "ranking.proposed"
	RankingApproved  audit.Action = "ranking.approved"
	RankingReturned  audit.Action = "ranking.returned"
	RankingDropped   audit.Action = "ranking.dropped"
	RankingSeen      audit.Action = "ranking.seen"       // places of other people, on a page
	RankingTaken     audit.Action = "ranking.downloaded" // and in a file
)

// Why a ranking does not go on.
var (
	ErrRunMoved         = fault.Stale("ranking.moved")
	ErrNotChecked       = fault.Refuse("ranking.not_checked")
	ErrDisagreement     = fault.Refuse("ranking.disagreement")
	ErrWindowOpen       = fault.Refuse("ranking.window_open")
	ErrCuresOpen        = fault.Refuse("ranking.cures_open")
	ErrInputsChanged    = fault.Refuse("ranking.inputs_changed")
	ErrRulesChanged     = fault.Refuse("ranking.rules_changed")
	ErrAnotherRun       = fault.Refuse("ranking.another_underway")
	ErrRankingPublished = fault.Refuse("ranking.already_published")
	ErrNothingToCorrect = fault.Refuse("ranking.nothing_to_correct")
	ErrNoRanking        = fault.Refuse("reallocation.no_ranking")
	ErrLastRound        = fault.Refuse("reallocation.last_round")
	ErrNobodyEnters     = fault.Refuse("reallocation.nobody_enters")
	ErrMoneyGone        = fault.Refuse("reallocation.money_gone")
	ErrOutdated         = fault.Refuse("reallocation.outdated")
	ErrOverspent        = fault.Refuse("ranking.overspent")
	ErrOwnProposal      = fault.Refuse("ranking.own_proposal")
	ErrOwnSimulation    = fault.Refuse("ranking.own_simulation")
	ErrNoReason         = fault.Invalid("ranking.reason_missing")
	ErrNoNote           = fault.Invalid("ranking.note_missing")
)

// Obstacle is a refusal with what there is to tell of it.
type Obstacle struct {
	Why       *fault.Reason
	Count     int           // of applications
	Since     time.Time     // they have been changing
	Until     calendar.Date // to wait for
	Territory string
}

// Error is the reason.
func (o Obstacle) Error() string { return o.Why.Error() }

// Unwrap is the reason.
func (o Obstacle) Unwrap() error { return o.Why }

// Signed is who did a step, and when.
type Signed struct {
	By   identity.PersonID
	Name string
	At   time.Time
}

// Run is one computation of a ranking on inputs that were frozen for it
// (versione della graduatoria), with who took it how far.
type Run struct {
	ID            RunID
	Edition       EditionID
	Version       int // of its rules
	Number        int // of the simulation, within the edition
	Round         int
	Reallocates   bool   // gives again what came back (scorrimento)
	Corrects      RunID  // the publication that this one would put right, or go on from; "" for the first
	Reason        string // of a correction
	State         RunState
	Simulated     Signed // at the instant of the inputs
	Candidates    int
	Digests       Digests
	CheckedAt     time.Time // by the second ranker; zero until then
	Disagreements int       // of the second ranker with the first
	Proposed      Signed
	Decided       Signed
	Note          string // why it was sent back
	Ordered       Signed // who had it published
	PublishAt     time.Time
	Publication   int // number within the edition, 0 until it is published
	PublishedAt   time.Time
	Territories   []TerritoryResult // by name
}

// TerritoryResult is what a run makes of a territory: how far its money goes.
type TerritoryResult struct {
	Name           string
	Closed         bool
	Budget         money.Amount // to award, with what was kept from before
	Candidates     int
	Eligible       int // with a place
	Awarded        int // in full
	Partial        int
	Unfunded       int
	Refused        int
	NotProcessable int
	Kept           int // with what an earlier publication awarded, counted above too
	KeptAmount     money.Amount
	AwardedAmount  money.Amount
	Residual       money.Amount
	SetAside       money.Amount // kept back for open re-examinations, beside Budget
	LastRank       int          // last place with money, 0 for none
	LastISEE       money.Amount
	IssuedAt       time.Time // its part of the publication is done; zero until then
	// Pool is, of a reallocation and of what corrects one, the money it counts on in
	// place of that of the edition: all that was awarded before and what there was to
	// give again. What vouchers give back later is not in it, and of a correction neither
	// is what the office gave back to vouchers since.
	Pool money.Amount
}

// Given is what the run gives that was not awarded before.
func (t TerritoryResult) Given() money.Amount { return t.AwardedAmount - t.KeptAmount }

// Entry is an application in a run: the inputs frozen for it, and its outcome.
type Entry struct {
	Application ApplicationID
	Protocol    string
	Territory   string
	ISEE        money.Amount
	ISEEStatus  ISEEStatus
	SubmittedAt time.Time
	Kept        money.Amount
	Outcome
}

// Total adds up the territories.
func (r Run) Total() TerritoryResult {
	var all TerritoryResult
	for _, t := range r.Territories {
		all.Budget += t.Budget
		all.Candidates += t.Candidates
		all.Eligible += t.Eligible
		all.Awarded += t.Awarded
		all.Partial += t.Partial
		all.Unfunded += t.Unfunded
		all.Refused += t.Refused
		all.NotProcessable += t.NotProcessable
		all.Kept += t.Kept
		all.KeptAmount += t.KeptAmount
		all.AwardedAmount += t.AwardedAmount
		all.Residual += t.Residual
	}
	return all
}

// budget is the money that the run was given, in the territories of the rules.
func (r Run) budget(rules Rules) Budget {
	b := rules.Budget()
	for _, t := range r.Territories {
		if _, known := b.Of[t.Name]; known {
			b.Of[t.Name] = t.Budget
		}
	}
	return b
}

// pool is what the territories of a reallocation count on, and of what corrects one;
// nil for other runs.
func (r Run) pool() map[string]money.Amount {
	if r.Round == 1 {
		return nil
	}
	all := map[string]money.Amount{}
	for _, t := range r.Territories {
		all[t.Name] = t.Pool
	}
	return all
}

// Readiness is what stands between a simulation and its approval, at an instant.
type Readiness struct {
	Edition   Edition // with the rules in force
	OpenCures int     // applications whose ISEE may still be put right
	LastCure  calendar.Date
	Changed   int                     // applications that are not what the run has of them
	GivenUp   int                     // of the run, given up since: its publication passes them over
	Spent     map[string]money.Amount // see Snapshot; without what the run keeps for those
	SetAside  map[string]money.Amount // see Snapshot
	Residuals []Residual              // of a reallocation, and of what corrects one: the money now
	UnderWay  RunID                   // another run of the edition, proposed and not published yet
	Standing  RunID                   // the publication in force
}

// Ready tells what keeps a run from being proposed, approved or published: the window
// or a term for an ISEE is still open, another run is under way, or what it was made
// from is no more what there is. That somebody gave up their application is no
// obstacle: among so many, somebody does every day.
func (r Run) Ready(at Readiness, now time.Time) error {
	rules := at.Edition.Rules
	switch {
	case r.CheckedAt.IsZero():
		return ErrNotChecked
	case r.Disagreements > 0:
		return Obstacle{Why: ErrDisagreement, Count: r.Disagreements}
	case now.Before(rules.Window.Is.Closes):
		return Obstacle{Why: ErrWindowOpen, Until: rules.Window.Is.LastDay()}
	case at.OpenCures > 0:
		return Obstacle{Why: ErrCuresOpen, Count: at.OpenCures, Until: at.LastCure}
	case at.UnderWay != "" && at.UnderWay != r.ID:
		return ErrAnotherRun
	case at.Standing != r.Corrects && r.Corrects == "":
		return ErrRankingPublished
	case at.Standing != r.Corrects && r.Reallocates:
		return ErrOutdated
	case at.Standing != r.Corrects:
		return ErrNothingToCorrect
	case at.Changed > 0:
		return Obstacle{Why: ErrInputsChanged, Count: at.Changed, Since: r.Simulated.At}
	}
	budget := Snapshot{Spent: at.Spent, SetAside: at.SetAside, Pool: r.pool()}.budget(rules)
	if r.Reallocates { // money comes back every day: it is enough that there is as much as it gives
		budget = r.budget(rules)
	}
	if !bytes.Equal(r.Digests.Rules, rulesDigest(r.Edition, rules.Bands.Is, budget)) {
		return ErrRulesChanged
	}
	return r.covered(at.Residuals)
}

// covered tells whether there still is what a reallocation gives, or what corrects one,
// in each territory: the office may have given some of it back to vouchers meanwhile.
func (r Run) covered(now []Residual) error {
	if r.Round == 1 {
		return nil
	}
	for _, t := range r.Territories {
		var available money.Amount
		if at := slices.IndexFunc(now, func(x Residual) bool { return x.Territory == t.Name }); at >= 0 {
			available = now[at].Available()
		}
		if t.Given() > available {
			return Obstacle{Why: ErrMoneyGone, Territory: t.Name}
		}
	}
	return nil
}

// MayPropose asks whether somebody may propose a simulation; see also Ready.
func (r Run) MayPropose(who identity.Actor) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return r.in(SimulatedRun)
}

// MayDrop asks whether somebody may throw a simulation away.
func (r Run) MayDrop(who identity.Actor) error { return r.MayPropose(who) }

// MaySendBack asks whether somebody may send back a proposal, or one that was
// approved, before the time at which it is published.
func (r Run) MaySendBack(who identity.Actor, now time.Time) error {
	if r.State == ProposedRun {
		return r.MayDecide(who)
	}
	if err := r.in(ApprovedRun, PublishingRun); err != nil {
		return err
	}
	if r.State == PublishingRun && !now.Before(r.PublishAt) {
		return ErrRunMoved
	}
	if who.Person == r.Proposed.By {
		return ErrOwnProposal
	}
	if who.Must(identity.INPS, identity.Publish) == nil {
		return nil
	}
	return who.Must(identity.INPS, identity.Approve)
}

// MayDecide asks whether somebody may approve a proposal or send it back.
func (r Run) MayDecide(who identity.Actor) error {
	if err := r.in(ProposedRun); err != nil {
		return err
	}
	switch who.Person {
	case r.Proposed.By:
		return ErrOwnProposal
	case r.Simulated.By:
		return ErrOwnSimulation
	}
	return who.Must(identity.INPS, identity.Approve)
}

func (r Run) in(states ...RunState) error {
	for _, s := range states {
		if r.State == s {
			return nil
		}
	}
	return ErrRunMoved
}

// propose, approve, sendBack and drop are the run after the step.

func (r Run) propose(who identity.Actor, now time.Time) Run {
	r.State, r.Proposed = ProposedRun, Signed{By: who.Person, At: now}
	return r
}

func (r Run) approve(who identity.Actor, now time.Time) Run {
	r.State, r.Decided = ApprovedRun, Signed{By: who.Person, At: now}
	return r
}

func (r Run) sendBack(who identity.Actor, note string, now time.Time) (Run, error) {
	if r.Note = strings.TrimSpace(note); r.Note == "" {
		return r, ErrNoNote
	}
	r.Publication = 0 // the number is that of the next one
	if r.State = ReturnedRun; r.Decided.By == "" {
		r.Decided = Signed{By: who.Person, At: now}
	}
	return r, nil
}

func (r Run) drop() Run {
	r.State = DroppedRun
	return r
}

func (r Run) entry(who identity.Actor, now time.Time, what audit.Action) audit.Entry {
	return audit.Entry{At: now, Actor: who, Action: what, Subject: string(r.ID)}
}
