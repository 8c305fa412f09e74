package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/internal/rules"
	"portal/web/ruleset"
	"portal/web/ui"
)

// callFrame is the frame of a page about a version; title is empty on the page of the
// version itself.
func (p *Portal) callFrame(r *http.Request, v indemnity.Version, title string) ui.Frame {
	var f ui.Frame
	home := ui.Crumb{Text: f.T("calls.title"), URL: callsPath}
	own := callTitle(f, v.Call.ID)
	if title == "" {
		f = p.welfareFrame(r, own, home)
	} else {
		f = p.welfareFrame(r, title, home, ui.Crumb{Text: own, URL: callPath(v.Call.ID)})
		f.Back = &ui.Link{Text: f.T("calls.back_to", "Month", ui.Month(v.Call.ID.Month().From)), URL: callPath(v.Call.ID)}
	}
	f.Caption = f.T("ruleset.caption_of", "Number", v.Call.Version)
	tag := callTag(f, v)
	f.Badge = &tag
	return f
}

// welfareCall shows a version of the rules of a call (W-03): the open one, the one in
// force, or the one whose number is asked for.
func (p *Portal) welfareCall(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	v := shownCall(versions)
	if asked := r.URL.Query().Get("versione"); asked != "" {
		i := slices.IndexFunc(versions, func(v indemnity.Version) bool { return strconv.Itoa(v.Call.Version) == asked })
		if i < 0 {
			return fault.ErrNotFound
		}
		v = versions[i]
	}
	f := p.callFrame(r, v, "")
	page := ruleset.Page{Frame: f, Lead: p.callLead(f, v), Facts: versionFacts(f, v.Life), Actions: callActions(f, v, versions, actor(r)), Notes: callNotes(f, v)}
	mayEdit := v.MayEdit(actor(r)) == nil
	for _, s := range indemnity.Sections {
		page.Sections = append(page.Sections, callSection(f, v, s, mayEdit))
	}
	for _, old := range versions {
		line := ruleset.Version{Number: f.T("ruleset.caption_of", "Number", old.Call.Version), State: callTag(f, old),
			Drafted: handText(f, old.Drafted), Decided: handText(f, old.Decided)}
		if old.Call.Version != v.Call.Version {
			line.URL = callPath(old.Call.ID) + "?versione=" + strconv.Itoa(old.Call.Version)
		}
		page.Versions = append(page.Versions, line)
	}
	return p.show(w, r, ruleset.Show(page))
}

// callLead says where a call stands by the calendar.
func (p *Portal) callLead(f ui.Frame, v indemnity.Version) string {
	if !v.Rules.Window.Is.Valid() {
		return f.T("calls.lead.none")
	}
	return f.T("calls.lead."+string(v.Phase(p.Now())), "Span", ui.During(v.Rules.Window.Is), "Until", ui.ByDay(v.LastUsefulDay()))
}

// callNotes are what an officer should know before reading a version: why it came back,
// what is missing, what is locked.
func callNotes(f ui.Frame, v indemnity.Version) []ruleset.Note {
	var notes []ruleset.Note
	if v.State == rules.Draft && v.Note != "" {
		notes = append(notes, ruleset.Note{Tone: ui.Action, Title: f.T("ruleset.returned"), Texts: []string{v.Note}})
	}
	if v.State == rules.Draft {
		if flaws := v.Check(); len(flaws) > 0 {
			notes = append(notes, ruleset.Note{Tone: ui.Action, Title: f.T("ruleset.missing"), Texts: callFlaws(f, flaws)})
		}
	}
	if v.Open() && v.Received {
		notes = append(notes, ruleset.Note{Tone: ui.Working, Title: f.T("calls.received"), Texts: []string{f.T("calls.received.text")}})
	}
	return notes
}

// callActions is what an officer may do with a version, the main thing first.
func callActions(f ui.Frame, v indemnity.Version, versions []indemnity.Version, who identity.Actor) []ui.Link {
	at := callPath(v.Call.ID)
	if v.MayEdit(who) == nil {
		return []ui.Link{{Text: f.T("ruleset.propose"), URL: at + "/proponi"}, {Text: f.T("calls.drop"), URL: at + "/elimina"}}
	}
	var links []ui.Link
	if v.State == rules.Proposed {
		text := f.T("ruleset.compare")
		if v.MayDecide(who) == nil {
			text = f.T("ruleset.decide")
		}
		links = append(links, ui.Link{Text: text, URL: at + "/approva"})
	}
	if who.Must(identity.Welfare, identity.Prepare) == nil && !slices.ContainsFunc(versions, indemnity.Version.Open) {
		links = append(links, ui.Link{Text: f.T("calls.again"), URL: at + "/nuova-versione"})
	}
	if v.InForce > 0 {
		links = append(links, ui.Link{Text: f.T("calls.public"), URL: publicCallPath(v.Call.ID)})
	}
	return links
}

func callSection(f ui.Frame, v indemnity.Version, s indemnity.Section, mayEdit bool) ruleset.Section {
	section := ruleset.Section{ID: callSectionNames[s], Title: callSectionTitle(f, s)}
	if s == indemnity.SectionExamples {
		section.Proofs = callProofs(f, &v.Call)
	} else {
		section.Rows = callValues(f, v.Rules.Provisions(), s)
	}
	const many = 12
	section.Folded = len(section.Rows) > many
	switch {
	case mayEdit && v.Locked(s):
		section.Note = f.T("calls.locked")
	case mayEdit:
		section.EditURL = callPath(v.Call.ID) + "/sezione/" + callSectionNames[s]
	}
	return section
}

// callValues are the provisions of a section, in words.
func callValues(f ui.Frame, all []indemnity.Provision, s indemnity.Section) []ruleset.Value {
	var rows []ruleset.Value
	for _, p := range all {
		if p.Section == s {
			rows = append(rows, ruleset.Value{Name: provisionName(f, p), Text: provisionText(f, p), Article: p.Article, Reading: p.Reading})
		}
	}
	return rows
}

// askCall shows a question about a version, with its consequences.
func (p *Portal) askCall(w http.ResponseWriter, r *http.Request, v indemnity.Version, act, at string, danger bool) error {
	var f ui.Frame
	f = p.callFrame(r, v, f.T("calls."+act+".title", "Month", ui.Month(v.Call.ID.Month().From)))
	return p.show(w, r, ruleset.Ask(ruleset.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("calls." + act + ".text")},
		Form:         ui.FormProps{Action: callPath(v.Call.ID) + at, Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("calls." + act), Danger: danger, Cancel: f.Back},
	}}))
}

// welfareCallAgainAsk asks whether to draft the next version of a call.
func (p *Portal) welfareCallAgainAsk(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	if slices.ContainsFunc(versions, indemnity.Version.Open) {
		return indemnity.ErrOpenVersion
	}
	return p.askCall(w, r, shownCall(versions), "again", "/nuova-versione", false)
}

// welfareCallAgain drafts the next version of a call from the one in force.
func (p *Portal) welfareCallAgain(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	sent, err := p.callForm(r, "call.draft", versions[0].Call.ID)
	if err != nil {
		return err
	}
	from := versions[0]
	if i := slices.IndexFunc(versions, callInForce); i >= 0 {
		from = versions[i]
	}
	ref, err := p.Calls.Draft(r.Context(), actor(r), sent, from.Ref(), from.Call.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callPath(ref.Call), f.T("calls.drafted.done"), f.T("calls.again.done", "Number", ref.Number))
}

// welfareCallDropAsk asks whether to give a draft up.
func (p *Portal) welfareCallDropAsk(w http.ResponseWriter, r *http.Request) error {
	v, _, err := p.openCall(r)
	if err == nil {
		err = v.MayEdit(actor(r))
	}
	if err != nil {
		return err
	}
	return p.askCall(w, r, v, "drop", "/elimina", true)
}

// welfareCallDrop gives a draft up.
func (p *Portal) welfareCallDrop(w http.ResponseWriter, r *http.Request) error {
	versions, err := p.callVersions(r)
	if err != nil {
		return err
	}
	v := shownCall(versions)
	sent, err := p.callForm(r, "call.drop", v.Call.ID)
	if err != nil {
		return err
	}
	if err := p.Calls.Drop(r.Context(), actor(r), sent, v.Ref()); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callsPath, f.T("calls.drop.done"), f.T("calls.drop.done_text"))
}

// callForm is a form about a call that says nothing but its key.
func (p *Portal) callForm(r *http.Request, action string, id indemnity.CallID) (once.Form, error) {
	fields, err := form(r)
	if err != nil {
		return once.Form{}, err
	}
	return sending(r, action, url.Values{"idem": fields["idem"], "bando": {string(id)}})
}

// callRevision is what of a version the reader saw.
func callRevision(v indemnity.Version) string { return seenAs(v.Call.Version, v.Revision) }

// seenCall is the version and the revision that a form was shown with.
func seenCall(v indemnity.Version, fields url.Values) (indemnity.VersionRef, int64, error) {
	number, revision, err := seen(fields)
	return indemnity.VersionRef{Call: v.Call.ID, Number: number}, revision, err
}

// callWhyNot is why a version cannot be proposed or released.
func callWhyNot(f ui.Frame, why error) ruleset.Note {
	note := ruleset.Note{Tone: ui.Danger, Title: words(f, fault.As(why))}
	var flaws indemnity.RuleFlaws
	if errors.As(why, &flaws) {
		note.Texts = callFlaws(f, flaws)
	}
	return note
}
