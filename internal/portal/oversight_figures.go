package portal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/web/oversight"
	"portal/web/ui"
)

const timesPath = "/tempi-del-servizio"

// auditFigures is how the service does (U-05).
func (p *Portal) auditFigures(w http.ResponseWriter, r *http.Request) error {
	figures, err := p.Figures.All(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.auditFrame(r, ui.Frame{}.T("figures.title"))
	page := oversight.FiguresPage{Frame: f, PublicURL: timesPath, Phases: phaseViews(f, figures.Took),
		Expired: tallyRows(figures.Expired, func(what string) string { return f.T("figures.term." + what) }),
		Begun:   tallyRows(figures.Begun, func(what string) string { return actionText(f, audit.Action(what)) }),
		Left:    tallyRows(figures.Left, func(what string) string { return f.T("figures.step." + what) })}
	for _, x := range figures.Rated {
		page.Rated = append(page.Rated, oversight.RatedRow{Page: x.Page, Count: grouped(x.Count), Mean: strings.Replace(fmt.Sprintf("%d.%d", x.Mean/10, x.Mean%10), ".", ",", 1)})
	}
	return p.show(w, r, oversight.Figures(page))
}

// phaseViews are the months of each phase, with a picture where there are two.
func phaseViews(f ui.Frame, all []auditor.Took) (views []oversight.PhaseView) {
	for _, phase := range auditor.Phases {
		id := strings.ReplaceAll(string(phase), ".", "-")
		v := oversight.PhaseView{ID: "fase-" + id, Name: f.T("figures.phase." + string(phase)), About: f.T("figures.about." + string(phase))}
		chart := ui.BarsProps{ID: "tempi-" + id, Title: v.Name, Sentence: f.T("figures.chart", "Phase", v.Name), Series: []string{f.T("figures.half"), f.T("figures.rest")}}
		for _, t := range all {
			if t.Phase != phase {
				continue
			}
			v.Rows = append(v.Rows, oversight.TookRow{Month: ui.Month(t.Month), Count: grouped(t.Count), Half: days(f, t.Half), Most: days(f, t.Most)})
			chart.Rows = append(chart.Rows, ui.Bar{Name: ui.Month(t.Month), Label: f.T("figures.bar", "Half", t.Half, "Most", t.Most), Parts: []int64{int64(t.Half), int64(t.Most - t.Half)}})
		}
		if len(v.Rows) == 0 {
			continue
		}
		if len(v.Rows) > 1 && slices.ContainsFunc(chart.Rows, func(b ui.Bar) bool { return b.Parts[0]+b.Parts[1] > 0 }) {
			slices.Reverse(chart.Rows)
			v.Chart = &chart
		}
		views = append(views, v)
	}
	return views
}

func days(f ui.Frame, n int) string { return f.T("figures.days", "Count", n) }

func tallyRows(all []auditor.Tally, name func(what string) string) (rows []oversight.TallyRow) {
	for _, t := range all {
		row := oversight.TallyRow{What: name(t.What), Count: grouped(t.Count)}
		if !t.Month.IsZero() {
			row.Month = ui.Month(t.Month)
		}
		rows = append(rows, row)
	}
	return rows
}

// publicTimes tells everybody how long each phase takes (F24).
func (p *Portal) publicTimes(w http.ResponseWriter, r *http.Request) error {
	took, hidden, err := p.Figures.Public(r.Context())
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title = f.T("times.title")
	page := oversight.TimesPage{Frame: f, Phases: phaseViews(f, took)}
	if hidden {
		page.Hidden = f.T("times.hidden", "Count", auditor.SmallCount)
	}
	return p.show(w, r, oversight.Times(page))
}
