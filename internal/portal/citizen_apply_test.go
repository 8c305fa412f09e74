package portal_test

import (
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

const nuova = applications + "/nuova?annualita=aperta"

// closes is when the window of the edition of the tests ends.
var closes = time.Date(2026, 12, 1, 0, 0, 0, 0, calendar.Rome)

// open ships an edition that takes applications, beside those of the demo.
func (s *site) open(change ...func(*voucher.Rules)) *site {
	s.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		s.Fatal(err)
	}
	e := all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })]
	e.ID, e.ApplicationYear, e.FundYear = "aperta", 2028, 2028
	e.Rules.Window = rules.Value[voucher.Window]{Is: voucher.Window{Opens: time.Date(2026, 11, 1, 0, 0, 0, 0, calendar.Rome), Closes: closes}, Article: "Prova"}
	for _, f := range change {
		f(&e.Rules)
	}
	if err := postgres.NewEditions(s.Pool).Ship(s.Context(), []voucher.Edition{e}); err != nil {
		s.Fatal(err)
	}
	return s
}

// begin starts an application from the list, for somebody.
func (b *browser) begin(whom url.Values) page {
	b.Helper()
	p := b.get(b.get(applications).link("Richiedi il contributo 2028")).wants(200, "Per chi chiedi il contributo?", "Passo 1 di 6")
	return b.submit(p, whom)
}

// declareAll confirms every declaration of a page.
func (p page) declareAll() url.Values {
	fields := url.Values{}
	for _, n := range p.form().all("input") {
		if n.attr("type") == "checkbox" {
			fields.Set(n.attr("name"), "on")
		}
	}
	return fields
}

// review walks from the second step to the last.
func (b *browser) review(second page) page {
	b.Helper()
	second.wants(200, "Controlla la residenza")
	third := b.submit(second, nil).wants(200, "Controlla l’ISEE")
	fourth := b.submit(third, nil).wants(200, "Dove ti scriviamo?")
	fifth := b.submit(fourth, url.Values{"email": {"scrivi@example.org"}, "telefono": {"333 123 4567"}}).wants(200, "Dichiarazioni")
	return b.submit(fifth, fifth.declareAll()).wants(200, "Controlla e invia", "scrivi@example.org", "3331234567")
}

func TestACitizenAppliesAndKeepsTheReceipt(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	b.get(applications).wants(200, "Puoi inviare la domanda fino al 30 novembre 2026 alle 23:59")
	second := b.begin(url.Values{"per_chi": {"me"}}).wants(200, "Roma", "Roma (RM)", "Lazio")
	third := b.submit(second, nil).wants(200, "Il tuo ISEE valido è 12.400,00 €", "Importo teorico", "1.500,00 €")
	_ = third
	last := b.review(second)
	sent := b.submit(last, nil).wants(200, "Domanda inviata", "INPS-2026-2", "23 novembre 2026 alle 12:00:00", "1.500,00 €", "Maria Rossi",
		"Entro il 30 novembre 2026 alle 23:59", "Chi riceve il contributo risiede in Italia")
	b.get(applications).wants(200, "Inviata").silent("Bozza")
	pdf := b.get(sent.link("Scarica la ricevuta"))
	if pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") || !strings.Contains(pdf.Header.Get("Content-Disposition"), `filename="ricevuta-INPS-2026-2`) {
		t.Errorf("the receipt comes as %v", pdf.Header)
	}
	data := b.get(sent.link("Vedi la domanda")).wants(200, "Inviata", "12.400,00 €", "Confermate il 23 novembre 2026 alle 12:00", "Ritira la domanda")
	b.get(data.link("Comunicazioni")).wants(200, "Ricevuta della domanda", "Scarica PDF")
	var frozen, email string
	if err := s.Pool.QueryRow(t.Context(), `SELECT a.declarations->0->>'text', p.email FROM applications a JOIN persons p ON p.id = a.beneficiary_id WHERE a.edition_id = 'aperta'`).Scan(&frozen, &email); err != nil {
		t.Fatal(err)
	}
	if frozen == "" || email != "scrivi@example.org" {
		t.Errorf("kept: %q, %q", frozen, email)
	}
	if n := s.count(`SELECT count(*) FROM audit a JOIN river_job j ON (j.args->>'entry')::bigint = a.id WHERE a.action = 'application.submitted'`); n != 1 {
		t.Errorf("%d entries with a message", n)
	}
	s.whole()
}

func TestADraftIsTakenUpElsewhereWhereItStood(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	b.submit(b.submit(b.begin(url.Values{"per_chi": {"me"}}), nil), nil).wants(200, "Dove ti scriviamo?")
	phone := s.login(demo.Citizen, "")
	list := phone.get(applications).wants(200, "Bozza", "Salvata il 23/11/2026, 12:00")
	here := phone.get(list.link("Riprendi")).wants(200, "Dove ti scriviamo?", "Passo 4 di 6")
	if again := phone.begin(url.Values{"per_chi": {"me"}}); again.URL.Path != here.URL.Path {
		t.Errorf("begun again at %s", again.URL)
	}
	other := s.login(demo.ExcludedCitizen, "")
	other.get(here.URL.Path).wants(404)
	other.get(applications).silent("Bozza")
	if n := s.count(`SELECT count(*) FROM application_drafts`); n != 1 {
		t.Errorf("%d drafts", n)
	}
	// A page left open on the first device is noticed.
	stale := b.get(here.URL.Path)
	phone.submit(here, url.Values{"email": {"nuova@example.org"}}).wants(200, "Dichiarazioni")
	b.submit(stale, url.Values{"email": {"vecchia@example.org"}}).wants(409, "La bozza è cambiata in un’altra pagina", "")
	gone := phone.get(strings.TrimSuffix(here.URL.Path, "/contatti")+"/elimina").wants(200, "Vuoi eliminare la bozza?")
	phone.submit(gone, nil).wants(200, "Bozza eliminata").silent("Riprendi")
}

func TestWrongInputIsShownAsItWasTyped(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	b.begin(url.Values{}).wants(422, "Scegli per chi chiedi il contributo")
	p := b.begin(url.Values{"per_chi": {"figlio"}, "nome": {"Giulia"}, "codice_fiscale": {"ABC"}}).
		wants(422, "Inserisci il cognome", "Il codice fiscale ha 16 caratteri: ne hai inseriti 3")
	if p.one("#nome").attr("value") != "Giulia" || p.one("#codice_fiscale").attr("value") != "ABC" {
		t.Error("what was typed is gone")
	}
	p = b.submit(b.submit(b.submit(b.begin(url.Values{"per_chi": {"me"}}), nil), nil), url.Values{"email": {"maria at example"}, "telefono": {"12"}}).
		wants(422, "Scrivi l’email così: nome@esempio.it", "Scrivi il numero con il prefisso")
	if p.one("#email").attr("value") != "maria at example" || p.one("#telefono").attr("value") != "12" {
		t.Error("what was typed is gone")
	}
	b.submit(p, url.Values{"email": {""}, "telefono": {""}}).wants(422, "Inserisci almeno un contatto")
	p = b.submit(p, url.Values{"email": {"maria@example.org"}, "telefono": {""}}).wants(200, "Dichiarazioni")
	all := p.declareAll()
	var left string
	for name := range all {
		left = name
	}
	all.Del(left)
	p = b.submit(p, all).wants(422, "Per inviare la domanda devi confermare questa dichiarazione")
	for name := range all {
		if !p.one("#" + name).has("checked") {
			t.Errorf("%s is not confirmed any more", name)
		}
	}
	// The last page waits for what is missing, however one gets there.
	if ahead := b.get(strings.Replace(p.URL.Path, "dichiarazioni", "controlla", 1)); !strings.HasSuffix(ahead.URL.Path, "/dichiarazioni") {
		t.Errorf("sent from %s", ahead.URL)
	}
}

func TestTheWindowIsKeptToTheSecond(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	s.At(closes.Add(-10 * time.Minute))
	b := s.login(demo.Citizen, "")
	last := b.review(b.begin(url.Values{"per_chi": {"me"}}))
	late := s.login(demo.Parent, "cittadino")
	almost := late.review(late.begin(url.Values{"per_chi": {"me"}}))
	s.At(closes.Add(-time.Second))
	b.submit(last, nil).wants(200, "Domanda inviata", "30 novembre 2026 alle 23:59:59")
	s.At(closes)
	late.submit(almost, nil).wants(409, "Il periodo per fare domanda è finito")
	late.get(almost.URL.Path).wants(409, "Il periodo per fare domanda è finito")
	late.get(nuova).wants(409)
	late.get(applications).silent("Richiedi il contributo 2028", "Riprendi")
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta'`); n != 1 {
		t.Errorf("%d applications", n)
	}
	s.At(time.Date(2026, 10, 31, 23, 59, 59, 0, calendar.Rome))
	early := s.login(demo.Citizen, "")
	early.get(applications).wants(200).silent("Richiedi il contributo 2028")
	early.get(nuova).wants(409, "non è ancora iniziato")
}

func TestAClosedTerritoryIsToldBeforeTheEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.ExPsychologist, "cittadino")
	p := b.begin(url.Values{"per_chi": {"me"}}).wants(409, "P.A. Trento non partecipa a questa edizione", "Circolare INPS 124/2025")
	if len(p.one("main").all("form")) > 0 {
		t.Error("there is a way on")
	}
}

func TestTheISEEDecidesHowOneGoesOn(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	isee := func(b *browser) page { return b.submit(b.begin(url.Values{"per_chi": {"me"}}), nil) }
	none := isee(s.login(demo.ExcludedCitizen, "")).wants(200, "Non troviamo un ISEE valido", "Senza ISEE la domanda non può essere accolta", "Come ottenere l’ISEE")
	if len(none.one("main").all("form")) > 0 {
		t.Error("without an ISEE there is a way on")
	}
	rich := s.login(demo.Psychologist, "cittadino")
	isee(rich).wants(200, "Con questo ISEE non si ha diritto al contributo", "Il limite è 50.000 €", "sarà respinta")
	defective := s.login(demo.PartialCitizen, "")
	isee(defective).wants(200, "Il tuo ISEE, presentato il 14 ottobre 2026, ha omissioni o difformità", "Manca una parte del patrimonio",
		"Il nucleo familiare dichiarato è diverso", "entro il 15 dicembre 2026, ore 23:59")
	started := time.Now()
	isee(s.login(demo.LastDaysCitizen, "")).wants(503, "Non riusciamo a mostrare l’ISEE", "INPS non risponde", "Riprova")
	if took := time.Since(started); took > 6*time.Second {
		t.Errorf("a silent register was waited for %s", took)
	}
	s.login(demo.LastDaysCitizen, "").get(applications).wants(200, "Bozza")
	isee(s.login(demo.NewPsychologist, "cittadino")).wants(503, "Non riusciamo a mostrare l’ISEE").silent("-1")
	slow := s.login(demo.Parent, "cittadino")
	isee(slow).wants(200, "Il tuo ISEE valido è 9.870,00 €")
	s.login(demo.INPSOfficer, "cittadino").begin(url.Values{"per_chi": {"me"}}).wants(503, "Non riusciamo a mostrare la residenza")
}

func TestWhatTheRegistersSayIsAskedAgainWhenItIsSent(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	last := b.review(b.begin(url.Values{"per_chi": {"me"}}))
	s.attest(demo.Citizen, "valid", "31000.00", "")
	again := b.submit(last, nil).wants(409, "Residenza o ISEE sono cambiati", "31.000,00 €", "500,00 €")
	s.attest(demo.Citizen, "valid", "31000.00", "", "silent")
	b.submit(again, nil).wants(503, "Non riusciamo a mostrare l’ISEE")
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta'`); n != 0 {
		t.Error("sent on what nobody saw")
	}
	s.attest(demo.Citizen, "valid", "31000.00", "")
	b.submit(b.get(last.URL.Path), nil).wants(200, "Domanda inviata", "500,00 €")
}

// attest adds a row to the register of ISEE: from now on it counts.
func (s *site) attest(who demo.Hint, status, value, defects string, behaviour ...string) {
	s.Helper()
	f, err := os.OpenFile(s.Registers.ISEE, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	row := []string{string(fiscalCode(who)), status, value, "current", "INPS-ISEE-2026-99999999", "2026-11-20", "2026-12-31", defects, strings.Join(behaviour, "")}
	if _, err := f.WriteString(strings.Join(row, ",") + "\n"); err != nil {
		s.Fatal(err)
	}
}

func TestADefectiveISEEIsCorrectedInTime(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.PartialCitizen, "")
	sent := b.submit(b.review(b.begin(url.Values{"per_chi": {"me"}})), nil).
		wants(200, "Domanda inviata", "L’ISEE è da correggere", "Correggilo entro il 15 dicembre 2026, ore 23:59")
	p := b.get(sent.link("Correggi l’ISEE")).wants(200, "Da completare", "Tre modi per correggere", "Presenta una nuova DSU",
		"Dimostra che i dati erano giusti", "Chiedi la rettifica al CAF", "Il termine è il 15 dicembre 2026, ore 23:59", "Manca una parte del patrimonio")
	p = b.submit(p, nil).wants(409, "L’ISEE non è ancora in regola")
	s.attest(demo.PartialCitizen, "defective", "19000.00", "income_differs")
	p = b.submit(p, nil).wants(409, "I redditi dichiarati sono diversi").silent("Manca una parte del patrimonio")
	s.attest(demo.PartialCitizen, "valid", "14200.00", "", "silent")
	p = b.submit(p, nil).wants(503, "INPS non risponde")
	s.attest(demo.PartialCitizen, "valid", "14200.00", "")
	cured := b.submit(p, nil).wants(200, "ISEE corretto", "14.200,00 €", "Inviata", "Valido")
	b.submit(p, nil).wants(200, "Inviata") // the same form again
	b.get(strings.TrimSuffix(cured.URL.Path, "/dati")+"/isee").wants(200, "non c’è un ISEE da correggere")
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta' AND state = 'submitted' AND isee_cents = 1420000 AND entitled_cents = 150000`); n != 1 {
		t.Error("the new value did not take the place of the old")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('application.isee_asked', 'application.isee_cured')`); n != 3 {
		t.Errorf("%d entries", n)
	}
	s.whole()
}

func TestAfterItsTermAnISEEIsNotCorrected(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.PartialCitizen, "")
	sent := b.submit(b.review(b.begin(url.Values{"per_chi": {"me"}})), nil)
	cure := sent.link("Correggi l’ISEE")
	last := calendar.NewDate(2026, time.December, 15)
	s.At(last.End().Add(-20 * time.Minute))
	b = s.login(demo.PartialCitizen, "")
	p := b.get(cure).wants(200, "Ho corretto l’ISEE")
	s.attest(demo.PartialCitizen, "valid", "14200.00", "")
	s.At(last.End())
	b.submit(p, nil).wants(409, "Il termine è passato", "Il termine per correggere l’ISEE era il 15 dicembre 2026, ore 23:59").silent("Ho corretto l’ISEE")
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta' AND state = 'awaiting_isee'`); n != 1 {
		t.Error("corrected after the term")
	}
}

func TestASecondSendingIsAnsweredWithTheFirstReceipt(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	last := b.review(b.begin(url.Values{"per_chi": {"me"}}))
	tab := b.get(last.URL.Path)
	first := b.submit(last, nil).wants(200, "Domanda inviata").silent("Hai già inviato")
	if again := b.submit(last, nil).wants(200, "Domanda inviata").silent("Hai già inviato"); again.URL.Path != first.URL.Path {
		t.Error("the same form has another receipt")
	}
	s.At(noon.Add(time.Minute))
	second := b.submit(tab, nil).wants(200, "Hai già inviato questa domanda", "Ricevuta il 23 novembre 2026 alle 12:00, protocollo INPS-2026-2")
	if second.URL.Path != first.URL.Path {
		t.Error("another receipt")
	}
	b.begin(url.Values{"per_chi": {"me"}}).wants(200, "Hai già inviato questa domanda")
	b.get(last.URL.Path).wants(200, "Hai già inviato questa domanda")
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta'`); n != 1 {
		t.Errorf("%d applications", n)
	}
}

func TestAnApplicationIsWithdrawnAndAVoucherRenounced(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	sent := b.submit(b.review(b.begin(url.Values{"per_chi": {"me"}})), nil)
	ask := b.get(b.get(sent.link("Vedi la domanda")).link("Ritira la domanda")).wants(200, "Vuoi ritirare la domanda?", "Non si può tornare indietro")
	b.submit(ask, nil).wants(200, "Domanda ritirata", "Rinunciata", "Hai ritirato la domanda il 23 novembre 2026").silent("Ritira la domanda")
	b.submit(ask, nil).wants(200, "Rinunciata")
	b.get(ask.URL.Path).wants(200, "Hai già ritirato questa domanda")

	sessions := b.get(b.get(applications).link("Visualizza la domanda 2026"))
	ask = b.get(strings.TrimSuffix(sessions.URL.Path, "/sedute")+"/rinuncia").wants(200, "Vuoi rinunciare al contributo?", "il codice non vale più", "L’importo va ad altre persone in graduatoria")
	booked := s.count(`SELECT count(*) FROM bookings b JOIN persons p ON p.id = b.beneficiary_id WHERE p.fiscal_code = $1 AND b.state = 'booked' AND b.day > $2`,
		string(fiscalCode(demo.Citizen)), calendar.On(noon))
	b.submit(ask, nil).wants(200, "Rinuncia registrata", "Rinunciata").silent("Rinuncia al contributo")
	b.submit(ask, nil).wants(200, "Rinunciata")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'booking.cancelled' AND at = $1`, noon); n != booked || booked == 0 {
		t.Errorf("%d sessions cancelled of %d", n, booked)
	}
	if n := s.count(`SELECT count(*) FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE v.state = 'withdrawn' AND a.state = 'withdrawn' AND v.returned_cents > 0 AND v.beneficiary_id = (SELECT id FROM persons WHERE fiscal_code = $1)`,
		string(fiscalCode(demo.Citizen))); n != 1 {
		t.Error("the voucher or its application stand as before")
	}
	s.whole()
}

// counter is an officer who takes an application down.
func (s *site) counter(c voucher.CounterApplication) (voucher.ApplicationID, bool, error) {
	var officer identity.PersonID
	if err := s.Pool.QueryRow(s.Context(), `SELECT id FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.INPSOfficer))).Scan(&officer); err != nil {
		s.Fatal(err)
	}
	who := identity.Own(officer, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	form, err := once.New(officer, "application.counter", once.NewKey(), nil)
	if err != nil {
		s.Fatal(err)
	}
	all, _ := s.Portal.Intake.Editions(s.Context())
	for _, d := range all["aperta"].Rules.Declarations.Is {
		c.Declared = append(c.Declared, d.Mark())
	}
	c.Edition, c.Phone = "aperta", "3331234567"
	return s.Portal.Intake.SubmitAtCounter(s.Context(), who, form, c)
}

func TestTheCounterSendsWhatTheCitizenWouldHave(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	maria := fiscalCode(demo.Citizen)
	id, first, err := s.counter(voucher.CounterApplication{Caller: maria, Of: maria})
	if err != nil || !first {
		t.Fatal(first, err)
	}
	b := s.login(demo.Citizen, "")
	b.begin(url.Values{"per_chi": {"me"}}).wants(200, "Controlla la residenza")
	b.submit(b.review(b.begin(url.Values{"per_chi": {"me"}})), nil).wants(200, "Hai già inviato questa domanda", "INPS-2026-2")
	if _, first, err = s.counter(voucher.CounterApplication{Caller: fiscalCode(demo.Parent), Of: demo.Younger.FiscalCode}); err != nil || !first {
		t.Error(first, err)
	}
	for who, x := range map[string]struct {
		c    voucher.CounterApplication
		want error
	}{
		"a stranger's child":      {voucher.CounterApplication{Caller: maria, Of: demo.Cousin.FiscalCode}, voucher.ErrUnconfirmed},
		"an adult without paper":  {voucher.CounterApplication{Caller: maria, Of: fiscalCode(demo.PartialCitizen)}, voucher.ErrMandateEnded},
		"a child that calls":      {voucher.CounterApplication{Caller: demo.Younger.FiscalCode, Of: demo.Younger.FiscalCode}, voucher.ErrMinor},
		"who has no ISEE":         {voucher.CounterApplication{Caller: fiscalCode(demo.ExcludedCitizen), Of: fiscalCode(demo.ExcludedCitizen)}, voucher.ErrISEEMissing},
		"a resident of elsewhere": {voucher.CounterApplication{Caller: fiscalCode(demo.INPSApprover), Of: fiscalCode(demo.INPSApprover)}, voucher.ErrNotResident},
	} {
		if _, _, err := s.counter(x.c); err == nil || !strings.Contains(err.Error(), x.want.Error()) {
			t.Errorf("%s: %v", who, err)
		}
	}
	if n := s.count(`SELECT count(*) FROM applications WHERE id = $1 AND channel = 'counter' AND received_by IS NOT NULL`, string(id)); n != 1 {
		t.Error("it does not say who took it down")
	}
	s.whole()
}
