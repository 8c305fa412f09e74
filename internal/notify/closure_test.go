package notify_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/mandate"
	"portal/internal/notify"
	"portal/internal/voucher"
)

func TestTheEndOfAVoucherAndItsTermsAreToldToWhoMustKnow(t *testing.T) {
	t.Parallel()
	by := calendar.NewDate(2026, 4, 3)
	terms := voucher.Terms{FirstSessionBy: by, LastDay: calendar.NewDate(2026, 8, 8)}
	open := notify.Life{Terms: terms, State: voucher.Active}
	change := func(f func(*notify.Life)) notify.Life { l := open; f(&l); return l }
	for _, c := range []struct {
		what   string
		action audit.Action
		life   notify.Life
		want   []string // who, which message, and a part of it
	}{
		{"no session yet", voucher.FirstSessionReminded, open, []string{"maria a09 Entro il 3 aprile 2026, ore 23:59", "laura a09 Non ne hai ancora prenotati."}},
		{"one is booked", voucher.FirstSessionReminded, change(func(l *notify.Life) { l.BookedOn = by.Add(-3) }), []string{"maria a09b Ne hai uno il 31 marzo 2026", "laura a09b 3 aprile"}},
		{"one was confirmed meanwhile", voucher.FirstSessionReminded, change(func(l *notify.Life) { l.Started = true }), nil},
		{"it lapsed meanwhile", voucher.FirstSessionReminded, change(func(l *notify.Life) { l.State = voucher.Forfeited }), nil},
		{"one to confirm", voucher.FirstConfirmReminded, change(func(l *notify.Life) { l.ToConfirm = 1 }), []string{"maria s04b Se non lo confermi entro il 3 aprile 2026, ore 23:59"}},
		{"none to confirm any more", voucher.FirstConfirmReminded, open, nil},
		{"the end of the code", voucher.ExpiryReminded, open, []string{"maria a11 vale fino all’8 agosto 2026, ore 23:59", "laura a11 fino all’8 agosto"}},
		{"the end of one renounced", voucher.ExpiryReminded, change(func(l *notify.Life) { l.State = voucher.GivenUp }), nil},
		{"it lapsed", voucher.VoucherLapsed, change(func(l *notify.Life) { l.State = voucher.Forfeited }), []string{"maria a10 sulla tua domanda INPS-2026-200123", "laura a10 Accedi"}},
		{"it was ended", voucher.VoucherEnded, change(func(l *notify.Life) { l.Ground = voucher.FalseDeclaration }), []string{"maria a10 importante", "laura a10 importante"}},
		{"its holder died", voucher.VoucherEnded, change(func(l *notify.Life) { l.Ground = voucher.Death }), nil},
		{"it came back", voucher.VoucherReinstated, open, []string{"maria a16 ripristinato", "laura a16 ripristinato"}},
	} {
		e := applied(c.action, voucher.Awarded)
		e.Life = c.life
		letters := notify.Letters(e)
		if len(letters) != len(c.want) {
			t.Errorf("%s: %d letters, want %d", c.what, len(letters), len(c.want))
			continue
		}
		for i, l := range letters {
			head := string(l.To) + " " + string(l.Kind) + " "
			part, ok := strings.CutPrefix(c.want[i], head)
			if !ok || !strings.Contains(l.Body, part) {
				t.Errorf("%s: %s%s", c.what, head, l.Body)
			}
			if told := regexp.MustCompile(`(?i)psico|terap|sedut|isee|€|\{\{|notice\.`).FindString(l.Subject + l.Body); told != "" {
				t.Errorf("%s says %q: %s", c.what, told, l.Body)
			}
		}
	}
}

func TestAProfessionalIsToldOnceOfAllThatIsToBeDone(t *testing.T) {
	t.Parallel()
	day := calendar.NewDate(2026, 6, 20)
	risk := []voucher.AtRisk{{By: day, Count: 1, Amount: 50_00}, {By: day.Add(23), Count: 3, Amount: 135_00}}
	for _, c := range []struct {
		action audit.Action
		work   notify.Work
		inbox  bool
		want   string
	}{
		{voucher.ConfirmReminded, notify.Work{ToConfirm: 2, ConfirmBy: day}, false, "Hai 2 appuntamenti con data passata. Confermali o annullali. Il primo termine è il 20 giugno 2026, ore 23:59."},
		{voucher.ConfirmReminded, notify.Work{}, false, ""},
		{voucher.InvoiceReminded, notify.Work{AtRisk: risk}, true, "Entro il 20 giugno 2026, ore 23:59, conferma e inserisci la fattura di 1 seduta (50,00 €). Entro il 13 luglio 2026, ore 23:59, conferma e inserisci le fatture di 3 sedute (135,00 €). Quelle incomplete saranno annullate e non pagate."},
		{voucher.InvoiceReminded, notify.Work{}, true, ""},
		{voucher.SessionsAnnulled, notify.Work{Annulled: 2, Lost: 95_00}, true, "INPS ha annullato 2 sedute (95,00 €)"},
	} {
		letters := notify.Letters(notify.Event{Action: c.action, About: "giulia", Work: c.work})
		if c.want == "" {
			if len(letters) != 0 {
				t.Errorf("%s: %+v", c.action, letters)
			}
			continue
		}
		if len(letters) != 1 || letters[0].To != "giulia" || letters[0].InboxOnly != c.inbox || !strings.HasPrefix(strings.ReplaceAll(letters[0].Body, "\u00a0", " "), c.want) {
			t.Errorf("%s: %+v", c.action, letters)
		}
	}
}

func TestWhatTheOfficeCancelsIsToldInOneWayToEach(t *testing.T) {
	t.Parallel()
	for ground, want := range map[voucher.ClosureGround][]string{
		voucher.NotInvoiced: {"maria a08"}, voucher.NotConfirmed: {"maria a08"}, voucher.NoFirstSession: {"giulia s03b"}, voucher.ByEnd: {"giulia s03b"},
	} {
		s := session(7)
		s.CancelReason, s.CancelGround = voucher.ByOffice, string(ground)
		var told []string
		for _, l := range notify.Letters(notify.Event{Action: voucher.BookingCancelled, Session: s, Rules: rules(t)}) {
			told = append(told, string(l.To)+" "+string(l.Kind))
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s: %v, want %v", ground, told, want)
		}
	}
	s := session(7)
	s.InvoiceBy = calendar.NewDate(2026, 10, 1)
	letters := notify.Letters(notify.Event{Action: voucher.BookingReinstated, Session: s, Rules: rules(t)})
	if len(letters) != 2 || letters[0].Kind != notify.SessionBack || letters[1].To != "giulia" || !strings.Contains(letters[1].Body, "entro il 1 ottobre 2026") && !strings.Contains(letters[1].Body, "entro il 1º ottobre 2026") {
		t.Errorf("%+v", letters)
	}
}

func TestMajorityIsToldToBoth(t *testing.T) {
	t.Parallel()
	m := mandate.Mandate{Mandate: identity.Mandate{Holder: "laura", Represented: identity.Person{ID: "tommaso"}, Until: calendar.NewDate(2030, 3, 6)}}
	for who, want := range map[identity.PersonID]notify.Kind{"tommaso": notify.OfAge, "laura": notify.ChildOfAge} {
		letters := notify.Letters(notify.Event{Action: voucher.CameOfAge, About: who, Mandate: m})
		if len(letters) != 1 || letters[0].To != who || letters[0].Kind != want || !strings.Contains(letters[0].Body, "il 7 marzo 2030") {
			t.Errorf("%s: %+v", who, letters)
		}
	}
}
