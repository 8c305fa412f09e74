package portal

import (
	"net/http"
	"net/url"
	"strconv"

	ics "github.com/arran4/golang-ical"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/web/ui"
	"portal/web/welfare"
)

const termsPath = welfarePath + "/termini"

// ownTerms tells whether an address asks for the terms of the reader’s own cases.
func ownTerms(q url.Values) bool { return q.Get("chi") == "miei" }

// welfareTerms shows the terms that run, by day, and before them those that are over
// (W-19).
func (p *Portal) welfareTerms(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	own := ownTerms(q)
	all, err := p.Work.Terms(r.Context(), actor(r), own)
	if err != nil {
		return err
	}
	f := p.welfareFrame(r, ui.Frame{}.T("termdays.title"))
	today := calendar.On(p.Now())
	page := welfare.TermsPage{Frame: f, Sums: f.T("termdays.sums", "Today", all.Today, "Tomorrow", all.Tomorrow, "Week", all.Week, "Days", indemnity.WeekDays), Empty: f.T("termdays.none"),
		Tabs: []ui.Tab{{Text: f.T("termdays.all"), URL: termsPath, Current: !own}, {Text: f.T("termdays.own"), URL: termsPath + "?chi=miei", Current: own}}}
	if all.Late > 0 {
		page.Late = f.T("termdays.late", "Count", all.Late)
	}
	if n := len(all.Rows); n < all.All {
		page.More = f.T("termdays.more", "Shown", grouped(n), "All", grouped(all.All))
	}
	if opensCases(r) {
		page.File = termsPath + ".ics"
		if own {
			page.File += "?chi=miei"
		}
	}
	for _, t := range all.Rows {
		day := termDay(f, t.DueOn, today)
		if n := len(page.Days); n == 0 || page.Days[n-1].ID != day.ID {
			page.Days = append(page.Days, day)
		}
		last := &page.Days[len(page.Days)-1]
		row := welfare.TermDayRow{ID: string(t.Request) + string(t.Review), Protocol: t.Case.Protocol, Member: t.Case.Member, Note: caseNote(f, t.Case), What: f.T("termdays.what." + string(t.Kind)),
			Term: workTerm(f, t.DueOn, today), Officer: t.Case.Officer}
		if opensCases(r) {
			row.URL = welfareCasePath(t.Case.ID)
			if t.Review != "" {
				row.URL = officeReviewPath(t.Review)
			}
		}
		last.Rows = append(last.Rows, row)
	}
	return p.show(w, r, welfare.Terms(page))
}

// termDay is the part of the page where a term stands: its day, or all that are over.
func termDay(f ui.Frame, due, today calendar.Date) welfare.TermDay {
	d := welfare.TermDay{ID: due.String(), Title: ui.WeekDay(due)}
	switch left := today.Until(due); {
	case left < 0:
		d.ID, d.Title = "scaduti", f.T("termdays.over")
	case left == 0:
		d.Title = f.T("termdays.today", "Day", ui.WeekDay(due))
	case left == 1:
		d.Title = f.T("termdays.tomorrow", "Day", ui.WeekDay(due))
	}
	return d
}

// welfareTermsFile sends the terms for the calendar of an officer: days and numbers of
// the protocol, and neither names nor what a case is about.
func (p *Portal) welfareTermsFile(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	all, err := p.Work.TakeTerms(r.Context(), actor(r), ownTerms(q), "ics")
	if err != nil {
		return err
	}
	var f ui.Frame
	c := ics.NewCalendarFor("Portale")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(f.T("termdays.file.name"))
	for _, t := range all.Rows {
		e := c.AddEvent(string(t.Request) + string(t.Review))
		e.SetDtStampTime(t.AskedAt)
		e.SetClass(ics.ClassificationPrivate)
		e.SetTimeTransparency(ics.TransparencyTransparent)
		e.SetSummary(f.T("termdays.file.item", "Protocol", t.Case.Protocol))
		e.SetDescription(f.T("feed.item.deadline.text", "By", ui.ByDay(t.DueOn)))
		e.SetAllDayStartAt(t.DueOn.At(12, 0))
		e.SetAllDayEndAt(t.DueOn.Add(1).At(12, 0))
	}
	body := c.Serialize(ics.WithNewLineWindows)
	h := w.Header()
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="termini.ics"`)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write([]byte(body)) // the reader may have gone
	return nil
}
