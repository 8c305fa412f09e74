package portal

import (
	"net/http"
	"slices"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistBooking shows one session (S-04).
func (p *Portal) psychologistBooking(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessionSeen(r)
	if err != nil {
		return err
	}
	page, err := p.bookingPage(r, s)
	if err != nil {
		return err
	}
	return p.show(w, r, psychologist.Booking(page))
}

// ownSession is the session that the address names, if it is the professional's.
func (p *Portal) ownSession(r *http.Request) (voucher.Session, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Session{}, err
	}
	return p.Vouchers.Session(r.Context(), actor(r), voucher.BookingID(id))
}

// sessionSeen is ownSession for a page that shows it: the beneficiary can read
// who looked, and when.
func (p *Portal) sessionSeen(r *http.Request) (voucher.Session, error) {
	s, err := p.ownSession(r)
	if err != nil {
		return s, err
	}
	return s, p.Vouchers.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.BookingSeen,
		Subject: string(s.ID), About: s.Beneficiary})
}

func (p *Portal) bookingPage(r *http.Request, s voucher.Session) (psychologist.BookingPage, error) {
	now := p.Now()
	today := calendar.On(now)
	f := p.psychologistFrame(r, "psychologist.booking.title", "OfDay", ui.OfDay(s.Day))
	tag := shelfTag(f, s.Shelf(today))
	f.Badge = &tag
	facts, err := p.Disputes.Facts(r.Context(), s.ID)
	if err != nil {
		return psychologist.BookingPage{}, err
	}
	page := psychologist.BookingPage{
		Frame: f, Facts: bookingFacts(s), Events: bookingEvents(f, s, facts.Moves),
		Sentence: bookingSentence(f, s, today), Cancel: f.T("psychologist.cancel.submit"), CalendarURL: psychologistFeedPath,
	}
	switch err := s.MayConfirm(s.Terms(), now); {
	case err == nil:
		page.ConfirmURL = sessionPath(s.ID) + "/conferma"
		page.Next = f.T("psychologist.booking.confirm_by", "OfDay", ui.OfDay(s.ConfirmBy))
	case s.State == voucher.Booked:
		page.Next = confirmRefusal(f, s, fault.As(err))
	case s.State == voucher.Held:
		page.Cancel = f.T("psychologist.retract.submit")
		if err := p.billing(r, s, &page); err != nil {
			return page, err
		}
	}
	if s.MayMove(today) == nil && participation(r).Enrolled {
		page.MoveURL = movePath(s.ID)
	}
	if s.MayWithdraw(s.Terms(), today) == nil {
		page.CancelURL = sessionPath(s.ID) + "/annulla"
	}
	return page, nil
}

// billing fills in where the money of a confirmed session stands, and what its
// professional can do about it.
func (p *Portal) billing(r *http.Request, s voucher.Session, page *psychologist.BookingPage) error {
	stage, err := p.sessionStage(r, page.Frame, s.ID)
	if err != nil {
		return err
	}
	if !s.Invoiced() {
		page.Invoice, stage.Link = stage.Link, nil
	}
	if page.Invoice != nil && !calendar.On(p.Now()).After(s.InvoiceBy) {
		page.Next = page.T("psychologist.booking.to_invoice", "OfDay", ui.OfDay(s.InvoiceBy))
	}
	page.Stage = &stage
	return nil
}

// showRefused shows a session as it is now, with why nothing was done about it.
func (p *Portal) showRefused(w http.ResponseWriter, r *http.Request, s voucher.Session, reason *fault.Reason) error {
	page, err := p.bookingPage(r, s)
	if err != nil {
		return err
	}
	tone := ui.Danger
	if reason == voucher.ErrAlreadyCancelled || reason == voucher.ErrAlreadyHeld {
		tone = ui.Working
	}
	page.Flash = &ui.Flash{Tone: tone, Title: page.T("psychologist.refused.title"), Text: confirmRefusal(page.Frame, s, reason)}
	return p.showAs(w, r, statuses[reason.Kind], psychologist.Booking(page))
}

// confirmRefusal is a reason about a session, with its days and hours.
func confirmRefusal(f ui.Frame, s voucher.Session, reason *fault.Reason) string {
	switch reason {
	case voucher.ErrNotHeldYet:
		if s.Start.IsZero() {
			return f.T("psychologist.refused.not_yet", "From", ui.FromDay(s.Day))
		}
		return f.T("psychologist.refused.not_yet", "From", "d"+ui.AtClock(s.Start)+" "+ui.OfDay(s.Day))
	case voucher.ErrTooLateToConfirm:
		return f.T("psychologist.refused.too_late", "Day", ui.ByDay(s.ConfirmBy))
	case voucher.ErrAlreadyCancelled:
		return bookingSentence(f, s, calendar.On(s.CancelledAt))
	case voucher.ErrAlreadyHeld:
		return f.T("psychologist.refused.held", "OnMoment", ui.OnMoment(s.HeldAt))
	}
	return words(f, reason)
}

// bookingSentence says what the state of a session means.
func bookingSentence(f ui.Frame, s voucher.Session, today calendar.Date) string {
	switch {
	case s.State == voucher.Cancelled:
		text := f.T("psychologist.sentence.cancelled."+string(s.CancelReason), "OnMoment", ui.OnMoment(s.CancelledAt)) + " "
		if s.CancelGround != "" {
			text += f.T("psychologist.sentence.ground", "Why", f.T("psychologist.ground."+s.CancelGround)) + " "
		}
		switch {
		case calendar.On(s.CancelledAt).After(s.LastDay):
			return text + f.T("psychologist.sentence.to_fund")
		case s.VoucherState != voucher.Active:
			return text + f.T("psychologist.sentence.code_over")
		}
		return text + f.T("psychologist.sentence.free_again")
	case s.State == voucher.Held:
		return f.T("psychologist.sentence.held", "OnMoment", ui.OnMoment(s.HeldAt))
	case s.Shelf(today) == voucher.ToConfirm:
		return f.T("psychologist.sentence.to_confirm", "Amount", s.Amount)
	}
	return f.T("psychologist.sentence.booked", "Amount", s.Amount)
}

func bookingFacts(s voucher.Session) psychologist.BookingFacts {
	when := ui.Day(s.Day)
	if !s.Start.IsZero() {
		when = ui.Moment(s.Start)
	}
	return psychologist.BookingFacts{When: when, Holder: s.Holder.Name(), FiscalCode: s.Holder.FiscalCode.Masked(),
		Amount: s.Amount, Place: s.Place, LastDay: s.LastDay}
}

// bookingEvents is what happened to a session, newest first.
func bookingEvents(f ui.Frame, s voucher.Session, moves []voucher.Move) []ui.Event {
	events := []ui.Event{{When: s.BookedAt, Who: f.T("psychologist.who.professional"), Text: f.T("psychologist.event.booked")}}
	for _, m := range moves { // which end before the session is confirmed or cancelled
		events = append(events, ui.Event{When: m.At, Who: f.T("psychologist.who.professional"),
			Text: f.T("psychologist.event.moved", "Was", appointmentDay(m.Was), "Amount", m.Was.Amount, "Place", typeset(m.Was.Place))})
	}
	if !s.HeldAt.IsZero() {
		events = append(events, ui.Event{When: s.HeldAt, Who: f.T("psychologist.who.professional"), Text: f.T("psychologist.event.held")})
	}
	if s.State == voucher.Cancelled {
		events = append(events, ui.Event{When: s.CancelledAt, Who: f.T("psychologist.who." + string(s.CancelReason)), Text: f.T("psychologist.event.cancelled")})
	}
	slices.Reverse(events)
	return events
}
