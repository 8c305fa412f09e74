package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareThreadsPath is what those who applied wrote to the office (W-20).
const welfareThreadsPath = welfarePath + "/messaggi"

func welfareThreadPath(of indemnity.CaseID, id indemnity.ThreadID) string {
	return welfareCasePath(of) + caseMessagesTab + "/" + string(id)
}

// welfareThreads lists the threads that are open, those that wait for an answer first.
func (p *Portal) welfareThreads(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	n, about := pageNumber(q), indemnity.Topic("")
	f := p.welfareFrame(r, ui.Frame{}.T("threads.office.title"))
	page := welfare.ThreadsPage{Frame: f, Filters: ui.FiltersProps{Label: f.T("threads.office.filter"), Action: welfareThreadsPath},
		Topic: ui.ChoiceProps{Name: "argomento", Legend: f.T("threads.topic"), Filter: true, Options: []ui.Option{{Label: f.T("threads.office.every")}}}}
	for _, t := range indemnity.Topics {
		page.Topic.Options = append(page.Topic.Options, ui.Option{Value: topicSlugs[t], Label: topicName(f, t)})
		if topicSlugs[t] == q.Get("argomento") {
			about = t
			page.Topic.Chosen, page.Filters.ClearURL = []string{topicSlugs[t]}, welfareThreadsPath
		}
	}
	lines, total, err := p.Threads.Incoming(r.Context(), actor(r), about, n, casesPerPage)
	if err != nil {
		return err
	}
	filters := url.Values{}
	if about != "" {
		filters.Set("argomento", topicSlugs[about])
	}
	page.Count = f.T("threads.office.count", "Count", total)
	page.Pages = listPages(f.T("threads.office.pages"), welfareThreadsPath, filters, n, total, casesPerPage)
	opens := actor(r).Must(identity.Welfare, identity.Prepare, identity.Approve) == nil
	for _, l := range lines {
		row := welfare.ThreadRow{ID: string(l.ID), Topic: topicName(f, l.Topic), Protocol: l.Protocol, Member: l.Member, Last: l.Last,
			State: ui.Tag{Tone: ui.Working, Text: f.T("threads.office.answered")}}
		if opens {
			row.URL = welfareThreadPath(l.Case, l.ID)
		}
		if l.Waits {
			row.State = ui.Tag{Tone: ui.Action, Text: f.T("threads.office.waits")}
		}
		if l.Unread {
			row.Unread = f.T("messages.unread")
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Threads(page))
}

// welfareCaseThreads lists the threads of a case.
func (p *Portal) welfareCaseThreads(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	c, threads, err := p.Threads.Case(r.Context(), actor(r), indemnity.CaseID(id))
	if err != nil {
		return err
	}
	claim, err := p.CaseDesk.Claim(r.Context(), c.ID)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, c, "")
	page := welfare.CaseThreadsPage{Frame: f, Top: p.caseTop(r, f, c, claim, caseMessagesTab), Back: ui.Link{Text: f.T("threads.office.back_case"), URL: welfareCasePath(c.ID)}}
	for _, t := range threads {
		row := welfare.ThreadRow{ID: string(t.ID), Topic: topicName(page.Frame, t.Topic), URL: welfareThreadPath(c.ID, t.ID), Last: t.Last(), State: threadTag(page.Frame, t)}
		if t.Waits() {
			row.State = ui.Tag{Tone: ui.Action, Text: page.T("threads.office.waits")}
		}
		if n := t.Unread(); n > 0 {
			row.Unread = page.T("threads.unread", "Count", n)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.CaseThreads(page))
}

// welfareThread is a thread, read by the office from then on.
func (p *Portal) welfareThread(w http.ResponseWriter, r *http.Request) error {
	return p.showWelfareThread(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

// threadOf are the case and the thread of the address, by name.
func threadOf(r *http.Request) (of indemnity.CaseID, id indemnity.ThreadID, err error) {
	theCase, err := idParam(r, "id")
	if err != nil {
		return "", "", err
	}
	thread, err := idParam(r, "conversazione")
	return indemnity.CaseID(theCase), indemnity.ThreadID(thread), err
}

func (p *Portal) showWelfareThread(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	of, id, err := threadOf(r)
	if err != nil {
		return err
	}
	c, t, err := p.Threads.Answerable(r.Context(), actor(r), of, id)
	if err != nil {
		return err
	}
	f := p.welfareThreadFrame(r, c, t)
	tag := threadTag(f, t)
	f.Badge = &tag
	page := welfare.ThreadPage{Frame: f, Facts: []ui.Entry{{Name: f.T("heirs.col.member"), Value: c.Member.Name(), Proper: true}, {Name: f.T("heirs.col.state"), Value: f.T("case.state." + string(c.State))}}}
	for _, m := range t.Messages {
		said := ui.Said{ID: "m-" + m.ID, Who: m.Author.Name(), Name: true, Own: m.ByOffice, At: m.At, Text: m.Text, Unread: m.Unread}
		if m.ByOffice && !m.ReadAt.IsZero() {
			said.Note = f.T("threads.office.read", "At", ui.OnMoment(m.ReadAt))
		}
		page.Said = append(page.Said, said)
	}
	switch {
	case !t.Open():
		page.Over = f.T("threads.office.over", "On", ui.OnMoment(t.ClosedAt))
	case actor(r).Has(identity.Prepare):
		page.Form = &ui.FormProps{Action: welfareThreadPath(of, id), Key: fields.Get("idem")}
		page.Text = messageField(f.T("threads.office.text"), f.T("threads.office.text.hint", "Number", grouped(indemnity.LongestMessage)), fields)
		page.Send = ui.ButtonsProps{Submit: f.T("threads.office.send")}
		page.Close = &ui.Link{Text: f.T("threads.office.close"), URL: welfareThreadPath(of, id) + "/chiudi"}
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: "testo", Text: messageFault(f, wrong)}}
	}
	return p.showAs(w, r, status, welfare.Thread(page))
}

func (p *Portal) welfareThreadFrame(r *http.Request, c indemnity.CaseFile, t indemnity.Thread) ui.Frame {
	f := p.welfareCaseFrame(r, c, "threads.topic."+string(t.Topic))
	last := len(f.Path) - 1
	f.Path = append(f.Path[:last:last], ui.Crumb{Text: f.T("threads.office.case"), URL: welfareCasePath(c.ID) + caseMessagesTab}, f.Path[last])
	return f
}

// welfareAnswer writes to who applied: they are told.
func (p *Portal) welfareAnswer(w http.ResponseWriter, r *http.Request) error {
	of, id, err := threadOf(r)
	if err != nil {
		return err
	}
	sent, fields, wrong, err := messageForm(r, "threads.answer", string(of), string(id))
	if err != nil {
		return err
	}
	if wrong == nil {
		err = p.Threads.Write(r.Context(), actor(r), sent, of, id, fields.Get("testo"))
	}
	switch reason, refused := fault.Refusal(err); {
	case wrong != nil:
		return p.showWelfareThread(w, r, http.StatusUnprocessableEntity, fields, wrong)
	case refused && reason.Kind == fault.KindInvalid:
		return p.showWelfareThread(w, r, http.StatusUnprocessableEntity, fields, reason)
	case errors.Is(err, indemnity.ErrThreadClosed):
		return p.showWelfareThread(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfareThreadPath(of, id), f.T("messages.sent"), f.T("threads.office.sent"))
}

// welfareThreadCloseAsk asks whether to close a thread.
func (p *Portal) welfareThreadCloseAsk(w http.ResponseWriter, r *http.Request) error {
	of, id, err := threadOf(r)
	if err != nil {
		return err
	}
	c, t, err := p.Threads.Answerable(r.Context(), actor(r), of, id)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err == nil && !t.Open() {
		err = indemnity.ErrThreadClosed
	}
	if err != nil {
		return err
	}
	f := p.welfareThreadFrame(r, c, t)
	here := welfareThreadPath(of, id)
	last := len(f.Path) - 1
	f.Path[last].URL = here
	f.Title = f.T("threads.office.close.title", "Topic", f.Path[last].Text)
	f.Path = append(f.Path, ui.Crumb{Text: f.T("threads.office.close")})
	says := []string{f.T("threads.office.close.text")}
	if t.Waits() {
		says = append(says, f.T("threads.office.close.waits"))
	}
	return p.show(w, r, welfare.HeirsAsk(welfare.HeirsAskPage{Frame: f, Consequences: says, Form: ui.FormProps{Action: here + "/chiudi", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("threads.office.close"), Cancel: &ui.Link{Text: f.T("threads.office.keep"), URL: here}}}))
}

// welfareThreadClose closes a thread.
func (p *Portal) welfareThreadClose(w http.ResponseWriter, r *http.Request) error {
	of, id, err := threadOf(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "threads.close", url.Values{"idem": fields["idem"], "domanda": {string(of)}, "dove": {string(id)}})
	if err != nil {
		return err
	}
	if err := p.Threads.Close(r.Context(), actor(r), sent, of, id); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfareCasePath(of)+caseMessagesTab, f.T("threads.office.closed"), f.T("threads.office.closed.text"))
}
