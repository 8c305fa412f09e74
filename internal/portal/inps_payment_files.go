package portal

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"strings"

	"portal/internal/audit"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/web/payments"
	"portal/web/ui"
)

// file sends the file of a run for the bank: the same bytes each time.
func (p till) file(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	run, write, err := p.Payments.File(r.Context(), actor(r), payment.RunID(id))
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+run.Message()+`.xml"`)
	if err := write(w); err != nil {
		p.Log.Error("file for the bank cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	return nil
}

// sheet sends the lines of a run for a spreadsheet.
func (p till) sheet(format export.Format) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := idParam(r, "id")
		if err != nil {
			return err
		}
		run, rows, err := p.Payments.Sheet(r.Context(), actor(r), payment.RunID(id))
		if err != nil {
			return err
		}
		f := p.says(ui.Frame{})
		w.Header().Set("Content-Type", format.Type())
		w.Header().Set("Content-Disposition", `attachment; filename="distinta-`+run.Message()+format.Ending()+`"`)
		keys := []string{"session", "invoice", "edition", "territory", "amount"}
		if run.Call != "" {
			keys = []string{"application", "gross", "withholding", "set_off", "net"}
		}
		columns := []export.Column{}
		for _, key := range append([]string{"number", "end_to_end", "payee", "iban", "order_amount", "state", "value_day", "reference", "reason"}, keys...) {
			columns = append(columns, export.Column{Key: key, Title: f.T("inps.payments.sheet." + key)})
		}
		file, err := export.New(format, w, columns)
		if err == nil {
			defer file.Discard()
			for row, wrong := range rows {
				if err = wrong; err == nil {
					l := row.Line
					cells := []any{l.Booking, l.Invoice, l.Edition, l.Territory, l.Amount}
					if run.Call != "" {
						cells = []any{l.Protocol, l.Gross, l.Withholding, l.SetOff, l.Net()}
					}
					err = file.Row(append([]any{row.Number, row.EndToEnd, row.Holder, string(row.IBAN), row.Amount, f.T("inps.payments.order." + string(row.State)), row.ValueDay,
						row.Reference, row.Reason}, cells...)...)
				}
				if err != nil {
					break
				}
			}
		}
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			p.Log.Error("list of a payment run cut short", "id", audit.Request(r.Context()), "error", err)
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
		return nil
	}
}

// outcomesAsk asks for what the bank answered (I-21).
func (p till) outcomesAsk(w http.ResponseWriter, r *http.Request) error {
	page, err := p.outcomesPage(r, "controlla")
	if err != nil {
		return err
	}
	return p.show(w, r, payments.Outcomes(page))
}

func (p till) outcomesPage(r *http.Request, chosen string) (payments.OutcomesPage, error) {
	run, err := p.paymentRun(r)
	if err != nil {
		return payments.OutcomesPage{}, err
	}
	f := p.paymentActFrame(r, run, p.says(ui.Frame{}).T("inps.payments.outcomes.title", "Number", run.Number))
	page := payments.OutcomesPage{Frame: f.Frame, Lead: f.T("inps.payments.outcomes.lead"), Columns: strings.Join(payment.OutcomeColumns, ";")}
	if err := run.MayRecord(actor(r)); err != nil {
		page.Refusal = paymentWords(f, err)
	} else {
		page.Form = &ui.FormProps{Action: p.path(run.ID) + "/esiti", Key: once.NewKey(), Upload: true}
		page.What = ui.ChoiceProps{Name: "fare", Legend: f.T("inps.payments.outcomes.what"), Chosen: []string{chosen}, Options: []ui.Option{
			{Value: "controlla", Label: f.T("inps.payments.outcomes.check"), Hint: f.T("inps.payments.outcomes.check.hint")},
			{Value: "registra", Label: f.T("inps.payments.outcomes.record"), Hint: f.T("inps.payments.outcomes.record.hint")}}}
		page.File = ui.FileFieldProps{Name: "file", Label: f.T("inps.payments.outcomes.file"), Hint: f.T("inps.payments.outcomes.file.hint"), Accept: ".xml,.csv,application/xml,text/csv"}
		page.Buttons = ui.ButtonsProps{Submit: f.T("inps.payments.outcomes.submit"), Cancel: f.Back}
	}
	before, err := p.Payments.Outcomes(r.Context(), run.ID)
	page.Before = outcomesTable(f, before)
	return page, err
}

// outcomes checks a file of the bank, or records it: whole, or not at all.
func (p till) outcomes(w http.ResponseWriter, r *http.Request) error {
	run, err := p.paymentRun(r)
	if err != nil {
		return err
	}
	fields, part, err := upload(r, "file")
	if errors.Is(err, errNoFile) {
		return p.outcomesWrong(w, r, fields.Get("fare"), p.says(ui.Frame{}).T("inps.payments.outcomes.no_file"))
	}
	if err != nil {
		return err
	}
	file, err := io.ReadAll(io.LimitReader(part, payment.MostOutcomeBytes+1))
	if err != nil {
		return unreadable(err)
	}
	if len(file) > payment.MostOutcomeBytes {
		return p.outcomesWrong(w, r, fields.Get("fare"), words(ui.Frame{}, payment.ErrOutcomesSize))
	}
	if fields.Get("fare") != "registra" {
		return p.outcomesChecked(w, r, run, file)
	}
	digest := sha256.Sum256(file)
	fields.Set("file", hex.EncodeToString(digest[:]))
	sent, err := sending(r, "payment.record", fields)
	if err != nil {
		return err
	}
	o, err := p.Payments.Record(r.Context(), actor(r), sent, run.ID, file)
	if errors.Is(err, payment.ErrOutcomes) || errors.Is(err, payment.ErrNoOutcomes) {
		return p.outcomesFaulty(w, r, err)
	}
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	f := p.says(ui.Frame{})
	title, sums := f.T("inps.payments.outcomes.done"), outcomeSums(f, o.Paid, o.Returned)
	if o.Before {
		title, sums = f.T("inps.payments.outcomes.known"), f.T("inps.payments.outcomes.known.text", "When", ui.OnMoment(o.Recorded.At), "Sums", sums)
	}
	return p.done(w, r, p.path(run.ID), title, sums)
}

// outcomeSums is "12 pagati, 1 restituito".
func outcomeSums(f tillFrame, paid, returned int) string {
	return f.T("inps.payments.outcomes.paid", "Count", paid, "N", grouped(paid)) + ", " + f.T("inps.payments.outcomes.returned", "Count", returned, "N", grouped(returned)) + "."
}

// outcomesWrong shows the form again with what is wrong with the choice of a file.
func (p till) outcomesWrong(w http.ResponseWriter, r *http.Request, chosen, text string) error {
	page, err := p.outcomesPage(r, chosen)
	if err != nil {
		return err
	}
	page.Errors = []ui.FieldError{{Field: "file", Text: text}}
	return p.showAs(w, r, http.StatusUnprocessableEntity, payments.Outcomes(page))
}

// outcomesChecked tells what a file would make of the orders.
func (p till) outcomesChecked(w http.ResponseWriter, r *http.Request, run payment.Run, file []byte) error {
	settled, open, err := p.Payments.Judge(r.Context(), actor(r), run.ID, file)
	if errors.Is(err, payment.ErrOutcomes) || errors.Is(err, payment.ErrNoOutcomes) {
		return p.outcomesFaulty(w, r, err)
	}
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	page, err := p.outcomesPage(r, "registra")
	if err != nil {
		return err
	}
	f := p.says(page.Frame)
	paid, returned := payment.Counts(settled)
	text := outcomeSums(f, paid, returned)
	if open > 0 {
		text += " " + f.T("inps.payments.outcomes.open", "Count", open, "N", grouped(open))
	}
	page.Checked = &ui.Flash{Tone: ui.Success, Title: f.T("inps.payments.outcomes.checked"), Text: text + " " + f.T("inps.payments.outcomes.checked.text")}
	page.Would = payments.Table{Caption: f.T("inps.payments.outcomes.would"), Columns: paymentColumns(f, "number", "payee", "#amount", "answer", "state")}
	for _, s := range settled {
		if s.Order.State == payment.OrderReturned && len(page.Would.Rows) < ordersPageSize {
			page.Would.Rows = append(page.Would.Rows, payments.Row{ID: string(s.Order.ID), State: &ui.Tag{Tone: orderTones[s.Order.State], Text: f.T("inps.payments.order." + string(s.Order.State))},
				Cells: []string{ui.Number(s.Order.Number), s.Order.Holder, s.Order.Amount.String(), returnWords(f.Frame, s.Order.Reason)}})
		}
	}
	return p.show(w, r, payments.Outcomes(page))
}

// outcomesFaulty lists what is wrong with a file: nothing of it was recorded.
func (p till) outcomesFaulty(w http.ResponseWriter, r *http.Request, wrong error) error {
	page, err := p.outcomesPage(r, "controlla")
	if err != nil {
		return err
	}
	f := p.says(page.Frame)
	page.Checked = &ui.Flash{Tone: ui.Danger, Title: f.T("inps.payments.outcomes.wrong"), Text: words(f.Frame, fault.As(wrong))}
	var faults payment.OutcomeFaults
	if errors.As(wrong, &faults) {
		page.Faults = payments.Table{Caption: f.T("inps.payments.outcomes.faults"), Columns: paymentColumns(f, "line", "id", "wrong")}
		for i, x := range faults {
			line := f.T("inps.payments.outcomes.whole")
			if x.Line > 0 {
				line = ui.Number(x.Line)
			}
			page.Faults.Rows = append(page.Faults.Rows, payments.Row{ID: "errore-" + ui.Number(i), Cells: []string{line, x.ID, f.T("inps.payments.fault." + x.Code)}})
		}
	}
	return p.showAs(w, r, http.StatusUnprocessableEntity, payments.Outcomes(page))
}
