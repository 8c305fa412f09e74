package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"portal/internal/document"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareSuccessionAsk registers that heirs step into an application (subentro).
func (p *Portal) welfareSuccessionAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showSuccession(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showSuccession(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	c, err := p.welfareFile(r)
	if err == nil {
		err = c.MaySucceed()
	}
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, c, "heirs.succession.title")
	f.Errors = wrong
	rows := heirsForm{office: true}.show(f, fields)
	return p.showAs(w, r, status, welfare.Succession(welfare.SuccessionPage{Frame: f, Lead: []string{f.T("heirs.succession.lead"), f.T("heirs.succession.proof")},
		Facts: []ui.Entry{{Name: f.T("heirs.col.member"), Value: c.Member.Name(), Note: string(c.Member.FiscalCode), Proper: true}},
		Form:  ui.FormProps{Action: welfareCasePath(c.ID) + "/subentro", Key: once.NewKey()},
		Died:  heirDay(f, fields, "decesso", "heirs.died"), Count: strconv.Itoa(len(rows)), Rows: rows, More: len(rows) < indemnity.MostHeirs}))
}

// welfareSuccession keeps it, for a second person to confirm.
func (p *Portal) welfareSuccession(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	var text textError
	if errors.As(err, &text) {
		return p.showSuccession(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}})
	}
	if err != nil {
		return err
	}
	if fields.Get("azione") == "aggiungi" {
		return p.showSuccession(w, r, http.StatusOK, fields, nil)
	}
	var f ui.Frame
	died, wrong := readDay(f, fields, "decesso", nil)
	heirs, at, flaws := heirsForm{office: true}.read(fields)
	if wrong = append(wrong, flaws...); len(wrong) > 0 {
		return p.showSuccession(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	sent, err := sending(r, "heirs.succession", fields)
	if err != nil {
		return err
	}
	err = p.Heirs.Propose(r.Context(), actor(r), sent, indemnity.CaseID(id), died, heirs)
	if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid {
		one, ofHeir := heirFlaw(err, at)
		if !ofHeir {
			one = ui.FieldError{Field: "decesso", Text: words(f, reason)}
		}
		return p.showSuccession(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{one})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, welfareCasePath(indemnity.CaseID(id)), f.T("heirs.succession.proposed"), f.T("heirs.succession.proposed.text"))
}

// welfareSuccessionDecideAsk asks a second person whether heirs step into an application.
func (p *Portal) welfareSuccessionDecideAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showSuccessionDecide(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showSuccessionDecide(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	if err := actor(r).Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	c, err := p.welfareFile(r)
	if err != nil {
		return err
	}
	all, err := p.Heirs.Successions(r.Context(), c.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 || all[0].State != indemnity.SuccessionWaits {
		return goTo(w, r, welfareCasePath(c.ID), nil)
	}
	x := all[0]
	f := p.welfareCaseFrame(r, c, "heirs.succession.decide.title")
	f.Errors = wrong
	choice := ui.ChoiceProps{Name: "decisione", Legend: f.T("heirs.succession.decision"), Chosen: []string{fields.Get("decisione")},
		Options: []ui.Option{{Value: "conferma", Label: f.T("heirs.succession.confirm")}, {Value: "rimanda", Label: f.T("heirs.succession.send_back")}}}
	return p.showAs(w, r, status, welfare.HeirsAsk(welfare.HeirsAskPage{Frame: f,
		Consequences: []string{f.T("heirs.succession.consequences"), f.T("heirs.succession.mandates")},
		Facts: []ui.Entry{
			{Name: f.T("heirs.col.member"), Value: c.Member.Name(), Note: string(c.Member.FiscalCode), Proper: true},
			{Name: f.T("heirs.died"), Value: ui.Day(x.DiedOn)},
			{Name: f.T("heirs.col.by"), Value: x.ProposedBy.Name(), Note: ui.Moment(x.ProposedAt), Proper: true},
		},
		Heirs: shareRows(f, x.Heirs, true), Papers: welfarePapers(f, c.Papers), Choice: &choice,
		Text:    &ui.TextAreaProps{Name: "nota", Label: f.T("heirs.succession.why"), Hint: f.T("heirs.succession.why.hint"), Value: fields.Get("nota"), Optional: true},
		Form:    ui.FormProps{Action: welfareCasePath(c.ID) + "/subentro/decidi", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("heirs.succession.record"), Cancel: &ui.Link{Text: f.T("heirs.leave"), URL: welfareCasePath(c.ID)}},
	}))
}

// welfareSuccessionDecide records the decision of a second person.
func (p *Portal) welfareSuccessionDecide(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Approve); err != nil {
		return err
	}
	c, err := p.welfareFile(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "heirs.decide", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	var codes []indemnity.HeirCode
	confirms := fields.Get("decisione") == "conferma"
	switch {
	case confirms:
		codes, err = p.Heirs.Confirm(r.Context(), actor(r), sent, c.ID)
	case fields.Get("decisione") == "rimanda":
		err = p.Heirs.SendBack(r.Context(), actor(r), sent, c.ID, fields.Get("nota"))
	default:
		return p.showSuccessionDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "decisione", Text: f.T("heirs.succession.choose")}})
	}
	switch reason := fault.As(err); reason {
	case indemnity.ErrSentBackWhy:
		return p.showSuccessionDecide(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: "nota", Text: words(f, reason)}})
	case indemnity.ErrNoProof, indemnity.ErrSameOfficer:
		return p.showSuccessionDecide(w, r, http.StatusConflict, fields, []ui.FieldError{{Field: "decisione", Text: words(f, reason)}})
	}
	if err != nil {
		return err
	}
	if !confirms {
		return p.done(w, r, welfareCasePath(c.ID), f.T("heirs.succession.sent_back"), f.T("heirs.succession.sent_back.text"))
	}
	frame := p.welfareCaseFrame(r, c, "heirs.succession.confirmed")
	return p.showHeirCodes(w, r, frame, c, codes, []string{frame.T("heirs.succession.confirmed.text")})
}

// heirPaperKinds are the papers that the office registers: of a case that came by PEC all
// of them, of another what says that the member has died and who inherits.
func heirPaperKinds(c indemnity.CaseFile) []indemnity.PaperKind {
	proof := []indemnity.PaperKind{indemnity.PECMessage, indemnity.DeathCertificate, indemnity.Heirship}
	if c.Channel == indemnity.Portal {
		return proof
	}
	return append(proof, indemnity.IdentityWhole, indemnity.IdentityFront, indemnity.IdentityBack, indemnity.InitialPrognosis, indemnity.ExtensionPrognosis,
		indemnity.HospitalStay, indemnity.CycleFinal, indemnity.ASLInterdiction, indemnity.HeirsFinal, indemnity.ISEEStatement, indemnity.CoverProof, indemnity.OtherPaper)
}

// welfarePaperAsk asks for a paper that came for a case.
func (p *Portal) welfarePaperAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showHeirPaper(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showHeirPaper(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	c, err := p.welfareFile(r)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, c, "heirs.paper.add")
	f.Errors = wrong
	page := welfare.HeirPaperPage{Frame: f, Form: ui.FormProps{Action: welfareCasePath(c.ID) + "/documenti/aggiungi", Key: once.NewKey(), Upload: true},
		Kind:   ui.ChoiceProps{Name: "tipo", Legend: f.T("papers.kind"), Chosen: []string{fields.Get("tipo")}, Options: []ui.Option{{Label: f.T("heirs.paper.choose")}}},
		Issued: heirDay(f, fields, "data", "papers.issued"), From: heirDay(f, fields, "primo", "papers.new.from"), To: heirDay(f, fields, "ultimo", "papers.new.to"),
		File:   ui.FileFieldProps{Name: fileField, Label: f.T("papers.file"), Hint: p.paperHint(r, f)},
		Cancel: ui.Link{Text: f.T("heirs.leave"), URL: welfareCasePath(c.ID)}}
	page.Issued.Optional, page.From.Optional, page.To.Optional = true, true, true
	page.Issued.Hint, page.From.Hint, page.To.Hint = f.T("heirs.paper.issued.hint"), f.T("heirs.paper.days.hint"), ""
	for _, k := range heirPaperKinds(c) {
		page.Kind.Options = append(page.Kind.Options, ui.Option{Value: string(k), Label: f.T("papers.kind." + string(k))})
	}
	return p.showAs(w, r, status, welfare.HeirPaper(page))
}

// welfarePaperSent keeps a paper that came for a case.
func (p *Portal) welfarePaperSent(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	var flaws []ui.FieldError
	var noted indemnity.Paper
	var refused error
	fields, file, err := p.readPaper(r, fileField, func(fields url.Values) error {
		d, wrong := readCertificate(fields)
		d.Kind, d.Case, flaws = indemnity.PaperKind(fields.Get("tipo")), indemnity.CaseID(id), nil
		for _, one := range wrong {
			if one.Field != "tipo" { // not all of them are certificates
				flaws = append(flaws, one)
			}
		}
		if len(flaws) > 0 {
			return nil
		}
		sent, err := sending(r, "indemnity.paper", url.Values{"idem": fields["idem"]})
		if err == nil {
			noted = d
			noted.ID, err = p.Papers.Note(r.Context(), actor(r), sent, d)
		}
		if reason := fault.As(err); reason != nil && paperFields[reason] != "" {
			flaws = []ui.FieldError{{Field: paperFields[reason], Text: p.paperWords(r, ui.Frame{}, reason)}}
			return nil
		}
		refused = err
		return nil
	})
	defer file.Close()
	switch status, reason, again := paperRefusal(err); {
	case refused != nil:
		return refused
	case len(flaws) > 0:
		return p.showHeirPaper(w, r, http.StatusUnprocessableEntity, fields, flaws)
	case again && fields != nil:
		return p.showHeirPaper(w, r, status, fields, []ui.FieldError{{Field: fileField, Text: p.paperWords(r, ui.Frame{}, reason)}})
	case err != nil:
		return err
	}
	if _, err = p.handPaper(r, fields, noted, true, file); err != nil {
		if reason := fault.As(err); reason == document.ErrTooMany {
			return p.showHeirPaper(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: fileField, Text: p.paperWords(r, ui.Frame{}, reason)}})
		}
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfareCasePath(indemnity.CaseID(id))+casePapersTab, f.T("heirs.paper.added"), f.T("heirs.paper.added.text"))
}
