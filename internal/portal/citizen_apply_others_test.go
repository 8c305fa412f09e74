package portal_test

import (
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
	"portal/internal/once"
	"portal/internal/voucher"
)

func child(p demobroker.Persona, more ...string) url.Values {
	v := url.Values{"per_chi": {"figlio"}, "nome": {p.GivenName}, "cognome": {p.FamilyName}, "codice_fiscale": {string(p.FiscalCode)}}
	if len(more) > 0 {
		v.Set("responsabilita", "on")
	}
	return v
}

func TestAParentAppliesForAMinorOfTheRegister(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Parent, "cittadino")
	wrong := child(demo.Younger)
	wrong.Set("nome", "Giulio")
	b.begin(wrong).wants(422, "Nome, cognome e codice fiscale non corrispondono")
	own := child(demo.Younger)
	own.Set("codice_fiscale", string(fiscalCode(demo.Parent)))
	b.begin(own).wants(422, "Questo è il tuo codice fiscale")
	grown := url.Values{"per_chi": {"figlio"}, "nome": {"Maria"}, "cognome": {"Rossi"}, "codice_fiscale": {string(fiscalCode(demo.Citizen))}}
	b.begin(grown).wants(422, "Questa persona ha già 18 anni")
	sent := b.submit(b.review(b.begin(child(demo.Younger)).wants(200, "Giulia Marini", "Bergamo (BG)")), nil).
		wants(200, "Domanda inviata", "Giulia Marini", "Inviata da", "Laura Marini", "Da ora puoi operare per Giulia Marini")
	var until calendar.Date
	var channel, scope, grounds string
	if err := s.Pool.QueryRow(t.Context(), `SELECT m.until_day, m.channel, m.scope, m.grounds FROM mandates m JOIN persons p ON p.id = m.represented_id
		WHERE p.fiscal_code = $1`, string(demo.Younger.FiscalCode)).Scan(&until, &channel, &scope, &grounds); err != nil {
		t.Fatal(err)
	}
	if until != calendar.NewDate(2035, time.April, 11) || channel != "declared" || scope != "voucher" || grounds != "register" {
		t.Errorf("the mandate: %s, %s, %s, %s", until, channel, scope, grounds)
	}
	profiles := b.get(sent.link("Passa al profilo di Giulia Marini")).wants(200, "Giulia Marini")
	for _, n := range profiles.form().all("input") {
		if n.attr("type") == "radio" && strings.HasPrefix(n.attr("value"), "delega-") {
			b.submit(profiles, url.Values{"profilo": {n.attr("value")}})
			if p := b.get(applications); strings.Contains(p.text(), "Domande di Giulia Marini") {
				b.get(p.link("Visualizza")).wants(200, "Inviata", "Lombardia")
			}
		}
	}
	if n := s.count(`SELECT count(*) FROM audit a JOIN persons p ON p.id = a.for_id WHERE a.action = 'application.submitted' AND a.mandate_id IS NOT NULL AND p.fiscal_code = $1`,
		string(demo.Younger.FiscalCode)); n != 1 {
		t.Error("the register does not say for whom it was sent")
	}
	s.whole()
}

func TestAParentWhomTheRegisterDoesNotNameDeclaresIt(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.ExcludedCitizen, "")
	b.begin(child(demo.Cousin)).wants(422, "L’anagrafe non indica che hai la responsabilità genitoriale", "Ho la responsabilità genitoriale su chi riceve il contributo")
	second := b.begin(child(demo.Cousin, "declared")).wants(200, "Sofia Galli", "Sicilia").silent("Palermo")
	third := b.submit(second, nil).wants(200, "Non ne mostriamo il valore").silent("18.250")
	_ = third
	last := b.review(second).silent("18.250", "1.000,00")
	sent := b.submit(last, nil).wants(200, "Domanda inviata", "INPS-2026-2", "Ho la responsabilità genitoriale su chi riceve il contributo",
		"falla verificare a uno sportello INPS").silent("18.250", "1.000,00", "Passa al profilo")
	id := voucher.ApplicationID(strings.Split(sent.URL.Path, "/")[3])
	who := identity.Own(identity.PersonID(s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.ExcludedCitizen)))), identity.Citizen)
	shown, err := s.Portal.Intake.Receipt(t.Context(), who, id, calendar.On(noon))
	if a := shown.Application; err != nil || !shown.Unconfirmed || a.HasISEE || a.ISEE != 0 || a.ISEEStatus != "" || a.Entitled != 0 || a.Province != "" || a.Attestation.Protocol != "" {
		t.Errorf("who declared it is shown %+v, %v", a, err)
	}
	if p := b.get(sent.URL.Path + ".pdf").wants(200); strings.Contains(p.Body, "18.250") {
		t.Error("the paper says the ISEE")
	}
	if err := s.Portal.Intake.Withdraw(t.Context(), who, once.Form{}, id); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("withdrawn on somebody's word: %v", err)
	}
	if n := s.count(`SELECT count(*) FROM mandates m JOIN persons p ON p.id = m.represented_id WHERE p.fiscal_code = $1`, string(demo.Cousin.FiscalCode)); n != 0 {
		t.Error("a mandate on the parent's word")
	}
	office := s.login(demo.INPSOfficer, "inps")
	office.get("/gestione/inps/domande/"+string(id)+"/dati").wants(200, "Responsabilità dichiarata, da verificare")
	// What is there already is not opened by a word alone.
	other := s.login(demo.Citizen, "")
	other.submit(other.review(other.begin(child(demo.Cousin, "declared"))), nil).wants(409, "per questa persona c’è già una domanda inviata da altri")
	// An officer has seen the act: now they act for the child.
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO mandates (kind, holder_id, represented_id, from_day, scope, grounds)
		SELECT 'parent', applicant_id, beneficiary_id, '2026-11-01', 'voucher', 'stato di famiglia' FROM applications WHERE id = $1`, string(id)); err != nil {
		t.Fatal(err)
	}
	b.get(sent.URL.Path).wants(200, "18.250", "Passa al profilo di Sofia Galli")
	office.get("/gestione/inps/domande/"+string(id)+"/dati").wants(200, "Domanda inviata da").silent("da verificare")
}

func TestAWardIsAppliedForUnderTheMandate(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	if _, err := s.Pool.Exec(t.Context(), `INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day)
		SELECT 'administrator', h.id, r.id, '2026-01-01', '2026-11-25' FROM persons h, persons r WHERE h.fiscal_code = $1 AND r.fiscal_code = $2`,
		string(fiscalCode(demo.ExcludedCitizen)), string(fiscalCode(demo.Citizen))); err != nil {
		t.Fatal(err)
	}
	b := s.login(demo.ExcludedCitizen, "cittadino")
	start := b.get(nuova).wants(200, "Maria Rossi", "Hai l’amministrazione di sostegno")
	var ward string
	for _, n := range start.form().all("input") {
		if strings.HasPrefix(n.attr("value"), "m-") {
			ward = n.attr("value")
		}
	}
	last := b.review(b.submit(start, url.Values{"per_chi": {ward}}).wants(200, "Maria Rossi", "Roma"))
	s.At(time.Date(2026, 11, 26, 0, 5, 0, 0, calendar.Rome))
	b = s.login(demo.ExcludedCitizen, "cittadino")
	b.get(last.URL.Path).wants(409, "Non risulta che oggi puoi operare per questa persona")
	b.submit(last, nil).wants(409, "Non risulta che oggi puoi operare per questa persona")
	s.At(noon)
	b = s.login(demo.ExcludedCitizen, "cittadino")
	b.submit(b.get(last.URL.Path), nil).wants(200, "Domanda inviata", "Maria Rossi", "Inviata da", "Paolo Galli")
}

func TestUnderAMandateOneAppliesForNobodyElse(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Parent, "")
	p := b.get("/profili")
	for _, n := range p.form().all("input") {
		if strings.HasPrefix(n.attr("value"), "delega-") {
			b.submit(p, url.Values{"profilo": {n.attr("value")}})
		}
	}
	start := b.get(nuova).wants(200, "Tommaso Marini").silent("Mio figlio")
	second := b.submit(start, url.Values{"per_chi": {"me"}}).wants(200, "Tommaso Marini")
	b.submit(b.review(second), nil).wants(200, "Domanda inviata", "Tommaso Marini")
	if n := s.count(`SELECT count(*) FROM applications a JOIN persons p ON p.id = a.beneficiary_id WHERE a.edition_id = 'aperta' AND p.fiscal_code = $1 AND a.mandate_id IS NOT NULL`,
		string(demo.Child.FiscalCode)); n != 1 {
		t.Error("it is not the child's")
	}
}

func TestTwoParentsAtOnceSendOneApplication(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	parents := []*browser{s.login(demo.Parent, "cittadino"), s.login(demo.PartialCitizen, "")}
	var last [2]page
	for i, b := range parents {
		last[i] = b.review(b.begin(child(demo.Younger)))
	}
	var answers [2]page
	var all sync.WaitGroup
	for i, b := range parents {
		all.Go(func() { answers[i] = b.submit(last[i], nil) })
	}
	all.Wait()
	again := 0
	for _, p := range answers {
		p.wants(200, "Domanda inviata", "INPS-2026-2")
		if strings.Contains(p.text(), "Hai già inviato") {
			again++
		}
	}
	if again != 1 || answers[0].URL.Path != answers[1].URL.Path {
		t.Errorf("%d were told of the other; %s and %s", again, answers[0].URL.Path, answers[1].URL.Path)
	}
	if n := s.count(`SELECT count(*) FROM applications WHERE edition_id = 'aperta'`); n != 1 {
		t.Errorf("%d applications", n)
	}
	if n := s.count(`SELECT count(*) FROM mandates m JOIN persons p ON p.id = m.represented_id WHERE p.fiscal_code = $1`, string(demo.Younger.FiscalCode)); n != 2 {
		t.Errorf("%d mandates", n)
	}
	s.whole()
}

func TestTheReceiptIsForWhoStandsForTheBeneficiary(t *testing.T) {
	t.Parallel()
	s := newSite(t).open()
	b := s.login(demo.Citizen, "")
	sent := b.submit(b.review(b.begin(url.Values{"per_chi": {"me"}})), nil)
	for _, path := range []string{sent.URL.Path, sent.URL.Path + ".pdf"} {
		s.login(demo.ExcludedCitizen, "").get(path).wants(404)
	}
}
