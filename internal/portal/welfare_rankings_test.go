package portal_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/once"
)

// simulatedRanking is the page of a new simulation, as its author finds it.
func (b *browser) simulatedRanking() page {
	b.Helper()
	p := b.simulates(b.get(rankings).wants(200, "Simula la graduatoria"), nil)
	if p.Status != http.StatusOK || !strings.HasPrefix(p.URL.Path, rankings+"/simulazioni/") {
		b.Fatalf("ended at %s (%d): %s", p.URL, p.Status, p.h1())
	}
	return p
}

func TestARankingGoesFromOneToAnotherToAThirdAndEverybodyReadsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(30, 6_000*money.Euro)
	officer, approver, head := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfareHead, "welfare")
	officer.get("/gestione/enpap/graduatorie").wants(200, "maggio 2026", "Da simulare")
	approver.get(rankings).wants(200, "Le simulazioni le fa chi ha il compito di istruttoria")
	here := officer.simulatedRanking().wants(200, "Simulazione 1", "Uguale riga per riga", "Ultima ammessa", "Stesso punteggio, ISEE e durata: prima l’iscrizione più vecchia", "Progressivo", "Senza risorse").URL.Path
	officer.get(here+"?vista=tutte").wants(200, "Le posizioni dalla 1 alla 31", "FOLLA-MIA")
	officer.get(here+"?vista=senza").wants(200, "Tutte le domande hanno una posizione")

	for _, format := range []string{"csv", "xlsx"} {
		if file := officer.get(here + "/graduatoria." + format); file.Status != 200 || len(file.Body) < 1000 {
			t.Errorf("%s: %d, %d bytes", format, file.Status, len(file.Body))
		}
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.ranking_taken'`); n != 2 {
		t.Errorf("%d files were written down", n)
	}
	propose := officer.get(here+"/proponi").wants(200, "Vuoi proporre")
	for range 2 { // sent twice, done once
		officer.submit(propose, nil).wants(200, "Deve approvarla un’altra persona")
	}
	officer.get(here+"/approva").wants(200, "Hai già lavorato tu a questa graduatoria").silent("Registra la decisione")
	officer.post(here+"/approva", url.Values{"idem": {once.NewKey()}, "decisione": {"approva"}}).wants(409, "Hai già lavorato tu a questa graduatoria")
	head.post(here+"/approva", url.Values{"idem": {once.NewKey()}, "decisione": {"approva"}}).wants(403)

	approver.get("/area-personale").wants(200, "Graduatorie da approvare: 1")
	head.get("/area-personale").wants(200).silent("Graduatorie da")
	decide := approver.get(here+"/approva").wants(200, "1. Fonti", "Intorno all’ultima ammessa", "20 domande estratte", "È la prima pubblicazione")
	approver.submit(decide, nil).wants(422, "Scegli se approvare o rimandare")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché la rimandi")
	second := approver.get(here + "/approva") // in another tab
	approver.submit(decide, url.Values{"decisione": {"approva"}}).wants(200, "Graduatoria approvata")
	approver.submit(second, url.Values{"decisione": {"approva"}}).wants(409, "La graduatoria è cambiata mentre la guardavi")

	for _, b := range []*browser{officer, approver} {
		b.get(here+"/pubblica").wants(409, "Hai già lavorato tu a questa graduatoria")
		b.post(here+"/pubblica", url.Values{"idem": {once.NewKey()}}).wants(409, "Hai già lavorato tu a questa graduatoria")
	}
	head.get("/area-personale").wants(200, "Graduatorie da pubblicare: 1").silent("Non hai nulla da fare adesso")
	head.get(welfareWork).wants(200, "Graduatorie da pubblicare", "Domande aperte per età", "oltre 30", "Totale").silent("Prendi la prossima", "Le tue domande", "Tutte le domande")
	ask := head.get(here+"/pubblica").wants(200, "Vuoi pubblicare la graduatoria di maggio 2026?", "Messaggi da inviare: 31", "ENPAP: è uscita la graduatoria", "non si può annullare")
	head.submit(ask, nil).wants(200, "Graduatoria pubblicata", "Claudia Moretti")

	// What is published already says so, and leads there.
	for at, b := range map[string]*browser{"/pubblica": head, "/proponi": officer, "/elimina": officer} {
		over := b.get(here+at).wants(409, "È già pubblicata.").silent("mentre la guardavi")
		if to := over.link("Apri: Pubblicazione n. 1"); to != here {
			t.Errorf("%s leads to %s", at, to)
		}
	}
	head.get(here+"/verbale").wants(200, "Silvia Costa", "Franco Leone", "Claudia Moretti", "Nessuna domanda esclusa")
	if file := head.get(here + "/verbale.pdf"); file.Status != 200 || !strings.HasPrefix(file.Body, "%PDF-") {
		t.Errorf("the minutes are %d", file.Status)
	}
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'notify' AND (args->>'entry')::bigint IN (SELECT id FROM audit WHERE action = 'indemnity.ranked' AND at >= '2026-11-23')`); n != 31 {
		t.Errorf("%d people are told", n)
	}

	// Who applied finds their place, with what it comes from.
	luca := s.member(demo.CyclesMember)
	id := s.text(`SELECT id::text FROM indemnity_applications WHERE protocol = 'FOLLA-MIA'`)
	state := luca.get(memberCases+"/"+id).wants(200, "Ammessa al pagamento", "Vedi il tuo posto in graduatoria")
	place := luca.get(state.link("Vedi il tuo posto in graduatoria")).wants(200, "su 31", "Punti per l’ISEE", "art. 4", "Ultima domanda ammessa", "Codice pubblico")
	s.member(demo.Member).get(memberCases + "/" + id + "/graduatoria").wants(404)

	// Everybody reads it without names, and verifies it.
	nobody := s.browser()
	code, _, _ := strings.Cut(entryValue(place, "Codice pubblico"), " ")
	public := nobody.get("/indennita-malattia-infortunio/graduatorie/2026-05").wants(200, "Pubblicazione n. 1", code, "Come verificare").silent("FOLLA-", "Bianchi", "Giulia")
	nobody.get("/indennita-malattia-infortunio/graduatorie").wants(200, "maggio 2026", "Pubblicazione n. 1")
	file := nobody.get(public.link("Scarica il file firmato"))
	key := signing.Public().(ed25519.PublicKey)
	if m, wrong := indemnity.VerifyPublication([]byte(file.Body), key); len(wrong) > 0 || m.Publication != 1 {
		t.Errorf("%+v, %v", m, wrong)
	}
	altered := bytes.Replace([]byte(file.Body), []byte(code), []byte("0"+code[1:]), 1)
	if bytes.Equal(altered, []byte(file.Body)) {
		altered = bytes.Replace(altered, []byte(code), []byte("1"+code[1:]), 1)
	}
	if _, wrong := indemnity.VerifyPublication(altered, key); len(wrong) != 1 || wrong[0].Row[1:] != code[1:] {
		t.Errorf("one byte flipped: %v", wrong)
	}
	whole := officer.get(here + "/pubblicazione.txt")
	if m, wrong := indemnity.VerifyPublication([]byte(whole.Body), key); len(wrong) > 0 || m.Applications != 31 {
		t.Errorf("the whole file: %+v, %v", m, wrong)
	}
	if got := nobody.get(public.link("Scarica la chiave pubblica")); strings.TrimSpace(got.Body) != s.Portal.CallRankings.PublicKey() {
		t.Errorf("the key is %q", got.Body)
	}
	for _, path := range []string{here, here + "/pubblicazione.txt", here + "/graduatoria.csv"} {
		if p := luca.get(path); p.Status == 200 && strings.Contains(p.Body, "FOLLA-0") {
			t.Errorf("%s is open to a member", path)
		}
	}

	// A correction goes the same way, and the first publication stays.
	fix := officer.get(here+"/rettifica").wants(200, "Motivo della rettifica")
	officer.submit(fix, nil).wants(422, "Scrivi il motivo della rettifica")
	officer.simulates(fix, url.Values{"motivo": {"Un reddito era sbagliato."}}).wants(200, "Rettifica simulata", "Un reddito era sbagliato.")
	officer.get(rankings).wants(200, "si cambia con una rettifica").silent("Simula la graduatoria")
}

func TestWhatARankingWaitsForIsSaidByNumberAndPutAsideOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(6, 100_000*money.Euro)
	s.past(`UPDATE indemnity_applications SET state = 'in_review' WHERE protocol = 'FOLLA-0003'`)
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	page := officer.get(rankings).wants(200, "1 domanda non è conclusa: la graduatoria non si può proporre prima", "FOLLA-0003", "Escludi")
	before := officer.simulatedRanking().wants(200, "Non si può ancora proporre", "1 domanda non è conclusa").URL.Path
	officer.get(before+"/proponi").wants(409, "1 domanda non è conclusa")
	officer.post(before+"/proponi", url.Values{"idem": {once.NewKey()}}).wants(409, "1 domanda non è conclusa")
	ask := officer.get(page.link("Escludi")).wants(200, "Vuoi escludere dalla graduatoria la domanda FOLLA-0003?")
	officer.submit(ask, nil).wants(422, "Scrivi perché la graduatoria non aspetta questa domanda")
	approver.get(ask.URL.Path).wants(403)
	after := officer.submit(ask, url.Values{"motivo": {"Il ricovero non è concluso."}}).wants(200, "Domanda esclusa", "Il ricovero non è concluso.", "Silvia Costa", "Tutte le domande del bando sono concluse")
	officer.get(before).wants(200, "Da quando è stata simulata qualcosa è cambiato")
	officer.get(officer.simulatedRanking().URL.Path+"/proponi").wants(200, "Vuoi proporre")
	back := officer.get(after.link("Riammetti")).wants(200, "Vuoi riammettere la domanda FOLLA-0003?")
	officer.submit(back, nil).wants(200, "Domanda riammessa", "1 domanda non è conclusa")
	officer.submit(officer.get(before+"/elimina").wants(200, "Vuoi eliminare"), nil).wants(200, "Simulazione 1: non c’è più")
	officer.get(before).wants(404)
}

func TestEqualsAcrossTheCutArePutInOrderByAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(2, 300*money.Euro)
	s.past(`DELETE FROM indemnity_applications WHERE protocol = 'FOLLA-MIA'`, `
		UPDATE indemnity_applications SET answers = jsonb_set(answers, '{exclusive}', '"no"'), registers = jsonb_set(registers, '{member,enrolled_on}', '"2011-01-01"')
		WHERE protocol LIKE 'FOLLA-%'`)
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	simulated := officer.simulatedRanking().wants(200, "Le risorse finiscono tra 2 domande a pari merito")
	here := simulated.URL.Path
	officer.get(here+"/proponi").wants(409, "Le risorse finiscono tra 2 domande a pari merito")
	officer.get(simulated.link("Decidi la parità")).wants(200, "FOLLA-0001", "L’ordine lo decide chi ha il compito di approvazione").silent("Registra l’ordine")
	order := func(first, second, why string) url.Values {
		return url.Values{"posto-0-0": {first}, "posto-0-1": {second}, "motivo-0": {why}}
	}
	officer.post(here+"/parita?gruppo=0", url.Values{"idem": {once.NewKey()}, "posto-0-0": {"1"}, "posto-0-1": {"2"}, "motivo-0": {"x"}}).wants(403)
	ask := approver.get(here+"/parita").wants(200, "Registra l’ordine")
	post := func(fields url.Values) page {
		fields.Set("idem", once.NewKey())
		return approver.post(here+"/parita?gruppo=0", fields)
	}
	post(order("1", "1", "x")).wants(422, "Indica l’ordine di tutte le domande a pari merito")
	post(order("2", "1", "")).wants(422, "Scrivi il motivo della decisione")
	if ask.form().attr("action") != here+"/parita?gruppo=0" {
		t.Errorf("it is sent to %s", ask.form().attr("action"))
	}
	post(order("2", "1", "Ha un figlio a carico.")).wants(200, "Ordine registrato")
	officer.get(here).wants(200, "qualcosa è cambiato")
	again := officer.simulatedRanking().wants(200, "Pari merito: ordine deciso da chi dirige il servizio").silent("Le risorse finiscono")
	officer.get(again.URL.Path+"/proponi").wants(200, "Vuoi proporre")
}

func TestAScenarioIsTriedComparedAndNeverProposedOnScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(12, 1_000*money.Euro)
	officer, approver, head := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfareHead, "welfare")
	here := officer.simulatedRanking().URL.Path
	head.get(here + "/scenario").wants(403)
	ask := approver.get(here+"/scenario").wants(200, "Nuovo scenario", "Stanziamento", "Come si legge il bando")
	approver.submit(ask, nil).wants(422, "Scrivi che cosa deve mostrare lo scenario")
	approver.submit(ask, url.Values{"scopo": {"Come adesso"}}).wants(422, "Lo scenario non cambia niente")
	wrong := approver.submit(ask, url.Values{"scopo": {"Il doppio"}, "budget": {"duemila"}}).wants(422, "Il doppio")
	if typed := wrong.one("#budget").attr("value"); typed != "duemila" {
		t.Errorf("what was typed is now %q", typed)
	}
	done := approver.simulates(ask, url.Values{"scopo": {"Il doppio dello stanziamento"}, "budget": {"100.000,00"}}).
		wants(200, "Scenario 2", "È uno scenario", "Il doppio dello stanziamento", "1.000,00 €", "100.000,00 €", "Entrano", "Franco Leone", "in più", "Scenario calcolato", "Uguale riga per riga").silent("Proponi per l’approvazione")
	officer.get(done.URL.Path+"/proponi").wants(409, "È uno scenario")
	officer.post(done.URL.Path+"/proponi", url.Values{"idem": {once.NewKey()}}).wants(409, "È uno scenario")
	officer.get(done.URL.Path + "/scenario").wants(404)
	officer.get(here).wants(200, "Scenari provati", "Il doppio dello stanziamento")
	points := officer.get(here + "/scenario").wants(200)
	officer.simulates(points, url.Values{"scopo": {"Attività senza punti"}, "exclusivity_points-exclusive": {"2"}}).wants(200, "Scenario 3", "Che cosa cambia nelle regole")

	// It stays when what it is based on is thrown away.
	officer.submit(officer.get(here+"/elimina"), nil).wants(200, "Simulazione 1: non c’è più")
	officer.get(done.URL.Path).wants(200, "Scenario 2", "Il doppio dello stanziamento").silent("Che cosa cambia nelle regole")
}

// Who applied with a case that the ranking did not wait for is told when it comes out, reads
// why on the case itself, and what comes of it now (W-15, A39).
func TestACaseThatTheRankingDoesNotWaitForHearsOfIt(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(6, 100_000*money.Euro)
	s.past(`UPDATE indemnity_applications SET state = 'in_review' WHERE protocol = 'FOLLA-MIA'`)
	officer, head, luca := s.welfareOfficer(), s.login(demo.WelfareHead, "welfare"), s.member(demo.CyclesMember)
	theirs := memberCases + "/" + s.mine()
	luca.get(theirs).wants(200, "Graduatoria del bando").silent("senza questa domanda")
	ask := officer.get(officer.get(rankings).link("Escludi")).wants(200, "riceve un avviso e legge il motivo", "Lo legge anche chi ha fatto la domanda")
	officer.submit(ask, url.Values{"motivo": {"Una richiesta è ancora aperta."}}).wants(200, "Domanda esclusa")
	luca.get(theirs).wants(200).silent("Una richiesta è ancora aperta.")

	here := rankings + "/simulazioni/" + string(s.approvedRanking())
	confirm := head.get(here+"/pubblica").wants(200, "escluse 1. Messaggi da inviare: 7.", "Il messaggio che riceve chi ha una domanda esclusa", "non c’è: quando è stata chiusa la verifica non era finita")
	head.submit(confirm, nil).wants(200, "Graduatoria pubblicata")
	s.tell()
	head.get(here).wants(200, "Messaggi inviati: 7.")
	if n := s.count(`SELECT count(*) FROM river_job j JOIN messages m ON m.id::text = j.args->>'message' WHERE j.kind = 'mail' AND m.kind = 'b10b' AND m.link = $1 AND m.subject = 'ENPAP: è uscita la graduatoria'`, theirs); n != 1 {
		t.Errorf("they get %d mails", n)
	}
	luca.get("/messaggi").wants(200, "ENPAP: è uscita la graduatoria")
	luca.get(theirs).wants(200, "La graduatoria è uscita il 23 novembre 2026 senza questa domanda", "Il motivo scritto da ENPAP: Una richiesta è ancora aperta.",
		"Uscita il 23 novembre 2026, senza questa domanda", "Se la domanda risulta idonea, ENPAP confronta la sua posizione con l’ultima ammessa al pagamento").silent("La graduatoria è prevista", "Vedi il tuo posto")
	luca.get(memberCases).wants(200, "confronta la sua posizione con l’ultima ammessa")
	officer.get(welfareList+"/"+s.mine()+"/cronologia").wants(200, "Graduatoria pubblicata senza la domanda")

	s.past(`UPDATE indemnity_applications SET state = 'suitable' WHERE protocol = 'FOLLA-MIA'`)
	luca.get(theirs).wants(200, "Tocca a ENPAP: confronta la posizione della domanda con l’ultima ammessa al pagamento").silent("forma la graduatoria", "entra nella graduatoria")
	s.whole()
}
