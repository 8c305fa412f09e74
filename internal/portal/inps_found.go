package portal

import (
	"net/http"
	"strings"

	"portal/internal/audit"
	"portal/internal/export"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// inpsWorklistSearch takes what an officer looks for: a protocol number, a fiscal code
// or a name. It stays in the login session; it has no place in an address.
func (p *Portal) inpsWorklistSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keySought, strings.TrimSpace(fields.Get("cerca")))
	return goTo(w, r, foundPath, nil)
}

// inpsFound shows what was found. Each look is written in the register.
func (p *Portal) inpsFound(w http.ResponseWriter, r *http.Request) error {
	if p.Logins.GetString(r.Context(), keySought) == "" {
		return goTo(w, r, worklistPath, nil)
	}
	f := p.inpsFrame(r, ui.Frame{}.T("inps.desk.found"), ui.Crumb{Text: ui.Frame{}.T("menu.inps.applications"), URL: worklistPath})
	f.HeadTitle = ui.Frame{}.T("menu.inps.applications")
	page := inps.FoundPage{Frame: f, SearchURL: worklistPath, Search: p.Logins.GetString(r.Context(), keySought), ListURL: worklistPath}
	quest, ok := voucher.ParseQuest(page.Search)
	if !ok {
		page.Errors = []ui.FieldError{{Field: "cerca", Text: f.T("inps.desk.search_short")}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, inps.Found(page))
	}
	found, err := p.Desk.Search(r.Context(), actor(r), quest)
	if err != nil {
		return err
	}
	page.Count = f.T("inps.desk.count", "Count", len(found), "Number", grouped(len(found)))
	if len(found) == voucher.FoundAtMost {
		page.Count = f.T("inps.desk.found_first", "Count", len(found))
	}
	for _, n := range found {
		line := p.worklistRow(f, n.WorkRow)
		line.Name = n.Beneficiary.Name()
		page.Rows = append(page.Rows, line)
	}
	return p.show(w, r, inps.Found(page))
}

// inpsWorklistExport sends a whole worklist as a file, row by row as it is read. That
// it was taken, by whom and with which filters, is on record before it leaves.
func (p *Portal) inpsWorklistExport(format export.Format) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		q, err := query(r)
		if err != nil {
			return err
		}
		_, edition, err := p.deskEditions(r, q.Get("annualita"))
		if err != nil {
			return err
		}
		var f ui.Frame
		w.Header().Set("Content-Type", format.Type())
		w.Header().Set("Content-Disposition", `attachment; filename="domande-`+string(edition.ID)+format.Ending()+`"`)
		file, err := export.New(format, w, worklistFile(f))
		if err != nil {
			return err
		}
		defer file.Discard()
		err = p.Desk.Export(r.Context(), actor(r), worklistAsk(r, q, edition.ID), string(format), func(row voucher.WorkRow) error {
			return file.Row(worklistCells(f, row)...)
		})
		if err == nil {
			err = file.Close()
		}
		if err != nil {
			p.Log.Error("list of applications cut short", "id", audit.Request(r.Context()), "error", err)
			panic(http.ErrAbortHandler) // half a list must not look like a whole one
		}
		return nil
	}
}

func worklistFile(f ui.Frame) []export.Column {
	var columns []export.Column
	for _, key := range []string{"protocol", "submitted_at", "territory", "province", "isee", "isee_status", "state", "reason", "channel",
		"cure_by", "decided_on", "rank", "entitled", "officer"} {
		columns = append(columns, export.Column{Key: key, Title: f.T("inps.desk.file." + key)})
	}
	return columns
}

func worklistCells(f ui.Frame, row voucher.WorkRow) []any {
	var isee, rank any
	if row.HasISEE {
		isee = row.ISEE
	}
	if row.Rank > 0 {
		rank = row.Rank
	}
	reason := ""
	if row.Reason != "" {
		reason = f.T("citizen.ground." + row.Reason)
	}
	return []any{row.Protocol, row.SubmittedAt, row.Territory, row.Province, isee, f.T("inps.desk.isee." + string(row.ISEEStatus)),
		f.T("citizen.standing." + string(row.State)), reason, f.T("inps.desk.channel." + string(row.Channel)),
		row.CureBy, row.DecidedOn, rank, row.Entitled, row.Officer}
}
