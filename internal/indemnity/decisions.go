package indemnity

import (
	"slices"
	"time"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
)

// What is written in the register about decisions. The subject is the case.
const (
	DecisionProposed audit.Action = "indemnity.decision_proposed"
	DecisionApproved audit.Action = "indemnity.decision_approved"
	DecisionSentBack audit.Action = "indemnity.decision_sent_back"
)

// Why a decision is not proposed, or not approved.
var (
	ErrNotDecidable    = fault.Refuse("indemnity.not_decidable") // its state has no such way
	ErrDecisionOpen    = fault.Refuse("indemnity.decision_open") // one waits for its second person
	ErrNoDecision      = fault.Refuse("indemnity.no_decision")   // none waits
	ErrOwnDecision     = fault.Refuse("indemnity.own_decision")
	ErrOwnFindings     = fault.Refuse("indemnity.own_findings") // who found what it rests on
	ErrOwnCase         = fault.Refuse("indemnity.own_case")     // who applied, or inherits
	ErrUnchecked       = fault.Refuse("indemnity.unchecked")
	ErrRequestRuns     = fault.Refuse("indemnity.request_runs")
	ErrOutcomeUnborne  = fault.Refuse("indemnity.outcome_unborne") // the examination comes to another
	ErrDecisionText    = fault.Invalid("indemnity.decision_text")
	ErrDecisionWhy     = fault.Invalid("indemnity.decision_why")
	ErrNothingToUndo   = fault.Refuse("indemnity.nothing_to_undo")
	ErrDecisionOutcome = fault.Invalid("indemnity.decision_outcome")
	ErrCasePaid        = fault.Refuse("indemnity.case_paid") // it is in a payment: what is found since is revoked
)

// DecisionID names a decision: a random UUID.
type DecisionID string

// DecisionState is where a decision stands; the database knows the same words.
type DecisionState string

// The states of a decision.
const (
	DecisionWaits DecisionState = "proposed"
	DecisionMade  DecisionState = "approved"
	DecisionNot   DecisionState = "sent_back"
)

// Decision is how an examination ends (esito): one officer proposes it, with the grounds
// that the call has, and another approves it. It never changes then, and only another
// decision undoes it.
type Decision struct {
	ID          DecisionID
	Case        CaseID
	To          State  // Suitable, Inadmissible, NotEligible, Forfeited; InReview: taken up again; Revoked, and Funded: given again
	Codes       []Code // why; none for Suitable, InReview and Funded
	Text        string // of the letter, beside the grounds
	CallVersion int    // by whose rules
	ProposedBy  identity.Person
	ProposedAt  time.Time
	State       DecisionState
	DecidedBy   identity.Person
	DecidedAt   time.Time
	Why         string            // it was sent back
	Protocol    string            // of the letter
	CheckCode   string            // on it
	Undoes      DecisionID        // "" where nothing was decided before
	Control     ControlID         // that found for what the indemnity is taken back; "" for any other
	ControlBy   identity.PersonID // who wrote down what it found
	ReadAt      time.Time         // by who applied, for the first time
}

// Outcomes of a case that a decision may come to.
var decidable = []State{Suitable, Inadmissible, NotEligible, Forfeited, InReview}

// OpenDecision is the decision that waits for its second person, nil for none.
func (c CaseFile) OpenDecision() *Decision {
	return c.decision(func(d Decision) bool { return d.State == DecisionWaits })
}

// Decision is the decision in force, nil for none: the one that was made and that no
// other has undone.
func (c CaseFile) Decision() *Decision {
	return c.decision(func(d Decision) bool {
		return d.State == DecisionMade && !slices.ContainsFunc(c.Decisions, func(u Decision) bool { return u.Undoes == d.ID && u.State == DecisionMade })
	})
}

func (c CaseFile) decision(is func(Decision) bool) *Decision {
	if i := slices.IndexFunc(c.Decisions, is); i >= 0 {
		return &c.Decisions[i]
	}
	return nil
}

// Concerns is ErrOwnCase for who applied, or inherits: colleagues work on it.
func (c CaseFile) Concerns(who identity.PersonID) error {
	if who == c.Member.ID || who == c.Sender || slices.ContainsFunc(c.Heirs, func(h Heir) bool { return h.Person.ID == who }) {
		return ErrOwnCase
	}
	return nil
}

// MayFind tells why somebody writes down no finding on the case: it is their own, it was
// decided, or a decision on it waits for its second person.
func (c CaseFile) MayFind(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch err := c.Concerns(who.Person); {
	case err != nil:
		return err
	case c.State != Submitted && c.State != InReview:
		return ErrNotInReview
	case c.OpenDecision() != nil:
		return ErrDecisionOpen
	}
	return nil
}

// MayPropose tells why somebody cannot propose how the case ends, as its checks and its
// examination stand: a favourable outcome wants every check, and any other the grounds
// that the examination finds. While a request can still be answered nothing is decided.
// A decided case is taken up again, as long as no ranking has it.
func (c CaseFile) MayPropose(who identity.Actor, to State, list []Checked, e Explanation, now time.Time) error {
	if err := who.Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	switch err := c.Concerns(who.Person); {
	case err != nil:
		return err
	case !slices.Contains(decidable, to):
		return ErrDecisionOutcome
	case c.OpenDecision() != nil:
		return ErrDecisionOpen
	case to == InReview && c.Decision() == nil:
		return ErrNothingToUndo
	case to == InReview:
		if slices.Contains([]State{Suitable, Inadmissible, NotEligible, Forfeited}, c.State) {
			return nil
		}
		return ErrNotDecidable
	case c.State != Submitted && c.State != InReview:
		return ErrNotDecidable
	case c.Urgent(now) != nil:
		return ErrRequestRuns
	case slices.ContainsFunc(c.Requests, func(r Request) bool { return r.State == Answered }):
		return ErrAnswerWaits
	case to == Suitable && len(Unchecked(list)) > 0:
		return ErrUnchecked
	case e.Outcome.State() != to:
		return ErrOutcomeUnborne
	}
	return nil
}

// State is the state to which an outcome of the examination leads; "" while a term is
// open.
func (o Outcome) State() State {
	switch o {
	case OutcomeRanked:
		return Suitable
	case OutcomePending:
		return ""
	}
	return State(o)
}

// Grounds are the codes for which an examination comes to its outcome: those as grave as
// it is.
func Grounds(e Explanation) (all []Code) {
	for _, c := range e.Codes {
		if c.Outcome() == e.Outcome {
			all = append(all, c)
		}
	}
	return all
}

// MayDecide tells why somebody cannot approve the decision that waits, or send it back:
// nobody decides what they proposed, nor what rests on what they found.
func (c CaseFile) MayDecide(who identity.Actor) error {
	if err := who.Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	open := c.OpenDecision()
	switch {
	case open == nil:
		return ErrNoDecision
	case open.ProposedBy.ID == who.Person:
		return ErrOwnDecision
	case c.examinedBy(who.Person), open.ControlBy == who.Person:
		return ErrOwnFindings
	}
	return c.Concerns(who.Person)
}
