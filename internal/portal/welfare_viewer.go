package portal

import (
	"net/http"
	"net/url"
	"slices"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareViewer shows a paper of a case on a page of its own (W-04), to read beside
// another.
func (p *Portal) welfareViewer(w http.ResponseWriter, r *http.Request) error {
	page, zoom, err := viewedAt(r.URL.Query())
	if err != nil {
		return err
	}
	o, paper, err := p.sentPaper(r)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "viewer.title")
	papers := welfareCasePath(o.ID) + casePapersTab
	f.Path = slices.Insert(f.Path, len(f.Path)-1, ui.Crumb{Text: f.T("desk.papers.tab"), URL: papers})
	base := welfarePaperPath(paper)
	shown, err := p.viewer(r, f, viewed{of: o.ID, id: paper.ID, page: page, zoom: zoom, here: base + "/visore", base: base})
	if err != nil {
		return asksWhy(w, r, base, err)
	}
	return p.show(w, r, welfare.Viewer(welfare.ViewerPage{Frame: f, Medical: paper.Kind.Medical(), Viewer: *shown}))
}

// checkViewer is the paper that the address of a check asks for, beside it, nil for none;
// and the address as it stays while the check is sent. Only its own papers are there.
func (p *Portal) checkViewer(r *http.Request, f ui.Frame, o indemnity.Opened, check indemnity.Check) (*ui.ViewerProps, string, error) {
	here, q := checkPath(o.ID, check), r.URL.Query()
	id := indemnity.PaperID(q.Get("documento"))
	if id == "" {
		return nil, here, nil
	}
	page, zoom, err := viewedAt(q)
	if err != nil {
		return nil, "", err
	}
	papers := o.PapersOf(check)
	at := slices.IndexFunc(papers, func(d indemnity.Paper) bool { return d.ID == id && !d.SentAt.IsZero() })
	if at < 0 {
		return nil, "", fault.ErrNotFound
	}
	v := viewed{of: o.ID, id: id, page: page, zoom: zoom, here: here, keep: url.Values{"documento": {string(id)}}, base: welfarePaperPath(papers[at]), beside: true}
	shown, err := p.viewer(r, f, v)
	return shown, here + "?" + v.query(page, zoom), err
}

// checkPaperRows are the papers of a check, each of which is shown beside it.
func checkPaperRows(f ui.Frame, o indemnity.Opened, check indemnity.Check) []welfare.PaperRow {
	rows := welfarePapers(f, o.PapersOf(check))
	for i := range rows {
		if rows[i].Show == "" {
			continue
		}
		rows[i].Show = checkPath(o.ID, check) + "?documento=" + rows[i].ID + "#" + ui.ViewerID
	}
	return rows
}
