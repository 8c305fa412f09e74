package portal

import (
	"log/slog"
	"net/http"
	"slices"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

func citizenSessionPath(id voucher.BookingID) string {
	return "/contributo-psicoterapia/sedute/" + string(id)
}

// citizenSessions is the tab with the code, the balance and the sessions. Who
// has no code is led to the data.
func (p *Portal) citizenSessions(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	if !file.HasVoucher() {
		return goTo(w, r, applicationPath(file.Application.ID)+"/"+dataTab, nil)
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	code, err := p.citizenCode(r, file)
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.caseFrame(r, file, sessionsTab)
	page := citizen.SessionsPage{
		Frame: f, Case: caseTop(f, file, today, sessionsTab),
		Code: ui.CodeProps{Code: code, State: codeState(f, file, today)}, LastDay: file.Voucher.Terms.LastDay,
		Deadline: firstSessionTerm(f, file, today), Balance: balance(f, file, today), Dates: dates(f, file.Voucher.Terms, today),
	}
	if usable(file, today) {
		page.CardURL = applicationPath(file.Application.ID) + "/scheda-codice"
	}
	if file.Standing(today) == voucher.Standing(voucher.PartiallyAwarded) {
		page.Partial = f.T("citizen.sessions.partial.text", "Territory", typeset(file.Application.Territory),
			"Amount", file.Voucher.Awarded, "Total", file.Application.Entitled)
	}
	if page.Restored, err = p.restored(r, f, file, today); err != nil {
		return err
	}
	addSessions(&page, file, q.Get("stato"), today)
	page.Releases = releases(f, file, today)
	return p.show(w, r, citizen.Sessions(page))
}

// restored says of a voucher that came back after its end when that was, and until when
// it can be used; "" for any other.
func (p *Portal) restored(r *http.Request, f ui.Frame, file voucher.CaseFile, today calendar.Date) (string, error) {
	if file.Voucher.Reopened == 0 || !usable(file, today) {
		return "", nil
	}
	cases, err := p.Closures.CasesOf(r.Context(), file.Voucher.ID)
	i := slices.IndexFunc(cases, func(c voucher.VoucherCase) bool {
		return c.Kind == voucher.ReinstateVoucher && c.State == voucher.CaseGranted
	})
	if i < 0 || err != nil {
		return "", err
	}
	return f.T("citizen.sessions.restored", "OnDay", ui.OnDay(calendar.On(cases[i].DecidedAt)), "Until", ui.UntilDay(file.Voucher.Terms.LastDay)), nil
}

// citizenCode is the code for its holder, as screens print it, and writes that it
// was seen. A code that does not open leaves its place on the page empty: the
// rest of the page is right.
func (p *Portal) citizenCode(r *http.Request, file voucher.CaseFile) (string, error) {
	if err := p.citizenLook(r, voucher.CodeShown, string(file.Voucher.ID)); err != nil {
		return "", err
	}
	code, err := p.Vouchers.Code(file)
	if err != nil {
		p.Log.LogAttrs(r.Context(), slog.LevelError, "a page without its code",
			slog.String("id", audit.Request(r.Context())), slog.String("error", err.Error()))
		return "", nil
	}
	return code.String(), nil
}

// codeState is why a code can no longer be used, "" while it can.
func codeState(f ui.Frame, file voucher.CaseFile, today calendar.Date) string {
	switch file.Standing(today) {
	case voucher.CodeExpired:
		return f.T("citizen.code.expired", "On", ui.ByDay(file.Voucher.Terms.LastDay))
	case voucher.UsedUp:
		return f.T("citizen.code.used_up")
	}
	if !usable(file, today) {
		return f.T("citizen.code.void")
	}
	if file.Account().MissedFirstSession(today) {
		return f.T("citizen.code.first_missed")
	}
	return ""
}

// balance is the four sums of a voucher with a plain line beside each.
func balance(f ui.Frame, file voucher.CaseFile, today calendar.Date) ui.BalanceProps {
	v := file.Voucher
	return ui.BalanceProps{
		Awarded: v.Awarded, Held: v.Used, Booked: v.Booked, Left: v.Balance(),
		HeldNote: f.T("citizen.balance.held"), BookedNote: f.T("citizen.balance.booked"), LeftNote: leftNote(f, file, today),
	}
}

// leftNote says what can still be done with the balance: about how many sessions
// at the highest price that is reimbursed.
func leftNote(f ui.Frame, file voucher.CaseFile, today calendar.Date) string {
	v, sessionCap := file.Voucher, file.Edition.Rules.SessionCap.Is
	left := v.Balance()
	switch {
	case v.Returned > 0:
		return f.T("citizen.balance.returned", "Amount", v.Returned)
	case left == 0:
		return f.T("citizen.balance.nothing")
	case !usable(file, today):
		return f.T("citizen.balance.over")
	case left < sessionCap:
		return f.T("citizen.balance.part")
	}
	return f.T("citizen.balance.left", "Count", int((left+sessionCap/2)/sessionCap))
}

// dates are the days of a code in the order in which they come.
func dates(f ui.Frame, t voucher.Terms, today calendar.Date) ui.TimelineProps {
	days := []ui.Milestone{{Day: t.AcceptedOn, Text: f.T("citizen.dates.accepted")}}
	if !t.FirstSessionBy.IsZero() {
		days = append(days, ui.Milestone{Day: t.FirstSessionBy, Ends: true, Text: f.T("citizen.dates.first")})
	}
	days = append(days, ui.Milestone{Day: t.LastDay, Ends: true, Text: f.T("citizen.dates.last")})
	if t.ConfirmBy != t.LastDay {
		days = append(days, ui.Milestone{Day: t.ConfirmBy, Ends: true, Text: f.T("citizen.dates.confirm")})
	}
	return ui.TimelineProps{
		Caption: f.T("citizen.dates.title"), Today: today, Days: days,
		Sentence: f.T("citizen.dates.sentence", "From", ui.FromDay(t.AcceptedOn), "To", ui.UntilDay(t.LastDay)),
	}
}

// sessionShelf is a filter of the sessions: its name in the address, its words,
// and the state it shows.
type sessionShelf struct {
	name, key string
	state     voucher.BookingState
}

// sessionShelves are all of them; the first shows every session.
var sessionShelves = []sessionShelf{
	{"", "citizen.shelf.all", ""},
	{"da-fare", "citizen.shelf.booked", voucher.Booked},
	{"fatte", "citizen.shelf.held", voucher.Held},
	{"annullate", "citizen.shelf.cancelled", voucher.Cancelled},
}

func (s sessionShelf) holds(b *voucher.Session) bool { return s.state == "" || s.state == b.State }

// addSessions puts the sessions of a shelf on the page, those to come first, and
// the shelves with how many there are on each. An unknown shelf is all of them.
func addSessions(page *citizen.SessionsPage, file voucher.CaseFile, name string, today calendar.Date) {
	f, path := page.Frame, applicationPath(file.Application.ID)+"/"
	if len(file.Bookings) == 0 {
		page.Empty = f.T("citizen.sessions.none.over")
		if usable(file, today) {
			page.Empty = f.T("citizen.sessions.none")
			page.Advice = &ui.Link{Text: f.T("citizen.tab.professionals"), URL: path + professionalsTab}
		}
		return
	}
	sessions := inOrder(file.Bookings, today)
	here := max(slices.IndexFunc(sessionShelves, func(s sessionShelf) bool { return s.name == name }), 0)
	for i, shelf := range sessionShelves {
		url := path + sessionsTab
		if shelf.name != "" {
			url += "?stato=" + shelf.name
		}
		n := 0
		for _, s := range sessions {
			if shelf.holds(s) {
				n++
			}
		}
		page.Shelves = append(page.Shelves, ui.Tab{Text: f.T(shelf.key, "Number", n), URL: url + "#sedute", Current: i == here})
	}
	page.Rows = make([]citizen.SessionRow, 0, len(sessions))
	for _, s := range sessions {
		if !sessionShelves[here].holds(s) {
			continue
		}
		page.Rows = append(page.Rows, citizen.SessionRow{
			ID: string(s.ID), URL: citizenSessionPath(s.ID), Day: s.Day, Start: s.Start,
			Professional: s.ProfessionalName, Amount: s.Amount, State: sessionTag(f, s.Booking, today),
		})
	}
	page.Empty = f.T("citizen.sessions.none.here")
}

// inOrder puts the sessions to come first, the next one on top, and then those
// that are over, the last one on top.
func inOrder(sessions []voucher.Session, today calendar.Date) []*voucher.Session {
	var coming, over []*voucher.Session
	for i := range sessions {
		if s := &sessions[i]; upcoming(s.Booking, today) {
			coming = append(coming, s)
		} else {
			over = append(over, s)
		}
	}
	slices.SortFunc(coming, func(a, b *voucher.Session) int { return byTime(a.Booking, b.Booking) })
	slices.SortFunc(over, func(a, b *voucher.Session) int { return byTime(b.Booking, a.Booking) })
	return append(coming, over...)
}

// sessionTag is the state of a session in the four words that a citizen sees.
func sessionTag(f ui.Frame, b voucher.Booking, today calendar.Date) ui.Tag {
	switch {
	case b.State == voucher.Cancelled:
		return ui.Tag{Tone: ui.Closed, Text: f.T("citizen.session.cancelled")}
	case b.State == voucher.Held:
		return ui.Tag{Tone: ui.Success, Text: f.T("citizen.session.held")}
	case b.Day.Before(today):
		return ui.Tag{Tone: ui.Working, Text: f.T("citizen.session.to_confirm")}
	}
	return ui.Tag{Tone: ui.Working, Text: f.T("citizen.session.booked")}
}
