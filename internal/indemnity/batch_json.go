package indemnity

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"portal/internal/batch"
)

const (
	jsonWindow  = 64 << 10 // what is looked at of a file at a time
	longestText = 64 << 10 // bounds what a quote that is never closed takes of memory
	deepest     = 64       // bounds what brackets that are never closed take
	mostName    = 40       // shown of a name that a file made up
)

const byteOrderMark = "\ufeff"

// jsonReader pulls the values of a file of JSON (RFC 8259) one after the other and keeps
// none of them: encoding/json takes several times as long, and tells a flaw by its byte
// and not by its path. After a flaw of the JSON itself nothing more is read.
type jsonReader struct {
	from    io.Reader
	window  []byte // read and not yet looked at, from at to end
	at, end int
	line    int
	text    []byte // of a string that could not be left where it stood
	name    []byte // of the field at hand
	path    []step
	flaws   batch.Flaws
	offset  int64 // of the end of the window in the file
	failure error // of the reading; io.EOF once all is read
	broken  bool  // the JSON is: every value that is still asked for is empty
}

// step is one step of the path to a value: a field, or an element by its place.
type step struct {
	name  string
	place int
}

func newJSONReader(file string, r io.Reader) *jsonReader {
	p := &jsonReader{from: r, window: make([]byte, jsonWindow), line: 1, flaws: batch.Flaws{File: file}}
	for p.end < len(byteOrderMark) && p.fill() {
	}
	if bytes.HasPrefix(p.window[:p.end], []byte(byteOrderMark)) {
		p.at = len(byteOrderMark)
	}
	return p
}

// fill reads on behind what has not been looked at yet.
func (p *jsonReader) fill() bool {
	if p.failure != nil {
		return false
	}
	p.end = copy(p.window, p.window[p.at:p.end])
	p.at = 0
	n, err := p.from.Read(p.window[p.end:])
	for n == 0 && err == nil {
		n, err = p.from.Read(p.window[p.end:])
	}
	p.end += n
	p.offset += int64(n)
	p.failure = err
	return n > 0
}

// peek is the next byte that is no space, 0 at the end.
func (p *jsonReader) peek() byte {
	for {
		for p.at < p.end {
			switch c := p.window[p.at]; c {
			case '\n':
				p.line++
				p.at++
			case ' ', '\t', '\r':
				p.at++
			case 0:
				return 0xFF // no end, and as little the beginning of a value
			default:
				return c
			}
		}
		if p.broken || !p.fill() {
			return 0
		}
	}
}

// take takes the next byte if it is this one.
func (p *jsonReader) take(c byte) bool {
	if p.broken || p.peek() != c {
		return false
	}
	p.at++
	return true
}

// next is the byte that follows, spaces included.
func (p *jsonReader) next() (byte, bool) {
	if p.at == p.end && !p.fill() {
		return 0, false
	}
	p.at++
	return p.window[p.at-1], true
}

// breaks notes what is wrong with the JSON itself, and ends the reading.
func (p *jsonReader) breaks(what string) {
	if p.broken {
		return
	}
	p.broken = true
	if p.failure == nil || errors.Is(p.failure, io.EOF) {
		p.wrong(fmt.Sprintf("line %d: %s", p.line, what))
	}
}

// wrong notes a flaw of the value that the path leads to.
func (p *jsonReader) wrong(what string) {
	var field []byte
	for _, s := range p.path {
		switch {
		case s.name == "":
			field = append(strconv.AppendInt(append(field, '['), int64(s.place), 10), ']')
		case len(field) > 0:
			field = append(append(field, '.'), s.name...)
		default:
			field = append(field, s.name...)
		}
	}
	if len(field) == 0 {
		field = []byte("file")
	}
	p.flaws.Add(0, string(field), what)
}

// within does something a step further down the path.
func (p *jsonReader) within(s step, read func()) {
	p.path = append(p.path, s)
	read()
	p.path = p.path[:len(p.path)-1]
}

// list reads every element of a list.
func (p *jsonReader) list(read func(place int)) {
	if !p.take('[') {
		p.not("a list: […]")
		return
	}
	if p.take(']') {
		return
	}
	for place := 0; ; place++ {
		p.within(step{place: place}, func() { read(place) })
		if p.take(']') || p.broken {
			return
		}
		if !p.take(',') {
			p.breaks("a comma or the end of a list is missing")
			return
		}
	}
}

// members reads every field of an object; the name is good until the value is read.
func (p *jsonReader) members(read func(name []byte)) bool {
	if !p.take('{') {
		p.not("an object: {…}")
		return false
	}
	if p.take('}') {
		return true
	}
	for {
		if p.peek() != '"' {
			p.breaks("the name of a field is missing")
			return false
		}
		name, ok := p.quoted()
		if !ok {
			return false
		}
		p.name = append(p.name[:0], name...) // what was quoted moves with the next look
		if !p.take(':') {
			p.breaks("a colon is missing")
			return false
		}
		read(p.name)
		if p.take('}') {
			return true
		}
		if p.broken || !p.take(',') {
			p.breaks("a comma or the end of an object is missing")
			return false
		}
	}
}

// not passes over a value that is not what is wanted, and says so.
func (p *jsonReader) not(wanted string) {
	if p.broken {
		return
	}
	what := "is not " + wanted
	if p.peek() == 'n' {
		what = "is null"
	}
	p.skip(0)
	if !p.broken {
		p.wrong(what)
	}
}

// skip passes over any value.
func (p *jsonReader) skip(depth int) {
	if depth > deepest {
		p.breaks("is nested too deeply")
		return
	}
	switch c := p.peek(); c {
	case '{':
		p.members(func([]byte) { p.skip(depth + 1) })
	case '[':
		p.list(func(int) { p.skip(depth + 1) })
	case '"':
		p.quoted()
	case 't', 'f', 'n':
		p.word()
	default:
		p.number()
	}
}

// word reads true, false or null.
func (p *jsonReader) word() string {
	for _, word := range []string{"true", "false", "null"} {
		if p.peek() != word[0] {
			continue
		}
		for i := range len(word) {
			if c, ok := p.next(); !ok || c != word[i] {
				p.breaks("is none of true, false and null")
				return ""
			}
		}
		return word
	}
	return ""
}

// null reads a null if it is the next value.
func (p *jsonReader) null() bool { return p.peek() == 'n' && p.word() == "null" }

// number reads a number as it is written.
func (p *jsonReader) number() string {
	p.peek()
	p.text = p.text[:0]
	for len(p.text) < longestText && (p.at < p.end || p.fill()) && bytes.IndexByte([]byte("+-.0123456789Ee"), p.window[p.at]) >= 0 {
		p.text = append(p.text, p.window[p.at])
		p.at++
	}
	if !isNumber(p.text) {
		p.breaks("a value is missing or wrong")
		return ""
	}
	return string(p.text)
}

// isNumber tells whether a text is a number of JSON.
func isNumber(text []byte) bool {
	digits := func() bool {
		n := 0
		for n < len(text) && '0' <= text[n] && text[n] <= '9' {
			n++
		}
		text = text[n:]
		return n > 0
	}
	text = bytes.TrimPrefix(text, []byte{'-'})
	if rest, zero := bytes.CutPrefix(text, []byte{'0'}); zero {
		text = rest
	} else if !digits() {
		return false
	}
	if rest, point := bytes.CutPrefix(text, []byte{'.'}); point {
		if text = rest; !digits() {
			return false
		}
	}
	if len(text) > 0 && (text[0] == 'e' || text[0] == 'E') {
		text = text[1:]
		if len(text) > 0 && (text[0] == '+' || text[0] == '-') {
			text = text[1:]
		}
		return digits() && len(text) == 0
	}
	return len(text) == 0
}

// quoted reads a string, which is good until the next value is looked at.
func (p *jsonReader) quoted() (text []byte, ok bool) {
	p.take('"')
	plain := p.window[p.at:p.end]
	for i, c := range plain {
		if c == '"' {
			p.at += i + 1
			return plain[:i], true
		}
		if c == '\\' || c < ' ' || c >= utf8.RuneSelf {
			break
		}
	}
	p.text = p.text[:0]
	for {
		c, more := p.next()
		switch {
		case !more:
			p.breaks("a string is never closed")
		case len(p.text) > longestText:
			p.breaks("a string is too long: is it never closed?")
		case c < ' ':
			p.breaks("a string has a control character in it: is it never closed?")
		case c == '\\':
			p.escape()
		case c != '"':
			p.text = append(p.text, c)
			continue
		case !utf8.Valid(p.text):
			p.breaks("is not UTF-8")
		default:
			return p.text, true
		}
		if p.broken {
			return nil, false
		}
	}
}

// escape reads what follows a backslash.
func (p *jsonReader) escape() {
	const wrong = "a backslash stands before what it cannot escape"
	c, _ := p.next()
	if i := bytes.IndexByte([]byte(`"\/bfnrt`), c); i >= 0 && c != 0 {
		p.text = append(p.text, "\"\\/\b\f\n\r\t"[i])
		return
	}
	if c != 'u' {
		p.breaks(wrong)
		return
	}
	r, ok := p.hex()
	if ok && utf16.IsSurrogate(r) { // an emoji is written as two halves
		a, _ := p.next()
		b, _ := p.next()
		var low rune
		if low, ok = p.hex(); a != '\\' || b != 'u' {
			ok = false
		}
		r = utf16.DecodeRune(r, low)
		ok = ok && r != utf8.RuneError
	}
	if !ok {
		p.breaks(wrong)
		return
	}
	p.text = utf8.AppendRune(p.text, r)
}

// hex reads the four digits of an escaped rune.
func (p *jsonReader) hex() (r rune, ok bool) {
	for range 4 {
		c, _ := p.next()
		n, err := strconv.ParseUint(string(rune(c)), 16, 8)
		if err != nil {
			return 0, false
		}
		r = r<<4 | rune(n)
	}
	return r, true
}

// finish wants nothing to follow, and returns why the file cannot be taken.
func (p *jsonReader) finish() error {
	if !p.broken && p.peek() != 0 {
		p.path = p.path[:0]
		p.breaks("something follows the end")
	}
	if p.failure != nil && !errors.Is(p.failure, io.EOF) {
		return fmt.Errorf("%s: %w", p.flaws.File, p.failure)
	}
	return p.flaws.Err()
}
