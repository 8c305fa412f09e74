package demobroker_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
)

const (
	portalURL   = "http://portal.example:8080"
	callbackURL = portalURL + "/accedi/ritorno"
	verifier    = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)

// site is a broker with two clients and three personas.
type site struct {
	*httptest.Server
	clock atomic.Int64 // seconds
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{Server: httptest.NewUnstartedServer(nil)}
	s.clock.Store(calendar.NewDate(2026, time.March, 2).At(12, 0).Unix())
	broker, err := demobroker.New(demobroker.Config{
		Issuer: "http://" + s.Listener.Addr().String(),
		Clients: []demobroker.Client{
			{ID: "portal", Secret: "secret", RedirectURIs: []string{callbackURL}, PostLogoutURIs: []string{portalURL + "/"}},
			{ID: "another", Secret: "other", RedirectURIs: []string{"http://another.example/back"}},
		},
		Personas: []demobroker.Persona{
			{Hint: "cittadina", GivenName: "Maria", FamilyName: "Rossi", Group: "Cittadini",
				About: "Un codice da usare", FiscalCode: identity.NewFiscalCode("RSSMRA90A41H501")},
			{Hint: "psicologa", GivenName: "Anna", FamilyName: "Verdi", Group: "Professionisti",
				About: "Sedute in ogni stato", FiscalCode: identity.NewFiscalCode("VRDNNA85M41F205")},
			{Hint: "estero", GivenName: "Jana", FamilyName: "Novak", Group: "Cittadini", NoFiscalCode: true},
		},
		Now: func() time.Time { return time.Unix(s.clock.Load(), 0) },
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = broker
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// request is one that can be granted; the changes are pairs of name and value.
func (s *site) request(changes ...string) string {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"client_id": {"portal"}, "redirect_uri": {callbackURL}, "response_type": {"code"},
		"scope": {"openid"}, "state": {"a state"}, "nonce": {"n"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return s.URL + "/authorize?" + q.Encode()
}

// get asks as a browser does, and stays where it is told to go elsewhere.
func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if c := resp.Cookies(); len(c) != 0 {
		t.Errorf("%s sets %v: cookies are shared between the ports of a host", resp.Request.URL.Path, c)
	}
	return resp, string(body)
}

// answer is what the broker sends the browser back to the portal with.
func (s *site) answer(t *testing.T, changes ...string) url.Values {
	t.Helper()
	resp, body := get(t, s.request(changes...))
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("%s: %s", resp.Status, body)
	}
	return back.Query()
}

// exchange asks for the tokens of a code; the changes are pairs of name and value.
func (s *site) exchange(t *testing.T, code string, changes ...string) (status int, answer map[string]any) {
	t.Helper()
	q := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callbackURL},
		"code_verifier": {verifier}, "client_id": {"portal"}, "client_secret": {"secret"},
	}
	for i := 0; i < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	resp, err := http.PostForm(s.URL+"/token", q)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer
}

func TestAHintLogsInWithoutAsking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	answer := s.answer(t, "login_hint", "psicologa")
	if answer.Get("state") != "a state" || answer.Get("iss") != s.URL || answer.Get("code") == "" {
		t.Errorf("answer %v", answer)
	}
	status, tokens := s.exchange(t, answer.Get("code"))
	if status != http.StatusOK || tokens["id_token"] == nil || tokens["access_token"] == nil {
		t.Errorf("%d %v", status, tokens)
	}
}

func TestACodeIsGoodOnceForAMinuteAndForWhoAsked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := func() string { return s.answer(t, "login_hint", "psicologa").Get("code") }

	spent := code()
	if status, _ := s.exchange(t, spent); status != http.StatusOK {
		t.Fatalf("the first time: %d", status)
	}
	if status, answer := s.exchange(t, spent); status != http.StatusBadRequest || answer["error"] != "invalid_grant" {
		t.Errorf("the second time: %d %v", status, answer)
	}
	for _, change := range [][]string{
		{"code_verifier", "another"},
		{"code_verifier", ""},
		{"redirect_uri", "http://another.example/back"},
		{"client_id", "another", "client_secret", "other"},
	} {
		tried := code()
		if status, answer := s.exchange(t, tried, change...); answer["error"] != "invalid_grant" {
			t.Errorf("%v: %d %v", change, status, answer)
		}
		if status, _ := s.exchange(t, tried); status == http.StatusOK {
			t.Errorf("%v: a code tried wrongly is still good", change)
		}
	}
	for _, change := range [][]string{{"client_secret", "wrong"}, {"client_id", "nobody"}} {
		if status, answer := s.exchange(t, code(), change...); status != http.StatusUnauthorized || answer["error"] != "invalid_client" {
			t.Errorf("%v: %d %v", change, status, answer)
		}
	}
	if status, answer := s.exchange(t, code(), "grant_type", "password"); answer["error"] != "unsupported_grant_type" {
		t.Errorf("%d %v", status, answer)
	}
	late := code()
	s.clock.Add(61)
	if status, answer := s.exchange(t, late); answer["error"] != "invalid_grant" {
		t.Errorf("after a minute: %d %v", status, answer)
	}
}

func TestUserInfoAnswersATokenForAWhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, tokens := s.exchange(t, s.answer(t, "login_hint", "estero").Get("code"))
	ask := func(token string) (int, map[string]any) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		var claims map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&claims); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, claims
	}
	access := tokens["access_token"].(string)
	status, claims := ask(access)
	if status != http.StatusOK || claims["given_name"] != "Jana" {
		t.Errorf("%d %v", status, claims)
	}
	if _, has := claims["https://attributes.eid.gov.it/fiscal_number"]; has {
		t.Error("somebody of eIDAS has a fiscal code")
	}
	if status, _ := ask("invented"); status != http.StatusUnauthorized {
		t.Errorf("an invented token: %d", status)
	}
	s.clock.Add(6 * 60)
	if status, _ := ask(access); status != http.StatusUnauthorized {
		t.Errorf("an old token: %d", status)
	}
}

func TestARequestThatCannotBeGrantedIsAnsweredWithItsError(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, tc := range []struct {
		want    string
		changes []string
	}{
		{"invalid_request", []string{"code_challenge", ""}},
		{"invalid_request", []string{"code_challenge_method", "plain"}},
		{"invalid_request", []string{"response_mode", "form_post"}},
		{"unsupported_response_type", []string{"response_type", "token"}},
		{"invalid_scope", []string{"scope", "profile"}},
		{"login_required", []string{"prompt", "none", "login_hint", ""}},
		{"access_denied", []string{"cancel", "1"}},
	} {
		answer := s.answer(t, append([]string{"login_hint", "psicologa"}, tc.changes...)...)
		if answer.Get("error") != tc.want || answer.Has("code") {
			t.Errorf("%v: got %v, want %s", tc.changes, answer, tc.want)
		}
		if answer.Get("state") != "a state" || answer.Get("iss") != s.URL {
			t.Errorf("%v: an error without state or iss: %v", tc.changes, answer)
		}
	}
}

func TestNobodyIsSentToAnAddressThatIsNotRegistered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	strangers := newSite(t)
	_, tokens := strangers.exchange(t, strangers.answer(t, "login_hint", "psicologa").Get("code"))
	forged := tokens["id_token"].(string)
	for _, address := range []string{
		s.request("login_hint", "psicologa", "redirect_uri", "https://evil.example/"),
		s.request("login_hint", "psicologa", "redirect_uri", callbackURL+"/../evil"),
		s.request("login_hint", "psicologa", "redirect_uri", ""),
		s.request("login_hint", "psicologa", "client_id", "another"),
		s.request("login_hint", "psicologa", "client_id", "nobody"),
		s.URL + "/logout?client_id=portal&post_logout_redirect_uri=https://evil.example/",
		s.URL + "/logout?post_logout_redirect_uri=" + portalURL + "/",
		s.URL + "/logout?client_id=another&post_logout_redirect_uri=" + portalURL + "/",
		s.URL + "/logout?id_token_hint=" + forged + "&post_logout_redirect_uri=" + portalURL + "/",
		s.URL + "/logout?client_id=portal&id_token_hint=invented&post_logout_redirect_uri=" + portalURL + "/",
	} {
		resp, body := get(t, address)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, "Non è possibile continuare") {
			t.Errorf("%s: %s, to %q", address, resp.Status, resp.Header.Get("Location"))
		}
	}
}

func TestALogoutLeadsBackOrSaysGoodbye(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, tokens := s.exchange(t, s.answer(t, "login_hint", "psicologa").Get("code"))
	hint := "id_token_hint=" + tokens["id_token"].(string)
	back := "&post_logout_redirect_uri=" + portalURL + "/"
	for query, want := range map[string]string{
		hint + back:                         portalURL + "/",
		hint + "&client_id=portal" + back:   portalURL + "/",
		"client_id=portal&state=end" + back: portalURL + "/?state=end",
	} {
		if resp, _ := get(t, s.URL+"/logout?"+query); resp.Header.Get("Location") != want {
			t.Errorf("%s: %s, to %q", query, resp.Status, resp.Header.Get("Location"))
		}
	}
	if resp, _ := get(t, s.URL+"/logout?"+hint+"&client_id=another"); resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a token of another client: %s", resp.Status)
	}
	if resp, body := get(t, s.URL+"/logout?"+hint); resp.StatusCode != http.StatusOK || !strings.Contains(body, "Hai chiuso la sessione") {
		t.Errorf("no address: %s", resp.Status)
	}
}

func TestThePageLetsChooseWithoutAScript(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	resp, body := get(t, s.request("login_hint", "nobody"))
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	for _, want := range []string{"È una dimostrazione", "non è SPID e non è CIE", "Cittadini", "Professionisti", "Un codice da usare", "VRDNNA85M41F205", "eIDAS"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	action, hidden, buttons := form(t, body)
	var names []string
	for _, b := range buttons {
		names = append(names, b.name+"="+b.value+" "+b.text)
	}
	want := "login_hint=cittadina Entra come Maria Rossi\nlogin_hint=estero Entra come Jana Novak\n" +
		"login_hint=psicologa Entra come Anna Verdi\ncancel=1 Annulla l’accesso"
	if got := strings.Join(names, "\n"); got != want {
		t.Errorf("buttons\n%s\nwant\n%s", got, want)
	}
	for _, b := range buttons {
		hidden.Del("login_hint")
		hidden.Del("cancel")
		hidden.Set(b.name, b.value)
		resp, _ := get(t, s.URL+action+"?"+hidden.Encode())
		back, err := resp.Location()
		if err != nil {
			t.Errorf("%s: %s", b.text, resp.Status)
			continue
		}
		if back.Query().Has("code") == (b.name == "cancel") || back.Query().Get("state") != "a state" {
			t.Errorf("%s leads to %s", b.text, back)
		}
	}
	policy := resp.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "form-action 'self' "+portalURL+" http://another.example;") {
		t.Errorf("the form cannot lead back to the portal: %s", policy)
	}
}

// button is one of a form's.
type button struct{ name, value, text string }

// form finds the one form of the page that has hidden fields.
func form(t *testing.T, page string) (action string, hidden url.Values, buttons []button) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	hidden = url.Values{}
	for n := range root.Descendants() {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		switch {
		case n.Data == "form" && at["action"] == "/authorize":
			action = at["action"]
		case n.Data == "input" && at["type"] == "hidden":
			hidden.Set(at["name"], at["value"])
		case n.Data == "button" && at["name"] != "":
			buttons = append(buttons, button{at["name"], at["value"], strings.TrimSpace(n.FirstChild.Data)})
		}
	}
	return action, hidden, buttons
}

func TestLinksOfTheFrameLeadToThePortal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string]string{"/": portalURL + "/", "/privacy": portalURL + "/privacy"} {
		if resp, _ := get(t, s.URL+path); resp.Header.Get("Location") != want {
			t.Errorf("%s: %s, to %q", path, resp.Status, resp.Header.Get("Location"))
		}
	}
}
