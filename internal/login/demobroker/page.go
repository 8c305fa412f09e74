package demobroker

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"portal/web/ui"
)

// ask shows the page of personas. The request's parameters travel through it in
// hidden fields and are looked at again when they come back.
func (b *Broker) ask(w http.ResponseWriter, r *http.Request) {
	p := personaPage{Frame: frame("broker.title"), Groups: groups(b.cfg.Personas)}
	for _, name := range []string{
		"client_id", "redirect_uri", "response_type", "scope", "state", "nonce",
		"code_challenge", "code_challenge_method",
	} {
		p.Request = append(p.Request, parameter{name, r.Form.Get(name)})
	}
	b.show(w, r, http.StatusOK, personas(p))
}

// groups puts personas under their headings, in the order in which those first appear.
func groups(all []Persona) []group {
	var gs []group
	for _, p := range all {
		i := slices.IndexFunc(gs, func(g group) bool { return g.Name == p.Group })
		if i < 0 {
			i = len(gs)
			gs = append(gs, group{Name: p.Group})
		}
		gs[i].Personas = append(gs[i].Personas, p)
	}
	return gs
}

// stop says that a request cannot be answered, here: nobody vouches for the
// address it wants the answer at.
func (b *Broker) stop(w http.ResponseWriter, r *http.Request, key string) {
	f := frame("broker.refused.title")
	b.show(w, r, http.StatusBadRequest, messagePage(f, f.T(key)))
}

// farewell says that a login is over, to who did not want to go anywhere.
func (b *Broker) farewell(w http.ResponseWriter, r *http.Request) {
	f := frame("broker.left.title")
	b.show(w, r, http.StatusOK, messagePage(f, f.T("broker.left.text")))
}

func frame(title string) ui.Frame {
	f := ui.Frame{PublicPage: true}
	f.Title, f.Service = f.T(title), f.T("broker.service")
	return f
}

func (b *Broker) show(w http.ResponseWriter, r *http.Request, status int, page templ.Component) {
	var body bytes.Buffer
	if err := page.Render(r.Context(), &body); err != nil {
		http.Error(w, "page", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", b.policy())
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w) // the browser went away: nobody is left to tell
}

// policy lets the page's form lead back to the clients: browsers apply
// form-action to the redirect that answers a form.
func (b *Broker) policy() string {
	actions := []string{"'self'"}
	for _, c := range b.cfg.Clients {
		for _, address := range c.RedirectURIs {
			if o := origin(address); o != "" && !slices.Contains(actions, o) {
				actions = append(actions, o)
			}
		}
	}
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
		"font-src 'self' data:; connect-src 'self'; form-action " + strings.Join(actions, " ") +
		"; frame-ancestors 'none'; base-uri 'none'"
}

// elsewhere sends who follows a link of the frame, to the home page or to the
// help, where these are: at the portal.
func (b *Broker) elsewhere(w http.ResponseWriter, r *http.Request) {
	if len(b.cfg.Clients) == 0 || len(b.cfg.Clients[0].RedirectURIs) == 0 {
		http.NotFound(w, r)
		return
	}
	portal := origin(b.cfg.Clients[0].RedirectURIs[0])
	http.Redirect(w, r, portal+r.URL.EscapedPath(), http.StatusSeeOther)
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
