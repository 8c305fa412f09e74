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
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ruleset"
	"portal/web/ui"
)

// callEditing is a section of a draft that somebody changes: of readings and examples,
// the one whose number is asked for, as many as there are for a new example, -1 for
// their list.
type callEditing struct {
	version indemnity.Version
	section indemnity.Section
	item    int
}

// editedCall is what the path names.
func (p *Portal) editedCall(r *http.Request) (callEditing, error) {
	v, _, err := p.openCall(r)
	if err != nil {
		return callEditing{}, err
	}
	e := callEditing{version: v, item: -1}
	name := chi.URLParam(r, "sezione")
	for section, known := range callSectionNames {
		if known == name {
			e.section = section
		}
	}
	if e.section == "" {
		return e, fault.ErrNotFound
	}
	if q := r.URL.Query(); e.listed() && q.Has("voce") {
		n, err := strconv.Atoi(q.Get("voce"))
		if err != nil || n < 0 || n > e.last() {
			return e, fault.ErrNotFound
		}
		e.item = n
	}
	return e, v.MayEdit(actor(r))
}

// listed tells whether the values of the section have a form each.
func (e callEditing) listed() bool {
	return e.section == indemnity.SectionReadings || e.section == indemnity.SectionExamples
}

// last is the highest number of a value that has a form of its own.
func (e callEditing) last() int {
	if e.section == indemnity.SectionReadings {
		return len(e.version.Rules.Readings.List()) - 1
	}
	return len(e.version.Rules.Examples)
}

// reading is the one that is changed.
func (e callEditing) reading() indemnity.Reading { return e.version.Rules.Readings.List()[e.item] }

func (e callEditing) path() string {
	at := callPath(e.version.Call.ID) + "/sezione/" + callSectionNames[e.section]
	if e.item >= 0 {
		at += "?voce=" + strconv.Itoa(e.item)
	}
	return at
}

// welfareCallSectionAsk shows the values of a section to be changed.
func (p *Portal) welfareCallSectionAsk(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editedCall(r)
	if err != nil {
		return err
	}
	fields := e.fields().Values
	fields.Set("idem", once.NewKey())
	fields.Set("versione", callRevision(e.version))
	return p.showCallSection(w, r, http.StatusOK, e, fields, nil)
}

func (p *Portal) showCallSection(w http.ResponseWriter, r *http.Request, status int, e callEditing, fields url.Values, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.callFrame(r, e.version, callSectionTitle(f, e.section))
	page := ruleset.EditPage{
		Lead: f.T("calls.lead.section." + string(e.section)), Submit: f.T("ruleset.save"),
		Cancel: ui.Link{Text: f.T("ruleset.keep"), URL: callPath(e.version.Call.ID) + "#" + callSectionNames[e.section]},
	}
	content := callSectionPage{sectionPage{f, "calls", fields}}
	switch {
	case e.version.Locked(e.section):
		page.Notes = []ruleset.Note{{Tone: ui.Working, Texts: []string{f.T("calls.locked")}}}
	case e.listed() && e.item < 0:
		page.Items = e.items(f)
		page.Cancel.Text = f.T("calls.back_to", "Month", ui.Month(e.version.Call.ID.Month().From))
	default:
		if e.item >= 0 {
			page.Cancel.URL = callEditing{e.version, e.section, -1}.path()
		}
		page.Groups = content.groups(e)
	}
	if len(page.Groups) > 0 {
		page.Form = &ui.FormProps{Action: e.path(), Key: fields.Get("idem"), Version: fields.Get("versione")}
	}
	f.Errors = inPageOrder(wrong, page.Groups)
	page.Frame = f
	return p.showAs(w, r, status, ruleset.Edit(page))
}

// items are readings or examples, each with its own form.
func (e callEditing) items(f ui.Frame) *ruleset.Items {
	items := &ruleset.Items{Caption: callSectionTitle(f, e.section), Name: ui.Column{Text: f.T("ruleset.value"), Row: true}, Text: ui.Column{Text: f.T("ruleset.says")}}
	for _, p := range e.version.Rules.Provisions() {
		if p.Section == e.section {
			one := callEditing{e.version, e.section, len(items.Rows)}
			items.Rows = append(items.Rows, ruleset.Item{Name: provisionName(f, p), Text: provisionText(f, p), URL: one.path()})
		}
	}
	if e.section == indemnity.SectionExamples {
		e.item = len(items.Rows)
		items.Add = &ui.Link{Text: f.T("calls.example.add"), URL: e.path()}
	}
	return items
}

// welfareCallSection saves a section of a draft.
func (p *Portal) welfareCallSection(w http.ResponseWriter, r *http.Request) error {
	e, err := p.editedCall(r)
	if err != nil {
		return err
	}
	fields, err := form(r, "holidays")
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	sent, err := sending(r, "call.save", fields)
	if err != nil {
		return err
	}
	ref, revision, err := seenCall(e.version, fields)
	if err != nil {
		return err
	}
	read := callReader{&sectionReader{fields: fields}}
	if strange.field != "" {
		read.fail(strange.field, errText)
	}
	changed := e.read(read)
	if len(read.wrong) > 0 {
		call := e.version.Call
		call.Rules = changed
		e.flaws(read, call.Check().Of(e.section))
		return p.showCallSection(w, r, http.StatusUnprocessableEntity, e, fields, read.wrong)
	}
	err = p.Calls.Save(r.Context(), actor(r), sent, ref, revision, e.section, changed)
	var flaws indemnity.RuleFlaws
	if errors.As(err, &flaws) {
		e.flaws(read, flaws)
		return p.showCallSection(w, r, http.StatusUnprocessableEntity, e, fields, read.wrong)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	to := callPath(e.version.Call.ID)
	if e.listed() {
		e.item = -1
		to = e.path()
	}
	return p.done(w, r, to, f.T("ruleset.saved"), f.T("ruleset.saved.text", "Section", callSectionTitle(f, e.section)))
}

// read is the rules of the draft with the section, or one value of it, as the form says.
func (e callEditing) read(s callReader) indemnity.RuleSet {
	changed := e.version.Rules
	switch {
	case e.listed() && e.item < 0:
	case e.section == indemnity.SectionReadings:
		s.reading(&changed.Readings, e.reading())
	case e.section == indemnity.SectionExamples:
		changed.Examples = slices.Clone(changed.Examples)
		example := s.example()
		switch {
		case e.item == len(changed.Examples):
			changed.Examples = append(changed.Examples, example)
		case s.text("example-remove") == "si":
			changed.Examples = slices.Delete(changed.Examples, e.item, e.item+1)
			s.wrong = nil // of what is taken away
		default:
			changed.Examples[e.item] = example
		}
	default:
		s.read(e.section, &changed)
	}
	return changed
}

// flaws adds what the rules say against the section to what could not be read: one error
// a field.
func (e callEditing) flaws(s callReader, found indemnity.RuleFlaws) {
	for _, flaw := range found {
		name := strings.ReplaceAll(flaw.Field, ".", "-")
		switch {
		case e.section == indemnity.SectionReadings && e.item >= 0:
			if rest, own := strings.CutPrefix(flaw.Field, "readings."+e.reading().Name+"."); own {
				name = "reading-" + rest
			}
		case e.section == indemnity.SectionExamples:
			if rest, own := strings.CutPrefix(name, "examples-"+strconv.Itoa(e.item)+"-"); own {
				name = "example-" + rest
			}
		}
		s.once(name, words(ui.Frame{}, flaw.Reason, flaw.Args...))
	}
}
