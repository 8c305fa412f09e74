package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// daySlots are the fields of the days of one form: the session, and the next ones.
var daySlots = []string{"data", "data-2", "data-3", "data-4"}

// fieldOrder is the order of the page, which that of its errors follows.
var fieldOrder = []string{"quando", "data", "ora", "importo", "data-2", "data-3", "data-4"}

// psychologistBookAsk shows the second step of a booking (S-03). Without a voucher
// checked just now there is only the first.
func (p *Portal) psychologistBookAsk(w http.ResponseWriter, r *http.Request) error {
	id, ok := p.keptVoucher(r)
	if !ok {
		return goTo(w, r, bookPath, nil)
	}
	offer, err := p.Vouchers.Offer(r.Context(), id)
	if err != nil {
		return err
	}
	if offer.Account.OpenOn(p.Now()) != nil {
		return goTo(w, r, bookPath, nil) // spent or expired since: the first step says which
	}
	err = p.Vouchers.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: voucher.AccountSeen,
		Subject: string(id), About: offer.Holder.ID})
	if err != nil {
		return err
	}
	amount := min(offer.Account.Rules.SessionCap.Is, offer.Account.Voucher.Balance())
	fields := url.Values{"idem": {once.NewKey()}, "quando": {"da-fare"}, "importo": {amount.Field()}}
	return p.show(w, r, psychologist.Book(p.bookPage(r, offer, fields)))
}

// psychologistBook books the sessions of the form, all of them or none.
func (p *Portal) psychologistBook(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	sent, err := sending(r, "voucher.book", fields)
	if err != nil {
		return err
	}
	id, ok := p.keptVoucher(r)
	shown, version, _ := strings.Cut(fields.Get("versione"), " ")
	if !ok || shown != string(id) {
		// Too late to book, but not to hear what came of this very form.
		booking, done, err := p.Vouchers.Outcome(r.Context(), sent)
		switch {
		case err != nil:
			return err
		case done:
			return goTo(w, r, sessionPath(voucher.BookingID(booking)), nil)
		}
		return goTo(w, r, bookPath, url.Values{"motivo": {"tempo"}})
	}
	offer, err := p.Vouchers.Offer(r.Context(), id)
	if err != nil {
		return err
	}
	wanted, wrong := readBooking(offer.Account, fields)
	if strange.field != "" {
		wrong = append(wrong, ui.FieldError{Field: slotOf(strange.field), Text: words(ui.Frame{}, errText)})
	}
	if len(wrong) > 0 {
		page := p.bookPage(r, offer, fields)
		page.Errors = wrong
		return p.showAs(w, r, http.StatusUnprocessableEntity, psychologist.Book(page))
	}
	first, err := p.Vouchers.BookOn(r.Context(), actor(r), sent, offer.Account, participation(r), wanted.requests)
	reason, refused := fault.Refusal(err)
	switch {
	case errors.Is(err, voucher.ErrNotEnrolled):
		return p.psychologistOut(w, r, participation(r))
	case errors.Is(err, once.ErrOtherContent) || err != nil && !refused:
		return err
	case refused:
		return p.bookRefused(w, r, fields, id, version, wanted, reason, err)
	}
	return p.booked(w, r, first, wanted.requests, offer.Account.Rules)
}

// booked leads to the session that was just booked, or to the confirmation of one
// that has been held already.
func (p *Portal) booked(w http.ResponseWriter, r *http.Request, first voucher.BookingID, requests []voucher.Request, rules voucher.Rules) error {
	var f ui.Frame
	if requests[0].Held {
		return p.done(w, r, sessionPath(first)+"/conferma", f.T("psychologist.book.registered"), f.T("psychologist.book.registered_text"))
	}
	last := voucher.Booking{Day: requests[0].Day}.LastDayToCancel(rules)
	title, outcome := "psychologist.book.done", "psychologist.book.done_one"
	switch {
	case last.Before(calendar.On(p.Now())):
		outcome = "psychologist.book.done_late"
	case len(requests) > 1:
		outcome = "psychologist.book.done_many"
	}
	return p.done(w, r, sessionPath(first), f.T(title, "Count", len(requests)),
		f.T(title, "Count", len(requests))+". "+f.T(outcome, "OfDay", ui.OfDay(last)))
}

// bookRefused shows the form again with what was refused, on what the voucher has
// become meanwhile.
func (p *Portal) bookRefused(w http.ResponseWriter, r *http.Request, fields url.Values, id voucher.ID, version string,
	wanted bookingForm, reason *fault.Reason, refusal error) error {
	offer, err := p.Vouchers.Offer(r.Context(), id)
	if err != nil {
		return err
	}
	page := p.bookPage(r, offer, fields)
	status := statuses[reason.Kind]
	if reason == voucher.ErrNotEnough && version != strconv.FormatInt(offer.Account.Voucher.Version, 10) {
		status = http.StatusConflict
		page.Errors = []ui.FieldError{{Field: "importo", Text: page.T("psychologist.book.moved", "Balance", page.Balance)}}
	} else {
		page.Errors = []ui.FieldError{wanted.explain(page, offer.Account, reason, refusal)}
	}
	for _, e := range page.Errors {
		page.MoreOpen = page.MoreOpen || strings.HasPrefix(e.Field, "data-")
	}
	return p.showAs(w, r, status, psychologist.Book(page))
}

// bookPage is the form with what was typed in it. Its version is the voucher and
// how often it had changed when it was shown.
func (p *Portal) bookPage(r *http.Request, offer voucher.Offer, fields url.Values) psychologist.BookPage {
	f := p.psychologistFrame(r, "psychologist.check.title")
	f.Caption = f.Step(2, 2)
	f.Back = &ui.Link{Text: f.T("psychologist.book.back"), URL: bookPath}
	v, rules := offer.Account.Voucher, offer.Account.Rules
	page := psychologist.BookPage{
		Frame: f,
		Form: ui.FormProps{Action: bookDataPath, Key: fields.Get("idem"),
			Version: string(v.ID) + " " + strconv.FormatInt(v.Version, 10)},
		Holder:  offer.Holder.Name(),
		LastDay: v.Terms.LastDay, Balance: v.Balance(), Cap: rules.SessionCap.Is,
		Place:       participation(r).Listing.Place(),
		CancelUntil: f.T("psychologist.book.cancel_until", "Count", rules.CancelDaysBefore.Is),
		AskHeld:     rules.DirectConfirmation.Is, When: fields.Get("quando"),
		Hour: fields.Get("ora"), Amount: fields.Get("importo"),
		OtherURL: bookPath,
	}
	for i, slot := range daySlots {
		day, month, year := ui.DateNames(slot)
		field := ui.DateFieldProps{Name: slot, Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
		if i == 0 {
			field.Legend, field.Hint = f.T("psychologist.book.day"), f.T("psychologist.book.day_hint")
			page.Day = field
			continue
		}
		field.Legend, field.Optional = f.T("psychologist.book.day_more", "Number", i+1), true
		page.More = append(page.More, field)
		page.MoreOpen = page.MoreOpen || field.Day+field.Month+field.Year != ""
	}
	return page
}

// slotOf is the field that a part of a day belongs to, or the field itself.
func slotOf(field string) string {
	for _, slot := range daySlots {
		day, month, year := ui.DateNames(slot)
		if field == day || field == month || field == year {
			return slot
		}
	}
	return field
}

// bookingForm is the sessions that a form asks for, and the field of each.
type bookingForm struct {
	requests []voucher.Request
	slots    []string
}

// readBooking reads what was typed, or says what cannot be read.
func readBooking(a voucher.Account, fields url.Values) (wanted bookingForm, wrong []ui.FieldError) {
	var f ui.Frame
	refuse := func(field, text string) { wrong = append(wrong, ui.FieldError{Field: field, Text: text}) }
	when, hour, askHeld := fields.Get("quando"), fields.Get("ora"), a.Rules.DirectConfirmation.Is
	if askHeld && when != "da-fare" && when != "svolta" {
		refuse("quando", f.T("psychologist.book.when_missing"))
	}
	var wrongHour error
	for i, slot := range daySlots {
		day, err := dateField(fields, slot)
		switch {
		case err != nil:
			refuse(slot, ofSlot(f, slot, words(f, fault.As(err))))
			continue
		case day.IsZero() && i == 0:
			refuse(slot, words(f, voucher.ErrDayMissing))
			continue
		case day.IsZero():
			continue
		}
		start, err := timeField(hour, day)
		if err != nil {
			wrongHour = err
		}
		wanted.slots = append(wanted.slots, slot)
		wanted.requests = append(wanted.requests, voucher.Request{ID: voucher.NewBookingID(), Day: day, Start: start,
			Held: i == 0 && askHeld && when == "svolta"})
	}
	if len(wanted.requests) == 0 {
		_, wrongHour = timeField(hour, a.Voucher.Terms.LastDay)
	}
	if wrongHour != nil {
		refuse("ora", words(f, fault.As(wrongHour)))
	}
	amount, err := money.Parse(fields.Get("importo"))
	switch {
	case strings.TrimSpace(fields.Get("importo")) == "":
		refuse("importo", f.T("psychologist.book.amount_missing"))
	case err != nil:
		refuse("importo", words(f, fault.As(err)))
	}
	for i := range wanted.requests {
		wanted.requests[i].Amount = amount
	}
	slices.SortStableFunc(wrong, func(a, b ui.FieldError) int {
		return slices.Index(fieldOrder, a.Field) - slices.Index(fieldOrder, b.Field)
	})
	return wanted, wrong
}

// explain says beside which field a booking was refused, and why.
func (b bookingForm) explain(page psychologist.BookPage, a voucher.Account, reason *fault.Reason, err error) ui.FieldError {
	var at voucher.RequestError
	field, which := "", 0
	if errors.As(err, &at) {
		which = at.Index
		field = b.slots[which]
	}
	text := words(page.Frame, reason)
	switch reason {
	case voucher.ErrDayTooLate:
		text = page.T("psychologist.book.too_late", "OnDay", ui.OnDay(a.Voucher.Terms.LastDay))
	case voucher.ErrDayTooEarly:
		text = page.T("psychologist.book.too_early", "OfDay", ui.OfDay(a.Voucher.Terms.AcceptedOn))
	case voucher.ErrDayPast:
		if page.AskHeld {
			text = page.T("psychologist.book.past_or_held")
		}
	case voucher.ErrSameDay:
		field = b.slots[which]
		text = page.T("psychologist.book.same_day", "OnDay", ui.OnDay(b.requests[which].Day))
	case voucher.ErrTooManyOpen:
		text = page.T("psychologist.book.too_many_open", "Count", a.Rules.OpenBookings.Is)
	case voucher.ErrBeneficiaryBusy, voucher.ErrProfessionalBusy:
		field = "ora"
		text = page.T("psychologist.book.busy_holder")
		if reason == voucher.ErrProfessionalBusy {
			text = words(page.Frame, reason)
		}
	case voucher.ErrAboveCap:
		field, text = "importo", page.T("psychologist.book.above_cap", "Cap", page.Cap)
	case voucher.ErrNoAmount:
		field = "importo"
	case voucher.ErrNotEnough:
		if which == 0 {
			field, text = "importo", page.T("psychologist.book.not_enough", "Balance", page.Balance)
		} else {
			text = page.T("psychologist.book.not_enough_more", "Balance", page.Balance)
		}
	}
	return ui.FieldError{Field: field, Text: ofSlot(page.Frame, field, text)}
}

// ofSlot says which session an error is about, where it is not the first.
func ofSlot(f ui.Frame, slot, text string) string {
	if i := slices.Index(daySlots, slot); i > 0 {
		return f.T("psychologist.book.of_slot", "Number", i+1, "Text", text)
	}
	return text
}
