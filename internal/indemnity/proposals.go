package indemnity

import (
	"context"
	"slices"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
)

// DecisionWasRead is written in the register when who applied opens a decision for the
// first time. The subject is the case.
const DecisionWasRead audit.Action = "indemnity.decision_read"

// ProposalsAtMost is how many proposals the list of those that wait shows.
const ProposalsAtMost = 100

// Proposal is a decision that waits for its second person, with whose case it is on.
type Proposal struct {
	Decision
	Protocol string
	Call     CallID
	Member   identity.Person
	Kind     ApplicantKind
}

// Proposals are the decisions that wait for a second person, the oldest first. That
// somebody read them is written down.
func (s *Desk) Proposals(ctx context.Context, who identity.Actor) ([]Proposal, error) {
	if err := who.Must(identity.Welfare, identity.Prepare, identity.Approve); err != nil {
		return nil, err
	}
	return s.OpenDecisions(ctx, audit.Entry{At: s.now(), Actor: who, Action: CaseListSeen})
}

// Told are the decisions on the case that who applied has been told of, the last first.
func (c CaseFile) Told() (all []Decision) {
	for _, d := range slices.Backward(c.Decisions) {
		if d.State == DecisionMade {
			all = append(all, d)
		}
	}
	return all
}

// ReadDecision notes that a decision was opened by who applied, the first time that it is.
func (s *Applications) ReadDecision(ctx context.Context, who identity.Actor, of CaseID, id DecisionID) error {
	_, err := s.ChangeCase(ctx, once.Form{}, s.now(), of, func(c CaseFile) (CaseChange, error) {
		at := slices.IndexFunc(c.Decisions, func(d Decision) bool { return d.ID == id && d.State == DecisionMade })
		switch {
		case at < 0 || c.Reader(who) == NoReader:
			return CaseChange{}, fault.ErrNotFound
		case !c.Decisions[at].ReadAt.IsZero():
			return CaseChange{}, nil
		}
		return CaseChange{Read: id, Entry: s.entry(who, DecisionWasRead, string(of), c)}, nil
	})
	return err
}
