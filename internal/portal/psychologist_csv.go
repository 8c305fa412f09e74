package portal

import (
	"net/http"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/voucher"
	"portal/web/ui"
)

// psychologistAgendaCSV sends the list with its filters for a spreadsheet, page by
// page as it is read.
func (p *Portal) psychologistAgendaCSV(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	who := actor(r)
	ask, wrong := p.agendaQuery(r, f, q)
	if len(wrong) > 0 {
		return errDate
	}
	ask.Page = 1
	found, err := p.Vouchers.Agenda(r.Context(), who.Person, ask)
	if err != nil {
		return err
	}
	if err := p.Vouchers.TakeAgenda(r.Context(), who, ask, p.Now()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="sedute-`+ask.Today.String()+`.csv"`)
	file, err := export.New(export.CSV, w, agendaFile(f))
	if err != nil {
		return err
	}
	for sent := 0; len(found.Sessions) > 0; {
		for _, s := range found.Sessions {
			if err := file.Row(s.Day, bookingClock(s.Booking), s.Holder.Name(), s.Holder.FiscalCode.Masked(),
				s.Amount, shelfTag(f, s.Shelf(ask.Today)).Text, s.Place,
				calendar.On(s.BookedAt), dayReached(s.Booking, voucher.Held), dayReached(s.Booking, voucher.Cancelled)); err != nil {
				return nil // nobody is there any more
			}
		}
		if sent += len(found.Sessions); sent >= found.Total {
			break
		}
		ask.Page++
		if found, err = p.Vouchers.Agenda(r.Context(), who.Person, ask); err != nil {
			p.Log.Error("list of sessions cut short", "id", audit.Request(r.Context()), "error", err)
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
	}
	_ = file.Close() // the reader may have gone
	return nil
}

func agendaFile(f ui.Frame) []export.Column {
	var columns []export.Column
	for _, key := range []string{"psychologist.csv.day", "psychologist.csv.hour", "psychologist.holder", "psychologist.fiscal_code", "psychologist.csv.amount",
		"psychologist.state", "psychologist.place", "psychologist.csv.booked", "psychologist.csv.held", "psychologist.csv.cancelled"} {
		columns = append(columns, export.Column{Key: key, Title: f.T(key)})
	}
	return columns
}

// dayReached is the day on which a booking reached a state, zero if it never did.
func dayReached(b voucher.Booking, state voucher.BookingState) calendar.Date {
	at := b.HeldAt
	if state == voucher.Cancelled {
		at = b.CancelledAt
	}
	if at.IsZero() {
		return calendar.Date{}
	}
	return calendar.On(at)
}
