package portal

import (
	"net/http"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const welfareNextPath = welfareCasesPath + "/prossima"

// opensCases tells whether who asks may open the cases of the welfare service.
func opensCases(r *http.Request) bool {
	return actor(r).Must(identity.Welfare, identity.Prepare, identity.Approve) == nil
}

// welfareWork is where an officer begins: how much lies on each shelf, what waits for a
// second person or for their duty, and their own cases (W-01). The head of the office, who
// publishes, sees how the open cases lie among the officers.
func (p *Portal) welfareWork(w http.ResponseWriter, r *http.Request) error {
	f := p.welfareFrame(r, ui.Frame{}.T("inps.desk.work"))
	f.Path = fromArea(f, ui.Crumb{Text: f.Title})
	page := welfare.WorkPage{Frame: f}
	waiting, err := p.Work.Waiting(r.Context(), actor(r))
	if err != nil {
		return err
	}
	page.Parts = partCounters(f, waiting)
	if actor(r).Has(identity.Publish) {
		if page.Load, err = p.officerLoads(r, f); err != nil {
			return err
		}
	}
	if opensWelfare(actor(r), welfareCasesPath) {
		if err := p.beginCases(r, f, &page); err != nil {
			return err
		}
	}
	return p.show(w, r, welfare.Work(page))
}

// beginCases fills the page with the shelves and the cases of an officer.
func (p *Portal) beginCases(r *http.Request, f ui.Frame, page *welfare.WorkPage) error {
	counts, own, err := p.Work.Begin(r.Context(), actor(r))
	if err != nil {
		return err
	}
	waiting, err := p.Heirs.ToConfirm(r.Context())
	if err != nil {
		return err
	}
	views, err := p.Views.Of(r.Context(), actor(r))
	if err != nil {
		return err
	}
	page.Parts = slices.DeleteFunc(page.Parts, func(c welfare.WorkCounter) bool { return c.URL == approvalsPath }) // it is a shelf
	page.Counters, page.ListURL, page.TermsURL = shelfCounters(f, counts, opensCases(r)), wholeList, termsPath
	page.Views, page.ViewsURL, page.Count = viewLinks(views), viewsPath, f.T("work.own.count", "Count", len(own))
	if actor(r).Has(identity.Prepare) {
		page.RegisterURL = registerPath
		page.Next = &ui.FormProps{Action: welfareNextPath, Key: once.NewKey()}
	}
	for _, x := range waiting {
		page.Waiting = append(page.Waiting, welfare.WaitingRow{ID: x.ID, Title: f.T("heirs.waiting.of", "Protocol", x.Protocol), URL: welfareCasePath(x.Case),
			When: ui.ShortMoment(x.ProposedAt), ByWhom: x.ProposedBy.Name()})
	}
	today := calendar.On(p.Now())
	for _, c := range own {
		standing := c.Standing(p.Now())
		row := welfare.OwnRow{ID: string(c.ID), Protocol: c.Protocol, Member: c.Member.Name(), Call: ui.Month(c.Call.Month().From),
			State:  ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))},
			Checks: f.T("work.checks", "Done", c.Checked, "All", c.Checks), Term: workTerm(f, firstTerm(c.CaseFile), today)}
		if opensCases(r) {
			row.URL = welfareCasePath(c.ID)
		}
		page.Rows = append(page.Rows, row)
	}
	return nil
}

// partPaths are where the parts of the work are done.
var partPaths = map[indemnity.WorkPart]string{
	indemnity.OutcomesPart: approvalsPath, indemnity.SuccessionsPart: welfarePath + "#subentri",
	indemnity.ReviewsPart: caseReviewsPath, indemnity.ReviewEndsPart: caseReviewsPath + "?stato=da-approvare",
	indemnity.ControlsPart: controlsPath, indemnity.SamplesPart: controlsPath, indemnity.WriteOffsPart: recoveriesPath,
	indemnity.ThreadsPart: welfareThreadsPath, indemnity.CallsPart: callsPath, indemnity.TextsPart: textsPath,
	indemnity.RankingsPart: callRankingsPath, indemnity.PublicationsPart: callRankingsPath,
	indemnity.AccountsPart: casePaymentsPath + "/conti", indemnity.RunsPart: casePaymentsPath, indemnity.SendingsPart: casePaymentsPath,
}

// partCounters are how much of each part of the work waits for the reader.
func partCounters(f ui.Frame, waiting []indemnity.WorkWaiting) (all []welfare.WorkCounter) {
	for _, x := range waiting {
		c := welfare.WorkCounter{Number: grouped(x.Count), Text: f.T("work.part." + string(x.Part)), URL: partPaths[x.Part], Tone: ui.Action}
		if x.Count == 0 {
			c.Tone = ui.Closed
		}
		all = append(all, c)
	}
	return all
}

// officerLoads are the open cases by officer and by age, with their sums.
func (p *Portal) officerLoads(r *http.Request, f ui.Frame) (rows []welfare.LoadRow, err error) {
	all, err := p.Work.Load(r.Context(), actor(r))
	if err != nil || len(all) == 0 {
		return nil, err
	}
	sum := indemnity.OfficerLoad{Officer: f.T("work.load.all")}
	for _, x := range all {
		for i, n := range x.Ages {
			sum.Ages[i] += n
		}
	}
	for _, x := range append(all, sum) {
		row := welfare.LoadRow{Officer: x.Officer}
		if row.Officer == "" {
			row.Officer = f.T("work.load.nobody")
		}
		for _, n := range x.Ages {
			row.Ages = append(row.Ages, grouped(n))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// firstTerm is the last day of the first term that an open request of a case has.
func firstTerm(c indemnity.CaseFile) (first calendar.Date) {
	for _, x := range c.Requests {
		if x.State == indemnity.Asked && !x.DueOn.IsZero() && (first.IsZero() || x.DueOn.Before(first)) {
			first = x.DueOn
		}
	}
	return first
}

// shelfCounters are how many cases lie on each shelf. What waits for approval leads to its
// queue who may see it.
func shelfCounters(f ui.Frame, n indemnity.WorkCounts, opens bool) []welfare.WorkCounter {
	count := func(n int, shelf indemnity.Shelf, tone ui.Tone) welfare.WorkCounter {
		c := welfare.WorkCounter{Number: grouped(n), Text: f.T("work.counter." + string(shelf)), Tone: tone}
		for _, s := range shelfSlugs {
			if s.is == shelf {
				c.URL = welfareCasesPath + "?termine=" + s.name
			}
		}
		if n == 0 {
			c.Tone = ui.Closed
		}
		return c
	}
	unassigned := welfare.WorkCounter{Number: grouped(n.Unassigned), Text: f.T("work.counter.unassigned"), URL: welfareCasesPath + "?operatore=a-nessuno", Tone: ui.Working}
	switch {
	case n.Unassigned == 0:
		unassigned.Tone = ui.Closed
	case n.Unassigned > indemnity.CountedAtMost:
		unassigned.Number = f.T("inps.desk.over", "Number", grouped(indemnity.CountedAtMost))
	}
	approval := count(n.Approval, indemnity.ShelfApproval, ui.Action)
	if opens {
		approval.URL = approvalsPath
	}
	return []welfare.WorkCounter{
		count(n.Late, indemnity.ShelfLate, ui.Danger), count(n.Today, indemnity.ShelfToday, ui.Action), count(n.Week, indemnity.ShelfWeek, ui.Action),
		count(n.Waits, indemnity.ShelfWaits, ui.Working), approval, unassigned,
	}
}

// workTerm is a term with how near it is.
func workTerm(f ui.Frame, due, today calendar.Date) welfare.WorkTerm {
	if due.IsZero() {
		return welfare.WorkTerm{}
	}
	t := welfare.WorkTerm{Day: ui.ShortDay(due)}
	switch left := today.Until(due); {
	case left < -1:
		t.Label = ui.Tag{Tone: ui.Danger, Text: f.T("work.term.over", "Count", -left)}
	case left == -1:
		t.Label = ui.Tag{Tone: ui.Danger, Text: f.T("work.term.yesterday")}
	case left == 0:
		t.Label = ui.Tag{Tone: ui.Action, Text: f.T("work.term.today")}
	case left == 1:
		t.Label = ui.Tag{Tone: ui.Action, Text: f.T("work.term.tomorrow")}
	case left <= indemnity.WeekDays:
		t.Label = ui.Tag{Tone: ui.Action, Text: f.T("work.term.in", "Count", left)}
	}
	return t
}

// welfareNext gives an officer the oldest case that is nobody’s, and opens it.
func (p *Portal) welfareNext(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.next", fields)
	if err != nil {
		return err
	}
	id, err := p.Work.Next(r.Context(), actor(r), sent)
	if err != nil {
		return err
	}
	var f ui.Frame
	if id == "" {
		return p.done(w, r, welfarePath, f.T("work.next.none"), f.T("work.next.none_text"))
	}
	return p.done(w, r, welfareCasePath(id), f.T("work.next.taken"), f.T("work.next.taken_text"))
}

// caseNote says what a case is beside its member’s.
func caseNote(f ui.Frame, row indemnity.WorkRow) string {
	switch {
	case row.Kind == indemnity.ByHeirs:
		return f.T("heirs.by_heirs")
	case row.Cause == indemnity.Cycles:
		return f.T("work.kind.serious")
	}
	return ""
}

// workRows are cases in a list.
func (p *Portal) workRows(r *http.Request, f ui.Frame, cases []indemnity.WorkRow) []welfare.WorklistRow {
	today, opens := calendar.On(p.Now()), opensCases(r)
	rows := make([]welfare.WorklistRow, len(cases))
	for i, c := range cases {
		standing := c.Standing(today)
		row := welfare.WorklistRow{ID: string(c.ID), Protocol: c.Protocol, Member: c.Member, Note: caseNote(f, c), Call: ui.Month(c.Call.Month().From),
			Received: ui.ShortMoment(c.SubmittedAt), State: ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))},
			Term: workTerm(f, c.DueOn, today), Officer: c.Officer}
		switch {
		case c.Proposed:
			row.Waits = f.T("work.waits_approval")
		case standing == indemnity.TermOver:
			row.Waits = f.T("request.next.forfeit")
		case c.Answered:
			row.Waits = f.T("request.next.judge")
		}
		if opens {
			row.URL = welfareCasePath(c.ID)
		}
		rows[i] = row
	}
	return rows
}

// countedCases says how many there are; of very many, that they are more than so many.
func countedCases(f ui.Frame, page indemnity.WorkPage) string {
	if page.More {
		return f.T("inps.desk.count_more", "Number", grouped(page.Count))
	}
	return f.T("inps.desk.count", "Count", page.Count, "Number", strconv.Itoa(page.Count))
}
