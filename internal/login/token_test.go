package login_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"portal/internal/calendar"
	"portal/internal/login"
)

const fiscalNumber = "https://attributes.eid.gov.it/fiscal_number"

func set(name string, value any) func(map[string]any) {
	return func(claims map[string]any) { claims[name] = value }
}

func named(given, family string) func(map[string]any) {
	return func(claims map[string]any) { claims["given_name"], claims["family_name"] = given, family }
}

func nameless(claims map[string]any) {
	delete(claims, "given_name")
	delete(claims, "family_name")
}

func without(name string) func(map[string]any) {
	return func(claims map[string]any) { delete(claims, name) }
}

// seconds moves a time in the claims.
func seconds(name string, d time.Duration) func(map[string]any) {
	return func(claims map[string]any) { claims[name] = claims[name].(float64) + d.Seconds() }
}

func unsigned(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + encode(payload) + "."
}

// TestForgedAnswersAreRefused is the matrix T06: whatever lies between the
// broker and us, each check refuses for its own cause and the broker's own
// answer passes.
func TestForgedAnswersAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		forge   func(*hostile)
		reason  error
		because string // the check, as the log names it
	}{
		"nothing is changed":        {func(*hostile) {}, nil, ""},
		"alg none":                  {func(h *hostile) { h.sign = unsigned }, login.ErrRefused, "unexpected signature algorithm"},
		"HS256 with the public key": {func(h *hostile) { h.sign = confused(h.key) }, login.ErrRefused, "unexpected signature algorithm"},
		"HS256 though it is announced": {func(h *hostile) {
			h.sign, h.discovery = confused(h.key), set("id_token_signing_alg_values_supported", []string{"HS256"})
		}, login.ErrRefused, "unexpected signature algorithm"},
		"another key":               {func(h *hostile) { h.sign = strangersKey }, login.ErrRefused, "failed to verify"},
		"no id_token":               {func(h *hostile) { h.token = without("id_token") }, login.ErrRefused, "no id_token"},
		"another audience":          {func(h *hostile) { h.idToken = set("aud", "another") }, login.ErrRefused, "expected audience"},
		"two audiences, no azp":     {func(h *hostile) { h.idToken = set("aud", []string{"portal", "another"}) }, login.ErrRefused, "azp"},
		"azp is another":            {func(h *hostile) { h.idToken = set("azp", "another") }, login.ErrRefused, "azp"},
		"another issuer":            {func(h *hostile) { h.idToken = set("iss", "https://evil.example") }, login.ErrRefused, "different provider"},
		"expired":                   {func(h *hostile) { h.idToken = seconds("exp", -7*time.Minute) }, login.ErrRefused, "expired"},
		"expired within the leeway": {func(h *hostile) { h.idToken = seconds("exp", -5*time.Minute-30*time.Second) }, nil, ""},
		"no exp":                    {func(h *hostile) { h.idToken = without("exp") }, login.ErrRefused, "expired"},
		"issued in the future":      {func(h *hostile) { h.idToken = seconds("iat", 2*time.Minute) }, login.ErrRefused, "iat"},
		"issued within the leeway":  {func(h *hostile) { h.idToken = seconds("iat", 30*time.Second) }, nil, ""},
		"no iat":                    {func(h *hostile) { h.idToken = without("iat") }, login.ErrRefused, "iat"},
		"not valid yet":             {func(h *hostile) { h.idToken = set("nbf", calendar.NewDate(2026, time.March, 3).Start().Unix()) }, login.ErrRefused, "nbf"},
		"another nonce":             {func(h *hostile) { h.idToken = set("nonce", "another") }, login.ErrRefused, "nonce"},
		"no nonce":                  {func(h *hostile) { h.idToken = without("nonce") }, login.ErrRefused, "nonce"},
		"no sub":                    {func(h *hostile) { h.idToken, h.userInfo = without("sub"), without("sub") }, login.ErrRefused, "no sub"},
		"another access token":      {func(h *hostile) { h.token = set("access_token", "another") }, login.ErrRefused, "access token hash"},
		"no at_hash":                {func(h *hostile) { h.idToken = without("at_hash") }, nil, ""},
		"userinfo of another sub":   {func(h *hostile) { h.userInfo = set("sub", "another") }, login.ErrRefused, "userinfo: sub"},
		"userinfo without sub":      {func(h *hostile) { h.userInfo = without("sub") }, login.ErrRefused, "userinfo: sub"},
		"acr of level 1":            {func(h *hostile) { h.idToken = set("acr", "https://www.spid.gov.it/SpidL1") }, login.ErrLevelTooLow, "level 1 of 2"},
		"no acr":                    {func(h *hostile) { h.idToken = without("acr") }, login.ErrLevelTooLow, "level 0"},
		"an acr nobody knows":       {func(h *hostile) { h.idToken = set("acr", "1") }, login.ErrLevelTooLow, "level 0"},
		"an acr of userinfo": {func(h *hostile) {
			h.idToken, h.userInfo = without("acr"), set("acr", "https://www.spid.gov.it/SpidL3")
		}, login.ErrLevelTooLow, "level 0"},
		"no fiscal code":        {func(h *hostile) { h.userInfo = without(fiscalNumber) }, login.ErrNoFiscalCode, "no fiscal code"},
		"a wrong check letter":  {func(h *hostile) { h.userInfo = set(fiscalNumber, "TINIT-VRDNNA85M41F205Z") }, login.ErrNoFiscalCode, "fiscal_code.invalid"},
		"another country's":     {func(h *hostile) { h.userInfo = set(fiscalNumber, "TINSI-12345678") }, login.ErrNoFiscalCode, "fiscal_code.length"},
		"a number":              {func(h *hostile) { h.userInfo = set(fiscalNumber, 12345678901) }, login.ErrNoFiscalCode, "no fiscal code"},
		"two fiscal codes":      {func(h *hostile) { h.userInfo = set(fiscalNumber, []string{string(anna.FiscalCode), string(other)}) }, login.ErrNoFiscalCode, "no fiscal code"},
		"a list of one":         {func(h *hostile) { h.userInfo = set(fiscalNumber, []string{string(anna.FiscalCode)}) }, nil, ""},
		"no name":               {func(h *hostile) { h.userInfo = nameless }, login.ErrNoName, "no name"},
		"an empty name":         {func(h *hostile) { h.userInfo = named(" ", "\t") }, login.ErrNoName, "no name"},
		"a name with a NUL":     {func(h *hostile) { h.userInfo = named("Anna\x00", "Verdi") }, login.ErrNoName, "no name"},
		"a name on two lines":   {func(h *hostile) { h.userInfo = named("Anna", "Verdi\nRossi") }, login.ErrNoName, "no name"},
		"a name that turns":     {func(h *hostile) { h.userInfo = named("Anna \u202eidreV", "Verdi") }, login.ErrNoName, "no name"},
		"a name of no letters":  {func(h *hostile) { h.userInfo = named("\u200b", "Verdi") }, login.ErrNoName, "no name"},
		"a name not in UTF-8":   {func(h *hostile) { h.userInfo = named("Ann\ufffd", "Verdi") }, login.ErrNoName, "no name"},
		"a foreign name":        {func(h *hostile) { h.userInfo = named("Zoë-Ève’", "D’Amico Łoś") }, nil, ""},
		"a birth date in words": {func(h *hostile) { h.userInfo = set("birthdate", "1 agosto 1985") }, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tc.forge(w.broker)
			got, err := w.enter(t, "psicologa")
			if !errors.Is(err, tc.reason) {
				t.Fatalf("got %v, want %v", err, tc.reason)
			}
			if err == nil {
				if got.FiscalCode != anna.FiscalCode {
					t.Errorf("logged in as somebody else")
				}
				return
			}
			if !strings.Contains(err.Error(), tc.because) {
				t.Errorf("refused for another cause: %v", err)
			}
			for _, claim := range []string{string(anna.FiscalCode), "VRDNNA", "TINSI", anna.FamilyName, anna.Email} {
				if strings.Contains(err.Error(), claim) {
					t.Errorf("the error carries a claim: %v", err)
				}
			}
			if got != (login.Person{}) {
				t.Errorf("refused, and yet somebody: %+v", got)
			}
		})
	}
}

// confused signs with the broker's public key as if it were a shared secret.
func confused(key *ecdsa.PrivateKey) func(map[string]any) string {
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		panic(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return func(claims map[string]any) string { return signed(jose.HS256, public, claims) }
}

func strangersKey(claims map[string]any) string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return signed(jose.ES256, key, claims)
}

func TestAFiscalCodeIsReadAsBrokersWriteIt(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		claim, value, want string
	}{
		"with the prefix in lower case": {fiscalNumber, "tinit-" + strings.ToLower(string(anna.FiscalCode)), string(anna.FiscalCode)},
		"without prefix":                {"fiscalNumber", string(anna.FiscalCode), string(anna.FiscalCode)},
		"as Signicat":                   {"nin", "TINIT-" + string(anna.FiscalCode), string(anna.FiscalCode)},
		"as issued, with omocodia":      {"fiscal_number", "TINIT-RSSMRA85T10A56NH", "RSSMRA85T10A56NH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.broker.userInfo = func(claims map[string]any) {
				delete(claims, fiscalNumber)
				claims[tc.claim] = tc.value
			}
			got, err := w.enter(t, "psicologa")
			if err != nil {
				t.Fatal(err)
			}
			if string(got.FiscalCode) != tc.want {
				t.Errorf("got %q", string(got.FiscalCode))
			}
		})
	}
}

func TestWhatIsSignedDecidesWhoSomebodyIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.idToken = set("nin", string(anna.FiscalCode)) // last of the list, but signed
	w.broker.userInfo = func(claims map[string]any) {
		claims[fiscalNumber] = string(other)
		claims["iss"], claims["aud"] = "https://evil.example", "another"
	}
	got, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	if got.FiscalCode != anna.FiscalCode || got.Issuer != w.issuer {
		t.Errorf("userinfo made somebody else of them: %+v", got)
	}
}

func TestASingleNameIsGivenAndFamilyName(t *testing.T) {
	t.Parallel()
	for _, missing := range []string{"given_name", "family_name"} {
		w := newWorld(t)
		w.broker.userInfo = func(claims map[string]any) {
			named("Suharto", "Suharto")(claims)
			delete(claims, missing)
		}
		got, err := w.enter(t, "psicologa")
		if err != nil || got.GivenName != "Suharto" || got.FamilyName != "Suharto" {
			t.Errorf("without %s: %+v, %v", missing, got, err)
		}
	}
}

func TestAnAddressThatIsNotPlainTextIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.userInfo = set("email", "anna\x00@example.org")
	if got, err := w.enter(t, "psicologa"); err != nil || got.Email != "" {
		t.Errorf("%q, %v", got.Email, err)
	}
}

func TestAGivenNameComesBeforeAName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.idToken = set("name", "Anna Verdi")
	got, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	if got.GivenName != "Anna" {
		t.Errorf("got %q", got.GivenName)
	}
}

func TestAnIDTokenThatNamesSomebodyStaysOutOfAddresses(t *testing.T) {
	t.Parallel()
	for _, claim := range []func(map[string]any){
		set("fiscal_number", string(anna.FiscalCode)),
		set("family_name", "Verdi"),
		set("email", anna.Email),
	} {
		w := newWorld(t)
		w.broker.idToken = claim
		got, err := w.enter(t, "psicologa")
		if err != nil {
			t.Fatal(err)
		}
		if got.IDToken != "" {
			t.Error("kept for the address of the logout")
		}
	}
	w := newWorld(t) // a broker whose sub is the fiscal code
	w.broker.idToken, w.broker.userInfo = set("sub", string(anna.FiscalCode)), set("sub", string(anna.FiscalCode))
	if got, err := w.enter(t, "psicologa"); err != nil || got.IDToken != "" {
		t.Errorf("%v: kept for the address of the logout", err)
	}
}

func TestSomebodyWithoutFiscalCodeIsToldSo(t *testing.T) {
	t.Parallel()
	if _, err := newWorld(t).enter(t, "estero"); !errors.Is(err, login.ErrNoFiscalCode) {
		t.Error(err)
	}
}

func TestTheLevelIsConfiguration(t *testing.T) {
	t.Parallel()
	if _, err := newWorld(t).enter(t, "livello-1"); !errors.Is(err, login.ErrLevelTooLow) {
		t.Errorf("level 1 of 2: %v", err)
	}
	lower := newWorld(t, func(c *login.Config) { c.MinLevel = 1 })
	if got, err := lower.enter(t, "livello-1"); err != nil || got.Level != 1 {
		t.Errorf("level 1 of 1: %d, %v", got.Level, err)
	}
	higher := newWorld(t, func(c *login.Config) { c.MinLevel = 3 })
	if _, err := higher.enter(t, "psicologa"); !errors.Is(err, login.ErrLevelTooLow) {
		t.Errorf("level 2 of 3: %v", err)
	}
	own := newWorld(t, func(c *login.Config) { c.Levels = login.Levels{"https://www.spid.gov.it/SpidL1": 2} })
	if _, err := own.enter(t, "livello-1"); err != nil {
		t.Errorf("a broker's own meaning of levels: %v", err)
	}
}

func TestABrokerThatAnswersNonsenseIsUnavailable(t *testing.T) {
	t.Parallel()
	secret := `{"error":"<html>Anna Verdi ` + string(anna.FiscalCode) + `</html>"}`
	for _, path := range []string{"/token", "/userinfo", "/jwks"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			attempt, callback := w.arrive(t, "psicologa")
			w.broker.answer = func(asked string) (int, string) {
				if asked == path {
					return http.StatusInternalServerError, secret
				}
				return 0, ""
			}
			_, err := w.Finish(t.Context(), attempt, callback)
			if !errors.Is(err, login.ErrUnavailable) {
				t.Errorf("got %v", err)
			}
			if path == "/userinfo" && strings.Contains(err.Error(), "Verdi") {
				t.Errorf("the error carries the answer: %v", err)
			}
		})
	}
}

func TestALongAnswerIsCut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.userInfo = set("padding", strings.Repeat("x", 2<<20))
	if _, err := w.enter(t, "psicologa"); !errors.Is(err, login.ErrRefused) {
		t.Errorf("got %v", err)
	}
}

func TestAWrongSecretIsOurFaultAndNotThePersons(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *login.Config) { c.ClientSecret = "wrong" })
	if _, err := w.enter(t, "psicologa"); !errors.Is(err, login.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

func TestTheSecretIsSaidAsTheBrokerTakesIt(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"client_secret_basic", "client_secret_post"} {
		w := newWorld(t)
		w.broker.discovery = set("token_endpoint_auth_methods_supported", []string{method})
		if _, err := w.enter(t, "psicologa"); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestABrokerMayLackUserInfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.discovery = without("userinfo_endpoint")
	w.broker.idToken = func(claims map[string]any) {
		claims["fiscalNumber"], claims["name"], claims["familyName"] = string(anna.FiscalCode), "Anna", "Verdi"
		claims["dateOfBirth"] = "1985-08-01"
	}
	got, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	if got.GivenName != "Anna" || got.FamilyName != "Verdi" || got.Birth != calendar.NewDate(1985, time.August, 1) {
		t.Errorf("got %+v", got)
	}
}
