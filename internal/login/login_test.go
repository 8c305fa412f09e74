package login_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portal/internal/login"
	"portal/internal/login/demobroker"
)

func TestAPersonLogsIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	if got.IDToken == "" {
		t.Error("an id_token without attributes is kept for the logout")
	}
	got.IDToken = ""
	want := login.Person{
		Issuer: w.issuer, FiscalCode: anna.FiscalCode, GivenName: "Anna", FamilyName: "Verdi",
		Birth: anna.Birth, Email: anna.Email, Level: 2, AuthTime: w.clock.now(),
	}
	if got != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTheBrokerIsAskedWithTheLevelAndTheHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *login.Config) { c.ACRValues = demobroker.SpidL2 })
	redirect, attempt, err := w.Start(t.Context(), "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"acr_values": demobroker.SpidL2, "login_hint": "psicologa", "response_type": "code",
		"scope": "openid profile email", "code_challenge_method": "S256",
		"state": attempt.State, "nonce": attempt.Nonce, "redirect_uri": callbackURL,
	} {
		if got := u.Query().Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if strings.Contains(redirect, attempt.Verifier) {
		t.Error("the verifier stands in the address")
	}
	_, second, err := w.Start(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if attempt.State == second.State || attempt.Nonce == second.Nonce || attempt.Verifier == second.Verifier {
		t.Error("two attempts share a secret")
	}
}

func TestAnAnswerHoldsOnlyForItsAttempt(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		spoil  func(*login.Attempt, url.Values)
		reason error
	}{
		"as it came":          {func(*login.Attempt, url.Values) {}, nil},
		"another state":       {func(_ *login.Attempt, q url.Values) { q.Set("state", "x"+q.Get("state")[1:]) }, login.ErrState},
		"no state":            {func(_ *login.Attempt, q url.Values) { q.Del("state") }, login.ErrState},
		"two states":          {func(_ *login.Attempt, q url.Values) { q.Add("state", q.Get("state")) }, login.ErrState},
		"another browser":     {func(a *login.Attempt, _ url.Values) { *a = login.Attempt{} }, login.ErrState},
		"nobody's answer":     {func(a *login.Attempt, q url.Values) { *a = login.Attempt{}; q.Set("state", "") }, login.ErrState},
		"no to another state": {func(_ *login.Attempt, q url.Values) { q.Set("state", ""); q.Set("error", "access_denied") }, login.ErrState},
		"another nonce":       {func(a *login.Attempt, _ url.Values) { a.Nonce = "another" }, login.ErrRefused},
		"no nonce":            {func(a *login.Attempt, _ url.Values) { a.Nonce = "" }, login.ErrRefused},
		"another verifier":    {func(a *login.Attempt, _ url.Values) { a.Verifier += "x" }, login.ErrRefused},
		"no code":             {func(_ *login.Attempt, q url.Values) { q.Del("code") }, login.ErrRefused},
		"a code of its own":   {func(_ *login.Attempt, q url.Values) { q.Set("code", "invented") }, login.ErrRefused},
		"no iss":              {func(_ *login.Attempt, q url.Values) { q.Del("iss") }, login.ErrRefused},
		"another broker":      {func(_ *login.Attempt, q url.Values) { q.Set("iss", "https://evil.example") }, login.ErrRefused},
		"another broker's no": {func(_ *login.Attempt, q url.Values) { q.Set("iss", "https://evil.example"); q.Set("error", "x") }, login.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			attempt, callback := w.arrive(t, "psicologa")
			tc.spoil(&attempt, callback)
			if _, err := w.Finish(t.Context(), attempt, callback); !errors.Is(err, tc.reason) {
				t.Errorf("got %v, want %v", err, tc.reason)
			}
		})
	}
}

func TestACodeIsGoodOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attempt, callback := w.arrive(t, "psicologa")
	if _, err := w.Finish(t.Context(), attempt, callback); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(t.Context(), attempt, callback); !errors.Is(err, login.ErrRefused) {
		t.Errorf("the second time: %v", err)
	}
}

func TestABrokerThatDoesNotNameItselfNeedNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.discovery = func(d map[string]any) { delete(d, "authorization_response_iss_parameter_supported") }
	attempt, callback := w.arrive(t, "psicologa")
	callback.Del("iss")
	if _, err := w.Finish(t.Context(), attempt, callback); err != nil {
		t.Error(err)
	}
	attempt, callback = w.arrive(t, "psicologa")
	callback.Set("iss", "https://evil.example")
	if _, err := w.Finish(t.Context(), attempt, callback); !errors.Is(err, login.ErrRefused) {
		t.Errorf("but may not name another: %v", err)
	}
}

func TestTheBrokersNoHasAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, tc := range []struct {
		answer, description string
		reason              error
		code                string
	}{
		{"access_denied", "", login.ErrCancelled, "access_denied"},
		{"access_denied", "ErrorCode nr19", login.ErrTooManyAttempts, "nr19"},
		{"access_denied", "ErrorCode nr20", login.ErrLevelTooLow, "nr20"},
		{"server_error", "SAML error: Responder/AuthnFailed, ErrorCode nr21", login.ErrTimedOut, "nr21"},
		{"invalid_request", "errorcode nr22", login.ErrCancelled, "nr22"},
		{"access_denied", "ErrorCode nr23 per ANNA VERDI", login.ErrSuspended, "nr23"},
		{"access_denied", "ErrorCode nr25", login.ErrCancelled, "nr25"},
		{"access_denied", "ErrorCode nr250", login.ErrCancelled, "access_denied"},
		{"unmet_authentication_requirements", "", login.ErrLevelTooLow, "unmet_authentication_requirements"},
		{"temporarily_unavailable", "", login.ErrUnavailable, "temporarily_unavailable"},
		{"invalid_scope", "ErrorCode nr04", login.ErrRefused, "invalid_scope"},
		{"<b>VRDNNA85M41F205X</b>", "", login.ErrRefused, ""},
	} {
		attempt, callback := w.arrive(t, "psicologa")
		callback.Del("code")
		callback.Set("error", tc.answer)
		callback.Set("error_description", tc.description)
		_, err := w.Finish(t.Context(), attempt, callback)
		if !errors.Is(err, tc.reason) {
			t.Errorf("%s %q: got %v, want %v", tc.answer, tc.description, err, tc.reason)
		}
		var denied *login.Denied
		if errors.As(err, &denied) && denied.Code != tc.code || denied == nil && tc.code != "" {
			t.Errorf("%s %q: code %+v, want %q", tc.answer, tc.description, denied, tc.code)
		}
		if text := fmt.Sprint(err); strings.Contains(text, "VRD") || strings.Contains(text, "ANNA") {
			t.Errorf("the error names somebody: %v", err)
		}
	}
}

func TestWhoCancelsAtTheBrokerIsToldSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	redirect, attempt, err := w.Start(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Finish(t.Context(), attempt, follow(t, redirect+"&cancel=1"))
	if !errors.Is(err, login.ErrCancelled) {
		t.Error(err)
	}
}

func TestNothingIsAskedBeforeItIsNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var asked atomic.Int32
	w.broker.answer = func(string) (int, string) { asked.Add(1); return 0, "" }
	if _, err := w.Finish(t.Context(), login.Attempt{}, url.Values{"code": {"x"}}); !errors.Is(err, login.ErrState) {
		t.Errorf("nobody's answer: %v", err)
	}
	if got := w.Origins(); len(got) != 1 || got[0] != w.issuer {
		t.Errorf("origins %q", got)
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the broker was asked %d times", n)
	}
}

func TestABrokerThatIsDownIsFoundOnceItIsUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var asked atomic.Int32
	var up atomic.Bool
	w.broker.answer = func(string) (int, string) {
		asked.Add(1)
		if up.Load() {
			return 0, ""
		}
		return http.StatusBadGateway, "starting"
	}
	for range 5 {
		if _, _, err := w.Start(t.Context(), ""); !errors.Is(err, login.ErrUnavailable) {
			t.Fatalf("got %v", err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("5 clicks at once asked a dead broker %d times", n)
	}
	if u := w.LogoutURL(t.Context(), "", ""); u != "" {
		t.Errorf("a logout at a dead broker leads to %s", u)
	}
	up.Store(true)
	w.clock.forward(5 * time.Second)
	if _, err := w.enter(t, "psicologa"); err != nil {
		t.Error(err)
	}
}

func TestASilentBrokerDoesNotHoldEverybodyUp(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	t.Cleanup(silent.Close)
	p := login.New(login.Config{Issuer: silent.URL}, &http.Client{Timeout: 50 * time.Millisecond},
		func() time.Time { return time.Unix(1772449200, 0) })
	failures := make(chan error)
	for range 20 {
		go func() {
			_, _, err := p.Start(context.Background(), "")
			failures <- err
		}()
	}
	for range 20 {
		if err := <-failures; !errors.Is(err, login.ErrUnavailable) {
			t.Error(err)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("20 people waited for a silent broker %d times", n)
	}
}

func TestALogoutGoesToTheBrokerAndBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	person, err := w.enter(t, "psicologa")
	if err != nil {
		t.Fatal(err)
	}
	address := w.LogoutURL(t.Context(), person.IDToken, "fine")
	if !strings.HasPrefix(address, w.issuer+"/logout?") {
		t.Fatalf("logout leads to %q", address)
	}
	browser := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, address := range []string{address, w.LogoutURL(t.Context(), "", "fine")} {
		resp, err := browser.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if got := resp.Header.Get("Location"); got != "https://portal.example/?state=fine" {
			t.Errorf("%s: the broker leads to %q", resp.Status, got)
		}
	}
}

func TestABrokerWithoutLogoutLeavesItToUs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.discovery = func(d map[string]any) { delete(d, "end_session_endpoint") }
	if u := w.LogoutURL(t.Context(), "token", "state"); u != "" {
		t.Errorf("logout leads to %q", u)
	}
}

func TestFormsMayLeadToEveryHostOfTheBroker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.broker.discovery = func(d map[string]any) { d["end_session_endpoint"] = "https://bye.example:8443/x?y" }
	if _, _, err := w.Start(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(w.Origins(), " ")
	if want := w.issuer + " https://bye.example:8443"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
