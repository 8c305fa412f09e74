package portal

import (
	"errors"
	"net/http"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenBooking is one session, with what may still be done about it.
func (p *Portal) citizenBooking(w http.ResponseWriter, r *http.Request) error {
	s, file, err := p.citizenSession(r)
	if err != nil {
		return err
	}
	code, err := p.citizenCode(r, file)
	if err != nil {
		return err
	}
	facts, err := p.Disputes.Facts(r.Context(), s.ID)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.citizenSessionFrame(r, s, file)
	tag := sessionTag(f, s.Booking, today)
	f.Badge = &tag
	page := citizen.BookingPage{
		Frame: f, Sentence: sessionSentence(f, s, file, today, actor(r)),
		Code: code, Holder: s.Holder.Name(), FiscalCode: string(s.Holder.FiscalCode), Day: s.Day, Start: s.Start,
		Professional: s.ProfessionalName, Place: typeset(s.Place), Phone: unbroken(s.Phone), PhoneURL: phoneURL(s.Phone),
		Amount: s.Amount, BookedAt: s.BookedAt, HeldAt: s.HeldAt, Cancelled: cancelledText(f, s.Booking, actor(r)),
	}
	addSaid(&page, s, facts, today, actor(r))
	if free, _ := file.Account().With(s.Professional, today); s.State == voucher.Booked && len(free) > 0 {
		page.ReleaseURL = releasePath(s.Application, s.Professional)
		page.Release = f.T("citizen.release.link", "Name", s.ProfessionalName)
	}
	if upcoming(s.Booking, today) {
		page.CalendarURL = citizenSessionPath(s.ID) + "/calendario.ics"
	}
	switch err := s.MayCancel(file.Edition.Rules, today); {
	case err == nil:
		page.CancelURL = citizenSessionPath(s.ID) + "/annulla"
		if file.Voucher.State == voucher.Active {
			page.IfCancelled = f.T("citizen.booking.if_cancelled", "Amount", s.Amount,
				"Now", file.Voucher.Balance(), "Then", file.Voucher.Balance()+s.Amount)
		}
	case errors.Is(err, voucher.ErrDayHasCome):
		page.TooLate = tooLate(f, s.Booking, file.Edition.Rules, today)
	}
	return p.show(w, r, citizen.Booking(page))
}

// addSaid puts on the page what became of a session after it was booked: who moved it,
// which invoice claims it, what its holder says of it and what they may say. How it is
// paid is between the professional and the office.
func addSaid(page *citizen.BookingPage, s voucher.Session, facts voucher.SessionFacts, today calendar.Date, who identity.Actor) {
	f := page.Frame
	for _, m := range facts.Moves {
		page.Moves = append(page.Moves, f.T("citizen.booking.moved.was", "When", ui.ShortMoment(m.At),
			"Was", appointmentDay(m.Was), "Amount", m.Was.Amount))
	}
	if !s.Acknowledged.IsZero() {
		page.Acknowledged = f.T("citizen.by", "Who", f.T(acknowledger(s.Booking, who)), "When", ui.OnMoment(s.Acknowledged))
	}
	if i := facts.Invoice; i.ID != "" {
		page.Invoice = f.T("citizen.booking.invoice.data", "Number", i.Number, "Of", ui.OfDay(i.IssuedOn))
		if i.Claimed != s.Amount {
			page.Claimed = f.T("citizen.booking.invoice.claimed", "Amount", i.Claimed)
		}
	}
	for _, d := range facts.Disputes {
		page.Reports = append(page.Reports, bookingReport(f, d))
	}
	if facts.MayAcknowledge(s.Booking) == nil {
		page.ConfirmURL = citizenSessionPath(s.ID) + "/conferma"
	}
	if facts.MayReport(s.Booking, today) == nil {
		page.ReportURL, page.Unknown = reportPath(s.ID), f.T("citizen.booking.unknown")
		if s.State == voucher.Booked {
			page.Unknown = f.T("citizen.report.unheld")
		}
	}
}

// appointmentDay is when a session was to take place: "12/03/2026, 15:00".
func appointmentDay(a voucher.Appointment) string {
	if a.Start.IsZero() {
		return ui.ShortDay(a.Day)
	}
	return ui.ShortMoment(a.Start)
}

// acknowledger is the key of the words for who said that a session took place.
func acknowledger(b voucher.Booking, who identity.Actor) string {
	switch b.AcknowledgedBy {
	case who.Person:
		return "citizen.by.you"
	case b.Beneficiary:
		return "citizen.by.beneficiary"
	}
	return "citizen.by.representative"
}

// bookingReport is a report on the page of its session. What an officer has only
// proposed is not said.
func bookingReport(f ui.Frame, d voucher.Dispute) citizen.BookingReport {
	row := citizen.BookingReport{Tone: ui.Closed, Title: f.T("citizen.report.number", "Protocol", d.Protocol), Answer: d.Answer}
	switch {
	case d.State.Open():
		row.Tone, row.Answer, row.EndURL = ui.Working, "", reportPath(d.Booking)+"/ritira"
		row.Text = f.T("citizen.report.open", "Kind", f.T("citizen.report.kind."+string(d.Kind)), "By", ui.OnDay(d.AnswerBy))
	case d.State == voucher.DisputeWithdrawn:
		row.Text = f.T("citizen.report.withdrawn")
	default:
		row.Tone = ui.Success
		if d.State == voucher.DisputeDismissed {
			row.Tone = ui.Danger
		}
		row.Text = f.T("citizen.report.decided."+string(d.State), "On", ui.OnDay(calendar.On(d.DecidedAt)))
	}
	return row
}

// citizenSession is the session in the address with the application it belongs
// to, if they are of whom the actor stands for.
func (p *Portal) citizenSession(r *http.Request) (voucher.Session, voucher.CaseFile, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Session{}, voucher.CaseFile{}, err
	}
	s, err := p.Vouchers.Session(r.Context(), actor(r), voucher.BookingID(id))
	if err != nil {
		return voucher.Session{}, voucher.CaseFile{}, err
	}
	if err := p.citizenLook(r, voucher.BookingSeen, string(s.ID)); err != nil {
		return voucher.Session{}, voucher.CaseFile{}, err
	}
	file, err := p.Vouchers.File(r.Context(), actor(r).For, s.Application)
	return s, file, err
}

func (p *Portal) citizenSessionFrame(r *http.Request, s voucher.Session, file voucher.CaseFile) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("citizen.booking.title", "Of", ui.OfDay(s.Day))
	f.Path = casePath(f, file, ui.Crumb{Text: f.Title})
	f.Back = &ui.Link{Text: f.T("citizen.back"), URL: applicationPath(s.Application) + "/" + sessionsTab}
	return f
}

// sessionSentence says how a session stands and what is to come.
func sessionSentence(f ui.Frame, s voucher.Session, file voucher.CaseFile, today calendar.Date, who identity.Actor) string {
	switch {
	case s.State == voucher.Cancelled:
		return f.T("citizen.session.cancelled.sentence", "By", cancelledText(f, s.Booking, who))
	case s.State == voucher.Held:
		return f.T("citizen.session.held.sentence")
	case s.Day.Before(today) && today.After(s.ConfirmBy):
		return f.T("citizen.session.unconfirmed.sentence", "Day", ui.ByDay(s.ConfirmBy))
	case s.Day.Before(today):
		return f.T("citizen.session.to_confirm.sentence", "Day", ui.ByDay(s.ConfirmBy))
	case s.MayCancel(file.Edition.Rules, today) != nil:
		return f.T("citizen.session.near.sentence", "Day", ui.ByDay(s.ConfirmBy))
	}
	return f.T("citizen.session.booked.sentence", "Of", ui.OfDay(s.LastDayToCancel(file.Edition.Rules)))
}

// tooLate says that the last moment to cancel has passed, and until when it was.
func tooLate(f ui.Frame, b voucher.Booking, rules voucher.Rules, today calendar.Date) string {
	if b.Day.Before(today) {
		return f.T("citizen.booking.too_late.past")
	}
	return f.T("citizen.booking.too_late", "Day", ui.OnDay(b.LastDayToCancel(rules)))
}

// cancelledText is by whom and when a session was cancelled: "da te, il 9 marzo
// 2026 alle 10:12"; "" for one that was not.
func cancelledText(f ui.Frame, b voucher.Booking, who identity.Actor) string {
	if b.State != voucher.Cancelled {
		return ""
	}
	key := "citizen.by." + string(b.CancelReason)
	switch {
	case b.CancelReason != voucher.ByBeneficiary:
	case b.CancelledBy == who.Person:
		key = "citizen.by.you"
	case b.CancelledBy != b.Beneficiary:
		key = "citizen.by.representative"
	}
	return f.T("citizen.by", "Who", f.T(key), "When", ui.OnMoment(b.CancelledAt))
}
