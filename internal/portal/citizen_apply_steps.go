package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/money"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

// applyStep is a page of a draft, asked for or sent.
type applyStep struct {
	at      voucher.Step
	draft   voucher.Draft
	edition voucher.Edition
	status  int
	fields  url.Values      // as they were typed
	flaws   []ui.FieldError // what is wrong with them
	reason  *fault.Reason   // why it cannot be saved, where that is no field's fault
	show    func(http.ResponseWriter, *http.Request, applyStep) error
}

// citizenStep shows a step of an application.
func (p *Portal) citizenStep(at voucher.Step) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		s, gone, err := p.applyStep(w, r, at)
		if gone || err != nil {
			return err
		}
		return s.show(w, r, s)
	})
}

// citizenStepSent saves a step and goes on to the next that is to be done.
func (p *Portal) citizenStepSent(at voucher.Step) http.HandlerFunc {
	return p.page(func(w http.ResponseWriter, r *http.Request) error {
		s, gone, err := p.applyStep(w, r, at)
		if gone || err != nil {
			return err
		}
		return p.saveStep(w, r, s)
	})
}

// applyStep reads the draft in the address. One that was sent leads to its receipt: then
// the answer is gone.
func (p *Portal) applyStep(w http.ResponseWriter, r *http.Request, at voucher.Step) (s applyStep, gone bool, err error) {
	s = applyStep{at: at, status: http.StatusOK, fields: url.Values{}}
	s.show = map[voucher.Step]func(http.ResponseWriter, *http.Request, applyStep) error{
		voucher.StepResidence: p.showResidence, voucher.StepISEE: p.showMeans, voucher.StepContacts: p.showContacts,
		voucher.StepDeclarations: p.showDeclarations, voucher.StepReview: p.showSend,
	}[at]
	if s.draft, s.edition, err = p.draft(r); err != nil {
		return s, false, err
	}
	if s.draft.Sent != "" {
		return s, true, goTo(w, r, receiptPath(s.draft.Sent), url.Values{"gia": {"1"}})
	}
	return s, false, s.edition.Rules.Takes(p.Now())
}

// saveStep takes what was typed. What cannot be taken is shown again as it was
// typed, with what is wrong beside it.
func (p *Portal) saveStep(w http.ResponseWriter, r *http.Request, s applyStep) error {
	fields, err := form(r)
	var text textError
	if err != nil && !errors.As(err, &text) {
		return err
	}
	s.fields = fields
	if err != nil {
		s.flaws, s.status = []ui.FieldError{{Field: text.field, Text: words(ui.Frame{}, errText)}}, http.StatusUnprocessableEntity
		return s.show(w, r, s)
	}
	answers := s.draft.Answers
	switch s.at {
	case voucher.StepResidence:
		answers.Residence = true
	case voucher.StepISEE:
		answers.ISEE = true
	case voucher.StepContacts:
		s.flaws = fillContacts(fields, &answers)
	case voucher.StepDeclarations:
		s.flaws = declare(s.edition.Rules, fields, &answers)
		answers.DeclaredAt = p.Now()
	}
	if len(s.flaws) > 0 {
		s.status = http.StatusUnprocessableEntity
		return s.show(w, r, s)
	}
	sent, err := sending(r, "application.fill", fields)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(fields.Get("versione"), 10, 64)
	if err != nil {
		return errUnreadable
	}
	err = p.Intake.Fill(r.Context(), actor(r), sent, s.draft.ID, version, answers)
	if errors.Is(err, voucher.ErrDraftMoved) {
		if s.draft, s.edition, err = p.draft(r); err != nil {
			return err
		}
		s.status, s.reason = http.StatusConflict, voucher.ErrDraftMoved
		return s.show(w, r, s)
	}
	if err != nil {
		return err
	}
	s.draft.Answers = answers
	return goTo(w, r, draftPath(s.draft.ID, s.draft.Next(s.edition.Rules)), nil)
}

// fillContacts reads where to write.
func fillContacts(fields url.Values, a *voucher.Answers) (wrong []ui.FieldError) {
	flaw := func(field string, err error) {
		wrong = append(wrong, ui.FieldError{Field: field, Text: words(ui.Frame{}, fault.As(err))})
	}
	var err error
	if a.Email, err = voucher.ParseEmail(fields.Get("email")); err != nil {
		flaw("email", err)
	}
	if a.Phone, err = voucher.ParsePhone(fields.Get("telefono")); err != nil {
		flaw("telefono", err)
	}
	if len(wrong) == 0 && a.Email == "" && a.Phone == "" {
		flaw("email", voucher.ErrNoContact)
	}
	return wrong
}

// declare notes the declarations that were confirmed. One in another wording than
// the one in force was not.
func declare(r voucher.Rules, fields url.Values, a *voucher.Answers) (wrong []ui.FieldError) {
	a.Declared = nil
	for _, d := range r.Declarations.Is {
		if !fields.Has(declarationField(d)) {
			wrong = append(wrong, ui.FieldError{Field: declarationField(d), Text: words(ui.Frame{}, voucher.ErrDeclaration)})
			continue
		}
		a.Declared = append(a.Declared, d.Mark())
	}
	return wrong
}

func declarationField(d voucher.Declaration) string {
	return "dichiarazione-" + d.ID + "-" + strconv.Itoa(d.Version)
}

// stepPage is what the pages of a draft have in common: a way back to the step
// before, and that the draft is kept.
func (p *Portal) stepPage(r *http.Request, s applyStep) citizen.Applying {
	a := p.applying(r, s.edition, s.at)
	a.Errors = s.flaws
	a.Form = &ui.FormProps{Action: draftPath(s.draft.ID, s.at), Key: once.NewKey(), Version: strconv.FormatInt(s.draft.Version, 10)}
	a.Submit, a.Leave = a.T("citizen.apply.continue"), &ui.Link{Text: a.T("citizen.apply.save"), URL: applicationsPath}
	if before := voucher.Steps[a.Step-2]; before != voucher.StepWhom {
		a.Back = &ui.Link{Text: a.T("citizen.apply.back", "Step", a.T("citizen.apply.step."+string(before))), URL: draftPath(s.draft.ID, before)}
	}
	if s.reason != nil {
		a.Trouble = &citizen.Trouble{Tone: ui.Action, Text: []string{words(a.Frame, s.reason)}}
	}
	return a
}

// showResidence is step 2: where the beneficiary lives, read from the register.
func (p *Portal) showResidence(w http.ResponseWriter, r *http.Request, s applyStep) error {
	page := citizen.FactsPage{Applying: p.stepPage(r, s)}
	f := page.Frame
	page.Lead = f.T("citizen.apply.residence.lead", "Name", s.draft.Of.Name())
	home, err := p.Intake.Home(r.Context(), actor(r), s.draft, s.edition)
	switch reason := fault.As(err); {
	case err == nil:
		page.Facts, page.Note = homeFacts(f, s.draft, home), f.T("citizen.apply.residence.note")
	case reason == voucher.ErrTerritoryClosed:
		page.Facts, page.Form, s.status = homeFacts(f, s.draft, home), nil, max(s.status, http.StatusConflict)
		page.Trouble = &citizen.Trouble{Tone: ui.Danger, Title: f.T("citizen.apply.closed.title", "Territory", typeset(home.Territory)),
			Text: []string{f.T("citizen.apply.closed.text", "Territory", typeset(home.Territory), "Article", s.edition.Rules.Closed.Article)}}
	case reason == voucher.ErrNotResident:
		page.Form, s.status = nil, http.StatusConflict
		page.Trouble = &citizen.Trouble{Tone: ui.Danger, Text: []string{words(f, reason)}}
	case reason != nil && reason.Kind == fault.KindUnavailable:
		page.Form, page.Trouble, s.status = nil, silent(f, reason, draftPath(s.draft.ID, s.at)), http.StatusServiceUnavailable
	default:
		return err
	}
	return p.showAs(w, r, s.status, citizen.Facts(page))
}

// homeFacts are the beneficiary and where they live. Of a child whom the register
// does not tie to the writer only what the writer typed, and the territory, is told.
func homeFacts(f ui.Frame, d voucher.Draft, home voucher.Residence) []ui.Entry {
	territory := ui.Entry{Name: f.T("citizen.data.territory"), Value: typeset(home.Territory), Note: f.T("citizen.apply.residence.territory"), Proper: true}
	holder := ui.Entry{Name: f.T("citizen.data.holder"), Value: d.Of.Name(), Proper: true}
	if d.Of.Declared {
		return []ui.Entry{holder, territory}
	}
	return []ui.Entry{
		holder,
		{Name: f.T("citizen.apply.residence.city"), Value: home.City, Proper: true},
		{Name: f.T("citizen.data.province"), Value: provinceName(home.Province), Proper: true},
		territory,
	}
}

// showMeans is step 3: the ISEE, read from its register, and what it gives a right to.
func (p *Portal) showMeans(w http.ResponseWriter, r *http.Request, s applyStep) error {
	page := citizen.FactsPage{Applying: p.stepPage(r, s)}
	f := page.Frame
	answer, err := p.Intake.Means(r.Context(), actor(r), s.draft)
	switch reason := fault.As(err); {
	case reason != nil && reason.Kind == fault.KindUnavailable:
		page.Form, page.Trouble, s.status = nil, silent(f, reason, draftPath(s.draft.ID, s.at)), http.StatusServiceUnavailable
		return p.showAs(w, r, s.status, citizen.Facts(page))
	case err != nil:
		return err
	}
	page.Lead = meansLead(f, s.draft, answer)
	page.Facts = meansFacts(f, s.edition.Rules, s.draft, answer)
	today := calendar.On(p.Now())
	switch _, right := s.edition.Rules.Theoretical(answer); {
	case answer.Status == voucher.ISEEMissing:
		page.Form = nil
		page.Trouble = &citizen.Trouble{Tone: ui.Danger, Title: f.T("citizen.apply.isee.none.title"), Text: []string{f.T("citizen.apply.isee.none.text")},
			Links: []ui.Link{{Text: f.T("citizen.apply.isee.again"), URL: draftPath(s.draft.ID, s.at)}}}
		page.How = howToGetISEE(f)
	case answer.Status == voucher.ISEEDefective:
		page.Trouble = &citizen.Trouble{Tone: ui.Action, Title: f.T("citizen.apply.isee.defective.title"), Text: append(
			defectWords(f, answer.Attestation.Defects), f.T("citizen.apply.isee.defective.text", "By", ui.ByDay(s.edition.Rules.CureBy(today))))}
	case !right && !s.draft.Of.Declared:
		page.Trouble = &citizen.Trouble{Tone: ui.Action, Title: f.T("citizen.apply.isee.above.title"),
			Text: []string{f.T("citizen.apply.isee.above.text", "Bound", wholeEuro(highest(s.edition.Rules)))}}
	}
	return p.showAs(w, r, s.status, citizen.Facts(page))
}

func meansLead(f ui.Frame, d voucher.Draft, a voucher.ISEEAnswer) string {
	switch {
	case a.Status == voucher.ISEEMissing:
		return ""
	case d.Of.Declared:
		return f.T("citizen.apply.isee.hidden")
	case d.Of.Tie == voucher.Myself:
		return f.T("citizen.apply.isee.yours."+string(a.Status), "Value", a.Value, "On", ui.OnDay(a.Attestation.IssuedOn))
	}
	return f.T("citizen.apply.isee.of."+string(a.Status), "Name", d.Of.Name(), "Value", a.Value, "On", ui.OnDay(a.Attestation.IssuedOn))
}

// meansFacts are the ISEE, its band and the theoretical amount; not told of a child
// whom the register does not tie to the writer.
func meansFacts(f ui.Frame, r voucher.Rules, d voucher.Draft, a voucher.ISEEAnswer) []ui.Entry {
	if a.Status == voucher.ISEEMissing || d.Of.Declared {
		return nil
	}
	t := a.Attestation
	facts := []ui.Entry{
		{Name: f.T("citizen.apply.isee.attestation"), Value: f.T("citizen.isee.kind." + t.Kind), Note: f.T("citizen.apply.isee.protocol", "Protocol", t.Protocol)},
		{Name: f.T("citizen.apply.isee.valid"), Value: ui.Day(t.ValidUntil)},
	}
	if !a.HasValue {
		return facts
	}
	facts = append([]ui.Entry{{Name: f.T("citizen.data.isee"), Value: a.Value.String()}}, facts...)
	if b, ok := r.Band(a.Value); ok {
		facts = append(facts,
			ui.Entry{Name: f.T("citizen.data.band"), Value: bandText(f, b), Note: r.Bands.Article},
			ui.Entry{Name: f.T("citizen.apply.isee.amount"), Value: b.Amount.String(), Note: f.T("citizen.apply.isee.amount.note")})
	}
	return facts
}

// highest is the bound above which nobody has a right.
func highest(r voucher.Rules) money.Amount { return r.Bands.Is[len(r.Bands.Is)-1].UpTo }

// defectWords are the omissions and differences of an ISEE, each in a sentence.
func defectWords(f ui.Frame, codes []string) []string {
	all := make([]string, len(codes))
	for i, code := range codes {
		if !knownDefects[code] {
			code = "other"
		}
		all[i] = f.T("citizen.isee.defect." + code)
	}
	return all
}

// knownDefects are those that have words of their own.
var knownDefects = map[string]bool{"assets_missing": true, "income_differs": true, "household_differs": true, "housing_differs": true}

func howToGetISEE(f ui.Frame) *citizen.How {
	return &citizen.How{Title: f.T("citizen.apply.isee.how"), Open: true,
		Steps: []string{f.T("citizen.apply.isee.how.1"), f.T("citizen.apply.isee.how.2"), f.T("citizen.apply.isee.how.3")}}
}

// showContacts is step 4: where to write. What the portal knows is proposed.
func (p *Portal) showContacts(w http.ResponseWriter, r *http.Request, s applyStep) error {
	email, phone := s.draft.Answers.Email, s.draft.Answers.Phone
	if email == "" && phone == "" {
		var err error
		if _, email, phone, err = p.Intake.Person(r.Context(), actor(r).Person); err != nil {
			return err
		}
	}
	if s.fields.Has("email") {
		email, phone = s.fields.Get("email"), s.fields.Get("telefono")
	}
	page := citizen.ContactsPage{Applying: p.stepPage(r, s)}
	f := page.Frame
	page.Lead = f.T("citizen.apply.contacts.lead")
	page.Email = ui.FieldProps{Name: "email", Label: f.T("citizen.apply.contacts.email"), Hint: f.T("citizen.apply.contacts.email.hint"),
		Value: email, Type: "email", Autocomplete: "email", Filter: true}
	page.Phone = ui.FieldProps{Name: "telefono", Label: f.T("citizen.apply.contacts.phone"), Hint: f.T("citizen.apply.contacts.phone.hint"),
		Value: phone, Type: "tel", Autocomplete: "tel", InputMode: "tel", Filter: true}
	return p.showAs(w, r, s.status, citizen.Contacts(page))
}

// showDeclarations is step 5.
func (p *Portal) showDeclarations(w http.ResponseWriter, r *http.Request, s applyStep) error {
	page := citizen.DeclarationsPage{Applying: p.stepPage(r, s)}
	f := page.Frame
	page.Lead = f.T("citizen.apply.declarations.lead")
	for _, d := range s.edition.Rules.Declarations.Is {
		page.Declarations = append(page.Declarations, ui.DeclarationProps{Name: declarationField(d), Text: d.Text, Checked: s.fields.Has(declarationField(d)) ||
			len(s.fields) == 0 && slices.Contains(s.draft.Answers.Declared, d.Mark())})
	}
	return p.showAs(w, r, s.status, citizen.Declarations(page))
}
