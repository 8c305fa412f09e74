// Package demobroker is the broker of the demonstration and of the tests: a small
// OpenID provider whose people are made up and need no password. It answers as
// brokers of SPID and CIE do, with their names of claims, levels and errors, and
// is as strict as they are: codes are good once and for a minute, PKCE with S256
// is compulsory, addresses are registered.
//
// It sets no cookie and remembers nobody: cookies do not tell one port of a host
// from another, and the portal stands on the next.
package demobroker

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/web"
)

// SpidL2 is the level at which personas log in unless they say otherwise.
const SpidL2 = "https://www.spid.gov.it/SpidL2"

// Config is a broker before it starts.
type Config struct {
	Issuer   string // the broker's own address, without a last slash
	Clients  []Client
	Personas []Persona
	Key      *ecdsa.PrivateKey // signs the tokens, on P-256; nil makes a new one
	Now      func() time.Time
}

// Client is a portal that may send people here.
type Client struct {
	ID             string
	Secret         string
	RedirectURIs   []string
	PostLogoutURIs []string
}

// Persona is somebody who can log in here.
type Persona struct {
	Hint         string // the login_hint that logs them in without asking
	FiscalCode   identity.FiscalCode
	GivenName    string
	FamilyName   string
	Birth        calendar.Date
	Email        string
	Group        string // the heading under which the page shows them: "Cittadini"
	About        string // one line on what there is to see
	ACR          string // "" means SpidL2
	NoFiscalCode bool   // as somebody who comes through eIDAS
}

// Name is the persona's name, given name first.
func (p Persona) Name() string { return p.GivenName + " " + p.FamilyName }

func (p Persona) level() string { return cmp.Or(p.ACR, SpidL2) }

// Broker is the http.Handler of the whole broker, its styles included.
type Broker struct {
	cfg    Config
	mux    *http.ServeMux
	public jose.JSONWebKey
	signer jose.Signer

	mu     sync.Mutex
	codes  map[string]login // by code, until it is asked for
	logins map[string]login // by access token
}

// login is somebody who logged in, for one client.
type login struct {
	persona     Persona
	client      string
	redirectURI string
	challenge   string
	nonce       string
	at          time.Time
	until       time.Time // when the code, then the access token, is over
}

// New makes a broker. Nothing it knows outlives it.
func New(cfg Config) (*Broker, error) {
	if cfg.Key == nil {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("key of the demo broker: %w", err)
		}
		cfg.Key = key
	}
	private := jose.JSONWebKey{Key: cfg.Key, Algorithm: string(jose.ES256), Use: "sig"}
	thumb, err := private.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("key of the demo broker: %w", err)
	}
	private.KeyID = base64.RawURLEncoding.EncodeToString(thumb)
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: private},
		(&jose.SignerOptions{}).WithType("JWT"),
	)
	if err != nil {
		return nil, fmt.Errorf("key of the demo broker: %w", err)
	}
	b := &Broker{
		cfg:    cfg,
		mux:    http.NewServeMux(),
		public: private.Public(),
		signer: signer,
		codes:  map[string]login{},
		logins: map[string]login{},
	}
	b.mux.HandleFunc("GET /.well-known/openid-configuration", b.discovery)
	b.mux.HandleFunc("GET /jwks", b.keys)
	b.mux.HandleFunc("/authorize", b.authorize)
	b.mux.HandleFunc("POST /token", b.token)
	b.mux.HandleFunc("/userinfo", b.userInfo)
	b.mux.HandleFunc("/logout", b.logout)
	b.mux.Handle("/static/", web.Handler())
	b.mux.HandleFunc("/", b.elsewhere)
	return b, nil
}

// ServeHTTP answers as a broker does: discovery, keys, login page, tokens, logout.
func (b *Broker) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

func (b *Broker) discovery(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, map[string]any{
		"issuer":                                         b.cfg.Issuer,
		"authorization_endpoint":                         b.cfg.Issuer + "/authorize",
		"token_endpoint":                                 b.cfg.Issuer + "/token",
		"userinfo_endpoint":                              b.cfg.Issuer + "/userinfo",
		"jwks_uri":                                       b.cfg.Issuer + "/jwks",
		"end_session_endpoint":                           b.cfg.Issuer + "/logout",
		"scopes_supported":                               []string{"openid", "profile", "email"},
		"response_types_supported":                       []string{"code"},
		"response_modes_supported":                       []string{"query"},
		"grant_types_supported":                          []string{"authorization_code"},
		"subject_types_supported":                        []string{"public"},
		"acr_values_supported":                           b.levels(),
		"id_token_signing_alg_values_supported":          []string{string(jose.ES256)},
		"code_challenge_methods_supported":               []string{"S256"},
		"token_endpoint_auth_methods_supported":          []string{"client_secret_basic", "client_secret_post"},
		"authorization_response_iss_parameter_supported": true,
	})
}

// levels are those at which the personas log in.
func (b *Broker) levels() []string {
	levels := map[string]bool{SpidL2: true}
	for _, p := range b.cfg.Personas {
		levels[p.level()] = true
	}
	return slices.Sorted(maps.Keys(levels))
}

func (b *Broker) keys(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{b.public}})
}

func (b *Broker) client(id string) (Client, bool) {
	i := slices.IndexFunc(b.cfg.Clients, func(c Client) bool { return c.ID == id })
	if i < 0 {
		return Client{}, false
	}
	return b.cfg.Clients[i], true
}

func (b *Broker) persona(hint string) (Persona, bool) {
	i := slices.IndexFunc(b.cfg.Personas, func(p Persona) bool { return p.Hint == hint })
	if i < 0 {
		return Persona{}, false
	}
	return b.cfg.Personas[i], true
}

// keep remembers a login under a new secret, and forgets those that are over.
func (b *Broker) keep(logins map[string]login, l login, life time.Duration) string {
	now := b.cfg.Now()
	l.until = now.Add(life)
	secret := rand.Text()
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(logins, func(_ string, l login) bool { return l.until.Before(now) })
	logins[secret] = l
	return secret
}

// find is the login under a secret, unless it is over.
func (b *Broker) find(logins map[string]login, secret string, once bool) (login, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l, ok := logins[secret]
	if once {
		delete(logins, secret)
	}
	return l, ok && !l.until.Before(b.cfg.Now())
}

// reply answers a program.
func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller went away: nobody is left to tell
}
