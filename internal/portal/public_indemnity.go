package portal

import (
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/public"
	"portal/web/ruleset"
	"portal/web/ui"
)

const (
	servicePath     = "/indennita-malattia-infortunio"
	publicCallsPath = servicePath + "/bandi"
	estimatePath    = servicePath + "/stima"
)

func publicCallPath(id indemnity.CallID) string { return publicCallsPath + "/" + string(id) }

// publicIndemnity is P-03, with the figures of the call that is open, or next.
func (p *Portal) publicIndemnity(w http.ResponseWriter, r *http.Request) error {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	if len(calls) == 0 {
		return errNoPage
	}
	call, _ := indemnity.CallFor(calls, calendar.On(p.Now()))
	rules := &call.Rules
	f := p.publicFrame(r, "public.indemnity.title", "ENPAP")
	page := public.IndemnityPage{
		Frame: f, LeastDays: rules.LeastDays.Is, ExcludedDays: rules.ExcludedDays.Is, SubmissionDays: rules.SubmissionDays.Is, HeirsDays: rules.HeirsDays.Is, HeirsPEC: rules.HeirsPEC.Is,
		Call: callTitle(f, call.ID), Calls: p.callLines(f, calls), Open: p.openText(f, calls),
		BeginURL: p.entrance(r, identity.Member, startPath), EstimateURL: estimatePath, HeirsURL: heirsPath, CallsURL: publicCallsPath, CallURL: publicCallPath(call.ID),
		Eligible: listed(f, "public.indemnity.may", "Days", rules.LeastDays.Is, "Submission", rules.SubmissionDays.Is),
		Excluded: listed(f, "public.indemnity.may_not", "Days", rules.LeastDays.Is, "Cap", rules.YearlyCap.Is, "Before", rules.MaternityBefore.Is, "After", rules.MaternityAfter.Is),
		Formula: listed(f, "public.indemnity.formula", "Offset", rules.Readings.IncomeYearOffset.Is, "Divisor", rules.IncomeDivisor.Is, "Step", rules.RoundUpTo.Is,
			"Least", rules.DailyLimits.Is.Least, "Most", rules.DailyLimits.Is.Most, "Short", rules.ShortDays.Is, "Rate", rateText(f, rules.ShortRate.Is),
			"Excluded", rules.ExcludedDays.Is, "Cap", rules.YearlyCap.Is, "Cover", rateText(f, rules.OtherCoverRate.Is)),
		FormulaSource: rules.IncomeDivisor.Article,
		Scores:        scoreTables(f, rules),
		Questions:     asked(f, indemnityQuestions),
	}
	if rules.Readings.ShortEventMethod.Is != indemnity.ClampScale {
		page.Formula = append(page.Formula, f.T("public.indemnity.formula.limits"))
	}
	if len(rules.Examples) > 0 {
		example := rules.Examples[0].Sketch
		if x, ok := indemnity.Estimate(&call, calendar.Date{}, example); ok {
			page.Example, page.Worked = f.T("public.indemnity.example.text", "Case", sketchText(f, example)), estimateLines(f, rules, &x)
		}
	}
	return p.show(w, r, public.Indemnity(page))
}

// listed are the lines of a text of the catalogue, filled.
func listed(f ui.Frame, key string, args ...any) []string { return lines(f.T(key, args...)) }

// openText says which calls take applications now, a line each; or which one is next.
func (p *Portal) openText(f ui.Frame, calls []indemnity.Call) (texts []string) {
	next := calendar.On(p.Now())
	for _, c := range calls {
		switch c.Phase(p.Now()) {
		case indemnity.CallOpen, indemnity.CallCollecting:
			texts = append(texts, f.T("public.indemnity.open", "Span", ui.During(c.Rules.Window.Is), "Until", ui.ByDay(c.LastUsefulDay())))
		case indemnity.CallPrepared:
			if len(texts) == 0 {
				return []string{f.T("public.indemnity.none_open", "Month", ui.Month(c.Rules.Window.Is.From))}
			}
			return texts
		}
	}
	if len(texts) == 0 {
		texts = []string{f.T("public.indemnity.none_open", "Month", ui.Month(next))}
	}
	return texts
}

// callLines are the calls that somebody may still look for: those not closed by the
// calendar, and the last that is. The newest month comes first.
func (p *Portal) callLines(f ui.Frame, calls []indemnity.Call) (rows []public.CallLine) {
	for _, c := range indemnity.NewestFirst(calls) {
		rows = append(rows, p.callLine(f, &c))
		if c.Phase(p.Now()) == indemnity.CallClosed {
			break
		}
	}
	return rows
}

// callLine is a call in a list (P-05).
func (p *Portal) callLine(f ui.Frame, c *indemnity.Call) public.CallLine {
	expected := f.T("public.calls.ranking.none")
	if day := c.Rules.Expected.Is.Ranking; !day.IsZero() {
		expected = ui.ShortDay(day)
	}
	return public.CallLine{Name: ui.Month(c.ID.Month().From), URL: publicCallPath(c.ID), Window: c.Rules.Window.Is,
		Until: c.LastUsefulDay(), Expected: expected, State: p.publicPhase(f, c)}
}

// publicPhase is where a call stands, as whoever applies sees it.
func (p *Portal) publicPhase(f ui.Frame, c *indemnity.Call) ui.Tag {
	phase := c.Phase(p.Now())
	tone := phaseTones[phase]
	if phase == indemnity.CallClosed {
		tone = ui.Working
	}
	return ui.Tag{Tone: tone, Text: f.T("public.calls.phase." + string(phase))}
}

// scoreTables are the points of the ranking, as the rules of a call give them.
func scoreTables(f ui.Frame, rules *indemnity.RuleSet) []public.ScoreTable {
	isee := public.ScoreTable{Title: f.T("public.indemnity.score.isee"), What: f.T("public.indemnity.score.isee.value"), Source: rules.ISEEPoints.Article}
	var over money.Amount
	for i, b := range rules.ISEEPoints.Is {
		isee.Rows = append(isee.Rows, public.ScoreRow{Value: boundText(f, "public.indemnity.band", i == 0, b.UpTo == nil, over, value(b.UpTo)), Points: b.Points})
		over = value(b.UpTo)
	}
	isee.Rows = append(isee.Rows, public.ScoreRow{Value: f.T("public.indemnity.score.isee.none")})
	days := public.ScoreTable{Title: f.T("public.indemnity.score.days"), What: f.T("public.indemnity.score.days.value"), Source: rules.DurationPoints.Article}
	last := 0
	for i, b := range rules.DurationPoints.Is {
		days.Rows = append(days.Rows, public.ScoreRow{Value: boundText(f, "public.indemnity.span", i == 0, b.UpTo == nil, last, value(b.UpTo)), Points: b.Points})
		last = value(b.UpTo) + 1
	}
	exclusive := public.ScoreTable{Title: f.T("public.indemnity.score.exclusive"), What: f.T("public.indemnity.score.exclusive.value"), Source: rules.ExclusivityPoints.Article,
		Rows: []public.ScoreRow{{Value: f.T("ruleset.yes"), Points: rules.ExclusivityPoints.Is.Exclusive}, {Value: f.T("ruleset.no"), Points: rules.ExclusivityPoints.Is.Other}}}
	return []public.ScoreTable{isee, days, exclusive}
}

// boundText is from which value to which a line of points goes.
func boundText(f ui.Frame, keys string, first, rest bool, from, to any) string {
	switch {
	case rest && first:
		return f.T(keys + ".all")
	case rest:
		return f.T(keys+".rest", "From", from)
	case first:
		return f.T(keys+".first", "To", to)
	}
	return f.T(keys+".from", "From", from, "To", to)
}

// value is what a pointer points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// publicCalls lists the calls (P-05), year by year.
func (p *Portal) publicCalls(w http.ResponseWriter, r *http.Request) error {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	f := p.publicFrame(r, "public.calls.title", "ENPAP")
	f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.indemnity.title"), URL: servicePath}, f.Path[1]}
	page := public.CallsPage{Frame: f, Open: p.openText(f, calls), BeginURL: p.entrance(r, identity.Member, startPath)}
	for _, c := range indemnity.NewestFirst(calls) {
		year := strconv.Itoa(c.ID.Month().From.Year)
		if n := len(page.Years); n == 0 || page.Years[n-1].Year != year {
			page.Years = append(page.Years, public.CallYear{Year: year})
		}
		last := &page.Years[len(page.Years)-1]
		last.Calls = append(last.Calls, p.callLine(f, &c))
	}
	return p.show(w, r, public.Calls(page))
}

// releasedCall is the call of a path, in force.
func (p *Portal) releasedCall(r *http.Request) (indemnity.Call, error) {
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return indemnity.Call{}, err
	}
	for _, c := range calls {
		if string(c.ID) == chi.URLParam(r, "bando") {
			return c, nil
		}
	}
	return indemnity.Call{}, fault.ErrNotFound
}

// publicCall is a call with all that its rules say (P-05).
func (p *Portal) publicCall(w http.ResponseWriter, r *http.Request) error {
	c, err := p.releasedCall(r)
	if err != nil {
		return err
	}
	f := p.publicFrame(r, "public.calls.title", "ENPAP")
	f.Title = callTitle(f, c.ID)
	f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.indemnity.title"), URL: servicePath}, {Text: f.T("public.calls.title"), URL: publicCallsPath}, {Text: f.Title}}
	tag := p.publicPhase(f, &c)
	f.Badge = &tag
	act, err := p.callAct(r, c)
	if err != nil {
		return err
	}
	page := public.CallPage{Frame: f, Facts: callEntries(f, &c), Sections: publicSections(f, &c)}
	if page.PDF, err = actLink(f, f.T("public.calls.pdf"), publicCallPath(c.ID)+"/bando.pdf", act); err != nil {
		return err
	}
	page.Lead = f.T("calls.lead."+string(c.Phase(p.Now())), "Span", ui.During(c.Rules.Window.Is), "Until", ui.ByDay(c.LastUsefulDay()))
	switch c.Phase(p.Now()) {
	case indemnity.CallOpen, indemnity.CallCollecting:
		page.BeginURL = p.entrance(r, identity.Member, startPath)
	}
	return p.show(w, r, public.Call(page))
}

// callEntries are the days and the money of a call.
func callEntries(f ui.Frame, c *indemnity.Call) []ui.Entry {
	expected := func(key string, d calendar.Date) ui.Entry {
		e := ui.Entry{Name: f.T(key), Value: ui.Day(d)}
		if d.IsZero() {
			e.Value = f.T(key + ".none")
		}
		return e
	}
	return []ui.Entry{
		{Name: f.T("calls.window"), Value: ui.During(c.Rules.Window.Is)},
		{Name: f.T("public.calls.until"), Value: ui.DayEnd(c.LastUsefulDay())},
		expected("public.calls.ranking", c.Rules.Expected.Is.Ranking),
		expected("public.calls.payment", c.Rules.Expected.Is.Payment),
		{Name: f.T("calls.budget"), Value: budgetText(f, c.Rules.Budget.Is)},
	}
}

// publicSections is all that the rules of a call say, for everybody.
func publicSections(f ui.Frame, c *indemnity.Call) []ruleset.Section {
	var all []ruleset.Section
	provisions := c.Rules.Provisions()
	for _, s := range indemnity.Sections {
		if s == indemnity.SectionMoney || s == indemnity.SectionPeriod || s == indemnity.SectionExpected || s == indemnity.SectionExamples {
			continue
		}
		const many = 12
		section := ruleset.Section{ID: callSectionNames[s], Title: callSectionTitle(f, s), Rows: callValues(f, provisions, s)}
		section.Folded = len(section.Rows) > many
		all = append(all, section)
	}
	return all
}
