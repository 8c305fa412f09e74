package portal_test

import (
	"bytes"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/once"
)

const wordingWork = "/amministrazione/testi"

// rare is the key of a text that no other test reads: what is published is said by every
// page of this program.
const rare = "wording.file.columns"

// ownWording is a text that an administrator proposed.
func (s *site) ownWording() string {
	s.Helper()
	return s.text(`WITH p AS (INSERT INTO wording_proposals (id, from_file, changes, proposed_by, proposed_at, state)
			SELECT gen_random_uuid(), false, 1, id, now(), 'proposed' FROM persons WHERE fiscal_code = $1 RETURNING id),
		c AS (INSERT INTO wording_changes SELECT id, 'ui.logout', 'de', '{"other": "Ausloggen"}', 0 FROM p)
		SELECT id::text FROM p`, string(fiscalCode(demo.Confirmer)))
}

func TestATextIsProposedByOneAndPublishedByAnother(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, bruno := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	at := wordingWork + "/" + rare + "?lingua=it"
	one := anna.get(at).wants(200, "Un testo del portale", rare, "Le colonne che contano:", "Testi e lingue")
	// HTML is a text, in the preview too.
	try := anna.submit(one, url.Values{"testo-other": {"Le <b>colonne</b>:"}, "passo": {"anteprima"}}).wants(200, "Le <b>colonne</b>:")
	if len(try.one("main").all("b")) != 0 || s.count(`SELECT count(*) FROM wording_proposals`) != 0 {
		t.Error("a preview is taken for more than it is")
	}
	// Where nothing is written yet, nothing is shown as it is read.
	none := anna.get(wordingWork+"/"+rare+"?lingua=sl").wants(200, "Senza traduzione: si legge l’italiano.").silent("Come si legge")
	anna.submit(none, url.Values{"testo-other": {" "}, "passo": {"anteprima"}}).wants(422, "Scrivi il testo").silent("Come si legge")
	anna.submit(none, url.Values{"testo-other": {"Stolpci:"}, "passo": {"anteprima"}}).wants(200, "Come si legge Stolpci:")
	for text, says := range map[string]string{"": "Scrivi il testo", "Le colonne {{.Name}}:": "Non ci vogliono: {{.Name}}", strings.Repeat("a", 400): "troppo lungo", "Le colonne che contano:": "già in uso"} {
		p := anna.submit(one, url.Values{"testo-other": {text}, "passo": {"proponi"}}).wants(422, says)
		if !strings.Contains(p.Body, text) {
			t.Errorf("%q is gone", text)
		}
	}
	anna.get(wordingWork+"/ui.deadline.by?lingua=sl").wants(200, "{{.Day}}", "12 marzo 2026")
	if p := anna.submit(anna.get(wordingWork+"/ui.deadline.by?lingua=sl"), url.Values{"testo-other": {"brez"}, "passo": {"proponi"}}); p.Status != 422 || !strings.Contains(p.Body, "Mancano: {{.Day}}") {
		t.Error(p.Status)
	}
	anna.submit(one, url.Values{"testo-other": {"Servono queste colonne:"}, "passo": {"proponi"}}).wants(200, "Testi proposti", "Da pubblicare")

	proposal := wordingWork + "/proposte/" + s.text(`SELECT id::text FROM wording_proposals`)
	own := anna.get(proposal).wants(200, "Hai proposto tu questi testi", "Servono queste colonne:", "Le colonne che contano:").silent("Registra la decisione")
	anna.submit(own, url.Values{"decisione": {"pubblica"}}).wants(409, "li pubblica un altro amministratore")
	s.login(demo.Auditor, "oversight").get(proposal).wants(403)

	decide := bruno.get(proposal).wants(200, "Servono queste colonne:", "Registra la decisione")
	bruno.submit(decide, url.Values{"decisione": {""}}).wants(422)
	bruno.submit(decide, url.Values{"decisione": {"rifiuta"}, "motivo": {" "}}).wants(422, "Scrivi perché la rifiuti")
	anna.get(wordingWork+"/file").wants(200, "Le colonne che contano:")
	bruno.submit(decide, url.Values{"decisione": {"pubblica"}}).wants(200, "Testi pubblicati")
	anna.get(wordingWork+"/file").wants(200, "Servono queste colonne:").silent("Le colonne che contano:")
	bruno.get(proposal).wants(200, "Pubblicata").silent("Registra la decisione")

	// Back to what comes with the program.
	anna.get(wordingWork+"?lingua=it&stato=cambiati").wants(200, rare, "Cambiato con la pubblicazione 1", "1 testo")
	back := anna.get(at).wants(200, "Torna al testo originale", "Pubblicazione 1")
	anna.post(at, url.Values{"idem": {once.NewKey()}, "passo": {"originale"}}).wants(200, "Testi proposti")
	bruno.submit(bruno.get(wordingWork+"/proposte/"+s.text(`SELECT id::text FROM wording_proposals WHERE state = 'proposed'`)).wants(200, "testo originale"), url.Values{"decisione": {"pubblica"}}).wants(200, "Testi pubblicati")
	anna.get(wordingWork+"/file").wants(200, "Le colonne che contano:")
	anna.submit(back, url.Values{"testo-other": {"Servono queste colonne:"}, "passo": {"proponi"}}).wants(200, "Testi proposti")
	bruno.submit(bruno.get(wordingWork+"/proposte/"+s.text(`SELECT id::text FROM wording_proposals WHERE state = 'proposed'`)), url.Values{"decisione": {"rifiuta"}, "motivo": {"Meglio com’era"}}).wants(200, "Proposta rifiutata")

	for _, path := range []string{"/nessuna.chiave", "/proposte/" + once.NewKey(), "/proposte/x"} {
		anna.get(wordingWork + path).wants(404)
	}
	for _, act := range []string{"proposed", "published", "refused"} {
		if s.count(`SELECT count(*) FROM audit WHERE action = 'wording.' || $1`, act) == 0 {
			t.Errorf("%s is not written down", act)
		}
	}
}

func TestTheTextsOfALanguageAreListedAndFiltered(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	b.get("/area-personale").wants(200, "Testi e lingue")
	b.get(wordingWork).wants(200, "testi senza tedesco", "testi senza sloveno", "Successiva")
	b.get(wordingWork+"?lingua=sl&stato=mancanti").wants(200, "Senza traduzione: si legge l’italiano.").silent("Cambiato con")
	b.get(wordingWork+"?lingua=de&cerca=ABMELDEN").wants(200, "ui.logout", "1 testo")
	b.get(wordingWork+"?lingua=de&area=login&cerca=ui.logout").wants(200, "Nessun testo corrisponde")
	b.get(wordingWork + "?lingua=fr&stato=x&area=y&p=9999").wants(200)
}

// sendFile sends a file of texts.
func (b *browser) sendFile(file string) page {
	b.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("idem", once.NewKey()) // into memory
	part, err := form.CreateFormFile("file", "testi.csv")
	if err != nil {
		b.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	_ = form.Close()
	return b.send(wordingWork+"/file", form.FormDataContentType(), &body)
}

func TestTextsComeAndGoAsAFile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	anna, bruno := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	file := anna.get(wordingWork + ".csv?lingua=sl").wants(200)
	if !strings.HasPrefix(file.Body, "\ufeffchiave;lingua;forma;testo;italiano;area\r\n") || !strings.Contains(file.Body, "ui.logout;sl;other;") {
		t.Fatal(file.Body[:200])
	}
	anna.sendFile(file.Body).wants(422, "Testi uguali a quelli in uso", "Righe da correggere 0")
	anna.sendFile("chiave;lingua;forma;testo\nui.deadline.by;sl;other;brez\nnessuna;sl;other;x\n").wants(422, "Mancano: {{.Day}}", "2", "Non c’è nessun testo con questa chiave")
	anna.sendFile("no").wants(422, "non è un elenco di testi")
	draft := anna.sendFile("chiave;lingua;forma;testo\n"+rare+";sl;other;Stolpci:\nwording.file.hint;sl;other;CSV do 4 MB\n").wants(200, "Da proporre", "Stolpci:", "CSV do 4 MB")
	if s.count(`SELECT count(*) FROM wording_proposals WHERE state = 'draft'`) != 1 {
		t.Fatal("there is no draft")
	}
	bruno.get(draft.URL.Path).wants(404)
	anna.post(draft.URL.Path, url.Values{"idem": {once.NewKey()}, "passo": {"proponi"}}).wants(200, "Testi proposti", "2 testi")
	bruno.get(draft.URL.Path).wants(200, "Registra la decisione")
	anna.post(draft.URL.Path, url.Values{"idem": {once.NewKey()}, "passo": {"ritira"}}).wants(200, "Proposta ritirata")
	bruno.post(draft.URL.Path, url.Values{"idem": {once.NewKey()}, "decisione": {"pubblica"}}).wants(409, "già stato deciso")
	anna.post(wordingWork+"/file", nil).wants(400)
}
