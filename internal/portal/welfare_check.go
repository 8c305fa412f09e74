package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// lineChecks are the checks for which the days are drawn.
var lineChecks = []indemnity.Check{indemnity.CheckProof, indemnity.CheckCoverage, indemnity.CheckLength, indemnity.CheckMaternity, indemnity.CheckCap}

// openedCheck is the check in the address, of the case in it.
func (p *Portal) openedCheck(r *http.Request) (o indemnity.Opened, k indemnity.Checked, err error) {
	if o, err = p.openedCase(r); err != nil {
		return o, k, err
	}
	for _, k = range o.Checklist {
		if checkCode(k.Check) == chi.URLParam(r, "voce") {
			return o, k, nil
		}
	}
	return o, indemnity.Checked{}, fault.ErrNotFound
}

// welfareCheck shows a check (W-05).
func (p *Portal) welfareCheck(w http.ResponseWriter, r *http.Request) error {
	o, k, err := p.openedCheck(r)
	if err != nil {
		return err
	}
	fields := url.Values{"verdetto": {string(k.Finding.Verdict)}, "nota": {k.Finding.Note}}
	for _, x := range foundFields(o, k.Check) {
		x.keep(k.Finding.Found, fields)
	}
	fields[defectsField] = k.Finding.Found.Defects
	return p.showCheck(w, r, http.StatusOK, o, k, fields, nil, nil)
}

// showCheck shows a check with what was typed, what is wrong with it, and what was found
// since by others.
func (p *Portal) showCheck(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, k indemnity.Checked, fields url.Values, wrong []ui.FieldError, moved []string) error {
	f := p.welfareCaseFrame(r, o.CaseFile, "desk.name."+string(k.Check))
	f.Title = checkName(f, k.Check)
	f.Path[len(f.Path)-1].Text, f.Errors = f.Title, wrong
	shown, action, err := p.checkViewer(r, f, o, k.Check)
	if errors.Is(err, indemnity.ErrHealthPaper) && r.Method == http.MethodGet {
		return asksWhy(w, r, welfareCasePath(o.ID)+casePapersTab+"/"+r.URL.Query().Get("documento"), err)
	}
	if err != nil && !errors.Is(err, indemnity.ErrHealthPaper) { // what was typed stays, without the paper
		return err
	}
	page := checkPage(f, o, k)
	page.Busy, page.Moved, page.Papers, page.Viewer = busyText(f, o.Claim, actor(r), p), moved, checkPaperRows(f, o, k.Check), shown
	page.Medical = shown != nil && slices.ContainsFunc(o.PapersOf(k.Check), func(d indemnity.Paper) bool {
		return d.Kind.Medical() && string(d.ID) == r.URL.Query().Get("documento")
	})
	at := slices.IndexFunc(o.Checklist, func(x indemnity.Checked) bool { return x.Check == k.Check })
	if at > 0 {
		page.Steps = append(page.Steps, welfare.KeyLink{Key: "I", Link: ui.Link{Text: f.T("desk.previous", "Name", checkName(f, o.Checklist[at-1].Check)), URL: checkPath(o.ID, o.Checklist[at-1].Check)}})
	}
	if at+1 < len(o.Checklist) {
		page.Steps = append(page.Steps, welfare.KeyLink{Key: "A", Link: ui.Link{Text: f.T("desk.next", "Name", checkName(f, o.Checklist[at+1].Check)), URL: checkPath(o.ID, o.Checklist[at+1].Check)}})
	}
	page.Steps = append(page.Steps, welfare.KeyLink{Key: "F", Link: ui.Link{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}})
	switch reason := fault.As(o.MayFind(actor(r))); {
	case !actor(r).Has(identity.Prepare):
		page.Why = f.T("desk.prepares")
	case reason != nil:
		page.Why = words(f, reason)
	default:
		page.Form = &ui.FormProps{Action: action, Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)}
		page.Answer = ui.ChoiceProps{Name: "verdetto", Legend: f.T("desk.answer"), Chosen: fields["verdetto"]}
		for _, v := range []indemnity.CheckVerdict{indemnity.Met, indemnity.NotMet, indemnity.NotApplicable} {
			page.Answer.Options = append(page.Answer.Options, ui.Option{Value: string(v), Label: verdictTag(f, v).Text})
		}
		for _, x := range foundFields(o, k.Check) {
			page.Fields = append(page.Fields, x.show(f, fields))
		}
		page.Ask = defectsChoice(f, o, k.Check, fields)
		page.Note = ui.TextAreaProps{Name: "nota", Label: f.T("desk.finding.note"), Hint: f.T("desk.finding.note.hint"), Value: fields.Get("nota"), Optional: true}
		page.Buttons = ui.ButtonsProps{Submit: f.T("desk.save"), Cancel: &ui.Link{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}
	}
	return p.showAs(w, r, status, welfare.Check(page))
}

// checkPage is what a check asks, what was declared and what was found, for whoever reads
// it.
func checkPage(f ui.Frame, o indemnity.Opened, k indemnity.Checked) welfare.CheckPage {
	page := welfare.CheckPage{Frame: f, Rule: f.T("desk.rule." + string(k.Check)), Verdict: checkedTag(f, k), Facts: findingFacts(f, o, k.Check), Reasons: checkReasons(f, k)}
	if rules := k.Check.Rules(); len(rules) > 0 {
		numbers := make([]string, len(rules))
		for i, n := range rules {
			numbers[i] = strconv.Itoa(n)
		}
		page.Article = f.T("desk.article.rules", "Article", k.Check.Article(), "Rules", strings.Join(numbers, ", "))
	}
	if o.Known && slices.Contains(lineChecks, k.Check) {
		page.Line = caseLine(f, o.Found.Line, o.CaseFile)
	}
	for _, x := range slices.Backward(o.Findings) {
		if x.Check == k.Check {
			page.Before = append(page.Before, welfare.EarlierFind{Tag: verdictTag(f, x.Verdict), Who: f.T("desk.by", "Name", x.Name, "At", ui.ShortMoment(x.At)), Note: x.Note})
		}
	}
	return page
}

// findingFields are the fields beside which a refusal stands.
var findingFields = map[*fault.Reason]string{indemnity.ErrFindingVoid: "verdetto", indemnity.ErrFindingNote: "nota", indemnity.ErrNoteLong: "nota"}

// welfareFind keeps what an officer found on a check, and leads to the next that wants an
// answer. Where the case has moved since they saw it nothing is kept: they read what was
// found, with what they typed still there.
func (p *Portal) welfareFind(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, defectsField)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, k, err := p.openedCheck(r)
	if err == nil {
		err = actor(r).Must(identity.Welfare, identity.Prepare)
	}
	if err != nil {
		return err
	}
	if bad.field != "" {
		return p.showCheck(w, r, http.StatusUnprocessableEntity, o, k, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}}, nil)
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	if fields.Get("passo") == fillStep {
		return p.showCheck(w, r, http.StatusOK, o, k, fields, nil, nil)
	}
	found, wrong := readFound(o, k.Check, fields)
	found.Defects = readDefects(o, k.Check, fields)
	if len(wrong) > 0 {
		return p.showCheck(w, r, http.StatusUnprocessableEntity, o, k, fields, wrong, nil)
	}
	sent, err := sending(r, "indemnity.find", fields)
	if err != nil {
		return err
	}
	err = p.CaseDesk.Find(r.Context(), actor(r), sent, o.ID, version, indemnity.Finding{Check: k.Check, Verdict: indemnity.CheckVerdict(fields.Get("verdetto")), Found: found, Note: fields.Get("nota")})
	reason, moved := fault.As(err), indemnity.MovedError{}
	switch {
	case errors.As(err, &moved), errors.Is(err, indemnity.ErrClaimed):
		return p.showCheck(w, r, http.StatusConflict, o, k, fields, nil, movedLines(moved.Since, reason))
	case reason != nil && findingFields[reason] != "":
		why := words(ui.Frame{}, reason)
		if reason == indemnity.ErrFindingNote && fields.Get("verdetto") == string(indemnity.NotMet) {
			why = ui.Frame{}.T("desk.finding.why_not")
		}
		return p.showCheck(w, r, http.StatusUnprocessableEntity, o, k, fields, []ui.FieldError{{Field: findingFields[reason], Text: why}}, nil)
	case err != nil:
		return err
	}
	var f ui.Frame
	return p.done(w, r, nextCheck(o, k.Check), f.T("desk.saved"), f.T("desk.saved.text", "Name", checkName(f, k.Check)))
}

// movedLines say what was found on a case since its reader saw it, or else why nothing
// was kept.
func movedLines(since []indemnity.Finding, reason *fault.Reason) (all []string) {
	var f ui.Frame
	for _, x := range since {
		all = append(all, f.T("desk.moved.finding", "Check", checkName(f, x.Check), "Verdict", verdictTag(f, x.Verdict).Text, "Name", x.Name, "At", ui.OnMoment(x.At)))
	}
	if len(all) == 0 {
		all = []string{words(f, reason)}
	}
	return all
}

// nextCheck is where the next check is that wants an answer and waits for no papers, after
// one that has it now; the case itself once none does.
func nextCheck(o indemnity.Opened, done indemnity.Check) string {
	at := slices.IndexFunc(o.Checklist, func(k indemnity.Checked) bool { return k.Check == done })
	for _, k := range append(slices.Clone(o.Checklist[at+1:]), o.Checklist[:at]...) {
		if k.Verdict() == indemnity.ToCheck && !k.Awaited {
			return checkPath(o.ID, k.Check)
		}
	}
	return welfareCasePath(o.ID)
}
