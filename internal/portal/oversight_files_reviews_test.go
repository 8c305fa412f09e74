package portal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
	"portal/web/ui"
)

// covered opens tabs of a case as an auditor, and fails where one of them tells a secret
// or leads to an office.
func (b *browser) covered(id string, tabs []string, secrets ...string) {
	b.Helper()
	for _, tab := range tabs {
		p := b.get(filesWork + "/" + id + "/" + tab).wants(200)
		for _, secret := range append(secrets, "/gestione/") {
			if strings.Contains(p.Body, secret) {
				b.Errorf("%s tells %q", tab, secret)
			}
		}
		if n := len(p.one("main").all("form")); n > 0 {
			b.Errorf("%s has %d forms", tab, n)
		}
	}
}

// forced changes what the rules of the database would keep as it is.
func (s *site) forced(sql string, args ...any) {
	s.Helper()
	err := pgx.BeginFunc(s.Context(), s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(s.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(s.Context(), sql, args...)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
}

func TestAnAuditorReadsAReexaminationOfTheIndemnityCovered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, id, path := s.decidedCase()
	fellow, deputy := s.login(demo.WelfareFellow, "welfare"), s.login(demo.WelfareDeputy, "welfare")
	member.askReview(path).wants(200, "Richiesta inviata")
	here := fellow.get(caseReviews).link(s.lastReview())
	fellow.get(here).wants(200)
	propose := url.Values{"proposta": {"grant"}, "motivazione": {"La pagina del referto si legge."}}
	fellow.submit(fellow.get(here+"/proposta"), propose).wants(200, "Esito proposto")
	deputy.submit(deputy.get(here+"/decisione"), url.Values{"decisione": {"rimanda"}, "nota": {"Di’ quale referto."}}).wants(200, "Proposta rimandata")
	fellow.submit(fellow.get(here+"/proposta"), propose).wants(200, "Esito proposto")
	deputy.submit(deputy.get(here+"/decisione"), url.Values{"decisione": {"approva"}}).wants(200, "Accolta")

	b := s.login(demo.Auditor, "oversight")
	secrets := append(s.secrets(id), "Il documento era nel secondo file.", "La pagina del referto si legge.", "Di’ quale referto.", "carta.pdf", "carta.PDF")
	b.covered(id, indemnityTabs, secrets...)
	b.get(filesWork+"/"+id+"/riesami").wants(200, "Riesame "+s.lastReview(), "Accolta", "E. S.", "per sé", "Un documento c’era, o era valido", "Letta la prima volta",
		"Esito da riesaminare", "Inammissibile", "Silvia Costa", "Accogliere la richiesta", "Torna in verifica", "Proposta da Ivan Ruggeri", "Decisa da Paola Rinaldi", "Proposta rimandata da Paola Rinaldi",
		"Numero della lettera ENPAP-", "Documenti 1", "Spiegazione della richiesta di riesame")
	digest := sha256.Sum256(onePagePDF())
	paper := s.text(`SELECT id::text FROM attachments WHERE name = 'carta.pdf'`)
	b.get(filesWork+"/"+id+"/documenti").wants(200, "Documenti allegati ai riesami", s.lastReview(), "••••••.pdf", hex.EncodeToString(digest[:]), "si elencano e non si mostrano").silent(paper)
	b.get(filesWork + "/" + id + "/documenti/" + paper).wants(404)
	b.get(filesWork + "/" + id + "/documenti/" + paper + "/pagine/1").wants(404)

	// What was written is shown for a reason, one text at a time.
	for key, says := range map[string]string{"review.1": "Il documento era nel secondo file.", "grounds.1": "La pagina del referto si legge.", "returned.1": "Di’ quale referto."} {
		at := filesWork + "/" + id + "/dati/" + key
		b.submit(b.get(at).wants(200).silent(says), url.Values{"tipo": {"act"}, "motivo": {"Verifico il riesame di maggio"}}).wants(200, says)
		if s.count(`SELECT count(*) FROM disclosures WHERE datum = $1 AND case_id = $2 AND reason = 'Verifico il riesame di maggio'`, key, id) != 1 {
			t.Errorf("%s is shown and not kept", key)
		}
	}
	b.get(filesWork + "/" + id + "/dati/review.2").wants(404)

	for _, what := range []string{"asked", "read", "proposed", "returned", "decided"} {
		if p := b.get("/controlli/registro?azione=indemnity.reexamination_" + what).wants(200); !strings.Contains(p.Body, filesWork+"/"+id) {
			t.Errorf("the register does not lead from %s to the case", what)
		}
	}

	// A file that was erased says when.
	b.get(filesWork+"/"+id+"/documenti").wants(200, "No "+hex.EncodeToString(digest[:]))
	s.forced(`UPDATE attachments SET erased_at = $2 WHERE id = $1`, paper, s.Now())
	b.get(filesWork+"/"+id+"/documenti").wants(200, "••••••.pdf", ui.ShortMoment(s.Now())+" "+hex.EncodeToString(digest[:]))
}

func TestAnAuditorReadsAReexaminationOfTheContributionCovered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id, path := s.refused(demo.ExcludedCitizen)
	s.give(id, 70_000)
	citizen := s.login(demo.ExcludedCitizen, "")
	citizen.ask(path).wants(200, "Richiesta inviata")
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	here := officer.get("/gestione/inps/riesami").link("INPS-2026-")
	officer.submit(officer.get(here+"/proposta"), url.Values{"proposta": {"grant"}, "isee": {"6.100,00"}, "motivazione": {"Attestazione valida dal 3 settembre."}}).wants(200, "Esito proposto")
	approver.submit(approver.get(here+"/decisione"), url.Values{"decisione": {"rimanda"}, "nota": {"Manca il protocollo della DSU."}}).wants(200, "Proposta rimandata")
	officer.submit(officer.get(here+"/proposta"), url.Values{"proposta": {"grant"}, "isee": {"6.100,00"}}).wants(200, "Esito proposto")

	b := s.login(demo.Auditor, "oversight")
	b.covered(id, contributionTabs, "Galli", string(fiscalCode(demo.ExcludedCitizen)), "L’ISEE era valido.", "Attestazione valida dal 3 settembre.", "Manca il protocollo della DSU.", "isee 2025")
	b.get(filesWork+"/"+id+"/riesami").wants(200, "Riesame INPS-2026-", "Da approvare", "P. G.", "per sé", "L’ISEE usato è sbagliato", "6.100,00 €", "Importo accantonato 700,00 €",
		"Proposta da Chiara Colombo", "Proposta rimandata da Andrea Ricci", "Documenti 1").silent("Decisa da")
	digest := sha256.Sum256(onePagePDF())
	paper := s.text(`SELECT id::text FROM attachments WHERE name = 'isee 2025.pdf'`)
	b.get(filesWork+"/"+id+"/documenti").wants(200, "••••••.pdf", "No "+hex.EncodeToString(digest[:])).silent(paper)
	b.get(filesWork + "/" + id + "/documenti/" + paper).wants(404)
	b.submit(b.get(filesWork+"/"+id+"/dati/review.1").silent("era valido"), url.Values{"tipo": {"act"}, "motivo": {"Verifico il riesame di maggio"}}).wants(200, "L’ISEE era valido.")

	approver.submit(approver.get(here+"/decisione"), url.Values{"decisione": {"approva"}}).wants(200, "Richiesta decisa")
	b.get(filesWork+"/"+id+"/riesami").wants(200, "Accolta", "Decisa da Andrea Ricci", "Da correggere")
	if p := b.get("/controlli/registro?azione=reexamination.decided").wants(200); !strings.Contains(p.Body, filesWork+"/"+id) {
		t.Error("the register does not lead to the case")
	}
}

func TestAnAuditorReadsAsWhomAReexaminationWasAskedAndNotWhoTheyAre(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Auditor, "oversight")
	other := string(fiscalCode(demo.Parent))

	id, review, _ := s.ownCaseReview(fiscalCode(demo.Member))
	secrets := append(s.secrets(id), "Marini", other)
	b.covered(id, []string{"riesami"}, secrets...)
	b.get(filesWork+"/"+id+"/riesami").wants(200, "E. S. per sé", "Ritirata", "Richiesta ritirata")
	s.forced(`UPDATE indemnity_reexaminations SET asked_by = (SELECT id FROM persons WHERE fiscal_code = $2) WHERE id = $1`, review, other)
	b.covered(id, []string{"riesami"}, secrets...)
	b.get(filesWork+"/"+id+"/riesami").wants(200, "L. M. come erede")
	s.forced(`UPDATE indemnity_reexaminations SET mandate_id = gen_random_uuid() WHERE id = $1`, review)
	b.covered(id, []string{"riesami"}, secrets...)
	b.get(filesWork+"/"+id+"/riesami").wants(200, "L. M. per conto di E. S.")

	code := fiscalCode(demo.Citizen)
	review, _ = s.ownReview(code)
	id = s.text(`SELECT application_id::text FROM reexaminations WHERE id = $1`, review)
	b.get(filesWork+"/"+id+"/riesami").wants(200, "M. R. per sé", "Ritirata")
	s.forced(`UPDATE reexaminations SET mandate_id = gen_random_uuid(), asked_by = (SELECT id FROM persons WHERE fiscal_code = $2) WHERE id = $1`, review, other)
	b.covered(id, []string{"riesami", "documenti"}, "Rossi", string(code), "Marini", other, "isee.pdf")
	b.get(filesWork+"/"+id+"/riesami").wants(200, "L. M. per conto di M. R.")
}

func TestAnAuditorReadsWhatWasPaidForTheSessionsOfAnApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := fiscalCode(demo.Citizen)
	id := s.text(`SELECT v.application_id::text FROM vouchers v JOIN bookings b ON b.voucher_id = v.id JOIN payment_lines l ON l.booking_id = b.id
		JOIN persons p ON p.id = b.beneficiary_id WHERE p.fiscal_code = $1 AND l.order_state = 'paid' LIMIT 1`, string(code))
	account := s.text(`SELECT iban FROM payment_orders WHERE state = 'paid' LIMIT 1`)
	b := s.login(demo.Auditor, "oversight")
	b.covered(id, contributionTabs, "Rossi", string(code), "Giulia", "Bianchi", account)
	page := b.get(filesWork+"/"+id+"/pagamento").wants(200, "Pagato in tutto", "Sedute nei lotti di pagamento", "Pagato").silent("Da recuperare")
	if rows, n := len(page.one("main").all("tr"))-1, s.count(`SELECT count(*) FROM payment_lines l JOIN bookings b ON b.id = l.booking_id JOIN vouchers v ON v.id = b.voucher_id
		WHERE v.application_id = $1 AND l.order_state <> 'released'`, id); rows == 0 || rows != n {
		t.Errorf("%d rows for %d payments", rows, n)
	}
	dispute := s.ownDispute(code, true)
	owner := s.text(`SELECT v.application_id::text FROM disputes x JOIN bookings b ON b.id = x.booking_id JOIN vouchers v ON v.id = b.voucher_id WHERE x.id = $1`, dispute)
	b.get(filesWork+"/"+owner+"/pagamento").wants(200, "Da recuperare", "50,00 €", s.text(`SELECT protocol FROM disputes WHERE id = $1`, dispute))

	none := s.text(`SELECT a.id::text FROM applications a WHERE NOT EXISTS (SELECT FROM vouchers v WHERE v.application_id = a.id) LIMIT 1`)
	b.get(filesWork+"/"+none+"/pagamento").wants(200, "Nessuna seduta è ancora in un lotto")
	b.get(filesWork+"/"+none+"/documenti").wants(200, "Nessun documento")
	b.get(filesWork+"/"+none+"/riesami").wants(200, "Nessuna richiesta")
}
