package portal

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// memberCalculation is how days, amount and points come about (M-18).
func (p *Portal) memberCalculation(w http.ResponseWriter, r *http.Request) error {
	c, gone, err := p.memberFile(w, r)
	if gone || err != nil {
		return err
	}
	x, known, err := p.Applications.Explained(r.Context(), c)
	if err != nil {
		return err
	}
	f := p.memberCaseFrame(r, c, caseCalculationTab)
	page := member.CalculationPage{Frame: f, Case: p.memberCaseTop(f, c, caseCalculationTab), Title: f.T("calc.title"), Lead: f.T("calc.lead")}
	if examining(c) {
		page.Title, page.Lead = f.T("calc.title.provisional"), f.T("calc.lead.provisional")
	}
	if !known {
		page.None = f.T("calc.none")
		return p.show(w, r, member.Calculation(page))
	}
	told := c.Registers.Told(indemnity.SilentMembers)
	if !told {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Title: f.T("calc.silent"), Text: []string{f.T("calc.silent.text")}})
	}
	if c.Reader(actor(r)) == indemnity.ItsHeir {
		x = withoutNames(x)
	}
	page.Line, page.Groups = caseLine(f, x.Line, c), reckoned(f, c, x.Steps, told)
	if told {
		page.Line.Years = capYears(f, x.Years, &c.Rules)
	}
	page.Line.Folded = true
	return p.show(w, r, member.Calculation(page))
}

// examining tells whether the office has not ended its review of a case.
func examining(c indemnity.CaseFile) bool {
	return c.State == indemnity.Submitted || c.State == indemnity.InReview
}

// stepGroups are the lines of a reckoning under their headings.
var stepGroups = []struct {
	words string
	steps []indemnity.StepName
}{
	{"calc.group.days", []indemnity.StepName{indemnity.StepEventEnd, indemnity.StepDeadline, indemnity.StepRecognised, indemnity.StepDuration, indemnity.StepOverlap,
		indemnity.StepFirstDays, indemnity.StepMaternity, indemnity.StepCap, indemnity.StepDays}},
	{"calc.group.amount", []indemnity.StepName{indemnity.StepIncome, indemnity.StepBase, indemnity.StepRounded, indemnity.StepFullDaily, indemnity.StepDaily,
		indemnity.StepBeforeReduction, indemnity.StepReduction, indemnity.StepGross, indemnity.StepWithholding, indemnity.StepNet, indemnity.StepDebt, indemnity.StepDebtLeft,
		indemnity.StepFunded, indemnity.StepSetOff, indemnity.StepPayable, indemnity.StepRecovery}},
	{"calc.group.points", []indemnity.StepName{indemnity.StepISEEPoints, indemnity.StepDurationPoints, indemnity.StepExclusivePoints, indemnity.StepScore, indemnity.StepRank}},
}

// soughtSteps are the lines that people look for, beside a debt that takes something away.
var soughtSteps = []indemnity.StepName{indemnity.StepDays, indemnity.StepGross, indemnity.StepNet, indemnity.StepPayable, indemnity.StepScore}

// reckoned are the lines of a reckoning in words. Without the income there are no amounts.
func reckoned(f ui.Frame, c indemnity.CaseFile, steps []indemnity.Step, money bool) (groups []member.StepGroup) {
	for _, g := range stepGroups {
		if g.words == "calc.group.amount" && !money {
			continue
		}
		group := member.StepGroup{Title: f.T(g.words)}
		var results []string
		for _, s := range steps {
			if !slices.Contains(g.steps, s.Name) {
				continue
			}
			line := stepLine(f, c, s)
			group.Steps = append(group.Steps, line)
			if line.Strong {
				results = append(results, f.T("calc.result", "Name", line.Name, "Value", line.Value))
			}
		}
		group.Result = strings.Join(results, " · ")
		if len(group.Steps) > 0 {
			groups = append(groups, group)
		}
	}
	return groups
}

func stepLine(f ui.Frame, c indemnity.CaseFile, s indemnity.Step) member.Reckoned {
	line := member.Reckoned{Name: f.T("calc.step." + string(s.Name)), Value: stepValue(f, s.Value), Rule: f.T("calc.rule.of", "Rule", s.Rule), Article: s.Article,
		Strong: slices.Contains(soughtSteps, s.Name) || s.Name == indemnity.StepDebtLeft && s.Value.Amount > 0}
	for _, is := range c.Rules.Readings.List() {
		if is.String() == s.Reading {
			line.Reading = f.T("calc.reading", "Point", readingName(f, is), "Reading", readingText(f, is))
		}
	}
	for _, i := range s.Inputs {
		source := i.Source
		if source == indemnity.FromOffice && examining(c) {
			source = indemnity.FromDeclaration // the office has found nothing yet
		}
		line.Inputs = append(line.Inputs, f.T("calc.input", "Name", inputName(f, i), "Value", stepValue(f, i.Value), "Source", f.T("calc.source."+string(source))))
	}
	return line
}

// inputName is what a line starts from: an earlier line, why days do not count, or a
// value of its own.
func inputName(f ui.Frame, i indemnity.Input) string {
	switch {
	case i.Source == indemnity.FromStep && f.Translated("calc.step."+i.Name):
		return f.T("calc.step." + i.Name)
	case f.Translated("member.why." + i.Name):
		return f.T("member.why." + i.Name)
	}
	return f.T("calc.input." + i.Name)
}

// quantityText is a value with its unit, as people read it.
func stepValue(f ui.Frame, q indemnity.Quantity) string {
	switch q.Unit {
	case indemnity.InMoney, indemnity.InDays:
		return quantityText(f, q)
	case indemnity.InPoints:
		return f.T("member.estimate.points", "Count", q.Number)
	case indemnity.InPercent:
		return percentText(q.Rate)
	case indemnity.InDates:
		return ui.Day(q.Date)
	case indemnity.InWords:
		return f.T("calc.word." + q.Word)
	}
	return strconv.Itoa(q.Number) // a year, a place
}
