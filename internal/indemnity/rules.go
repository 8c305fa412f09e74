package indemnity

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"portal/internal/batch"
	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/rules"
)

// Call is one call (bando): the events that ended in a month.
type Call struct {
	ID      CallID  `json:"id"`
	Version int     `json:"-"` // of the rules: the released one in force
	Rules   RuleSet `json:"rules"`
}

// RuleSet is what a call fixes, and how what it leaves open is read. Nothing of it is a
// constant in the program: a new call is a new set of values.
type RuleSet struct {
	Window rules.Value[calendar.Period] `json:"window"` // of the event's end (R54)
	Budget rules.Value[*money.Amount]   `json:"budget"` // null: unlimited (R1, R55)

	Expected rules.Value[Expected] `json:"expected"` // when ranking and payment are expected (ux P-05)

	MaternityBefore rules.Value[int] `json:"maternity_months_before"` // months before the birth without indemnity (R3)
	MaternityAfter  rules.Value[int] `json:"maternity_months_after"`

	YearlyCap      rules.Value[int]    `json:"yearly_cap"`      // indemnified days of a calendar year at the most (R6)
	LeastDays      rules.Value[int]    `json:"least_days"`      // of an event that is not a cycle (R7)
	SessionDays    rules.Value[int]    `json:"session_days"`    // consecutive days from which a session of a cycle is not short (R10)
	CureDays       rules.Value[int]    `json:"cure_days"`       // from the request, to regularise (R12)
	HeirsDays      rules.Value[int]    `json:"heirs_days"`      // for heirs to apply (R17)
	HeirsPEC       rules.Value[string] `json:"heirs_pec"`       // the certified mailbox to which they write (R17)
	SubmissionDays rules.Value[int]    `json:"submission_days"` // from the end of the event, to apply (R20)
	SupplementDays rules.Value[int]    `json:"supplement_days"` // from the request, to send papers (R40)

	ReexaminationDays      rules.Value[int] `json:"reexamination_days,omitzero"`       // from the outcome, to ask that it is looked at again (F15)
	ReexaminationReplyDays rules.Value[int] `json:"reexamination_reply_days,omitzero"` // from the request, to decide it

	IncomeDivisor     rules.Value[int]               `json:"income_divisor"`     // the daily amount is one part of so many of the income (R43)
	RoundUpTo         rules.Value[money.Amount]      `json:"round_up_to"`        // (R44)
	DailyLimits       rules.Value[Limits]            `json:"daily_limits"`       // (R45)
	ShortDays         rules.Value[int]               `json:"short_days"`         // an event of so many days or less is short (R46)
	ShortRate         rules.Value[Rate]              `json:"short_rate"`         // of the daily amount, for a short event
	ExcludedDays      rules.Value[int]               `json:"excluded_days"`      // first days that are not paid (R47)
	OtherCoverRate    rules.Value[Rate]              `json:"other_cover_rate"`   // taken off where another cover is mandatory (R48)
	ISEEPoints        rules.Value[[]ISEEBand]        `json:"isee_points"`        // (R51)
	DurationPoints    rules.Value[[]DurationBand]    `json:"duration_points"`    // (R52)
	ExclusivityPoints rules.Value[ExclusivityPoints] `json:"exclusivity_points"` // (R53)
	Holidays          rules.Value[calendar.Holidays] `json:"holidays"`           // the Rome patron apart
	RomePatron        rules.Value[calendar.Holiday]  `json:"rome_patron"`        // (A15)
	Declarations      rules.Value[[]Declaration]     `json:"declarations"`       // that whoever applies makes (R31, R32, R49, R53)

	Readings Readings  `json:"readings"`
	Examples []Example `json:"examples"` // that must come out before a version is released
}

// Limits are the least and the most that an amount may be.
type Limits struct {
	Least money.Amount `json:"least"`
	Most  money.Amount `json:"most"`
}

func (l Limits) clamp(a money.Amount) money.Amount { return min(max(a, l.Least), l.Most) }

// ISEEBand gives points to the ISEE values up to a bound, which is in it.
type ISEEBand struct {
	UpTo   *money.Amount `json:"up_to"` // nil: every higher value
	Points int           `json:"points"`
}

// DurationBand gives points to the durations up to a bound, which is in it.
type DurationBand struct {
	UpTo   *int `json:"up_to"` // nil: every longer one
	Points int  `json:"points"`
}

// ExclusivityPoints are the points of those who work as self-employed only, and of others.
type ExclusivityPoints struct {
	Exclusive int `json:"exclusive"`
	Other     int `json:"other"`
}

// Rate is a part of something in hundredths of a percent: 20.00 % is 2000.
type Rate int

// whole is a rate of everything.
const whole Rate = 100_00

// String is the rate as data files carry it: "20.00".
func (r Rate) String() string { return money.Amount(r).Decimal() }

// MarshalText and UnmarshalText let rule sets carry rates as "20.00".
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Rate) UnmarshalText(text []byte) error {
	rate, what := parseRate(text)
	if what != "" {
		return fmt.Errorf("rate %q %s", text, what)
	}
	*r = rate
	return nil
}

// parseRate reads a rate as data files carry it, or says what is wrong.
func parseRate(text []byte) (Rate, string) {
	percent, what := batch.Decimal(text)
	switch {
	case what == batch.Negative:
		return 0, what
	case what != "":
		return 0, "is not a percentage with two decimals, as in 20.00"
	case percent > money.Amount(whole):
		return 0, "is over 100.00"
	}
	return Rate(percent), ""
}

// of is the part of an amount that is not negative; half a cent rounds up.
func (r Rate) of(a money.Amount) money.Amount {
	return (a*money.Amount(r) + money.Amount(whole)/2) / money.Amount(whole)
}

//go:embed calls/*.json
var shipped embed.FS

// Shipped is the calls the program comes with, by month.
func Shipped() ([]Call, error) {
	names, err := fs.Glob(shipped, "calls/*.json")
	if err != nil {
		return nil, err
	}
	calls := make([]Call, len(names))
	for i, name := range names {
		text, err := shipped.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &calls[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return calls, nil
}
