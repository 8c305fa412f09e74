package notify_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
)

// asked is an event of a case of giulia's, for whom laura acts, with a request that is
// due some days after the entry; 0 for one that has reached nobody.
func asked(action audit.Action, days int, change func(*notify.CaseNews)) notify.Event {
	today := calendar.On(noon)
	news := notify.CaseNews{Today: today, File: indemnity.CaseFile{ID: "c1", Protocol: "ENPAP-2026-000123", Kind: indemnity.ByMember, Member: identity.Person{ID: "giulia"}, SubmittedAt: noon},
		Request: indemnity.Request{ID: "r1", State: indemnity.Asked, Days: 15, Items: make([]indemnity.RequestItem, 2), Protocol: "ENPAP-2026-000124", AnsweredAt: noon}}
	if days >= 0 {
		news.Request.DueOn = today.Add(days)
	}
	if change != nil {
		change(&news)
	}
	return notify.Event{Action: action, About: "giulia", ActingFor: []identity.PersonID{"laura"}, Case: news}
}

// decided puts a decision on the case.
func decided(to indemnity.State) func(*notify.CaseNews) {
	return func(n *notify.CaseNews) {
		n.File.Decisions = []indemnity.Decision{{ID: "d1", To: to, State: indemnity.DecisionMade, DecidedAt: noon}}
	}
}

// looked is a request to look at an outcome again.
func looked(n *notify.CaseNews) {
	n.Review = indemnity.Reexamination{Protocol: "ENPAP-2026-000200", DecideBy: calendar.NewDate(2026, 4, 2)}
}

func TestWhatBecomesOfAnIndemnityCaseIsToldInNeutralWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what string
		e    notify.Event
		want string // which message, where it leads, its subject and a part of what it says; "" for none
	}{
		{"it was received", asked(indemnity.ApplicationSent, -1, nil), "b03|/ricevuta|ENPAP: domanda ricevuta, protocollo ENPAP-2026-000123|il 2 marzo 2026 alle 12:00. La ricevuta è nel portale."},
		{"it was withdrawn", asked(indemnity.ApplicationWithdrawn, -1, nil), "b03b||ENPAP: domanda ritirata|ritirata il 2 marzo 2026"},
		{"two things are asked for", asked(indemnity.RequestMade, 15, nil), "b04|/richieste/r1|ENPAP: rispondi entro il 17 marzo 2026|ti chiediamo 2 cose. Rispondi entro il 17 marzo 2026, ore 23:59. Il termine non si può prorogare"},
		{"they have reached nobody", asked(indemnity.RequestMade, -1, nil), "b04b|/richieste/r1|ENPAP: c’è una richiesta sulla tua domanda|Hai 15 giorni da quando leggi la richiesta"},
		{"they have now", asked(indemnity.RequestReached, 15, nil), "b04|/richieste/r1|ENPAP: rispondi entro il 17 marzo 2026|ti chiediamo"},
		{"three days are left", asked(indemnity.RequestReminded, 3, nil), "b05|/richieste/r1|ENPAP: hai una scadenza il 5 marzo 2026|Mancano 3 giorni per rispondere alla richiesta sulla domanda ENPAP-2026-000123. Rispondi entro il 5 marzo 2026, ore 23:59."},
		{"one is", asked(indemnity.RequestReminded, 1, func(n *notify.CaseNews) { n.Request.Version = 2 }), "b05|/richieste/r1|ENPAP: hai una scadenza il 3 marzo 2026|Manca 1 giorno per rispondere alla richiesta sulla domanda ENPAP-2026-000123. Rispondi entro il 3 marzo 2026, ore 23:59. Hai una risposta in bozza: inviala."},
		{"it is the last day", asked(indemnity.RequestReminded, 0, nil), "b05|/richieste/r1|ENPAP: hai una scadenza il 2 marzo 2026|Oggi è l’ultimo giorno"},
		{"it was answered meanwhile", asked(indemnity.RequestReminded, 3, func(n *notify.CaseNews) { n.Request.State = indemnity.Answered }), ""},
		{"the answer was received", asked(indemnity.AnswerSent, 3, nil), "b06|/richieste/r1|ENPAP: risposta ricevuta|protocollo ENPAP-2026-000124."},
		{"the office wrote", asked(indemnity.MessageAnswered, 3, func(n *notify.CaseNews) { n.Thread = "t1" }), "b13|/messaggi/t1|ENPAP: c’è un messaggio per te|C’è un messaggio da ENPAP sulla domanda ENPAP-2026-000123."},
		{"nothing is in its way", asked(indemnity.DecisionApproved, -1, decided(indemnity.Suitable)), "b07|/esito|ENPAP: c’è una novità sulla tua domanda|La verifica della domanda ENPAP-2026-000123 è finita. ENPAP non ha ancora indicato la data della graduatoria."},
		{"it was refused", asked(indemnity.DecisionApproved, -1, decided(indemnity.NotEligible)), "b08|/esito|ENPAP: c’è una novità sulla tua domanda|C’è una decisione sulla domanda ENPAP-2026-000123. Accedi per leggere il motivo e che cosa puoi fare entro il 1º aprile 2026, ore 23:59."},
		{"its examination goes on", asked(indemnity.DecisionApproved, -1, decided(indemnity.InReview)), "b08b|/esito|ENPAP: c’è una novità sulla tua domanda|Accedi per leggere il motivo e che cosa puoi fare."},
		{"it is found suitable after the ranking", asked(indemnity.DecisionApproved, -1, func(n *notify.CaseNews) {
			decided(indemnity.Suitable)(n)
			n.File.LeftOut = &indemnity.LeftOut{On: calendar.NewDate(2026, 2, 20)}
		}), "b07|/esito|ENPAP: c’è una novità sulla tua domanda|è finita. La graduatoria è uscita il 20 febbraio 2026 senza questa domanda. ENPAP confronta la posizione"},
		{"the ranking is out", asked(indemnity.CaseRanked, -1, nil), "b10|/graduatoria|ENPAP: è uscita la graduatoria|L’esito della domanda ENPAP-2026-000123 è nel portale."},
		{"it is out without the case", asked(indemnity.CaseLeftOut, -1, nil), "b10b||ENPAP: è uscita la graduatoria|la domanda ENPAP-2026-000123 non c’è: quando è stata chiusa la verifica non era finita."},
		{"a second look is asked for", asked(indemnity.ReexaminationAsked, -1, looked), "b14|/riesame|ENPAP: abbiamo ricevuto la tua richiesta|richiesta ENPAP-2026-000200 sulla domanda ENPAP-2026-000123. Ti rispondiamo entro il 2 aprile 2026"},
		{"the office has read it", asked(indemnity.ReexaminationRead, -1, looked), "b14b|/riesame|ENPAP: la tua richiesta è stata letta|L’ufficio ha aperto la richiesta ENPAP-2026-000200"},
		{"the office has decided it", asked(indemnity.ReexaminationDecided, -1, looked), "b14c|/riesame|ENPAP: c’è una risposta per te|Abbiamo risposto alla richiesta ENPAP-2026-000200"},
		{"somebody looked", asked(indemnity.CaseSeen, 3, nil), ""},
	} {
		letters := notify.Letters(c.e)
		if c.want == "" {
			if len(letters) > 0 {
				t.Errorf("%s: %+v", c.what, letters)
			}
			continue
		}
		want := strings.Split(c.want, "|")
		if len(letters) != 2 {
			t.Errorf("%s: %d letters", c.what, len(letters))
			continue
		}
		for i, l := range letters {
			link := "/indennita-malattia-infortunio/domande/c1" + want[1]
			if i == 1 {
				link = "/profili?ritorno=" + url.QueryEscape(link)
			}
			if l.To != []identity.PersonID{"giulia", "laura"}[i] || string(l.Kind) != want[0] || l.Link != link || l.Subject != want[2] || !strings.Contains(l.Body, want[3]) {
				t.Errorf("%s: %+v", c.what, l)
			}
			for _, word := range []string{"psico", "malatt", "infortun", "ISEE", "€", "{{", "notice."} {
				if strings.Contains(l.Subject+l.Body, word) {
					t.Errorf("%s: it says %q: %s", c.what, word, l.Body)
				}
			}
		}
		if !slices.Contains(notify.Kinds, letters[0].Kind) {
			t.Errorf("%s is not among the kinds", letters[0].Kind)
		}
	}
}

func TestOfADeceasedTheHeirsAreTold(t *testing.T) {
	t.Parallel()
	letters := notify.Letters(asked(indemnity.RequestMade, 15, func(n *notify.CaseNews) {
		n.File.DiedOn = calendar.NewDate(2026, 2, 1)
		n.File.Heirs = []indemnity.Heir{{Person: identity.Person{ID: "anna"}, LinkedAt: noon}, {Person: identity.Person{}, LinkedAt: time.Time{}}}
	}))
	if len(letters) != 1 || letters[0].To != "anna" {
		t.Errorf("%+v", letters)
	}
}
