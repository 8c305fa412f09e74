package portal_test

import (
	"net/url"
	"os/exec"
	"path"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

const controlsAt = welfareWork + "/controlli"

// paidCall is a call whose publication pays five people, the first of them a member who
// logs in, with a value from before it. It is made past the program.
func (s *site) paidCall() {
	s.Helper()
	if s.count(`SELECT count(*) FROM indemnity_rankings WHERE call_id = '2026-11'`) > 0 {
		return
	}
	hints := []demo.Hint{demo.CyclesMember, demo.Citizen, demo.PartialCitizen, demo.ExcludedCitizen, demo.LastDaysCitizen}
	codes := make([]string, len(hints))
	for i, h := range hints {
		codes[i] = string(fiscalCode(h))
	}
	tx, err := s.Pool.Begin(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	for _, sql := range []string{
		`SET LOCAL session_replication_role = replica`,
		`INSERT INTO indemnity_applications (id, protocol, call_id, call_version, member_id, applicant_kind, channel, sender_id, submitted_at, term_ended_on, event, answers, declarations, registers, digest, check_code, state)
			SELECT gen_random_uuid(), 'ENPAP-2026-91000' || x.n, c.id, c.version, p.id, 'member', 'portal', p.id, '2026-09-25 10:00+02', '2026-09-30', '[2026-09-01,2026-09-20]',
				'{"cause": "illness", "first": "2026-09-01", "last": "2026-09-20"}', '[]', '{}', sha256(''), 'ABCDEFGHJKMN', 'funded'
			FROM unnest($1::text[]) WITH ORDINALITY x (code, n) JOIN persons p ON p.fiscal_code = x.code, calls c WHERE c.id = '2026-11'`,
		`INSERT INTO indemnity_rankings (id, call_id, call_version, rules, evaluated_on, ties, requested_cents, funded_cents, last_rank, last_points, inputs_digest, rules_digest, result_digest, rows_digest,
				simulated_by, simulated_at, number, kind, state, applications, ranked, funded, not_funded, publication, manifest, signature, published_at, checked_at, disagreements,
				proposed_by, proposed_at, decided_by, decided_at, published_by)
			SELECT gen_random_uuid(), c.id, c.version, v.rules, '2026-11-20', '[]', 0, 0, 5, 20, '', '', '', '', p.id, now(), 1, 'ranking', 'published', 5, 5, 5, 0, 1, '{"call_id":"2026-11"}', '\x00', '2026-11-22 12:00+01', now(), 0,
				p.id, now(), q.id, now(), u.id
			FROM calls c JOIN call_versions v ON v.call_id = c.id AND v.number = c.version, persons p, persons q, persons u WHERE c.id = '2026-11' AND p.fiscal_code = $1[1] AND q.fiscal_code = $1[2] AND u.fiscal_code = $1[3]`,
		`INSERT INTO indemnity_ranking_entries (ranking_id, application_id, case_version, protocol, facts, result, steps, row_digest, outcome, duration, days, daily_cents, gross_cents, rate, withholding_cents, net_cents, debt_cents, debt_left_cents,
				points_isee, points_duration, points_exclusive, rank, ex_aequo, decided, funding, funded_cents, funded_net_cents, set_off_cents, payable_cents, recovery_cents, revoked)
			SELECT r.id, a.id, a.version, a.protocol, '{}', '{}', '[]', '', 'ranked', 20, 14, 2000, 28000, 2000, 5600, 22400, 0, 0, 0, 2, 20, right(a.protocol, 1)::int, 0, '', 'funded', 28000, 22400, 0, 22400, 0, false
			FROM indemnity_rankings r, indemnity_applications a WHERE r.call_id = '2026-11' AND a.protocol LIKE 'ENPAP-2026-91000%'`,
		`UPDATE indemnity_applications SET ranking_id = (SELECT id FROM indemnity_rankings WHERE call_id = '2026-11') WHERE protocol LIKE 'ENPAP-2026-91000%'`,
		`INSERT INTO control_commitments (id, call_id, value, digest, made_by, made_at) SELECT gen_random_uuid(), '2026-11', repeat('a', 64), encode(sha256(convert_to(repeat('a', 64), 'UTF8')), 'hex'), id, '2026-11-10 12:00+01' FROM persons WHERE fiscal_code = $1[1]`,
	} {
		args := []any{codes}
		if !strings.Contains(sql, "$1") {
			args = nil
		}
		if _, err := tx.Exec(s.Context(), strings.ReplaceAll(sql, "$1[", "($1::text[])["), args...); err != nil {
			s.Fatal(err)
		}
	}
	if err := tx.Commit(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// ownControls are the ids of a sample that was drawn, of a check and of a recovery.
func (s *site) ownControls() (sample, control, recovery string) {
	s.Helper()
	s.paidCall()
	const ofCall = ` FROM control_samples s JOIN indemnity_rankings r ON r.id = s.ranking_id WHERE r.call_id = '2026-11'`
	if s.count(`SELECT count(*)`+ofCall) == 0 {
		officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
		proposed := officer.submit(officer.get(controlsAt+"/2026-11/campione"), url.Values{"misura": {"numero"}, "quanto": {"2"}, "motivo": {"Due bastano."}}).wants(200, "Campione proposto")
		approver.submit(approver.get(proposed.URL.Path), url.Values{"decisione": {"estrai"}}).wants(200, "Campione estratto")
		s.revoked()
	}
	sample = s.text(`SELECT s.id::text` + ofCall)
	return sample, s.text(`SELECT id::text FROM indemnity_controls WHERE state = 'open' AND sample_id = $1 ORDER BY place LIMIT 1`, sample),
		s.text(`SELECT id::text FROM indemnity_recoveries WHERE application_id = $1`, s.paidCase())
}

// paidCase is the case of the member who logs in.
func (s *site) paidCase() string {
	s.Helper()
	return s.text(`SELECT id::text FROM indemnity_applications WHERE protocol = 'ENPAP-2026-910001'`)
}

// paidOut has the case of the member paid, past the program.
func (s *site) paidOut() {
	s.Helper()
	tx, err := s.Pool.Begin(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	for _, sql := range []string{
		`SET LOCAL session_replication_role = replica`,
		`INSERT INTO case_accounts (application_id, iban, holder, state, given_at, usable_from) SELECT id, 'IT60X0542811101000000123456', 'R', 'to_verify', now(), now() FROM indemnity_applications WHERE protocol = 'ENPAP-2026-910001'`,
		`INSERT INTO payment_runs (programme, number, month, call_id, state, prepared_by, prepared_at) SELECT 'indemnity', 77, '2026-11-01', '2026-11', 'dropped', id, now() FROM persons LIMIT 1`,
		`INSERT INTO payment_orders (run_id, number, end_to_end, payee_id, case_account_id, iban, holder, amount_cents, state, value_day, outcome_at, certificate, check_code)
			SELECT r.id, 1, 'IND-77-1', a.member_id, c.id, c.iban, c.holder, 22400, 'paid', '2026-11-22', now(), 'C-77', 'K' FROM payment_runs r, case_accounts c JOIN indemnity_applications a ON a.id = c.application_id
			WHERE r.programme = 'indemnity' AND r.number = 77 AND a.protocol = 'ENPAP-2026-910001'`,
		`INSERT INTO payment_lines (order_id, order_state, application_id, ranking_id, gross_cents, withholding_cents, set_off_cents, amount_cents)
			SELECT o.id, 'paid', a.id, a.ranking_id, 28000, 5600, 0, 22400 FROM payment_orders o, indemnity_applications a WHERE o.end_to_end = 'IND-77-1' AND a.protocol = 'ENPAP-2026-910001'`,
	} {
		if _, err := tx.Exec(s.Context(), sql); err != nil {
			s.Fatal(err)
		}
	}
	if err := tx.Commit(s.Context()); err != nil {
		s.Fatal(err)
	}
}

// revoked has the indemnity of the member taken back after it was paid, by two officers,
// and returns the address of its check.
func (s *site) revoked() (control string) {
	s.Helper()
	s.paidOut()
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	kase := welfareWork + "/domande/" + s.paidCase()
	report := officer.get(officer.get(kase).link("Controlla su segnalazione")).wants(200, "anche se il caso non l’ha estratta")
	officer.submit(report, nil).wants(422, "Scrivi perché la domanda si controlla")
	check := officer.submit(report, url.Values{"motivo": {"Una lettera."}}).wants(200, "Controllo aperto", "Una lettera.")
	if row := officer.get(controlsAt).one("#r-" + path.Base(check.URL.Path)).text(); !strings.Contains(row, "Pagata") {
		s.Errorf("the check of a case that was paid: %s", row)
	}
	officer.submit(check, url.Values{"esito-controllo-scelto": {"irregular"}, "trovato": {"Lavorava."}}).wants(422, "Scegli almeno un motivo", "Lavorava.")
	approver.get(check.URL.Path).wants(200, "Lo fa chi istruisce le domande")
	check = officer.submit(check, url.Values{"esito-controllo-scelto": {"irregular"}, "trovato": {"Lavorava."}, "motivi": {"DECLARATION_UNTRUE"}}).wants(200, "Esito del controllo registrato", "articolo 75")
	ask := officer.get(check.link("Proponi la revoca")).wants(200, "224,00 €", "Roberto Vitale")
	officer.submit(ask, url.Values{"testo": {" "}}).wants(422, "Somma da restituire")
	confirm := officer.submit(ask, url.Values{"testo": {"Lavorava in quei giorni."}}).wants(200, "L’indennità è revocata.", "Lavorava in quei giorni.")
	officer.submit(confirm, nil).wants(200, "Revoca proposta")
	approval := welfareWork + "/approvazioni/" + s.paidCase()
	if n := len(officer.get(approval).one("main").all("form")); n != 0 {
		s.Errorf("%d forms let who proposed it decide", n)
	}
	approver.submit(approver.get(approval).wants(200, "Revoca dell’indennità"), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	return check.URL.Path
}

func TestASampleIsProposedByOneDrawnByAnotherAndRedrawnByAnybody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.paidCall()
	officer, approver, nobody := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.browser()
	public := "/indennita-malattia-infortunio/controlli/2026-11"
	nobody.get(public).wants(200, "Il valore per l’estrazione è fissato").silent(strings.Repeat("a", 64))
	nobody.get(public + "/1/codici.txt").wants(404)
	ask := officer.get(controlsAt+"/2026-11/campione").wants(200, "Domande ammesse al pagamento")
	officer.submit(ask, url.Values{"quanto": {"tanti"}, "motivo": {"Il regolamento."}}).wants(422, "Scrivi una percentuale", "Il regolamento.")
	officer.submit(ask, url.Values{"quanto": {"50"}, "motivo": {" "}}).wants(422, "Scrivi perché il campione")
	proposed := officer.submit(ask, url.Values{"quanto": {"50"}, "motivo": {"Il regolamento."}}).wants(200, "Campione proposto", "50%, cioè 3", "decide un’altra persona")
	if n := len(proposed.one("main").all("form")); n != 0 {
		t.Errorf("%d forms let who proposed it draw", n)
	}
	officer.post(proposed.URL.Path, url.Values{"idem": {once.NewKey()}, "decisione": {"estrai"}}).wants(403)
	officer.get(controlsAt+"/2026-11/campione").wants(409, "ha già il suo campione")
	decide := approver.get(proposed.URL.Path).wants(200, "Conferma ed estrai")
	approver.submit(decide, nil).wants(422, "Scegli se estrarre")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi")
	approver.submit(decide, url.Values{"decisione": {"estrai"}}).wants(200, "Campione estratto", "A campione, posto 3", strings.Repeat("a", 64))
	approver.post(proposed.URL.Path, url.Values{"idem": {once.NewKey()}, "decisione": {"estrai"}}).wants(409)

	// The list tells of the value that drew it, and offers no other.
	list := officer.get(controlsAt).wants(200)
	if row := list.one("#r-2026-11").text(); !strings.Contains(row, "Fissato da") || !strings.Contains(row, "Estratto") || strings.Contains(row, "Fissa il valore") || strings.Contains(row, "Non ancora fissato") {
		t.Errorf("the call: %s", row)
	}

	// Whoever has what is public draws the same.
	page := nobody.get(public).wants(200, "Codici estratti", strings.Repeat("a", 64))
	var drawn []string
	for _, li := range page.one("#pubblicazione-1-codici").all("li") {
		drawn = append(drawn, li.text())
	}
	recipe := page.one("pre").text()
	if out, err := exec.Command("sh", "-c", "command -v curl sha256sum").Output(); err != nil || strings.Count(string(out), "\n") < 2 {
		t.Skip("there is no curl or no sha256sum")
	}
	out, err := exec.CommandContext(t.Context(), "sh", "-c", recipe).Output()
	if err != nil || strings.Join(drawn, "\n") != strings.TrimSpace(string(out)) || len(drawn) != 3 {
		t.Errorf("the commands draw\n%sthe page says\n%s\n%v", out, strings.Join(drawn, "\n"), err)
	}
}

func TestAnIndemnityIsRevokedByTwoAndComesBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.paidCall()
	member := s.login(demo.CyclesMember, "iscritto")
	theirs := memberCases + "/" + s.paidCase()
	check := s.revoked()
	member.get(theirs).wants(200, "L’indennità è revocata.", "Somma da restituire", "224,00 €", "Causale del bonifico", "articolo 75")
	member.get(theirs+"/esito").wants(200, "Roberto Vitale restituisce 224,00 €", "chiedi l’IBAN a ENPAP", "Lavorava in quei giorni.")
	if file := member.get(theirs + "/esito.pdf"); file.Status != 200 || !strings.HasPrefix(file.Body, "%PDF-") {
		t.Errorf("the letter is %d", file.Status)
	}
	officer, approver, payer := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare"), s.login(demo.WelfarePayer, "welfare")
	officer.get(check).wants(200, "Irregolare").silent("Proponi la revoca")
	list := payer.get(welfareWork+"/recuperi").wants(200, "2 recuperi", "224,00 €", "Roberto Vitale")
	at := list.link("ENPAP-2026-910001")
	officer.get(at).wants(200, "Le somme arrivate le registra chi si occupa dei pagamenti")
	receive := url.Values{"atto": {"incasso"}, "importo": {"100,00"}, "riferimento": {"TRN 7"}}
	send := func(b *browser, version string, all url.Values) page {
		return b.post(at, fields(all, url.Values{"idem": {once.NewKey()}, "versione": {version}}))
	}
	send(payer, "0", fields(receive, url.Values{"importo": {"300"}}, dayOf("giorno", 2026, 11, 23))).wants(422, "non più grande di quello che resta")
	late := send(payer, "0", fields(receive, dayOf("giorno", 2026, 12, 23))).wants(422, "non nel futuro")
	if !strings.Contains(late.Body, `value="TRN 7"`) || !strings.Contains(late.Body, `value="100,00"`) {
		t.Error("what was typed is gone")
	}
	send(payer, "0", fields(receive, dayOf("giorno", 2026, 11, 23))).wants(200, "Somma registrata", "124,00 €", "TRN 7")
	send(payer, "0", fields(receive, dayOf("giorno", 2026, 11, 23))).wants(409, "Intanto il recupero è cambiato")
	send(officer, "1", fields(receive, dayOf("giorno", 2026, 11, 23))).wants(403)
	send(payer, "1", url.Values{"atto": {"rinuncia"}, "motivo": {"Non ha redditi."}}).wants(200, "Rinuncia proposta", "Non ha redditi.")
	send(payer, "2", url.Values{"atto": {"decisione"}, "decisione": {"rinuncia"}}).wants(403)
	send(approver, "2", url.Values{"atto": {"decisione"}}).wants(422, "Scegli se rinunciare o continuare")
	send(approver, "2", url.Values{"atto": {"decisione"}, "decisione": {"rinuncia"}}).wants(200, "Decisione registrata", "Rinunciato")
	member.get(theirs).wants(200, "ENPAP ha rinunciato al resto")
	s.login(demo.INPSOfficer, "inps").get(at).wants(404)
}
