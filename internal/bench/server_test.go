package bench

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/demo"
	"portal/internal/postgres"
	"portal/internal/postgres/local"
)

// server is PostgreSQL as it is in earnest: on disk, and what it says is written
// is written. The one of the tests, in memory, would measure something else.
type server struct {
	*local.Server
	admin      *pgxpool.Pool
	postmaster int    // its process; all others of the server are its children
	programs   string // the folder of its programs
}

// started is the server once it runs, for TestMain to stop.
var started atomic.Pointer[server]

// databases is the server, started at the first benchmark that asks. Its data
// stay for the next run, except for the databases, which are made anew.
func databases(b *testing.B) *server {
	b.Helper()
	if s := started.Load(); s != nil {
		return s
	}
	process, err := local.Start(context.Background(), local.Options{Dir: folder(b, "postgres"), Root: "../.."})
	if err != nil {
		b.Fatal(err)
	}
	s := &server{Server: process}
	started.Store(s)
	if s.admin, err = pgxpool.New(context.Background(), s.DSN("postgres")); err != nil {
		b.Fatal(err)
	}
	var backend int
	var fsync string
	if err := s.admin.QueryRow(b.Context(), `SELECT pg_backend_pid(), current_setting('fsync'), (SELECT setting FROM pg_config WHERE name = 'BINDIR')`).
		Scan(&backend, &fsync, &s.programs); err != nil {
		b.Fatal(err)
	}
	if fsync != "on" {
		b.Fatalf("fsync is %s: nothing that is measured here would be true", fsync)
	}
	p, err := readStat(fmt.Sprintf("/proc/%d/stat", backend))
	if err != nil {
		b.Fatal(err)
	}
	s.postmaster = p.parent
	return s
}

// program is one of PostgreSQL's, from beside the server or else from PATH.
func (s *server) program(b *testing.B, name string) string {
	b.Helper()
	path := filepath.Join(s.programs, name)
	if _, err := os.Stat(path); err == nil {
		return path
	}
	path, err := exec.LookPath(name)
	if err != nil {
		b.Fatalf("%s is neither in %s nor on PATH: install PostgreSQL's programs whole", name, s.programs)
	}
	return path
}

// world is a database with the schema and the made-up world, which the databases
// of the benchmarks are copies of.
const world = "world"

var worldMade sync.Once

// database is the address of a new database that holds the made-up world, and is
// gone after the benchmark.
func (s *server) database(b *testing.B, name string) string {
	b.Helper()
	worldMade.Do(func() { s.makeWorld(b) })
	s.create(b, name, world)
	b.Cleanup(func() {
		if _, err := s.admin.Exec(context.Background(), "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)"); err != nil {
			b.Error(err)
		}
	})
	return s.DSN(name)
}

func (s *server) create(b *testing.B, name, template string) {
	b.Helper()
	quoted := pgx.Identifier{name}.Sanitize()
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + quoted + " WITH (FORCE)", "CREATE DATABASE " + quoted + " TEMPLATE " + template} {
		if _, err := s.admin.Exec(b.Context(), sql); err != nil {
			b.Fatal(err)
		}
	}
}

func (s *server) makeWorld(b *testing.B) {
	b.Helper()
	s.create(b, world, "template0")
	pool := open(b, s.DSN(world))
	if err := postgres.Migrate(b.Context(), pool); err != nil {
		b.Fatal(err)
	}
	if _, err := demo.Build(b.Context(), pool, keys(b), documents(b), ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)), time.Now()); err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
	pool.Close() // nobody may be connected to what is copied
}

// open is a pool as the portal opens it.
func open(b *testing.B, address string) *pgxpool.Pool {
	b.Helper()
	pool, err := postgres.Open(b.Context(), address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	return pool
}
