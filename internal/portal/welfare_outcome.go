package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/ui"
	"portal/web/welfare"
)

// outcomes are how an examination may end, in the order in which officers choose.
var outcomes = []indemnity.State{indemnity.Suitable, indemnity.NotEligible, indemnity.Inadmissible, indemnity.Forfeited}

func welfareOutcomePath(id indemnity.CaseID) string { return welfareCasePath(id) + caseOutcomePart }

// outcomeName is what officers call an outcome.
func outcomeName(f ui.Frame, s indemnity.State) string { return f.T("outcome.name." + string(s)) }

// borne is what an officer can only propose as a case stands: what its examination comes
// to, or that it is taken up again; "" while its examination cannot end.
func borne(o indemnity.Opened) indemnity.State {
	if o.Decision() != nil && !examining(o.CaseFile) {
		return indemnity.InReview
	}
	return o.Found.Outcome.State()
}

// welfareOutcomeAsk asks how an examination ends (W-10).
func (p *Portal) welfareOutcomeAsk(w http.ResponseWriter, r *http.Request) error {
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	fields := url.Values{"versione": {strconv.FormatInt(o.Version, 10)}}
	if n := len(o.Decisions); n > 0 && o.Decisions[n-1].State == indemnity.DecisionNot && examining(o.CaseFile) {
		fields.Set("testo", o.Decisions[n-1].Text)
	} else if examining(o.CaseFile) {
		offered, err := p.Texts.Offered(r.Context())
		if err != nil {
			return err
		}
		fields.Set("testo", offeredOutcome(offered, o.CaseFile, borne(o)))
	}
	return p.showOutcome(w, r, http.StatusOK, o, fields, nil, nil)
}

// showOutcome shows what can be proposed, with what was typed, what is wrong with it, and
// what was found since by others.
func (p *Portal) showOutcome(w http.ResponseWriter, r *http.Request, status int, o indemnity.Opened, fields url.Values, wrong []ui.FieldError, moved []string) error {
	f := p.welfareCaseFrame(r, o.CaseFile, "outcome.title")
	f.Errors = wrong
	page := welfare.OutcomePage{Frame: f, Busy: busyText(f, o.Claim, actor(r), p), Moved: moved, Facts: welfareFacts(f, o.CaseFile), CaseURL: welfareCasePath(o.ID)}
	page.Comes, page.Grounds = examinationEnd(f, o)
	for _, d := range slices.Backward(o.Decisions) {
		if d.State == indemnity.DecisionNot {
			page.Earlier = append(page.Earlier, f.T("outcome.sent_back.of", "Outcome", outcomeName(f, d.To), "Name", d.DecidedBy.Name(), "At", ui.OnMoment(d.DecidedAt), "Why", d.Why))
		}
	}
	to := borne(o)
	if to != indemnity.InReview {
		page.WhyNot = p.otherOutcomes(r, f, o, to)
	}
	if err := o.MayPropose(actor(r), to, o.Checklist, o.Found, p.Now()); to == "" || err != nil {
		page.Obstacles = []welfare.Obstacle{p.outcomeObstacle(f, o, to, err)}
		return p.showAs(w, r, status, welfare.Outcome(page))
	}
	page.Form = &ui.FormProps{Action: welfareOutcomePath(o.ID), Key: once.NewKey(), Version: strconv.FormatInt(o.Version, 10)}
	page.Outcome = ui.ChoiceProps{Name: "esito-proposto", Legend: f.T("outcome.legend"), Chosen: fields["esito-proposto"], Options: []ui.Option{{Value: string(to), Label: outcomeName(f, to)}}}
	page.Text = ui.TextAreaProps{Name: "testo", Label: f.T("outcome.text"), Hint: f.T("outcome.text.hint", "Number", grouped(indemnity.NoteLength)), Value: fields.Get("testo"), Rows: 5,
		Optional: to != indemnity.InReview}
	if to == indemnity.InReview {
		page.Text.Label, page.Text.Hint = f.T("outcome.text.again"), f.T("outcome.text.again.hint", "Number", grouped(indemnity.NoteLength))
	}
	page.Buttons = ui.ButtonsProps{Submit: f.T("outcome.check"), Cancel: &ui.Link{Text: f.T("desk.back"), URL: page.CaseURL}}
	return p.showAs(w, r, status, welfare.Outcome(page))
}

// examinationEnd is what the examination of a case comes to, and why.
func examinationEnd(f ui.Frame, o indemnity.Opened) (comes string, grounds []string) {
	switch to := borne(o); {
	case to == indemnity.InReview:
		return f.T("outcome.decided", "Outcome", outcomeName(f, o.State), "On", ui.OnMoment(o.Decision().DecidedAt)), groundTexts(f, o.Decision().Codes)
	case to != "":
		comes = f.T("outcome.comes", "Outcome", outcomeName(f, to))
	default:
		comes = f.T("outcome.comes.open")
	}
	if o.Found.Outcome != indemnity.OutcomeRanked {
		grounds = groundTexts(f, indemnity.Grounds(o.Found))
	}
	return comes, grounds
}

func groundTexts(f ui.Frame, codes []indemnity.Code) (all []string) {
	for _, c := range codes {
		all = append(all, groundText(f, c))
	}
	return all
}

// otherOutcomes say why the outcomes that the examination does not come to cannot be
// proposed.
func (p *Portal) otherOutcomes(r *http.Request, f ui.Frame, o indemnity.Opened, to indemnity.State) (all []string) {
	for _, other := range outcomes {
		if reason := fault.As(o.MayPropose(actor(r), other, o.Checklist, o.Found, p.Now())); other != to && reason != nil {
			if reason == indemnity.ErrUnchecked { // it is not borne either
				reason = indemnity.ErrOutcomeUnborne
			}
			all = append(all, f.T("outcome.other", "Outcome", outcomeName(f, other), "Why", words(f, reason)))
		}
	}
	return all
}

// outcomeObstacle says why nothing can be proposed on a case, with where to mend it.
func (p *Portal) outcomeObstacle(f ui.Frame, o indemnity.Opened, to indemnity.State, err error) welfare.Obstacle {
	q := o.Urgent(p.Now())
	switch reason := fault.As(err); {
	case errors.Is(err, identity.ErrNoDuty):
		return welfare.Obstacle{Text: f.T("desk.prepares")}
	case reason == indemnity.ErrUnchecked:
		x := welfare.Obstacle{}
		var codes []string
		for _, c := range indemnity.Unchecked(o.Checklist) {
			codes = append(codes, checkCode(c))
			x.Links = append(x.Links, ui.Link{Text: checkName(f, c), URL: checkPath(o.ID, c)})
		}
		x.Text = f.T("outcome.unchecked", "Count", len(codes), "Checks", inSeries(codes))
		return x
	case reason == indemnity.ErrOwnCase:
		return welfare.Obstacle{Text: words(f, reason)}
	case reason == indemnity.ErrDecisionOpen:
		return welfare.Obstacle{Text: words(f, reason), Links: []ui.Link{{Text: f.T("outcome.see"), URL: approvalPath(o.ID)}}}
	case q != nil && q.DueOn.IsZero():
		return welfare.Obstacle{Text: f.T("outcome.request.undated"), Links: []ui.Link{{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}}
	case q != nil:
		return welfare.Obstacle{Text: f.T("outcome.request", "Until", ui.ToDay(q.DueOn)), Links: []ui.Link{{Text: f.T("desk.back"), URL: welfareCasePath(o.ID)}}}
	case to == "":
		return welfare.Obstacle{Text: f.T("outcome.pending"), Links: []ui.Link{{Text: f.T("outcome.to_checks"), URL: welfareCasePath(o.ID)}}}
	default:
		return welfare.Obstacle{Text: words(f, reason)}
	}
}

// inSeries is a series as people read it: "V6, V7 e V9".
func inSeries(all []string) (text string) {
	for i, one := range all {
		switch {
		case i > 0 && i == len(all)-1:
			text += " e "
		case i > 0:
			text += ", "
		}
		text += one
	}
	return text
}

// outcomeActions lead from a case to how it ends, for who may have a part in that.
func (p *Portal) outcomeActions(r *http.Request, page *welfare.CasePage, o indemnity.Opened) {
	switch f := page.Frame; {
	case o.OpenDecision() != nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("outcome.see"), URL: approvalPath(o.ID)})
	case !actor(r).Has(identity.Prepare):
	case examining(o.CaseFile):
		page.Actions = append(page.Actions, ui.Link{Text: f.T("outcome.register"), URL: welfareOutcomePath(o.ID)})
	case o.MayPropose(actor(r), indemnity.InReview, o.Checklist, o.Found, p.Now()) == nil:
		page.Actions = append(page.Actions, ui.Link{Text: f.T("outcome.review_again"), URL: welfareOutcomePath(o.ID)})
	}
}

// outcomeFields are the fields beside which a refusal stands.
var outcomeFields = map[*fault.Reason]string{indemnity.ErrDecisionText: "testo", indemnity.ErrDecisionOutcome: "esito-proposto"}

// welfareOutcome shows the letter of what is to be proposed, and proposes it once that is
// confirmed.
func (p *Portal) welfareOutcome(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	bad := textError{}
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	o, err := p.openedCase(r)
	if err != nil {
		return err
	}
	if bad.field != "" {
		return p.showOutcome(w, r, http.StatusUnprocessableEntity, o, fields, []ui.FieldError{{Field: bad.field, Text: words(ui.Frame{}, errText)}}, nil)
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	to := indemnity.State(fields.Get("esito-proposto"))
	if fields.Get("conferma") == "" {
		return p.confirmOutcome(w, r, o, to, fields)
	}
	sent, err := sending(r, "indemnity.propose", url.Values{"idem": fields["idem"], "domanda": {string(o.ID)}, "esito-proposto": {string(to)}, "testo": fields["testo"], "versione": fields["versione"]})
	if err == nil {
		err = p.CaseDesk.Propose(r.Context(), actor(r), sent, o.ID, version, to, fields.Get("testo"))
	}
	if reason := fault.As(err); reason != nil {
		return p.refusedOutcome(w, r, o, fields, err, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, welfareCasePath(o.ID), f.T("outcome.done"), f.T("outcome.done.text", "Outcome", outcomeName(f, to)))
}

// refusedOutcome shows the page again with why nothing was proposed; what has no place
// there is an error.
func (p *Portal) refusedOutcome(w http.ResponseWriter, r *http.Request, o indemnity.Opened, fields url.Values, err error, reason *fault.Reason) error {
	moved := indemnity.MovedError{}
	switch {
	case errors.As(err, &moved), errors.Is(err, indemnity.ErrClaimed):
		return p.showOutcome(w, r, http.StatusConflict, o, fields, nil, movedLines(moved.Since, reason))
	case outcomeFields[reason] != "":
		return p.showOutcome(w, r, http.StatusUnprocessableEntity, o, fields, []ui.FieldError{{Field: outcomeFields[reason], Text: words(ui.Frame{}, reason)}}, nil)
	case reason.Kind == fault.KindRefused && !errors.Is(err, identity.ErrNoDuty):
		return p.showOutcome(w, r, http.StatusConflict, o, fields, nil, []string{words(ui.Frame{}, reason)})
	}
	return err
}

// confirmOutcome shows the letter as it will be, and asks for the proposal.
func (p *Portal) confirmOutcome(w http.ResponseWriter, r *http.Request, o indemnity.Opened, to indemnity.State, fields url.Values) error {
	err := o.MayPropose(actor(r), to, o.Checklist, o.Found, p.Now())
	if text := []rune(fields.Get("testo")); err == nil && (len(text) > indemnity.NoteLength || to == indemnity.InReview && len(text) == 0) {
		err = indemnity.ErrDecisionText
	}
	if reason := fault.As(err); reason != nil {
		return p.refusedOutcome(w, r, o, fields, err, reason)
	}
	f := p.welfareCaseFrame(r, o.CaseFile, "outcome.confirm")
	d := indemnity.Decision{To: to, Text: fields.Get("testo")}
	if to != indemnity.Suitable && to != indemnity.InReview {
		d.Codes = indemnity.Grounds(o.Found)
	}
	return p.show(w, r, welfare.OutcomeConfirm(welfare.OutcomeConfirmPage{Frame: f, Letter: decidedLetter(f, o.CaseFile, d),
		Hidden: [][2]string{{"esito-proposto", string(to)}, {"testo", d.Text}, {"conferma", "si"}},
		Confirm: ui.ConfirmProps{Consequences: []string{f.T("outcome.confirm.text")},
			Form:    ui.FormProps{Action: welfareOutcomePath(o.ID), Key: once.NewKey(), Version: fields.Get("versione")},
			Buttons: ui.ButtonsProps{Submit: f.T("outcome.propose"), Cancel: &ui.Link{Text: f.T("outcome.leave"), URL: welfareOutcomePath(o.ID)}}}}))
}
