package portal_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
)

// ownMandate is a delegation that somebody gave to the persona Parent, long over.
func (s *site) ownMandate(code identity.FiscalCode) string {
	s.Helper()
	const old = `SELECT m.id::text FROM mandates m JOIN persons p ON p.id = m.represented_id WHERE p.fiscal_code = $1 AND m.from_day = '2020-01-01'`
	if s.count(`SELECT count(*) FROM (`+old+`) old`, string(code)) == 0 {
		if _, err := s.Pool.Exec(s.Context(), `INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day)
			SELECT 'delegate', h.id, p.id, '2020-01-01', '2020-12-31' FROM persons h, persons p WHERE h.fiscal_code = $2 AND p.fiscal_code = $1`,
			string(code), string(fiscalCode(demo.Parent))); err != nil {
			s.Fatal(err)
		}
	}
	return s.text(old, string(code))
}

// delegation are the fields that name a persona as a delegate.
func delegation(hint demo.Hint, scope identity.Scope) url.Values {
	for _, p := range demo.Personas {
		if p.Hint == hint {
			return url.Values{"codice_fiscale": {strings.ToLower(string(p.FiscalCode))}, "nome": {p.GivenName}, "cognome": {p.FamilyName},
				"ambito": {string(scope)}, "conferma": {"on"}}
		}
	}
	return nil
}

func TestADelegationIsGivenUsedAndTakenBack(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	antonio, laura := s.login(demo.LastDaysCitizen, ""), s.login(demo.Parent, "cittadino")
	antonio.get("/area-personale").wants(200, "Deleghe")
	antonio.get("/deleghe").wants(200, "Nessuno può operare per te", "al massimo", "Messaggio INPS 3305/2021")
	form := antonio.get("/deleghe/nuova").wants(200, "A chi vuoi dare la delega?", "30 giorni")
	wrong := delegation(demo.Parent, identity.AllMatters)
	wrong.Del("conferma")
	antonio.submit(form, wrong).wants(422, "devi confermare")
	wrong = delegation(demo.Parent, identity.AllMatters)
	wrong.Set("cognome", "Bianchi")
	antonio.submit(form, wrong).wants(422, "Il codice fiscale non corrisponde a questo nome")
	wrong = delegation(demo.Parent, identity.AllMatters)
	wrong["fine-giorno"], wrong["fine-mese"], wrong["fine-anno"] = []string{"30"}, []string{"11"}, []string{"2026"}
	antonio.submit(form, wrong).wants(422, "durata minima")
	antonio.submit(form, delegation(demo.LastDaysCitizen, identity.AllMatters)).wants(422, "Scegli un’altra persona")
	antonio.submit(form, url.Values{"conferma": {"on"}}).wants(422, "Inserisci il codice fiscale", "Inserisci il nome")
	for range 2 { // sent twice, done once
		antonio.submit(form, delegation(demo.Parent, identity.VoucherOnly)).wants(200, "Delega data", "Laura Marini", "Solo il contributo psicoterapia", "Puoi toglierla online dal 23 dicembre 2026")
	}
	if n := s.count(`SELECT count(*) FROM mandates WHERE channel = 'online'`); n != 1 {
		t.Errorf("%d delegations", n)
	}
	antonio.submit(antonio.get("/deleghe/nuova"), delegation(demo.Citizen, identity.AllMatters)).wants(409, "uno solo alla volta")

	// She sees it, puts it on, and everything she does is hers, for him.
	laura.get("/deleghe").wants(200, "Antonio Conti", "Rinuncia alla delega")
	profile := laura.get("/profili").wants(200, "Antonio Conti", "Solo per il contributo psicoterapia", "Chi opera per chi")
	var value string
	for _, n := range profile.all("input") {
		if label := n.attr("id"); strings.HasPrefix(n.attr("value"), "delega-") {
			for _, l := range profile.all("label") {
				if l.attr("for") == label && strings.Contains(l.text(), "Antonio") {
					value = n.attr("value")
				}
			}
		}
	}
	laura.submit(profile, url.Values{"profilo": {value}}).wants(200, "Stai operando per Antonio Conti")
	path := laura.get("/contributo-psicoterapia/domande").wants(200, "Stai operando per Antonio Conti", "Domande di Antonio Conti").link("Visualizza")
	laura.get(path).wants(200, "Stai operando per Antonio Conti")
	laura.get("/deleghe").wants(200, "Stai operando per Antonio Conti", "torna prima a operare in prima persona").silent("Dai una delega")
	laura.get("/deleghe/nuova").wants(409, "solo in prima persona")
	if n := s.count(`SELECT count(*) FROM audit a JOIN persons l ON l.id = a.person_id JOIN persons c ON c.id = a.for_id
		WHERE l.fiscal_code = $1 AND c.fiscal_code = $2 AND a.mandate_id IS NOT NULL`, string(fiscalCode(demo.Parent)), string(fiscalCode(demo.LastDaysCitizen))); n < 2 {
		t.Errorf("%d entries say that she acted for him", n)
	}
	if n := s.count(`SELECT count(*) FROM audit a WHERE a.for_id IS NOT NULL AND a.person_id <> a.for_id AND a.at >= $1 AND (a.mandate_id IS NULL
		OR NOT EXISTS (SELECT FROM mandates m WHERE m.id = a.mandate_id AND m.holder_id = a.person_id AND m.represented_id = a.for_id))`, noon); n != 0 {
		t.Errorf("%d entries name no mandate that allows them", n)
	}

	// He cannot take it back for thirty days, and then can; she is out at once.
	end := "/deleghe/" + strings.TrimPrefix(value, "delega-") + "/revoca"
	antonio.get(end).wants(409, "durata minima", "dal 23 dicembre 2026")
	s.login(demo.Citizen, "").get(end).wants(404)
	s.At(noon.AddDate(0, 0, 30))
	antonio, laura = s.login(demo.LastDaysCitizen, ""), s.login(demo.Parent, value)
	laura.get("/contributo-psicoterapia/domande").wants(200, "Stai operando per Antonio Conti")
	ask := antonio.get(antonio.get("/deleghe").link("Togli la delega")).wants(200, "Vuoi togliere la delega a Laura Marini?")
	for range 2 {
		antonio.submit(ask, nil).wants(200, "Delega tolta", "Nessuno può operare per te", "tolta il 23 dicembre 2026")
	}
	laura.get("/contributo-psicoterapia/domande").wants(409, "Non puoi più operare")
	if n := s.count(`SELECT count(*) FROM audit WHERE action IN ('mandate.made', 'mandate.revoked')`); n != 4 {
		t.Errorf("%d entries about the mandate, of two people each", n)
	}
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'notify' AND (args->>'entry')::bigint IN (SELECT id FROM audit WHERE action LIKE 'mandate.%')`); n != 4 {
		t.Errorf("%d people are told", n)
	}
	s.whole()
}

func TestAMandateForOneServiceDoesNotOpenTheOther(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	antonio := s.login(demo.LastDaysCitizen, "")
	antonio.submit(antonio.get("/deleghe/nuova"), delegation(demo.Parent, identity.IndemnityOnly)).wants(200, "Delega data")
	id := s.text(`SELECT id::text FROM mandates WHERE channel = 'online'`)
	laura := s.login(demo.Parent, "cittadino")
	area := laura.submit(laura.get("/profili?ritorno=/area-personale"), url.Values{"profilo": {"delega-" + id}}).wants(200, "Stai operando per Antonio Conti")
	area.silent("domanda", "1.500,00")
	fill := s.own(demo.LastDaysCitizen)
	for route, who := range accessTable {
		method, pattern, _ := strings.Cut(route, " ")
		if who == citizen && method == "GET" && strings.HasPrefix(pattern, "/contributo-psicoterapia/") {
			laura.get(fill(pattern)).wants(409, "non per questo servizio")
		}
	}
}

func TestAMandateIsRegisteredAndEndedAtTheCounter(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	officer := s.login(demo.INPSOfficer, "inps")
	child := demo.Child
	officer.submit(officer.get("/gestione/inps/deleghe").wants(200, "Cerca una persona"), url.Values{"codice_fiscale": {"RSSMRA"}}).wants(422, "16 caratteri")
	found := officer.submit(officer.get("/gestione/inps/deleghe"), url.Values{"codice_fiscale": {string(child.FiscalCode)}}).wants(200, "Tommaso Marini", "Laura Marini", "Genitore")
	if strings.Contains(found.URL.String(), string(child.FiscalCode)) {
		t.Error("the fiscal code stands in the address")
	}
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'mandate.seen' AND about_id = (SELECT id FROM persons WHERE fiscal_code = $1)`, string(child.FiscalCode)); n != 1 {
		t.Errorf("%d entries say that the officer looked", n)
	}

	father := identity.NewFiscalCode("MRNPTR80A10A944")
	fields := url.Values{"tipo": {"parent"}, "codice_fiscale-rappresentante": {string(father)}, "nome-rappresentante": {"Pietro"}, "cognome-rappresentante": {"Marini"},
		"codice_fiscale-rappresentato": {string(child.FiscalCode)}, "nome-rappresentato": {"Tommaso"}, "cognome-rappresentato": {"Marini"},
		"nascita-giorno": {"7"}, "nascita-mese": {"3"}, "nascita-anno": {"2012"}, "ambito": {"all"}, "atto": {"Certificato di stato di famiglia"}}
	with := func(name, value string) url.Values {
		other := url.Values{}
		for n, v := range fields {
			other[n] = v
		}
		other.Set(name, value)
		return other
	}
	form := officer.get("/gestione/inps/deleghe/nuova").wants(200, "Registra una rappresentanza")
	officer.submit(form, with("atto", " ")).wants(422, "Scrivi l’atto")
	officer.submit(form, with("nascita-giorno", "8")).wants(422, "deve corrispondere al codice fiscale")
	officer.submit(form, with("nome-rappresentato", "Tobia")).wants(422, "ha un altro nome")
	officer.submit(form, with("tipo", "friend")).wants(422, "Scegli a che titolo")
	officer.submit(form, fields).wants(200, "Rappresentanza registrata", "Pietro Marini", "In vigore fino al 6 marzo 2030", "Certificato di stato di famiglia")
	officer.submit(officer.get("/gestione/inps/deleghe/nuova"), fields).wants(409, "opera già per lei")

	// Ended at the counter, for a reason that is kept.
	page := officer.get("/gestione/inps/deleghe")
	var end string
	for _, a := range page.all("a") {
		if strings.HasPrefix(a.text(), "Togli la delega") && strings.Contains(a.text(), "Pietro") {
			end = a.attr("href")
		}
	}
	ask := officer.get(end).wants(200, "Pietro Marini", "Tommaso Marini")
	officer.submit(ask, url.Values{"motivo": {" "}}).wants(422, "Scrivi perché la delega finisce")
	officer.submit(ask, url.Values{"motivo": {"Decaduto dalla responsabilità genitoriale"}}).wants(200, "Delega tolta")
	officer.get(end).wants(409, "non vale già più")
	if n := s.count(`SELECT count(*) FROM notes WHERE text = 'Decaduto dalla responsabilità genitoriale'`); n != 1 {
		t.Error("the reason is not kept")
	}
	s.login(demo.INPSApprover, "inps").get("/gestione/inps/deleghe").wants(200).silent("Registra una rappresentanza")
	for _, hint := range []demo.Hint{demo.INPSApprover, demo.INPSPublisher} {
		other := s.login(hint, "inps")
		other.get("/gestione/inps/deleghe/nuova").wants(403)
		other.post("/gestione/inps/deleghe/nuova", with("idem", "6ba7b810-9dad-11d1-80b4-00c04fd430c8")).wants(403)
	}
	s.whole()
}

func TestAParentActsUntilTheDayBeforeEighteen(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.text(`SELECT m.id::text FROM mandates m JOIN persons p ON p.id = m.represented_id WHERE p.fiscal_code = $1`, string(demo.Child.FiscalCode))
	s.exec(`UPDATE mandates SET until_day = '2030-03-06' WHERE id = $1`, id)
	s.At(time.Date(2030, 3, 6, 23, 59, 0, 0, calendar.Rome))
	laura := s.login(demo.Parent, "delega-"+id)
	laura.get("/contributo-psicoterapia/domande").wants(200, "Stai operando per Tommaso Marini")
	s.At(time.Date(2030, 3, 7, 0, 1, 0, 0, calendar.Rome))
	laura.get("/contributo-psicoterapia/domande").wants(409, "Non puoi più operare")
}
