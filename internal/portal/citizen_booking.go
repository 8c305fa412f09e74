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
	today := calendar.On(p.Now())
	f := p.citizenSessionFrame(r, s, file)
	tag := sessionTag(f, s.Booking, today)
	f.Badge = &tag
	page := citizen.BookingPage{
		Frame: f, Sentence: sessionSentence(f, s, file, today, actor(r)), Unknown: s.State == voucher.Held,
		Code: code, Holder: s.Holder.Name(), FiscalCode: string(s.Holder.FiscalCode), Day: s.Day, Start: s.Start,
		Professional: s.ProfessionalName, Place: typeset(s.Place), Phone: unbroken(s.Phone), PhoneURL: phoneURL(s.Phone),
		Amount: s.Amount, BookedAt: s.BookedAt, HeldAt: s.HeldAt, Cancelled: cancelledText(f, s.Booking, actor(r)),
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
		return f.T("citizen.session.unconfirmed.sentence", "Day", ui.OnDay(s.ConfirmBy))
	case s.Day.Before(today):
		return f.T("citizen.session.to_confirm.sentence", "Day", ui.OnDay(s.ConfirmBy))
	case s.MayCancel(file.Edition.Rules, today) != nil:
		return f.T("citizen.session.near.sentence", "Day", ui.OnDay(s.ConfirmBy))
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
