package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/internal/voucher"
	"portal/web/citizen"
	"portal/web/ui"
)

const applyPath = applicationsPath + "/nuova"

func draftPath(id voucher.DraftID, step voucher.Step) string {
	return applyPath + "/" + string(id) + "/" + string(step)
}

// citizenApply is the first step: for whom.
func (p *Portal) citizenApply(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	e, err := p.editionToApply(r, q.Get("annualita"))
	if err != nil {
		return err
	}
	return p.showWhom(w, r, http.StatusOK, e, url.Values{}, nil, nil)
}

// editionToApply is the edition that was asked for, or the one that takes
// applications.
func (p *Portal) editionToApply(r *http.Request, id string) (voucher.Edition, error) {
	if id != "" {
		return p.Intake.Edition(r.Context(), voucher.EditionID(id))
	}
	open, coming, err := p.Intake.Open(r.Context())
	switch {
	case err != nil:
		return voucher.Edition{}, err
	case len(open) > 0:
		return open[0], nil
	case len(coming) > 0:
		return coming[0], voucher.ErrWindowNotOpen
	}
	return voucher.Edition{}, voucher.ErrWindowClosed
}

// citizenApplyBegin makes the draft, and goes on to where it stands.
func (p *Portal) citizenApplyBegin(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	var text textError
	if err != nil && !errors.As(err, &text) {
		return err
	}
	e, wrong := p.editionToApply(r, fields.Get("annualita"))
	if wrong != nil {
		return wrong
	}
	of, flaws := whom(r, fields)
	if err != nil {
		flaws = append(flaws, ui.FieldError{Field: text.field, Text: words(ui.Frame{}, errText)})
	}
	if len(flaws) > 0 {
		return p.showWhom(w, r, http.StatusUnprocessableEntity, e, fields, flaws, nil)
	}
	sent, err := sending(r, "application.begin", fields)
	if err != nil {
		return err
	}
	id, err := p.Intake.Begin(r.Context(), actor(r), sent, e.ID, of)
	if reason := fault.As(err); reason != nil && reason.Kind != fault.KindNotFound {
		if field := whomFields[reason]; field != "" {
			flaws = []ui.FieldError{{Field: field, Text: words(ui.Frame{}, reason)}}
		}
		return p.showWhom(w, r, statuses[reason.Kind], e, fields, flaws, reason)
	}
	if err != nil {
		return err
	}
	return goTo(w, r, applyPath+"/"+string(id), nil)
}

// Why the first step cannot be left.
var (
	errWhomMissing   = fault.Invalid("application.whom_missing")
	errGivenMissing  = fault.Invalid("application.given_name_missing")
	errFamilyMissing = fault.Invalid("application.family_name_missing")
)

// whom reads for whom an application is, and what is wrong with that.
func whom(r *http.Request, fields url.Values) (of voucher.Beneficiary, wrong []ui.FieldError) {
	flaw := func(field string, reason error) {
		wrong = append(wrong, ui.FieldError{Field: field, Text: words(ui.Frame{}, fault.As(reason))})
	}
	who, choice := actor(r), fields.Get("per_chi")
	mandate, isMandate := strings.CutPrefix(choice, "m-")
	switch {
	case who.For != who.Person:
		of = voucher.Beneficiary{Tie: voucher.Represented, Mandate: who.Mandate}
	case choice == "me":
		of.Tie = voucher.Myself
	case isMandate:
		of = voucher.Beneficiary{Tie: voucher.Represented, Mandate: identity.MandateID(mandate)}
	case choice == "figlio":
		of = voucher.Beneficiary{Tie: voucher.MyChild, GivenName: strings.TrimSpace(fields.Get("nome")),
			FamilyName: strings.TrimSpace(fields.Get("cognome")), Declared: fields.Has("responsabilita")}
		if of.GivenName == "" {
			flaw("nome", errGivenMissing)
		}
		if of.FamilyName == "" {
			flaw("cognome", errFamilyMissing)
		}
		typed := fields.Get("codice_fiscale")
		code, err := identity.ParseFiscalCode(typed)
		switch {
		case errors.Is(err, identity.ErrFiscalCodeLength):
			wrong = append(wrong, lengthError(ui.Frame{}, "codice_fiscale", "citizen.apply.child.code.missing", "citizen.apply.child.code.length", strings.Join(strings.Fields(typed), "")))
		case err != nil:
			flaw("codice_fiscale", err)
		}
		of.FiscalCode = code
	default:
		flaw("per_chi", errWhomMissing)
	}
	return of, wrong
}

// whomFields are the fields that the reasons of the first step belong to.
var whomFields = map[*fault.Reason]string{
	voucher.ErrOwnCode: "codice_fiscale", voucher.ErrChildName: "nome", voucher.ErrChildOfAge: "codice_fiscale",
	voucher.ErrUnconfirmed: "responsabilita", voucher.ErrMandateEnded: "per_chi", voucher.ErrMinor: "per_chi",
}

func (p *Portal) showWhom(w http.ResponseWriter, r *http.Request, status int, e voucher.Edition, fields url.Values, flaws []ui.FieldError, reason *fault.Reason) error {
	a := p.applying(r, e, voucher.StepWhom)
	a.Lead, a.Errors = a.T("citizen.apply.whom.lead", "Closes", windowEnd(e)), flaws
	a.Form, a.Submit = &ui.FormProps{Action: applyPath, Key: once.NewKey()}, a.T("citizen.apply.continue")
	a.Leave = &ui.Link{Text: a.T("citizen.apply.leave"), URL: applicationsPath}
	switch {
	case reason == nil || len(flaws) > 0:
	case reason.Kind == fault.KindUnavailable:
		a.Trouble = silent(a.Frame, reason, "")
	default:
		a.Trouble = &citizen.Trouble{Tone: ui.Action, Text: []string{words(a.Frame, reason)}}
	}
	field := func(name, label string) ui.FieldProps {
		return ui.FieldProps{Name: name, Label: a.T(label), Value: fields.Get(name), Autocomplete: "off", Filter: true}
	}
	page := citizen.WhomPage{
		Applying: a, Edition: string(e.ID),
		Whom:      ui.ChoiceProps{Name: "per_chi", Legend: a.T("citizen.apply.whom.legend"), Chosen: fields["per_chi"]},
		GivenName: field("nome", "citizen.apply.child.given"), FamilyName: field("cognome", "citizen.apply.child.family"),
		Code: field("codice_fiscale", "citizen.apply.child.code"),
	}
	choose := func(value, label, hint string) {
		page.Whom.Options = append(page.Whom.Options, ui.Option{Value: value, Label: label, Hint: hint})
	}
	l, _ := current(r)
	if l.ForName != "" {
		choose("m-"+string(l.Actor.Mandate), a.T("citizen.apply.whom.for", "Name", l.ForName), "")
		page.Whom.Chosen = []string{page.Whom.Options[0].Value}
		return p.showAs(w, r, status, citizen.Whom(page))
	}
	mandates, err := p.Intake.Mandates(r.Context(), l.Actor.Person, calendar.On(p.Now()))
	if err != nil {
		return err
	}
	choose("me", a.T("citizen.apply.whom.me"), "")
	for _, m := range mandates {
		choose("m-"+string(m.ID), a.T("citizen.apply.whom.for", "Name", m.Represented.Name()), a.T("citizen.apply.tie."+string(m.Kind)))
	}
	choose("figlio", a.T("citizen.apply.whom.child"), a.T("citizen.apply.whom.child.hint"))
	page.Child = true
	if reason == voucher.ErrUnconfirmed || fields.Has("responsabilita") {
		page.Declare = &ui.DeclarationProps{Name: "responsabilita", Text: voucher.ParentDeclaration.Text,
			Note: a.T("citizen.apply.declare.note"), Checked: fields.Has("responsabilita")}
	}
	return p.showAs(w, r, status, citizen.Whom(page))
}

// applying is what every step has in common.
func (p *Portal) applying(r *http.Request, e voucher.Edition, step voucher.Step) citizen.Applying {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	at := slices.Index(voucher.Steps, step) + 1
	names := make([]string, len(voucher.Steps))
	for i, s := range voucher.Steps {
		names[i] = f.T("citizen.apply.step." + string(s))
	}
	f.Title, f.HeadTitle = f.T("citizen.apply.title."+string(step)), f.T("citizen.apply.head", "Step", at)
	f.Caption = f.T("citizen.apply.caption", "Year", e.ApplicationYear, "Step", f.Step(at, len(voucher.Steps)))
	f.Path = []ui.Crumb{{Text: f.T("citizen.applications.short"), URL: applicationsPath}, {Text: f.T("citizen.apply.short", "Year", e.ApplicationYear)}}
	return citizen.Applying{Frame: f, Steps: names, Step: at}
}

// windowEnd is the last minute in which an edition takes applications: "il 14
// novembre 2025 alle 23:59"; toWindowEnd is "al 14 novembre 2025 alle 23:59".
func windowEnd(e voucher.Edition) string { return ui.OnMoment(e.Rules.Window.Is.Closes.Add(-1)) }

func toWindowEnd(e voucher.Edition) string {
	last := e.Rules.Window.Is.Closes.Add(-1)
	return ui.ToDay(calendar.On(last)) + " " + ui.AtClock(last)
}

// silent is the trouble of a register that does not answer (G-DATO).
func silent(f ui.Frame, reason *fault.Reason, retry string) *citizen.Trouble {
	t := &citizen.Trouble{Tone: ui.Action, Title: f.T("citizen.apply.silent." + reason.Code), Text: []string{words(f, reason)}}
	if retry != "" {
		t.Links = []ui.Link{{Text: f.T("error.retry"), URL: retry}}
	}
	return t
}

// citizenDraft leads to the step at which a draft stands.
func (p *Portal) citizenDraft(w http.ResponseWriter, r *http.Request) error {
	d, e, err := p.draft(r)
	if err != nil {
		return err
	}
	if d.Sent != "" {
		return goTo(w, r, receiptPath(d.Sent), url.Values{"gia": {"1"}})
	}
	return goTo(w, r, draftPath(d.ID, d.Next(e.Rules)), nil)
}

// draft is the one in the address, if it is the actor's.
func (p *Portal) draft(r *http.Request) (voucher.Draft, voucher.Edition, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return voucher.Draft{}, voucher.Edition{}, err
	}
	return p.Intake.Draft(r.Context(), actor(r), voucher.DraftID(id))
}

// applyOffers puts on the list of applications what can be asked for now, what was
// begun, and when the next window opens.
func (p *Portal) applyOffers(r *http.Request, page *citizen.ApplicationsPage, files []voucher.CaseFile) error {
	open, coming, err := p.Intake.Open(r.Context())
	if err != nil {
		return err
	}
	who, f := actor(r), page.Frame
	for _, e := range open {
		has := slices.ContainsFunc(files, func(c voucher.CaseFile) bool { return c.Application.Edition == e.ID })
		if has && who.For != who.Person {
			continue // in one's own name there may be a child to apply for
		}
		page.Offers = append(page.Offers, citizen.Offer{
			Apply: ui.Link{Text: f.T("citizen.apply.start", "Year", e.ApplicationYear), URL: applyPath + "?" + url.Values{"annualita": {string(e.ID)}}.Encode()},
			Until: f.T("citizen.apply.closes", "Closes", toWindowEnd(e))})
	}
	if len(open) == 0 && len(coming) > 0 {
		page.Opens = f.T("citizen.apply.opens", "Year", coming[0].ApplicationYear, "Opens", ui.OnMoment(coming[0].Rules.Window.Is.Opens))
	}
	drafts, err := p.Intake.Drafts(r.Context(), who)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if i := slices.IndexFunc(open, func(e voucher.Edition) bool { return e.ID == d.Edition }); i >= 0 {
			page.Drafts = append(page.Drafts, citizen.DraftRow{ID: string(d.ID), URL: applyPath + "/" + string(d.ID),
				Year: strconv.Itoa(open[i].ApplicationYear), Holder: d.Of.Name(), SavedAt: d.SavedAt})
		}
	}
	return nil
}
