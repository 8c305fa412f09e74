// Package pgtest gives each test a PostgreSQL database of its own, with the
// portal's schema and nothing in it, in some ten milliseconds. So tests run in
// parallel, and none cleans up after another.
//
// The server is the one that PORTAL_TEST_DATABASE_URL names, by any database of
// it, or else one that the test program starts for itself and that goes with it.
// No test is skipped for want of a database: it fails, and says what to install.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/postgres"
	"portal/internal/postgres/local"
)

// Open is a pool, as the portal opens it, on a new database with the portal's
// schema. Both are gone after the test. Its address, for a test that starts the
// whole program, is pool.Config().ConnString().
func Open(t testing.TB) *pgxpool.Pool {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	template, err := s.template("", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s.open(t, template)
}

// OpenFilled is a pool on a new database that holds what fill puts into one with
// the portal's schema. It is filled once; each test has a copy. The name tells
// apart what differs, the day of a made-up world for instance.
func OpenFilled(t testing.TB, name string, fill func(context.Context, *pgxpool.Pool) error) *pgxpool.Pool {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	template, err := s.template(name, fill)
	if err != nil {
		t.Fatal(err)
	}
	return s.open(t, template)
}

// OpenEmpty is a pool on a new database without any schema.
func OpenEmpty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	s, err := server()
	if err != nil {
		t.Fatal(err)
	}
	return s.open(t, "template0")
}

// testServer is the server that the test program works on.
type testServer struct {
	address   string // of any database of it
	admin     *pgxpool.Pool
	process   *local.Server // nil when it is not ours; held, or it would end
	mu        sync.Mutex
	templates map[string]bool // those known to be whole
}

// server finds or starts the server, at the first test that asks.
var server = sync.OnceValues(func() (*testServer, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s := &testServer{address: os.Getenv("PORTAL_TEST_DATABASE_URL"), templates: map[string]bool{}}
	if s.address == "" {
		root, err := projectRoot()
		if err != nil {
			return nil, err
		}
		// Nobody stops it: a server for throwing away ends with the program.
		s.process, err = local.Start(ctx, local.Options{Throwaway: true, Root: root})
		if err != nil {
			return nil, fmt.Errorf("database for tests: %w", err)
		}
		s.address = s.process.DSN("postgres")
	}
	var err error
	if s.admin, err = pgxpool.New(ctx, s.address); err != nil {
		return nil, fmt.Errorf("database for tests: %w", err)
	}
	return s, nil
})

// template migrates and fills a database once, which the tests' databases are
// copies of. Its name is the schema's, so that a server that stays, and other
// test programs on it, use it again until the schema changes.
func (s *testServer) template(of string, fill func(context.Context, *pgxpool.Pool) error) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	name := "portal_" + postgres.SchemaDigest()[:16] + of
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.templates[name] {
		return name, nil
	}
	err := s.admin.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		const making = 0x74656d706c617465 // any number, so long as it is always the same
		if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(making)); err != nil {
			return err
		}
		defer conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", int64(making))
		var whole bool
		err := conn.QueryRow(ctx, "SELECT datistemplate FROM pg_database WHERE datname = $1", name).Scan(&whole)
		if whole || err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		return s.make(ctx, conn, name, fill)
	})
	if err != nil {
		return "", fmt.Errorf("template database %s: %w", name, err)
	}
	s.templates[name] = true
	return name, nil
}

func (s *testServer) make(ctx context.Context, conn *pgxpool.Conn, name string, fill func(context.Context, *pgxpool.Pool) error) error {
	quoted := pgx.Identifier{name}.Sanitize()
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + quoted + " WITH (FORCE)", "CREATE DATABASE " + quoted + " TEMPLATE template0"} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	pool, err := postgres.Open(ctx, s.dsn(name))
	if err != nil {
		return err
	}
	err = postgres.Migrate(ctx, pool)
	if err == nil && fill != nil {
		err = fill(ctx, pool)
	}
	pool.Close()
	if err != nil {
		return err
	}
	// A connection to a template would be in the way of its copies.
	_, err = conn.Exec(ctx, "ALTER DATABASE "+quoted+" IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return err
}

// open copies a database for a test. FILE_COPY copies its files, which in memory
// is several times faster than writing them through the log.
func (s *testServer) open(t testing.TB, template string) *pgxpool.Pool {
	t.Helper()
	name := "test_" + strings.ToLower(rand.Text())
	quoted := pgx.Identifier{name}.Sanitize()
	create := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY", quoted, pgx.Identifier{template}.Sanitize())
	if _, err := s.admin.Exec(t.Context(), create); err != nil {
		t.Fatalf("database for the test: %v", err)
	}
	t.Cleanup(func() {
		if _, err := s.admin.Exec(context.Background(), "DROP DATABASE "+quoted+" WITH (FORCE)"); err != nil {
			t.Errorf("database of the test: %v", err)
		}
	})
	pool, err := postgres.Open(t.Context(), s.dsn(name))
	if err != nil {
		t.Fatalf("database for the test: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// OnRecord does something by hand; what that changes is told by an entry of the register,
// as every change is.
func OnRecord(ctx context.Context, pool *pgxpool.Pool, sql string, args ...any) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sql, args...); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO audit (at, role, action) SELECT now(), 'system', 'test.by_hand' WHERE EXISTS (SELECT FROM audit_changes WHERE act = current_act())`)
		return err
	})
}

// dsn is the address of another database of the server: an URL, or settings of
// which the last of a name counts. Tests give people roles as who installs the portal
// does, without two administrators.
func (s *testServer) dsn(database string) string {
	u, err := url.Parse(s.address)
	if err != nil || u.Scheme == "" {
		return s.address + " connect_timeout=60 portal.installation=yes dbname=" + database
	}
	u.Path = "/" + database
	q := u.Query()
	q.Set("connect_timeout", "60") // a machine that tests everything at once is slow
	q.Set("portal.installation", "yes")
	u.RawQuery = q.Encode()
	return u.String()
}

// projectRoot is the folder of go.mod, above the package whose tests run.
func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod above the tests")
		}
	}
}
