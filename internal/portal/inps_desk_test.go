package portal_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
)

const (
	work     = "/gestione/inps"
	worklist = work + "/domande"
)

// pending puts an application into the office, without an outcome, for a persona.
func (s *site) pending(hint demo.Hint, protocol string) string {
	s.Helper()
	return s.text(`INSERT INTO applications (protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status,
			submitted_at, state, email, entitled_cents)
		SELECT $2, '2022-decreto', id, id, 'Lazio', 'RM', 1234567, 'valid', $3, 'submitted', 'scrivi@example.org', 60000 FROM persons WHERE fiscal_code = $1
		RETURNING id::text`, string(fiscalCode(hint)), protocol, s.Now().Add(-time.Hour))
}

// edition2022 is where pending puts applications.
const edition2022 = "?annualita=2022-decreto"

func TestAnOfficerBeginsWithWhatWaits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.pending(demo.Parent, "INPS-2026-900001")
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	officer.get(work).wants(200, "Il tuo lavoro", "Nessuna approvazione aspetta te.", "Dalla domanda alla seduta", "Domande per territorio")
	b := officer.submit(officer.get(worklist+"/"+id+"/rifiuto").wants(200, "Il cittadino legge"), url.Values{"motivo": {"duplicate"}})
	b.wants(200, "Rifiuto proposto", "Hai proposto tu questo rifiuto")
	officer.get(work).wants(200, "Nessuna approvazione aspetta te.")
	p := approver.get(work).wants(200, "approvazioni aspettano te.", "Rifiuto della domanda INPS-2026-900001", "Chiara Colombo")
	approver.get(links(p, id)[0]).wants(200, "Stato prima", "Respinta")
}

func TestARefusalByHandNeedsTwo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.pending(demo.Parent, "INPS-2026-900002")
	path := worklist + "/" + id
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	ask := officer.get(path + "/rifiuto")
	officer.submit(ask, nil).wants(422, "Scegli un motivo")
	officer.submit(ask, url.Values{"motivo": {"not_resident"}}).wants(200, "Rifiuto proposto")
	if state := s.text(`SELECT state FROM applications WHERE id = $1`, id); state != "submitted" {
		t.Errorf("proposed, and it is %s already", state)
	}
	// Not even an officer with both duties decides what they proposed.
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'inps', 'approve', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`,
		string(fiscalCode(demo.INPSOfficer))); err != nil {
		t.Fatal(err)
	}
	officer.get(path+"/rifiuto/decisione").wants(409, "Hai proposto tu questo rifiuto: lo decide un’altra persona.")
	version := s.text(`SELECT version::text FROM applications WHERE id = $1`, id)
	officer.post(path+"/rifiuto/decisione", url.Values{"idem": {once.NewKey()}, "versione": {version}, "decisione": {"approva"}}).
		wants(409, "Hai proposto tu questo rifiuto")
	if _, err := s.Pool.Exec(t.Context(), `UPDATE refusals SET state = 'approved', decided_by = proposed_by, decided_at = now()`); err == nil ||
		!strings.Contains(err.Error(), "nobody_decides_a_refusal_they_proposed") {
		t.Errorf("the database says %v", err)
	}
	decide := approver.get(path+"/rifiuto/decisione").wants(200, "Respingere la domanda?")
	approver.submit(decide, nil).wants(422, "Scegli «Approva il rifiuto»")
	approver.submit(decide, url.Values{"decisione": {"rimanda"}}).wants(422, "Scrivi una motivazione")
	approver.submit(approver.get(path+"/rifiuto/decisione"), url.Values{"decisione": {"approva"}}).wants(200, "Decisione registrata", "Respinta")
	if got := s.text(`SELECT state || ' ' || reason FROM applications WHERE id = $1`, id); got != "refused not_resident" {
		t.Error(got)
	}
	officer.get(path+"/rifiuto").wants(409, "non permette questo atto")
	// What two decided, neither undoes: not even with the duty of it.
	for _, b := range []*browser{officer, approver} {
		b.get(path+"/riapri").wants(409, "Hai proposto o deciso tu questo rifiuto")
		version := s.text(`SELECT version::text FROM applications WHERE id = $1`, id)
		b.post(path+"/riapri", url.Values{"idem": {once.NewKey()}, "versione": {version}}).wants(409, "Hai proposto o deciso tu questo rifiuto")
	}
	for _, who := range []string{"proposed_by", "decided_by"} {
		if _, err := s.Pool.Exec(t.Context(), `UPDATE refusals SET reopened_at = now(), reopened_by = `+who); err == nil ||
			!strings.Contains(err.Error(), "nobody_reopens_a_refusal_they_made") {
			t.Errorf("the database says %v", err)
		}
	}
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'inps', 'approve', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`,
		string(fiscalCode(demo.INPSPayer))); err != nil {
		t.Fatal(err)
	}
	third := s.login(demo.INPSPayer, "inps")
	third.submit(third.get(path+"/riapri"), nil).wants(200, "Domanda riaperta", "In lavorazione", "Domanda riaperta da Matteo Barbieri")
	s.whole()
}

func TestAProposalThatIsSentBackLeavesTheApplicationAsItWas(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.pending(demo.Parent, "INPS-2026-900003")
	path := worklist + "/" + id
	officer, approver := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	officer.submit(officer.get(path+"/rifiuto"), url.Values{"motivo": {"no_title"}})
	approver.submit(approver.get(path+"/rifiuto/decisione"), url.Values{"decisione": {"rimanda"}, "motivazione": {"La delega c’è"}}).
		wants(200, "Decisione registrata", "Rimandata", "La delega c’è")
	officer.submit(officer.get(path+"/verifica"), nil).wants(200, "Domanda verificata")
}

func TestTwoOfficersOnOneApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.pending(demo.Parent, "INPS-2026-900004")
	path := worklist + "/" + id
	first, second := s.login(demo.INPSOfficer, "inps"), s.login(demo.INPSApprover, "inps")
	ask := first.get(path+"/richiesta-isee").wants(200, "Vuoi chiedere di correggere l’ISEE?")
	second.get(path+"/dati").wants(200, "Chiara Colombo sta lavorando su questa domanda dalle 12:00.")
	first.get(path + "/dati").wants(200).silent("sta lavorando")

	// What somebody else did meanwhile is told, and nothing is overwritten.
	first.submit(first.get(path+"/verifica"), nil).wants(200, "Domanda verificata")
	first.submit(ask, url.Values{"difetto": {"omission"}}).wants(409, "I dati sono cambiati", "Chiara Colombo ha aggiornato la domanda", "Domanda verificata",
		"La tua modifica non è stata salvata.")
	again := first.get(path + "/richiesta-isee")
	first.submit(again, nil).wants(422, "Scegli che cosa non va nell’ISEE")
	first.submit(first.get(path+"/richiesta-isee"), url.Values{"difetto": {"omission", "difference"}}).wants(200, "Correzione chiesta", "Da completare")
	if got := s.text(`SELECT state || ' ' || isee_status || ' ' || isee_defects FROM applications WHERE id = $1`, id); got != "awaiting_isee defective omission difference" {
		t.Error(got)
	}

	s.At(noon.Add(20 * time.Minute))
	second.get(path + "/dati").wants(200).silent("sta lavorando") // the first has gone
}

func TestEveryTabOfAnApplicationShowsItsPart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT a.id::text FROM applications a JOIN persons p ON p.id = a.beneficiary_id WHERE p.fiscal_code = $1 ORDER BY a.submitted_at DESC LIMIT 1`,
		string(fiscalCode(demo.Citizen)))
	code := s.code(demo.Citizen)
	b := s.login(demo.INPSOfficer, "inps")
	before := s.count(`SELECT count(*) FROM audit WHERE action = 'application.opened'`)
	for tab, texts := range map[string][]string{
		"dati": {"Maria Rossi", string(fiscalCode(demo.Citizen)), "Note interne"}, "isee": {"3.940,00 €"}, "verifiche": {"Una sola domanda", "Verificata"},
		"codice": {"•••• ••••", "Importo assegnato", "1.500,00 €"}, "comunicazioni": {"Comunicazioni"}, "cronologia": {"Contributo assegnato", "Domanda consultata"},
	} {
		p := b.get(worklist+"/"+id+"/"+tab).wants(200, texts...)
		if strings.Contains(p.Body, code) || strings.Contains(p.Body, strings.ReplaceAll(code, " ", "")) {
			t.Errorf("the tab %s shows the code", tab)
		}
		if strings.Contains(p.title(), "Rossi") {
			t.Errorf("the window's title names somebody: %s", p.title())
		}
	}
	if after := s.count(`SELECT count(*) FROM audit WHERE action = 'application.opened'`); after != before+6 {
		t.Errorf("%d looks on record, not 6", after-before)
	}
	if p := b.get(worklist + "/" + id); p.URL.Path != worklist+"/"+id+"/dati" {
		t.Error(p.URL)
	}
	note := b.get(worklist + "/" + id + "/nota")
	b.submit(note, nil).wants(422, "Scrivi una motivazione")
	note = b.get(worklist + "/" + id + "/nota")
	for range 2 { // a double click
		b.submit(note, url.Values{"testo": {"Ha chiamato il 23"}}).wants(200, "Nota salvata", "Ha chiamato il 23")
	}
	if n := s.count(`SELECT count(*) FROM notes WHERE subject_id = $1`, id); n != 1 {
		t.Errorf("%d notes", n)
	}
}

func TestWhatIsNotThereIsNotFoundAtTheDesk(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.INPSOfficer, "inps")
	for _, path := range []string{worklist + "/{id}", worklist + "/{id}/dati", worklist + "/{id}/rifiuto", worklist + "/{id}/nota", work + "/codici/{id}",
		work + "/codici/{id}/blocca", worklist + "/pippo", work + "/codici/pippo"} {
		b.get(strings.ReplaceAll(path, "{id}", once.NewKey())).wants(404, "Pagina non trovata")
	}
	b.post(worklist+"/"+once.NewKey()+"/verifica", url.Values{"idem": {once.NewKey()}, "versione": {"0"}}).wants(404)
	b.post(work+"/codici/"+once.NewKey()+"/sblocca", url.Values{"idem": {once.NewKey()}}).wants(404)
}

func TestABatchIsAssignedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ids := []string{s.pending(demo.Parent, "INPS-2026-900011"), s.pending(demo.Citizen, "INPS-2026-900012"), s.pending(demo.PartialCitizen, "INPS-2026-900013")}
	b := s.login(demo.INPSOfficer, "inps")
	list := b.get(worklist+edition2022+"&assegnata=a-nessuno&scegli=tutte").wants(200, "3 domande")
	if n := strings.Count(list.Body, `name="domanda"`); n != 3 {
		t.Fatalf("%d can be chosen", n)
	}
	ask := b.get(worklist + "/assegna?annualita=2022-decreto&domanda=" + ids[0] + "&domanda=" + ids[1] + "&domanda=" + ids[1])
	ask.wants(200, "A chi assegni 2 domande?")
	for range 2 {
		b.submit(ask, nil).wants(200, "Domande assegnate")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'application.assigned'`); n != 2 {
		t.Errorf("%d assignments on record", n)
	}
	// A second batch over some of the same leaves those as they are.
	b.submit(b.get(worklist+"/assegna?domanda="+ids[1]+"&domanda="+ids[2]), nil).wants(200, "1 domanda assegnata.", "1 lo era già.")
	b.get(worklist+edition2022+"&assegnata=a-me").wants(200, "3 domande", "Chiara Colombo")
	s.login(demo.INPSApprover, "inps").get(worklist+edition2022+"&assegnata=ad-altri").wants(200, "3 domande")
	again := b.get(worklist+"/assegna?annualita=2022-decreto&assegnata=a-me").wants(409, "Scegli almeno una domanda", "3 domande", "Togli i filtri")
	b.get(again.link("Togli i filtri")).wants(200)
	b.post(worklist+"/assegna", url.Values{"idem": {once.NewKey()}, "domanda": {ids[0]}, "operatore": {once.NewKey()}}).wants(422, "Scegli a chi assegnare")
	many := url.Values{"idem": {once.NewKey()}, "operatore": {"nessuno"}}
	for range 101 {
		many.Add("domanda", once.NewKey())
	}
	b.post(worklist+"/assegna", many).wants(422, "al massimo 100")
	s.login(demo.INPSPayer, "inps").post(worklist+"/assegna", url.Values{"idem": {once.NewKey()}, "domanda": {ids[0]}, "operatore": {"nessuno"}}).wants(403)
}

func TestTheWorklistIsFilteredByItsAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pending(demo.Parent, "INPS-2026-900021")
	b := s.login(demo.INPSOfficer, "inps")
	b.get(worklist+edition2022).wants(200, "1 domanda", "INPS-2026-900021", "12.345,67 €").silent("Marini")
	b.get(worklist+edition2022+"&stato=inviata&territorio=Lazio&isee=valido&canale=online").wants(200, "1 domanda")
	b.get(worklist+edition2022+"&stato=accolta").wants(200, "Nessuna domanda con questi filtri.", "Togli i filtri")
	b.get(worklist+edition2022+"&canale=sportello&ordine=scadenza&dopo=zzz").wants(200, "Nessuna domanda")
	b.get(worklist + "?territorio=Lazio'--&stato=%27").wants(200)
}

func TestWhatIsLookedForStaysOutOfAddressesAndTheRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pending(demo.Parent, "INPS-2026-900031")
	b := s.login(demo.INPSOfficer, "inps")
	for _, typed := range []string{"marini l", "INPS-2026-900031", string(fiscalCode(demo.Parent))} {
		p := b.post(worklist, url.Values{"cerca": {typed}}).wants(200, "Domande trovate", "INPS-2026-900031", "Laura Marini")
		if strings.Contains(strings.ToLower(p.URL.String()), "marini") || p.URL.RawQuery != "" {
			t.Error(p.URL)
		}
	}
	b.post(worklist, url.Values{"cerca": {"m"}}).wants(422, "almeno due lettere")
	b.post(worklist, url.Values{"cerca": {"Nessunissimo"}}).wants(200, "Nessun risultato")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'application.searched'`); n != 4 {
		t.Errorf("%d searches on record", n)
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE to_jsonb(audit)::text ILIKE '%marini%' OR to_jsonb(audit)::text LIKE '%900031%'`); n != 0 {
		t.Errorf("%d entries say what was typed", n)
	}
	if log := strings.ToLower(s.Logged.String()); strings.Contains(log, "marini") || strings.Contains(log, "900031") {
		t.Error("the log says what was typed")
	}
}

func TestAnExportRunsNoFormulaAndIsOnRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const bad = `=HYPERLINK("http://example.org";"clicca")`
	s.pending(demo.Parent, bad)
	b := s.login(demo.INPSApprover, "inps")
	p := b.get(worklist + ".csv" + edition2022 + "&stato=inviata").wants(200)
	text, marked := strings.CutPrefix(p.Body, "\ufeff")
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil || !marked || len(rows) != 2 || rows[1][0] != "'"+bad || rows[1][4] != "12345,67" || rows[1][6] != "Inviata" {
		t.Errorf("%v %q", err, rows)
	}
	if got := p.Header.Get("Content-Disposition"); got != `attachment; filename="domande-2022-decreto.csv"` {
		t.Error(got)
	}
	book, err := excelize.OpenReader(strings.NewReader(b.get(worklist + ".xlsx" + edition2022).wants(200).Body))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	cell, _ := book.GetCellValue(sheet, "A2")
	formula, _ := book.GetCellFormula(sheet, "A2")
	kind, _ := book.GetCellType(sheet, "A2")
	if cell != "'"+bad || formula != "" || kind != excelize.CellTypeInlineString {
		t.Errorf("%q is a cell of type %d, formula %q", cell, kind, formula)
	}
	var objects []map[string]any
	if err := json.NewDecoder(bytes.NewReader([]byte(b.get(worklist + ".json" + edition2022).wants(200).Body))).Decode(&objects); err != nil ||
		len(objects) != 1 || objects[0]["protocol"] != bad || objects[0]["isee"] != 12345.67 {
		t.Errorf("%v %v", err, objects)
	}
	if got := s.text(`SELECT string_agg(format || ' ' || filters || ' ' || rows, '; ' ORDER BY format) FROM exports JOIN audit ON subject_id = exports.id`); got !=
		"csv edition=2022-decreto state=submitted 1; json edition=2022-decreto 1; xlsx edition=2022-decreto 1" {
		t.Error(got)
	}
	for _, secret := range []string{"Marini", string(fiscalCode(demo.Parent))} {
		if strings.Contains(text, secret) {
			t.Errorf("the list names %s", secret)
		}
	}
}

func TestACodeIsBlockedFreedAndReplaced(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	old := s.code(demo.Citizen)
	b := s.login(demo.INPSOfficer, "inps")
	b.post(work+"/codici", url.Values{"cerca": {"pippo"}}).wants(422)
	p := b.post(work+"/codici", url.Values{"cerca": {old}}).wants(200, "Codice della domanda", "Maria Rossi", "Attivo").silent(old)
	if strings.Contains(p.URL.String(), strings.ReplaceAll(old, " ", "")) {
		t.Error(p.URL)
	}
	path := p.URL.Path
	b.submit(b.get(path+"/blocca"), nil).wants(422, "Scegli perché blocchi il codice")
	b.submit(b.get(path+"/blocca"), url.Values{"motivo": {"stolen"}}).wants(200, "Codice bloccato", "Codice perso o visto da altri")
	b.get(path + "/blocca").wants(409)
	psychologist := s.login(demo.Psychologist, "psicoterapeuta")
	check := psychologist.get("/professionisti/sedute/nuova")
	try := func(code string) page {
		return psychologist.submit(check, url.Values{"codice_univoco": {code}, "codice_fiscale": {string(fiscalCode(demo.Citizen))}})
	}
	if p := try(old); p.Status < 400 {
		t.Errorf("a blocked code books: %s", p.h1())
	}
	b.get(work+"/codici").wants(200, "Codici bloccati")
	b.submit(b.get(path+"/sblocca"), nil).wants(200, "Codice sbloccato", "Attivo")

	ask := b.get(path+"/rigenera").wants(200, "Il codice di prima smette subito di valere")
	for range 2 {
		b.submit(ask, nil).wants(200, "Codice rigenerato")
	}
	if n := s.count(`SELECT max(code_number) FROM vouchers`); n != 2 {
		t.Errorf("sent twice, it is code number %d", n)
	}
	fresh := s.code(demo.Citizen)
	if fresh == old {
		t.Fatal("the code is the old one")
	}
	if p := try(old); p.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old code answers %d", p.Status)
	}
	try(fresh).wants(200)
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('voucher.blocked', 'voucher.unblocked', 'voucher.code_replaced', 'voucher.code_sought')`); n != 4 {
		t.Errorf("%d entries, not 4", n)
	}
	s.login(demo.INPSPayer, "inps").get(path + "/blocca").wants(403)
	s.whole()
}

func TestCodesAreFoundByFiscalCode(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.INPSOfficer, "inps")
	b.post(work+"/codici", url.Values{"cerca": {string(fiscalCode(demo.Citizen))}}).wants(200, "Codici di Maria Rossi", "Attivo", "Scaduto")
	b.post(work+"/codici", url.Values{"cerca": {"VRDNNA92M41F839E"}}).wants(422, "Nessun codice con questi dati")
	// Guessing ends soon, for officers too.
	var last page
	for range voucher.Attempts.Most + 1 {
		last = b.post(work+"/codici", url.Values{"cerca": {"0000 0000 0000"}})
	}
	last.wants(429)
}

func TestTheContactCentreServesWhoCalls(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	code := s.code(demo.Citizen)
	b := s.login(demo.INPSOfficer, "inps")
	b.get(work+"/sportello").wants(200, "Il codice univoco non si legge al telefono")
	b.post(work+"/sportello", url.Values{"cerca": {"RSSMRA"}}).wants(422, "16 caratteri")
	b.post(work+"/sportello", url.Values{"cerca": {"VRDNNA92M41F839E"}}).wants(422, "Nessuno risulta")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = $1 AND about_id IS NULL`, string(voucher.CallerIdentified)); n != 1 {
		t.Error("a look that found nobody is on no record")
	}
	p := b.post(work+"/sportello", url.Values{"cerca": {string(fiscalCode(demo.Citizen))}}).wants(200, "Maria Rossi", "Accolta", "Sedute prenotate").
		silent(code, code[:4]+" ")
	if p.URL.RawQuery != "" || strings.Contains(p.title(), "Rossi") {
		t.Errorf("%s %s", p.URL, p.title())
	}
	ask := b.get(p.link("Annulla seduta")).wants(200, "per conto del cittadino?")
	b.submit(ask, nil).wants(422, "Scrivi il motivo")
	ask = b.get(p.link("Annulla seduta"))
	before := s.count(`SELECT count(*) FROM bookings WHERE state = 'cancelled'`)
	for range 2 {
		b.submit(ask, url.Values{"motivo": {"Non può andare"}}).wants(200, "Seduta annullata")
	}
	if after := s.count(`SELECT count(*) FROM bookings WHERE state = 'cancelled'`); after != before+1 {
		t.Errorf("%d sessions cancelled", after-before)
	}
	if n := s.count(`SELECT count(*) FROM notes n JOIN bookings b ON b.id = n.subject_id WHERE n.text = 'Non può andare' AND b.cancelled_by = n.author_id AND b.cancel_reason = 'beneficiary'`); n != 1 {
		t.Error("the reason is not noted")
	}
	s.whole()

	// Somebody else's session is not there, and after the call nobody's is.
	b.get(work + "/sportello/sedute/" + once.NewKey()).wants(404)
	b.post(work+"/sportello", url.Values{"fine": {"1"}}).wants(200, "Codice fiscale di chi chiama")
	if p := b.get(ask.URL.Path); p.URL.Path != work+"/sportello" {
		t.Error(p.URL)
	}
	s.login(demo.INPSPayer, "inps").get(work + "/sportello").wants(403)
}

func TestAMessageIsSentAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	message := s.text(`WITH e AS (INSERT INTO audit (at, role, action) VALUES (now(), 'system', 'voucher.expired') RETURNING id)
		INSERT INTO messages (recipient_id, entry_id, kind, subject, body, sent_at, mailed_at)
		SELECT p.id, e.id, 'a01', 'INPS: c’è una novità sulla tua domanda', 'Accedi.', now(), now() FROM persons p, e WHERE p.fiscal_code = $1 RETURNING id::text`,
		string(fiscalCode(demo.Citizen)))
	b := s.login(demo.INPSOfficer, "inps")
	b.post(work+"/sportello", url.Values{"cerca": {string(fiscalCode(demo.Citizen))}}).wants(200, "INPS: c’è una novità sulla tua domanda")
	ask := b.get(work+"/sportello/messaggi/"+message).wants(200, "Vuoi reinviare il messaggio?")
	for range 2 {
		b.submit(ask, nil).wants(200, "Messaggio reinviato")
	}
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND args->>'message' = $1`, message); n != 1 {
		t.Errorf("%d mails on their way", n)
	}
	b.post(work+"/sportello", url.Values{"cerca": {string(fiscalCode(demo.PartialCitizen))}})
	b.get(work + "/sportello/messaggi/" + message).wants(404) // of somebody who is not on the line
}

func TestOnlyWhoWorksOnApplicationsReadsThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.pending(demo.Parent, "INPS-2022-000001")
	review, _ := s.ownReview(fiscalCode(demo.Citizen))
	run := s.text(`SELECT id::text FROM ranking_runs WHERE state = 'published' ORDER BY edition_id DESC, number LIMIT 1`)
	cases := []string{"/domande", "/domande.csv" + edition2022, "/domande/" + id, "/domande/" + id + "/isee", "/domande/" + id + "/nota", "/codici", "/riesami", "/riesami/" + review, "/deleghe"}
	runs := []string{"/graduatorie", "/simulazioni/" + run, "/simulazioni/" + run + "/graduatoria.csv", "/pubblicazioni/" + run}
	for hint, closed := range map[demo.Hint][]string{demo.INPSPayer: append(runs, cases...), demo.INPSPublisher: cases} {
		b := s.login(hint, "inps")
		for _, path := range closed {
			b.get(work+path).wants(403, "serve un altro incarico")
		}
		b.post(worklist, url.Values{"cerca": {"Marini"}}).wants(403)
		b.post(work+"/codici", url.Values{"cerca": {s.code(demo.Citizen)}}).wants(403)
		b.post(work+"/deleghe", url.Values{"codice_fiscale": {string(fiscalCode(demo.Citizen))}}).wants(403)
		b.get(work).wants(200)
	}
	who := s.officer(demo.INPSPayer, identity.Pay)
	_, opened := s.Portal.Desk.Open(t.Context(), who, voucher.ApplicationID(id))
	_, found := s.Portal.Desk.Search(t.Context(), who, voucher.Quest{})
	taken := s.Portal.Desk.Export(t.Context(), who, voucher.Worklist{Edition: "2025"}, "csv", func(voucher.WorkRow) error { return nil })
	noted := s.Portal.Desk.Note(t.Context(), who, once.Form{}, voucher.ApplicationID(id), "x")
	_, sought := s.Portal.Vouchers.Seek(t.Context(), who, "")
	_, read := s.Portal.Reexaminations.Case(t.Context(), who, voucher.ReexaminationID(review))
	_, _, acting := s.Portal.Mandates.Search(t.Context(), who, fiscalCode(demo.Citizen))
	for act, err := range map[string]error{"open": opened, "search": found, "export": taken, "note": noted, "seek": sought, "review": read, "mandates": acting} {
		if !errors.Is(err, identity.ErrNoDuty) {
			t.Errorf("%s: %v", act, err)
		}
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE person_id = $1 AND subject_id IS NOT NULL AND at >= $2`, string(who.Person), noon); n != 0 {
		t.Errorf("%d looks", n)
	}
}

func TestAnotherHatForgetsWhoWasOnTheLine(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.INPSOfficer, "inps")
	b.post(work+"/sportello", url.Values{"cerca": {string(fiscalCode(demo.Citizen))}}).wants(200, "Maria Rossi")
	b.submit(b.get("/profili"), url.Values{"profilo": {"cittadino"}})
	b.submit(b.get("/profili"), url.Values{"profilo": {"inps"}})
	b.get(work+"/sportello").wants(200, "Codice fiscale di chi chiama").silent("Maria Rossi")
}

func TestWhoTakesACaseFromItsPageIsLedBackToIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	at := worklist + "/" + s.pending(demo.Citizen, "INPS-2026-900012")
	b := s.login(demo.INPSOfficer, "inps")
	ask := b.get(b.get(at+"/dati").link("Prendi in carico")).wants(200, "A chi assegni 1 domanda?", "Torna alla domanda")
	if back := ask.link("Torna alla domanda"); back != at+"/dati" {
		t.Errorf("back to %s", back)
	}
	ask = b.submit(ask, url.Values{"operatore": {"chiunque"}}).wants(422, "Scegli a chi assegnare", "Torna alla domanda")
	if p := b.submit(ask, nil).wants(200, "Domande assegnate"); p.URL.Path != at+"/dati" {
		t.Errorf("it ends at %s", p.URL)
	}
	for _, strange := range []string{"https://example.org/", "//example.org/", "/gestione/inps/pagamenti", "/gestione/inps/domandeovunque"} {
		if p := b.get(worklist+"/assegna?domanda="+at[len(worklist)+1:]+"&ritorno="+url.QueryEscape(strange)).wants(200, "Torna all’elenco delle domande"); p.link("Torna all’elenco") != worklist {
			t.Errorf("%s leads to %s", strange, p.link("Torna all’elenco"))
		}
	}
}
