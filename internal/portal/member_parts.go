package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

// memberStep is a part of a draft, asked for or sent.
type memberStep struct {
	part     indemnity.Part
	draft    indemnity.Draft
	standing indemnity.Standing
	status   int
	fields   url.Values      // as they were typed; nil where nothing was
	flaws    []ui.FieldError // what is wrong with them
	moved    bool            // another page saved first
}

// memberPages shows each part, and memberFills reads it into the answers.
func (p *Portal) memberPages(part indemnity.Part) func(http.ResponseWriter, *http.Request, memberStep) error {
	return map[indemnity.Part]func(http.ResponseWriter, *http.Request, memberStep) error{
		indemnity.PartCause: p.showCause, indemnity.PartPeriod: p.showPeriod, indemnity.PartActivity: p.showActivity, indemnity.PartCover: p.showCover,
		indemnity.PartISEE: p.showISEE, indemnity.PartContacts: p.showMemberContacts, indemnity.PartDeclarations: p.showStatements, indemnity.PartIdentity: p.showIdentity,
	}[part]
}

func (p *Portal) memberFill(s memberStep, a *indemnity.Answers) []ui.FieldError {
	switch s.part {
	case indemnity.PartCause:
		return fillCause(s.fields, a)
	case indemnity.PartPeriod:
		return fillPeriod(s.fields, a)
	case indemnity.PartActivity:
		return fillAnswer(s.fields, "esclusiva", "member.activity.missing", &a.Exclusive)
	case indemnity.PartCover:
		a.CoveredBy = ""
		if wrong := fillAnswer(s.fields, "copertura", "member.cover.missing", &a.Covered); wrong != nil {
			return wrong
		}
		return fillCover(s.fields, a)
	case indemnity.PartISEE:
		return fillISEE(s.fields, a, calendar.On(p.Now()))
	case indemnity.PartContacts:
		return fillMemberContacts(s.fields, a)
	case indemnity.PartIdentity:
		return fillIdentity(s.fields, a, calendar.On(p.Now()))
	}
	return p.fillStatements(s, a)
}

// memberPart shows a part of a draft.
func (p *Portal) memberPart(part indemnity.Part) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		d, standing, gone, err := p.memberDraft(w, r)
		if gone || err != nil {
			return err
		}
		return p.memberPages(part)(w, r, memberStep{part: part, draft: d, standing: standing, status: http.StatusOK})
	})
}

// memberPartSent saves a part of a draft. What cannot be taken is shown again as it was
// typed, with what is wrong beside it; so is what another page was quicker with.
func (p *Portal) memberPartSent(part indemnity.Part) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		d, standing, gone, err := p.memberDraft(w, r)
		if gone || err != nil {
			return err
		}
		s := memberStep{part: part, draft: d, standing: standing, status: http.StatusUnprocessableEntity}
		fields, err := form(r)
		var text textError
		if err != nil && !errors.As(err, &text) {
			return err
		}
		s.fields = fields
		if err != nil {
			s.flaws = []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}}
			return p.memberPages(part)(w, r, s)
		}
		if part == indemnity.PartCause && fields.Get("tipo") == birthCause {
			return p.showStart(w, r, http.StatusOK, url.Values{"tipo": {birthCause}}, nil,
				p.memberVerdict(p.memberFrame(r, "member.start.title"), indemnity.Prospect{Verdict: indemnity.VerdictBirth}, indemnity.Questions{}, nil))
		}
		answers := d.Answers
		if s.flaws = p.memberFill(s, &answers); len(s.flaws) > 0 {
			return p.memberPages(part)(w, r, s)
		}
		return p.memberSave(w, r, s, answers)
	})
}

// memberSave keeps the answers, and goes on.
func (p *Portal) memberSave(w http.ResponseWriter, r *http.Request, s memberStep, a indemnity.Answers) error {
	again, err := p.memberKeep(r, &s, a)
	switch {
	case err != nil:
		return err
	case again:
		return p.memberPages(s.part)(w, r, s)
	case s.fields.Get("poi") == "esci":
		f := ui.Frame{}
		return p.done(w, r, indemnityPath, f.T("member.saved"), f.T("member.saved.text"))
	}
	return goTo(w, r, s.after(a, calendar.On(p.Now())), nil)
}

// memberKeep saves the answers of a draft; again tells that the page is to be shown once
// more, with what is wrong.
func (p *Portal) memberKeep(r *http.Request, s *memberStep, a indemnity.Answers) (again bool, err error) {
	sent, err := sending(r, "indemnity.fill", s.fields)
	if err != nil {
		return false, err
	}
	version, err := strconv.ParseInt(s.fields.Get("versione"), 10, 64)
	if err != nil {
		return false, errUnreadable
	}
	err = p.Drafts.Fill(r.Context(), actor(r), sent, s.draft.ID, version, a)
	switch flaws := dayFlaws(err); {
	case err == nil:
		return false, nil
	case errors.Is(err, indemnity.ErrDraftMoved):
		s.status, s.moved = http.StatusConflict, true
		s.draft, err = p.Drafts.Draft(r.Context(), actor(r), s.draft.ID)
		return true, err
	case flaws != nil:
		s.status, s.flaws = http.StatusUnprocessableEntity, flaws
		return true, nil
	}
	return false, err
}

// after is where one goes from a part that was saved: to the next that is to be done, or
// to the task list.
func (s memberStep) after(a indemnity.Answers, today calendar.Date) string {
	d := s.draft
	d.Answers = a
	switch {
	case s.part == indemnity.PartISEE && a.ISEE == indemnity.Yes && !slices.ContainsFunc(d.Papers, func(p indemnity.Paper) bool { return p.Kind == indemnity.ISEEStatement }):
		return partPath(d.ID, s.part) + "/file"
	case s.part == indemnity.PartCause && a.Cause == indemnity.Cycles:
		return partPath(d.ID, indemnity.PartPeriod)
	}
	states := d.Parts(&s.standing.Call.Rules, today)
	at := slices.Index(indemnity.Parts, s.part)
	for _, part := range indemnity.Parts[at+1:] {
		if state := states[part]; part != indemnity.PartReview && state != indemnity.PartDone {
			return partPath(d.ID, part)
		}
	}
	if states[indemnity.PartReview] == indemnity.PartToDo && s.standing.When == indemnity.WhenOpen {
		return partPath(d.ID, indemnity.PartReview) // all is done: it can be looked at, and sent
	}
	return tasksPath(d.ID)
}

// partPage is what the pages of a part have in common.
func (p *Portal) partPage(r *http.Request, s memberStep) member.Part {
	f := p.memberFrame(r, "member.title."+string(s.part))
	at := slices.Index(indemnity.Parts, s.part) + 1
	f.HeadTitle = f.T("member.part.head", "Part", at)
	f.Caption = f.T("member.part.caption", "Part", at, "Total", len(indemnity.Parts))
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title"), URL: tasksPath(s.draft.ID)}, ui.Crumb{Text: f.T("member.part." + string(s.part))})
	f.Back = &ui.Link{Text: f.T("member.part.back"), URL: tasksPath(s.draft.ID)}
	f.Errors = s.flaws
	page := member.Part{Frame: f, Form: ui.FormProps{Action: partPath(s.draft.ID, s.part), Key: once.NewKey(), Version: strconv.FormatInt(s.draft.Version, 10)}}
	if s.moved {
		page.Notes = append(page.Notes, member.Note{Tone: ui.Action, Title: f.T("error.409.title"), Text: []string{words(f, indemnity.ErrDraftMoved)},
			Links: []ui.Link{{Text: f.T("member.moved.see"), URL: tasksPath(s.draft.ID)}}})
	}
	if s.standing.When == indemnity.WhenLate {
		_, notes := memberTerm(f, s.standing, calendar.On(p.Now()))
		switch {
		case s.part != indemnity.PartPeriod:
		case s.draft.Answers.Cause == indemnity.Cycles:
			notes[0].Text[1] = f.T("member.term.late.mend.stops")
		default:
			notes[0].Text[1] = f.T("member.term.late.mend.here")
		}
		page.Notes = append(page.Notes, notes...)
	}
	return page
}

// typed is the value of a field: as it was typed, or what the draft has.
func (s memberStep) typed(name, kept string) string {
	if s.fields != nil {
		return s.fields.Get(name)
	}
	return kept
}

// day is the field of a day: as it was typed, or what the draft has.
func (s memberStep) day(f ui.Frame, name, legend string, kept calendar.Date) ui.DateFieldProps {
	fields := s.fields
	if fields == nil {
		fields = dayValues(name, kept)
	}
	return askedDay(f, fields, name, legend)
}

// dayValues is a day as a form carries it.
func dayValues(name string, d calendar.Date) url.Values {
	if d.IsZero() {
		return url.Values{}
	}
	day, month, year := ui.DateNames(name)
	return url.Values{day: {strconv.Itoa(d.Day)}, month: {strconv.Itoa(int(d.Month))}, year: {strconv.Itoa(d.Year)}}
}

// showCause asks what stopped the work (M-04).
func (p *Portal) showCause(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page := member.ChoicePage{Part: p.partPage(r, s)}
	page.Lead = page.T("member.cause.lead")
	page.Choice = causeChoice(page.Frame, s.typed("tipo", string(s.draft.Answers.Cause)), false)
	return p.showAs(w, r, s.status, member.Choice(page))
}

func fillCause(fields url.Values, a *indemnity.Answers) []ui.FieldError {
	cause := indemnity.Cause(fields.Get("tipo"))
	if !slices.Contains(indemnity.Causes, cause) {
		return []ui.FieldError{{Field: "tipo", Text: words(ui.Frame{}, indemnity.ErrCauseMissing)}}
	}
	if a.Cause = cause; cause != indemnity.Interrupted {
		a.InterruptedOn = calendar.Date{}
	} else {
		a.BirthOn = calendar.Date{}
	}
	if cause != indemnity.Cycles {
		a.First, a.Last = a.Period().From, a.Period().To
		a.Stops, a.MultiYear = nil, false
	}
	return nil
}

// showActivity asks whether they were self-employed only (M-08).
func (p *Portal) showActivity(w http.ResponseWriter, r *http.Request, s memberStep) error {
	page := member.ChoicePage{Part: p.partPage(r, s)}
	points := s.standing.Call.Rules.ExclusivityPoints
	page.Lead = page.T("member.activity.points", "Yes", points.Is.Exclusive, "No", points.Is.Other, "Article", points.Article)
	page.Choice = ui.ChoiceProps{Name: "esclusiva", Legend: page.T("member.activity.legend"), Hint: page.T("member.activity.hint"),
		Chosen: []string{s.typed("esclusiva", chosen(s.draft.Answers.Exclusive))}, Options: yesNoOptions(page.Frame)}
	return p.showAs(w, r, s.status, member.Choice(page))
}

func yesNoOptions(f ui.Frame) []ui.Option {
	return []ui.Option{{Value: "si", Label: f.T("member.yes")}, {Value: "no", Label: f.T("member.no")}}
}

// fillAnswer reads yes or no.
func fillAnswer(fields url.Values, name, missing string, into *indemnity.Answer) []ui.FieldError {
	if *into = yesOrNo(fields.Get(name)); *into == "" {
		return []ui.FieldError{{Field: name, Text: ui.Frame{}.T(missing)}}
	}
	return nil
}
