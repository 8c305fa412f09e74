package demo

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"portal/internal/calendar"
	"portal/internal/iban"
	"portal/internal/login/demobroker"
	"portal/internal/payment"
	"portal/internal/registry"
)

// Younger is a minor whom only the registers know, with the persona Parent and the
// persona PartialCitizen as parents; Cousin one whose parents are no personas.
var (
	Younger = persona("minore-registro", "MRNGLI17D52A944", "Giulia", "Marini", calendar.NewDate(2017, 4, 12), "", "")
	Cousin  = persona("minore-altrui", "GLLSFO15R47L219", "Sofia", "Galli", calendar.NewDate(2015, 10, 7), "", "")
)

// means is the ISEE of a persona as the register knows it on a day of the demo.
var means = []struct {
	who       demobroker.Persona
	status    string
	value     string
	defects   string
	behaviour string
}{
	{cast(Citizen), "valid", "12400.00", "", ""},
	{cast(PartialCitizen), "defective", "21300.50", "assets_missing household_differs", ""},
	{cast(LastDaysCitizen), "valid", "4120.00", "", "silent"},
	{cast(Parent), "valid", "9870.00", "", "slow:400ms"},
	{Child, "valid", "9870.00", "", ""},
	{Younger, "valid", "9870.00", "", ""},
	{Cousin, "valid", "18250.00", "", ""},
	{cast(Psychologist), "valid", "52310.20", "", ""},
	{cast(NewPsychologist), "valid", "-1", "", ""}, // nonsense: the register is not believed
	{cast(INPSOfficer), "valid", "31000.00", "", ""},
}

// homes is where the personas live, as the register of residents knows it.
var homes = []struct {
	who                       demobroker.Persona
	city, province, territory string
	responsible               []demobroker.Persona
	behaviour                 string
}{
	{cast(Citizen), "Roma", "RM", "Lazio", nil, ""},
	{cast(PartialCitizen), "Milano", "MI", "Lombardia", nil, ""},
	{cast(ExcludedCitizen), "Bari", "BA", "Puglia", nil, ""},
	{cast(LastDaysCitizen), "Firenze", "FI", "Toscana", nil, ""},
	{cast(Parent), "Bergamo", "BG", "Lombardia", nil, ""},
	{Child, "Bergamo", "BG", "Lombardia", []demobroker.Persona{cast(Parent)}, ""},
	{Younger, "Bergamo", "BG", "Lombardia", []demobroker.Persona{cast(Parent), cast(PartialCitizen)}, ""},
	{Cousin, "Palermo", "PA", "Sicilia", nil, ""},
	{cast(Psychologist), "Milano", "MI", "Lombardia", nil, ""},
	{cast(NewPsychologist), "Venezia", "VE", "Veneto", nil, ""},
	{cast(ExPsychologist), "Trento", "TN", "P.A. Trento", nil, ""},
	{cast(INPSOfficer), "Palermo", "PA", "Sicilia", nil, "silent"},
}

// accounts is what the banks of the demo say of the IBANs that Account makes up.
var accounts = []struct {
	whose     demobroker.Persona
	answer    payment.BankAnswer
	behaviour string
}{
	{cast(Psychologist), payment.Matches, ""},
	{cast(NewPsychologist), payment.MatchesNearly, "slow:400ms"},
	{cast(ExPsychologist), payment.Matches, "silent"},
}

// Account is an IBAN that a persona may want to be paid on, the first or a later one.
// The banks of the demo know the first of each psychologist; of a later one they say
// that it is nobody's.
func Account(hint Hint, number int) iban.IBAN {
	at := slices.IndexFunc(slices.Concat(Personas, folk), func(p demobroker.Persona) bool { return p.Hint == hint })
	return iban.New("IT", fmt.Sprintf("0999911101%06d%06d", at+1, number))
}

// RegisterFiles is where the registers of the demo are.
type RegisterFiles struct {
	ISEE, Homes, Banks string
	Members, Positions string // of ENPAP
}

// Registers writes the registers of the demo into a folder, as they are on a day, and
// tells where they are. A row added to them counts from then on: that is how somebody
// in the demo gets their ISEE corrected.
func Registers(folder string, now time.Time) (RegisterFiles, error) {
	return registers(folder, now, paidCall, sentCall)
}

// registers are those of a day, when some of the calls have paid.
func registers(folder string, now time.Time, paid ...int) (RegisterFiles, error) {
	in := func(name string) string { return filepath.Join(folder, name) }
	files := RegisterFiles{ISEE: in("isee.csv"), Homes: in("residenze.csv"), Banks: in("conti.csv"), Members: in("iscritti.csv"), Positions: in("posizioni.csv")}
	today := calendar.On(now)
	year := calendar.NewDate(today.Year, time.December, 31)
	var rows [][]string
	for i, m := range means {
		rows = append(rows, []string{string(m.who.FiscalCode), m.status, m.value, "ordinary",
			dsu(today, i), today.Add(-40).String(), year.String(), m.defects, m.behaviour})
	}
	var people [][]string
	for _, h := range homes {
		codes := ""
		for _, p := range h.responsible {
			codes += " " + string(p.FiscalCode)
		}
		people = append(people, []string{string(h.who.FiscalCode), h.who.GivenName, h.who.FamilyName, h.who.Birth.String(),
			h.city, h.province, h.territory, codes, h.behaviour})
	}
	var held [][]string
	for _, a := range accounts {
		held = append(held, []string{string(Account(a.whose.Hint, 1)), string(a.whose.FiscalCode), string(a.answer), a.behaviour})
	}
	return files, errors.Join(os.MkdirAll(folder, 0o700), registry.WriteISEE(files.ISEE, rows),
		registry.WriteResidences(files.Homes, people), registry.WriteAccounts(files.Banks, held),
		registry.WriteMembers(files.Members, membersOn(today, paid)), registry.WritePositions(files.Positions, positionsOn(today)))
}

// dsu is the protocol number of a made-up declaration.
func dsu(today calendar.Date, i int) string {
	return fmt.Sprintf("INPS-ISEE-%d-%08d", today.Year, 10_442_000+i*137)
}

// cast is a persona, or a member who does not log in, by name.
func cast(hint Hint) demobroker.Persona {
	for _, p := range slices.Concat(Personas, folk) {
		if p.Hint == hint {
			return p
		}
	}
	return demobroker.Persona{}
}
