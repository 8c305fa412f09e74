package portal

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/voucher"
	"portal/web/oversight"
	"portal/web/ui"
)

// fileReviews are the requests to look at the outcome of a case again, the newest first.
func (p *Portal) fileReviews(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	page := oversight.FileActsPage{Frame: f, Title: f.T("review.office.short"), None: f.T("review.office.count.none")}
	add := func(id, protocol string, tag ui.Tag, facts []ui.Entry) {
		facts = append(facts, reviewPapersFact(f, file, id))
		page.Acts = append(page.Acts, oversight.FileAct{ID: id, Title: f.T("review.office.case.title", "Protocol", protocol), Tag: tag, Facts: facts})
	}
	if c := file.Contribution; c != nil {
		for _, r := range slices.Backward(c.Reviews) {
			add(string(r.ID), r.Protocol, officeReviewTag(f, r.State), contributionReview(f, r))
		}
	} else {
		for _, r := range slices.Backward(file.Indemnity.Reviews) {
			add(string(r.ID), r.Protocol, officeReviewTag(f, r.State), indemnityReview(f, r))
		}
	}
	return oversight.FileActs(page), nil
}

// contributionReview is a request as an auditor reads it.
func contributionReview(f ui.Frame, r voucher.ReviewCase) []ui.Entry {
	facts := reviewRequestData(f, r)
	if r.Mandate == "" {
		facts = askedAs(f, facts, "files.review.self")
	}
	facts = append(facts, reviewTerms(f, r.DecideBy, r.SetAside.String())...)
	if r.Proposal != "" {
		facts = append(facts, reviewProposalData(f, r)...)
	}
	for _, n := range r.Returned {
		facts = append(facts, reviewReturned(f, n.Name, ui.Moment(n.At)))
	}
	return facts
}

// indemnityReview is the same of the indemnity.
func indemnityReview(f ui.Frame, r indemnity.ReviewCase) []ui.Entry {
	facts := officeReviewFacts(f, r)
	switch {
	case r.Mandate != "":
	case r.AskedBy == r.File.Member.ID:
		facts = askedAs(f, facts, "files.review.self")
	default:
		facts = askedAs(f, facts, "files.review.heir")
	}
	facts = append(append(facts, reviewedOutcome(f, r)...), reviewTerms(f, r.DecideBy, r.SetAside.String())...)
	if r.Proposal != "" {
		facts = append(facts, officeReviewProposal(f, r)...)
	}
	switch {
	case r.CarriedOutBy != "":
		facts = append(facts, ui.Entry{Name: f.T("review.office.ranking"), Value: f.T("review.office.carried_out"), Note: f.T("files.review.publication", "Number", r.Publication)})
	case r.State == indemnity.ReviewGranted && !r.Reopens:
		facts = append(facts, ui.Entry{Name: f.T("review.office.ranking"), Value: f.T("review.office.carried_out.not")})
	}
	for _, n := range r.Returned {
		facts = append(facts, reviewReturned(f, n.Name, ui.Moment(n.At)))
	}
	if !r.WithdrawnAt.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("casereview.event.withdrawn"), Value: ui.Moment(r.WithdrawnAt)})
	}
	return facts
}

// askedAs says as what somebody asked, beside their initials.
func askedAs(f ui.Frame, facts []ui.Entry, how string) []ui.Entry {
	for i := range facts {
		if facts[i].Name == f.T("review.office.asker") {
			facts[i].Note = f.T(how)
		}
	}
	return facts
}

func reviewTerms(f ui.Frame, last calendar.Date, kept string) []ui.Entry {
	return []ui.Entry{{Name: f.T("review.office.term"), Value: ui.Day(last)}, {Name: f.T("review.office.set_aside"), Value: kept}}
}

func reviewReturned(f ui.Frame, name, at string) ui.Entry {
	return ui.Entry{Name: f.T("files.review.returned"), Value: name, Note: at, Proper: true}
}

// reviewPapersFact is how many papers came with a request, with the way to their list.
func reviewPapersFact(f ui.Frame, file auditor.File, id string) ui.Entry {
	n := 0
	for _, d := range file.Papers {
		if d.With == id {
			n++
		}
	}
	e := ui.Entry{Name: f.T("review.office.papers"), Value: strconv.Itoa(n)}
	if n > 0 {
		e.Action = &ui.Link{Text: f.T("files.review.papers.see"), URL: auditFilePath(file.ID) + "/documenti"}
	}
	return e
}

// reviewPapers lists the papers of requests for re-examination: none is shown.
func reviewPapers(f ui.Frame, file auditor.File) oversight.ReviewPapersPage {
	page := oversight.ReviewPapersPage{Frame: f, Alone: file.Programme == identity.VoucherOnly}
	with := map[string]string{}
	if c := file.Contribution; c != nil {
		for _, r := range c.Reviews {
			with[string(r.ID)] = r.Protocol
		}
	} else {
		for _, r := range file.Indemnity.Reviews {
			with[string(r.ID)] = r.Protocol
		}
	}
	for _, d := range file.Papers {
		row := oversight.ReviewPaper{With: with[d.With], Name: d.Name, Size: fileSize(f, d.Size), Digest: d.Digest, At: ui.ShortMoment(d.At), Erased: f.T("files.papers.kept")}
		if !d.Erased.IsZero() {
			row.Erased = ui.ShortMoment(d.Erased)
		}
		page.Rows = append(page.Rows, row)
	}
	return page
}

// sessionsPaid is what was paid for the sessions of an application to the contribution.
func sessionsPaid(f ui.Frame, m auditor.Money) oversight.SessionsPaidPage {
	page := oversight.SessionsPaidPage{Frame: f, Facts: []ui.Entry{{Name: f.T("files.paid.sum"), Value: m.Sum().String()}}}
	for _, s := range m.Paid {
		row := oversight.PaidRow{Run: strconv.Itoa(s.Run), Day: s.Day, Amount: s.Amount.String(), State: f.T("inps.sessions.payment.state." + string(s.State)),
			Reference: s.Reference}
		if !s.ValueDay.IsZero() {
			row.Value = ui.ShortDay(s.ValueDay)
		}
		page.Rows = append(page.Rows, row)
	}
	for _, r := range m.Recoveries {
		page.Recoveries = append(page.Recoveries, ui.Entry{Name: f.T("files.recovery", "Report", r.Report), Value: r.Amount.String(),
			Note: f.T("files.recovery.of", "Day", ui.OfDay(r.Day), "Decided", ui.OfDay(calendar.On(r.Decided)))})
	}
	return page
}
