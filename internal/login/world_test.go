package login_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/login"
	"portal/internal/login/demobroker"
)

const callbackURL = "https://portal.example/accedi/ritorno"

// The persona of these tests, and somebody else.
var (
	anna = demobroker.Persona{
		Hint:       "psicologa",
		FiscalCode: identity.NewFiscalCode("VRDNNA85M41F205"),
		GivenName:  "Anna",
		FamilyName: "Verdi",
		Birth:      calendar.NewDate(1985, time.August, 1),
		Email:      "anna.verdi@example.it",
	}
	abroad = demobroker.Persona{Hint: "estero", GivenName: "Jana", FamilyName: "Novak", NoFiscalCode: true}
	weak   = demobroker.Persona{Hint: "livello-1", FiscalCode: anna.FiscalCode, GivenName: "Anna", FamilyName: "Verdi", ACR: "https://www.spid.gov.it/SpidL1"}
	other  = identity.NewFiscalCode("RSSMRA80A01H501")
)

// hostile is the demo broker with something between it and the portal that knows
// its key. What is nil is left as it is.
type hostile struct {
	broker    http.Handler
	key       *ecdsa.PrivateKey
	answer    func(path string) (status int, body string) // status 0: go on
	discovery func(map[string]any)
	token     func(map[string]any) // the whole answer, after idToken and sign
	idToken   func(claims map[string]any)
	sign      func(claims map[string]any) string // nil: as the broker does
	userInfo  func(map[string]any)
}

func (h *hostile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h.answer != nil {
		if status, body := h.answer(r.URL.Path); status != 0 {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return
		}
	}
	recorded := httptest.NewRecorder()
	h.broker.ServeHTTP(recorded, r)
	maps.Copy(w.Header(), recorded.Header())
	var body map[string]any
	if recorded.Code != http.StatusOK || json.Unmarshal(recorded.Body.Bytes(), &body) != nil {
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes())
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		change(body, h.discovery)
	case "/userinfo":
		change(body, h.userInfo)
	case "/token":
		body["id_token"] = h.forge(body["id_token"].(string))
		change(body, h.token)
	}
	_ = json.NewEncoder(w).Encode(body)
}

func change(body map[string]any, how func(map[string]any)) {
	if how != nil {
		how(body)
	}
}

// forge changes the claims of a token and signs them again.
func (h *hostile) forge(raw string) string {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		panic(err)
	}
	var claims map[string]any
	if err := token.Claims(h.key.Public(), &claims); err != nil {
		panic(err)
	}
	change(claims, h.idToken)
	if h.sign != nil {
		return h.sign(claims)
	}
	return signed(jose.ES256, h.key, claims)
}

func signed(alg jose.SignatureAlgorithm, key any, claims map[string]any) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, nil)
	if err != nil {
		panic(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	return token
}

// clock stands still until it is moved.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time          { return time.Unix(c.at.Load(), 0) }
func (c *clock) forward(d time.Duration) { c.at.Add(int64(d / time.Second)) }

// world is a portal and its broker, at noon on 2 March 2026.
type world struct {
	*login.Party
	broker *hostile
	issuer string
	clock  *clock
}

func newWorld(t testing.TB, changes ...func(*login.Config)) *world {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{broker: &hostile{key: key}, clock: &clock{}}
	w.clock.at.Store(calendar.NewDate(2026, time.March, 2).At(12, 0).Unix())
	server := httptest.NewUnstartedServer(w.broker)
	w.issuer = "http://" + server.Listener.Addr().String()
	w.broker.broker, err = demobroker.New(demobroker.Config{
		Issuer: w.issuer,
		Clients: []demobroker.Client{{
			ID: "portal", Secret: "s3cret +/&", RedirectURIs: []string{callbackURL},
			PostLogoutURIs: []string{"https://portal.example/"},
		}},
		Personas: []demobroker.Persona{anna, abroad, weak},
		Key:      key,
		Now:      w.clock.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	cfg := login.Config{
		Issuer: w.issuer, ClientID: "portal", ClientSecret: "s3cret +/&",
		RedirectURL: callbackURL, PostLogoutURL: "https://portal.example/",
	}
	for _, change := range changes {
		change(&cfg)
	}
	w.Party = login.New(cfg, server.Client(), w.clock.now)
	return w
}

// arrive goes to the broker and comes back with its answer.
func (w *world) arrive(t testing.TB, hint string) (login.Attempt, url.Values) {
	t.Helper()
	redirect, attempt, err := w.Start(t.Context(), hint)
	if err != nil {
		t.Fatal(err)
	}
	return attempt, follow(t, redirect)
}

// follow gives what stands in the address that a redirect of the broker leads to.
func follow(t testing.TB, address string) url.Values {
	t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("%s: %v", resp.Status, err)
	}
	if !strings.HasPrefix(back.String(), callbackURL+"?") {
		t.Fatalf("the broker leads to %s", back)
	}
	return back.Query()
}

// enter logs in from the first click to the last check.
func (w *world) enter(t testing.TB, hint string) (login.Person, error) {
	t.Helper()
	attempt, callback := w.arrive(t, hint)
	return w.Finish(t.Context(), attempt, callback)
}
