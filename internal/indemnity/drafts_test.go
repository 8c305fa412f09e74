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
	"portal/internal/money"
	"portal/internal/once"
)

// draftCalls is the shipped call of May, and the same a month later.
func draftCalls(t testing.TB) []indemnity.Call {
	t.Helper()
	all, err := indemnity.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	june := all[0]
	june.ID, june.Rules.Window.Is = "2026-06", indemnity.CallID("2026-06").Month()
	return []indemnity.Call{all[0], june}
}

func inMay(day int) calendar.Date { return calendar.NewDate(2026, time.May, day) }

// draftOf is a draft about an illness of some days of May.
func draftOf(from, to int, papers ...indemnity.Paper) indemnity.Draft {
	return indemnity.Draft{ID: "case", Papers: papers, Answers: indemnity.Answers{Cause: indemnity.Illness, First: inMay(from), Last: inMay(to)}}
}

// paperOf is a paper with its file that covers some days of May.
func paperOf(kind indemnity.PaperKind, from, to int) indemnity.Paper {
	return indemnity.Paper{Kind: kind, Attachment: "file", IssuedOn: inMay(from), Covers: calendar.Period{From: inMay(from), To: inMay(to)}}
}

func TestADraftIsSentFromTheDayAfterItsEndToTheLastSecondOfItsTerm(t *testing.T) {
	t.Parallel()
	calls, d := draftCalls(t), draftOf(1, 21) // the tenth day, 31 May, is a Sunday
	last := calendar.NewDate(2026, time.June, 1)
	for _, x := range []struct {
		name string
		now  time.Time
		want indemnity.When
	}{
		{"on its last day", inMay(21).At(23, 59), indemnity.WhenEarly},
		{"the day after", inMay(22).Start(), indemnity.WhenOpen},
		{"in the last second", last.End().Add(-time.Nanosecond), indemnity.WhenOpen},
		{"at midnight", last.End(), indemnity.WhenLate},
	} {
		s := indemnity.Stand(calls, d, x.now)
		if s.When != x.want || s.Last() != last || s.From != inMay(22) || s.Call.ID != "2026-05" || !s.Own {
			t.Errorf("%s: %+v", x.name, s)
		}
	}
}

func TestADraftFollowsTheCallOfTheMonthInWhichItsEventEnds(t *testing.T) {
	t.Parallel()
	calls, now := draftCalls(t), inMay(30).At(12, 0)
	d := draftOf(20, 31)
	if s := indemnity.Stand(calls, d, now); s.Call.ID != "2026-05" || s.When != indemnity.WhenEarly {
		t.Errorf("of May: %+v", s)
	}
	d.Answers.Last = calendar.NewDate(2026, time.June, 1)
	if s := indemnity.Stand(calls, d, now); s.Call.ID != "2026-06" || !s.Own {
		t.Errorf("of June: %+v", s)
	}
	d.Answers.Last = calendar.NewDate(2026, time.July, 1)
	if s := indemnity.Stand(calls, d, now); s.Call.ID != "2026-06" || s.Own || s.Last() != calendar.NewDate(2026, time.July, 11) {
		t.Errorf("of a month without a call: %+v", s)
	}
	d.Answers.Last = calendar.Date{}
	if s := indemnity.Stand(calls, d, now); s.When != indemnity.WhenUnknown || !s.Last().IsZero() || !s.LastProved().IsZero() {
		t.Errorf("without an end: %+v", s)
	}
}

func TestPapersThatEndEarlierSetAnEarlierTerm(t *testing.T) {
	t.Parallel()
	calls, now := draftCalls(t), inMay(22).At(9, 0)
	s := indemnity.Stand(calls, draftOf(1, 20, paperOf(indemnity.InitialPrognosis, 1, 14)), now)
	if s.Last() != inMay(30) || s.LastProved() != inMay(25) || s.Proved.From != inMay(14) { // the 24th is a Sunday
		t.Errorf("%s, and as it is proved %s", s.Last(), s.LastProved())
	}
	whole := draftOf(1, 20, paperOf(indemnity.InitialPrognosis, 1, 14), paperOf(indemnity.ExtensionPrognosis, 15, 20))
	if s := indemnity.Stand(calls, whole, now); !s.LastProved().IsZero() {
		t.Errorf("an extension does not mend it: %s", s.LastProved())
	}
	nothing := paperOf(indemnity.InitialPrognosis, 1, 14)
	nothing.Attachment = ""
	if s := indemnity.Stand(calls, draftOf(1, 20, nothing), now); !s.LastProved().IsZero() {
		t.Errorf("a paper without its file proves until %s", s.LastProved())
	}
}

// wholeDraft is a draft with nothing missing, on 22 May.
func wholeDraft(t testing.TB) (indemnity.Draft, *indemnity.RuleSet) {
	rules := &draftCalls(t)[0].Rules
	d := draftOf(1, 21, paperOf(indemnity.InitialPrognosis, 1, 21), indemnity.Paper{Kind: indemnity.IdentityWhole, Attachment: "file", Expires: inMay(31)})
	a := &d.Answers
	a.IdentityExpires, a.Exclusive, a.Covered, a.IBAN, a.Email = inMay(31), indemnity.Yes, indemnity.No, "IT60X0542811101000000123456", "a@example.org"
	a.DeclaredAt = inMay(22).At(8, 0)
	for _, x := range rules.Declarations.Is {
		a.Declared = append(a.Declared, x.Mark())
	}
	return d, rules
}

func TestEachPartSaysWhatItStillLacks(t *testing.T) {
	t.Parallel()
	today := inMay(22)
	if d, rules := wholeDraft(t); len(d.Missing(rules, today)) != 0 || d.Parts(rules, today)[indemnity.PartReview] != indemnity.PartToDo {
		t.Fatalf("a whole draft lacks %v", d.Missing(rules, today))
	}
	for _, x := range []struct {
		name   string
		change func(*indemnity.Draft)
		part   indemnity.Part
		want   indemnity.PartState
	}{
		{"nothing", func(d *indemnity.Draft) { d.Answers.Cause = "" }, indemnity.PartCause, indemnity.PartToDo},
		{"no last day", func(d *indemnity.Draft) { d.Answers.Last = calendar.Date{} }, indemnity.PartPeriod, indemnity.PartBegun},
		{"an end to come", func(d *indemnity.Draft) { d.Answers.Last = today }, indemnity.PartPeriod, indemnity.PartBegun},
		{"no day of the interruption", func(d *indemnity.Draft) { d.Answers.Cause = indemnity.Interrupted }, indemnity.PartPeriod, indemnity.PartBegun},
		{"a cycle without stops", func(d *indemnity.Draft) { d.Answers.Cause = indemnity.Cycles }, indemnity.PartPeriod, indemnity.PartBegun},
		{"no papers", func(d *indemnity.Draft) { d.Papers = d.Papers[1:] }, indemnity.PartCertificates, indemnity.PartToDo},
		{"an extension alone", func(d *indemnity.Draft) { d.Papers[0].Kind = indemnity.ExtensionPrognosis }, indemnity.PartCertificates, indemnity.PartBegun},
		{"a paper without its file", func(d *indemnity.Draft) { d.Papers[0].Attachment = "" }, indemnity.PartCertificates, indemnity.PartBegun},
		{"one side", func(d *indemnity.Draft) { d.Papers[1].Kind = indemnity.IdentityFront }, indemnity.PartIdentity, indemnity.PartBegun},
		{"a document that expired", func(d *indemnity.Draft) { d.Answers.IdentityExpires, d.Papers[1].Expires = inMay(21), inMay(21) }, indemnity.PartIdentity, indemnity.PartTrouble},
		{"no ISEE", func(d *indemnity.Draft) { d.Answers.ISEE = indemnity.No }, indemnity.PartISEE, indemnity.PartDone},
		{"an ISEE without its file", func(d *indemnity.Draft) { d.Answers.ISEE, d.Answers.ISEEYear = indemnity.Yes, 2026 }, indemnity.PartISEE, indemnity.PartBegun},
		{"no account", func(d *indemnity.Draft) { d.Answers.IBAN = "" }, indemnity.PartContacts, indemnity.PartBegun},
		{"a declaration in another wording", func(d *indemnity.Draft) { d.Answers.Declared[0] = "true_copy@0" }, indemnity.PartDeclarations, indemnity.PartBegun},
		{"a paper after the declarations", func(d *indemnity.Draft) { d.Papers[0].AddedAt = today.At(9, 0) }, indemnity.PartDeclarations, indemnity.PartBegun},
	} {
		d, rules := wholeDraft(t)
		x.change(&d)
		states := d.Parts(rules, today)
		if states[x.part] != x.want {
			t.Errorf("%s: %s is %s, want %s", x.name, x.part, states[x.part], x.want)
		}
		if complete := x.want == indemnity.PartDone; (states[indemnity.PartReview] == indemnity.PartToDo) != complete {
			t.Errorf("%s: %s is %s", x.name, indemnity.PartReview, states[indemnity.PartReview])
		}
	}
}

func TestDaysThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	today := inMay(22)
	cycle := func(stops ...calendar.Period) indemnity.Answers {
		return indemnity.Answers{Cause: indemnity.Cycles, Stops: stops}
	}
	days := func(from, to int) calendar.Period { return calendar.Period{From: inMay(from), To: inMay(to)} }
	with := func(change func(*indemnity.Answers)) indemnity.Answers {
		a := draftOf(1, 21).Answers
		change(&a)
		return a
	}
	for name, x := range map[string]struct {
		answers indemnity.Answers
		want    error
	}{
		"an illness":             {draftOf(1, 21).Answers, nil},
		"one that goes on":       {draftOf(1, 31).Answers, nil},
		"nothing yet":            {indemnity.Answers{}, nil},
		"reversed":               {draftOf(5, 4).Answers, indemnity.ErrDaysReversed},
		"to come":                {draftOf(23, 30).Answers, indemnity.ErrFirstToCome},
		"no first day":           {indemnity.Answers{Last: inMay(3)}, indemnity.ErrFirstMissing},
		"a cause of nobody":      {with(func(a *indemnity.Answers) { a.Cause = "birth" }), indemnity.ErrCauseMissing},
		"interrupted before":     {with(func(a *indemnity.Answers) { a.Cause, a.InterruptedOn = indemnity.Interrupted, inMay(1).Add(-1) }), indemnity.ErrInterruptedOut},
		"interrupted tomorrow":   {with(func(a *indemnity.Answers) { a.Cause, a.InterruptedOn = indemnity.Interrupted, inMay(23) }), indemnity.ErrInterruptedOut},
		"a birth to come":        {with(func(a *indemnity.Answers) { a.BirthOn = inMay(23) }), indemnity.ErrBirthToCome},
		"stops":                  {cycle(days(1, 2), days(4, 4)), nil},
		"stops that overlap":     {cycle(days(1, 3), days(3, 4)), indemnity.ErrStopsOverlap},
		"a stop that ends first": {cycle(days(4, 8), days(3, 2)), indemnity.ErrDaysReversed},
	} {
		if err := x.answers.Flaw(today); !errors.Is(err, x.want) || x.want == nil && err != nil {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

func TestStopsStayInTheOrderOfTheirDays(t *testing.T) {
	t.Parallel()
	a := indemnity.Answers{Cause: indemnity.Cycles}
	for _, from := range []int{10, 3, 20} {
		a = a.WithStop(-1, calendar.Period{From: inMay(from), To: inMay(from + 1)})
	}
	if p := a.Period(); p.From != inMay(3) || p.To != inMay(21) || a.Stops[0].From != inMay(3) || a.Stops[2].From != inMay(20) {
		t.Errorf("%v of %v", a.Stops, p)
	}
	if a = a.WithStop(0, calendar.Period{From: inMay(28), To: inMay(28)}); a.Stops[2].From != inMay(28) {
		t.Errorf("moved: %v", a.Stops)
	}
	if a = a.WithoutStop(1); len(a.Stops) != 2 || a.Stops[0].From != inMay(10) {
		t.Errorf("taken away: %v", a.Stops)
	}
}

func TestAPreviewReckonsWithTheRegisterAndSupposesPapersThatAreStillToCome(t *testing.T) {
	t.Parallel()
	calls, now := draftCalls(t), inMay(22).At(9, 0)
	known := indemnity.Known{Registers: indemnity.Registers{At: now, Member: indemnity.MemberRecord{Active: true, AppliedOn: calendar.NewDate(2015, 2, 1),
		Incomes: map[string]money.Amount{"2024": 21900_00}, DaysPaid: map[string]int{"2026": 20}, FlatRate: true}}}
	d := draftOf(1, 21)
	d.Answers.Exclusive = indemnity.Yes
	p, ok := d.Preview(indemnity.Stand(calls, d, now), known, now)
	if !ok || !p.Supposed || p.Duration != 21 || p.Days(indemnity.WhyFirstDays) != 6 || p.Days(indemnity.WhyPaid) != 15 ||
		p.Entitlement.Daily != 60_00 || p.Entitlement.Gross != 900_00 || p.Entitlement.Withholding != 0 || p.Score.Total() != 24 {
		t.Errorf("%+v", p)
	}
	d = draftOf(1, 21, paperOf(indemnity.InitialPrognosis, 1, 10))
	if p, _ := d.Preview(indemnity.Stand(calls, d, now), known, now); p.Supposed || p.Duration != 10 || p.Days(indemnity.WhyNotCertified) != 11 || p.Entitlement.Daily != 48_00 {
		t.Errorf("with one paper: %+v", p)
	}
	if _, ok := (indemnity.Draft{}).Preview(indemnity.Stand(calls, indemnity.Draft{}, now), known, now); ok {
		t.Error("nothing is worth something")
	}
}

// shelf is a store of drafts in memory, and both registers.
type shelf struct {
	indemnity.DraftStore
	calls    []indemnity.Call
	drafts   map[indemnity.CaseID]indemnity.Unsent
	applied  []indemnity.Applied
	cases    []indemnity.CaseFile
	written  []audit.Entry
	member   indemnity.MemberRecord
	position indemnity.Position
	silent   error
}

func (s *shelf) CallsInForce(context.Context) ([]indemnity.Call, error) { return s.calls, nil }
func (s *shelf) Person(context.Context, identity.PersonID) (identity.Person, string, string, error) {
	return identity.Person{ID: "member", FiscalCode: "SRRLNE84C49B354Q"}, "", "", nil
}
func (s *shelf) Draft(_ context.Context, member identity.PersonID, id indemnity.CaseID) (indemnity.Draft, error) {
	if d, ok := s.drafts[id]; ok && d.Member == member {
		return d.Draft, nil
	}
	return indemnity.Draft{}, fault.ErrNotFound
}
func (s *shelf) Start(_ context.Context, _ once.Form, d indemnity.Draft, e audit.Entry) (indemnity.CaseID, error) {
	s.drafts[d.ID], s.written = indemnity.Unsent{Draft: d}, append(s.written, e)
	return d.ID, nil
}
func (s *shelf) Save(_ context.Context, _ once.Form, d indemnity.Draft, now time.Time) error {
	d.Version, d.SavedAt = d.Version+1, now
	s.drafts[d.ID] = indemnity.Unsent{Draft: d, RemindedOn: s.drafts[d.ID].RemindedOn}
	return nil
}
func (s *shelf) CasesOf(context.Context, identity.PersonID) ([]indemnity.CaseFile, error) {
	return s.cases, nil
}
func (s *shelf) Applied(context.Context, identity.PersonID) ([]indemnity.Applied, error) {
	return s.applied, nil
}
func (s *shelf) Unsent(context.Context) (all []indemnity.Unsent, _ error) {
	for _, d := range s.drafts {
		all = append(all, d)
	}
	return all, nil
}
func (s *shelf) Remind(_ context.Context, id indemnity.CaseID, on calendar.Date, e audit.Entry) (bool, error) {
	d := s.drafts[id]
	d.RemindedOn = on
	s.drafts[id], s.written = d, append(s.written, e)
	return true, nil
}
func (s *shelf) See(_ context.Context, e audit.Entry) error {
	s.written = append(s.written, e)
	return nil
}
func (s *shelf) Outcome(context.Context, once.Form) (string, bool, error) { return "", false, nil }

func (s *shelf) Member(context.Context, identity.FiscalCode, calendar.Date) (indemnity.MemberRecord, error) {
	return s.member, s.silent
}
func (s *shelf) Position(context.Context, identity.FiscalCode, calendar.Date) (indemnity.Position, error) {
	return s.position, nil
}

var elena = identity.Own("member", identity.Member)

// draftDesk is the service on a shelf, at a moment.
func draftDesk(t testing.TB, now *time.Time) (*indemnity.Drafts, *shelf) {
	s := &shelf{calls: draftCalls(t), drafts: map[indemnity.CaseID]indemnity.Unsent{},
		member: indemnity.MemberRecord{Active: true, AppliedOn: calendar.NewDate(2026, time.May, 1)}}
	return indemnity.NewDrafts(s, s, s, func() time.Time { return *now }), s
}

func TestTheQuestionsBeforeADraft(t *testing.T) {
	t.Parallel()
	now := inMay(29).At(12, 0)
	q := func(cause indemnity.Cause, over indemnity.Answer, from, to int) indemnity.Questions {
		q := indemnity.Questions{Over: over, Answers: indemnity.Answers{Cause: cause, First: inMay(from)}}
		if to > 0 {
			q.Last = inMay(to)
		}
		return q
	}
	for name, x := range map[string]struct {
		ask    indemnity.Questions
		change func(*shelf)
		want   indemnity.Verdict
	}{
		"seven days":                {q(indemnity.Illness, indemnity.Yes, 20, 26), nil, indemnity.VerdictGo},
		"six days":                  {q(indemnity.Illness, indemnity.Yes, 20, 25), nil, indemnity.VerdictShort},
		"six days that go on":       {q(indemnity.Illness, indemnity.No, 28, 0), nil, indemnity.VerdictNotYet},
		"seven days of a cycle":     {q(indemnity.Cycles, indemnity.Yes, 20, 26), nil, indemnity.VerdictShort},
		"eight days of a cycle":     {q(indemnity.Cycles, indemnity.Yes, 20, 27), nil, indemnity.VerdictGo},
		"until today":               {q(indemnity.Illness, indemnity.Yes, 20, 29), nil, indemnity.VerdictNotYet},
		"eleven days ago":           {q(indemnity.Illness, indemnity.Yes, 2, 18), nil, indemnity.VerdictLate},
		"a birth":                   {indemnity.Questions{Birth: true}, nil, indemnity.VerdictBirth},
		"on the day of enrolment":   {q(indemnity.Illness, indemnity.Yes, 1, 26), nil, indemnity.VerdictEnrolment},
		"who left":                  {q(indemnity.Illness, indemnity.Yes, 20, 26), func(s *shelf) { s.member.Active = false }, indemnity.VerdictNotMember},
		"whom nobody knows":         {q(indemnity.Illness, indemnity.Yes, 20, 26), func(s *shelf) { s.silent = fault.ErrNotFound }, indemnity.VerdictNotMember},
		"while the register sleeps": {q(indemnity.Illness, indemnity.Yes, 20, 26), func(s *shelf) { s.silent = indemnity.ErrMembersSilent }, indemnity.VerdictGo},
		"before the first call":     {q(indemnity.Illness, indemnity.Yes, 20, 26), func(s *shelf) { s.calls = nil }, indemnity.VerdictNoCall},
	} {
		drafts, s := draftDesk(t, &now)
		if x.change != nil {
			x.change(s)
		}
		o, err := drafts.Judge(t.Context(), elena, x.ask)
		if err != nil || o.Verdict != x.want {
			t.Errorf("%s: %s, %v; want %s", name, o.Verdict, err, x.want)
		}
	}
}

func TestADraftThatAnotherPageSavedIsNotSavedOver(t *testing.T) {
	t.Parallel()
	now := inMay(29).At(12, 0)
	drafts, s := draftDesk(t, &now)
	id, err := drafts.Begin(t.Context(), elena, once.Form{}, draftOf(12, 26).Answers)
	if err != nil {
		t.Fatal(err)
	}
	a := s.drafts[id].Answers
	a.Exclusive, a.Declared = indemnity.Yes, []string{"true_copy@1"}
	if err := drafts.Fill(t.Context(), elena, once.Form{}, id, 0, a); err != nil {
		t.Fatal(err)
	}
	if err := drafts.Fill(t.Context(), elena, once.Form{}, id, 0, a); !errors.Is(err, indemnity.ErrDraftMoved) {
		t.Errorf("the second page: %v", err)
	}
	if err := drafts.Fill(t.Context(), identity.Own("other", identity.Member), once.Form{}, id, 1, a); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody else: %v", err)
	}
	if s.drafts[id].Answers.Declared != nil {
		t.Error("what was declared of another answer stands")
	}
	a.Declared = []string{"true_copy@1"}
	if err := drafts.Fill(t.Context(), elena, once.Form{}, id, 1, a); err != nil || len(s.drafts[id].Answers.Declared) != 1 {
		t.Errorf("declared: %v, %v", s.drafts[id].Answers.Declared, err)
	}
	d := s.drafts[id]
	d.SentAt = now
	s.drafts[id] = d
	if err := drafts.Fill(t.Context(), elena, once.Form{}, id, 2, a); !errors.Is(err, indemnity.ErrDraftSent) {
		t.Errorf("once it is sent: %v", err)
	}
}

func TestDaysOfAnotherApplicationAreNotAppliedForTwice(t *testing.T) {
	t.Parallel()
	now := inMay(29).At(12, 0)
	drafts, s := draftDesk(t, &now)
	s.applied = []indemnity.Applied{{ID: "other", Protocol: "ENPAP-2026-000007", Period: calendar.Period{From: inMay(10), To: inMay(17)}}}
	_, err := drafts.Begin(t.Context(), elena, once.Form{}, draftOf(17, 26).Answers)
	var taken indemnity.TakenError
	if !errors.As(err, &taken) || taken.Protocol != "ENPAP-2026-000007" || !errors.Is(err, indemnity.ErrDaysTaken) {
		t.Errorf("%v", err)
	}
	if _, err := drafts.Begin(t.Context(), elena, once.Form{}, draftOf(18, 26).Answers); err != nil {
		t.Errorf("the day after: %v", err)
	}
	stops := indemnity.Answers{Cause: indemnity.Cycles, Stops: []calendar.Period{{From: inMay(8), To: inMay(9)}, {From: inMay(18), To: inMay(18)}}}
	if _, err := drafts.Begin(t.Context(), elena, once.Form{}, stops); err != nil {
		t.Errorf("stops around it: %v", err)
	}
	if _, err := drafts.Begin(t.Context(), elena, once.Form{}, draftOf(1, 7).Answers); !errors.Is(err, indemnity.ErrBeforeEnrolment) {
		t.Errorf("on the day of enrolment: %v", err)
	}
}

func TestTheRegistersAreAskedAboutWhomAMandateStandsFor(t *testing.T) {
	t.Parallel()
	now := inMay(29).At(12, 0)
	drafts, s := draftDesk(t, &now)
	if _, err := drafts.Known(t.Context(), elena); err != nil || len(s.written) != 0 {
		t.Errorf("about oneself: %v, %v", s.written, err)
	}
	s.position.Debts = []indemnity.Debt{{Amount: 100}}
	k, err := drafts.Known(t.Context(), identity.Actor{Person: "son", Role: identity.Citizen, For: "member", Mandate: "m"})
	if err != nil || !k.Owes() || !k.Active() || len(s.written) != 1 || s.written[0].Action != indemnity.RegistersAsked || s.written[0].About != "member" {
		t.Errorf("%+v, %v: %v", k, s.written, err)
	}
	s.silent = errors.New("the disk is gone")
	if _, err := drafts.Known(t.Context(), elena); err == nil || fault.As(err) != nil {
		t.Errorf("an error of ours is shown as silence: %v", err)
	}
}

func TestARegisterThatHasThePaymentsOfADayToComeIsNotBelieved(t *testing.T) {
	t.Parallel()
	now := inMay(29).At(23, 59)
	drafts, s := draftDesk(t, &now)
	s.member.DaysPaid = map[string]int{"2026": 20}
	s.member.DaysPaidTo = inMay(29)
	if k, err := drafts.Known(t.Context(), elena); err != nil || k.MemberErr != nil || k.Member.DaysPaid["2026"] != 20 {
		t.Errorf("today: %+v, %v", k, err)
	}
	s.member.DaysPaidTo = inMay(30)
	k, err := drafts.Known(t.Context(), elena)
	if err != nil || !errors.Is(k.MemberErr, indemnity.ErrMembersSilent) || k.Member.DaysPaid != nil || !k.Member.DaysPaidTo.IsZero() {
		t.Errorf("tomorrow: %+v, %v", k, err)
	}
}

func TestAWriterIsRemindedFiveTwoAndOneDaysBeforeTheTermEnds(t *testing.T) {
	t.Parallel()
	now := inMay(21).At(9, 0)
	drafts, s := draftDesk(t, &now)
	if _, err := drafts.Begin(t.Context(), elena, once.Form{}, draftOf(2, 20).Answers); err != nil { // until 30 May
		t.Fatal(err)
	}
	var days []int
	for day := 21; day <= 31; day++ {
		for range 2 { // the job runs every hour
			now = inMay(day).At(9, 0)
			n, err := drafts.RemindDue(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for range n {
				days = append(days, day)
			}
		}
	}
	if !slices.Equal(days, []int{25, 28, 29}) {
		t.Errorf("reminded on %v", days)
	}
	if e := s.written[len(s.written)-1]; e.Action != indemnity.DraftReminded || e.About != "member" || e.Actor.Role != identity.System {
		t.Errorf("%+v", e)
	}
}
