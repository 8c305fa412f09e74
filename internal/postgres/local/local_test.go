package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A test that kills its program is this program once more, told by the
// environment to start a server in a folder and wait for its end.
const actAsPortal = "LOCAL_TEST_ACT_AS_PORTAL"

func TestMain(m *testing.M) {
	if o, asked := os.LookupEnv(actAsPortal); asked {
		s, err := Start(context.Background(), Options{Dir: o, Throwaway: o == "", Root: "../../.."})
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.home.dir)
		select {}
	}
	os.Exit(m.Run())
}

func start(t *testing.T, o Options) *Server {
	t.Helper()
	o.Root = "../../.."
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(s.Stop(), os.RemoveAll(s.home.socket)); err != nil {
			t.Error(err)
		}
	})
	return s
}

// folder is a new folder that the server's account can enter; those of
// testing.T are below one that is closed.
func folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

// killed runs a program that starts a server, kills it like a power cut, and
// returns the folder its server lived in.
func killed(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), actAsPortal+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	home, err := bufio.NewReader(out).ReadString('\n')
	if err := errors.Join(err, cmd.Process.Kill()); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil {
		t.Fatal("the program was to be killed, and ended by itself")
	}
	return strings.TrimSpace(home)
}

func query[T any](t *testing.T, s *Server, sql string, args ...any) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, _ := conn.Query(t.Context(), sql, args...)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func TestDataOutliveTheServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, Options{Dir: dir})
	if err := first.CreateDatabase(t.Context(), "portal"); err != nil {
		t.Fatal(err)
	}
	if err := first.Stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, Options{Dir: dir})
	if !query[bool](t, second, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'portal')") {
		t.Error("the database is gone")
	}
	if err := second.CreateDatabase(t.Context(), "portal"); err != nil {
		t.Errorf("a database that is there already: %v", err)
	}
}

func TestASecondProgramIsToldWhoRuns(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, Options{Dir: dir})
	_, err := Start(t.Context(), Options{Dir: dir, Root: "../../.."})
	if !errors.Is(err, ErrRunning) || !strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", s.server.cmd.Process.Pid)) {
		t.Errorf("got %v", err)
	}
	if got := query[int](t, s, "SELECT 1"); got != 1 {
		t.Error("the first server was disturbed")
	}
}

func TestTwoFirstStartsAtOnceMakeOneServer(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	type outcome struct {
		s   *Server
		err error
	}
	outcomes := make(chan outcome)
	for range 2 {
		go func() {
			s, err := Start(context.Background(), Options{Dir: dir, Root: "../../.."})
			outcomes <- outcome{s, err}
		}()
	}
	a, b := <-outcomes, <-outcomes
	if a.err != nil {
		a, b = b, a
	}
	if a.err != nil || !errors.Is(b.err, ErrRunning) {
		t.Fatalf("got %v and %v", a.err, b.err)
	}
	if err := errors.Join(a.s.Stop(), os.RemoveAll(a.s.home.socket)); err != nil {
		t.Error(err)
	}
}

func TestAKilledProgramLeavesItsDataUsable(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if home := killed(t, dir); home != dir {
		t.Fatal(home)
	}
	s := start(t, Options{Dir: dir})
	if got := query[int](t, s, "SELECT 1"); got != 1 {
		t.Error(got)
	}
}

func TestAKilledProgramLeavesNothingOfAThrowawayServer(t *testing.T) {
	t.Parallel()
	home := killed(t, "")
	for deadline := time.Now().Add(stopPatience); exists(home); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", home)
		}
	}
}

func TestAStoppedThrowawayServerLeavesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Throwaway: true})
	if got := query[string](t, s, "SHOW fsync"); got != "off" {
		t.Errorf("fsync is %s", got)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if exists(s.home.dir) {
		t.Errorf("%s is still there", s.home.dir)
	}
}

func TestALockFileThatNamesSomebodyElseIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, Options{Dir: dir})
	data := query[string](t, s, "SHOW data_directory")
	lock := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(lock)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	// The number of the server that was, borne by another program of the account.
	acc, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	other := acc.command(t.Context(), "/", "sleep", "60")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = other.Wait() // killed, as it says
	})
	_, rest, _ := strings.Cut(string(text), "\n")
	stale := strconv.Itoa(other.Process.Pid) + "\n" + rest
	if err := os.WriteFile(lock, []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(lock, acc.uid, acc.gid); err != nil {
		t.Fatal(err)
	}
	start(t, Options{Dir: dir})
}

func TestTheServersLogHoldsNoPersonalData(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Dir: folder(t)})
	conn, err := pgx.Connect(t.Context(), s.DSN("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	const illness = "frattura scomposta"
	for _, sql := range []string{
		"CREATE TABLE events (illness text CONSTRAINT illness_is_short CHECK (length(illness) < 5))",
		"INSERT INTO events VALUES ($1)",
		"INSERT INTO events VALUES ('" + illness + "')",
		"SELECT '" + illness + "' FROM nowhere",
	} {
		var args []any
		if strings.Contains(sql, "$1") {
			args = append(args, illness)
		}
		_, err := conn.Exec(t.Context(), sql, args...)
		if failed := err != nil; failed == strings.HasPrefix(sql, "CREATE") {
			t.Fatal(err)
		}
	}
	log, err := os.ReadFile(s.home.log())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "illness_is_short") {
		t.Error("the log does not say which constraint failed")
	}
	if strings.Contains(string(log), illness) {
		t.Errorf("the log says what is nobody's business:\n%s", log)
	}
}

func TestNamesSortAsItaliansSortThem(t *testing.T) {
	t.Parallel()
	s := start(t, Options{Throwaway: true})
	got := query[string](t, s, "SELECT string_agg(n, ' ' ORDER BY n) FROM unnest('{zeta,Èlia,elba}'::text[]) n")
	if want := "elba Èlia zeta"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPoolsAcceptTheAddress(t *testing.T) {
	t.Parallel()
	c, err := pgxpool.ParseConfig((&Server{home: home{socket: "/tmp/portal-1000-abcdef01"}}).DSN("città"))
	if err != nil {
		t.Fatal(err)
	}
	if c.ConnConfig.Host != "/tmp/portal-1000-abcdef01" || c.ConnConfig.Database != "città" || c.ConnConfig.User != "portal" {
		t.Errorf("got %s %s %s", c.ConnConfig.Host, c.ConnConfig.Database, c.ConnConfig.User)
	}
}

func TestAFolderClosedToTheServerHasAStandIn(t *testing.T) {
	t.Parallel()
	acc, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	closed := filepath.Join(t.TempDir(), "root's")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "var")
	var said strings.Builder
	h, err := keptHome(t.Context(), acc, Options{Dir: dir, Log: &said})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.Remove(h.socket); err != nil {
			t.Error(err)
		}
	})
	if acc.lent == nil { // our own folders are never closed to us
		if h.dir != dir || said.Len() > 0 {
			t.Errorf("in %s, saying %q", h.dir, said.String())
		}
		return
	}
	t.Cleanup(func() {
		if err := os.Remove(h.dir); err != nil {
			t.Error(err)
		}
	})
	if !acc.canEnter(t.Context(), h.dir) || !strings.Contains(said.String(), h.dir) {
		t.Errorf("in %s, saying %q", h.dir, said.String())
	}
}

func TestAFolderOfSomebodyElseIsNotPrivate(t *testing.T) {
	t.Parallel()
	acc, err := serverAccount()
	if err != nil {
		t.Fatal(err)
	}
	for name, prepare := range map[string]func(path string) error{
		"open":   func(path string) error { return os.Mkdir(path, 0o755) },
		"a link": func(path string) error { return os.Symlink("/tmp", path) },
		"a file": func(path string) error { return os.WriteFile(path, nil, 0o700) },
	} {
		path := filepath.Join(t.TempDir(), "socket")
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		if err := privateDir(path, acc); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	path := filepath.Join(t.TempDir(), "socket")
	for range 2 {
		if err := privateDir(path, acc); err != nil {
			t.Error(err)
		}
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := start(t, Options{Dir: dir})
	data := query[string](t, s, "SHOW data_directory")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(f, "no_such_setting = on\n")
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	_, err = Start(t.Context(), Options{Dir: dir, Root: "../../.."})
	if err == nil || !strings.Contains(err.Error(), "postgresql.conf") {
		t.Errorf("got %v", err)
	}
}
