package portal

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/once"
	"portal/internal/payment"
	"portal/internal/voucher"
	"portal/web/psychologist"
	"portal/web/ui"
)

// Where professionals keep what is known of them.
const (
	detailsPath = "/professionisti/dati"
	ibanPath    = detailsPath + "/iban"
)

// psychologistDetails is what the portal knows of a professional, and what people read
// of them (S-14).
func (p *Portal) psychologistDetails(w http.ResponseWriter, r *http.Request) error {
	d, err := p.Participants.Details(r.Context(), actor(r).Person)
	if err != nil {
		return err
	}
	fields := url.Values{"telefono": {d.Phone}, "lingue": d.Languages, "online": {yesNo(d.Online)}, "visibile": {yesNo(d.Visible)},
		"versione": {strconv.FormatInt(d.Version, 10)}, "idem": {once.NewKey()}}
	return p.showDetails(w, r, http.StatusOK, fields, nil)
}

// showDetails is the page with its form as it was filled in.
func (p *Portal) showDetails(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *ui.FieldError) error {
	who, today := actor(r).Person, calendar.On(p.Now())
	card, err := p.Participants.Card(r.Context(), who, today)
	if err != nil {
		return err
	}
	account, err := p.Accounts.Current(r.Context(), who)
	if err != nil {
		return err
	}
	f := p.frame(r, ui.Frame{Body: "INPS"})
	f.Title = f.T("accounts.details.title")
	f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}, {Text: f.Title}}
	if wrong != nil {
		f.Errors = []ui.FieldError{*wrong}
	}
	yesOrNo := []ui.Option{{Value: "si", Label: f.T("accounts.details.yes")}, {Value: "no", Label: f.T("accounts.details.no")}}
	page := psychologist.DetailsPage{
		Frame: f,
		Known: listedFacts(f, card, today),
		Form:  ui.FormProps{Action: detailsPath, Key: fields.Get("idem"), Version: fields.Get("versione")},
		Phone: fields.Get("telefono"),
		Languages: ui.ChoiceProps{Name: "lingue", Legend: f.T("accounts.details.languages"), Options: spokenOptions(f, fields["lingue"]),
			Chosen: fields["lingue"]},
		Online: ui.ChoiceProps{Name: "online", Legend: f.T("accounts.details.online"), Options: yesOrNo, Chosen: fields["online"]},
		Visible: ui.ChoiceProps{Name: "visibile", Legend: f.T("accounts.details.visible"), Hint: f.T("accounts.details.visible.hint"),
			Options: yesOrNo, Chosen: fields["visibile"]},
		Also: []ui.Entry{
			accountEntryOf(f, account),
			{Name: f.T("accounts.details.calendar"), Value: f.T("accounts.details.calendar.text"), Action: &ui.Link{Text: f.T("accounts.details.open"), URL: "/professionisti/calendario"}},
			{Name: f.T("menu.messages"), Value: f.T("accounts.details.messages.text"), Action: &ui.Link{Text: f.T("accounts.details.open"), URL: "/messaggi"}},
		},
	}
	return p.showAs(w, r, status, psychologist.Details(page))
}

// listedFacts is what CNOP's list says of a professional.
func listedFacts(f ui.Frame, c voucher.Card, today calendar.Date) []ui.Entry {
	joined := ui.Entry{Name: f.T("accounts.details.adhesion"), Value: f.T("psychologist.adhesion.state." + string(cardState(c, today))),
		Action: &ui.Link{Text: f.T("accounts.details.adhesion.open"), URL: adhesionPath}}
	if len(c.Stretches) > 0 {
		joined.Note = f.T("accounts.details.adhesion.since", "FromDay", ui.FromDay(c.Stretches[0].From))
	}
	place := voucher.Listing{Address: c.Is.Address, City: c.Is.City, PostalCode: c.Is.PostalCode, Province: c.Is.Province}
	return []ui.Entry{
		{Name: f.T("accounts.details.name"), Value: c.Is.GivenName + " " + c.Is.FamilyName, Proper: true},
		{Name: f.T("accounts.details.order"), Value: typeset(c.Is.RegisterRegion), Proper: true},
		{Name: f.T("accounts.details.number"), Value: c.Is.RegisterNumber, Proper: true},
		{Name: f.T("accounts.details.practice"), Value: place.Place(), Proper: true},
		joined,
	}
}

// spokenOptions are the languages to choose among, with any others that CNOP's list
// gave.
func spokenOptions(f ui.Frame, spoken []string) []ui.Option {
	var options []ui.Option
	for _, l := range languages {
		options = append(options, ui.Option{Value: l, Label: languageName(f, l)})
	}
	for _, l := range spoken {
		if !slices.Contains(languages, l) {
			options = append(options, ui.Option{Value: l, Label: l})
		}
	}
	return options
}

// accountEntryOf is where a professional is paid, for a list of facts.
func accountEntryOf(f ui.Frame, a payment.Account) ui.Entry {
	e := ui.Entry{Name: f.T("accounts.iban"), Action: &ui.Link{Text: f.T("accounts.iban.open"), URL: ibanPath}}
	if a.State == "" {
		e.Value, e.Action.Text = f.T("accounts.iban.none"), f.T("accounts.iban.give")
		return e
	}
	e.Value, e.Note, e.Proper = a.IBAN.Masked(), f.T("accounts.state."+string(a.State)), true
	return e
}

// psychologistDetailsChange keeps what a professional says of themselves.
func (p *Portal) psychologistDetailsChange(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r, "lingue")
	var strange textError
	if errors.As(err, &strange) {
		return p.showDetails(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: strange.field, Text: words(ui.Frame{}, errText)})
	}
	if err != nil {
		return err
	}
	sent, err := sending(r, "details.change", fields)
	if err != nil {
		return err
	}
	d, err := voucher.NewDetails(fields.Get("telefono"), fields["lingue"], fields.Get("online") == "si", fields.Get("visibile") == "si")
	if err != nil {
		field := "telefono"
		if fault.As(err) == voucher.ErrNoLanguage {
			field = "lingue"
		}
		return p.showDetails(w, r, http.StatusUnprocessableEntity, fields, &ui.FieldError{Field: field, Text: words(ui.Frame{}, fault.As(err))})
	}
	d.Version = int64(seenRevision(fields))
	if err := p.Participants.ChangeDetails(r.Context(), actor(r), sent, d); err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, detailsPath, f.T("accounts.details.done"), f.T("accounts.details.done_text"))
}
