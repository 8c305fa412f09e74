package document

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
	"strconv"
	"strings"
)

// inspectPDF takes a PDF that begins and ends as one, opens without a password,
// has pages and does nothing by itself, and counts them. It follows no reference,
// so a file that points at itself costs no more than its length; what is compressed
// is opened only to be counted and, where it holds objects, to be looked through
// like the rest. A reader goes by the table of objects and would find one anywhere:
// so an object that stands where none may, in a text, a comment or a stream, is a
// reason to refuse.
func inspectPDF(ctx context.Context, b []byte, most Limits) (pages int, err error) {
	end := bytes.LastIndex(b, []byte("%%EOF"))
	if end < 0 || len(bytes.Trim(b[end+len("%%EOF"):], "\r\n\t \x00")) > 0 || endsAsArchive(b) {
		return 0, ErrDamaged
	}
	if !pointsToItsTable(b[:end]) {
		return 0, ErrDamaged
	}
	s := pdfScan{ctx: ctx, left: most.Inflated}
	if err := s.read(b); err != nil {
		return 0, err
	}
	switch {
	case s.encrypted:
		return 0, ErrEncrypted
	case s.active:
		return 0, ErrActive
	case s.pages > most.Pages:
		return 0, ErrTooLong
	case s.pages == 0:
		return 0, ErrDamaged
	}
	return s.pages, nil
}

// endsAsArchive tells whether a file is a ZIP as well, which other programs would
// open as such: its directory ends where the file does.
func endsAsArchive(b []byte) bool {
	b = b[max(len(b)-22-1<<16, 0):] // its end is 22 bytes and a comment
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
// inside, forms that send themselves. An empty list of files inside, as some writers
// leave, is none.
var activeNames = map[string]bool{
	"JavaScript": true, "JS": true, "Launch": true, "EmbeddedFile": true, "EF": true, "RichMedia": true,
	"SubmitForm": true, "ImportData": true, "GoToE": true, "XFA": true, "Movie": true, "Sound": true, "Rendition": true,
}

// pdfScan is what was seen of a PDF so far.
type pdfScan struct {
	ctx       context.Context
	left      int64 // bytes that may still be inflated
	pages     int
	encrypted bool
	active    bool

	flate  io.ReadCloser // used again for each stream
	inside bytes.Buffer
}

// dictionary is what was seen of the object being read, for the stream that may
// follow.
type dictionary struct {
	last                     string
	holds, first, n          bool // objects, by its type or by what only they have
	filtered, flate, another bool // how it is compressed
}

func (d *dictionary) see(name string) {
	switch d.last = name; name {
	case "ObjStm":
		d.holds = true
	case "First":
		d.first = true
	case "N":
		d.n = true
	case "Filter", "F":
		d.filtered = true
	case "FlateDecode", "Fl":
		d.another = d.another || d.flate
		d.flate = true
	case "ASCIIHexDecode", "ASCII85Decode", "LZWDecode", "RunLengthDecode", "CCITTFaxDecode", "JBIG2Decode", "DCTDecode", "JPXDecode", "Crypt",
		"AHx", "A85", "LZW", "RL", "CCF", "DCT":
		d.another = true
	}
}

// note judges a name that follows another.
func (s *pdfScan) note(before, name string) {
	if name == "Page" && before == "Type" {
		s.pages++
	}
	s.encrypted = s.encrypted || name == "Encrypt"
	s.active = s.active || activeNames[name]
}

// read looks through a file.
func (s *pdfScan) read(b []byte) error {
	var d dictionary
	for i := 0; i < len(b); {
		var next int
		switch c := b[i]; {
		case c == '%':
			next = lineEnd(b, i)
		case c == '(':
			if next = stringEnd(b, i); next < 0 {
				return ErrDamaged
			}
		case c == '/':
			var name string
			name, next = readName(b, i+1)
			s.note(d.last, name)
			d.see(name)
			i = next
			continue
		case c == 'o' && bytes.HasPrefix(b[i:], []byte("obj")):
			d, i = dictionary{}, i+3
			continue
		case c == 's' && bytes.HasPrefix(b[i:], []byte("stream")):
			var body []byte
			if body, next = streamAt(b, i); next < 0 {
				return ErrDamaged
			}
			if err := s.inflate(body, d); err != nil {
				return err
			}
			d = dictionary{}
		default:
			i++
			continue
		}
		if hasObject(b[i:next]) {
			return ErrTooComplex
		}
		i = next
	}
	return nil
}

// readObjects looks through what a stream of objects holds. They are found by their
// distance from its beginning: what looks like a text may be one.
func (s *pdfScan) readObjects(b []byte) {
	last := ""
	for i := bytes.IndexByte(b, '/'); i >= 0 && i < len(b); {
		var name string
		name, i = readName(b, i+1)
		s.note(last, name)
		last = name
		n := bytes.IndexByte(b[i:], '/')
		if n < 0 {
			return
		}
		i += n
	}
}

// hasObject tells whether something stands in b that a table could point to: a
// number, another, and the word obj.
func hasObject(b []byte) bool {
	for from := 0; ; {
		n := bytes.Index(b[from:], []byte("obj"))
		if n < 0 {
			return false
		}
		generation := cutSpace(b[:from+n])
		space := bytes.TrimRight(generation, digits)
		number := cutSpace(space)
		if len(space) < len(generation) && len(number) < len(space) && len(bytes.TrimRight(number, digits)) < len(number) {
			return true
		}
		from += n + len("obj")
	}
}

const digits = "0123456789"

// cutSpace takes white space and short comments off the end of b.
func cutSpace(b []byte) []byte {
	for {
		text := bytes.TrimRight(b, "\x00\t\n\f\r ")
		tail := text[max(len(text)-128, 0):]
		comment := bytes.LastIndexByte(tail, '%')
		if comment < 0 || !bytes.ContainsAny(b[len(text):], "\r\n") || bytes.ContainsAny(tail[comment:], "\r\n") {
			return text
		}
		b = text[:len(text)-len(tail)+comment]
	}
}

// mostObjects is what the objects of one stream may become. Writers put a hundred
// or two into each.
const mostObjects = 8 << 20

// inflate counts what a stream becomes. One that holds objects is read like the
// file; one whose objects cannot be read is refused, as nobody could say what they
// do.
func (s *pdfScan) inflate(body []byte, d dictionary) error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	objects := d.holds || d.first && d.n
	switch {
	case objects && !d.filtered:
		s.readObjects(body)
		return nil
	case objects && (!d.flate || d.another):
		return ErrTooComplex
	case !d.flate:
		return nil
	}
	if err := s.open(body); err != nil {
		if objects {
			return ErrDamaged
		}
		return nil // behind another filter, or broken: a reader shows nothing of it
	}
	if !objects {
		return s.count(io.Discard, s.left)
	}
	s.inside.Reset()
	if err := s.count(&s.inside, min(s.left, mostObjects)); err != nil {
		return err
	}
	s.readObjects(s.inside.Bytes())
	return nil
}

// open begins to inflate.
func (s *pdfScan) open(body []byte) (err error) {
	if again, ok := s.flate.(zlib.Resetter); ok {
		return again.Reset(bytes.NewReader(body), nil)
	}
	s.flate, err = zlib.NewReader(bytes.NewReader(body))
	return err
}

// count inflates as far as a limit. What is broken further on ends there, as it does
// for a reader.
func (s *pdfScan) count(into io.Writer, most int64) error {
	for most >= 0 {
		n, err := io.CopyN(into, s.flate, min(1<<20, most+1))
		s.left -= n
		most -= n
		if err != nil {
			break
		}
		if err := s.ctx.Err(); err != nil {
			return err
		}
	}
	if most < 0 {
		return ErrTooComplex
	}
	return nil
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

// stringEnd is where the text in parentheses at i ends, -1 when it never does.
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
	return -1
}
