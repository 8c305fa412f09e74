package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/review"
	"portal/web/ui"
	"portal/web/welfare"
)

// caseReviewFields are the fields in which reasons are shown.
var caseReviewFields = map[*fault.Reason]string{indemnity.ErrReviewGrounds: "motivazione", indemnity.ErrReviewNote: "nota"}

func (p *Portal) welfareReviewStepFrame(r *http.Request, c indemnity.ReviewCase, title string) ui.Frame {
	var words ui.Frame
	f := p.welfareReviewFrame(r, words.T(title+".title"), ui.Crumb{Text: c.Protocol, URL: officeReviewPath(c.ID)})
	f.Caption = f.T("review.office.case.title", "Protocol", c.Protocol)
	f.Back = &ui.Link{Text: f.T("review.office.back"), URL: officeReviewPath(c.ID)}
	return f
}

// welfareReviewProposeAsk asks an officer how a request should end.
func (p *Portal) welfareReviewProposeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseReviewPropose(w, r, http.StatusOK, nil, nil, nil)
}

// showCaseReviewPropose is the form of a proposal as it was filled in, or empty.
func (p *Portal) showCaseReviewPropose(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError, refused *fault.Reason) error {
	c, err := p.welfareReviewCase(r)
	if err != nil {
		return err
	}
	f, here := p.welfareReviewStepFrame(r, c, "review.office.propose"), officeReviewPath(c.ID)
	page := welfare.ReexaminationProposePage{ProposePage: review.ProposePage{Frame: f, Request: append(officeReviewFacts(f, c), officeReviewCase(f, c)...), BackURL: here,
		Form:    ui.FormProps{Action: here + "/proposta", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
		Outcome: fields.Get("proposta"), Outcomes: reviewOutcomes(f), Grounds: fields.Get("motivazione")}}
	if fields == nil {
		page.Grounds = c.Grounds // of a proposal that was sent back
	}
	if c.Place != nil {
		page.Reopens = ui.ChoiceProps{Name: "riapri", Legend: f.T("casereview.reopens"), Optional: true, Chosen: fields["riapri"],
			Options: []ui.Option{{Value: "si", Label: f.T("casereview.reopens.label"), Hint: f.T("casereview.reopens.hint")}}}
	} else {
		page.Says = f.T("casereview.grant.says")
	}
	if reason, no := fault.Refusal(c.MayPropose(actor(r))); no {
		refused = reason
	}
	if refused != nil {
		page.Why, status = words(f, refused), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, welfare.ReexaminationPropose(page))
}

// welfareReviewPropose writes how a request should end.
func (p *Portal) welfareReviewPropose(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, version, err := officeReviewForm(r, "indemnity.review_propose")
	if err != nil {
		return err
	}
	var f ui.Frame
	proposal := indemnity.ReviewProposal{Version: version, Grounds: fields.Get("motivazione"), Reopen: fields.Get("riapri") != ""}
	switch fields.Get("proposta") {
	case indemnity.ProposeGrant:
		proposal.Grant = true
	case indemnity.ProposeDeny:
	default:
		return p.showCaseReviewPropose(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "proposta", Text: f.T("reason.reexamination.proposal_missing")}, nil)
	}
	err = p.CaseReviews.Propose(r.Context(), actor(r), sent, id, proposal)
	if answered, shown := p.caseReviewRefused(w, r, fields, err, p.showCaseReviewPropose); answered {
		return shown
	}
	return p.done(w, r, officeReviewPath(id), f.T("review.office.proposed.done"), f.T("review.office.proposed.done.text"))
}

// officeReviewForm is the request in the address with the form that was sent for it.
func officeReviewForm(r *http.Request, action string) (id indemnity.ReexaminationID, fields url.Values, sent once.Form, version int64, err error) {
	of, err := idParam(r, "id")
	if err != nil {
		return id, fields, sent, version, err
	}
	if fields, err = form(r); err != nil {
		return id, fields, sent, version, err
	}
	sent, err = sending(r, action, fields)
	version, _ = strconv.ParseInt(fields.Get("versione"), 10, 64)
	return indemnity.ReexaminationID(of), fields, sent, version, err
}

// caseReviewRefused answers a form that was refused for a reason that its page tells.
func (p *Portal) caseReviewRefused(w http.ResponseWriter, r *http.Request, fields url.Values, err error,
	show func(http.ResponseWriter, *http.Request, int, url.Values, *ui.FieldError, *fault.Reason) error) (answered bool, shown error) {
	reason, refused := fault.Refusal(err)
	switch field, known := caseReviewFields[reason]; {
	case known:
		return true, show(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: field, Text: words(ui.Frame{}, reason, "Count", indemnity.NoteLength)}, nil)
	case refused && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return true, show(w, r, http.StatusConflict, fields, nil, reason)
	}
	return err != nil, err
}

// welfareReviewDecideAsk asks a second person whether it shall end as proposed.
func (p *Portal) welfareReviewDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showCaseReviewDecide(w, r, http.StatusOK, nil, nil, nil)
}

func (p *Portal) showCaseReviewDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError, refused *fault.Reason) error {
	c, err := p.welfareReviewCase(r)
	if err != nil {
		return err
	}
	f, here := p.welfareReviewStepFrame(r, c, "review.office.decide"), officeReviewPath(c.ID)
	page := welfare.ReexaminationDecidePage{DecidePage: review.DecidePage{Frame: f, BackURL: here, Answer: fields.Get("decisione"), Note: fields.Get("nota"), Answers: reviewAnswers(f),
		Form:     ui.FormProps{Action: here + "/decisione", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
		Proposal: append(officeReviewFacts(f, c), officeReviewCase(f, c)...)}}
	if c.Proposal != "" {
		page.Proposal = append(page.Proposal, officeReviewProposal(f, c)...)
		page.Proposal = append(page.Proposal, ui.Entry{Name: f.T("review.office.set_aside"), Value: c.SetAside.String()})
		letter := reviewLetter(f, c.File, c.Reexamination)
		page.Letter = &letter
	}
	if reason, no := fault.Refusal(c.MayDecide(actor(r))); no {
		refused = reason
	}
	if refused != nil {
		page.Why, status = words(f, refused), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, welfare.ReexaminationDecide(page))
}

// welfareReviewDecide ends a request as it was proposed, or sends the proposal back.
func (p *Portal) welfareReviewDecide(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, version, err := officeReviewForm(r, "indemnity.review_decide")
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "review.office.decided.done"
	switch fields.Get("decisione") {
	case "approva":
		err = p.CaseReviews.Decide(r.Context(), actor(r), sent, id, version)
	case "rimanda":
		done = "review.office.returned.done"
		err = p.CaseReviews.Return(r.Context(), actor(r), sent, id, version, fields.Get("nota"))
	default:
		return p.showCaseReviewDecide(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "decisione", Text: f.T("review.office.answer.missing")}, nil)
	}
	if answered, shown := p.caseReviewRefused(w, r, fields, err, p.showCaseReviewDecide); answered {
		return shown
	}
	return p.done(w, r, officeReviewPath(id), f.T(done), f.T(done+".text"))
}
