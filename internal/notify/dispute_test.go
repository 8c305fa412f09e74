package notify_test

import (
	"strings"
	"testing"

	"portal/internal/audit"
	"portal/internal/identity"
	"portal/internal/notify"
	"portal/internal/voucher"
)

func TestTheProfessionalHearsThatASessionIsLookedAtAndNotWhatWasSaid(t *testing.T) {
	t.Parallel()
	const said = "Non sono mai andata"
	report := func(kind voucher.DisputeKind, state voucher.DisputeState) voucher.Dispute {
		return voucher.Dispute{Protocol: "INPS-2026-000123", Kind: kind, Holds: kind.Holds(), State: state, Text: said, Answer: "Risposta"}
	}
	paid := report(voucher.DisputeNotHeld, voucher.DisputeUpheld)
	paid.Recover = 50_00
	second := report(voucher.DisputeNotHeld, voucher.DisputeUpheld)
	second.Holds = false
	told := map[notify.Kind]bool{}
	for _, c := range []struct {
		what   string
		action audit.Action
		report voucher.Dispute
		want   string
	}{
		{"a report that holds", voucher.DisputeMade, report(voucher.DisputeNotHeld, voucher.DisputeOpen), "maria a14p, laura a14p, giulia s11"},
		{"one that does not", voucher.DisputeMade, report(voucher.DisputeCharged, voucher.DisputeOpen), "maria a14p, laura a14p"},
		{"one taken back", voucher.DisputeTakenBack, report(voucher.DisputeAmount, voucher.DisputeWithdrawn), "giulia s11b"},
		{"one dismissed", voucher.DisputeDecided, report(voucher.DisputeAmount, voucher.DisputeDismissed), "maria a14q, laura a14q, giulia s11b"},
		{"a session that was not held", voucher.DisputeDecided, report(voucher.DisputeNotHeld, voucher.DisputeUpheld), "maria a14q, laura a14q, giulia s11c"},
		{"a wrong price", voucher.DisputeDecided, report(voucher.DisputeAmount, voucher.DisputeUpheld), "maria a14q, laura a14q, giulia s11d"},
		{"one that had been paid", voucher.DisputeDecided, paid, "maria a14q, laura a14q, giulia s11e"},
		{"one carried out later", voucher.DisputeCarriedOut, report(voucher.DisputeNotHeld, voucher.DisputeUpheld), "giulia s11c"},
		{"a second report, which held nothing", voucher.DisputeDecided, second, "maria a14q, laura a14q, giulia s11c"},
		{"another matter", voucher.DisputeDecided, report(voucher.DisputeOther, voucher.DisputeUpheld), "maria a14q, laura a14q"},
	} {
		var got []string
		for _, l := range notify.Letters(notify.Event{Action: c.action, Session: session(-1), Dispute: c.report, ActingFor: []identity.PersonID{"laura"}}) {
			got = append(got, string(l.To)+" "+string(l.Kind))
			told[l.Kind] = true
			if strings.Contains(l.Body+l.Subject, said) || strings.Contains(l.Body, "Risposta") {
				t.Errorf("%s tells %s: %s", c.what, l.To, l.Body)
			}
			if l.To == "giulia" && (l.Link != "/professionisti/sedute/b1" || strings.Contains(l.Body, "segnala")) {
				t.Errorf("%s tells the professional: %s %s", c.what, l.Body, l.Link)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s is told to %v, want %s", c.what, got, c.want)
		}
	}
	for _, k := range []notify.Kind{notify.ReportReceived, notify.ReportAnswered, notify.ReportHeld, notify.ReportOver, notify.ReportAnnulled, notify.ReportLowered, notify.ReportRecover} {
		if !told[k] {
			t.Errorf("nothing is told as %s", k)
		}
	}
}

func TestASessionCancelledOverAReportIsToldOnce(t *testing.T) {
	t.Parallel()
	s := session(-1)
	s.State, s.CancelReason, s.CancelGround = voucher.Cancelled, voucher.ByOffice, voucher.CancelledAsDisputed
	if letters := notify.Letters(notify.Event{Action: voucher.BookingCancelled, Session: s, Rules: rules(t)}); len(letters) > 0 {
		t.Errorf("%+v", letters)
	}
}

func TestAMovedSessionIsToldWithWhatItWasAndIs(t *testing.T) {
	t.Parallel()
	s := session(7)
	was := s.Appointment()
	was.Start = was.Day.At(15, 0)
	later, dearer, elsewhere, tomorrow := was, was, was, was
	later.Day, later.Start = was.Day.Add(2), was.Day.Add(2).At(9, 30)
	dearer.Amount++
	elsewhere.Place = "Via Po 2"
	tomorrow.Day, tomorrow.Start = was.Day.Add(-7), was.Day.Add(-7).At(18, 0)
	for _, c := range []struct {
		is   voucher.Appointment
		kind notify.Kind
		says string
	}{
		{later, notify.Moved, "L’appuntamento del 9 marzo 2026 alle 15:00 è stato spostato all’11 marzo 2026 alle 09:30. L’importo è invariato."},
		{dearer, notify.Moved, "del 9 marzo 2026 alle 15:00 è cambiato. Accedi per vedere il nuovo importo."},
		{elsewhere, notify.Moved, "è cambiato. Anche il luogo è cambiato. L’importo è invariato."},
		{tomorrow, notify.MovedLate, "spostato al 2 marzo 2026 alle 18:00."},
	} {
		letters := notify.Letters(notify.Event{Action: voucher.BookingMoved, Session: s, Rules: rules(t), Move: voucher.Move{At: noon, Was: was, Is: c.is}})
		if len(letters) != 1 || letters[0].Kind != c.kind || !strings.Contains(letters[0].Body, c.says) {
			t.Errorf("%+v, want %s: %s", letters, c.kind, c.says)
		}
	}
}
