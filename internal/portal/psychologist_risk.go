package portal

import (
	"net/http"
	"net/url"

	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// psychologistRisk shows the sessions that the office will cancel, by term (F9).
func (p *Portal) psychologistRisk(w http.ResponseWriter, r *http.Request) error {
	groups, err := p.Trail.Risks(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.psychologistFrame(r, "money.risk.title")
	f.Back = &ui.Link{Text: f.T("psychologist.to_sessions"), URL: sessionsPath}
	page := psychologist.RiskPage{Frame: f}
	var all voucher.Sum
	for _, g := range groups {
		page.Groups = append(page.Groups, riskGroup(f, g))
		all.Sessions, all.Amount = all.Sessions+len(g.Sessions), all.Amount+g.Total
	}
	page.Total = f.T("money.sum", "Count", all.Sessions, "Amount", all.Amount)
	return p.show(w, r, psychologist.Risk(page))
}

// riskGroup is the sessions of one term: those of one beneficiary that want the same
// act stand together, and so are invoiced together.
func riskGroup(f ui.Frame, g voucher.RiskGroup) psychologist.RiskGroup {
	group := psychologist.RiskGroup{Heading: f.T("money.risk.by", "By", ui.ByDay(g.By)),
		Caption: f.T("money.sum", "Count", len(g.Sessions), "Amount", g.Total)}
	if g.Over {
		group.Heading, group.Text = f.T("money.risk.over", "OnDay", ui.OnDay(g.By)), f.T("money.risk.over.text", "Count", len(g.Sessions))
	}
	type lot struct {
		holder  string
		stage   voucher.Stage
		invoice voucher.InvoiceID
	}
	rows := map[lot]int{}
	bills := map[lot][]voucher.BookingID{}
	confirm := url.Values{}
	for _, s := range g.Sessions {
		of := lot{string(s.Holder.ID), s.Waypoint.Stage, ""}
		if s.Waypoint.Stage == voucher.TrailToCorrect {
			of.invoice = s.Invoice.ID
		}
		i, known := rows[of]
		if !known {
			i = len(group.Rows)
			rows[of] = i
			group.Rows = append(group.Rows, psychologist.RiskRow{Tag: stageTag(f, s.Waypoint), Holder: s.Holder.Name(), Action: stageLink(f, s.Trace, s.Waypoint)})
		}
		row := &group.Rows[i]
		row.Days = append(row.Days, ui.Link{Text: ui.ShortDay(s.Day), URL: sessionPath(s.ID)})
		row.Amount += s.Price()
		if g.Over {
			continue
		}
		switch s.Waypoint.Stage {
		case voucher.TrailToConfirm:
			confirm.Add("seduta", string(s.ID))
			if len(row.Days) > 1 {
				row.Action = nil // they are confirmed together
			}
		case voucher.TrailToInvoice:
			bills[of] = append(bills[of], s.ID)
			row.Action.URL = billURL(bills[of]...)
		}
	}
	if n := len(confirm["seduta"]); n > 0 {
		confirm["seduta"] = confirm["seduta"][:min(n, voucher.AgendaPageSize)]
		group.Confirm = &ui.Link{Text: f.T("money.risk.confirm", "Count", len(confirm["seduta"])), URL: withQuery(confirmPath, confirm)}
	}
	return group
}

// psychologistInvoiceChosen leads the sessions chosen in the list to their invoice.
func (p *Portal) psychologistInvoiceChosen(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	sessions, err := p.chosenSessions(r, q["seduta"])
	if err != nil {
		return err
	}
	ids := make([]voucher.BookingID, len(sessions))
	for i, s := range sessions {
		ids[i] = s.ID
	}
	http.Redirect(w, r, billURL(ids...), http.StatusSeeOther)
	return nil
}
