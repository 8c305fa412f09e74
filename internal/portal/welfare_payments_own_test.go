package portal_test

import (
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/payment"
)

// mayPay gives a persona of ENPAP the duty to send payments.
func (s *site) mayPay(hint demo.Hint) {
	s.Helper()
	s.past(`INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'pay', daterange('2020-01-01', NULL) FROM persons WHERE fiscal_code = '` + string(fiscalCode(hint)) + `'`)
}

// paysAlso has a run of the indemnity pay a persona in the place of its second payee, or
// that payee again.
func (s *site) paysAlso(hint demo.Hint) {
	s.Helper()
	code := "Q000000000000001"
	if hint != "" {
		code = string(fiscalCode(hint))
	}
	s.past(`UPDATE payment_orders SET payee_id = (SELECT id FROM persons WHERE fiscal_code = '` + code + `') WHERE holder = 'Intestatario FOLLA-0001'`)
}

// preparedCaseRun is a run of the call of May that is prepared: its address.
func (s *site) preparedCaseRun(officer *browser) string {
	s.Helper()
	at := officer.submit(officer.get(caseRuns+"/nuovo?bando=2026-05"), nil).wants(200, "Lotto in preparazione").URL.Path
	s.freeze()
	return at
}

// paid has a run proposed, approved and sent, and the bank answer to each payee: "pagato",
// or the code of why it came back.
func (s *site) paid(at string, officer, approver, payer *browser, says map[string]string) {
	s.Helper()
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	approver.submit(approver.get(at+"/approva"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")
	payer.submit(payer.get(at+"/invia"), nil).wants(200, "Lotto inviato")
	text := strings.Join(payment.OutcomeColumns, ";") + "\n"
	on := s.text(`SELECT to_char(execute_on, 'DD/MM/YYYY') FROM payment_runs WHERE id::text = $1`, at[len(caseRuns)+1:])
	for iban, said := range says {
		order := s.text(`SELECT end_to_end || ';%;' || replace((amount_cents / 100.0)::numeric(9, 2)::text, '.', ',') FROM payment_orders WHERE run_id::text = $1 AND iban = $2`, at[len(caseRuns)+1:], iban)
		if said == "pagato" {
			text += strings.Replace(order, "%", said, 1) + ";" + on + ";CRO 1;\n"
		} else {
			text += strings.Replace(order, "%", "restituito", 1) + ";;;" + said + "\n"
		}
	}
	payer.handIn(payer.get(at+"/esiti"), "esiti.csv", text, url.Values{"fare": {"registra"}}).wants(200, "Concluso")
}

func TestNobodyHasAHandInARunOfTheIndemnityThatPaysThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	officer, approver, payer := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare")
	at := s.preparedCaseRun(officer)
	state := func(want string) {
		t.Helper()
		if got := s.text(`SELECT state FROM payment_runs WHERE id::text = $1`, at[len(caseRuns)+1:]); got != want {
			t.Errorf("the run is %s, want %s", got, want)
		}
	}
	const yours = "oppure il lotto paga te"

	ask := officer.get(at+"/proponi").wants(200, "Vuoi proporre il lotto")
	s.paysAlso(demo.WelfareOfficer)
	officer.get(at).wants(200, "Preparato").silent("Proponi il lotto", "Togli dal lotto")
	officer.get(at+"/proponi").wants(409, yours)
	officer.submit(ask, nil).wants(409, yours)
	state("prepared")
	s.paysAlso("")
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")

	ask = approver.get(at+"/approva").wants(200, "Approva il lotto")
	s.paysAlso(demo.WelfareApprover)
	approver.get(at).wants(200, "Rimanda il lotto").silent("Decidi sul lotto")
	approver.get(at+"/approva").wants(200, yours, "Rimanda con motivazione").silent("Approva il lotto")
	approver.submit(ask, url.Values{"decisione": {"approva"}}).wants(409, yours)
	state("proposed")
	s.paysAlso("")
	approver.submit(approver.get(at+"/approva"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")

	ask = payer.get(at+"/invia").wants(200, "Vuoi inviare alla banca")
	s.paysAlso(demo.WelfarePayer)
	payer.get(at).wants(200, "Approvato").silent("Invia alla banca")
	payer.get(at+"/invia").wants(409, yours)
	payer.submit(ask, nil).wants(409, yours)
	state("approved")
	s.paysAlso("")
	payer.submit(payer.get(at+"/invia"), nil).wants(200, "Lotto inviato")
}

func TestNobodySendsTheMoneyForWhatTheyExaminedOrRanked(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	for _, hint := range []demo.Hint{demo.WelfareFellow, demo.WelfareHead, demo.WelfareApprover, demo.WelfareOfficer} {
		s.mayPay(hint)
	}
	officer, approver, payer := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare")
	at := s.preparedCaseRun(officer)
	officer.submit(officer.get(at+"/proponi"), nil).wants(200, "Lotto proposto")
	approver.submit(approver.get(at+"/approva"), url.Values{"decisione": {"approva"}}).wants(200, "Lotto approvato")
	for hint, why := range map[demo.Hint]string{
		demo.WelfareFellow:   "Hai verificato o deciso una domanda del lotto, o hai avuto parte nella graduatoria", // proposed the decisions
		demo.WelfareHead:     "Hai verificato o deciso una domanda del lotto, o hai avuto parte nella graduatoria", // published the ranking
		demo.WelfareOfficer:  "Hai già avuto parte in questo lotto",
		demo.WelfareApprover: "Hai già avuto parte in questo lotto",
	} {
		b := s.login(hint, "welfare")
		b.get(at).wants(200, "Approvato").silent("Invia alla banca")
		b.get(at+"/invia").wants(409, why)
		b.post(at+"/invia", fields(dayOf("data", 2026, 11, 24), url.Values{"idem": {once.NewKey()}})).wants(409, why)
	}
	if n := s.count(`SELECT count(*) FROM payment_runs WHERE id::text = $1 AND state = 'approved' AND sent_by IS NULL`, at[len(caseRuns)+1:]); n != 1 {
		t.Error("somebody sent it")
	}
	payer.submit(payer.get(at+"/invia").wants(200, "Vuoi inviare alla banca"), nil).wants(200, "Lotto inviato")
	s.whole()
}

const (
	ibanOfAnna  = "IT24D0542811101000000654321"
	ibanOfLuca  = "DE89370400440532013000"
	ibanOfCrowd = "IT60X0542811101000000123456"
)

// inherited has Roberto die, whose case waits to be paid, with two heirs: two thirds go to
// Anna and a third to Luca.
func (s *site) inherited() (anna, luca *browser) {
	s.Helper()
	s.past(`UPDATE indemnity_applications SET died_on = '2026-11-20' WHERE protocol = 'FOLLA-MIA'`, `
		INSERT INTO heirs (id, application_id, person_id, linked_at, fiscal_code, given_name, family_name, kinship, share_part, share_whole, iban, added_by, added_at)
		SELECT gen_random_uuid(), a.id, p.id, '2026-11-21', p.fiscal_code, h.name, 'Gatti', 'child', h.part, 3, h.iban, o.id, '2026-11-21'
		FROM indemnity_applications a, persons o, (VALUES ('`+string(fiscalCode(demo.Heir))+`', 'Anna', 2, '`+ibanOfAnna+`'), ('`+string(fiscalCode(demo.PartialCitizen))+`', 'Luca', 1, '`+ibanOfLuca+`')) h (code, name, part, iban)
		JOIN persons p ON p.fiscal_code = h.code WHERE a.protocol = 'FOLLA-MIA' AND o.fiscal_code = '`+string(fiscalCode(demo.WelfareOfficer))+`'`)
	return s.login(demo.Heir, "erede"), s.login(demo.PartialCitizen, "erede")
}

func TestEachHeirIsPaidAndReadsTheirOwnShareAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	anna, luca := s.inherited()
	officer, approver, payer := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare")
	for range 2 {
		kase := officer.get(officer.get(caseRuns + "/conti").link("FOLLA-MIA"))
		officer.submit(officer.get(kase.link("Verifica l’IBAN")), url.Values{"giudizio": {"verificato"}}).wants(200, "IBAN verificato")
	}
	at := s.preparedCaseRun(officer)
	s.paid(at, officer, approver, payer, map[string]string{ibanOfAnna: "AC04", ibanOfLuca: "pagato", ibanOfCrowd: "pagato"})

	sum := func(iban string) money.Amount {
		t.Helper()
		return money.Amount(s.count(`SELECT coalesce(sum(amount_cents), 0) FROM payment_orders WHERE iban = $1 AND payee_id IN (SELECT person_id FROM heirs)`, iban))
	}
	hers, his := sum(ibanOfAnna), sum(ibanOfLuca)
	if whole := money.Amount(s.count(`SELECT payable_cents FROM indemnity_ranking_entries WHERE protocol = 'FOLLA-MIA'`)); hers+his != whole || hers < 2*his-2 || hers > 2*his+2 {
		t.Fatalf("%s and %s of %s", hers, his, whole)
	}
	plain := func(a money.Amount) string { return strings.ReplaceAll(a.String(), "\u00a0", " ") }
	hersIs, hisIs := plain(hers), plain(his)
	own := memberCases + "/" + s.mine() + "/pagamento"
	order := func(iban string) string {
		return s.text(`SELECT id::text FROM payment_orders WHERE iban = $1 AND payee_id IN (SELECT person_id FROM heirs)`, iban)
	}
	herPage := anna.get(own).wants(200, "2/3", hersIs, "IT24 •••• 4321", "conto chiuso (AC04)", "Inserisci un nuovo IBAN").silent(hisIs, "DE89", "Certificazione ENPAP-")
	hisPage := luca.get(own).wants(200, "1/3", hisIs, "DE89 •••• 3000", "Pagato, con valuta", "Certificazione ENPAP-").silent(hersIs, "IT24", "AC04", "Inserisci un nuovo IBAN", "restituito")
	luca.get(memberCases+"/"+s.mine()).wants(200, "Pagata").silent("restituito")
	if pdf := luca.get(hisPage.link("Certificazione ENPAP-")).wants(200); !strings.HasPrefix(pdf.Body, "%PDF-") {
		t.Error("no certificate")
	}
	for _, b := range []*browser{anna, s.member(demo.Member)} {
		b.get(hisPage.link("Certificazione ENPAP-")).wants(404)
	}
	luca.get(own + "/" + order(ibanOfAnna) + "/certificato.pdf").wants(404)
	anna.get(own + "/" + order(ibanOfAnna) + "/certificato.pdf").wants(404) // nothing was paid by it
	luca.get(own+"/iban").wants(200, "Pagato, con valuta")

	anna.get(memberCases+"/"+s.mine()).wants(200, "Pagamento restituito").silent("Pagata")

	// The officer reads both, to the cent.
	officer.get(welfareList+"/"+s.mine()+"/pagamento").wants(200, hersIs, hisIs, "Anna Gatti", "Luca Gatti", "2/3", "1/3", "AC04")

	// Anna gives another account, and is paid what came back.
	give := anna.get(herPage.link("Inserisci un nuovo IBAN"))
	anna.submit(anna.submit(give, url.Values{"iban": {"FR1420041010050500013M02606"}, "intestatario": {"Anna Gatti"}}).wants(200, "Vuoi ricevere il pagamento su questo conto"), nil).wants(200, "IBAN inserito")
	luca.get(own).wants(200, "Pagato, con valuta").silent("FR14", "sta verificando")
	kase := officer.get(officer.get(caseRuns + "/conti").link("FOLLA-MIA"))
	officer.submit(officer.get(kase.link("Verifica l’IBAN")), url.Values{"giudizio": {"verificato"}}).wants(200, "IBAN verificato")
	s.At(noon.Add(payment.AccountHold).AddDate(0, 0, 1))
	officer, approver, payer, anna = s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare"), s.login(demo.Heir, "erede")
	s.paid(s.preparedCaseRun(officer), officer, approver, payer, map[string]string{"FR1420041010050500013M02606": "pagato"})
	paid := anna.get(own).wants(200, hersIs, "Pagato, con valuta", "FR14 •••• 2606", "Certificazione ENPAP-").silent(hisIs)
	s.login(demo.PartialCitizen, "erede").get(paid.link("Certificazione ENPAP-")).wants(404)
	if got := sum("FR1420041010050500013M02606"); got != hers {
		t.Errorf("%s came back and %s was paid", hers, got)
	}
	s.whole()
}
