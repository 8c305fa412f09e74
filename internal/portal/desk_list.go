package portal

import (
	"net/url"
	"slices"

	"github.com/google/uuid"

	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/once"
	"portal/web/inps"
	"portal/web/ui"
)

// deskList is a long list that an office works down, a page at a time.
type deskList struct {
	path    string
	filters []string // their names in an address, in the order of the page
}

// place are the names of the parameters of an address that say which page of the list it
// is: its filters, and the row that the page comes after or before.
func (l deskList) place() []string { return slices.Concat(l.filters, []string{"dopo", "prima"}) }

// back is the address of the page of the list that a form came from.
func (l deskList) back(fields url.Values) string {
	return withQuery(l.path, keptFilters(fields, l.place()))
}

// chooseAll leads to the same page of the list with every row chosen, or with none where
// all are.
func (l deskList) chooseAll(f ui.Frame, q url.Values, all bool) ui.Link {
	to, text := keptFilters(q, l.place()), f.T("inps.desk.choose_none")
	if !all {
		text = f.T("inps.desk.choose_all")
		to.Set("scegli", "tutte")
	}
	return ui.Link{Text: text, URL: withQuery(l.path, to) + "#risultati"}
}

// turn leads to the pages before and after one, each where there is one; at tells the
// place of a row in the list.
func turn[Row any](l deskList, label string, kept url.Values, rows []Row, prior, next bool, at func(Row) string) ui.TurnProps {
	turn := ui.TurnProps{Label: label}
	to := func(name string, row Row) string {
		q := url.Values{name: {at(row)}}
		for k, v := range kept {
			q[k] = v
		}
		return withQuery(l.path, q) + "#risultati"
	}
	if n := len(rows); n > 0 && prior {
		turn.PreviousURL = to("prima", rows[0])
	}
	if n := len(rows); n > 0 && next {
		turn.NextURL = to("dopo", rows[n-1])
	}
	return turn
}

// keptFilters are the parameters of an address that restrict a list.
func keptFilters(q url.Values, names []string) url.Values {
	kept := url.Values{}
	for _, name := range names {
		if v := q.Get(name); v != "" {
			kept.Set(name, v)
		}
	}
	return kept
}

// hiddenFields carry parameters of an address through a form.
func hiddenFields(q url.Values, names []string) (hidden [][2]string) {
	for _, name := range names {
		if v := q.Get(name); v != "" {
			hidden = append(hidden, [2]string{name, v})
		}
	}
	return hidden
}

// chosenRows are the rows of a list that a form names, each once.
func chosenRows[ID ~string](fields url.Values) ([]ID, error) {
	var ids []ID
	for _, text := range fields["domanda"] {
		id, err := uuid.Parse(text)
		if err != nil || id.String() != text {
			return nil, fault.ErrNotFound
		}
		ids = append(ids, ID(text))
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// rowsError is what is wrong with the rows that were chosen of a list, nothing for nil.
func rowsError(f ui.Frame, wrong *fault.Reason) []ui.FieldError {
	if wrong == nil {
		return nil
	}
	return []ui.FieldError{{Field: "risultati", Text: words(f, wrong)}}
}

// assignPage asks to whom chosen rows of a list are assigned; whom is the field that
// says so.
func assignPage[ID ~string](l deskList, f ui.Frame, fields url.Values, ids []ID, whom ui.ChoiceProps, wrong *fault.Reason) inps.ActPage {
	page := inps.ActPage{Frame: f, Select: &whom, Form: ui.FormProps{Action: l.path + "/assegna", Key: once.NewKey()},
		Buttons: ui.ButtonsProps{Submit: f.T("inps.desk.assign"), Cancel: f.Back}}
	for _, id := range ids {
		page.Hidden = append(page.Hidden, [2]string{"domanda", string(id)})
	}
	page.Hidden = append(page.Hidden, hiddenFields(fields, l.place())...)
	if wrong != nil {
		page.Errors = []ui.FieldError{{Field: whom.Name, Text: words(f, wrong)}}
	}
	return page
}

// officerChoice is the field of a form that names an officer: who asks, another, or
// nobody.
func officerChoice(f ui.Frame, name string, fields url.Values, me identity.PersonID, officers []identity.Person) ui.ChoiceProps {
	choice := ui.ChoiceProps{Name: name, Legend: f.T("inps.desk.assign_to"), Chosen: []string{fields.Get(name)},
		Options: []ui.Option{{Value: string(me), Label: f.T("inps.desk.to_me")}}}
	for _, o := range officers {
		if o.ID != me {
			choice.Options = append(choice.Options, ui.Option{Value: string(o.ID), Label: o.Name()})
		}
	}
	choice.Options = append(choice.Options, ui.Option{Value: "nessuno", Label: f.T("inps.desk.to_nobody")})
	return choice
}

// chosenOfficer is the officer that a field names, "" for nobody; not ok where it names
// none.
func chosenOfficer(field string) (officer identity.PersonID, ok bool) {
	if field == "nessuno" {
		return "", true
	}
	return identity.PersonID(field), uuid.Validate(field) == nil
}
