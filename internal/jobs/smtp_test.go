package jobs_test

import (
	"bufio"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// sink is an SMTP server that keeps what it is given.
type sink struct {
	testing.TB
	Address string
	mu      sync.Mutex
	refuse  string // its answer to a recipient, "" takes them
	mails   []letter
}

// letter is an e-mail as it arrived.
type letter struct {
	to, raw     string
	subject, id string
	text        string
}

// newSink listens on an address, "" for a free one.
func newSink(t testing.TB, address string) *sink {
	t.Helper()
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{TB: t, Address: l.Addr().String()}
	var talks sync.WaitGroup
	talks.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talks.Go(func() { s.talk(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); talks.Wait() })
	return s
}

// talk is one conversation (RFC 5321), as far as a sender of one mail goes.
func (s *sink) talk(conn net.Conn) {
	defer conn.Close()
	in := textproto.NewReader(bufio.NewReader(conn))
	say := func(line string) { fmt.Fprintf(conn, "%s\r\n", line) }
	say("220 sink")
	var to string
	for {
		line, err := in.ReadLine()
		if err != nil {
			return
		}
		switch verb := strings.ToUpper(line); {
		case strings.HasPrefix(verb, "EHLO"):
			say("250 sink")
		case strings.HasPrefix(verb, "RCPT TO:"):
			_, to, _ = strings.Cut(line, "<")
			to, _, _ = strings.Cut(to, ">")
			if answer := s.answer(); answer != "" {
				say(strings.ReplaceAll(answer, "{to}", to))
				continue
			}
			say("250 ok")
		case verb == "DATA":
			say("354 go on")
			raw, err := in.ReadDotBytes()
			if err != nil {
				return
			}
			s.take(to, string(raw))
			say("250 taken")
		case verb == "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *sink) answer() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refuse
}

// refuses sets the answer to every recipient, in which {to} is their address.
func (s *sink) refuses(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = answer
}

func (s *sink) take(to, raw string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := open(raw)
	if err != nil {
		s.Error(err)
	}
	l.to = to
	s.mails = append(s.mails, l)
}

// taken is what arrived so far.
func (s *sink) taken() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.mails...)
}

// takenFor is what arrived for a persona.
func (s *sink) takenFor(hint string) (theirs []letter) {
	for _, l := range s.taken() {
		if l.to == hint+"@example.org" {
			theirs = append(theirs, l)
		}
	}
	return theirs
}

// open reads an e-mail as a person's program does.
func open(raw string) (letter, error) {
	l := letter{raw: raw}
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		return l, err
	}
	l.id = m.Header.Get("Message-Id")
	if l.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		return l, err
	}
	body := m.Body
	if m.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	l.text = strings.ReplaceAll(string(text), "\r\n", "\n")
	return l, err
}
