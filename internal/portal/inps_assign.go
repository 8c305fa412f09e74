package portal

import (
	"net/http"
	"net/url"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// inpsAssignAsk asks to whom the chosen applications are assigned.
func (p *Portal) inpsAssignAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.showAssign(w, r, http.StatusOK, q, nil)
}

func (p *Portal) showAssign(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	if !mayPrepare(r) {
		return identity.ErrNoDuty
	}
	ids, err := chosenRows[voucher.ApplicationID](fields)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return p.showWorklist(w, r, http.StatusConflict, fields, voucher.ErrNoneChosen)
	}
	officers, err := p.Desk.Officers(r.Context(), calendar.On(p.Now()))
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, ui.Frame{}.T("inps.desk.assign_title", "Count", len(ids)), ui.Crumb{Text: ui.Frame{}.T("menu.inps.applications"), URL: worklistPath})
	back, fromCase := assignReturn(fields)
	f.Back = &ui.Link{Text: f.T("inps.desk.back_to_list"), URL: back}
	if fromCase {
		f.Back.Text = f.T("inps.desk.back_to_case")
	}
	page := assignPage(applicationList, f, fields, ids, officerChoice(f, "operatore", fields, actor(r).Person, officers), wrong)
	if fromCase {
		page.Hidden = append(page.Hidden, [2]string{"ritorno", back})
	}
	page.Consequences = []string{f.T("inps.desk.assign_text", "Count", len(ids), "Most", voucher.AssignedAtOnce)}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsAssign assigns the chosen applications. Sent twice it acts once; what is
// assigned already stays as it is.
func (p *Portal) inpsAssign(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "domanda")
	if err != nil {
		return err
	}
	ids, err := chosenRows[voucher.ApplicationID](fields)
	if err != nil {
		return err
	}
	sent, err := sending(r, "application.assign", fields)
	if err != nil {
		return err
	}
	officer, ok := chosenOfficer(fields.Get("operatore"))
	if !ok {
		return p.showAssign(w, r, http.StatusUnprocessableEntity, fields, voucher.ErrNotAnOfficer)
	}
	n, err := p.Desk.Assign(r.Context(), actor(r), sent, ids, officer)
	if reason := fault.As(err); reason == voucher.ErrNoneChosen || reason != nil && reason.Kind == fault.KindInvalid {
		return p.showAssign(w, r, http.StatusUnprocessableEntity, fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	back, _ := assignReturn(fields)
	return p.done(w, r, back, f.T("inps.desk.assigned"), f.T("inps.desk.assigned_text", "Count", n)+
		stayed(f, len(ids)-n))
}

// stayed says that some applications were assigned as asked before.
func stayed(f ui.Frame, n int) string {
	if n == 0 {
		return ""
	}
	return " " + f.T("inps.desk.assigned_before", "Count", n)
}

// assignReturn is where a form came from: a case, or else a page of the worklist.
func assignReturn(fields url.Values) (back string, fromCase bool) {
	if back = localPath(fields.Get("ritorno")); strings.HasPrefix(back, worklistPath+"/") {
		return back, true
	}
	return applicationList.back(fields), false
}
