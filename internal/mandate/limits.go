package mandate

import (
	_ "embed"
	"encoding/json"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/rules"
)

// Limits is what the circulars of INPS say about who acts for whom, from a day on.
type Limits struct {
	From        calendar.Date                       `json:"from"`
	Delegates   rules.Value[int]                    `json:"delegates"`    // of one person, at a time
	People      rules.Value[int]                    `json:"people"`       // for whom one delegate acts, at a time
	OnlineDays  rules.Value[int]                    `json:"online_days"`  // that a delegation made online lasts at least
	ProtectedBy rules.Value[[]identity.MandateKind] `json:"protected_by"` // mandates whose represented does nothing online about delegations
	Majority    rules.Value[int]                    `json:"majority"`     // age at which a parent's mandate is over
}

//go:embed limits.json
var limitsJSON []byte

var limits = func() (all []Limits) {
	if err := json.Unmarshal(limitsJSON, &all); err != nil {
		panic(err) // the file is linked in: a test reads it
	}
	return all
}()

// LimitsOn is the limits in force on a day: the last that have begun, or the first.
func LimitsOn(day calendar.Date) Limits {
	for _, l := range slices.Backward(limits) {
		if !day.Before(l.From) {
			return l
		}
	}
	return limits[0]
}

// LastDayAsMinor is the last day on which parents act for somebody born on a day:
// the one before they come of age.
func (l Limits) LastDayAsMinor(born calendar.Date) calendar.Date {
	return calendar.NewDate(born.Year+l.Majority.Is, born.Month, born.Day).Add(-1)
}

// minor tells whether somebody is not of age on a day; false when nobody knows when
// they were born.
func (l Limits) minor(born, on calendar.Date) bool {
	return !born.IsZero() && !on.After(l.LastDayAsMinor(born))
}
