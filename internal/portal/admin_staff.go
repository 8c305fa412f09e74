package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/web/oversight"
	"portal/web/ui"
)

// Where administrators work.
const (
	adminPath         = "/amministrazione"
	adminStaffPath    = adminPath + "/utenti"
	adminProposalPath = adminPath + "/proposte"
)

func adminPersonPath(id identity.PersonID) string { return adminStaffPath + "/" + string(id) }

// keyStaff is whom an administrator looks for: a name has no place in an address.
const keyStaff = "staff"

// adminFrame is the frame of a page of administration, below others.
func (p *Portal) adminFrame(r *http.Request, title string, above ...ui.Crumb) ui.Frame {
	f := p.frame(r, ui.Frame{Title: title})
	f.Path = append([]ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}}, append(above, ui.Crumb{Text: title})...)
	return f
}

func staffCrumb() ui.Crumb {
	return ui.Crumb{Text: ui.Frame{}.T("administration.staff.title"), URL: adminStaffPath}
}

// postText is a post in words: "INPS: istruttoria".
func postText(f ui.Frame, p office.Post) string {
	return f.T("administration.post", "Office", f.T("role."+string(p.Office)), "Duty", f.T("administration.duty."+string(p.Office)+"."+string(p.Duty)))
}

// spanText is the days of a grant in words: "dal 1º marzo 2024 al 28 febbraio 2026".
func spanText(f ui.Frame, s office.Span) string {
	switch {
	case s.From.IsZero():
		return f.T("administration.days.never")
	case s.Until.IsZero():
		return f.T("administration.days.from", "FromDay", ui.FromDay(s.From))
	}
	return f.T("administration.days.span", "FromDay", ui.FromDay(s.From), "ToDay", ui.ToDay(s.Until))
}

// officeSlugs are the offices in addresses.
var officeSlugs = map[string]identity.Role{"inps": identity.INPS, "cnop": identity.CNOP, "enpap": identity.Welfare, "controllo": identity.Oversight}

// staffShelves are the shelves in addresses.
var staffShelves = map[office.Shelf]string{office.InService: "", office.Left: "cessati"}

// adminStaff is the list of who has a role in an office, with the proposals that wait
//
func (p *Portal) adminStaff(w http.ResponseWriter, r *http.Request) error {
	q, err := query(r)
	if err != nil {
		return err
	}
	if q.Get("filtri") == "togli" {
		p.Logins.Remove(r.Context(), keyStaff)
		return goTo(w, r, adminStaffPath, nil)
	}
	ask := office.StaffList{Shelf: office.InService, Office: officeSlugs[q.Get("ufficio")], Sought: p.Logins.GetString(r.Context(), keyStaff), Page: pageNumber(q)}
	for shelf, slug := range staffShelves {
		if slug == q.Get("stato") {
			ask.Shelf = shelf
		}
	}
	waiting, err := p.Staff.Waiting(r.Context(), actor(r))
	if err != nil {
		return err
	}
	found, err := p.Staff.List(r.Context(), actor(r), ask)
	if err != nil {
		return err
	}
	few, err := p.Staff.Few(r.Context(), actor(r))
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("administration.staff.title"))
	page := oversight.StaffPage{Frame: f, NewURL: adminStaffPath + "/nuovo", Sought: ask.Sought, Count: counted(f, "administration.staff.count", found.Total),
		Search: ui.FiltersProps{Label: f.T("administration.staff.search"), Action: adminStaffPath, Submit: f.T("administration.staff.search.submit"), Private: true},
		Office: ui.FiltersProps{Label: f.T("administration.staff.filter"), Action: adminStaffPath}}
	if few {
		page.Few = f.T("administration.staff.few")
	}
	if ask.Sought != "" {
		page.Search.ClearURL = adminStaffPath + "?filtri=togli"
	}
	if ask.Office != "" {
		page.Office.ClearURL = adminStaffPath
	}
	page.Offices = officeChoice(f, q.Get("ufficio"))
	for _, proposal := range waiting {
		page.Waiting = append(page.Waiting, proposalRow(f, proposal))
	}
	at := func(shelf office.Shelf, number int) string {
		next := url.Values{}
		for name, v := range map[string]string{"stato": staffShelves[shelf], "ufficio": q.Get("ufficio")} {
			if v != "" {
				next.Set(name, v)
			}
		}
		if number > 1 {
			next.Set("p", strconv.Itoa(number))
		}
		return withQuery(adminStaffPath, next)
	}
	for _, shelf := range office.Shelves {
		page.Shelves = append(page.Shelves, ui.Tab{Text: f.T("administration.staff.shelf."+string(shelf), "N", grouped(found.Counts[shelf])), URL: at(shelf, 1), Current: shelf == ask.Shelf})
	}
	for _, c := range found.Colleagues {
		page.Rows = append(page.Rows, staffRow(f, c))
	}
	page.Pages = pagesOf(f.T("administration.staff.pages"), ask.Page, found.Total, office.StaffPerPage, func(n int) string { return at(ask.Shelf, n) })
	return p.show(w, r, oversight.Staff(page))
}

func officeChoice(f ui.Frame, chosen string) ui.ChoiceProps {
	choice := ui.ChoiceProps{Name: "ufficio", Legend: f.T("administration.staff.office"), Chosen: []string{chosen}, Filter: true,
		Options: []ui.Option{{Label: f.T("administration.staff.all")}}}
	for _, o := range office.Offices {
		for slug, role := range officeSlugs {
			if role == o {
				choice.Options = append(choice.Options, ui.Option{Value: slug, Label: f.T("role." + string(o))})
			}
		}
	}
	return choice
}

func staffRow(f ui.Frame, c office.Colleague) oversight.StaffRow {
	row := oversight.StaffRow{ID: string(c.Person.ID), Name: c.Person.FamilyName + " " + c.Person.GivenName, URL: adminPersonPath(c.Person.ID), LastSeen: lastSeen(f, c.LastSeen)}
	for _, g := range c.Grants {
		row.Roles = append(row.Roles, f.T("administration.role.days", "Role", postText(f, g.Post), "Days", spanText(f, g.Span)))
	}
	return row
}

// adminStaffSearch keeps whom an administrator looks for.
func (p *Portal) adminStaffSearch(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	const most = 80
	sought := []rune(fields.Get("cerca"))
	p.Logins.Put(r.Context(), keyStaff, string(sought[:min(len(sought), most)]))
	return goTo(w, r, adminStaffPath, nil)
}

// adminPerson is the card of somebody's roles: the look is written down.
func (p *Portal) adminPerson(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	card, err := p.Staff.Open(r.Context(), actor(r), identity.PersonID(id))
	if err != nil {
		return err
	}
	return p.showPerson(w, r, http.StatusOK, card, "")
}

func (p *Portal) showPerson(w http.ResponseWriter, r *http.Request, status int, card office.Card, refusal string) error {
	today, own := calendar.On(p.Now()), card.Person.ID == actor(r).Person
	f := p.adminFrame(r, card.Person.Name(), staffCrumb())
	f.HeadTitle = f.T("administration.person.title")
	page := oversight.PersonPage{Frame: f, Refusal: refusal, Own: own, NewURL: adminPersonPath(card.Person.ID) + "/nuovo", Facts: []ui.Entry{
		{Name: f.T("administration.fiscal_code"), Value: card.Person.FiscalCode.Masked(), Proper: true},
		{Name: f.T("administration.staff.seen"), Value: lastSeen(f, card.LastSeen)},
	}}
	for _, g := range card.Grants {
		row := oversight.RoleRow{ID: string(g.ID), Role: postText(f, g.Post), Days: spanText(f, g.Span), Given: f.T("administration.given.installation"), State: grantTag(f, g, today)}
		if g.Proposal != "" {
			row.Given, row.GivenURL = f.T("administration.given.proposal"), adminProposalPath+"/"+string(g.Proposal)
		}
		if !g.Ended.At.IsZero() {
			row.Why = f.T("administration.ended", "Name", g.Ended.Name, "At", ui.ShortMoment(g.Ended.At), "Why", g.Why)
		}
		if !g.Over(today) {
			row.EndURL = adminPersonPath(card.Person.ID) + "/ruoli/" + string(g.ID) + "/togli"
			if !own && !g.Until.IsZero() {
				row.Prolong = adminPersonPath(card.Person.ID) + "/nuovo?ruolo=" + string(g.Office) + "." + string(g.Duty) + "&dal=" + g.Until.Add(1).String()
			}
		}
		page.Roles = append(page.Roles, row)
	}
	for _, proposal := range card.Proposals {
		page.Proposals = append(page.Proposals, proposalRow(f, proposal))
	}
	return p.showAs(w, r, status, oversight.Person(page))
}

func grantTag(f ui.Frame, g office.Grant, today calendar.Date) ui.Tag {
	switch {
	case !g.Ended.At.IsZero():
		return ui.Tag{Tone: ui.Danger, Text: f.T("administration.grant.taken")}
	case g.Over(today):
		return ui.Tag{Tone: ui.Closed, Text: f.T("administration.grant.over")}
	case today.Before(g.From):
		return ui.Tag{Tone: ui.Working, Text: f.T("administration.grant.to_come")}
	}
	return ui.Tag{Tone: ui.Success, Text: f.T("administration.grant.holds")}
}

var proposalTones = map[office.ProposalState]ui.Tone{office.Proposed: ui.Action, office.Confirmed: ui.Success, office.Refused: ui.Danger, office.Withdrawn: ui.Closed}

func proposalTag(f ui.Frame, s office.ProposalState) ui.Tag {
	return ui.Tag{Tone: proposalTones[s], Text: f.T("administration.proposal.state." + string(s))}
}

func proposalRow(f ui.Frame, o office.Proposal) oversight.ProposalRow {
	return oversight.ProposalRow{Name: o.Person.Name(), URL: adminProposalPath + "/" + string(o.ID), State: proposalTag(f, o.State), Why: o.Why,
		Role:     f.T("administration.role.days", "Role", postText(f, o.Post), "Days", spanText(f, o.Span)),
		Proposed: handText(f, o.Proposed)}
}

func lastSeen(f ui.Frame, at time.Time) string {
	if at.IsZero() {
		return f.T("administration.staff.never_seen")
	}
	return ui.ShortMoment(at)
}
