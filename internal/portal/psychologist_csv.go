package portal

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
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
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="sedute-`+ask.Today.String()+`.csv"`)
	rows := newSheet(w)
	rows.write(f.T("psychologist.csv.day"), f.T("psychologist.csv.hour"), f.T("psychologist.holder"), f.T("psychologist.fiscal_code"),
		f.T("psychologist.csv.amount"), f.T("psychologist.state"), f.T("psychologist.place"),
		f.T("psychologist.csv.booked"), f.T("psychologist.csv.held"), f.T("psychologist.csv.cancelled"))
	for sent := 0; len(found.Sessions) > 0; {
		for _, s := range found.Sessions {
			rows.write(ui.ShortDay(s.Day), bookingClock(s.Booking), s.Holder.Name(), s.Holder.FiscalCode.Masked(),
				s.Amount.Field(), shelfTag(f, s.Shelf(ask.Today)).Text, s.Place,
				ui.ShortDay(calendar.On(s.BookedAt)), shortDayOf(s.Booking, voucher.Held), shortDayOf(s.Booking, voucher.Cancelled))
		}
		if sent += len(found.Sessions); sent >= found.Total || !rows.flush() {
			break
		}
		ask.Page++
		if found, err = p.Vouchers.Agenda(r.Context(), who.Person, ask); err != nil {
			p.Log.Error("list of sessions cut short", "id", audit.Request(r.Context()), "error", err)
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
	}
	rows.flush()
	return nil
}

// shortDayOf is the day on which a booking reached a state, "" if it never did.
func shortDayOf(b voucher.Booking, state voucher.BookingState) string {
	at := b.HeldAt
	if state == voucher.Cancelled {
		at = b.CancelledAt
	}
	if at.IsZero() {
		return ""
	}
	return ui.ShortDay(calendar.On(at))
}

// sheet writes rows that an Italian spreadsheet opens as they are: a mark for
// UTF-8, semicolons, and no cell that it would take for a formula.
type sheet struct{ out *csv.Writer }

func newSheet(w io.Writer) sheet {
	fmt.Fprint(w, "\ufeff")
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return sheet{out}
}

func (s sheet) write(cells ...string) {
	for i, c := range cells {
		cells[i] = inert(c)
	}
	_ = s.out.Write(cells) // flush tells
}

// flush sends what was written and tells whether anybody is still there.
func (s sheet) flush() bool {
	s.out.Flush()
	return s.out.Error() == nil
}

// inert keeps a spreadsheet from running a text: an apostrophe before what would
// start a formula (OWASP, CSV injection).
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
