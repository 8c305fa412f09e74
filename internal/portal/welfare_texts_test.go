package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
)

const (
	textsAddress = "/gestione/enpap/modelli"
	viewsAddress = "/gestione/enpap/viste"
)

// ownView is a view of the list that somebody keeps.
func (s *site) ownView(code identity.FiscalCode) string {
	s.Helper()
	return s.text(`INSERT INTO work_views (id, owner_id, slot, name, filters, saved_at) SELECT gen_random_uuid(), id, 1, 'Eredi', 'caso=eredi', now() FROM persons WHERE fiscal_code = $1
		ON CONFLICT ON CONSTRAINT view_has_a_slot_of_its_own DO UPDATE SET saved_at = now() RETURNING id::text`, string(code))
}

// texts are the values of one column.
func (s *site) texts(sql string) (all []string) {
	s.Helper()
	rows, _ := s.Pool.Query(s.Context(), sql)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		s.Fatal(err)
	}
	return all
}

const longSentence = "Per esaminare la domanda {protocollo} ci servono i documenti indicati qui sotto, che devi mandare dal portale entro {giorni} giorni da quando ricevi questa richiesta, perché dopo non possiamo più accettarli."

func TestATextIsProposedByOneApprovedByAnotherAndOfferedToOfficers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.WelfareOfficer, "welfare"), s.login(demo.WelfareApprover, "welfare")
	list := officer.get(textsAddress).wants(200, "Modelli di testo", "Richiesta di documenti", "V1 · ", "documento da mandare di nuovo", "Lettera di esito: Idonea", "Testo iniziale del portale")
	one := officer.get(list.link("Richiesta di documenti")).wants(200, "Nessuna frase ha più di 25 parole.", "ENPAP-2026-001234", "{protocollo}", "Hai 15 giorni da quando ricevi")

	officer.submit(one, url.Values{"testo": {"  "}}).wants(422, "Scrivi il testo")
	officer.submit(one, url.Values{"testo": {"Caro {cognome}, scrivici {entro."}}).wants(422, "Queste variabili non esistono in questo modello: {cognome}, {", "Caro {cognome}")
	officer.submit(one, nil).wants(422, "Il testo è uguale a quello in vigore")
	officer.submit(one, url.Values{"testo": {strings.Repeat("x", 2001)}}).wants(422, "Il testo è troppo lungo")
	check := officer.submit(one, url.Values{"testo": {longSentence}}).wants(200, "Vuoi proporre questo testo?", "Una frase ha più di 25 parole", "parole: «Per esaminare la domanda ENPAP-2026-001234")
	if got := check.one("mark").text(); !strings.HasPrefix(got, "Per esaminare") {
		t.Errorf("%q is highlighted", got)
	}
	officer.submit(check, nil).wants(200, "Testo proposto", "ha proposto un altro testo", "Versione 1: da approvare")
	officer.submit(check, nil).wants(200) // sent twice, proposed once
	if n := s.count(`SELECT count(*) FROM text_versions WHERE key = 'richiesta-documenti'`); n != 1 {
		t.Errorf("%d versions", n)
	}
	// Who proposed sees it and cannot decide; a colleague’s page is refused with what they typed.
	officer.get(textsAddress+"/richiesta-documenti/decidi").wants(200, "Chi istruisce le domande non approva i testi").silent("Registra la decisione")
	late := officer.submit(one, url.Values{"testo": {"Un altro testo."}}).wants(409, "La proposta non è stata registrata", "Un altro testo.")
	officer.submit(late, url.Values{"testo": {"Un altro testo."}}).wants(409)

	ask := approver.get(textsAddress+"/richiesta-documenti/decidi").wants(200, "Decidi sul testo proposto", "Una frase ha più di 25 parole", "Nessuna frase ha più di 25 parole.")
	approver.submit(ask, nil).wants(422, "Scegli se approvare o rimandare")
	approver.submit(ask, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi la proposta")
	approver.submit(ask, url.Values{"decisione": {"rimanda"}, "motivo": {"Una frase sola per riga."}}).wants(200, "L’ha rimandata Franco Leone", "Una frase sola per riga.")
	approver.post(textsAddress+"/richiesta-documenti/decidi", url.Values{"idem": {once.NewKey()}, "versione": {"1"}, "decisione": {"approva"}}).wants(409, "Su questa proposta ha già deciso un’altra persona")

	again := officer.get(textsAddress + "/richiesta-documenti")
	officer.submit(officer.submit(again, url.Values{"testo": {"Ci servono altri documenti per la domanda {protocollo}."}}), nil).wants(200, "Testo proposto")
	approver.submit(approver.get(textsAddress+"/richiesta-documenti/decidi"), url.Values{"decisione": {"approva"}}).wants(200, "Testo approvato", "Ci servono altri documenti per la domanda ENPAP-2026-001234.", "Versione 2, approvata")
	officer.get(textsAddress).wants(200, "Versione 2, approvata")
	officer.get(textsAddress + "/nulla").wants(404)
	approver.get(textsAddress+"/esito-idonea").wants(200, "I testi li propone chi istruisce le domande.").silent("Controlla il testo")
	approver.post(textsAddress+"/esito-idonea", url.Values{"idem": {once.NewKey()}, "versione": {"0"}, "testo": {"x"}}).wants(403)
	officer.post(textsAddress+"/esito-idonea/decidi", url.Values{"idem": {once.NewKey()}, "versione": {"1"}, "decisione": {"approva"}}).wants(403)
	if n := s.count(`SELECT count(*) FROM audit WHERE action LIKE 'indemnity.text_%' AND at >= $1`, noon); n != 4 {
		t.Errorf("%d entries", n)
	}
}

// Who has both duties still needs somebody else.
func TestNobodyApprovesATextOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.text(`INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'approve', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1 RETURNING ''`, string(fiscalCode(demo.WelfareOfficer)))
	both := s.login(demo.WelfareOfficer, "welfare")
	ask := both.get(textsAddress + "/manca-altra-copertura")
	both.submit(both.submit(ask, url.Values{"da-mandare": {"il documento, con i giorni"}}), nil).wants(200, "Testo proposto")
	both.get(textsAddress+"/manca-altra-copertura/decidi").wants(200, "Hai proposto tu questo testo").silent("Registra la decisione")
	for _, act := range []string{"approva", "rimanda"} {
		both.post(textsAddress+"/manca-altra-copertura/decidi", url.Values{"idem": {once.NewKey()}, "versione": {"1"}, "decisione": {act}, "motivo": {"x"}}).wants(409, "Hai proposto tu questo testo")
	}
	if n := s.count(`SELECT count(*) FROM text_versions WHERE state = 'proposed' AND key = 'manca-altra-copertura'`); n != 1 {
		t.Errorf("%d wait", n)
	}
}

func TestTheTextsInForceAreOfferedForLettersAndRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.WelfareOfficer, "welfare")
	s.text(`INSERT INTO text_versions (id, key, number, text, proposed_by, proposed_at, state, decided_by, decided_at)
		SELECT gen_random_uuid(), k, 1, 'Pratica {protocollo} chiusa.', a.id, now(), 'approved', b.id, now()
		FROM persons a, persons b, unnest('{esito-idonea,esito-esclusa,esito-inammissibile,esito-decaduta}'::text[]) k WHERE a.fiscal_code = $1 AND b.fiscal_code = $2 RETURNING ''`,
		string(fiscalCode(demo.WelfareOfficer)), string(fiscalCode(demo.WelfareApprover)))
	member, review := s.finished()
	sent := member.submit(review, nil).wants(200, "Domanda inviata")
	parts := strings.Split(sent.URL.Path, "/")
	kase := welfareList + "/" + parts[len(parts)-2]
	s.text(`INSERT INTO text_versions (id, key, number, text, send, proposed_by, proposed_at, state, decided_by, decided_at)
		SELECT gen_random_uuid(), k, 1, 'Da {protocollo} in {giorni} giorni', CASE k WHEN 'spiega-v1' THEN 'articolo {articolo}' ELSE '' END, a.id, now(), 'approved', b.id, now()
		FROM persons a, persons b, unnest('{richiesta-documenti,spiega-v1}'::text[]) k WHERE a.fiscal_code = $1 AND b.fiscal_code = $2 RETURNING ''`,
		string(fiscalCode(demo.WelfareOfficer)), string(fiscalCode(demo.WelfareApprover)))
	request := officer.get(kase+"/richieste/nuova?tipo=integrazione").wants(200, "Da ENPAP-2026-", " in 15 giorni")
	said := ""
	for _, n := range request.all("textarea, input") {
		said += " " + n.attr("value") + " " + n.text()
	}
	if !strings.Contains(said, "articolo 3") || strings.Count(said, "in 15 giorni") != 2 {
		t.Errorf("the request is offered to say %s", said)
	}

	officer.submit(officer.get(kase+"/verifiche/V1"), url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	ask := officer.get(kase + "/esito").wants(200)
	if got := ask.one("textarea").text(); !strings.HasPrefix(got, "Pratica ENPAP-2026-") || !strings.HasSuffix(got, " chiusa.") {
		t.Errorf("the letter is offered to say %q", got)
	}
}

func TestTermsStandByDayAndLeaveWithoutNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.WelfareOfficer, "welfare")
	terms := s.count(`SELECT count(*) FROM indemnity_requests q JOIN indemnity_applications a ON a.id = q.application_id WHERE q.state = 'open' AND q.due_on IS NOT NULL AND a.state IN ('submitted', 'in_review')`) +
		s.count(`SELECT count(*) FROM indemnity_reexaminations WHERE state IN ('asked', 'proposed')`)
	if terms == 0 {
		t.Fatal("the demo has no terms")
	}
	page := officer.get("/gestione/enpap/termini").wants(200, "Calendario dei termini", "Scadono oggi", "Documenti richiesti", "Riesame da decidere")
	rows := 0
	for _, row := range page.all("tr") {
		if row.has("id") {
			rows++
		}
	}
	if rows != terms {
		t.Errorf("%d rows of %d terms", rows, terms)
	}
	due := s.text(`SELECT to_char(min(due_on), 'YYYYMMDD') FROM indemnity_requests WHERE state = 'open'`)
	file := officer.get("/gestione/enpap/termini.ics").wants(200)
	if kind := file.Header.Get("Content-Type"); kind != "text/calendar; charset=utf-8" {
		t.Error(kind)
	}
	if n := strings.Count(file.Body, "BEGIN:VEVENT"); n != terms || !strings.Contains(file.Body, "DTSTART;VALUE=DATE:"+due) {
		t.Errorf("%d events, the first not on day %s\n%s", n, due, file.Body)
	}
	for _, name := range s.texts(`SELECT DISTINCT p.family_name FROM persons p JOIN indemnity_applications a ON a.member_id = p.id`) {
		if strings.Contains(file.Body, name) {
			t.Errorf("the file names %s", name)
		}
	}
	s.At(noon.AddDate(0, 2, 0))
	officer = s.login(demo.WelfareOfficer, "welfare")
	officer.get("/gestione/enpap/termini").wants(200, "Scaduti", "aspett")
	officer.get("/gestione/enpap/termini?chi=miei").wants(200, "Delle tue domande")
	if n := s.count(`SELECT count(*) FROM exports WHERE filters LIKE 'terms%'`); n != 1 {
		t.Errorf("%d files on record", n)
	}
	payer := s.login(demo.WelfarePayer, "welfare")
	payer.get("/gestione/enpap/termini").wants(200).silent("Scarica il calendario")
	payer.get("/gestione/enpap/termini.ics").wants(403)
}

func TestViewsAreKeptByNameForOneOfficer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.WelfareOfficer, "welfare"), s.login(demo.WelfareApprover, "welfare")
	officer.get(viewsAddress).wants(200, "Non hai ancora viste")
	officer.get(viewsAddress+"/nuova?stato=felice&dopo=1").wants(200, "Tutti gli stati") // the list
	officer.post(viewsAddress+"/nuova", url.Values{"idem": {once.NewKey()}, "nome": {"Tutte"}, "stato": {"felice"}}).wants(422)
	list := officer.get(welfareList+"?stato=in-verifica&caso=eredi&termine=x").wants(200, "Salva questa vista")
	ask := officer.get(list.link("Salva questa vista")).wants(200, "Stato: In verifica", "Caso: Eredi").silent("Termine")
	officer.submit(ask, nil).wants(422, "Scrivi un nome")
	officer.submit(ask, url.Values{"nome": {strings.Repeat("x", 61)}}).wants(422, "Scrivi un nome, con al massimo 60 caratteri")
	officer.submit(ask, url.Values{"nome": {"  Eredi  in verifica "}}).wants(200, "Vista salvata", "Eredi in verifica", "Stato: In verifica")
	officer.submit(officer.get(viewsAddress+"/nuova?caso=eredi"), url.Values{"nome": {"EREDI in verifica"}}).wants(422, "Hai già una vista con questo nome")
	officer.submit(officer.get(viewsAddress+"/nuova?operatore=a-me"), url.Values{"nome": {"Mie"}, "apri": {"si"}}).wants(200, "L’elenco si apre con questa")

	opened := officer.get(welfareList).wants(200, "Eredi in verifica", "Mie")
	if opened.URL.RawQuery != "operatore=a-me" {
		t.Errorf("the list opens with %q", opened.URL.RawQuery)
	}
	whole := officer.get(opened.link("Togli i filtri")).wants(200)
	if whole.URL.RawQuery != "vista=tutte" {
		t.Errorf("without filters it is %q", whole.URL.RawQuery)
	}
	officer.get("/gestione/enpap").wants(200, "Eredi in verifica", "Mie")
	approver.get("/gestione/enpap").wants(200).silent("Eredi in verifica")

	id := s.text(`SELECT id::text FROM work_views WHERE name = 'Mie'`)
	change := officer.get(viewsAddress+"/"+id).wants(200, "Modifica «Mie»")
	approver.get(viewsAddress + "/" + id).wants(404)
	approver.post(viewsAddress+"/"+id, url.Values{"idem": {once.NewKey()}, "nome": {"Sue"}}).wants(404)
	approver.post(viewsAddress+"/"+id+"/elimina", url.Values{"idem": {once.NewKey()}}).wants(404)
	officer.post(viewsAddress+"/"+id, url.Values{"idem": {change.hidden("idem")}, "nome": {"Le mie"}}).wants(200, "Le mie")
	if opened := officer.get(welfareList); opened.URL.RawQuery != "" {
		t.Errorf("the list still opens with %q", opened.URL.RawQuery)
	}
	drop := officer.get(viewsAddress+"/"+id+"/elimina").wants(200, "Vuoi eliminare la vista «Le mie»?")
	officer.submit(drop, nil).wants(200, "Vista eliminata").silent("Le mie»")
	officer.submit(drop, nil).wants(200)
	s.text(`INSERT INTO work_views (id, owner_id, slot, name, filters, saved_at)
		SELECT gen_random_uuid(), id, n, 'v' || n, 'caso=eredi', now() FROM persons, generate_series(2, 20) n WHERE fiscal_code = $1 RETURNING ''`, string(fiscalCode(demo.WelfareOfficer)))
	officer.submit(officer.get(viewsAddress+"/nuova?caso=eredi"), url.Values{"nome": {"Troppe"}}).wants(http.StatusConflict, "Hai già 20 viste")
}

func TestEveryKeyOfTheDeskFollowsALinkOfThePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.WelfareOfficer, "welfare")
	help := officer.get("/gestione/enpap/scorciatoie").wants(200, "Scorciatoie da tastiera", "Attiva le scorciatoie")
	known := map[string]bool{}
	for _, k := range help.all("kbd") {
		known[k.text()] = true
	}
	seen := map[string]bool{}
	id := s.text(`SELECT id::text FROM indemnity_applications WHERE state = 'in_review' ORDER BY protocol LIMIT 1`)
	s.text(`UPDATE indemnity_applications SET officer_id = p.id FROM persons p WHERE p.fiscal_code = $1 AND state IN ('submitted', 'in_review') RETURNING ''`, string(fiscalCode(demo.WelfareOfficer)))
	for _, path := range []string{"/gestione/enpap", welfareList, welfareList + "/" + id, welfareList + "/" + id + "/verifiche/V2"} {
		for _, a := range officer.get(path).wants(200).all("a") {
			if !a.has("data-key") {
				continue
			}
			if seen[a.attr("data-key")] = true; !known[a.attr("data-key")] || a.attr("href") == "" || a.text() == "" {
				t.Errorf("%s: %s is on no list, or leads nowhere", path, a.attr("data-key"))
			}
		}
	}
	if len(seen) != len(known) {
		t.Errorf("the pages have %v, the list %v", seen, known)
	}
}
