package portal

import (
	"encoding/hex"
	"errors"
	"net/http"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ruleset"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareRankingApproval is what a second person looks at before a ranking is approved (W-14).
func (p *Portal) welfareRankingApproval(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	return p.showRankingApproval(w, r, http.StatusOK, x, welfare.RankingApprovalPage{}, nil)
}

// welfareRankingDecide approves a ranking, or sends it back with a note.
func (p *Portal) welfareRankingDecide(w http.ResponseWriter, r *http.Request) error {
	x, sent, fields, err := p.callRankingForm(r, "indemnity.decide_ranking", "decisione", "nota")
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "rank.approval.done"
	typed := welfare.RankingApprovalPage{Decision: fields.Get("decisione"), Note: fields.Get("nota")}
	again := func(status int, field, text string) error {
		now, err := p.CallRankings.Ranking(r.Context(), x.ID)
		if err != nil {
			return err
		}
		return p.showRankingApproval(w, r, status, now, typed, []ui.FieldError{{Field: field, Text: text}})
	}
	switch typed.Decision {
	case "approva":
		err = p.CallRankings.Approve(r.Context(), actor(r), sent, x.ID)
	case "rimanda":
		done = "rank.returned.done"
		err = p.CallRankings.SendBack(r.Context(), actor(r), sent, x.ID, typed.Note)
	default:
		return again(http.StatusUnprocessableEntity, "decisione", f.T("rank.approval.choose"))
	}
	switch reason, refused := fault.Refusal(err); {
	case errors.Is(err, identity.ErrNoDuty):
		return err
	case errors.Is(reason, indemnity.ErrRankingNote):
		return again(http.StatusUnprocessableEntity, "nota", words(f, reason))
	case refused && !errors.Is(err, once.ErrOtherContent):
		return again(http.StatusConflict, "", callRankingReason(f, err))
	case err != nil:
		return err
	}
	return p.done(w, r, callSimulationPath(x), f.T(done), f.T(done+".text"))
}

// showRankingApproval is the checklist, with the form for who may decide. What was typed
// comes in the page.
func (p *Portal) showRankingApproval(w http.ResponseWriter, r *http.Request, status int, x indemnity.Ranking, page welfare.RankingApprovalPage, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.callRankingFrame(r, x, f.T("rank.approval"))
	f.Errors = wrong
	page.Frame, page.Back = f, ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}
	page.Sources, page.Totals = append(aboutRanking(f, x), rankingProof(f, x.Digests)...), rankingTotals(f, x)
	for _, e := range x.Exclusions {
		page.Exclusions = append(page.Exclusions, ui.Entry{Name: e.Protocol, Value: e.Reason, Note: f.T("rank.made.by", "At", ui.ShortMoment(e.At), "Name", e.Author)})
	}
	for _, fill := range []func(*http.Request, *welfare.RankingApprovalPage, indemnity.Ranking) error{p.rankingDecision, p.rankingEdges, p.rankingSample, p.rankingCorrected} {
		if err := fill(r, &page, x); err != nil {
			return err
		}
	}
	return p.showAs(w, r, status, welfare.RankingApproval(page))
}

// rankingDecision is the form, or why there is none.
func (p *Portal) rankingDecision(r *http.Request, page *welfare.RankingApprovalPage, x indemnity.Ranking) error {
	f := page.Frame
	say := func(tone ui.Tone, title, text string) {
		page.Notes = append(page.Notes, ruleset.Note{Tone: tone, Title: title, Texts: []string{text}})
	}
	form := &ui.FormProps{Action: callSimulationPath(x) + "/approva", Key: once.NewKey()}
	switch err := x.MayDecide(actor(r)); {
	case err == nil:
		page.Form, page.MayApprove = form, true
		if why := p.rankingReady(r, x, nil); why != nil {
			if !rankingRefusal(why) {
				return why
			}
			page.MayApprove = false
			say(ui.Danger, f.T("rank.approval.changed.title"), callRankingReason(f, why))
		}
	case errors.Is(err, indemnity.ErrOwnRanking):
		page.Decided = words(f, indemnity.ErrOwnRanking)
		say(ui.Action, f.T("rank.approval.own.title"), page.Decided)
	case x.State == indemnity.ProposedRanking:
		page.Decided = f.T("rank.approval.others")
	case x.Decided.Person == "":
		page.Decided = f.T("rank.approval.not_proposed")
	default:
		page.Decided = f.T("rank.approval.already", "Name", x.Decided.Name, "On", ui.OnMoment(x.Decided.At))
		if x.MaySendBack(actor(r)) == nil {
			page.Form = form
		}
	}
	return nil
}

// edgesBeside is how many places on each side of the last one with money are shown to who
// approves.
const edgesBeside = 3

// rankingEdges are the places around the last one with money.
func (p *Portal) rankingEdges(r *http.Request, page *welfare.RankingApprovalPage, x indemnity.Ranking) (err error) {
	from, to := max(x.LastRank-edgesBeside, 1), min(x.LastRank+edgesBeside, x.Summary.Ranked)
	page.Edges = welfare.PlacesTable{Caption: page.T("rank.view.caption", "From", grouped(from), "To", grouped(to))}
	page.Edges.Rows, err = p.callPlacesBetween(r, page.Frame, x, from, to)
	for i := range page.Edges.Rows {
		page.Edges.Rows[i].ID = "b-" + page.Edges.Rows[i].ID // it may be drawn too
	}
	return err
}

// rankingSample is a sample that anybody may draw again.
func (p *Portal) rankingSample(r *http.Request, page *welfare.RankingApprovalPage, x indemnity.Ranking) error {
	all, err := p.CallRankings.Sample(r.Context(), x.ID, sampled)
	if err != nil {
		return err
	}
	page.SampleSeed = page.T("rank.approval.sample.seed", "Digest", hex.EncodeToString(x.Digests.Results))
	page.Sample = welfare.PlacesTable{Caption: page.T("rank.approval.sample.caption", "Count", len(all)), Rows: p.callPlaces(r, page.Frame, x, all, nil)}
	return nil
}

// rankingCorrected is what changes against the publication that the ranking corrects.
func (p *Portal) rankingCorrected(r *http.Request, page *welfare.RankingApprovalPage, x indemnity.Ranking) error {
	if x.Corrects == "" {
		return nil
	}
	before, err := p.CallRankings.Ranking(r.Context(), x.Corrects)
	if err != nil {
		return err
	}
	page.Difference, err = p.rankingDifference(r, page.Frame, before, x)
	return err
}
