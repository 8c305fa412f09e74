package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
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
	ids, err := chosenApplications(fields)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return voucher.ErrNoneChosen
	}
	officers, err := p.Desk.Officers(r.Context(), calendar.On(p.Now()))
	if err != nil {
		return err
	}
	back := worklistReturn(fields)
	f := p.inpsFrame(r, ui.Frame{}.T("inps.desk.assign_title", "Count", len(ids)), ui.Crumb{Text: ui.Frame{}.T("menu.inps.applications"), URL: worklistPath})
	f.Back = &ui.Link{Text: f.T("inps.desk.back_to_list"), URL: back}
	page := inps.ActPage{
		Frame: f, Consequences: []string{f.T("inps.desk.assign_text", "Count", len(ids), "Most", voucher.AssignedAtOnce)},
		Select: &ui.ChoiceProps{Name: "operatore", Legend: f.T("inps.desk.assign_to"), Chosen: []string{fields.Get("operatore")},
			Options: []ui.Option{{Value: string(actor(r).Person), Label: f.T("inps.desk.to_me")}}},
		Form:    ui.FormProps{Action: assignPath, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.assign"), Cancel: &ui.Link{Text: f.T("inps.desk.back_to_list"), URL: back}},
	}
	for _, o := range officers {
		if o.ID != actor(r).Person {
			page.Select.Options = append(page.Select.Options, ui.Option{Value: string(o.ID), Label: o.Name()})
		}
	}
	page.Select.Options = append(page.Select.Options, ui.Option{Value: "nessuno", Label: f.T("inps.desk.to_nobody")})
	for _, id := range ids {
		page.Hidden = append(page.Hidden, [2]string{"domanda", string(id)})
	}
	for _, name := range slices.Concat(worklistFilters, []string{"dopo", "prima"}) {
		if v := fields.Get(name); v != "" {
			page.Hidden = append(page.Hidden, [2]string{name, v})
		}
	}
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: "operatore", Text: words(f, wrong)}}
	}
	return p.showAs(w, r, status, inps.Act(page))
}

// inpsAssign assigns the chosen applications. Sent twice it acts once; what is
// assigned already stays as it is.
func (p *Portal) inpsAssign(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "domanda")
	if err != nil {
		return err
	}
	ids, err := chosenApplications(fields)
	if err != nil {
		return err
	}
	sent, err := sending(r, "application.assign", fields)
	if err != nil {
		return err
	}
	officer := identity.PersonID(fields.Get("operatore"))
	switch {
	case officer == "nessuno":
		officer = ""
	case uuid.Validate(string(officer)) != nil:
		return p.showAssign(w, r, http.StatusUnprocessableEntity, fields, voucher.ErrNotAnOfficer)
	}
	n, err := p.Desk.Assign(r.Context(), actor(r), sent, ids, officer)
	if reason := fault.As(err); reason != nil && reason.Kind == fault.KindInvalid {
		return p.showAssign(w, r, http.StatusUnprocessableEntity, fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, worklistReturn(fields), f.T("inps.desk.assigned"), f.T("inps.desk.assigned_text", "Count", n)+
		stayed(f, len(ids)-n))
}

// stayed says that some applications were assigned as asked before.
func stayed(f ui.Frame, n int) string {
	if n == 0 {
		return ""
	}
	return " " + f.T("inps.desk.assigned_before", "Count", n)
}

// chosenApplications are the applications that a form names, each once.
func chosenApplications(fields url.Values) ([]voucher.ApplicationID, error) {
	var ids []voucher.ApplicationID
	for _, text := range fields["domanda"] {
		id, err := uuid.Parse(text)
		if err != nil || id.String() != text {
			return nil, fault.ErrNotFound
		}
		ids = append(ids, voucher.ApplicationID(text))
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// worklistReturn is the page of the worklist, or the case, that a form came from.
func worklistReturn(fields url.Values) string {
	if back := localPath(fields.Get("ritorno")); strings.HasPrefix(back, worklistPath) {
		return back
	}
	return withQuery(worklistPath, keptFilters(fields, slices.Concat(worklistFilters, []string{"dopo", "prima"})))
}
