package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/payment"
)

func TestTheAreaSaysWhatIsToBeDoneFirst(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.LastDaysCitizen, "")
	p := b.get("/area-personale").wants(http.StatusOK, "Usa il codice univoco")
	b.get(p.link("Vedi codice, saldo e sedute")).wants(http.StatusOK, "Codice univoco")
	s.login(demo.ExcludedCitizen, "").get("/area-personale").wants(http.StatusOK, "Non hai nulla da fare adesso.")
	s.login(demo.Psychologist, "psicoterapeuta").get("/area-personale").wants(http.StatusOK, "Conferma o annulla", "sedute da confermare")
}

func TestTheAreaAsksForTheIBANThatInvoicedSessionsWaitFor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const task = "Inserisci un altro IBAN"
	b, chiara := s.login(demo.Psychologist, "psicoterapeuta"), s.login(demo.INPSOfficer, "inps")
	b.get("/area-personale").wants(http.StatusOK).silent(task)
	id := s.text(`SELECT id::text FROM payment_accounts WHERE person_id = $1 AND state = 'verified'`, string(s.giulia().Person))
	ask := chiara.get(ibanQueue + "/" + id + "/rifiuta").wants(http.StatusOK)
	chiara.submit(ask, url.Values{"motivo": {payment.Disowned}}).wants(http.StatusOK, "IBAN rifiutato")
	p := b.get("/area-personale").wants(http.StatusOK, task, "Senza un IBAN verificato INPS non può pagarti")
	b.get(p.link("Vai al tuo IBAN")).wants(http.StatusOK).arrives(ownIBAN)
}

func TestAMessageIsReadOnceOpenedAndByNobodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `
		WITH entry AS (
			INSERT INTO audit (at, person_id, role, action) SELECT $1, id, 'citizen', 'login.started' FROM persons
			WHERE email = 'psicologo-nuovo@example.org' RETURNING id, person_id)
		INSERT INTO messages (entry_id, recipient_id, kind, subject, body, link, sent_at)
		SELECT id, person_id, 'N-A01', 'INPS: c’è una novità sulla tua domanda', 'Primo capoverso.

Secondo capoverso.', '/contributo-psicoterapia/domande', $1 FROM entry`, noon.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.NewPsychologist, "cittadino")
	b.get("/area-personale").wants(http.StatusOK, "Hai 1 messaggio da leggere.")
	address := b.get("/messaggi").wants(http.StatusOK, "Da leggere").link("INPS: c’è una novità")
	s.login(demo.Citizen, "").get(address).wants(http.StatusNotFound)
	p := b.get(address).wants(http.StatusOK, "Primo capoverso.", "Secondo capoverso.", "Messaggio inviato il 23 novembre 2026 alle 11:00")
	b.get(p.link("Vai alla pagina di cui parla")).wants(http.StatusOK).arrives("/contributo-psicoterapia/domande")
	b.get("/messaggi").wants(http.StatusOK, "Letto").silent("Da leggere")
	b.get("/messaggi?p=2").wants(http.StatusNotFound)
}

func TestAMessageToAProfessionalLeadsToTheirProfile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `
		WITH entry AS (
			INSERT INTO audit (at, person_id, role, action) SELECT $1, id, 'citizen', 'login.started' FROM persons
			WHERE email = 'psicologa@example.org' RETURNING id, person_id)
		INSERT INTO messages (entry_id, recipient_id, kind, subject, body, link, sent_at)
		SELECT id, person_id, 'N-S03', 'INPS: prova', 'Testo.', '/professionisti/sedute', $1 FROM entry`, noon); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.Psychologist, "cittadino")
	p := b.get(b.get("/messaggi").link("INPS: prova"))
	b.submit(b.get(p.link("Vai alla pagina di cui parla")), nil).wants(http.StatusOK).arrives("/professionisti/sedute")
}

func TestTheAreaOfAnHeirSaysWhatIsAskedOfThem(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id := s.sentCase(demo.Member)
	s.exec(`INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on)
		SELECT gen_random_uuid(), $2, 'supplement', 'Manca una pagina.', id, '2026-11-20', 15, '2026-11-20', 'portal', '2026-12-05' FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareOfficer)), id)
	s.past(`UPDATE indemnity_applications SET died_on = '2026-11-21' WHERE id = '` + id + `'`)
	heir := s.follower(demo.Heir, id, "Anna")
	area := heir.get("/area-personale").wants(http.StatusOK, "5 dicembre 2026").silent("Non hai nulla da fare adesso")
	asked := slices.IndexFunc(area.all("a"), func(a node) bool {
		return strings.HasPrefix(a.text(), "Rispondi alla richiesta") && strings.Contains(a.attr("href"), id)
	})
	if asked < 0 {
		t.Fatal("what is asked of them is not there")
	}
	heir.get(area.all("a")[asked].attr("href")).wants(http.StatusOK, "Manca una pagina.")
}

func TestTheAreaOfAnOfficeSaysWhatWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.INPSOfficer, "inps").get("/area-personale").wants(http.StatusOK, "domande da assegnare", "IBAN da verificare").silent("Non hai nulla da fare adesso")
	s.login(demo.WelfareOfficer, "welfare").get("/area-personale").wants(http.StatusOK, "Riesami da valutare: 1", "Controlli aperti: 1").silent("Non hai nulla da fare adesso")
}

func TestEveryPageOfAnOfficeLeadsBackToTheArea(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for hint, at := range map[demo.Hint][]string{
		demo.INPSOfficer:    {"/gestione/inps", "/gestione/inps/domande", "/gestione/inps/segnalazioni", "/gestione/inps/riesami", "/gestione/inps/deleghe", "/gestione/inps/professionisti", "/gestione/inps/pagamenti"},
		demo.CNOPPreparer:   {"/cnop/elenco", "/cnop/invii", "/cnop/segnalazioni"},
		demo.WelfareOfficer: {"/gestione/enpap", "/gestione/enpap/domande", "/gestione/enpap/bandi", "/gestione/enpap/pagamenti"},
	} {
		b := s.login(hint, map[demo.Hint]string{demo.INPSOfficer: "inps", demo.CNOPPreparer: "cnop", demo.WelfareOfficer: "welfare"}[hint])
		for _, page := range at {
			if b.get(page).wants(200).link("Area personale") != "/area-personale" {
				t.Errorf("%s leads nowhere", page)
			}
		}
	}
}
