package portal

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// inpsArea leads officers of INPS to their work, and says what waits for them.
func (p *Portal) inpsArea(r *http.Request, page *public.AreaPage) error {
	f, today := page.Frame, calendar.On(p.Now())
	who, err := p.onDuty(r, actor(r))
	if err != nil {
		return err
	}
	_, edition, err := p.deskEditions(r, "")
	if err != nil {
		return err
	}
	duties, err := p.Desk.Duties(r.Context(), who, edition.ID, today, p.Now())
	if err != nil {
		return err
	}
	counters := workCounters(f, duties, who.Has(identity.Prepare))
	if !who.Has(identity.Prepare) {
		counters = counters[:1] // the approvals
	}
	for _, c := range counters {
		if c.Tone == ui.Closed {
			continue
		}
		if strings.HasPrefix(c.URL, "#") {
			c.URL = workPath + c.URL
		}
		page.Waiting = append(page.Waiting, ui.Link{Text: c.Number + " " + c.Text, URL: c.URL})
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
	if err := p.cnopTasks(r, page); err != nil {
		return err
	}
	page.Cards = append(page.Cards,
		public.Card{Title: f.T("menu.cnop.list"), URL: "/cnop/elenco", Text: []string{list}},
		public.Card{Title: f.T("menu.cnop.deliveries"), URL: "/cnop/invii", Text: []string{f.T("inps.desk.area.deliveries")}},
		public.Card{Title: f.T("menu.cnop.reports"), URL: "/cnop/segnalazioni", Text: []string{f.T("inps.desk.area.reports")}})
	return nil
}

// cnopTasks are the delivery that waits for another person of CNOP, and what INPS asked and
// nobody answered.
func (p *Portal) cnopTasks(r *http.Request, page *public.AreaPage) error {
	who, err := p.onDuty(r, actor(r))
	if err != nil {
		return err
	}
	all, err := p.Participants.Deliveries(r.Context())
	if err != nil {
		return err
	}
	if open := openDelivery(all); open != nil && open.MaySend(who) == nil {
		waits(page, page.T("cnop.area.deliveries"), 1, deliveriesPath+"/"+string(open.ID))
	}
	reports, err := p.Participants.Reports(r.Context(), "")
	if err != nil {
		return err
	}
	reports = slices.DeleteFunc(reports, func(x voucher.Report) bool { return x.Answer != "" })
	waits(page, page.T("cnop.area.reports"), len(reports), reportsPath)
	return nil
}
