package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/export"
	"portal/internal/office"
	"portal/web/oversight"
	"portal/web/ui"
)

const (
	adminWordingsPath     = adminPath + "/testi"
	adminWordingFilePath  = adminWordingsPath + "/file"
	wordingsPerPage       = 50
	wordingProposalsShown = 20
)

func wordingPath(key string, in office.Lang) string {
	return adminWordingsPath + "/" + key + "?lingua=" + string(in)
}

func wordingProposalPath(id office.WordingID) string {
	return adminWordingsPath + "/proposte/" + string(id)
}

// wordingFilters are the names of what restricts the list of texts, in an address.
var wordingFilters = []string{"lingua", "area", "stato", "cerca"}

// The states of texts in addresses.
const (
	wordingMissing = "mancanti"
	wordingChanged = "cambiati"
)

// ShippedTexts are the texts that come with the program, for administrators.
func ShippedTexts() []office.ShippedText {
	var all []office.ShippedText
	for _, t := range ui.Catalogue() {
		x := office.ShippedText{Key: t.Key, Area: t.Area, Words: map[office.Lang]office.Wording{}}
		for in, w := range t.Words {
			x.Words[office.Lang(in)] = office.Wording(w)
		}
		all = append(all, x)
	}
	return all
}

// SpeakTexts has all pages say what was published.
func SpeakTexts(published map[office.Lang]map[string]office.Wording) error {
	all := map[ui.Lang]map[string]ui.Wording{}
	for in, texts := range published {
		all[ui.Lang(in)] = map[string]ui.Wording{}
		for key, w := range texts {
			all[ui.Lang(in)][key] = ui.Wording(w)
		}
	}
	return ui.Speak(all)
}

// wordingLang is the language in an address, German where there is none.
func wordingLang(q url.Values) office.Lang {
	if in := office.Lang(q.Get("lingua")); slices.Contains(office.Langs, in) {
		return in
	}
	return "de"
}

// wordingForms are the forms of a wording that say something.
func wordingForms(w office.Wording) (all []string) {
	for _, form := range office.WordingForms {
		if text := *w.Form(form); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func wordingText(w office.Wording) string { return strings.Join(wordingForms(w), " / ") }

// adminWordings lists the texts of the portal in a language.
func (p *Portal) adminWordings(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	inForce, err := p.Wordings.WordingsInForce(r.Context())
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("wording.title"))
	in, kept := wordingLang(q), keptFilters(q, wordingFilters)
	page := oversight.WordingsPage{Frame: f, Filters: ui.FiltersProps{Label: f.T("wording.filter"), Action: adminWordingsPath}, Sought: q.Get("cerca"),
		TakeURL: withQuery(adminWordingsPath+".csv", url.Values{"lingua": {string(in)}}), FileURL: adminWordingFilePath}
	if len(kept) > 0 {
		page.Filters.ClearURL = adminWordingsPath
	}
	found, missing := p.wordingsFound(q, in, inForce)
	for _, other := range office.Langs[1:] {
		page.Missing = append(page.Missing, ui.Link{Text: f.T("wording.missing."+string(other), "Count", missing[other], "Number", grouped(missing[other])),
			URL: withQuery(adminWordingsPath, url.Values{"lingua": {string(other)}, "stato": {wordingMissing}})})
	}
	page.Choices = p.wordingChoices(f, q, in)
	n := pageNumber(q)
	page.Count = f.T("wording.count", "Count", len(found), "Number", grouped(len(found)))
	page.Pages = listPages(f.T("wording.pages"), adminWordingsPath, kept, n, len(found), wordingsPerPage)
	from := min((n-1)*wordingsPerPage, len(found))
	for _, t := range found[from:min(from+wordingsPerPage, len(found))] {
		page.Rows = append(page.Rows, wordingRow(f, t, in, inForce))
	}
	if page.Proposals, err = p.wordingProposals(r, f); err != nil {
		return err
	}
	return p.show(w, r, oversight.Wordings(page))
}

// wordingsFound are the texts that an address asks for, and how many have no words in
// each language.
func (p *Portal) wordingsFound(q url.Values, in office.Lang, inForce office.InForce) (found []office.ShippedText, missing map[office.Lang]int) {
	missing = map[office.Lang]int{}
	sought, area, state := strings.ToLower(strings.TrimSpace(q.Get("cerca"))), q.Get("area"), q.Get("stato")
	for _, t := range p.Wordings.Shipped() {
		for _, other := range office.Langs[1:] {
			if _, says := inForce.Says(t, other); !says {
				missing[other]++
			}
		}
		says, there := inForce.Says(t, in)
		italian, _ := inForce.Says(t, "it")
		is := inForce.Of(t.Key, in)
		switch {
		case area != "" && t.Area != area,
			state == wordingMissing && there,
			state == wordingChanged && (is.Number == 0 || is.Back),
			sought != "" && !strings.Contains(strings.ToLower(t.Key+"\n"+wordingText(italian)+"\n"+wordingText(says)), sought):
			continue
		}
		found = append(found, t)
	}
	return found, missing
}

func (p *Portal) wordingChoices(f ui.Frame, q url.Values, in office.Lang) []ui.ChoiceProps {
	langs := ui.ChoiceProps{Name: "lingua", Legend: f.T("wording.lang"), Filter: true, Chosen: []string{string(in)}}
	for _, l := range office.Langs {
		langs.Options = append(langs.Options, ui.Option{Value: string(l), Label: f.T("wording.lang." + string(l))})
	}
	areas := ui.ChoiceProps{Name: "area", Legend: f.T("wording.area"), Filter: true, Chosen: []string{q.Get("area")}, Options: []ui.Option{{Label: f.T("wording.area.any")}}}
	var names []string
	for _, t := range p.Wordings.Shipped() {
		if !slices.Contains(names, t.Area) {
			names = append(names, t.Area)
		}
	}
	for _, name := range names {
		areas.Options = append(areas.Options, ui.Option{Value: name, Label: f.T("wording.area." + name)})
	}
	slices.SortFunc(areas.Options[1:], func(a, b ui.Option) int { return strings.Compare(a.Label, b.Label) })
	return []ui.ChoiceProps{langs, areas, {Name: "stato", Legend: f.T("wording.state"), Filter: true, Chosen: []string{q.Get("stato")},
		Options: []ui.Option{{Label: f.T("wording.state.any")}, {Value: wordingMissing, Label: f.T("wording.state.missing")}, {Value: wordingChanged, Label: f.T("wording.state.changed")}}}}
}

func wordingRow(f ui.Frame, t office.ShippedText, in office.Lang, inForce office.InForce) oversight.WordingRow {
	italian, _ := inForce.Says(t, "it")
	says, _ := inForce.Says(t, in)
	row := oversight.WordingRow{Key: t.Key, URL: wordingPath(t.Key, in), Area: f.T("wording.area." + t.Area), Italian: wordingText(italian), Says: wordingText(says), Lang: string(in)}
	if is := inForce.Of(t.Key, in); is.Number > 0 && !is.Back {
		row.Changed = f.T("wording.changed", "Number", strconv.FormatInt(is.Number, 10))
	}
	return row
}

var wordingTones = map[office.WordingState]ui.Tone{office.WordingDraft: ui.Action, office.WordingOpen: ui.Action, office.WordingIsOut: ui.Success,
	office.WordingIsNot: ui.Danger, office.WordingDropped: ui.Closed}

func wordingProposalRow(f ui.Frame, x office.WordingProposal) oversight.WordingProposalRow {
	row := oversight.WordingProposalRow{ID: string(x.ID), Name: f.T("wording.proposal", "Count", x.Size), URL: wordingProposalPath(x.ID), By: x.Proposed.Name, When: ui.ShortMoment(x.Proposed.At),
		Tag: ui.Tag{Tone: wordingTones[x.State], Text: f.T("wording.is." + string(x.State))}}
	if x.Number > 0 {
		row.Name = f.T("wording.publication", "Number", strconv.FormatInt(x.Number, 10), "Count", x.Size)
	}
	return row
}

func (p *Portal) wordingProposals(r *http.Request, f ui.Frame) (rows []oversight.WordingProposalRow, err error) {
	all, err := p.Wordings.WordingProposals(r.Context(), actor(r).Person, wordingProposalsShown)
	for _, x := range all {
		rows = append(rows, wordingProposalRow(f, x))
	}
	return rows, err
}

// adminWordingsTake sends all texts of a language as a file, for who translates.
func (p *Portal) adminWordingsTake(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	inForce, err := p.Wordings.WordingsInForce(r.Context())
	if err == nil {
		err = p.Wordings.Take(r.Context(), actor(r))
	}
	if err != nil {
		return err
	}
	in := wordingLang(q)
	var columns []export.Column
	for _, name := range office.WordingColumns {
		columns = append(columns, export.Column{Key: name, Title: name})
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="testi-`+string(in)+`.csv"`)
	file, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	defer file.Discard()
	for _, t := range p.Wordings.Shipped() {
		italian, _ := inForce.Says(t, "it")
		says, _ := inForce.Says(t, in)
		for _, form := range t.Forms(in) {
			shown := *italian.Form(form)
			if shown == "" {
				shown = italian.Other
			}
			if err := file.Row(t.Key, string(in), form, *says.Form(form), shown, t.Area); err != nil {
				return err
			}
		}
	}
	return file.Close()
}

// wordingAsked is the text in the address, in the language that it asks for.
func (p *Portal) wordingAsked(r *http.Request) (t office.ShippedText, in office.Lang, err error) {
	q, err := query(r)
	if err != nil {
		return t, "", err
	}
	t, err = p.Wordings.Text(chi.URLParam(r, "chiave"))
	return t, wordingLang(q), err
}
