package portal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/go-chi/chi/v5"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// disclosure is what an auditor wants to see, for which the form asks why.
type disclosure struct {
	file  auditor.File
	entry ui.Entry // it, covered
	title string
	path  string // where the form is
	back  string
}

// auditDatum is the datum in the address.
func (p *Portal) auditDatum(r *http.Request) (x disclosure, d auditor.Datum, err error) {
	if x.file, err = p.auditOpened(r); err != nil {
		return x, d, err
	}
	if d, err = x.file.Datum(chi.URLParam(r, "dato")); err != nil {
		return x, d, err
	}
	var f ui.Frame
	x.entry, x.title, x.path, x.back = datumEntry(f, d), f.T("files.show.title"), datumPath(x.file.ID, d), auditFilePath(x.file.ID)
	return x, d, nil
}

// auditDatumAsk asks why somebody wants to see a covered datum.
func (p *Portal) auditDatumAsk(w http.ResponseWriter, r *http.Request) error {
	x, _, err := p.auditDatum(r)
	if err != nil {
		return err
	}
	return p.askReason(w, r, http.StatusOK, x, url.Values{}, nil)
}

func (p *Portal) askReason(w http.ResponseWriter, r *http.Request, status int, x disclosure, fields url.Values, refused error) error {
	f := p.fileFrame(r, x.file, x.title)
	switch reason := fault.As(refused); {
	case reason == nil:
	case reason == auditor.ErrNoGround:
		f.Errors = []ui.FieldError{{Field: "tipo", Text: words(f, reason)}}
	default:
		f.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, reason)}}
	}
	page := oversight.DatumAskPage{Frame: f, Facts: []ui.Entry{x.entry}, Form: ui.FormProps{Action: x.path, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("files.show.submit"), Cancel: &ui.Link{Text: f.T("files.show.leave"), URL: x.back}}}
	page.Ground, page.Reason = reasonFields(f, fields)
	return p.showAs(w, r, status, oversight.DatumAsk(page))
}

// reasonGiven reads the form of a reason, and tells of which sending it is.
func reasonGiven(r *http.Request, what string) (fields url.Values, why audit.Reason, sent once.Form, err error) {
	if fields, err = form(r); err != nil {
		return fields, why, sent, err
	}
	why = audit.Reason{Ground: audit.Ground(fields.Get("tipo")), Text: fields.Get("motivo")}
	sent, err = sending(r, "oversight.show", url.Values{"idem": fields["idem"], "dato": {what}, "tipo": fields["tipo"], "motivo": fields["motivo"]})
	return fields, why, sent, err
}

// unshown answers a form that shows nothing: it is asked again, with what was typed.
func (p *Portal) unshown(w http.ResponseWriter, r *http.Request, x disclosure, fields url.Values, err error) error {
	reason := fault.As(err)
	bad := textError{}
	if errors.As(err, &bad) || reason != nil && (reason.Kind == fault.KindInvalid || reason == auditor.ErrShownBefore) && !errors.Is(err, once.ErrNoKey) {
		return p.askReason(w, r, statuses[reason.Kind], x, fields, err)
	}
	return err
}

// auditDatumShow shows a covered datum, this once, on the page that answers the form: no
// address leads to it.
func (p *Portal) auditDatumShow(w http.ResponseWriter, r *http.Request) error {
	x, d, err := p.auditDatum(r)
	if err != nil {
		return err
	}
	fields, why, sent, err := reasonGiven(r, x.path)
	says := ""
	if err == nil {
		d, says, err = p.Files.Show(r.Context(), actor(r), sent, x.file.ID, d.Key(), why)
	}
	if err != nil {
		return p.unshown(w, r, x, fields, err)
	}
	f := p.fileFrame(r, x.file, ui.Frame{}.T("files.shown.title"))
	return p.show(w, r, oversight.Datum(oversight.DatumPage{Frame: f, Name: x.entry.Name, Lines: shownLines(d.Kind, says),
		Facts: []ui.Entry{{Name: f.T("files.ground"), Value: f.T("files.ground." + string(why.Ground))}, {Name: f.T("files.reason"), Value: why.Text}},
		Back:  ui.Link{Text: f.T("files.back"), URL: x.back}}))
}

// auditPaperOf is the paper in the address, with its case.
func (p *Portal) auditPaperOf(r *http.Request) (x disclosure, paper indemnity.Paper, err error) {
	id, err := idParam(r, "documento")
	if err != nil {
		return x, paper, err
	}
	if x.file, err = p.auditOpened(r); err != nil {
		return x, paper, err
	}
	if paper, err = x.file.Paper(indemnity.PaperID(id)); err != nil {
		return x, paper, err
	}
	var f ui.Frame
	x.back = auditFilePath(x.file.ID) + "/documenti"
	x.entry, x.title, x.path = ui.Entry{Name: f.T("papers.kind"), Value: kindName(f, paper.Kind)}, f.T("files.paper.title"), x.back+"/"+id
	return x, paper, nil
}

// auditPaper shows a paper of a case to who has said why, and asks everybody else.
func (p *Portal) auditPaper(w http.ResponseWriter, r *http.Request) error {
	x, paper, err := p.auditPaperOf(r)
	if err != nil {
		return err
	}
	may, err := p.Files.MayLook(r.Context(), actor(r), x.file.ID, paper.ID)
	if err != nil {
		return err
	}
	if !may {
		return p.askReason(w, r, http.StatusOK, x, url.Values{}, nil)
	}
	page, zoom, err := viewedAt(r.URL.Query())
	if err != nil {
		return err
	}
	f := p.fileFrame(r, x.file, ui.Frame{}.T("viewer.title"))
	shown, err := p.viewer(r, f, viewed{of: indemnity.CaseID(x.file.ID), id: paper.ID, page: page, zoom: zoom, here: x.path, base: x.path, kept: true,
		open: func(ctx context.Context) (indemnity.Paper, io.Reader, error) {
			return p.Files.Look(ctx, actor(r), x.file.ID, paper.ID)
		}})
	if err != nil {
		return err
	}
	return p.show(w, r, oversight.FilePaper(oversight.FilePaperPage{Frame: f, Viewer: *shown, Back: ui.Link{Text: f.T("files.back"), URL: x.back}}))
}

// auditPaperShow keeps why an auditor looks at a paper, and shows it.
func (p *Portal) auditPaperShow(w http.ResponseWriter, r *http.Request) error {
	x, paper, err := p.auditPaperOf(r)
	if err != nil {
		return err
	}
	fields, why, sent, err := reasonGiven(r, x.path)
	if err == nil {
		err = p.Files.ShowPaper(r.Context(), actor(r), sent, x.file.ID, paper.ID, why)
	}
	if err != nil {
		return p.unshown(w, r, x, fields, err)
	}
	return goTo(w, r, x.path, nil)
}

// auditPaperPage sends a page of a paper as an image, to who has said why.
func (p *Portal) auditPaperPage(w http.ResponseWriter, r *http.Request) error {
	file, err := idParam(r, "id")
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
	paper, content, err := p.Files.Look(r.Context(), actor(r), file, indemnity.PaperID(id))
	if err != nil {
		return err
	}
	return p.sendDrawn(w, r, paper, content, page, zoom)
}
