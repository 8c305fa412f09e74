package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"portal/internal/demo"
	"portal/internal/once"
)

// routes lists every address of the site: "GET /path/{id}".
func (s *site) routes() []string {
	s.Helper()
	var all []string
	err := chi.Walk(s.Portal.Handler().(chi.Routes), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		if strings.HasSuffix(route, "/*") && method != "GET" {
			return nil // chi registers a folder of files for every method
		}
		all = append(all, method+" "+route)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return all
}

func TestEveryAddressIsInTheAccessTable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	routes := s.routes()
	for _, r := range routes {
		if accessTable[r] == "" {
			t.Errorf("%s is in nobody's table", r)
		}
	}
	for r := range accessTable {
		if !slices.Contains(routes, r) {
			t.Errorf("%s is in the table and not on the site", r)
		}
	}
}

func TestEachHatOpensItsOwnAddressesAndNoOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	opens := map[string][]access{
		"":                  {anybody},
		demo.Citizen:        {anybody, loggedIn, citizen},
		demo.Psychologist:   {anybody, loggedIn, psychologist, enrolled},
		demo.ExPsychologist: {anybody, loggedIn, psychologist},
		demo.INPSOfficer:    {anybody, loggedIn, inps},
		demo.CNOPPreparer:   {anybody, loggedIn, cnop},
		demo.WelfareOfficer: {anybody, loggedIn, welfare},
		demo.Member:         {anybody, loggedIn, member},
		demo.Auditor:        {anybody, loggedIn, auditors, overseers},
		demo.Administrator:  {anybody, loggedIn, administrators, overseers},
	}
	const memberPaid = memberCases + "/{id}/pagamento"
	paid := s.login(demo.CyclesMember, "iscritto")
	paid.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for hint, may := range opens {
		b, fill := s.browser(), s.own(demo.Citizen)
		switch hint {
		case "":
		case demo.Citizen:
			b = s.login(hint, "")
		case demo.INPSOfficer:
			b, fill = s.login(hint, "inps"), s.own(hint)
		case demo.CNOPPreparer:
			b, fill = s.login(hint, "cnop"), s.own(hint)
		case demo.WelfareOfficer:
			b, fill = s.login(hint, "welfare"), s.own(hint)
		case demo.Member:
			b, fill = s.login(hint, "iscritto"), s.own(hint)
		case demo.Auditor, demo.Administrator:
			b, fill = s.login(hint, "oversight"), s.own(hint)
		default:
			b, fill = s.login(hint, "psicoterapeuta"), s.own(hint)
		}
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, route := range slices.Sorted(maps.Keys(accessTable)) {
			method, pattern, _ := strings.Cut(route, " ")
			if method != "GET" || pattern == "/accedi/avvia" {
				continue // posts are in the test of foreign forms; this one leaves the site
			}
			p := b.get(fill(pattern))
			if hint == demo.Member && strings.Contains(pattern, memberPaid) { // she is not paid: Roberto is
				p = paid.get(s.own(demo.CyclesMember)(pattern))
			}
			wanted := accessTable[route]
			to := p.Header.Get("Location")
			lets := p.Status == http.StatusConflict || (wanted == inps || wanted == cnop || wanted == welfare) && p.Status == http.StatusForbidden || // a colleague's duty
				// a page of theirs, on what may not be done today
				p.Status < 400 && !strings.HasPrefix(to, "/accedi") && !strings.HasPrefix(to, "/profili") ||
				p.Status == http.StatusNotFound && strings.HasPrefix(pattern, "/messaggi/") || // nobody has a message yet
				p.Status == http.StatusNotFound && strings.Contains(pattern, "/sportello/sedute/") && wanted == inps && slices.Contains(may, inps) || // nobody is at the counter
				p.Status == http.StatusNotFound && strings.HasSuffix(pattern, "/{pagato}/iban") && slices.Contains(may, wanted) || // nobody waits outside of the portal
				p.Status == http.StatusNotFound && pattern == "/static/*" ||
				strings.HasPrefix(pattern, "/accedi") // leads on, by what it is for
			if slices.Contains(may, wanted) != lets {
				t.Errorf("%q at %s, which is for %s: %d %s", hint, route, wanted, p.Status, to)
			}
		}
	}
}

func TestSomebodyElsesThingsLookLikeThingsThatNeverWere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.PartialCitizen, "")
	colleague, fellow := s.login(demo.ExPsychologist, "psicoterapeuta"), s.login(demo.CyclesMember, "iscritto")
	for route, who := range accessTable {
		method, pattern, _ := strings.Cut(route, " ")
		if !strings.Contains(pattern, "{id}") {
			continue
		}
		reader, owner := b, demo.Citizen
		switch who {
		case psychologist:
			reader, owner = colleague, demo.Psychologist
		case member:
			reader, owner = fellow, demo.Member
		}
		theirs, nobodys := s.own(owner)(pattern), strings.ReplaceAll(pattern, "{id}", once.NewKey())
		ask := func(path string) page {
			if method == "POST" {
				return reader.post(path, url.Values{"idem": {once.NewKey()}, "dichiarazione": {"si"}})
			}
			return reader.get(path)
		}
		p, q := ask(theirs), ask(nobodys)
		if p.Status != http.StatusNotFound || q.Status != http.StatusNotFound || p.one("body").text() != q.one("body").text() {
			t.Errorf("%s: %d for somebody else's, %d for nobody's", route, p.Status, q.Status)
		}
		for _, id := range []string{"x", "1", "../../etc/passwd", strings.ToUpper(once.NewKey()), "{id}", "%00"} {
			if p := ask(strings.ReplaceAll(pattern, "{id}", url.PathEscape(id))); p.Status != http.StatusNotFound && p.Status != http.StatusBadRequest {
				t.Errorf("%s with the id %q: %d", route, id, p.Status)
			}
		}
	}
	s.whole()
}
