package notify

import (
	"strings"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages about the life of a voucher to its end. To holders they are neutral,
// as what they are mailed is.
const (
	FirstSessionNear Kind = "a09"  // the first session is to be confirmed by a day
	FirstBooked      Kind = "a09b" // the same, when one is booked
	LapsedOrEnded    Kind = "a10"  // the voucher lapsed, or was ended
	ExpiryNear       Kind = "a11"  // the code ends on a day
	CameBack         Kind = "a16"  // the voucher was given back
	SessionBack      Kind = "a17"  // a session was given back
	ToConfirm        Kind = "s04"  // sessions whose day has passed
	FirstToConfirm   Kind = "s04b" // one of them saves its holder's voucher
	ToComplete       Kind = "s05"  // sessions to confirm and invoice by a day
	Annulled         Kind = "s09"  // sessions that the office annulled
	SessionBackTo    Kind = "s09b" // one that it gave back
	CancelledByEnd   Kind = "s03b" // a session of a voucher that the office ended
	OfAge            Kind = "d04"  // to who comes of age
	ChildOfAge       Kind = "d05"  // to their parent
)

// closureKinds lists them.
var closureKinds = []Kind{FirstSessionNear, FirstBooked, LapsedOrEnded, ExpiryNear, CameBack, SessionBack, ToConfirm, FirstToConfirm, ToComplete,
	Annulled, SessionBackTo, CancelledByEnd, OfAge, ChildOfAge}

// Life is what a message needs to know of the end of a voucher, and of its terms.
type Life struct {
	Terms     voucher.Terms
	State     voucher.State
	Left      money.Amount
	Started   bool          // a session is confirmed
	BookedOn  calendar.Date // the first session still booked, zero for none
	ToConfirm int           // of the professional it is about, whose day has come
	Ground    string        // on which two officers ended it
}

// Work is what a message needs to know of what a professional has to complete.
type Work struct {
	ToConfirm int
	ConfirmBy calendar.Date // the first of their last days
	AtRisk    []voucher.AtRisk
	Annulled  int
	Lost      money.Amount
}

// lifeLetters is what the end of a voucher, or a term that comes near, tells whom. A
// reminder that has become untrue meanwhile tells nobody anything.
func lifeLetters(e Event) []Letter {
	a, l := e.Applied.Application, e.Life
	path := "/contributo-psicoterapia/domande/" + string(a.ID)
	switch e.Action {
	case voucher.FirstSessionReminded:
		if l.State != voucher.Active || l.Started {
			return nil
		}
		by := []any{"By", ui.OnDay(l.Terms.FirstSessionBy)}
		if l.BookedOn.IsZero() {
			return e.toHolder(FirstSessionNear, path+"/sedute", by...)
		}
		return e.toHolder(FirstBooked, path+"/sedute", append(by, "Booked", ui.OnDay(l.BookedOn))...)
	case voucher.FirstConfirmReminded:
		if l.State != voucher.Active || l.Started || l.ToConfirm == 0 {
			return nil
		}
		return []Letter{letter(e.About, FirstToConfirm, "/professionisti/sedute?stato=da-confermare", []any{"By", ui.OnDay(l.Terms.FirstSessionBy), "Count", l.ToConfirm})}
	case voucher.ExpiryReminded:
		if l.State != voucher.Active {
			return nil
		}
		return e.toHolder(ExpiryNear, path+"/sedute", "By", ui.OnDay(l.Terms.LastDay), "To", ui.ToDay(l.Terms.LastDay))
	case voucher.VoucherReinstated:
		return e.toHolder(CameBack, path+"/sedute", "Protocol", a.Protocol)
	case voucher.VoucherEnded:
		if l.Ground == voucher.Death {
			return nil // nobody writes to the dead, and who acted for them acts no more
		}
	}
	return e.toHolder(LapsedOrEnded, path, "Protocol", a.Protocol)
}

// toHolder is a letter to the beneficiary, and to who acts for them.
func (e Event) toHolder(k Kind, page string, args ...any) []Letter {
	a := e.Applied.Application
	var letters []Letter
	for _, to := range e.readers(a) {
		l := letter(to, k, page, args)
		if to != a.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}

// workLetters tells a professional what is to be completed, or what was annulled.
func workLetters(e Event) []Letter {
	w := e.Work
	switch {
	case e.Action == voucher.ConfirmReminded && w.ToConfirm > 0:
		return []Letter{letter(e.About, ToConfirm, "/professionisti/sedute?stato=da-confermare", []any{"Count", w.ToConfirm, "By", ui.OnDay(w.ConfirmBy)})}
	case e.Action == voucher.InvoiceReminded && len(w.AtRisk) > 0:
		var all []string
		for _, r := range w.AtRisk {
			all = append(all, italian.T("notice.s05.part", "By", ui.OnDay(r.By), "Count", r.Count, "Amount", r.Amount))
		}
		l := letter(e.About, ToComplete, "/professionisti/sedute", []any{"By", ui.OnDay(w.AtRisk[0].By), "Parts", strings.Join(all, " ")})
		l.InboxOnly = true
		return []Letter{l}
	case e.Action == voucher.SessionsAnnulled && w.Annulled > 0:
		l := letter(e.About, Annulled, "/professionisti/sedute?stato=annullate", []any{"Count", w.Annulled, "Amount", w.Lost})
		l.InboxOnly = true
		return []Letter{l}
	}
	return nil
}

// reinstatedLetters tells both that a session was given back.
func reinstatedLetters(e Event) []Letter {
	b := e.Session.Booking
	var letters []Letter
	for _, to := range append([]identity.PersonID{b.Beneficiary}, e.ActingFor...) {
		l := letter(to, SessionBack, "/contributo-psicoterapia/sedute/"+string(b.ID), []any{"Day", ui.OfDay(b.Day)})
		if to != b.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return append(letters, letter(b.Professional, SessionBackTo, "/professionisti/sedute/"+string(b.ID), []any{"Day", ui.OfDay(b.Day), "By", ui.OnDay(e.Session.InvoiceBy)}))
}

// byOfficeLetters is what a session that the office cancelled tells whom. The holder
// of a voucher that lapsed or was ended is told of that, once; a professional who loses
// sessions by a list is told of all of them together.
func byOfficeLetters(e Event, tellHolder func()) []Letter {
	b := e.Session.Booking
	switch voucher.ClosureGround(b.CancelGround) {
	case voucher.NotConfirmed, voucher.NotInvoiced, voucher.NotCorrected:
		tellHolder()
	case voucher.NoFirstSession, voucher.ByEnd:
		return []Letter{letter(b.Professional, CancelledByEnd, "/professionisti/sedute/"+string(b.ID), []any{"Day", ui.OfDay(b.Day)})}
	default:
		tellHolder()
	}
	return nil
}

// ofAgeLetters tells one of the two people that a parent's mandate ended.
func ofAgeLetters(e Event) []Letter {
	kind, link := OfAge, "/area-personale"
	if e.About == e.Mandate.Holder {
		kind, link = ChildOfAge, "/deleghe"
	}
	return []Letter{letter(e.About, kind, link, []any{"Day", ui.OnDay(e.Mandate.Until.Add(1))})}
}
