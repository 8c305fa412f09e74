package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// agendaShelves are the names of the shelves in addresses and in the catalogue.
var agendaShelves = map[voucher.AgendaState]struct{ slug, words string }{
	voucher.ToConfirm: {"da-confermare", "psychologist.shelf.to_confirm"},
	voucher.ToInvoice: {"da-fatturare", "psychologist.shelf.to_invoice"},
	voucher.ToCome:    {"prenotate", "psychologist.shelf.to_come"},
	voucher.Billed:    {"fatturate", "money.shelf.invoiced"},
	voucher.BeingPaid: {"in-pagamento", "money.shelf.in_payment"},
	voucher.PaidOut:   {"pagate", "money.shelf.paid"},
	voucher.CalledOff: {"annullate", "psychologist.shelf.cancelled"},
}

// psychologistAgenda shows a professional's sessions (S-01).
func (p *Portal) psychologistAgenda(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("psychologist.agenda.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.T("menu.sessions")}}
	if q.Get("filtri") == "togli" {
		p.Logins.Remove(r.Context(), keyHolder)
		return goTo(w, r, sessionsPath, shelfOnly(q))
	}
	ask, wrong := p.agendaQuery(r, f, q)
	f.Errors = wrong
	found, err := p.Vouchers.Agenda(r.Context(), actor(r).Person, ask)
	if err != nil {
		return err
	}
	page := psychologist.AgendaPage{
		Frame: f, BookURL: bookPath, Counters: agendaCounters(f, found), Shelves: shelfTabs(f, ask.State),
		Risk: agendaRisk(f, found, ask.Today), Account: accountWarning(f, found.Payee, ask.Today),
		Shelf: agendaShelves[ask.State].slug, Found: found.Total,
		From: q.Get("dal"), To: q.Get("al"), Holder: ask.Holder,
		CSVURL: withQuery(sessionsPath+".csv", agendaFilters(q)), CalendarURL: psychologistFeedPath,
	}
	if standing := participation(r); !standing.Enrolled {
		page.BookURL, page.Left = "", leftTheList(f, standing)
	}
	if len(found.Counts) > 0 {
		page.Filters = &ui.FiltersProps{Label: f.T("psychologist.agenda.search"), Action: sessionsPath, Private: true}
	}
	if page.From+page.To+page.Holder != "" && page.Filters != nil {
		clear := shelfOnly(q)
		clear.Set("filtri", "togli")
		page.FiltersOpen, page.Filters.ClearURL = true, withQuery(sessionsPath, clear)
	}
	p.fillRows(&page, found.Sessions, q)
	page.Pages = listPages(f.T("psychologist.agenda.pages"), sessionsPath, agendaFilters(q), ask.Page, found.Total, voucher.AgendaPageSize)
	if len(page.Sessions) == 0 && found.Total > 0 {
		return goTo(w, r, sessionsPath, agendaFilters(q)) // a page beyond the last
	}
	if len(page.Sessions) == 0 {
		page.Empty, page.EmptyLink = emptyAgenda(page)
	}
	status := http.StatusOK
	if len(wrong) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return p.showAs(w, r, status, psychologist.Agenda(page))
}

// psychologistAgendaFilter takes the filters of the list. The name of a
// beneficiary stays in the login session: it has no place in an address.
func (p *Portal) psychologistAgendaFilter(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyHolder, strings.TrimSpace(fields.Get("beneficiario")))
	return goTo(w, r, sessionsPath, agendaFilters(fields))
}

// agendaQuery reads what the address asks for, and the name filtered by. A day that
// is none is said, and left out.
func (p *Portal) agendaQuery(r *http.Request, f ui.Frame, q url.Values) (ask voucher.Agenda, wrong []ui.FieldError) {
	ask = voucher.Agenda{Today: calendar.On(p.Now()), Holder: p.Logins.GetString(r.Context(), keyHolder), Page: pageNumber(q)}
	for state, name := range agendaShelves {
		if q.Get("stato") == name.slug {
			ask.State = state
		}
	}
	day := func(field string) calendar.Date {
		text := strings.TrimSpace(q.Get(field))
		d, ok := dayOf(text)
		if !ok && text != "" {
			wrong = append(wrong, ui.FieldError{Field: field, Text: words(f, errDate)})
		}
		return d
	}
	ask.From, ask.To = day("dal"), day("al")
	return ask, wrong
}

// dayOf reads a day as a browser's date field sends it, or as people write it
// where there is none: "2026-03-12", "12/3/2026".
func dayOf(text string) (calendar.Date, bool) {
	if d, err := calendar.ParseDate(text); err == nil {
		return d, true
	}
	t, err := time.Parse("2/1/2006", text)
	if err != nil {
		return calendar.Date{}, false
	}
	return calendar.CheckedDate(t.Year(), int(t.Month()), t.Day())
}

// deadlineShown is how many days ahead the page warns of a term; before, it only says
// when it is.
const deadlineShown = 30

// agendaRisk is the box that says by when the sessions must be complete, nil when they
// are.
func agendaRisk(f ui.Frame, found voucher.AgendaPage, today calendar.Date) *psychologist.AgendaRisk {
	if found.AtRisk.Sessions == 0 {
		return nil
	}
	risk := &psychologist.AgendaRisk{Tone: ui.Working, Link: ui.Link{URL: riskPath,
		Text: f.T("money.agenda.risk.link", "Count", found.AtRisk.Sessions, "Amount", found.AtRisk.Amount)}}
	switch {
	case found.RiskBy.IsZero():
		risk.Tone, risk.Text = ui.Danger, f.T("money.agenda.risk.over")
	case today.Until(found.RiskBy) <= deadlineShown:
		risk.Tone, risk.Text = ui.Action, f.T("money.agenda.risk", "By", ui.ByDay(found.RiskBy))
	default:
		risk.Text = f.T("money.agenda.risk", "By", ui.ByDay(found.RiskBy))
	}
	return risk
}

// accountWarning says why nothing can be paid to a professional, nil when it can.
func accountWarning(f ui.Frame, payee voucher.Payee, today calendar.Date) *psychologist.AgendaAccount {
	w := &psychologist.AgendaAccount{Tone: ui.Action, Text: f.T("money.account.missing"), Link: ui.Link{Text: f.T("money.account.give"), URL: ibanPath}}
	switch payee.State {
	case "verified":
		return nil
	case "to_verify", "verifying":
		w.Tone, w.Text, w.Link.Text = ui.Working, f.T("money.account.to_verify", "OnDay", ui.OnDay(payee.ExpectedBy)), f.T("money.account.see")
		if today.After(payee.ExpectedBy) {
			w.Text = f.T("money.account.late", "OnDay", ui.OnDay(payee.ExpectedBy))
		}
	}
	return w
}

// agendaCounters are the numbers above the list, each leading to its shelf.
func agendaCounters(f ui.Frame, found voucher.AgendaPage) []psychologist.Counter {
	var all []psychologist.Counter
	for _, c := range []struct {
		state voucher.AgendaState
		tone  ui.Tone
	}{{voucher.ToConfirm, ui.Action}, {voucher.ToInvoice, ui.Action}, {voucher.ToCome, ui.Working}, {voucher.BeingPaid, ui.Success}} {
		n := found.Counts[c.state]
		one := psychologist.Counter{Text: f.T(agendaShelves[c.state].words), Number: grouped(n), Tone: c.tone, URL: shelfURL(c.state)}
		if n == 0 {
			one.Tone = ui.Closed
		}
		if c.state == voucher.BeingPaid {
			one.Amount = found.BeingPaid.String()
		}
		all = append(all, one)
	}
	return all
}

func shelfURL(state voucher.AgendaState) string {
	return withQuery(sessionsPath, url.Values{"stato": {agendaShelves[state].slug}})
}

// fillRows writes the sessions of a page, with what can be done about several.
func (p *Portal) fillRows(page *psychologist.AgendaPage, sessions []voucher.AgendaSession, q url.Values) {
	now := p.Now()
	today := calendar.On(now)
	all := q.Get("scegli") == "tutte"
	for _, s := range sessions {
		row := psychologist.AgendaRow{
			ID: s.ID, URL: sessionPath(s.ID), Day: s.Day, Clock: bookingClock(s.Booking), Holder: s.Holder.Name(), FiscalCode: s.Holder.FiscalCode.Masked(),
			Amount: s.Price(), State: agendaTag(page.Frame, s, today), Note: agendaNote(page.Frame, s, now),
			Action: ui.Link{Text: page.T("psychologist.agenda.see"), URL: sessionPath(s.ID)},
		}
		switch {
		case s.MayConfirm(s.Terms(), now) == nil:
			row.Choosable, page.ConfirmURL = true, confirmPath
			row.Action = ui.Link{Text: page.T("psychologist.agenda.confirm_one"), URL: sessionPath(s.ID) + "/conferma"}
		case s.MayInvoice(now) == nil:
			row.Choosable, page.InvoiceURL = true, invoiceChosenPath
			row.Action = ui.Link{Text: page.T("money.agenda.invoice_one"), URL: billURL(s.ID)}
		case s.MayCorrect(today):
			row.Action = ui.Link{Text: page.T("money.agenda.correct_one"), URL: billPath + "/" + string(s.Invoice) + "/correggi"}
		}
		row.Chosen = row.Choosable && all
		page.Sessions = append(page.Sessions, row)
	}
	choice := agendaFilters(q)
	page.ChooseAll = ui.Link{Text: page.T("psychologist.agenda.choose_all")}
	if all {
		page.ChooseAll.Text = page.T("psychologist.agenda.choose_none")
	} else {
		choice.Set("scegli", "tutte")
	}
	if n := pageNumber(q); n > 1 {
		choice.Set("p", strconv.Itoa(n))
	}
	page.ChooseAll.URL = withQuery(sessionsPath, choice) + "#risultati"
}

// shelfTabs are the shelves.
func shelfTabs(f ui.Frame, current voucher.AgendaState) []ui.Tab {
	tabs := []ui.Tab{{Text: f.T("psychologist.shelf.all"), URL: sessionsPath, Current: current == ""}}
	for _, state := range voucher.AgendaStates {
		tabs = append(tabs, ui.Tab{Text: f.T(agendaShelves[state].words), URL: shelfURL(state), Current: current == state})
	}
	return tabs
}

// agendaTag is the word of a session's shelf, or that its invoice is to be corrected.
func agendaTag(f ui.Frame, s voucher.AgendaSession, today calendar.Date) ui.Tag {
	if s.ToCorrect() {
		return ui.Tag{Tone: ui.Action, Text: f.T("money.stage.tag.to_correct")}
	}
	return shelfTag(f, s.Shelf(today))
}

// shelfTag is the word of a shelf on one session, in the colour of whose move it is.
func shelfTag(f ui.Frame, state voucher.AgendaState) ui.Tag {
	switch state {
	case voucher.ToConfirm:
		return ui.Tag{Tone: ui.Action, Text: f.T("psychologist.tag.to_confirm")}
	case voucher.ToInvoice:
		return ui.Tag{Tone: ui.Action, Text: f.T("psychologist.tag.to_invoice")}
	case voucher.CalledOff:
		return ui.Tag{Tone: ui.Closed, Text: f.T("psychologist.tag.cancelled")}
	case voucher.Billed:
		return ui.Tag{Tone: ui.Working, Text: f.T("money.tag.invoiced")}
	case voucher.BeingPaid:
		return ui.Tag{Tone: ui.Success, Text: f.T("money.tag.in_payment")}
	case voucher.PaidOut:
		return ui.Tag{Tone: ui.Success, Text: f.T("money.tag.paid")}
	}
	return ui.Tag{Tone: ui.Working, Text: f.T("psychologist.tag.to_come")}
}

// agendaNote is what comes next for a session, and by when.
func agendaNote(f ui.Frame, s voucher.AgendaSession, now time.Time) string {
	switch {
	case s.State == voucher.Cancelled:
		text := f.T("psychologist.note.cancelled."+string(s.CancelReason), "OnDay", ui.OnDay(calendar.On(s.CancelledAt)))
		if s.CancelGround != "" {
			text += ": " + f.T("psychologist.ground."+s.CancelGround)
		}
		return text
	case s.MayCorrect(calendar.On(now)):
		return f.T("money.note.to_correct", "By", ui.ByDay(s.CorrectBy))
	case s.ToCorrect():
		return f.T("money.note.too_late_to_correct", "OnDay", ui.OnDay(s.CorrectBy))
	case s.Invoiced():
		return ""
	case s.State == voucher.Held && calendar.On(now).After(s.InvoiceBy) && s.MayInvoice(now) != nil:
		return f.T("money.note.too_late", "By", ui.ByDay(s.InvoiceBy))
	case s.State == voucher.Held:
		return f.T("money.note.to_invoice", "By", ui.ByDay(s.InvoiceBy))
	}
	if err := s.MayConfirm(s.Terms(), now); err != nil {
		return confirmRefusal(f, s.Session, fault.As(err))
	}
	return f.T("money.note.to_confirm", "By", ui.ByDay(s.ConfirmBy))
}

func emptyAgenda(page psychologist.AgendaPage) (string, *ui.Link) {
	switch {
	case page.Filters == nil:
		return page.T("psychologist.agenda.empty"), nil
	case page.Filters.ClearURL != "":
		return page.T("psychologist.agenda.no_match"), &ui.Link{Text: page.T("ui.filters.clear"), URL: page.Filters.ClearURL}
	}
	return page.T("psychologist.agenda.empty_shelf"), &ui.Link{Text: page.T("psychologist.agenda.see_all"), URL: sessionsPath}
}

// agendaFilters are the parameters of an address that restrict the list, without the
// page and the choice.
func agendaFilters(q url.Values) url.Values {
	kept := url.Values{}
	for _, name := range []string{"stato", "dal", "al"} {
		if v := q.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return kept
}

func shelfOnly(q url.Values) url.Values {
	kept := agendaFilters(q)
	for _, name := range []string{"dal", "al"} {
		kept.Del(name)
	}
	return kept
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// bookingClock is the hour of a session, "" when none was given.
func bookingClock(b voucher.Booking) string {
	if b.Start.IsZero() {
		return ""
	}
	return ui.Clock(b.Start)
}
