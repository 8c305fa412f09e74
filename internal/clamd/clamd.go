// Package clamd asks ClamAV whether there is malware in what people hand in. It
// speaks INSTREAM of clamd(8): the paper in pieces, each behind its length, and a
// line in answer. Who cannot be asked answers nothing, and nothing is taken then.
package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"portal/internal/document"
)

// Patience is how long a scan may take.
const Patience = 30 * time.Second

// Scanner is a clamd, as a document.Scanner.
type Scanner struct {
	network, address string
	patience         time.Duration
}

// New is the clamd at host:port, or at the path of its socket.
func New(address string, patience time.Duration) Scanner {
	if strings.HasPrefix(address, "/") {
		return Scanner{"unix", address, patience}
	}
	return Scanner{"tcp", address, patience}
}

// Scan is document.ErrMalware for a paper with malware in it, and document.ErrScanner
// when clamd is silent, or says anything but that there is none.
func (s Scanner) Scan(ctx context.Context, paper io.Reader) error {
	ctx, cancel := context.WithTimeout(ctx, s.patience)
	defer cancel()
	answer, err := s.ask(ctx, paper)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", document.ErrScanner, err)
	case answer == "stream: OK":
		return nil
	case strings.HasPrefix(answer, "stream: ") && strings.HasSuffix(answer, " FOUND"):
		return fmt.Errorf("%w: %q", document.ErrMalware, answer)
	}
	return fmt.Errorf("%w: clamd says %q", document.ErrScanner, answer)
}

const (
	piece   = 64 << 10
	longest = 4 << 10 // answer
)

func (s Scanner) ask(ctx context.Context, paper io.Reader) (string, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sent := s.send(conn, paper)
	text, err := bufio.NewReader(io.LimitReader(conn, longest)).ReadString(0)
	if err != nil {
		return "", errors.Join(sent, err)
	}
	return strings.TrimSuffix(text, "\x00"), nil // even of one that did not want the rest
}

// send is the paper, in pieces, and an empty one for its end.
func (s Scanner) send(conn net.Conn, paper io.Reader) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return err
	}
	const head = 4
	b := make([]byte, head+piece)
	for {
		n, err := io.ReadFull(paper, b[head:])
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			_ = conn.Close() // half a paper must not be called clean
			return err
		}
		binary.BigEndian.PutUint32(b, uint32(n))
		if _, err := conn.Write(b[:head+n]); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
	}
}
