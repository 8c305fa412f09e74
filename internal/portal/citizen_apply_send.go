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
	"portal/web/ui"
)

// showSend is step 6: everything once more, as the registers say it now. What is
// missing is asked for first.
func (p *Portal) showSend(w http.ResponseWriter, r *http.Request, s applyStep) error {
	if next := s.draft.Next(s.edition.Rules); next != voucher.StepReview {
		return goTo(w, r, draftPath(s.draft.ID, next), nil)
	}
	page := citizen.SendPage{Applying: p.stepPage(r, s)}
	f := page.Frame
	home, err := p.Intake.Home(r.Context(), actor(r), s.draft, s.edition)
	var answer voucher.ISEEAnswer
	if err == nil {
		if answer, err = p.Intake.Means(r.Context(), actor(r), s.draft); err == nil && answer.Status == voucher.ISEEMissing {
			err = voucher.ErrISEEMissing
		}
	}
	switch reason := fault.As(err); {
	case err == nil:
	case reason == voucher.ErrISEEMissing:
		return goTo(w, r, draftPath(s.draft.ID, voucher.StepISEE), nil)
	case reason == voucher.ErrTerritoryClosed || reason == voucher.ErrNotResident:
		return goTo(w, r, draftPath(s.draft.ID, voucher.StepResidence), nil)
	case reason != nil && reason.Kind == fault.KindUnavailable:
		page.Form, page.Trouble = nil, silent(f, reason, draftPath(s.draft.ID, s.at))
		return p.showAs(w, r, http.StatusServiceUnavailable, citizen.Facts(citizen.FactsPage{Applying: page.Applying}))
	default:
		return err
	}
	amend := func(step voucher.Step) *ui.Link {
		return &ui.Link{Text: f.T("citizen.apply.amend." + string(step)), URL: draftPath(s.draft.ID, step)}
	}
	page.Given = homeFacts(f, s.draft, home)
	contacts := []ui.Entry{
		{Name: f.T("citizen.apply.contacts.email"), Value: s.draft.Answers.Email, Proper: true, Action: amend(voucher.StepContacts)},
		{Name: f.T("citizen.apply.contacts.phone"), Value: s.draft.Answers.Phone, Proper: true},
	}
	page.Given = append(page.Given, contacts...)
	page.Means = meansFacts(f, s.edition.Rules, s.draft, answer)
	if answer.Status == voucher.ISEEDefective {
		page.Means = append(page.Means, ui.Entry{Name: f.T("citizen.isee.status"), Value: f.T("citizen.isee.status.defective"),
			Note: f.T("citizen.apply.review.cure", "By", ui.ByDay(s.edition.Rules.CureBy(calendar.On(p.Now()))))})
	}
	if s.draft.Of.Declared {
		page.Made = append(page.Made, voucher.ParentDeclaration.Text)
		page.Means = append(page.Means, ui.Entry{Name: f.T("citizen.data.isee"), Value: f.T("citizen.apply.isee.hidden.short")})
	}
	for _, d := range s.edition.Rules.Declarations.Is {
		page.Made = append(page.Made, d.Text)
	}
	page.Amend = *amend(voucher.StepDeclarations)
	page.Seen = voucher.Registers{Residence: home, ISEE: answer}.Mark()
	page.Lead, page.Final = f.T("citizen.apply.review.lead"), f.T("citizen.apply.review.final")
	page.Closes = f.T("citizen.apply.review.closes", "Closes", windowEnd(s.edition))
	page.Submit = f.T("citizen.apply.send")
	page.Drop = ui.Link{Text: f.T("citizen.apply.drop"), URL: applyPath + "/" + string(s.draft.ID) + "/elimina"}
	return p.showAs(w, r, s.status, citizen.Send(page))
}

// citizenSend sends an application. The second for the same person and edition is
// answered with the receipt of the first.
func (p *Portal) citizenSend(w http.ResponseWriter, r *http.Request) error {
	d, e, err := p.draft(r)
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "application.submit", url.Values{"idem": fields["idem"], "bozza": {string(d.ID)}})
	if err != nil {
		return err
	}
	id, first, err := p.Intake.Submit(r.Context(), actor(r), sent, d.ID, fields.Get("visto"))
	reason := fault.As(err)
	switch {
	case err == nil && first:
		return p.receivedFor(w, r, d, receiptPath(id), nil)
	case err == nil:
		return p.receivedFor(w, r, d, receiptPath(id), url.Values{"gia": {"1"}})
	case reason == voucher.ErrIncomplete, reason == voucher.ErrISEEMissing, reason == voucher.ErrTerritoryClosed, reason == voucher.ErrNotResident,
		reason == voucher.ErrRegistersMoved, errors.Is(err, voucher.ErrISEESilent), errors.Is(err, voucher.ErrResidenceSilent):
		return p.showSend(w, r, applyStep{at: voucher.StepReview, draft: d, edition: e, status: statuses[reason.Kind], fields: fields, reason: reason})
	}
	return err
}

// receivedFor leads to the receipt. Who applied for a child that the register says is
// theirs has another profile to choose from now on.
func (p *Portal) receivedFor(w http.ResponseWriter, r *http.Request, d voucher.Draft, to string, q url.Values) error {
	if d.Of.Tie == voucher.MyChild && !d.Of.Declared {
		p.Logins.Put(r.Context(), keySeveral, "1")
	}
	return goTo(w, r, to, q)
}

// citizenDropAsk asks whether to throw a draft away.
func (p *Portal) citizenDropAsk(w http.ResponseWriter, r *http.Request) error {
	d, e, err := p.draft(r)
	if err != nil {
		return err
	}
	if d.Sent != "" {
		return goTo(w, r, receiptPath(d.Sent), nil)
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title, f.HeadTitle = f.T("citizen.apply.drop.title"), f.T("citizen.apply.short", "Year", e.ApplicationYear)
	f.Path = []ui.Crumb{{Text: f.T("citizen.applications.short"), URL: applicationsPath}, {Text: f.T("citizen.apply.short", "Year", e.ApplicationYear)}}
	return p.show(w, r, citizen.Ask(citizen.AskPage{Frame: f, Ask: &ui.ConfirmProps{
		Consequences: []string{f.T("citizen.apply.drop.text", "Name", d.Of.Name())},
		Form:         ui.FormProps{Action: applyPath + "/" + string(d.ID) + "/elimina", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("citizen.apply.drop"), Danger: true,
			Cancel: &ui.Link{Text: f.T("citizen.apply.drop.keep"), URL: applicationsPath}},
	}}))
}

// citizenDrop throws a draft away. One that is gone already is no error.
func (p *Portal) citizenDrop(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "application.drop", url.Values{"idem": fields["idem"], "bozza": {id}})
	if err != nil {
		return err
	}
	if err := p.Intake.Drop(r.Context(), sent, actor(r).Person, voucher.DraftID(id), p.Now()); err != nil {
		return err
	}
	f := ui.Frame{}
	return p.done(w, r, applicationsPath, f.T("citizen.apply.drop.done"), f.T("citizen.apply.drop.done.text"))
}
