package portal_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/net/html"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/payment"
)

const runs = "/gestione/inps/pagamenti"

// anyRun is the payment run of the demo world that waits to be approved, with an order
// of it.
func (s *site) anyRun() (run, order string) {
	s.Helper()
	run = s.text(`SELECT id::text FROM payment_runs WHERE state = 'proposed'`)
	return run, s.text(`SELECT id::text FROM payment_orders WHERE run_id = $1 ORDER BY number LIMIT 1`, run)
}

// noOpenRun sends the run back that waits in the demo world.
func (s *site) noOpenRun() {
	s.Helper()
	run, _ := s.anyRun()
	approver := s.officer(demo.INPSApprover, identity.Approve)
	form, err := once.New(approver.Person, "payment.decide", once.NewKey(), nil)
	if err == nil {
		err = s.Portal.Payments.SendBack(s.Context(), approver, form, payment.RunID(run), "prova")
	}
	if err != nil {
		s.Fatal(err)
	}
}

// claimed has so many sessions held, invoiced and payable: each one of 50 € in Molise, by
// two psychologists in turn. No other run is open.
func (s *site) claimed(n int) {
	s.Helper()
	s.noOpenRun()
	s.text(`
		WITH payees AS (
			INSERT INTO persons (fiscal_code, given_name, family_name) SELECT 'PSI' || lpad(n::text, 13, '0'), 'Anna', 'Incassa' FROM generate_series(0, 1) n
			RETURNING id, right(fiscal_code, 6)::int AS n
		), listed AS (
			INSERT INTO professionals (person_id, register_number, register_region, address, city, postal_code, province, region, phone, searched_name)
			SELECT id, n::text, 'Molise', 'Via Roma 1', 'Campobasso', '86100', 'CB', 'Molise', '0874 1', 'Incassa' FROM payees RETURNING person_id
		), accounts AS (
			INSERT INTO payment_accounts (person_id, iban, holder, state, submitted_at, usable_from, expected_by, decided_by, decided_at)
			SELECT id, 'IT60X0542811101000000123456', 'Intestatario ' || n, 'verified', $2::timestamptz - interval '9 days', $2::timestamptz - interval '7 days', '2026-11-23',
				(SELECT id FROM persons WHERE fiscal_code = $1), $2 FROM payees RETURNING id
		), money AS (
			INSERT INTO funding_transfers (edition_id, territory, amount_cents, received_on, act, recorded_by, recorded_at)
			SELECT '2025', 'Molise', 1000000, '2026-10-01', 'atto', id, $2 FROM persons WHERE fiscal_code = $1 RETURNING id
		), people AS (
			INSERT INTO persons (fiscal_code, given_name, family_name) SELECT 'PAG' || lpad(n::text, 13, '0'), 'Anna', 'Prova ' || n FROM generate_series(1, $3) n RETURNING id, right(fiscal_code, 6)::int AS n
		), applications AS (
			INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state, entitled_cents)
			SELECT 'PAG-' || n, '2025', id, id, 'Molise', 'CB', 900000, 'valid', $2::timestamptz - interval '200 days', 'awarded', 60000 FROM people RETURNING id, beneficiary_id
		), vouchers AS (
			INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, used_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
			SELECT id, beneficiary_id, 'Molise', 60000, 5000, '2026-06-01', '2027-02-26', '2027-02-26', '2027-03-28', decode(md5(id::text), 'hex'), 'p' FROM applications RETURNING id, beneficiary_id
		), bookings AS (
			INSERT INTO bookings (voucher_id, beneficiary_id, professional_id, day, amount_cents, place, state, booked_at, held_at, claimed_cents)
			SELECT v.id, v.beneficiary_id, y.id, '2026-10-05'::date + p.n, 5000, 'x', 'held', $2::timestamptz - interval '50 days', $2::timestamptz - interval '20 days', 5000
			FROM vouchers v JOIN people p ON p.id = v.beneficiary_id JOIN payees y ON y.n = p.n % 2 RETURNING id, professional_id, beneficiary_id, day
		), invoices AS (
			INSERT INTO invoices (professional_id, beneficiary_id, number, issued_on, amount_cents, state, received_at, changed_at)
			SELECT professional_id, beneficiary_id, 'PAG ' || day, day, 5000, 'accepted', day::timestamptz, day::timestamptz FROM bookings RETURNING id, professional_id, beneficiary_id
		), sessions AS (
			INSERT INTO invoice_sessions (invoice_id, booking_id, professional_id, beneficiary_id, claimed_cents)
			SELECT i.id, b.id, i.professional_id, i.beneficiary_id, 5000 FROM invoices i JOIN bookings b USING (beneficiary_id) RETURNING booking_id
		), granted AS (
			INSERT INTO postings (voucher_id, booking_id, event, debit, credit, amount_cents, at)
			SELECT v.id, b.id, e.event, e.debit, e.credit, e.cents, $2 FROM vouchers v JOIN bookings b USING (beneficiary_id)
			CROSS JOIN (VALUES ('book', 'free', 'booked', 5000), ('hold', 'booked', 'used', 5000)) AS e (event, debit, credit, cents)
			UNION ALL SELECT id, NULL, 'grant', 'fund', 'free', 60000, $2 FROM vouchers RETURNING id
		), register AS (
			INSERT INTO audit (at, person_id, role, action, subject_id, about_id)
			SELECT $2::timestamptz, professional_id, 'psychologist', a.action, id, beneficiary_id FROM bookings CROSS JOIN (VALUES ('booking.booked'), ('booking.held')) AS a (action)
			UNION ALL SELECT $2, NULL, 'system', 'voucher.granted', id, beneficiary_id FROM vouchers RETURNING id)
		SELECT count(*)::text FROM sessions`, string(fiscalCode(demo.INPSOfficer)), noon, n)
}

// handIn uploads a file with the fields of a form.
func (b *browser) handIn(p page, name, file string, fields url.Values) page {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	form := p.form()
	for _, n := range form.all("input") {
		if n.attr("type") == "hidden" {
			_ = w.WriteField(n.attr("name"), n.attr("value"))
		}
	}
	for field := range fields {
		_ = w.WriteField(field, fields.Get(field))
	}
	part, _ := w.CreateFormFile("file", name)
	_, _ = io.WriteString(part, file)
	_ = w.Close()
	req, err := http.NewRequestWithContext(b.Context(), "POST", b.URL+form.attr("action"), &body)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	return page{node{b, doc}, resp.StatusCode, resp.Request.URL, resp.Header, string(text)}
}

// freeze does the work of the job.
func (s *site) freeze() {
	s.Helper()
	if _, left, err := s.Portal.Payments.FreezeDue(s.Context()); left || err != nil {
		s.Fatal(left, err)
	}
}

func TestARunGoesFromPersonToPersonUntilTheBankHasAnswered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claimed(5)
	officer, approver, payer := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps"), s.login(demo.INPSPayer, "inps")
	officer.get(runs).wants(200, "Nuovo lotto di pagamento")
	payer.get(runs).wants(200).silent("Nuovo lotto di pagamento")
	page := officer.submit(officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise").wants(200, "5 sedute si possono pagare ora", "250,00 €", "Molise"), nil)
	page.wants(200, "Lotto in preparazione", "0 di 5")
	at := page.URL.Path
	s.freeze()
	officer.get(at).wants(200, "Preparato", "250,00 €", "Intestatario 0", "Proponi il lotto").silent("IT60X0542811101000000123456")
	officer.submit(officer.get(at+"/proponi").wants(200, "Vuoi proporre il lotto"), nil).wants(200, "Lotto proposto")
	officer.get(at + "/approva").wants(403)
	ask := approver.get(at+"/approva").wants(200, "Approvi il lotto")
	approver.submit(ask, nil).wants(422, "Scegli se approvare o rimandare")
	approver.submit(ask, url.Values{"decisione": {"rimanda"}, "nota": {" "}}).wants(422, "Scrivi perché rimandi il lotto")
	approver.submit(ask, url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")
	approver.get(at + "/invia").wants(403)
	ask = payer.get(at+"/invia").wants(200, "Vuoi inviare alla banca")
	payer.submit(ask, url.Values{"data-giorno": {"29"}, "data-mese": {"11"}, "data-anno": {"2026"}}).wants(422, "le banche non lavorano")
	payer.submit(ask, nil).wants(200, "Lotto inviato", "la banca paga il 24 novembre 2026")
	officer.get(at + "/flusso.xml").wants(403)
	file := payer.get(at + "/flusso.xml").wants(200)
	if !strings.Contains(file.Body, "<CtrlSum>250.00</CtrlSum>") || !strings.Contains(file.Body, "IT60X0542811101000000123456") {
		t.Error(file.Body)
	}
	message := "PSI" + s.text(`SELECT lpad(max(number)::text, 5, '0') FROM payment_runs`)
	if again := payer.get(at + "/flusso.xml"); again.Body != file.Body || file.Header.Get("Content-Disposition") != `attachment; filename="`+message+`.xml"` {
		t.Error("the file is another the second time", file.Header)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'payment.file_taken' AND subject_id = $1`, at[len(runs)+1:]); n != 2 {
		t.Errorf("%d downloads on record", n)
	}
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(payer.get(at+"/distinta.csv").wants(200).Body, "\ufeff")))
	rows.Comma = ';'
	if all, err := rows.ReadAll(); err != nil || len(all) != 6 || all[1][13] != "50,00" {
		t.Errorf("%v %v", all, err)
	}
	if book, err := excelize.OpenReader(strings.NewReader(payer.get(at + "/distinta.xlsx").wants(200).Body)); err != nil {
		t.Error(err)
	} else {
		_ = book.Close()
	}

	upload := payer.get(at+"/esiti").wants(200, "Registra gli esiti")
	officer.get(at + "/esiti").wants(200).silent("File della banca")
	head := strings.Join(payment.OutcomeColumns, ";") + "\n"
	payer.handIn(upload, "esiti.csv", head+message+"-000001;pagato;1,00;24/11/2026;;\n"+message+"-000007;pagato;1,00;24/11/2026;;\n", url.Values{"fare": {"registra"}}).
		wants(422, "Niente è stato registrato", "L’importo è diverso", message+"-000007", "Nessun pagamento del lotto")
	first, second := s.text(`SELECT replace((amount_cents / 100.0)::numeric(9, 2)::text, '.', ',') FROM payment_orders WHERE end_to_end = $1`, message+"-000001"), s.text(`SELECT replace((amount_cents / 100.0)::numeric(9, 2)::text, '.', ',') FROM payment_orders WHERE end_to_end = $1`, message+"-000002")
	good := head + message + "-000001;pagato;" + first + ";24/11/2026;CRO 1;\n" + message + "-000002;restituito;" + second + ";;;AC04\n"
	payer.handIn(upload, "esiti.csv", good, url.Values{"fare": {"controlla"}}).wants(200, "Il file è in ordine", "1 pagato, 1 restituito", "conto chiuso (AC04)", "Non è stato ancora registrato niente")
	payer.handIn(upload, "esiti.csv", good, url.Values{"fare": {"registra"}}).wants(200, "Esiti registrati", "1 pagato, 1 restituito", "Concluso")
	payer.handIn(payer.get(at+"/esiti"), "esiti.csv", good, url.Values{"fare": {"registra"}}).wants(200, "File già registrato", "Era stato registrato")
	payer.get(at+"?stato=returned").wants(200, "conto chiuso (AC04)").silent("CRO 1")
	if n := s.count(`SELECT count(*) FROM payment_accounts WHERE state = 'rejected' AND reason = 'closed' AND holder LIKE 'Intestatario%'`); n != 1 {
		t.Errorf("%d accounts are rejected", n)
	}
	officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise&motivo=no_account").wants(200, "Nulla da pagare fino a fine ottobre 2026", "Nessun IBAN valido", "Psicoterapeuta", "PAG 2026")
	s.whole()
}

func TestWhatStandsInTheWayOfARunIsNamedAndTakenOut(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claimed(4)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	page := officer.submit(officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise"), nil)
	s.freeze()
	at := page.URL.Path
	s.exec(`UPDATE payment_accounts SET state = 'replaced' WHERE holder = 'Intestatario 1'`)
	blocked := officer.get(at).wants(200, "Pagamenti che non si possono più fare", "L’IBAN del lotto non è più quello verificato", "Togli dal lotto")
	officer.submit(officer.get(at+"/proponi"), nil).wants(409, "vanno tolti, oppure il lotto va rimandato")
	officer.submit(officer.get(blocked.link("Togli dal lotto")).wants(200, "Vuoi togliere il pagamento"), nil).wants(200, "Pagamento tolto", "100,00 €")
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	ask := approver.get(at + "/approva")
	s.exec(`UPDATE payment_accounts SET state = 'replaced' WHERE holder = 'Intestatario 0'`)
	approver.submit(ask, url.Values{"decisione": {"approva"}}).wants(409, "vanno tolti, oppure il lotto va rimandato")
	approver.submit(approver.get(at+"/approva").wants(200, "non si può approvare"), url.Values{"decisione": {"rimanda"}, "nota": {"IBAN cambiati"}}).
		wants(200, "Lotto rimandato", "«IBAN cambiati»")
	s.whole()
}

func TestWhatIsBlockedWhenARunIsSentIsListedWithItsReason(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claimed(4)
	officer, approver, payer := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps"), s.login(demo.INPSPayer, "inps")
	page := officer.submit(officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise"), nil)
	s.freeze()
	at := page.URL.Path
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	approver.submit(approver.get(at+"/approva"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato").silent("rimasti fuori")
	ask := payer.get(at + "/invia").silent("Resta fuori")
	s.exec(`UPDATE payment_accounts SET state = 'replaced' WHERE holder = 'Intestatario 1'`)
	payer.get(at).wants(200, "Pagamenti che non si possono più fare", "All’invio restano fuori dal lotto").silent("il lotto non va avanti", "Togli dal lotto")
	payer.get(at+"/invia").wants(200, "Resta fuori", "Intestatario 1, 100,00 €", "L’IBAN del lotto non è più quello verificato")
	payer.submit(ask, nil).wants(200, "Lotto inviato", "100,00 €", "di 200,00 € approvati", "Pagamenti rimasti fuori dal lotto",
		"All’invio 1 pagamento approvato (100,00 €) non si poteva più fare", "fermo al momento dell’invio: L’IBAN del lotto non è più quello verificato")
	payer.get(runs).wants(200, "100,00 €")
	if file := payer.get(at + "/flusso.xml").wants(200); !strings.Contains(file.Body, "<CtrlSum>100.00</CtrlSum>") {
		t.Error(file.Body)
	}
	s.whole()
}

func TestWhoApprovesReadsWhatWasTakenOutAndWhy(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claimed(4)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	page := officer.submit(officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise"), nil)
	s.freeze()
	at := page.URL.Path
	order := s.text(`SELECT id::text FROM payment_orders WHERE holder = 'Intestatario 1'`)
	ask := officer.get(at+"/pagamenti/"+order+"/togli").wants(200, "Vuoi togliere il pagamento")
	officer.submit(ask, url.Values{"nota": {" "}}).wants(422, "Scrivi perché togli il pagamento")
	officer.submit(ask, url.Values{"nota": {"Fatture tutte dello stesso giorno"}}).wants(200, "Pagamento tolto", "tolto a mano", "«Fatture tutte dello stesso giorno»")
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	approver.get(at+"/approva").wants(200, "Rimasto fuori", "Intestatario 1, 100,00 €", "«Fatture tutte dello stesso giorno»")
	s.whole()
}

func TestAnOfficerIsNotAskedToApproveWhatPaysThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.claimed(4)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	page := officer.submit(officer.get(runs+"/nuovo?mese=2026-10&territorio=Molise"), nil)
	s.freeze()
	at := page.URL.Path
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	ask := approver.get(at+"/approva").wants(200, "Approva il lotto")
	if _, err := s.Pool.Exec(t.Context(), `ALTER TABLE payment_orders DISABLE TRIGGER orders_go_forward`); err != nil {
		t.Fatal(err)
	}
	s.text(`UPDATE payment_orders SET payee_id = $1 WHERE holder = 'Intestatario 1' RETURNING id::text`, string(s.officer(demo.INPSApprover, identity.Approve).Person))
	approver.get(at).wants(200, "Rimanda il lotto").silent("Decidi sul lotto")
	approver.get(at+"/approva").wants(200, "il lotto paga te", "Rimanda con motivazione").silent("Approva il lotto")
	approver.submit(ask, url.Values{"decisione": {"approva"}}).wants(409, "il lotto paga te")
}

func TestARunOfAnotherIsNotOpenedByAGuess(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	run, order := s.anyRun()
	b := s.login(demo.INPSOfficer, "inps")
	for _, path := range []string{"/" + once.NewKey(), "/pippo", "/" + once.NewKey() + "/proponi", "/" + run + "/pagamenti/" + once.NewKey() + "/togli",
		"/" + once.NewKey() + "/pagamenti/" + order + "/togli", "/" + once.NewKey() + "/esiti", "/" + once.NewKey() + "/distinta.csv"} {
		b.get(runs+path).wants(404, "Pagina non trovata")
	}
	b.get(runs + "/nuovo?mese=2026-13").wants(422)
	b.get(runs + "/nuovo?mese=" + calendar.On(noon).Add(60).String()[:7]).wants(422)
	s.login(demo.INPSPublisher, "inps").get(runs).wants(403)
	s.login(demo.Psychologist, "psicoterapeuta").get(runs + "/" + run)
}
