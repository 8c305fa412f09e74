package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/oversight"
	"portal/web/ui"
)

const auditTakePath = auditLogPath + ".zip"

// logFilters are the names of what restricts the register, in an address. Who and about
// whom are ids: no name stands in an address.
var logFilters = []string{"chi", "su", "cosa", "azione", "profilo", "dal-giorno", "dal-mese", "dal-anno", "al-giorno", "al-mese", "al-anno"}

// roleSlugs are the roles in addresses.
var roleSlugs = []filterWord[identity.Role]{{"cittadino", identity.Citizen}, {"psicoterapeuta", identity.Psychologist}, {"iscritto", identity.Member},
	{"erede", identity.Heir}, {"cnop", identity.CNOP}, {"inps", identity.INPS}, {"welfare", identity.Welfare}, {"oversight", identity.Oversight}, {"calendario", identity.System}}

// auditFrame is the frame of a page of the auditor, below others.
func (p *Portal) auditFrame(r *http.Request, title string, above ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Title: title})
	f.Path = append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}}, append(above, ui.Crumb{Text: title})...)
	return f
}

// logAsk is what an address asks of the register.
func logAsk(q url.Values) (ask auditor.Search, errs []ui.FieldError) {
	var f ui.Frame
	if uuid.Validate(q.Get("chi")) == nil {
		ask.Who = identity.PersonID(q.Get("chi"))
	}
	if uuid.Validate(q.Get("su")) == nil {
		ask.About = identity.PersonID(q.Get("su"))
	}
	if uuid.Validate(q.Get("cosa")) == nil {
		ask.Thing = q.Get("cosa")
	}
	ask.Action, ask.Role = audit.Action(q.Get("azione")), slugged(roleSlugs, q.Get("profilo"))
	for _, day := range []struct {
		name string
		into *calendar.Date
	}{{"dal", &ask.From}, {"al", &ask.To}} {
		d, err := dateField(q, day.name)
		if err != nil {
			errs = append(errs, ui.FieldError{Field: day.name, Text: words(f, errDate)})
		}
		*day.into = d
	}
	if len(errs) == 0 && !ask.To.IsZero() && ask.To.Before(ask.From) {
		errs = append(errs, ui.FieldError{Field: "al", Text: words(f, auditor.ErrWrongRange)})
	}
	if n, err := strconv.ParseInt(q.Get("prima"), 10, 64); err == nil && n > 0 {
		ask.Before = n
	}
	return ask, errs
}

// auditLog is a page of the register (U-01).
func (p *Portal) auditLog(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	f := p.auditFrame(r, ui.Frame{}.T("log.title"))
	page := p.logPage(f, q)
	ask, errs := logAsk(q)
	if len(errs) > 0 {
		page.Errors, page.FiltersOpen = errs, true
		return p.showAs(w, r, http.StatusUnprocessableEntity, oversight.Log(page))
	}
	found, err := p.Register.Search(r.Context(), actor(r), ask)
	if err != nil {
		return err
	}
	if page.Chosen, err = p.logChosen(r, f, q, ask); err != nil {
		return err
	}
	kept := keptFilters(q, logFilters)
	if len(found) > auditor.LinesPerPage {
		found = found[:auditor.LinesPerPage]
		next := keptFilters(q, logFilters)
		next.Set("prima", strconv.FormatInt(found[len(found)-1].ID, 10))
		page.Turn.NextURL = withQuery(auditLogPath, next) + "#risultati"
	}
	if ask.Before > 0 {
		page.Turn.PreviousURL = withQuery(auditLogPath, kept) + "#risultati"
	}
	page.TakeURL = withQuery(auditTakePath, kept)
	page.Count = f.T("log.count", "Count", len(found))
	for _, l := range found {
		page.Rows = append(page.Rows, logRow(f, l))
	}
	return p.show(w, r, oversight.Log(page))
}

// logPage is the page without entries.
func (p *Portal) logPage(f ui.Frame, q url.Values) oversight.LogPage {
	page := oversight.LogPage{Frame: f, Search: ui.FiltersProps{Label: f.T("log.search.label"), Action: auditLogPath, Submit: f.T("log.search.submit"), Private: true},
		As: ui.ChoiceProps{Name: "come", Legend: f.T("log.as"), Filter: true, Chosen: []string{cmp.Or(q.Get("come"), "chi")},
			Options: []ui.Option{{Value: "chi", Label: f.T("log.as.who")}, {Value: "su", Label: f.T("log.as.about")}}},
		Filters: ui.FiltersProps{Label: f.T("log.filters"), Action: auditLogPath}, Turn: ui.TurnProps{Label: f.T("log.pages")}}
	kept := keptFilters(q, logFilters)
	if page.FiltersOpen = len(kept) > 0; page.FiltersOpen {
		page.Filters.ClearURL = auditLogPath
	}
	for _, name := range []string{"chi", "su", "cosa"} {
		if v := kept.Get(name); v != "" {
			page.Kept = append(page.Kept, [2]string{name, v})
		}
	}
	page.Choices = []ui.ChoiceProps{
		{Name: "azione", Legend: f.T("log.col.what"), Options: actionOptions(f), Chosen: []string{q.Get("azione")}, Filter: true},
		{Name: "profilo", Legend: f.T("log.role"), Options: roleOptions(f), Chosen: []string{q.Get("profilo")}, Filter: true},
	}
	day := func(name, legend string) ui.DateFieldProps {
		d, m, y := ui.DateNames(name)
		return ui.DateFieldProps{Name: name, Legend: f.T(legend), Day: q.Get(d), Month: q.Get(m), Year: q.Get(y), Optional: true}
	}
	page.From, page.To = day("dal", "log.from"), day("al", "log.to")
	return page
}

// actionText is what an action is called; those of the indemnity say so.
func actionText(f ui.Frame, a audit.Action) string {
	key := "audit.action." + string(a)
	if !f.Translated(key) {
		return string(a)
	}
	if strings.HasPrefix(string(a), "indemnity.") {
		return f.T("log.of_indemnity", "Action", f.T(key))
	}
	return f.T(key)
}

func actionOptions(f ui.Frame) []ui.Option {
	var all []ui.Option
	for _, key := range ui.Keys("audit.action.") {
		a := strings.TrimPrefix(key, "audit.action.")
		all = append(all, ui.Option{Value: a, Label: actionText(f, audit.Action(a))})
	}
	slices.SortFunc(all, func(a, b ui.Option) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) })
	return append([]ui.Option{{Label: f.T("log.any_action")}}, all...)
}

func roleOptions(f ui.Frame) []ui.Option {
	all := []ui.Option{{Label: f.T("log.any_role")}}
	for _, s := range roleSlugs {
		all = append(all, ui.Option{Value: s.name, Label: roleText(f, s.is)})
	}
	return all
}

// roleText is a role in words, that of the calendar too.
func roleText(f ui.Frame, role identity.Role) string {
	if role == identity.System {
		return f.T("log.calendar")
	}
	return f.T("role." + string(role))
}

// logChosen are what restricts a list, each with the list without it.
func (p *Portal) logChosen(r *http.Request, f ui.Frame, q url.Values, ask auditor.Search) (chosen []ui.Link, err error) {
	kept := keptFilters(q, logFilters)
	without := func(names ...string) string {
		rest := url.Values{}
		for name, v := range kept {
			if !slices.Contains(names, name) {
				rest[name] = v
			}
		}
		return withQuery(auditLogPath, rest)
	}
	for _, one := range []struct {
		name, key string
		id        identity.PersonID
	}{{"chi", "log.chosen.who", ask.Who}, {"su", "log.chosen.about", ask.About}} {
		if one.id == "" {
			continue
		}
		person, err := p.Register.Person(r.Context(), one.id)
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, ui.Link{Text: f.T(one.key, "Name", person.Name()), URL: without(one.name)})
	}
	if ask.Thing != "" {
		chosen = append(chosen, ui.Link{Text: f.T("log.chosen.thing"), URL: without("cosa")})
	}
	if ask.Action != "" {
		chosen = append(chosen, ui.Link{Text: actionText(f, ask.Action), URL: without("azione")})
	}
	if ask.Role != "" {
		chosen = append(chosen, ui.Link{Text: roleText(f, ask.Role), URL: without("profilo")})
	}
	if !ask.From.IsZero() {
		chosen = append(chosen, ui.Link{Text: ui.FromDay(ask.From), URL: without("dal-giorno", "dal-mese", "dal-anno")})
	}
	if !ask.To.IsZero() {
		chosen = append(chosen, ui.Link{Text: ui.ToDay(ask.To), URL: without("al-giorno", "al-mese", "al-anno")})
	}
	return chosen, nil
}

func logRow(f ui.Frame, l auditor.Line) oversight.LogRow {
	row := oversight.LogRow{ID: strconv.FormatInt(l.ID, 10), At: l.At, Who: f.T("log.calendar"), Role: roleText(f, l.Role), Action: actionText(f, l.Action), About: l.About.Name(), Request: l.Request, Seal: ui.Tag{Tone: ui.Closed, Text: f.T("log.unsealed")}}
	if l.Sealed {
		row.Seal = ui.Tag{Tone: ui.Success, Text: f.T("log.sealed")}
	}
	if l.Who.ID != "" {
		row.Who, row.WhoURL = l.Who.Name(), withQuery(auditLogPath, url.Values{"chi": {string(l.Who.ID)}})
	}
	if l.Address.IsValid() {
		row.Address = f.T("log.address", "Address", l.Address)
	}
	if l.File != "" {
		row.File, row.FileURL = l.Number, auditFilePath(l.File)
	}
	if l.Subject != "" {
		row.ThingURL = withQuery(auditLogPath, url.Values{"cosa": {l.Subject}})
	}
	for _, c := range l.Changes {
		row.Changes = append(row.Changes, changeText(f, c))
	}
	if l.Why.Ground != "" {
		row.Why = f.T("log.why", "Ground", f.T("files.ground."+string(l.Why.Ground)), "Reason", l.Why.Text)
	}
	if l.For != "" {
		row.For = f.T("log.for", "Name", l.For)
	}
	if l.About.ID != "" {
		row.AboutURL = withQuery(auditLogPath, url.Values{"su": {string(l.About.ID)}})
	}
	return row
}

// changeText is what changed: "Stato della domanda: in verifica → idonea".
func changeText(f ui.Frame, c auditor.Change) string {
	column := "log.change." + c.Thing
	var what string
	if c.Thing == "indemnity_findings" {
		what = f.T("log.change.check", "Check", checkName(f, indemnity.Check(c.Field)))
	} else {
		column += "." + c.Field
		what = f.T(column)
	}
	text := f.T("log.change", "What", what, "Before", changedValue(f, column, c.Before), "After", changedValue(f, column, c.After))
	if c.Times > 1 {
		text = f.T("log.change.times", "Change", text, "Times", ui.Number(c.Times))
	}
	return text
}

// changedValue is a value of a column as it is kept: a word that the column knows, cents, a
// day, or a name as it is.
func changedValue(f ui.Frame, column, v string) string {
	if v == "" {
		return f.T("log.change.nothing")
	}
	if f.Translated(column + "." + v) {
		return f.T(column + "." + v)
	}
	if cents, err := strconv.ParseInt(v, 10, 64); err == nil && strings.HasSuffix(column, "_cents") {
		return money.Amount(cents).String()
	}
	if day, err := calendar.ParseDate(v); err == nil {
		return ui.ShortDay(day)
	}
	return v
}

// auditLogFind looks for the person whom an auditor means: who did something, or whose
// data it is. What was typed is in no address.
func (p *Portal) auditLogFind(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	as := fields.Get("come")
	if as != "su" {
		as = "chi"
	}
	found, err := p.Register.Find(r.Context(), actor(r), fields.Get("cerca"))
	if err != nil && !errors.Is(err, auditor.ErrNobody) {
		return err
	}
	if len(found) == 1 {
		return goTo(w, r, auditLogPath, url.Values{as: {string(found[0].ID)}})
	}
	f := p.auditFrame(r, ui.Frame{}.T("log.title"))
	status := http.StatusOK
	page := p.logPage(f, url.Values{"come": {as}})
	page.Sought = fields.Get("cerca")
	if reason, refused := fault.Refusal(err); refused {
		status, page.Errors = http.StatusUnprocessableEntity, []ui.FieldError{{Field: "cerca", Text: words(f, reason)}}
	}
	for _, who := range found {
		page.Found = append(page.Found, oversight.FoundPerson{Name: who.Name(), Code: who.FiscalCode.Masked(), URL: withQuery(auditLogPath, url.Values{as: {string(who.ID)}})})
	}
	return p.showAs(w, r, status, oversight.Log(page))
}
