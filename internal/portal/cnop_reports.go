package portal

import (
	"net/http"

	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// cnopReports lists what INPS asked (N-06).
func (p *Portal) cnopReports(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Participants.Reports(r.Context(), "")
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.reports.title"))
	page := cnop.ReportsPage{Frame: f, Empty: f.T("cnop.reports.empty")}
	for _, x := range all {
		page.Rows = append(page.Rows, reportRow(f, x, reportsPath))
	}
	return p.show(w, r, cnop.Reports(page))
}

// reportRow is what INPS asked, with its page below an address, "" for none.
func reportRow(f ui.Frame, x voucher.Report, below string) cnop.ReportRow {
	row := cnop.ReportRow{ID: x.ID, Name: typeset(x.Name), Text: x.Text, Asked: byWhom(f, x.AskedName, x.AskedAt), Answer: x.Answer,
		State: ui.Tag{Tone: ui.Action, Text: f.T("cnop.report.open")}}
	if below != "" {
		row.URL = below + "/" + x.ID
	}
	if x.Answer != "" {
		row.Said = byWhom(f, x.AnsweredName, x.AnsweredAt)
		row.State = ui.Tag{Tone: ui.Success, Text: f.T("cnop.report.answered")}
	}
	return row
}

// cnopReport is one of them, to be answered.
func (p *Portal) cnopReport(w http.ResponseWriter, r *http.Request) error {
	x, err := p.reportAsked(r)
	if err != nil {
		return err
	}
	return p.show(w, r, cnop.ReportOf(p.reportPage(r, x, once.NewKey())))
}

func (p *Portal) reportAsked(r *http.Request) (voucher.Report, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Report{}, err
	}
	return p.Participants.Report(r.Context(), id)
}

func (p *Portal) reportPage(r *http.Request, x voucher.Report, key string) cnop.ReportPage {
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.report.title"), ui.Crumb{Text: f.T("cnop.reports.title"), URL: reportsPath})
	f.Back = &ui.Link{Text: f.T("cnop.report.back"), URL: reportsPath}
	row := reportRow(f, x, "")
	f.Badge = &row.State
	page := cnop.ReportPage{Frame: f, CardURL: rollPath + "/" + string(x.Person), Facts: []ui.Entry{
		{Name: f.T("cnop.reports.about"), Value: row.Name, Note: x.FiscalCode.Masked(), Proper: true},
		{Name: f.T("cnop.reports.asked"), Value: x.Text, Note: row.Asked},
	}}
	if x.Answer != "" {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("cnop.reports.answer"), Value: x.Answer, Note: row.Said})
		return page
	}
	page.Form = &ui.FormProps{Action: reportsPath + "/" + x.ID, Key: key}
	return page
}

// cnopReportAnswer keeps CNOP's answer.
func (p *Portal) cnopReportAnswer(w http.ResponseWriter, r *http.Request) error {
	x, err := p.reportAsked(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "report.answer", fields)
	if err != nil {
		return err
	}
	err = p.Participants.Reply(r.Context(), actor(r), sent, x.ID, fields.Get("risposta"))
	if reason, refused := fault.Refusal(err); refused {
		if x, err = p.Participants.Report(r.Context(), x.ID); err != nil {
			return err
		}
		page := p.reportPage(r, x, sent.Key)
		page.Answer, page.Errors = fields.Get("risposta"), []ui.FieldError{{Text: words(page.Frame, reason)}}
		if reason == voucher.ErrReportText {
			page.Errors[0].Field = "risposta"
		}
		return p.showAs(w, r, refusalStatus(reason), cnop.ReportOf(page))
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, reportsPath, f.T("cnop.report.done"), f.T("cnop.report.done_text"))
}
