package pages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"reflect"
	"sync"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"

	"portal/internal/fault"
)

// engine is PDFium. To compile it takes seconds and happens once, when the first page is
// asked for: a portal that shows none has nothing of it in its memory.
type engine struct {
	most  Limits
	begin sync.Once
	ready chan struct{}
	pool  pdfium.Pool
	err   error
}

const growth = 64 << 10 // bytes by which the memory of WebAssembly grows

// start compiles the engine; who waits for it does no longer than they like.
func (e *engine) start(ctx context.Context) error {
	e.begin.Do(func() {
		e.ready = make(chan struct{})
		go func() {
			defer close(e.ready)
			e.pool, e.err = webassembly.Init(webassembly.Config{
				MaxTotal: -1,                   // who asks has waited for their turn
				FSConfig: wazero.NewFSConfig(), // no folder
				Stdout:   io.Discard, Stderr: io.Discard,
				RuntimeConfig: wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithMemoryLimitPages(uint32(e.most.Memory / growth)),
			})
		}()
	})
	select {
	case <-e.ready:
		return e.err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrBusy, ctx.Err())
	}
}

// opened is a page that the engine has open.
type opened struct {
	engine pdfium.Pdfium
	page   requests.Page
	pages  int // of the paper
}

// open opens a page, counted from 0, in a memory that nothing was in before, and drops
// that memory after it.
func (e *engine) open(ctx context.Context, pdf []byte, page int, look func(opened) error) error {
	x, err := e.pool.GetInstanceWithContext(ctx)
	if err != nil {
		return fmt.Errorf("memory for a page: %w", err)
	}
	defer func() { _ = x.Close() }() // one that broke off complains, and is dropped too
	if err := bind(x, ctx); err != nil {
		return err
	}
	paper, err := x.OpenDocument(&requests.OpenDocument{File: &pdf})
	if err != nil {
		return fmt.Errorf("open a PDF: %w", err)
	}
	count, err := x.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: paper.Document})
	switch {
	case err != nil:
		return fmt.Errorf("pages of a PDF: %w", err)
	case page >= count.PageCount:
		return fault.ErrNotFound
	}
	return look(opened{x, requests.Page{ByIndex: &requests.PageByIndex{Document: paper.Document, Index: page}}, count.PageCount})
}

// bind ends whatever an instance does when a context is done. The package takes no
// context with its calls: the one that it hands on to the engine is a field of what it
// calls the implementation.
func bind(x pdfium.Pdfium, ctx context.Context) error {
	field := reflect.Indirect(reflect.ValueOf(x.GetImplementation())).FieldByName("Context")
	if !field.CanSet() {
		return errors.New("the engine cannot be told when to stop")
	}
	field.Set(reflect.ValueOf(ctx))
	return nil
}

// size is how wide and high a page is, in points.
func (o opened) size() (wide, high float64, err error) {
	s, err := o.engine.GetPageSize(&requests.GetPageSize{Page: o.page})
	if err != nil {
		return 0, 0, fmt.Errorf("size of a page: %w", err)
	}
	return s.Width, s.Height, nil
}

// text is the first characters of a page, no more than so many.
func (o opened) text(most int) (string, error) {
	page, err := o.engine.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: o.page})
	if err != nil {
		return "", fmt.Errorf("text of a page: %w", err)
	}
	there, err := o.engine.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: page.TextPage})
	if err != nil || there.Count <= 0 {
		return "", err
	}
	t, err := o.engine.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: page.TextPage, Count: min(there.Count, most)})
	if err != nil {
		return "", fmt.Errorf("characters of a page: %w", err)
	}
	return t.Text, nil
}

// draw draws a page within so many pixels, with what was filled into its forms and
// written over it.
func (o opened) draw(w, h int) (*image.NRGBA, error) {
	drawn, err := o.engine.RenderPageInPixels(&requests.RenderPageInPixels{Page: o.page, Width: w, Height: h,
		RenderFlags: enums.FPDF_RENDER_FLAG_ANNOT, RenderForm: true})
	if err != nil {
		return nil, fmt.Errorf("draw a page: %w", err)
	}
	x := drawn.Result.Image // called RGBA, and its colours are not multiplied by how much they cover; it goes with the memory
	return &image.NRGBA{Pix: bytes.Clone(x.Pix), Stride: x.Stride, Rect: x.Rect}, nil
}
