package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"testing"
	"time"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// A ranking of many cases is asked for, and somebody pulls the plug of the portal while it
// is made, again and again: it is there whole in the end, once, and both rankers agree. So
// is a scenario of it.
func TestARankingOfACallSurvivesThePlugBeingPulled(t *testing.T) {
	t.Parallel()
	const cases = 3_000
	pool := world(t)
	if err := pgtest.FillCall(t.Context(), pool, cases); err != nil {
		t.Fatal(err)
	}
	store := postgres.NewCallRankings(pool)
	service := indemnity.NewRankings(store, indemnity.NewApplications(postgres.NewCaseFiles(pool), nil, rand.Reader, func() time.Time { return noon }),
		ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)), func() time.Time { return noon })
	officer := as(t, pool, demo.WelfareOfficer, identity.Prepare)
	officer.Role = identity.Welfare
	ask := func() indemnity.RankingID {
		t.Helper()
		id, err := service.Simulate(t.Context(), officer, sent(t, officer, "indemnity.simulate"), indemnity.RankingOrder{Call: "2026-05"})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := ask()
	order := ` FROM indemnity_ranking_orders WHERE id = '` + string(id) + `'`
	env := demoOn(t, pool.Config().ConnString())
	cuts := 0
	for _, moment := range []string{`SELECT count(*)` + order + ` AND attempts = 1`, `SELECT count(*)` + order + ` AND attempts = 2`, `SELECT count(*)` + order + ` AND state <> 'making'`} {
		p := begin(t, env, "--demo")
		p.until("the job", func() bool { return one[int](t, pool, moment) > 0 })
		p.kill()
		rows, there := one[int](t, pool, `SELECT count(*) FROM indemnity_ranking_entries WHERE ranking_id = '`+string(id)+`'`), one[int](t, pool, `SELECT count(*) FROM indemnity_rankings WHERE id = '`+string(id)+`'`)
		if rows != there*cases {
			t.Errorf("%d rows of %d rankings", rows, there)
		}
		if one[int](t, pool, `SELECT count(*)`+order+` AND ended_at IS NULL`) == 1 {
			cuts++
			if again := ask(); again != id {
				t.Errorf("a second one is asked for while the first is made: %s", again)
			}
		}
	}
	if cuts < 2 {
		t.Fatalf("the plug was pulled %d times in the middle", cuts)
	}
	p := launch(t, env, "--demo")
	p.until("the end", func() bool { return one[int](t, pool, `SELECT count(*)`+order+` AND ended_at IS NOT NULL`) > 0 })
	p.stop()
	r, err := service.Ranking(t.Context(), id)
	if err != nil || r.Summary.Applications != cases || r.Disagreements != 0 || r.CheckedAt.IsZero() {
		t.Fatalf("%+v, %v", r.Summary, err)
	}
	for what, wrong := range map[string]string{
		"orders":   `SELECT count(*) - 1 FROM indemnity_ranking_orders WHERE call_id = '2026-05'`,
		"rankings": `SELECT count(*) - 1 FROM indemnity_rankings WHERE call_id = '2026-05'`,
		"entries":  `SELECT count(*) - 1 FROM audit WHERE action = 'indemnity.ranking_made' AND subject_id = '` + string(id) + `'`,
		"failures": `SELECT count(*)` + order + ` AND state <> 'made'`,
	} {
		if n := one[int](t, pool, wrong); n != 0 {
			t.Errorf("%d more %s than there should be", n, what)
		}
	}

	// A scenario of it is cut off and taken up in the same way.
	budget := 100_000 * money.Euro
	tried, err := service.Try(t.Context(), officer, sent(t, officer, "indemnity.try"), id, indemnity.WhatIf{Title: "Centomila euro", ChangesBudget: true, Budget: &budget})
	if err != nil {
		t.Fatal(err)
	}
	order = ` FROM indemnity_ranking_orders WHERE id = '` + string(tried) + `'`
	p = begin(t, env, "--demo")
	p.until("the job", func() bool { return one[int](t, pool, `SELECT count(*)`+order+` AND attempts = 1`) > 0 })
	p.kill()
	if one[int](t, pool, `SELECT count(*)`+order+` AND ended_at IS NULL`) == 0 {
		t.Fatal("the scenario was made before the plug was pulled")
	}
	p = launch(t, env, "--demo")
	p.until("the end", func() bool { return one[int](t, pool, `SELECT count(*)`+order+` AND ended_at IS NOT NULL`) > 0 })
	p.stop()
	scenario, err := service.Ranking(t.Context(), tried)
	if err != nil || scenario.Kind != indemnity.Scenario || scenario.Summary.Applications != cases || scenario.Disagreements != 0 || scenario.CheckedAt.IsZero() || scenario.Summary.Funded >= r.Summary.Funded {
		t.Fatalf("%+v, %v", scenario.Summary, err)
	}
}
