package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/postgres"
	"portal/internal/postgres/pgtest"
)

func exec(t *testing.T, pool *pgxpool.Pool, sql string) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestReplicasMigrateTheSameDatabaseAtOnce(t *testing.T) {
	t.Parallel()
	pool := pgtest.OpenEmpty(t)
	outcomes := make(chan error)
	const replicas = 4
	for range replicas {
		go func() {
			own, err := postgres.Open(t.Context(), pool.Config().ConnString())
			if err != nil {
				outcomes <- err
				return
			}
			defer own.Close()
			outcomes <- postgres.Migrate(t.Context(), own)
		}()
	}
	for range replicas {
		if err := <-outcomes; err != nil {
			t.Error(err)
		}
	}
	if err := postgres.CheckSchema(t.Context(), pool); err != nil {
		t.Error(err)
	}
}

func TestMigrationWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	pool := pgtest.OpenEmpty(t)
	exec(t, pool, "SELECT pg_advisory_lock(x'706f7274616c'::bigint)") // as another replica holds it
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	err := postgres.Migrate(ctx, pool)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "wait until nobody else does") {
		t.Errorf("got %v", err)
	}
}

func TestASchemaOfAnotherReleaseIsRefusedInASentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, change, want string
	}{
		{"as made", "", ""},
		{"empty", "DROP TABLE goose_db_version", "no schema yet: run portal migrate"},
		{"older", "DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)", "needs step"},
		{"newer", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)", "is at step 9999 and this portal knows only"},
		{"River missing", "DROP TABLE river_migration", "River is at step 0"},
		{"River older", "DELETE FROM river_migration WHERE version = (SELECT max(version) FROM river_migration)", "run portal migrate"},
		{"River newer", "INSERT INTO river_migration (line, version) VALUES ('main', 9999)", "River is at step 9999 and this portal knows only"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pool := pgtest.Open(t)
			if c.change != "" {
				exec(t, pool, c.change)
			}
			err := postgres.CheckSchema(t.Context(), pool)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestMigrationLeavesANewerSchemaAlone(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t)
	if err := postgres.Migrate(t.Context(), pool); err != nil {
		t.Errorf("once more on the same schema: %v", err)
	}
	exec(t, pool, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)")
	before, err := postgres.Schema(t.Context(), pool)
	if err != nil {
		t.Fatal(err)
	}
	if err := postgres.Migrate(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "run a newer portal") {
		t.Errorf("got %v", err)
	}
	after, err := postgres.Schema(t.Context(), pool)
	if err != nil || after != before {
		t.Errorf("the schema has changed: %v", err)
	}
}

func TestCheckingAnEmptyDatabaseChangesNothing(t *testing.T) {
	t.Parallel()
	pool := pgtest.OpenEmpty(t)
	if err := postgres.CheckSchema(t.Context(), pool); err == nil {
		t.Error("an empty database was taken")
	}
	var tables int
	if err := pool.QueryRow(t.Context(), "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("%d tables and indexes were made", tables)
	}
}
