package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const counterPath = workPath + "/sportello"

// inpsCounter asks who is calling, or shows what may be told to who is (I-23). The
// codice univoco is never among it: a voice on a line is no second factor, and the
// portal has no other to ask for. Who has lost theirs reads it on their page.
func (p *Portal) inpsCounter(w http.ResponseWriter, r *http.Request) error {
	if !mayPrepare(r) {
		return identity.ErrNoDuty
	}
	of := identity.PersonID(p.Logins.GetString(r.Context(), keyCaller))
	if of == "" {
		return p.showCounter(w, r, http.StatusOK, "", nil)
	}
	return p.showCaller(w, r, of)
}

func (p *Portal) showCounter(w http.ResponseWriter, r *http.Request, status int, typed string, wrong *fault.Reason) error {
	f := p.inpsFrame(r, ui.Frame{}.T("inps.counter.title"))
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "cerca", Text: words(f, wrong)}}
	}
	return p.showAs(w, r, status, inps.Counter(inps.CounterPage{Frame: f, SearchURL: counterPath, Search: typed, NewURL: counterApplyPath}))
}

// inpsCounterIdentify takes the fiscal code of who is calling, or ends the call.
func (p *Portal) inpsCounterIdentify(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Remove(r.Context(), keyCaller)
	if fields.Get("fine") != "" {
		return goTo(w, r, counterPath, nil)
	}
	typed := strings.TrimSpace(fields.Get("cerca"))
	code, err := identity.ParseFiscalCode(typed)
	if err != nil {
		return p.showCounter(w, r, http.StatusUnprocessableEntity, typed, fault.As(err))
	}
	id, err := p.Desk.Identify(r.Context(), actor(r), code)
	if errors.Is(err, fault.ErrNotFound) {
		return p.showCounter(w, r, http.StatusUnprocessableEntity, typed, voucher.ErrNoCaller)
	}
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyCaller, string(id))
	return goTo(w, r, counterPath, nil)
}

// withCaller hands over who is on the line. When nobody is, the first thing is to
// ask who is calling.
func (p *Portal) withCaller(handle func(http.ResponseWriter, *http.Request, voucher.Caller) error) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		of := identity.PersonID(p.Logins.GetString(r.Context(), keyCaller))
		if of == "" {
			return goTo(w, r, counterPath, nil)
		}
		c, err := p.Desk.Serve(r.Context(), actor(r), of)
		if err != nil {
			return err
		}
		return handle(w, r, c)
	})
}

func (p *Portal) showCaller(w http.ResponseWriter, r *http.Request, of identity.PersonID) error {
	c, err := p.Desk.Serve(r.Context(), actor(r), of)
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, c.Person.Name(), ui.Crumb{Text: ui.Frame{}.T("inps.counter.title"), URL: counterPath})
	f.HeadTitle = f.T("inps.counter.title")
	email := ""
	if name, host, ok := strings.Cut(c.Email, "@"); ok && name != "" {
		email = name[:1] + "•••@" + host
	}
	page := inps.CallerPage{
		Frame: f, EndURL: counterPath,
		Verify: []ui.Entry{
			{Name: f.T("inps.desk.fiscal_code"), Value: string(c.Person.FiscalCode), Proper: true},
			{Name: f.T("inps.desk.born"), Value: dayOrNone(c.BornOn)},
			{Name: f.T("inps.desk.email"), Value: email, Proper: true},
		},
		Actions:  []ui.Link{{Text: f.T("inps.counter.new"), URL: counterApplyPath}, {Text: f.T("inps.counter.mandate"), URL: "/gestione/inps/deleghe/nuova"}},
		Messages: sentRows(f, c.Messages, counterPath+"/messaggi"),
	}
	for _, file := range c.Files {
		page.Files = append(page.Files, p.callerFile(f, file))
	}
	return p.show(w, r, inps.Caller(page))
}

func (p *Portal) callerFile(f ui.Frame, file voucher.CaseFile) inps.CallerFile {
	today, a := calendar.On(p.Now()), file.Application
	shown := inps.CallerFile{
		Title: f.T("citizen.application.title", "Year", file.Edition.ApplicationYear), State: standingTag(f, file.Standing(today)),
		Sentence: standingSentence(f, file, today),
		Facts:    []ui.Entry{{Name: f.T("inps.desk.col.protocol"), Value: a.Protocol, Proper: true}, {Name: f.T("inps.desk.col.sent"), Value: ui.Moment(a.SubmittedAt)}},
	}
	if !a.CureBy.IsZero() && a.State == voucher.AwaitingISEE {
		shown.Facts = append(shown.Facts, ui.Entry{Name: f.T("inps.desk.cure_by"), Value: ui.Day(a.CureBy)})
	}
	if v := file.Voucher; file.HasVoucher() {
		shown.Facts = append(shown.Facts,
			ui.Entry{Name: f.T("inps.codes.last_day"), Value: ui.Day(v.Terms.LastDay)},
			ui.Entry{Name: f.T("ui.balance.awarded"), Value: v.Awarded.String()},
			ui.Entry{Name: f.T("ui.balance.left"), Value: v.Balance().String()})
		if !v.Terms.FirstSessionBy.IsZero() && v.Used == 0 {
			shown.Facts = append(shown.Facts, ui.Entry{Name: f.T("inps.counter.first_by"), Value: ui.Day(v.Terms.FirstSessionBy)})
		}
	}
	for _, s := range file.Bookings {
		if s.State != voucher.Booked {
			continue
		}
		row := inps.CallerSession{ID: string(s.ID), Day: s.Day, When: weekMoment(s.Booking), Name: s.ProfessionalName}
		if reason := fault.As(s.MayCancel(file.Edition.Rules, today)); reason != nil {
			row.Why = words(f, reason)
		} else {
			row.CancelURL = counterPath + "/sedute/" + string(s.ID)
		}
		shown.Sessions = append(shown.Sessions, row)
	}
	return shown
}

// callerSession is a session of who is on the line; fault.ErrNotFound for anybody
// else's.
func callerSession(c voucher.Caller, id string) (voucher.CaseFile, voucher.Session, error) {
	for _, file := range c.Files {
		for _, s := range file.Bookings {
			if string(s.ID) == id {
				return file, s, nil
			}
		}
	}
	return voucher.CaseFile{}, voucher.Session{}, fault.ErrNotFound
}

// inpsCounterCancelAsk asks before a session of the caller is cancelled.
func (p *Portal) inpsCounterCancelAsk(w http.ResponseWriter, r *http.Request, c voucher.Caller) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	file, s, err := callerSession(c, id)
	if err != nil {
		return err
	}
	if err := s.MayCancel(file.Edition.Rules, calendar.On(p.Now())); err != nil {
		return err
	}
	return p.showCounterCancel(w, r, http.StatusOK, c, s, url.Values{}, nil)
}

func (p *Portal) showCounterCancel(w http.ResponseWriter, r *http.Request, status int, c voucher.Caller, s voucher.Session, fields url.Values, wrong *fault.Reason) error {
	f := p.counterFrame(r, ui.Frame{}.T("inps.counter.cancel_title", "OfDay", ui.OfDay(s.Day)))
	if wrong != nil {
		f.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	}
	return p.showAs(w, r, status, inps.Act(inps.ActPage{
		Frame: f, Recorded: true, Consequences: []string{f.T("inps.counter.cancel_text", "Amount", s.Amount)},
		Facts: []ui.Entry{{Name: f.T("inps.desk.beneficiary"), Value: c.Person.Name(), Proper: true},
			{Name: f.T("inps.counter.session.when"), Value: weekMoment(s.Booking)},
			{Name: f.T("inps.counter.session.with"), Value: s.ProfessionalName, Proper: true}},
		Text:    &ui.TextAreaProps{Name: "motivo", Label: f.T("inps.counter.why"), Hint: f.T("inps.counter.why_hint"), Value: fields.Get("motivo")},
		Form:    ui.FormProps{Action: counterPath + "/sedute/" + string(s.ID), Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.counter.cancel"), Danger: true, Cancel: &ui.Link{Text: f.T("inps.counter.keep"), URL: counterPath}},
	}))
}

func (p *Portal) counterFrame(r *http.Request, title string) ui.Frame {
	f := p.inpsFrame(r, title, ui.Crumb{Text: ui.Frame{}.T("inps.counter.title"), URL: counterPath})
	f.HeadTitle = f.T("inps.counter.title")
	f.Back = &ui.Link{Text: f.T("inps.counter.back"), URL: counterPath}
	return f
}

// inpsCounterCancel cancels a session for the caller, with the reason they gave.
func (p *Portal) inpsCounterCancel(w http.ResponseWriter, r *http.Request, c voucher.Caller) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	_, s, err := callerSession(c, id)
	if err != nil {
		return err
	}
	sent, err := sending(r, "counter.cancel", fields)
	if err != nil {
		return err
	}
	err = p.Vouchers.CancelFor(r.Context(), actor(r), sent, s.Voucher, s.ID, strings.TrimSpace(fields.Get("motivo")))
	if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid {
		return p.showCounterCancel(w, r, http.StatusUnprocessableEntity, c, s, fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, counterPath, f.T("inps.counter.cancelled"), f.T("inps.counter.cancelled_text", "Amount", s.Amount))
}

// inpsCounterResendAsk asks before a message is sent to the caller again.
func (p *Portal) inpsCounterResendAsk(w http.ResponseWriter, r *http.Request, c voucher.Caller) error {
	m, err := callerMessage(r, c)
	if err != nil {
		return err
	}
	f := p.counterFrame(r, ui.Frame{}.T("inps.counter.resend_title"))
	return p.show(w, r, inps.Act(inps.ActPage{
		Frame: f, Consequences: []string{f.T("inps.counter.resend_text")},
		Facts:   []ui.Entry{{Name: f.T("inps.desk.message.subject"), Value: m.Subject}, {Name: f.T("inps.desk.message.at"), Value: ui.Moment(m.SentAt)}},
		Form:    ui.FormProps{Action: counterPath + "/messaggi/" + m.ID, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.counter.resend"), Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: counterPath}},
	}))
}

// callerMessage is a message that was sent to who is on the line.
func callerMessage(r *http.Request, c voucher.Caller) (voucher.Sent, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Sent{}, err
	}
	for _, m := range c.Messages {
		if m.ID == id {
			return m, nil
		}
	}
	return voucher.Sent{}, fault.ErrNotFound
}

// inpsCounterResend sends a message to the caller again, by e-mail.
func (p *Portal) inpsCounterResend(w http.ResponseWriter, r *http.Request, c voucher.Caller) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	m, err := callerMessage(r, c)
	if err != nil {
		return err
	}
	sent, err := sending(r, "counter.resend", fields)
	if err != nil {
		return err
	}
	if err := p.Desk.Again(r.Context(), actor(r), sent, c.Person.ID, m.ID); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, counterPath, f.T("inps.counter.resent"), f.T("inps.counter.resent_text"))
}
