package portal_test

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// makesFeed makes a private calendar and is its address.
func (b *browser) makesFeed(path string) (address string, shown page) {
	b.Helper()
	shown = b.post(path, url.Values{"idem": {b.get(path).hidden("idem")}, "azione": {"crea"}}).wants(http.StatusOK, "Indirizzo creato: copialo adesso")
	return strings.TrimSpace(shown.one("#indirizzo-calendario").text()), shown
}

// ownFeed gives somebody a private calendar, and is its token.
func (s *site) ownFeed(code identity.FiscalCode) string {
	s.Helper()
	token := voucher.FeedToken(once.NewKey())
	for _, sql := range []string{
		`UPDATE calendar_feeds SET revoked_at = made_at WHERE revoked_at IS NULL AND $1::text <> '' AND $2::bytea IS NOT NULL`,
		`INSERT INTO calendar_feeds (person_id, role, token_hash, made_at) SELECT id, 'citizen', $2, now() FROM persons WHERE fiscal_code = $1`,
	} {
		if _, err := s.Pool.Exec(s.Context(), sql, string(code), token.Hash()); err != nil {
			s.Fatal(err)
		}
	}
	return string(token)
}

func TestAPrivateCalendarIsReadByWhoeverHasItsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for hint, c := range map[demo.Hint]struct{ profile, path string }{
		demo.Citizen:      {"cittadino", "/contributo-psicoterapia/calendario"},
		demo.Psychologist: {"psicoterapeuta", "/professionisti/calendario"},
	} {
		b := s.login(hint, c.profile)
		b.get(c.path).wants(http.StatusOK, "L’indirizzo è segreto", "Crea l’indirizzo").silent("Elimina l’indirizzo")
		address, shown := b.makesFeed(c.path)
		if strings.Contains(shown.URL.String(), "ics") || len(address) < 60 {
			t.Fatalf("%s shows %q", shown.URL, address)
		}
		b.get(c.path).wants(http.StatusOK, "Creato il", "Mai").silent(address)
		path := address[strings.Index(address, "/calendario/"):]

		anybody := s.browser()
		file := anybody.get(path).wants(http.StatusOK, "BEGIN:VCALENDAR", "SUMMARY:Appuntamento", "SUMMARY:Scadenza: accedi al portale", "CLASS:PRIVATE")
		for _, word := range []string{"Rossi", "Bianchi", "Ferri", "psico", "terapia", "seduta", "INPS", "contributo", "RSSMRA"} {
			if strings.Contains(strings.ToLower(file.Body), strings.ToLower(word)) {
				t.Errorf("the calendar of %s says %q", hint, word)
			}
		}
		if lines := strings.ReplaceAll(file.Body, "\r\n", ""); strings.ContainsAny(lines, "\r\n") {
			t.Error("a line does not end as RFC 5545 wants it")
		}
		if got := file.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("Cache-Control: %s", got)
		}
		b.get(c.path).wants(http.StatusOK, "Letto l’ultima volta il")

		next, _ := b.makesFeed(c.path)
		anybody.get(path).wants(http.StatusNotFound)
		path = next[strings.Index(next, "/calendario/"):]
		anybody.get(path).wants(http.StatusOK, "BEGIN:VCALENDAR")
		b.post(c.path, url.Values{"idem": {b.get(c.path).hidden("idem")}, "azione": {"elimina"}}).wants(http.StatusOK, "Indirizzo eliminato")
		anybody.get(path).wants(http.StatusNotFound)
	}
	s.whole()
}

func TestTheAddressOfACalendarIsShownOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "cittadino")
	const path = "/contributo-psicoterapia/calendario"
	form := url.Values{"idem": {b.get(path).hidden("idem")}, "azione": {"crea"}}
	first := b.post(path, form).wants(http.StatusOK, "copialo adesso")
	again := b.post(path, form).wants(http.StatusOK, "L’indirizzo è già stato mostrato")
	address := strings.TrimSpace(first.one("#indirizzo-calendario").text())
	if strings.Contains(again.Body, address) {
		t.Error("the address is shown twice")
	}
	if s.count(`SELECT count(*) FROM calendar_feeds`) != 1 {
		t.Error("a page that is loaded again makes another calendar")
	}
	token := strings.TrimSuffix(address[strings.LastIndex(address, "/")+1:], ".ics")
	if n := s.count(`SELECT count(*) FROM calendar_feeds f WHERE strpos(f::text, $1) > 0`, token); n != 0 {
		t.Error("the token is kept as it is")
	}
}

func TestACancelledSessionStaysInTheCalendarAsCancelled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "cittadino")
	address, _ := b.makesFeed("/contributo-psicoterapia/calendario")
	path := address[strings.Index(address, "/calendario/"):]
	before := s.browser().get(path)
	tag := before.Header.Get("ETag")
	if again := s.browser().get(path); again.Header.Get("ETag") != tag || again.Body != before.Body {
		t.Error("the same calendar has another tag")
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("If-None-Match", tag)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNotModified || len(bytes.TrimSpace(body)) > 0 {
		t.Errorf("what has not changed is answered with %s", resp.Status)
	}
	sessions := b.get(b.get("/contributo-psicoterapia/domande").link("Visualizza") + "/sedute?stato=prenotate")
	booking := b.get(sessions.link("Visualizza"))
	b.submit(b.get(booking.link("Annulla seduta")), nil).wants(http.StatusOK, "Seduta annullata")
	s.browser().get(path).wants(http.StatusOK, "STATUS:CANCELLED", "SUMMARY:Appuntamento annullato")
}

func TestTheDaysOfAPublishedRankingStandOnThePublicPageWithTheirHour(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.publish("2025")
	s.browser().get("/contributo-psicoterapia").wants(http.StatusOK, "Codici 2025: graduatoria pubblicata", "Prenotare e fare le sedute", "Fare la prima seduta", "ore 23:59", "DM 10 luglio 2025")
}
