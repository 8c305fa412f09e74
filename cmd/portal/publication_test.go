package main

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/demo"
	"portal/internal/identity"
	"portal/internal/login/demobroker"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// A publication of many territories is ordered, and somebody pulls the plug of the
// portal in the middle of it, again and again. The next start goes on where it ended:
// no code is there twice, none is missing, and every territory has what its ranking
// says, to the cent.
func TestAPublicationSurvivesThePlugBeingPulled(t *testing.T) {
	t.Parallel()
	const territories, each, funded = 12, 400, 100
	pool := world(t)
	run := orderedRun(t, pool, territories, each, funded)
	count := func(sql string) int {
		t.Helper()
		return one[int](t, pool, sql, string(run))
	}
	issued := func() int {
		return count(`SELECT count(*) FROM ranking_territories WHERE run_id = $1 AND issued_at IS NOT NULL`)
	}
	env := demoOn(t, pool.Config().ConnString())
	var cuts []int
	for len(cuts) < 3 {
		before := issued()
		p := begin(t, env, "--demo")
		p.until("what is issued", func() bool { return issued() > before })
		p.kill()
		cuts = append(cuts, issued())
	}
	if cuts[0] == territories {
		t.Fatalf("the plug was never pulled in the middle: %v territories were done", cuts)
	}
	t.Logf("the plug was pulled after %v of %d territories", cuts, territories)

	p := launch(t, env, "--demo")
	published := `SELECT count(*) FROM ranking_runs WHERE id = $1 AND state = 'published'`
	p.until("the publication", func() bool { return count(published) > 0 })
	p.stop()

	for what, wrong := range map[string]string{
		"codes twice": `SELECT count(*) - count(DISTINCT v.code_index) FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.run_id = $1`,
		"codes missing, or for nobody": `SELECT count(*) FROM ranking_entries e LEFT JOIN vouchers v ON v.application_id = e.application_id
			WHERE e.run_id = $1 AND coalesce(v.awarded_cents, 0) <> e.awarded_cents`,
		"territories with other sums": `SELECT count(*) FROM ranking_territories t CROSS JOIN LATERAL (
				SELECT coalesce(sum(v.awarded_cents), 0) AS cents, count(*) AS codes FROM vouchers v JOIN applications a ON a.id = v.application_id
				WHERE a.run_id = t.run_id AND v.territory = t.territory) AS made
			WHERE t.run_id = $1 AND (t.awarded_cents, t.awarded + t.partial) IS DISTINCT FROM (made.cents, made.codes)`,
		"applications undecided": `SELECT count(*) FROM ranking_entries e JOIN applications a ON a.id = e.application_id WHERE e.run_id = $1 AND a.run_id IS DISTINCT FROM e.run_id`,
		"people told twice, or not": `SELECT count(*) FROM (SELECT e.application_id FROM ranking_entries e LEFT JOIN audit u ON u.subject_id = e.application_id AND u.action = 'application.decided'
			LEFT JOIN messages m ON m.entry_id = u.id WHERE e.run_id = $1 GROUP BY 1 HAVING count(m.id) <> 1) told`,
	} {
		if n := count(wrong); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	if n := count(`SELECT count(*) FROM vouchers v JOIN applications a ON a.id = v.application_id WHERE a.run_id = $1`); n != territories*(funded+1) {
		t.Errorf("%d codes", n)
	}
	if a := ask(t, addressOf(pool), "check"); a.code != done {
		t.Errorf("check: exit code %d\n%s%s", a.code, a.out, a.err)
	}
}

// orderedRun is a run that the people of the demo made and had published: so many
// territories with so many applications, of which some are paid in full and one in part.
func orderedRun(t *testing.T, pool *pgxpool.Pool, territories, each, funded int) voucher.RunID {
	t.Helper()
	const amount = 600 * money.Euro
	budget := map[string]money.Amount{}
	var people, applications [][]any
	for i := range territories {
		territory := fmt.Sprint("Territorio ", i)
		budget[territory] = amount*money.Amount(funded) + 123_45
		for j := range each {
			person, n := uuid.New(), i*each+j
			people = append(people, []any{person, fmt.Sprintf("PUB%013d", n), "Anna", "Prova", "prova@example.org"})
			applications = append(applications, []any{uuid.New(), fmt.Sprint("PUB-", n), "prova", person, person, territory, "RM", int64(j * 100), "valid",
				noon.AddDate(0, -2, 0).Add(time.Duration(n) * time.Second), "in_review"})
		}
	}
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	e := all[slices.IndexFunc(all, func(e voucher.Edition) bool { return e.ID == "2025" })]
	e.ID = "prova"
	e.Rules.Bands.Is = []voucher.Band{{UpTo: 50_000 * money.Euro, Inclusive: true, Amount: amount}}
	e.Rules.Window.Is = voucher.Window{Opens: noon.AddDate(0, -3, 0), Closes: noon.AddDate(0, -1, 0)}
	e.Rules.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "fondo", Of: budget}, Article: "prova"}}
	e.Rules.Closed.Is, e.Rules.Overrides = nil, nil
	if err := postgres.NewEditions(pool).Ship(t.Context(), []voucher.Edition{e}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		table   string
		columns []string
		rows    [][]any
	}{
		{"persons", []string{"id", "fiscal_code", "given_name", "family_name", "email"}, people},
		{"applications", []string{"id", "protocol", "edition_id", "beneficiary_id", "applicant_id", "territory", "province", "isee_cents", "isee_status",
			"submitted_at", "state"}, applications},
	} {
		if _, err := pool.CopyFrom(t.Context(), pgx.Identifier{c.table}, c.columns, pgx.CopyFromRows(c.rows)); err != nil {
			t.Fatal(err)
		}
	}
	rankings := voucher.NewRankings(postgres.NewRankings(pool), func() time.Time { return noon })
	prepare, approve, publish := as(t, pool, demo.INPSOfficer, identity.Prepare), as(t, pool, demo.INPSApprover, identity.Approve), as(t, pool, demo.INPSPublisher, identity.Publish)
	run, err := rankings.Simulate(t.Context(), prepare, sent(t, prepare, "ranking.simulate"), voucher.Simulation{Edition: "prova"})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(
		rankings.Check(t.Context(), prepare, sent(t, prepare, "ranking.check"), run),
		rankings.Propose(t.Context(), prepare, sent(t, prepare, "ranking.propose"), run),
		rankings.Approve(t.Context(), approve, sent(t, approve, "ranking.approve"), run),
		rankings.Publish(t.Context(), publish, sent(t, publish, "ranking.publish"), run, time.Time{})); err != nil {
		t.Fatal(err)
	}
	return run
}

// as is a persona at INPS with one duty.
func as(t *testing.T, pool *pgxpool.Pool, hint demo.Hint, duty identity.Duty) identity.Actor {
	t.Helper()
	var id string
	code := demo.Personas[slices.IndexFunc(demo.Personas, func(p demobroker.Persona) bool { return p.Hint == hint })].FiscalCode
	if err := pool.QueryRow(t.Context(), `SELECT id FROM persons WHERE fiscal_code = $1`, string(code)).Scan(&id); err != nil {
		t.Fatal(err)
	}
	return identity.Own(identity.PersonID(id), identity.INPS).WithDuties([]identity.Duty{duty})
}

// sent is a form of somebody's that was never sent before.
func sent(t *testing.T, who identity.Actor, action string) once.Form {
	t.Helper()
	form, err := once.New(who.Person, action, once.NewKey(), url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	return form
}
