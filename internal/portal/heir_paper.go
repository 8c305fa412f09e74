package portal

import (
	"bytes"
	"errors"
	"net/http"
	"strconv"
	"time"

	"portal/internal/iban"
	"portal/internal/indemnity"
	"portal/internal/paper"
	"portal/web/ui"
)

// heirFormPDF fills in the form that heirs send (H-02). It is made and forgotten.
func (p *Portal) heirFormPDF(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if text := (textError{}); err != nil && !errors.As(err, &text) {
		return err
	}
	x := p.prepared(fields)
	for step := stepDeceased; step <= stepHeirs; step++ {
		if len(x.flaws[step]) > 0 {
			return p.showPrepare(w, r, http.StatusUnprocessableEntity, step, x)
		}
	}
	term, call, err := p.Heirs.HeirsTerm(r.Context(), x.is.DiedOn, x.is.End())
	if err != nil {
		return err
	}
	var sheet bytes.Buffer
	act := heirAct(x, &call, ui.ByDay(term.End()), p.Now())
	if err := paper.Write(&sheet, act); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="modulo-eredi.pdf"`)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Length", strconv.Itoa(sheet.Len()))
	_, _ = w.Write(sheet.Bytes()) // the reader may have gone
	return nil
}

// heirAct is the form, filled in. What is declared of the deceased is left to be
// answered by hand, and so is the signature of each heir.
func heirAct(x preparing, call *indemnity.Call, by string, at time.Time) paper.Act {
	var f ui.Frame
	is := x.is
	a := paper.Act{
		Body: "ENPAP", Title: f.T("heirs.act.title"), Lead: f.T("heirs.act.lead", "PEC", call.Rules.HeirsPEC.Is, "By", by),
		Foot: f.T("heirs.act.foot", "Month", ui.Month(call.ID.Month().From)), At: at,
	}
	deceased := paper.Part{Heading: f.T("heirs.prepare.name.1"), Lines: []paper.Line{
		{Name: f.T("heirs.deceased"), Value: is.Deceased.Name()}, {Name: f.T("heirs.cf"), Value: string(is.Deceased.FiscalCode)},
		{Name: f.T("heirs.died"), Value: ui.Day(is.DiedOn)}, {Name: f.T("heirs.cause"), Value: f.T("member.cause." + string(is.Cause))},
		{Name: f.T("heirs.first"), Value: ui.Day(is.First)}, {Name: f.T("heirs.last"), Value: ui.Day(is.Last)},
	}}
	a.Parts = append(a.Parts, deceased)
	for i, h := range is.Heirs {
		part := paper.Part{Heading: f.T("heirs.row", "Number", i+1), Lines: []paper.Line{
			{Name: f.T("heirs.col.name"), Value: h.Person.Name()}, {Name: f.T("heirs.cf"), Value: string(h.Person.FiscalCode)},
			{Name: f.T("heirs.kinship"), Value: f.T("heirs.kinship." + h.Kinship)}, {Name: f.T("heirs.share"), Value: shareText(f, h)},
			{Name: f.T("heirs.iban"), Value: iban.IBAN(h.IBAN).Format()},
		}}
		if i == 0 {
			part.Lines = append(part.Lines, paper.Line{Name: f.T("heirs.prepare.email"), Value: x.fields.Get("email")}, paper.Line{Name: f.T("heirs.prepare.phone"), Value: x.fields.Get("telefono")})
		}
		part.Lines = append(part.Lines, paper.Line{Name: f.T("heirs.act.signature"), Value: f.T("heirs.act.line")})
		a.Parts = append(a.Parts, part)
	}
	declared := paper.Part{Heading: f.T("heirs.act.declared"), Text: []string{f.T("heirs.act.declared.text")}}
	for _, d := range call.Rules.Declarations.Is {
		declared.Text = append(declared.Text, f.T("heirs.act.box", "Text", d.OfHeirs()))
	}
	papers := paper.Part{Heading: f.T("heirs.papers")}
	for _, one := range heirPapers(f, is, &call.Rules) {
		papers.Text = append(papers.Text, f.T("heirs.act.box", "Text", one.Name))
	}
	a.Parts = append(a.Parts, declared, papers, paper.Part{Lines: []paper.Line{{Name: f.T("heirs.act.day"), Value: f.T("heirs.act.line")}}})
	return a
}

// toPrepare leads who asks for the form by its address to where it is prepared.
func (p *Portal) toPrepare(w http.ResponseWriter, r *http.Request) error {
	return goTo(w, r, preparePath, nil)
}
