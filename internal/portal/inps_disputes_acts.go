package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

func (p *Portal) disputeStepFrame(r *http.Request, d voucher.Dispute, key string) ui.Frame {
	var f ui.Frame
	f = p.disputesFrame(r, ui.Crumb{Text: d.Protocol, URL: disputePath(d.ID)}, ui.Crumb{Text: f.T(key)})
	f.Title, f.Caption = f.T(key+".title"), f.T("inps.disputes.one", "Protocol", d.Protocol)
	f.Back = &ui.Link{Text: f.T("inps.disputes.back"), URL: disputePath(d.ID)}
	return f
}

// disputeFields are the fields in which reasons are shown.
var disputeFields = map[*fault.Reason]string{
	voucher.ErrDisputeOutcome: "proposta", voucher.ErrDisputePrice: "importo", voucher.ErrDisputeGrounds: "motivazione",
	voucher.ErrDisputeAnswer: "risposta", voucher.ErrDisputeLong: "motivazione", voucher.ErrDisputeNote: "nota",
}

// inpsDisputeProposeAsk asks an officer how a report should end.
func (p *Portal) inpsDisputeProposeAsk(w http.ResponseWriter, r *http.Request) error {
	d, c, err := p.inpsDisputeCase(r)
	if err != nil {
		return err
	}
	fields := url.Values{"idem": {once.NewKey()}, "versione": {strconv.FormatInt(d.Version, 10)}, "motivazione": {d.Grounds}, "risposta": {d.Answer}}
	return p.showDisputePropose(w, r, http.StatusOK, d, c, fields, nil)
}

func (p *Portal) showDisputePropose(w http.ResponseWriter, r *http.Request, status int, d voucher.Dispute, c voucher.SessionCase, fields url.Values, wrong *ui.FieldError) error {
	f := p.disputeStepFrame(r, d, "inps.disputes.propose")
	page := inps.DisputeProposePage{
		Frame: f, Report: append(disputeData(f, d, c), disputeSession(f, c)...), Back: *f.Back,
		Form:    ui.FormProps{Action: disputePath(d.ID) + "/proposta", Key: fields.Get("idem"), Version: fields.Get("versione")},
		Outcome: fields.Get("proposta"), Priced: d.Kind == voucher.DisputeAmount, Price: fields.Get("importo"),
		Hint: f.T("inps.disputes.right.hint", "Amount", c.Session.Price()), Grounds: fields.Get("motivazione"), Answer: fields.Get("risposta"),
	}
	for _, outcome := range []string{voucher.ProposeUphold, voucher.ProposeDismiss} {
		page.Outcomes = append(page.Outcomes, ui.Option{Value: outcome, Label: f.T("inps.disputes.outcome." + outcome), Hint: f.T("inps.disputes.outcome." + outcome + "." + string(d.Kind))})
	}
	if reason, refused := fault.Refusal(c.MayPropose(d, actor(r))); refused {
		page.Why, status = words(f, reason), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, inps.DisputePropose(page))
}

// inpsDisputePropose shows the answer as it will be read and, once the officer has
// seen it, writes how the report should end.
func (p *Portal) inpsDisputePropose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	d, c, err := p.inpsDisputeCase(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "dispute.propose", fields)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	proposal, wrong := readDisputeProposal(f, fields)
	if wrong != nil {
		return p.showDisputePropose(w, r, http.StatusUnprocessableEntity, d, c, fields, wrong)
	}
	if fields.Get("letta") == "si" {
		err = p.Disputes.Propose(r.Context(), actor(r), sent, d.ID, proposal)
	} else {
		var would voucher.SessionDecision
		if would, err = c.Propose(d.ID, proposal, actor(r), p.Now()); err == nil {
			return p.showDisputePreview(w, r, *would.Dispute, c, fields)
		}
	}
	reason, refused := fault.Refusal(err)
	switch field, known := disputeFields[reason]; {
	case known:
		return p.showDisputePropose(w, r, http.StatusUnprocessableEntity, d, c, fields, &ui.FieldError{Field: field, Text: words(f, reason)})
	case refused && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showDisputePropose(w, r, http.StatusConflict, d, c, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, disputePath(d.ID), f.T("inps.disputes.proposed.done"), f.T("inps.disputes.proposed.done.text"))
}

// readDisputeProposal reads the fields of a proposal, as far as no rule is asked.
func readDisputeProposal(f ui.Frame, fields url.Values) (p voucher.DisputeProposal, wrong *ui.FieldError) {
	p.Version, _ = strconv.ParseInt(fields.Get("versione"), 10, 64)
	p.Grounds, p.Answer = fields.Get("motivazione"), fields.Get("risposta")
	switch fields.Get("proposta") {
	case voucher.ProposeUphold:
		p.Uphold = true
	case voucher.ProposeDismiss:
	default:
		return p, &ui.FieldError{Field: "proposta", Text: words(f, voucher.ErrDisputeOutcome)}
	}
	if text := strings.TrimSpace(fields.Get("importo")); text != "" && p.Uphold {
		right, err := money.Parse(text)
		if err != nil {
			return p, &ui.FieldError{Field: "importo", Text: words(f, fault.As(err))}
		}
		p.Right = right
	}
	return p, nil
}

// showDisputePreview shows an answer as its citizen will read it, before it is
// proposed. The form that is then sent is another one than the one that was filled in.
func (p *Portal) showDisputePreview(w http.ResponseWriter, r *http.Request, d voucher.Dispute, c voucher.SessionCase, fields url.Values) error {
	f := p.disputeStepFrame(r, d, "inps.disputes.propose")
	f.Title = f.T("inps.disputes.preview.title")
	page := inps.DisputePreviewPage{
		Frame: f, Outcome: f.T("inps.disputes.outcome." + d.Proposal), Effect: disputeEffect(f, d, c), Answer: d.Answer, Grounds: d.Grounds,
		Form:    ui.FormProps{Action: disputePath(d.ID) + "/proposta", Key: once.NewKey(), Version: fields.Get("versione")},
		Hidden:  [][2]string{{"letta", "si"}},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.disputes.propose.submit"), Cancel: &ui.Link{Text: f.T("inps.disputes.leave"), URL: disputePath(d.ID)}},
	}
	for _, name := range []string{"proposta", "importo", "motivazione", "risposta"} {
		page.Hidden = append(page.Hidden, [2]string{name, fields.Get(name)})
	}
	return p.show(w, r, inps.DisputePreview(page))
}

// inpsDisputeDecideAsk asks a second person whether a report shall end as proposed.
func (p *Portal) inpsDisputeDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showDisputeDecide(w, r, http.StatusOK, nil, nil)
}

func (p *Portal) showDisputeDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError) error {
	d, c, err := p.inpsDisputeCase(r)
	if err != nil {
		return err
	}
	f := p.disputeStepFrame(r, d, "inps.disputes.decide")
	page := inps.DisputePreviewPage{
		Frame: f, Back: *f.Back,
		Form: ui.FormProps{Action: disputePath(d.ID) + "/decisione", Key: once.NewKey(), Version: strconv.FormatInt(d.Version, 10)},
		Radio: &ui.ChoiceProps{Name: "decisione", Legend: f.T("inps.disputes.decision"), Chosen: []string{fields.Get("decisione")}, Options: []ui.Option{
			{Value: "approva", Label: f.T("inps.disputes.approve"), Hint: f.T("inps.disputes.approve.hint")},
			{Value: "rimanda", Label: f.T("inps.disputes.return"), Hint: f.T("inps.disputes.return.hint")}}},
		Text:    &ui.TextAreaProps{Name: "nota", Label: f.T("inps.disputes.note"), Value: fields.Get("nota"), Optional: true, Rows: 4},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.disputes.decide.submit"), Cancel: f.Back},
	}
	if d.Proposal != "" {
		page.Outcome, page.Effect = f.T("inps.disputes.outcome."+d.Proposal), disputeEffect(f, d, c)
		page.Answer, page.Grounds = d.Answer, d.Grounds
	}
	if reason, refused := fault.Refusal(c.MayDecide(d, actor(r))); refused {
		page.Why, status = words(f, reason), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, inps.DisputePreview(page))
}

// inpsDisputeDecide ends a report as it was proposed, or sends the proposal back.
func (p *Portal) inpsDisputeDecide(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "dispute.decide", fields)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(fields.Get("versione"), 10, 64)
	f, done := p.frame(r, ui.Frame{}), "inps.disputes.decided.done"
	switch fields.Get("decisione") {
	case "approva":
		err = p.Disputes.Decide(r.Context(), actor(r), sent, voucher.DisputeID(id), version)
	case "rimanda":
		done = "inps.disputes.returned.done"
		err = p.Disputes.Return(r.Context(), actor(r), sent, voucher.DisputeID(id), version, fields.Get("nota"))
	default:
		return p.showDisputeDecide(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "decisione", Text: words(f, voucher.ErrDisputeOutcome)})
	}
	reason, refused := fault.Refusal(err)
	switch {
	case reason == voucher.ErrDisputeNote || reason == voucher.ErrDisputeLong:
		return p.showDisputeDecide(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "nota", Text: words(f, reason)})
	case reason == voucher.ErrDisputeInRun:
		return p.showDisputeDecide(w, r, http.StatusConflict, fields, &ui.FieldError{Field: "decisione", Text: words(f, reason)})
	case refused && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showDisputeDecide(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, disputePath(voucher.DisputeID(id)), f.T(done), f.T(done+".text"))
}

// disputeAct is an act on a report that asks for nothing but a yes.
type disputeAct struct {
	key, path string
	may       func(c voucher.SessionCase, d voucher.Dispute, who identity.Actor) error
	do        func(p *Portal, r *http.Request, sent once.Form, id voucher.DisputeID) error
}

var disputeActs = []disputeAct{
	{"inps.disputes.take", "/presa", voucher.SessionCase.MayTake, func(p *Portal, r *http.Request, sent once.Form, id voucher.DisputeID) error {
		return p.Disputes.Take(r.Context(), actor(r), sent, id)
	}},
	{"inps.disputes.carry_out", "/esecuzione", voucher.SessionCase.MayCarryOut, func(p *Portal, r *http.Request, sent once.Form, id voucher.DisputeID) error {
		return p.Disputes.CarryOut(r.Context(), actor(r), sent, id)
	}},
}

// inpsDisputeActAsk asks before an act on a report.
func (p *Portal) inpsDisputeActAsk(a disputeAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		d, c, err := p.inpsDisputeCase(r)
		if err != nil {
			return err
		}
		if err := a.may(c, d, actor(r)); err != nil {
			return err
		}
		f := p.disputeStepFrame(r, d, a.key)
		return p.show(w, r, inps.Act(inps.ActPage{Frame: f, Recorded: true, Consequences: []string{f.T(a.key + ".text")},
			Form:    ui.FormProps{Action: disputePath(d.ID) + a.path, Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T(a.key), Cancel: f.Back}}))
	}
}

// inpsDisputeActDo does it.
func (p *Portal) inpsDisputeActDo(a disputeAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := idParam(r, "id")
		if err != nil {
			return err
		}
		fields, err := form(r)
		if err != nil {
			return err
		}
		sent, err := sending(r, "dispute"+a.path, fields)
		if err != nil {
			return err
		}
		if err := a.do(p, r, sent, voucher.DisputeID(id)); err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, disputePath(voucher.DisputeID(id)), f.T(a.key+".done"), f.T(a.key+".done.text"))
	}
}
