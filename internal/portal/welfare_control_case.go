package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// openedControl is the check in the address, for an officer who looks at it.
func (p *Portal) openedControl(r *http.Request) (indemnity.Control, indemnity.CaseFile, error) {
	id, err := idParam(r, "controllo")
	if err != nil {
		return indemnity.Control{}, indemnity.CaseFile{}, err
	}
	return p.Controls.OpenControl(r.Context(), actor(r), indemnity.ControlID(id))
}

// welfareControl is a check on a case, with what came of it.
func (p *Portal) welfareControl(w http.ResponseWriter, r *http.Request) error {
	k, c, err := p.openedControl(r)
	if err != nil {
		return err
	}
	return p.showControl(w, r, http.StatusOK, k, c, url.Values{}, nil)
}

func (p *Portal) showControl(w http.ResponseWriter, r *http.Request, status int, k indemnity.Control, c indemnity.CaseFile, fields url.Values, wrong []ui.FieldError) error {
	f := p.controlFrame(r, ui.Frame{}.T("controls.case.title"))
	f.Caption, f.Errors = f.T("heirs.case.title", "Protocol", c.Protocol), wrong
	tag := controlTag(f, k)
	f.Badge = &tag
	page := welfare.ControlPage{Frame: f, Facts: append(welfareFacts(f, c), controlFacts(f, k)...),
		Links: []ui.Link{{Text: f.T("controls.to_case"), URL: welfareCasePath(c.ID)}, {Text: f.T("controls.back"), URL: controlsPath}}}
	switch {
	case k.State == indemnity.ControlRuns:
		page.Acts = []welfare.ControlAct{p.controlAct(r, f, k, c, fields)}
	case k.State == indemnity.ControlIrregular && c.State == indemnity.Funded && c.OpenDecision() == nil:
		page.Acts = []welfare.ControlAct{{ID: "revoca", Title: f.T("controls.revoke"), Why: f.T("controls.revoke.lead")}}
		if c.Concerns(actor(r).Person) == nil && actor(r).Has(identity.Prepare) {
			page.Links = append([]ui.Link{{Text: f.T("controls.revoke.start"), URL: controlPath(k.ID) + "/revoca"}}, page.Links...)
		}
	case c.OpenDecision() != nil:
		page.Acts = []welfare.ControlAct{{ID: "revoca", Title: f.T("controls.revoke"), Why: f.T("controls.revoke.waits")}}
		page.Links = append([]ui.Link{{Text: f.T("outcome.see"), URL: approvalPath(c.ID)}}, page.Links...)
	}
	return p.showAs(w, r, status, welfare.Control(page))
}

// controlFacts say why a case is checked, and what came of it.
func controlFacts(f ui.Frame, k indemnity.Control) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("controls.source"), Value: controlSource(f, k), Note: k.Reason},
		{Name: f.T("controls.opened"), Value: f.T("controls.by", "Name", k.Opened.Name, "At", ui.OnMoment(k.Opened.At))}}
	if k.State == indemnity.ControlRuns {
		return facts
	}
	facts = append(facts, ui.Entry{Name: f.T("controls.found"), Value: k.Found})
	for _, code := range k.Codes {
		facts = append(facts, ui.Entry{Name: f.T("controls.ground"), Value: groundText(f, code)})
	}
	return append(facts, ui.Entry{Name: f.T("controls.ended.by"), Value: f.T("controls.by", "Name", k.Ended.Name, "At", ui.OnMoment(k.Ended.At))})
}

// controlAct writes down what came of a check.
func (p *Portal) controlAct(r *http.Request, f ui.Frame, k indemnity.Control, c indemnity.CaseFile, fields url.Values) welfare.ControlAct {
	act := welfare.ControlAct{ID: "esito-controllo", Title: f.T("controls.end")}
	if reason := fault.As(k.MayEnd(actor(r), c)); reason == identity.ErrNoDuty {
		act.Why = f.T("controls.prepares")
		return act
	} else if reason != nil {
		act.Why = words(f, reason)
		return act
	}
	var grounds []ui.Option
	for _, code := range indemnity.RevocationGrounds {
		grounds = append(grounds, ui.Option{Value: string(code), Label: f.T("outcome.ground." + string(code)), Hint: f.T("controls.ground.hint." + string(code))})
	}
	act.Form = &ui.FormProps{Action: controlPath(k.ID), Key: once.NewKey()}
	act.Fields = []templ.Component{
		ui.RadioGroup(f, ui.ChoiceProps{Name: "esito-controllo-scelto", Legend: f.T("controls.end.legend"), Chosen: fields["esito-controllo-scelto"], Options: []ui.Option{
			{Value: string(indemnity.ControlConfirmed), Label: f.T("controls.state.confirmed"), Hint: f.T("controls.end.confirmed.hint")},
			{Value: string(indemnity.ControlIrregular), Label: f.T("controls.state.irregular"), Hint: f.T("controls.end.irregular.hint")}}}),
		ui.TextArea(f, ui.TextAreaProps{Name: "trovato", Label: f.T("controls.found"), Hint: f.T("controls.found.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("trovato"), Rows: 5}),
		ui.CheckboxGroup(f, ui.ChoiceProps{Name: "motivi", Legend: f.T("controls.grounds"), Hint: f.T("controls.grounds.hint"), Options: grounds, Chosen: fields["motivi"], Optional: true})}
	act.Buttons = ui.ButtonsProps{Submit: f.T("controls.end.record"), Cancel: &ui.Link{Text: f.T("controls.back"), URL: controlsPath}}
	return act
}

// controlFields are the fields beside which a refusal stands.
var controlFields = map[*fault.Reason]string{indemnity.ErrControlOutcome: "esito-controllo-scelto", indemnity.ErrControlFound: "trovato", indemnity.ErrControlGrounds: "motivi"}

// welfareControlEnd writes down what came of a check.
func (p *Portal) welfareControlEnd(w http.ResponseWriter, r *http.Request) error {
	k, c, err := p.openedControl(r)
	if err != nil {
		return err
	}
	fields, err := form(r, "motivi")
	if bad := (textError{}); errors.As(err, &bad) {
		return p.showControl(w, r, http.StatusUnprocessableEntity, k, c, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.control", url.Values{"idem": fields["idem"], "controllo": {string(k.ID)}, "esito": fields["esito-controllo-scelto"], "trovato": fields["trovato"], "motivi": fields["motivi"]})
	if err != nil {
		return err
	}
	var codes []indemnity.Code
	for _, code := range fields["motivi"] {
		codes = append(codes, indemnity.Code(code))
	}
	err = p.Controls.EndControl(r.Context(), actor(r), sent, k.ID, indemnity.ControlState(fields.Get("esito-controllo-scelto")), fields.Get("trovato"), codes)
	var f ui.Frame
	switch reason := fault.As(err); {
	case controlFields[reason] != "":
		return p.showControl(w, r, http.StatusUnprocessableEntity, k, c, fields, []ui.FieldError{{Field: controlFields[reason], Text: words(f, reason)}})
	case reason == indemnity.ErrOwnCase, reason == indemnity.ErrControlEnded:
		return p.showControl(w, r, http.StatusConflict, k, c, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, controlPath(k.ID), f.T("controls.end.done"), f.T("controls.end.done.text", "Protocol", c.Protocol))
}

// textAct is an act on a case that wants a text: a check that is reported, or an
// indemnity that is given again.
type textAct struct {
	title, lead, label, hint, submit, done string // keys of its words
	path                                   string // of its page, below the case
	field                                  string
	may                                    func(indemnity.CaseFile, identity.Actor) error
}

var (
	reportAct = textAct{"controls.report.title", "controls.report.lead", "controls.report.reason", "controls.report.reason.hint", "controls.report.submit", "controls.report.done",
		"/segnala", "motivo", indemnity.CaseFile.MayReport}
	reinstateAct = textAct{"controls.reinstate.title", "controls.reinstate.lead", "controls.reinstate.reason", "controls.reinstate.reason.hint", "controls.reinstate.submit", "controls.reinstate.done",
		"/ripristina", "motivo", indemnity.CaseFile.MayReinstate}
)

func (p *Portal) showTextAct(w http.ResponseWriter, r *http.Request, status int, a textAct, o indemnity.Opened, fields url.Values, wrong []ui.FieldError) error {
	f := p.welfareCaseFrame(r, o.CaseFile, a.title)
	f.Errors = wrong
	page := welfare.ControlPage{Frame: f, Lead: []string{f.T(a.lead)}, Facts: welfareFacts(f, o.CaseFile), Links: []ui.Link{{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}}
	act := welfare.ControlAct{ID: "atto", Title: f.T(a.submit)}
	switch reason := fault.As(a.may(o.CaseFile, actor(r))); {
	case reason == identity.ErrNoDuty:
		act.Why = f.T("controls.prepares")
	case reason != nil:
		act.Why = words(f, reason)
	default:
		act.Form = &ui.FormProps{Action: welfareCasePath(o.ID) + a.path, Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)}
		act.Fields = []templ.Component{ui.TextArea(f, ui.TextAreaProps{Name: a.field, Label: f.T(a.label), Hint: f.T(a.hint, "Number", grouped(indemnity.NoteLength)), Value: fields.Get(a.field), Rows: 5})}
		act.Buttons = ui.ButtonsProps{Submit: f.T(a.submit), Cancel: &ui.Link{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}
	}
	page.Acts = []welfare.ControlAct{act}
	return p.showAs(w, r, status, welfare.Control(page))
}

func (p *Portal) askTextAct(w http.ResponseWriter, r *http.Request, a textAct) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	return p.showTextAct(w, r, http.StatusOK, a, o, url.Values{}, nil)
}

// doTextAct does an act on a case; do tells where its page is.
func (p *Portal) doTextAct(w http.ResponseWriter, r *http.Request, a textAct, do func(sent once.Form, o indemnity.Opened, version int64, text string) (string, error)) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if bad := (textError{}); errors.As(err, &bad) {
		return p.showTextAct(w, r, http.StatusUnprocessableEntity, a, o, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	sent, err := sending(r, "indemnity"+a.path, url.Values{"idem": fields["idem"], "domanda": {string(o.ID)}, a.field: fields[a.field], "versione": fields["versione"]})
	if err != nil {
		return err
	}
	to, err := do(sent, o, version, fields.Get(a.field))
	var f ui.Frame
	switch reason := fault.As(err); {
	case reason == indemnity.ErrControlReason, reason == indemnity.ErrDecisionText:
		return p.showTextAct(w, r, http.StatusUnprocessableEntity, a, o, fields, []ui.FieldError{{Field: a.field, Text: words(f, reason)}})
	case reason == indemnity.ErrCaseMoved, reason != nil && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showTextAct(w, r, http.StatusConflict, a, o, fields, []ui.FieldError{{Field: a.field, Text: words(f, reason)}})
	case err != nil:
		return err
	}
	return p.done(w, r, to, f.T(a.done), f.T(a.done+".text", "Protocol", o.Protocol))
}

// welfareReportAsk asks why a case is to be checked that chance did not draw.
func (p *Portal) welfareReportAsk(w http.ResponseWriter, r *http.Request) error {
	return p.askTextAct(w, r, reportAct)
}

// welfareReport has it checked.
func (p *Portal) welfareReport(w http.ResponseWriter, r *http.Request) error {
	return p.doTextAct(w, r, reportAct, func(sent once.Form, o indemnity.Opened, _ int64, text string) (string, error) {
		id, err := p.Controls.ReportCase(r.Context(), actor(r), sent, o.ID, text)
		return controlPath(id), err
	})
}

// welfareReinstateAsk asks why a revocation does not stand.
func (p *Portal) welfareReinstateAsk(w http.ResponseWriter, r *http.Request) error {
	return p.askTextAct(w, r, reinstateAct)
}

// welfareReinstate proposes that it does not.
func (p *Portal) welfareReinstate(w http.ResponseWriter, r *http.Request) error {
	return p.doTextAct(w, r, reinstateAct, func(sent once.Form, o indemnity.Opened, version int64, text string) (string, error) {
		return welfareCasePath(o.ID), p.Controls.ProposeReinstatement(r.Context(), actor(r), sent, o.ID, version, text)
	})
}

// controlActions lead from a case to its checks, for who may have a part in that.
func (p *Portal) controlActions(r *http.Request, page *welfare.CasePage, o indemnity.Opened) error {
	all, err := p.Controls.ControlsOf(r.Context(), o.ID)
	if err != nil {
		return err
	}
	f := page.Frame
	for _, k := range all {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("controls.of_case", "State", controlTag(f, k).Text, "On", ui.OfMoment(k.Opened.At)), URL: controlPath(k.ID)})
	}
	if o.MayReport(actor(r)) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("controls.report.title"), URL: welfareCasePath(o.ID) + reportAct.path})
	}
	if o.MayReinstate(actor(r)) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("controls.reinstate.title"), URL: welfareCasePath(o.ID) + reinstateAct.path})
	}
	return nil
}
