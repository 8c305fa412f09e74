package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareCasePapers lists the papers of a case.
func (p *Portal) welfareCasePapers(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	page := welfare.CasePapersPage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, casePapersTab), Papers: welfarePapers(f, o.Papers)}
	if actor(r).Has(identity.Prepare) {
		page.AddURL = welfareCasePath(o.ID) + "/documenti/aggiungi"
	}
	return p.show(w, r, welfare.CasePapers(page))
}

// welfarePapers are the papers that came, of some.
func welfarePapers(f ui.Frame, papers []indemnity.Paper) (rows []welfare.PaperRow) {
	for _, d := range papers {
		if d.SentAt.IsZero() {
			continue
		}
		row := welfare.PaperRow{ID: string(d.ID), Kind: f.T("papers.kind." + string(d.Kind)), Name: d.Name, Size: fileSize(f, d.Size), Issued: paperDay(f, d.IssuedOn), Days: daysText(f, d.Covers)}
		if !d.Erased {
			row.URL, row.Show = welfarePaperPath(d), welfarePaperPath(d)+"/visore"
		}
		rows = append(rows, row)
	}
	return rows
}

// welfareNotes shows what officers wrote down about a case.
func (p *Portal) welfareNotes(w http.ResponseWriter, r *http.Request) error {
	return p.showNotes(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}}, nil)
}

func (p *Portal) showNotes(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong error) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	notes, err := p.CaseDesk.Notes(r.Context(), o.ID)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	if reason := fault.As(wrong); reason != nil {
		f.Errors = []ui.FieldError{{Field: "testo", Text: words(f, reason)}}
	}
	page := welfare.CaseNotesPage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, caseNotesTab), Form: ui.FormProps{Action: welfareCasePath(o.ID) + caseNotesTab, Key: fields.Get("idem")},
		Text:    ui.TextAreaProps{Name: "testo", Label: f.T("desk.note"), Hint: f.T("desk.note.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("testo"), Rows: 4},
		Buttons: ui.ButtonsProps{Submit: f.T("desk.note.save")}}
	for _, n := range notes {
		page.Notes = append(page.Notes, welfare.CaseNote{Author: n.Author, At: n.At, Text: n.Text})
	}
	return p.showAs(w, r, status, welfare.CaseNotes(page))
}

// welfareNote keeps a note on a case.
func (p *Portal) welfareNote(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if wrong := (textError{}); errors.As(err, &wrong) {
		return p.showNotes(w, r, http.StatusUnprocessableEntity, fields, err)
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.note", url.Values{"idem": fields["idem"], "domanda": {id}, "testo": fields["testo"]})
	if err == nil {
		err = p.CaseDesk.Write(r.Context(), actor(r), sent, indemnity.CaseID(id), fields.Get("testo"))
	}
	if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid {
		return p.showNotes(w, r, http.StatusUnprocessableEntity, fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfareCasePath(indemnity.CaseID(id))+caseNotesTab, f.T("desk.noted"), f.T("desk.noted.text"))
}

// welfareHistory shows what the register says of a case.
func (p *Portal) welfareHistory(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	looks, err := p.CaseDesk.History(r.Context(), o.CaseFile)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	page := welfare.CaseHistoryPage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, caseHistoryTab), Events: caseEvents(f, looks)}
	return p.show(w, r, welfare.CaseHistory(page))
}
