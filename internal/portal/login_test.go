package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
)

// arrives fails the test unless the page is the one at an address.
func (p page) arrives(path string) page {
	p.Helper()
	if p.URL.RequestURI() != path {
		p.Errorf("arrived at %s (%d, %s), want %s", p.URL.RequestURI(), p.Status, p.h1(), path)
	}
	return p
}

// stop opens an address of the portal or the broker and tells where it leads,
// without going there.
func (b *browser) stop(address string) *url.URL {
	b.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.URL + address
	}
	halting := http.Client{Jar: b.client.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := halting.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	resp.Body.Close()
	to, err := resp.Location()
	if err != nil {
		b.Fatal(err)
	}
	return to
}

// token is what the browser's cookie says; set puts another one there.
func (b *browser) token() string {
	b.Helper()
	for _, c := range b.client.Jar.Cookies(b.address()) {
		if c.Name == "sid" {
			return c.Value
		}
	}
	return ""
}

func (b *browser) setToken(token string) {
	b.Helper()
	b.client.Jar.SetCookies(b.address(), []*http.Cookie{{Name: "sid", Value: token}})
}

func (b *browser) address() *url.URL {
	b.Helper()
	u, err := url.Parse(b.URL)
	if err != nil {
		b.Fatal(err)
	}
	return u
}

func TestAfterTheLoginOneIsWhereOneWantedToBe(t *testing.T) {
	t.Parallel()
	b := newSite(t).browser()
	p := b.get("/messaggi?p=1").wants(http.StatusOK, "Dopo l’accesso torni a: Messaggi.")
	if p.h1() != "Accedi" {
		t.Errorf("who is not logged in meets %q", p.h1())
	}
	start := b.stop(p.link("Entra con SPID"))
	b.do("GET", b.stop(start.String()+"&login_hint="+demo.Citizen).String(), nil, nil).wants(http.StatusOK, "Maria Rossi").arrives("/messaggi?p=1")
	b.get("/accedi").arrives("/area-personale")
}

func TestALoginLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, evil := range []string{"//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/accedi", "/esci"} {
		q := url.Values{"login_hint": {demo.Citizen}, "ritorno": {evil}}
		s.browser().get("/accedi?" + q.Encode()).wants(http.StatusOK).arrives("/area-personale")
	}
}

func TestVisitorsHaveNoLoginSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	for _, path := range []string{"/", "/contributo-psicoterapia", "/accedi?ritorno=%2Fmessaggi", "/messaggi", "/esci/fatto", "/stato-servizio",
		"/accedi/risposta?code=x&state=y"} {
		b.get(path)
	}
	if n := s.count(`SELECT count(*) FROM sessions WHERE NOT ended`); n != 0 || b.token() != "" {
		t.Errorf("%d login sessions, and the cookie %q, for somebody who only looked around", n, b.token())
	}
}

func TestAnAnswerOfTheBrokerIsGoodOnceAndForOneBrowser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	answer := b.stop(b.stop("/accedi/avvia?login_hint=" + demo.Citizen).String()).String()
	s.browser().do("GET", answer, nil, nil).wants(http.StatusForbidden, "Accesso da ripetere", "Riprova l’accesso")
	b.do("GET", answer, nil, nil).wants(http.StatusOK, "Maria Rossi").arrives("/area-personale")
	b.do("GET", answer, nil, nil).wants(http.StatusForbidden, "Accesso da ripetere")
}

func TestAForgedAnswerIsRefusedAndEndsTheAttempt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	answer := b.stop(b.stop("/accedi/avvia?login_hint=" + demo.Citizen).String()).String()
	forged := url.Values{"code": {"x"}, "state": {"not-mine"}, "iss": {s.Broker.URL}}
	b.get("/accedi/risposta?"+forged.Encode()).wants(http.StatusForbidden, "Accesso da ripetere", "Codice da comunicare all’assistenza:")
	b.do("GET", answer, nil, nil).wants(http.StatusForbidden, "Accesso da ripetere")
}

func TestEachFailedLoginSaysWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser().get("/accedi?login_hint=debole").wants(http.StatusForbidden, "Serve un livello di sicurezza più alto", "Usa SPID livello 2 o CIE.")
	s.browser().get("/accedi?login_hint=europeo").wants(http.StatusForbidden, "Non troviamo il tuo codice fiscale")
	for description, h1 := range map[string]string{
		"ErrorCode nr25": "Non hai completato l’accesso",
		"ErrorCode nr21": "Tempo scaduto",
		"ErrorCode nr23": "Credenziali sospese",
		"ErrorCode nr19": "Troppi tentativi",
	} {
		b := s.browser()
		state := b.stop("/accedi/avvia?ritorno=%2Fmessaggi").Query().Get("state")
		no := url.Values{"error": {"access_denied"}, "error_description": {description}, "state": {state}, "iss": {s.Broker.URL}}
		p := b.get("/accedi/risposta?"+no.Encode()).wants(http.StatusForbidden, "Codice: "+strings.TrimPrefix(description, "ErrorCode "))
		if p.h1() != h1 || p.link("Riprova l’accesso") != "/accedi?ritorno=%2Fmessaggi" {
			t.Errorf("%s is %q, and one tries again at %s", description, p.h1(), p.link("Riprova l’accesso"))
		}
	}
}

func TestASilentBrokerIsNotTheFaultOfThePerson(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Broker.Close()
	p := s.browser().get("/accedi/avvia").wants(http.StatusServiceUnavailable, "L’accesso non è disponibile")
	if p.Header.Get("Retry-After") == "" {
		t.Error("nobody is told when to come back")
	}
	s.browser().get("/stato-servizio").wants(http.StatusOK, "Accesso con SPID e CIE Non risponde")
}

func TestTheTokenChangesWithTheLoginAndWithTheProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	b.stop("/accedi/avvia")
	before := b.token()
	p := b.get("/accedi?login_hint="+demo.Psychologist).wants(http.StatusOK, "Per chi vuoi operare?", "In prima persona", "Psicoterapeuta").arrives("/profili")
	entered := b.token()
	b.submit(p, url.Values{"profilo": {"psicoterapeuta"}}).wants(http.StatusOK, "Giulia Bianchi · Psicoterapeuta").arrives("/area-personale")
	chosen := b.token()
	if before == "" || before == entered || entered == chosen {
		t.Errorf("tokens: %q before the login, %q after it, %q with a profile", before, entered, chosen)
	}
	for _, old := range []string{before, entered} {
		thief := s.browser()
		thief.setToken(old)
		thief.get("/area-personale").wants(http.StatusOK, "Entra con SPID")
	}
}

func TestAProfileIsChosenAmongOnesOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.post("/profili", url.Values{"profilo": {"inps"}}).wants(http.StatusUnprocessableEntity, "Scegli per chi vuoi operare")
	b.get("/area-personale").wants(http.StatusOK, "Giulia Bianchi · Psicoterapeuta", "sedute da confermare")

	p := b.get("/accedi?profilo=cittadino").arrives("/profili?profilo=cittadino")
	b.submit(p, nil).wants(http.StatusOK, "Giulia Bianchi · Cittadino", "Non risultano domande a tuo nome.")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'login.profile_chosen'`); n != 2 {
		t.Errorf("%d choices of a profile in the register, want 2", n)
	}
	fields := url.Values{"profilo": {"cittadino"}, "ritorno": {"/professionisti/sedute"}}
	b.post("/profili", fields).wants(http.StatusOK).arrives("/area-personale")
}

func TestAMandateThatEndedIsShownAndCannotBeUsed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `
		INSERT INTO mandates (id, kind, holder_id, represented_id, from_day, until_day, revoked_on)
		SELECT m.id::uuid, 'guardian', h.id, r.id, '2025-01-01', m.until, m.revoked
		FROM persons h, persons r, (VALUES
			('00000000-0000-4000-8000-000000000001', '2026-11-08'::date, NULL::date),
			('00000000-0000-4000-8000-000000000002', NULL, '2026-11-23')) m (id, until, revoked)
		WHERE h.email = 'genitore@example.org' AND r.email = 'cittadina@example.org'`); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	p := b.get("/accedi?login_hint="+demo.Parent).arrives("/profili").wants(http.StatusOK,
		"Per conto di Tommaso Marini", "Delega fino al 7 marzo 2030",
		"La delega per Maria Rossi è scaduta l’8 novembre 2026.", "La delega per Maria Rossi è stata revocata il 23 novembre 2026.")
	for _, ended := range []string{"delega-00000000-0000-4000-8000-000000000001", "delega-00000000-0000-4000-8000-000000000002"} {
		b.submit(p, url.Values{"profilo": {ended}}).wants(http.StatusUnprocessableEntity)
	}
	for _, option := range p.all("input") {
		if name := option.attr("value"); strings.HasPrefix(name, "delega-") {
			b.submit(p, url.Values{"profilo": {name}}).wants(http.StatusOK, "Stai operando per Tommaso Marini").arrives("/area-personale")
		}
	}
}

func TestTheLoginSessionOfSomebodyElseIsReplaced(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	old := b.token()
	b.get("/accedi?login_hint=" + demo.NewPsychologist).wants(http.StatusOK).arrives("/profili")
	b.get("/area-personale").wants(http.StatusOK, "Per chi vuoi operare?").silent("Giulia Bianchi", "Marco Rizzo · Psicoterapeuta")
	stale := s.browser()
	stale.setToken(old)
	stale.get("/area-personale").wants(http.StatusOK, "Entra con SPID")
}

func TestALoginSessionEndsAfterHalfAnHourWithoutAClick(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	s.At(noon.Add(30 * time.Minute))
	b.get("/area-personale").wants(http.StatusOK, "Maria Rossi")
	s.At(noon.Add(time.Hour + time.Second))
	b.get("/area-personale").wants(http.StatusOK, "La sessione è scaduta", "Dopo l’accesso torni a: Area personale.").silent("Maria Rossi")
}

func TestALoginSessionEndsAfterEightHoursWhateverIsDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	for after := 25 * time.Minute; after <= 8*time.Hour; after += 25 * time.Minute {
		s.At(noon.Add(after))
		b.post("/profili", url.Values{"profilo": {"psicoterapeuta"}}).wants(http.StatusOK, "Giulia Bianchi").arrives("/area-personale")
	}
	s.At(noon.Add(8*time.Hour + time.Second))
	b.get("/area-personale").wants(http.StatusOK, "La sessione è scaduta")
}

func TestALogoutEndsTheLoginHereAndAtTheBroker(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	old := b.token()
	p := b.get("/esci").wants(http.StatusOK, "Vuoi uscire?")

	var way []string
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		way = append(way, r.URL.Scheme+"://"+r.URL.Host+r.URL.Path)
		if r.Response.Request.URL.Path == "/esci" && r.Response.Header.Get("Clear-Site-Data") == "" {
			t.Error("the browser is not told to forget the pages it has seen")
		}
		return nil
	}
	b.submit(p, nil).wants(http.StatusOK, "Hai chiuso la sessione").arrives("/esci/fatto")
	if len(way) == 0 || way[0] != s.Broker.URL+"/logout" {
		t.Errorf("the way out was %v, and not by the broker", way)
	}
	if n := s.count(`SELECT count(*) FROM sessions WHERE NOT ended`); n != 0 || b.token() != "" {
		t.Error("something is left of the login session")
	}
	b.setToken(old)
	b.get("/area-personale").wants(http.StatusOK, "Entra con SPID")
	if n := s.count(`SELECT count(*) FROM audit WHERE action LIKE 'login.%'`); n != 3 {
		t.Errorf("%d entries about the login in the register, want its start, its profile and its end", n)
	}
}
