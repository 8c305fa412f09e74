package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/public"
	"portal/web/ui"
	"portal/web/welfare"
)

const approvalsPath = welfarePath + "/approvazioni"

func approvalPath(id indemnity.CaseID) string { return approvalsPath + "/" + string(id) }

// welfareApprovals lists the outcomes that wait for a second person (W-11).
func (p *Portal) welfareApprovals(w http.ResponseWriter, r *http.Request) error {
	all, err := p.CaseDesk.Proposals(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("outcome.approvals.title"))
	page := welfare.ApprovalsPage{Frame: f, Count: f.T("outcome.approvals.count", "Count", len(all))}
	for _, x := range all {
		row := welfare.ApprovalRow{ID: string(x.ID), Protocol: x.Protocol, URL: approvalPath(x.Case), Member: x.Member.Name(), Call: ui.Month(x.Call.Month().From),
			Outcome: ui.Tag{Tone: caseTones[indemnity.CaseStanding(x.To)], Text: outcomeName(f, x.To)}, By: x.ProposedBy.Name(), Since: ui.ShortMoment(x.ProposedAt),
			Waited: f.T("outcome.waited.today")}
		if days := calendar.On(x.ProposedAt).Until(calendar.On(p.Now())); days > 0 {
			row.Waited = f.T("outcome.waited", "Count", days)
		}
		if x.Kind == indemnity.ByHeirs {
			row.Who = f.T("heirs.by_heirs")
		}
		if x.ProposedBy.ID == actor(r).Person {
			row.Own = f.T("outcome.own")
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Approvals(page))
}

// welfareApproval shows an outcome that waits, with all that bears it.
func (p *Portal) welfareApproval(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	return p.showProposal(w, r, http.StatusOK, o, url.Values{}, nil, nil)
}

func (p *Portal) showProposal(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, fields url.Values, wrong []ui.FieldError, moved []string) error {
	d := o.OpenDecision()
	if d == nil {
		return p.showDecided(w, r, o.CaseFile)
	}
	var f ui.Frame
	f = p.welfareFrame(r, f.T("outcome.approval.title", "Outcome", outcomeName(f, d.To)), ui.Crumb{Text: f.T("outcome.approvals.title"), URL: approvalsPath})
	f.Caption, f.Errors = f.T("heirs.case.title", "Protocol", o.Protocol), wrong
	page := welfare.ApprovalPage{Frame: f, Moved: moved, Lead: f.T("outcome.approval.lead", "Name", d.ProposedBy.Name(), "At", ui.OnMoment(d.ProposedAt)),
		Facts: append(welfareFacts(f, o.CaseFile), registerFacts(f, o.CaseFile)...), Letter: decidedLetter(f, o.CaseFile, *d), Checks: caseChecks(f, o),
		Papers: welfarePapers(f, o.Papers), Case: ui.Link{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}
	if page.Found = foundOtherwise(f, o); len(page.Found) == 0 {
		page.Same = f.T("outcome.approval.same")
	}
	if o.Known {
		page.Sent, page.Reckon = sentFigures(f, o), ui.Link{Text: f.T("outcome.approval.reckon"), URL: welfareCasePath(o.ID) + caseCalculationTab}
	}
	for i, k := range o.Checklist {
		if k.Finding.Note != "" {
			page.Checks[i].Why = append(page.Checks[i].Why, f.T("outcome.finding.note", "Note", k.Finding.Note))
		}
	}
	stands := !d.Examined() || o.Found.Outcome.State() == d.To
	if !stands {
		page.Unborne = f.T("outcome.unborne")
	}
	switch err := o.MayDecide(actor(r)); {
	case errors.Is(err, identity.ErrNoDuty):
		page.Why = f.T("outcome.approves")
	case err != nil:
		page.Why = words(f, fault.As(err))
	default:
		page.Form = &ui.FormProps{Action: approvalPath(o.ID), Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)}
		page.Choice = ui.ChoiceProps{Name: "decisione", Legend: f.T("outcome.decision"), Chosen: fields["decisione"]}
		if stands {
			page.Choice.Options = append(page.Choice.Options, ui.Option{Value: "approva", Label: f.T("outcome.approve"), Hint: f.T("outcome.approve.hint")})
		}
		page.Choice.Options = append(page.Choice.Options, ui.Option{Value: "rimanda", Label: f.T("outcome.send_back"), Hint: f.T("outcome.send_back.hint")})
		page.Text = ui.TextAreaProps{Name: "nota", Label: f.T("outcome.why"), Hint: f.T("outcome.why.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("nota"), Optional: true}
		page.Buttons = ui.ButtonsProps{Submit: f.T("outcome.record"), Cancel: &ui.Link{Text: f.T("outcome.approvals.back"), URL: approvalsPath}}
	}
	return p.showAs(w, r, status, welfare.Approval(page))
}

// showDecided says who decided meanwhile on what waited for a second person, how and when.
func (p *Portal) showDecided(w http.ResponseWriter, r *http.Request, c indemnity.CaseFile) error {
	var last indemnity.Decision
	for _, d := range c.Decisions {
		if d.DecidedAt.After(last.DecidedAt) {
			last = d
		}
	}
	if last.ID == "" {
		return indemnity.ErrNoDecision
	}
	f := p.welfareFrame(r, ui.Frame{}.T("outcome.settled"), ui.Crumb{Text: ui.Frame{}.T("outcome.approvals.title"), URL: approvalsPath})
	f.Caption = f.T("heirs.case.title", "Protocol", c.Protocol)
	says := []string{f.T("outcome.settled."+string(last.State), "Name", last.DecidedBy.Name(), "Outcome", outcomeName(f, last.To), "At", ui.OnMoment(last.DecidedAt))}
	if r.Method == http.MethodPost {
		says = append(says, f.T("outcome.settled.late"))
	}
	return p.showAs(w, r, http.StatusConflict, public.Error(public.ErrorPage{Frame: f, Text: says, Next: []ui.Link{
		{Text: f.T("outcome.approvals.back"), URL: approvalsPath}, {Text: f.T("desk.back"), URL: welfareCasePath(c.ID)}}}))
}

// welfareDecide approves an outcome that waits, or sends it back.
func (p *Portal) welfareDecide(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	again := func(status int, field string, text string) error {
		return p.showProposal(w, r, status, o, fields, []ui.FieldError{{Field: field, Text: text}}, nil)
	}
	if bad.field != "" {
		return again(http.StatusUnprocessableEntity, bad.field, words(f, errText))
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	sent, err := sending(r, "indemnity.decide", url.Values{"idem": fields["idem"], "domanda": {string(o.ID)}, "decisione": fields["decisione"], "nota": fields["nota"], "versione": fields["versione"]})
	if err != nil {
		return err
	}
	done := "outcome.approved"
	switch fields.Get("decisione") {
	case "approva":
		err = p.CaseDesk.Approve(r.Context(), actor(r), sent, o.ID, version)
	case "rimanda":
		done = "outcome.sent_back"
		err = p.CaseDesk.SendBack(r.Context(), actor(r), sent, o.ID, version, fields.Get("nota"))
	default:
		return again(http.StatusUnprocessableEntity, "decisione", f.T("outcome.choose"))
	}
	moved := indemnity.MovedError{}
	switch reason := fault.As(err); {
	case errors.As(err, &moved):
		if o, err = p.openedCase(r); err != nil {
			return err
		}
		return p.showProposal(w, r, http.StatusConflict, o, fields, nil, movedLines(moved.Since, reason))
	case reason == indemnity.ErrDecisionWhy:
		return again(http.StatusUnprocessableEntity, "nota", words(f, reason))
	case reason == indemnity.ErrOwnDecision, reason == indemnity.ErrOwnFindings, reason == indemnity.ErrOwnCase, reason == indemnity.ErrOutcomeUnborne:
		return p.showProposal(w, r, http.StatusConflict, o, fields, nil, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, approvalsPath, f.T(done), f.T(done+".text", "Protocol", o.Protocol))
}
