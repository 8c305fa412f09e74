package bench

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"debug/elf"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"portal/internal/document"
	"portal/internal/postgres/local"
	"portal/internal/voucher"
)

// program is the portal as it is built.
func program(b *testing.B) string {
	b.Helper()
	path, err := filepath.Abs(cmp.Or(os.Getenv("PORTAL_BIN"), "../../bin/portal"))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		b.Fatalf("the program is not built (make bin/portal): %v", err)
	}
	return path
}

// running is a portal that answers.
type running struct {
	*exec.Cmd
	took time.Duration // from its start to its first "yes" to /readyz
}

// start runs the portal until it says that it is ready.
func start(b *testing.B, env []string, args ...string) running {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), program(b), args...)
	cmd.Env = append([]string{"PORTAL_ADDR=localhost:0", "PORTAL_BROKER_ADDR=localhost:0"}, env...)
	for _, name := range []string{"PATH", "HOME", "PORTAL_PG_BIN"} { // and no setting of ours
		cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		b.Fatal(err)
	}
	from := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cmd.Process.Kill() }) // after a stop there is none
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for lines.Scan() {
		said.WriteString(lines.Text() + "\n")
		var line struct{ Msg, Addr string }
		if json.Unmarshal(lines.Bytes(), &line) != nil || line.Msg != "ready" {
			continue
		}
		for !ready(b.Context(), line.Addr) {
			time.Sleep(time.Millisecond)
		}
		took := time.Since(from)
		go func() { // what it says from now on is nobody's concern
			for lines.Scan() {
			}
		}()
		return running{cmd, took}
	}
	b.Fatalf("the portal does not start:\n%s", said.String())
	return running{}
}

func ready(ctx context.Context, addr string) bool {
	r, err := http.NewRequestWithContext(ctx, "GET", "http://"+addr+"/readyz", nil)
	if err != nil {
		return false
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return false
	}
	_ = answer.Body.Close() // what it says besides its status is not asked
	return answer.StatusCode == http.StatusOK
}

func (p running) stop(b *testing.B) {
	b.Helper()
	if err := errors.Join(p.Process.Signal(syscall.SIGTERM), p.Wait()); err != nil {
		b.Fatalf("the portal does not stop as told: %v", err)
	}
}

// inProduction is the environment of a portal on a database that is there already,
// behind a broker that nobody asks yet.
func inProduction(b *testing.B) []string {
	b.Helper()
	return []string{
		"DATABASE_URL=" + databases(b).database(b, "warm"), "PORTAL_DATA_DIR=" + folder(b, "warm"),
		"PORTAL_CODE_KEY=" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, voucher.MasterKeyLength)),
		"PORTAL_DOCUMENT_KEY=" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{8}, document.MasterKeyLength)),
		"PORTAL_SIGNING_KEY=" + base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{9}, 32)),
		"PORTAL_URL=https://portal.example.org", "OIDC_ISSUER=https://broker.example.org", "OIDC_CLIENT_ID=portal", "OIDC_CLIENT_SECRET=secret",
	}
}

// BenchmarkP13Start is the time until the portal says that it is ready: on a
// database that is there, over the start and end of the same program that does
// nothing; and as a demo, over its PostgreSQL alone.
func BenchmarkP13Start(b *testing.B) {
	r := newReport(b, "P13", "seconds from the start of the program to /readyz 200")
	production := inProduction(b)
	demo := folder(b, "demo")
	inDemo := []string{"PORTAL_DATA_DIR=" + demo}
	serve := func(env []string, args ...string) float64 {
		p := start(b, env, args...)
		p.stop(b)
		return p.took.Seconds()
	}
	forget := func() {
		if err := errors.Join(os.RemoveAll(demo), os.RemoveAll(folder(b, "floor"))); err != nil {
			b.Error(err)
		}
	}
	b.Cleanup(forget)
	var table figures
	turns(b, func(counted bool) {
		forget()
		nothing := doNothing(b)
		warm := serve(production, "serve")
		firstFloor := startPostgres(b)
		first := serve(inDemo, "serve", "--demo")
		againFloor := startPostgres(b)
		again := serve(inDemo, "serve", "--demo")
		if !counted {
			return
		}
		table.note("serve, s", "≤ 0.3", warm)
		table.note("serve --demo first, s", "≤ 5", first)
		table.note("serve --demo again, s", "≤ 1", again)
		table.compare("serve over portal version", "", nothing, warm)
		table.compare("serve --demo first over PostgreSQL alone", "", firstFloor, first)
		table.compare("serve --demo again over PostgreSQL alone", "", againFloor, again)
	})
	table.publish(b, r)
	r.keep(b)
}

func doNothing(b *testing.B) float64 {
	b.Helper()
	from := time.Now()
	if err := exec.CommandContext(b.Context(), program(b), "version").Run(); err != nil {
		b.Fatal(err)
	}
	return time.Since(from).Seconds()
}

// startPostgres is how long a server takes to answer, with its data made first
// when there are none.
func startPostgres(b *testing.B) float64 {
	b.Helper()
	from := time.Now()
	s, err := local.Start(b.Context(), local.Options{Dir: folder(b, "floor"), Root: "../.."})
	if err != nil {
		b.Fatal(err)
	}
	took := time.Since(from).Seconds()
	if err := s.Stop(); err != nil {
		b.Fatal(err)
	}
	return took
}

// BenchmarkP14Size is what the portal takes of memory while nobody asks it
// anything, and of disk.
func BenchmarkP14Size(b *testing.B) {
	r := newReport(b, "P14", "megabytes")
	production := inProduction(b)
	file, err := os.Stat(program(b))
	if err != nil {
		b.Fatal(err)
	}
	var table figures
	turns(b, func(counted bool) {
		p := start(b, production, "serve")
		time.Sleep(round(b)) // what it does after its start is done
		rss, pss := memory(b, p.Process.Pid, "status", "VmRSS"), memory(b, p.Process.Pid, "smaps_rollup", "Pss")
		p.stop(b)
		if !counted {
			return
		}
		table.note("idle RSS, MB", "≤ 60", rss)
		table.note("idle PSS, MB", "", pss)
		table.note("binary, MB", "≤ 30", float64(file.Size())/(1<<20))
		table.note("binary stripped, MB", "≤ 30", float64(file.Size()-debugging(b))/(1<<20))
	})
	table.publish(b, r)
	r.keep(b)
}

// debugging is the bytes of the program that only a debugger reads, and strip
// would take away.
func debugging(b *testing.B) (size int64) {
	b.Helper()
	file, err := elf.Open(program(b))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	for _, s := range file.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 && (strings.HasPrefix(s.Name, ".debug_") || s.Name == ".symtab" || s.Name == ".strtab") {
			size += int64(s.FileSize)
		}
	}
	return size
}
