package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

func TestEveryAnswerIsHardened(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	fill := s.own(demo.Citizen)
	paths := []string{"/non-esiste", "/professionisti/sedute"}
	for route := range accessTable {
		if method, pattern, _ := strings.Cut(route, " "); method == "GET" && pattern != "/static/*" {
			paths = append(paths, fill(pattern))
		}
	}
	for _, path := range paths {
		p := b.get(path)
		for name, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := p.Header.Get(name); got != want {
				t.Errorf("%s (%d): %s is %q", path, p.Status, name, got)
			}
		}
		policy := p.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s (%d): the policy %q lacks %s", path, p.Status, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
	}
}

func TestFormsOfOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	people := map[access]*browser{citizen: s.login(demo.Citizen, ""), psychologist: s.login(demo.Psychologist, "psicoterapeuta")}
	people[inps], people[cnop] = s.login(demo.INPSOfficer, "inps"), s.login(demo.CNOPPreparer, "cnop")
	people[welfare], people[member] = s.login(demo.WelfareOfficer, "welfare"), s.login(demo.Member, "iscritto")
	people[heir] = s.login(demo.Heir, "erede")
	people[auditors], people[administrators] = s.login(demo.Auditor, "oversight"), s.login(demo.Administrator, "oversight")
	people[overseers] = people[auditors]
	people[enrolled], people[loggedIn], people[anybody] = people[psychologist], people[citizen], people[citizen]
	owns := map[access]func(string) string{citizen: s.own(demo.Citizen), psychologist: s.own(demo.Psychologist)}
	owns[inps], owns[cnop] = s.own(demo.INPSOfficer), s.own(demo.CNOPPreparer)
	owns[welfare], owns[member] = s.own(demo.WelfareOfficer), s.own(demo.Member)
	owns[heir] = s.own(demo.Heir)
	owns[auditors], owns[administrators] = s.own(demo.Auditor), s.own(demo.Administrator)
	owns[overseers] = owns[auditors]
	owns[enrolled], owns[loggedIn], owns[anybody] = owns[psychologist], owns[citizen], owns[citizen]
	addresses := map[string]string{}
	for route, who := range accessTable {
		if _, pattern, post := strings.Cut(route, "POST "); post {
			addresses[route] = owns[who](pattern)
		}
	}
	before := s.count(`SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions)`)
	for route, who := range accessTable {
		address, post := addresses[route]
		if !post {
			continue
		}
		for _, h := range []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}}, {"Sec-Fetch-Site": {"same-site"}},
			{"Sec-Fetch-Site": nil, "Origin": {"null"}}, {"Sec-Fetch-Site": nil, "Origin": {"https://altro.example"}},
		} {
			p := people[who].do("POST", address, url.Values{"idem": {once.NewKey()}, "dichiarazione": {"si"}}, h)
			if p.Status != http.StatusForbidden {
				t.Errorf("%s with %v: %d", route, h, p.Status)
			}
		}
	}
	if after := s.count(`SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions)`); after != before {
		t.Errorf("%d rows more than before", after-before)
	}
}

func TestReadingPagesAnonymouslyLeavesNoLoginSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for route, who := range accessTable {
		if method, pattern, _ := strings.Cut(route, " "); method == "GET" && who == anybody && !strings.HasPrefix(pattern, "/accedi/") {
			s.browser().get(pattern)
		}
	}
	if n := s.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d login sessions", n)
	}
}

func TestNothingSecretReachesTheLog(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := s.code(demo.Citizen)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	p := b.get("/professionisti/sedute/nuova")
	for _, wrong := range []string{code, strings.ToLower(code), "000000000000"} {
		b.submit(p, url.Values{"codice_univoco": {wrong}, "codice_fiscale": {string(demo.Personas[1].FiscalCode)}})
	}
	log := s.Logged.String()
	for _, secret := range []string{code, strings.ReplaceAll(code, " ", ""), string(demo.Personas[0].FiscalCode), string(demo.Personas[1].FiscalCode), "Rossi", "Maria", "Bianchi"} {
		if strings.Contains(strings.ToUpper(log), strings.ToUpper(secret)) {
			t.Errorf("the log says %q", secret)
		}
	}
	if !strings.Contains(log, `"route":"/professionisti/sedute/nuova"`) {
		t.Error("the log names no route: this test would not see a secret either")
	}
}
