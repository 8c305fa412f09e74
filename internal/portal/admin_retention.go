package portal

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-chi/chi/v5"

	"portal/internal/calendar"
	"portal/internal/fault"
	"portal/internal/identity"
	"portal/internal/office"
	"portal/internal/once"
	"portal/web/oversight"
	"portal/web/ui"
)

const (
	adminRetentionPath = adminPath + "/conservazione"
	adminErasuresPath  = adminRetentionPath + "/eliminazioni"
	adminHoldsPath     = adminRetentionPath + "/vincoli"
)

func retentionCrumb() ui.Crumb {
	return ui.Crumb{Text: ui.Frame{}.T("retention.title"), URL: adminRetentionPath}
}

// retentionSlugs are the classes that two people decide on, in addresses.
var retentionSlugs = map[string]office.Class{
	"domande-pagate": "case_papers_paid", "domande-non-pagate": "case_papers_unpaid", "domande-inammissibili": "case_papers_inadmissible",
	"riesami": "review_papers", "messaggi": "messages",
}

func trialPath(of office.Class) string {
	for slug, class := range retentionSlugs {
		if class == of {
			return adminRetentionPath + "/classi/" + slug
		}
	}
	return ""
}

// adminRetention is how long each class is kept, what is past its time, and what is held
//
func (p *Portal) adminRetention(w http.ResponseWriter, r *http.Request) error {
	ctx, who := r.Context(), actor(r)
	classes, err := p.Retention.Classes(ctx, who)
	if err != nil {
		return err
	}
	holds, err := p.Retention.Holds(ctx, who)
	if err != nil {
		return err
	}
	erasures, err := p.Retention.Erasures(ctx, who)
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("retention.title"))
	page := oversight.RetentionPage{Frame: f, HoldURL: adminHoldsPath + "/nuovo"}
	for _, c := range classes {
		page.Rules = append(page.Rules, retentionRow(f, c))
	}
	for _, h := range holds {
		page.Holds = append(page.Holds, holdRow(f, h, who))
	}
	for _, x := range erasures {
		page.Erasures = append(page.Erasures, oversight.ErasureRow{URL: erasurePath(x.ID), Class: f.T("retention.class." + string(x.Class)), Count: strconv.Itoa(x.Things),
			Proposed: handText(f, x.Proposed), State: erasureTag(f, x.State)})
	}
	return p.show(w, r, oversight.Retention(page))
}

func retentionRow(f ui.Frame, c office.ClassStanding) oversight.RetentionRow {
	row := oversight.RetentionRow{Class: f.T("retention.class." + string(c.Class)), Kept: keptText(f, c.Rule), Begins: f.T("retention.begins." + string(c.Class)),
		Source: c.Source, Way: f.T("retention.way." + string(c.Way))}
	if c.Way == office.Kept {
		row.Due = f.T("retention.due.never")
		return row
	}
	row.Due = counted(f, "retention.things", c.Due)
	if !c.Oldest.IsZero() {
		row.Oldest = f.T("retention.oldest", "FromDay", ui.FromDay(c.Oldest))
	}
	if c.Held > 0 {
		row.Held = f.T("retention.held", "Count", c.Held)
	}
	switch {
	case c.Open != "":
		row.Link = &ui.Link{Text: f.T("retention.open"), URL: erasurePath(c.Open)}
	case c.Way == office.Decided:
		row.Link = &ui.Link{Text: f.T("retention.try"), URL: trialPath(c.Class)}
	}
	return row
}

// keptText is a time in words.
func keptText(f ui.Frame, r office.Rule) string {
	switch {
	case r.Years > 0 && r.Months == 0 && r.Way == office.Kept:
		return f.T("retention.at_least", "Time", f.T("retention.years", "Count", r.Years))
	case r.Years > 0:
		return f.T("retention.years", "Count", r.Years)
	case r.Days > 0:
		return f.T("retention.days", "Count", r.Days)
	case r.Way == office.Kept:
		return f.T("retention.forever")
	}
	return f.T("retention.at_once")
}

func holdRow(f ui.Frame, h office.Hold, who identity.Actor) oversight.HoldRow {
	row := oversight.HoldRow{ID: string(h.ID), Protocol: h.Protocol, Reason: h.Reason, Placed: handText(f, h.Placed), State: ui.Tag{Tone: ui.Action, Text: f.T("retention.hold.holds")}}
	switch err := h.MayEnd(who); {
	case !h.Ended.At.IsZero():
		row.State, row.Ended = ui.Tag{Tone: ui.Closed, Text: f.T("retention.hold.over")}, f.T("retention.hold.ended_by", "Hand", handText(f, h.Ended), "Why", h.Why)
	case err == nil:
		row.EndURL = adminHoldsPath + "/" + string(h.ID) + "/togli"
	default:
		row.Note = f.T("retention.hold.other")
	}
	return row
}

var erasureTones = map[office.ErasureState]ui.Tone{office.ErasureProposed: ui.Action, office.ErasureApproved: ui.Working, office.ErasureDone: ui.Success,
	office.ErasureStopped: ui.Danger, office.ErasureRefused: ui.Closed, office.ErasureWithdrawn: ui.Closed}

func erasureTag(f ui.Frame, s office.ErasureState) ui.Tag {
	return ui.Tag{Tone: erasureTones[s], Text: f.T("retention.state." + string(s))}
}

func erasurePath(id office.ErasureID) string { return adminErasuresPath + "/" + string(id) }

// adminTrial is what would go of a class today: counts, and nothing of anybody.
func (p *Portal) adminTrial(w http.ResponseWriter, r *http.Request) error {
	return p.showTrial(w, r, http.StatusOK, url.Values{}, nil)
}

func (p *Portal) showTrial(w http.ResponseWriter, r *http.Request, status int, fields url.Values, wrong *fault.Reason) error {
	class, known := retentionSlugs[chi.URLParam(r, "classe")]
	if !known {
		return fault.ErrNotFound
	}
	c, years, err := p.Retention.Try(r.Context(), actor(r), class)
	if err != nil {
		return err
	}
	f := p.adminFrame(r, ui.Frame{}.T("retention.class."+string(class)), retentionCrumb())
	page := oversight.TrialPage{Frame: f, Grounds: fields.Get("atto"), Cancel: ui.Link{Text: f.T("administration.cancel"), URL: adminRetentionPath}, Facts: []ui.Entry{
		{Name: f.T("retention.trial.cut"), Value: ui.Day(calendar.On(p.Now()))},
		{Name: f.T("retention.kept"), Value: keptText(f, c.Rule), Note: f.T("retention.begins." + string(class))},
		{Name: f.T("retention.source"), Value: c.Source},
		{Name: f.T("retention.trial.due"), Value: counted(f, "retention.things", c.Due)},
		{Name: f.T("retention.trial.batches"), Value: f.T("retention.batches", "Count", (c.Due+office.Batch-1)/office.Batch, "Size", office.Batch)},
		{Name: f.T("retention.trial.held"), Value: counted(f, "retention.things", c.Held)},
		{Name: f.T("retention.trial.stays"), Value: f.T("retention.stays." + string(class))}}}
	for _, y := range years {
		page.Years = append(page.Years, oversight.YearRow{Year: y.Year, Count: y.Count})
	}
	switch {
	case c.Open != "":
		page.Note, page.Open = f.T("retention.trial.open"), &ui.Link{Text: f.T("retention.open"), URL: erasurePath(c.Open)}
	case c.Due == 0:
		page.Note = f.T("retention.trial.none")
	default:
		page.Form = &ui.FormProps{Action: trialPath(class), Key: once.NewKey(), Version: strconv.Itoa(c.Due)}
	}
	if wrong != nil {
		field := ""
		if wrong == office.ErrErasureGrounds {
			field = "atto"
		}
		page.Errors = []ui.FieldError{{Field: field, Text: words(f, wrong)}}
	}
	return p.showAs(w, r, status, oversight.Trial(page))
}

// adminErasurePropose freezes what is due of a class, for another to decide on.
func (p *Portal) adminErasurePropose(w http.ResponseWriter, r *http.Request) error {
	fields, err := form(r)
	if err != nil {
		return err
	}
	class, known := retentionSlugs[chi.URLParam(r, "classe")]
	if !known {
		return fault.ErrNotFound
	}
	sent, err := sending(r, "erasure.propose", fields)
	if err != nil {
		return err
	}
	seen, err := strconv.Atoi(fields.Get("versione"))
	if err != nil {
		return errUnreadable
	}
	id, err := p.Retention.Propose(r.Context(), actor(r), sent, class, seen, fields.Get("atto"))
	if reason, here := refusedHere(err); here {
		return p.showTrial(w, r, statuses[reason.Kind], fields, reason)
	}
	if err != nil {
		return err
	}
	var f ui.Frame
	return p.done(w, r, erasurePath(id), f.T("retention.proposed.done"), f.T("retention.proposed.done.text"))
}
