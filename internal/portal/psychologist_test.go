package portal_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/demo"
)

const (
	agenda   = "/professionisti/sedute"
	bookStep = agenda + "/nuova/dati"
)

// day is the three fields of a day.
func day(name string, d calendar.Date) url.Values {
	return url.Values{name + "-giorno": {strconv.Itoa(d.Day)}, name + "-mese": {strconv.Itoa(int(d.Month))}, name + "-anno": {strconv.Itoa(d.Year)}}
}

// with joins fields; later ones win.
func with(all ...url.Values) url.Values {
	joined := url.Values{}
	for _, fields := range all {
		for name, v := range fields {
			joined[name] = v
		}
	}
	return joined
}

// checks is the second step of a booking against the code of a persona.
func (b *browser) checks(hint demo.Hint) page {
	b.Helper()
	p := b.get(agenda + "/nuova")
	for _, persona := range demo.Personas {
		if persona.Hint == hint {
			p = b.submit(p, url.Values{"codice_univoco": {b.code(hint)}, "codice_fiscale": {string(persona.FiscalCode)}})
		}
	}
	return p.arrives(bookStep).wants(http.StatusOK, "Passo 2 di 2")
}

func TestASessionIsBookedFromTheCodeToItsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	form := b.checks(demo.Citizen).wants(http.StatusOK, "Maria Rossi", "Importo residuo").silent("1.500,00")
	p := b.submit(form, with(day("data", calendar.NewDate(2026, 12, 10)), url.Values{"ora": {"7.30"}, "importo": {"40,5"}}))
	p.wants(http.StatusOK, "Seduta prenotata. Abbiamo avvisato il beneficiario, che può annullarla fino alle 23:59 del 9 dicembre 2026.",
		"10 dicembre 2026 alle 07:30", "40,50 €", "Seduta del 10 dicembre 2026").silent(string(demo.Personas[0].FiscalCode))
	if got := p.title(); !strings.HasPrefix(got, "Seduta prenotata") {
		t.Errorf("the window is called %q", got)
	}
	s.whole()
}

func TestAFormSentTwiceBooksOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	form := b.checks(demo.Citizen)
	before := s.count(`SELECT count(*) FROM bookings`)
	fields := day("data", calendar.NewDate(2026, 12, 10))
	first := b.submit(form, fields)
	second := b.submit(form, fields).wants(http.StatusOK, "Seduta prenotata")
	if first.URL.Path != second.URL.Path {
		t.Errorf("the second sending leads to %s, the first to %s", second.URL, first.URL)
	}
	if got := s.count(`SELECT count(*) FROM bookings`) - before; got != 1 {
		t.Errorf("%d bookings were made", got)
	}
}

func TestWhatDoesNotMatchIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := s.code(demo.Citizen)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	mine, theirs := string(demo.Personas[0].FiscalCode), string(demo.Personas[1].FiscalCode)
	swapped := code[:1] + "0" + code[2:]
	if swapped == code {
		swapped = code[:1] + "1" + code[2:]
	}
	for _, typed := range [][2]string{{swapped, mine}, {code, theirs}, {"0000 0000 0000", mine}} {
		p := b.post(agenda+"/nuova", url.Values{"codice_univoco": {typed[0]}, "codice_fiscale": {typed[1]}})
		p.wants(http.StatusUnprocessableEntity, "Codice univoco e codice fiscale non corrispondono. Controlla con chi ti ha dato il codice")
		if got := p.one("#codice_univoco").attr("value"); got != typed[0] {
			t.Errorf("what was typed became %q", got)
		}
	}
}

func TestTooManyWrongCodesMakeOneWait(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := s.code(demo.Citizen)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	fields := url.Values{"codice_univoco": {"0000 0000 0001"}, "codice_fiscale": {string(demo.Personas[0].FiscalCode)}}
	for range 5 {
		b.post(agenda+"/nuova", fields).wants(http.StatusUnprocessableEntity)
	}
	fields.Set("codice_univoco", code)
	p := b.post(agenda+"/nuova", fields).wants(http.StatusTooManyRequests, "Hai fatto troppi tentativi", "puoi riprovare dalle 13:00")
	if p.Header.Get("Retry-After") == "" {
		t.Error("the answer does not say when to come back")
	}
	b.get(agenda).wants(http.StatusOK, "Le tue sedute")
	s.At(noon.Add(61 * time.Minute))
	s.login(demo.Psychologist, "psicoterapeuta").post(agenda+"/nuova", fields).arrives(bookStep)
}

func TestCodesOfTheWrongLengthSayHowLongTheyAre(t *testing.T) {
	t.Parallel()
	b := newSite(t).login(demo.Psychologist, "psicoterapeuta")
	for typed, want := range map[string]string{
		"":              "Inserisci il codice univoco",
		"A":             "Il codice univoco ha 12 caratteri: ne hai inserito 1",
		"abcd-efgh jkm": "Il codice univoco ha 12 caratteri: ne hai inseriti 11",
	} {
		b.post(agenda+"/nuova", url.Values{"codice_univoco": {typed}, "codice_fiscale": {"RSSMRA"}}).
			wants(http.StatusUnprocessableEntity, want, "Il codice fiscale ha 16 caratteri: ne hai inseriti 6")
	}
}

func TestEachRefusalStandsBesideItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	form := b.checks(demo.Citizen)
	free := day("data", calendar.NewDate(2026, 12, 10))
	for name, c := range map[string]struct {
		fields      url.Values
		field, want string
	}{
		"no day":      {url.Values{}, "data", "Inserisci la data della seduta"},
		"no such day": {day("data", calendar.Date{Year: 2027, Month: 2, Day: 30}), "data", "Scrivi la data con giorno, mese e anno"},
		"yesterday":   {day("data", calendar.NewDate(2026, 11, 22)), "data", "La data deve essere oggi o nei prossimi giorni"},
		"too late":    {day("data", calendar.NewDate(2031, 1, 1)), "data", "La data non può essere dopo il"},
		"bad hour":    {with(free, url.Values{"ora": {"25"}}), "ora", "Scrivi l’ora"},
		"no amount":   {with(free, url.Values{"importo": {""}}), "importo", "Inserisci l’importo"},
		"odd amount":  {with(free, url.Values{"importo": {"5e1"}}), "importo", "Scrivi l’importo con due decimali"},
		"zero":        {with(free, url.Values{"importo": {"0,00"}}), "importo", "maggiore di zero"},
		"minus":       {with(free, url.Values{"importo": {"-50,00"}}), "importo", "L’importo è troppo basso"},
		"above cap":   {with(free, url.Values{"importo": {"50,01"}}), "importo", "L’importo massimo per una seduta è 50,00 €"},
		"second day":  {with(free, day("data-2", calendar.NewDate(2026, 12, 10))), "data-2", "Seduta 2: Hai già prenotato una seduta con questa persona il 10 dicembre 2026"},
		"held later":  {with(free, url.Values{"quando": {"svolta"}}), "data", "La data di una seduta già fatta"},
		"odd choice":  {with(free, url.Values{"quando": {"banana"}}), "quando", "Scegli se la seduta"},
	} {
		p := b.submit(form, c.fields).wants(http.StatusUnprocessableEntity, c.want)
		if len(p.all("#"+c.field+"-errore")) == 0 {
			t.Errorf("%s: nothing is said beside %s", name, c.field)
		}
	}
	s.whole()
}

func TestABalanceThatMovedIsShownAsItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	form := b.checks(demo.Citizen)
	var voucher string
	for _, n := range form.form().all("input") {
		if n.attr("name") == "versione" {
			voucher, _, _ = strings.Cut(n.attr("value"), " ")
		}
	}
	s.exec(`
		UPDATE vouchers SET returned_cents = awarded_cents - booked_cents - used_cents - 1000, version = version + 1
		WHERE id = $1`, voucher)
	p := b.submit(form, day("data", calendar.NewDate(2026, 12, 10)))
	p.wants(http.StatusConflict, "Nel frattempo il residuo è cambiato: ora è 10,00 €")
	if got := p.one("#data").attr("value"); got != "10" {
		t.Errorf("the day that was typed became %q", got)
	}
}

func TestWithoutACheckedCodeThereIsOnlyTheFirstStep(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.get(bookStep).arrives(agenda + "/nuova")
	form := b.checks(demo.Citizen)
	s.At(noon.Add(16 * time.Minute))
	b.submit(form, day("data", calendar.NewDate(2026, 12, 10))).wants(http.StatusOK, "Verifica di nuovo il codice", "La seduta non è stata prenotata")
}

func TestASessionAlreadyHeldIsRegisteredAndThenConfirmed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	form := b.checks(demo.PartialCitizen)
	p := b.submit(form, with(day("data", calendar.NewDate(2026, 11, 20)), url.Values{"quando": {"svolta"}}))
	p.wants(http.StatusOK, "Confermi che la seduta del 20 novembre 2026 si è svolta?")
	b.submit(p, nil).wants(http.StatusUnprocessableEntity, "Per confermare la seduta devi confermare questa dichiarazione")
	b.submit(p, url.Values{"dichiarazione": {"banana"}}).wants(http.StatusUnprocessableEntity)
	b.submit(p, url.Values{"dichiarazione": {"on"}}).wants(http.StatusOK, "Seduta confermata", "Da fatturare")
	s.whole()
}

func TestASessionIsCancelledByItsProfessional(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	session := b.get(b.get(agenda + "?stato=prenotate").link("Visualizza"))
	ask := b.get(session.link("Annulla seduta")).wants(http.StatusOK, "Vuoi annullare la seduta", "Mantieni la seduta")
	b.submit(ask, nil).arrives(session.URL.Path).wants(http.StatusOK, "Seduta annullata", "Annullata da te")
	b.submit(ask, nil).wants(http.StatusOK, "Annullata da te")
	b.get(ask.URL.Path).wants(http.StatusConflict, "La seduta resta com’è")
	b.post(session.URL.Path+"/conferma", url.Values{"idem": {uuid.NewString()}, "dichiarazione": {"on"}}).
		wants(http.StatusConflict, "Annullata da te")
	s.whole()
}

func TestAConfirmationIsTakenBackInItsOwnWords(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.get(agenda+"?stato=da-fatturare").wants(http.StatusOK, "Inserisci fattura")
	session := b.get(agenda + "/" + s.text(`SELECT b.id::text FROM bookings b JOIN persons p ON p.id = b.professional_id
		WHERE p.fiscal_code = $1 AND b.state = 'held' AND b.claimed_cents IS NULL ORDER BY b.day DESC LIMIT 1`, string(fiscalCode(demo.Psychologist))))
	ask := b.get(session.link("Ritira la conferma e annulla")).wants(http.StatusOK, "Vuoi ritirare la conferma e annullare la seduta")
	b.submit(ask, nil).wants(http.StatusOK, "Seduta annullata", "Seduta confermata")
	s.whole()
}

func TestASessionToComeCannotBeConfirmed(t *testing.T) {
	t.Parallel()
	b := newSite(t).login(demo.Psychologist, "psicoterapeuta")
	session := b.get(b.get(agenda + "?stato=prenotate").link("Visualizza")).silent("Conferma seduta")
	b.get(session.URL.Path+"/conferma").wants(http.StatusConflict, "Puoi confermarla dalle")
	b.post(session.URL.Path+"/conferma", url.Values{"idem": {uuid.NewString()}, "dichiarazione": {"on"}}).
		wants(http.StatusConflict, "Puoi confermarla dalle")
}

func TestSeveralSessionsAreConfirmedTogether(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	chosen := b.chosen()
	ask := b.get(agenda+"/conferma?"+chosen.Encode()).wants(http.StatusOK, "Confermi che queste 3 sedute si sono svolte?", "150,00 €")
	fields := with(chosen, url.Values{"dichiarazione": {"on"}})
	b.submit(ask, chosen).wants(http.StatusUnprocessableEntity, "Per confermare le sedute devi confermare questa dichiarazione")
	b.submit(ask, fields).wants(http.StatusOK, "3 sedute confermate", "Da confermare 0")
	b.submit(ask, fields).wants(http.StatusOK, "3 sedute confermate")
	s.whole()
}

func TestOneRefusedConfirmationDoesNotHoldBackTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	chosen := b.chosen()
	ask := b.get(agenda + "/conferma?" + chosen.Encode())
	first := agenda + "/" + chosen["seduta"][0] + "/annulla"
	b.submit(b.get(first), nil).wants(http.StatusOK, "Seduta annullata")
	b.submit(ask, with(chosen, url.Values{"dichiarazione": {"on"}})).
		wants(http.StatusConflict, "Sedute confermate: 2 su 3", "Sedute non confermate", "Annullata da te")
	s.whole()
}

// chosen is every session that «Seleziona tutte» chooses.
func (b *browser) chosen() url.Values {
	b.Helper()
	p := b.get(b.get(agenda + "?stato=da-confermare").link("Seleziona tutte"))
	chosen := url.Values{}
	for _, n := range p.all("input") {
		if n.attr("name") == "seduta" && n.has("checked") {
			chosen.Add("seduta", n.attr("value"))
		}
	}
	return chosen
}

func TestTheListSaysWhenThereIsNothingInIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.NewPsychologist, "psicoterapeuta").get(agenda).wants(http.StatusOK, "Non hai ancora sedute.", "Prenota una seduta")
	b := s.login(demo.Psychologist, "psicoterapeuta")
	b.post(agenda, url.Values{"beneficiario": {"nessuno"}}).wants(http.StatusOK, "Nessun risultato per questi filtri")
	p := b.post(agenda, url.Values{"beneficiario": {"rossi"}, "stato": {"prenotate"}}).wants(http.StatusOK, "Maria Rossi").silent("Luca Ferrari")
	if strings.Contains(p.URL.String(), "rossi") {
		t.Errorf("the name stands in the address: %s", p.URL)
	}
	b.get(p.link("Togli i filtri")).wants(http.StatusOK, "Maria Rossi", "Luca Ferrari")
	b.get(agenda+"?p=99").wants(http.StatusOK, "Maria Rossi")
	b.get(agenda+"?dal=2026-11-24&al=24/11/2026").wants(http.StatusOK, "Nessun risultato")
	b.get(agenda+"?dal=ieri").wants(http.StatusUnprocessableEntity, "Scrivi la data")
	b.get(agenda+"/conferma").wants(http.StatusOK, "Non hai scelto nessuna seduta")
}

func TestTheSpreadsheetHoldsTheListAndIsWrittenDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`UPDATE persons SET given_name = '=HYPERLINK("x")' WHERE fiscal_code = $1`, string(demo.Personas[0].FiscalCode))
	p := s.login(demo.Psychologist, "psicoterapeuta").get(agenda + ".csv?stato=da-confermare")
	if got := p.Header.Get("Content-Type"); got != "text/csv; charset=utf-8" {
		t.Errorf("it is sent as %q", got)
	}
	if got := p.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("it may be kept: %q", got)
	}
	lines := strings.Split(strings.TrimSpace(p.Body), "\r\n")
	if !strings.HasPrefix(lines[0], "\ufeffData seduta;Ora;") || len(lines) != 4 {
		t.Errorf("%d lines:\n%s", len(lines), p.Body)
	}
	if !strings.Contains(p.Body, `;"'=HYPERLINK(""x"")`) {
		t.Errorf("a name is a formula:\n%s", p.Body)
	}
	if got := s.count(`SELECT count(*) FROM audit WHERE action = 'agenda.downloaded' AND about_id IN (SELECT beneficiary_id FROM bookings)`); got != 3 {
		t.Errorf("it is in the register for %d people, and lists three", got)
	}
}

func TestWhoHasLeftTheListFinishesWhatStandsAndBooksNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.ExPsychologist, "psicoterapeuta")
	b.get(agenda).wants(http.StatusOK, "Non sei più nell’elenco").silent("Prenota una seduta")
	b.get(agenda+"/nuova").wants(http.StatusForbidden, "Non risulti nell’elenco dei professionisti aderenti", "L’ultimo aggiornamento è")
	b.post(agenda+"/nuova", url.Values{}).wants(http.StatusForbidden, "Non risulti nell’elenco")
	ask := b.get(b.get(agenda + "?stato=da-confermare").link("Conferma"))
	b.submit(ask, url.Values{"dichiarazione": {"on"}}).wants(http.StatusOK, "Seduta confermata")
}

func TestLookingAtASessionIsWrittenEveryTime(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Psychologist, "psicoterapeuta")
	session := b.get(agenda + "?stato=prenotate").link("Visualizza")
	b.get(session)
	b.get(session)
	id := session[strings.LastIndex(session, "/")+1:]
	if got := s.count(`SELECT count(*) FROM audit WHERE action = 'booking.seen' AND subject_id = $1`, id); got != 2 {
		t.Errorf("two looks are written %d times", got)
	}
}

// What a code gives back when it ends is not the holder's any more.
func TestASessionOfACodeThatEndedIsNotSaidToBeAvailableAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maria, giulia := s.login(demo.Citizen, ""), s.login(demo.Psychologist, "psicoterapeuta")
	id := s.text(`SELECT b.id::text FROM bookings b JOIN persons p ON p.id = b.beneficiary_id JOIN persons q ON q.id = b.professional_id
		WHERE p.fiscal_code = $1 AND q.fiscal_code = $2 AND b.state = 'booked' AND b.day > $3 LIMIT 1`,
		string(fiscalCode(demo.Citizen)), string(fiscalCode(demo.Psychologist)), calendar.On(noon))
	of := s.text(`SELECT a.id::text FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id WHERE b.id = $1`, id)
	giulia.get(agenda).wants(http.StatusOK, "Vedi appuntamenti e scadenze nel calendario che usi già")
	session := giulia.get(agenda+"/"+id).wants(http.StatusOK, "La seduta è prenotata")
	giulia.get(session.link("Vedi appuntamenti e scadenze nel calendario che usi già")).wants(http.StatusOK, "L’indirizzo è segreto")
	maria.submit(maria.get("/contributo-psicoterapia/domande/"+of+"/rinuncia"), nil).wants(http.StatusOK, "Rinuncia registrata")
	giulia.get(agenda+"/"+id).wants(http.StatusOK, "Annullata dal beneficiario", "Il codice non è più valido").silent("tornato disponibile")
}
