package indemnity_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
)

func TestAShareIsWrittenAsAFraction(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]int{"1/3": {1, 3}, " 2 / 6 ": {1, 3}, "1": {1, 1}, "3/3": {1, 1}, "50%": {1, 2}, "33 %": {33, 100}} {
		if part, whole, err := indemnity.ParseShare(text); err != nil || [2]int{part, whole} != want {
			t.Errorf("%q is %d/%d, %v", text, part, whole, err)
		}
	}
	for _, text := range []string{"", "0", "2", "4/3", "1/0", "-1/2", "1/-2", "1/2/3", "un terzo", "33,3%", "1/10001", "99999999999999999999/2"} {
		if _, _, err := indemnity.ParseShare(text); !errors.Is(err, indemnity.ErrShare) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func inheriting(shares ...[2]int) (all []indemnity.Heir) {
	codes := []string{"GTTNNA70R64F839", "FRRLCU90H10F205", "RSSMRA85C52H501"}
	for i, s := range shares {
		all = append(all, indemnity.Heir{Person: identity.Person{FiscalCode: identity.NewFiscalCode(codes[i]), GivenName: "A", FamilyName: "G"}, Kinship: "child", Part: s[0], Whole: s[1]})
	}
	return all
}

func TestSharesMakeTheWholeExactly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		heirs []indemnity.Heir
		want  error
	}{
		{inheriting([2]int{1, 1}), nil},
		{inheriting([2]int{1, 3}, [2]int{1, 3}, [2]int{1, 3}), nil}, // three thirds, which no decimals make
		{inheriting([2]int{1, 6}, [2]int{1, 3}, [2]int{1, 2}), nil},
		{inheriting([2]int{33, 100}, [2]int{33, 100}, [2]int{33, 100}), indemnity.ErrShares},
		{inheriting([2]int{1, 2}, [2]int{2, 3}), indemnity.ErrShares},
		{nil, indemnity.ErrNoHeirs},
		{slices.Concat(inheriting([2]int{1, 2}), inheriting([2]int{1, 2})), indemnity.ErrHeirTwice},
	} {
		if err := (indemnity.Prepared{Heirs: c.heirs}).FlawOfHeirs(); !errors.Is(err, c.want) {
			t.Errorf("%v: %v", c.heirs, err)
		}
	}
}

// R38 and domain §3: what heirs send depends on whether the death ended the event.
func TestThePapersOfHeirsDependOnWhatEndedTheEvent(t *testing.T) {
	t.Parallel()
	calls, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kinds := func(died calendar.Date) (all []indemnity.PaperKind) {
		p := indemnity.Prepared{Cause: indemnity.Illness, First: calendar.NewDate(2026, 5, 1), Last: calendar.NewDate(2026, 5, 20), DiedOn: died}
		for _, w := range p.Papers(&calls[0].Rules) {
			all = append(all, w.Kind)
		}
		return all
	}
	ended, after := kinds(calendar.NewDate(2026, 5, 20)), kinds(calendar.NewDate(2026, 5, 21))
	if !slices.Contains(ended, indemnity.HeirsFinal) || slices.Contains(ended, indemnity.InitialPrognosis) {
		t.Errorf("the death ended it: %v", ended)
	}
	if slices.Contains(after, indemnity.HeirsFinal) || !slices.Contains(after, indemnity.InitialPrognosis) {
		t.Errorf("it had ended before: %v", after)
	}
}

// receipt is a store that keeps one application of heirs in memory.
type receipt struct {
	indemnity.HeirStore
	calls   []indemnity.Call
	applied []indemnity.Applied
	kept    indemnity.CaseFile
	codes   []indemnity.Invitation
}

func (r *receipt) CallsInForce(context.Context) ([]indemnity.Call, error) { return r.calls, nil }
func (r *receipt) AppliedBy(context.Context, identity.FiscalCode) ([]indemnity.Applied, error) {
	return r.applied, nil
}
func (r *receipt) Outcome(context.Context, once.Form) (string, bool, error) { return "", false, nil }
func (r *receipt) Register(_ context.Context, _ once.Form, c indemnity.CaseFile, _ indemnity.Certified, i []indemnity.Invitation, judge func([]indemnity.Applied) error, _ audit.Entry) (indemnity.CaseID, error) {
	r.kept, r.codes = c, i
	return c.ID, judge(r.applied)
}

type onRegister struct{ indemnity.MemberRecord }

func (m onRegister) Member(context.Context, identity.FiscalCode, calendar.Date) (indemnity.MemberRecord, error) {
	if m.Number == "" {
		return m.MemberRecord, fault.ErrNotFound
	}
	return m.MemberRecord, nil
}

type owesNothing struct{}

func (owesNothing) Position(_ context.Context, _ identity.FiscalCode, on calendar.Date) (indemnity.Position, error) {
	return indemnity.Position{On: on}, nil
}

type steady struct{}

func (steady) Read(b []byte) (int, error) { clear(b); return len(b), nil }

// died is the application for a member who died on the last day of the call of May: the
// sixtieth day is 30 July (domain §4).
func died(accepted time.Time) indemnity.Registration {
	return indemnity.Registration{
		Deceased: identity.Person{FiscalCode: identity.NewFiscalCode("GTTPTR60A01F839"), GivenName: "Pietro", FamilyName: "Gatti"},
		DiedOn:   calendar.NewDate(2026, 5, 31),
		Answers:  indemnity.Answers{Cause: indemnity.Illness, First: calendar.NewDate(2026, 5, 1), Last: calendar.NewDate(2026, 5, 31), Exclusive: indemnity.Yes, ISEE: indemnity.Yes, ISEEValue: 12_000_00, ISEEYear: 2026},
		PEC:      indemnity.Certified{Sender: "anna@pec.example.org", AcceptedAt: accepted, DeliveredAt: accepted.Add(2 * time.Second)},
		Heirs:    inheriting([2]int{1, 2}, [2]int{1, 2}),
	}
}

func desk(t *testing.T, r *receipt) (*indemnity.Heirs, identity.Actor) {
	t.Helper()
	calls, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r.calls = calls
	record := indemnity.MemberRecord{Number: "070001", GivenName: "Pietro", FamilyName: "Gatti", Active: true, AppliedOn: calendar.NewDate(2001, 1, 10), EnrolledOn: calendar.NewDate(2001, 2, 1),
		DaysPaidTo: calendar.NewDate(2026, 8, 2)} // what was paid since the death too
	s := indemnity.NewHeirs(r, onRegister{record}, owesNothing{}, steady{}, func() time.Time { return time.Date(2026, 8, 3, 9, 0, 0, 0, calendar.Rome) })
	return s, identity.Own("officer", identity.Welfare).WithDuties([]identity.Duty{identity.Prepare})
}

// R17, A16, A32: sixty days from the death, by the acceptance receipt, to the second.
func TestTheAcceptanceReceiptDecidesWhetherHeirsCameInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accepted time.Time
		inTime   bool
	}{
		{time.Date(2026, 7, 30, 23, 59, 59, 0, calendar.Rome), true}, // delivered when the term was over
		{time.Date(2026, 7, 31, 0, 0, 0, 0, calendar.Rome), false},
	} {
		store := &receipt{}
		s, officer := desk(t, store)
		o, err := s.Review(t.Context(), officer, died(c.accepted))
		if err != nil || o.InTime != c.inTime || o.Term.End() != calendar.NewDate(2026, 7, 30) {
			t.Errorf("%v: in time %t, until %v, %v", c.accepted, o.InTime, o.Term.End(), err)
		}
		// It is registered either way; the engine says what it is worth.
		if _, _, err := s.Register(t.Context(), officer, once.Form{}, died(c.accepted)); err != nil {
			t.Fatal(err)
		}
		kept := store.kept
		kept.Papers = []indemnity.Paper{
			{Kind: indemnity.IdentityWhole, Attachment: "a", SentAt: c.accepted}, {Kind: indemnity.DeathCertificate, Attachment: "b", SentAt: c.accepted},
			{Kind: indemnity.HeirsFinal, Attachment: "c", IssuedOn: calendar.NewDate(2026, 6, 3), Covers: calendar.Period{From: calendar.NewDate(2026, 5, 1), To: calendar.NewDate(2026, 5, 31)}, SentAt: c.accepted},
		}
		x, _ := kept.Explain(calendar.NewDate(2026, 8, 3))
		late := slices.Contains(x.Codes, indemnity.HeirsAfterDeadline)
		if late == c.inTime {
			t.Errorf("%v: %v", c.accepted, x.Codes)
		}
	}
}

// A38: what counts is the deceased's: their ISEE, their work, what they owed.
func TestPointsOfHeirsAreThoseOfTheDeceased(t *testing.T) {
	t.Parallel()
	store := &receipt{}
	s, officer := desk(t, store)
	_, codes, err := s.Register(t.Context(), officer, once.Form{}, died(time.Date(2026, 7, 1, 8, 0, 0, 0, calendar.Rome)))
	if err != nil {
		t.Fatal(err)
	}
	f := store.kept.Facts()
	if f.Kind != indemnity.ByHeirs || f.Channel != indemnity.PEC || f.Applicant != "070001" || !f.ISEE.Given || f.ISEE.Value != 12_000_00 || !f.Declarations.Exclusive ||
		f.EnrolledOn != calendar.NewDate(2001, 2, 1) || f.DiedOn != calendar.NewDate(2026, 5, 31) || f.DaysUsedTo != calendar.NewDate(2026, 8, 2) {
		t.Errorf("%+v", f)
	}
	if len(codes) != 2 || codes[0].Code == "" || len(store.codes) != 2 || len(store.codes[0].Hash) != 32 || slices.Equal(store.codes[0].Hash, store.codes[1].Hash) {
		t.Errorf("codes %v, kept %v", codes, store.codes)
	}
}

// R18: for days that the member had applied for, heirs step into that application.
func TestDaysThatTheDeceasedHadAppliedForAreASuccession(t *testing.T) {
	t.Parallel()
	store := &receipt{applied: []indemnity.Applied{{ID: "x", Protocol: "ENPAP-2026-000007", Period: calendar.Period{From: calendar.NewDate(2026, 5, 20), To: calendar.NewDate(2026, 5, 31)}}}}
	s, officer := desk(t, store)
	_, _, err := s.Register(t.Context(), officer, once.Form{}, died(time.Date(2026, 7, 1, 8, 0, 0, 0, calendar.Rome)))
	var taken indemnity.TakenError
	if !errors.As(err, &taken) || taken.Protocol != "ENPAP-2026-000007" {
		t.Error(err)
	}
}

func TestOnlyWhoPreparesRegisters(t *testing.T) {
	t.Parallel()
	s, _ := desk(t, &receipt{})
	for _, who := range []identity.Actor{identity.Own("member", identity.Member), identity.Own("officer", identity.Welfare),
		identity.Own("approver", identity.Welfare).WithDuties([]identity.Duty{identity.Approve}), identity.Own("clerk", identity.INPS).WithDuties([]identity.Duty{identity.Prepare})} {
		if _, _, err := s.Register(t.Context(), who, once.Form{}, died(time.Date(2026, 7, 1, 8, 0, 0, 0, calendar.Rome))); !errors.Is(err, identity.ErrNoDuty) {
			t.Errorf("%s: %v", who.Person, err)
		}
	}
}
