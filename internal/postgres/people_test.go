package postgres_test

import (
	"errors"
	"slices"
	"sync"
	"testing"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
)

func TestAFiscalCodeHasOneRecordHoweverOftenSomebodyEnters(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	people := postgres.NewPeople(f.pool)
	luca := identity.Person{FiscalCode: identity.NewFiscalCode("FRRLCU90H10F205"), GivenName: "Luca", FamilyName: "Ferrari"}
	born := calendar.NewDate(1990, 6, 10)
	var ids [10]identity.PersonID
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			p, err := people.Enter(t.Context(), luca, born, "luca@example.org")
			if err != nil {
				t.Error(err)
			}
			ids[i] = p.ID
		})
	}
	all.Wait()
	if slices.Sort(ids[:]); ids[0] != ids[9] || ids[0] == "" {
		t.Errorf("the same fiscal code has the records %v", ids)
	}
	for _, c := range []struct {
		what          string
		given         string
		born          calendar.Date
		email         string
		wantEmail     string
		wantGivenName string
	}{
		{"a new name at the broker", "Luca Maria", born, "luca@example.org", "luca@example.org", "Luca Maria"},
		{"another address", "Luca Maria", born, "other@example.org", "luca@example.org", "Luca Maria"},
		{"no birth date and no address", "Luca Maria", calendar.Date{}, "", "luca@example.org", "Luca Maria"},
	} {
		luca.GivenName = c.given
		p, err := people.Enter(t.Context(), luca, c.born, c.email)
		if err != nil || p.ID != ids[0] {
			t.Fatalf("%s: %+v, %v", c.what, p, err)
		}
		var given, email string
		var day calendar.Date
		if err := f.pool.QueryRow(t.Context(), `SELECT given_name, email, born_on FROM persons WHERE id = $1`, string(p.ID)).Scan(&given, &email, &day); err != nil {
			t.Fatal(err)
		}
		if given != c.wantGivenName || email != c.wantEmail || day != born {
			t.Errorf("%s: %s, %s, %s", c.what, given, email, day)
		}
	}
	if p, err := people.Person(t.Context(), ids[0]); err != nil || p.ID != ids[0] || p.FiscalCode != luca.FiscalCode || p.Name() != "Luca Maria Ferrari" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := people.Person(t.Context(), identity.PersonID("00000000-0000-4000-8000-000000000000")); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("somebody who is not there: %v", err)
	}
}

func TestAnAddressIsTakenOverWhereThereIsNone(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0) // Maria entered without one
	if _, err := postgres.NewPeople(f.pool).Enter(t.Context(), f.maria, calendar.Date{}, "maria@example.org"); err != nil {
		t.Fatal(err)
	}
	var email string
	if err := f.pool.QueryRow(t.Context(), `SELECT email FROM persons WHERE id = $1`, string(f.maria.ID)).Scan(&email); err != nil || email != "maria@example.org" {
		t.Errorf("%q, %v", email, err)
	}
}

func TestProfilesAreThoseOfTheDay(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 1)
	giulia, luca, anna := f.psychologists[0], f.person("FRRLCU90H10F205", "Luca", "Ferrari"), f.person("GLLNNA72S45L219", "Anna", "Galli")
	f.exec(`INSERT INTO role_grants (person_id, role, during) VALUES
		($1, 'member', '[2025-01-01,)'), ($1, 'cnop', '[2025-01-01,2026-03-01)'), ($1, 'welfare', '[2026-04-01,)'), ($2, 'inps', '[2026-01-01,)')`,
		string(giulia), string(luca.ID))
	f.exec(`UPDATE enrolments SET during = '[2025-01-01,2025-06-01)'`) // who left still finds the old sessions
	f.exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day, until_day, revoked_on) VALUES
		('parent', $1, $2, '2026-01-01', '2026-03-02', NULL), ('guardian', $1, $3, '2026-01-01', NULL, '2026-03-02'),
		('delegate', $1, $4, '2026-03-03', NULL, NULL), ('delegate', $4, $1, '2026-01-01', NULL, NULL)`,
		string(giulia), string(luca.ID), string(anna.ID), string(f.maria.ID))
	people := postgres.NewPeople(f.pool)
	for _, c := range []struct {
		who      identity.PersonID
		on       calendar.Date
		roles    []identity.Role
		mandates []identity.MandateKind
		hold     []bool
	}{
		{giulia, calendar.NewDate(2026, 2, 28), []identity.Role{identity.Citizen, identity.CNOP, identity.Member, identity.Psychologist},
			[]identity.MandateKind{identity.Parent, identity.Guardian}, []bool{true, true}},
		{giulia, calendar.NewDate(2026, 3, 2), []identity.Role{identity.Citizen, identity.Member, identity.Psychologist},
			[]identity.MandateKind{identity.Parent, identity.Guardian}, []bool{true, false}},
		{giulia, calendar.NewDate(2026, 4, 1), []identity.Role{identity.Citizen, identity.Member, identity.Psychologist, identity.Welfare},
			[]identity.MandateKind{identity.Parent, identity.Guardian, identity.Delegate}, []bool{false, false, true}},
		{luca.ID, calendar.NewDate(2025, 12, 31), []identity.Role{identity.Citizen}, nil, nil},
		{luca.ID, calendar.NewDate(2026, 1, 1), []identity.Role{identity.Citizen, identity.INPS}, nil, nil},
		{anna.ID, calendar.NewDate(2026, 1, 1), []identity.Role{identity.Citizen}, nil, nil},
	} {
		p, err := people.Profiles(t.Context(), c.who, c.on)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Sort(p.Roles); !slices.Equal(p.Roles, c.roles) {
			t.Errorf("on %s: roles %v, want %v", c.on, p.Roles, c.roles)
		}
		var kinds []identity.MandateKind
		var hold []bool
		slices.SortFunc(p.Mandates, func(a, b identity.Mandate) int {
			order := []identity.MandateKind{identity.Parent, identity.Guardian, identity.Delegate}
			return slices.Index(order, a.Kind) - slices.Index(order, b.Kind)
		})
		for _, m := range p.Mandates {
			kinds, hold = append(kinds, m.Kind), append(hold, m.Holds(c.on))
			if m.Holder != c.who || m.Represented.ID == c.who || m.Represented.FiscalCode == "" {
				t.Errorf("%+v", m)
			}
		}
		if !slices.Equal(kinds, c.mandates) || !slices.Equal(hold, c.hold) {
			t.Errorf("on %s: mandates %v that hold %v, want %v, %v", c.on, kinds, hold, c.mandates, c.hold)
		}
	}
}
