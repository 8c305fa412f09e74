package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/indemnity"
	"portal/web/member"
	"portal/web/ui"
)

// showPeriod asks for the days of the event (M-05): its first and its last one, or the
// list of the stops of a cycle.
func (p *Portal) showPeriod(w http.ResponseWriter, r *http.Request, s memberStep) error {
	known, err := p.Drafts.Known(r.Context(), actor(r))
	if err != nil {
		return err
	}
	a, base := s.draft.Answers, p.partPage(r, s)
	f := base.Frame
	base.Notes = append(base.Notes, silentOnly(f, known, partPath(s.draft.ID, s.part))...)
	estimate := p.memberDays(f, s.draft, s.standing, known)
	var birth *ui.DateFieldProps
	if a.Cause != indemnity.Interrupted {
		rules := &s.standing.Call.Rules
		field := s.day(f, "nascita", "member.period.birth", a.BirthOn)
		field.Optional, field.Hint = true, f.T("member.period.birth.hint", "Before", rules.MaternityBefore.Is, "After", rules.MaternityAfter.Is)
		birth = &field
	}
	if a.Cause == indemnity.Cycles {
		return p.showAs(w, r, s.status, member.Stops(stopsPage(base, s, birth, estimate)))
	}
	page := member.PeriodPage{Part: base, Birth: birth, Estimate: estimate,
		First: s.day(f, "primo", "member.period.first", a.First), Last: s.day(f, "ultimo", "member.period.last", a.Last)}
	page.Lead = f.T("member.period.lead")
	page.Last.Optional, page.Last.Hint = true, f.T("member.period.last.hint")
	if a.Cause == indemnity.Interrupted {
		on := s.day(f, "interruzione", "member.period.interrupted", a.InterruptedOn)
		page.Interrupted = &on
	}
	return p.showAs(w, r, s.status, member.Period(page))
}

// silentOnly is what regularity says of registers that do not answer: what is owed is
// said elsewhere.
func silentOnly(f ui.Frame, k indemnity.Known, retry string) []member.Note {
	k.Position = indemnity.Position{}
	return regularity(f, k, nil, retry)
}

func stopsPage(base member.Part, s memberStep, birth *ui.DateFieldProps, estimate *member.Estimate) member.StopsPage {
	f, a := base.Frame, s.draft.Answers
	page := member.StopsPage{Part: base, Caption: f.T("member.stops.caption"), Birth: birth, Estimate: estimate,
		Add: ui.Link{Text: f.T("member.stops.add"), URL: partPath(s.draft.ID, s.part) + "/aggiungi"}}
	page.Lead = f.T("member.stops.lead", "Least", s.standing.Call.Rules.Readings.CycleMinDays.Is)
	for i, stop := range a.Stops {
		page.Stops = append(page.Stops, member.StopRow{From: ui.ShortDay(stop.From), To: ui.ShortDay(stop.To), Days: strconv.Itoa(stop.Days()),
			Change: ui.Link{Text: f.T("member.stops.change"), URL: partPath(s.draft.ID, s.part) + "/" + strconv.Itoa(i+1)}})
	}
	kept := indemnity.No
	if a.MultiYear {
		kept = indemnity.Yes
	}
	page.MultiYear = ui.ChoiceProps{Name: "pluriennale", Legend: f.T("member.stops.multi_year"), Hint: f.T("member.stops.multi_year.hint"),
		Chosen: []string{s.typed("pluriennale", chosen(kept))}, Options: yesNoOptions(f)}
	return page
}

// fillPeriod reads the days. Those of a cycle have pages of their own.
func fillPeriod(fields url.Values, a *indemnity.Answers) (wrong []ui.FieldError) {
	var f ui.Frame
	a.BirthOn, wrong = readDay(f, fields, "nascita", wrong)
	if a.Cause == indemnity.Cycles {
		a.MultiYear = fields.Get("pluriennale") == "si"
		return wrong
	}
	a.First, wrong = readDay(f, fields, "primo", wrong)
	a.Last, wrong = readDay(f, fields, "ultimo", wrong)
	a.InterruptedOn, wrong = readDay(f, fields, "interruzione", wrong)
	if len(wrong) == 0 && a.First.IsZero() {
		wrong = append(wrong, ui.FieldError{Field: "primo", Text: words(f, indemnity.ErrFirstMissing)})
	}
	return wrong
}

// memberStopAsk asks for one stop of a cycle: a new one, or one that is in the list.
func (p *Portal) memberStopAsk(w http.ResponseWriter, r *http.Request) error {
	s, at, gone, err := p.memberStopOf(w, r)
	if gone || err != nil {
		return err
	}
	return p.showStop(w, r, s, at)
}

// memberStopOf is the draft in the address and the stop, from 0; -1 for a new one.
func (p *Portal) memberStopOf(w http.ResponseWriter, r *http.Request) (s memberStep, at int, gone bool, err error) {
	s = memberStep{part: indemnity.PartPeriod, status: http.StatusOK}
	if s.draft, s.standing, gone, err = p.memberDraft(w, r); gone || err != nil {
		return s, 0, gone, err
	}
	if s.draft.Answers.Cause != indemnity.Cycles {
		return s, 0, true, goTo(w, r, partPath(s.draft.ID, s.part), nil)
	}
	name := chi.URLParam(r, "stop")
	if name == "aggiungi" {
		return s, -1, false, nil
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(s.draft.Answers.Stops) || strconv.Itoa(n) != name {
		return s, 0, false, fault.ErrNotFound
	}
	return s, n - 1, false, nil
}

func (p *Portal) showStop(w http.ResponseWriter, r *http.Request, s memberStep, at int) error {
	page := member.StopPage{Part: p.partPage(r, s)}
	f, list := page.Frame, partPath(s.draft.ID, s.part)
	key, kept, name := "member.stops.new", calendar.Period{}, "aggiungi"
	if at >= 0 {
		key, kept, name = "member.stops.one", s.draft.Answers.Stops[at], strconv.Itoa(at+1)
	}
	page.Title, page.Back = f.T(key), &ui.Link{Text: f.T("member.stops.back"), URL: list}
	page.Path[len(page.Path)-1].URL = list
	page.Path = append(page.Path, ui.Crumb{Text: page.Title})
	page.Lead, page.Form.Action = f.T("member.stops.new.lead"), list+"/"+name
	page.From, page.To = s.day(f, "primo", "member.stops.first", kept.From), s.day(f, "ultimo", "member.stops.last", kept.To)
	page.To.Optional, page.To.Hint = true, f.T("member.stops.last.hint")
	page.Submit, page.Remove = f.T("member.stops.save"), at >= 0
	page.Cancel = ui.Link{Text: f.T("member.stops.cancel"), URL: list}
	return p.showAs(w, r, s.status, member.Stop(page))
}

// memberStop keeps a stop of a cycle, or takes it away.
func (p *Portal) memberStop(w http.ResponseWriter, r *http.Request) error {
	s, at, gone, err := p.memberStopOf(w, r)
	if gone || err != nil {
		return err
	}
	fields, err := form(r)
	var text textError
	if err != nil && !errors.As(err, &text) {
		return err
	}
	s.fields, s.status = fields, http.StatusUnprocessableEntity
	if err != nil {
		s.flaws = []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}}
		return p.showStop(w, r, s, at)
	}
	var a indemnity.Answers
	if fields.Has("togli") && at >= 0 {
		a = s.draft.Answers.WithoutStop(at)
	} else {
		var stop calendar.Period
		if stop, s.flaws = readStop(fields); len(s.flaws) > 0 {
			return p.showStop(w, r, s, at)
		}
		a = s.draft.Answers.WithStop(at, stop)
	}
	again, err := p.memberKeep(r, &s, a)
	if err != nil {
		return err
	}
	if again {
		if at >= len(s.draft.Answers.Stops) {
			at = -1 // another page took it away
		}
		return p.showStop(w, r, s, at)
	}
	return goTo(w, r, partPath(s.draft.ID, s.part), nil)
}

// readStop reads a stop: a period, or one day where the last is not given.
func readStop(fields url.Values) (stop calendar.Period, wrong []ui.FieldError) {
	var f ui.Frame
	stop.From, wrong = readDay(f, fields, "primo", wrong)
	stop.To, wrong = readDay(f, fields, "ultimo", wrong)
	if len(wrong) > 0 {
		return stop, wrong
	}
	if stop.From.IsZero() {
		return stop, []ui.FieldError{{Field: "primo", Text: words(f, indemnity.ErrFirstMissing)}}
	}
	if stop.To.IsZero() {
		stop.To = stop.From
	}
	if stop.To.Before(stop.From) {
		return stop, []ui.FieldError{{Field: "ultimo", Text: words(f, indemnity.ErrDaysReversed)}}
	}
	return stop, nil
}
