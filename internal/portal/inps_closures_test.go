package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

// ownClosure is a list of one code that an officer of the demo world confirmed.
func (s *site) ownClosure() string {
	s.Helper()
	id := s.text(`
		WITH there AS (SELECT id FROM closures WHERE state = 'proposed' LIMIT 1), made AS (
			INSERT INTO closures (number, kind, edition_id, as_of, state, prepared_by, prepared_at)
			SELECT 1, 'lapse', a.edition_id, '2026-11-23', 'proposed', p.id, now()
			FROM persons p, vouchers v JOIN applications a ON a.id = v.application_id
			WHERE p.fiscal_code = $1 AND NOT EXISTS (SELECT FROM there) LIMIT 1 RETURNING id)
		SELECT id::text FROM there UNION ALL SELECT id::text FROM made`, string(fiscalCode(demo.INPSOfficer)))
	if _, err := s.Pool.Exec(s.Context(), `INSERT INTO closure_rows (closure_id, subject_id, voucher_id, ground, term, amount_cents)
		SELECT $1, id, id, 'no_first_session', last_day, 1 FROM vouchers ORDER BY id LIMIT 1 ON CONFLICT DO NOTHING`, id); err != nil {
		s.Fatal(err)
	}
	return id
}

// ownCase is a case that an officer of the demo world proposed.
func (s *site) ownCase() string {
	s.Helper()
	return s.text(`
		WITH there AS (SELECT id FROM voucher_cases LIMIT 1), made AS (
			INSERT INTO voucher_cases (voucher_id, kind, ground, text, state, proposed_by, proposed_at)
			SELECT v.id, 'end', 'false_declaration', 'Verifica della Guardia di finanza.', 'proposed', p.id, now() FROM persons p, vouchers v
			WHERE p.fiscal_code = $1 AND v.state = 'active' AND NOT EXISTS (SELECT FROM there) LIMIT 1 RETURNING id)
		SELECT id::text FROM there UNION ALL SELECT id::text FROM made`, string(fiscalCode(demo.INPSOfficer)))
}

func TestIncompleteSessionsAreClosedByTwoOfficersOnTheirPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	edition := s.text(`SELECT a.edition_id FROM bookings b JOIN vouchers v ON v.id = b.voucher_id JOIN applications a ON a.id = v.application_id
		WHERE b.state IN ('booked', 'held') AND b.claimed_cents IS NULL GROUP BY a.edition_id ORDER BY count(*) DESC LIMIT 1`)
	last, err := calendar.ParseDate(s.text(`SELECT max(v.invoice_by)::text FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.edition_id = $1`, edition))
	if err != nil {
		t.Fatal(err)
	}
	path := "/gestione/inps/sedute/chiusura?" + url.Values{"annualita": {edition}}.Encode()
	s.At(last.Add(1).At(9, 0))
	if _, err := s.Portal.Vouchers.ExpireDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	officer := s.login(demo.INPSOfficer, "inps")
	p := officer.get(path)
	p.wants(http.StatusOK, "Vuoi chiudere", "Avvisi inviati", "Conferma l’elenco")
	if csv := officer.get(strings.Replace(path, "chiusura?", "chiusura.csv?", 1)); csv.Status != http.StatusOK || !strings.Contains(csv.Body, "Senza fattura nel termine") {
		t.Errorf("the file: %d %.200s", csv.Status, csv.Body)
	}
	stale := officer.submit(p, url.Values{"elenco": {"1"}})
	stale.wants(http.StatusConflict, "Nel frattempo l’elenco è cambiato")
	list := officer.submit(officer.get(path), nil)
	list.wants(http.StatusOK, "Elenco confermato", "Da approvare")
	here := list.URL.Path
	officer.get(path).wants(http.StatusOK, "non è ancora finita")
	officer.get(here + "/decidi").wants(http.StatusForbidden)

	spare := links(list, "/righe/")[0]
	officer.submit(officer.get(spare), nil).wants(http.StatusUnprocessableEntity, "Scrivi perché togli la riga.")
	officer.submit(officer.get(spare), url.Values{"motivo": {"Ha mandato la fattura per posta."}}).wants(http.StatusOK, "Riga tolta", "Ha mandato la fattura per posta.")

	approver := s.login(demo.INPSApprover, "inps")
	ask := approver.get(here + "/decidi")
	ask.wants(http.StatusOK, "Vuoi chiudere", "annullate da INPS e non pagate")
	approver.submit(ask, nil).wants(http.StatusUnprocessableEntity, "Scegli se approvare o rimandare.")
	approver.submit(ask, url.Values{"decisione": {"rimanda"}}).wants(http.StatusUnprocessableEntity, "Scrivi perché rimandi l’elenco.")
	approver.submit(approver.get(here+"/decidi"), url.Values{"decisione": {"approva"}}).wants(http.StatusOK, "Chiusura approvata", "In corso", "Righe controllate")
	if _, err := s.Portal.Closures.CarryOutDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	officer.get(here).wants(http.StatusOK, "Eseguita", "1 tolte")
	s.whole()

	// A session comes back by the same two, on the page of its code.
	var code string
	var back []string
	for _, code = range links(officer.get(here), "/gestione/inps/codici/") {
		if back = links(officer.get(code), "/ripristina"); len(back) > 0 {
			break
		}
	}
	if len(back) == 0 {
		t.Fatal("no session can be given back")
	}
	propose := officer.get(back[0])
	propose.wants(http.StatusOK, "Vuoi proporre di ripristinare questa seduta?")
	officer.submit(propose, url.Values{"motivo": {"outage"}}).wants(http.StatusUnprocessableEntity, "Scrivi la spiegazione.")
	kept := officer.submit(propose, url.Values{"motivo": {"outage"}, "testo": {"Il portale era fermo l’ultimo giorno."}})
	kept.wants(http.StatusOK, "Proposta inviata", "Da decidere")
	approver.get("/gestione/inps/casi").wants(http.StatusOK, "Ripristino di una seduta")
	approver.submit(approver.get(kept.URL.Path), url.Values{"decisione": {"approva"}}).wants(http.StatusOK, "Proposta approvata")
	officer.get(code).wants(http.StatusOK, "Approvato")
	s.whole()
}

func TestWhoseCodeCameBackReadsWhenAndUntilWhen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maria, prepare, approve := s.login(demo.Citizen, ""), s.officer(demo.INPSOfficer, identity.Prepare), s.officer(demo.INPSApprover, identity.Approve)
	maria.sessions().silent("INPS ha ripristinato il contributo")
	of := s.text(`SELECT v.id::text FROM vouchers v JOIN persons p ON p.id = v.beneficiary_id WHERE p.fiscal_code = $1 AND v.state = 'active'
		ORDER BY v.accepted_on DESC LIMIT 1`, string(fiscalCode(demo.Citizen)))
	for _, c := range []voucher.VoucherCase{{Kind: voucher.EndVoucher, Ground: voucher.FalseDeclaration}, {Kind: voucher.ReinstateVoucher, Ground: "error"}} {
		c.Voucher, c.Text = voucher.ID(of), "Verifica."
		act := func(who identity.Actor, name string) once.Form {
			sent, err := once.New(who.Person, name, once.NewKey(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return sent
		}
		id, err := s.Portal.Closures.ProposeCase(t.Context(), prepare, act(prepare, "case.propose"), c)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Portal.Closures.DecideCase(t.Context(), approve, act(approve, "case.decide"), id, 0, true, ""); err != nil {
			t.Fatal(err)
		}
	}
	maria.sessions().wants(http.StatusOK, "INPS ha ripristinato il contributo il 23 novembre 2026: il codice vale fino al ")
	s.whole()
}

// links are the addresses on a page that have a part in them.
func links(p page, part string) (all []string) {
	for _, a := range p.all("a") {
		if to := a.attr("href"); strings.Contains(to, part) && !strings.HasSuffix(to, ".csv") {
			all = append(all, to)
		}
	}
	return all
}
