package main

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"portal/internal/postgres"
	"portal/internal/voucher"
)

// Somebody who owns the database changes a byte of what was published: the command names
// the row, or the part of the ranking that is not what was signed.
func TestCheckLogNamesWhatWasAlteredOfARanking(t *testing.T) {
	t.Parallel()
	pool := world(t)
	if _, err := voucher.NewRankings(postgres.NewRankings(pool), func() time.Time { return noon }).SealRuns(t.Context()); err != nil {
		t.Fatal(err)
	}
	call := one[string](t, pool, `SELECT id::text FROM indemnity_rankings WHERE publication IS NOT NULL ORDER BY published_at LIMIT 1`)
	place := one[string](t, pool, `SELECT protocol FROM indemnity_ranking_entries WHERE rank = 2 AND ranking_id = '`+call+`'`)
	run := one[string](t, pool, `SELECT id::text FROM ranking_runs WHERE publication IS NOT NULL ORDER BY published_at LIMIT 1`)
	candidate := one[string](t, pool, `SELECT application_id::text FROM ranking_entries WHERE run_id = '`+run+`' AND rank = 1 ORDER BY territory LIMIT 1`)
	protocol := one[string](t, pool, `SELECT protocol FROM applications WHERE id = '`+candidate+`'`)
	ofPlace := `indemnity_ranking_entries|ranking_id = '` + call + `' AND protocol = '` + place + `'`
	ofCall := `indemnity_rankings|id = '` + call + `'`
	ofCandidate := `ranking_entries|run_id = '` + run + `' AND application_id = '` + candidate + `'`
	row, whole := `(?m)^I12\trow `+place+` of ranking `+call+` is not what was kept: `, `(?m)^I12\tranking `+call+` is not what was kept: `
	for _, c := range []struct{ of, column, to, says string }{
		{ofPlace, "payable_cents", "payable_cents + 1, set_off_cents = set_off_cents - 1", row + "columns$"},
		{ofPlace, "facts", `regexp_replace(facts::text, '("enrolment_date": ")\d', '\19')::jsonb`, row},
		{ofPlace, "steps", `regexp_replace(steps::text, '[1-8]', '9')::json`, row + "steps$"},
		{ofPlace, "row_digest", "set_byte(row_digest, 0, get_byte(row_digest, 0) # 1)", row + "rows$"},
		{ofPlace, "case_version", "case_version + 1", whole + "cases$"},
		{ofCall, "inputs_digest", "set_byte(inputs_digest, 0, get_byte(inputs_digest, 0) # 1)", whole + "inputs$"},
		{ofCall, "manifest", `replace(manifest, '"publication":1', '"publication":9')`, whole + "manifest$"},
		{ofCall, "signature", "set_byte(signature, 0, get_byte(signature, 0) # 1)", whole + "manifest$"},
		{`indemnity_public_lists|ranking_id = '` + call + `'`, "text", `replace(text, '"forfeited":', '"forfeited": ')`, whole + "figures$"},
		{ofCandidate, "isee_cents", "isee_cents + 1", `(?m)^I12\trow ` + protocol + ` of ranking ` + run + ` is not what was kept: row$`},
		{ofCandidate, "decided", "decided || 'x'", `(?m)^I12\trow ` + protocol + ` of ranking ` + run + ` is not what was kept: `},
	} {
		table, which, _ := strings.Cut(c.of, "|")
		past := func(sql string) {
			t.Helper()
			if _, err := pool.Exec(t.Context(), `BEGIN; SET LOCAL session_replication_role = replica; `+sql+`; COMMIT`); err != nil {
				t.Fatalf("%s: %v", c.column, err)
			}
		}
		past(`CREATE TABLE was AS SELECT * FROM ` + table + ` WHERE ` + which + `; UPDATE ` + table + ` SET ` + c.column + ` = ` + c.to + ` WHERE ` + which)
		if a := ask(t, addressOf(pool), "check", "log"); a.code != failed || !regexp.MustCompile(c.says).MatchString(a.out) {
			t.Errorf("%s of %s: exit code %d, %q, %q", c.column, table, a.code, a.out, a.err)
		}
		past(`DELETE FROM ` + table + ` WHERE ` + which + `; INSERT INTO ` + table + ` SELECT * FROM was; DROP TABLE was`)
	}
	if a := ask(t, addressOf(pool), "check", "log"); a.code != done {
		t.Errorf("put back: exit code %d, %q, %q", a.code, a.out, a.err)
	}
}
