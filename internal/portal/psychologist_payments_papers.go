package portal

import (
	"bytes"
	"net/http"
	"strconv"

	"portal/internal/export"
	"portal/internal/paper"
	"portal/internal/voucher"
	"portal/web/ui"
)

// psychologistStatementCSV sends what was paid in a year, a session a row.
func (p *Portal) psychologistStatementCSV(w http.ResponseWriter, r *http.Request) error {
	paid, err := p.paidIn(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	var columns []export.Column
	for _, key := range []string{"money.col.value_day", "money.order.run", "money.col.reference", "money.col.session", "money.col.invoice", "money.col.invoice_day", "psychologist.csv.amount"} {
		columns = append(columns, export.Column{Key: key, Title: f.T(key)})
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="pagamenti-`+strconv.Itoa(paid.Year)+`.csv"`)
	file, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	for _, l := range paid.Lines {
		if err := file.Row(l.ValueDay, l.Run, l.Reference, l.Day, l.Invoice, l.InvoiceOn, l.Amount); err != nil {
			return nil // nobody is there any more
		}
	}
	_ = file.Close() // the reader may have gone
	return nil
}

// psychologistStatementPDF is the same as a document.
func (p *Portal) psychologistStatementPDF(w http.ResponseWriter, r *http.Request) error {
	paid, err := p.paidIn(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	act := p.paidAct(f, "money.statement", paid)
	var lines []paper.Line
	for i, l := range paid.Lines {
		lines = append(lines, paper.Line{Name: f.T("money.statement.session", "Day", ui.ShortDay(l.Day)), Value: f.T("money.statement.line", "Amount", l.Amount, "Invoice", l.Invoice, "InvoiceOn", ui.ShortDay(l.InvoiceOn))})
		if i+1 == len(paid.Lines) || paid.Lines[i+1].Run != l.Run || paid.Lines[i+1].Reference != l.Reference {
			act.Parts = append(act.Parts, paper.Part{Heading: f.T("money.statement.order", "Day", l.ValueDay, "Number", l.Run, "Reference", l.Reference), Lines: lines})
			lines = nil
		}
	}
	return sendAct(w, act, "pagamenti-"+strconv.Itoa(paid.Year))
}

// psychologistCertificate certifies what was paid in a year.
func (p *Portal) psychologistCertificate(w http.ResponseWriter, r *http.Request) error {
	paid, err := p.paidIn(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	act := p.paidAct(f, "money.certificate", paid)
	act.Parts = append(act.Parts, paper.Part{Text: []string{f.T("money.certificate.basis"), f.T("money.certificate.share")}})
	return sendAct(w, act, "certificazione-"+strconv.Itoa(paid.Year))
}

// paidAct is the head of a document about what was paid in a year: to whom, and how
// much.
func (p *Portal) paidAct(f ui.Frame, kind string, paid voucher.Statement) paper.Act {
	year := strconv.Itoa(paid.Year)
	return paper.Act{
		Body: f.T("ui.body.inps"), Title: f.T(kind+".title", "Year", year), Lead: f.T(kind+".lead", "Year", year),
		Foot: f.T(kind+".title", "Year", year), At: p.Now(),
		Parts: []paper.Part{{Heading: f.T("money.statement.summary"), Lines: []paper.Line{
			{Name: f.T("money.statement.payee"), Value: paid.Payee.Name()}, {Name: f.T("psychologist.fiscal_code"), Value: string(paid.Payee.FiscalCode)},
			{Name: f.T("money.statement.total"), Value: paid.Total().String()}, {Name: f.T("money.order.sessions"), Value: strconv.Itoa(len(paid.Lines))},
			{Name: f.T("money.statement.made"), Value: ui.Moment(p.Now())}}}},
	}
}

// sendAct sends a document as PDF.
func sendAct(w http.ResponseWriter, act paper.Act, name string) error {
	var b bytes.Buffer
	if err := paper.Write(&b, act); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	_, _ = w.Write(b.Bytes()) // the reader may have gone
	return nil
}
