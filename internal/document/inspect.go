package document

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Scanner looks for malware in what people hand in.
type Scanner interface {
	// Scan reads a paper to its end. It is ErrMalware where there is some in it, and
	// ErrScanner where nobody can say.
	Scan(ctx context.Context, paper io.Reader) error
}

// Inspector inspects papers, a few at a time: however many come at once, they take
// the memory of those few.
type Inspector struct {
	most    Limits
	scanner Scanner
	buffers chan []byte
}

// NewInspector takes so many at once, within limits. Without a Scanner, nil, nobody
// looks for malware.
func NewInspector(most Limits, atOnce int, scanner Scanner) *Inspector {
	i := &Inspector{most, scanner, make(chan []byte, atOnce)}
	for range atOnce {
		i.buffers <- nil
	}
	return i
}

// Inspect tells what somebody sent and takes it, or says why not. Name is what its
// owner called it. The File reads from what was sent, which stays open for it.
func (i *Inspector) Inspect(ctx context.Context, name string, sent Content) (File, error) {
	f, err := i.look(ctx, sent)
	if err != nil {
		return File{}, err
	}
	f.Name, f.sent = cleanName(name, f.Type), sent
	if i.scanner == nil {
		return f, nil
	}
	if err := i.scanner.Scan(ctx, f.Reader()); err != nil {
		return File{}, err
	}
	return f, nil
}

// look waits for its turn, and inspects.
func (i *Inspector) look(ctx context.Context, sent Content) (File, error) {
	size := sent.Size()
	if size > i.most.Bytes {
		return File{}, ErrTooBig
	}
	var buffer []byte
	select {
	case buffer = <-i.buffers:
	case <-ctx.Done():
		return File{}, fmt.Errorf("inspect a document: %w", ctx.Err())
	}
	defer func() { i.buffers <- buffer }()
	if int64(cap(buffer)) < size {
		buffer = make([]byte, size)
	}
	content := buffer[:size]
	if n, err := sent.ReadAt(content, 0); int64(n) < size {
		return File{}, fmt.Errorf("inspect a document: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, i.most.Time)
	defer cancel()
	f, err := inspect(within, content, i.most)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		err = ErrTooComplex
	}
	return f, err
}

// inspect tells what a file is that lies in memory.
func inspect(ctx context.Context, b []byte, most Limits) (f File, err error) {
	f.Pages = 1
	switch has := func(magic string) bool { return bytes.HasPrefix(b, []byte(magic)) }; {
	case len(b) == 0:
		err = ErrDamaged
	case has("%PDF-"):
		f.Type = PDF
		f.Pages, err = inspectPDF(ctx, b, most)
		f.parts.keep(0, len(b))
	case has("\xff\xd8\xff"):
		f.Type = JPEG
		f.parts, err = cleanJPEG(b, most)
	case has("\x89PNG\r\n\x1a\n"):
		f.Type = PNG
		f.parts, err = cleanPNG(b, most)
	case isHEIC(b):
		err = ErrHEIC
	case isSigned(b):
		err = ErrSigned
	default:
		err = ErrType
	}
	if err == nil && len(f.parts) > mostParts {
		err = ErrTooComplex
	}
	if err != nil {
		return File{}, err
	}
	f.Size, f.Digest = f.parts.sum(b)
	return f, nil
}

// isHEIC tells a photograph as some phones take it: the box at the beginning names
// its kinds, four letters each (ISO/IEC 23008-12, and AVIF of the same family).
func isHEIC(b []byte) bool {
	if len(b) < 12 || string(b[4:8]) != "ftyp" {
		return false
	}
	for at := 8; at+4 <= min(len(b), 64); at += 4 {
		switch string(b[at : at+4]) {
		case "heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif":
			return true
		}
	}
	return false
}

// isSigned tells a paper within a signature (CAdES, .p7m): its first bytes name
// signedData, 1.2.840.113549.1.7.2. It comes in letters too.
func isSigned(b []byte) bool {
	b = b[:min(len(b), 64)]
	if bytes.HasPrefix(b, []byte("-----BEGIN PKCS7")) || bytes.HasPrefix(b, []byte("-----BEGIN CMS")) {
		return true
	}
	text := bytes.Join(bytes.Fields(b), nil)
	if der, err := base64.StdEncoding.DecodeString(string(text[:len(text)/4*4])); err == nil {
		b = der
	}
	return bytes.HasPrefix(b, []byte("0")) && bytes.Contains(b, []byte("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"))
}

const longestName = 80 // runes of a name, with its ending

// cleanName is a name that can be shown and offered for saving: no folders, no
// control or direction characters, not too long, with an ending that is true.
func cleanName(name string, t Type) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune(`"<>|:*?/`, r) {
			return -1
		}
		return r
	}, name)
	ending := strings.ToLower(path.Ext(name))
	name = strings.TrimSpace(strings.Trim(strings.TrimSuffix(name, path.Ext(name)), ". "))
	if name == "" {
		name = "documento"
	}
	usual := endings[t][0]
	for _, e := range endings[t] {
		if ending == e {
			usual = e
		}
	}
	for utf8.RuneCountInString(name)+len(usual) > longestName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	return name + usual
}
