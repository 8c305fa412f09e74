package portal

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"

	"portal/internal/audit"
	"portal/internal/auditor"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

const (
	anchorsPath = "/registro-attivita/impronte"
	anchorsFile = anchorsPath + ".txt"

	checksShown  = 20
	anchorsShown = 31
)

// auditChain tells how the last verification came out (U-04).
func (p *Portal) auditChain(w http.ResponseWriter, r *http.Request) error {
	f := p.auditFrame(r, ui.Frame{}.T("chain.title"))
	checks, err := p.Register.Checks(r.Context(), checksShown)
	if err != nil {
		return err
	}
	anchors, err := p.Register.Anchors(r.Context(), anchorsShown)
	if err != nil {
		return err
	}
	page := oversight.ChainPage{Frame: f, PublicURL: anchorsPath, Anchors: anchorRows(anchors)}
	for _, c := range checks {
		if c.EndedAt.IsZero() {
			page.Runs = f.T("chain.runs", "At", ui.AtClock(c.AskedAt))
			continue
		}
		row, err := p.checkRow(r, f, c)
		if err != nil {
			return err
		}
		page.Past = append(page.Past, row)
	}
	if len(page.Past) > 0 {
		page.Last = &page.Past[0]
	}
	if page.Runs == "" {
		page.Form = &ui.FormProps{Action: auditChainPath, Key: once.NewKey()}
	}
	return p.show(w, r, oversight.Chain(page))
}

// auditVerify has register and rankings verified.
func (p *Portal) auditVerify(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "register.verify", fields)
	if err != nil {
		return err
	}
	if err := p.Register.AskVerify(r.Context(), actor(r), sent); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, auditChainPath, f.T("chain.asked"), f.T("chain.asked.text"))
}

func (p *Portal) checkRow(r *http.Request, f ui.Frame, c auditor.Check) (row oversight.CheckRow, err error) {
	row = oversight.CheckRow{ID: c.ID, At: c.EndedAt, By: c.By, Outcome: ui.Tag{Tone: ui.Success, Text: f.T("chain.whole")}, Entries: grouped(int(c.Entries)),
		Unsealed: grouped(c.Unsealed), Rankings: grouped(c.Rankings), Head: hex.EncodeToString(c.Head)}
	if row.By == "" {
		row.By = f.T("chain.by_calendar")
	}
	if len(c.Faults) > 0 {
		row.Outcome = ui.Tag{Tone: ui.Danger, Text: f.T("chain.broken", "Count", len(c.Faults))}
		row.Faults, err = p.faultRows(r, f, c.Faults)
	}
	return row, err
}

// faultRows name what is not as it was written.
func (p *Portal) faultRows(r *http.Request, f ui.Frame, faults []audit.Fault) (rows []oversight.FaultRow, err error) {
	for _, x := range faults {
		row := oversight.FaultRow{Which: f.T("chain.which."+x.What, "Thing", x.Thing, "Of", x.Of), What: f.T("chain.what." + x.What)}
		if x.Part != "" {
			row.What += " " + f.T("chain.part", "Part", f.T("chain.part."+x.Part))
		}
		if x.What == audit.FaultRow {
			switch id, _, err := p.Files.FileBy(r.Context(), x.Thing); {
			case err == nil:
				row.URL = auditFilePath(id)
			case !errors.Is(err, fault.ErrNotFound):
				return nil, err
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func anchorRows(all []audit.Anchor) (rows []oversight.AnchorRow) {
	for _, a := range all {
		rows = append(rows, oversight.AnchorRow{Day: ui.ShortDay(a.Day), Position: strconv.FormatInt(a.Position, 10), Digest: hex.EncodeToString(a.Digest)})
	}
	return rows
}

// publicAnchors tells everybody the heads of the chain of the register, to keep them
// elsewhere (F14).
func (p *Portal) publicAnchors(w http.ResponseWriter, r *http.Request) error {
	anchors, err := p.Register.Anchors(r.Context(), anchorsShown)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{PublicPage: true})
	f.Title = f.T("anchors.title")
	return p.show(w, r, oversight.Anchors(oversight.AnchorsPage{Frame: f, Rows: anchorRows(anchors), Key: base64.StdEncoding.EncodeToString(p.Register.Key()), TakeURL: anchorsFile}))
}

// publicAnchorsFile is all anchors, a line each, as the command reads them.
func (p *Portal) publicAnchorsFile(w http.ResponseWriter, r *http.Request) error {
	anchors, err := p.Register.Anchors(r.Context(), 0)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="impronte-registro.txt"`)
	for _, a := range anchors {
		_, _ = w.Write([]byte(a.String() + "\n")) // the reader may have gone
	}
	return nil
}
