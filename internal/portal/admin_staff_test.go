package portal_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/once"
)

// candidate fills the form in which Marco Rizzo, a psychologist, gets a role at CNOP.
func candidate(fields url.Values) url.Values {
	all := url.Values{"codice_fiscale": {string(fiscalCode(demo.NewPsychologist))}, "nome": {"Marco"}, "cognome": {"Rizzo"}, "ruolo": {"cnop.prepare"},
		"atto": {"Ordine di servizio 12/2026"}, "al-giorno": {"31"}, "al-mese": {"12"}, "al-anno": {"2026"}}
	for name, v := range fields {
		all[name] = v
	}
	return all
}

// A role that one administrator proposes holds when another has confirmed it, and ends at
// the next click when one takes it away.
func TestTwoAdministratorsGiveARoleAndOneTakesItAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	proposer, confirmer := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	proposer.get("/area-personale").wants(200, "Utenti").silent("Registro")
	list := proposer.get("/amministrazione/utenti").wants(200, "Colombo Chiara", "INPS: istruttoria")
	made := proposer.submit(proposer.get(list.link("Aggiungi utente")), candidate(nil)).wants(200, "Ruolo proposto", "Hai proposto tu questo ruolo", "Ritira la proposta")
	at := made.URL.Path
	if strings.Contains(made.Body, `value="conferma"`) {
		t.Error("who proposed is offered to confirm")
	}

	// Nothing holds yet, and who proposed cannot confirm: not on the page, not by hand,
	// not in the database.
	if n := s.count(`SELECT count(*) FROM role_grants g JOIN persons p ON p.id = g.person_id WHERE p.fiscal_code = $1 AND g.role = 'cnop'`, string(fiscalCode(demo.NewPsychologist))); n != 0 {
		t.Errorf("%d roles before it was confirmed", n)
	}
	proposer.post(at, url.Values{"idem": {once.NewKey()}, "decisione": {"conferma"}}).wants(409, "Hai proposto tu questo ruolo")
	if _, err := s.Pool.Exec(t.Context(), `UPDATE grant_proposals SET state = 'confirmed', decided_by = proposed_by, decided_at = now()`); err == nil ||
		!strings.Contains(err.Error(), "nobody_confirms_a_grant_they_proposed") {
		t.Errorf("the database says %v", err)
	}

	confirmer.get("/area-personale").wants(200, "Ruoli da confermare: 2").silent("Non hai nulla da fare adesso")
	proposer.get("/area-personale").wants(200).silent("Ruoli da confermare: 2")
	waiting := confirmer.get("/amministrazione/utenti").wants(200, "Ruoli da confermare", "Marco Rizzo", "CNOP: preparazione dell’elenco, dal 23 novembre 2026 al 31 dicembre 2026")
	decide := confirmer.get(waiting.link("Marco Rizzo")).wants(200, "Ordine di servizio 12/2026", "Michela Santoro")
	confirmer.submit(decide, nil).wants(422, "Scegli se confermare o rifiutare")
	confirmer.submit(decide, url.Values{"decisione": {"rifiuta"}}).wants(422, "Scrivi il motivo")
	card := confirmer.submit(confirmer.get(at), url.Values{"decisione": {"conferma"}}).wants(200, "Ruolo confermato", "In vigore", "Da due amministratori")
	proposer.post(at, url.Values{"idem": {once.NewKey()}, "decisione": {"ritira"}}).wants(409, "è già stato deciso")

	// It holds from now on, and no longer than the click after it is taken away.
	marco := s.login(demo.NewPsychologist, "cnop")
	marco.get("/cnop/elenco").wants(200)
	end := proposer.get(proposer.get(card.URL.Path).link("Togli il ruolo")).wants(200, "Vuoi togliere questo ruolo?", "dal prossimo clic")
	proposer.submit(end, nil).wants(422, "Scrivi il motivo")
	proposer.submit(end, url.Values{"motivo": {"Cambia ufficio"}}).wants(200, "Ruolo tolto", "Tolto da Michela Santoro", "Cambia ufficio")
	marco.get("/cnop/elenco").wants(404)
	if p := marco.get("/area-personale"); p.URL.Path != "/profili" || strings.Contains(p.form().text(), "CNOP") {
		t.Errorf("the area of a role that was taken away is %s: %s", p.URL, p.h1())
	}
	proposer.submit(end, url.Values{"idem": {once.NewKey()}, "motivo": {"Ancora"}}).wants(409, "Questo ruolo è già finito")
	if got := s.text(`SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE action LIKE 'grant.%' AND about_id = (SELECT id FROM persons WHERE fiscal_code = $1)`,
		string(fiscalCode(demo.NewPsychologist))); got != "grant.proposed grant.confirmed grant.ended" {
		t.Errorf("the register says %s", got)
	}
	s.whole()
}

func TestNobodyGivesThemselvesARole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	own := url.Values{"codice_fiscale": {string(fiscalCode(demo.Administrator))}, "nome": {"Michela"}, "cognome": {"Santoro"}}
	b.submit(b.get("/amministrazione/utenti/nuovo"), candidate(own)).wants(409, "nessuno propone o conferma ruoli per sé")
	id := s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Administrator)))
	b.get("/amministrazione/utenti/"+id).wants(200, "È la tua scheda").silent("Proponi un ruolo")
	b.get("/amministrazione/utenti/"+id+"/nuovo").wants(409, "nessuno propone o conferma ruoli per sé")
	b.post("/amministrazione/utenti/"+id+"/nuovo", candidate(url.Values{"idem": {once.NewKey()}})).wants(409)

	// Nor does one whom a colleague proposed confirm it.
	confirmer := s.login(demo.Confirmer, "oversight")
	confirmer.submit(confirmer.get("/amministrazione/utenti/nuovo"), candidate(own)).wants(409, "un altro ruolo che non si può sommare")
	s.exec(`INSERT INTO grant_proposals (id, proposed_at, person_id, role, duty, from_day, grounds, proposed_by)
		SELECT gen_random_uuid(), now(), $1, 'inps', 'pay', '2026-11-23', 'x', id FROM persons WHERE fiscal_code = $2`, id, string(fiscalCode(demo.Confirmer)))
	at := "/amministrazione/proposte/" + s.text(`SELECT id::text FROM grant_proposals WHERE person_id = $1`, id)
	b.get(at).wants(200, "Riguarda te")
	b.post(at, url.Values{"idem": {once.NewKey()}, "decisione": {"conferma"}}).wants(409, "Riguarda te")
	b.post(at, url.Values{"idem": {once.NewKey()}, "decisione": {"ritira"}}).wants(409, "la ritira solo chi l’ha fatta")
}

func TestARoleThatCannotBeIsRefusedWithItsField(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	for name, c := range map[string]struct {
		fields url.Values
		status int
		says   string
	}{
		"no fiscal code":             {url.Values{"codice_fiscale": {""}}, 422, "codice fiscale"},
		"another’s name":             {url.Values{"nome": {"Luigi"}}, 422, "Il nome non corrisponde al codice fiscale"},
		"a name that cannot be":      {url.Values{"codice_fiscale": {"VRDLGU80A01H501B"}, "nome": {"Mario"}, "cognome": {"Neri"}}, 422, "codice fiscale"},
		"no name":                    {url.Values{"nome": {" "}}, 422, "Scrivi il nome"},
		"no family name":             {url.Values{"cognome": {""}}, 422, "Scrivi il cognome"},
		"no first day":               {url.Values{"dal-giorno": {""}, "dal-mese": {""}, "dal-anno": {""}}, 422, "Scrivi il primo giorno"},
		"no role":                    {url.Values{"ruolo": {""}}, 422, "Scegli il ruolo"},
		"a role that is none":        {url.Values{"ruolo": {"cnop.pay"}}, 422, "Scegli il ruolo"},
		"a member’s role":            {url.Values{"ruolo": {"member."}}, 422, "Scegli il ruolo"},
		"no reason":                  {url.Values{"atto": {" "}}, 422, "Scrivi l’atto"},
		"the past":                   {url.Values{"dal-giorno": {"22"}}, 422, "Un ruolo non comincia nel passato"},
		"an end before it":           {url.Values{"al-giorno": {"1"}, "al-mese": {"11"}}, 422, "L’ultimo giorno viene prima del primo"},
		"a day that is none":         {url.Values{"al-giorno": {"31"}, "al-mese": {"2"}}, 422, "data"},
		"the duty of a colleague":    {url.Values{"codice_fiscale": {string(fiscalCode(demo.INPSOfficer))}, "nome": {"Chiara"}, "cognome": {"Colombo"}, "ruolo": {"inps.approve"}}, 409, "chi propone le graduatorie non può approvarle"},
		"a role they have":           {url.Values{"codice_fiscale": {string(fiscalCode(demo.INPSOfficer))}, "nome": {"Chiara"}, "cognome": {"Colombo"}, "ruolo": {"inps.prepare"}}, 409, "ha già questo ruolo"},
		"oversight beside an office": {url.Values{"codice_fiscale": {string(fiscalCode(demo.INPSOfficer))}, "nome": {"Chiara"}, "cognome": {"Colombo"}, "ruolo": {"oversight.audit"}}, 409, "non lavora in un ufficio"},
	} {
		p := b.submit(b.get("/amministrazione/utenti/nuovo"), candidate(c.fields))
		p.wants(c.status, c.says)
		if len(p.all(".field-error")) == 0 {
			t.Errorf("%s: no field says what is wrong", name)
		}
		if typed := p.one("#atto").text(); typed == "" && name != "no reason" {
			t.Errorf("%s: what was typed is gone", name)
		}
	}
	b.submit(b.get("/amministrazione/utenti/nuovo"), url.Values{"dal-giorno": {""}, "dal-mese": {""}, "dal-anno": {""}}).
		wants(422, "codice fiscale", "Scrivi il nome", "Scrivi il cognome", "Scegli il ruolo", "Scrivi il primo giorno del ruolo", "Scrivi l’atto")
	if n := s.count(`SELECT count(*) FROM grant_proposals WHERE proposed_at >= $1`, noon); n != 0 {
		t.Errorf("%d proposals were kept", n)
	}
}

func TestTheLastTwoAdministratorsRemain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	id := s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Confirmer)))
	end := b.get(b.get("/amministrazione/utenti/" + id).link("Togli il ruolo"))
	b.submit(end, url.Values{"motivo": {"Va in pensione"}}).wants(409, "Resterebbero meno di due amministratori")
	b.get("/amministrazione/utenti").silent("gli amministratori sono meno di due")
}

func TestWhomAnAdministratorLooksForIsWrittenDownAndNotInTheAddress(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.login(demo.Administrator, "oversight")
	found := b.post("/amministrazione/utenti", url.Values{"cerca": {"colombo"}}).wants(200, "1 persona", "Colombo Chiara").silent("Ricci Andrea")
	if strings.Contains(found.URL.String(), "olombo") {
		t.Errorf("the address is %s", found.URL)
	}
	b.get(found.link("Colombo Chiara")).wants(200, "INPS: istruttoria", "All’installazione")
	if got := s.text(`SELECT string_agg(action, ' ' ORDER BY id) FROM audit WHERE action LIKE 'staff.%'`); got != "staff.searched staff.opened" {
		t.Errorf("the register says %s", got)
	}
	b.get("/amministrazione/utenti?filtri=togli").wants(200, "Ricci Andrea")
	b.get("/amministrazione/utenti?ufficio=cnop").wants(200, "De Luca Sara").silent("Ricci Andrea")
	b.get("/amministrazione/utenti?stato=cessati").wants(200, "Nessuna persona")
	// A citizen is not staff: nothing of theirs is found or opened here.
	b.post("/amministrazione/utenti", url.Values{"cerca": {"Rossi"}}).wants(200, "Nessuna persona")
	b.get("/amministrazione/utenti/" + s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(demo.Citizen)))).wants(404)
}

func TestOnlyAdministratorsAdminister(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.login(demo.Auditor, "oversight").get("/amministrazione/utenti").wants(403)
	s.login(demo.INPSPublisher, "inps").get("/amministrazione/utenti").wants(404)
	auditor := s.login(demo.Auditor, "oversight")
	auditor.post("/amministrazione/utenti/nuovo", candidate(url.Values{"idem": {once.NewKey()}})).wants(403)
}

// A role has its days: it is not there before the first, nor after the last.
func TestARoleHoldsOnItsDays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	proposer, confirmer := s.login(demo.Administrator, "oversight"), s.login(demo.Confirmer, "oversight")
	at := proposer.submit(proposer.get("/amministrazione/utenti/nuovo"), candidate(url.Values{"dal-giorno": {"1"}, "dal-mese": {"12"}})).URL.Path
	confirmer.submit(confirmer.get(at), url.Values{"decisione": {"conferma"}}).wants(200, "Non ancora iniziato")
	held := func(day int) bool {
		profiles, err := s.Portal.People.Profiles(t.Context(), s.person(demo.NewPsychologist), calendar.NewDate(2026, time.December, day))
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(profiles.Roles, "cnop")
	}
	if held(0) || !held(1) || !held(31) || held(32) {
		t.Errorf("held on 30 November %t, 1 December %t, 31 December %t, 1 January %t", held(0), held(1), held(31), held(32))
	}
	prolong := confirmer.get(confirmer.get("/amministrazione/utenti/" + string(s.person(demo.NewPsychologist))).link("Prolunga"))
	for id, want := range map[string]string{"dal": "1", "dal-mese": "1", "dal-anno": "2027"} {
		if got := prolong.one("#" + id).attr("value"); got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	confirmer.submit(prolong, url.Values{"atto": {"Proroga"}}).wants(200, "Ruolo proposto")
}

// person is a persona by id.
func (s *site) person(hint demo.Hint) identity.PersonID {
	s.Helper()
	return identity.PersonID(s.text(`SELECT id::text FROM persons WHERE fiscal_code = $1`, string(fiscalCode(hint))))
}
