package portal

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ruleset"
	"portal/web/ui"
	"portal/web/welfare"
)

// welfareTies shows the applications that every criterion of the call leaves equal where
// the money ends among them, for somebody else than who simulated to put in order (A28).
func (p *Portal) welfareTies(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	return p.showTies(w, r, http.StatusOK, x, 0, nil, nil)
}

// tieAnswer is the answer on one of the ties, as it was typed.
type tieAnswer struct {
	order map[string]string // place by protocol, as it was typed
	text  string
}

func (p *Portal) showTies(w http.ResponseWriter, r *http.Request, status int, x indemnity.Ranking, answered int, typed *tieAnswer, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.callRankingFrame(r, x, f.T("rank.ties"))
	f.Errors = wrong
	page := welfare.TiePage{Frame: f, Lead: f.T("rank.tie.lead"), Back: ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)}}
	rules := x.MayRule(actor(r)) == nil && x.State == indemnity.SimulatedRanking
	if !rules {
		page.Notes = []ruleset.Note{{Tone: ui.Working, Texts: []string{f.T("rank.tie.others")}}}
	}
	places, err := p.CallRankings.PlacesSeen(r.Context(), actor(r), x.ID, 1, x.Summary.Ranked)
	if err != nil {
		return err
	}
	for i, tie := range x.Ties {
		part := welfare.TiePart{Caption: f.T("rank.tie.caption", "Count", len(tie)),
			Text: ui.TextAreaProps{Name: "motivo-" + strconv.Itoa(i), Label: f.T("rank.tie.reason"), Hint: f.T("rank.tie.reason.hint")}}
		if rules {
			part.Form = &ui.FormProps{Action: callSimulationPath(x) + "/parita?gruppo=" + strconv.Itoa(i), Key: once.NewKey()}
		}
		for n, protocol := range tie {
			at := slices.IndexFunc(places, func(e indemnity.RankingEntry) bool { return e.Protocol == protocol })
			if at < 0 {
				continue
			}
			e := places[at]
			row := welfare.TieRow{Protocol: protocol, URL: rankedCaseURL(r, e.Case), Points: strconv.Itoa(e.Score.Total()), Amount: e.Entitlement.Gross.String(),
				Order: ui.FieldProps{Name: tieField(i, n), Label: f.T("rank.tie.order_of", "Protocol", protocol), InputMode: "numeric", Short: true}}
			if typed != nil && answered == i {
				row.Order.Value, part.Text.Value = typed.order[protocol], typed.text
			}
			part.Rows = append(part.Rows, row)
		}
		page.Ties = append(page.Ties, part)
	}
	if len(x.Ties) == 0 {
		page.Notes = []ruleset.Note{{Tone: ui.Working, Texts: []string{words(f, indemnity.ErrNoTie)}}}
	}
	past, err := p.CallRankings.Rulings(r.Context(), x.Call.ID)
	if err != nil {
		return err
	}
	for _, ruling := range past {
		page.Past = append(page.Past, ui.Entry{Name: strings.Join(ruling.Order, ", "), Value: ruling.Text, Note: f.T("rank.made.by", "At", ui.ShortMoment(ruling.At), "Name", ruling.By.Name())})
	}
	return p.showAs(w, r, status, welfare.Ties(page))
}

// tieField is the place of the n-th application of a tie.
func tieField(tie, n int) string { return "posto-" + strconv.Itoa(tie) + "-" + strconv.Itoa(n) }

// welfareRuleTie decides the order of equals, on record.
func (p *Portal) welfareRuleTie(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	at, err := strconv.Atoi(r.URL.Query().Get("gruppo"))
	if err != nil || at < 0 || at >= len(x.Ties) {
		return fault.ErrNotFound
	}
	sent, err := sending(r, "indemnity.rule_tie", fields)
	if err != nil {
		return err
	}
	answer, order, whole := tieOrder(x.Ties[at], at, func(name string) string { return strings.TrimSpace(fields.Get(name)) })
	var f ui.Frame
	text := "motivo-" + strconv.Itoa(at)
	answer.text = fields.Get(text)
	if strange.field != "" {
		return p.showTies(w, r, http.StatusUnprocessableEntity, x, at, &answer, []ui.FieldError{{Field: text, Text: words(f, errText)}})
	}
	if !whole {
		return p.showTies(w, r, http.StatusUnprocessableEntity, x, at, &answer, []ui.FieldError{{Field: tieField(at, 0), Text: words(f, indemnity.ErrRulingOrder)}})
	}
	err = p.CallRankings.RuleTie(r.Context(), actor(r), sent, x.ID, order, answer.text)
	switch {
	case errors.Is(err, indemnity.ErrRulingText):
		return p.showTies(w, r, http.StatusUnprocessableEntity, x, at, &answer, []ui.FieldError{{Field: text, Text: words(f, indemnity.ErrRulingText)}})
	case rankingRefusal(err):
		return p.rankingRefusedPage(w, r, x, f.T("rank.ties"), err)
	case err != nil:
		return err
	}
	return p.done(w, r, callRankingPath(x.Call.ID), f.T("rank.tie.done"), f.T("rank.tie.done.text"))
}

// tieOrder reads the order of a tie: the places from 1 on, each once.
func tieOrder(tie []string, at int, field func(string) string) (typed tieAnswer, order []string, whole bool) {
	typed.order, order, whole = map[string]string{}, make([]string, len(tie)), true
	for n, protocol := range tie {
		text := field(tieField(at, n))
		typed.order[protocol] = text
		place, err := strconv.Atoi(text)
		if err != nil || place < 1 || place > len(tie) || order[place-1] != "" {
			whole = false
			continue
		}
		order[place-1] = protocol
	}
	return typed, order, whole
}
