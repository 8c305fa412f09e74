package portal

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"portal/internal/auditor"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/payment"
	"portal/web/inps"
	"portal/web/oversight"
	"portal/web/ui"
	"portal/web/welfare"
)

// contributionTab is a tab of an application to the contribution, as its officers have it.
func contributionTab(tab string) func(*Portal, *http.Request, ui.Frame, auditor.File) (templ.Component, error) {
	return func(p *Portal, r *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
		page := inps.CasePage{Frame: f}
		if err := p.fillTab(r, &page, file.Contribution.Case, tab); err != nil {
			return nil, err
		}
		for i, part := range page.Parts {
			for n := range part.Entries {
				page.Parts[i].Entries[n].Action = nil
			}
		}
		return inps.CaseBody(page), nil
	}
}

// fileHistory is what the register says of a case. Looks in a row are told once.
func (p *Portal) fileHistory(r *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	looks, err := p.Files.History(r.Context(), file)
	if err != nil {
		return nil, err
	}
	if file.Contribution != nil {
		return inps.CaseBody(inps.CasePage{Frame: f, Events: caseEvents(f, looks)}), nil
	}
	return welfare.CaseHistoryBody(welfare.CaseHistoryPage{Frame: f, Events: caseEvents(f, looks)}), nil
}

func auditCheckPath(file string, c indemnity.Check) string {
	return auditFilePath(file) + "/" + deskChecksTab + "/" + checkCode(c)
}

// fileChecks are the checks of a case, with its heirs and the messages by PEC.
func (p *Portal) fileChecks(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	o := file.Indemnity.Opened
	page := welfare.CasePage{Frame: f, Checks: caseChecks(f, o), Ending: caseEnding(f, o), Heirs: shareRows(f, o.Heirs, true), Messages: pecRows(f, o.CaseFile, false)}
	if o.Kind == indemnity.ByHeirs {
		page.Heirs = signedRows(f, page.Heirs, o.Heirs)
	}
	for i, k := range o.Checklist {
		page.Checks[i].URL = auditCheckPath(file.ID, k.Check)
	}
	return welfare.CaseBody(page), nil
}

// auditFileCheck is a check of a case: the rule, what was declared, and what was found.
func (p *Portal) auditFileCheck(w http.ResponseWriter, r *http.Request) error {
	file, err := p.auditOpened(r)
	if err != nil {
		return err
	}
	if file.Indemnity == nil {
		return fault.ErrNotFound
	}
	o := file.Indemnity.Opened
	at := slices.IndexFunc(o.Checklist, func(k indemnity.Checked) bool { return checkCode(k.Check) == chi.URLParam(r, "voce") })
	if at < 0 {
		return fault.ErrNotFound
	}
	k := o.Checklist[at]
	var f ui.Frame
	f = p.fileFrame(r, file, checkName(f, k.Check))
	page := filePage(f, file, deskChecksTab)
	page.Body = welfare.CheckBody(checkPage(f, o, k))
	page.Covered = coveredOf(f, file, func(d auditor.Datum) bool {
		return d.Kind == auditor.FindingDatum && d.Part == string(k.Check) || d.Kind == auditor.CoverDatum && k.Check == indemnity.CheckCover
	})
	page.Back = &ui.Link{Text: f.T("desk.back"), URL: auditFilePath(file.ID) + "/" + deskChecksTab}
	return p.show(w, r, oversight.File(page))
}

// filePapers lists the papers of a case, those of its requests for re-examination below
// the others. What may be about somebody’s health is named, and not shown.
func (p *Portal) filePapers(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	handed := oversight.ReviewPapers(reviewPapers(f, file))
	if file.Indemnity == nil {
		return handed, nil
	}
	page := welfare.CasePapersPage{Frame: f, Papers: welfarePapers(f, file.Indemnity.Papers)}
	for i := range page.Papers {
		row := &page.Papers[i]
		if row.URL = ""; row.Show == "" {
			continue
		}
		row.Show = auditFilePath(file.ID) + "/documenti/" + row.ID
		if _, err := file.Paper(indemnity.PaperID(row.ID)); err != nil {
			row.Show, row.Why = "", f.T("files.paper.not")
		}
	}
	return templ.Join(welfare.CasePapersBody(page), handed), nil
}

func auditRequestPath(file string, id indemnity.RequestID) string {
	return auditFilePath(file) + "/richieste/" + string(id)
}

// fileRequests lists what was asked for on a case.
func (p *Portal) fileRequests(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	page := welfare.RequestsPage{Frame: f}
	for _, q := range slices.Backward(file.Indemnity.Requests) {
		row := p.requestRow(f, file.Indemnity.CaseFile, q)
		row.Kind.URL, row.Next = auditRequestPath(file.ID, q.ID), ""
		page.Rows = append(page.Rows, row)
	}
	for _, t := range file.Indemnity.SetOffs {
		page.SetOffs = append(page.SetOffs, f.T("request.set_off.of", "Debt", t.Debt, "Net", t.Net, "Name", t.Name, "At", ui.OnMoment(t.At)))
	}
	return welfare.RequestsBody(page), nil
}

// auditFileRequest is a request with what became of it.
func (p *Portal) auditFileRequest(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "richiesta")
	if err != nil {
		return err
	}
	file, err := p.auditOpened(r)
	if err != nil {
		return err
	}
	if file.Indemnity == nil {
		return fault.ErrNotFound
	}
	c := file.Indemnity.CaseFile
	q, err := c.Request(indemnity.RequestID(id))
	if err != nil {
		return err
	}
	told, err := p.Files.Deliveries(r.Context(), q.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.fileFrame(r, file, f.T("request.title."+string(q.Kind)))
	tag := p.requestState(f, q)
	f.Badge = &tag
	page := filePage(f, file, "richieste")
	body := p.askedPage(f, c, q, told)
	for i, item := range body.Items {
		for n, row := range item.Rows {
			for at, cell := range row.Cells {
				for l, link := range cell.Links {
					if link.URL == "" {
						continue
					}
					body.Items[i].Rows[n].Cells[at].Links[l].URL = auditFilePath(file.ID) + "/documenti"
				}
			}
		}
	}
	page.Body = welfare.RequestDetailBody(body)
	page.Covered = coveredOf(f, file, func(d auditor.Datum) bool { return d.Part == string(q.ID) })
	page.Back = &ui.Link{Text: f.T("request.back"), URL: auditFilePath(file.ID) + "/richieste"}
	return p.show(w, r, oversight.File(page))
}

// fileComputation is what a case comes to.
func (p *Portal) fileComputation(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	o := file.Indemnity.Opened
	page := welfare.ComputationPage{Frame: f, Lead: f.T("files.computation")}
	if !o.Known {
		page.None = f.T("calc.none")
	} else {
		reckonedPage(&page, o, o.Found, false)
	}
	return welfare.ComputationBody(page), nil
}

// fileDecisions are the decisions of a case, the newest first.
func (p *Portal) fileDecisions(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	page := oversight.FileActsPage{Frame: f, Title: f.T("files.decisions"), None: f.T("files.decisions.none")}
	for _, d := range slices.Backward(file.Indemnity.Decisions) {
		row := oversight.FileAct{ID: string(d.ID), Title: outcomeName(f, d.To), Tag: ui.Tag{Tone: decisionTones[d.State], Text: f.T("files.decision." + string(d.State))}, Why: groundTexts(f, d.Codes),
			Facts: []ui.Entry{{Name: f.T("files.proposed"), Value: d.ProposedBy.Name(), Note: ui.ShortMoment(d.ProposedAt), Proper: true}}}
		if !d.DecidedAt.IsZero() {
			row.Facts = append(row.Facts, ui.Entry{Name: f.T("files.decided"), Value: d.DecidedBy.Name(), Note: ui.ShortMoment(d.DecidedAt), Proper: true})
		}
		if d.Protocol != "" {
			row.Facts = append(row.Facts, ui.Entry{Name: f.T("files.letter"), Value: d.Protocol, Proper: true})
		}
		if d.Text != "" {
			row.Facts = append(row.Facts, ui.Entry{Name: f.T("outcome.text"), Value: d.Text})
		}
		if d.Why != "" {
			row.Facts = append(row.Facts, ui.Entry{Name: f.T("files.why"), Value: d.Why})
		}
		if !d.ReadAt.IsZero() {
			row.Facts = append(row.Facts, ui.Entry{Name: f.T("request.read"), Value: ui.ShortMoment(d.ReadAt)})
		}
		page.Acts = append(page.Acts, row)
	}
	return oversight.FileActs(page), nil
}

var decisionTones = map[indemnity.DecisionState]ui.Tone{indemnity.DecisionWaits: ui.Working, indemnity.DecisionMade: ui.Success, indemnity.DecisionNot: ui.Closed}

// fileMoney is what is paid for a case.
func (p *Portal) fileMoney(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	if file.Contribution != nil {
		return oversight.SessionsPaid(sessionsPaid(f, file.Contribution.Money)), nil
	}
	m := file.Indemnity.Money
	page := welfare.CaseMoneyPage{Frame: f, Facts: partsFacts(f, m.Parts)}
	if m.Gross == 0 {
		page.Lead = f.T("welfare.payments.case.none")
	}
	for _, payee := range m.Payees {
		part := welfare.PayeePart{ID: "pagato-" + m.Key(payee), Name: payee.Name, Facts: accountEntries(f, payee.Account, false)}
		if payee.Heir != "" {
			part.Facts = append(part.Facts, ui.Entry{Name: f.T("welfare.payments.share"), Value: indemnity.Heir{Part: payee.Part, Whole: payee.Whole}.Share()})
		}
		if due := m.Due(payee); due.Net() > 0 {
			left := ui.Entry{Name: f.T("welfare.payments.left"), Value: due.Net().String(), Note: f.T("welfare.payments.left.payable")}
			if due.Hold != "" {
				left.Note = f.T("inps.payments.hold." + string(due.Hold))
			}
			part.Facts = append(part.Facts, left)
		}
		part.Orders = caseOrders(tillFrame{f, payment.Indemnity}, f.T("welfare.payments.orders_to", "Name", payee.Name), m.OrdersOf(payee), false)
		page.Payees = append(page.Payees, part)
	}
	return welfare.CaseMoneyBody(page), nil
}

// fileThreads are what who applied and the office wrote to each other, without the words.
func (p *Portal) fileThreads(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	page := welfare.CaseThreadsPage{Frame: f, Back: ui.Link{Text: f.T("threads.office.back_case"), URL: auditFilePath(file.ID)}}
	for _, t := range file.Indemnity.Threads {
		page.Rows = append(page.Rows, welfare.ThreadRow{ID: string(t.ID), Topic: topicName(f, t.Topic), Last: t.Last(), State: threadTag(f, t)})
	}
	return welfare.CaseThreadsBody(page), nil
}

// fileNotes are what officers wrote for each other, without the words.
func (p *Portal) fileNotes(_ *http.Request, f ui.Frame, file auditor.File) (templ.Component, error) {
	page := welfare.CaseNotesPage{Frame: f}
	for _, n := range file.Indemnity.Notes {
		page.Notes = append(page.Notes, welfare.CaseNote{Author: n.Author, At: n.At, Text: n.Text})
	}
	return welfare.CaseNotesBody(page), nil
}
