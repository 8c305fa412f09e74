package portal_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// officer is a persona of INPS at work, with one duty.
func (s *site) officer(hint demo.Hint, duty identity.Duty) identity.Actor {
	s.Helper()
	at := slices.IndexFunc(demo.Personas, func(p demobroker.Persona) bool { return p.Hint == hint })
	var id string
	if err := s.Pool.QueryRow(s.Context(), `SELECT id FROM persons WHERE fiscal_code = $1`, string(demo.Personas[at].FiscalCode)).Scan(&id); err != nil {
		s.Fatal(err)
	}
	return identity.Own(identity.PersonID(id), identity.INPS).WithDuties([]identity.Duty{duty})
}

// approvedRun is a ranking of an edition "2026" that waits to be published: in Lazio
// there is money for two and a half of nine, of whom Paolo is the sixth; in Bolzano
// for all four.
func (s *site) approvedRun() voucher.RunID {
	s.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		s.Fatal(err)
	}
	e := all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })]
	e.ID, e.ApplicationYear = "2026", 2026
	e.Rules.Bands.Is = []voucher.Band{{UpTo: 50_000 * money.Euro, Inclusive: true, Amount: 600 * money.Euro}}
	e.Rules.Window.Is = voucher.Window{Opens: noon.AddDate(0, -3, 0), Closes: noon.AddDate(0, -1, 0)}
	e.Rules.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "fondo",
		Of: map[string]money.Amount{"Lazio": 1_500 * money.Euro, "P.A. Bolzano": 2_400 * money.Euro}}, Article: "DM di prova"}}
	e.Rules.Closed.Is, e.Rules.Overrides = nil, nil
	if err := postgres.NewEditions(s.Pool).Ship(s.Context(), []voucher.Edition{e}); err != nil {
		s.Fatal(err)
	}
	for i := range 13 {
		territory, isee := "Lazio", int64((i+1)*1_000_00)
		if i > 8 {
			territory = "P.A. Bolzano"
		}
		person := `INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ('PRV' || lpad($1, 13, '0'), 'Anna', 'Prova') RETURNING id`
		if i == 5 {
			person = `SELECT id FROM persons WHERE $1 <> '' AND fiscal_code = '` + string(demo.Personas[2].FiscalCode) + `'`
		}
		var id string
		if err := s.Pool.QueryRow(s.Context(), person, fmt.Sprint(i)).Scan(&id); err != nil {
			s.Fatal(err)
		}
		if _, err := s.Pool.Exec(s.Context(), `INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
			VALUES ($1, '2026', $2, $2, $3, 'RM', $4, 'valid', $5, 'in_review')`, fmt.Sprint("PROVA-", i), id, territory, isee, noon.AddDate(0, -2, 0).Add(time.Duration(i)*time.Second)); err != nil {
			s.Fatal(err)
		}
	}
	prepare, approve := s.officer(demo.INPSOfficer, identity.Prepare), s.officer(demo.INPSApprover, identity.Approve)
	sent := func(who identity.Actor, action string) once.Form {
		form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
		if err != nil {
			s.Fatal(err)
		}
		return form
	}
	rankings := s.Portal.Rankings
	run, err := rankings.Simulate(s.Context(), prepare, sent(prepare, "ranking.simulate"), voucher.Simulation{Edition: "2026"})
	if err != nil {
		s.Fatal(err)
	}
	if err := errors.Join(rankings.Check(s.Context(), prepare, sent(prepare, "ranking.check"), run),
		rankings.Propose(s.Context(), prepare, sent(prepare, "ranking.propose"), run),
		rankings.Approve(s.Context(), approve, sent(approve, "ranking.approve"), run)); err != nil {
		s.Fatal(err)
	}
	return run
}

// issue carries out the publications that are due, as the job does.
func (s *site) issue() {
	s.Helper()
	if _, left, err := s.Portal.Rankings.IssueDue(s.Context(), s.Portal.Vouchers); left || err != nil {
		s.Fatal(left, err)
	}
}

func TestARankingIsPublishedByAThirdPersonAndEverybodyReadsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	run := s.approvedRun()
	address := "/gestione/inps/simulazioni/" + string(run)

	for _, hint := range []demo.Hint{demo.INPSOfficer, demo.INPSApprover} {
		b := s.login(hint, "inps")
		b.get(address+"/pubblica").wants(http.StatusConflict, "Hai simulato, proposto o approvato tu questa graduatoria")
		b.post(address+"/pubblica", url.Values{"idem": {once.NewKey()}, "quando": {""}}).wants(http.StatusConflict, "Deve pubblicarla un’altra persona")
	}
	s.login(demo.INPSPayer, "inps").get(address + "/pubblica").wants(http.StatusForbidden)

	b := s.login(demo.INPSPublisher, "inps")
	b.get(address+"/pubblica").wants(http.StatusOK, "Quando si pubblica?", "3.900,00 €")
	b.get(address+"/pubblica?quando=data&data-giorno=1&data-mese=2&data-anno=2026&ora=9:00").wants(http.StatusUnprocessableEntity, "Scegli un’ora che deve ancora venire")
	b.get(address + "/pubblica?quando=data&data-giorno=31&data-mese=2&data-anno=2027&ora=9:00").wants(http.StatusUnprocessableEntity)
	later := b.get(address+"/pubblica?quando=data&data-giorno=5&data-mese=12&data-anno=2026&ora=9:00").wants(http.StatusOK,
		"Vuoi pubblicare la graduatoria 2026?", "Alle 09:00 del 5 dicembre 2026: 7 domande", "270 giorni dalla pubblicazione", "mercoledì 1º settembre 2027")
	if !strings.Contains(later.Body, `name="quando" value="2026-12-05T09:00:00+01:00"`) {
		t.Error("the form does not send on when")
	}
	ask := b.get(address+"/pubblica?quando=subito").wants(http.StatusOK, "7 domande diventano Accolte o Parzialmente accolte, generiamo 7 codici",
		"Non si può annullare: le correzioni si fanno con una rettifica.", "INPS: c’è una novità sulla tua domanda")
	p := b.submit(ask, nil).wants(http.StatusOK, "Codici generati 0 di 7. Puoi chiudere questa pagina.", "Aggiorna lo stato")
	if p.URL.Path != "/gestione/inps/pubblicazioni/"+string(run) {
		t.Errorf("led to %s", p.URL.Path)
	}
	b.submit(ask, nil).wants(http.StatusOK, "Codici generati 0 di 7.") // a double click
	s.browser().get("/contributo-psicoterapia/graduatorie/2026").wants(http.StatusOK, "La graduatoria non è ancora pubblicata. Data prevista: 23 novembre 2026.")
	s.issue()
	b.get(p.URL.Path).wants(http.StatusOK, "7 codici generati, 13 domande decise").silent("Aggiorna lo stato")
	b.get(p.URL.Path+"/verbale").wants(http.StatusOK, "Chiara Colombo", "Andrea Ricci", "Alessandra Moretti", "Nessuna differenza, riga per riga")
	b.get(address + "/rettifica").wants(http.StatusConflict)

	everybody := s.browser()
	everybody.get("/contributo-psicoterapia/graduatorie").wants(http.StatusOK, "Pubblicazione n. 1 del 23 novembre 2026")
	table := everybody.get("/contributo-psicoterapia/graduatorie/2026").wants(http.StatusOK, "Lazio", "meno di 5", "non pubblicato", "1.500,00 €").silent("PROVA-", "Prova")
	everybody.get(table.link("Lazio")).wants(http.StatusOK, "Graduatoria 2026: Lazio", "ISEE dell’ultima domanda accolta")
	both := everybody.get("/contributo-psicoterapia/graduatorie/2026/bolzano-bozen").wants(http.StatusOK, "weniger als 5", "meno di 5", "Veröffentlichung Nr. 1")
	if n := len(both.one(".two-languages").all("dl")); n != 2 {
		t.Errorf("%d columns of figures", n)
	}
	csv := everybody.get(table.link("Scarica i dati")).wants(http.StatusOK)
	if !strings.Contains(csv.Body, "P.A. Bolzano;meno di 5;") || strings.Contains(csv.Body, ";4;") {
		t.Errorf("the file says\n%s", csv.Body)
	}
	everybody.get("/contributo-psicoterapia/graduatorie/2026/atlantide").wants(http.StatusNotFound)
	everybody.get("/contributo-psicoterapia/graduatorie/1999").wants(http.StatusNotFound)
	everybody.get("/contributo-psicoterapia/graduatorie/2026?pubblicazione=2").wants(http.StatusNotFound)
	s.whole()

	// Who was left out reads where they stand, and why.
	paolo := s.login(demo.ExcludedCitizen, "")
	var mine string
	if err := s.Pool.QueryRow(t.Context(), `SELECT id FROM applications WHERE protocol = 'PROVA-5'`).Scan(&mine); err != nil {
		t.Fatal(err)
	}
	paolo.get("/contributo-psicoterapia/domande/"+mine+"/dati").wants(http.StatusOK,
		"Sei al posto 6 nella graduatoria di Lazio. Le risorse sono bastate fino al posto 3: ti mancano 3 posizioni.",
		"L’ultima domanda finanziata aveva un ISEE di 3.000,00 €. Il tuo è 6.000,00 €: sono 3.000,00 € in più.",
		"Chi è subito prima di te ha un ISEE più basso.", "Per arrivare a te servono 2.100,00 €", "DM di prova", "Chiedi il riesame")
	paolo.get("/messaggi").wants(http.StatusOK, "INPS: c’è una novità sulla tua domanda")
}

func TestACorrectionIsBegunWithAReasonAndTheOldOneStaysReadable(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	run := s.approvedRun()
	b := s.login(demo.INPSPublisher, "inps")
	b.submit(b.get("/gestione/inps/simulazioni/"+string(run)+"/pubblica?quando=subito"), nil)
	s.issue()
	s.At(noon.Add(time.Minute))
	s.exec(`UPDATE applications SET isee_cents = 100 WHERE protocol = 'PROVA-8'`)

	officer := s.login(demo.INPSOfficer, "inps")
	address := "/gestione/inps/simulazioni/" + string(run) + "/rettifica"
	ask := officer.get(address).wants(http.StatusOK, "Rettifica della pubblicazione 1", "Chi ha già un codice lo conserva")
	officer.submit(ask, url.Values{"motivo": {" "}}).wants(http.StatusUnprocessableEntity, "Scrivi il motivo della rettifica")
	p := officer.submit(ask, url.Values{"motivo": {"ISEE corretto dopo la pubblicazione"}, "idem": {once.NewKey()}})
	p.wants(http.StatusOK)
	corrected := voucher.RunID(p.URL.Path[strings.LastIndex(p.URL.Path, "/")+1:])
	is, err := s.Portal.Rankings.Run(t.Context(), corrected)
	if err != nil || is.Corrects != run || is.Reason != "ISEE corretto dopo la pubblicazione" {
		t.Fatalf("%+v, %v", is, err)
	}
	prepare, approve, publish := s.officer(demo.INPSOfficer, identity.Prepare), s.officer(demo.INPSApprover, identity.Approve), s.officer(demo.INPSPublisher, identity.Publish)
	sent := func(who identity.Actor, action string) once.Form {
		form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
		if err != nil {
			t.Fatal(err)
		}
		return form
	}
	if err := errors.Join(
		s.Portal.Rankings.Check(t.Context(), prepare, sent(prepare, "ranking.check"), corrected),
		s.Portal.Rankings.Propose(t.Context(), prepare, sent(prepare, "ranking.propose"), corrected),
		s.Portal.Rankings.Approve(t.Context(), approve, sent(approve, "ranking.approve"), corrected),
		s.Portal.Rankings.Publish(t.Context(), publish, sent(publish, "ranking.publish"), corrected, time.Time{})); err != nil {
		t.Fatal(err)
	}
	s.issue()
	everybody := s.browser()
	everybody.get("/contributo-psicoterapia/graduatorie/2026").wants(http.StatusOK, "Pubblicazione n. 2", "È una rettifica")
	everybody.get("/contributo-psicoterapia/graduatorie/2026?pubblicazione=1").wants(http.StatusOK, "Questa pubblicazione è stata sostituita", "Pubblicazione n. 1")
	officer.get("/gestione/inps/pubblicazioni/"+string(run)).wants(http.StatusOK, "Sostituita").silent("Rettifica")
	officer.get(address).wants(http.StatusConflict, "Si rettifica solo la pubblicazione in vigore.")
	s.whole()
}

func TestAPublicationIsStoppedBeforeItsTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	run := s.approvedRun()
	address := "/gestione/inps/simulazioni/" + string(run)
	b := s.login(demo.INPSPublisher, "inps")
	b.get(address+"/pubblica?quando=data&data-giorno=5&data-mese=12&data-anno=2062&ora=9:00").wants(http.StatusUnprocessableEntity, "Scegli un giorno entro 60 giorni da oggi")
	ask := b.get(address+"/pubblica?quando=data&data-giorno=5&data-mese=12&data-anno=2026&ora=9:00").wants(http.StatusOK, "Fino ad allora la pubblicazione si può fermare")
	ordered := b.submit(ask, nil).wants(http.StatusOK, "Si pubblica")
	s.login(demo.INPSOfficer, "inps").get(ordered.URL.Path).wants(http.StatusOK).silent("Ferma la pubblicazione")
	stop := b.get(ordered.link("Ferma la pubblicazione")).wants(http.StatusOK, "Che cosa decidi?").silent("Approva la graduatoria")
	b.submit(stop, url.Values{"decisione": {"rimanda"}, "nota": {""}}).wants(http.StatusUnprocessableEntity)
	b.submit(stop, url.Values{"decisione": {"rimanda"}, "nota": {"La data è sbagliata."}}).wants(http.StatusOK, "Graduatoria rimandata", "La data è sbagliata.")
	s.browser().get("/contributo-psicoterapia/graduatorie/2026").wants(http.StatusOK, "La data non è ancora fissata")
	b.get(ordered.URL.Path).wants(http.StatusNotFound)
	s.whole()
}

func TestWhoPublishesIsToldWhatChangedSince(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	address := "/gestione/inps/simulazioni/" + string(s.approvedRun())
	b := s.login(demo.INPSPublisher, "inps")
	s.exec(`UPDATE applications SET state = 'withdrawn' WHERE protocol = 'PROVA-1'`)
	ask := b.get(address+"/pubblica?quando=subito").wants(http.StatusOK, "1 domanda è stata ritirata dopo la simulazione")
	s.exec(`UPDATE applications SET state = 'refused', reason = 'duplicate' WHERE protocol = 'PROVA-2'`)
	b.submit(ask, nil).wants(http.StatusConflict, "è cambiata 1 domanda: rifai la simulazione")
	b.get(address+"/pubblica").wants(http.StatusConflict, "è cambiata 1 domanda: rifai la simulazione")
	s.exec(`UPDATE applications SET state = 'submitted', reason = '' WHERE protocol = 'PROVA-2'`)
	done := b.submit(ask, nil).wants(http.StatusOK, "Codici generati 0 di 7.")
	s.issue()
	b.get(done.URL.Path).wants(http.StatusOK, "6 codici generati", "Importi non assegnati")
	b.get(done.URL.Path+"/verbale").wants(http.StatusOK, "1 domanda con un importo in graduatoria non l’ha ricevuto")
	s.whole()
}
