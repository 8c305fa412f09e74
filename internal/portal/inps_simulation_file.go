package portal

import (
	"net/http"

	"portal/internal/audit"
	"portal/internal/export"
	"portal/internal/voucher"
	"portal/web/ui"
)

// inpsSimulationFile sends the places of a run, of a territory or of all, for a
// spreadsheet.
func (p *Portal) inpsSimulationFile(w http.ResponseWriter, r *http.Request) error {
	run, err := p.rankingRun(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	if err := p.rankingLook(r, run, voucher.RankingTaken); err != nil {
		return err
	}
	w.Header().Set("Content-Type", export.CSV.Type())
	w.Header().Set("Content-Disposition", `attachment; filename="graduatoria-`+string(run.Edition)+"-"+ui.Number(run.Number)+export.CSV.Ending()+`"`)
	if err := p.writeSimulation(w, r, run, q.Get("territorio")); err != nil {
		p.Log.Error("file of a ranking cut short", "id", audit.Request(r.Context()), "error", err)
		panic(http.ErrAbortHandler) // half a list must not look like a whole one
	}
	return nil
}

func (p *Portal) writeSimulation(w http.ResponseWriter, r *http.Request, run voucher.Run, territory string) error {
	f := p.frame(r, ui.Frame{})
	column := func(key, title string) export.Column { return export.Column{Key: key, Title: f.T(title)} }
	file, err := export.New(export.CSV, w, []export.Column{
		column("territory", "inps.ranking.territory"), column("rank", "inps.ranking.place"), column("protocol", "inps.ranking.protocol"),
		column("isee", "inps.ranking.isee"), column("submitted_at", "inps.ranking.submitted"), column("entitled_amount", "inps.ranking.entitled"),
		column("awarded_amount", "inps.ranking.given"), column("residual", "inps.ranking.file.residual"), column("outcome", "inps.ranking.file.outcome"),
		column("reason", "inps.ranking.ground"), column("decided", "inps.ranking.file.decided")})
	if err != nil {
		return err
	}
	defer file.Discard()
	err = p.Rankings.Each(r.Context(), run.ID, territory, func(e voucher.Entry) error {
		var rank, isee, entitled, residual any
		reason := ""
		if e.Rank > 0 {
			rank, entitled, residual = e.Rank, e.Entitled, e.Residual
		} else {
			reason = f.T("inps.ranking.ground." + string(e.Ground))
		}
		if e.ISEEStatus != voucher.ISEEMissing {
			isee = e.ISEE
		}
		return file.Row(e.Territory, rank, e.Protocol, isee, submittedAt(e), entitled, e.Awarded, residual,
			f.T("citizen.standing."+string(e.State())), reason, tieText(f, e))
	})
	if err != nil {
		return err
	}
	return file.Close()
}
