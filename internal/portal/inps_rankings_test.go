package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

const provaRanking = "/gestione/inps/graduatorie/prova"

// ranked is an edition whose window is closed, with money for two and a half of four
// in Lazio, one above the limit, and one from a territory that takes no part.
func (s *site) ranked() {
	s.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		s.Fatal(err)
	}
	e := all[0]
	for _, shipped := range all {
		if shipped.ID == "2022-guida" {
			e = shipped
		}
	}
	e.ID = "prova"
	e.Rules.Tranches = e.Rules.Tranches[:1]
	e.Rules.Tranches[0].Is.Of = map[string]money.Amount{"Lazio": 1500_00}
	e.Rules.Closed.Is = []string{"P.A. Trento"}
	if err := postgres.NewEditions(s.Pool).Ship(s.Context(), []voucher.Edition{e}); err != nil {
		s.Fatal(err)
	}
	s.apply("Lazio", 100_00, 2)
	s.apply("Lazio", 100_00, 1)
	s.apply("Lazio", 200_00, 0)
	s.apply("Lazio", 20_000_00, 0)
	s.apply("Lazio", 90_000_00, 0)
	s.apply("P.A. Trento", 1, 0)
}

// apply has somebody new apply, so many seconds after the window was opened.
func (s *site) apply(territory string, isee money.Amount, seconds int) {
	s.Helper()
	if _, err := s.Pool.Exec(s.Context(), `
		WITH person AS (
			INSERT INTO persons (fiscal_code, given_name, family_name)
			SELECT 'R' || lpad(count(*)::text, 15, '0'), 'Mario', 'Rossi' FROM persons RETURNING id, fiscal_code)
		INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, submitted_at, state)
		SELECT 'INPS-2022-' || right(fiscal_code, 6), 'prova', id, id, $1, 'RM', $2, 'valid', timestamptz '2022-07-25 08:02:30+00' + $3 * interval '1 second', 'in_review'
		FROM person`, territory, int64(isee), seconds); err != nil {
		s.Fatal(err)
	}
}

// simulated is the page of a new simulation, as its author finds it.
func (b *browser) simulated() page {
	b.Helper()
	p := b.submit(b.get(provaRanking), nil)
	if p.Status != http.StatusOK || !strings.HasPrefix(p.URL.Path, "/gestione/inps/simulazioni/") {
		b.Fatalf("ended at %s (%d): %s", p.URL, p.Status, p.h1())
	}
	return p
}

// proposed is the address of a simulation that was proposed.
func (b *browser) proposed() string {
	b.Helper()
	here := b.simulated().URL.Path
	p := b.submit(b.get(here+"/proponi"), nil)
	if p.Status != http.StatusOK || p.URL.Path != here {
		b.Fatalf("ended at %s (%d): %s", p.URL, p.Status, p.h1())
	}
	return here
}

func TestAnOfficerSimulatesARankingAndReadsIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ranked()
	b := s.login(demo.INPSOfficer, "inps")
	b.get("/gestione/inps/graduatorie").wants(http.StatusOK, "prova", "Da simulare")
	b.get(provaRanking).wants(http.StatusOK, "P.A. Trento", "Non partecipa", "1.500,00")
	p := b.simulated().wants(http.StatusOK, "6 domande", "Uguale riga per riga", "2 accolte, 1 in parte", "Ultima ammessa: posizione 3, ISEE 200,00",
		"Stesso ISEE: prima chi ha inviato prima (10:02:32)", "Proponi per l’approvazione", "respinte 1, improcedibili 0")
	here := p.URL.Path
	b.get(here+"?territorio=Lazio&vista=senza").wants(http.StatusOK, "ISEE oltre il limite").silent("Stesso ISEE")
	b.get(here+"?territorio=Lazio&vista=tutte").wants(http.StatusOK, "le posizioni dalla 1 alla 4")
	b.get(here+"?territorio=P.A.+Trento").wants(http.StatusOK, "Nessuna domanda con una posizione.")
	b.get(provaRanking).wants(http.StatusOK, "2 accolte, 1 in parte", "Simulata")
	file := b.get(here + "/graduatoria.csv?territorio=Lazio")
	if lines := strings.Split(strings.TrimSpace(file.Body), "\n"); len(lines) != 6 || !strings.Contains(lines[3], ";3;") || !strings.Contains(lines[3], ";300,00;") {
		t.Errorf("the file holds %q", lines)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE subject_id = $1 AND action = 'ranking.downloaded'`, strings.TrimPrefix(here, "/gestione/inps/simulazioni/")); n != 1 {
		t.Errorf("the file was taken %d times", n)
	}
}

func TestTwoSimulationsAreCompared(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ranked()
	b := s.login(demo.INPSOfficer, "inps")
	before := b.simulated().URL.Path
	s.apply("Lazio", 50_00, 9)
	b.get(b.simulated().URL.Path+"?confronto="+strings.TrimPrefix(before, "/gestione/inps/simulazioni/")).
		wants(http.StatusOK, "Entrata", "Uscita", "Spostata", "rispetto a: Simulazione 1")
	b.get(before).wants(http.StatusOK, "è cambiata 1 domanda: rifai la simulazione.")
	b.get(before+"/proponi").wants(http.StatusConflict, "è cambiata 1 domanda: rifai la simulazione.")
	b.submit(b.get(before+"/elimina"), nil).wants(http.StatusOK, "La simulazione 1 non c’è più.")
	if p := b.get(before); p.Status != http.StatusNotFound {
		t.Errorf("one that is gone: %d", p.Status)
	}
}

func TestWhoProposedARankingDoesNotApproveIt(t *testing.T) {
	t.Parallel()
	const words = "Hai proposto tu questa graduatoria. Deve approvarla un’altra persona."
	s := newSite(t)
	s.ranked()
	officer := s.login(demo.INPSOfficer, "inps")
	here := officer.proposed()
	// Not even with the duty to approve.
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO role_grants (person_id, role, duty, during)
		SELECT id, 'inps', 'approve', daterange('2020-01-01', NULL) FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.INPSOfficer))); err != nil {
		t.Fatal(err)
	}
	officer.get(here+"/approva").wants(http.StatusOK, words).silent("Registra la decisione")
	officer.post(here+"/approva", url.Values{"idem": {once.NewKey()}, "decisione": {"approva"}}).wants(http.StatusConflict, words)
	if n := s.count(`SELECT count(*) FROM ranking_runs WHERE edition_id = 'prova' AND state = 'approved'`); n != 0 {
		t.Error("it is approved")
	}
}

func TestASecondPersonApprovesARanking(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ranked()
	here := s.login(demo.INPSOfficer, "inps").proposed()
	approver := s.login(demo.INPSApprover, "inps")
	p := approver.get(here+"/approva").wants(http.StatusOK, "1. Fonti", "versione 1", "posizione 3: 300,00", "ISEE oltre il limite", "6 domande estratte",
		"È la prima pubblicazione")
	approver.submit(p, nil).wants(http.StatusUnprocessableEntity, "Scegli se approvare o rimandare.")
	approver.submit(p, url.Values{"decisione": {"rimanda"}, "nota": {" "}}).wants(http.StatusUnprocessableEntity, "Scrivi la motivazione")
	for range 2 { // sent twice
		approver.submit(p, url.Values{"decisione": {"approva"}}).wants(http.StatusOK, "Da pubblicare")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'ranking.approved' AND subject_id = $1`, strings.TrimPrefix(here, "/gestione/inps/simulazioni/")); n != 1 {
		t.Errorf("approved %d times", n)
	}
	approver.get(here+"/approva").wants(http.StatusOK, "Decisione registrata da Andrea Ricci")
}

func TestAProposalIsSentBackOnScreen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ranked()
	officer := s.login(demo.INPSOfficer, "inps")
	here := officer.proposed()
	approver := s.login(demo.INPSApprover, "inps")
	approver.submit(approver.get(here+"/approva"), url.Values{"decisione": {"rimanda"}, "nota": {"Mancano tre domande."}}).wants(http.StatusOK)
	officer.get(here).wants(http.StatusOK, "«Mancano tre domande.»", "Rimandata")
}

func TestOnlyWhoPreparesSimulates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.ranked()
	approver := s.login(demo.INPSApprover, "inps")
	approver.get(provaRanking).wants(http.StatusOK, "Le simulazioni le fa chi ha il compito di istruttoria.")
	here := s.login(demo.INPSOfficer, "inps").simulated().URL.Path
	for _, path := range []string{provaRanking, here, here + "/proponi", here + "/elimina"} {
		approver.post(path, url.Values{"idem": {once.NewKey()}}).wants(http.StatusForbidden)
	}
}
