package indemnity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// Why a scenario is not tried.
var (
	ErrScenarioTitle  = fault.Invalid("indemnity.scenario_title")
	ErrScenarioRules  = fault.Invalid("indemnity.scenario_rules") // they are not sound, or a reading has no such value
	ErrScenarioIsSame = fault.Refuse("indemnity.scenario_same")
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

// Try ranks the frozen cases of a ranking by other rules, and keeps that under its author:
// see Compare for who enters, who leaves and what it costs. It is never published.
func (s *Rankings) Try(ctx context.Context, who identity.Actor, form once.Form, id RankingID, what WhatIf) (RankingID, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return "", err
	}
	if outcome, done, err := s.Outcome(ctx, form); err != nil || done {
		return RankingID(outcome), err
	}
	base, err := s.Ranking(ctx, id)
	if err != nil {
		return "", err
	}
	if what.Title = strings.TrimSpace(what.Title); what.Title == "" || len([]rune(what.Title)) > NoteLength {
		return "", ErrScenarioTitle
	}
	call, err := what.of(base.Call)
	if err != nil {
		return "", err
	}
	cases, err := s.Inputs(ctx, id)
	if err != nil {
		return "", err
	}
	r := Ranking{ID: RankingID(newID()), Call: call, Kind: Scenario, BasedOn: id, Reason: what.Title, On: base.On, Ruled: base.Ruled,
		Exclusions: base.Exclusions, State: SimulatedRanking, Simulated: Hand{Person: who.Person, At: s.now()}}
	made, err := r.makeOf(cases)
	if err != nil {
		return "", err
	}
	return s.KeepRanking(ctx, form, r, made, s.entry(who, RankingTried, r.ID))
}
