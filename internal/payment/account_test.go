package payment_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/identity"
	"portal/internal/payment"
)

var (
	giulia  = identity.Person{ID: "giulia", GivenName: "Giulia", FamilyName: "Bianchi"}
	officer = identity.Own("chiara", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	friday  = calendar.NewDate(2026, time.November, 27).At(17, 30)
)

func TestAnAccountIsReadWithItsHolder(t *testing.T) {
	t.Parallel()
	o, err := payment.NewOffer("it60 x054 2811 1010 0000 0123 456", "  Giulia   Bianchi ")
	if want := (payment.Offer{IBAN: "IT60X0542811101000000123456", Holder: "Giulia Bianchi"}); err != nil || o != want {
		t.Errorf("%+v, %v", o, err)
	}
	for _, x := range []struct {
		typed, holder string
		want          error
	}{
		{"", "Giulia Bianchi", iban.ErrMissing},
		{"IT61X0542811101000000123456", "Giulia Bianchi", iban.ErrCheck},
		{"IT70L0100003245350200020350", "Giulia Bianchi", payment.ErrTreasury}, // INPS itself
		{"IT60X0542811101000000123456", " - ", payment.ErrHolder},
		{"IT60X0542811101000000123456", strings.Repeat("è", payment.HolderMost+1), payment.ErrHolder},
	} {
		if _, err := payment.NewOffer(x.typed, x.holder); !errors.Is(err, x.want) {
			t.Errorf("%q of %q: %v, not %v", x.typed, x.holder, err, x.want)
		}
	}
}

func TestANewAccountWaitsTwoDaysAndForItsCheck(t *testing.T) {
	t.Parallel()
	offer := payment.Offer{IBAN: "IT60X0542811101000000123456", Holder: "Giulia Bianchi"}
	a, err := offer.Instead(payment.Account{}, "a", giulia.ID, friday)
	if err != nil || a.State != payment.ToVerify || !a.UsableFrom.Equal(friday.Add(48*time.Hour)) {
		t.Fatalf("%+v, %v", a, err)
	}
	// Ten days of work, without two week-ends and the holiday of 8 December.
	if want := calendar.NewDate(2026, time.December, 14); a.ExpectedBy != want {
		t.Errorf("expected by %s, not %s", a.ExpectedBy, want)
	}
	if a.Late(a.ExpectedBy) || !a.Late(a.ExpectedBy.Add(1)) {
		t.Error("late from the day after")
	}
	if a.Usable(friday.Add(100 * time.Hour)) {
		t.Error("usable before it was checked")
	}
	a.State = payment.Verified
	if a.Usable(friday.Add(47*time.Hour)) || !a.Usable(friday.Add(48*time.Hour)) || a.Late(a.ExpectedBy.Add(1)) {
		t.Error("usable from two days after it was given, once verified")
	}
	if _, err := offer.Instead(a, "b", giulia.ID, friday); !errors.Is(err, payment.ErrSameAccount) {
		t.Errorf("the same account again: %v", err)
	}
	a.State = payment.Rejected
	if _, err := offer.Instead(a, "b", giulia.ID, friday); err != nil {
		t.Errorf("a rejected one given again, to be checked anew: %v", err)
	}
}

func TestAnOfficerJudgesWhatTheyTookAndNotTheirOwn(t *testing.T) {
	t.Parallel()
	approver := identity.Own("andrea", identity.INPS).WithDuties([]identity.Duty{identity.Approve})
	own := identity.Own(giulia.ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	for _, x := range []struct {
		state                 payment.AccountState
		who                   identity.Actor
		check, verify, reject error
	}{
		{payment.ToVerify, officer, nil, payment.ErrAccountNotTaken, payment.ErrAccountNotTaken},
		{payment.Verifying, officer, nil, nil, nil},
		{payment.Verified, officer, payment.ErrAccountDecided, payment.ErrAccountDecided, nil},
		{payment.Rejected, officer, payment.ErrAccountDecided, payment.ErrAccountDecided, payment.ErrAccountDecided},
		{payment.Replaced, officer, payment.ErrAccountDecided, payment.ErrAccountDecided, payment.ErrAccountDecided},
		{payment.Verifying, approver, identity.ErrNoDuty, identity.ErrNoDuty, identity.ErrNoDuty},
		{payment.Verified, approver, identity.ErrNoDuty, identity.ErrNoDuty, identity.ErrNoDuty},
		{payment.Verified, own, payment.ErrOwnAccount, payment.ErrOwnAccount, payment.ErrOwnAccount},
		{payment.Verifying, identity.Own(giulia.ID, identity.Psychologist), identity.ErrNoDuty, identity.ErrNoDuty, identity.ErrNoDuty},
	} {
		a := payment.Account{Person: giulia.ID, State: x.state}
		if check, verify, reject := a.MayCheck(x.who), a.MayVerify(x.who), a.MayReject(x.who); !errors.Is(check, x.check) || !errors.Is(verify, x.verify) || !errors.Is(reject, x.reject) {
			t.Errorf("%s by %s: %v, %v and %v", x.state, x.who.Person, check, verify, reject)
		}
	}
}

func TestAHolderGoesByAName(t *testing.T) {
	t.Parallel()
	for holder, want := range map[string]bool{
		"Giulia Bianchi": true, "BIANCHI GIULIA": true, "Bianchi, Giulia": true,
		"Studio Bianchi S.T.P. a r.l.": false, "Giulia": false, "Giulia Bianchi Rossi": false,
	} {
		if got := (payment.Account{Holder: holder}).Names(giulia); got != want {
			t.Errorf("%s: %v", holder, got)
		}
	}
}
