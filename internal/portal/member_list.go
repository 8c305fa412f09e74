package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/public"
	"portal/web/ui"
)

// memberApplications is every draft and application of a member (M-01).
func (p *Portal) memberApplications(w http.ResponseWriter, r *http.Request) error {
	drafts, err := p.Drafts.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.memberFrame(r, "menu.applications")
	f.Path = nil
	page := member.CasesPage{Frame: f, Lead: f.T("member.cases.lead"), List: f.T("menu.applications"), None: f.T("member.cases.none"),
		New: ui.Link{Text: f.T("member.new"), URL: startPath}, Today: today}
	if l, _ := current(r); l.ForName != "" {
		page.Title = f.T("member.cases.of_whom", "Name", l.ForName)
		page.List, page.Lead = page.Title, f.T("member.cases.lead.of", "Name", l.ForName)
	}
	if d := indemnity.Urgent(drafts, p.Now()); d != nil {
		page.Deadline = &ui.DeadlineProps{What: f.T("member.term.what"), Last: d.Standing.Last(), Today: today, Rule: f.T("member.term.rule")}
	}
	for _, d := range drafts {
		page.Rows = append(page.Rows, draftRow(f, d))
	}
	cases, err := p.Applications.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	for _, c := range cases {
		page.Rows = append(page.Rows, p.memberCaseRow(f, c))
		if q := c.Urgent(p.Now()); q != nil && !q.DueOn.IsZero() && (page.Deadline == nil || q.DueOn.Before(page.Deadline.Last)) {
			page.Deadline = requestTerm(f, *q, today)
		}
	}
	return p.show(w, r, member.Cases(page))
}

// memberArea puts on the area of a member the drafts that can still be sent.
func (p *Portal) memberArea(r *http.Request, page *public.AreaPage) error {
	drafts, err := p.Drafts.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f, today, open := page.Frame, calendar.On(p.Now()), 0
	for _, d := range drafts {
		if d.Standing.When == indemnity.WhenLate {
			continue
		}
		open++
		if d.Standing.When == indemnity.WhenOpen {
			page.Tasks = append(page.Tasks, public.Task{Link: ui.Link{Text: f.T("area.task.indemnity.link"), URL: tasksPath(d.ID)},
				DeadlineProps: ui.DeadlineProps{What: f.T("area.task.indemnity"), Last: d.Standing.Last(), Today: today, Rule: f.T("member.term.rule")}})
		}
	}
	cases, err := p.Applications.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	for _, c := range cases {
		page.Tasks = append(page.Tasks, p.requestTasks(f, c)...)
	}
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.applications"), URL: indemnityPath, Text: []string{counted(f, "area.indemnity", open)}})
	return nil
}

// requestTasks is the request on a case that its reader has to answer first, if there is any.
// Its term has not begun before it reached them.
func (p *Portal) requestTasks(f ui.Frame, c indemnity.CaseFile) []public.Task {
	q := c.Urgent(p.Now())
	if q == nil {
		return nil
	}
	if _, toOther := otherHeir(c, *q); toOther {
		return nil
	}
	task := public.Task{Link: ui.Link{Text: f.T("case.next.answer"), URL: requestPath(c.ID, q.ID)}, DeadlineProps: *requestTerm(f, *q, calendar.On(p.Now()))}
	if q.DueOn.IsZero() {
		task.DeadlineProps = ui.DeadlineProps{What: f.T("area.task.request")}
	}
	return []public.Task{task}
}

// draftRow is a draft among the applications.
func draftRow(f ui.Frame, d indemnity.Pending) member.CaseRow {
	s := d.Standing
	row := member.CaseRow{ID: string(d.ID), Period: periodText(f, d.Answers), Call: f.T("member.cases.no_call"),
		State: ui.Tag{Tone: ui.Closed, Text: f.T("member.cases.draft")},
		Next:  []string{f.T("member.cases.saved", "On", ui.OnDay(calendar.On(d.SavedAt)))}}
	if s.Own {
		row.Call = ui.Month(s.Call.Rules.Window.Is.To)
	}
	row.Action = ui.Link{Text: f.T("member.cases.resume"), URL: tasksPath(d.ID)}
	drop := ui.Link{Text: f.T("member.drop"), URL: memberCasePath(d.ID) + "/elimina"}
	switch last := s.Last(); s.When {
	case indemnity.WhenUnknown:
		row.Next = append(row.Next, f.T("member.cases.unknown"))
	case indemnity.WhenEarly:
		row.Next = append(row.Next, f.T("member.term.early", "From", ui.FromDay(s.From), "Until", ui.UntilDay(last)))
	case indemnity.WhenOpen:
		row.Next = append(row.Next, f.T("member.cases.by", "By", ui.ByDay(last)))
	case indemnity.WhenLate:
		row.Next = append(row.Next, f.T("member.term.late", "On", ui.OnDay(last)))
		row.Action.Text, row.More = f.T("member.cases.see"), &drop
	}
	return row
}

// periodText is the days of an event: "dal 22 aprile al 31 maggio 2026".
func periodText(f ui.Frame, a indemnity.Answers) string {
	switch days := a.Period(); {
	case days.From.IsZero():
		return f.T("member.cases.no_period")
	case days.To.IsZero():
		return ui.FromDay(days.From)
	default:
		return ui.During(days)
	}
}
