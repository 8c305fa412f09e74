package postgres_test

import (
	"testing"

	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/voucher"
)

func TestAnEditionIsShippedAgainWhenTheProgramKnowsBetter(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 200*money.Euro, 0)
	editions := postgres.NewEditions(f.pool)
	ship := func(e voucher.Edition) (version int, days int) {
		t.Helper()
		if err := editions.Ship(t.Context(), []voucher.Edition{e}); err != nil {
			t.Fatal(err)
		}
		all, err := editions.Editions(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return all[e.ID].Version, all[e.ID].Rules.ValidityDays.Is
	}
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	e := all[0]
	if version, _ := ship(e); version != 1 {
		t.Errorf("shipped twice it is version %d", version)
	}
	e.Rules.ValidityDays.Is++
	if version, days := ship(e); version != 2 || days != e.Rules.ValidityDays.Is {
		t.Errorf("mended it is version %d with %d days", version, days)
	}
	f.exec(`INSERT INTO edition_versions (edition_id, number, rules, state, drafted_by, drafted_at, proposed_by, proposed_at, decided_by, decided_at)
		SELECT edition_id, 3, jsonb_set(rules, '{validity_days,value}', '99'), 'released', $2, now(), $2, now(), $3, now()
		FROM edition_versions WHERE edition_id = $1 AND number = 2`, string(e.ID), string(f.maria.ID), string(f.person("GLLNNA72S45L219", "Anna", "Galli").ID))
	e.Rules.ValidityDays.Is++
	if version, days := ship(e); version != 3 || days != 99 {
		t.Errorf("over what people released: version %d with %d days", version, days)
	}
	f.whole()
}
