package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	editionsPath  = "/gestione/inps/annualita"
	resourcesPath = "/gestione/inps/risorse"
)

func editionPath(id voucher.EditionID) string { return editionsPath + "/" + string(id) }

// inpsFrame is the frame of a page of INPS below others.
func (p *Portal) inpsFrame(r *http.Request, title string, path ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS", Title: title})
	f.Path = inpsCrumbs(f, append(path, ui.Crumb{Text: title})...)
	return f
}

// inpsCrumbs is the path of a page of INPS below its first.
func inpsCrumbs(f ui.Frame, below ...ui.Crumb) []ui.Crumb {
	return fromArea(f, append([]ui.Crumb{{Text: f.T("menu.inps.work"), URL: workPath}}, below...)...)
}

// inpsEditions lists the editions (I-02).
func (p *Portal) inpsEditions(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.Editions.Versions(r.Context(), "")
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.editions.title"))
	page := inps.EditionsPage{Frame: f}
	if actor(r).Must(identity.INPS, identity.Prepare) == nil {
		page.NewURL = editionsPath + "/nuova"
	}
	for len(versions) > 0 {
		id, n := versions[0].Edition.ID, 1
		for n < len(versions) && versions[n].Edition.ID == id {
			n++
		}
		page.Rows = append(page.Rows, p.editionRow(f, versions[:n]))
		versions = versions[n:]
	}
	return p.show(w, r, inps.Editions(page))
}

// editionRow says of an edition what is in force, and what is under way.
func (p *Portal) editionRow(f ui.Frame, versions []voucher.Version) inps.EditionRow {
	newest, shown := versions[0], shownVersion(versions)
	row := inps.EditionRow{ID: string(newest.Edition.ID), URL: editionPath(newest.Edition.ID), Money: f.T("ruleset.no_value"),
		Version: f.T("ruleset.never")}
	if newest.Open() {
		tag := versionTag(f, newest)
		row.Open = &tag
	}
	if i := slices.IndexFunc(versions, inForce); i >= 0 {
		shown = versions[i]
		row.Version = f.T("ruleset.in_force", "Number", shown.Edition.Version)
		row.ResourcesURL = resourcesPath + "/" + row.ID
	}
	var sum money.Amount
	for _, amount := range shown.Rules.Budget().Of {
		sum += amount
	}
	if sum > 0 {
		row.Money = sum.String()
	}
	row.Window, row.WindowState = p.windowOf(f, shown.Rules.Window.Is)
	return row
}

// windowOf is when applications are taken, and whether that is now.
func (p *Portal) windowOf(f ui.Frame, win voucher.Window) (string, ui.Tag) {
	if win.Opens.IsZero() || win.Closes.IsZero() {
		return "", ui.Tag{Tone: ui.Closed, Text: f.T("inps.editions.window.none")}
	}
	text := f.T("inps.editions.window.text", "Opens", ui.Moment(win.Opens), "Closes", closingMoment(f, win))
	switch now := p.Now(); {
	case now.Before(win.Opens):
		return text, ui.Tag{Tone: ui.Working, Text: f.T("inps.editions.window.before")}
	case win.Open(now):
		return text, ui.Tag{Tone: ui.Success, Text: f.T("inps.editions.window.open")}
	}
	return text, ui.Tag{Tone: ui.Closed, Text: f.T("inps.editions.window.after")}
}

// closingMoment is "14 novembre 2025 alle 24:00": the end of a day is said with the day
// that ends, not with the one that begins.
func closingMoment(f ui.Frame, win voucher.Window) string {
	if win.Closes.Equal(calendar.On(win.Closes).Start()) {
		return f.T("ui.midnight", "Day", ui.Day(win.LastDay()))
	}
	return ui.Moment(win.Closes)
}

func inForce(v voucher.Version) bool { return v.Edition.Version == v.InForce }

// shownVersion is what the page of an edition shows first: what somebody works on,
// then what is in force, then the newest.
func shownVersion(versions []voucher.Version) voucher.Version {
	for _, wanted := range []func(voucher.Version) bool{voucher.Version.Open, inForce} {
		if i := slices.IndexFunc(versions, wanted); i >= 0 {
			return versions[i]
		}
	}
	return versions[0]
}

var versionTones = map[rules.State]ui.Tone{
	rules.Draft: ui.Closed, rules.Proposed: ui.Action,
	rules.Released: ui.Success, rules.Dropped: ui.Closed,
}

func versionTag(f ui.Frame, v voucher.Version) ui.Tag { return rulesTag(f, v.State, inForce(v)) }

// rulesTag is the state of a version of rules, of an edition or of a call.
func rulesTag(f ui.Frame, state rules.State, inForce bool) ui.Tag {
	if state == rules.Released && !inForce {
		return ui.Tag{Tone: ui.Closed, Text: f.T("ruleset.state.superseded")}
	}
	return ui.Tag{Tone: versionTones[state], Text: f.T("ruleset.state." + string(state))}
}

// editionVersions is every version of the edition of a path, newest first.
func (p *Portal) editionVersions(r *http.Request) ([]voucher.Version, error) {
	id := chi.URLParam(r, "edizione")
	if id == "" || len(id) > 31 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return nil, fault.ErrNotFound
	}
	versions, err := p.Editions.Versions(r.Context(), voucher.EditionID(id))
	if err == nil && len(versions) == 0 {
		err = fault.ErrNotFound
	}
	return versions, err
}

// openVersion is the version of the edition of a path that somebody works on.
func (p *Portal) openVersion(r *http.Request) (voucher.Version, []voucher.Version, error) {
	versions, err := p.editionVersions(r)
	if err != nil {
		return voucher.Version{}, nil, err
	}
	v := shownVersion(versions)
	if !v.Open() {
		return v, versions, voucher.ErrVersionNotDraft
	}
	return v, versions, nil
}

// inpsEditionNewAsk asks for the name of a new edition.
func (p *Portal) inpsEditionNewAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return p.showEditionNew(w, r, http.StatusOK, url.Values{"idem": {once.NewKey()}, "da": {r.URL.Query().Get("da")}}, nil)
}

func (p *Portal) showEditionNew(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	all, err := p.Editions.Editions(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.editions.new"), ui.Crumb{Text: f.T("inps.editions.title"), URL: editionsPath})
	f.Errors = wrong
	page := inps.EditionNewPage{
		Frame: f, Form: ui.FormProps{Action: editionsPath + "/nuova", Key: fields.Get("idem")}, Source: fields.Get("da"),
		ID: fields.Get("nome"), ApplicationYear: fields.Get("anno"), FundYear: fields.Get("anno_fondo"), CancelURL: editionsPath,
	}
	for _, e := range newestFirst(all) {
		page.Sources = append(page.Sources, ui.Option{Value: string(e.ID), Label: f.T("inps.editions.of", "ID", string(e.ID))})
	}
	return p.showAs(w, r, status, inps.EditionNew(page))
}

// inpsEditionNew copies an edition into a new one.
func (p *Portal) inpsEditionNew(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "edition.draft", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	var wrong []ui.FieldError
	year := func(name string) int {
		n, err := strconv.Atoi(strings.TrimSpace(fields.Get(name)))
		if err != nil {
			wrong = append(wrong, ui.FieldError{Field: name, Text: words(f, voucher.ErrEditionYears)})
		}
		return n
	}
	to := voucher.Edition{ID: voucher.EditionID(strings.TrimSpace(fields.Get("nome"))), ApplicationYear: year("anno"), FundYear: year("anno_fondo")}
	if len(wrong) > 0 {
		return p.showEditionNew(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	all, err := p.Editions.Editions(r.Context())
	if err != nil {
		return err
	}
	from, known := all[voucher.EditionID(fields.Get("da"))]
	switch {
	case !known:
		return fault.ErrNotFound
	case to.ID == from.ID:
		err = voucher.ErrEditionExists
	default:
		_, err = p.Editions.Draft(r.Context(), actor(r), sent, voucher.VersionRef{Edition: from.ID, Number: from.Version}, to)
	}
	field := "nome"
	switch {
	case errors.Is(err, voucher.ErrEditionYears):
		field = "anno"
		fallthrough
	case errors.Is(err, voucher.ErrEditionName), errors.Is(err, voucher.ErrEditionExists):
		return p.showEditionNew(w, r, http.StatusUnprocessableEntity, fields, []ui.FieldError{{Field: field, Text: words(f, fault.As(err))}})
	case err != nil:
		return err
	}
	return p.done(w, r, editionPath(to.ID), f.T("inps.editions.drafted.done"), f.T("inps.editions.drafted.text", "From", string(from.ID)))
}

// newestFirst is the editions in force by the year of their applications.
func newestFirst(all map[voucher.EditionID]voucher.Edition) []voucher.Edition {
	list := make([]voucher.Edition, 0, len(all))
	for _, e := range all {
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b voucher.Edition) int {
		if a.ApplicationYear != b.ApplicationYear {
			return b.ApplicationYear - a.ApplicationYear
		}
		return strings.Compare(string(b.ID), string(a.ID))
	})
	return list
}
