package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// Where a professional follows the money.
const (
	paymentsPath      = "/professionisti/pagamenti"
	riskPath          = "/professionisti/a-rischio"
	billPath          = "/professionisti/fatture"
	invoiceChosenPath = sessionsPath + "/fattura"
)

func paymentPath(id string) string { return paymentsPath + "/" + id }

// billURL is where an invoice for sessions is begun.
func billURL(ids ...voucher.BookingID) string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = string(id)
	}
	return billPath + "/nuova?sedute=" + strings.Join(all, ",")
}

// invoicedBox is the place of what is invoiced among the boxes of the way.
const invoicedBox = 2

// psychologistPayments shows the money of a professional on its way (S-12).
func (p *Portal) psychologistPayments(w http.ResponseWriter, r *http.Request) error {
	way, err := p.Trail.Pipeline(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("money.payments.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("menu.payments")}}
	box := func(key string, s voucher.Sum) psychologist.PipelineBox {
		return psychologist.PipelineBox{Name: f.T(key), Sessions: s.Sessions, Amount: s.Amount}
	}
	page := psychologist.PaymentsPage{
		Frame: f, Account: accountWarning(f, way.Payee, calendar.On(p.Now())),
		Boxes: []psychologist.PipelineBox{box("money.box.booked", way.Booked), box("money.box.held", way.Held), box("money.box.invoiced", way.Invoiced),
			box("money.box.in_payment", way.InPayment), box("money.box.paid", way.Paid)},
		OnHold: box("money.box.on_hold", way.OnHold),
	}
	page.Empty = len(way.Orders) == 0
	for i, b := range page.Boxes {
		page.Empty = page.Empty && b.Sessions == 0
		page.Rows = append(page.Rows, b)
		if i == invoicedBox && page.OnHold.Sessions > 0 {
			page.Rows = append(page.Rows, psychologist.PipelineBox{Name: f.T("money.payments.of_which"), Sessions: page.OnHold.Sessions, Amount: page.OnHold.Amount})
		}
	}
	for _, s := range way.Suspended {
		page.Suspended = append(page.Suspended, suspendedRow(f, s))
	}
	for _, o := range way.Orders {
		page.Orders = append(page.Orders, psychologist.OrderRow{ID: o.ID, Month: ui.Month(o.Month), URL: paymentPath(o.ID), Sessions: o.Sessions, Amount: o.Amount,
			State: orderTag(f, o.State, o.RunState), ValueDay: ui.ShortDay(o.ValueDay), Reference: o.Reference})
	}
	for _, year := range way.Years {
		q := url.Values{"anno": {strconv.Itoa(year)}}
		page.Years = append(page.Years, psychologist.PaidYear{Year: strconv.Itoa(year), CSV: withQuery(paymentsPath+"/estratto.csv", q),
			PDF: withQuery(paymentsPath+"/estratto.pdf", q), Certificate: withQuery(paymentsPath+"/certificazione.pdf", q)})
	}
	return p.show(w, r, psychologist.Payments(page))
}

func suspendedRow(f ui.Frame, s voucher.Suspended) psychologist.SuspendedRow {
	first := s.Of[0]
	row := psychologist.SuspendedRow{Tag: stageTag(f, s.Waypoint), Text: suspendedSentence(f, s.Waypoint, s.Funds, first.Territory),
		Next: stageNext(f, s.Waypoint, first.Territory), Sessions: s.Sessions, Amount: s.Amount}
	if s.Waypoint.Stage != voucher.TrailToCorrect { // each has an invoice of its own
		row.Link = stageLink(f, first, s.Waypoint)
	}
	for _, t := range s.Of {
		row.Which = append(row.Which, ui.Link{Text: f.T("money.session.of", "Day", t.Day, "Amount", t.Claimed), URL: sessionPath(t.ID) + "#pagamento"})
	}
	return row
}

// orderTag is the word of an order to a professional, as far as its run is.
func orderTag(f ui.Frame, state, run string) ui.Tag {
	switch state {
	case "paid":
		return ui.Tag{Tone: ui.Success, Text: f.T("money.order.tag.paid")}
	case "returned":
		return ui.Tag{Tone: ui.Danger, Text: f.T("money.order.tag.returned")}
	case "sent":
		return ui.Tag{Tone: ui.Working, Text: f.T("money.order.tag.sent")}
	case "released":
		return ui.Tag{Tone: ui.Closed, Text: f.T("money.order.tag.released")}
	}
	if run == "approved" {
		return ui.Tag{Tone: ui.Working, Text: f.T("money.order.tag.approved")}
	}
	return ui.Tag{Tone: ui.Working, Text: f.T("money.order.tag.prepared")}
}

// psychologistPayment shows one credit with its sessions (S-13).
func (p *Portal) psychologistPayment(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	o, err := p.Trail.Payment(r.Context(), actor(r).Person, id)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.frame(r, ui.Frame{Body: "INPS", Title: f.T("money.order.title", "Month", ui.Month(o.Month))})
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("menu.payments"), URL: paymentsPath}, {Text: f.Title}}
	f.Back = &ui.Link{Text: f.T("money.order.back"), URL: paymentsPath}
	tag := orderTag(f, o.State, o.RunState)
	f.Badge = &tag
	page := psychologist.PaymentPage{Frame: f, Sentence: orderSentence(f, o), Facts: orderFacts(f, o)}
	if o.State == "returned" {
		page.Link = &ui.Link{Text: f.T("money.account.give"), URL: ibanPath}
	}
	for _, l := range o.Lines {
		row := psychologist.PaymentRow{ID: string(l.Booking), URL: sessionPath(l.Booking), Day: ui.ShortDay(l.Day), Holder: l.Holder, Invoice: l.Invoice, Amount: l.Amount}
		switch {
		case l.Again != "":
			row.Note, row.Other = f.T("money.order.again"), &ui.Link{Text: f.T("money.order.again.see"), URL: paymentPath(l.Again)}
		case l.Repairs != "":
			row.Note, row.Other = f.T("money.order.repairs"), &ui.Link{Text: f.T("money.order.repairs.see"), URL: paymentPath(l.Repairs)}
		}
		page.Lines = append(page.Lines, row)
	}
	return p.show(w, r, psychologist.Payment(page))
}

// orderSentence says what the state of an order means, and what comes next.
func orderSentence(f ui.Frame, o voucher.PaymentOrder) string {
	switch o.State {
	case "frozen":
		return f.T("money.stage.text.in_payment." + o.RunState)
	case "sent":
		return f.T("money.order.sentence.sent", "OnDay", ui.OnDay(o.ExecuteOn))
	case "paid":
		return f.T("money.stage.text.paid", "OfDay", ui.OfDay(o.ValueDay))
	}
	return f.T("money.order.sentence." + o.State)
}

func orderFacts(f ui.Frame, o voucher.PaymentOrder) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("money.col.amount"), Value: o.Amount.String()}, {Name: f.T("money.order.sessions"), Value: strconv.Itoa(o.Sessions)},
		{Name: f.T("money.order.run"), Value: f.T("money.order.run.of", "Number", o.Run, "Month", ui.Month(o.Month))},
	}
	if !o.ExecuteOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("money.order.execute_on"), Value: ui.Day(o.ExecuteOn)})
	}
	if !o.ValueDay.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("money.col.value_day"), Value: ui.Day(o.ValueDay)})
	}
	if o.Reference != "" {
		facts = append(facts, ui.Entry{Name: f.T("money.col.reference"), Value: o.Reference, Proper: true})
	}
	if o.Reason != "" {
		facts = append(facts, ui.Entry{Name: f.T("money.order.reason"), Value: returnWords(f, o.Reason)})
	}
	return facts
}

// paidIn is the year that an address asks for; the one of today without it.
func (p *Portal) paidIn(r *http.Request) (voucher.Statement, error) {
	q, err := query(r)
	if err != nil {
		return voucher.Statement{}, err
	}
	year := calendar.On(p.Now()).Year
	if text := q.Get("anno"); text != "" {
		if year, err = strconv.Atoi(text); err != nil || year < 2022 || year > 2200 {
			return voucher.Statement{}, errDate
		}
	}
	return p.Trail.Paid(r.Context(), actor(r).Person, year)
}
