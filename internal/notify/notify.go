// Package notify says what each entry of the register tells whom. The inbox of the
// portal holds the whole message; an e-mail repeats it only in neutral words:
// mailboxes and phones are shared, and that somebody sees a psychologist is
// health data.
package notify

import (
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/ui"
)

// Kind says which message it is, by its number in the catalogue of notices.
type Kind string

// The messages.
const (
	Booked               Kind = "a03"  // to the beneficiary: a session was booked
	BookedLate           Kind = "a03b" // to the beneficiary: one that cannot be cancelled online any more
	CancelledByYou       Kind = "a05"  // to the beneficiary who cancelled
	CancelledForYou      Kind = "a05b" // to the beneficiary, when the professional cancelled
	Held                 Kind = "a06"  // to the beneficiary: a session was confirmed
	CancelledOfficially  Kind = "a08"  // to the beneficiary, when the office cancelled
	BeneficiaryCancelled Kind = "s03"  // to the professional
)

// Kinds lists every message.
var Kinds = []Kind{Booked, BookedLate, CancelledByYou, CancelledForYou, Held, CancelledOfficially, BeneficiaryCancelled}

// Event is an entry of the register with what a message needs to know of it.
type Event struct {
	Action  audit.Action
	Session voucher.Session
	Rules   voucher.Rules
}

// Message is a line of somebody's inbox.
type Message struct {
	ID      string
	Kind    Kind
	Subject string
	Body    string
	Link    string // path in the portal, "" for none
	SentAt  time.Time
	Read    bool
}

// Letter is a message on its way to somebody.
type Letter struct {
	To      identity.PersonID
	Kind    Kind
	Subject string
	Body    string
	Link    string
}

// Letters is what an event tells whom: nobody, for most of what is written.
func Letters(e Event) []Letter {
	b := e.Session.Booking
	toHolder := func(k Kind, args ...any) Letter {
		return letter(b.Beneficiary, k, "/contributo-psicoterapia/sedute/"+string(b.ID), args)
	}
	day, when := ui.OfDay(b.Day), ui.OnDay(b.Day)
	if !b.Start.IsZero() {
		day, when = ui.OfMoment(b.Start), ui.OnMoment(b.Start)
	}
	switch e.Action {
	case voucher.BookingBooked:
		last := b.LastDayToCancel(e.Rules)
		if last.Before(calendar.On(b.BookedAt)) {
			return []Letter{toHolder(BookedLate, "When", when)}
		}
		return []Letter{toHolder(Booked, "When", when, "Last", ui.OfDay(last))}
	case voucher.BookingHeld:
		return []Letter{toHolder(Held, "Day", day)}
	case voucher.BookingCancelled:
		switch b.CancelReason {
		case voucher.ByBeneficiary:
			return []Letter{
				toHolder(CancelledByYou, "Day", day),
				letter(b.Professional, BeneficiaryCancelled, "/professionisti/sedute/"+string(b.ID), []any{"Day", day}),
			}
		case voucher.ByProfessional:
			return []Letter{toHolder(CancelledForYou, "Day", day)}
		case voucher.ByOffice:
			return []Letter{toHolder(CancelledOfficially, "Day", day)}
		}
	}
	return nil
}

var italian = ui.Frame{Lang: ui.Italian}

func letter(to identity.PersonID, k Kind, link string, args []any) Letter {
	key := "notice." + string(k)
	return Letter{To: to, Kind: k, Subject: italian.T(key + ".subject"), Body: italian.T(key+".body", args...), Link: link}
}

// Reminder ends every e-mail: where the whole text is, and what the portal will
// never ask for.
func Reminder(host string) string { return italian.T("notice.mail.end", "Host", host) }

// Quiet tells whether it is an hour at which nobody wants to hear a phone: from
// 21 to 8 in Rome.
func Quiet(now time.Time) bool {
	h := now.In(calendar.Rome).Hour()
	return h >= 21 || h < 8
}

// Morning is when the quiet hours around an instant end.
func Morning(now time.Time) time.Time {
	d := calendar.On(now)
	if now.In(calendar.Rome).Hour() >= 21 {
		d = d.Add(1)
	}
	return d.At(8, 0)
}
