package clamd_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"portal/internal/clamd"
	"portal/internal/document"
)

// eicar is in two parts, so that nobody's scanner objects to this file.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// serve is a clamd that knows one piece of malware and takes a megabyte; got tells
// what it was sent.
func serve(t *testing.T, network, address string) (at string, got chan []byte) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got = make(chan []byte, 10)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go answer(conn, got)
		}
	}()
	return l.Addr().String(), got
}

func answer(conn net.Conn, got chan []byte) {
	defer conn.Close()
	r := bufio.NewReader(conn)
	if command, err := r.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		_, _ = io.WriteString(conn, "UNKNOWN COMMAND\x00")
		return
	}
	var paper bytes.Buffer
	for {
		var n uint32
		if binary.Read(r, binary.BigEndian, &n) != nil {
			return
		}
		if n == 0 {
			break
		}
		if paper.Len()+int(n) > 1<<20 {
			_, _ = io.WriteString(conn, "INSTREAM size limit exceeded. ERROR\x00")
			return
		}
		if _, err := io.CopyN(&paper, r, int64(n)); err != nil {
			return
		}
	}
	got <- paper.Bytes()
	if strings.Contains(paper.String(), eicar) {
		_, _ = io.WriteString(conn, "stream: Eicar-Test-Signature FOUND\x00")
		return
	}
	_, _ = io.WriteString(conn, "stream: OK\x00")
}

func TestClamdIsAskedAboutTheWholePaper(t *testing.T) {
	t.Parallel()
	for network, address := range map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "clamd.sock")} {
		at, got := serve(t, network, address)
		s := clamd.New(at, 5*time.Second)
		for _, paper := range []string{"", "%PDF-1.7", strings.Repeat("certificato ", 50_000)} {
			if err := s.Scan(t.Context(), iotest.OneByteReader(strings.NewReader(paper))); err != nil {
				t.Errorf("%s, %d bytes: %v", network, len(paper), err)
			}
			if b := <-got; string(b) != paper {
				t.Errorf("%s: %d bytes arrive of %d", network, len(b), len(paper))
			}
		}
		if err := s.Scan(t.Context(), strings.NewReader("%PDF "+eicar)); !errors.Is(err, document.ErrMalware) {
			t.Errorf("%s: malware is %v", network, err)
		}
		<-got
	}
}

func TestWhoCannotAnswerLetsNothingThrough(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, "tcp", "127.0.0.1:0")
	if err := clamd.New(at, 5*time.Second).Scan(t.Context(), bytes.NewReader(make([]byte, 3<<20))); !errors.Is(err, document.ErrScanner) {
		t.Errorf("a paper too large for clamd: %v", err)
	}
	stopped := errors.New("the paper cannot be read")
	if err := clamd.New(at, 5*time.Second).Scan(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(stopped))); !errors.Is(err, document.ErrScanner) || !errors.Is(err, stopped) {
		t.Errorf("half a paper: %v", err)
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := clamd.New(silent.Addr().String(), 100*time.Millisecond).Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, document.ErrScanner) {
		t.Errorf("a clamd that says nothing: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it is waited for %v", took)
	}
	_ = silent.Close()
	if err := clamd.New(silent.Addr().String(), time.Second).Scan(t.Context(), strings.NewReader("x")); !errors.Is(err, document.ErrScanner) {
		t.Errorf("no clamd: %v", err)
	}
}
