package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// memberAnswerAsk shows the answer to a request before it is sent.
func (p *Portal) memberAnswerAsk(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	if q.MayAnswer(p.Now()) != nil {
		return goTo(w, r, requestPath(c.ID, q.ID), nil)
	}
	return p.showAnswer(w, r, http.StatusOK, c, q, nil)
}

func (p *Portal) showAnswer(w http.ResponseWriter, r *http.Request, status int, c indemnity.CaseFile, q indemnity.Request, notes []member.Note) error {
	f := p.requestFrame(r, c, q, "requests.check.title")
	page := member.AnswerPage{Frame: f, Notes: notes, Items: p.itemBoxes(r, f, requestStep{file: c, asked: q}, false), Mark: q.Mark(c.Papers),
		Buttons: ui.ButtonsProps{Submit: f.T("requests.submit"), Cancel: &ui.Link{Text: f.T("requests.change"), URL: requestPath(c.ID, q.ID)}}}
	if !q.DueOn.IsZero() {
		page.Deadline = requestTerm(f, q, calendar.On(p.Now()))
	}
	send := member.Note{Tone: ui.Action}
	for _, i := range q.Silent(c.Papers) {
		send.Text = append(send.Text, f.T("requests.silent", "What", itemName(f, q, i)))
	}
	if q.Kind == indemnity.Regularisation {
		page.Buttons.Submit = f.T("requests.cured")
	} else if len(send.Text) > 0 {
		send.Title = f.T("requests.silent.title")
		page.Notes = append(page.Notes, send)
		return p.showAs(w, r, status, member.Answer(page))
	}
	var lacking []string
	for _, i := range q.Lacks(c.Papers) {
		lacking = append(lacking, itemName(f, q, i))
	}
	if len(lacking) > 0 {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Text: []string{f.T("requests.lacking", "What", ui.Both(lacking)), f.T("requests.lacking.once")}})
	}
	page.Notes = append(page.Notes, member.Note{Tone: ui.Working, Text: []string{f.T("requests.final")}})
	page.Form = &ui.FormProps{Action: requestPath(c.ID, q.ID) + "/riepilogo", Key: once.NewKey()}
	return p.showAs(w, r, status, member.Answer(page))
}

// itemName is what an item wants, in a few words.
func itemName(f ui.Frame, q indemnity.Request, i indemnity.RequestItem) string {
	if i.Paper != "" {
		return caseKind(f, i.Paper)
	}
	return f.T("requests.item", "Number", slices.IndexFunc(q.Items, func(other indemnity.RequestItem) bool { return other.Code == i.Code })+1)
}

// memberAnswer sends the answer to a request.
func (p *Portal) memberAnswer(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.answer", url.Values{"idem": fields["idem"], "richiesta": {string(q.ID)}})
	if err != nil {
		return err
	}
	err = p.Applications.Answer(r.Context(), actor(r), sent, c.ID, q.ID, fields.Get("visto"))
	switch {
	case err == nil:
		return goTo(w, r, requestPath(c.ID, q.ID)+"/inviata", nil)
	case errors.Is(err, indemnity.ErrAnswerEmpty), errors.Is(err, indemnity.ErrAnswerMoved):
		if c, q, gone, err = p.memberAsked(w, r); gone || err != nil {
			return err
		}
		f := ui.Frame{}
		return p.showAnswer(w, r, http.StatusConflict, c, q, []member.Note{{Tone: ui.Action, Title: f.T("error.409.title"), Text: []string{f.T("reason.indemnity.answer_moved")}}})
	}
	return p.requestRefused(w, r, requestStep{file: c, asked: q}, err)
}

// memberAnswerSent answers who sent an answer.
func (p *Portal) memberAnswerSent(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	if q.AnsweredAt.IsZero() {
		return goTo(w, r, requestPath(c.ID, q.ID), nil)
	}
	f := p.requestFrame(r, c, q, "requests.sent")
	return p.show(w, r, member.Sent(member.SentPage{Frame: f, Protocol: q.Protocol, At: q.AnsweredAt, AtText: withSeconds(q.AnsweredAt),
		Links: []ui.Link{{Text: f.T("member.sent.case"), URL: memberCasePath(c.ID)}, {Text: f.T("requests.see.sent"), URL: requestPath(c.ID, q.ID)}},
		Next: []member.NextStep{{When: f.T("member.sent.next.from", "On", ui.OfDay(calendar.On(q.AnsweredAt))), Text: f.T("requests.next.review")},
			{When: expectedOn(f, c.Rules.Expected.Is.Ranking, calendar.On(q.AnsweredAt)), Text: f.T("member.sent.next.ranking")}},
		Help: []ui.Link{{Text: f.T("member.late.write"), URL: "/assistenza"}}}))
}

// askedItem is the item in the address, with the paper that its reader noted for it:
// what another heir brought is theirs alone.
func (p *Portal) askedItem(r *http.Request, c indemnity.CaseFile, q indemnity.Request) (i indemnity.RequestItem, kept indemnity.Paper, err error) {
	slots := q.Slots()
	at := slices.IndexFunc(slots, func(i indemnity.RequestItem) bool { return i.Code == chi.URLParam(r, "voce") })
	if at < 0 {
		return i, kept, fault.ErrNotFound
	}
	i = slots[at]
	if n := slices.IndexFunc(c.Papers, func(p indemnity.Paper) bool { return i.Answers(q, p) && p.SentAt.IsZero() && c.Opens(actor(r), p) }); n >= 0 {
		return i, c.Papers[n], nil
	}
	return i, indemnity.Paper{Case: c.ID, Kind: i.Paper, Request: string(q.ID), Replaces: i.Of}, nil
}

// memberItemAsk asks for the file of an item.
func (p *Portal) memberItemAsk(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	i, kept, err := p.askedItem(r, c, q)
	if err != nil {
		return err
	}
	if q.MayAnswer(p.Now()) != nil {
		return goTo(w, r, requestPath(c.ID, q.ID), nil)
	}
	return p.showItem(w, r, http.StatusOK, c, q, i, kept, nil, nil)
}

func (p *Portal) showItem(w http.ResponseWriter, r *http.Request, status int, c indemnity.CaseFile, q indemnity.Request, i indemnity.RequestItem, kept indemnity.Paper, fields url.Values, flaws []ui.FieldError) error {
	f := p.requestFrame(r, c, q, "requests.file.title")
	f.Errors = flaws
	page := member.RequestFilePage{Frame: f, Lead: i.Send, Form: ui.FormProps{Action: itemPath(c.ID, q.ID, i.Code), Key: once.NewKey(), Upload: true},
		Hint: p.paperHint(r, f), Submit: f.T("papers.upload"), Cancel: ui.Link{Text: f.T("requests.back"), URL: requestPath(c.ID, q.ID)}}
	if page.Lead == "" {
		page.Lead = f.T("requests.receipt")
	}
	if i.Paper.Medical() {
		s := memberStep{fields: fields}
		issued := s.day(f, "data", "papers.issued", kept.IssuedOn)
		first, last := s.day(f, "primo", "papers.new.from", kept.Covers.From), s.day(f, "ultimo", "papers.new.to", kept.Covers.To)
		page.Issued, page.First, page.Last = &issued, &first, &last
	}
	return p.showAs(w, r, status, member.RequestFile(page))
}

// memberItem keeps the file of an item: what it is first, then the file.
func (p *Portal) memberItem(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	i, paper, err := p.askedItem(r, c, q)
	if err != nil {
		return err
	}
	var refused error
	var flaws []ui.FieldError
	fields, file, err := p.readPaper(r, fileField, func(fields url.Values) error {
		paper, flaws, refused = p.noteItem(r, fields, paper)
		return nil
	})
	defer file.Close()
	switch {
	case refused != nil:
		return p.requestRefused(w, r, requestStep{file: c, asked: q}, refused)
	case len(flaws) > 0:
		return p.showItem(w, r, http.StatusUnprocessableEntity, c, q, i, paper, fields, flaws)
	}
	if err == nil {
		_, err = p.handPaper(r, fields, paper, false, file)
	}
	if status, reason, again := paperRefusal(err); again {
		return p.showItem(w, r, status, c, q, i, paper, fields, []ui.FieldError{{Field: fileField, Text: p.paperWords(r, ui.Frame{}, reason)}})
	}
	if err != nil {
		return p.requestRefused(w, r, requestStep{file: c, asked: q}, err)
	}
	f := ui.Frame{}
	return p.done(w, r, requestPath(c.ID, q.ID), f.T("requests.file.done"), f.T("requests.file.done.text", "Name", file.Name))
}

// noteItem keeps what is said of the paper of an item, before its file is there.
func (p *Portal) noteItem(r *http.Request, fields url.Values, paper indemnity.Paper) (indemnity.Paper, []ui.FieldError, error) {
	kept := paper
	if paper.Kind.Medical() {
		fields.Set("tipo", string(paper.Kind))
		said, flaws := readCertificate(fields)
		fields.Del("tipo")
		if len(flaws) > 0 {
			return kept, flaws, nil
		}
		paper.IssuedOn, paper.Covers = said.IssuedOn, said.Covers
	}
	err := p.keepPaper(r, fields, kept, &paper)
	if reason := fault.As(err); reason != nil && paperFields[reason] != "" {
		return kept, []ui.FieldError{{Field: paperFields[reason], Text: p.paperWords(r, ui.Frame{}, reason)}}, nil
	}
	return paper, nil, err
}

// memberItemRemoveAsk asks whether to take the file of an item back.
func (p *Portal) memberItemRemoveAsk(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	i, paper, err := p.askedItem(r, c, q)
	if err != nil {
		return err
	}
	if paper.ID == "" || q.MayAnswer(p.Now()) != nil {
		return goTo(w, r, requestPath(c.ID, q.ID), nil)
	}
	f := p.requestFrame(r, c, q, "requests.remove.title")
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{Consequences: []string{f.T("papers.remove.text")},
		Form:    ui.FormProps{Action: itemPath(c.ID, q.ID, i.Code) + "/togli", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("papers.remove"), Danger: true, Cancel: &ui.Link{Text: f.T("papers.remove.keep"), URL: requestPath(c.ID, q.ID)}}}}))
}

// memberItemRemove takes it back.
func (p *Portal) memberItemRemove(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	i, paper, err := p.askedItem(r, c, q)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.paper_remove", url.Values{"idem": fields["idem"], "documento": {string(q.ID) + i.Code}})
	if err != nil {
		return err
	}
	if paper.ID != "" {
		if err := p.Papers.Remove(r.Context(), actor(r), sent, paper.ID); err != nil {
			return p.requestRefused(w, r, requestStep{file: c, asked: q}, err)
		}
	}
	f := ui.Frame{}
	return p.done(w, r, requestPath(c.ID, q.ID), f.T("papers.removed"), f.T("requests.removed.text"))
}
