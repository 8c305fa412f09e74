package voucher

import (
	"time"

	"portal/internal/calendar"
)

// ClosureGround is why the office closes something.
type ClosureGround string

// The grounds; the database knows the same words.
const (
	NoFirstSession ClosureGround = "no_first_session" // of a voucher: see Account.Lapse
	NotConfirmed   ClosureGround = "not_confirmed"    // of a session: still booked
	NotInvoiced    ClosureGround = "not_invoiced"     // confirmed, without the data of an invoice
	NotCorrected   ClosureGround = "not_corrected"    // its invoice was sent back, and not put right
)

// ByEnd is the ground on which sessions are cancelled that come after the end of a
// voucher by two officers.
const ByEnd ClosureGround = "ended"

// ClosureGrounds lists every ground of a list.
var ClosureGrounds = []ClosureGround{NoFirstSession, NotConfirmed, NotInvoiced, NotCorrected}

// Annulment is a session that the office would annul, and what has to be known of it.
type Annulment struct {
	Booking   BookingID
	Ground    ClosureGround
	CorrectBy calendar.Date // of its invoice that was sent back, zero without one
	Disputed  bool          // its holder says that something is wrong with it: who decides that decides its end
}

// Incomplete is the ground on which the office annuls a session once the term for
// invoices is over («annullate d'ufficio», INPS messages 2127/2023 and 811/2024); false
// for one that is complete, and while an act of the edition lets it be completed.
func (a Account) Incomplete(b Booking, correctBy calendar.Date, now time.Time) (ClosureGround, bool) {
	today := calendar.On(now)
	if b.State == Cancelled || !today.After(a.Voucher.Terms.InvoiceBy) {
		return "", false
	}
	switch {
	case b.State == Booked:
		_, open := a.PutOff(ActConfirm, b.Day, now)
		return NotConfirmed, !open
	case !b.Invoiced():
		_, open := a.PutOff(ActInvoice, b.Day, now)
		return NotInvoiced, !open
	case !correctBy.IsZero() && today.After(correctBy):
		return NotCorrected, true
	}
	return "", false
}

// PutOff finds the act of the edition that lets a session of a day be completed after
// its term, now or later, and that is not over at an instant.
func (a Account) PutOff(act Act, day calendar.Date, now time.Time) (article string, open bool) {
	for _, v := range a.Rules.Reopenings {
		o := v.Is
		if now.Before(o.Closes) && o.concerns(a.Voucher.Round, a.Voucher.Territory, a.Province) && (Reopenings{o}).Let(act, day, o.Closes.Add(-1)) {
			return v.Article, true
		}
	}
	return "", false
}

// Annul cancels the sessions of a list that are still incomplete, each on the ground
// for which it is on it, carried out as two officers decided: see Closures. Their
// price is free again, or goes back to the fund if the voucher is over. ErrNotDue when
// none is left.
func (a Account) Annul(list []Annulment, now time.Time) (Decision, error) {
	d := Decision{Voucher: a.Voucher}
	for _, n := range list {
		b, err := a.Booking(n.Booking)
		if err != nil {
			return Decision{}, err
		}
		if ground, is := a.Incomplete(b, n.CorrectBy, now); !is || ground != n.Ground || n.Disputed {
			continue
		}
		price := b.Price()
		d.cancelByOffice(b, string(n.Ground), now)
		d.Postings = append(d.Postings, d.Voucher.giveBack(b.ID, price)...)
	}
	if len(d.Bookings) == 0 {
		return Decision{}, ErrNotDue
	}
	return d, nil
}
