package indemnity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// Why a scenario is not tried, or cannot be made.
var (
	ErrScenarioTitle  = fault.Invalid("indemnity.scenario_title")
	ErrScenarioRules  = fault.Invalid("indemnity.scenario_rules") // they are not sound, or a reading has no such value
	ErrScenarioIsSame = fault.Refuse("indemnity.scenario_same")
	ErrScenarioBase   = fault.Refuse("indemnity.scenario_base") // what it is based on was dropped meanwhile
)

// WhatIf is what a scenario changes of the rules of a ranking (F4). What is nil stays.
type WhatIf struct {
	Title             string // what the scenario is to show
	ChangesBudget     bool
	Budget            *money.Amount // nil: unlimited
	ISEEPoints        []ISEEBand
	DurationPoints    []DurationBand
	ExclusivityPoints *ExclusivityPoints
	Readings          map[string]string // by name, as Readings.Set takes them
}

// of is the rules with the changes.
func (w WhatIf) of(call Call) (Call, error) {
	r := call.Rules.clone()
	if w.ChangesBudget {
		r.Budget.Is = w.Budget
	}
	if w.ISEEPoints != nil {
		r.ISEEPoints.Is = w.ISEEPoints
	}
	if w.DurationPoints != nil {
		r.DurationPoints.Is = w.DurationPoints
	}
	if w.ExclusivityPoints != nil {
		r.ExclusivityPoints.Is = *w.ExclusivityPoints
	}
	for _, name := range slices.Sorted(maps.Keys(w.Readings)) {
		if err := r.Readings.Set(name, w.Readings[name]); err != nil {
			return call, fmt.Errorf("%w: %w", ErrScenarioRules, err)
		}
	}
	if len(Diff(&call.Rules, &r)) == 0 {
		return call, ErrScenarioIsSame
	}
	call.Rules = r
	for _, flaw := range call.Check() {
		if flaw.Section == SectionMoney || flaw.Section == SectionScores || flaw.Section == SectionReadings {
			return call, fmt.Errorf("%w: %s", ErrScenarioRules, flaw.Field)
		}
	}
	return call, nil
}

// MayTry asks whether somebody may try a scenario on a ranking: there is none of a scenario.
func (r Ranking) MayTry(who identity.Actor) error {
	if r.Kind == Scenario {
		return fault.ErrNotFound
	}
	return who.Must(identity.Welfare, identity.Prepare, identity.Approve)
}

// Try asks for a scenario of a ranking, under its author, and tells its id: MakeDue ranks the
// frozen cases of the ranking by the other rules. See Compare for who enters, who leaves and
// what it costs. It is never published.
func (s *Rankings) Try(ctx context.Context, who identity.Actor, form once.Form, id RankingID, what WhatIf) (RankingID, error) {
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return RankingID(outcome), err
	}
	base, err := s.Ranking(ctx, id)
	if err != nil {
		return "", err
	}
	if err := base.MayTry(who); err != nil {
		return "", err
	}
	if what.Title = strings.TrimSpace(what.Title); what.Title == "" || len([]rune(what.Title)) > NoteLength {
		return "", ErrScenarioTitle
	}
	call, err := what.of(base.Call)
	if err != nil {
		return "", err
	}
	o := OrderedRanking{ID: RankingID(newID()), RankingOrder: RankingOrder{Call: call.ID, Reason: what.Title}, BasedOn: id, Rules: &call.Rules,
		By: who.At(s.now()), State: OrderMaking}
	return s.StartOrder(ctx, form, o, s.entry(who, RankingTried, o.ID))
}

// scenario is the ranking that an order tries, before anybody has a place in it, and its
// cases: those of what it is based on.
func (s *Rankings) scenario(ctx context.Context, o OrderedRanking) (r Ranking, cases []FrozenCase, err error) {
	base, err := s.Ranking(ctx, o.BasedOn)
	if errors.Is(err, fault.ErrNotFound) {
		return r, nil, ErrScenarioBase
	}
	if err != nil {
		return r, nil, err
	}
	if cases, err = s.Inputs(ctx, base.ID); err == nil && len(cases) == 0 { // dropped just now
		err = ErrScenarioBase
	}
	call := base.Call
	call.Rules = *o.Rules
	return Ranking{Call: call, Kind: Scenario, BasedOn: base.ID, On: base.On, Ruled: base.Ruled, Exclusions: base.Exclusions}, cases, err
}
