package portal_test

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/demo"
	"portal/internal/once"
)

const retentionAddress = "/amministrazione/conservazione"

// proposedErasure is an erasure that somebody proposed, of a message.
func (s *site) proposedErasure(fiscalCode string) string {
	s.Helper()
	if s.count(`SELECT count(*) FROM erasures`) == 0 {
		s.exec(`WITH made AS (INSERT INTO erasures (id, class, cut_on, things, grounds, proposed_by, proposed_at)
			SELECT gen_random_uuid(), 'review_papers', '2026-01-01', 1, 'Prova', id, $2 FROM persons WHERE fiscal_code = $1 RETURNING id)
			INSERT INTO erasure_things (erasure_id, thing_id) SELECT id, gen_random_uuid() FROM made`, fiscalCode, s.Now())
	}
	return s.text(`SELECT id::text FROM erasures`)
}

// placedHold is a hold that somebody placed.
func (s *site) placedHold(fiscalCode string) string {
	s.Helper()
	s.exec(`INSERT INTO legal_holds (id, subject_id, person_id, protocol, reason, placed_by, placed_at)
		SELECT gen_random_uuid(), x.id, x.member_id, x.protocol, 'Ricorso', p.id, $2 FROM persons p, (SELECT * FROM indemnity_applications ORDER BY protocol LIMIT 1) x
		WHERE p.fiscal_code = $1 ON CONFLICT DO NOTHING`, fiscalCode, s.Now())
	return s.text(`SELECT id::text FROM legal_holds LIMIT 1`)
}

// old moves the clock of the site so far that all is past its time.
func (s *site) old() { s.At(time.Date(2040, 3, 1, 12, 0, 0, 0, noon.Location())) }

// trial is the page that counts what would go of a class.
func (b *browser) trial(class string) page {
	b.Helper()
	return b.get(retentionAddress+"/classi/"+class).wants(200, "Prova senza effetti")
}

func TestPapersPastTheirTimeGoByTheWordOfTwoAndTheirDigestsStay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.Administrator, "oversight").get("/area-personale").wants(200, "Conservazione")
	if p := s.login(demo.Administrator, "oversight").trial("domande-pagate"); !strings.Contains(p.text(), "Oggi non c’è nulla da eliminare") {
		t.Error("papers of cases that were paid last month are past their time")
	}
	s.old()
	b, other := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	b.get(retentionAddress).wants(200, "5 anni", "3 anni", "2 anni", "10 anni", "Il portale non li elimina", "Sessioni di accesso", "Nessuna eliminazione è mai stata proposta")
	trial := b.trial("domande-pagate")
	for _, name := range []string{"Bianchi", "RSSMRA", "certificato"} {
		trial.silent(name)
	}
	files := s.count(`SELECT count(*) FROM attachments`)
	b.submit(trial, url.Values{"atto": {" "}}).wants(422, "Scrivi l’atto o il motivo dell’eliminazione")
	b.submit(trial, url.Values{"atto": {"Decisione 12"}, "versione": {"1"}}).wants(409, "Nel frattempo il numero è cambiato")
	made := b.submit(b.trial("domande-pagate"), url.Values{"atto": {"Decisione 12"}}).wants(200, "Da approvare", "Hai proposto tu questa eliminazione").silent("Che cosa decidi?")
	address := made.URL.Path
	b.post(address, url.Values{"decisione": {"approva"}, "idem": {once.NewKey()}}).wants(409, "Hai proposto tu questa eliminazione")
	if _, err := s.Pool.Exec(t.Context(), `UPDATE erasures SET state = 'approved', decided_by = proposed_by, decided_at = now()`); err == nil || !strings.Contains(err.Error(), "nobody_decides_on_an_erasure_they_proposed") {
		t.Errorf("the database lets who proposed approve: %v", err)
	}
	b.trial("domande-pagate").wants(200, "c’è già un’eliminazione aperta")
	if n, err := s.Portal.Retention.EraseDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d things went that nobody approved: %v", n, err)
	}

	page := other.get(address).wants(200, "Che cosa decidi?")
	other.submit(page, url.Values{"decisione": {"approva"}}).wants(200, "In corso")
	other.submit(page, url.Values{"decisione": {"approva"}}).wants(200, "In corso") // the same form, once
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'erase'`); n != 1 {
		t.Errorf("%d jobs", n)
	}
	things := s.count(`SELECT things FROM erasures`)
	for range 2 { // done twice, it does no more
		if _, err := s.Portal.Retention.EraseDue(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	other.get(address).wants(200, "Eseguita", "Decisione 12")
	if erased, kept := s.count(`SELECT count(*) FROM attachments WHERE erased_at IS NOT NULL`), s.count(`SELECT count(*) FROM attachments`); erased != things || kept != files || erased == 0 {
		t.Errorf("%d of %d files are gone, and %d of %d rows are left", erased, things, kept, files)
	}
	if n := s.count(`SELECT count(*) FROM attachment_chunks c JOIN attachments a ON a.id = c.attachment_id WHERE a.erased_at IS NOT NULL`); n != 0 {
		t.Errorf("%d chunks of files that are gone", n)
	}
	if n := s.count(`SELECT count(*) FROM attachments WHERE erased_at IS NOT NULL AND (length(digest) <> 32 OR name NOT LIKE 'Eliminato il %')`); n != 0 {
		t.Errorf("%d rows lost their digest, or kept the name", n)
	}
	if got := s.text(`SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE action LIKE 'erasure.%'`); got != "erasure.proposed erasure.approved erasure.done" {
		t.Errorf("the register says %s", got)
	}
	if n := s.count(`SELECT count(*) FROM indemnity_papers p LEFT JOIN attachments a ON a.id = p.attachment_id WHERE a.id IS NULL AND p.sent_at IS NOT NULL`); n != 0 {
		t.Errorf("%d papers that were sent have no row of a file", n)
	}
	s.whole()
}

// Whoever asks for the file of a paper that was erased reads why there is none, and the
// register does not say that they opened it. The case still tells that it was there.
func TestAPaperThatWasErasedSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.old()
	b, other := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	address := b.submit(b.trial("domande-pagate"), url.Values{"atto": {"Decisione 12"}}).wants(200).URL.Path
	other.submit(other.get(address), url.Values{"decisione": {"approva"}}).wants(200)
	kase := s.text(`SELECT p.case_id::text FROM indemnity_papers p JOIN erasure_things t ON t.thing_id = p.attachment_id JOIN persons m ON m.fiscal_code = $1
		JOIN indemnity_applications a ON a.id = p.case_id AND a.member_id = m.id LIMIT 1`, string(fiscalCode(demo.CyclesMember)))
	paper := s.text(`SELECT p.id::text FROM indemnity_papers p JOIN erasure_things t ON t.thing_id = p.attachment_id WHERE p.case_id::text = $1 ORDER BY p.added_at LIMIT 1`, kase)
	name := s.text(`SELECT a.name FROM indemnity_papers p JOIN attachments a ON a.id = p.attachment_id WHERE p.id::text = $1`, paper)
	member, officer := s.login(demo.CyclesMember, "iscritto"), s.welfareOfficer()
	const opened = `SELECT count(*) FROM audit WHERE action = 'indemnity.paper_opened'`
	own, desk := memberCases+"/"+kase+"/documenti/"+paper, welfareWork+"/domande/"+kase+"/documenti/"+paper
	auditor, file := s.login(demo.Auditor, "oversight"), filesWork+"/"+kase
	lists := map[string]*browser{memberCases + "/" + kase + "/documenti": member, memberCases + "/" + kase + "/ricevuta": member, welfareWork + "/domande/" + kase + "/documenti": officer,
		welfareWork + "/domande/" + kase + "/verifiche/" + officer.checkOf(kase, paper): officer}
	for at, who := range lists {
		if who.get(at).wants(200).leadsTo(paper) == 0 {
			t.Errorf("%s leads to no paper", at)
		}
	}
	officer.get(desk).wants(200)
	if n := s.count(opened); n != 1 {
		t.Fatalf("the register says of %d openings", n)
	}
	if _, err := s.Portal.Retention.EraseDue(t.Context()); err != nil {
		t.Fatal(err)
	}
	for at, who := range map[string]*browser{own: member, own + "/pagine/1": member, desk: officer, desk + "/visore": officer, desk + "/pagine/1": officer} {
		p := who.get(at).wants(http.StatusGone, "Documento eliminato", "era finito il tempo per cui si conserva", "Ne restano l’impronta e la data di eliminazione").silent(name)
		if kind := p.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") || p.Header.Get("Content-Disposition") != "" {
			t.Errorf("%s is answered as %s", at, kind)
		}
		who.get(p.link("Torna alla domanda")).wants(200)
	}
	if n := s.count(opened); n != 1 {
		t.Errorf("the register says of %d openings", n)
	}
	lists[file+"/documenti"] = auditor
	for at, who := range lists {
		if n := who.get(at).wants(200, "Eliminato il 01/03/2040").silent(name, "Scarica Eliminato").leadsTo(paper); n != 0 {
			t.Errorf("%s leads %d times to a paper that is gone", at, n)
		}
	}
	s.login(demo.Member, "iscritto").get(own).wants(404)
	if strings.Contains(s.Logged.String(), name) {
		t.Error("the log names the paper")
	}
}

// leadsTo is how many links of a page lead to a paper, or show it.
func (p page) leadsTo(paper string) (n int) {
	p.Helper()
	for _, a := range p.one("main").all("a") {
		if strings.Contains(a.attr("href"), paper) {
			n++
		}
	}
	return n
}

// checkOf is the check of a case that shows a paper.
func (b *browser) checkOf(kase, paper string) string {
	b.Helper()
	for i := range 9 {
		check := "V" + strconv.Itoa(i+1)
		if b.get(welfareWork+"/domande/"+kase+"/verifiche/"+check).leadsTo(paper) > 0 {
			return check
		}
	}
	b.Fatal("no check shows the paper")
	return ""
}

// What was handed in with a request for re-examination is listed as erased, and no more a link.
func TestAnErasedPaperOfAReexaminationIsNoLinkAnyMore(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	member, _, path := s.decidedCase()
	member.askReview(path).wants(200, "Richiesta inviata")
	application, own := s.refused(demo.ExcludedCitizen)
	s.give(application, 70_000)
	citizen := s.login(demo.ExcludedCitizen, "")
	citizen.ask(own).wants(200, "Richiesta inviata")
	fellow, officer := s.login(demo.WelfareFellow, "welfare"), s.login(demo.INPSOfficer, "inps")
	pages := []struct {
		who          *browser
		at, of, gone string
	}{
		{member, path, "carta.pdf", "Eliminato il 01/03/2040"},
		{fellow, fellow.get(caseReviews).link(s.lastReview()), "carta.pdf", "Eliminato il 01/03/2040"},
		{citizen, own, "isee 2025.pdf", "Eliminato il 02/03/2040"},
		{officer, officer.get("/gestione/inps/riesami").link("INPS-2026-"), "isee 2025.pdf", "Eliminato il 02/03/2040"},
	}
	ids, files := map[string]string{}, map[string]string{}
	for _, x := range pages {
		ids[x.of] = s.text(`SELECT id::text FROM attachments WHERE name = '` + x.of + `'`)
		p := x.who.get(x.at).wants(200, x.of)
		if p.leadsTo(ids[x.of]) == 0 {
			t.Errorf("%s leads to no paper", x.at)
		}
		for _, a := range p.one("main").all("a") {
			if strings.HasSuffix(a.attr("href"), ids[x.of]) {
				files[x.at] = a.attr("href")
			}
		}
	}
	for _, x := range pages {
		s.forced(`WITH gone AS (DELETE FROM attachment_chunks WHERE attachment_id = $1)
			UPDATE attachments SET erased_at = now(), name = $2 WHERE id = $1`, ids[x.of], x.gone)
	}
	for _, x := range pages {
		if n := x.who.get(x.at).wants(200, x.gone).leadsTo(ids[x.of]); n != 0 {
			t.Errorf("%s leads %d times to a paper that is gone", x.at, n)
		}
		gone, back, to := x.who.get(files[x.at]).wants(http.StatusGone, "Documento eliminato"), "Torna al riesame", x.at
		if x.of == "isee 2025.pdf" { // its address does not say of what it is
			back, to = "Vai all’area personale", "/area-personale"
		}
		x.who.get(gone.link(back)).arrives(to)
	}
}

func TestAnErasureStopsWhereACaseWasHeldSince(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.old()
	b, other := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	address := b.submit(b.trial("domande-pagate"), url.Values{"atto": {"Decisione 12"}}).wants(200).URL.Path
	other.submit(other.get(address), url.Values{"decisione": {"approva"}}).wants(200)

	protocol := s.text(`SELECT x.protocol FROM erasure_things t JOIN attachments a ON a.id = t.thing_id JOIN indemnity_applications x ON x.id = a.subject_id LIMIT 1`)
	ask := b.get(retentionAddress + "/vincoli/nuovo")
	b.submit(ask, url.Values{"protocollo": {"ENPAP-1999-000001"}, "motivo": {"Ricorso"}}).wants(422, "Nessuna domanda ha questo numero")
	b.submit(ask, url.Values{"protocollo": {protocol}, "motivo": {""}}).wants(422, "Scrivi il motivo")
	b.submit(ask, url.Values{"protocollo": {strings.ToLower(protocol)}, "motivo": {"Ricorso al TAR"}}).wants(200, "Vincolata", "Ricorso al TAR", "Lo toglie un altro amministratore")
	b.submit(b.get(retentionAddress+"/vincoli/nuovo"), url.Values{"protocollo": {protocol}, "motivo": {"Ancora"}}).wants(409, "già vincolata")

	if n, err := s.Portal.Retention.EraseDue(t.Context()); n != 0 || err != nil {
		t.Errorf("%d things went: %v", n, err)
	}
	other.get(address).wants(200, "Fermata", "Quello che restava non è stato toccato")
	if n := s.count(`SELECT count(*) FROM attachments WHERE erased_at IS NOT NULL`); n != 0 {
		t.Errorf("%d files went all the same", n)
	}
	b.trial("domande-pagate").wants(200, "Lasciati per un vincolo")

	// Who placed the hold does not end it: at the screen, by the address, in the database.
	end := retentionAddress + "/vincoli/" + s.text(`SELECT id::text FROM legal_holds`) + "/togli"
	b.get(end).wants(409, "Hai messo tu questo vincolo")
	b.post(end, url.Values{"motivo": {"x"}, "idem": {once.NewKey()}}).wants(409, "Hai messo tu questo vincolo")
	if _, err := s.Pool.Exec(t.Context(), `UPDATE legal_holds SET ended_by = placed_by, ended_at = now(), ended_why = 'x'`); err == nil || !strings.Contains(err.Error(), "nobody_ends_a_hold_they_placed") {
		t.Errorf("the database lets who placed a hold end it: %v", err)
	}
	page := other.get(end).wants(200, "Vuoi togliere questo vincolo?")
	other.submit(page, url.Values{"motivo": {""}}).wants(422, "Scrivi il motivo")
	other.submit(page, url.Values{"motivo": {"Ricorso respinto"}}).wants(200, "Vincolo tolto", "Ricorso respinto")
	other.submit(page, url.Values{"motivo": {"Ricorso respinto"}, "idem": {once.NewKey()}}).wants(409, "già stato tolto")
}

func TestWhatTheRulesDoNotLetGoStays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.old()
	b := s.login(demo.Administrator, "oversight")
	for _, class := range []string{"decisioni", "decisions", "x", "logins"} {
		b.get(retentionAddress + "/classi/" + class).wants(404)
	}
	for sql, guard := range map[string]string{
		`UPDATE attachments SET erased_at = now()`:      "paper_is_erased_by_two",
		`DELETE FROM attachment_chunks`:                 "attachment_keeps_its_content",
		`UPDATE retention_rules SET kept_for = '1 day'`: "retention_rules_are_kept",
		`INSERT INTO erasures (id, class, cut_on, things, grounds, proposed_by, proposed_at) SELECT gen_random_uuid(), 'decisions', '2026-01-01', 1, 'x', id, now() FROM persons LIMIT 1`: "erasure_is_proposed_first",
	} {
		_, err := s.Pool.Exec(t.Context(), sql)
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.ConstraintName != guard {
			t.Errorf("%s does not stop %s: %v", guard, sql, err)
		}
	}
	if s.count(`SELECT count(*) FROM messages`) == 0 {
		t.Fatal("nobody was ever told anything")
	}
	other := s.login(demo.Confirmer, "oversight")
	address := b.submit(b.trial("messaggi"), url.Values{"atto": {"Decisione 13"}}).wants(200).URL.Path
	other.submit(other.get(address), url.Values{"decisione": {"rifiuta"}, "motivo": {"Non ancora"}}).wants(200, "Rifiutata", "Non ancora")
	address = b.submit(b.trial("messaggi"), url.Values{"atto": {"Decisione 14"}}).wants(200).URL.Path
	b.submit(b.get(address), nil).wants(200, "Ritirata")
	address = b.submit(b.trial("messaggi"), url.Values{"atto": {"Decisione 15"}}).wants(200).URL.Path
	other.submit(other.get(address), url.Values{"decisione": {"approva"}}).wants(200)
	audited := s.count(`SELECT count(*) FROM audit`)
	if n, err := s.Portal.Retention.EraseDue(t.Context()); n == 0 || err != nil {
		t.Errorf("%d messages went: %v", n, err)
	}
	if n := s.count(`SELECT count(*) FROM messages`); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	if n := s.count(`SELECT count(*) FROM audit`); n != audited+1 {
		t.Errorf("the register has %d entries, not %d", n, audited+1)
	}
}
