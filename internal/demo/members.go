package demo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/login/demobroker"
	"portal/internal/payment"
)

// members are the personas whom the register of ENPAP knows, with what it and the
// contribution position say of them; years count back from the day of the demo.
var members = []struct {
	who       demobroker.Persona
	number    string
	enrolled  int // years ago
	flatRate  bool
	incomes   [4]string // of last year and of those before it
	daysPaid  int       // this year, before there was a portal
	debts     []debt
	plan      string
	behaviour string
	died      int // days ago
}{
	{who: cast(Psychologist), number: "048210", enrolled: 19, incomes: [4]string{"", "36500.00", "35120.40", "33980.00"}, debts: []debt{
		{"balance", 1, "312.40", calendar.Date{Month: time.October, Day: 1}, "pagopa"},
		{"penalty", 1, "18.60", calendar.Date{Month: time.October, Day: 1}, "transfer"}}},
	{who: cast(Member), number: "061377", enrolled: 11, incomes: [4]string{"", "21900.00", "20410.00", "19855.10"}, daysPaid: 20},
	{who: cast(CyclesMember), number: "039954", enrolled: 22, flatRate: true, incomes: [4]string{"", "18250.00", "27300.00", "29140.00"}},
	{who: cast(UnpaidMember), number: "044518", enrolled: 20, incomes: [4]string{"", "30120.00", "28890.00", "29400.00"}},
	{who: cast(RevokedMember), number: "031902", enrolled: 27, incomes: [4]string{"", "24600.00", "26010.00", "25400.00"}},
	{who: cast(UnfundedMember), number: "066240", enrolled: 9, incomes: [4]string{"", "38900.00", "36400.00", "31200.00"}},
	{who: cast("iscritto-testa"), number: "047731", enrolled: 19, incomes: [4]string{"", "41200.00", "40800.00", "39100.00"}},
	{who: cast("iscritta-ferri"), number: "058016", enrolled: 13, incomes: [4]string{"", "19750.00", "18200.00", "17900.00"}},
	{who: cast(ExcludedMember), number: "029377", enrolled: 28, incomes: [4]string{"", "33600.00", "34150.00", "32780.00"}},
	{who: cast("iscritta-caruso"), number: "070125", enrolled: 7, flatRate: true, incomes: [4]string{"", "16800.00", "15230.00", "14900.00"}},
	{who: cast(SilentMember), number: "045609", enrolled: 20, incomes: [4]string{"", "27450.00", "27900.00", "28310.00"}},
	{who: cast("iscritta-basile"), number: "056884", enrolled: 14, incomes: [4]string{"", "35010.00", "33300.00", "34870.00"}},
	{who: cast("iscritto-riva"), number: "048812", enrolled: 18, incomes: [4]string{"", "26100.00", "25480.00", "24900.00"}},
	{who: cast("iscritta-coppola"), number: "059340", enrolled: 13, incomes: [4]string{"", "21040.00", "20700.00", "19980.00"}},
	{who: cast("iscritto-neri"), number: "027015", enrolled: 29, incomes: [4]string{"", "34800.00", "33950.00", "34100.00"}},
	{who: cast("iscritta-grassi"), number: "055127", enrolled: 15, incomes: [4]string{"", "23300.00", "22850.00", "21600.00"}},
	{who: cast("iscritto-rossetti"), number: "040266", enrolled: 22, incomes: [4]string{"", "28700.00", "27900.00", "28250.00"}},
	{who: cast("iscritta-conte"), number: "065803", enrolled: 10, incomes: [4]string{"", "18900.00", "18150.00", "17400.00"}},
	{who: cast("iscritto-marchetti"), number: "036574", enrolled: 24, incomes: [4]string{"", "31500.00", "32200.00", "30800.00"}, debts: []debt{
		{"balance", 2, "1840.20", calendar.Date{Year: -1, Month: time.October, Day: 1}, "pagopa"},
		{"penalty", 2, "96.40", calendar.Date{Year: -1, Month: time.October, Day: 1}, "transfer"}}},
	{who: cast("iscritta-pace"), number: "053091", enrolled: 16, incomes: [4]string{"", "24750.00", "24100.00", "23650.00"}},
	{who: cast("iscritto-longo"), number: "046218", enrolled: 19, incomes: [4]string{"", "27200.00", "26600.00", "26050.00"}},
	{who: cast("iscritta-villani"), number: "030447", enrolled: 26, incomes: [4]string{"", "22900.00", "23400.00", "22100.00"}},
	{who: cast("iscritto-serafini"), number: "060922", enrolled: 12, incomes: [4]string{"", "20300.00", "19750.00", "18900.00"}},
	{who: Deceased, number: "033102", enrolled: 25, incomes: [4]string{"", "29400.00", "28750.00", "30120.50"}, died: diedAgo},
}

// debt is one line of a contribution position, of a year back and due on a day of the
// year of the demo, or of one so many years from it.
type debt struct {
	kind   string
	back   int
	amount string
	due    calendar.Date
	payBy  string
}

// paidDays are the days of each year that were paid to somebody by some calls: all days of
// their cycles, or those after the first six of one event. ENPAP's register has them from
// the day on which they were paid, the last of which it tells; "" where nothing was.
func paidDays(of Hint, today calendar.Date, calls []int) (days map[int]int, to string) {
	days = map[int]int{}
	for _, s := range slices.Concat(decidedStories(), sentStories()) {
		if !s.paid || s.who.Hint != of || !slices.Contains(calls, s.call) {
			continue
		}
		to = max(to, payment.NextBankDay(today.Add(-paymentAgo[s.call])).String())
		first, last := s.days(today)
		periods := []calendar.Period{{From: first.Add(6), To: last}}
		if s.cause == indemnity.Cycles {
			periods = stops(first, last)
		}
		for _, p := range periods {
			for day := p.From; !day.After(p.To); day = day.Add(1) {
				days[day.Year]++
			}
		}
	}
	return days, to
}

// membersOn is the register of the members of ENPAP on a day of the demo, when some of the
// calls, by how many months ago they were, have paid.
func membersOn(today calendar.Date, calls []int) (rows [][]string) {
	for _, m := range members {
		since := calendar.NewDate(today.Year-m.enrolled, time.February, 10)
		var incomes []string
		for back, income := range m.incomes {
			if income != "" {
				incomes = append(incomes, fmt.Sprintf("%d:%s", today.Year-1-back, income))
			}
		}
		days, to := paidDays(m.who.Hint, today, calls)
		if m.daysPaid > 0 {
			days[today.Year] += m.daysPaid
		}
		var paid []string
		for _, year := range slices.Sorted(maps.Keys(days)) {
			paid = append(paid, fmt.Sprintf("%d:%d", year, days[year]))
		}
		died := ""
		if m.died > 0 {
			died = today.Add(-m.died).String()
		}
		rows = append(rows, []string{string(m.who.FiscalCode), m.number, m.who.GivenName, m.who.FamilyName, "yes", since.String(), since.Add(34).String(), died,
			yesNo(m.flatRate), strings.Join(incomes, " "), strings.Join(paid, " "), to, string(Account(m.who.Hint, 1)), m.who.Email, "333 555 " + m.number[2:], "", m.behaviour})
	}
	return rows
}

// positionsOn is what they owe on that day.
func positionsOn(today calendar.Date) (rows [][]string) {
	for _, m := range members {
		var debts []string
		for i, d := range m.debts {
			debts = append(debts, fmt.Sprintf("%s:%d:%s:%s:%s:%09d", d.kind, today.Year-d.back, d.amount,
				calendar.NewDate(today.Year+d.due.Year, d.due.Month, d.due.Day), d.payBy, 302_118_400+i))
		}
		if len(debts) > 0 || m.plan != "" {
			rows = append(rows, []string{string(m.who.FiscalCode), "", strings.Join(debts, " "), m.plan, ""})
		}
	}
	return rows
}

func yesNo(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}
