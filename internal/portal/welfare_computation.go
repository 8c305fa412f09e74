package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/money"
	"portal/web/member"
	"portal/web/ui"
	"portal/web/welfare"
)

// supposedChecks are the checks on which something may be supposed to see what a case
// would come to: those whose findings move days, amounts or points.
var supposedChecks = []indemnity.Check{indemnity.CheckProof, indemnity.CheckCoverage, indemnity.CheckCap, indemnity.CheckIncome, indemnity.CheckCover,
	indemnity.CheckMaternity, indemnity.CheckRegularity, indemnity.CheckISEE, indemnity.CheckExclusive}

// supposedBefore are the fields of the checks on which something may be supposed, as it was
// found.
func supposedBefore(o indemnity.Opened) url.Values {
	fields := url.Values{}
	for _, check := range supposedChecks {
		for _, x := range foundFields(o, check) {
			x.keep(o.CaseFile.Found(check).Found, fields)
		}
	}
	return fields
}

// welfareComputation shows what a case comes to as it stands (W-09).
func (p *Portal) welfareComputation(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	return p.showComputation(w, r, http.StatusOK, o, supposedBefore(o), nil, nil)
}

// welfareSuppose shows what it would come to if something else were found. Nothing is
// kept.
func (p *Portal) welfareSuppose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, err := p.openedCase(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	if bad.field != "" {
		return p.showComputation(w, r, http.StatusUnprocessableEntity, o, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}}, nil)
	}
	supposed := map[indemnity.Check]indemnity.Found{}
	var wrong []ui.FieldError
	before := supposedBefore(o)
	for _, check := range supposedChecks {
		if !otherwise(o, check, before, fields) {
			continue
		}
		x, flaws := readFound(o, check, fields)
		x.Defects = o.CaseFile.Found(check).Found.Defects
		supposed[check], wrong = x, append(wrong, flaws...)
	}
	if len(wrong) > 0 {
		return p.showComputation(w, r, http.StatusUnprocessableEntity, o, fields, wrong, nil)
	}
	return p.showComputation(w, r, http.StatusOK, o, fields, nil, supposed)
}

// otherwise tells whether the fields of a check say something else than was found.
func otherwise(o indemnity.Opened, check indemnity.Check, before, fields url.Values) bool {
	for _, name := range fieldNames(o, check) {
		if before.Get(name) != fields.Get(name) {
			return true
		}
	}
	return false
}

// fieldNames are the names of the form values of a check.
func fieldNames(o indemnity.Opened, check indemnity.Check) (all []string) {
	for _, x := range foundFields(o, check) {
		day, month, year := ui.DateNames(x.name)
		all = append(all, x.name, day, month, year)
	}
	return all
}

func (p *Portal) showComputation(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, fields url.Values, wrong []ui.FieldError, supposed map[indemnity.Check]indemnity.Found) error {
	f := p.welfareCaseFrame(r, o.CaseFile, "")
	f.Errors = wrong
	page := welfare.ComputationPage{Frame: f, Top: p.caseTop(r, f, o.CaseFile, o.Claim, caseCalculationTab), Lead: f.T("computation.lead")}
	if !o.Known {
		page.None = f.T("calc.none")
		return p.showAs(w, r, status, welfare.Computation(page))
	}
	x := o.Found
	if supposed != nil {
		x, _ = o.Supposing(supposed)
		page.Supposed = comparedFigures(f, "computation.supposed", []string{"computation.now", "computation.then"}, o.Found.Figures(), x.Figures())
		page.Supposed.Lead = supposedOutcome(f, o, x, supposed)
		p.keptFindings(&page, o, fields, supposed)
		page.Lead = f.T("computation.lead.supposed")
	}
	reckonedPage(&page, o, x, len(supposed[indemnity.CheckIncome].Incomes) > 0)
	if actor(r).Has(identity.Prepare) && examining(o.CaseFile) {
		page.Form = &ui.FormProps{Action: welfareCasePath(o.ID) + caseCalculationTab}
		before := supposedBefore(o)
		for _, check := range supposedChecks {
			part := welfare.SupposedPart{Title: checkName(f, check), Open: otherwise(o, check, before, fields)}
			names := fieldNames(o, check)
			if slices.ContainsFunc(wrong, func(e ui.FieldError) bool { return slices.Contains(names, e.Field) }) {
				part.Open = true
			}
			for _, field := range foundFields(o, check) {
				part.Fields = append(part.Fields, field.show(f, fields))
			}
			if len(part.Fields) > 0 {
				page.Parts = append(page.Parts, part)
			}
		}
		page.Buttons = ui.ButtonsProps{Submit: f.T("computation.again")}
	}
	return p.showAs(w, r, status, welfare.Computation(page))
}

// reckonedPage is what a case comes to, for whoever reads it: as it stands, or as x
// supposes, incomes too.
func reckonedPage(page *welfare.ComputationPage, o indemnity.Opened, x indemnity.Explanation, incomes bool) {
	f := page.Frame
	told := incomes || o.Registers.Told(indemnity.SilentMembers) || o.CaseFile.Found(indemnity.CheckIncome).Found.Incomes != nil
	if !told {
		page.Notes = append(page.Notes, f.T("computation.silent"))
	}
	page.Line, page.Lines = caseLine(f, x.Line, o.CaseFile), member.FoldedReckoning(f, reckoned(f, o.CaseFile, x.Steps, told))
	page.Line.Years, page.Line.Folded = capYears(f, x.Years, &o.Rules), true
	page.Sent = sentFigures(f, o)
	page.Versions = computationVersions(f, o)
}

// sentFigures are what a case comes to beside what it came to as it was sent.
func sentFigures(f ui.Frame, o indemnity.Opened) *welfare.Compared {
	c := comparedFigures(f, "computation.sent", []string{"computation.at_sending", "computation.now"}, o.Sent.Figures(), o.Found.Figures())
	c.Lead = f.T("computation.sent.lead")
	return c
}

// figure is one of the figures of an examination, with its name in the catalogue.
type figure struct {
	words string
	euro  func(indemnity.Figures) money.Amount // nil of a number
	count func(indemnity.Figures) int
}

// figures are those that the page compares.
var figures = []figure{
	{"calc.step.duration", nil, func(x indemnity.Figures) int { return x.Duration }},
	{"calc.step.compensable_days", nil, func(x indemnity.Figures) int { return x.Days }},
	{"calc.step.daily", func(x indemnity.Figures) money.Amount { return x.Daily }, nil},
	{"calc.step.reduction", func(x indemnity.Figures) money.Amount { return x.Reduction }, nil},
	{"calc.step.gross", func(x indemnity.Figures) money.Amount { return x.Gross }, nil},
	{"calc.step.withholding", func(x indemnity.Figures) money.Amount { return x.Withholding }, nil},
	{"calc.step.net", func(x indemnity.Figures) money.Amount { return x.Net }, nil},
	{"calc.step.debt", func(x indemnity.Figures) money.Amount { return x.Debt }, nil},
	{"calc.step.debt_to_set_off", func(x indemnity.Figures) money.Amount { return x.DebtLeft }, nil},
	{"calc.step.score", nil, func(x indemnity.Figures) int { return x.Score }},
}

func (g figure) of(x indemnity.Figures) string {
	if g.euro != nil {
		return g.euro(x).String()
	}
	return strconv.Itoa(g.count(x))
}

// between is how much a figure has grown, "" where it has not moved.
func (g figure) between(before, after indemnity.Figures) (text string) {
	grows := false
	if g.euro != nil {
		by := g.euro(after) - g.euro(before)
		text, grows = by.String(), by > 0
	} else {
		by := g.count(after) - g.count(before)
		text, grows = strconv.Itoa(by), by > 0
	}
	switch {
	case g.of(before) == g.of(after):
		return ""
	case grows:
		return "+" + text
	}
	return text
}

// comparedFigures are figures side by side: those that differ, and behind them the others.
func comparedFigures(f ui.Frame, title string, columns []string, before, after indemnity.Figures) *welfare.Compared {
	c := &welfare.Compared{Title: f.T(title), Caption: f.T("computation.caption"), Columns: []string{f.T("calc.name"), f.T(columns[0]), f.T(columns[1]), f.T("computation.difference")}}
	for _, g := range figures {
		by := g.between(before, after)
		row := welfare.ComparedRow{Name: f.T(g.words), Cells: []welfare.DiffCell{{Text: g.of(before)}, {Text: g.of(after), Changed: by != ""}, {Text: by}}}
		if by == "" {
			row.Cells[2].Text = f.T("computation.same")
			c.Same = append(c.Same, row)
			continue
		}
		c.Rows = append(c.Rows, row)
	}
	if len(c.Rows) == 0 {
		c.None = f.T("computation.all_same")
	}
	if len(c.Same) > 0 {
		c.SameTitle = f.T("computation.rest_same", "Count", len(c.Same))
	}
	return c
}

// supposedOutcome says what was supposed, and where the examination would lead.
func supposedOutcome(f ui.Frame, o indemnity.Opened, x indemnity.Explanation, supposed map[indemnity.Check]indemnity.Found) string {
	var names []string
	for _, check := range indemnity.Checks() {
		if _, is := supposed[check]; is {
			names = append(names, check.Code())
		}
	}
	if len(names) == 0 {
		return f.T("computation.supposed.nothing")
	}
	outcome := f.T("outcome.comes.open")
	if to := x.Outcome.State(); to != "" {
		outcome = f.T("outcome.comes", "Outcome", outcomeName(f, to))
	}
	return f.T("computation.supposed.on", "Checks", inSeries(names)) + " " + outcome
}

// keptFindings lead to the checks on which something was supposed, each with its form
// filled in.
func (p *Portal) keptFindings(page *welfare.ComputationPage, o indemnity.Opened, fields url.Values, supposed map[indemnity.Check]indemnity.Found) {
	f := page.Frame
	for _, check := range supposedChecks {
		if _, is := supposed[check]; !is {
			continue
		}
		k := welfare.KeptFinding{Submit: f.T("computation.keep", "Check", checkName(f, check)), Form: ui.FormProps{Action: checkPath(o.ID, check), Version: strconv.FormatInt(o.Version, 10)}}
		last := o.CaseFile.Found(check)
		k.Hidden = append(k.Hidden, [2]string{"passo", fillStep}, [2]string{"verdetto", string(last.Verdict)}, [2]string{"nota", last.Note})
		for _, name := range fieldNames(o, check) {
			if fields.Has(name) {
				k.Hidden = append(k.Hidden, [2]string{name, fields.Get(name)})
			}
		}
		for _, code := range last.Found.Defects {
			k.Hidden = append(k.Hidden, [2]string{defectsField, code})
		}
		page.Keep = append(page.Keep, k)
	}
}

// computationVersions is how the figures have changed, nil while they have not.
func computationVersions(f ui.Frame, o indemnity.Opened) *welfare.Compared {
	all := o.Computations()
	if len(all) < 2 {
		return nil
	}
	c := &welfare.Compared{Title: f.T("computation.versions"), Lead: f.T("computation.versions.lead"), Caption: f.T("computation.versions.caption"),
		Columns: []string{f.T("computation.version"), f.T("calc.step.compensable_days"), f.T("calc.step.daily"), f.T("calc.step.gross"), f.T("calc.step.net"), f.T("calc.step.score")}}
	shown := []int{1, 2, 4, 6, 9} // of the figures
	for n, v := range all {
		row := welfare.ComparedRow{Name: f.T("computation.version.sent"), Note: ui.ShortMoment(v.At)}
		switch {
		case v.Check != "":
			row.Name, row.Note = checkName(f, v.Check), f.T("desk.by", "Name", v.Name, "At", ui.ShortMoment(v.At))
		case v.Answer:
			row.Name = f.T("computation.version.answer")
		}
		for _, at := range shown {
			cell := welfare.DiffCell{Text: figures[at].of(v.Figures)}
			cell.Changed = n > 0 && figures[at].of(all[n-1].Figures) != cell.Text
			row.Cells = append(row.Cells, cell)
		}
		c.Rows = append(c.Rows, row)
	}
	slices.Reverse(c.Rows)
	return c
}
