package portal

import (
	"errors"
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// casePlaceTab is the end of the address of the place of a case in the ranking.
const casePlaceTab = "/graduatoria"

// placeLink leads to the place of a case once there is one.
func placeLink(f ui.Frame, c indemnity.CaseFile) *ui.Link {
	if c.State != indemnity.Funded && c.State != indemnity.Unfunded {
		return nil
	}
	return &ui.Link{Text: f.T("place.link"), URL: memberCasePath(c.ID) + casePlaceTab}
}

// rankedOn tells the day on which the place of a case was published, on the step that
// stands for the ranking.
func (p *Portal) rankedOn(r *http.Request, c indemnity.CaseFile, steps []ui.WayStep, stages []indemnity.Stage) error {
	if placeLink(ui.Frame{}, c) == nil {
		return nil
	}
	place, err := p.CallRankings.OwnPlace(r.Context(), actor(r), c.ID)
	if errors.Is(err, fault.ErrNotFound) {
		return nil // of before there were publications
	}
	for i, s := range stages {
		if s.Name == indemnity.StageRanking {
			steps[i].When = ui.Day(calendar.On(place.PublishedAt))
		}
	}
	return err
}

// memberPlace is the place of an application in the published ranking, with each point, the
// article that gives it and where its datum comes from (F1).
func (p *Portal) memberPlace(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	place, err := p.CallRankings.OwnPlace(r.Context(), actor(r), c.ID)
	if errors.Is(err, fault.ErrNotFound) {
		return goTo(w, r, memberCasePath(c.ID), nil)
	}
	if err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, casePlaceTab)
	page := member.PlacePage{Frame: f, Case: p.memberCaseTop(f, c, casePlaceTab), Tone: ui.Closed,
		Facts: []ui.Entry{
			{Name: f.T("place.published"), Value: f.T("rank.publication", "Number", place.Publication, "Of", ui.OfDay(calendar.On(place.PublishedAt)))},
			{Name: f.T("calc.step.score"), Value: f.T("places.points", "Count", place.Score.Total())},
			{Name: f.T("place.last"), Value: f.T("rank.last.none")},
			{Name: f.T("calc.step.funded_gross"), Value: place.FundedGross.String()},
			{Name: f.T("calc.step.payable"), Value: place.Payable.String()},
			{Name: f.T("rank.code"), Value: place.Code, Proper: true, Note: f.T("place.code.note")},
		},
		Groups: placeGroups(f, c, place.Steps), Public: ui.Link{Text: f.T("place.public"), URL: publicRankingPath(place.Call)},
		Question: ui.Link{Text: f.T("outcome.write"), URL: memberCasePath(c.ID) + caseMessagesTab}}
	page.Case.NextLink = nil
	if place.LastRank > 0 {
		page.Facts[2].Value = f.T("rank.last.text", "Rank", grouped(place.LastRank), "Count", place.LastPoints)
	}
	if place.Rank == 0 { // its ranking says that it is not ranked
		return goTo(w, r, memberCasePath(c.ID), nil)
	}
	page.Title = f.T("place.rank", "Rank", grouped(place.Rank), "Places", grouped(place.Places))
	switch place.Funding {
	case indemnity.FundedWhole:
		page.Tone, page.Text, page.Next = ui.Success, []string{f.T("place.funded")}, p.paidNext(f, c)
	case indemnity.FundedPart:
		page.Tone, page.Text = ui.Action, []string{f.T("place.partial", "Amount", place.FundedGross, "Gross", place.Entitlement.Gross)}
		page.Next = p.paidNext(f, c)
	default:
		page.Text, page.Next = []string{f.T("place.unfunded")}, listed(f, "place.next.unfunded")
	}
	if last := c.ReviewBy(place.PublishedAt); !calendar.On(p.Now()).After(last) {
		page.Next = append(page.Next, f.T("place.next.review", "By", ui.ByDay(last)))
	}
	if page.Review, err = p.caseReviewLink(r, f, c); err != nil {
		return err
	}
	return p.show(w, r, member.Place(page))
}

// paidNext is what happens to an application that has money, by how far it is paid.
func (p *Portal) paidNext(f ui.Frame, c indemnity.CaseFile) []string {
	if standing := c.Standing(p.Now()); standing != indemnity.CaseStanding(indemnity.Funded) {
		return listed(f, "place.next."+string(standing))
	}
	return listed(f, "place.next.funded", "When", expectedSentence(f, "payment", c.Rules.Expected.Is.Payment, calendar.On(p.Now())))
}

// placeGroups are the lines behind a place. Who stepped in for who has died does not read
// what the ISEE of that household says.
func placeGroups(f ui.Frame, c indemnity.CaseFile, steps []indemnity.Step) []member.StepGroup {
	if c.Withheld() {
		steps = slices.Clone(steps)
		for i, s := range steps {
			steps[i].Inputs = slices.DeleteFunc(slices.Clone(s.Inputs), func(in indemnity.Input) bool { return in.Name == "isee" })
		}
	}
	groups := reckoned(f, c, steps, true)
	slices.Reverse(groups) // points first: they make the place
	return groups
}
