package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	deskSessionsPath = workPath + "/sedute"
	sessionsFound    = deskSessionsPath + "/trovate"
)

// keySessionsOf holds what an officer looks for among the sessions.
const keySessionsOf = "sessions_of"

func deskSessionPath(id voucher.BookingID) string { return deskSessionsPath + "/" + string(id) }

// The filters of the sessions, as addresses write them.
var (
	sessionSlugs = []filterWord[voucher.SessionShelf]{{"prenotata", voucher.SessionsBooked}, {"da-confermare", voucher.SessionsToConfirm},
		{"da-fatturare", voucher.SessionsToInvoice}, {"fatturata", voucher.SessionsInvoiced}, {"annullata", voucher.SessionsCancelled}}
	anomalySlugs = []filterWord[voucher.Anomaly]{{"segnalata", voucher.AnomalyReported}, {"fattura-in-controllo", voucher.AnomalyInReview},
		{"confermata-prima", voucher.AnomalyEarly}, {"giornata-piena", voucher.AnomalyCrowded}}
	sessionList = deskList{deskSessionsPath, []string{"annualita", "territorio", "stato", "anomalia"}}
)

// inpsSessions is a page of sessions, the last ones first (I-15).
func (p *Portal) inpsSessions(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	editions, _, err := p.deskEditions(r, "")
	if err != nil {
		return err
	}
	ask := voucher.SessionList{Edition: voucher.EditionID(q.Get("annualita")), State: slugged(sessionSlugs, q.Get("stato")), Anomaly: slugged(anomalySlugs, q.Get("anomalia")), Today: calendar.On(p.Now())}
	if slices.Contains(voucher.Territories, q.Get("territorio")) {
		ask.Territory = q.Get("territorio")
	}
	if ask.After = voucher.ParseSessionPlace(q.Get("dopo")); ask.After.ID == "" {
		ask.After = voucher.ParseSessionPlace(q.Get("prima"))
		ask.Back = ask.After.ID != ""
	}
	found, err := p.Disputes.Sessions(r.Context(), ask)
	if err != nil {
		return err
	}
	kept := keptFilters(q, sessionList.filters)
	if len(found.Rows) == 0 && ask.After.ID != "" {
		return goTo(w, r, deskSessionsPath, kept) // a page beyond the last
	}
	f := p.inpsFrame(r, ui.Frame{}.T("menu.inps.sessions"))
	page := inps.SessionsPage{
		Frame: f, SearchURL: deskSessionsPath, FiltersOpen: len(kept) > 0, Empty: f.T("inps.sessions.empty"),
		Filters: ui.FiltersProps{Label: f.T("inps.sessions.filter"), Action: deskSessionsPath},
		Choices: []ui.ChoiceProps{anyEdition(f, editions, ask.Edition), territoryChoice(f, q),
			sessionChoice(f, q, "stato", "inps.sessions.state", slugOptions(f, sessionSlugs, "inps.sessions.any_state", "inps.sessions.state")),
			sessionChoice(f, q, "anomalia", "inps.sessions.anomaly", slugOptions(f, anomalySlugs, "inps.sessions.any_anomaly", "inps.sessions.anomaly"))},
		Links: []ui.Link{{Text: f.T("inps.sessions.link.reports"), URL: disputesPath}, {Text: f.T("inps.sessions.link.invoices"), URL: workPath + "/fatture"},
			{Text: f.T("inps.sessions.link.closures"), URL: deskSessionsPath + "/chiusura"}},
	}
	if len(kept) > 0 {
		page.Filters.ClearURL, page.All = deskSessionsPath, &ui.Link{Text: f.T("ui.filters.clear"), URL: deskSessionsPath}
	}
	if ask.Anomaly != "" {
		page.Note = f.T("inps.sessions.anomaly.note."+string(ask.Anomaly), "Most", voucher.SessionsADay, "Days", voucher.CrowdedSince)
	}
	for _, row := range found.Rows {
		page.Rows = append(page.Rows, deskSessionRow(f, row, ask.Today))
	}
	page.Turn = turn(sessionList, f.T("inps.sessions.pages"), kept, found.Rows, found.Prior, found.Next, func(row voucher.SessionRow) string { return row.Place().String() })
	return p.show(w, r, inps.Sessions(page))
}

// anyEdition is the filter by edition of a list that also shows all of them.
func anyEdition(f ui.Frame, all []voucher.Edition, chosen voucher.EditionID) ui.ChoiceProps {
	c := editionChoice(f, all, chosen)
	c.Options = append([]ui.Option{{Label: f.T("inps.sessions.any_edition")}}, c.Options...)
	return c
}

func territoryChoice(f ui.Frame, q url.Values) ui.ChoiceProps {
	options := []ui.Option{{Label: f.T("inps.desk.any_territory")}}
	for _, t := range voucher.Territories {
		options = append(options, ui.Option{Value: t, Label: typeset(t)})
	}
	return sessionChoice(f, q, "territorio", "inps.desk.col.territory", options)
}

func sessionChoice(f ui.Frame, q url.Values, name, legend string, options []ui.Option) ui.ChoiceProps {
	return ui.ChoiceProps{Name: name, Legend: f.T(legend), Options: options, Chosen: []string{q.Get(name)}, Filter: true}
}

func deskSessionRow(f ui.Frame, r voucher.SessionRow, today calendar.Date) inps.SessionRow {
	row := inps.SessionRow{ID: string(r.ID), URL: deskSessionPath(r.ID), When: appointmentDay(voucher.Appointment{Day: r.Day, Start: r.Start}),
		Holder: r.Holder.Name(), Professional: r.Professional, Territory: typeset(r.Territory), Edition: string(r.Edition), Price: r.Price.String(),
		State: deskSessionTag(f, r, today)}
	if r.Dispute != "" {
		row.Flags = append(row.Flags, ui.Link{Text: f.T("inps.sessions.anomaly.reported"), URL: disputePath(r.Dispute)})
	}
	if r.Invoice != "" && (r.InvoiceState == "in_review" || r.InvoiceState == "to_correct") {
		row.Flags = append(row.Flags, ui.Link{Text: f.T("inps.sessions.invoice.state." + r.InvoiceState), URL: workPath + "/fatture/" + r.Invoice})
	}
	if r.Early {
		row.Flags = append(row.Flags, ui.Link{Text: f.T("inps.sessions.anomaly.early")})
	}
	return row
}

// deskSessionTag is how a session stands, for the office.
func deskSessionTag(f ui.Frame, r voucher.SessionRow, today calendar.Date) ui.Tag {
	tone, word := ui.Working, string(voucher.SessionsBooked)
	switch {
	case r.Payment == "paid":
		tone, word = ui.Success, "paid"
	case r.Payment != "":
		word = "in_payment"
	case r.State == voucher.Cancelled:
		tone, word = ui.Closed, string(voucher.SessionsCancelled)
	case r.Claimed:
		tone, word = ui.Success, string(voucher.SessionsInvoiced)
	case r.State == voucher.Held:
		tone, word = ui.Action, string(voucher.SessionsToInvoice)
	case r.Day.Before(today):
		tone, word = ui.Action, string(voucher.SessionsToConfirm)
	}
	return ui.Tag{Tone: tone, Text: f.T("inps.sessions.state." + word)}
}

// inpsSessionsSearch takes whom an officer looks for. It stays in the login session;
// it has no place in an address.
func (p *Portal) inpsSessionsSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keySessionsOf, strings.TrimSpace(fields.Get("cerca")))
	return goTo(w, r, sessionsFound, nil)
}

// inpsSessionsFound shows the last sessions of whom was looked for: that they were is
// written in the register.
func (p *Portal) inpsSessionsFound(w http.ResponseWriter, r *http.Request) error {
	sought := p.Logins.GetString(r.Context(), keySessionsOf)
	if sought == "" {
		return goTo(w, r, deskSessionsPath, nil)
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.sessions.found"), ui.Crumb{Text: f.T("menu.inps.sessions"), URL: deskSessionsPath})
	f.HeadTitle = f.T("menu.inps.sessions")
	page := inps.SessionsPage{Frame: f, SearchURL: deskSessionsPath, Search: sought, Names: true, Empty: f.T("inps.sessions.found_none"),
		All: &ui.Link{Text: f.T("inps.sessions.back"), URL: deskSessionsPath}}
	quest, ok := voucher.ParseQuest(sought)
	if !ok {
		page.Errors = []ui.FieldError{{Field: "cerca", Text: f.T("inps.desk.search_short")}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, inps.Sessions(page))
	}
	found, err := p.Disputes.Found(r.Context(), actor(r), quest)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		page.Count = f.T("inps.sessions.count", "Count", len(found))
	}
	if len(found) == voucher.FoundAtMost {
		page.Count = f.T("inps.sessions.found_first", "Count", len(found))
	}
	for _, row := range found {
		page.Rows = append(page.Rows, deskSessionRow(f, row, calendar.On(p.Now())))
	}
	return p.show(w, r, inps.Sessions(page))
}

// inpsSession is one session with its whole history.
func (p *Portal) inpsSession(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	c, err := p.Disputes.Open(r.Context(), actor(r), voucher.BookingID(id))
	if err != nil {
		return err
	}
	history, err := p.Disputes.History(r.Context(), c.Session.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	s, today := c.Session, calendar.On(p.Now())
	f = p.inpsFrame(r, f.T("inps.sessions.one", "Of", ui.OfDay(s.Day)), ui.Crumb{Text: f.T("menu.inps.sessions"), URL: deskSessionsPath})
	f.HeadTitle = f.T("inps.sessions.head")
	f.Caption = f.T("citizen.application.protocol", "Protocol", c.Protocol)
	f.Back = &ui.Link{Text: f.T("inps.sessions.back"), URL: deskSessionsPath}
	row := voucher.SessionRow{Day: s.Day, State: s.State, Claimed: s.Invoiced()}
	if c.Payment.Live() {
		row.Payment = c.Payment.State
	}
	tag := deskSessionTag(f, row, today)
	f.Badge = &tag
	page := inps.SessionPage{Frame: f, Facts: sessionData(f, c), Events: caseEvents(f, history)}
	if i := c.Invoice; i.ID != "" {
		page.Invoice = []ui.Entry{
			{Name: f.T("inps.sessions.invoice.number"), Value: f.T("citizen.booking.invoice.data", "Number", i.Number, "Of", ui.OfDay(i.IssuedOn)), Proper: true,
				Action: &ui.Link{Text: f.T("inps.sessions.invoice.see"), URL: workPath + "/fatture/" + i.ID}},
			{Name: f.T("inps.sessions.invoice.claimed"), Value: i.Claimed.String()},
			{Name: f.T("inps.sessions.state"), Value: f.T("inps.sessions.invoice.state." + i.State)},
			{Name: f.T("inps.sessions.invoice.received"), Value: ui.Moment(i.At)},
		}
	}
	if y := c.Payment; y.State != "" {
		page.Payment = []ui.Entry{
			{Name: f.T("inps.sessions.payment.run"), Value: strconv.Itoa(y.Number), Action: &ui.Link{Text: f.T("inps.sessions.payment.see"), URL: workPath + "/pagamenti/" + y.Run}},
			{Name: f.T("inps.sessions.state"), Value: f.T("inps.sessions.payment.state." + y.State)},
			{Name: f.T("inps.sessions.price"), Value: y.Amount.String()},
		}
		if !y.ValueDay.IsZero() {
			page.Payment = append(page.Payment, ui.Entry{Name: f.T("inps.sessions.payment.value"), Value: ui.Day(y.ValueDay)}, ui.Entry{Name: f.T("inps.sessions.payment.reference"), Value: y.Reference, Proper: true})
		}
	}
	if d, open := c.Disputed(); open {
		page.Warning = &ui.Link{Text: f.T("inps.sessions.disputed", "Protocol", d.Protocol), URL: disputePath(d.ID)}
	}
	for _, d := range c.Disputes {
		page.Reports = append(page.Reports, inps.DisputeLink{ID: string(d.ID), Link: ui.Link{Text: d.Protocol, URL: disputePath(d.ID)},
			Kind: f.T("inps.disputes.kind." + string(d.Kind)), Made: ui.ShortMoment(d.MadeAt), State: disputeTag(f, d.State)})
	}
	for i, m := range c.Moves {
		page.Moves = append(page.Moves, inps.MoveRow{ID: "m" + strconv.Itoa(i), At: ui.ShortMoment(m.At), Was: moveText(m.Was), Is: moveText(m.Is)})
	}
	return p.show(w, r, inps.Session(page))
}

// moveText is an appointment in one line.
func moveText(a voucher.Appointment) string {
	return appointmentDay(a) + " · " + a.Amount.String() + " · " + typeset(a.Place)
}

// sessionData is what the records have of a session.
func sessionData(f ui.Frame, c voucher.SessionCase) []ui.Entry {
	entries := disputeSession(f, c)
	entries[0].Action = nil
	entries[1].Action = &ui.Link{Text: f.T("inps.sessions.see_case"), URL: deskCasePath(c.Session.Application)}
	entries[2].Action = &ui.Link{Text: f.T("inps.sessions.see_professional"), URL: workPath + "/professionisti/" + string(c.Session.Professional)}
	return append(entries[:len(entries):len(entries)], ui.Entry{Name: f.T("inps.sessions.territory"), Value: typeset(c.Territory), Proper: true},
		ui.Entry{Name: f.T("inps.sessions.edition"), Value: string(c.Session.Edition)})
}
