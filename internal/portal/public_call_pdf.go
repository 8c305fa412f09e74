package portal

import (
	"net/http"

	"portal/internal/indemnity"
	"portal/internal/paper"
	"portal/web/ui"
)

// publicCallPDF is a call as an act to keep: what its page says.
func (p *Portal) publicCallPDF(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	act, err := p.callAct(r, c)
	if err != nil {
		return err
	}
	return sendAct(w, act, "bando-"+string(c.ID))
}

// callAct is a call as it was decided.
func (p *Portal) callAct(r *http.Request, c indemnity.Call) (paper.Act, error) {
	v, err := p.Calls.Version(r.Context(), indemnity.VersionRef{Call: c.ID, Number: c.Version})
	if err != nil {
		return paper.Act{}, err
	}
	var f ui.Frame
	act := paper.Act{
		Body: f.T("paper.enpap"), Title: callTitle(f, c.ID), Lead: f.T("paper.call.lead", "Span", ui.During(c.Rules.Window.Is)),
		Foot: f.T("paper.call.foot", "Month", ui.Month(c.Rules.Window.Is.From), "Number", c.Version), At: v.Drafted.At,
	}
	if v.Decided.Person != "" {
		act.At = v.Decided.At
	}
	days := paper.Part{Heading: f.T("paper.call.days")}
	for _, e := range callEntries(f, &c) {
		days.Lines = append(days.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	act.Parts = []paper.Part{days}
	for _, s := range publicSections(f, &c) {
		part := paper.Part{Heading: s.Title}
		for _, v := range s.Rows {
			text := f.T("paper.call.value", "Text", v.Text, "Article", v.Article)
			if v.Reading != "" {
				text = f.T("paper.call.reading", "Text", v.Text, "Article", v.Article, "Reading", v.Reading)
			}
			part.Lines = append(part.Lines, paper.Line{Name: v.Name, Value: text})
		}
		act.Parts = append(act.Parts, part)
	}
	return act, nil
}
