package portal

import (
	"cmp"
	"net/http"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/web/public"
	"portal/web/ui"
)

// logoutPage asks whether to go: an address that takes a POST shows a page too.
func (p *Portal) logoutPage(w http.ResponseWriter, r *http.Request) error {
	if !p.known(r) {
		return goTo(w, r, "/", nil)
	}
	f := p.frame(r, ui.Frame{})
	f.Title = f.T("login.logout.title")
	return p.show(w, r, public.Logout(public.LogoutPage{Frame: f, StayURL: p.home(r)}))
}

// logout ends the login session here, then at the broker.
func (p *Portal) logout(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	const done = "/esci/fatto"
	if !p.known(r) {
		return goTo(w, r, done, nil)
	}
	person := identity.PersonID(p.Logins.GetString(ctx, keyPerson))
	idToken := p.Logins.GetString(ctx, keyIDToken)
	who := identity.Own(person, identity.Citizen) // as at the start: perhaps no hat was ever on
	if l, ok := current(r); ok {
		who = l.Actor
	}
	if err := p.Logins.Destroy(ctx); err != nil {
		return err
	}
	if err := p.People.Write(ctx, audit.Entry{At: p.Now(), Actor: who, Action: audit.LoggedOut, About: person}); err != nil {
		return err
	}
	w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	http.Redirect(w, r, cmp.Or(p.Broker.LogoutURL(ctx, idToken, ""), done), http.StatusSeeOther)
	return nil
}

// loggedOut is P-21, where the broker sends the browser back.
func (p *Portal) loggedOut(w http.ResponseWriter, r *http.Request) error {
	if p.known(r) {
		return goTo(w, r, "/esci", nil)
	}
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title = f.T("login.left.title")
	return p.show(w, r, public.LoggedOut(public.LoggedOutPage{Frame: f}))
}
