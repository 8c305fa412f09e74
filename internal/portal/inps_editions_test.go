package portal_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/once"
	"portal/internal/voucher"
)

// transfer is money sent for the edition of 2025, recorded by somebody.
func (s *site) transfer() (id string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `
		INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at)
		SELECT 'prova-2', 'Lazio', 100, '2026-10-01', 'Determinazione 1/2026', id, now() FROM persons LIMIT 1 RETURNING id`).Scan(&id)
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// hidden is the value of a hidden field of the form of a page.
func (p page) hidden(name string) string {
	p.Helper()
	for _, n := range p.form().all("input") {
		if n.attr("name") == name {
			return n.attr("value")
		}
	}
	p.Fatalf("%s has no hidden field %q", p.URL.Path, name)
	return ""
}

// saves changes one section of the open draft of an edition.
func (b *browser) saves(edition, section string, fields url.Values) page {
	b.Helper()
	return b.submit(b.get("/gestione/inps/annualita/"+edition+"/sezione/"+section).wants(http.StatusOK), fields)
}

// drafts makes the edition of 2028 out of that of 2025, complete but for its bands.
func (b *browser) drafts() {
	b.Helper()
	b.submit(b.get("/gestione/inps/annualita/nuova"), url.Values{"da": {"2025"}, "anno": {"2028"}, "anno_fondo": {"2027"}, "nome": {"2028"}}).
		wants(http.StatusOK, "Bozza creata", "Prima di proporre la bozza", "Inserisci almeno una tranche di risorse", "Inserisci giorno e ora")
	window := url.Values{"window-opens-ora": {"10:00"}, "window-closes-ora": {"24:00"}, "window-article": {"Circolare INPS 1/2028"}}
	maps.Copy(window, day("window-opens", calendar.On(noon)))
	maps.Copy(window, day("window-closes", calendar.On(noon).Add(30)))
	b.saves("2028", "finestra", window).wants(http.StatusOK, "Sezione salvata", "23 novembre 2026 alle 10:00", "23 dicembre 2026 alle 24:00")
	var lines strings.Builder
	lines.WriteString("territorio;importo\r\n")
	for i, t := range voucher.Territories {
		fmt.Fprintf(&lines, "%s;%d.000,00\r\n", t, i+100)
	}
	list := b.get("/gestione/inps/annualita/2028/sezione/risorse").wants(http.StatusOK)
	form := b.get(list.link("Aggiungi una tranche"))
	b.submit(form, url.Values{"tranche-name": {"Fondo 2026"}, "tranche-article": {"DM 1 marzo 2028"}, "tranche-csv": {lines.String()}}).
		wants(http.StatusOK, "Sezione salvata", "Fondo 2026", "2.310.000,00 €")
	b.saves("2028", "territori", url.Values{"closed_territories": {"P.A. Bolzano", "P.A. Trento"}, "closed_territories-article": {"Circolare INPS 1/2028"}}).
		wants(http.StatusOK, "P.A. Bolzano, P.A. Trento")
}

func TestANewEditionIsMadeOnScreenByTwoAndNoCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	officer.get("/gestione/inps/annualita").wants(http.StatusOK, "2025", "Versione 1 in vigore", "Chiuse")
	officer.drafts()
	officer.saves("2028", "fasce", url.Values{"bands-0-amount": {"1.600,00"}, "bands-1-isee_up_to": {"12.000,00"}}).
		wants(http.StatusUnprocessableEntity, "Le fasce ISEE si sovrappongono tra 12.000,00 € e 15.000,00 €")
	officer.saves("2028", "fasce", url.Values{"bands-0-amount": {"1.600,00"}, "bands-article": {"DM 1 marzo 2028, art. 2"}}).wants(http.StatusOK, "Sezione salvata", "1.600,00 €")

	// The examples of the old decree do not come out any more.
	officer.get("/gestione/inps/annualita/2028/proponi").wants(http.StatusOK, "Almeno un esempio non dà il risultato atteso", "Le regole danno: 1.600,00 €")
	officer.saves("2028", "esempi", url.Values{"isee-0-amount": {"1.600,00"}, "isee-1-amount": {"1600"}}).wants(http.StatusOK, "Sezione salvata")

	ask := officer.get("/gestione/inps/annualita/2028/proponi").wants(http.StatusOK, "Riuscito").silent("Non riuscito")
	officer.submit(ask, nil).wants(http.StatusOK, "Bozza proposta", "Da approvare")
	officer.submit(ask, nil).wants(http.StatusOK, "Bozza proposta") // sent twice, done once
	officer.get("/gestione/inps/annualita/2028/approva").wants(http.StatusOK, "Per questa operazione serve un altro incarico")
	s.browser().get("/contributo-psicoterapia").wants(http.StatusOK).silent("1.600,00 €")

	decide := approver.get(approver.get("/gestione/inps/annualita/2028").link("Approva o rimanda")).
		wants(http.StatusOK, "Prima e dopo", "Fondo 2026, Lazio", "ISEE sotto 15.000,00 €: 1.600,00 €", "DM 1 marzo 2028, art. 2", "Riuscito")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(http.StatusUnprocessableEntity, "Scrivi nella nota che cosa va corretto")
	approver.submit(decide, url.Values{"decisione": {"approva"}}).wants(http.StatusOK, "Regole approvate", "In vigore")

	s.browser().get("/").wants(http.StatusOK, "Le domande sono aperte fino al 23 dicembre 2026 alle 24:00")
	s.browser().get("/contributo-psicoterapia").wants(http.StatusOK, "Un contributo fino a 1.600,00 €", "Le domande sono aperte fino al 23 dicembre 2026 alle 24:00",
		"La Provincia autonoma di Bolzano e la Provincia autonoma di Trento non partecipano all’edizione 2028: chi vi risiede non può ottenere il contributo.")
	s.login(demo.PartialCitizen, "cittadino").get("/contributo-psicoterapia/domande").wants(http.StatusOK, "Richiedi il contributo 2028")
	s.At(noon.AddDate(0, 2, 0))
	s.browser().get("/contributo-psicoterapia").wants(http.StatusOK, "Le domande sono chiuse dal 24 dicembre 2026. Puoi ancora controllare le tue domande.")
	s.browser().get("/").wants(http.StatusOK, "Le domande sono chiuse dal 24 dicembre 2026.")
	if n := s.count(`SELECT count(*) FROM audit a JOIN edition_versions v ON v.key = a.subject_id
		WHERE v.edition_id = '2028' AND a.action IN ('edition.drafted', 'edition.saved', 'edition.proposed', 'edition.released')`); n != 8 {
		t.Errorf("%d entries in the register", n)
	}
	s.whole()
}

func TestNobodyApprovesTheRulesTheyPrepared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO role_grants (person_id, role, duty, during)
		SELECT person_id, role, 'approve', during FROM role_grants WHERE role = 'inps' AND duty = 'prepare'`); err != nil {
		t.Fatal(err)
	}
	officer := s.login(demo.INPSOfficer, "inps")
	officer.drafts()
	officer.submit(officer.get("/gestione/inps/annualita/2028/proponi"), nil).wants(http.StatusOK, "Bozza proposta")
	officer.get("/gestione/inps/annualita/2028/approva").wants(http.StatusOK, "le approva un’altra persona")
	officer.post("/gestione/inps/annualita/2028/approva", url.Values{"idem": {once.NewKey()}, "versione": {"1.4"}, "decisione": {"approva"}}).
		wants(http.StatusConflict, "le approva un’altra persona")
	_, err := s.Pool.Exec(t.Context(), `UPDATE edition_versions SET state = 'released', decided_by = drafted_by, decided_at = now() WHERE edition_id = '2028'`)
	if err == nil || !strings.Contains(err.Error(), "nobody_releases_what_they_drafted") {
		t.Errorf("the database: %v", err)
	}
}

func TestADraftThatComesBackSaysWhyAndAStaleApprovalIsNone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	officer.drafts()
	officer.submit(officer.get("/gestione/inps/annualita/2028/proponi"), nil)
	decide := approver.get("/gestione/inps/annualita/2028/approva")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}, "nota": {"Manca la proroga"}}).wants(http.StatusOK, "Bozza rimandata")
	officer.get("/gestione/inps/annualita/2028").wants(http.StatusOK, "Rimandata con questa nota", "Manca la proroga")
	officer.saves("2028", "proroghe", url.Values{"overrides-0-round": {"1"}, "overrides-0-article": {"DM 2 marzo 2028"},
		"overrides-0-last_day-giorno": {"1"}, "overrides-0-last_day-mese": {"3"}, "overrides-0-last_day-anno": {"2028"}}).wants(http.StatusOK, "ultimo giorno 1º marzo 2028")
	examples := url.Values{"terms-0-last_day-giorno": {"1"}, "terms-0-last_day-mese": {"3"}, "terms-0-last_day-anno": {"2028"}}
	officer.saves("2028", "esempi", examples).wants(http.StatusOK, "Sezione salvata")
	officer.submit(officer.get("/gestione/inps/annualita/2028/proponi"), nil).wants(http.StatusOK, "Bozza proposta")
	again := url.Values{"idem": {once.NewKey()}, "versione": {decide.hidden("versione")}, "decisione": {"approva"}}
	approver.post("/gestione/inps/annualita/2028/approva", again).wants(http.StatusConflict, "mentre le guardavi")
}

func TestAfterAPublicationWhatDecidedItIsLocked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.publish("2025")
	officer := s.login(demo.INPSOfficer, "inps")
	officer.submit(officer.get("/gestione/inps/annualita/2025/nuova-versione").wants(http.StatusOK), nil).wants(http.StatusOK, "Bozza creata", "Graduatoria già proposta o pubblicata")
	officer.get("/gestione/inps/annualita/2025/sezione/fasce").wants(http.StatusOK, "non si possono cambiare")
	officer.get("/gestione/inps/annualita/2025/sezione/risorse?tranche=0").wants(http.StatusOK, "non si possono cambiare")
	fields := url.Values{"idem": {once.NewKey()}, "versione": {"2.0"}, "bands-0-isee_up_to": {"50.000"}, "bands-0-amount": {"1"}, "bands-article": {"x"}}
	officer.post("/gestione/inps/annualita/2025/sezione/fasce", fields).wants(http.StatusConflict, "i valori che l’hanno decisa")
	officer.submit(officer.get("/gestione/inps/annualita/2025/sezione/risorse?tranche=1"), url.Values{"tranche-name": {"Fondo 2026"}, "tranche-article": {"DM"},
		"tranche-of-6": {"1.000,00"}}).wants(http.StatusOK, "Sezione salvata")
}

// publish makes believe that a ranking of an edition was published.
func (s *site) publish(edition string) {
	s.Helper()
	_, err := s.Pool.Exec(s.Context(), `
		WITH p AS (SELECT array_agg(id) AS ids FROM (SELECT id FROM persons ORDER BY id LIMIT 3) three)
		INSERT INTO ranking_runs (edition_id, edition_version, number, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest, result_digest,
			checked_at, disagreements, proposed_by, proposed_at, decided_by, decided_at, ordered_by, ordered_at, publish_at, publication, published_at)
		SELECT $1, 1, 99, 1, 'published', ids[1], now(), 0, '', '', '', now(), 0, ids[1], now(), ids[2], now(), ids[3], now(), now(), 99, now() FROM p`, edition)
	if err != nil {
		s.Fatal(err)
	}
}

func TestWhatWasTypedWrongStaysOnTheScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	officer.drafts()
	p := officer.saves("2028", "importi", url.Values{"validity_days": {"duecento"}, "session_cap": {"cinquanta"}, "small_cells-article": {" "}}).
		wants(http.StatusUnprocessableEntity, "Scrivi un numero intero, per esempio 30", "Scrivi l’importo con due decimali", "Indica la norma o l’atto")
	for name, want := range map[string]string{"validity_days": "duecento", "session_cap": "cinquanta"} {
		if got := p.one("#" + name).attr("value"); got != want {
			t.Errorf("%s holds %q", name, got)
		}
	}
	p = officer.saves("2028", "risorse?tranche=0", url.Values{"tranche-csv": {"Lazio;1.000,00\nAtlantide;5"}}).
		wants(http.StatusUnprocessableEntity, "Riga 2: scrivi territorio;importo")
	if got := p.one("#tranche-csv").text(); !strings.Contains(got, "Atlantide") {
		t.Errorf("the pasted lines are %q", got)
	}
	wrong := url.Values{"window-opens-giorno": {"31"}, "window-opens-mese": {"2"}, "window-closes-ora": {"25:00"}}
	officer.saves("2028", "finestra", wrong).wants(http.StatusUnprocessableEntity, "Scrivi la data con giorno, mese e anno", "Scrivi l’ora con due cifre")
}

func TestMoneyThatArrivesIsRecordedAndTakenBackNotChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	officer.get("/gestione/inps/risorse/2025").wants(http.StatusOK, "Stanziate", "2.081.630,79 €", "Nessun trasferimento registrato", "Non partecipa")
	fields := url.Values{"territorio": {"Lazio"}, "importo": {"1.000.000,00"}, "atto": {"Determinazione 12 del 3 marzo 2026"}}
	maps.Copy(fields, day("giorno", calendar.NewDate(2026, time.March, 4)))
	ask := officer.get("/gestione/inps/risorse/2025/trasferimenti").wants(http.StatusOK)
	officer.submit(ask, url.Values{"territorio": {"Lazio"}, "importo": {"-5"}}).wants(http.StatusUnprocessableEntity, "troppo basso")
	officer.submit(ask, url.Values{"territorio": {"Lazio"}, "importo": {"5,00"}, "atto": {"x"}}).wants(http.StatusUnprocessableEntity, "oggi o prima")
	p := officer.submit(ask, fields).wants(http.StatusOK, "Trasferimento registrato", "1.000.000,00 €", "Chiara Colombo")
	officer.submit(ask, fields).wants(http.StatusOK, "Trasferimento registrato")
	if n := s.count(`SELECT count(*) FROM funding_transfers WHERE edition_id = '2025'`); n != 1 {
		t.Errorf("%d transfers", n)
	}
	reverse := officer.get(p.link("Storna")).wants(http.StatusOK, "Vuoi stornare questo trasferimento?", "Lazio")
	officer.submit(reverse, nil).wants(http.StatusUnprocessableEntity, "Indica l’atto")
	officer.submit(reverse, url.Values{"atto": {"Registrato per errore"}}).wants(http.StatusOK, "Trasferimento stornato", "Stornato", "Storno")
	officer.get(reverse.URL.Path).wants(http.StatusConflict, "già stato stornato")
	if n := s.count(`SELECT sum(amount_cents) FROM funding_transfers WHERE edition_id = '2025'`); n != 0 {
		t.Errorf("%d cents are left of a transfer that was taken back", n)
	}
	s.login(demo.INPSApprover, "inps").get("/gestione/inps/risorse/2025").wants(http.StatusOK).silent("Registra un trasferimento")
	s.whole()
}

func TestTheLastMinuteOfADayIsItsEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	officer.drafts()
	officer.saves("2028", "finestra", url.Values{"window-closes-ora": {"23:59"}}).wants(http.StatusOK, "23 dicembre 2026 alle 24:00")
	if got := officer.get("/gestione/inps/annualita/2028/sezione/finestra").one("#window-closes-ora").attr("value"); got != "24:00" {
		t.Errorf("the field says %s", got)
	}
	officer.saves("2028", "finestra", url.Values{"window-closes-ora": {"18:30"}}).wants(http.StatusOK, "23 dicembre 2026 alle 18:30")
}

func TestAReopeningIsWrittenToTheHourAndReadBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	officer.drafts()
	fields := url.Values{"reopenings-0-round": {"1"}, "reopenings-0-acts": {"confirm", "invoice"}, "reopenings-0-opens-ora": {"09:00"},
		"reopenings-0-closes-ora": {"18:00"}, "reopenings-0-territories": {"lazio, Valle d’Aosta"}, "reopenings-0-provinces": {"bo"},
		"reopenings-0-article": {"Messaggio INPS 1/2028"}}
	maps.Copy(fields, day("reopenings-0-opens", calendar.NewDate(2028, time.July, 15)))
	maps.Copy(fields, day("reopenings-0-closes", calendar.NewDate(2028, time.July, 31)))
	maps.Copy(fields, day("reopenings-0-held_to", calendar.NewDate(2028, time.June, 7)))
	officer.saves("2028", "riaperture", fields).wants(http.StatusOK, "Sezione salvata",
		"Confermare, inserire i dati delle fatture; dal 15 luglio 2028 alle 09:00 al 31 luglio 2028 alle 18:00; sedute fino al 7 giugno 2028; Lazio, Valle d", "BO", "Messaggio INPS 1/2028")
	again := officer.get("/gestione/inps/annualita/2028/sezione/riaperture")
	if got := again.one("#reopenings-0-closes-ora").attr("value"); got != "18:00" {
		t.Errorf("the hour of its end is %q", got)
	}
	officer.saves("2028", "riaperture", url.Values{"reopenings-0-acts": nil, "reopenings-0-provinces": {"XX"}, "reopenings-0-closes-ora": {"08:00"},
		"reopenings-0-closes-giorno": {"15"}}).wants(http.StatusUnprocessableEntity, "Scrivi le sigle delle province", "La chiusura deve venire dopo l’apertura")
	officer.saves("2028", "proroghe", url.Values{"overrides-0-round": {"1"}, "overrides-0-article": {"DM 2 marzo 2028"},
		"overrides-0-invoice_by-giorno": {"21"}, "overrides-0-invoice_by-mese": {"5"}, "overrides-0-invoice_by-anno": {"2028"}}).
		wants(http.StatusOK, "dati delle fatture entro il 21 maggio 2028")
}
