// Package document judges the papers that people hand in, by their content and
// never by their name: which they are, whether they are whole, whether they can be
// read without doing anything else. It draws no pages and trusts no length.
//
//	document.go  Inspect: what a file is, and why it cannot be taken
//	pdf.go       a PDF that opens without a password and does nothing by itself
//	image.go     photographs and scans, without what the camera knew
//	seal.go      Keys: how papers are kept
package document

import (
	"crypto/sha256"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

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

// endings are how the names of files of a type may end, the usual one first.
var endings = map[Type][]string{PDF: {".pdf"}, JPEG: {".jpg", ".jpeg"}, PNG: {".png"}}

// Limits is how much a paper may be. They are guards of the portal, not rules of
// the law.
type Limits struct {
	Bytes    int64 // of one file
	Pages    int   // of one PDF
	Pixels   int   // of one image
	Inflated int64 // what all that is compressed in a PDF may become
	Files    int   // for one thing
	Together int64 // bytes of all of them
}

// Usual is the limits of every paper that people hand in.
var Usual = Limits{Bytes: 10 << 20, Pages: 200, Pixels: 60_000_000, Inflated: 100 << 20, Files: 20, Together: 60 << 20}

// Why a file cannot be taken.
var (
	ErrTooBig      = fault.Invalid("document.too_big")
	ErrType        = fault.Invalid("document.type")
	ErrDamaged     = fault.Invalid("document.damaged") // or empty
	ErrEncrypted   = fault.Invalid("document.encrypted")
	ErrActive      = fault.Invalid("document.active")
	ErrTooLong     = fault.Invalid("document.too_long")
	ErrTooComplex  = fault.Invalid("document.too_complex")
	ErrImageTooBig = fault.Invalid("document.image_too_big")
	ErrTooMany     = fault.Invalid("document.too_many")
)

// File is a paper that was inspected.
type File struct {
	Name    string // to show, and never a path
	Type    Type
	Content []byte // as it is kept: an image is without its metadata
	Digest  [sha256.Size]byte
}

// Inspect tells what a file is and takes it, or says why not. Name is what its
// owner called it.
func Inspect(name string, content []byte, most Limits) (File, error) {
	if int64(len(content)) > most.Bytes {
		return File{}, ErrTooBig
	}
	f := File{Content: content}
	var err error
	switch has := func(magic string) bool { return strings.HasPrefix(string(content[:min(len(content), 16)]), magic) }; {
	case len(content) == 0:
		err = ErrDamaged
	case has("%PDF-"):
		f.Type, err = PDF, inspectPDF(content, most)
	case has("\xff\xd8\xff"):
		f.Type = JPEG
		f.Content, err = cleanJPEG(content, most)
	case has("\x89PNG\r\n\x1a\n"):
		f.Type = PNG
		f.Content, err = cleanPNG(content, most)
	default:
		err = ErrType
	}
	if err != nil {
		return File{}, err
	}
	f.Name, f.Digest = cleanName(name, f.Type), sha256.Sum256(f.Content)
	return f, nil
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
