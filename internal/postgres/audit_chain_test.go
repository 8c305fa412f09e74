package postgres_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
	"portal/internal/voucher"
)

// signing is the key of the publications of these tests.
var signing = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{9}, ed25519.SeedSize))

// registerOf is the register of a database, on a clock.
func registerOf(pool *pgxpool.Pool, now func() time.Time) *auditor.Register {
	store := postgres.NewRegister(pool)
	applications := indemnity.NewApplications(postgres.NewCaseFiles(pool), nil, nil, now)
	rankings := auditor.NewRankings(store, voucher.NewRankings(postgres.NewRankings(pool), now),
		indemnity.NewRankings(postgres.NewCallRankings(pool), applications, signing, now), now)
	return auditor.NewRegister(store, rankings, signing, now)
}

// sealed is a database with ten entries in the register, sealed and anchored at noon.
func sealed(t *testing.T) (*pgxpool.Pool, *auditor.Register, identity.PersonID) {
	t.Helper()
	pool := pgtest.Open(t)
	person, err := postgres.NewPeople(pool).Enter(t.Context(), identity.Person{FiscalCode: identity.NewFiscalCode("RSSMRA85C52H501"), GivenName: "Maria", FamilyName: "Rossi"}, calendar.Date{}, "")
	if err != nil {
		t.Fatal(err)
	}
	other, err := postgres.NewPeople(pool).Enter(t.Context(), identity.Person{FiscalCode: identity.NewFiscalCode("BNCGLI78T55F205"), GivenName: "Giulia", FamilyName: "Bianchi"}, calendar.Date{}, "")
	if err != nil {
		t.Fatal(err)
	}
	exec := func(sql string, args ...any) {
		t.Helper()
		if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`INSERT INTO mandates (kind, holder_id, represented_id, from_day) VALUES ('parent', $1, $2, '2026-01-01')`, string(person.ID), string(other.ID))
	// One act, of which the fifth entry names what changed, and none what else did.
	exec(`WITH entries AS (
			INSERT INTO audit (at, person_id, role, for_id, mandate_id, action, subject_id, about_id, request_id, from_address)
			SELECT now(), $1, 'citizen', $2, (SELECT id FROM mandates), 'thing.seen', gen_random_uuid(), $2, 'request ' || n, '192.0.2.7' FROM generate_series(1, 10) n
			RETURNING id, act, subject_id)
		INSERT INTO audit_changes (act, thing, thing_id, field, before, after)
		SELECT act, 'things', subject_id, 'state', 'old', 'new' FROM entries WHERE id = 5
		UNION ALL SELECT act, 'others', gen_random_uuid(), 'state', 'old', 'new' FROM entries WHERE id = 1`, string(person.ID), string(other.ID))
	r := registerOf(pool, func() time.Time { return noon })
	if n, anchored, err := r.Keep(t.Context()); n < 10 || anchored == nil || err != nil {
		t.Fatalf("%d sealed, %v, %v", n, anchored, err)
	}
	return pool, r, person.ID
}

func faults(t *testing.T, r *auditor.Register) (all []string) {
	t.Helper()
	c, err := r.Verify(t.Context(), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range c.Faults {
		all = append(all, f.What+" "+f.Thing)
	}
	return all
}

// byHand changes the register as somebody who owns the database would: no trigger, no
// key and no rule is in their way.
func byHand(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	err := pgx.BeginFunc(t.Context(), pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL session_replication_role = replica`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), sql, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestAnEntryAlteredInAnyColumnIsNamed(t *testing.T) {
	t.Parallel()
	pool, r, _ := sealed(t)
	if got := faults(t, r); len(got) > 0 {
		t.Fatalf("nothing was altered: %v", got)
	}
	byHand(t, pool, `ALTER TABLE audit ALTER id DROP IDENTITY`)
	rows, _ := pool.Query(t.Context(), `SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'audit' ORDER BY ordinal_position`)
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Name, Type string }])
	if err != nil || len(columns) != 13 {
		t.Fatalf("%v, %v", columns, err)
	}
	const entry = 5
	for _, c := range columns {
		var change []string
		switch {
		case c.Name == "id":
			change = []string{"id + 1000"}
		case c.Name == "role":
			change = []string{"'psychologist'"}
		case c.Name == "act":
			change = []string{"act + 1", "NULL"}
		case c.Type == "boolean":
			change = []string{"NOT begins", "NULL"}
		case c.Type == "inet":
			change = []string{"from_address + 1", "'192.0.2.7/24'", "NULL"}
		case c.Type == "uuid":
			change = []string{"gen_random_uuid()"}
			if c.Name != "person_id" { // whom the rules ask for
				change = append(change, "NULL")
			}
		case c.Type == "text":
			change = []string{c.Name + ` || 'x'`, `''`, `overlay(` + c.Name + ` placing chr(ascii(` + c.Name + `) # 1) from 1 for 1)`}
		case strings.HasPrefix(c.Type, "timestamp"):
			change = []string{c.Name + ` + interval '1 microsecond'`, `'infinity'`, `'-infinity'`, c.Name + ` - interval '4052 years'`}
		default:
			t.Fatalf("nobody knows how to alter %s, which is %s", c.Name, c.Type)
		}
		for _, to := range change {
			byHand(t, pool, `CREATE TABLE was AS SELECT * FROM audit WHERE id = 5`)
			byHand(t, pool, fmt.Sprintf(`UPDATE audit SET %s = %s WHERE id = %d`, c.Name, to, entry))
			want := "altered 5"
			if c.Name == "id" {
				want = "gone 5"
			}
			// What the fifth does not name any more, the first of its act tells as well.
			others := []string{want, "slipped 1005"}
			if c.Name == "subject_id" || c.Name == "act" || c.Name == "begins" {
				others = append(others, "altered 1")
			}
			if got := faults(t, r); !slices.Contains(got, want) || slices.ContainsFunc(got, func(f string) bool { return !slices.Contains(others, f) }) {
				t.Errorf("%s = %s: %v", c.Name, to, got)
			}
			byHand(t, pool, `DELETE FROM audit WHERE id IN (5, 1005)`)
			byHand(t, pool, `INSERT INTO audit SELECT * FROM was`)
			byHand(t, pool, `DROP TABLE was`)
			if got := faults(t, r); len(got) > 0 {
				t.Fatalf("%s was put right: %v", c.Name, got)
			}
		}
	}
}

func TestAChangeThatIsNotAsItWasNotedIsNamedByItsEntry(t *testing.T) {
	t.Parallel()
	pool, r, _ := sealed(t)
	const fifth = ` WHERE thing = 'things'`
	byHand(t, pool, `ALTER TABLE audit_changes ALTER id DROP IDENTITY`)
	for _, c := range []struct {
		by   string
		want []string
	}{
		{`UPDATE audit_changes SET id = id + 100` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET act = act + 1` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET thing = 'thing'` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET thing_id = gen_random_uuid()` + fifth, []string{"altered 1", "altered 5"}},
		{`UPDATE audit_changes SET field = 'stat'` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET before = NULL` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET after = 'nex'` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET (before, after) = (after, before)` + fifth, []string{"altered 5"}},
		{`DELETE FROM audit_changes` + fifth, []string{"altered 5"}},
		{`INSERT INTO audit_changes SELECT 100, act, thing, thing_id, 'day', before, after FROM audit_changes` + fifth, []string{"altered 5"}},
		{`UPDATE audit_changes SET after = 'nex' WHERE thing = 'others'`, []string{"altered 1"}},
		{`UPDATE audit_links SET form = 1 WHERE position = 5`, []string{"altered 5"}},
	} {
		byHand(t, pool, `CREATE TABLE was AS SELECT * FROM audit_changes`)
		byHand(t, pool, c.by)
		if got := faults(t, r); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", c.by, got, c.want)
		}
		byHand(t, pool, `DELETE FROM audit_changes; INSERT INTO audit_changes SELECT * FROM was; DROP TABLE was; UPDATE audit_links SET form = 2`)
		if got := faults(t, r); len(got) > 0 {
			t.Fatalf("%s was put right: %v", c.by, got)
		}
	}
}

func TestEntriesSealedBeforeTheyToldWhatChangedHoldAsTheyAre(t *testing.T) {
	t.Parallel()
	pool, r, _ := sealed(t)
	// As the release before sealed them.
	byHand(t, pool, `WITH l AS (DELETE FROM audit_links), s AS (DELETE FROM audit_seals) DELETE FROM audit_anchors`)
	rows, _ := pool.Query(t.Context(), `SELECT id, ARRAY[id::text, to_char(at AT TIME ZONE 'UTC', 'BC YYYY-MM-DD HH24:MI:SS.US'), person_id::text, role, for_id::text,
		mandate_id::text, action, subject_id::text, about_id::text, request_id] FROM audit ORDER BY id`)
	var chain audit.Chain
	var entry int64
	var line audit.Line
	var links []audit.Link
	if _, err := pgx.ForEachRow(rows, []any{&entry, &line}, func() error {
		links = append(links, chain.Add(entry, line))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		byHand(t, pool, `INSERT INTO audit_links (position, entry_id, digest) VALUES ($1, $2, $3)`, l.Position, l.Entry, l.Digest)
	}
	byHand(t, pool, `INSERT INTO audit_seals SELECT max(position), max(entry_id), now() FROM audit_links`)
	byHand(t, pool, `INSERT INTO audit (at, role, action) VALUES (now(), 'system', 'thing.seen')`)
	if _, _, err := r.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := faults(t, r); len(got) > 0 {
		t.Errorf("the chain goes on: %v", got)
	}
	byHand(t, pool, `UPDATE audit_links SET form = 2 WHERE position = 3`)
	if got := faults(t, r); !slices.Equal(got, []string{"altered 3"}) {
		t.Errorf("%v", got)
	}
}

func TestWhatIsTakenOutOfTheRegisterOrPutIntoItIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, by string
		want     []string
	}{
		{"an entry is deleted", `DELETE FROM audit WHERE id = 4`, []string{"gone 4"}},
		{"two entries change places", `UPDATE audit a SET request_id = (SELECT request_id FROM audit b WHERE b.id = 7 - a.id) WHERE id IN (3, 4)`, []string{"altered 3", "altered 4"}},
		{"a byte of the chain is flipped", `UPDATE audit_links SET digest = set_byte(digest, 0, get_byte(digest, 0) # 1) WHERE position = 6`, []string{"altered 6", "altered 7"}},
		{"a link is deleted", `DELETE FROM audit_links WHERE position = 6`, []string{"gap 6"}},
		{"the last link is deleted", `DELETE FROM audit_links WHERE position = (SELECT max(position) FROM audit_links)`, []string{"cut 10", "anchor 2026-03-02"}},
		{"the end of all is cut off", `WITH l AS (DELETE FROM audit_links WHERE position > 7), s AS (DELETE FROM audit_seals) DELETE FROM audit WHERE id > 7`, []string{"anchor 2026-03-02"}},
		{"an anchor is changed", `UPDATE audit_anchors SET line = replace(line, '2026', '2025')`, []string{"signed 2026-03-02", "anchor 2026-03-02"}},
		{"the signature of an anchor is changed", `UPDATE audit_anchors SET signature = set_byte(signature, 3, get_byte(signature, 3) # 1)`, []string{"signed 2026-03-02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool, r, _ := sealed(t)
			byHand(t, pool, c.by)
			got := faults(t, r)
			for _, w := range c.want {
				if !slices.Contains(got, w) {
					t.Errorf("%v; want %v", got, c.want)
				}
			}
		})
	}
}

func TestARegisterWrittenAnewIsToldByAnAnchorKeptElsewhere(t *testing.T) {
	t.Parallel()
	pool, r, _ := sealed(t)
	kept, err := r.Anchors(t.Context(), 0)
	if err != nil || len(kept) != 1 {
		t.Fatalf("%v, %v", kept, err)
	}
	elsewhere, err := audit.ParseAnchor(kept[0].String())
	if err != nil {
		t.Fatal(err)
	}
	// Who owns the database and has the key changes an entry, and seals all of them again.
	byHand(t, pool, `UPDATE audit SET action = 'thing.unseen' WHERE id = 2`)
	byHand(t, pool, `WITH l AS (DELETE FROM audit_links), s AS (DELETE FROM audit_seals) DELETE FROM audit_anchors`)
	if _, _, err := r.Keep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := faults(t, r); len(got) > 0 {
		t.Fatalf("the new chain is whole: %v", got)
	}
	c, err := r.Verify(t.Context(), []audit.Anchor{elsewhere}, r.Key())
	if err != nil || len(c.Faults) != 1 || c.Faults[0] != (audit.Fault{What: audit.FaultAnchor, Thing: "2026-03-02"}) {
		t.Errorf("%v, %v", c.Faults, err)
	}
	if c, _ = r.Verify(t.Context(), nil, make(ed25519.PublicKey, ed25519.PublicKeySize)); len(c.Faults) != 1 || c.Faults[0].What != audit.FaultSigned {
		t.Errorf("signed by another key: %v", c.Faults)
	}
}

func TestAnEntryThatComesLateIsSealedAndOneThatIsSlippedInIsTold(t *testing.T) {
	t.Parallel()
	pool, _, person := sealed(t)
	now := noon
	r := registerOf(pool, func() time.Time { return now })
	late, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	insert := `INSERT INTO audit (at, person_id, role, action) VALUES (now(), $1, 'citizen', 'thing.seen')`
	if _, err := late.Exec(t.Context(), insert, string(person)); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(t.Context(), insert, string(person)); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Seal(t.Context(), now); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if c, err := r.Verify(t.Context(), nil, nil); c.Unsealed != 1 || len(c.Faults) != 0 || err != nil {
		t.Errorf("an entry on its way: %+v, %v", c, err)
	}
	now = now.Add(time.Minute)
	if n, err := r.Seal(t.Context(), now); n != 1 || err != nil {
		t.Fatalf("the late one: %d, %v", n, err)
	}
	byHand(t, pool, `INSERT INTO audit (id, at, person_id, role, action) OVERRIDING SYSTEM VALUE VALUES (-3, now(), $1, 'citizen', 'thing.seen')`, string(person))
	now = now.Add(auditor.LateAfter + time.Minute)
	if n, err := r.Seal(t.Context(), now); n != 0 || err != nil {
		t.Fatalf("what was slipped in is not sealed: %d, %v", n, err)
	}
	if got := faults(t, r); len(got) != 1 || got[0] != "slipped -3" {
		t.Errorf("%v", got)
	}
}

func TestAVerificationIsAskedForOnceAndDoneByTheNextJob(t *testing.T) {
	t.Parallel()
	pool, r, person := sealed(t)
	who := identity.Own(person, identity.Oversight)
	ask := func(who identity.Actor) error {
		form, err := once.New(who.Person, "register.verify", once.NewKey(), nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.AskVerify(t.Context(), who, form)
	}
	if err := ask(who.WithDuties([]identity.Duty{identity.Administer})); !errors.Is(err, identity.ErrNoDuty) {
		t.Errorf("an administrator: %v", err)
	}
	who = who.WithDuties([]identity.Duty{identity.Audit})
	if err := ask(who); err != nil {
		t.Fatal(err)
	}
	if err := ask(who); !errors.Is(err, auditor.ErrCheckRuns) {
		t.Errorf("twice: %v", err)
	}
	byHand(t, pool, `UPDATE audit SET action = 'thing.unseen' WHERE id = 2`)
	if c, err := r.VerifyDue(t.Context()); err != nil || len(c.Faults) != 1 || c.Entries != 10 || c.Unsealed != 1 {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := r.VerifyDue(t.Context()); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("nothing is wanted: %v", err)
	}
	if all, err := r.Checks(t.Context(), 10); err != nil || len(all) != 1 || all[0].By != "Maria Rossi" || all[0].Faults[0].Sentence() != "entry 2 of the register is not what was sealed" {
		t.Errorf("%+v, %v", all, err)
	}
	if err := r.VerifyDaily(t.Context()); err != nil {
		t.Fatal(err)
	}
	if all, _ := r.Checks(t.Context(), 10); len(all) != 1 {
		t.Errorf("today there was one: %+v", all)
	}
}
