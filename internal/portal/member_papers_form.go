package portal

import (
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"

	"github.com/go-chi/chi/v5"

	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// fileField is the name of the file in the forms of papers.
const fileField = "documento"

// digestText is a digest in groups of eight, as people compare it.
func digestText(digest [32]byte) string {
	text, groups := hex.EncodeToString(digest[:]), ""
	for i := 0; i < len(text); i += 8 {
		if i > 0 {
			groups += " "
		}
		groups += text[i : i+8]
	}
	return groups
}

// memberPaperForm asks for a certificate: a new one, or one that is there (M-06).
func (p *Portal) memberPaperForm(w http.ResponseWriter, r *http.Request) error {
	s, gone, err := p.paperStep(w, r, indemnity.PartCertificates)
	if gone || err != nil {
		return err
	}
	var paper indemnity.Paper
	if chi.URLParam(r, "documento") != "" {
		if paper, err = p.medicalPaper(r, &s); err != nil {
			return err
		}
	}
	return p.showPaperForm(w, r, s, paper)
}

// medicalPaper is the certificate in the address.
func (p *Portal) medicalPaper(r *http.Request, s *memberStep) (indemnity.Paper, error) {
	paper, err := p.memberPaper(r, s)
	if err == nil && !paper.Kind.Medical() {
		err = fault.ErrNotFound
	}
	return paper, err
}

// showPaperForm shows the form of a paper that is there, or of a new one.
func (p *Portal) showPaperForm(w http.ResponseWriter, r *http.Request, s memberStep, paper indemnity.Paper) error {
	page := member.CertificatePage{Part: p.partPage(r, s)}
	f, list, cause := page.Frame, certificatesPath(s.draft.ID), s.draft.Answers.Cause
	page.Title, page.Form = f.T("papers.new.title"), ui.FormProps{Action: list + "/aggiungi", Key: once.NewKey(), Upload: true}
	page.Submit = f.T("papers.upload")
	if paper.ID != "" {
		page.Title, page.Form.Action, page.Submit = kindName(f, paper.Kind), paperPath(paper), f.T("papers.save")
	}
	page.Back = &ui.Link{Text: f.T("papers.back.certificati"), URL: list}
	page.Path[len(page.Path)-1].URL = list
	page.Path = append(page.Path, ui.Crumb{Text: page.Title})
	page.Lead = f.T("papers.new.lead")
	kinds := cause.MedicalKinds()
	kept := paper.Kind
	if kept == "" && !slices.ContainsFunc(s.draft.Papers, func(p indemnity.Paper) bool { return p.Kind == kinds[0] }) {
		kept = kinds[0]
	}
	page.Kind = ui.ChoiceProps{Name: "tipo", Legend: f.T("papers.new.kind"), Chosen: []string{s.typed("tipo", string(kept))}}
	for _, kind := range kinds {
		page.Kind.Options = append(page.Kind.Options, ui.Option{Value: string(kind), Label: f.T("papers.option." + string(kind)), Hint: f.T("papers.option." + string(kind) + ".hint")})
	}
	page.Issued = s.day(f, "data", "papers.issued", paper.IssuedOn)
	page.From, page.To = s.day(f, "primo", "papers.new.from", paper.Covers.From), s.day(f, "ultimo", "papers.new.to", paper.Covers.To)
	page.From.Hint, page.To.Hint = f.T("papers.new.from.hint"), f.T("papers.new.to.hint")
	if cause == indemnity.Cycles {
		page.From.Optional, page.To.Optional = true, true
		page.From.Hint, page.To.Hint = f.T("papers.new.stays"), ""
	}
	page.Upload = p.uploadOf(r, f, paper, "papers.new.file")
	page.Cancel = ui.Link{Text: f.T("papers.new.cancel"), URL: list}
	page.Example = paper.ID == "" && s.fields == nil && cause != indemnity.Interrupted
	return p.showAs(w, r, s.status, member.Certificate(page))
}

// uploadOf is the field of the file of a paper.
func (p *Portal) uploadOf(r *http.Request, f ui.Frame, paper indemnity.Paper, label string) member.Upload {
	u := member.Upload{Label: f.T(label), Hint: p.paperHint(r, f), Camera: f.T("papers.camera"), Formats: f.T("papers.formats")}
	if paper.Attachment != "" {
		u.Has, u.Label = paper.Name, f.T("papers.file.other")
	}
	return u
}

// memberPaperSent keeps a certificate: what it is first, then its file. Whatever becomes
// of the file, what was typed is there.
func (p *Portal) memberPaperSent(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.paperStep(w, r, indemnity.PartCertificates)
	if err != nil {
		return err
	}
	var kept indemnity.Paper
	if chi.URLParam(r, "documento") != "" {
		if kept, err = p.medicalPaper(r, &s); err != nil {
			return err
		}
	}
	return p.takePaper(w, r, s, kept, p.showPaperForm, func(fields url.Values) (indemnity.Paper, []ui.FieldError) {
		paper, flaws := readCertificate(fields)
		paper.ID, paper.Case = kept.ID, s.draft.ID
		return paper, flaws
	})
}

// readCertificate reads what is said of a certificate.
func readCertificate(fields url.Values) (paper indemnity.Paper, wrong []ui.FieldError) {
	var f ui.Frame
	paper.Kind = indemnity.PaperKind(fields.Get("tipo"))
	if !paper.Kind.Medical() {
		wrong = append(wrong, ui.FieldError{Field: "tipo", Text: words(f, indemnity.ErrPaperKind)})
	}
	paper.IssuedOn, wrong = readDay(f, fields, "data", wrong)
	paper.Covers.From, wrong = readDay(f, fields, "primo", wrong)
	paper.Covers.To, wrong = readDay(f, fields, "ultimo", wrong)
	return paper, withMissing(wrong, paper.Missing(), paperFields)
}

// paperFields are the fields that the reasons about a paper belong to.
var paperFields = map[*fault.Reason]string{
	indemnity.ErrPaperKind: "tipo", indemnity.ErrIssuedMissing: "data", indemnity.ErrIssuedToCome: "data", indemnity.ErrFirstMissing: "primo",
	indemnity.ErrLastMissing: "ultimo", indemnity.ErrDaysReversed: "ultimo", document.ErrTooMany: fileField,
}

// takePaper reads the form of a paper, with the fields that read understands: they are
// kept before the first byte of the file. What cannot be taken is shown again.
func (p *Portal) takePaper(w http.ResponseWriter, r *http.Request, s memberStep, kept indemnity.Paper,
	show func(http.ResponseWriter, *http.Request, memberStep, indemnity.Paper) error, read func(url.Values) (indemnity.Paper, []ui.FieldError)) error {
	fresh := kept.ID == ""
	var refused error
	fields, f, err := p.readPaper(r, fileField, func(fields url.Values) error {
		// The file is read to its end whatever comes of this: then the browser listens.
		s.fields = fields
		kept, refused = p.notePaper(r, &s, kept, read)
		return nil
	})
	defer f.Close()
	if fields == nil && err != nil {
		if status, reason, again := paperRefusal(err); again {
			s.status, s.flaws = status, []ui.FieldError{{Field: fileField, Text: p.paperWords(r, ui.Frame{}, reason)}}
			return show(w, r, s, kept)
		}
		return err
	}
	if refused != nil {
		return refused
	}
	if len(s.flaws) > 0 {
		if s.status = http.StatusUnprocessableEntity; err == nil && s.flaws[0].Field != fileField {
			s.flaws = append(s.flaws, ui.FieldError{Field: fileField, Text: ui.Frame{}.T("papers.file.again")})
		}
		return show(w, r, s, kept)
	}
	if err == errNoFile && kept.Attachment != "" {
		part, _ := partOf(kept)
		return goTo(w, r, partPath(s.draft.ID, part), nil)
	}
	id := kept.ID
	if err == nil {
		id, err = p.handPaper(r, fields, kept, fresh, f)
	}
	if status, reason, again := paperRefusal(err); again {
		s.status, s.flaws, s.fields = status, []ui.FieldError{{Field: fileField, Text: p.paperWords(r, ui.Frame{}, reason)}}, nil
		return show(w, r, s, kept)
	}
	if err != nil {
		return err
	}
	return goTo(w, r, legiblePath(s.draft.ID, id), nil)
}

// notePaper keeps what is said of a paper. What is wrong with it is left in the step; a
// refusal of the whole comes back.
func (p *Portal) notePaper(r *http.Request, s *memberStep, kept indemnity.Paper, read func(url.Values) (indemnity.Paper, []ui.FieldError)) (indemnity.Paper, error) {
	paper, flaws := read(s.fields)
	if s.flaws = flaws; len(flaws) > 0 {
		return kept, nil
	}
	err := p.keepPaper(r, s.fields, kept, &paper)
	if reason := fault.As(err); reason != nil && paperFields[reason] != "" {
		s.flaws = []ui.FieldError{{Field: paperFields[reason], Text: p.paperWords(r, ui.Frame{}, reason)}}
		return kept, nil
	}
	if err != nil {
		return kept, err
	}
	paper.Attachment, paper.Name = kept.Attachment, kept.Name
	return paper, nil
}

func (p *Portal) keepPaper(r *http.Request, fields url.Values, kept indemnity.Paper, paper *indemnity.Paper) error {
	if kept.ID != "" {
		if paper.ID = kept.ID; paper.Kind == kept.Kind && paper.IssuedOn == kept.IssuedOn && paper.Covers == kept.Covers {
			return nil
		}
		sent, err := sending(r, "indemnity.paper_amend", fields)
		if err != nil {
			return err
		}
		return p.Papers.Amend(r.Context(), actor(r), sent, *paper)
	}
	sent, err := sending(r, "indemnity.paper", url.Values{"idem": fields["idem"]})
	if err != nil {
		return err
	}
	paper.ID, err = p.Papers.Note(r.Context(), actor(r), sent, *paper)
	return err
}

// handPaper keeps the file of a paper: of one that was just noted, or in the place of the
// file that it had.
func (p *Portal) handPaper(r *http.Request, fields url.Values, paper indemnity.Paper, fresh bool, f document.File) (indemnity.PaperID, error) {
	sent, err := sending(r, "indemnity.paper_file", url.Values{"idem": fields["idem"], "contenuto": {hex.EncodeToString(f.Digest[:])}})
	switch {
	case err != nil:
		return "", err
	case fresh:
		return p.Papers.Hand(r.Context(), actor(r), sent, paper, f)
	}
	return p.Papers.Attach(r.Context(), actor(r), sent, paper.ID, f)
}

// memberSlotAsk asks for the file of an answer, which there is one of.
func (p *Portal) memberSlotAsk(part indemnity.Part) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		s, gone, err := p.paperStep(w, r, part)
		if gone || err != nil {
			return err
		}
		paper, err := slotPaper(r, &s)
		if err != nil {
			return err
		}
		return p.showSlot(w, r, s, paper)
	})
}

// slotPaper is the paper of a slot: one that is there, or a new one.
func slotPaper(r *http.Request, s *memberStep) (indemnity.Paper, error) {
	word := chi.URLParam(r, "file")
	if word == "" {
		word = "file"
	}
	kind, ok := slots[s.part][word]
	if !ok {
		return indemnity.Paper{}, fault.ErrNotFound
	}
	if at := slices.IndexFunc(s.draft.Papers, func(p indemnity.Paper) bool { return p.Kind == kind }); at >= 0 {
		return s.draft.Papers[at], nil
	}
	return indemnity.Paper{Case: s.draft.ID, Kind: kind}, nil
}

func (p *Portal) showSlot(w http.ResponseWriter, r *http.Request, s memberStep, paper indemnity.Paper) error {
	page := member.UploadPage{Part: p.partPage(r, s)}
	f := page.Frame
	part, action := partOf(paper)
	back := partPath(s.draft.ID, part)
	page.Title, page.Lead = f.T("papers.slot."+string(paper.Kind)), f.T("papers.slot."+string(paper.Kind)+".lead")
	page.Form = ui.FormProps{Action: action, Key: once.NewKey(), Upload: true}
	page.Back = &ui.Link{Text: f.T("papers.back." + string(part)), URL: back}
	page.Path[len(page.Path)-1].URL = back
	page.Path = append(page.Path, ui.Crumb{Text: page.Title})
	page.Upload, page.Submit = p.uploadOf(r, f, paper, "papers.new.file"), f.T("papers.upload")
	page.Cancel = ui.Link{Text: f.T("papers.new.cancel"), URL: back}
	return p.showAs(w, r, s.status, member.UploadFile(page))
}

// memberSlot keeps the file of an answer, in the place of the one that was there.
func (p *Portal) memberSlot(part indemnity.Part) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		s, _, err := p.paperStep(w, r, part)
		if err != nil {
			return err
		}
		paper, err := slotPaper(r, &s)
		if err != nil {
			return err
		}
		return p.takePaper(w, r, s, paper, p.showSlot, func(url.Values) (indemnity.Paper, []ui.FieldError) { return paper, nil })
	})
}
