package indemnity_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
)

func TestAnybodyDrawsTheSameSample(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		codes := rapid.SliceOfNDistinct(rapid.StringMatching(`[0-9A-F]{12}`), 1, 60, rapid.ID).Draw(t, "codes")
		seed := indemnity.Seed(rapid.String().Draw(t, "manifest"), rapid.StringMatching(`[0-9a-f]{64}`).Draw(t, "value"))
		n := rapid.IntRange(0, 80).Draw(t, "n")
		drawn := indemnity.Draw(seed, codes, n)
		if len(drawn) != min(n, len(codes)) {
			t.Fatalf("%d are drawn of %d, of %d asked for", len(drawn), len(codes), n)
		}
		if len(slices.Compact(slices.Sorted(slices.Values(drawn)))) != len(drawn) {
			t.Fatalf("one is drawn twice: %v", drawn)
		}
		for _, c := range drawn {
			if !slices.Contains(codes, c) {
				t.Fatalf("%s is drawn, and was not among them", c)
			}
		}
		if again := indemnity.Draw(seed, rapid.Permutation(codes).Draw(t, "order"), n); !slices.Equal(again, drawn) {
			t.Fatalf("in another order %v are drawn, not %v", again, drawn)
		}
		if twice := indemnity.Draw(seed, append(slices.Clone(codes), codes...), n); !slices.Equal(twice, drawn) {
			t.Fatalf("named twice %v are drawn, not %v", twice, drawn)
		}
		if more := indemnity.Draw(seed, codes, n+5); !slices.Equal(more[:len(drawn)], drawn) {
			t.Fatalf("a larger sample begins with %v, not %v", more, drawn)
		}
	})
}

func TestADrawIsTheOneThatTheMethodSays(t *testing.T) {
	t.Parallel()
	seed := indemnity.Seed(`{"call_id":"2026-05"}`, "00")
	wantIs(t, "seed", seed, "fc8ed6a992e034722e0ff7858e0c5f5ec971826f1f7c74de5cf74e4e98608a70")
	wantIs(t, "drawn", fmt.Sprint(indemnity.Draw(seed, []string{"A1", "B2", "C3", "D4"}, 2)), "[B2 D4]")
}

func TestTheSizeOfASampleIsAShareOrACount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		size       indemnity.SampleSize
		population int
		want       int
	}{
		{indemnity.SampleSize{Share: 5_00}, 100, 5}, {indemnity.SampleSize{Share: 5_00}, 101, 6}, {indemnity.SampleSize{Share: 1}, 3, 1},
		{indemnity.SampleSize{Share: 100_00}, 7, 7}, {indemnity.SampleSize{Count: 3}, 10, 3}, {indemnity.SampleSize{Count: 30}, 10, 10}, {indemnity.SampleSize{Count: 1}, 0, 0},
	} {
		wantIs(t, fmt.Sprint(c.size, " of ", c.population), c.size.Of(c.population), c.want)
	}
}

// payee is somebody who got an indemnity.
func payee(id string, net, withheld money.Amount) indemnity.PaidTo {
	return indemnity.PaidTo{Payee: identity.Person{ID: identity.PersonID(id)}, Net: net, Withholding: withheld}
}

func TestEachPayeeGivesBackWhatTheyGot(t *testing.T) {
	t.Parallel()
	rules := may(t).Rules
	paid := indemnity.Payout{Paid: []indemnity.PaidTo{payee("anna", 100_01, 25_00), payee("luca", 99_99, 25_00), payee("ugo", 0, 0)}}
	owed := rules.Owed(paid)
	if len(owed) != 2 || owed[0].Net != 100_01 || owed[1].Net != 99_99 {
		t.Errorf("net of the tax: %+v", owed)
	}
	rules.Readings.RecoveryBasis.Is = indemnity.Gross
	if owed := rules.Owed(paid); owed[0].Net != 125_01 || owed[1].Net != 124_99 {
		t.Errorf("with the tax: %+v", owed)
	}
}

func TestOnlyWhatACheckFoundTakesAnIndemnityBack(t *testing.T) {
	t.Parallel()
	officer := identity.Own("chiara", identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
	found := indemnity.Control{Case: "c", State: indemnity.ControlIrregular}
	file := indemnity.CaseFile{ID: "c", Member: identity.Person{ID: "giulia"}, State: indemnity.Funded}
	with := func(change func(*indemnity.CaseFile)) indemnity.CaseFile { c := file; change(&c); return c }
	for name, c := range map[string]struct {
		file indemnity.CaseFile
		who  identity.Actor
		of   indemnity.Control
		paid indemnity.Payout
		want error
	}{
		"irregular":                    {file, officer, found, indemnity.Payout{}, nil},
		"regular":                      {file, officer, indemnity.Control{Case: "c", State: indemnity.ControlConfirmed}, indemnity.Payout{}, indemnity.ErrControlRegular},
		"of another case":              {file, officer, indemnity.Control{Case: "d", State: indemnity.ControlIrregular}, indemnity.Payout{}, indemnity.ErrControlRegular},
		"while the bank pays":          {file, officer, found, indemnity.Payout{UnderWay: true}, indemnity.ErrPaymentUnderWay},
		"without money":                {with(func(c *indemnity.CaseFile) { c.State = indemnity.Unfunded }), officer, found, indemnity.Payout{}, indemnity.ErrNotRevocable},
		"while another decision waits": {with(func(c *indemnity.CaseFile) { c.Decisions = []indemnity.Decision{{State: indemnity.DecisionWaits}} }), officer, found, indemnity.Payout{}, indemnity.ErrDecisionOpen},
		"their own":                    {with(func(c *indemnity.CaseFile) { c.Member.ID = "chiara" }), officer, found, indemnity.Payout{}, indemnity.ErrOwnCase},
		"by who approves":              {file, identity.Own("andrea", identity.Welfare).WithDuties([]identity.Duty{identity.Approve}), found, indemnity.Payout{}, identity.ErrNoDuty},
	} {
		if err := c.file.MayRevoke(c.who, c.of, c.paid); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWhoActsOnARecovery(t *testing.T) {
	t.Parallel()
	payer := identity.Own("teresa", identity.Welfare).WithDuties([]identity.Duty{identity.Pay, identity.Approve})
	approver := identity.Own("franco", identity.Welfare).WithDuties([]identity.Duty{identity.Approve})
	open := indemnity.Recovery{Payee: identity.Person{ID: "giulia"}, Amount: 100_00, State: indemnity.RecoveryOpen}
	own, waits, closed := open, open, open
	own.Payee.ID, waits.Proposed.Person, closed.State = "teresa", "teresa", indemnity.RecoveryPaid
	for name, c := range map[string]struct{ got, want error }{
		"who pays receives":                 {open.MayReceive(payer), nil},
		"who approves does not":             {open.MayReceive(approver), identity.ErrNoDuty},
		"nobody receives their own":         {own.MayReceive(payer), indemnity.ErrOwnRecovery},
		"of one that is closed":             {closed.MayReceive(payer), fault.As(indemnity.ErrRecoveryClosed)},
		"a write-off is proposed once":      {waits.MayProposeWriteOff(payer), indemnity.ErrWriteOffWaits},
		"and decided by another":            {waits.MayDecideWriteOff(payer), indemnity.ErrOwnWriteOff},
		"who approves":                      {waits.MayDecideWriteOff(approver), nil},
		"nothing is decided before":         {open.MayDecideWriteOff(approver), indemnity.ErrNoWriteOff},
		"nobody writes off their own debts": {own.MayProposeWriteOff(payer), indemnity.ErrOwnRecovery},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", name, c.got, c.want)
		}
	}
}
