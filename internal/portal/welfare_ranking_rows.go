package portal

import (
	"net/http"
	"path"
	"strconv"
	"strings"

	"portal/internal/audit"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/ui"
	"portal/web/welfare"
)

// callPlacesBetween are places of a ranking with what all of them cost up to each.
func (p *Portal) callPlacesBetween(r *http.Request, f ui.Frame, x indemnity.Ranking, from, to int) ([]welfare.PlaceRow, error) {
	all, err := p.CallRankings.PlacesSeen(r.Context(), actor(r), x.ID, from, to)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	costs, err := p.CallRankings.Costs(r.Context(), x.ID, x.Call.Rules.Readings.BudgetBasis.Is, from, to, 1)
	if err != nil {
		return nil, err
	}
	running := map[int]money.Amount{}
	for _, c := range costs {
		running[c.Rank] = c.Total
	}
	return p.callPlaces(r, f, x, all, running), nil
}

// callPlaces are cases of a ranking as a table shows them.
func (p *Portal) callPlaces(r *http.Request, f ui.Frame, x indemnity.Ranking, all []indemnity.RankingEntry, running map[int]money.Amount) []welfare.PlaceRow {
	rows := make([]welfare.PlaceRow, len(all))
	for i, e := range all {
		row := welfare.PlaceRow{ID: string(e.Case), Protocol: e.Protocol, URL: rankedCaseURL(r, e.Case), ISEE: strconv.Itoa(e.Score.ISEE), Duration: strconv.Itoa(e.Score.Duration),
			Exclusive: strconv.Itoa(e.Score.Exclusivity), Total: strconv.Itoa(e.Score.Total()), Tie: callTieText(f, e.Result)}
		if e.Rank == 0 {
			row.Rank, row.ISEE, row.Duration, row.Exclusive, row.Total = f.T("rank.outcome."+string(e.Outcome)), "", "", "", ""
			rows[i] = row
			continue
		}
		row.Rank, row.Amount, row.Last = grouped(e.Rank), e.Entitlement.Gross.String(), e.Rank == x.LastRank
		if total, known := running[e.Rank]; known {
			row.Running = total.String()
		}
		switch {
		case e.Revoked:
			row.Outcome = ui.Tag{Tone: ui.Danger, Text: f.T("rank.row.revoked")}
		case e.Funding == indemnity.NotFunded:
			row.Outcome = ui.Tag{Tone: ui.Closed, Text: f.T("rank.row.not_funded")}
		case e.Funding != indemnity.FundedWhole:
			row.Outcome = ui.Tag{Tone: ui.Action, Text: f.T("rank.row.partial", "Amount", e.FundedGross)}
		}
		rows[i] = row
	}
	return rows
}

// callTieText says what decided between this place and the one before, where it was not
// the points (call, art. 4).
func callTieText(f ui.Frame, e indemnity.Result) string {
	if e.Decided == "" || e.Decided == indemnity.ByScore {
		return ""
	}
	return f.T("rank.tie." + e.Decided)
}

// rankedText is "Posizione 12, 22 punti, 600,00 €", or what a case came to.
func rankedText(f ui.Frame, e indemnity.Result) string {
	if e.Rank == 0 {
		return f.T("rank.place.none")
	}
	return f.T("rank.place.text", "Rank", grouped(e.Rank), "Points", e.Score.Total(), "Amount", e.FundedGross)
}

// callRankingComparison puts a ranking beside another one of its call; a scenario beside
// that which it is based on.
func (p *Portal) callRankingComparison(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking, other indemnity.RankingID) error {
	all, err := p.CallRankings.RankingStore.Rankings(r.Context(), x.Call.ID)
	if err != nil {
		return err
	}
	asked := other
	if other == "" {
		other = x.BasedOn
	}
	for _, o := range all {
		if o.ID == x.ID {
			continue
		}
		name := callRankingName(page.Frame, o)
		page.Others = append(page.Others, ui.Option{Value: string(o.ID), Label: name})
		if o.ID == other {
			page.Other = string(other)
			part, err := p.rankingDifference(r, page.Frame, o, x)
			if err != nil {
				return err
			}
			page.Comparison = part
		}
	}
	if asked != "" && page.Comparison == nil {
		return fault.ErrNotFound
	}
	return nil
}

// rankingDifference says what a ranking changes against one before it, and what it costs.
func (p *Portal) rankingDifference(r *http.Request, f ui.Frame, before, after indemnity.Ranking) (*welfare.ComparisonPart, error) {
	c, err := p.CallRankings.Compare(r.Context(), before.ID, after.ID)
	if err != nil {
		return nil, err
	}
	cost := after.Summary.FundedGross - before.Summary.FundedGross
	sign := "rank.compare.cost.more"
	if cost < 0 {
		cost, sign = -cost, "rank.compare.cost.less"
	}
	part := &welfare.ComparisonPart{
		Counts: []ui.Entry{
			{Name: f.T("rank.compare.entered"), Value: grouped(c.Entered), Note: f.T("rank.compare.entered.note")},
			{Name: f.T("rank.compare.left"), Value: grouped(c.Left), Note: f.T("rank.compare.left.note")},
			{Name: f.T("rank.compare.moved"), Value: grouped(c.Moved), Note: f.T("rank.compare.moved.note")},
			{Name: f.T("rank.compare.cost"), Value: f.T(sign, "Amount", cost), Note: f.T("rank.compare.cost.note", "Before", before.Summary.FundedGross, "After", after.Summary.FundedGross)},
		},
		Caption: f.T("rank.compare.caption", "Count", len(c.Changes), "Other", callRankingName(f, before)), None: f.T("rank.compare.same"),
	}
	for _, x := range c.Changes {
		row := welfare.ChangeRow{ID: string(x.Case), Protocol: x.Protocol, URL: rankedCaseURL(r, x.Case), Before: changedPlace(f, x.Before), After: changedPlace(f, x.After),
			What: ui.Tag{Tone: ui.Working, Text: f.T("rank.change.moved")}}
		switch {
		case !paid(x.Before) && paid(x.After):
			row.What = ui.Tag{Tone: ui.Success, Text: f.T("rank.change.entered")}
		case paid(x.Before) && !paid(x.After):
			row.What = ui.Tag{Tone: ui.Danger, Text: f.T("rank.change.left")}
		}
		part.Rows = append(part.Rows, row)
	}
	return part, nil
}

func paid(p indemnity.RankedPlace) bool { return p.Funding != "" && p.Funding != indemnity.NotFunded }

func changedPlace(f ui.Frame, x indemnity.RankedPlace) string {
	if x.Rank == 0 {
		return f.T("rank.place.none")
	}
	return f.T("rank.place.text", "Rank", grouped(x.Rank), "Points", x.Points, "Amount", x.FundedGross)
}

// welfareRankingFile sends the places of a ranking for a spreadsheet.
func (p *Portal) welfareRankingFile(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	format, _ := export.Of(strings.TrimPrefix(path.Ext(r.URL.Path), "."))
	if err := p.CallRankings.See(r.Context(), audit.Entry{At: p.Now(), Actor: actor(r), Action: indemnity.RankingTaken, Subject: string(x.ID)}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", format.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="graduatoria-`+string(x.Call.ID)+"-"+strconv.Itoa(x.Number)+format.Ending()+`"`)
	if err := p.writeRanking(w, r, x, format); err != nil {
		p.Log.Error("file of a ranking cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}

// exportedPlaces is how many places are read at once for a file.
const exportedPlaces = 1000

func (p *Portal) writeRanking(w http.ResponseWriter, r *http.Request, x indemnity.Ranking, format export.Format) error {
	f := p.frame(r, ui.Frame{})
	column := func(key, title string) export.Column { return export.Column{Key: key, Title: f.T(title)} }
	file, err := export.New(format, w, []export.Column{
		column("rank", "rank.place"), column("protocol", "rank.protocol"), column("public_code", "rank.code"), column("points_isee", "rank.points.isee"),
		column("points_duration", "rank.points.duration"), column("points_exclusive", "rank.points.exclusive"), column("points", "rank.points.total"),
		column("decided", "rank.tie"), column("duration", "rank.file.duration"), column("days", "rank.file.days"), column("daily", "rank.file.daily"),
		column("gross", "rank.file.gross"), column("net", "rank.file.net"), column("outcome", "rank.file.outcome"), column("funded_gross", "rank.file.funded"),
		column("set_off", "rank.file.set_off"), column("payable", "rank.file.payable")})
	if err != nil {
		return err
	}
	defer file.Discard()
	for from := 1; from <= x.Summary.Ranked; from += exportedPlaces {
		places, err := p.CallRankings.Places(r.Context(), x.ID, from, from+exportedPlaces-1)
		if err != nil {
			return err
		}
		for _, e := range places {
			s, t := e.Score, e.Entitlement
			if err := file.Row(e.Rank, e.Protocol, e.Code, s.ISEE, s.Duration, s.Exclusivity, s.Total(), callTieText(f, e.Result), e.Duration, t.Days, t.Daily, t.Gross, t.Net,
				f.T("rank.funding."+string(e.Funding)), e.FundedGross, e.SetOff, e.Payable); err != nil {
				return err
			}
		}
	}
	return file.Close()
}
