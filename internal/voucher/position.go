package voucher

import (
	"time"

	"portal/internal/money"
)

// Position is what a publication says of an application, as it was frozen for it,
// and what would have to happen for the money to reach it.
type Position struct {
	Publication Publication
	Ground      Ground // why it has no place, "" where it has one
	Decided     string // the criterion that put it behind the one before; "" for the first
	ISEE        money.Amount
	HasISEE     bool
	SubmittedAt time.Time
	Entitled    money.Amount
	Awarded     money.Amount
	Missing     money.Amount // that would pay in full everybody up to this place; 0 where it is paid already
	Freed       money.Amount // of the territory, and nobody's: see Residual.Left
	Open        money.Amount // of the territory, on vouchers and neither used nor given back
}

// Chance is how far the money of a territory may still go, in ranges: nobody can
// know what the holders of vouchers will spend.
type Chance string

// The chances.
const (
	ChanceGood     Chance = "good"     // what is there is enough
	ChanceOpen     Chance = "open"     // it would be enough if less is spent than there is
	ChanceNone     Chance = "none"     // not even if nothing more is spent
	ChanceUnneeded Chance = "unneeded" // paid in full, or with no right to be
)

// Chance tells whether the money that vouchers give back can reach the place, if it
// goes down the ranking of the territory.
func (p Position) Chance() Chance {
	switch {
	case p.Ground != "" || p.Awarded >= p.Entitled:
		return ChanceUnneeded
	case p.Missing <= p.Freed:
		return ChanceGood
	case p.Missing <= p.Freed+p.Open:
		return ChanceOpen
	}
	return ChanceNone
}
