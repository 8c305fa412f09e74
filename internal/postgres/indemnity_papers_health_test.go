package postgres_test

import (
	"errors"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// A reason opens the health papers of a case to an officer until the day is over, but of their own case.
func TestAReasonOpensTheHealthPapersOfACaseForTheDay(t *testing.T) {
	t.Parallel()
	d := newPaperDesk(t)
	paper := d.handed(d.giulia, d.prognosis("2026-02-02", "2026-02-10"), 1000)
	d.sent()
	looks := func(who identity.Actor, want error) {
		t.Helper()
		if _, _, err := d.service.Look(t.Context(), who, d.draft, paper); !errors.Is(err, want) {
			t.Errorf("at %s: %v, want %v", d.now, err, want)
		}
	}
	explains := func(who identity.Actor, why string, want error) {
		t.Helper()
		if err := d.service.Explain(t.Context(), who, form(who, "why"), d.draft, why); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
	}
	own := identity.Own(d.giulia.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	looks(own, indemnity.ErrOwnCase)
	explains(own, "Sostituisco una collega", indemnity.ErrOwnCase)
	explains(d.officer.WithDuties([]identity.Duty{identity.Pay}), "Sostituisco una collega", identity.ErrNoDuty)
	looks(d.officer, indemnity.ErrHealthPaper)
	explains(d.officer, "  perché   ", audit.ErrReasonShort)
	looks(d.officer, indemnity.ErrHealthPaper)
	explains(d.officer, "Sostituisco una collega", nil)
	looks(d.officer, nil)
	d.now = calendar.On(d.now).End().Add(-time.Second)
	looks(d.officer, nil)
	d.now = d.now.Add(time.Second)
	looks(d.officer, indemnity.ErrHealthPaper)
}
