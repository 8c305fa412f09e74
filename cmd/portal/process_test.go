package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// process is a portal that runs as a program of its own.
type process struct {
	testing.TB
	URL  string // as the portal says it
	Addr string // where it listens
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended; to be read after done
	mu   sync.Mutex
	said bytes.Buffer // on standard output and standard error
}

// launch starts portal serve and waits until it is ready. The portal does not
// outlive the test.
func launch(t testing.TB, env map[string]string, args ...string) *process {
	t.Helper()
	p := begin(t, env, args...)
	select {
	case <-p.done:
		t.Fatalf("the portal ended: %v\n%s", p.err, p.text())
	case <-time.After(time.Minute):
		t.Fatalf("the portal does not become ready:\n%s", p.text())
	case <-p.ready():
	}
	return p
}

// begin starts portal serve and does not wait.
func begin(t testing.TB, env map[string]string, args ...string) *process {
	t.Helper()
	p := &process{TB: t, done: make(chan struct{})}
	p.cmd = exec.Command(os.Args[0], append([]string{"serve"}, args...)...)
	p.cmd.Env = append(os.Environ(), asPortal+"=1")
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(p.kill)
	return p
}

// Write hears what the portal says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// ready is closed when the log has said so, with the addresses.
func (p *process) ready() <-chan struct{} {
	heard := make(chan struct{})
	go func() {
		for range time.Tick(10 * time.Millisecond) {
			lines := bufio.NewScanner(strings.NewReader(p.text()))
			for lines.Scan() {
				var line struct{ Msg, URL, Addr string }
				if json.Unmarshal(lines.Bytes(), &line) == nil && line.Msg == "ready" {
					p.URL, p.Addr = line.URL, line.Addr
					close(heard)
					return
				}
			}
			select {
			case <-p.done:
				return
			default:
			}
		}
	}()
	return heard
}

// until waits for something that the portal brings about.
func (p *process) until(what string, is func() bool) {
	p.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.Fatalf("%s is waited for too long:\n%s", what, p.text())
		}
	}
}

// kill ends the portal as a power cut does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended by itself
	<-p.done
}

// stop asks the portal to end and fails the test unless it does, and says 0.
func (p *process) stop() {
	p.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.Fatal(err)
	}
	p.ends()
}

// ends waits for the end of a portal that was asked to.
func (p *process) ends() {
	p.Helper()
	select {
	case <-p.done:
		if p.err != nil {
			p.Errorf("the portal ended badly: %v\n%s", p.err, p.text())
		}
	case <-time.After(20 * time.Second):
		p.Fatalf("the portal does not end:\n%s", p.text())
	}
}

// get asks for a path where the portal listens, under the name that people use.
func (p *process) get(path string) (status int, body string, err error) {
	ctx, cancel := context.WithTimeout(p.Context(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.Addr+path, nil)
	if err != nil {
		return 0, "", err
	}
	_, req.Host, _ = strings.Cut(p.URL, "://")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(all), err
}

// wants fails the test unless a path answers so.
func (p *process) wants(path string, status int, text string) {
	p.Helper()
	got, body, err := p.get(path)
	if err != nil || got != status || !strings.Contains(body, text) {
		p.Errorf("%s answers %d %q, %v", path, got, body[:min(len(body), 200)], err)
	}
}
