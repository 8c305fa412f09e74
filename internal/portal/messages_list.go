package portal

import (
	"net/http"
	"strings"

	"portal/web/public"
	"portal/web/ui"
)

const messagesAPage = 20

// messagesPage is P-13.
func (p *Portal) messagesPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	page := pageNumber(q)
	list, total, err := p.People.Messages(r.Context(), actor(r).Person, page, messagesAPage)
	if err != nil {
		return err
	}
	if page > max((total+messagesAPage-1)/messagesAPage, 1) {
		return errNoPage
	}
	f := p.frame(r, ui.Frame{})
	f.Title = f.T("messages.title")
	view := public.MessagesPage{Frame: f, Pages: listPages(f.T("messages.pages"), "/messaggi", nil, page, total, messagesAPage)}
	for _, m := range list {
		view.Messages = append(view.Messages, public.MessageLine{ID: m.ID, Subject: m.Subject, SentAt: m.SentAt, Read: m.Read})
	}
	return p.show(w, r, public.Messages(view))
}

// message is one message; to open it is to have read it.
func (p *Portal) message(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	m, err := p.People.Message(r.Context(), actor(r).Person, id, p.Now())
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	f.Title, f.Back = m.Subject, &ui.Link{Text: f.T("messages.back"), URL: "/messaggi"}
	view := public.MessagePage{Frame: f, SentAt: m.SentAt, Text: strings.Split(strings.TrimSpace(m.Body), "\n\n")}
	if m.Link != "" {
		view.Link = &ui.Link{Text: f.T("messages.open"), URL: p.entrance(r, owner(m.Link), m.Link)}
	}
	return p.show(w, r, public.Message(view))
}
