package portal_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/once"
)

const callsAddress = "/gestione/enpap/bandi/"

// savesCall changes a section of the open draft of a call.
func (b *browser) savesCall(call, section string, fields url.Values) page {
	b.Helper()
	return b.submit(b.get(callsAddress+call+"/sezione/"+section).wants(http.StatusOK), fields)
}

// draftsCall makes the call of March 2027 out of that of May 2026, complete.
func (b *browser) draftsCall() {
	b.Helper()
	ask := b.get("/gestione/enpap/bandi/nuovo").wants(http.StatusOK)
	b.submit(ask, url.Values{"da": {"2026-05"}, "mese": {"3"}, "anno": {"2027"}}).
		wants(http.StatusOK, "Bozza creata", "Prima di proporre la bozza", "Periodo: Indica la norma o l’atto", "Bando marzo 2027, art. 4, lett. a")
	b.savesCall("2027-03", "periodo", url.Values{"window-article": {"Bando marzo 2027, art. 4"}}).
		wants(http.StatusOK, "Sezione salvata", "dal 1º al 31 marzo 2027", "entro il 10 aprile 2027, ore 23:59").silent("Periodo: Indica")
	b.savesCall("2027-03", "stanziamento", url.Values{"budget-limited": {"si"}, "budget": {"180.000,00"}, "budget-article": {"Delibera CdA 3/2027"}}).
		wants(http.StatusOK, "180.000,00 €")
	expected := url.Values{"expected-article": {"Nota del Servizio Welfare"}}
	maps.Copy(expected, day("expected-ranking", calendar.NewDate(2027, 5, 20)))
	b.savesCall("2027-03", "date-previste", expected).wants(http.StatusOK, "graduatoria entro il 20 maggio 2027")
}

func TestTheCallOfANewMonthIsMadeOnScreenByTwoAndNoCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.WelfareOfficer, "welfare"), s.login(demo.WelfareApprover, "welfare")
	officer.get("/gestione/enpap/bandi").wants(http.StatusOK, "novembre 2026", "Aperto", "Versione 1 in vigore", "Da approvare", "250.000,00 €")
	officer.draftsCall()

	officer.savesCall("2027-03", "punteggi", url.Values{"isee_points-0-points": {"9"}, "isee_points-1-up_to": {"9.000,00"}}).
		wants(http.StatusUnprocessableEntity, "Ogni limite deve essere più alto del precedente")
	officer.savesCall("2027-03", "giorni", url.Values{"excluded_days": {"5"}, "excluded_days-article": {"Bando marzo 2027, art. 4"}}).wants(http.StatusOK, "Sezione salvata")

	// The examples of the call that was copied do not come out any more.
	officer.get(callsAddress+"2027-03/proponi").wants(http.StatusOK, "Almeno un esempio non dà il risultato atteso", "Le regole danno: durata 40 giorni, pagati 35", "2.100,00 €")
	for _, section := range []struct {
		item   string
		fields url.Values
	}{
		{"0", url.Values{"example-days": {"35"}, "example-gross": {"2.100,00"}}}, {"1", url.Values{"example-days": {"15"}, "example-gross": {"360"}}},
		{"2", url.Values{"example-days": {"16"}, "example-gross": {"480"}}}, {"3", url.Values{"example-days": {"2"}, "example-gross": {"48"}}},
	} {
		officer.savesCall("2027-03", "esempi?voce="+section.item, section.fields).wants(http.StatusOK, "Sezione salvata")
	}
	ask := officer.get(callsAddress+"2027-03/proponi").wants(http.StatusOK, "Riuscito", "Primi giorni non pagati", "6 giorni", "5 giorni").silent("Non riuscito", "ISEE, fascia")
	officer.submit(ask, nil).wants(http.StatusOK, "Bozza proposta", "Da approvare")
	officer.submit(ask, nil).wants(http.StatusOK, "Bozza proposta") // sent twice, done once
	officer.get(callsAddress+"2027-03/approva").wants(http.StatusOK, "Per questa operazione serve un altro incarico")
	s.browser().get("/indennita-malattia-infortunio/bandi/2027-03").wants(http.StatusNotFound)

	decide := approver.get(approver.get(callsAddress+"2027-03").link("Approva o rimanda")).
		wants(http.StatusOK, "Prima e dopo", "Nessun limite", "180.000,00 €", "Delibera CdA 3/2027", "Riuscito")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(http.StatusUnprocessableEntity, "Scrivi nella nota che cosa va corretto")
	approver.submit(decide, nil).wants(http.StatusUnprocessableEntity, "Scegli se approvare o rimandare")
	approver.submit(decide, url.Values{"decisione": {"approva"}}).wants(http.StatusOK, "Regole approvate", "In vigore")
	s.browser().get("/indennita-malattia-infortunio/bandi/2027-03").wants(http.StatusOK, "Bando di marzo 2027", "In arrivo", "20 maggio 2027", "180.000,00 €")
	if n := s.count(`SELECT count(*) FROM audit a JOIN call_versions v ON v.key = a.subject_id
		WHERE v.call_id = '2027-03' AND a.action IN ('call.drafted', 'call.saved', 'call.proposed', 'call.released')`); n != 11 {
		t.Errorf("%d entries in the register", n)
	}
	s.whole()
}

func TestAReadingIsChosenWithItsReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.WelfareOfficer, "welfare")
	officer.draftsCall()
	list := officer.get(callsAddress+"2027-03/sezione/letture").wants(http.StatusOK, "A11 · Fine del periodo che conta", "A31 ·", "20 %")
	reading := officer.get(list.link("Modifica A11")).wants(http.StatusOK, "L’ultimo giorno riconosciuto")
	officer.submit(reading, url.Values{"reading-value": {"recognised"}, "reading-reading": {" "}}).wants(http.StatusUnprocessableEntity, "Scrivi il motivo di questa lettura")
	officer.submit(reading, url.Values{"reading-value": {"boh"}}).wants(http.StatusUnprocessableEntity, "Scegli come si legge")
	officer.submit(reading, url.Values{"reading-value": {"recognised"}, "reading-article": {"Delibera CdA 4/2027"}, "reading-reading": {"Parere legale del 2 marzo 2027"}}).
		wants(http.StatusOK, "Sezione salvata")
	officer.get(callsAddress+"2027-03").wants(http.StatusOK, "L’ultimo giorno riconosciuto", "Delibera CdA 4/2027", "Parere legale del 2 marzo 2027")
	rate := officer.get(callsAddress+"2027-03/sezione/letture?voce=24").wants(http.StatusOK, "Ritenuta fiscale")
	officer.submit(rate, url.Values{"reading-value": {"120"}}).wants(http.StatusUnprocessableEntity, "Scrivi una percentuale da 0 a 100")
	officer.submit(rate, url.Values{"reading-value": {"23,5"}}).wants(http.StatusOK, "23,50 %")
	officer.get(callsAddress + "2027-03/sezione/letture?voce=31").wants(http.StatusNotFound)
}

func TestNobodyApprovesTheCallTheyPrepared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO role_grants (person_id, role, duty, during)
		SELECT person_id, role, 'approve', during FROM role_grants WHERE role = 'welfare' AND duty = 'prepare'`); err != nil {
		t.Fatal(err)
	}
	officer := s.login(demo.WelfareOfficer, "welfare")
	officer.draftsCall()
	officer.submit(officer.get(callsAddress+"2027-03/proponi"), nil).wants(http.StatusOK, "Bozza proposta")
	officer.get(callsAddress+"2027-03/approva").wants(http.StatusOK, "le approva un’altra persona")
	officer.post(callsAddress+"2027-03/approva", url.Values{"idem": {once.NewKey()}, "versione": {"1.4"}, "decisione": {"approva"}}).
		wants(http.StatusConflict, "le approva un’altra persona")
	_, err := s.Pool.Exec(t.Context(), `UPDATE call_versions SET state = 'released', decided_by = drafted_by, decided_at = now() WHERE call_id = '2027-03'`)
	if err == nil || !strings.Contains(err.Error(), "nobody_releases_the_call_they_drafted") {
		t.Errorf("the database: %v", err)
	}
}

func TestACallThatComesBackSaysWhyAndAStaleApprovalIsNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.WelfareOfficer, "welfare"), s.login(demo.WelfareApprover, "welfare")
	decide := approver.get(callsAddress + "2027-01/approva").wants(http.StatusOK)
	approver.submit(decide, url.Values{"decisione": {"rimanda"}, "nota": {"Manca la delibera"}}).wants(http.StatusOK, "Bozza rimandata")
	officer.get(callsAddress+"2027-01").wants(http.StatusOK, "Rimandata con questa nota", "Manca la delibera")
	officer.savesCall("2027-01", "stanziamento", url.Values{"budget-article": {"Delibera CdA 1/2027"}}).wants(http.StatusOK, "Delibera CdA 1/2027")
	officer.submit(officer.get(callsAddress+"2027-01/proponi"), nil).wants(http.StatusOK, "Bozza proposta")
	again := url.Values{"idem": {once.NewKey()}, "versione": {decide.hidden("versione")}, "decisione": {"approva"}}
	approver.post(callsAddress+"2027-01/approva", again).wants(http.StatusConflict, "mentre le guardavi")
	approver.get(callsAddress + "2027-01/elimina").wants(http.StatusForbidden)
}

func TestWhatApplicationsWereSentByIsLockedOnScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `
		INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on, event,
			answers, declarations, registers, digest, check_code)
		SELECT gen_random_uuid(), 'ENPAP-2026-999999', '2026-11', 1, id, 'member', 'portal', id, now(), '2026-12-01', '[2026-11-01,2026-11-20]', '{}', '[]', '{}', decode(repeat('00', 32), 'hex'), 'x'
		FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Member))); err != nil {
		t.Fatal(err)
	}
	officer := s.login(demo.WelfareOfficer, "welfare")
	officer.submit(officer.get(callsAddress+"2026-11/nuova-versione").wants(http.StatusOK), nil).wants(http.StatusOK, "Bozza creata", "Sono già arrivate domande")
	officer.get(callsAddress+"2026-11/sezione/punteggi").wants(http.StatusOK, "non si possono cambiare")
	officer.get(callsAddress+"2026-11/sezione/letture?voce=3").wants(http.StatusOK, "non si possono cambiare")
	fields := url.Values{"idem": {once.NewKey()}, "versione": {"2.0"}, "window-article": {"x"}}
	maps.Copy(fields, day("window-from", calendar.NewDate(2026, 11, 2)))
	maps.Copy(fields, day("window-to", calendar.NewDate(2026, 11, 30)))
	officer.post(callsAddress+"2026-11/sezione/periodo", fields).wants(http.StatusConflict, "sono già arrivate domande")
	officer.savesCall("2026-11", "stanziamento", url.Values{"budget": {"300.000,00"}}).wants(http.StatusOK, "300.000,00 €")
	officer.submit(officer.get(callsAddress+"2026-11/proponi"), nil).wants(http.StatusOK, "Bozza proposta")
	officer.get(callsAddress+"2026-11/nuova-versione").wants(http.StatusConflict, "c’è già una bozza")
}

func TestWhatWasTypedWrongInACallStaysOnTheScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.WelfareOfficer, "welfare")
	officer.draftsCall()
	p := officer.savesCall("2027-03", "importi", url.Values{"round_up_to": {"cinque"}, "short_rate": {"ottanta"}, "income_divisor": {"0"}, "daily_limits-article": {" "}}).
		wants(http.StatusUnprocessableEntity, "Scrivi un numero da 1 a 366", "Scrivi l’importo con due decimali", "Scrivi una percentuale", "Indica la norma o l’atto")
	for name, want := range map[string]string{"round_up_to": "cinque", "short_rate": "ottanta", "income_divisor": "0"} {
		if got := p.one("#" + name).attr("value"); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	wrong := day("window-from", calendar.NewDate(2027, 2, 27))
	officer.savesCall("2027-03", "periodo", wrong).wants(http.StatusUnprocessableEntity, "Il giorno deve essere nel mese del bando")
	officer.savesCall("2027-03", "date-previste", day("expected-ranking", calendar.NewDate(2027, 4, 10))).
		wants(http.StatusUnprocessableEntity, "La graduatoria viene dopo l’ultimo giorno per fare domanda")
	officer.savesCall("2027-03", "stanziamento", url.Values{"budget-limited": nil}).wants(http.StatusUnprocessableEntity, "Scegli se c’è un limite di spesa")
	officer.savesCall("2027-03", "dichiarazioni", url.Values{"declarations-0-says": {" "}}).wants(http.StatusUnprocessableEntity, "Inserisci il testo")
	officer.savesCall("2027-03", "festivita", url.Values{"rome_patron-day": {"31"}}).wants(http.StatusUnprocessableEntity, "Questo giorno non esiste")
	officer.savesCall("2027-03", "esempi?voce=5", url.Values{"example-income": {"1"}}).wants(http.StatusUnprocessableEntity, "Inserisci il giorno")
	officer.savesCall("2027-03", "esempi?voce=4", url.Values{"example-remove": {"si"}}).wants(http.StatusOK, "Sezione salvata").silent("Esempio 5")
	officer.savesCall("2027-03", "termini", url.Values{"heirs_days": {"61"}}).wants(http.StatusOK, "61 giorni")
	new := officer.get("/gestione/enpap/bandi/nuovo").wants(http.StatusOK)
	officer.submit(new, url.Values{"da": {"2026-05"}, "mese": {"3"}, "anno": {"2027"}}).wants(http.StatusUnprocessableEntity, "C’è già un bando di questo mese")
	officer.submit(new, url.Values{"da": {"2026-05"}, "mese": {"3"}, "anno": {"duemila"}}).wants(http.StatusUnprocessableEntity, "Scegli un mese e scrivi un anno")
	officer.submit(officer.get(callsAddress+"2027-03/elimina").wants(http.StatusOK), nil).wants(http.StatusOK, "Bozza eliminata")
}
