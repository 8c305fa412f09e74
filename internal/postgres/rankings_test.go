package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// rankingOffice is a database with editions and the people of INPS who rank: two
// who prepare, one who approves and one who publishes.
type rankingOffice struct {
	testing.TB
	pool                                  *pgxpool.Pool
	service                               *voucher.Rankings
	now                                   time.Time
	officer, colleague, approver, manager identity.Actor
	edition                               voucher.EditionID
	applied                               int
}

func newRankingOffice(t testing.TB) *rankingOffice {
	t.Helper()
	o := &rankingOffice{TB: t, pool: pgtest.Open(t), now: noon, edition: "2022-guida"}
	o.service = voucher.NewRankings(postgres.NewRankings(o.pool), func() time.Time { return o.now })
	all, err := voucher.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	o.ship(all...)
	for i, a := range []struct {
		actor *identity.Actor
		duty  identity.Duty
	}{{&o.officer, identity.Prepare}, {&o.colleague, identity.Prepare}, {&o.approver, identity.Approve}, {&o.manager, identity.Publish}} {
		p, err := postgres.NewPeople(o.pool).Enter(t.Context(), identity.Person{
			FiscalCode: identity.NewFiscalCode(fmt.Sprintf("FRRNNA80A%02dH501", 10+i)), GivenName: "Anna", FamilyName: "Ferri"}, calendar.Date{}, "")
		if err != nil {
			t.Fatal(err)
		}
		*a.actor = identity.Own(p.ID, identity.INPS).WithDuties([]identity.Duty{a.duty})
	}
	return o
}

func (o *rankingOffice) ship(editions ...voucher.Edition) {
	o.Helper()
	if err := postgres.NewEditions(o.pool).Ship(o.Context(), editions); err != nil {
		o.Fatal(err)
	}
}

// rules are those of the shipped edition of 2022.
func (o *rankingOffice) rules() voucher.Rules {
	o.Helper()
	e, err := o.service.InForce(o.Context(), "2022-guida")
	if err != nil {
		o.Fatal(err)
	}
	return e.Rules
}

// applicant is an application to be.
type applicant struct {
	id        string // a new one where it is ""
	territory string
	isee      money.Amount
	status    voucher.ISEEStatus // valid where it is ""
	state     voucher.ApplicationState
	at        int64 // microseconds into the window
	kept      money.Amount
}

func (o *rankingOffice) apply(all ...applicant) {
	o.Helper()
	var ids, codes, territories, statuses, states []string
	var isees, at, kept []int64
	for _, a := range all {
		o.applied++
		if a.id == "" {
			a.id = uuid.NewString()
		}
		if a.status == "" {
			a.status = voucher.ISEEValid
		}
		if a.state == "" {
			a.state = voucher.InReview
		}
		if a.kept > 0 {
			a.state = voucher.Awarded
		}
		ids, codes = append(ids, a.id), append(codes, fmt.Sprintf("P%015d", o.applied))
		territories, statuses, states = append(territories, a.territory), append(statuses, string(a.status)), append(states, string(a.state))
		isees, at, kept = append(isees, int64(a.isee)), append(at, a.at), append(kept, int64(a.kept))
	}
	_, err := o.pool.Exec(o.Context(), `
		WITH given AS (
			SELECT * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint[])
				AS g (id, code, territory, isee, status, state, at, kept)
		), people AS (
			INSERT INTO persons (id, fiscal_code, given_name, family_name) SELECT gen_random_uuid(), code, 'Mario', 'Rossi' FROM given RETURNING id, fiscal_code
		), applied AS (
			INSERT INTO applications (id, protocol, edition_id, beneficiary_id, applicant_id, territory, province, isee_cents, isee_status, cure_by, submitted_at, state, reason)
			SELECT g.id, 'INPS-' || g.code, $1, p.id, p.id, g.territory, 'RM', CASE WHEN g.status <> 'missing' THEN g.isee END, g.status,
				CASE WHEN g.state = 'awaiting_isee' THEN date '2026-03-01' END, timestamptz '2022-07-25' + g.at * interval '1 microsecond', g.state,
				CASE WHEN g.state IN ('refused', 'not_processable') THEN 'x' ELSE '' END
			FROM given g JOIN people p ON p.fiscal_code = g.code RETURNING id, beneficiary_id, territory
		)
		INSERT INTO vouchers (application_id, beneficiary_id, territory, awarded_cents, accepted_on, last_day, confirm_by, invoice_by, code_index, code_sealed)
		SELECT a.id, a.beneficiary_id, a.territory, g.kept, '2026-01-01', '2026-12-31', '2026-12-31', '2027-01-30', uuid_send(a.id), ''
		FROM applied a JOIN given g ON g.id = a.id WHERE g.kept > 0`,
		string(o.edition), ids, codes, territories, isees, statuses, states, at, kept)
	if err != nil {
		o.Fatal(err)
	}
}

func (o *rankingOffice) exec(sql string, args ...any) error {
	return pgtest.OnRecord(o.Context(), o.pool, sql, args...)
}

// brokenBy is the name of the constraint that refuses something.
func brokenBy(err error) string {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return ""
	}
	return refused.ConstraintName
}

func (o *rankingOffice) form(who identity.Actor) once.Form { return form(who, "ranking") }

// simulate is a simulation that the second ranker has seen.
func (o *rankingOffice) simulate(corrects voucher.RunID) voucher.Run {
	o.Helper()
	ask := voucher.Simulation{Edition: o.edition, Corrects: corrects}
	if corrects != "" {
		ask.Reason = "Riesame accolto"
	}
	id, err := o.service.Simulate(o.Context(), o.officer, o.form(o.officer), ask)
	if err != nil {
		o.Fatal(err)
	}
	if err := o.service.Check(o.Context(), o.officer, once.Form{}, id); err != nil {
		o.Fatal(err)
	}
	return o.run(id)
}

func (o *rankingOffice) run(id voucher.RunID) voucher.Run {
	o.Helper()
	run, err := o.service.Run(o.Context(), id)
	if err != nil {
		o.Fatal(err)
	}
	return run
}

// publishedBefore is a publication of the edition of which only the run is kept.
func (o *rankingOffice) publishedBefore() voucher.RunID {
	o.Helper()
	id := uuid.NewString()
	if err := o.exec(`
		INSERT INTO ranking_runs (id, edition_id, edition_version, number, round, state, simulated_by, taken_at, candidates, inputs_digest, rules_digest,
			result_digest, checked_at, disagreements, proposed_by, proposed_at, decided_by, decided_at, ordered_by, ordered_at, publish_at, publication, published_at)
		SELECT $1, $2, 1, 1, 1, 'published', $3, now(), 0, '', '', '', now(), 0, $3, now(), $4, now(), $5, now(), now(), 1, now()`,
		id, string(o.edition), string(o.officer.Person), string(o.approver.Person), string(o.manager.Person)); err != nil {
		o.Fatal(err)
	}
	return voucher.RunID(id)
}

func (o *rankingOffice) entries(run voucher.Run) []voucher.Entry {
	o.Helper()
	var all []voucher.Entry
	if err := o.service.Each(o.Context(), run.ID, "", func(e voucher.Entry) error { all = append(all, e); return nil }); err != nil {
		o.Fatal(err)
	}
	return all
}

// lazio is a small ranking: four places, money for two and a half, and two without.
func (o *rankingOffice) lazio() {
	o.Helper()
	o.edition = "prova"
	rules := o.rules()
	rules.Tranches = rules.Tranches[:1]
	rules.Tranches[0].Is.Of = map[string]money.Amount{"Lazio": 1500_00}
	rules.Closed.Is = []string{"P.A. Trento"}
	o.ship(voucher.Edition{ID: o.edition, ApplicationYear: 2022, FundYear: 2022, Rules: rules})
	o.apply(applicant{territory: "Lazio", isee: 100_00, at: 2}, applicant{territory: "Lazio", isee: 100_00, at: 1},
		applicant{territory: "Lazio", isee: 200_00}, applicant{territory: "Lazio", isee: 20_000_00},
		applicant{territory: "Lazio", isee: 90_000_00}, applicant{territory: "P.A. Trento", isee: 1})
}

func TestASimulationKeepsItsInputsWithWhatItMadeOfThem(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	run := o.simulate("")
	if run.Number != 1 || run.Round != 1 || run.State != voucher.SimulatedRun || run.Candidates != 6 || run.Version != 1 || run.Simulated.Name != "Anna Ferri" {
		t.Errorf("%+v", run)
	}
	want := []voucher.TerritoryResult{
		{Name: "Lazio", Budget: 1500_00, Candidates: 5, Eligible: 4, Awarded: 2, Partial: 1, Unfunded: 1, Refused: 1, AwardedAmount: 1500_00, LastRank: 3, LastISEE: 200_00},
		{Name: "P.A. Trento", Closed: true, Candidates: 1, Refused: 1},
	}
	if !slices.Equal(run.Territories, want) {
		t.Errorf("territories: %+v", run.Territories)
	}
	places, err := o.service.Places(t.Context(), run.ID, "Lazio", 2, 3)
	if err != nil || len(places) != 2 {
		t.Fatalf("%+v %v", places, err)
	}
	if p := places[0]; p.Rank != 2 || p.Decided != voucher.BySubmission || p.ISEE != 100_00 || p.Awarded != 600_00 || p.Residual != 300_00 || !strings.HasPrefix(p.Protocol, "INPS-") {
		t.Errorf("%+v", p)
	}
	if p := places[1]; p.Entitled != 600_00 || p.Awarded != 300_00 || p.State() != voucher.PartiallyAwarded {
		t.Errorf("%+v", p)
	}
	if out, err := o.service.Placeless(t.Context(), run.ID, "Lazio", 1, 10); err != nil || len(out) != 1 || out[0].Ground != voucher.ISEEAboveLimit {
		t.Errorf("%+v %v", out, err)
	}
	grounds, err := o.service.Grounds(t.Context(), run.ID)
	if err != nil || grounds[voucher.TerritoryClosed] != 1 || grounds[voucher.ISEEAboveLimit] != 1 {
		t.Errorf("%v %v", grounds, err)
	}
	first, err := o.service.Sample(t.Context(), run, 3)
	if err != nil || len(first) != 3 {
		t.Fatalf("%v %v", first, err)
	}
	if again, err := o.service.Sample(t.Context(), run, 3); err != nil || !slices.Equal(first, again) {
		t.Errorf("another sample was drawn: %v %v", again, err)
	}
}

func TestTheSameInputsHaveTheSameDigests(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	o.lazio()
	a, b := o.simulate(""), o.simulate("")
	if b.Number != 2 || string(a.Digests.Inputs) != string(b.Digests.Inputs) || string(a.Digests.Rules) != string(b.Digests.Rules) ||
		string(a.Digests.Results) != string(b.Digests.Results) || len(a.Digests.Results) != 32 {
		t.Errorf("%+v and %+v", a.Digests, b.Digests)
	}
	if err := o.exec(`UPDATE applications SET isee_cents = 15000 WHERE isee_cents = 20000 AND edition_id = 'prova'`); err != nil {
		t.Fatal(err)
	}
	c := o.simulate("")
	if string(a.Digests.Inputs) == string(c.Digests.Inputs) || string(a.Digests.Rules) != string(c.Digests.Rules) || string(a.Digests.Results) != string(b.Digests.Results) {
		t.Errorf("%+v and %+v", a.Digests, c.Digests)
	}
}

func TestWhoTakesPart(t *testing.T) {
	t.Parallel()
	o := newRankingOffice(t)
	published := o.publishedBefore()
	for _, c := range []struct {
		state    voucher.ApplicationState
		status   voucher.ISEEStatus
		ranked   bool // by an earlier publication
		byHand   bool // refused by two officers
		is       bool
		expected voucher.Ground
	}{
		{voucher.Submitted, "", false, false, true, ""},
		{voucher.InReview, "", false, false, true, ""},
		{voucher.AwaitingISEE, voucher.ISEEDefective, false, false, true, voucher.GroundISEEDefective},
		{voucher.NotProcessable, voucher.ISEEMissing, false, false, true, voucher.GroundISEEMissing},
		{voucher.NotProcessable, "", false, false, false, ""},
		{voucher.NotProcessable, "", true, false, true, ""},
		{voucher.Refused, "", false, false, false, ""},
		{voucher.Refused, "", true, false, true, ""},
		{voucher.Refused, "", true, true, false, ""},
		{voucher.Awarded, "", true, false, true, ""},
		{voucher.PartiallyAwarded, "", true, false, true, ""},
		{voucher.Unfunded, "", true, false, true, ""},
		{voucher.Lapsed, "", true, false, false, ""},
		{voucher.Withdrawn, "", false, false, false, ""},
	} {
		id := uuid.NewString()
		o.apply(applicant{id: id, territory: "Lazio", isee: 100_00, status: c.status, state: c.state})
		if c.byHand {
			if err := o.exec(`INSERT INTO refusals (application_id, reason, state, proposed_by, proposed_at, decided_by, decided_at)
				SELECT $1, 'residence', 'approved', $2, now(), $3, now()`, id, string(o.officer.Person), string(o.approver.Person)); err != nil {
				t.Fatal(err)
			}
		}
		if c.ranked {
			if err := o.exec(`UPDATE applications SET run_id = $2 WHERE id = $1`, id, string(published)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := postgres.NewRankings(o.pool).Freeze(t.Context(), voucher.Edition{ID: o.edition}, voucher.Run{Round: 1})
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(s.Candidates, func(x voucher.Candidate) bool { return x.ID == id })
		if (at >= 0) != c.is {
			t.Errorf("%s, ISEE %s, ranked %v: takes part %v", c.state, c.status, c.ranked, at >= 0)
		}
		if at >= 0 {
			if o := voucher.Rank(o.rules().Bands.Is, o.rules().Budget(), s.Candidates[at:at+1])[0]; o.Ground != c.expected {
				t.Errorf("%s, ISEE %s: %+v", c.state, c.status, o)
			}
		}
	}
}
