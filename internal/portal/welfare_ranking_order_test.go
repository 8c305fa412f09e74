package portal_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

// stage checks the page of a ranking that is not there: what it is called, how far it is, in
// words beside the colour, and where to go on.
func (p page) stage(name, state, tone string, ways ...string) page {
	p.Helper()
	tag, box := p.one(".heading").one(".tag"), p.one("main").one(".callout-box")
	var links []string
	for _, a := range p.one("main").one(".buttons").all("a") {
		links = append(links, a.text())
	}
	if p.h1() != name || tag.text() != state || !matches(tag.Node, "."+tone) || !matches(box.Node, "."+tone) || !slices.Equal(links, ways) || len(p.one("main").all("form")) > 0 {
		p.Errorf("%q is %q (%s, %s) and leads to %q", p.h1(), tag.text(), tag.attr("class"), box.attr("class"), links)
	}
	return p
}

func TestARankingIsMadeBehindItsPage(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(3, 6_000*money.Euro)
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	ask := officer.get(rankings)
	colleague := s.login(demo.WelfareFellow, "welfare")
	same := colleague.get(rankings)
	order := officer.submit(ask, nil).wants(200, "Simulazione 1", "Simulazione avviata", "In preparazione", "Puoi chiudere questa pagina", "Aggiorna lo stato", "Silvia Costa").silent("Proponi per l’approvazione")
	here := order.URL.Path
	if again := colleague.submit(same, nil).wants(200, "Simulazione 1", "In preparazione"); again.URL.Path != here {
		t.Errorf("a second press leads to %s, not to %s", again.URL.Path, here)
	}
	officer.get(here).stage("Simulazione 1", "In preparazione", "tone-working", "Aggiorna lo stato", "Torna alla graduatoria")
	officer.get(rankings).wants(200, "Simulazione 1 è in preparazione", "Vedi a che punto è", "Una simulazione è già in preparazione").silent("Simula la graduatoria")
	approver.get(here).wants(200, "In preparazione")
	for _, path := range []string{"/proponi", "/elimina", "/parita", "/scenario", "/graduatoria.csv", "/verbale"} {
		if p := officer.get(here + path); p.Status != http.StatusNotFound {
			t.Errorf("%s is %d before there is a ranking", path, p.Status)
		}
	}
	s.past(`UPDATE indemnity_ranking_orders SET attempts = 1`)
	s.makesRankings()
	officer.get(order.link("Aggiorna lo stato")).wants(200, "Uguale riga per riga", "Proponi per l’approvazione").silent("Aggiorna lo stato")
	officer.get(rankings).wants(200, "Simula la graduatoria").silent("in preparazione")
	if n := s.count(`SELECT count(*) FROM indemnity_rankings WHERE call_id = '2026-05'`); n != 1 {
		t.Errorf("%d rankings", n)
	}
	if n := s.count(`SELECT count(*) FROM river_job WHERE kind = 'rank'`); n == 0 {
		t.Error("no job was left behind")
	}
}

// unfrozen is the store of rankings with cases that cannot be frozen.
type unfrozen struct{ *postgres.CallRankings }

var errUnfrozen = errors.New("a case that nobody can freeze")

func (unfrozen) FreezeCall(context.Context, indemnity.CallID, calendar.Date) (indemnity.CallSnapshot, error) {
	return indemnity.CallSnapshot{}, errUnfrozen
}

func TestARankingThatCouldNotBeMadeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(3, 6_000*money.Euro)
	officer := s.welfareOfficer()
	order := officer.submit(officer.get(rankings), nil)
	broken := indemnity.NewRankings(unfrozen{postgres.NewCallRankings(s.Pool)}, s.Portal.Applications, signing, s.Now)
	if _, _, err := broken.MakeDue(t.Context()); !errors.Is(err, errUnfrozen) {
		t.Fatal(err)
	}
	here := order.URL.Path
	officer.get(here).wants(200, "Non riuscita", "nessuna graduatoria è stata creata", "Il calcolo si è interrotto per un errore del portale", "ripeti la simulazione").
		stage("Simulazione 1", "Non riuscita", "tone-danger", "Torna alla graduatoria")
	officer.get(rankings).wants(200, "Simulazione 1 non è riuscita", "Simula la graduatoria")
	if p := officer.get(strings.Replace(here, "2026-05", "2026-06", 1)); p.Status != http.StatusNotFound {
		t.Errorf("the order of another call is %d", p.Status)
	}
}

// tries are the scenarios that the page of a ranking lists, each with what it says in place
// of a result, or beside it.
func (p page) tries() (all []string) {
	p.Helper()
	for _, n := range p.one("main").all("tr") {
		if strings.HasPrefix(n.attr("id"), "r-s-") {
			cells := n.all("td")
			all = append(all, n.one("a").text()+": "+cells[0].text()+": "+cells[2].text())
		}
	}
	return all
}

// unchecked is the store of rankings while nothing can be ranked a second time.
type unchecked struct{ *postgres.CallRankings }

func (unchecked) RankAgain(context.Context, indemnity.Ranking) (int, []indemnity.RankerDoubt, error) {
	return 0, nil, postgres.ErrUnavailable
}

// unkept is the store of rankings where none can be kept.
type unkept struct{ *postgres.CallRankings }

var errUnkept = errors.New("a ranking that nobody can keep")

func (unkept) KeepOrdered(context.Context, indemnity.Ranking, *indemnity.MadeRanking, audit.Entry) error {
	return errUnkept
}

func TestAScenarioIsMadeBehindItsPageAndNothingElseMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t).withCalls()
	s.crowd(3, 1_000*money.Euro)
	officer, approver := s.welfareOfficer(), s.login(demo.WelfareApprover, "welfare")
	base := officer.simulatedRanking().URL.Path
	typed := url.Values{"scopo": {"Il doppio dello stanziamento"}, "budget": {"2.000,00"}}
	mine, other, simulation := approver.get(base+"/scenario"), officer.get(base+"/scenario"), officer.get(rankings)
	order := approver.submit(mine, typed).wants(200, "Scenario 2", "Scenario avviato", "In preparazione", "regole dello scenario", "Puoi chiudere questa pagina", "Franco Leone", "Il doppio dello stanziamento").
		silent("Simulazione 2", "Proponi per l’approvazione")
	here := order.URL.Path
	if again := approver.submit(mine, typed).wants(200, "Scenario 2", "In preparazione"); again.URL.Path != here {
		t.Errorf("sent again, it leads to %s, not to %s", again.URL.Path, here)
	}
	const meanwhile = "Un’altra simulazione o un altro scenario di questo bando è in preparazione"
	refused := officer.submit(other, url.Values{"scopo": {"Le durate lunghe"}, "budget": {"3.000,00"}}).wants(409, meanwhile, "Le durate lunghe")
	if typed := refused.one("#budget").attr("value"); typed != "3.000,00" {
		t.Errorf("what was typed is now %q", typed)
	}
	officer.submit(simulation, nil).wants(409, meanwhile)
	officer.get(rankings).wants(200, "Scenario 2 è in preparazione", "Uno scenario è in preparazione: aspetta che finisca").silent("Simula la graduatoria")
	const second, third = "Scenario 2: Il doppio dello stanziamento: 0 ammesse, 4 senza risorse", "Scenario 3: Le durate lunghe: 4 ammesse, 0 senza risorse"
	listed := func(want ...string) {
		t.Helper()
		for _, b := range []*browser{officer, approver} {
			if got := b.get(base).wants(200, "Scenari provati").tries(); !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		}
	}
	listed("Scenario 2: Il doppio dello stanziamento: In preparazione")
	officer.get(here).wants(200).stage("Scenario 2", "In preparazione", "tone-working", "Aggiorna lo stato", "Torna alla graduatoria")
	for _, path := range []string{"/proponi", "/elimina", "/scenario", "/graduatoria.csv"} {
		if p := officer.get(here + path); p.Status != http.StatusNotFound {
			t.Errorf("%s is %d before there is a scenario", path, p.Status)
		}
	}
	halfway := indemnity.NewRankings(unchecked{postgres.NewCallRankings(s.Pool)}, s.Portal.Applications, signing, s.Now)
	if _, _, err := halfway.MakeDue(t.Context()); !errors.Is(err, postgres.ErrUnavailable) {
		t.Fatal(err)
	}
	approver.get(here).wants(200, "Lo scenario è calcolato").stage("Scenario 2", "Secondo calcolo in corso", "tone-working", "Aggiorna lo stato", "Torna alla graduatoria")
	listed(second + " Secondo calcolo in corso")
	s.makesRankings()
	listed(second)
	approver.get(order.link("Aggiorna lo stato")).wants(200, "È uno scenario", "Che cosa cambia nelle regole", "2.000,00 €", "Uguale riga per riga").silent("Aggiorna lo stato")
	officer.simulates(refused, nil).wants(200, "Scenario 3", "Le durate lunghe")

	// One that cannot be made stays beside the others, with why.
	order = approver.submit(approver.get(base+"/scenario"), url.Values{"scopo": {"Dieci volte tanto"}, "budget": {"10.000,00"}})
	broken := indemnity.NewRankings(unkept{postgres.NewCallRankings(s.Pool)}, s.Portal.Applications, signing, s.Now)
	if _, _, err := broken.MakeDue(t.Context()); !errors.Is(err, errUnkept) {
		t.Fatal(err)
	}
	listed("Scenario 4: Dieci volte tanto: Non riuscito Il calcolo si è interrotto per un errore del portale: se succede ancora, segnalalo all’assistenza",
		third, second)
	if way := officer.get(base).link("Scenario 4"); way != order.URL.Path {
		t.Errorf("it leads to %s, not to %s", way, order.URL.Path)
	}
	if way := officer.get(order.URL.Path).wants(200, "Si basa su Simulazione 1").link("Apri: Simulazione 1"); way != base {
		t.Errorf("the way back leads to %s, not to %s", way, base)
	}

	// What it is based on is thrown away while it waits.
	order = approver.submit(approver.get(base+"/scenario"), typed).wants(200, "Scenario 5", "In preparazione")
	officer.submit(officer.get(base+"/elimina"), nil)
	s.makesRankings()
	approver.get(order.URL.Path).wants(200, "Scenario 5", "Non riuscito", "La simulazione di partenza è stata eliminata", "prova lo scenario su una delle simulazioni", "Il doppio dello stanziamento").
		silent("Si basa su").stage("Scenario 5", "Non riuscito", "tone-danger", "Torna alla graduatoria")
	officer.get(rankings).wants(200, "Scenario 5 non è riuscito: La simulazione di partenza è stata eliminata", "Simula la graduatoria")
}
