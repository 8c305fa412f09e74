package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
)

// The columns of the two files of ENPAP. incomes and days_paid are pairs of a year and
// a value, as in "2024:21900.00 2023:18400.50". days_paid has what the portal paid up to
// days_paid_to, that day included: each indemnity on the day on which the last of it arrived,
// and never one that was set off whole, of which nothing is paid; where it is empty, nothing
// that the portal paid. A debt is kind:year:amount:due_on:pay_by:notice, the last of which
// may be empty.
var (
	memberColumns = []string{"fiscal_code", "number", "given_name", "family_name", "active", "applied_on", "enrolled_on", "died_on",
		"flat_rate", "incomes", "days_paid", daysPaidTo, "iban", "email", "phone", "pec", "behaviour"}
	positionColumns = []string{"fiscal_code", "missing_years", "debts", "plan", "behaviour"}
)

// daysPaidTo is the column that files of members lack which were written before there was one.
const daysPaidTo = "days_paid_to"

// Members is an indemnity.MemberRegister on a file.
type Members struct{ file }

// NewMembers is the register of members in a file, waited for no longer than a
// patience. Without a file it never answers.
func NewMembers(path string, patience time.Duration) Members {
	return Members{file{path: path, columns: memberColumns, patience: patience, since: daysPaidTo}}
}

// Member is what the file says of somebody.
func (r Members) Member(ctx context.Context, of identity.FiscalCode, _ calendar.Date) (m indemnity.MemberRecord, err error) {
	row, err := r.row(ctx, string(of))
	if errors.Is(err, fault.ErrNotFound) {
		return m, err
	}
	if err == nil {
		m, err = readMember(row)
	}
	if err != nil {
		return indemnity.MemberRecord{}, fmt.Errorf("%w: %w", indemnity.ErrMembersSilent, err)
	}
	return m, nil
}

func readMember(row map[string]string) (m indemnity.MemberRecord, err error) {
	c := cells{row: row}
	m = indemnity.MemberRecord{
		Number: row["number"], GivenName: row["given_name"], FamilyName: row["family_name"],
		Active: c.yes("active"), AppliedOn: c.day("applied_on"), EnrolledOn: c.day("enrolled_on"), DiedOn: c.day("died_on"),
		FlatRate: c.yes("flat_rate"), IBAN: row["iban"], Email: row["email"], Phone: row["phone"], PEC: row["pec"],
		Incomes: map[string]money.Amount{}, DaysPaid: map[string]int{}, DaysPaidTo: c.day(daysPaidTo),
	}
	for year, value := range c.byYear("incomes") {
		m.Incomes[year] = c.amount(value)
	}
	for year, value := range c.byYear("days_paid") {
		m.DaysPaid[year] = c.number(value)
	}
	return m, errors.Join(c.wrong...)
}

// Positions is an indemnity.Contributions on a file.
type Positions struct{ file }

// NewPositions is the contribution position of members in a file, waited for no longer
// than a patience. Without a file it never answers.
func NewPositions(path string, patience time.Duration) Positions {
	return Positions{file{path: path, columns: positionColumns, patience: patience}}
}

// Position is what the file says that somebody owes; who is not in it owes nothing.
func (r Positions) Position(ctx context.Context, of identity.FiscalCode, on calendar.Date) (p indemnity.Position, err error) {
	p.On = on
	row, err := r.row(ctx, string(of))
	if errors.Is(err, fault.ErrNotFound) {
		return p, nil
	}
	if err == nil {
		p, err = readPosition(row, on)
	}
	if err != nil {
		return p, fmt.Errorf("%w: %w", indemnity.ErrContributionsSilent, err)
	}
	return p, nil
}

func readPosition(row map[string]string, on calendar.Date) (indemnity.Position, error) {
	c := cells{row: row}
	p := indemnity.Position{On: on}
	for _, year := range strings.Fields(row["missing_years"]) {
		p.MissingYears = append(p.MissingYears, c.number(year))
	}
	for _, text := range strings.Fields(row["debts"]) {
		part := strings.Split(text, ":")
		if len(part) != 6 {
			c.wrong = append(c.wrong, fmt.Errorf("a debt has six parts"))
			continue
		}
		due, err := calendar.ParseDate(part[3])
		c.wrong = append(c.wrong, err)
		p.Debts = append(p.Debts, indemnity.Debt{Kind: part[0], Year: c.number(part[1]), Amount: c.amount(part[2]), DueOn: due, PayBy: part[4], Notice: part[5]})
	}
	if row["plan"] != "" {
		p.Plan = c.amount(row["plan"])
	}
	if p.Plan < 0 || slices.ContainsFunc(p.Debts, func(d indemnity.Debt) bool { return d.Amount <= 0 }) {
		c.wrong = append(c.wrong, errors.New("a debt is more than nothing"))
	}
	return p, errors.Join(c.wrong...)
}

// cells reads the cells of a row, and gathers what is wrong with them.
type cells struct {
	row   map[string]string
	wrong []error
}

func (c *cells) day(column string) calendar.Date {
	if c.row[column] == "" {
		return calendar.Date{}
	}
	d, err := calendar.ParseDate(c.row[column])
	c.wrong = append(c.wrong, err)
	return d
}

func (c *cells) yes(column string) bool {
	switch c.row[column] {
	case "yes":
		return true
	case "no", "":
	default:
		c.wrong = append(c.wrong, fmt.Errorf("%s is neither yes nor no", column))
	}
	return false
}

func (c *cells) number(text string) int {
	n, err := strconv.Atoi(text)
	if err == nil && n < 0 {
		err = errors.New("a number below zero")
	}
	c.wrong = append(c.wrong, err)
	return n
}

func (c *cells) amount(text string) money.Amount {
	a, err := money.Parse(text)
	c.wrong = append(c.wrong, err)
	return a
}

func (c *cells) byYear(column string) map[string]string {
	pairs := map[string]string{}
	for _, text := range strings.Fields(c.row[column]) {
		year, value, ok := strings.Cut(text, ":")
		if _, twice := pairs[year]; !ok || len(year) != 4 || twice {
			c.wrong = append(c.wrong, fmt.Errorf("%s are years with a value each", column))
		}
		pairs[year] = value
	}
	return pairs
}

// WriteMembers and WritePositions write the registers of ENPAP: see WriteISEE.
func WriteMembers(path string, rows [][]string) error { return write(path, memberColumns, rows) }

// WritePositions writes a file of contribution positions: see WriteISEE.
func WritePositions(path string, rows [][]string) error { return write(path, positionColumns, rows) }
