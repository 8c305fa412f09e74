package portal

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/web/ui"
)

// Garbage is how much of it a program that serves the portal may gather before it
// is collected, in percent of the memory in use: see debug.SetGCPercent. What is in
// use is a few MB and hardly changes, and all that a page needs is garbage once it
// is sent: to collect at the usual 100 costs a tenth of the program's time.
const Garbage = 400

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// show answers with a page.
func (p *Portal) show(w http.ResponseWriter, r *http.Request, c templ.Component) error {
	p.write(w, r, http.StatusOK, c)
	return nil
}

// showAs answers with a page under another status: 422 with a form to mend, 409
// with a refusal.
func (p *Portal) showAs(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	p.write(w, r, status, c)
	return nil
}

// write renders into a buffer first: a template that fails midway must not leave
// half a page behind a 200.
func (p *Portal) write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) {
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	// A request whose time has run out still gets its page.
	if err := c.Render(context.WithoutCancel(r.Context()), b); err != nil {
		p.Log.Error("page", "id", audit.Request(r.Context()), "error", err)
		http.Error(w, "C’è un problema con il servizio. Riprova tra qualche minuto.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(b.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the reader may have gone
}

// frame fills what every page has around its content: who is logged in, the
// menu of their profile, and the outcome of what was just done.
func (p *Portal) frame(r *http.Request, f ui.Frame) ui.Frame {
	l, ok := current(r)
	f.Banner = p.stopBanner(r, f)
	f.Site = p.site(r)
	if !ok {
		f.Menu = menu(f, r.URL.Path, publicMenu)
		return f
	}
	f.LoginExpires = l.Expires
	f.Office = l.Actor.Role == identity.INPS || l.Actor.Role == identity.CNOP || l.Actor.Role == identity.Welfare ||
		l.Actor.Role == identity.Oversight
	f.User = &ui.User{Name: l.Name, Profile: f.T("role." + string(l.Actor.Role)), ActingFor: l.ForName}
	if l.Several {
		f.User.SwitchURL = "/profili"
	}
	role := l.Actor.Role
	if l.Actor.Mandate != "" && within(r.URL.Path, indemnityPath) {
		role = identity.Member // they act for one
	}
	items, known := menus[role]
	switch {
	case role == identity.Oversight:
		items = p.oversightMenu(r, l.Actor)
	case role == identity.Welfare:
		items = p.welfareMenu(r, l.Actor)
	case !known:
		items = otherMenu
	}
	f.Menu = menu(f, r.URL.Path, items)
	if f.Flash == nil {
		f.Flash = p.popFlash(r)
	}
	return f
}

// site is what the portal is called today, and how to reach its bodies.
func (p *Portal) site(r *http.Request) ui.Site {
	in := p.Settings.InForce(r.Context())
	return ui.Site{Name: in.Name, Tagline: in.Tagline, INPS: ui.Contacts(in.INPS), ENPAP: ui.Contacts(in.ENPAP)}
}

// item is an entry of a menu: the key of its words and its address.
type item struct{ key, url string }

var (
	publicMenu = []item{{"menu.service_a", "/contributo-psicoterapia"},
		{"menu.service_b", "/indennita-malattia-infortunio"}, {"menu.help", "/assistenza"}}
	otherMenu = []item{{"menu.area", "/area-personale"}, {"menu.messages", "/messaggi"}, {"menu.help", "/assistenza"}}
	menus     = map[identity.Role][]item{
		identity.Citizen: {{"menu.applications", "/contributo-psicoterapia/domande"}, {"menu.messages", "/messaggi"},
			{"menu.area", "/area-personale"}, {"menu.help", "/assistenza"}},
		identity.Psychologist: {{"menu.sessions", "/professionisti/sedute"}, {"menu.invoices", "/professionisti/fatture"},
			{"menu.payments", "/professionisti/pagamenti"}, {"menu.details", "/professionisti/dati"}, {"menu.area", "/area-personale"}},
		identity.INPS: {{"menu.inps.work", "/gestione/inps"}, {"menu.inps.applications", "/gestione/inps/domande"},
			{"menu.inps.rankings", "/gestione/inps/graduatorie"}, {"menu.inps.sessions", "/gestione/inps/sedute"},
			{"menu.inps.payments", "/gestione/inps/pagamenti"}},
		identity.Member: {{"menu.applications", indemnityPath}, {"menu.member.new", startPath}, {"menu.messages", memberThreadsPath}, {"menu.help", "/assistenza"}},
		identity.Heir:   {{"menu.area", "/area-personale"}, {"menu.messages", memberThreadsPath}, {"menu.help", "/assistenza"}},
		identity.CNOP:   {{"menu.cnop.list", "/cnop/elenco"}, {"menu.cnop.deliveries", "/cnop/invii"}, {"menu.cnop.reports", "/cnop/segnalazioni"}},
	}
)

// belongs is the entry of the menu to which pages belong that do not stand below it.
var belongs = map[string]string{
	"/gestione/inps/importazioni":   "/gestione/inps/domande",
	"/gestione/inps/simulazioni":    "/gestione/inps/graduatorie",
	"/gestione/inps/pubblicazioni":  "/gestione/inps/graduatorie",
	"/gestione/inps/scorrimenti":    "/gestione/inps/graduatorie",
	"/gestione/inps/segnalazioni":   "/gestione/inps/sedute",
	"/gestione/inps/decadenze":      "/gestione/inps/sedute",
	"/gestione/inps/chiusure":       "/gestione/inps/sedute",
	"/gestione/inps/casi":           "/gestione/inps/sedute",
	"/gestione/inps/fatture":        "/gestione/inps/sedute",
	"/gestione/inps/iban":           "/gestione/inps/pagamenti",
	"/gestione/inps/annualita":      "/gestione/inps",
	"/gestione/inps/risorse":        "/gestione/inps",
	"/gestione/inps/professionisti": "/gestione/inps",
	callRankingsPath:                callsPath,
	viewsPath:                       welfareCasesPath,
	adhesionPath:                    "/professionisti/dati",
	riskPath:                        sessionsPath,
}

// menu marks the entry whose address leads furthest towards the page.
func menu(f ui.Frame, path string, items []item) []ui.MenuItem {
	for from, entry := range belongs {
		if within(path, from) {
			path = entry
		}
	}
	entries := make([]ui.MenuItem, len(items))
	here, nearest := -1, 0
	for i, it := range items {
		entries[i] = ui.MenuItem{Text: f.T(it.key), URL: it.url}
		if within(path, it.url) && len(it.url) > nearest {
			here, nearest = i, len(it.url)
		}
	}
	if here >= 0 {
		entries[here].Current = true
	}
	return entries
}

// fromArea is the path of a page of an office, from the personal area down to it.
func fromArea(f ui.Frame, below ...ui.Crumb) []ui.Crumb {
	return append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}}, below...)
}

// done answers a form: it keeps the outcome for the next page and leads there.
func (p *Portal) done(w http.ResponseWriter, r *http.Request, to string, title, text string) error {
	p.Logins.Put(r.Context(), keyFlash, title+"\x00"+text)
	http.Redirect(w, r, to+"#esito", http.StatusSeeOther)
	return nil
}

func (p *Portal) popFlash(r *http.Request) *ui.Flash {
	if r.Method != http.MethodGet || p.Logins.GetString(r.Context(), keyFlash) == "" {
		return nil
	}
	title, text, _ := strings.Cut(p.Logins.PopString(r.Context(), keyFlash), "\x00")
	return &ui.Flash{Tone: ui.Success, Title: title, Text: text}
}

// goTo answers a form that changed nothing here.
func goTo(w http.ResponseWriter, r *http.Request, path string, query url.Values) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}
