// Package local runs a PostgreSQL server of the portal's own, for the demo, for
// developers and for tests. It needs no service, no port and no password: the
// server is a child of the program, listens on a Unix socket in a private
// folder, and goes when the program goes, however it goes. It works alike for
// root, who may not run PostgreSQL and lends the server another account, and
// for everybody else.
//
// In production DATABASE_URL names a server and this package is not used.
package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options say where a server lives and what becomes of its data.
type Options struct {
	// Dir keeps the data, in a folder for each major version of PostgreSQL,
	// beside the server's log. It is made when missing. Unused when Throwaway.
	Dir string

	// Root is the project's folder, in which npm may have put PostgreSQL's
	// programs; the working directory when empty.
	Root string

	// Bin is the folder of PostgreSQL's programs; when empty, PORTAL_PG_BIN,
	// and when that is empty too, the best of the usual places.
	Bin string

	// Throwaway makes a server for tests: fast, unsafe, in memory where there
	// is enough, and gone with all its data at Stop or when the program ends.
	Throwaway bool

	// Log hears in a few lines what a person at a terminal wants to know.
	// PostgreSQL's own log goes to a file. Nil is silence.
	Log io.Writer
}

func (o Options) say(format string, args ...any) {
	if o.Log != nil {
		fmt.Fprintf(o.Log, "PostgreSQL: "+format+"\n", args...)
	}
}

// ErrRunning says that a server already works on the same data.
var ErrRunning = errors.New("already running")

// Server is a PostgreSQL server that answers.
type Server struct {
	home    home
	server  *process
	janitor *janitor // nil when the data is kept
}

const (
	superuser   = "portal"
	maintenance = "postgres" // the database every server has
	port        = "5432"     // part of the socket's name, nothing more

	startPatience = time.Minute // a recovery after kill -9 may take a while
	stopPatience  = 10 * time.Second
)

// settings keep personal data out of the server's log: at a failed constraint
// PostgreSQL would otherwise write down the whole row and the statement.
var settings = []string{
	"listen_addresses=",
	"timezone=UTC",
	"log_checkpoints=off",
	"log_error_verbosity=terse",
	"log_min_error_statement=panic",
	"log_parameter_max_length_on_error=0",
}

// throwaway gives up everything that protects data nobody will miss. Shared
// memory stands in files of the data folder, so that it goes with them.
var throwaway = []string{
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"autovacuum=off",
	"wal_level=minimal",
	"max_wal_senders=0",
	"checkpoint_timeout=1h",
	"dynamic_shared_memory_type=mmap",
	"max_connections=300",
}

// Start brings up a server and returns when it answers. The error is ErrRunning
// when another server works on the same data, and ErrNoBinaries, with the ways
// out in its text, when PostgreSQL is not installed. The context ends the
// waiting; the server that has started lives until Stop.
func Start(ctx context.Context, o Options) (_ *Server, err error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	acc, err := serverAccount()
	if err != nil {
		return nil, err
	}
	installed, err := find(ctx, acc, o)
	if err != nil {
		return nil, err
	}
	s := &Server{}
	defer func() {
		if err != nil {
			_ = s.Stop() // why it did not start says more
		}
	}()
	if o.Throwaway {
		if s.home, err = throwawayHome(acc); err != nil {
			return nil, err
		}
		if s.janitor, err = hire(acc, s.home.dir); err != nil {
			return nil, err
		}
	} else {
		if s.home, err = keptHome(ctx, acc, o); err != nil {
			return nil, err
		}
	}
	unlock, err := s.home.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return s, s.start(ctx, acc, o, s.home.choose(installed))
}

// start runs the server on its data, making them first when there are none.
func (s *Server) start(ctx context.Context, acc account, o Options, b binaries) error {
	data := s.home.data(b.major)
	if err := makeWay(ctx, data); err != nil {
		return err
	}
	log, err := s.home.openLog()
	if err != nil {
		return err
	}
	defer log.Close()
	if _, err := os.Stat(data); errors.Is(err, os.ErrNotExist) {
		o.say("first start of version %d, making %s", b.major, data)
		if err := initdb(ctx, acc, b, data, log); err != nil {
			return err
		}
	}
	args := []string{"-D", data, "-k", s.home.socket, "-p", port}
	for _, setting := range s.settings() {
		args = append(args, "-c", setting)
	}
	cmd := acc.command(context.WithoutCancel(ctx), data, b.program("postgres"), args...)
	cmd.Stdout, cmd.Stderr = log, log
	dieWithUs(cmd.SysProcAttr)
	if s.server, err = launch(cmd); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s.ready(ctx)
}

func (s *Server) settings() []string {
	if s.janitor == nil {
		return settings
	}
	return slices.Concat(settings, throwaway)
}

// initdb makes a data folder elsewhere and moves it to its place when it is
// whole, so that an interrupted first start leaves nothing half-made. Italian
// sorting comes from ICU, which is the same on every system; the names of the
// C library's locales are not.
func initdb(ctx context.Context, acc account, b binaries, data string, log *os.File) error {
	fresh := data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := privateDir(fresh, acc); err != nil {
		return err
	}
	cmd := acc.command(ctx, fresh, b.program("initdb"), "-D", fresh, "-U", superuser, "-A", "trust", "-E", "UTF8",
		"--locale=C", "--locale-provider=icu", "--icu-locale=it-IT", "--no-sync", "--no-instructions")
	cmd.Stdout, cmd.Stderr = log, log
	dieWithUs(cmd.SysProcAttr)
	p, err := launch(cmd)
	if err != nil {
		return fmt.Errorf("make the database: %w", err)
	}
	<-p.done
	if p.err != nil {
		return fmt.Errorf("make the database: initdb: %w: %s", p.err, lastLine(log.Name()))
	}
	return os.Rename(fresh, data)
}

// ready waits until the server answers, or ends, or the context does.
func (s *Server) ready(ctx context.Context) error {
	for {
		err := ping(ctx, s.home.socket, port)
		if err == nil {
			return nil
		}
		select {
		case <-s.server.done:
			return fmt.Errorf("PostgreSQL ended: %s (more in %s)", lastLine(s.home.log()), s.home.log())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL does not answer (more in %s): %w", s.home.log(), err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// ping asks the server behind a socket whether it takes connections.
func ping(ctx context.Context, socket, port string) error {
	conn, err := pgconn.Connect(ctx, dsn(socket, port, maintenance)+"&connect_timeout=2")
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

func dsn(socket, port, database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Path:     "/" + database,
		RawQuery: url.Values{"host": {socket}, "port": {port}}.Encode(),
	}
	return u.String()
}

// DSN is the address of a database on the server, as pgx and DATABASE_URL take
// it. The database "postgres" is always there.
func (s *Server) DSN(database string) string { return dsn(s.home.socket, port, database) }

// CreateDatabase makes a database, unless it is there already.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.DSN(maintenance))
	if err != nil {
		return fmt.Errorf("database %s: %w", name, err)
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	}
	if err != nil {
		return fmt.Errorf("database %s: %w", name, err)
	}
	return nil
}

// Stop ends the server, throwing open connections out, and returns when it has
// ended and, when Throwaway, when its data are gone. Stopping twice is harmless.
func (s *Server) Stop() error {
	var err error
	switch {
	case s.janitor != nil:
		err = s.janitor.dismiss()
		if s.server != nil {
			<-s.server.done
		}
	case s.server != nil:
		err = s.server.stop()
	}
	if err != nil {
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}
