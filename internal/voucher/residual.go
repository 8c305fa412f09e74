package voucher

import (
	"context"
	"time"

	"portal/internal/calendar"
	"portal/internal/money"
)

// Residual is the money of a territory of an edition at one instant: where it is, and
// what of it may be given again.
type Residual struct {
	Territory   string
	Budget      money.Amount // of the tranches of the edition (stanziate)
	Transferred money.Amount // sent to INPS
	Granted     money.Amount // awarded to vouchers, ever
	Returned    Returned     // by vouchers that ended
	Reinstated  money.Amount // of that, given back to vouchers by the office
	Used        money.Amount // of sessions confirmed
	Paid        money.Amount // to professionals
	SetAside    money.Amount // kept back for open re-examinations
}

// Returned is what came back to the fund, by what brought it.
type Returned struct {
	Expired   money.Amount // with the last day of a code (scadute)
	Lapsed    money.Amount // no session in the first days (decadute)
	Renounced money.Amount // given up by their holder (rinunciate)
	Annulled  money.Amount // codes closed by the office, and sessions cancelled after the end of theirs (annullate)
}

// Sum is all that came back.
func (r Returned) Sum() money.Amount { return r.Expired + r.Lapsed + r.Renounced + r.Annulled }

// Promised is what vouchers are worth, less what came back from them.
func (r Residual) Promised() money.Amount { return r.Granted - r.Returned.Sum() + r.Reinstated }

// New is what nobody was ever given: what the first ranking left, or another tranche.
func (r Residual) New() money.Amount { return max(r.Budget-r.Granted, 0) }

// Again is what was given for a second time: by earlier reallocations, which take what
// nobody was given first, and to vouchers that the office reinstated.
func (r Residual) Again() money.Amount { return max(r.Granted-r.Budget, 0) + r.Reinstated }

// Left is what is nobody's, whether it has arrived or not.
func (r Residual) Left() money.Amount { return max(r.Budget-r.Promised()-r.SetAside, 0) }

// Available is what may be given again today (disponibili): what is nobody's, as far
// as the territory has sent it. Where nothing has arrived nothing is given.
func (r Residual) Available() money.Amount {
	return max(min(r.Budget, r.Transferred)-r.Promised()-r.SetAside, 0)
}

// Hold is why a territory gives nothing again, or less than is left in it.
type Hold string

// The holds.
const (
	NoHold            Hold = ""
	NothingLeft       Hold = "nothing_left"
	NotTransferred    Hold = "not_transferred"
	PartlyTransferred Hold = "partly_transferred" // what has arrived is promised already
	LessTransferred   Hold = "less_transferred"   // a part of what is left has arrived
)

// Hold tells why less is available than is left, or nothing at all.
func (r Residual) Hold() Hold {
	switch {
	case r.Left() == 0:
		return NothingLeft
	case r.Transferred <= 0:
		return NotTransferred
	case r.Available() == 0:
		return PartlyTransferred
	case r.Available() < r.Left():
		return LessTransferred
	}
	return NoHold
}

// poolAfter is what a run counts on in each territory: see TerritoryResult. A correction
// of a publication has what that one counted on, and no more than there still is.
func (r Run) poolAfter(before Run, all []Residual) map[string]money.Amount {
	if r.Round == 1 {
		return nil
	}
	pool, most := map[string]money.Amount{}, before.pool()
	for _, now := range all {
		amount := now.Granted + now.SetAside + now.Available()
		if !r.Reallocates {
			amount = min(amount, most[now.Territory])
		}
		pool[now.Territory] = amount
	}
	return pool
}

// MayReallocate asks whether one more round may follow a publication.
func (r Rules) MayReallocate(standing Run) error {
	if most := r.Reallocations.Is; most > 0 && standing.Round > most {
		return ErrLastRound
	}
	return nil
}

// ResidualDay is what a territory had at the end of a day.
type ResidualDay struct {
	Day                                                            calendar.Date
	Budget, Transferred, Promised, Used, Paid, SetAside, Available money.Amount
}

// ToClose is what the office has to close before money is given again: sessions whose
// terms are over, and that nobody confirmed or invoiced.
type ToClose struct {
	Sessions int
	Amount   money.Amount
}

// ResidualStore keeps what territories have left.
type ResidualStore interface {
	// Residuals is the money of an edition now, by territory; without those that take
	// no part.
	Residuals(ctx context.Context, e Edition) ([]Residual, error)
	// Record keeps what the territories of every published edition have now, as of the
	// end of a day, unless it is kept already; it tells of how many editions it was.
	Record(ctx context.Context, day calendar.Date) (editions int, err error)
	// Series are the last days of a territory, so many at most, newest first.
	Series(ctx context.Context, id EditionID, territory string, days int) ([]ResidualDay, error)
	// ToClose is what is still to be closed of an edition on a day.
	ToClose(ctx context.Context, id EditionID, today calendar.Date) (ToClose, error)
}

// Residuals is what territories have left, day by day: what a reallocation gives again.
type Residuals struct {
	ResidualStore
	now func() time.Time
}

// NewResiduals is the service on a store, with a clock.
func NewResiduals(s ResidualStore, now func() time.Time) *Residuals { return &Residuals{s, now} }

// RecordDue keeps what was left at the end of yesterday. It belongs after the acts
// with which a day ends, and does nothing when it was done.
func (s *Residuals) RecordDue(ctx context.Context) (editions int, err error) {
	return s.Record(ctx, calendar.On(s.now()).Add(-1))
}

// Overdue is what is to be closed before the money of an edition is given again.
func (s *Residuals) Overdue(ctx context.Context, id EditionID) (ToClose, error) {
	return s.ToClose(ctx, id, calendar.On(s.now()))
}
