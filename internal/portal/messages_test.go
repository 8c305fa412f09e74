package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

// ownThread is an address with a thread of a case in it, where it asks for one, and with
// a topic; a made-up name where there is no such case.
func (s *site) ownThread(of, route string) string {
	s.Helper()
	route = strings.ReplaceAll(route, "{argomento}", "termini")
	if !strings.Contains(route, "{conversazione}") || s.count(`SELECT count(*) FROM indemnity_applications WHERE id = $1`, of) == 0 {
		return strings.ReplaceAll(route, "{conversazione}", once.NewKey())
	}
	if s.count(`SELECT count(*) FROM indemnity_threads WHERE application_id = $1 AND closed_at IS NULL`, of) == 0 {
		s.exec(`INSERT INTO indemnity_threads (id, application_id, topic, opened_by, opened_at) SELECT gen_random_uuid(), id, 'terms', member_id, now() FROM indemnity_applications WHERE id = $1`, of)
		s.exec(`INSERT INTO indemnity_messages (id, thread_id, by_office, author_id, text, at)
			SELECT gen_random_uuid(), id, false, opened_by, 'Una domanda.', now() FROM indemnity_threads WHERE application_id = $1`, of)
	}
	return strings.ReplaceAll(route, "{conversazione}", s.text(`SELECT id::text FROM indemnity_threads WHERE application_id = $1 AND closed_at IS NULL`, of))
}

func TestAMemberWritesToTheOfficeAboutATopicAndReadsTheAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.member(demo.Member)
	file := b.get(memberCases).wants(200).link("Rispondi")
	file = file[:strings.Index(file, "/richieste")]
	tab := b.get(file+"/messaggi").wants(200, "Messaggi con ENPAP", "1 da leggere", "I documenti si mandano solo rispondendo a una richiesta", "(PDF, ")
	topics := b.get(tab.link("Scrivi a ENPAP")).wants(200, "Di che cosa vuoi scrivere a ENPAP?", "Termini e stato della domanda", "La scheda Calcolo e punteggio spiega ogni numero")
	if n := len(topics.one("main").all("textarea")); n != 0 {
		t.Error("there is a chat before there is a topic")
	}
	ask := b.get(topics.link("Pagamento")).wants(200, "Il tuo messaggio", "Non serve parlare della tua salute")
	if n := len(ask.one("main").all(`input`)); n != 1 { // the key of the form
		t.Errorf("%d inputs beside the text", n)
	}
	b.submit(ask, url.Values{"testo": {" \r\n "}}).wants(422, "Scrivi il messaggio")
	b.submit(ask, url.Values{"testo": {strings.Repeat("x", 2001)}}).wants(422, "scrivi al massimo 2.000 caratteri")
	b.submit(ask, url.Values{"testo": {"nasco\u202esto"}}).wants(422, "nascosto")
	const text = "Quando arriva?\r\n<script>alert(1)</script>"
	sent := b.submit(ask, url.Values{"testo": {text}}).wants(200, "Messaggio inviato", "Quando arriva?", "<script>alert(1)</script>", "Aperto")
	b.submit(ask, url.Values{"testo": {text}}).wants(200) // the same form
	if n := s.count(`SELECT count(*) FROM indemnity_messages WHERE text LIKE 'Quando arriva?%'`); n != 1 {
		t.Fatalf("%d messages", n)
	}
	thread := sent.URL.Path
	if to := b.get(file + "/messaggi/nuovo").link("Pagamento"); to != thread {
		t.Errorf("an open topic leads to %s", to)
	}
	b.get(file + "/messaggi/nuovo/salute").wants(http.StatusNotFound)

	o := s.welfareOfficer()
	list := o.get("/gestione/enpap/messaggi").wants(200, "Messaggi delle domande", "Aspetta una risposta", "Da leggere", "Elena Serra")
	o.get("/gestione/enpap/messaggi?argomento=altro").wants(200, "Nessun argomento aperto")
	work := o.get(list.link("Pagamento")).wants(200, "Quando arriva?", "Chi legge vede «ENPAP», non il tuo nome")
	o.submit(work, url.Values{"testo": {""}}).wants(422, "Scrivi il messaggio")
	o.submit(work, url.Values{"testo": {"Dopo la graduatoria."}}).wants(200, "Messaggio inviato", "Dopo la graduatoria.", "Silvia Costa")
	o.get("/gestione/enpap/messaggi").wants(200, "Risposta data").silent("Da leggere")
	b.get(thread[:strings.LastIndex(thread, "/")]).wants(200, "1 da leggere")
	b.get("/indennita-malattia-infortunio/domande/messaggi").wants(200, "Messaggi", "1 da leggere", "da: ENPAP")
	read := b.get(thread).wants(200, "Dopo la graduatoria.", "Letto da ENPAP il 23 novembre 2026").silent("Silvia", "Costa")
	all := b.get("/indennita-malattia-infortunio/domande/messaggi").wants(200, "da: ENPAP")
	if n := strings.Count(all.Body, "1 da leggere"); n != 1 { // what the office had answered before
		t.Errorf("%d threads are unread", n)
	}
	if read.Header.Get("Cache-Control") != "no-store" {
		t.Error("a thread is kept in a cache")
	}

	for _, stranger := range []*browser{s.member(demo.CyclesMember), s.login(demo.Psychologist, "iscritto")} {
		stranger.get(thread).wants(http.StatusNotFound).silent("Quando arriva")
		stranger.post(thread, url.Values{"idem": {once.NewKey()}, "testo": {"x"}}).wants(http.StatusNotFound)
	}
	approver := s.login(demo.WelfareApprover, "welfare")
	approver.get(work.URL.Path).wants(200, "Dopo la graduatoria.").silent("Invia la risposta", "Chiudi l’argomento")
	approver.post(work.URL.Path, url.Values{"idem": {once.NewKey()}, "testo": {"x"}}).wants(http.StatusForbidden)
	payer := s.login(demo.WelfarePayer, "welfare")
	payer.get("/gestione/enpap/messaggi").wants(200, "Pagamento")
	payer.get(work.URL.Path).wants(http.StatusForbidden).silent("Quando arriva")

	closing := o.get(work.URL.Path+"/chiudi").wants(200, "Vuoi chiudere l’argomento «Pagamento»?", "Lascia aperto")
	o.submit(closing, nil).wants(200, "Argomento chiuso", "Chiuso")
	o.get(closing.URL.Path).wants(http.StatusConflict)
	b.submit(read, url.Values{"testo": {"Ancora una cosa."}}).wants(http.StatusConflict, "ENPAP ha chiuso questo argomento")
	b.get(thread).wants(200, "Chiuso", "torna ai messaggi e scrivi di nuovo")
	if strings.Contains(s.Logged.String(), "graduatoria.") || strings.Contains(s.Logged.String(), "Quando arriva") {
		t.Error("the log says what was written")
	}
	s.whole()
}

func TestAWithdrawnApplicationOpensNoTopic(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "iscritto")
	file := b.get(memberCases).wants(200, "Inviata").link("Visualizza")
	b.submit(b.get(file+"/messaggi/nuovo/termini"), url.Values{"testo": {"Una domanda."}}).wants(200)
	b.submit(b.get(file+"/ritira"), nil).wants(200, "Ritirata")
	b.get(file+"/messaggi").wants(200, "Termini e stato della domanda", "non si aprono nuovi argomenti").silent("Scrivi a ENPAP")
	b.get(file + "/messaggi/nuovo").wants(http.StatusConflict)
}

func TestAConfirmationIsRatedByNobodyInParticular(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "iscritto")
	file := b.get(memberCases).wants(200, "Inviata").link("Visualizza")
	sent := b.get(file+"/inviata").wants(200, "Quanto è stato facile usare questo servizio?", "Scarica la ricevuta (PDF, ")
	pdf := b.get(sent.link("Scarica la ricevuta"))
	sent.wants(200, fmt.Sprintf("Scarica la ricevuta (PDF, %d kB)", len(pdf.Body)>>10))
	b.submit(sent, nil).wants(422, "Scegli un voto da 1 a 5")
	why := b.submit(sent, url.Values{"voto": {"4"}}).wants(200, "Grazie per il voto", "Che cosa ha contato di più?")
	b.submit(why, url.Values{"motivo": {"clarity"}}).wants(200, "Le risposte ci aiutano")
	b.submit(why, nil).wants(200, "Le risposte ci aiutano")
	b.post("/valutazione", url.Values{"pagina": {"/domande/1"}, "voto": {"4"}}).wants(http.StatusNotFound)
	if n := s.count(`SELECT count(*) FROM ratings WHERE page = 'indemnity_sent' AND score = 4 AND count = 1`); n != 2 { // one for the score, one for why
		t.Errorf("%d counts", n)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action LIKE '%rating%'`); n != 0 {
		t.Error("the register says who rated")
	}
	grave := s.member(demo.CyclesMember)
	grave.get(grave.get(memberCases).wants(200, "Inviata").link("Visualizza")+"/inviata").wants(200, "Domanda inviata").silent("Quanto è stato facile")
}
