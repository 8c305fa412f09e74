package portal_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
)

// An heir asks as the member would have, in their own name: another heir of the case reads
// how it stands and takes nothing back, and for anybody else there is no such case.
func TestAnHeirAsksThatTheOutcomeIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	fellow, deputy := s.login(demo.WelfareFellow, "welfare"), s.login(demo.WelfareDeputy, "welfare")
	told := s.registered(officer, "2/3", "1/3")
	protocol, codes := strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo "), told.codes()
	anna := s.login(demo.Heir, "erede")
	theirs := anna.submit(anna.get(link), url.Values{"protocollo": {protocol}, "codice": {codes["Anna Gatti"]}}).wants(200, protocol).URL.Path
	luca, _ := s.follows(demo.PartialCitizen, protocol, codes["Luca Gatti"])
	id := theirs[strings.LastIndex(theirs, "/")+1:]
	path := theirs + "/riesame"

	// Before there is an outcome, nothing is asked.
	anna.get(path).wants(200, "La domanda non ha un esito da riesaminare").silent("Inizia la richiesta")
	anna.get(path + "/motivo").wants(409)
	at := welfareWork + "/domande/" + id
	officer.submit(officer.get(at+"/verifiche/V1"), url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	officer.submit(officer.submit(officer.get(at+"/esito"), url.Values{"esito-proposto": {"inadmissible"}}), nil).wants(200, "Esito proposto")
	approver.submit(approver.get(welfareWork+"/approvazioni/"+id), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")

	// Nobody but its heirs knows of the case: not who follows another one, nor a member.
	elsewhere := s.sentCase(demo.Member)
	s.past(`UPDATE indemnity_applications SET died_on = '2026-11-21' WHERE id = '` + elsewhere + `'`)
	other := s.follower(demo.Citizen, elsewhere, "Maria")
	for _, b := range []*browser{other, s.login(demo.CyclesMember, "iscritto")} {
		for _, of := range []string{"", "/motivo", "/documenti", "/riepilogo", "/ritira"} {
			b.get(path + of).wants(404)
		}
		b.post(path+"/motivo", url.Values{"motivo": {"papers"}, "testo": {"x"}}).wants(404)
		b.post(path+"/riepilogo", url.Values{"idem": {"7f1d5f1e-58a8-4a2b-9a55-0b8b3a3b0c21"}}).wants(404)
	}

	anna.get(theirs+"/esito").wants(200, "Chiedi il riesame")
	anna.get(path).wants(200, "Inizia la richiesta")
	anna.askReview(path).wants(200, "Richiesta inviata", "In esame", "ENPAP non l’ha ancora aperta")
	if got := s.text(`SELECT p.given_name || ' ' || x.state || ' ' || (x.mandate_id IS NULL) FROM indemnity_reexaminations x JOIN persons p ON p.id = x.asked_by WHERE x.application_id::text = $1`, id); got != "Anna asked true" {
		t.Errorf("it is %s", got)
	}
	if got := s.text(`SELECT string_agg(e.role || ' ' || m.family_name, ',') FROM audit e JOIN persons m ON m.id = e.about_id WHERE e.action = 'indemnity.reexamination_asked'
		AND e.subject_id IN (SELECT x.id FROM indemnity_reexaminations x WHERE x.application_id::text = $1)`, id); got != "heir Gatti" {
		t.Errorf("the register says %s", got)
	}

	// The other heir reads how it stands: the paper and the way back are not theirs.
	page := anna.get(path)
	paper := page.link("carta.pdf")
	if file := anna.get(paper); file.Status != 200 || !bytes.Equal([]byte(file.Body), onePagePDF()) {
		t.Errorf("her paper is %d", file.Status)
	}
	his := luca.get(path).wants(200, "In esame", "carta.pdf").silent("Inizia la richiesta", "Ritira", paper)
	if receipt := luca.get(his.link("Ricevuta della richiesta")).wants(200); !strings.HasPrefix(receipt.Body, "%PDF-") {
		t.Error("no receipt")
	}
	luca.get(paper).wants(404)
	luca.get(path + "/motivo").wants(409)
	luca.get(path+"/ritira").wants(409, "l’ha fatta un altro erede")
	luca.post(path+"/ritira", url.Values{"idem": {"7f1d5f1e-58a8-4a2b-9a55-0b8b3a3b0c22"}}).wants(409, "l’ha fatta un altro erede")
	other.get(paper).wants(404)
	other.get(page.link("Ricevuta della richiesta")).wants(404)
	anna.get(path+"/ritira").wants(200, "Vuoi ritirare")

	// Two other officers decide it, and both heirs read how.
	here := fellow.get(caseReviews).link(s.lastReview())
	form := fellow.get(here+"/proposta").wants(200, "la pratica torna in verifica")
	fellow.submit(form, url.Values{"proposta": {"grant"}, "motivazione": {"Il documento è nel secondo file."}}).wants(200, "Esito proposto")
	deputy.submit(deputy.get(here+"/decisione"), url.Values{"decisione": {"approva"}}).wants(200, "Accolta")
	for _, b := range []*browser{anna, luca} {
		b.get(path).wants(200, "Accolta", "di nuovo in verifica", "Il documento è nel secondo file.", "Risposta")
	}
	s.whole()
}
