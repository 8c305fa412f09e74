package indemnity_test

import (
	"testing"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/money"
)

func TestTheSoundApplicationIsRanked(t *testing.T) {
	t.Parallel()
	r := alone(t, may(t), sound())
	wantCodes(t, r)
	wantIs(t, "warnings", len(r.Warnings), 0)
	wantIs(t, "duration", r.Duration, 30)
	wantIs(t, "days", r.Entitlement.Days, 24)
	wantIs(t, "gross", r.Entitlement.Gross, 1200_00)
	wantIs(t, "net", r.Entitlement.Net, 960_00)
	wantIs(t, "points", r.Score, indemnity.Score{ISEE: 8, Duration: 4, Exclusivity: 20})
	wantIs(t, "final", r.Final(), "funded")
}

// Each rule of articles 1 to 4 that a program can hold, as package documentation
// numbers them; the others stand there with who holds them.
func TestTheRulesOfTheNature(t *testing.T) {
	t.Parallel()
	call := may(t)
	t.Run("R1 a daily indemnity within what the board appropriates", func(t *testing.T) {
		t.Parallel()
		call := may(t)
		budget := money.Amount(1200_00)
		call.Rules.Budget.Is = &budget
		results, summary := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{sound(), sound(called("A2", "M2"), isee(30_000_00))})
		wantIs(t, "funded", results[0].FundedGross, 1200_00)
		wantIs(t, "not funded", results[1].FundedGross, 0)
		wantIs(t, "left", *summary.Residual, 0)
	})
	t.Run("R2 any professional activity in the period removes the requirement", func(t *testing.T) {
		t.Parallel()
		wantCodes(t, alone(t, call, sound(func(f *indemnity.Facts) { f.Worked = true })), indemnity.ActivityExercised)
	})
	t.Run("R3 no indemnity from two months before a birth to three months after", func(t *testing.T) {
		t.Parallel()
		// The window of a birth on 1 March closes with 1 June, that of 21 February with 21 May.
		for birth, paid := range map[string]int{"2026-03-01": 0, "2026-02-21": 0, "2026-02-20": 1, "2026-02-10": 11, "2026-01-27": 24, "2026-01-28": 23, "2026-07-21": 23, "2026-07-22": 24} {
			r := alone(t, call, sound(born(birth)))
			wantIs(t, "days paid with a birth on "+birth, r.Entitlement.Days, paid)
			wantIs(t, "duration", r.Duration, 30)
			if paid == 0 {
				wantCodes(t, r, indemnity.NoIndemnifiableDays)
			}
		}
	})
	t.Run("R4 also where the maternity indemnity was not claimed, which nobody asks", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "days", alone(t, call, sound(born("2026-02-10"))).Entitlement.Days, 11)
	})
}

func TestTheRulesOfTheRequirements(t *testing.T) {
	t.Parallel()
	call := may(t)
	requested := "2026-06-08"
	for _, c := range []struct {
		name    string
		changes []change
		codes   []indemnity.Code
	}{
		{"R5 active enrolment at submission", []change{func(f *indemnity.Facts) { f.ActiveMember = false }}, []indemnity.Code{indemnity.NotActiveMember}},
		{"R7 six days are too short", []change{ill("2026-05-10", "2026-05-15")}, []indemnity.Code{indemnity.EventTooShort}},
		{"R7 seven days are enough", []change{ill("2026-05-10", "2026-05-16")}, nil},
		{"R8 an event on the day of the enrolment application", []change{func(f *indemnity.Facts) { f.EnrolmentApplied = day("2026-04-22") }}, []indemnity.Code{indemnity.NotAfterEnrolment}},
		{"R8 an event on the day after", []change{func(f *indemnity.Facts) { f.EnrolmentApplied = day("2026-04-21") }}, nil},
		{"R10 seven days of a cycle are too few", []change{sessions(7)}, []indemnity.Code{indemnity.CycleTooShort}},
		{"R10 eight are one event", []change{sessions(8)}, nil},
		{"R11 a missing income communication, asked by nobody", []change{func(f *indemnity.Facts) { f.Contribution.IncomeCommunicated = false }}, []indemnity.Code{indemnity.RegularisationNotRequest}},
		{"R12 communicated on the fifteenth day", []change{paid(requested, "", 0), func(f *indemnity.Facts) {
			f.Contribution.IncomeCommunicated, f.Contribution.CommunicatedOn = false, day("2026-06-23")
		}}, nil},
		{"R12 communicated on the sixteenth", []change{paid(requested, "", 0), func(f *indemnity.Facts) {
			f.Contribution.IncomeCommunicated, f.Contribution.CommunicatedOn = false, day("2026-06-24")
		}}, []indemnity.Code{indemnity.IncomeNotCommunicated}},
		{"R13 a plan of instalments is no regularity", []change{func(f *indemnity.Facts) { f.Contribution.PlanResidual = 960_01 }}, []indemnity.Code{indemnity.RegularisationNotRequest}},
		{"R14 what falls due later must be paid", []change{func(f *indemnity.Facts) { f.Contribution.DebtAfterwards = 960_01 }, paid(requested, "", 0)}, []indemnity.Code{indemnity.DebtNotRegularised}},
		{"R16 a debt above the net indemnity", []change{owes(960_01)}, []indemnity.Code{indemnity.RegularisationNotRequest}},
		{"R16 paid in full on the fifteenth day", []change{owes(960_01), paid(requested, "2026-06-23", 960_01)}, nil},
		{"R16 paid in full on the sixteenth", []change{owes(960_01), paid(requested, "2026-06-24", 960_01)}, []indemnity.Code{indemnity.DebtNotRegularised}},
		{"R16 paid in part", []change{owes(960_01), paid(requested, "2026-06-23", 900_00)}, []indemnity.Code{indemnity.DebtNotRegularised}},
		{"R16 paid in part before it was asked for", []change{owes(960_01), paid(requested, "2026-06-07", 900_00)}, nil},
		{"R17 heirs by PEC within the sixtieth day", []change{heirs("2026-05-21"), sent("2026-07-20 23:59:59")}, nil},
		{"R17 a second later", []change{heirs("2026-05-21"), sent("2026-07-21 00:00:00")}, []indemnity.Code{indemnity.HeirsAfterDeadline}},
		{"R17 heirs through the portal", []change{heirs("2026-05-21"), func(f *indemnity.Facts) { f.Channel = indemnity.Portal }}, []indemnity.Code{indemnity.HeirsWrongChannel}},
		{"R17 heirs without the death certificate", []change{heirs("2026-05-21"), func(f *indemnity.Facts) { f.DeathCertificate = false }}, []indemnity.Code{indemnity.SupplementNotRequested}},
		{"R18 an application that was sent goes on after the death", []change{func(f *indemnity.Facts) { f.DiedOn = day("2026-06-02") }}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantCodes(t, alone(t, call, sound(c.changes...)), c.codes...)
		})
	}
	t.Run("R6 at most 180 days in a calendar year", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(ill("2025-09-01", "2026-05-31"), used(2026, 40)))
		wantIs(t, "2025", r.Entitlement.ByYear[0], indemnity.InYear[int]{Year: 2025, Is: 116})
		wantIs(t, "2026", r.Entitlement.ByYear[1], indemnity.InYear[int]{Year: 2026, Is: 140})
		wantIs(t, "warning", r.Warnings[0], indemnity.WarnCapReached)
		wantCodes(t, alone(t, call, sound(used(2026, 180))), indemnity.NoIndemnifiableDays)
	})
	t.Run("R9 only certified days count, up to the first that is not", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(noPapers, certified("2026-04-22", "2026-05-10"), certified("2026-05-12", "2026-05-21")))
		wantIs(t, "duration", r.Duration, 19)
		wantIs(t, "end used", r.EndUsed, day("2026-05-21"))
		wantIs(t, "warning", r.Warnings[0], indemnity.WarnNotCertified)
	})
	t.Run("R15 a debt below the net indemnity is set off", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(owes(45_88)))
		wantCodes(t, r)
		wantIs(t, "set off", r.SetOff, 45_88)
		wantIs(t, "payable", r.Payable, 914_12)
		wantIs(t, "payable after half is paid late", alone(t, call, sound(owes(45_88), paid("2026-06-08", "2026-07-08", 20_00))).Payable, 934_12)
		wantIs(t, "payable where nothing is funded", alone(t, poor(t), sound(owes(45_88))).Payable, 0)
	})
}

// poor is the call without any money.
func poor(t testing.TB) indemnity.Call {
	t.Helper()
	call := may(t)
	call.Rules.Budget.Is = new(money.Amount)
	return call
}

func TestTheRulesOfTheApplication(t *testing.T) {
	t.Parallel()
	call := may(t)
	asked, due, late := "2026-06-12", "2026-06-27", "2026-06-28" // a Saturday does not move
	defective := func(f *indemnity.Facts) { f.Identity = indemnity.IdentityDefective }
	for _, c := range []struct {
		name    string
		changes []change
		codes   []indemnity.Code
	}{
		{"R19 not before the inactivity has ended", []change{sent("2026-05-21 23:59:59")}, []indemnity.Code{indemnity.BeforeEventEnd}},
		{"R19 from the day after", []change{sent("2026-05-22 00:00:00")}, nil},
		{"R20 to the last second of the term", []change{sent("2026-06-01 23:59:59")}, nil}, // the tenth day is a Sunday
		{"R20 and not a second longer", []change{sent("2026-06-02 00:00:00")}, []indemnity.Code{indemnity.AfterDeadline}},
		{"R21 only on line", []change{func(f *indemnity.Facts) { f.Channel = indemnity.PEC }}, []indemnity.Code{indemnity.WrongChannel}},
		{"R22 a cycle before its last day of suspension", []change{sessions(10), sent("2026-05-20 12:00:00")}, []indemnity.Code{indemnity.BeforeEventEnd}},
		{"R22 a cycle within ten days of it", []change{sessions(10), sent("2026-06-01 23:59:59")}, []indemnity.Code{indemnity.AfterDeadline}},
		{"R23 each year of a cycle has its own application", []change{cycle("2025-11-10/2025-11-13", "2026-05-01/2026-05-05", "2026-05-20/2026-05-22"),
			func(f *indemnity.Facts) { f.Event.MultiYear = true }}, nil},
		{"R24 no identity document", []change{func(f *indemnity.Facts) { f.Identity = indemnity.IdentityMissing }}, []indemnity.Code{indemnity.IdentityDocumentMissing}},
		{"R25 no initial certificate", []change{noPapers}, []indemnity.Code{indemnity.MedicalMissing}},
		{"R25 an extension alone", []change{noPapers, paper(indemnity.ExtensionPrognosis, "2026-04-22", "2026-05-21")}, []indemnity.Code{indemnity.MedicalMissing}},
		{"R29 no length of the prognosis", []change{notInForm}, []indemnity.Code{indemnity.PrognosisNotStated}},
		{"R30 a stay without its certificate", []change{stay("2026-05-01", "2026-05-03", false)}, []indemnity.Code{indemnity.HospitalMissing}},
		{"R31 without the declaration on the copies", []change{func(f *indemnity.Facts) { f.Declarations.TrueCopy = false }}, []indemnity.Code{indemnity.SupplementNotRequested}},
		{"R32 without the declaration of inactivity", []change{func(f *indemnity.Facts) { f.Declarations.NoActivity = false }}, []indemnity.Code{indemnity.SupplementNotRequested}},
		{"R33 a cycle without its final certificate", []change{sessions(10), noPapers}, []indemnity.Code{indemnity.CycleCertificateMissing}},
		{"R34 a cycle with a stay without its certificate", []change{sessions(10), stay("2026-05-01", "2026-05-03", false)}, []indemnity.Code{indemnity.HospitalMissing}},
		{"R35 days before an interruption are covered", []change{interrupted("2026-05-21")}, nil},
		{"R36 without the order of the ASL", []change{interrupted("2026-05-21"), noPapers, certified("2026-04-22", "2026-05-21")}, []indemnity.Code{indemnity.ASLOrderMissing}},
		{"R37 days before a birth are not", []change{func(f *indemnity.Facts) { f.Event.Kind = indemnity.RiskBirth }}, []indemnity.Code{indemnity.BirthExcluded}},
		{"R38 heirs without the certificate of the end", []change{heirs("2026-05-21"), noPapers, certified("2026-04-22", "2026-05-21")}, []indemnity.Code{indemnity.MedicalMissing}},
		{"R38 heirs of who died after the event need none", []change{heirs("2026-05-25")}, nil},
		{"R38 and may bring it all the same", []change{heirs("2026-05-25"), noPapers, paper(indemnity.HeirsFinal, "2026-04-22", "2026-05-21")}, nil},
		{"R38 heirs bring it for a cycle that the death ended", []change{sessions(10), heirs("2026-05-20")}, nil},
		{"R40 papers on the fifteenth day", []change{defective, supplemented(asked, due)}, nil},
		{"R40 before anybody asked", []change{defective, supplemented("", due)}, nil},
		{"R40 never", []change{defective, supplemented(asked, "")}, []indemnity.Code{indemnity.SupplementMissing}},
		{"R40 for another formal defect", []change{func(f *indemnity.Facts) { f.FormalDefects = []string{"illegible"} }}, []indemnity.Code{indemnity.SupplementNotRequested}},
		{"R41 on the sixteenth", []change{defective, supplemented(asked, late)}, []indemnity.Code{indemnity.SupplementLate}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			wantCodes(t, alone(t, call, sound(c.changes...)), c.codes...)
		})
	}
	t.Run("R23 pays the days of its own year", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(cycle("2025-11-10/2025-11-13", "2026-05-01/2026-05-05", "2026-05-20/2026-05-22"), func(f *indemnity.Facts) { f.Event.MultiYear = true }))
		wantIs(t, "days", r.Entitlement.Days, 8)
		wantIs(t, "start", r.Recognised.From, day("2026-05-01"))
	})
	t.Run("R26 the event ends with the prognosis", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(declared("2026-04-22", "2026-05-25"), sent("2026-05-26 10:00:00")))
		wantIs(t, "end", r.EndUsed, day("2026-05-21"))
		wantIs(t, "deadline", r.Deadline, day("2026-06-01"))
	})
	t.Run("R27 an extension in the form of a prognosis covers the days that follow", func(t *testing.T) {
		t.Parallel()
		f := sound(noPapers, certified("2026-04-22", "2026-05-10"), certified("2026-05-11", "2026-05-21"))
		wantIs(t, "duration", alone(t, call, f).Duration, 30)
		notInForm(&f)
		wantIs(t, "duration without the form", alone(t, call, f).Duration, 19)
	})
	t.Run("R28 who presents no ISEE has no points for it", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(noISEE))
		wantCodes(t, r)
		wantIs(t, "points", r.Score.ISEE, 0)
	})
	t.Run("R30 certified days in a hospital count", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(noPapers, stay("2026-04-22", "2026-04-30", true), certified("2026-05-01", "2026-05-21")))
		wantCodes(t, r)
		wantIs(t, "duration", r.Duration, 30)
	})
	t.Run("R36 the order fixes the period, and a prognosis may follow", func(t *testing.T) {
		t.Parallel()
		f := sound(interrupted("2026-05-10"))
		wantIs(t, "end", alone(t, call, f).Recognised.To, day("2026-05-10"))
		paper(indemnity.ExtensionPrognosis, "2026-05-11", "2026-05-21")(&f)
		wantIs(t, "end with a prognosis", alone(t, call, f).Recognised.To, day("2026-05-21"))
	})
	t.Run("R39 a requirement found missing after payment takes the benefit away", func(t *testing.T) {
		t.Parallel()
		r := alone(t, call, sound(owes(45_88), func(f *indemnity.Facts) { f.FoundAfterPayment = true }))
		wantIs(t, "recovery", r.Recovery, 914_12)
		wantIs(t, "final", r.Final(), "revoked")
		wantIs(t, "recovery of nothing", alone(t, poor(t), sound(func(f *indemnity.Facts) { f.FoundAfterPayment = true })).Final(), "not_funded")
	})
}

func TestTheRulesOfTheAmountAndTheRanking(t *testing.T) {
	t.Parallel()
	call := may(t)
	short := ill("2026-05-02", "2026-05-21") // twenty days
	t.Run("R43 R44 R45 R46 the table of the daily amount", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct{ income, long, short money.Amount }{
			{0, 20_00, 20_00}, {-12_00, 20_00, 20_00}, {7300_00, 20_00, 20_00}, {7300_01, 25_00, 20_00}, {9125_00, 25_00, 20_00},
			{9125_01, 30_00, 24_00}, {10950_00, 30_00, 24_00}, {18250_00, 50_00, 40_00}, {34675_01, 100_00, 80_00},
			{36500_00, 100_00, 80_00}, {36500_01, 100_00, 80_00}, {9_999_999_999_999_99, 100_00, 80_00},
		} {
			long := alone(t, call, sound(income(c.income)))
			wantIs(t, "full daily of "+c.income.Decimal(), long.Entitlement.FullDaily, c.long)
			wantIs(t, "daily over 20 days of "+c.income.Decimal(), long.Entitlement.Daily, c.long)
			brief := alone(t, call, sound(income(c.income), short))
			wantIs(t, "full daily of a short event of "+c.income.Decimal(), brief.Entitlement.FullDaily, c.long)
			wantIs(t, "daily up to 20 days of "+c.income.Decimal(), brief.Entitlement.Daily, c.short)
		}
		none := sound()
		none.Incomes = none.Incomes[:1]
		wantIs(t, "daily without income", alone(t, call, none).Entitlement.Daily, 20_00)
	})
	t.Run("R43 the income of the second year before submission", func(t *testing.T) {
		t.Parallel()
		e := alone(t, call, sound()).Entitlement
		wantIs(t, "year", e.IncomeYear, 2024)
		wantIs(t, "income", e.Income, 18_250_00)
	})
	t.Run("R46 the cliff between 20 and 21 days", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "20 days", alone(t, call, sound(income(10950_00), short)).Entitlement.Gross, 336_00)
		wantIs(t, "21 days", alone(t, call, sound(income(10950_00), ill("2026-05-01", "2026-05-21"))).Entitlement.Gross, 450_00)
	})
	t.Run("R47 without the first six days", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "days of seven", alone(t, call, sound(ill("2026-05-10", "2026-05-16"))).Entitlement.Days, 1)
		wantIs(t, "days of a cycle of ten", alone(t, call, sound(sessions(10))).Entitlement.Days, 10)
	})
	t.Run("R48 R49 less a fifth where another cover is declared", func(t *testing.T) {
		t.Parallel()
		e := alone(t, call, sound(otherCover)).Entitlement
		wantIs(t, "reduction", e.Reduction, 240_00)
		wantIs(t, "gross", e.Gross, 960_00)
		small := alone(t, call, sound(otherCover, income(0), ill("2026-05-10", "2026-05-16"))).Entitlement
		wantIs(t, "below the daily minimum", small.Gross, 16_00) // A52
	})
	t.Run("R50 what is suitable is paid by rank", func(t *testing.T) {
		t.Parallel()
		results, summary := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{sound(notExclusive), sound(called("A2", "M2"))})
		wantIs(t, "rank of the first", results[0].Rank, 2)
		wantIs(t, "rank of the second", results[1].Rank, 1)
		wantIs(t, "funded", summary.Funded, 2)
	})
	t.Run("R51 the points of the ISEE", func(t *testing.T) {
		t.Parallel()
		for value, points := range map[money.Amount]int{0: 10, 10_000_00: 10, 10_000_01: 9, 15_000_00: 9, 15_000_01: 8, 20_000_00: 8, 20_000_01: 7,
			25_000_00: 7, 25_000_01: 6, 30_000_00: 6, 30_000_01: 5, 35_000_00: 5, 35_000_01: 4, 40_000_00: 4, 40_000_01: 3, 45_000_00: 3,
			45_000_01: 2, 50_000_00: 2, 50_000_01: 1, 9_999_999_00: 1} {
			wantIs(t, "points of "+value.Decimal(), alone(t, call, sound(isee(value))).Score.ISEE, points)
		}
	})
	t.Run("R52 the points of the duration", func(t *testing.T) {
		t.Parallel()
		for length, points := range map[int]int{7: 2, 20: 2, 21: 4, 45: 4, 46: 6, 90: 6, 91: 8, 120: 8, 121: 10, 150: 10, 151: 12, 180: 12, 181: 15, 400: 15} {
			r := alone(t, call, sound(ill(day("2026-05-21").Add(1-length).String(), "2026-05-21")))
			wantIs(t, "duration", r.Duration, length)
			wantIs(t, "points", r.Score.Duration, points)
		}
	})
	t.Run("R53 the points of exclusivity", func(t *testing.T) {
		t.Parallel()
		wantIs(t, "exclusive", alone(t, call, sound()).Score.Exclusivity, 20)
		wantIs(t, "not exclusive", alone(t, call, sound(notExclusive)).Score.Exclusivity, 2)
	})
	t.Run("R54 the event ended in May", func(t *testing.T) {
		t.Parallel()
		for end, codes := range map[string][]indemnity.Code{"2026-04-30": {indemnity.EndOutsideWindow}, "2026-05-01": nil, "2026-05-31": nil, "2026-06-01": {indemnity.EndOutsideWindow}} {
			wantCodes(t, alone(t, call, sound(ill("2026-04-02", end))), codes...)
		}
	})
	t.Run("R55 the money goes down the ranking", func(t *testing.T) {
		t.Parallel()
		call := may(t)
		budget := money.Amount(2000_00)
		call.Rules.Budget.Is = &budget
		results, summary := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{
			sound(called("A3", "M3"), isee(40_000_00), ill("2026-05-10", "2026-05-16")), sound(called("A2", "M2"), isee(30_000_00)), sound()})
		for i, want := range []indemnity.Funding{indemnity.NotFunded, indemnity.NotFunded, indemnity.FundedWhole} {
			wantIs(t, results[i].ID, results[i].Funding, want)
		}
		wantIs(t, "left", *summary.Residual, 800_00)
		wantIs(t, "requested", summary.RequestedGross, 2440_00)
	})
	for _, c := range []struct {
		name, decided string
		second        []change
	}{
		{"R50 more points come first", indemnity.ByScore, []change{notExclusive}},
		{"R56 then the lower ISEE", indemnity.ByISEE, []change{isee(19_999_99)}},
		{"R57 then the longer event", indemnity.ByDuration, []change{ill("2026-04-23", "2026-05-21")}},
		{"R58 then the longer enrolment", indemnity.ByEnrolment, []change{func(f *indemnity.Facts) { f.EnrolledOn = day("2012-05-02") }}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			other := sound(append([]change{called("A0", "M0")}, c.second...)...)
			first, second := 0, 1
			if c.decided == indemnity.ByISEE {
				first, second = 1, 0
			}
			results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{sound(), other})
			wantIs(t, "rank of the first", results[first].Rank, 1)
			wantIs(t, "decided by", results[second].Decided, c.decided)
			wantIs(t, "group", results[second].ExAequo, 2)
		})
	}
	t.Run("R56 who presented an ISEE comes before who did not", func(t *testing.T) {
		t.Parallel()
		// Non exclusive, lowest ISEE, 121 days, against exclusive without ISEE, shortest event: 22 points each.
		results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{
			sound(noISEE, ill("2026-05-10", "2026-05-16")), sound(called("A2", "M2"), notExclusive, isee(0), ill("2026-01-21", "2026-05-21"))})
		wantIs(t, "points", results[0].Score.Total(), 22)
		wantIs(t, "points", results[1].Score.Total(), 22)
		wantIs(t, "rank of who did", results[1].Rank, 1)
		wantIs(t, "decided by", results[0].Decided, indemnity.ByISEE)
	})
	t.Run("R57 two without an ISEE are equal in it", func(t *testing.T) {
		t.Parallel()
		results, _ := indemnity.Examine(&call, calendar.Date{}, []indemnity.Facts{
			sound(noISEE, ill("2026-04-23", "2026-05-21")), sound(called("A2", "M2"), noISEE)})
		wantIs(t, "decided by", results[0].Decided, indemnity.ByDuration)
	})
}
