package portal

import (
	"net/http"
	"strings"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/paper"
	"portal/web/heir"
	"portal/web/member"
	"portal/web/ui"
)

// caseOutcomePart is the end of the address of how a case ended, for who applied and for
// who examines.
const caseOutcomePart = "/esito"

func memberOutcomePath(id indemnity.CaseID) string { return memberCasePath(id) + caseOutcomePart }

// decidedLetter is the letter of a decision, or of one that is to be proposed.
func decidedLetter(f ui.Frame, c indemnity.CaseFile, d indemnity.Decision) heir.Decided {
	l := heir.Decided{
		Lead:   f.T("outcome.lead", "Protocol", c.Protocol, "On", ui.OnDay(calendar.On(c.Arrived())), "Month", ui.Month(c.Call.Month().From)),
		Ending: f.T("outcome.ending." + string(d.To)),
	}
	for _, code := range d.Codes {
		l.Grounds = append(l.Grounds, groundText(f, code))
	}
	for line := range strings.Lines(strings.ReplaceAll(d.Text, "\r", "")) {
		if line = strings.TrimSpace(line); line != "" {
			l.Text = append(l.Text, line)
		}
	}
	switch d.To {
	case indemnity.Suitable:
		l.Next = []string{f.T("outcome.next.suitable"), expectedSentence(f, "ranking", c.Rules.Expected.Is.Ranking, calendar.On(d.DecidedAt))}
		if c.LeftOut != nil && !calendar.On(d.DecidedAt).Before(c.LeftOut.On) {
			l.Next = []string{f.T("case.left_out", "On", ui.OnDay(c.LeftOut.On)) + ".", f.T("outcome.next.left_out")}
		}
	case indemnity.InReview:
		l.Next = []string{f.T("outcome.next.in_review")}
	case indemnity.Revoked:
		l.Next = revokedNext(f, c, d)
	case indemnity.Funded:
		l.Next = []string{f.T("outcome.next.funded")}
	default:
		l.Next = []string{f.T("outcome.next.review", "By", ui.ByDay(c.ReviewBy(d.DecidedAt))), f.T("outcome.next.refused")}
		if d.DecidedAt.IsZero() { // it is only to be proposed: nobody knows its day
			l.Next[0] = f.T("outcome.next.review.days", "Count", c.Rules.Terms().Reexamination(calendar.Date{}).Days)
		}
	}
	return l
}

// groundText is why a case ends as it does, with the article of the call that says so.
func groundText(f ui.Frame, code indemnity.Code) string {
	rule, article := code.Rule()
	return f.T("outcome.ground.of", "Ground", f.T("outcome.ground."+string(code)), "Article", article, "Rule", rule)
}

// outcomePart is how the examination of a case ended, nil before it has. What comes next is
// said by the letter only as long as nothing came: then the case itself says it.
func outcomePart(f ui.Frame, c indemnity.CaseFile) *member.OutcomePart {
	d := c.Decision()
	if d == nil {
		return nil
	}
	l := decidedLetter(f, c, *d)
	if c.State != d.To {
		l.Next = nil
	}
	return &member.OutcomePart{Tone: caseTones[indemnity.CaseStanding(d.To)], Title: l.Ending, Letter: l,
		Number: f.T("outcome.number", "Protocol", d.Protocol, "On", ui.OfDay(calendar.On(d.DecidedAt))),
		Whole:  ui.Link{Text: f.T("outcome.open"), URL: memberOutcomePath(c.ID)}}
}

// decisionRead notes that who applied has read the decision in force.
func (p *Portal) decisionRead(r *http.Request, c indemnity.CaseFile) error {
	d := c.Decision()
	if d == nil || !d.ReadAt.IsZero() {
		return nil
	}
	return p.Applications.ReadDecision(r.Context(), actor(r), c.ID, d.ID)
}

// memberDecision is the case in the address with the decision in force on it.
func (p *Portal) memberDecision(w http.ResponseWriter, r *http.Request) (c indemnity.CaseFile, d indemnity.Decision, gone bool, err error) {
	if c, gone, err = p.memberFile(w, r); gone || err != nil {
		return c, d, gone, err
	}
	made := c.Decision()
	if made == nil {
		return c, d, true, goTo(w, r, memberCasePath(c.ID), nil)
	}
	return c, *made, false, p.decisionRead(r, c)
}

// memberOutcome is the letter that says how an examination ended.
func (p *Portal) memberOutcome(w http.ResponseWriter, r *http.Request) error {
	c, d, gone, err := p.memberDecision(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberFrame(r, "outcome.letter.title", "Protocol", c.Protocol)
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.T("outcome.title")})
	pdf, err := actLink(f, f.T("outcome.pdf"), memberOutcomePath(c.ID)+".pdf", p.outcomeAct(c, d))
	if err != nil {
		return err
	}
	again, err := p.caseReviewLink(r, f, c)
	if err != nil {
		return err
	}
	page := member.OutcomePage{Frame: f, Review: again, Letter: decidedLetter(f, c, d), Facts: outcomeFacts(f, c, d), PDF: pdf,
		Case:   ui.Link{Text: f.T("outcome.case"), URL: memberCasePath(c.ID)},
		Write:  ui.Link{Text: f.T("outcome.write"), URL: memberCasePath(c.ID) + caseMessagesTab},
		Verify: ui.Link{Text: f.T("verify.link"), URL: verifyPath}}
	for _, before := range c.Told() {
		if before.ID != d.ID {
			page.Earlier = append(page.Earlier, f.T("outcome.earlier.of", "Protocol", before.Protocol, "On", ui.OfDay(calendar.On(before.DecidedAt)),
				"Ending", f.T("outcome.ending."+string(before.To))))
		}
	}
	return p.show(w, r, member.Outcome(page))
}

// outcomeFacts are the numbers of a letter, with how a true one is told from another.
func outcomeFacts(f ui.Frame, c indemnity.CaseFile, d indemnity.Decision) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("outcome.letter.number"), Value: d.Protocol, Proper: true},
		{Name: f.T("outcome.letter.on"), Value: ui.Day(calendar.On(d.DecidedAt))},
		{Name: f.T("outcome.letter.member"), Value: c.Member.Name(), Proper: true},
		{Name: f.T("verify.code"), Value: inFours(d.CheckCode), Proper: true},
	}
}

// memberOutcomePDF sends the letter as an act to keep.
func (p *Portal) memberOutcomePDF(w http.ResponseWriter, r *http.Request) error {
	c, d, gone, err := p.memberDecision(w, r)
	if gone || err != nil {
		return err
	}
	return sendAct(w, p.outcomeAct(c, d), "esito-"+d.Protocol)
}

// outcomeAct is the letter on paper.
func (p *Portal) outcomeAct(c indemnity.CaseFile, d indemnity.Decision) paper.Act {
	f := ui.Frame{}
	l := decidedLetter(f, c, d)
	act := paper.Act{Body: f.T("paper.enpap"), Title: f.T("outcome.letter.title", "Protocol", c.Protocol), At: d.DecidedAt, Lead: l.Lead,
		Foot: f.T("paper.indemnity.foot", "Protocol", d.Protocol, "Code", inFours(d.CheckCode))}
	ending := paper.Part{Heading: f.T("outcome.title"), Text: append([]string{l.Ending}, l.Grounds...)}
	ending.Text = append(ending.Text, l.Text...)
	check := paper.Part{Heading: f.T("member.receipt.check"), Text: []string{f.T("paper.indemnity.check", "Address", p.URL+verifyPath)}}
	for _, e := range outcomeFacts(f, c, d) {
		check.Lines = append(check.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	act.Parts = []paper.Part{ending, {Heading: f.T("outcome.next"), Text: l.Next}, check}
	return act
}
