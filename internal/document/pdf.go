package document

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strconv"
	"strings"
)

// inspectPDF takes a PDF that begins and ends as one, opens without a password,
// has pages and does nothing by itself. It follows no reference, so a file that
// points at itself costs no more than its length; what is compressed is opened only
// to be counted and, where it holds objects, to be looked through like the rest.
func inspectPDF(b []byte, most Limits) error {
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 || len(bytes.Trim(b[end+len("%%EOF"):], "\r\n\t \x00")) > 0 || endsAsArchive(b) {
		return ErrDamaged
	}
	if !pointsToItsTable(b[:end]) {
		return ErrDamaged
	}
	s := pdfScan{left: most.Inflated}
	if err := s.read(b, true); err != nil {
		return err
	}
	switch {
	case s.encrypted:
		return ErrEncrypted
	case s.active:
		return ErrActive
	case s.pages > most.Pages:
		return ErrTooLong
	case s.pages == 0:
		return ErrDamaged
	}
	return nil
}

// endsAsArchive tells whether a file is a ZIP as well, which other programs would
// open as such: its directory ends where the file does.
func endsAsArchive(b []byte) bool {
	at := bytes.LastIndex(b, []byte("PK\x05\x06"))
	return at >= 0 && at+22 <= len(b) && at+22+int(b[at+20])+int(b[at+21])<<8 == len(b)
}

// pointsToItsTable tells whether the last lines say where the table of objects
// stands, and it stands there.
func pointsToItsTable(b []byte) bool {
	at := bytes.LastIndex(b, []byte("startxref"))
	if at < 0 {
		return false
	}
	fields := bytes.Fields(b[at+len("startxref"):])
	if len(fields) != 1 {
		return false
	}
	offset, err := strconv.Atoi(string(fields[0]))
	if err != nil || offset <= 0 || offset >= at {
		return false
	}
	table := bytes.TrimLeft(b[offset:min(offset+40, len(b))], "\r\n\t ")
	if bytes.HasPrefix(table, []byte("xref")) {
		return true
	}
	words := bytes.Fields(table)
	return len(words) > 2 && bytes.HasPrefix(words[2], []byte("obj"))
}

// activeNames are what makes a PDF more than paper: scripts, programs, files
// inside, forms that send themselves.
var activeNames = map[string]bool{
	"JavaScript": true, "JS": true, "Launch": true, "EmbeddedFile": true, "EmbeddedFiles": true, "RichMedia": true,
	"SubmitForm": true, "ImportData": true, "GoToE": true, "XFA": true, "Movie": true, "Sound": true, "Rendition": true,
}

// pdfScan is what was seen of a PDF so far.
type pdfScan struct {
	left      int64 // bytes that may still be inflated
	pages     int
	encrypted bool
	active    bool
}

// read looks through objects in plain text. Streams are in a file, and not in the
// objects that a stream holds.
func (s *pdfScan) read(b []byte, streams bool) error {
	var names []string // of the dictionary being read, for the stream that may follow
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '%':
			i = lineEnd(b, i)
		case c == '(':
			i = stringEnd(b, i)
		case c == '/':
			name, next := readName(b, i+1)
			if name == "Page" && len(names) > 0 && names[len(names)-1] == "Type" {
				s.pages++
			}
			s.encrypted = s.encrypted || name == "Encrypt"
			s.active = s.active || activeNames[name]
			names, i = append(names, name), next
		case c == 'o' && bytes.HasPrefix(b[i:], []byte("obj")):
			names, i = names[:0], i+3
		case streams && c == 's' && bytes.HasPrefix(b[i:], []byte("stream")):
			body, next := streamAt(b, i)
			if next < 0 {
				return ErrDamaged
			}
			if err := s.inflate(body, names); err != nil {
				return err
			}
			names, i = names[:0], next
		default:
			i++
		}
	}
	return nil
}

// inflate counts what a stream becomes. One that holds objects is read like the
// file; one whose objects cannot be read is refused, as nobody could say what they
// do.
func (s *pdfScan) inflate(body []byte, names []string) error {
	text := " " + strings.Join(names, " ") + " "
	objects := strings.Contains(text, " ObjStm ")
	flate := strings.Contains(text, " FlateDecode ") || strings.Contains(text, " Fl ")
	filtered := strings.Contains(text, " Filter ") || strings.Contains(text, " F ")
	switch {
	case objects && !filtered:
		return s.read(body, false)
	case objects && (!flate || strings.Count(text, "Decode ") > 1):
		return ErrTooComplex
	case !flate:
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(body))
	if err != nil {
		if objects {
			return ErrDamaged
		}
		return nil // behind another filter, or broken: a reader shows nothing of it
	}
	limited := &io.LimitedReader{R: z, N: s.left + 1}
	var inside bytes.Buffer
	into := io.Discard
	if objects {
		into = &inside
	}
	n, err := io.Copy(into, limited)
	if s.left -= n; s.left < 0 {
		return ErrTooComplex
	}
	if !objects {
		return nil
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, zlib.ErrChecksum) {
		return ErrDamaged
	}
	return s.read(inside.Bytes(), false)
}

// streamAt is the bytes of the stream whose keyword stands at i, and where it ends;
// -1 when it does not.
func streamAt(b []byte, i int) (body []byte, next int) {
	from := i + len("stream")
	if from < len(b) && b[from] == '\r' {
		from++
	}
	if from < len(b) && b[from] == '\n' {
		from++
	}
	length := bytes.Index(b[from:], []byte("endstream"))
	if length < 0 {
		return nil, -1
	}
	return b[from : from+length], from + length + len("endstream")
}

// readName is the name that begins at i, with its escapes read: #4A is a J.
func readName(b []byte, i int) (name string, next int) {
	from := i
	for i < len(b) && !strings.ContainsRune("\x00\t\n\f\r ()<>[]{}/%", rune(b[i])) {
		i++
	}
	name = string(b[from:i])
	if !strings.Contains(name, "#") {
		return name, i
	}
	var plain strings.Builder
	for j := 0; j < len(name); j++ {
		if name[j] == '#' && j+2 < len(name) {
			if v, err := strconv.ParseUint(name[j+1:j+3], 16, 8); err == nil {
				plain.WriteByte(byte(v))
				j += 2
				continue
			}
		}
		plain.WriteByte(name[j])
	}
	return plain.String(), i
}

// lineEnd is where the comment at i ends.
func lineEnd(b []byte, i int) int {
	if n := bytes.IndexAny(b[i:], "\r\n"); n >= 0 {
		return i + n
	}
	return len(b)
}

// stringEnd is where the text in parentheses at i ends. One that never does is no
// text: what follows it is read.
func stringEnd(b []byte, i int) int {
	depth := 0
	for j := i; j < len(b); j++ {
		switch b[j] {
		case '\\':
			j++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return i + 1
}
