package portal_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

const caseReviews = welfareWork + "/riesami"

// ownCaseReview is a request for re-examination of somebody's, or of anybody's where they
// have no case, with a paper of it. It was withdrawn, and is about nothing that there is: no
// other page of the case tells of it.
func (s *site) ownCaseReview(code identity.FiscalCode) (kase, review, paper string) {
	s.Helper()
	var owner string
	if err := s.Pool.QueryRow(s.Context(), `SELECT a.id::text, a.member_id::text, gen_random_uuid()::text, gen_random_uuid()::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id
		ORDER BY p.fiscal_code = $1 DESC, a.submitted_at DESC LIMIT 1`, string(code)).Scan(&kase, &owner, &review, &paper); err != nil {
		s.Fatal(err)
	}
	err := pgx.BeginFunc(s.Context(), s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(s.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(s.Context(), `
			INSERT INTO indemnity_reexaminations (id, protocol, check_code, application_id, decision_id, asked_by, asked_at, motive, text, decide_by, state, withdrawn_at)
			VALUES ($1, $5, 'ABCDEFGHJKMN', $2, gen_random_uuid(), $3, $4, 'other', 'perché', '2026-12-31', 'withdrawn', $4)`, review, kase, owner, s.Now(), "R-"+review)
		return err
	})
	if err != nil {
		s.Fatal(err)
	}
	s.paperOf(paper, review, owner)
	return kase, review, paper
}

// decidedCase is an application that a member sent and that two officers found inadmissible,
// with the address of its requests for re-examination.
func (s *site) decidedCase() (member *browser, id, path string) {
	s.Helper()
	member, summary := s.finished()
	sent := member.submit(summary, nil).wants(200, "Domanda inviata")
	theirs := strings.TrimSuffix(sent.URL.Path, "/inviata")
	id = theirs[strings.LastIndex(theirs, "/")+1:]
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	officer.submit(officer.get(welfareWork+"/domande/"+id+"/verifiche/V1"), url.Values{"verdetto": {"not_met"}, "nota": {"È una fattura."}, "documento": {"missing"}}).wants(200)
	ask := officer.get(welfareWork + "/domande/" + id + "/esito")
	officer.submit(officer.submit(ask, url.Values{"esito-proposto": {"inadmissible"}}), nil).wants(200, "Esito proposto")
	approver.submit(approver.get(welfareWork+"/approvazioni/"+id), url.Values{"decisione": {"approva"}}).wants(200, "Esito approvato")
	return member, id, theirs + "/riesame"
}

// askReview goes through the steps of a request with one paper, and sends it.
func (b *browser) askReview(path string) page {
	b.Helper()
	p := b.submit(b.get(path+"/motivo"), url.Values{"motivo": {"papers"}, "testo": {"Il documento era nel secondo file."}}).wants(200, "Hai documenti da allegare?")
	b.hand(p, "documento", "../carta.PDF", onePagePDF()).wants(200, "Documento caricato", "carta.pdf")
	return b.submit(b.get(path+"/riepilogo").wants(200, "Un documento c’era, o era valido", "carta.pdf"), nil)
}

// lastReview is the number of the request that came last.
func (s *site) lastReview() string {
	s.Helper()
	return s.text(`SELECT protocol FROM indemnity_reexaminations ORDER BY protocol DESC LIMIT 1`)
}

// replay is the fields of a form of somebody's, for who should not send them.
func replay(p page, fields url.Values) url.Values {
	for _, n := range p.form().all("input") {
		if n.attr("name") == "versione" {
			fields.Set("versione", n.attr("value"))
		}
	}
	fields.Set("idem", once.NewKey())
	return fields
}

func TestAReexaminationTakesACaseUpAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, id, path := s.decidedCase()
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	fellow, deputy := s.login(demo.WelfareFellow, "welfare"), s.login(demo.WelfareDeputy, "welfare")

	member.get(strings.TrimSuffix(path, "/riesame")+"/esito").wants(200, "Chiedi il riesame")
	member.get(path).wants(200, "Inizia la richiesta", "due persone di ENPAP", "DPR 1199/1971")
	member.submit(member.get(path+"/motivo"), url.Values{"testo": {"x"}}).wants(422, "Scegli il motivo")
	member.submit(member.get(path+"/motivo"), url.Values{"motivo": {"other"}, "testo": {strings.Repeat("a", indemnity.ReviewLength+1)}}).wants(422, "al massimo 4000")
	member.askReview(path).wants(200, "Richiesta inviata", "In esame", "ENPAP decide entro", "ENPAP non l’ha ancora aperta", "ENPAP-2026-")
	member.get(path + "/motivo").wants(409).silent("Motivo della richiesta")
	member.get(strings.TrimSuffix(path, "/riesame")).wants(200, "Vedi il riesame", "Riesame ENPAP-2026-")
	receipt := member.get(member.get(path).link("Ricevuta della richiesta"))
	if receipt.Status != 200 || !strings.HasPrefix(receipt.Body, "%PDF-") {
		t.Errorf("the receipt is %d", receipt.Status)
	}
	s.login(demo.CyclesMember, "iscritto").get(path).wants(404)

	// Who made what is looked at again reads it, and can do no more: on the screen, over
	// HTTP and in the database.
	here := officer.get(caseReviews).wants(200, "Da esaminare (", "richiest", "mancano").link(s.lastReview())
	officer.get(here).wants(200, "Hai verificato, proposto o approvato tu quello che si riesamina").silent("Proponi l’esito")
	officer.get(here+"/proposta").wants(409, "Hai verificato, proposto o approvato tu")
	page := fellow.get(here).wants(200, "Proponi l’esito", "Il documento era nel secondo file.", "Inammissibile", "Silvia Costa")
	member.get(path).wants(200).silent("ENPAP non l’ha ancora aperta")
	if file := fellow.get(page.link("carta.pdf")); file.Status != 200 || !bytes.Equal([]byte(file.Body), onePagePDF()) {
		t.Errorf("the paper is %d", file.Status)
	}
	member.get(path).wants(200, "Documento «carta.pdf» consultato", ", ENPAP")
	// Who has nothing to do with it yet says why; from then on it opens, until the day is over.
	paper := page.link("carta.pdf")
	ask := deputy.get(paper).wants(200, "Perché apri questo documento?", "Allegato a una richiesta di riesame", "In carico a", "Silvia Costa", "può riguardare la salute").arrives(paper + "/motivo")
	deputy.submit(ask, url.Values{"motivo": {"così"}}).wants(422, "almeno 10 caratteri")
	if file := deputy.submit(ask, url.Values{"motivo": {"Sostituisco Franco Leone"}}); file.Body != string(onePagePDF()) || file.URL.Path != paper {
		t.Errorf("the paper is %d at %s", file.Status, file.URL)
	}
	if file := deputy.get(paper + "/motivo"); file.URL.Path != paper {
		t.Errorf("who has said why is asked again at %s", file.URL)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.health_explained' AND subject_id::text = $1`, id); n != 1 {
		t.Errorf("%d reasons", n)
	}
	approver.get(paper).arrives(paper + "/motivo")
	form := fellow.get(here+"/proposta").wants(200, "la pratica torna in verifica")
	grant := url.Values{"proposta": {"grant"}, "motivazione": {"Il documento è nel secondo file."}}
	officer.post(here+"/proposta", replay(form, url.Values{"proposta": {"grant"}, "motivazione": {"x"}})).wants(409, "Hai verificato, proposto o approvato tu")
	fellow.submit(form, url.Values{"motivazione": {"x"}}).wants(422, "Scegli l’esito che proponi")
	fellow.submit(form, url.Values{"proposta": {"grant"}}).wants(422, "Scrivi la motivazione")
	fellow.submit(form, grant).wants(200, "Esito proposto", "Torna in verifica")
	fellow.post(here+"/proposta", replay(form, url.Values{"proposta": {"deny"}, "motivazione": {"x"}})).wants(409, "già una proposta da approvare")

	s.exec(`INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'approve', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.WelfareFellow)))
	fellow = s.login(demo.WelfareFellow, "welfare")
	fellow.get(here+"/decisione").wants(409, "lo deve decidere una persona diversa")
	approver.get(here+"/decisione").wants(409, "Hai verificato, proposto o approvato tu")
	decision := deputy.get(here+"/decisione").wants(200, "Approvi la proposta?", "La richiesta è accolta.", "Il documento è nel secondo file.")
	fellow.post(here+"/decisione", replay(decision, url.Values{"decisione": {"approva"}})).wants(409, "lo deve decidere una persona diversa")
	approver.post(here+"/decisione", replay(decision, url.Values{"decisione": {"approva"}})).wants(409, "Hai verificato, proposto o approvato tu")
	member.get(path).wants(200, "In esame").silent("Il documento è nel secondo file.")

	stale := deputy.get(here + "/decisione")
	deputy.submit(decision, nil).wants(422, "Scegli se approvare")
	deputy.submit(decision, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi")
	deputy.submit(decision, url.Values{"decisione": {"rimanda"}, "nota": {"Di’ quale file."}}).wants(200, "Proposta rimandata", "Di’ quale file.")
	fellow.submit(fellow.get(here+"/proposta").wants(200, "Il documento è nel secondo file."), url.Values{"proposta": {"grant"}}).wants(200, "Esito proposto")
	deputy.submit(stale, url.Values{"decisione": {"approva"}}).wants(409, "ha cambiato la richiesta mentre la leggevi")
	last := deputy.get(here + "/decisione")
	for range 2 { // sent twice, done once
		deputy.submit(last, url.Values{"decisione": {"approva"}}).wants(200, "Accolta", "la pratica è di nuovo in verifica")
	}
	deputy.get(here+"/decisione").wants(409, "già chiusa")
	deputy.get(caseReviews+"?stato=decise").wants(200, "Accolta")

	member.get(path).wants(200, "Accolta", "di nuovo in verifica", "Risposta")
	if answer := member.get(member.get(path).link("Risposta")); !strings.HasPrefix(answer.Body, "%PDF-") {
		t.Errorf("the answer is %d", answer.Status)
	}
	if s.count(`SELECT count(*) FROM indemnity_applications WHERE id::text = $1 AND state = 'in_review'`, id) != 1 {
		t.Error("the case is not in review")
	}
	officer.get(welfareWork+"/domande/"+id+"/cronologia").wants(200, "Riesame chiesto", "Riesame deciso")
	if n := s.count(`SELECT count(*) FROM audit WHERE subject_id::text = $1 AND action LIKE 'indemnity.reexamination%' AND about_id IS NOT NULL`, strings.TrimPrefix(here, caseReviews+"/")); n < 8 {
		t.Errorf("%d entries in the register", n)
	}
	s.whole()
}

func TestAReexaminationThatIsDeniedSaysWhyAndWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, _, path := s.decidedCase()
	fellow, deputy := s.login(demo.WelfareFellow, "welfare"), s.login(demo.WelfareDeputy, "welfare")
	member.askReview(path).wants(200, "Richiesta inviata")
	withdraw := member.get(path+"/ritira").wants(200, "Vuoi ritirare", "ENPAP smette di esaminarla")
	for range 2 {
		member.submit(withdraw, nil).wants(200, "Richiesta ritirata", "Inizia la richiesta")
	}
	member.get(path + "/ritira").wants(409)
	member.askReview(path).wants(200, "Richiesta inviata")
	here := fellow.get(caseReviews).link(s.lastReview())
	deputy.get(here+"/decisione").wants(409, "Nessuno ha ancora proposto")
	fellow.submit(fellow.get(here+"/proposta"), url.Values{"proposta": {"deny"}, "motivazione": {"Il secondo file è vuoto."}}).wants(200, "Esito proposto")
	deputy.submit(deputy.get(here+"/decisione").wants(200, "La richiesta non è accolta."), url.Values{"decisione": {"approva"}}).wants(200, "Non accolta")
	member.get(path).wants(200, "Non accolta", "Il secondo file è vuoto.", "Puoi ancora rivolgerti al giudice")
	if s.count(`SELECT count(*) FROM indemnity_reexaminations WHERE state = 'denied' AND set_aside_cents = 0`) != 1 {
		t.Error("money stays set aside for a denied request")
	}
	payer := s.login(demo.WelfarePayer, "welfare")
	payer.get(here).wants(403)
	payer.get(here + "/proposta").wants(403)
	payer.post(here+"/decisione", url.Values{"idem": {once.NewKey()}, "versione": {"0"}, "decisione": {"approva"}}).wants(403)

	s.At(noon.AddDate(0, 0, 45))
	member = s.login(demo.Member, "iscritto")
	member.get(path).wants(200, "Il termine per il riesame era", "Puoi ancora rivolgerti al giudice").silent("Inizia la richiesta")
	member.get(path + "/motivo").wants(409)
	s.whole()
}
