package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/ledongthuc/pdf"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// finished is the draft of the demo's member, with everything in it: the page that sends
// it. Its event ended three days ago, on Friday 20 November 2026.
func (s *site) finished() (*browser, page) {
	s.Helper()
	b := s.member(demo.Member)
	tasks := b.get(b.get(memberCases).wants(200, "Bozza").link("Continua")).wants(200, "La tua domanda")
	s.exec(`DELETE FROM indemnity_papers WHERE case_id = $1 AND attachment_id IS NULL`, caseOf(tasks))
	b.part(tasks, "attivita", url.Values{"esclusiva": {"si"}}).wants(200)
	b.part(tasks, "dichiarazioni", b.everyStatement(tasks)).wants(200)
	return b, b.get(tasks.URL.Path+"/riepilogo").wants(200, "Controlla i dati prima di inviare la domanda")
}

// everyStatement is the declarations of a draft, confirmed.
func (b *browser) everyStatement(tasks page) url.Values {
	b.Helper()
	all := url.Values{}
	for _, n := range b.get(tasks.URL.Path + "/dichiarazioni").all("input") {
		if n.attr("type") == "checkbox" {
			all.Set(n.attr("name"), "on")
		}
	}
	return all
}

// pdf is what a file says, as one line.
func (p page) pdf() (text string) {
	p.Helper()
	r, err := pdf.NewReader(strings.NewReader(p.Body), int64(len(p.Body)))
	if err != nil {
		p.Fatal(err)
	}
	for i := range r.NumPage() {
		said, err := r.Page(i + 1).GetPlainText(nil)
		if err != nil {
			p.Fatal(err)
		}
		text += said
	}
	return strings.ReplaceAll(text, "\n", " ")
}

func TestADraftIsCheckedSentAndReceipted(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, review := s.finished()
	review.wants(200, "lunedì 30 novembre 2026, ore 23:59", "Punteggio che risulta dai tuoi dati", "Modifica IBAN e contatti", "foto-1.jpg", "1 pagina", "copre dal",
		"Dopo l’invio non puoi più cambiare le risposte")
	s.At(noon.Add(2*time.Minute + 7*time.Second))
	sent := b.submit(review, nil).wants(200, "Domanda inviata", "23 novembre 2026 alle 12:02:07", "ENPAP-2026-", "Che cosa succede ora", "Previsto")
	if !strings.HasSuffix(sent.URL.Path, "/inviata") {
		t.Errorf("it leads to %s", sent.URL.Path)
	}
	b.submit(review, nil).wants(200, "Domanda inviata").silent("Hai già inviato") // the same form
	at := strings.TrimSuffix(sent.URL.Path, "/inviata")
	b.get(at+"/compila").wants(200, "Domanda ENPAP-2026-")
	again := b.post(at+"/compila/riepilogo", url.Values{"idem": {once.NewKey()}, "visto": {"x"}})
	again.wants(200, "Hai già inviato questa domanda")
	s.whole()

	receipt := b.get(at+"/ricevuta").wants(200, "Ricevuta della domanda", "impronta SHA-256", "Codice di verifica", "Dichiaro")
	code, protocol := entryValue(receipt, "Codice di verifica"), entryValue(receipt, "Protocollo")
	file := b.get(at + "/ricevuta.pdf")
	if file.Status != 200 || file.Header.Get("Content-Type") != "application/pdf" || !strings.Contains(file.Header.Get("Content-Disposition"), "ricevuta-"+protocol) {
		t.Fatalf("the receipt is %d, %s", file.Status, file.Header)
	}
	text := file.pdf()
	for _, want := range []string{protocol, code, "Elena Serra", "foto-1.jpg", "impronta SHA-256", "12:02", "/verifica-documento"} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF does not say %q:\n%s", want, text)
		}
	}

	nobody := s.browser()
	form := nobody.get("/verifica-documento").wants(200, "Verifica un documento")
	nobody.submit(form, nil).wants(422, "Inserisci il protocollo", "Inserisci il codice di verifica")
	nobody.submit(form, url.Values{"protocollo": {strings.ToLower(protocol)}, "codice": {strings.ToLower(code)}}).wants(200, "Il documento è autentico", "23 novembre 2026").silent("Serra")
	nobody.submit(form, url.Values{"protocollo": {protocol}, "codice": {"AAAA BBBB CCCC"}}).wants(200, "Nessun documento con questi dati")
}

// entryValue is the value of a line of a list of names and values.
func entryValue(p page, name string) string {
	for _, row := range p.all(".data-row") {
		if row.one("dt").text() == name {
			return row.one("dd").text()
		}
	}
	return ""
}

func TestTheLastSecondIsInTimeAndTheNextIsNot(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	end := calendar.NewDate(2026, 11, 30).End()
	s.At(end.Add(-10 * time.Minute))
	b, review := s.finished()
	s.At(end)
	late := b.submit(review, nil).wants(409, "Il termine è passato", "Il termine è passato alle 23:59 del 30 novembre 2026", "La bozza è stata salvata l’ultima volta il 30 novembre 2026 alle 23:50", "Scrivi a ENPAP")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.sent_late'`); n != 1 {
		t.Errorf("%d entries", n)
	}
	late.silent("Protocollo")
	s.At(end.Add(-time.Nanosecond * 1000))
	b.submit(review, nil).wants(200, "Domanda inviata", "30 novembre 2026 alle 23:59:59")
}

func TestADraftThatIsNotReadySaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.member(demo.Member)
	tasks := b.get(b.get(memberCases).link("Continua"))
	review := b.get(tasks.URL.Path+"/riepilogo").wants(200, "Mancano ancora alcune parti", "Completa: Attività professionale", "Completa: Dichiarazioni", "Completa: Certificati medici")
	if n := len(review.one("main").all("button")); n != 0 {
		t.Errorf("%d buttons send it all the same", n)
	}
	b.post(review.URL.Path, url.Values{"idem": {once.NewKey()}, "visto": {"x"}}).wants(409, "La domanda non è stata inviata", "Prima di inviare completa le parti che mancano")
	_, ready := s.finished()
	other := s.member(demo.Member)
	tasks = other.get(tasks.URL.Path)
	other.part(tasks, "contatti", url.Values{"telefono": {"333 123 4567"}}).wants(200)
	b.submit(ready, nil).wants(409, "I dati sono cambiati")
}

func TestWhatWasAskedIsAnsweredWithinItsTermAndNoLater(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	due := calendar.NewDate(2026, 12, 2).End()
	s.At(due.Add(-15 * time.Minute))
	b := s.member(demo.Member)
	list := b.get(memberCases).wants(200, "Documenti richiesti", "Rispondi entro il 2 dicembre 2026, ore 23:59")
	request := b.get(list.link("Rispondi")).wants(200, "ENPAP ti chiede documenti", "mercoledì 2 dicembre 2026, ore 23:59", "È un termine non prorogabile", "nella foto non si legge la durata della prognosi",
		"una copia leggibile dello stesso certificato", "Aperta la prima volta il")
	at := request.URL.Path
	b.submit(request, url.Values{"nota-V1": {"Il documento è in rinnovo."}, "poi": {"controlla"}}).wants(200, "Controlla la risposta prima di inviarla", "La risposta non è completa").silent("Invia la risposta")
	upload := b.get(at+"/voci/V6").wants(200, "Carica il documento", "una copia leggibile")
	days := fields(dayOf("data", 2026, 9, 24), dayOf("primo", 2026, 9, 24), dayOf("ultimo", 2026, 10, 8))
	b.hand(upload, "documento", "nota.txt", []byte("testo"), days).wants(422, "Carica un file PDF, JPG o PNG")
	b.hand(upload, "documento", "certificato.pdf", onePagePDF(), url.Values{}).wants(422)
	b.hand(b.get(at+"/voci/V6"), "documento", "certificato.pdf", onePagePDF(), days).wants(200, "Documento caricato", "certificato.pdf", "Sostituisci certificato.pdf")
	check := b.get(at+"/riepilogo").wants(200, "Invia la risposta", "Mancano ancora: Retro del documento", "Il documento è in rinnovo.", "Dopo l’invio puoi mandare un’altra risposta")
	stale, elsewhere := b.get(at), s.member(demo.Member)
	elsewhere.submit(elsewhere.get(at), url.Values{"nota-V1": {"Il documento nuovo arriva lunedì."}}).wants(200, "Risposta salvata")
	b.submit(check, nil).wants(409, "I dati sono cambiati")
	b.submit(stale, url.Values{"nota-V1": {"Testo di prima."}}).wants(409, "Testo di prima.")
	check = b.get(at + "/riepilogo").wants(200)
	s.At(due)
	b.submit(check, nil).wants(409, "Il termine è scaduto", "Era il 2 dicembre 2026 alle 23:59", "Il documento nuovo arriva lunedì.", "certificato.pdf").silent("Salva e controlla")
	b.get(at).wants(200, "Il termine è scaduto", "Termine scaduto")
	b.get(at+"/voci/V6").wants(200, "Il termine è scaduto")
	b.submit(check, nil).wants(409, "Il termine è scaduto") // the same form
	s.At(due.Add(-time.Microsecond))
	b.submit(b.get(at+"/riepilogo"), nil).wants(200, "Risposta inviata", "ENPAP-2026-", "2 dicembre 2026 alle 23:59:59")
	b.get(at).wants(200, "Risposta inviata", "ENPAP la sta valutando", "Mancano ancora: il retro intero del documento")
	file := strings.TrimSuffix(at[:strings.Index(at, "/richieste")], "/")
	b.get(file).wants(200, "Risposta ricevuta", "Tocca a ENPAP")
	b.get(file+"/documenti").wants(200, "(sostituito)", "certificato.pdf", "Puoi aggiungere documenti solo per rispondere a una richiesta")
	b.get(file+"/richieste").wants(200, "Documenti", "Risposta inviata")
	s.whole()
}

func TestAMemberReadsHowTheAmountComesAbout(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.member(demo.Member)
	file := caseOf(b.get(b.get(memberCases).link("Rispondi")))
	b.get(memberCases+"/"+file+"/calcolo").wants(200, "Limite del 2026", "39 su 180", "Ancora disponibili", "Calcolo provvisorio", "Giorni riconosciuti", "Durata totale", "25", "Primi giorni non pagati", "Reddito netto professionale", "21.900,00 €",
		"Indennità al giorno", "60,00 €", "Indennità lorda", "1.140,00 €", "Punti per l’ISEE", "dai registri di ENPAP", "dal bando", "Regola R43")
	cycles := s.member(demo.CyclesMember)
	list := cycles.get(memberCases).wants(200, "Inviata")
	cycles.get(list.link("Visualizza")+"/calcolo").wants(200, "Durata totale", "15")
	paid := s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.fiscal_code = $1 AND a.state = 'funded'`, string(fiscalCode(demo.CyclesMember)))
	cycles.get(memberCases+"/"+paid+"/calcolo").wants(200, "Fine terapia", "Pagati", "giorni, di cui 15 pagati").silent("Potrebbero essere pagati")
	owing := s.login(demo.Psychologist, "iscritto")
	owing.get(owing.get(memberCases).link("Visualizza")+"/calcolo").wants(200, "Debito con ENPAP", "331,00 €")
}

func TestAnApplicationIsWithdrawnOnItsOwnPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "iscritto")
	file := b.get(b.get(memberCases).wants(200, "Inviata").link("Visualizza")).wants(200, "Tocca a ENPAP", "A che punto è", "Graduatoria del bando")
	ask := b.get(file.URL.Path+"/ritira").wants(200, "Vuoi ritirare la domanda ENPAP-2026-", "Non puoi inviarne un’altra: il termine è passato", "Tieni la domanda")
	b.submit(ask, nil).wants(200, "Domanda ritirata", "Ritirata")
	b.get(ask.URL.Path).wants(409)
	b.submit(ask, nil).wants(200) // the same form
	b.get(memberCases).wants(200, "Ritirata")
}

func TestALookOfTheOfficeIsShownToWhoApplied(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.member(demo.Member)
	file := caseOf(b.get(b.get(memberCases).link("Rispondi")))
	b.get(memberCases+"/"+file+"/documenti").wants(200, "Non ancora").silent("Consultato da ENPAP il")
	officer := identity.Own(identity.PersonID(s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareOfficer)))), identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	paper := s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND kind = 'identity_front'`, file)
	if _, _, err := s.Portal.Papers.Read(s.Context(), officer, indemnity.PaperID(paper)); err != nil {
		t.Fatal(err)
	}
	b.get(memberCases+"/"+file+"/documenti").wants(200, "Consultato da ENPAP il 23 novembre 2026")
}

func TestAMemberHasACalendarOfTheirTerms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.member(demo.Member)
	page := b.get("/indennita-malattia-infortunio/calendario").wants(200, "Il tuo calendario", "rispondere a ENPAP")
	made := b.submit(page, url.Values{"azione": {"crea"}}).wants(200, "Indirizzo creato")
	feed := s.browser().get(made.one("#indirizzo-calendario").text())
	read, err := ics.ParseCalendar(strings.NewReader(feed.Body))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range read.Events() {
		if _, err := e.GetDtStampTime(); err != nil || e.Id() == "" || e.GetProperty(ics.ComponentPropertySummary).Value != "Scadenza: accedi al portale" ||
			e.GetProperty(ics.ComponentPropertyClass).Value != "PRIVATE" || e.GetProperty(ics.ComponentPropertyDtStart).ICalParameters["VALUE"][0] != "DATE" {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if feed.Status != http.StatusOK || strings.Count(feed.Body, "BEGIN:VEVENT") != 2 || !strings.Contains(feed.Body, "20261130") || !strings.Contains(feed.Body, "20261202") {
		t.Errorf("%d\n%s", feed.Status, feed.Body)
	}
	for _, word := range []string{"ENPAP", "ndennit", "alattia", "omanda"} {
		if strings.Contains(feed.Body, word) {
			t.Errorf("the calendar says %q", word)
		}
	}
}

func TestContributionsArePutRightAndTheOfficeIsTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "iscritto")
	file := caseOf(b.get(b.get(memberCases).link("Visualizza")))
	officer := identity.Own(identity.PersonID(s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareOfficer)))), identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	form, err := once.New(officer.Person, "indemnity.ask", once.NewKey(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Portal.Applications.Ask(s.Context(), officer, form, indemnity.CaseID(file), indemnity.Request{Kind: indemnity.Regularisation, Text: "Risulta un debito.\nPagalo o chiedi la compensazione."}); err != nil {
		t.Fatal(err)
	}
	list := b.get(memberCases).wants(200, "Regolarizzazione richiesta", "Rispondi entro il 9 dicembre 2026, ore 23:59") // the fifteenth day is the 8th, a holiday
	request := b.get(list.link("Rispondi")).wants(200, "Mettiti in regola con ENPAP", "Risulta un debito.", "312,40 €", "18,60 €", "pagoPA", "lo tratteniamo noi", "rateizzazione non basta", "Ho regolarizzato: avvisa ENPAP")
	at := request.URL.Path
	b.hand(b.get(at+"/voci/ricevuta").wants(200, "La ricevuta del pagamento"), "documento", "quietanza.pdf", onePagePDF()).wants(200, "Documento caricato", "quietanza.pdf")
	b.get(at+"/voci/ricevuta/togli").wants(200, "Vuoi togliere il documento?")
	check := b.submit(b.get(at), url.Values{"poi": {"controlla"}}).wants(200, "Controlla la risposta", "quietanza.pdf")
	b.submit(check, nil).wants(200, "Risposta inviata", "ENPAP-2026-")
	b.get(at).wants(200, "Risposta inviata", "ENPAP la sta valutando", "un’altra risposta")
	if n := s.count(`SELECT count(*) FROM indemnity_requests WHERE answer->>'regularised' = 'true' AND state = 'answered'`); n != 1 {
		t.Errorf("%d answers say that it is done", n)
	}
	b.get(at+"/riepilogo").wants(200, "Controlla la risposta") // another may follow within the term
	b.get(at + "/voci/nessuna").wants(404)
}

func TestWhoActsForAMemberDoesAndTheMemberKnows(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.text(`INSERT INTO mandates (kind, holder_id, represented_id, scope, from_day, until_day, channel)
		SELECT 'delegate', h.id, m.id, 'indemnity', '2026-01-01', '2027-12-31', 'online' FROM persons h, persons m WHERE h.fiscal_code = $1 AND m.fiscal_code = $2 RETURNING id::text`,
		string(fiscalCode(demo.Citizen)), string(fiscalCode(demo.Member)))
	b := s.login(demo.Citizen, "")
	profiles := b.get("/profili?ritorno=" + memberCases)
	value := ""
	for _, n := range profiles.all("input") {
		if n.attr("type") == "radio" && strings.Contains(profiles.Body, n.attr("value")) && n.attr("value") != "citizen" {
			value = n.attr("value")
		}
	}
	list := b.submit(profiles, url.Values{"profilo": {value}}).wants(200, "Elena Serra", "Documenti richiesti")
	at := b.get(list.link("Rispondi")).wants(200, "ENPAP ti chiede documenti").URL.Path
	b.get(at[:strings.Index(at, "/richieste")]+"/ritira").wants(200, "Vuoi ritirare")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.case_seen' AND mandate_id IS NOT NULL`); n == 0 {
		t.Error("nothing tells that somebody else looked")
	}
}
