package portal_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
)

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
	officer.get(here).wants(200, "Non riuscita", "nessuna graduatoria è stata creata", "Il calcolo si è interrotto per un errore del portale", "ripeti la simulazione").silent("Aggiorna lo stato")
	officer.get(rankings).wants(200, "Simulazione 1 non è riuscita", "Simula la graduatoria")
	if p := officer.get(strings.Replace(here, "2026-05", "2026-06", 1)); p.Status != http.StatusNotFound {
		t.Errorf("the order of another call is %d", p.Status)
	}
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
	officer.get(here).wants(200, "In preparazione")
	for _, path := range []string{"/proponi", "/elimina", "/scenario", "/graduatoria.csv"} {
		if p := officer.get(here + path); p.Status != http.StatusNotFound {
			t.Errorf("%s is %d before there is a scenario", path, p.Status)
		}
	}
	s.makesRankings()
	approver.get(order.link("Aggiorna lo stato")).wants(200, "È uno scenario", "Che cosa cambia nelle regole", "2.000,00 €", "Uguale riga per riga").silent("Aggiorna lo stato")
	officer.simulates(refused, nil).wants(200, "Scenario 3", "Le durate lunghe")

	// What it is based on is thrown away while it waits.
	order = approver.submit(approver.get(base+"/scenario"), typed).wants(200, "Scenario 4", "In preparazione")
	officer.submit(officer.get(base+"/elimina"), nil)
	s.makesRankings()
	approver.get(order.URL.Path).wants(200, "Scenario 4", "Non riuscito", "La simulazione di partenza è stata eliminata", "prova lo scenario su una delle simulazioni", "Il doppio dello stanziamento").silent("Aggiorna lo stato")
	officer.get(rankings).wants(200, "Scenario 4 non è riuscito: La simulazione di partenza è stata eliminata", "Simula la graduatoria")
}
