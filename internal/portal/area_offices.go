package portal

import (
	"errors"
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/web/public"
)

// inpsArea leads officers of INPS to their work, and says what waits for them.
func (p *Portal) inpsArea(r *http.Request, page *public.AreaPage) error {
	f, who := page.Frame, actor(r)
	today := calendar.On(p.Now())
	profiles, err := p.People.Profiles(r.Context(), who.Person, today)
	if err != nil {
		return err
	}
	_, edition, err := p.deskEditions(r, "")
	if err != nil {
		return err
	}
	duties, err := p.Desk.Duties(r.Context(), who.WithDuties(profiles.Duties[who.Role]), edition.ID, today, p.Now())
	if err != nil {
		return err
	}
	page.Cards = append(page.Cards,
		public.Card{Title: f.T("inps.desk.work"), URL: workPath, Text: []string{
			counted(f, "inps.desk.waiting", duties.Approvals()), counted(f, "inps.desk.area.own", duties.Own)}},
		public.Card{Title: f.T("menu.inps.applications"), URL: worklistPath, Text: []string{f.T("inps.desk.area.applications", "Edition", string(edition.ID))}},
		public.Card{Title: f.T("menu.inps.rankings"), URL: workPath + "/graduatorie", Text: []string{f.T("inps.desk.area.rankings")}},
		public.Card{Title: f.T("menu.inps.editions"), URL: editionsPath, Text: []string{f.T("inps.desk.area.editions")}},
		public.Card{Title: f.T("menu.inps.professionals"), URL: workPath + "/professionisti", Text: []string{f.T("inps.desk.area.professionals")}},
		public.Card{Title: f.T("inps.codes.title"), URL: codesPath, Text: []string{f.T("inps.codes.lead")}})
	return nil
}

// cnopArea leads those who work at CNOP to the list and its deliveries.
func (p *Portal) cnopArea(r *http.Request, page *public.AreaPage) error {
	f := page.Frame
	list := f.T("inps.desk.area.list_never")
	switch last, err := p.Vouchers.List(r.Context()); {
	case err == nil:
		list = f.T("inps.desk.area.list", "Delivered", last.DeliveredOn, "Due", last.NextDueOn)
	case !errors.Is(err, fault.ErrNotFound):
		return err
	}
	page.Cards = append(page.Cards,
		public.Card{Title: f.T("menu.cnop.list"), URL: "/cnop/elenco", Text: []string{list}},
		public.Card{Title: f.T("menu.cnop.deliveries"), URL: "/cnop/invii", Text: []string{f.T("inps.desk.area.deliveries")}},
		public.Card{Title: f.T("menu.cnop.reports"), URL: "/cnop/segnalazioni", Text: []string{f.T("inps.desk.area.reports")}})
	return nil
}
