package portal

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// What a file of invoices may weigh on its way, and how long it may take: it comes back
// with the form that sends it, in the coding of forms.
const (
	mostInvoices  = 1 << 20
	invoicesTakes = time.Minute
)

// psychologistFileAsk asks for a file of invoices (S-17).
func (p *Portal) psychologistFileAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showFileAsk(w, r, http.StatusOK, "")
}

func (p *Portal) showFileAsk(w http.ResponseWriter, r *http.Request, status int, wrong string) error {
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.upload.title"))
	f.Back = &ui.Link{Text: f.T("psychologist.invoice.to_list"), URL: invoicesPath}
	if wrong != "" {
		f.Errors = []ui.FieldError{{Field: "file", Text: wrong}}
	}
	page := psychologist.UploadPage{Frame: f, TemplateURL: invoiceSheetPath, Form: ui.FormProps{Action: invoiceFilePath, Upload: true},
		File: ui.FileFieldProps{Name: "file", Label: f.T("psychologist.upload.file"), Accept: "text/csv,.csv",
			Hint: f.T("psychologist.upload.hint", "Rows", voucher.InvoiceFile.Rows, "Bytes", voucher.InvoiceFile.Bytes>>10)}}
	for _, c := range voucher.InvoiceColumns {
		page.Guide = append(page.Guide, ui.Entry{Name: c, Value: f.T("psychologist.upload.column." + c)})
	}
	return p.showAs(w, r, status, psychologist.Upload(page))
}

// psychologistFileSheet sends the sessions to invoice as a file to be filled in.
func (p *Portal) psychologistFileSheet(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Invoices.ToInvoice(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	if err := p.Invoices.TakeToInvoice(r.Context(), actor(r), p.Now()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="fatture-`+calendar.On(p.Now()).String()+`.csv"`)
	var columns []export.Column
	for _, name := range []string{"seduta", "data_seduta", "ora", "beneficiario", "codice_fiscale", "contributo", "numero_fattura", "data_fattura", "importo_fattura"} {
		columns = append(columns, export.Column{Key: name, Title: name})
	}
	out, err := export.New(export.CSV, w, columns)
	for _, s := range all {
		if err != nil {
			break
		}
		if s.MayInvoice(p.Now()) == nil {
			err = out.Row(string(s.ID), s.Day, bookingClock(s.Booking), s.Holder.Name(), s.Holder.FiscalCode.Masked(), s.Amount, nil, nil, nil)
		}
	}
	return p.sheetSent(r, out, err)
}

// sheetSent ends a file, or breaks it off: half a list must not look like a whole one.
func (p *Portal) sheetSent(r *http.Request, out *export.Writer, err error) error {
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		p.Log.Error("list of invoices cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// psychologistFile reads a file of invoices and says what would come of it. Nothing is
// kept: the file comes back with the form that sends it.
func (p *Portal) psychologistFile(w http.ResponseWriter, r *http.Request) error {
	_, file, err := upload(r, "file")
	switch {
	case errors.Is(err, errNoFile):
		return p.showFileAsk(w, r, http.StatusUnprocessableEntity, words(ui.Frame{}, errNoFile))
	case err != nil:
		return err
	}
	text, err := io.ReadAll(io.LimitReader(file, int64(voucher.InvoiceFile.Bytes)+1))
	if err != nil {
		return unreadable(err)
	}
	return p.showReport(w, r, text, nil, nil)
}

// showReport says of a file which invoices can be sent and which rows cannot; after a
// sending, how many were, without these.
func (p *Portal) showReport(w http.ResponseWriter, r *http.Request, text []byte, sent map[voucher.BookingID]bool, outcome *psychologist.Sent) error {
	sheet, trials, err := p.invoicesIn(r, text)
	if err != nil {
		return err
	}
	trials = slices.DeleteFunc(trials, func(t voucher.InvoiceTrial) bool { return sent[t.Sessions[0]] })
	var f ui.Frame
	if len(trials) == 0 && len(sheet.Faults) == 1 && sheet.Faults[0].Line == 0 {
		return p.showFileAsk(w, r, http.StatusUnprocessableEntity, sheetFault(f, sheet.Faults[0]))
	}
	f = p.invoiceFrame(r, f.T("psychologist.upload.report"), ui.Crumb{Text: f.T("psychologist.upload.title"), URL: invoiceFilePath})
	f.Back = &ui.Link{Text: f.T("psychologist.upload.again"), URL: invoiceFilePath}
	page := psychologist.ReportPage{Frame: f, Outcome: outcome, Text: base64.RawURLEncoding.EncodeToString(text), FaultsURL: invoiceFaultPath, Form: ui.FormProps{Action: invoiceSendPath, Key: once.NewKey()}}
	for _, t := range trials {
		if t.Wrong != nil {
			continue
		}
		page.Ready = append(page.Ready, psychologist.ReadyInvoice{Lines: lineNumbers(t.Lines), Number: t.Number, Day: ui.ShortDay(t.IssuedOn), Amount: t.Amount,
			Claimed: t.Decision.Claimed(), Sessions: strconv.Itoa(len(t.Sessions)), Note: fileNote(f, t.Decision)})
		page.Total += t.Decision.Claimed()
	}
	page.Faults = sheetFaults(f, sheet, trials)
	page.Title = f.T("psychologist.upload.result", "Count", len(page.Ready), "Wrong", len(page.Faults))
	if sheet.Blank > 0 {
		page.Blank = f.T("psychologist.upload.blank", "Count", sheet.Blank)
	}
	page.Submit = f.T("psychologist.upload.send", "Count", len(page.Ready))
	status := http.StatusOK
	if len(page.Ready) == 0 && outcome == nil {
		status = http.StatusUnprocessableEntity
	}
	return p.showAs(w, r, status, psychologist.Report(page))
}

// fileNote is what is to be known of an invoice before it is sent, in a few words.
func fileNote(f ui.Frame, d voucher.InvoiceDecision) string {
	note := ""
	if lowerClaim(f, d) != "" {
		note = f.T("psychologist.upload.lower")
	}
	if found := d.Invoice.Findings; len(found) > 0 {
		note = strings.TrimSpace(note + " " + f.T("psychologist.upload.looked_at", "What", findingWords(f, found)))
	}
	return note
}

// invoicesIn is what stands in a file, and what would become of its invoices.
func (p *Portal) invoicesIn(r *http.Request, text []byte) (voucher.InvoiceSheet, []voucher.InvoiceTrial, error) {
	sheet, err := voucher.ReadInvoices(bytes.NewReader(text))
	if err != nil {
		return sheet, nil, err
	}
	trials, err := p.Invoices.TryAll(r.Context(), actor(r), sheet.Batches)
	return sheet, trials, err
}

// columnsOfFlaws are the columns of a file in which reasons are found.
var columnsOfFlaws = map[string]string{"numero": "numero_fattura", "data": "data_fattura", "importo": "importo_fattura"}

// sheetFaults is all that is wrong with the rows of a file, as the rules say and as the
// reader does.
func sheetFaults(f ui.Frame, sheet voucher.InvoiceSheet, trials []voucher.InvoiceTrial) (all []psychologist.RowFault) {
	for _, x := range sheet.Faults {
		all = append(all, psychologist.RowFault{Line: strconv.Itoa(x.Line), Field: x.Field, What: sheetFault(f, x)})
	}
	for _, t := range trials {
		if t.Wrong == nil {
			continue
		}
		flaws := invoiceFlaws(f, t.Wrong, t.InvoiceData, nil, nil)
		if len(flaws) == 0 {
			what := words(f, fault.As(t.Wrong))
			if errors.Is(t.Wrong, fault.ErrNotFound) {
				what = f.T("psychologist.upload.fault.session")
			}
			flaws = []ui.FieldError{{Field: "seduta", Text: what}}
		}
		for _, flaw := range flaws {
			field := flaw.Field
			if column, ok := columnsOfFlaws[field]; ok {
				field = column
			}
			text := flaw.Text
			switch {
			case errors.Is(t.Wrong, voucher.ErrInvoiceDayEarly) && flaw.Field == "data":
				text = f.T("psychologist.upload.day_early")
			case errors.Is(t.Wrong, voucher.ErrInvoiceAmountLow) && flaw.Field == "importo":
				text = f.T("psychologist.upload.amount_low")
			}
			all = append(all, psychologist.RowFault{Line: lineNumbers(t.Lines), Field: field, What: text})
		}
	}
	slices.SortStableFunc(all, func(a, b psychologist.RowFault) int { return firstLine(a) - firstLine(b) })
	return all
}

// firstLine is the line at which a fault begins, 0 for the whole file.
func firstLine(x psychologist.RowFault) int {
	line, _, _ := strings.Cut(x.Line, ",")
	n, _ := strconv.Atoi(line) // it was written from a number
	return n
}

func sheetFault(f ui.Frame, x voucher.ImportFault) string {
	return f.T("psychologist.upload.fault."+string(x.Kind), "Arg", grouped(x.Arg), "Bytes", voucher.InvoiceFile.Bytes>>10)
}

func lineNumbers(lines []int) string {
	texts := make([]string, len(lines))
	for i, n := range lines {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ", ")
}

// fileSent reads the file that a form brings back, in letters that no browser changes.
func fileSent(r *http.Request) (url.Values, []byte, error) {
	fields, err := form(r)
	if err != nil {
		return nil, nil, err
	}
	text, err := base64.RawURLEncoding.DecodeString(fields.Get("righe"))
	if err != nil {
		return nil, nil, errUnreadable
	}
	return fields, text, nil
}

// psychologistFileSend sends each invoice of a file, once: with a key of its own that
// follows from that of the form, sent twice each is still sent once.
func (p *Portal) psychologistFileSend(w http.ResponseWriter, r *http.Request) error {
	fields, text, err := fileSent(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "invoice.send", fields)
	if err != nil {
		return err
	}
	sheet, err := voucher.ReadInvoices(bytes.NewReader(text))
	if err != nil {
		return err
	}
	var f ui.Frame
	done := map[voucher.BookingID]bool{}
	for _, b := range sheet.Batches {
		key := uuid.NewSHA1(uuid.MustParse(sent.Key), []byte(b.Sessions[0])).String()
		one, err := once.New(sent.Person, sent.Action, key, url.Values{"seduta": {string(b.Sessions[0])}, "numero": {b.Number}})
		if err != nil {
			return err
		}
		_, err = p.Invoices.Send(r.Context(), actor(r), one, b.Sessions, b.InvoiceData)
		if reason := fault.As(err); err != nil && (reason == nil || reason.Kind == fault.KindUnavailable) {
			return err
		}
		done[b.Sessions[0]] = err == nil
	}
	n := 0
	for _, was := range done {
		if was {
			n++
		}
	}
	if n > 0 && n == len(sheet.Batches) && len(sheet.Faults) == 0 {
		return p.done(w, r, invoicesPath, f.T("psychologist.upload.done", "Count", n), f.T("psychologist.upload.done_text", "Count", n))
	}
	return p.showReport(w, r, text, done, &psychologist.Sent{Done: n, Text: f.T("psychologist.upload.partly", "Count", n)})
}

// psychologistFileFaults sends what is wrong with a file, row by row, for a spreadsheet.
func (p *Portal) psychologistFileFaults(w http.ResponseWriter, r *http.Request) error {
	_, text, err := fileSent(r)
	if err != nil {
		return err
	}
	sheet, trials, err := p.invoicesIn(r, text)
	if err != nil {
		return err
	}
	var f ui.Frame
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="fatture-errori-`+calendar.On(p.Now()).String()+`.csv"`)
	out, err := export.New(export.CSV, w, []export.Column{{Key: "line", Title: f.T("psychologist.upload.line")},
		{Key: "field", Title: f.T("psychologist.upload.field")}, {Key: "what", Title: f.T("psychologist.upload.wrong")}})
	for _, x := range sheetFaults(f, sheet, trials) {
		if err == nil {
			err = out.Row(x.Line, x.Field, x.What)
		}
	}
	return p.sheetSent(r, out, err)
}

// toFileAsk leads to the upload whoever opens the address of its forms.
func (p *Portal) toFileAsk(w http.ResponseWriter, r *http.Request) error {
	return goTo(w, r, invoiceFilePath, nil)
}
