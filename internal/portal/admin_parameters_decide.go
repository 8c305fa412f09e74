package portal

import (
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// adminParametersVersion is a version of the parameters with what it changes, and the
// decision for who may take it.
func (p *Portal) adminParametersVersion(w http.ResponseWriter, r *http.Request) error {
	return p.showParametersVersion(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showParametersVersion(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	v, all, err := p.parametersAsked(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("parameters.version"), parametersCrumb())
	today := calendar.On(p.Now())
	tag := parametersTag(f, v, all.On(today), today)
	f.Badge = &tag
	page := oversight.DecisionPage{Frame: f, Facts: []ui.Entry{
		{Name: f.T("parameters.from"), Value: ui.Day(v.From)}, {Name: f.T("parameters.grounds"), Value: v.Grounds}, {Name: f.T("administration.proposed"), Value: handText(f, v.Proposed)}},
		Form:    ui.FormProps{Action: parametersPath(v.ID), Key: once.NewKey()},
		Confirm: ui.Option{Value: "conferma", Label: f.T("administration.decide.confirm"), Hint: f.T("parameters.confirm.hint", "FromDay", ui.FromDay(v.From))}}
	fillDecision(&page, v, v.State == office.Proposed, actor(r), fields, wrong)
	if v.State != office.Proposed {
		page.Facts = append(page.Facts, ui.Entry{Name: f.T("administration.decided." + string(v.State)), Value: handText(f, v.Decided), Note: v.Why})
	}
	for _, d := range all.Before(v).Differences(v.Parameters) {
		page.Changes = append(page.Changes, oversight.ValueChange{Name: f.T("parameters.named", "Group", f.T("parameters.group."+d.After.Group), "Name", f.T("parameters.value."+d.After.Name)),
			Before: textOr(parameterText(f, d.Before), f.T("parameters.empty")), After: textOr(parameterText(f, d.After), f.T("parameters.empty"))})
	}
	page.Caption = f.T("parameters.caption", "Count", len(page.Changes))
	return p.showAs(w, r, status, oversight.Decision(page))
}

// parametersAsked is the version that an address names, among all.
func (p *Portal) parametersAsked(r *http.Request) (office.ParameterVersion, office.History, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return office.ParameterVersion{}, nil, err
	}
	all, err := p.Settings.History(r.Context(), actor(r))
	if err != nil {
		return office.ParameterVersion{}, nil, err
	}
	v, err := all.Version(office.VersionID(id))
	return v, all, err
}

// adminParametersDecide confirms, refuses or withdraws a version.
func (p *Portal) adminParametersDecide(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[office.VersionID](r, "parameters.decide")
	if err != nil {
		return err
	}
	switch fields.Get("decisione") {
	case "conferma":
		err = p.Settings.Confirm(r.Context(), actor(r), sent, id)
	case "rifiuta":
		err = p.Settings.Refuse(r.Context(), actor(r), sent, id, fields.Get("motivo"))
	case "ritira":
		err = p.Settings.Withdraw(r.Context(), actor(r), sent, id)
	default:
		err = office.ErrDecision
	}
	if reason, here := refusedHere(err); here {
		return p.showParametersVersion(w, r, statuses[reason.Kind], fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "parameters.done." + fields.Get("decisione")
	return p.done(w, r, adminParametersPath, f.T(done), f.T(done+".text"))
}
