package portal

import (
	"net/http"
	"time"

	ics "github.com/arran4/golang-ical"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/ui"
)

// citizenBookingCalendar is a session to come as a file for one's own calendar.
// Calendars are shared and shown on locked screens: it is an appointment
// somewhere, and does not say with whom or what for.
func (p *Portal) citizenBookingCalendar(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.citizenSession(r)
	if err != nil {
		return err
	}
	if !upcoming(s.Booking, calendar.On(p.Now())) {
		return fault.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="appuntamento.ics"`)
	_, _ = w.Write([]byte(appointment(s.Booking, ui.Frame{}.T("citizen.calendar.title"), p.Now()))) // the reader may have gone
	return nil
}

// appointment is a session as RFC 5545 writes it, with the line ends it asks for.
func appointment(b voucher.Booking, title string, now time.Time) string {
	c := ics.NewCalendarFor("Portale")
	c.SetMethod(ics.MethodPublish)
	e := c.AddEvent(string(b.ID))
	e.SetDtStampTime(now)
	e.SetSummary(title)
	e.SetLocation(b.Place)
	e.SetClass(ics.ClassificationPrivate)
	if b.Start.IsZero() {
		e.SetAllDayStartAt(b.Day.At(12, 0))
		e.SetAllDayEndAt(b.Day.Add(1).At(12, 0))
	} else {
		e.SetStartAt(b.Start)
		e.SetEndAt(b.End())
	}
	return c.Serialize(ics.WithNewLineWindows)
}
