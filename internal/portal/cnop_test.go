package portal_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
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

const deliveries = "/cnop/invii"

// text asks the database for a text.
func (s *site) text(sql string, args ...any) (text string) {
	s.Helper()
	if err := s.Pool.QueryRow(s.Context(), sql, args...).Scan(&text); err != nil {
		s.Fatal(err)
	}
	return text
}

// listFile is a file of CNOP's list with these rows.
func listFile(rows ...string) string {
	return strings.Join(voucher.ListColumns, ";") + "\r\n" + strings.Join(rows, "\r\n") + "\r\n"
}

// listRow is a row of the list for a persona who works in Milan.
func listRow(hint demo.Hint, family, given, register, left string) string {
	return fmt.Sprintf("%s;%s;%s;Lombardia;%s;2010-05-04;Via Manzoni 12;Milano;20121;MI;Lombardia;02 5550 1234;;12/01/2015;%s",
		fiscalCode(hint), family, given, register, left)
}

// newcomer is a row for somebody the portal does not know.
var newcomer = strings.Replace(listRow("", "Neri", "Elsa", "77001", ""), ";", string(identity.NewFiscalCode("NRELSE80A41F205"))+";", 1)

// upload sends a list to CNOP's page.
func (b *browser) upload(p page, extent voucher.Extent, day calendar.Date, file string) page {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range [][2]string{{"idem", p.form().one("input").attr("value")}, {"tipo", string(extent)},
		{"data-giorno", fmt.Sprint(day.Day)}, {"data-mese", fmt.Sprint(int(day.Month))}, {"data-anno", fmt.Sprint(day.Year)}} {
		_ = form.WriteField(f[0], f[1]) // into memory
	}
	part, _ := form.CreateFormFile("file", "elenco.csv")
	_, _ = part.Write([]byte(file))
	_ = form.Close()
	return b.send(deliveries+"/nuovo", form.FormDataContentType(), &body)
}

// emptyDesk is a site on which no delivery waits.
func emptyDesk(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.exec(`UPDATE deliveries SET state = 'dropped' WHERE state IN ('draft', 'sent')`)
	return s
}

func TestAProfessionalTakenOffTheListKeepsTheSessionsThatStand(t *testing.T) {
	t.Parallel()
	s := emptyDesk(t)
	today := calendar.On(noon)
	sara, davide, chiara := s.login(demo.CNOPPreparer, "cnop"), s.login(demo.CNOPSender, "cnop"), s.login(demo.INPSOfficer, "inps")

	p := sara.upload(sara.get(deliveries+"/nuovo"), voucher.ChangesOnly, today,
		listFile(listRow(demo.Psychologist, "Bianchi", "Giulia", "4821", "2026-11-20"), newcomer, listRow(demo.Citizen, "Rossi", "Maria", "x y", "")))
	p.wants(http.StatusOK, "Controlla l’invio", "Aggiunti (1)", "Tolti (1)", "Scartati (1)", "sedute sono già prenotate con chi viene tolto", "Deve confermarlo un’altra persona")
	delivery := p.URL.Path
	sara.get(delivery+"?parte=tolti").wants(http.StatusOK, "Bianchi Giulia", "Revoca del 20/11/2026")
	sara.get(delivery+"?parte=scartati").wants(http.StatusOK, "Numero di iscrizione: non è un numero di iscrizione")
	if csv := sara.get(delivery + "/scarti.csv"); csv.Status != http.StatusOK || !strings.Contains(csv.Body, "riga;motivo;codice_fiscale") || !strings.Contains(csv.Body, "x y") {
		t.Errorf("the rejected rows: %d %s", csv.Status, csv.Body)
	}

	sara.get(delivery+"/invia").wants(http.StatusConflict, "Deve confermarlo un’altra persona")
	sara.post(delivery+"/invia", url.Values{"idem": {once.NewKey()}, "versione": {"0"}}).wants(http.StatusConflict, "Deve confermarlo un’altra persona")
	chiara.get("/gestione/inps/professionisti/" + strings.TrimPrefix(delivery, "/cnop/")).wants(http.StatusNotFound)
	davide.submit(davide.get(davide.get(delivery).link("Conferma e invia a INPS")), nil).wants(http.StatusOK, "INPS lo applica dalle 12:00", "Inviato")

	received := "/gestione/inps/professionisti/" + strings.TrimPrefix(delivery, "/cnop/")
	s.login(demo.INPSApprover, "inps").get(received+"/applica").wants(http.StatusForbidden, "serve un altro incarico")
	chiara.get(chiara.get("/gestione/inps/professionisti").link("Invio")).wants(http.StatusOK, "Applica l’invio")
	chiara.submit(chiara.get(received+"/applica"), nil).wants(http.StatusOK, "Invio applicato", "Accettato in parte")
	chiara.post(received+"/applica", url.Values{"idem": {once.NewKey()}, "versione": {"0"}}).wants(http.StatusConflict, "non è da applicare")

	giulia := s.login(demo.Psychologist, "psicoterapeuta")
	giulia.get("/professionisti/adesione").wants(http.StatusOK, "Terminata", "invio CNOP n.", "Non puoi prenotare nuove sedute")
	giulia.get("/professionisti/sedute/nuova").wants(http.StatusForbidden, "Non risulti nell’elenco dei professionisti aderenti")
	ask := giulia.get(giulia.get(agenda + "?stato=da-confermare").link("Conferma"))
	giulia.submit(ask, url.Values{"dichiarazione": {"on"}}).wants(http.StatusOK, "Seduta confermata")
	s.whole()
}

func TestAListIsReadOrSaidWhyNot(t *testing.T) {
	t.Parallel()
	s := emptyDesk(t)
	today := calendar.On(noon)
	sara := s.login(demo.CNOPPreparer, "cnop")
	for name, c := range map[string]struct {
		day  calendar.Date
		file string
		want string
	}{
		"a column less":    {today, "cognome;nome\nRossi;Maria\n", "La riga 1 non contiene la colonna codice_fiscale"},
		"another encoding": {today, "codice_fiscale\xe8", "Il file non è in formato UTF-8"},
		"nobody":           {today, listFile(), "Il file non contiene righe"},
		"of tomorrow":      {today.Add(1), listFile(newcomer), "La data dell’elenco non può essere nel futuro"},
		"of last year":     {today.Add(-365), listFile(newcomer), "La data non può essere prima di quella dell’elenco in vigore"},
	} {
		p := sara.upload(sara.get(deliveries+"/nuovo"), voucher.FullList, c.day, c.file)
		if p.Status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), c.want) {
			t.Errorf("%s: %d, %s", name, p.Status, p.one("main").text())
		}
	}
	p := sara.upload(sara.get(deliveries+"/nuovo"), voucher.FullList, today, listFile(newcomer))
	p.wants(http.StatusOK, "Stai togliendo 2.401 professionisti, più del 5 %.")
	davide := s.login(demo.CNOPSender, "cnop")
	send := davide.get(p.URL.Path+"/invia").wants(http.StatusOK, "Confermo che vanno tolti 2.401 professionisti")
	davide.submit(send, nil).wants(http.StatusUnprocessableEntity, "Conferma che vuoi togliere tutti questi professionisti")
	sara.submit(sara.get(p.URL.Path+"/elimina"), nil).wants(http.StatusOK, "Invio eliminato")
	davide.submit(send, url.Values{"conferma": {"on"}}).wants(http.StatusConflict, "non è più una bozza")
}

func TestTheListIsSearchedByNameAndTakenAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.CNOPPreparer, "cnop")
	b.get("/cnop/elenco").wants(http.StatusOK, "Elenco dei professionisti aderenti", "2.401 attivi")
	p := b.post("/cnop/elenco", url.Values{"nome": {"fontana"}, "stato": {"usciti"}})
	p.wants(http.StatusOK, "1 professionista", "Fontana Stefano", "Uscito")
	if strings.Contains(p.URL.String(), "fontana") {
		t.Errorf("the address tells the name: %s", p.URL)
	}
	csv := b.get("/cnop/elenco.csv?stato=usciti")
	if lines := strings.Count(csv.Body, "\n"); lines != 2 || !strings.Contains(csv.Body, string(fiscalCode(demo.ExPsychologist))) {
		t.Errorf("%d lines: %s", lines, csv.Body)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'list.taken'`); n != 1 {
		t.Errorf("it is taken away %d times by the register", n)
	}
	b.get(p.link("Fontana Stefano")).wants(http.StatusOK, "Storia dell’adesione", string(fiscalCode(demo.ExPsychologist)))
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'professional.seen'`); n != 1 {
		t.Errorf("one look is written %d times", n)
	}
	chiara := s.login(demo.INPSOfficer, "inps")
	chiara.get("/gestione/inps/professionisti/aree").wants(http.StatusOK, "2.401 professionisti in elenco oggi", "Roma (RM)")
	if csv := chiara.get("/gestione/inps/professionisti/aree.csv"); !strings.Contains(csv.Body, "Lombardia") {
		t.Error(csv.Body)
	}
}

func TestAProfessionalIsSuspendedAndLetBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	davide := s.login(demo.CNOPSender, "cnop")
	card := "/cnop/elenco/" + s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.NewPsychologist)))
	p := davide.get(davide.get(card).link("Sospendi")).wants(http.StatusOK, "Vuoi sospendere Marco Rizzo?", "restano valide")
	davide.submit(p, nil).wants(http.StatusUnprocessableEntity, "Scrivi il motivo")
	davide.submit(p, url.Values{"motivo": {"Provvedimento"}, "data-anno": {"2025"}}).wants(http.StatusUnprocessableEntity, "Scrivi una data da oggi in poi")
	davide.submit(p, url.Values{"motivo": {"Provvedimento"}}).wants(http.StatusOK, "Professionista sospeso", "Sospeso: Provvedimento")
	marco := s.login(demo.NewPsychologist, "psicoterapeuta")
	marco.get("/professionisti/adesione").wants(http.StatusOK, "Sospesa da CNOP", "Provvedimento")
	marco.get("/professionisti/sedute/nuova").wants(http.StatusForbidden)
	davide.submit(davide.get(card+"/riattiva"), url.Values{"motivo": {"Revocato"}}).wants(http.StatusOK, "Professionista riattivato")
	marco.get("/professionisti/sedute/nuova").wants(http.StatusOK)
}

func TestINPSAsksAndCNOPAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	chiara, sara := s.login(demo.INPSOfficer, "inps"), s.login(demo.CNOPPreparer, "cnop")
	card := "/gestione/inps/professionisti/" + s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Psychologist)))
	p := chiara.get(card).wants(http.StatusOK, "Segnala a CNOP", "Verificato", "Vedi l’IBAN")
	chiara.submit(p, nil).wants(http.StatusUnprocessableEntity, "Scrivi il testo")
	chiara.submit(p, url.Values{"testo": {"L’indirizzo non risulta."}}).wants(http.StatusOK, "Segnalazione inviata", "Aperta")
	report := sara.get(sara.get("/cnop/segnalazioni").wants(http.StatusOK, "L’indirizzo non risulta.").link("Bianchi Giulia"))
	sara.submit(report, url.Values{"risposta": {"Corretto nel prossimo invio."}}).wants(http.StatusOK, "Risposta inviata")
	sara.submit(report, url.Values{"risposta": {"Altro."}}).wants(http.StatusUnprocessableEntity, "Hai già inviato questo modulo")
	chiara.get(card).wants(http.StatusOK, "Corretto nel prossimo invio.")
	chiara.get("/gestione/inps/professionisti/segnalazioni").wants(http.StatusOK, "Corretto nel prossimo invio.")
}
