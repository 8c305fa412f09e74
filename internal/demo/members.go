package demo

import (
	"fmt"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/login/demobroker"
)

// members are the personas whom the register of ENPAP knows, with what it and the
// contribution position say of them; years count back from the day of the demo.
var members = []struct {
	who       demobroker.Persona
	number    string
	enrolled  int // years ago
	flatRate  bool
	incomes   [4]string // of last year and of those before it
	daysPaid  int       // this year, by earlier calls
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
	{who: folk[0], number: "044518", enrolled: 20, incomes: [4]string{"", "30120.00", "28890.00", "29400.00"}},
	{who: folk[1], number: "031902", enrolled: 27, incomes: [4]string{"", "24600.00", "26010.00", "25400.00"}},
	{who: folk[2], number: "066240", enrolled: 9, incomes: [4]string{"", "38900.00", "36400.00", "31200.00"}},
	{who: folk[3], number: "047731", enrolled: 19, incomes: [4]string{"", "41200.00", "40800.00", "39100.00"}},
	{who: folk[4], number: "058016", enrolled: 13, incomes: [4]string{"", "19750.00", "18200.00", "17900.00"}},
	{who: folk[5], number: "029377", enrolled: 28, incomes: [4]string{"", "33600.00", "34150.00", "32780.00"}},
	{who: folk[6], number: "070125", enrolled: 7, flatRate: true, incomes: [4]string{"", "16800.00", "15230.00", "14900.00"}},
	{who: folk[7], number: "045609", enrolled: 20, incomes: [4]string{"", "27450.00", "27900.00", "28310.00"}},
	{who: folk[8], number: "056884", enrolled: 14, incomes: [4]string{"", "35010.00", "33300.00", "34870.00"}},
	{who: Deceased, number: "033102", enrolled: 25, incomes: [4]string{"", "29400.00", "28750.00", "30120.50"}, died: diedAgo},
}

// debt is one line of a contribution position, of a year back and due on a day of the
// year of the demo.
type debt struct {
	kind   string
	back   int
	amount string
	due    calendar.Date
	payBy  string
}

// membersOn is the register of the members of ENPAP on a day of the demo.
func membersOn(today calendar.Date) (rows [][]string) {
	for _, m := range members {
		since := calendar.NewDate(today.Year-m.enrolled, time.February, 10)
		var incomes []string
		for back, income := range m.incomes {
			if income != "" {
				incomes = append(incomes, fmt.Sprintf("%d:%s", today.Year-1-back, income))
			}
		}
		paid := ""
		if m.daysPaid > 0 {
			paid = fmt.Sprintf("%d:%d", today.Year, m.daysPaid)
		}
		died := ""
		if m.died > 0 {
			died = today.Add(-m.died).String()
		}
		rows = append(rows, []string{string(m.who.FiscalCode), m.number, m.who.GivenName, m.who.FamilyName, "yes", since.String(), since.Add(34).String(), died,
			yesNo(m.flatRate), strings.Join(incomes, " "), paid, string(Account(m.who.Hint, 1)), m.who.Email, "333 555 " + m.number[2:], "", m.behaviour})
	}
	return rows
}

// positionsOn is what they owe on that day.
func positionsOn(today calendar.Date) (rows [][]string) {
	for _, m := range members {
		var debts []string
		for i, d := range m.debts {
			debts = append(debts, fmt.Sprintf("%s:%d:%s:%s:%s:%09d", d.kind, today.Year-d.back, d.amount,
				calendar.NewDate(today.Year, d.due.Month, d.due.Day), d.payBy, 302_118_400+i))
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
