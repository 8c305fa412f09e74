package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const reviewsPath = "/gestione/inps/riesami"

// reviewShelves are the parts of the worklist, in their order.
var reviewShelves = []struct {
	slug, words string
	states      []voucher.ReviewState
}{
	{"", "inps.review.shelf.asked", []voucher.ReviewState{voucher.ReviewAsked}},
	{"da-approvare", "inps.review.shelf.proposed", []voucher.ReviewState{voucher.ReviewProposed}},
	{"decise", "inps.review.shelf.decided", []voucher.ReviewState{voucher.ReviewGranted, voucher.ReviewDenied, voucher.ReviewWithdrawn}},
}

// inpsReviews is the worklist of the requests for re-examination, the nearest term
// first.
func (p *Portal) inpsReviews(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	shelf, number := reviewShelves[0], pageNumber(q)
	for _, s := range reviewShelves {
		if s.slug == q.Get("stato") {
			shelf = s
		}
	}
	found, err := p.Reexaminations.Worklist(r.Context(), voucher.ReviewList{States: shelf.states, Page: number})
	if err != nil {
		return err
	}
	f := p.inpsReviewFrame(r)
	at := func(slug string, page int) string {
		q := url.Values{}
		if slug != "" {
			q.Set("stato", slug)
		}
		if page > 1 {
			q.Set("p", strconv.Itoa(page))
		}
		return withQuery(reviewsPath, q)
	}
	today := calendar.On(p.Now())
	page := inps.ReviewsPage{Frame: f, Today: today, Count: counted(f, "inps.review.count", found.Total)}
	for _, s := range reviewShelves {
		n := 0
		for _, state := range s.states {
			n += found.Counts[state]
		}
		page.Shelves = append(page.Shelves, ui.Tab{Text: f.T(s.words, "N", grouped(n)), URL: at(s.slug, 1), Current: s.slug == shelf.slug})
	}
	for _, l := range found.Lines {
		page.Rows = append(page.Rows, reviewLine(f, l, today))
	}
	pages := (found.Total + voucher.ReviewsPerPage - 1) / voucher.ReviewsPerPage
	page.Pages = ui.PaginationProps{Label: f.T("inps.review.pages"), Page: number, Pages: pages}
	if number > 1 {
		page.Pages.PreviousURL = at(shelf.slug, number-1)
	}
	if number < pages {
		page.Pages.NextURL = at(shelf.slug, number+1)
	}
	return p.show(w, r, inps.Reviews(page))
}

func reviewLine(f ui.Frame, l voucher.ReviewLine, today calendar.Date) inps.ReviewRow {
	row := inps.ReviewRow{ID: string(l.ID), URL: reviewsPath + "/" + string(l.ID), Protocol: l.Protocol, Of: l.Of, Territory: typeset(l.Territory),
		Motive: f.T("citizen.review.motive." + string(l.Motive)), Asked: ui.ShortMoment(l.AskedAt), Last: l.DecideBy, State: inpsReviewTag(f, l.State)}
	if !l.State.Open() {
		return row
	}
	days := today.Until(l.DecideBy)
	if row.Left = f.T("inps.review.left", "Count", days); days < 0 {
		row.Left, row.Late = f.T("inps.review.late", "Count", -days), true
	}
	return row
}

func inpsReviewTag(f ui.Frame, s voucher.ReviewState) ui.Tag {
	tones := map[voucher.ReviewState]ui.Tone{voucher.ReviewAsked: ui.Action, voucher.ReviewProposed: ui.Working,
		voucher.ReviewGranted: ui.Success, voucher.ReviewDenied: ui.Danger, voucher.ReviewWithdrawn: ui.Closed}
	return ui.Tag{Tone: tones[s], Text: f.T("inps.review.state." + string(s))}
}

func (p *Portal) inpsReviewFrame(r *http.Request, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("inps.review.title")
	own := ui.Crumb{Text: f.T("inps.review.short")}
	if len(below) > 0 {
		own.URL = reviewsPath
	}
	f.Path = append([]ui.Crumb{{Text: f.T("menu.inps.work"), URL: "/gestione/inps"}, own}, below...)
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
	f.Title, f.Caption = f.T("inps.review.case.title", "Protocol", c.Protocol), f.T("citizen.application.protocol", "Protocol", c.File.Application.Protocol)
	tag := inpsReviewTag(f, c.State)
	f.Badge = &tag
	f.Back = &ui.Link{Text: f.T("inps.review.back.list"), URL: reviewsPath}
	page := inps.ReviewPage{Frame: f, Next: f.T("inps.review.next." + string(c.State)), Request: reviewRequestData(f, c), Case: reviewCaseData(f, c),
		Money: []ui.Entry{{Name: f.T("inps.review.set_aside"), Value: c.SetAside.String(), Note: f.T("inps.review.set_aside.note")}},
	}
	if c.State.Open() {
		page.Term = &ui.DeadlineProps{What: f.T("inps.review.decide_by"), Last: c.DecideBy, Today: calendar.On(p.Now()),
			Rule: f.T("inps.review.decide_by.rule", "Article", c.File.Edition.Rules.ReexaminationEnd.Article)}
	}
	if c.Proposal != "" {
		page.Proposal = reviewProposalData(f, c)
	}
	if err := p.inpsReviewActions(r, c, &page); err != nil {
		return err
	}
	return p.show(w, r, inps.Review(page))
}

// inpsReviewActions fills in what the reader may do, and what was done.
func (p *Portal) inpsReviewActions(r *http.Request, c voucher.ReviewCase, page *inps.ReviewPage) error {
	f, who, here := page.Frame, actor(r), reviewsPath+"/"+string(c.ID)
	if c.MayPropose(who) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.review.propose"), URL: here + "/proposta"})
	}
	switch err := c.MayDecide(who); {
	case err == nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("inps.review.decide"), URL: here + "/decisione"})
	case errors.Is(err, voucher.ErrReviewOwn):
		page.Why = words(f, voucher.ErrReviewOwn)
	}
	papers, err := p.Reexaminations.Papers(r.Context(), string(c.ID))
	if err != nil {
		return err
	}
	reads := who.Has(identity.Prepare) || who.Has(identity.Approve)
	for _, paper := range papers {
		row := inps.Paper{Name: paper.Name, Size: fileSize(f, paper.Size)}
		if reads {
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
	asker := ui.Entry{Name: f.T("inps.review.asker"), Value: c.Asker, Proper: true}
	if c.Mandate != "" {
		asker.Note = f.T("inps.review.asker.for", "Name", c.Holder.Name())
	}
	return []ui.Entry{
		{Name: f.T("inps.review.asked"), Value: ui.Moment(c.AskedAt)}, asker,
		{Name: f.T("inps.review.motive"), Value: f.T("citizen.review.motive." + string(c.Motive))},
		{Name: f.T("inps.review.text"), Value: c.Text},
	}
}

// reviewCaseData is the application as it stands: what a correction would change.
func reviewCaseData(f ui.Frame, c voucher.ReviewCase) []ui.Entry {
	a := c.File.Application
	isee := ui.Entry{Name: f.T("citizen.data.isee"), Note: f.T("inps.review.isee." + string(a.ISEEStatus))}
	if a.HasISEE {
		isee.Value = a.ISEE.String()
	}
	entries := []ui.Entry{
		{Name: f.T("inps.review.holder"), Value: c.Holder.Name(), Note: c.Holder.FiscalCode.Masked(), Proper: true},
		{Name: f.T("inps.review.edition"), Value: string(a.Edition)},
		{Name: f.T("citizen.data.submitted"), Value: ui.Moment(a.SubmittedAt)},
		{Name: f.T("citizen.data.territory"), Value: typeset(a.Territory), Proper: true},
		isee,
		{Name: f.T("inps.review.outcome.now"), Value: f.T("citizen.standing." + string(a.State)), Note: groundNote(f, a)},
	}
	if a.Rank > 0 {
		entries = append(entries, ui.Entry{Name: f.T("inps.review.rank"), Value: grouped(a.Rank)},
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
	entries := []ui.Entry{{Name: f.T("inps.review.outcome"), Value: f.T("inps.review.outcome." + c.Proposal)}}
	if k := c.Correction; k != nil {
		if k.ISEE != nil {
			entries = append(entries, ui.Entry{Name: f.T("inps.review.isee"), Value: k.ISEE.String()})
		}
		if k.Territory != "" {
			entries = append(entries, ui.Entry{Name: f.T("inps.review.territory.right"), Value: typeset(k.Territory), Proper: true})
		}
		if k.Readmit {
			entries = append(entries, ui.Entry{Name: f.T("inps.review.refusal"), Value: f.T("inps.review.readmit")})
		}
	}
	entries = append(entries, ui.Entry{Name: f.T("inps.review.grounds"), Value: c.Grounds})
	if c.Proposer != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.review.proposer"), Value: c.Proposer, Note: ui.Moment(c.ProposedAt), Proper: true})
	}
	if c.Decider != "" {
		entries = append(entries, ui.Entry{Name: f.T("inps.review.decider"), Value: c.Decider, Note: ui.Moment(c.DecidedAt), Proper: true})
	}
	if c.State == voucher.ReviewGranted {
		done := f.T("inps.review.carried_out.not")
		if c.CarriedOutBy != "" {
			done = f.T("inps.review.carried_out")
		}
		entries = append(entries, ui.Entry{Name: f.T("inps.review.ranking"), Value: done})
	}
	return entries
}

// inpsReviewEvents is what happened to a request, newest first.
func inpsReviewEvents(f ui.Frame, c voucher.ReviewCase, openings []voucher.Opening) []ui.Event {
	events := []ui.Event{{When: c.AskedAt, Text: f.T("inps.review.event.asked"), Who: c.Asker}}
	for _, o := range openings {
		events = append(events, ui.Event{When: o.At, Text: f.T("citizen.review.event.opened", "Paper", o.Paper), Who: o.Name})
	}
	if !c.ProposedAt.IsZero() {
		events = append(events, ui.Event{When: c.ProposedAt, Text: f.T("inps.review.event.proposed"), Who: c.Proposer})
	}
	if !c.DecidedAt.IsZero() {
		events = append(events, ui.Event{When: c.DecidedAt, Text: f.T("citizen.review.event." + string(c.State)), Who: c.Decider})
	}
	slices.SortStableFunc(events, func(a, b ui.Event) int { return b.When.Compare(a.When) })
	return events
}
