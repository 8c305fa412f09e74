package indemnity_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// change is what makes an application another than the sound one.
type change = func(*indemnity.Facts)

// day reads "2026-05-31".
func day(text string) calendar.Date {
	d, err := calendar.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

func days(from, to string) calendar.Period { return calendar.Period{From: day(from), To: day(to)} }

// at reads "2026-05-25 10:00:00" in Rome.
func at(text string) time.Time {
	t, err := time.ParseInLocation(time.DateTime, text, calendar.Rome)
	if err != nil {
		panic(err)
	}
	return t
}

// sound is an application that nothing stands against: thirty certified days, of which
// 24 are paid with 50 euro, 28 points with an ISEE of 8 and a duration of 4 and 20 more.
func sound(changes ...change) indemnity.Facts {
	f := indemnity.Facts{
		ID: "A1", Applicant: "M1", Kind: indemnity.ByMember, Channel: indemnity.Portal, SubmittedAt: at("2026-05-25 10:00:00"),
		ActiveMember: true, EnrolmentApplied: day("2012-05-01"), EnrolledOn: day("2012-05-01"),
		Event:        indemnity.SicknessEvent{Kind: indemnity.Ordinary, Period: days("2026-04-22", "2026-05-21")},
		Identity:     indemnity.IdentityValid,
		Declarations: indemnity.SelfDeclarations{TrueCopy: true, NoActivity: true, Exclusive: true},
		ISEE:         indemnity.ISEE{Status: indemnity.ISEEValid, Given: true, Value: 20_000_00},
		Incomes:      indemnity.Yearly[money.Amount]{{Year: 2025, Is: 9_125_00}, {Year: 2024, Is: 18_250_00}, {Year: 2023, Is: 7_300_00}},
		Contribution: indemnity.Contribution{IncomeCommunicated: true},
	}
	certified("2026-04-22", "2026-05-21")(&f)
	return with(f, changes...)
}

func with(f indemnity.Facts, changes ...change) indemnity.Facts {
	for _, c := range changes {
		c(&f)
	}
	return f
}

func called(id, member string) change {
	return func(f *indemnity.Facts) { f.ID, f.Applicant = id, member }
}

// ill makes it an event of these days, wholly certified, and sent on the day after.
func ill(from, to string) change {
	return func(f *indemnity.Facts) {
		f.Event.Period = days(from, to)
		f.Event.Certificates = nil
		certified(from, to)(f)
		f.SubmittedAt = day(to).Add(1).At(10, 0)
	}
}

// certified adds a prognosis: the initial one first, then extensions.
func certified(from, to string) change {
	return func(f *indemnity.Facts) {
		kind := indemnity.InitialPrognosis
		if len(f.Event.Certificates) > 0 {
			kind = indemnity.ExtensionPrognosis
		}
		paper(kind, from, to)(f)
	}
}

// paper adds a certificate issued on its first day.
func paper(kind indemnity.PaperKind, from, to string) change {
	return func(f *indemnity.Facts) {
		f.Event.Certificates = append(slices.Clone(f.Event.Certificates),
			indemnity.Certificate{Kind: kind, IssuedOn: day(from), Period: days(from, to), InForm: kind == indemnity.InitialPrognosis || kind == indemnity.ExtensionPrognosis})
	}
}

func noPapers(f *indemnity.Facts) { f.Event.Certificates = nil }

// notInForm makes the last certificate one that assigns no prognosis.
func notInForm(f *indemnity.Facts) {
	f.Event.Certificates[len(f.Event.Certificates)-1].InForm = false
}

func stay(from, to string, certified bool) change {
	return func(f *indemnity.Facts) {
		f.Event.Stays = append(f.Event.Stays, indemnity.Stay{Period: days(from, to), Certified: certified})
	}
}

func declared(from, to string) change {
	return func(f *indemnity.Facts) { f.Event.Period = days(from, to) }
}

func sent(instant string) change {
	return func(f *indemnity.Facts) { f.SubmittedAt = at(instant) }
}

// cycle makes it a therapy cycle of some periods, "2026-05-04/2026-05-08", sent on the day
// after the last of them, with its certificate.
func cycle(periods ...string) change {
	return func(f *indemnity.Facts) {
		f.Event = indemnity.SicknessEvent{Kind: indemnity.TherapyCycle}
		for _, p := range periods {
			from, to, both := strings.Cut(p, "/")
			if !both {
				to = from
			}
			f.Event.Interruptions = append(f.Event.Interruptions, days(from, to))
		}
		first, last := f.Event.Interruptions[0], f.Event.Interruptions[len(periods)-1]
		f.Event.Period = calendar.Period{From: first.From, To: last.To}
		f.Event.Certificates = []indemnity.Certificate{{Kind: indemnity.CycleFinal, IssuedOn: last.To, Period: f.Event.Period}}
		f.SubmittedAt = last.To.Add(1).At(10, 0)
	}
}

// sessions is a cycle of so many single days, the last on 20 May 2026, two days apart.
func sessions(n int) change {
	var periods []string
	for i := range n {
		periods = append(periods, day("2026-05-20").Add(2*(i-n+1)).String())
	}
	return cycle(periods...)
}

// interrupted makes it a pregnancy at risk with an order of the ASL for the whole event.
func interrupted(on string) change {
	return func(f *indemnity.Facts) {
		f.Event.Kind, f.Event.InterruptedOn, f.Event.Certificates = indemnity.RiskInterruption, day(on), nil
		paper(indemnity.ASLInterdiction, f.Event.From.String(), f.Event.To.String())(f)
	}
}

// heirs makes it an application of the heirs of who died on a day, sent by PEC three
// weeks later, with the certificate of the end where the death ended the event.
func heirs(death string) change {
	return func(f *indemnity.Facts) {
		f.Kind, f.Channel, f.DiedOn, f.DeathCertificate = indemnity.ByHeirs, indemnity.PEC, day(death), true
		if !f.DiedOn.After(f.Event.To) {
			f.Event.Certificates = []indemnity.Certificate{{Kind: indemnity.HeirsFinal, IssuedOn: f.DiedOn, Period: f.Event.Period}}
		}
		f.SubmittedAt = f.DiedOn.Add(21).At(10, 0)
	}
}

func owes(amount money.Amount) change {
	return func(f *indemnity.Facts) { f.Contribution.DebtAtSubmission = amount }
}

// paid is a payment on a day, after a request on another one; "" for a day that there is
// not.
func paid(requested, on string, amount money.Amount) change {
	return func(f *indemnity.Facts) {
		f.Contribution.Paid = amount
		if requested != "" {
			f.Contribution.RequestedOn = day(requested)
		}
		if on != "" {
			f.Contribution.PaidOn = day(on)
		}
	}
}

// supplemented is papers that came on a day, after a request on another one.
func supplemented(requested, received string) change {
	return func(f *indemnity.Facts) {
		if requested != "" {
			f.Supplement.RequestedOn = day(requested)
		}
		if received != "" {
			f.Supplement.ReceivedOn = day(received)
		}
	}
}

func income(amount money.Amount) change {
	return func(f *indemnity.Facts) {
		f.Incomes = indemnity.Yearly[money.Amount]{{Year: 2024, Is: amount}}
	}
}

func isee(value money.Amount) change {
	return func(f *indemnity.Facts) { f.ISEE.Value = value }
}

func noISEE(f *indemnity.Facts)       { f.ISEE = indemnity.ISEE{Status: indemnity.ISEENotPresented} }
func notExclusive(f *indemnity.Facts) { f.Declarations.Exclusive = false }
func otherCover(f *indemnity.Facts)   { f.Declarations.OtherCover = true }

func withheld(rate indemnity.Rate) change {
	return func(f *indemnity.Facts) { f.Withholding = &rate }
}

func used(year, days int) change {
	return func(f *indemnity.Facts) {
		f.DaysUsed = append(f.DaysUsed, indemnity.InYear[int]{Year: year, Is: days})
	}
}

func born(on string) change { return func(f *indemnity.Facts) { f.Event.BirthOn = day(on) } }

// readAs is the call of May 2026 with some readings, "NAME=VALUE", changed.
func readAs(t testing.TB, readings ...string) indemnity.Call {
	t.Helper()
	call := may(t)
	for _, r := range readings {
		name, value, _ := strings.Cut(r, "=")
		if err := call.Rules.Readings.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return call
}

// wide is the call with a window that no test falls out of.
func wide(call indemnity.Call) indemnity.Call {
	call.Rules.Window.Is = days("2020-01-01", "2030-12-31")
	return call
}

// alone is the result of a single application.
func alone(t testing.TB, call indemnity.Call, f indemnity.Facts) indemnity.Result {
	t.Helper()
	results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{f})
	return results[0]
}

// wantCodes fails if an application has other codes, or an outcome that is not theirs.
func wantCodes(t testing.TB, r indemnity.Result, codes ...indemnity.Code) {
	t.Helper()
	slices.Sort(codes)
	if !slices.Equal(r.Codes, codes) {
		t.Errorf("the codes are %v, want %v", r.Codes, codes)
	}
	if (len(codes) == 0) != (r.Outcome == indemnity.OutcomeRanked) {
		t.Errorf("with %v the outcome is %s", r.Codes, r.Outcome)
	}
}

// wantIs fails if a value is another one.
func wantIs[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
