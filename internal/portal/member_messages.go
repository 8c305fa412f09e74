package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// memberThreadsPath is every thread of a member, over all their applications.
const memberThreadsPath = indemnityPath + "/messaggi"

// topicSlugs are the topics as addresses have them.
var topicSlugs = map[indemnity.Topic]string{
	indemnity.TopicTerms: "termini", indemnity.TopicPapers: "documenti", indemnity.TopicReckoning: "calcolo",
	indemnity.TopicPayment: "pagamento", indemnity.TopicDetails: "dati", indemnity.TopicOther: "altro",
}

// topicParam is the topic in the address.
func topicParam(r *http.Request) (indemnity.Topic, error) {
	slug := chi.URLParam(r, "argomento")
	for _, t := range indemnity.Topics {
		if topicSlugs[t] == slug {
			return t, nil
		}
	}
	return "", fault.ErrNotFound
}

func memberThreadPath(of indemnity.CaseID, id indemnity.ThreadID) string {
	return memberCasePath(of) + caseMessagesTab + "/" + string(id)
}

func topicName(f ui.Frame, t indemnity.Topic) string { return f.T("threads.topic." + string(t)) }

// threadTag is the word of a thread.
func threadTag(f ui.Frame, t indemnity.Thread) ui.Tag {
	if t.Open() {
		return ui.Tag{Tone: ui.Working, Text: f.T("threads.open")}
	}
	return ui.Tag{Tone: ui.Closed, Text: f.T("threads.closed")}
}

// saidToMember is who wrote a message, as those who applied read it: of the office never
// a name.
func saidToMember(f ui.Frame, m indemnity.ThreadMessage, who identity.Actor) (name string, person bool) {
	switch {
	case m.ByOffice:
		return f.T("threads.enpap"), false
	case m.Author.ID == who.Person:
		return f.T("threads.you"), false
	}
	return m.Author.Name(), true
}

// memberThreadRow is a thread in a list of those who applied.
func memberThreadRow(f ui.Frame, t indemnity.Thread, who identity.Actor) member.ThreadRow {
	last, _ := saidToMember(f, t.Messages[len(t.Messages)-1], who)
	row := member.ThreadRow{ID: string(t.ID), Topic: topicName(f, t.Topic), URL: memberThreadPath(t.Case, t.ID), Last: t.Last(), LastWho: f.T("threads.by", "Who", last), State: threadTag(f, t)}
	if n := t.Unread(); n > 0 {
		row.Unread = f.T("threads.unread", "Count", n)
	}
	return row
}

// memberMessages is what was written about a case, and the acts to keep (M-21).
func (p *Portal) memberMessages(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	threads, err := p.Threads.Of(r.Context(), actor(r), c)
	if err != nil {
		return err
	}
	written, err := p.Applications.Written(r.Context(), actor(r).Person, c.ID)
	if err != nil {
		return err
	}
	pdf, err := p.receiptLink(c)
	if err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, caseMessagesTab)
	page := member.MessagesPage{Frame: f, Case: p.memberCaseTop(f, c, caseMessagesTab), None: f.T("member.messages.none"), Acts: []ui.Link{pdf}}
	for _, t := range threads {
		page.Threads = append(page.Threads, memberThreadRow(f, t, actor(r)))
	}
	if reason := fault.As(c.MayStart()); reason != nil {
		page.Closed = words(f, reason)
	} else {
		page.Write = &ui.Link{Text: f.T("threads.write"), URL: memberCasePath(c.ID) + caseMessagesTab + "/nuovo"}
	}
	for _, m := range written {
		channel := f.T("citizen.messages.portal")
		if m.Mailed {
			channel = f.T("citizen.messages.portal_and_mail")
		}
		page.Rows = append(page.Rows, member.MessageRow{ID: m.ID, URL: "/messaggi/" + m.ID, Subject: m.Subject, At: m.SentAt, Channel: channel, Read: m.Read})
	}
	return p.show(w, r, member.Messages(page))
}

// memberThreads is every thread of somebody, what they have not read first: where the
// menu leads.
func (p *Portal) memberThreads(w http.ResponseWriter, r *http.Request) error {
	cases, err := p.Applications.Mine(r.Context(), actor(r))
	if err != nil {
		return err
	}
	threads, err := p.Threads.Of(r.Context(), actor(r), cases...)
	if err != nil {
		return err
	}
	f := p.memberFrame(r, "threads.all.title")
	above := ui.Link{Text: f.Path[0].Text, URL: f.Path[0].URL}
	if actor(r).Mandate == "" {
		f.Path = nil
	}
	page := member.ThreadsPage{Frame: f, None: f.T("threads.all.none"), Cases: above, Inbox: ui.Link{Text: f.T("threads.notices.link"), URL: "/messaggi"}}
	slices.SortStableFunc(threads, func(a, b indemnity.Thread) int { return cmp.Compare(min(b.Unread(), 1), min(a.Unread(), 1)) })
	for _, t := range threads {
		row := memberThreadRow(f, t, actor(r))
		i := slices.IndexFunc(cases, func(c indemnity.CaseFile) bool { return c.ID == t.Case })
		row.Of = &ui.Link{Text: cases[i].Protocol, URL: memberCasePath(t.Case)}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, member.Threads(page))
}

// memberThreadFrame is the frame of a page about the messages of a case.
func (p *Portal) memberThreadFrame(r *http.Request, c indemnity.CaseFile, title string) ui.Frame {
	f := p.memberCaseFrame(r, c, caseMessagesTab)
	f.Badge, f.HeadTitle = nil, title
	f.Caption, f.Title = f.T("member.case.protocol", "Protocol", c.Protocol), title
	f.Path[len(f.Path)-1].URL = memberCasePath(c.ID) + caseMessagesTab
	f.Path = append(f.Path, ui.Crumb{Text: title})
	f.Back = &ui.Link{Text: f.T("threads.back"), URL: memberCasePath(c.ID) + caseMessagesTab}
	return f
}

// memberTopics asks what somebody wants to write about.
func (p *Portal) memberTopics(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	if err := c.MayStart(); err != nil {
		return err
	}
	threads, err := p.Threads.Of(r.Context(), actor(r), c)
	if err != nil {
		return err
	}
	f := p.memberThreadFrame(r, c, ui.Frame{}.T("threads.topics"))
	page := member.TopicsPage{Frame: f}
	for _, t := range indemnity.Topics {
		row := member.TopicRow{Name: topicName(f, t), Hint: f.T("threads.hint." + string(t)), URL: memberCasePath(c.ID) + caseMessagesTab + "/nuovo/" + topicSlugs[t]}
		for _, x := range threads {
			if x.Topic == t && x.Open() {
				row.URL, row.Open = memberThreadPath(c.ID, x.ID), true
			}
		}
		page.Topics = append(page.Topics, row)
	}
	return p.show(w, r, member.Topics(page))
}

// memberTopicAsk is where somebody writes about a topic for the first time.
func (p *Portal) memberTopicAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showTopic(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showTopic(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	topic, err := topicParam(r)
	if err != nil {
		return err
	}
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	if err := c.MayStart(); err != nil {
		return err
	}
	f := p.memberThreadFrame(r, c, topicName(ui.Frame{}, topic))
	page := member.ThreadPage{Frame: f, Hint: f.T("threads.hint." + string(topic))}
	writes(&page, memberCasePath(c.ID)+caseMessagesTab+"/nuovo/"+topicSlugs[topic], fields, wrong)
	return p.showAs(w, r, status, member.Thread(page))
}

// writes puts a form for a message on a page, and what was wrong with it before.
func writes(page *member.ThreadPage, action string, fields url.Values, wrong *fault.Reason) {
	f := page.Frame
	page.Form = &ui.FormProps{Action: action, Key: fields.Get("idem")}
	page.Text = messageField(f.T("threads.text"), f.T("threads.text.hint", "Number", grouped(indemnity.LongestMessage)), fields)
	page.Send = ui.ButtonsProps{Submit: f.T("threads.send"), Cancel: f.Back}
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: "testo", Text: messageFault(f, wrong)}}
	}
}

// messageField is where a message is written.
func messageField(label, hint string, fields url.Values) ui.TextAreaProps {
	return ui.TextAreaProps{Name: "testo", Label: label, Hint: hint, Value: fields.Get("testo"), Rows: 6}
}

func messageFault(f ui.Frame, wrong *fault.Reason) string {
	return words(f, wrong, "Number", grouped(indemnity.LongestMessage), "Most", indemnity.MostMessagesADay)
}

// memberTopic writes about a topic.
func (p *Portal) memberTopic(w http.ResponseWriter, r *http.Request) error {
	topic, err := topicParam(r)
	if err != nil {
		return err
	}
	return p.memberWrites(w, r, "threads.start", topicSlugs[topic], p.showTopic, func(sent once.Form, of indemnity.CaseID, text string) (indemnity.ThreadID, error) {
		return p.Threads.Start(r.Context(), actor(r), sent, of, topic, text)
	})
}

// memberThread is a thread, read from then on.
func (p *Portal) memberThread(w http.ResponseWriter, r *http.Request) error {
	return p.showThread(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showThread(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	id, err := idParam(r, "conversazione")
	if err != nil {
		return err
	}
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	t, err := p.Threads.Read(r.Context(), actor(r), c, indemnity.ThreadID(id))
	if err != nil {
		return err
	}
	f := p.memberThreadFrame(r, c, topicName(ui.Frame{}, t.Topic))
	tag := threadTag(f, t)
	f.Badge = &tag
	page := member.ThreadPage{Frame: f, Back: *f.Back}
	for _, m := range t.Messages {
		said := ui.Said{ID: "m-" + m.ID, Own: m.Author.ID == actor(r).Person, At: m.At, Text: m.Text, Unread: m.Unread}
		said.Who, said.Name = saidToMember(f, m, actor(r))
		if !m.ByOffice && !m.ReadAt.IsZero() {
			said.Note = f.T("threads.read", "At", ui.OnMoment(m.ReadAt))
		}
		page.Said = append(page.Said, said)
	}
	if t.Open() {
		writes(&page, memberThreadPath(c.ID, t.ID), fields, wrong)
	} else {
		page.Over = threadOver(f, c, t)
	}
	return p.showAs(w, r, status, member.Thread(page))
}

// threadOver says why nothing can be written in a thread any more, and what to do.
func threadOver(f ui.Frame, c indemnity.CaseFile, t indemnity.Thread) string {
	key := "threads.over"
	if c.MayStart() != nil {
		key = "threads.over.withdrawn"
	}
	return f.T(key, "On", ui.OnMoment(t.ClosedAt))
}

// memberReply writes in an open thread.
func (p *Portal) memberReply(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "conversazione")
	if err != nil {
		return err
	}
	return p.memberWrites(w, r, "threads.reply", id, p.showThread, func(sent once.Form, of indemnity.CaseID, text string) (indemnity.ThreadID, error) {
		return indemnity.ThreadID(id), p.Threads.Write(r.Context(), actor(r), sent, of, indemnity.ThreadID(id), text)
	})
}

// memberWrites reads the form of a message, has it written and leads to its thread. What
// is wrong with it stands on the page again, with what was typed.
func (p *Portal) memberWrites(w http.ResponseWriter, r *http.Request, action, in string,
	again func(http.ResponseWriter, *http.Request, int, url.Values, *fault.Reason) error, write func(once.Form, indemnity.CaseID, string) (indemnity.ThreadID, error)) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	sent, fields, wrong, err := messageForm(r, action, id, in)
	if err != nil {
		return err
	}
	if wrong != nil {
		return again(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	of := indemnity.CaseID(id)
	thread, err := write(sent, of, fields.Get("testo"))
	switch reason, refused := fault.Refusal(err); {
	case refused && reason.Kind == fault.KindInvalid:
		return again(w, r, http.StatusUnprocessableEntity, fields, reason)
	case errors.Is(err, indemnity.ErrMessagesToday):
		return again(w, r, http.StatusConflict, fields, reason)
	case errors.Is(err, indemnity.ErrThreadClosed):
		return again(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	var f ui.Frame
	return p.done(w, r, memberThreadPath(of, thread), f.T("messages.sent"), f.T("threads.sent"))
}

// messageForm reads a form with a message about a case.
func messageForm(r *http.Request, action, of, in string) (sent once.Form, fields url.Values, wrong *fault.Reason, err error) {
	fields, err = form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return sent, nil, nil, err
	}
	if strange.field != "" {
		return sent, fields, errText, nil
	}
	sent, err = sending(r, action, url.Values{"idem": fields["idem"], "domanda": {of}, "dove": {in}, "testo": fields["testo"]})
	return sent, fields, nil, err
}
