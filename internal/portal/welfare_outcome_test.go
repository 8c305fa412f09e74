package portal_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
)

func TestAnOutcomeIsProposedByOneApprovedByAnotherAndReadByWhoApplied(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, review := s.finished()
	sent := member.submit(review, nil).wants(200, "Domanda inviata")
	theirs := strings.TrimSuffix(sent.URL.Path, "/inviata")
	id := theirs[strings.LastIndex(theirs, "/")+1:]
	kase, approval := welfareWork+"/domande/"+id, welfareWork+"/approvazioni/"+id
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")

	officer.get(kase+"/esito").wants(200, "Non puoi registrare l’esito: manc", "V1", "Perché non gli altri esiti")
	approver.get(kase + "/esito").wants(200).silent("Quale esito proponi?")
	approver.get(approval).wants(409, "Nessuna proposta aspetta una decisione")
	check := officer.get(kase + "/verifiche/V1")
	officer.submit(check, url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	ask := officer.get(kase+"/esito").wants(200, "Le verifiche portano a questo esito: Inammissibile", "Idonea: Le verifiche portano a un altro esito", "Manca un documento di riconoscimento valido: articolo 3 del bando, regola R24")
	confirm := officer.submit(ask, url.Values{"esito-proposto": {"inadmissible"}, "testo": {"Il file è una fattura."}}).wants(200, "Vuoi proporre questo esito?", "Il file è una fattura.", "puoi chiedere il riesame entro 30 giorni dalla data di questa lettera")
	officer.submit(ask, url.Values{"esito-proposto": {"suitable"}}).wants(409, "Le verifiche portano a un altro esito")
	officer.submit(confirm, nil).wants(200, "Esito proposto")
	member.get(theirs).wants(200).silent("Inammissibile")

	own := officer.get(approval).wants(200, "Chi istruisce le domande non approva gli esiti")
	if n := len(own.one("main").all("form")); n != 0 {
		t.Errorf("%d forms let them decide", n)
	}
	area := approver.get("/area-personale").wants(200, "Esiti da approvare: 3").silent("Non hai nulla da fare adesso")
	approver.get(area.link("Esiti da approvare: 3")).arrives(welfareWork + "/approvazioni")
	officer.get("/area-personale").wants(200).silent("Esiti da approvare: 3")
	list := approver.get(welfareWork+"/approvazioni").wants(200, "Inammissibile", "Silvia Costa", "3 proposte")
	decide := approver.get(list.link(s.text(`SELECT protocol FROM indemnity_applications WHERE id = $1`, id))).wants(200, "Il file è una fattura.", "Nota: È una fattura.", "V1")
	approver.submit(decide, nil).wants(422, "Scegli se approvare o rimandare")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi la proposta")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}, "nota": {"Guarda il retro."}}).wants(200, "Proposta rimandata", "2 proposte")
	ask = officer.get(kase+"/esito").wants(200, "Guarda il retro.", "Il file è una fattura.")
	confirm = officer.submit(ask, url.Values{"esito-proposto": {"inadmissible"}}).wants(200, "Vuoi proporre")
	officer.submit(confirm, nil).wants(200, "Esito proposto")
	deputy := s.login(demo.WelfareDeputy, "welfare")
	late, sentBack := deputy.get(approval), "Franco Leone ha rimandato l’esito proposto «Inammissibile» il 23 novembre 2026"
	deputy.submit(decide, url.Values{"decisione": {"approva"}}).wants(409, "Quello che hai inviato non è stato registrato", "La domanda è cambiata mentre la guardavi").silent(sentBack) // it was proposed again
	s.At(s.Now().Add(time.Minute))
	approver.submit(approver.get(approval), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	const said = "Franco Leone ha approvato l’esito «Inammissibile» il 23 novembre 2026"
	for _, how := range []url.Values{{"decisione": {"approva"}}, {"decisione": {"rimanda"}, "nota": {"Guarda meglio."}}, {}} {
		gone := deputy.post(approval, replay(late, how)).wants(409, "La proposta è già stata decisa", said, "La tua decisione non è stata registrata").silent(sentBack)
		deputy.get(gone.link("Torna alla domanda")).arrives(kase)
		deputy.get(gone.link("Torna alle approvazioni")).arrives(welfareWork + "/approvazioni")
	}
	deputy.get(approval).wants(409, said).silent("La tua decisione")

	unread := `SELECT count(*) FROM indemnity_decisions WHERE application_id = $1 AND read_at IS NULL AND state = 'approved'`
	if s.count(unread, id) != 1 {
		t.Error("it counts as read before anybody opened it")
	}
	state := member.get(theirs).wants(200, "Inammissibile", "La domanda è inammissibile.", "articolo 3 del bando", "Che cosa puoi fare", "Leggi la lettera")
	if s.count(unread, id) != 0 {
		t.Error("who applied has read it, and that is not kept")
	}
	const by = "puoi chiedere il riesame entro il 23 dicembre 2026, ore 23:59"
	letter := member.get(state.link("Leggi la lettera")).wants(200, "Esito della domanda", "Il file è una fattura.", "Scrivi a ENPAP", by, "Chiedi il riesame")
	if text := member.get(theirs + "/esito.pdf").pdf(); !strings.Contains(text, by) {
		t.Errorf("the letter on paper does not say until when another look can be asked for:\n%s", text)
	}
	s.tell()
	if mail := s.text(`SELECT subject || ': ' || body FROM messages WHERE kind = 'b08' AND link = $1`, theirs+"/esito"); !strings.HasSuffix(mail, "che cosa puoi fare entro il 23 dicembre 2026, ore 23:59.") {
		t.Errorf("the message says %q", mail)
	}
	member.get(state.link("Chiedi il riesame")).wants(200, "23 dicembre 2026")
	nobody := s.browser()
	nobody.submit(nobody.get("/verifica-documento"), url.Values{"protocollo": {entryValue(letter, "Numero della lettera")}, "codice": {entryValue(letter, "Codice di verifica")}}).wants(200, "Il documento è autentico")

	// It is taken up again by two, with its reason.
	again := officer.get(kase+"/esito").wants(200, "La domanda ha già un esito: Inammissibile", "Perché si riprende la verifica")
	officer.submit(again, url.Values{"esito-proposto": {"in_review"}}).wants(422, "Scrivi il motivo")
	confirm = officer.submit(again, url.Values{"esito-proposto": {"in_review"}, "testo": {"Il documento era nel secondo file."}}).wants(200, "torna in verifica")
	officer.submit(confirm, nil).wants(200, "Esito proposto")
	approver.submit(approver.get(approval), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	member.get(theirs+"/esito").wants(200, "La domanda torna in verifica", "Il documento era nel secondo file.", "Lettere di prima")
	s.whole()
}

// undecided is a case that its member has just sent: which, and where an officer and an
// approver have it.
func (s *site) undecided() (id, kase, approval string) {
	s.Helper()
	member, review := s.finished()
	theirs := strings.TrimSuffix(member.submit(review, nil).wants(200, "Domanda inviata").URL.Path, "/inviata")
	id = theirs[strings.LastIndex(theirs, "/")+1:]
	return id, welfareWork + "/domande/" + id, welfareWork + "/approvazioni/" + id
}

// An officer finds another income than the register had, and the approver reads what was
// found and what it makes of the indemnity before they decide (F12).
func TestWhoApprovesReadsWhatWasFoundAndWhatItPays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, kase, approval := s.undecided()
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	propose := func() {
		confirm := officer.submit(officer.get(kase+"/esito"), url.Values{"esito-proposto": {"inadmissible"}}).wants(200, "Vuoi proporre questo esito?")
		officer.submit(confirm, nil).wants(200, "Esito proposto")
	}

	officer.submit(officer.get(kase+"/verifiche/V1"), url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	propose()
	page := approver.get(approval).wants(200, "Dichiarato e trovato", "All’invio", "Trovato", "V1 · Documento valido", "Rispetto alla domanda come inviata", "Indennità al giorno", "Punteggio")
	if rows := page.table("Dati diversi da quelli dichiarati o dei registri"); len(rows) != 1 {
		t.Errorf("only the document is found otherwise, and it shows %q", rows)
	}
	approver.submit(page, url.Values{"decisione": {"rimanda"}, "nota": {"Guarda il reddito."}}).wants(200, "Proposta rimandata")

	officer.submit(officer.get(kase+"/verifiche/V16"), url.Values{"verdetto": {"met"}, "nota": {"Comunicazione corretta."}, "reddito": {"9.125,00"}}).wants(200, "Verifica salvata")
	certificate := officer.get(kase + "/verifiche/V6")
	for _, field := range certificate.all("select") {
		if name := field.attr("name"); strings.HasPrefix(name, "lettura-") {
			officer.submit(certificate, url.Values{"verdetto": {"not_met"}, "nota": {"Non è un certificato."}, name: {"disallowed"}}).wants(200, "Verifica salvata")
			break
		}
	}
	propose()
	page = approver.get(approval)
	rows := strings.Join(page.table("Dati diversi da quelli dichiarati o dei registri"), "\n")
	for _, says := range []string{"V16 · Reddito del secondo anno precedente", "9.125,00", "V6 · Certificato iniziale con prognosi", "Non prova nulla"} {
		if !strings.Contains(rows, says) {
			t.Errorf("what was found does not say %q:\n%s", says, rows)
		}
	}
	figures := strings.Join(page.table("Valori a confronto"), "\n")
	if figures != strings.Join(officer.get(page.link("Vedi tutto il calcolo")).table("Valori a confronto"), "\n") || !strings.Contains(figures, "Indennità lorda 192,00 € 80,00 €") {
		t.Errorf("the figures are not those of the reckoning:\n%s", figures)
	}
}

// F12: a decision rests on what was found, and who found it does not decide, even where a
// colleague has proposed; on the screen, over HTTP and in the database.
func TestWhoExaminedACaseDoesNotApproveWhatAColleagueProposes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, kase, approval := s.undecided()
	officer, fellow, approver := s.welfareOfficer(), s.login(demo.WelfareFellow, "welfare"), s.login(demo.WelfareApprover, "welfare")
	fellow.submit(fellow.get(kase+"/verifiche/V1"), url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	fellow.post(kase+"/lascia", url.Values{}).wants(200)
	ask := officer.get(kase+"/esito").wants(200, "Le verifiche portano a questo esito: Inammissibile")
	officer.submit(officer.submit(ask, url.Values{"esito-proposto": {"inadmissible"}}), nil).wants(200, "Esito proposto")

	s.exec(`INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'approve', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareFellow)))
	fellow = s.login(demo.WelfareFellow, "welfare")
	own := fellow.get(approval).wants(200, "Hai registrato tu una verifica su cui si fonda questo esito")
	if n := len(own.one("main").all("form")); n != 0 {
		t.Errorf("%d forms let them decide", n)
	}
	decide := approver.get(approval)
	for _, how := range []url.Values{{"decisione": {"approva"}}, {"decisione": {"rimanda"}, "nota": {"x"}}} {
		fellow.post(approval, replay(decide, how)).wants(409, "Hai registrato tu una verifica")
	}
	if n := s.count(`SELECT count(*) FROM indemnity_decisions WHERE application_id = $1 AND state = 'proposed'`, id); n != 1 {
		t.Error("they decided")
	}
	approver.submit(decide, url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	s.whole()
}
