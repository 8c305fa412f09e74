package indemnity

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// RankingStore keeps the rankings of calls. One that does not exist is fault.ErrNotFound.
type RankingStore interface {
	// FreezeCall reads what a ranking of a call is made from, all at one instant.
	FreezeCall(ctx context.Context, id CallID, on calendar.Date) (CallSnapshot, error)
	// Inputs are the frozen cases of a ranking, by protocol.
	Inputs(ctx context.Context, id RankingID) ([]FrozenCase, error)
	// Stored goes through the rows of a ranking as they are kept, by protocol.
	Stored(ctx context.Context, id RankingID, do func(StoredRow) error) error
	// RankAgain ranks the frozen inputs of a ranking a second time, with other means, and
	// tells how many rows come out otherwise, with the first of them.
	RankAgain(ctx context.Context, r Ranking) (disagreements int, first []RankerDoubt, err error)
	// Readiness tells what stands between a ranking and its publication.
	Readiness(ctx context.Context, r Ranking) (RankingReadiness, error)
	// ChangeRanking locks a ranking, asks for what becomes of it, and saves that: of one
	// that is dropped the rows go, and of one that is published each case gets its place. A
	// value that it commits to is kept where none of the call waits to be drawn by.
	ChangeRanking(ctx context.Context, form once.Form, id RankingID, decide func(Ranking) (Ranking, audit.Entry, error)) error

	// Rankings are the rankings of a call, newest first, without dropped ones.
	Rankings(ctx context.Context, id CallID) ([]Ranking, error)
	// Ranking is one of them.
	Ranking(ctx context.Context, id RankingID) (Ranking, error)
	// Standing is the publication of a call that is in force, "" for none.
	Standing(ctx context.Context, id CallID) (RankingID, error)
	// Places are the places of a ranking, from one to another.
	Places(ctx context.Context, id RankingID, from, to int) ([]RankingEntry, error)
	// Entry is a case in a ranking.
	Entry(ctx context.Context, id RankingID, of CaseID) (RankingEntry, error)
	// Compare tells what a ranking changes against another one.
	Compare(ctx context.Context, before, after RankingID) (RankingComparison, error)
	// CallFigures counts the cases of a call by state.
	CallFigures(ctx context.Context, id CallID) (map[State]int, error)
	// PointFigures counts the places of a ranking by points, the most points first.
	PointFigures(ctx context.Context, id RankingID) ([]PointFigures, error)
	// Placeless are the cases of a ranking without a place, so many at most, by protocol.
	Placeless(ctx context.Context, id RankingID, most int) ([]RankingEntry, error)
	// Sample is so many places of a ranking that anybody may draw again: those for which the
	// SHA-256 of the digest of the results and the protocol is the lowest.
	Sample(ctx context.Context, id RankingID, most int) ([]RankingEntry, error)
	// Costs are what the places of a ranking cost together up to each of them, from one to
	// another, every so many of them and the last; gross, or net.
	Costs(ctx context.Context, id RankingID, basis Basis, from, to, every int) ([]RankCost, error)
	// LeftOut counts the cases that a ranking does not wait for and that may still turn out to
	// be suitable: who applied is told once it is published.
	LeftOut(ctx context.Context, id RankingID) (int, error)
	// Told counts the messages that the publication of a ranking has sent.
	Told(ctx context.Context, id RankingID) (int, error)
	// Publications are the publications of all calls, the newest first.
	Publications(ctx context.Context) ([]CallPublication, error)
	// PublicList is what a publication tells everybody, as it was signed.
	PublicList(ctx context.Context, id RankingID) (string, error)
	// Waiting tells what a ranking of a call waits for, all at one instant: so many open cases
	// at most, and how many there are.
	Waiting(ctx context.Context, id CallID, most int) (CallWaiting, error)

	// Exclude keeps that a case is not waited for; ErrAlreadyExcluded.
	Exclude(ctx context.Context, form once.Form, x Exclusion, e audit.Entry) error
	// Readmit ends an exclusion.
	Readmit(ctx context.Context, form once.Form, of CaseID, e audit.Entry) error
	// Rule keeps a ruling.
	Rule(ctx context.Context, form once.Form, r Ruling, e audit.Entry) error
	// Rulings are those of a call, newest first.
	Rulings(ctx context.Context, id CallID) ([]Ruling, error)
	// See writes that somebody looked.
	See(ctx context.Context, e audit.Entry) error
	// Outcome is what came of a form that was stored before.
	Outcome(ctx context.Context, form once.Form) (outcome string, done bool, err error)
	OrderStore
}

// CallSnapshot is what a ranking of a call is made from, as it was at one instant.
type CallSnapshot struct {
	Call       Call         // in force
	Cases      []FrozenCase // suitable ones, and those that have a place; members by their PersonID
	Exclusions []Exclusion  // in force, by protocol
	Ruled      []string     // see Ranking.Ruled
	SetAside   money.Amount // for re-examinations
}

// RankerDoubt is a row of which two rankers make different things.
type RankerDoubt struct {
	Protocol      string
	First, Second Result // as far as both tell it: points, place and money
}

// RankingEntry is an application in a ranking.
type RankingEntry struct {
	Case     CaseID
	Protocol string
	Code     string // under which its place is published
	Result          // points, place and money
	Steps    []Step // of Entry alone
}

// RankCost is what the places of a ranking up to one of them cost together.
type RankCost struct {
	Rank  int
	Total money.Amount
}

// CallWaiting is what a ranking of a call waits for.
type CallWaiting struct {
	Open       []OpenCase // that nobody excluded, by protocol
	OpenCount  int
	Until      calendar.Date // the last of their terms; zero where none runs
	Exclusions []Exclusion   // in force, by protocol
	Rankable   int           // cases that a ranking would have
}

// RankingComparison is what a ranking changes against another.
type RankingComparison struct {
	Entered int // with money now, and none before
	Left    int // without money now, and some before
	Moved   int // in another place
	Changes []RankingChange
}

// MostRankingChanges is how many changes a comparison lists: first those who enter and
// leave, then the rest.
const MostRankingChanges = 100

// RankingChange is a case of which two rankings make different things. One that a ranking
// does not have is without a place in it.
type RankingChange struct {
	Case          CaseID
	Protocol      string
	Before, After RankedPlace
}

// RankedPlace is a place with what it got.
type RankedPlace struct {
	Rank, Points int
	Funding      Funding
	FundedGross  money.Amount
}

// Rankings is the rankings of a call: simulated on frozen inputs, checked by a second
// ranker, proposed, approved and published by different people.
type Rankings struct {
	RankingStore
	cases *Applications
	key   ed25519.PrivateKey
	now   func() time.Time
}

// NewRankings is the service on a store and the applications, with the key that signs
// publications and a clock.
func NewRankings(s RankingStore, a *Applications, key ed25519.PrivateKey, now func() time.Time) *Rankings {
	return &Rankings{s, a, key, now}
}

// without is a call of whose budget something is set aside: whoever ranks by its rules
// ranks with what is left.
func (c Call) without(setAside money.Amount) Call {
	if c.Rules.Budget.Is != nil && setAside > 0 {
		left := max(*c.Rules.Budget.Is-setAside, 0)
		c.Rules.Budget.Is = &left
	}
	return c
}

// Budget is what the call appropriates, with what the ranking could not spend of it because
// it was set aside; nil for no limit.
func (r *Ranking) Budget() *money.Amount {
	if r.Call.Rules.Budget.Is == nil {
		return nil
	}
	whole := *r.Call.Rules.Budget.Is + r.SetAside
	return &whole
}

// makeOf makes the ranking of frozen cases.
func (r *Ranking) makeOf(cases []FrozenCase) (made *MadeRanking, err error) {
	made = MakeRanking(&r.Call, r.On, r.Ruled, cases)
	r.Summary, r.Ties = made.Summary, made.Ties()
	r.LastRank, r.LastPoints = made.last()
	r.Digests, err = made.Digests()
	return made, err
}

// Check has the second ranker rank a simulation again, and keeps whether it agrees.
func (s *Rankings) Check(ctx context.Context, who identity.Actor, form once.Form, id RankingID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return s.check(ctx, form, id, who)
}

func (s *Rankings) check(ctx context.Context, form once.Form, id RankingID, who identity.Actor) error {
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return err
	}
	disagreements, _, err := s.RankAgain(ctx, r)
	if err != nil {
		return err
	}
	return s.ChangeRanking(ctx, form, id, func(r Ranking) (Ranking, audit.Entry, error) {
		r.CheckedAt, r.Disagreements = s.now(), disagreements
		return r, s.entry(who, RankingChecked, id), r.in(SimulatedRanking)
	})
}

// Propose puts a simulation before those who approve. Where no value waits by which the
// sample of its checks will be drawn, chance draws one with it, and its digest is public
// from then on: a sample needs a value from before the publication, and nobody has to
// remember that. It is as good as one that was fixed before the list was made. Nobody sees
// the value before a sample was drawn by it, nobody can have another one drawn while it
// waits, and the manifest that it is taken together with holds what others do after: who
// approves, who publishes, and when (F13).
func (s *Rankings) Propose(ctx context.Context, who identity.Actor, form once.Form, id RankingID) error {
	return s.committed(ctx, who, form, id, func(r Ranking, ready error) (Ranking, audit.Entry, error) {
		err := cmp.Or(r.MayPropose(who), ready)
		r.State, r.Proposed = ProposedRanking, who.At(s.now())
		return r, s.entry(who, RankingProposed, id), err
	})
}

// Approve approves a proposal of somebody else's. The value for its checks that waited when
// it was proposed may have gone into a sample of the publication that it corrects: then
// chance draws another, as for a proposal.
func (s *Rankings) Approve(ctx context.Context, who identity.Actor, form once.Form, id RankingID) error {
	return s.committed(ctx, who, form, id, func(r Ranking, ready error) (Ranking, audit.Entry, error) {
		err := cmp.Or(r.MayDecide(who), ready)
		r.State, r.Decided = ApprovedRanking, who.At(s.now())
		return r, s.entry(who, RankingApproved, id), err
	})
}

// committed takes a ranking a step further, with a value for the sample of its checks.
func (s *Rankings) committed(ctx context.Context, who identity.Actor, form once.Form, id RankingID, judge func(Ranking, error) (Ranking, audit.Entry, error)) error {
	return s.step(ctx, form, id, func(r Ranking, ready error) (Ranking, audit.Entry, error) {
		r, e, err := judge(r, ready)
		if err != nil {
			return r, e, err
		}
		c, err := commitment(s.cases.random, r.Call.ID, who.At(s.now()))
		r.Commits = &c
		return r, e, err
	})
}

// SendBack sends a proposal of somebody else's back, also one that was approved, with a
// note that says why.
func (s *Rankings) SendBack(ctx context.Context, who identity.Actor, form once.Form, id RankingID, note string) error {
	return s.ChangeRanking(ctx, form, id, func(r Ranking) (Ranking, audit.Entry, error) {
		if err := r.MaySendBack(who); err != nil {
			return r, audit.Entry{}, err
		}
		r, err := r.sendBack(who, note, s.now())
		return r, s.entry(who, RankingReturned, id), err
	})
}

// Drop throws a simulation or a scenario away, with its rows.
func (s *Rankings) Drop(ctx context.Context, who identity.Actor, form once.Form, id RankingID) error {
	return s.ChangeRanking(ctx, form, id, func(r Ranking) (Ranking, audit.Entry, error) {
		err := r.MayDrop(who)
		r.State = DroppedRanking
		return r, s.entry(who, RankingDropped, id), err
	})
}

// Publish publishes an approved ranking of others, under the next number of the call:
// each case gets its place and what comes of it, and what the ranking corrects is in force
// no more. There is no way back: what is wrong is put right by a correction.
func (s *Rankings) Publish(ctx context.Context, who identity.Actor, form once.Form, id RankingID) error {
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return err
	}
	before, err := s.Rankings(ctx, r.Call.ID)
	if err != nil {
		return err
	}
	told, err := s.tell(ctx, r)
	if err != nil {
		return err
	}
	index := sha256.New()
	if err := s.Stored(ctx, id, func(row StoredRow) error { row.index(index); return nil }); err != nil {
		return err
	}
	number := 1
	for _, b := range before {
		number = max(number, b.Publication+1)
	}
	return s.step(ctx, form, id, func(r Ranking, ready error) (Ranking, audit.Entry, error) {
		if err := cmp.Or(r.MayPublish(who), ready); err != nil {
			return r, audit.Entry{}, err
		}
		r.State, r.Published, r.Publication = PublishedRanking, who.At(s.now().UTC().Truncate(time.Microsecond)), number
		r.Public, r.Index = told, index.Sum(nil)
		e := s.entry(who, RankingPublished, id)
		e.At = r.Published.At
		return r, e, r.Sign(s.key)
	})
}

// step takes a ranking a step further, by a judgement that wants to know whether it is
// ready.
func (s *Rankings) step(ctx context.Context, form once.Form, id RankingID, judge func(Ranking, error) (Ranking, audit.Entry, error)) error {
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return err
	}
	at, err := s.Readiness(ctx, r)
	if err != nil {
		return err
	}
	ready := r.Ready(at, s.now())
	return s.ChangeRanking(ctx, form, id, func(r Ranking) (Ranking, audit.Entry, error) { return judge(r, ready) })
}

func (s *Rankings) entry(who identity.Actor, what audit.Action, id RankingID) audit.Entry {
	return audit.Entry{At: s.now(), Actor: who, Action: what, Subject: string(id)}
}
