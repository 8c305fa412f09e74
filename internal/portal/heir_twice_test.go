package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
)

// follower is an heir of a case by now, logged in as one.
func (s *site) follower(who demo.Hint, of, name string) *browser {
	s.Helper()
	s.exec(`INSERT INTO heirs (id, application_id, person_id, linked_at, fiscal_code, given_name, family_name, kinship, share_part, share_whole, added_by, added_at)
		SELECT gen_random_uuid(), $2, p.id, now(), p.fiscal_code, $3, 'Gatti', 'child', 1, 2, p.id, now() FROM persons p WHERE p.fiscal_code = $1`,
		string(fiscalCode(who)), of, name)
	return s.login(who, "erede")
}

// A second click on what tells codes is not a success without any: it says that they
// were shown, and leads to where others are made.
func TestCodesAreShownOnceAndTheSecondClickSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	again := func(p page, path string) {
		t.Helper()
		p.wants(200, "I codici sono già stati mostrati", "fanne un altro dalla pagina della domanda").silent("Domanda registrata", "Codice pronto", "I codici si leggono solo ora")
		if n := len(p.codes()); n != 0 || p.h1() != "I codici sono già stati mostrati" {
			t.Errorf("%q with %d codes", p.h1(), n)
		}
		if to := p.link("Apri la domanda"); to != path {
			t.Errorf("it leads to %s", to)
		}
	}
	form := officer.get(register)
	ask := officer.submit(form, fields(deceased(), pec(20, 11, "10:15:30"), s.heirsOf("1"), url.Values{"esclusiva": {"si"}})).wants(200, "Vuoi registrare questa domanda?")
	told := officer.submit(ask, nil).wants(200, "Domanda registrata")
	file := officer.get(officer.get(welfareList).link(strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo ")))
	again(officer.submit(ask, nil), file.URL.Path)
	renew := officer.get(file.link("Altro codice per Anna Gatti"))
	officer.submit(renew, nil).wants(200, "Codice pronto")
	again(officer.submit(renew, nil), file.URL.Path)
	s.whole()
}

func TestAPaperOfADraftIsTakenOutWithTwoClicks(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	tasks := b.begun(answers("illness", "si", dayOf("primo", 2026, 11, 2), dayOf("ultimo", 2026, 11, 15)))
	b.certified(tasks, "primo.pdf", onePagePDF(), certificate("initial_prognosis", dayOf("data", 2026, 11, 2), dayOf("primo", 2026, 11, 2), dayOf("ultimo", 2026, 11, 15)))
	list := b.get(tasks.URL.Path+"/certificati").wants(200, "primo.pdf")
	ask := b.get(list.link("Elimina primo.pdf"))
	for range 2 {
		if p := b.submit(ask, nil).wants(200, "Documento eliminato").silent("primo.pdf (PDF"); p.URL.Path != list.URL.Path {
			t.Errorf("it leads to %s", p.URL.Path)
		}
	}
	b.post(ask.URL.Path, url.Values{"idem": {"7f1d5f1e-58a8-4a2b-9a55-0b8b3a3b0c12"}}).wants(404)
	s.whole()
}

// Who steps into an application reads what was declared of the event. The account of who
// died and the ISEE of their household are shown to nobody but them, on the page and in
// the act.
func TestTheReceiptOfAnHeirSaysNothingOfTheAccountOfTheDeceased(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id := s.text(`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on, event,
			answers, declarations, registers, digest, check_code)
		SELECT gen_random_uuid(), 'ENPAP-2026-900001', c.id, c.version, p.id, 'member', 'portal', p.id, $2, '2026-11-28', '[2026-10-29,2026-11-18]',
			'{"cause": "illness", "first": "2026-10-29", "last": "2026-11-18", "isee": "yes", "isee_value": 1825000, "isee_year": 2026, "iban": "IT60X0542811101000000123456", "holder": "Elena Serra"}',
			'[]', '{}', sha256(''), 'ABCDEFGHJKMN'
		FROM persons p, calls c WHERE p.fiscal_code = $1 AND c.id = '2026-11' RETURNING id::text`, string(fiscalCode(demo.Member)), noon.AddDate(0, 0, -3))
	receipt := memberCases + "/" + id + "/ricevuta"
	elena := s.member(demo.Member)
	elena.get(receipt).wants(200, "18.250,00", "IT60 X054 2811 1010 0000 0123 456").silent("non mostrato")
	own := elena.get(receipt + ".pdf")

	s.exec(`INSERT INTO successions (id, application_id, died_on, heirs, proposed_by, proposed_at, state, decided_by, decided_at)
		SELECT gen_random_uuid(), $1, '2026-11-21', '[]', a.id, now(), 'confirmed', b.id, now() FROM persons a, persons b WHERE a.fiscal_code = $2 AND b.fiscal_code = $3`,
		id, string(fiscalCode(demo.WelfareOfficer)), string(fiscalCode(demo.WelfareApprover)))
	s.exec(`UPDATE indemnity_applications SET died_on = '2026-11-21', version = version + 1 WHERE id = $1`, id)
	anna := s.follower(demo.Heir, id, "Anna")
	anna.get(receipt).wants(200, "Indicato, ma non mostrato agli eredi", "ENPAP-2026-900001", "29 ottobre 2026").silent("18.250", "IT60", "0123 456")
	if act := anna.get(receipt + ".pdf").wants(200); act.Header.Get("Content-Type") != "application/pdf" || string(act.Body) == string(own.Body) {
		t.Error("the act of an heir is that of who died")
	}
}

// What an heir has brought for an answer is theirs: another reads that it is there, not
// what it is called, and neither replaces it nor takes it out.
func TestAnHeirNeitherReadsNorReplacesWhatAnotherBrought(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id, _, _ := s.ownHeirsCase()
	s.exec(`UPDATE heirs SET removed_at = now() WHERE application_id = $1`, id)
	anna, luca := s.follower(demo.Heir, id, "Anna"), s.follower(demo.PartialCitizen, id, "Luca")
	asked := s.text(`INSERT INTO indemnity_requests (id, application_id, kind, text, items, asked_by, asked_at, days, reached_on, reached_by, due_on)
		SELECT gen_random_uuid(), id, 'supplement', 'Manca un documento.', '[{"code": "V6", "wrong": "Manca.", "send": "Il documento di identità.", "paper": "identity"}]',
			(SELECT id FROM persons WHERE fiscal_code = $2), now(), 15, '2026-11-22', 'pec', '2026-12-07' FROM indemnity_applications WHERE id = $1 RETURNING id::text`, id, string(fiscalCode(demo.WelfareOfficer)))
	at := memberCases + "/" + id + "/richieste/" + asked
	anna.hand(anna.get(at+"/voci/V6"), "documento", "anna.pdf", onePagePDF(), nil).wants(200, "anna.pdf")
	luca.get(at).wants(200, "Un file caricato da un altro erede").silent("anna.pdf")
	luca.submit(anna.get(at+"/voci/V6/togli"), nil).wants(200)
	luca.hand(luca.get(at+"/voci/V6"), "documento", "luca.pdf", onePagePDF(), nil).wants(200, "luca.pdf")
	anna.get(at).wants(200, "anna.pdf").silent("luca.pdf")
	if n := s.count(`SELECT count(*) FROM indemnity_papers WHERE request_id = $1 AND attachment_id IS NOT NULL`, asked); n != 2 {
		t.Errorf("%d papers", n)
	}
}

func TestTheMenuOfHeirsLeadsToTheirThreads(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id, _, _ := s.ownHeirsCase()
	s.exec(`UPDATE heirs SET removed_at = now() WHERE application_id = $1`, id)
	anna := s.follower(demo.Heir, id, "Anna")
	anna.submit(anna.get(memberCases+"/"+id+"/messaggi/nuovo/pagamento"), url.Values{"testo": {"Quando arriva?"}}).wants(200, "Messaggio inviato")
	to := ""
	for _, nav := range anna.get("/area-personale").all("nav") {
		for _, a := range nav.all("a") {
			if a.text() == "Messaggi" {
				to = a.attr("href")
			}
		}
	}
	if to != memberCases+"/messaggi" {
		t.Fatalf("the menu leads to %q", to)
	}
	anna.get(anna.get(to).wants(200, "Pagamento").link("Pagamento")).wants(200, "Quando arriva?")
	stranger := s.member(demo.CyclesMember)
	stranger.get(memberCases + "/" + id + "/messaggi").wants(404)
	s.exec(`UPDATE heirs SET removed_at = now() WHERE person_id IS NOT NULL AND removed_at IS NULL`)
	anna.get(memberCases+"/"+id+"/messaggi").silent("Quando arriva", "Pagamento")
}
