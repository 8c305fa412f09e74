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
	"portal/internal/payment"
	"portal/web/inps"
	"portal/web/payments"
	"portal/web/ui"
)

// paymentWords are why an act on a run is refused.
func paymentWords(f tillFrame, err error) string {
	reason := fault.As(err)
	if reason == nil {
		return ""
	}
	return words(f.Frame, reason, "Days", payment.ExecuteWithin)
}

// paymentRefused shows a run again with why nothing was done. What is no refusal goes on
// to the page of errors.
func (p till) paymentRefused(w http.ResponseWriter, r *http.Request, err error) error {
	reason, here := refusedHere(err)
	if !here {
		return err
	}
	return p.showPayment(w, r, http.StatusConflict, reason)
}

// paymentSums are what somebody is asked about: how much, to how many.
func paymentSums(f tillFrame, run payment.Run) []ui.Entry {
	return append([]ui.Entry{{Name: f.T("inps.payments.orders"), Value: grouped(run.Orders)}, {Name: f.T("inps.payments.amount"), Value: run.Amount.String()}},
		paymentSubject(f, run.Selection)...)
}

// paymentAct is an act on a run that is asked for on a page of its own.
type paymentAct struct {
	path   string // below the run
	name   string // of its words: "inps.payments.propose"
	danger bool
	may    func(payment.Run, identity.Actor) error
	do     func(p till, r *http.Request, sent once.Form, run payment.RunID, fields url.Values) error
}

// paymentActsOf are the acts that need no more than a yes.
var paymentActsOf = []paymentAct{
	{path: "/proponi", name: "propose", may: payment.Run.MayPropose, do: func(p till, r *http.Request, sent once.Form, run payment.RunID, _ url.Values) error {
		return p.Payments.Propose(r.Context(), actor(r), sent, run)
	}},
	{path: "/elimina", name: "drop", danger: true, may: payment.Run.MayDrop, do: func(p till, r *http.Request, sent once.Form, run payment.RunID, _ url.Values) error {
		return p.Payments.Drop(r.Context(), actor(r), sent, run)
	}},
}

// actAsk asks before an act on a run.
func (p till) actAsk(a paymentAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		run, err := p.paymentRun(r)
		if err != nil {
			return err
		}
		if err := a.may(run, actor(r)); err != nil {
			return p.paymentRefused(w, r, err)
		}
		f := p.paymentActFrame(r, run, p.says(ui.Frame{}).T("inps.payments."+a.name+".title", "Number", run.Number))
		return p.show(w, r, inps.Act(inps.ActPage{Frame: f.Frame, Recorded: true, Facts: paymentSums(f, run), Consequences: []string{f.T("inps.payments." + a.name + ".text")},
			Form:    ui.FormProps{Action: p.path(run.ID) + a.path, Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T("inps.payments." + a.name), Danger: a.danger, Cancel: f.Back}}))
	}
}

// act does it.
func (p till) act(a paymentAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		run, err := p.paymentRun(r)
		if err != nil {
			return err
		}
		fields, err := form(r)
		if err != nil {
			return err
		}
		sent, err := sending(r, "payment."+a.name, fields)
		if err != nil {
			return err
		}
		if err := a.do(p, r, sent, run.ID, fields); err != nil {
			return p.paymentRefused(w, r, err)
		}
		f := p.says(ui.Frame{})
		return p.done(w, r, p.path(run.ID), f.T("inps.payments."+a.name+".done"), f.T("inps.payments."+a.name+".done.text"))
	}
}

// decideAsk asks a second person whether a run may be sent.
func (p till) decideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showPaymentDecide(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p till) showPaymentDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	run, err := p.paymentRun(r)
	if err != nil {
		return err
	}
	if err := run.MaySendBack(actor(r)); err != nil {
		return p.paymentRefused(w, r, err)
	}
	f := p.paymentActFrame(r, run, p.says(ui.Frame{}).T("inps.payments.decide.title", "Number", run.Number))
	f.Errors = wrong
	blocked, err := p.Payments.Blocked(r.Context(), run.ID, p.Now(), 1)
	if err != nil {
		return err
	}
	out, err := p.leftOut(r, run)
	if err != nil {
		return err
	}
	facts := append(paymentSums(f, run), paymentHands(f, run)...)
	for _, o := range out {
		facts = append(facts, ui.Entry{Name: f.T("inps.payments.left_out.one"), Value: o.Holder + ", " + o.Amount.String(), Note: releaseWords(f, o)})
	}
	page := inps.ActPage{Frame: f.Frame, Recorded: true, Facts: facts, Consequences: []string{f.T("inps.payments.decide.text")},
		Form:    ui.FormProps{Action: p.path(run.ID) + "/approva", Key: fields.Get("idem"), Version: strconv.FormatInt(run.Version, 10)},
		Radio:   &ui.ChoiceProps{Name: "decisione", Legend: f.T("inps.payments.decision"), Chosen: []string{fields.Get("decisione")}},
		Text:    &ui.TextAreaProps{Name: "nota", Label: f.T("inps.payments.note.why"), Hint: f.T("inps.payments.note.hint"), Value: fields.Get("nota"), Optional: true},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.payments.decide.submit"), Cancel: f.Back}}
	back := ui.Option{Value: "rimanda", Label: f.T("inps.payments.decision.back")}
	switch {
	case run.State == payment.ApprovedRun:
		page.Consequences, page.Radio.Options = []string{f.T("inps.payments.decide.text.approved")}, []ui.Option{back}
	case run.MayDecide(actor(r)) != nil:
		page.Consequences, page.Radio.Options = []string{paymentWords(f, run.MayDecide(actor(r)))}, []ui.Option{back}
	case len(blocked) > 0:
		page.Consequences, page.Radio.Options = []string{f.T("inps.payments.decide.text.blocked")}, []ui.Option{back}
	default:
		page.Radio.Options = []ui.Option{{Value: "approva", Label: f.T("inps.payments.decision.approve")}, back}
	}
	return p.showAs(w, r, status, inps.Act(page))
}

// decide approves a run, or sends it back.
func (p till) decide(w http.ResponseWriter, r *http.Request) error {
	run, err := p.paymentRun(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "payment.decide", fields)
	if err != nil {
		return err
	}
	name := "approve"
	switch fields.Get("decisione") {
	case "approva":
		version, wrong := strconv.ParseInt(fields.Get("versione"), 10, 64)
		if wrong != nil {
			return errUnreadable
		}
		err = p.Payments.Approve(r.Context(), actor(r), sent, run.ID, version)
	case "rimanda":
		name, err = "send_back", p.Payments.SendBack(r.Context(), actor(r), sent, run.ID, fields.Get("nota"))
	default:
		return p.showPaymentDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "decisione", Text: p.says(ui.Frame{}).T("inps.payments.decision.missing")}})
	}
	f := p.says(ui.Frame{})
	if errors.Is(err, payment.ErrNoNote) {
		return p.showPaymentDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "nota", Text: words(f.Frame, payment.ErrNoNote)}})
	}
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	return p.done(w, r, p.path(run.ID), f.T("inps.payments."+name+".done"), f.T("inps.payments."+name+".done.text"))
}

// sendAsk asks a third person on which day the bank is to pay.
func (p till) sendAsk(w http.ResponseWriter, r *http.Request) error {
	day, month, year := ui.DateNames("data")
	next := payment.NextBankDay(calendar.On(p.Now()))
	return p.showPaymentSend(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}, day: {strconv.Itoa(next.Day)}, month: {strconv.Itoa(int(next.Month))},
		year: {strconv.Itoa(next.Year)}}, nil)
}

func (p till) showPaymentSend(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	run, err := p.paymentRun(r)
	if err != nil {
		return err
	}
	if err := run.MaySend(actor(r)); err != nil {
		return p.paymentRefused(w, r, err)
	}
	f := p.paymentActFrame(r, run, p.says(ui.Frame{}).T("inps.payments.send.title", "Number", run.Number))
	f.Errors = wrong
	facts, consequences := append(paymentSums(f, run), paymentHands(f, run)...), []string{f.T("inps.payments.send.text")}
	blocked, err := p.Payments.Blocked(r.Context(), run.ID, p.Now(), mostBlocked)
	if err != nil {
		return err
	}
	if len(blocked) > 0 {
		consequences = append(consequences, f.T("inps.payments.blocked.text.approved"))
	}
	for _, b := range blocked {
		facts = append(facts, ui.Entry{Name: f.T("inps.payments.left_out.will"), Value: b.Order.Holder + ", " + b.Order.Amount.String(), Note: f.T("inps.payments.hold." + string(b.Hold))})
	}
	day, month, year := ui.DateNames("data")
	return p.showAs(w, r, status, payments.Send(payments.SendPage{Frame: f.Frame, Facts: facts,
		Ask: ui.ConfirmProps{Consequences: consequences, Form: ui.FormProps{Action: p.path(run.ID) + "/invia", Key: fields.Get("idem")},
			Buttons: ui.ButtonsProps{Submit: f.T("inps.payments.send"), Cancel: f.Back}},
		Day: ui.DateFieldProps{Name: "data", Legend: f.T("inps.payments.execute_on"), Hint: f.T("inps.payments.execute_on.hint"), Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}}))
}

// send fixes the file of a run: its orders are sent.
func (p till) send(w http.ResponseWriter, r *http.Request) error {
	run, err := p.paymentRun(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "payment.send", fields)
	if err != nil {
		return err
	}
	on, err := dateField(fields, "data")
	if err == nil && on.IsZero() {
		err = errDate
	}
	if err == nil {
		err = p.Payments.Send(r.Context(), actor(r), sent, run.ID, on)
	}
	f := p.says(ui.Frame{})
	switch reason := fault.As(err); reason {
	case errDate, payment.ErrExecuteOn, payment.ErrExecutePast, payment.ErrExecuteFar:
		return p.showPaymentSend(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "data", Text: paymentWords(f, reason)}})
	}
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	return p.done(w, r, p.path(run.ID), f.T("inps.payments.send.done"), f.T("inps.payments.send.done.text"))
}

// paymentOrder is the order of the address, in the run of the address.
func (p till) paymentOrder(r *http.Request) (payment.Run, payment.Order, error) {
	run, err := p.paymentRun(r)
	if err != nil {
		return run, payment.Order{}, err
	}
	id, err := idParam(r, "pagamento")
	if err != nil {
		return run, payment.Order{}, err
	}
	o, err := p.Payments.Order(r.Context(), payment.OrderID(id))
	if err == nil && o.Run != run.ID {
		err = fault.ErrNotFound
	}
	return run, o, err
}

// takeOutAsk asks whether to take an order out of a run.
func (p till) takeOutAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showPaymentTakeOut(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p till) showPaymentTakeOut(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	run, o, err := p.paymentOrder(r)
	if err != nil {
		return err
	}
	if err := run.MayTakeOut(actor(r)); err != nil {
		return p.paymentRefused(w, r, err)
	}
	hold, err := p.Payments.HoldOf(r.Context(), o, p.Now())
	if err != nil {
		return err
	}
	f := p.paymentActFrame(r, run, p.says(ui.Frame{}).T("inps.payments.take_out.title", "Number", run.Number))
	f.Errors = wrong
	facts := []ui.Entry{{Name: f.T("inps.payments.payee"), Value: o.Holder, Proper: true}, {Name: f.T("inps.payments.amount"), Value: o.Amount.String()},
		{Name: f.T("inps.payments.sessions"), Value: grouped(o.Lines)}}
	if o.Of.Application != "" {
		facts[2] = ui.Entry{Name: f.T("inps.payments.application"), Value: o.Of.Protocol, Proper: true}
	}
	if hold != "" {
		facts = append(facts, ui.Entry{Name: f.T("inps.payments.reason"), Value: f.T("inps.payments.hold." + string(hold))})
	}
	return p.showAs(w, r, status, inps.Act(inps.ActPage{Frame: f.Frame, Recorded: true, Consequences: []string{f.T("inps.payments.take_out.text")}, Facts: facts,
		Text:    &ui.TextAreaProps{Name: "nota", Label: f.T("inps.payments.note.why"), Hint: f.T("inps.payments.take_out.note.hint"), Value: fields.Get("nota"), Optional: hold != ""},
		Form:    ui.FormProps{Action: r.URL.Path, Key: fields.Get("idem")},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.payments.take_out"), Danger: true, Cancel: f.Back}}))
}

// takeOut takes it out.
func (p till) takeOut(w http.ResponseWriter, r *http.Request) error {
	run, o, err := p.paymentOrder(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "payment.take_out", fields)
	if err != nil {
		return err
	}
	f := p.says(ui.Frame{})
	err = p.Payments.TakeOut(r.Context(), actor(r), sent, run.ID, o.ID, fields.Get("nota"))
	if errors.Is(err, payment.ErrNoGround) {
		return p.showPaymentTakeOut(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "nota", Text: words(f.Frame, payment.ErrNoGround)}})
	}
	if err != nil {
		return p.paymentRefused(w, r, err)
	}
	return p.done(w, r, p.path(run.ID), f.T("inps.payments.take_out.done"), f.T("inps.payments.take_out.done.text", "Amount", o.Amount))
}
