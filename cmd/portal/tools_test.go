package main

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/calendar"
	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

// noon is when the made-up world of these tests was made.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, calendar.Rome)

// world is a database that holds the demo world, made with codeKey.
func world(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return pgtest.OpenFilled(t, "_main", func(ctx context.Context, pool *pgxpool.Pool) error {
		return makeWorld(ctx, pool, Config{CodeKey: codeKey, DocumentKey: codeKey, SigningKey: codeKey}, false, noon)
	})
}

// one is what a statement answers in one row and column.
func one[T any](t testing.TB, pool *pgxpool.Pool, sql string, args ...any) (v T) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func addressOf(pool *pgxpool.Pool) map[string]string {
	return map[string]string{"DATABASE_URL": pool.Config().ConnString()}
}

func TestMigratingTwiceIsHarmless(t *testing.T) {
	t.Parallel()
	env := addressOf(pgtest.OpenEmpty(t))
	want := "schema " + strconv.FormatInt(postgres.SchemaVersion(), 10) + "\n"
	for range 2 {
		if a := ask(t, env, "migrate"); a.code != done || a.out != want {
			t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
		}
	}
}

func TestTwoReplicasMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	env := addressOf(pgtest.OpenEmpty(t))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if a := ask(t, env, "migrate"); a.code != done {
				t.Errorf("exit code %d: %s", a.code, a.err)
			}
		})
	}
	both.Wait()
	if a := ask(t, env, "check"); a.code != done {
		t.Errorf("exit code %d: %s", a.code, a.err)
	}
}

func TestNothingIsServedOrCheckedOnASchemaNobodyKnows(t *testing.T) {
	t.Parallel()
	empty, newer := pgtest.OpenEmpty(t), pgtest.Open(t)
	if _, err := newer.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)"); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"serve", "check"} {
		if a := ask(t, production(addressOf(empty)), command); a.code != failed || !strings.Contains(a.err, "no schema yet: run portal migrate") {
			t.Errorf("%s on an empty database: exit code %d, %s", command, a.code, a.err)
		}
		if a := ask(t, production(addressOf(newer)), command); a.code != failed || !strings.Contains(a.err, "is at step 9999") {
			t.Errorf("%s on a newer schema: exit code %d, %s", command, a.code, a.err)
		}
	}
}

func TestCheckNamesTheRowThatIsNotAsItMustBe(t *testing.T) {
	t.Parallel()
	pool := world(t)
	want := strconv.Itoa(postgres.Invariants()) + " invariants hold\n"
	if a := ask(t, addressOf(pool), "check"); a.code != done || !strings.HasPrefix(a.out, want) || !strings.Contains(a.out, " rankings are identical; head ") || a.err != "" {
		t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
	}
	// As somebody with all privileges would, past the triggers.
	var broken string
	err := pool.QueryRow(t.Context(), `SELECT id FROM vouchers WHERE booked_cents > 0 LIMIT 1`).Scan(&broken)
	if err == nil {
		_, err = pool.Exec(t.Context(), `
			BEGIN; SET LOCAL session_replication_role = replica;
			UPDATE vouchers SET booked_cents = booked_cents - 1 WHERE id = '`+broken+`'; COMMIT`)
	}
	if err != nil {
		t.Fatal(err)
	}
	a := ask(t, addressOf(pool), "check")
	if a.code != failed || a.err != "portal: 2 things are not as they must be\n" ||
		!strings.HasPrefix(a.out, "I2\tthe sums of a voucher are those of its postings\t"+broken+"\n"+
			"I2\tthe sums of a voucher are those of its sessions\t"+broken+"\n") {
		t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
	}
}

func TestCheckLogNamesTheEntryThatWasAltered(t *testing.T) {
	t.Parallel()
	pool := world(t)
	if _, err := postgres.NewRegister(pool).Seal(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, addressOf(pool), "check", "log"); a.code != done || !strings.Contains(a.out, " entries are as they were sealed, 0 are not sealed yet") {
		t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
	}
	if _, err := pool.Exec(t.Context(), `
		BEGIN; SET LOCAL session_replication_role = replica;
		UPDATE audit SET request_id = 'x' WHERE id = 12; COMMIT`); err != nil {
		t.Fatal(err)
	}
	a := ask(t, addressOf(pool), "check", "log")
	if a.code != failed || a.out != "I12\tentry 12 of the register is not what was sealed\n" || a.err != "portal: 1 things are not as they were written\n" {
		t.Errorf("exit code %d, %q, %q", a.code, a.out, a.err)
	}
	if a := ask(t, addressOf(pool), "check", "log", "--key", "x"); a.code != failed {
		t.Errorf("no key: %+v", a)
	}
}
