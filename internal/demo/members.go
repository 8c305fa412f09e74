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
