package portal

import (
	"errors"
	"net/http"
	"net/url"

	"portal/internal/calendar"
	"portal/internal/identity"
	"portal/internal/indemnity"
	"portal/internal/once"
	"portal/web/member"
	"portal/web/ui"
)

const startPath = indemnityPath + "/nuova"

// memberCasePath is where an application is, or the draft that it was.
func memberCasePath(id indemnity.CaseID) string { return indemnityPath + "/" + string(id) }

// tasksPath is the task list of a draft, and partPath a part of it.
func tasksPath(id indemnity.CaseID) string { return memberCasePath(id) + "/compila" }

func partPath(id indemnity.CaseID, part indemnity.Part) string {
	return tasksPath(id) + "/" + string(part)
}

// memberFrame is the frame of a page of a member, below their applications. Its name
// in the window says nothing of anybody's health.
func (p *Portal) memberFrame(r *http.Request, title string, args ...any) ui.Frame {
	f := p.frame(r, ui.Frame{Body: "ENPAP"})
	f.Service = f.T("member.service")
	f.Title = f.T(title, args...)
	f.Path = []ui.Crumb{{Text: f.T("menu.applications"), URL: indemnityPath}}
	if actor(r).Role == identity.Heir { // who has no list of applications
		f.Path = []ui.Crumb{{Text: f.T("menu.area"), URL: "/area-personale"}}
	}
	return f
}

// notMember answers who is no member of ENPAP to the portal.
func (p *Portal) notMember(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, ui.Frame{Body: "ENPAP"})
	f.Service, f.Title = f.T("member.service"), f.T("member.out.title")
	return p.showAs(w, r, http.StatusForbidden, member.Out(member.OutPage{Frame: f,
		Text: []string{f.T("member.out.text"), f.T("member.out.join")},
		Next: []ui.Link{{Text: f.T("member.out.service"), URL: "/indennita-malattia-infortunio"}, {Text: f.T("error.help"), URL: "/assistenza"}}}))
}

// memberDraft is the draft in the address with where it stands, if it is the actor's
// or of whom they stand for. One that was sent leads to its application: then the answer
// is gone.
func (p *Portal) memberDraft(w http.ResponseWriter, r *http.Request) (d indemnity.Draft, s indemnity.Standing, gone bool, err error) {
	id, err := idParam(r, "id")
	if err != nil {
		return d, s, false, err
	}
	if d, err = p.Drafts.Draft(r.Context(), actor(r), indemnity.CaseID(id)); err != nil {
		return d, s, false, err
	}
	if !d.SentAt.IsZero() {
		return d, s, true, goTo(w, r, memberCasePath(d.ID), nil)
	}
	s, err = p.Drafts.Stand(r.Context(), d)
	return d, s, false, err
}

// memberTerm says when a draft can be sent: as a term, or in a sentence where there is
// none that runs.
func memberTerm(f ui.Frame, s indemnity.Standing, today calendar.Date) (deadline *ui.DeadlineProps, notes []member.Note) {
	say := func(tone ui.Tone, key string, args ...any) {
		notes = append(notes, member.Note{Tone: tone, Text: []string{f.T(key, args...)}})
	}
	last := s.Last()
	switch s.When {
	case indemnity.WhenUnknown:
		say(ui.Working, "member.term.unknown", "Days", s.Call.Rules.SubmissionDays.Is)
	case indemnity.WhenEarly:
		say(ui.Working, "member.term.early", "From", ui.FromDay(s.From), "Until", ui.UntilDay(last))
	case indemnity.WhenLate:
		say(ui.Closed, "member.term.late", "On", ui.OnDay(last))
		notes[0].Text = append(notes[0].Text, f.T("member.term.late.mend"))
	case indemnity.WhenOpen:
		deadline = &ui.DeadlineProps{What: f.T("member.term.what"), Last: last, Today: today, Rule: f.T("member.term.rule")}
	}
	if !s.End.IsZero() && !s.Own {
		say(ui.Working, "member.term.no_call", "Month", ui.Month(s.End), "Other", ui.Month(s.Call.Rules.Window.Is.To))
	}
	if proved := s.LastProved(); !proved.IsZero() && s.When != indemnity.WhenLate {
		say(ui.Action, "member.term.proved", "To", ui.ToDay(s.Proved.From), "By", ui.ByDay(proved))
	}
	return deadline, notes
}

// taskGroups are the parts of a draft as the task list groups them.
var taskGroups = []struct {
	words string
	parts []indemnity.Part
}{
	{"member.tasks.period", []indemnity.Part{indemnity.PartCause, indemnity.PartPeriod, indemnity.PartCertificates}},
	{"member.tasks.you", []indemnity.Part{indemnity.PartIdentity, indemnity.PartActivity, indemnity.PartCover, indemnity.PartISEE, indemnity.PartContacts}},
	{"member.tasks.send", []indemnity.Part{indemnity.PartDeclarations, indemnity.PartReview}},
}

// partTones are the colours of the states of a part.
var partTones = map[indemnity.PartState]ui.Tone{
	indemnity.PartToDo: ui.Action, indemnity.PartBegun: ui.Action, indemnity.PartDone: ui.Success,
	indemnity.PartOptional: ui.Closed, indemnity.PartNotYet: ui.Closed, indemnity.PartTrouble: ui.Danger,
}

// memberTasks is the task list of a draft (M-03).
func (p *Portal) memberTasks(w http.ResponseWriter, r *http.Request) error {
	d, s, gone, err := p.memberDraft(w, r)
	if gone || err != nil {
		return err
	}
	known, err := p.Drafts.Known(r.Context(), actor(r))
	if err != nil {
		return err
	}
	today := calendar.On(p.Now())
	f := p.memberFrame(r, "member.tasks.title")
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title")})
	page := member.TasksPage{Frame: f, Saved: f.T("member.tasks.saved", "On", ui.OnMoment(d.SavedAt)),
		Drop: ui.Link{Text: f.T("member.drop"), URL: memberCasePath(d.ID) + "/elimina"}}
	page.Deadline, page.Notes = memberTerm(f, s, today)
	page.Notes = append(page.Notes, regularity(f, known, &s.Call.Rules, tasksPath(d.ID))...)
	states, done := d.Parts(&s.Call.Rules, today), 0
	for _, g := range taskGroups {
		group := member.TaskGroup{Title: f.T(g.words)}
		for _, part := range g.parts {
			state := states[part]
			if state == indemnity.PartDone {
				done++
			}
			group.Tasks = append(group.Tasks, member.Task{
				ID: "stato-" + string(part), Open: state != indemnity.PartNotYet && (part != indemnity.PartReview || s.When == indemnity.WhenOpen),
				Link:  ui.Link{Text: f.T("member.part." + string(part)), URL: partPath(d.ID, part)},
				State: ui.Tag{Tone: partTones[state], Text: f.T("member.state." + string(state))},
			})
		}
		page.Groups = append(page.Groups, group)
	}
	page.Count = f.T("member.tasks.count", "Count", done, "Total", len(indemnity.Parts))
	page.Estimate = p.memberEstimate(f, d, s, known)
	return p.show(w, r, member.Tasks(page))
}

// memberDropAsk asks whether to throw a draft away.
func (p *Portal) memberDropAsk(w http.ResponseWriter, r *http.Request) error {
	d, _, gone, err := p.memberDraft(w, r)
	if gone || err != nil {
		return err
	}
	f := p.memberFrame(r, "member.drop.title")
	f.Path = append(f.Path, ui.Crumb{Text: f.T("member.tasks.title"), URL: tasksPath(d.ID)}, ui.Crumb{Text: f.T("member.drop")})
	return p.show(w, r, member.Ask(member.AskPage{Frame: f, Ask: ui.ConfirmProps{
		Consequences: []string{f.T("member.drop.text", "Count", len(d.Papers))},
		Form:         ui.FormProps{Action: memberCasePath(d.ID) + "/elimina", Key: once.NewKey()},
		Buttons:      ui.ButtonsProps{Submit: f.T("member.drop"), Danger: true, Cancel: &ui.Link{Text: f.T("member.drop.keep"), URL: tasksPath(d.ID)}},
	}}))
}

// memberDrop throws a draft away.
func (p *Portal) memberDrop(w http.ResponseWriter, r *http.Request) error {
	id, err := idParam(r, "id")
	if err != nil {
		return err
	}
	fields, err := form(r)
	if err != nil {
		return err
	}
	sent, err := sending(r, "indemnity.drop", url.Values{"idem": fields["idem"], "bozza": {id}})
	if err != nil {
		return err
	}
	err = p.Drafts.Discard(r.Context(), actor(r), sent, indemnity.CaseID(id))
	if errors.Is(err, indemnity.ErrDraftSent) {
		return goTo(w, r, memberCasePath(indemnity.CaseID(id)), nil)
	}
	if err != nil {
		return err
	}
	f := ui.Frame{}
	return p.done(w, r, indemnityPath, f.T("member.drop.done"), f.T("member.drop.done.text"))
}
