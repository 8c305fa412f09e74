// Package document judges the papers that people hand in, by their content and
// never by their name: which they are, whether they are whole, whether they can be
// read without doing anything else. It draws no pages and trusts no length.
//
//	document.go  the types that are taken, the limits, the reasons, File
//	inspect.go   Inspector: what a file is, and why it cannot be taken
//	pdf.go       a PDF that opens without a password and does nothing by itself
//	image.go     photographs and scans, without what the camera knew
//	seal.go      Keys: how papers are kept
//
// A paper passes through in a stream: it waits where it was received (Content),
// is inspected in memory that the Inspector has once, and is read again, sealed,
// by whoever keeps it. No part of the way holds it whole but the inspection.
package document

import (
	"bytes"
	"crypto/sha256"
	"io"
	"time"

	"portal/internal/fault"
)

// Type is what a file was found to be, as a media type.
type Type string

// The types that are taken; the database knows the same words.
const (
	PDF  Type = "application/pdf"
	JPEG Type = "image/jpeg"
	PNG  Type = "image/png"
)

// Accept is the types that are taken, as the field of a form asks for them. Phones
// offer the camera for it, and those that photograph in HEIC hand over a JPEG.
const Accept = ".pdf,.jpg,.jpeg,.png,application/pdf,image/jpeg,image/png"

// endings are how the names of files of a type may end, the usual one first.
var endings = map[Type][]string{PDF: {".pdf"}, JPEG: {".jpg", ".jpeg"}, PNG: {".png"}}

// Limits is how much a paper may be. They are guards of the portal, not rules of
// the law.
type Limits struct {
	Bytes    int64         // of one file
	Pages    int           // of one PDF
	Pixels   int           // of one image
	Inflated int64         // what all that is compressed in a PDF may become
	Time     time.Duration // that the inspection of one may take
	Files    int           // for one thing
	Together int64         // bytes of all of them
}

// Usual is the limits of every paper that people hand in, and what the portal was measured
// with: its parameters may make a file smaller, never larger.
var Usual = Limits{Bytes: 10 << 20, Pages: 200, Pixels: 60_000_000, Inflated: 100 << 20, Time: 10 * time.Second, Files: 20, Together: 60 << 20}

// Why a file cannot be taken.
var (
	ErrTooBig      = fault.Invalid("document.too_big")
	ErrType        = fault.Invalid("document.type")
	ErrHEIC        = fault.Invalid("document.heic")    // a photograph that only its own phone can show
	ErrSigned      = fault.Invalid("document.signed")  // a paper within a signature: .p7m
	ErrDamaged     = fault.Invalid("document.damaged") // or empty
	ErrEncrypted   = fault.Invalid("document.encrypted")
	ErrActive      = fault.Invalid("document.active")
	ErrTooLong     = fault.Invalid("document.too_long")
	ErrTooComplex  = fault.Invalid("document.too_complex")
	ErrImageTooBig = fault.Invalid("document.image_too_big")
	ErrTooMany     = fault.Invalid("document.too_many")
	ErrMalware     = fault.Invalid("document.malware")
	ErrErased      = fault.Refuse("document.erased")       // its time was over
	ErrScanner     = fault.Unavailable("document.scanner") // nobody can say whether there is any
)

// Content is what somebody sent, wherever it waits while it is looked at. One that
// is an io.Closer too is closed with its File.
type Content interface {
	io.ReaderAt
	Size() int64
}

// File is a paper that was inspected, as it is to be kept.
type File struct {
	Name   string // to show, and never a path
	Type   Type
	Size   int64 // bytes; an image has lost its metadata
	Pages  int   // 1 for an image
	Digest [sha256.Size]byte

	sent  Content
	parts parts
}

// Reader reads the paper from its beginning. It may be called again, until Close.
func (f File) Reader() io.Reader {
	readers := make([]io.Reader, len(f.parts))
	for i, p := range f.parts {
		if readers[i] = io.NewSectionReader(f.sent, p.from, p.until-p.from); p.own != nil {
			readers[i] = bytes.NewReader(p.own)
		}
	}
	return io.MultiReader(readers...)
}

// Close lets go of what was sent. A File that was never inspected has nothing to.
func (f File) Close() error {
	if c, ok := f.sent.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// parts are what is kept of a file: stretches of what was sent, in their order, and
// a few bytes that stand for others.
type parts []part

type part struct {
	from, until int64
	own         []byte
}

// mostParts is in how many parts a file may fall.
const mostParts = 4096

func (p *parts) keep(from, until int) {
	if n := len(*p); n > 0 && (*p)[n-1].own == nil && (*p)[n-1].until == int64(from) {
		(*p)[n-1].until = int64(until)
		return
	}
	if from < until {
		*p = append(*p, part{from: int64(from), until: int64(until)})
	}
}

func (p *parts) put(own []byte) { *p = append(*p, part{own: own}) }

// sum is the length and the digest of the parts of a file that lies in memory.
func (p parts) sum(b []byte) (size int64, digest [sha256.Size]byte) {
	h := sha256.New()
	for _, x := range p {
		text := b[x.from:x.until]
		if x.own != nil {
			text = x.own
		}
		size += int64(len(text))
		h.Write(text)
	}
	h.Sum(digest[:0])
	return size, digest
}
