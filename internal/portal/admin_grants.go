package portal

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

// adminGrantAsk is the form that proposes a role for somebody who may be new.
func (p *Portal) adminGrantAsk(w http.ResponseWriter, r *http.Request) error {
	fields := url.Values{"idem": {once.NewKey()}}
	setDay(fields, "dal", calendar.On(p.Now()))
	return p.showGrant(w, r, http.StatusOK, fields, nil, nil)
}

// adminGrant proposes it.
func (p *Portal) adminGrant(w http.ResponseWriter, r *http.Request) error {
	return p.proposeGrant(w, r, nil)
}

// adminPersonGrantAsk is the form that proposes a role for somebody who has or had one:
// which, and from when, may come with the address, to prolong it.
func (p *Portal) adminPersonGrantAsk(w http.ResponseWriter, r *http.Request) error {
	card, err := p.staffCard(r)
	if err != nil {
		return err
	}
	q, err := query(r)
	if err != nil {
		return err
	}
	from, err := calendar.ParseDate(q.Get("dal"))
	if err != nil {
		from = calendar.On(p.Now())
	}
	fields := url.Values{"idem": {once.NewKey()}, "ruolo": {q.Get("ruolo")}}
	setDay(fields, "dal", from)
	return p.showGrant(w, r, http.StatusOK, fields, &card.Person, nil)
}

// adminPersonGrant proposes it.
func (p *Portal) adminPersonGrant(w http.ResponseWriter, r *http.Request) error {
	card, err := p.staffCard(r)
	if err != nil {
		return err
	}
	return p.proposeGrant(w, r, &card.Person)
}

// staffCard is the card that an address names, of somebody else: nobody gives
// themselves a role.
func (p *Portal) staffCard(r *http.Request) (office.Card, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return office.Card{}, err
	}
	card, err := p.Staff.Read(r.Context(), actor(r), identity.PersonID(id))
	if err == nil && card.Person.ID == actor(r).Person {
		err = office.ErrOwn
	}
	return card, err
}

func setDay(fields url.Values, name string, d calendar.Date) {
	day, month, year := ui.DateNames(name)
	fields.Set(day, strconv.Itoa(d.Day))
	fields.Set(month, strconv.Itoa(int(d.Month)))
	fields.Set(year, strconv.Itoa(d.Year))
}

func (p *Portal) showGrant(w http.ResponseWriter, r *http.Request, status int, fields url.Values, of *identity.Person, wrong []ui.FieldError) error {
	var f ui.Frame
	at, above := adminStaffPath, []ui.Crumb{staffCrumb()}
	if of != nil {
		at = adminPersonPath(of.ID)
		above = append(above, ui.Crumb{Text: of.Name(), URL: at})
	}
	f = p.adminFrame(r, f.T("administration.grant.title"), above...)
	f.Errors = wrong
	day := func(name, legend, hint string, optional bool) ui.DateFieldProps {
		d, m, y := ui.DateNames(name)
		return ui.DateFieldProps{Name: name, Legend: f.T(legend), Hint: f.T(hint), Optional: optional, Day: fields.Get(d), Month: fields.Get(m), Year: fields.Get(y)}
	}
	page := oversight.GrantPage{Frame: f, Form: ui.FormProps{Action: at + "/nuovo", Key: fields.Get("idem")}, CancelURL: at,
		Code: fields.Get("codice_fiscale"), Given: fields.Get("nome"), Family: fields.Get("cognome"), Grounds: fields.Get("atto"),
		From: day("dal", "administration.from", "administration.from.hint", false), Until: day("al", "administration.until", "administration.until.hint", true),
		Posts: ui.ChoiceProps{Name: "ruolo", Legend: f.T("administration.role"), Hint: f.T("administration.role.hint"), Chosen: []string{fields.Get("ruolo")},
			Options: []ui.Option{{Label: f.T("administration.role.choose")}}}}
	for _, post := range office.Posts {
		page.Posts.Options = append(page.Posts.Options, ui.Option{Value: postSlug(post), Label: postText(f, post)})
	}
	if of != nil {
		page.Known = []ui.Entry{{Name: f.T("administration.staff.name"), Value: of.Name(), Proper: true},
			{Name: f.T("administration.fiscal_code"), Value: of.FiscalCode.Masked(), Proper: true}}
	}
	return p.showAs(w, r, status, oversight.Grant(page))
}

// postSlug is a post in a form: "inps.prepare".
func postSlug(p office.Post) string { return string(p.Office) + "." + string(p.Duty) }

// grantFields are the fields in which reasons are shown.
var grantFields = map[*fault.Reason]string{
	office.ErrName: "cognome", office.ErrNameMissing: "nome", office.ErrPost: "ruolo", office.ErrHolds: "ruolo", office.ErrExcluded: "ruolo",
	office.ErrProposedTwice: "ruolo", office.ErrFromPast: "dal", office.ErrUntil: "al", office.ErrGrounds: "atto", office.ErrOwn: "codice_fiscale",
}

// What a role cannot be proposed without: all that is missing is told at once, in the order
// of the form.
var (
	errGrantGiven  = fault.Invalid("grant.given_missing")
	errGrantFamily = fault.Invalid("grant.family_missing")
	errGrantFrom   = fault.Invalid("grant.from_missing")

	grantNeeds = []struct {
		field   string
		missing *fault.Reason
		name    bool // asked only for who is new
	}{{"nome", errGrantGiven, true}, {"cognome", errGrantFamily, true}, {"ruolo", office.ErrPost, false}, {"atto", office.ErrGrounds, false}}
	grantOrder = []string{"codice_fiscale", "nome", "cognome", "ruolo", "dal", "al", "atto"}
)

// proposeGrant reads the form and proposes a role: for whom the address names, or for
// whom the form does.
func (p *Portal) proposeGrant(w http.ResponseWriter, r *http.Request, of *identity.Person) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "grant.propose", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	var wrong []ui.FieldError
	candidate := office.Candidate{Given: fields.Get("nome"), Family: fields.Get("cognome")}
	if of != nil {
		candidate = office.Candidate{Code: of.FiscalCode, Given: of.GivenName, Family: of.FamilyName}
	} else if candidate.Code, err = identity.ParseFiscalCode(fields.Get("codice_fiscale")); err != nil {
		wrong = append(wrong, ui.FieldError{Field: "codice_fiscale", Text: words(f, fault.As(err))})
	}
	role, duty, _ := strings.Cut(fields.Get("ruolo"), ".")
	wish := office.Wish{Post: office.Post{Office: identity.Role(role), Duty: identity.Duty(duty)}, Grounds: fields.Get("atto")}
	for _, day := range []struct {
		name string
		into *calendar.Date
	}{{"dal", &wish.From}, {"al", &wish.Until}} {
		if *day.into, err = dateField(fields, day.name); err != nil {
			wrong = append(wrong, ui.FieldError{Field: day.name, Text: words(f, fault.As(err))})
		}
	}
	for _, x := range grantNeeds {
		if missing := strings.TrimSpace(fields.Get(x.field)) == ""; missing && (of == nil || !x.name) {
			wrong = append(wrong, ui.FieldError{Field: x.field, Text: words(f, x.missing)})
		}
	}
	if wish.From.IsZero() && !slices.ContainsFunc(wrong, func(e ui.FieldError) bool { return e.Field == "dal" }) {
		wrong = append(wrong, ui.FieldError{Field: "dal", Text: words(f, errGrantFrom)})
	}
	if len(wrong) > 0 {
		slices.SortStableFunc(wrong, func(a, b ui.FieldError) int {
			return cmp.Compare(slices.Index(grantOrder, a.Field), slices.Index(grantOrder, b.Field))
		})
		return p.showGrant(w, r, http.StatusUnprocessableEntity, fields, of, wrong)
	}
	id, err := p.Staff.Propose(r.Context(), actor(r), sent, candidate, wish)
	reason, refused := fault.Refusal(err)
	if field, known := grantFields[reason]; refused && known {
		return p.showGrant(w, r, statuses[reason.Kind], fields, of, []ui.FieldError{{Field: field, Text: words(f, reason)}})
	}
	if err != nil {
		return err
	}
	return p.done(w, r, adminProposalPath+"/"+string(id), f.T("administration.proposed.done"), f.T("administration.proposed.done.text"))
}

// adminProposal is a proposal, with the decision for who may take it.
func (p *Portal) adminProposal(w http.ResponseWriter, r *http.Request) error {
	return p.showRoleProposal(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showRoleProposal(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	o, err := p.Staff.Proposal(r.Context(), actor(r), office.ProposalID(id))
	if err != nil {
		return err
	}
	var f ui.Frame
	f = p.adminFrame(r, f.T("administration.proposal.title"), staffCrumb(), ui.Crumb{Text: o.Person.Name(), URL: adminPersonPath(o.Person.ID)})
	tag := proposalTag(f, o.State)
	f.Badge = &tag
	page := oversight.DecisionPage{Frame: f, Facts: proposalFacts(f, o), Form: ui.FormProps{Action: adminProposalPath + "/" + id, Key: once.NewKey()},
		Confirm: ui.Option{Value: "conferma", Label: f.T("administration.decide.confirm"), Hint: f.T("administration.decide.confirm.hint")}}
	fillDecision(&page, o, o.State == office.Proposed, actor(r), fields, wrong)
	return p.showAs(w, r, status, oversight.Decision(page))
}

func proposalFacts(f ui.Frame, o office.Proposal) []ui.Entry {
	facts := []ui.Entry{
		{Name: f.T("administration.staff.name"), Value: o.Person.Name(), Proper: true, Action: &ui.Link{Text: f.T("administration.card"), URL: adminPersonPath(o.Person.ID)}},
		{Name: f.T("administration.fiscal_code"), Value: o.Person.FiscalCode.Masked(), Proper: true},
		{Name: f.T("administration.role"), Value: postText(f, o.Post)},
		{Name: f.T("administration.days"), Value: spanText(f, o.Span)},
		{Name: f.T("administration.grounds"), Value: o.Grounds},
		{Name: f.T("administration.proposed"), Value: handText(f, o.Proposed)},
	}
	if o.State != office.Proposed {
		facts = append(facts, ui.Entry{Name: f.T("administration.decided." + string(o.State)), Value: handText(f, o.Decided), Note: o.Why})
	}
	return facts
}

// adminDecide confirms, refuses or withdraws a proposal.
func (p *Portal) adminDecide(w http.ResponseWriter, r *http.Request) error {
	id, fields, sent, err := formAbout[office.ProposalID](r, "grant.decide")
	if err != nil {
		return err
	}
	o, err := p.Staff.Proposal(r.Context(), actor(r), id)
	if err != nil {
		return err
	}
	switch fields.Get("decisione") {
	case "conferma":
		err = p.Staff.Confirm(r.Context(), actor(r), sent, o.ID)
	case "rifiuta":
		err = p.Staff.Refuse(r.Context(), actor(r), sent, o.ID, fields.Get("motivo"))
	case "ritira":
		err = p.Staff.Withdraw(r.Context(), actor(r), sent, o.ID)
	default:
		err = office.ErrDecision
	}
	if reason, here := refusedHere(err); here {
		return p.showRoleProposal(w, r, statuses[reason.Kind], fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	done := "administration.done." + fields.Get("decisione")
	return p.done(w, r, adminPersonPath(o.Person.ID), f.T(done), f.T(done+".text"))
}

// adminEndAsk asks why a role is taken away.
func (p *Portal) adminEndAsk(w http.ResponseWriter, r *http.Request) error {
	return p.showEnd(w, r, http.StatusOK, "", nil)
}

func (p *Portal) showEnd(w http.ResponseWriter, r *http.Request, status int, typed string, wrong *fault.Reason) error {
	g, card, err := p.grantAsked(r)
	if err != nil {
		return err
	}
	var f ui.Frame
	at := adminPersonPath(card.Person.ID)
	f = p.adminFrame(r, f.T("administration.end.title"), staffCrumb(), ui.Crumb{Text: card.Person.Name(), URL: at})
	nameStep(&f, "administration.end")
	f.Caption = card.Person.Name()
	page := oversight.ActPage{Frame: f, Consequences: []string{f.T("administration.end.text"), f.T("administration.end.again")},
		Facts: []ui.Entry{{Name: f.T("administration.role"), Value: postText(f, g.Post)}, {Name: f.T("administration.days"), Value: spanText(f, g.Span)}},
		Text:  &ui.TextAreaProps{Name: "motivo", Label: f.T("administration.end.why"), Hint: f.T("administration.end.why.hint"), Value: typed},
		Form:  ui.FormProps{Action: at + "/ruoli/" + string(g.ID) + "/togli", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("administration.end"), Danger: true,
			Cancel: &ui.Link{Text: f.T("administration.end.keep"), URL: at}}}
	if wrong == nil && g.Over(calendar.On(p.Now())) {
		wrong, status = office.ErrEnded, http.StatusConflict
	}
	switch wrong {
	case nil:
	case office.ErrWhy:
		page.Errors = []ui.FieldError{{Field: "motivo", Text: words(f, wrong)}}
	default:
		page.Refusal = words(f, wrong)
	}
	return p.showAs(w, r, status, oversight.Act(page))
}

// grantAsked is the grant that an address names, with the card of who has it.
func (p *Portal) grantAsked(r *http.Request) (office.Grant, office.Card, error) {
	id, err := idParam(r, "id")
	if err != nil {
		return office.Grant{}, office.Card{}, err
	}
	grant, err := idParam(r, "ruolo")
	if err != nil {
		return office.Grant{}, office.Card{}, err
	}
	card, err := p.Staff.Read(r.Context(), actor(r), identity.PersonID(id))
	if err != nil {
		return office.Grant{}, card, err
	}
	for _, g := range card.Grants {
		if string(g.ID) == grant {
			return g, card, nil
		}
	}
	return office.Grant{}, card, fault.ErrNotFound
}

// adminEnd takes a role away.
func (p *Portal) adminEnd(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	g, card, err := p.grantAsked(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "grant.end", fields)
	if err != nil {
		return err
	}
	err = p.Staff.End(r.Context(), actor(r), sent, g.ID, fields.Get("motivo"))
	if reason, here := refusedHere(err); here {
		return p.showEnd(w, r, statuses[reason.Kind], fields.Get("motivo"), reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, adminPersonPath(card.Person.ID), f.T("administration.ended.done"), f.T("administration.ended.done.text"))
}
