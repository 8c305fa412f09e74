package voucher_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
)

func attested(status voucher.ISEEStatus, value money.Amount, defects ...string) voucher.ISEEAnswer {
	return voucher.ISEEAnswer{Status: status, Value: value, HasValue: true, Attestation: voucher.Attestation{
		Kind: "ordinary", Protocol: "INPS-ISEE-2026-1", IssuedOn: day("2026-02-01"), ValidUntil: day("2026-12-31"), Defects: defects,
	}}
}

func TestARegisterThatAnswersNonsenseHasNotAnswered(t *testing.T) {
	t.Parallel()
	good := attested(voucher.ISEEValid, 12_400_00)
	change := func(f func(*voucher.ISEEAnswer)) voucher.ISEEAnswer { a := good; f(&a); return a }
	for name, a := range map[string]voucher.ISEEAnswer{
		"an unknown status":         change(func(a *voucher.ISEEAnswer) { a.Status = "fine" }),
		"no status":                 {},
		"a negative value":          change(func(a *voucher.ISEEAnswer) { a.Value = -1 }),
		"a valid one without value": change(func(a *voucher.ISEEAnswer) { a.HasValue = false }),
		"a valid one with defects":  change(func(a *voucher.ISEEAnswer) { a.Attestation.Defects = []string{"assets_missing"} }),
		"one from tomorrow":         change(func(a *voucher.ISEEAnswer) { a.Attestation.IssuedOn = today.Add(1) }),
		"one that is over":          change(func(a *voucher.ISEEAnswer) { a.Attestation.ValidUntil = today.Add(-1) }),
		"a kind nobody knows":       change(func(a *voucher.ISEEAnswer) { a.Attestation.Kind = "golden" }),
		"no protocol":               change(func(a *voucher.ISEEAnswer) { a.Attestation.Protocol = "" }),
		"a defect without defects":  attested(voucher.ISEEDefective, 1),
		"a defect that is prose":    attested(voucher.ISEEDefective, 1, "Il conto manca"),
		"none, but with a value":    {Status: voucher.ISEEMissing, HasValue: true},
	} {
		if err := a.Check(today); !errors.Is(err, voucher.ErrISEESilent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, a := range []voucher.ISEEAnswer{good, {Status: voucher.ISEEMissing}, attested(voucher.ISEEDefective, 0, "assets_missing", "income_differs")} {
		if err := a.Check(today); err != nil {
			t.Errorf("%s: %v", a.Status, err)
		}
	}
	maria := identity.NewFiscalCode("RSSMRA85C52H501")
	home := voucher.Residence{GivenName: "Maria", FamilyName: "Rossi", BornOn: day("1985-03-12"), City: "Roma", Province: "RM", Territory: "Lazio"}
	if err := home.Check(maria); err != nil {
		t.Errorf("a residence: %v", err)
	}
	for name, f := range map[string]func(*voucher.Residence){
		"no name":      func(r *voucher.Residence) { r.GivenName = "" },
		"no territory": func(r *voucher.Residence) { r.Territory = "" },
		"a province":   func(r *voucher.Residence) { r.Province = "Roma" },
		"another day":  func(r *voucher.Residence) { r.BornOn = day("1985-03-13") },
	} {
		r := home
		f(&r)
		if err := r.Check(maria); !errors.Is(err, voucher.ErrResidenceSilent) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheWindowOpensAndClosesToTheSecond(t *testing.T) {
	t.Parallel()
	rules := edition(t, "2025").Rules
	w := rules.Window.Is
	for at, want := range map[time.Time]error{
		w.Opens.Add(-time.Second):  voucher.ErrWindowNotOpen,
		w.Opens:                    nil,
		w.Closes.Add(-time.Second): nil,
		w.Closes:                   voucher.ErrWindowClosed,
	} {
		if err := rules.Takes(at); !errors.Is(err, want) {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

func TestAClosedTerritoryTakesNobody(t *testing.T) {
	t.Parallel()
	rules := edition(t, "2025").Rules
	for territory, want := range map[string]error{"Lazio": nil, "P.A. Trento": voucher.ErrTerritoryClosed, "Atlantide": voucher.ErrTerritoryClosed} {
		if err := rules.Funds(territory); !errors.Is(err, want) {
			t.Errorf("%s: %v", territory, err)
		}
	}
	rules.Tranches = nil // the money is not known yet
	if err := rules.Funds("Lazio"); err != nil {
		t.Errorf("before its money is known an edition refuses: %v", err)
	}
}

// waiting is an application of the edition of 2025 that waits for its ISEE.
func waiting() voucher.Application {
	a := attested(voucher.ISEEDefective, 21_300_50, "assets_missing")
	return voucher.Application{Beneficiary: maria, State: voucher.AwaitingISEE, CureBy: day("2026-03-12"),
		ISEE: a.Value, HasISEE: true, ISEEStatus: a.Status, Attestation: a.Attestation, Entitled: 1_000_00}
}

func TestACorrectedISEETakesThePlaceOfTheOld(t *testing.T) {
	t.Parallel()
	rules := edition(t, "2025").Rules
	a, err := waiting().Cure(rules, attested(voucher.ISEEValid, 9_870_00), today)
	if err != nil || a.State != voucher.Submitted || a.ISEEStatus != voucher.ISEEValid || a.ISEE != 9_870_00 || a.Entitled != 1_500_00 {
		t.Errorf("%+v, %v", a, err)
	}
	if _, err := a.Cure(rules, attested(voucher.ISEEValid, 1), today); !errors.Is(err, voucher.ErrNothingToCure) {
		t.Errorf("again: %v", err)
	}
}

func TestAnISEEThatIsStillWrongKeepsTheApplicationWaiting(t *testing.T) {
	t.Parallel()
	rules := edition(t, "2025").Rules
	a, err := waiting().Cure(rules, attested(voucher.ISEEDefective, 22_000_00, "income_differs"), today)
	if err != nil || a.State != voucher.AwaitingISEE || a.Attestation.Defects[0] != "income_differs" {
		t.Errorf("another defect: %+v, %v", a, err)
	}
	was := waiting()
	a, err = was.Cure(rules, voucher.ISEEAnswer{Status: voucher.ISEEMissing}, today)
	if err != nil || a.State != voucher.AwaitingISEE || a.ISEE != was.ISEE || len(a.Attestation.Defects) != 1 {
		t.Errorf("none at the moment: %+v, %v", a, err)
	}
}

func TestTheLastDayOfTheCureCountsWhole(t *testing.T) {
	t.Parallel()
	a := waiting()
	if err := a.MayCure(a.CureBy); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	if err := a.MayCure(a.CureBy.Add(1)); !errors.Is(err, voucher.ErrCureOver) {
		t.Errorf("the day after: %v", err)
	}
}

func TestAnApplicationIsTakenBackUntilItHasAnOutcome(t *testing.T) {
	t.Parallel()
	for _, s := range voucher.ApplicationStates {
		a := voucher.Application{State: s}
		var want error = voucher.ErrTooLateToDrop
		switch s {
		case voucher.Submitted, voucher.InReview, voucher.AwaitingISEE:
			want = nil
		case voucher.Withdrawn:
			want = voucher.ErrWithdrawn
		}
		if err := a.MayWithdraw(); !errors.Is(err, want) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestContactsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", " maria@example.org ": "maria@example.org", "m.r+x@posta.example.it": "m.r+x@posta.example.it"} {
		if got, err := voucher.ParseEmail(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"maria", "@example.org", "maria@", "maria@example", "a b@example.org", "a@b@c.it", "a@.it", "a@b..it", "a@b.it\r\nBcc: x@y.it"} {
		if got, err := voucher.ParseEmail(text); !errors.Is(err, voucher.ErrEmail) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"": "", "333 123 4567": "3331234567", "+39 06.555/1234": "+39065551234"} {
		if got, err := voucher.ParsePhone(text); err != nil || got != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"12345", "telefono", "+", "3331234567890123", "３３３１２３４５６７"} {
		if got, err := voucher.ParsePhone(text); !errors.Is(err, voucher.ErrPhone) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestADraftGoesOnWhereItStands(t *testing.T) {
	t.Parallel()
	rules := edition(t, "2025").Rules
	var d voucher.Draft
	all := make([]string, 0, len(rules.Declarations.Is))
	for _, x := range rules.Declarations.Is {
		all = append(all, x.Mark())
	}
	for _, s := range []struct {
		next voucher.Step
		fill func()
	}{
		{voucher.StepResidence, func() { d.Answers.Residence = true }},
		{voucher.StepISEE, func() { d.Answers.ISEE = true }},
		{voucher.StepContacts, func() { d.Answers.Phone = "3331234567" }},
		{voucher.StepDeclarations, func() { d.Answers.Declared = all }},
		{voucher.StepReview, func() {}},
	} {
		if got := d.Next(rules); got != s.next {
			t.Errorf("at %s, not %s", got, s.next)
		}
		s.fill()
	}
	rules.Declarations.Is = append([]voucher.Declaration{}, rules.Declarations.Is...)
	rules.Declarations.Is[0].Version++
	if got := d.Next(rules); got != voucher.StepDeclarations {
		t.Errorf("a declaration with new words is taken for confirmed: %s", got)
	}
}

func TestOnlyAnOfficerWhoPreparesSendsAtTheCounter(t *testing.T) {
	t.Parallel()
	intake := voucher.NewIntake(nil, nil, nil, func() time.Time { return noon })
	for _, who := range []identity.Actor{holder, identity.Own(maria, identity.INPS), identity.Own(maria, identity.INPS).WithDuties([]identity.Duty{identity.Approve}),
		identity.Own(maria, identity.CNOP).WithDuties([]identity.Duty{identity.Prepare})} {
		if _, _, err := intake.SubmitAtCounter(context.Background(), who, once.Form{}, voucher.CounterApplication{}); !errors.Is(err, identity.ErrNoDuty) {
			t.Errorf("%s: %v", who.Role, err)
		}
	}
}

func TestRenouncingGivesBackWhatIsFreeAndWhatCanBeCancelled(t *testing.T) {
	t.Parallel()
	a, next := booked(t, today.Add(7))
	d, err := a.Book(enrolled, []voucher.Request{request(today, 50*money.Euro)}, psychologist, noon)
	if err != nil {
		t.Fatal(err)
	}
	a = apply(a, d)
	if got := a.Forgone(today); got != 150*money.Euro {
		t.Errorf("costs %s", got)
	}
	d, err = a.Renounce(holder, noon)
	if err != nil {
		t.Fatal(err)
	}
	after := apply(a, d)
	v := after.Voucher
	if v.State != voucher.GivenUp || v.Returned != 150*money.Euro || v.Booked != 50*money.Euro || v.Balance() != 0 {
		t.Errorf("%+v", v)
	}
	if b, _ := after.Booking(next); b.State != voucher.Cancelled || b.CancelReason != voucher.ByBeneficiary {
		t.Errorf("the session to come is %s", b.State)
	}
	if _, err := after.Renounce(holder, noon); !errors.Is(err, voucher.ErrGivenUp) {
		t.Errorf("again: %v", err)
	}
	if err := v.OpenOn(today); !errors.Is(err, voucher.ErrExpired) {
		t.Errorf("it can still be spent: %v", err)
	}
	// The session of today stays with its professional, and its money goes back to
	// the fund when it is cancelled.
	d, err = after.Cancel(after.Bookings[1].ID, psychologist, noon)
	if err != nil || d.Voucher.Returned != 200*money.Euro || d.Postings[1].Event != voucher.Renounced {
		t.Errorf("cancelled after it: %+v, %v", d.Postings, err)
	}
	if d, err = after.Confirm(after.Bookings[1].ID, psychologist, noon); err != nil || d.Voucher.Used != 50*money.Euro {
		t.Errorf("confirmed after it: %v", err)
	}
}

func TestNobodyRenouncesForAnotherOrAfterTheEnd(t *testing.T) {
	t.Parallel()
	a := account(t)
	for _, who := range []identity.Actor{psychologist, identity.Own(another, identity.Citizen), identity.Own(maria, identity.INPS)} {
		if _, err := a.Renounce(who, noon); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v", who.Role, err)
		}
	}
	if _, err := a.Renounce(holder, a.Voucher.Terms.LastDay.End()); !errors.Is(err, voucher.ErrExpired) {
		t.Errorf("after its last day: %v", err)
	}
	if _, err := a.Renounce(holder, a.Voucher.Terms.LastDay.End().Add(-time.Second)); err != nil {
		t.Errorf("in its last second: %v", err)
	}
}

func TestNamesAreTheSameWhateverTheirCapitals(t *testing.T) {
	t.Parallel()
	r := voucher.Residence{GivenName: "Maria Grazia", FamilyName: "D’Angelo", BornOn: calendar.NewDate(2008, time.November, 23)}
	if !r.Named("  maria  grazia", "D’ANGELO ") || r.Named("Maria", "D’Angelo") {
		t.Error("names are compared wrongly")
	}
	eve := calendar.NewDate(2026, time.November, 22)
	if !r.Minor(eve) || r.Minor(eve.Add(1)) {
		t.Error("somebody comes of age on another day than their birthday")
	}
}
