package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenBookingCancelAsk asks whether to cancel a session, and says what follows.
func (p *Portal) citizenBookingCancelAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCancel(w, r, http.StatusOK)
}

// citizenBookingCancel cancels a session. One that is cancelled already is no
// error: what was asked for is so. Whoever comes too late reads why.
func (p *Portal) citizenBookingCancel(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "booking.cancel", url.Values{"idem": fields["idem"], "seduta": {id}})
	if err != nil {
		return err
	}
	switch err := p.Vouchers.Cancel(r.Context(), actor(r), sent, voucher.BookingID(id)); {
	case errors.Is(err, voucher.ErrAlreadyCancelled):
		return p.showCancel(w, r, http.StatusOK)
	case errors.Is(err, voucher.ErrAlreadyHeld), errors.Is(err, voucher.ErrDayHasCome):
		return p.showCancel(w, r, http.StatusConflict)
	case err != nil:
		return p.stillBooked(r, voucher.BookingID(id), err)
	}
	s, file, err := p.citizenSession(r)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, citizenSessionPath(s.ID), f.T("citizen.cancel.done"),
		f.T(whereMoneyGoes(file.Voucher, "citizen.cancel.done.text", "citizen.cancel.done.over"), "Amount", s.Amount, "Balance", file.Voucher.Balance()))
}

// stillBooked looks whether a session stands as it did before its cancellation
// failed, so that the page can say so. What cannot be found out is left open.
func (p *Portal) stillBooked(r *http.Request, id voucher.BookingID, failed error) error {
	if s, err := p.Vouchers.Session(r.Context(), actor(r), id); err != nil || s.State != voucher.Booked {
		return failed
	}
	return unchangedError{failed, "citizen.cancel.still_booked"}
}

// showCancel is the question, or why there is none to ask: the same rule shows
// the button and does the deed.
func (p *Portal) showCancel(w http.ResponseWriter, r *http.Request, status int) error {
	s, file, err := p.citizenSession(r)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.citizenSessionFrame(r, s, file)
	f.Back = &ui.Link{Text: f.T("citizen.cancel.back"), URL: citizenSessionPath(s.ID)}
	page := citizen.CancelPage{Frame: f, Tone: ui.Working, Session: ui.Link{Text: f.T("citizen.cancel.see"), URL: citizenSessionPath(s.ID)}}
	switch err := s.MayCancel(file.Edition.Rules, today); {
	case errors.Is(err, voucher.ErrAlreadyCancelled):
		page.Why = f.T("citizen.cancel.already", "Since", ui.FromDay(calendar.On(s.CancelledAt)))
	case errors.Is(err, voucher.ErrAlreadyHeld):
		page.Tone, page.Report = ui.Action, reportPath(s.ID)
		page.Why = f.T("citizen.cancel.held", "At", confirmedAt(s.Booking, today))
	case errors.Is(err, voucher.ErrDayHasCome):
		page.Tone, page.Phone, page.PhoneURL = ui.Action, unbroken(s.Phone), phoneURL(s.Phone)
		page.Why = tooLate(f, s.Booking, file.Edition.Rules, today)
	case err != nil:
		return err
	default:
		page.Title = f.T("citizen.cancel.title", "Of", sessionMoment(s.Booking))
		page.Ask = cancelQuestion(f, s, file, today)
	}
	return p.showAs(w, r, status, citizen.Cancel(page))
}

// cancelQuestion is what follows from cancelling: on the money, on the first
// session that the edition asks for, on the days that are left.
func cancelQuestion(f ui.Frame, s voucher.Session, file voucher.CaseFile, today calendar.Date) *ui.ConfirmProps {
	terms := file.Voucher.Terms
	says := []string{
		f.T(whereMoneyGoes(file.Voucher, "citizen.cancel.consequence", "citizen.cancel.consequence.over"), "Name", s.ProfessionalName, "Amount", s.Amount),
		f.T("citizen.cancel.final"),
	}
	if first := firstSessionTerm(f, file, today); first != nil && !today.After(first.Last) && onlyOne(file) {
		says = append(says, f.T("citizen.cancel.only", "Day", ui.ByDay(first.Last)))
	}
	says = append(says, f.T("citizen.cancel.days", "On", ui.ByDay(terms.LastDay), "Count", today.Until(terms.LastDay)))
	return &ui.ConfirmProps{
		Consequences: says,
		Form:         ui.FormProps{Action: citizenSessionPath(s.ID) + "/annulla", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{
			Submit: f.T("citizen.cancel.act"), Danger: true,
			Cancel: &ui.Link{Text: f.T("citizen.cancel.keep"), URL: citizenSessionPath(s.ID)},
		},
	}
}

// whereMoneyGoes chooses between two texts: what a session cost comes back to its
// holder, or to the fund when the code is over.
func whereMoneyGoes(v voucher.Voucher, holder, fund string) string {
	if v.State == voucher.Active {
		return holder
	}
	return fund
}

// onlyOne tells whether a single session is booked.
func onlyOne(file voucher.CaseFile) bool {
	booked := 0
	for _, s := range file.Bookings {
		if s.State == voucher.Booked {
			booked++
		}
	}
	return booked == 1
}

// sessionMoment is "del 12 marzo 2026 alle 15:00".
func sessionMoment(b voucher.Booking) string {
	if b.Start.IsZero() {
		return ui.OfDay(b.Day)
	}
	return ui.OfMoment(b.Start)
}

// confirmedAt is when a session was confirmed: the hour alone if that was today.
func confirmedAt(b voucher.Booking, today calendar.Date) string {
	if calendar.On(b.HeldAt) == today {
		return ui.AtClock(b.HeldAt)
	}
	return ui.OnMoment(b.HeldAt)
}
