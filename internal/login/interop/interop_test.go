// Package interop logs in through a broker that nobody here wrote: panva's
// oidc-provider, a certified OpenID provider, run by Node beside the test.
package interop

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/login"
	"portal/internal/login/demobroker"
)

const (
	callbackURL = "https://portal.example/accedi/ritorno"
	goodbyeURL  = "https://portal.example/uscita"
)

var annasCode = identity.NewFiscalCode("VRDNNA85M41F205")

// install brings the packages of package-lock.json, when they are not there yet.
var install = sync.OnceValue(func() error {
	if _, err := os.Stat("node_modules/oidc-provider/package.json"); err == nil {
		return nil
	}
	out, err := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund").CombinedOutput()
	if err != nil {
		return fmt.Errorf("this test needs Node 20 or later and the packages of internal/login/interop/package-lock.json, "+
			"and `npm ci` in that folder does not bring them: %w\n%s", err, out)
	}
	return nil
})

// start runs the broker, which knows Anna, and gives its issuer.
func start(t *testing.T) (issuer string) {
	t.Helper()
	if err := install(); err != nil {
		t.Fatal(err)
	}
	claims, err := json.Marshal(map[string]string{
		"https://attributes.eid.gov.it/fiscal_number": "TINIT-" + string(annasCode),
		"given_name":  "Anna",
		"family_name": "Verdi",
		"birthdate":   "1985-08-01",
	})
	if err != nil {
		t.Fatal(err)
	}
	node := exec.CommandContext(t.Context(), "node", "server.mjs")
	node.Env = append(os.Environ(), "CALLBACK="+callbackURL, "GOODBYE="+goodbyeURL, "CLAIMS="+string(claims))
	var complaints strings.Builder
	node.Stderr = &complaints
	stdin, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatalf("this test needs Node 20 or later: %v", err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = node.Wait() // it was told to go
	})
	if err != nil {
		_ = node.Wait()
		t.Fatalf("the broker does not start: %v\n%s", err, complaints.String())
	}
	return strings.TrimSpace(line)
}

// browser keeps cookies and follows every redirect but those to the portal.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{
		Jar:     jar,
		Timeout: 10 * time.Second,
		CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if r.URL.Host == "portal.example" {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}
}

// arrival is the address at the portal to which an answer of the broker leads.
func arrival(t *testing.T, resp *http.Response, err error) *url.URL {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	at, err := resp.Location()
	if err != nil {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s at %s leads nowhere: %.2000s", resp.Status, resp.Request.URL, body)
	}
	return at
}

func newParty(t *testing.T) *login.Party {
	t.Helper()
	return login.New(login.Config{
		Issuer: start(t), ClientID: "portal", ClientSecret: "a secret of the test, thirty-two bytes",
		RedirectURL: callbackURL, PostLogoutURL: goodbyeURL, ACRValues: demobroker.SpidL2,
	}, nil, time.Now)
}

// enter logs in with a hint, as far as the broker's answer.
func enter(t *testing.T, p *login.Party, web *http.Client, hint string) (login.Attempt, url.Values) {
	t.Helper()
	redirect, attempt, err := p.Start(t.Context(), hint)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := web.Get(redirect)
	return attempt, arrival(t, resp, err).Query()
}

func TestAPersonLogsInAndOutThroughOIDCProvider(t *testing.T) {
	t.Parallel()
	p, web := newParty(t), browser(t)
	attempt, callback := enter(t, p, web, demobroker.SpidL2)
	person, err := p.Finish(t.Context(), attempt, callback)
	if err != nil {
		t.Fatal(err)
	}
	if person.FiscalCode != annasCode || person.GivenName != "Anna" || person.FamilyName != "Verdi" ||
		person.Birth != calendar.NewDate(1985, time.August, 1) || person.Level != 2 {
		t.Errorf("got %+v", person)
	}
	if person.IDToken == "" {
		t.Error("no id_token for the logout")
	}
	if _, err := p.Finish(t.Context(), attempt, callback); !errors.Is(err, login.ErrRefused) {
		t.Errorf("the same answer a second time: %v", err)
	}

	resp, err := web.Get(p.LogoutURL(t.Context(), person.IDToken, "fine"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		t.Fatal(err)
	}
	confirm := regexp.MustCompile(`action="([^"]+)"><input type="hidden" name="xsrf" value="([^"]+)"`).FindSubmatch(page)
	if confirm == nil {
		t.Fatalf("%s: no form to confirm the logout: %.2000s", resp.Status, page)
	}
	resp, err = web.PostForm(string(confirm[1]), url.Values{"xsrf": {string(confirm[2])}, "logout": {"yes"}})
	if got, want := arrival(t, resp, err).String(), goodbyeURL+"?state=fine"; got != want {
		t.Errorf("after the logout at %s, want %s", got, want)
	}
}

func TestOIDCProvidersSayOnTheLevelAndOnLeavingIsHeard(t *testing.T) {
	t.Parallel()
	for hint, want := range map[string]error{
		"https://www.spid.gov.it/SpidL1": login.ErrLevelTooLow,
		"cancel":                         login.ErrCancelled,
	} {
		p, web := newParty(t), browser(t)
		attempt, callback := enter(t, p, web, hint)
		if _, err := p.Finish(t.Context(), attempt, callback); !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", hint, err, want)
		}
	}
}

func TestAnAttemptOfAnotherBrowserIsRefused(t *testing.T) {
	t.Parallel()
	p, web := newParty(t), browser(t)
	_, callback := enter(t, p, web, demobroker.SpidL2)
	mine, _ := enter(t, p, browser(t), demobroker.SpidL2)
	if _, err := p.Finish(t.Context(), mine, callback); !errors.Is(err, login.ErrState) {
		t.Errorf("another's answer in my session: %v", err)
	}
	attempt, callback := enter(t, p, web, demobroker.SpidL2)
	attempt.Verifier = mine.Verifier
	if _, err := p.Finish(t.Context(), attempt, callback); !errors.Is(err, login.ErrRefused) {
		t.Errorf("another's verifier: %v", err)
	}
}
