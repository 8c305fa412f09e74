package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/fault"
	"portal/internal/voucher"
	"portal/web/cnop"
	"portal/web/ui"
)

// keyRoll is the name by which an office filters the list of professionals: it has
// no place in an address.
const keyRoll = "roll_name"

// rollSlugs are the states of professionals as addresses write them.
var rollSlugs = map[string]voucher.RollState{"attivi": voucher.RollActive, "sospesi": voucher.RollSuspended, "usciti": voucher.RollLeft}

// cnopRoll is everybody who takes part or did (N-01).
func (p *Portal) cnopRoll(w http.ResponseWriter, r *http.Request) error {
	var f ui.Frame
	f = p.cnopFrame(r, f.T("cnop.roll.title"))
	f.HeadTitle = f.T("cnop.roll.head")
	page, err := p.rollPage(r, f, rollPath, rollPath)
	var elsewhere otherPage
	if errors.As(err, &elsewhere) {
		return goTo(w, r, elsewhere.path, elsewhere.query)
	}
	if err != nil {
		return err
	}
	return p.show(w, r, cnop.Roll(page))
}

// cnopRollFilter takes the filters of the list.
func (p *Portal) cnopRollFilter(w http.ResponseWriter, r *http.Request) error {
	return p.rollFilter(w, r, rollPath)
}

// rollFilter keeps the name in the login session and leads to the address of the rest.
func (p *Portal) rollFilter(w http.ResponseWriter, r *http.Request, at string) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyRoll, strings.TrimSpace(fields.Get("nome")))
	return goTo(w, r, at, rollFilters(fields))
}

// otherPage says that what was asked for stands at another address.
type otherPage struct {
	path  string
	query url.Values
}

// Error is for nobody to read.
func (o otherPage) Error() string { return "another page" }

// rollFilters are the filters that stand in an address.
func rollFilters(q url.Values) url.Values {
	kept := url.Values{}
	for _, name := range []string{"stato", "regione"} {
		if v := q.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return kept
}

// rollAsk is what the address asks for, and the name filtered by.
func (p *Portal) rollAsk(r *http.Request, q url.Values) voucher.RollAsk {
	ask := voucher.RollAsk{State: rollSlugs[q.Get("stato")], Name: p.Logins.GetString(r.Context(), keyRoll),
		Today: calendar.On(p.Now()), Page: pageNumber(q)}
	if slices.Contains(voucher.Territories, q.Get("regione")) {
		ask.Region = q.Get("regione")
	}
	return ask
}

// rollPage is a page of the list at an address, each professional with a card below
// another.
func (p *Portal) rollPage(r *http.Request, f ui.Frame, at, cards string) (cnop.RollPage, error) {
	q, err := query(r)
	if err != nil {
		return cnop.RollPage{}, err
	}
	if q.Get("filtri") == "togli" {
		p.Logins.Remove(r.Context(), keyRoll)
		return cnop.RollPage{}, otherPage{path: at}
	}
	ask := p.rollAsk(r, q)
	found, err := p.Participants.Roll(r.Context(), ask)
	if err != nil {
		return cnop.RollPage{}, err
	}
	if len(found.Rows) == 0 && found.Total > 0 {
		return cnop.RollPage{}, otherPage{at, rollFilters(q)} // a page beyond the last
	}
	list, err := p.Vouchers.List(r.Context())
	if err != nil && !errors.Is(err, fault.ErrNotFound) {
		return cnop.RollPage{}, err
	}
	page := cnop.RollPage{
		Frame: f, Search: ask.Name, Empty: f.T("cnop.roll.no_match"),
		Counts: f.T("cnop.roll.counts", "Active", rollCount(f, found, voucher.RollActive),
			"Suspended", rollCount(f, found, voucher.RollSuspended), "Left", rollCount(f, found, voucher.RollLeft)),
		List:    f.T("cnop.roll.no_list"),
		Filters: ui.FiltersProps{Label: f.T("cnop.roll.filter"), Action: at, Private: true},
		State:   ui.ChoiceProps{Name: "stato", Legend: f.T("cnop.state"), Options: []ui.Option{{Label: f.T("cnop.roll.any_state")}}, Chosen: []string{q.Get("stato")}, Filter: true},
		Region:  ui.ChoiceProps{Name: "regione", Legend: f.T("cnop.column.regione"), Options: regionOptions(f), Chosen: []string{ask.Region}, Filter: true},
		Found:   f.T("cnop.roll.found", "Count", found.Total, "Number", grouped(found.Total)),
		Open:    ask.Name != "" || ask.State != "" || ask.Region != "",
		Pages:   listPages(f.T("cnop.roll.pages"), at, rollFilters(q), ask.Page, found.Total, voucher.RollPageSize),
		CSVURL:  withQuery(at+".csv", rollFilters(q)),
	}
	for _, state := range voucher.RollStates {
		for slug, is := range rollSlugs {
			if is == state {
				page.State.Options = append(page.State.Options, ui.Option{Value: slug, Label: f.T("cnop.roll.state." + string(state))})
			}
		}
	}
	if !list.DeliveredOn.IsZero() {
		page.List = f.T("cnop.roll.list", "OfDay", ui.OfDay(list.DeliveredOn), "Next", ui.Day(list.NextDueOn))
	}
	if page.Open {
		page.Filters.ClearURL = at + "?filtri=togli"
	} else if found.Total == 0 {
		page.Empty = f.T("cnop.roll.empty")
	}
	for _, row := range found.Rows {
		since := ui.FromDay(row.Since)
		page.Rows = append(page.Rows, cnop.RollRow{
			ID: string(row.Person), Name: typeset(row.Is.Name()), FiscalCode: row.Is.FiscalCode.Masked(),
			Register: typeset(row.Is.RegisterRegion) + ", " + row.Is.RegisterNumber,
			Place:    typeset(row.Is.City) + " (" + row.Is.Province + "), " + typeset(row.Is.Region),
			State:    rollTag(f, row.State), Since: since, URL: cards + "/" + string(row.Person),
		})
	}
	return page, nil
}

func rollTag(f ui.Frame, state voucher.RollState) ui.Tag {
	tones := map[voucher.RollState]ui.Tone{voucher.RollActive: ui.Success, voucher.RollSuspended: ui.Action, voucher.RollLeft: ui.Closed}
	return ui.Tag{Tone: tones[state], Text: f.T("cnop.roll.tag." + string(state))}
}

// rollCount is how many professionals are in a state: "2.402 attivi".
func rollCount(f ui.Frame, found voucher.RollPage, s voucher.RollState) string {
	return f.T("cnop.roll.count."+string(s), "Count", found.Counts[s], "Number", grouped(found.Counts[s]))
}

// cnopRollCSV sends the list with its filters as a file that may come in again.
func (p *Portal) cnopRollCSV(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	ask := p.rollAsk(r, q)
	ask.Page = 1
	found, err := p.Participants.Roll(r.Context(), ask)
	if err != nil {
		return err
	}
	if err := p.Participants.Take(r.Context(), actor(r), voucher.RollTaken, ""); err != nil {
		return err
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="elenco-`+ask.Today.String()+`.csv"`)
	out, err := export.New(export.CSV, w, listColumns(false))
	for err == nil && len(found.Rows) > 0 {
		for _, row := range found.Rows {
			row.Is.JoinedOn = row.Since
			if row.State != voucher.RollActive {
				row.Is.JoinedOn, row.Is.LeftOn = calendar.Date{}, row.Since
			}
			cells := make([]any, 0, len(voucher.ListColumns)+len(voucher.OptionalListColumns))
			for _, c := range slices.Concat(voucher.ListColumns, voucher.OptionalListColumns) {
				cells = append(cells, row.Is.Cell(c))
			}
			err = errors.Join(err, out.Row(cells...))
		}
		if ask.Page++; err == nil {
			found, err = p.Participants.Roll(r.Context(), ask)
		}
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		p.Log.Error("list of professionals cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}
