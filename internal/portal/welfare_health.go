package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/audit"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/inps"
	"portal/web/ui"
)

// A paper about somebody's health, or what came with a request to look at a case again and may
// be, is before who handles the case: everybody else of the service says why first, or takes a
// case that nobody has.

// asksWhy leads an officer who may not open a paper yet to where they say why.
func asksWhy(w http.ResponseWriter, r *http.Request, paper string, err error) error {
	if errors.Is(err, indemnity.ErrHealthPaper) {
		return goTo(w, r, paper+"/motivo", nil)
	}
	return err
}

// sentPaper is the paper in the address, with its case.
func (p *Portal) sentPaper(r *http.Request) (indemnity.Opened, indemnity.Paper, error) {
	id, err := idParam(r, "documento")
	if err != nil {
		return indemnity.Opened{}, indemnity.Paper{}, err
	}
	o, err := p.openedCase(r)
	if err != nil {
		return o, indemnity.Paper{}, err
	}
	at := slices.IndexFunc(o.Papers, func(d indemnity.Paper) bool { return d.ID == indemnity.PaperID(id) && !d.SentAt.IsZero() })
	if at < 0 {
		return o, indemnity.Paper{}, fault.ErrNotFound
	}
	return o, o.Papers[at], nil
}

// welfareHealthAsk asks why an officer opens a paper of a case that is not theirs.
func (p *Portal) welfareHealthAsk(w http.ResponseWriter, r *http.Request) error {
	o, paper, err := p.sentPaper(r)
	if err != nil {
		return err
	}
	_, err = p.Papers.Paper(r.Context(), actor(r), paper.ID)
	switch {
	case err == nil: // there is nothing to say
		return goTo(w, r, welfarePaperPath(paper)+"/visore", nil)
	case !errors.Is(err, indemnity.ErrHealthPaper):
		return err
	}
	return p.showHealthAsk(w, r, http.StatusOK, caseHealthPaper(o, paper), url.Values{}, "")
}

// healthPaper is a paper about somebody's health that an officer wants to open.
type healthPaper struct {
	of          indemnity.CaseFile
	claim       indemnity.Claim
	id          indemnity.PaperID // of the case; "" of what came with a request to look at it again
	kind, lead  string
	path, opens string // its own address, and where it is shown
	back        ui.Link
}

func caseHealthPaper(o indemnity.Opened, paper indemnity.Paper) healthPaper {
	var f ui.Frame
	path := welfarePaperPath(paper)
	return healthPaper{o.CaseFile, o.Claim, paper.ID, kindName(f, paper.Kind), f.T("desk.health.lead"), path, path + "/visore", ui.Link{Text: f.T("desk.health.back"), URL: welfareCasePath(o.ID) + casePapersTab}}
}

func reviewHealthPaper(c indemnity.ReviewCase, paper indemnity.ReviewPaper) healthPaper {
	var f ui.Frame
	path := officeReviewPath(c.ID) + "/documenti/" + paper.ID
	return healthPaper{of: c.File, kind: f.T("desk.health.review"), lead: f.T("desk.health.review.lead"), path: path, opens: path, back: ui.Link{Text: f.T("review.office.back"), URL: officeReviewPath(c.ID)}}
}

func (p *Portal) showHealthAsk(w http.ResponseWriter, r *http.Request, status int, paper healthPaper, fields url.Values, wrong string) error {
	officers, err := p.Work.Officers(r.Context())
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, paper.of, "desk.health.title")
	officer := officerName(f, paper.of, paper.claim)
	if at := slices.IndexFunc(officers, func(of identity.Person) bool { return of.ID == paper.of.Officer }); at >= 0 {
		officer = officers[at].Name()
	}
	if status == http.StatusConflict {
		f.Flash = &ui.Flash{Tone: ui.Danger, Text: words(f, indemnity.ErrCaseTaken)}
	}
	page := inps.ActPage{Frame: f, Facts: []ui.Entry{{Name: f.T("papers.kind"), Value: paper.kind}, {Name: f.T("desk.officer"), Value: officer, Proper: true}},
		Form:    ui.FormProps{Action: paper.path + "/motivo", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Cancel: &paper.back}}
	if paper.of.Officer == "" && paper.id != "" && paper.of.MayFind(actor(r)) == nil {
		page.Form.Action, page.Buttons.Submit = welfareCasePath(paper.of.ID)+"/prendi", f.T("inps.desk.take")
		page.Consequences, page.Hidden = []string{f.T("desk.health.nobody"), f.T("desk.health.take")}, [][2]string{{"documento", string(paper.id)}}
		return p.showAs(w, r, status, inps.Act(page))
	}
	page.Consequences, page.Buttons.Submit = []string{paper.lead, f.T("desk.health.text")}, f.T("desk.health.submit")
	page.Text = &ui.TextAreaProps{Name: "motivo", Label: f.T("files.reason"), Hint: f.T("files.reason.hint", "Least", audit.ReasonAtLeast, "Most", audit.ReasonAtMost), Value: fields.Get("motivo"), Rows: 3}
	if wrong != "" {
		page.Errors = []ui.FieldError{{Field: "motivo", Text: wrong}}
	}
	return p.showAs(w, r, status, inps.Act(page))
}

// welfareHealthExplain keeps why an officer opens the health papers of a case that is not
// theirs, and shows the one that they wanted.
func (p *Portal) welfareHealthExplain(w http.ResponseWriter, r *http.Request) error {
	o, paper, err := p.sentPaper(r)
	if err != nil {
		return err
	}
	return p.explainHealth(w, r, caseHealthPaper(o, paper))
}

func (p *Portal) explainHealth(w http.ResponseWriter, r *http.Request, paper healthPaper) error {
	fields, err := form(r)
	if bad := (textError{}); errors.As(err, &bad) {
		return p.showHealthAsk(w, r, http.StatusUnprocessableEntity, paper, fields, words(ui.Frame{}, errText))
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.health", fields)
	if err == nil {
		err = p.Papers.Explain(r.Context(), actor(r), sent, paper.of.ID, fields.Get("motivo"))
	}
	switch reason := fault.As(err); {
	case reason == audit.ErrReasonShort, reason == audit.ErrReasonLong:
		return p.showHealthAsk(w, r, http.StatusUnprocessableEntity, paper, fields, words(ui.Frame{}, reason))
	case err != nil:
		return err
	}
	return goTo(w, r, paper.opens, nil)
}

// welfareReviewHealthAsk asks why an officer opens a paper that came with a request to look
// at a case again, when neither is theirs to judge.
func (p *Portal) welfareReviewHealthAsk(w http.ResponseWriter, r *http.Request) error {
	c, paper, err := p.reviewPaper(r)
	if err != nil {
		return err
	}
	asked := reviewHealthPaper(c, paper)
	switch err := p.CaseReviews.MayRead(r.Context(), actor(r), paper); {
	case err == nil: // there is nothing to say
		return goTo(w, r, asked.opens, nil)
	case !errors.Is(err, indemnity.ErrHealthPaper):
		return err
	}
	return p.showHealthAsk(w, r, http.StatusOK, asked, url.Values{}, "")
}

// welfareReviewHealthExplain keeps why, and opens the paper.
func (p *Portal) welfareReviewHealthExplain(w http.ResponseWriter, r *http.Request) error {
	c, paper, err := p.reviewPaper(r)
	if err != nil {
		return err
	}
	return p.explainHealth(w, r, reviewHealthPaper(c, paper))
}

// reviewPaper is the paper in the address, with the request that it came with.
func (p *Portal) reviewPaper(r *http.Request) (indemnity.ReviewCase, indemnity.ReviewPaper, error) {
	of, err := idParam(r, "documento")
	if err != nil {
		return indemnity.ReviewCase{}, indemnity.ReviewPaper{}, err
	}
	c, err := p.welfareReviewCase(r)
	if err != nil {
		return c, indemnity.ReviewPaper{}, err
	}
	paper, err := p.CaseReviews.Paper(r.Context(), of)
	if err == nil && (paper.Subject != c.ID || !paper.Sent) {
		err = fault.ErrNotFound
	}
	return c, paper, err
}

// welfareTake gives an officer a case that nobody has, and shows the paper for which they
// wanted it. Who comes second is told who has it, and asked why they open it all the same.
func (p *Portal) welfareTake(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	if err := o.MayFind(actor(r)); err != nil {
		return err
	}
	to, at := welfareCasePath(o.ID), slices.IndexFunc(o.Papers, func(d indemnity.Paper) bool { return string(d.ID) == fields.Get("documento") })
	if at >= 0 {
		to = welfarePaperPath(o.Papers[at]) + "/visore"
	}
	if o.Officer == actor(r).Person {
		return goTo(w, r, to, nil)
	}
	sent, err := sending(r, "indemnity.take", url.Values{"idem": fields["idem"], "domanda": {string(o.ID)}})
	if err == nil {
		err = p.Work.TakeOn(r.Context(), actor(r), sent, o.ID)
	}
	if errors.Is(err, indemnity.ErrCaseTaken) && at >= 0 {
		if o, err = p.openedCase(r); err == nil && o.Officer != actor(r).Person {
			return p.showHealthAsk(w, r, http.StatusConflict, caseHealthPaper(o, o.Papers[at]), fields, "")
		}
	}
	if err != nil {
		return err
	}
	return goTo(w, r, to, nil)
}
