package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
)

// citizenBookingCalendar is a session to come as a file for one's own calendar: the
// same that a private calendar says of it.
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
	_, _ = w.Write([]byte(writeCalendar([]voucher.FeedItem{s.Item()}))) // the reader may have gone
	return nil
}
