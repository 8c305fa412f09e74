package portal

import (
	"net/http"
	"net/url"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/inps"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareAssignAsk asks to whom the chosen cases are assigned.
func (p *Portal) welfareAssignAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.showWelfareAssign(w, r, http.StatusOK, q, nil)
}

func (p *Portal) showWelfareAssign(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	ids, err := chosenRows[indemnity.CaseID](fields)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return p.showCaseList(w, r, http.StatusConflict, fields, indemnity.ErrNoCaseChosen)
	}
	officers, err := p.Work.Officers(r.Context())
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("inps.desk.assign_title", "Count", len(ids)), ui.Crumb{Text: ui.Frame{}.T("work.list"), URL: welfareCasesPath})
	f.Back = &ui.Link{Text: f.T("inps.desk.back_to_list"), URL: caseList.back(fields)}
	page := assignPage(caseList, f, fields, ids, officerChoice(f, "a", fields, actor(r).Person, officers), wrong)
	page.Consequences = []string{f.T("inps.desk.assign_text", "Count", len(ids), "Most", indemnity.AssignedAtOnce), f.T("work.assign.own")}
	return p.showAs(w, r, status, inps.Act(page))
}

// welfareAssign assigns the chosen cases. Sent twice it acts once; what is assigned
// already stays as it is.
func (p *Portal) welfareAssign(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "domanda")
	if err != nil {
		return err
	}
	ids, err := chosenRows[indemnity.CaseID](fields)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.assign", fields)
	if err != nil {
		return err
	}
	officer, ok := chosenOfficer(fields.Get("a"))
	if !ok {
		return p.showWelfareAssign(w, r, http.StatusUnprocessableEntity, fields, indemnity.ErrNoOfficer)
	}
	n, err := p.Work.Assign(r.Context(), actor(r), sent, ids, officer)
	if reason := fault.As(err); reason == indemnity.ErrNoCaseChosen || reason != nil && reason.Kind == fault.KindInvalid {
		return p.showWelfareAssign(w, r, http.StatusUnprocessableEntity, fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	text := f.T("inps.desk.assigned_text", "Count", n)
	if n < len(ids) {
		text += " " + f.T("work.assign.stayed", "Count", len(ids)-n)
	}
	return p.done(w, r, caseList.back(fields), f.T("inps.desk.assigned"), text)
}

// welfareSearch takes what an officer looks for: it stays in the login session, and has no
// place in an address.
func (p *Portal) welfareSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keySought, strings.TrimSpace(fields.Get("cerca")))
	return goTo(w, r, welfareFoundPath, nil)
}

// welfareFound shows what was found. Each look is written in the register.
func (p *Portal) welfareFound(w http.ResponseWriter, r *http.Request) error {
	if p.Logins.GetString(r.Context(), keySought) == "" {
		return goTo(w, r, welfareCasesPath, nil)
	}
	f := p.welfareFrame(r, ui.Frame{}.T("inps.desk.found"), ui.Crumb{Text: ui.Frame{}.T("work.list"), URL: welfareCasesPath})
	f.HeadTitle = f.T("work.list")
	page := welfare.FoundPage{Frame: f, SearchURL: welfareCasesPath, Search: p.Logins.GetString(r.Context(), keySought), ListURL: welfareCasesPath}
	quest, ok := indemnity.ParseWorkQuest(page.Search)
	if !ok {
		page.Errors = []ui.FieldError{{Field: "cerca", Text: f.T("work.search.short")}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, welfare.Found(page))
	}
	found, err := p.Work.Search(r.Context(), actor(r), quest)
	if err != nil {
		return err
	}
	page.Count = f.T("inps.desk.count", "Count", len(found), "Number", grouped(len(found)))
	if len(found) == indemnity.FoundAtMost {
		page.Count = f.T("inps.desk.found_first", "Count", len(found))
	}
	page.Rows = p.workRows(r, f, found)
	return p.show(w, r, welfare.Found(page))
}

// welfareExport sends a whole list as a file, row by row as it is read, without names.
// That it was taken, by whom and with which filters, is on record before it leaves.
func (p *Portal) welfareExport(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if !opensCases(r) {
		return identity.ErrNoDuty
	}
	var f ui.Frame
	var columns []export.Column
	for _, key := range []string{"protocol", "call", "submitted_at", "kind", "state", "due_on", "officer"} {
		columns = append(columns, export.Column{Key: key, Title: f.T("work.file." + key)})
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="domande.csv"`)
	file, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	defer file.Discard()
	today := calendar.On(p.Now())
	err = p.Work.Export(r.Context(), actor(r), casesAsk(r, q), string(export.CSV), func(row indemnity.WorkRow) error {
		return file.Row(row.Protocol, string(row.Call), row.SubmittedAt, caseNote(f, row), f.T("case.state."+string(row.Standing(today))), row.DueOn, row.Officer)
	})
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		p.Log.Error("list of cases cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}
