package portal

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/review"
	"portal/web/ui"
)

const caseReviewsPath = welfarePath + "/riesami"

func officeReviewPath(id indemnity.ReexaminationID) string {
	return caseReviewsPath + "/" + string(id)
}

// caseReviewShelves are the parts of the list, in their order.
var caseReviewShelves = shelves[indemnity.ReviewState]{caseReviewsPath, []stateShelf[indemnity.ReviewState]{
	{"", "review.office.shelf.asked", []indemnity.ReviewState{indemnity.ReviewAsked}},
	{"da-approvare", "review.office.shelf.proposed", []indemnity.ReviewState{indemnity.ReviewProposed}},
	{"decise", "review.office.shelf.decided", []indemnity.ReviewState{indemnity.ReviewGranted, indemnity.ReviewDenied, indemnity.ReviewWithdrawn}},
}}

// welfareReviews lists the requests to look at an outcome again, the nearest term first.
func (p *Portal) welfareReviews(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := caseReviewShelves.chosen(q), pageNumber(q)
	found, err := p.CaseReviews.Worklist(r.Context(), indemnity.ReviewList{States: shelf.states, Page: number})
	if err != nil {
		return err
	}
	f, today := p.welfareFrame(r, ui.Frame{}.T("review.office.title")), calendar.On(p.Now())
	page := review.ListPage{Frame: f, Today: today, Part: f.T("member.cases.call"), Count: counted(f, "review.office.count", found.Total),
		Shelves: caseReviewShelves.tabs(f, shelf, found.Counts), Pages: caseReviewShelves.pages(f.T("review.office.pages"), shelf, number, found.Total, indemnity.ReviewsPerPage)}
	for _, l := range found.Lines {
		row := review.Row{ID: string(l.ID), URL: officeReviewPath(l.ID), Protocol: l.Protocol, Of: l.Of, Part: ui.Month(l.Call.Month().From),
			Motive: f.T("casereview.motive." + string(l.Motive)), Asked: ui.ShortMoment(l.AskedAt), Last: l.DecideBy, State: officeReviewTag(f, l.State)}
		if l.State.Open() {
			row.Left, row.Late = reviewLeft(f, today, l.DecideBy)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, review.List(page))
}

// welfareReviewFrame is the frame of a page below the list.
func (p *Portal) welfareReviewFrame(r *http.Request, title string, below ...ui.Crumb) ui.Frame {
	return p.welfareFrame(r, title, append([]ui.Crumb{{Text: ui.Frame{}.T("review.office.title"), URL: caseReviewsPath}}, below...)...)
}

// welfareReviewCase is the request in an address, as an officer opens it.
func (p *Portal) welfareReviewCase(r *http.Request) (indemnity.ReviewCase, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.ReviewCase{}, err
	}
	return p.CaseReviews.Open(r.Context(), actor(r), indemnity.ReexaminationID(id))
}

// welfareReview is one request with what it takes to judge it.
func (p *Portal) welfareReview(w http.ResponseWriter, r *http.Request) error {
	c, err := p.welfareReviewCase(r)
	if err != nil {
		return err
	}
	f := p.welfareReviewFrame(r, ui.Frame{}.T("review.office.case.title", "Protocol", c.Protocol))
	f.Caption = f.T("heirs.case.title", "Protocol", c.File.Protocol)
	tag := officeReviewTag(f, c.State)
	f.Badge = &tag
	f.Back = &ui.Link{Text: f.T("review.office.back.list"), URL: caseReviewsPath}
	page := review.CasePage{Frame: f, Next: caseReviewNext(f, c), Request: officeReviewFacts(f, c), Case: officeReviewCase(f, c),
		Links: []ui.Link{{Text: f.T("desk.back"), URL: welfareCasePath(c.Case)}},
		Money: []ui.Entry{{Name: f.T("review.office.set_aside"), Value: c.SetAside.String(), Note: f.T("casereview.set_aside.note")}}}
	if c.State.Open() {
		page.Term = &ui.DeadlineProps{What: f.T("review.office.decide_by"), Last: c.DecideBy, Today: calendar.On(p.Now()),
			Rule: f.T("review.office.decide_by.rule", "Article", c.File.Rules.Terms().ReexaminationReply(calendar.On(c.AskedAt)).Source)}
	}
	if c.Proposal != "" {
		page.Proposal = officeReviewProposal(f, c)
	}
	if err := p.welfareReviewActions(r, c, &page); err != nil {
		return err
	}
	papers, err := p.CaseReviews.Papers(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, paper := range papers {
		row := review.OfficePaper{Name: paper.Name, Size: fileSize(f, paper.Size)}
		if !paper.Erased {
			row.URL = officeReviewPath(c.ID) + "/documenti/" + paper.ID
		}
		page.Papers = append(page.Papers, row)
	}
	openings, err := p.CaseReviews.Openings(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, n := range slices.Backward(c.Returned) {
		page.Returned = append(page.Returned, ui.Event{When: n.At, Text: n.Text, Who: n.Name})
	}
	page.Events = officeReviewEvents(f, c, openings)
	return p.show(w, r, review.Case(page))
}

// caseReviewNext is whose move is next.
func caseReviewNext(f ui.Frame, c indemnity.ReviewCase) string {
	how := string(c.State)
	switch {
	case c.CarriedOutBy != "":
		return f.T("casereview.next.carried_out", "Number", c.Publication)
	case c.State == indemnity.ReviewGranted && c.Reopens:
		how = "reopened"
	}
	return f.T("casereview.next." + how)
}

// welfareReviewActions are what the reader may do, or why they may not.
func (p *Portal) welfareReviewActions(r *http.Request, c indemnity.ReviewCase, page *review.CasePage) error {
	f, who := page.Frame, actor(r)
	proposes, decides := c.MayPropose(who), c.MayDecide(who)
	if proposes == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("review.office.propose"), URL: officeReviewPath(c.ID) + "/proposta"})
	}
	if decides == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("review.office.decide"), URL: officeReviewPath(c.ID) + "/decisione"})
	}
	for _, why := range []*fault.Reason{indemnity.ErrReviewOwn, indemnity.ErrReviewJudged, indemnity.ErrOwnCase} {
		if len(page.Actions) == 0 && (errors.Is(proposes, why) || errors.Is(decides, why)) {
			page.Why = words(f, why)
		}
	}
	if c.State != indemnity.ReviewGranted || c.CarriedOutBy != "" || c.Place == nil || !who.Has(identity.Prepare) {
		return nil
	}
	standing, err := p.CallRankings.Standing(r.Context(), c.File.Call)
	if err == nil && standing != "" {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("casereview.correct"), URL: callRankingPath(c.File.Call) + "/simulazioni/" + string(standing) + "/rettifica"})
	}
	return err
}

// officeReviewFacts are what was asked, by whom.
func officeReviewFacts(f ui.Frame, c indemnity.ReviewCase) []ui.Entry {
	facts := caseReviewFacts(f, c.Reexamination)[1:]
	asker := ui.Entry{Name: f.T("review.office.asker"), Value: c.Asker, Proper: true}
	if c.Mandate != "" {
		asker.Note = f.T("review.office.asker.for", "Name", c.File.Member.Name())
	}
	facts = slices.Insert(facts, 1, asker)
	if !c.ReadAt.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("casereview.first_look"), Value: ui.Moment(c.ReadAt), Note: c.Reader})
	}
	return facts
}

// officeReviewCase is the case, with the outcome that is looked at again.
func officeReviewCase(f ui.Frame, c indemnity.ReviewCase) []ui.Entry {
	return append([]ui.Entry{
		{Name: f.T("casereview.member"), Value: c.File.Member.Name(), Note: c.File.Member.FiscalCode.Masked(), Proper: true},
		{Name: f.T("member.cases.call"), Value: ui.Month(c.File.Call.Month().From)},
		{Name: f.T("casereview.state.now"), Value: f.T("case.state." + string(c.File.State))},
	}, reviewedOutcome(f, c)...)
}

// reviewedOutcome is the decision or the place that is looked at again.
func reviewedOutcome(f ui.Frame, c indemnity.ReviewCase) (facts []ui.Entry) {
	for _, d := range c.File.Decisions {
		if d.ID != c.Decision {
			continue
		}
		facts = append(facts, ui.Entry{Name: f.T("casereview.about.decision"), Value: outcomeName(f, d.To),
			Note: f.T("casereview.about.decision.by", "Protocol", d.Protocol, "Proposer", d.ProposedBy.Name(), "Decider", d.DecidedBy.Name(), "On", ui.OfDay(calendar.On(d.DecidedAt)))})
		for _, g := range groundTexts(f, d.Codes) {
			facts = append(facts, ui.Entry{Name: f.T("casereview.ground"), Value: g})
		}
	}
	if c.Place != nil {
		facts = append(facts, ui.Entry{Name: f.T("casereview.about.place"), Value: f.T("rank.publication", "Number", c.Place.Publication, "Of", ui.OfDay(calendar.On(c.Place.PublishedAt)))},
			ui.Entry{Name: f.T("calc.step.funded_gross"), Value: c.Place.FundedGross.String()})
	}
	return facts
}

// officeReviewProposal is what was proposed, and by whom it was decided.
func officeReviewProposal(f ui.Frame, c indemnity.ReviewCase) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("review.office.outcome"), Value: f.T("review.office.outcome." + c.Proposal)}}
	if c.Reopens {
		facts = append(facts, ui.Entry{Name: f.T("casereview.reopens"), Value: f.T("casereview.reopens.yes")})
	}
	facts = append(facts, ui.Entry{Name: f.T("review.office.grounds"), Value: c.Grounds})
	add := func(name, who string, at time.Time) {
		if who != "" {
			facts = append(facts, ui.Entry{Name: name, Value: who, Note: ui.Moment(at), Proper: true})
		}
	}
	add(f.T("review.office.proposer"), c.Proposer, c.ProposedAt)
	add(f.T("review.office.decider"), c.Decider, c.DecidedAt)
	if c.AnswerProtocol != "" {
		facts = append(facts, ui.Entry{Name: f.T("outcome.letter.number"), Value: c.AnswerProtocol, Proper: true})
	}
	return facts
}

// officeReviewEvents is what happened to a request, newest first.
func officeReviewEvents(f ui.Frame, c indemnity.ReviewCase, openings []indemnity.ReviewOpening) []ui.Event {
	events := caseReviewEvents(f, c.Reexamination, openings)
	for i, e := range events {
		switch {
		case e.When.Equal(c.AskedAt):
			events[i].Who = c.Asker
		case e.When.Equal(c.ReadAt):
			events[i].Who = c.Reader
		case e.When.Equal(c.DecidedAt):
			events[i].Who = c.Decider
		}
	}
	if !c.ProposedAt.IsZero() {
		events = append(events, ui.Event{When: c.ProposedAt, Text: f.T("review.office.event.proposed"), Who: c.Proposer})
	}
	slices.SortStableFunc(events, func(a, b ui.Event) int { return b.When.Compare(a.When) })
	return events
}

// welfareReviewPaper sends a paper of a request to an officer.
func (p *Portal) welfareReviewPaper(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	of, err := idParam(r, "documento")
	if err != nil {
		return err
	}
	paper, err := p.CaseReviews.Paper(r.Context(), of)
	if err == nil && string(paper.Subject) != id {
		err = fault.ErrNotFound
	}
	if err != nil {
		return err
	}
	paper, content, err := p.CaseReviews.Read(r.Context(), actor(r), of)
	if err != nil {
		return asksWhy(w, r, officeReviewPath(paper.Subject)+"/documenti/"+paper.ID, err)
	}
	return p.sendPaper(w, r, paper.Name, paper.Type, paper.Size, content)
}
