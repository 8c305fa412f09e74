package portal_test

import (
	"net/url"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
)

func TestOfTwoAccountsThatAreConfirmedOneIsKeptAndTheOtherIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	own := memberCases + "/" + s.mine() + "/pagamento"
	here, elsewhere := s.login(demo.CyclesMember, "iscritto"), s.login(demo.CyclesMember, "iscritto")
	typed := func(b *browser, iban string) page {
		t.Helper()
		return b.submit(b.get(own+"/iban").wants(200, "Nuovo IBAN"), url.Values{"iban": {iban}, "intestatario": {"Roberto Vitale"}}).wants(200, "Vuoi ricevere il pagamento su questo conto")
	}
	kept := func(iban string, given int) {
		t.Helper()
		if got := s.text(`SELECT string_agg(iban, ' ') FROM case_accounts WHERE application_id::text = $1 AND state = 'to_verify'`, s.mine()); got != iban {
			t.Errorf("%s is kept, want %s", got, iban)
		}
		if n := s.count(`SELECT count(*) FROM audit WHERE action = 'payment.case_account_given' AND subject_id::text = $1`, s.mine()); n != given {
			t.Errorf("%d accounts were given, want %d", n, given)
		}
	}
	const moved = "Nel frattempo l’IBAN è cambiato"

	// In two logins: who comes second reads what stands there by now.
	first, second := typed(here, "IT24D0542811101000000654321"), typed(elsewhere, "DE89370400440532013000")
	here.submit(first, nil).wants(200, "IBAN inserito", "IT24 •••• 4321")
	elsewhere.submit(second, nil).wants(409, moved, "IT24 •••• 4321", "DE89 3704 0044 0532 0130 00")
	kept("IT24D0542811101000000654321", 1)

	// In two windows of one login: what was typed last is what is asked about.
	first = typed(here, "DE89370400440532013000")
	second = typed(here, "FR1420041010050500013M02606")
	here.submit(first, nil).wants(409, "Nel frattempo hai scritto un altro IBAN", "FR14 2004 1010 0505 0001 3M02 606").silent("DE89")
	kept("IT24D0542811101000000654321", 1)
	here.submit(second, nil).wants(200, "IBAN inserito", "FR14 •••• 2606")
	kept("FR1420041010050500013M02606", 2)

	// The first window once more is told; sent twice is one account, and the way back asks anew.
	here.submit(first, nil).wants(409, moved, "Nuovo IBAN").silent("DE89")
	here.submit(second, nil).wants(200, "FR14 •••• 2606").silent(moved)
	if p := here.get(own+"/iban/conferma").wants(200, "Nuovo IBAN"); p.URL.Path != own+"/iban" {
		t.Errorf("the way back leads to %s", p.URL.Path)
	}
	kept("FR1420041010050500013M02606", 2)

	// What was typed in a login that is over is asked for again.
	late := typed(here, "DE89370400440532013000")
	fields := url.Values{}
	for _, n := range late.form().all("input") {
		fields.Set(n.attr("name"), n.attr("value"))
	}
	if p := s.login(demo.CyclesMember, "iscritto").post(own+"/iban/conferma", fields).wants(200, "Nuovo IBAN").silent(moved); p.URL.Path != own+"/iban" {
		t.Errorf("it leads to %s", p.URL.Path)
	}
	kept("FR1420041010050500013M02606", 2)
	s.whole()
}

// What the letter said comes next has come: the case says where it stands now.
func TestWhatComesNextIsSaidByHowFarTheCaseHasCome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.paidCall()
	s.past(`INSERT INTO indemnity_decisions (id, application_id, to_state, call_version, proposed_by, proposed_at, state, decided_by, decided_at, protocol, check_code)
		SELECT gen_random_uuid(), a.id, 'suitable', a.call_version, p.id, '2026-11-01', 'approved', q.id, '2026-11-02', 'ENPAP-2026-990001', 'ABCDEFGHJKMN'
		FROM indemnity_applications a, (SELECT min(id::text)::uuid AS id FROM persons) p, (SELECT max(id::text)::uuid AS id FROM persons) q WHERE a.protocol = 'ENPAP-2026-910001'`)
	member := s.login(demo.CyclesMember, "iscritto")
	theirs := memberCases + "/" + s.paidCase()
	member.get(theirs).wants(200, "La domanda è idonea.", "Leggi la lettera", "paga l’indennità").silent("entra nella graduatoria del bando", "Che cosa puoi fare")
	member.get(theirs+"/esito").wants(200, "entra nella graduatoria del bando", "Che cosa puoi fare")
	member.get(theirs+"/graduatoria").wants(200, "ENPAP prepara il pagamento", "puoi chiedere il riesame entro il 22 dicembre 2026, ore 23:59")
	s.paidOut()
	member.get(theirs).wants(200, "La domanda è pagata.").silent("entra nella graduatoria del bando", "Tocca a ENPAP")
	member.get(theirs+"/graduatoria").wants(200, "L’indennità è pagata", "riesame entro il 22 dicembre 2026").silent("ENPAP prepara", "Il pagamento è previsto")
}

func TestAPaymentThatWasExpectedAndIsNotOrderedIsSaidToBeLate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.owing()
	expected := calendar.NewDate(2026, 12, 15)
	s.past(`UPDATE call_versions SET rules = jsonb_set(rules, '{expected,value}', '{"payment": "2026-12-15"}') WHERE call_id = '2026-05'`)
	const late = "e ENPAP non l’ha ancora disposto"
	reads := func(says, silent string) {
		t.Helper()
		member := s.login(demo.CyclesMember, "iscritto")
		member.get(memberCases+"/"+s.mine()).wants(200, "Tocca a ENPAP: paga l’indennità.", says).silent(silent)
		member.get(memberCases+"/"+s.mine()+"/graduatoria").wants(200, says).silent(silent)
		s.welfareOfficer().get("/gestione/enpap/domande/"+s.mine()).wants(200, says).silent(silent)
	}
	s.At(expected.At(23, 0))
	reads("Il pagamento è previsto", late)
	s.At(expected.Add(1).At(9, 0))
	reads(late, "è previsto")
	s.login(demo.CyclesMember, "iscritto").get(memberCases+"/"+s.mine()).wants(200, "Era previsto")
}
