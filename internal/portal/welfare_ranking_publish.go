package portal

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/paper"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareRankingPublishAsk asks before a ranking is published (W-15): there is no way back.
func (p *Portal) welfareRankingPublishAsk(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	return p.askPublication(w, r, x, p.rankingReady(r, x, x.MayPublish(actor(r))))
}

func (p *Portal) askPublication(w http.ResponseWriter, r *http.Request, x indemnity.Ranking, why error) error {
	var f ui.Frame
	if why != nil {
		return p.rankingRefusedPage(w, r, x, f.T("rank.publish.not"), why)
	}
	f = p.callRankingFrame(r, x, f.T("rank.publish.title", "Month", ui.Month(x.Call.ID.Month().From)))
	leftOut, err := p.CallRankings.LeftOut(r.Context(), x.ID)
	if err != nil {
		return err
	}
	letter := notify.Ranked(f.T("rank.publish.protocol"))
	page := welfare.RankingAskPage{Frame: f, Facts: rankingTotals(f, x), Channels: f.T("rank.publish.channels"),
		Messages: []welfare.RankingMessage{{Title: f.T("rank.publish.message"), Subject: letter.Subject, Body: letter.Body}}}
	if leftOut > 0 {
		letter = notify.LeftOut(f.T("rank.publish.protocol"))
		page.Messages = append(page.Messages, welfare.RankingMessage{Title: f.T("rank.publish.message.left_out"), Subject: letter.Subject, Body: letter.Body})
	}
	page.Asks = ui.ConfirmProps{
		Consequences: []string{f.T("rank.publish.text", "Funded", grouped(x.Summary.Funded), "Unfunded", grouped(x.Summary.NotFunded), "Excluded", grouped(len(x.Exclusions)),
			"Messages", grouped(x.Summary.Ranked+leftOut)), f.T("rank.publish.final")},
		Form:    ui.FormProps{Action: callSimulationPath(x) + "/pubblica", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.publish"), Cancel: &ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}}
	if x.Corrects != "" {
		page.Asks.Consequences = append(page.Asks.Consequences, f.T("rank.publish.corrects"))
	}
	return p.show(w, r, welfare.RankingAsk(page))
}

// welfareRankingPublish publishes a ranking.
func (p *Portal) welfareRankingPublish(w http.ResponseWriter, r *http.Request) error {
	x, sent, _, err := p.callRankingForm(r, "indemnity.publish_ranking")
	if err != nil {
		return err
	}
	err = p.CallRankings.Publish(r.Context(), actor(r), sent, x.ID)
	if rankingRefusal(err) {
		return p.askPublication(w, r, x, err)
	}
	if err != nil {
		return err
	}
	if x, err = p.CallRankings.Ranking(r.Context(), x.ID); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, callSimulationPath(x), f.T("rank.publish.done"), publishedSentence(f, x))
}

// publishedRanking is the ranking of the address once it is published.
func (p *Portal) publishedRanking(r *http.Request) (indemnity.Ranking, error) {
	x, err := p.callRanking(r)
	if err == nil && x.Publication == 0 {
		err = fault.ErrNotFound
	}
	return x, err
}

// welfareRankingMinutes is the minutes of a publication (W-15), as a page.
func (p *Portal) welfareRankingMinutes(w http.ResponseWriter, r *http.Request) error {
	x, err := p.publishedRanking(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.callRankingFrame(r, x, f.T("rank.minutes"))
	act, err := p.minutesAct(r, x)
	if err != nil {
		return err
	}
	page := welfare.RankingMinutesPage{Frame: f, Lead: act.Lead, Back: ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}
	for _, part := range act.Parts {
		facts := welfare.MinutesPart{Title: part.Heading}
		for _, l := range part.Lines {
			facts.Facts = append(facts.Facts, ui.Entry{Name: l.Name, Value: l.Value})
		}
		page.Parts = append(page.Parts, facts)
	}
	if page.PDF, err = actLink(f, f.T("rank.minutes.pdf"), callSimulationPath(x)+"/verbale.pdf", act); err != nil {
		return err
	}
	return p.show(w, r, welfare.RankingMinutes(page))
}

// welfareRankingMinutesPDF sends the minutes as an act to keep.
func (p *Portal) welfareRankingMinutesPDF(w http.ResponseWriter, r *http.Request) error {
	x, err := p.publishedRanking(r)
	if err != nil {
		return err
	}
	act, err := p.minutesAct(r, x)
	if err != nil {
		return err
	}
	return sendAct(w, act, "verbale-graduatoria-"+string(x.Call.ID)+"-"+strconv.Itoa(x.Publication))
}

// minutesAct is who did what when, from what, with which outcome.
func (p *Portal) minutesAct(r *http.Request, x indemnity.Ranking) (paper.Act, error) {
	f := ui.Frame{}
	by := func(h identity.Hand) string { return f.T("rank.made.by", "At", ui.Moment(h.At), "Name", h.Name) }
	line := func(key, value string) paper.Line { return paper.Line{Name: f.T(key), Value: value} }
	act := paper.Act{Body: f.T("paper.enpap"), Title: f.T("rank.minutes.title", "Number", x.Publication, "Month", ui.Month(x.Call.ID.Month().From)), At: x.Published.At,
		Lead: f.T("rank.minutes.lead", "On", ui.OnMoment(x.Published.At), "Name", x.Published.Name),
		Foot: f.T("rank.minutes.foot", "Month", ui.Month(x.Call.ID.Month().From), "Number", x.Publication)}
	acts := paper.Part{Heading: f.T("rank.minutes.acts"), Lines: []paper.Line{line("rank.minutes.simulated", by(x.Simulated)),
		line("rank.minutes.checked", f.T("rank.minutes.checked.text", "At", ui.Moment(x.CheckedAt))), line("rank.minutes.proposed", by(x.Proposed)),
		line("rank.minutes.approved", by(x.Decided)), line("rank.minutes.published", by(x.Published))}}
	if x.Reason != "" {
		acts.Lines = append(acts.Lines, line("rank.about.corrects", x.Reason))
	}
	results := paper.Part{Heading: f.T("rank.minutes.results")}
	for _, e := range rankingTotals(f, x) {
		results.Lines = append(results.Lines, paper.Line{Name: e.Name, Value: e.Value})
	}
	decided := paper.Part{Heading: f.T("rank.minutes.decided")}
	for _, e := range x.Exclusions {
		decided.Lines = append(decided.Lines, paper.Line{Name: f.T("rank.minutes.excluded", "Protocol", e.Protocol), Value: f.T("rank.minutes.reason", "Reason", e.Reason, "At", ui.ShortMoment(e.At), "Name", e.Author)})
	}
	rulings, err := p.CallRankings.Rulings(r.Context(), x.Call.ID)
	if err != nil {
		return act, err
	}
	for _, g := range rulings {
		if g.At.Before(x.Simulated.At) {
			decided.Lines = append(decided.Lines, paper.Line{Name: f.T("rank.minutes.ruled", "Order", strings.Join(g.Order, ", ")),
				Value: f.T("rank.minutes.reason", "Reason", g.Text, "At", ui.ShortMoment(g.At), "Name", g.By.Name())})
		}
	}
	if len(decided.Lines) == 0 {
		decided.Lines = []paper.Line{line("rank.minutes.decided.none", f.T("rank.minutes.decided.none.text"))}
	}
	from := paper.Part{Heading: f.T("rank.minutes.from"), Lines: []paper.Line{
		line("rank.about.rules", f.T("rank.about.rules.text", "Month", ui.Month(x.Call.ID.Month().From), "Version", x.Call.Version)),
		line("rank.minutes.day", ui.Day(x.On)), line("rank.about.cases", grouped(x.Summary.Applications)),
		line("rank.proof.rules", hex.EncodeToString(x.Digests.Rules)), line("rank.proof.inputs", hex.EncodeToString(x.Digests.Inputs)),
		line("rank.proof.results", hex.EncodeToString(x.Digests.Results)), line("rank.key", p.CallRankings.PublicKey())}}
	act.Parts = []paper.Part{acts, results, decided, from}
	return act, nil
}

// welfareRankingWhole sends the file of a publication, from which anybody who has it makes
// the ranking again. It holds what the members declared, without names: it stays with the
// office and with oversight.
func (p *Portal) welfareRankingWhole(w http.ResponseWriter, r *http.Request) error {
	x, err := p.publishedRanking(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pubblicazione-`+string(x.Call.ID)+"-"+strconv.Itoa(x.Publication)+`.txt"`)
	return p.CallRankings.Publication(r.Context(), actor(r), x.ID, w)
}

// welfareRankingCorrectAsk asks why a publication is to be corrected.
func (p *Portal) welfareRankingCorrectAsk(w http.ResponseWriter, r *http.Request) error {
	x, err := p.publishedRanking(r)
	if err != nil {
		return err
	}
	if err := actor(r).Must(identity.Welfare, identity.Prepare); err != nil {
		return err
	}
	return p.askCorrection(w, r, http.StatusOK, x, "", nil)
}

func (p *Portal) askCorrection(w http.ResponseWriter, r *http.Request, status int, x indemnity.Ranking, reason string, wrong []ui.FieldError) error {
	var f ui.Frame
	if x.State != indemnity.PublishedRanking {
		return p.rankingRefusedPage(w, r, x, f.T("rank.correct"), indemnity.ErrNotStanding)
	}
	f = p.callRankingFrame(r, x, f.T("rank.correct"))
	f.Errors = wrong
	page := welfare.RankingAskPage{Frame: f, Text: &ui.TextAreaProps{Name: "motivo", Label: f.T("rank.correct.reason"), Hint: f.T("rank.correct.reason.hint"), Value: reason}}
	page.Asks = ui.ConfirmProps{Consequences: listed(f, "rank.correct.text", "Of", ui.OfDay(calendar.On(x.Published.At))),
		Form:    ui.FormProps{Action: callSimulationPath(x) + "/rettifica", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("rank.correct.act"), Cancel: &ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}}
	return p.showAs(w, r, status, welfare.RankingAsk(page))
}

// welfareRankingCorrect has a correction simulated of the publication in force.
func (p *Portal) welfareRankingCorrect(w http.ResponseWriter, r *http.Request) error {
	x, sent, fields, err := p.callRankingForm(r, "indemnity.correct_ranking", "motivo")
	if err != nil {
		return err
	}
	id, err := p.CallRankings.Simulate(r.Context(), actor(r), sent, indemnity.RankingOrder{Call: x.Call.ID, Corrects: x.ID, Reason: fields.Get("motivo")})
	var f ui.Frame
	switch {
	case errors.Is(err, indemnity.ErrRankingReason):
		return p.askCorrection(w, r, http.StatusUnprocessableEntity, x, fields.Get("motivo"), []ui.FieldError{{Field: "motivo", Text: words(f, indemnity.ErrRankingReason)}})
	case rankingRefusal(err):
		return p.rankingRefusedPage(w, r, x, f.T("rank.correct"), err)
	case err != nil:
		return err
	}
	return p.rankingOrdered(w, r, x.Call.ID, id, "rank.correct.done")
}
