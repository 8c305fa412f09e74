package voucher

import (
	"slices"
	"time"

	"portal/internal/calendar"
)

// Act is something a professional does to a session within a term.
type Act string

// The acts that a reopening may allow again.
const (
	ActBook    Act = "book"
	ActConfirm Act = "confirm"
	ActInvoice Act = "invoice"
)

// Acts lists every act, in the order in which a session meets them.
var Acts = []Act{ActBook, ActConfirm, ActInvoice}

// Reopening lets professionals do again for a while what a term has ended, for the
// vouchers of a round, everywhere or in some territories or provinces (INPS messages
// 2530/2023, 2568/2024). Closes is not in it any more. Days of sessions, where they are
// given, restrict it to sessions held between them.
type Reopening struct {
	Round       int           `json:"round"`
	Territories []string      `json:"territories,omitempty"` // none and no province: everywhere
	Provinces   []string      `json:"provinces,omitempty"`   // of residence of the applicant
	Acts        []Act         `json:"acts"`
	Opens       time.Time     `json:"opens"`
	Closes      time.Time     `json:"closes"`
	HeldFrom    calendar.Date `json:"held_from,omitzero"`
	HeldTo      calendar.Date `json:"held_to,omitzero"`
}

// concerns tells whether the reopening is for the vouchers of a round and a territory
// whose applicants live in a province.
func (o Reopening) concerns(round int, territory, province string) bool {
	everywhere := len(o.Territories) == 0 && len(o.Provinces) == 0
	return o.Round == round && (everywhere || slices.Contains(o.Territories, territory) || slices.Contains(o.Provinces, province))
}

// allows tells whether an act on a session of a day is allowed at an instant.
func (o Reopening) allows(act Act, day calendar.Date, now time.Time) bool {
	return slices.Contains(o.Acts, act) && !day.Before(o.HeldFrom) && (o.HeldTo.IsZero() || !day.After(o.HeldTo)) &&
		!now.Before(o.Opens) && now.Before(o.Closes)
}

// Reopenings are those that concern one voucher.
type Reopenings []Reopening

// ReopeningsOf are the reopenings for the vouchers of a round and a territory whose
// applicants live in a province; none for most.
func (r Rules) ReopeningsOf(round int, territory, province string) Reopenings {
	var all Reopenings
	for _, v := range r.Reopenings {
		if v.Is.concerns(round, territory, province) {
			all = append(all, v.Is)
		}
	}
	return all
}

// Let tells whether an act on a session of a day is allowed again at an instant.
func (all Reopenings) Let(act Act, day calendar.Date, now time.Time) bool {
	return !all.Until(act, day, now).IsZero()
}

// Until is the instant until which an act on a session of a day is allowed again, the
// zero Time when it is not at this one.
func (all Reopenings) Until(act Act, day calendar.Date, now time.Time) (until time.Time) {
	for _, o := range all {
		if o.allows(act, day, now) && o.Closes.After(until) {
			until = o.Closes
		}
	}
	return until
}

// open tells whether an act on a session of some day is allowed again at an instant.
func (all Reopenings) open(act Act, now time.Time) bool {
	return slices.ContainsFunc(all, func(o Reopening) bool {
		return slices.Contains(o.Acts, act) && !now.Before(o.Opens) && now.Before(o.Closes)
	})
}

// pending tells whether an act is allowed again at an instant, or will be later.
func (all Reopenings) pending(act Act, now time.Time) bool {
	return slices.ContainsFunc(all, func(o Reopening) bool { return slices.Contains(o.Acts, act) && now.Before(o.Closes) })
}
