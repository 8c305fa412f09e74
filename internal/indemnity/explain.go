package indemnity

import (
	"portal/internal/calendar"
	"portal/internal/term"
)

// Explanation is one application with everything behind its numbers: what a page shows
// of it before and after it is sent.
type Explanation struct {
	Result
	Draft   bool          // not sent yet, and judged as if it were sent on SentOn
	SentOn  calendar.Date // or would be, at the earliest
	OpensOn calendar.Date // the first day on which it may be sent
	Term    term.Term     // for sending it: its last day and its hour
	Line    []DaySpan     // every declared day, with why it is paid or not (F18)
	Years   []CapYear     // those in which it has recognised days, the earliest first
	Steps   []Step
}

// Days is how many days of the line have a reason.
func (x *Explanation) Days(why Why) (days int) {
	for _, s := range x.Line {
		if s.Why == why {
			days += s.Days()
		}
	}
	return days
}

// Explain is what Examine makes of one application, up to its points, with what is
// behind it. The other applications of the same member are wanted for the days that they
// use up: see Other. What somebody has not given yet stands as missing among the codes,
// while days, amounts and points are those of what is there; see Draft.Supposed. An event
// whose last day is not known yet ends with the last day that its papers cover. False
// where nothing is known of its days.
func Explain(call *Call, on calendar.Date, f Facts, others ...Other) (Explanation, bool) {
	f.Event.Period = f.Event.known()
	if !f.Event.Valid() {
		return Explanation{}, false
	}
	e := Explanation{Draft: f.SubmittedAt.IsZero()}
	before, holders := take(on, ahead(call, &f, others), call.ID, f.DaysUsedTo)

	terms := call.Rules.Terms()
	x := examination{rules: &call.Rules, terms: terms, on: on, facts: &f, result: &e.Result}
	var line []DaySpan
	w := x.run(&before, func(s span, why Why) { line = append(line, DaySpan{Period: s.period(), Why: why}) })
	e.SentOn, e.Line = x.sentOn, named(x.evidence.line(&f, line), holders)
	e.Years = capYears(&call.Rules, &f, w.charged, holders)
	e.OpensOn = e.EndUsed
	if !call.Rules.Readings.SubmissionOnEndDay.Is { // A12
		e.OpensOn = e.EndUsed.Add(1)
	}
	e.Term = terms.Submission(e.EndUsed)
	if f.heirs() {
		e.Term = terms.Heirs(f.DiedOn, e.EndUsed)
		if e.OpensOn.Before(f.DiedOn) {
			e.OpensOn = f.DiedOn
		}
	}
	e.Steps = Steps(call, &f, &e.Result, e.Line, e.Years)
	return e, true
}

// known is the declared period as far as it is known.
func (e *SicknessEvent) known() calendar.Period {
	p := e.Period
	spans := e.Interruptions
	if e.Kind != TherapyCycle {
		spans = nil
		for _, c := range e.Certificates {
			spans = append(spans, c.Period)
		}
		for _, s := range e.Stays {
			spans = append(spans, s.Period)
		}
	}
	last := p.From
	for _, s := range spans {
		if e.Kind == TherapyCycle && (e.From.IsZero() && (p.From.IsZero() || s.From.Before(p.From))) {
			p.From = s.From
		}
		if s.To.After(last) {
			last = s.To
		}
	}
	if p.To.IsZero() {
		p.To = last
	}
	return p
}
