package portal

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/public"
	"portal/web/ui"
)

// Why an estimate cannot be made.
var (
	errEstimateIncome = fault.Invalid("estimate.income_missing")
	errEstimateFirst  = fault.Invalid("estimate.first_missing")
	errEstimateLast   = fault.Invalid("estimate.last_missing")
	errEstimateOrder  = fault.Invalid("estimate.backwards")
	errEstimateLong   = fault.Invalid("estimate.too_long")
	errEstimatePaid   = fault.Invalid("estimate.paid_range")
	errEstimateCover  = fault.Invalid("estimate.cover_missing")
)

// publicEstimate is P-04: five questions and what the rules make of the answers. Nothing
// of it is kept, and no address names who asks.
func (p *Portal) publicEstimate(w http.ResponseWriter, r *http.Request) error {
	fields, err := query(r)
	if err != nil {
		return err
	}
	calls, err := p.Calls.CallsInForce(r.Context())
	if err != nil {
		return err
	}
	if len(calls) == 0 {
		return errNoPage
	}
	today := calendar.On(p.Now())
	call, _ := indemnity.CallFor(calls, today)
	f := p.publicFrame(r, "public.estimate.title", "ENPAP")
	f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.indemnity.title"), URL: servicePath}, f.Path[1]}
	page := public.EstimatePage{
		Action: estimatePath, Income: fields.Get("reddito"), IncomeYear: today.Year - call.Rules.Readings.IncomeYearOffset.Is,
		First: typedDay(fields, "primo"), Last: typedDay(fields, "ultimo"), Paid: fields.Get("pagati"), PaidYear: today.Year, Covered: fields.Get("copertura"),
		ServiceURL: servicePath, BeginURL: p.entrance(r, identity.Member, startPath),
	}
	page.YesNo = []ui.Option{{Value: "si", Label: f.T("ruleset.yes")}, {Value: "no", Label: f.T("ruleset.no")}}
	status := http.StatusOK
	if len(fields) > 0 {
		sketch, wrong := readSketch(f, fields)
		if own, has := indemnity.CallFor(calls, sketch.Event.To); has {
			call = own
		} else if len(wrong) == 0 {
			page.Notes = append(page.Notes, f.T("public.estimate.other_call", "Call", callTitle(f, call.ID)))
		}
		if f.Errors = wrong; len(wrong) > 0 {
			status = http.StatusUnprocessableEntity
		} else {
			p.estimated(f, &page, &call, sketch)
		}
	}
	page.Frame = f
	return p.showAs(w, r, status, public.Estimate(page))
}

// typedDay is a day as it was typed.
func typedDay(fields url.Values, name string) public.TypedDay {
	day, month, year := ui.DateNames(name)
	return public.TypedDay{Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
}

// readSketch reads the five answers.
func readSketch(f ui.Frame, fields url.Values) (s indemnity.Sketch, wrong []ui.FieldError) {
	fail := func(field string, err error) {
		wrong = append(wrong, ui.FieldError{Field: field, Text: words(f, fault.As(err))})
	}
	var err error
	if text := strings.TrimSpace(fields.Get("reddito")); text == "" {
		fail("reddito", errEstimateIncome)
	} else if s.Income, err = money.Parse(text); err != nil {
		fail("reddito", err)
	}
	for _, d := range []struct {
		name    string
		to      *calendar.Date
		missing error
	}{{"primo", &s.Event.From, errEstimateFirst}, {"ultimo", &s.Event.To, errEstimateLast}} {
		*d.to, err = dateField(fields, d.name)
		switch {
		case err != nil:
			fail(d.name, err)
		case d.to.IsZero():
			fail(d.name, d.missing)
		}
	}
	const longest, leap = 3 * 366, 366
	switch e := s.Event; {
	case e.From.IsZero() || e.To.IsZero():
	case !e.Valid():
		fail("ultimo", errEstimateOrder)
	case e.Days() > longest:
		fail("ultimo", errEstimateLong)
	}
	if text := strings.TrimSpace(fields.Get("pagati")); text != "" {
		if s.DaysPaid, err = strconv.Atoi(text); err != nil || s.DaysPaid < 0 || s.DaysPaid > leap {
			fail("pagati", errEstimatePaid)
		}
	}
	switch fields.Get("copertura") {
	case "si":
		s.OtherCover = true
	case "no":
	default:
		fail("copertura", errEstimateCover)
	}
	return s, wrong
}

// estimated says what the rules of a call make of a sketch: how much, and each step to
// it; or why nothing.
func (p *Portal) estimated(f ui.Frame, page *public.EstimatePage, call *indemnity.Call, s indemnity.Sketch) {
	today := calendar.On(p.Now())
	x, ok := indemnity.Estimate(call, today, s)
	if !ok {
		return
	}
	if slices.Contains(x.Codes, indemnity.EventTooShort) {
		page.TooShort = f.T("public.estimate.too_short", "Count", x.Duration, "Least", call.Rules.LeastDays.Is)
		return
	}
	page.Gross = x.Entitlement.Gross.String()
	page.Lines = estimateLines(f, &call.Rules, &x)
	page.Call = ui.Link{Text: callTitle(f, call.ID), URL: publicCallPath(call.ID)}
	if x.Entitlement.IncomeYear != page.IncomeYear {
		page.Notes = append(page.Notes, f.T("public.estimate.other_year", "Sent", strconv.Itoa(x.SentOn.Year), "Year", strconv.Itoa(x.Entitlement.IncomeYear)))
	}
	switch {
	case slices.Contains(x.Codes, indemnity.AfterDeadline):
		page.Notes = append(page.Notes, f.T("public.estimate.late", "Until", ui.ByDay(x.Term.End())))
	case today.Before(x.OpensOn):
		page.Notes = append(page.Notes, f.T("public.estimate.early", "From", ui.FromDay(x.OpensOn), "Until", ui.UntilDay(x.Term.End())))
		page.CanBegin = true
	default:
		page.Notes = append(page.Notes, f.T("public.estimate.open", "Until", ui.ByDay(x.Term.End())))
		page.CanBegin = true
	}
}

// estimateSteps are the steps that an estimate shows, in the order of the engine.
var estimateSteps = []indemnity.StepName{
	indemnity.StepDuration, indemnity.StepFirstDays, indemnity.StepCap, indemnity.StepDays, indemnity.StepIncome, indemnity.StepBase, indemnity.StepRounded,
	indemnity.StepFullDaily, indemnity.StepDaily, indemnity.StepBeforeReduction, indemnity.StepReduction, indemnity.StepGross,
}

// estimateLines are the steps to an amount, a line each.
func estimateLines(f ui.Frame, rules *indemnity.RuleSet, x *indemnity.Explanation) (rows []public.Line) {
	short := x.Duration <= rules.ShortDays.Is
	args := []any{"Span", ui.During(x.Recognised), "Excluded", rules.ExcludedDays.Is, "Cap", rules.YearlyCap.Is, "Year", strconv.Itoa(x.Entitlement.IncomeYear),
		"Divisor", rules.IncomeDivisor.Is, "Step", rules.RoundUpTo.Is, "Least", rules.DailyLimits.Is.Least, "Most", rules.DailyLimits.Is.Most,
		"Short", rules.ShortDays.Is, "Rate", rateText(f, rules.ShortRate.Is), "Days", x.Entitlement.Days, "Daily", x.Entitlement.Daily,
		"Cover", rateText(f, rules.OtherCoverRate.Is), "Before", x.Entitlement.BeforeReduction}
	for _, step := range x.Steps {
		switch {
		case !slices.Contains(estimateSteps, step.Name),
			step.Name == indemnity.StepDaily && !short,
			(step.Name == indemnity.StepReduction || step.Name == indemnity.StepBeforeReduction) && x.Entitlement.Reduction == 0:
			continue
		}
		key := "public.estimate.step." + string(step.Name)
		if step.Name == indemnity.StepDaily && step.Value.Amount == rules.DailyLimits.Is.Least {
			key = "public.estimate.step.daily.least"
		}
		value := step.Value
		switch {
		case step.Name == indemnity.StepReduction:
			value.Amount = -value.Amount
		case step.Name == indemnity.StepGross && x.Entitlement.Reduction == 0:
			key += ".by_days"
		}
		rows = append(rows, public.Line{What: f.T(key, args...), Value: quantityText(f, value), Article: step.Article, Sum: step.Name == indemnity.StepGross})
	}
	return rows
}

// quantityText is days or money, as a table writes them.
func quantityText(f ui.Frame, q indemnity.Quantity) string {
	switch {
	case q.Unit == indemnity.InDays:
		return f.T("ruleset.days", "Count", q.Number)
	case q.Over:
		return f.T("public.estimate.over", "Amount", q.Amount)
	}
	return q.Amount.String()
}
