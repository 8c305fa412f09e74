package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/identity"
)

const (
	heirs       = "/indennita-malattia-infortunio/eredi"
	prepare     = heirs + "/prepara"
	link        = heirs + "/collega"
	welfareWork = "/gestione/enpap"
	welfareList = welfareWork + "/domande"
	register    = welfareWork + "/domande/registra"
)

// heirsOf are the persona who inherits, and another with a second share.
func (s *site) heirsOf(shares ...string) url.Values {
	all := url.Values{"eredi": {"2"},
		"erede-1-nome": {"Anna"}, "erede-1-cognome": {"Gatti"}, "erede-1-cf": {string(fiscalCode(demo.Heir))}, "erede-1-parentela": {"spouse"}, "erede-1-quota": {shares[0]},
	}
	if len(shares) > 1 {
		all = fields(all, url.Values{"erede-2-nome": {"Luca"}, "erede-2-cognome": {"Gatti"}, "erede-2-cf": {string(fiscalCode(demo.PartialCitizen))},
			"erede-2-parentela": {"child"}, "erede-2-quota": {shares[1]}})
	}
	return all
}

// deceased is a member who died on 12 November 2026, of an illness that began in October.
func deceased() url.Values {
	return fields(url.Values{"nome": {"Pietro"}, "cognome": {"Gatti"}, "cf": {string(identity.NewFiscalCode("GTTPTR60A01F839"))}, "tipo": {"illness"}},
		dayOf("decesso", 2026, 11, 12), dayOf("primo", 2026, 10, 5), dayOf("ultimo", 2026, 11, 12))
}

// pec is the message, accepted a second before the last day was over or after it.
func pec(day, month int, clock string) url.Values {
	return fields(url.Values{"mittente": {"anna.gatti@pec.example.org"}, "accettata-ora": {clock}, "consegnata-ora": {clock}},
		dayOf("accettata", 2026, month, day), dayOf("consegnata", 2026, month, day))
}

func (s *site) welfareOfficer() *browser { s.Helper(); return s.login(demo.WelfareOfficer, "welfare") }

// codes are the codes that a page tells, by the name of the heir.
func (p page) codes() map[string]string {
	all := map[string]string{}
	for _, row := range p.all(".data-row") {
		all[row.one("dt").text()] = row.one("dd").text()
	}
	return all
}

func TestHeirsPrepareTheirApplicationWithoutALoginAndNothingIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.browser()
	before := s.count(`SELECT (SELECT count(*) FROM persons) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions) + (SELECT count(*) FROM sessions)`)
	b.get(heirs).wants(200, "entro 60 giorni dalla data del decesso", "welfare@pec.enpap.it", "subentri nella sua posizione", "lo stato, la posizione in graduatoria e i termini non cambiano")

	p := b.get(prepare).wants(200, "Chi è mancato", "non viene conservato")
	wrong := b.submit(p, fields(deceased(), url.Values{"cf": {"GTTPTR60A01F839X"}}, dayOf("decesso", 2026, 11, 30)))
	wrong.wants(422, "Il codice fiscale non è valido")
	if got := wrong.one("#nome").attr("value"); got != "Pietro" {
		t.Errorf("what was typed is lost: %q", got)
	}
	b.submit(p, fields(deceased(), dayOf("decesso", 2026, 11, 30))).wants(422, "La data del decesso è nel futuro")
	b.submit(p, fields(deceased(), dayOf("decesso", 2026, 10, 4))).wants(422, "viene prima dell’inizio del periodo")

	// 60 days from 12 November are 11 January 2027, a Monday.
	who := b.submit(p, deceased()).wants(200, "Chi sono gli eredi", "entro l’11 gennaio 2027, ore 23:59")
	more := b.submit(who, fields(s.heirsOf("1/2"), url.Values{"eredi": {"1"}, "azione": {"aggiungi"}})).wants(200, "Erede 2")
	if got := more.one("#erede-1-quota").attr("value"); got != "1/2" {
		t.Errorf("what was typed is lost: %q", got)
	}
	b.submit(more, s.heirsOf("1/2", "1/3")).wants(422, "Le quote insieme fanno 5/6")
	b.submit(more, s.heirsOf("uno", "1/3")).wants(422, "Scrivi la quota come frazione")
	b.submit(more, fields(s.heirsOf("1/2", "1/2"), url.Values{"erede-2-cf": {string(fiscalCode(demo.Heir))}})).wants(422, "c’è già tra gli eredi")
	ready := b.submit(more, s.heirsOf("2/3", "1/3")).wants(200, "Il modulo e i documenti", "2/3", "1/3",
		"Certificato del medico che ha accertato", "la domanda è inammissibile", "avete 15 giorni").silent("Certificato iniziale")
	values := url.Values{}
	for _, form := range ready.all("form") {
		if form.attr("action") == prepare+"/modulo.pdf" {
			for _, n := range form.all("input") {
				values.Set(n.attr("name"), n.attr("value"))
			}
		}
	}
	sheet := b.post(prepare+"/modulo.pdf", values)
	if sheet.Status != 200 || sheet.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(sheet.Body, "%PDF-") {
		t.Errorf("no form: %d %s", sheet.Status, sheet.Header.Get("Content-Type"))
	}
	if after := s.count(`SELECT (SELECT count(*) FROM persons) + (SELECT count(*) FROM audit) + (SELECT count(*) FROM submissions) + (SELECT count(*) FROM sessions)`); after != before {
		t.Errorf("%d rows more than before", after-before)
	}
	for _, secret := range []string{"Pietro", "GTTPTR", "Gatti"} {
		if strings.Contains(s.Logged.String(), secret) {
			t.Errorf("the log says %q", secret)
		}
	}
}

func TestPastTheSixtyDaysHeirsReadSoAndPrepareAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.browser()
	late := fields(deceased(), dayOf("decesso", 2026, 9, 20), dayOf("primo", 2026, 9, 1), dayOf("ultimo", 2026, 9, 20))
	b.submit(b.get(prepare), late).wants(200, "I 60 giorni sono scaduti il 19 novembre 2026", "Scrivi comunque a ENPAP", "Chi sono gli eredi")
}

// registered is an application of heirs that an officer has registered, at the page that
// tells the codes.
func (s *site) registered(b *browser, shares ...string) page {
	s.Helper()
	form := b.get(register).wants(200, "Registra una domanda arrivata via PEC")
	all := fields(deceased(), pec(20, 11, "10:15:30"), s.heirsOf(shares...), url.Values{"esclusiva": {"si"}, "isee": {"12.000,00"}, "isee_anno": {"2026"}})
	ask := b.submit(form, all).wants(200, "Vuoi registrare questa domanda?", "Arrivata nei termini", "10:15:30")
	return b.submit(ask, nil).wants(200, "Domanda registrata, protocollo ENPAP-2026-", "I codici si leggono solo ora")
}

func TestAnOfficerRegistersWhatCameByPECAndTheHeirFindsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.enrol(string(identity.NewFiscalCode("GTTPTR60A01F839")), "070001", "Pietro", "Gatti", "yes", "2001-01-10", "2001-02-01", "", "no", "2024:21900.00", "", "", "", "", "", "", "")
	officer := s.welfareOfficer()
	officer.get(welfareList).wants(200, "Tutti i bandi").silent("Pietro Gatti")
	told := s.registered(officer, "2/3", "1/3")
	protocol := strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo ")
	codes := told.codes()
	if len(codes) != 2 || len(strings.ReplaceAll(codes["Anna Gatti"], " ", "")) != 12 {
		t.Fatalf("codes: %v", codes)
	}
	list := officer.get(welfareList).wants(200, protocol, "Pietro Gatti", "presentata dagli eredi", "Inviata")
	file := officer.get(list.link(protocol)).wants(200, "2/3", "1/3", "Da indicare", "Non ancora", "anna.gatti@pec.example.org", "10:15:30").silent(codes["Anna Gatti"])
	if s.count(`SELECT count(*) FROM heirs WHERE linked_at IS NULL AND code_hash IS NULL OR encode(code_hash, 'escape') LIKE '%' || $1 || '%'`, strings.ReplaceAll(codes["Anna Gatti"], " ", "")) != 0 {
		t.Error("a code lies in the database")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('indemnity.cases_listed', 'indemnity.case_opened')`); n < 3 {
		t.Errorf("%d looks of an officer are written down", n)
	}

	// Somebody else finds nothing, whatever they know.
	other := s.login(demo.Citizen, "cittadino")
	other.submit(other.get(link), url.Values{"protocollo": {protocol}}).wants(422, "Scrivi il codice che ti ha dato ENPAP").silent("non corrispondono")
	other.submit(other.get(link), url.Values{"protocollo": {protocol}, "codice": {codes["Anna Gatti"]}}).wants(409, "Numero e codice non corrispondono")

	anna := s.login(demo.Heir, "erede")
	ask := anna.get(link).wants(200, "5 volte in tutto")
	anna.submit(ask, url.Values{"protocollo": {protocol}, "codice": {codes["Luca Gatti"]}}).wants(409, "Numero e codice non corrispondono")
	anna.submit(anna.get(link), url.Values{"protocollo": {strings.ToLower(protocol)}, "codice": {" " + strings.ToLower(codes["Anna Gatti"])}}).
		wants(200, "Domanda di Pietro Gatti, presentata dagli eredi", "2/3")
	anna.get("/area-personale").wants(200, "La domanda che segui come erede", protocol)
	officer.get(file.URL.Path).wants(200, "Dall’accesso fatto")
	s.whole()
}

func TestAfterFiveWrongCodesOnlyAnotherCodeLinks(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	told := s.registered(officer, "1")
	protocol, code := strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo "), told.codes()["Anna Gatti"]
	anna := s.login(demo.Heir, "erede")
	try := func(code string) page {
		return anna.submit(anna.get(link), url.Values{"protocollo": {protocol}, "codice": {code}})
	}
	for range 4 {
		try("0000 0000 0000").wants(409, "Numero e codice non corrispondono")
	}
	// The same form, sent twice, is one try.
	form := anna.get(link)
	for range 2 {
		anna.submit(form, url.Values{"protocollo": {protocol}, "codice": {"1111 1111 1111"}}).wants(409, "Il codice non si può più usare", "welfare@pec.enpap.it")
	}
	try(code).wants(409, "chiedi un altro codice")
	file := officer.get(officer.get(welfareList).link(protocol))
	again := officer.submit(officer.get(file.link("Altro codice per Anna Gatti")).wants(200, "i tentativi ricominciano da capo"), nil).wants(200, "Codice pronto")
	try(code).wants(409, "Numero e codice non corrispondono")
	try(again.codes()["Anna Gatti"]).wants(200, "Domanda di Pietro Gatti")
}

func TestWhatCameLateIsRegisteredAllTheSame(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.welfareOfficer()
	all := fields(deceased(), dayOf("decesso", 2026, 9, 20), dayOf("primo", 2026, 9, 1), dayOf("ultimo", 2026, 9, 20), s.heirsOf("1"))
	// The sixtieth day is Thursday 19 November.
	b.submit(b.get(register), fields(all, pec(19, 11, "23:59:59"))).wants(200, "Arrivata nei termini")
	ask := b.submit(b.get(register), fields(all, pec(20, 11, "00:00:00"))).wants(200, "Arrivata dopo il termine", "L’ultimo giorno era il 19 novembre 2026", "Si registra lo stesso",
		"Il registro non conosce questo codice fiscale")
	b.submit(ask, nil).wants(200, "Domanda registrata")
	if got := s.text(`SELECT a.state FROM indemnity_applications a JOIN persons p ON p.id = a.member_id WHERE p.given_name = 'Pietro' AND p.family_name = 'Gatti'`); got != "submitted" {
		t.Errorf("it is %s: registration is no judgement", got)
	}
}

func TestWhatIsWrongWithARegistrationStandsAtItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.welfareOfficer()
	form := b.get(register)
	all := fields(deceased(), pec(20, 11, "10:15:30"), s.heirsOf("1"))
	for _, c := range []struct {
		change url.Values
		field  string
		says   string
	}{
		{url.Values{"mittente": {""}}, "mittente", "indirizzo PEC"},
		{url.Values{"accettata-ora": {"10:15"}}, "accettata-ora", "con i secondi"},
		{url.Values{"consegnata-ora": {"10:15:29"}}, "consegnata", "non può venire prima"},
		{dayOf("consegnata", 2026, 11, 24), "consegnata", "futuro"},
		{url.Values{"erede-1-quota": {"1/2"}}, "erede-1-quota", "devono fare l’intero"},
		{url.Values{"erede-1-iban": {"IT60X0542811101000000123457"}}, "erede-1-iban", "IBAN"},
		{url.Values{"erede-1-cf": deceased()["cf"]}, "erede-1-cf", "della persona deceduta"},
		{url.Values{"tipo": {"cycles"}, "fermi": {"dal 3 al 4"}}, "fermi", "Scrivi un periodo per riga"},
	} {
		p := b.submit(form, fields(all, c.change))
		p.wants(http.StatusUnprocessableEntity, c.says)
		if len(p.all("#"+c.field+"-errore")) != 1 {
			t.Errorf("%v: the reason does not stand at %s", c.change, c.field)
		}
	}
}

// sentCase is an application of a member's, who sent it three days ago.
func (s *site) sentCase(who demo.Hint) string {
	s.Helper()
	return s.text(`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on, event,
			answers, declarations, registers, digest, check_code)
		SELECT gen_random_uuid(), 'ENPAP-2026-900001', c.id, c.version, p.id, 'member', 'portal', p.id, $2, '2026-11-28', '[2026-10-29,2026-11-18]',
			'{"cause": "illness", "first": "2026-10-29", "last": "2026-11-18"}', '[]', '{}', sha256(''), 'ABCDEFGHJKMN'
		FROM persons p, calls c WHERE p.fiscal_code = $1 AND c.id = '2026-11' RETURNING id::text`, string(fiscalCode(who)), noon.AddDate(0, 0, -3))
}

func TestHeirsStepIntoAnApplicationByTwoPeopleAndNothingOfItMoves(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id := s.sentCase(demo.Member)
	son := s.text(`INSERT INTO mandates (kind, holder_id, represented_id, from_day, scope) SELECT 'delegate', h.id, m.id, '2026-01-01', 'indemnity' FROM persons h, persons m
		WHERE h.fiscal_code = $1 AND m.fiscal_code = $2 RETURNING id::text`, string(fiscalCode(demo.Citizen)), string(fiscalCode(demo.Member)))
	at := welfareWork + "/domande/" + id
	preparer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	form := preparer.get(at+"/subentro").wants(200, "Elena Serra", "stato, posizione e termini non cambiano")
	approver.get(at + "/subentro").wants(403)
	all := fields(dayOf("decesso", 2026, 11, 21), s.heirsOf("1/2", "1/2"))
	preparer.submit(form, fields(all, dayOf("decesso", 2026, 11, 19))).wants(422, "non è un subentro")
	preparer.submit(form, fields(all, url.Values{"erede-2-quota": {"2/3"}})).wants(422, "Le quote insieme fanno 7/6")
	preparer.submit(form, all).wants(200, "Subentro registrato", "C’è un subentro da confermare")
	preparer.submit(form, fields(all, url.Values{"idem": {"7f1d5f1e-58a8-4a2b-9a55-0b8b3a3b0c11"}})).wants(409)
	preparer.get(at + "/subentro/decidi").wants(403)

	decide := approver.get(approver.get(welfareWork).wants(200, "Subentri da confermare").link("Subentro nella domanda")).link("Decidi sul subentro")
	approver.submit(approver.get(decide).wants(200, "Silvia Costa", "21 novembre 2026"), url.Values{"decisione": {"conferma"}}).wants(409, "Manca il documento che dice chi eredita")
	approver.submit(approver.get(decide), url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché lo rimandi")
	approver.submit(approver.get(decide), url.Values{"decisione": {"rimanda"}, "nota": {"La quota di Luca è 1/3."}}).wants(200, "Subentro rimandato", "La quota di Luca è 1/3.")

	preparer.submit(preparer.get(at+"/subentro"), fields(dayOf("decesso", 2026, 11, 21), s.heirsOf("2/3", "1/3"))).wants(200, "Subentro registrato")
	preparer.hand(preparer.get(at+"/documenti/aggiungi"), "documento", "atto.pdf", onePagePDF(), url.Values{"tipo": {"heirship"}}).wants(200, "Documento caricato", "Prova della qualità di erede")
	told := approver.submit(approver.get(decide).wants(200, "atto.pdf"), url.Values{"decisione": {"conferma"}}).wants(200, "Subentro confermato", "I codici si leggono solo ora")
	if got := s.text(`SELECT state || ' ' || died_on || ' ' || applicant_kind FROM indemnity_applications WHERE id = $1`, id); got != "submitted 2026-11-21 member" {
		t.Error(got)
	}
	if got := s.text(`SELECT revoked_on::text FROM mandates WHERE id = $1`, son); got != "2026-11-23" {
		t.Errorf("the mandate ends on %s", got)
	}
	anna := s.login(demo.Heir, "erede")
	anna.submit(anna.get(link), url.Values{"protocollo": {"ENPAP-2026-900001"}, "codice": {told.codes()["Anna Gatti"]}}).wants(200, "Domanda di Elena Serra, presentata dagli eredi", "2/3")
	preparer.get(at+"/subentro").wants(409, "La domanda ha già degli eredi")
	s.whole()
}

// ownHeirsCase is a case of heirs with its number, an heir and a paper of it.
func (s *site) ownHeirsCase() (id, heir, paper string) {
	s.Helper()
	id = s.text(`
		WITH old AS (SELECT id FROM indemnity_applications WHERE applicant_kind = 'heirs' LIMIT 1), new AS (
			INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, received_by, submitted_at, term_ended_on, event,
				answers, declarations, registers, digest, check_code, died_on)
			SELECT gen_random_uuid(), 'ENPAP-2026-900002', c.id, c.version, p.id, 'heirs', 'pec', p.id, now(), '2027-01-11', '[2026-10-05,2026-11-12]',
				'{"cause": "illness", "first": "2026-10-05", "last": "2026-11-12"}', '[]', '{}', sha256(''), 'ABCDEFGHJKMN', '2026-11-12'
			FROM persons p, (SELECT id, version FROM calls WHERE version IS NOT NULL LIMIT 1) c WHERE p.fiscal_code = $1 AND NOT EXISTS (SELECT FROM old) RETURNING id)
		SELECT id::text FROM old UNION ALL SELECT id::text FROM new`, string(fiscalCode(demo.ExPsychologist)))
	heir = s.text(`
		WITH new AS (INSERT INTO heirs (id, application_id, fiscal_code, given_name, family_name, kinship, share_part, share_whole, added_by, added_at)
			SELECT gen_random_uuid(), $1, 'GTTNNA70R64F839X', 'Anna', 'Gatti', 'spouse', 1, 1, member_id, now() FROM indemnity_applications WHERE id = $1
			AND NOT EXISTS (SELECT FROM heirs WHERE application_id = $1) RETURNING id)
		SELECT id::text FROM new UNION ALL SELECT id::text FROM heirs WHERE application_id = $1 AND linked_at IS NULL LIMIT 1`, id)
	if paper = s.text(`SELECT coalesce((SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND attachment_id IS NOT NULL ORDER BY added_at LIMIT 1), '')`, id); paper == "" {
		b := s.welfareOfficer()
		b.hand(b.get(welfareWork+"/domande/"+id+"/documenti/aggiungi"), "documento", "messaggio.pdf", onePagePDF(), url.Values{"tipo": {"pec_message"}}).wants(200, "Documento caricato")
		paper = s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1`, id)
	}
	return id, heir, paper
}

// ownMessage is a certified message of a case.
func (s *site) ownMessage(id string) string {
	s.Helper()
	return s.text(`
		WITH new AS (INSERT INTO pec_messages (id, application_id, sender, accepted_at, delivered_at, recorded_by, recorded_at)
			SELECT gen_random_uuid(), id, 'anna@pec.example.org', submitted_at, submitted_at, member_id, submitted_at FROM indemnity_applications WHERE id = $1
			AND NOT EXISTS (SELECT FROM pec_messages WHERE application_id = $1) RETURNING id)
		SELECT id::text FROM new UNION ALL SELECT id::text FROM pec_messages WHERE application_id = $1 LIMIT 1`, id)
}
