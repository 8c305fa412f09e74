package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/login"
	"portal/web/public"
	"portal/web/ui"
)

// loginPage is P-08: two ways in, of the same weight. With login_hint the login
// starts at once; who is already in goes on, or to the choice of another profile.
func (p *Portal) loginPage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	onward := wishes(q)
	_, hatted := current(r)
	switch {
	case q.Get("login_hint") != "":
		return p.startLogin(w, r, q)
	case p.known(r) && (!hatted || onward.Has("profilo")):
		return goTo(w, r, "/profili", onward)
	case hatted:
		return goTo(w, r, p.destination(r, onward.Get("ritorno")), nil)
	}
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title = f.T("login.title")
	if q.Get("motivo") == "scaduta" {
		in := p.Settings.InForce(r.Context())
		f.Flash = &ui.Flash{Tone: ui.Action, Title: f.T("login.expired.title"), Text: f.T("login.expired.text", "Minutes", in.IdleMinutes, "Hours", in.LoginHours)}
	}
	start := "/accedi/avvia"
	if len(onward) > 0 {
		start += "?" + onward.Encode()
	}
	return p.show(w, r, public.Login(public.LoginPage{Frame: f, StartURL: start, Return: pageName(f, onward.Get("ritorno"))}))
}

// loginStart sends the browser to the broker.
func (p *Portal) loginStart(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.startLogin(w, r, q)
}

// startLogin keeps what the answer will be held against: the only place where a
// visitor nobody knows gets a login session.
func (p *Portal) startLogin(w http.ResponseWriter, r *http.Request, q url.Values) error {
	ctx := r.Context()
	address, a, err := p.Broker.Start(ctx, q.Get("login_hint"))
	if err != nil {
		return err
	}
	onward := wishes(q)
	p.Logins.Put(ctx, keyAttempt, a.State+" "+a.Nonce+" "+a.Verifier)
	p.Logins.Put(ctx, keyReturn, onward.Get("ritorno"))
	p.Logins.Put(ctx, keyProfile, onward.Get("profilo"))
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// loginAnswer is where the broker sends the browser back. The attempt is taken
// out first: no answer is given twice.
func (p *Portal) loginAnswer(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	attempt := strings.Fields(p.Logins.PopString(ctx, keyAttempt))
	q, err := query(r)
	if err != nil {
		return err
	}
	if len(attempt) != 3 {
		return login.ErrState
	}
	who, err := p.Broker.Finish(ctx, login.Attempt{State: attempt[0], Nonce: attempt[1], Verifier: attempt[2]}, q)
	if err != nil {
		return err
	}
	return p.enter(w, r, who)
}

// enter begins a login session for somebody the broker vouches for, under a new
// token. Nothing is left in it of who was there before.
func (p *Portal) enter(w http.ResponseWriter, r *http.Request, who login.Person) error {
	ctx, now := r.Context(), p.Now()
	person, err := p.People.Enter(ctx, identity.Person{
		FiscalCode: who.FiscalCode, GivenName: who.GivenName, FamilyName: who.FamilyName}, who.Birth, who.Email)
	if err != nil {
		return err
	}
	profiles, err := p.People.Profiles(ctx, person.ID, calendar.On(now))
	if err != nil {
		return err
	}
	onward := url.Values{}
	for name, key := range map[string]string{"ritorno": keyReturn, "profilo": keyProfile} {
		if s := p.Logins.GetString(ctx, key); s != "" {
			onward.Set(name, s)
		}
	}
	// No hat is on yet; everybody may wear that of a citizen.
	started := audit.Entry{At: now, Actor: identity.Own(person.ID, identity.Citizen), Action: audit.LoggedIn, About: person.ID}
	if err := p.People.Write(ctx, started); err != nil {
		return err
	}
	if err := p.renew(ctx); err != nil {
		return err
	}
	p.Logins.Put(ctx, keyPerson, string(person.ID))
	p.Logins.Put(ctx, keyName, person.Name())
	p.Logins.Put(ctx, keyIDToken, who.IDToken)
	p.Logins.Put(ctx, keyStarted, now.Unix())
	p.Logins.Put(ctx, keySeen, now.Unix())

	all := listProfiles(person.ID, profiles, calendar.On(now))
	if len(all) > 1 {
		p.Logins.Put(ctx, keySeveral, "yes")
	}
	open := openProfiles(all)
	chosen, ok := find(open, onward.Get("profilo"))
	if !ok && len(open) > 1 {
		return goTo(w, r, "/profili", onward)
	}
	if !ok {
		chosen = open[0]
	}
	return p.putOn(w, r, chosen, onward.Get("ritorno"))
}

// renew empties the login session and gives it another token, so that nobody who
// knew the old one comes in with it.
func (p *Portal) renew(ctx context.Context) error {
	if err := p.Logins.Clear(ctx); err != nil {
		return err
	}
	return p.Logins.RenewToken(ctx)
}

// known tells whether somebody has logged in, with a profile chosen or not.
func (p *Portal) known(r *http.Request) bool { return p.Logins.GetString(r.Context(), keyPerson) != "" }

// wishes is where somebody wants to come to and as whom, as far as both can be had.
func wishes(q url.Values) url.Values {
	kept := url.Values{}
	if to := localPath(q.Get("ritorno")); to != "" && len(to) <= 1000 && !within(to, "/accedi", "/esci", "/profili") {
		kept.Set("ritorno", to)
	}
	if profile := q.Get("profilo"); profile != "" && len(profile) <= 60 {
		kept.Set("profilo", profile)
	}
	return kept
}

// within tells whether an address is one of some pages, or below one of them.
func within(address string, pages ...string) bool {
	path, _, _ := strings.Cut(address, "?")
	for _, page := range pages {
		if path == page || strings.HasPrefix(path, page+"/") {
			return true
		}
	}
	return false
}

// parts of the site that belong to one profile, with their names.
var parts = []struct {
	path, key string
	role      identity.Role
}{
	{"/contributo-psicoterapia/domande", "login.return.applications", identity.Citizen},
	{"/contributo-psicoterapia/sedute", "login.return.session", identity.Citizen},
	{"/professionisti", "login.return.sessions", identity.Psychologist},
	{"/indennita-malattia-infortunio/domande", "login.return.indemnity", identity.Member},
	{"/messaggi", "menu.messages", ""},
	{"/gestione/inps", "menu.inps.work", identity.INPS},
	{"/gestione/enpap", "menu.welfare.work", identity.Welfare},
	{"/cnop", "menu.cnop.list", identity.CNOP},
	{"/area-personale", "menu.area", ""},
}

// pageName is how people call the page an address leads to, "" for none.
func pageName(f ui.Frame, address string) string {
	for _, part := range parts {
		if within(address, part.path) {
			return f.T(part.key)
		}
	}
	if address == "" {
		return ""
	}
	return f.T("login.return.page")
}

// owner is the role whose page an address is, "" when it is everybody's.
func owner(address string) identity.Role {
	for _, part := range parts {
		if within(address, part.path) {
			return part.role
		}
	}
	return ""
}

// destination is where somebody who is logged in goes: where they wanted to,
// unless it is another profile's page, or else their own area.
func (p *Portal) destination(r *http.Request, wanted string) string {
	role := identity.Role(p.Logins.GetString(r.Context(), keyRole))
	if p.Logins.GetString(r.Context(), keyMandate) != "" && owner(wanted) == identity.Member {
		return wanted // they act for a member, if that is one
	}
	if role == identity.Heir && strings.HasPrefix(wanted, indemnityPath+"/") {
		return wanted // the case that they inherit
	}
	if of := owner(wanted); wanted == "" || of != "" && of != role {
		return "/area-personale"
	}
	return wanted
}

// loginError is the page of a login that did not come about (P-10), one for each
// cause; false for any other error.
func (p *Portal) loginError(r *http.Request, f ui.Frame, reason *fault.Reason, err error) (public.ErrorPage, bool) {
	if !strings.HasPrefix(reason.Code, "login.") {
		return public.ErrorPage{}, false
	}
	again := "/accedi"
	if to := p.Logins.GetString(r.Context(), keyReturn); to != "" {
		again += "?" + url.Values{"ritorno": {to}}.Encode()
	}
	f.Title, f.PublicPage = f.T(reason.Code+".title"), true
	page := public.ErrorPage{Text: []string{f.T("reason." + reason.Code)}, Next: []ui.Link{
		{Text: f.T("login.retry"), URL: again}, {Text: f.T("error.help"), URL: "/assistenza"}}}
	var denied *login.Denied
	if errors.As(err, &denied) {
		page.Code = denied.Code
	} else {
		f.RequestID = audit.Request(r.Context())
	}
	page.Frame = f
	return page, true
}
