package portal_test

import (
	"image"
	_ "image/png" // the pages are
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/document/pages"
)

// reader draws the pages of papers for all sites: to make its engine takes seconds.
var reader = pages.NewReader(pages.Usual, 2)

// shown is the image of a page of a paper.
func shown(t *testing.T, b *browser, p page) image.Image {
	t.Helper()
	answer := b.get(p.one("#visore").one("img").attr("src"))
	if answer.Status != http.StatusOK || answer.Header.Get("Content-Type") != "image/png" || answer.Header.Get("Cache-Control") != "no-store" ||
		answer.Header.Get("Content-Disposition") != "inline" || !strings.Contains(answer.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Fatalf("%d %v", answer.Status, answer.Header)
	}
	m, _, err := image.Decode(strings.NewReader(answer.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// looks counts what the register says of openings of papers.
func (s *site) looks() int {
	s.Helper()
	return s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.paper_opened' AND role = 'welfare'`)
}

// papered is a case of the demo with its papers, which Silvia Costa has taken: where an
// officer has it, and where the certificate with several pages is.
func (s *site) papered() (at, certificate string) {
	s.Helper()
	id := s.text(`SELECT a.id::text FROM indemnity_applications a JOIN persons p ON p.id = a.member_id
		WHERE p.fiscal_code = $1 ORDER BY a.submitted_at DESC LIMIT 1`, string(fiscalCode(demo.Member)))
	s.exec(`UPDATE indemnity_applications SET officer_id = (SELECT id FROM persons WHERE fiscal_code = $2) WHERE id::text = $1`, id, string(fiscalCode(demo.WelfareOfficer)))
	return welfareWork + "/domande/" + id, s.text(`SELECT id::text FROM indemnity_papers WHERE case_id = $1 AND kind = 'extension_prognosis' AND attachment_id IS NOT NULL`, id)
}

func TestAPaperIsReadBesideItsCheck(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	b := s.welfareOfficer()
	check := b.get(at+"/verifiche/V7").wants(200, "Documenti da guardare", "Scarica").silent("Stai aprendo un documento sanitario")
	if len(check.one("#visore").all("img")) != 0 || s.looks() != 0 {
		t.Error("a paper is open that nobody asked for")
	}
	first := b.get(check.link("documento-")).wants(200, "Stai aprendo un documento sanitario", "Pagina 1 di 2", "Successiva", "Ingrandisci a 150%", "Apri a lato", "Testo della pagina", "Salva e vai alla prossima").
		silent("Precedente", "Riduci")
	m := shown(t, b, first) // waits for the engine, which a page does for seconds only
	b.get(check.link("documento-")).wants(200, "Documento di prova")
	if m.Bounds().Dx() != 1000 || m.Bounds().Dy() < 1400 {
		t.Errorf("the page is %s", m.Bounds())
	}
	second := b.get(first.link("Successiva")).wants(200, "Pagina 2 di 2", "Precedente", "visita di controllo").silent("Successiva", "Questo documento appartiene")
	large := b.get(b.get(second.link("Ingrandisci a 150%")).link("Ingrandisci a 200%")).wants(200, "Pagina 2 di 2", "Riduci a 150%").silent("Ingrandisci")
	if m := shown(t, b, large); m.Bounds().Dx() != 2000 {
		t.Errorf("at 200%% the page is %s", m.Bounds())
	}
	alone := b.get(large.link("Apri a lato")).wants(200, "Pagina 2 di 2", "Stai aprendo un documento sanitario").silent("Salva e vai alla prossima", "Apri a lato", "Chiudi")
	b.get(alone.link("Precedente")).wants(200, "Pagina 1 di 2")
	b.get(large.link("Chiudi il documento")).wants(200).silent("Pagina 2 di 2")
	if b.get(large.link("Scarica documento-")).Header.Get("Content-Type") != "application/pdf" {
		t.Error("the file is not to be had")
	}
	b.get(b.get(at+"/documenti").link("documento-")).wants(200, "Pagina 1 di 2")
	for _, none := range []string{"?documento=" + certificate + "&pagina=3", "?documento=" + certificate + "&pagina=0", "?documento=" + certificate + "&zoom=99", "?documento=x"} {
		b.get(at + "/verifiche/V7" + none).wants(404)
	}
	b.get(at + "/verifiche/V17?documento=" + certificate).wants(404) // is no paper of that check
	for _, none := range []string{"/pagine/3", "/pagine/0", "/pagine/x", "/pagine/1?zoom=1000000", "/visore?pagina=3"} {
		b.get(at + "/documenti/" + certificate + none).wants(404)
	}
	s.whole()
}

func TestWhatIsWrongWithAFindingLeavesThePaperBesideIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	b := s.welfareOfficer()
	check := b.get(at + "/verifiche/V7?documento=" + certificate + "&pagina=2&zoom=150")
	b.submit(check, url.Values{"verdetto": {"not_met"}}).wants(422, "Scrivi perché", "Pagina 2 di 2", "Ingrandisci a 200%")
	if s.looks() != 1 {
		t.Errorf("%d looks", s.looks())
	}
}

func TestTurningPagesIsOneLookAndWhoAppliedReadsOfIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	b, file := s.welfareOfficer(), at+"/documenti/"+certificate
	b.get(file + "/pagine/2").wants(200) // an image by itself is a look too
	for _, page := range []string{"/visore", "/visore?pagina=2", "/pagine/1", "/visore?zoom=150"} {
		b.get(file + page).wants(200)
	}
	if s.looks() != 1 {
		t.Errorf("%d looks in one", s.looks())
	}
	approver := s.login(demo.WelfareApprover, "welfare")
	approver.submit(approver.get(file+"/visore"), url.Values{"motivo": {"Parere chiesto da una collega"}}).wants(200, "Pagina 1 di 2")
	if s.looks() != 2 {
		t.Errorf("%d looks of two officers", s.looks())
	}
	s.At(s.Now().Add(16 * time.Minute))
	b.get(file + "/visore").wants(200)
	if s.looks() != 3 {
		t.Errorf("%d looks, the last after a while", s.looks())
	}
	s.member(demo.Member).get(strings.Replace(at, welfareWork+"/domande", memberCases, 1)+"/documenti").wants(200, "Consultato da ENPAP il 23 novembre 2026")
	s.whole()
}

func TestAPhotographIsShownAsItIs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, _ := s.papered()
	b := s.welfareOfficer()
	check := b.get(at + "/verifiche/V1")
	p := b.get(check.link("foto-")).wants(200, "È un’immagine: non contiene testo", "Pagina 1 di 1").silent("Successiva")
	answer := b.get(p.one("#visore").one("img").attr("src"))
	if answer.Status != 200 || answer.Header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("%d %v", answer.Status, answer.Header)
	}
	b.get(strings.Replace(p.one("#visore").one("img").attr("src"), "/pagine/1", "/pagine/2", 1)).wants(404)
}

func TestPagesAreForWhoMayOpenThePaper(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at, certificate := s.papered()
	page := at + "/documenti/" + certificate + "/pagine/1"
	own := strings.Replace(page, welfareWork+"/domande", memberCases, 1)
	s.member(demo.Member).get(own).wants(200)
	s.member(demo.CyclesMember).get(own).wants(404)
	s.login(demo.WelfarePayer, "welfare").get(page).wants(404)
	s.login(demo.INPSOfficer, "inps").get(page).wants(404)
	other := s.text(`SELECT id::text FROM indemnity_applications WHERE id::text <> $1 LIMIT 1`, strings.Split(at, "/")[4])
	s.welfareOfficer().get(welfareWork + "/domande/" + other + "/documenti/" + certificate + "/pagine/1").wants(404)
	if s.looks() != 0 {
		t.Error("who saw nothing looked")
	}
}

func TestAMemberSeesTheirPaperAsTheOfficeWill(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	p := b.certified(b.begun(flu), "c.pdf", onePagePDF(), certificate("initial_prognosis", dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 6)))
	p.wants(200, "È leggibile?", "Pagina 1 di 1", "Ingrandisci a 150%")
	shown(t, b, b.get(p.link("Ingrandisci a 150%")).wants(200, "Riduci a 100%"))
	s.whole()
}

func TestAPaperThatNobodyCanDrawMayStillBeDownloaded(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Member)
	odd := []byte(strings.Replace(string(onePagePDF()), "/Type /Catalog", "/Type /Cat_log", 1))
	p := b.certified(b.begun(flu), "c.pdf", odd, certificate("initial_prognosis", dayOf("data", 2026, 10, 29), dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 6)))
	p.wants(200, "È leggibile?", "Scarica c.pdf")
}
