package portal

import (
	"net/http"
	"net/url"

	"portal/internal/export"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const moneyPath = workPath + "/percorso"

// inpsPath shows where the money of an edition stands, by territory (PIC-8).
func (p *Portal) inpsPath(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	editions, edition, err := p.spentEdition(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	way, err := p.Trail.Path(r.Context(), edition.ID)
	if err != nil {
		return err
	}
	f := p.inpsFrame(r, ui.Frame{}.T("money.path.title"))
	page := inps.PathPage{
		Frame: f, Filters: ui.FiltersProps{Label: f.T("inps.desk.edition"), Action: moneyPath, Submit: f.T("inps.desk.show")},
		Edition: editionChoice(f, editions, edition.ID), AsOf: f.T("inps.desk.as_of", "Moment", ui.Moment(way.At)),
		CSVURL: withQuery(moneyPath+".csv", url.Values{"annualita": {string(edition.ID)}}),
		Funnel: pathFunnel(f, way.Total), Way: pathTable(f, "money.path.way", voucher.PathStages), Hold: pathTable(f, "money.path.hold", voucher.HoldStages),
	}
	for _, row := range way.Rows {
		if len(row.Of) == 0 && row.Sent == 0 {
			continue
		}
		page.Way.Rows = append(page.Way.Rows, pathRow(f, row, voucher.PathStages))
		if row.OnHold() > 0 {
			page.Hold.Rows = append(page.Hold.Rows, pathRow(f, row, voucher.HoldStages))
		}
	}
	if len(page.Way.Rows) > 0 {
		page.Way.Rows = append(page.Way.Rows, pathRow(f, way.Total, voucher.PathStages))
	}
	if len(page.Hold.Rows) > 0 {
		page.Hold.Rows = append(page.Hold.Rows, pathRow(f, way.Total, voucher.HoldStages))
	}
	return p.show(w, r, inps.Path(page))
}

// spentEdition is deskEditions, but without a name it chooses the last edition that takes
// no applications any more: only then is there money on its way.
func (p *Portal) spentEdition(r *http.Request, named string) ([]voucher.Edition, voucher.Edition, error) {
	all, chosen, err := p.deskEditions(r, named)
	if named == "" {
		for _, e := range all {
			if !p.Now().Before(e.Rules.Window.Is.Closes) {
				return all, e, err
			}
		}
	}
	return all, chosen, err
}

// pathSteps are the boxes of the picture: each with what is in it and in those after it.
var pathSteps = []struct {
	key    string
	stages []voucher.Stage
}{
	{"booked", []voucher.Stage{voucher.TrailBooked, voucher.TrailToConfirm}},
	{"held", []voucher.Stage{voucher.TrailToInvoice}},
	{"invoiced", append([]voucher.Stage{voucher.TrailPayable}, voucher.HoldStages...)},
	{"in_payment", []voucher.Stage{voucher.TrailInPayment}},
	{"paid", []voucher.Stage{voucher.TrailPaid}},
}

// pathFunnel is how much of the money got how far.
func pathFunnel(f ui.Frame, total voucher.PathRow) ui.BarsProps {
	bars := ui.BarsProps{ID: "percorso", Title: f.T("money.path.funnel"), Series: []string{f.T("money.path.here"), f.T("money.path.beyond")}}
	var beyond int64
	rows := make([]ui.Bar, len(pathSteps))
	for i := len(pathSteps) - 1; i >= 0; i-- {
		var sum voucher.Sum
		for _, s := range pathSteps[i].stages {
			sum.Amount += total.Of[s].Amount
		}
		rows[i] = ui.Bar{Name: f.T("money.box." + pathSteps[i].key), Label: f.T("money.path.bar", "Amount", sum.Amount), Parts: []int64{int64(sum.Amount), beyond}}
		beyond += int64(sum.Amount)
	}
	bars.Rows = rows
	bars.Sentence = f.T("money.path.sentence", "Paid", total.Of[voucher.TrailPaid].Amount, "InPayment", total.Of[voucher.TrailInPayment].Amount, "OnHold", total.OnHold())
	return bars
}

func pathTable(f ui.Frame, key string, stages []voucher.Stage) inps.PathTable {
	t := inps.PathTable{Caption: f.T(key), Columns: []ui.Column{{Text: f.T("inps.desk.col.territory"), Row: true}}}
	for _, s := range stages {
		t.Columns = append(t.Columns, ui.Column{Text: f.T("money.path.stage." + string(s)), Number: true})
	}
	return t
}

func pathRow(f ui.Frame, row voucher.PathRow, stages []voucher.Stage) []string {
	name := f.T("money.path.total")
	if row.Territory != "" {
		name = typeset(row.Territory)
	}
	cells := []string{name}
	for _, s := range stages {
		cells = append(cells, row.Of[s].Amount.String())
	}
	return cells
}

// inpsPathCSV sends the same for a spreadsheet.
func (p *Portal) inpsPathCSV(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	_, edition, err := p.spentEdition(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	way, err := p.Trail.Path(r.Context(), edition.ID)
	if err != nil {
		return err
	}
	var f ui.Frame
	stages := append(append([]voucher.Stage{}, voucher.PathStages...), voucher.HoldStages...)
	columns := []export.Column{{Key: "territory", Title: f.T("inps.desk.col.territory")}, {Key: "sent", Title: f.T("inps.resources.sent")}}
	for _, s := range stages {
		columns = append(columns, export.Column{Key: string(s), Title: f.T("money.path.stage." + string(s))})
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="percorso-`+string(edition.ID)+`.csv"`)
	file, err := export.New(export.CSV, w, columns)
	if err != nil {
		return err
	}
	for _, row := range way.Rows {
		cells := []any{row.Territory, row.Sent}
		for _, s := range stages {
			cells = append(cells, row.Of[s].Amount)
		}
		if err := file.Row(cells...); err != nil {
			return nil // nobody is there any more
		}
	}
	_ = file.Close() // the reader may have gone
	return nil
}
