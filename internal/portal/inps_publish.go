package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/notify"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

func runPath(id voucher.RunID) string         { return "/gestione/inps/simulazioni/" + string(id) }
func publicationPath(id voucher.RunID) string { return "/gestione/inps/pubblicazioni/" + string(id) }

// runHere is the run of the address, with its edition as it was made by.
func (p *Portal) runHere(r *http.Request) (run voucher.Run, e voucher.Edition, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return run, e, err
	}
	if run, err = p.Rankings.Run(r.Context(), voucher.RunID(id)); err != nil {
		return run, e, err
	}
	e, err = p.Rankings.Released(r.Context(), run.Edition, run.Version)
	return run, e, err
}

// inpsPublishAsk is I-11: first when, then whether.
func (p *Portal) inpsPublishAsk(w http.ResponseWriter, r *http.Request) error {
	run, e, err := p.runHere(r)
	if err != nil {
		return err
	}
	if err := run.MayPublish(actor(r)); err != nil {
		return p.runRefused(w, r, run, e, err)
	}
	ready, err := p.Rankings.Readiness(r.Context(), run, calendar.On(p.Now()))
	if err != nil {
		return err
	}
	if err := run.Ready(ready, p.Now()); err != nil {
		return p.runRefused(w, r, run, e, err)
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	if q.Get("quando") == "" {
		return p.askWhen(w, r, http.StatusOK, run, e, q, nil)
	}
	var f ui.Frame
	when, wrong := p.publishAt(f, q)
	if wrong != nil {
		return p.askWhen(w, r, http.StatusUnprocessableEntity, run, e, q, wrong)
	}
	f = p.inpsFrame(r, f.T("inps.publish.question", "Edition", editionName(e)), rankingCrumbs(f, run)...)
	f.Back = &ui.Link{Text: f.T("inps.publish.back.when"), URL: runPath(run.ID) + "/pubblica"}
	page := p.publishPage(f, run, e, when, ready.GivenUp)
	if run.Reallocates {
		all, err := p.enteringAll(r, run)
		if err != nil {
			return err
		}
		page.Ask.Consequences[0] = f.T("reallocation.publish.text", "When", p.publishedWhen(f, when),
			"New", f.T("reallocation.publish.new", "Count", all.New, "Number", grouped(all.New)),
			"Completed", f.T("reallocation.publish.completed", "Count", all.Completed, "Number", grouped(all.Completed)))
		page.Ask.Consequences = append(page.Ask.Consequences, f.T("reallocation.publish.terms"))
	}
	return p.show(w, r, inps.Publish(page))
}

// publishedWhen is "Appena confermi", or "Alle 09:00 del 5 dicembre 2026".
func (p *Portal) publishedWhen(f ui.Frame, at time.Time) string {
	if at.IsZero() {
		return f.T("inps.publish.now")
	}
	clock := ui.AtClock(at) // "alle 09:00", "all’una"
	return f.T("inps.publish.at", "Clock", strings.ToUpper(clock[:1])+clock[1:], "Day", ui.OfDay(calendar.On(at)))
}

// publishPage says what a publication at an instant, the zero one for at once, will
// do. So many applications of it were given up meanwhile.
func (p *Portal) publishPage(f ui.Frame, run voucher.Run, e voucher.Edition, at time.Time, givenUp int) inps.PublishPage {
	page := inps.PublishPage{Frame: f}
	when := p.publishedWhen(f, at)
	day := calendar.On(p.Now())
	if !at.IsZero() {
		page.When, day = at.Format(time.RFC3339), calendar.On(at)
	}
	progress := run.Total()
	codes := progress.Awarded + progress.Partial
	if run.Corrects != "" {
		page.Ask.Consequences = []string{f.T("inps.publish.text.correction", "When", when), f.T("inps.publish.final.correction")}
	} else {
		page.Ask.Consequences = []string{f.T("inps.publish.text", "When", when, "Awarded", grouped(codes), "Codes", grouped(codes), "All", grouped(progress.Candidates)),
			f.T("inps.publish.final")}
	}
	if !at.IsZero() {
		page.Ask.Consequences = append(page.Ask.Consequences, f.T("inps.publish.until"))
	}
	if givenUp > 0 {
		page.Ask.Consequences = append(page.Ask.Consequences, f.T("inps.ranking.given_up", "Count", givenUp))
	}
	page.Ask.Form = ui.FormProps{Action: runPath(run.ID) + "/pubblica", Key: once.NewKey()}
	page.Ask.Buttons = ui.ButtonsProps{Submit: f.T("inps.publish.submit"), Cancel: &ui.Link{Text: f.T("inps.publish.back"), URL: runPath(run.ID)}}

	usual := e.Rules.Terms(day, run.Round, "")
	page.Terms = []ui.Entry{{Name: f.T("inps.publish.accepted"), Value: ui.WeekDay(usual.AcceptedOn)},
		{Name: f.T("inps.publish.last_day"), Value: ui.WeekDay(usual.LastDay), Note: f.T("inps.publish.days", "Days", e.Rules.ValidityDays.Is, "Article", e.Rules.ValidityDays.Article)}}
	if !usual.FirstSessionBy.IsZero() {
		page.Terms = append(page.Terms, ui.Entry{Name: f.T("inps.publish.first_session"), Value: ui.WeekDay(usual.FirstSessionBy),
			Note: f.T("inps.publish.days", "Days", e.Rules.FirstSessionDays.Is, "Article", e.Rules.FirstSessionDays.Article)})
	}
	for _, t := range run.Territories {
		if own := e.Rules.Terms(day, run.Round, t.Name); own != usual {
			other := inps.PublishTerms{Territory: typeset(t.Name), LastDay: ui.Day(own.LastDay)}
			if !own.FirstSessionBy.IsZero() {
				other.First = ui.Day(own.FirstSessionBy)
			}
			page.Others = append(page.Others, other)
		}
	}
	letter := notify.Outcome(f.T("inps.publish.protocol"), "", false)
	page.Subject, page.Body, page.Channels = letter.Subject, letter.Body, f.T("inps.publish.channels")
	return page
}

// askWhen is the first step of a publication.
func (p *Portal) askWhen(w http.ResponseWriter, r *http.Request, status int, run voucher.Run, e voucher.Edition, q url.Values, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.publish.title", "Edition", editionName(e)), rankingCrumbs(f, run)...)
	f.Errors = wrong
	f.Back = &ui.Link{Text: f.T("inps.publish.back.run"), URL: runPath(run.ID)}
	total := run.Total()
	awards, amount := total.Awarded+total.Partial, total.AwardedAmount
	if run.Reallocates {
		all, err := p.enteringAll(r, run)
		if err != nil {
			return err
		}
		awards, amount = all.New+all.Completed, all.Amount
	}
	chosen := q.Get("quando")
	if chosen == "" {
		chosen = "subito"
	}
	day, month, year := ui.DateNames("data")
	return p.showAs(w, r, status, inps.PublishWhen(inps.PublishWhenPage{
		Frame: f, Action: runPath(run.ID) + "/pubblica",
		When: ui.ChoiceProps{Name: "quando", Legend: f.T("inps.publish.when"), Chosen: []string{chosen}, Options: []ui.Option{
			{Value: "subito", Label: f.T("inps.publish.when.now")}, {Value: "data", Label: f.T("inps.publish.when.later")}}},
		Day:  ui.DateFieldProps{Name: "data", Legend: f.T("inps.publish.day"), Hint: f.T("inps.publish.day.hint"), Optional: true, Day: q.Get(day), Month: q.Get(month), Year: q.Get(year)},
		Hour: ui.FieldProps{Name: "ora", Label: f.T("inps.publish.hour"), Hint: f.T("inps.publish.hour.hint"), Value: q.Get("ora"), Optional: true},
		Facts: []ui.Entry{
			{Name: f.T("inps.publish.candidates"), Value: grouped(total.Candidates)},
			{Name: f.T("inps.publish.awards"), Value: grouped(awards)},
			{Name: f.T("inps.publish.amount"), Value: amount.String()},
			{Name: f.T("inps.publish.approved"), Value: signature(f, run.Decided)},
		},
		Back: ui.Link{Text: f.T("inps.publish.back"), URL: runPath(run.ID)},
	}))
}

// publishAt reads when to publish: the zero time for at once.
func (p *Portal) publishAt(f ui.Frame, q url.Values) (at time.Time, wrong []ui.FieldError) {
	if q.Get("quando") != "data" {
		return time.Time{}, nil
	}
	day, err := dateField(q, "data")
	if err == nil && day.IsZero() {
		err = errDate
	}
	if err != nil {
		return at, []ui.FieldError{{Field: "data", Text: words(f, fault.As(err))}}
	}
	if at, err = timeField(q.Get("ora"), day); err == nil && at.IsZero() {
		err = errTime
	}
	if err != nil {
		return at, []ui.FieldError{{Field: "ora", Text: words(f, fault.As(err))}}
	}
	if wrong := voucher.MayPublishAt(at, p.Now()); wrong != nil {
		return at, []ui.FieldError{{Field: "data", Text: publishWords(f, wrong)}}
	}
	return at, nil
}

// publishWords say what is wrong with the instant of a publication.
func publishWords(f ui.Frame, wrong error) string {
	return f.T("reason."+fault.As(wrong).Code, "Days", voucher.PublishWithin)
}

// inpsPublish has a ranking published.
func (p *Portal) inpsPublish(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	run, e, err := p.runHere(r)
	if err != nil {
		return err
	}
	var at time.Time
	if text := fields.Get("quando"); text != "" {
		if at, err = time.Parse(time.RFC3339, text); err != nil {
			return errUnreadable
		}
	}
	sent, err := sending(r, "ranking.publish", fields)
	if err != nil {
		return err
	}
	err = p.Rankings.Publish(r.Context(), actor(r), sent, run.ID, at)
	if errors.Is(err, voucher.ErrPublishPast) || errors.Is(err, voucher.ErrPublishFar) {
		var f ui.Frame
		return p.askWhen(w, r, http.StatusUnprocessableEntity, run, e, url.Values{}, []ui.FieldError{{Field: "data", Text: publishWords(f, err)}})
	}
	if _, refused := fault.Refusal(err); refused && !errors.Is(err, once.ErrOtherContent) {
		return p.runRefused(w, r, run, e, err)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, publicationPath(run.ID), f.T("inps.publish.done"), f.T("inps.publish.done.text"))
}

// runRefused says why something cannot be done with a run, to who may not do it
// today.
func (p *Portal) runRefused(w http.ResponseWriter, r *http.Request, run voucher.Run, e voucher.Edition, err error) error {
	if fault.As(err) == nil {
		return err
	}
	var f ui.Frame
	f = p.inpsFrame(r, f.T("inps.publish.title", "Edition", editionName(e)), rankingCrumbs(f, run)...)
	page := inps.RunRefusedPage{Frame: f, Why: rankingReason(f, err), Link: ui.Link{Text: f.T("inps.publish.back.run"), URL: runPath(run.ID)}}
	if run.Publication > 0 {
		page.Link = ui.Link{Text: f.T("inps.publish.see"), URL: publicationPath(run.ID)}
	}
	return p.showAs(w, r, http.StatusConflict, inps.RunRefused(page))
}

// signature is who did a step, and when.
func signature(f ui.Frame, s voucher.Signed) string {
	if s.By == "" {
		return ""
	}
	return f.T("inps.publish.signed", "Name", s.Name, "When", ui.OnMoment(s.At))
}
