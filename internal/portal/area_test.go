package portal_test

import (
	"net/http"
	"net/url"
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
