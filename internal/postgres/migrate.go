package postgres

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"portal/migrations"
)

// Migrate brings the database to the schema of this portal: our steps, then
// River's. Replicas may call it at the same time; one works and the others wait.
// Each step is saved whole or not at all, so that after an error, such as a table
// in use for more than 5 seconds, Migrate can be called again. It never goes
// back: on a newer schema it changes nothing and says so, as CheckSchema does.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	own, err := migrationPool(ctx, pool)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer own.Close() // which gives the lock back
	conn, err := lockMigrations(ctx, own)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer conn.Release()
	db := stdlib.OpenDBFromPool(own)
	defer db.Close()
	steps, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if _, err := steps.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	river, err := rivermigrate.New(riverpgxv5.New(own), nil)
	if err != nil {
		return fmt.Errorf("migrate River: %w", err)
	}
	if _, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate River: %w", err)
	}
	return CheckSchema(ctx, own)
}

// migrationPool opens connections that may work for as long as they like, but
// not wait: everybody who comes after a step that waits for a table waits too.
func migrationPool(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Pool, error) {
	cfg := pool.Config()
	cfg.MinConns, cfg.MinIdleConns = 0, 0
	params := cfg.ConnConfig.RuntimeParams
	params["lock_timeout"] = "5s"
	params["statement_timeout"] = "0"
	params["idle_in_transaction_session_timeout"] = "0"
	return pgxpool.NewWithConfig(ctx, cfg)
}

// lockMigrations returns, once nobody else migrates, a connection that keeps it
// so. It asks again and again instead of letting PostgreSQL wait: a statement
// that waits would hold up an index that the other one makes CONCURRENTLY.
func lockMigrations(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	const portal = 0x706f7274616c // any number, so long as it is always the same
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	for {
		var ours bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(portal)).Scan(&ours); err != nil {
			conn.Release()
			return nil, fmt.Errorf("wait until nobody else does: %w", err)
		}
		if ours {
			return conn, nil
		}
		select {
		case <-ctx.Done():
			conn.Release()
			return nil, fmt.Errorf("wait until nobody else does: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// CheckSchema tells in a sentence why the portal cannot work on this database:
// its schema is older or newer than the one this program was written for. It
// changes nothing.
func CheckSchema(ctx context.Context, pool *pgxpool.Pool) error {
	ours, err := lastStep(ctx, pool, "goose_db_version", lastOfOurs)
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	rivers, err := lastStep(ctx, pool, "river_migration", lastOfRiver)
	if err != nil {
		return fmt.Errorf("check the schema: %w", err)
	}
	want, wantRiver := SchemaVersion(), riverVersion()
	switch {
	case ours == 0:
		return fmt.Errorf("the database has no schema yet: run portal migrate")
	case ours < want:
		return fmt.Errorf("the schema is at step %d and this portal needs step %d: run portal migrate", ours, want)
	case ours > want:
		return fmt.Errorf("the schema is at step %d and this portal knows only %d: run a newer portal", ours, want)
	case rivers < wantRiver:
		return fmt.Errorf("the schema of River is at step %d and this portal needs step %d: run portal migrate", rivers, wantRiver)
	case rivers > wantRiver:
		return fmt.Errorf("the schema of River is at step %d and this portal knows only %d: run a newer portal", rivers, wantRiver)
	}
	return nil
}

const (
	lastOfOurs  = "SELECT coalesce(max(version_id), 0) FROM goose_db_version"
	lastOfRiver = "SELECT coalesce(max(version), 0) FROM river_migration"
)

// lastStep is the highest number in a table of steps, 0 when there is no table.
func lastStep(ctx context.Context, pool *pgxpool.Pool, table, sql string) (step int64, err error) {
	var exists bool
	if err := pool.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&exists); err != nil || !exists {
		return 0, err
	}
	err = pool.QueryRow(ctx, sql).Scan(&step)
	return step, err
}

// SchemaVersion is the number of the last of our steps that this program knows.
func SchemaVersion() int64 {
	var last int64
	for _, name := range stepNames() {
		number, err := goose.NumericComponent(name)
		if err != nil {
			panic(err) // the names are compiled in, and Migrate would not take them either
		}
		last = max(last, number)
	}
	return last
}

// riverVersion is the number of the last of River's steps that this program knows.
func riverVersion() int64 {
	river, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		panic(err) // the steps are compiled in
	}
	all := river.AllVersions()
	return int64(all[len(all)-1].Version)
}

// SchemaDigest names the schema that Migrate makes: it changes with any of the
// steps, ours or River's.
func SchemaDigest() string {
	h := sha256.New()
	for _, name := range stepNames() {
		step, err := migrations.FS.ReadFile(name)
		if err != nil {
			panic(err) // compiled in
		}
		fmt.Fprintf(h, "%s %d\n%s", name, len(step), step)
	}
	fmt.Fprintf(h, "river %d\n", riverVersion())
	return fmt.Sprintf("%x", h.Sum(nil))
}

// stepNames lists the files of our steps in their order.
func stepNames() []string {
	names, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		panic(err) // the pattern is well formed
	}
	return names
}
