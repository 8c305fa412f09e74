package portal

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/identity"
	"portal/internal/payment"
	"portal/web/payments"
	"portal/web/ui"
)

// paymentRun is the run of the address.
func (p till) paymentRun(r *http.Request) (payment.Run, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return payment.Run{}, err
	}
	return p.Payments.As(r.Context(), actor(r), payment.RunID(id))
}

func paymentRunTitle(f tillFrame, run payment.Run) string {
	return f.T("inps.payments.run.title", "Number", run.Number, "Month", ui.Month(run.Month))
}

// paymentActFrame is the frame of a page below that of a run.
func (p till) paymentActFrame(r *http.Request, run payment.Run, title string) tillFrame {
	f := p.says(ui.Frame{})
	f = p.head(r, title, append(p.paymentCrumbs(), ui.Crumb{Text: paymentRunTitle(f, run), URL: p.path(run.ID)})...)
	f.Back = &ui.Link{Text: f.T("inps.payments.back.run"), URL: p.path(run.ID)}
	return f
}

// one is a run (I-20).
func (p till) one(w http.ResponseWriter, r *http.Request) error {
	return p.showPayment(w, r, http.StatusOK, nil)
}

// showPayment shows a run, with why an act on it was refused, or nil.
func (p till) showPayment(w http.ResponseWriter, r *http.Request, status int, refused error) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	run, err := p.Payments.Look(r.Context(), actor(r), payment.RunID(id))
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	f = p.head(r, paymentRunTitle(f, run), p.paymentCrumbs()...)
	f.Badge = paymentTag(f, run)
	f.Back = &ui.Link{Text: f.T("inps.payments.back"), URL: p.root()}
	if refused != nil {
		f.Flash = &ui.Flash{Tone: ui.Danger, Text: paymentWords(f, refused)}
	}
	page := payments.RunPage{Frame: f.Frame, Tone: f.Badge.Tone, Text: paymentText(f, run), Acts: p.paymentActs(f, actor(r), run)}
	page.Facts, page.Hands, page.Proof = paymentFacts(f, run), paymentHands(f, run), paymentProof(f, run)
	if run.State == payment.PreparingRun {
		page.AgainURL = p.path(run.ID)
		page.Progress = &ui.ProgressProps{ID: "avanzamento", Label: f.T("inps.payments.progress"), Done: run.Frozen, Total: run.Due,
			Text: f.T("inps.payments.progress.of", "Done", grouped(run.Frozen), "All", grouped(run.Due))}
		return p.showAs(w, r, status, payments.Run(page))
	}
	if err := p.paymentBlocked(r, &page, run); err != nil {
		return err
	}
	if err := p.paymentLeftOut(r, &page, run); err != nil {
		return err
	}
	if err := p.paymentRegions(r, &page, run); err != nil {
		return err
	}
	if err := p.paymentOrders(r, &page, run, q); err != nil {
		return err
	}
	if err := p.paymentFiles(r, &page, run); err != nil {
		return err
	}
	page.HeldURL = p.root() + "/nuovo?" + chosenQuery(run.Selection).Encode() + "#esclusi"
	return p.showAs(w, r, status, payments.Run(page))
}

// paymentText is what the state of a run means, and who moves next.
func paymentText(f tillFrame, run payment.Run) string {
	key := "inps.payments.text." + string(run.State)
	switch {
	case run.State == payment.DroppedRun && run.Due == 0:
		key += ".empty"
	case run.State == payment.SentRun:
		return f.T(key, "Day", ui.OnDay(run.ExecuteOn))
	case run.State == payment.ReturnedRun:
		return f.T(key, "Note", run.Note)
	}
	return f.T(key)
}

// paymentActs are what may be done with a run, by who may.
func (p till) paymentActs(f tillFrame, who identity.Actor, run payment.Run) (acts []ui.Link) {
	add := func(err error, key, path string) {
		if err == nil {
			acts = append(acts, ui.Link{Text: f.T("inps.payments." + key), URL: p.path(run.ID) + path})
		}
	}
	add(run.MayPropose(who), "propose", "/proponi")
	add(run.MayDecide(who), "decide", "/approva")
	add(run.MaySend(who), "send", "/invia")
	if run.State == payment.SentRun {
		add(run.MayRecord(who), "record", "/esiti")
	}
	if run.State == payment.ApprovedRun || run.MayDecide(who) != nil {
		add(run.MaySendBack(who), "send_back", "/approva")
	}
	add(run.MayDrop(who), "drop", "/elimina")
	return acts
}

func paymentFacts(f tillFrame, run payment.Run) []ui.Entry {
	facts := paymentSubject(f, run.Selection)
	if run.Call == "" {
		facts[0].Note = f.T("inps.payments.month.note")
	}
	if run.State != payment.PreparingRun {
		orders, amount := run.Pays()
		count, sum := ui.Entry{Name: f.T("inps.payments.orders"), Value: grouped(orders)}, ui.Entry{Name: f.T("inps.payments.amount"), Value: amount.String()}
		if orders != run.Orders {
			count.Note, sum.Note = f.T("inps.payments.of_approved", "Of", grouped(run.Orders)), f.T("inps.payments.of_approved", "Of", run.Amount)
		}
		facts = append(facts, count, sum)
	}
	if !run.ExecuteOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("inps.payments.execute_on"), Value: ui.WeekDay(run.ExecuteOn)},
			ui.Entry{Name: f.T("inps.payments.debtor"), Value: run.Debtor.Name, Note: run.Debtor.IBAN.Format(), Proper: true})
	}
	return facts
}

// paymentHands are who did what.
func paymentHands(f tillFrame, run payment.Run) (hands []ui.Entry) {
	for _, h := range []struct {
		key string
		payment.Signature
	}{{"prepared_by", run.Prepared}, {"proposed_by", run.Proposed}, {"decided_by", run.Decided}, {"sent_by", run.Sent}} {
		if h.By != "" {
			hands = append(hands, ui.Entry{Name: f.T("inps.payments." + h.key), Value: f.T("inps.payments.signed", "Name", h.Name, "When", ui.OnMoment(h.At)), Proper: true})
		}
	}
	if run.Note != "" {
		hands = append(hands, ui.Entry{Name: f.T("inps.payments.note"), Value: run.Note})
	}
	return hands
}

// paymentProof are the digests by which what was approved and sent is known.
func paymentProof(f tillFrame, run payment.Run) (proof []ui.Entry) {
	if len(run.Digest) > 0 {
		proof = append(proof, ui.Entry{Name: f.T("inps.payments.digest"), Value: hex.EncodeToString(run.Digest), Note: f.T("inps.payments.digest.note"), Proper: true})
	}
	if len(run.FileDigest) > 0 {
		proof = append(proof, ui.Entry{Name: f.T("inps.payments.message"), Value: run.Message(), Proper: true},
			ui.Entry{Name: f.T("inps.payments.file_digest"), Value: hex.EncodeToString(run.FileDigest), Note: f.T("inps.payments.file_digest.note"), Proper: true})
	}
	return proof
}

// paymentBlocked adds the orders that are not to be paid any more, before they are sent.
func (p till) paymentBlocked(r *http.Request, page *payments.RunPage, run payment.Run) error {
	if !slices.Contains([]payment.RunState{payment.PreparedRun, payment.ProposedRun, payment.ApprovedRun}, run.State) {
		return nil
	}
	blocked, err := p.Payments.Blocked(r.Context(), run.ID, p.Now(), mostBlocked)
	if err != nil || len(blocked) == 0 {
		return err
	}
	f := p.says(page.Frame)
	if page.BlockedText = f.T("inps.payments.blocked.text"); run.State == payment.ApprovedRun {
		page.BlockedText = f.T("inps.payments.blocked.text.approved")
	}
	page.Blocked = &payments.Table{Caption: f.T("inps.payments.blocked"), Columns: paymentColumns(f, "number", "payee", "#amount", "reason", "act")}
	for _, b := range blocked {
		row := payments.Row{ID: "bloccato-" + string(b.Order.ID), Cells: []string{ui.Number(b.Order.Number), b.Order.Holder, b.Order.Amount.String(),
			f.T("inps.payments.hold." + string(b.Hold))}}
		if run.MayTakeOut(actor(r)) == nil {
			row.Act = &ui.Link{Text: f.T("inps.payments.take_out"), URL: p.path(run.ID) + "/pagamenti/" + string(b.Order.ID) + "/togli"}
		}
		page.Blocked.Rows = append(page.Blocked.Rows, row)
	}
	if run.MayTakeOut(actor(r)) != nil {
		page.Blocked.Columns = page.Blocked.Columns[:4]
	}
	return nil
}

// paymentLeftOut adds the orders that left a run which the others did not leave: by hand,
// or because they were blocked when it was sent.
func (p till) paymentLeftOut(r *http.Request, page *payments.RunPage, run payment.Run) error {
	out, err := p.leftOut(r, run)
	if err != nil || len(out) == 0 {
		return err
	}
	f := p.says(page.Frame)
	if run.SentOrders > 0 && run.SentOrders < run.Orders {
		page.LeftOutText = f.T("inps.payments.left_out.text", "Count", run.Orders-run.SentOrders, "N", grouped(run.Orders-run.SentOrders), "Amount", run.Amount-run.SentAmount)
	}
	page.LeftOut = payments.Table{Caption: f.T("inps.payments.left_out"), Columns: paymentColumns(f, "number", "payee", "#amount", "reason")}
	for _, o := range out {
		page.LeftOut.Rows = append(page.LeftOut.Rows, payments.Row{ID: "fuori-" + string(o.ID), Cells: []string{ui.Number(o.Number), o.Holder, o.Amount.String(), releaseWords(f, o)}})
	}
	return nil
}

// leftOut are the first orders that left a run which goes on without them.
func (p till) leftOut(r *http.Request, run payment.Run) ([]payment.Order, error) {
	if run.State == payment.ReturnedRun || run.State == payment.DroppedRun {
		return nil, nil
	}
	out, _, err := p.Payments.Orders(r.Context(), run.ID, payment.OrderReleased, 1, mostBlocked)
	return out, err
}

// releaseWords are why an order left a run before it was sent.
func releaseWords(f tillFrame, o payment.Order) string {
	text := f.T("inps.payments.released." + o.Why)
	if o.Hold != "" {
		text += ": " + f.T("inps.payments.hold."+string(o.Hold))
	}
	if o.Note != "" {
		text += " " + f.T("inps.payments.released.note", "Note", o.Note)
	}
	return text
}

func (p till) paymentRegions(r *http.Request, page *payments.RunPage, run payment.Run) error {
	regions, err := p.Payments.Regions(r.Context(), run.ID)
	if err != nil || len(regions) == 0 {
		return err
	}
	f := p.says(page.Frame)
	page.Regions = payments.Table{Caption: f.T("inps.payments.regions.caption"), Columns: paymentColumns(f, "territory", "edition", "#sessions", "#amount")}
	for _, t := range regions {
		page.Regions.Rows = append(page.Regions.Rows, payments.Row{ID: "regione-" + t.Edition + "-" + t.Territory,
			Cells: []string{typeset(t.Territory), t.Edition, grouped(t.Lines), t.Amount.String()}})
	}
	return nil
}

// orderTones are the colours of the states of an order.
var orderTones = map[payment.OrderState]ui.Tone{payment.OrderFrozen: ui.Working, payment.OrderSent: ui.Working, payment.OrderPaid: ui.Success,
	payment.OrderReturned: ui.Danger, payment.OrderReleased: ui.Closed}

func (p till) paymentOrders(r *http.Request, page *payments.RunPage, run payment.Run, q url.Values) error {
	in := payment.OrderState(q.Get("stato"))
	if !slices.Contains(payment.OrderStates, in) {
		in = ""
	}
	n := pageNumber(q)
	orders, counts, err := p.Payments.Orders(r.Context(), run.ID, in, n, ordersPageSize)
	if err != nil {
		return err
	}
	f, here, all := p.says(page.Frame), p.path(run.ID), 0
	for _, state := range payment.OrderStates {
		if all += counts[state]; counts[state] > 0 {
			page.Tabs = append(page.Tabs, ui.Tab{Text: f.T("inps.payments.orders."+string(state), "Number", grouped(counts[state])),
				URL: here + "?stato=" + string(state) + "#pagamenti", Current: in == state})
		}
	}
	page.Tabs = append([]ui.Tab{{Text: f.T("inps.payments.orders.all", "Number", grouped(all)), URL: here + "#pagamenti", Current: in == ""}}, page.Tabs...)
	page.Orders = payments.Table{Caption: f.T("inps.payments.orders.caption"), None: f.T("inps.payments.orders.none"),
		Columns: paymentColumns(f, "number", "payee", "iban", "#sessions", "#amount", "answer", "state")}
	if run.Call != "" {
		page.Orders.Columns = paymentColumns(f, "number", "payee", "application", "#gross", "#withholding", "#set_off", "#amount", "answer", "state")
	}
	for _, o := range orders {
		cells := []string{ui.Number(o.Number), o.Holder, o.IBAN.Masked(), grouped(o.Lines), o.Amount.String(), orderAnswer(f, o)}
		if run.Call != "" {
			cells = []string{ui.Number(o.Number), o.Holder, o.Of.Protocol, o.Of.Gross.String(), o.Of.Withholding.String(), o.Of.SetOff.String(), o.Amount.String(), orderAnswer(f, o)}
		}
		page.Orders.Rows = append(page.Orders.Rows, payments.Row{ID: string(o.ID), Cells: cells, State: &ui.Tag{Tone: orderTones[o.State], Text: f.T("inps.payments.order." + string(o.State))}})
	}
	shown := all
	if in != "" {
		shown = counts[in]
	}
	page.Pages = paymentPages(f, here, url.Values{"stato": {string(in)}}, n, shown, ordersPageSize, "#pagamenti")
	return nil
}

// orderAnswer is what is known of an order: the day of its value and the bank's
// reference, or why it came back, or why it left the run.
func orderAnswer(f tillFrame, o payment.Order) string {
	switch o.State {
	case payment.OrderPaid:
		if o.Reference == "" {
			return f.T("inps.payments.answer.paid", "Day", ui.ShortDay(o.ValueDay))
		}
		return f.T("inps.payments.answer.paid_as", "Day", ui.ShortDay(o.ValueDay), "Reference", o.Reference)
	case payment.OrderReturned:
		return returnWords(f.Frame, o.Reason)
	case payment.OrderReleased:
		return releaseWords(f, o)
	}
	return "–"
}

// returnCodes are the reasons of banks that have words of their own.
var returnCodes = []string{"AC01", "AC03", "AC04", "AC06", "AG01", "AM04", "BE01", "MD07", "MS02", "MS03"}

// returnWords is why an order came back.
func returnWords(f ui.Frame, code string) string {
	if slices.Contains(returnCodes, code) {
		return f.T("inps.payments.return."+code) + " (" + code + ")"
	}
	return f.T("inps.payments.return.other", "Code", code)
}

// paymentFiles adds the files of a run, and what the bank answered.
func (p till) paymentFiles(r *http.Request, page *payments.RunPage, run payment.Run) error {
	f, here := p.says(page.Frame), p.path(run.ID)
	if run.MayTakeFile(actor(r)) == nil {
		page.Files = append(page.Files, ui.Link{Text: f.T("inps.payments.file"), URL: here + "/flusso.xml"})
	}
	page.Files = append(page.Files, ui.Link{Text: f.T("inps.payments.sheet.csv"), URL: here + "/distinta.csv"}, ui.Link{Text: f.T("inps.payments.sheet.xlsx"), URL: here + "/distinta.xlsx"})
	if run.State == payment.SettledRun && run.MayRecord(actor(r)) == nil {
		page.Files = append(page.Files, ui.Link{Text: f.T("inps.payments.record.more"), URL: here + "/esiti"})
	}
	outcomes, err := p.Payments.Outcomes(r.Context(), run.ID)
	page.Outcomes = outcomesTable(f, outcomes)
	return err
}

func outcomesTable(f tillFrame, outcomes []payment.Outcome) payments.Table {
	t := payments.Table{Caption: f.T("inps.payments.outcomes.list"), Columns: paymentColumns(f, "recorded", "by", "format", "#paid", "#returned")}
	for _, o := range outcomes {
		t.Rows = append(t.Rows, payments.Row{ID: o.ID, Cells: []string{ui.ShortMoment(o.Recorded.At), o.Recorded.Name, f.T("inps.payments.format." + string(o.Format)),
			grouped(o.Paid), grouped(o.Returned)}})
	}
	return t
}
