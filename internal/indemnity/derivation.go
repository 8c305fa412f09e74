package indemnity

import (
	"portal/internal/calendar"
	"portal/internal/money"
)

// Step is one line behind a number (F1): what was found, by which rule of which article,
// in which reading where the article leaves it open, and from what.
type Step struct {
	Name    StepName `json:"step"`
	Rule    string   `json:"rule"` // "R43", as the rules are numbered in package documentation
	Article string   `json:"article"`
	Reading string   `json:"reading,omitempty"` // "INCOME_YEAR_OFFSET=2"; "" where the call itself says it
	Inputs  []Input  `json:"from,omitempty"`
	Value   Quantity `json:"is"`
}

// Input is a value that a step starts from, with where it comes from.
type Input struct {
	Name   string   `json:"name"`
	Value  Quantity `json:"is"`
	Source Source   `json:"source"`
}

// Source is where a value comes from. Its words stand in the catalogue.
type Source string

// The sources.
const (
	FromDeclaration Source = "declaration" // of who applies
	FromPapers      Source = "papers"
	FromRegister    Source = "register" // of members, or their contribution position
	FromOffice      Source = "office"   // a finding
	FromCall        Source = "call"     // what it fixes, or the budget that was given to it
	FromStep        Source = "step"     // an earlier step
	FromRanking     Source = "ranking"  // the other applications
	FromOthers      Source = "others"   // those of the same member
)

// Unit is what a quantity counts.
type Unit string

// The units.
const (
	InMoney   Unit = "money"
	InDays    Unit = "days"
	InPoints  Unit = "points"
	InPercent Unit = "percent"
	InYears   Unit = "year" // a calendar year
	InDates   Unit = "date"
	InWords   Unit = "word"
	InPlaces  Unit = "place"
)

// Quantity is a value with its unit.
type Quantity struct {
	Unit   Unit          `json:"unit"`
	Amount money.Amount  `json:"cents,omitempty"`
	Over   bool          `json:"over,omitempty"` // a part of a cent lies over the amount
	Number int           `json:"number,omitempty"`
	Rate   Rate          `json:"rate,omitzero"`
	Date   calendar.Date `json:"date,omitzero"`
	Word   string        `json:"word,omitempty"`
}

func euro(a money.Amount) Quantity               { return Quantity{Unit: InMoney, Amount: a} }
func inDays(n int) Quantity                      { return Quantity{Unit: InDays, Number: n} }
func inPoints(n int) Quantity                    { return Quantity{Unit: InPoints, Number: n} }
func inYear(n int) Quantity                      { return Quantity{Unit: InYears, Number: n} }
func inPercent(r Rate) Quantity                  { return Quantity{Unit: InPercent, Rate: r} }
func onDate(d calendar.Date) Quantity            { return Quantity{Unit: InDates, Date: d} }
func word[T ~string](is T) Quantity              { return Quantity{Unit: InWords, Word: string(is)} }
func given(s Source, n string, q Quantity) Input { return Input{n, q, s} }

// StepName says what a step finds. Its words stand in the catalogue.
type StepName string

// The steps, in their order.
const (
	StepEventEnd        StepName = "event_end"
	StepDeadline        StepName = "deadline"
	StepRecognised      StepName = "recognised_days"
	StepDuration        StepName = "duration"
	StepOverlap         StepName = "overlapping_days"
	StepFirstDays       StepName = "first_days"
	StepMaternity       StepName = "maternity_days"
	StepCap             StepName = "days_over_cap"
	StepDays            StepName = "compensable_days"
	StepIncome          StepName = "income"
	StepBase            StepName = "daily_base"
	StepRounded         StepName = "daily_rounded"
	StepFullDaily       StepName = "daily_full"
	StepDaily           StepName = "daily"
	StepBeforeReduction StepName = "before_reduction"
	StepReduction       StepName = "reduction"
	StepGross           StepName = "gross"
	StepWithholding     StepName = "withholding"
	StepNet             StepName = "net"
	StepDebt            StepName = "debt"
	StepDebtLeft        StepName = "debt_to_set_off"
	StepISEEPoints      StepName = "score_isee"
	StepDurationPoints  StepName = "score_duration"
	StepExclusivePoints StepName = "score_exclusivity"
	StepScore           StepName = "score"
	StepRank            StepName = "rank"
	StepFunded          StepName = "funded_gross"
	StepSetOff          StepName = "set_off"
	StepPayable         StepName = "payable"
	StepRecovery        StepName = "recovery"
)

// Steps is the lines behind a result, in their order: from the end of the event to the
// points, and where the application has a place in a ranking, to what is paid. They take
// every number from the result; the days by reason come from its day line, and who has
// used up a year from its years.
func Steps(call *Call, f *Facts, r *Result, line []DaySpan, years []CapYear) []Step {
	return steps(&call.Rules, f, r, line, years, map[string]string{})
}

// steps is Steps for who asks for many applications, with what was cited so far.
func steps(rules *RuleSet, f *Facts, r *Result, line []DaySpan, years []CapYear, cited map[string]string) []Step {
	d := derivation{rules: rules, facts: f, result: r, line: line, years: years, cited: cited}
	d.days()
	d.amounts()
	d.regularity()
	d.points()
	if r.Rank > 0 {
		d.place()
	}
	return d.steps
}

// derivation is the lines as far as they are written.
type derivation struct {
	rules  *RuleSet
	facts  *Facts
	result *Result
	line   []DaySpan
	years  []CapYear
	steps  []Step
	cited  map[string]string // readings, by name
}

// step writes a line. A reading is cited by its name.
func (d *derivation) step(name StepName, rule, article, reading string, value Quantity, inputs ...Input) {
	if reading != "" {
		if d.cited[reading] == "" {
			d.cited[reading] = d.rules.Readings.cited(reading)
		}
		reading = d.cited[reading]
	}
	d.steps = append(d.steps, Step{name, rule, article, reading, inputs, value})
}

// lineDays counts the days of a reason.
func (d *derivation) lineDays(why Why) (days int) {
	for _, s := range d.line {
		if s.Why == why {
			days += s.Days()
		}
	}
	return days
}

func (d *derivation) days() {
	f, r, rules := d.facts, d.result, d.rules
	readings := &rules.Readings
	declared, cycle := f.declared(), f.Event.Kind == TherapyCycle
	if cycle {
		d.step(StepEventEnd, "R22", rules.SubmissionDays.Article, "MULTI_YEAR_ONLY_LAST_YEAR", onDate(r.EndUsed), given(FromPapers, "last_suspension", onDate(r.EndUsed)))
	} else {
		d.step(StepEventEnd, "R26", readings.EventEndBasis.Article, "EVENT_END_BASIS", onDate(r.EndUsed),
			given(FromDeclaration, "declared_end", onDate(declared.To)))
	}
	if f.heirs() {
		d.step(StepDeadline, "R17", rules.HeirsDays.Article, "HEIRS_TERM_FROM", onDate(r.Deadline),
			given(FromOffice, "death", onDate(f.DiedOn)), given(FromStep, string(StepEventEnd), onDate(r.EndUsed)), given(FromCall, "term", inDays(rules.HeirsDays.Is)))
	} else {
		d.step(StepDeadline, "R20", rules.SubmissionDays.Article, "ROLL_TERM_ON_HOLIDAY", onDate(r.Deadline),
			given(FromStep, string(StepEventEnd), onDate(r.EndUsed)), given(FromCall, "term", inDays(rules.SubmissionDays.Is)))
	}
	recognised := 0
	for _, why := range []Why{WhyPaid, WhyOtherCase, WhyFirstDays, WhyInMaternity, WhyCapReached} {
		recognised += d.lineDays(why)
	}
	lost := []Input{given(FromDeclaration, "declared_start", onDate(declared.From)), given(FromDeclaration, "declared_end", onDate(declared.To))}
	for _, why := range []Why{WhyNotCertified, WhyNotAPrognosis, WhyCopyLacking, WhyAfterGap, WhyPriorYear} {
		if days := d.lineDays(why); days > 0 {
			lost = append(lost, given(FromPapers, string(why), inDays(days)))
		}
	}
	d.step(StepRecognised, "R9", rules.LeastDays.Article, "", inDays(recognised), lost...)
	duration, rule := "INCLUSIVE_DURATION", "R9"
	if cycle {
		duration, rule = "CYCLE_DURATION", "R10"
	}
	d.step(StepDuration, rule, rules.LeastDays.Article, duration, inDays(r.Duration), given(FromStep, string(StepRecognised), inDays(recognised)))
	left := []Input{given(FromStep, string(StepRecognised), inDays(recognised))}
	without := func(name StepName, why Why, rule, article, reading string, inputs ...Input) {
		if days := d.lineDays(why); days > 0 {
			d.step(name, rule, article, reading, inDays(days), inputs...)
			left = append(left, given(FromStep, string(name), inDays(days)))
		}
	}
	without(StepOverlap, WhyOtherCase, "R6", rules.YearlyCap.Article, "")
	without(StepFirstDays, WhyFirstDays, "R47", rules.ExcludedDays.Article, "CYCLE_EXCLUDES_FIRST_DAYS", given(FromCall, "excluded_days", inDays(rules.ExcludedDays.Is)))
	without(StepMaternity, WhyInMaternity, "R3", rules.MaternityBefore.Article, "MATERNITY_DAYS_REDUCE_DURATION", given(FromDeclaration, "birth", onDate(f.Event.BirthOn)))
	spent := []Input{given(FromCall, "yearly_cap", inDays(rules.YearlyCap.Is))}
	for _, y := range d.years {
		spent = append(spent, given(FromCall, "year", inYear(y.Year)), given(FromRegister, "days_used", inDays(y.Register)))
		if days := y.Elsewhere(); days > 0 {
			spent = append(spent, given(FromOthers, "days_elsewhere", inDays(days)))
		}
	}
	without(StepCap, WhyCapReached, "R6", rules.YearlyCap.Article, "ANNUAL_CAP_ATTRIBUTION", spent...)
	d.step(StepDays, "R47", rules.ExcludedDays.Article, "", inDays(r.Entitlement.Days), left...)
}

func (d *derivation) amounts() {
	r, rules := d.result, d.rules
	e := &r.Entitlement
	art := rules.IncomeDivisor.Article
	d.step(StepIncome, "R43", art, "INCOME_YEAR_OFFSET", euro(e.Income), given(FromRegister, "income_year", inYear(e.IncomeYear)))
	income := max(e.Income, 0)
	base := euro(income / money.Amount(rules.IncomeDivisor.Is))
	if base.Over = income%money.Amount(rules.IncomeDivisor.Is) > 0; base.Over && rules.Readings.RoundBaseToCentFirst.Is {
		base = euro((2*income + money.Amount(rules.IncomeDivisor.Is)) / money.Amount(2*rules.IncomeDivisor.Is))
	}
	d.step(StepBase, "R43", art, "ROUND_BASE_TO_CENT_FIRST", base,
		given(FromStep, string(StepIncome), euro(e.Income)), given(FromCall, "divisor", inDays(rules.IncomeDivisor.Is)))
	d.step(StepRounded, "R44", rules.RoundUpTo.Article, "ROUND_UP_EXACT_MULTIPLES", euro(rules.roundedUp(e.Income, whole)),
		given(FromStep, string(StepBase), base), given(FromCall, "round_up_to", euro(rules.RoundUpTo.Is)))
	d.step(StepFullDaily, "R45", rules.DailyLimits.Article, "", euro(e.FullDaily), given(FromStep, string(StepRounded), euro(rules.roundedUp(e.Income, whole))),
		given(FromCall, "least", euro(rules.DailyLimits.Is.Least)), given(FromCall, "most", euro(rules.DailyLimits.Is.Most)))
	daily := []Input{given(FromStep, string(StepFullDaily), euro(e.FullDaily)), given(FromStep, string(StepDuration), inDays(r.Duration)),
		given(FromCall, "short_days", inDays(rules.ShortDays.Is))}
	method := ""
	if r.Duration <= rules.ShortDays.Is {
		method = "SHORT_EVENT_METHOD"
		daily = append(daily, given(FromCall, "short_rate", inPercent(rules.ShortRate.Is)))
	}
	d.step(StepDaily, "R46", rules.ShortRate.Article, method, euro(e.Daily), daily...)
	d.step(StepBeforeReduction, "R47", rules.ExcludedDays.Article, "", euro(e.BeforeReduction),
		given(FromStep, string(StepDaily), euro(e.Daily)), given(FromStep, string(StepDays), inDays(e.Days)))
	cover := "no"
	if d.facts.Declarations.OtherCover {
		cover = "yes"
	}
	d.step(StepReduction, "R48", rules.OtherCoverRate.Article, "", euro(e.Reduction),
		given(FromDeclaration, "other_cover", word(cover)), given(FromCall, "other_cover_rate", inPercent(rules.OtherCoverRate.Is)))
	d.step(StepGross, "R47", rules.ExcludedDays.Article, "", euro(e.Gross),
		given(FromStep, string(StepBeforeReduction), euro(e.BeforeReduction)), given(FromStep, string(StepReduction), euro(e.Reduction)))
	rate := FromCall
	if d.facts.Withholding != nil {
		rate = FromRegister
	}
	d.step(StepWithholding, "R15", rules.Readings.Withholding.Article, "DEFAULT_WITHHOLDING_RATE", euro(e.Withholding),
		given(FromStep, string(StepGross), euro(e.Gross)), given(rate, "rate", inPercent(e.Rate)))
	d.step(StepNet, "R15", rules.Readings.Withholding.Article, "", euro(e.Net),
		given(FromStep, string(StepGross), euro(e.Gross)), given(FromStep, string(StepWithholding), euro(e.Withholding)))
}

func (d *derivation) regularity() {
	r, c := d.result, &d.facts.Contribution
	if r.Debt == 0 {
		return
	}
	article := d.rules.CureDays.Article
	d.step(StepDebt, "R11", article, "", euro(r.Debt), given(FromRegister, "debt_at_submission", euro(c.DebtAtSubmission)),
		given(FromRegister, "plan_residual", euro(c.PlanResidual)), given(FromRegister, "debt_afterwards", euro(c.DebtAfterwards)))
	rule, reading := "R15", "EQUAL_DEBT_IS_SET_OFF"
	if r.DebtLeft == 0 {
		rule, reading = "R16", ""
		if 0 < c.Paid && c.Paid < r.Debt {
			reading = "PARTIAL_PAYMENT_OPENS_SET_OFF"
		}
	}
	d.step(StepDebtLeft, rule, article, reading, euro(r.DebtLeft), given(FromStep, string(StepDebt), euro(r.Debt)),
		given(FromRegister, "paid", euro(c.Paid)), given(FromStep, string(StepNet), euro(r.Entitlement.Net)))
}

func (d *derivation) points() {
	f, s, rules := d.facts, d.result.Score, d.rules
	isee := []Input{given(FromOffice, "isee_status", word(f.ISEE.Status))}
	if value, ok := rules.isee(f); ok {
		isee = append(isee, given(FromOffice, "isee", euro(value)))
	}
	reading := ""
	if f.ISEE.Status == ISEEInvalid {
		reading = "INVALID_ISEE_IS_MISSING"
	}
	d.step(StepISEEPoints, "R51", rules.ISEEPoints.Article, reading, inPoints(s.ISEE), isee...)
	d.step(StepDurationPoints, "R52", rules.DurationPoints.Article, "", inPoints(s.Duration), given(FromStep, string(StepDuration), inDays(d.result.Duration)))
	exclusive := "no"
	if f.Declarations.Exclusive {
		exclusive = "yes"
	}
	d.step(StepExclusivePoints, "R53", rules.ExclusivityPoints.Article, "", inPoints(s.Exclusivity), given(FromDeclaration, "exclusive", word(exclusive)))
	d.step(StepScore, "R50", rules.ISEEPoints.Article, "", inPoints(s.Total()), given(FromStep, string(StepISEEPoints), inPoints(s.ISEE)),
		given(FromStep, string(StepDurationPoints), inPoints(s.Duration)), given(FromStep, string(StepExclusivePoints), inPoints(s.Exclusivity)))
}

// place is the lines behind a place in the ranking and the money that it got.
func (d *derivation) place() {
	r, rules := d.result, d.rules
	rule, reading := "R50", ""
	switch r.Decided {
	case ByISEE:
		rule = "R56"
	case ByDuration:
		rule = "R57"
	case ByEnrolment:
		rule = "R58"
	case ByRuling, BySubmission, ByApplication:
		rule, reading = "R58", "RESIDUAL_TIE_ORDER"
	}
	article := rules.ISEEPoints.Article
	place := []Input{given(FromStep, string(StepScore), inPoints(r.Score.Total()))}
	if r.Decided != "" { // nobody stands before the first
		place = append(place, given(FromRanking, "decided_by", word(r.Decided)))
	}
	d.step(StepRank, rule, article, reading, Quantity{Unit: InPlaces, Number: r.Rank}, place...)
	funded := []Input{given(FromStep, string(StepGross), euro(r.Entitlement.Gross))}
	if rules.Budget.Is != nil {
		funded = append(funded, given(FromCall, "budget", euro(*rules.Budget.Is)))
	}
	d.step(StepFunded, "R55", rules.Budget.Article, "BUDGET_CUT_POLICY", euro(r.FundedGross), funded...)
	d.step(StepSetOff, "R15", rules.CureDays.Article, "EQUAL_DEBT_IS_SET_OFF", euro(r.SetOff), given(FromStep, string(StepDebtLeft), euro(r.DebtLeft)))
	d.step(StepPayable, "R15", rules.CureDays.Article, "", euro(r.Payable),
		given(FromStep, "funded_net", euro(r.FundedNet)), given(FromStep, string(StepSetOff), euro(r.SetOff)))
	if r.Revoked {
		d.step(StepRecovery, "R39", rules.Readings.RecoveryBasis.Article, "RECOVERY_BASIS", euro(r.Recovery),
			given(FromStep, string(StepFunded), euro(r.FundedGross)), given(FromStep, string(StepSetOff), euro(r.SetOff)))
	}
}
