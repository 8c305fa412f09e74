package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"portal/internal/demo"
)

func TestARevokedMandateShowsNothingMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Parent, "cittadino")
	choice := b.get("/profili")
	var mandate string
	for _, in := range choice.all("input") {
		if strings.HasPrefix(in.attr("value"), "delega-") {
			mandate = in.attr("value")
		}
	}
	b.submit(choice, url.Values{"profilo": {mandate}}).wants(http.StatusOK, "Tommaso Marini")
	s.exec(`UPDATE mandates SET revoked_on = $1`, noon.AddDate(0, 0, -1))
	for _, path := range []string{"/area-personale", "/messaggi", "/contributo-psicoterapia/domande"} {
		b.get(path).wants(http.StatusConflict, "Cambia profilo").silent("1.400,00")
	}
	b.get("/profili").wants(http.StatusOK)
}

// The register says who looked at a child's account, and at which page, each time.
func TestEachLookUnderAMandateIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Parent, "cittadino")
	choice := b.get("/profili")
	for _, in := range choice.all("input") {
		if strings.HasPrefix(in.attr("value"), "delega-") {
			b.submit(choice, url.Values{"profilo": {in.attr("value")}})
		}
	}
	fill := s.own("minore")
	looks := func() int {
		return s.count(`SELECT count(*) FROM audit WHERE mandate_id IS NOT NULL AND action NOT LIKE 'login.%'`)
	}
	for _, path := range []string{"/area-personale", "/contributo-psicoterapia/domande", "/contributo-psicoterapia/domande/{id}/sedute",
		"/contributo-psicoterapia/domande/{id}/dati", "/contributo-psicoterapia/domande/{id}/scheda-codice", "/contributo-psicoterapia/sedute/{id}",
		"/contributo-psicoterapia/sedute/{id}/annulla", "/contributo-psicoterapia/sedute/{id}/calendario.ics"} {
		before := looks()
		if p := b.get(fill(path)); p.Status != http.StatusOK {
			t.Errorf("%s: %d", path, p.Status)
		}
		if looks() == before {
			t.Errorf("%s leaves nothing in the register", path)
		}
	}
}

func TestTheHolderReadsWhoLooked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := s.own(demo.Citizen)("/contributo-psicoterapia/domande/{id}/dati")
	s.login(demo.Citizen, "").get(path).silent("Giulia Bianchi")
	s.login(demo.Psychologist, "psicoterapeuta").get(s.own(demo.Psychologist)("/professionisti/sedute/{id}")).wants(http.StatusOK)
	s.login(demo.Citizen, "").get(path).wants(http.StatusOK, "Giulia Bianchi")
}

// A page that was asked for before the logout, and saves the login after it.
func TestALogoutIsNotUndoneByAPageStillUnderWay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	stolen := b.token()
	s.At(noon.Add(2 * time.Minute)) // the next page touches the login
	lock, err := s.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lock.Exec(t.Context(), `LOCK TABLE applications IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	slow := make(chan page)
	go func() { slow <- b.get("/contributo-psicoterapia/domande") }()
	for s.count(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
		time.Sleep(5 * time.Millisecond)
	}
	out := s.browser()
	req, _ := http.NewRequest("POST", s.URL+"/esci", strings.NewReader(""))
	req.AddCookie(&http.Cookie{Name: "sid", Value: stolen})
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	out.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := out.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusSeeOther {
		t.Fatal(resp, err)
	}
	resp.Body.Close()
	if err := lock.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-slow
	if n := s.count(`SELECT count(*) FROM sessions WHERE NOT ended`); n != 0 {
		t.Errorf("%d logins are alive after the logout", n)
	}
}

func TestUnderAnotherNameThereIsNoPortal(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for path, want := range map[string]int{"/": 421, "/accedi": 421, "/healthz": 200, "/readyz": 200} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = "altro.example"
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, want %d (%v)", path, resp.StatusCode, want, resp.Header)
		}
	}
}

func TestMadeUpMethodsMakeNoSeries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	for _, method := range []string{"TIZIO", "CAIO", "SEMPRONIO"} {
		b.do(method, "/", nil, nil)
	}
	families, err := prometheus.DefaultGatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetValue() == "TIZIO" {
					t.Errorf("%s has a series for a method that does not exist", f.GetName())
				}
			}
		}
	}
}

func TestWhatCannotBeKeptIsSaidBesideItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	p := b.post("/professionisti/sedute/nuova", url.Values{"codice_univoco": {"A7K2\x00 9QXM"}, "codice_fiscale": {"RSSMRA85C52H501N"}})
	p.wants(http.StatusUnprocessableEntity, "C’è un problema")
	if got := p.one("#codice_fiscale").attr("value"); got != "RSSMRA85C52H501N" {
		t.Errorf("what was typed is lost: %q", got)
	}
	b.post("/professionisti/sedute/nuova", url.Values{"codice_univoco": {"A", "B"}}).wants(http.StatusUnprocessableEntity)
}

func TestAPageThatIsNotThereStillKnowsWhoAsks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.Citizen, "").get("/nessuna-pagina").wants(http.StatusNotFound, "Maria Rossi", "Esci")
}

func TestAFormAnsweredTooLateStillSaysWhatCameOfIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.submit(b.get("/professionisti/sedute/nuova"), url.Values{"codice_univoco": {s.code(demo.Citizen)}, "codice_fiscale": {string(demo.Personas[0].FiscalCode)}})
	form := b.get("/professionisti/sedute/nuova/dati")
	fields := url.Values{"data-giorno": {"30"}, "data-mese": {"12"}, "data-anno": {"2026"}, "ora": {"9"}}
	first := b.submit(form, fields).wants(http.StatusOK, "Seduta prenotata")
	s.At(noon.Add(20 * time.Minute)) // the answer was lost, and the code would have to be checked again
	if again := b.submit(form, fields); again.URL.Path != first.URL.Path {
		t.Errorf("sent again, it leads to %s, and first to %s", again.URL, first.URL)
	}
	if n := s.count(`SELECT count(*) FROM bookings WHERE day = '2026-12-30'`); n != 1 {
		t.Errorf("%d sessions were booked", n)
	}
}

// The parent reads in their own inbox of a session of the child's.
func TestALinkToAChildsSessionLeadsToTheChoiceOfTheChild(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.own("minore")("/contributo-psicoterapia/sedute/{id}")
	b := s.login(demo.Parent, "cittadino")
	choice := b.get(session)
	if choice.URL.Path != "/profili" {
		t.Fatalf("it leads to %s: %s", choice.URL, choice.h1())
	}
	b.submit(choice, nil).wants(http.StatusOK, "Stai operando per Tommaso Marini", "Prenotata")
	s.login(demo.PartialCitizen, "").get(session).wants(http.StatusNotFound)
}
