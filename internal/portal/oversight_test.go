package portal_test

import (
	"archive/zip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/money"
	"portal/internal/once"
)

func TestWhoWatchesIsLedToWhatTheyWatch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.Auditor, "oversight").get("/area-personale").wants(200, "Registro", "Integrità", "Indicatori").silent("Utenti")
	s.login(demo.Administrator, "oversight").get("/area-personale").wants(200).silent("Registro")
}

func TestAnAuditorSearchesTheRegisterAndThatIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, _, err := s.Portal.Register.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.Auditor, "oversight")
	searched := func() int { return s.count(`SELECT count(*) FROM audit WHERE action = 'register.searched'`) }
	page := b.get("/controlli/registro").wants(200, "Registro delle attività", "Accesso", "Giorgio Pellegrini", "Sigillata", "Da sigillare", "50 righe in questa pagina")
	if searched() != 1 {
		t.Errorf("%d searches are written down", searched())
	}
	next := b.get(page.link("Successiva")).wants(200, "50 righe in questa pagina")
	if first := next.all("tr")[1].text(); strings.Contains(page.one("table").text(), first) {
		t.Error("the next page begins with a line of the first")
	}

	// By the name of a person: no name in the address.
	found := b.post("/controlli/registro", url.Values{"cerca": {"rossi maria"}, "come": {"su"}}).wants(200, "Su Maria Rossi")
	if q := found.URL.Query(); q.Get("su") == "" || strings.Contains(strings.ToLower(found.URL.String()), "rossi") {
		t.Error(found.URL)
	}
	if n := s.count(`SELECT count(*) FROM audit a JOIN persons p ON p.id = a.about_id WHERE a.action = 'register.searched' AND p.family_name = 'Rossi'`); n != 1 {
		t.Errorf("%d searches about her are written down", n)
	}
	b.post("/controlli/registro", url.Values{"cerca": {string(fiscalCode(demo.Psychologist))}, "come": {"chi"}}).wants(200, "Fatto da Giulia Bianchi")
	b.post("/controlli/registro", url.Values{"cerca": {"maria"}, "come": {"chi"}}).wants(200, "Persone trovate")
	b.post("/controlli/registro", url.Values{"cerca": {"Nessuno%"}}).wants(422, "Non c’è nessuna persona")
	b.post("/controlli/registro", url.Values{"cerca": {"_"}}).wants(422, "Non c’è nessuna persona")

	// By action, profile and days.
	b.get("/controlli/registro?azione=booking.booked&profilo=psicoterapeuta").wants(200, "Seduta prenotata", "Psicoterapeuta").silent("application.submitted")
	b.get("/controlli/registro?dal-giorno=1&dal-mese=1&dal-anno=2030").wants(200, "Nessuna riga corrisponde")
	b.get("/controlli/registro?dal-giorno=2&dal-mese=1&dal-anno=2026&al-giorno=1&al-mese=1&al-anno=2026").wants(422, "viene prima del primo")
	b.get("/controlli/registro?dal-giorno=31&dal-mese=2&dal-anno=2026").wants(422)
	b.get("/controlli/registro?chi=x&prima=-1&profilo=y&azione=z").wants(200, "Nessuna riga corrisponde")
}

func TestTheRegisterIsTakenAwayWithItsSignature(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.login(demo.Auditor, "oversight").get("/controlli/registro.zip?azione=voucher.granted").wants(200)
	z, err := zip.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	if err != nil || len(z.File) != 2 {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	lines := strings.Split(parts["firma.txt"], "\n")
	digest := sha256.Sum256([]byte(parts["registro.csv"]))
	if lines[0] != "registro.csv sha256 "+hex.EncodeToString(digest[:]) {
		t.Error(lines[0])
	}
	signature, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "Ed25519 "))
	if !ed25519.Verify(s.Portal.Register.Key(), []byte(lines[0]), signature) {
		t.Error("the signature does not hold")
	}
	if !strings.Contains(parts["registro.csv"], "Contributo assegnato") || s.count(`SELECT count(*) FROM audit WHERE action = 'register.taken'`) != 1 {
		t.Error(parts["registro.csv"][:200])
	}
}

func TestARankingIsMadeAgainAndAnAlteredRowIsNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, _, err := s.Portal.Register.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.Auditor, "oversight")
	list := b.get("/controlli/graduatorie").wants(200, "Contributo psicoterapia")
	run := s.text(`SELECT id::text FROM ranking_runs WHERE state = 'published' ORDER BY taken_at LIMIT 1`)
	path := "/controlli/graduatorie/" + run + "/ricalcolo"
	if !strings.Contains(list.Body, path) {
		t.Fatalf("%s is not on the list", path)
	}
	b.get(path).wants(200, "Identica", "Verbale del ricalcolo", "Giorgio Pellegrini").silent("Differenze")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'oversight.ranking_remade'`); n != 1 {
		t.Errorf("%d times it is written down", n)
	}
	// One column of one row, by somebody who owns the database.
	for _, c := range []string{"isee_cents = isee_cents + 1", "submitted_at = submitted_at + interval '1 microsecond'", "entitled_cents = entitled_cents + 1", "residual_cents = residual_cents - 1",
		"isee_status = 'defective'", "decided = decided || 'x'"} {
		protocol := s.text(`SELECT a.protocol FROM ranking_entries e JOIN applications a ON a.id = e.application_id WHERE e.run_id = $1 AND e.rank = 3 ORDER BY 1 LIMIT 1`, run)
		change := `UPDATE ranking_entries SET ` + c + ` WHERE run_id = '` + run + `' AND application_id = (SELECT id FROM applications WHERE protocol = '` + protocol + `')`
		if _, err := s.Pool.Exec(t.Context(), `BEGIN; SET LOCAL session_replication_role = replica; CREATE TABLE was AS SELECT * FROM ranking_entries WHERE run_id = '`+run+`'; `+change+`; COMMIT`); err != nil {
			t.Fatal(err)
		}
		b.get(path).wants(200, "Non è identica", "Domanda "+protocol)
		if _, err := s.Pool.Exec(t.Context(), `BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM ranking_entries WHERE run_id = '`+run+`'; INSERT INTO ranking_entries SELECT * FROM was; DROP TABLE was; COMMIT`); err != nil {
			t.Fatal(err)
		}
		b.get(path).wants(200, "Identica")
	}
	b.get("/controlli/graduatorie/" + once.NewKey() + "/ricalcolo").wants(404)
}

func TestAnAlteredRowOfARankingOfTheIndemnityIsNamed(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(30, 6_000*money.Euro)
	id := string(s.publishedRanking())
	b := s.login(demo.Auditor, "oversight")
	path := "/controlli/graduatorie/" + id + "/ricalcolo"
	b.get(path).wants(200, "Identica")
	const third = ` WHERE ranking_id = (SELECT id FROM indemnity_rankings WHERE call_id = '2026-05') AND rank = 3`
	protocol := s.text(`SELECT protocol FROM indemnity_ranking_entries` + third)
	for _, c := range []struct{ change, back, says string }{
		{`payable_cents = payable_cents + 1, set_off_cents = set_off_cents - 1`, `payable_cents = payable_cents - 1, set_off_cents = set_off_cents + 1`, "colonne"},
		{`public_code = '0' || public_code`, `public_code = substr(public_code, 2)`, "domande e codici pubblici"},
		{`row_digest = set_byte(row_digest, 0, get_byte(row_digest, 0) # 1)`, `row_digest = set_byte(row_digest, 0, get_byte(row_digest, 0) # 1)`, "righe"},
	} {
		s.past(`UPDATE indemnity_ranking_entries SET ` + c.change + third)
		b.get(path).wants(200, "Non è identica", "Domanda "+protocol, c.says)
		s.past(`UPDATE indemnity_ranking_entries SET ` + c.back + third)
	}
	for _, c := range []struct{ change, back, says string }{
		{`funded_cents = funded_cents + 1`, `funded_cents = funded_cents - 1`, "totali"},
		{`published_at = published_at + interval '1 microsecond'`, `published_at = published_at - interval '1 microsecond'`, "dati della pubblicazione"},
		{`reason = 'x'`, `reason = ''`, "verbale"},
		{`signature = set_byte(signature, 0, get_byte(signature, 0) # 1)`, `signature = set_byte(signature, 0, get_byte(signature, 0) # 1)`, "firma della pubblicazione"},
	} {
		s.past(`UPDATE indemnity_rankings SET ` + c.change + ` WHERE call_id = '2026-05'`)
		b.get(path).wants(200, "Non è identica", c.says)
		s.past(`UPDATE indemnity_rankings SET ` + c.back + ` WHERE call_id = '2026-05'`)
	}
	b.get(path).wants(200, "Identica")
}

func TestTheIntegrityIsVerifiedWhenAnAuditorAsks(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, _, err := s.Portal.Register.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.Auditor, "oversight")
	page := b.get("/controlli/integrita").wants(200, "Nessuna verifica è ancora finita", "23/11/2026")
	b.submit(page, nil).wants(200, "Verifica chiesta", "Una verifica è in corso")
	if _, err := s.Pool.Exec(t.Context(), `BEGIN; SET LOCAL session_replication_role = replica; UPDATE audit SET request_id = 'x' WHERE id = 7; COMMIT`); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Portal.Register.VerifyDue(t.Context()); err != nil || len(c.Faults) != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	b.get("/controlli/integrita").wants(200, "1 differenza trovata", "Riga 7 del registro", "Non è come è stata sigillata", "Giorgio Pellegrini")
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'verify_register'`); n != 1 {
		t.Errorf("%d jobs", n)
	}

	// What everybody may keep.
	file := s.browser().get("/registro-attivita/impronte.txt").wants(200)
	if !strings.HasPrefix(file.Body, "2026-11-23 ") || strings.Count(file.Body, "\n") != 1 {
		t.Error(file.Body)
	}
	s.browser().get("/registro-attivita/impronte").wants(200, "Impronte del registro", "23/11/2026", base64.StdEncoding.EncodeToString(s.Portal.Register.Key()))
}

func TestAnAuditorChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	auditor, administrator := s.login(demo.Auditor, "oversight"), s.login(demo.Administrator, "oversight")
	own := []string{"POST /controlli/registro", "POST /controlli/fascicoli", "POST /controlli/fascicoli/{id}/dati/{dato}", "POST /controlli/fascicoli/{id}/documenti/{documento}", "POST /controlli/integrita", "POST /esci", "POST /profili", "POST /accedi/risposta"}
	fill := s.own(demo.INPSOfficer)
	for _, b := range []*browser{auditor, administrator} {
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	for _, route := range s.routes() {
		method, pattern, _ := strings.Cut(route, " ")
		if accessTable[route] == anybody || accessTable[route] == loggedIn {
			continue
		}
		if method == "POST" && !slices.Contains(own, route) {
			if p := auditor.post(fill(pattern), url.Values{"idem": {once.NewKey()}}); p.Status != 404 && p.Status != 403 && !strings.HasPrefix(p.Header.Get("Location"), "/profili") {
				t.Errorf("an auditor at %s: %d", route, p.Status)
			}
		}
		if accessTable[route] == auditors && method == "GET" {
			if p := administrator.get(fill(pattern)); p.Status != 403 && p.Status != 404 {
				t.Errorf("an administrator at %s: %d", route, p.Status)
			}
		}
	}
}
