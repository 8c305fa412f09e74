package portal

import (
	"errors"
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/review"
	"portal/web/ui"
)

const reviewsPath = "/gestione/inps/riesami"

// reviewShelves are the parts of the worklist, in their order.
var reviewShelves = shelves[voucher.ReviewState]{reviewsPath, []stateShelf[voucher.ReviewState]{
	{"", "review.office.shelf.asked", []voucher.ReviewState{voucher.ReviewAsked}},
	{"da-approvare", "review.office.shelf.proposed", []voucher.ReviewState{voucher.ReviewProposed}},
	{"decise", "review.office.shelf.decided", []voucher.ReviewState{voucher.ReviewGranted, voucher.ReviewDenied, voucher.ReviewWithdrawn}},
}}

// inpsReviews is the worklist of the requests for re-examination, the nearest term
// first.
func (p *Portal) inpsReviews(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := reviewShelves.chosen(q), pageNumber(q)
	found, err := p.Reexaminations.Worklist(r.Context(), voucher.ReviewList{States: shelf.states, Page: number})
	if err != nil {
		return err
	}
	f, today := p.inpsReviewFrame(r), calendar.On(p.Now())
	page := review.ListPage{Frame: f, Part: f.T("review.office.territory"), Today: today, Count: counted(f, "review.office.count", found.Total),
		Shelves: reviewShelves.tabs(f, shelf, found.Counts), Pages: reviewShelves.pages(f.T("review.office.pages"), shelf, number, found.Total, voucher.ReviewsPerPage)}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, reviewLine(f, l, today))
	}
	return p.show(w, r, review.List(page))
}

func reviewLine(f ui.Frame, l voucher.ReviewLine, today calendar.Date) review.Row {
	row := review.Row{ID: string(l.ID), URL: reviewsPath + "/" + string(l.ID), Protocol: l.Protocol, Of: l.Of, Part: typeset(l.Territory),
		Motive: f.T("review.motive." + string(l.Motive)), Asked: ui.ShortMoment(l.AskedAt), Last: l.DecideBy, State: officeReviewTag(f, l.State)}
	if !l.State.Open() {
		return row
	}
	row.Left, row.Late = reviewLeft(f, today, l.DecideBy)
	return row
}

// officeReviewTag is the word of a request for the office; the states of both benefits have
// the same names.
func officeReviewTag[T ~string](f ui.Frame, state T) ui.Tag {
	tones := map[voucher.ReviewState]ui.Tone{voucher.ReviewAsked: ui.Action, voucher.ReviewProposed: ui.Working,
		voucher.ReviewGranted: ui.Success, voucher.ReviewDenied: ui.Danger, voucher.ReviewWithdrawn: ui.Closed}
	return ui.Tag{Tone: tones[voucher.ReviewState(state)], Text: f.T("review.office.state." + string(state))}
}

// reviewLeft is how long there is until the term of an open request, or since it.
func reviewLeft(f ui.Frame, today, last calendar.Date) (left string, late bool) {
	days := today.Until(last)
	if days < 0 {
		return f.T("review.office.late", "Count", -days), true
	}
	return f.T("review.office.left", "Count", days), false
}

func (p *Portal) inpsReviewFrame(r *http.Request, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("review.office.title")
	own := ui.Crumb{Text: f.T("review.office.short")}
	if len(below) > 0 {
		own.URL = reviewsPath
	}
	f.Path = inpsCrumbs(f, append([]ui.Crumb{own}, below...)...)
	return f
}

// inpsReviewCase is the request in an address, as an officer opens it.
func (p *Portal) inpsReviewCase(r *http.Request) (voucher.ReviewCase, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.ReviewCase{}, err
	}
	return p.Reexaminations.Case(r.Context(), actor(r), voucher.ReexaminationID(id))
}

// inpsReview is one request with what it takes to judge it.
func (p *Portal) inpsReview(w http.ResponseWriter, r *http.Request) error {
	c, err := p.inpsReviewCase(r)
	if err != nil {
		return err
	}
	f := p.inpsReviewFrame(r, ui.Crumb{Text: c.Protocol})
	f.Title, f.Caption = f.T("review.office.case.title", "Protocol", c.Protocol), f.T("citizen.application.protocol", "Protocol", c.File.Application.Protocol)
	tag := officeReviewTag(f, c.State)
	f.Badge = &tag
	f.Back = &ui.Link{Text: f.T("review.office.back.list"), URL: reviewsPath}
	page := review.CasePage{Frame: f, Next: f.T("review.office.next." + string(c.State)), Request: reviewRequestData(f, c), Case: reviewCaseData(f, c),
		Money: []ui.Entry{{Name: f.T("review.office.set_aside"), Value: c.SetAside.String(), Note: f.T("review.office.set_aside.note")}},
	}
	if c.State.Open() {
		page.Term = &ui.DeadlineProps{What: f.T("review.office.decide_by"), Last: c.DecideBy, Today: calendar.On(p.Now()),
			Rule: f.T("review.office.decide_by.rule", "Article", c.File.Edition.Rules.ReexaminationEnd.Article)}
	}
	if c.Proposal != "" {
		page.Proposal = reviewProposalData(f, c)
	}
	if err := p.inpsReviewActions(r, c, &page); err != nil {
		return err
	}
	return p.show(w, r, review.Case(page))
}

// inpsReviewActions fills in what the reader may do, and what was done.
func (p *Portal) inpsReviewActions(r *http.Request, c voucher.ReviewCase, page *review.CasePage) error {
	f, who, here := page.Frame, actor(r), reviewsPath+"/"+string(c.ID)
	if c.MayPropose(who) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("review.office.propose"), URL: here + "/proposta"})
	}
	switch err := c.MayDecide(who); {
	case err == nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("review.office.decide"), URL: here + "/decisione"})
	case errors.Is(err, voucher.ErrReviewOwn):
		page.Why = words(f, voucher.ErrReviewOwn)
	}
	papers, err := p.Reexaminations.Papers(r.Context(), string(c.ID))
	if err != nil {
		return err
	}
	reads := who.Has(identity.Prepare) || who.Has(identity.Approve)
	for _, paper := range papers {
		row := review.OfficePaper{Name: paper.Name, Size: fileSize(f, paper.Size)}
		if reads && !paper.Erased {
			row.URL = inpsPapersPath + "/" + paper.ID
		}
		page.Papers = append(page.Papers, row)
	}
	openings, err := p.Reexaminations.Openings(r.Context(), c.ID)
	if err != nil {
		return err
	}
	for _, n := range c.Returned {
		page.Returned = append(page.Returned, ui.Event{When: n.At, Text: n.Text, Who: n.Name})
	}
	slices.Reverse(page.Returned)
	page.Events = inpsReviewEvents(f, c, openings)
	return nil
}

func reviewRequestData(f ui.Frame, c voucher.ReviewCase) []ui.Entry {
	asker := ui.Entry{Name: f.T("review.office.asker"), Value: c.Asker, Proper: true}
	if c.Mandate != "" {
		asker.Note = f.T("review.office.asker.for", "Name", c.Holder.Name())
	}
	return []ui.Entry{
		{Name: f.T("review.office.asked"), Value: ui.Moment(c.AskedAt)}, asker,
		{Name: f.T("review.office.motive"), Value: f.T("review.motive." + string(c.Motive))},
		{Name: f.T("review.office.text"), Value: c.Text},
	}
}

// reviewCaseData is the application as it stands: what a correction would change.
func reviewCaseData(f ui.Frame, c voucher.ReviewCase) []ui.Entry {
	a := c.File.Application
	isee := ui.Entry{Name: f.T("citizen.data.isee"), Note: f.T("review.office.isee." + string(a.ISEEStatus))}
	if a.HasISEE {
		isee.Value = a.ISEE.String()
	}
	entries := []ui.Entry{
		{Name: f.T("review.office.holder"), Value: c.Holder.Name(), Note: c.Holder.FiscalCode.Masked(), Proper: true},
		{Name: f.T("review.office.edition"), Value: string(a.Edition)},
		{Name: f.T("citizen.data.submitted"), Value: ui.Moment(a.SubmittedAt)},
		{Name: f.T("citizen.data.territory"), Value: typeset(a.Territory), Proper: true},
		isee,
		{Name: f.T("review.office.outcome.now"), Value: f.T("citizen.standing." + string(a.State)), Note: groundNote(f, a)},
	}
	if a.Rank > 0 {
		entries = append(entries, ui.Entry{Name: f.T("review.office.rank"), Value: grouped(a.Rank)},
			ui.Entry{Name: f.T("citizen.data.last_rank"), Value: grouped(a.LastRank)})
	}
	if c.File.HasVoucher() {
		entries = append(entries, ui.Entry{Name: f.T("ui.balance.awarded"), Value: c.File.Voucher.Awarded.String()})
	}
	return entries
}

func groundNote(f ui.Frame, a voucher.Application) string {
	switch {
	case a.Reason == "":
		return ""
	case grounds[a.Reason]:
		return f.T("citizen.ground." + a.Reason)
	}
	return f.T("citizen.ground.other")
}

// reviewProposalData is what was proposed, with what it puts right.
func reviewProposalData(f ui.Frame, c voucher.ReviewCase) []ui.Entry {
	entries := []ui.Entry{{Name: f.T("review.office.outcome"), Value: f.T("review.office.outcome." + c.Proposal)}}
	if k := c.Correction; k != nil {
		if k.ISEE != nil {
			entries = append(entries, ui.Entry{Name: f.T("review.office.isee"), Value: k.ISEE.String()})
		}
		if k.Territory != "" {
			entries = append(entries, ui.Entry{Name: f.T("review.office.territory.right"), Value: typeset(k.Territory), Proper: true})
		}
		if k.Readmit {
			entries = append(entries, ui.Entry{Name: f.T("review.office.refusal"), Value: f.T("review.office.readmit")})
		}
	}
	entries = append(entries, ui.Entry{Name: f.T("review.office.grounds"), Value: c.Grounds})
	if c.Proposer != "" {
		entries = append(entries, ui.Entry{Name: f.T("review.office.proposer"), Value: c.Proposer, Note: ui.Moment(c.ProposedAt), Proper: true})
	}
	if c.Decider != "" {
		entries = append(entries, ui.Entry{Name: f.T("review.office.decider"), Value: c.Decider, Note: ui.Moment(c.DecidedAt), Proper: true})
	}
	if c.State == voucher.ReviewGranted {
		done := f.T("review.office.carried_out.not")
		if c.CarriedOutBy != "" {
			done = f.T("review.office.carried_out")
		}
		entries = append(entries, ui.Entry{Name: f.T("review.office.ranking"), Value: done})
	}
	return entries
}

// inpsReviewEvents is what happened to a request, newest first.
func inpsReviewEvents(f ui.Frame, c voucher.ReviewCase, openings []voucher.Opening) []ui.Event {
	events := []ui.Event{{When: c.AskedAt, Text: f.T("review.office.event.asked"), Who: c.Asker}}
	for _, o := range openings {
		events = append(events, ui.Event{When: o.At, Text: f.T("review.event.opened", "Paper", o.Paper), Who: o.Name})
	}
	if !c.ProposedAt.IsZero() {
		events = append(events, ui.Event{When: c.ProposedAt, Text: f.T("review.office.event.proposed"), Who: c.Proposer})
	}
	if !c.DecidedAt.IsZero() {
		events = append(events, ui.Event{When: c.DecidedAt, Text: f.T("review.event." + string(c.State)), Who: c.Decider})
	}
	slices.SortStableFunc(events, func(a, b ui.Event) int { return b.When.Compare(a.When) })
	return events
}
