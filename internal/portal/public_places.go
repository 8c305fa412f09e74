package portal

import (
	"bytes"
	"net/http"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/web/public"
	"portal/web/ui"
)

const (
	publicRankingsPath   = servicePath + "/graduatorie"
	publicRankingKeyPath = publicRankingsPath + "/chiave-pubblica.txt"
)

func publicRankingPath(id indemnity.CallID) string { return publicRankingsPath + "/" + string(id) }

// placesFrame is the frame of a public page of rankings.
func (p *Portal) placesFrame(r *http.Request) ui.Frame {
	f := p.publicFrame(r, "places.title", "ENPAP")
	f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.indemnity.title"), URL: servicePath}, {Text: f.T("places.title")}}
	return f
}

// publicRankings is P-07, the calls.
func (p *Portal) publicRankings(w http.ResponseWriter, r *http.Request) error {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	all, err := p.CallRankings.Publications(r.Context())
	if err != nil {
		return err
	}
	f := p.placesFrame(r)
	page := public.PlacesListPage{Frame: f, EntryURL: p.entrance(r, identity.Member, indemnityPath)}
	for _, c := range indemnity.NewestFirst(calls) {
		if c.Phase(p.Now()) == indemnity.CallPrepared {
			continue
		}
		row := public.PlacesCall{Name: ui.Month(c.ID.Month().From), Text: rankingAwaited(f, c)}
		for _, x := range all {
			if x.Call == c.ID && x.Standing {
				row.Text, row.URL = publicationName(f, x), publicRankingPath(c.ID)
			}
		}
		page.Calls = append(page.Calls, row)
	}
	return p.show(w, r, public.PlacesList(page))
}

// rankingAwaited says when a ranking is expected.
func rankingAwaited(f ui.Frame, c indemnity.Call) string {
	if day := c.Rules.Expected.Is.Ranking; !day.IsZero() {
		return f.T("places.expected", "Day", ui.Day(day))
	}
	return f.T("places.unpublished")
}

func publicationName(f ui.Frame, x indemnity.CallPublication) string {
	return f.T("rank.publication", "Number", x.Number, "Of", ui.OfDay(calendar.On(x.At)))
}

// publicationNumber is the publication that an address asks for, 0 for the one in force.
func publicationNumber(r *http.Request) (int, error) {
	q, err := query(r)
	if err != nil || !q.Has("pubblicazione") {
		return 0, err
	}
	n, err := strconv.Atoi(q.Get("pubblicazione"))
	if err != nil || n < 1 {
		return 0, errNoPage
	}
	return n, nil
}

// publicRanking is P-07, what the ranking of a call came to, without names (F23).
func (p *Portal) publicRanking(w http.ResponseWriter, r *http.Request) error {
	call, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	number, err := publicationNumber(r)
	if err != nil {
		return err
	}
	all, err := p.CallRankings.Publications(r.Context())
	if err != nil {
		return err
	}
	f := p.placesFrame(r)
	f.Path[2].URL = publicRankingsPath
	f.Title = callRankingTitle(f, call.ID)
	f.Path = append(f.Path, ui.Crumb{Text: f.Title})
	page := public.PlacesPage{Frame: f, EntryURL: p.entrance(r, identity.Member, indemnityPath)}
	var mine []indemnity.CallPublication
	for _, x := range all {
		if x.Call == call.ID {
			mine = append(mine, x)
		}
	}
	if len(mine) == 0 && number == 0 {
		page.Missing = rankingAwaited(f, call)
		return p.show(w, r, public.Places(page))
	}
	is, list, err := p.CallRankings.Public(r.Context(), call.ID, number)
	if err != nil {
		return err
	}
	address := func(x indemnity.CallPublication, part string) string {
		if x.Standing {
			return publicRankingPath(call.ID) + part
		}
		return publicRankingPath(call.ID) + part + "?pubblicazione=" + strconv.Itoa(x.Number)
	}
	page.Publication = publicationName(f, is)
	if is.Corrects {
		page.Corrects = f.T("places.corrects")
	}
	for _, x := range mine {
		switch {
		case x.Number == is.Number:
		case x.Standing:
			page.Newest = &ui.Link{Text: publicationName(f, x), URL: address(x, "")}
		default:
			page.Others = append(page.Others, ui.Link{Text: publicationName(f, x), URL: address(x, "")})
		}
	}
	page.Figures, page.Points, page.Rows = publicFigures(f, list.Figures), publicPoints(f, list.Figures), publicPlaces(f, list)
	if list.Figures.Small() {
		page.Small = f.T("places.small", "Few", indemnity.Few)
	}
	page.File = ui.Link{Text: f.T("places.file"), URL: address(is, "/pubblicazione.txt")}
	page.Key, page.KeyFile = p.CallRankings.PublicKey(), ui.Link{Text: f.T("places.key.file"), URL: publicRankingKeyPath}
	return p.show(w, r, public.Places(page))
}

// countText is a number of people, or that there are few, or that it is not told.
func countText(f ui.Frame, c indemnity.PublicCount) string {
	if c.Hidden {
		return f.T("places.hidden")
	}
	return grouped(c.Number)
}

// publicFigures are the totals of a publication.
func publicFigures(f ui.Frame, x indemnity.PublicFigures) []ui.Entry {
	all := []ui.Entry{
		{Name: f.T("places.received"), Value: countText(f, x.Received)},
		{Name: f.T("places.suitable"), Value: countText(f, x.Suitable)},
		{Name: f.T("places.paid"), Value: countText(f, x.Paid)},
		{Name: f.T("places.unpaid"), Value: countText(f, x.Unpaid)},
		{Name: f.T("places.refused"), Value: countText(f, x.Refused)},
		{Name: f.T("places.forfeited"), Value: countText(f, x.Forfeited)},
		{Name: f.T("rank.budget"), Value: budgetText(f, x.Budget)},
	}
	spent := f.T("places.hidden")
	if x.Spent != nil {
		spent = x.Spent.String()
	}
	last := f.T("rank.last.none")
	if x.LastPoints > 0 {
		last = f.T("places.points", "Count", x.LastPoints)
	}
	return append(all, ui.Entry{Name: f.T("places.spent"), Value: spent}, ui.Entry{Name: f.T("places.last"), Value: last})
}

// publicPoints are the places by points.
func publicPoints(f ui.Frame, x indemnity.PublicFigures) (rows [][]string) {
	for _, p := range x.ByPoints {
		rows = append(rows, []string{strconv.Itoa(p.Points), countText(f, p.Places), countText(f, p.Paid)})
	}
	return rows
}

// publicPlaces are the places by their codes.
func publicPlaces(f ui.Frame, l indemnity.PublicList) (rows [][]string) {
	for _, x := range l.Rows {
		points, outcome := f.T("places.hidden"), f.T("places.hidden")
		if x.Points >= 0 {
			points = strconv.Itoa(x.Points)
		}
		if x.Paid != "" {
			outcome = f.T("rank.funding." + string(x.Paid))
		}
		rows = append(rows, []string{x.Code, points, outcome})
	}
	return rows
}

// publicRankingFile sends what a publication tells everybody, signed.
func (p *Portal) publicRankingFile(w http.ResponseWriter, r *http.Request) error {
	call, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	number, err := publicationNumber(r)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := p.CallRankings.PublicFile(r.Context(), call.ID, number, &b); err != nil {
		return err
	}
	sendText(w, "graduatoria-"+string(call.ID)+".txt", b.Bytes())
	return nil
}

// publicRankingKey sends the key by which publications are verified.
func (p *Portal) publicRankingKey(w http.ResponseWriter, _ *http.Request) error {
	sendText(w, "chiave-pubblica.txt", []byte(p.CallRankings.PublicKey()+"\n"))
	return nil
}

func sendText(w http.ResponseWriter, name string, text []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text) // the reader may have gone
}
