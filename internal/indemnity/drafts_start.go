package indemnity

import (
	"context"
	"errors"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
)

// Why the questions before a draft are not answered yet.
var (
	ErrOverMissing = fault.Invalid("indemnity.over_missing")
	ErrLastMissing = fault.Invalid("indemnity.last_missing")
	ErrNotOver     = fault.Invalid("indemnity.not_over") // the period is not over, and its last day is past
)

// Questions is what is asked before a draft is made (M-02).
type Questions struct {
	Answers
	Birth bool   // a pregnancy at risk that ended in a birth (R37): no cause of a draft
	Over  Answer // whether the period is over
}

// Flaw is what stands against the answers by themselves, nil for nothing.
func (q Questions) Flaw(today calendar.Date) error {
	if missing := q.Missing(); len(missing) > 0 {
		return missing[0]
	}
	if q.Over == No && !q.Last.IsZero() && q.Last.Before(today) {
		return ErrNotOver
	}
	return q.Answers.Flaw(today)
}

// Missing is which of the questions are not answered, in their order.
func (q Questions) Missing() []*fault.Reason {
	return untold(gap{q.Cause == "" && !q.Birth, ErrCauseMissing}, gap{q.Over == "", ErrOverMissing},
		gap{q.First.IsZero(), ErrFirstMissing}, gap{q.Over == Yes && q.Last.IsZero(), ErrLastMissing})
}

// gap is something that may not have been said.
type gap struct {
	is  bool
	why *fault.Reason
}

// untold is what was not said.
func untold(all ...gap) (reasons []*fault.Reason) {
	for _, l := range all {
		if l.is {
			reasons = append(reasons, l.why)
		}
	}
	return reasons
}

// Verdict is what the questions before a draft come to.
type Verdict string

// The verdicts. The first three leave room for a draft, the others for none.
const (
	VerdictGo        Verdict = "go"
	VerdictNotYet    Verdict = "not_yet"    // it can be written, and sent from a day on (R19)
	VerdictNoCall    Verdict = "no_call"    // there is no call yet whose rules could be told
	VerdictBirth     Verdict = "birth"      // maternity covers it (R37)
	VerdictNotMember Verdict = "not_member" // R5
	VerdictEnrolment Verdict = "enrolment"  // it began before the enrolment (R8)
	VerdictShort     Verdict = "too_short"  // R7, R10
	VerdictLate      Verdict = "too_late"   // R20
)

// Prospect is a verdict with what it rests on.
type Prospect struct {
	Verdict  Verdict
	Standing Standing
	Known    Known
	Days     int // of the period; 0 while its last day is not known
}

// Judge tells what the questions come to for the actor, or for whom a mandate stands. A
// TakenError tells that a draft could be begun, if its days were not in an application
// that was sent.
func (s *Drafts) Judge(ctx context.Context, who identity.Actor, q Questions) (o Prospect, err error) {
	if o.Known, err = s.Known(ctx, who); err != nil {
		return o, err
	}
	o.Days = q.Period().Days()
	if q.Birth {
		o.Verdict = VerdictBirth
		return o, nil
	}
	o.Standing, err = s.Stand(ctx, Draft{Answers: q.Answers})
	if errors.Is(err, ErrNoCall) {
		o.Verdict = VerdictNoCall
		return o, nil
	}
	if err != nil {
		return o, err
	}
	if o.Verdict = o.judge(q); o.Verdict == VerdictGo || o.Verdict == VerdictNotYet {
		err = s.taken(ctx, who, "", q.Answers)
	}
	return o, err
}

func (o Prospect) judge(q Questions) Verdict {
	least, rules := 0, &o.Standing.Call.Rules
	if least = rules.LeastDays.Is; q.Cause == Cycles {
		least = rules.Readings.CycleMinDays.Is // at the least: how many of the days are stops is asked later
	}
	switch {
	case !o.Known.Active():
		return VerdictNotMember
	case o.Known.startsBefore(q.First, rules):
		return VerdictEnrolment
	case q.Over == Yes && o.Days < least:
		return VerdictShort
	case o.Standing.When == WhenLate:
		return VerdictLate
	case o.Standing.When == WhenOpen:
		return VerdictGo
	}
	return VerdictNotYet
}

// startsBefore tells whether a first day comes before the enrolment that the register
// tells of (R8, A18).
func (k Known) startsBefore(first calendar.Date, r *RuleSet) bool {
	if k.MemberErr != nil || first.IsZero() {
		return false
	}
	if r.Readings.EnrolmentSameDay.Is {
		return first.Before(k.Member.AppliedOn)
	}
	return !first.After(k.Member.AppliedOn)
}
