package indemnity

import (
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Figures are the numbers of an examination that people look for.
type Figures struct {
	Duration    int // of the event, in days
	Days        int // that are paid
	Daily       money.Amount
	Reduction   money.Amount // for another mandatory cover
	Gross       money.Amount
	Withholding money.Amount
	Net         money.Amount
	Debt        money.Amount
	DebtLeft    money.Amount // of it, for the indemnity to cover
	Score       int
}

// Figures are those of the explanation.
func (x *Explanation) Figures() Figures {
	e := x.Entitlement
	return Figures{Duration: x.Duration, Days: e.Days, Daily: e.Daily, Reduction: e.Reduction, Gross: e.Gross, Withholding: e.Withholding, Net: e.Net,
		Debt: x.Debt, DebtLeft: x.DebtLeft, Score: x.Score.Total()}
}

// Supposing is what the examination would come to if an officer found something on some
// checks, in the place of what was found on them: nothing is kept. False where nothing is
// known of the days.
func (o Opened) Supposing(found map[Check]Found) (Explanation, bool) {
	c := o.CaseFile
	c.Findings = slices.Clone(c.Findings)
	for _, check := range Checks() {
		if x, supposed := found[check]; supposed {
			c.Findings = append(c.Findings, Finding{Check: check, Verdict: Met, Found: x})
		}
	}
	return Explain(&Call{ID: c.Call, Version: c.RulesVersion, Rules: c.Rules}, o.on, c.Facts(), o.others...)
}

// Computation is how the figures of a case stood once something had become known: when it
// was sent, once an officer had found something, or once an answer had come.
type Computation struct {
	At     time.Time
	Check  Check  // that was found; "" of the others
	Name   string // of who found it
	Answer bool   // that came
	Figures
}

// Computations are the figures of the case as they have changed, the oldest first. The
// first is as it was sent; what changed no figure is not told. They are reckoned with the
// member's other applications as these stand now.
func (o Opened) Computations() (all []Computation) {
	steps := []Computation{{At: o.SubmittedAt}}
	for _, f := range o.Findings {
		steps = append(steps, Computation{At: f.At, Check: f.Check, Name: f.Name})
	}
	for _, r := range o.Requests {
		for _, a := range r.Answers {
			steps = append(steps, Computation{At: a.At, Answer: true})
		}
	}
	slices.SortStableFunc(steps, func(a, b Computation) int { return a.At.Compare(b.At) })
	call := &Call{ID: o.Call, Version: o.RulesVersion, Rules: o.Rules}
	for _, s := range steps {
		x, known := Explain(call, calendar.On(s.At), o.asOf(s.At).Facts(), o.others...)
		if s.Figures = x.Figures(); known && (len(all) == 0 || all[len(all)-1].Figures != s.Figures) {
			all = append(all, s)
		}
	}
	return all
}

// asOf is the case with the papers and the findings that it had at an instant.
func (c CaseFile) asOf(at time.Time) CaseFile {
	c.Papers = slices.DeleteFunc(slices.Clone(c.Papers), func(p Paper) bool { return p.SentAt.After(at) })
	c.Findings = slices.DeleteFunc(slices.Clone(c.Findings), func(f Finding) bool { return f.At.After(at) })
	return c
}
