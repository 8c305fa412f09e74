package portal

import (
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/heir"
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

// welfareCases lists what the service has received, and what waits for a second person.
func (p *Portal) welfareCases(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	n := pageNumber(q)
	list, total, err := p.Heirs.Cases(r.Context(), actor(r), n, casesPerPage)
	if err != nil {
		return err
	}
	waiting, err := p.Heirs.ToConfirm(r.Context())
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("inps.desk.work"))
	f.Path = []ui.Crumb{{Text: f.Title}}
	page := welfare.CasesPage{Frame: f, Count: f.T("heirs.cases.count", "Count", total),
		Pages: listPages(f.T("heirs.cases.pages"), welfarePath, nil, n, total, casesPerPage)}
	if actor(r).Has(identity.Prepare) {
		page.RegisterURL = registerPath
	}
	opens := actor(r).Must(identity.Welfare, identity.Prepare, identity.Approve) == nil
	for _, x := range waiting {
		page.Waiting = append(page.Waiting, welfare.WaitingRow{ID: x.ID, Title: f.T("heirs.waiting.of", "Protocol", x.Protocol), URL: welfareCasePath(x.Case),
			When: ui.ShortMoment(x.ProposedAt), ByWhom: x.ProposedBy.Name()})
	}
	for _, c := range list {
		row := welfare.CaseRow{ID: string(c.ID), Protocol: c.Protocol, Member: c.Member.Name(), Call: ui.Month(c.Call.Month().From), Received: ui.ShortMoment(c.SubmittedAt),
			State: ui.Tag{Tone: caseTones[indemnity.CaseStanding(c.State)], Text: f.T("case.state." + string(c.State))}}
		if c.Kind == indemnity.ByHeirs {
			row.Who = f.T("heirs.by_heirs")
		}
		if opens {
			row.URL = welfareCasePath(c.ID)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Cases(page))
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
		tag := ui.Tag{Tone: caseTones[indemnity.CaseStanding(c.State)], Text: f.T("case.state." + string(c.State))}
		f.Badge = &tag
		return f
	}
	f = p.welfareFrame(r, f.T(below), ui.Crumb{Text: c.Protocol, URL: welfareCasePath(c.ID)})
	f.Caption = f.T("heirs.case.title", "Protocol", c.Protocol)
	return f
}

// welfareCase shows a case: whose it is, who inherits, and what came.
func (p *Portal) welfareCase(w http.ResponseWriter, r *http.Request) error {
	c, err := p.welfareFile(r)
	if err != nil {
		return err
	}
	successions, err := p.Heirs.Successions(r.Context(), c.ID)
	if err != nil {
		return err
	}
	f := p.welfareCaseFrame(r, c, "")
	page := welfare.CasePage{Frame: f, Facts: append(welfareFacts(f, c), registerFacts(f, c)...), Heirs: shareRows(f, c.Heirs, true), Messages: pecRows(f, c, actor(r).Has(identity.Prepare)), Papers: welfarePapers(f, c)}
	if c.Kind == indemnity.ByHeirs {
		page.Heirs = signedRows(f, page.Heirs, c.Heirs)
	}
	if c.Kind == indemnity.ByHeirs && calendar.On(c.Arrived()).After(c.TermEndedOn) {
		page.Notes = append(page.Notes, heir.Term{Tone: ui.Danger, Title: f.T("heirs.late"), Text: []string{f.T("heirs.late.text", "On", ui.OnDay(c.TermEndedOn))}})
	}
	here := welfareCasePath(c.ID)
	waits := len(successions) > 0 && successions[0].State == indemnity.SuccessionWaits
	switch x := successions; {
	case waits:
		page.Notes = append(page.Notes, heir.Term{Tone: ui.Action, Title: f.T("heirs.succession.waits"),
			Text: []string{f.T("heirs.succession.waits.text", "Name", x[0].ProposedBy.Name(), "At", ui.OnMoment(x[0].ProposedAt))}})
		if actor(r).Has(identity.Approve) {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.succession.decide"), URL: here + "/subentro/decidi"})
		}
	case len(x) > 0 && x[0].State == indemnity.SuccessionNot:
		page.Notes = append(page.Notes, heir.Term{Tone: ui.Action, Title: f.T("heirs.succession.back"),
			Text: []string{f.T("heirs.succession.back.text", "Name", x[0].DecidedBy.Name(), "Why", x[0].Why)}})
	}
	page.Actions = append(page.Actions, ui.Link{Text: f.T("threads.office.case"), URL: here + caseMessagesTab})
	if actor(r).Has(identity.Prepare) {
		page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.paper.add"), URL: here + "/documenti/aggiungi"})
		if c.MayReceive() == nil {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.pec.add"), URL: pecPath(c.ID, "")})
		}
		if !waits && c.MaySucceed() == nil {
			page.Actions = append(page.Actions, ui.Link{Text: f.T("heirs.succession"), URL: here + "/subentro"})
		}
		for _, h := range c.Heirs {
			if h.LinkedAt.IsZero() {
				page.Codes = append(page.Codes, ui.Link{Text: f.T("heirs.code.renew.of", "Name", h.Person.Name()), URL: here + "/eredi/" + string(h.ID) + "/codice"})
			}
		}
	}
	return p.show(w, r, welfare.Case(page))
}

func welfareFacts(f ui.Frame, c indemnity.CaseFile) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("heirs.col.member"), Value: c.Member.Name(), Note: string(c.Member.FiscalCode), Proper: true},
		{Name: f.T("heirs.col.call"), Value: ui.Month(c.Call.Month().From)},
		{Name: f.T("heirs.period"), Value: ui.ShortDay(c.Answers.Period().From) + " – " + ui.ShortDay(c.Answers.Period().To)},
	}
	if !c.DiedOn.IsZero() {
		facts = append(facts, ui.Entry{Name: f.T("heirs.died"), Value: ui.Day(c.DiedOn)})
	}
	if c.Channel != indemnity.PEC {
		facts = append(facts, ui.Entry{Name: f.T("heirs.col.received"), Value: withSeconds(c.SubmittedAt)})
	}
	return append(facts, ui.Entry{Name: f.T("heirs.term"), Value: ui.DayEnd(c.TermEndedOn)})
}

func welfarePapers(f ui.Frame, c indemnity.CaseFile) (rows []welfare.PaperRow) {
	for _, d := range c.Papers {
		if d.SentAt.IsZero() {
			continue
		}
		rows = append(rows, welfare.PaperRow{Kind: f.T("papers.kind." + string(d.Kind)), Name: d.Name, URL: welfarePaperPath(d), Size: fileSize(f, d.Size),
			Issued: paperDay(f, d.IssuedOn), Days: daysText(f, d.Covers)})
	}
	return rows
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
		return err
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
	fields.Set("erede", string(h.ID))
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
