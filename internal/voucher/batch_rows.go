package voucher

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// longestRow bounds what a quote that is never closed can take of memory.
const longestRow = 1 << 20

// Why a row cannot be read. After errLong and errOpen nobody knows where the
// next row begins.
var (
	errQuote = errors.New("a quote stands where none may stand (RFC 4180)")
	errOpen  = errors.New("a quoted field is never closed")
	errLong  = errors.New("is longer than a mebibyte: is a quoted field never closed?")
)

// rows reads a CSV file (RFC 4180) row by row, and keeps its bytes as they are:
// encoding/csv takes as long for the reading as the whole ranking, and changes
// line ends within quotes. A byte order mark at the beginning, CR LF as line end
// and empty lines do not matter.
type rows struct {
	from   *bufio.Reader
	comma  byte     // what stands between fields
	read   int      // lines read so far
	bytes  int64    // read so far
	line   int      // where the row begins, from 1
	fields [][]byte // of the row, until the next is read
	text   []byte   // what stands in the fields, where it had to be put together
	ends   []int    // of the fields in text
}

func newRows(r io.Reader) *rows {
	from := bufio.NewReaderSize(r, longestRow)
	if mark, _ := from.Peek(len(byteOrderMark)); string(mark) == byteOrderMark { // Peek's error comes again
		_, _ = from.Discard(len(byteOrderMark)) // it is in the buffer
	}
	return &rows{from: from, comma: ','}
}

const byteOrderMark = "\ufeff"

// next reads a row into fields. It returns io.EOF after the last one, errQuote
// for a row that the next may follow, and any other error for good.
func (r *rows) next() error {
	r.fields = r.fields[:0]
	var line []byte
	for len(withoutCR(line)) == 0 {
		var err error
		if line, err = r.nextLine(); err != nil {
			return err
		}
	}
	r.line = r.read
	if bytes.IndexByte(line, '"') >= 0 {
		return r.unquote(line)
	}
	line = withoutCR(line)
	for {
		i := bytes.IndexByte(line, r.comma)
		if i < 0 {
			break
		}
		r.fields = append(r.fields, line[:i])
		line = line[i+1:]
	}
	r.fields = append(r.fields, line)
	return nil
}

// nextLine is the next line without its LF. The last one may do without.
func (r *rows) nextLine() ([]byte, error) {
	line, err := r.from.ReadSlice('\n')
	r.bytes += int64(len(line))
	switch {
	case err == nil:
		line = line[:len(line)-1]
	case errors.Is(err, bufio.ErrBufferFull):
		r.read++
		r.line = r.read
		return nil, errLong
	case errors.Is(err, io.EOF) && len(line) > 0:
	default:
		return nil, err
	}
	r.read++
	return line, nil
}

// unquote reads a row that has quotes, of which line is the first line.
func (r *rows) unquote(line []byte) error {
	r.text, r.ends = r.text[:0], r.ends[:0]
	for more := true; more; r.ends = append(r.ends, len(r.text)) {
		inner, quoted := bytes.CutPrefix(line, []byte{'"'})
		if !quoted {
			var plain []byte
			plain, line, more = bytes.Cut(line, []byte{r.comma})
			if bytes.IndexByte(plain, '"') >= 0 {
				return errQuote
			}
			if !more {
				plain = withoutCR(plain)
			}
			r.text = append(r.text, plain...)
			continue
		}
		after, err := r.quoted(inner)
		if err != nil {
			return err
		}
		line, more = bytes.CutPrefix(after, []byte{r.comma})
		if !more && len(withoutCR(after)) > 0 {
			return errQuote
		}
	}
	start := 0
	for _, end := range r.ends {
		r.fields = append(r.fields, r.text[start:end])
		start = end
	}
	return nil
}

// quoted reads a field after the quote that opens it into text, over as many
// lines as it has, and returns what stands after the quote that closes it.
func (r *rows) quoted(line []byte) (after []byte, err error) {
	for {
		inner, after, closed := bytes.Cut(line, []byte{'"'})
		r.text = append(r.text, inner...)
		if closed {
			again, doubled := bytes.CutPrefix(after, []byte{'"'})
			if !doubled {
				return after, nil
			}
			r.text = append(r.text, '"')
			line = again
			continue
		}
		if r.text = append(r.text, '\n'); len(r.text) > longestRow {
			return nil, errLong
		}
		if line, err = r.nextLine(); errors.Is(err, io.EOF) {
			return nil, errOpen
		} else if err != nil {
			return nil, err
		}
	}
}

func withoutCR(line []byte) []byte { return bytes.TrimSuffix(line, []byte{'\r'}) }
