package notify

import (
	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages to who enters CNOP's list or leaves it. Whoever has sessions booked
// with them is told nothing: their sessions stand.
const (
	ListEntered Kind = "s01"  // on the list: sessions can be booked
	ListLeft    Kind = "s01b" // off the list, by a delivery or a suspension
)

// Enrolment is what happened to somebody's place on the list.
type Enrolment struct {
	Day      calendar.Date // the first on the list, or the first off it
	Bookings int           // booked with them, from that day on
	Unpaid   bool          // no account was given to be paid on
}

// enrolmentLetters tells a professional that they are on the list, or off it.
func enrolmentLetters(e Event) []Letter {
	const link = "/professionisti/adesione"
	day := []any{"FromDay", ui.FromDay(e.Enrolment.Day), "Count", e.Enrolment.Bookings}
	switch e.Action {
	case voucher.EnrolmentStarted, voucher.EnrolmentResumed:
		l := letter(e.About, ListEntered, link, day)
		if e.Enrolment.Unpaid {
			l.Body, l.Link = l.Body+" "+italian.T("notice.s01.iban"), "/professionisti/dati/iban"
		}
		return []Letter{l}
	case voucher.EnrolmentEnded, voucher.EnrolmentSuspended:
		return []Letter{letter(e.About, ListLeft, link, day)}
	}
	return nil
}
