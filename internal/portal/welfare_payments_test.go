package portal_test

import (
	"encoding/csv"
	"encoding/xml"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"

	"portal/internal/demo"
	"portal/internal/money"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/postgres"
)

const caseRuns = "/gestione/enpap/pagamenti"

// owing has a publication of the call of May with two members who named an account, one of
// them Roberto, and one who named none.
func (s *site) owing() {
	s.Helper()
	s.crowd(2, 100_000*money.Euro)
	s.past(`
		UPDATE indemnity_applications SET answers = answers || jsonb_build_object('iban', 'IT60X0542811101000000123456', 'holder', 'Intestatario ' || protocol)
			WHERE protocol IN ('FOLLA-MIA', 'FOLLA-0001')`, `
		INSERT INTO indemnity_decisions (id, application_id, to_state, call_version, proposed_by, proposed_at, state, decided_by, decided_at, protocol, check_code)
		SELECT gen_random_uuid(), a.id, 'suitable', a.call_version, p.id, a.submitted_at, 'approved', q.id, a.submitted_at, 'LETTERA-' || a.protocol, 'X'
		FROM indemnity_applications a, persons p, persons q WHERE a.protocol LIKE 'FOLLA-%' AND p.fiscal_code = '`+string(fiscalCode(demo.WelfareFellow))+`' AND q.fiscal_code = '`+string(fiscalCode(demo.WelfareApprover))+`'`)
	s.publishedRanking()
}

// ownCasePayment is a run of the indemnity with an order and the application that it pays,
// made when there is none.
func (s *site) ownCasePayment() (run, order, application string) {
	s.Helper()
	const some = `SELECT coalesce((SELECT o.run_id || ' ' || o.id || ' ' || l.application_id FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id
		JOIN indemnity_applications a ON a.id = l.application_id WHERE a.call_id = '2026-05' ORDER BY o.number LIMIT 1), '')`
	if s.text(some) == "" {
		s.ownRanking()
		who := s.welfareActor(demo.WelfareOfficer, "prepare")
		of, _ := payment.OfCall(string(rankedCall))
		if _, err := s.Portal.Payments.Prepare(s.Context(), who, s.rankedForm(who, "payment.prepare"), of); err != nil {
			s.Fatal(err)
		}
		s.freeze()
	}
	ids := strings.Fields(s.text(some))
	return ids[0], ids[1], ids[2]
}

// mine is the application of Roberto, who is a persona.
func (s *site) mine() string {
	s.Helper()
	return s.text(`SELECT id::text FROM indemnity_applications WHERE protocol = 'FOLLA-MIA'`)
}

// tell does the work of the job that writes letters.
func (s *site) tell() {
	s.Helper()
	notices := postgres.NewNotices(s.Pool)
	rows, _ := s.Pool.Query(s.Context(), `SELECT (args->>'entry')::bigint FROM river_job WHERE kind = 'notify' ORDER BY id`)
	entries, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, entry := range entries {
		if err != nil {
			break
		}
		var e notify.Event
		if e, err = notices.Event(s.Context(), entry); err == nil {
			err = notices.Post(s.Context(), entry, notify.Letters(e), s.Now())
		}
	}
	if err != nil {
		s.Fatal(err)
	}
}

// bankSays is the file in which the bank answers to a run of one order, or of two by their
// numbers.
func (s *site) bankSays(message, first, second string) string {
	s.Helper()
	text := strings.Join(payment.OutcomeColumns, ";") + "\n"
	for i, says := range []string{first, second} {
		if says == "" {
			continue
		}
		name := message + "-00000" + string(rune('1'+i))
		amount := s.text(`SELECT replace((amount_cents / 100.0)::numeric(9, 2)::text, '.', ',') FROM payment_orders WHERE end_to_end = $1`, name)
		if says == "pagato" {
			text += name + ";pagato;" + amount + ";24/11/2026;CRO 1;\n"
		} else {
			text += name + ";restituito;" + amount + ";;;" + says + "\n"
		}
	}
	return text
}

func TestTheIndemnityIsPaidAndWhatComesBackIsRepairedByItsPayee(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	member := s.login(demo.CyclesMember, "iscritto")
	own := memberCases + "/" + s.mine()
	member.get(own).wants(200, "Ammessa al pagamento")
	member.get(own+"/pagamento").wants(200, "L’importo è pronto per il pagamento", "Importo lordo", "Ritenuta fiscale").silent("Pagamento disposto:")
	officer, approver, payer := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare")
	officer.get(caseRuns).wants(200, "Un lotto paga le domande ammesse di un bando", "IBAN da verificare").silent("sedute")
	choose := officer.get(caseRuns+"/nuovo").wants(200, "Bando di maggio 2026")
	ask := officer.get(choose.link("Bando di maggio 2026")).wants(200, "2 pagamenti si possono fare ora", "Nessun IBAN valido", "Ritenuta", "Debiti compensati").silent("sedute", "Region")
	officer.get(caseRuns+"/nuovo?bando=2026-05&motivo=no_account").wants(200, "FOLLA-0002")
	page := officer.submit(ask, nil).wants(200, "Lotto in preparazione")
	at := page.URL.Path
	s.freeze()
	officer.get(at).wants(200, "Preparato", "FOLLA-MIA", "Importo lordo", "Ritenuta fiscale", "Netto", "bando di maggio 2026").silent("IT60X0542811101000000123456", "sedute", "Mese")
	member.get(own+"/pagamento").wants(200, "L’importo è pronto per il pagamento")
	officer.submit(officer.get(at+"/proponi").wants(200, "Vuoi proporre il lotto"), nil).wants(200, "Lotto proposto")
	officer.get(at + "/approva").wants(403)
	approver.submit(approver.get(at+"/approva").wants(200, "Approvi il lotto"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")
	approver.get(at + "/invia").wants(403)
	payer.submit(payer.get(at+"/invia").wants(200, "Vuoi inviare alla banca"), nil).wants(200, "Lotto inviato")
	member.get(own).wants(200, "In pagamento", "Pagamento disposto")
	member.get(own+"/pagamento").wants(200, "Pagamento disposto: la banca lo esegue il 24 novembre 2026")

	var file struct {
		Sum   string   `xml:"CstmrCdtTrfInitn>GrpHdr>CtrlSum"`
		Says  []string `xml:"CstmrCdtTrfInitn>PmtInf>CdtTrfTxInf>RmtInf>Ustrd"`
		Payer string   `xml:"CstmrCdtTrfInitn>PmtInf>DbtrAcct>Id>IBAN"`
	}
	if err := xml.Unmarshal([]byte(payer.get(at+"/flusso.xml").wants(200).Body), &file); err != nil || len(file.Says) != 2 || !strings.HasPrefix(file.Says[0], "ENPAP lotto IND0") || file.Payer != "IT24D0542811101000000654321" {
		t.Errorf("%+v, %v", file, err)
	}
	rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(payer.get(at+"/distinta.csv").wants(200).Body, "\ufeff")))
	rows.Comma = ';'
	if all, err := rows.ReadAll(); err != nil || len(all) != 3 || len(all[1]) != 14 || !strings.HasPrefix(all[1][9], "FOLLA-") || all[1][4] != all[1][13] {
		t.Errorf("%v, %v", all, err)
	}
	book, err := excelize.OpenReader(strings.NewReader(payer.get(at + "/distinta.xlsx").wants(200).Body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()

	message := s.text(`SELECT 'IND' || lpad(max(number)::text, 5, '0') FROM payment_runs WHERE programme = 'indemnity'`)
	mine := s.text(`SELECT o.number::text FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id WHERE l.application_id::text = $1`, s.mine())
	first, second := "AC04", "pagato"
	if mine == "2" {
		first, second = second, first
	}
	payer.handIn(payer.get(at+"/esiti").wants(200, "Registra gli esiti"), "esiti.csv", s.bankSays(message, first, second), url.Values{"fare": {"registra"}}).wants(200, "1 pagato, 1 restituito", "Concluso")

	// The payee is told, gives another account, and an officer verifies it.
	s.tell()
	if got := s.text(`SELECT subject || ' ' || link FROM messages WHERE kind = 'b11c'`); !strings.HasPrefix(got, "ENPAP: serve un altro IBAN ") || !strings.HasSuffix(got, "/pagamento/iban") {
		t.Error(got)
	}
	member.get(own).wants(200, "Pagamento restituito", "Vai al pagamento")
	member.get(own+"/pagamento").wants(200, "conto chiuso (AC04)", "Inserisci un nuovo IBAN", "L’importo non va perso")
	give := member.get(own+"/pagamento/iban").wants(200, "Nuovo IBAN")
	member.submit(give, url.Values{"iban": {"IT60"}, "intestatario": {"Roberto Vitale"}}).wants(422, "ne hai inseriti 4")
	confirm := member.submit(give, url.Values{"iban": {"IT24 D054 2811 1010 0000 0654 321"}, "intestatario": {"Roberto Vitale"}}).wants(200, "Vuoi ricevere il pagamento su questo conto", "48 ore")
	if strings.Contains(confirm.URL.String(), "IT24") {
		t.Error(confirm.URL)
	}
	member.submit(confirm, nil).wants(200, "IBAN inserito", "ENPAP sta verificando il nuovo IBAN")
	member.submit(confirm, nil).wants(200)
	list := officer.get(caseRuns+"/conti").wants(200, "1 IBAN aspetta la verifica", "FOLLA-MIA").silent("IT24D0542811101000000654321")
	money := officer.get(list.link("FOLLA-MIA")).wants(200, "IT24 D054 2811 1010 0000 0654 321", "IBAN da verificare", "Restituito")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'payment.case_account_opened'`); n == 0 {
		t.Error("who read the IBAN is not on record")
	}
	judge := officer.get(money.link("Verifica l’IBAN")).wants(200, "L’IBAN è di chi dobbiamo pagare")
	officer.submit(judge, nil).wants(422, "Scegli che cosa risulta")
	payer.get(judge.URL.Path).wants(403)
	officer.submit(judge, url.Values{"giudizio": {"verificato"}}).wants(200, "IBAN verificato")
	officer.get(judge.URL.Path).wants(409)

	s.At(noon.Add(payment.AccountHold).AddDate(0, 0, 1))
	officer, approver, payer, member = s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare"), s.login(demo.CyclesMember, "iscritto")
	page = officer.submit(officer.get(caseRuns+"/nuovo?bando=2026-05").wants(200, "1 pagamento si può fare ora"), nil)
	at = page.URL.Path
	s.freeze()
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	approver.submit(approver.get(at+"/approva"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")
	payer.submit(payer.get(at+"/invia"), nil).wants(200, "Lotto inviato")
	const letters = `SELECT count(*) FROM messages m JOIN persons p ON p.id = m.recipient_id WHERE m.kind = 'b11' AND p.fiscal_code = $1`
	s.tell()
	before := s.count(letters, string(fiscalCode(demo.CyclesMember)))
	on := s.text(`SELECT to_char(max(execute_on), 'DD/MM/YYYY') FROM payment_runs WHERE programme = 'indemnity'`)
	message = s.text(`SELECT 'IND' || lpad(max(number)::text, 5, '0') FROM payment_runs WHERE programme = 'indemnity'`)
	payer.handIn(payer.get(at+"/esiti"), "esiti.csv", strings.ReplaceAll(s.bankSays(message, "pagato", ""), "24/11/2026", on), url.Values{"fare": {"registra"}}).wants(200, "1 pagato", "Concluso")
	s.tell()
	if n := s.count(letters, string(fiscalCode(demo.CyclesMember))) - before; n != 1 {
		t.Errorf("%d letters that it is paid", n)
	}
	member.get(own).wants(200, "Pagata")
	paid := member.get(own+"/pagamento").wants(200, "Pagato, con valuta", "Certificazione ENPAP-", "Restituito")
	if pdf := member.get(paid.link("Certificazione ENPAP-")).wants(200); !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Error("no certificate")
	}
	certificate, code := s.text(`SELECT max(certificate) FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id WHERE l.application_id::text = $1`, s.mine()), s.text(`SELECT max(check_code) FROM payment_orders o JOIN payment_lines l ON l.order_id = o.id WHERE l.application_id::text = $1`, s.mine())
	member.submit(member.get("/verifica-documento"), url.Values{"protocollo": {certificate}, "codice": {code}}).wants(200, "autentico")
	member.get(own+"/pagamento/iban").wants(200, "Pagato, con valuta")
	s.whole()
}

func TestARunOfTheIndemnityIsNotTheOthersToSee(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	other, _ := s.anyRun()
	run, order, application := s.ownCasePayment()
	for _, path := range []string{"", "/proponi", "/approva", "/invia", "/esiti", "/flusso.xml", "/distinta.csv", "/distinta.xlsx", "/elimina", "/pagamenti/" + order + "/togli"} {
		for _, hint := range []demo.Hint{demo.INPSOfficer, demo.INPSApprover, demo.INPSPayer} {
			s.login(hint, "inps").get(runs+"/"+run+path).wants(404, "Pagina non trovata")
		}
		for _, hint := range []demo.Hint{demo.WelfareOfficer, demo.WelfareApprover, demo.WelfarePayer} {
			s.login(hint, "welfare").get(caseRuns+"/"+other+path).wants(404, "Pagina non trovata")
		}
	}
	inps := s.login(demo.INPSOfficer, "inps")
	inps.get(caseRuns).silent("Lotti")
	inps.post(runs+"/"+run+"/proponi", url.Values{"idem": {once.NewKey()}}).wants(404)
	if got := s.text(`SELECT state FROM payment_runs WHERE id::text = $1`, run); got != "prepared" {
		t.Errorf("it is %s", got)
	}
	b := s.welfareOfficer()
	for _, path := range []string{once.NewKey() + "/pagamento", application + "/pagamento/" + once.NewKey() + "/verifica", application + "/pagamento/" + once.NewKey() + "/iban", application + "/pagamento/pippo/iban"} {
		b.get("/gestione/enpap/domande/"+path).wants(404, "Pagina non trovata")
	}
	b.get(caseRuns + "/nuovo?bando=pippo").wants(422)
	s.login(demo.Member, "iscritto").get(memberCases+"/"+s.mine()+"/pagamento").wants(404, "Pagina non trovata")
}
