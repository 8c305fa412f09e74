package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"portal/internal/fault"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// wordingExamples stand in a preview for what is put between the words.
var wordingExamples = map[string]string{"Count": "3", "Number": "3", "Name": "Maria Rossi", "Protocol": "INPS-2026-000123", "Amount": "500,00 €", "Day": "12 marzo 2026",
	"On": "il 12 marzo 2026", "By": "entro il 12 marzo 2026", "At": "12 marzo 2026 alle 10:15", "Article": "3"}

func wordingExample(name string) string {
	if example, known := wordingExamples[name]; known {
		return example
	}
	return "[" + name + "]"
}

// wordingPreview is a wording as it is read, with made-up values.
func wordingPreview(w office.Wording) []string {
	forms, err := ui.Wording(w).Example(wordingExample)
	if err != nil {
		return wordingForms(w)
	}
	return forms
}

// wordingPlaces are the placeholders of a text as they are written.
func wordingPlaces(t office.ShippedText) []string {
	var all []string
	it := t.Words["it"]
	_, _ = ui.Wording(it).Example(func(name string) string { // what is shipped can be read
		if p := "{{." + name + "}}"; !slices.Contains(all, p) {
			all = append(all, p)
		}
		return ""
	})
	return all
}

// adminWording is one text in a language, with a form for another wording.
func (p *Portal) adminWording(w http.ResponseWriter, r *http.Request) error {
	t, in, err := p.wordingAsked(r)
	if err != nil {
		return err
	}
	inForce, err := p.Wordings.WordingsInForce(r.Context())
	if err != nil {
		return err
	}
	says, _ := inForce.Says(t, in)
	return p.showWording(w, r, http.StatusOK, t, in, says, nil)
}

// formField is the name of the field of a form of a text.
func formField(form string) string { return "testo-" + form }

func (p *Portal) showWording(w http.ResponseWriter, r *http.Request, status int, t office.ShippedText, in office.Lang, typed office.Wording, wrong []ui.FieldError) error {
	inForce, err := p.Wordings.WordingsInForce(r.Context())
	if err != nil {
		return err
	}
	versions, err := p.Wordings.WordingsOf(r.Context(), t.Key, in)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("wording.one"), ui.Crumb{Text: f.T("wording.title"), URL: withQuery(adminWordingsPath, url.Values{"lingua": {string(in)}})})
	f.Errors = wrong
	f.Caption = f.T("wording.lang." + string(in))
	shipped, translated := t.Words[in]
	italian, _ := inForce.Says(t, "it")
	page := oversight.WordingPage{Frame: f, Places: wordingPlaces(t), Lang: string(in), Preview: wordingPreview(typed),
		Facts: []ui.Entry{{Name: f.T("wording.col.key"), Value: t.Key, Proper: true}, {Name: f.T("wording.area"), Value: f.T("wording.area." + t.Area)},
			{Name: f.T("wording.shipped"), Value: wordingText(shipped)}},
		Form: ui.FormProps{Action: wordingPath(t.Key, in), Key: once.NewKey()}, Buttons: ui.ButtonsProps{Submit: f.T("wording.propose")}}
	if !translated {
		page.Facts[2].Value = f.T("wording.missing")
	}
	for _, form := range t.Forms(in) {
		shown := *italian.Form(form)
		if shown == "" {
			shown = italian.Other
		}
		page.Forms = append(page.Forms, oversight.WordingForm{Italian: shown, Field: ui.TextAreaProps{Name: formField(form), Label: f.T("wording.form." + form), Rows: 3,
			Hint: f.T("wording.form.hint", "Number", grouped(t.Longest(form))), Value: *typed.Form(form)}})
	}
	if is := inForce.Of(t.Key, in); is.Number > 0 && !is.Back {
		page.Back = &ui.FormProps{Action: wordingPath(t.Key, in), Key: once.NewKey()}
	}
	for _, v := range versions {
		row := wordingProposalRow(f, v)
		if c := v.Changes[0]; c.Back {
			row.Name += ": " + f.T("wording.back.note")
		} else {
			row.Name += ": " + wordingText(c.To)
		}
		page.Versions = append(page.Versions, row)
	}
	return p.showAs(w, r, status, oversight.WordingOne(page))
}

// flawText says what is wrong with a form of a text.
func flawText(f ui.Frame, x office.TextFlaw) string {
	text := words(f, x.Reason)
	switch x.Reason {
	case office.ErrWordingLong:
		text += " " + f.T("wording.flaw.long", "Number", grouped(x.Longest))
	case office.ErrWordingPlaces:
		if len(x.Missing) > 0 {
			text += " " + f.T("wording.flaw.missing", "Places", placesText(x.Missing))
		}
		if len(x.Unknown) > 0 {
			text += " " + f.T("wording.flaw.unknown", "Places", placesText(x.Unknown))
		}
	}
	return text
}

func placesText(names []string) string {
	all := make([]string, len(names))
	for i, n := range names {
		if all[i] = n; !strings.Contains(n, "{") {
			all[i] = "{{." + n + "}}"
		}
	}
	return strings.Join(all, ", ")
}

// adminWordingPropose shows what was typed as it will be read, or proposes it.
func (p *Portal) adminWordingPropose(w http.ResponseWriter, r *http.Request) error {
	t, in, err := p.wordingAsked(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	var f ui.Frame
	var typed office.Wording
	for _, name := range t.Forms(in) {
		*typed.Form(name) = fields.Get(formField(name))
	}
	again := func(status int, wrong ...ui.FieldError) error {
		return p.showWording(w, r, status, t, in, typed, wrong)
	}
	if bad.field != "" {
		return again(http.StatusUnprocessableEntity, ui.FieldError{Field: bad.field, Text: words(f, errText)})
	}
	step := fields.Get("passo")
	typed, flaws := t.Flaws(in, typed)
	if step == "anteprima" {
		return again(statusOf(flaws), flawErrors(f, flaws)...)
	}
	sent, err := sending(r, "wording.propose", fields)
	if err != nil {
		return err
	}
	_, flaws, err = p.Wordings.Propose(r.Context(), actor(r), sent, office.WordingChange{Key: t.Key, In: in, To: typed, Back: step == "originale"})
	switch reason := fault.As(err); {
	case len(flaws) > 0:
		return again(statusOf(flaws), flawErrors(f, flaws)...)
	case reason == office.ErrWordingSame:
		return again(http.StatusUnprocessableEntity, ui.FieldError{Field: formField(t.Forms(in)[0]), Text: words(f, reason)})
	case err != nil:
		return err
	}
	return p.done(w, r, adminWordingsPath, f.T("wording.proposed"), f.T("wording.proposed.text"))
}

func statusOf(flaws []office.TextFlaw) int {
	if len(flaws) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

func flawErrors(f ui.Frame, flaws []office.TextFlaw) (all []ui.FieldError) {
	for _, x := range flaws {
		all = append(all, ui.FieldError{Field: formField(x.Form), Text: flawText(f, x)})
	}
	return all
}
