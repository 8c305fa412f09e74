package indemnity_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
)

// monthOf is the call of May with the window of another month, under the name of that.
func monthOf(t testing.TB, name string) indemnity.Call {
	call := may(t)
	call.ID = indemnity.CallID(name)
	call.Rules.Window.Is = call.ID.Month()
	return call
}

func other(call *indemnity.Call, protocol string, f indemnity.Facts) indemnity.Other {
	return indemnity.Other{Call: call.ID, Protocol: protocol, Rules: &call.Rules, Facts: f}
}

func TestTwoEventsOfAYearShareItsCap(t *testing.T) {
	t.Parallel()
	march, june := monthOf(t, "2026-03"), monthOf(t, "2026-06")
	long := sound(ill("2026-01-01", "2026-03-20"), sent("2026-03-23 10:00:00"), used(2026, 20)) // 79 days, 73 of them paid
	late := sound(called("A2", "M1"), ill("2026-03-25", "2026-06-30"), sent("2026-07-03 10:00:00"), used(2026, 20))

	x, ok := indemnity.Explain(&june, calendar.Date{}, late, other(&march, "P1", long))
	if !ok {
		t.Fatal("nothing is explained")
	}
	// 180 - 20 - 73 are left: 87 of the 92 after the first six.
	want := []string{"2026-03-25/2026-03-30 first_days", "2026-03-31/2026-06-25 paid", "2026-06-26/2026-06-30 cap"}
	if got := line(x); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	years := []indemnity.CapYear{{Year: 2026, Cap: 180, Register: 20, Others: []indemnity.Share{{Protocol: "P1", Call: "2026-03", Days: 73}}, Own: 87}}
	if !reflect.DeepEqual(x.Years, years) {
		t.Errorf("%+v", x.Years)
	}
	wantIs(t, "left", x.Years[0].Left(), 0)
	at := slices.IndexFunc(x.Steps, func(s indemnity.Step) bool { return s.Name == indemnity.StepCap })
	if at < 0 || !slices.ContainsFunc(x.Steps[at].Inputs, func(i indemnity.Input) bool { return i.Source == indemnity.FromOthers && i.Value.Number == 73 }) {
		t.Errorf("the step of the cap does not say that another application has days: %+v", x.Steps)
	}

	// The earlier call knows nothing of the later one, and one whose event began first in
	// the same call comes first whichever was sent first.
	x, _ = indemnity.Explain(&march, calendar.Date{}, long, other(&june, "P2", late))
	wantIs(t, "days of the first", x.Entitlement.Days, 73)
	wantIs(t, "left to the first", x.Years[0].Left(), 180-20-73)
	if len(x.Years[0].Others) > 0 {
		t.Errorf("a later call uses something up: %+v", x.Years)
	}
	// What comes to nothing has no days.
	x, _ = indemnity.Explain(&june, calendar.Date{}, late, other(&march, "P1", with(long, noPapers)))
	wantIs(t, "days after an application without papers", x.Entitlement.Days, 92)
}

func TestAnEventAcrossNewYearCountsInBothYears(t *testing.T) {
	t.Parallel()
	november, february := monthOf(t, "2026-11"), monthOf(t, "2027-02")
	autumn := sound(ill("2026-06-01", "2026-11-15"), sent("2026-11-20 10:00:00"), used(2026, 0)) // 168 days, 162 paid
	winter := sound(called("A2", "M1"), ill("2026-12-01", "2027-02-10"), sent("2027-02-15 10:00:00"), func(f *indemnity.Facts) {
		f.DaysUsed = indemnity.Yearly[int]{{Year: 2026}, {Year: 2027, Is: 15}}
	})
	x, _ := indemnity.Explain(&february, calendar.Date{}, winter, other(&november, "P1", autumn))
	want := []string{"2026-12-01/2026-12-06 first_days", "2026-12-07/2026-12-24 paid", "2026-12-25/2026-12-31 cap", "2027-01-01/2027-02-10 paid"}
	if got := line(x); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	years := []indemnity.CapYear{
		{Year: 2026, Cap: 180, Others: []indemnity.Share{{Protocol: "P1", Call: "2026-11", Days: 162}}, Own: 18},
		{Year: 2027, Cap: 180, Register: 15, Own: 41},
	}
	if !reflect.DeepEqual(x.Years, years) {
		t.Errorf("%+v", x.Years)
	}
	wantIs(t, "left of 2027", x.Years[1].Left(), 124)
}

func TestADayOfAnotherApplicationSaysWhichOneHasIt(t *testing.T) {
	t.Parallel()
	call := wide(may(t))
	first, second := sound(called("A0", "M1"), ill("2026-04-10", "2026-04-24")), sound(called("A1", "M1"), ill("2026-04-25", "2026-05-03"))
	x, _ := indemnity.Explain(&call, calendar.Date{}, sound(), other(&call, "P2", second), other(&call, "P1", first))
	var told []string
	for _, s := range x.Line {
		told = append(told, s.From.String()+" "+string(s.Why)+" "+s.Of)
	}
	// The event of 22 April comes before that of 25 April: only the first takes days from it.
	if want := []string{"2026-04-22 other_application P1", "2026-04-25 first_days ", "2026-04-28 paid "}; !slices.Equal(told, want) {
		t.Errorf("%v, want %v", told, want)
	}
}

// caseOf is a case of elena's in a call, of an illness whose days are all proved, sent on the
// third day after it.
func caseOf(call indemnity.Call, protocol string, days calendar.Period) indemnity.CaseFile {
	sent := days.To.Add(3).At(10, 0)
	return indemnity.CaseFile{ID: indemnity.CaseID(protocol), Protocol: protocol, Call: call.ID, Rules: call.Rules, Kind: indemnity.ByMember, Channel: indemnity.Portal, State: indemnity.Submitted,
		Member: identity.Person{ID: "elena"}, SubmittedAt: sent,
		Answers:   indemnity.Answers{Cause: indemnity.Illness, First: days.From, Last: days.To, IdentityExpires: calendar.NewDate(2030, 1, 1), Exclusive: indemnity.Yes},
		Registers: indemnity.Registers{At: sent, Member: indemnity.MemberRecord{Number: "1", Active: true, AppliedOn: calendar.NewDate(2015, 2, 1)}},
		Papers: []indemnity.Paper{{ID: "a", Kind: indemnity.IdentityWhole, Attachment: "file", SentAt: sent},
			{ID: "b", Kind: indemnity.InitialPrognosis, Attachment: "file", SentAt: sent, IssuedOn: days.From, Covers: days}}}
}

// beforeADraft is the days of the year that another case of the member has before a draft
// of an illness of May, when the register is asked on 22 May and has what was paid up to a
// day.
func beforeADraft(t *testing.T, paidTo calendar.Date, change func(*indemnity.CaseFile)) int {
	t.Helper()
	now := inMay(22).At(9, 0)
	calls := draftCalls(t)
	d := draftOf(1, 21)
	d.Member = "elena"
	c := caseOf(monthOf(t, "2026-04"), "P1", calendar.Period{From: calendar.NewDate(2026, 4, 1), To: calendar.NewDate(2026, 4, 20)})
	change(&c)
	known := indemnity.Known{Registers: indemnity.Registers{At: now, Member: indemnity.MemberRecord{Active: true, AppliedOn: calendar.NewDate(2015, 2, 1), DaysPaidTo: paidTo}}, Cases: []indemnity.CaseFile{c}}
	p, ok := d.Preview(indemnity.Stand(calls, d, now), known, now)
	if !ok || len(p.Years) != 1 {
		t.Fatalf("%+v", p)
	}
	return p.Years[0].Elsewhere()
}

func TestWhichApplicationsHaveDaysBeforeADraft(t *testing.T) {
	t.Parallel()
	in := func(s indemnity.State) func(*indemnity.CaseFile) {
		return func(c *indemnity.CaseFile) { c.State = s }
	}
	for name, c := range map[string]struct {
		change func(*indemnity.CaseFile)
		want   int
	}{
		"sent":                      {in(indemnity.Submitted), 14},
		"in review":                 {in(indemnity.InReview), 14},
		"suitable":                  {in(indemnity.Suitable), 14},
		"funded":                    {in(indemnity.Funded), 14},
		"without money":             {in(indemnity.Unfunded), 0},
		"withdrawn":                 {in(indemnity.WithdrawnByMember), 0},
		"refused":                   {in(indemnity.State(indemnity.OutcomeInadmissible)), 0},
		"revoked":                   {in(indemnity.Revoked), 0},
		"lacks what it cannot lack": {func(c *indemnity.CaseFile) { c.Papers = c.Papers[1:] }, 0},
		"somebody else's":           {func(c *indemnity.CaseFile) { c.Member.ID = "anna" }, 0},
		"itself":                    {func(c *indemnity.CaseFile) { c.ID = "case" }, 0},
		"of a later call":           {func(c *indemnity.CaseFile) { c.Call = "2026-06" }, 0},
		"without money, of its own call": {func(c *indemnity.CaseFile) {
			c.State, c.Call = indemnity.Unfunded, "2026-05"
			c.Rules.Window.Is.To = inMay(31)
		}, 14},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantIs(t, "days before it", beforeADraft(t, inMay(21), c.change), c.want)
		})
	}
}

func TestTheDaysThatAnEarlierCallPaidAreNeverLost(t *testing.T) {
	t.Parallel()
	paid := indemnity.Paying{Payable: 100_00, Ordered: 100_00, Paid: 100_00, PaidOn: inMay(12)}
	for name, c := range map[string]struct {
		paying indemnity.Paying
		to     calendar.Date // what the register has is paid up to this day
		want   int
	}{
		"expected to be paid by now, and not paid":  {indemnity.Paying{Payable: 100_00, Ordered: 100_00}, inMay(21), 14},
		"sent back after the day that was expected": {indemnity.Paying{Payable: 100_00, Back: true}, inMay(21), 14},
		"paid to one of two heirs":                  {indemnity.Paying{Payable: 100_00, Ordered: 100_00, Paid: 50_00, PaidOn: inMay(12)}, inMay(21), 14},
		"set off whole, so that nobody is paid":     {indemnity.Paying{}, inMay(21), 14},
		"paid, and not entered yet":                 {paid, inMay(11), 14},
		"paid, and entered on that day":             {paid, inMay(12), 0},
		"paid, and entered":                         {paid, inMay(21), 0},
		"paid, and the register gives no day":       {paid, calendar.Date{}, 14},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantIs(t, "days before it", beforeADraft(t, c.to, func(x *indemnity.CaseFile) {
				x.State, x.Paying, x.Rules.Expected.Is.Payment = indemnity.Funded, c.paying, inMay(10)
			}), c.want)
		})
	}
	t.Run("of the same call", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "days before it", beforeADraft(t, inMay(21), func(x *indemnity.CaseFile) {
			x.State, x.Paying, x.Call, x.Rules.Window.Is.To = indemnity.Funded, paid, "2026-05", inMay(31)
		}), 14)
	})
}

// A year of a member: what each of their calls paid, as it ranked them, when the bank did,
// and up to which day ENPAP had entered that whenever they applied.
func TestWhatACallCountsIsWhatTheCallsBeforeItPaid(t *testing.T) {
	t.Parallel()
	inAll, fromRegister, capped := 0, 0, 0
	for seed := range uint64(300) {
		chance := rand.New(rand.NewPCG(seed, 31))
		const before = 15 // days of 2026 that were paid when there was no portal
		type lived struct {
			indemnity.CaseFile
			days   int           // of 2026, as its ranking had them
			paidOn calendar.Date // zero: never
		}
		var past []lived
		asOf := func(day calendar.Date) (all []indemnity.CaseFile) {
			for _, x := range past {
				c := x.CaseFile
				c.Paying.Payable = 100_00
				if c.State == indemnity.Funded && !x.paidOn.IsZero() && !x.paidOn.After(day) {
					c.Paying.Paid, c.Paying.PaidOn = 100_00, x.paidOn
				}
				all = append(all, c)
			}
			return all
		}
		paidBy := func(day calendar.Date) (days int) {
			for _, x := range past {
				if x.State == indemnity.Funded && !x.paidOn.IsZero() && !x.paidOn.After(day) {
					days += x.days
				}
			}
			return days
		}
		for month := time.February; month <= time.December; month += time.Month(1 + chance.IntN(3)) {
			call := monthOf(t, fmt.Sprintf("2026-%02d", month))
			ranked, all := call.Rules.Window.Is.To.Add(25), 0
			var own []indemnity.CaseFile
			for n := range 1 + chance.IntN(2) {
				last := call.Rules.Window.Is.From.Add(9 + 14*n + chance.IntN(5))
				c := caseOf(call, fmt.Sprintf("%s-%d", call.ID, n), calendar.Period{From: last.Add(-9 - chance.IntN(70)*(1-n)), To: last})
				sent := calendar.On(c.SubmittedAt)
				if chance.IntN(4) > 0 {
					c.Registers.Member.DaysPaidTo = sent.Add(-chance.IntN(90))
				}
				entered := before + paidBy(c.Registers.Member.DaysPaidTo)
				c.Registers.Member.DaysPaid = map[string]int{"2026": entered}
				own = append(own, c)
				all = entered
			}
			var facts []indemnity.Facts
			funded, known := 0, asOf(ranked)
			for _, x := range past {
				if x.State == indemnity.Funded {
					funded += x.days
				}
			}
			for _, c := range own {
				f := c.ForRanking(ranked, known)
				counted, _ := f.DaysUsed.Of(2026)
				if counted != before+funded {
					t.Fatalf("seed %d, %s: %d days are counted before it, and %d were paid", seed, c.Protocol, counted, before+funded)
				}
				facts = append(facts, f)
			}
			if inAll++; all == before+funded {
				fromRegister++
			}
			results, _ := indemnity.Examine(&call, ranked, facts)
			for i, c := range own {
				if results[i].Outcome != indemnity.OutcomeRanked && results[i].Entitlement.Days > 0 {
					t.Fatalf("seed %d, %s: %v", seed, c.Protocol, results[i].Codes)
				}
				x := lived{CaseFile: c}
				switch x.days, _ = results[i].Entitlement.ByYear.Of(2026); {
				case results[i].Outcome != indemnity.OutcomeRanked:
					capped++
					x.State = indemnity.NotEligible
				case chance.IntN(5) == 0:
					x.State = indemnity.Unfunded
				default:
					if x.State = indemnity.Funded; chance.IntN(4) > 0 {
						x.paidOn = ranked.Add(1 + chance.IntN(120))
					}
				}
				past = append(past, x)
			}
		}
		total := before
		for _, x := range past {
			if x.State == indemnity.Funded {
				total += x.days
			}
		}
		if total > 180 {
			t.Fatalf("seed %d: %d days of a year are paid", seed, total)
		}
	}
	if fromRegister*10 < inAll || capped < 20 {
		t.Errorf("the register has all before %d of %d calls, and the limit ends %d applications", fromRegister, inAll, capped)
	}
}
