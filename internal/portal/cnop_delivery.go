package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// changeSlugs are the names of the tabs in addresses; what changes nothing has none.
var changeSlugs = []struct {
	slug string
	is   voucher.Change
}{{"aggiunti", voucher.RowAdded}, {"modificati", voucher.RowChanged}, {"tolti", voucher.RowRemoved}, {"scartati", voucher.RowRejected}}

// changesShown is how many rows of a delivery a page shows.
const changesShown = 100

// deliveryAsked is the delivery that an address names.
func (p *Portal) deliveryAsked(r *http.Request) (voucher.Delivery, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Delivery{}, err
	}
	return p.Participants.Delivery(r.Context(), voucher.DeliveryID(id))
}

// cnopDelivery shows a delivery to check (N-04).
func (p *Portal) cnopDelivery(w http.ResponseWriter, r *http.Request) error {
	d, err := p.deliveryAsked(r)
	if err != nil {
		return err
	}
	return p.showDelivery(w, r, d, nil)
}

// showDelivery shows a delivery to CNOP; with a reason, why what was asked of it is
// not done.
func (p *Portal) showDelivery(w http.ResponseWriter, r *http.Request, d voucher.Delivery, why *fault.Reason) error {
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.delivery.name", "Number", d.Number), ui.Crumb{Text: f.T("cnop.deliveries.title"), URL: deliveriesPath})
	if d.State == voucher.DeliveryDraft {
		f.Title = f.T("cnop.delivery.title", "Number", d.Number)
	}
	page, err := p.deliveryPage(r, f, d, deliveryPath(d.ID), rollPath)
	if err != nil {
		return err
	}
	who := actor(r)
	if d.State == voucher.DeliveryDraft {
		if reason := fault.As(d.MaySend(who)); reason == nil {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("cnop.send.submit"), URL: deliveryPath(d.ID) + "/invia"})
		} else {
			page.Refusal = words(f, cmp.Or(senderReason(reason), reason))
		}
	}
	if d.MayDrop(who) == nil {
		page.Drop = &ui.Link{Text: f.T("cnop.drop." + string(d.State)), URL: deliveryPath(d.ID) + "/elimina"}
	}
	if d.Tally.Rejected > 0 {
		page.RejectsURL = deliveryPath(d.ID) + "/scarti.csv"
	}
	status := http.StatusOK
	if why != nil {
		status = refusalStatus(why)
		page.Errors, page.Refusal = []ui.FieldError{{Text: words(f, why)}}, ""
	}
	return p.showAs(w, r, status, cnop.Delivery(page))
}

// senderReason says to who prepares lists that somebody else sends them.
func senderReason(reason *fault.Reason) *fault.Reason {
	if reason == identity.ErrNoDuty {
		return voucher.ErrOwnDelivery
	}
	return nil
}

// refusalStatus is the status of a page that says why something is not done.
func refusalStatus(reason *fault.Reason) int {
	switch reason {
	case identity.ErrNoDuty:
		return http.StatusForbidden
	case once.ErrOtherContent:
		return http.StatusUnprocessableEntity
	}
	return statuses[reason.Kind]
}

// deliveryPage is what CNOP and INPS both see of a delivery at an address, with the
// card of each professional below another.
func (p *Portal) deliveryPage(r *http.Request, f ui.Frame, d voucher.Delivery, at, cards string) (cnop.DeliveryPage, error) {
	q, err := query(r)
	if err != nil {
		return cnop.DeliveryPage{}, err
	}
	tag := deliveryTag(f, d)
	f.Badge = &tag
	page := cnop.DeliveryPage{Frame: f, Facts: deliveryFacts(f, d)}
	if open := d.State == voucher.DeliveryDraft || d.State == voucher.DeliverySent; open && d.ManyRemoved() {
		page.Warning = f.T("cnop.delivery.many", "Number", grouped(d.Tally.Removed))
	}
	if d.Tally.Touched > 0 {
		page.Touched = f.T("cnop.delivery.touched", "Count", d.Tally.Touched)
	}
	shown := changeSlugs[0]
	counts := map[voucher.Change]int{voucher.RowAdded: d.Tally.Added, voucher.RowChanged: d.Tally.Changed,
		voucher.RowRemoved: d.Tally.Removed, voucher.RowRejected: d.Tally.Rejected}
	for _, tab := range changeSlugs {
		if q.Get("parte") == tab.slug {
			shown = tab
		}
	}
	for _, tab := range changeSlugs {
		page.Tabs = append(page.Tabs, ui.Tab{Text: f.T("cnop.change."+string(tab.is)) + " (" + grouped(counts[tab.is]) + ")",
			URL: at + "?parte=" + tab.slug + "#titolo", Current: tab == shown})
	}
	total, n := counts[shown.is], pageNumber(q)
	rows, err := p.Participants.DeliveryRows(r.Context(), d.ID, shown.is, n, changesShown)
	if err != nil {
		return page, err
	}
	page.Caption, page.Empty = f.T("cnop.delivery.caption."+string(shown.is)), f.T("cnop.delivery.none."+string(shown.is))
	page.What = cnop.Shape{Changes: shown.is == voucher.RowChanged, Bookings: shown.is == voucher.RowRemoved, Reasons: shown.is == voucher.RowRejected}
	for _, row := range rows {
		shown := changeRow(f, row)
		if row.Person != "" && (row.Change != voucher.RowAdded || row.Before != nil) {
			shown.URL = cards + "/" + string(row.Person)
		}
		page.Rows = append(page.Rows, shown)
	}
	page.Pages = listPages(f.T("cnop.delivery.pages"), at, url.Values{"parte": {shown.slug}}, n, total, changesShown)
	return page, nil
}

func deliveryFacts(f ui.Frame, d voucher.Delivery) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("cnop.new.extent"), Value: f.T("cnop.extent." + string(d.Extent))},
		{Name: f.T("cnop.delivery.day"), Value: ui.Day(d.Day)},
		{Name: f.T("cnop.delivery.rows"), Value: f.T("cnop.delivery.tally", "Unchanged", grouped(d.Tally.Unchanged), "Standing", grouped(d.Tally.Standing))},
		{Name: f.T("cnop.delivery.prepared"), Value: byWhom(f, d.PreparedName, d.PreparedAt)},
	}
	if !d.SentAt.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("cnop.delivery.sent"), Value: byWhom(f, d.SentName, d.SentAt)})
	}
	if !d.AppliedAt.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("cnop.delivery.applied"), Value: byWhom(f, d.AppliedName, d.AppliedAt)})
	}
	return facts
}

// changeRow is a row of a delivery in words.
func changeRow(f ui.Frame, row voucher.DeliveryRow) cnop.ChangeRow {
	r := cnop.ChangeRow{ID: strconv.Itoa(row.Line), FiscalCode: row.FiscalCode, Bookings: grouped(row.Bookings)}
	if row.Line > 0 {
		r.Line = grouped(row.Line)
	}
	switch is := cmp.Or(row.After, row.Before); {
	case is != nil:
		r.Name, r.Place = typeset(is.Name()), typeset(is.City)+" ("+is.Province+")"
	default:
		r.Name = typeset(row.Raw["cognome"] + " " + row.Raw["nome"])
		r.Place = typeset(row.Raw["comune"])
	}
	if row.Change == voucher.RowChanged {
		for _, c := range row.After.Changes(*row.Before) {
			r.Fields = append(r.Fields, cnop.FieldChange{Name: f.T("cnop.column." + c), Before: cellText(f, *row.Before, c), After: cellText(f, *row.After, c)})
		}
	}
	r.Why = f.T("cnop.delivery.missing")
	if row.After != nil {
		r.Why = f.T("cnop.delivery.revoked", "Day", ui.ShortDay(row.After.LeftOn))
	}
	for _, x := range row.Rejects {
		r.Reasons = append(r.Reasons, rejectText(f, x))
	}
	return r
}

// cellText is a cell as screens write it; nothing is said to be nothing.
func cellText(f ui.Frame, p voucher.Participant, column string) string {
	text := p.Cell(column)
	if d, err := calendar.ParseDate(text); err == nil {
		return ui.ShortDay(d)
	}
	if text == "" {
		return f.T("ui.data.missing")
	}
	return typeset(text)
}

// rejectText is why a row is rejected: the column, what is wrong, and the other line.
func rejectText(f ui.Frame, x voucher.Reject) string {
	text := f.T("cnop.reject."+string(x.Code), "Line", grouped(x.Line))
	if x.Column == "" {
		return text
	}
	return f.T("cnop.column."+x.Column) + ": " + text
}

// cnopRejectsCSV sends the rows that were rejected, as they stood, with what is
// wrong with each: who mends them there may send them again.
func (p *Portal) cnopRejectsCSV(w http.ResponseWriter, r *http.Request) error {
	d, err := p.deliveryAsked(r)
	if err != nil {
		return err
	}
	rows, err := p.Participants.DeliveryRows(r.Context(), d.ID, voucher.RowRejected, 1, max(d.Tally.Rejected, 1))
	if err != nil {
		return err
	}
	if err := p.Participants.Take(r.Context(), actor(r), voucher.DeliveryWasTaken, d.ID); err != nil {
		return err
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="scarti-invio-`+strconv.Itoa(d.Number)+`.csv"`)
	out, err := export.New(export.CSV, w, listColumns(true))
	var f ui.Frame
	for _, row := range rows {
		if err != nil {
			break
		}
		raw := row.Raw
		if raw == nil {
			raw = row.After.Cells()
		}
		why := ""
		for i, x := range row.Rejects {
			if i > 0 {
				why += "; "
			}
			why += rejectText(f, x)
		}
		cells := []any{row.Line, why}
		for _, c := range slices.Concat(voucher.ListColumns, voucher.OptionalListColumns) {
			cells = append(cells, raw[c])
		}
		err = out.Row(cells...)
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		p.Log.Error("rejected rows cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}

// deliveryDone tells CNOP that a delivery is where it was to be, or shows it with
// why not.
func (p *Portal) deliveryDone(w http.ResponseWriter, r *http.Request, id voucher.DeliveryID, err error, done func() error) error {
	reason, refused := fault.Refusal(err)
	if !refused || errors.Is(err, fault.ErrNotFound) {
		if err != nil {
			return err
		}
		return done()
	}
	d, again := p.Participants.Delivery(r.Context(), id)
	if again != nil {
		return again
	}
	return p.showDelivery(w, r, d, reason)
}
