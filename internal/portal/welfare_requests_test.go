package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/once"
)

// ownRequest is what was asked for on a case, asked now where nothing was.
func (s *site) ownRequest(id string) string {
	s.Helper()
	return s.text(`
		WITH old AS (SELECT id FROM indemnity_requests WHERE application_id = $1 LIMIT 1), new AS (
			INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days)
			SELECT gen_random_uuid(), $1, 'supplement', 'x', p.id, now(), 15 FROM persons p WHERE p.fiscal_code = $2 AND NOT EXISTS (SELECT FROM old) RETURNING id)
		SELECT id::text FROM old UNION ALL SELECT id::text FROM new`, id, string(fiscalCode(demo.WelfareOfficer)))
}

// underReview is an application that a member has just sent, as she and as officers see it.
func (s *site) underReview() (member *browser, theirs, ours string) {
	s.Helper()
	member, review := s.finished()
	sent := member.submit(review, nil).wants(200, "Domanda inviata")
	theirs = strings.TrimSuffix(sent.URL.Path, "/inviata")
	return member, theirs, welfareList + theirs[strings.LastIndex(theirs, "/"):]
}

// checkboxes are the values of the boxes with a name.
func (p page) checkboxes(name string) (all []string) {
	for _, n := range p.all("input") {
		if n.attr("name") == name {
			all = append(all, n.attr("value"))
		}
	}
	return all
}

func TestARequestIsWrittenFromTheChecksSeenAsItsReaderWillAndSentOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, theirs, ours := s.underReview()
	officer := s.welfareOfficer()
	check := officer.get(ours+"/verifiche/V1").wants(200, "Aggiungi alla richiesta di documenti", "Finché non la invii")
	boxes := check.checkboxes("richiedi")
	if len(boxes) != 3 { // both sides, and an explanation
		t.Fatalf("it offers %v", boxes)
	}
	officer.submit(check, url.Values{"verdetto": {"not_met"}, "documento": {"defective"}, "nota": {"Il retro è tagliato."}, "richiedi": {boxes[1]}}).wants(200, "Verifica salvata")
	officer.get(ours).wants(200, "Documenti da chiedere")

	list := officer.get(ours+"/richieste").wants(200, "Non è stato chiesto niente")
	write := officer.get(list.link("Chiedi documenti")).wants(200, "9 dicembre 2026, ore 23:59", "15 giorni da oggi", "7, 3 e 1 giorni prima")
	chosen := slices.DeleteFunc(write.all("input"), func(n node) bool { return n.attr("name") != "chiedi" || !n.has("checked") })
	if len(chosen) != 1 || chosen[0].attr("value") != boxes[1] {
		t.Errorf("%d things are chosen", len(chosen))
	}
	officer.submit(write, url.Values{"testo": {" "}}).wants(422, "Errore")
	officer.submit(write, url.Values{"chiedi": {}}).wants(422)
	officer.submit(write, url.Values{"testo": {strings.Repeat("a", 2001)}}).wants(422, "fino a 2.000 caratteri")
	preview := officer.submit(write, url.Values{"testo": {"Serve il retro del documento."}, "manda-" + boxes[1]: {"il retro intero"}}).
		wants(200, "Vuoi inviare questa richiesta di documenti?", "ENPAP ti chiede documenti", "Serve il retro del documento.", "il retro intero", "mercoledì 9 dicembre 2026")
	officer.submit(preview, url.Values{"passo": {"modifica"}}).wants(200, "Serve il retro del documento.", "il retro intero")
	member.get(theirs+"/richieste").wants(200, "ENPAP non ti ha chiesto niente")
	for range 2 {
		officer.submit(preview, url.Values{"passo": {"invia"}}).wants(200, "Richiesta inviata", "entro il 9 dicembre 2026, ore 23:59", "In attesa di risposta")
	}
	if got := s.text(`SELECT count(*) || ' ' || min(kind) || ' ' || min(due_on)::text || ' ' || min(items->0->>'code') FROM indemnity_requests q JOIN indemnity_applications a ON a.id = q.application_id
		WHERE a.protocol = (SELECT max(protocol) FROM indemnity_applications WHERE applicant_kind = 'member')`); !strings.HasPrefix(got, "1 supplement 2026-12-09 V1-") {
		t.Error(got)
	}
	asked := member.get(theirs+"/richieste").wants(200, "Rispondi")
	member.get(asked.link("Rispondi")).wants(200, "Serve il retro del documento.", "il retro intero", "9 dicembre 2026")
	seen := officer.get(officer.get(ours+"/richieste").link("Richiesta di documenti")).wants(200, "Non è ancora arrivata una risposta", "Serve il retro del documento.", "nel portale", "Aperta nel portale")
	seen.silent("Registra la consegna", "Proponi la decadenza")

	// Another of the same kind waits for this one, and an outcome for its answer.
	officer.get(ours+"/richieste/nuova?tipo=integrazione").wants(200, "Vedi la richiesta").silent("Vedi l’anteprima")
	officer.post(ours+"/richieste/nuova", url.Values{"idem": {once.NewKey()}, "versione": {s.text(`SELECT version::text FROM indemnity_applications ORDER BY submitted_at DESC LIMIT 1`)},
		"tipo": {"integrazione"}, "testo": {"x"}, "chiedi": {boxes[0]}, "manda-" + boxes[0]: {"x"}, "passo": {"invia"}}).wants(409)
	officer.get(ours+"/esito").wants(200, "C’è una richiesta aperta")
	officer.get(ours + "/richieste/nuova?tipo=favore").wants(404)
	s.whole()
}

func TestTwoOfficersDoNotAskBlindly(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, _, ours := s.underReview()
	first, second := s.welfareOfficer(), s.colleague()
	write := first.get(ours + "/richieste/nuova?tipo=integrazione")
	code := write.checkboxes("chiedi")[0]
	typed := url.Values{"testo": {"La mia richiesta."}, "chiedi": {code}}
	theirs := second.get(ours+"/richieste/nuova?tipo=integrazione").wants(200, "Ci sta lavorando Silvia Costa")
	late := second.submit(theirs, typed).wants(200, "Vuoi inviare")
	second.submit(late, url.Values{"passo": {"invia"}}).wants(409, "La mia richiesta.", "Una collega o un collega")
	preview := first.submit(write, typed).wants(200, "Vuoi inviare")
	check := first.get(ours + "/verifiche/V17")
	first.submit(check, url.Values{"verdetto": {"met"}}).wants(200, "Verifica salvata")
	first.submit(preview, url.Values{"passo": {"invia"}}).wants(409, "La mia richiesta.", "V17 · IBAN: Verificata (Silvia Costa")
	if n := s.count(`SELECT count(*) FROM indemnity_requests WHERE text = 'La mia richiesta.'`); n != 0 {
		t.Errorf("%d requests: a stale one was sent", n)
	}
}

// askedCase is the case of the demo on which papers were asked for six days ago.
func (s *site) askedCase() (theirs, ours, request string) {
	s.Helper()
	id := s.text(`SELECT q.application_id::text FROM indemnity_requests q JOIN indemnity_applications a ON a.id = q.application_id JOIN persons p ON p.id = a.member_id
		WHERE p.fiscal_code = $1 AND q.state = 'open'`, string(fiscalCode(demo.Member)))
	request = s.text(`SELECT id::text FROM indemnity_requests WHERE application_id = $1`, id)
	return memberCases + "/" + id, welfareList + "/" + id, request
}

// answers sends the notes of an answer to the request of askedCase.
func (b *browser) answers(path, note string) page {
	b.Helper()
	review := b.submit(b.get(path), url.Values{"nota-V6": {note}, "nota-V1": {note}, "poi": {"controlla"}}).wants(200, "Controlla la risposta")
	return b.submit(review, nil).wants(200, "Risposta inviata")
}

func TestTheChecksForWhichPapersWereAskedWaitForThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	theirs, ours, request := s.askedCase()
	officer := s.welfareOfficer()
	list := officer.get(ours).wants(200, "Si aspettano i documenti chiesti")
	for check, want := range map[string]string{"V1": "In attesa di documenti", "V6": "In attesa di documenti", "V10": "Verificata"} {
		row := list.one("#r-" + check).text()
		if waits := strings.Contains(row, "Si aspettano i documenti chiesti"); !strings.Contains(row, want) || waits != (check != "V10") {
			t.Errorf("%s: %s", check, row)
		}
		officer.get(ours+"/verifiche/"+check).wants(200, want)
	}
	officer.get(ours+"/verifiche/V10").silent("In attesa di documenti", "Si aspettano")
	s.login(demo.Member, "iscritto").answers(theirs+"/richieste/"+request, "Ecco.")
	officer.get(ours).wants(200, "Da verificare").silent("In attesa di documenti", "Si aspettano i documenti chiesti")
	s.whole()
}

func TestAnAnswerThatIsNotEnoughLeavesTheTermToItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	theirs, ours, request := s.askedCase()
	member, officer := s.login(demo.Member, "iscritto"), s.welfareOfficer()
	at := ours + "/richieste/" + request
	officer.get(at).wants(200, "Avvisi inviati", "Non è ancora arrivata una risposta")
	member.answers(theirs+"/richieste/"+request, "La prima risposta.")

	judge := officer.get(at).wants(200, "Risposta da valutare", "La prima risposta.", "La risposta basta?", "può rispondere di nuovo entro")
	officer.get(ours+"/esito").wants(200, "C’è una risposta da valutare prima")
	officer.submit(judge, nil).wants(422, "Scegli se la risposta basta")
	officer.submit(judge, url.Values{"valutazione": {"insufficient"}}).wants(422, "Scrivi perché non basta")

	// Another answer comes while they read the first: they are told, and what they wrote stays.
	member.answers(theirs+"/richieste/"+request, "La seconda risposta.")
	officer.submit(judge, url.Values{"valutazione": {"insufficient"}, "motivo": {"Non si legge."}}).wants(409, "è arrivata un’altra risposta", "Non si legge.", "La seconda risposta.")
	if n := s.count(`SELECT count(*) FROM indemnity_judgements`); n != 0 {
		t.Errorf("%d judgements of an answer that they had not seen", n)
	}
	judge = officer.get(at).wants(200, "La prima risposta.", "La seconda risposta.", "cambiato")
	for range 2 {
		officer.submit(judge, url.Values{"valutazione": {"insufficient"}, "motivo": {"Non si legge."}}).wants(200, "Risposta non sufficiente", "Non basta, per Silvia Costa")
	}
	if got := s.text(`SELECT state || ' ' || (SELECT count(*) FROM indemnity_judgements) FROM indemnity_requests WHERE id = $1`, request); got != "open 1" {
		t.Error(got)
	}
	member.get(theirs+"/richieste/"+request).wants(200, "Non si legge.", "Salva e controlla la risposta")
	member.answers(theirs+"/richieste/"+request, "La terza risposta.")
	officer.submit(officer.get(at), url.Values{"valutazione": {"accepted"}}).wants(200, "Risposta accettata")
	member.get(theirs+"/richieste/"+request).wants(200, "ENPAP l’ha accettata").silent("Salva e controlla la risposta")
	if got := s.text(`SELECT q.state || ' ' || count(*) || ' ' || count(DISTINCT n.protocol) FROM indemnity_requests q JOIN indemnity_answers n ON n.request_id = q.id WHERE q.id = $1 GROUP BY q.id`, request); got != "accepted 3 3" {
		t.Error(got)
	}
	officer.get(ours+"/cronologia").wants(200, "Risposta valutata")
	s.whole()
}

func TestATermThatIsOverIsNeverForfeitedByItself(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	theirs, ours, request := s.askedCase()
	due := s.text(`SELECT due_on::text FROM indemnity_requests WHERE id = $1`, request)
	last, err := time.ParseInLocation("2006-01-02", due, calendar.Rome)
	if err != nil {
		t.Fatal(err)
	}
	s.At(last.AddDate(0, 0, 1).Add(9 * time.Hour))
	member, officer := s.login(demo.Member, "iscritto"), s.welfareOfficer()
	member.get(theirs+"/richieste/"+request).wants(200, "Il termine è scaduto")
	member.post(theirs+"/richieste/"+request, url.Values{"idem": {once.NewKey()}, "versione": {"0"}, "nota-V1": {"Scusate il ritardo."}}).wants(409)
	officer.get(welfareList+"?termine=in-ritardo").wants(200, s.text(`SELECT protocol FROM indemnity_applications a JOIN indemnity_requests q ON q.application_id = a.id WHERE q.id = $1`, request), "Prossimo passo: proponi la decadenza")
	p := officer.get(ours+"/richieste/"+request).wants(200, "non è arrivata nessuna risposta", "La domanda non decade da sola", "Scusate il ritardo.", "non vale come risposta")
	ask := officer.get(p.link("Proponi la decadenza")).wants(200, "Le verifiche portano a questo esito: Decaduta")
	if got := s.text(`SELECT state FROM indemnity_requests WHERE id = $1`, request); got != "open" {
		t.Errorf("the request is %s", got)
	}
	confirm := officer.submit(ask, url.Values{"esito-proposto": {"forfeited"}, "testo": {""}}).wants(200, "La domanda è decaduta.")
	officer.submit(confirm, nil).wants(200, "Esito proposto")
	officer.get(ours+"/richieste/"+request).wants(200, "Un esito è già proposto")
	approval := welfareWork + "/approvazioni" + ours[strings.LastIndex(ours, "/"):]
	approver := s.login(demo.WelfareApprover, "welfare")
	approver.submit(approver.get(approval), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	if got := s.text(`SELECT q.state || ' ' || a.state FROM indemnity_requests q JOIN indemnity_applications a ON a.id = q.application_id WHERE q.id = $1`, request); got != "lapsed forfeited" {
		t.Error(got)
	}
	s.whole()
}

func TestOfficersRecordWhenARequestReachedItsReader(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT a.id::text FROM indemnity_applications a WHERE a.applicant_kind = 'heirs' AND a.state IN ('submitted', 'in_review') LIMIT 1`)
	request := s.text(`INSERT INTO indemnity_requests (id, application_id, kind, text, items, asked_by, asked_at, days)
		SELECT gen_random_uuid(), $1, 'supplement', 'Serve il titolo di erede.', '[{"code": "V18", "send": "una nota"}]', p.id, $3, 15 FROM persons p WHERE p.fiscal_code = $2 RETURNING id::text`,
		id, string(fiscalCode(demo.WelfareOfficer)), noon.AddDate(0, 0, -5))
	at := welfareList + "/" + id + "/richieste/" + request
	officer := s.welfareOfficer()
	ask := officer.get(officer.get(at).wants(200, "il termine non corre").link("Registra la consegna")).wants(200, "Quando è arrivata la richiesta?")
	officer.submit(ask, dayOf("giorno", 2026, 11, 20)).wants(422, "Scegli come è arrivata")
	officer.submit(ask, fields(dayOf("giorno", 2026, 2, 30), url.Values{"modo": {"pec"}})).wants(422)
	officer.submit(ask, fields(dayOf("giorno", 2026, 11, 1), url.Values{"modo": {"pec"}})).wants(422)
	officer.submit(ask, fields(dayOf("giorno", 2026, 11, 20), url.Values{"modo": {"pec"}})).wants(200, "Consegna registrata", "5 dicembre 2026, ore 23:59", "per PEC")
	officer.get(at + "/consegna").wants(409)
	s.login(demo.WelfareApprover, "welfare").get(at + "/consegna").wants(http.StatusForbidden)
}

func TestADebtIsSetOffOrPutRightWithinATerm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
	ours := welfareList + "/" + id
	officer := s.welfareOfficer()
	p := officer.get(ours+"/richieste/nuova?tipo=regolarizzazione").wants(200, "Che cosa c’è da regolarizzare", "Indennità netta stimata", "Debito più basso dell’indennità: si compensa")
	p.silent("Vedi l’anteprima")
	officer.submit(p, nil).wants(200, "Compensazione comunicata", "da trattenere su")
	officer.get(ours+"/richieste/nuova?tipo=regolarizzazione").wants(200, "l’ha comunicato Silvia Costa").silent("Comunica la compensazione")
	officer.post(ours+"/richieste/compensazione", url.Values{"idem": {once.NewKey()}, "versione": {s.text(`SELECT version::text FROM indemnity_applications WHERE id = $1`, id)}}).wants(409)
	if n := s.count(`SELECT count(*) FROM indemnity_set_offs`); n != 1 {
		t.Errorf("%d were told of", n)
	}

	// More is owed than the indemnity covers: a term, and the lines that are chosen.
	check := officer.get(ours + "/verifiche/V9")
	officer.submit(check, url.Values{"verdetto": {"not_met"}, "debito": {"90.000,00"}, "nota": {"Debito maggiore."}}).wants(200, "Verifica salvata")
	write := officer.get(ours+"/richieste/nuova?tipo=regolarizzazione").wants(200, "Non si può compensare", "90.000,00", "paga l’intero importo")
	preview := officer.submit(write, nil).wants(200, "Mettiti in regola con ENPAP", "rateizzazione non basta")
	officer.submit(preview, url.Values{"passo": {"invia"}}).wants(200, "Richiesta inviata", "Richiesta di regolarizzazione")
	s.whole()
}

func TestNobodyAsksOrJudgesOnTheirOwnCase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.sentCase(demo.WelfareOfficer)
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	ours := welfareList + "/" + id
	officer.get(ours + "/richieste").wants(200).silent("Chiedi documenti")
	for _, kind := range []string{"integrazione", "regolarizzazione"} {
		officer.get(ours+"/richieste/nuova?tipo="+kind).wants(200).silent("Vedi l’anteprima", "Comunica la compensazione")
	}
	post := func(b *browser, path string, with url.Values) page {
		return b.post(ours+path, fields(url.Values{"idem": {once.NewKey()}, "versione": {"1"}}, with))
	}
	ask := url.Values{"tipo": {"integrazione"}, "testo": {"x"}, "chiedi": {"V10"}, "manda-V10": {"x"}, "passo": {"invia"}}
	post(officer, "/richieste/nuova", ask).wants(409)
	post(officer, "/richieste/compensazione", nil).wants(409)
	post(approver, "/richieste/nuova", ask).wants(403)
	post(approver, "/richieste/compensazione", nil).wants(403)
	post(approver, "/calcolo", nil).wants(403)
	if n := s.count(`SELECT count(*) FROM indemnity_requests WHERE application_id = $1`, id); n != 0 {
		t.Errorf("%d requests", n)
	}
}
