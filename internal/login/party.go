package login

import (
	"cmp"
	"context"
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"portal/internal/calendar"
	"portal/internal/identity"
)

// Config is what the broker's administrator and ours have agreed on.
type Config struct {
	Issuer        string // as the broker writes it, to the last slash
	ClientID      string
	ClientSecret  string
	RedirectURL   string   // where the browser comes back with an answer
	PostLogoutURL string   // where it comes back after a logout
	Scopes        []string // none means openid, profile and email
	ACRValues     string   // what acr to ask for: some brokers take one, some a list
	MinLevel      int      // 0 means 2
	Levels        Levels   // none means DefaultLevels
	Claims        Claims   // an attribute without names means those of DefaultClaims
}

func (c Config) withDefaults() Config {
	if len(c.Scopes) == 0 {
		c.Scopes = []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}
	}
	if len(c.Levels) == 0 {
		c.Levels = DefaultLevels
	}
	c.Levels = maps.Clone(c.Levels)
	c.MinLevel = cmp.Or(c.MinLevel, 2)
	names := func(given, otherwise []string) []string {
		if len(given) == 0 {
			return otherwise
		}
		return given
	}
	c.Claims = Claims{
		FiscalCode: names(c.Claims.FiscalCode, DefaultClaims.FiscalCode),
		GivenName:  names(c.Claims.GivenName, DefaultClaims.GivenName),
		FamilyName: names(c.Claims.FamilyName, DefaultClaims.FamilyName),
		Birth:      names(c.Claims.Birth, DefaultClaims.Birth),
		Email:      names(c.Claims.Email, DefaultClaims.Email),
	}
	return c
}

// Party logs people in through one broker. Many requests may use it at once.
type Party struct {
	cfg    Config
	client *http.Client
	now    func() time.Time

	found atomic.Pointer[broker]

	searching sync.Mutex // guards what follows: one search at a time
	failure   error
	retryAt   time.Time
}

// New is a party that has not spoken with its broker yet: it cannot fail, and
// asks the network nothing before it is used. A nil client is one with defaults.
func New(cfg Config, client *http.Client, now func() time.Time) *Party {
	return &Party{cfg: cfg.withDefaults(), client: bounded(client), now: now}
}

// Attempt is one try to log in, under way. It belongs in the login session of
// the browser that made it, and is good for one Finish.
type Attempt struct {
	State    string // ties the answer to the browser
	Nonce    string // ties the id_token to the attempt
	Verifier string // ties the code to whoever asked for it (PKCE, RFC 7636)
}

// Person is somebody whom the broker vouches for. Issuer and FiscalCode
// together say who it is.
type Person struct {
	Issuer     string
	FiscalCode identity.FiscalCode
	GivenName  string
	FamilyName string
	Birth      calendar.Date // no day when the broker does not say
	Email      string        // as declared to the identity provider
	Level      int           // 2 and 3 are strong
	AuthTime   time.Time     // when they proved it; zero when the broker does not say
	IDToken    string        // for LogoutURL; "" when it names the person
}

// Start begins a login: the address to send the browser to, and the attempt to
// keep for Finish. A hint, if any, is handed on to the broker as login_hint.
// While the broker is silent it returns ErrUnavailable.
func (p *Party) Start(ctx context.Context, hint string) (redirect string, a Attempt, err error) {
	b, err := p.broker(ctx)
	if err != nil {
		return "", Attempt{}, err
	}
	a = Attempt{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(a.Nonce), oauth2.S256ChallengeOption(a.Verifier)}
	if p.cfg.ACRValues != "" {
		options = append(options, oauth2.SetAuthURLParam("acr_values", p.cfg.ACRValues))
	}
	if hint != "" {
		options = append(options, oauth2.SetAuthURLParam("login_hint", hint))
	}
	return b.oauth.AuthCodeURL(a.State, options...), a, nil
}

// LogoutURL is where to send the browser to end the login at the broker too
// (OpenID Connect RP-Initiated Logout), or "" when the broker has no such place
// or is silent: the logout is then ours alone. The state comes back unchanged.
func (p *Party) LogoutURL(ctx context.Context, idToken, state string) string {
	b, err := p.broker(ctx)
	if err != nil || b.endSession == "" {
		return ""
	}
	u, err := url.Parse(b.endSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.cfg.ClientID)
	for name, value := range map[string]string{
		"id_token_hint":            idToken,
		"post_logout_redirect_uri": p.cfg.PostLogoutURL,
		"state":                    state,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// Origins are where a form of ours may lead on its way through the broker: they
// belong in the form-action of the Content-Security-Policy, which browsers apply
// to redirects too. It never asks the network: until the broker has been found
// it is the origin of the issuer.
func (p *Party) Origins() []string {
	addresses := []string{p.cfg.Issuer}
	if b := p.found.Load(); b != nil {
		addresses = append(addresses, b.oauth.Endpoint.AuthURL, b.endSession)
	}
	var origins []string
	for _, address := range addresses {
		if u, err := url.Parse(address); err == nil && u.Host != "" {
			origins = append(origins, u.Scheme+"://"+u.Host)
		}
	}
	slices.Sort(origins)
	return slices.Compact(origins)
}
