package portal

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	annulmentsPath = workPath + "/sedute/chiusura"
	lapsesPath     = workPath + "/decadenze"
	closurePath    = workPath + "/chiusure"
)

var closurePaths = map[voucher.ClosureKind]string{voucher.AnnulmentList: annulmentsPath, voucher.LapseList: lapsesPath}

// inpsClosures is what of an edition would be closed now, and the lists of before
// (I-16).
func (p *Portal) inpsClosures(kind voucher.ClosureKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := query(r)
		if err != nil {
			return err
		}
		return p.showClosures(w, r, kind, q, http.StatusOK, nil)
	}
}

// closuresDue is what the filters of a page ask for.
func (p *Portal) closuresDue(r *http.Request, kind voucher.ClosureKind, q url.Values) (l voucher.ClosureList, editions []voucher.Edition, err error) {
	editions, edition, err := p.deskEditions(r, q.Get("annualita"))
	if err != nil {
		return l, nil, err
	}
	territory := q.Get("territorio")
	if !slices.Contains(voucher.Territories, territory) {
		territory = ""
	}
	l, err = p.Closures.Due(r.Context(), actor(r), kind, edition.ID, territory)
	return l, editions, err
}

func (p *Portal) showClosures(w http.ResponseWriter, r *http.Request, kind voucher.ClosureKind, q url.Values, status int, wrong *fault.Reason) error {
	l, editions, err := p.closuresDue(r, kind, q)
	if err != nil {
		return err
	}
	lists, err := p.Closures.Closures(r.Context(), kind)
	if err != nil {
		return err
	}
	key, path := "inps.closures."+string(kind), closurePaths[kind]
	var f ui.Frame
	title := f.T(key + ".none")
	if n := len(l.Rows); n > 0 {
		title = f.T(key+".title", "Count", n, "Number", grouped(n))
	}
	f = p.inpsFrame(r, title, ui.Crumb{Text: f.T("menu.inps.sessions"), URL: deskSessionsPath})
	f.Path[len(f.Path)-1].Text = f.T("inps.closures.tab." + string(kind))
	f.HeadTitle = f.T("inps.closures.head")
	asked := url.Values{"annualita": {string(l.Edition.ID)}, "territorio": {l.Territory}}
	territories := []ui.Option{{Label: f.T("inps.desk.any_territory")}}
	for _, t := range voucher.Territories {
		territories = append(territories, ui.Option{Value: t, Label: typeset(t)})
	}
	page := inps.ClosuresPage{Frame: f, Lead: f.T(key + ".lead"), None: f.T(key + ".none.text"),
		Tabs: []ui.Tab{{Text: f.T("inps.closures.tab.annulment"), URL: annulmentsPath, Current: kind == voucher.AnnulmentList},
			{Text: f.T("inps.closures.tab.lapse"), URL: lapsesPath, Current: kind == voucher.LapseList}},
		Filters: ui.FiltersProps{Label: f.T("inps.closures.filter"), Action: path, Submit: f.T("inps.desk.show")},
		Choices: []ui.ChoiceProps{editionChoice(f, editions, l.Edition.ID),
			{Name: "territorio", Legend: f.T("inps.desk.col.territory"), Options: territories, Chosen: []string{l.Territory}, Filter: true}},
		Counts: []ui.Entry{{Name: f.T(key + ".count"), Value: grouped(len(l.Rows))}, {Name: f.T("inps.closures.amount_back"), Value: l.Amount().String()}},
		CSVURL: withQuery(path+".csv", asked), Grouped: f.T("inps.closures.territory"),
	}
	page.Groups = closureGroups(f, l)
	if kind == voucher.AnnulmentList {
		page.Grouped, page.Warnings = f.T("inps.closures.professional"), true
		page.Counts = append(page.Counts, ui.Entry{Name: f.T("inps.closures.professionals"), Value: grouped(len(page.Groups))})
	}
	page.Kept = closureKept(f, l)
	for _, c := range lists {
		page.Lists = append(page.Lists, closureLine(f, c))
		if c.Edition == l.Edition.ID && (c.State == voucher.ClosureWaiting || c.State == voucher.ClosureUnderWay) {
			page.Why = f.T("inps.closures.open", "Number", c.Number)
		}
	}
	if wrong != nil {
		page.Why = words(f, wrong)
	}
	if len(l.Rows) > 0 && page.Why == "" && mayPrepare(r) {
		page.Form = &ui.FormProps{Action: path, Key: once.NewKey()}
		page.Hidden = [][2]string{{"annualita", string(l.Edition.ID)}, {"territorio", l.Territory}, {"elenco", l.Digest()}}
	}
	return p.showAs(w, r, status, inps.Closures(page))
}

// closureGroups are the rows of a list by professional, or by territory, with those
// that are worth most first.
func closureGroups(f ui.Frame, l voucher.ClosureList) []inps.ClosureGroup {
	type group struct {
		inps.ClosureGroup
		rows    int
		grounds map[voucher.ClosureGround]int
	}
	of := map[string]*group{}
	for _, row := range l.Rows {
		id, name, warned := row.Territory, typeset(row.Territory), ""
		if l.Kind == voucher.AnnulmentList {
			id, name, warned = string(row.Professional), row.Name, warnedText(f, l.Warned[row.Professional])
		}
		g := of[id]
		if g == nil {
			g = &group{ClosureGroup: inps.ClosureGroup{ID: territorySlug(id), Name: name, Warned: warned}, grounds: map[voucher.ClosureGround]int{}}
			of[id] = g
		}
		g.rows++
		g.Amount += row.Amount
		g.grounds[row.Ground]++
	}
	var all []inps.ClosureGroup
	for _, g := range of {
		g.Rows = grouped(g.rows)
		var parts []string
		for _, ground := range voucher.ClosureGrounds[1:] {
			if n := g.grounds[ground]; n > 0 {
				parts = append(parts, f.T("inps.closures.part."+string(ground), "Count", n))
			}
		}
		g.Detail = strings.Join(parts, ", ")
		all = append(all, g.ClosureGroup)
	}
	slices.SortFunc(all, func(a, b inps.ClosureGroup) int {
		return cmp.Or(cmp.Compare(b.Amount, a.Amount), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all
}

func warnedText(f ui.Frame, w voucher.Warned) string {
	if w.Times == 0 {
		return f.T("inps.closures.not_warned")
	}
	return f.T("inps.closures.warned_times", "Count", w.Times, "Last", ui.ShortMoment(w.Last))
}

// closureKept says how many rows that look due are kept off a list, and by what.
func closureKept(f ui.Frame, l voucher.ClosureList) (all []inps.ClosureKept) {
	count := map[string]int{}
	for _, row := range l.Kept {
		count[f.T("inps.closures.kept."+string(row.Kept), "Article", row.Article)]++
	}
	for _, why := range slices.Sorted(maps.Keys(count)) {
		all = append(all, inps.ClosureKept{Rows: f.T("inps.closures.kept.count."+string(l.Kind), "Count", count[why]), Why: why})
	}
	return all
}

func closureLine(f ui.Frame, c voucher.Closure) inps.ClosureLine {
	return inps.ClosureLine{ID: string(c.ID), URL: closurePath + "/" + string(c.ID), Name: closureName(f, c), When: ui.ShortMoment(c.PreparedAt), By: c.Preparer,
		Rows: grouped(c.Rows - c.Spared), Amount: c.Amount, State: closureTag(f, c.State)}
}

func closureName(f ui.Frame, c voucher.Closure) string {
	return f.T("inps.closures.name", "Number", c.Number, "Edition", string(c.Edition))
}

func closureTag(f ui.Frame, s voucher.ClosureState) ui.Tag {
	tones := map[voucher.ClosureState]ui.Tone{voucher.ClosureWaiting: ui.Action, voucher.ClosureUnderWay: ui.Working, voucher.ClosureSentBack: ui.Closed, voucher.ClosureDone: ui.Success}
	return ui.Tag{Tone: tones[s], Text: f.T("inps.closures.state." + string(s))}
}

// inpsClosuresConfirm freezes what the officer saw, for a second one.
func (p *Portal) inpsClosuresConfirm(kind voucher.ClosureKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		fields, err := form(r)
		if err != nil {
			return err
		}
		sent, err := sending(r, "closure.propose", fields)
		if err != nil {
			return err
		}
		id, err := p.Closures.Propose(r.Context(), actor(r), sent, kind, voucher.EditionID(fields.Get("annualita")), fields.Get("territorio"), fields.Get("elenco"))
		switch reason := fault.As(err); reason {
		case voucher.ErrClosureEmpty, voucher.ErrClosureMoved, voucher.ErrClosureOpen:
			return p.showClosures(w, r, kind, fields, http.StatusConflict, reason)
		}
		if err != nil {
			return err
		}
		var f ui.Frame
		return p.done(w, r, closurePath+"/"+string(id), f.T("inps.closures.done.confirmed"), f.T("inps.closures.done.confirmed.text"))
	}
}

// inpsClosuresCSV sends what would be closed now as a file.
func (p *Portal) inpsClosuresCSV(kind voucher.ClosureKind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := query(r)
		if err != nil {
			return err
		}
		l, _, err := p.closuresDue(r, kind, q)
		if err != nil {
			return err
		}
		if err := p.Closures.Take(r.Context(), actor(r), ""); err != nil {
			return err
		}
		return writeClosureCSV(w, string(kind), func(write func(voucher.ClosureRow) error) error {
			for _, row := range slices.Concat(l.Rows, l.Kept) {
				if err := write(row); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// writeClosureCSV writes the rows of a list, without names of beneficiaries.
func writeClosureCSV(w http.ResponseWriter, name string, each func(write func(voucher.ClosureRow) error) error) error {
	var f ui.Frame
	keys := []string{"protocol", "territory", "professional", "day", "ground", "term", "amount", "kept", "outcome"}
	columns := make([]export.Column, len(keys))
	for i, key := range keys {
		columns[i] = export.Column{Key: key, Title: f.T("inps.closures.csv." + key)}
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	out, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	defer out.Discard()
	err = each(func(r voucher.ClosureRow) error {
		kept, outcome := r.SparedWhy, ""
		if r.Kept != "" {
			kept = f.T("inps.closures.kept."+string(r.Kept), "Article", r.Article)
		}
		if r.Outcome != "" {
			outcome = f.T("inps.closures.row." + string(r.Outcome))
		}
		return out.Row(r.Protocol, typeset(r.Territory), r.Name, r.Day, f.T("inps.closures.ground."+string(r.Ground)), r.Term, r.Amount, kept, outcome)
	})
	if err != nil {
		return fmt.Errorf("list as a file: %w", err)
	}
	return out.Close()
}
