package notify_test

import (
	"regexp"
	"strings"
	"testing"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/notify"
	"portal/internal/payment"
)

// Who is paid reads when, and what to do when the money came back; how much stands
// behind the login.
func TestAPayeeIsToldOfTheirMoneyAndOfNoAmount(t *testing.T) {
	t.Parallel()
	indiscreet := regexp.MustCompile(`(?i)psico|terap|sedut|salute|€|\beuro\b|\d+,\d\d|IT\d\d|bianchi|\{\{|notice\.`)
	o := payment.Order{ID: "o1", Payee: "giulia", Holder: "Giulia Bianchi", IBAN: "IT60X0542811101000000123456", Amount: 150_00, ValueDay: calendar.NewDate(2026, 11, 24)}
	for _, c := range []struct {
		action   audit.Action
		rejected bool
		want     string // kind, link and a part of the text
	}{
		{payment.OrderWasPaid, false, "s07 /professionisti/pagamenti/o1 valuta 24 novembre 2026"},
		{payment.OrderCameBack, false, "s07b /professionisti/pagamenti/o1 Non devi fare nulla"},
		{payment.OrderCameBack, true, "s08d /professionisti/dati/iban Inseriscine un altro"},
		{payment.RunSent, false, ""},
	} {
		letters := notify.Letters(notify.Event{Action: c.action, Credit: notify.Credit{Order: o, Month: calendar.NewDate(2026, 10, 1), Rejected: c.rejected}})
		if c.want == "" {
			if len(letters) != 0 {
				t.Errorf("%s tells %v", c.action, letters)
			}
			continue
		}
		if len(letters) != 1 || letters[0].To != "giulia" {
			t.Fatalf("%s tells %v", c.action, letters)
		}
		l := letters[0]
		part, ok := strings.CutPrefix(c.want, string(l.Kind)+" "+l.Link+" ")
		if !ok || !strings.Contains(l.Body, part) || !strings.HasPrefix(l.Subject, "INPS: ") {
			t.Errorf("%s: %+v", c.action, l)
		}
		if told := indiscreet.FindString(l.Subject + l.Body); told != "" {
			t.Errorf("%s says %q", l.Kind, told)
		}
	}
}
