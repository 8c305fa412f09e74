package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const runsPath = "/gestione/inps/pagamenti"

func paymentRunPath(id payment.RunID) string { return runsPath + "/" + string(id) }

// How long the pages of payments are.
const (
	runsPageSize   = 20
	ordersPageSize = 50
	mostBlocked    = 100
)

// paymentTones are the colours of the states of a run.
var paymentTones = map[payment.RunState]ui.Tone{payment.PreparingRun: ui.Working, payment.PreparedRun: ui.Action, payment.ProposedRun: ui.Action,
	payment.ApprovedRun: ui.Action, payment.SentRun: ui.Working, payment.SettledRun: ui.Success, payment.ReturnedRun: ui.Closed, payment.DroppedRun: ui.Closed}

func paymentTag(f ui.Frame, r payment.Run) *ui.Tag {
	return &ui.Tag{Tone: paymentTones[r.State], Text: f.T("inps.payments.state." + string(r.State))}
}

// everywhere is the name of a territory, or of all.
func everywhere(f ui.Frame, territory string) string {
	if territory == "" {
		return f.T("inps.payments.everywhere")
	}
	return typeset(territory)
}

func paymentCrumbs(f ui.Frame) []ui.Crumb {
	return []ui.Crumb{{Text: f.T("menu.inps.payments"), URL: runsPath}}
}

// paymentColumns are the columns of a table by their keys: those with a # are amounts and
// counts.
func paymentColumns(f ui.Frame, keys ...string) []ui.Column {
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
func paymentPages(f ui.Frame, path string, q url.Values, page, all, size int, anchor string) ui.PaginationProps {
	props := ui.PaginationProps{Label: f.T("inps.payments.pages"), Page: page, Pages: (all + size - 1) / size}
	to := func(n int) string {
		next := url.Values{}
		for name, values := range q {
			next[name] = values
		}
		next.Set("p", strconv.Itoa(n))
		return path + "?" + next.Encode() + anchor
	}
	if page > 1 {
		props.PreviousURL = to(page - 1)
	}
	if page < props.Pages {
		props.NextURL = to(page + 1)
	}
	return props
}

// inpsPayments lists the payment runs (I-20).
func (p *Portal) inpsPayments(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	n := pageNumber(q)
	runs, all, err := p.Payments.Runs(r.Context(), payment.Voucher, n, runsPageSize)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.payments.title"))
	page := inps.PaymentRunsPage{Frame: f, Lead: f.T("inps.payments.lead"), Pages: paymentPages(f, runsPath, url.Values{}, n, all, runsPageSize, "")}
	if payment.MayPrepare(actor(r)) == nil {
		page.NewURL = runsPath + "/nuovo"
	}
	page.Runs = inps.PaymentTable{Caption: f.T("inps.payments.list"), None: f.T("inps.payments.none"),
		Columns: paymentColumns(f, "number", "month", "territory", "#orders", "#amount", "state")}
	for _, run := range runs {
		orders, amount := run.Pays()
		page.Runs.Rows = append(page.Runs.Rows, inps.PaymentRow{ID: string(run.ID), URL: paymentRunPath(run.ID), State: paymentTag(f, run), Cells: []string{
			f.T("inps.payments.run", "Number", run.Number), ui.Month(run.Month), everywhere(f, run.Territory), grouped(orders), amount.String()}})
	}
	return p.show(w, r, inps.PaymentRuns(page))
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
func (p *Portal) askedSelection(q url.Values) (payment.Selection, error) {
	month, ok := chosenMonth(q, calendar.On(p.Now()))
	territory := q.Get("territorio")
	if !ok || territory != "" && !slices.Contains(voucher.Territories, territory) {
		return payment.Selection{}, payment.ErrMonth
	}
	return payment.Selection{Programme: payment.Voucher, Month: month, Territory: territory}, nil
}

// inpsPaymentNewAsk shows what is due and what is held, and lets a run be prepared.
func (p *Portal) inpsPaymentNewAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.showPaymentNew(w, r, http.StatusOK, q, nil)
}

func (p *Portal) showPaymentNew(w http.ResponseWriter, r *http.Request, status int, q url.Values, refused *fault.Reason) error {
	asked, err := p.askedSelection(q)
	if err != nil {
		return err
	}
	totals, err := p.Payments.Totals(r.Context(), asked, p.Now())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.payments.new"), paymentCrumbs(f)...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: runsPath}
	page := inps.PaymentNewPage{Frame: f, Filters: ui.FiltersProps{Label: f.T("inps.payments.choose"), Action: runsPath + "/nuovo", Submit: f.T("inps.payments.show")}}
	p.paymentChoices(&page, asked)
	lines, amount := payment.Payable(totals)
	page.Tone, page.Sentence = ui.Working, f.T("inps.payments.due", "Count", lines, "N", grouped(lines), "Amount", amount, "Month", ui.Month(asked.Month))
	if lines == 0 {
		page.Tone, page.Sentence = ui.Closed, f.T("inps.payments.nothing", "Month", ui.Month(asked.Month))
	} else if payment.MayPrepare(actor(r)) == nil {
		page.Form = &ui.FormProps{Action: runsPath + "/nuovo", Key: once.NewKey()}
		page.Buttons = ui.ButtonsProps{Submit: f.T("inps.payments.prepare"), Cancel: f.Back}
	}
	if refused != nil {
		page.Tone, page.Sentence = ui.Danger, words(f, refused)
	}
	paymentTotals(&page, totals, q)
	return p.showHeld(w, r, status, page, asked, totals, q)
}

// paymentChoices are the months that may be paid, the last year of them, and the
// territories.
func (p *Portal) paymentChoices(page *inps.PaymentNewPage, asked payment.Selection) {
	f, today := page.Frame, calendar.On(p.Now())
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
func paymentTotals(page *inps.PaymentNewPage, totals []payment.DueTotal, q url.Values) {
	f := page.Frame
	page.Regions = inps.PaymentTable{Caption: f.T("inps.payments.by_region"), None: f.T("inps.payments.nothing_payable"),
		Columns: paymentColumns(f, "territory", "edition", "#sessions", "#amount")}
	page.Reasons = inps.PaymentTable{Caption: f.T("inps.payments.by_reason"), None: f.T("inps.payments.nothing_held"),
		Columns: paymentColumns(f, "reason", "owner", "#sessions", "#amount", "act")}
	held := map[payment.Hold]payment.DueTotal{}
	for _, t := range totals {
		if t.Hold == "" {
			page.Regions.Rows = append(page.Regions.Rows, inps.PaymentRow{ID: fmt.Sprint("region-", len(page.Regions.Rows)),
				Cells: []string{typeset(t.Territory), t.Edition, grouped(t.Lines), t.Amount.String()}})
			continue
		}
		sum := held[t.Hold]
		sum.Lines, sum.Amount = sum.Lines+t.Lines, sum.Amount+t.Amount
		held[t.Hold] = sum
	}
	for _, why := range payment.Holds {
		sum, some := held[why]
		if !some {
			continue
		}
		next := url.Values{"mese": {page.Month.Chosen[0]}, "territorio": {page.Territory.Chosen[0]}, "motivo": {string(why)}}
		row := inps.PaymentRow{ID: "motivo-" + string(why), Act: &ui.Link{Text: f.T("inps.payments.see"), URL: runsPath + "/nuovo?" + next.Encode() + "#esclusi"},
			Cells: []string{f.T("inps.payments.hold." + string(why)), f.T("inps.payments.owner." + string(why)), grouped(sum.Lines), sum.Amount.String()}}
		page.Reasons.Rows = append(page.Reasons.Rows, row)
	}
}

// showHeld adds the claims that are held for the reason that was asked for.
func (p *Portal) showHeld(w http.ResponseWriter, r *http.Request, status int, page inps.PaymentNewPage, asked payment.Selection, totals []payment.DueTotal, q url.Values) error {
	why := payment.Hold(q.Get("motivo"))
	if slices.Contains(payment.Holds, why) {
		f, n, all := page.Frame, pageNumber(q), 0
		for _, t := range totals {
			if t.Hold == why {
				all += t.Lines
			}
		}
		held, err := p.Payments.Held(r.Context(), asked, p.Now(), why, n, ordersPageSize)
		if err != nil {
			return err
		}
		page.Held = inps.PaymentTable{Caption: f.T("inps.payments.hold." + string(why)), Columns: paymentColumns(f, "payee", "invoice", "received", "territory", "#amount")}
		for i, h := range held {
			page.Held.Rows = append(page.Held.Rows, inps.PaymentRow{ID: fmt.Sprint("escluso-", i),
				Cells: []string{h.Payee, h.Invoice, ui.ShortDay(calendar.On(h.ReceivedAt)), typeset(h.Territory), h.Amount.String()}})
		}
		page.Pages = paymentPages(f, runsPath+"/nuovo", url.Values{"mese": {page.Month.Chosen[0]}, "territorio": {asked.Territory}, "motivo": {string(why)}},
			n, all, ordersPageSize, "#esclusi")
	}
	return p.showAs(w, r, status, inps.PaymentNew(page))
}

// inpsPaymentNew has a run prepared.
func (p *Portal) inpsPaymentNew(w http.ResponseWriter, r *http.Request) error {
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
		return p.showPaymentNew(w, r, http.StatusConflict, url.Values{"mese": {monthValue(asked.Month)}, "territorio": {asked.Territory}}, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, paymentRunPath(id), f.T("inps.payments.prepared"), f.T("inps.payments.prepared.text"))
}
