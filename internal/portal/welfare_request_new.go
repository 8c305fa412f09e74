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
	"portal/web/member"
	"portal/web/ui"
	"portal/web/welfare"
)

// proposedItem is something that may be asked for, with its words as the page offers them.
type proposedItem struct {
	indemnity.RequestItem
	name   string
	chosen bool // something that was found calls for it
	other  bool // nothing does: it stands apart
	check  indemnity.Check
}

// proposedItems are what may be asked for on a case.
func proposedItems(f ui.Frame, o indemnity.Opened, kind indemnity.RequestKind) (all []proposedItem) {
	if kind == indemnity.Regularisation {
		for _, x := range o.Irregularities() {
			i := defaultCure(f, x)
			all = append(all, proposedItem{RequestItem: i, name: i.Wrong, chosen: true})
		}
		return all
	}
	lacking := o.Lacking()
	for _, k := range o.Checklist {
		for _, i := range o.Askable(k.Check) {
			called := slices.ContainsFunc(lacking, func(l indemnity.RequestItem) bool { return l.Code == i.Code })
			all = append(all, proposedItem{i, askableName(f, o.CaseFile, i, k.Check), called, !called, k.Check})
		}
	}
	return all
}

// askableName is what something that may be asked for is called.
func askableName(f ui.Frame, c indemnity.CaseFile, i indemnity.RequestItem, check indemnity.Check) string {
	switch at := slices.IndexFunc(c.Papers, func(p indemnity.Paper) bool { return p.ID == i.Of }); {
	case i.Paper == "":
		return f.T("request.item.explain", "Check", checkName(f, check))
	case i.Of == "" || at < 0:
		return f.T("request.item.missing", "Check", check.Code(), "Kind", caseKind(f, i.Paper))
	default:
		return f.T("request.item.paper", "Check", check.Code(), "Kind", caseKind(f, i.Paper), "Name", c.Papers[at].Name)
	}
}

// The fields of an item.
func wrongField(code string) string { return "cosa-" + code }
func sendField(code string) string  { return "manda-" + code }

// newRequestFields are what the page of a request begins with, in the words that are
// offered: what was found is chosen.
func (p *Portal) newRequestFields(r *http.Request, o indemnity.Opened, kind indemnity.RequestKind) (url.Values, error) {
	offered, err := p.Texts.Offered(r.Context())
	if err != nil {
		return nil, err
	}
	fields := url.Values{"testo": {offeredRequest(offered, o.CaseFile, kind)}}
	for _, i := range proposedItems(ui.Frame{}, o, kind) {
		if i.check != "" {
			i.RequestItem = offeredItem(offered, o.CaseFile, i.check, i.RequestItem)
		}
		fields.Set(wrongField(i.Code), i.Wrong)
		fields.Set(sendField(i.Code), i.Send)
		if i.chosen {
			fields.Add("chiedi", i.Code)
		}
	}
	return fields, nil
}

// writtenRequest is the request that somebody has written.
func writtenRequest(f ui.Frame, o indemnity.Opened, kind indemnity.RequestKind, fields url.Values) indemnity.Request {
	q := indemnity.Request{Kind: kind, Text: fields.Get("testo"), Heir: indemnity.HeirID(fields.Get("erede"))}
	for _, i := range proposedItems(f, o, kind) {
		if slices.Contains(fields["chiedi"], i.Code) {
			i.Wrong, i.Send = fields.Get(wrongField(i.Code)), fields.Get(sendField(i.Code))
			q.Items = append(q.Items, i.RequestItem)
		}
	}
	return q
}

// welfareAskNew asks for the words of a request (W-06, W-07).
func (p *Portal) welfareAskNew(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	kind, known := askKinds[q.Get("tipo")]
	if !known && q.Has("tipo") {
		return fault.ErrNotFound
	}
	if !known {
		kind = indemnity.Supplement
	}
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	fields, err := p.newRequestFields(r, o, kind)
	if err != nil {
		return err
	}
	return p.showAskNew(w, r, http.StatusOK, o, kind, fields, nil, nil)
}

func (p *Portal) showAskNew(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, kind indemnity.RequestKind, fields url.Values, wrong []ui.FieldError, moved []string) error {
	f := p.welfareRequestFrame(r, o, indemnity.Request{}, "request.new."+string(kind))
	f.Errors = wrong
	told, err := p.CaseDesk.SetOffs(r.Context(), o.ID)
	if err != nil {
		return err
	}
	page := welfare.RequestPage{Frame: f, Busy: busyText(f, o.Claim, actor(r), p), Moved: moved, Facts: welfareFacts(f, o.CaseFile), Back: ui.Link{Text: f.T("request.back"), URL: welfareRequestsPath(o.ID)}}
	if kind == indemnity.Regularisation {
		page.Owed = owedPart(f, o)
		if o.MayTellSetOff(actor(r), told) == nil {
			page.SetOff = setOffPart(f, o)
			return p.showAs(w, r, status, welfare.Request(page))
		}
	}
	reason := fault.As(o.MayAsk(actor(r), kind, indemnity.HeirID(fields.Get("erede"))))
	switch {
	case kind == indemnity.Regularisation && reason == indemnity.ErrDebtSetOff && len(told) > 0:
		last := told[len(told)-1]
		page.Obstacles = []welfare.Obstacle{{Text: f.T("request.set_off.of", "Debt", last.Debt, "Net", last.Net, "Name", last.Name, "At", ui.OnMoment(last.At))}}
	case reason != nil && !(severalHeirs(o.CaseFile) && (reason == indemnity.ErrRequestOpen || reason == indemnity.ErrAnswerWaits || reason == indemnity.ErrRequestSpent)):
		page.Obstacles = []welfare.Obstacle{askObstacle(f, o, kind, reason)}
	default:
		p.askForm(&page, o, kind, fields)
	}
	return p.showAs(w, r, status, welfare.Request(page))
}

// askObstacle says why nothing can be asked for, with where that is seen.
func askObstacle(f ui.Frame, o indemnity.Opened, kind indemnity.RequestKind, reason *fault.Reason) welfare.Obstacle {
	x := welfare.Obstacle{Text: words(f, reason)}
	switch reason {
	case identity.ErrNoDuty:
		x.Text = f.T("request.prepares")
	case indemnity.ErrRequestOpen, indemnity.ErrAnswerWaits, indemnity.ErrRequestSpent:
		for _, q := range o.Requests {
			if q.Kind == kind && q.State != indemnity.Accepted && q.State != indemnity.CalledOff && q.State != indemnity.LapsedTerm {
				x.Links = append(x.Links, ui.Link{Text: f.T("request.see", "At", ui.OfDay(calendar.On(q.AskedAt))), URL: welfareRequestPath(o.ID, q.ID)})
			}
		}
	case indemnity.ErrDecisionOpen:
		x.Links = []ui.Link{{Text: f.T("outcome.see"), URL: approvalPath(o.ID)}}
	case indemnity.ErrRequestVain:
		x.Text = f.T("request.vain", "Outcome", outcomeName(f, o.Found.Outcome.State()))
		x.Links = []ui.Link{{Text: f.T("outcome.to_checks"), URL: welfareCasePath(o.ID)}}
	case indemnity.ErrNothingOwed:
		x.Links = []ui.Link{{Text: checkName(f, indemnity.CheckRegularity), URL: checkPath(o.ID, indemnity.CheckRegularity)}}
	}
	return x
}

// severalHeirs tells whether a request may be to one heir or another.
func severalHeirs(c indemnity.CaseFile) bool { return len(c.Heirs) > 1 }

// owedPart is what is owed beside the indemnity, as the examination has both.
func owedPart(f ui.Frame, o indemnity.Opened) *welfare.OwedPart {
	part := &welfare.OwedPart{Says: f.T("request.branch.none")}
	for _, x := range o.Irregularities() {
		part.Lines = append(part.Lines, ui.Entry{Name: defaultCure(f, x).Wrong, Value: amountOr(f, x)})
	}
	part.Lines = append(part.Lines, ui.Entry{Name: f.T("calc.step.debt"), Value: o.Found.Debt.String()},
		ui.Entry{Name: f.T("request.net"), Value: o.Found.Entitlement.Net.String(), Note: f.T("request.net.note"), Action: &ui.Link{Text: f.T("request.computation"), URL: welfareCasePath(o.ID) + caseCalculationTab}})
	switch o.Cure() {
	case indemnity.CureSetOff:
		part.Says = f.T("request.branch.setoff", "Debt", o.Found.DebtLeft, "Left", o.Found.Entitlement.Net-o.Found.DebtLeft)
	case indemnity.CureInTerm:
		part.Says = f.T("request.branch.term", "Days", o.Rules.CureDays.Is)
	}
	return part
}

func amountOr(f ui.Frame, x indemnity.Irregularity) string {
	if x.Kind == indemnity.OwesIncome {
		return f.T("request.owes.no_money")
	}
	return x.Amount.String()
}

// setOffPart asks to tell who applied that the indemnity covers what they owe.
func setOffPart(f ui.Frame, o indemnity.Opened) *welfare.SetOffPart {
	return &welfare.SetOffPart{Says: []string{f.T("request.set_off.text"), f.T("request.set_off.notice")},
		Form:    ui.FormProps{Action: welfareRequestsPath(o.ID) + "/compensazione", Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)},
		Buttons: ui.ButtonsProps{Submit: f.T("request.set_off.tell"), Cancel: &ui.Link{Text: f.T("request.back"), URL: welfareRequestsPath(o.ID)}}}
}

// askForm is the form in which a request is written.
func (p *Portal) askForm(page *welfare.RequestPage, o indemnity.Opened, kind indemnity.RequestKind, fields url.Values) {
	f := page.Frame
	page.Form = &ui.FormProps{Action: welfareRequestsPath(o.ID) + "/nuova", Version: strconv.FormatInt(o.Version, 10)}
	for word, k := range askKinds {
		if k == kind {
			page.Kind = word
		}
	}
	if severalHeirs(o.CaseFile) {
		page.To = &ui.ChoiceProps{Name: "erede", Legend: f.T("request.whom"), Chosen: fields["erede"], Optional: true, Options: []ui.Option{{Label: f.T("request.whom.all")}}}
		for _, h := range o.Heirs {
			if h.Removed.IsZero() {
				page.To.Options = append(page.To.Options, ui.Option{Value: string(h.ID), Label: h.Person.Name()})
			}
		}
	}
	page.Text = ui.TextAreaProps{Name: "testo", Label: f.T("request.write"), Hint: f.T("request.write.hint", "Number", grouped(indemnity.LongestNote)), Value: fields.Get("testo"), Rows: 4}
	for _, i := range proposedItems(f, o, kind) {
		item := welfare.ItemAsked{Code: i.Code, Name: i.name, Chosen: slices.Contains(fields["chiedi"], i.Code),
			Wrong: ui.TextAreaProps{Name: wrongField(i.Code), Label: f.T("request.item.wrong"), Value: fields.Get(wrongField(i.Code)), Optional: true},
			Send:  ui.TextAreaProps{Name: sendField(i.Code), Label: f.T("request.item.send"), Value: fields.Get(sendField(i.Code)), Optional: true}}
		for _, d := range o.Papers {
			if d.ID == i.Of && i.Of != "" {
				item.File = &ui.Link{Text: d.Name, URL: welfarePaperPath(d)}
			}
		}
		if i.other && !item.Chosen {
			page.Others = append(page.Others, item)
		} else {
			page.Items = append(page.Items, item)
		}
	}
	page.Term = p.termWords(f, o.CaseFile, o.Drawn(indemnity.Request{Kind: kind}, p.Now()))
	page.Submit = f.T("request.to_preview")
}

// termWords say until when who is asked will have time, from when it counts, and by which
// ways they are told.
func (p *Portal) termWords(f ui.Frame, c indemnity.CaseFile, q indemnity.Request) (all []string) {
	if q.DueOn.IsZero() {
		all = append(all, f.T("request.term.from", "Days", q.Days))
	} else {
		all = append(all, f.T("request.term.until", "By", ui.DayEnd(q.DueOn), "Days", q.Days))
	}
	return append(all, f.T("request.term.final"), f.T("request.channels."+string(channelWords(c))))
}

// channelWords is by which ways who applied is told of a request.
func channelWords(c indemnity.CaseFile) indemnity.Channel {
	if c.Channel == indemnity.Portal && c.DiedOn.IsZero() {
		return indemnity.Portal
	}
	return indemnity.PEC
}

// welfareAskSend shows a request as who applied will read it, and sends it once that is
// confirmed.
func (p *Portal) welfareAskSend(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "chiedi")
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, err := p.openedCase(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	kind, known := askKinds[fields.Get("tipo")]
	version, unread := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if !known || unread != nil {
		return errUnreadable
	}
	var f ui.Frame
	if bad.field != "" {
		return p.showAskNew(w, r, http.StatusUnprocessableEntity, o, kind, fields, []ui.FieldError{{Field: bad.field, Text: words(f, errText)}}, nil)
	}
	q := writtenRequest(f, o, kind, fields)
	if wrong := requestFlaws(f, q); len(wrong) > 0 {
		return p.showAskNew(w, r, http.StatusUnprocessableEntity, o, kind, fields, wrong, nil)
	}
	switch fields.Get("passo") {
	case "modifica":
		return p.showAskNew(w, r, http.StatusOK, o, kind, fields, nil, nil)
	case "invia":
	default:
		if err := o.MayAsk(actor(r), kind, q.Heir); err != nil {
			return p.refusedAsk(w, r, o, kind, fields, err)
		}
		return p.previewRequest(w, r, o, q, fields)
	}
	sent, err := sending(r, "indemnity.ask", fields)
	if err == nil {
		err = p.CaseDesk.Ask(r.Context(), actor(r), sent, o.ID, version, q)
	}
	if err != nil {
		return p.refusedAsk(w, r, o, kind, fields, err)
	}
	drawn := o.Drawn(q, p.Now())
	text := f.T("request.done.from")
	if !drawn.DueOn.IsZero() {
		text = f.T("request.done.until", "By", ui.ByDay(drawn.DueOn))
	}
	return p.done(w, r, welfareRequestsPath(o.ID), f.T("request.done"), text)
}

// requestFlaws are what is wrong with a request as it was written, beside the fields.
func requestFlaws(f ui.Frame, q indemnity.Request) (wrong []ui.FieldError) {
	add := func(field string, reason *fault.Reason) {
		wrong = append(wrong, ui.FieldError{Field: field, Text: words(f, reason, "Most", grouped(indemnity.LongestNote))})
	}
	long := func(text string) bool { return len([]rune(text)) > indemnity.LongestNote }
	if len(paragraphs(q.Text)) == 0 {
		add("testo", indemnity.ErrRequestText)
	} else if long(q.Text) {
		add("testo", indemnity.ErrRequestLong)
	}
	if len(q.Items) == 0 && q.Kind == indemnity.Supplement {
		add("chiedi", indemnity.ErrRequestItems)
	}
	for _, i := range q.Items {
		switch {
		case len(paragraphs(i.Wrong+i.Send)) == 0:
			add(sendField(i.Code), indemnity.ErrRequestItems)
		case long(i.Wrong):
			add(wrongField(i.Code), indemnity.ErrRequestLong)
		case long(i.Send):
			add(sendField(i.Code), indemnity.ErrRequestLong)
		}
	}
	return wrong
}

// refusedAsk shows the page again with why nothing was sent, and with what was written.
func (p *Portal) refusedAsk(w http.ResponseWriter, r *http.Request, o indemnity.Opened, kind indemnity.RequestKind, fields url.Values, err error) error {
	switch reason := fault.As(err); {
	case reason == nil || errors.Is(err, identity.ErrNoDuty) || errors.Is(err, once.ErrOtherContent):
		return err
	case reason.Kind == fault.KindInvalid:
		return p.showAskNew(w, r, http.StatusUnprocessableEntity, o, kind, fields, []ui.FieldError{{Field: "chiedi", Text: words(ui.Frame{}, reason, "Most", grouped(indemnity.LongestNote))}}, nil)
	case reason.Kind == fault.KindRefused || reason.Kind == fault.KindStale:
		return p.showAskNew(w, r, http.StatusConflict, o, kind, fields, nil, movedSince(err))
	}
	return err
}

// previewRequest shows a request exactly as who applied will read it.
func (p *Portal) previewRequest(w http.ResponseWriter, r *http.Request, o indemnity.Opened, q indemnity.Request, fields url.Values) error {
	f := p.welfareRequestFrame(r, o, indemnity.Request{}, "request.confirm."+string(q.Kind))
	drawn := o.Drawn(q, p.Now())
	body, err := p.requestBody(r, f, requestStep{file: o.CaseFile, asked: drawn}, false, true)
	if err != nil {
		return err
	}
	page := welfare.RequestPreviewPage{Frame: f, Lead: append([]string{f.T("request.preview.lead")}, p.termWords(f, o.CaseFile, drawn)...), Title: f.T("requests.title." + string(q.Kind)),
		Request: member.RequestBody(body),
		Form:    ui.FormProps{Action: welfareRequestsPath(o.ID) + "/nuova", Key: once.NewKey(), Version: fields.Get("versione")},
		Buttons: ui.ButtonsProps{Submit: f.T("request.send")}, Change: f.T("request.change")}
	if to := requestTo(f, o.CaseFile, drawn); to != "" {
		page.Lead = append(page.Lead, to)
	}
	names := make([]string, 0, len(fields))
	for name := range fields {
		if name != "passo" && name != "idem" && name != "versione" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, v := range fields[name] {
			page.Hidden = append(page.Hidden, [2]string{name, v})
		}
	}
	return p.show(w, r, welfare.RequestPreview(page))
}

// welfareSetOff tells who applied that the indemnity covers what they owe (N-B09).
func (p *Portal) welfareSetOff(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	o, err := p.openedCase(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	sent, err := sending(r, "indemnity.set_off", fields)
	if err == nil {
		err = p.CaseDesk.TellSetOff(r.Context(), actor(r), sent, o.ID, version)
	}
	if err != nil {
		fields, failed := p.newRequestFields(r, o, indemnity.Regularisation)
		if failed != nil {
			return failed
		}
		return p.refusedAsk(w, r, o, indemnity.Regularisation, fields, err)
	}
	var f ui.Frame
	return p.done(w, r, welfareRequestsPath(o.ID), f.T("request.set_off.done"), f.T("request.set_off.done.text"))
}
