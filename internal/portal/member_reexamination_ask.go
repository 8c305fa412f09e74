package portal

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/review"
	"portal/web/ui"
)

// caseReviewStep is the case of a step with what was written, if a request may be made;
// where not, the answer is gone: the page says why.
func (p *Portal) caseReviewStep(w http.ResponseWriter, r *http.Request, written bool) (v indemnity.Reviewable, d indemnity.ReviewDraft, gone bool, err error) {
	if v, err = p.memberReviewed(r); err != nil {
		return v, d, false, err
	}
	if v.MayAskReview(calendar.On(p.Now())) != nil {
		return v, d, true, p.showCaseReviews(w, r, http.StatusConflict, v)
	}
	d, err = p.CaseReviews.Draft(r.Context(), actor(r).Person, v.ID)
	if err == nil && written && d.ID == "" {
		return v, d, true, goTo(w, r, caseReviewPath(v.ID)+"/motivo", nil)
	}
	return v, d, false, err
}

// memberReviewMotiveAsk asks what is wrong.
func (p *Portal) memberReviewMotiveAsk(w http.ResponseWriter, r *http.Request) error {
	v, d, gone, err := p.caseReviewStep(w, r, false)
	if gone || err != nil {
		return err
	}
	return p.show(w, r, review.Motive(p.caseReviewMotivePage(r, v, string(d.Motive), d.Text)))
}

func (p *Portal) caseReviewMotivePage(r *http.Request, v indemnity.Reviewable, motive, text string) review.MotivePage {
	f := p.caseReviewFrame(r, v, "review.motive.title")
	page := review.MotivePage{Frame: f, Steps: reviewSteps(f), Form: ui.FormProps{Action: caseReviewPath(v.ID) + "/motivo"},
		Hint: f.T("casereview.text.hint"), Motive: motive, Text: text, BackURL: caseReviewPath(v.ID)}
	for _, m := range v.Motives() {
		page.Motives = append(page.Motives, ui.Option{Value: string(m), Label: f.T("casereview.motive." + string(m))})
	}
	return page
}

// memberReviewMotive keeps what is wrong. To keep it again changes nothing, so that the form
// has no key.
func (p *Portal) memberReviewMotive(w http.ResponseWriter, r *http.Request) error {
	v, _, gone, err := p.caseReviewStep(w, r, false)
	if gone || err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	err = p.CaseReviews.Write(r.Context(), actor(r), v.ID, indemnity.ReviewMotive(fields.Get("motivo")), fields.Get("testo"))
	if reason, refused := fault.Refusal(err); refused && reason.Kind == fault.KindInvalid {
		page := p.caseReviewMotivePage(r, v, fields.Get("motivo"), fields.Get("testo"))
		field := "testo"
		if reason == indemnity.ErrReviewMotive {
			field = "motivo"
		}
		page.Errors = []ui.FieldError{{Field: field, Text: words(page.Frame, reason, "Count", indemnity.ReviewLength)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, review.Motive(page))
	}
	if err != nil {
		return err
	}
	return goTo(w, r, caseReviewPath(v.ID)+"/documenti", nil)
}

// memberReviewPapersAsk takes papers, where somebody has any.
func (p *Portal) memberReviewPapersAsk(w http.ResponseWriter, r *http.Request) error {
	v, d, gone, err := p.caseReviewStep(w, r, true)
	if gone || err != nil {
		return err
	}
	return p.showCaseReviewPapers(w, r, http.StatusOK, v, d, nil)
}

func (p *Portal) showCaseReviewPapers(w http.ResponseWriter, r *http.Request, status int, v indemnity.Reviewable, d indemnity.ReviewDraft, wrong *fault.Reason) error {
	f := p.caseReviewFrame(r, v, "review.papers.title")
	page := review.PapersPage{Frame: f, Steps: reviewSteps(f), Lead: f.T("casereview.papers.lead"), Hint: p.paperHint(r, f),
		Form: ui.FormProps{Action: caseReviewPath(v.ID) + "/documenti", Key: once.NewKey(), Upload: true}, NextURL: caseReviewPath(v.ID) + "/riepilogo"}
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: "documento", Text: p.paperWords(r, f, wrong)}}
	}
	var err error
	if page.Papers, err = p.caseReviewPapers(r, f, d); err != nil {
		return err
	}
	return p.showAs(w, r, status, review.Papers(page))
}

// caseReviewPapers are the papers of a draft.
func (p *Portal) caseReviewPapers(r *http.Request, f ui.Frame, d indemnity.ReviewDraft) (rows []review.PaperRow, err error) {
	papers, err := p.CaseReviews.Papers(r.Context(), d.ID)
	for _, paper := range papers {
		rows = append(rows, caseReviewPaper(f, paper))
	}
	return rows, err
}

func caseReviewPaper(f ui.Frame, paper indemnity.ReviewPaper) review.PaperRow {
	row := review.PaperRow{Name: paper.Name, Size: fileSize(f, paper.Size), URL: caseReviewPath(paper.Case) + "/documenti/" + paper.ID}
	switch {
	case paper.Erased:
		row.URL = ""
	case !paper.Sent:
		row.RemoveURL = row.URL + "/togli"
	}
	return row
}

// memberReviewPapers takes one paper: it is judged by its content, sealed and kept.
func (p *Portal) memberReviewPapers(w http.ResponseWriter, r *http.Request) error {
	v, d, gone, err := p.caseReviewStep(w, r, true)
	if gone || err != nil {
		return err
	}
	fields, f, err := p.readPaper(r, "documento", nil)
	defer f.Close()
	if err == nil {
		var sent once.Form
		sent, err = sending(r, "indemnity.review_hand", url.Values{"idem": fields["idem"], "contenuto": {hex.EncodeToString(f.Digest[:])}})
		if err != nil {
			return err
		}
		err = p.CaseReviews.Hand(r.Context(), actor(r), sent, v.ID, f)
	}
	if status, reason, refused := paperRefusal(err); refused {
		return p.showCaseReviewPapers(w, r, status, v, d, reason)
	}
	if err != nil {
		return err
	}
	var frame ui.Frame
	return p.done(w, r, caseReviewPath(v.ID)+"/documenti", frame.T("review.paper.done"), frame.T("review.paper.done.text", "Name", f.Name))
}

// ownReviewPaper is the paper in the address, of the case in the address.
func (p *Portal) ownReviewPaper(r *http.Request) (paper indemnity.ReviewPaper, err error) {
	of, err := idParam(r, "id")
	if err != nil {
		return paper, err
	}
	id, err := idParam(r, "documento")
	if err != nil {
		return paper, err
	}
	if paper, err = p.CaseReviews.OwnPaper(r.Context(), actor(r), id); err == nil && paper.Case != indemnity.CaseID(of) {
		err = fault.ErrNotFound
	}
	return paper, err
}

// memberReviewPaper sends a paper to whom it is of.
func (p *Portal) memberReviewPaper(w http.ResponseWriter, r *http.Request) error {
	paper, err := p.ownReviewPaper(r)
	if err != nil {
		return err
	}
	paper, content, err := p.CaseReviews.Read(r.Context(), actor(r), paper.ID)
	if err != nil {
		return err
	}
	return p.sendPaper(w, r, paper.Name, paper.Type, paper.Size, content)
}

// memberReviewPaperRemoveAsk asks whether to take a paper back.
func (p *Portal) memberReviewPaperRemoveAsk(w http.ResponseWriter, r *http.Request) error {
	paper, err := p.ownReviewPaper(r)
	if err != nil {
		return err
	}
	if paper.Sent {
		return goTo(w, r, caseReviewPath(paper.Case), nil)
	}
	v, err := p.memberReviewed(r)
	if err != nil {
		return err
	}
	f, here := p.caseReviewFrame(r, v, "review.remove.title"), caseReviewPath(v.ID)+"/documenti"
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("review.remove.says", "Name", paper.Name)},
		Form:         ui.FormProps{Action: here + "/" + paper.ID + "/togli", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("review.remove"), Danger: true, Cancel: &ui.Link{Text: f.T("review.remove.not"), URL: here}},
	}}))
}

// memberReviewPaperRemove takes a paper back that was not sent yet.
func (p *Portal) memberReviewPaperRemove(w http.ResponseWriter, r *http.Request) error {
	paper, err := p.ownReviewPaper(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.review_take_back", url.Values{"idem": fields["idem"], "documento": {paper.ID}})
	if err == nil {
		err = p.CaseReviews.TakeBack(r.Context(), actor(r), sent, paper.ID)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, caseReviewPath(paper.Case)+"/documenti", f.T("review.removed"), f.T("review.removed.text", "Name", paper.Name))
}

// memberReviewSendAsk shows the request before it is sent.
func (p *Portal) memberReviewSendAsk(w http.ResponseWriter, r *http.Request) error {
	v, d, gone, err := p.caseReviewStep(w, r, true)
	if gone || err != nil {
		return err
	}
	f, here := p.caseReviewFrame(r, v, "review.send.title"), caseReviewPath(v.ID)
	page := review.SendPage{Frame: f, Steps: reviewSteps(f), Form: ui.FormProps{Action: here + "/riepilogo", Key: once.NewKey()},
		Change: ui.Link{Text: f.T("review.change.papers"), URL: here + "/documenti"},
		Facts: []ui.Entry{
			{Name: f.T("review.motive.short"), Value: f.T("casereview.motive." + string(d.Motive)), Action: &ui.Link{Text: f.T("review.change"), URL: here + "/motivo"}},
			{Name: f.T("review.text.short"), Value: d.Text},
		}}
	if page.Papers, err = p.caseReviewPapers(r, f, d); err != nil {
		return err
	}
	return p.show(w, r, review.Send(page))
}

// memberReviewSend sends the request.
func (p *Portal) memberReviewSend(w http.ResponseWriter, r *http.Request) error {
	v, sent, err := p.caseReviewForm(r, "indemnity.review_ask")
	if err != nil {
		return err
	}
	err = p.CaseReviews.Ask(r.Context(), actor(r), sent, v.ID)
	if errors.Is(err, indemnity.ErrReviewNoDraft) {
		return goTo(w, r, caseReviewPath(v.ID), nil)
	}
	if reason, refused := fault.Refusal(err); refused && reason.Kind == fault.KindRefused {
		return p.showCaseReviews(w, r, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, caseReviewPath(v.ID), f.T("review.done"), f.T("review.done.text"))
}

// caseReviewForm is the case in the address with the form that was sent for it.
func (p *Portal) caseReviewForm(r *http.Request, action string) (v indemnity.Reviewable, sent once.Form, err error) {
	if v, err = p.memberReviewed(r); err != nil {
		return v, sent, err
	}
	fields, err := form(r)
	if err == nil {
		sent, err = sending(r, action, url.Values{"idem": fields["idem"], "domanda": {string(v.ID)}})
	}
	return v, sent, err
}

// openCaseReview is the request that nobody has decided yet, nil for none.
func openCaseReview(v indemnity.Reviewable) *indemnity.Reexamination {
	for i := range v.Requests {
		if v.Requests[i].State.Open() {
			return &v.Requests[i]
		}
	}
	return nil
}

// memberReviewWithdrawAsk asks whether to take the open request back.
func (p *Portal) memberReviewWithdrawAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.memberReviewed(r)
	if err != nil {
		return err
	}
	open := openCaseReview(v)
	if open == nil {
		return p.showCaseReviews(w, r, http.StatusConflict, v)
	}
	if err := open.MayWithdraw(actor(r), v.CaseFile); err != nil {
		return err
	}
	f, here := p.caseReviewFrame(r, v, "review.withdraw.title"), caseReviewPath(v.ID)
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("review.withdraw.says", "Body", f.Body), f.T("review.withdraw.again")},
		Form:         ui.FormProps{Action: here + "/ritira", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("review.withdraw"), Danger: true, Cancel: &ui.Link{Text: f.T("review.keep"), URL: here}},
	}}))
}

// memberReviewWithdraw takes the open request back.
func (p *Portal) memberReviewWithdraw(w http.ResponseWriter, r *http.Request) error {
	v, sent, err := p.caseReviewForm(r, "indemnity.review_withdraw")
	if err != nil {
		return err
	}
	open := openCaseReview(v)
	if _, done, err := p.CaseReviews.Outcome(r.Context(), sent); err != nil {
		return err
	} else if !done && open == nil { // decided meanwhile: the page says how
		return p.showCaseReviews(w, r, http.StatusConflict, v)
	} else if !done {
		if err := p.CaseReviews.Withdraw(r.Context(), actor(r), sent, open.ID); err != nil {
			return err
		}
	}
	f := ui.Frame{Body: "ENPAP"}
	return p.done(w, r, caseReviewPath(v.ID), f.T("review.withdrawn.done"), f.T("review.withdrawn.done.text", "Body", f.Body))
}
