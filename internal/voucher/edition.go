package voucher

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
	"portal/internal/rules"
)

// EditionID names an edition, also in addresses: "2025", "2022-guida".
type EditionID string

// Edition is one year of the contribution (annualità). INPS names the edition
// opened in 2024 by its fund (2023) and by its applications (2024): both are kept.
type Edition struct {
	ID              EditionID `json:"id"`
	ApplicationYear int       `json:"application_year"`
	FundYear        int       `json:"fund_year"`
	Version         int       `json:"-"` // of the rules: the released one in force
	Rules           Rules     `json:"rules"`
}

// Band gives an amount to the ISEE values up to a bound.
type Band struct {
	UpTo      money.Amount `json:"isee_up_to"`
	Inclusive bool         `json:"inclusive"`
	Amount    money.Amount `json:"amount"`
}

// Window is when applications are taken: from an instant to another, which is
// not in it any more.
type Window struct {
	Opens  time.Time `json:"opens"`
	Closes time.Time `json:"closes"`
}

// Open tells whether applications are taken at an instant.
func (w Window) Open(now time.Time) bool { return !now.Before(w.Opens) && now.Before(w.Closes) }

// LastDay is the last day on which applications are taken.
func (w Window) LastDay() calendar.Date { return calendar.On(w.Closes.Add(-1)) }

// Cure is the time to put a defective ISEE right.
type Cure struct {
	Days int           `json:"days"`
	From calendar.Date `json:"from,omitzero"` // zero: the last day of the window
}

// Tranche is money of an edition, by territory. An edition may get several, from
// different acts.
type Tranche struct {
	Name string                  `json:"name"`
	Of   map[string]money.Amount `json:"of"`
}

// Override sets terms of one round of publication, in one territory or in all,
// where an act has put them later than the count of days does. Zero days stay as
// they are counted, and so does what is counted to a later day: a voucher that a
// correction grants long after its round has its whole time.
type Override struct {
	Round          int           `json:"round"`
	Territory      string        `json:"territory,omitempty"` // "": every territory
	LastDay        calendar.Date `json:"last_day,omitzero"`
	ConfirmBy      calendar.Date `json:"confirm_by,omitzero"`
	FirstSessionBy calendar.Date `json:"first_session_by,omitzero"`
	InvoiceBy      calendar.Date `json:"invoice_by,omitzero"`
}

// Declaration is a statement that an applicant makes under DPR 445/2000, as it
// is worded in one version.
type Declaration struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Text    string `json:"text"`
}

// Rules is what the decree of an edition fixes. Nothing of it is a constant in
// the program: a new decree is a new set of values.
type Rules struct {
	Bands              rules.Value[[]Band]            `json:"bands"`
	SessionCap         rules.Value[money.Amount]      `json:"session_cap"`         // reimbursed for one session at the most, in cents
	ValidityDays       rules.Value[int]               `json:"validity_days"`       // of the code, from publication
	FirstSessionDays   rules.Value[int]               `json:"first_session_days"`  // to the first confirmed session; 0: no such term
	CancelDaysBefore   rules.Value[int]               `json:"cancel_days_before"`  // the holder cancels until 24:00 of so many days before
	ConfirmDays        rules.Value[int]               `json:"confirm_days"`        // after the last day, to confirm what was held
	InvoiceDays        rules.Value[int]               `json:"invoice_days"`        // after the last day, to hand in the data of invoices
	CorrectDays        rules.Value[int]               `json:"correct_days"`        // from the request, to put an invoice right
	DisputeDays        rules.Value[int]               `json:"dispute_days"`        // from a report, to answer it
	PaymentMonths      rules.Value[int]               `json:"payment_months"`      // after that of the invoice, by whose end it is paid
	Reallocations      rules.Value[int]               `json:"reallocations"`       // rounds after the first; 0: while there is money
	DirectConfirmation rules.Value[bool]              `json:"direct_confirmation"` // a session already held may be registered
	OpenBookings       rules.Value[int]               `json:"open_bookings"`       // of one professional with one voucher, at a time
	SessionMinutes     rules.Value[int]               `json:"session_minutes"`     // how long a session keeps its people busy
	Holidays           rules.Value[calendar.Holidays] `json:"holidays"`

	Window           rules.Value[Window]        `json:"window"`
	ISEECure         rules.Value[Cure]          `json:"isee_cure"`
	Tranches         []rules.Value[Tranche]     `json:"tranches"`
	Closed           rules.Value[[]string]      `json:"closed_territories"` // whose residents cannot apply
	Overrides        []rules.Value[Override]    `json:"overrides"`
	Reopenings       []rules.Value[Reopening]   `json:"reopenings,omitempty"`
	ReexaminationAsk rules.Value[int]           `json:"reexamination_ask_days"`    // from publication, to ask for a re-examination
	ReexaminationEnd rules.Value[int]           `json:"reexamination_decide_days"` // from the request, to decide it
	Declarations     rules.Value[[]Declaration] `json:"declarations"`
	SmallCells       rules.Value[int]           `json:"small_cells"` // counts below this are not published
	Examples         []Example                  `json:"examples"`    // that must come out before a version is released
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

// Budget is the money of the edition by territory: all its tranches together.
func (r Rules) Budget() Budget {
	b := Budget{Of: map[string]money.Amount{}, Closed: r.Closed.Is}
	for _, t := range r.Tranches {
		for territory, amount := range t.Is.Of {
			b.Of[territory] += amount
		}
	}
	for _, territory := range r.Closed.Is {
		delete(b.Of, territory)
	}
	return b
}

// Example is a case worked by hand: an ISEE with the amount it gives, or a day of
// publication with the terms it leads to.
type Example struct {
	ISEE           *money.Amount `json:"isee,omitempty"`
	Amount         money.Amount  `json:"amount,omitempty"` // 0: no right
	AcceptedOn     calendar.Date `json:"accepted_on,omitzero"`
	Round          int           `json:"round,omitempty"`
	Territory      string        `json:"territory,omitempty"`
	LastDay        calendar.Date `json:"last_day,omitzero"`
	FirstSessionBy calendar.Date `json:"first_session_by,omitzero"`
	InvoiceBy      calendar.Date `json:"invoice_by,omitzero"` // zero: not part of the example
	Source         string        `json:"source"`              // who worked it: an act, a message of INPS
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
