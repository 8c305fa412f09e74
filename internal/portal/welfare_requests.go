package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

func welfareRequestsPath(id indemnity.CaseID) string { return welfareCasePath(id) + caseRequestsTab }

func welfareRequestPath(of indemnity.CaseID, id indemnity.RequestID) string {
	return welfareRequestsPath(of) + "/" + string(id)
}

// askKinds are the kinds of request as addresses write them.
var askKinds = map[string]indemnity.RequestKind{"integrazione": indemnity.Supplement, "regolarizzazione": indemnity.Regularisation}

func askPath(of indemnity.CaseID, kind indemnity.RequestKind) string {
	for word, k := range askKinds {
		if k == kind {
			return welfareRequestsPath(of) + "/nuova?tipo=" + word
		}
	}
	return welfareRequestsPath(of)
}

// welfareRequests lists what was asked for on a case.
func (p *Portal) welfareRequests(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	told, err := p.CaseDesk.SetOffs(r.Context(), o.ID)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	page := welfare.RequestsPage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, caseRequestsTab)}
	for _, q := range slices.Backward(o.Requests) {
		page.Rows = append(page.Rows, p.requestRow(f, o.CaseFile, q))
	}
	for _, t := range told {
		page.SetOffs = append(page.SetOffs, f.T("request.set_off.of", "Debt", t.Debt, "Net", t.Net, "Name", t.Name, "At", ui.OnMoment(t.At)))
	}
	switch reason := fault.As(o.MayFind(actor(r))); {
	case !actor(r).Has(identity.Prepare):
	case reason != nil:
		page.Why = words(f, reason)
	default:
		page.Actions = []ui.Link{{Text: f.T("request.ask.supplement"), URL: askPath(o.ID, indemnity.Supplement)}, {Text: f.T("request.ask.regularisation"), URL: askPath(o.ID, indemnity.Regularisation)}}
	}
	return p.show(w, r, welfare.Requests(page))
}

func (p *Portal) requestRow(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) welfare.RequestRow {
	row := welfare.RequestRow{ID: string(q.ID), Kind: ui.Link{Text: f.T("request.title." + string(q.Kind)), URL: welfareRequestPath(c.ID, q.ID)}, To: requestTo(f, c, q),
		Asked: ui.ShortMoment(q.AskedAt), Reached: f.T("request.not_yet"), Due: f.T("request.due.from"), State: p.requestState(f, q)}
	if !q.ReachedOn.IsZero() {
		row.Reached, row.Due = ui.ShortDay(q.ReachedOn), ui.DayEnd(q.DueOn)
	}
	if !examining(c) {
		return row
	}
	switch late := q.Late(p.Now()); {
	case q.State == indemnity.Answered:
		row.Next = f.T("request.next.judge")
	case q.State == indemnity.Asked && late, q.State == indemnity.Insufficient:
		row.Next = f.T("request.next.forfeit")
	case q.State == indemnity.Asked && q.ReachedOn.IsZero():
		row.Next = f.T("request.next.reach")
	}
	return row
}

// requestTo is to which heir a request is, "" where it is to who applied.
func requestTo(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) string {
	if h, err := c.Heir(q.Heir); q.Heir != "" && err == nil {
		return f.T("request.to", "Name", h.Person.Name())
	}
	return ""
}

// requestState is where a request stands, for the office.
func (p *Portal) requestState(f ui.Frame, q indemnity.Request) ui.Tag {
	switch {
	case q.State == indemnity.Asked && q.Late(p.Now()):
		return ui.Tag{Tone: ui.Danger, Text: f.T("requests.state.late")}
	case q.State == indemnity.Asked && len(q.Answers) > 0:
		return ui.Tag{Tone: ui.Working, Text: f.T("request.state.again")}
	}
	tone := requestTones[q.State]
	if q.State == indemnity.Asked {
		tone = ui.Working
	}
	return ui.Tag{Tone: tone, Text: f.T("request.state." + string(q.State))}
}

// welfareAsked is the request in the address with its case, for an officer.
func (p *Portal) welfareAsked(r *http.Request) (o indemnity.Opened, q indemnity.Request, err error) {
	id, err := idParam(r, "richiesta")
	if err != nil {
		return o, q, err
	}
	if o, err = p.openedCase(r); err != nil {
		return o, q, err
	}
	q, err = o.Request(indemnity.RequestID(id))
	return o, q, err
}

// welfareRequest shows a request with what became of it (W-08).
func (p *Portal) welfareRequest(w http.ResponseWriter, r *http.Request) error {
	o, q, err := p.welfareAsked(r)
	if err != nil {
		return err
	}
	return p.showAsked(w, r, http.StatusOK, o, q, url.Values{}, nil, nil)
}

func (p *Portal) welfareRequestFrame(r *http.Request, o indemnity.Opened, q indemnity.Request, title string) ui.Frame {
	var f ui.Frame
	crumbs := []ui.Crumb{{Text: o.Protocol, URL: welfareCasePath(o.ID)}, {Text: f.T("request.tab"), URL: welfareRequestsPath(o.ID)}}
	if q.ID != "" && title != "request.title."+string(q.Kind) {
		crumbs = append(crumbs, ui.Crumb{Text: f.T("request.title." + string(q.Kind)), URL: welfareRequestPath(o.ID, q.ID)})
	}
	f = p.welfareFrame(r, f.T(title), crumbs...)
	f.Caption = f.T("heirs.case.title", "Protocol", o.Protocol)
	return f
}

func (p *Portal) showAsked(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, q indemnity.Request, fields url.Values, wrong []ui.FieldError, moved []string) error {
	told, err := p.CaseDesk.Deliveries(r.Context(), q.ID)
	if err != nil {
		return err
	}
	f := p.welfareRequestFrame(r, o, q, "request.title."+string(q.Kind))
	tag := p.requestState(f, q)
	f.Badge, f.Errors = &tag, wrong
	page := p.askedPage(f, o.CaseFile, q, told)
	page.Busy, page.Moved, page.Back = busyText(f, o.Claim, actor(r), p), moved, ui.Link{Text: f.T("request.back"), URL: welfareRequestsPath(o.ID)}
	p.termOver(r, &page, o, q)
	if q.State == indemnity.Asked && q.ReachedOn.IsZero() && actor(r).Has(identity.Prepare) && o.MayFind(actor(r)) == nil {
		page.Reach = &ui.Link{Text: f.T("request.reach"), URL: welfareRequestPath(o.ID, q.ID) + "/consegna"}
	}
	p.judging(r, &page, o, q, fields)
	return p.showAs(w, r, status, welfare.RequestDetail(page))
}

// askedPage is a request with what became of it, for whoever reads it.
func (p *Portal) askedPage(f ui.Frame, c indemnity.CaseFile, q indemnity.Request, told []indemnity.Delivery) welfare.RequestDetailPage {
	page := welfare.RequestDetailPage{Frame: f, Text: paragraphs(q.Text), Facts: p.askedFacts(f, c, q), Items: answeredItems(f, c, q)}
	for _, d := range told {
		page.Deliveries = append(page.Deliveries, deliveryRow(f, d))
	}
	for _, late := range q.Answer.Late {
		n := welfare.LateNote{At: f.T("request.late.at", "At", ui.OnMoment(late.At))}
		for i, item := range q.Items {
			if text := late.Notes[item.Code]; text != "" {
				n.Texts = append(n.Texts, f.T("request.late.note", "Item", askedName(f, item, i), "Text", text))
			}
		}
		page.Notes = append(page.Notes, n)
	}
	if last := q.Last(); last != nil {
		for _, j := range last.Judged {
			page.Judged = append(page.Judged, f.T("request.judged."+string(j.Verdict), "Name", j.Name, "At", ui.OnMoment(j.At), "Why", j.Why))
		}
	}
	return page
}

// termOver says of a request whose term is over without an answer that was enough what
// comes next: forfeiture, proposed by an officer and approved by another, never by itself.
func (p *Portal) termOver(r *http.Request, page *welfare.RequestDetailPage, o indemnity.Opened, q indemnity.Request) {
	f, now := page.Frame, p.Now()
	if !examining(o.CaseFile) || !q.Late(now) || q.State != indemnity.Asked && q.State != indemnity.Insufficient {
		return
	}
	page.Late = f.T("request.over", "On", ui.OnDay(q.DueOn))
	if len(q.Answers) > 0 {
		page.Late = f.T("request.over.insufficient", "On", ui.OnDay(q.DueOn))
	}
	switch reason := fault.As(o.MayPropose(actor(r), indemnity.Forfeited, o.Checklist, o.Found, now)); {
	case o.OpenDecision() != nil:
		page.NextText, page.Next = f.T("request.over.proposed"), &ui.Link{Text: f.T("outcome.see"), URL: approvalPath(o.ID)}
	case !actor(r).Has(identity.Prepare):
		page.NextText = f.T("request.over.prepares")
	case reason == indemnity.ErrOutcomeUnborne:
		page.NextText, page.Next = f.T("request.over.other"), &ui.Link{Text: f.T("outcome.to_checks"), URL: welfareCasePath(o.ID)}
	case reason != nil:
		page.NextText = words(f, reason)
	default:
		page.NextText, page.Next = f.T("request.over.forfeit"), &ui.Link{Text: f.T("request.forfeit"), URL: welfareOutcomePath(o.ID)}
	}
}

// judging is the form that says what is made of the last answer.
func (p *Portal) judging(r *http.Request, page *welfare.RequestDetailPage, o indemnity.Opened, q indemnity.Request, fields url.Values) {
	f, last := page.Frame, q.Last()
	switch reason := fault.As(o.MayJudge(actor(r), q)); {
	case last == nil:
		page.WhyNot = f.T("request.judge.none")
		return
	case !actor(r).Has(identity.Prepare):
		page.WhyNot = f.T("request.prepares")
		return
	case reason != nil:
		page.WhyNot = words(f, reason)
		return
	}
	if q.Kind == indemnity.Regularisation {
		page.Check = &ui.Link{Text: checkName(f, indemnity.CheckRegularity), URL: checkPath(o.ID, indemnity.CheckRegularity)}
	}
	page.Form, page.Answer, page.Again = &ui.FormProps{Action: welfareRequestPath(o.ID, q.ID), Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)}, last.Protocol, len(last.Judged) > 0
	hint := f.T("request.insufficient.over")
	if !q.Late(p.Now()) {
		hint = f.T("request.insufficient.open", "By", ui.ByDay(q.DueOn))
	}
	page.Verdict = ui.ChoiceProps{Name: "valutazione", Legend: f.T("request.verdict"), Chosen: fields["valutazione"], Options: []ui.Option{
		{Value: string(indemnity.Accepted), Label: f.T("request.accept"), Hint: f.T("request.accept.hint")},
		{Value: string(indemnity.Insufficient), Label: f.T("request.insufficient"), Hint: hint}}}
	page.Why = ui.TextAreaProps{Name: "motivo", Label: f.T("request.why"), Hint: f.T("request.why.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("motivo"), Optional: true}
	page.Buttons = ui.ButtonsProps{Submit: f.T("request.judge")}
}

// judgeFields are the fields beside which a refusal stands.
var judgeFields = map[*fault.Reason]string{indemnity.ErrJudgement: "valutazione", indemnity.ErrJudgementWhy: "motivo", indemnity.ErrNoteLong: "motivo"}

// welfareJudge keeps what an officer makes of an answer. Where the case or the answer has
// moved since they saw it nothing is kept: they read what is new, with what they typed.
func (p *Portal) welfareJudge(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, q, err := p.welfareAsked(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	if bad.field != "" {
		return p.showAsked(w, r, http.StatusUnprocessableEntity, o, q, fields, []ui.FieldError{{Field: bad.field, Text: words(f, errText)}}, nil)
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	verdict := indemnity.RequestState(fields.Get("valutazione"))
	sent, err := sending(r, "indemnity.judge", url.Values{"idem": fields["idem"], "richiesta": {string(q.ID)}, "risposta": fields["risposta"], "versione": fields["versione"],
		"valutazione": fields["valutazione"], "motivo": fields["motivo"]})
	if err != nil {
		return err
	}
	err = p.CaseDesk.Judge(r.Context(), actor(r), sent, o.ID, version, q.ID, fields.Get("risposta"), verdict, fields.Get("motivo"))
	switch reason := fault.As(err); {
	case reason != nil && judgeFields[reason] != "":
		return p.showAsked(w, r, http.StatusUnprocessableEntity, o, q, fields, []ui.FieldError{{Field: judgeFields[reason], Text: words(f, reason)}}, nil)
	case reason != nil && (reason.Kind == fault.KindRefused || reason.Kind == fault.KindStale) && !errors.Is(err, once.ErrOtherContent):
		return p.showAsked(w, r, http.StatusConflict, o, q, fields, nil, movedSince(err))
	case err != nil:
		return err
	}
	return p.done(w, r, welfareRequestPath(o.ID, q.ID), f.T("request.judge.done."+string(verdict)), f.T("request.judge.done."+string(verdict)+".text"))
}

// movedSince says why an act on a case was refused: what was found meanwhile, or the
// reason itself.
func movedSince(err error) []string {
	var moved indemnity.MovedError
	errors.As(err, &moved)
	return movedLines(moved.Since, fault.As(err))
}

// welfareReachAsk asks when a request has reached who applied.
func (p *Portal) welfareReachAsk(w http.ResponseWriter, r *http.Request) error {
	o, q, err := p.welfareAsked(r)
	if err != nil {
		return err
	}
	return p.showReach(w, r, http.StatusOK, o, q, url.Values{}, nil)
}

func (p *Portal) showReach(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, q indemnity.Request, fields url.Values, wrong []ui.FieldError) error {
	switch {
	case !actor(r).Has(identity.Prepare):
		return identity.ErrNoDuty
	case q.State != indemnity.Asked:
		return indemnity.ErrRequestOver
	case !q.ReachedOn.IsZero():
		return indemnity.ErrReachedAlready
	}
	if err := o.MayFind(actor(r)); err != nil {
		return err
	}
	f := p.welfareRequestFrame(r, o, q, "request.reach.title")
	f.Errors = wrong
	day, month, year := ui.DateNames("giorno")
	return p.showAs(w, r, status, welfare.RequestReach(welfare.RequestReachPage{Frame: f, Lead: []string{f.T("request.reach.lead", "Days", q.Days), f.T("request.reach.once")},
		Form: ui.FormProps{Action: welfareRequestPath(o.ID, q.ID) + "/consegna", Key: once.NewKey()},
		Day: ui.DateFieldProps{Name: "giorno", Legend: f.T("request.reach.day"), Hint: f.T("request.reach.hint", "From", ui.OfDay(calendar.On(q.AskedAt))),
			Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)},
		Way: ui.ChoiceProps{Name: "modo", Legend: f.T("request.reach.way"), Chosen: fields["modo"], Options: []ui.Option{
			{Value: indemnity.ReachedByPEC, Label: f.T("request.way.pec"), Hint: f.T("request.reach.pec.hint")}, {Value: indemnity.ReachedByHand, Label: f.T("request.way.hand")}}},
		Buttons: ui.ButtonsProps{Submit: f.T("request.reach"), Cancel: &ui.Link{Text: f.T("request.back_one"), URL: welfareRequestPath(o.ID, q.ID)}}}))
}

// welfareReach records it: its term runs from that day.
func (p *Portal) welfareReach(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	o, q, err := p.welfareAsked(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	var wrong []ui.FieldError
	day, err := dateField(fields, "giorno")
	if err != nil || day.IsZero() {
		wrong = append(wrong, ui.FieldError{Field: "giorno", Text: words(f, errDate)})
	}
	if fields.Get("modo") == "" {
		wrong = append(wrong, ui.FieldError{Field: "modo", Text: f.T("request.reach.choose")})
	}
	if len(wrong) > 0 {
		return p.showReach(w, r, http.StatusUnprocessableEntity, o, q, fields, wrong)
	}
	sent, err := sending(r, "indemnity.reach", fields)
	if err == nil {
		err = p.Applications.Reach(r.Context(), actor(r), sent, o.ID, q.ID, day, fields.Get("modo"))
	}
	if errors.Is(err, indemnity.ErrReachedBefore) {
		return p.showReach(w, r, http.StatusUnprocessableEntity, o, q, fields, []ui.FieldError{{Field: "giorno", Text: words(f, indemnity.ErrReachedBefore)}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, welfareRequestPath(o.ID, q.ID), f.T("request.reach.done"), f.T("request.reach.done.text"))
}
