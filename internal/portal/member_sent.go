package portal

import (
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/paper"
	"portal/internal/rating"
	"portal/web/member"
	"portal/web/ui"
)

// sentPath is where somebody is led who sent an application; memberReceiptPath its receipt.
func sentPath(id indemnity.CaseID) string { return memberCasePath(id) + "/inviata" }

func memberReceiptPath(id indemnity.CaseID) string { return memberCasePath(id) + "/ricevuta" }

// memberFile is the case in the address, for who may open it. A draft has none yet: it
// leads to its task list, and then the answer is gone.
func (p *Portal) memberFile(w http.ResponseWriter, r *http.Request) (c indemnity.CaseFile, gone bool, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return c, false, err
	}
	c, err = p.Applications.CaseFile(r.Context(), actor(r), indemnity.CaseID(id))
	if err == nil {
		return c, false, nil
	}
	if d, missing := p.Drafts.Draft(r.Context(), actor(r), indemnity.CaseID(id)); missing == nil && d.SentAt.IsZero() {
		return c, true, goTo(w, r, tasksPath(d.ID), nil)
	}
	return c, false, err
}

// memberSent answers who sent an application, at once and whenever they come back (M-14).
func (p *Portal) memberSent(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberFrame(r, "member.sent.title")
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.Title})
	pdf, err := p.receiptLink(c)
	if err != nil {
		return err
	}
	page := member.SentPage{Frame: f, Protocol: c.Protocol, At: c.SubmittedAt, AtText: withSeconds(c.SubmittedAt), Next: caseNext(f, c),
		Links: []ui.Link{pdf, {Text: f.T("member.sent.receipt"), URL: memberReceiptPath(c.ID)},
			{Text: f.T("member.sent.case"), URL: memberCasePath(c.ID)}},
		Help: []ui.Link{{Text: f.T("member.late.write"), URL: "/assistenza"}}}
	if c.OwnedByMember() {
		email, err := p.People.Email(r.Context(), actor(r).Person)
		if err != nil {
			return err
		}
		if email != "" {
			page.Mailed = f.T("member.sent.mailed", "Email", email)
		}
	}
	if c.Reader(actor(r)) == indemnity.ItsMember && mayRate(c) {
		page.Rating = asksRating(f, rating.IndemnitySent)
	}
	if q.Get("gia") != "" {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Working, Title: f.T("member.sent.again"),
			Text: []string{f.T("member.sent.again.text", "At", ui.OnMoment(c.SubmittedAt), "Protocol", c.Protocol)}})
	}
	return p.show(w, r, member.Sent(page))
}

// caseNext is what happens to an application from now on, with the dates that the office
// expects.
func caseNext(f ui.Frame, c indemnity.CaseFile) []member.NextStep {
	rules, expected := &c.Rules, c.Rules.Expected.Is
	return []member.NextStep{
		{When: f.T("member.sent.next.from", "On", ui.OfDay(calendar.On(c.SubmittedAt))), Text: f.T("member.sent.next.review")},
		{When: f.T("member.sent.next.if"), Text: f.T("member.sent.next.asked", "Days", rules.SupplementDays.Is)},
		{When: expectedOn(f, expected.Ranking, calendar.On(c.SubmittedAt)), Text: f.T("member.sent.next.ranking")},
		{When: expectedOn(f, expected.Payment, calendar.On(c.SubmittedAt)), Text: f.T("member.sent.next.payment")},
	}
}

// expectedOn is a date that the office expects on a day, or expected, or that it has not
// said one.
func expectedOn(f ui.Frame, d, on calendar.Date) string {
	switch {
	case d.IsZero():
		return f.T("member.expected.none")
	case d.Before(on):
		return f.T("member.expected.over", "On", ui.OnDay(d))
	}
	return f.T("member.expected", "On", ui.OnDay(d))
}

// memberReceipt is the receipt of an application as a page (M-15).
func (p *Portal) memberReceipt(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberFrame(r, "member.receipt.title")
	f.Caption = f.T("member.case.protocol", "Protocol", c.Protocol)
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.Title})
	pdf, err := p.receiptLink(c)
	if err != nil {
		return err
	}
	return p.show(w, r, member.Receipt(member.ReceiptPage{Frame: f, Lead: f.T("member.receipt.lead", "At", ui.OnMoment(c.SubmittedAt)+c.SubmittedAt.In(calendar.Rome).Format(":05"), "Protocol", c.Protocol),
		PDF: pdf, Case: ui.Link{Text: f.T("member.sent.case"), URL: memberCasePath(c.ID)},
		Parts: receiptParts(f, c), Check: checkFacts(f, c), Verify: ui.Link{Text: f.T("verify.link"), URL: verifyPath}}))
}

// receiptParts are what was received: who sent it when, every answer, every file with
// its fingerprint, every declaration.
func receiptParts(f ui.Frame, c indemnity.CaseFile) []member.ReviewPart {
	head := member.ReviewPart{Title: f.T("member.receipt.given"), Entries: []ui.Entry{
		{Name: f.T("member.case.protocol.name"), Value: c.Protocol, Proper: true},
		{Name: f.T("member.receipt.at"), Value: withSeconds(c.SubmittedAt)},
		{Name: f.T("member.receipt.member"), Value: c.Member.Name(), Proper: true},
		{Name: f.T("member.cases.call"), Value: ui.Month(c.Call.Month().From)},
		{Name: f.T("member.receipt.term"), Value: ui.DayEnd(c.TermEndedOn)},
	}}
	var sent []indemnity.Paper
	for _, paper := range c.Papers {
		if paper.Request == "" && !paper.SentAt.IsZero() {
			sent = append(sent, paper)
		}
	}
	parts := answerParts(f, c.Answers, sent)
	for i := range parts {
		for j, paper := range sentIn(parts[i], sent) {
			parts[i].Files[j].Facts = append(parts[i].Files[j].Facts, f.T("member.receipt.digest", "Digest", digestText(paper.Digest)))
		}
	}
	withhold(f, c, parts)
	made := &parts[len(parts)-1]
	for _, d := range c.Declarations {
		made.Made = append(made.Made, f.T("member.receipt.declared", "Text", d.Text, "Version", d.Version, "At", ui.OnMoment(d.At)))
	}
	return append([]member.ReviewPart{head}, parts...)
}

// withhold leaves out of the receipt of an heir what is not theirs to know: the addresses
// of files that they did not bring and, where they stepped in, the account of who died and
// the value of the ISEE. That these were given stays.
func withhold(f ui.Frame, c indemnity.CaseFile, parts []member.ReviewPart) {
	if c.As == "" {
		return
	}
	var secret []string
	if c.Withheld() {
		secret = []string{f.T("member.isee.value"), f.T("member.contacts.iban"), f.T("member.contacts.holder")}
	}
	for _, part := range parts {
		for i, e := range part.Entries {
			if e.Value != "" && slices.Contains(secret, e.Name) {
				part.Entries[i].Value, part.Entries[i].Proper = f.T("heirs.withheld"), false
			}
		}
		for i := range part.Files {
			part.Files[i].URL = ""
		}
	}
}

// sentIn are the papers of the files of a part, in their order.
func sentIn(part member.ReviewPart, papers []indemnity.Paper) (in []indemnity.Paper) {
	for _, file := range part.Files {
		for _, paper := range papers {
			if string(paper.ID) == file.ID {
				in = append(in, paper)
			}
		}
	}
	return in
}

// checkFacts are how a true receipt is told from another.
func checkFacts(f ui.Frame, c indemnity.CaseFile) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("member.case.protocol.name"), Value: c.Protocol, Proper: true},
		{Name: f.T("verify.code"), Value: inFours(c.CheckCode), Proper: true},
		{Name: f.T("member.receipt.seal"), Value: digestText(c.Digest), Proper: true},
	}
}

// inFours is a code in groups of four, as people read it.
func inFours(code string) string {
	groups := ""
	for i := 0; i < len(code); i += 4 {
		if i > 0 {
			groups += " "
		}
		groups += code[i:min(i+4, len(code))]
	}
	return groups
}

// memberReceiptPDF sends the receipt as an act to keep.
func (p *Portal) memberReceiptPDF(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	return sendAct(w, p.receiptAct(c), "ricevuta-"+c.Protocol)
}

// receiptLink leads to the receipt as an act to keep.
func (p *Portal) receiptLink(c indemnity.CaseFile) (ui.Link, error) {
	f := ui.Frame{}
	return actLink(f, f.T("member.sent.pdf"), memberReceiptPath(c.ID)+".pdf", p.receiptAct(c))
}

// receiptAct is the receipt in impersonal words.
func (p *Portal) receiptAct(c indemnity.CaseFile) paper.Act {
	f := ui.Frame{}
	act := paper.Act{
		Body: f.T("paper.enpap"), Title: f.T("paper.receipt.title"), At: c.SubmittedAt,
		Lead: f.T("paper.indemnity.lead", "At", ui.OnMoment(c.SubmittedAt), "Seconds", c.SubmittedAt.In(calendar.Rome).Format("05"), "Protocol", c.Protocol),
		Foot: f.T("paper.indemnity.foot", "Protocol", c.Protocol, "Code", inFours(c.CheckCode)),
	}
	for _, part := range receiptParts(f, c) {
		chapter := paper.Part{Heading: part.Title, Text: part.Made}
		for _, e := range part.Entries {
			if e.Value == "" {
				e.Value = f.T("ui.data.missing")
			}
			chapter.Lines = append(chapter.Lines, paper.Line{Name: e.Name, Value: e.Value})
		}
		for _, file := range part.Files {
			line := paper.Line{Name: file.Kind, Value: file.Name}
			for _, fact := range file.Facts {
				line.Value += "\n" + fact
			}
			chapter.Lines = append(chapter.Lines, line)
		}
		act.Parts = append(act.Parts, chapter)
	}
	check := paper.Part{Heading: f.T("member.receipt.check"), Text: []string{f.T("paper.indemnity.check", "Address", p.URL+verifyPath)}}
	for _, e := range checkFacts(f, c) {
		check.Lines = append(check.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	act.Parts = append(act.Parts, check)
	return act
}
