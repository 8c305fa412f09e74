package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// adminErasure is an erasure with how far it is, and the decision for who may take it
//
func (p *Portal) adminErasure(w http.ResponseWriter, r *http.Request) error {
	return p.showErasure(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showErasure(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	x, err := p.Retention.Erasure(r.Context(), actor(r), office.ErasureID(id))
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("retention.erasure"), retentionCrumb())
	tag := erasureTag(f, x.State)
	f.Badge = &tag
	page := oversight.DecisionPage{Frame: f, Form: ui.FormProps{Action: erasurePath(x.ID), Key: once.NewKey()}, Facts: []ui.Entry{
		{Name: f.T("retention.class"), Value: f.T("retention.class." + string(x.Class))},
		{Name: f.T("retention.trial.cut"), Value: ui.Day(x.Cut)},
		{Name: f.T("retention.frozen"), Value: counted(f, "retention.things", x.Things)},
		{Name: f.T("retention.erased"), Value: strconv.Itoa(x.Erased)},
		{Name: f.T("retention.trial.stays"), Value: f.T("retention.stays." + string(x.Class))},
		{Name: f.T("parameters.grounds"), Value: x.Grounds},
		{Name: f.T("retention.proposed"), Value: handText(f, x.Proposed)}},
		Confirm: ui.Option{Value: "approva", Label: f.T("retention.approve"), Hint: f.T("retention.approve.hint", "Count", x.Things)}}
	fillDecision(&page, x, x.State == office.ErasureProposed, actor(r), fields, wrong)
	if x.State != office.ErasureProposed {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("parameters.decided"), Value: handText(f, x.Decided), Note: x.Why})
	}
	if !x.Ended.IsZero() {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("retention.ended"), Value: ui.ShortMoment(x.Ended)})
	}
	switch x.State {
	case office.ErasureApproved:
		page.Note = f.T("retention.under_way")
	case office.ErasureStopped:
		page.Note = f.T("retention.stopped", "Left", x.Things-x.Erased, "Found", x.Found)
	}
	return p.showAs(w, r, status, oversight.Decision(page))
}

// adminErasureDecide approves, refuses or withdraws an erasure.
func (p *Portal) adminErasureDecide(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[office.ErasureID](r, "erasure.decide")
	if err != nil {
		return err
	}
	switch fields.Get("decisione") {
	case "approva":
		err = p.Retention.Approve(r.Context(), actor(r), sent, id)
	case "rifiuta":
		err = p.Retention.Refuse(r.Context(), actor(r), sent, id, fields.Get("motivo"))
	case "ritira":
		err = p.Retention.Withdraw(r.Context(), actor(r), sent, id)
	default:
		err = office.ErrDecision
	}
	if reason, here := refusedHere(err); here {
		return p.showErasure(w, r, statuses[reason.Kind], fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "retention.done." + fields.Get("decisione")
	return p.done(w, r, erasurePath(id), f.T(done), f.T(done+".text"))
}

// adminHoldAsk is the form that keeps a case beyond its time.
func (p *Portal) adminHoldAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showHoldForm(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showHoldForm(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.adminFrame(r, f.T("retention.hold.new"), retentionCrumb())
	f.Errors = wrong
	return p.showAs(w, r, status, oversight.HoldForm(oversight.HoldPage{Frame: f, Form: ui.FormProps{Action: adminHoldsPath + "/nuovo", Key: fields.Get("idem")},
		Protocol: fields.Get("protocollo"), Reason: fields.Get("motivo"), Cancel: ui.Link{Text: f.T("administration.cancel"), URL: adminRetentionPath}}))
}

// holdFields are the fields in which reasons are shown.
var holdFields = map[*fault.Reason]string{office.ErrHoldProtocol: "protocollo", office.ErrHeld: "protocollo", office.ErrHoldReason: "motivo"}

// adminHold keeps it.
func (p *Portal) adminHold(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "hold.place", fields)
	if err != nil {
		return err
	}
	err = p.Retention.Place(r.Context(), actor(r), sent, fields.Get("protocollo"), fields.Get("motivo"))
	var f ui.Frame
	reason, refused := fault.Refusal(err)
	if field, known := holdFields[reason]; refused && known {
		return p.showHoldForm(w, r, statuses[reason.Kind], fields, []ui.FieldError{{Field: field, Text: words(f, reason)}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, adminRetentionPath, f.T("retention.hold.done"), f.T("retention.hold.done.text"))
}

// adminHoldEndAsk asks why a hold ends.
func (p *Portal) adminHoldEndAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showHoldEnd(w, r, http.StatusOK, "", nil)
}

func (p *Portal) showHoldEnd(w http.ResponseWriter, r *http.Request, status int, typed string, wrong *fault.Reason) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	h, err := p.Retention.Hold(r.Context(), actor(r), office.HoldID(id))
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("retention.hold.end.title"), retentionCrumb())
	nameStep(&f, "retention.hold.end")
	page := oversight.ActPage{Frame: f, Consequences: []string{f.T("retention.hold.end.text")},
		Facts: []ui.Entry{{Name: f.T("retention.hold.protocol"), Value: h.Protocol, Proper: true}, {Name: f.T("retention.hold.reason"), Value: h.Reason}, {Name: f.T("retention.hold.placed"), Value: handText(f, h.Placed)}},
		Text:  &ui.TextAreaProps{Name: "motivo", Label: f.T("retention.hold.end.why"), Value: typed},
		Form:  ui.FormProps{Action: adminHoldsPath + "/" + id + "/togli", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("retention.hold.end"), Danger: true,
			Cancel: &ui.Link{Text: f.T("retention.hold.keep"), URL: adminRetentionPath}}}
	if may := h.MayEnd(actor(r)); wrong == nil && may != nil {
		wrong, status = fault.As(may), http.StatusConflict
	}
	switch wrong {
	case nil:
	case office.ErrHoldReason:
		page.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	default:
		page.Refusal = words(f, wrong)
	}
	return p.showAs(w, r, status, oversight.Act(page))
}

// adminHoldEnd ends a hold that another placed.
func (p *Portal) adminHoldEnd(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[office.HoldID](r, "hold.end")
	if err != nil {
		return err
	}
	err = p.Retention.EndHold(r.Context(), actor(r), sent, id, fields.Get("motivo"))
	if reason, here := refusedHere(err); here {
		return p.showHoldEnd(w, r, statuses[reason.Kind], fields.Get("motivo"), reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, adminRetentionPath, f.T("retention.hold.ended"), f.T("retention.hold.ended.text"))
}
