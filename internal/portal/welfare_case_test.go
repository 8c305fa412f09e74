package portal_test

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

// colleague is a second officer who prepares: the demo has one.
func (s *site) colleague() *browser {
	s.Helper()
	if _, err := s.Pool.Exec(s.Context(), `INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'prepare', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`,
		string(fiscalCode(demo.WelfarePayer))); err != nil {
		s.Fatal(err)
	}
	return s.login(demo.WelfarePayer, "welfare")
}

// memberCase is a case of a member's, with nobody working on it.
func (s *site) memberCase() (path string) {
	s.Helper()
	return welfareWork + "/domande/" + s.sentCase(demo.CyclesMember)
}

func TestAnOfficerGoesThroughTheChecksOfACase(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	at := s.memberCase()
	b := s.welfareOfficer()
	p := b.get(at).wants(200, "V1 · Documento valido, fronte e retro", "V17 · IBAN", "Automatica", "Completa prima: V1", "Ci stai lavorando dalle").silent("V18")
	for _, tab := range []string{"/documenti", "/messaggi", "/note", "/cronologia"} {
		b.get(at+tab).wants(200, "In carico a", "Ultimo giorno per inviarla")
	}
	check := b.get(p.link("V1 ·")).wants(200, "Serve un documento di riconoscimento", "Articolo 3", "Salva e vai alla prossima")
	b.submit(check, nil).wants(422, "Indica l’esito della verifica")
	b.submit(check, url.Values{"verdetto": {"not_met"}}).wants(422, "Scrivi perché non è verificata")
	next := b.submit(check, url.Values{"verdetto": {"not_met"}, "documento": {"defective"}, "nota": {"Manca il retro."}}).wants(200, "Verifica salvata")
	if next.URL.Path == check.URL.Path || !strings.Contains(next.URL.Path, "/verifiche/V") {
		t.Errorf("it leads to %s", next.URL.Path)
	}
	b.get(at).wants(200, "Non verificata", "Silvia Costa", "In verifica").silent("Completa prima: V1,")
	b.get(check.URL.Path).wants(200, "Manca il retro.", "Scaduto, incompleto o illeggibile")
	if got := s.text(`SELECT found->>'identity' FROM indemnity_findings ORDER BY id DESC LIMIT 1`); got != "defective" {
		t.Errorf("it found %q", got)
	}
	b.get(at + "/verifiche/V18").wants(http.StatusNotFound)
	b.get(at + "/verifiche/v6").wants(http.StatusNotFound)
	b.get(at+"/cronologia").wants(200, "Verifica salvata", "Domanda presa in lavorazione", "Silvia Costa")
	s.whole()
}

func TestWhatAnOfficerFindsIsReadFieldByField(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	at := s.memberCase()
	b := s.welfareOfficer()
	for _, c := range []struct {
		check string
		typed url.Values
		wrong string
		right url.Values
		shows string
	}{
		{"V3", dayOf("richiesta", 2019, 2, 30), "richiesta", dayOf("richiesta", 2019, 3, 1), "01/03/2019"},
		{"V9", url.Values{"debito": {"molto"}}, "debito", url.Values{"debito": {"120,50"}, "comunicati": {"yes"}}, "120,50"},
		{"V11", url.Values{"isee": {"valid"}, "valore": {""}}, "valore", url.Values{"isee": {"valid"}, "valore": {"18.000,00"}}, "18.000,00"},
		{"V15", url.Values{"giorni-2026": {"400"}}, "giorni-2026", url.Values{"giorni-2026": {"12"}}, "2026: 12"},
		{"V16", url.Values{"reddito": {"-1"}}, "reddito", url.Values{"reddito": {"20000"}, "forfettario": {"si"}}, "20.000,00"},
	} {
		path := at + "/verifiche/" + c.check
		verdict := url.Values{"verdetto": {"met"}, "nota": {"Visto negli atti."}}
		p := b.submit(b.get(path), fields(verdict, c.typed)).wants(422, "Visto negli atti.")
		if len(p.all("#"+c.wrong+"-errore")) != 1 {
			t.Errorf("%s: nothing stands at %s", c.check, c.wrong)
		}
		b.submit(b.get(path), fields(verdict, c.right)).wants(200, "Verifica salvata")
		b.get(path).wants(200, c.shows)
	}
}

func TestTwoOfficersNeverWorkBlindOnOneCase(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	at := s.memberCase()
	first, second := s.welfareOfficer(), s.colleague()
	mine := first.get(at + "/verifiche/V1")
	second.get(at).wants(200, "Ci sta lavorando Silvia Costa dalle").silent("Lascia la domanda")
	theirs := second.get(at+"/verifiche/V13").wants(200, "Ci sta lavorando Silvia Costa")
	second.submit(theirs, url.Values{"verdetto": {"not_met"}, "nota": {"C’è l’INAIL."}}).wants(409, "Una collega o un collega sta lavorando", "C’è l’INAIL.")
	first.submit(mine, url.Values{"verdetto": {"met"}}).wants(200, "Verifica salvata")
	first.post(at+"/lascia", url.Values{"idem": {once.NewKey()}}).wants(200, "Domanda lasciata")

	// What was found since is told, and what was typed stays; then it may be saved.
	again := second.submit(theirs, url.Values{"verdetto": {"not_met"}, "copertura": {"si"}, "nota": {"C’è l’INAIL."}}).
		wants(409, "intanto la domanda è cambiata", "V1 · Documento valido, fronte e retro: Verificata (Silvia Costa", "C’è l’INAIL.")
	if n := s.count(`SELECT count(*) FROM indemnity_findings WHERE application_id = $1`, path.Base(at)); n != 1 {
		t.Errorf("%d findings: a stale one was kept", n)
	}
	second.submit(again, nil).wants(200, "Verifica salvata")
	second.submit(again, nil).wants(200, "Verifica salvata") // the same form again
	if got := s.text(`SELECT count(*) || ' ' || max(note) FROM indemnity_findings WHERE check_name = 'cover' AND application_id = $1`, path.Base(at)); got != "1 C’è l’INAIL." {
		t.Error(got)
	}
	s.whole()
}

func TestOnlyWhoPreparesWritesFindings(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	at := s.memberCase()
	approver := s.login(demo.WelfareApprover, "welfare")
	approver.get(at+"/verifiche/V1").wants(200, "Le verifiche le scrive chi istruisce la domanda.").silent("Salva e vai alla prossima", "Ci stai lavorando")
	approver.post(at+"/verifiche/V1", url.Values{"idem": {once.NewKey()}, "versione": {"1"}, "verdetto": {"met"}}).wants(403)
	s.login(demo.WelfarePayer, "welfare").get(at).wants(403)
}

func TestOfficersLeaveNotesForEachOther(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	at := s.memberCase()
	b := s.welfareOfficer()
	p := b.get(at+"/note").wants(200, "Non c’è ancora nessuna nota")
	b.submit(p, url.Values{"testo": {" "}}).wants(422, "Scrivi la nota")
	b.submit(p, url.Values{"testo": {strings.Repeat("a", 2001)}}).wants(422, "troppo lungo")
	b.submit(p, url.Values{"testo": {"Ha telefonato: invia il retro domani."}}).wants(200, "Nota salvata")
	s.login(demo.WelfareApprover, "welfare").get(at+"/note").wants(200, "invia il retro domani", "Silvia Costa")
}
