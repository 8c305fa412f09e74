package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/review"
	"portal/web/ui"
)

// reviewPath is where the requests about an application stand.
func reviewPath(id voucher.ApplicationID) string { return applicationPath(id) + "/riesame" }

func (p *Portal) reviewFrame(r *http.Request, file voucher.CaseFile, title string) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T(title)
	f.HeadTitle = f.T("review.head")
	f.Caption = f.T("citizen.application.protocol", "Protocol", file.Application.Protocol)
	f.Path = casePath(f, file, ui.Crumb{Text: f.T("review.short")})
	return f
}

// citizenReview shows how the requests about an application stand, and how to make
// one.
func (p *Portal) citizenReview(w http.ResponseWriter, r *http.Request) error {
	return p.showReexamination(w, r, http.StatusOK)
}

func (p *Portal) showReexamination(w http.ResponseWriter, r *http.Request, status int) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	ctx, today := r.Context(), calendar.On(p.Now())
	all, err := p.Reexaminations.Of(ctx, file.Application.ID)
	if err != nil {
		return err
	}
	f := p.reviewFrame(r, file, "review.title")
	f.Back = &ui.Link{Text: f.T("review.back"), URL: applicationPath(file.Application.ID) + "/" + dataTab}
	page := review.AskedPage{Frame: f}
	last, _ := file.ReviewTerm()
	switch err := file.MayAskReview(all, today); {
	case err == nil:
		draft, err := p.Reexaminations.Draft(ctx, actor(r), file.Application.ID)
		if err != nil {
			return err
		}
		page.Lead = []string{f.T("review.lead", "Body", f.Body), f.T("review.lead.then", "Count", file.Edition.Rules.ReexaminationEnd.Is, "Body", f.Body)}
		page.Term = &ui.DeadlineProps{What: f.T("review.ask_by"), Last: last, Today: today}
		page.StartURL, page.Start = reviewPath(file.Application.ID)+"/motivo", f.T("review.start")
		if draft.ID != "" {
			page.Start = f.T("review.resume")
		}
	case errors.Is(err, voucher.ErrReviewTooLate):
		page.Expired = f.T("review.expired", "Day", ui.ByDay(last)) + " " + f.T("review.elsewhere")
	case errors.Is(err, voucher.ErrReviewNoOutcome):
		page.Expired = words(f, voucher.ErrReviewNoOutcome)
	}
	for _, x := range all {
		request, err := p.reviewRequest(r, f, file, x)
		if err != nil {
			return err
		}
		if x.State == voucher.ReviewDenied && page.Expired == "" {
			page.Elsewhere = f.T("review.elsewhere")
		}
		page.Requests = append(page.Requests, request)
	}
	return p.showAs(w, r, status, review.Asked(page))
}

// reviewTag is the word of a request: what an officer has only proposed is not said.
func reviewTag(f ui.Frame, state string, open bool) ui.Tag {
	tones := map[string]ui.Tone{string(voucher.ReviewGranted): ui.Success, string(voucher.ReviewDenied): ui.Danger, string(voucher.ReviewWithdrawn): ui.Closed}
	if open {
		return ui.Tag{Tone: ui.Working, Text: f.T("review.state.asked")}
	}
	return ui.Tag{Tone: tones[state], Text: f.T("review.state." + state)}
}

func (p *Portal) reviewRequest(r *http.Request, f ui.Frame, file voucher.CaseFile, x voucher.Reexamination) (review.Request, error) {
	request := review.Request{
		ID: string(x.ID), Title: f.T("review.request", "Protocol", x.Protocol), State: reviewTag(f, string(x.State), x.State.Open()),
		Sentence: f.T("review.sentence."+sentenceOf(x), "Day", ui.ByDay(x.DecideBy), "Body", f.Body),
		Facts: []ui.Entry{
			{Name: f.T("review.protocol"), Value: x.Protocol, Proper: true},
			{Name: f.T("review.sent"), Value: ui.Moment(x.AskedAt)},
			{Name: f.T("review.motive.short"), Value: f.T("review.motive." + string(x.Motive))},
			{Name: f.T("review.text.short"), Value: x.Text},
		},
	}
	if x.State == voucher.ReviewGranted || x.State == voucher.ReviewDenied {
		request.Facts = append(request.Facts, ui.Entry{Name: f.T("review.grounds", "Body", f.Body), Value: x.Grounds})
	}
	papers, err := p.Reexaminations.Papers(r.Context(), string(x.ID))
	if err != nil {
		return request, err
	}
	for _, paper := range papers {
		request.Papers = append(request.Papers, paperRow(f, paper, citizenPapersPath))
	}
	openings, err := p.Reexaminations.Openings(r.Context(), x.ID)
	if err != nil {
		return request, err
	}
	request.Events = reviewEvents(f, x, openings)
	if x.State.Open() {
		request.EndURL = reviewPath(file.Application.ID) + "/ritira"
	}
	return request, nil
}

// sentenceOf is what the words of a request's sentence are called: a granted one
// waits to be carried out, and then is.
func sentenceOf(x voucher.Reexamination) string {
	switch {
	case x.State.Open():
		return string(voucher.ReviewAsked)
	case x.State == voucher.ReviewGranted && x.CarriedOutBy != "":
		return "carried_out"
	}
	return string(x.State)
}

// reviewEvents is what the citizen may know of what happened, newest first.
func reviewEvents(f ui.Frame, x voucher.Reexamination, openings []voucher.Opening) []ui.Event {
	var events []ui.Event
	if !x.DecidedAt.IsZero() {
		events = append(events, ui.Event{When: x.DecidedAt, Text: f.T("review.event." + string(x.State)), Who: "INPS"})
	}
	for _, o := range openings {
		events = append(events, ui.Event{When: o.At, Text: f.T("review.event.opened", "Paper", o.Paper), Who: f.T("review.officer", "Name", o.Name, "Body", f.Body)})
	}
	return append(events, ui.Event{When: x.AskedAt, Text: f.T("review.event.asked", "Protocol", x.Protocol)})
}

// reviewStep is the application of a step, if a request may be made; where not,
// showReexamination says why.
func (p *Portal) reviewStep(r *http.Request) (voucher.CaseFile, voucher.ReviewDraft, bool, error) {
	file, err := p.citizenFile(r)
	if err != nil {
		return file, voucher.ReviewDraft{}, false, err
	}
	all, err := p.Reexaminations.Of(r.Context(), file.Application.ID)
	if err != nil {
		return file, voucher.ReviewDraft{}, false, err
	}
	if file.MayAskReview(all, calendar.On(p.Now())) != nil {
		return file, voucher.ReviewDraft{}, false, nil
	}
	draft, err := p.Reexaminations.Draft(r.Context(), actor(r), file.Application.ID)
	return file, draft, true, err
}

func reviewSteps(f ui.Frame) []string {
	return []string{f.T("review.step.motive"), f.T("review.step.papers"), f.T("review.step.send")}
}

// citizenReviewMotiveAsk asks what is wrong.
func (p *Portal) citizenReviewMotiveAsk(w http.ResponseWriter, r *http.Request) error {
	file, draft, open, err := p.reviewStep(r)
	if err != nil {
		return err
	}
	if !open {
		return p.showReexamination(w, r, http.StatusConflict)
	}
	return p.show(w, r, review.Motive(p.reviewMotivePage(r, file, string(draft.Motive), draft.Text)))
}

func (p *Portal) reviewMotivePage(r *http.Request, file voucher.CaseFile, motive, text string) review.MotivePage {
	f := p.reviewFrame(r, file, "review.motive.title")
	page := review.MotivePage{Frame: f, Steps: reviewSteps(f), Form: ui.FormProps{Action: reviewPath(file.Application.ID) + "/motivo"},
		Hint: f.T("review.text.hint"), Motive: motive, Text: text, BackURL: reviewPath(file.Application.ID)}
	for _, m := range voucher.Motives {
		page.Motives = append(page.Motives, ui.Option{Value: string(m), Label: f.T("review.motive." + string(m)), Hint: f.T("review.motive." + string(m) + ".hint")})
	}
	return page
}

// citizenReviewMotive keeps what is wrong. To keep it again changes nothing, so that
// the form has no key.
func (p *Portal) citizenReviewMotive(w http.ResponseWriter, r *http.Request) error {
	file, _, open, err := p.reviewStep(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	if !open {
		return p.showReexamination(w, r, http.StatusConflict)
	}
	_, err = p.Reexaminations.Write(r.Context(), actor(r), file.Application.ID, voucher.Motive(fields.Get("motivo")), fields.Get("testo"))
	if reason, refused := fault.Refusal(err); refused && reason.Kind == fault.KindInvalid {
		page := p.reviewMotivePage(r, file, fields.Get("motivo"), fields.Get("testo"))
		field := "testo"
		if reason == voucher.ErrReviewMotive {
			field = "motivo"
		}
		page.Errors = []ui.FieldError{{Field: field, Text: words(page.Frame, reason, "Count", voucher.LongestReviewText)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, review.Motive(page))
	}
	if err != nil {
		return err
	}
	return goTo(w, r, reviewPath(file.Application.ID)+"/documenti", nil)
}

// citizenReviewSendAsk shows the request before it is sent.
func (p *Portal) citizenReviewSendAsk(w http.ResponseWriter, r *http.Request) error {
	file, draft, open, err := p.reviewStep(r)
	switch {
	case err != nil:
		return err
	case !open:
		return p.showReexamination(w, r, http.StatusConflict)
	case draft.ID == "":
		return goTo(w, r, reviewPath(file.Application.ID)+"/motivo", nil)
	}
	f := p.reviewFrame(r, file, "review.send.title")
	back := reviewPath(file.Application.ID)
	page := review.SendPage{
		Frame: f, Steps: reviewSteps(f), Form: ui.FormProps{Action: back + "/riepilogo", Key: once.NewKey()},
		Change: ui.Link{Text: f.T("review.change.papers"), URL: back + "/documenti"},
		Facts: []ui.Entry{
			{Name: f.T("review.motive.short"), Value: f.T("review.motive." + string(draft.Motive)),
				Action: &ui.Link{Text: f.T("review.change"), URL: back + "/motivo"}},
			{Name: f.T("review.text.short"), Value: draft.Text},
		},
	}
	if page.Papers, err = p.paperRows(r, f, draft); err != nil {
		return err
	}
	return p.show(w, r, review.Send(page))
}

// citizenReviewSend sends the request.
func (p *Portal) citizenReviewSend(w http.ResponseWriter, r *http.Request) error {
	file, err := p.citizenFile(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "reexamination.ask", url.Values{"idem": fields["idem"], "domanda": {string(file.Application.ID)}})
	if err != nil {
		return err
	}
	_, err = p.Reexaminations.Ask(r.Context(), actor(r), sent, file.Application.ID)
	if reason, refused := fault.Refusal(err); refused && reason.Kind != fault.KindStale && reason != voucher.ErrReviewNoDraft {
		return p.showReexamination(w, r, http.StatusConflict)
	}
	if errors.Is(err, voucher.ErrReviewNoDraft) {
		return goTo(w, r, reviewPath(file.Application.ID), nil)
	}
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, reviewPath(file.Application.ID), f.T("review.done"), f.T("review.done.text"))
}

// citizenReviewWithdrawAsk asks whether to take the open request back.
func (p *Portal) citizenReviewWithdrawAsk(w http.ResponseWriter, r *http.Request) error {
	file, open, err := p.openReview(r)
	if err != nil {
		return err
	}
	if open.ID == "" {
		return p.showReexamination(w, r, http.StatusConflict)
	}
	f := p.reviewFrame(r, file, "review.withdraw.title")
	back := reviewPath(file.Application.ID)
	return p.show(w, r, citizen.Confirm(citizen.ConfirmPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("review.withdraw.says", "Body", f.Body), f.T("review.withdraw.again")},
		Form:         ui.FormProps{Action: back + "/ritira", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("review.withdraw"), Danger: true, Cancel: &ui.Link{Text: f.T("review.keep"), URL: back}},
	}}))
}

// openReview is the application in the address with the request about it that
// nobody has decided yet; its ID is "" where there is none.
func (p *Portal) openReview(r *http.Request) (file voucher.CaseFile, open voucher.Reexamination, err error) {
	if file, err = p.citizenFile(r); err != nil {
		return file, open, err
	}
	all, err := p.Reexaminations.Of(r.Context(), file.Application.ID)
	for _, x := range all {
		if x.State.Open() {
			open = x
		}
	}
	return file, open, err
}

// citizenReviewWithdraw takes the open request back.
func (p *Portal) citizenReviewWithdraw(w http.ResponseWriter, r *http.Request) error {
	file, open, err := p.openReview(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "reexamination.withdraw", url.Values{"idem": fields["idem"], "domanda": {string(file.Application.ID)}})
	if err != nil {
		return err
	}
	if _, done, err := p.Reexaminations.Outcome(r.Context(), sent); err != nil {
		return err
	} else if !done && open.ID == "" { // decided meanwhile: the page says how
		return p.showReexamination(w, r, http.StatusConflict)
	} else if !done {
		if err := p.Reexaminations.Withdraw(r.Context(), actor(r), sent, open.ID); err != nil {
			return err
		}
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	return p.done(w, r, reviewPath(file.Application.ID), f.T("review.withdrawn.done"), f.T("review.withdrawn.done.text", "Body", f.Body))
}
