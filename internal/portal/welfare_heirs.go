package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const (
	welfarePath      = "/gestione/enpap"
	welfareCasesPath = welfarePath + "/domande"
	registerPath     = welfareCasesPath + "/registra"
	casesPerPage     = 25
)

func welfareCasePath(id indemnity.CaseID) string { return welfareCasesPath + "/" + string(id) }

func welfarePaperPath(p indemnity.Paper) string {
	return welfareCasePath(p.Case) + "/documenti/" + string(p.ID)
}

// welfareFile is the case in the address, opened by an officer.
func (p *Portal) welfareFile(r *http.Request) (indemnity.CaseFile, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return indemnity.CaseFile{}, err
	}
	return p.Heirs.Case(r.Context(), actor(r), indemnity.CaseID(id))
}

// welfareCaseFrame is the frame of a page of a case, or below it.
func (p *Portal) welfareCaseFrame(r *http.Request, c indemnity.CaseFile, below string) ui.Frame {
	var f ui.Frame
	if below == "" {
		f = p.welfareFrame(r, f.T("heirs.case.title", "Protocol", c.Protocol))
		f.Path[len(f.Path)-1].Text = c.Protocol
		standing := c.Standing(p.Now())
		tag := ui.Tag{Tone: caseTones[standing], Text: f.T("case.state." + string(standing))}
		f.Badge = &tag
		return f
	}
	f = p.welfareFrame(r, f.T(below), ui.Crumb{Text: c.Protocol, URL: welfareCasePath(c.ID)})
	f.Caption = f.T("heirs.case.title", "Protocol", c.Protocol)
	return f
}

func paperDay(f ui.Frame, d calendar.Date) string {
	if d.IsZero() {
		return f.T("heirs.none")
	}
	return ui.ShortDay(d)
}

// welfarePaper sends a paper of a case to an officer. That it was opened is written down.
func (p *Portal) welfarePaper(w http.ResponseWriter, r *http.Request) error {
	of, err := idParam(r, "id")
	if err != nil {
		return err
	}
	id, err := idParam(r, "documento")
	if err != nil {
		return err
	}
	known, err := p.Papers.Paper(r.Context(), actor(r), indemnity.PaperID(id))
	if err == nil && known.Case != indemnity.CaseID(of) {
		err = fault.ErrNotFound
	}
	if err != nil {
		return asksWhy(w, r, welfareCasePath(indemnity.CaseID(of))+casePapersTab+"/"+id, err)
	}
	d, content, err := p.Papers.Read(r.Context(), actor(r), known.ID)
	if err != nil {
		return err
	}
	return p.sendPaper(w, r, d.Name, d.Type, d.Size, content)
}

// welfareCodeAsk asks whether an heir is to have another code.
func (p *Portal) welfareCodeAsk(w http.ResponseWriter, r *http.Request) error {
	c, h, err := p.welfareHeir(r)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, c, "heirs.code.renew")
	return p.show(w, r, welfare.HeirsAsk(welfare.HeirsAskPage{Frame: f, Consequences: []string{f.T("heirs.code.renew.text", "Name", h.Person.Name())},
		Form:    ui.FormProps{Action: welfareCasePath(c.ID) + "/eredi/" + string(h.ID) + "/codice", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("heirs.code.renew.submit"), Cancel: &ui.Link{Text: f.T("heirs.leave"), URL: welfareCasePath(c.ID)}}}))
}

// welfareHeir is the heir in the address, who is not linked yet.
func (p *Portal) welfareHeir(r *http.Request) (indemnity.CaseFile, indemnity.Heir, error) {
	id, err := idParam(r, "erede")
	if err != nil {
		return indemnity.CaseFile{}, indemnity.Heir{}, err
	}
	c, err := p.welfareFile(r)
	if err != nil {
		return c, indemnity.Heir{}, err
	}
	for _, h := range c.Heirs {
		if string(h.ID) == id && h.LinkedAt.IsZero() {
			return c, h, nil
		}
	}
	return c, indemnity.Heir{}, fault.ErrNotFound
}

// welfareCode gives an heir another code.
func (p *Portal) welfareCode(w http.ResponseWriter, r *http.Request) error {
	c, h, err := p.welfareHeir(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "heirs.code", fields)
	if err != nil {
		return err
	}
	code, err := p.Heirs.Renew(r.Context(), actor(r), sent, c.ID, h.ID)
	if err != nil {
		return err
	}
	codes := []indemnity.HeirCode{code}
	if code.Code == "" {
		codes = nil
	}
	f := p.welfareCaseFrame(r, c, "heirs.code.renewed")
	return p.showHeirCodes(w, r, f, c, codes, []string{f.T("heirs.code.renewed.text")})
}

// showHeirCodes tells the codes of heirs. They are in this answer and nowhere else: no
// redirect could carry them without a trace. A form that was sent before has none: then
// it says that they were shown, and where others are made.
func (p *Portal) showHeirCodes(w http.ResponseWriter, r *http.Request, f ui.Frame, c indemnity.CaseFile, codes []indemnity.HeirCode, lead []string) error {
	open := ui.Link{Text: f.T("heirs.case.open"), URL: welfareCasePath(c.ID)}
	if len(codes) == 0 {
		f.Title = f.T("heirs.codes.again")
		f.Path[len(f.Path)-1].Text = f.Title
		return p.show(w, r, welfare.Codes(welfare.CodesPage{Frame: f, Lead: []string{f.T("heirs.codes.again.text", "Protocol", c.Protocol)}, Next: []ui.Link{open}}))
	}
	page := welfare.CodesPage{Frame: f, Lead: lead, Next: []ui.Link{{Text: f.T("heirs.paper.add"), URL: welfareCasePath(c.ID) + "/documenti/aggiungi"}, open}}
	for _, x := range codes {
		page.Codes = append(page.Codes, ui.Entry{Name: x.Heir.Person.Name(), Value: spacedCode(x.Code), Proper: true})
	}
	return p.show(w, r, welfare.Codes(page))
}

// spacedCode is a code in groups of four, as it is read out and typed.
func spacedCode(code string) string {
	spaced := ""
	for i, c := range code {
		if i > 0 && i%4 == 0 {
			spaced += " "
		}
		spaced += string(c)
	}
	return spaced
}
