package indemnity

import (
	"context"
	"errors"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// What the register says of an order; its subject is the ranking.
const (
	RankingMade   audit.Action = "indemnity.ranking_made"   // by the job
	RankingFailed audit.Action = "indemnity.ranking_failed" // it could not be made
)

// Why a ranking that was asked for is not made.
var (
	ErrRankingFailed   = fault.Refuse("indemnity.ranking_failed")    // for a reason that is in the log
	ErrRankingUnderWay = fault.Refuse("indemnity.ranking_under_way") // first another one of the call is made
)

// OrderState is how far an order has come; the database knows the same words.
type OrderState string

// The states of an order.
const (
	OrderMaking   OrderState = "making"   // its cases are frozen and ranked
	OrderChecking OrderState = "checking" // the ranking is there, and ranked a second time
	OrderMade     OrderState = "made"
	OrderFailed   OrderState = "failed"
)

// RankingOrder is what to simulate: the ranking of a call, or a correction (rettifica) of
// the publication in force, with its reason.
type RankingOrder struct {
	Call     CallID
	Corrects RankingID
	Reason   string
}

// OrderedRanking is a ranking or a scenario that somebody asked for: it is made behind the
// page.
type OrderedRanking struct {
	ID           RankingID // that the ranking has
	Number       int       // within the call
	RankingOrder           // of a scenario, the reason is what it is to show
	BasedOn      RankingID // of a scenario, see Ranking
	Rules        *RuleSet  // that a scenario tries
	By           identity.Hand
	State        OrderState
	Attempts     int    // how often it was begun
	Refusal      string // code of why it failed
	EndedAt      time.Time
}

// Kind is what is made: see Ranking.
func (o OrderedRanking) Kind() RankingKind {
	if o.BasedOn != "" {
		return Scenario
	}
	return TrueRanking
}

// Ended tells whether nothing more becomes of the order.
func (o OrderedRanking) Ended() bool { return o.State == OrderMade || o.State == OrderFailed }

// orderAttempts is how often an order is begun before it is taken for one that ends badly
// each time: the program may be stopped in the middle, or the database.
const orderAttempts = 5

// OrderStore keeps what rankings were asked for.
type OrderStore interface {
	// StartOrder numbers an order and saves it with the job that carries it out. While another
	// of the call is under way it is ErrRankingUnderWay, save that whoever asks for a ranking
	// gets the one that is made.
	StartOrder(ctx context.Context, form once.Form, o OrderedRanking, e audit.Entry) (RankingID, error)
	// Order is an order by the ranking that it makes; fault.ErrNotFound.
	Order(ctx context.Context, id RankingID) (OrderedRanking, error)
	// LastOrder is the newest order of a call; fault.ErrNotFound.
	LastOrder(ctx context.Context, id CallID) (OrderedRanking, error)
	// OpenTries are the scenarios on a ranking that are under way or failed, newest first.
	OpenTries(ctx context.Context, base RankingID) ([]OrderedRanking, error)
	// TakeOrder begins the oldest order under way, and holds it: nobody else does it
	// meanwhile. Left tells that one is there which somebody else holds.
	TakeOrder(ctx context.Context, carryOut func(context.Context, OrderedRanking) error) (found, left bool, err error)
	// KeepOrdered saves the ranking of an order with its rows, once.
	KeepOrdered(ctx context.Context, r Ranking, made *MadeRanking, e audit.Entry) error
	// EndOrder saves how an order ended, with what is to be written of it.
	EndOrder(ctx context.Context, o OrderedRanking, entries ...audit.Entry) error
}

// Simulate asks for a ranking of a call, or a correction, and tells its id: MakeDue makes
// it. While one of the call is made, whoever asks gets that one; but no scenario that is made.
func (s *Rankings) Simulate(ctx context.Context, who identity.Actor, form once.Form, ask RankingOrder) (RankingID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return "", err
	}
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return RankingID(outcome), err
	}
	ask.Reason = strings.TrimSpace(ask.Reason)
	if err := s.mayOrder(ctx, &ask); err != nil {
		return "", err
	}
	waiting, err := s.Waiting(ctx, ask.Call, 0)
	if err != nil {
		return "", err
	}
	if waiting.Rankable == 0 {
		return "", ErrNobodyToRank
	}
	o := OrderedRanking{ID: RankingID(newID()), RankingOrder: ask, By: who.At(s.now()), State: OrderMaking}
	return s.StartOrder(ctx, form, o, s.entry(who, RankingSimulated, o.ID))
}

// mayOrder asks whether a ranking may be asked for: the first publication of a call is not
// simulated any more once it is there, but corrected.
func (s *Rankings) mayOrder(ctx context.Context, ask *RankingOrder) error {
	standing, err := s.Standing(ctx, ask.Call)
	switch {
	case err != nil:
		return err
	case ask.Corrects == "" && standing != "":
		return ErrRankingStands
	case ask.Corrects != standing:
		return ErrNotStanding
	case ask.Corrects == "":
		ask.Reason = ""
	case ask.Reason == "" || len([]rune(ask.Reason)) > NoteLength:
		return ErrRankingReason
	}
	return nil
}

// MakeDue makes the rankings that were asked for, one after the other, and tells how many
// orders ended, and whether one is left that somebody else is at.
func (s *Rankings) MakeDue(ctx context.Context) (ended int, left bool, err error) {
	for {
		found, left, err := s.TakeOrder(ctx, s.carryOut)
		if err != nil || !found {
			return ended, left, err
		}
		ended++
	}
}

// carryOut makes the ranking of an order, from where it was left. What the rules say no
// to, and what would fail each time, ends the order; whatever else does not is begun anew.
func (s *Rankings) carryOut(ctx context.Context, o OrderedRanking) error {
	err := s.makeOrdered(ctx, o)
	if err == nil {
		return nil
	}
	reason, refused := fault.Refusal(err)
	switch {
	case refused:
		err = nil
	case o.Attempts < orderAttempts && (ctx.Err() != nil || passes(err)):
		return err
	default:
		reason = ErrRankingFailed
	}
	o.State, o.Refusal, o.EndedAt = OrderFailed, reason.Code, s.now()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return errors.Join(err, s.EndOrder(ctx, o, s.entry(identity.Office(), RankingFailed, o.ID)))
}

// passes tells whether an error is of the moment: a neighbour is silent.
func passes(err error) bool {
	reason := fault.As(err)
	return reason != nil && reason.Kind == fault.KindUnavailable
}

func (s *Rankings) makeOrdered(ctx context.Context, o OrderedRanking) error {
	if o.Attempts > orderAttempts {
		return ErrRankingFailed
	}
	if o.State == OrderMaking {
		if err := s.rankOrdered(ctx, o); err != nil {
			return err
		}
	}
	if err := s.check(ctx, once.Form{}, o.ID, identity.Office()); err != nil && !errors.Is(err, fault.ErrNotFound) { // somebody threw it away
		return err
	}
	o.State, o.EndedAt = OrderMade, s.now()
	return s.EndOrder(ctx, o)
}

// rankOrdered ranks the cases of an order, and saves both.
func (s *Rankings) rankOrdered(ctx context.Context, o OrderedRanking) error {
	now := s.now()
	r, cases, err := s.begin(ctx, o, calendar.On(now))
	if err != nil {
		return err
	}
	r.ID, r.Number, r.Reason, r.State, r.Simulated = o.ID, o.Number, o.Reason, SimulatedRanking, identity.Hand{Person: o.By.Person, At: now}
	made, err := r.makeOf(cases)
	if err != nil {
		return err
	}
	return s.KeepOrdered(ctx, r, made, s.entry(identity.Office(), RankingMade, r.ID))
}

// begin is the ranking of an order, before anybody has a place in it, and its cases: frozen
// for it are those that are suitable, or have a place already. A correction has all of them
// anew.
func (s *Rankings) begin(ctx context.Context, o OrderedRanking, today calendar.Date) (r Ranking, cases []FrozenCase, err error) {
	if o.Kind() == Scenario {
		return s.scenario(ctx, o)
	}
	if err := s.mayOrder(ctx, &o.RankingOrder); err != nil {
		return r, nil, err
	}
	snapshot, err := s.FreezeCall(ctx, o.Call, today)
	if err != nil {
		return r, nil, err
	}
	if cases, err = Freeze(snapshot.Cases); err == nil && len(cases) == 0 {
		err = ErrNobodyToRank
	}
	return Ranking{Call: snapshot.Call.without(snapshot.SetAside), SetAside: snapshot.SetAside, Kind: TrueRanking, Corrects: o.Corrects,
		On: today, Ruled: snapshot.Ruled, Exclusions: snapshot.Exclusions}, cases, err
}
