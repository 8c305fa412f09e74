package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/ui"
)

const applications = "/contributo-psicoterapia/domande"

// sessions is the tab of a persona's newest code.
func (b *browser) sessions() page {
	b.Helper()
	return b.get(b.get(applications).link("Visualizza")).wants(http.StatusOK)
}

// session is the address of somebody's session on a day.
func (s *site) session(holder demo.Hint, day calendar.Date) (address string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `SELECT '/contributo-psicoterapia/sedute/' || b.id FROM bookings b JOIN persons p ON p.id = b.beneficiary_id
		WHERE p.fiscal_code = $1 AND b.day = $2`, string(fiscalCode(holder)), day).Scan(&address)
	if err != nil {
		s.Fatal(err)
	}
	return address
}

func fiscalCode(hint demo.Hint) identity.FiscalCode {
	for _, p := range append([]demobroker.Persona{demo.Child}, demo.Personas...) {
		if p.Hint == hint {
			return p.FiscalCode
		}
	}
	return ""
}

func TestAnApplicationOpensOnItsSessionsOrOnItsData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	accepted := s.login(demo.Citizen, "").sessions().wants(200, "Accolta", "Codice univoco",
		"Importo assegnato", "1.500,00 €", "Importo confermato per sedute già effettuate", "Importo confermato per sedute da effettuare",
		"Puoi ancora usarlo per circa 24 sedute", "Tutte (8)", "Da fare (3)", "Fatte (3)", "Annullate (2)")
	if !strings.HasSuffix(accepted.URL.Path, "/sedute") {
		t.Errorf("an accepted application opened at %s", accepted.URL.Path)
	}
	excluded := s.login(demo.ExcludedCitizen, "").sessions().wants(200, "Non accolta provvisoria",
		"ultima posizione finanziata 9, la tua è 14", "Le sedute compaiono quando la domanda è accolta", "ISEE fino a 15.000 €").silent("Chi ha visto")
	if !strings.HasSuffix(excluded.URL.Path, "/dati") {
		t.Errorf("an application without a code opened at %s", excluded.URL.Path)
	}
	s.login(demo.PartialCitizen, "").sessions().wants(200, "Parzialmente accolta", "Importo assegnato in parte", "Per ora hai diritto a 430,00 € su 1.500,00 €")
}

func TestAnExpiredCodeIsReadAndNotUsed(t *testing.T) {
	t.Parallel()
	b := newSite(t).login(demo.Citizen, "")
	list := b.get(applications)
	var old string
	for _, a := range list.all("a") {
		if strings.HasPrefix(a.text(), "Visualizza la domanda 2022") {
			old = a.attr("href")
		}
	}
	b.get(old).wants(200, "Scaduta", "Scaduto il 7 giugno 2023", "600,00 € non usati").silent("Stampa la scheda con il codice")
	if card := b.get(old + "/scheda-codice"); !strings.HasSuffix(card.URL.Path, "/sedute") {
		t.Errorf("an expired code has a card at %s", card.URL.Path)
	}
	b.get(old+"/professionisti").wants(200, "Il codice è scaduto il 7 giugno 2023")
}

func TestACancelledSessionGivesItsPriceBackOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	address := s.session(demo.Citizen, calendar.On(noon).Add(6))
	b.get(address).wants(200, "Prenotata", "Puoi annullarla fino alle 23:59 del 28 novembre 2026", "il tuo residuo passa da 1.200,00 € a 1.250,00 €")
	question := b.get(b.get(address).link("Annulla seduta")).wants(200,
		"Vuoi annullare la seduta del 29 novembre 2026 alle 15:00?", "I 50,00 € tornano subito disponibili", "Mantieni la seduta")
	for range 2 { // a double click says the same
		done := b.submit(question, nil).wants(200, "Fatto", "Seduta annullata. 50,00 € sono di nuovo disponibili: il tuo residuo è 1.250,00 €.", "Annullata da te")
		if !strings.HasPrefix(done.title(), "Seduta annullata – ") || done.URL.Path != address {
			t.Errorf("%s: %s", done.URL.Path, done.title())
		}
		done.silent("Annulla seduta", "Aggiungi al calendario")
	}
	b.get(address+"/annulla").wants(200, "Questa seduta è già annullata dal 23 novembre 2026")
	b.post(address+"/annulla", url.Values{"idem": {once.NewKey()}}).wants(200, "Questa seduta è già annullata dal 23 novembre 2026")
	b.sessions().wants(200, "1.250,00 €", "Annullate (3)")
	s.whole()
}

func TestTheDayOfTheSessionIsTooLateToCancel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	day := calendar.On(noon).Add(6)
	address := s.session(demo.Citizen, day)
	s.At(day.Add(-1).At(23, 50))
	b := s.login(demo.Citizen, "")
	question := b.get(address+"/annulla").wants(200, "Vuoi annullare")
	s.At(day.At(0, 5))
	late := "Non puoi più annullare online: il termine era il 28 novembre 2026 alle 23:59. Se non puoi andare, chiama il professionista al 02 5550 4821."
	b.submit(question, nil).wants(http.StatusConflict, late)
	b.get(address).wants(200, "Prenotata", late).silent("Annulla seduta")
	s.At(day.Add(1).At(9, 0))
	s.login(demo.Citizen, "").get(address).wants(200, "Da confermare", "La data è passata: il professionista deve confermare")
	s.whole()
}

func TestASessionConfirmedMeanwhileStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	day := calendar.On(noon).Add(6)
	address := s.session(demo.Citizen, day)
	question := s.login(demo.Citizen, "").get(address + "/annulla").wants(200)
	s.At(day.At(16, 2))
	s.confirm(demo.Psychologist, voucher.BookingID(address[strings.LastIndexByte(address, '/')+1:]))
	b := s.login(demo.Citizen, "")
	b.submit(question, nil).wants(http.StatusConflict, "Il professionista ha confermato la seduta alle 16:02, quindi non puoi annullarla.", "803 164")
	b.get(address).wants(200, "Confermata", "Non riconosci questa seduta? Segnala un problema")
	s.whole()
}

// confirm declares in a professional's name that a session took place.
func (s *site) confirm(professional demo.Hint, id voucher.BookingID) {
	s.Helper()
	var person identity.PersonID
	if err := s.Pool.QueryRow(s.Context(), `SELECT id FROM persons WHERE fiscal_code = $1`, string(fiscalCode(professional))).Scan(&person); err != nil {
		s.Fatal(err)
	}
	form, err := once.New(person, "test.confirm", once.NewKey(), nil)
	if err != nil {
		s.Fatal(err)
	}
	if err := s.Portal.Vouchers.Confirm(s.Context(), identity.Own(person, identity.Psychologist), form, id); err != nil {
		s.Fatal(err)
	}
}

func TestToAnybodyElseACaseDoesNotExist(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	file := strings.TrimSuffix(s.login(demo.Citizen, "").sessions().URL.Path, "/sedute")
	address := s.session(demo.Citizen, calendar.On(noon).Add(6))
	stranger, professional := s.login(demo.PartialCitizen, ""), s.login(demo.Psychologist, "psicoterapeuta")
	for _, path := range []string{file, file + "/sedute", file + "/dati", file + "/scheda-codice", file + "/professionisti",
		address, address + "/annulla", address + "/calendario.ics", applications + "/x", "/contributo-psicoterapia/sedute/1"} {
		stranger.get(path).wants(404, "Pagina non trovata")
		if p := professional.get(path); p.URL.Path != "/profili" {
			t.Errorf("%s opened to a professional at %s", path, p.URL)
		}
		if p := s.browser().get(path); p.URL.Path != "/accedi" || p.URL.Query().Get("ritorno") != path {
			t.Errorf("%s without a login ended at %s", path, p.URL)
		}
	}
	stranger.post(address+"/annulla", url.Values{"idem": {once.NewKey()}}).wants(404)
	if n := s.count(`SELECT count(*) FROM bookings WHERE id = $1 AND state = 'booked'`, address[strings.LastIndexByte(address, '/')+1:]); n != 1 {
		t.Error("a stranger cancelled a session")
	}
}

// actForTheChild puts on the hat of the first mandate.
func (b *browser) actForTheChild() {
	b.Helper()
	choice := b.get("/profili")
	for _, radio := range choice.all("input") {
		if strings.HasPrefix(radio.attr("value"), "delega-") {
			b.submit(choice, url.Values{radio.attr("name"): {radio.attr("value")}})
			return
		}
	}
	b.Fatal("nobody to act for")
}

func TestWhoActsForAChildSeesTheChildAndIsSeen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Parent, "cittadino")
	b.get(applications).wants(200, "Non risultano domande a tuo nome.")
	b.actForTheChild()
	b.get(applications).wants(200, "Domande di Tommaso Marini", "Fai almeno una seduta")
	tab := b.sessions().wants(200, "Stai operando per Tommaso Marini", "Fai almeno una seduta", "3 dicembre 2026")
	b.get(tab.URL.Path)
	b.get(strings.TrimSuffix(tab.URL.Path, "sedute")+"dati").wants(200, "Laura Marini", "Opera per conto di Tommaso Marini", "Ha aperto il codice univoco")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'voucher.code_shown' AND mandate_id IS NOT NULL AND about_id = for_id`); n != 2 {
		t.Errorf("the code of a child was opened twice and noted %d times", n)
	}
}

func TestOnesOwnCodeIsNotedOnceALoginAndItsCardEveryTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	noted := func() int { return s.count(`SELECT count(*) FROM audit WHERE action = 'voucher.code_shown'`) }
	b := s.login(demo.Citizen, "")
	tab := b.sessions()
	b.sessions()
	b.get(s.session(demo.Citizen, calendar.On(noon).Add(6)))
	if n := noted(); n != 1 {
		t.Errorf("one login looked at its code three times: noted %d times, want 1", n)
	}
	for range 2 {
		b.get(tab.link("Stampa la scheda con il codice")).wants(200, "Maria Rossi", tab.one("#codice-univoco").text(), "Porta questa scheda alla prima seduta")
	}
	if n := noted(); n != 3 {
		t.Errorf("the card was opened twice: noted %d times, want 2", n-1)
	}
	s.login(demo.Citizen, "").sessions()
	if n := noted(); n != 4 {
		t.Errorf("another login looked at the code: noted %d times, want 1", n-3)
	}
}

func TestTheListStartsWhereTheHolderLives(t *testing.T) {
	t.Parallel()
	b := newSite(t).login(demo.Citizen, "")
	list := b.get(b.sessions().link("Lista professionisti")).wants(200, "96 professionisti", "Roma (RM)", "Elenco aggiornato da CNOP il 20 novembre 2026", "L’ordine cambia ogni ora", "Pagina 1 di 5")
	second := b.get(list.link("Successiva")).wants(200, "96 professionisti", "Pagina 2 di 5")
	if list.one("tbody").text() == second.one("tbody").text() {
		t.Error("the second page is the first")
	}
	b.get(list.link("Togli i filtri")).wants(200, "2.401 professionisti").silent("Filtri attivi")
	b.get(list.URL.Path+"?provincia=&comune=milano&lingua=en&online=si&nome=bianchi").wants(200, "1 professionista", "Bianchi Giulia", "Filtri attivi: Comune: milano")
	near := b.get(list.URL.Path+"?provincia=RM&comune=Milamo").wants(200, "0 professionisti", "Forse cercavi: Milano", "Nessun professionista con questi filtri")
	b.get(near.link("Milano")).wants(200, "Milano").silent("Nessun professionista")
	if p := b.get(list.URL.Path + "?provincia=RM&p=99"); p.URL.Query().Get("p") != "" {
		t.Errorf("a page beyond the last one is at %s", p.URL)
	}
}

func TestAnAppointmentTellsNobodyWhatItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	file := b.get(s.session(demo.Citizen, calendar.On(noon).Add(6)) + "/calendario.ics")
	for _, want := range []string{"SUMMARY:Appuntamento\r\n", "DTSTART:20261129T140000Z\r\n", "CLASS:PRIVATE\r\n"} {
		if !strings.Contains(file.Body, want) {
			t.Errorf("the calendar does not say %q:\n%s", want, file.Body)
		}
	}
	for _, secret := range []string{"psic", "seduta", "bianchi", "contributo"} {
		if strings.Contains(strings.ToLower(file.Body), secret) {
			t.Errorf("the calendar says %q:\n%s", secret, file.Body)
		}
	}
	b.get(s.session(demo.Citizen, calendar.On(noon).Add(-7)) + "/calendario.ics").wants(404)
}

func TestWindowTitlesAreDiscreet(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Citizen, "")
	tab := b.sessions()
	root := strings.TrimSuffix(tab.URL.Path, "/sedute")
	for _, path := range []string{applications, tab.URL.Path, root + "/dati", root + "/professionisti", root + "/scheda-codice",
		s.session(demo.Citizen, calendar.On(noon).Add(6))} {
		if title := b.get(path).title(); strings.Contains(strings.ToLower(title), "psic") || !strings.HasSuffix(title, " – Contributo – INPS") {
			t.Errorf("%s is called %q", path, title)
		}
	}
}

func TestAFirstSessionIsRememberedBeforeTheOnlyOneIsCancelled(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	child, day := demo.Child.Hint, calendar.On(noon).Add(3)
	s.exec(`UPDATE bookings SET state = 'cancelled', cancelled_at = $1, cancel_reason = 'office' WHERE day < $2 AND state = 'booked'
		AND beneficiary_id = (SELECT id FROM persons WHERE fiscal_code = $3)`, noon.Add(-time.Hour), calendar.On(noon), string(fiscalCode(child)))
	b := s.login(demo.Parent, "cittadino")
	b.actForTheChild()
	b.get(s.session(child, day)+"/annulla").wants(200, "È la tua unica seduta prenotata. Ricorda di farne almeno una entro il 3 dicembre 2026, ore 23:59.", "Il codice scade il 1º luglio 2027, ore 23:59: restano 220 giorni.")
}

func TestEveryStateOfAnApplicationHasItsWords(t *testing.T) {
	t.Parallel()
	var f ui.Frame
	for _, state := range voucher.ApplicationStates {
		for _, part := range []string{"standing", "sentence"} {
			if key := "citizen." + part + "." + string(state); !f.Translated(key) {
				t.Errorf("%s has no words", key)
			}
		}
		if key := "citizen.next." + string(state); state != voucher.Awarded && state != voucher.PartiallyAwarded && !f.Translated(key) {
			t.Errorf("%s has no words", key)
		}
	}
}
