package portal

import (
	"encoding/hex"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/review"
	"portal/web/ui"
)

// Papers of both sides of the counter, by their own ids.
const (
	citizenPapersPath = "/contributo-psicoterapia/documenti"
	inpsPapersPath    = "/gestione/inps/documenti"
)

func paperRow(f ui.Frame, p voucher.Paper, below string) review.PaperRow {
	row := review.PaperRow{Name: p.Name, Size: fileSize(f, p.Size), URL: below + "/" + p.ID}
	switch {
	case p.Erased:
		row.URL = ""
	case !p.Sent:
		row.RemoveURL = citizenPapersPath + "/" + p.ID + "/togli"
	}
	return row
}

func (p *Portal) paperRows(r *http.Request, f ui.Frame, draft voucher.ReviewDraft) (rows []review.PaperRow, err error) {
	papers, err := p.Reexaminations.Papers(r.Context(), string(draft.ID))
	for _, paper := range papers {
		rows = append(rows, paperRow(f, paper, citizenPapersPath))
	}
	return rows, err
}

// citizenReviewPapersAsk takes papers, where somebody has any.
func (p *Portal) citizenReviewPapersAsk(w http.ResponseWriter, r *http.Request) error {
	file, draft, open, err := p.reviewStep(r)
	switch {
	case err != nil:
		return err
	case !open:
		return p.showReexamination(w, r, http.StatusConflict)
	case draft.ID == "":
		return goTo(w, r, reviewPath(file.Application.ID)+"/motivo", nil)
	}
	return p.showReviewPapers(w, r, http.StatusOK, file, draft, nil)
}

func (p *Portal) showReviewPapers(w http.ResponseWriter, r *http.Request, status int, file voucher.CaseFile, draft voucher.ReviewDraft, wrong *fault.Reason) error {
	f := p.reviewFrame(r, file, "review.papers.title")
	page := review.PapersPage{
		Frame: f, Steps: reviewSteps(f), Form: ui.FormProps{Action: reviewPath(file.Application.ID) + "/documenti", Key: once.NewKey(), Upload: true},
		Lead:    f.T("review.papers.lead"),
		Hint:    p.paperHint(r, f),
		NextURL: reviewPath(file.Application.ID) + "/riepilogo",
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: "documento", Text: p.paperWords(r, f, wrong)}}
	}
	var err error
	if page.Papers, err = p.paperRows(r, f, draft); err != nil {
		return err
	}
	return p.showAs(w, r, status, review.Papers(page))
}

// citizenReviewPapers takes one paper: it is judged by its content, sealed and kept.
func (p *Portal) citizenReviewPapers(w http.ResponseWriter, r *http.Request) error {
	file, draft, open, err := p.reviewStep(r)
	switch {
	case err != nil:
		return err
	case !open:
		return p.showReexamination(w, r, http.StatusConflict)
	case draft.ID == "":
		return goTo(w, r, reviewPath(file.Application.ID)+"/motivo", nil)
	}
	fields, f, err := p.readPaper(r, "documento", nil)
	defer f.Close()
	if err == nil {
		var sent once.Form
		sent, err = sending(r, "reexamination.hand", url.Values{"idem": fields["idem"], "contenuto": {hex.EncodeToString(f.Digest[:])}})
		if err != nil {
			return err
		}
		err = p.Reexaminations.Hand(r.Context(), actor(r), sent, file.Application.ID, f)
	}
	if status, reason, refused := paperRefusal(err); refused {
		return p.showReviewPapers(w, r, status, file, draft, reason)
	}
	if err != nil {
		return err
	}
	words := p.frame(r, ui.Frame{})
	return p.done(w, r, reviewPath(file.Application.ID)+"/documenti", words.T("review.paper.done"), words.T("review.paper.done.text", "Name", f.Name))
}

// paper sends a paper to its owner or to an officer.
func (p *Portal) paper(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	paper, content, err := p.Reexaminations.Read(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	return p.sendPaper(w, r, paper.Name, paper.Type, paper.Size, content)
}

// citizenPaperRemoveAsk asks whether to take a paper back.
func (p *Portal) citizenPaperRemoveAsk(w http.ResponseWriter, r *http.Request) error {
	paper, file, err := p.ownPaper(r)
	if err != nil {
		return err
	}
	if paper.Sent {
		return goTo(w, r, reviewPath(file.Application.ID), nil)
	}
	f := p.reviewFrame(r, file, "review.remove.title")
	back := reviewPath(file.Application.ID) + "/documenti"
	return p.show(w, r, citizen.Confirm(citizen.ConfirmPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("review.remove.says", "Name", paper.Name)},
		Form:         ui.FormProps{Action: citizenPapersPath + "/" + paper.ID + "/togli", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("review.remove"), Danger: true, Cancel: &ui.Link{Text: f.T("review.remove.not"), URL: back}},
	}}))
}

func (p *Portal) ownPaper(r *http.Request) (voucher.Paper, voucher.CaseFile, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Paper{}, voucher.CaseFile{}, err
	}
	paper, err := p.Reexaminations.OwnPaper(r.Context(), actor(r), id)
	if err != nil {
		return paper, voucher.CaseFile{}, err
	}
	file, err := p.Vouchers.File(r.Context(), actor(r).For, paper.Of)
	return paper, file, err
}

// citizenPaperRemove takes a paper back that was not sent yet.
func (p *Portal) citizenPaperRemove(w http.ResponseWriter, r *http.Request) error {
	paper, file, err := p.ownPaper(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "reexamination.take_back", url.Values{"idem": fields["idem"], "documento": {paper.ID}})
	if err != nil {
		return err
	}
	if err := p.Reexaminations.TakeBack(r.Context(), actor(r), sent, paper.ID); err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, reviewPath(file.Application.ID)+"/documenti", f.T("review.removed"), f.T("review.removed.text", "Name", paper.Name))
}
