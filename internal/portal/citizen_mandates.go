package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/mandate"
	"portal/internal/once"
	"portal/web/citizen"
	"portal/web/ui"
)

const mandatesPath = "/deleghe"

func (p *Portal) mandatesFrame(r *http.Request, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{})
	f.Title, f.HeadTitle = f.T("mandates.title"), f.T("mandates.short")
	own := ui.Crumb{Text: f.T("mandates.short")}
	if len(below) > 0 {
		own.URL = mandatesPath
	}
	f.Path = append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, own}, below...)
	return f
}

// citizenMandates shows who acts for the person in front of the screen, and for
// whom they act, whoever they stand for just now.
func (p *Portal) citizenMandates(w http.ResponseWriter, r *http.Request) error {
	who, today := actor(r), calendar.On(p.Now())
	all, err := p.Mandates.Of(r.Context(), who.Person)
	if err != nil {
		return err
	}
	f, limits := p.mandatesFrame(r), mandate.LimitsOn(today)
	page := citizen.MandatesPage{Frame: f, NewURL: mandatesPath + "/nuova", Rules: []string{
		f.T("mandates.rule.one", "Article", limits.Delegates.Article),
		f.T("mandates.rule.people", "Count", limits.People.Is, "Article", limits.People.Article),
		f.T("mandates.rule.days", "Count", limits.OnlineDays.Is, "Article", limits.OnlineDays.Article),
		f.T("mandates.rule.parents"),
		f.T("mandates.rule.protected"),
	}}
	known := mandate.Parties{Represented: mandate.Party{Person: identity.Person{ID: who.Person}}, Known: all}
	for _, m := range all {
		row := mandateRow(f, m, who.Person)
		switch {
		case !m.Holds(today):
			row.Name = f.T("mandates.pair", "Holder", m.Acting.Name(), "Represented", m.Represented.Name())
			row.Until = overSince(f, m)
			page.Past = append(page.Past, row)
			continue
		case m.Represented.ID == who.Person && m.Kind == identity.Delegate:
			page.NewURL, page.NewWhy = "", f.T("mandates.new.one")
		}
		switch err := known.MayRevoke(m, who, today); {
		case err == nil:
			key := "mandates.end"
			if m.Holder == who.Person {
				key = "mandates.give_up"
			}
			row.End = &ui.Link{Text: f.T(key), URL: mandatesPath + "/" + string(m.ID) + "/revoca"}
		case errors.Is(err, mandate.ErrTooSoon):
			row.Note = f.T("mandates.too_soon", "From", ui.FromDay(m.FreeFrom(limits)))
		case errors.Is(err, mandate.ErrOwnNameOnly):
		default:
			row.Note = f.T("mandates.at_counter")
		}
		if m.Holder == who.Person {
			page.ByMe = append(page.ByMe, row)
		} else {
			page.ForMe = append(page.ForMe, row)
		}
	}
	if l, _ := current(r); who.For != who.Person {
		page.Standing, page.NewURL, page.NewWhy = f.T("mandates.standing", "Name", l.ForName), "", ""
	}
	return p.show(w, r, citizen.Mandates(page))
}

func mandateRow(f ui.Frame, m mandate.Mandate, reader identity.PersonID) citizen.MandateRow {
	row := citizen.MandateRow{ID: string(m.ID), Name: m.Acting.Name(), Kind: f.T("mandates.kind." + string(m.Kind)),
		Scope: f.T("mandates.scope." + string(m.Scope)), Since: ui.Day(m.From), Until: f.T("mandates.endless")}
	if m.Holder == reader {
		row.Name = m.Represented.Name()
	}
	if !m.Until.IsZero() {
		row.Until = ui.Day(m.Until)
	}
	return row
}

// overSince is when a mandate came to its end, or was ended.
func overSince(f ui.Frame, m mandate.Mandate) string {
	if !m.Mandate.Revoked.IsZero() {
		return f.T("mandates.revoked", "OnDay", ui.OnDay(m.Mandate.Revoked))
	}
	return ui.Day(m.Until)
}

// citizenMandateAsk is the form of a new delegation.
func (p *Portal) citizenMandateAsk(w http.ResponseWriter, r *http.Request) error {
	page := p.mandatePage(r, url.Values{"idem": {once.NewKey()}, "ambito": {string(identity.AllMatters)}})
	if who := actor(r); who.For != who.Person {
		page.Refused = words(page.Frame, mandate.ErrOwnNameOnly)
		return p.showAs(w, r, http.StatusConflict, citizen.Mandate(page))
	}
	return p.show(w, r, citizen.Mandate(page))
}

func (p *Portal) mandatePage(r *http.Request, fields url.Values) citizen.MandatePage {
	f := p.mandatesFrame(r, ui.Crumb{Text: p.frame(r, ui.Frame{}).T("mandates.new.short")})
	f.Title = f.T("mandates.new.title")
	day, month, year := ui.DateNames("fine")
	limits := mandate.LimitsOn(calendar.On(p.Now()))
	return citizen.MandatePage{
		Frame: f, Form: ui.FormProps{Action: mandatesPath + "/nuova", Key: fields.Get("idem")},
		FiscalCode: fields.Get("codice_fiscale"), Given: fields.Get("nome"), Family: fields.Get("cognome"),
		Scope: fields.Get("ambito"), Scopes: mandateScopes(f), Accepted: fields.Get("conferma") == "on",
		Until: ui.DateFieldProps{Name: "fine", Legend: f.T("mandates.until.ask"), Hint: f.T("mandates.until.hint"), Optional: true,
			Day: fields.Get(day), Month: fields.Get(month), Year: fields.Get(year)},
		Consequences: []string{f.T("mandates.new.lead"), f.T("mandates.new.days", "Count", limits.OnlineDays.Is)},
	}
}

func mandateScopes(f ui.Frame) []ui.Option {
	var options []ui.Option
	for _, s := range identity.Scopes {
		options = append(options, ui.Option{Value: string(s), Label: f.T("mandates.scope." + string(s))})
	}
	return options
}

// mandateFields are the fields in which reasons are shown.
var mandateFields = map[*fault.Reason]string{
	mandate.ErrOneself: "codice_fiscale", mandate.ErrName: "codice_fiscale", mandate.ErrScope: "ambito",
	mandate.ErrTooShort: "fine", mandate.ErrEndsBefore: "fine", mandate.ErrTooManyHeld: "codice_fiscale",
}

// citizenMandate gives a delegation.
func (p *Portal) citizenMandate(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "mandate.give", fields)
	if err != nil {
		return err
	}
	page := p.mandatePage(r, fields)
	to, wrong := partyFields(page.Frame, fields, "")
	page.Errors = wrong
	until, err := dateField(fields, "fine")
	if err != nil {
		page.Errors = append(page.Errors, ui.FieldError{Field: "fine", Text: words(page.Frame, fault.As(err))})
	}
	if !page.Accepted {
		page.Errors = append(page.Errors, ui.FieldError{Field: "conferma", Text: page.T("mandates.accept.missing")})
	}
	if len(page.Errors) > 0 {
		return p.showAs(w, r, http.StatusUnprocessableEntity, citizen.Mandate(page))
	}
	_, err = p.Mandates.Delegate(r.Context(), actor(r), sent, to, mandate.Wish{Scope: identity.Scope(page.Scope), Until: until})
	reason, refused := fault.Refusal(err)
	switch {
	case !refused && err != nil:
		return err
	case refused && reason.Kind == fault.KindInvalid || reason == mandate.ErrTooManyHeld:
		page.Errors = []ui.FieldError{{Field: mandateFields[reason], Text: words(page.Frame, reason)}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, citizen.Mandate(page))
	case refused && reason.Kind == fault.KindRefused:
		page.Refused = words(page.Frame, reason)
		return p.showAs(w, r, http.StatusConflict, citizen.Mandate(page))
	case err != nil:
		return err
	}
	return p.done(w, r, mandatesPath, page.T("mandates.new.done"), page.T("mandates.new.done.text", "Name", to.Name()))
}

// partyFields reads the fiscal code and the name of somebody, from fields whose
// names end as given.
func partyFields(f ui.Frame, fields url.Values, ending string) (party mandate.Party, wrong []ui.FieldError) {
	name := func(field string) string { return strings.Join(strings.Fields(fields.Get(field+ending)), " ") }
	code, err := identity.ParseFiscalCode(fields.Get("codice_fiscale" + ending))
	switch {
	case errors.Is(err, identity.ErrFiscalCodeLength):
		wrong = append(wrong, lengthError(f, "codice_fiscale"+ending, "mandates.fiscal_code.missing", "mandates.fiscal_code.length",
			strings.Join(strings.Fields(fields.Get("codice_fiscale"+ending)), "")))
	case err != nil:
		wrong = append(wrong, ui.FieldError{Field: "codice_fiscale" + ending, Text: words(f, fault.As(err))})
	}
	party.FiscalCode, party.GivenName, party.FamilyName = code, name("nome"), name("cognome")
	if party.GivenName == "" || len(party.GivenName) > 100 {
		wrong = append(wrong, ui.FieldError{Field: "nome" + ending, Text: f.T("mandates.given.missing")})
	}
	if party.FamilyName == "" || len(party.FamilyName) > 100 {
		wrong = append(wrong, ui.FieldError{Field: "cognome" + ending, Text: f.T("mandates.family.missing")})
	}
	return party, wrong
}

// citizenMandateEndAsk asks whether to end a mandate.
func (p *Portal) citizenMandateEndAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showMandateEnd(w, r, http.StatusOK)
}

// citizenMandateEnd ends a mandate: one's own delegate's, or one that one holds.
func (p *Portal) citizenMandateEnd(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "mandate.end", url.Values{"idem": fields["idem"], "delega": {id}})
	if err != nil {
		return err
	}
	err = p.Mandates.Revoke(r.Context(), actor(r), sent, identity.MandateID(id))
	if reason, refused := fault.Refusal(err); refused && reason.Kind == fault.KindRefused {
		return p.showMandateEnd(w, r, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, mandatesPath, f.T("mandates.ended.done"), f.T("mandates.ended.done.text"))
}

func (p *Portal) showMandateEnd(w http.ResponseWriter, r *http.Request, status int) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	who, today, ctx := actor(r), calendar.On(p.Now()), r.Context()
	m, err := p.Mandates.Mandate(ctx, identity.MandateID(id))
	if err != nil {
		return err
	}
	all, err := p.Mandates.Of(ctx, m.Represented.ID)
	if err != nil {
		return err
	}
	f := p.mandatesFrame(r, ui.Crumb{Text: p.frame(r, ui.Frame{}).T("mandates.end.short")})
	f.Back = &ui.Link{Text: f.T("mandates.back"), URL: mandatesPath}
	f.Title = f.T("mandates.end.title", "Name", m.Acting.Name())
	says := []string{f.T("mandates.end.says", "Name", m.Acting.Name()), f.T("mandates.end.told")}
	if m.Holder == who.Person {
		f.Title = f.T("mandates.give_up.title", "Name", m.Represented.Name())
		says = []string{f.T("mandates.give_up.says", "Name", m.Represented.Name()), f.T("mandates.end.told")}
	}
	page := citizen.MandateEndPage{Frame: f}
	parties := mandate.Parties{Holder: m.Acting, Represented: mandate.Party{Person: m.Represented}, Known: all}
	err = parties.MayRevoke(m, who, today)
	reason, refused := fault.Refusal(err)
	switch {
	case refused:
		page.Why, status = words(f, reason), http.StatusConflict
		if reason == mandate.ErrTooSoon {
			page.Why += " " + f.T("mandates.too_soon", "From", ui.FromDay(m.FreeFrom(mandate.LimitsOn(today))))
		}
	case err != nil:
		return err
	default:
		page.Ask = &ui.ConfirmProps{Consequences: says,
			Form:    ui.FormProps{Action: mandatesPath + "/" + id + "/revoca", Key: once.NewKey()},
			Buttons: ui.ButtonsProps{Submit: f.T("mandates.end.submit"), Danger: true, Cancel: &ui.Link{Text: f.T("mandates.keep"), URL: mandatesPath}}}
	}
	return p.showAs(w, r, status, citizen.MandateEnd(page))
}
