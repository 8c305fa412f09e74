package postgres_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/rules"
	"portal/internal/voucher"
)

// office is a database with an edition whose window is over, applications, and the
// four people it takes to publish a ranking.
type office struct {
	testing.TB
	*fixture
	rankings                     *voucher.Rankings
	prepare, approve, publish    identity.Actor
	edition                      voucher.Edition
	officer, approver, publisher identity.Person
	people                       int
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{TB: t, fixture: &fixture{TB: t, pool: pgtest.Open(t), now: noon}}
	o.store = postgres.NewVouchers(o.pool)
	o.service = voucher.NewService(o.store, keys, rand.Reader, func() time.Time { return o.now })
	o.rankings = voucher.NewRankings(postgres.NewRankings(o.pool), func() time.Time { return o.now })
	o.officer = o.person("CLMCHR86L47L219", "Chiara", "Colombo")
	o.approver = o.person("RCCNDR71B12D969", "Andrea", "Ricci")
	o.publisher = o.person("MRTLSN69P60A662", "Alessandra", "Moretti")
	o.prepare = identity.Own(o.officer.ID, identity.INPS).WithDuties([]identity.Duty{identity.Prepare})
	o.approve = identity.Own(o.approver.ID, identity.INPS).WithDuties([]identity.Duty{identity.Approve})
	o.publish = identity.Own(o.publisher.ID, identity.INPS).WithDuties([]identity.Duty{identity.Publish})
	return o
}

// release ships an edition with these bands and this money, whose window closed a
// month ago.
func (o *office) release(id voucher.EditionID, bands []voucher.Band, budget map[string]money.Amount) {
	o.Helper()
	all, err := voucher.Shipped()
	if err != nil {
		o.Fatal(err)
	}
	e := all[0]
	e.ID, e.ApplicationYear = id, 2026
	e.Rules.Bands.Is = bands
	e.Rules.Window.Is = voucher.Window{Opens: o.now.AddDate(0, -3, 0), Closes: o.now.AddDate(0, -1, 0)}
	e.Rules.Tranches = []rules.Value[voucher.Tranche]{{Is: voucher.Tranche{Name: "fondo", Of: budget}, Article: "prova"}}
	e.Rules.Closed.Is, e.Rules.Overrides = nil, nil
	if err := postgres.NewEditions(o.pool).Ship(o.Context(), []voucher.Edition{e}); err != nil {
		o.Fatal(err)
	}
	o.edition = e
}

// applied is an application to be: an ISEE below 0 is missing.
type applied struct {
	territory string
	isee      money.Amount
}

// apply has somebody new apply for each, one second after the other.
func (o *office) apply(all ...applied) (ids []string) {
	o.Helper()
	var people, applications [][]any
	for i, a := range all {
		o.people++
		person, id := uuid.New(), uuid.New()
		var isee any = int64(a.isee)
		status := "valid"
		if a.isee < 0 {
			isee, status = nil, "missing"
		}
		people = append(people, []any{person, fmt.Sprintf("P%015d", o.people), "Anna", "Prova", fmt.Sprintf("p%d@example.org", o.people)})
		applications = append(applications, []any{id, fmt.Sprintf("INPS-PROVA-%06d", o.people), string(o.edition.ID), person, person, a.territory, "RM",
			isee, status, o.now.AddDate(0, -2, 0).Add(time.Duration(i) * time.Second), "in_review"})
		ids = append(ids, id.String())
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
		if _, err := o.pool.CopyFrom(o.Context(), pgx.Identifier{c.table}, c.columns, pgx.CopyFromRows(c.rows)); err != nil {
			o.Fatal(err)
		}
	}
	return ids
}

// approved simulates, checks, proposes and approves.
func (o *office) approved(ask voucher.Simulation) voucher.RunID {
	o.Helper()
	id, err := o.rankings.Simulate(o.Context(), o.prepare, form(o.prepare, "ranking.simulate"), ask)
	if err != nil {
		o.Fatal(err)
	}
	if err := errors.Join(
		o.rankings.Check(o.Context(), o.prepare, form(o.prepare, "ranking.check"), id),
		o.rankings.Propose(o.Context(), o.prepare, form(o.prepare, "ranking.propose"), id),
		o.rankings.Approve(o.Context(), o.approve, form(o.approve, "ranking.approve"), id)); err != nil {
		o.Fatal(err)
	}
	return id
}

// order has a run published at once.
func (o *office) order(id voucher.RunID) {
	o.Helper()
	if err := o.rankings.Publish(o.Context(), o.publish, form(o.publish, "ranking.publish"), id, time.Time{}); err != nil {
		o.Fatal(err)
	}
}

// issue carries out what is due.
func (o *office) issue() (territories int) {
	o.Helper()
	for {
		n, left, err := o.rankings.IssueDue(o.Context(), o.service)
		if err != nil {
			o.Fatal(err)
		}
		if territories += n; !left {
			return territories
		}
		time.Sleep(10 * time.Millisecond) // the lock of who was cut off
	}
}

func (o *office) run(id voucher.RunID) voucher.Run {
	o.Helper()
	r, err := o.rankings.Run(o.Context(), id)
	if err != nil {
		o.Fatal(err)
	}
	return r
}

// lines are the rows of a statement, each one text.
func (o *office) lines(sql string, args ...any) []string {
	o.Helper()
	rows, _ := o.pool.Query(o.Context(), sql, args...)
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		o.Fatal(err)
	}
	return all
}

// wants fails the test unless a statement says this, line by line.
func (o *office) wants(sql string, want ...string) {
	o.Helper()
	if got := o.lines(sql); fmt.Sprint(got) != fmt.Sprint(want) {
		o.Errorf("%s\n got %v\nwant %v", sql, got, want)
	}
}

var oneBand = []voucher.Band{{UpTo: 50_000 * money.Euro, Inclusive: true, Amount: 600 * money.Euro}}

func TestAPublicationDecidesEveryApplicationAndTellsEverybody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_500 * money.Euro, "Umbria": 600 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", 7_000_00}, applied{"Lazio", 10_000_00},
		applied{"Lazio", 60_000_00}, applied{"Lazio", -1}, applied{"Umbria", 5_000_00})
	mother := o.person("MRNLRA82P54A944", "Laura", "Marini")
	o.exec(`UPDATE persons SET email = 'madre@example.org' WHERE id = $1`, string(mother.ID))
	o.exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day, scope)
		SELECT 'guardian', $1, beneficiary_id, '2026-01-01', s FROM applications, unnest('{voucher,indemnity}'::text[]) s WHERE id = $2 AND s = 'voucher'`, string(mother.ID), ids[2])
	run := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(run)
	if n := o.issue(); n != 2 {
		t.Errorf("%d territories issued", n)
	}
	o.wants(`SELECT concat_ws(' ', territory, isee_cents, state, reason, rank, entitled_cents, decided_on, run_id = '`+string(run)+`')
		FROM applications ORDER BY protocol`,
		"Lazio 900000 partially_awarded  3 60000 2026-03-02 t", "Lazio 800000 awarded  2 60000 2026-03-02 t",
		"Lazio 700000 awarded  1 60000 2026-03-02 t", "Lazio 1000000 unfunded  4 60000 2026-03-02 t",
		"Lazio 6000000 refused isee_too_high 0 2026-03-02 t", "Lazio not_processable isee_missing 0 2026-03-02 t",
		"Umbria 500000 awarded  1 60000 2026-03-02 t")
	o.wants(`SELECT concat_ws(' ', v.territory, v.awarded_cents, v.accepted_on, v.last_day, p.event, p.amount_cents)
		FROM vouchers v JOIN postings p ON p.voucher_id = v.id JOIN applications a ON a.id = v.application_id ORDER BY a.protocol`,
		"Lazio 30000 2026-03-02 2026-08-29 grant 30000", "Lazio 60000 2026-03-02 2026-08-29 grant 60000",
		"Lazio 60000 2026-03-02 2026-08-29 grant 60000", "Umbria 60000 2026-03-02 2026-08-29 grant 60000")
	o.wants(`SELECT concat_ws(' ', action, count(*), count(DISTINCT subject_id)) FROM audit WHERE action IN
		('application.decided', 'voucher.granted', 'ranking.published', 'ranking.ordered') GROUP BY action ORDER BY action`,
		"application.decided 7 7", "ranking.ordered 1 1", "ranking.published 1 1", "voucher.granted 4 4")
	o.wants(`SELECT concat_ws(' ', count(*), count(DISTINCT subject), bool_and(body LIKE '%' || a.protocol || '%'), bool_and(link = '/contributo-psicoterapia/domande/' || a.id))
		FROM messages m JOIN audit e ON e.id = m.entry_id JOIN applications a ON a.id = e.subject_id WHERE m.kind = 'a01'`, "8 1 t t")
	o.wants(`SELECT body FROM messages WHERE recipient_id = '`+string(mother.ID)+`'`,
		"L’esito della tua domanda INPS-PROVA-000003 è disponibile. Accedi al portale per leggerlo. Se è accolta trovi anche il codice e le date da rispettare. "+
			"Il messaggio riguarda una persona per cui puoi operare: quando accedi scegli il suo profilo.")
	o.wants(`SELECT count(*)::text FROM river_job j JOIN messages m ON m.id::text = j.args->>'message' WHERE j.kind = 'mail' AND j.scheduled_at <= now() + interval '1 minute'`, "8")

	r := o.run(run)
	if r.State != voucher.PublishedRun || r.Publication != 1 || !r.PublishedAt.Equal(o.now) {
		t.Errorf("%+v", r)
	}
	if n := o.issue(); n != 0 {
		t.Errorf("%d territories issued again", n)
	}
	p, err := o.rankings.Progress(t.Context(), run)
	if want := (voucher.Progress{Codes: 4, Made: 4, Outcomes: 7, Told: 7}); p != want || err != nil {
		t.Errorf("%+v, %v", p, err)
	}
	o.whole()

	// The one who is left out sees what would have to happen.
	at, err := o.rankings.Position(t.Context(), voucher.ApplicationID(ids[3]), time.Now())
	if err != nil || at.Missing != 900*money.Euro || at.Freed != 0 || at.Open != 1_500*money.Euro || at.Decided != voucher.ByISEE ||
		at.Chance() != voucher.ChanceOpen || at.Publication.Number != 1 {
		t.Errorf("%+v, %v", at, err)
	}
	codes := map[voucher.Code]bool{}
	for _, beneficiary := range o.lines(`SELECT beneficiary_id::text FROM vouchers`) {
		files, err := o.service.Files(t.Context(), identity.PersonID(beneficiary))
		if err != nil {
			t.Fatal(err)
		}
		code, err := o.service.Code(files[0])
		if err != nil {
			t.Fatal(err)
		}
		codes[code] = true
	}
	if len(codes) != 4 {
		t.Errorf("codes %d", len(codes))
	}
}

func TestAPublicationWaitsForItsTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00})
	id := o.approved(voucher.Simulation{Edition: "2026"})
	nine := calendar.On(o.now).Add(3).At(9, 0)
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), id, o.now.Add(-time.Minute)); !errors.Is(err, voucher.ErrPublishPast) {
		t.Errorf("in the past: %v", err)
	}
	sent := form(o.publish, "ranking.publish")
	for range 2 { // sent twice, it is ordered once
		if err := o.rankings.Publish(t.Context(), o.publish, sent, id, nine); err != nil {
			t.Fatal(err)
		}
	}
	o.now = nine.Add(-time.Second)
	if n := o.issue(); n != 0 || o.run(id).State != voucher.PublishingRun {
		t.Errorf("%d territories issued before their time", n)
	}
	o.now = nine.Add(26 * time.Hour) // the portal was down, and the day of the vouchers is that of the publication
	if n := o.issue(); n != 1 {
		t.Errorf("%d territories", n)
	}
	o.wants(`SELECT accepted_on::text FROM vouchers`, "2026-03-05")
	o.whole()
}

func TestNobodyPublishesWhatTheyMadeOrApproved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 600 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00})
	id := o.approved(voucher.Simulation{Edition: "2026"})
	every := []identity.Duty{identity.Prepare, identity.Approve, identity.Publish}
	for _, c := range []struct {
		who  identity.Actor
		want error
	}{
		{o.prepare.WithDuties(every), voucher.ErrOwnRun}, {o.approve.WithDuties(every), voucher.ErrOwnRun},
		{o.publish.WithDuties([]identity.Duty{identity.Approve}), identity.ErrNoDuty},
		{identity.Own(o.publisher.ID, identity.Citizen), identity.ErrNoDuty},
	} {
		if err := o.rankings.Publish(t.Context(), c.who, form(c.who, "ranking.publish"), id, time.Time{}); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	for _, who := range []identity.Person{o.officer, o.approver} {
		_, err := o.pool.Exec(t.Context(), `UPDATE ranking_runs SET state = 'publishing', ordered_by = $2, ordered_at = now(), publish_at = now(), publication = 1 WHERE id = $1`,
			string(id), string(who.ID))
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.ConstraintName != "nobody_publishes_what_they_proposed_or_approved" {
			t.Errorf("the database lets %s publish: %v", who.Name(), err)
		}
	}
	if n := o.issue(); n != 0 {
		t.Errorf("%d territories issued without an order", n)
	}
	o.order(id)
	if err := o.rankings.Publish(t.Context(), o.publish, form(o.publish, "ranking.publish"), id, time.Time{}); !errors.Is(err, voucher.ErrRunMoved) {
		t.Errorf("published twice: %v", err)
	}
}

func TestACorrectionLeavesWhatWasGrantedAndGivesWhatIsNew(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro, "Umbria": 600 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", -1}, applied{"Umbria", 1_000_00})
	first := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(first)
	o.issue()
	before := o.lines(`SELECT concat_ws(' ', id, awarded_cents, encode(code_index, 'hex'), last_day) FROM vouchers ORDER BY id`)

	o.now = o.now.AddDate(0, 0, 20)
	o.exec(`UPDATE applications SET isee_cents = 100000, isee_status = 'valid' WHERE id = $1`, ids[2])
	second := o.approved(voucher.Simulation{Edition: "2026", Corrects: first, Reason: "ISEE acquisito in ritardo"})
	o.order(second)
	o.issue()
	if a, b := o.run(first), o.run(second); a.State != voucher.SupersededRun || b.State != voucher.PublishedRun || b.Publication != 2 {
		t.Errorf("%s, %s %d", a.State, b.State, b.Publication)
	}
	o.wants(`SELECT concat_ws(' ', state, rank, decided_on) FROM applications ORDER BY protocol`,
		"awarded 3 2026-03-02", "awarded 2 2026-03-02", "awarded 1 2026-03-22", "awarded 1 2026-03-02")
	for _, v := range before {
		if found := o.lines(`SELECT 'yes' FROM vouchers WHERE concat_ws(' ', id, awarded_cents, encode(code_index, 'hex'), last_day) = $1`, v); len(found) != 1 {
			t.Error("a voucher changed")
		}
	}
	o.wants(`SELECT concat_ws(' ', count(*), max(accepted_on)) FROM vouchers`, "4 2026-03-22")
	o.wants(`SELECT count(*)::text FROM messages WHERE kind = 'a01'`, "5")
	all, err := o.rankings.Publications(t.Context())
	if err != nil || len(all) != 2 || all[0].Number != 2 || all[0].Superseded || !all[1].Superseded || all[0].Reason == "" {
		t.Errorf("%+v, %v", all, err)
	}
	o.whole()
}

func TestWhoGaveUpMeanwhileGetsNoCode(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_200 * money.Euro})
	ids := o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00})
	id := o.approved(voucher.Simulation{Edition: "2026"})
	o.exec(`UPDATE applications SET state = 'withdrawn', decided_on = '2026-03-02' WHERE id = $1`, ids[0])
	o.order(id)
	o.issue()
	o.wants(`SELECT concat_ws(' ', state, rank) FROM applications ORDER BY protocol`, "withdrawn", "awarded 1")
	o.wants(`SELECT count(*)::text FROM vouchers`, "1")
	o.whole()
}

func TestACodeDrawnTwiceIsDrawnAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, map[string]money.Amount{"Lazio": 1_800 * money.Euro})
	o.apply(applied{"Lazio", 9_000_00}, applied{"Lazio", 8_000_00}, applied{"Lazio", 7_000_00})
	id := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(id)
	same := bytes.Repeat([]byte{3}, 11)
	o.service = voucher.NewService(o.store, keys, io.MultiReader(bytes.NewReader(same), bytes.NewReader(same), rand.Reader), func() time.Time { return o.now })
	if n := o.issue(); n != 1 {
		t.Errorf("%d territories", n)
	}
	o.wants(`SELECT count(DISTINCT code_index)::text FROM vouchers`, "3")
	o.whole()
}

func TestManyPortalsIssueEachTerritoryOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	budget := map[string]money.Amount{}
	var all []applied
	for i := range 12 {
		territory := fmt.Sprintf("Territorio %d", i)
		budget[territory] = 1_300 * money.Euro
		all = append(all, applied{territory, 1_00}, applied{territory, 2_00}, applied{territory, 3_00}, applied{territory, 4_00})
	}
	o.release("2026", oneBand, budget)
	o.apply(all...)
	id := o.approved(voucher.Simulation{Edition: "2026"})
	o.order(id)
	var issued atomic.Int64
	var portals sync.WaitGroup
	for range 4 {
		portals.Go(func() { issued.Add(int64(o.issue())) })
	}
	portals.Wait()
	if n := issued.Load(); n != 12 || o.run(id).State != voucher.PublishedRun {
		t.Errorf("%d territories issued, the run is %s", n, o.run(id).State)
	}
	o.wants(`SELECT concat_ws(' ', count(*), sum(awarded_cents)) FROM vouchers`, "36 1560000")
	o.wants(`SELECT count(*)::text FROM messages`, "48")
	o.whole()
}

func TestAnApplicationWithoutARankingHasNoPosition(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.release("2026", oneBand, nil)
	if _, err := o.rankings.Position(t.Context(), voucher.ApplicationID(o.apply(applied{"Lazio", 1_00})[0]), time.Now()); !errors.Is(err, fault.ErrNotFound) {
		t.Error(err)
	}
}
