package portal

import (
	"encoding/csv"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const (
	importsPath   = "/gestione/inps/importazioni"
	importNewPath = "/gestione/inps/domande/importa"
)

func importPath(id voucher.ImportID) string { return importsPath + "/" + string(id) }

// mostImported is how many imports the list shows: the last ones.
const mostImported = 50

// inpsImports lists the files of applications that were brought.
func (p *Portal) inpsImports(w http.ResponseWriter, r *http.Request) error {
	files, err := p.Imports.ImportFiles(r.Context(), mostImported)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.import.list"), ui.Crumb{Text: f.T("menu.inps.applications"), URL: "/gestione/inps/domande"})
	page := inps.ImportsPage{Frame: f}
	if actor(r).Must(identity.INPS, identity.Prepare) == nil {
		page.NewURL = importNewPath
	}
	for _, file := range files {
		page.Rows = append(page.Rows, inps.ImportLine{ID: file.ID, URL: importPath(file.ID), When: ui.ShortMoment(file.MadeAt),
			Edition: string(file.Edition), By: importBy(f, file), Rows: grouped(file.Read), State: importTag(f, file.State)})
	}
	return p.show(w, r, inps.Imports(page))
}

func importBy(f ui.Frame, file voucher.ImportFile) string {
	if file.MadeBy == "" {
		return f.T("inps.import.operator")
	}
	return file.MadeBy
}

// importTag is the word of a state, in the colour of whose move it is.
func importTag(f ui.Frame, state voucher.ImportState) ui.Tag {
	tones := map[voucher.ImportState]ui.Tone{voucher.ImportReading: ui.Working, voucher.ImportChecked: ui.Action, voucher.ImportApplying: ui.Working,
		voucher.ImportApplied: ui.Success, voucher.ImportRefused: ui.Danger, voucher.ImportDropped: ui.Closed}
	return ui.Tag{Tone: tones[state], Text: f.T("inps.import.state." + string(state))}
}

// inpsImportAsk asks for a file of applications (I-06).
func (p *Portal) inpsImportAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return p.showImportNew(w, r, http.StatusOK, url.Values{}, nil)
}

// inpsImport reads and checks a file while it comes in. Nothing is applied.
func (p *Portal) inpsImport(w http.ResponseWriter, r *http.Request) error {
	fields, file, err := upload(r, "file")
	if err != nil && !errors.Is(err, errNoFile) {
		return err
	}
	ask := voucher.ImportAsk{Edition: voucher.EditionID(fields.Get("annualita"))}
	var wrong []ui.FieldError
	var f ui.Frame
	if text := strings.TrimSpace(fields.Get("righe")); text != "" {
		n, err := strconv.Atoi(text)
		if ask.Declared = n; err != nil || n < 1 || n > 1e9 {
			wrong = append(wrong, ui.FieldError{Field: "righe", Text: f.T("inps.import.declared_wrong")})
		}
	}
	editions, err := p.Imports.Editions(r.Context())
	if err != nil {
		return err
	}
	if _, known := editions[ask.Edition]; !known {
		wrong = slices.Insert(wrong, 0, ui.FieldError{Field: "annualita", Text: words(f, voucher.ErrNoEdition)})
	}
	if file == nil {
		wrong = append(wrong, ui.FieldError{Field: "file", Text: words(f, errNoFile)})
	}
	if len(wrong) > 0 {
		return p.showImportNew(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	sent, err := sending(r, "import.read", fields)
	if err != nil {
		return err
	}
	id, err := p.Imports.Read(r.Context(), actor(r), sent, ask, file, func(int) {})
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errTooLarge
	case err != nil:
		return err
	}
	return goTo(w, r, importPath(id), nil)
}

func (p *Portal) showImportNew(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	editions, err := p.Imports.Editions(r.Context())
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.import.title"), ui.Crumb{Text: f.T("menu.inps.applications"), URL: "/gestione/inps/domande"},
		ui.Crumb{Text: f.T("inps.import.list"), URL: importsPath})
	f.Errors = wrong
	options := []ui.Option{{Label: f.T("inps.import.edition_choose")}}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(editions))) {
		options = append(options, ui.Option{Value: string(id), Label: string(id)})
	}
	page := inps.ImportNewPage{
		Frame: f, Form: ui.FormProps{Action: importNewPath, Key: once.NewKey(), Upload: true},
		Editions: ui.ChoiceProps{Name: "annualita", Legend: f.T("inps.import.edition"), Hint: f.T("inps.import.edition_hint"),
			Options: options, Chosen: []string{fields.Get("annualita")}},
		Declared: fields.Get("righe"), TemplateURL: importNewPath + "/modello.csv", ListURL: importsPath,
	}
	for i, name := range voucher.ImportColumns {
		page.Guide = append(page.Guide, inps.ImportColumn{Name: name, What: f.T("inps.import.guide." + name), Example: importExample[i]})
	}
	return p.showAs(w, r, status, inps.ImportNew(page))
}

// importExample is a row of a file as it must be, of somebody who does not exist.
var importExample = []string{string(identity.NewFiscalCode("RSSMRA85C52H501")), "Rossi", "Maria", "1985-03-12", "Lazio", "RM", "8412,30", "valido",
	"2025-09-15T10:02:31.123456+02:00", "maria.rossi@example.org", "333 0000000", "INPS-2025-000001"}

// inpsImportTemplate is a file as it must be, with one row to write over.
func (p *Portal) inpsImportTemplate(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="modello-domande.csv"`)
	out := csv.NewWriter(w)
	out.Comma = ';'
	return out.WriteAll([][]string{voucher.ImportColumns, importExample})
}

// importRefusal shows why an act on an import was refused on its page, as it is now.
func (p *Portal) importRefusal(w http.ResponseWriter, r *http.Request, id voucher.ImportID, err error) error {
	reason, here := refusedHere(err)
	if !here {
		return err
	}
	return p.showImport(w, r, statuses[reason.Kind], id, []ui.FieldError{{Text: words(ui.Frame{}, reason)}})
}
