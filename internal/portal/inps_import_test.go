package portal_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

const importPage = "/gestione/inps/domande/importa"

// importHead and importLine make files of applications: the i-th made-up person.
var importHead = strings.Join(voucher.ImportColumns[:11], ";") + "\n"

func importLine(i int) string {
	return fmt.Sprintf("%s;Prova;Persona %d;1980-01-%02d;Lazio;RM;%d,00;valido;2025-10-01T10:00:00.%06d+02:00;;\n",
		identity.NewFiscalCode(fmt.Sprintf("PRVPSN80A%02dH%03d", 1+i%28, i)), i, 1+i%28, 5000+i, i)
}

func importLines(n int) string {
	var b strings.Builder
	b.WriteString(importHead)
	for i := range n {
		b.WriteString(importLine(i))
	}
	return b.String()
}

// bring sends a file with the form of a page.
func (b *browser) bring(p page, file string, fields url.Values) page {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	values := url.Values{"idem": {p.form().one("input").attr("value")}, "annualita": {"2025"}, "righe": {""}}
	for name, v := range fields {
		values[name] = v
	}
	for name := range values {
		_ = w.WriteField(name, values.Get(name)) // into memory
	}
	part, _ := w.CreateFormFile("file", "domande.csv")
	_, _ = io.WriteString(part, file)
	_ = w.Close()
	req, err := http.NewRequestWithContext(b.Context(), "POST", b.URL+importPage, &body)
	if err != nil {
		b.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := b.client.Do(req)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	doc, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	return page{node{b, doc}, resp.StatusCode, resp.Request.URL, resp.Header, string(text)}
}

// applyImports does what the job does with every import that was ordered.
func (s *site) applyImports() {
	s.Helper()
	rows, err := s.Pool.Query(s.Context(), `DELETE FROM river_job WHERE kind = 'import' RETURNING args->>'import'`)
	if err != nil {
		s.Fatal(err)
	}
	var ids []voucher.ImportID
	for rows.Next() {
		var id voucher.ImportID
		if err := rows.Scan(&id); err != nil {
			s.Fatal(err)
		}
		ids = append(ids, id)
	}
	for _, id := range ids {
		if err := s.Portal.Imports.Apply(s.Context(), id, func(int) {}); err != nil {
			s.Fatal(err)
		}
	}
}

func TestAnOfficerImportsAFileOfApplications(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	before := s.count(`SELECT count(*) FROM applications`)
	b := s.login(demo.INPSOfficer, "inps")
	ask := b.get(importPage).wants(http.StatusOK, "Importa domande", "codice_fiscale", "Scarica il modello")
	p := b.bring(ask, importLines(30), url.Values{"righe": {"30"}})
	p.wants(http.StatusOK, "Pronta", "Nulla è stato ancora importato", "Le prime 20 righe del file", "Prova Persona 0", "PRVPSN••••••••0", "5.000,00", "Importa 30 domande").
		silent(string(identity.NewFiscalCode("PRVPSN80A01H000")))
	if again := b.bring(ask, importLines(30), url.Values{"righe": {"30"}}); again.URL.Path != p.URL.Path {
		t.Errorf("the same form sent twice leads to %s and %s", p.URL, again.URL)
	}
	if n := s.count(`SELECT count(*) FROM applications`); n != before {
		t.Errorf("%d applications before anybody asked", n-before)
	}
	ordered := b.submit(p, nil).wants(http.StatusOK, "Importazione avviata", "Puoi chiudere questa pagina", "0 di 30")
	again, jobs := b.submit(p, nil), s.count(`SELECT count(*) FROM river_job WHERE kind = 'import' AND args->>'import' = $1`, path.Base(p.URL.Path))
	if again.URL.Path != ordered.URL.Path || jobs != 1 {
		t.Errorf("a button pressed twice orders %d times, and leads to %s", jobs, again.URL)
	}
	s.applyImports()
	b.get(ordered.link("Aggiorna")).wants(http.StatusOK, "Importata", "Abbiamo importato 30 domande")
	if n := s.count(`SELECT count(*) FROM applications`); n != before+30 {
		t.Errorf("%d applications more", n-before)
	}
	b.get("/gestione/inps/importazioni").wants(http.StatusOK, "Chiara Colombo", "Importata", "30")
	b.bring(b.get(importPage), importLines(30), nil).wants(http.StatusOK, "Con errori", "Questo stesso file è già stato importato", "La persona ha già una domanda in questa annualità")
	if n := s.count(`SELECT count(*) FROM audit WHERE action LIKE 'import.%' AND subject_id = $1`, path.Base(p.URL.Path)); n < 4 {
		t.Errorf("%d entries of the register: read, seen, ordered, applied", n)
	}
	s.whole()
}

func TestAFileWithFaultsIsExplainedLineByLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.INPSOfficer, "inps")
	bad := importLines(2) + importLine(0) + strings.Replace(importLine(5), "Lazio", "Padania", 1) + strings.Repeat("corta\n", 60)
	p := b.bring(b.get(importPage), bad, url.Values{"righe": {"500"}})
	p.wants(http.StatusOK, "Con errori", "nulla è stato importato", "Il totale dichiarato è diverso dalle righe lette, che sono 64",
		"La stessa persona compare già alla riga 2", "Il territorio non esiste in questa annualità", "63 errori").silent("Importa 64 domande")
	b.get(p.link("Successiva")).wants(http.StatusOK, "63 errori", "65")
	b.get(p.link("La stessa persona")).wants(http.StatusOK, "1 errore", "codice_fiscale").silent("Padania")
	csv := b.get(p.link("Scarica tutti gli errori"))
	if got := strings.Count(csv.Body, "\n"); got != 64 || !strings.Contains(csv.Body, "4;codice_fiscale;La stessa persona compare già alla riga 2\r\n") {
		t.Errorf("%d lines: %s", got, csv.Body)
	}
	gone := b.submit(b.get(p.link("Elimina")).wants(http.StatusOK, "Vuoi eliminare questa importazione?"), nil)
	gone.wants(http.StatusOK, "Importazione eliminata", "Eliminata")
	s.whole()
}

func TestWhatIsNoFileOfApplicationsIsRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.INPSOfficer, "inps")
	before := s.count(`SELECT count(*) FROM applications`)
	for what, c := range map[string]struct{ file, says string }{
		"a spreadsheet renamed": {"PK\x03\x04\x14\x00" + strings.Repeat("\x00x", 4000), "Il file non è un CSV"},
		"nothing":               {"", "Il file non contiene domande"},
		"Latin-1":               {importHead + strings.Replace(importLine(1), "Prova", "Niccol\xf2", 1), "Il testo non è in UTF-8"},
		"one endless line":      {importHead + strings.Repeat("x", 3<<20), "La riga è troppo lunga"},
		"a page of HTML":        {"<!doctype html><title>x</title>", "Manca questa colonna"},
	} {
		p := b.bring(b.get(importPage), c.file, nil)
		if p.Status != http.StatusOK || !strings.Contains(p.text(), c.says) || !strings.Contains(p.text(), "Con errori") {
			t.Errorf("%s: %d %s", what, p.Status, p.one("main").text())
		}
	}
	for what, c := range map[string]struct {
		fields url.Values
		says   string
	}{
		"no edition":            {url.Values{"annualita": {""}}, "Scegli un’annualità in vigore"},
		"an edition of nowhere": {url.Values{"annualita": {"1999"}}, "Scegli un’annualità in vigore"},
		"half a number":         {url.Values{"righe": {"3,5"}}, "Scrivi un numero intero"},
	} {
		p := b.bring(b.get(importPage), importLines(1), c.fields)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), c.says) {
			t.Errorf("%s: %d %s", what, p.Status, p.one("main").text())
		}
	}
	if n := s.count(`SELECT count(*) FROM applications`) + s.count(`SELECT count(*) FROM import_rows`) - before; n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestOnlyWhoPreparesImports(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	ask := officer.get(importPage)
	checked := officer.bring(ask, importLines(3), nil)
	approver.get(importPage).wants(http.StatusForbidden)
	approver.bring(ask, importLines(3), nil).wants(http.StatusForbidden)
	approver.get(checked.URL.Path).wants(http.StatusOK, "Pronta").silent("Importa 3 domande", "Elimina")
	for _, address := range []string{checked.URL.Path, checked.URL.Path + "/elimina"} {
		approver.post(address, url.Values{"idem": {once.NewKey()}}).wants(http.StatusForbidden)
	}
	if n := s.count(`SELECT count(*) FROM imports WHERE state = 'checked'`); n != 1 {
		t.Errorf("%d imports are as they were", n)
	}
}

// refusedImport is the address of an import that anybody of INPS may open.
func (s *site) refusedImport() (id string) {
	s.Helper()
	err := s.Pool.QueryRow(s.Context(), `INSERT INTO imports (edition_id, file_digest, state, made_at) VALUES ('2025', '', 'refused', $1) RETURNING id`, s.Now()).Scan(&id)
	if err != nil {
		s.Fatal(err)
	}
	return id
}
