package portal_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/once"
	"portal/internal/postgres"
)

const parametersAddress = "/amministrazione/parametri"

// proposedParameters is a change that somebody proposed, or had proposed before.
func (s *site) proposedParameters(fiscalCode string) string {
	s.Helper()
	s.exec(`INSERT INTO parameter_versions (id, from_day, idle_minutes, login_hours, file_mb, files, together_mb, name, tagline, inps, enpap, rest_days, grounds, proposed_by, proposed_at)
		SELECT gen_random_uuid(), '2027-06-01', 20, 8, 10, 20, 60, 'Contributi e indennità', '', '{"phone": "803 164", "hours": "sempre"}', '{"phone": "06 1", "hours": "sempre"}', '[]', 'Prova', id, $2
		FROM persons WHERE fiscal_code = $1 ON CONFLICT DO NOTHING`, fiscalCode, s.Now())
	return s.text(`SELECT id::text FROM parameter_versions WHERE state = 'proposed'`)
}

// change is a change from a day of 2026, as the form sends it.
func change(day, month string, values ...string) url.Values {
	fields := url.Values{"dal-giorno": {day}, "dal-mese": {month}, "dal-anno": {"2026"}, "atto": {"Nota del direttore"}}
	for i := 0; i < len(values); i += 2 {
		fields.Set(values[i], values[i+1])
	}
	return fields
}

// proposes proposes a change and is its address.
func (b *browser) proposes(fields url.Values) string {
	b.Helper()
	return b.submit(b.get(parametersAddress+"/nuovo").wants(200), fields).wants(200, "Da confermare").URL.Path
}

// decided proposes a change as one administrator and confirms it as another.
func (s *site) decided(fields url.Values) {
	s.Helper()
	address := s.login(demo.Administrator, "oversight").proposes(fields)
	other := s.login(demo.Confirmer, "oversight")
	other.submit(other.get(address).wants(200), url.Values{"decisione": {"conferma"}}).wants(200, "I nuovi valori si applicano dal giorno indicato")
}

func TestParametersChangeByTheWordOfTwoFromADayToCome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b, reader := s.login(demo.Administrator, "oversight"), s.browser()
	b.get("/area-personale").wants(200, "Parametri generali")
	b.get(parametersAddress).wants(200, "i valori con cui il portale è stato installato", "30 minuti", "803 164", "non sono mai stati cambiati")
	reader.get("/").wants(200, "INPS: 803 164", "PEC di ENPAP: welfare@pec.enpap.it")

	address := b.proposes(change("1", "12", "inps.phone", "803 999", "name", "Aiuto per la psiche", "idle", "15"))
	b.get(address).wants(200, "803 164", "803 999", "30 minuti", "15 minuti", "3 valori cambiano", "Hai proposto tu questa modifica").silent("Che cosa decidi?")
	b.get(parametersAddress).wants(200, "aspetta la decisione di un altro amministratore").silent("Proponi una modifica")
	if p := b.get(parametersAddress + "/nuovo"); p.URL.Path != address {
		t.Errorf("a second change is asked for at %s", p.URL.Path)
	}
	other := s.login(demo.Confirmer, "oversight")
	page := other.get(address).wants(200, "Che cosa decidi?").silent("Ritira la proposta")
	other.submit(page, url.Values{"decisione": {""}}).wants(422, "Scegli se confermare o rifiutare")
	other.submit(page, url.Values{"decisione": {"rifiuta"}}).wants(422, "Scrivi il motivo")
	other.submit(page, url.Values{"decisione": {"conferma"}}).wants(200, "Una modifica già confermata entra in vigore dal 1º dicembre 2026")
	other.submit(page, url.Values{"decisione": {"conferma"}}).wants(200) // the same form, once
	other.submit(page, url.Values{"decisione": {"rifiuta"}, "motivo": {"No"}, "idem": {once.NewKey()}}).wants(409, "è già stato deciso")

	reader.get("/").wants(200, "INPS: 803 164").silent("Aiuto per la psiche")
	s.At(time.Date(2026, 12, 1, 0, 0, 0, 0, calendar.Rome))
	reader.get("/").wants(200, "INPS: 803 999", "Aiuto per la psiche").silent("803 164")
	reader.get("/assistenza").wants(200, "803 999 da rete fissa").silent("803 164")
	s.login(demo.Administrator, "oversight").get(parametersAddress).wants(200, "Questi valori sono in vigore dal 1º dicembre 2026", "In vigore", "3 valori")
	if got := s.text(`SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE action LIKE 'parameters.%'`); got != "parameters.proposed parameters.confirmed" {
		t.Errorf("the register says %s", got)
	}
}

func TestWhoProposedParametersDoesNotDecideOnThem(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	address := b.proposes(change("1", "12", "idle", "15"))
	for _, decision := range []string{"conferma", "rifiuta"} {
		b.post(address, url.Values{"decisione": {decision}, "motivo": {"x"}, "idem": {once.NewKey()}}).wants(409, "Hai proposto tu questa modifica")
	}
	_, err := s.Pool.Exec(t.Context(), `UPDATE parameter_versions SET state = 'confirmed', decided_by = proposed_by, decided_at = $1`, s.Now())
	if err == nil || !strings.Contains(err.Error(), "nobody_decides_on_parameters_they_proposed") {
		t.Errorf("the database lets who proposed confirm: %v", err)
	}
	s.login(demo.Confirmer, "oversight").post(address, url.Values{"decisione": {"ritira"}, "idem": {once.NewKey()}}).wants(409, "Una proposta la ritira solo chi l’ha fatta")
	b.submit(b.get(address), nil).wants(200, "I valori restano come sono", "Ritirata")
	s.login(demo.Auditor, "oversight").get(parametersAddress).wants(403)
}

func TestUnsafeParametersAreRefusedBesideTheirFields(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	ask := b.get(parametersAddress + "/nuovo")
	wrong := b.submit(ask, change("1", "12", "idle", "90", "login", "molte", "file", "11", "files", "1", "together", "5", "name", "X", "inps.phone", "", "enpap.pec", "welfare",
		"enpap.hours", "", "rest_days", "24/12 Vigilia")).wants(422, "Scrivi un giorno per riga", "24/12 Vigilia")
	b.submit(wrong, change("1", "12", "rest_days", "24/12/2026 Vigilia\n")).wants(422, "Scrivi un numero di minuti da 5 a 60", "Scrivi un numero di ore da 1 a 12", "megabyte da 1 a 10",
		"file da 5 a 50", "almeno quanto un file", "un nome da 3 a 60 caratteri", "Scrivi un numero di telefono", "un indirizzo di posta elettronica", "Scrivi gli orari")
	if typed := wrong.one("#login").attr("value"); typed != "molte" {
		t.Errorf("what was typed became %q", typed)
	}
	b.submit(ask, change("23", "11", "idle", "15")).wants(422, "Scrivi un giorno da domani in poi")
	b.submit(ask, change("1", "12", "idle", "15", "rest_days", "30/11/2026 Ieri")).wants(422, "solo se viene dopo l’entrata in vigore")
	b.submit(ask, change("1", "12", "idle", "15", "atto", " ")).wants(422, "Scrivi l’atto o il motivo")
	b.submit(ask, change("1", "12")).wants(409, "Nessun valore è diverso da adesso")
	if n := s.count(`SELECT count(*) FROM parameter_versions`); n != 0 {
		t.Errorf("%d versions were kept", n)
	}
}

func TestWhoChangesOldParametersReadsWhatIsDifferent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	old := b.get(parametersAddress + "/nuovo")
	s.decided(change("1", "12", "login", "6"))
	moved := b.submit(old, change("2", "12", "idle", "15")).wants(409, "Nel frattempo i parametri sono cambiati", "Ore di durata massima dell’accesso: ora è 6 ore")
	b.submit(moved, url.Values{"login": {"6"}}).wants(200, "1 valore cambia")

	// Its day comes before anybody decides: it cannot begin in the past.
	address := s.text(`SELECT id::text FROM parameter_versions WHERE state = 'proposed'`)
	s.At(time.Date(2026, 12, 2, 9, 0, 0, 0, calendar.Rome))
	other := s.login(demo.Confirmer, "oversight")
	other.submit(other.get(parametersAddress+"/"+address), url.Values{"decisione": {"conferma"}}).wants(409, "Il giorno di entrata in vigore è arrivato")
}

func TestAShorterLoginIsForWhoLogsInFromItsDay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.decided(change("24", "11", "idle", "10", "login", "2"))
	s.At(time.Date(2026, 11, 23, 23, 50, 0, 0, calendar.Rome))
	before := s.login(demo.Citizen, "cittadino")
	s.At(time.Date(2026, 11, 24, 0, 10, 0, 0, calendar.Rome))
	after := s.login(demo.Citizen, "cittadino")
	s.At(time.Date(2026, 11, 24, 0, 19, 0, 0, calendar.Rome))
	before.get("/area-personale").wants(200)
	s.At(time.Date(2026, 11, 24, 0, 21, 0, 0, calendar.Rome))
	if p := after.get("/area-personale"); p.URL.Path != "/accedi" || !strings.Contains(p.text(), "10 minuti") {
		t.Errorf("a login unused for eleven minutes leads to %s", p.URL)
	}
	before.get("/area-personale").wants(200, "Area personale")
}

// A rest day moves the terms that begin while it is in force: a store that is opened then
// computes with it, and a term that began before stays.
func TestARestDayMovesTheTermsThatBeginAfterIt(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.decided(change("1", "12", "rest_days", "24/12/2026 Chiusura di fine anno"))
	calls, err := postgres.NewCalls(s.Pool).CallsInForce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	terms := calls[0].Rules.Terms()
	for _, tt := range []struct{ reached, ends string }{
		{"2026-12-09", "2026-12-28"}, // the 24th, then Christmas, St Stephen's, and a Sunday
		{"2026-12-01", "2026-12-16"},
	} {
		from, _ := calendar.ParseDate(tt.reached)
		if got := terms.Supplement(from).End().String(); got != tt.ends {
			t.Errorf("a request that reached somebody on %s ends on %s, not on %s", tt.reached, got, tt.ends)
		}
	}
	// Fifteen days from 30 November end in mid-December; as many as lead to the 24th do not move.
	holidays := calls[0].Rules.Holidays.Is
	told, _ := calendar.ParseDate("2026-11-30")
	if got := holidays.Within(24, told).String(); got != "2026-12-24" {
		t.Errorf("a term that was told moved to %s", got)
	}
}

func TestASmallerFileIsTheMostThatIsTaken(t *testing.T) {
	t.Parallel()
	for name, open := range uploadPages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.decided(change("24", "11", "file", "1"))
			s.At(time.Date(2026, 11, 24, 0, 5, 0, 0, calendar.Rome))
			if p := open(s).upload("grande.pdf", padded(1<<20+2)); p.Status != 413 || !strings.Contains(p.text(), "Il file supera 1 MB") {
				t.Errorf("%d, %s", p.Status, p.one("main").text())
			}
		})
	}
}
