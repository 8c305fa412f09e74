package portal

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/voucher"
	"portal/web/public"
	"portal/web/ui"
)

const resultsPath = "/contributo-psicoterapia/graduatorie"

// published is a publication as everybody may read it.
type published struct {
	edition voucher.Edition
	is      voucher.Publication
	run     voucher.Run
	others  []voucher.Publication // of the edition, newest first
}

// publicResultsList is P-06, the editions.
func (p *Portal) publicResultsList(w http.ResponseWriter, r *http.Request) error {
	editions, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return err
	}
	all, err := p.Rankings.Publications(r.Context())
	if err != nil {
		return err
	}
	f := p.resultsFrame(r, "public.results.title")
	page := public.ResultsListPage{Frame: f, EntryURL: p.citizenEntrance(r)}
	for _, e := range newestFirst(editions) {
		name := editionName(e)
		view := public.ResultsEdition{Name: name}
		if newest, ok := newestOf(all, e.ID); ok {
			view.Text = publicationText(f, newest)
			view.Link = &ui.Link{Text: f.T("public.results.see", "Edition", name), URL: resultsPath + "/" + string(e.ID)}
		} else if view.Text, err = p.notPublished(r, f, e); err != nil {
			return err
		}
		page.Editions = append(page.Editions, view)
	}
	return p.show(w, r, public.ResultsList(page))
}

// publicResults is P-06, a publication by territory.
func (p *Portal) publicResults(w http.ResponseWriter, r *http.Request) error {
	pub, found, err := p.published(r)
	if err != nil {
		return err
	}
	f := p.resultsFrame(r, "")
	f.Title = f.T("public.results.of", "Edition", editionName(pub.edition))
	f.Path = append(f.Path[:1:1], ui.Crumb{Text: f.T("public.results.title"), URL: resultsPath}, ui.Crumb{Text: f.Title})
	page := public.ResultsPage{Frame: f, EntryURL: p.citizenEntrance(r)}
	if !found {
		if page.Missing, err = p.notPublished(r, f, pub.edition); err != nil {
			return err
		}
		return p.show(w, r, public.Results(page))
	}
	smallest := pub.edition.Rules.SmallCells.Is
	page.Publication = publicationView(f, pub)
	page.CSVURL = pub.address("/dati.csv", pub.is.Number)
	page.Chart = ui.BarsProps{ID: "risorse", Title: f.T("public.results.chart", "Edition", editionName(pub.edition)),
		Series: []string{f.T("public.results.chart.spent"), f.T("public.results.chart.left")}}
	sum := pub.run.ShownSum(smallest)
	page.Chart.Sentence = f.T("public.results.chart.sentence", "Budget", pub.run.Total().Budget)
	hidden := !sum.Applications || !sum.Eligible || !sum.Awarded
	for _, t := range pub.run.Territories {
		shown := t.Shown(smallest)
		row := resultRow(f, t, shown, smallest)
		row.URL = pub.address("/"+territorySlug(t.Name), pub.is.Number)
		page.Rows = append(page.Rows, row)
		hidden = hidden || t.Partial > 0 && t.Partial < smallest
		bar := ui.Bar{Name: typeset(t.Name), Label: row.Spent, Parts: []int64{0, int64(t.Budget)}}
		if shown.Awarded {
			bar.Parts = []int64{int64(t.AwardedAmount), int64(t.Residual)}
		}
		page.Chart.Rows = append(page.Chart.Rows, bar)
	}
	total := pub.run.Total()
	total.Name = f.T("public.results.italy")
	page.Sum = resultRow(f, total, sum, smallest)
	page.Sum.LastISEE = ""
	if hidden {
		page.Small = f.T("public.results.small", "Smallest", smallest)
	}
	return p.show(w, r, public.Results(page))
}

// publicResult is P-06, one territory.
func (p *Portal) publicResult(w http.ResponseWriter, r *http.Request) error {
	pub, found, err := p.published(r)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(pub.run.Territories, func(t voucher.TerritoryResult) bool { return territorySlug(t.Name) == chi.URLParam(r, "territorio") })
	if !found || at < 0 {
		return errNoPage
	}
	t := pub.run.Territories[at]
	smallest := pub.edition.Rules.SmallCells.Is
	shown := t.Shown(smallest)
	f := p.resultsFrame(r, "")
	name := editionName(pub.edition)
	f.Title = f.T("public.results.in", "Territory", typeset(t.Name), "Edition", name)
	f.Path = append(f.Path[:1:1], ui.Crumb{Text: f.T("public.results.title"), URL: resultsPath},
		ui.Crumb{Text: f.T("public.results.of", "Edition", name), URL: pub.address("", pub.is.Number)}, ui.Crumb{Text: typeset(t.Name)})
	page := public.ResultPage{Frame: f, EntryURL: p.citizenEntrance(r), Publication: publicationView(f, pub),
		On: calendar.On(pub.run.PublishAt), Row: resultRow(f, t, shown, smallest), AllURL: pub.address("", pub.is.Number), Edition: name}
	small := func(f ui.Frame) string { return f.T("public.results.small", "Smallest", smallest) }
	hides := !shown.Applications || !shown.Eligible || !shown.Awarded || t.Partial > 0
	if hides {
		page.Small = small(f)
	}
	if t.Name == bolzano {
		german := ui.Frame{Lang: ui.German}
		page.German = &public.GermanResult{Publication: publicationView(german, pub), Row: resultRow(german, t, shown, smallest)}
		if hides {
			page.German.Small = small(german)
		}
	}
	return p.show(w, r, public.Result(page))
}

// publicResultsCSV is the table of a publication as a file, with what it hides
// hidden.
func (p *Portal) publicResultsCSV(w http.ResponseWriter, r *http.Request) error {
	pub, found, err := p.published(r)
	if err != nil {
		return err
	}
	if !found {
		return errNoPage
	}
	f := ui.Frame{}
	titles := []string{"territory", "applications", "eligible", "awarded", "partial", "spent", "budget", "last_isee"}
	columns := make([]export.Column, len(titles))
	for i, t := range titles {
		columns[i] = export.Column{Key: t, Title: f.T("public.results." + t)}
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="graduatoria-`+string(pub.edition.ID)+`-`+strconv.Itoa(pub.is.Number)+export.CSV.Ending()+`"`)
	file, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	defer file.Discard()
	smallest := pub.edition.Rules.SmallCells.Is
	for _, t := range pub.run.Territories {
		s := t.Shown(smallest)
		row := resultRow(f, t, s, smallest)
		cell := func(shown bool, value any, text string) any {
			if shown {
				return value
			}
			return text
		}
		if err := file.Row(row.Name, cell(s.Applications, t.Candidates, row.Applications), cell(s.Eligible, t.Eligible, row.Eligible),
			cell(s.Awarded, t.Awarded, row.Awarded), cell(t.Partial == 0 && s.Awarded, t.Partial, row.Partial),
			cell(s.Awarded, t.AwardedAmount, row.Spent), t.Budget, cell(s.Awarded && t.LastRank > 0, t.LastISEE, row.LastISEE)); err != nil {
			return err
		}
	}
	return file.Close()
}

// published is the publication that an address asks for: the newest of its edition,
// or the one with a number. False when the edition has none yet.
func (p *Portal) published(r *http.Request) (pub published, found bool, err error) {
	editions, err := p.Vouchers.Editions(r.Context())
	if err != nil {
		return pub, false, err
	}
	pub.edition, found = editions[voucher.EditionID(chi.URLParam(r, "edizione"))]
	if !found {
		return pub, false, errNoPage
	}
	all, err := p.Rankings.Publications(r.Context())
	if err != nil {
		return pub, false, err
	}
	q, err := query(r)
	if err != nil {
		return pub, false, err
	}
	pub.others = slices.DeleteFunc(all, func(o voucher.Publication) bool { return o.Edition != pub.edition.ID })
	slices.SortFunc(pub.others, func(a, b voucher.Publication) int { return b.Number - a.Number })
	if len(pub.others) == 0 {
		return pub, false, nil
	}
	pub.is = pub.others[0]
	if asked := q.Get("pubblicazione"); asked != "" {
		at := slices.IndexFunc(pub.others, func(o voucher.Publication) bool { return strconv.Itoa(o.Number) == asked })
		if at < 0 {
			return pub, false, errNoPage
		}
		pub.is = pub.others[at]
	}
	if pub.edition, err = p.Rankings.Released(r.Context(), pub.edition.ID, pub.is.Version); err != nil {
		return pub, false, err
	}
	pub.run, err = p.Rankings.Run(r.Context(), pub.is.Run)
	return pub, true, err
}

// address is a page of the edition: of the newest publication without a number.
func (pub published) address(page string, number int) string {
	address := resultsPath + "/" + string(pub.edition.ID) + page
	if len(pub.others) > 0 && number != pub.others[0].Number {
		address += "?pubblicazione=" + strconv.Itoa(number)
	}
	return address
}

func (p *Portal) resultsFrame(r *http.Request, title string) ui.Frame {
	f := p.publicFrame(r, cmp.Or(title, "public.results.title"), "INPS")
	voucherPage := ui.Crumb{Text: f.T("public.voucher.title"), URL: "/contributo-psicoterapia"}
	f.Path = []ui.Crumb{voucherPage, {Text: f.Title}}
	return f
}

func (p *Portal) citizenEntrance(r *http.Request) string {
	return p.entrance(r, "citizen", citizenFiles)
}

// notPublished says that a ranking is not there yet, and when it will be where
// somebody has ordered it.
func (p *Portal) notPublished(r *http.Request, f ui.Frame, e voucher.Edition) (string, error) {
	runs, err := p.Rankings.Runs(r.Context(), e.ID)
	if err != nil {
		return "", err
	}
	for _, run := range runs {
		if run.State == voucher.PublishingRun {
			return f.T("public.results.expected", "Day", ui.Day(calendar.On(run.PublishAt))), nil
		}
	}
	return f.T("public.results.unpublished"), nil
}

func publicationView(f ui.Frame, pub published) public.Publication {
	view := public.Publication{Text: publicationText(f, pub.is)}
	switch {
	case pub.is.Reason != "":
		view.Reason = f.T("public.results.corrects")
	case pub.is.Round > 1:
		view.Reason = f.T("reallocation.results.text")
	}
	newest := pub.others[0]
	if pub.is.Number != newest.Number {
		view.Old = f.T("public.results.superseded")
		view.Newest = &ui.Link{Text: publicationText(f, newest), URL: pub.address("", newest.Number)}
	}
	for _, o := range pub.others {
		if o.Number != pub.is.Number && o.Number != newest.Number {
			view.Others = append(view.Others, ui.Link{Text: publicationText(f, o), URL: pub.address("", o.Number)})
		}
	}
	return view
}

func publicationText(f ui.Frame, p voucher.Publication) string {
	day := ui.OfDay(calendar.On(p.PublishedAt))
	if f.Lang == ui.German { // whose months have no words here
		day = ui.ShortDay(calendar.On(p.PublishedAt))
	}
	if p.Round > 1 {
		return f.T("reallocation.results.name", "Round", p.Round-1, "Number", p.Number, "Day", day)
	}
	return f.T("public.results.publication", "Number", p.Number, "Day", day)
}

// resultRow writes the figures of a territory, or why they are not said.
func resultRow(f ui.Frame, t voucher.TerritoryResult, shown voucher.Shown, smallest int) public.ResultRow {
	hidden, less := f.T("public.results.hidden"), f.T("public.results.less", "Smallest", smallest)
	count := func(n int, said bool) string {
		switch {
		case said:
			return grouped(n)
		case n > 0 && n < smallest:
			return less
		}
		return hidden
	}
	row := public.ResultRow{
		Name: typeset(t.Name), Closed: t.Closed,
		Applications: count(t.Candidates, shown.Applications), Eligible: count(t.Eligible, shown.Eligible), Awarded: count(t.Awarded, shown.Awarded),
		Partial: count(t.Partial, shown.Awarded && (t.Partial == 0 || t.Partial >= smallest)),
		Spent:   hidden, Budget: t.Budget.String(), LastISEE: hidden,
	}
	if shown.Awarded {
		row.Spent, row.LastISEE = t.AwardedAmount.String(), t.LastISEE.String()
	}
	if shown.Awarded && t.LastRank == 0 {
		row.LastISEE = f.T("public.results.nobody")
	}
	return row
}

// bolzano is the territory whose notices are in two languages (DPR 574/1988 art. 4).
const bolzano = "P.A. Bolzano"

// territorySlug is a territory in an address: "valle-d-aosta".
func territorySlug(territory string) string {
	if territory == bolzano {
		return "bolzano-bozen"
	}
	parts := strings.FieldsFunc(strings.ToLower(strings.TrimPrefix(territory, "P.A. ")), func(r rune) bool { return r < 'a' || r > 'z' })
	return strings.Join(parts, "-")
}

// editionName tells editions apart where a year has several: "2025", "2022 (2022-guida)".
func editionName(e voucher.Edition) string {
	year := strconv.Itoa(e.ApplicationYear)
	if string(e.ID) == year {
		return year
	}
	return year + " (" + string(e.ID) + ")"
}

// newestOf is the last publication of an edition.
func newestOf(all []voucher.Publication, id voucher.EditionID) (newest voucher.Publication, found bool) {
	for _, p := range all {
		if p.Edition == id && p.Number > newest.Number {
			newest, found = p, true
		}
	}
	return newest, found
}
