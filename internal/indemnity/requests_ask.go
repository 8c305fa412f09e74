package indemnity

import (
	"context"
	"slices"
	"strings"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
)

// SetOffTold is written in the register when who applied is told that what they owe is
// taken out of the indemnity. The subject is the case.
const SetOffTold audit.Action = "indemnity.set_off_told"

// Why nothing is asked for on the desk.
var (
	ErrRequestVain  = fault.Refuse("indemnity.request_vain")  // the case cannot be put right (A55)
	ErrRequestSpent = fault.Refuse("indemnity.request_spent") // the answer to the last was not enough
	ErrAnswerWaits  = fault.Refuse("indemnity.answer_waits")  // for an officer’s judgement
	ErrNothingOwed  = fault.Refuse("indemnity.nothing_owed")
	ErrDebtSetOff   = fault.Refuse("indemnity.debt_set_off") // no term: the indemnity covers it (R15)
	ErrNoSetOff     = fault.Refuse("indemnity.no_set_off")   // the indemnity does not cover it
	ErrSetOffTold   = fault.Refuse("indemnity.set_off_told") // with the same figures
)

// Cure is how what somebody owes is put right (R12–R16).
type Cure string

// The cures.
const (
	NoCure     Cure = ""       // nothing is irregular, or it was put right
	CureSetOff Cure = "setoff" // the indemnity covers it, and no term runs (R15)
	CureInTerm Cure = "term"   // within the days of the call (R12, R16)
)

// Cure is how the examination of a case, as it stands, has its irregularities put right.
func (o Opened) Cure() Cure {
	irregular := []Code{IncomeNotCommunicated, DebtNotRegularised, RegularisationNotRequest, RegularisationOpen}
	switch {
	case len(shared(o.Found.Codes, irregular)) > 0:
		return CureInTerm
	case slices.Contains(o.Found.Warnings, WarnSetOff):
		return CureSetOff
	}
	return NoCure
}

// MayAsk tells why somebody cannot ask who applied, or an heir, for anything of a kind as
// the examination stands. There is one request of a kind at a time; who was not enough
// in answer within the term is given no other (R40, R41).
func (o Opened) MayAsk(who identity.Actor, kind RequestKind, heir HeirID) error {
	if err := o.mayAsk(who, kind, heir); err != nil {
		return err
	}
	switch cure := o.Cure(); {
	case o.Found.Outcome == OutcomeInadmissible || o.Found.Outcome == OutcomeNotEligible:
		return ErrRequestVain
	case kind == Regularisation && cure == CureSetOff:
		return ErrDebtSetOff
	case kind == Regularisation && cure == NoCure:
		return ErrNothingOwed
	}
	return nil
}

// mayAsk is what stands against a request whatever the examination says.
func (c CaseFile) mayAsk(who identity.Actor, kind RequestKind, heir HeirID) error {
	if err := c.MayFind(who); err != nil {
		return err
	}
	for _, r := range c.Requests {
		if r.Kind != kind || r.Heir != heir {
			continue
		}
		switch r.State {
		case Asked:
			return ErrRequestOpen
		case Answered:
			return ErrAnswerWaits
		case Insufficient:
			return ErrRequestSpent
		}
	}
	if heir != "" && !slices.ContainsFunc(c.Heirs, func(h Heir) bool { return h.ID == heir && h.Removed.IsZero() }) {
		return fault.ErrNotFound
	}
	return nil
}

// Drawn is a request as it is when it is sent at an instant. Who sent their application
// in the portal is reached as soon as it stands there; whom it reaches later has their
// days from then (A33).
func (c CaseFile) Drawn(q Request, now time.Time) Request {
	q.Case, q.AskedAt, q.State, q.Days = c.ID, now, Asked, c.term(q.Kind, calendar.On(now)).Days
	q.Text = strings.TrimSpace(q.Text)
	if c.Channel == Portal && c.DiedOn.IsZero() {
		return q.reached(c, calendar.On(now), ReachedByPortal)
	}
	return q
}

// asks is what a request makes of a case.
func (s *Applications) asks(c CaseFile, who identity.Actor, q Request) (CaseChange, error) {
	for _, i := range q.Items {
		if i.Of != "" && !slices.ContainsFunc(c.Papers, func(p Paper) bool { return p.ID == i.Of && !p.SentAt.IsZero() }) {
			return CaseChange{}, ErrRequestItems
		}
	}
	r := c.Drawn(q, s.now())
	r.ID, r.AskedBy = RequestID(newID()), who.Person
	officer := c.Officer
	if officer == "" {
		officer = who.Person
	}
	return CaseChange{State: InReview, Officer: officer, Request: &r, Outcome: string(r.ID), Tell: true, Entry: s.entry(who, RequestMade, string(r.ID), c)}, nil
}

// Ask asks who applied, in the name of an officer, for what the case as they saw it wants:
// papers, or their contributions. See Applications.Ask.
func (s *Desk) Ask(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64, q Request) error {
	if err := q.flaw(); err != nil {
		return err
	}
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		if err := o.MayAsk(who, q.Kind, q.Heir); err != nil {
			return CaseChange{}, err
		}
		return s.cases.asks(o.CaseFile, who, q)
	})
}

// SetOff is that who applied was told of a debt that the indemnity covers, with the
// figures as they stood.
type SetOff struct {
	Debt money.Amount // that is covered
	Net  money.Amount // of the indemnity
	Name string       // of who told them
	At   time.Time
}

// MayTellSetOff tells why somebody cannot tell who applied of a set-off, after what they
// were told before: the examination has none, or they know.
func (o Opened) MayTellSetOff(who identity.Actor, told []SetOff) error {
	if err := o.MayFind(who); err != nil {
		return err
	}
	if o.Cure() != CureSetOff {
		return ErrNoSetOff
	}
	if n := len(told); n > 0 && told[n-1].Debt == o.Found.DebtLeft && told[n-1].Net == o.Found.Entitlement.Net {
		return ErrSetOffTold
	}
	return nil
}

// TellSetOff tells who applied that what they owe is taken out of the indemnity (R15), as
// the case stands that its reader saw. What is taken is reckoned again with the ranking.
func (s *Desk) TellSetOff(ctx context.Context, who identity.Actor, form once.Form, id CaseID, version int64) error {
	told, err := s.SetOffs(ctx, id)
	if err != nil {
		return err
	}
	return s.rule(ctx, who, form, id, version, func(o Opened) (CaseChange, error) {
		if err := o.MayTellSetOff(who, told); err != nil {
			return CaseChange{}, err
		}
		return CaseChange{State: InReview, SetOff: &SetOff{Debt: o.Found.DebtLeft, Net: o.Found.Entitlement.Net}, Tell: true,
			Entry: s.cases.entry(who, SetOffTold, string(id), o.CaseFile)}, nil
	})
}
