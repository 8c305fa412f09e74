package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
)

// ownDispute is a report about a session of somebody's, or of anybody's where they have
// none; with money to recover that was paid and has come back.
func (s *site) ownDispute(code identity.FiscalCode, recover bool) (id string) {
	s.Helper()
	state, set := "withdrawn", "NULL, NULL, '', '', '', NULL, 0"
	if recover {
		state, set = "upheld", "o.proposer, $2, 'uphold', 'g', 'a', o.decider, 5000"
	}
	return s.text(`
		WITH o AS (SELECT (SELECT id FROM persons WHERE fiscal_code = $3) AS proposer, (SELECT id FROM persons WHERE fiscal_code = $4) AS decider)
		INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state, proposed_by, proposed_at, proposal, grounds, answer, decided_by, recover_cents, decided_at)
		SELECT 'INPS-2026-' || nextval('protocol_numbers'), b.id, b.beneficiary_id, $2, 'not_held', true, '2026-12-31', '`+state+`', `+set+`, CASE WHEN '`+state+`' = 'upheld' THEN $2::timestamptz END
		FROM o, bookings b JOIN persons p ON p.id = b.beneficiary_id
		WHERE NOT EXISTS (SELECT FROM payment_lines l WHERE l.booking_id = b.id) ORDER BY p.fiscal_code = $1 DESC, b.day LIMIT 1 RETURNING id::text`,
		string(code), s.Now(), string(fiscalCode(demo.INPSOfficer)), string(fiscalCode(demo.INPSApprover)))
}

// heldSession is a session of a persona's that was confirmed, is in no invoice, and of which
// nothing was said.
func (s *site) heldSession(hint demo.Hint) string {
	s.Helper()
	return s.text(`SELECT b.id::text FROM bookings b JOIN persons p ON p.id = b.beneficiary_id
		WHERE p.fiscal_code = $1 AND b.state = 'held' AND b.claimed_cents IS NULL
			AND NOT EXISTS (SELECT FROM disputes x WHERE x.booking_id = b.id) ORDER BY b.day DESC LIMIT 1`, string(fiscalCode(hint)))
}

func TestACitizenReportsASessionAndTwoOfficersGiveTheMoneyBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.heldSession(demo.Citizen)
	path := "/contributo-psicoterapia/sedute/" + id
	maria := s.login(demo.Citizen, "cittadino")
	maria.get(path).wants(200, "Non riconosci questa seduta? Segnala un problema", "Confermo: ho fatto questa seduta")
	ask := maria.get(path + "/segnala")
	ask.wants(200, "Non ho fatto questa seduta", "Il professionista non vede il tuo testo", "Massimo 1.000 caratteri")
	maria.submit(ask, nil).wants(422, "Scegli il tipo di problema")
	maria.submit(ask, url.Values{"problema": {"altro"}}).wants(422, "Scegli il tipo di problema")
	long := maria.submit(ask, url.Values{"problema": {"not_held"}, "testo": {strings.Repeat("a", 1001)}})
	long.wants(422, "Accorcia il testo: il massimo è 1.000 caratteri")
	sent := maria.submit(ask, url.Values{"problema": {"not_held"}, "testo": {"Quel giorno ero altrove."}})
	sent.wants(200, "Segnalazione inviata", "INPS non paga la seduta", "Quel giorno ero altrove.")
	if again := maria.submit(ask, url.Values{"problema": {"not_held"}, "testo": {"Quel giorno ero altrove."}}); again.Status != 200 || s.count(`SELECT count(*) FROM disputes WHERE booking_id = $1`, id) != 1 {
		t.Errorf("sent twice: %d", again.Status)
	}
	maria.get(path).wants(200, "Segnalazione INPS-2026-", "«Non ho fatto questa seduta»", "Ritira la segnalazione")
	maria.get(path+"/segnala").wants(200, "C’è già una segnalazione su questa seduta")

	giulia := s.login(demo.Psychologist, "psicoterapeuta")
	if p := giulia.get("/professionisti/sedute/" + id); strings.Contains(p.Body, "altrove") {
		t.Error("the professional reads what was said")
	}
	giulia.get("/gestione/inps/segnalazioni").wants(404)

	dispute := s.text(`SELECT id::text FROM disputes WHERE booking_id = $1`, id)
	chiara := s.login(demo.INPSOfficer, "inps")
	chiara.get("/gestione/inps/segnalazioni").wants(200, s.text(`SELECT protocol FROM disputes WHERE id = $1`, dispute), "Seduta non fatta", "Pagamento sospeso")
	at := "/gestione/inps/segnalazioni/" + dispute
	chiara.get(at).wants(200, "Quel giorno ero altrove.", "Sospeso fino alla decisione", "Proponi l’esito", "Prendi in carico")
	chiara.submit(chiara.get(at+"/presa"), nil).wants(200, "Segnalazione presa in carico", "In carico a")
	propose := chiara.get(at + "/proposta")
	chiara.submit(propose, nil).wants(422, "Scegli l’esito")
	preview := chiara.submit(propose, url.Values{"proposta": {"uphold"}, "motivazione": {"Il professionista ammette l’errore."}, "risposta": {"Hai ragione: abbiamo annullato la seduta."}})
	preview.wants(200, "Il cittadino leggerà", "Hai ragione: abbiamo annullato la seduta.", "tornano disponibili per il cittadino")
	chiara.submit(preview, nil).wants(200, "Esito proposto", "la approva un’altra persona")
	chiara.get(at+"/decisione").wants(409, "Hai fatto tu questa proposta")

	andrea := s.login(demo.INPSApprover, "inps")
	decide := andrea.get(at + "/decisione")
	decide.wants(200, "Il cittadino leggerà")
	andrea.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi la proposta")
	andrea.submit(decide, url.Values{"decisione": {"approva"}}).wants(200, "Decisione registrata", "Accolta")
	maria.get(path).wants(200, "Annullata da INPS", "INPS ti ha dato ragione", "Hai ragione: abbiamo annullato la seduta.")
	giulia.get("/professionisti/sedute/"+id).wants(200, "Annullata da INPS", "Motivo: dopo una verifica INPS non la rimborsa.").silent("altrove")
	giulia.get("/professionisti/sedute?stato=annullate").wants(200, ": dopo una verifica INPS non la rimborsa")
	chiara.get("/gestione/inps/sedute/"+id).wants(200, "Segnalazione decisa", "Seduta annullata", "Annullata")
	chiara.get("/gestione/inps/segnalazioni?stato=decise").wants(200, s.text(`SELECT protocol FROM disputes WHERE id = $1`, dispute))
	s.whole()
}

func TestAReportIsTakenBackByWhoMadeIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/contributo-psicoterapia/sedute/" + s.heldSession(demo.Citizen)
	maria := s.login(demo.Citizen, "cittadino")
	maria.get(path+"/segnala/inviata").wants(200, "Segnala un problema") // nothing was sent: the form
	maria.get(path+"/segnala/ritira").wants(200, "Questa segnalazione è già chiusa")
	maria.submit(maria.get(path+"/segnala"), url.Values{"problema": {"charged"}}).wants(200, "Segnalazione inviata")
	maria.submit(maria.get(path+"/segnala/ritira"), nil).wants(200, "Segnalazione ritirata")
	maria.get(path).wants(200, "Hai ritirato questa segnalazione", "Segnala un problema")
	s.whole()
}

func TestASessionIsConfirmedFromTheOtherSideToo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	path := "/contributo-psicoterapia/sedute/" + s.heldSession(demo.Citizen)
	maria := s.login(demo.Citizen, "cittadino")
	ask := maria.get(path + "/conferma")
	ask.wants(200, "Non sei obbligato a farlo")
	maria.submit(ask, nil).wants(200, "Abbiamo registrato che hai fatto la seduta", "Confermata anche", "da te")
	maria.submit(ask, nil).wants(200, "Abbiamo registrato che hai fatto la seduta")
	maria.get(path+"/conferma").wants(200, "Hai già confermato")
	s.whole()
}

func TestASessionThatWasFoundNotHeldIsNotConfirmedByItsHolder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.heldSession(demo.Citizen)
	path := "/contributo-psicoterapia/sedute/" + id
	if _, err := s.Pool.Exec(t.Context(), `
		INSERT INTO disputes (id, protocol, booking_id, made_by, made_at, kind, text, holds, answer_by, state, proposal, grounds, answer,
			proposed_by, proposed_at, decided_by, decided_at, recover_cents)
		SELECT gen_random_uuid(), 'INPS-2026-999999', b.id, b.beneficiary_id, $2, 'not_held', '', true, b.day, 'upheld', 'uphold', 'g', 'a', $3, $2, $4, $2, 5000
		FROM bookings b WHERE b.id = $1`, id, s.Now(), string(s.officer(demo.INPSOfficer, identity.Prepare).Person), string(s.officer(demo.INPSApprover, identity.Approve).Person)); err != nil {
		t.Fatal(err)
	}
	maria := s.login(demo.Citizen, "cittadino")
	maria.get(path).wants(200, "INPS ti ha dato ragione").silent("Confermo: ho fatto questa seduta", "Non riconosci questa seduta?")
	maria.get(path + "/conferma").wants(200).silent("Non sei obbligato a farlo")
}

func TestSomebodyWhoChangesProfessionalCancelsAllSessionsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maria := s.login(demo.Citizen, "cittadino")
	var application, professional string
	if err := s.Pool.QueryRow(t.Context(), `SELECT v.application_id::text, b.professional_id::text FROM bookings b JOIN vouchers v ON v.id = b.voucher_id
		JOIN persons p ON p.id = b.beneficiary_id WHERE p.fiscal_code = $1 AND b.state = 'booked' AND b.day > $2 ORDER BY b.day DESC LIMIT 1`,
		string(fiscalCode(demo.Citizen)), calendar.On(s.Now())).Scan(&application, &professional); err != nil {
		t.Fatal(err)
	}
	booked := `SELECT count(*) FROM bookings b JOIN persons p ON p.id = b.beneficiary_id WHERE p.fiscal_code = $1 AND b.professional_id = $2 AND b.state = 'booked' AND b.day > $3`
	n := s.count(booked, string(fiscalCode(demo.Citizen)), professional, calendar.On(s.Now()))
	sessions := "/contributo-psicoterapia/domande/" + application
	path := sessions + "/professionisti/" + professional + "/annulla-sedute"
	tab := maria.get(sessions+"/sedute").wants(200, "Vuoi cambiare professionista?")
	if at := tab.link("Annulla tutte le sedute con"); at != path {
		t.Errorf("C-03 leads to %s", at)
	}
	ask := maria.get(path)
	ask.wants(200, "Sedute che si annullano", "tornano subito disponibili")
	maria.submit(ask, url.Values{"seduta": nil}).wants(409, "Sedute che si annullano")
	if left := s.count(booked, string(fiscalCode(demo.Citizen)), professional, calendar.On(s.Now())); left != n {
		t.Fatalf("%d of %d are left when none was named", left, n)
	}
	maria.submit(ask, nil).wants(200, "di nuovo disponibili")
	if left := s.count(booked, string(fiscalCode(demo.Citizen)), professional, calendar.On(s.Now())); left != 0 {
		t.Errorf("%d are left of %d", left, n)
	}
	maria.get(path).wants(200, "Non hai sedute con")
	s.login(demo.PartialCitizen, "cittadino").get(path).wants(404)
	s.whole()
}

func TestAProfessionalMovesASessionOnceTheyHaveSeenBeforeAndAfter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	giulia := s.login(demo.Psychologist, "psicoterapeuta")
	var id, day string
	if err := s.Pool.QueryRow(t.Context(), `SELECT b.id::text, b.day::text FROM bookings b JOIN persons p ON p.id = b.professional_id
		WHERE p.fiscal_code = $1 AND b.state = 'booked' AND b.day > $2 ORDER BY b.day LIMIT 1`, string(fiscalCode(demo.Psychologist)), calendar.On(s.Now())).Scan(&id, &day); err != nil {
		t.Fatal(err)
	}
	path := "/professionisti/sedute/" + id
	giulia.get(path).wants(200, "Modifica data o importo")
	ask := giulia.get(path + "/modifica")
	ask.wants(200, "Passo 1 di 2")
	giulia.submit(ask, nil).wants(422, "Non hai cambiato nulla")
	giulia.submit(ask, url.Values{"importo": {"50,01"}}).wants(422, "L’importo massimo per una seduta")
	giulia.submit(ask, url.Values{"data-anno": {"2020"}}).wants(422)
	check := giulia.submit(ask, url.Values{"importo": {"31,00"}, "ora": {"7:10"}})
	check.wants(200, "Prima e dopo", "31,00", "07:10", "Passo 2 di 2")
	if s.count(`SELECT count(*) FROM booking_moves`) != 0 {
		t.Fatal("moved before it was asked")
	}
	again := giulia.get(check.link("Cambia di nuovo i dati"))
	if again.one("#importo").attr("value") != "31,00" {
		t.Error("what was typed is lost")
	}
	giulia.submit(check, nil).wants(200, "Seduta modificata", "31,00")
	giulia.submit(check, nil).wants(200, "Seduta modificata")
	giulia.get(path).wants(200, "Seduta modificata; prima era ")
	if s.count(`SELECT count(*) FROM booking_moves`) != 1 {
		t.Error("moved twice")
	}
	officer := s.login(demo.INPSOfficer, "inps")
	officer.get("/gestione/inps/sedute/"+id).wants(200, "Modifiche", "Seduta modificata")
	holder := s.text(`SELECT p.fiscal_code FROM bookings b JOIN persons p ON p.id = b.beneficiary_id WHERE b.id = $1`, id)
	if holder == string(fiscalCode(demo.Citizen)) {
		s.login(demo.Citizen, "cittadino").get("/contributo-psicoterapia/sedute/"+id).wants(200, "Cambiata dal professionista")
	}
	s.login(demo.NewPsychologist, "psicoterapeuta").get(path + "/modifica").wants(404)
	s.whole()
}

func TestAnOfficerLooksThroughSessionsAndFindsSomebodys(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	officer.get("/gestione/inps/sedute").wants(200, "Segnalazioni dei cittadini", "Sedute, dalla più recente")
	for _, q := range []string{"stato=prenotata", "stato=da-confermare", "stato=da-fatturare", "stato=fatturata", "stato=annullata", "anomalia=segnalata",
		"anomalia=fattura-in-controllo", "anomalia=confermata-prima", "anomalia=giornata-piena", "territorio=Lazio", "dopo=2026-01-01_nessuna", "dopo=x"} {
		if p := officer.get("/gestione/inps/sedute?" + q); p.Status != http.StatusOK {
			t.Errorf("%s: %d", q, p.Status)
		}
	}
	list := officer.get("/gestione/inps/sedute")
	found := officer.post("/gestione/inps/sedute", url.Values{"cerca": {"Rossi Maria"}})
	found.wants(200, "Sedute trovate", "Maria Rossi")
	if strings.Contains(found.URL.String(), "ossi") || strings.Contains(list.Body, "Maria Rossi") {
		t.Error("a name stands in an address or in a list")
	}
	if s.count(`SELECT count(*) FROM audit WHERE action = 'booking.found'`) == 0 {
		t.Error("nobody knows that it was looked for")
	}
	officer.post("/gestione/inps/sedute", url.Values{"cerca": {string(fiscalCode(demo.Psychologist))}}).wants(200, "Bianchi")
	officer.post("/gestione/inps/sedute", url.Values{"cerca": {"x"}}).wants(422)
	officer.post("/gestione/inps/sedute", url.Values{"cerca": {"Nessuno%"}}).wants(200, "Nessuna seduta trovata")
	seen := s.heldSession(demo.Citizen)
	officer.get("/gestione/inps/sedute/"+seen).wants(200, "Nessuna fattura", "Cronologia", "Seduta consultata")
	if s.count(`SELECT count(*) FROM audit WHERE action = 'booking.seen' AND subject_id = $1 AND role = 'inps'`, seen) != 1 {
		t.Error("the look is not written down")
	}
	s.login(demo.INPSPublisher, "inps").get("/gestione/inps/sedute").wants(403)
}

func TestWhatWasPaidAndHasComeBackIsCarriedOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.ownDispute(fiscalCode(demo.Citizen), true)
	path := "/gestione/inps/segnalazioni/" + id
	andrea := s.login(demo.INPSApprover, "inps")
	andrea.get("/gestione/inps/segnalazioni?stato=da-recuperare").wants(200, "Importi da recuperare (1)", "50,00", "Il pagamento è tornato indietro")
	s.login(demo.INPSOfficer, "inps").get(path + "/esecuzione").wants(403)
	andrea.submit(andrea.get(path+"/esecuzione"), nil).wants(200, "Esito eseguito")
	if s.count(`SELECT count(*) FROM disputes WHERE recover_cents > 0`) != 0 {
		t.Error("it is still to be recovered")
	}
	s.whole()
}

func TestAFormSpeaksOfWhatItsAddressNamesAndOfNothingElse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	rows, err := s.Pool.Query(s.Context(), `
		WITH o AS (SELECT id FROM persons WHERE fiscal_code = $1)
		INSERT INTO disputes (protocol, booking_id, made_by, made_at, kind, holds, answer_by, state, proposed_by, proposed_at, proposal, grounds, answer)
		SELECT 'INPS-2026-' || nextval('protocol_numbers'), b.id, b.beneficiary_id, $2, 'not_held', true, '2026-12-31', 'proposed', o.id, $2, 'uphold', 'g', 'a'
		FROM o, bookings b WHERE b.state = 'held' AND b.claimed_cents IS NULL AND NOT EXISTS (SELECT FROM disputes x WHERE x.booking_id = b.id)
		LIMIT 2 RETURNING id::text`, string(fiscalCode(demo.INPSOfficer)), s.Now())
	if err != nil {
		t.Fatal(err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) != 2 {
		t.Fatal(ids, err)
	}
	andrea := s.login(demo.INPSApprover, "inps")
	answer := replay(andrea.get("/gestione/inps/segnalazioni/"+ids[0]+"/decisione"), url.Values{"decisione": {"rimanda"}, "nota": {"Manca un documento."}})
	for range 2 { // sent twice it acts once
		andrea.post("/gestione/inps/segnalazioni/"+ids[0]+"/decisione", answer).wants(200, "Proposta rimandata")
	}
	andrea.post("/gestione/inps/segnalazioni/"+ids[1]+"/decisione", answer).wants(422, "Hai già inviato questo modulo con altri dati")
	if state := s.text(`SELECT state FROM disputes WHERE id::text = $1`, ids[1]); state != "proposed" {
		t.Errorf("the other is %s", state)
	}
}
