package portal

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

// area is P-12: what is to be done by when, then the ways on.
func (p *Portal) area(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, ui.Frame{})
	f.Title = f.T("area.title")
	page := public.AreaPage{Frame: f}
	who := actor(r)
	var err error
	switch who.Role {
	case identity.Citizen:
		err = p.citizenArea(r, &page)
	case identity.Psychologist:
		err = p.psychologistArea(r.Context(), &page, who)
	case identity.INPS:
		err = p.inpsArea(r, &page)
	case identity.CNOP:
		err = p.cnopArea(r, &page)
	case identity.Member:
		err = p.memberArea(r, &page)
	case identity.Heir:
		err = p.heirArea(r, &page)
	case identity.Welfare:
		err = p.welfareArea(r, &page)
	case identity.Oversight:
		err = p.oversightArea(r, &page)
	}
	if err != nil {
		return err
	}
	if who.Role == identity.Citizen {
		page.Cards = append(page.Cards, public.Card{Title: f.T("mandates.short"), URL: mandatesPath, Text: []string{f.T("mandates.card")}})
	}
	unread, err := p.People.Unread(r.Context(), who.Person)
	if err != nil {
		return err
	}
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.messages"), URL: "/messaggi", Text: []string{counted(f, "area.messages", unread)}})
	slices.SortStableFunc(page.Tasks, func(a, b public.Task) int { return a.Last.Compare(b.Last) })
	return p.show(w, r, public.Area(page))
}

// waits says on the area that so many of something wait, and where, unless there are none.
func waits(page *public.AreaPage, what string, n int, url string) {
	if n > 0 {
		page.Waiting = append(page.Waiting, ui.Link{Text: page.T("area.sum", "What", what, "Amount", grouped(n)), URL: url})
	}
}

const citizenFiles = "/contributo-psicoterapia/domande"

func (p *Portal) citizenArea(r *http.Request, page *public.AreaPage) error {
	l, _ := current(r)
	if err := p.mandateHolds(r, l.Actor, identity.VoucherOnly); errors.Is(err, errMandateScope) {
		return nil // nothing of the voucher is theirs to see
	} else if err != nil {
		return err
	}
	files, err := p.Vouchers.Files(r.Context(), l.Actor.For)
	if err != nil {
		return err
	}
	f, today := page.Frame, calendar.On(p.Now())
	key := "area.applications"
	if l.ForName != "" {
		key = "area.applications.for"
	}
	page.Cards = append(page.Cards, public.Card{Title: f.T("menu.applications"), URL: citizenFiles,
		Text: []string{counted(f, key, len(files), "Name", l.ForName)}})
	for _, file := range files {
		standing := file.Standing(today)
		if standing != voucher.Standing(voucher.Awarded) && standing != voucher.Standing(voucher.PartiallyAwarded) {
			continue
		}
		if err := p.citizenLook(r, voucher.AccountSeen, string(file.Voucher.ID)); err != nil {
			return err
		}
		link := ui.Link{Text: f.T("area.task.link"), URL: citizenFiles + "/" + string(file.Application.ID) + "/sedute"}
		page.Tasks = append(page.Tasks, citizenTasks(f, file.Voucher, today, link)...)
		page.Cards = append(page.Cards, public.Card{Title: f.T("area.sessions"), URL: link.URL, Text: sums(f, file.Voucher)})
	}
	return nil
}

// citizenTasks are the terms of a voucher that can still be missed.
func citizenTasks(f ui.Frame, v voucher.Voucher, today calendar.Date, link ui.Link) (tasks []public.Task) {
	if first := v.Terms.FirstSessionBy; v.Used == 0 && !first.IsZero() && !today.After(first) {
		tasks = append(tasks, public.Task{Link: link, DeadlineProps: ui.DeadlineProps{
			What: f.T("area.task.first"), Last: first, Today: today, Rule: f.T("area.task.first.rule")}})
	}
	if v.Balance() > 0 {
		tasks = append(tasks, public.Task{Link: link, DeadlineProps: ui.DeadlineProps{
			What: f.T("area.task.code"), Last: v.Terms.LastDay, Today: today, Rule: f.T("area.task.code.rule", "Left", v.Balance())}})
	}
	return tasks
}

// counted is a text about a number, with its own words for none.
func counted(f ui.Frame, key string, n int, args ...any) string {
	if n == 0 {
		return f.T(key+".none", args...)
	}
	return f.T(key, append(args, "Count", n)...)
}

// sums are the three parts of the amount, under the names of the INPS guide.
func sums(f ui.Frame, v voucher.Voucher) []string {
	var lines []string
	for _, s := range []struct {
		key string
		is  money.Amount
	}{{"ui.balance.held", v.Used}, {"ui.balance.booked", v.Booked}, {"ui.balance.left", v.Balance()}} {
		lines = append(lines, f.T("area.sum", "What", f.T(s.key), "Amount", s.is))
	}
	return lines
}

func (p *Portal) psychologistArea(ctx context.Context, page *public.AreaPage, who identity.Actor) error {
	const sessions = "/professionisti/sedute"
	f, today := page.Frame, calendar.On(p.Now())
	agenda, err := p.Vouchers.Agenda(ctx, who.Person, voucher.Agenda{State: voucher.ToConfirm, Today: today, Page: 1})
	if err != nil {
		return err
	}
	page.Cards = append(page.Cards, public.Card{Title: f.T("area.sessions"), URL: sessions, Text: []string{
		f.T("area.to_confirm", "Count", agenda.Counts[voucher.ToConfirm]),
		f.T("area.to_come", "Count", agenda.Counts[voucher.ToCome]),
	}})
	var last calendar.Date
	due := 0
	for _, s := range agenda.Sessions {
		if today.After(s.ConfirmBy) {
			continue
		}
		due++
		if last.IsZero() || s.ConfirmBy.Before(last) {
			last = s.ConfirmBy
		}
	}
	if due > 0 {
		page.Tasks = append(page.Tasks, public.Task{Link: ui.Link{Text: f.T("area.task.confirm.link"), URL: sessions}, DeadlineProps: ui.DeadlineProps{
			What: f.T("area.task.confirm", "Count", due), Last: last, Today: today, Rule: f.T("area.task.confirm.rule")}})
	}
	invoiced, missing := agenda.Counts[voucher.Billed], agenda.Payee.Hindrance(p.Now())
	if invoiced > 0 && (missing == voucher.AccountMissing || missing == voucher.AccountRejected) {
		page.Tasks = append(page.Tasks, public.Task{Link: ui.Link{Text: f.T("area.task.iban.link"), URL: ibanPath}, DeadlineProps: ui.DeadlineProps{
			What: f.T("area.task.iban." + string(missing)), Rule: f.T("area.task.iban.rule", "Count", invoiced)}})
	}
	return nil
}
