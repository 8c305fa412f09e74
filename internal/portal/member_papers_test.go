package portal_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/postgres/pgtest"
)

// exec changes the database behind the back of the portal.
func (s *site) exec(sql string, args ...any) {
	s.Helper()
	if err := pgtest.OnRecord(s.Context(), s.Pool, sql, args...); err != nil {
		s.Fatal(err)
	}
}

// certificate is what is typed of one.
func certificate(kind string, issued, from, to url.Values) url.Values {
	return fields(url.Values{"tipo": {kind}}, issued, from, to)
}

// photo is a picture that no other is.
func photo(width int) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, width, 20)), nil)
	return b.Bytes()
}

// certified hands in a certificate of a draft, and is before the page that asks whether
// it can be read.
func (b *browser) certified(tasks page, name string, content []byte, typed url.Values) page {
	b.Helper()
	return b.hand(b.get(tasks.URL.Path+"/certificati/aggiungi").wants(200), "documento", name, content, typed)
}

// caseOf is the case in the address of a page.
func caseOf(p page) string { return strings.Split(p.URL.Path, "/")[3] }

func TestAGapInTheCertificatesIsSeenAndMended(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu) // 29 October to 18 November
	list := tasks.URL.Path + "/certificati"
	b.get(list).wants(200, "Non hai ancora caricato certificati", "Com’è fatto un certificato che va bene", "Un referto senza giorni non basta",
		"Certificato iniziale con i giorni di prognosi", "Senza questo la domanda è inammissibile").silent("Giorni coperti")

	p := b.certified(tasks, "iniziale.jpg", photo(30), certificate("initial_prognosis", dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 6)))
	p.wants(200, "È leggibile?", "iniziale.jpg", "Impronta (SHA-256)", "Sostituisci il file", "Elimina iniziale.jpg")
	if opened := b.get(p.link("Scarica iniziale.jpg")); opened.Header.Get("Content-Type") != "image/jpeg" || opened.Body != string(photo(30)) ||
		!strings.HasPrefix(opened.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v", opened.Status, opened.Header)
	}
	p = b.certified(tasks, "prosecuzione.pdf", onePagePDF(), certificate("extension_prognosis", dayOf("data", 2026, 11, 10), dayOf("primo", 2026, 11, 9), dayOf("ultimo", 2026, 11, 18)))
	p.wants(200, "È leggibile?")
	gap := b.get(p.link("Sì, si legge")).wants(200, "Mancano 2 giorni: dal 7 all’8 novembre 2026", "Puoi continuare, ma quei giorni potrebbero non essere pagati",
		"I certificati coprono questi giorni: dal 29 ottobre al 6 novembre 2026 e dal 9 al 18 novembre 2026", "È stato rilasciato dopo il primo giorno che copre",
		"Giorni coperti dai certificati", "Primi giorni non pagati", "In tutto 21 giorni, di cui 3 potrebbero essere pagati",
		"Con questi certificati la stima è", "Se tutti i giorni fossero coperti")
	if len(gap.all(".day-lacking")) < 2 || len(gap.all(".day-first")) < 2 || len(gap.all(".day-covered")) != 3 {
		t.Error("the picture does not draw it")
	}

	form := b.get(gap.link("Modifica prosecuzione.pdf")).wants(200, "Prosecuzione", "prosecuzione.pdf")
	b.hand(form, "documento", "", nil, certificate("extension_prognosis", dayOf("data", 2026, 11, 7), dayOf("primo", 2026, 11, 7), dayOf("ultimo", 2026, 11, 18))).
		wants(200, "Ogni giorno del periodo ha un certificato", "In tutto 21 giorni, di cui 15 potrebbero essere pagati").
		silent("Mancano", "è stato rilasciato dopo", "Se tutti i giorni fossero coperti")
	b.get(tasks.URL.Path).wants(200, "Completata in 3 parti su 10")
	s.whole()
}

func TestNothingTypedIsLostWithAFile(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu)
	list, typed := tasks.URL.Path+"/certificati", certificate("initial_prognosis", dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 18))

	// No file, or one that is none: what it is stands, and waits for its file.
	p := b.certified(tasks, "a.docx", []byte("PK\x03\x04"), typed).wants(422, "Carica un file PDF, JPG o PNG")
	if p.form().attr("action") == list+"/aggiungi" || len(p.all("input")) == 0 || p.one("#ultimo").attr("value") != "18" {
		t.Error("the form does not hold what was typed")
	}
	b.get(list).wants(200, "Manca il file", "finché non lo carichi questo documento non conta", "29/10/2026 – 18/11/2026")
	b.get(tasks.URL.Path).wants(200, "In corso")
	b.hand(p, "documento", "c.pdf", onePagePDF(), typed).wants(200, "È leggibile?")
	b.get(list).wants(200, "c.pdf").silent("Manca il file")
	if n := s.count(`SELECT count(*) FROM indemnity_papers WHERE case_id = $1`, caseOf(tasks)); n != 1 {
		t.Errorf("%d papers", n)
	}

	// What cannot be so is said beside its field, and the file is to be chosen again.
	wrong := fields(typed, dayOf("ultimo", 2026, 10, 1))
	b.certified(tasks, "d.pdf", photo(40), wrong).wants(422, "L’ultimo giorno viene prima del primo", "Scegli di nuovo il file")
	b.certified(tasks, "d.pdf", photo(40), fields(typed, dayOf("data", 2026, 11, 24))).wants(422, "La data del certificato deve essere oggi o prima")
	b.certified(tasks, "d.pdf", photo(40), fields(typed, url.Values{"tipo": {"isee"}})).wants(422, "Scegli che documento è")
	b.certified(tasks, "d.pdf", photo(40), fields(typed, url.Values{"primo-giorno": {"31"}, "primo-mese": {"2"}})).wants(422, "Scrivi la data con giorno, mese e anno")
	b.certified(tasks, "", nil, certificate("initial_prognosis", nil, nil, nil)).wants(422, "Inserisci la data del certificato")
	if n := s.count(`SELECT count(*) FROM indemnity_papers WHERE case_id = $1`, caseOf(tasks)); n != 1 {
		t.Errorf("%d papers", n)
	}

	ask := b.get(b.get(list).link("Elimina c.pdf")).wants(200, "Vuoi eliminare c.pdf?", "Non si può tornare indietro")
	if strings.Contains(ask.title(), "c.pdf") {
		t.Errorf("the window says %q", ask.title())
	}
	b.submit(ask, nil).wants(200, "c.pdf non c’è più", "Non hai ancora caricato certificati")
	s.whole()
}

func TestAnIdentityDocumentHasTwoSidesAndAnEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu)
	at := tasks.URL.Path + "/documento"
	b.get(at).wants(200, "Senza questo la domanda è inammissibile", "Fronte", "Retro", "Fronte e retro insieme")
	front := b.hand(b.get(at+"/fronte").wants(200, "Carica il fronte"), "documento", "fronte.jpg", photo(30)).wants(200, "È leggibile?")
	b.get(front.link("Sì, si legge")).wants(200, "Retro del documento di riconoscimento", "Se manca ENPAP te lo chiederà: avrai 15 giorni").silent("inammissibile")
	b.hand(b.get(at+"/retro"), "documento", "retro.png", []byte("x")).wants(422, "Carica un file PDF, JPG o PNG")
	b.hand(b.get(at+"/retro"), "documento", "retro.jpg", photo(31)).wants(200)
	both := b.get(at).wants(200, "fronte.jpg", "retro.jpg").silent("avrai 15 giorni")
	b.submit(both, dayOf("scadenza", 2026, 11, 22)).wants(422, "Il documento è scaduto il 22 novembre 2026: carica un documento valido")
	b.submit(both, nil).wants(422, "Inserisci la scadenza del documento")
	b.submit(both, dayOf("scadenza", 2030, 5, 1)).wants(200)
	b.get(tasks.URL.Path).wants(200, "Completata in 3 parti su 10")
	// Another file in its place.
	b.hand(b.get(b.get(at).link("Sostituisci fronte.jpg")).wants(200, "fronte.jpg"), "documento", "fronte-2.jpg", photo(33)).wants(200)
	b.get(at).wants(200, "fronte-2.jpg").silent("fronte.jpg")
}

func TestTheFileOfAnAnswerHasAPlaceOfItsOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu)
	p := b.part(tasks, "isee", url.Values{"isee": {"si"}, "valore": {"18.250,00"}, "anno": {"2026"}})
	p.wants(200, "Carica l’attestazione ISEE")
	b.hand(p, "documento", "isee.pdf", onePagePDF()).wants(200, "È leggibile?", "il valore dell’ISEE")
	b.get(tasks.URL.Path+"/isee").wants(200, "isee.pdf", "Sostituisci il file")
	b.part(tasks, "coperture", url.Values{"copertura": {"si"}, "quale": {"INAIL"}})
	b.hand(b.get(tasks.URL.Path+"/coperture/file").wants(200), "documento", "inail.pdf", onePagePDF()).wants(200, "È leggibile?")
	b.get(tasks.URL.Path+"/coperture").wants(200, "inail.pdf")
	b.get(tasks.URL.Path + "/documento/terzo").wants(404)
	b.get(tasks.URL.Path + "/documento/file").wants(404)
}

func TestTheCauseDecidesWhichCertificatesAreAskedFor(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.CyclesMember)
	tasks := b.begun(answers("cycles", "si", dayOf("primo", 2026, 9, 1), dayOf("ultimo", 2026, 11, 18)))
	b.get(tasks.URL.Path+"/certificati").wants(200, "Certificato di fine terapia con l’elenco dei giorni di stop", "Senza questo la domanda è inammissibile")
	b.get(tasks.URL.Path+"/certificati/aggiungi").wants(200, "Certificato di fine terapia", "Ricovero o dimissione").silent("prosecuzione")
	b.certified(tasks, "fine.pdf", onePagePDF(), certificate("cycle_final", dayOf("data", 2026, 11, 10), nil, nil)).wants(200, "È leggibile?")
	b.get(tasks.URL.Path+"/certificati").wants(200, "fine.pdf", "rilasciato prima dell’ultimo giorno di stop")

	other := s.member(demo.Member)
	tasks = other.begun(answers("interrupted", "si", dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 18)))
	other.get(tasks.URL.Path+"/certificati").wants(200, "Provvedimento della ASL con il numero di protocollo", "basta il provvedimento della ASL")
	other.get(tasks.URL.Path+"/certificati/aggiungi").wants(200, "Provvedimento della ASL", "Certificato di prosecuzione")
}

func TestPapersOfADraftAreNobodyElses(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(flu)
	p := b.certified(tasks, "c.pdf", onePagePDF(), certificate("initial_prognosis", dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 18)))
	file, change, drop := p.link("Scarica c.pdf"), p.link("Sostituisci il file"), p.link("Elimina c.pdf")
	other := s.member(demo.CyclesMember)
	theirs := other.begun(flu)
	for _, at := range []string{file, change, drop, p.URL.Path} {
		other.get(at).wants(404)
		other.get(strings.Replace(at, tasks.URL.Path, theirs.URL.Path, 1)).wants(404)
	}
	other.get(strings.Replace(file, strings.TrimSuffix(tasks.URL.Path, "/compila"), strings.TrimSuffix(theirs.URL.Path, "/compila"), 1)).wants(404)
	stranger := s.login(demo.Citizen, "")
	if p := stranger.get(file); p.Status == http.StatusOK {
		t.Errorf("a citizen reads it: %d", p.Status)
	}
	opened := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.paper_opened'`)
	b.get(file).wants(200)
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.paper_opened'`); n != opened+1 {
		t.Errorf("written down %d times", n-opened)
	}
	s.exec(`UPDATE indemnity_drafts SET answers = '{}', sent_at = now() WHERE id = $1`, caseOf(tasks))
	if n := b.post(drop, url.Values{}).Status; n != http.StatusConflict && n != http.StatusUnprocessableEntity {
		t.Errorf("taken out of what was sent: %d", n)
	}
}
