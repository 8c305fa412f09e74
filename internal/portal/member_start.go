package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// birthCause is the answer that is no cause of a draft: a pregnancy at risk that ended
// in a birth.
const birthCause = "birth"

// memberStartAsk asks the questions before a draft (M-02).
func (p *Portal) memberStartAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showStart(w, r, http.StatusOK, url.Values{}, nil, nil)
}

// memberStart answers them. Nothing is kept yet.
func (p *Portal) memberStart(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var text textError
	if err != nil && !errors.As(err, &text) {
		return err
	}
	q, flaws := p.questions(fields)
	if err != nil {
		flaws = append(flaws, ui.FieldError{Field: text.field, Text: words(ui.Frame{}, errText)})
	}
	if len(flaws) > 0 {
		return p.showStart(w, r, http.StatusUnprocessableEntity, fields, flaws, nil)
	}
	o, err := p.Drafts.Judge(r.Context(), actor(r), q)
	if flaws := dayFlaws(err); flaws != nil {
		return p.showStart(w, r, http.StatusUnprocessableEntity, fields, flaws, nil)
	}
	if err != nil {
		return err
	}
	return p.showStart(w, r, http.StatusOK, fields, nil, p.memberVerdict(p.memberFrame(r, "member.start.title"), o, q, fields))
}

// memberBeginAsk is where the questions are: a draft is made by their form.
func (p *Portal) memberBeginAsk(w http.ResponseWriter, r *http.Request) error {
	return goTo(w, r, startPath, nil)
}

// memberBegin makes a draft of the answers, and goes on to its task list.
func (p *Portal) memberBegin(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	q, flaws := p.questions(fields)
	if len(flaws) > 0 || q.Birth {
		return p.showStart(w, r, http.StatusUnprocessableEntity, fields, flaws, nil)
	}
	sent, err := sending(r, "indemnity.begin", fields)
	if err != nil {
		return err
	}
	id, err := p.Drafts.Begin(r.Context(), actor(r), sent, q.Answers)
	if flaws := dayFlaws(err); flaws != nil {
		return p.showStart(w, r, http.StatusUnprocessableEntity, fields, flaws, nil)
	}
	if err != nil {
		return err
	}
	return goTo(w, r, tasksPath(id), nil)
}

// questions reads the four answers, and what is wrong with them.
func (p *Portal) questions(fields url.Values) (q indemnity.Questions, wrong []ui.FieldError) {
	var f ui.Frame
	q.Over = yesOrNo(fields.Get("finito"))
	switch cause := fields.Get("tipo"); {
	case cause == birthCause:
		q.Birth = true
	case slices.Contains(indemnity.Causes, indemnity.Cause(cause)):
		q.Cause = indemnity.Cause(cause)
	}
	q.First, wrong = readDay(f, fields, "primo", wrong)
	q.Last, wrong = readDay(f, fields, "ultimo", wrong)
	if wrong = withMissing(wrong, q.Missing(), dayFields); len(wrong) > 0 {
		return q, wrong
	}
	if err := q.Flaw(calendar.On(p.Now())); err != nil {
		wrong = append(wrong, ui.FieldError{Field: dayFields[fault.As(err)], Text: dayWords(f, err)})
	}
	return q, wrong
}

// readDay reads a day, and adds what is wrong with it to what was wrong before.
func readDay(f ui.Frame, fields url.Values, name string, wrong []ui.FieldError) (calendar.Date, []ui.FieldError) {
	d, err := dateField(fields, name)
	if err != nil {
		wrong = append(wrong, ui.FieldError{Field: name, Text: words(f, fault.As(err))})
	}
	return d, wrong
}

// withMissing adds to what is wrong with a form the fields that were left empty, in the
// order in which its page asks for them.
func withMissing(wrong []ui.FieldError, missing []*fault.Reason, fields map[*fault.Reason]string) []ui.FieldError {
	for _, reason := range missing {
		field := fields[reason]
		if !slices.ContainsFunc(wrong, func(e ui.FieldError) bool { return e.Field == field }) {
			wrong = append(wrong, ui.FieldError{Field: field, Text: words(ui.Frame{}, reason)})
		}
	}
	order := []string{"tipo", "finito", "data", "primo", "ultimo"}
	slices.SortStableFunc(wrong, func(a, b ui.FieldError) int { return slices.Index(order, a.Field) - slices.Index(order, b.Field) })
	return wrong
}

// dayFields are the fields that the reasons about days belong to, on every page that
// asks for them.
var dayFields = map[*fault.Reason]string{
	indemnity.ErrCauseMissing: "tipo", indemnity.ErrOverMissing: "finito", indemnity.ErrFirstMissing: "primo", indemnity.ErrLastMissing: "ultimo",
	indemnity.ErrNotOver: "ultimo", indemnity.ErrDaysReversed: "ultimo", indemnity.ErrFirstToCome: "primo", indemnity.ErrStopsOverlap: "primo",
	indemnity.ErrInterruptedOut: "interruzione", indemnity.ErrBirthToCome: "nascita", indemnity.ErrBeforeEnrolment: "primo", indemnity.ErrDaysTaken: "primo",
}

// dayFlaws is what an error says of the days of a form, nil where it is about
// something else.
func dayFlaws(err error) []ui.FieldError {
	if field := dayFields[fault.As(err)]; field != "" {
		return []ui.FieldError{{Field: field, Text: dayWords(ui.Frame{}, err)}}
	}
	return nil
}

// dayWords is what is wrong with days, with the application that has them already.
func dayWords(f ui.Frame, err error) string {
	var taken indemnity.TakenError
	errors.As(err, &taken)
	return words(f, fault.As(err), "Protocol", taken.Protocol)
}

func yesOrNo(text string) indemnity.Answer {
	switch text {
	case "si":
		return indemnity.Yes
	case "no":
		return indemnity.No
	}
	return ""
}

// chosen is an answer as a form carries it.
func chosen(a indemnity.Answer) string {
	return map[indemnity.Answer]string{indemnity.Yes: "si", indemnity.No: "no"}[a]
}

func (p *Portal) showStart(w http.ResponseWriter, r *http.Request, status int, fields url.Values, flaws []ui.FieldError, v *member.Verdict) error {
	f := p.memberFrame(r, "member.start.title")
	f.Path, f.Errors = append(f.Path, ui.Crumb{Text: f.T("member.new")}), flaws
	page := member.StartPage{Frame: f, Verdict: v, Form: ui.FormProps{Action: startPath}, Submit: f.T("member.start.submit"),
		Cause: causeChoice(f, fields.Get("tipo"), true),
		Over: ui.ChoiceProps{Name: "finito", Legend: f.T("member.start.over"), Chosen: fields["finito"], Options: []ui.Option{
			{Value: "si", Label: f.T("member.yes")}, {Value: "no", Label: f.T("member.start.over.no"), Hint: f.T("member.start.over.hint")}}},
		First: askedDay(f, fields, "primo", "member.period.first"), Last: askedDay(f, fields, "ultimo", "member.period.last"),
	}
	page.Last.Optional, page.Last.Hint = true, f.T("member.period.last.hint")
	if v != nil {
		page.Submit = f.T("member.start.resubmit")
	}
	return p.showAs(w, r, status, member.Start(page))
}

// causeChoice asks what stopped the work. With birth it offers also what is no cause of
// a draft.
func causeChoice(f ui.Frame, chosen string, birth bool) ui.ChoiceProps {
	c := ui.ChoiceProps{Name: "tipo", Legend: f.T("member.cause.legend"), Chosen: []string{chosen}}
	for _, cause := range indemnity.Causes {
		o := ui.Option{Value: string(cause), Label: f.T("member.cause." + string(cause))}
		if cause == indemnity.Interrupted && !birth {
			o.Hint = f.T("member.cause.interrupted.hint")
		}
		c.Options = append(c.Options, o)
	}
	c.Options = append(c.Options, ui.Option{Value: birthCause, Label: f.T("member.cause.birth")})
	return c
}

// askedDay is the field of a day as it was typed.
func askedDay(f ui.Frame, fields url.Values, name, legend string) ui.DateFieldProps {
	day, month, year := ui.DateNames(name)
	return ui.DateFieldProps{Name: name, Legend: f.T(legend), Hint: f.T("member.period.hint"),
		Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)}
}

// memberVerdict says what the answers come to.
func (p *Portal) memberVerdict(f ui.Frame, o indemnity.Prospect, q indemnity.Questions, fields url.Values) *member.Verdict {
	s, rules := o.Standing, &o.Standing.Call.Rules
	v := &member.Verdict{Tone: ui.Action, Title: f.T("member.verdict."+string(o.Verdict), "On", ui.OnDay(s.Last()))}
	say := func(key string, args ...any) { v.Text = append(v.Text, f.T(key, args...)) }
	link := func(key, url string) { v.Links = append(v.Links, ui.Link{Text: f.T(key), URL: url}) }
	switch o.Verdict {
	case indemnity.VerdictGo, indemnity.VerdictNotYet:
		return p.verdictBegins(f, v, o, q, fields)
	case indemnity.VerdictNoCall:
		say("reason.indemnity.no_call")
		link("member.verdict.calls", "/indennita-malattia-infortunio/bandi")
	case indemnity.VerdictBirth:
		say("member.verdict.birth.text")
		link("member.verdict.birth.link", "https://www.enpap.it")
	case indemnity.VerdictNotMember:
		say("member.out.text")
		say("member.verdict.not_member.text")
	case indemnity.VerdictEnrolment:
		say("member.verdict.enrolment.text", "On", ui.OnDay(o.Known.Member.AppliedOn))
	case indemnity.VerdictShort:
		say("member.verdict.too_short.text", "Count", o.Days, "Least", rules.LeastDays.Is, "Article", rules.LeastDays.Article)
		say("member.verdict.too_short.cycles", "Cycle", rules.Readings.CycleMinDays.Is)
	case indemnity.VerdictLate:
		say("member.verdict.too_late.text", "Days", rules.SubmissionDays.Is, "Article", rules.SubmissionDays.Article)
		say("member.verdict.too_late.after")
		link("member.verdict.calls", "/indennita-malattia-infortunio/bandi")
	}
	link("error.help", "/assistenza")
	return v
}

// verdictBegins is a verdict that leaves room for a draft.
func (p *Portal) verdictBegins(f ui.Frame, v *member.Verdict, o indemnity.Prospect, q indemnity.Questions, fields url.Values) *member.Verdict {
	s, rules := o.Standing, &o.Standing.Call.Rules
	say := func(key string, args ...any) { v.Text = append(v.Text, f.T(key, args...)) }
	if o.Verdict == indemnity.VerdictGo {
		v.Tone = ui.Success
		key := "member.verdict.go.text"
		if !s.Own {
			key = "member.verdict.go.no_call"
		}
		say(key, "Count", o.Days, "Month", ui.Month(s.End))
		say("member.verdict.go.term", "End", ui.DayEnd(s.Last()))
	} else {
		v.Tone = ui.Working
		if s.End.IsZero() {
			say("member.verdict.not_yet.unknown", "Days", rules.SubmissionDays.Is)
		} else {
			say("member.term.early", "From", ui.FromDay(s.From), "Until", ui.UntilDay(s.Last()))
		}
		say("member.verdict.not_yet.draft")
	}
	if q.Cause == indemnity.Interrupted {
		v.Tone = ui.Working
		v.Text = append([]string{f.T("member.cause.interrupted.hint")}, v.Text...)
	}
	v.Notes = regularity(f, o.Known, rules, "")
	if q.Cause != indemnity.Interrupted {
		v.Notes = append(v.Notes, member.Note{Tone: ui.Working, Text: []string{f.T("member.verdict.maternity",
			"Before", rules.MaternityBefore.Is, "After", rules.MaternityAfter.Is, "Article", rules.MaternityBefore.Article)}})
	}
	v.Have = []string{f.T("member.verdict.have.identity"), f.T("member.verdict.have." + string(q.Cause.Kind())), f.T("member.verdict.have.isee"), f.T("member.verdict.have.iban")}
	v.Time = f.T("member.verdict.time")
	v.Begin, v.Submit = &ui.FormProps{Action: startPath + "/inizia", Key: once.NewKey()}, f.T("member.begin")
	for _, name := range startFields {
		v.Hidden = append(v.Hidden, member.Hidden{Name: name, Value: fields.Get(name)})
	}
	return v
}

// startFields are the form values of the four answers.
var startFields = func() []string {
	names := []string{"tipo", "finito"}
	for _, name := range []string{"primo", "ultimo"} {
		day, month, year := ui.DateNames(name)
		names = append(names, day, month, year)
	}
	return names
}()
