package portal_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/voucher"
)

// ownReview is a request for re-examination, taken back since, with its paper: about
// the application of somebody, or of anybody where they have none.
func (s *site) ownReview(code identity.FiscalCode) (review, paper string) {
	s.Helper()
	var application, owner string
	if err := s.Pool.QueryRow(s.Context(), `SELECT a.id::text, a.beneficiary_id::text FROM applications a JOIN persons p ON p.id = a.beneficiary_id
		ORDER BY p.fiscal_code = $1 DESC, a.submitted_at DESC LIMIT 1`, string(code)).Scan(&application, &owner); err != nil {
		s.Fatal(err)
	}
	err := s.Pool.QueryRow(s.Context(), `
		INSERT INTO reexaminations (protocol, application_id, asked_by, asked_at, motive, text, decide_by, state)
		SELECT 'INPS-2026-' || nextval('protocol_numbers'), $1, $2, $3, 'other', 'perché', '2026-12-31', 'withdrawn' RETURNING id::text, gen_random_uuid()::text`,
		application, owner, s.Now()).Scan(&review, &paper)
	if err != nil {
		s.Fatal(err)
	}
	s.paperOf(paper, review, owner)
	return review, paper
}

// paperOf keeps a sealed paper of a request.
func (s *site) paperOf(paper, subject, owner string) {
	s.Helper()
	content := []byte("%PDF-1.7")
	sealing, err := papers.Seal(bytes.NewReader(content), paper)
	if err != nil {
		s.Fatal(err)
	}
	sealed, err := io.ReadAll(sealing)
	if err != nil {
		s.Fatal(err)
	}
	digest := sha256.Sum256(content)
	if _, err := s.Pool.Exec(s.Context(), `
		WITH chunk AS (INSERT INTO attachment_chunks VALUES ($1, 0, $6) RETURNING attachment_id)
		INSERT INTO attachments (id, subject_id, owner_id, name, media_type, size_bytes, digest, sealed_bytes, at)
		SELECT attachment_id, $2, $3, 'isee.pdf', 'application/pdf', $4, $5, length($6), $7 FROM chunk`, paper, subject, owner, len(content), digest[:], sealed, s.Now()); err != nil {
		s.Fatal(err)
	}
}

// hand sends a file with the upload form of a page.
func (b *browser) hand(p page, field, name string, content []byte, typed ...url.Values) page {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, n := range p.form().all("input") {
		if n.attr("type") == "hidden" {
			_ = w.WriteField(n.attr("name"), n.attr("value"))
		}
	}
	for name, values := range fields(typed...) {
		_ = w.WriteField(name, values[0])
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = w.Close()
	return b.send(p.form().attr("action"), w.FormDataContentType(), &body)
}

// send posts a body as it is.
func (b *browser) send(path, contentType string, body *bytes.Buffer) page {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), "POST", b.URL+path, body)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	doc, err := html.Parse(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	return page{node{b, doc}, resp.StatusCode, resp.Request.URL, resp.Header, ""}
}

// onePagePDF is a paper as somebody would scan it.
func onePagePDF() []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.4\n")
	for i, o := range []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer << /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table)
	return b.Bytes()
}

// refused makes an application of a persona's one that was refused ten days ago,
// and returns where its re-examination is asked for.
func (s *site) refused(hint demo.Hint) (id, path string) {
	s.Helper()
	id = s.text(`SELECT a.id::text FROM applications a JOIN persons p ON p.id = a.beneficiary_id WHERE p.fiscal_code = $1 ORDER BY a.submitted_at DESC LIMIT 1`, string(fiscalCode(hint)))
	s.exec(`UPDATE applications SET state = 'not_processable', reason = 'isee_not_corrected', decided_on = $2, isee_status = 'defective', version = version + 1 WHERE id = $1`,
		id, calendar.On(s.Now()).Add(-10))
	return id, "/contributo-psicoterapia/domande/" + id + "/riesame"
}

// ask goes through the steps of a request with one paper, and sends it.
func (b *browser) ask(path string) page {
	b.Helper()
	p := b.submit(b.get(path+"/motivo"), url.Values{"motivo": {"isee"}, "testo": {"L’ISEE era valido."}}).wants(200, "Hai documenti da allegare?")
	b.hand(p, "documento", "../isee 2025.PDF", onePagePDF()).wants(200, "Documento caricato", "isee 2025.pdf")
	return b.submit(b.get(path+"/riepilogo").wants(200, "L’ISEE usato è sbagliato", "isee 2025.pdf"), nil)
}

func TestARequestForReexaminationLivesToTheCorrectedApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	application, path := s.refused(demo.ExcludedCitizen)
	s.give(application, 70_000)
	citizen := s.login(demo.ExcludedCitizen, "")

	citizen.get("/contributo-psicoterapia/domande/"+application+"/dati").wants(200, "Chiedi il riesame")
	citizen.get(path).wants(200, "Inizia la richiesta", "due persone di INPS")
	citizen.ask(path).wants(200, "Richiesta inviata", "In esame", "INPS decide entro il 23 dicembre 2026", "23:59", "INPS-2026-")
	if got := citizen.get(path + "/motivo").wants(409); strings.Contains(got.Body, `name="testo"`) {
		t.Error("a second request can be written")
	}

	// The officer reads the paper, and the citizen sees that she did.
	officer := s.login(demo.INPSOfficer, "inps")
	list := officer.get("/gestione/inps/riesami").wants(200, "Da esaminare (1)", "1 richiesta", "mancano 30 giorni")
	here := list.link("INPS-2026-")
	page := officer.get(here).wants(200, "Proponi l’esito", "L’ISEE era valido.", "Paolo Galli", "Importo accantonato 700,00 €", "con omissioni o difformità")
	file := officer.get(page.link("isee 2025.pdf"))
	if h := file.Header; file.Status != 200 || !bytes.Equal([]byte(file.Body), onePagePDF()) || h.Get("Content-Type") != "application/pdf" ||
		h.Get("Content-Disposition") != `attachment; filename="isee 2025.pdf"` || !strings.HasSuffix(h.Get("Content-Security-Policy"), "; sandbox") {
		t.Errorf("the paper came as %d %v", file.Status, h)
	}
	citizen.get(path).wants(200, "Documento «isee 2025.pdf» consultato", "Chiara Colombo, INPS").silent("Da approvare")

	// A proposal without what it would change, or without a reason, is sent back.
	form := officer.get(here + "/proposta")
	officer.submit(form, url.Values{"proposta": {"grant"}, "motivazione": {"Attestazione valida."}}).wants(422, "così com’è la domanda non cambierebbe")
	officer.submit(form, url.Values{"proposta": {"grant"}, "isee": {"6.100,00"}, "motivazione": {" "}}).wants(422, "Scrivi la motivazione")
	officer.submit(form, url.Values{"proposta": {"grant"}, "isee": {"molto"}, "motivazione": {"x"}}).wants(422)
	officer.submit(form, url.Values{"motivazione": {"x"}}).wants(422, "Scegli l’esito che proponi")
	officer.submit(form, url.Values{"proposta": {"grant"}, "isee": {"6.100,00"}, "motivazione": {"Attestazione valida dal 3 settembre."}}).
		wants(200, "Esito proposto", "6.100,00 €", "lo deve decidere una persona diversa")

	// Whoever proposed cannot decide: on the screen, and over HTTP.
	officer.get(here+"/decisione").wants(409, "lo deve decidere una persona diversa")
	s.duty(demo.INPSOfficer, identity.Approve)
	officer.get(here+"/decisione").wants(409, "lo deve decidere una persona diversa")
	approver := s.login(demo.INPSApprover, "inps")
	decision := approver.get(here+"/decisione").wants(200, "Approvi la proposta?", "Attestazione valida dal 3 settembre.", "700,00 €")
	theft := url.Values{"decisione": {"approva"}}
	for _, n := range decision.form().all("input") {
		if n.attr("name") == "versione" || n.attr("name") == "idem" {
			theft.Set(n.attr("name"), n.attr("value"))
		}
	}
	officer.post(here+"/decisione", theft).wants(409, "lo deve decidere una persona diversa")
	_, err := s.Pool.Exec(t.Context(), `UPDATE reexaminations SET state = 'granted', decided_by = proposed_by, decided_at = now() WHERE state = 'proposed'`)
	if err == nil || !strings.Contains(err.Error(), "nobody_decides_a_reexamination_they_proposed") {
		t.Errorf("the database lets who proposed decide: %v", err)
	}
	citizen.get(path).wants(200, "In esame").silent("Attestazione valida")

	// Sent back with a note, proposed again, and approved.
	stale := approver.get(here + "/decisione")
	approver.submit(decision, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi perché rimandi")
	approver.submit(decision, url.Values{"decisione": {"rimanda"}, "nota": {"Manca il protocollo della DSU."}}).wants(200, "Proposta rimandata", "Manca il protocollo")
	officer.submit(officer.get(here+"/proposta").wants(200, "Attestazione valida dal 3 settembre."), url.Values{"proposta": {"grant"}, "isee": {"6.100,00"}}).wants(200, "Esito proposto")
	approver.submit(stale, url.Values{"decisione": {"approva"}}).wants(409, "ha cambiato la richiesta mentre la leggevi")
	approver.submit(approver.get(here+"/decisione"), url.Values{"decisione": {"approva"}}).wants(200, "Richiesta decisa", "Accolta", "Da correggere")
	approver.get(here+"/decisione").wants(409, "già chiusa")

	citizen.get(path).wants(200, "Accolta", "Attestazione valida dal 3 settembre.", "prossima correzione della graduatoria")
	if n := s.count(`SELECT count(*) FROM applications WHERE id = $1 AND state = 'in_review' AND reason = '' AND isee_cents = 610000 AND isee_status = 'valid'`, application); n != 1 {
		t.Error("the application is not put right")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE subject_id::text = $1 AND action LIKE 'reexamination.%' AND about_id IS NOT NULL`, strings.TrimPrefix(here, "/gestione/inps/riesami/")); n < 10 {
		t.Errorf("%d entries in the register", n)
	}
	s.whole()
}

// give leaves so much of the money of the territory of an application, in the
// publication it is in.
func (s *site) give(application string, residual int64) {
	s.Helper()
	if _, err := s.Pool.Exec(s.Context(), `
		UPDATE ranking_territories t SET budget_cents = awarded_cents + $2, residual_cents = $2 FROM applications a
		WHERE a.id = $1 AND t.run_id = a.run_id AND t.territory = a.territory`, application, residual); err != nil {
		s.Fatal(err)
	}
	// And somebody there has given back as much.
	if n := s.count(`
		WITH over AS (
			UPDATE vouchers SET state = 'expired', returned_cents = awarded_cents WHERE id = (
				SELECT v.id FROM vouchers v JOIN applications b ON b.id = v.application_id JOIN applications a ON a.id = $1
				WHERE b.edition_id = a.edition_id AND v.territory = a.territory AND v.state = 'active' AND v.awarded_cents >= $2
					AND v.booked_cents + v.used_cents + v.returned_cents = 0 LIMIT 1)
			RETURNING id, awarded_cents
		), told AS (
			INSERT INTO audit (at, role, action, subject_id) SELECT $3, 'system', 'voucher.expired', id FROM over
		), posted AS (
			INSERT INTO postings (voucher_id, event, debit, credit, amount_cents, at) SELECT id, 'expire', 'free', 'fund', awarded_cents, $3 FROM over RETURNING 1
		) SELECT count(*) FROM posted`, application, residual, s.Now()); n != 1 {
		s.Fatal("nobody gave anything back")
	}
}

// duty gives a persona one more duty at INPS.
func (s *site) duty(hint demo.Hint, d identity.Duty) {
	s.Helper()
	if _, err := s.Pool.Exec(s.Context(), `INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'inps', $2, daterange('2020-01-01', NULL) FROM persons WHERE fiscal_code = $1`,
		string(fiscalCode(hint)), string(d)); err != nil {
		s.Fatal(err)
	}
}

func TestADeniedRequestSaysWhyAndWhatCanStillBeDone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.refused(demo.ExcludedCitizen)
	citizen := s.login(demo.ExcludedCitizen, "")
	citizen.ask(path).wants(200, "Richiesta inviata")
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	here := officer.get("/gestione/inps/riesami").link("INPS-2026-")
	approver.get(here + "/proposta").wants(409)
	approver.get(here+"/decisione").wants(409, "Nessuno ha ancora proposto")
	officer.submit(officer.get(here+"/proposta"), url.Values{"proposta": {"deny"}, "motivazione": {"L’ISEE è arrivato dopo il termine."}}).wants(200, "Esito proposto")
	officer.get("/gestione/inps/riesami?stato=da-approvare").wants(200, "1 richiesta")
	form := approver.get(here + "/decisione")
	approver.submit(form, url.Values{"decisione": {"approva"}}).wants(200, "Non accolta")
	approver.submit(form, url.Values{"decisione": {"approva"}}).wants(200, "Non accolta") // the same form: the same answer
	citizen.get(path).wants(200, "Non accolta", "L’ISEE è arrivato dopo il termine.", "Puoi ancora rivolgerti al giudice")
	approver.get("/gestione/inps/riesami?stato=decise").wants(200, "Non accolta")
	if n := s.count(`SELECT count(*) FROM reexaminations WHERE state = 'denied' AND set_aside_cents = 0`); n != 1 {
		t.Error("money stays set aside for a denied request")
	}
}

func TestARequestIsTakenBackAndMadeAgainWithinItsTerm(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.refused(demo.ExcludedCitizen)
	citizen := s.login(demo.ExcludedCitizen, "")
	citizen.submit(citizen.get(path+"/motivo"), url.Values{"testo": {"x"}}).wants(422, "Scegli il motivo")
	citizen.submit(citizen.get(path+"/motivo"), url.Values{"motivo": {"other"}, "testo": {strings.Repeat("a", voucher.LongestReviewText+1)}}).wants(422, "al massimo 4000")
	citizen.post(path+"/riepilogo", url.Values{"idem": {"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}}).wants(200, "Inizia la richiesta") // nothing was written yet
	citizen.ask(path).wants(200, "Richiesta inviata")
	form := citizen.get(path+"/ritira").wants(200, "Vuoi ritirare")
	for range 2 { // sent twice, done once
		citizen.submit(form, nil).wants(200, "Richiesta ritirata", "Ritirata", "Inizia la richiesta")
	}
	citizen.get(path+"/ritira").wants(409, "Ritirata")

	s.At(noon.AddDate(0, 0, 20)) // the thirtieth day is a Sunday: the Monday after counts
	citizen = s.login(demo.ExcludedCitizen, "")
	citizen.get(path+"/motivo").wants(200, "Motivo della richiesta", "L’ISEE usato è sbagliato")
	s.At(noon.AddDate(0, 0, 22))
	citizen = s.login(demo.ExcludedCitizen, "")
	citizen.get(path).wants(200, "Il termine per il riesame era il", "Puoi ancora rivolgerti al giudice").silent("Inizia la richiesta")
	citizen.get(path+"/motivo").wants(409, "Il termine per il riesame era il")
}

func TestWhatWasNotSentYetIsTakenBackAndNobodyElsesToRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.refused(demo.ExcludedCitizen)
	citizen := s.login(demo.ExcludedCitizen, "")
	p := citizen.submit(citizen.get(path+"/motivo"), url.Values{"motivo": {"other"}, "testo": {"x"}})
	for i := range 2 {
		p = citizen.hand(p, "documento", "a.pdf", append(onePagePDF(), bytes.Repeat([]byte(" "), i+1)...)).wants(200)
	}
	remove := citizen.get(p.link("Togli"))
	citizen.submit(remove, nil).wants(200, "Documento tolto")
	citizen.submit(remove, nil).wants(404)
	if n := s.count(`SELECT count(*) FROM attachments t JOIN attachment_chunks c ON c.attachment_id = t.id JOIN reexamination_drafts d ON d.id = t.subject_id`); n != 1 {
		t.Errorf("%d papers after one of two was taken back", n)
	}

	// Nobody else opens what was not sent, not even the office.
	paper := citizen.get(path + "/documenti").link("a.pdf")
	s.login(demo.PartialCitizen, "").get(paper).wants(404)
	s.login(demo.INPSOfficer, "inps").get(strings.Replace(paper, "/contributo-psicoterapia/", "/gestione/inps/", 1)).wants(404)
	s.whole()
}

func TestWhoPaysOpensNoPapers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	review, paper := s.ownReview(fiscalCode(demo.Citizen))
	payer := s.login(demo.INPSPayer, "inps")
	payer.get("/gestione/inps/riesami/" + review).wants(403)
	payer.get("/gestione/inps/documenti/" + paper).wants(404)
	for _, step := range []string{"proposta", "decisione"} {
		payer.get("/gestione/inps/riesami/"+review+"/"+step).wants(403, "serve un altro incarico")
	}
	form := url.Values{"idem": {"6ba7b810-9dad-11d1-80b4-00c04fd430c8"}, "versione": {"0"}, "proposta": {"deny"}, "motivazione": {"x"}, "decisione": {"approva"}}
	payer.post("/gestione/inps/riesami/"+review+"/proposta", form).wants(403)
	payer.post("/gestione/inps/riesami/"+review+"/decisione", form).wants(403)
}
