package portal

import (
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

// factSaid is something that a check looks at, in words.
type factSaid struct {
	words string
	say   func(f ui.Frame, x indemnity.Facts) string
}

func saidDay(words string, of func(indemnity.Facts) calendar.Date) factSaid {
	return factSaid{words, func(f ui.Frame, x indemnity.Facts) string { return paperDay(f, of(x)) }}
}

func saidYes(words string, of func(indemnity.Facts) bool) factSaid {
	return factSaid{words, func(f ui.Frame, x indemnity.Facts) string { return yesText(f, of(x)) }}
}

func said(words string, of func(x indemnity.Facts) string) factSaid {
	return factSaid{words, func(_ ui.Frame, x indemnity.Facts) string { return of(x) }}
}

// findingFacts are what a check looks at: as it was sent, and as it counts now.
func findingFacts(f ui.Frame, o indemnity.Opened, check indemnity.Check) (rows []welfare.CheckFact) {
	sent, found := o.AsSent(), o.Facts()
	for _, x := range factsOf(o.CaseFile, check) {
		rows = append(rows, welfare.CheckFact{Name: f.T("desk.fact." + x.words), Sent: x.say(f, sent), Found: x.say(f, found)})
	}
	if check == indemnity.CheckCap {
		rows = append(rows, otherFacts(f, o.Found.Years, found.DaysUsedTo)...)
	}
	read := o.CaseFile.Found(check).Found.Papers
	for _, d := range o.PapersOf(check) {
		if x, otherwise := read[d.ID]; otherwise {
			rows = append(rows, welfare.CheckFact{Name: kindName(f, d.Kind) + ": " + d.Name, Sent: paperText(f, d.IssuedOn, d.Covers), Found: readText(f, d, x)})
		}
	}
	return rows
}

// otherFacts are the days of each year that other applications of the member have, which
// the portal counts beside those that the register has up to a day.
func otherFacts(f ui.Frame, years []indemnity.CapYear, registered calendar.Date) (rows []welfare.CheckFact) {
	for _, y := range years {
		for _, s := range y.Others {
			text := f.T("desk.fact.year", "Year", y.Year, "Value", s.Days)
			if s.PaidOn.After(registered) {
				text = f.T("desk.fact.other.paid", "Days", text, "Day", ui.ShortDay(s.PaidOn))
			} else {
				text = f.T("desk.fact.other", "Days", text)
			}
			rows = append(rows, welfare.CheckFact{Name: f.T("calc.year.other", "Protocol", s.Protocol), Sent: text, Found: text})
		}
	}
	return rows
}

// paperText is what stands on a paper: the day of issue, and the days that it covers.
func paperText(f ui.Frame, issued calendar.Date, covers calendar.Period) string {
	return f.T("desk.fact.paper", "Issued", paperDay(f, issued), "Days", daysText(f, covers))
}

// readText is how an officer read a paper.
func readText(f ui.Frame, d indemnity.Paper, read indemnity.PaperRead) string {
	issued, covers := d.IssuedOn, d.Covers
	if !read.IssuedOn.IsZero() {
		issued = read.IssuedOn
	}
	if !read.Covers.IsZero() {
		covers = read.Covers
	}
	text := paperText(f, issued, covers)
	switch {
	case read.Disallowed:
		return f.T("desk.reading.disallowed")
	case read.NoForm:
		return text + " · " + f.T("desk.reading.no_form")
	}
	return text
}

// foundOtherwise are the facts of all checks that are not as they were declared, each once:
// some are looked at by several checks.
func foundOtherwise(f ui.Frame, o indemnity.Opened) (rows []welfare.CheckFact) {
	for _, k := range o.Checklist {
		for _, x := range findingFacts(f, o, k.Check) {
			again := slices.ContainsFunc(rows, func(row welfare.CheckFact) bool {
				return row.Name == x.Name && row.Sent == x.Sent && row.Found == x.Found
			})
			if x.Sent != x.Found && !again {
				x.Check = checkName(f, k.Check)
				rows = append(rows, x)
			}
		}
	}
	return rows
}

func factsOf(c indemnity.CaseFile, check indemnity.Check) []factSaid {
	first := saidDay("first", func(x indemnity.Facts) calendar.Date { return x.Event.From })
	last := saidDay("last", func(x indemnity.Facts) calendar.Date { return x.Event.To })
	arrived := said("arrived", func(indemnity.Facts) string { return withSeconds(c.Arrived()) })
	died := saidDay("died", func(x indemnity.Facts) calendar.Date { return x.DiedOn })
	term := said("term", func(indemnity.Facts) string { return ui.DayEnd(c.TermEndedOn) })
	active := saidYes("active", func(x indemnity.Facts) bool { return x.ActiveMember })
	switch check {
	case indemnity.CheckIdentity:
		return []factSaid{{"identity", func(f ui.Frame, x indemnity.Facts) string { return f.T("desk.identity." + string(x.Identity)) }},
			saidDay("expires", func(indemnity.Facts) calendar.Date { return c.Answers.IdentityExpires })}
	case indemnity.CheckMember:
		return []factSaid{active}
	case indemnity.CheckEnrolment:
		return []factSaid{saidDay("applied", func(x indemnity.Facts) calendar.Date { return x.EnrolmentApplied }),
			saidDay("enrolled", func(x indemnity.Facts) calendar.Date { return x.EnrolledOn }), first}
	case indemnity.CheckTerm:
		return []factSaid{arrived, last, term}
	case indemnity.CheckWindow:
		return []factSaid{last, said("window", func(indemnity.Facts) string { return ui.Month(c.Call.Month().From) })}
	case indemnity.CheckProof, indemnity.CheckCoverage, indemnity.CheckLength:
		return []factSaid{first, last}
	case indemnity.CheckRegularity:
		return []factSaid{saidYes("communicated", func(x indemnity.Facts) bool { return x.Contribution.IncomeCommunicated }),
			said("debt", func(x indemnity.Facts) string { return x.Contribution.DebtAtSubmission.String() }),
			said("plan", func(x indemnity.Facts) string { return x.Contribution.PlanResidual.String() }),
			said("debt_after", func(x indemnity.Facts) string { return x.Contribution.DebtAfterwards.String() }),
			saidDay("communicated_on", func(x indemnity.Facts) calendar.Date { return x.Contribution.CommunicatedOn }),
			saidDay("paid_on", func(x indemnity.Facts) calendar.Date { return x.Contribution.PaidOn }),
			said("paid", func(x indemnity.Facts) string { return x.Contribution.Paid.String() })}
	case indemnity.CheckDeclarations:
		return []factSaid{saidYes("true_copy", func(x indemnity.Facts) bool { return x.Declarations.TrueCopy }),
			saidYes("no_activity", func(x indemnity.Facts) bool { return x.Declarations.NoActivity }), saidYes("worked", func(x indemnity.Facts) bool { return x.Worked })}
	case indemnity.CheckISEE:
		return []factSaid{{"isee", func(f ui.Frame, x indemnity.Facts) string { return f.T("desk.isee." + string(x.ISEE.Status)) }},
			{"isee_value", func(f ui.Frame, x indemnity.Facts) string {
				if !x.ISEE.Given {
					return f.T("heirs.none")
				}
				return x.ISEE.Value.String()
			}}}
	case indemnity.CheckExclusive:
		return []factSaid{saidYes("exclusive", func(x indemnity.Facts) bool { return x.Declarations.Exclusive })}
	case indemnity.CheckCover:
		return []factSaid{saidYes("cover", func(x indemnity.Facts) bool { return x.Declarations.OtherCover }), said("covered_by", func(indemnity.Facts) string { return c.Answers.CoveredBy })}
	case indemnity.CheckMaternity:
		return []factSaid{saidDay("birth", func(x indemnity.Facts) calendar.Date { return x.Event.BirthOn }), first, last}
	case indemnity.CheckCap:
		return []factSaid{{"days_used", func(f ui.Frame, x indemnity.Facts) string {
			all := f.T("heirs.none")
			for i, y := range x.DaysUsed {
				one := f.T("desk.fact.year", "Year", y.Year, "Value", strconv.Itoa(y.Is))
				if all += " · " + one; i == 0 {
					all = one
				}
			}
			return all
		}}, saidDay("days_used_to", func(x indemnity.Facts) calendar.Date { return x.DaysUsedTo })}
	case indemnity.CheckIncome:
		year := incomeYear(c)
		return []factSaid{{"income", func(f ui.Frame, x indemnity.Facts) string {
			if is, known := x.Incomes.Of(year); known {
				return f.T("desk.fact.year", "Year", year, "Value", is)
			}
			return f.T("heirs.none")
		}}, saidYes("flat_rate", func(x indemnity.Facts) bool { return x.Withholding != nil })}
	case indemnity.CheckIBAN:
		return []factSaid{said("iban", func(indemnity.Facts) string { return iban.IBAN(c.Answers.IBAN).Masked() }), said("holder", func(indemnity.Facts) string { return c.Answers.Holder }),
			said("member", func(indemnity.Facts) string { return c.Member.Name() })}
	case indemnity.CheckHeirship:
		return []factSaid{died, active}
	case indemnity.CheckHeirsTerm:
		return []factSaid{died, arrived, term}
	}
	return nil
}

// incomeYear is the year of the income that counts for a case (R43).
func incomeYear(c indemnity.CaseFile) int {
	return calendar.On(c.Arrived()).Year - c.Rules.Readings.IncomeYearOffset.Is
}
