package portal

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ruleset"
	"portal/web/ui"
	"portal/web/welfare"
)

// rankingScenarios fills in what was tried on a ranking; of a scenario, what it changes.
func (p *Portal) rankingScenarios(r *http.Request, page *welfare.RankingPage, x indemnity.Ranking) error {
	f := page.Frame
	if x.Kind == indemnity.Scenario {
		base, err := p.CallRankings.Ranking(r.Context(), x.BasedOn)
		if errors.Is(err, fault.ErrNotFound) { // it was thrown away since
			return nil
		}
		if err != nil {
			return err
		}
		page.Changes = &welfare.ScenarioPart{Caption: f.T("rank.scenario.changes.caption", "Other", callSimulationName(f, base))}
		for _, c := range callChanges(f, &base.Call.Rules, &x.Call.Rules) {
			page.Changes.Rows = append(page.Changes.Rows, [3]string{c.Name, c.Before, c.After})
		}
		return nil
	}
	if x.MayTry(actor(r)) == nil {
		page.Try = &ui.Link{Text: f.T("rank.scenario.new"), URL: callSimulationPath(x) + "/scenario"}
	}
	all, err := p.CallRankings.RankingStore.Rankings(r.Context(), x.Call.ID)
	if err != nil {
		return err
	}
	orders, err := p.CallRankings.OpenTries(r.Context(), x.ID)
	if err != nil {
		return err
	}
	page.Scenarios = scenarioRows(f, x, all, orders)
	return nil
}

// scenarioRows are the scenarios on a ranking, newest first: those that are there, and those
// that are being made or could not be.
func scenarioRows(f ui.Frame, base indemnity.Ranking, all []indemnity.Ranking, orders []indemnity.OrderedRanking) (rows []welfare.ScenarioRow) {
	all = slices.DeleteFunc(all, func(s indemnity.Ranking) bool { return s.BasedOn != base.ID })
	for _, o := range orders {
		if !slices.ContainsFunc(all, func(s indemnity.Ranking) bool { return s.ID == o.ID }) {
			all = append(all, indemnity.Ranking{ID: o.ID, Call: base.Call, Number: o.Number, Kind: o.Kind(), Reason: o.Reason, Simulated: o.By})
		}
	}
	slices.SortFunc(all, func(a, b indemnity.Ranking) int { return cmp.Compare(b.Number, a.Number) })
	for _, s := range all {
		row := welfare.ScenarioRow{ID: string(s.ID), Name: callSimulationName(f, s), URL: callSimulationPath(s), Purpose: s.Reason, Made: madeBy(f, s.Simulated)}
		there := s.State != ""
		if there {
			row.Result, row.Cost = fundedText(f, s.Summary), s.Summary.FundedGross.String()
		}
		i := slices.IndexFunc(orders, func(o indemnity.OrderedRanking) bool { return o.ID == s.ID })
		if i >= 0 && !(there && orders[i].Ended()) { // of one that is there, the second ranker may have failed alone
			row.State = &ui.Tag{Tone: rankingOrderTones[orders[i].State], Text: orderText(f, orders[i], "state."+string(orders[i].State))}
			if orders[i].State == indemnity.OrderFailed {
				row.Why = orderFailure(f, orders[i])
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// The fields of a scenario beside those of points, which are named as in the rules of a call.
const (
	scenarioTitle   = "scopo"
	scenarioReading = "lettura-"
)

// scenarioReadings are the points left open by the call that make a difference to a ranking
// of cases that are frozen: what ends the money, what it counts, and who stands first.
func scenarioReadings(r *indemnity.Readings) []indemnity.Reading {
	return slices.DeleteFunc(r.List(), func(is indemnity.Reading) bool { return is.Allowed == nil })
}

// scenarioFields are the fields as the form shows them first: the rules of the ranking.
func scenarioFields(x indemnity.Ranking) url.Values {
	edit := callEditing{version: indemnity.Version{Call: x.Call}, item: -1}
	edit.section = indemnity.SectionScores
	fields := edit.fields().Values
	edit.section = indemnity.SectionMoney
	for name, v := range edit.fields().Values {
		fields[name] = v
	}
	if x.Call.Rules.Budget.Is == nil {
		fields.Set("budget-limited", "no")
	}
	for _, is := range scenarioReadings(&x.Call.Rules.Readings) {
		fields.Set(scenarioReading+is.Name, is.Value)
	}
	return fields
}

// welfareScenarioAsk asks what a scenario changes (F4).
func (p *Portal) welfareScenarioAsk(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	if err := x.MayTry(actor(r)); err != nil {
		return err
	}
	return p.showScenario(w, r, http.StatusOK, x, scenarioFields(x), nil)
}

func (p *Portal) showScenario(w http.ResponseWriter, r *http.Request, status int, x indemnity.Ranking, fields url.Values, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.callRankingFrame(r, x, f.T("rank.scenario.title"))
	page := ruleset.EditPage{Lead: f.T("rank.scenario.lead"), Submit: f.T("rank.scenario.act"), Cancel: ui.Link{Text: f.T("rank.back"), URL: callSimulationPath(x)},
		Form: &ui.FormProps{Action: callSimulationPath(x) + "/scenario", Key: once.NewKey()}}
	s := callSectionPage{sectionPage{f, "calls", fields}}
	page.Groups = []ruleset.Group{{Fields: []ruleset.Field{{Kind: ruleset.Long, Name: scenarioTitle, Label: f.T("rank.scenario.purpose"), Hint: f.T("rank.scenario.purpose.hint"), Value: fields.Get(scenarioTitle)}}},
		{Legend: f.T("rank.budget"), Fields: []ruleset.Field{s.choice(ruleset.Radio, "budget-limited", "budget_limited", s.yesNo()), s.field(ruleset.Amount, "budget", "budget", true)}}}
	for _, g := range s.scores() {
		if len(g.Rows) == 0 && g.Legend == "" {
			continue // where the points of a table come from
		}
		g.Fields = slices.DeleteFunc(g.Fields, func(e ruleset.Field) bool {
			return e.Name == "exclusivity_points-article" || e.Name == "exclusivity_points-reading"
		})
		page.Groups = append(page.Groups, g)
	}
	readings := ruleset.Group{Legend: f.T("rank.scenario.readings")}
	for _, is := range scenarioReadings(&x.Call.Rules.Readings) {
		field := ruleset.Field{Kind: ruleset.Radio, Name: scenarioReading + is.Name, Label: readingName(f, is), Chosen: []string{fields.Get(scenarioReading + is.Name)}}
		for _, value := range is.Allowed {
			other := is
			other.Value = value
			field.Options = append(field.Options, ui.Option{Value: value, Label: readingText(f, other)})
		}
		readings.Fields = append(readings.Fields, field)
	}
	page.Groups = append(page.Groups, readings)
	f.Errors = inPageOrder(wrong, page.Groups)
	page.Frame = f
	return p.showAs(w, r, status, ruleset.Edit(page))
}

// welfareScenario has the frozen cases of a ranking ranked by other rules.
func (p *Portal) welfareScenario(w http.ResponseWriter, r *http.Request) error {
	x, err := p.callRanking(r)
	if err != nil {
		return err
	}
	if err := x.MayTry(actor(r)); err != nil {
		return err
	}
	fields, err := form(r)
	var strange textError
	if err != nil && !errors.As(err, &strange) {
		return err
	}
	sent, err := sending(r, "indemnity.try", fields)
	if err != nil {
		return err
	}
	read := callReader{&sectionReader{fields: fields}}
	if strange.field != "" {
		read.fail(strange.field, errText)
	}
	what := scenario(read, x)
	if len(read.wrong) > 0 {
		return p.showScenario(w, r, http.StatusUnprocessableEntity, x, fields, read.wrong)
	}
	id, err := p.CallRankings.Try(r.Context(), actor(r), sent, x.ID, what)
	var f ui.Frame
	switch reason := fault.As(err); reason {
	case indemnity.ErrScenarioTitle, indemnity.ErrScenarioRules, indemnity.ErrScenarioIsSame:
		return p.showScenario(w, r, http.StatusUnprocessableEntity, x, fields, []ui.FieldError{{Field: scenarioTitle, Text: words(f, reason)}})
	case indemnity.ErrRankingUnderWay:
		return p.showScenario(w, r, http.StatusConflict, x, fields, []ui.FieldError{{Text: words(f, reason)}})
	}
	if err != nil {
		return err
	}
	return p.rankingOrdered(w, r, x.Call.ID, id, "rank.scenario.done")
}

// scenario reads what a scenario changes of the rules of a ranking.
func scenario(read callReader, x indemnity.Ranking) indemnity.WhatIf {
	rules := x.Call.Rules
	read.read(indemnity.SectionScores, &rules)
	read.budget(&rules)
	what := indemnity.WhatIf{Title: read.text(scenarioTitle), ChangesBudget: true, Budget: rules.Budget.Is, ISEEPoints: rules.ISEEPoints.Is,
		DurationPoints: rules.DurationPoints.Is, ExclusivityPoints: &rules.ExclusivityPoints.Is, Readings: map[string]string{}}
	for _, is := range scenarioReadings(&x.Call.Rules.Readings) {
		if value := read.text(scenarioReading + is.Name); value != is.Value && slices.Contains(is.Allowed, value) {
			what.Readings[is.Name] = value
		}
	}
	return what
}
