package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/public"
	"portal/web/ui"
)

// caseAct is an act of an officer on an application: the page that asks, and the deed.
type caseAct struct {
	action string // of the form
	path   string // last part of the address
	tab    string // where it leads
	duty   identity.Duty
	may    func(c voucher.Case, who identity.Actor) error
	many   string // the field that may come several times
	ask    func(f ui.Frame, c voucher.Case, fields url.Values, p *Portal) inps.ActPage
	do     func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, fields url.Values) error
	done   string // key of the outcome; its text has ".text"
	field  string // where a refusal of what was filled in is shown
}

var (
	actVerify = caseAct{
		action: "application.verify", path: "/verifica", tab: deskChecksTab, duty: identity.Prepare, done: "inps.desk.verified",
		may: func(c voucher.Case, who identity.Actor) error { return c.MayVerify(who.Person) },
		ask: func(f ui.Frame, _ voucher.Case, _ url.Values, _ *Portal) inps.ActPage {
			return inps.ActPage{Consequences: []string{f.T("inps.desk.verify_text")}, Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.verify")}}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, _ url.Values) error {
			return p.Desk.Verify(r.Context(), actor(r), sent, c.Application.ID, version)
		},
	}
	actAskISEE = caseAct{
		action: "application.ask_isee", path: "/richiesta-isee", tab: deskISEETab, duty: identity.Prepare, done: "inps.desk.isee_asked",
		may: func(c voucher.Case, who identity.Actor) error { return c.MayAskISEE(who.Person) }, many: "difetto", field: "difetto",
		ask: func(f ui.Frame, c voucher.Case, fields url.Values, p *Portal) inps.ActPage {
			by := c.Edition.Rules.CureBy(calendar.On(p.Now()))
			choice := ui.ChoiceProps{Name: "difetto", Legend: f.T("inps.desk.defects"), Chosen: fields["difetto"]}
			for _, d := range voucher.ISEEDefects {
				choice.Options = append(choice.Options, ui.Option{Value: d, Label: f.T("inps.desk.defect." + d)})
			}
			return inps.ActPage{Consequences: []string{f.T("inps.desk.ask_isee_text", "Day", ui.Day(by))}, Check: &choice,
				Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.ask_isee")}}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, fields url.Values) error {
			return p.Desk.AskISEE(r.Context(), actor(r), sent, c.Application.ID, version, fields["difetto"])
		},
	}
	actRefuse = caseAct{
		action: "application.refuse", path: "/rifiuto", tab: deskChecksTab, duty: identity.Prepare, done: "inps.desk.refusal_sent", field: "motivo",
		may: func(c voucher.Case, who identity.Actor) error { return c.MayRefuse(who.Person) },
		ask: func(f ui.Frame, _ voucher.Case, fields url.Values, _ *Portal) inps.ActPage {
			choice := ui.ChoiceProps{Name: "motivo", Legend: f.T("inps.desk.ground"), Hint: f.T("inps.desk.ground_hint"), Chosen: []string{fields.Get("motivo")}}
			for _, reason := range voucher.RefusalReasons {
				choice.Options = append(choice.Options, ui.Option{Value: reason, Label: f.T("inps.desk.reason." + reason),
					Hint: f.T("inps.desk.preview", "Ground", f.T("citizen.ground."+reason))})
			}
			return inps.ActPage{Consequences: []string{f.T("inps.desk.refuse_text")}, Radio: &choice,
				Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.refuse"), Danger: true}}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, fields url.Values) error {
			return p.Desk.ProposeRefusal(r.Context(), actor(r), sent, c.Application.ID, version, fields.Get("motivo"))
		},
	}
	actDecide = caseAct{
		action: "application.decide_refusal", path: "/rifiuto/decisione", tab: deskChecksTab, duty: identity.Approve, done: "inps.desk.decision_recorded",
		may: func(c voucher.Case, who identity.Actor) error { return c.MayDecide(who.Person) }, field: "decisione",
		ask: func(f ui.Frame, c voucher.Case, fields url.Values, _ *Portal) inps.ActPage {
			open, _ := c.OpenRefusal()
			return inps.ActPage{
				Consequences: []string{f.T("inps.desk.decide_text")},
				Facts: append(caseWho(f, c),
					ui.Entry{Name: f.T("inps.desk.before"), Value: f.T("citizen.standing." + string(c.Application.State))},
					ui.Entry{Name: f.T("inps.desk.after"), Value: f.T("citizen.standing." + string(open.Outcome()))},
					ui.Entry{Name: f.T("inps.desk.ground"), Value: f.T("inps.desk.reason." + open.Reason),
						Note: f.T("inps.desk.preview", "Ground", f.T("citizen.ground."+open.Reason))},
					ui.Entry{Name: f.T("inps.desk.proposed_by"), Value: open.ProposedBy.Name(), Note: ui.Moment(open.ProposedAt), Proper: true}),
				Radio: &ui.ChoiceProps{Name: "decisione", Legend: f.T("inps.desk.decision"), Chosen: []string{fields.Get("decisione")}, Options: []ui.Option{
					{Value: "approva", Label: f.T("inps.desk.approve")}, {Value: "rimanda", Label: f.T("inps.desk.return")}}},
				Text:    &ui.TextAreaProps{Name: "motivazione", Label: f.T("inps.desk.return_why"), Value: fields.Get("motivazione"), Optional: true},
				Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.record")},
			}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, fields url.Values) error {
			switch fields.Get("decisione") {
			case "approva":
				return p.Desk.ApproveRefusal(r.Context(), actor(r), sent, c.Application.ID, version)
			case "rimanda":
				return p.Desk.ReturnRefusal(r.Context(), actor(r), sent, c.Application.ID, version, fields.Get("motivazione"))
			}
			return errNoDecision
		},
	}
	actReopen = caseAct{
		action: "application.reopen", path: "/riapri", tab: deskChecksTab, duty: identity.Approve, done: "inps.desk.reopened",
		may: func(c voucher.Case, who identity.Actor) error { return c.MayReopen(who.Person) },
		ask: func(f ui.Frame, _ voucher.Case, _ url.Values, _ *Portal) inps.ActPage {
			return inps.ActPage{Consequences: []string{f.T("inps.desk.reopen_text")}, Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.reopen")}}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, version int64, _ url.Values) error {
			return p.Desk.Reopen(r.Context(), actor(r), sent, c.Application.ID, version)
		},
	}
	actNote = caseAct{
		action: "application.note", path: "/nota", tab: deskDataTab, done: "inps.desk.noted", field: "testo",
		may: func(voucher.Case, identity.Actor) error { return nil },
		ask: func(f ui.Frame, _ voucher.Case, fields url.Values, _ *Portal) inps.ActPage {
			return inps.ActPage{Consequences: []string{f.T("inps.desk.notes_text")},
				Text:    &ui.TextAreaProps{Name: "testo", Label: f.T("inps.desk.note"), Value: fields.Get("testo"), Rows: 5},
				Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.note_save")}}
		},
		do: func(p *Portal, r *http.Request, c voucher.Case, sent once.Form, _ int64, fields url.Values) error {
			return p.Desk.Note(r.Context(), actor(r), sent, c.Application.ID, fields.Get("testo"))
		},
	}
)

var errNoDecision = fault.Invalid("application.no_decision")

// inpsCaseAsk asks before an act on an application.
func (p *Portal) inpsCaseAsk(a caseAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		c, err := p.deskCase(r)
		if err != nil {
			return err
		}
		if err := a.allowed(c, actor(r)); err != nil {
			return err
		}
		return p.showCaseAct(w, r, http.StatusOK, a, c, nil, nil)
	}
}

// allowed tells why an act cannot be begun.
func (a caseAct) allowed(c voucher.Case, who identity.Actor) error {
	if a.duty != "" {
		if err := who.Must(identity.INPS, a.duty); err != nil {
			return err
		}
	}
	return a.may(c, who)
}

func (p *Portal) showCaseAct(w http.ResponseWriter, r *http.Request, status int, a caseAct, c voucher.Case, fields url.Values, wrong *fault.Reason) error {
	path := deskCasePath(c.Application.ID)
	f := p.inpsFrame(r, ui.Frame{}.T("inps.desk.ask."+a.action), ui.Crumb{Text: ui.Frame{}.T("menu.inps.applications"), URL: worklistPath},
		ui.Crumb{Text: c.Application.Protocol, URL: path})
	f.HeadTitle = f.T("inps.desk.case_head.dati")
	f.Back = &ui.Link{Text: f.T("inps.desk.back_to_case"), URL: path + "/" + a.tab}
	f.Caption = f.T("inps.desk.case", "Protocol", c.Application.Protocol)
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: a.fieldOf(wrong), Text: words(f, wrong)}}
	}
	page := a.ask(f, c, fields, p)
	page.Frame, page.Recorded = f, a.duty != ""
	page.Form = ui.FormProps{Action: path + a.path, Key: once.NewKey(), Version: strconv.FormatInt(c.Application.Version, 10)}
	page.Buttons.Cancel = &ui.Link{Text: f.T("inps.desk.leave"), URL: path + "/" + a.tab}
	return p.showAs(w, r, status, inps.Act(page))
}

func (a caseAct) fieldOf(wrong *fault.Reason) string {
	if wrong == voucher.ErrUnexplained && a.field == "decisione" {
		return "motivazione"
	}
	return a.field
}

// inpsCaseDo does an act on an application. One that somebody else changed meanwhile
// is not touched: the page says who did what.
func (p *Portal) inpsCaseDo(a caseAct) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		fields, err := form(r, a.many)
		if err != nil {
			return err
		}
		id, err := idParam(r, "id")
		if err != nil {
			return err
		}
		c, err := p.Desk.Case(r.Context(), voucher.ApplicationID(id))
		if err != nil {
			return err
		}
		sent, err := sending(r, a.action, fields)
		if err != nil {
			return err
		}
		version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
		if err != nil {
			return errUnreadable
		}
		err = a.do(p, r, c, sent, version, fields)
		reason := fault.As(err)
		switch {
		case errors.Is(err, voucher.ErrApplicationMoved):
			return p.showMoved(w, r, c)
		case reason != nil && reason.Kind == fault.KindInvalid:
			return p.showCaseAct(w, r, http.StatusUnprocessableEntity, a, c, fields, reason)
		case err != nil:
			return err
		}
		var f ui.Frame
		return p.done(w, r, deskCasePath(c.Application.ID)+"/"+a.tab, f.T(a.done), f.T(a.done+".text"))
	}
}

// showMoved says who changed an application meanwhile, and that nothing was saved.
func (p *Portal) showMoved(w http.ResponseWriter, r *http.Request, c voucher.Case) error {
	looks, err := p.Desk.History(r.Context(), c)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("error.409.title")
	text := words(f, voucher.ErrApplicationMoved)
	if i := slices.IndexFunc(looks, func(l audit.Look) bool { return changesCase[l.Action] }); i >= 0 {
		name := looks[i].Name
		if name == "" {
			name = f.T("role." + string(looks[i].Role))
		}
		text = f.T("inps.desk.moved", "Name", name, "What", caseEvent(f, looks[i].Action), "At", ui.OnMoment(looks[i].At))
	}
	return p.showAs(w, r, http.StatusConflict, public.Error(public.ErrorPage{Frame: f, Text: []string{text, f.T("inps.desk.not_saved")},
		Next: []ui.Link{{Text: f.T("inps.desk.see_now"), URL: deskCasePath(c.Application.ID) + "/" + deskDataTab}}}))
}

// changesCase are the entries of acts that make another version of an application.
var changesCase = map[audit.Action]bool{
	voucher.ApplicationISEEAsked: true, voucher.ApplicationCured: true, voucher.ApplicationWithdrawn: true, voucher.ApplicationDecided: true,
	voucher.ApplicationVerified: true, voucher.RefusalProposed: true, voucher.RefusalReturned: true, voucher.ApplicationRefused: true,
	voucher.ApplicationReopened: true, voucher.ApplicationISEERequested: true, voucher.VoucherRenounced: true,
}
