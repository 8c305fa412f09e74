package indemnity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

// registered is an application of two heirs, of whom the first has signed the form and
// made some declarations with it, and only the second follows it in the portal.
func registered(t *testing.T, declared ...string) (*kept, *indemnity.Heirs, identity.Actor) {
	t.Helper()
	store := &kept{}
	s, officer := desk(t, &store.receipt)
	r := died(time.Date(2026, 7, 1, 8, 0, 0, 0, calendar.Rome))
	r.Heirs[0].SignedBy, r.Answers.Declared = indemnity.PEC, declared
	if _, _, err := s.Register(t.Context(), officer, once.Form{}, r); err != nil {
		t.Fatal(err)
	}
	c := &store.receipt.kept
	for i := range c.Heirs {
		c.Heirs[i].ID = indemnity.HeirID([]string{"anna", "luca"}[i])
	}
	c.Heirs[1].Person.ID, c.Heirs[1].LinkedAt = "luca", time.Date(2026, 7, 2, 9, 0, 0, 0, calendar.Rome)
	c.Messages = []indemnity.Message{{ID: "m1", Certified: r.PEC}}
	store.now = func() time.Time { return time.Date(2026, 7, 20, 9, 0, 0, 0, calendar.Rome) }
	return store, indemnity.NewHeirs(store, onRegister{}, owesNothing{}, steady{}, func() time.Time { return store.now() }), officer
}

// kept is a receipt whose case changes.
type kept struct {
	receipt
	now     func() time.Time
	changes []indemnity.HeirsChange
}

func (k *kept) ChangeHeirs(_ context.Context, _ once.Form, _ time.Time, _ indemnity.CaseID, decide func(indemnity.CaseFile) (indemnity.HeirsChange, error)) error {
	x, err := decide(k.receipt.kept)
	if err != nil {
		return err
	}
	k.changes = append(k.changes, x)
	for _, sign := range x.Signed {
		for i, h := range k.receipt.kept.Heirs {
			if h.ID == sign.Heir {
				k.receipt.kept.Heirs[i].SignedAt, k.receipt.kept.Heirs[i].SignedBy, k.receipt.kept.Heirs[i].Declared = sign.At, sign.By, sign.Declared
			}
		}
	}
	if m := x.Message; m != nil {
		all := &k.receipt.kept.Messages
		if i := slices.IndexFunc(*all, func(o indemnity.Message) bool { return o.ID == m.ID }); i >= 0 {
			(*all)[i] = *m
		} else {
			*all = append(*all, *m)
		}
	}
	return nil
}

func (k *kept) marks() (all []string) {
	for _, d := range k.receipt.kept.Rules.Declarations.Is {
		all = append(all, d.Mark())
	}
	return all
}

// R31, R32: what nobody declared is not taken as declared, and heirs declare it in words
// about the deceased.
func TestHeirsHaveDeclaredOnlyWhatOneOfThemSigned(t *testing.T) {
	t.Parallel()
	store, _, _ := registered(t, "no_activity@1")
	f := store.receipt.kept.Facts()
	if f.Declarations.TrueCopy || !f.Declarations.NoActivity {
		t.Errorf("%+v", f.Declarations)
	}
	if made := store.receipt.kept.Heirs[0].Declared; len(made) != 1 || made[0].Text == "" || made[0].Text[:2] != "Ai" || !slices.Equal(made, store.receipt.kept.Declarations) {
		t.Errorf("%+v", made)
	}
	// A form that nobody has signed declares nothing, whatever is ticked on it.
	store.receipt.kept.Heirs[0].Declared = nil
	if f := store.receipt.kept.Facts(); f.Declarations.NoActivity {
		t.Error("nobody declared it")
	}
}

func TestAnHeirSignsOnceWithEveryDeclarationWithinTheTerm(t *testing.T) {
	t.Parallel()
	store, s, _ := registered(t)
	anna, luca := identity.Own("anna", identity.Heir), identity.Own("luca", identity.Heir)
	for _, c := range []struct {
		what    string
		who     identity.Actor
		marks   []string
		account string
		now     time.Time
		want    error
	}{
		{"somebody else", anna, store.marks(), "", store.now(), fault.ErrNotFound},
		{"a declaration is missing", luca, store.marks()[1:], "", store.now(), indemnity.ErrSignDeclares},
		{"the term is over", luca, store.marks(), "", calendar.NewDate(2026, 7, 30).End(), indemnity.ErrSignLate},
		{"the last second", luca, store.marks(), "IT60X0542811101000000123456", calendar.NewDate(2026, 7, 30).End().Add(-time.Second), nil},
		{"again", luca, store.marks(), "", store.now(), indemnity.ErrSigned},
	} {
		store.now = func() time.Time { return c.now }
		if err := s.Sign(t.Context(), c.who, once.Form{}, "x", c.marks, c.account); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	signed := store.changes[0].Signed[0]
	if len(store.changes) != 1 || signed.By != indemnity.Portal || len(signed.Declared) != 4 || signed.IBAN != "IT60X0542811101000000123456" || len(store.receipt.kept.Unsigned()) != 0 {
		t.Errorf("%+v", store.changes)
	}
}

// R40: after the term a signature comes in answer to a request.
func TestARequestToAnHeirOpensTheirSignatureAgain(t *testing.T) {
	t.Parallel()
	store, _, _ := registered(t)
	c := &store.receipt.kept
	late := calendar.NewDate(2026, 8, 5).At(9, 0)
	luca := c.Heirs[1]
	for _, to := range []struct {
		heir indemnity.HeirID
		want error
	}{{"anna", indemnity.ErrSignLate}, {"luca", nil}, {"", nil}} {
		c.Requests = []indemnity.Request{{ID: "r", Heir: to.heir, Kind: indemnity.Supplement, State: indemnity.Asked, DueOn: calendar.NewDate(2026, 8, 20)}}
		if last, err := c.MaySign(luca, late); !errors.Is(err, to.want) || err == nil && last != calendar.NewDate(2026, 8, 20) {
			t.Errorf("to %q: until %s, %v", to.heir, last, err)
		}
	}
}

// A32: what counts is when the message was accepted, as it is known today.
func TestAMessageThatWasRegisteredWrongIsPutRightAndStays(t *testing.T) {
	t.Parallel()
	store, s, officer := registered(t)
	c := &store.receipt.kept
	first := c.Messages[0].Certified
	right := indemnity.Certified{Sender: first.Sender, AcceptedAt: time.Date(2026, 7, 31, 0, 0, 1, 0, calendar.Rome), DeliveredAt: time.Date(2026, 7, 31, 0, 0, 4, 0, calendar.Rome)}
	store.now = func() time.Time { return time.Date(2026, 8, 3, 9, 0, 0, 0, calendar.Rome) }
	for what, try := range map[string]struct {
		m    indemnity.Certified
		why  string
		of   indemnity.MessageID
		want error
	}{
		"nothing changes": {first, "x", "m1", indemnity.ErrNothingToRight}, "no reason": {right, " ", "m1", indemnity.ErrCorrectionWhy}, "another message": {right, "x", "m2", fault.ErrNotFound},
		"delivered before": {indemnity.Certified{Sender: "a@b", AcceptedAt: right.DeliveredAt, DeliveredAt: right.AcceptedAt}, "x", "m1", indemnity.ErrPECOrder},
	} {
		if err := s.Correct(t.Context(), officer, once.Form{}, "x", try.of, try.m, try.why); !errors.Is(err, try.want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Correct(t.Context(), officer, once.Form{}, "x", "m1", right, "letta male"); err != nil {
		t.Fatal(err)
	}
	if m := c.Messages[0]; len(m.Before) != 1 || m.Before[0].Certified != first || m.Before[0].Why != "letta male" || !c.Arrived().Equal(right.AcceptedAt) {
		t.Errorf("%+v", m)
	}
	if x, _ := c.Explain(calendar.NewDate(2026, 8, 3)); !slices.Contains(x.Codes, indemnity.HeirsAfterDeadline) {
		t.Errorf("it came a second late: %v", x.Codes)
	}
}

func TestOneMoreMessageBringsTheSignatureOfAnotherHeir(t *testing.T) {
	t.Parallel()
	store, s, officer := registered(t)
	m := indemnity.Certified{Sender: "luca@pec.example.org", AcceptedAt: time.Date(2026, 7, 10, 9, 0, 0, 0, calendar.Rome), DeliveredAt: time.Date(2026, 7, 10, 9, 0, 2, 0, calendar.Rome)}
	if err := s.Receive(t.Context(), officer, once.Form{}, "x", m, []indemnity.HeirID{"anna"}, nil); !errors.Is(err, indemnity.ErrSigned) {
		t.Errorf("signed twice: %v", err)
	}
	if err := s.Receive(t.Context(), officer, once.Form{}, "x", m, []indemnity.HeirID{"luca"}, store.marks()); err != nil {
		t.Fatal(err)
	}
	c := store.receipt.kept
	if len(c.Messages) != 2 || len(c.Unsigned()) != 0 || !c.Heirs[1].SignedAt.Equal(m.AcceptedAt) || !c.Facts().Declarations.TrueCopy || c.Arrived().Equal(m.AcceptedAt) {
		t.Errorf("%+v", c.Heirs)
	}
	own := indemnity.CaseFile{Kind: indemnity.ByMember}
	if err := own.MayReceive(); !errors.Is(err, indemnity.ErrPECNoHeirs) {
		t.Errorf("a member writes no PEC: %v", err)
	}
}
