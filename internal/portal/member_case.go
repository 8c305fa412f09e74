package portal

import (
	"net/http"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// The tabs of a case, by the last word of their address.
const (
	caseStateTab       = ""
	caseDocumentsTab   = "/documenti"
	caseRequestsTab    = "/richieste"
	caseCalculationTab = "/calcolo"
	caseMessagesTab    = "/messaggi"
)

// caseTones are the colours of the words of a case.
var caseTones = map[indemnity.CaseStanding]ui.Tone{
	indemnity.CaseStanding(indemnity.Submitted): ui.Working, indemnity.CaseStanding(indemnity.InReview): ui.Working,
	indemnity.SupplementAsked: ui.Action, indemnity.RegularisationAsked: ui.Action, indemnity.TermOver: ui.Danger, indemnity.AnswerReceived: ui.Working,
	indemnity.BeingPaid: ui.Working, indemnity.PaidWhole: ui.Success, indemnity.PaymentBack: ui.Action,
	indemnity.CaseStanding(indemnity.Suitable): ui.Success, indemnity.CaseStanding(indemnity.Funded): ui.Success, indemnity.CaseStanding(indemnity.Unfunded): ui.Closed,
	indemnity.CaseStanding(indemnity.OutcomeInadmissible): ui.Danger, indemnity.CaseStanding(indemnity.OutcomeNotEligible): ui.Danger,
	indemnity.CaseStanding(indemnity.OutcomeForfeited): ui.Danger, indemnity.CaseStanding(indemnity.Revoked): ui.Danger,
	indemnity.CaseStanding(indemnity.WithdrawnByMember): ui.Closed,
}

// caseTag is the word of a case today.
func (p *Portal) caseTag(f ui.Frame, c indemnity.CaseFile) ui.Tag {
	standing := c.Standing(p.Now())
	return ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))}
}

// memberCaseFrame is the frame of a page of a case. Heirs read whose it was.
func (p *Portal) memberCaseFrame(r *http.Request, c indemnity.CaseFile, tab string) ui.Frame {
	f := p.memberFrame(r, "member.case.title", "Protocol", c.Protocol)
	f.HeadTitle = f.Title
	tag := p.caseTag(f, c)
	f.Badge = &tag
	if c.Reader(actor(r)) == indemnity.ItsHeir {
		f.Caption, f.Title = f.Title, f.T("member.case.title.heirs", "Name", c.Member.Name())
	}
	if tab != caseStateTab {
		f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.T("member.case.tab." + tabWord(tab))})
	} else {
		f.Path = append(f.Path, ui.Crumb{Text: c.Protocol})
	}
	return f
}

// tabWord names a tab in the catalogue.
func tabWord(tab string) string {
	if tab == caseStateTab {
		return "stato"
	}
	return tab[1:]
}

// memberCaseTop is how the case stands, whose move is next, and the tabs.
func (p *Portal) memberCaseTop(f ui.Frame, c indemnity.CaseFile, tab string) member.Case {
	standing, now := c.Standing(p.Now()), p.Now()
	expected := c.Rules.Expected.Is
	top := member.Case{Sentence: f.T("case.sentence."+string(standing), "On", ui.OnDay(calendar.On(c.SubmittedAt)), "Withdrawn", ui.OnDay(calendar.On(c.WithdrawnAt)))}
	q := c.Urgent(now)
	var other indemnity.Heir
	toOther := false
	if q != nil {
		other, toOther = otherHeir(c, *q)
	}
	switch {
	case toOther:
		top.Turn, top.Next = f.T("heirs.turn.other", "Name", other.Person.Name()), f.T("heirs.turn.other.text")
	case q != nil:
		top.Turn, top.Next = f.T("case.turn.you"), f.T("case.next."+string(standing))
		top.NextLink = &ui.Link{Text: f.T("case.next.answer"), URL: requestPath(c.ID, q.ID)}
		if !q.DueOn.IsZero() {
			top.Deadline = requestTerm(f, *q, calendar.On(now))
		}
	case c.LeftOut != nil && c.State == indemnity.Suitable:
		top.Turn, top.Next = f.T("case.turn.enpap"), f.T("case.next.left_out")
	case c.LeftOut != nil:
		top.Turn, top.Next = f.T("case.turn.enpap"), f.T("case.next."+string(standing), "When", f.T("case.left_out.then"))
	case c.State == indemnity.Submitted || c.State == indemnity.InReview || c.State == indemnity.Suitable:
		top.Turn, top.Next = f.T("case.turn.enpap"), f.T("case.next."+string(standing), "When", expectedSentence(f, "ranking", expected.Ranking, calendar.On(now)))
	case standing == indemnity.PaidWhole:
		top.NextLink = placeLink(f, c)
	case standing == indemnity.PaymentBack:
		top.Turn, top.Next = f.T("case.turn.enpap"), f.T("case.next."+string(standing))
		top.NextLink = &ui.Link{Text: f.T("case.payment"), URL: memberPaymentPath(c.ID)}
	case c.State == indemnity.Funded || c.State == indemnity.Unfunded:
		top.NextLink = placeLink(f, c)
		top.Turn, top.Next = f.T("case.turn.enpap"), f.T("case.next."+string(standing), "When", expectedSentence(f, "payment", expected.Payment, calendar.On(now)))
	}
	tabs := []string{caseStateTab, caseDocumentsTab, caseRequestsTab, caseCalculationTab, caseMessagesTab}
	if c.State == indemnity.Funded || c.Paying.Ordered > 0 {
		tabs = slices.Insert(tabs, 4, casePaymentTab)
	}
	for _, t := range tabs {
		top.Tabs = append(top.Tabs, ui.Tab{Text: f.T("member.case.tab." + tabWord(t)), URL: memberCasePath(c.ID) + t, Current: t == tab})
	}
	return top
}

// expectedSentence says on a day when the office expects to be ready with something; that
// it expected to be and is not; or that it has not said.
func expectedSentence(f ui.Frame, what string, d, on calendar.Date) string {
	switch {
	case d.IsZero():
		return f.T("case.expected." + what + ".none")
	case d.Before(on):
		return f.T("case.expected."+what+".over", "On", ui.OnDay(d))
	}
	return f.T("case.expected."+what, "On", ui.OnDay(d))
}

// leftOutNote says that the ranking came out without a case, why, and what comes of it now.
func leftOutNote(f ui.Frame, c indemnity.CaseFile) member.Note {
	n := member.Note{Tone: ui.Action, Title: f.T("case.left_out", "On", ui.OnDay(c.LeftOut.On)), Text: []string{f.T("case.left_out.text")}}
	if c.LeftOut.Why != "" {
		n.Text = append(n.Text, f.T("case.left_out.why", "Why", c.LeftOut.Why))
	}
	if c.State == indemnity.Suitable {
		n.Text = append(n.Text, f.T("case.left_out.now"))
		return n
	}
	n.Text = append(n.Text, f.T("case.left_out.then"))
	return n
}

// requestTerm is the term of a request.
func requestTerm(f ui.Frame, q indemnity.Request, today calendar.Date) *ui.DeadlineProps {
	return &ui.DeadlineProps{What: f.T("requests.term"), Last: q.DueOn, Today: today, Rule: f.T("requests.term.rule")}
}

// memberCase is how an application stands (M-16).
func (p *Portal) memberCase(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	if err := p.decisionRead(r, c); err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, caseStateTab)
	page := member.StatePage{Frame: f, Case: p.memberCaseTop(f, c, caseStateTab), Outcome: outcomePart(f, c), Owed: p.memberRecovery(f, c, actor(r)), Facts: memberCaseFacts(f, c),
		Printed: f.T("member.case.printed", "Protocol", c.Protocol, "At", ui.Moment(p.Now()))}
	stages := c.Stages(p.Now())
	for i, s := range stages {
		page.Steps = append(page.Steps, wayStep(f, s, "termine-"+strconv.Itoa(i+1), calendar.On(p.Now())))
	}
	if err := p.rankedOn(r, c, page.Steps, stages); err != nil {
		return err
	}
	reviews, err := p.caseReviewSteps(r, f, c)
	if err != nil {
		return err
	}
	page.Steps = append(page.Steps, reviews...)
	if c.Reader(actor(r)) == indemnity.ItsHeir {
		page.Shares, page.Notes = p.heirBoard(f, c)
	}
	if c.LeftOut != nil {
		page.Notes = append(page.Notes, leftOutNote(f, c))
	}
	page.Links = append(page.Links, ui.Link{Text: f.T("member.sent.receipt"), URL: memberReceiptPath(c.ID)})
	if actor(r).Mandate == "" && actor(r).Role == "member" {
		page.Links = append(page.Links, ui.Link{Text: f.T("member.case.feed"), URL: memberFeedPath})
	}
	again, err := p.caseReviewLink(r, f, c)
	if err != nil {
		return err
	}
	if again != nil {
		page.Links = append(page.Links, *again)
	}
	if c.MayWithdraw(actor(r)) == nil {
		page.Links = append(page.Links, ui.Link{Text: f.T("member.withdraw"), URL: memberCasePath(c.ID) + "/ritira"})
	}
	return p.show(w, r, member.State(page))
}

// memberCaseFacts are the numbers of an application.
func memberCaseFacts(f ui.Frame, c indemnity.CaseFile) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("member.case.protocol.name"), Value: c.Protocol, Proper: true},
		{Name: f.T("member.receipt.at"), Value: withSeconds(c.Arrived())},
		{Name: f.T("member.cases.call"), Value: ui.Month(c.Call.Month().From)},
		{Name: f.T("member.cases.period"), Value: periodText(f, c.Answers)},
	}
}

// memberDocuments is every paper of a case, with when the office opened it (M-17). An
// heir reads the files that they brought themselves.
func (p *Portal) memberDocuments(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	openings, err := p.Papers.Openings(r.Context(), c.ID)
	if err != nil {
		return err
	}
	f, who := p.memberCaseFrame(r, c, caseDocumentsTab), actor(r)
	page := member.DocumentsPage{Frame: f, Case: p.memberCaseTop(f, c, caseDocumentsTab), None: f.T("member.documents.none"), Only: f.T("member.documents.only")}
	for _, paper := range c.Papers {
		if paper.SentAt.IsZero() {
			continue // it stands with the answer that is being written
		}
		row := member.DocumentRow{ID: string(paper.ID), Kind: caseKind(f, paper.Kind), Name: paper.Name, Size: fileKind(f, paper.Type, paper.Size),
			Sent: ui.ShortMoment(paper.SentAt)}
		if paper.Kind.Medical() {
			row.Days = daysText(f, paper.Covers)
		}
		if !paper.Erased && (c.Reader(who) == indemnity.ItsMember || paper.AddedBy == who.Person) {
			row.URL = paperFilePath(paper)
		}
		for _, o := range openings {
			if o.Paper == paper.ID {
				words := "member.documents.opened.on"
				if o.Audit {
					words = "member.documents.audited.on"
				}
				row.Opened = append(row.Opened, f.T(words, "On", ui.OnMoment(o.At)))
			}
		}
		if slices.ContainsFunc(c.Papers, func(other indemnity.Paper) bool { return other.Replaces == paper.ID && !other.SentAt.IsZero() }) {
			row.Kind = f.T("member.documents.replaced", "Kind", row.Kind)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, member.Documents(page))
}

// memberCaseRow is an application among drafts and applications.
func (p *Portal) memberCaseRow(f ui.Frame, c indemnity.CaseFile) member.CaseRow {
	top := p.memberCaseTop(f, c, caseStateTab)
	row := member.CaseRow{ID: string(c.ID), Period: periodText(f, c.Answers), Call: ui.Month(c.Call.Month().From), Protocol: c.Protocol, State: p.caseTag(f, c),
		Action: ui.Link{Text: f.T("case.see"), URL: memberCasePath(c.ID)}}
	if top.Next != "" {
		row.Next = []string{top.Turn + " " + top.Next}
	}
	if q := c.Urgent(p.Now()); q != nil {
		row.Action = ui.Link{Text: f.T("requests.answer"), URL: requestPath(c.ID, q.ID)}
		row.More = &ui.Link{Text: f.T("case.see"), URL: memberCasePath(c.ID)}
		if !q.DueOn.IsZero() {
			row.Next = []string{f.T("case.answer_by", "By", ui.ByDay(q.DueOn))}
		}
	}
	return row
}
