package indemnity

import (
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/rules"
	"portal/internal/term"
)

// The terms of a call.
const (
	TermSubmission     term.Name = "indemnity.submission"     // ten days, for the member (R20)
	TermHeirs          term.Name = "indemnity.heirs"          // sixty days, for heirs (R17)
	TermSupplement     term.Name = "indemnity.supplement"     // fifteen days, for papers (R40)
	TermRegularisation term.Name = "indemnity.regularisation" // fifteen days, for the contribution position (R12)

	TermReexamination      term.Name = "indemnity.reexamination"       // to ask that an outcome is looked at again (F15)
	TermReexaminationReply term.Name = "indemnity.reexamination_reply" // for the office to decide that
)

// What happens when a term of a call is over.
const (
	ApplicationInadmissible term.Effect = "application_inadmissible"
	RightForfeited          term.Effect = "right_forfeited" // by an act of the office, never by itself
	OutcomeStands           term.Effect = "outcome_stands"  // nobody asked that it is looked at again
	ReplyLate               term.Effect = "reply_late"      // the office owes its answer all the same
)

// Terms counts the terms of a call, with its holidays and readings.
type Terms struct {
	rules    *RuleSet
	holidays calendar.Holidays
}

// Terms is the terms of the rules.
func (r *RuleSet) Terms() Terms {
	t := Terms{rules: r}
	if !r.Readings.RollOnHoliday.Is { // A13
		return t
	}
	t.holidays = r.Holidays.Is
	if r.Readings.RomePatronIsHoliday.Is { // A15
		t.holidays.Fixed = append(slices.Clone(t.holidays.Fixed), r.RomePatron.Is)
	}
	return t
}

// Submission is the term of a member to apply, from the end of the event (R20).
func (t Terms) Submission(end calendar.Date) term.Term {
	return t.of(TermSubmission, t.rules.SubmissionDays, end, ApplicationInadmissible)
}

// Heirs is the term of heirs to apply, from the death, or from the end of the event
// where the rules read it so (R17, A16).
func (t Terms) Heirs(death, end calendar.Date) term.Term {
	if t.rules.Readings.HeirsTermFrom.Is == FromEventEnd {
		death = end
	}
	return t.of(TermHeirs, t.rules.HeirsDays, death, RightForfeited)
}

// Supplement is the term to send papers, from the day on which the request reached who
// applied (R40, A33).
func (t Terms) Supplement(reachedOn calendar.Date) term.Term {
	return t.of(TermSupplement, t.rules.SupplementDays, reachedOn, RightForfeited)
}

// Regularisation is the term to put the contribution position right, from the day on
// which the request reached the member (R12, A33).
func (t Terms) Regularisation(reachedOn calendar.Date) term.Term {
	return t.of(TermRegularisation, t.rules.CureDays, reachedOn, RightForfeited)
}

// Reexamination is the term to ask that an outcome is looked at again, from the day on
// which it stood in the portal. Where the call is silent: thirty days.
func (t Terms) Reexamination(from calendar.Date) term.Term {
	return t.silent(TermReexamination, t.rules.ReexaminationDays, from, OutcomeStands, rules.Value[int]{Is: 30, Article: "DPR 1199/1971, art. 2", Reading: "REEXAMINATION_DAYS"})
}

// ReexaminationReply is the term of the office to decide such a request, from the day on
// which it came. Where the call is silent: thirty days.
func (t Terms) ReexaminationReply(askedOn calendar.Date) term.Term {
	return t.silent(TermReexaminationReply, t.rules.ReexaminationReplyDays, askedOn, ReplyLate, rules.Value[int]{Is: 30, Article: "Legge 241/1990, art. 2", Reading: "REEXAMINATION_REPLY_DAYS"})
}

// silent is a term of which the rules may say nothing.
func (t Terms) silent(name term.Name, days rules.Value[int], from calendar.Date, effect term.Effect, instead rules.Value[int]) term.Term {
	if days.Is == 0 {
		days = instead
	}
	x := t.of(name, days, from, effect)
	x.Reading = days.Reading
	return x
}

func (t Terms) of(name term.Name, days rules.Value[int], from calendar.Date, effect term.Effect) term.Term {
	x := term.Term{Name: name, From: from, Days: days.Is, Holidays: t.holidays, Effect: effect, Source: days.Article}
	if saturday := &t.rules.Readings.RollOnSaturday; saturday.Is { // A14
		if end := x.End(); end.Weekday() == time.Saturday {
			x.PutOff = []term.PutOff{{Day: t.holidays.KnownOn(from).Next(end.Add(1)), Act: saturday.Article}}
		}
	}
	return x
}
