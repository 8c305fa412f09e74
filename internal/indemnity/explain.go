package indemnity

import (
	"slices"

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
// use up. What somebody has not given yet stands as missing among the codes, while days,
// amounts and points are those of what is there; see Draft.Supposed. An event whose last
// day is not known yet ends with the last day that its papers cover. False where nothing
// is known of its days.
func Explain(call *Call, on calendar.Date, f Facts, others ...Facts) (Explanation, bool) {
	f.Event.Period = f.Event.known()
	if !f.Event.Valid() {
		return Explanation{}, false
	}
	rules, all := &call.Rules, slices.Concat([]Facts{f}, others)
	e := Explanation{Draft: f.SubmittedAt.IsZero()}
	terms, before := rules.Terms(), used{}
	for _, at := range rules.turns(all) {
		var other Result
		x := examination{rules: rules, terms: terms, on: on, facts: &all[at], result: &other}
		if at > 0 {
			x.run(&before, nil)
			continue
		}
		x.result = &e.Result
		var line []DaySpan
		x.run(&before, func(s span, why Why) { line = append(line, DaySpan{s.period(), why}) })
		e.SentOn, e.Line = x.sentOn, x.evidence.line(&f, line)
		e.OpensOn = e.EndUsed
		if !rules.Readings.SubmissionOnEndDay.Is { // A12
			e.OpensOn = e.EndUsed.Add(1)
		}
		e.Term = terms.Submission(e.EndUsed)
		if f.heirs() {
			e.Term = terms.Heirs(f.DiedOn, e.EndUsed)
			if e.OpensOn.Before(f.DiedOn) {
				e.OpensOn = f.DiedOn
			}
		}
		break // what comes after uses nothing of this one up
	}
	e.Steps = Steps(call, &f, &e.Result, e.Line)
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
