package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

const callsPath = "/gestione/enpap/bandi"

func callPath(id indemnity.CallID) string { return callsPath + "/" + string(id) }

// welfareFrame is the frame of a page of the welfare service, below others.
func (p *Portal) welfareFrame(r *http.Request, title string, path ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "ENPAP", Title: title})
	f.Path = fromArea(f, append(append([]ui.Crumb{{Text: f.T("menu.welfare.work"), URL: welfarePath}}, path...), ui.Crumb{Text: title})...)
	return f
}

// callTitle is what a call is called: "Bando di maggio 2026".
func callTitle(f ui.Frame, id indemnity.CallID) string {
	return f.T("calls.of", "Month", ui.Month(id.Month().From))
}

// welfareCalls lists the calls (W-03).
func (p *Portal) welfareCalls(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.Calls.Versions(r.Context(), "")
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.welfareFrame(r, f.T("calls.title"))
	page := welfare.CallsPage{Frame: f, RankingsURL: callRankingsPath}
	if actor(r).Must(identity.Welfare, identity.Prepare) == nil {
		page.NewURL = callsPath + "/nuovo"
	}
	for len(versions) > 0 {
		id, n := versions[0].Call.ID, 1
		for n < len(versions) && versions[n].Call.ID == id {
			n++
		}
		page.Rows = append(page.Rows, p.callRow(f, versions[:n]))
		versions = versions[n:]
	}
	return p.show(w, r, welfare.Calls(page))
}

// callRow says of a call what is in force, and what is under way.
func (p *Portal) callRow(f ui.Frame, versions []indemnity.Version) welfare.CallRow {
	newest, shown := versions[0], shownCall(versions)
	row := welfare.CallRow{ID: string(newest.Call.ID), Name: ui.Month(newest.Call.ID.Month().From), URL: callPath(newest.Call.ID),
		Version: f.T("ruleset.never")}
	if newest.Open() {
		tag := callTag(f, newest)
		row.Open = &tag
	}
	if i := slices.IndexFunc(versions, callInForce); i >= 0 {
		shown = versions[i]
		row.Version = f.T("ruleset.in_force", "Number", shown.Call.Version)
	}
	if w := shown.Rules.Window.Is; w.Valid() {
		tag := p.phaseTag(f, &shown.Call)
		row.Phase, row.Window, row.Until = &tag, ui.During(w), ui.ShortDay(shown.LastUsefulDay())
	}
	switch budget := shown.Rules.Budget; {
	case budget.Article == "":
		row.Budget = f.T("ruleset.no_value")
	default:
		row.Budget = budgetText(f, budget.Is)
	}
	return row
}

var phaseTones = map[indemnity.Phase]ui.Tone{
	indemnity.CallPrepared: ui.Working, indemnity.CallOpen: ui.Success, indemnity.CallCollecting: ui.Action, indemnity.CallClosed: ui.Closed,
}

// phaseTag is where a call stands by the calendar.
func (p *Portal) phaseTag(f ui.Frame, c *indemnity.Call) ui.Tag {
	phase := c.Phase(p.Now())
	return ui.Tag{Tone: phaseTones[phase], Text: f.T("calls.phase." + string(phase))}
}

func callInForce(v indemnity.Version) bool { return v.Call.Version == v.InForce }

func callTag(f ui.Frame, v indemnity.Version) ui.Tag {
	return rulesTag(f, v.State, callInForce(v))
}

// shownCall is what the page of a call shows first: what somebody works on, then what is
// in force, then the newest.
func shownCall(versions []indemnity.Version) indemnity.Version {
	for _, wanted := range []func(indemnity.Version) bool{indemnity.Version.Open, callInForce} {
		if i := slices.IndexFunc(versions, wanted); i >= 0 {
			return versions[i]
		}
	}
	return versions[0]
}

// callVersions is every version of the call of a path, newest first.
func (p *Portal) callVersions(r *http.Request) ([]indemnity.Version, error) {
	id := indemnity.CallID(chi.URLParam(r, "bando"))
	if id.Month().From.IsZero() {
		return nil, fault.ErrNotFound
	}
	versions, err := p.Calls.Versions(r.Context(), id)
	if err == nil && len(versions) == 0 {
		err = fault.ErrNotFound
	}
	return versions, err
}

// openCall is the version of the call of a path that somebody works on.
func (p *Portal) openCall(r *http.Request) (indemnity.Version, []indemnity.Version, error) {
	versions, err := p.callVersions(r)
	if err != nil {
		return indemnity.Version{}, nil, err
	}
	v := shownCall(versions)
	if !v.Open() {
		return v, versions, indemnity.ErrVersionNotDraft
	}
	return v, versions, nil
}

// welfareCallNewAsk asks for the month of a new call: the one after the last.
func (p *Portal) welfareCallNewAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	versions, err := p.Calls.Versions(r.Context(), "")
	if err != nil {
		return err
	}
	fields := url.Values{"idem": {once.NewKey()}}
	if len(versions) > 0 {
		next := versions[0].Call.ID.Next().Month().From
		fields.Set("mese", strconv.Itoa(int(next.Month)))
		fields.Set("anno", strconv.Itoa(next.Year))
	}
	return p.showCallNew(w, r, http.StatusOK, fields, nil)
}

func (p *Portal) showCallNew(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	all, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.welfareFrame(r, f.T("calls.new"), ui.Crumb{Text: f.T("calls.title"), URL: callsPath})
	f.Errors = wrong
	page := welfare.CallNewPage{Frame: f, Form: ui.FormProps{Action: callsPath + "/nuovo", Key: fields.Get("idem")},
		Source: fields.Get("da"), Month: fields.Get("mese"), Year: fields.Get("anno"), CancelURL: callsPath}
	for _, c := range indemnity.NewestFirst(all) {
		page.Sources = append(page.Sources, ui.Option{Value: string(c.ID), Label: callTitle(f, c.ID)})
	}
	for m := time.January; m <= time.December; m++ {
		page.Months = append(page.Months, ui.Option{Value: strconv.Itoa(int(m)), Label: ui.MonthName(m)})
	}
	return p.showAs(w, r, status, welfare.CallNew(page))
}

// welfareCallNew copies a call into that of another month.
func (p *Portal) welfareCallNew(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "call.draft", fields)
	if err != nil {
		return err
	}
	all, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(c indemnity.Call) bool { return string(c.ID) == fields.Get("da") })
	if i < 0 {
		return fault.ErrNotFound
	}
	from, to, field := all[i], callNamed(fields.Get("anno"), fields.Get("mese")), "mese"
	switch {
	case to == "":
		field, err = "anno", indemnity.ErrCallMonth
	case to == from.ID:
		err = indemnity.ErrCallExists
	default:
		_, err = p.Calls.Draft(r.Context(), actor(r), sent, indemnity.VersionRef{Call: from.ID, Number: from.Version}, to)
	}
	var f ui.Frame
	switch {
	case errors.Is(err, indemnity.ErrCallMonth), errors.Is(err, indemnity.ErrCallExists):
		return p.showCallNew(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: field, Text: words(f, fault.As(err))}})
	case err != nil:
		return err
	}
	return p.done(w, r, callPath(to), f.T("calls.drafted.done"), f.T("calls.drafted.text", "From", ui.Month(from.ID.Month().From)))
}

// callNamed is the call of a month as it is typed, "" where there is no such month.
func callNamed(year, month string) indemnity.CallID {
	y, err := strconv.Atoi(strings.TrimSpace(year))
	m, err2 := strconv.Atoi(month)
	day, exists := calendar.CheckedDate(y, m, 1)
	if errors.Join(err, err2) != nil || !exists || y < 2000 || y > 2099 {
		return ""
	}
	return indemnity.CallIn(day)
}
