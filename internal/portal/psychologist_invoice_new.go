package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// invoiceSteps is how many steps a new invoice has.
const invoiceSteps = 3

// chosenToInvoice are the sessions that an address names: each as «seduta», or all as
// «sedute», separated by commas, from pages that lead here.
func chosenToInvoice(q url.Values) ([]voucher.BookingID, error) {
	texts := slices.Clone(q["seduta"])
	if list := q.Get("sedute"); list != "" {
		texts = append(texts, strings.Split(list, ",")...)
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	if len(texts) > voucher.AgendaPageSize {
		return nil, errUnreadable
	}
	ids := make([]voucher.BookingID, len(texts))
	for i, text := range texts {
		if id, err := uuid.Parse(text); err != nil || id.String() != text {
			return nil, fault.ErrNotFound
		}
		ids[i] = voucher.BookingID(text)
	}
	return ids, nil
}

// sessionsQuery names sessions in an address.
func sessionsQuery(ids []voucher.BookingID) url.Values {
	q := url.Values{}
	for _, id := range ids {
		q.Add("seduta", string(id))
	}
	return q
}

// psychologistInvoiceNew asks which sessions an invoice is for (S-08, step 1). Whoever
// comes with sessions of one beneficiary has chosen already.
func (p *Portal) psychologistInvoiceNew(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	chosen, err := chosenToInvoice(q)
	if err != nil {
		return err
	}
	all, err := p.Invoices.ToInvoice(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.invoice.new"))
	f.Caption, f.Back = f.Step(1, invoiceSteps), &ui.Link{Text: f.T("psychologist.invoice.to_list"), URL: invoicesPath}
	page := psychologist.InvoiceChoosePage{Frame: f, Action: invoiceDataPath, UploadURL: invoiceFilePath}
	found := 0
	holders := map[identity.PersonID]int{} // of the sessions chosen
	now := p.Now()
	for _, s := range all {
		row := psychologist.ToInvoiceRow{ID: string(s.ID), When: shortWhen(s.Day, s.Start), Amount: s.Amount,
			By: f.T("psychologist.invoice.by", "Day", ui.ShortDay(s.InvoiceBy)), Chosen: slices.Contains(chosen, s.ID)}
		if reason := fault.As(s.MayInvoice(now)); reason != nil {
			row.Why, row.Chosen = words(f, reason), false
		}
		if row.Chosen {
			found++
			holders[s.Beneficiary]++
		}
		page.Add(string(s.Beneficiary), s.Holder.Name(), s.Holder.FiscalCode.Masked(), row)
	}
	if len(holders) == 1 && found == len(chosen) && q.Has("sedute") {
		return goTo(w, r, invoiceDataPath, sessionsQuery(chosen))
	}
	slices.SortStableFunc(page.Groups, func(a, b psychologist.ToInvoiceGroup) int { return cmp.Compare(b.Chosen(), a.Chosen()) })
	if len(holders) > 1 {
		page.Notice = f.T("psychologist.invoice.each_holder", "Count", len(holders))
	}
	if missing := len(chosen) - found; missing > 0 {
		page.Notice = f.T("psychologist.invoice.not_these", "Count", missing)
	}
	status := http.StatusOK
	if q.Get("manca") == "sedute" {
		status, page.Errors = http.StatusUnprocessableEntity, []ui.FieldError{{Text: words(f, voucher.ErrNoSessions)}}
	}
	return p.showAs(w, r, status, psychologist.InvoiceChoose(page))
}

// psychologistInvoiceData asks for the data of the invoice (step 2).
func (p *Portal) psychologistInvoiceData(w http.ResponseWriter, r *http.Request) error {
	q, draft, err := p.invoiceDraft(r)
	if err != nil {
		return err
	}
	if refused := draft.sessionsRefused(); refused != nil {
		return p.showChoiceRefused(w, r, q, refused)
	}
	return p.showInvoiceData(w, r, http.StatusOK, q, draft, nil)
}

// typedInvoice is what an address says of a new invoice, and what would become of it.
type typedInvoice struct {
	voucher.InvoiceDraft
	sessions []voucher.BookingID
	data     voucher.InvoiceData
	wrong    []ui.FieldError // what cannot be read
}

// invoiceDraft reads an invoice from an address and tries it.
func (p *Portal) invoiceDraft(r *http.Request) (url.Values, typedInvoice, error) {
	q, err := query(r)
	if err != nil {
		return nil, typedInvoice{}, err
	}
	draft, err := p.tryInvoice(r, q)
	return q, draft, err
}

func (p *Portal) tryInvoice(r *http.Request, fields url.Values) (t typedInvoice, err error) {
	if t.sessions, err = chosenToInvoice(fields); err != nil {
		return t, err
	}
	t.data, t.wrong = readInvoice(fields)
	t.InvoiceDraft, err = p.Invoices.Try(r.Context(), actor(r), t.sessions, t.data)
	return t, err
}

// sessionsRefused is why no invoice can be sent for the sessions, whatever its data say.
func (t typedInvoice) sessionsRefused() *fault.Reason {
	var at voucher.ClaimError
	switch reason := fault.As(t.Wrong); {
	case reason == fault.ErrNotFound, reason == voucher.ErrNoSessions, reason == voucher.ErrSeveralHolders, errors.As(t.Wrong, &at):
		return reason
	}
	return nil
}

// showChoiceRefused leads back to the choice of the sessions, with why it cannot be.
func (p *Portal) showChoiceRefused(w http.ResponseWriter, r *http.Request, q url.Values, reason *fault.Reason) error {
	switch reason {
	case fault.ErrNotFound:
		return reason
	case voucher.ErrNoSessions:
		return goTo(w, r, newInvoicePath, url.Values{"manca": {"sedute"}})
	}
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.invoice.new"))
	f.Caption = f.Step(1, invoiceSteps)
	f.Errors = []ui.FieldError{{Text: words(f, reason)}}
	chosen, err := chosenToInvoice(q)
	if err != nil {
		return err
	}
	return p.showAs(w, r, statuses[reason.Kind], psychologist.InvoiceRefused(psychologist.InvoiceRefusedPage{Frame: f,
		Next: ui.Link{Text: f.T("psychologist.invoice.choose_again"), URL: withQuery(newInvoicePath, sessionsQuery(chosen))}}))
}

// readInvoice reads the data of an invoice as they were typed.
func readInvoice(fields url.Values) (d voucher.InvoiceData, wrong []ui.FieldError) {
	var f ui.Frame
	d.Number = voucher.ParseInvoiceNumber(fields.Get("numero"))
	day, err := dateField(fields, "data")
	if d.IssuedOn = day; err != nil {
		wrong = append(wrong, ui.FieldError{Field: "data", Text: words(f, fault.As(err))})
	}
	if text := strings.TrimSpace(fields.Get("importo")); text != "" {
		amount, err := money.Parse(text)
		if d.Amount = amount; err != nil {
			wrong = append(wrong, ui.FieldError{Field: "importo", Text: words(f, fault.As(err))})
		}
	}
	return d, wrong
}

// invoiceFields are the fields in which reasons are shown, in the order of the form.
var invoiceFields = []struct {
	name    string
	reasons []*fault.Reason
}{
	{"numero", []*fault.Reason{voucher.ErrInvoiceNumber, voucher.ErrInvoiceNumberLong, voucher.ErrInvoiceNumberUsed, voucher.ErrInvoiceUnchanged}},
	{"data", []*fault.Reason{voucher.ErrInvoiceDay, voucher.ErrInvoiceDayEarly, voucher.ErrInvoiceDayToCome}},
	{"importo", []*fault.Reason{voucher.ErrInvoiceAmount, voucher.ErrInvoiceAmountLow, voucher.ErrInvoiceNoRoom}},
	{"campo", []*fault.Reason{voucher.ErrInvoiceField}},
	{"motivo", []*fault.Reason{voucher.ErrInvoiceReason, voucher.ErrInvoiceReasonLong}},
}

// invoiceFlaws are all the reasons of an error beside their fields, in the order of the
// form; what could not be read stays as it was said.
func invoiceFlaws(f ui.Frame, err error, d voucher.InvoiceData, sessions []voucher.Billable, wrong []ui.FieldError) (all []ui.FieldError) {
	var last calendar.Date
	var sum money.Amount
	for _, s := range sessions {
		if s.Day.After(last) || last.IsZero() {
			last = s.Day
		}
		sum += s.Amount
	}
	for _, field := range invoiceFields {
		if i := slices.IndexFunc(wrong, func(e ui.FieldError) bool { return e.Field == field.name }); i >= 0 {
			all = append(all, wrong[i])
			continue
		}
		for _, reason := range field.reasons {
			if errors.Is(err, reason) {
				all = append(all, ui.FieldError{Field: field.name, Text: words(f, reason, "Number", d.Number, "Year", strconv.Itoa(d.IssuedOn.Year),
					"Day", ui.ShortDay(last), "Sum", sum, "Most", voucher.InvoiceGuards.Number, "Long", voucher.InvoiceGuards.Reason)})
				break
			}
		}
	}
	return all
}

func (p *Portal) showInvoiceData(w http.ResponseWriter, r *http.Request, status int, fields url.Values, t typedInvoice, wrong []ui.FieldError) error {
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.invoice.new"))
	f.Caption, f.Errors = f.Step(2, invoiceSteps), wrong
	f.Back = &ui.Link{Text: f.T("psychologist.invoice.back_to_choice"), URL: withQuery(newInvoicePath, sessionsQuery(t.sessions))}
	var sum money.Amount
	for _, s := range t.Of {
		sum += s.Amount
	}
	help, err := breakdown(sum, sum)
	if err != nil {
		return err
	}
	page := psychologist.InvoiceDataPage{Frame: f, Action: invoiceCheckPath, Holder: t.Of[0].Holder.Name(), Sessions: invoiceSessions(f, t.Of, nil), Sum: sum,
		Fields: invoiceInputs(f, fields), Breakdown: help}
	if page.Fields.Amount == "" && !fields.Has("importo") {
		page.Fields.Amount = sum.Field()
	}
	return p.showAs(w, r, status, psychologist.InvoiceData(page))
}

// invoiceInputs is the three fields of an invoice as they were typed.
func invoiceInputs(f ui.Frame, fields url.Values) psychologist.InvoiceInputs {
	day, month, year := ui.DateNames("data")
	return psychologist.InvoiceInputs{Number: fields.Get("numero"), Amount: fields.Get("importo"),
		Day: ui.DateFieldProps{Name: "data", Legend: f.T("psychologist.invoice.day"), Hint: f.T("psychologist.book.day_hint"),
			Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}}
}

// psychologistInvoiceCheck shows what will be sent, and what comes of it (step 3). What
// cannot be sent leads back to the form.
func (p *Portal) psychologistInvoiceCheck(w http.ResponseWriter, r *http.Request) error {
	q, t, err := p.invoiceDraft(r)
	if err != nil {
		return err
	}
	return p.showInvoiceCheck(w, r, q, t, once.NewKey())
}

func (p *Portal) showInvoiceCheck(w http.ResponseWriter, r *http.Request, fields url.Values, t typedInvoice, key string) error {
	if refused := t.sessionsRefused(); refused != nil {
		return p.showChoiceRefused(w, r, fields, refused)
	}
	if len(t.wrong) > 0 || t.Wrong != nil {
		flaws := invoiceFlaws(ui.Frame{}, t.Wrong, t.data, t.Of, t.wrong)
		if len(flaws) == 0 {
			return t.Wrong
		}
		return p.showInvoiceData(w, r, http.StatusUnprocessableEntity, fields, t, flaws)
	}
	f := p.invoiceFrame(r, ui.Frame{}.T("psychologist.invoice.check"))
	f.Path[len(f.Path)-1].Text = f.T("psychologist.invoice.new")
	f.Caption = f.Step(3, invoiceSteps)
	typed := url.Values{}
	for name, values := range fields {
		if name != "idem" && name != "sedute" {
			typed[name] = values
		}
	}
	f.Back = &ui.Link{Text: f.T("psychologist.invoice.back_to_data"), URL: withQuery(invoiceDataPath, typed)}
	paid := t.Decision.Claimed()
	help, err := breakdown(t.data.Amount, paid)
	if err != nil {
		return err
	}
	page := psychologist.InvoiceCheckPage{Frame: f, Sessions: invoiceSessions(f, t.Of, t.Decision.Claims), Breakdown: help,
		Facts: []ui.Entry{
			{Name: f.T("psychologist.holder"), Value: t.Of[0].Holder.Name(), Proper: true},
			{Name: f.T("psychologist.invoice.number"), Value: t.data.Number, Proper: true},
			{Name: f.T("psychologist.invoice.day"), Value: ui.Day(t.data.IssuedOn)},
			{Name: f.T("psychologist.invoice.amount"), Value: t.data.Amount.String()},
			{Name: f.T("psychologist.invoice.claimed"), Value: paid.String()},
		},
		Lower: lowerClaim(f, t.Decision), Found: foundBefore(f, t.Decision.Invoice.Findings),
		Next: f.T("psychologist.invoice.paid_by", "Month", ui.Month(t.PaidBy)),
		Form: ui.FormProps{Action: invoiceCheckPath, Key: key}, Hidden: typed,
		Buttons: ui.ButtonsProps{Submit: f.T("psychologist.invoice.send"), Cancel: &ui.Link{Text: f.T("psychologist.invoice.change_data"), URL: f.Back.URL}},
	}
	return p.show(w, r, psychologist.InvoiceCheck(page))
}

// lowerClaim says what an invoice lower than the price comes to, or nothing.
func lowerClaim(f ui.Frame, d voucher.InvoiceDecision) string {
	for _, c := range d.Claims {
		if c.Amount < c.Booking.Amount {
			return f.T("psychologist.invoice.lower", "Refund", c.Amount, "Price", c.Booking.Amount)
		}
	}
	return ""
}

// foundBefore says that an officer will look at an invoice, and why, or nothing.
func foundBefore(f ui.Frame, found []voucher.InvoiceFinding) string {
	if len(found) == 0 {
		return ""
	}
	return f.T("psychologist.invoice.will_look", "What", findingWords(f, found))
}

// psychologistInvoiceSend sends the data of an invoice.
func (p *Portal) psychologistInvoiceSend(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "seduta")
	if err != nil {
		return err
	}
	sent, err := sending(r, "invoice.send", fields)
	if err != nil {
		return err
	}
	sessions, err := chosenToInvoice(fields)
	if err != nil {
		return err
	}
	data, wrong := readInvoice(fields)
	var id voucher.InvoiceID
	if len(wrong) == 0 {
		id, err = p.Invoices.Send(r.Context(), actor(r), sent, sessions, data)
	}
	if _, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) || len(wrong) > 0 {
		t, again := p.tryInvoice(r, fields)
		if again != nil {
			return again
		}
		if t.Wrong == nil && len(wrong) == 0 {
			return err // refused then, and not now
		}
		return p.showInvoiceCheck(w, r, fields, t, sent.Key)
	}
	if err != nil {
		return err
	}
	c, err := p.Invoices.Invoice(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	var f ui.Frame
	text := f.T("psychologist.invoice.sent_text")
	if c.Invoice.State == voucher.InvoiceInReview {
		text = f.T("psychologist.invoice.sent_review")
	}
	return p.done(w, r, invoicePath(id), f.T("psychologist.invoice.sent"), text)
}
