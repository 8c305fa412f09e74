package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// Why a case is not excluded from a ranking, or a tie not ruled.
var (
	ErrExclusionReason = fault.Invalid("indemnity.exclusion_reason")
	ErrAlreadyExcluded = fault.Refuse("indemnity.already_excluded")
	ErrNotExcludable   = fault.Refuse("indemnity.not_excludable") // it is decided: it is ranked, or is not
	ErrNotExcluded     = fault.Refuse("indemnity.not_excluded")
	ErrRulingText      = fault.Invalid("indemnity.ruling_text")
	ErrRulingOrder     = fault.Invalid("indemnity.ruling_order") // it names others than the tie
	ErrNoTie           = fault.Refuse("indemnity.no_tie")
	ErrRulesOwn        = fault.Refuse("indemnity.ruling_own") // who made the ranking, or is in the tie
)

// Ruling is the order of applications that every criterion of the call leaves equal, where
// the money ends among them: the head of the service decides it by name (A28).
type Ruling struct {
	ID      string
	Call    CallID
	Ranking RankingID // in which the tie was seen
	Order   []string  // protocols
	Text    string    // why
	By      identity.Person
	At      time.Time
}

// MayExclude tells why a ranking has to wait for a case, or has it: only one that was not
// decided, or whose decision is to be undone, is excluded by name.
func (c CaseFile) MayExclude(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch err := c.Concerns(who.Person); {
	case err != nil:
		return err
	case c.State == Submitted, c.State == InReview, c.State == Suitable && c.OpenDecision() != nil:
		return nil
	}
	return ErrNotExcludable
}

// ExcludeCase has rankings of its call not wait for a case, for a reason. It is decided
// later all the same, and held against the last place that was paid (A39).
func (s *Rankings) ExcludeCase(ctx context.Context, who identity.Actor, form once.Form, id CaseID, reason string) error {
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	if err := c.MayExclude(who); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" || len([]rune(reason)) > NoteLength {
		return ErrExclusionReason
	}
	x := Exclusion{ID: newID(), Case: id, Protocol: c.Protocol, Reason: reason, By: identity.Person{ID: who.Person}, At: s.now()}
	return s.Exclude(ctx, form, x, s.cases.entry(who, CaseExcluded, string(id), c))
}

// ReadmitCase has rankings wait for a case again.
func (s *Rankings) ReadmitCase(ctx context.Context, who identity.Actor, form once.Form, id CaseID) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	c, err := s.cases.ApplicationStore.CaseFile(ctx, id)
	if err != nil {
		return err
	}
	if err := c.Concerns(who.Person); err != nil {
		return err
	}
	return s.Readmit(ctx, form, id, s.cases.entry(who, CaseReadmitted, string(id), c))
}

// MayRule tells why somebody cannot decide the order of a tie that the ranking has at the
// end of the money: who simulated it does not.
func (r Ranking) MayRule(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	switch {
	case r.Kind != TrueRanking || len(r.Ties) == 0:
		return ErrNoTie
	case r.Simulated.Person == who.Person:
		return ErrRulesOwn
	}
	return nil
}

// RuleTie decides the order of the applications of a tie that a simulation has at the end
// of the money. It holds for the rankings of the call that are simulated from now on.
func (s *Rankings) RuleTie(ctx context.Context, who identity.Actor, form once.Form, id RankingID, order []string, text string) error {
	r, err := s.Ranking(ctx, id)
	if err != nil {
		return err
	}
	if err := r.MayRule(who); err != nil {
		return err
	}
	sorted := slices.Sorted(slices.Values(order))
	switch text = strings.TrimSpace(text); {
	case !slices.ContainsFunc(r.Ties, func(tie []string) bool { return slices.Equal(tie, sorted) }):
		return ErrRulingOrder
	case text == "" || len([]rune(text)) > NoteLength:
		return ErrRulingText
	}
	own, err := s.cases.CasesOf(ctx, who.Person)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(own, func(c CaseFile) bool { return slices.Contains(order, c.Protocol) }) {
		return ErrRulesOwn
	}
	x := Ruling{ID: newID(), Call: r.Call.ID, Ranking: id, Order: order, Text: text, By: identity.Person{ID: who.Person}, At: s.now()}
	return s.Rule(ctx, form, x, s.entry(who, TieRuled, id))
}

// Ruled is the order of rulings, newest first, as a ranking takes it: of an application
// the newest counts.
func Ruled(rulings []Ruling) []string {
	all := []string{}
	for _, r := range rulings {
		for _, protocol := range r.Order {
			if !slices.Contains(all, protocol) {
				all = append(all, protocol)
			}
		}
	}
	return all
}
