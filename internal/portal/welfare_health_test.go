package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
)

// wantsWhy fails unless an officer is asked why, wherever a health paper of a case is; an
// image is refused.
func (b *browser) wantsWhy(at, paper string) page {
	b.Helper()
	file := at + "/documenti/" + paper
	var ask page
	for _, address := range []string{file + "/visore?pagina=2", file, at + "/verifiche/V7?documento=" + paper} {
		if ask = b.get(address).wants(200); ask.URL.Path != file+"/motivo" || len(ask.all("#visore")) != 0 {
			b.Errorf("%s ends at %s", address, ask.URL)
		}
	}
	b.get(file+"/pagine/1").wants(409, "prima di aprirlo scrivi il motivo")
	return ask
}

func TestAHealthPaperIsForWhoHasTheCaseAndEverybodyElseSaysWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	file := at + "/documenti/" + certificate
	s.welfareOfficer().get(file+"/visore").wants(200, "Pagina 1 di 2")
	s.At(s.Now().Add(20 * time.Minute)) // nobody works on the case now

	fellow := s.login(demo.WelfareFellow, "welfare")
	fellow.get(at).wants(200) // and now he does, which opens nothing
	ask := fellow.wantsWhy(at, certificate).wants(200, "Perché apri questo documento?", "riguarda la salute di una persona", "Resta nel registro con il tuo nome", "In carico a")
	fellow.submit(ask, url.Values{"motivo": {"perché sì"}}).wants(422, "Scrivi il motivo con almeno 10 caratteri")
	fellow.submit(ask, url.Values{"motivo": {strings.Repeat("a", 501)}}).wants(422, "al massimo 500 caratteri")
	if s.looks() != 1 {
		t.Fatalf("%d looks, one of them without a reason", s.looks())
	}
	const why = "Sostituisco Silvia Costa, in ferie"
	for range 2 { // sent twice, kept once
		fellow.submit(ask, url.Values{"motivo": {why}}).wants(200, "Pagina 1 di 2", "Stai aprendo un documento sanitario")
	}
	fellow.get(at+"/verifiche/V7?documento="+certificate).wants(200, "Pagina 1 di 2")
	fellow.get(file + "/pagine/2").wants(200)
	if fellow.get(file).Header.Get("Content-Type") != "application/pdf" {
		t.Error("the file is not to be had")
	}
	if p := fellow.get(file + "/motivo"); p.URL.Path != file+"/visore" {
		t.Errorf("who has said why is asked again at %s", p.URL)
	}
	if n := s.count(`SELECT count(*) FROM disclosures d JOIN audit a ON a.id = d.entry_id JOIN persons p ON p.id = d.person_id
		WHERE a.action = 'indemnity.health_explained' AND a.subject_id = d.case_id AND a.person_id = p.id AND p.fiscal_code = $1 AND d.ground = 'colleague' AND d.reason = $2`, string(fiscalCode(demo.WelfareFellow)), why); n != 1 {
		t.Errorf("%d reasons", n)
	}
	s.login(demo.Auditor, "oversight").get("/controlli/registro?azione=indemnity.health_explained").wants(200, why)
	fellow.get(at+"/cronologia").wants(200, "Motivo per aprire i documenti sanitari").silent(why)

	// It was for this officer, this case and this day.
	s.login(demo.WelfareApprover, "welfare").wantsWhy(at, certificate)
	s.At(s.Now().AddDate(0, 0, 1))
	fellow = s.login(demo.WelfareFellow, "welfare")
	fellow.wantsWhy(at, certificate)
	for _, hint := range []demo.Hint{demo.WelfarePayer, demo.WelfareHead} {
		s.login(hint, "welfare").get(file + "/motivo").wants(403)
	}
	s.login(demo.INPSOfficer, "inps").get(file + "/motivo").wants(404)
	identity := s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND kind LIKE 'identity%' AND attachment_id IS NOT NULL LIMIT 1`, at[strings.LastIndex(at, "/")+1:])
	fellow.get(at+"/documenti/"+identity+"/visore").wants(200, "Pagina 1 di 1")
	s.whole()
}

func TestWhoTakesACaseThatNobodyHasOpensItsPapers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	id := at[strings.LastIndex(at, "/")+1:]
	s.exec(`UPDATE indemnity_applications SET officer_id = NULL, state = 'submitted' WHERE id::text = $1`, id)
	s.login(demo.WelfareApprover, "welfare").wantsWhy(at, certificate).wants(200, "Registra il motivo e apri").silent("Prendi in carico")
	fellow := s.login(demo.WelfareFellow, "welfare")
	ask := fellow.wantsWhy(at, certificate).wants(200, "nessuno l’ha in carico", "Prendi in carico").silent("Registra il motivo")
	fellow.submit(ask, nil).wants(200, "Pagina 1 di 2")
	if n := s.count(`SELECT count(*) FROM audit a JOIN indemnity_applications c ON c.id = a.subject_id WHERE c.id::text = $1 AND a.action = 'indemnity.case_assigned' AND c.officer_id = a.person_id`, id); n != 1 {
		t.Errorf("taken %d times", n)
	}
	// Who comes later is told who has it, and says why they open it all the same.
	s.At(s.Now().Add(20 * time.Minute))
	silvia := s.welfareOfficer()
	late := silvia.post(at+"/prendi", replay(ask, url.Values{"documento": {certificate}})).
		wants(http.StatusConflict, "Intanto la domanda è stata presa in carico da un’altra persona", "In carico a", "Ivan Ruggeri", "Registra il motivo e apri").silent("Prendi in carico")
	silvia.submit(late, url.Values{"motivo": {"Ho seguito io la telefonata"}}).wants(200, "Pagina 1 di 2")
	if n := s.count(`SELECT count(*) FROM audit a JOIN indemnity_applications c ON c.id = a.subject_id WHERE c.id::text = $1 AND a.action = 'indemnity.case_assigned' AND c.officer_id = a.person_id`, id); n != 1 {
		t.Errorf("taken %d times", n)
	}
	fellow.submit(ask, nil).wants(200, "Pagina 1 di 2") // whose it is takes it no more than once
	s.whole()
}

func TestHealthPapersAreBeforeWhoDecidesOrChecksForAsLongAsTheyDo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	id := at[strings.LastIndex(at, "/")+1:]
	file := at + "/documenti/" + certificate + "/visore"
	approver, fellow := s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfareFellow, "welfare")
	approver.wantsWhy(at, certificate)
	s.exec(`INSERT INTO indemnity_decisions (id, application_id, to_state, codes, call_version, proposed_by, proposed_at)
		SELECT gen_random_uuid(), id, 'inadmissible', '{X}', call_version, officer_id, now() FROM indemnity_applications WHERE id::text = $1`, id)
	approver.get(file).wants(200, "Pagina 1 di 2")
	fellow.wantsWhy(at, certificate)
	s.past(`UPDATE indemnity_decisions SET state = 'sent_back', why = 'x', decided_by = (SELECT id FROM persons WHERE fiscal_code = '` + string(fiscalCode(demo.WelfareApprover)) + `'), decided_at = now() WHERE application_id = '` + id + `' AND state = 'proposed'`)
	approver.wantsWhy(at, certificate)

	s.past(`INSERT INTO indemnity_controls (id, application_id, source, reason, opened_by, opened_at, state) SELECT gen_random_uuid(), id, 'report', 'x', officer_id, now(), 'open' FROM indemnity_applications WHERE id = '` + id + `'`)
	fellow.get(file).wants(200, "Pagina 1 di 2")
	approver.wantsWhy(at, certificate)
}
