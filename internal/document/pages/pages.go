// Package pages shows the pages of a PDF that somebody handed in: as images, and as the
// text in them. The reader is PDFium, compiled to WebAssembly: it has no files, no
// network and no clock, its memory has an end, and what a hostile paper makes of it is
// gone with the page. Each page is read in a memory of its own, so that none sees another.
//
//	pages.go   Reader: a page of a paper, within limits
//	pdfium.go  the engine, made when the first page is asked for
//	image.go   how a page becomes a file
package pages

import (
	"context"
	"fmt"
	"image"
	"math"
	"strings"
	"time"
	"unicode"

	"portal/internal/document"
	"portal/internal/fault"
)

// Why a page cannot be shown.
var (
	ErrUnreadable = fault.Refuse("pages.unreadable") // the reader makes nothing of it
	ErrTooHard    = fault.Refuse("pages.too_hard")   // within the limits
	ErrBusy       = fault.Unavailable("pages.busy")  // others are being read
)

// Limits is how much one page may cost.
type Limits struct {
	Memory int64         // bytes that the engine may take
	Pixels int           // of the image
	Text   int           // characters of it
	Time   time.Duration // of the engine, once it has its turn
}

// Usual is the limits of every page.
var Usual = Limits{Memory: 256 << 20, Pixels: 12_000_000, Text: 50_000, Time: 5 * time.Second}

// Narrowest and Widest are the widths in pixels that a page is drawn in.
const (
	Narrowest = 200
	Widest    = 2400
)

// Reader reads pages. What it needs is made with the first page.
type Reader struct {
	most   Limits
	engine engine
	turn   chan struct{} // of the engine
	images chan struct{} // that are made
}

// NewReader reads pages within limits. So many images are made at once: while the engine
// draws one, the others become files.
func NewReader(most Limits, images int) *Reader {
	return &Reader{most: most, engine: engine{most: most}, turn: make(chan struct{}, 1), images: make(chan struct{}, images)}
}

// Text is what a page of a PDF says, and of how many pages it is one.
type Text struct {
	Pages int
	Lines []string // in the order of the paper; none for a page that is only a picture
}

// Image is a page as a file.
type Image struct {
	Type          document.Type
	Content       []byte
	Width, Height int // pixels
}

// Text reads a page of a PDF, counted from 1; fault.ErrNotFound past its end.
func (r *Reader) Text(ctx context.Context, pdf []byte, page int) (t Text, err error) {
	err = r.open(ctx, pdf, page, func(x opened) error {
		t.Pages = x.pages
		said, err := x.text(r.most.Text)
		t.Lines = lines(said)
		return err
	})
	return t, err
}

// Draw draws a page of a PDF, counted from 1, so many pixels wide; less where the page is
// so long that it would be too many. fault.ErrNotFound past its end.
func (r *Reader) Draw(ctx context.Context, pdf []byte, page, width int) (drawn Image, err error) {
	if err := wait(ctx, r.images); err != nil {
		return Image{}, err
	}
	defer func() { <-r.images }()
	var m *image.NRGBA
	err = r.open(ctx, pdf, page, func(x opened) error {
		wide, high, err := x.size()
		if err != nil {
			return err
		}
		w, h := fit(wide, high, min(max(width, Narrowest), Widest), r.most.Pixels)
		m, err = x.draw(w, h)
		return err
	})
	if err != nil {
		return Image{}, err
	}
	return encode(m)
}

// wait takes a place, unless whoever waits goes away.
func wait(ctx context.Context, places chan<- struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}

// open waits for the engine and its turn, and opens a page for as long as it is needed.
// Pages are read one at a time: what WebAssembly calls back for PDFium is looked up by a
// name that wazero writes down at the first call, for all memories of an engine and without
// a lock.
func (r *Reader) open(ctx context.Context, pdf []byte, page int, look func(opened) error) error {
	if page < 1 {
		return fault.ErrNotFound
	}
	if err := r.engine.start(ctx); err != nil {
		return err
	}
	if err := wait(ctx, r.turn); err != nil {
		return err
	}
	defer func() { <-r.turn }()
	within, cancel := context.WithTimeout(ctx, r.most.Time)
	defer cancel()
	err := r.engine.open(within, pdf, page-1, look)
	switch {
	case err == nil, fault.As(err) != nil:
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %s", ErrBusy, firstLine(err))
	case within.Err() != nil:
		return fmt.Errorf("%w: %s", ErrTooHard, firstLine(err))
	}
	return fmt.Errorf("%w: %s", ErrUnreadable, firstLine(err))
}

// firstLine is what went wrong, without the stack of the engine, which says nothing.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// fit is how large a page is drawn that is so wide and high, in any measure: as wide as
// asked for, and not of more pixels than may be. A page without a size is a square.
func fit(wide, high float64, width, pixels int) (w, h int) {
	if !(wide > 0 && high > 0) || math.IsInf(wide, 0) || math.IsInf(high, 0) {
		wide, high = 1, 1
	}
	scale := min(float64(width)/wide, math.Sqrt(float64(pixels)/wide/high))
	side := func(of float64) int { return min(max(int(of*scale), 1), pixels) }
	w, h = side(wide), side(high)
	return min(w, pixels/h), h
}

// lines are the lines of a text that can be read, without what is no character.
func lines(text string) (all []string) {
	kept := strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', unicode.IsPrint(r) && !unicode.Is(unicode.Bidi_Control, r):
			return r
		case unicode.IsSpace(r) && r != '\r':
			return ' '
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
	for line := range strings.SplitSeq(kept, "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			all = append(all, line)
		}
	}
	return all
}
