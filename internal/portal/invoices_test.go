package portal_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

const bills = "/professionisti/fatture"

// giulia is the psychologist of the demo as a service knows her.
func (s *site) giulia() identity.Actor {
	s.Helper()
	id := s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
	return identity.Own(identity.PersonID(id), identity.Psychologist)
}

// toInvoice are the sessions that the psychologist of the demo has to invoice.
func (s *site) toInvoice() []voucher.Billable {
	s.Helper()
	all, err := s.Portal.Invoices.ToInvoice(s.Context(), s.giulia().Person)
	if err != nil || len(all) == 0 {
		s.Fatalf("nothing to invoice: %v", err)
	}
	return all
}

// invoice sends an invoice of hers for sessions, of today's.
func (s *site) invoice(number string, amount money.Amount, sessions ...voucher.BookingID) voucher.InvoiceID {
	s.Helper()
	return s.invoiceOf(s.giulia(), number, amount, sessions...)
}

func (s *site) invoiceOf(who identity.Actor, number string, amount money.Amount, sessions ...voucher.BookingID) voucher.InvoiceID {
	s.Helper()
	sent, err := once.New(who.Person, "invoice.send", once.NewKey(), nil)
	if err != nil {
		s.Fatal(err)
	}
	id, err := s.Portal.Invoices.Send(s.Context(), who, sent, sessions,
		voucher.InvoiceData{Number: number, IssuedOn: calendar.On(s.Now()), Amount: amount})
	if err != nil {
		s.Fatal(err)
	}
	return id
}

// ownInvoice is an invoice of a professional's, the first time sent; of the psychologist
// of the demo for who is none.
func (s *site) ownInvoice(code identity.FiscalCode) string {
	s.Helper()
	who := s.text(`SELECT coalesce((SELECT q.person_id FROM professionals q JOIN persons p ON p.id = q.person_id WHERE p.fiscal_code = $1), $2::uuid)::text`,
		string(code), string(s.giulia().Person))
	of := identity.Own(identity.PersonID(who), identity.Psychologist)
	if id := s.text(`SELECT coalesce((SELECT id::text FROM invoices WHERE professional_id = $1 ORDER BY received_at DESC LIMIT 1), '')`, who); id != "" {
		return id
	}
	all, err := s.Portal.Invoices.ToInvoice(s.Context(), of.Person)
	if err != nil || len(all) == 0 {
		s.Fatalf("%s has nothing to invoice: %v", who, err)
	}
	return string(s.invoiceOf(of, "0/2026", 500_00, all[0].ID))
}

// inputs is the data of an invoice as an address says it.
func inputs(number string, issued calendar.Date, amount string, sessions ...voucher.BookingID) url.Values {
	q := with(day("data", issued), url.Values{"numero": {number}, "importo": {amount}})
	for _, id := range sessions {
		q.Add("seduta", string(id))
	}
	return q
}

func TestAnInvoiceIsSentFromTheChoiceToItsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, one := s.login(demo.Psychologist, "psicoterapeuta"), s.toInvoice()[0]
	b.get(bills+"/nuova").wants(http.StatusOK, "Passo 1 di 3", one.Holder.Name(), "Continua con le sedute scelte")
	b.get(bills+"/nuova?sedute="+string(one.ID)).wants(http.StatusOK, "Passo 2 di 3", one.Holder.Name(), "Come fare la fattura", "49,02 €", "0,98 €")
	q := inputs("212/2026", calendar.On(s.Now()), "70", one.ID)
	check := b.get(bills+"/nuova/controlla?"+q.Encode()).wants(http.StatusOK, "Passo 3 di 3", "212/2026", "70,00 €", "Invia i dati della fattura").
		silent("più basso di quello prenotato")
	page := b.submit(check, nil).wants(http.StatusOK, "Dati della fattura inviati", "INPS paga di solito entro la fine di dicembre 2026", "Accettata", "Fattura 212/2026")
	again := b.submit(check, nil).wants(http.StatusOK, "Fattura 212/2026")
	if page.URL.Path != again.URL.Path || s.count(`SELECT count(*) FROM invoices WHERE number = '212/2026'`) != 1 {
		t.Errorf("sent twice: %s and %s", page.URL, again.URL)
	}
	b.get(bills).wants(http.StatusOK, "212/2026", "Accettata")
	b.get(agenda+"/"+string(one.ID)).wants(http.StatusOK, "212/2026")
	b.get(bills+"/nuova?sedute="+string(one.ID)).wants(http.StatusOK, "Una delle sedute scelte non si può fatturare")
	b.get(bills+"/nuova/dati?seduta="+string(one.ID)).wants(http.StatusConflict, "Scegli di nuovo le sedute")
	s.whole()
}

func TestALowerInvoiceSaysWhatWillBeRefunded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, one := s.login(demo.Psychologist, "psicoterapeuta"), s.toInvoice()[0]
	q := inputs("13", calendar.On(s.Now()), "30,00", one.ID)
	check := b.get(bills+"/nuova/controlla?"+q.Encode()).wants(http.StatusOK, "L’importo della fattura è più basso di quello prenotato", "il rimborso sarà 30,00 €")
	b.submit(check, nil).wants(http.StatusOK, "Dati della fattura inviati", "30,00 €")
	if n := s.count(`SELECT claimed_cents::int FROM bookings WHERE id = $1`, string(one.ID)); n != 30_00 {
		t.Errorf("%d cents are claimed", n)
	}
	s.whole()
}

func TestWhatIsWrongWithAnInvoiceStandsBesideItsFieldAndNothingIsLost(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, all := s.login(demo.Psychologist, "psicoterapeuta"), s.toInvoice()
	one, today := all[0], calendar.On(s.Now())
	s.invoice("7", 50_00, all[len(all)-1].ID)
	for what, c := range map[string]struct {
		q           url.Values
		field, want string
	}{
		"no number":   {inputs("", today, "50", one.ID), "numero", "Inserisci il numero della fattura"},
		"used number": {inputs(" 7", today, "50", one.ID), "numero", "Hai già usato il numero 7 nel 2026"},
		"early":       {inputs("8", one.Day.Add(-1), "50", one.ID), "data", "La data della fattura non può essere prima della seduta"},
		"future":      {inputs("8", today.Add(1), "50", one.ID), "data", "La data della fattura non può essere nel futuro"},
		"no day":      {with(inputs("8", today, "50", one.ID), url.Values{"data-giorno": {"31"}, "data-mese": {"2"}}), "data", "data"},
		"no amount":   {inputs("8", today, "", one.ID), "importo", "Inserisci l’importo della fattura"},
		"letters":     {inputs("8", today, "tanto", one.ID), "importo", "importo"},
	} {
		p := b.get(bills+"/nuova/controlla?"+c.q.Encode()).wants(http.StatusUnprocessableEntity, "Passo 2 di 3")
		if got := p.one("#" + c.field + "-errore").text(); !strings.Contains(strings.ToLower(got), strings.ToLower(c.want)) {
			t.Errorf("%s: beside %s stands %q", what, c.field, got)
		}
		if got := p.one("#numero").attr("value"); got != c.q.Get("numero") {
			t.Errorf("%s: the number became %q", what, got)
		}
	}
	b.get(bills+"/nuova/dati").arrives(bills+"/nuova?manca=sedute").wants(http.StatusUnprocessableEntity, "Scegli almeno una seduta", "Passo 1 di 3")
	b.get(bills + "/nuova/dati?seduta=" + once.NewKey()).wants(http.StatusNotFound)
	s.whole()
}

func TestAnInvoiceGoesBackAndComesRight(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.invoice("21", 500_00, s.toInvoice()[0].ID)
	officer, b := s.login(demo.INPSOfficer, "inps"), s.login(demo.Psychologist, "psicoterapeuta")
	at, own := "/gestione/inps/fatture/"+string(id), bills+"/"+string(id)
	officer.get("/gestione/inps/fatture").wants(http.StatusOK, "21", "importo molto alto")
	officer.get(at).wants(http.StatusOK, "L’importo è molto alto per il numero di sedute.", "Accetta la fattura", "Rimanda al professionista").silent("Rettifica numero o data")
	form := officer.get(at + "/rimanda")
	officer.submit(form, nil).wants(http.StatusUnprocessableEntity, "Scegli che cosa va corretto")
	officer.submit(form, url.Values{"campo": {"amount"}}).wants(http.StatusUnprocessableEntity, "Scrivi il motivo")
	officer.submit(form, url.Values{"campo": {"amount"}, "motivo": {"L’importo ha uno zero di troppo"}}).wants(http.StatusOK, "Fattura rimandata")
	officer.get(at+"/rimanda").wants(http.StatusConflict, "La fattura è cambiata mentre la guardavi")

	b.get(own).wants(http.StatusOK, "Da correggere", "L’importo ha uno zero di troppo", "mercoledì 9 dicembre 2026, ore 23:59") // the 8th is a holiday
	correct := b.get(own+"/correggi").wants(http.StatusOK, "L’importo ha uno zero di troppo")
	check := b.submit(correct, url.Values{"importo": {"50,00"}}).wants(http.StatusOK, "Controlla la correzione", "500,00 €", "50,00 €", "INPS controllerà questa fattura")
	again := b.submit(check, url.Values{"conferma": {"no"}}).wants(http.StatusOK, "Correggi i dati della fattura")
	if got := again.one("#importo").attr("value"); got != "50,00" {
		t.Errorf("the amount became %q", got)
	}
	b.submit(check, nil).wants(http.StatusOK, "Correzione inviata", "In controllo", "Numero 21")
	b.submit(check, url.Values{"importo": {"51,00"}}).wants(http.StatusUnprocessableEntity)
	officer.submit(officer.get(at+"/accetta").wants(http.StatusOK, "Vuoi accettare la fattura?"), nil).wants(http.StatusOK, "Fattura accettata")

	ask := b.get(own+"/ritira").wants(http.StatusOK, "Vuoi ritirare la fattura 21?")
	b.submit(ask, nil).wants(http.StatusOK, "Fattura ritirata", "Ritirata")
	b.get(own+"/correggi").wants(http.StatusConflict, "La fattura è stata ritirata")
	s.whole()
}

func TestAnInvoiceIsNotOfferedForCorrectionAfterItsTerm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.toInvoice()[0].ID
	id := s.invoice("22", 500_00, session)
	officer, b := s.login(demo.INPSOfficer, "inps"), s.login(demo.Psychologist, "psicoterapeuta")
	officer.submit(officer.get("/gestione/inps/fatture/"+string(id)+"/rimanda"), url.Values{"campo": {"amount"}, "motivo": {"Importo"}}).wants(http.StatusOK)
	correct := bills + "/" + string(id) + "/correggi"
	lists := []string{bills + "?stato=da-correggere", "/professionisti/sedute?stato=fatturate", "/professionisti/sedute/" + string(session)}
	offered := func(at string) bool {
		return slices.ContainsFunc(b.get(at).wants(http.StatusOK).all("a"), func(a node) bool { return a.attr("href") == correct })
	}
	for _, at := range lists {
		if !offered(at) {
			t.Errorf("%s does not offer the correction", at)
		}
	}
	s.At(s.Now().AddDate(0, 0, 30))
	b = s.login(demo.Psychologist, "psicoterapeuta")
	for _, at := range lists {
		if offered(at) {
			t.Errorf("%s offers a correction after its term", at)
		}
	}
}

func TestAFileOfInvoicesIsFilledInCheckedAndSent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, all := s.login(demo.Psychologist, "psicoterapeuta"), s.toInvoice()
	template := b.get(bills + "/modello.csv")
	sheet := csv.NewReader(strings.NewReader(strings.TrimPrefix(template.Body, "\ufeff")))
	sheet.Comma = ';'
	rows, err := sheet.ReadAll()
	if err != nil || len(rows) != len(all)+1 || len(rows) < 3 {
		t.Fatalf("%d rows for %d sessions, %v", len(rows), len(all), err)
	}
	if strings.Contains(template.Body, string(all[0].Holder.FiscalCode)) {
		t.Error("the template has a whole fiscal code")
	}
	for i, number := range []string{"31", ""} {
		if number != "" {
			rows[i+1][6], rows[i+1][7], rows[i+1][8] = number, "23/11/2026", "60"
		}
	}
	last := rows[len(rows)-1]
	last[6], last[7], last[8] = "32", "24/11/2026", "60"
	var text bytes.Buffer
	out := csv.NewWriter(&text)
	if err := out.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	report := b.hand(b.get(bills+"/carica"), "file", "fatture.csv", text.Bytes()).wants(http.StatusOK, "1 fattura valida, 1 da correggere", "31", "La data della fattura non può essere nel futuro", "data_fattura", "Invia 1 fattura")
	file := ""
	for _, n := range report.form().all("input") {
		if n.attr("name") == "righe" {
			file = n.attr("value")
		}
	}
	b.post(bills+"/carica/errori.csv", url.Values{"idem": {once.NewKey()}, "righe": {file}}).
		wants(http.StatusOK, "nel futuro").silent("Rossi")
	sent := b.submit(report, nil).wants(http.StatusOK, "1 fattura inviata", "nel futuro")
	b.submit(report, nil)
	if n := s.count(`SELECT count(*) FROM invoices WHERE number IN ('31', '32')`); n != 1 {
		t.Errorf("%d invoices, of a file sent twice: %s", n, sent.h1())
	}
	b.hand(b.get(bills+"/carica"), "file", "", nil).wants(http.StatusUnprocessableEntity, "file")
	b.hand(b.get(bills+"/carica"), "file", "fatture.csv", []byte("PK\x03\x04")).wants(http.StatusUnprocessableEntity, "Il file non è un CSV")
	b.hand(b.get(bills+"/carica"), "file", "fatture.csv", []byte("seduta;numero_fattura;data_fattura;importo_fattura\n"+once.NewKey()+";1;23/11/2026;50\n")).
		wants(http.StatusUnprocessableEntity, "0 fatture valide, 1 da correggere", "Non è una tua seduta")
	s.whole()
}
