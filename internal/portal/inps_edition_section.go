package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/ruleset"
	"portal/web/ui"
)

// editing is a section of a draft that somebody changes: of the tranches, the one
// whose number is asked for, as many as there are for a new one, -1 for their list.
type editing struct {
	version  voucher.Version
	versions []voucher.Version
	section  voucher.Section
	tranche  int
}

// editedSection is what the path names.
func (p *Portal) editedSection(r *http.Request) (editing, error) {
	v, versions, err := p.openVersion(r)
	if err != nil {
		return editing{}, err
	}
	e := editing{version: v, versions: versions, tranche: -1}
	name := chi.URLParam(r, "sezione")
	for section, known := range sectionNames {
		if known == name {
			e.section = section
		}
	}
	switch n, err := strconv.Atoi(r.URL.Query().Get("tranche")); {
	case e.section == "":
		return e, fault.ErrNotFound
	case e.section == voucher.SectionTranches && r.URL.Query().Has("tranche"):
		if err != nil || n < 0 || n > len(v.Rules.Tranches) {
			return e, fault.ErrNotFound
		}
		e.tranche = n
	}
	return e, v.MayEdit(actor(r))
}

func (e editing) path() string {
	at := editionPath(e.version.Edition.ID) + "/sezione/" + sectionNames[e.section]
	if e.tranche >= 0 {
		at += "?tranche=" + strconv.Itoa(e.tranche)
	}
	return at
}

// locked tells whether a ranking was published by what would be changed.
func (e editing) locked() bool {
	return e.version.Locked(e.section) || e.version.Ranked && e.tranche >= 0 && e.tranche < e.trancheInForce()
}

// trancheInForce is how many tranches the version in force has.
func (e editing) trancheInForce() int {
	if i := slices.IndexFunc(e.versions, inForce); i >= 0 {
		return len(e.versions[i].Rules.Tranches)
	}
	return 0
}

// inpsEditionSectionAsk shows the values of a section to be changed.
func (p *Portal) inpsEditionSectionAsk(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editedSection(r)
	if err != nil {
		return err
	}
	fields := fieldsOf(e.section, e.version.Rules).Values
	if e.tranche >= 0 {
		var t rules.Value[voucher.Tranche]
		if e.tranche < len(e.version.Rules.Tranches) {
			t = e.version.Rules.Tranches[e.tranche]
		}
		fields = trancheFields(t).Values
	}
	fields.Set("idem", once.NewKey())
	fields.Set("versione", revision(e.version))
	return p.showSection(w, r, http.StatusOK, e, fields, nil)
}

func (p *Portal) showSection(w http.ResponseWriter, r *http.Request, status int, e editing, fields url.Values, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.versionFrame(r, e.version, sectionTitle(f, e.section))
	page := ruleset.EditPage{
		Lead: f.T("inps.editions.lead." + string(e.section)), Submit: f.T("ruleset.save"),
		Cancel: ui.Link{Text: f.T("ruleset.keep"), URL: editionPath(e.version.Edition.ID) + "#" + sectionNames[e.section]},
	}
	content := sectionPage{f, "inps.editions", fields}
	switch {
	case e.locked():
		page.Notes = []ruleset.Note{{Tone: ui.Working, Texts: []string{f.T("inps.editions.locked")}}}
	case e.section == voucher.SectionTranches && e.tranche < 0:
		p.trancheList(f, &page, e)
	case e.section == voucher.SectionTranches:
		page.Groups = content.tranche()
		if e.tranche < len(e.version.Rules.Tranches) {
			remove := content.choice(ruleset.Set, "tranche-remove", "remove", []ui.Option{{Value: "si", Label: f.T("inps.editions.tranche.remove")}})
			remove.Optional = true
			page.Groups = append(page.Groups, ruleset.Group{Fields: []ruleset.Field{remove}})
		}
	default:
		page.Groups = content.groups(e.section)
	}
	if len(page.Groups) > 0 {
		page.Form = &ui.FormProps{Action: e.path(), Key: fields.Get("idem"), Version: fields.Get("versione")}
	}
	f.Errors = inPageOrder(wrong, page.Groups)
	page.Frame = f
	return p.showAs(w, r, status, ruleset.Edit(page))
}

// trancheList is the tranches of a version, each with its own form.
func (p *Portal) trancheList(f ui.Frame, page *ruleset.EditPage, e editing) {
	page.Cancel.Text = f.T("inps.editions.back_to", "ID", string(e.version.Edition.ID))
	page.Items = &ruleset.Items{Caption: f.T("inps.editions.tranches"), Name: ui.Column{Text: f.T("inps.editions.tranche"), Row: true},
		Text: ui.Column{Text: f.T("inps.editions.total"), Number: true}}
	for i, t := range e.version.Rules.Tranches {
		var sum money.Amount
		for _, a := range t.Is.Of {
			sum += a
		}
		item := ruleset.Item{Name: t.Is.Name, Text: sum.String()}
		one := e
		if one.tranche = i; !one.locked() {
			item.URL = one.path()
		}
		page.Items.Rows = append(page.Items.Rows, item)
	}
	e.tranche = len(e.version.Rules.Tranches)
	page.Items.Add = &ui.Link{Text: f.T("inps.editions.tranche.add"), URL: e.path()}
}

// inPageOrder puts errors in the order of the fields they are about.
func inPageOrder(wrong []ui.FieldError, groups []ruleset.Group) []ui.FieldError {
	place := map[string]int{}
	for _, g := range groups {
		for _, row := range g.Rows {
			for _, field := range row {
				place[field.Name] = len(place)
			}
		}
		for _, field := range g.Fields {
			place[field.Name] = len(place)
		}
	}
	ordered := slices.Clone(wrong)
	for i, e := range ordered {
		if _, shown := place[e.Field]; !shown {
			ordered[i].Field = "" // about the whole section
		}
	}
	slices.SortStableFunc(ordered, func(a, b ui.FieldError) int { return place[a.Field] - place[b.Field] })
	return ordered
}

// inpsEditionSection saves a section of a draft.
func (p *Portal) inpsEditionSection(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editedSection(r)
	if err != nil {
		return err
	}
	several := []string{"closed_territories", "holidays"}
	for i := range mostRows {
		several = append(several, "reopenings-"+strconv.Itoa(i)+"-acts")
	}
	fields, err := form(r, several...)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	sent, err := sending(r, "edition.save", fields)
	if err != nil {
		return err
	}
	ref, seen, err := seenVersion(e.version, fields)
	if err != nil {
		return err
	}
	read := &sectionReader{fields: fields}
	if strange.field != "" {
		read.fail(strange.field, errText)
	}
	changed := e.read(read)
	fieldOf := func(flaw voucher.RuleFlaw) string { return e.fieldOf(flaw, changed) }
	if len(read.wrong) > 0 {
		read.flaws(changed.Check().Of(e.section), fieldOf)
		return p.showSection(w, r, http.StatusUnprocessableEntity, e, fields, read.wrong)
	}
	err = p.Editions.Save(r.Context(), actor(r), sent, ref, seen, e.section, changed)
	var flaws voucher.RuleFlaws
	if errors.As(err, &flaws) {
		read.flaws(flaws, fieldOf)
		return p.showSection(w, r, http.StatusUnprocessableEntity, e, fields, read.wrong)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	to := editionPath(e.version.Edition.ID)
	if e.section == voucher.SectionTranches {
		e.tranche = -1
		to = e.path()
	}
	return p.done(w, r, to, f.T("ruleset.saved"), f.T("ruleset.saved.text", "Section", sectionTitle(f, e.section)))
}

// read is the rules of the draft with the section, or one tranche, as the form says.
func (e editing) read(s *sectionReader) voucher.Rules {
	if e.section != voucher.SectionTranches {
		return s.read(e.section, e.version.Rules)
	}
	changed := e.version.Rules
	if e.tranche < 0 {
		return changed
	}
	changed.Tranches = slices.Clone(changed.Tranches)
	t := s.readTranche()
	switch {
	case e.tranche == len(changed.Tranches):
		changed.Tranches = append(changed.Tranches, t)
	case s.text("tranche-remove") == "si":
		changed.Tranches = slices.Delete(changed.Tranches, e.tranche, e.tranche+1)
		s.wrong = nil // of what is taken away
	default:
		changed.Tranches[e.tranche] = t
	}
	return changed
}

// fieldOf is the field of a flaw in the form of the section.
func (e editing) fieldOf(flaw voucher.RuleFlaw, changed voucher.Rules) string {
	field := strings.ReplaceAll(flaw.Field, ".", "-")
	switch e.section {
	case voucher.SectionTranches:
		if rest, own := strings.CutPrefix(field, "tranches-"+strconv.Itoa(e.tranche)+"-"); own {
			return "tranche-" + rest
		}
	case voucher.SectionExamples:
		isee := 0
		for _, x := range changed.Examples {
			if x.ISEE != nil {
				isee++
			}
		}
		path := strings.SplitN(field, "-", 3)
		n, err := strconv.Atoi(path[1])
		switch {
		case path[1] == "isee":
			return "isee-0-isee"
		case path[1] == "terms":
			return "terms-0-accepted_on"
		case err == nil && n < isee:
			return "isee-" + path[1] + "-" + path[2]
		case err == nil:
			return "terms-" + strconv.Itoa(n-isee) + "-" + path[2]
		}
	case voucher.SectionBands, voucher.SectionDeclarations:
		switch field {
		case "bands":
			return "bands-0-isee_up_to"
		case "declarations":
			return "declarations-0-id"
		}
	}
	return field
}
