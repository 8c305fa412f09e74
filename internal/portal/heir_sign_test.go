package portal_test

import (
	"cmp"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
)

// follows is an heir without any case before, who has linked themselves to one.
func (s *site) follows(hint demo.Hint, protocol, code string) (*browser, page) {
	s.Helper()
	b := s.login(hint, "cittadino")
	profiles := b.submit(b.get(link), url.Values{"protocollo": {protocol}, "codice": {code}})
	return b, b.submit(profiles, url.Values{"profilo": {"erede"}}).wants(200, "presentata dagli eredi")
}

// everyDeclaration is what a page asks to declare, confirmed: one by one, or in a list.
func everyDeclaration(p page) url.Values {
	all := url.Values{}
	for _, n := range p.all("input") {
		if n.attr("type") == "checkbox" && strings.HasPrefix(n.attr("name"), "dichiarazione") {
			all.Add(n.attr("name"), cmp.Or(n.attr("value"), "on"))
		}
	}
	return all
}

func TestTheHeirWhoHasNotSignedIsNamedAndSignsWithinTheTerm(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	form := officer.get(register)
	all := fields(deceased(), pec(20, 11, "10:15:30"), s.heirsOf("2/3", "1/3"), url.Values{"erede-1-firma": {"si"}}, everyDeclaration(form))
	ask := officer.submit(form, all).wants(200, "Per PEC, il 20 novembre 2026", "Manca").silent("Nessun erede ha firmato")
	told := officer.submit(ask, nil).wants(200, "Domanda registrata")
	protocol, codes := strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo "), told.codes()
	if n := s.count(`SELECT count(*) FROM heirs h JOIN indemnity_applications a ON a.id = h.application_id WHERE a.protocol = $1 AND given_name = 'Anna' AND jsonb_array_length(declared) = 4 AND declared::text LIKE '%persona deceduta%'`, protocol); n != 1 {
		t.Error("what she declared is not kept in the words of heirs")
	}

	anna := s.login(demo.Heir, "erede")
	anna.submit(anna.get(link), url.Values{"protocollo": {protocol}, "codice": {codes["Anna Gatti"]}}).
		wants(200, "Manca la firma di Luca Gatti", "Può aggiungerla entro l’11 gennaio 2027, ore 23:59", "Per PEC, il 20 novembre 2026").silent("Firma la domanda")
	luca, board := s.follows(demo.PartialCitizen, protocol, codes["Luca Gatti"])
	at := board.URL.Path + "/firma"
	anna.get(at).wants(409, "La firma c’è già")
	sign := luca.get(board.link("Firma la domanda")).wants(200, "Firma la domanda degli eredi", "1/3", "persona deceduta")
	luca.submit(sign, url.Values{"iban": {"IT60X0542811101000000123457"}}).wants(422, "Per firmare devi confermare questa dichiarazione", "L’IBAN non è valido")
	s.At(calendar.NewDate(2027, 1, 11).End())
	late := s.login(demo.PartialCitizen, "erede")
	late.get(board.URL.Path).wants(200, "Il termine degli eredi è finito").silent("Firma la domanda")
	late.get(at).wants(409, "Il termine per firmare è finito")
	s.At(noon)
	luca.submit(sign, fields(everyDeclaration(sign), url.Values{"iban": {"IT60X0542811101000000123456"}})).wants(200, "Domanda firmata", "Nel portale, il 23 novembre 2026", "Indicato").silent("Manca la firma")
	luca.submit(sign, fields(everyDeclaration(sign), url.Values{"iban": {"IT60X0542811101000000123456"}})).wants(200) // the same form
	officer.get(officer.get(welfareList).link(protocol)).wants(200, "Nel portale, il 23 novembre 2026")
	s.whole()
}

func TestOneMoreMessageIsRegisteredAndAWrongOnePutRight(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	officer := s.welfareOfficer()
	told := s.registered(officer, "1/2", "1/2")
	file := officer.get(officer.get(welfareList).link(strings.TrimPrefix(told.h1(), "Domanda registrata, protocollo ")))
	form := officer.get(file.link("Registra un altro messaggio PEC")).wants(200, "Di chi porta la firma", "Luca Gatti")
	luca := s.text(`SELECT id::text FROM heirs WHERE given_name = 'Luca' AND family_name = 'Gatti'`)
	officer.submit(form, pec(21, 11, "9:00")).wants(422, "con i secondi")
	done := officer.submit(form, fields(pec(21, 11, "9:00:01"), url.Values{"firma": {luca}}, everyDeclaration(form))).
		wants(200, "Messaggio registrato", "Messaggio 2", "Per PEC, il 21 novembre 2026")
	officer.submit(form, fields(pec(21, 11, "9:00:01"), url.Values{"firma": {luca}}, everyDeclaration(form))).wants(200)
	if n := s.count(`SELECT count(*) FROM pec_messages m JOIN heirs h ON h.application_id = m.application_id WHERE h.id = $1`, luca); n != 2 {
		t.Errorf("%d messages", n)
	}

	right := officer.get(done.link("Correggi il messaggio 1")).wants(200, "Perché lo correggi")
	officer.submit(right, url.Values{"motivo": {"letta male"}}).wants(422, "Non hai cambiato nulla")
	again := officer.submit(right, pec(20, 11, "10:15:03")).wants(422, "Scrivi perché lo correggi")
	if got := again.one("#accettata-ora").attr("value"); got != "10:15:03" {
		t.Errorf("what was typed is lost: %q", got)
	}
	officer.submit(right, fields(pec(20, 11, "10:15:03"), url.Values{"motivo": {"letta male"}})).wants(200, "Messaggio corretto", "10:15:03", "letta male", "10:15:30")
	s.login(demo.WelfareApprover, "welfare").get(right.URL.Path).wants(403)
	s.whole()
}
