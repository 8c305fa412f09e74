package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const inpsInvoicesPath = workPath + "/fatture"

func inpsInvoicePath(id voucher.InvoiceID) string { return inpsInvoicesPath + "/" + string(id) }

// inpsInvoiceShelves are the parts of the queue, in their order.
var inpsInvoiceShelves = []struct {
	slug  string
	shelf voucher.InvoiceShelf
}{{"", voucher.ShelfInReview}, {"da-correggere", voucher.ShelfToCorrect}, {"accettate", voucher.ShelfAccepted}, {"ritirate", voucher.ShelfWithdrawn}}

// inpsInvoices is the queue of the invoices that an officer looks at, the oldest first.
// What is searched for stays in the login session: it has no place in an address.
func (p *Portal) inpsInvoices(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if q.Get("filtri") == "togli" {
		p.Logins.Remove(r.Context(), keyInvoice)
		return goTo(w, r, inpsInvoicesPath, nil)
	}
	shown := inpsInvoiceShelves[0]
	for _, s := range inpsInvoiceShelves {
		if s.slug == q.Get("stato") {
			shown = s
		}
	}
	sought := p.Logins.GetString(r.Context(), keyInvoice)
	ask := voucher.InvoiceList{Shelf: shown.shelf, Page: pageNumber(q), Number: sought}
	if code, err := identity.ParseFiscalCode(sought); err == nil {
		ask.Number, ask.Of = "", code
	}
	found, err := p.Invoices.InvoiceQueue(r.Context(), ask)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.invoice.title"), ui.Crumb{Text: f.T("menu.inps.sessions"), URL: deskSessionsPath})
	page := inps.InvoicesPage{Frame: f, Count: counted(f, "inps.invoice.count", found.Total), Sought: sought,
		Search: ui.FiltersProps{Label: f.T("inps.invoice.search"), Action: inpsInvoicesPath, Submit: f.T("inps.invoice.search"), Private: true}}
	if sought != "" {
		page.Search.ClearURL = inpsInvoicesPath + "?filtri=togli"
	}
	for _, s := range inpsInvoiceShelves {
		text := f.T("inps.invoice.shelf." + string(s.shelf))
		if n, known := found.Counts[s.shelf]; known {
			text += " (" + grouped(n) + ")"
		}
		page.Shelves = append(page.Shelves, ui.Tab{Text: text, URL: withQuery(inpsInvoicesPath, stateQuery(s.slug)), Current: s == shown})
	}
	today := calendar.On(p.Now())
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, inpsInvoiceRow(f, l, today))
	}
	page.Pages = listPages(f.T("inps.invoice.pages"), inpsInvoicesPath, stateQuery(shown.slug), ask.Page, found.Total, voucher.InvoicesPerPage)
	return p.show(w, r, inps.Invoices(page))
}

func stateQuery(slug string) url.Values {
	if slug == "" {
		return url.Values{}
	}
	return url.Values{"stato": {slug}}
}

func inpsInvoiceRow(f ui.Frame, l voucher.InvoiceLine, today calendar.Date) inps.InvoiceRow {
	row := inps.InvoiceRow{ID: string(l.ID), URL: inpsInvoicePath(l.ID), Number: l.Number, Day: l.IssuedOn, Professional: l.ProfessionalName,
		Sessions: strconv.Itoa(l.Sessions), Claimed: l.Claimed.String(), Received: ui.ShortDay(calendar.On(l.ReceivedAt)), Found: findingWords(f, l.Findings)}
	if l.State == voucher.InvoiceToCorrect {
		row.Found = f.T("inps.invoice.waits", "Day", ui.ShortDay(l.CorrectBy))
		if today.After(l.CorrectBy) {
			row.Found = f.T("inps.invoice.overdue", "Day", ui.ShortDay(l.CorrectBy))
		}
	}
	return row
}

// inpsInvoicesSearch keeps what an officer looks for: a number, or a fiscal code.
func (p *Portal) inpsInvoicesSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sought := strings.TrimSpace(fields.Get("cerca"))
	if runes := []rune(sought); len(runes) > voucher.InvoiceGuards.Number {
		sought = string(runes[:voucher.InvoiceGuards.Number])
	}
	p.Logins.Put(r.Context(), keyInvoice, sought)
	return goTo(w, r, inpsInvoicesPath, nil)
}

// inpsInvoice is one invoice as the office sees it.
func (p *Portal) inpsInvoice(w http.ResponseWriter, r *http.Request) error {
	c, err := p.invoiceAsked(r)
	if err != nil {
		return err
	}
	i := c.Invoice
	f := p.inpsInvoiceFrame(r, c, "")
	tag := invoiceTag(f, i)
	f.Badge, f.Back = &tag, &ui.Link{Text: f.T("inps.invoice.to_list"), URL: inpsInvoicesPath}
	page := inps.InvoicePage{Frame: f, Facts: inpsInvoiceFacts(f, c),
		Events: invoiceEvents(f, c.Events, func(e voucher.InvoiceEvent) string { return cmp.Or(e.Name, f.T("psychologist.who.office")) })}
	for _, x := range i.Findings {
		page.Found = append(page.Found, f.T("inps.invoice.finding."+string(x)))
	}
	if i.State == voucher.InvoiceToCorrect {
		page.Waits = f.T("inps.invoice.waiting", "Field", f.T("psychologist.invoice.field."+string(i.Field)), "Reason", i.Reason, "OfDay", ui.OfDay(i.CorrectBy))
	}
	for n, s := range c.Of {
		page.Sessions = append(page.Sessions, inps.InvoicedSession{ID: string(s.ID), When: shortWhen(s.Day, s.Start), Price: s.Amount, Claimed: c.Claims[n].Amount,
			Territory: typeset(s.Account.Voucher.Territory), Booked: ui.ShortMoment(s.BookedAt), Held: ui.ShortMoment(s.HeldAt), Place: s.Place})
	}
	for _, was := range c.Changes {
		page.Changes = append(page.Changes, f.T("psychologist.invoice.was", "Number", was.Number, "OfDay", ui.OfDay(was.IssuedOn), "Amount", was.Amount))
	}
	for _, a := range invoiceActs {
		if a.may(i, actor(r)) == nil {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.invoice." + a.name), URL: inpsInvoicePath(i.ID) + a.path})
		}
	}
	return p.show(w, r, inps.Invoice(page))
}

func (p *Portal) inpsInvoiceFrame(r *http.Request, c voucher.InvoiceCase, step string) ui.Frame {
	var words ui.Frame
	name := words.T("inps.invoice.one", "Number", c.Invoice.Number)
	above := []ui.Crumb{{Text: words.T("menu.inps.sessions"), URL: deskSessionsPath}, {Text: words.T("inps.invoice.title"), URL: inpsInvoicesPath}}
	if step == "" {
		return p.inpsFrame(r, name, above...)
	}
	f := p.inpsFrame(r, words.T(step), append(above, ui.Crumb{Text: name, URL: inpsInvoicePath(c.Invoice.ID)})...)
	f.Back = &ui.Link{Text: f.T("psychologist.invoice.back"), URL: inpsInvoicePath(c.Invoice.ID)}
	return f
}

func inpsInvoiceFacts(f ui.Frame, c voucher.InvoiceCase) []ui.Entry {
	i := c.Invoice
	facts := []ui.Entry{
		{Name: f.T("inps.invoice.professional"), Value: c.ProfessionalName, Proper: true,
			Action: &ui.Link{Text: f.T("inps.invoice.card"), URL: workPath + "/professionisti/" + string(i.Professional)}},
		{Name: f.T("psychologist.holder"), Value: c.Holder.Name(), Note: c.Holder.FiscalCode.Masked(), Proper: true},
		{Name: f.T("psychologist.invoice.number"), Value: i.Number, Proper: true},
		{Name: f.T("psychologist.invoice.day"), Value: ui.Day(i.IssuedOn)},
		{Name: f.T("psychologist.invoice.amount"), Value: i.Amount.String()},
		{Name: f.T("psychologist.invoice.claimed"), Value: c.Claimed().String()},
		{Name: f.T("psychologist.invoice.received"), Value: ui.Moment(i.ReceivedAt)},
	}
	if c.DecidedName != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.invoice.looked"), Value: c.DecidedName, Note: ui.Moment(i.DecidedAt), Proper: true})
	}
	return facts
}
