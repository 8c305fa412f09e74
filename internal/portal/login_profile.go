package portal

import (
	"net/http"
	"slices"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/web/public"
	"portal/web/ui"
)

var errNoProfile = fault.Invalid("profile.missing")

// hat is one of the profiles somebody may log in with.
type hat struct {
	name    string // in forms and addresses: "cittadino", "delega-" and the mandate
	actor   identity.Actor
	forName string         // who is represented, "" in one's own name
	scope   identity.Scope // of a mandate, "" in one's own name
	until   calendar.Date  // of a mandate, zero without an end
	revoked calendar.Date  // zero where it was never taken back
	ended   bool           // it no longer holds
}

// hatNames are the roles as addresses call them.
var hatNames = map[identity.Role]string{
	identity.Citizen:      "cittadino",
	identity.Psychologist: "psicoterapeuta",
	identity.Member:       "iscritto",
	identity.Heir:         "erede",
	identity.CNOP:         "cnop",
	identity.INPS:         "inps",
	identity.Welfare:      "welfare",
	identity.Oversight:    "oversight",
}

// listProfiles is what somebody may choose between, in the order of the page:
// themselves, who they act for, and their offices.
func listProfiles(person identity.PersonID, ps identity.Profiles, today calendar.Date) []hat {
	var own, offices []hat
	for _, role := range ps.Roles {
		h := hat{name: hatNames[role], actor: identity.Own(person, role)}
		if role == identity.Citizen {
			own = append(own, h)
		} else {
			offices = append(offices, h)
		}
	}
	for _, m := range ps.Mandates {
		own = append(own, hat{
			name:    "delega-" + string(m.ID),
			actor:   identity.Actor{Person: person, Role: identity.Citizen, For: m.Represented.ID, Mandate: m.ID},
			forName: m.Represented.Name(),
			scope:   m.Scope,
			until:   m.Until,
			revoked: m.Revoked,
			ended:   !m.Holds(today),
		})
	}
	return append(own, offices...)
}

// openProfiles leaves out the mandates that have ended.
func openProfiles(all []hat) []hat {
	return slices.DeleteFunc(slices.Clone(all), func(h hat) bool { return h.ended })
}

func find(among []hat, name string) (hat, bool) {
	i := slices.IndexFunc(among, func(h hat) bool { return h.name == name })
	if i < 0 {
		return hat{}, false
	}
	return among[i], true
}

// profiles is what the person of the login session may choose between.
func (p *Portal) profiles(r *http.Request) ([]hat, error) {
	person := identity.PersonID(p.Logins.GetString(r.Context(), keyPerson))
	today := calendar.On(p.Now())
	ps, err := p.People.Profiles(r.Context(), person, today)
	if err != nil {
		return nil, err
	}
	return listProfiles(person, ps, today), nil
}

// profilePage is P-11. Who has one profile only has nothing to choose.
func (p *Portal) profilePage(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if !p.known(r) {
		p.askLogin(w, r)
		return nil
	}
	all, err := p.profiles(r)
	if err != nil {
		return err
	}
	onward := wishes(q)
	if l, ok := current(r); ok && len(all) == 1 && l.Actor == all[0].actor {
		return goTo(w, r, p.destination(r, onward.Get("ritorno")), nil)
	}
	return p.showProfiles(w, r, http.StatusOK, all, onward.Get("profilo"), onward.Get("ritorno"))
}

// profileChoose puts on the hat that was chosen.
func (p *Portal) profileChoose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	if !p.known(r) {
		p.askLogin(w, r)
		return nil
	}
	all, err := p.profiles(r)
	if err != nil {
		return err
	}
	to := wishes(fields).Get("ritorno")
	chosen, ok := find(openProfiles(all), fields.Get("profilo"))
	if !ok {
		return p.showProfiles(w, r, http.StatusUnprocessableEntity, all, "", to)
	}
	return p.putOn(w, r, chosen, to)
}

// ofLogin is what a login session keeps whichever hat is on.
var ofLogin = []string{keyPerson, keyName, keySeveral, keyIDToken, keyStarted, keySeen, keyAttempt, keyReturn, keyProfile}

// putOn writes down which hat is on from now, under a new token, and forgets what
// was under way with the one before.
func (p *Portal) putOn(w http.ResponseWriter, r *http.Request, h hat, to string) error {
	ctx := r.Context()
	chosen := audit.Entry{At: p.Now(), Actor: h.actor, Action: audit.ProfileChosen, About: h.actor.For}
	if err := p.People.Write(ctx, chosen); err != nil {
		return err
	}
	if err := p.Logins.RenewToken(ctx); err != nil {
		return err
	}
	for _, key := range p.Logins.Keys(ctx) {
		if !slices.Contains(ofLogin, key) {
			p.Logins.Remove(ctx, key)
		}
	}
	p.Logins.Put(ctx, keyRole, string(h.actor.Role))
	p.Logins.Put(ctx, keyFor, string(h.actor.For))
	p.Logins.Put(ctx, keyForName, h.forName)
	p.Logins.Put(ctx, keyMandate, string(h.actor.Mandate))
	return goTo(w, r, p.destination(r, to), nil)
}

func (p *Portal) showProfiles(w http.ResponseWriter, r *http.Request, status int, all []hat, wanted, to string) error {
	f := p.frame(r, ui.Frame{})
	f.Title = f.T("login.profiles.title")
	if status != http.StatusOK {
		f.Errors = []ui.FieldError{{Field: "profilo", Text: words(f, errNoProfile)}}
	}
	page := public.ProfilesPage{Frame: f, Chosen: p.proposed(r, all, wanted, to), Return: to}
	if l, ok := current(r); ok && l.Actor.Role == identity.Citizen {
		page.Mandates = &ui.Link{Text: f.T("mandates.title"), URL: mandatesPath}
	} else if !ok {
		page.Leave = &ui.Link{Text: f.T("login.logout.submit"), URL: "/esci"}
	}
	for _, h := range all {
		if h.ended {
			page.Ended = append(page.Ended, h.end(f))
			continue
		}
		page.Options = append(page.Options, h.option(f))
	}
	return p.showAs(w, r, status, public.Profiles(page))
}

// proposed is the profile that the page shows as chosen: the one asked for, the
// one whose page was asked for, or the present one.
func (p *Portal) proposed(r *http.Request, all []hat, wanted, to string) string {
	if _, ok := find(all, wanted); ok {
		return wanted
	}
	l, ok := current(r)
	if role := owner(to); role != "" && (!ok || l.Actor.Role != role) {
		return hatNames[role]
	}
	for _, h := range all {
		if ok && h.actor == l.Actor {
			return h.name
		}
	}
	return ""
}

func (h hat) option(f ui.Frame) ui.Option {
	o := ui.Option{Value: h.name, Label: f.T("role." + string(h.actor.Role)), Hint: f.T("login.profiles.about." + string(h.actor.Role))}
	switch {
	case strings.HasPrefix(h.name, "delega-"):
		o.Label = f.T("login.profiles.for", "Name", h.forName)
		o.Hint = f.T("login.profiles.endless")
		if !h.until.IsZero() {
			o.Hint = f.T("login.profiles.until", "ToDay", ui.ToDay(h.until))
		}
		if h.scope != identity.AllMatters {
			o.Hint += " " + f.T("mandates.profile."+string(h.scope))
		}
	case h.actor.Role == identity.Citizen:
		o.Label = f.T("login.profiles.own")
	}
	return o
}

// end is why a mandate is no longer among the choices.
func (h hat) end(f ui.Frame) string {
	if !h.revoked.IsZero() {
		return f.T("login.profiles.revoked", "Name", h.forName, "OnDay", ui.OnDay(h.revoked))
	}
	return f.T("login.profiles.ended", "Name", h.forName, "OnDay", ui.OnDay(h.until))
}
