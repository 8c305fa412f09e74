package notify

import (
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/ui"
)

// The messages about reports of a session, and about one that was moved. To the
// professional they say that INPS looks at the session, never what was said of it.
const (
	ReportReceived Kind = "a14p" // to the beneficiary: the receipt of a report
	ReportAnswered Kind = "a14q" // its answer
	ReportHeld     Kind = "s11"  // to the professional: its payment waits
	ReportOver     Kind = "s11b" // the session stands as it was
	ReportAnnulled Kind = "s11c" // the session is cancelled
	ReportLowered  Kind = "s11d" // its price was put right
	ReportRecover  Kind = "s11e" // it had been paid, and the money is to come back

	Moved     Kind = "a05m" // to the beneficiary: a session was moved
	MovedLate Kind = "a05n" // to a day on which it cannot be cancelled online any more
)

// told is what the beneficiary of a session and who acts for them are told.
func (e Event) told(k Kind, link string, args []any) []Letter {
	var letters []Letter
	for _, to := range append([]identity.PersonID{e.Session.Beneficiary}, e.ActingFor...) {
		l := letter(to, k, link, args)
		if to != e.Session.Beneficiary {
			l.Body += " " + italian.T("notice.acting_for")
		}
		letters = append(letters, l)
	}
	return letters
}

// disputeLetters is what a report and its answer tell whom.
func disputeLetters(e Event) []Letter {
	b, d := e.Session.Booking, e.Dispute
	link, args := "/contributo-psicoterapia/sedute/"+string(b.ID), []any{"Protocol", d.Protocol, "By", ui.OnDay(d.AnswerBy)}
	var letters []Letter
	switch e.Action {
	case voucher.DisputeMade:
		letters = e.told(ReportReceived, link, args)
	case voucher.DisputeDecided:
		letters = e.told(ReportAnswered, link, args)
	}
	if d.Holds || d.Kind.Holds() && d.State == voucher.DisputeUpheld {
		letters = append(letters, letter(b.Professional, reportKind(e), "/professionisti/sedute/"+string(b.ID), []any{"Day", ui.OfDay(b.Day)}))
	}
	return letters
}

// reportKind is what the professional is told of a session that INPS has looked at.
func reportKind(e Event) Kind {
	switch {
	case e.Action == voucher.DisputeMade:
		return ReportHeld
	case e.Dispute.State != voucher.DisputeUpheld:
		return ReportOver
	case e.Dispute.Recover > 0:
		return ReportRecover
	case e.Dispute.Kind == voucher.DisputeNotHeld:
		return ReportAnnulled
	}
	return ReportLowered
}

// moveLetters tells the beneficiary what a session was and what it has become.
func moveLetters(e Event) []Letter {
	m := e.Move
	was := ui.OfDay(m.Was.Day)
	if !m.Was.Start.IsZero() {
		was = ui.OfMoment(m.Was.Start)
	}
	says := italian.T("notice.move.same_day", "Was", was)
	if m.Was.Day != m.Is.Day || !m.Was.Start.Equal(m.Is.Start) {
		to := ui.ToDay(m.Is.Day)
		if !m.Is.Start.IsZero() {
			to += " " + ui.AtClock(m.Is.Start)
		}
		says = italian.T("notice.move.to", "Was", was, "To", to)
	}
	if m.Was.Place != m.Is.Place {
		says += " " + italian.T("notice.move.new_place")
	}
	if m.Was.Amount != m.Is.Amount {
		says += " " + italian.T("notice.move.new_price")
	} else {
		says += " " + italian.T("notice.move.same_price")
	}
	k, last := Moved, voucher.Booking{Day: m.Is.Day}.LastDayToCancel(e.Rules)
	if last.Before(calendar.On(m.At)) {
		k = MovedLate
	}
	return e.told(k, "/contributo-psicoterapia/sedute/"+string(e.Session.ID), []any{"Changed", says, "Last", ui.OfDay(last)})
}
