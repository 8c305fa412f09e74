package notify_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/voucher"
)

// applied is an event of an application of Maria's, for whom Laura acts.
func applied(action audit.Action, state voucher.ApplicationState) notify.Event {
	return notify.Event{Action: action, About: "maria", ActingFor: []identity.PersonID{"laura"}, Applied: notify.Applied{
		Application: voucher.Application{ID: "a1", Beneficiary: "maria", Applicant: "laura", Protocol: "INPS-2026-200123", State: state,
			SubmittedAt: noon, CureBy: calendar.NewDate(2026, 6, 3)},
		WindowEnds: calendar.NewDate(2026, 4, 8), Today: calendar.On(noon),
	}}
}

func TestWhatHappensToAnApplicationIsToldToWhoItConcerns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what   string
		action audit.Action
		state  voucher.ApplicationState
		want   []string // which message, where it leads, its subject and a part of what it says
	}{
		{"it was received", voucher.ApplicationSubmitted, voucher.Submitted, []string{
			"a00|/ricevuta|INPS: domanda ricevuta|il 2 marzo 2026 alle 12:00. Protocollo INPS-2026-200123. Ti scriviamo quando esce la graduatoria, dopo la chiusura delle domande: l’8 aprile 2026."}},
		{"its ISEE is to be corrected", voucher.ApplicationSubmitted, voucher.AwaitingISEE, []string{
			"a00|/ricevuta|INPS: domanda ricevuta|Protocollo", "a02|/isee|INPS: hai una scadenza il 3 giugno 2026|correggi un dato entro il 3 giugno 2026, ore 23:59. Accedi per vedere quale e come fare."}},
		{"it came twice", voucher.ApplicationRepeated, voucher.Submitted, []string{"a00b|/ricevuta|INPS: domanda già ricevuta|Vale quella"}},
		{"the term comes near", voucher.ApplicationReminded, voucher.AwaitingISEE, []string{"a02|/isee|INPS: hai una scadenza il 3 giugno 2026|entro il 3 giugno 2026"}},
		{"it was corrected before the reminder went out", voucher.ApplicationReminded, voucher.Submitted, nil},
		{"it was corrected", voucher.ApplicationCured, voucher.Submitted, []string{"a02b|/dati|INPS: c’è una novità sulla tua domanda|è a posto"}},
		{"it was withdrawn", voucher.ApplicationWithdrawn, voucher.Withdrawn, []string{"a00c|/dati|INPS: c’è una novità sulla tua domanda|ritirata il 2 marzo 2026"}},
		{"the contribution was renounced", voucher.VoucherRenounced, voucher.Withdrawn, []string{"a15|/dati|INPS: c’è una novità sulla tua domanda|registrata il 2 marzo 2026"}},
		{"somebody looked at the receipt", voucher.ReceiptSeen, voucher.Submitted, nil},
	} {
		letters := notify.Letters(applied(c.action, c.state))
		if len(letters) != 2*len(c.want) {
			t.Errorf("%s: %d letters", c.what, len(letters))
			continue
		}
		for i, l := range letters {
			want := strings.Split(c.want[i/2], "|")
			to := []identity.PersonID{"maria", "laura"}[i%2]
			link := "/contributo-psicoterapia/domande/a1" + want[1]
			if to == "laura" {
				link = "/profili?ritorno=" + url.QueryEscape(link)
			}
			if l.To != to || string(l.Kind) != want[0] || l.Link != link || l.Subject != want[2] || !strings.Contains(l.Body, want[3]) {
				t.Errorf("%s: %+v", c.what, l)
			}
			for _, word := range []string{"psico", "ISEE", "€", "{{", "notice."} {
				if strings.Contains(l.Subject+l.Body, word) {
					t.Errorf("%s says %q: %s", l.Kind, word, l.Body)
				}
			}
			if acts := l.To == "laura"; acts != strings.Contains(l.Body, "una persona per cui puoi operare") {
				t.Errorf("%s, to %s: %s", c.what, l.To, l.Body)
			}
		}
	}
}

func TestWhoRenouncesIsNotToldOfEachSession(t *testing.T) {
	t.Parallel()
	s := session(7)
	s.CancelReason, s.CancelledBy, s.VoucherState = voucher.ByBeneficiary, "maria", voucher.GivenUp
	var told []identity.PersonID
	for _, l := range notify.Letters(notify.Event{Action: voucher.BookingCancelled, Session: s, Rules: rules(t)}) {
		told = append(told, l.To)
	}
	if !slices.Equal(told, []identity.PersonID{"giulia"}) {
		t.Errorf("told to %v", told)
	}
}
