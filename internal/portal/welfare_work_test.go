package portal_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

func TestAnOfficerTakesTheNextCaseAndFindsItAmongTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	work := officer.get(welfareWork).wants(200, "Riesami da valutare", "Controlli aperti", "Messaggi senza risposta").silent("Carico di lavoro", "Graduatorie da approvare")
	for name, path := range map[string]string{"Domande": welfareList, "Bandi e graduatorie": welfareWork + "/bandi", "Pagamenti": welfareWork + "/pagamenti", "Modelli": welfareWork + "/modelli",
		"Riesami da valutare": welfareWork + "/riesami", "Controlli aperti": welfareWork + "/controlli", "Da approvare": welfareWork + "/approvazioni"} {
		i := slices.IndexFunc(work.all("a"), func(a node) bool { return strings.Contains(a.text(), name) })
		if at := work.all("a")[i].attr("href"); at != path {
			t.Errorf("%s leads to %s", name, at)
		}
	}
	officer.get(welfareWork+"/bandi").wants(200, "Graduatorie")
	officer.get(welfareWork).wants(200, "Il tuo lavoro", "In ritardo", "Oggi", "Entro 7 giorni", "In attesa dell’iscritto", "Da approvare", "Le tue domande", "2 domande aperte", "02/12/2026")
	oldest := s.text(`SELECT protocol FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review') ORDER BY submitted_at, id LIMIT 1`)
	officer.submit(officer.get(welfareWork), nil).wants(200, "Domanda assegnata a te", oldest)
	p := officer.get(welfareWork).wants(200, oldest, " su 17", "3 domande aperte")
	officer.get(p.link(oldest)).wants(200, oldest)
	for free := s.count(`SELECT count(*) FROM indemnity_applications WHERE officer_id IS NULL AND state IN ('submitted', 'in_review')`); free > 0; free-- {
		officer.submit(officer.get(welfareWork), nil).wants(200, "Domanda assegnata a te")
	}
	officer.submit(officer.get(welfareWork), nil).wants(200, "Nessuna domanda da prendere")
	payer := s.login(demo.WelfarePayer, "welfare")
	payer.get(welfareWork).wants(200, "Il tuo lavoro").silent("Prendi la prossima")
	payer.post(welfareWork+"/domande/prossima", url.Values{"idem": {once.NewKey()}}).wants(403)
}

func TestTheListOfCasesIsFilteredByItsAddressSearchedAndTakenAway(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	all := s.count(`SELECT count(*) FROM indemnity_applications`)
	cycle := s.text(`SELECT protocol FROM indemnity_applications WHERE answers->>'cause' = 'cycles' AND state = 'submitted'`)
	plain := s.text(`SELECT protocol FROM indemnity_applications WHERE answers->>'cause' = 'illness' AND applicant_kind = 'member' AND call_id = '2026-10'`)
	p := officer.get(welfareList).wants(200, "Domande", cycle, plain, "Gravi patologie", "A nessuno")
	if got := len(p.all("tr")) - 1; got != all {
		t.Errorf("%d of %d", got, all)
	}
	p = officer.get(welfareList+"?caso=gravi-patologie&operatore=a-nessuno").wants(200, cycle, "Togli il filtro Caso: Gravi patologie", "Togli il filtro Assegnata: A nessuno").silent(plain)
	if rest := p.link("Togli il filtro Caso: Gravi patologie"); rest != welfareList+"?operatore=a-nessuno" {
		t.Errorf("without the filter: %s", rest)
	}
	for _, term := range []string{"in-ritardo", "oggi", "sette-giorni", "in-corso", "iscritto", "approvazione"} {
		officer.get(welfareList+"?termine="+term).wants(200, "Togli il filtro Termine")
	}
	waits := officer.get(welfareList+"?termine=iscritto").wants(200, "Documenti richiesti")
	if got, want := len(waits.all("tr"))-1, s.count(`SELECT count(DISTINCT application_id) FROM indemnity_requests WHERE state = 'open' AND (due_on IS NULL OR due_on >= '2026-11-23')`); got != want {
		t.Errorf("%d wait for their member, %d do", got, want)
	}
	officer.get(welfareList+"?bando=x&stato=y&operatore=z&dopo=w").wants(200, cycle, plain)

	// What is looked for has no place in an address, and is kept nowhere.
	name := s.text(`SELECT p.family_name FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE a.protocol = $1`, cycle)
	b := officer.post(welfareList, url.Values{"cerca": {name}}).wants(200, "Domande trovate", cycle)
	if strings.Contains(b.URL.String(), name) {
		t.Error("what was typed stands in an address")
	}
	officer.post(welfareList, url.Values{"cerca": {"x"}}).wants(422, "almeno due lettere")
	if s.count(`SELECT count(*) FROM audit a WHERE to_jsonb(a)::text ILIKE '%' || $1 || '%'`, name) != 0 || s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.cases_found'`) != 1 {
		t.Error("the register is not as it should be")
	}

	file := officer.get(welfareList + ".csv?caso=gravi-patologie")
	if !strings.Contains(file.Body, cycle) || strings.Contains(file.Body, plain) || strings.Contains(file.Body, name) {
		t.Errorf("%s", file.Body)
	}
	if got := s.text(`SELECT format || ' ' || filters || ' ' || rows FROM exports`); !strings.HasPrefix(got, "csv kind=serious ") {
		t.Error(got)
	}
}

// What was paid, and what the bank sent back, is told from what waits for its payment.
func TestTheListOfCasesSaysHowFarThoseWithMoneyArePaid(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.welfareOfficer()
	list := officer.get(welfareWork+"/domande?vista=tutte").wants(200, "Roberto Vitale", "Pagata", "Pagamento restituito", "Ammessa al pagamento")
	states := func(slug string) map[string]int {
		seen := map[string]int{}
		for _, row := range officer.get(welfareList + "?stato=" + slug).wants(200).all("tr")[1:] {
			for _, state := range []string{"Pagata", "Pagamento restituito", "Ammessa al pagamento", "In pagamento"} {
				if strings.Contains(row.text(), state) {
					seen[state]++
				}
			}
		}
		return seen
	}
	for slug, state := range map[string]string{"ammessa": "Ammessa al pagamento", "pagata": "Pagata", "pagamento-restituito": "Pagamento restituito"} {
		if seen := states(slug); len(seen) != 1 || seen[state] == 0 {
			t.Errorf("%s lists %v", slug, seen)
		}
	}
	found := officer.submit(list, url.Values{"cerca": {"Vitale"}})
	found.wants(200, "Pagata").silent("Ammessa al pagamento")
}

func TestCasesAreAssignedFromTheListAndOnlyByWhoPrepares(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	me := s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareOfficer)))
	mine := s.count(`SELECT count(*) FROM indemnity_applications WHERE officer_id = $1`, me) + 2
	a, b := s.text(`SELECT min(id::text) FROM indemnity_applications WHERE officer_id IS NULL`), s.text(`SELECT max(id::text) FROM indemnity_applications WHERE officer_id IS NULL`)
	chosen := url.Values{"domanda": {a, b}, "caso": {""}}.Encode()
	officer.get(welfareList+"/assegna").wants(409, "Non hai scelto nessuna domanda")
	again := officer.get(welfareList+"/assegna?caso=eredi").wants(409, "Non hai scelto nessuna domanda", "Domande", "Togli il filtro Caso: Eredi", "Scegli tutte quelle della pagina")
	officer.get(again.link("Togli il filtro Caso: Eredi")).wants(200, "Domande")
	ask := officer.get(welfareList+"/assegna?"+chosen).wants(200, "A chi assegni 2 domande?", "Nessuno riceve una domanda propria")
	officer.submit(ask, url.Values{"a": {"chiunque"}}).wants(422, "Scegli a chi assegnare le domande")
	officer.submit(ask, url.Values{"a": {me}}).wants(200, "Domande assegnate", "2 domande assegnate.")
	if got := s.count(`SELECT count(*) FROM indemnity_applications WHERE officer_id = $1`, me); got != mine {
		t.Errorf("%d are assigned", got)
	}
	officer.get(welfareList+"?operatore=a-me").wants(200, fmt.Sprint(mine, " domande"))
	approver.get(welfareList).wants(200).silent("Scegli tutte quelle della pagina")
	approver.get(welfareList + "/assegna?" + chosen).wants(403)
	approver.post(welfareList+"/assegna", url.Values{"idem": {once.NewKey()}, "domanda": {a}, "a": {me}}).wants(403)
	s.login(demo.INPSOfficer, "inps").get(welfareList).wants(404)
}
