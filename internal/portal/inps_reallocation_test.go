package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

// reallocation is a simulated reallocation of an edition of the demonstration, of which
// only the run is there.
func (s *site) reallocation() string {
	s.Helper()
	return s.text(`INSERT INTO ranking_runs (edition_id, edition_version, number, round, reallocates, corrects, state, simulated_by, taken_at, candidates,
			inputs_digest, rules_digest, result_digest)
		SELECT edition_id, edition_version, (SELECT max(number) + 1 FROM ranking_runs), round + 1, true, id, 'simulated', simulated_by, taken_at, 0, '', '', ''
		FROM ranking_runs WHERE state = 'published' ORDER BY edition_id DESC LIMIT 1 RETURNING id::text`)
}

// spent has a session of the voucher of an application held and invoiced, today.
func (s *site) spent(protocol string, amount money.Amount) {
	s.Helper()
	who := identity.Own(identity.PersonID(s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))), identity.Psychologist)
	sent := func(action string) once.Form {
		form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
		if err != nil {
			s.Fatal(err)
		}
		return form
	}
	id := voucher.ID(s.text(`SELECT v.id::text FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.protocol = $1`, protocol))
	today := calendar.On(s.Now())
	booking, err := s.Portal.Vouchers.Book(s.Context(), who, sent("booking.book"), id, []voucher.Request{{ID: voucher.NewBookingID(), Day: today, Amount: amount}})
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Portal.Vouchers.Confirm(s.Context(), who, sent("booking.confirm"), booking); err != nil {
		s.Fatal(err)
	}
	s.exec(`
		WITH b AS (UPDATE bookings SET claimed_cents = amount_cents WHERE id = $1 RETURNING *), i AS (
			INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
			SELECT professional_id, beneficiary_id, left(id::text, 13), day, amount_cents, 'accepted', now(), now() FROM b RETURNING id)
		INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
		SELECT i.id, b.id, b.professional_id, b.beneficiary_id, b.amount_cents FROM i, b`, string(booking))
}

func TestWhatComesBackIsGivenAgainByThreePeople(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := string(s.approvedRun())
	publisher := s.login(demo.INPSPublisher, "inps")
	publisher.submit(publisher.get("/gestione/inps/simulazioni/"+first+"/pubblica?quando=subito"), nil)
	s.issue()
	s.spent("PROVA-2", 50*money.Euro)
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at)
		SELECT '2026', 'Lazio', 150000, '2026-01-01', 'DGR 1', simulated_by, now() FROM ranking_runs WHERE id = $1`, first); err != nil {
		t.Fatal(err)
	}
	const here = "/gestione/inps/scorrimenti"
	officer := s.login(demo.INPSOfficer, "inps")
	officer.get(here+"?annualita=2026").wants(http.StatusOK, "Scorrimento della graduatoria", "Nessuno scorrimento finora.").silent("risorse non trasferite")
	officer.submit(officer.get(here+"/nuovo?annualita=2026"), nil).wants(http.StatusConflict, "Con le risorse disponibili adesso non entrerebbe nessuno.")

	s.At(noon.AddDate(1, 0, 0))
	if _, err := s.Portal.Vouchers.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Portal.Residuals.RecordDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	officer = s.login(demo.INPSOfficer, "inps")
	officer.get(here+"?annualita=2026").wants(http.StatusOK, "1.450,00 €", "P.A. Bolzano: nessuno scorrimento, risorse non trasferite", "Lazio: le risorse alla fine di ogni giorno", "22/11/2027")
	s.login(demo.INPSPayer, "inps").get(here).wants(http.StatusForbidden)
	approver := s.login(demo.INPSApprover, "inps")
	approver.get(here+"?annualita=2026").wants(http.StatusOK, "Gli scorrimenti li simula chi ha il compito di istruttoria.")
	approver.post(here+"/nuovo?annualita=2026", url.Values{"idem": {once.NewKey()}}).wants(http.StatusForbidden)

	ask := officer.get(officer.get(here+"?annualita=2026").link("Simula lo scorrimento")).wants(http.StatusOK,
		"Vuoi simulare lo scorrimento n. 1 della graduatoria 2026?", "1.450,00 € disponibili in 1 territorio")
	made := officer.submit(ask, nil).wants(http.StatusOK, "Scorrimento n. 1", "Entrerebbero 3 domande.", "A chi vanno: Lazio", "Anna Prova", "PROVA-2", "Integrazione", "PROVA-3", "PROVA-4",
		"550,00 €", "Proponi per l’approvazione", "Apri la simulazione").silent("PROVA-5", "PROVA-1")
	run := strings.TrimPrefix(made.URL.Path, here+"/")
	if again := officer.submit(ask, nil); again.URL.Path != made.URL.Path {
		t.Errorf("a double click made %s", again.URL)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE subject_id = $1 AND action = 'ranking.seen'`, run); n == 0 {
		t.Error("nobody is said to have seen the names")
	}
	officer.get(here + "/" + first).wants(http.StatusNotFound)

	simulation := "/gestione/inps/simulazioni/" + run
	officer.get(simulation).wants(http.StatusOK, "Scorrimento n. 1, simulazione 2", "Già assegnato", "Integrazione", "A chi vanno")
	officer.submit(officer.get(simulation+"/proponi"), nil).wants(http.StatusOK, "Deve approvarla un’altra persona.")
	officer.get(here+"/nuovo?annualita=2026").wants(http.StatusConflict, "Un’altra graduatoria di questa annualità è già proposta o approvata.")
	approver.submit(approver.get(simulation+"/approva"), url.Values{"decisione": {"approva"}}).wants(http.StatusOK)
	publisher = s.login(demo.INPSPublisher, "inps")
	publisher.get(simulation+"/pubblica").wants(http.StatusOK, "1.450,00 €")
	order := publisher.get(simulation+"/pubblica?quando=subito").wants(http.StatusOK,
		"Appena confermi: 2 domande diventano Accolte o Parzialmente accolte e generiamo i loro codici, integriamo 1 importo", "Un codice integrato vale fino alle stesse")
	done := publisher.submit(order, nil).wants(http.StatusOK, "Codici generati 0 di 2.")
	s.issue()
	publisher.get(done.URL.Path).wants(http.StatusOK, "2 codici generati", "1.450,00 €")
	publisher.get(done.URL.Path+"/verbale").wants(http.StatusOK, "Scorrimento n. 1")

	everybody := s.browser()
	everybody.get("/contributo-psicoterapia/graduatorie").wants(http.StatusOK, "Scorrimento n. 1, pubblicazione n. 2 del 23 novembre 2027")
	everybody.get("/contributo-psicoterapia/graduatorie/2026").wants(http.StatusOK, "È uno scorrimento", "Pubblicazione n. 1")
	everybody.get("/contributo-psicoterapia/graduatorie/2026/bolzano-bozen").wants(http.StatusOK, "È uno scorrimento", "Dies ist eine Nachrückung",
		"Nachrückung Nr. 1, Veröffentlichung Nr. 2 vom 23/11/2027", "Veröffentlichung Nr. 1 vom 23/11/2026")
	officer.get(here+"?annualita=2026").wants(http.StatusOK, "Scorrimento n. 1, pubblicazione n. 2", "Pubblicata")
	officer.get("/gestione/inps/pubblicazioni/"+first).wants(http.StatusOK, "poi sostituita da una pubblicazione più recente")
	var mine string
	if err := s.Pool.QueryRow(t.Context(), `SELECT id FROM applications WHERE protocol = 'PROVA-5'`).Scan(&mine); err != nil {
		t.Fatal(err)
	}
	s.login(demo.ExcludedCitizen, "").get("/contributo-psicoterapia/domande/"+mine+"/dati").wants(http.StatusOK, "Le risorse sono bastate fino al posto 5")
	s.whole()
}

func TestWhereNothingWasPublishedNothingIsGivenAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE ranking_runs SET state = 'superseded' WHERE state = 'published'`)
	s.login(demo.INPSOfficer, "inps").get("/gestione/inps/scorrimenti/nuovo").wants(http.StatusConflict, "non è ancora pubblicata")
}
