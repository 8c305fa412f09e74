package portal

import (
	"net/http"
	"net/url"
	"strings"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/inps"
	"portal/web/ui"
)

const counterApplyPath = counterPath + "/domanda"

// inpsCounterApplyAsk takes down the application of somebody who calls. Nothing of it
// is kept before it is sent.
func (p *Portal) inpsCounterApplyAsk(w http.ResponseWriter, r *http.Request) error {
	if !mayPrepare(r) {
		return identity.ErrNoDuty
	}
	fields := url.Values{}
	if of := identity.PersonID(p.Logins.GetString(r.Context(), keyCaller)); of != "" {
		c, err := p.Desk.Serve(r.Context(), actor(r), of)
		if err != nil {
			return err
		}
		fields.Set("richiedente", string(c.Person.FiscalCode))
		fields.Set("email", c.Email)
	}
	return p.showCounterApply(w, r, http.StatusOK, fields, nil)
}

func (p *Portal) showCounterApply(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong []ui.FieldError) error {
	open, _, err := p.Intake.Open(r.Context())
	if err != nil {
		return err
	}
	f := p.counterFrame(r, ui.Frame{}.T("inps.counter.new"))
	f.Errors = wrong
	page := inps.CounterApplyPage{Frame: f, Form: ui.FormProps{Action: counterApplyPath}, BackURL: counterPath}
	if len(open) == 0 {
		return p.showAs(w, r, status, inps.CounterApply(page))
	}
	page.Open = true
	page.Edition = ui.ChoiceProps{Name: "annualita", Legend: f.T("inps.desk.edition"), Chosen: []string{fields.Get("annualita")}}
	for _, e := range open {
		page.Edition.Options = append(page.Edition.Options, ui.Option{Value: string(e.ID), Label: string(e.ID)})
	}
	text := func(name, label, hint string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: f.T(label), Hint: f.T(hint), Value: fields.Get(name), Autocomplete: "off"}
	}
	page.Caller = text("richiedente", "inps.counter.fiscal_code", "inps.counter.apply.caller_hint")
	page.Of = text("beneficiario", "inps.counter.apply.of", "inps.counter.apply.of_hint")
	page.Email = text("email", "inps.desk.email", "inps.counter.apply.contact_hint")
	page.Phone = text("telefono", "inps.desk.phone", "inps.counter.apply.contact_hint")
	page.Of.Optional, page.Email.Optional, page.Phone.Optional = true, true, true
	page.Declarations = ui.ChoiceProps{Name: "dichiarazione", Legend: f.T("inps.counter.apply.declarations"), Hint: f.T("inps.counter.apply.declarations_hint"),
		Chosen: fields["dichiarazione"]}
	for _, d := range declarationsOf(open) {
		page.Declarations.Options = append(page.Declarations.Options, ui.Option{Value: d.Mark(), Label: d.Text})
	}
	page.Parent = ui.ChoiceProps{Name: "genitore", Legend: f.T("inps.counter.apply.parent"), Hint: f.T("inps.counter.apply.parent_hint"), Optional: true,
		Chosen: fields["genitore"], Options: []ui.Option{{Value: "si", Label: voucher.ParentDeclaration.Text}}}
	return p.showAs(w, r, status, inps.CounterApply(page))
}

// declarationsOf are those of some editions, each once.
func declarationsOf(editions []voucher.Edition) []voucher.Declaration {
	var all []voucher.Declaration
	seen := map[string]bool{}
	for _, e := range editions {
		for _, d := range e.Rules.Declarations.Is {
			if !seen[d.Mark()] {
				seen[d.Mark()] = true
				all = append(all, d)
			}
		}
	}
	return all
}

// inpsCounterApply shows what the registers say before an application is sent, and
// then sends it: the same fields come twice.
func (p *Portal) inpsCounterApply(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "dichiarazione")
	if err != nil {
		return err
	}
	c, wrong := counterApplication(fields)
	if len(wrong) > 0 {
		return p.showCounterApply(w, r, http.StatusUnprocessableEntity, fields, wrong)
	}
	if fields.Get("conferma") == "" {
		found, err := p.Intake.AtCounter(r.Context(), actor(r), c)
		if err != nil {
			return p.counterRefused(w, r, fields, err)
		}
		return p.showCounterReview(w, r, fields, c, found)
	}
	sent, err := sending(r, "counter.apply", fields)
	if err != nil {
		return err
	}
	id, first, err := p.Intake.SubmitAtCounter(r.Context(), actor(r), sent, c)
	if err != nil {
		return p.counterRefused(w, r, fields, err)
	}
	var f ui.Frame
	key := "inps.counter.apply.sent"
	if !first {
		key = "inps.counter.apply.before"
	}
	return p.done(w, r, deskCasePath(id)+"/"+deskDataTab, f.T(key), f.T(key+".text"))
}

// counterApplication reads the form of an application.
func counterApplication(fields url.Values) (c voucher.CounterApplication, wrong []ui.FieldError) {
	var f ui.Frame
	flaw := func(name string, err error) {
		if reason := fault.As(err); reason != nil {
			wrong = append(wrong, ui.FieldError{Field: name, Text: words(f, reason)})
		}
	}
	var err error
	c.Edition, c.Declared, c.Parent = voucher.EditionID(fields.Get("annualita")), fields["dichiarazione"], fields.Get("genitore") != ""
	if c.Caller, err = identity.ParseFiscalCode(fields.Get("richiedente")); err != nil {
		flaw("richiedente", err)
	}
	if c.Of = c.Caller; strings.TrimSpace(fields.Get("beneficiario")) != "" {
		if c.Of, err = identity.ParseFiscalCode(fields.Get("beneficiario")); err != nil {
			flaw("beneficiario", err)
		}
	}
	if c.Email, err = voucher.ParseEmail(fields.Get("email")); err != nil {
		flaw("email", err)
	}
	if c.Phone, err = voucher.ParsePhone(fields.Get("telefono")); err != nil {
		flaw("telefono", err)
	}
	if c.Email == "" && c.Phone == "" && len(wrong) == 0 {
		flaw("email", voucher.ErrNoContact)
	}
	return c, wrong
}

// counterFields say beside which field a reason stands.
var counterFields = map[*fault.Reason]string{
	voucher.ErrDeclaration: "dichiarazione", voucher.ErrUnconfirmed: "genitore", voucher.ErrMandateEnded: "beneficiario",
	voucher.ErrNotYourChild: "beneficiario", voucher.ErrNoContact: "email",
}

// counterRefused shows the form again with the reason why an application cannot be
// sent as it stands.
func (p *Portal) counterRefused(w http.ResponseWriter, r *http.Request, fields url.Values, err error) error {
	reason, refused := fault.Refusal(err)
	if !refused {
		return err
	}
	field, known := counterFields[reason]
	if !known {
		field = "richiedente"
	}
	return p.showCounterApply(w, r, statuses[reason.Kind], fields, []ui.FieldError{{Field: field, Text: words(ui.Frame{}, reason)}})
}

func (p *Portal) showCounterReview(w http.ResponseWriter, r *http.Request, fields url.Values, c voucher.CounterApplication, found voucher.Registers) error {
	editions, err := p.Desk.Editions(r.Context())
	if err != nil {
		return err
	}
	f := p.counterFrame(r, ui.Frame{}.T("inps.counter.apply.review"))
	isee, amount := f.T("inps.desk.isee."+string(found.ISEE.Status)), ""
	if found.ISEE.HasValue {
		isee = found.ISEE.Value.String() + " · " + isee
	}
	if sum, ok := editions[c.Edition].Rules.Theoretical(found.ISEE); ok {
		amount = sum.String()
	}
	page := inps.ActPage{
		Frame: f, Recorded: true, Consequences: []string{f.T("inps.counter.apply.review_text")},
		Facts: []ui.Entry{
			{Name: f.T("inps.desk.edition"), Value: string(c.Edition)},
			{Name: f.T("inps.desk.applicant"), Value: string(c.Caller), Proper: true},
			{Name: f.T("inps.desk.beneficiary"), Value: found.Residence.GivenName + " " + found.Residence.FamilyName, Note: string(c.Of), Proper: true},
			{Name: f.T("inps.desk.col.territory"), Value: typeset(found.Residence.Territory), Proper: true},
			{Name: f.T("inps.desk.col.isee"), Value: isee},
			{Name: f.T("citizen.apply.isee.amount"), Value: amount, Note: f.T("citizen.apply.isee.amount.note")},
			{Name: f.T("inps.desk.email"), Value: c.Email, Proper: true},
			{Name: f.T("inps.desk.phone"), Value: c.Phone, Proper: true},
		},
		Hidden:  [][2]string{{"conferma", "si"}},
		Form:    ui.FormProps{Action: counterApplyPath, Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.counter.apply.send"), Cancel: &ui.Link{Text: f.T("inps.desk.leave"), URL: counterApplyPath}},
	}
	for _, name := range []string{"annualita", "richiedente", "beneficiario", "email", "telefono", "genitore"} {
		if v := fields.Get(name); v != "" {
			page.Hidden = append(page.Hidden, [2]string{name, v})
		}
	}
	for _, d := range c.Declared {
		page.Hidden = append(page.Hidden, [2]string{"dichiarazione", d})
	}
	return p.show(w, r, inps.Act(page))
}
