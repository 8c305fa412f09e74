package portal

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/term"
	"portal/internal/voucher"
	"portal/web/heir"
	"portal/web/public"
	"portal/web/ui"
)

const (
	heirsPath   = "/indennita-malattia-infortunio/eredi"
	preparePath = heirsPath + "/prepara"
	linkPath    = heirsPath + "/collega"
)

// heirFrame is the frame of a page of heirs, below others.
func (p *Portal) heirFrame(r *http.Request, title string, below ...ui.Crumb) ui.Frame {
	f := p.publicFrame(r, title, "ENPAP")
	f.Service = f.T("member.service")
	f.Path = []ui.Crumb{f.Path[0], {Text: f.T("public.indemnity.title"), URL: "/indennita-malattia-infortunio"}}
	f.Path = append(f.Path, append(below, ui.Crumb{Text: f.Title})...)
	return f
}

// heirsCall is the call that tells heirs their days and where to write, for a death on a
// day.
func (p *Portal) heirsCall(r *http.Request, on calendar.Date) (indemnity.Call, error) {
	_, call, err := p.Heirs.HeirsTerm(r.Context(), on, on)
	return call, err
}

// publicHeirs is H-01: contacts first, and no word too many.
func (p *Portal) publicHeirs(w http.ResponseWriter, r *http.Request) error {
	call, err := p.heirsCall(r, calendar.On(p.Now()))
	if errors.Is(err, indemnity.ErrNoCall) {
		err = errNoPage
	}
	if err != nil {
		return err
	}
	f := p.heirFrame(r, "heirs.title")
	rules := &call.Rules
	at := rules.HeirsPEC.Is
	page := public.ArticlePage{Frame: f, Lead: f.T("heirs.lead", "Days", rules.HeirsDays.Is, "PEC", at)}
	for _, s := range []struct {
		id, key string
		links   []ui.Link
	}{
		{"contatti", "heirs.contacts", []ui.Link{{Text: at, URL: "mailto:" + at}, {Text: f.T("public.link.enpap.phone", "Phone", f.Site.ENPAP.Phone), URL: ui.Dial(f.Site.ENPAP.Phone)}}},
		{"non-inviata", "heirs.case.own", []ui.Link{{Text: f.T("heirs.prepare.go"), URL: preparePath}}},
		{"inviata", "heirs.case.succession", nil},
		{"documenti", "heirs.what", nil},
		{"segui", "heirs.follow", []ui.Link{{Text: f.T("heirs.link.go"), URL: linkPath}}},
	} {
		page.Sections = append(page.Sections, public.Section{ID: s.id, Title: f.T(s.key), Links: s.links,
			Text: lines(f.T(s.key+".text", "Days", rules.HeirsDays.Is, "PEC", at, "Hours", f.Site.ENPAP.Hours, "Supplement", rules.SupplementDays.Is))})
	}
	return p.show(w, r, public.Article(page))
}

// The steps of preparing an application.
const (
	stepDeceased = 1 + iota
	stepHeirs
	stepReady
)

// deceasedFields are the fields of the first step; those of the second are all others.
var deceasedFields = append([]string{"nome", "cognome", "cf", "tipo"}, dayNames("decesso", "primo", "ultimo")...)

func dayNames(names ...string) (all []string) {
	for _, n := range names {
		day, month, year := ui.DateNames(n)
		all = append(all, day, month, year)
	}
	return all
}

// preparing is an application of heirs while it is prepared: what was typed, and what it
// comes to. It lives as long as its request.
type preparing struct {
	fields url.Values
	is     indemnity.Prepared
	flaws  map[int][]ui.FieldError // by step
}

// prepared reads what was typed in all steps.
func (p *Portal) prepared(fields url.Values) preparing {
	x := preparing{fields: fields, flaws: map[int][]ui.FieldError{}}
	x.is, x.flaws[stepDeceased] = readDeceased(fields)
	today := calendar.On(p.Now())
	if len(x.flaws[stepDeceased]) == 0 {
		if err := x.is.FlawOfDeceased(today); err != nil {
			x.flaws[stepDeceased] = []ui.FieldError{{Field: deceasedField(err), Text: words(ui.Frame{}, fault.As(err))}}
		}
	}
	var at []int
	var wrong []ui.FieldError
	x.is.Heirs, at, wrong = heirsForm{}.read(fields)
	if _, err := voucher.ParseEmail(fields.Get("email")); err != nil {
		wrong = append(wrong, ui.FieldError{Field: "email", Text: words(ui.Frame{}, fault.As(err))})
	}
	if _, err := voucher.ParsePhone(fields.Get("telefono")); err != nil {
		wrong = append(wrong, ui.FieldError{Field: "telefono", Text: words(ui.Frame{}, fault.As(err))})
	}
	if len(wrong) == 0 {
		if err := x.is.FlawOfHeirs(); err != nil {
			one, _ := heirFlaw(err, at)
			wrong = append(wrong, one)
		}
	}
	x.flaws[stepHeirs] = wrong
	return x
}

// readDeceased reads who has died, and the event.
func readDeceased(fields url.Values) (x indemnity.Prepared, wrong []ui.FieldError) {
	var f ui.Frame
	trim := func(name string) string { return strings.Join(strings.Fields(fields.Get(name)), " ") }
	x.Deceased = identity.Person{GivenName: trim("nome"), FamilyName: trim("cognome")}
	var err error
	if x.Deceased.FiscalCode, err = identity.ParseFiscalCode(trim("cf")); err != nil {
		wrong = append(wrong, ui.FieldError{Field: "cf", Text: words(f, fault.As(err))})
	}
	x.DiedOn, wrong = readDay(f, fields, "decesso", wrong)
	if x.Cause = indemnity.Cause(fields.Get("tipo")); !slices.Contains(indemnity.Causes, x.Cause) {
		x.Cause = ""
	}
	x.First, wrong = readDay(f, fields, "primo", wrong)
	x.Last, wrong = readDay(f, fields, "ultimo", wrong)
	return x, wrong
}

// deceasedField is beside which field a reason about the deceased or the event stands.
func deceasedField(err error) string {
	reason := fault.As(err)
	switch reason {
	case indemnity.ErrDeceasedName:
		return "nome"
	case indemnity.ErrDeathMissing, indemnity.ErrDeathToCome, indemnity.ErrDeathBefore, indemnity.ErrDiedBeforeSent:
		return "decesso"
	}
	if field := dayFields[reason]; field != "" {
		return field
	}
	return "primo"
}

// heirPrepareAsk begins to prepare an application (H-02).
func (p *Portal) heirPrepareAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showPrepare(w, r, http.StatusOK, stepDeceased, preparing{fields: url.Values{}})
}

// heirPrepare goes from a step to another. Nothing is stored: each step carries what the
// others said, and what cannot be taken is shown again as it was typed.
func (p *Portal) heirPrepare(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var text textError
	if err != nil && !errors.As(err, &text) {
		return err
	}
	from, wrongStep := strconv.Atoi(fields.Get("passo"))
	if wrongStep != nil || from < stepDeceased || from > stepReady {
		return errUnreadable
	}
	if err != nil {
		x := preparing{fields: fields, flaws: map[int][]ui.FieldError{from: {{Field: text.field, Text: words(ui.Frame{}, errText)}}}}
		return p.showPrepare(w, r, http.StatusUnprocessableEntity, from, x)
	}
	x := p.prepared(fields)
	switch fields.Get("azione") {
	case "indietro":
		x.flaws = nil
		return p.showPrepare(w, r, http.StatusOK, max(from-1, stepDeceased), x)
	case "aggiungi":
		x.flaws = nil
		return p.showPrepare(w, r, http.StatusOK, stepHeirs, x)
	}
	for step := stepDeceased; step <= min(from, stepHeirs); step++ {
		if len(x.flaws[step]) > 0 {
			return p.showPrepare(w, r, http.StatusUnprocessableEntity, step, x)
		}
	}
	if from == stepDeceased {
		x.flaws = nil // of heirs that were not asked for yet
	}
	return p.showPrepare(w, r, http.StatusOK, min(from+1, stepReady), x)
}

// showPrepare shows a step.
func (p *Portal) showPrepare(w http.ResponseWriter, r *http.Request, status, at int, x preparing) error {
	f := p.heirFrame(r, "heirs.prepare.title", ui.Crumb{Text: ui.Frame{}.T("heirs.crumb"), URL: heirsPath})
	f.Errors = x.flaws[at]
	f.Title = f.T("heirs.prepare.step." + strconv.Itoa(at))
	base := heir.Step{Frame: f, Number: at}
	for n := stepDeceased; n <= stepReady; n++ {
		base.Names = append(base.Names, f.T("heirs.prepare.name."+strconv.Itoa(n)))
	}
	base.Caption = f.Step(at, stepReady)
	base.Hidden = x.carried(at)
	step := ui.FormProps{Action: preparePath}
	if at == stepDeceased {
		base.Lead = []string{f.T("heirs.prepare.lead"), f.T("heirs.prepare.private")}
		return p.showAs(w, r, status, heir.Deceased(deceasedPage(base, step, x.fields)))
	}
	within, call, err := p.Heirs.HeirsTerm(r.Context(), x.is.DiedOn, x.is.End())
	if err != nil {
		return err
	}
	base.Term = p.prepareTerm(f, x.is, within, &call)
	if at == stepHeirs {
		base.Lead = []string{f.T("heirs.prepare.heirs.lead")}
		rows := heirsForm{}.show(f, x.fields)
		return p.showAs(w, r, status, heir.Heirs(heir.HeirsPage{Step: base, Form: step, Rows: rows, More: len(rows) < indemnity.MostHeirs,
			Email: ui.FieldProps{Name: "email", Label: f.T("heirs.prepare.email"), Value: x.fields.Get("email"), Type: "email", Autocomplete: "email", Optional: true},
			Phone: ui.FieldProps{Name: "telefono", Label: f.T("heirs.prepare.phone"), Value: x.fields.Get("telefono"), InputMode: "tel", Autocomplete: "tel", Optional: true}}))
	}
	page := heir.ReadyPage{Step: base, Form: ui.FormProps{Action: preparePath + "/modulo.pdf"}, Back: step, Facts: preparedFacts(f, x.is),
		Shares: shareRows(f, x.is.Heirs, false), Papers: heirPapers(f, x.is, &call.Rules)}
	if page.PDF, err = actText(f, f.T("heirs.prepare.pdf"), heirAct(x, &call, ui.ByDay(within.End()), p.Now())); err != nil {
		return err
	}
	for _, how := range []string{"1", "2", "3"} {
		page.How = append(page.How, f.T("heirs.how."+how, "PEC", call.Rules.HeirsPEC.Is))
	}
	return p.showAs(w, r, status, heir.Ready(page))
}

// carried are the fields of the other steps, for the form of a step.
func (x preparing) carried(at int) [][2]string {
	own := func(name string) bool {
		switch at {
		case stepDeceased:
			return slices.Contains(deceasedFields, name)
		case stepHeirs:
			return !slices.Contains(deceasedFields, name)
		}
		return false
	}
	all := [][2]string{{"passo", strconv.Itoa(at)}}
	if at == stepHeirs {
		all = append(all, [2]string{"eredi", strconv.Itoa(heirsForm{}.rows(x.fields))})
	}
	for _, name := range slices.Sorted(maps.Keys(x.fields)) {
		if name != "passo" && name != "azione" && name != "idem" && !own(name) && x.fields.Get(name) != "" {
			all = append(all, [2]string{name, x.fields.Get(name)})
		}
	}
	return all
}

func deceasedPage(base heir.Step, step ui.FormProps, fields url.Values) heir.DeceasedPage {
	f := base.Frame
	text := func(name string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: f.T("heirs." + name), Value: fields.Get(name), Autocomplete: "off"}
	}
	page := heir.DeceasedPage{Step: base, Form: step, GivenName: text("nome"), FamilyName: text("cognome"), FiscalCode: text("cf"),
		Died: heirDay(f, fields, "decesso", "heirs.died"), First: heirDay(f, fields, "primo", "heirs.first"), Last: heirDay(f, fields, "ultimo", "heirs.last")}
	page.Last.Hint = f.T("heirs.last.hint")
	page.Cause = heirCauses(f, fields.Get("tipo"))
	return page
}

// heirCauses asks what had stopped the work of who has died.
func heirCauses(f ui.Frame, chosen string) ui.ChoiceProps {
	c := ui.ChoiceProps{Name: "tipo", Legend: f.T("heirs.cause"), Chosen: []string{chosen}}
	for _, cause := range indemnity.Causes {
		c.Options = append(c.Options, ui.Option{Value: string(cause), Label: f.T("member.cause." + string(cause))})
	}
	return c
}

// prepareTerm says until when heirs may apply, or that the days are over.
func (p *Portal) prepareTerm(f ui.Frame, x indemnity.Prepared, within term.Term, call *indemnity.Call) *heir.Term {
	last, days := within.End(), call.Rules.HeirsDays.Is
	if !within.Open(p.Now()) {
		return &heir.Term{Tone: ui.Action, Title: f.T("heirs.term.over", "Days", days, "On", ui.OnDay(last)),
			Text: []string{f.T("heirs.term.over.text", "PEC", call.Rules.HeirsPEC.Is)}}
	}
	return &heir.Term{Tone: ui.Working, Title: f.T("heirs.term.until", "By", ui.ByDay(last)),
		Text: []string{f.T("heirs.term.until.text", "Days", days, "On", ui.OnDay(x.DiedOn), "PEC", call.Rules.HeirsPEC.Is)}}
}

func preparedFacts(f ui.Frame, x indemnity.Prepared) []ui.Entry {
	return []ui.Entry{
		{Name: f.T("heirs.deceased"), Value: x.Deceased.Name(), Note: string(x.Deceased.FiscalCode), Proper: true},
		{Name: f.T("heirs.died"), Value: ui.Day(x.DiedOn)},
		{Name: f.T("heirs.cause"), Value: f.T("member.cause." + string(x.Cause))},
		{Name: f.T("heirs.period"), Value: ui.ShortDay(x.First) + " – " + ui.ShortDay(x.Last)},
	}
}

// heirPapers is the list of what heirs send.
func heirPapers(f ui.Frame, x indemnity.Prepared, rules *indemnity.RuleSet) (all []heir.Paper) {
	all = append(all, heir.Paper{Name: f.T("heirs.paper.form"), Means: f.T("heirs.paper.form.means")})
	for _, want := range x.Papers(rules) {
		all = append(all, heir.Paper{Name: f.T("heirs.paper." + string(want.Kind)), Means: f.T("heirs.lack."+string(want.Lack), "Days", rules.SupplementDays.Is)})
	}
	return append(all, heir.Paper{Name: f.T("heirs.paper.heirship"), Means: f.T("heirs.lack.supplement", "Days", rules.SupplementDays.Is)})
}

// heirDay is the field of a day as it was typed.
func heirDay(f ui.Frame, fields url.Values, name, legend string) ui.DateFieldProps {
	day, month, year := ui.DateNames(name)
	return ui.DateFieldProps{Name: name, Legend: f.T(legend), Hint: f.T("member.period.hint"),
		Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
}
