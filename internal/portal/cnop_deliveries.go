package portal

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// Where CNOP works.
const (
	rollPath       = "/cnop/elenco"
	deliveriesPath = "/cnop/invii"
	newDelivery    = deliveriesPath + "/nuovo"
	listTemplate   = deliveriesPath + "/modello.csv"
	reportsPath    = "/cnop/segnalazioni"
)

// What a list may weigh, and how long it may take to bring it and to compare it
// with what stands: ten times the professionals that there are.
const (
	mostList  = 64 << 20
	listTakes = 2 * time.Minute
)

func deliveryPath(id voucher.DeliveryID) string { return deliveriesPath + "/" + string(id) }

// cnopFrame is the frame of a page of CNOP below others.
func (p *Portal) cnopFrame(r *http.Request, title string, path ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "CNOP", Title: title})
	f.Path = fromArea(f, append(path, ui.Crumb{Text: title})...)
	return f
}

// cnopDeliveries lists the deliveries of the list (N-02).
func (p *Portal) cnopDeliveries(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Deliveries(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.deliveries.title"))
	page := cnop.DeliveriesPage{Frame: f, Table: deliveriesTable(f, all, deliveriesPath)}
	switch open := openDelivery(all); {
	case open != nil:
		page.Why = f.T("cnop.deliveries.open", "Number", open.Number)
	case actor(r).Must(identity.CNOP, identity.Prepare) != nil:
		page.Why = f.T("cnop.deliveries.not_yours")
	default:
		page.NewURL = newDelivery
	}
	return p.show(w, r, cnop.Deliveries(page))
}

// openDelivery is the one that waits, nil when none does.
func openDelivery(all []voucher.Delivery) *voucher.Delivery {
	for i, d := range all {
		if d.State == voucher.DeliveryDraft || d.State == voucher.DeliverySent {
			return &all[i]
		}
	}
	return nil
}

// deliveriesTable is deliveries, each with its page below an address.
func deliveriesTable(f ui.Frame, all []voucher.Delivery, below string) cnop.DeliveriesTable {
	t := cnop.DeliveriesTable{Frame: f, Empty: f.T("cnop.deliveries.empty")}
	for _, d := range all {
		t.Rows = append(t.Rows, cnop.DeliveryRow{
			ID: string(d.ID), Name: f.T("cnop.delivery.name", "Number", d.Number), Day: ui.ShortDay(d.Day),
			Extent: f.T("cnop.extent." + string(d.Extent)),
			Added:  grouped(d.Tally.Added), Changed: grouped(d.Tally.Changed), Removed: grouped(d.Tally.Removed), Rejects: grouped(d.Tally.Rejected),
			State: deliveryTag(f, d), Note: deliveryNote(f, d), URL: below + "/" + string(d.ID),
		})
	}
	return t
}

// deliveryTag is the word of a delivery's state, in the colour of whose move it is.
func deliveryTag(f ui.Frame, d voucher.Delivery) ui.Tag {
	text := f.T("cnop.delivery.state." + string(d.State))
	switch d.State {
	case voucher.DeliveryDraft:
		return ui.Tag{Tone: ui.Action, Text: text}
	case voucher.DeliverySent:
		return ui.Tag{Tone: ui.Working, Text: text}
	case voucher.DeliveryDropped:
		return ui.Tag{Tone: ui.Closed, Text: text}
	}
	if d.PartlyApplied() {
		text = f.T("cnop.delivery.state.partly")
	}
	return ui.Tag{Tone: ui.Success, Text: text}
}

// deliveryNote is by whom and when a delivery came where it stands.
func deliveryNote(f ui.Frame, d voucher.Delivery) string {
	who, at := d.PreparedName, d.PreparedAt
	switch d.State {
	case voucher.DeliverySent:
		who, at = d.SentName, d.SentAt
	case voucher.DeliveryApplied:
		who, at = d.AppliedName, d.AppliedAt
	}
	return byWhom(f, who, at)
}

// byWhom is somebody of an office, or the operator, and when.
func byWhom(f ui.Frame, who string, at time.Time) string {
	if who == "" {
		return f.T("cnop.by_operator", "At", ui.ShortMoment(at))
	}
	return f.T("cnop.by", "Who", who, "At", ui.ShortMoment(at))
}

// cnopDeliveryNew is where a list is uploaded (N-03).
func (p *Portal) cnopDeliveryNew(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Deliveries(r.Context())
	if err != nil {
		return err
	}
	if open := openDelivery(all); open != nil {
		return goTo(w, r, deliveriesPath, nil)
	}
	if err := actor(r).Must(identity.CNOP, identity.Prepare); err != nil {
		return err
	}
	dayName, monthName, yearName := ui.DateNames("data")
	today := calendar.On(p.Now())
	fields := url.Values{"tipo": {string(voucher.FullList)}, dayName: {strconv.Itoa(today.Day)},
		monthName: {strconv.Itoa(int(today.Month))}, yearName: {strconv.Itoa(today.Year)}}
	return p.show(w, r, cnop.New(p.newDeliveryPage(r, fields, nil)))
}

// newDeliveryPage is the upload as it was filled in.
func (p *Portal) newDeliveryPage(r *http.Request, fields url.Values, wrong []ui.FieldError) cnop.NewPage {
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.new.title"), ui.Crumb{Text: f.T("cnop.deliveries.title"), URL: deliveriesPath})
	f.Errors, f.Back = wrong, &ui.Link{Text: f.T("cnop.new.back"), URL: deliveriesPath}
	dayName, monthName, yearName := ui.DateNames("data")
	page := cnop.NewPage{
		Frame: f, Form: ui.FormProps{Action: newDelivery, Key: once.NewKey(), Upload: true},
		Extent: ui.ChoiceProps{Name: "tipo", Legend: f.T("cnop.new.extent"), Chosen: []string{fields.Get("tipo")}},
		Day: ui.DateFieldProps{Name: "data", Legend: f.T("cnop.new.day"), Hint: f.T("cnop.new.day.hint"),
			Day: fields.Get(dayName), Month: fields.Get(monthName), Year: fields.Get(yearName)},
		File:   ui.FileFieldProps{Name: "file", Label: f.T("cnop.new.file"), Hint: f.T("cnop.new.file.hint", "Most", mostList>>20), Accept: "text/csv,.csv"},
		Submit: f.T("cnop.new.submit"), TemplateURL: listTemplate,
	}
	for _, e := range voucher.Extents {
		page.Extent.Options = append(page.Extent.Options, ui.Option{Value: string(e), Label: f.T("cnop.extent." + string(e)), Hint: f.T("cnop.extent.hint." + string(e))})
	}
	guide := func(columns []string, required bool) {
		for _, c := range columns {
			page.Guide = append(page.Guide, cnop.ColumnGuide{Name: c, What: f.T("cnop.guide." + c), Required: required && c != "email" && c != "data_revoca"})
		}
	}
	guide(voucher.ListColumns, true)
	guide(voucher.OptionalListColumns, false)
	return page
}

// cnopDeliveryPrepare takes a list in as a draft.
func (p *Portal) cnopDeliveryPrepare(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.CNOP, identity.Prepare); err != nil {
		return err
	}
	var f ui.Frame
	fields, file, err := upload(r, "file")
	var text textError
	switch {
	case errors.As(err, &text):
		return err
	case err != nil && !errors.Is(err, errNoFile):
		return err
	}
	var wrong []ui.FieldError
	day, dayErr := dateField(fields, "data")
	if dayErr == nil && (day.IsZero() || day.After(calendar.On(p.Now()))) {
		dayErr = voucher.ErrListDay
	}
	if dayErr != nil {
		wrong = append(wrong, ui.FieldError{Field: "data", Text: words(f, fault.As(dayErr))})
	}
	extent := voucher.Extent(fields.Get("tipo"))
	if extent != voucher.FullList && extent != voucher.ChangesOnly {
		wrong = append(wrong, ui.FieldError{Field: "tipo", Text: words(f, voucher.ErrExtent)})
	}
	if err != nil {
		wrong = append(wrong, ui.FieldError{Field: "file", Text: words(f, errNoFile)})
	}
	if len(wrong) > 0 {
		return p.showAs(w, r, http.StatusUnprocessableEntity, cnop.New(p.newDeliveryPage(r, fields, wrong)))
	}
	list, err := voucher.ReadList(file, day)
	var at voucher.FileError
	switch {
	case errors.As(err, &at):
		wrong = append(wrong, ui.FieldError{Field: "file", Text: words(f, at.Reason, "Line", at.Line, "Column", at.Column)})
		return p.showAs(w, r, http.StatusUnprocessableEntity, cnop.New(p.newDeliveryPage(r, fields, wrong)))
	case err != nil:
		return unreadable(err)
	}
	fields.Set("file", hex.EncodeToString(list.Digest))
	sent, err := sending(r, "delivery.prepare", fields)
	if err != nil {
		return err
	}
	id, err := p.Participants.Prepare(r.Context(), actor(r), sent, day, extent, list)
	if errors.Is(err, voucher.ErrListDay) { // before the list in force
		wrong = append(wrong, ui.FieldError{Field: "data", Text: f.T("cnop.new.day.earlier")})
		return p.showAs(w, r, http.StatusUnprocessableEntity, cnop.New(p.newDeliveryPage(r, fields, wrong)))
	}
	if err != nil {
		return err
	}
	return p.done(w, r, deliveryPath(id), f.T("cnop.new.done"), f.T("cnop.new.done_text"))
}

// cnopListTemplate is an empty list with its header, to be filled in.
func (p *Portal) cnopListTemplate(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="modello-elenco.csv"`)
	out, err := export.New(export.CSV, w, listColumns(false))
	if err != nil {
		return err
	}
	return out.Close()
}

// listColumns are the columns of the list in a file, under the names that a
// delivery gives them: what goes out may come in again.
func listColumns(report bool) []export.Column {
	var all []export.Column
	if report {
		for _, c := range voucher.ReportColumns {
			all = append(all, export.Column{Key: c, Title: c})
		}
	}
	for _, names := range [][]string{voucher.ListColumns, voucher.OptionalListColumns} {
		for _, c := range names {
			all = append(all, export.Column{Key: c, Title: c})
		}
	}
	return all
}
