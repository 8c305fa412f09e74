package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// requestPath is where a request is answered.
func requestPath(of indemnity.CaseID, id indemnity.RequestID) string {
	return memberCasePath(of) + caseRequestsTab + "/" + string(id)
}

// itemPath is where the file of an item is handed in.
func itemPath(of indemnity.CaseID, id indemnity.RequestID, code string) string {
	return requestPath(of, id) + "/voci/" + code
}

// requestTones are the colours of the states of a request.
var requestTones = map[indemnity.RequestState]ui.Tone{
	indemnity.Asked: ui.Action, indemnity.Answered: ui.Working, indemnity.Accepted: ui.Success, indemnity.Insufficient: ui.Danger,
	indemnity.LapsedTerm: ui.Danger, indemnity.CalledOff: ui.Closed,
}

// requestTag is the word of a request: of one whose term is over that it is.
func requestTag(f ui.Frame, q indemnity.Request, open error) ui.Tag {
	if errors.Is(open, indemnity.ErrRequestLate) {
		return ui.Tag{Tone: ui.Danger, Text: f.T("requests.state.late")}
	}
	return ui.Tag{Tone: requestTones[q.State], Text: f.T("requests.state." + string(q.State))}
}

// memberRequests is what the office asked for, newest first.
func (p *Portal) memberRequests(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, caseRequestsTab)
	page := member.RequestsPage{Frame: f, Case: p.memberCaseTop(f, c, caseRequestsTab), None: f.T("requests.none")}
	for _, q := range slices.Backward(c.Requests) {
		row := member.RequestRow{ID: string(q.ID), Kind: f.T("requests.kind." + string(q.Kind)), Asked: ui.ShortMoment(q.AskedAt), Due: f.T("requests.due.unknown"),
			State: requestTag(f, q, q.MayAnswer(p.Now())), Open: ui.Link{Text: f.T("requests.see"), URL: requestPath(c.ID, q.ID)}}
		if !q.DueOn.IsZero() {
			row.Due = ui.DayEnd(q.DueOn)
		}
		if q.Open(p.Now()) {
			row.Open.Text = f.T("requests.answer")
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, member.Requests(page))
}

// memberAsked is the request in the address with its case.
func (p *Portal) memberAsked(w http.ResponseWriter, r *http.Request) (c indemnity.CaseFile, q indemnity.Request, gone bool, err error) {
	id, err := idParam(r, "richiesta")
	if err != nil {
		return c, q, false, err
	}
	if c, gone, err = p.memberFile(w, r); gone || err != nil {
		return c, q, gone, err
	}
	q, err = c.Request(indemnity.RequestID(id))
	return c, q, false, err
}

// memberRequest shows a request, to be answered while its term runs (M-19). That it was
// opened is noted once.
func (p *Portal) memberRequest(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	if q.ReadAt.IsZero() {
		if err := p.Applications.Read(r.Context(), actor(r), c.ID, q.ID); err != nil {
			return err
		}
		if c, q, gone, err = p.memberAsked(w, r); gone || err != nil {
			return err
		}
	}
	return p.showRequest(w, r, requestStep{c, q, http.StatusOK, nil, nil, nil})
}

// requestStep is a request with what somebody tried.
type requestStep struct {
	file   indemnity.CaseFile
	asked  indemnity.Request
	status int
	fields url.Values      // as they were typed; nil where nothing was
	flaws  []ui.FieldError // what is wrong with them
	notes  []member.Note
}

func (p *Portal) requestFrame(r *http.Request, c indemnity.CaseFile, q indemnity.Request, title string) ui.Frame {
	f := p.memberFrame(r, title)
	f.HeadTitle = f.T("requests.head")
	f.Caption = f.T("member.case.protocol", "Protocol", c.Protocol)
	f.Path = append(f.Path, ui.Crumb{Text: c.Protocol, URL: memberCasePath(c.ID)}, ui.Crumb{Text: f.T("member.case.tab.richieste"), URL: memberCasePath(c.ID) + caseRequestsTab})
	if title != "requests.title."+string(q.Kind) && title != "requests.late.title" {
		f.Path = append(f.Path, ui.Crumb{Text: f.T("requests.kind." + string(q.Kind)), URL: requestPath(c.ID, q.ID)})
	}
	f.Path = append(f.Path, ui.Crumb{Text: f.Title})
	return f
}

func (p *Portal) showRequest(w http.ResponseWriter, r *http.Request, s requestStep) error {
	c, q := s.file, s.asked
	open := q.MayAnswer(p.Now())
	if open == nil && !examining(c) {
		open = indemnity.ErrRequestOver
	}
	other, toOther := otherHeir(c, q)
	if open == nil && toOther {
		open = indemnity.ErrRequestOther
	}
	title := "requests.title." + string(q.Kind)
	if errors.Is(open, indemnity.ErrRequestLate) {
		title = "requests.late.title"
	}
	f := p.requestFrame(r, c, q, title)
	f.Errors = s.flaws
	tag := requestTag(f, q, open)
	f.Badge = &tag
	page, err := p.requestBody(r, f, s, open == nil, open == nil)
	if err != nil {
		return err
	}
	switch {
	case errors.Is(open, indemnity.ErrRequestLate):
		page.Notes = append(page.Notes, member.Note{Tone: ui.Danger, Text: []string{f.T("requests.late.text", "On", ui.OnDay(q.DueOn)), f.T("requests.late.kept")}})
	case open != nil && !q.AnsweredAt.IsZero():
		page.Notes = append(page.Notes, answeredNote(f, c, q))
	case errors.Is(open, indemnity.ErrRequestOther):
		page.Notes = append(page.Notes, member.Note{Tone: ui.Working, Text: []string{f.T("heirs.request.other", "Name", other.Person.Name())}})
	case open != nil:
		page.Notes = append(page.Notes, member.Note{Tone: ui.Closed, Text: []string{f.T("requests.over." + string(q.State))}})
	default:
		if !q.AnsweredAt.IsZero() {
			again := answeredNote(f, c, q)
			again.Text = append(again.Text, f.T("requests.again", "By", ui.ByDay(q.DueOn)))
			page.Notes = append(page.Notes, again)
		}
		page.Form = &ui.FormProps{Action: requestPath(c.ID, q.ID), Key: once.NewKey(), Version: strconv.FormatInt(q.Version, 10)}
		page.Go, page.Save = f.T("requests.go_on"), f.T("requests.save")
		if q.Kind == indemnity.Regularisation {
			page.Go = f.T("requests.cured")
		}
	}
	return p.showAs(w, r, s.status, member.Request(page))
}

// requestBody is a request as who applied reads it: open tells whether they can answer it,
// and runs that its term is to be shown.
func (p *Portal) requestBody(r *http.Request, f ui.Frame, s requestStep, open, runs bool) (member.RequestPage, error) {
	c, q := s.file, s.asked
	page := member.RequestPage{Frame: f, Notes: s.notes, Title: f.T("requests.text"), Text: paragraphs(q.Text), Items: p.itemBoxes(r, f, s, open),
		Facts: requestFacts(f, q), Help: &ui.Link{Text: f.T("member.late.write"), URL: "/assistenza"}}
	if runs && !q.DueOn.IsZero() {
		page.Deadline = requestTerm(f, q, calendar.On(p.Now()))
		page.Band = termBand(f, "termine", q.ReachedOn, q.DueOn, calendar.On(p.Now()))
	}
	if q.Kind == indemnity.Regularisation {
		page.Rule = []string{f.T("requests.set_off"), f.T("requests.plan")}
		if err := p.showDebts(r, f, c, &page); err != nil {
			return page, err
		}
	}
	return page, nil
}

// showDebts shows what the contribution position says today; where it is silent, or
// somebody else asks, what it said when the application was sent.
func (p *Portal) showDebts(r *http.Request, f ui.Frame, c indemnity.CaseFile, page *member.RequestPage) error {
	position := c.Registers.Position
	if c.Reader(actor(r)) == indemnity.ItsMember {
		known, err := p.Drafts.Known(r.Context(), actor(r))
		if err != nil {
			return err
		}
		if known.PositionErr == nil {
			position = known.Position
		} else {
			page.Notes = append(page.Notes, member.Note{Tone: ui.Working, Text: []string{f.T("requests.debts.old", "On", ui.OfDay(calendar.On(c.Registers.At)))}})
		}
	}
	for _, year := range position.MissingYears {
		page.Rule = append(page.Rule, f.T("member.owes.missing", "Year", year))
	}
	if position.Plan > 0 {
		page.Rule = append(page.Rule, f.T("member.owes.plan", "Left", position.Plan))
	}
	if len(position.Debts) > 0 {
		page.Debts = debtTable(f, position.Debts)
	}
	if position.Regular() {
		page.Rule = append(page.Rule, f.T("requests.debts.none"))
	}
	return nil
}

// answeredNote says that the answer was received, and what it lacks.
func answeredNote(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) member.Note {
	n := member.Note{Tone: ui.Working, Title: f.T("requests.sent"), Text: []string{f.T("requests.sent.text", "At", ui.OnMoment(q.AnsweredAt), "Protocol", q.Protocol),
		f.T("requests.sent." + string(q.State))}}
	if last := q.Last(); last != nil && last.Verdict().Verdict == indemnity.Insufficient {
		n.Tone = ui.Action
		n.Text = append(n.Text, f.T("requests.why", "Why", last.Verdict().Why))
	}
	var lacking []string
	for _, i := range q.Lacks(c.Papers) {
		lacking = append(lacking, i.Send)
	}
	if len(lacking) > 0 {
		n.Text = append(n.Text, f.T("requests.lacking", "What", ui.Both(lacking)))
	}
	return n
}

func requestFacts(f ui.Frame, q indemnity.Request) []ui.Entry {
	facts := []ui.Entry{{Name: f.T("requests.asked"), Value: ui.Moment(q.AskedAt)}}
	if !q.ReachedOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("requests.reached"), Value: ui.Day(q.ReachedOn), Note: f.T("requests.reached." + q.ReachedBy)})
	}
	if !q.ReadAt.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("requests.read"), Value: ui.Moment(q.ReadAt)})
	}
	if !q.DueOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("requests.due"), Value: ui.DayEnd(q.DueOn), Note: f.T("requests.days", "Days", q.Days)})
	}
	if q.Protocol != "" {
		facts = append(facts, ui.Entry{Name: f.T("requests.protocol"), Value: q.Protocol, Proper: true})
	}
	return facts
}

// paragraphs are what somebody typed, a paragraph each.
func paragraphs(text string) (all []string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// noteField is the field of the note to an item.
func noteField(code string) string { return "nota-" + code }

// itemBoxes are the items of a request with what is there in answer; open tells whether
// it can still be changed.
func (p *Portal) itemBoxes(r *http.Request, f ui.Frame, s requestStep, open bool) (boxes []member.ItemBox) {
	c, q := s.file, s.asked
	items := slices.Clone(q.Items)
	for _, slot := range q.Slots() {
		if !slices.ContainsFunc(items, func(i indemnity.RequestItem) bool { return i.Code == slot.Code }) {
			slot.Send = f.T("requests.receipt")
			items = append(items, slot)
		}
	}
	for n, i := range items {
		box := member.ItemBox{ID: i.Code, Title: f.T("requests.item", "Number", n+1), Wrong: i.Wrong, Send: i.Send}
		if i.Paper != "" {
			box.Title = f.T("requests.item.paper", "Number", n+1, "Kind", caseKind(f, i.Paper))
		}
		own := "" // the file that the reader can replace
		for _, paper := range c.Papers {
			switch {
			case paper.ID == i.Of && i.Of != "":
				row := p.readableRow(r, f, c, paper)
				row.Kind = f.T("requests.file.sent")
				box.File = &row
			case i.Answers(q, paper) && paper.Attachment != "":
				row := p.readableRow(r, f, c, paper)
				row.Kind = f.T("requests.file.given")
				if c.Opens(actor(r), paper) && paper.SentAt.IsZero() {
					own = cmp.Or(own, paper.Name)
				} else if paper.SentAt.IsZero() {
					row.Name, row.Facts = f.T("requests.file.other"), nil
				}
				box.Given = append(box.Given, row)
			}
		}
		if open && i.Paper != "" {
			box.Upload = &ui.Link{Text: f.T("requests.upload", "Kind", caseKind(f, i.Paper)), URL: itemPath(c.ID, q.ID, i.Code)}
			if own != "" {
				box.Upload.Text = f.T("requests.replace", "Name", own)
				box.Remove = &ui.Link{Text: f.T("papers.remove.of", "Name", own), URL: itemPath(c.ID, q.ID, i.Code) + "/togli"}
			}
		}
		said := q.Answer.Notes[i.Code]
		if s.fields != nil {
			said = s.fields.Get(noteField(i.Code))
		}
		if !slices.ContainsFunc(q.Items, func(known indemnity.RequestItem) bool { return known.Code == i.Code }) {
			boxes = append(boxes, box) // the receipt of a payment takes no note
			continue
		}
		if open {
			box.Note = &ui.TextAreaProps{Name: noteField(i.Code), Label: f.T("requests.note", "Number", n+1), Value: said, Rows: 3, Optional: true}
		} else {
			box.Says = said
		}
		boxes = append(boxes, box)
	}
	return boxes
}

// readableRow is a paper, with its address where the reader may open it.
func (p *Portal) readableRow(r *http.Request, f ui.Frame, c indemnity.CaseFile, paper indemnity.Paper) member.FileRow {
	row := fileRow(f, paper)
	row.Kind = ""
	if !c.Opens(actor(r), paper) {
		row.URL = ""
	}
	return row
}

// memberRequestSave keeps what is written in answer, and goes on to send it.
func (p *Portal) memberRequestSave(w http.ResponseWriter, r *http.Request) error {
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	s := requestStep{c, q, http.StatusUnprocessableEntity, nil, nil, nil}
	var text textError
	if s.fields, err = form(r); errors.As(err, &text) {
		s.flaws = []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}}
		return p.showRequest(w, r, s)
	}
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(s.fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	sent, err := sending(r, "indemnity.answer_save", s.fields)
	if err != nil {
		return err
	}
	notes := map[string]string{}
	for _, i := range q.Items {
		notes[i.Code] = s.fields.Get(noteField(i.Code))
	}
	err = p.Applications.SaveAnswer(r.Context(), actor(r), sent, c.ID, q.ID, version, notes)
	switch {
	case err == nil && s.fields.Get("poi") == "controlla":
		return goTo(w, r, requestPath(c.ID, q.ID)+"/riepilogo", nil)
	case err == nil:
		f := ui.Frame{}
		return p.done(w, r, requestPath(c.ID, q.ID), f.T("requests.saved"), f.T("requests.saved.text"))
	case errors.Is(err, indemnity.ErrAnswerLong):
		for _, i := range q.Items {
			if len([]rune(notes[i.Code])) > indemnity.LongestNote {
				s.flaws = append(s.flaws, ui.FieldError{Field: noteField(i.Code), Text: words(ui.Frame{}, indemnity.ErrAnswerLong, "Most", indemnity.LongestNote)})
			}
		}
		return p.showRequest(w, r, s)
	}
	return p.requestRefused(w, r, s, err)
}

// requestRefused shows a request again with why nothing came of a form, and with what
// was typed.
func (p *Portal) requestRefused(w http.ResponseWriter, r *http.Request, s requestStep, err error) error {
	reason := fault.As(err)
	switch {
	case errors.Is(err, indemnity.ErrAnswerMoved), errors.Is(err, indemnity.ErrRequestOver), errors.Is(err, indemnity.ErrPaperNotAsked), errors.Is(err, indemnity.ErrRequestOther):
		s.notes = []member.Note{{Tone: ui.Action, Title: ui.Frame{}.T("error.409.title"), Text: []string{words(ui.Frame{}, reason)}}}
	case errors.Is(err, indemnity.ErrRequestLate), errors.Is(err, indemnity.ErrPaperLate): // the page says it
	default:
		return err
	}
	c, q, gone, err := p.memberAsked(w, r)
	if gone || err != nil {
		return err
	}
	s.file, s.asked, s.status = c, q, http.StatusConflict
	return p.showRequest(w, r, s)
}
