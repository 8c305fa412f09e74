package portal_test

import (
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"

	"portal/internal/demo"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

const (
	memberCases = "/indennita-malattia-infortunio/domande"
	memberStart = memberCases + "/nuova"
)

// withCalls puts the calls around the day of the tests in force, where the demo has
// none: those of May, in another month. And it enrols paolo.
func (s *site) withCalls() *site {
	s.Helper()
	all, err := indemnity.Shipped()
	if err != nil {
		s.Fatal(err)
	}
	for _, month := range []indemnity.CallID{"2026-10", "2026-11"} {
		c := all[0]
		c.ID, c.Rules.Window.Is = month, month.Month()
		if err := postgres.NewCalls(s.Pool).Ship(s.Context(), []indemnity.Call{c}); err != nil {
			s.Fatal(err)
		}
	}
	s.text(`INSERT INTO role_grants (person_id, role, during) SELECT id, 'member', daterange('2015-02-10', NULL) FROM persons WHERE fiscal_code = $1 RETURNING role`,
		string(fiscalCode(paolo)))
	s.enrol(string(fiscalCode(paolo)), "070001", "Paolo", "Galli", "yes", "2015-02-10", "2015-03-16", "", "no", "2024:21900.00", "2026:20", "",
		"IT60X0542811101000000123456", "paolo@example.org", "333 123 4567", "", "")
	return s
}

// paolo is a member of whom the demo knows no application: see withCalls.
const paolo = demo.ExcludedCitizen

// member is a member at a screen.
func (s *site) member(who demo.Hint) *browser {
	s.Helper()
	return s.login(who, "iscritto")
}

// dayOf is a day in a form.
func dayOf(name string, year, month, day int) url.Values {
	return url.Values{name + "-giorno": {fmt.Sprint(day)}, name + "-mese": {fmt.Sprint(month)}, name + "-anno": {fmt.Sprint(year)}}
}

func fields(more ...url.Values) url.Values {
	all := url.Values{}
	for _, v := range more {
		for name, values := range v {
			all[name] = values
		}
	}
	return all
}

// answers are the four answers of M-02; the last day may be missing.
func answers(cause, over string, first, last url.Values) url.Values {
	return fields(url.Values{"tipo": {cause}, "finito": {over}}, first, last)
}

// flu is an illness of 21 days that ended on Wednesday 18 November 2026: the tenth day
// is a Saturday, 28 November.
var flu = answers("illness", "si", dayOf("primo", 2026, 10, 29), dayOf("ultimo", 2026, 11, 18))

// begun is a draft of a member's, at its task list.
func (b *browser) begun(with url.Values) page {
	b.Helper()
	return b.submit(b.submit(b.get(memberStart), with).wants(200, "Inizia la domanda"), nil).wants(200, "La tua domanda")
}

// part fills in a part of a draft.
func (b *browser) part(tasks page, part string, with url.Values) page {
	b.Helper()
	return b.submit(b.get(tasks.URL.Path+"/"+part).wants(200), with)
}

// enrol adds a row to the register of members, and owe one to their positions: from now
// on it counts.
func (s *site) enrol(row ...string) { s.appendTo(s.Registers.Members, row) }
func (s *site) owe(row ...string)   { s.appendTo(s.Registers.Positions, row) }

func (s *site) appendTo(path string, row []string) {
	s.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(strings.Join(row, ",") + "\n"); err != nil {
		s.Fatal(err)
	}
}

func TestFourQuestionsTellWhetherAMemberMayApplyAndUntilWhen(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	start := b.get(memberStart).wants(200, "Che cosa ti ha fermato?", "Il periodo è finito?")
	b.submit(start, flu).wants(200, "Puoi fare domanda", "Periodo: 21 giorni. Rientra nel bando di novembre 2026", "Termine: 28 novembre 2026, ore 23:59",
		"il documento di riconoscimento, fronte e retro", "i certificati medici con la prognosi", "Servono circa 20 minuti").silent("non risulti in regola")
	b.submit(start, answers("illness", "no", dayOf("primo", 2026, 11, 20), dayOf("ultimo", 2026, 11, 30))).
		wants(200, "Puoi fare domanda quando il periodo è finito", "Si può inviare dal 1º dicembre 2026 fino al 10 dicembre 2026, ore 23:59")
	b.submit(start, answers("injury", "no", dayOf("primo", 2026, 11, 20), nil)).wants(200, "quando il periodo è finito", "Da quando finisce hai 10 giorni")
	b.submit(start, answers("illness", "si", dayOf("primo", 2026, 11, 15), dayOf("ultimo", 2026, 11, 20))).
		wants(200, "Il periodo è troppo breve", "Con 6 giorni non si può fare domanda: servono almeno 7 giorni di seguito", "cicli di terapia").silent("Inizia la domanda")
	b.submit(start, answers("illness", "si", dayOf("primo", 2026, 10, 1), dayOf("ultimo", 2026, 11, 9))).
		wants(200, "Il termine è scaduto il 19 novembre 2026").silent("Inizia la domanda")
	b.submit(start, answers("illness", "si", dayOf("primo", 2026, 10, 1), dayOf("ultimo", 2026, 11, 12))). // the tenth day is a Sunday
														wants(200, "Puoi fare domanda", "Termine: 23 novembre 2026, ore 23:59")
	b.submit(start, answers("birth", "si", dayOf("primo", 2026, 10, 1), dayOf("ultimo", 2026, 11, 18))).
		wants(200, "Questo periodo è tutelato dalla maternità").silent("Inizia la domanda")
	b.submit(start, answers("interrupted", "si", dayOf("primo", 2026, 10, 1), dayOf("ultimo", 2026, 11, 18))).
		wants(200, "Ci dispiace", "il provvedimento della ASL").silent("Hai avuto un figlio")
}

func TestADraftIsFilledInPartByPartAndTakenUpElsewhere(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	tasks := b.begun(flu).wants(200, "Invia la domanda", "sabato 28 novembre 2026, ore 23:59", "Completata in 2 parti su 10", "Non ancora disponibile",
		"Giorni totali", "21", "900,00 €", "20 su 180", "senza ISEE 0 punti")
	b.part(tasks, "attivita", nil).wants(422, "Scegli Sì o No")
	b.part(tasks, "attivita", url.Values{"esclusiva": {"si"}}).wants(200, "Altre coperture", "si riduce del 20 %")
	b.part(tasks, "coperture", url.Values{"copertura": {"no"}, "quale": {"INAIL"}}).wants(200, "Non è obbligatorio")
	b.part(tasks, "isee", url.Values{"isee": {"si"}}).wants(422, "Inserisci il valore dell’ISEE", "Scrivi l’anno dell’attestazione: 2026 o 2025")
	b.part(tasks, "isee", url.Values{"isee": {"si"}, "valore": {"-3,00"}, "anno": {"2019"}}).wants(422, "Il valore dell’ISEE non può essere sotto zero", "2026 o 2025")
	b.part(tasks, "isee", url.Values{"isee": {"no"}}).wants(200, "IBAN e contatti", "Questi dati arrivano da ENPAP")
	wrong := b.part(tasks, "contatti", url.Values{"iban": {"IT60 X054"}, "email": {"paolo"}}).wants(422, "L’IBAN italiano ha 27 caratteri: ne hai inseriti 8", "nome@esempio.it")
	if wrong.one("#iban").attr("value") != "IT60 X054" {
		t.Error("what was typed is gone")
	}
	b.part(tasks, "contatti", nil).wants(200, "Dichiarazioni")
	b.part(tasks, "dichiarazioni", nil).wants(422, "Per inviare la domanda devi confermare questa dichiarazione")
	all := url.Values{}
	for _, n := range b.get(tasks.URL.Path+"/dichiarazioni").wants(200, "Leggi il testo completo (DPR 445/2000)").all("input") {
		if n.attr("type") == "checkbox" {
			if n.has("checked") {
				t.Error("a declaration is confirmed beforehand")
			}
			all.Set(n.attr("name"), "on")
		}
	}
	b.part(tasks, "dichiarazioni", all).wants(200, "La tua domanda", "Completata in 7 parti su 10", "24 punti")
	elsewhere := s.member(paolo)
	elsewhere.get(elsewhere.get(memberCases).wants(200, "Bozza", "dal 29 ottobre al 18 novembre 2026", "novembre 2026", "Inviala entro il 28 novembre 2026, ore 23:59").
		link("Continua")).wants(200, "Completata in 7 parti su 10")
	elsewhere.get("/area-personale").wants(200, "Invia la domanda a ENPAP", "sabato 28 novembre 2026", "1 bozza da finire")
	b.part(tasks, "coperture", url.Values{"copertura": {"si"}, "quale": {"INAIL"}, "poi": {"esci"}}).wants(200, "Bozza salvata", "Le tue domande")
	b.get(tasks.URL.Path).wants(200, "Completata in 6 parti su 10", "Riduzione del 20 %", "720,00 €") // what was declared is asked anew
	b.get(tasks.URL.Path+"/coperture").wants(200, "INAIL", "succede di rado")
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.draft_begun' AND subject_id::text = $1`, strings.Split(tasks.URL.Path, "/")[3]); n != 1 {
		t.Errorf("%d entries", n)
	}
	s.whole()
}

func TestWhatIsTypedIntoADraftThatAnotherPageSavedIsKeptAndNotSaved(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	tasks := b.begun(flu)
	first, second := b.get(tasks.URL.Path+"/coperture"), b.get(tasks.URL.Path+"/coperture")
	b.submit(first, url.Values{"copertura": {"no"}}).wants(200)
	moved := b.submit(second, url.Values{"copertura": {"si"}, "quale": {"INPS, malattia"}}).wants(409, "I dati sono cambiati", "La tua modifica non è stata salvata")
	if moved.one("#quale").attr("value") != "INPS, malattia" {
		t.Error("what was typed is gone")
	}
	b.submit(moved, nil).wants(200)
	b.get(tasks.URL.Path+"/coperture").wants(200, "INPS, malattia")
	b.submit(first, url.Values{"copertura": {"no"}}).wants(200) // the same form again does nothing
	b.get(tasks.URL.Path+"/coperture").wants(200, "INPS, malattia")
}

func TestDaysThatCannotBeAreShownAgainWithTheirReason(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	start := b.get(memberStart)
	b.submit(start, nil).wants(422, "Scegli che cosa ti ha fermato")
	b.submit(start, answers("illness", "si", dayOf("primo", 2026, 11, 2), nil)).wants(422, "Inserisci l’ultimo giorno")
	b.submit(start, answers("illness", "no", dayOf("primo", 2026, 11, 2), dayOf("ultimo", 2026, 11, 20))).wants(422, "Hai risposto che il periodo non è finito")
	b.submit(start, answers("illness", "si", url.Values{"primo-giorno": {"31"}, "primo-mese": {"11"}, "primo-anno": {"2026"}}, nil)).
		wants(422, "Scrivi la data con giorno, mese e anno")
	b.submit(start, answers("illness", "si", dayOf("primo", 2026, 11, 24), dayOf("ultimo", 2026, 11, 30))).wants(422, "Il primo giorno deve essere oggi o prima")
	tasks := b.begun(flu)
	b.part(tasks, "periodo", dayOf("ultimo", 2026, 10, 3)).wants(422, "L’ultimo giorno viene prima del primo")
	b.part(tasks, "periodo", dayOf("nascita", 2027, 1, 3)).wants(422, "La data di nascita deve essere oggi o prima")
	b.part(tasks, "periodo", dayOf("primo", 2010, 1, 3)).wants(422, "Il periodo inizia prima della tua iscrizione a ENPAP")
	b.part(tasks, "periodo", dayOf("nascita", 2026, 8, 5)).wants(200, "Certificati medici") // until 5 November
	b.get(tasks.URL.Path+"/periodo").wants(200, "Tutelati dalla maternità", "2", "Primi giorni non pagati")
	b.part(tasks, "periodo", fields(dayOf("primo", 2026, 11, 2), dayOf("ultimo", 2026, 11, 6))).wants(200)
	b.get(tasks.URL.Path).wants(200, "Il termine è passato il 16 novembre 2026 alle 23:59", "correggile in «Date e giorni»")
	b.get(memberCases).wants(200, "questa bozza non si può più inviare", "Elimina la bozza")
	b.part(tasks, "periodo", dayOf("ultimo", 2026, 11, 30)).wants(200)
	b.get(tasks.URL.Path).wants(200, "Si può inviare dal 1º dicembre 2026 fino al 10 dicembre 2026, ore 23:59")
	b.part(tasks, "tipo", url.Values{"tipo": {"birth"}}).wants(200, "Questo periodo è tutelato dalla maternità")
}

func TestTheStopsOfACycleAreListedOneByOne(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	tasks := b.begun(answers("cycles", "si", dayOf("primo", 2026, 10, 1), dayOf("ultimo", 2026, 11, 20)))
	list := tasks.URL.Path + "/periodo"
	b.get(list).wants(200, "Non hai ancora aggiunto periodi", "Servono almeno 8 giorni")
	add := func(from, to url.Values) page { return b.submit(b.get(list+"/aggiungi"), fields(from, to)) }
	add(dayOf("primo", 2026, 11, 16), dayOf("ultimo", 2026, 11, 18)).wants(200, "16/11/2026")
	add(dayOf("primo", 2026, 11, 2), nil).wants(200, "02/11/2026")
	add(dayOf("primo", 2026, 11, 2), dayOf("ultimo", 2026, 11, 4)).wants(422, "Questi giorni sono già in un altro periodo")
	add(dayOf("primo", 2026, 11, 9), dayOf("ultimo", 2026, 11, 8)).wants(422, "L’ultimo giorno viene prima del primo")
	add(dayOf("primo", 2026, 11, 9), dayOf("ultimo", 2026, 11, 12)).wants(200, "09/11/2026", "Giorni totali", "8").silent("Primi giorni non pagati")
	b.get(tasks.URL.Path).wants(200, "28 novembre 2026") // ten days after the last stop
	b.submit(b.get(list+"/1"), url.Values{"togli": {"si"}}).wants(200).silent("02/11/2026")
	b.get(list + "/3").wants(404)
	b.get(list + "/0").wants(404)
	b.get(list + "/x").wants(404)
	b.submit(b.get(list), url.Values{"pluriennale": {"si"}}).wants(200, "Certificati medici")
}

func TestAMemberWhoIsNotInOrderIsToldAndNotStopped(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(demo.Psychologist)
	after := fields(flu, dayOf("primo", 2026, 11, 12)) // of the days that she has applied for
	b.submit(b.get(memberStart), flu).wants(422, "Questi giorni sono già in un’altra domanda (ENPAP-2026-0000")
	b.submit(b.get(memberStart), after).wants(200, "Puoi fare domanda", "Dai nostri dati non risulti in regola", "ENPAP ti darà 15 giorni per metterti in regola",
		"Saldo", "312,40 €", "pagoPA", "331,00 €", "lo tratteniamo noi e ti paghiamo la differenza", "Inizia la domanda")
	s.owe(string(fiscalCode(paolo)), "2024", "", "1250.00", "")
	s.member(paolo).begun(flu).wants(200, "Manca la comunicazione reddituale 2024", "Non si può compensare", "Risulta una rateizzazione con 1.250,00 €")
}

func TestADraftIsWrittenWhileTheRegistersAreSilent(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	code := string(fiscalCode(paolo))
	s.enrol(code, "070001", "Paolo", "Galli", "yes", "2015-02-10", "2015-03-16", "", "no", "", "", "", "", "", "", "", "silent")
	s.owe(code, "", "", "", "silent")
	b := s.member(paolo)
	tasks := b.begun(flu).wants(200, "Non riusciamo a mostrare i tuoi dati di iscrizione", "Non riusciamo a mostrare la tua posizione contributiva", "Riprova",
		"Non conosciamo ancora il tuo reddito").silent("Indennità lorda stimata")
	b.part(tasks, "periodo", dayOf("ultimo", 2026, 11, 17)).wants(200, "Certificati medici")
	b.get(tasks.URL.Path+"/contatti").wants(200, "Non riusciamo a mostrare i tuoi dati di iscrizione").silent("Questi dati arrivano da ENPAP")
}

func TestWhoIsNoMemberIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.login(demo.Citizen, "").get(memberCases).wants(403, "Non risulti fra gli iscritti a ENPAP")
	s.login(demo.INPSOfficer, "inps").get(memberStart).wants(403, "Non risulti fra gli iscritti a ENPAP")
	s.login(demo.Psychologist, "psicoterapeuta").get(memberCases).wants(200, "Per chi vuoi operare?", "Iscritto ENPAP")
	s.enrol(string(fiscalCode(paolo)), "070001", "Paolo", "Galli", "no", "2015-02-10", "2015-03-16", "", "no", "", "", "", "", "", "", "", "")
	b := s.member(paolo)
	b.submit(b.get(memberStart), flu).wants(200, "Non risulti fra gli iscritti attivi").silent("Inizia la domanda")
}

func TestADelegateWritesForAMember(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	id := s.text(`INSERT INTO mandates (kind, scope, holder_id, represented_id, from_day) SELECT 'delegate', 'indemnity', h.id, m.id, '2026-11-01'
		FROM persons h, persons m WHERE h.fiscal_code = $1 AND m.fiscal_code = $2 RETURNING id::text`, string(fiscalCode(demo.Citizen)), string(fiscalCode(paolo)))
	b := s.browser()
	b.get("/accedi?login_hint="+demo.Citizen+"&profilo=delega-"+id+"&ritorno="+url.QueryEscape(memberCases)).wants(200, "Domande di Paolo Galli", "Stai operando per Paolo Galli")
	tasks := b.begun(flu)
	if n := s.count(`SELECT count(*) FROM audit a JOIN persons p ON p.id = a.about_id WHERE a.action = 'indemnity.draft_begun' AND a.mandate_id = $1 AND p.fiscal_code = $2`,
		id, string(fiscalCode(paolo))); n != 1 {
		t.Error("the register does not say for whom it was begun")
	}
	s.member(paolo).get(tasks.URL.Path).wants(200, "La tua domanda")
	s.member(demo.CyclesMember).get(tasks.URL.Path).wants(404)
}

func TestADraftIsThrownAwayWithItsPapers(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	tasks := b.begun(flu)
	drop := strings.TrimSuffix(tasks.URL.Path, "/compila") + "/elimina"
	ask := b.get(drop).wants(200, "Vuoi eliminare la bozza?", "Non si può tornare indietro")
	b.submit(ask, nil).wants(200, "Bozza eliminata", "Le tue domande")
	b.submit(ask, nil).wants(200, "Bozza eliminata")
	b.get(tasks.URL.Path).wants(404)
	if n := s.count(`SELECT count(*) FROM audit WHERE action = 'indemnity.draft_dropped'`); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestTwoClicksBeginOneDraft(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	b := s.member(paolo)
	before := s.count(`SELECT count(*) FROM indemnity_drafts`)
	p := b.submit(b.get(memberStart), flu)
	first, second := b.submit(p, nil).wants(200), b.submit(p, nil).wants(200)
	if first.URL.Path != second.URL.Path || s.count(`SELECT count(*) FROM indemnity_drafts`) != before+1 {
		t.Error("two drafts")
	}
	b.get(memberStart+"/inizia").wants(200, "Prima di iniziare")
}
