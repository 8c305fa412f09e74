package portal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/office"
)

// touchEvery is how often, at the most, a login in use is written.
const touchEvery = time.Minute

// NewLogins is the manager of login sessions on a store. Tokens are stored
// hashed; the cookie is bound to the host when the portal is reached over https.
func NewLogins(store scs.Store, https bool) *scs.SessionManager {
	m := scs.New()
	m.Store = store
	m.Lifetime = office.LongestLogin // the parameters of the portal end it before: see withLogin
	m.HashTokenInStore = true
	m.Cookie.Name = "sid"
	if https {
		m.Cookie.Name = "__Host-sid"
	}
	m.Cookie.Secure = https
	m.Cookie.HttpOnly = true
	m.Cookie.SameSite = http.SameSiteLaxMode // Strict is not sent on the way back from the broker
	m.Cookie.Persist = false
	m.Codec = loginCodec{}
	return m
}

// Keys of what a login session holds: texts only, and the least of them.
const (
	keyPerson      = "person"
	keyName        = "name"
	keyRole        = "role"
	keyFor         = "for"
	keyForName     = "for_name"
	keyMandate     = "mandate"
	keySeveral     = "several" // set for who may choose between profiles
	keyIDToken     = "id_token"
	keyStarted     = "started" // in Unix seconds
	keySeen        = "seen"    // last click, in Unix seconds
	keyAttempt     = "attempt"
	keyReturn      = "return"
	keyProfile     = "profile"
	keyFlash       = "flash"
	keyVoucher     = "voucher" // whose code was checked, to book against it
	keyLookedAt    = "looked_at"
	keySought      = "sought"       // what an officer looks for: see inpsFound
	keyCaller      = "caller"       // who is on the line with the contact centre
	keyCodesOf     = "codes_of"     // whose codes an officer looks at
	keyHolder      = "holder"       // the name by which a professional filters their sessions
	keyInvoice     = "invoice"      // the number or the professional by which an officer looks for invoices
	keyCaseAccount = "case_account" // the same for an application for the indemnity, with which
	keyAccount     = "account"      // the IBAN and the holder that a professional is about to give
)

// Login is who is in front of the screen.
type Login struct {
	Actor   identity.Actor
	Name    string // of the person
	ForName string // of who is represented, "" in one's own name
	Several bool   // there are other profiles to choose
	Expires time.Time
}

type loginKey struct{}

// current is the login of a request; false when nobody is logged in, or no
// profile is chosen yet.
func current(r *http.Request) (Login, bool) {
	l, ok := r.Context().Value(loginKey{}).(Login)
	return l, ok
}

// actor is who does what a request asks. Only routes behind a role have one.
func actor(r *http.Request) identity.Actor {
	l, _ := current(r)
	return l.Actor
}

// withLogin loads the login session. One that was idle too long, or began too long
// ago, for the parameters of the day on which it began, is gone: a change of profile
// gives a new token, not a new start. A login
// in use is touched at most once a minute, so that reading a page writes nothing.
func (p *Portal) withLogin(next http.Handler) http.Handler {
	return p.Logins.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		person := p.Logins.GetString(ctx, keyPerson)
		if person == "" {
			next.ServeHTTP(w, r)
			return
		}
		now, seen := p.Now(), time.Unix(p.Logins.GetInt64(ctx, keySeen), 0)
		started := time.Unix(p.Logins.GetInt64(ctx, keyStarted), 0)
		in := p.Settings.On(ctx, started)
		if now.Sub(seen) > in.Idle() || now.Sub(started) > in.Login() {
			if err := p.Logins.Destroy(ctx); err != nil {
				p.fail(w, r, err)
				return
			}
			next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, expiredKey{}, true)))
			return
		}
		if now.Sub(seen) >= touchEvery {
			p.Logins.Put(ctx, keySeen, now.Unix())
		}
		role := identity.Role(p.Logins.GetString(ctx, keyRole))
		if role == "" {
			next.ServeHTTP(w, r)
			return
		}
		l := Login{
			Actor: identity.Actor{
				Person: identity.PersonID(person), Role: role,
				For:     identity.PersonID(p.Logins.GetString(ctx, keyFor)),
				Mandate: identity.MandateID(p.Logins.GetString(ctx, keyMandate)),
			},
			Name:    p.Logins.GetString(ctx, keyName),
			ForName: p.Logins.GetString(ctx, keyForName),
			Several: p.Logins.GetString(ctx, keySeveral) != "",
			Expires: now.Add(in.Idle()),
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(ctx, loginKey{}, l)))
	}))
}

type expiredKey struct{}

// as lets through who wears a hat. To anybody who does not have it there is no
// page here.
func (p *Portal) as(role identity.Role) func(http.Handler) http.Handler {
	return p.asOr(role, func(http.ResponseWriter, *http.Request) error { return errNoPage })
}

// asOr lets through who wears a hat. Nobody logged in is sent to log in and comes
// back to this page; who wears another hat and has this one too is asked which;
// anybody else is a stranger. Whether a mandate still holds is asked again at each
// request.
func (p *Portal) asOr(role identity.Role, stranger func(http.ResponseWriter, *http.Request) error) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return p.page(func(w http.ResponseWriter, r *http.Request) error {
			l, ok := current(r)
			if !ok {
				p.askLogin(w, r)
				return nil
			}
			if l.Actor.Role != role {
				return p.otherHat(w, r, role, stranger)
			}
			if err := p.mandateHolds(r, l.Actor, matterOf(r.URL.Path)); err != nil {
				return err
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// office lets through who wears the hat of an office and still has it, with the
// duties they have in it today.
func (p *Portal) office(role identity.Role) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return p.as(role)(p.page(func(w http.ResponseWriter, r *http.Request) error {
			l, _ := current(r)
			duties, err := p.People.Duties(r.Context(), l.Actor.Person, role, calendar.On(p.Now()))
			if err != nil {
				return err
			}
			if len(duties) == 0 {
				return errNoPage
			}
			l.Actor = l.Actor.WithDuties(duties)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), loginKey{}, l)))
			return nil
		}))
	}
}

// onDuty is somebody of an office with the duties that they have today, on a page too that
// asks for none.
func (p *Portal) onDuty(r *http.Request, who identity.Actor) (identity.Actor, error) {
	if slices.ContainsFunc(identity.Duties, who.Has) {
		return who, nil
	}
	duties, err := p.People.Duties(r.Context(), who.Person, who.Role, calendar.On(p.Now()))
	return who.WithDuties(duties), err
}

// duty lets in who has one of some duties in an office, for pages of its group.
func (p *Portal) duty(office identity.Role, oneOf ...identity.Duty) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return p.page(func(w http.ResponseWriter, r *http.Request) error {
			if err := actor(r).Must(office, oneOf...); err != nil {
				return err
			}
			next.ServeHTTP(w, r)
			return nil
		})
	}
}

// otherHat sends somebody to put on the hat that a page wants, if it is theirs.
func (p *Portal) otherHat(w http.ResponseWriter, r *http.Request, role identity.Role, stranger func(http.ResponseWriter, *http.Request) error) error {
	profiles, err := p.People.Profiles(r.Context(), actor(r).Person, calendar.On(p.Now()))
	if err != nil {
		return err
	}
	if !slices.Contains(profiles.Roles, role) {
		return stranger(w, r)
	}
	return goTo(w, r, "/profili", url.Values{"ritorno": {r.URL.RequestURI()}})
}

// signedIn lets through whoever is logged in, with any hat that still holds.
func (p *Portal) signedIn(next http.Handler) http.Handler {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		l, ok := current(r)
		if !ok {
			p.askLogin(w, r)
			return nil
		}
		if err := p.mandateHolds(r, l.Actor, matterOf(r.URL.Path)); err != nil {
			return err
		}
		if slices.Contains(office.Offices, l.Actor.Role) {
			duties, err := p.People.Duties(r.Context(), l.Actor.Person, l.Actor.Role, calendar.On(p.Now()))
			if err != nil {
				return err
			}
			if len(duties) == 0 { // it was taken away since
				return goTo(w, r, "/profili", url.Values{"ritorno": {r.URL.RequestURI()}})
			}
		}
		next.ServeHTTP(w, r)
		return nil
	})
}

// askLogin sends to the login page, or to the choice of a profile when only that
// is missing. Every address that takes a POST shows a page on GET: that is where
// one comes back, and nothing is done by itself.
func (p *Portal) askLogin(w http.ResponseWriter, r *http.Request) {
	target := "/accedi"
	if p.Logins.GetString(r.Context(), keyPerson) != "" {
		target = "/profili"
	}
	q := url.Values{"ritorno": {r.URL.RequestURI()}}
	if expired, _ := r.Context().Value(expiredKey{}).(bool); expired {
		q.Set("motivo", "scaduta")
	}
	http.Redirect(w, r, target+"?"+q.Encode(), http.StatusSeeOther)
}

// matterOf is the matter that a page belongs to, "" for one of all matters.
func matterOf(path string) identity.Scope {
	switch {
	case strings.HasPrefix(path, "/contributo-psicoterapia"):
		return identity.VoucherOnly
	case strings.HasPrefix(path, "/indennita-malattia-infortunio"):
		return identity.IndemnityOnly
	}
	return ""
}

// mandateHolds tells whether somebody may still act for another today, in a matter.
// Who acts in their own name may.
func (p *Portal) mandateHolds(r *http.Request, who identity.Actor, matter identity.Scope) error {
	if who.Mandate == "" {
		return nil
	}
	today := calendar.On(p.Now())
	profiles, err := p.People.Profiles(r.Context(), who.Person, today)
	if err != nil {
		return err
	}
	for _, m := range profiles.Mandates {
		switch {
		case m.ID != who.Mandate || !m.Holds(today):
		case matter != "" && !m.Scope.Covers(matter):
			return errMandateScope
		default:
			return nil
		}
	}
	return errMandateEnded
}

// localPath is a path of this host to return to, and nothing else: "" for
// anything that a browser could take for another host.
func localPath(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(s, "/") ||
		strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n\t") {
		return ""
	}
	return s
}
