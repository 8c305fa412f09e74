package indemnity

import (
	"cmp"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Result is what a call makes of an application.
type Result struct {
	ID, Applicant string
	Outcome       Outcome
	Codes         []Code    // sorted; none where it is ranked
	Warnings      []Warning // sorted
	Deadline      calendar.Date
	EndUsed       calendar.Date   // of the event, as window and term are tested
	Recognised    calendar.Period // zero where no day is
	Duration      int             // total duration in days
	Entitlement   Entitlement     // due where the outcome is ranked
	Score         Score           // likewise
	Debt          money.Amount    // every irregularity found
	DebtLeft      money.Amount    // of it, for the indemnity to cover

	Rank        int // from 1; 0 where it is not ranked
	ExAequo     int // the same for those whom every criterion of the call leaves equal
	Decided     string
	Funding     Funding // "" where it is not ranked
	FundedGross money.Amount
	FundedNet   money.Amount
	SetOff      money.Amount
	Payable     money.Amount
	Recovery    money.Amount
	Revoked     bool
}

// Final is where the application ends: its outcome, what became of its place, or
// "revoked".
func (r Result) Final() string {
	switch {
	case r.Revoked:
		return "revoked"
	case r.Outcome == OutcomeRanked:
		return string(r.Funding)
	}
	return string(r.Outcome)
}

// Summary is what a call makes of all applications together.
type Summary struct {
	Applications, Ranked, Funded, NotFunded int
	RequestedGross, FundedGross             money.Amount
	Residual                                *money.Amount // in the unit of the budget; nil: it is unlimited
}

// Examine judges, reckons, ranks and funds all applications of a call, and tells the
// result of each in the order in which they are given, which decides nothing. A fact of
// a day after on has not happened yet; without such a day every term has run out. No two
// applications may have the same ID.
func Examine(call *Call, on calendar.Date, all []Facts) ([]Result, Summary) {
	return examineAll(call, on, all, nil, nil)
}

// examineAll is Examine, by an order that was ruled for some whom every criterion leaves
// equal; it also tells the day line of each application to whoever wants it.
func examineAll(call *Call, on calendar.Date, all []Facts, ruled []string, tell func(at int, line []DaySpan)) ([]Result, Summary) {
	rules := &call.Rules
	results, terms := make([]Result, len(all)), rules.Terms()
	var before used
	applicant := ""
	for _, at := range rules.turns(all) {
		f := &all[at]
		if f.Applicant != applicant {
			before, applicant = used{}, f.Applicant
		}
		x := examination{rules: rules, terms: terms, on: on, facts: f, result: &results[at]}
		if tell == nil {
			x.run(&before, nil)
			continue
		}
		var line []DaySpan
		x.run(&before, func(s span, why Why) { line = append(line, DaySpan{Period: s.period(), Why: why}) })
		tell(at, x.evidence.line(f, line))
	}
	summary := Summary{Applications: len(all)}
	entries := make([]entry, 0, len(all))
	for i := range results {
		if results[i].Outcome == OutcomeRanked {
			entries = append(entries, rules.entry(&all[i], &results[i], i, slices.Index(ruled, all[i].ID)))
			summary.RequestedGross += results[i].Entitlement.Gross
		}
	}
	rules.award(ruled, entries, all, results, &summary)
	return results, summary
}

// turns is the order in which applications are worked: those of one member by the start
// of the event, then by submission, then by ID (A54).
func (r *RuleSet) turns(all []Facts) []int {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		f, g := &all[a], &all[b]
		if c := strings.Compare(f.Applicant, g.Applicant); c != 0 {
			return c
		}
		return r.turn(f).compare(r.turn(g))
	})
	return order
}

// turn is what the order of the applications of one member goes by.
type turn struct {
	start int
	sent  int64
	id    string
}

func (r *RuleSet) turn(f *Facts) turn {
	t := turn{numberOf(f.Event.From), submitted(f), f.ID}
	if e := r.read(f); len(e.recognised) > 0 {
		t.start = e.recognised[0].from
	}
	return t
}

func (t turn) compare(u turn) int {
	return cmp.Or(cmp.Compare(t.start, u.start), cmp.Compare(t.sent, u.sent), strings.Compare(t.id, u.id))
}

// award ranks the entries and lets the budget go down their places (art. 4).
func (r *RuleSet) award(ruled []string, entries []entry, all []Facts, results []Result, summary *Summary) {
	money, group, first := newFund(r), 0, -1
	for p := range r.places(len(ruled) > 0, entries, all) {
		result := &results[p.Entry.at]
		result.Rank, result.Decided = p.Rank, p.Decided
		if tied(p.Decided) {
			result.Warnings = append(result.Warnings, WarnExAequo)
			if results[first].ExAequo == group && !slices.Contains(results[first].Warnings, WarnExAequo) {
				results[first].Warnings = append(results[first].Warnings, WarnExAequo)
				slices.Sort(results[first].Warnings)
			}
			slices.Sort(result.Warnings)
		} else {
			group++
			first = p.Entry.at
		}
		result.ExAequo = group
		money.pay(result)
		r.recover(&all[p.Entry.at], result)
		summary.Ranked++
		if result.Funding == NotFunded {
			summary.NotFunded++
		} else {
			summary.Funded++
		}
		summary.FundedGross += result.FundedGross
	}
	if r.Budget.Is != nil {
		left := money.Residual()
		summary.Residual = &left
	}
}

// examination is one application on its way through the rules.
type examination struct {
	rules    *RuleSet
	terms    Terms
	on       calendar.Date // facts of later days have not happened; zero: every term has run out
	facts    *Facts
	sentOn   calendar.Date
	evidence evidence
	result   *Result
}

func (x *examination) code(c Code) {
	if !slices.Contains(x.result.Codes, c) {
		x.result.Codes = append(x.result.Codes, c)
	}
}

func (x *examination) warn(w Warning) {
	if !slices.Contains(x.result.Warnings, w) {
		x.result.Warnings = append(x.result.Warnings, w)
	}
}

// run judges the application, in the order of the contract, after others of the same
// member, and adds what it uses up. It tells what the walk through the days found.
func (x *examination) run(before *used, line func(span, Why)) walked {
	f, r := x.facts, x.result
	r.ID, r.Applicant = f.ID, f.Applicant
	x.evidence = x.rules.read(f)
	r.EndUsed = dayOf(x.evidence.endUsed)
	if days := x.evidence.recognised; len(days) > 0 {
		r.Recognised = span{days[0].from, days[len(days)-1].to}.period()
	}
	x.sentOn = x.sent()
	x.papers()
	x.timeliness()
	x.requirements()
	if f.ISEE.Status == ISEEInvalid {
		x.warn(WarnISEEInvalid)
	}
	w := x.days(before, line)
	x.amounts(w)
	slices.Sort(r.Codes)
	slices.Sort(r.Warnings)
	if r.Outcome = gravest(r.Codes); r.keepsDays() {
		before.add(x.evidence.recognised, w.charged)
	}
	return w
}

// keepsDays tells whether the days of the application are nobody else's (A54).
func (r *Result) keepsDays() bool { return r.Outcome == OutcomeRanked || r.Outcome == OutcomePending }

// sent is the day on which the application was sent; a draft is judged as if it were
// sent as soon as it may be.
func (x *examination) sent() calendar.Date {
	if !x.facts.SubmittedAt.IsZero() {
		return calendar.On(x.facts.SubmittedAt)
	}
	first := x.result.EndUsed.Add(1)
	if x.on.After(first) {
		return x.on
	}
	return first
}

// days walks through the recognised days, and finds the duration that counts.
func (x *examination) days(before *used, line func(span, Why)) walked {
	w := x.rules.walk(x.facts, x.evidence, before, line)
	if w.overlaps {
		x.warn(WarnOverlaps)
	}
	if w.capped {
		x.warn(WarnCapReached)
	}
	duration := x.rules.duration(x.facts.Event.Kind, x.evidence)
	if w.maternal {
		x.warn(WarnMaternity)
		if x.rules.Readings.MaternityReducesDuration.Is { // A19
			duration = max(duration-total(within(x.evidence.recognised, x.rules.maternity(x.facts))), 0)
		}
	}
	x.result.Duration = duration
	if w.paid == 0 && len(x.evidence.recognised) > 0 && len(x.result.Codes) == 0 {
		x.code(NoIndemnifiableDays)
	}
	return w
}

// amounts reckons the indemnity and its points. Papers to complete and the contribution
// position are judged only where nothing graver stands (A55).
func (x *examination) amounts(w walked) {
	f, r := x.facts, x.result
	r.Entitlement = x.rules.entitlement(f, x.sentOn.Year, r.Duration, w)
	r.Score = x.rules.score(f, r.Duration)
	if worst := gravest(r.Codes); worst == OutcomeInadmissible || worst == OutcomeNotEligible {
		return
	}
	if !r.Entitlement.IncomeKnown {
		x.warn(WarnNoIncome)
	}
	x.supplement()
	x.regularity()
}
