package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// movePath is where a booked session is changed.
func movePath(id voucher.BookingID) string { return sessionPath(id) + "/modifica" }

// moveFields are the fields of the form, as they also stand in the address of one that
// is filled in again.
var moveFields = []string{"data-giorno", "data-mese", "data-anno", "ora", "importo", "sede"}

// psychologistMoveAsk shows a session with the fields to change it (S-05). One that
// cannot be moved is shown as it is, with the reason.
func (p *Portal) psychologistMoveAsk(w http.ResponseWriter, r *http.Request) error {
	s, err := p.sessionSeen(r)
	if err != nil {
		return err
	}
	if reason := fault.As(s.MayMove(calendar.On(p.Now()))); reason != nil {
		return p.showRefused(w, r, s, reason)
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	fields := asTyped(s)
	for _, name := range moveFields {
		if q.Has(name) {
			fields.Set(name, q.Get(name))
		}
	}
	return p.showMove(w, r, http.StatusOK, s, fields, nil)
}

// asTyped is a session as its professional would type it.
func asTyped(s voucher.Session) url.Values {
	d := s.Day
	fields := url.Values{"data-giorno": {strconv.Itoa(d.Day)}, "data-mese": {strconv.Itoa(int(d.Month))}, "data-anno": {strconv.Itoa(d.Year)},
		"importo": {s.Amount.Field()}, "sede": {"0"}}
	if !s.Start.IsZero() {
		fields.Set("ora", ui.Clock(s.Start))
	}
	return fields
}

// movePlaces are where a session may take place: where it was to, and where the list
// says that its professional works.
func movePlaces(s voucher.Session, r *http.Request) []string {
	places := []string{s.Place}
	if own := participation(r).Listing.Place(); own != s.Place {
		places = append(places, own)
	}
	return places
}

func (p *Portal) showMove(w http.ResponseWriter, r *http.Request, status int, s voucher.Session, fields url.Values, wrong []ui.FieldError) error {
	rules, err := p.rulesOf(r, s)
	if err != nil {
		return err
	}
	f := p.moveFrame(r, s)
	f.Caption, f.Errors = f.Step(1, 2), wrong
	page := psychologist.MovePage{
		Frame: f, Form: ui.FormProps{Action: movePath(s.ID)}, Facts: bookingFacts(s),
		Day: ui.DateFieldProps{Name: "data", Legend: f.T("psychologist.book.day"), Hint: f.T("psychologist.book.day_hint"),
			Day: fields.Get("data-giorno"), Month: fields.Get("data-mese"), Year: fields.Get("data-anno")},
		Hour: fields.Get("ora"), Amount: fields.Get("importo"), Place: fields.Get("sede"),
		Cap:         f.T("psychologist.book.cap", "Cap", rules.SessionCap.Is),
		CancelUntil: f.T("psychologist.book.cancel_until", "Count", rules.CancelDaysBefore.Is),
		Leave:       ui.Link{Text: f.T("psychologist.move.leave"), URL: sessionPath(s.ID)},
	}
	for i, place := range movePlaces(s, r) {
		page.Places = append(page.Places, ui.Option{Value: strconv.Itoa(i), Label: typeset(place)})
	}
	return p.showAs(w, r, status, psychologist.Move(page))
}

func (p *Portal) moveFrame(r *http.Request, s voucher.Session) ui.Frame {
	f := p.psychologistFrame(r, "psychologist.move.title", "OfDay", ui.OfDay(s.Day))
	nameStep(&f, "psychologist.move.short")
	f.Back = &ui.Link{Text: f.T("psychologist.to_session"), URL: sessionPath(s.ID)}
	return f
}

// rulesOf are the rules of the edition of a session.
func (p *Portal) rulesOf(r *http.Request, s voucher.Session) (voucher.Rules, error) {
	all, err := p.Vouchers.Editions(r.Context())
	return all[s.Edition].Rules, err
}

// readMove reads what was typed, or says what cannot be read.
func readMove(r *http.Request, s voucher.Session, fields url.Values) (to voucher.Appointment, wrong []ui.FieldError) {
	var f ui.Frame
	refuse := func(field, text string) { wrong = append(wrong, ui.FieldError{Field: field, Text: text}) }
	day, err := dateField(fields, "data")
	switch {
	case err != nil:
		refuse("data", words(f, fault.As(err)))
	case day.IsZero():
		refuse("data", words(f, voucher.ErrDayMissing))
	}
	start, err := timeField(fields.Get("ora"), day)
	if err != nil {
		refuse("ora", words(f, fault.As(err)))
	}
	amount, err := money.Parse(fields.Get("importo"))
	switch {
	case strings.TrimSpace(fields.Get("importo")) == "":
		refuse("importo", f.T("psychologist.book.amount_missing"))
	case err != nil:
		refuse("importo", words(f, fault.As(err)))
	}
	places := movePlaces(s, r)
	at, err := strconv.Atoi(fields.Get("sede"))
	if fields.Get("sede") == "" {
		at, err = 0, nil
	}
	if err != nil || at < 0 || at >= len(places) {
		refuse("sede", words(f, voucher.ErrPlaceUnknown))
		at = 0
	}
	return voucher.Appointment{Day: day, Start: start, Amount: amount, Place: places[at]}, wrong
}

// psychologistMove shows what a session was beside what it becomes and, once that was
// read, moves it.
func (p *Portal) psychologistMove(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	s, err := p.ownSession(r)
	if err != nil {
		return err
	}
	sure := fields.Get("confermo") == "si"
	if reason := fault.As(s.MayMove(calendar.On(p.Now()))); reason != nil && !sure {
		return p.showRefused(w, r, s, reason)
	}
	to, wrong := readMove(r, s, fields)
	if strange.field != "" {
		wrong = append(wrong, ui.FieldError{Field: slotOf(strange.field), Text: words(ui.Frame{}, errText)})
	}
	if len(wrong) > 0 {
		return p.showMove(w, r, http.StatusUnprocessableEntity, s, fields, wrong)
	}
	if !sure {
		if err := p.Vouchers.MayMove(r.Context(), actor(r), s, to); err != nil {
			return p.moveRefused(w, r, s, fields, err)
		}
		return p.showAfter(w, r, s, to, fields)
	}
	sent, err := sending(r, "voucher.move", fields)
	if err != nil {
		return err
	}
	if err := p.Vouchers.Move(r.Context(), actor(r), sent, s.ID, to); err != nil {
		// Refused, perhaps because this very form was acted on before.
		if _, done, lookup := p.Vouchers.Outcome(r.Context(), sent); !done || lookup != nil {
			return p.moveRefused(w, r, s, fields, err)
		}
	}
	var f ui.Frame
	return p.done(w, r, sessionPath(s.ID), f.T("psychologist.move.done"), f.T("psychologist.move.done_text"))
}

// showAfter is the question before a session is moved: before and after.
func (p *Portal) showAfter(w http.ResponseWriter, r *http.Request, s voucher.Session, to voucher.Appointment, fields url.Values) error {
	rules, err := p.rulesOf(r, s)
	if err != nil {
		return err
	}
	f := p.moveFrame(r, s)
	f.Title, f.Caption = f.T("psychologist.move.check", "OfDay", ui.OfDay(s.Day)), f.Step(2, 2)
	was, again := s.Appointment(), url.Values{}
	page := psychologist.MovedPage{Frame: f, Hidden: [][2]string{{"confermo", "si"}}}
	for _, name := range moveFields {
		page.Hidden = append(page.Hidden, [2]string{name, fields.Get(name)})
		again.Set(name, fields.Get(name))
	}
	page.Again = ui.Link{Text: f.T("psychologist.move.again"), URL: withQuery(movePath(s.ID), again)}
	hour := func(a voucher.Appointment) string {
		if a.Start.IsZero() {
			return f.T("psychologist.move.no_hour")
		}
		return ui.Clock(a.Start)
	}
	for _, row := range []psychologist.MovedRow{
		{What: f.T("psychologist.book.day"), Was: ui.Day(was.Day), Is: ui.Day(to.Day)},
		{What: f.T("psychologist.book.hour"), Was: hour(was), Is: hour(to)},
		{What: f.T("psychologist.amount"), Was: was.Amount.String(), Is: to.Amount.String()},
		{What: f.T("psychologist.place"), Was: typeset(was.Place), Is: typeset(to.Place)},
	} {
		row.Same = row.Was == row.Is
		page.Rows = append(page.Rows, row)
	}
	last := voucher.Booking{Day: to.Day}.LastDayToCancel(rules)
	says := f.T("psychologist.move.tells", "OfDay", ui.OfDay(last))
	if last.Before(calendar.On(p.Now())) {
		says = f.T("psychologist.move.tells_late")
	}
	page.Ask = ui.ConfirmProps{
		Consequences: []string{says}, Form: ui.FormProps{Action: movePath(s.ID), Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("psychologist.move.submit"), Cancel: &ui.Link{Text: f.T("psychologist.move.leave"), URL: sessionPath(s.ID)}},
	}
	return p.show(w, r, psychologist.Moved(page))
}

// moveRefused shows the form again with what was refused, or the session as it has
// become.
func (p *Portal) moveRefused(w http.ResponseWriter, r *http.Request, s voucher.Session, fields url.Values, refusal error) error {
	reason, refused := fault.Refusal(refusal)
	if !refused || errors.Is(refusal, once.ErrOtherContent) {
		return refusal
	}
	if reason.Kind != fault.KindInvalid {
		now, err := p.ownSession(r)
		if err != nil {
			return err
		}
		return p.showRefused(w, r, now, reason)
	}
	rules, err := p.rulesOf(r, s)
	if err != nil {
		return err
	}
	var f ui.Frame
	field, text := "data", words(f, reason)
	switch reason {
	case voucher.ErrDayTooLate:
		text = f.T("psychologist.book.too_late", "OnDay", ui.OnDay(s.LastDay))
	case voucher.ErrDayTooEarly:
		text = f.T("psychologist.move.too_early")
	case voucher.ErrSameDay:
		text = f.T("psychologist.move.same_day")
	case voucher.ErrBeneficiaryBusy:
		field, text = "ora", f.T("psychologist.book.busy_holder")
	case voucher.ErrProfessionalBusy:
		field = "ora"
	case voucher.ErrAboveCap:
		field, text = "importo", f.T("psychologist.book.above_cap", "Cap", rules.SessionCap.Is)
	case voucher.ErrNoAmount:
		field = "importo"
	case voucher.ErrNotEnough:
		field, text = "importo", f.T("psychologist.move.not_enough")
	case voucher.ErrPlaceUnknown:
		field = "sede"
	}
	return p.showMove(w, r, http.StatusUnprocessableEntity, s, fields, []ui.FieldError{{Field: field, Text: text}})
}
