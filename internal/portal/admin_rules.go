package portal

import (
	"net/http"
	"slices"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/voucher"
	"portal/web/oversight"
	"portal/web/ruleset"
	"portal/web/ui"
)

const (
	rulesReadPath    = "/controlli/regole"
	editionsReadPath = rulesReadPath + "/annualita/"
	callsReadPath    = rulesReadPath + "/bandi/"
)

// rulesRead is a version of the rules of an edition or of a call, as oversight reads it.
type rulesRead struct {
	name     string // of the set: "Annualità 2025"
	id       string // of the set in addresses
	number   int
	inForce  bool
	state    func(ui.Frame) ui.Tag
	drafted  func(ui.Frame) []ui.Entry
	sections func(ui.Frame) []ruleset.Section
	changes  func(f ui.Frame, from rulesRead) []ruleset.Change
	rules    any
	by       [2]identity.Hand // who drafted and who decided
}

func (v rulesRead) key() string { return v.id + "." + strconv.Itoa(v.number) }

func (v rulesRead) title(f ui.Frame) string {
	return f.T("administration.rules.version", "Name", v.name, "Number", v.number)
}

// editionsRead is every version of every edition, newest first.
func (p *Portal) editionsRead(r *http.Request) ([]rulesRead, error) {
	versions, err := p.Editions.Versions(r.Context(), "")
	var all []rulesRead
	for _, v := range versions {
		all = append(all, rulesRead{
			name: ui.Frame{}.T("inps.editions.of", "ID", string(v.Edition.ID)), id: string(v.Edition.ID), number: v.Edition.Version, inForce: inForce(v),
			rules: v.Rules, by: [2]identity.Hand{v.Drafted, v.Decided},
			state:   func(f ui.Frame) ui.Tag { return versionTag(f, v) },
			drafted: func(f ui.Frame) []ui.Entry { return versionFacts(f, v.Life) },
			sections: func(f ui.Frame) (sections []ruleset.Section) {
				for _, s := range voucher.Sections {
					sections = append(sections, versionSection(f, v, s, false))
				}
				return sections
			},
			changes: func(f ui.Frame, from rulesRead) []ruleset.Change {
				return changes(f, from.rules.(voucher.Rules), v.Rules)
			},
		})
	}
	return all, err
}

// callsRead is every version of every call, newest first.
func (p *Portal) callsRead(r *http.Request) ([]rulesRead, error) {
	versions, err := p.Calls.Versions(r.Context(), "")
	var all []rulesRead
	for _, v := range versions {
		all = append(all, rulesRead{
			name: callTitle(ui.Frame{}, v.Call.ID), id: string(v.Call.ID), number: v.Call.Version, inForce: callInForce(v),
			rules: v.Rules, by: [2]identity.Hand{v.Drafted, v.Decided},
			state:   func(f ui.Frame) ui.Tag { return callTag(f, v) },
			drafted: func(f ui.Frame) []ui.Entry { return versionFacts(f, v.Life) },
			sections: func(f ui.Frame) (sections []ruleset.Section) {
				for _, s := range indemnity.Sections {
					sections = append(sections, callSection(f, v, s, false))
				}
				return sections
			},
			changes: func(f ui.Frame, from rulesRead) []ruleset.Change {
				before := from.rules.(indemnity.RuleSet)
				return callChanges(f, &before, &v.Rules)
			},
		})
	}
	return all, err
}

// rulesList leads those of oversight to the rules of both programmes.
func (p *Portal) rulesList(w http.ResponseWriter, r *http.Request) error {
	editions, err := p.editionsRead(r)
	if err != nil {
		return err
	}
	calls, err := p.callsRead(r)
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("administration.rules.title"))
	return p.show(w, r, oversight.RuleSetList(oversight.RuleSetsPage{Frame: f, Programmes: []oversight.RuleSets{
		{ID: "annualita", Title: f.T("administration.rules.editions"), Rows: rulesRows(f, editionsReadPath, editions)},
		{ID: "bandi", Title: f.T("administration.rules.calls"), Rows: rulesRows(f, callsReadPath, calls)},
	}}))
}

// rulesRows are the sets that versions belong to, one row each.
func rulesRows(f ui.Frame, at string, versions []rulesRead) []oversight.RuleSetRow {
	var rows []oversight.RuleSetRow
	for len(versions) > 0 {
		n := 1
		for n < len(versions) && versions[n].id == versions[0].id {
			n++
		}
		of, inForce := versions[:n], f.T("ruleset.never")
		if i := slices.IndexFunc(of, func(v rulesRead) bool { return v.inForce }); i >= 0 {
			inForce = f.T("ruleset.in_force", "Number", of[i].number)
		}
		rows = append(rows, oversight.RuleSetRow{Name: of[0].name, URL: at + of[0].id, InForce: inForce, Versions: strconv.Itoa(n), State: of[0].state(f)})
		versions = versions[n:]
	}
	return rows
}

// rulesOfEdition shows the rules of an edition and how they changed.
func (p *Portal) rulesOfEdition(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	all, err := p.editionsRead(r)
	if err != nil {
		return err
	}
	return p.showRules(w, r, editionsReadPath, string(versions[0].Edition.ID), all)
}

// rulesOfCall shows the rules of a call and how they changed.
func (p *Portal) rulesOfCall(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	all, err := p.callsRead(r)
	if err != nil {
		return err
	}
	return p.showRules(w, r, callsReadPath, string(versions[0].Call.ID), all)
}

// showRules shows the version that an address asks for, or else the one in force, or
// else the newest, compared with the one that the address names.
func (p *Portal) showRules(w http.ResponseWriter, r *http.Request, at, id string, all []rulesRead) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	var own []rulesRead
	for _, v := range all {
		if v.id == id {
			own = append(own, v)
		}
	}
	shown := own[0]
	if i := slices.IndexFunc(own, func(v rulesRead) bool { return v.inForce }); i >= 0 {
		shown = own[i]
	}
	if asked := q.Get("versione"); asked != "" {
		i := slices.IndexFunc(own, func(v rulesRead) bool { return strconv.Itoa(v.number) == asked })
		if i < 0 {
			return fault.ErrNotFound
		}
		shown = own[i]
	}
	f := p.adminFrame(r, shown.name, ui.Crumb{Text: ui.Frame{}.T("administration.rules.title"), URL: rulesReadPath})
	f.Caption = f.T("ruleset.caption_of", "Number", shown.number)
	tag := shown.state(f)
	f.Badge = &tag
	page := oversight.RuleSetPage{Frame: f, Facts: shown.drafted(f), Version: strconv.Itoa(shown.number), Sections: shown.sections(f),
		Compare: ui.FiltersProps{Label: f.T("administration.rules.compare"), Action: at + id, Submit: f.T("administration.rules.compare")},
		With:    ui.ChoiceProps{Name: "con", Legend: f.T("administration.rules.with"), Chosen: []string{q.Get("con")}, Filter: true, Options: []ui.Option{{Label: f.T("administration.rules.choose")}}}}
	for _, v := range all {
		if v.key() == shown.key() {
			continue
		}
		page.With.Options = append(page.With.Options, ui.Option{Value: v.key(), Label: v.title(f)})
		if v.key() == q.Get("con") {
			page.Against, page.Changes = f.T("administration.rules.against", "Version", v.title(f)), shown.changes(f, v)
		}
	}
	for _, v := range own {
		line := ruleset.Version{Number: f.T("ruleset.caption_of", "Number", v.number), State: v.state(f), Drafted: handText(f, v.by[0]), Decided: handText(f, v.by[1])}
		if v.number != shown.number {
			line.URL = at + id + "?versione=" + strconv.Itoa(v.number)
		}
		page.Versions = append(page.Versions, line)
	}
	return p.show(w, r, oversight.RuleSet(page))
}
