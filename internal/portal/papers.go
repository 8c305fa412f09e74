package portal

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"time"

	"portal/internal/audit"
	"portal/internal/document"
	"portal/internal/document/pages"
	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/spool"
	"portal/web/ui"
)

// Papers that people hand in come through here, on every page that takes one, and
// leave through here. A route that carries them says so:
//
//	r.With(p.carriesPaper()).Post(…)
//
// and its handler reads the form, in which the file comes last (ui.FileField):
//
//	fields, f, err := p.readPaper(r, "documento", nil)
//	defer f.Close()
//	if err == nil { … the service keeps f … }
//	if status, reason, refused := paperRefusal(err); refused {
//		… the form again, with paperWords(frame, reason) beside the field …
//	}
//
// The fields before the file are there whatever became of it, but for a form that
// cannot be read at all. Sending one back: p.sendPaper.

// How large a request with a paper may be, how long one may take, how many come and go
// at once, and how many of them wait in memory. What is too large for a paper and not for a request is read to its
// end, so that the browser hears why.
const (
	roomForPaper = 32 << 20
	timeForPaper = 2 * time.Minute
	papersAtOnce = mostAtOnce / 2
	heldInMemory = 4
	lookedAtOnce = 2
	drawnAtOnce  = 2
)

// errSlowFile says that a file did not arrive in time, or not whole.
var errSlowFile = fault.Invalid("file.unfinished")

// PaperLimits is how much a paper may be today: the parameters in force, within what the
// portal can take at all.
func PaperLimits(s *office.Settings) func(context.Context) document.Limits {
	return func(ctx context.Context) document.Limits {
		most, in := document.Usual, s.InForce(ctx)
		most.Bytes, most.Files, most.Together = min(most.Bytes, int64(in.FileMB)<<20), in.Files, int64(in.TogetherMB)<<20
		return most
	}
}

// paperDesk is what all papers of a portal share.
type paperDesk struct {
	once      sync.Once
	spool     *spool.Spool
	inspector *document.Inspector
	reader    *pages.Reader
	places    chan struct{}
}

func (p *Portal) papers() *paperDesk {
	p.desk.once.Do(func() {
		p.desk.spool = spool.New(document.Usual.Bytes, heldInMemory)
		p.desk.inspector = document.NewInspector(document.Usual, lookedAtOnce, p.Scanner)
		if p.desk.reader = p.Pages; p.desk.reader == nil {
			p.desk.reader = pages.NewReader(pages.Usual, drawnAtOnce)
		}
		p.desk.places = make(chan struct{}, papersAtOnce)
	})
	return &p.desk
}

// carriesPaper lets the requests of a route bring a paper or take one away. They take
// half of the places of the portal at the most, so that slow ones stop nobody else.
func (p *Portal) carriesPaper() func(http.Handler) http.Handler {
	long := p.PaperTime
	if long == 0 {
		long = timeForPaper
	}
	roomy, places := p.roomy(roomForPaper, long), p.papers().places
	return func(next http.Handler) http.Handler {
		next = roomy(next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			select {
			case places <- struct{}{}:
			case <-time.After(patience):
				p.fail(w, r, errBusy)
				return
			}
			defer func() { <-places }()
			next.ServeHTTP(w, r)
		})
	}
}

// readPaper reads a form up to its one file, which comes last, and inspects it. Keep,
// where it is not nil, is given the fields before the first byte of the file: what it
// saves outlives a connection that breaks. The file is to be closed.
func (p *Portal) readPaper(r *http.Request, field string, keep func(url.Values) error) (url.Values, document.File, error) {
	r.Body = largeReads{bufio.NewReaderSize(r.Body, readAtOnce), r.Body}
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, document.File{}, errUnreadable
	}
	fields, part, err := uploadFrom(parts, field)
	if fields != nil && keep != nil {
		if err := keep(fields); err != nil {
			return fields, document.File{}, err
		}
	}
	if err != nil {
		return fields, document.File{}, err
	}
	f, err := p.receive(r.Context(), parts, part)
	if errors.Is(err, document.ErrMalware) {
		p.Log.LogAttrs(r.Context(), slog.LevelWarn, "malware was handed in, and not kept",
			slog.String("id", audit.Request(r.Context())), slog.String("error", err.Error()))
	}
	return fields, f, err
}

// largeReads is a body that is read in larger pieces than package multipart asks for.
type largeReads struct {
	*bufio.Reader
	io.Closer
}

const readAtOnce = 64 << 10

// receive takes the last part of a form to where it waits, and inspects it.
func (p *Portal) receive(ctx context.Context, parts *multipart.Reader, part *multipart.Part) (f document.File, err error) {
	sent, err := p.papers().spool.File()
	if err != nil {
		return f, err
	}
	defer func() {
		if err != nil {
			_ = sent.Close() // it has no name and nothing in it is wanted
		}
	}()
	_, err = io.Copy(sent, part)
	if errors.Is(err, spool.ErrFull) {
		if _, err = io.Copy(io.Discard, part); err == nil {
			err = document.ErrTooBig
		}
	}
	if err != nil {
		return f, brokenFile(err)
	}
	switch _, err := parts.NextPart(); {
	case err == nil:
		return f, errTwice
	case !errors.Is(err, io.EOF):
		return f, brokenFile(err)
	}
	if err := sent.Written(); err != nil {
		return f, err
	}
	if sent.Size() > PaperLimits(p.Settings)(ctx).Bytes {
		return f, document.ErrTooBig
	}
	return p.papers().inspector.Inspect(ctx, part.FileName(), sent)
}

// brokenFile is why a file could not be read to its end.
func brokenFile(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.Is(err, document.ErrTooBig), errors.As(err, &large):
		return document.ErrTooBig
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errSlowFile
	case errors.As(err, new(*os.PathError)):
		return err // the disk is ours
	}
	return errUnreadable
}

// paperRefusal tells with which status and reason the form of a paper is shown again;
// not refused, an error is somebody else's to answer.
func paperRefusal(err error) (status int, reason *fault.Reason, refused bool) {
	switch reason = fault.As(err); {
	case reason == nil:
		return 0, nil, false
	case reason == document.ErrTooBig:
		return http.StatusRequestEntityTooLarge, reason, true
	case reason == document.ErrScanner:
		return http.StatusServiceUnavailable, reason, true
	case reason == errSlowFile:
		return http.StatusRequestTimeout, reason, true
	case reason.Kind == fault.KindInvalid:
		return http.StatusUnprocessableEntity, reason, true
	}
	return 0, nil, false
}

// paperWords are what is wrong with a paper, and how to mend it.
func (p *Portal) paperWords(r *http.Request, f ui.Frame, reason *fault.Reason) string {
	most := PaperLimits(p.Settings)(r.Context())
	return words(f, reason, "MB", int(most.Bytes>>20), "Files", most.Files, "Pages", most.Pages)
}

// paperHint is which papers are taken.
func (p *Portal) paperHint(r *http.Request, f ui.Frame) string {
	most := PaperLimits(p.Settings)(r.Context())
	return f.T("document.hint", "MB", int(most.Bytes>>20), "Files", most.Files)
}

// fileSize is a length as people say it.
func fileSize(f ui.Frame, n int64) string {
	if n < 1<<20 {
		return f.T("document.kilobytes", "N", strconv.FormatInt(max(n>>10, 1), 10))
	}
	return f.T("document.megabytes", "N", strconv.FormatInt(n>>20, 10)+","+strconv.FormatInt(n%(1<<20)*10>>20, 10))
}

// fileKind is what a file is, and its size: "PDF, 120 kB".
func fileKind(f ui.Frame, t document.Type, n int64) string {
	return f.T("document.kind", "Format", formats[t], "Size", fileSize(f, n))
}

// formats are the types of files by the names that people know.
var formats = map[document.Type]string{document.PDF: "PDF", document.JPEG: "JPG", document.PNG: "PNG"}

// sendPaper sends a paper as a file to keep, never to be shown or run by the browser,
// and whole, whatever part of it was asked for. That it is opened was written down
// before.
func (p *Portal) sendPaper(w http.ResponseWriter, r *http.Request, name string, t document.Type, size int64, content io.Reader) error {
	h := w.Header()
	h.Set("Content-Type", string(t))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Security-Policy", p.contentPolicy()+"; sandbox")
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Accept-Ranges", "none")
	if r.Method == http.MethodHead {
		return nil
	}
	if n, err := io.Copy(w, content); err != nil || n != size {
		p.Log.LogAttrs(r.Context(), slog.LevelInfo, "paper cut short", slog.String("id", audit.Request(r.Context())), slog.Int64("sent", n), slog.Any("error", err))
		panic(http.ErrAbortHandler) // half a paper must not look like a whole one
	}
	return nil
}
