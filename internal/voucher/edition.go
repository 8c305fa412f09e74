package voucher

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/rules"
)

// EditionID names an edition: "2022", "2025".
type EditionID string

// Edition is one year of the contribution (annualità). INPS names the edition
// opened in 2024 by its fund (2023) and by its applications (2024): both are kept.
type Edition struct {
	ID              EditionID `json:"id"`
	ApplicationYear int       `json:"application_year"`
	FundYear        int       `json:"fund_year"`
	Rules           Rules     `json:"rules"`
}

// Band gives an amount to the ISEE values up to a bound.
type Band struct {
	UpTo      money.Amount `json:"isee_up_to"`
	Inclusive bool         `json:"inclusive"`
	Amount    money.Amount `json:"amount"`
}

// Rules is what the decree of an edition fixes. Nothing of it is a constant in
// the program: a new decree is a new file.
type Rules struct {
	Bands              rules.Value[[]Band]            `json:"bands"`
	SessionCap         rules.Value[money.Amount]      `json:"session_cap"`         // reimbursed for one session at the most, in cents
	ValidityDays       rules.Value[int]               `json:"validity_days"`       // of the code, from publication
	FirstSessionDays   rules.Value[int]               `json:"first_session_days"`  // to the first confirmed session; 0: no such term
	CancelDaysBefore   rules.Value[int]               `json:"cancel_days_before"`  // the holder cancels until 24:00 of so many days before
	ConfirmDays        rules.Value[int]               `json:"confirm_days"`        // after the last day, to confirm what was held
	DirectConfirmation rules.Value[bool]              `json:"direct_confirmation"` // a session already held may be registered
	OpenBookings       rules.Value[int]               `json:"open_bookings"`       // of one professional with one voucher, at a time
	SessionMinutes     rules.Value[int]               `json:"session_minutes"`     // how long a session keeps its people busy
	Holidays           rules.Value[calendar.Holidays] `json:"holidays"`
}

// Band is the band of an ISEE value: the first whose bound is not exceeded.
// False above the last one: no right to the contribution.
func (r Rules) Band(isee money.Amount) (Band, bool) {
	for _, b := range r.Bands.Is {
		if isee < b.UpTo || b.Inclusive && isee == b.UpTo {
			return b, true
		}
	}
	return Band{}, false
}

// Terms are the days of a voucher, fixed when its ranking is published.
type Terms struct {
	AcceptedOn     calendar.Date // publication: day zero
	LastDay        calendar.Date // last day to book and to hold sessions
	ConfirmBy      calendar.Date // last day to confirm them
	FirstSessionBy calendar.Date // zero where the edition has no such term
}

// Terms counts the days of a voucher accepted on a day.
func (r Rules) Terms(acceptedOn calendar.Date) Terms {
	h := r.Holidays.Is
	t := Terms{AcceptedOn: acceptedOn, LastDay: h.Within(r.ValidityDays.Is, acceptedOn)}
	t.ConfirmBy = t.LastDay
	if n := r.ConfirmDays.Is; n > 0 {
		t.ConfirmBy = h.Within(n, t.LastDay)
	}
	if n := r.FirstSessionDays.Is; n > 0 {
		t.FirstSessionBy = h.Within(n, acceptedOn)
	}
	return t
}

//go:embed editions/*.json
var shipped embed.FS

// Shipped is the editions the program comes with, by name.
func Shipped() ([]Edition, error) {
	names, err := fs.Glob(shipped, "editions/*.json")
	if err != nil {
		return nil, err
	}
	editions := make([]Edition, len(names))
	for i, name := range names {
		b, err := shipped.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, &editions[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return editions, nil
}
