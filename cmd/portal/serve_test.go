package main

import (
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"portal/internal/demo"
	"portal/internal/postgres/pgtest"
)

// demoOn is the environment of a demo with a database that it is given.
func demoOn(t testing.TB, database string) map[string]string {
	t.Helper()
	return map[string]string{
		"DATABASE_URL": database, "PORTAL_CODE_KEY": codeKey, "PORTAL_DOCUMENT_KEY": codeKey, "PORTAL_SIGNING_KEY": codeKey, "PORTAL_DATA_DIR": t.TempDir(),
		"PORTAL_ADDR": "localhost:0", "PORTAL_BROKER_ADDR": "localhost:0", "PORTAL_NOW": noon.Format(time.RFC3339),
	}
}

func TestTheDemoBecomesReadyAndSaysWhere(t *testing.T) {
	t.Parallel()
	p := launch(t, demoOn(t, pgtest.OpenEmpty(t).Config().ConnString()), "--demo")
	_, port, err := net.SplitHostPort(p.Addr)
	if err != nil || port == "0" || p.URL != "http://localhost:"+port {
		t.Errorf("listens at %q, and says %q", p.Addr, p.URL)
	}
	p.wants("/healthz", http.StatusOK, "ok")
	p.wants("/readyz", http.StatusOK, "ready")
	p.wants("/", http.StatusOK, "</html>")
	for _, persona := range demo.Personas {
		if !strings.Contains(p.text(), persona.Hint) {
			t.Errorf("the demo does not introduce %s", persona.Hint)
		}
	}
	if !strings.Contains(p.text(), p.URL+"/accedi?login_hint=") {
		t.Errorf("the demo does not say how to log in:\n%s", p.text())
	}
	p.stop()
	if _, _, err := p.get("/healthz"); err == nil {
		t.Error("somebody still answers")
	}
}

func TestABusyAddressIsSaidInASentence(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	database := pgtest.Open(t).Config().ConnString()
	for variable, args := range map[string][]string{"PORTAL_ADDR": nil, "PORTAL_METRICS_ADDR": nil, "PORTAL_BROKER_ADDR": {"--demo"}} {
		env := production(map[string]string{"DATABASE_URL": database, variable: taken.Addr().String()})
		if args != nil {
			env = demoOn(t, database)
			env[variable] = taken.Addr().String()
		}
		a := ask(t, env, append([]string{"serve"}, args...)...)
		if a.code != failed || !strings.Contains(a.err, "portal: "+variable+": ") {
			t.Errorf("%s: exit code %d, %s", variable, a.code, a.err)
		}
	}
}

func TestAnEmptyVariableIsOneThatIsNotSet(t *testing.T) {
	t.Parallel()
	p := begin(t, map[string]string{"PORTAL_DEMO": "", "PORTAL_ADDR": "", "PORTAL_DRAIN": "", "OIDC_MIN_LEVEL": "", "DATABASE_URL": ""})
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		t.Fatal("the portal does not end")
	}
	if said := p.text(); !strings.HasPrefix(said, "portal: DATABASE_URL is not set\n") {
		t.Errorf("the portal says %s", said)
	}
}

func TestWhileItDrainsThePortalServesAndSaysThatItIsStopping(t *testing.T) {
	t.Parallel()
	p := launch(t, production(map[string]string{
		"DATABASE_URL": pgtest.Open(t).Config().ConnString(), "PORTAL_DATA_DIR": t.TempDir(), "PORTAL_DRAIN": "1s"}))
	if p.URL != "https://contributi.example.org" {
		t.Errorf("says %q", p.URL)
	}
	p.wants("/readyz", http.StatusOK, "ready")
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for status := http.StatusOK; status == http.StatusOK; time.Sleep(10 * time.Millisecond) {
		var body string
		var err error
		status, body, err = p.get("/readyz")
		if err != nil || status != http.StatusOK && (status != http.StatusServiceUnavailable || body != "the portal is stopping\n") {
			t.Fatalf("%d %q, %v", status, body, err)
		}
	}
	p.wants("/healthz", http.StatusOK, "ok")
	p.wants("/accedi", http.StatusOK, "</html>")
	p.ends()
}

func TestASecondSignalDoesNotWait(t *testing.T) {
	t.Parallel()
	p := launch(t, production(map[string]string{
		"DATABASE_URL": pgtest.Open(t).Config().ConnString(), "PORTAL_DATA_DIR": t.TempDir(), "PORTAL_DRAIN": "1m"}))
	for status := http.StatusOK; status == http.StatusOK; time.Sleep(10 * time.Millisecond) {
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			break // the first was heard, the second has ended it
		}
		status, _, _ = p.get("/readyz")
	}
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		t.Error("it still waits")
	}
}

func TestADoorSaysThatThePortalIsStartingAndLetsVisitorsWait(t *testing.T) {
	t.Parallel()
	d := newDoor()
	server := httptest.NewServer(d)
	defer server.Close()
	get := func(path string) (int, string) {
		resp, err := http.Get(server.URL + path)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, _ := get("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d", status)
	}
	if status, body := get("/readyz"); status != http.StatusServiceUnavailable || body != "the portal is starting\n" {
		t.Errorf("/readyz: %d %q", status, body)
	}
	early := make(chan string)
	go func() {
		_, body := get("/area-personale")
		early <- body
	}()
	select {
	case body := <-early:
		t.Errorf("somebody got in before the door opened: %q", body)
	case <-time.After(50 * time.Millisecond):
	}
	d.open(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "inside "+r.URL.Path) }))
	if body := <-early; body != "inside /area-personale" {
		t.Errorf("who waited got %q", body)
	}
	if _, body := get("/readyz"); body != "inside /readyz" {
		t.Errorf("/readyz: %q", body)
	}
}

// With nothing at all: the portal brings its own PostgreSQL.
func TestTheDemoKeepsWhatItHoldsFromOneStartToTheNext(t *testing.T) {
	t.Parallel()
	env := demoOn(t, "")
	delete(env, "DATABASE_URL")
	delete(env, "PORTAL_CODE_KEY")
	delete(env, "PORTAL_DOCUMENT_KEY")
	delete(env, "PORTAL_SIGNING_KEY")
	dir := env["PORTAL_DATA_DIR"]

	first := launch(t, env, "--demo")
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	maria := http.Client{Jar: jar}
	name := func(address string) bool {
		resp, err := maria.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		page, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(page), "Maria Rossi")
	}
	if !name(first.URL + "/accedi?login_hint=" + demo.Citizen) {
		t.Error("Maria could not log in")
	}
	if a := ask(t, map[string]string{"PORTAL_DATA_DIR": dir}, "check"); a.code != failed || !strings.Contains(a.err, "already running") {
		t.Errorf("check beside it: exit code %d, %s", a.code, a.err)
	}
	first.kill()

	second := launch(t, env, "--demo")
	if strings.Contains(second.text(), "first start") {
		t.Error("the data were made anew")
	}
	if !name(second.URL + "/area-personale") {
		t.Error("Maria has to log in again")
	}
	second.stop()

	if a := ask(t, map[string]string{"PORTAL_DATA_DIR": dir}, "check"); a.code != done || !strings.Contains(a.out, "invariants hold") {
		t.Errorf("check afterwards: exit code %d, %s%s", a.code, a.out, a.err)
	}
	for _, secret := range []string{"codes", "broker"} {
		if key, err := ownKey(filepath.Join(dir, "keys"), secret); err != nil || len(key) != len(codeKey) {
			t.Errorf("key %s: %d characters, %v", secret, len(key), err)
		}
	}
}

func TestAnInterruptedFirstStartIsBegunAnew(t *testing.T) {
	t.Parallel()
	pool := pgtest.Open(t)
	env := demoOn(t, pool.Config().ConnString())
	if err := claim(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	enterMaria(t, pool)
	if a := ask(t, env, "serve", "--demo"); a.code != failed || !strings.Contains(a.err, demo.ErrUnfinished.Error()) {
		t.Errorf("on a database that it was given: exit code %d, %s", a.code, a.err)
	}
	if err := makeWorld(t.Context(), pool, Config{CodeKey: codeKey, DocumentKey: codeKey, SigningKey: codeKey}, true, noon); err != nil {
		t.Fatal(err)
	}
	if built, err := demo.Built(t.Context(), pool); !built || err != nil {
		t.Errorf("built: %v, %v", built, err)
	}
	if a := ask(t, addressOf(pool), "check"); a.code != done {
		t.Errorf("check: exit code %d, %s%s", a.code, a.out, a.err)
	}
}

// enterMaria puts somebody into a database whom no demo made up.
func enterMaria(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), `INSERT INTO persons (fiscal_code, given_name, family_name) VALUES ('RSSMRA85C52H501N', 'Maria', 'Rossi')`); err != nil {
		t.Fatal(err)
	}
}

// Beside real people the demo would leave the door open: it does not start, and
// leaves not a trace.
func TestTheDemoRefusesADatabaseThatHoldsAnythingElse(t *testing.T) {
	t.Parallel()
	people, strange := pgtest.Open(t), pgtest.OpenEmpty(t)
	enterMaria(t, people)
	if _, err := strange.Exec(t.Context(), `CREATE TABLE invoices (id bigint)`); err != nil {
		t.Fatal(err)
	}
	for what, pool := range map[string]*pgxpool.Pool{"people": people, "another program's tables": strange} {
		const things = `SELECT (SELECT count(*) FROM pg_class) + (SELECT count(*) FROM pg_description)`
		before := one[int](t, pool, things)
		for range 2 {
			a := ask(t, demoOn(t, pool.Config().ConnString()), "serve", "--demo")
			if a.code != failed || !strings.Contains(a.err, "portal: "+errNotMadeUp.Error()) {
				t.Errorf("on %s: exit code %d, %s", what, a.code, a.err)
			}
		}
		if one[int](t, pool, things) != before {
			t.Errorf("%s got a mark, or tables", what)
		}
	}
	for what, pool := range map[string]*pgxpool.Pool{"nothing": pgtest.OpenEmpty(t), "an empty schema": pgtest.Open(t), "its own world": world(t)} {
		for range 2 {
			if err := claim(t.Context(), pool); err != nil {
				t.Errorf("on %s: %v", what, err)
			}
		}
	}
}

func TestMetricsAreServedOnAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics := l.Addr().String()
	l.Close()
	p := launch(t, production(map[string]string{"DATABASE_URL": pgtest.Open(t).Config().ConnString(),
		"PORTAL_DATA_DIR": t.TempDir(), "PORTAL_DRAIN": "0s", "PORTAL_METRICS_ADDR": metrics}))
	p.wants("/accedi", http.StatusOK, "</html>")
	p.wants("/metrics", http.StatusNotFound, "</html>")
	p.Addr = metrics
	p.wants("/metrics", http.StatusOK, `portal_http_request_seconds_count{method="GET",route="/accedi",status="200"} 1`)
	p.stop()
}
