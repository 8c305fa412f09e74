package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// invoiceAct is an act of an officer on an invoice: the page that asks, and the deed.
type invoiceAct struct {
	name, path string
	may        func(i voucher.Invoice, who identity.Actor) error
	ask        func(f ui.Frame, c voucher.InvoiceCase, fields url.Values, page *inps.InvoiceActPage)
	do         func(p *Portal, r *http.Request, sent once.Form, id voucher.InvoiceID, version int64, fields url.Values) error
}

var invoiceActs = []invoiceAct{
	{name: "accept", path: "/accetta", may: voucher.Invoice.MayAccept,
		ask: func(ui.Frame, voucher.InvoiceCase, url.Values, *inps.InvoiceActPage) {},
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.InvoiceID, version int64, _ url.Values) error {
			return p.Invoices.Accept(r.Context(), actor(r), sent, id, version)
		}},
	{name: "return", path: "/rimanda", may: voucher.Invoice.MayReturn,
		ask: func(f ui.Frame, _ voucher.InvoiceCase, fields url.Values, page *inps.InvoiceActPage) {
			choice := ui.ChoiceProps{Name: "campo", Legend: f.T("inps.invoice.field"), Chosen: []string{fields.Get("campo")}}
			for _, field := range voucher.InvoiceFields {
				choice.Options = append(choice.Options, ui.Option{Value: string(field), Label: f.T("psychologist.invoice.field." + string(field))})
			}
			page.Choice = &choice
			page.Reason = &ui.TextAreaProps{Name: "motivo", Label: f.T("inps.invoice.reason"), Hint: f.T("inps.invoice.reason.hint", "Long", voucher.InvoiceGuards.Reason),
				Value: fields.Get("motivo")}
		},
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.InvoiceID, version int64, fields url.Values) error {
			return p.Invoices.Return(r.Context(), actor(r), sent, id, version, voucher.InvoiceField(fields.Get("campo")), fields.Get("motivo"))
		}},
	{name: "reopen", path: "/riapri", may: voucher.Invoice.MayReopen,
		ask: func(f ui.Frame, _ voucher.InvoiceCase, fields url.Values, page *inps.InvoiceActPage) {
			page.Reason = &ui.TextAreaProps{Name: "motivo", Label: f.T("inps.invoice.note"), Hint: f.T("inps.invoice.note.hint", "Long", voucher.InvoiceGuards.Reason),
				Value: fields.Get("motivo")}
		},
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.InvoiceID, version int64, fields url.Values) error {
			return p.Invoices.Reopen(r.Context(), actor(r), sent, id, version, fields.Get("motivo"))
		}},
	{name: "amend", path: "/rettifica", may: voucher.Invoice.MayAmend,
		ask: func(f ui.Frame, c voucher.InvoiceCase, fields url.Values, page *inps.InvoiceActPage) {
			day, month, year := ui.DateNames("data")
			if !fields.Has("numero") {
				d := c.Invoice.IssuedOn
				fields = url.Values{"numero": {c.Invoice.Number}, day: {strconv.Itoa(d.Day)}, month: {strconv.Itoa(int(d.Month))}, year: {strconv.Itoa(d.Year)}}
			}
			page.Number = &ui.FieldProps{Name: "numero", Label: f.T("psychologist.invoice.number"), Value: fields.Get("numero"), Autocomplete: "off"}
			page.Day = &ui.DateFieldProps{Name: "data", Legend: f.T("psychologist.invoice.day"), Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
			page.Reason = &ui.TextAreaProps{Name: "motivo", Label: f.T("inps.invoice.note"), Hint: f.T("inps.invoice.note.hint", "Long", voucher.InvoiceGuards.Reason),
				Value: fields.Get("motivo")}
		},
		do: func(p *Portal, r *http.Request, sent once.Form, id voucher.InvoiceID, version int64, fields url.Values) error {
			d, wrong := readInvoice(fields)
			if len(wrong) > 0 {
				d.IssuedOn = calendar.Date{} // the form says why
			}
			return p.Invoices.Amend(r.Context(), actor(r), sent, id, version, d.Number, d.IssuedOn, fields.Get("motivo"))
		}},
}

// inpsInvoiceAsk asks before an act on an invoice.
func (p *Portal) inpsInvoiceAsk(a invoiceAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := p.invoiceAsked(r)
		if err != nil {
			return err
		}
		if err := a.may(c.Invoice, actor(r)); err != nil {
			return err
		}
		return p.showInvoiceAct(w, r, http.StatusOK, a, c, url.Values{}, once.NewKey(), nil)
	}
}

func (p *Portal) showInvoiceAct(w http.ResponseWriter, r *http.Request, status int, a invoiceAct, c voucher.InvoiceCase, fields url.Values, key string, wrong []ui.FieldError) error {
	f := p.inpsInvoiceFrame(r, c, "inps.invoice.ask."+a.name)
	f.Errors = wrong
	page := inps.InvoiceActPage{Frame: f, Text: f.T("inps.invoice.text." + a.name), Facts: inpsInvoiceFacts(f, c),
		Form:    ui.FormProps{Action: inpsInvoicePath(c.Invoice.ID) + a.path, Key: key, Version: strconv.FormatInt(c.Invoice.Version, 10)},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.invoice." + a.name), Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: inpsInvoicePath(c.Invoice.ID)}}}
	a.ask(f, c, fields, &page)
	return p.showAs(w, r, status, inps.InvoiceAct(page))
}

// inpsInvoiceDo does an act on an invoice.
func (p *Portal) inpsInvoiceDo(a invoiceAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, fields, sent, err := formAbout[voucher.InvoiceID](r, "invoice."+a.name)
		if err != nil {
			return err
		}
		err = a.do(p, r, sent, id, int64(seenRevision(fields)), fields)
		if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid && !errors.Is(err, once.ErrOtherContent) {
			c, again := p.invoiceAsked(r)
			if again != nil {
				return again
			}
			data, wrong := readInvoice(fields)
			return p.showInvoiceAct(w, r, http.StatusUnprocessableEntity, a, c, fields, sent.Key, invoiceFlaws(ui.Frame{}, err, data, c.Of, wrong))
		}
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, inpsInvoicePath(id), f.T("inps.invoice.done."+a.name), f.T("inps.invoice.done."+a.name+".text"))
	}
}
