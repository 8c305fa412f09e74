package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// cnopCard is the card of a professional (N-05). The look is written in the register.
func (p *Portal) cnopCard(w http.ResponseWriter, r *http.Request) error {
	c, err := p.cardAsked(r)
	if err != nil {
		return err
	}
	return p.showCard(w, r, c, nil)
}

// cardAsked is the professional that an address names.
func (p *Portal) cardAsked(r *http.Request) (voucher.Card, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Card{}, err
	}
	return p.Participants.See(r.Context(), actor(r), identity.PersonID(id))
}

func (p *Portal) showCard(w http.ResponseWriter, r *http.Request, c voucher.Card, why *fault.Reason) error {
	var f ui.Frame
	f = p.cnopFrame(r, typeset(c.Is.Name()), ui.Crumb{Text: f.T("cnop.roll.title"), URL: rollPath})
	page, err := p.cardPage(r.Context(), f, c, reportsPath)
	if err != nil {
		return err
	}
	at := rollPath + "/" + string(c.Person)
	if c.MaySuspend(actor(r)) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("cnop.suspend.submit"), URL: at + "/sospendi"})
	}
	if c.MayResume(actor(r)) == nil {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("cnop.resume.submit"), URL: at + "/riattiva"})
	}
	status := http.StatusOK
	if why != nil {
		status, page.Errors = refusalStatus(why), []ui.FieldError{{Text: words(f, why)}}
	}
	return p.showAs(w, r, status, cnop.Card(page))
}

// cardPage is what CNOP and INPS both see of a professional. Window titles name
// nobody.
func (p *Portal) cardPage(ctx context.Context, f ui.Frame, c voucher.Card, reports string) (cnop.CardPage, error) {
	today := calendar.On(p.Now())
	f.HeadTitle = f.T("cnop.card.head")
	tag := rollTag(f, cardState(c, today))
	f.Badge = &tag
	is := c.Is
	page := cnop.CardPage{Frame: f, NoReport: f.T("cnop.reports.none_here"), Facts: []ui.Entry{
		{Name: f.T("cnop.column.codice_fiscale"), Value: string(is.FiscalCode), Proper: true},
		{Name: f.T("cnop.card.register"), Value: f.T("cnop.card.register_of", "Region", typeset(is.RegisterRegion), "Number", is.RegisterNumber)},
		{Name: f.T("cnop.column.data_annotazione_psicoterapeuta"), Value: ui.Day(is.AnnotatedOn)},
		{Name: f.T("cnop.column.indirizzo"), Value: typeset(is.Address) + ", " + is.PostalCode + " " + typeset(is.City) + " (" + is.Province + "), " + typeset(is.Region), Proper: true},
		{Name: f.T("cnop.column.telefono"), Value: unbroken(is.Phone), Proper: true},
		{Name: f.T("cnop.card.bookings"), Value: grouped(c.Bookings), Note: f.T("cnop.card.bookings.note")},
	}}
	for _, s := range c.Stretches {
		page.History = append(page.History, stretchRow(f, s))
	}
	all, err := p.Participants.Reports(ctx, c.Person)
	if err != nil {
		return page, err
	}
	for _, x := range all {
		page.Reports = append(page.Reports, reportRow(f, x, reports))
	}
	return page, nil
}

// cardState is how the list sorts a professional.
func cardState(c voucher.Card, today calendar.Date) voucher.RollState {
	switch {
	case c.On(today) || len(c.Stretches) > 0 && c.Stretches[0].Until.IsZero():
		return voucher.RollActive
	case len(c.Stretches) > 0 && c.Stretches[0].Suspended():
		return voucher.RollSuspended
	}
	return voucher.RollLeft
}

// stretchRow is a time on the list: from when to when, by which deliveries, why.
func stretchRow(f ui.Frame, s voucher.Stretch) cnop.StretchRow {
	row := cnop.StretchRow{From: ui.ShortDay(s.From), Until: f.T("cnop.card.still")}
	if !s.Until.IsZero() {
		row.Until = ui.ShortDay(s.Until)
	}
	var how []string
	switch {
	case s.Entered != 0:
		how = append(how, f.T("cnop.card.entered", "Number", s.Entered))
	case s.ResumeWhy != "":
		how = append(how, f.T("cnop.card.resumed", "Why", s.ResumeWhy))
	}
	switch {
	case s.Left != 0:
		how = append(how, f.T("cnop.card.left", "Number", s.Left))
	case s.Why != "":
		how = append(how, f.T("cnop.card.suspended", "Why", s.Why))
	}
	if s.Empty {
		how = append(how, f.T("cnop.card.same_day"))
	}
	for i, text := range how {
		if i > 0 {
			row.How += " "
		}
		row.How += text
	}
	return row
}

// turnWords are the acts on a card by their words, with where they lead.
type turnWords struct{ words, act, slug string }

var (
	suspends = turnWords{"cnop.suspend", "enrolment.suspend", "/sospendi"}
	resumes  = turnWords{"cnop.resume", "enrolment.resume", "/riattiva"}
)

// cnopSuspendAsk asks from when and why a professional is suspended.
func (p *Portal) cnopSuspendAsk(w http.ResponseWriter, r *http.Request) error {
	return p.turnAsk(w, r, suspends, voucher.Card.MaySuspend)
}

// cnopResumeAsk asks from when and why a professional is back.
func (p *Portal) cnopResumeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.turnAsk(w, r, resumes, voucher.Card.MayResume)
}

func (p *Portal) turnAsk(w http.ResponseWriter, r *http.Request, is turnWords, may func(voucher.Card, identity.Actor) error) error {
	c, err := p.cardAsked(r)
	if err != nil {
		return err
	}
	if reason := fault.As(may(c, actor(r))); reason != nil {
		return p.showCard(w, r, c, reason)
	}
	dayName, monthName, yearName := ui.DateNames("data")
	today := calendar.On(p.Now())
	fields := url.Values{dayName: {strconv.Itoa(today.Day)}, monthName: {strconv.Itoa(int(today.Month))}, yearName: {strconv.Itoa(today.Year)}}
	return p.show(w, r, cnop.TurnOf(p.turnPage(r, c, is, fields, once.NewKey(), nil)))
}

func (p *Portal) turnPage(r *http.Request, c voucher.Card, is turnWords, fields url.Values, key string, wrong []ui.FieldError) cnop.TurnPage {
	var f ui.Frame
	at := rollPath + "/" + string(c.Person)
	name := typeset(c.Is.GivenName + " " + c.Is.FamilyName)
	f = p.cnopFrame(r, f.T(is.words+".title", "Name", name), ui.Crumb{Text: f.T("cnop.roll.title"), URL: rollPath}, ui.Crumb{Text: typeset(c.Is.Name()), URL: at})
	f.Path[len(f.Path)-1].Text = f.T(is.words + ".submit")
	f.HeadTitle, f.Errors = f.T("cnop.card.head"), wrong
	f.Back = &ui.Link{Text: f.T("cnop.card.back"), URL: at}
	dayName, monthName, yearName := ui.DateNames("data")
	return cnop.TurnPage{Frame: f,
		Ask: ui.ConfirmProps{Consequences: []string{f.T(is.words+".text", "Count", c.Bookings)},
			Form: ui.FormProps{Action: at + is.slug, Key: key}, Buttons: ui.ButtonsProps{Submit: f.T(is.words + ".submit"), Cancel: f.Back}},
		Day: ui.DateFieldProps{Name: "data", Legend: f.T(is.words + ".day"), Hint: f.T("cnop.turn.day.hint"),
			Day: fields.Get(dayName), Month: fields.Get(monthName), Year: fields.Get(yearName)},
		Why: ui.TextAreaProps{Name: "motivo", Label: f.T("cnop.turn.why"), Hint: f.T("cnop.turn.why.hint"), Value: fields.Get("motivo"), Rows: 3},
	}
}

// cnopSuspend takes a professional off the list.
func (p *Portal) cnopSuspend(w http.ResponseWriter, r *http.Request) error {
	return p.turn(w, r, suspends, p.Participants.Suspend)
}

// cnopResume puts a suspended professional back on the list.
func (p *Portal) cnopResume(w http.ResponseWriter, r *http.Request) error {
	return p.turn(w, r, resumes, p.Participants.Resume)
}

func (p *Portal) turn(w http.ResponseWriter, r *http.Request, is turnWords,
	act func(context.Context, identity.Actor, once.Form, identity.PersonID, calendar.Date, string) error) error {
	c, err := p.cardAsked(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, is.act, fields)
	if err != nil {
		return err
	}
	day, err := dateField(fields, "data")
	if err == nil {
		err = act(r.Context(), actor(r), sent, c.Person, day, fields.Get("motivo"))
	}
	wrong := map[*fault.Reason]string{errDate: "data", voucher.ErrEnrolmentDay: "data", voucher.ErrWhy: "motivo"}
	reason, refused := fault.Refusal(err)
	switch field := wrong[reason]; {
	case field != "":
		var f ui.Frame
		page := p.turnPage(r, c, is, fields, sent.Key, []ui.FieldError{{Field: field, Text: words(f, reason)}})
		return p.showAs(w, r, http.StatusUnprocessableEntity, cnop.TurnOf(page))
	case refused && !errors.Is(err, once.ErrOtherContent):
		return p.showCard(w, r, c, reason)
	case err != nil:
		return err
	}
	var f ui.Frame
	return p.done(w, r, rollPath+"/"+string(c.Person), f.T(is.words+".done"), f.T(is.words+".done_text", "FromDay", ui.FromDay(day)))
}
