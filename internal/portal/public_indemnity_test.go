package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"portal/internal/calendar"
	"portal/internal/demo"
)

const indemnityService = "/indennita-malattia-infortunio"

func TestTheCardOfTheIndemnitySaysWhatTheCallSays(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	p := s.browser().get(indemnityService).wants(http.StatusOK, "per almeno 7 giorni di seguito", "per i giorni dopo i primi 6", "Hai 10 giorni dalla fine del periodo",
		"Bando aperto per i periodi che finiscono dal 1º al 30 novembre 2026: l’ultimo termine per inviare la domanda scade il 10 dicembre 2026, ore 23:59",
		"oltre 10.000,00 € e fino a 15.000,00 €", "da 21 a 45 giorni", "da 181 giorni", "ISEE non presentato", "2.040,00 €", "Bando novembre 2026, art. 4, lett. b",
		"ottobre 2026", "In verifica", "dicembre 2026")
	for text, want := range map[string]string{"Inizia la domanda": indemnityService + "/domande/nuova", "Calcola una stima": indemnityService + "/stima", "Tutti i bandi": indemnityService + "/bandi"} {
		if got := p.link(text); got != want {
			t.Errorf("%s leads to %s", text, got)
		}
	}
	// Another call, other figures: nothing of them is typed on the page.
	if _, err := s.Pool.Exec(t.Context(), `
		INSERT INTO call_versions (call_id, number, rules, state, shipped, drafted_at)
		SELECT call_id, 2, jsonb_set(jsonb_set(jsonb_set(rules, '{submission_days,value}', '12'), '{exclusivity_points,value,exclusive}', '77'), '{excluded_days,value}', '5'),
			'released', true, now() FROM call_versions WHERE call_id = '2026-11'`); err != nil {
		t.Fatal(err)
	}
	s.browser().get(indemnityService).wants(http.StatusOK, "per i giorni dopo i primi 5", "Hai 12 giorni", "77", "2.100,00 €", "scade il 12 dicembre 2026, ore 23:59")

	s.At(noon.AddDate(0, 3, 0))
	s.browser().get(indemnityService).wants(http.StatusOK, "Non ci sono bandi aperti. Il prossimo riguarda i periodi conclusi a febbraio 2027.")
}

func TestAnEstimateIsReckonedStepByStepAndNothingIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	const kept = `SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM indemnity_drafts) + (SELECT count(*) FROM audit)`
	before := s.count(kept)
	b.get(indemnityService+"/stima").wants(http.StatusOK, "Reddito netto professionale del 2024", "Giorni già pagati nel 2026")
	answer := func(from, to calendar.Date, more url.Values) page {
		q := url.Values{"reddito": {"21.900,00"}, "pagati": {""}, "copertura": {"no"}}
		for name, d := range map[string]calendar.Date{"primo": from, "ultimo": to} {
			for k, v := range day(name, d) {
				q[k] = v
			}
		}
		for k, v := range more {
			q[k] = v
		}
		return b.get(indemnityService + "/stima?" + q.Encode())
	}
	november := func(d int) calendar.Date { return calendar.NewDate(2026, 11, d) }
	answer(november(1).Add(-20), november(20), nil).wants(http.StatusOK, "Stima: 2.040,00 € lordi", "40 giorni", "34 giorni", "60,00 €", "Bando di novembre 2026",
		"Puoi inviare la domanda adesso, entro il 30 novembre 2026, ore 23:59", "conta la verifica di ENPAP e la graduatoria")
	answer(november(1), november(20), url.Values{"copertura": {"si"}, "reddito": {"10.950"}}).
		wants(http.StatusOK, "268,80 €", "336,00 €", "Periodo fino a 20 giorni: 80 %", "Altra copertura obbligatoria: 20 % in meno")
	answer(november(1), november(30), url.Values{"pagati": {"170"}}).wants(http.StatusOK, "600,00 €", "Giorni oltre il limite di 180", "Potrai inviare la domanda dal 1º dicembre 2026 al 10 dicembre 2026, ore 23:59")
	answer(november(1), november(6), nil).wants(http.StatusOK, "Con 6 giorni non si può fare domanda: servono almeno 7 giorni di seguito").silent("Stima:")
	answer(november(1).Add(-40), november(1).Add(-10), nil).wants(http.StatusOK, "Il termine per inviare la domanda è scaduto il 2 novembre 2026, ore 23:59")
	answer(calendar.NewDate(2027, 4, 1), calendar.NewDate(2027, 4, 30), nil).wants(http.StatusOK, "non c’è ancora", "Se invii la domanda nel 2027 conta il reddito del 2025")
	p := answer(november(20), november(1), url.Values{"reddito": {"tanto"}, "pagati": {"-3"}, "copertura": {""}}).
		wants(http.StatusUnprocessableEntity, "L’ultimo giorno viene prima del primo", "Scrivi quanti giorni, da 0 a 366", "Scegli se hai un’altra copertura", "Scrivi l’importo").silent("Stima:")
	if got := p.one("#reddito").attr("value"); got != "tanto" {
		t.Errorf("what was typed is %q", got)
	}
	b.get(indemnityService+"/stima?copertura=no").wants(http.StatusUnprocessableEntity, "se non ne avevi scrivi 0", "Inserisci il primo giorno", "Inserisci l’ultimo giorno")
	if n := s.count(kept); n != before {
		t.Errorf("%d things were kept", n-before)
	}
	if strings.Contains(s.Logged.String(), "21.900") {
		t.Error("the log knows the income")
	}
}

func TestCallsAreListedYearByYearAndReadInFull(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	list := b.get(indemnityService+"/bandi").wants(http.StatusOK, "Bandi del 2026", "maggio 2026", "10/12/2026", "Aperto", "In arrivo", "In verifica").silent("gennaio 2027")
	call := b.get(list.link("maggio 2026")).wants(http.StatusOK, "Bando di maggio 2026", "scaduto il 10 giugno 2026, ore 23:59", "Non ancora indicata", "Non ancora indicato", "Nessun limite",
		"Bando maggio 2026, art. 4, lett. a", "A11 · Fine del periodo che conta", "lo spostamento del sabato vale solo per gli atti del processo").silent("Inizia la domanda")
	pdf := b.get(call.link("Scarica il bando"))
	if pdf.Status != http.StatusOK || pdf.Header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(pdf.Body, "%PDF-") ||
		!strings.Contains(pdf.Header.Get("Content-Disposition"), "bando-2026-05.pdf") {
		t.Errorf("the PDF: %d %v", pdf.Status, pdf.Header)
	}
	b.get(list.link("novembre 2026")).wants(http.StatusOK, "Inizia la domanda")
	for _, unknown := range []string{"2027-01", "2026-13", "x", "2026-5"} { // the first is only proposed
		b.get(indemnityService + "/bandi/" + unknown).wants(http.StatusNotFound)
	}
	s.login(demo.WelfareOfficer, "welfare").get("/area-personale").wants(http.StatusOK, "1 bando aspetta un’approvazione")
}
