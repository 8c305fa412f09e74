package indemnity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portal/internal/ranking"
	"portal/internal/rules"
)

// Readings is how the call is read where it leaves something open, each by the name
// that the contract of the batch gives it.
type Readings struct {
	ShortEventMethod         rules.Value[ShortEventMethod] `json:"SHORT_EVENT_METHOD"`                // A1
	RoundUpExactMultiples    rules.Value[bool]             `json:"ROUND_UP_EXACT_MULTIPLES"`          // A2
	RoundBaseToCentFirst     rules.Value[bool]             `json:"ROUND_BASE_TO_CENT_FIRST"`          // A3
	IncomeYearOffset         rules.Value[int]              `json:"INCOME_YEAR_OFFSET"`                // A4
	CapCountsExcludedDays    rules.Value[bool]             `json:"ANNUAL_CAP_COUNTS_EXCLUDED_DAYS"`   // A5
	CapAttribution           rules.Value[CapAttribution]   `json:"ANNUAL_CAP_ATTRIBUTION"`            // A6
	CycleExcludesFirstDays   rules.Value[bool]             `json:"CYCLE_EXCLUDES_FIRST_DAYS"`         // A7
	CycleMinDays             rules.Value[int]              `json:"CYCLE_MIN_DAYS"`                    // A8
	CycleDuration            rules.Value[CycleDuration]    `json:"CYCLE_DURATION"`                    // A9
	InclusiveDuration        rules.Value[bool]             `json:"INCLUSIVE_DURATION"`                // A10
	EventEndBasis            rules.Value[EventEndBasis]    `json:"EVENT_END_BASIS"`                   // A11
	SubmissionOnEndDay       rules.Value[bool]             `json:"ALLOW_SUBMISSION_ON_END_DAY"`       // A12
	RollOnHoliday            rules.Value[bool]             `json:"ROLL_TERM_ON_HOLIDAY"`              // A13
	RollOnSaturday           rules.Value[bool]             `json:"ROLL_TERM_ON_SATURDAY"`             // A14
	RomePatronIsHoliday      rules.Value[bool]             `json:"ROME_PATRON_IS_HOLIDAY"`            // A15
	HeirsTermFrom            rules.Value[HeirsTermFrom]    `json:"HEIRS_TERM_FROM"`                   // A16
	HeirsBarredIfLapsed      rules.Value[bool]             `json:"HEIRS_BARRED_IF_OWN_TERM_LAPSED"`   // A17
	EnrolmentSameDay         rules.Value[bool]             `json:"ENROLMENT_SAME_DAY_ALLOWED"`        // A18
	MaternityReducesDuration rules.Value[bool]             `json:"MATERNITY_DAYS_REDUCE_DURATION"`    // A19
	CountInterruptionDay     rules.Value[bool]             `json:"COUNT_INTERRUPTION_DAY"`            // A20
	HospitalCopyMissing      rules.Value[CopyMissing]      `json:"HOSPITAL_COPY_MISSING_EFFECT"`      // A21
	EqualDebtIsSetOff        rules.Value[bool]             `json:"EQUAL_DEBT_IS_SET_OFF"`             // A22
	SetOffCoversOldDebt      rules.Value[bool]             `json:"SET_OFF_COVERS_DEBT_AT_SUBMISSION"` // A23
	PartialPaymentOpens      rules.Value[bool]             `json:"PARTIAL_PAYMENT_OPENS_SET_OFF"`     // A24
	Withholding              rules.Value[Rate]             `json:"DEFAULT_WITHHOLDING_RATE"`          // A25
	BudgetBasis              rules.Value[Basis]            `json:"BUDGET_BASIS"`                      // A26
	BudgetCut                rules.Value[ranking.Cut]      `json:"BUDGET_CUT_POLICY"`                 // A27
	ResidualTie              rules.Value[ResidualTie]      `json:"RESIDUAL_TIE_ORDER"`                // A28
	InvalidISEEIsMissing     rules.Value[bool]             `json:"INVALID_ISEE_IS_MISSING"`           // A29
	MultiYearOnlyLastYear    rules.Value[bool]             `json:"MULTI_YEAR_ONLY_LAST_YEAR"`         // A30
	RecoveryBasis            rules.Value[Basis]            `json:"RECOVERY_BASIS"`                    // A31
}

// ShortEventMethod is how the 80 % and the limits of the daily amount go together (A1).
type ShortEventMethod string

// The methods.
const (
	ClampScaleFloor ShortEventMethod = "clamp_scale_floor" // round up, limit, take 80 %, limit again
	ClampScale      ShortEventMethod = "clamp_scale"       // round up, limit, take 80 %
	ScaleClamp      ShortEventMethod = "scale_clamp"       // round up, take 80 %, limit
	ScaleRoundClamp ShortEventMethod = "scale_round_clamp" // take 80 % of the exact 1/365, round up, limit
)

// CapAttribution is the year whose cap a day uses up (A6).
type CapAttribution string

// The years.
const (
	PerDayYear   CapAttribution = "per_day_year"   // that of the day
	EventEndYear CapAttribution = "event_end_year" // that in which the event ends
)

// CycleDuration is how long a therapy cycle is (A9).
type CycleDuration string

// The durations.
const (
	CycleSum  CycleDuration = "sum"  // its days of suspension
	CycleSpan CycleDuration = "span" // from the first of them to the last
)

// EventEndBasis is which end of the event the window and the term are tested on (A11).
type EventEndBasis string

// The ends.
const (
	DocumentedEnd EventEndBasis = "documented" // last declared day that an attached paper covers
	RecognisedEnd EventEndBasis = "recognised" // last recognised day
	DeclaredEnd   EventEndBasis = "declared"
)

// HeirsTermFrom is the day from which the term of the heirs runs (A16).
type HeirsTermFrom string

// The days.
const (
	FromDeath    HeirsTermFrom = "death"
	FromEventEnd HeirsTermFrom = "event_end"
)

// CopyMissing is what a hospital stay without its certificate does (A21).
type CopyMissing string

// What it does.
const (
	MakesInadmissible CopyMissing = "inadmissible"
	DaysNotCounted    CopyMissing = "days_not_counted"
)

// Basis is whether an amount is meant before or after tax (A26, A31).
type Basis string

// The bases.
const (
	Gross Basis = "gross"
	Net   Basis = "net"
)

// ResidualTie is the order within a tie that every criterion of the call leaves (A28).
type ResidualTie string

// The orders.
const (
	TieBySubmission  ResidualTie = "submission" // and then by identifier
	TieByApplication ResidualTie = "application_id"
)

// Reading is one point that the call leaves open, as a rule set reads it.
type Reading struct {
	Number  string   // "A11", as the readings are numbered in package documentation
	Name    string   // "EVENT_END_BASIS"
	Value   string   // as Set takes it
	Allowed []string // nil for a number
	Article string
	Why     string
}

// String is the reading as it is cited: "EVENT_END_BASIS=documented".
func (r Reading) String() string { return r.Name + "=" + r.Value }

// List is every reading in the order of its number.
func (r *Readings) List() []Reading {
	points := r.points()
	list := make([]Reading, len(points))
	for i, p := range points {
		list[i] = p.reading()
		list[i].Number = "A" + strconv.Itoa(i+1)
	}
	return list
}

// Set changes the reading of a name, as for a rehearsal: Set("BUDGET_BASIS", "net").
func (r *Readings) Set(name, value string) error {
	points := r.points()
	i := slices.IndexFunc(points, func(p point) bool { return p.name == name })
	if i < 0 {
		return fmt.Errorf("%.60q is not a reading: there are %s", name, strings.Join(r.names(), ", "))
	}
	if !points[i].set(value) {
		return fmt.Errorf("%.60q is not a value of %s: %s", value, name, points[i].wanted)
	}
	return nil
}

// Justify says from which article a reading comes, and why it is read so. It does nothing
// for a name that is no reading's.
func (r *Readings) Justify(name, article, why string) {
	for _, p := range r.points() {
		if p.name == name {
			*p.article, *p.why = article, why
		}
	}
}

func (r *Readings) names() []string {
	var names []string
	for _, p := range r.points() {
		names = append(names, p.name)
	}
	return names
}

// cited is a reading as it is cited.
func (r *Readings) cited(name string) string {
	points := r.points()
	i := slices.IndexFunc(points, func(p point) bool { return p.name == name })
	return points[i].reading().String()
}

// point is a reading that can be looked at and changed.
type point struct {
	name         string
	wanted       string // what a value must be
	article, why *string
	reading      func() Reading
	set          func(value string) bool
}

// points are the readings A1, A2 and so on.
func (r *Readings) points() []point {
	const years, days = 9, 366
	return []point{
		choice("SHORT_EVENT_METHOD", &r.ShortEventMethod, ClampScaleFloor, ClampScale, ScaleClamp, ScaleRoundClamp),
		yesOrNo("ROUND_UP_EXACT_MULTIPLES", &r.RoundUpExactMultiples),
		yesOrNo("ROUND_BASE_TO_CENT_FIRST", &r.RoundBaseToCentFirst),
		wholeUpTo("INCOME_YEAR_OFFSET", &r.IncomeYearOffset, years),
		yesOrNo("ANNUAL_CAP_COUNTS_EXCLUDED_DAYS", &r.CapCountsExcludedDays),
		choice("ANNUAL_CAP_ATTRIBUTION", &r.CapAttribution, PerDayYear, EventEndYear),
		yesOrNo("CYCLE_EXCLUDES_FIRST_DAYS", &r.CycleExcludesFirstDays),
		wholeUpTo("CYCLE_MIN_DAYS", &r.CycleMinDays, days),
		choice("CYCLE_DURATION", &r.CycleDuration, CycleSum, CycleSpan),
		yesOrNo("INCLUSIVE_DURATION", &r.InclusiveDuration),
		choice("EVENT_END_BASIS", &r.EventEndBasis, DocumentedEnd, RecognisedEnd, DeclaredEnd),
		yesOrNo("ALLOW_SUBMISSION_ON_END_DAY", &r.SubmissionOnEndDay),
		yesOrNo("ROLL_TERM_ON_HOLIDAY", &r.RollOnHoliday),
		yesOrNo("ROLL_TERM_ON_SATURDAY", &r.RollOnSaturday),
		yesOrNo("ROME_PATRON_IS_HOLIDAY", &r.RomePatronIsHoliday),
		choice("HEIRS_TERM_FROM", &r.HeirsTermFrom, FromDeath, FromEventEnd),
		yesOrNo("HEIRS_BARRED_IF_OWN_TERM_LAPSED", &r.HeirsBarredIfLapsed),
		yesOrNo("ENROLMENT_SAME_DAY_ALLOWED", &r.EnrolmentSameDay),
		yesOrNo("MATERNITY_DAYS_REDUCE_DURATION", &r.MaternityReducesDuration),
		yesOrNo("COUNT_INTERRUPTION_DAY", &r.CountInterruptionDay),
		choice("HOSPITAL_COPY_MISSING_EFFECT", &r.HospitalCopyMissing, MakesInadmissible, DaysNotCounted),
		yesOrNo("EQUAL_DEBT_IS_SET_OFF", &r.EqualDebtIsSetOff),
		yesOrNo("SET_OFF_COVERS_DEBT_AT_SUBMISSION", &r.SetOffCoversOldDebt),
		yesOrNo("PARTIAL_PAYMENT_OPENS_SET_OFF", &r.PartialPaymentOpens),
		percent("DEFAULT_WITHHOLDING_RATE", &r.Withholding),
		choice("BUDGET_BASIS", &r.BudgetBasis, Gross, Net),
		choice("BUDGET_CUT_POLICY", &r.BudgetCut, ranking.Stop, ranking.Partial, ranking.Skip),
		choice("RESIDUAL_TIE_ORDER", &r.ResidualTie, TieBySubmission, TieByApplication),
		yesOrNo("INVALID_ISEE_IS_MISSING", &r.InvalidISEEIsMissing),
		yesOrNo("MULTI_YEAR_ONLY_LAST_YEAR", &r.MultiYearOnlyLastYear),
		choice("RECOVERY_BASIS", &r.RecoveryBasis, Net, Gross),
	}
}

// pointOf is a point whose value is written by one function and read by another.
func pointOf[T comparable](name string, v *rules.Value[T], allowed []string, wanted string, write func(T) string, read func(string) (T, bool)) point {
	return point{name, wanted, &v.Article, &v.Reading,
		func() Reading {
			return Reading{Name: name, Value: write(v.Is), Allowed: allowed, Article: v.Article, Why: v.Reading}
		},
		func(value string) bool {
			is, ok := read(value)
			if ok {
				v.Is = is
			}
			return ok
		}}
}

func choice[T ~string](name string, v *rules.Value[T], of ...T) point {
	var allowed []string
	for _, one := range of {
		allowed = append(allowed, string(one))
	}
	return pointOf(name, v, allowed, strings.Join(allowed, ", "), func(is T) string { return string(is) },
		func(value string) (T, bool) { return T(value), slices.Contains(of, T(value)) })
}

func yesOrNo(name string, v *rules.Value[bool]) point {
	return pointOf(name, v, []string{"true", "false"}, "true, false", strconv.FormatBool,
		func(value string) (bool, bool) { return value == "true", value == "true" || value == "false" })
}

func wholeUpTo(name string, v *rules.Value[int], most int) point {
	return pointOf(name, v, nil, fmt.Sprintf("a number from 0 to %d", most), strconv.Itoa,
		func(value string) (int, bool) {
			n, err := strconv.Atoi(value)
			return n, err == nil && 0 <= n && n <= most && strconv.Itoa(n) == value
		})
}

func percent(name string, v *rules.Value[Rate]) point {
	return pointOf(name, v, nil, "a percentage up to 100.00 with two decimals", Rate.String,
		func(value string) (Rate, bool) {
			rate, what := parseRate([]byte(value))
			return rate, what == ""
		})
}
