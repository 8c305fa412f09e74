package login

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	patience   = 5 * time.Second // for one answer of the broker
	backOff    = 2 * time.Second // between two searches for a broker that is down
	leeway     = time.Minute     // between the broker's clock and ours
	longAnswer = 1 << 20         // bytes; no honest answer is longer
)

// algorithms may sign an id_token, whatever the broker announces: asymmetric
// ones only. HS256 would make the client secret, or a public key, a signing key.
var algorithms = []string{
	oidc.ES256, oidc.ES384, oidc.ES512,
	oidc.RS256, oidc.RS384, oidc.RS512,
	oidc.PS256, oidc.PS384, oidc.PS512,
	oidc.EdDSA,
}

// broker is what its discovery document says of it.
type broker struct {
	provider    *oidc.Provider
	oauth       oauth2.Config
	verifier    *oidc.IDTokenVerifier
	endSession  string // "" when it has none
	namesItself bool   // it sends iss with every answer (RFC 9207)
}

// broker finds the broker, once. While there is none, every caller hears so:
// one of them, now and then, after looking again.
func (p *Party) broker(ctx context.Context) (*broker, error) {
	if b := p.found.Load(); b != nil {
		return b, nil
	}
	p.searching.Lock()
	defer p.searching.Unlock()
	if b := p.found.Load(); b != nil {
		return b, nil
	}
	if p.now().Before(p.retryAt) {
		return nil, p.failure
	}
	b, err := p.discover(context.WithoutCancel(ctx)) // the answer is for the others too
	if err != nil {
		p.failure = fmt.Errorf("discover broker %s: %w: %.200s", p.cfg.Issuer, ErrUnavailable, err)
		p.retryAt = p.now().Add(backOff)
		return nil, p.failure
	}
	p.found.Store(b)
	return b, nil
}

func (p *Party) discover(ctx context.Context) (*broker, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.cfg.Issuer)
	if err != nil {
		return nil, err
	}
	var says struct {
		EndSession  string   `json:"end_session_endpoint"`
		NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&says); err != nil {
		return nil, err
	}
	endpoint := provider.Endpoint()
	if endpoint.AuthURL == "" || endpoint.TokenURL == "" {
		return nil, errors.New("its discovery document lacks an endpoint")
	}
	endpoint.AuthStyle = p.cfg.authStyle(says.AuthMethods)
	return &broker{
		provider: provider,
		oauth: oauth2.Config{
			ClientID:     p.cfg.ClientID,
			ClientSecret: p.cfg.ClientSecret,
			Endpoint:     endpoint,
			RedirectURL:  p.cfg.RedirectURL,
			Scopes:       p.cfg.Scopes,
		},
		verifier: provider.Verifier(&oidc.Config{
			ClientID:             p.cfg.ClientID,
			SupportedSigningAlgs: algorithms,
			Now:                  func() time.Time { return p.now().Add(-leeway) },
		}),
		endSession:  says.EndSession,
		namesItself: says.NamesItself,
	}, nil
}

// authStyle picks how we say our secret, if we have one. Left to itself oauth2
// would try one way after the other, and spend a code that is good once.
func (c Config) authStyle(methods []string) oauth2.AuthStyle {
	if c.ClientSecret == "" || len(methods) > 0 && !slices.Contains(methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader // the default of OpenID Connect Discovery
}

// bounded is the client with an end to how long, and how much, it listens.
func bounded(client *http.Client) *http.Client {
	c := http.Client{}
	if client != nil {
		c = *client
	}
	if c.Timeout == 0 {
		c.Timeout = patience
	}
	if c.Transport == nil {
		c.Transport = http.DefaultTransport
	}
	c.Transport = short{c.Transport}
	return &c
}

// short cuts every answer at longAnswer bytes.
type short struct{ http.RoundTripper }

func (s short) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, longAnswer), resp.Body}
	return resp, nil
}
