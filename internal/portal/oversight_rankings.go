package portal

import (
	"encoding/hex"
	"net/http"
	"strconv"

	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/oversight"
	"portal/web/ui"
)

// auditRankings lists the rankings of both programmes (U-03).
func (p *Portal) auditRankings(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Watched.All(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.auditFrame(r, ui.Frame{}.T("remake.title"))
	page := oversight.RankingsPage{Frame: f}
	for _, one := range all {
		row := oversight.RankingRow{ID: one.ID, Name: watchedName(f, one), URL: auditRankingsPath + "/" + one.ID + "/ricalcolo", Programme: f.T("remake.programme." + string(one.Programme)),
			Made: ui.ShortMoment(one.MadeAt), Applications: grouped(one.Applications), State: watchedState(f, one)}
		if !one.PublishedAt.IsZero() {
			row.Published = ui.ShortDay(calendar.On(one.PublishedAt))
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, oversight.Rankings(page))
}

// watchedName is what a ranking is called: "Annualità 2025, simulazione 3".
func watchedName(f ui.Frame, r auditor.Ranking) string {
	of := f.T("remake.edition", "Edition", r.Of)
	if r.Programme == identity.IndemnityOnly {
		of = callTitle(f, indemnity.CallID(r.Of))
	}
	return f.T("remake.name", "Of", of, "Number", strconv.Itoa(r.Number))
}

func watchedState(f ui.Frame, r auditor.Ranking) ui.Tag {
	tone := ui.Closed
	switch r.State {
	case "published":
		tone = ui.Success
	case "simulated", "proposed", "approved", "publishing":
		tone = ui.Working
	}
	return ui.Tag{Tone: tone, Text: f.T("remake.state." + r.State)}
}

// faultsShown is how many differences the minutes list.
const faultsShown = 100

// auditRemake makes a ranking again from its snapshot, and shows the minutes.
func (p *Portal) auditRemake(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	m, err := p.Watched.Remake(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	f := p.auditFrame(r, ui.Frame{}.T("remake.one"), ui.Crumb{Text: ui.Frame{}.T("remake.title"), URL: auditRankingsPath})
	f.Caption = watchedName(f, m.Ranking)
	l, _ := current(r)
	page := oversight.RemakePage{Frame: f, Outcome: f.T("remake.identical"), Text: f.T("remake.identical.text", "Applications", grouped(m.Ranking.Applications)), Holds: len(m.Faults) == 0,
		Rows: []ui.Entry{
			{Name: f.T("remake.col.name"), Value: watchedName(f, m.Ranking)},
			{Name: f.T("remake.col.programme"), Value: f.T("remake.programme." + string(m.Ranking.Programme))},
			{Name: f.T("remake.number"), Value: m.Ranking.ID, Proper: true},
			{Name: f.T("remake.col.applications"), Value: grouped(m.Ranking.Applications)},
			{Name: f.T("remake.col.made"), Value: ui.Moment(m.Ranking.MadeAt)},
			{Name: f.T("remake.at"), Value: ui.Moment(m.At)},
			{Name: f.T("remake.by"), Value: l.Name, Proper: true},
		}}
	if m.Ranking.Publication > 0 {
		page.Rows = append(page.Rows, ui.Entry{Name: f.T("remake.publication"), Value: strconv.Itoa(m.Ranking.Publication)})
	}
	if !page.Holds {
		page.Outcome, page.Text = f.T("remake.differs"), f.T("remake.differs.text", "Count", len(m.Faults))
		if page.Faults, err = p.faultRows(r, f, m.Faults[:min(len(m.Faults), faultsShown)]); err != nil {
			return err
		}
		if len(m.Faults) > faultsShown {
			page.More = f.T("remake.more", "Count", len(m.Faults)-faultsShown)
		}
	}
	for _, d := range m.Digests {
		page.Digests = append(page.Digests, ui.Entry{Name: f.T("chain.part." + d.Part), Content: oversight.DigestOf(hex.EncodeToString(d.Is))})
	}
	return p.show(w, r, oversight.Remake(page))
}
