package portal

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/inps"
	"portal/web/ui"
	"portal/web/welfare"
)

const (
	viewsPath   = welfarePath + "/viste"
	newViewPath = viewsPath + "/nuova"

	// wholeList is the list of cases when a view opens it otherwise.
	wholeList = welfareCasesPath + "?vista=tutte"
)

func viewPath(id indemnity.ViewID) string { return viewsPath + "/" + string(id) }

func viewURL(v indemnity.View) string { return welfareCasesPath + "?" + v.Filters }

// shownFilters are what restricts a list, in words, and those filters as its address has
// them: what the list does not understand is left out.
func (p *Portal) shownFilters(r *http.Request, q url.Values) (shown []string, understood url.Values, err error) {
	among, err := p.Work.Choices(r.Context(), actor(r))
	if err != nil {
		return nil, nil, err
	}
	understood = url.Values{}
	for _, c := range caseChoices(r, q, among) {
		for _, o := range c.Options {
			if o.Value != "" && o.Value == q.Get(c.Name) {
				understood.Set(c.Name, o.Value)
				shown = append(shown, c.Legend+": "+o.Label)
			}
		}
	}
	return shown, understood, nil
}

// welfareViews lists the views that an officer keeps.
func (p *Portal) welfareViews(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Views.Of(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.viewFrame(r, "")
	page := welfare.ViewsPage{Frame: f, Lead: f.T("views.lead", "Number", indemnity.ViewsAtMost), List: ui.Link{Text: f.T("work.all"), URL: wholeList}}
	for _, v := range all {
		q, err := url.ParseQuery(v.Filters)
		if err != nil {
			return err
		}
		row := welfare.ViewRow{ID: string(v.ID), Name: v.Name, URL: viewURL(v), Change: ui.Link{Text: f.T("views.change", "Name", v.Name), URL: viewPath(v.ID)},
			Drop: ui.Link{Text: f.T("views.drop", "Name", v.Name), URL: viewPath(v.ID) + "/elimina"}}
		if row.Filters, _, err = p.shownFilters(r, q); err != nil {
			return err
		}
		if v.First {
			row.First = f.T("views.is_first")
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, welfare.Views(page))
}

func (p *Portal) viewFrame(r *http.Request, title string) ui.Frame {
	var f ui.Frame
	path := []ui.Crumb{{Text: f.T("work.list"), URL: welfareCasesPath}}
	if title == "" {
		return p.welfareFrame(r, f.T("views.title"), path...)
	}
	return p.welfareFrame(r, title, append(path, ui.Crumb{Text: f.T("views.title"), URL: viewsPath})...)
}

// welfareViewNewAsk asks under which name a view of the list is kept.
func (p *Portal) welfareViewNewAsk(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	return p.showView(w, r, http.StatusOK, indemnity.View{Filters: keptFilters(q, caseList.filters).Encode()}, newViewPath, nil)
}

// welfareViewAsk asks for the name of a view that is there.
func (p *Portal) welfareViewAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.openedView(r)
	if err != nil {
		return err
	}
	return p.showView(w, r, http.StatusOK, v, viewPath(v.ID), nil)
}

// openedView is the view in the address, of who asks.
func (p *Portal) openedView(r *http.Request) (indemnity.View, error) {
	id, err := idParam(r, "vista")
	if err != nil {
		return indemnity.View{}, err
	}
	return p.Views.One(r.Context(), actor(r), indemnity.ViewID(id))
}

// showView asks for the name of a view, with what was typed and what is wrong with it.
func (p *Portal) showView(w http.ResponseWriter, r *http.Request, status int, v indemnity.View, action string, wrong []ui.FieldError) error {
	q, err := url.ParseQuery(v.Filters)
	if err != nil {
		return errUnreadable
	}
	shown, understood, err := p.shownFilters(r, q)
	switch {
	case err != nil:
		return err
	case len(understood) == 0 && action == newViewPath:
		return goTo(w, r, welfareCasesPath, url.Values{"vista": {"tutte"}})
	}
	var f ui.Frame
	if f = p.viewFrame(r, f.T("views.change", "Name", v.Name)); action == newViewPath {
		f = p.viewFrame(r, f.T("views.new"))
	}
	f.Errors = wrong
	page := welfare.ViewPage{Frame: f, Filters: shown, Form: ui.FormProps{Action: action, Key: once.NewKey()},
		Name:    ui.FieldProps{Name: "nome", Label: f.T("views.name"), Hint: f.T("views.name.hint", "Number", indemnity.ViewName), Value: v.Name, Autocomplete: "off"},
		First:   ui.ChoiceProps{Name: "apri", Legend: f.T("views.first"), Options: []ui.Option{{Value: "si", Label: f.T("views.first.yes"), Hint: f.T("views.first.hint")}}, Optional: true},
		Buttons: ui.ButtonsProps{Submit: f.T("views.save"), Cancel: &ui.Link{Text: f.T("views.back"), URL: viewsPath}}}
	if v.First {
		page.First.Chosen = []string{"si"}
	}
	if action == newViewPath {
		page.Hidden = hiddenFields(understood, caseList.filters)
	}
	return p.showAs(w, r, status, welfare.View(page))
}

// welfareViewNew keeps a view of the list, with the filters that the list understands.
func (p *Portal) welfareViewNew(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	_, understood, err := p.shownFilters(r, fields)
	switch {
	case err != nil:
		return err
	case len(understood) == 0:
		return indemnity.ErrViewPlain
	}
	v := indemnity.View{Filters: understood.Encode()}
	return p.keepView(w, r, fields, v, newViewPath, bad.field != "", p.Views.Save)
}

// welfareViewChange renames a view, and says whether the list opens with it.
func (p *Portal) welfareViewChange(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	v, err := p.openedView(r)
	if err != nil {
		return err
	}
	return p.keepView(w, r, fields, v, viewPath(v.ID), bad.field != "", p.Views.Change)
}

// viewFaults are what is said beside the name of a view.
var viewFaults = []*fault.Reason{indemnity.ErrViewName, indemnity.ErrViewTwice, indemnity.ErrViewsEnded}

type viewAct func(ctx context.Context, who identity.Actor, form once.Form, v indemnity.View) error

func (p *Portal) keepView(w http.ResponseWriter, r *http.Request, fields url.Values, v indemnity.View, action string, unreadable bool, keep viewAct) error {
	v.Name, v.First = fields.Get("nome"), fields.Get("apri") == "si"
	var f ui.Frame
	if unreadable {
		return p.showView(w, r, http.StatusUnprocessableEntity, v, action, []ui.FieldError{{Field: "nome", Text: words(f, errText)}})
	}
	sent, err := sending(r, "indemnity.view", url.Values{"idem": fields["idem"], "vista": {string(v.ID), v.Filters}, "nome": {v.Name}, "apri": fields["apri"]})
	if err == nil {
		err = keep(r.Context(), actor(r), sent, v)
	}
	for _, reason := range viewFaults {
		if errors.Is(err, reason) {
			status := http.StatusUnprocessableEntity
			if reason.Kind == fault.KindRefused {
				status = http.StatusConflict
			}
			return p.showView(w, r, status, v, action, []ui.FieldError{{Field: "nome", Text: words(f, reason)}})
		}
	}
	if err != nil {
		return err
	}
	return p.done(w, r, viewsPath, f.T("views.saved"), f.T("views.saved.text", "Name", v.Name))
}

// welfareViewDropAsk asks whether to forget a view.
func (p *Portal) welfareViewDropAsk(w http.ResponseWriter, r *http.Request) error {
	v, err := p.openedView(r)
	if err != nil {
		return err
	}
	f := p.viewFrame(r, ui.Frame{}.T("views.drop.title", "Name", v.Name))
	return p.show(w, r, inps.Act(inps.ActPage{Frame: f, Consequences: []string{f.T("views.drop.text")}, Form: ui.FormProps{Action: viewPath(v.ID) + "/elimina", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("views.drop.submit"), Danger: true, Cancel: &ui.Link{Text: f.T("views.keep"), URL: viewsPath}}}))
}

// welfareViewDrop forgets a view. Sent twice, it was forgotten once.
func (p *Portal) welfareViewDrop(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	id, err := idParam(r, "vista")
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.view_drop", url.Values{"idem": fields["idem"], "vista": {id}})
	if err == nil {
		err = p.Views.Drop(r.Context(), actor(r), sent, indemnity.ViewID(id))
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, viewsPath, f.T("views.dropped"), f.T("views.dropped.text"))
}

// viewLinks are the views of an officer, as the pages show them that they lead from.
func viewLinks(views []indemnity.View) (all []ui.Link) {
	for _, v := range views {
		all = append(all, ui.Link{Text: v.Name, URL: viewURL(v)})
	}
	return all
}

// firstView is where the list opens for an officer who asks for nothing; "" for the list
// itself.
func (p *Portal) firstView(r *http.Request) (string, error) {
	if r.URL.RawQuery != "" {
		return "", nil
	}
	views, err := p.Views.Of(r.Context(), actor(r))
	if err != nil || len(views) == 0 || !views[0].First {
		return "", err
	}
	return viewURL(views[0]), nil
}
