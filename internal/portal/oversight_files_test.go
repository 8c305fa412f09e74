package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/once"
)

const filesWork = "/controlli/fascicoli"

// ownFile is a case of the demo that an auditor reads, with a paper for which they said
// why.
func (s *site) ownFile() (id, paper string) {
	s.Helper()
	id = s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.fiscal_code = $1 ORDER BY a.submitted_at DESC LIMIT 1`, string(fiscalCode(demo.Member)))
	paper = s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND kind = 'identity_front' AND attachment_id IS NOT NULL`, id)
	s.exec(`
		WITH who AS (SELECT id FROM persons WHERE fiscal_code = $1), said AS (
			INSERT INTO audit (at, person_id, role, for_id, action, subject_id) SELECT $4, id, 'oversight', id, 'oversight.datum_shown', $2 FROM who RETURNING id)
		INSERT INTO disclosures (entry_id, person_id, case_id, datum, ground, reason, at) SELECT said.id, who.id, $2, 'paper.' || $3, 'sample', 'Controllo a campione', $4 FROM said, who`,
		string(fiscalCode(demo.Auditor)), id, paper, s.Now())
	return id, paper
}

// secrets are what tells who the member of a case is, and what people wrote on it.
func (s *site) secrets(id string) (all []string) {
	s.Helper()
	for _, sql := range []string{
		`SELECT family_name FROM persons p JOIN indemnity_applications a ON a.member_id = p.id WHERE a.id = $1`,
		`SELECT fiscal_code FROM persons p JOIN indemnity_applications a ON a.member_id = p.id WHERE a.id = $1`,
		`SELECT answers->>'email' FROM indemnity_applications WHERE id = $1`,
		`SELECT answers->>'phone' FROM indemnity_applications WHERE id = $1`,
		`SELECT answers->>'iban' FROM indemnity_applications WHERE id = $1`,
		`SELECT registers->'member'->>'number' FROM indemnity_applications WHERE id = $1`,
	} {
		if secret := s.text(`SELECT coalesce((`+sql+`), '')`, id); len(secret) > 4 {
			all = append(all, secret)
		}
	}
	return all
}

var indemnityTabs = []string{"verifiche", "documenti", "richieste", "calcolo", "decisioni", "riesami", "pagamento", "messaggi", "note", "cronologia"}

var contributionTabs = []string{"dati", "isee", "verifiche", "codice", "documenti", "pagamento", "riesami", "comunicazioni", "cronologia"}

func TestAnAuditorReadsACaseWithoutKnowingWhose(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, _ := s.ownFile()
	officer := s.welfareOfficer()
	officer.submit(officer.get(welfareWork+"/domande/"+id+"/note"), url.Values{"testo": {"La signora Serra ha telefonato."}}).wants(200, "ha telefonato")
	secrets := append(s.secrets(id), "ha telefonato")
	if len(secrets) < 6 {
		t.Fatalf("only %d secrets are known", len(secrets))
	}
	b := s.login(demo.Auditor, "oversight")
	protocol := s.text(`SELECT protocol FROM indemnity_applications WHERE id = $1`, id)
	found := b.submit(b.get(filesWork).wants(200, "Fascicoli per controllo"), url.Values{"protocollo": {" " + strings.ToLower(protocol)}}).wants(200, protocol, "E. S.", "Periodo", "In carico")
	if found.URL.Path != filesWork+"/"+id+"/verifiche" {
		t.Error(found.URL)
	}
	pages := []page{found, b.get(filesWork + "/" + id + "/verifiche/V17").wants(200), b.get(filesWork + "/" + id + "/verifiche/V1").wants(200)}
	for _, tab := range indemnityTabs {
		p := b.get(filesWork+"/"+id+"/"+tab).wants(200, "E. S.")
		if p.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s may be kept", tab)
		}
		pages = append(pages, p)
	}
	for _, p := range pages {
		for _, secret := range secrets {
			if strings.Contains(p.Body, secret) {
				t.Errorf("%s tells %q", p.URL.Path, secret)
			}
		}
		if forms := len(p.one("main").all("form")); forms > 0 && p.URL.Path != filesWork {
			t.Errorf("%s has %d forms", p.URL.Path, forms)
		}
		if strings.Contains(p.Body, "/gestione/") {
			t.Errorf("%s leads to the office", p.URL.Path)
		}
	}
	b.get(filesWork+"/"+id+"/documenti").wants(200, "documento sanitario, non si mostra", "Fronte")
	b.get(filesWork+"/"+id+"/cronologia").wants(200, "Fascicolo aperto per controllo")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'oversight.file_opened' AND subject_id = $1 AND about_id IS NOT NULL`, id); n < len(indemnityTabs) {
		t.Errorf("%d openings are written down", n)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'oversight.file_sought' AND subject_id = $1`, id); n != 1 {
		t.Errorf("%d searches are written down", n)
	}
	if s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.case_claimed' AND role = 'oversight'`) != 0 {
		t.Error("an auditor works on the case")
	}

	if p := b.post(filesWork, url.Values{"protocollo": {"ENPAP-2020-1"}}).wants(422, "Non c’è nessuna domanda con questo numero"); !strings.Contains(p.Body, "ENPAP-2020-1") {
		t.Error("what was typed is gone")
	}
	for _, path := range []string{"/" + once.NewKey(), "/" + once.NewKey() + "/note", "/x", "/" + id + "/altro", "/" + id + "/dati", "/" + id + "/dati/name.2", "/" + id + "/dati/x", "/" + id + "/verifiche/V99",
		"/" + id + "/richieste/" + once.NewKey(), "/" + id + "/documenti/" + once.NewKey()} {
		b.get(filesWork + path).wants(404)
	}
	if p := b.get("/controlli/registro?azione=indemnity.case_noted").wants(200); !strings.Contains(p.Body, filesWork+"/"+id) {
		t.Error("the register does not lead to the case")
	}
}

func TestAnApplicationToTheContributionIsCoveredToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := string(fiscalCode(demo.Citizen))
	id := s.text(`SELECT a.id::text FROM applications a JOIN persons p ON p.id = a.beneficiary_id JOIN vouchers v ON v.application_id = a.id WHERE p.fiscal_code = $1 LIMIT 1`, code)
	name := s.text(`SELECT family_name FROM persons WHERE fiscal_code = $1`, code)
	const mail = "maria.segreta@prova.example"
	s.exec(`UPDATE applications SET email = $2 WHERE id = $1`, id, mail)
	b := s.login(demo.Auditor, "oversight")
	b.get(filesWork+"/"+id).wants(200, "Dati", "Codice fiscale")
	for _, tab := range contributionTabs {
		p := b.get(filesWork + "/" + id + "/" + tab).wants(200)
		for _, secret := range []string{name, code, mail} {
			if strings.Contains(p.Body, secret) {
				t.Errorf("%s tells %q", tab, secret)
			}
		}
	}
	b.get(filesWork + "/" + id + "/note").wants(404)
	b.get(filesWork + "/" + id + "/verifiche/V6").wants(404)
	b.get(filesWork + "/" + id + "/richieste/" + once.NewKey()).wants(404)
	b.get(filesWork + "/" + id + "/documenti/" + once.NewKey()).wants(404)
	b.submit(b.get(filesWork+"/"+id+"/dati/fiscal_code.1"), url.Values{"tipo": {"complaint"}, "motivo": {"Reclamo 12/2026"}}).wants(200, code).silent(name)

	// Who applied reads that an auditor looked.
	s.login(demo.Citizen, "").get("/contributo-psicoterapia/domande/"+id+"/dati").wants(200, "Ha aperto la domanda per un controllo", "Ha visto un dato della domanda per un controllo")
}

func TestADatumIsShownOnceForAReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, _ := s.ownFile()
	at := filesWork + "/" + id + "/dati/iban.1"
	account := s.text(`SELECT answers->>'iban' FROM indemnity_applications WHERE id = $1`, id)
	disclosed := func() int { return s.count(`SELECT count(*) FROM disclosures WHERE datum = 'iban.1'`) }
	b := s.login(demo.Auditor, "oversight")
	ask := b.get(at).wants(200, "Mostra il dato", account[:4], account[len(account)-4:]).silent(account[4:16])
	for _, wrong := range []struct {
		ground, reason, says string
	}{{"", "Verifico il pagamento", "Scegli perché"}, {"altro", "Verifico il pagamento", "Scegli perché"}, {"act", "breve", "almeno 10 caratteri"}, {"act", "         x         ", "almeno 10 caratteri"},
		{"act", strings.Repeat("a", 501), "troppo lungo"}} {
		p := b.submit(ask, url.Values{"tipo": {wrong.ground}, "motivo": {wrong.reason}}).wants(422, wrong.says, strings.TrimSpace(wrong.reason))
		if strings.Contains(strings.ReplaceAll(p.Body, " ", ""), account) {
			t.Errorf("%q shows it", wrong.reason)
		}
	}
	if disclosed() != 0 {
		t.Error("a refusal is kept as a disclosure")
	}
	given := url.Values{"tipo": {"act"}, "motivo": {"Verifico il pagamento di maggio"}}
	shown := b.submit(ask, given).wants(200, "Dato mostrato", "Verifica di un atto", "Verifico il pagamento di maggio")
	if !strings.Contains(strings.ReplaceAll(shown.Body, " ", ""), account) || shown.Header.Get("Cache-Control") != "no-store" || strings.Contains(shown.URL.String(), account) {
		t.Error("it is not shown, or kept")
	}
	if n := s.count(`SELECT count(*) FROM disclosures d JOIN audit a ON a.id = d.entry_id WHERE a.action = 'oversight.datum_shown' AND a.person_id = d.person_id AND a.subject_id = d.case_id
		AND a.about_id IS NOT NULL AND d.datum = 'iban.1' AND d.ground = 'act' AND d.reason = 'Verifico il pagamento di maggio'`); n != 1 {
		t.Errorf("%d disclosures", n)
	}
	// The same form again shows nothing, and neither does the case.
	again := b.submit(ask, given).wants(409, "già stato mostrato", "Verifico il pagamento di maggio")
	if strings.Contains(strings.ReplaceAll(again.Body, " ", ""), account) || disclosed() != 1 {
		t.Error("one reason shows it twice")
	}
	b.get(filesWork + "/" + id + "/pagamento").wants(200).silent(account)
	b.get("/controlli/registro?azione=oversight.datum_shown").wants(200, "Verifica di un atto: Verifico il pagamento di maggio")
	b.post(at, url.Values{"tipo": {"act"}, "motivo": {"Verifico il pagamento"}}).wants(422)

	s.login(demo.Administrator, "oversight").get(at).wants(403)
	for _, hint := range []string{demo.Member, demo.WelfareOfficer, demo.INPSOfficer} {
		other := s.login(hint, map[string]string{demo.Member: "iscritto", demo.WelfareOfficer: "welfare", demo.INPSOfficer: "inps"}[hint])
		other.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if p := other.get(at); p.Status == 200 || strings.Contains(p.Body, account) {
			t.Errorf("%s: %d", hint, p.Status)
		}
	}
}

func TestAPaperIsShownToAnAuditorForAReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, certificate := s.papered()
	id := s.text(`SELECT case_id::text FROM indemnity_papers WHERE id = $1`, certificate)
	paper := s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND kind = 'identity_front' AND attachment_id IS NOT NULL`, id)
	at := filesWork + "/" + id + "/documenti/" + paper
	b := s.login(demo.Auditor, "oversight")
	b.get(at + "/pagine/1").wants(404)
	b.submit(b.get(at).wants(200, "Mostra il documento").silent("Pagina 1"), url.Values{"tipo": {"sample"}, "motivo": {"no"}}).wants(422, "almeno 10")
	shown := b.submit(b.get(at), url.Values{"tipo": {"sample"}, "motivo": {"Controllo a campione 3"}}).wants(200, "Pagina 1 di 1").silent("Scarica")
	if p := b.get(shown.one("#visore").one("img").attr("src")); p.Status != 200 || !strings.HasPrefix(p.Header.Get("Content-Type"), "image/") || p.Header.Get("Cache-Control") != "no-store" {
		t.Error(p.Status, p.Header)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.paper_opened' AND role = 'oversight' AND subject_id = $1`, paper); n != 1 {
		t.Errorf("%d looks are written down", n)
	}
	s.member(demo.Member).get(memberCases+"/"+id+"/documenti").wants(200, "Consultato da un revisore")
	s.At(s.Now().Add(16 * time.Minute))
	b.get(at).wants(200, "Mostra il documento")
	b.get(at + "/pagine/1").wants(404)

	// Not about somebody’s health.
	for _, path := range []string{"", "/pagine/1"} {
		if p := b.get(filesWork + "/" + id + "/documenti/" + certificate + path); p.Status != 409 && p.Status != 404 {
			t.Errorf("a health paper: %d", p.Status)
		}
	}
	b.post(filesWork+"/"+id+"/documenti/"+certificate, url.Values{"idem": {once.NewKey()}, "tipo": {"sample"}, "motivo": {"Controllo a campione 3"}}).wants(409, "documenti sanitari")
}
