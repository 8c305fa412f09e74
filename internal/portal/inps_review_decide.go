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
	"portal/web/review"
	"portal/web/ui"
)

// inpsReviewProposeAsk asks an officer how a request should end.
func (p *Portal) inpsReviewProposeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showReviewPropose(w, r, http.StatusOK, nil, nil)
}

// showReviewPropose is the form of a proposal as it was filled in, or empty.
func (p *Portal) showReviewPropose(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError) error {
	c, err := p.inpsReviewCase(r)
	if err != nil {
		return err
	}
	f, here := p.inpsReviewStepFrame(r, c, "review.office.propose"), reviewsPath+"/"+string(c.ID)
	a := c.File.Application
	page := inps.ReviewProposePage{
		ProposePage: review.ProposePage{Frame: f, Request: append(reviewRequestData(f, c), reviewCaseData(f, c)...), BackURL: here,
			Form:    ui.FormProps{Action: here + "/proposta", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
			Outcome: fields.Get("proposta"), Outcomes: reviewOutcomes(f), Grounds: fields.Get("motivazione")},
		ISEE: fields.Get("isee"), Territory: fields.Get("territorio"), Readmit: fields["riammetti"],
		Shut: a.State == voucher.Refused || a.State == voucher.NotProcessable, Territories: []ui.Option{{Label: f.T("review.office.territory.same", "Territory", typeset(a.Territory))}},
	}
	if page.Grounds == "" {
		page.Grounds = c.Grounds // of a proposal that was sent back
	}
	for _, t := range voucher.Territories {
		page.Territories = append(page.Territories, ui.Option{Value: t, Label: typeset(t)})
	}
	if a.HasISEE {
		page.ISEEHint = f.T("review.office.isee.now", "ISEE", a.ISEE)
	}
	if reason, refused := fault.Refusal(c.MayPropose(actor(r))); refused {
		page.Why, status = words(f, reason), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, inps.ReviewPropose(page))
}

// reviewOutcomes are how a request may end.
func reviewOutcomes(f ui.Frame) []ui.Option {
	return []ui.Option{{Value: voucher.ProposeGrant, Label: f.T("review.office.outcome.grant")}, {Value: voucher.ProposeDeny, Label: f.T("review.office.outcome.deny")}}
}

// reviewAnswers are what a second person may do with a proposal.
func reviewAnswers(f ui.Frame) []ui.Option {
	return []ui.Option{{Value: "approva", Label: f.T("review.office.answer.approve"), Hint: f.T("review.office.answer.approve.hint")},
		{Value: "rimanda", Label: f.T("review.office.answer.return"), Hint: f.T("review.office.answer.return.hint")}}
}

func (p *Portal) inpsReviewStepFrame(r *http.Request, c voucher.ReviewCase, title string) ui.Frame {
	words := p.frame(r, ui.Frame{})
	f := p.inpsReviewFrame(r, ui.Crumb{Text: c.Protocol, URL: reviewsPath + "/" + string(c.ID)}, ui.Crumb{Text: words.T(title)})
	f.Title, f.Caption = f.T(title+".title"), f.T("review.office.case.title", "Protocol", c.Protocol)
	f.Back = &ui.Link{Text: f.T("review.office.back"), URL: reviewsPath + "/" + string(c.ID)}
	return f
}

// reviewFields are the fields in which reasons are shown.
var reviewFields = map[*fault.Reason]string{
	voucher.ErrReviewProposal: "proposta", voucher.ErrReviewGrounds: "motivazione", voucher.ErrReviewNoChange: "isee", voucher.ErrReviewISEE: "isee",
	voucher.ErrReviewTerritory: "territorio", voucher.ErrReviewMove: "territorio", voucher.ErrReviewRaise: "isee", voucher.ErrReviewNote: "nota",
	voucher.ErrReviewPublishing: "decisione",
}

// inpsReviewPropose writes how a request should end.
func (p *Portal) inpsReviewPropose(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "reexamination.propose", fields)
	if err != nil {
		return err
	}
	proposal, wrong := readProposal(p.frame(r, ui.Frame{}), fields)
	if wrong != nil {
		return p.showReviewPropose(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	err = p.Reexaminations.Propose(r.Context(), actor(r), sent, voucher.ReexaminationID(id), proposal)
	reason, refused := fault.Refusal(err)
	switch field, known := reviewFields[reason]; {
	case known:
		f := p.frame(r, ui.Frame{})
		return p.showReviewPropose(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: field, Text: words(f, reason)})
	case refused && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showReviewPropose(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, reviewsPath+"/"+id, f.T("review.office.proposed.done"), f.T("review.office.proposed.done.text"))
}

// readProposal reads the fields of a proposal, as far as no rule is asked.
func readProposal(f ui.Frame, fields url.Values) (p voucher.ReviewProposal, wrong *ui.FieldError) {
	p.Version, _ = strconv.ParseInt(fields.Get("versione"), 10, 64)
	p.Grounds = fields.Get("motivazione")
	switch fields.Get("proposta") {
	case voucher.ProposeGrant:
		p.Grant = true
	case voucher.ProposeDeny:
	default:
		return p, &ui.FieldError{Field: "proposta", Text: words(f, voucher.ErrReviewProposal)}
	}
	if text := strings.TrimSpace(fields.Get("isee")); text != "" && p.Grant {
		isee, err := money.Parse(text)
		if err != nil {
			return p, &ui.FieldError{Field: "isee", Text: words(f, fault.As(err))}
		}
		p.Correction.ISEE = &isee
	}
	p.Correction.Territory, p.Correction.Readmit = fields.Get("territorio"), fields.Get("riammetti") != ""
	return p, nil
}

// inpsReviewDecideAsk asks a second person whether it shall end as proposed.
func (p *Portal) inpsReviewDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showReviewDecide(w, r, http.StatusOK, nil, nil)
}

func (p *Portal) showReviewDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError) error {
	c, err := p.inpsReviewCase(r)
	if err != nil {
		return err
	}
	f, here := p.inpsReviewStepFrame(r, c, "review.office.decide"), reviewsPath+"/"+string(c.ID)
	page := review.DecidePage{
		Frame: f, BackURL: here, Answer: fields.Get("decisione"), Note: fields.Get("nota"), Answers: reviewAnswers(f),
		Form:     ui.FormProps{Action: here + "/decisione", Key: once.NewKey(), Version: strconv.FormatInt(c.Version, 10)},
		Proposal: reviewRequestData(f, c),
	}
	if c.Proposal != "" {
		page.Proposal = append(page.Proposal, reviewProposalData(f, c)...)
		page.Proposal = append(page.Proposal, ui.Entry{Name: f.T("review.office.set_aside"), Value: c.SetAside.String()})
	}
	if reason, refused := fault.Refusal(c.MayDecide(actor(r))); refused {
		page.Why, status = words(f, reason), http.StatusConflict
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{*wrong}
	}
	return p.showAs(w, r, status, review.Decide(page))
}

// inpsReviewDecide ends a request as it was proposed, or sends the proposal back.
func (p *Portal) inpsReviewDecide(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "reexamination.decide", fields)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(fields.Get("versione"), 10, 64)
	f, done := p.frame(r, ui.Frame{}), "review.office.decided.done"
	switch fields.Get("decisione") {
	case "approva":
		err = p.Reexaminations.Decide(r.Context(), actor(r), sent, voucher.ReexaminationID(id), version)
	case "rimanda":
		done = "review.office.returned.done"
		err = p.Reexaminations.Return(r.Context(), actor(r), sent, voucher.ReexaminationID(id), version, fields.Get("nota"))
	default:
		return p.showReviewDecide(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: "decisione", Text: f.T("review.office.answer.missing")})
	}
	reason, refused := fault.Refusal(err)
	switch field, known := reviewFields[reason]; {
	case known:
		return p.showReviewDecide(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: field, Text: words(f, reason)})
	case refused && reason.Kind == fault.KindRefused && reason != identity.ErrNoDuty:
		return p.showReviewDecide(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	return p.done(w, r, reviewsPath+"/"+id, f.T(done), f.T(done+".text"))
}
