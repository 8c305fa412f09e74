package portal

import (
	"encoding/hex"
	"errors"
	"net/http"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

// sampled is how many applications are drawn for who approves.
const sampled = 20

// inpsApproval is what a second person looks at before a ranking is approved (I-10).
func (p *Portal) inpsApproval(w http.ResponseWriter, r *http.Request) error {
	run, err := p.rankingRun(r)
	if err != nil {
		return err
	}
	return p.showApproval(w, r, http.StatusOK, run, inps.ApprovalPage{})
}

// inpsDecide approves a ranking, or sends it back with a note.
func (p *Portal) inpsDecide(w http.ResponseWriter, r *http.Request) error {
	id, sent, fields, err := rankingForm(r, "ranking.decide", "decisione", "nota")
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	title, text := f.T("inps.ranking.approval.done"), f.T("inps.ranking.approval.done.text")
	typed := inps.ApprovalPage{Decision: fields.Get("decisione"), Note: fields.Get("nota")}
	switch typed.Decision {
	case "approva":
		err = p.Rankings.Approve(r.Context(), actor(r), sent, id)
	case "rimanda":
		title, text = f.T("inps.ranking.returned.done"), f.T("inps.ranking.returned.done.text")
		err = p.Rankings.SendBack(r.Context(), actor(r), sent, id, typed.Note)
	default:
		typed.Errors = []ui.FieldError{{Field: "decisione", Text: f.T("inps.ranking.approval.choose")}}
	}
	reason, refused := fault.Refusal(err)
	if err != nil && !refused {
		return err
	}
	if refused || len(typed.Errors) > 0 {
		run, lookup := p.Rankings.Run(r.Context(), id)
		if lookup != nil {
			return lookup
		}
		status := http.StatusUnprocessableEntity
		switch {
		case errors.Is(reason, voucher.ErrNoNote):
			typed.Errors = []ui.FieldError{{Field: "nota", Text: words(f, reason)}}
		case errors.Is(reason, identity.ErrNoDuty):
			return identity.ErrNoDuty
		case refused:
			status = http.StatusConflict
			typed.Errors = []ui.FieldError{{Text: rankingReason(f, err)}}
		}
		return p.showApproval(w, r, status, run, typed)
	}
	return p.done(w, r, simulationPath(id), title, text)
}

// showApproval is the checklist, with the form for who may decide. What was typed,
// and what is wrong with it, comes in the page.
func (p *Portal) showApproval(w http.ResponseWriter, r *http.Request, status int, run voucher.Run, page inps.ApprovalPage) error {
	e, err := p.Rankings.Released(r.Context(), run.Edition, run.Version)
	if err != nil {
		return err
	}
	if err := p.rankingLook(r, run, voucher.RankingSeen); err != nil {
		return err
	}
	wrong := page.Errors
	var f ui.Frame
	f = p.rankingFrame(r, run, f.T("inps.ranking.approval"))
	f.Caption, f.Errors = f.T("inps.ranking.approval.caption", "Edition", string(run.Edition), "Number", run.Number), wrong
	page.Frame, page.Back = f, ui.Link{Text: f.T("inps.ranking.back"), URL: simulationPath(run.ID)}
	if err := p.approvalDecision(r, &page, run); err != nil {
		return err
	}
	about := aboutRun(f, e, run)
	page.Sources = append(append(about[:3:3], about[6:]...), proofOf(f, run.Digests)...)
	page.Totals = about[3:6]
	for _, collect := range []func(*http.Request, *inps.ApprovalPage, voucher.Run) error{p.approvalEdges, p.approvalGrounds, p.approvalSample, p.approvalDifference} {
		if err := collect(r, &page, run); err != nil {
			return err
		}
	}
	return p.showAs(w, r, status, inps.Approval(page))
}

// approvalDecision is the form, or why there is none.
func (p *Portal) approvalDecision(r *http.Request, page *inps.ApprovalPage, run voucher.Run) error {
	f := page.Frame
	say := func(tone ui.Tone, title, text string) {
		page.Says = append(page.Says, inps.Remark{Tone: tone, Title: title, Text: text})
	}
	form := &ui.FormProps{Action: simulationPath(run.ID) + "/approva", Key: once.NewKey()}
	switch err := run.MayDecide(actor(r)); {
	case err == nil:
		at, err := p.Rankings.Readiness(r.Context(), run, calendar.On(p.Now()))
		if err != nil {
			return err
		}
		page.Form, page.MayApprove = form, true
		if at.GivenUp > 0 {
			say(ui.Action, "", f.T("inps.ranking.given_up", "Count", at.GivenUp))
		}
		if err := run.Ready(at, p.Now()); err != nil {
			page.MayApprove = false
			say(ui.Danger, f.T("inps.ranking.approval.changed.title"), rankingReason(f, err))
		}
	case errors.Is(err, voucher.ErrOwnProposal), errors.Is(err, voucher.ErrOwnSimulation):
		page.DecidedNote = rankingReason(f, err)
		say(ui.Action, f.T("inps.ranking.approval.own.title"), page.DecidedNote)
	case run.State == voucher.ProposedRun:
		page.DecidedNote = f.T("inps.ranking.approval.others")
	case run.Decided.By == "":
		page.DecidedNote = f.T("inps.ranking.approval.not_proposed")
	default:
		page.DecidedNote = f.T("inps.ranking.approval.already", "Name", run.Decided.Name, "On", ui.OnMoment(run.Decided.At))
		if run.MaySendBack(actor(r), p.Now()) == nil {
			page.Form = form
		}
	}
	return nil
}

// approvalEdges is where the money of each territory begins and ends.
func (p *Portal) approvalEdges(r *http.Request, page *inps.ApprovalPage, run voucher.Run) error {
	f := page.Frame
	edges, err := p.Rankings.Edges(r.Context(), run.ID)
	if err != nil {
		return err
	}
	for _, t := range run.Territories {
		row := inps.EdgeRow{Territory: t.Name, Budget: t.Budget.String(), Awarded: ui.Number(t.Awarded), First: f.T("inps.ranking.edge.none"),
			Last: lastText(f, t), Partial: f.T("inps.ranking.edge.none"), Residual: t.Residual.String()}
		for _, e := range edges {
			if e.Territory != t.Name {
				continue
			}
			if e.Rank == 1 && e.Awarded > 0 {
				row.First = f.T("inps.ranking.edge.first", "ISEE", e.ISEE)
			}
			if e.State() == voucher.PartiallyAwarded {
				row.Partial = f.T("inps.ranking.edge.partial", "Rank", ui.Number(e.Rank), "Awarded", e.Awarded, "Entitled", e.Entitled)
			}
		}
		page.Edges = append(page.Edges, row)
	}
	return nil
}

// approvalGrounds counts those without a place, in the order in which the grounds
// are asked.
func (p *Portal) approvalGrounds(r *http.Request, page *inps.ApprovalPage, run voucher.Run) error {
	counts, err := p.Rankings.Grounds(r.Context(), run.ID)
	if err != nil {
		return err
	}
	for _, g := range voucher.Grounds {
		if counts[g] > 0 {
			page.Grounds = append(page.Grounds, ui.Entry{Name: page.T("inps.ranking.ground." + string(g)), Value: ui.Number(counts[g])})
		}
	}
	return nil
}

// approvalSample is a sample that anybody may draw again.
func (p *Portal) approvalSample(r *http.Request, page *inps.ApprovalPage, run voucher.Run) error {
	entries, err := p.Rankings.Sample(r.Context(), run, sampled)
	if err != nil {
		return err
	}
	territories := map[string]voucher.TerritoryResult{}
	for _, t := range run.Territories {
		territories[t.Name] = t
	}
	page.SampleSeed = page.T("inps.ranking.approval.sample.seed", "Digest", hex.EncodeToString(run.Digests.Results))
	page.Sample = inps.PlacesTable{Caption: page.T("inps.ranking.approval.sample.caption", "Count", len(entries)), Territory: true,
		Rows: placeRows(page.Frame, entries, territories)}
	return nil
}

// approvalDifference is what changes against the publication that the run corrects.
func (p *Portal) approvalDifference(r *http.Request, page *inps.ApprovalPage, run voucher.Run) error {
	if run.Corrects == "" {
		return nil
	}
	before, err := p.Rankings.Run(r.Context(), run.Corrects)
	if err != nil {
		return err
	}
	c, err := p.Rankings.Compare(r.Context(), before.ID, run.ID)
	if err != nil {
		return err
	}
	part := comparisonPart(page.Frame, c, runName(page.Frame, before))
	page.Difference = &part
	return nil
}
