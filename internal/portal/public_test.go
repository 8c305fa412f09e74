package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"portal/internal/demo"
)

func TestEveryPublicPageIsThereForEverybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	seen := map[string]bool{"/mappa-del-sito": true}
	for _, a := range b.get("/mappa-del-sito").wants(http.StatusOK).one("main").all("a") {
		address := a.attr("href")
		p := b.get(address).wants(http.StatusOK)
		if p.h1() == "" || p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: h1 %q, Cache-Control %q", address, p.h1(), p.Header.Get("Cache-Control"))
		}
		seen[address] = true
	}
	for _, link := range b.get("/").one("footer").all("a") {
		if address, _, _ := strings.Cut(link.attr("href"), "#"); !seen[address] && strings.HasPrefix(address, "/") {
			t.Errorf("the foot of each page leads to %s, the map of the site does not", address)
		}
	}
}

func TestTheAmountsAreThoseOfTheOpenEdition(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.browser().get("/contributo-psicoterapia").wants(http.StatusOK,
		"Un contributo fino a 1.500,00 €", "fino a 50,00 € a seduta", "entro 60 giorni", "vale 270 giorni")
	var table []string
	for _, cell := range p.one("tbody").all("th, td") {
		table = append(table, cell.text())
	}
	if got := strings.Join(table, "; "); !strings.Contains(got, "meno di 15.000,00 €") || !strings.Contains(got, "da 15.000,00 € a 30.000,00 €") ||
		!strings.Contains(got, "oltre 30.000,00 € e fino a 50.000,00 €") {
		t.Errorf("the bands are %s", got)
	}

	if _, err := s.Pool.Exec(t.Context(), `
		WITH another AS (INSERT INTO editions (id, application_year, fund_year) VALUES ('2029', 2029, 2029) RETURNING id)
		INSERT INTO edition_versions (edition_id, number, rules, state, shipped, drafted_at)
		SELECT another.id, 1, jsonb_set(jsonb_set(rules, '{session_cap,value}', '6000'),
			'{window,value}', '{"opens": "2026-11-01T00:00:00Z", "closes": "2026-12-31T00:00:00Z"}'), 'released', true, now()
		FROM edition_versions, another WHERE edition_id = '2022-guida'`); err != nil {
		t.Fatal(err)
	}
	s.browser().get("/contributo-psicoterapia").wants(http.StatusOK, "Un contributo fino a 600,00 €", "fino a 60,00 € a seduta",
		"fino a 15.000,00 €", "oltre 15.000,00 € e fino a 25.000,00 €").silent("Prima seduta: entro")
}

// Where no law says how long a term is, the page says how the portal reads it.
func TestATermThatNoLawFixesStandsWithItsReading(t *testing.T) {
	t.Parallel()
	newSite(t).browser().get("/contributo-psicoterapia").wants(http.StatusOK, "Nessuna norma", "Lettura: trenta giorni dall’ultimo giorno del codice")
}

func TestTheServiceIsEnteredWithTheRightProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.get("/contributo-psicoterapia").wants(http.StatusOK)
	p := b.get(b.get("/contributo-psicoterapia").link("Accedi al servizio")).wants(http.StatusOK, "Per chi vuoi operare?")
	b.submit(p, nil).wants(http.StatusOK).arrives("/contributo-psicoterapia/domande")
	p = b.get(b.get("/contributo-psicoterapia").link("Sei un professionista?"))
	b.submit(p, nil).wants(http.StatusOK).arrives("/professionisti/sedute")
}

func TestWhatIsNotThereIsSaidInWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.browser().get("/questa-pagina-non-esiste").wants(http.StatusNotFound, "Pagina non trovata", "L’indirizzo può essere sbagliato")
}
