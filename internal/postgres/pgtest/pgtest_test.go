package pgtest_test

import (
	"testing"

	"portal/internal/calendar"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

const newPerson = `INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ('RSSMRA80A01H501U', 'Maria', 'Rossi')`

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"one", "another"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.Open(t)
			if err := postgres.CheckSchema(t.Context(), pool); err != nil {
				t.Error(err)
			}
			if _, err := pool.Exec(t.Context(), newPerson); err != nil {
				t.Errorf("somebody else's person is here: %v", err)
			}
		})
	}
}

func TestTheDatabaseGoesWithTheTest(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("a test", func(t *testing.T) {
		name = pgtest.Open(t).Config().ConnConfig.Database
	})
	var exists bool
	err := pgtest.Open(t).QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err != nil {
		t.Fatal(err)
	}
	if exists {
		t.Errorf("%s is still there", name)
	}
}

func TestThePoolKnowsDays(t *testing.T) {
	t.Parallel()
	want := calendar.NewDate(2026, 3, 12)
	var got calendar.Date
	if err := pgtest.Open(t).QueryRow(t.Context(), "SELECT $1::date", want).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %s", got)
	}
}

func TestTheAddressOfADatabaseOpensItAgain(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t)
	if _, err := pool.Exec(t.Context(), newPerson); err != nil {
		t.Fatal(err)
	}
	again, err := postgres.Open(t.Context(), pool.Config().ConnString())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	var persons int
	if err := again.QueryRow(t.Context(), "SELECT count(*) FROM persons").Scan(&persons); err != nil {
		t.Fatal(err)
	}
	if persons != 1 {
		t.Errorf("got %d persons", persons)
	}
}
