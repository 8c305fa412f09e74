package portal

import (
	"net/http"
	"net/url"
	"slices"

	"portal/internal/audit"
	"portal/internal/calendar"
	"portal/internal/export"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// inpsImportPage shows a file of applications (I-06).
func (p *Portal) inpsImportPage(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	return p.showImport(w, r, http.StatusOK, voucher.ImportID(id), nil)
}

// inpsImportApply has a file taken in that was checked: a job does it, and the page
// may be closed.
func (p *Portal) inpsImportApply(w http.ResponseWriter, r *http.Request) error {
	id, _, sent, err := formAbout[voucher.ImportID](r, "import.apply")
	if err != nil {
		return err
	}
	if err := p.Imports.Order(r.Context(), actor(r), sent, id); err != nil {
		return p.importRefusal(w, r, id, err)
	}
	var f ui.Frame
	return p.done(w, r, importPath(id), f.T("inps.import.ordered"), f.T("inps.import.ordered_text"))
}

// inpsImportDropAsk asks whether to throw a file away.
func (p *Portal) inpsImportDropAsk(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	if _, err := p.Imports.ImportFile(r.Context(), voucher.ImportID(id)); err != nil {
		return err
	}
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	at := importPath(voucher.ImportID(id))
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.import.drop_title"), ui.Crumb{Text: f.T("inps.import.list"), URL: importsPath}, ui.Crumb{Text: f.T("inps.import.one"), URL: at})
	return p.show(w, r, inps.ImportDrop(inps.ImportDropPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("inps.import.drop_text")},
		Form:         ui.FormProps{Action: at + "/elimina", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("inps.import.drop"), Danger: true, Cancel: &ui.Link{Text: f.T("inps.import.keep"), URL: at}},
	}}))
}

// inpsImportDrop throws a file away that was not taken in.
func (p *Portal) inpsImportDrop(w http.ResponseWriter, r *http.Request) error {
	id, _, sent, err := formAbout[voucher.ImportID](r, "import.drop")
	if err != nil {
		return err
	}
	if err := p.Imports.Drop(r.Context(), actor(r), sent, id); err != nil {
		return p.importRefusal(w, r, id, err)
	}
	var f ui.Frame
	return p.done(w, r, importsPath, f.T("inps.import.dropped"), f.T("inps.import.dropped_text"))
}

// inpsImportFaults sends all that is wrong with a file, line by line, for a
// spreadsheet. It says nothing of persons.
func (p *Portal) inpsImportFaults(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	if _, err := p.Imports.ImportFile(r.Context(), voucher.ImportID(id)); err != nil {
		return err
	}
	var f ui.Frame
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="errori-`+calendar.On(p.Now()).String()+`.csv"`)
	out, err := export.New(export.CSV, w, []export.Column{{Key: "line", Title: f.T("inps.import.line")},
		{Key: "field", Title: f.T("inps.import.field")}, {Key: "what", Title: f.T("inps.import.wrong")}})
	if err == nil {
		err = p.Imports.EachFault(r.Context(), voucher.ImportID(id), func(x voucher.ImportFault) error {
			return out.Row(x.Line, x.Field, faultDetail(f, x))
		})
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		p.Log.Error("list of faults cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}

// faultDetail is what is wrong in a place, with the number that belongs to it.
func faultDetail(f ui.Frame, x voucher.ImportFault) string {
	if x.Arg == 0 {
		return f.T("inps.import.fault." + string(x.Kind))
	}
	return f.T("inps.import.detail."+string(x.Kind), "Arg", grouped(x.Arg))
}

func (p *Portal) showImport(w http.ResponseWriter, r *http.Request, status int, id voucher.ImportID, wrong []ui.FieldError) error {
	file, rows, totals, err := p.Imports.See(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.import.one"), ui.Crumb{Text: f.T("menu.inps.applications"), URL: "/gestione/inps/domande"},
		ui.Crumb{Text: f.T("inps.import.list"), URL: importsPath})
	tag := importTag(f, file.State)
	f.Badge, f.Errors = &tag, wrong
	page := inps.ImportPage{Frame: f, Tone: tag.Tone, Text: importText(f, file), Facts: importFacts(f, file, totals)}
	p.importActions(r, &page, file)
	for _, row := range rows {
		page.Preview = append(page.Preview, importPreviewRow(f, row))
	}
	if file.State == voucher.ImportRefused {
		if err := p.fillFaults(r, &page, file); err != nil {
			return err
		}
	}
	return p.showAs(w, r, status, inps.Import(page))
}

// importText is what a state means, and what comes next.
func importText(f ui.Frame, file voucher.ImportFile) string {
	switch {
	case file.State == voucher.ImportApplied:
		return f.T("inps.import.text.applied", "Count", file.Applied, "N", grouped(file.Applied))
	case file.State == voucher.ImportApplying && !file.Working:
		return f.T("inps.import.text.broken")
	}
	return f.T("inps.import.text." + string(file.State))
}

func importFacts(f ui.Frame, file voucher.ImportFile, totals voucher.ImportTotals) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("inps.import.edition"), Value: string(file.Edition), Proper: true},
		{Name: f.T("inps.import.made"), Value: ui.Moment(file.MadeAt)},
		{Name: f.T("inps.import.by"), Value: importBy(f, file), Proper: file.MadeBy != ""},
		{Name: f.T("inps.import.rows_read"), Value: grouped(file.Read)},
	}
	count := func(name string, n int, note string) {
		if n > 0 {
			facts = append(facts, ui.Entry{Name: f.T(name), Value: grouped(n), Note: note})
		}
	}
	count("inps.import.rows_declared", file.Declared, "")
	count("inps.import.rows_wrong", file.Wrong, "")
	count("inps.import.valid", totals.Valid, "")
	count("inps.import.defective", totals.Defective, f.T("inps.import.cure_note"))
	count("inps.import.missing", totals.Missing, f.T("inps.import.cure_note"))
	return facts
}

// importActions are what may be done with a file, by who may.
func (p *Portal) importActions(r *http.Request, page *inps.ImportPage, file voucher.ImportFile) {
	f := page.Frame
	prepares := actor(r).Must(identity.INPS, identity.Prepare) == nil
	apply := func(submit string) {
		if prepares {
			page.Submit, page.Apply = submit, &ui.FormProps{Action: importPath(file.ID), Key: once.NewKey()}
		}
	}
	link := func(words, url string) { page.Links = append(page.Links, ui.Link{Text: f.T(words), URL: url}) }
	switch file.State {
	case voucher.ImportReading:
		page.Progress = &ui.ProgressProps{ID: "avanzamento", Label: f.T("inps.import.progress.reading"),
			Text: f.T("inps.import.progress.rows", "Rows", grouped(file.Read)), Done: file.Read, Total: file.Declared}
		page.AgainURL = importPath(file.ID)
	case voucher.ImportChecked:
		apply(f.T("inps.import.apply", "Count", file.Read, "N", grouped(file.Read)))
	case voucher.ImportApplying:
		page.Progress = &ui.ProgressProps{ID: "avanzamento", Label: f.T("inps.import.progress.applying"),
			Text: f.T("inps.import.progress.of", "Done", grouped(file.Applied), "Total", grouped(file.Read)), Done: file.Applied, Total: file.Read}
		page.AgainURL = importPath(file.ID)
		if !file.Working {
			apply(f.T("inps.import.resume"))
		}
	case voucher.ImportApplied:
		link("inps.import.to_applications", "/gestione/inps/domande")
	}
	dropped := file.State == voucher.ImportReading || file.State == voucher.ImportChecked || file.State == voucher.ImportRefused
	if prepares && file.State != voucher.ImportReading && file.State != voucher.ImportApplying {
		link("inps.import.upload_again", importNewPath)
	}
	if prepares && dropped {
		link("inps.import.drop", importPath(file.ID)+"/elimina")
	}
}

func importPreviewRow(f ui.Frame, row voucher.ImportRow) inps.ImportPreview {
	shown := inps.ImportPreview{
		Line: row.Line, Name: row.FamilyName + " " + row.GivenName, FiscalCode: row.FiscalCode.Masked(), Born: ui.ShortDay(row.BornOn),
		Place: typeset(row.Territory) + " (" + row.Province + ")", ISEE: "–", Status: f.T("inps.import.isee." + string(row.ISEEStatus)),
		Submitted: ui.ShortMoment(row.SubmittedAt),
	}
	if row.HasISEE {
		shown.ISEE = row.ISEE.String()
	}
	return shown
}

// fillFaults writes what is wrong with a file: how often what, and where.
func (p *Portal) fillFaults(r *http.Request, page *inps.ImportPage, file voucher.ImportFile) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	f, at := page.Frame, importPath(file.ID)
	counts, err := p.Imports.FaultCounts(r.Context(), file.ID)
	if err != nil {
		return err
	}
	kind := voucher.FaultKind(q.Get("errore"))
	i := slices.IndexFunc(counts, func(c voucher.FaultCount) bool { return c.Kind == kind })
	total := 0
	for _, c := range counts {
		total += c.Count
		page.Kinds = append(page.Kinds, inps.ImportKind{Text: f.T("inps.import.fault." + string(c.Kind)), Count: grouped(c.Count),
			URL: at + "?errore=" + string(c.Kind) + "#risultati", Current: c.Kind == kind})
	}
	filters := url.Values{}
	if i < 0 {
		kind = ""
	} else {
		filters.Set("errore", string(kind))
		page.Kinds = append(page.Kinds, inps.ImportKind{Text: f.T("inps.import.show_all"), Count: grouped(total), URL: at + "#risultati"})
		total = counts[i].Count
	}
	n := pageNumber(q)
	faults, err := p.Imports.Faults(r.Context(), file.ID, kind, n)
	if err != nil {
		return err
	}
	for _, x := range faults {
		page.Faults = append(page.Faults, inps.ImportFaultLine{Line: x.Line, Field: x.Field, Text: faultDetail(f, x)})
	}
	page.Found = f.T("inps.import.found", "Count", total, "N", grouped(total))
	page.CSVURL = at + "/errori.csv"
	page.Pages = pagesOf(f.T("inps.import.pages"), n, total, voucher.FaultsPageSize, func(n int) string { return pageAt(at, filters, n) + "#risultati" })
	return nil
}
