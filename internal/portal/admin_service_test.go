package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/portal"
)

// What the matrix of roles says is what the site does: the address that stands for each
// permission is asked by somebody of every duty of its office.
func TestTheMatrixOfRolesIsWhatTheSiteDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.exec(`INSERT INTO role_grants (person_id, role, duty, during) SELECT id, 'welfare', 'publish', '[2020-01-01,)' FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.PartialCitizen)))
	people := map[identity.Role]map[identity.Duty]demo.Hint{
		identity.INPS:      {identity.Prepare: demo.INPSOfficer, identity.Approve: demo.INPSApprover, identity.Publish: demo.INPSPublisher, identity.Pay: demo.INPSPayer},
		identity.CNOP:      {identity.Prepare: demo.CNOPPreparer, identity.Approve: demo.CNOPSender},
		identity.Welfare:   {identity.Prepare: demo.WelfareOfficer, identity.Approve: demo.WelfareApprover, identity.Pay: demo.WelfarePayer, identity.Publish: demo.PartialCitizen},
		identity.Oversight: {identity.Audit: demo.Auditor, identity.Administer: demo.Administrator},
	}
	for office, hints := range people {
		for duty, hint := range hints {
			b := s.login(hint, string(office))
			b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			for _, may := range portal.Permissions {
				if may.Office != office {
					continue
				}
				if may.Rule != nil {
					who := identity.Own("somebody", office).WithDuties([]identity.Duty{duty})
					if lets := may.Rule(who) == nil; lets != slices.Contains(may.Duties, duty) {
						t.Errorf("%s of %s may %s: %t, and the matrix says otherwise", duty, office, may.Words, lets)
					}
					continue
				}
				if _, listed := accessTable[may.Address]; !listed {
					t.Errorf("%s is no address of the site", may.Address)
				}
				p := b.get(s.own(demo.Psychologist)(strings.TrimPrefix(may.Address, "GET ")))
				if lets := p.Status != http.StatusForbidden && p.Status != http.StatusNotFound; lets != slices.Contains(may.Duties, duty) {
					t.Errorf("%s of %s at %s: %d (%s), and the matrix says otherwise", duty, office, may.Address, p.Status, p.h1())
				}
			}
		}
	}
	s.login(demo.Administrator, "oversight").get("/amministrazione/ruoli").wants(200, "chi propone le graduatorie non può approvarle", "Dare e togliere i ruoli")
}

// Whatever the pages of oversight are about is in the matrix: an area that has no row of its
// own there would be open to somebody without a word.
func TestEveryAreaOfOversightIsInTheMatrixOfRoles(t *testing.T) {
	t.Parallel()
	area := func(address string) string { return strings.Join(strings.SplitN(address, "/", 4)[:3], "/") }
	told := map[string]bool{"GET /amministrazione/ruoli": true, "GET /amministrazione/proposte": true} // the matrix itself, and the roles that wait
	for _, may := range portal.Permissions {
		if may.Address != "" {
			told[area(may.Address)] = true
		}
	}
	for address, who := range accessTable {
		if !strings.HasPrefix(address, "GET ") || who != auditors && who != administrators && who != overseers {
			continue
		}
		if at := strings.TrimSuffix(strings.TrimSuffix(area(address), ".csv"), ".zip"); !told[at] {
			t.Errorf("%s is in no row of the matrix of roles", at)
		}
	}
}

func TestAPlannedStopIsSaidOnEveryPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, reader := s.login(demo.Administrator, "oversight"), s.browser()
	reader.get("/").silent("Interruzione programmata")
	stop := func(day, month, from, to string) url.Values {
		return url.Values{"testo": {"Aggiorniamo il database: non si possono inviare domande."}, "dal-giorno": {day}, "dal-mese": {month}, "dal-anno": {"2026"}, "dal-ora": {from},
			"al-giorno": {day}, "al-mese": {month}, "al-anno": {"2026"}, "al-ora": {to}}
	}
	ask := b.get("/amministrazione/servizio/nuovo")
	b.submit(ask, nil).wants(422, "Scrivi che cosa non funziona", "Scrivi il giorno in cui comincia", "Scrivi il giorno in cui finisce")
	b.submit(ask, stop("22", "11", "8", "9")).wants(422, "deve cominciare nel futuro")
	b.submit(ask, stop("28", "11", "10", "9")).wants(422, "La fine viene dopo l’inizio")
	bad := stop("28", "11", "8", "9")
	bad.Set("testo", " ")
	b.submit(ask, bad).wants(422, "Scrivi che cosa non funziona")
	b.submit(ask, stop("28", "11", "8", "10")).wants(200, "Interruzione programmata", "In queste ore non scadono termini")
	b.submit(b.get("/amministrazione/servizio/nuovo"), stop("28", "11", "9", "11")).wants(409, "c’è già un’interruzione programmata")

	reader.get("/").wants(200, "Interruzione programmata: comincia il 28 novembre 2026 alle 08:00", "Aggiorniamo il database")
	s.login(demo.Citizen, "cittadino").get("/contributo-psicoterapia/domande").wants(200, "Aggiorniamo il database")
	reader.get("/stato-servizio").wants(200, "Dal 28/11/2026, 08:00 al 28/11/2026, 10:00")
	s.At(time.Date(2026, 11, 28, 8, 30, 0, 0, noon.Location()))
	reader.get("/").wants(200, "Interruzione in corso: finisce il 28 novembre 2026 alle 10:00")
	s.At(time.Date(2026, 11, 28, 10, 0, 0, 0, noon.Location()))
	reader.get("/").silent("Interruzione in corso", "Interruzione programmata")
	reader.get("/stato-servizio").wants(200, "Interruzioni passate")
}

func TestAStopIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	s.exec(`INSERT INTO planned_stops (id, says, during, planned_by, planned_at) SELECT gen_random_uuid(), 'Aggiornamento', '[2026-11-24 08:00+01,2026-11-24 09:00+01)', id, now() FROM persons WHERE fiscal_code = $1`,
		string(fiscalCode(demo.Confirmer)))
	end := b.get(b.get("/amministrazione/servizio").wants(200, "Bruno Villa").link("Annulla l’interruzione"))
	b.submit(end.wants(200, "Vuoi annullare questa interruzione?"), nil).wants(200, "Interruzione annullata").silent("Interruzione programmata:")
	b.submit(end, url.Values{"idem": {once.NewKey()}}).wants(409, "già conclusa o annullata")
	if got := s.text(`SELECT string_agg(action, ' ') FROM audit WHERE action LIKE 'stop.%' AND at >= $1`, noon); got != "stop.withdrawn" {
		t.Errorf("the register says %s", got)
	}
}

// Terms that end in a stop are shown before it is planned, with how many of each kind.
func TestWhoPlansAStopReadsWhichTermsEndInIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	var day time.Time
	if err := s.Pool.QueryRow(t.Context(), `SELECT min(last_day) FROM vouchers WHERE state = 'active' AND last_day > '2026-11-24'`).Scan(&day); err != nil {
		t.Fatal(err)
	}
	next := day.AddDate(0, 0, 1)
	fields := url.Values{"testo": {"Fermi di notte."}, "dal-giorno": {day.Format("2")}, "dal-mese": {day.Format("1")}, "dal-anno": {day.Format("2006")}, "dal-ora": {"23:00"},
		"al-giorno": {next.Format("2")}, "al-mese": {next.Format("1")}, "al-anno": {next.Format("2006")}, "al-ora": {"1:00"}}
	warned := b.submit(b.get("/amministrazione/servizio/nuovo"), fields).wants(200, "In queste ore scad", "Validità dei codici", day.Format("02/01/2006")+", 23:59")
	if n := s.count(`SELECT count(*) FROM planned_stops WHERE planned_at >= $1`, noon); n != 0 {
		t.Errorf("%d stops planned before anybody read of the terms", n)
	}
	// Other hours are other terms: they are shown anew.
	b.submit(warned, url.Values{"dal-ora": {"22:00"}}).wants(200, "Programma lo stesso")
	b.submit(warned, nil).wants(200, "Interruzione programmata", "In queste ore scad")
	// A term at midnight does not end in a stop that begins then.
	fields.Set("dal-ora", "0:00")
	for _, n := range []string{"giorno", "mese", "anno"} {
		fields.Set("dal-"+n, fields.Get("al-"+n))
	}
	s.exec(`UPDATE planned_stops SET withdrawn_by = planned_by, withdrawn_at = now()`)
	if p := b.submit(b.get("/amministrazione/servizio/nuovo"), fields); strings.Contains(p.one("main").text(), day.Format("02/01/2006")+", 23:59") {
		t.Error("a term that ended at midnight is told of a stop that begins at midnight")
	}
}

func TestFailedMessagesAreSentAgainAndNobodyReadsThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	s.exec(`DELETE FROM river_job`)
	b.get("/amministrazione/notifiche").wants(200, "Non ci sono invii da riprovare")
	s.exec(`INSERT INTO river_job (kind, args, max_attempts, attempt, state, finalized_at, scheduled_at) VALUES
		('mail', '{"message": "x"}', 12, 12, 'discarded', now(), now()), ('mail', '{"message": "y"}', 12, 3, 'retryable', NULL, now() + interval '3 hours'),
		('mail', '{"message": "z"}', 12, 1, 'cancelled', now(), now()), ('notify', '{"entry": 1}', 12, 0, 'available', NULL, now())`)
	page := b.get("/amministrazione/notifiche").wants(200, "2 invii non sono riusciti", "Email", "Messaggi nel portale")
	b.submit(page, nil).wants(200, "2 invii ripartono adesso")
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'mail' AND state = 'available' AND attempt < max_attempts AND finalized_at IS NULL`); n != 2 {
		t.Errorf("%d mails are sent again", n)
	}
	if n := s.count(`SELECT count(*) FROM river_job WHERE state = 'cancelled'`); n != 1 {
		t.Error("what the other side will never take is offered again")
	}
	b.submit(page, nil).wants(200, "2 invii ripartono adesso") // the same form, once
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'deliveries.retried'`); n != 1 {
		t.Errorf("the register has it %d times", n)
	}
}

func TestANeighbourIsAskedWhetherItIsThere(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	list := b.get("/amministrazione/collegamenti").wants(200, "Accesso con SPID e CIE", "Non ancora provato", "Antivirus dei documenti", "Non collegato")
	try := func(name string) page {
		return b.post("/amministrazione/collegamenti/"+name, url.Values{"idem": {once.NewKey()}})
	}
	try("broker").wants(200, "Accesso con SPID e CIE: risponde.")
	s.Broker.Close()
	try("broker").wants(200, "Accesso con SPID e CIE: non si raggiunge.", "Non risponde")
	try("scanner").wants(404)
	try("nobody").wants(404)
	if got := s.text(`SELECT concat_ws(' ', failure, answered_at IS NOT NULL, failed_at IS NOT NULL) FROM neighbours WHERE name = 'broker'`); got != "silent t t" {
		t.Errorf("kept %s", got)
	}
	if len(list.all("form")) < 2 {
		t.Error("no neighbour can be asked")
	}
}

func TestOversightReadsTheRulesAndHowTheyChanged(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for _, hint := range []demo.Hint{demo.Auditor, demo.Administrator} {
		b := s.login(hint, "oversight")
		list := b.get("/controlli/regole").wants(200, "Annualità del contributo", "Bandi dell’indennità")
		edition := b.get(list.link("Annualità 2025")).wants(200, "versione 1").silent("Modifica", "Proponi")
		compared := b.get(edition.URL.Path+"?versione=1&con=2022-decreto.1").wants(200, "Prima: Annualità 2022-decreto, versione 1")
		if len(compared.all("table")) < 2 || len(compared.all("form")) < 1 {
			t.Error("nothing is compared")
		}
		b.get(edition.URL.Path + "?versione=99").wants(404)
		b.get("/controlli/regole/annualita/Nessuna").wants(404)
		b.get("/controlli/regole/bandi/2026-11").wants(200, "versione 1")
		b.get("/controlli/regole/bandi/1999-13").wants(404)
	}
	s.login(demo.INPSOfficer, "inps").get("/controlli/regole").wants(404)
}
