package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/internal/voucher"
	"portal/web/ruleset"
	"portal/web/ui"
)

// versionFrame is the frame of a page about a version; title is empty on the page
// of the version itself.
func (p *Portal) versionFrame(r *http.Request, v voucher.Version, title string) ui.Frame {
	var f ui.Frame
	home := ui.Crumb{Text: f.T("inps.editions.title"), URL: editionsPath}
	own := f.T("inps.editions.of", "ID", string(v.Edition.ID))
	if title == "" {
		f = p.inpsFrame(r, own, home)
	} else {
		f = p.inpsFrame(r, title, home, ui.Crumb{Text: own, URL: editionPath(v.Edition.ID)})
		f.Back = &ui.Link{Text: f.T("inps.editions.back_to", "ID", string(v.Edition.ID)), URL: editionPath(v.Edition.ID)}
	}
	f.Caption = f.T("ruleset.caption_of", "Number", v.Edition.Version)
	tag := versionTag(f, v)
	f.Badge = &tag
	return f
}

// inpsEdition shows a version of the rules of an edition (I-03): the open one, the
// one in force, or the one whose number is asked for.
func (p *Portal) inpsEdition(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	v := shownVersion(versions)
	if asked := r.URL.Query().Get("versione"); asked != "" {
		i := slices.IndexFunc(versions, func(v voucher.Version) bool { return strconv.Itoa(v.Edition.Version) == asked })
		if i < 0 {
			return fault.ErrNotFound
		}
		v = versions[i]
	}
	f := p.versionFrame(r, v, "")
	page := ruleset.Page{Frame: f,
		Lead:    f.T("inps.editions.years", "Application", strconv.Itoa(v.ApplicationYear), "Fund", strconv.Itoa(v.FundYear)),
		Facts:   versionFacts(f, v.Life),
		Actions: p.versionActions(f, v, versions, actor(r)),
		Notes:   versionNotes(f, v),
	}
	mayEdit := v.MayEdit(actor(r)) == nil
	for _, s := range voucher.Sections {
		page.Sections = append(page.Sections, versionSection(f, v, s, mayEdit))
	}
	for _, old := range versions {
		line := ruleset.Version{Number: f.T("ruleset.caption_of", "Number", old.Edition.Version), State: versionTag(f, old),
			Drafted: handText(f, old.Drafted), Decided: handText(f, old.Decided)}
		if old.Edition.Version != v.Edition.Version {
			line.URL = editionPath(old.Edition.ID) + "?versione=" + strconv.Itoa(old.Edition.Version)
		}
		page.Versions = append(page.Versions, line)
	}
	return p.show(w, r, ruleset.Show(page))
}

// handText is who did something, and when: "Chiara Colombo, 12/03/2026, 15:00".
func handText(f ui.Frame, h identity.Hand) string {
	if h.Person == "" {
		return ""
	}
	return f.T("ruleset.hand", "Name", h.Name, "At", ui.ShortMoment(h.At))
}

// versionFacts are who drafted, proposed and released a version of rules.
func versionFacts(f ui.Frame, v rules.Life) []ui.Entry {
	drafted := handText(f, v.Drafted)
	if v.Shipped {
		drafted = f.T("ruleset.shipped")
	}
	entries := []ui.Entry{{Name: f.T("ruleset.drafted"), Value: drafted}}
	if v.Proposed.Person != "" {
		entries = append(entries, ui.Entry{Name: f.T("ruleset.proposed"), Value: handText(f, v.Proposed)})
	}
	if v.Decided.Person != "" {
		entries = append(entries, ui.Entry{Name: f.T("ruleset.released"), Value: handText(f, v.Decided)})
	}
	return entries
}

// versionNotes are what an officer should know before reading a version: why it
// came back, what is missing, what is locked.
func versionNotes(f ui.Frame, v voucher.Version) []ruleset.Note {
	var notes []ruleset.Note
	if v.State == rules.Draft && v.Note != "" {
		notes = append(notes, ruleset.Note{Tone: ui.Action, Title: f.T("ruleset.returned"), Texts: []string{v.Note}})
	}
	if v.State == rules.Draft {
		if flaws := v.Rules.Check(); len(flaws) > 0 {
			notes = append(notes, ruleset.Note{Tone: ui.Action, Title: f.T("ruleset.missing"), Texts: flawNotes(f, flaws)})
		}
	}
	if v.Open() && v.Ranked {
		notes = append(notes, ruleset.Note{Tone: ui.Working, Title: f.T("inps.editions.ranked"), Texts: []string{f.T("inps.editions.ranked.text")}})
	}
	return notes
}

// versionActions is what an officer may do with a version, the main thing first.
func (p *Portal) versionActions(f ui.Frame, v voucher.Version, versions []voucher.Version, who identity.Actor) []ui.Link {
	at := editionPath(v.Edition.ID)
	if v.MayEdit(who) == nil {
		return []ui.Link{{Text: f.T("ruleset.propose"), URL: at + "/proponi"}, {Text: f.T("inps.editions.drop"), URL: at + "/elimina"}}
	}
	var links []ui.Link
	if v.State == rules.Proposed {
		text := f.T("ruleset.compare")
		if v.MayDecide(who) == nil {
			text = f.T("ruleset.decide")
		}
		links = append(links, ui.Link{Text: text, URL: at + "/approva"})
	}
	if who.Must(identity.INPS, identity.Prepare) == nil && !slices.ContainsFunc(versions, voucher.Version.Open) {
		links = append(links, ui.Link{Text: f.T("inps.editions.again"), URL: at + "/nuova-versione"})
	}
	if v.InForce > 0 {
		links = append(links, ui.Link{Text: f.T("inps.resources.title"), URL: resourcesPath + "/" + string(v.Edition.ID)})
	}
	return links
}

func versionSection(f ui.Frame, v voucher.Version, s voucher.Section, mayEdit bool) ruleset.Section {
	section := ruleset.Section{ID: sectionNames[s], Title: sectionTitle(f, s)}
	for _, fact := range v.Rules.Facts() {
		if fact.Section == s {
			section.Rows = append(section.Rows, ruleset.Value{Name: factName(f, fact), Text: factText(f, fact), Article: fact.Article, Reading: fact.Reading})
		}
	}
	if s == voucher.SectionExamples {
		section.Rows, section.Proofs = nil, proofs(f, v.Rules)
	}
	const many = 12
	section.Folded = len(section.Rows) > many
	switch {
	case mayEdit && v.Locked(s):
		section.Note = f.T("inps.editions.locked")
	case mayEdit:
		section.EditURL = editionPath(v.Edition.ID) + "/sezione/" + sectionNames[s]
	}
	return section
}

// ask shows a question about a version, with its consequences.
func (p *Portal) askVersion(w http.ResponseWriter, r *http.Request, v voucher.Version, act, at string, danger bool) error {
	var f ui.Frame
	f = p.versionFrame(r, v, f.T("inps.editions."+act+".title", "ID", string(v.Edition.ID)))
	return p.show(w, r, ruleset.Ask(ruleset.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("inps.editions." + act + ".text")},
		Form:         ui.FormProps{Action: editionPath(v.Edition.ID) + at, Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("inps.editions." + act), Danger: danger, Cancel: f.Back},
	}}))
}

// inpsEditionAgainAsk asks whether to draft the next version of an edition.
func (p *Portal) inpsEditionAgainAsk(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	if slices.ContainsFunc(versions, voucher.Version.Open) {
		return voucher.ErrOpenVersion
	}
	return p.askVersion(w, r, shownVersion(versions), "again", "/nuova-versione", false)
}

// inpsEditionAgain drafts the next version of an edition from the one in force.
func (p *Portal) inpsEditionAgain(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	sent, err := p.editionForm(r, "edition.draft", versions[0].Edition.ID)
	if err != nil {
		return err
	}
	from := versions[0]
	if i := slices.IndexFunc(versions, inForce); i >= 0 {
		from = versions[i]
	}
	ref, err := p.Editions.Draft(r.Context(), actor(r), sent, from.Ref(), from.Edition)
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, editionPath(ref.Edition), f.T("inps.editions.again.done"), f.T("inps.editions.again.done_text", "Number", ref.Number))
}

// inpsEditionDropAsk asks whether to give a draft up.
func (p *Portal) inpsEditionDropAsk(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.openVersion(r)
	if err == nil {
		err = v.MayEdit(actor(r))
	}
	if err != nil {
		return err
	}
	return p.askVersion(w, r, v, "drop", "/elimina", true)
}

// inpsEditionDrop gives a draft up.
func (p *Portal) inpsEditionDrop(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	v := shownVersion(versions)
	sent, err := p.editionForm(r, "edition.drop", v.Edition.ID)
	if err != nil {
		return err
	}
	if err := p.Editions.Drop(r.Context(), actor(r), sent, v.Ref()); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, editionsPath, f.T("inps.editions.drop.done"), f.T("inps.editions.drop.done_text"))
}

// editionForm is a form about an edition that says nothing but its key.
func (p *Portal) editionForm(r *http.Request, action string, id voucher.EditionID) (once.Form, error) {
	fields, err := form(r)
	if err != nil {
		return once.Form{}, err
	}
	return sending(r, action, url.Values{"idem": fields["idem"], "edizione": {string(id)}})
}

// inpsEditionProposeAsk shows what a draft changes and whether its examples come
// out, and asks for the proposal when they do.
func (p *Portal) inpsEditionProposeAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showPropose(w, r, http.StatusOK)
}

func (p *Portal) showPropose(w http.ResponseWriter, r *http.Request, status int) error {
	v, versions, err := p.openVersion(r)
	if err == nil {
		err = v.MayEdit(actor(r))
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.versionFrame(r, v, f.T("inps.editions.propose.title", "ID", string(v.Edition.ID)))
	page, before, err := p.decidePage(r, f, v, versions)
	if err != nil {
		return err
	}
	page.Lead = f.T("ruleset.propose.lead")
	if why := v.Releasable(before); why != nil {
		page.Notes = append(page.Notes, whyNot(f, why))
		return p.showAs(w, r, status, ruleset.Decide(page))
	}
	page.Propose = &ui.ConfirmProps{
		Consequences: []string{f.T("ruleset.propose.text")},
		Form:         ui.FormProps{Action: editionPath(v.Edition.ID) + "/proponi", Key: once.NewKey(), Version: revision(v)},
		Buttons:      ui.ButtonsProps{Submit: f.T("ruleset.propose"), Cancel: f.Back},
	}
	return p.showAs(w, r, status, ruleset.Decide(page))
}

// revision is what of a version the reader saw.
func revision(v voucher.Version) string { return seenAs(v.Edition.Version, v.Revision) }

// seenAs names a version of rules at a revision, as a form carries it.
func seenAs(number int, revision int64) string {
	return strconv.Itoa(number) + "." + strconv.FormatInt(revision, 10)
}

// whyNot is why a version cannot be proposed or released.
func whyNot(f ui.Frame, why error) ruleset.Note {
	note := ruleset.Note{Tone: ui.Danger, Title: words(f, fault.As(why))}
	var flaws voucher.RuleFlaws
	if errors.As(why, &flaws) {
		note.Texts = flawNotes(f, flaws)
	}
	return note
}

// decidePage is a version next to what is in force, which comes back too, or next to
// what it was copied from while nothing is.
func (p *Portal) decidePage(r *http.Request, f ui.Frame, v voucher.Version, versions []voucher.Version) (ruleset.DecidePage, *voucher.Rules, error) {
	page := ruleset.DecidePage{Frame: f, Proofs: proofs(f, v.Rules), Empty: f.T("ruleset.changes.none")}
	if i := slices.IndexFunc(versions, inForce); i >= 0 {
		page.Against = f.T("ruleset.changes.in_force", "Number", versions[i].Edition.Version)
		page.Changes = changes(f, versions[i].Rules, v.Rules)
		return page, &versions[i].Rules, nil
	}
	source, err := p.Editions.Version(r.Context(), v.From)
	if err != nil {
		return page, nil, err
	}
	page.Against = f.T("inps.editions.changes.copied", "ID", string(v.From.Edition), "Number", v.From.Number)
	page.Changes = changes(f, source.Rules, v.Rules)
	return page, nil, nil
}

// inpsEditionPropose proposes a draft.
func (p *Portal) inpsEditionPropose(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.editionVersions(r)
	if err != nil {
		return err
	}
	v := shownVersion(versions)
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "edition.propose", url.Values{"idem": fields["idem"], "edizione": {string(v.Edition.ID)}, "versione": fields["versione"]})
	if err != nil {
		return err
	}
	ref, seen, err := seenVersion(v, fields)
	if err == nil {
		err = p.Editions.Propose(r.Context(), actor(r), sent, ref, seen)
	}
	switch reason := fault.As(err); reason {
	case voucher.ErrUnsound, voucher.ErrUnproved, voucher.ErrLocked, voucher.ErrNothingNew:
		return p.showPropose(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, editionPath(v.Edition.ID), f.T("ruleset.propose.done"), f.T("ruleset.propose.done_text"))
}

// seenVersion is the version and the revision that a form was shown with.
func seenVersion(v voucher.Version, fields url.Values) (voucher.VersionRef, int64, error) {
	number, revision, err := seen(fields)
	return voucher.VersionRef{Edition: v.Edition.ID, Number: number}, revision, err
}

// seen reads what seenAs wrote.
func seen(fields url.Values) (number int, revision int64, err error) {
	n, rev, _ := strings.Cut(fields.Get("versione"), ".")
	number, err = strconv.Atoi(n)
	revision, err2 := strconv.ParseInt(rev, 10, 64)
	if errors.Join(err, err2) != nil {
		return 0, 0, errUnreadable
	}
	return number, revision, nil
}
