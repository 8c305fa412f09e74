package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/payments"
	"portal/web/ui"
)

// How long the pages of payments are.
const (
	runsPageSize   = 20
	ordersPageSize = 50
	mostBlocked    = 100
)

// paymentTones are the colours of the states of a run.
var paymentTones = map[payment.RunState]ui.Tone{payment.PreparingRun: ui.Working, payment.PreparedRun: ui.Action, payment.ProposedRun: ui.Action,
	payment.ApprovedRun: ui.Action, payment.SentRun: ui.Working, payment.SettledRun: ui.Success, payment.ReturnedRun: ui.Closed, payment.DroppedRun: ui.Closed}

func paymentTag(f tillFrame, r payment.Run) *ui.Tag {
	return &ui.Tag{Tone: paymentTones[r.State], Text: f.T("inps.payments.state." + string(r.State))}
}

// everywhere is the name of a territory, or of all.
func everywhere(f ui.Frame, territory string) string {
	if territory == "" {
		return f.T("inps.payments.everywhere")
	}
	return typeset(territory)
}

func (p till) paymentCrumbs() []ui.Crumb {
	return []ui.Crumb{{Text: ui.Frame{}.T("menu.inps.payments"), URL: p.root()}}
}

// paymentSubject is what a run pays.
func paymentSubject(f tillFrame, s payment.Selection) []ui.Entry {
	if s.Call != "" {
		return []ui.Entry{{Name: f.T("inps.payments.call"), Value: callTitle(f.Frame, indemnity.CallID(s.Call))}}
	}
	return []ui.Entry{{Name: f.T("inps.payments.month"), Value: ui.Month(s.Month)}, {Name: f.T("inps.payments.territory"), Value: everywhere(f.Frame, s.Territory)}}
}

// chosenQuery is a selection as the page of it takes it.
func chosenQuery(s payment.Selection) url.Values {
	if s.Call != "" {
		return url.Values{"bando": {s.Call}}
	}
	return url.Values{"mese": {monthValue(s.Month)}, "territorio": {s.Territory}}
}

// paymentColumns are the columns of a table by their keys: those with a # are amounts and
// counts.
func paymentColumns(f tillFrame, keys ...string) []ui.Column {
	columns := make([]ui.Column, len(keys))
	for i, key := range keys {
		number := key[0] == '#'
		if number {
			key = key[1:]
		}
		columns[i] = ui.Column{Text: f.T("inps.payments." + key), Number: number, Row: i == 0, Hidden: key == "act"}
	}
	return columns
}

// paymentPages leads through a long list.
func paymentPages(f tillFrame, path string, q url.Values, page, all, size int, anchor string) ui.PaginationProps {
	return pagesOf(f.T("inps.payments.pages"), page, all, size, func(n int) string { return pageAt(path, q, n) + anchor })
}

// runs lists the payment runs (I-20).
func (p till) runs(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	n := pageNumber(q)
	runs, all, err := p.Payments.Runs(r.Context(), p.pays, n, runsPageSize)
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, f.T("inps.payments.title"))
	page := payments.RunsPage{Frame: f.Frame, Lead: f.T("inps.payments.lead"), Pages: paymentPages(f, p.root(), url.Values{}, n, all, runsPageSize, "")}
	if payment.MayPrepare(actor(r), p.pays) == nil {
		page.NewURL = p.root() + "/nuovo"
	}
	page.Runs = payments.Table{Caption: f.T("inps.payments.list"), None: f.T("inps.payments.none"),
		Columns: paymentColumns(f, "number", "month", "territory", "#orders", "#amount", "state")}
	if p.pays == payment.Indemnity {
		page.Runs.Columns = paymentColumns(f, "number", "call", "#orders", "#amount", "state")
		page.Links = append(page.Links, ui.Link{Text: f.T("inps.payments.accounts"), URL: caseAccountsPath})
	}
	for _, run := range runs {
		orders, amount := run.Pays()
		cells := []string{f.T("inps.payments.run", "Number", run.Number)}
		for _, e := range paymentSubject(f, run.Selection) {
			cells = append(cells, e.Value)
		}
		page.Runs.Rows = append(page.Runs.Rows, payments.Row{ID: string(run.ID), URL: p.path(run.ID), State: paymentTag(f, run), Cells: append(cells, grouped(orders), amount.String())})
	}
	return p.show(w, r, payments.Runs(page))
}

// chosenMonth reads "2026-10": the month before this one where nothing is said.
func chosenMonth(q url.Values, today calendar.Date) (calendar.Date, bool) {
	if !q.Has("mese") {
		return calendar.NewDate(today.Year, today.Month-1, 1), true
	}
	first, err := calendar.ParseDate(q.Get("mese") + "-01")
	return first, err == nil && !first.After(today)
}

func monthValue(d calendar.Date) string { return d.String()[:len("2026-10")] }

// askedSelection is what somebody wants to pay.
func (p till) askedSelection(q url.Values) (payment.Selection, error) {
	if p.pays == payment.Indemnity {
		return payment.OfCall(q.Get("bando"))
	}
	month, ok := chosenMonth(q, calendar.On(p.Now()))
	territory := q.Get("territorio")
	if !ok || territory != "" && !slices.Contains(voucher.Territories, territory) {
		return payment.Selection{}, payment.ErrMonth
	}
	return payment.Selection{Programme: payment.Voucher, Month: month, Territory: territory}, nil
}

// newAsk shows what is due and what is held, and lets a run be prepared.
func (p till) newAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if p.pays == payment.Indemnity && q.Get("bando") == "" {
		return p.chooseCall(w, r)
	}
	return p.showPaymentNew(w, r, http.StatusOK, q, nil)
}

func (p till) showPaymentNew(w http.ResponseWriter, r *http.Request, status int, q url.Values, refused *fault.Reason) error {
	asked, err := p.askedSelection(q)
	if err != nil {
		return err
	}
	totals, err := p.Payments.Totals(r.Context(), asked, p.Now())
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, f.T("inps.payments.new"), p.paymentCrumbs()...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: p.root()}
	page := payments.NewPage{Frame: f.Frame, Filters: ui.FiltersProps{Label: f.T("inps.payments.choose"), Action: p.root() + "/nuovo", Submit: f.T("inps.payments.show")}}
	if asked.Call == "" {
		p.paymentChoices(&page, asked)
	}
	page.Hidden = chosenQuery(asked)
	lines, amount := payment.Payable(totals)
	page.Tone, page.Sentence = ui.Working, f.T("inps.payments.due", "Count", lines, "N", grouped(lines), "Amount", amount, "Month", ui.Month(asked.Month))
	if lines == 0 {
		page.Tone, page.Sentence = ui.Closed, f.T("inps.payments.nothing", "Month", ui.Month(asked.Month))
	} else if payment.MayPrepare(actor(r), p.pays) == nil {
		page.Form = &ui.FormProps{Action: p.root() + "/nuovo", Key: once.NewKey()}
		page.Buttons = ui.ButtonsProps{Submit: f.T("inps.payments.prepare"), Cancel: f.Back}
	}
	if refused != nil {
		page.Tone, page.Sentence = ui.Danger, words(f.Frame, refused)
	}
	p.paymentTotals(&page, asked, totals)
	return p.showHeld(w, r, status, page, asked, totals, q)
}

// paymentChoices are the months that may be paid, the last year of them, and the
// territories.
func (p till) paymentChoices(page *payments.NewPage, asked payment.Selection) {
	f, today := p.says(page.Frame), calendar.On(p.Now())
	page.Month = ui.ChoiceProps{Name: "mese", Legend: f.T("inps.payments.month"), Hint: f.T("inps.payments.month.hint"), Chosen: []string{monthValue(asked.Month)}, Filter: true}
	for back := range 13 {
		first := calendar.NewDate(today.Year, today.Month-time.Month(back), 1)
		page.Month.Options = append(page.Month.Options, ui.Option{Value: monthValue(first), Label: ui.Month(first)})
	}
	page.Territory = ui.ChoiceProps{Name: "territorio", Legend: f.T("inps.payments.territory"), Chosen: []string{asked.Territory}, Filter: true,
		Options: []ui.Option{{Label: f.T("inps.payments.everywhere")}}}
	for _, t := range voucher.Territories {
		page.Territory.Options = append(page.Territory.Options, ui.Option{Value: t, Label: typeset(t)})
	}
}

// paymentTotals are what is payable by territory, and what is held by reason.
func (p till) paymentTotals(page *payments.NewPage, asked payment.Selection, totals []payment.DueTotal) {
	f := p.says(page.Frame)
	page.Regions = payments.Table{Caption: f.T("inps.payments.by_region"), None: f.T("inps.payments.nothing_payable"),
		Columns: paymentColumns(f, "territory", "edition", "#sessions", "#amount")}
	if asked.Call != "" {
		page.Regions.Columns = paymentColumns(f, "call", "#orders", "#gross", "#withholding", "#set_off", "#amount")
	}
	page.Reasons = payments.Table{Caption: f.T("inps.payments.by_reason"), None: f.T("inps.payments.nothing_held"),
		Columns: paymentColumns(f, "reason", "owner", "#sessions", "#amount", "act")}
	held := map[payment.Hold]payment.DueTotal{}
	for _, t := range totals {
		if t.Hold == "" {
			cells := []string{typeset(t.Territory), t.Edition, grouped(t.Lines), t.Amount.String()}
			if asked.Call != "" {
				cells = []string{callTitle(f.Frame, indemnity.CallID(asked.Call)), grouped(t.Lines), t.Of.Gross.String(), t.Of.Withholding.String(), t.Of.SetOff.String(), t.Amount.String()}
			}
			page.Regions.Rows = append(page.Regions.Rows, payments.Row{ID: fmt.Sprint("region-", len(page.Regions.Rows)), Cells: cells})
			continue
		}
		sum := held[t.Hold]
		sum.Lines, sum.Amount = sum.Lines+t.Lines, sum.Amount+t.Amount
		held[t.Hold] = sum
	}
	for _, why := range p.pays.Holds() {
		sum, some := held[why]
		if !some {
			continue
		}
		next := chosenQuery(asked)
		next.Set("motivo", string(why))
		row := payments.Row{ID: "motivo-" + string(why), Act: &ui.Link{Text: f.T("inps.payments.see"), URL: p.root() + "/nuovo?" + next.Encode() + "#esclusi"},
			Cells: []string{f.T("inps.payments.hold." + string(why)), f.T("inps.payments.owner." + string(why)), grouped(sum.Lines), sum.Amount.String()}}
		page.Reasons.Rows = append(page.Reasons.Rows, row)
	}
}

// showHeld adds the claims that are held for the reason that was asked for.
func (p till) showHeld(w http.ResponseWriter, r *http.Request, status int, page payments.NewPage, asked payment.Selection, totals []payment.DueTotal, q url.Values) error {
	why := payment.Hold(q.Get("motivo"))
	if slices.Contains(p.pays.Holds(), why) {
		f, n, all := p.says(page.Frame), pageNumber(q), 0
		for _, t := range totals {
			if t.Hold == why {
				all += t.Lines
			}
		}
		held, err := p.Payments.Held(r.Context(), asked, p.Now(), why, n, ordersPageSize)
		if err != nil {
			return err
		}
		page.Held = payments.Table{Caption: f.T("inps.payments.hold." + string(why)), Columns: paymentColumns(f, "payee", "invoice", "received", "territory", "#amount")}
		if asked.Call != "" {
			page.Held.Columns = paymentColumns(f, "payee", "application", "published", "#amount", "act")
		}
		for i, h := range held {
			row := payments.Row{ID: fmt.Sprint("escluso-", i), Cells: []string{h.Payee, h.Number, ui.ShortDay(calendar.On(h.ReceivedAt)), typeset(h.Territory), h.Amount.String()}}
			if h.Application != "" {
				row.Cells = []string{h.Payee, h.Number, ui.ShortDay(calendar.On(h.ReceivedAt)), h.Amount.String()}
				row.Act = &ui.Link{Text: f.T("inps.payments.see_case"), URL: caseMoneyPath(h.Application)}
			}
			page.Held.Rows = append(page.Held.Rows, row)
		}
		next := chosenQuery(asked)
		next.Set("motivo", string(why))
		page.Pages = paymentPages(f, p.root()+"/nuovo", next, n, all, ordersPageSize, "#esclusi")
	}
	return p.showAs(w, r, status, payments.New(page))
}

// prepare has a run prepared.
func (p till) prepare(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	asked, err := p.askedSelection(fields)
	if err != nil {
		return err
	}
	sent, err := sending(r, "payment.prepare", fields)
	if err != nil {
		return err
	}
	id, err := p.Payments.Prepare(r.Context(), actor(r), sent, asked)
	if reason := fault.As(err); errors.Is(err, payment.ErrNothingDue) || errors.Is(err, payment.ErrAnotherRun) {
		return p.showPaymentNew(w, r, http.StatusConflict, chosenQuery(asked), reason)
	}
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	return p.done(w, r, p.path(id), f.T("inps.payments.prepared"), f.T("inps.payments.prepared.text"))
}
