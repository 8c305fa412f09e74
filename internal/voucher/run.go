package voucher

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// RankingStore keeps ranking runs. A run that does not exist is fault.ErrNotFound.
type RankingStore interface {
	// InForce is an edition with the rules in force; fault.ErrNotFound before the first.
	InForce(ctx context.Context, id EditionID) (Edition, error)
	// Released is an edition with a version of its rules.
	Released(ctx context.Context, id EditionID, version int) (Edition, error)
	// Freeze reads what a run of an edition is made from, all at one instant: after the
	// first round also the money of the territories, and for a reallocation whose award
	// is completed.
	Freeze(ctx context.Context, e Edition, run Run) (Snapshot, error)
	// Keep saves a new run with its frozen inputs and what was made of each; the store
	// numbers it. The digests of the run may still be computed meanwhile.
	Keep(ctx context.Context, form once.Form, run Run, inputs []Candidate, outcomes []Outcome, digests func() Digests, e audit.Entry) (RunID, error)
	// Again ranks the frozen inputs of a run a second time, with other means, and
	// counts the rows on which it disagrees.
	Again(ctx context.Context, run Run, bands []Band, budget Budget) (disagreements int, err error)
	// Disagreements are the first rows on which the second ranking disagrees.
	Disagreements(ctx context.Context, run Run, bands []Band, budget Budget) ([]Disagreement, error)
	// Readiness tells what stands between a run and its approval.
	Readiness(ctx context.Context, run Run, today calendar.Date) (Readiness, error)
	// ChangeRun locks a run, asks for what becomes of it, and saves that.
	ChangeRun(ctx context.Context, form once.Form, id RunID, decide func(Run) (Run, audit.Entry, error)) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)

	PublicationStore
	RunKeeper

	// Runs are the runs of an edition, newest first, without dropped ones.
	Runs(ctx context.Context, id EditionID) ([]Run, error)
	// Run is one of them.
	Run(ctx context.Context, id RunID) (Run, error)
	// Standing is the publication of an edition that is in force, "" for none.
	Standing(ctx context.Context, id EditionID) (RunID, error)
	// Places are the places of a territory in a run, from a rank to another.
	Places(ctx context.Context, id RunID, territory string, from, to int) ([]Entry, error)
	// Edges are the first place and the last one with money, of every territory.
	Edges(ctx context.Context, id RunID) ([]Entry, error)
	// Placeless is a page of those without a place in a territory, by protocol.
	Placeless(ctx context.Context, id RunID, territory string, page, size int) ([]Entry, error)
	// Grounds counts the candidates of a run without a place, by ground.
	Grounds(ctx context.Context, id RunID) (map[Ground]int, error)
	// Sample draws entries of a run by its result digest, so that anybody may draw
	// them again: those with the lowest SHA-256 of the digest and their own id.
	Sample(ctx context.Context, run Run, size int) ([]Entry, error)
	// Each goes through the entries of a run in a territory, "" for all, by territory
	// and place, those without a place last.
	Each(ctx context.Context, id RunID, territory string, do func(Entry) error) error
	// Costs are what the first places of a territory cost together, at so many points up
	// to a rank.
	Costs(ctx context.Context, id RunID, territory string, to, points int) ([]Cost, error)
	// Compare tells what a run changes against another one before it.
	Compare(ctx context.Context, before, after RunID) (RunComparison, error)
	// Entering counts, by territory, whom a run gives more than what they keep.
	Entering(ctx context.Context, id RunID) (map[string]Entering, error)
	// Entrants is a page of them in a territory, by place.
	Entrants(ctx context.Context, id RunID, territory string, page, size int) ([]Entrant, error)
	// See writes that a run was looked at.
	See(ctx context.Context, e audit.Entry) error
}

// Cost is what the first places of a territory cost together, each in full, or what
// it keeps.
type Cost struct {
	Rank  int
	Total money.Amount
}

// Disagreement is a row of which two rankers make different things; a territory
// whose sums differ has no protocol.
type Disagreement struct {
	Protocol      string
	Territory     string
	First, Second Outcome
}

// RunComparison is what a run changes against an earlier one.
type RunComparison struct {
	Entered int // with money now, and none before
	Left    int // without money now, and some before
	Moved   int // in another place
	Changes []RankingChange
}

// MostChanges is how many changes a comparison lists: first those who enter and
// leave, then the rest.
const MostChanges = 100

// RankingChange is an application of which two runs make different things.
type RankingChange struct {
	Application   ApplicationID
	Protocol      string
	Territory     string
	Before, After Outcome
}

// Entering is how many are given more than what they keep, and how much.
type Entering struct {
	New       int // with nothing before
	Completed int // of awards in part
	Amount    money.Amount
}

// Entrant is somebody whom a run gives more than what they keep.
type Entrant struct {
	Entry
	Name string
}

// Rankings is the rankings of an edition: simulated on frozen inputs, checked by a second
// ranker, proposed, approved and published by different people.
type Rankings struct {
	RankingStore
	now func() time.Time
}

// NewRankings is the service on a store, with a clock.
func NewRankings(s RankingStore, now func() time.Time) *Rankings { return &Rankings{s, now} }

// Simulation is what to simulate: the ranking of an edition, a correction (rettifica)
// of the publication in force, with its reason, or a reallocation that goes on from it
// (scorrimento).
type Simulation struct {
	Edition     EditionID
	Corrects    RunID
	Reason      string
	Reallocates bool
}

// Simulate freezes the inputs of an edition, ranks them and keeps both; see also
// Check. Awards of the publication in force stand: see Candidate.Kept.
func (s *Rankings) Simulate(ctx context.Context, who identity.Actor, form once.Form, ask Simulation) (RunID, error) {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return "", err
	}
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return RunID(outcome), err
	}
	e, err := s.InForce(ctx, ask.Edition)
	if err != nil {
		return "", err
	}
	run := Run{ID: RunID(uuid.NewString()), Edition: e.ID, Version: e.Version, Round: 1, Corrects: ask.Corrects,
		Reallocates: ask.Reallocates, Reason: strings.TrimSpace(ask.Reason), State: SimulatedRun, Simulated: Signed{By: who.Person, At: s.now()}}
	before, err := s.follow(ctx, &run, e.Rules)
	if err != nil {
		return "", err
	}
	snapshot, err := s.Freeze(ctx, e, run)
	if err != nil {
		return "", err
	}
	snapshot.Pool = run.poolAfter(before, snapshot.Residuals)
	inputs, budget := snapshot.Candidates, snapshot.budget(e.Rules)
	outcomes := Rank(e.Rules.Bands.Is, budget, inputs)
	run.Candidates = len(inputs)
	if run.Territories, err = territoryResults(snapshot, budget, outcomes); err != nil {
		return "", err
	}
	if run.Reallocates && run.Total().Given() == 0 {
		return "", ErrNobodyEnters
	}
	var digests Digests
	var all sync.WaitGroup
	all.Go(func() {
		digests.Rules = rulesDigest(e.ID, e.Rules.Bands.Is, budget)
		digests.Inputs = digestOf(func(w io.Writer) error { return WriteApplications(w, inputs, run) })
		digests.Results = digestOf(func(w io.Writer) error { return WriteRanking(w, inputs, outcomes) })
	})
	ready := func() Digests { all.Wait(); return digests }
	return s.Keep(ctx, form, run, inputs, outcomes, ready, run.entry(who, run.Simulated.At, RankingSimulated))
}

// follow says which publication a new run follows, and in which round that puts it: a
// correction has the round of what it corrects, a reallocation the next one, as long as
// the rules allow one more.
func (s *Rankings) follow(ctx context.Context, run *Run, r Rules) (before Run, err error) {
	before.Round = 1
	standing, err := s.Standing(ctx, run.Edition)
	switch {
	case err != nil:
		return before, err
	case run.Reallocates && standing == "":
		return before, ErrNoRanking
	case run.Reallocates:
		run.Corrects, run.Reason = standing, ""
	case run.Corrects == "" && standing != "":
		return before, ErrRankingPublished
	case run.Corrects == "":
		return before, nil
	case run.Corrects != standing:
		return before, ErrNothingToCorrect
	case run.Reason == "":
		return before, ErrNoReason
	}
	if before, err = s.Run(ctx, standing); err != nil {
		return before, err
	}
	if run.Round = before.Round; run.Reallocates {
		run.Round++
		return before, r.MayReallocate(before)
	}
	return before, nil
}

// Check has the second ranker rank a simulation again, and keeps whether it agrees.
func (s *Rankings) Check(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	if err := who.Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	run, bands, budget, err := s.rules(ctx, id)
	if err != nil {
		return err
	}
	disagreements, err := s.Again(ctx, run, bands, budget)
	if err != nil {
		return err
	}
	return s.ChangeRun(ctx, form, id, func(r Run) (Run, audit.Entry, error) {
		r.CheckedAt, r.Disagreements = s.now(), disagreements
		return r, run.entry(who, r.CheckedAt, RankingChecked), r.in(SimulatedRun)
	})
}

// Doubts are the first rows of a run on which the second ranker disagrees.
func (s *Rankings) Doubts(ctx context.Context, id RunID) ([]Disagreement, error) {
	run, bands, budget, err := s.rules(ctx, id)
	if err != nil {
		return nil, err
	}
	return s.Disagreements(ctx, run, bands, budget)
}

// rules are the rules that a run was made by, as its digest has them.
func (s *Rankings) rules(ctx context.Context, id RunID) (Run, []Band, Budget, error) {
	run, err := s.Run(ctx, id)
	if err != nil {
		return run, nil, Budget{}, err
	}
	e, err := s.Released(ctx, run.Edition, run.Version)
	if err != nil {
		return run, nil, Budget{}, err
	}
	bands, budget := e.Rules.Bands.Is, run.budget(e.Rules)
	if !bytes.Equal(rulesDigest(e.ID, bands, budget), run.Digests.Rules) {
		return run, nil, Budget{}, fmt.Errorf("run %s: its rules are not those of its digest", id)
	}
	return run, bands, budget, nil
}

// Propose puts a simulation before those who approve.
func (s *Rankings) Propose(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	return s.step(ctx, form, id, true, func(r Run, ready error) (Run, audit.Entry, error) {
		if err := r.MayPropose(who); err != nil {
			return r, audit.Entry{}, err
		}
		return r.propose(who, s.now()), r.entry(who, s.now(), RankingProposed), ready
	})
}

// Approve approves a proposal of somebody else's.
func (s *Rankings) Approve(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	return s.step(ctx, form, id, true, func(r Run, ready error) (Run, audit.Entry, error) {
		if err := r.MayDecide(who); err != nil {
			return r, audit.Entry{}, err
		}
		return r.approve(who, s.now()), r.entry(who, s.now(), RankingApproved), ready
	})
}

// SendBack sends a proposal of somebody else's back, also one that was approved or
// waits for the time of its publication, with a note that says why.
func (s *Rankings) SendBack(ctx context.Context, who identity.Actor, form once.Form, id RunID, note string) error {
	return s.step(ctx, form, id, false, func(r Run, _ error) (Run, audit.Entry, error) {
		if err := r.MaySendBack(who, s.now()); err != nil {
			return r, audit.Entry{}, err
		}
		e := r.entry(who, s.now(), RankingReturned)
		r, err := r.sendBack(who, note, s.now())
		return r, e, err
	})
}

// Drop throws a simulation away, with its rows.
func (s *Rankings) Drop(ctx context.Context, who identity.Actor, form once.Form, id RunID) error {
	return s.step(ctx, form, id, false, func(r Run, _ error) (Run, audit.Entry, error) {
		return r.drop(), r.entry(who, s.now(), RankingDropped), r.MayDrop(who)
	})
}

// step takes a run a step further, by a judgement that may want to know whether
// it is ready.
func (s *Rankings) step(ctx context.Context, form once.Form, id RunID, readied bool, judge func(Run, error) (Run, audit.Entry, error)) error {
	var ready error
	if readied {
		run, err := s.Run(ctx, id)
		if err != nil {
			return err
		}
		at, err := s.Readiness(ctx, run, calendar.On(s.now()))
		if err != nil {
			return err
		}
		ready = run.Ready(at, s.now())
	}
	return s.ChangeRun(ctx, form, id, func(r Run) (Run, audit.Entry, error) { return judge(r, ready) })
}
