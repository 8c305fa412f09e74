package portal

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/review"
	"portal/web/ui"
)

// caseReviewPart is the end of the address of the requests to look at an outcome again.
const caseReviewPart = "/riesame"

func caseReviewPath(id indemnity.CaseID) string { return memberCasePath(id) + caseReviewPart }

// memberReviewed is the case in the address with what may be looked at again.
func (p *Portal) memberReviewed(r *http.Request) (indemnity.Reviewable, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.Reviewable{}, err
	}
	return p.CaseReviews.Of(r.Context(), actor(r), indemnity.CaseID(id))
}

func (p *Portal) caseReviewFrame(r *http.Request, v indemnity.Reviewable, title string) ui.Frame {
	f := p.memberFrame(r, title)
	f.HeadTitle, f.Caption = f.T("review.head"), f.T("member.case.title", "Protocol", v.Protocol)
	f.Path = append(f.Path, ui.Crumb{Text: v.Protocol, URL: memberCasePath(v.ID)})
	if title == "review.title" {
		f.Path = append(f.Path, ui.Crumb{Text: f.T("review.short")})
		return f
	}
	f.Path = append(f.Path, ui.Crumb{Text: f.T("review.short"), URL: caseReviewPath(v.ID)}, ui.Crumb{Text: f.Title})
	return f
}

// memberReexamination shows how the requests about a case stand, and how to make one.
func (p *Portal) memberReexamination(w http.ResponseWriter, r *http.Request) error {
	v, err := p.memberReviewed(r)
	if err != nil {
		return err
	}
	return p.showCaseReviews(w, r, http.StatusOK, v)
}

func (p *Portal) showCaseReviews(w http.ResponseWriter, r *http.Request, status int, v indemnity.Reviewable) error {
	f, today := p.caseReviewFrame(r, v, "review.title"), calendar.On(p.Now())
	f.Back = &ui.Link{Text: f.T("review.back"), URL: memberCasePath(v.ID)}
	page := review.AskedPage{Frame: f}
	last, _ := v.ReviewTerm()
	switch err := v.MayAskReview(today); {
	case err == nil:
		draft, err := p.CaseReviews.Draft(r.Context(), actor(r).Person, v.ID)
		if err != nil {
			return err
		}
		page.Lead = []string{f.T("review.lead", "Body", f.Body), f.T("casereview.lead.then", "Count", today.Until(v.Rules.Terms().ReexaminationReply(today).End()))}
		page.Term = &ui.DeadlineProps{What: f.T("review.ask_by"), Last: last, Today: today, Rule: f.T("review.office.decide_by.rule", "Article", v.Rules.Terms().Reexamination(today).Source)}
		page.StartURL, page.Start = caseReviewPath(v.ID)+"/motivo", f.T("review.start")
		if draft.ID != "" {
			page.Start = f.T("review.resume")
		}
	case errors.Is(err, indemnity.ErrReviewTooLate):
		page.Expired = f.T("review.expired", "Day", ui.ByDay(last)) + " " + f.T("review.elsewhere")
	case errors.Is(err, indemnity.ErrReviewNoOutcome):
		page.Expired = words(f, indemnity.ErrReviewNoOutcome)
	}
	for _, x := range v.Requests {
		request, err := p.caseReviewRequest(r, f, v, x)
		if err != nil {
			return err
		}
		if x.State == indemnity.ReviewDenied && page.Expired == "" {
			page.Elsewhere = f.T("review.elsewhere")
		}
		page.Requests = append(page.Requests, request)
	}
	return p.showAs(w, r, status, review.Asked(page))
}

// caseReviewRequest is a request as who applied sees it.
func (p *Portal) caseReviewRequest(r *http.Request, f ui.Frame, v indemnity.Reviewable, x indemnity.Reexamination) (review.Request, error) {
	read := ui.Entry{Name: f.T("casereview.read"), Value: f.T("casereview.read.not")}
	if !x.ReadAt.IsZero() {
		read.Value = ui.Moment(x.ReadAt)
	}
	request := review.Request{ID: string(x.ID), Title: f.T("review.request", "Protocol", x.Protocol), State: reviewTag(f, string(x.State), x.State.Open()),
		Sentence: caseReviewSentence(f, x), Facts: append(caseReviewFacts(f, x), read)}
	decided := x.State == indemnity.ReviewGranted || x.State == indemnity.ReviewDenied
	if decided {
		request.Facts = append(request.Facts, ui.Entry{Name: f.T("review.grounds", "Body", f.Body), Value: x.Grounds})
	}
	papers, err := p.CaseReviews.Papers(r.Context(), x.ID)
	if err != nil {
		return request, err
	}
	for _, paper := range papers {
		row := caseReviewPaper(f, paper)
		if !v.Reads(actor(r), paper) {
			row.URL = ""
		}
		request.Papers = append(request.Papers, row)
	}
	openings, err := p.CaseReviews.Openings(r.Context(), x.ID)
	if err != nil {
		return request, err
	}
	request.Events = caseReviewEvents(f, x, openings)
	receipt, err := actLink(f, f.T("casereview.receipt"), caseReviewActPath(x, "ricevuta"), p.reviewReceiptAct(v.CaseFile, x))
	if err != nil {
		return request, err
	}
	request.Links = []ui.Link{receipt}
	if decided {
		answer, err := actLink(f, f.T("casereview.answer"), caseReviewActPath(x, "risposta"), p.reviewAnswerAct(v.CaseFile, x))
		if err != nil {
			return request, err
		}
		request.Links = append(request.Links, answer)
	}
	if x.MayWithdraw(actor(r), v.CaseFile) == nil {
		request.EndURL = caseReviewPath(v.ID) + "/ritira"
	}
	return request, nil
}

// caseReviewSentence is how a request stands. One that is granted waits for the case to be
// examined, or for a corrected ranking, and then is carried out.
func caseReviewSentence(f ui.Frame, x indemnity.Reexamination) string {
	how := string(x.State)
	switch {
	case x.State.Open():
		how = string(indemnity.ReviewAsked)
	case x.CarriedOutBy != "":
		how = "carried_out"
	case x.State == indemnity.ReviewGranted && x.Reopens:
		how = "reopened"
	}
	return f.T("casereview.sentence."+how, "Day", ui.ByDay(x.DecideBy))
}

// caseReviewFacts are what was asked.
func caseReviewFacts(f ui.Frame, x indemnity.Reexamination) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("review.protocol"), Value: x.Protocol, Proper: true},
		{Name: f.T("review.sent"), Value: ui.Moment(x.AskedAt)},
		{Name: f.T("review.motive.short"), Value: f.T("casereview.motive." + string(x.Motive))},
		{Name: f.T("review.text.short"), Value: x.Text},
	}
}

// caseReviewEvents is what who applied may know of what happened, newest first.
func caseReviewEvents(f ui.Frame, x indemnity.Reexamination, openings []indemnity.ReviewOpening) []ui.Event {
	events := []ui.Event{{When: x.AskedAt, Text: f.T("review.event.asked", "Protocol", x.Protocol)}}
	add := func(at time.Time, text, who string) {
		if !at.IsZero() {
			events = append(events, ui.Event{When: at, Text: text, Who: who})
		}
	}
	add(x.ReadAt, f.T("casereview.event.read"), "ENPAP")
	for _, o := range openings {
		add(o.At, f.T("review.event.opened", "Paper", o.Paper), f.T("review.officer", "Name", o.Name, "Body", "ENPAP"))
	}
	add(x.WithdrawnAt, f.T("casereview.event.withdrawn"), "")
	if x.State == indemnity.ReviewGranted || x.State == indemnity.ReviewDenied {
		add(x.DecidedAt, f.T("review.event."+string(x.State)), "ENPAP")
	}
	slices.SortStableFunc(events, func(a, b ui.Event) int { return b.When.Compare(a.When) })
	return events
}

// caseReviewLink leads from an outcome to the requests about it, as long as one can be made
// or was.
func (p *Portal) caseReviewLink(r *http.Request, f ui.Frame, c indemnity.CaseFile) (*ui.Link, error) {
	v, err := p.CaseReviews.Reviewable(r.Context(), c.ID)
	if err != nil {
		return nil, err
	}
	link := ui.Link{Text: f.T("casereview.see"), URL: caseReviewPath(c.ID)}
	switch err := v.MayAskReview(calendar.On(p.Now())); {
	case err == nil:
		link.Text = f.T("review.link")
	case len(v.Requests) == 0 && !errors.Is(err, indemnity.ErrReviewTooLate):
		return nil, nil
	}
	return &link, nil
}

// caseReviewSteps are the requests about a case, on its way (PIC-5).
func (p *Portal) caseReviewSteps(r *http.Request, f ui.Frame, c indemnity.CaseFile) (steps []ui.WayStep, err error) {
	v, err := p.CaseReviews.Reviewable(r.Context(), c.ID)
	for _, x := range slices.Backward(v.Requests) {
		step := ui.WayStep{Name: f.T("casereview.step", "Protocol", x.Protocol), At: ui.WayPoint(indemnity.StageDone), State: reviewTag(f, string(x.State), x.State.Open()), When: ui.Day(calendar.On(x.AskedAt))}
		if x.State.Open() {
			step.At, step.Text, step.When = ui.WayPoint(indemnity.StageNow), f.T("case.way.enpap"), f.T("case.stage.by", "By", ui.ByDay(x.DecideBy))
		}
		steps = append(steps, step)
	}
	return steps, err
}
