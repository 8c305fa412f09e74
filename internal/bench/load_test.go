package bench

import (
	"bufio"
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// load is what the other process is asked to do to a server.
type load struct {
	Addr   string
	For    time.Duration
	Groups []group // each counted apart
}

// group is clients, each with a connection of its own, who send what they have to
// send one after the other as fast as answers come.
type group struct {
	Clients [][][]byte // the requests of each
	Again   bool       // they begin again when all were sent, and are done otherwise
}

// tally is what came of a group.
type tally struct {
	Statuses map[int]int
	Took     time.Duration // until the time was over, or all was sent
	Waits    []time.Duration
}

// rate is the answers of a status in a second.
func (t tally) rate(status int) float64 { return float64(t.Statuses[status]) / t.Took.Seconds() }

// wait is how long so large a part of the answers took at most, in milliseconds.
func (t tally) wait(part float64) float64 {
	return float64(t.Waits[int(part*float64(len(t.Waits)-1))]) / float64(time.Millisecond)
}

// loader is the process that makes load, so that its work is not counted.
type loader struct {
	*gob.Encoder
	*gob.Decoder
}

// newLoader starts it; it ends with the benchmark.
func newLoader(b *testing.B) loader {
	b.Helper()
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), actAsLoad+"=1")
	cmd.Stderr = os.Stderr
	in, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := errors.Join(in.Close(), cmd.Wait()); err != nil {
			b.Error(err)
		}
	})
	return loader{gob.NewEncoder(in), gob.NewDecoder(out)}
}

// run makes a load and tells what came of each group.
func (l loader) run(b *testing.B, what load) []tally {
	b.Helper()
	if err := l.Encode(what); err != nil {
		b.Fatal(err)
	}
	var answer loadAnswer
	if err := l.Decode(&answer); err != nil {
		b.Fatal(err)
	}
	if answer.Err != "" {
		b.Fatal(answer.Err)
	}
	return answer.Tallies
}

type loadAnswer struct {
	Tallies []tally
	Err     string
}

// makeLoads is the other process: it makes the loads it is asked for.
func makeLoads(in io.Reader, out io.Writer) error {
	asked, answers := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var l load
		if err := asked.Decode(&l); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		var answer loadAnswer
		var err error
		if answer.Tallies, err = l.make(); err != nil {
			answer.Err = err.Error()
		}
		if err := answers.Encode(answer); err != nil {
			return err
		}
	}
}

// make sends everything, from the moment all have connected.
func (l load) make() ([]tally, error) {
	type worker struct {
		connection
		requests [][]byte
		tally
		err error
	}
	var running sync.WaitGroup
	begin := make(chan time.Time)
	groups := make([][]*worker, len(l.Groups))
	for i, g := range l.Groups {
		for _, requests := range g.Clients {
			c, err := dial(l.Addr)
			if err != nil {
				return nil, err
			}
			defer c.Close()
			w := &worker{connection: c, requests: requests, tally: tally{Statuses: map[int]int{}}}
			groups[i] = append(groups[i], w)
			running.Go(func() {
				from := <-begin
				end := from.Add(l.For)
				for n, now := 0, from; now.Before(end) && (g.Again || n < len(w.requests)) && w.err == nil; n++ {
					var status int
					status, w.err = w.exchange(w.requests[n%len(w.requests)])
					after := time.Now()
					w.Statuses[status]++
					w.Waits = append(w.Waits, after.Sub(now))
					w.Took, now = after.Sub(from), after
				}
			})
		}
	}
	from := time.Now()
	for _, g := range groups {
		for range g {
			begin <- from
		}
	}
	running.Wait()
	tallies := make([]tally, len(groups))
	for i, g := range groups {
		t := tally{Statuses: map[int]int{}}
		for _, w := range g {
			if w.err != nil {
				return nil, w.err
			}
			for status, n := range w.Statuses {
				t.Statuses[status] += n
			}
			t.Took, t.Waits = max(t.Took, w.Took), append(t.Waits, w.Waits...)
		}
		slices.Sort(t.Waits)
		tallies[i] = t
	}
	return tallies, nil
}

// connection is a client that costs little: it sends bytes that are ready and
// reads of the answer what it must.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(addr string) (connection, error) {
	c, err := net.Dial("tcp", addr)
	return connection{c, bufio.NewReaderSize(c, 64<<10)}, err
}

var (
	lengthHeader  = []byte("Content-Length: ")
	chunkedHeader = []byte("Transfer-Encoding: chunked")
)

// exchange sends a request and reads its answer to the end: the status.
func (c connection) exchange(request []byte) (int, error) {
	if _, err := c.Write(request); err != nil {
		return 0, err
	}
	line, err := c.in.ReadSlice('\n') // HTTP/1.1 200 OK
	if err != nil || len(line) < 12 {
		return 0, fmt.Errorf("no answer: %q: %w", line, err)
	}
	status, err := strconv.Atoi(string(line[9:12]))
	if err != nil {
		return 0, err
	}
	length, chunked := 0, false
	for {
		line, err := c.in.ReadSlice('\n')
		switch {
		case err != nil:
			return 0, err
		case len(line) <= len("\r\n"):
			if chunked {
				return status, c.skipChunks()
			}
			_, err := c.in.Discard(length)
			return status, err
		case bytes.HasPrefix(line, lengthHeader):
			if length, err = strconv.Atoi(string(bytes.TrimSpace(line[len(lengthHeader):]))); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(line, chunkedHeader):
			chunked = true
		}
	}
}

func (c connection) skipChunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := c.in.Discard(int(size) + len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// getRequest is a GET by whom a login token belongs to.
func getRequest(path, token string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: localhost\r\nCookie: sid=%s\r\n\r\n", path, token)
}

// postRequest is a form sent by whom a login token belongs to.
func postRequest(path, token string, fields url.Values) []byte {
	body := fields.Encode()
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nCookie: sid=%s\r\nSec-Fetch-Site: same-origin\r\n"+
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", path, token, len(body), body)
}

func TestTheClientReadsEveryAnswerToItsEnd(t *testing.T) {
	t.Parallel()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /short", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Header.Get("Cookie")) })
	mux.HandleFunc("GET /long", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("seduta\n", 20_000)) })
	mux.HandleFunc("POST /form", func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("importo") != "50,00" {
			t.Errorf("the form says %v", r.PostForm)
		}
		http.Redirect(w, r, "/short", http.StatusSeeOther)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	requests := [][]byte{getRequest("/short", "a"), getRequest("/long", "a"),
		postRequest("/form", "a", url.Values{"importo": {"50,00"}}), getRequest("/nowhere", "a")}
	got, err := load{Addr: s.Listener.Addr().String(), For: time.Minute,
		Groups: []group{{Clients: [][][]byte{requests, requests}}, {Clients: [][][]byte{requests[:1]}}}}.make()
	if err != nil {
		t.Fatal(err)
	}
	if all := got[0].Statuses; all[200] != 4 || all[303] != 2 || all[404] != 2 || len(got[0].Waits) != 8 {
		t.Errorf("the first group saw %v", all)
	}
	if all := got[1].Statuses; all[200] != 1 || len(all) != 1 {
		t.Errorf("the second group saw %v", all)
	}
}
