package portal

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/document"
	"portal/internal/document/pages"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/ui"
)

// zooms are how large the page of a paper is shown, in hundredths of the width of its
// place; drawnWidth is how many pixels wide it is drawn for the first, 120 to an inch of A4.
var zooms = []int{100, 150, 200}

const drawnWidth = 1000

// textPatience is how long a page of the portal waits for the text of a page of a paper,
// and for what reads it, before it is shown without.
const textPatience = 5 * time.Second

// viewed is a paper as it is shown: which page of it, how large, and where.
type viewed struct {
	of     indemnity.CaseID
	id     indemnity.PaperID
	page   int
	zoom   int
	here   string     // the page that shows it
	keep   url.Values // what stays in its address when a page is turned
	base   string     // the paper itself
	beside bool       // there is work beside it, from which it can be put away
	own    bool       // who looks has just brought it: what it says is not read out
	kept   bool       // who looks may not take it away

	open func(context.Context) (indemnity.Paper, io.Reader, error) // the file; nil: as for who works on the case
}

// viewedAt reads which page of a paper is asked for, and how large.
func viewedAt(q url.Values) (page, zoom int, err error) {
	page, zoom = 1, zooms[0]
	if s := q.Get("pagina"); s != "" {
		if page, err = strconv.Atoi(s); err != nil || page < 1 {
			return 0, 0, fault.ErrNotFound
		}
	}
	if s := q.Get("zoom"); s != "" {
		if zoom, err = strconv.Atoi(s); err != nil || !slices.Contains(zooms, zoom) {
			return 0, 0, fault.ErrNotFound
		}
	}
	return page, zoom, nil
}

// address is where another page of the paper is shown, or the same one as large.
func (v viewed) address(page, zoom int) string {
	return v.here + "?" + v.query(page, zoom) + "#" + ui.ViewerID
}

func (v viewed) query(page, zoom int) string {
	q := url.Values{}
	for name, value := range v.keep {
		q[name] = value
	}
	q.Set("pagina", strconv.Itoa(page))
	q.Set("zoom", strconv.Itoa(zoom))
	return q.Encode()
}

// viewer is a page of a paper to show. That the paper was opened is written down, once
// for all the pages that are turned.
func (p *Portal) viewer(r *http.Request, f ui.Frame, v viewed) (*ui.ViewerProps, error) {
	open := v.open
	if open == nil {
		open = func(ctx context.Context) (indemnity.Paper, io.Reader, error) {
			return p.Papers.Look(ctx, actor(r), v.of, v.id)
		}
	}
	paper, content, err := open(r.Context())
	if err != nil {
		return nil, err
	}
	kind := kindName(f, paper.Kind)
	x := &ui.ViewerProps{Kind: kind, File: paper.Name, Size: fileKind(f, paper.Type, paper.Size), Zoom: v.zoom,
		Image:    v.base + "/pagine/" + strconv.Itoa(v.page) + "?zoom=" + strconv.Itoa(v.zoom),
		Download: ui.Link{Text: f.T("viewer.download.of", "Name", paper.Name), URL: v.base}}
	if v.kept {
		x.Download.URL = ""
	}
	all := 1
	switch {
	case paper.Type == document.PDF && v.own:
		all = paper.Pages
		x.Alt = f.T("viewer.alt", "Page", v.page, "Pages", all, "Kind", kind)
	case v.own:
		x.Alt = f.T("viewer.alt.picture", "Kind", kind)
	case paper.Type == document.PDF:
		all, err = p.readText(r.Context(), f, x, paper, content, v.page)
		x.Alt = f.T("viewer.alt", "Page", v.page, "Pages", all, "Kind", kind)
	default:
		x.Alt, x.NoText = f.T("viewer.alt.picture", "Kind", kind), f.T("viewer.text.picture")
	}
	if err == nil && v.page > all {
		err = fault.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	x.Position = f.T("viewer.position", "Page", v.page, "Pages", all)
	if v.page > 1 {
		x.Previous = &ui.Link{Text: f.T("viewer.previous"), URL: v.address(v.page-1, v.zoom)}
	}
	if v.page < all {
		x.Next = &ui.Link{Text: f.T("viewer.next"), URL: v.address(v.page+1, v.zoom)}
	}
	if at := slices.Index(zooms, v.zoom); at > 0 {
		x.Smaller = &ui.Link{Text: f.T("viewer.smaller", "Zoom", zooms[at-1]), URL: v.address(v.page, zooms[at-1])}
	}
	if at := slices.Index(zooms, v.zoom); at+1 < len(zooms) {
		x.Larger = &ui.Link{Text: f.T("viewer.larger", "Zoom", zooms[at+1]), URL: v.address(v.page, zooms[at+1])}
	}
	if v.beside {
		x.Beside = &ui.Link{Text: f.T("viewer.beside"), URL: v.base + "/visore?" + viewed{}.query(v.page, v.zoom)}
		x.Closing = &ui.Link{Text: f.T("viewer.close"), URL: v.here}
	}
	return x, nil
}

// readText adds what a page of a PDF says, and tells of how many it is one. Where nobody
// can read it, or not now, the page says so: the paper may still be downloaded.
func (p *Portal) readText(ctx context.Context, f ui.Frame, x *ui.ViewerProps, paper indemnity.Paper, content io.Reader, page int) (all int, err error) {
	pdf, err := whole(paper, content)
	if err != nil {
		return 0, err
	}
	within, cancel := context.WithTimeout(ctx, textPatience)
	defer cancel()
	said, err := p.papers().reader.Text(within, pdf, page)
	switch {
	case err == nil:
		x.Text, x.NoText = said.Lines, f.T("viewer.text.none")
		return said.Pages, nil
	case errors.Is(err, pages.ErrUnreadable), errors.Is(err, pages.ErrTooHard):
		x.Image, x.NoText = "", words(f, fault.As(err))
	case errors.Is(err, pages.ErrBusy):
		x.NoText = f.T("viewer.text.unknown")
	default:
		return 0, err
	}
	return paper.Pages, nil
}

// whole is the file of a paper.
func whole(paper indemnity.Paper, content io.Reader) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, paper.Size+bytes.MinRead))
	_, err := b.ReadFrom(content)
	return b.Bytes(), err
}

// paperPage sends a page of a paper as an image, to who may open the paper.
func (p *Portal) paperPage(w http.ResponseWriter, r *http.Request) error {
	of, err := idParam(r, "id")
	if err != nil {
		return err
	}
	id, err := idParam(r, "documento")
	if err != nil {
		return err
	}
	page, zoom, err := viewedAt(url.Values{"pagina": {chi.URLParam(r, "pagina")}, "zoom": r.URL.Query()["zoom"]})
	if err != nil {
		return err
	}
	paper, content, err := p.Papers.Look(r.Context(), actor(r), indemnity.CaseID(of), indemnity.PaperID(id))
	if err != nil {
		return err
	}
	return p.sendDrawn(w, r, paper, content, page, zoom)
}

// sendDrawn sends a page of a paper as an image.
func (p *Portal) sendDrawn(w http.ResponseWriter, r *http.Request, paper indemnity.Paper, content io.Reader, page, zoom int) error {
	file, err := whole(paper, content)
	if err != nil {
		return err
	}
	kind := paper.Type
	switch {
	case kind == document.PDF:
		drawn, err := p.papers().reader.Draw(r.Context(), file, page, drawnWidth*zoom/100)
		if err != nil {
			return err
		}
		kind, file = drawn.Type, drawn.Content
	case page > 1:
		return fault.ErrNotFound
	}
	h := w.Header()
	h.Set("Content-Type", string(kind))
	h.Set("Content-Disposition", "inline")
	h.Set("Content-Security-Policy", p.contentPolicy()+"; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(file)))
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = w.Write(file)
	return err
}
