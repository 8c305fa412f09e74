package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// Where a professional writes what they have invoiced.
const (
	invoicesPath     = "/professionisti/fatture"
	newInvoicePath   = invoicesPath + "/nuova"
	invoiceDataPath  = newInvoicePath + "/dati"
	invoiceCheckPath = newInvoicePath + "/controlla"
	invoiceFilePath  = invoicesPath + "/carica"
	invoiceSendPath  = invoiceFilePath + "/invia"
	invoiceFaultPath = invoiceFilePath + "/errori.csv"
	invoiceSheetPath = invoicesPath + "/modello.csv"
)

func invoicePath(id voucher.InvoiceID) string { return invoicesPath + "/" + string(id) }

// invoiceShelves are the names of the shelves in addresses.
var invoiceShelves = map[voucher.InvoiceShelf]string{
	voucher.ShelfToCorrect: "da-correggere", voucher.ShelfInReview: "in-controllo", voucher.ShelfAccepted: "accettate",
	voucher.ShelfInPayment: "in-pagamento", voucher.ShelfPaid: "pagate", voucher.ShelfWithdrawn: "ritirate",
}

// psychologistInvoices lists a professional's invoices (S-09).
func (p *Portal) psychologistInvoices(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	ask := voucher.InvoiceList{Page: pageNumber(q)}
	for shelf, slug := range invoiceShelves {
		if q.Get("stato") == slug {
			ask.Shelf = shelf
		}
	}
	found, err := p.Invoices.Invoices(r.Context(), actor(r).Person, ask)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("psychologist.invoices.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("menu.invoices")}}
	page := psychologist.InvoicesPage{Frame: f, NewURL: newInvoicePath, UploadURL: invoiceFilePath, Found: found.Total,
		Shelves: invoiceTabs(f, ask.Shelf, found.Counts)}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, invoiceRow(f, l, p.Now()))
	}
	if len(found.Lines) == 0 && found.Total > 0 {
		return goTo(w, r, invoicesPath, nil) // a page beyond the last
	}
	page.Empty = f.T("psychologist.invoices.empty")
	if len(found.Counts) > 0 {
		page.Empty = f.T("psychologist.invoices.empty_shelf")
	}
	kept := url.Values{}
	if slug := invoiceShelves[ask.Shelf]; slug != "" {
		kept.Set("stato", slug)
	}
	page.Pages = listPages(f.T("psychologist.invoices.pages"), invoicesPath, kept, ask.Page, found.Total, voucher.InvoicesPerPage)
	return p.show(w, r, psychologist.Invoices(page))
}

func invoiceTabs(f ui.Frame, current voucher.InvoiceShelf, counts map[voucher.InvoiceShelf]int) []ui.Tab {
	tabs := []ui.Tab{{Text: f.T("psychologist.shelf.all"), URL: invoicesPath, Current: current == ""}}
	for _, shelf := range voucher.InvoiceShelves {
		tabs = append(tabs, ui.Tab{Text: f.T("psychologist.invoices.shelf."+string(shelf)) + " (" + strconv.Itoa(counts[shelf]) + ")",
			URL: withQuery(invoicesPath, url.Values{"stato": {invoiceShelves[shelf]}}), Current: current == shelf})
	}
	return tabs
}

func invoiceRow(f ui.Frame, l voucher.InvoiceLine, now time.Time) psychologist.InvoiceRow {
	row := psychologist.InvoiceRow{
		ID: string(l.ID), URL: invoicePath(l.ID), Number: l.Number, Day: l.IssuedOn, Holder: l.Holder.Name(),
		Sessions: strconv.Itoa(l.Sessions), Amount: l.Amount, Claimed: l.Claimed, State: invoiceTag(f, l.Invoice),
		Action: ui.Link{Text: f.T("psychologist.agenda.see"), URL: invoicePath(l.ID)},
	}
	switch {
	case l.State != voucher.InvoiceToCorrect:
	case l.MayCorrect(now) != nil:
		row.Note = f.T("psychologist.invoices.correct_over", "Day", ui.ShortDay(l.CorrectBy))
	default:
		row.Note = f.T("psychologist.invoices.correct_by", "Day", ui.ShortDay(l.CorrectBy))
		row.Action = ui.Link{Text: f.T("psychologist.invoice.correct"), URL: invoicePath(l.ID) + "/correggi"}
	}
	return row
}

// invoiceTag is the word of an invoice's shelf, in the colour of whose move it is.
func invoiceTag(f ui.Frame, i voucher.Invoice) ui.Tag {
	tones := map[voucher.InvoiceShelf]ui.Tone{voucher.ShelfInReview: ui.Working, voucher.ShelfToCorrect: ui.Action, voucher.ShelfAccepted: ui.Success,
		voucher.ShelfInPayment: ui.Working, voucher.ShelfPaid: ui.Success, voucher.ShelfWithdrawn: ui.Closed}
	return ui.Tag{Tone: tones[i.Shelf()], Text: f.T("psychologist.invoice.state." + string(i.Shelf()))}
}

// invoiceFrame is the frame of a page below the list of invoices.
func (p *Portal) invoiceFrame(r *http.Request, title string, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS", Title: title})
	f.Path = append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("menu.invoices"), URL: invoicesPath}}, below...)
	f.Path = append(f.Path, ui.Crumb{Text: title})
	return f
}
