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
	"portal/web/inps"
	"portal/web/ui"
)

const inpsMandatesPath = "/gestione/inps/deleghe"

// keyParty is the fiscal code looked for at the counter: it has no place in an
// address.
const keyParty = "party"

func (p *Portal) inpsMandatesFrame(r *http.Request, below ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("mandates.inps.title")
	own := ui.Crumb{Text: f.T("mandates.short")}
	if len(below) > 0 {
		own.URL = inpsMandatesPath
		f.Back = &ui.Link{Text: f.T("mandates.inps.back"), URL: inpsMandatesPath}
	}
	f.Path = inpsCrumbs(f, append([]ui.Crumb{own}, below...)...)
	return f
}

// inpsMandates shows the mandates of whom was looked for last.
func (p *Portal) inpsMandates(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if q.Get("filtri") == "togli" {
		p.Logins.Remove(r.Context(), keyParty)
		return goTo(w, r, inpsMandatesPath, nil)
	}
	return p.showInpsMandates(w, r, p.Logins.GetString(r.Context(), keyParty))
}

// inpsMandatesSearch looks for somebody by fiscal code.
func (p *Portal) inpsMandatesSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	code, err := identity.ParseFiscalCode(fields.Get("codice_fiscale"))
	if err != nil {
		page := p.inpsMandatesPage(r)
		page.FiscalCode = fields.Get("codice_fiscale")
		page.Errors = []ui.FieldError{{Field: "codice_fiscale", Text: words(page.Frame, fault.As(err))}}
		return p.showAs(w, r, http.StatusUnprocessableEntity, inps.Mandates(page))
	}
	p.Logins.Put(r.Context(), keyParty, string(code))
	return goTo(w, r, inpsMandatesPath, nil)
}

func (p *Portal) inpsMandatesPage(r *http.Request) inps.MandatesPage {
	page := inps.MandatesPage{Frame: p.inpsMandatesFrame(r)}
	if actor(r).Has(identity.Prepare) {
		page.NewURL = inpsMandatesPath + "/nuova"
	}
	return page
}

func (p *Portal) showInpsMandates(w http.ResponseWriter, r *http.Request, code string) error {
	page := p.inpsMandatesPage(r)
	if page.FiscalCode = code; code == "" {
		return p.show(w, r, inps.Mandates(page))
	}
	page.ClearURL = inpsMandatesPath + "?filtri=togli"
	party, all, err := p.Mandates.Search(r.Context(), actor(r), identity.FiscalCode(code))
	switch {
	case errors.Is(err, fault.ErrNotFound):
		page.None = page.T("mandates.inps.unknown")
		return p.show(w, r, inps.Mandates(page))
	case err != nil:
		return err
	}
	found, today := &inps.MandatesOf{Name: party.Name()}, calendar.On(p.Now())
	for _, m := range all {
		row := inps.MandateRow{ID: string(m.ID), Holder: m.Acting.Name(), Represented: m.Represented.Name(), Kind: page.T("mandates.kind." + string(m.Kind)),
			Scope: page.T("mandates.scope." + string(m.Scope)), Since: ui.Day(m.From), Grounds: m.Grounds, State: mandateTag(page.Frame, m, today)}
		if m.Holds(today) && page.NewURL != "" {
			row.EndURL = inpsMandatesPath + "/" + string(m.ID) + "/revoca"
		}
		found.Rows = append(found.Rows, row)
	}
	page.Found = found
	return p.show(w, r, inps.Mandates(page))
}

func mandateTag(f ui.Frame, m mandate.Mandate, today calendar.Date) ui.Tag {
	switch {
	case !m.Holds(today):
		return ui.Tag{Tone: ui.Closed, Text: overSince(f, m)}
	case m.Until.IsZero():
		return ui.Tag{Tone: ui.Success, Text: f.T("mandates.inps.endless")}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("mandates.inps.until", "ToDay", ui.ToDay(m.Until))}
}

// inpsMandateAsk is the form that registers a mandate.
func (p *Portal) inpsMandateAsk(w http.ResponseWriter, r *http.Request) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	return p.show(w, r, inps.Mandate(p.inpsMandatePage(r, url.Values{"idem": {once.NewKey()}, "ambito": {string(identity.AllMatters)},
		"codice_fiscale-rappresentato": {p.Logins.GetString(r.Context(), keyParty)}})))
}

// The endings of the fields of the two people.
const (
	holderEnding      = "-rappresentante"
	representedEnding = "-rappresentato"
)

func (p *Portal) inpsMandatePage(r *http.Request, fields url.Values) inps.MandatePage {
	f := p.inpsMandatesFrame(r, ui.Crumb{Text: p.frame(r, ui.Frame{}).T("mandates.inps.new.short")})
	f.Title = f.T("mandates.inps.new.title")
	party := func(ending, legend string) inps.MandateParty {
		return inps.MandateParty{Ending: ending, Legend: f.T(legend), FiscalCode: fields.Get("codice_fiscale" + ending),
			Given: fields.Get("nome" + ending), Family: fields.Get("cognome" + ending)}
	}
	day := func(name, legend, hint string) ui.DateFieldProps {
		d, m, y := ui.DateNames(name)
		return ui.DateFieldProps{Name: name, Legend: f.T(legend), Hint: f.T(hint), Optional: true, Day: fields.Get(d), Month: fields.Get(m), Year: fields.Get(y)}
	}
	page := inps.MandatePage{
		Frame: f, Form: ui.FormProps{Action: inpsMandatesPath + "/nuova", Key: fields.Get("idem")},
		Kind: fields.Get("tipo"), Scope: fields.Get("ambito"), Scopes: mandateScopes(f), Grounds: fields.Get("atto"),
		Holder: party(holderEnding, "mandates.inps.holder"), Of: party(representedEnding, "mandates.inps.represented"),
		Born:  day("nascita", "mandates.inps.born", "mandates.inps.born.hint"),
		Until: day("fine", "mandates.until.ask", "mandates.inps.until.hint"),
	}
	for _, k := range identity.MandateKinds {
		page.Kinds = append(page.Kinds, ui.Option{Value: string(k), Label: f.T("mandates.kind." + string(k)), Hint: f.T("mandates.kind." + string(k) + ".hint")})
	}
	return page
}

// inpsMandateFields are the fields in which reasons are shown.
var inpsMandateFields = map[*fault.Reason]string{
	mandate.ErrOneself: "codice_fiscale" + representedEnding, mandate.ErrHolderName: "nome" + holderEnding, mandate.ErrPersonName: "nome" + representedEnding,
	mandate.ErrKind: "tipo", mandate.ErrScope: "ambito", mandate.ErrGrounds: "atto", mandate.ErrBorn: "nascita", mandate.ErrOfAge: "nascita",
	mandate.ErrEndsBefore: "fine", mandate.ErrHasDelegate: "codice_fiscale" + representedEnding, mandate.ErrTwice: "codice_fiscale" + representedEnding,
	mandate.ErrTooManyHeld: "codice_fiscale" + holderEnding, mandate.ErrOfficerParty: "codice_fiscale" + holderEnding,
}

// inpsMandate registers a mandate that the officer saw the act of.
func (p *Portal) inpsMandate(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "mandate.register", fields)
	if err != nil {
		return err
	}
	page := p.inpsMandatePage(r, fields)
	holder, wrong := partyFields(page.Frame, fields, holderEnding)
	represented, more := partyFields(page.Frame, fields, representedEnding)
	page.Errors = append(wrong, more...)
	var days [2]calendar.Date
	for i, name := range []string{"nascita", "fine"} {
		if days[i], err = dateField(fields, name); err != nil {
			page.Errors = append(page.Errors, ui.FieldError{Field: name, Text: words(page.Frame, fault.As(err))})
		}
	}
	if len(page.Errors) > 0 {
		return p.showAs(w, r, http.StatusUnprocessableEntity, inps.Mandate(page))
	}
	represented.Born = days[0]
	_, err = p.Mandates.Register(r.Context(), actor(r), sent, holder, represented, mandate.Wish{
		Kind: identity.MandateKind(page.Kind), Scope: identity.Scope(page.Scope), Until: days[1], Grounds: strings.TrimSpace(page.Grounds)})
	reason, refused := fault.Refusal(err)
	if field, known := inpsMandateFields[reason]; refused && known {
		page.Errors = []ui.FieldError{{Field: field, Text: words(page.Frame, reason)}}
		return p.showAs(w, r, statuses[reason.Kind], inps.Mandate(page))
	}
	if err != nil {
		return err
	}
	p.Logins.Put(r.Context(), keyParty, string(represented.FiscalCode))
	return p.done(w, r, inpsMandatesPath, page.T("mandates.inps.done"),
		page.T("mandates.inps.done.text", "Holder", holder.Name(), "Represented", represented.Name()))
}

// inpsMandateEndAsk asks an officer why a mandate ends.
func (p *Portal) inpsMandateEndAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showInpsMandateEnd(w, r, nil)
}

// inpsMandateEnd ends a mandate at the counter.
func (p *Portal) inpsMandateEnd(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "mandate.end_at_counter", url.Values{"idem": fields["idem"], "delega": {id}, "motivo": fields["motivo"]})
	if err != nil {
		return err
	}
	err = p.Mandates.RevokeAtCounter(r.Context(), actor(r), sent, identity.MandateID(id), strings.TrimSpace(fields.Get("motivo")))
	if reason, refused := fault.Refusal(err); refused && reason != identity.ErrNoDuty {
		return p.showInpsMandateEnd(w, r, reason)
	}
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{})
	return p.done(w, r, inpsMandatesPath, f.T("mandates.ended.done"), f.T("mandates.inps.ended.text"))
}

func (p *Portal) showInpsMandateEnd(w http.ResponseWriter, r *http.Request, wrong *fault.Reason) error {
	if err := actor(r).Must(identity.INPS, identity.Prepare); err != nil {
		return err
	}
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	m, err := p.Mandates.Mandate(r.Context(), identity.MandateID(id))
	if err != nil {
		return err
	}
	f := p.inpsMandatesFrame(r, ui.Crumb{Text: p.frame(r, ui.Frame{}).T("mandates.end.short")})
	f.Title = f.T("mandates.inps.end.title")
	page := inps.MandateEndPage{Frame: f, Form: ui.FormProps{Action: inpsMandatesPath + "/" + id + "/revoca", Key: once.NewKey()}, Facts: []ui.Entry{
		{Name: f.T("mandates.inps.holder"), Value: m.Acting.Name(), Proper: true},
		{Name: f.T("mandates.inps.represented"), Value: m.Represented.Name(), Proper: true},
		{Name: f.T("mandates.kind"), Value: f.T("mandates.kind." + string(m.Kind)), Note: m.Grounds},
		{Name: f.T("mandates.scope"), Value: f.T("mandates.scope." + string(m.Scope))},
		{Name: f.T("mandates.since"), Value: ui.Day(m.From)},
	}}
	status := http.StatusOK
	switch {
	case !m.Holds(calendar.On(p.Now())):
		page.Why, status = words(f, mandate.ErrOver), http.StatusConflict
	case wrong != nil && wrong.Kind == fault.KindInvalid:
		page.Errors, status = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}, http.StatusUnprocessableEntity
	case wrong != nil:
		page.Why, status = words(f, wrong), http.StatusConflict
	}
	return p.showAs(w, r, status, inps.MandateEnd(page))
}
