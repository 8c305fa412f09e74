package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// reportPath is where a problem with a session is reported.
func reportPath(id voucher.BookingID) string { return citizenSessionPath(id) + "/segnala" }

// reported is the session in the address with what became of it.
func (p *Portal) reported(r *http.Request) (voucher.Session, voucher.CaseFile, voucher.SessionFacts, error) {
	s, file, err := p.citizenSession(r)
	if err != nil {
		return s, file, voucher.SessionFacts{}, err
	}
	facts, err := p.Disputes.Facts(r.Context(), s.ID)
	return s, file, facts, err
}

func (p *Portal) reportFrame(r *http.Request, s voucher.Session, file voucher.CaseFile, title string) ui.Frame {
	f := p.citizenSessionFrame(r, s, file)
	session := f.Title
	f.Path[len(f.Path)-1].URL = citizenSessionPath(s.ID)
	f.Title, f.HeadTitle = title, f.T("citizen.report.head")
	f.Caption = session
	f.Path = append(f.Path, ui.Crumb{Text: f.T("citizen.report.head")})
	f.Back = &ui.Link{Text: f.T("citizen.cancel.back"), URL: citizenSessionPath(s.ID)}
	return f
}

// citizenReportAsk asks what is wrong with a session (C-09).
func (p *Portal) citizenReportAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showReporting(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showReporting(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	s, file, facts, err := p.reported(r)
	if err != nil {
		return err
	}
	f := p.reportFrame(r, s, file, ui.Frame{}.T("citizen.report.act"))
	rules := file.Edition.Rules
	page := citizen.ReportPage{
		Frame: f, Form: ui.FormProps{Action: reportPath(s.ID), Key: fields.Get("idem")},
		Kind: fields.Get("problema"), Text: fields.Get("testo"), Hint: f.T("citizen.report.text.hint", "Number", grouped(voucher.LongestReport)),
		Leave:   ui.Link{Text: f.T("citizen.cancel.back"), URL: citizenSessionPath(s.ID)},
		Promise: f.T("citizen.report.promise", "Count", rules.DisputeDays.Is),
		Facts: []ui.Entry{
			{Name: f.T("citizen.booking.when"), Value: appointmentDay(s.Appointment())},
			{Name: f.T("citizen.booking.professional"), Value: s.ProfessionalName, Proper: true},
			{Name: f.T("citizen.booking.amount"), Value: s.Price().String()},
		},
	}
	for _, k := range voucher.DisputeKinds {
		page.Kinds = append(page.Kinds, ui.Option{Value: string(k), Label: f.T("citizen.report.kind." + string(k))})
	}
	if reason := fault.As(facts.MayReport(s.Booking, calendar.On(p.Now()))); reason != nil {
		page.Why = words(f, reason)
	}
	if wrong != nil {
		field := "testo"
		if wrong == voucher.ErrDisputeKind {
			field = "problema"
		}
		page.Errors = []ui.FieldError{{Field: field, Text: words(f, wrong, "Number", grouped(voucher.LongestReport))}}
	}
	return p.showAs(w, r, status, citizen.Report(page))
}

// citizenReport sends what is wrong with a session.
func (p *Portal) citizenReport(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	if strange.field != "" {
		return p.showReporting(w, r, http.StatusUnprocessableEntity, fields, errText)
	}
	meant := url.Values{"idem": fields["idem"], "seduta": {id}, "problema": fields["problema"], "testo": fields["testo"]}
	sent, err := sending(r, "dispute.report", meant)
	if err != nil {
		return err
	}
	_, err = p.Disputes.Report(r.Context(), actor(r), sent, voucher.BookingID(id), voucher.DisputeKind(fields.Get("problema")), fields.Get("testo"))
	switch reason, refused := fault.Refusal(err); {
	case refused && reason.Kind == fault.KindInvalid:
		return p.showReporting(w, r, http.StatusUnprocessableEntity, fields, reason)
	case refused && reason.Kind == fault.KindRefused:
		return p.showReporting(w, r, http.StatusConflict, fields, nil)
	case err != nil:
		return err
	}
	return goTo(w, r, reportPath(voucher.BookingID(id))+"/inviata", nil)
}

// citizenReportSent is the receipt of the last report about a session.
func (p *Portal) citizenReportSent(w http.ResponseWriter, r *http.Request) error {
	s, file, facts, err := p.reported(r)
	if err != nil {
		return err
	}
	if len(facts.Disputes) == 0 {
		return goTo(w, r, reportPath(s.ID), nil)
	}
	d, f := facts.Disputes[0], p.reportFrame(r, s, file, ui.Frame{}.T("citizen.report.sent"))
	page := citizen.ReportSentPage{
		Frame: f, Lead: f.T("citizen.report.sent.lead", "Protocol", d.Protocol, "Count", file.Edition.Rules.DisputeDays.Is),
		Facts: []ui.Entry{
			{Name: f.T("citizen.report.protocol"), Value: d.Protocol, Proper: true},
			{Name: f.T("citizen.report.made"), Value: ui.Moment(d.MadeAt)},
			{Name: f.T("citizen.report.kind"), Value: f.T("citizen.report.kind." + string(d.Kind))},
			{Name: f.T("citizen.report.answer_by"), Value: f.T("citizen.report.answer_by.day", "By", ui.OnDay(d.AnswerBy))},
		},
		Then:  []string{f.T("citizen.report.then.text"), f.T("citizen.report.then.answer")},
		Leave: ui.Link{Text: f.T("citizen.cancel.back"), URL: citizenSessionPath(s.ID)},
	}
	if d.Text != "" {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("citizen.report.text"), Value: d.Text})
	}
	if d.Holds {
		page.Then = append(page.Then, f.T("citizen.report.then.holds"))
	}
	return p.show(w, r, citizen.ReportSent(page))
}

// askAboutSession is a question on a page of its own about the session in the address, or why
// there is none.
func (p *Portal) askAboutSession(w http.ResponseWriter, r *http.Request, status int, key, path string, may func(voucher.Session, voucher.SessionFacts) error) error {
	s, file, facts, err := p.reported(r)
	if err != nil {
		return err
	}
	f := p.reportFrame(r, s, file, ui.Frame{}.T(key+".title", "Of", sessionMoment(s.Booking)))
	f.HeadTitle, f.Caption = f.T(key+".head"), ""
	f.Path[len(f.Path)-1].Text = f.HeadTitle
	page := citizen.AskPage{Frame: f, Back: *f.Back}
	if reason := fault.As(may(s, facts)); reason != nil {
		page.Title, page.Trouble = f.HeadTitle, &citizen.Trouble{Tone: ui.Working, Text: []string{words(f, reason)}}
		return p.showAs(w, r, status, citizen.Ask(page))
	}
	page.Ask = &ui.ConfirmProps{
		Consequences: []string{f.T(key+".text", "Name", s.ProfessionalName, "Amount", s.Price())},
		Form:         ui.FormProps{Action: citizenSessionPath(s.ID) + path, Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T(key + ".act"), Cancel: f.Back},
	}
	return p.showAs(w, r, status, citizen.Ask(page))
}

// mayAcknowledge tells why a holder cannot say that a session took place.
func mayAcknowledge(s voucher.Session, facts voucher.SessionFacts) error {
	return facts.MayAcknowledge(s.Booking)
}

func mayWithdrawReport(_ voucher.Session, facts voucher.SessionFacts) error {
	if _, open := facts.Disputed(); !open {
		return voucher.ErrDisputeEnded
	}
	return nil
}

// citizenAcknowledgeAsk asks whether a session took place: nobody has to say so.
func (p *Portal) citizenAcknowledgeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.askAboutSession(w, r, http.StatusOK, "citizen.acknowledge", "/conferma", mayAcknowledge)
}

// citizenAcknowledge notes that the holder says that a session took place.
func (p *Portal) citizenAcknowledge(w http.ResponseWriter, r *http.Request) error {
	return p.actOnOwnSession(w, r, "booking.acknowledge", "citizen.acknowledge.done", func(sent once.Form, id voucher.BookingID) error {
		return p.Disputes.Acknowledge(r.Context(), actor(r), sent, id)
	}, func() error {
		return p.askAboutSession(w, r, http.StatusConflict, "citizen.acknowledge", "/conferma", mayAcknowledge)
	})
}

// citizenReportWithdrawAsk asks whether to take a report back.
func (p *Portal) citizenReportWithdrawAsk(w http.ResponseWriter, r *http.Request) error {
	return p.askAboutSession(w, r, http.StatusOK, "citizen.report.withdraw", "/segnala/ritira", mayWithdrawReport)
}

// citizenReportWithdraw takes back the report about a session that is open.
func (p *Portal) citizenReportWithdraw(w http.ResponseWriter, r *http.Request) error {
	return p.actOnOwnSession(w, r, "dispute.withdraw", "citizen.report.withdraw.done", func(sent once.Form, id voucher.BookingID) error {
		if _, done, err := p.Vouchers.Outcome(r.Context(), sent); done || err != nil {
			return err
		}
		if _, err := p.Vouchers.Session(r.Context(), actor(r), id); err != nil {
			return err
		}
		facts, err := p.Disputes.Facts(r.Context(), id)
		if err != nil {
			return err
		}
		d, open := facts.Disputed()
		if !open {
			return voucher.ErrDisputeEnded
		}
		return p.Disputes.Withdraw(r.Context(), actor(r), sent, d.ID)
	}, func() error {
		return p.askAboutSession(w, r, http.StatusConflict, "citizen.report.withdraw", "/segnala/ritira", mayWithdrawReport)
	})
}

// actOnOwnSession does what a form about the session of the address asks; refused, it
// shows why.
func (p *Portal) actOnOwnSession(w http.ResponseWriter, r *http.Request, action, done string, act func(once.Form, voucher.BookingID) error, refused func() error) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, action, url.Values{"idem": fields["idem"], "seduta": {id}})
	if err != nil {
		return err
	}
	err = act(sent, voucher.BookingID(id))
	if reason, no := fault.Refusal(err); no && reason.Kind == fault.KindRefused {
		return refused()
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, citizenSessionPath(voucher.BookingID(id)), f.T(done), f.T(done+".text"))
}
