package portal

import (
	"cmp"
	"net/http"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// citizenApplication leads to the tab that matters: the sessions where there is
// a code, the data where there is none.
func (p *Portal) citizenApplication(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	if file.HasVoucher() {
		return goTo(w, r, applicationPath(file.Application.ID)+"/sedute", nil)
	}
	return goTo(w, r, applicationPath(file.Application.ID)+"/dati", nil)
}

// citizenFile is the application in the address, if it belongs to whom the actor
// stands for.
func (p *Portal) citizenFile(r *http.Request) (voucher.CaseFile, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.CaseFile{}, err
	}
	return p.Vouchers.File(r.Context(), actor(r).For, voucher.ApplicationID(id))
}

// citizenLook writes in the register that somebody looked at a code or an
// account: their own once a login, that of whom they stand for every time.
func (p *Portal) citizenLook(r *http.Request, what audit.Action, subject string) error {
	who, ctx := actor(r), r.Context()
	mark := string(what) + " " + subject + "\n"
	looked := p.Logins.GetString(ctx, keyLookedAt)
	own := who.Person == who.For
	if own && strings.Contains(looked, mark) {
		return nil
	}
	if err := p.Vouchers.See(ctx, audit.Entry{At: p.Now(), Actor: who, Action: what, Subject: subject, About: who.For}); err != nil {
		return err
	}
	if own {
		p.Logins.Put(ctx, keyLookedAt, looked+mark)
	}
	return nil
}

// The tabs of an application, by the last part of their addresses.
const (
	sessionsTab      = "sedute"
	professionalsTab = "professionisti"
	dataTab          = "dati"
	messagesTab      = "comunicazioni"
	iseeTab          = "isee" // a page beside the tabs, while an ISEE is to be corrected
)

func caseTabs(f ui.Frame, file voucher.CaseFile, current string) []ui.Tab {
	path := applicationPath(file.Application.ID) + "/"
	sessions := ui.Tab{Text: f.T("citizen.tab.sessions"), URL: path + sessionsTab, Current: current == sessionsTab}
	if !file.HasVoucher() {
		sessions.URL, sessions.Why = "", f.T("citizen.tab.sessions.why")
	}
	return []ui.Tab{
		sessions,
		{Text: f.T("citizen.tab.professionals"), URL: path + professionalsTab, Current: current == professionalsTab},
		{Text: f.T("citizen.tab.data"), URL: path + dataTab, Current: current == dataTab},
		{Text: f.T("citizen.tab.messages"), URL: path + messagesTab, Current: current == messagesTab},
	}
}

// caseFrame is the frame of a tab: the same head on all of them, and a title of
// the window that says nothing on a shared screen.
func (p *Portal) caseFrame(r *http.Request, file voucher.CaseFile, tab string) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	tag := standingTag(f, file.Standing(calendar.On(p.Now())))
	f.Badge = &tag
	year := file.Edition.ApplicationYear
	f.Title = f.T("citizen.application.title", "Year", year)
	f.Caption = f.T("citizen.application.protocol", "Protocol", file.Application.Protocol)
	f.HeadTitle = f.T("citizen.application.head."+tab, "Year", year)
	f.Path = casePath(f, file)
	return f
}

// casePath is the path to an application; what comes below it is added.
func casePath(f ui.Frame, file voucher.CaseFile, below ...ui.Crumb) []ui.Crumb {
	own := ui.Crumb{Text: f.T("citizen.application.short", "Year", file.Edition.ApplicationYear)}
	if len(below) > 0 {
		own.URL = applicationPath(file.Application.ID)
	}
	return append([]ui.Crumb{{Text: f.T("citizen.applications.short"), URL: applicationsPath}, own}, below...)
}

// caseTop says how an application stands and whose move is next.
func caseTop(f ui.Frame, file voucher.CaseFile, today calendar.Date, tab string) citizen.Case {
	c := citizen.Case{Sentence: standingSentence(f, file, today), Tabs: caseTabs(f, file, tab)}
	c.Next, c.NextLink = nextStep(f, file, today)
	return c
}

// grounds are the reasons of a refusal that have words of their own.
var grounds = map[string]bool{
	"isee_too_high": true, "isee_missing": true, "isee_not_corrected": true, "not_resident": true, "territory_outside": true, "duplicate": true,
	"false_declaration": true, "no_title": true,
}

func standingSentence(f ui.Frame, file voucher.CaseFile, today calendar.Date) string {
	a, v := file.Application, file.Voucher
	standing := file.Standing(today)
	key := "citizen.sentence." + string(standing)
	if v.State == voucher.Closed {
		key += ".ended"
	}
	if a.State == voucher.Withdrawn && !file.HasVoucher() {
		key += ".application"
	}
	if a.State == voucher.NotProcessable && a.Reason == voucher.GroundISEEDefective.Reason() && !a.CureBy.IsZero() {
		key += "." + a.Reason
	}
	ground := "other"
	if grounds[a.Reason] {
		ground = a.Reason
	}
	if standing == voucher.Standing(voucher.Unfunded) && (a.Rank == 0 || a.LastRank == 0) {
		key += ".unranked"
	}
	return f.T(key, "Submitted", ui.OnDay(calendar.On(a.SubmittedAt)), "Decided", ui.OnDay(a.DecidedOn),
		"Amount", v.Awarded, "Total", a.Entitled, "Territory", typeset(a.Territory),
		"Rank", grouped(a.Rank), "LastRank", grouped(a.LastRank), "Ground", f.T("citizen.ground."+ground),
		"FirstBy", ui.ByDay(v.Terms.FirstSessionBy), "LastDay", ui.ByDay(v.Terms.LastDay),
		"Closes", ui.OnDay(file.Edition.Rules.Window.Is.LastDay()), "CureBy", ui.ByDay(a.CureBy))
}

// nextStep says who does what now, and by when; that there is no date, where
// there is none.
func nextStep(f ui.Frame, file voucher.CaseFile, today calendar.Date) (string, *ui.Link) {
	terms := file.Voucher.Terms
	standing := file.Standing(today)
	switch {
	case standing == voucher.Standing(voucher.AwaitingISEE):
		return f.T("citizen.next.awaiting_isee", "CureBy", ui.ByDay(file.Application.CureBy)),
			&ui.Link{Text: f.T("citizen.isee.link"), URL: curePath(file.Application.ID)}
	case standing == voucher.CodeExpired && file.Voucher.Booked > 0 && !today.After(terms.ConfirmBy):
		return f.T("citizen.next.expired_booked", "Day", ui.ByDay(terms.ConfirmBy)), nil
	case standing == voucher.UsedUp, standing == voucher.CodeExpired:
		return f.T("citizen.next.none"), nil
	case !usable(file, today):
		return f.T("citizen.next." + string(standing)), nil
	}
	if s, ok := nextSession(file, today); ok {
		return f.T("citizen.next.session", "When", weekMoment(s.Booking), "Name", s.ProfessionalName),
			&ui.Link{Text: f.T("citizen.next.session.view"), URL: citizenSessionPath(s.ID)}
	}
	if file.Voucher.Booked > 0 {
		return f.T("citizen.next.confirm", "Day", ui.ByDay(terms.ConfirmBy)), nil
	}
	if file.Voucher.Balance() == 0 {
		return f.T("citizen.next.none"), nil
	}
	if file.Account().MissedFirstSession(today) {
		return f.T("citizen.next.first_missed", "Day", ui.ByDay(terms.FirstSessionBy)), nil
	}
	return f.T("citizen.next.choose", "Day", ui.ByDay(terms.LastDay)),
		&ui.Link{Text: f.T("citizen.tab.professionals"), URL: applicationPath(file.Application.ID) + "/" + professionalsTab}
}

// nextSession is the first of those still to come.
func nextSession(file voucher.CaseFile, today calendar.Date) (next voucher.Session, ok bool) {
	for _, s := range file.Bookings {
		if upcoming(s.Booking, today) && (!ok || byTime(s.Booking, next.Booking) < 0) {
			next, ok = s, true
		}
	}
	return next, ok
}

func upcoming(b voucher.Booking, today calendar.Date) bool {
	return b.State == voucher.Booked && !b.Day.Before(today)
}

// byTime compares two sessions by day and hour.
func byTime(a, b voucher.Booking) int {
	return cmp.Or(a.Day.Compare(b.Day), a.Start.Compare(b.Start))
}

// weekMoment is when a session is: "giovedì 12 marzo 2026 alle 15:00".
func weekMoment(b voucher.Booking) string {
	if b.Start.IsZero() {
		return ui.WeekDay(b.Day)
	}
	return ui.WeekDay(b.Day) + " " + ui.AtClock(b.Start)
}
