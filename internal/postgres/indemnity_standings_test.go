package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/postgres"
)

// everyStanding turns the cases of the list into cases of every standing: asked for papers or
// to put something right, answered, decided in each way, and paid as far as can be.
func (o *officeList) everyStanding() {
	o.welfare.Helper()
	err := pgx.BeginFunc(o.Context(), o.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			`SET LOCAL session_replication_role = replica`,
			`UPDATE indemnity_applications a SET ranking_id = CASE WHEN n % 11 = 0 THEN 'aaaaaaaa-0000-4000-8000-000000000001'::uuid END,
				state = (ARRAY['funded', 'suitable', 'unfunded', 'revoked', 'inadmissible', 'not_eligible', 'forfeited'])[n % 11 + 1]
			FROM (SELECT id, substr(protocol, 13)::int AS n FROM indemnity_applications WHERE protocol LIKE 'ENPAP-2026-9%') x
			WHERE x.id = a.id AND a.withdrawn_at IS NULL AND n % 11 < 7`,
			// Asked once and answered; to put something right; an answer and then another request; one over and one that runs.
			`INSERT INTO indemnity_requests (id, application_id, kind, text, asked_by, asked_at, days, reached_on, reached_by, due_on, state, answered_by, answered_at, answer_protocol)
			SELECT gen_random_uuid(), a.id, CASE WHEN k IN (2, 5) THEN 'regularisation' ELSE 'supplement' END, 'x', a.member_id, '2026-05-25'::timestamptz + k * interval '1 hour', 5, '2026-05-26', 'portal',
				CASE WHEN k = 6 THEN '2026-06-10'::date ELSE '2026-06-30'::date END, CASE WHEN k IN (1, 3) THEN 'answered' ELSE 'open' END,
				CASE WHEN k IN (1, 3) THEN a.member_id END, CASE WHEN k IN (1, 3) THEN '2026-06-01'::timestamptz END, CASE WHEN k IN (1, 3) THEN a.protocol || '/' || k END
			FROM indemnity_applications a, LATERAL (SELECT substr(a.protocol, 13)::int % 13 AS n) x, unnest(ARRAY[1, 2, 3, 4, 5, 6, 7]) k
			WHERE a.protocol LIKE 'ENPAP-2026-9%' AND (n = k AND k <= 2 OR n = 3 AND k IN (3, 4) OR n = 4 AND k IN (4, 5) OR n = 5 AND k IN (6, 7))`,
			`INSERT INTO indemnity_ranking_entries (ranking_id, application_id, case_version, protocol, facts, result, steps, row_digest, outcome, duration, days, daily_cents, gross_cents, rate, withholding_cents,
				net_cents, debt_cents, debt_left_cents, points_isee, points_duration, points_exclusive, rank, ex_aequo, decided, funding, funded_cents, funded_net_cents, set_off_cents, payable_cents, recovery_cents, revoked)
			SELECT ranking_id, id, 0, protocol, '{}', '{}', '[]', sha256(''), 'ranked', 1, 1, 1, 1000, 0, 0, 1000, 0, 0, 0, 0, 0, row_number() OVER (ORDER BY id), 1, '', 'funded', 1000, 1000,
				CASE WHEN n % 9 = 8 THEN 1000 ELSE 0 END, CASE WHEN n % 9 = 8 THEN 0 ELSE 1000 END, 0, false
			FROM (SELECT *, substr(protocol, 13)::int / 11 AS n FROM indemnity_applications WHERE state = 'funded') a`,
			// Frozen, sent, paid, sent back, made good by another order, paid in part, sent back and the rest paid.
			`INSERT INTO payment_lines (order_id, order_state, application_id, heir_id, ranking_id, amount_cents, gross_cents, withholding_cents, set_off_cents)
			SELECT gen_random_uuid(), l.state, a.id, gen_random_uuid(), a.ranking_id, l.cents, l.cents, 0, 0
			FROM (SELECT *, substr(protocol, 13)::int / 11 % 9 AS n FROM indemnity_applications WHERE state = 'funded') a
			JOIN (VALUES (1, 'frozen', 1000), (2, 'sent', 1000), (3, 'paid', 1000), (4, 'returned', 1000), (5, 'paid', 400), (5, 'returned', 600), (6, 'paid', 400), (7, 'paid', 400), (7, 'returned', 600)) l (kind, state, cents) ON l.kind = a.n`,
			`INSERT INTO payment_lines (order_id, order_state, repairs, application_id, heir_id, ranking_id, amount_cents, gross_cents, withholding_cents, set_off_cents)
			SELECT gen_random_uuid(), 'sent', l.id, l.application_id, l.heir_id, l.ranking_id, 600, 600, 0, 0
			FROM payment_lines l JOIN indemnity_applications a ON a.id = l.application_id WHERE l.order_state = 'returned' AND l.amount_cents = 600 AND substr(a.protocol, 13)::int / 11 % 9 = 5`,
		} {
			if _, err := tx.Exec(o.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
	o.vacuum()
}

// whole is a list from its first page to its last.
func (o *officeList) whole(ask indemnity.Worklist) (all []indemnity.WorkRow) {
	o.welfare.Helper()
	for {
		page, err := o.List(o.Context(), o.officer, ask)
		if err != nil {
			o.Fatal(err)
		}
		all = append(all, page.Rows...)
		if !page.Next {
			return all
		}
		ask.After = page.Rows[len(page.Rows)-1].Place()
	}
}

// What officers see of a case is what they find it by: each list has the cases that stand
// so, and together they are all there are.
func TestTheListOfAStandingHasTheCasesThatStandSoAndNoOther(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 900)
	o.everyStanding()
	today := on("2026-06-20")
	standing := map[indemnity.CaseID]indemnity.CaseStanding{}
	for _, r := range o.whole(indemnity.Worklist{}) {
		standing[r.ID] = r.Standing(today)
	}
	found := 0
	for _, s := range indemnity.Standings {
		rows := o.whole(indemnity.Worklist{Standing: s})
		found += len(rows)
		if len(rows) == 0 {
			t.Errorf("nothing is %s", s)
		}
		for _, r := range rows {
			if standing[r.ID] != s || r.Standing(today) != s {
				t.Errorf("%s is %s, and in the list of what is %s", r.Protocol, standing[r.ID], s)
			}
		}
		taken := 0
		err := o.Export(t.Context(), o.officer, indemnity.Worklist{Standing: s}, "csv", func(r indemnity.WorkRow) error {
			if taken++; r.Standing(today) != s {
				t.Errorf("%s was taken away as %s", r.Protocol, r.Standing(today))
			}
			return nil
		})
		if err != nil || taken != len(rows) {
			t.Errorf("%s: %d taken away of %d, %v", s, taken, len(rows), err)
		}
	}
	if found != len(standing) {
		t.Errorf("%d are found by their standing, of %d", found, len(standing))
	}
	for _, shown := range []string{"paid", "payment_back", "in_payment"} {
		id := o.one(`SELECT application_id FROM payment_lines l WHERE order_state = CASE $1 WHEN 'paid' THEN 'paid' WHEN 'payment_back' THEN 'returned' ELSE 'sent' END AND amount_cents = 1000 LIMIT 1`, shown)
		if got := standing[indemnity.CaseID(id)]; got != indemnity.CaseStanding(shown) {
			t.Errorf("%s is %s", shown, got)
		}
	}
}

// The load of the officers is of the open cases by the day they came in, and reads no other.
func TestTheLoadOfTheOfficersIsOfTheOpenCasesByAge(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 4_000)
	o.exec(`ALTER TABLE indemnity_applications DISABLE TRIGGER USER`)
	o.exec(`UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = '2026-06-10' WHERE substr(protocol, 13)::int > 60 AND state <> 'withdrawn'`)
	for days, n := range map[int]int{0: 3, 7: 6, 8: 9, 15: 12, 16: 13, 30: 16, 31: 17} {
		o.exec(`UPDATE indemnity_applications SET channel = 'pec', received_by = member_id, sender_id = NULL, submitted_at = $2, officer_id = CASE WHEN $1 = 3 THEN NULL ELSE $3::uuid END
			WHERE substr(protocol, 13)::int = $1`, n, on("2026-06-20").Add(-days).At(0, 1), string(o.officer.Person))
	}
	o.exec(`UPDATE indemnity_applications SET state = 'withdrawn', withdrawn_at = '2026-06-10' WHERE channel <> 'pec' AND state <> 'withdrawn'`)
	o.vacuum()
	head := identity.Own(o.officer.Person, identity.Welfare).WithDuties([]identity.Duty{identity.Publish})
	var asked asking
	cfg := o.pool.Config().Copy()
	cfg.ConnConfig.Tracer = &asked
	traced, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(traced.Close)
	all, err := indemnity.NewWork(postgres.NewIndemnityWork(traced), func() time.Time { return o.now }).Load(t.Context(), head)
	if err != nil || len(all) != 2 || all[0] != (indemnity.OfficerLoad{Ages: [4]int{1, 0, 0, 0}}) || all[1].Officer == "" || all[1].Ages != [4]int{1, 2, 2, 1} {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := o.Load(t.Context(), o.officer); err != identity.ErrNoDuty {
		t.Error(err)
	}
	rows, err := o.pool.Query(t.Context(), `EXPLAIN `+asked.all[0].SQL, asked.all[0].Args...)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(asked.all) != 1 || strings.Contains(strings.Join(plan, "\n"), "Seq Scan on indemnity_applications") {
		t.Errorf("%d statements, %v\n%s", len(asked.all), err, strings.Join(plan, "\n"))
	}
}

// Each part of the work waits for the duty that does it, and nothing for who proposed it.
func TestWhatWaitsIsToldByDutyAndNotToWhoProposedIt(t *testing.T) {
	t.Parallel()
	o := newOfficeList(t, 20)
	proposed := o.one(`SELECT id::text FROM indemnity_applications WHERE state = 'submitted' LIMIT 1`)
	o.exec(`INSERT INTO successions (id, application_id, died_on, heirs, proposed_by, proposed_at) VALUES (gen_random_uuid(), $1, '2026-06-01', '[]', $2, now())`, proposed, string(o.officer.Person))
	waits := func(who identity.Actor, duty identity.Duty) map[indemnity.WorkPart]int {
		all, err := o.Waiting(t.Context(), identity.Own(who.Person, identity.Welfare).WithDuties([]identity.Duty{duty}))
		if err != nil {
			t.Fatal(err)
		}
		parts := map[indemnity.WorkPart]int{}
		for _, x := range all {
			parts[x.Part] = x.Count
		}
		return parts
	}
	if got := waits(o.colleague, identity.Approve); got[indemnity.SuccessionsPart] != 1 {
		t.Errorf("%v wait for another", got)
	}
	if got := waits(o.officer, identity.Approve); got[indemnity.SuccessionsPart] != 0 {
		t.Errorf("%v wait for who proposed it", got)
	}
	told := 0
	for _, duty := range []identity.Duty{identity.Prepare, identity.Approve, identity.Publish, identity.Pay} {
		told += len(waits(o.colleague, duty))
	}
	if told != len(indemnity.WorkParts) {
		t.Errorf("%d parts are told of %d", told, len(indemnity.WorkParts))
	}
}
