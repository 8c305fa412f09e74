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
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ruleset"
	"portal/web/ui"
)

const adminParametersPath = adminPath + "/parametri"

func parametersCrumb() ui.Crumb {
	return ui.Crumb{Text: ui.Frame{}.T("parameters.title"), URL: adminParametersPath}
}

// adminParameters is what the portal runs by, with its history.
func (p *Portal) adminParameters(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Settings.History(r.Context(), actor(r))
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	in, last := all.On(today), all.Last()
	f := p.adminFrame(r, ui.Frame{}.T("parameters.title"))
	page := oversight.ParametersPage{Frame: f, Since: parametersSince(f, in), NewURL: adminParametersPath + "/nuovo"}
	if open, waits := all.Open(); waits {
		page.NewURL, page.Waits = "", &ui.Link{Text: f.T("parameters.waits.open"), URL: parametersPath(open.ID)}
		page.Notes = append(page.Notes, f.T("parameters.waits", "FromDay", ui.FromDay(open.From)))
	}
	if last.ID != in.ID {
		page.Notes = append(page.Notes, f.T("parameters.coming", "FromDay", ui.FromDay(last.From)))
	}
	for _, v := range in.Fields() {
		entry := ui.Entry{Name: f.T("parameters.value." + v.Name), Value: parameterText(f, v)}
		if n := len(page.Groups); n == 0 || page.Groups[n-1].Title != f.T("parameters.group."+v.Group) {
			page.Groups = append(page.Groups, oversight.ValueGroup{Title: f.T("parameters.group." + v.Group)})
		}
		group := &page.Groups[len(page.Groups)-1]
		group.Values = append(group.Values, entry)
	}
	for _, v := range all {
		row := oversight.VersionRow{URL: parametersPath(v.ID), From: ui.Day(v.From), Proposed: handText(f, v.Proposed), State: parametersTag(f, v, in, today),
			Changes: counted(f, "parameters.changed", len(all.Before(v).Differences(v.Parameters)))}
		if v.State != office.Proposed {
			row.Decided = handText(f, v.Decided)
		}
		page.Rows = append(page.Rows, row)
	}
	return p.show(w, r, oversight.Parameters(page))
}

func parametersPath(id office.VersionID) string { return adminParametersPath + "/" + string(id) }

func parametersSince(f ui.Frame, v office.ParameterVersion) string {
	if v.ID == "" {
		return f.T("parameters.since.shipped")
	}
	return f.T("parameters.since", "FromDay", ui.FromDay(v.From))
}

func parametersTag(f ui.Frame, v, in office.ParameterVersion, today calendar.Date) ui.Tag {
	switch {
	case v.State == office.Confirmed && v.ID == in.ID:
		return ui.Tag{Tone: ui.Success, Text: f.T("parameters.state.in_force")}
	case v.State == office.Confirmed && v.From.After(today):
		return ui.Tag{Tone: ui.Working, Text: f.T("parameters.state.coming")}
	case v.State == office.Confirmed:
		return ui.Tag{Tone: ui.Closed, Text: f.T("parameters.state.past")}
	}
	return ui.Tag{Tone: proposalTones[v.State], Text: f.T("parameters.state." + string(v.State))}
}

// parameterText is a value in words, "" for none.
func parameterText(f ui.Frame, v office.ParameterField) string {
	switch {
	case v.Number != nil:
		return f.T("parameters.said."+v.Name, "Count", *v.Number)
	case v.Text != nil:
		return *v.Text
	}
	var days []string
	for _, d := range *v.Days {
		days = append(days, f.T("parameters.rest_day", "Day", ui.Day(d.Day), "Name", d.Name))
	}
	return strings.Join(days, "; ")
}

// parameterTyped is a value as it is typed.
func parameterTyped(v office.ParameterField) string {
	switch {
	case v.Number != nil:
		return strconv.Itoa(*v.Number)
	case v.Text != nil:
		return *v.Text
	}
	var lines []string
	for _, d := range *v.Days {
		lines = append(lines, strconv.Itoa(d.Day.Day)+"/"+strconv.Itoa(int(d.Day.Month))+"/"+strconv.Itoa(d.Day.Year)+" "+d.Name)
	}
	return strings.Join(lines, "\n")
}

// adminParametersAsk is the form that proposes to change them, with the values that come
// last.
func (p *Portal) adminParametersAsk(w http.ResponseWriter, r *http.Request) error {
	all, err := p.Settings.History(r.Context(), actor(r))
	if err != nil {
		return err
	}
	if open, waits := all.Open(); waits {
		return goTo(w, r, parametersPath(open.ID), nil)
	}
	last := all.Last()
	fields := url.Values{"idem": {once.NewKey()}, "versione": {string(last.ID)}}
	for _, v := range last.Fields() {
		fields.Set(v.Name, parameterTyped(v))
	}
	return p.showParametersForm(w, r, http.StatusOK, fields, nil, nil)
}

func (p *Portal) showParametersForm(w http.ResponseWriter, r *http.Request, status int, fields url.Values, notes []ruleset.Note, wrong []ui.FieldError) error {
	var f ui.Frame
	f = p.adminFrame(r, f.T("parameters.new"), parametersCrumb())
	f.Errors = wrong
	page := ruleset.EditPage{Frame: f, Lead: f.T("parameters.new.lead"), Notes: notes, Submit: f.T("parameters.new.submit"), Cancel: ui.Link{Text: f.T("administration.cancel"), URL: adminParametersPath},
		Form: &ui.FormProps{Action: adminParametersPath + "/nuovo", Key: fields.Get("idem"), Version: fields.Get("versione")}}
	d, m, y := ui.DateNames("dal")
	page.Groups = []ruleset.Group{{Legend: f.T("parameters.group.when"), Fields: []ruleset.Field{
		{Kind: ruleset.Day, Name: "dal", Label: f.T("parameters.from"), Hint: f.T("parameters.from.hint"), Day: fields.Get(d), Month: fields.Get(m), Year: fields.Get(y)},
		{Kind: ruleset.Long, Name: "atto", Label: f.T("parameters.grounds"), Hint: f.T("parameters.grounds.hint"), Value: fields.Get("atto")}}}}
	var shape office.Parameters
	for _, v := range shape.Fields() {
		legend := f.T("parameters.group." + v.Group)
		if page.Groups[len(page.Groups)-1].Legend != legend {
			page.Groups = append(page.Groups, ruleset.Group{Legend: legend})
		}
		field := ruleset.Field{Kind: ruleset.Text, Name: v.Name, Label: f.T("parameters.value." + v.Name), Value: fields.Get(v.Name), Optional: v.Optional}
		switch {
		case v.Number != nil:
			field.Kind, field.Hint = ruleset.Number, f.T("parameters.hint."+v.Name)
		case v.Days != nil:
			field.Kind, field.Hint = ruleset.Long, f.T("parameters.hint."+v.Name)
		}
		group := &page.Groups[len(page.Groups)-1]
		group.Fields = append(group.Fields, field)
	}
	return p.showAs(w, r, status, ruleset.Edit(page))
}

// parametersTo reads the values that were typed. What is no number stays 0, which no
// value may be.
func parametersTo(fields url.Values) (to office.Parameters, wrong []ui.FieldError) {
	for _, v := range to.Fields() {
		text := strings.TrimSpace(fields.Get(v.Name))
		switch {
		case v.Number != nil:
			*v.Number, _ = strconv.Atoi(text)
		case v.Text != nil:
			*v.Text = text
		default:
			days, ok := restDays(text)
			if *v.Days = days; !ok {
				wrong = append(wrong, ui.FieldError{Field: v.Name, Text: words(ui.Frame{}, office.ErrRestDays)})
			}
		}
	}
	return to, wrong
}

// restDays reads a day a line, with its name: "24/12/2026 Vigilia".
func restDays(text string) (all []office.RestDay, ok bool) {
	for line := range strings.Lines(text) {
		when, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		if when == "" {
			continue
		}
		parts := strings.Split(when, "/")
		if len(parts) != 3 {
			return all, false
		}
		var numbers [3]int
		for i, part := range parts {
			n, err := strconv.Atoi(part)
			if err != nil {
				return all, false
			}
			numbers[i] = n
		}
		d, exists := calendar.CheckedDate(numbers[2], numbers[1], numbers[0])
		if !exists || d.Year < 2000 || d.Year > 2200 {
			return all, false
		}
		all = append(all, office.RestDay{Day: d, Name: strings.TrimSpace(name)})
	}
	slices.SortFunc(all, func(a, b office.RestDay) int { return a.Day.Compare(b.Day) })
	return all, true
}

// parametersFields are the fields whose names are not those of the values.
var parametersFields = map[string]string{"from": "dal", "grounds": "atto"}

// adminParametersPropose proposes to change them. Where somebody changed them meanwhile,
// it says what is different now, and keeps what was typed.
func (p *Portal) adminParametersPropose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "parameters.propose", fields)
	if err != nil {
		return err
	}
	var f ui.Frame
	to, wrong := parametersTo(fields)
	from, err := dateField(fields, "dal")
	if err != nil {
		wrong = append(wrong, ui.FieldError{Field: "dal", Text: words(f, fault.As(err))})
	}
	if len(wrong) > 0 {
		return p.showParametersForm(w, r, http.StatusUnprocessableEntity, fields, nil, wrong)
	}
	id, err := p.Settings.Propose(r.Context(), actor(r), sent, office.Change{Parameters: to, From: from, Grounds: fields.Get("atto"), Seen: office.VersionID(fields.Get("versione"))})
	var flaws office.Flaws
	switch reason, here := refusedHere(err); {
	case errors.As(err, &flaws):
		for _, flaw := range flaws {
			name := flaw.Field
			if other, is := parametersFields[name]; is {
				name = other
			}
			wrong = append(wrong, ui.FieldError{Field: name, Text: words(f, flaw.Reason)})
		}
		return p.showParametersForm(w, r, http.StatusUnprocessableEntity, fields, nil, wrong)
	case errors.Is(err, office.ErrParametersMoved):
		return p.parametersMoved(w, r, fields)
	case here:
		return p.showParametersForm(w, r, statuses[reason.Kind], fields, nil, []ui.FieldError{{Field: "dal", Text: words(f, reason)}})
	case err != nil:
		return err
	}
	return p.done(w, r, parametersPath(id), f.T("parameters.proposed.done"), f.T("parameters.proposed.done.text"))
}

// parametersMoved shows the form again with what another has put in force since.
func (p *Portal) parametersMoved(w http.ResponseWriter, r *http.Request, fields url.Values) error {
	all, err := p.Settings.History(r.Context(), actor(r))
	if err != nil {
		return err
	}
	var f ui.Frame
	was := office.Shipped()
	if seen, err := all.Version(office.VersionID(fields.Get("versione"))); err == nil {
		was = seen.Parameters
	}
	last := all.Last()
	note := ruleset.Note{Tone: ui.Action, Title: words(f, office.ErrParametersMoved)}
	for _, d := range was.Differences(last.Parameters) {
		note.Texts = append(note.Texts, f.T("parameters.moved.value", "Name", f.T("parameters.value."+d.After.Name), "Value", textOr(parameterText(f, d.After), f.T("parameters.empty"))))
	}
	fields.Set("versione", string(last.ID))
	fields.Set("idem", once.NewKey())
	return p.showParametersForm(w, r, http.StatusConflict, fields, []ruleset.Note{note}, nil)
}

func textOr(text, none string) string {
	if text == "" {
		return none
	}
	return text
}
